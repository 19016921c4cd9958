"""Every worked example of the specification, through the command itself."""

from __future__ import annotations

import pytest

from tests.appels import ecarts, un, vecteurs

EXEMPLES = vecteurs("domainepublic")


@pytest.mark.parametrize("exemple", EXEMPLES, ids=[exemple["nom"] for exemple in EXEMPLES])
def test_exemple_de_la_specification(exemple):
    assert ecarts(exemple["attendu"], un(exemple["commande"], exemple["entree"])) == []


def test_les_cinq_commandes_ont_des_exemples():
    assert {exemple["commande"] for exemple in EXEMPLES} == {
        "simuler_redevance",
        "detecter_conflits",
        "nature_acte",
        "echeances_odp",
        "charge_dialog",
    }


PALISSADE = {
    "grille": {
        "lignes": [
            {
                "id": "T-2026",
                "type": "PALIS",
                "zone": "1",
                "du": "2026-01-01",
                "au": "2026-12-31",
                "unite": "m2",
                "periode": "semaine",
                "prix": "3.20",
                "arrondi_quantite": "unite_superieure",
            },
            {
                "id": "P-2026",
                "type": "PLACE_PAYANTE",
                "du": "2026-01-01",
                "unite": "place",
                "periode": "jour",
                "prix": "2.50",
            },
        ],
        "regles": {"frais_dossier": "10.60", "minimum_perception": "15.00"},
    },
    "occupation": {
        "type": "PALIS",
        "zone": "1",
        "unite": "m2",
        "quantite": "39.4",
        "debut": "2026-06-01",
        "fin": "2026-07-14",
        "beneficiaire": "entreprise",
        "supplements": [{"type": "PLACE_PAYANTE", "unite": "place", "quantite": "2"}],
        "deja_facture": "906.60",
    },
}
MARCHE = {
    "examine": "ODP-69123-2026-00012",
    "emprises": [
        {
            "id": "E1",
            "dossier": "ODP-69123-2026-00007",
            "type": "TERR_O",
            "etat": "actif",
            "debut": "2026-05-01",
            "fin": "2026-05-31",
            "geometrie": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [843000, 6518000],
                        [843006, 6518000],
                        [843006, 6518002],
                        [843000, 6518002],
                        [843000, 6518000],
                    ]
                ],
            },
        },
        {
            "id": "E2",
            "dossier": "ODP-69123-2026-00012",
            "type": "AMBU",
            "etat": "en_instruction",
            "debut": "2026-05-01",
            "fin": "2026-05-31",
            "creneaux": [{"jours": ["sam"], "de": "06:00", "a": "14:00"}],
            "largeur": "2",
            "cote": "gauche",
            "geometrie": {"type": "LineString", "coordinates": [[843003, 6518001], [843020, 6518001]]},
        },
    ],
    "pei": [{"id": "PEI-12", "geometrie": {"type": "Point", "coordinates": [843024, 6518002]}}],
}
SAMEDIS = ["2026-05-02", "2026-05-09", "2026-05-16", "2026-05-23", "2026-05-30"]


def sans_libelle(valeur):
    """The sentence for humans is free text: the rest is compared whole."""
    if isinstance(valeur, dict):
        assert "libelle" not in valeur or valeur["libelle"].strip()
        return {cle: sans_libelle(contenu) for cle, contenu in valeur.items() if cle != "libelle"}
    return [sans_libelle(element) for element in valeur] if isinstance(valeur, list) else valeur


def test_exemple_complet_de_la_redevance_cle_par_cle():
    ligne = {"tarif": "T-2026", "zone": "1"}
    assert sans_libelle(un("simuler_redevance", PALISSADE)) == {
        "montant_du": "1126.60",
        "montant_theorique": "1126.60",
        "mise_en_recouvrement": True,
        "solde": "220.00",
        "remboursement": None,
        "detail": [
            {
                "etape": "quantite",
                **ligne,
                "unite": "m2",
                "quantite_brute": "39.4",
                "quantite_facturee": "40",
            },
            {"etape": "ligne", **ligne, "quantite": "40", "periodes": "7", "montant": "896.00"},
            {
                "etape": "supplement",
                "type": "PLACE_PAYANTE",
                "zone": "1",
                "tarif": "P-2026",
                "quantite": "2",
                "periodes": "44",
                "montant": "220.00",
            },
            {"etape": "sous_total", "montant": "1116.00"},
            {"etape": "frais", "montant": "1126.60"},
            {"etape": "total", "montant": "1126.60"},
        ],
    }


def test_exemple_complet_des_conflits_cle_par_cle():
    assert sans_libelle(un("detecter_conflits", MARCHE)) == {
        "conflits": [
            {
                "a": "E1",
                "b": "E2",
                "niveau": "bloquant",
                "motif": "chevauchement",
                "surface": "3.00",
                "distance": None,
                "dates": SAMEDIS,
                "nb_jours": 5,
            },
            {
                "a": "E2",
                "b": "PEI-12",
                "niveau": "alerte",
                "motif": "proximite_pei",
                "surface": None,
                "distance": "4.00",
                "dates": [],
                "nb_jours": 0,
            },
        ]
    }


def test_exemple_complet_de_l_acte_cle_par_cle():
    cas = {
        "voie": {"domaine": "voie_communale", "gestionnaire": "epci", "en_agglomeration": True},
        "occupation": {"type": "PALIS", "emprise": True, "modifie_circulation": True},
    }
    assert sans_libelle(un("nature_acte", cas)) == {
        "actes": [
            {
                "acte": "permission_de_voirie",
                "autorite": "president_epci",
                "fondement": "CVR L113-2",
                "avis": ["maire"],
            },
            {"acte": "arrete_circulation", "autorite": "maire", "fondement": "CGCT L2213-1", "avis": []},
        ],
        "signataires": ["president_epci", "maire"],
        "signature_unique": False,
        "redevance_au_profit_de": "epci",
        "publicite": {"regime": "aucune", "fondement": None, "motivation_publiee": False},
        "demarches_liees": [],
    }


def test_exemple_complet_des_echeances_cle_par_cle():
    demande = {
        "objet": "demande_occupation",
        "recue_le": "2026-01-15",
        "demandes_pieces": [{"notifiee_le": "2026-01-25", "delai_jours": 30, "produites_le": "2026-02-04"}],
        "a_la_date": "2026-03-20",
    }
    assert un("echeances_odp", demande) == {
        "terme": "2026-03-25",
        "effet_du_silence": "refus",
        "suspension_jours": 10,
        "demandes_sans_effet": [],
        "etat": "en_cours",
        "jours_restants": 5,
    }
    travaux = {"objet": "travaux", "deposee_le": "2026-02-10", "debut_demande": "2026-03-02"}
    assert un("echeances_odp", travaux) == {
        "regime": "demande",
        "reponse_avant": "2026-04-10",
        "acceptation_tacite": True,
        "decision_tardive": False,
        "debut_autorise": "2026-04-11",
        "information_maire_avant": None,
    }
