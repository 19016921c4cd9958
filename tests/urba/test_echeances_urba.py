"""Deadlines of the permits on the agents' desk: each threshold, each side."""

from __future__ import annotations

from datetime import date

import pytest

from mairie.models import Delegation, Echeance
from mairie.workflow import rafraichir
from tests.personnes import AUTRE_INSEE, commune
from tests.plan_factice import ecrire_plan
from tests.urba.fabrique_urba import acteur, agir, dossier, qualifie
from urba.echeances import mes_dossiers, refaire_decides

pytestmark = pytest.mark.django_db


@pytest.fixture
def aller(time_machine):
    def vers(jour: date) -> None:
        time_machine.move_to(f"{jour.isoformat()}T10:00:00+01:00", tick=False)

    vers(date(2026, 3, 2))
    ecrire_plan()
    return vers


def du(d) -> dict[str, date]:
    return dict(Echeance.objects.filter(dossier_id=d.pk).values_list("code", "date"))


def test_un_depot_publie_sa_limite_et_la_fin_du_premier_mois(aller):
    d = dossier()
    assert du(d) == {"urba.limite": date(2026, 5, 2), "urba.fenetre": date(2026, 4, 2)}
    ligne = Echeance.objects.get(code="urba.limite")
    assert (ligne.reference, ligne.adresse) == (str(d), f"/urba/dossiers/{d.pk}/")
    assert ligne.consequence == "Sans décision : permis tacite"
    assert "fictive" not in f"{ligne.libelle}{ligne.reference}{ligne.consequence}{ligne.pourquoi}"


@pytest.mark.parametrize(("jour", "la"), [(date(2026, 4, 2), True), (date(2026, 4, 3), False)])
def test_la_fenetre_disparait_le_lendemain(aller, jour, la):
    d = dossier()
    rafraichir(d, jour)
    assert ("urba.fenetre" in du(d)) is la


@pytest.mark.parametrize(
    ("jour", "code"), [(date(2026, 5, 2), "urba.limite"), (date(2026, 5, 3), "urba.tacite")]
)
def test_le_lendemain_de_la_limite_le_tacite_la_remplace(aller, jour, code):
    d = dossier()
    rafraichir(d, jour)
    assert set(du(d)) == {code}


def test_les_pieces_attendues_remplacent_la_limite(aller):
    d = qualifie(dossier())
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    agir(d, "notification_pieces", "guichet")
    assert "urba.limite" not in du(d)
    assert du(d)["urba.pieces"] == date(2026, 6, 2)


def test_une_decision_solde_tout_et_l_achevement_ouvre_la_conformite(aller):
    Delegation.objects.create(
        collectivite=commune(), delegataire=acteur("signataire"), titulaire=True, du=date(2015, 1, 1)
    )
    d = qualifie(dossier())
    agir(d, "rapport_pret", "instructeur")
    agir(d, "finaliser_decision", "instructeur", donnees={"sens": "accord"})
    agir(d, "signature", "signataire")
    agir(d, "notification_decision", "guichet")
    assert du(d) == {}
    agir(d, "doc", "technicien")
    aller(date(2026, 9, 1))
    agir(d, "daact", "guichet")
    assert du(d) == {"urba.conformite": date(2026, 12, 1)}
    assert refaire_decides(date(2026, 12, 2)) == 1
    assert du(d) == {}
    assert refaire_decides(date(2026, 12, 2)) == 0
    d.da.refresh_from_db()
    assert d.da.etat == "conforme"


def test_l_echeance_suit_l_instructeur_et_reste_dans_sa_commune(aller):
    d = dossier()
    agir(d, "affectation", "chef", donnees={"instructeur": acteur("instructeur").pk})
    assert Echeance.objects.get(code="urba.limite").responsable == acteur("instructeur")
    lignes, nombre = mes_dossiers(acteur("instructeur"), "", 8)
    assert ([x.reference for x in lignes], nombre) == ([str(d)], 1)
    assert mes_dossiers(acteur("instructeur"), AUTRE_INSEE, 8) == ([], 0)
    assert Echeance.objects.visibles_par(acteur("lecture")).count() == 2
    assert not Echeance.objects.visibles_par(acteur("lecture", AUTRE_INSEE)).exists()


def test_un_dossier_decide_en_panne_laisse_les_autres(aller, monkeypatch):
    import urba.echeances

    Delegation.objects.create(
        collectivite=commune(), delegataire=acteur("signataire"), titulaire=True, du=date(2015, 1, 1)
    )
    decides = []
    for _ in range(2):
        d = qualifie(dossier())
        agir(d, "rapport_pret", "instructeur")
        agir(d, "finaliser_decision", "instructeur", donnees={"sens": "accord"})
        agir(d, "signature", "signataire")
        agir(d, "notification_decision", "guichet")
        decides.append(d)
    faits = []

    def un(d, jour):
        if d.pk == decides[0].pk:
            raise ValueError("essai")
        faits.append(d.pk)

    monkeypatch.setattr(urba.echeances, "rafraichir", un)
    with pytest.raises(RuntimeError, match="1 dossier"):
        refaire_decides(date(2026, 12, 2))
    assert faits == [decides[1].pk]
