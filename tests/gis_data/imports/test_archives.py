"""Archives read safely: every form, every danger, limits that stop a bomb."""

from __future__ import annotations

import bz2
import gzip
import io
import random
import re
import stat
import struct
import tarfile
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import partial

import pytest

from gis_data.imports.archives import ErreurArchive, LecteurArchives, Limites, Paquet, nature
from tests.lots import tar, zip_

FICHIERS = {"E000AB01.THF": b"entete", "EDAB01T1.VEC": b"x" * 5000}


def lire(
    octets: bytes, nom: str = "essai.tar.bz2", limites: Limites | None = None
) -> list[Paquet | ErreurArchive]:
    lecteur = LecteurArchives(limites or Limites(), lambda n: n.upper().endswith((".THF", ".VEC")))
    return list(lecteur.paquets(partial(io.BytesIO, octets), nom))


def refus(octets: bytes, limites: Limites | None = None) -> ErreurArchive:
    with pytest.raises(ErreurArchive) as erreur:
        lire(octets, limites=limites)
    assert erreur.value.fichier == "essai.tar.bz2"
    assert "essai.tar.bz2" in erreur.value.message
    return erreur.value


def membre(nom: str, octets: bytes = b"x", **champs) -> bytes:
    """A tar with one good file, then one whose header is changed."""
    sortie = io.BytesIO()
    with tarfile.open(fileobj=sortie, mode="w:bz2") as archive:
        bon = tarfile.TarInfo("E000AB01.THF")
        bon.size = 3
        archive.addfile(bon, io.BytesIO(b"bon"))
        mauvais = tarfile.TarInfo(nom)
        mauvais.size = len(octets) if champs.get("type", tarfile.REGTYPE) == tarfile.REGTYPE else 0
        for champ, valeur in champs.items():
            setattr(mauvais, champ, valeur)
        archive.addfile(mauvais, io.BytesIO(octets))
    return sortie.getvalue()


# -- forms ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("genre", "emballer"),
    [
        ("bz2", tar),
        ("tar", partial(tar, mode="w")),
        ("gzip", partial(tar, mode="w:gz")),
        ("zip", zip_),
    ],
)
def test_chaque_forme_par_son_contenu_quel_que_soit_son_nom(
    genre: str, emballer: Callable[[dict[str, bytes]], bytes]
):
    octets = emballer(FICHIERS)
    assert nature(octets[:512]) == genre
    (paquet,) = lire(octets, "sans-extension")
    assert paquet.fichiers == FICHIERS


def test_un_paquet_par_dossier_et_les_noms_en_capitales():
    (un, deux) = lire(zip_({"a/e1.thf": b"1", "b/e1.thf": b"2", "b/lisez.moi": b"3"}))
    assert un.fichiers == {"E1.THF": b"1"}
    assert deux.fichiers == {"E1.THF": b"2"}
    assert (un.chemin, deux.chemin) == ("essai.tar.bz2/a", "essai.tar.bz2/b")


def test_les_archives_imbriquees_viennent_apres():
    interne = tar(FICHIERS)
    octets = zip_({"25/edigeo-1.tar.bz2": interne, "E9.THF": b"9", "plus.zip": zip_({"x.tar.bz2": interne})})
    assert [p.chemin for p in lire(octets, "dep.zip")] == [
        "dep.zip",
        "dep.zip/25/edigeo-1.tar.bz2",
        "dep.zip/plus.zip/x.tar.bz2",
    ]


def test_ce_que_macos_ajoute_est_ignore():
    (paquet,) = lire(zip_({**FICHIERS, "__MACOSX/E000AB01.THF": b"?", "._E000AB01.THF": b"?"}))
    assert paquet.fichiers == FICHIERS


def test_plusieurs_flux_bzip2_bout_a_bout():
    brut = tar(FICHIERS, "w")
    (paquet,) = lire(bz2.compress(brut[:700]) + bz2.compress(brut[700:]))
    assert paquet.fichiers == FICHIERS


def test_le_lecteur_ne_garde_que_l_utile():
    (paquet,) = lire(tar({"photo.jpg": b"y" * 1000, **FICHIERS}))
    assert set(paquet.fichiers) == set(FICHIERS)


# -- broken --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("octets", "raison"),
    [
        (b"", "vide"),
        (b"<html>404 Not Found</html>", "ni un zip, ni un tar"),
        (tar(FICHIERS)[:-30], "coupée"),
        (tar(FICHIERS, "w:gz")[:-30], "coupée"),
        (bz2.compress(b"ceci n'est pas un tar" * 100), "tar abîmé"),
        (gzip.compress(b"ni ceci" * 100), "tar abîmé"),
        (tar(FICHIERS, "w")[:1200], "abîmé|coupé"),
        (zip_(FICHIERS)[:-40], "zip abîmé"),
    ],
    # Of the bytes, some of which hold the hour, pytest would make names that differ between processes.
    ids=("vide", "page", "bz2 coupé", "gz coupé", "bz2 sans tar", "gz sans tar", "tar coupé", "zip coupé"),
)
def test_illisible(octets, raison):
    erreur = refus(octets)
    assert erreur.code == "ARCHIVE_ILLISIBLE"
    assert re.search(raison, erreur.message)
    assert erreur.message.endswith("Téléchargez-la de nouveau.")


