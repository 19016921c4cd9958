"""Unusual and bad lots: the variants of the shared data, each with its twin on the small sheet."""

from __future__ import annotations

import json

import pytest
import shapely

from gis_data.formats.edigeo.comparaison import differences
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.lecteur import lire_lot, lire_lots
from gis_data.formats.edigeo.modele import ErreurEdigeo
from gis_data.formats.edigeo.projections import (
    CODES_APPROCHES,
    EPSG_AVEC_GRILLE,
    EPSG_PAR_CODE,
    SOURCES_PAR_TERRITOIRE,
    code_de_epsg,
)
from gis_data.formats.edigeo.textes import libelle, nombre
from tests.donnees import donnees_partagees, fichiers_feuille, fichiers_variante

from .mesures import petite_feuille

LUES = [
    "utf8/edigeo-740240000A01.tar.bz2",
    "sans-fichiers-optionnels/edigeo-25354000AB01.tar.bz2",
    "next/edigeo-25354000AB01.tar.bz2",
    "minuscules/edigeo-25354000AB01.tar.bz2",
    "crs-cc47/edigeo-25354000AB01.tar.bz2",
    "crs-lamb2/edigeo-25354000AB01.tar.bz2",
    "crs-rgr92utm/edigeo-97499000AB01.tar.bz2",
    "crs-rgaf09utm20/edigeo-97199000AB01.tar.bz2",
    "parcelles-en-s1/edigeo-380040000B02.tar.bz2",
    "objets-degeneres/edigeo-25354000AB01.tar.bz2",
    "section-autre-commune/edigeo-380040000B02.tar.bz2",
    "millesime-suivant/edigeo-25354000ZD01.tar.bz2",
]
REJETEES = [
    "fichiers-manquants/edigeo-740240000A01.zip",
    "vec-tronque/edigeo-25354000AB01.tar.bz2",
    "sans-thf/edigeo-25354000AB01.zip",
    "crs-inconnu/edigeo-25354000AB01.tar.bz2",
]
# Anomalies that the import adds once it knows the commune.
DE_L_IMPORT = {"IDU_INVALIDE", "IDU_DOUBLON", "ATTRIBUT_ABSENT", "CODE_INCOHERENT"}


def attendu(chemin: str) -> dict:
    texte = (donnees_partagees() / "edigeo" / "variants" / "expected.json").read_text()
    return next(fiche for fiche in json.loads(texte) if fiche["fichier"] == chemin)


@pytest.mark.parametrize("chemin", LUES)
def test_variante_lue(chemin):
    fiche = attendu(chemin)
    feuille = lire_lot(fichiers_variante(chemin), departement=fiche["feuille"][:2])
    parcelles = feuille.objets["PARCELLE"]
    if not chemin.startswith("crs-rg"):  # the invented overseas sheets keep the IDU of Luxiol
        assert feuille.id12 == fiche["feuille"]
    assert {type_: len(objets) for type_, objets in feuille.objets.items()} == fiche["lus"]
    assert shapely.area(parcelles.geom[parcelles.geom != None]).sum() == pytest.approx(  # noqa: E711
        fiche["aire_parcelles_m2"], abs=0.01
    )
    assert f"EPSG:{feuille.epsg}" == fiche.get("crs", "EPSG:2154")
    par_code = [(a.code, a.type) for a in feuille.anomalies]
    for anomalie in fiche.get("anomalies", []):
        if anomalie["code"] in DE_L_IMPORT:
            continue
        nombre_lu = sum(
            code == anomalie["code"] and type_ == anomalie.get("type", type_) for code, type_ in par_code
        )
        assert nombre_lu >= anomalie.get("minimum", 1), anomalie
    for nom, comptes in fiche.get("relations", {}).items():
        lues = feuille.relations[nom]
        assert {"lues": lues.lues, "ecrites": len(lues.membres)} == comptes
    if "millesime" in fiche:
        assert feuille.millesime.isoformat() == fiche["millesime"]


@pytest.mark.parametrize("chemin", REJETEES)
def test_variante_rejetee(chemin):
    with pytest.raises(ErreurEdigeo) as prise:
        lire_lot(fichiers_variante(chemin))
    assert prise.value.code == attendu(chemin)["erreur_code"]


def test_feuille_reenregistree_en_utf8_les_textes_et_les_contenances_sont_justes():
    fiche = attendu(LUES[0])
    feuille = lire_lot(fichiers_variante(LUES[0]))
    voies = feuille.objets["ZONCOMMUNI"].attributs
    noms = [libelle(voies, i) for i in range(len(feuille.objets["ZONCOMMUNI"]))]
    for nom in fiche["voies_contiennent"]:
        assert nom in noms
    supf = [nombre(texte) for texte in feuille.objets["PARCELLE"].attributs["SUPF"]]
    assert sum(supf) == fiche["somme_contenances_m2"]
    original = lire_lot(fichiers_feuille("740240000A01"))
    # Two words alone lost their blanks when the file was saved again.
    for lue in (original, feuille):
        for nom, mots in lue.objets["ZONCOMMUNI"].attributs.items():
            lue.objets["ZONCOMMUNI"].attributs[nom] = [mot and mot.strip() for mot in mots]
    assert differences(original, feuille) == []


