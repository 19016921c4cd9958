"""Kinds of files that are taken, told by their first bytes and not by their name alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

import magic

from mairie.pieces.refus import PieceRefusee

# Enough for the marks of all the kinds below.
DEBUT = 8192
_ZIP = frozenset({"application/zip", "application/octet-stream", "application/x-zip"})


@dataclass(frozen=True)
class TypeFichier:
    """A kind. ``lus``: what the first bytes may look like; ``mime``: what it is served as.

    ``membre``: for documents that are ZIP archives, a member that they hold.
    """

    code: str
    libelle: str
    extensions: tuple[str, ...]
    mime: str
    lus: frozenset[str]
    membre: str = ""

    @property
    def image(self) -> bool:
        """A picture that can be shown and published as a copy."""
        return self.mime.startswith("image/") and self.code in IMAGES

    @property
    def archive(self) -> bool:
        """Built as a ZIP archive."""
        return bool(self.membre) or self.code == "zip"


IMAGES = frozenset({"jpeg", "png", "webp", "tiff"})
_BUREAU = "application/vnd.openxmlformats-officedocument."
_ODF = "application/vnd.oasis.opendocument."


def _type(code: str, libelle: str, extensions: str, mime: str, *lus: str, membre: str = "") -> TypeFichier:
    return TypeFichier(
        code,
        libelle,
        tuple(extensions.split()),
        mime,
        frozenset({mime, *lus}) | (_ZIP if membre else frozenset()),
        membre,
    )


TYPES = {
    t.code: t
    for t in (
        _type("pdf", "PDF", "pdf", "application/pdf"),
        _type("jpeg", "image JPEG", "jpg jpeg", "image/jpeg"),
        _type("png", "image PNG", "png", "image/png"),
        _type("webp", "image WebP", "webp", "image/webp"),
        _type("tiff", "image TIFF", "tif tiff", "image/tiff"),
        _type(
            "docx", "document Word", "docx", f"{_BUREAU}wordprocessingml.document", membre="word/document.xml"
        ),
        _type("xlsx", "classeur Excel", "xlsx", f"{_BUREAU}spreadsheetml.sheet", membre="xl/workbook.xml"),
        _type("odt", "document OpenDocument", "odt", f"{_ODF}text", membre="content.xml"),
        _type("ods", "classeur OpenDocument", "ods", f"{_ODF}spreadsheet", membre="content.xml"),
        _type("txt", "texte", "txt", "text/plain", "application/csv", "text/csv"),
        _type("csv", "tableau CSV", "csv", "text/csv", "text/plain", "application/csv"),
        _type("dxf", "dessin DXF", "dxf", "image/vnd.dxf", "text/plain", "application/dxf"),
        _type("dwg", "dessin DWG", "dwg", "image/vnd.dwg", "application/octet-stream"),
        _type("zip", "archive ZIP", "zip", "application/zip"),
    )
}
_PAR_EXTENSION = {e: t for t in TYPES.values() for e in t.extensions}
# What a citizen may send, unless the trade says otherwise.
USUELS = (
    "pdf",
    "jpeg",
    "png",
    "webp",
    "tiff",
    "docx",
    "xlsx",
    "odt",
    "ods",
    "txt",
    "csv",
    "dxf",
    "dwg",
    "zip",
)
# Kinds often sent that are not taken, and what to do instead.
CONSEILS = {
    "heic": "Cette photo est au format HEIC de certains téléphones : enregistrez-la en JPEG.",
    "heif": "Cette photo est au format HEIF de certains téléphones : enregistrez-la en JPEG.",
    "doc": "L'ancien format Word (.doc) n'est pas reçu : enregistrez le document en PDF.",
    "xls": "L'ancien format Excel (.xls) n'est pas reçu : enregistrez le classeur en .xlsx ou en PDF.",
    "docm": "Un document qui contient des macros n'est pas reçu : enregistrez-le en PDF.",
    "xlsm": "Un classeur qui contient des macros n'est pas reçu : enregistrez-le en .xlsx.",
    "svg": "Une image SVG peut contenir du code : exportez-la en PDF.",
    "rar": "Une archive RAR n'est pas reçue : envoyez les fichiers un par un, ou un ZIP.",
    "7z": "Une archive 7z n'est pas reçue : envoyez les fichiers un par un, ou un ZIP.",
    "pages": "Le format Pages n'est pas reçu : exportez le document en PDF.",
    "eml": "Un courriel n'est pas reçu comme fichier : imprimez-le en PDF.",
}
_PROGRAMMES = (
    b"MZ",
    b"\x7fELF",
    b"\xca\xfe\xba\xbe",
    b"\xfe\xed\xfa",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"#!",
)
_PAGE = re.compile(rb"^\s*(<!doctype html|<html|<script|<svg|<\?xml[^>]*>\s*<svg)", re.IGNORECASE)


def programme(debut: bytes) -> bool:
    """Begins as a program does, whatever its name."""
    return debut.startswith(_PROGRAMMES)


def nom_propre(nom: str) -> str:
    """The last part of a name, without what no name holds; « fichier » when nothing is left."""
    brut = nom.replace("\\", "/").rpartition("/")[2]
    sans = "".join(c for c in brut if c.isprintable() and c not in '<>:"|?*')
    return sans.strip(" .")[-200:] or "fichier"


def reconnaitre(nom: str, debut: bytes, permis: tuple[str, ...] = USUELS) -> TypeFichier:
    """Kind of a file from its name and first bytes; ``PieceRefusee`` when they do not agree."""
    extension = PurePosixPath(nom.lower()).suffix.removeprefix(".")
    attendu = _PAR_EXTENSION.get(extension)
    if programme(debut):
        quoi = f" renommé en .{extension}" if attendu else ""
        raise PieceRefusee("PROGRAMME", f"« {nom} » est un programme{quoi} : il est refusé.")
    if attendu is None or attendu.code not in permis:
        conseil = CONSEILS.get(extension) or f"Formats reçus : {', '.join(extensions(permis))}."
        dit = f"le format .{extension} n'est pas reçu" if extension else "son nom n'a pas d'extension"
        raise PieceRefusee("FORMAT", f"« {nom} » : {dit}. {conseil}")
    if _PAGE.match(debut):
        raise PieceRefusee(
            "CONTENU", f"« {nom} » est une page web et non un fichier {attendu.libelle} : il est refusé."
        )
    lu = magic.from_buffer(debut, mime=True)
    if lu not in attendu.lus or not _marque(attendu, debut):
        raise PieceRefusee(
            "CONTENU",
            f"« {nom} » n'est pas un fichier {attendu.libelle} : son contenu ne correspond pas à son nom."
            " Ouvrez-le et enregistrez-le de nouveau dans le bon format.",
        )
    return attendu


def _marque(t: TypeFichier, debut: bytes) -> bool:
    """The mark that libmagic may miss or take too easily."""
    if t.code == "pdf":
        return b"%PDF-" in debut[:1024]
    if t.code == "dwg":
        return debut.startswith(b"AC10")
    if t.archive:
        return debut.startswith(b"PK\x03\x04")
    return t.code not in ("txt", "csv", "dxf") or b"\0" not in debut


def extensions(permis: tuple[str, ...]) -> list[str]:
    """Extensions taken, as people know them."""
    return [e for code in permis for e in TYPES[code].extensions]
