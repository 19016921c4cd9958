"""Writes planning documents and lots of servitudes as CNIG packages: Shapefile or GeoPackage, in a zip."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely

from gis_data.demo.urbanisme.servitudes import GESTIONNAIRE
from gis_data.demo.urbanisme.zonage import NOMS, Entite, Plan
from gis_data.formats.cnig import champs as cnig

# Always this day: the same plan gives the same bytes.
_INSTANT = (2024, 1, 15, 0, 0, 0)


def _types(champs: Iterable[cnig.Champ], entites: list[Entite], ids: dict[str, str]) -> dict[str, Any]:
    """Columns of a layer, typed as the standard says."""
    colonnes: dict[str, Any] = {}
    for nom, largeur in champs:
        valeurs = [_valeur(e.attributs, nom, ids) for e in entites]
        if largeur == 0:
            colonnes[nom] = np.array(
                ["NaT" if v is None or v == "" else str(v) for v in valeurs], dtype="datetime64[D]"
            )
        elif largeur < 0:
            colonnes[nom] = np.array([int(v or 0) for v in valeurs], dtype=np.int64)
        else:
            colonnes[nom] = np.array([str(v or "")[:largeur] for v in valeurs], dtype=object)
    return colonnes


def _valeur(attributs: dict[str, Any], nom: str, ids: dict[str, str]) -> Any:
    if nom in ids and "numero" in attributs:
        return f"{ids[nom]}{attributs['numero']}"
    return attributs.get(nom, "")


_IDS = {
    "LIB_IDZONE": "Z",
    "IDZONE": "Z",
    "LIB_IDPSC": "P",
    "IDPSC": "P",
    "LIB_IDINFO": "I",
    "IDINFO": "I",
}
_FORMES = {"SURF": "MultiPolygon", "S": "MultiPolygon", "LIN": "MultiLineString", "L": "MultiLineString"}


def ecrire_couche(
    chemin: Path,
    couche: str,
    entites: list[Entite],
    champs: Iterable[cnig.Champ],
    srid: int,
    *,
    encodage: str = "UTF-8",
) -> None:
    """One layer, in a Shapefile or a GeoPackage by the file's extension."""
    import pyogrio.raw

    colonnes = _types(champs, entites, _IDS)
    formes = [e.forme for e in entites]
    plate = any(f is None for f in formes)
    # « 25999_PRESCRIPTION_LIN_20240115 » says LIN, « AC1_ASSIETTE_SUP_S » says S.
    suffixe = next((m for m in reversed(couche.split("_")) if not m.isdigit()), "")
    options: dict[str, Any] = {"encoding": encodage} if chemin.suffix != ".gpkg" else {}
    pyogrio.raw.write(
        str(chemin),
        None if plate else shapely.to_wkb(np.array(formes, dtype=object)),
        list(colonnes.values()),
        np.array(list(colonnes), dtype=object),
        layer=couche,
        driver="GPKG" if chemin.suffix == ".gpkg" else "ESRI Shapefile",
        geometry_type=None
        if plate
        else _FORMES.get(suffixe, "MultiPoint" if suffixe in ("PCT", "P") else "MultiPolygon"),
        crs=None if plate else f"EPSG:{srid}",
        append=chemin.suffix == ".gpkg" and chemin.exists(),
        **options,
    )


