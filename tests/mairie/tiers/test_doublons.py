"""Which sheets are found alike, and which are not."""

from __future__ import annotations

import pytest

from mairie.models import Tiers
from mairie.tiers import fusion
from mairie.tiers.doublons import paires, ressemblants
from tests.mairie.tiers.fabrique import personne, siret, societe
from tests.personnes import AUTRE_INSEE, INSEE, agent

pytestmark = pytest.mark.django_db
ADRESSE = {"voie": "12 av. de la Gare", "code_postal": "25999", "ville": "Essai"}
AUTREMENT = {"voie": "12, avenue de la gare", "code_postal": "25999", "ville": "ESSAI"}


@pytest.mark.parametrize(
    ("un", "autre", "raison"),
    [
        (ADRESSE, AUTREMENT, "même nom, même adresse"),
        ({"courriel": "a@exemple.invalid"}, {"courriel": "A@exemple.invalid"}, "même nom, même courriel"),
        ({"telephone": "06 00 00 00 01"}, {"mobile": "+33 6 00 00 00 01"}, "même nom, même téléphone"),
    ],
)
def test_le_nom_et_une_coordonnee_font_un_doublon(un, autre, raison):
    a, b = personne("Durand", "Zoé", **un), personne("DURAND", "Zoe", **autre)
    (paire,) = paires([INSEE])
    assert (paire.un, paire.autre, paire.raisons) == (a, b, (raison,))
    assert paire.sure


@pytest.mark.parametrize(
    ("un", "autre"),
    [
        ({}, {}),
        (ADRESSE, {"voie": "14 avenue de la Gare", "code_postal": "25999", "ville": "Essai"}),
        ({"courriel": "a@exemple.invalid"}, {"courriel": "b@exemple.invalid"}),
    ],
)
def test_le_nom_seul_ne_suffit_pas(un, autre):
    personne("Durand", "Zoé", **un)
    personne("Durand", "Zoé", **autre)
    assert paires([INSEE]) == []


def test_deux_habitants_d_une_adresse_ne_sont_pas_un_doublon():
    personne("Durand", "Zoé", **ADRESSE)
    personne("Lefèvre", "Ali", **ADRESSE)
    assert paires([INSEE]) == []


def test_un_nom_mal_ecrit_a_la_meme_adresse_est_propose_sans_etre_sur():
    personne("Durand", "Zoé", **ADRESSE)
    personne("Durant", "Zoé", **AUTREMENT)
    (paire,) = paires([INSEE])
    assert paire.raisons == ("noms proches, même adresse ou même courriel",)
    assert not paire.sure


def test_le_siret_fait_un_doublon_sous_deux_noms():
    societe("Un nom", siret=siret())
    societe("Tout autre chose", siret=siret())
    assert [p.raisons for p in paires([INSEE])] == [("même SIRET",)]


def test_les_doublons_ne_passent_pas_d_une_commune_a_l_autre():
    personne("Durand", "Zoé", **ADRESSE)
    personne("Durand", "Zoé", collectivite=AUTRE_INSEE, **ADRESSE)
    assert paires([INSEE, AUTRE_INSEE]) == []
    assert paires([], tout=True) == []


def test_les_paires_d_une_commune_ne_montrent_pas_celles_d_une_autre():
    for _ in range(2):
        personne("Durand", "Zoé", collectivite=AUTRE_INSEE, **ADRESSE)
    assert paires([INSEE]) == []
    assert len(paires([AUTRE_INSEE])) == len(paires([], tout=True)) == 1


def test_une_paire_ecartee_n_est_plus_proposee():
    a, b = personne("Durand", "Zoé", **ADRESSE), personne("Durand", "Zoé", **ADRESSE)
    fusion.ecarter(b, a, par=agent("mairie.administrateur"))
    fusion.ecarter(a, b, par=agent("mairie.administrateur"))
    assert paires([INSEE]) == []


def test_la_saisie_montre_les_fiches_qui_ressemblent():
    a = personne("Durand", "Zoé", courriel="a@exemple.invalid", **ADRESSE)
    personne("Durand", "Zoé", collectivite=AUTRE_INSEE, **ADRESSE)
    nouvelle = Tiers(collectivite=INSEE, nom="DURAND", prenoms="zoe", **AUTREMENT)
    assert ressemblants(nouvelle) == [(a, "même nom, même adresse")]
    assert ressemblants(a) == []


def test_une_fiche_fusionnee_n_est_plus_un_doublon():
    a, b = personne("Durand", "Zoé", **ADRESSE), personne("Durand", "Zoé", **ADRESSE)
    fusion.fusionner(a, b, par=agent("mairie.administrateur"))
    assert paires([INSEE]) == []
