"""What is taken and what is refused, each refusal in French and with what to do."""

from __future__ import annotations

import io
import socket
import struct
import sys
import threading
import zipfile

import pytest

from mairie.pieces import antivirus
from mairie.pieces.genres import nom_propre, reconnaitre
from mairie.pieces.refus import PieceRefusee
from mairie.pieces.service import examiner
from tests.mairie.pieces import fabrique
from tests.mairie.pieces.fabrique import PDF, docx, photo, png_immense, zip_noms

MIO = 1024**2


def juger(octets: bytes, nom: str, **options):
    return examiner(io.BytesIO(octets), nom, **options)


def xlsx() -> bytes:
    return zip_noms(("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>"))


def odt() -> bytes:
    return zip_noms(("mimetype", b"application/vnd.oasis.opendocument.text"), ("content.xml", b"<office/>"))


BONS = [
    ("plan.pdf", PDF, "pdf"),
    ("PLAN.PDF", PDF, "pdf"),
    ("photo.jpg", photo(), "jpeg"),
    ("photo.jpeg", photo(), "jpeg"),
    ("photo.png", photo(format_="PNG"), "png"),
    ("photo.webp", photo(format_="WEBP"), "webp"),
    ("photo.tif", photo(format_="TIFF"), "tiff"),
    ("notice.docx", docx(), "docx"),
    ("calcul.xlsx", xlsx(), "xlsx"),
    ("notice.odt", odt(), "odt"),
    ("liste.csv", "nom;âge\nZoé;3\n".encode(), "csv"),
    ("lisez.txt", "Bonjour à vous, voici le texte.\n".encode(), "txt"),
    ("plan.dxf", b"0\nSECTION\n2\nHEADER\n9\n$ACADVER\n1\nAC1009\n0\nENDSEC\n0\nEOF\n", "dxf"),
    ("plan.dwg", b"AC1032" + b"\0" * 200, "dwg"),
    ("tout.zip", zip_noms(("plan.pdf", PDF), ("sous/photo.jpg", photo())), "zip"),
]


@pytest.mark.parametrize(("nom", "octets", "code"), BONS, ids=[b[0] for b in BONS])
def test_les_formats_usuels_sont_recus(nom, octets, code):
    examen = juger(octets, nom)
    assert (examen.genre.code, examen.taille) == (code, len(octets))


EXE = b"MZ\x90\x00" + b"\0" * 500
REFUS = [
    ("plan.pdf", EXE, "PROGRAMME", "programme renommé en .pdf"),
    ("plan.pdf", b"\x7fELF" + b"\0" * 500, "PROGRAMME", "programme"),
    ("setup.exe", EXE, "PROGRAMME", "programme"),
    ("photo.jpg", b"#!/bin/sh\nrm -rf /\n", "PROGRAMME", "programme"),
    ("plan.pdf", photo(), "CONTENU", "ne correspond pas à son nom"),
    ("photo.jpg", PDF, "CONTENU", "n'est pas un fichier image JPEG"),
    ("note.txt", b"<!DOCTYPE html><script>alert(1)</script>", "CONTENU", "page web"),
    ("note.csv", b"\n <svg onload=alert(1)>", "CONTENU", "page web"),
    ("plan.pdf", b"%PDX-1.4 rien", "CONTENU", "ne correspond pas"),
    ("note.txt", b"texte\0binaire", "CONTENU", "ne correspond pas"),
    ("plan.dwg", b"ZZ10" + b"\0" * 50, "CONTENU", "ne correspond pas"),
    ("plan.svg", b"<svg/>", "FORMAT", "exportez-la en PDF"),
    ("photo.heic", b"\0\0\0\x18ftypheic" + b"\0" * 50, "FORMAT", "enregistrez-la en JPEG"),
    ("note.doc", b"\xd0\xcf\x11\xe0" + b"\0" * 50, "FORMAT", "PDF"),
    ("note.docm", docx(), "FORMAT", "macros"),
    ("sans extension", PDF, "FORMAT", "Formats reçus : pdf"),
    ("plan.pdf.exe", PDF, "FORMAT", ".exe"),
    ("vide.pdf", b"", "VIDE", "vide (0 octet)"),
]


@pytest.mark.parametrize(("nom", "octets", "code", "message"), REFUS)
def test_chaque_refus_dit_le_fichier_et_la_raison(nom, octets, code, message):
    with pytest.raises(PieceRefusee) as e:
        juger(octets, nom)
    assert e.value.code == code and message in e.value.message and nom.split(".")[0] in e.value.message