def test_minuscules_et_parcelles_en_s1_donnent_la_meme_feuille():
    ab01 = lire_lot(fichiers_feuille("25354000AB01"))
    assert differences(ab01, lire_lot(fichiers_variante("minuscules/edigeo-25354000AB01.tar.bz2"))) == []
    b02 = lire_lot(fichiers_feuille("380040000B02"))
    en_s1 = lire_lot(fichiers_variante("parcelles-en-s1/edigeo-380040000B02.tar.bz2"))
    avant = dict(zip(b02.objets["PARCELLE"].rid, b02.objets["PARCELLE"].geom, strict=True))
    apres = dict(zip(en_s1.objets["PARCELLE"].rid, en_s1.objets["PARCELLE"].geom, strict=True))
    assert avant.keys() == apres.keys()
    assert all(shapely.equals(avant[rid], apres[rid]) for rid in avant)


def test_sans_dic_ni_scd_la_nomenclature_livree_sert():
    feuille = lire_lot(fichiers_variante("sans-fichiers-optionnels/edigeo-25354000AB01.tar.bz2"))
    complete = lire_lot(fichiers_feuille("25354000AB01"))
    assert feuille.valeurs == complete.valeurs
    assert feuille.cnig == complete.cnig
    assert feuille.valeurs["SYM"]["39"]
    assert set(feuille.objets["PARCELLE"].date_maj) == {None}
    absents = sorted(a.identifiant for a in feuille.anomalies)
    assert absents == [f"EDAB01SE.{e}" for e in ("DIC", "GEN", "QAL", "SCD")]


def test_valeur_de_93_octets_jointe():
    feuille = lire_lot(fichiers_variante("next/edigeo-25354000AB01.tar.bz2"))
    noms = [libelle(feuille.objets["LIEUDIT"].attributs, i) for i in range(len(feuille.objets["LIEUDIT"]))]
    assert attendu("next/edigeo-25354000AB01.tar.bz2")["lieudit_contient"] in noms


def test_le_noeud_papillon_garde_ses_deux_lobes():
    fiche = attendu("objets-degeneres/edigeo-25354000AB01.tar.bz2")["lieudit_repare"]
    lieudits = lire_lot(fichiers_variante("objets-degeneres/edigeo-25354000AB01.tar.bz2")).objets["LIEUDIT"]
    noms = [libelle(lieudits.attributs, i) for i in range(len(lieudits))]
    geom = lieudits.geom[noms.index(fiche["nom"])]
    assert geom.geom_type == "MultiPolygon"
    assert geom.area == pytest.approx(fiche["aire_m2"], abs=0.01)
    assert geom.is_valid


# -- the same on the small sheet, without any shared file -------------------------------------------


def rejet(fichiers: dict[str, bytes]) -> ErreurEdigeo:
    with pytest.raises(ErreurEdigeo) as prise:
        lire_lot(fichiers)
    return prise.value


def test_thf_absent():
    fichiers = ecrire_lot(petite_feuille())
    del fichiers["E0000A01.THF"]
    assert rejet(fichiers).code == "THF_ABSENT"


@pytest.mark.parametrize(
    ("avant", "apres", "cite"),
    [
        (b"TDASD08:20260115", b"TDASD08:20261315", "20261315"),
        (b"TDASD08:20260115\r\n", b"", "TDA"),
        (b"RTYSA03:GTL", b"RTYSA03:GTX", "GTL"),
        (b"LONSA06:ED0A01", b"LONSA00:", "LON"),
        (b"GDNSA02:S1\r\n", b"", "GDN"),
    ],
)
def test_thf_invalide(avant, apres, cite):
    fichiers = ecrire_lot(petite_feuille())
    assert avant in fichiers["E0000A01.THF"]
    fichiers["E0000A01.THF"] = fichiers["E0000A01.THF"].replace(avant, apres)
    erreur = rejet(fichiers)
    assert (erreur.code, erreur.fichier) == ("THF_INVALIDE", "E0000A01.THF")
    assert cite in erreur.message


@pytest.mark.parametrize(
    "nom", ["ED0A01SE.GEO", "ED0A01T1.VEC", "ED0A01T2.VEC", "ED0A01T3.VEC", "ED0A01S1.VEC"]
)
def test_fichier_obligatoire_manquant(nom):
    fichiers = ecrire_lot(petite_feuille())
    del fichiers[nom]
    erreur = rejet(fichiers)
    assert (erreur.code, erreur.fichier) == ("FICHIER_MANQUANT", nom)
    assert nom in erreur.message
    assert "Téléchargez" in erreur.message


