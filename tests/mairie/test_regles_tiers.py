"""SIREN, SIRET and the keys of duplicates: pure rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mairie.regles import tiers as regles
from tests.mairie.tiers.fabrique import cle_luhn


@pytest.mark.parametrize("siren", ["732829320", "356000000", "404833048"])
def test_siren_bons(siren):
    assert regles.siren_valide(siren)


@pytest.mark.parametrize(
    "siren", ["732829321", "000000000", "73282932", "7328293200", "73282932A", "", "٧٣٢٨٢٩٣٢٠"]
)
def test_siren_faux(siren):
    assert not regles.siren_valide(siren)


@pytest.mark.parametrize("siret", ["73282932000074", "35600000000048"])
def test_siret_bons(siret):
    assert regles.siret_valide(siret)


@pytest.mark.parametrize("siret", ["73282932000075", "7328293200007", "00000000000000", "A3282932000074"])
def test_siret_faux(siret):
    assert not regles.siret_valide(siret)


@pytest.mark.parametrize("fin", ["00001", "09075", "49837"])
def test_la_poste_compte_par_cinq(fin):
    """Its own rule: the sum of the digits is a multiple of 5 (14 for the SIREN alone)."""
    siret = regles.SIREN_LA_POSTE + fin
    assert regles.siret_valide(siret) == (sum(map(int, siret)) % 5 == 0)


def test_la_regle_de_la_poste_ne_vaut_que_pour_elle():
    siren = "732829320"
    trouve = next(
        f"{siren}{n:05d}"
        for n in range(1, 99999)
        if sum(map(int, f"{siren}{n:05d}")) % 5 == 0 and not regles._luhn(f"{siren}{n:05d}")
    )
    assert not regles.siret_valide(trouve)


@given(st.text("0123456789", min_size=8, max_size=8), st.integers(0, 9999))
def test_un_siret_fait_avec_ses_cles_est_bon_et_un_chiffre_change_se_voit(debut, nic):
    siren = cle_luhn(debut)
    siret = cle_luhn(f"{siren}{nic:04d}")
    assert regles.siret_valide(siret) == (siren != "000000000")
    if siren.startswith("356000000"):
        return
    for place in range(14):
        autre = siret[:place] + str((int(siret[place]) + 1) % 10) + siret[place + 1 :]
        assert not regles.siret_valide(autre)


@pytest.mark.parametrize(
    ("saisi", "attendu"),
    [
        ("732 829 320 00074", ""),
        ("732.829.320.00074", ""),
        ("732829320", "14 chiffres ; celui-ci en a 9"),
        ("73282932100074", "SIREN"),
        ("73282932000075", "clé"),
        ("7328293200007X", "sans lettre"),
        ("", "sans lettre"),
    ],
)
def test_le_motif_dit_ce_qui_cloche(saisi, attendu):
    motif = regles.motif_siret(saisi)
    assert attendu in motif and bool(motif) == bool(attendu)


@pytest.mark.parametrize(
    ("siren", "attendu"), [("732829320", ""), ("73282932", "en a 8"), ("732829321", "clé"), ("abc", "lettre")]
)
def test_le_motif_du_siren(siren, attendu):
    motif = regles.motif_siren(siren)
    assert attendu in motif and bool(motif) == bool(attendu)


@pytest.mark.parametrize(
    ("un", "autre"),
    [
        ("SARL Dupont & Fils", "Dupont et fils"),
        ("DE LA FONTAINE Jean-Éric", "jean eric de la fontaine"),
        ("Cœur d'Étang", "COEUR ETANG"),
        ("Madame Fictive", "FICTIVE"),
    ],
)
def test_deux_ecritures_d_un_nom_ont_une_cle(un, autre):
    assert regles.cle_nom(un) == regles.cle_nom(autre)


def test_un_nom_fait_de_petits_mots_garde_sa_cle():
    assert regles.cle_nom("SA") == "sa"
    assert regles.cle_nom("Le") == "le"


@pytest.mark.parametrize(
    ("un", "autre"),
    [
        (("12 av. de la Gare", "25000", "Besançon"), ("12, Avenue de la gare", "25000", "BESANCON CEDEX")),
        (("3 bis r du Moulin", "25110", "St-Essai"), ("3 bis rue du moulin", "25110", "Saint Essai")),
    ],
)
def test_deux_ecritures_d_une_adresse_ont_une_cle(un, autre):
    assert regles.cle_adresse(*un) == regles.cle_adresse(*autre)


def test_sans_voie_ou_sans_commune_pas_de_cle_d_adresse():
    assert regles.cle_adresse("", "25000", "Besançon") == ""
    assert regles.cle_adresse("12 rue X", "", "") == ""


@pytest.mark.parametrize(
    "ecrit", ["06 12 34 56 78", "+33 6 12 34 56 78", "+33 (0)6.12.34.56.78", "0033612345678"]
)
def test_un_telephone_a_une_cle(ecrit):
    assert regles.cle_telephone(ecrit) == "0612345678"