def ecrire_plu(
    plan: Plan,
    sortie: Path,
    *,
    standard: str = "2024",
    encodage: str = "UTF-8",
    gpkg: bool = False,
    retoucher: Callable[[Path], None] | None = None,
) -> Path:
    """``25999_PLU_20240115.zip`` in ``sortie``; ``retoucher(folder)`` spoils it before it is zipped."""
    nom = f"{plan.insee}_PLU_{plan.jour:%Y%m%d}"
    with tempfile.TemporaryDirectory() as temporaire:
        racine = Path(temporaire) / nom
        donnees = racine / "Donnees_geographiques"
        donnees.mkdir(parents=True)
        for couche, entites in plan.couches.items():
            if not entites:
                continue
            fichier = f"{plan.insee}_{couche}_{plan.jour:%Y%m%d}"
            plate = couche.startswith("DOC_URBA")
            if gpkg:
                chemin = donnees / f"{nom}.gpkg"
            else:
                chemin = (racine if plate else donnees) / f"{fichier}{'.dbf' if plate else '.shp'}"
            ecrire_couche(
                chemin,
                couche if gpkg else fichier,
                entites,
                cnig.PLU[standard][cnig.famille(couche)],
                plan.srid,
                encodage=encodage,
            )
        pages = [
            (e.attributs["LIBELLE"], NOMS.get(e.attributs["LIBELLE"], ""))
            for e in plan.couches["ZONE_URBA"]
            if e.attributs.get("NOMFIC")
        ]
        if pages:
            ecrits = racine / "Pieces_ecrites" / "3_Reglement"
            ecrits.mkdir(parents=True)
            (ecrits / f"{plan.insee}_reglement_{plan.jour:%Y%m%d}.pdf").write_bytes(
                pdf([[f"Commune fictive - zone {z}", texte, "Règlement inventé."] for z, texte in pages])
            )
        if retoucher:
            retoucher(racine)
        return _zipper(racine, sortie / f"{nom}.zip")


def ecrire_sup(lot: Plan, categorie: str, sortie: Path, *, gpkg: bool = False) -> Path:
    """``259990002_AC1_25999_20230301.zip`` in ``sortie``."""
    nom = f"{GESTIONNAIRE}_{categorie}_{lot.insee}_{lot.jour:%Y%m%d}"
    with tempfile.TemporaryDirectory() as temporaire:
        racine = Path(temporaire) / nom
        donnees = racine / "Donnees_geographiques"
        donnees.mkdir(parents=True)
        for couche, entites in lot.couches.items():
            table = (cnig.table_sup(couche) or (couche, ""))[0]
            plate = entites[0].forme is None
            chemin = donnees / (f"{nom}.gpkg" if gpkg else f"{couche}{'.dbf' if plate else '.shp'}")
            ecrire_couche(chemin, couche, entites, cnig.SUP_2016[cnig.famille(table)], lot.srid)
        actes = racine / "Actes"
        actes.mkdir()
        for entite in lot.couches["ACTE_SUP"]:
            (actes / entite.attributs["FICHIER"]).write_bytes(
                pdf([[entite.attributs["NOMACTE"], "Acte inventé, sans aucun effet."]])
            )
        return _zipper(racine, sortie / f"{nom}.zip")


def _zipper(racine: Path, sortie: Path) -> Path:
    """A folder as a zip, the same bytes each time."""
    sortie.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as archive:
        for chemin in sorted(p for p in racine.rglob("*") if p.is_file()):
            membre = zipfile.ZipInfo(f"{racine.name}/{chemin.relative_to(racine).as_posix()}", _INSTANT)
            membre.compress_type = zipfile.ZIP_DEFLATED
            membre.external_attr = 0o100644 << 16
            archive.writestr(membre, chemin.read_bytes())
    return sortie


def pdf(pages: list[list[str]]) -> bytes:
    """A plain PDF, one list of lines a page: the invented regulation needs no more."""
    objets: list[bytes] = [
        b"",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    enfants = []
    for lignes in pages:
        texte = b"BT /F1 16 Tf 60 780 Td 24 TL "
        for ligne in lignes:
            brut = (
                ligne.encode("cp1252", "replace")
                .replace(b"\\", b"\\\\")
                .replace(b"(", b"\\(")
                .replace(b")", b"\\)")
            )
            texte += b"(" + brut + b") Tj T* "
        texte += b"ET"
        objets.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(texte), texte))
        objets.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >>"
            b" /Contents %d 0 R >>" % len(objets)
        )
        enfants.append(len(objets))
    objets[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objets[1] = b"<< /Type /Pages /Kids [%s] /Count %d >>" % (
        b" ".join(b"%d 0 R" % n for n in enfants),
        len(enfants),
    )
    sortie, places = b"%PDF-1.4\n", []
    for i, objet in enumerate(objets, start=1):
        places.append(len(sortie))
        sortie += b"%d 0 obj\n%s\nendobj\n" % (i, objet)
    table = len(sortie)
    sortie += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objets) + 1)
    sortie += b"".join(b"%010d 00000 n \n" % place for place in places)
    return sortie + b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objets) + 1, table)
