"""The demonstration's PLU, servitudes and declared layers, drawn on the plan, imported as any other."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from django.conf import settings

from cadastre.models import AxeVoie, Batiment, Commune, CoursEau, LieuDit, Parcelle
from gis_data.contraintes.declarees import service
from gis_data.contraintes.imports import importer_plu, importer_sup
from gis_data.contraintes.models import CoucheDeclaree, DocumentUrbanisme
from gis_data.demo.urbanisme import paquet, servitudes, zonage
from gis_data.demo.urbanisme.sol import Sol, composer
from mairie.demo import INSEE, CompteDemo, Etape, declarer_comptes, declarer_etape

INVENTAIRE, A_DEMANDER = "Inventaire fictif", "À demander au BRGM (Géorisques)"


def _formes(lignes: Any) -> list[Any]:
    return [shapely.from_wkb(bytes(geom.wkb)) for geom in lignes if geom is not None]


def _nommees(lignes: Any) -> list[tuple[str, Any]]:
    return [(nom, shapely.from_wkb(bytes(geom.wkb))) for nom, geom in lignes if geom is not None]


def sol_du_plan(insee: str) -> Sol | None:
    """The ground of a commune as the plan loaded draws it; null when it is not loaded."""
    commune = Commune.objects.filter(insee=insee, geom__isnull=False).first()
    if commune is None or commune.geom is None:
        return None
    de_la_commune = {"feuille__commune": insee}
    return composer(
        insee,
        commune.nom,
        settings.TERRITOIRE_SRID,
        shapely.from_wkb(bytes(commune.geom.wkb)),
        _formes(
            Parcelle.objects.filter(commune=insee, valide_au__isnull=True).values_list("geom", flat=True)
        ),
        _nommees(Batiment.objects.filter(**de_la_commune).values_list("nom", "geom")),
        _formes(CoursEau.objects.filter(**de_la_commune).values_list("geom", flat=True)),
        _nommees(LieuDit.objects.filter(**de_la_commune).values_list("nom", "geom")),
        _nommees(AxeVoie.objects.filter(**de_la_commune).values_list("nom", "geom")),
    )


def jouer(jour: date) -> str:
    """Import the packages once; a second call finds them."""
    if DocumentUrbanisme.objects.filter(territoire=INSEE).exists():
        return "PLU et servitudes déjà importés"
    sol = sol_du_plan(INSEE)
    if sol is None:
        return "la commune fictive n'est pas chargée"
    with tempfile.TemporaryDirectory() as temporaire:
        dossier = Path(temporaire)
        for plan, standard, encodage in (
            (zonage.plan_ancien(sol), "2014", "CP1252"),
            (zonage.plan_en_vigueur(sol), "2024", "UTF-8"),
        ):
            chemin = paquet.ecrire_plu(plan, dossier, standard=standard, encodage=encodage)
            importer_plu(chemin, chemin.name)
        for categorie, lot in servitudes.servitudes(sol).items():
            chemin = paquet.ecrire_sup(lot, categorie, dossier, gpkg=categorie == "AC1")
            importer_sup(chemin, chemin.name)
        _couches(sol, dossier)
    return "PLU en deux versions, servitudes AC1 et PM1, une couche de risque chargée et une annoncée"


def _couches(sol: Sol, dossier: Path) -> None:
    """A layer from a file, and one that waits for its own."""
    CoucheDeclaree.objects.filter(source__in=(INVENTAIRE, A_DEMANDER)).delete()
    chemin = dossier / "cavites.gpkg"
    _cavites(sol, chemin)
    cavites = service.declarer(
        "Cavités souterraines",
        "risques",
        source=INVENTAIRE,
        millesime=date(2022, 6, 1),
        publique=True,
    )
    service.charger(cavites, chemin, chemin.name)
    service.modifier(cavites, style={"couleur": "#8a6d00", "motif": "points", "opacite": 0.15})
    service.publier(
        cavites,
        [
            {"champ": "nature", "libelle": "Nature", "genre": "texte"},
            {"champ": "alea", "libelle": "Aléa", "genre": "texte"},
        ],
        champ_titre="nom",
    )
    service.declarer("Retrait-gonflement des argiles", "risques", source=A_DEMANDER, publique=True)


def _cavites(sol: Sol, chemin: Path) -> None:
    import pyogrio.raw

    hasard = np.random.default_rng(11)
    x, y = sol.coeur.x, sol.coeur.y
    centres = [(x + dx, y + dy) for dx, dy in hasard.normal(0, 420, (5, 2))]
    formes = [
        shapely.intersection(shapely.buffer(shapely.Point(c), r), sol.commune)
        for c, r in zip(centres, (90, 60, 120, 75, 50), strict=True)
    ]
    noms = ["Les Caves", "Ancienne carrière", "Le Souterrain", "Carrière de la Combe", "Puits comblé"]
    natures = ["cave", "carrière", "ouvrage civil", "carrière", "puits"]
    aleas = ["faible", "moyen", "faible", "fort", "faible"]
    pyogrio.raw.write(
        str(chemin),
        shapely.to_wkb(
            np.array([shapely.MultiPolygon(list(shapely.get_parts(f))) for f in formes], dtype=object)
        ),
        [np.array(v, dtype=object) for v in (noms, natures, aleas)],
        np.array(["nom", "nature", "alea"], dtype=object),
        layer="cavites",
        driver="GPKG",
        geometry_type="MultiPolygon",
        crs=f"EPSG:{sol.srid}",
    )


def declarer() -> None:
    """The technician's account and the step."""
    declarer_comptes(
        CompteDemo(
            "technicien@demo.invalid",
            "Technicien SIG (démonstration)",
            (("sig", "technicien"), ("mairie", "lecteur")),
            "technicien SIG : importe le PLU, les servitudes et les couches",
        )
    )
    declarer_etape(Etape("cadastre.urbanisme", "PLU, servitudes et risques", 3, jouer))
