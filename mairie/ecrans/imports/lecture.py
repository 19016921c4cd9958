"""A CSV, XLSX or ODS file given by a person: checked, guessed, read as texts. Nothing in it is trusted."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any
from xml.etree import ElementTree

from mairie.ecrans.imports import geojson
from mairie.ecrans.imports.refus import FichierRefuse

__all__ = ["FichierRefuse", "Ligne", "Table", "lire"]

TAILLE_MAX = 10 * 1024**2
LIGNES_MAX = 50_000
COLONNES_MAX = 200
CELLULE_MAX = 20_000
# A workbook unzipped: in all, and beside what it weighs zipped.
DECOMPRESSE_MAX = 200 * 1024**2
TAUX_MAX = 200
MEMBRES_MAX = 2_000
SEPARATEURS = {";": "point-virgule", ",": "virgule", "\t": "tabulation", "|": "barre verticale"}
_ECHANTILLON = 64 * 1024
# Half of a pair of UTF-16, which JSON may write alone: neither a database nor a file takes it.
_DEMI = re.compile(r"[\ud800-\udfff]")
# Beginnings of files that are no table, whatever their name says.
_SIGNATURES = {
    b"MZ": "un programme",
    b"\x7fELF": "un programme",
    b"#!": "un programme",
    b"%PDF": "un PDF",
    b"\x89PNG": "une image",
    b"\xff\xd8\xff": "une image",
    b"GIF8": "une image",
    b"\xd0\xcf\x11\xe0": "un ancien classeur .xls : enregistrez-le au format .xlsx",
    b"{\\rtf": "un texte mis en forme",
    b"Rar!": "une archive",
    b"7z\xbc\xaf": "une archive",
    b"\x1f\x8b": "une archive",
}


@dataclass(frozen=True)
class Ligne:
    """One line of a file: its number as a spreadsheet shows it, its cells as texts."""

    numero: int
    cellules: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A file read: headings, lines, and how it was guessed."""

    titres: tuple[str, ...]
    lignes: tuple[Ligne, ...]
    format: str
    encodage: str = ""
    separateur: str = ""

    @property
    def description(self) -> str:
        """How it was read, in words."""
        if self.format == "xlsx":
            return "classeur XLSX, première feuille"
        if self.format == "ods":
            return "classeur ODS, première feuille"
        if self.format == "geojson":
            return "GeoJSON, un objet par ligne"
        mot = SEPARATEURS.get(self.separateur, self.separateur)
        return f"texte {self.encodage.upper()}, colonnes séparées par : {mot}"


def lire(fichier: IO[bytes], nom: str) -> Table:
    """The table of a file; ``FichierRefuse`` for what is too large, unreadable, empty or no table at all."""
    fichier.seek(0, io.SEEK_END)
    taille = fichier.tell()
    fichier.seek(0)
    if taille == 0:
        raise FichierRefuse("Le fichier est vide.")
    if taille > TAILLE_MAX:
        raise FichierRefuse(
            f"Le fichier pèse {taille // 1024**2} Mo ; {TAILLE_MAX // 1024**2} Mo au plus : coupez-le."
        )
    debut = fichier.read(8)
    fichier.seek(0)
    for signature, quoi in _SIGNATURES.items():
        if debut.startswith(signature):
            raise FichierRefuse(f"« {nom[:80]} » n'est pas un tableau, c'est {quoi}.")
    if not debut.startswith(b"PK\x03\x04"):
        octets = fichier.read()
        if geojson.semble(octets):
            return _composer(geojson.rangs(octets), format="geojson")
        return _csv(octets)
    return _ods(fichier) if _verifier_archive(fichier, taille) == "ods" else _xlsx(fichier)


def _composer(rangs: Iterator[tuple[int, Sequence[str]]], **comment: str) -> Table:
    """Headings from the first line that says something, then the lines that are not empty."""
    titres: tuple[str, ...] = ()
    lignes: list[Ligne] = []
    for numero, cellules in rangs:
        if len(cellules) > COLONNES_MAX:
            raise FichierRefuse(f"Ligne {numero} : plus de {COLONNES_MAX} colonnes.")
        if any("\0" in c for c in cellules):
            raise FichierRefuse(
                f"Ligne {numero} : une cellule contient un caractère nul, que rien n'affiche."
            )
        if any(_DEMI.search(c) for c in cellules):
            raise FichierRefuse(f"Ligne {numero} : une cellule contient la moitié d'un caractère.")
        if trop := next((c for c in cellules if len(c) > CELLULE_MAX), None):
            raise FichierRefuse(f"Ligne {numero} : une cellule de {len(trop)} caractères.")
        propres = tuple(_cellule(c) for c in cellules)
        if not any(propres):
            continue
        if not titres:
            while propres and not propres[-1]:
                propres = propres[:-1]
            titres = propres
            continue
        if len(lignes) >= LIGNES_MAX:
            raise FichierRefuse(f"Plus de {LIGNES_MAX} lignes : coupez le fichier en plusieurs.")
        complete = (*propres, *([""] * (len(titres) - len(propres))))
        if any(complete[len(titres) :]):
            raise FichierRefuse(
                f"Ligne {numero} : {len(propres)} cellules pour {len(titres)} titres. Vérifiez le séparateur "
                "et mettez entre guillemets les textes qui le contiennent."
            )
        lignes.append(Ligne(numero, complete[: len(titres)]))
    if not titres:
        raise FichierRefuse("Le fichier ne contient aucune ligne.")
    if not lignes:
        raise FichierRefuse("Le fichier n'a que des titres : aucune ligne à importer.")
    if double := next((t for t in titres if t and titres.count(t) > 1), None):
        raise FichierRefuse(f"Deux colonnes ont le même titre « {double[:60]} » : renommez-en une.")
    return Table(titres, tuple(lignes), **comment)


