"""Damaged files: the reader gives a sheet or says why not, it never fails otherwise."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.lecteur import lire_lots
from gis_data.formats.edigeo.modele import ErreurEdigeo

from .mesures import petite_feuille

FICHIERS = ecrire_lot(petite_feuille())


def abimer(graine: int) -> dict[str, bytes]:
    """The small sheet with a few lines lost, repeated, moved or changed, in one or more files."""
    hasard = random.Random(graine)
    fichiers = dict(FICHIERS)
    for _ in range(hasard.randint(1, 6)):
        nom = hasard.choice(sorted(fichiers))
        lignes = fichiers[nom].split(b"\r\n")
        i = hasard.randrange(len(lignes))
        geste = hasard.randrange(7)
        if geste == 0:
            del lignes[i : i + hasard.randint(1, 3)]
        elif geste == 1:
            lignes.insert(hasard.randrange(len(lignes)), lignes[i])
        elif geste == 2:
            j = hasard.randrange(len(lignes))
            lignes[i], lignes[j] = lignes[j], lignes[i]
        elif geste == 3:
            octets = bytearray(lignes[i] or b" ")
            octets[hasard.randrange(len(octets))] = hasard.randrange(256)
            lignes[i] = bytes(octets)
        elif geste == 4:
            lignes[i] = lignes[i][: hasard.randrange(len(lignes[i]) + 1)]
        elif geste == 5:
            lignes[i] = lignes[i][:8]
        else:
            lignes[i] = lignes[i].replace(b";", b"")
        fichiers[nom] = b"\r\n".join(lignes)
    return fichiers


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.integers(0, 2**32 - 1))
def test_un_fichier_abime_donne_une_feuille_ou_une_raison(graine):
    try:
        feuilles = lire_lots(abimer(graine))
    except ErreurEdigeo as erreur:
        assert erreur.code in {
            "THF_INVALIDE",
            "FICHIER_MANQUANT",
            "FICHIER_TRONQUE",
            "CRS_INCONNU",
            "FEUILLE_ABSENTE",
        }
        assert len(erreur.message) > 40
        return
    for feuille in feuilles:
        total = sum(map(len, feuille.objets.values()))
        for objets in feuille.objets.values():
            assert len(objets) == len(objets.rid) == len(objets.geom) == len(objets.sous_ensemble)
            assert len(objets) == len(objets.date_obs) == len(objets.date_maj)
            assert all(len(colonne) == len(objets) for colonne in objets.attributs.values())
        for relations in feuille.relations.values():
            assert len(relations.membres) == len(relations.rid) <= relations.lues
            assert ((relations.membres >= 0) & (relations.membres < total)).all()


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
@example(b"")
@example(b"RTYSA03:FEA\r\nEOMT 00:")
@example(b"RTYSA03:LNK\r\nEOMT 00:")
@example(b"RTYSA03:PAR\r\nPTCSN01:1\r\nEOMT 00:")
@example(b"NEXT 01:a\r\nEOMT 00:")
def test_un_contenu_quelconque_a_la_place_d_un_fichier(contenu):
    for nom in sorted(FICHIERS):
        try:
            lire_lots(FICHIERS | {nom: contenu})
        except ErreurEdigeo as erreur:
            assert erreur.message


def test_une_ligne_perdue_se_voit_au_compte():
    def sans(nom: str, ligne: bytes) -> list[str]:
        contenu = FICHIERS[nom]
        assert ligne in contenu
        (feuille,) = lire_lots(FICHIERS | {nom: contenu.replace(ligne, b"", 1)})
        return [a.detail for a in feuille.anomalies if a.code == "VALEUR_INVALIDE"]

    assert sans("ED0A01T1.VEC", b"FTPCP24:ED0A01;SeTOP_1;PAR;Arc_1\r\n")[0].endswith(
        "membres annoncés : 2, lus : 1."
    )
    attribut = b"ATPCP23:ED0A01;SeSD;ATT;SUPF_id\r\nATVSR07:+10000.\r\n"
    assert sans("ED0A01T1.VEC", attribut) == ["PARCELLE P1 : attributs annoncés : 4, lus : 3."]
    assert "points annoncés" in sans("ED0A01S1.VEC", b"CORCC13:+10.00;+1.00;\r\n")[0]


@pytest.mark.parametrize(
    ("avant", "apres"), [(b"LOCSN01:1", b"LOCSN01:2"), (b"GDCSN01:4", b"GDCSN01:5")], ids=["lots", "fichiers"]
)
def test_un_thf_qui_annonce_plus_qu_il_ne_nomme_est_refuse(avant, apres):
    thf = FICHIERS["E0000A01.THF"].replace(avant, apres)
    with pytest.raises(ErreurEdigeo, match="annonce") as prise:
        lire_lots(FICHIERS | {"E0000A01.THF": thf})
    assert prise.value.code == "THF_INVALIDE"


def test_dates_illisibles_et_blocs_de_qualite_absents_sont_dits():
    qal = FICHIERS["ED0A01SE.QAL"]
    change = qal.replace(b"ODASD08:20010203", b"ODASD08:20019999", 1).replace(
        b"Actualite_P2", b"Actualite_PX"
    )
    (feuille,) = lire_lots(FICHIERS | {"ED0A01SE.QAL": change})
    assert [(a.code, a.identifiant, a.detail) for a in feuille.anomalies] == [
        ("VALEUR_INVALIDE", "ED0A01SE.QAL", "ED0A01SE.QAL : dates illisibles, laissées vides : 20019999."),
        (
            "VALEUR_INVALIDE",
            "ED0A01SE.QAL",
            "ED0A01SE.QAL : blocs QUP absents (1), dates vides : Actualite_P2.",
        ),
    ]
    assert feuille.objets["PARCELLE"].date_maj[1] is None
    assert feuille.objets["COMMUNE"].date_obs == [None]
