"""Writer: line and topology rules, and what is written is read back equal."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
import shapely

from gis_data.formats.edigeo.comparaison import differences
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.lecteur import lire_lot
from tests.donnees import FEUILLES, fichiers_feuille

from .mesures import carre, lire_par_gdal, objets, petite_feuille


def blocs(contenu: bytes) -> list[list[str]]:
    """Lines of each block of a file."""
    return [b.splitlines() for b in contenu.decode("latin-1").split("RTYSA03:")[1:]]


def valeurs(bloc: list[str], champ: str) -> list[str]:
    return [ligne[8:] for ligne in bloc if ligne.startswith(champ)]


def test_la_petite_feuille_est_relue_telle_quelle():
    feuille = petite_feuille()
    relue = lire_lot(ecrire_lot(feuille))
    assert differences(feuille, relue) == []
    assert relue.anomalies == ()


@pytest.mark.parametrize("id12", FEUILLES)
def test_une_feuille_reelle_ecrite_garde_tout(id12):
    feuille = lire_lot(fichiers_feuille(id12))
    relue = lire_lot(ecrire_lot(feuille))
    assert differences(feuille, relue) == []
    assert relue.anomalies == ()
    lues = {nom: r.lues for nom, r in feuille.relations.items()}
    assert {nom: r.lues for nom, r in relue.relations.items()} == lues


def test_les_noms_des_fichiers_viennent_du_lot_et_de_la_feuille():
    attendus = {f"ED0A01{s}" for s in ("T1.VEC", "T2.VEC", "T3.VEC", "S1.VEC")}
    attendus |= {f"ED0A01SE.{e}" for e in ("GEN", "GEO", "QAL", "DIC", "SCD")}
    assert set(ecrire_lot(petite_feuille())) == attendus | {"E0000A01.THF"}


@pytest.mark.parametrize("source", ["petite", "380040000B01"])
def test_lignes_de_80_octets_au_plus_longueurs_exactes_crlf(source):
    feuille = petite_feuille() if source == "petite" else lire_lot(fichiers_feuille(source))
    long = ["mot" * 50 + " é" + "fin" * 20, *[None] * (len(feuille.objets["ZONCOMMUNI"]) - 1)]
    rues = replace(feuille.objets["ZONCOMMUNI"])
    rues.attributs["TEX9"] = long
    for nom, contenu in ecrire_lot(feuille).items():
        assert contenu.endswith(b"EOMT 00:\r\n")
        lignes = contenu.split(b"\r\n")
        assert lignes[0] == f"BOMT {len(nom):02d}:{nom}".encode()
        assert lignes[1] == b"CSET 03:IRV"
        for ligne in lignes:
            assert b"\n" not in ligne
            assert len(ligne) <= 80
            if ligne:
                assert re.fullmatch(rb"[A-Z0-9]{3}[TSC ][ACDEINPRT ]\d\d:", ligne[:8]), ligne
                assert int(ligne[5:7]) == len(ligne) - 8


def test_les_comptes_annonces_sont_ceux_des_lignes():
    for nom, contenu in ecrire_lot(petite_feuille()).items():
        if not nom.endswith(".VEC"):
            continue
        for bloc in blocs(contenu):
            for compte, champ in (("ATC", "ATP"), ("FTC", "FTP"), ("PTC", "COR"), ("QAC", "QAP")):
                for annonce in valeurs(bloc, compte):
                    assert int(annonce) == len(valeurs(bloc, champ)), bloc


def topologie(contenu: bytes):
    """Arcs (vertices), nodes, faces and links (name, primitive, primitive) of a VEC file."""
    arcs, noeuds, faces, liens = {}, {}, [], []
    for bloc in blocs(contenu):
        rid = valeurs(bloc, "RID")[0]
        if bloc[0] == "PAR":
            arcs[rid] = [tuple(v.split(";")[:2]) for v in valeurs(bloc, "COR")]
        elif bloc[0] == "PNO":
            noeuds[rid] = tuple(valeurs(bloc, "COR")[0].split(";")[:2])
        elif bloc[0] == "PFE":
            faces.append(rid)
        elif bloc[0] == "LNK":
            nom = valeurs(bloc, "SCP")[0].rsplit(";", 1)[1]
            liens.append((nom, *(v.rsplit(";", 1)[1] for v in valeurs(bloc, "FTP"))))
    return arcs, noeuds, faces, liens


@pytest.mark.parametrize("source", ["petite", "740240000A01", "380040000B02"])
@pytest.mark.parametrize("suffixe", ["T1", "T2", "T3"])
def test_topologie_un_arc_a_une_face_de_chaque_cote_et_un_noeud_a_chaque_bout(source, suffixe):
    feuille = petite_feuille() if source == "petite" else lire_lot(fichiers_feuille(source))
    arcs, noeuds, faces, liens = topologie(ecrire_lot(feuille)[f"{feuille.lot}{suffixe}.VEC"])
    assert "Face_0" in faces
    assert len(faces) == len(set(faces))
    par_nom = defaultdict(list)
    for nom, *membres in liens:
        par_nom[nom].append(membres)
    for cote in ("ID_S_RCO_FAC_GCHE", "ID_S_RCO_FAC_DRTE"):
        assert Counter(arc for arc, _ in par_nom[cote]) == Counter(arcs.keys())
    for bout, rang in (("ID_S_RCO_NOD_INI", 0), ("ID_S_RCO_NOD_FIN", -1)):
        assert {arc: noeuds[noeud] for arc, noeud in par_nom[bout]} == {a: s[rang] for a, s in arcs.items()}
    segments = Counter(frozenset(paire) for sommets in arcs.values() for paire in pairwise(sommets))
    assert set(segments.values()) == {1}, "no segment is drawn twice"
    gauche, droite = dict(par_nom["ID_S_RCO_FAC_GCHE"]), dict(par_nom["ID_S_RCO_FAC_DRTE"])
    assert all(gauche[arc] != droite[arc] for arc in arcs)
    # A face lies where its arcs say: its interior on the left of those that have it on the left.
    polygones = {}
    for arc, sommets in arcs.items():
        for face, sens in ((gauche[arc], 1), (droite[arc], -1)):
            points = np.array(sommets, dtype=float)[::sens]
            x, y = points.T
            polygones[face] = polygones.get(face, 0) + (x[:-1] * y[1:] - x[1:] * y[:-1]).sum() / 2
    dehors = polygones.pop("Face_0")
    assert all(aire > 0 for aire in polygones.values())
    assert sum(polygones.values()) == pytest.approx(-dehors, abs=0.5)


def test_les_aires_du_spaghetti_ont_leur_propre_contour():
    arcs, _, faces, liens = topologie(ecrire_lot(petite_feuille())["ED0A01S1.VEC"])
    assert "Face_0" not in faces
    assert [lien for lien in liens if lien[0] == "ID_S_RCO_FAC_DRTE"] == []
    fermes = [s for s in arcs.values() if s[0] == s[-1]]
    assert len(fermes) == len(faces) == 2


def test_les_relations_sont_dans_leur_fichier_et_les_ecritures_avec_leur_objet():
    fichiers = ecrire_lot(petite_feuille())
    ou = {}
    for suffixe in ("T1", "T2", "T3", "S1"):
        for bloc in blocs(fichiers[f"ED0A01{suffixe}.VEC"]):
            schema = valeurs(bloc, "SCP")[0].split(";")
            if schema[2] == "ASS":
                ou.setdefault(schema[3], set()).add(suffixe)
    assert ou == {
        "BATIMENT_PARCELLE": {"S1"},
        "IS_S_REL_IWW": {"T1"},
        "NUMVOIE_PARCELLE": {"T1"},
        "PARCELLE_SUBDSECT": {"T1"},
        "SUBDSECT_SECTION": {"T2"},
        "SECTION_COMMUNE": {"T3"},
    }


def test_une_parcelle_hors_topologie_envoie_toutes_les_parcelles_en_s1():
    feuille = petite_feuille()
    parcelles = feuille.objets["PARCELLE"]
    feuille.objets["PARCELLE"] = replace(parcelles, sous_ensemble=["SeTOP_1", "SeSPA_1", "SeTOP_1"])
    fichiers = ecrire_lot(feuille)
    assert fichiers["ED0A01T1.VEC"] == b"BOMT 12:ED0A01T1.VEC\r\nCSET 03:IRV\r\n\r\nEOMT 00:\r\n"
    relue = lire_lot(fichiers)
    assert set(relue.objets["PARCELLE"].sous_ensemble) == {"SeSPA_1"}
    assert set(relue.objets["ECRITURE"].sous_ensemble) == {"SeSPA_1"}
    assert shapely.area(relue.objets["PARCELLE"].geom).tolist() == [10000, 9600, 10000]


def test_gen_dit_l_emprise_vraie_et_qal_un_bloc_par_objet():
    feuille = petite_feuille()
    fichiers = ecrire_lot(feuille)
    degre = blocs(fichiers["ED0A01SE.GEN"])[0]
    assert valeurs(degre, "CM1") == ["+0.00;+0.00;"]
    assert valeurs(degre, "CM2") == ["+300.00;+100.00;"]
    rids = [valeurs(bloc, "RID")[0] for bloc in blocs(fichiers["ED0A01SE.QAL"])]
    assert len(rids) == len(set(rids)) == sum(map(len, feuille.objets.values()))


def test_deux_objets_de_meme_rid_dans_deux_fichiers_gardent_chacun_leurs_dates():
    feuille = petite_feuille()
    feuille.objets["NUMVOIE"] = replace(feuille.objets["NUMVOIE"], rid=["P1"], date_maj=[None])
    relue = lire_lot(ecrire_lot(feuille))
    assert differences(feuille, relue) == []
    assert relue.objets["NUMVOIE"].date_maj == [None]


def test_deux_trous_qui_se_touchent_une_enclave_et_des_parcelles_qui_se_recouvrent():
    feuille = petite_feuille()
    troues = carre(0, 0, 100, [(20, 20, 20), (40, 40, 20)])
    enclave = carre(120, 20, 20)
    dessus = carre(150, 50)
    lignes = [("P1", {}, troues), ("P2", {}, carre(100, 0, trous=[(120, 20, 20)])), ("P3", {}, enclave)]
    feuille.objets["PARCELLE"] = objets("PARCELLE", [*lignes, ("P4", {}, dessus)], "SeTOP_1")
    for nom in list(feuille.relations):
        del feuille.relations[nom]
    relue = lire_lot(ecrire_lot(feuille))
    assert differences(feuille, relue) == []
    assert relue.anomalies == ()


def test_classe_attribut_et_relation_inconnus_sont_ecrits_et_relus():
    feuille = petite_feuille()
    feuille.objets["KIOSQUE"] = objets("KIOSQUE", [("K1", {"COULEUR": "vert"}, shapely.Point(1, 2))])
    relue = lire_lot(ecrire_lot(feuille))
    assert differences(feuille, relue) == []
    assert [(a.code, a.type) for a in relue.anomalies] == [("CLASSE_INCONNUE", "KIOSQUE")]


@pytest.mark.parametrize(
    ("texte", "motif"),
    [("Chemin du Cœur", "œ"), ("Rue d’en Haut", "’"), ("deux\nlignes", "saut de ligne")],
)
def test_ce_que_le_format_ne_peut_pas_ecrire_est_refuse(texte, motif):
    feuille = petite_feuille()
    feuille.objets["ZONCOMMUNI"].attributs["TEX"][0] = texte
    with pytest.raises(ValueError, match=motif):
        ecrire_lot(feuille)


def test_un_identifiant_en_double_est_refuse():
    feuille = petite_feuille()
    feuille.objets["PARCELLE"] = replace(feuille.objets["PARCELLE"], rid=["P1", "P1", "P3"])
    with pytest.raises(ValueError, match=r"double dans SeTOP_1 : P1"):
        ecrire_lot(feuille)


@pytest.mark.parametrize("source", ["petite", "380040000B01", "25354000ZD01"])
def test_gdal_lit_les_memes_objets_et_les_memes_aires(source, tmp_path):
    pytest.importorskip("pyogrio")
    feuille = petite_feuille() if source == "petite" else lire_lot(fichiers_feuille(source))
    couches = lire_par_gdal(ecrire_lot(feuille), tmp_path)
    for type_, contenu in feuille.objets.items():
        nom = "ID_S_OBJ_Z_1_2_2" if type_ == "ECRITURE" else f"{type_}_id"
        _, geoms = couches[nom]
        assert len(geoms) == len(contenu)
        assert shapely.area(geoms).sum() == pytest.approx(shapely.area(contenu.geom).sum(), abs=0.01)
        if type_ == "ECRITURE":
            continue
        longueur = shapely.length(contenu.geom).sum()
        assert shapely.length(geoms).sum() == pytest.approx(longueur, abs=0.01)