def _cellule(texte: str) -> str:
    """A cell without the apostrophe that our exports put before what looks like a formula."""
    propre = texte.strip()
    return propre[1:] if len(propre) > 1 and propre[0] == "'" and propre[1] in "=+-@\t\r" else propre


# --- CSV ----------------------------------------------------------------------------------------


def _csv(octets: bytes) -> Table:
    if octets.startswith((b"\xff\xfe", b"\xfe\xff")):
        texte, encodage = _decoder(octets, "utf-16"), "utf-16"
    else:
        if b"\0" in octets:
            raise FichierRefuse("Ce fichier n'est pas un texte : enregistrez-le en CSV ou en XLSX.")
        try:
            texte, encodage = octets.decode("utf-8-sig"), "utf-8"
        except UnicodeDecodeError:
            texte, encodage = _decoder(octets, "cp1252"), "windows-1252"
    separateur = _separateur(texte[:_ECHANTILLON])

    def rangs() -> Iterator[tuple[int, Sequence[str]]]:
        lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True)
        precedente = 0
        try:
            for cellules in lecteur:
                yield precedente + 1, cellules
                precedente = lecteur.line_num
        except csv.Error as e:
            raise FichierRefuse(
                f"Ligne {precedente + 1} : guillemets mal fermés ou cellule trop longue."
            ) from e

    return _composer(rangs(), format="csv", encodage=encodage, separateur=separateur)


def _decoder(octets: bytes, encodage: str) -> str:
    try:
        return octets.decode(encodage)
    except UnicodeDecodeError as e:
        raise FichierRefuse(
            "L'encodage du texte n'est pas reconnu : enregistrez le fichier en UTF-8 ou en XLSX."
        ) from e


def _separateur(echantillon: str) -> str:
    """The separator that cuts most of the first lines into the same number (over one) of cells."""
    meilleur, note = ";", 0
    for candidat in SEPARATEURS:
        try:
            rangs = [r for r in csv.reader(io.StringIO(echantillon, newline=""), delimiter=candidat) if r][
                :20
            ]
        except csv.Error:
            continue
        largeurs = [len(r) for r in rangs]
        if not largeurs or largeurs[0] < 2:
            continue
        accord = largeurs.count(largeurs[0]) * 1000 + largeurs[0]
        if accord > note:
            meilleur, note = candidat, accord
    return meilleur


# --- XLSX ---------------------------------------------------------------------------------------


def _verifier_archive(fichier: IO[bytes], taille: int) -> str:
    """xlsx or ods; refuse what is no workbook, and what would fill the memory once unzipped."""
    try:
        with zipfile.ZipFile(fichier) as archive:
            membres = archive.infolist()
    except zipfile.BadZipFile as e:
        raise FichierRefuse("Le classeur est abîmé : ouvrez-le et enregistrez-le de nouveau.") from e
    fichier.seek(0)
    noms = {m.filename for m in membres}
    genre = "xlsx" if "xl/workbook.xml" in noms else "ods" if "content.xml" in noms else ""
    if not genre:
        raise FichierRefuse("C'est une archive et non un classeur : donnez un fichier .xlsx, .ods ou .csv.")
    total = sum(m.file_size for m in membres)
    if len(membres) > MEMBRES_MAX or total > DECOMPRESSE_MAX or total > TAUX_MAX * taille:
        raise FichierRefuse("Le classeur est anormalement compressé : enregistrez ses données en CSV.")
    return genre


