"""GDAL as oracle: every object of every layer has the geometry, attributes and dates that we read."""

from __future__ import annotations

import pytest
import shapely

from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.lecteur import lire_lot
from gis_data.formats.edigeo.modele import Feuille
from tests.donnees import FEUILLES, fichiers_feuille, fichiers_variante

from .mesures import lire_par_gdal, petite_feuille

pytest.importorskip("pyogrio")
OGR_EN_PLUS = {"OGR_OBJ_LNK", "OGR_OBJ_LNK_LAYER", "OGR_ATR_VAL", "OGR_ANGLE", "OGR_FONT_SIZE"}


@pytest.fixture(scope="module", params=FEUILLES)
def lectures(request, tmp_path_factory) -> tuple[Feuille, dict]:
    """One real sheet, as we read it and as GDAL does."""
    fichiers = fichiers_feuille(request.param)
    return lire_lot(fichiers), lire_par_gdal(fichiers, tmp_path_factory.mktemp(request.param))


def couche(type_: str) -> str:
    return "ID_S_OBJ_Z_1_2_2" if type_ == "ECRITURE" else f"{type_}_id"


def ecarts(feuille: Feuille, par_gdal: dict) -> dict[tuple[str, str], str]:
    """(type, RID) -> what differs, for every object of ours and of GDAL's."""
    resultat = {}
    for type_, objets in feuille.objets.items():
        champs, geoms = par_gdal.get(couche(type_), ({"OBJECT_RID": []}, []))
        rangs = {rid: i for i, rid in enumerate(champs["OBJECT_RID"])}
        for i, rid in enumerate(objets.rid):
            if rid not in rangs:
                resultat[type_, rid] = "absent de GDAL"
                continue
            notre, leur = objets.geom[i], geoms[rangs[rid]]
            ligne = {nom: valeurs[rangs[rid]] for nom, valeurs in champs.items()}
            if not meme_geometrie(notre, leur):
                resultat[type_, rid] = "geometrie"
            elif detail := ecart_d_attributs(objets, i, ligne):
                resultat[type_, rid] = detail
        for rid in rangs.keys() - set(objets.rid):
            resultat[type_, rid] = "absent de nous"
    return resultat


def meme_geometrie(notre, leur) -> bool:
    if notre is None:
        return leur is None
    if shapely.get_dimensions(notre) < 2:
        return bool(shapely.equals_exact(notre, leur, 0))
    return leur.is_valid and shapely.symmetric_difference(notre, leur).area <= 0.01


def ecart_d_attributs(objets, rang: int, ligne: dict) -> str | None:
    for nom, leur in ligne.items():
        if nom in ("CREAT_DATE", "UPDATE_DATE"):
            jour = (objets.date_obs if nom == "CREAT_DATE" else objets.date_maj)[rang]
            attendu = int(jour.strftime("%Y%m%d")) if jour else None
            if (None if leur is None or leur != leur else int(leur)) != attendu:
                return f"{nom} {leur} {jour}"
        elif nom not in OGR_EN_PLUS | {"OBJECT_RID"}:
            notre = objets.attributs.get(nom, [None] * len(objets))[rang]
            if nom == "ATR":
                leur = leur.removesuffix("_id")  # noqa: PLW2901
            if isinstance(leur, float):
                if (None if leur != leur else leur) != (None if notre is None else float(notre)):
                    return f"{nom} {leur} {notre}"
            elif (leur or "") != (notre or ""):
                return f"{nom} {leur} {notre}"
    return None


def test_chaque_objet_d_une_feuille_reelle_est_celui_de_gdal(lectures):
    feuille, par_gdal = lectures
    assert ecarts(feuille, par_gdal) == {}
    assert {couche(type_) for type_ in feuille.objets} == set(par_gdal) - couches_vides(par_gdal)


def test_le_texte_des_ecritures_se_lit_sur_le_meme_objet_que_gdal(lectures):
    feuille, par_gdal = lectures
    champs, _ = par_gdal["ID_S_OBJ_Z_1_2_2"]
    attendu = {
        rid: (couche_.removesuffix("_id"), lie, texte)
        for rid, couche_, lie, texte in zip(
            champs["OBJECT_RID"],
            champs["OGR_OBJ_LNK_LAYER"],
            champs["OGR_OBJ_LNK"],
            champs["OGR_ATR_VAL"],
            strict=True,
        )
    }
    lus = {}
    for ecriture, numero in feuille.relations["IS_S_REL_IWW"].membres.tolist():
        _, i = feuille.objet(ecriture)
        type_, j = feuille.objet(numero)
        textes = feuille.objets[type_].attributs[feuille.objets["ECRITURE"].attributs["ATR"][i]]
        lus[feuille.objets["ECRITURE"].rid[i]] = (type_, feuille.objets[type_].rid[j], textes[j])
    assert lus == attendu


def test_la_petite_feuille_ecrite_est_lue_de_meme_par_gdal(tmp_path):
    fichiers = ecrire_lot(petite_feuille())
    assert ecarts(lire_lot(fichiers), lire_par_gdal(fichiers, tmp_path)) == {}


def test_les_ecarts_sur_les_objets_degeneres_sont_connus(tmp_path):
    """GDAL drops objects without geometry, keeps a polygon of no area (9001), leaves the figure-8 invalid."""
    fichiers = fichiers_variante("objets-degeneres/edigeo-25354000AB01.tar.bz2")
    assert ecarts(lire_lot(fichiers), lire_par_gdal(fichiers, tmp_path)) == {
        ("PARCELLE", "Objet_9001"): "geometrie",
        ("PARCELLE", "Objet_9002"): "absent de GDAL",
        ("PARCELLE", "Objet_9003"): "absent de GDAL",
        ("PARCELLE", "Objet_9004"): "absent de GDAL",
        ("LIEUDIT", "Objet_9101"): "geometrie",
    }


def couches_vides(par_gdal: dict) -> set[str]:
    return {nom for nom, (_, geoms) in par_gdal.items() if not len(geoms)}
