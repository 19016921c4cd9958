"""Every setting that the environment may give is explained to the administrator, and no other is."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from outils.installation import lire_options

RACINE = Path(__file__).resolve().parents[2]
GUIDE = (RACINE / "docs" / "administration.md").read_text()
LUE = re.compile(r"""env\.(?:str|int|bool|float|list|email_url|db_url)\(\s*["']([A-Z][A-Z0-9_]+)["']""")
# The development's port, read only to guess the address of the site.
DE_DEVELOPPEMENT = {"PORT"}


def reglages_lus() -> set[str]:
    fichiers = [*(RACINE / "config").rglob("*.py"), *(RACINE / "gis_data").rglob("*.py")]
    return {nom for f in fichiers for nom in LUE.findall(f.read_text())} - DE_DEVELOPPEMENT


def reglages_expliques() -> set[str]:
    """Names in the first column of the tables under « Réglages »."""
    chapitre = GUIDE[GUIDE.index("## Réglages") : GUIDE.index("## Sauvegarder, restaurer")]
    premieres = re.findall(r"(?m)^\| (`[^|]+) \|", chapitre)
    return {nom for cellule in premieres for nom in re.findall(r"`([A-Z][A-Z0-9_]+)`", cellule)}


def test_chaque_reglage_est_explique():
    assert reglages_expliques() == reglages_lus()


@pytest.mark.parametrize("nom", re.findall(r"(?m)urbanisme-gerer ([a-z_]+)", GUIDE))
def test_chaque_commande_citee_existe(nom):
    commandes = {f.stem for f in RACINE.glob("*/management/commands/*.py")} | {"migrate"}
    assert nom in commandes


def test_chaque_variable_de_l_installation_est_lue():
    chapitre = GUIDE[GUIDE.index("## Installer") : GUIDE.index("## Les services")]
    citees = set(re.findall(r"`([A-Z][A-Z_]+)`", chapitre)) - {"SECRET_KEY"}
    lues: set[str] = set()

    class Espion(dict):
        def get(self, nom, defaut=None):
            lues.add(nom)
            return super().get(nom, defaut)

    lire_options(Espion(NOMS="urbanisme.exemple.fr", COLLECTIVITE="25354:Luxiol"))
    assert citees == lues


def test_les_unites_citees_sont_celles_de_l_installation():
    posees = {f.name.split("@")[0].split(".")[0] for f in (RACINE / "outils" / "systeme").iterdir()}
    citees = set(re.findall(r"(?<![/\w])urbanisme-(?!lecture|gerer|ajouts|entetes)[a-z]+", GUIDE))
    assert citees <= posees


def test_une_ancienne_cle_se_garde_en_production():
    code = "from django.conf import settings; print(settings.SECRET_KEY_FALLBACKS)"
    sortie = subprocess.run(
        [sys.executable, "-c", code],
        env={
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "SECRET_KEY": "n" * 60,
            "SECRET_KEY_FALLBACKS": "ancienne,plus-ancienne",
            "ALLOWED_HOSTS": "urbanisme.exemple.fr",
            "PATH": "/usr/bin:/bin",
        },
        cwd=RACINE,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert sortie.strip() == "['ancienne', 'plus-ancienne']"