def _xlsx(fichier: IO[bytes]) -> Table:
    from openpyxl import load_workbook

    try:
        classeur = load_workbook(fichier, read_only=True, data_only=True, keep_links=False)
        with closing(classeur):
            feuille = classeur.worksheets[0]
            # The size written in the file is often wrong, and may be meant to exhaust.
            feuille.reset_dimensions()

            def rangs() -> Iterator[tuple[int, Sequence[str]]]:
                vides = 0
                for numero, valeurs in enumerate(
                    feuille.iter_rows(values_only=True, max_col=COLONNES_MAX + 1), 1
                ):
                    textes = [_texte(v) for v in valeurs]
                    # Every row comes as wide as asked.
                    while textes and not textes[-1]:
                        textes.pop()
                    vides = 0 if textes else vides + 1
                    if vides > 1000:
                        return
                    yield numero, textes

            return _composer(rangs(), format="xlsx")
    except FichierRefuse:
        raise
    except Exception as e:
        # openpyxl has no error of its own for what it can't read.
        raise FichierRefuse("Le classeur ne se lit pas : ouvrez-le et enregistrez-le de nouveau.") from e


def _texte(valeur: Any) -> str:
    """A cell of a workbook as a person would type it."""
    if valeur is None:
        return ""
    if isinstance(valeur, bool):
        return "oui" if valeur else "non"
    if isinstance(valeur, datetime):
        return f"{valeur:%Y-%m-%d}" if valeur.time() == time() else f"{valeur:%Y-%m-%dT%H:%M}"
    if isinstance(valeur, date):
        return valeur.isoformat()
    if isinstance(valeur, float):
        # 0.1 + 0.2 as a spreadsheet shows it.
        return (
            f"{Decimal(repr(valeur)).quantize(Decimal('1e-9')).normalize():f}"
            if abs(valeur) < 1e15
            else repr(valeur)
        )
    return str(valeur)


# --- ODS ----------------------------------------------------------------------------------------

ODS_MAX = 60 * 1024**2
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_BUREAU = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TEXTE = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def _ods(fichier: IO[bytes]) -> Table:
    """First sheet of a LibreOffice workbook."""
    try:
        with zipfile.ZipFile(fichier) as archive:
            octets = archive.open("content.xml").read(ODS_MAX + 1)
    except (zipfile.BadZipFile, KeyError, EOFError, OSError, RuntimeError, NotImplementedError) as e:
        raise FichierRefuse("Le classeur ne se lit pas : ouvrez-le et enregistrez-le de nouveau.") from e
    if len(octets) > ODS_MAX:
        raise FichierRefuse("Le classeur est trop grand une fois ouvert : enregistrez ses données en CSV.")
    if b"<!DOCTYPE" in octets or b"<!ENTITY" in octets:
        raise FichierRefuse("Le classeur contient des déclarations refusées : enregistrez-le en CSV.")
    try:
        racine = ElementTree.fromstring(octets)  # noqa: S314 no entity, see above
    except (ElementTree.ParseError, ValueError) as e:
        raise FichierRefuse("Le classeur ne se lit pas : ouvrez-le et enregistrez-le de nouveau.") from e
    feuille = next(racine.iter(f"{_TABLE}table"), None)
    if feuille is None:
        raise FichierRefuse("Le classeur n'a aucune feuille.")
    return _composer(_rangs_ods(feuille), format="ods")


def _rangs_ods(feuille: ElementTree.Element) -> Iterator[tuple[int, Sequence[str]]]:
    numero = 0
    for rang in feuille.iter(f"{_TABLE}table-row"):
        fois = _fois(rang, "number-rows-repeated")
        textes: list[str] = []
        for cellule in rang:
            if cellule.tag not in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                continue
            # A sheet says once how many cells follow that are alike, mostly empty ones to its edge.
            textes += [_texte_ods(cellule)] * min(_fois(cellule, "number-columns-repeated"), COLONNES_MAX + 1)
            if len(textes) > COLONNES_MAX:
                # Further ones are empty, or the row is refused: a row of a million cells costs nothing.
                break
        while textes and not textes[-1]:
            textes.pop()
        if textes:
            for decalage in range(min(fois, LIGNES_MAX + 2)):
                yield numero + decalage + 1, textes[: COLONNES_MAX + 1]
        numero += fois


def _fois(element: ElementTree.Element, attribut: str) -> int:
    texte = element.get(f"{_TABLE}{attribut}", "1")
    return int(texte) if texte.isdecimal() and 0 < len(texte) < 8 else 1


def _texte_ods(cellule: ElementTree.Element) -> str:
    genre = cellule.get(f"{_BUREAU}value-type", "")
    try:
        if genre in ("float", "currency", "percentage"):
            return _texte(float(cellule.get(f"{_BUREAU}value", "")))
        if genre == "date":
            return _texte(datetime.fromisoformat(cellule.get(f"{_BUREAU}date-value", "")))
    except (ValueError, OverflowError):
        # What the sheet shows says it as well.
        genre = ""
    if genre == "boolean":
        return _texte(cellule.get(f"{_BUREAU}boolean-value") == "true")
    return "\n".join("".join(p.itertext()) for p in cellule.findall(f"{_TEXTE}p"))
