"""The guides: no dead link, every picture taken by the command, every code of an import explained."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from cadastre.imports.resultat import RAISONS
from outils.captures import IMAGES, POIDS_MAX

RACINE = Path(__file__).resolve().parent.parent
GUIDES = [RACINE / "README.md", *sorted((RACINE / "docs").glob("*.md"))]
LIEN = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"[A-Z][A-Z0-9_]+")
# Functions that make an anomaly, given its code as a plain text.
FABRIQUES = {"Anomalie", "signaler", "_signaler_objet"}


def ancres(guide: Path) -> set[str]:
    """Anchors of the headings, as forges make them."""
    titres = re.findall(r"(?m)^#+ (.+)$", guide.read_text())
    return {re.sub(r"[^\w\- ]", "", t.lower()).replace(" ", "-") for t in titres}


@pytest.mark.parametrize("guide", GUIDES, ids=lambda g: g.name)
def test_aucun_lien_mort(guide):
    fautes = []
    for lien in LIEN.findall(guide.read_text()):
        if "://" in lien:
            continue
        chemin, _, ancre = lien.partition("#")
        cible = guide.parent / chemin if chemin else guide
        if not cible.is_file() or (ancre and ancre not in ancres(cible)):
            fautes.append(lien)
    assert fautes == []


def test_les_images_sont_celles_de_la_commande():
    dossier = RACINE / "docs" / "images"
    assert {f.name for f in dossier.iterdir()} == {f"{image.nom}.webp" for image in IMAGES}
    assert {f.name: f.stat().st_size for f in dossier.iterdir() if f.stat().st_size > POIDS_MAX} == {}


def test_chaque_image_est_montree():
    montrees = {Path(lien).name for guide in GUIDES for lien in LIEN.findall(guide.read_text())}
    assert {f"{image.nom}.webp" for image in IMAGES} - montrees == set()


def codes_d_anomalies() -> set[str]:
    """Codes that the reader and the import give to their anomalies."""
    codes = set()
    dossiers = ("cadastre/imports", "gis_data/formats/edigeo", "gis_data/imports")
    for fichier in (f for d in dossiers for f in (RACINE / d).glob("*.py")):
        for noeud in ast.walk(ast.parse(fichier.read_text())):
            if isinstance(noeud, ast.Call):
                nom = getattr(noeud.func, "id", getattr(noeud.func, "attr", ""))
                codes |= {
                    a.value
                    for a in noeud.args[:2]
                    if nom in FABRIQUES and isinstance(a, ast.Constant) and CODE.fullmatch(str(a.value))
                }
    return codes


def test_chaque_rejet_et_chaque_anomalie_sont_expliques():
    expliques = set(re.findall(r"(?m)^\| `([A-Z0-9_]+)` \|", (RACINE / "docs/import-edigeo.md").read_text()))
    assert expliques == set(RAISONS) | codes_d_anomalies()
