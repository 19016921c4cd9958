"""The network as RAEPA v1.2 files: exact names and codes, Shapefile in a zip or one GeoPackage."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.contrib.gis.db.models.functions import AsWKB

from assainissement.models import ImportRaepa, LigneRaepa
from assainissement.models.reseau import MODELES
from assainissement.regles.raepa import REJETE
from assainissement.regles.tables import reseau as table
from assainissement.regles.tables.raepa import CANALISATIONS
from assainissement.reseau.reconnaissance import MOTIFS

FORMATS = {"gpkg": "GeoPackage", "shp": "Shapefile (zip)"}
LOT = 5_000
# The table's own columns: files often bring a « fid » and a « geom » of theirs.
_CLE, _FORME = "_cle", "_forme"
DBASE_MAX = 254
COUPES = (
    "Un Shapefile ne garde que 254 octets d'un texte. Ceux-ci sont coupés ; le GeoPackage les a entiers.\r\n"
)
_PILOTES = {"gpkg": "GPKG", "shp": "ESRI Shapefile"}


def ecrire(chemin: Path, communes: Sequence[str], format_: str) -> dict[str, int]:
    """Write every layer of communes at ``chemin`` (a .gpkg, or a .zip of shapefiles); counts by layer.

    Layers without object are there too, empty: the standard's own four tables.
    """
    comptes = {}
    if format_ == "gpkg":
        for couche in MODELES:
            comptes[couche] = _ecrire_couche(chemin, couche, communes, format_)
        return comptes
    with tempfile.TemporaryDirectory(prefix="raepa-shp-") as nom:
        dossier = Path(nom)
        coupes: list[str] = []
        for couche in MODELES:
            comptes[couche] = _ecrire_couche(dossier / f"{couche}.shp", couche, communes, format_, coupes)
        if coupes:
            (dossier / "LISEZMOI.txt").write_text(COUPES + "\r\n".join(coupes) + "\r\n", encoding="utf-8-sig")
        with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as archive:
            for partie in sorted(dossier.iterdir()):
                archive.write(partie, partie.name)
    return comptes


def _ecrire_couche(
    chemin: Path, couche: str, communes: Sequence[str], format_: str, coupes: list[str] | None = None
) -> int:
    """Objects written; ``coupes`` is told of the texts that a Shapefile cuts."""
    modele = MODELES[couche]
    lignes = (
        modele._default_manager.filter(insee__in=communes)
        .order_by("identifiant", "pk")
        .defer("attributs_source", "geom")
        .annotate(_wkb=AsWKB("geom"))
        .iterator(chunk_size=2_000)
    )
    nombre = 0
    for lot in _lots(lignes):
        champs = [_champs(couche, o) for o in lot]
        if coupes is not None:
            coupes += _trop_longs(couche, champs)
        ecrire_lot(chemin, couche, champs, [bytes(o._wkb) for o in lot], format_,
                   ajout=nombre > 0)  # fmt: skip
        nombre += len(lot)
    return nombre


def _trop_longs(couche: str, lignes: Sequence[dict[str, Any]]) -> list[str]:
    """Texts that pass the width of a dBASE column, named."""
    return [
        f"{couche} {next(iter(ligne.values()))} : {champ}"
        for ligne in lignes
        for champ, valeur in ligne.items()
        if isinstance(valeur, str) and len(valeur) > 60 and len(valeur.encode()) > DBASE_MAX
    ]


def _lots(lignes: Iterable[Any]) -> Iterator[list[Any]]:
    """Batches; one at least, so that an empty layer is written."""
    iterateur, premier = iter(lignes), True
    while (lot := list(islice(iterateur, LOT))) or premier:
        premier = False
        yield lot


def _champs(couche: str, objet: Any) -> dict[str, Any]:
    """Values by field of RAEPA; those drawn from the shape are filled when it is written."""
    return {c.raepa: getattr(objet, c.colonne) for c in table.colonnes(couche)}


def ecrire_lot(
    chemin: Path,
    couche: str,
    lignes: Sequence[dict[str, Any]],
    wkbs: Sequence[bytes | None],
    format_: str,
    *,
    ajout: bool = False,
    srid: int | None = None,
) -> None:
    """Write records (values by field) and their shapes, typed as the standard types them."""
    import pyogrio.raw
    import shapely

    geometries = np.empty(len(wkbs), dtype=object)
    geometries[:] = list(wkbs)
    donnees, masques, noms = [], [], []
    points = shapely.from_wkb(geometries) if couche != CANALISATIONS else None
    for c in table.CORRESPONDANCES[couche]:
        if not c.colonne and points is not None:
            valeurs = (shapely.get_x(points) if c.raepa == "X" else shapely.get_y(points)).tolist()
            valeurs = [None if v != v else v for v in valeurs]  # noqa: PLR0124 - not a number
        else:
            valeurs = [ligne.get(c.raepa) for ligne in lignes]
        vecteur, masque = _vecteur(c.genre, valeurs)
        donnees.append(vecteur)
        masques.append(masque)
        noms.append(c.raepa)
    options: dict[str, Any] = {"encoding": "UTF-8"} if format_ == "shp" else {}
    pyogrio.raw.write(
        str(chemin), geometries, donnees, np.array(noms), field_mask=masques, layer=couche,
        driver=_PILOTES[format_], geometry_type="LineString Z" if couche == CANALISATIONS else "Point Z",
        crs=f"EPSG:{srid or settings.TERRITOIRE_SRID}", append=ajout, **options,
    )  # fmt: skip


def _vecteur(genre: str, valeurs: Sequence[Any]) -> tuple[Any, Any]:
    if genre == table.DATE:
        jours = [np.datetime64(v, "D") if v else np.datetime64("NaT") for v in valeurs]
        return np.array(jours, dtype="datetime64[D]"), None
    if genre in (table.ENTIER, table.NOMBRE):
        absents = np.array([v is None for v in valeurs], dtype=bool)
        type_ = np.int32 if genre == table.ENTIER else np.float64
        return np.array([0 if v is None else v for v in valeurs], dtype=type_), absents
    # Years are texts of four figures in the standard.
    textes = [None if v in (None, "") else f"{v:04d}" if isinstance(v, int) else str(v) for v in valeurs]
    return np.array(textes, dtype=object), None


def ecrire_rejets(recu: ImportRaepa, chemin: Path) -> int:
    """Records refused by an import, with the columns of their file and why, as a GeoPackage; how many.

    Corrected in a GIS, the file is brought in again as it is.
    """
    import pyogrio.raw

    nombre = 0
    for couche in recu.couches:
        lignes = list(
            LigneRaepa.objects.filter(
                import_raepa=recu, statut=REJETE, couche=couche["couche"], source=couche["nom"]
            )
            .annotate(_wkb=AsWKB("geom"))
            .order_by("numero")
        )
        if not couche["couche"] or not lignes:
            continue
        colonnes = [c for c in couche["colonnes"] if c.upper() != MOTIFS]
        noms = _noms_distincts([*colonnes, MOTIFS])
        donnees = [_textes([ligne.attributs.get(c) for ligne in lignes]) for c in colonnes]
        donnees.append(_textes([motifs(ligne.anomalies) for ligne in lignes]))
        geometries = np.empty(len(lignes), dtype=object)
        geometries[:] = [None if ligne._wkb is None else bytes(ligne._wkb) for ligne in lignes]
        pyogrio.raw.write(
            str(chemin), geometries, donnees, np.array(noms), layer=couche["nom"],
            driver="GPKG", geometry_type="Unknown", crs=f"EPSG:{settings.TERRITOIRE_SRID}",
            append=False, FID=_CLE, GEOMETRY_NAME=_FORME,
        )  # fmt: skip
        nombre += len(lignes)
    return nombre


def _noms_distincts(noms: Sequence[str]) -> list[str]:
    """Columns that one table can hold: none without a name, no two that differ by capitals alone."""
    pris, sortie = {_CLE, _FORME}, []
    for rang, nom in enumerate(noms, 1):
        propre = essai = nom or f"colonne_{rang}"
        suite = 2
        while essai.lower() in pris:
            essai, suite = f"{propre}_{suite}", suite + 1
        pris.add(essai.lower())
        sortie.append(essai)
    return sortie


def _textes(valeurs: Sequence[Any]) -> Any:
    """Values as they were written: a text, or what JSON would write."""
    return np.array(
        [None if v is None else v if isinstance(v, str) else json.dumps(v) for v in valeurs], dtype=object
    )


def motifs(anomalies: Sequence[dict[str, Any]]) -> str:
    """Faults of a record on one line: « CODE (CHAMP) »."""
    return ", ".join(f"{a['code']} ({a['champ']})" if a["champ"] else a["code"] for a in anomalies)
