"""A list as a GeoPackage: the columns shown, typed, with the geometry in the territory's projection."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.gis.db.models.functions import AsWKB
from django.db.models import F
from django.http import FileResponse

from mairie.ecrans.consultation import Consultation
from mairie.ecrans.declaration import Colonne
from mairie.ecrans.valeurs import Nature

MIME = "application/geopackage+sqlite3"
LOT = 5_000
_NOMBRES = (Nature.NOMBRE, Nature.MONTANT)


def repondre(consultation: Consultation, colonnes: list[Colonne], nom: str) -> FileResponse:
    """The file, made aside (a GeoPackage is a database), then streamed and forgotten."""
    with tempfile.TemporaryDirectory(prefix="export-") as dossier:
        chemin = Path(dossier) / "export.gpkg"
        ecrire(chemin, consultation, colonnes)
        # Open, it outlives its name.
        flux = chemin.open("rb")
    reponse = FileResponse(flux, as_attachment=True, filename=nom, content_type=MIME)
    reponse["Cache-Control"] = "private, no-store"
    return reponse


def ecrire(chemin: Path, consultation: Consultation, colonnes: list[Colonne]) -> int:
    """Write the rows; how many. Those without place keep a null geometry."""
    import pyogrio.raw

    liste = consultation.liste
    lignes = consultation.lignes.annotate(_wkb=AsWKB(F(liste.geometrie))).iterator(chunk_size=2_000)
    noms = np.array(["cle", *(c.code for c in colonnes)])
    nombre = 0
    for lot in _lots(lignes):
        vecteurs = [_textes([str(o.pk) for o in lot])]
        masques: list[Any] = [None]
        for colonne in colonnes:
            vecteur, masque = _vecteur(colonne, [colonne.json(o) for o in lot])
            vecteurs.append(vecteur)
            masques.append(masque)
        geometries = np.empty(len(lot), dtype=object)
        geometries[:] = [None if o._wkb is None else bytes(o._wkb) for o in lot]
        pyogrio.raw.write(
            str(chemin),
            geometries,
            vecteurs,
            noms,
            field_mask=masques,
            layer=liste.nom,
            driver="GPKG",
            geometry_type="Unknown",
            crs=f"EPSG:{settings.TERRITOIRE_SRID}",
            append=nombre > 0,
        )
        nombre += len(lot)
        if len(lot) < LOT:
            break
    return nombre


def _lots(lignes: Iterator[Any]) -> Iterator[list[Any]]:
    """Batches; one at least, so that an empty list gives an empty layer."""
    premier = True
    while (lot := list(islice(lignes, LOT))) or premier:
        premier = False
        yield lot


def _textes(valeurs: Sequence[Any]) -> np.ndarray[Any, Any]:
    return np.array([None if v is None else str(v) for v in valeurs], dtype=object)


def _vecteur(colonne: Colonne, valeurs: Sequence[Any]) -> tuple[np.ndarray[Any, Any], Any]:
    """Typed by the column's nature, the same in every batch; numbers keep their blanks apart."""
    if colonne.nature in _NOMBRES and all(
        v is None or (isinstance(v, int | float) and not isinstance(v, bool)) for v in valeurs
    ):
        absents = np.array([v is None for v in valeurs], dtype=bool)
        return np.array([0.0 if v is None else float(v) for v in valeurs], dtype=np.float64), absents
    if colonne.nature == Nature.OUI_NON and all(v is None or isinstance(v, bool) for v in valeurs):
        absents = np.array([v is None for v in valeurs], dtype=bool)
        return np.array([bool(v) for v in valeurs], dtype=np.bool_), absents
    return _textes(valeurs), None