@pytest.mark.parametrize(("taille", "refuse"), [(2 * MIO, False), (2 * MIO + 1, True)])
def test_la_limite_de_taille(taille, refuse):
    octets = PDF + b"\n" * (taille - len(PDF))
    if refuse:
        with pytest.raises(PieceRefusee, match="2 Mo au plus"):
            juger(octets, "plan.pdf", taille_max=2 * MIO)
    else:
        assert juger(octets, "plan.pdf", taille_max=2 * MIO).taille == taille


def test_un_metier_restreint_les_formats():
    with pytest.raises(PieceRefusee, match="Formats reçus : pdf, jpg, jpeg"):
        juger(photo(format_="PNG"), "photo.png", formats=("pdf", "jpeg"))


# --- archives -------------------------------------------------------------------------------------


def bombe() -> bytes:
    return zip_noms(*((f"{i}.txt", b"\0" * (20 * MIO)) for i in range(3)))


def bombe_menteuse() -> bytes:
    """A member that says to be small and unpacks large."""
    octets = bytearray(zip_noms(("a.txt", b"\0" * (40 * MIO))))
    central = octets.index(b"PK\x01\x02")
    octets[central + 24 : central + 28] = struct.pack("<I", 1000)
    octets[22:26] = struct.pack("<I", 1000)
    return bytes(octets)


def trop_de_membres() -> bytes:
    return zip_noms(*((f"{i}.txt", b"") for i in range(3001)))


def lien() -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as z:
        info = zipfile.ZipInfo("lien")
        info.external_attr = 0o120777 << 16
        z.writestr(info, "/etc/passwd")
    return tampon.getvalue()


def chiffre() -> bytes:
    octets = bytearray(zip_noms(("a.txt", b"secret")))
    central = octets.index(b"PK\x01\x02")
    octets[central + 8] |= 1
    octets[6] |= 1
    return bytes(octets)


ARCHIVES = [
    (bombe, "ARCHIVE_BOMBE", "démesuré"),
    (bombe_menteuse, "ARCHIVE_ILLISIBLE", "abîmé"),
    (trop_de_membres, "ARCHIVE_BOMBE", "démesuré"),
    (lambda: zip_noms(("../../etc/passwd", b"x")), "ARCHIVE_DANGEREUSE", "sort de l'archive"),
    (lambda: zip_noms(("/etc/passwd", b"x")), "ARCHIVE_DANGEREUSE", "sort de l'archive"),
    (lambda: zip_noms(("..\\x.txt", b"x")), "ARCHIVE_DANGEREUSE", "sort de l'archive"),
    (lien, "ARCHIVE_DANGEREUSE", "lien"),
    (chiffre, "ARCHIVE_ILLISIBLE", "mot de passe"),
    (lambda: zip_noms(("dedans.zip", zip_noms(("a.txt", b"x")))), "ARCHIVE_IMBRIQUEE", "autre archive"),
    (lambda: zip_noms(("dedans.txt", zip_noms(("a.txt", b"x")))), "ARCHIVE_IMBRIQUEE", "autre archive"),
    (lambda: zip_noms(("virus.txt", EXE)), "PROGRAMME", "contient un programme"),
    (lambda: zip_noms(("a.txt", b"x"))[:-30], "ARCHIVE_ILLISIBLE", "abîmé"),
    (lambda: b"PK\x03\x04" + b"\0" * 100, "ARCHIVE_ILLISIBLE", "abîmé"),
]


@pytest.mark.parametrize(("faire", "code", "message"), ARCHIVES)
def test_une_archive_dangereuse_est_refusee(faire, code, message):
    with pytest.raises(PieceRefusee) as e:
        juger(faire(), "tout.zip")
    assert (e.value.code, message in e.value.message) == (code, True), e.value.message


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (docx(word__vbaProject_bin=b"x").replace(b"vbaProject_bin", b"vbaProject.bin"), "MACROS"),
        (zip_noms(("autre.xml", b"<x/>")), "CONTENU"),
        (zip_noms(("word/document.xml", b"\0" * (40 * MIO))), "ARCHIVE_BOMBE"),
    ],
)
def test_un_document_de_bureau_est_ouvert_aussi(octets, code):
    with pytest.raises(PieceRefusee) as e:
        juger(octets, "notice.docx")
    assert e.value.code == code


