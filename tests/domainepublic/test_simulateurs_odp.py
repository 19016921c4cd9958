"""Public simulators of the public domain: the same answers as the commands, for anybody."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from domainepublic import tarifs
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