def test_un_bit_retourne_se_voit():
    bruit = {"E1.VEC": random.Random(1).randbytes(20_000)}
    for octets in (tar(bruit), zip_(bruit)):
        abimes = bytearray(octets)
        abimes[len(abimes) // 2] ^= 0x55
        assert refus(bytes(abimes)).code == "ARCHIVE_ILLISIBLE"


def test_un_en_tete_abime_au_milieu_ne_fait_pas_perdre_la_suite():
    brut = bytearray(tar({"E1.THF": b"1" * 600, "E2.VEC": b"2" * 600, "E3.VEC": b"3"}, "w"))
    brut[1536:1600] = b"\xff" * 64
    erreur = refus(bz2.compress(bytes(brut)))
    assert erreur.code == "ARCHIVE_ILLISIBLE"
    assert "en-tête" in erreur.message


def test_deux_fichiers_differents_de_meme_nom():
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as archive:
        archive.writestr("E1.THF", b"1")
        archive.writestr("e1.thf", b"2")
    assert "deux fichiers" in refus(sortie.getvalue()).message


def test_un_zip_protege():
    octets = bytearray(zip_(FICHIERS))
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        debut = octets.index(signature)
        octets[debut + place] |= 1
    assert "mot de passe" in refus(bytes(octets)).message


def test_une_archive_imbriquee_abimee_n_arrete_pas_les_autres():
    bonne = tar(FICHIERS)
    trouves = lire(zip_({"a.tar.bz2": bonne[:50], "b.tar.bz2": bonne}))
    assert [type(t) for t in trouves] == [ErreurArchive, Paquet]
    assert trouves[0].fichier == "essai.tar.bz2/a.tar.bz2"


# -- dangers -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nom",
    ["../E1.THF", "a/../../E1.THF", "/etc/E1.THF", "..\\E1.THF", "C:\\E1.THF", "a/..", "\\\\hote\\E1.THF"],
)
def test_un_nom_qui_sort_condamne_toute_l_archive(nom):
    assert refus(membre(nom)).code == "ARCHIVE_DANGEREUSE"
    assert refus(zip_({"E1.THF": b"1", nom: b"2"})).code == "ARCHIVE_DANGEREUSE"


@pytest.mark.parametrize(
    "genre", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_un_lien_ou_un_peripherique_condamne_toute_l_archive(genre):
    erreur = refus(membre("EDAB01S1.VEC", type=genre, linkname="/etc/passwd"))
    assert erreur.code == "ARCHIVE_DANGEREUSE"
    assert "EDAB01S1.VEC" in erreur.message


def test_un_lien_symbolique_dans_un_zip():
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as archive:
        lien = zipfile.ZipInfo("EDAB01S1.VEC")
        lien.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(lien, "/etc/passwd")
    assert refus(sortie.getvalue()).code == "ARCHIVE_DANGEREUSE"


# -- limits --------------------------------------------------------------------------------------

PETITES = Limites(membre=10_000, archive=25_000, membres=5, imbrication=1)


@pytest.mark.parametrize("emballer", [tar, zip_])
@pytest.mark.parametrize(("taille", "refuse"), [(10_000, False), (10_001, True)])
def test_limite_d_un_membre(emballer, taille, refuse):
    octets = emballer({"E1.THF": b"0" * taille})
    if refuse:
        assert refus(octets, PETITES).code == "ARCHIVE_TROP_GRANDE"
    else:
        assert len(lire(octets, limites=PETITES)) == 1


@pytest.mark.parametrize("emballer", [tar, zip_])
def test_limite_de_l_archive(emballer):
    assert (
        refus(emballer({f"E{i}.VEC": b"0" * 9000 for i in range(3)}), PETITES).code == "ARCHIVE_TROP_GRANDE"
    )


@pytest.mark.parametrize("emballer", [tar, zip_])
@pytest.mark.parametrize(("nombre", "refuse"), [(5, False), (6, True)])
def test_limite_du_nombre_de_membres(emballer, nombre, refuse):
    octets = emballer({f"E{i}.VEC": b"0" for i in range(nombre)})
    if refuse:
        assert refus(octets, PETITES).code == "ARCHIVE_TROP_GRANDE"
    else:
        assert len(lire(octets, limites=PETITES)) == 1


def test_limite_d_imbrication():
    une = zip_({"a.zip": zip_(FICHIERS)})
    assert [type(t) for t in lire(une, limites=PETITES)] == [Paquet]
    (erreur,) = lire(zip_({"b.zip": une}), limites=PETITES)
    assert isinstance(erreur, ErreurArchive)
    assert erreur.code == "ARCHIVE_TROP_GRANDE"


def test_un_zip_qui_ment_sur_la_taille_est_arrete():
    octets = bytearray(zip_({"E1.THF": b"0" * 50_000}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        debut = octets.index(signature)
        octets[debut + place : debut + place + 4] = struct.pack("<I", 100)
    erreur = refus(bytes(octets), PETITES)
    assert erreur.code in ("ARCHIVE_TROP_GRANDE", "ARCHIVE_ILLISIBLE")


@pytest.mark.parametrize("ou", ["membre", "apres", "nombreux"])
def test_une_bombe_s_arrete_a_la_limite_avec_peu_de_memoire(ou):
    limites = Limites(membre=8 << 20, archive=16 << 20)
    zeros = bz2.compress(b"\0" * (64 << 20))
    if ou == "membre":
        entete = tarfile.TarInfo("E1.THF")
        entete.size = 600 << 20
        octets = bz2.compress(entete.tobuf()) + zeros
    elif ou == "apres":
        octets = tar(FICHIERS) + zeros
    else:
        octets = tar({f"E{i}.VEC": b"\0" * (4 << 20) for i in range(10)})
    tracemalloc.start()
    try:
        assert refus(octets, limites).code == "ARCHIVE_TROP_GRANDE"
        assert tracemalloc.get_traced_memory()[1] < 40 << 20
    finally:
        tracemalloc.stop()
