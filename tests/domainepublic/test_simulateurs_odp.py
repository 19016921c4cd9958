"""Public simulators of the public domain: the same answers as the commands, for anybody."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from domainepublic import tarifs
from domainepublic.models import GrilleTarifaire
from tests.domainepublic.fabrique_odp import dossier
from tests.domainepublic.test_ecrans_odp import texte
from tests.domainepublic.test_redevances_odp import grille

pytestmark = pytest.mark.usefixtures("aller")


def simuler(code: str, **champs) -> str:
    reponse = Client().get(f"/simulateurs/{code}/", champs)
    assert reponse.status_code in (200, 422)
    return texte(reponse)


def test_le_prix_public_est_celui_du_dossier():
    grille(prix="1.20", frais_dossier="10.60")
    assert str(tarifs.previsions(dossier())[0].montant) == "298.60"
    page = simuler(
        "redevance",
        **{
            "occupation-type": "BENNE", "occupation-debut": "2026-06-01", "occupation-fin": "2026-06-30",
            "occupation-beneficiaire": "entreprise", "occupation-unite": "m2", "occupation-quantite": "8",
        },
    )  # fmt: skip
    assert "298,60 €" in page
    assert "2026-12" in page


def test_un_jour_sans_tarif_le_dit_au_public():
    grille(au=date(2026, 6, 15))
    page = simuler(
        "redevance",
        **{
            "occupation-type": "BENNE", "occupation-debut": "2026-06-01", "occupation-fin": "2026-06-30",
            "occupation-unite": "m2", "occupation-quantite": "8",
        },
    )  # fmt: skip
    assert "le 16/06/2026" in page


@pytest.mark.parametrize(
    ("fin", "compte"), [("2056-12-31", True), ("2057-01-01", False), ("9999-12-31", False)]
)
def test_une_page_ouverte_a_tous_ne_compte_pas_des_siecles(fin, compte):
    grille()
    GrilleTarifaire.objects.update(au=None)
    page = simuler(
        "redevance",
        **{
            "occupation-type": "BENNE", "occupation-debut": "2026-06-01", "occupation-fin": fin,
            "occupation-unite": "m2", "occupation-quantite": "8",
        },
    )  # fmt: skip
    assert ("Redevance :" in page) is compte
    assert ("rapprochez la fin" in page) is not compte


def test_l_acte_public_est_celui_de_la_commande():
    page = simuler(
        "nature-acte",
        **{
            "voie-domaine": "voie_communale", "voie-gestionnaire": "epci", "voie-en_agglomeration": "oui",
            "occupation-type": "PALIS", "occupation-emprise": "oui", "occupation-modifie_circulation": "on",
        },
    )  # fmt: skip
    assert "permission de voirie et arrêté de circulation (chaque autorité signe)" in page
    assert "CVR L113-2" in page


def test_le_silence_public_compte_la_suspension():
    page = simuler(
        "echeances-odp",
        **{
            "recue_le": "2026-01-15", "demandes_pieces-0-notifiee_le": "2026-01-25",
            "demandes_pieces-0-delai_jours": "30", "demandes_pieces-0-produites_le": "2026-02-04",
        },
    )  # fmt: skip
    assert "mercredi 25 mars 2026" in page
    assert "10 jours" in page


def deux_occupations(**champs) -> dict[str, str]:
    commun = {"debut": "2026-05-01", "fin": "2026-05-31", "ecart": "0", "profondeur": "2"}
    cas = [
        {"type": "TERR_O", "etat": "actif", "abscisse": "0", "longueur": "6", **commun},
        {"type": "ECHAF", "etat": "a_signer", "abscisse": "3", "longueur": "10", **commun, **champs},
    ]
    return {f"emprises-{i}-{nom}": v for i, e in enumerate(cas) for nom, v in e.items()}


def test_les_conflits_publics_sont_ceux_de_la_commande():
    page = simuler("conflits", **deux_occupations())
    assert "1 conflit, dont 1 bloquant" in page and "6,00 m² en commun" in page
    assert "Aucun conflit" in simuler("conflits", **deux_occupations(abscisse="6"))
    assert "Aucun conflit" in simuler("conflits", **deux_occupations(debut="2026-06-01", fin="2026-06-02"))
    assert "précède le début" in simuler("conflits", **deux_occupations(fin="2026-04-01"))
    assert "Entre 0 et 500 m" in simuler("conflits", **deux_occupations(longueur="0"))


def test_la_charge_dialog_publique_est_celle_de_la_commande():
    champs = {
        "arrete-numero": "2026-12", "arrete-titre": "Rue fermée", "arrete-objet": "travaux",
        "mesures-0-type": "circulation_interdite", "mesures-0-debut": "2026-05-04",
        "mesures-0-fin": "2026-05-06", "mesures-0-insee": "25999", "mesures-0-commune": "Essai",
        "mesures-0-voie": "Rue du Lavoir",
    }  # fmt: skip
    assert "Charge prête : 1 mesure." in simuler("charge-dialog", **champs)
    reponse = Client().get("/simulateurs/charge-dialog/", {**champs, "format": "json"}).json()
    assert reponse["charge"]["measures"][0]["type"] == "noEntry"
    assert "précède le début" in simuler("charge-dialog", **{**champs, "mesures-0-fin": "2026-05-01"})
    assert "Aucune mesure ne peut partir" in simuler(
        "charge-dialog", **{**champs, "mesures-0-type": "deviation"}
    )
