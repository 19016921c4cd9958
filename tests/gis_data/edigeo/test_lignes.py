"""Rules of lines, one test each."""

from __future__ import annotations

import random
import re
from datetime import date
from itertools import pairwise

import numpy as np
import pytest

from gis_data.formats.edigeo.comparaison import differences
from gis_data.formats.edigeo.coordonnees import lire_coordonnees
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.lecteur import lire_lot
from gis_data.formats.edigeo.lignes import lire_lignes, noms_de_champ
from gis_data.formats.edigeo.modele import Feuille
from gis_data.formats.edigeo.textes import angle, date_compacte, date_texte, libelle, nombre

from .mesures import petite_feuille


def lire(*lignes: bytes, fin: bytes = b"\r\n") -> tuple[list[tuple[str, str]], list[str]]:
    """(field, value) pairs and anomaly codes of a file of these lines."""
    lues = lire_lignes("X.VEC", fin.join(lignes))
    return list(zip(noms_de_champ(lues), lues.valeurs(), strict=True)), [a.code for a in lues.anomalies]


def test_un_champ_par_ligne_les_lignes_blanches_ne_comptent_pas():
    assert lire(b"RTYSA03:FEA", b"RIDSA02:O1", b"", b"   ", b"ATCSN01:0", b"EOMT 00:") == (
        [("RTY", "FEA"), ("RID", "O1"), ("ATC", "0"), ("EOM", "")],
        [],
    )


def test_texte_iso_8859_1_avec_ou_sans_annonce():
    octets = "Côte".encode("latin-1")
    assert lire(b"TEXT 06:8859-1", b"ATVST04:" + octets)[0][1] == ("ATV", "Côte")
    assert lire(b"ATVST04:" + octets)[0][0] == ("ATV", "Côte")


def test_next_joint_sans_separateur_meme_apres_un_text():
    valeurs, anomalies = lire(
        b"ATVST04:abc ", b"NEXT 03:def", b"TEXT 06:8859-1", b"NEXT 02:\xe9!", b"QACSN01:0"
    )
    assert valeurs[0] == ("ATV", "abc def\xe9!")
    assert anomalies == []


def test_lf_seul_blancs_en_trop_derniere_ligne_sans_fin():
    assert lire(b"ATVST04:abcd", b"QACSN01:0", fin=b"\n") == lire(b"ATVST04:abcd", b"QACSN01:0")
    assert lire(b"ATVST04:abcd   ", b"QACSN01:0") == ([("ATV", "abcd"), ("QAC", "0")], [])
    assert lire(b"ATVST04:abcd", b"EOMT 00:")[0][-1] == ("EOM", "")


def test_les_blancs_annonces_font_partie_de_la_valeur():
    assert lire(b"ATVST06:abcd  ")[0] == [("ATV", "abcd  ")]


@pytest.mark.parametrize("ligne", [b"ATVST09:abcd", b"ATVST02:abcd", b"ATVSTxx:abcd"])
def test_longueur_incorrecte_la_ligne_est_prise_telle_quelle(ligne):
    assert lire(ligne, b"QACSN01:0") == ([("ATV", "abcd"), ("QAC", "0")], ["LONGUEUR_INCORRECTE"])


def test_longueur_incorrecte_dit_le_fichier_et_la_ligne():
    lues = lire_lignes("ED0A01T1.VEC", b"RTYSA03:FEA\r\nRIDSA02:O1\r\n\r\nATVST09:abcd\r\nEOMT 00:\r\n")
    assert lues.anomalies[0].detail == (
        "ED0A01T1.VEC, ligne 4 : longueur annoncée 9, valeur lue de 4 octets, prise telle quelle."
    )


def test_les_longueurs_incorrectes_d_un_fichier_entier_ne_font_pas_mille_anomalies():
    _, anomalies = lire(*[b"ATVST09:abcd"] * 1000)
    assert 2 < len(anomalies) < 100


def test_ligne_qui_n_est_pas_un_champ_est_signalee():
    assert lire(b"n'importe quoi", b"QACSN01:0", b"abc") == (
        [("QAC", "0")],
        ["LONGUEUR_INCORRECTE", "LONGUEUR_INCORRECTE"],
    )