def test_la_bombe_est_arretee_sans_tout_lire():
    """Announced or not, never more than the bound is unpacked."""
    debut = io.BytesIO(bombe())
    with pytest.raises(PieceRefusee):
        examiner(debut, "tout.zip")
    assert len(debut.getvalue()) < MIO


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "propre"),
    [
        ("C:\\Users\\Zoé\\plan.pdf", "plan.pdf"),
        ("../../etc/passwd", "passwd"),
        ("plan\n\0.pdf", "plan.pdf"),
        ('a<b>:"|?*.pdf', "ab.pdf"),
        ("...", "fichier"),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
        ("été à l'eau.pdf", "été à l'eau.pdf"),
    ],
)
def test_le_nom_est_nettoye(nom, propre):
    assert nom_propre(nom) == propre


def test_le_type_vient_du_contenu():
    assert reconnaitre("a.tiff", photo(format_="TIFF")[:8192]).mime == "image/tiff"


def test_une_image_immense_n_est_pas_ouverte():
    from mairie.pieces.apercus import ApercuImpossible, refaire

    octets = png_immense()
    assert len(octets) < 10_000
    with pytest.raises(ApercuImpossible, match="80 millions"):
        refaire(io.BytesIO(octets), 100)


# --- antivirus ------------------------------------------------------------------------------------


@pytest.fixture
def commande(settings):
    """An antivirus of three lines: exit 1 where the file holds VIRUS, 2 where it holds PANNE."""
    code = (
        "import sys; o = open(sys.argv[1], 'rb').read()\n"
        "if b'VIRUS' in o: print(sys.argv[1] + ': Essai.Virus FOUND'); sys.exit(1)\n"
        "sys.exit(2 if b'PANNE' in o else 0)"
    )
    settings.ANTIVIRUS_COMMANDE = [sys.executable, "-c", code]
    return settings


def test_sans_antivirus_le_fichier_n_est_pas_dit_verifie(settings):
    assert not antivirus.actif()
    assert juger(PDF, "plan.pdf").verifie is False


def test_la_commande_dit_sain_ou_infecte(commande):
    assert juger(PDF, "plan.pdf").verifie is True
    with pytest.raises(PieceRefusee, match=r"Essai\.Virus") as e:
        juger(PDF + b"VIRUS", "plan.pdf")
    assert e.value.code == "INFECTE"


@pytest.mark.parametrize("obligatoire", [False, True])
def test_un_antivirus_en_panne(commande, obligatoire):
    commande.ANTIVIRUS_OBLIGATOIRE = obligatoire
    if obligatoire:
        with pytest.raises(PieceRefusee, match="l'antivirus ne répond pas"):
            juger(PDF + b"PANNE", "plan.pdf")
    else:
        assert juger(PDF + b"PANNE", "plan.pdf").verifie is False


def test_une_commande_absente_est_une_panne(settings):
    settings.ANTIVIRUS_COMMANDE = ["/nulle/part"]
    settings.ANTIVIRUS_OBLIGATOIRE = True
    with pytest.raises(PieceRefusee, match="ne répond pas"):
        juger(PDF, "plan.pdf")


@pytest.fixture
def clamd(settings, tmp_path):
    """A clamd that speaks INSTREAM; it finds a virus where the bytes hold VIRUS."""
    chemin = str(tmp_path / "clamd.sock")
    serveur = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    serveur.bind(chemin)
    serveur.listen()
    recus: list[bytes] = []

    def servir() -> None:
        while True:
            try:
                prise, _ = serveur.accept()
            except OSError:
                return
            with prise, prise.makefile("rb") as flux:
                assert flux.read(10) == b"zINSTREAM\0"
                octets = b""
                while longueur := struct.unpack("!L", flux.read(4))[0]:
                    octets += flux.read(longueur)
                recus.append(octets)
                prise.sendall(b"stream: Essai.Eicar FOUND\0" if b"VIRUS" in octets else b"stream: OK\0")

    fil = threading.Thread(target=servir, daemon=True)
    fil.start()
    settings.ANTIVIRUS_CLAMD = chemin
    yield recus
    serveur.close()


def test_clamd_recoit_tout_le_fichier_et_dit_ce_qu_il_trouve(clamd):
    gros = PDF + b"\n" * 300_000
    assert juger(gros, "plan.pdf").verifie is True
    assert clamd == [gros]
    with pytest.raises(PieceRefusee, match=r"Essai\.Eicar"):
        juger(PDF + b"VIRUS", "plan.pdf")


def test_clamd_absent_est_une_panne(settings, tmp_path):
    settings.ANTIVIRUS_CLAMD = str(tmp_path / "rien.sock")
    assert juger(PDF, "plan.pdf").verifie is False


def test_la_fabrique_ne_ment_pas():
    assert fabrique.fichier().read() == PDF
