"""Bad input of issue 5: each is refused, or kept with a warning, by one clear sentence."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest

from cadastre.models import Filiation, Parcelle
from mairie.courriers.erreurs import AConfirmer
from mairie.courriers.services import finaliser
from tests.urba.courriers.conftest import _magasin, aller  # noqa: F401 (fixtures)
from tests.urba.courriers.fabrique import decide, depose, finale, lettre, maire
from tests.urba.fabrique_urba import acteur, agir, qualifie
from tests.urba.test_ecrans_urba import client_de, depot, saisir, texte
from urba.models import DossierInstruction


def test_un_evenement_hors_de_son_ordre_est_refuse_avec_l_etat(aller):  # noqa: F811
    d = depose()
    reponse = saisir(client_de("instructeur"), d, "rapport_pret", "2026-03-02")
    assert reponse.status_code == 422
    dit = "dans l'état « à qualifier » (possible dans : « en cours d'instruction »)."
    assert "« Rapport d'instruction » est impossible" in texte(reponse)
    assert dit in texte(reponse)
    d.refresh_from_db()
    assert (d.etat, d.version) == ("a_qualifier", 1)


def test_un_evenement_avant_le_depot_est_refuse_avec_la_date(aller):  # noqa: F811
    d = depose()
    reponse = saisir(client_de("instructeur"), d, "qualification", "2026-03-01", type_detail="PCMI")
    assert reponse.status_code == 422
    assert "impossible au 01/03/2026 : le dossier n'existe pas encore à cette date." in texte(reponse)
    d.refresh_from_db()
    assert d.version == 1


def test_une_lettre_datee_apres_la_fenetre_dit_qu_elle_ne_changera_rien(aller):  # noqa: F811
    d = qualifie(depose())
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    aller(date(2026, 4, 3))
    c = lettre(d, "incompletude")
    with pytest.raises(AConfirmer, match=r"fermée le 02/04/2026 : cette lettre ne changera pas le délai"):
        finaliser(c, par=acteur("instructeur"), version=c.version)
    page = client_de("instructeur").get(f"/urba/dossiers/{d.pk}/")
    assert "Fenêtre fermée le 02/04/2026" not in texte(page), "écrite, elle ne se propose plus"


@pytest.mark.parametrize(
    ("ecrit", "message"),
    [
        ("PC 025 999 26 99999", "Aucun dossier ne porte le numéro PC 025 999 26 99999"),
        ("PC 025 000 26 00001", "n'est pas un numéro d'autorisation"),
    ],
)
def test_un_numero_inconnu_le_dit(aller, ecrit, message):  # noqa: F811
    depose()
    assert message in texte(client_de("instructeur").get("/recherche/", {"q": ecrit}))


def test_une_parcelle_d_une_autre_commune_est_refusee_avec_son_nom(aller):  # noqa: F811
    reponse = client_de("guichet").post("/urba/deposer/", depot(references="AB 1, 25998000AB0001"))
    assert reponse.status_code == 422
    assert "un dossier porte sur une seule commune" in texte(reponse)
    assert "AB 1, 25998000AB0001" in reponse.content.decode()
    assert not DossierInstruction.objects.exists()


def test_une_parcelle_qui_n_existe_plus_se_garde_et_dit_ce_qu_elle_est_devenue(aller):  # noqa: F811
    ancienne = Parcelle.objects.get(idu="25999000AB0003", valide_au__isnull=True)
    fille = Parcelle.objects.get(idu="25999000AB0004", valide_au__isnull=True)
    Parcelle.objects.filter(pk=ancienne.pk).update(valide_au=date(2026, 1, 1))
    Filiation.objects.create(parent=ancienne, enfant=fille, aire_commune=900, part_parent=1, part_enfant=1)
    page = texte(client_de("guichet").post("/urba/deposer/", depot(references="AB 3"), follow=True))
    assert "La parcelle AB 3 n'existe plus au plan depuis le 01/01/2026 : elle est devenue AB 4." in page
    p = DossierInstruction.objects.get().parcelles.get()
    assert (p.texte_saisi, p.parcelle) == ("AB 3", None)


def test_une_parcelle_inconnue_du_plan_se_garde_comme_ecrite(aller):  # noqa: F811
    page = texte(client_de("guichet").post("/urba/deposer/", depot(references="ZZ 999"), follow=True))
    assert "La parcelle ZZ 999 est hors du cadastre en ligne : elle est gardée comme écrite." in page
    assert DossierInstruction.objects.get().parcelles.get().texte_saisi == "ZZ 999"


def test_deux_agents_decident_a_la_fois_le_second_apprend_ce_qu_a_fait_le_premier(aller):  # noqa: F811
    d = qualifie(depose())
    agir(d, "rapport_pret", "instructeur")
    d.refresh_from_db()
    vue = d.version
    agir(d, "finaliser_decision", "instructeur", donnees={"sens": "accord"})
    reponse = client_de("chef").post(
        f"/urba/dossiers/{d.pk}/evenements/finaliser_decision/",
        {
            "date_effet": "2026-03-02",
            "version": vue,
            "cle": str(uuid4()),
            "sens": "refus",
            "motifs": "Motif lu",
        },
    )
    assert reponse.status_code == 422
    assert "« Décision rédigée » par Agent urba.instructeur le 02/03/2026 à 10:00" in texte(reponse)
    assert "Motif lu" in reponse.content.decode(), "sa saisie est gardée"
    d.refresh_from_db()
    assert d.etat == "en_signature"


def test_deux_elus_signent_a_la_fois_le_second_apprend_que_c_est_fait(aller):  # noqa: F811
    elu = maire()
    c = finale(decide(depose(), "accord"), "arrete_accord")
    from tests.urba.courriers.test_parapheur import entre

    client = entre(elu)
    client.post("/urba/signature/", {"actes": [c.pk]})
    assert "Déjà signé le 02/03/2026" in texte(client.post("/urba/signature/", {"actes": [c.pk]}))