def test_fichier_utf8_decide_par_fichier_une_anomalie():
    eleve = "élève".encode()  # announced as 5 bytes, found 7
    chance = "é".encode()  # announced as 2: right by chance (a trailing blank was lost)
    valeurs, anomalies = lire(b"ATVST02:" + chance, b"ATVST05:" + eleve, b"ATVST03:abc")
    assert valeurs == [("ATV", "é"), ("ATV", "élève"), ("ATV", "abc")]
    assert anomalies == ["ENCODAGE_UTF8"]
    lues = lire_lignes("X.VEC", b"ATVST02:" + chance + b"\r\nATVST05:" + eleve + b"\r\n")
    assert "lignes décodées ainsi : 2" in lues.anomalies[0].detail


def test_des_octets_utf8_de_longueur_juste_restent_latin_1():
    assert lire(b"ATVST02:" + "é".encode()) == ([("ATV", "Ã©")], [])


def test_octets_latin_1_de_mauvaise_longueur_ne_font_pas_un_fichier_utf8():
    assert lire(b"ATVST09:\xe9l\xe8ve") == ([("ATV", "élève")], ["LONGUEUR_INCORRECTE"])


def test_marque_d_ordre_des_octets_ignoree():
    assert lire(b"\xef\xbb\xbfBOMT 05:X.VEC")[0] == [("BOM", "X.VEC")]


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        (b"+965015.00;+6560953.22;", (965015.00, 6560953.22)),
        (b"-965015.00;+6560953.22;", (-965015.00, 6560953.22)),
        (b"965015,5;6560953,225", (965015.5, 6560953.225)),
        (b"+0.01;-0.01;", (0.01, -0.01)),
        (b"+7.;-.5;", (7.0, -0.5)),
        (b"+1.5E3;+2.;", (1500.0, 2.0)),
        (b"+1.00;+2.00;+3.00;", (1.0, 2.0)),
        (b"+1.00;", None),
        (b"+a.00;+2.00;", None),
        (b"", None),
        (b"nan;inf;", None),
    ],
)
def test_coordonnees(texte, attendu):
    octets = np.frombuffer(texte + bytes(8), dtype=np.uint8)
    (lu,) = lire_coordonnees(octets, np.array([0]), np.array([len(texte)])).tolist()
    if attendu is None:
        assert np.isnan(lu).any()
    else:
        assert tuple(lu) == attendu


def test_coordonnees_de_toutes_longueurs_dans_un_fichier_sont_les_doubles_les_plus_proches():
    hasard = random.Random(3)
    textes = []
    for _ in range(3000):
        x, y = (
            f"{hasard.choice('+-')}{hasard.randrange(10 ** hasard.randrange(1, 9))}"
            f".{hasard.randrange(100):02d}"
            for _ in range(2)
        )
        textes.append(f"{x};{y};")
    bornes = np.cumsum([0, *map(len, textes)])
    octets = np.frombuffer("".join(textes).encode() + bytes(8), dtype=np.uint8)
    lues = lire_coordonnees(octets, bornes[:-1], bornes[1:])
    assert lues.tolist() == [[float(v) for v in texte.split(";")[:2]] for texte in textes]


def test_nombres_dates_noms_angle():
    assert [nombre(t) for t in ("+2250.", "-0.000000", "+10,5", " 3 ", "", "abc", None)] == [
        2250.0, 0.0, 10.5, 3.0, None, None, None,
    ]  # fmt: skip
    assert date_texte("12/07/2008") == date(2008, 7, 12)
    assert [date_texte(t) for t in ("Absent", "", "01/01/0000", "31/02/2008", None)] == [None] * 5
    assert date_compacte("20240116") == date(2024, 1, 16)
    assert [date_compacte(t) for t in ("", "20241301", "2024", None)] == [None] * 4
    mots = {"TEX": ["Chemin "], "TEX2": [None], "TEX3": [" de la"], "TEX10": ["Côte"], "SYM": ["12"]}
    assert libelle(mots, 0) == "Chemin de la Côte"
    assert libelle({}, 0) == ""
    assert angle("+0.000000", "+1.000000") == pytest.approx(90)
    assert angle(None, "+1.") is None


# -- whole files: order and ends of lines do not matter ----------------------------------------------


def changer_vec(fichiers: dict[str, bytes], changement) -> dict[str, bytes]:
    """The same files with the blocks of each VEC (lists of lines) passed through ``changement``."""
    resultat = dict(fichiers)
    for nom, contenu in fichiers.items():
        if nom.endswith(".VEC"):
            tete, *blocs = contenu.decode("latin-1").replace("\r\nEOMT 00:\r\n", "\r\n").split("RTYSA03:")
            changes = changement([bloc.split("\r\n") for bloc in blocs])
            corps = "".join("RTYSA03:" + "\r\n".join(bloc).rstrip() + "\r\n\r\n" for bloc in changes)
            resultat[nom] = (tete + corps + "EOMT 00:\r\n").encode("latin-1")
    return resultat


