"""Files of people: encodings, separators, types, and what is refused."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from mairie.ecrans.imports import lecture
from mairie.ecrans.imports.lecture import FichierRefuse, lire


def classeur(*rangs: tuple) -> bytes:
    c = Workbook()
    for rang in rangs:
        c.active.append(rang)
    sortie = io.BytesIO()
    c.save(sortie)
    return sortie.getvalue()


def table(octets: bytes, nom: str = "bancs.csv") -> lecture.Table:
    return lire(io.BytesIO(octets), nom)


def cellules(octets: bytes) -> list[tuple[str, ...]]:
    return [ligne.cellules for ligne in table(octets).lignes]


TEXTE = "Nom;Prix\r\nChêne d'été;12,50\r\nŒuvre;\r\n"


@pytest.mark.parametrize(
    ("octets", "encodage"),
    [
        (TEXTE.encode("utf-8"), "utf-8"),
        (TEXTE.encode("utf-8-sig"), "utf-8"),
        (TEXTE.encode("cp1252"), "windows-1252"),
        (TEXTE.encode("utf-16"), "utf-16"),
    ],
)
def test_chaque_encodage_est_reconnu(octets, encodage):
    lue = table(octets)
    assert (lue.titres, lue.encodage, lue.separateur) == (("Nom", "Prix"), encodage, ";")
    assert [ligne.cellules for ligne in lue.lignes] == [("Chêne d'été", "12,50"), ("Œuvre", "")]


@pytest.mark.parametrize("separateur", [";", ",", "\t", "|"])
def test_chaque_separateur_est_reconnu(separateur):
    texte = separateur.join(("Nom", "Prix", "Note")) + "\n"
    texte += separateur.join(("A", '"1 500"', f'"a{separateur}b"')) + "\n"
    lue = table(texte.encode())
    assert (lue.separateur, lue.lignes[0].cellules) == (separateur, ("A", "1 500", f"a{separateur}b"))


def test_une_seule_colonne_se_lit():
    assert cellules(b"Nom\nA\nB, C\n") == [("A",), ("B, C",)]


def test_les_lignes_gardent_leur_numero_et_les_vides_sont_sautees():
    lue = table(b'\nNom;Note\n;\nA;"deux\nlignes"\n\nB;\n')
    assert [(ligne.numero, ligne.cellules) for ligne in lue.lignes] == [
        (4, ("A", "deux\nlignes")),
        (7, ("B", "")),
    ]


def test_l_apostrophe_de_nos_exports_tombe():
    assert cellules(b"Nom;Note\n'=1+1;'+33\n'simple;'\n") == [("=1+1", "+33"), ("'simple", "'")]


def test_une_ligne_courte_est_completee_une_longue_refusee():
    assert cellules(b"a;b;c\n1;2\n") == [("1", "2", "")]
    with pytest.raises(FichierRefuse, match="Ligne 3 : 3 cellules pour 2 titres"):
        table(b"a;b\n1;2\n1;2;3\n")


def test_un_classeur_se_lit_comme_on_le_voit():
    lue = table(
        classeur(
            ("Nom", "Jour", "Instant", "Prix", "Nombre", "Vrai", "Vide"),
            ("Chêne", date(2026, 3, 1), datetime(2026, 3, 1, 8, 30), 0.1 + 0.2, 12.0, True, None),  # noqa: DTZ001
            (None,) * 7,
            ("Hêtre", datetime(2026, 3, 1), None, 1234567, -3, False, " "),  # noqa: DTZ001
        ),
        "bancs.xlsx",
    )
    assert lue.format == "xlsx"
    assert [(ligne.numero, ligne.cellules) for ligne in lue.lignes] == [
        (2, ("Chêne", "2026-03-01", "2026-03-01T08:30", "0.3", "12", "oui", "")),
        (4, ("Hêtre", "2026-03-01", "", "1234567", "-3", "non", "")),
    ]


def objets(proprietes: str, reste: str = "", geometrie: str = "null") -> bytes:
    objet = f'{{"type":"Feature","properties":{{{proprietes}}},"geometry":{geometrie}}}'
    return f'{{"type":"FeatureCollection"{reste},"features":[{objet}]}}'.encode()


def test_la_moitie_d_un_caractere_dans_un_contour_ressort_comme_elle_est_entree():
    from mairie.ecrans.imports import geojson

    lue = table(objets('"nom":"A"', geometrie=r'{"type":"\ud800"}'))
    octets = geojson.ecrire(lue.titres, [ligne.cellules for ligne in lue.lignes])
    assert table(octets).lignes == lue.lignes


def bombe() -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED) as z:
        z.writestr("xl/workbook.xml", "x")
        z.writestr("xl/worksheets/sheet1.xml", b"0" * (40 * 1024**2))
    return sortie.getvalue()


def archive(*noms: str) -> bytes:
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as z:
        for nom in noms:
            z.writestr(nom, "x")
    return sortie.getvalue()


@pytest.mark.parametrize(
    ("octets", "phrase"),
    [
        (b"", "Le fichier est vide."),
        (b"\n;;\n", "ne contient aucune ligne"),
        (b"Nom;Prix\n", "n'a que des titres"),
        (b"Nom;Nom\nA;B\n", "Deux colonnes ont le même titre"),
        (b"MZ\x90\x00", "c'est un programme"),
        (b"\x7fELF\x02", "c'est un programme"),
        (b"%PDF-1.7", "c'est un PDF"),
        (b"\x89PNG\r\n", "c'est une image"),
        (b"\xd0\xcf\x11\xe0\xa1", "enregistrez-le au format .xlsx"),
        (b"Nom;Prix\nA;\x00\n", "n'est pas un texte"),
        (b"Nom\n\x81\x8d\n", "L'encodage du texte n'est pas reconnu"),
        (b'Nom;Prix\n"A;1\n', "guillemets mal fermés"),
        (b"a" * 21_000 + b"\nb\n", "une cellule de 21000 caractères"),
        (b";".join(b"c%d" % n for n in range(300)) + b"\n1\n", "plus de 200 colonnes"),
        (bombe(), "anormalement compressé"),
        (archive("lettre.txt"), "C'est une archive et non un classeur"),
        (archive("content.xml", "mimetype"), "Le classeur ne se lit pas"),
        (archive("xl/workbook.xml"), "Le classeur ne se lit pas"),
        (b"PK\x03\x04rien", "Le classeur est abîmé"),
        (objets(r'"nom":"\ud800"'), "la moitié d'un caractère"),
        (objets(r'"\udfff":"A"'), "la moitié d'un caractère"),
        (
            objets('"nom":"A"', r',"crs":{"properties":{"name":"\ud800"}}'),
            r"La projection « \? » de ce GeoJSON n'est pas connue",
        ),
    ],
)
def test_ce_qui_n_est_pas_un_tableau_est_refuse_clairement(octets, phrase):
    with pytest.raises(FichierRefuse, match=phrase):
        table(octets)


def test_un_fichier_trop_gros_est_refuse_sans_etre_lu(monkeypatch):
    monkeypatch.setattr(lecture, "TAILLE_MAX", 10)
    with pytest.raises(FichierRefuse, match="0 Mo au plus"):
        table(b"Nom\nAAAAAAAAAA\n")


def test_un_fichier_trop_long_est_refuse(monkeypatch):
    monkeypatch.setattr(lecture, "LIGNES_MAX", 2)
    with pytest.raises(FichierRefuse, match="Plus de 2 lignes"):
        table(b"Nom\n1\n2\n3\n")