@pytest.mark.parametrize(
    "nom", ["E0000A01.THF", "ED0A01SE.GEO", "ED0A01SE.QAL", "ED0A01T2.VEC", "ED0A01S1.VEC"]
)
def test_fichier_tronque(nom):
    fichiers = ecrire_lot(petite_feuille())
    fichiers[nom] = fichiers[nom][: len(fichiers[nom]) * 2 // 3]
    erreur = rejet(fichiers)
    assert (erreur.code, erreur.fichier) == ("FICHIER_TRONQUE", nom)
    assert erreur.message.startswith(f"le fichier {nom} est tronqué (pas de fin EOMT)")


def test_des_octets_quelconques_finis_par_eomt_ne_sont_pas_un_fichier_vide():
    fichiers = ecrire_lot(petite_feuille()) | {"ED0A01S1.VEC": b"\x8f\x02rien de lisible\r\nEOMT 00:\r\n"}
    erreur = rejet(fichiers)
    assert (erreur.code, erreur.fichier) == ("FICHIER_TRONQUE", "ED0A01S1.VEC")
    assert "ni début BOMT ni aucun bloc" in erreur.message


def test_fichier_vide_ou_sans_ligne_est_tronque():
    for contenu in (b"", b"\r\n", b"<html>"):
        fichiers = ecrire_lot(petite_feuille()) | {"ED0A01S1.VEC": contenu}
        assert rejet(fichiers).code == "FICHIER_TRONQUE"


def test_crs_inconnu_nomme_le_code_et_ceux_qui_sont_reconnus():
    erreur = rejet(ecrire_lot(petite_feuille(crs="LAMB99X")))
    assert erreur.code == "CRS_INCONNU"
    assert erreur.message.startswith(
        "Projection « LAMB99X » inconnue : la feuille n'est pas importée. Codes reconnus : LAMB93, RGF93CC42"
    )


def test_feuille_absente():
    feuille = petite_feuille()
    del feuille.relations["PARCELLE_SUBDSECT"], feuille.relations["SUBDSECT_SECTION"]
    feuille.objets["SUBDSECT"].attributs["IDU"][0] = None
    assert rejet(ecrire_lot(feuille)).code == "FEUILLE_ABSENTE"


def test_fichiers_optionnels_absents():
    fichiers = ecrire_lot(petite_feuille())
    for extension in ("DIC", "SCD", "GEN", "QAL"):
        del fichiers[f"ED0A01SE.{extension}"]
    relue = lire_lot(fichiers)
    assert [a.code for a in relue.anomalies] == ["FICHIER_OPTIONNEL_ABSENT"] * 4
    assert all("dates" in ligne for ligne in differences(petite_feuille(), relue))


def test_noms_de_fichiers_en_minuscules_et_dans_un_dossier():
    fichiers = {f"dossier/{nom.lower()}": contenu for nom, contenu in ecrire_lot(petite_feuille()).items()}
    assert differences(petite_feuille(), lire_lot(fichiers)) == []


def test_plusieurs_lots_dans_un_thf():
    un = petite_feuille()
    deux = petite_feuille(lot="ED0A02", code10="9990000A02")
    deux.objets["SUBDSECT"].attributs["IDU"][0] = "9990000A02"
    fichiers_un, fichiers_deux = ecrire_lot(un), ecrire_lot(deux)
    thf_un, thf_deux = fichiers_un.pop("E0000A01.THF"), fichiers_deux.pop("E0000A02.THF")
    gtl = thf_deux[thf_deux.index(b"RTYSA03:GTL") : thf_deux.index(b"EOMT")]
    thf = thf_un.replace(b"EOMT 00:", gtl + b"EOMT 00:").replace(b"LOCSN01:1", b"LOCSN01:2")
    fichiers = fichiers_un | fichiers_deux | {"E0000A01.THF": thf}
    premiere, seconde = lire_lots(fichiers)
    assert differences(un, premiere) == []
    assert differences(deux, seconde) == []
    erreur = rejet(fichiers)
    assert erreur.code == "THF_INVALIDE"
    assert "2 lots" in erreur.message


@pytest.mark.parametrize(("code", "epsg"), EPSG_PAR_CODE.items())
def test_chaque_code_de_projection_est_lu(code, epsg):
    feuille = lire_lot(ecrire_lot(petite_feuille(crs=code, epsg=epsg)))
    assert (feuille.crs, feuille.epsg) == (code, epsg)


def test_tables_des_projections():
    assert EPSG_PAR_CODE["RGF93CC42"] == 3942
    assert EPSG_PAR_CODE["RGF93CC50"] == 3950
    assert EPSG_PAR_CODE["LAMBE"] == EPSG_PAR_CODE["LAMB2C"] == 27572
    assert EPSG_PAR_CODE["RGR92UTM"] == EPSG_PAR_CODE["RGR92UTM40S"] == 2975
    assert SOURCES_PAR_TERRITOIRE[5490] == {5490, 2970, 2969, 2973, 32620}
    assert SOURCES_PAR_TERRITOIRE[2975] == {2975, 3727}
    assert SOURCES_PAR_TERRITOIRE[2154] >= EPSG_AVEC_GRILLE
    accepte = set().union(*SOURCES_PAR_TERRITOIRE.values())
    assert accepte == set(EPSG_PAR_CODE.values()), "every code is accepted by one territory"
    assert {EPSG_PAR_CODE[code] for code in CODES_APPROCHES} == {2969, 2970}
    assert all(EPSG_PAR_CODE[code_de_epsg(epsg)] == epsg for epsg in EPSG_PAR_CODE.values())