def meler_blocs(blocs):
    random.Random(5).shuffle(blocs)
    return blocs


def _groupes(bloc: list[str], debut: str, fin: str) -> tuple[list[str], list[list[str]], list[str]]:
    """Lines before, groups of lines from each ``debut`` field, lines from ``fin`` on."""
    rangs = [i for i, ligne in enumerate(bloc) if ligne.startswith(debut)]
    if not rangs:
        return bloc, [], []
    arret = max(i for i, ligne in enumerate(bloc) if ligne.startswith(fin))
    return bloc[: rangs[0]], [bloc[i:j] for i, j in pairwise([*rangs, arret])], bloc[arret:]


def retourner_liens(blocs):
    """Members of each LNK in the other order; the arcs of a line keep theirs, for it is their sense."""
    resultat = []
    for bloc in blocs:
        tete, groupes, queue = _groupes(bloc, "FTP", "ATC") if bloc[0] == "LNK" else (bloc, [], [])
        lignes = any(len(groupe) > 1 for groupe in groupes)
        groupes = [*groupes[1:], groupes[0]] if lignes else groupes[::-1]
        resultat.append([*tete, *(ligne for groupe in groupes for ligne in groupe), *queue])
    return resultat


def meler_attributs(blocs):
    hasard = random.Random(8)
    resultat = []
    for bloc in blocs:
        tete, groupes, queue = _groupes(bloc, "ATP", "QAC") if bloc[0] == "FEA" else (bloc, [], [])
        hasard.shuffle(groupes)
        resultat.append([*tete, *(ligne for groupe in groupes for ligne in groupe), *queue])
    return resultat


def lf_seul(fichiers: dict[str, bytes]) -> dict[str, bytes]:
    return {nom: contenu.replace(b"\r\n", b"\n") for nom, contenu in fichiers.items()}


def sans_fin(fichiers: dict[str, bytes]) -> dict[str, bytes]:
    return {nom: contenu.rstrip(b"\r\n") for nom, contenu in fichiers.items()}


def blancs(fichiers: dict[str, bytes]) -> dict[str, bytes]:
    return {nom: contenu.replace(b"\r\n", b"  \r\n") for nom, contenu in fichiers.items()}


def virgules(fichiers: dict[str, bytes]) -> dict[str, bytes]:
    motif = re.compile(rb"(CORCC\d\d:[^\r]*)")
    return {nom: motif.sub(lambda m: m[1].replace(b".", b","), c) for nom, c in fichiers.items()}


CHANGEMENTS = {
    "blocs melés": lambda f: changer_vec(f, meler_blocs),
    "liens retournés": lambda f: changer_vec(f, retourner_liens),
    "attributs melés": lambda f: changer_vec(f, meler_attributs),
    "LF seul": lf_seul,
    "dernière ligne sans fin": sans_fin,
    "blancs en fin de ligne": blancs,
    "virgule décimale": virgules,
}


@pytest.fixture(params=["petite", "380040000B01", "25354000AK01"])
def source(request) -> tuple[Feuille, dict[str, bytes]]:
    if request.param == "petite":
        fichiers = ecrire_lot(petite_feuille())
    else:
        from tests.donnees import fichiers_feuille

        fichiers = fichiers_feuille(request.param)
    return lire_lot(fichiers), fichiers


@pytest.mark.parametrize("nom", CHANGEMENTS)
def test_l_ordre_et_la_forme_du_fichier_ne_changent_rien(source, nom):
    feuille, fichiers = source
    changes = CHANGEMENTS[nom](fichiers)
    assert changes != fichiers
    relue = lire_lot(changes)
    assert differences(feuille, relue) == []
    assert relue.anomalies == ()
    assert {n: r.lues for n, r in relue.relations.items()} == {
        n: r.lues for n, r in feuille.relations.items()
    }


def test_octets_nuls_lus_comme_des_blancs_et_dits_une_fois():
    assert lire(b"RIDSA04:a\0b\0", b"ATVST02:\0c", b"EOMT 00:") == (
        [("RID", "a b "), ("ATV", " c"), ("EOM", "")],
        ["VALEUR_INVALIDE"],
    )
    assert lire(b"ATVST01:a", b"EOMT 00:\0\0\0") == ([("ATV", "a"), ("EOM", "")], [])
