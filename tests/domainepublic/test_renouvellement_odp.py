"""Yearly renewal: preview, files of the new year, run twice, holes of the grid, the page, the task."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from domainepublic import tarifs
from domainepublic.apercu_renouvellement import proposer
from domainepublic.emprises import jours_renouveles
from domainepublic.models import DossierODP, Emprise
from domainepublic.renouvellement import renouveler, renouveler_lot, renouveler_un
from mairie.models import Echeance, Evenement, EvenementDomaine, Tache
from mairie.taches import Suivi
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, faire, rect
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
FAITS = {"attribution": {"exception": "L2122-1-3_1"}}


def grilles(*annees: int) -> None:
    for annee in annees:
        g = tarifs.creer_grille(
            insee=INSEE, libelle=f"Tarifs {annee}", deliberation=str(annee),
            deliberation_le=date(annee - 1, 12, 1),
            du=date(annee, 1, 1), au=date(annee, 12, 31),
        )  # fmt: skip
        ligne = {"type": "TERR_O", "unite": "m2", "periode": "an", "prix": str(10 + annee - 2026)}
        tarifs.enregistrer_tarif(g, "TERR_O", ligne)


def terrasse(x: float = 0) -> DossierODP:
    un = emprise("TERR_O", geom=rect(x), debut=date(2026, 1, 1), fin=date(2026, 12, 31))
    return accorde(dossier(un, faits=FAITS))


@pytest.fixture
def deux(aller):
    grilles(2026, 2027)
    sortie = [terrasse(), terrasse(20)]
    aller(date(2026, 11, 20))
    return sortie


def test_l_apercu_dit_l_ancien_et_le_nouveau_montant_sans_rien_ecrire(deux):
    lignes = proposer(INSEE, 2027)
    assert [(p.ancien, p.nouveau, p.difference) for p in lignes] == [
        (Decimal("80.00"), Decimal("88.00"), Decimal("8.00"))
    ] * 2
    assert DossierODP.objects.count() == 2


def test_l_apercu_pose_autant_de_questions_pour_un_titre_que_pour_plusieurs(deux):
    with CaptureQueriesContext(connection) as vues:
        proposer(INSEE, 2027)
    DossierODP.objects.filter(pk=deux[1].pk).update(insee=AUTRE_INSEE)
    with CaptureQueriesContext(connection) as une:
        assert len(proposer(INSEE, 2027)) == 1
    assert len(une) == len(vues)


def test_chaque_titre_devient_un_dossier_a_signer_aux_dates_de_l_annee(deux):
    suite = renouveler_un(deux[0], 2027, acteur("instructeur"))
    assert (suite.etat, suite.debut, suite.fin) == ("a_signer", date(2027, 1, 1), date(2027, 12, 31))
    assert suite.numero == "ODP-25999-2026-00003"
    assert suite.dossier_origine == deux[0]
    deux[0].refresh_from_db()
    assert deux[0].etat == "actif", "l'ancien titre ne change pas"
    assert faire(suite, "signer", "signataire").lignes.get().montant == Decimal("88.00")


@pytest.mark.parametrize("en_lot", [False, True])
def test_une_saison_garde_ses_jours_et_l_apercu_leur_prix(aller, en_lot):
    grilles(2026, 2027)
    for g in tarifs.GrilleTarifaire.objects.all():
        tarif = {"type": "TERR_O", "unite": "m2", "periode": "mois_commence", "prix": "1"}
        tarifs.enregistrer_tarif(g, "TERR_O", tarif)
    saison, entree_en_mars = (
        emprise("TERR_O", rect(x), debut=debut, fin=fin)
        for x, debut, fin in (
            (0, date(2026, 4, 1), date(2026, 10, 31)), (20, date(2026, 3, 2), date(2026, 12, 31)),
        )
    )  # fmt: skip
    d = accorde(dossier(saison, entree_en_mars, faits=FAITS))
    aller(date(2026, 11, 20))
    prevu = proposer(INSEE, 2027)[0].nouveau
    par = acteur("instructeur")
    suite = renouveler_lot([d.pk], 2027, par)[0][1] if en_lot else renouveler_un(d, 2027, par)
    assert list(suite.emprises.order_by("rang").values_list("debut", "fin")) == [
        (date(2027, 4, 1), date(2027, 10, 31)), (date(2027, 1, 1), date(2027, 12, 31))
    ]  # fmt: skip
    assert (suite.debut, suite.fin) == (date(2027, 1, 1), date(2027, 12, 31))
    # 8 m² for seven months, 8 m² for twelve.
    assert prevu == sum(p.montant for p in tarifs.previsions(suite)) == Decimal("152.00")


@pytest.mark.parametrize(
    ("debut", "fin", "attendu"),
    [
        (date(2026, 1, 1), date(2026, 12, 31), (date(2027, 1, 1), date(2027, 12, 31))),
        (date(2026, 4, 1), date(2026, 10, 31), (date(2027, 4, 1), date(2027, 10, 31))),
        # Over the new year: the next winter, the next twelve months; never days already held.
        (date(2026, 11, 1), date(2027, 3, 31), (date(2027, 11, 1), date(2028, 3, 31))),
        (date(2026, 6, 1), date(2027, 5, 31), (date(2027, 6, 1), date(2028, 5, 31))),
        (date(2026, 6, 1), date(2027, 6, 1), (date(2027, 6, 2), date(2027, 12, 31))),
        (date(2026, 6, 1), date(2027, 11, 30), (date(2027, 12, 1), date(2027, 12, 31))),
        (date(2026, 2, 1), date(2026, 2, 28), (date(2027, 2, 1), date(2027, 2, 28))),
        (date(2026, 6, 1), None, (date(2027, 1, 1), date(2027, 12, 31))),
    ],
)
def test_les_jours_renouveles_ne_recouvrent_jamais_ceux_du_titre(debut, fin, attendu):
    assert jours_renouveles(Emprise(debut=debut, fin=fin), 2027) == attendu


def test_un_titre_sur_le_nouvel_an_se_renouvelle_sans_se_heurter_et_un_titre_de_deux_ans_attend(aller):
    grilles(2026, 2027, 2028)
    d = accorde(
        dossier(emprise("TERR_O", rect(), debut=date(2026, 6, 1), fin=date(2027, 5, 31)), faits=FAITS)
    )
    accorde(dossier(emprise("TERR_O", rect(20), debut=date(2026, 6, 1), fin=date(2027, 12, 31)), faits=FAITS))
    aller(date(2026, 11, 20))
    (prevu,) = proposer(INSEE, 2027)
    assert prevu.dossier == d
    suite = renouveler_un(d, 2027, acteur("instructeur"))
    assert (suite.etat, suite.debut, suite.fin) == ("a_signer", date(2027, 6, 1), date(2028, 5, 31))
    assert prevu.nouveau == sum(p.montant for p in tarifs.previsions(suite))
    assert not suite.conflits.exists()


def test_recommencer_ne_double_rien(deux):
    par = acteur("instructeur")
    suivi = Suivi(SimpleNamespace(pk=1, essais=1, reprise={}))
    cles = [d.pk for d in deux]
    un = renouveler.func(suivi, 2027, cles, par.pk)
    deux_fois = renouveler.func(suivi, 2027, cles, par.pk)
    assert (un["crees"], un["a_signer"]) == (2, 2)
    assert (deux_fois["crees"], deux_fois["deja"]) == (0, 2)
    assert DossierODP.objects.filter(annee_renouvelee=2027).count() == 2


def test_sans_tarif_de_l_annee_le_dossier_s_arrete_et_le_dit(aller):
    grilles(2026)
    d = terrasse()
    aller(date(2026, 11, 20))
    assert "Aucune grille tarifaire n'est en vigueur le 01/01/2027." in proposer(INSEE, 2027)[0].alertes
    suite = renouveler_un(d, 2027, acteur("instructeur"))
    assert suite.etat == "en_instruction"


def test_une_benne_ne_se_renouvelle_pas(aller):
    accorde(dossier(emprise(debut=date(2026, 3, 2), fin=date(2026, 3, 4))))
    aller(date(2026, 11, 20))
    assert proposer(INSEE, 2027) == []


def test_la_page_montre_demande_la_tache_et_retient_les_deja_faits(deux):
    client = client_de("instructeur")
    adresse = "/domaine-public/renouvellement/?annee=2027"
    assert "88,00 €" in texte(client.get(adresse))
    reponse = client.post(adresse, {"dossiers": [deux[0].pk, deux[1].pk]})
    tache = Tache.objects.get(code="domainepublic.renouveler")
    assert reponse["Location"] == f"/taches/{tache.pk}/"
    renouveler_un(deux[0], 2027, acteur("instructeur"))
    assert "déjà renouvelé" in texte(client.get(adresse))
    vide = client.post(adresse, {"dossiers": [deux[0].pk]})
    assert "Cochez au moins une occupation" in texte(vide)


def test_le_renouvellement_est_reserve_a_qui_instruit(deux):
    for role in ("lecture", "finances", "signataire"):
        assert client_de(role).get("/domaine-public/renouvellement/").status_code == 403
    autre = client_de("instructeur", insee=AUTRE_INSEE)
    assert autre.get(f"/domaine-public/renouvellement/?commune={INSEE}").status_code == 404


def _ecrit(suite: DossierODP) -> dict:
    """All that a renewal writes of a file, but keys, numbers and clocks."""
    suite.refresh_from_db()
    neufs = ("id", "numero", "cree_le", "dossier_origine", "demandeur")
    champs = [f for f in suite._meta.concrete_fields if f.name not in neufs]
    return {
        "dossier": {f.attname: getattr(suite, f.attname) for f in champs},
        "emprises": list(suite.emprises.values("rang", "type", "debut", "fin", "quantite_geom", "periode")),
        "journal": list(
            Evenement.objects.filter(workflow="domainepublic.dossier", dossier_id=suite.pk)
            .order_by("id")
            .values("type", "date_effet", "auteur", "donnees", "avant", "apres", "explication", "version")
        ),
        "echeances": list(
            Echeance.objects.filter(dossier_id=suite.pk)
            .order_by("code")
            .values("code", "date", "libelle", "consequence", "pourquoi", "responsable")
        ),
        "conflits": list(suite.conflits.values("niveau", "motif", "nb_jours", "aire")),
        "annonces": EvenementDomaine.objects.filter(
            nom="domainepublic.dossier_depose", charge__numero=suite.numero
        ).count(),
    }


def test_en_lot_ou_un_par_un_tout_ce_qui_s_ecrit_est_pareil(aller):
    """Guards, log, deadlines and conflicts are the same; of two that collide, the second one is stopped."""
    grilles(2026, 2027)
    un_par_un = [terrasse(), terrasse(20), terrasse(40)]
    en_lot = [terrasse(60), terrasse(80), terrasse(100)]
    for suites in (un_par_un, en_lot):
        # The third one moves onto the second one once signed: what happens when a plan is put right.
        e = suites[2].emprises.get()
        e.geom = suites[1].emprises.get().geom
        e.save()
    # The fourth lacks the exception to the publicity.
    for suites, x in ((un_par_un, 120), (en_lot, 140)):
        suites.append(terrasse(x))
        DossierODP.objects.filter(pk=suites[3].pk).update(attribution={})
    aller(date(2026, 11, 20))
    par = acteur("instructeur")
    seuls = [renouveler_un(DossierODP.objects.get(pk=d.pk), 2027, par) for d in un_par_un]
    with CaptureQueriesContext(connection) as requetes:
        lot = renouveler_lot([d.pk for d in en_lot], 2027, par)
    assert [suite.etat for _, suite, _ in lot] == ["a_signer", "a_signer", "en_instruction", "en_instruction"]
    attendus, obtenus = [_ecrit(s) for s in seuls], [_ecrit(s) for _, s, _ in lot]
    assert attendus[2]["conflits"] and attendus[3]["journal"][-1]["type"] == "instruire"
    for attendu, obtenu in zip(attendus, obtenus, strict=True):
        assert obtenu == attendu
    numeros = [s.numero for _, s, _ in lot]
    assert numeros == [f"ODP-25999-2026-{n:05d}" for n in range(13, 17)], "ni trou ni doublon"
    assert len(requetes) < 40, "le lot entier, non chaque dossier"


def test_un_lot_qu_un_autre_devance_se_fait_un_par_un(deux, monkeypatch):
    par = acteur("instructeur")
    from domainepublic import renouvellement

    entier = renouvellement.deposer_copies

    def devance(paires, **options):
        renouveler_un(deux[1], 2027, par)
        return entier(paires, **options)

    monkeypatch.setattr(renouvellement, "deposer_copies", devance)
    (_, un, _), (_, deja, _) = renouveler_lot([d.pk for d in deux], 2027, par)
    assert (un.etat, deja) == ("a_signer", None)
    assert DossierODP.objects.filter(annee_renouvelee=2027).count() == 2


def test_un_titre_sans_demandeur_n_arrete_pas_les_autres(deux):
    DossierODP.objects.filter(pk=deux[0].pk).update(demandeur=None)
    (_, rien, refus), (_, suite, _) = renouveler_lot([d.pk for d in deux], 2027, acteur("instructeur"))
    assert (rien, refus) == (None, "Ce dossier n'a pas de demandeur.")
    assert suite.etat == "a_signer"


def test_sans_le_role_rien_ne_s_ecrit(deux):
    sortie = renouveler_lot([d.pk for d in deux], 2027, acteur("finances"))
    assert all(suite is None and "réservé" in refus for _, suite, refus in sortie)
    assert not DossierODP.objects.filter(annee_renouvelee=2027).exists()
