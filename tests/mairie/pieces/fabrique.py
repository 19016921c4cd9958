"""Files of the tests, made on the spot: nothing real, nothing kept."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def _pdf() -> bytes:
    """One page, blue; with its table of objects."""
    dessin = b"0 0 1 rg 20 20 160 260 re f"
    objets = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 300]/Contents 4 0 R>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(dessin), dessin),
    )
    corps, places = b"%PDF-1.4\n", []
    for rang, objet in enumerate(objets, start=1):
        places.append(len(corps))
        corps += b"%d 0 obj%s endobj\n" % (rang, objet)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    return corps + table + b"trailer<</Root 1 0 R/Size 5>>\nstartxref\n%d\n%%%%EOF\n" % len(corps)


PDF = _pdf()


def fichier(octets: bytes = PDF, nom: str = "plan.pdf") -> SimpleUploadedFile:
    """An upload of that name."""
    return SimpleUploadedFile(nom, octets)


def zip_de(**membres: bytes) -> bytes:
    """A ZIP of these members; ``__`` stands for ``/`` and a last ``_`` for ``.``."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as z:
        for nom, octets in membres.items():
            z.writestr(nom.replace("__", "/").replace("_", "."), octets)
    return tampon.getvalue()


def zip_noms(*membres: tuple[str, bytes]) -> bytes:
    """A ZIP of members with any names."""
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", zipfile.ZIP_DEFLATED) as z:
        for nom, octets in membres:
            z.writestr(nom, octets)
    return tampon.getvalue()


def docx(**autres: bytes) -> bytes:
    """The least that is a Word document."""
    return zip_noms(
        ("[Content_Types].xml", b"<Types/>"),
        ("word/document.xml", b"<w:document/>"),
        *((n.replace("__", "/"), o) for n, o in autres.items()),
    )


def photo(
    largeur: int = 400, hauteur: int = 300, *, orientation: int = 1, format_: str = "JPEG", **options: Any
) -> bytes:
    """A photo, red on the left and blue on the right, with EXIF: place, device, orientation."""
    image = Image.new("RGB", (largeur, hauteur), (200, 30, 30))
    image.paste((30, 30, 200), (largeur // 2, 0, largeur, hauteur))
    exif = Image.Exif()
    exif[0x0110] = "Appareil fictif"
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (47.0, 9.0, 12.0)
    tampon = io.BytesIO()
    image.save(tampon, format_, exif=exif, **options)
    return tampon.getvalue()


def png_immense() -> bytes:
    """A PNG of a few kilobytes that says to be 60,000 pixels wide and as high."""

    def bloc(genre: bytes, corps: bytes) -> bytes:
        return struct.pack(">I", len(corps)) + genre + corps + struct.pack(">I", zlib.crc32(genre + corps))

    entete = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + bloc(b"IHDR", entete)
        + bloc(b"IDAT", zlib.compress(b"\0" * 1000))
        + bloc(b"IEND", b"")
    )
