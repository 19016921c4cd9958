"""Geometry from faulty or rare primitives: nothing is lost, nothing is invented, all is said."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import shapely

from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.formats.edigeo.lecteur import lire_lot
from gis_data.formats.edigeo.modele import Feuille

from .mesures import carre, objets, petite_feuille

S1 = "ED0A01S1.VEC"


def champ(nom: str, valeur: str) -> str:
    return f"{nom}{len(valeur):02d}:{valeur}\r\n"


def reference(rty: str, rid: str, sous_ensemble: str = "SeSPA_1") -> str:
    return f"ED0A01;{sous_ensemble};{rty};{rid}"


def bloc(rty: str, rid: str, schema: str, *suite: str) -> str:
    tete = champ("RTYSA", rty) + champ("RIDSA", rid) + "\r\n"
    return tete + champ("SCPCP", f"ED0A01;SeSD;{schema}") + "".join(suite) + "\r\n"


def arc(rid: str, *sommets: tuple[float, float], genre: str = "1", annonce: int | None = None) -> str:
    cor = [champ("CORCC", f"{x:+.2f};{y:+.2f};") for x, y in sommets]
    ptc = champ("PTCSN", str(len(sommets) if annonce is None else annonce))
    return bloc("PAR", rid, "PGE;ID_S_PRI_ARC", champ("TYPSN", genre), ptc, *cor)


def lien(nom: str, *membres: str, nature: str = "REL", sens: str = "") -> str:
    suite = []
    for rang, membre in enumerate(membres):
        suite.append(champ("FTPCP", membre))
        if sens and rang:
            suite.append(champ("SNSSA", sens[rang - 1]))
    rid = f"Lien_{nom}_{abs(hash(membres))}"
    return bloc("LNK", rid, f"{nature};{nom}", champ("FTCSN", str(len(membres))), *suite)


def objet(rid: str, type_: str, *attributs: tuple[str, str]) -> str:
    suite = []
    for nom, valeur in attributs:
        suite += [champ("ATPCP", f"ED0A01;SeSD;ATT;{nom}_id"), champ("ATVST", valeur)]
    return bloc("FEA", rid, f"OBJ;{type_}_id", *suite)


def face(rid: str, gauche: list[str], droite: list[str] = ()) -> str:
    """A face and the links of its arcs."""
    texte = bloc("PFE", rid, "PGE;ID_S_PRI_FAC")
    for cote, arcs in (("GCHE", gauche), ("DRTE", droite)):
        texte += "".join(
            lien(f"ID_S_RCO_FAC_{cote}", reference("PAR", a), reference("PFE", rid)) for a in arcs
        )
    return texte


def surface(rid: str, *faces: str, type_: str = "TSURF") -> str:
    membres = [reference("FEA", rid), *(reference("PFE", f) for f in faces)]
    return objet(rid, type_) + lien(f"ID_S_RCO_{type_}_id", *membres)


def lire_avec(texte: str) -> Feuille:
    """The small sheet with these blocks added to its S1 file."""
    fichiers = ecrire_lot(petite_feuille())
    fichiers[S1] = fichiers[S1].replace(b"EOMT 00:", texte.encode("latin-1") + b"EOMT 00:")
    return lire_lot(fichiers)


def anomalies(feuille: Feuille) -> list[tuple[str, str, str]]:
    return [(a.code, a.type, a.identifiant) for a in feuille.anomalies]


CARRE = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0)]
TROU = [(2, 2), (2, 4), (4, 4), (4, 2), (2, 2)]


def test_face_de_plusieurs_arcs_dans_n_importe_quel_sens():
    texte = arc("A", *CARRE[:3]) + arc("B", *CARRE[2:][::-1]) + face("F", ["A"], ["B"]) + surface("O", "F")
    feuille = lire_avec(texte)
    assert feuille.objets["TSURF"].geom[0].equals(shapely.Polygon(CARRE))
    assert feuille.anomalies == ()


def test_arc_pendant_ayant_la_face_des_deux_cotes_est_ignore():
    texte = arc("A", *CARRE) + arc("P", (10, 5), (5, 5)) + face("F", ["A", "P"], ["P"]) + surface("O", "F")
    feuille = lire_avec(texte)
    assert feuille.objets["TSURF"].geom[0].equals(shapely.Polygon(CARRE))
    assert feuille.anomalies == ()


def test_arc_pendant_d_un_seul_cote_n_est_ni_suivi_ni_ferme():
    for pendant in ([(10, 0), (20, 3), (30, 9)], [(30, 9), (20, 3), (10, 0)]):
        texte = (
            arc("A", *CARRE[1:], CARRE[1]) + arc("P", *pendant) + face("F", ["A", "P"]) + surface("O", "F")
        )
        feuille = lire_avec(texte)
        assert feuille.objets["TSURF"].geom[0].equals(shapely.Polygon(CARRE))
        assert anomalies(feuille) == [("GEOMETRIE_REPAREE", "TSURF", "O")]


def test_un_lien_ecrit_deux_fois_compte_une_fois():
    cote = lien("ID_S_RCO_FAC_GCHE", reference("PAR", "A"), reference("PFE", "F"))
    feuille = lire_avec(arc("A", *CARRE) + face("F", ["A"]) + cote + surface("O", "F", "F"))
    assert feuille.objets["TSURF"].geom[0].area == 100
    assert feuille.anomalies == ()


def test_deux_faces_voisines_d_un_objet_font_une_surface():
    texte = (
        arc("G", (10, 10), (0, 10), (0, 0), (10, 0))
        + arc("M", (10, 0), (10, 10))
        + arc("D", (10, 0), (20, 0), (20, 10), (10, 10))
        + face("F1", ["G", "M"])
        + face("F2", ["D"], ["M"])
        + surface("O", "F1", "F2")
    )
    feuille = lire_avec(texte)
    assert feuille.objets["TSURF"].geom[0].equals(shapely.box(0, 0, 20, 10))
    assert feuille.anomalies == ()


def test_faces_disjointes_et_enclave_dans_un_trou():
    texte = (
        arc("A", *CARRE) + arc("T", *TROU) + arc("I", (2.5, 2.5), (3.5, 2.5), (3, 3.5), (2.5, 2.5))
        + arc("L", (50, 50), (60, 50), (55, 60), (50, 50))
        + face("F1", ["A", "T"]) + face("F2", ["I"]) + face("F3", ["L"])
        + surface("O", "F1", "F2", "F3")
    )  # fmt: skip
    feuille = lire_avec(texte)
    geom = feuille.objets["TSURF"].geom[0]
    assert geom.geom_type == "MultiPolygon"
    assert geom.area == pytest.approx(96 + 0.5 + 50)
    assert feuille.anomalies == ()


def test_le_creux_entre_deux_faces_qui_se_touchent_en_deux_points_reste_vide():
    # A « C » and a bar that closes it by its corners: build_area alone would fill the middle.
    c = [(10, 5), (10, 0), (0, 0), (0, 20), (10, 20), (10, 15), (5, 15), (5, 5), (10, 5)]
    barre = [(10, 5), (15, 5), (15, 15), (10, 15), (12, 10), (10, 5)]
    texte = arc("C", *c[::-1]) + arc("B", *barre) + face("F1", ["C"]) + face("F2", ["B"])
    feuille = lire_avec(texte + surface("O", "F1", "F2"))
    geom = feuille.objets["TSURF"].geom[0]
    attendu = shapely.MultiPolygon([shapely.Polygon(c), shapely.Polygon(barre)])
    assert attendu.is_valid
    assert geom.equals(attendu)
    assert not geom.contains(shapely.Point(8, 10))
    assert feuille.anomalies == ()


def test_trou_dont_l_arc_dit_la_face_du_mauvais_cote():
    feuille = lire_avec(arc("A", *CARRE) + arc("T", *TROU[::-1]) + face("F", ["A", "T"]) + surface("O", "F"))
    assert feuille.objets["TSURF"].geom[0].equals(shapely.Polygon(CARRE, [TROU]))
    assert anomalies(feuille) == [("GEOMETRIE_REPAREE", "TSURF", "O")]
    assert "se contredisent" in feuille.anomalies[0].detail


def test_arcs_tous_dans_le_mauvais_sens_sans_anomalie():
    texte = arc("A", *CARRE[::-1]) + arc("T", *TROU[::-1]) + face("F", ["A", "T"]) + surface("O", "F")
    feuille = lire_avec(texte)
    assert feuille.objets["TSURF"].geom[0].equals(shapely.Polygon(CARRE, [TROU]))
    assert feuille.anomalies == ()


def test_noeud_papillon_repare_avec_ses_deux_lobes():
    huit = [(0, 0), (10, 10), (10, 0), (0, 10), (0, 0)]
    feuille = lire_avec(arc("A", *huit) + face("F", ["A"]) + surface("O", "F"))
    geom = feuille.objets["TSURF"].geom[0]
    assert (geom.geom_type, geom.area, geom.is_valid) == ("MultiPolygon", 50, True)
    assert anomalies(feuille) == [("GEOMETRIE_REPAREE", "TSURF", "O")]
    assert feuille.anomalies[0].sous_ensemble == "SeSPA_1"
    assert shapely.Point(feuille.anomalies[0].point).within(geom)


@pytest.mark.parametrize(
    "sommets",
    [
        [(0, 0), (10, 0), (10, 10), (0, 10)],
        [(0, 0), (10, 0), (5, 0), (0, 0)],
        [(0, 0), (0, 0), (0, 0), (0, 0)],
        [(0, 0), (10, 0)],
        [(3, 3)],
        [],
    ],
    ids=["ouvert", "plat", "un point répété", "un segment", "un point", "rien"],
)
def test_contour_sans_surface_donne_une_geometrie_absente(sommets):
    feuille = lire_avec(arc("A", *sommets) + face("F", ["A"]) + surface("O", "F"))
    assert feuille.objets["TSURF"].geom[0] is None
    assert anomalies(feuille) == [("GEOMETRIE_ABSENTE", "TSURF", "O")]
    assert feuille.anomalies[0].ecrit


def test_trou_ouvert_laisse_de_cote_et_signale():
    feuille = lire_avec(arc("A", *CARRE) + arc("T", *TROU[:-1]) + face("F", ["A", "T"]) + surface("O", "F"))
    assert feuille.objets["TSURF"].geom[0].area == 100
    assert anomalies(feuille) == [("GEOMETRIE_REPAREE", "TSURF", "O")]
    assert "n'est pas fermée" in feuille.anomalies[0].detail


def test_objet_sans_aucun_lien_de_construction():
    feuille = lire_avec(objet("O", "TSURF"))
    assert feuille.objets["TSURF"].geom[0] is None
    assert anomalies(feuille) == [("GEOMETRIE_ABSENTE", "TSURF", "O")]


def test_face_absente_dont_les_arcs_sont_la():
    texte = arc("A", *CARRE) + lien("ID_S_RCO_FAC_GCHE", reference("PAR", "A"), reference("PFE", "F"))
    feuille = lire_avec(texte + surface("O", "F"))
    assert feuille.objets["TSURF"].geom[0].area == 100
    assert anomalies(feuille) == [("PRIMITIVE_ABSENTE", "TSURF", "O")]


def test_face_absente_sans_arcs():
    feuille = lire_avec(surface("O", "F"))
    assert anomalies(feuille) == [("PRIMITIVE_ABSENTE", "TSURF", "O"), ("GEOMETRIE_ABSENTE", "TSURF", "O")]


def test_arc_absent_d_une_face():
    feuille = lire_avec(arc("A", *CARRE[:3]) + face("F", ["A", "B"]) + surface("O", "F"))
    assert feuille.objets["TSURF"].geom[0] is None
    assert anomalies(feuille) == [("PRIMITIVE_ABSENTE", "TSURF", "O"), ("GEOMETRIE_ABSENTE", "TSURF", "O")]


@pytest.mark.parametrize("genre", ["2", "3"])
def test_arc_courbe_dessine_par_ses_sommets(genre):
    feuille = lire_avec(arc("A", *CARRE, genre=genre) + face("F", ["A"]) + surface("O", "F"))
    assert feuille.objets["TSURF"].geom[0].area == 100
    assert anomalies(feuille) == [("VALEUR_INVALIDE", "PAR", "A")]
    assert f"type {genre}" in feuille.anomalies[0].detail


def test_nombre_de_points_faux():
    feuille = lire_avec(arc("A", *CARRE, annonce=7) + face("F", ["A"]) + surface("O", "F"))
    assert feuille.objets["TSURF"].geom[0].area == 100
    assert anomalies(feuille) == [("VALEUR_INVALIDE", "PAR", "A")]
    assert "points annoncés : 7, lus : 5" in feuille.anomalies[0].detail


def test_un_point_illisible_ne_deforme_pas_la_surface():
    texte = re.sub(r"CORCC14:\+10.00;\+10.00;", "CORCC14:+1O.00;+10.00;", arc("A", *CARRE))
    feuille = lire_avec(texte + face("F", ["A"]) + surface("O", "F"))
    assert feuille.objets["TSURF"].geom[0] is None
    codes = [code for code, _, _ in anomalies(feuille)]
    assert codes[0] == "VALEUR_INVALIDE"
    assert codes[-1] == "GEOMETRIE_ABSENTE"
    assert "+1O.00" in feuille.anomalies[0].detail


def ligne(rid: str, *arcs: str, sens: str) -> str:
    return objet(rid, "TLINE") + lien(
        "ID_S_RCO_TLINE_id", reference("FEA", rid), *(reference("PAR", a) for a in arcs), sens=sens
    )


def test_arcs_d_une_ligne_joints_dans_l_ordre_avec_leur_sens():
    texte = arc("A", (0, 0), (1, 0)) + arc("B", (2, 5), (1, 0)) + arc("C", (2, 5), (3, 3))
    (geom,) = lire_avec(texte + ligne("O", "A", "B", "C", sens="PMP")).objets["TLINE"].geom
    assert geom.equals_exact(shapely.LineString([(0, 0), (1, 0), (2, 5), (3, 3)]), 0)


def test_arcs_qui_ne_se_touchent_pas_font_plusieurs_lignes_sans_accrochage():
    texte = arc("A", (0, 0), (1, 0)) + arc("B", (1.01, 0), (2, 0))
    (geom,) = lire_avec(texte + ligne("O", "A", "B", sens="PM")).objets["TLINE"].geom
    assert geom.equals_exact(shapely.MultiLineString([[(0, 0), (1, 0)], [(2, 0), (1.01, 0)]]), 0)


def test_ligne_dont_un_arc_manque_garde_les_autres():
    feuille = lire_avec(arc("A", (0, 0), (1, 0)) + ligne("O", "A", "B", sens="PP"))
    assert feuille.objets["TLINE"].geom[0].equals_exact(shapely.LineString([(0, 0), (1, 0)]), 0)
    assert anomalies(feuille) == [("PRIMITIVE_ABSENTE", "TLINE", "O")]


def test_point_dont_le_noeud_manque():
    texte = objet("O", "CROIX") + lien("ID_S_RCO_CROIX_id", reference("FEA", "O"), reference("PNO", "N"))
    assert anomalies(lire_avec(texte)) == [
        ("PRIMITIVE_ABSENTE", "CROIX", "O"),
        ("GEOMETRIE_ABSENTE", "CROIX", "O"),
    ]


def test_primitive_liee_a_un_objet_absent():
    texte = arc("A", *CARRE) + face("F", ["A"])
    texte += lien("ID_S_RCO_TSURF_id", reference("FEA", "O"), reference("PFE", "F"))
    feuille = lire_avec(texte)
    assert [(code, type_) for code, type_, _ in anomalies(feuille)] == [
        ("RELATION_ORPHELINE", "ID_S_RCO_TSURF_id")
    ]
    assert "TSURF" not in feuille.objets


def test_reference_d_une_autre_casse_ou_avec_des_blancs():
    texte = arc("A", *CARRE) + face("F", ["A"]) + objet("O", "TSURF")
    texte += lien("ID_S_RCO_TSURF_id", "ed0a01;SeSPA_1;FEA;O", "ED0A01;SESPA_1;PFE; F")
    feuille = lire_avec(texte)
    assert feuille.objets["TSURF"].geom[0].area == 100
    assert feuille.anomalies == ()


def test_les_memes_ids_dans_deux_fichiers_ne_se_melangent_pas():
    feuille = petite_feuille()
    feuille.objets["TSURF"] = objets("TSURF", [(f"P{i}", {}, carre(500 * i, 500)) for i in range(4)])
    relue = lire_lot(ecrire_lot(feuille))
    assert shapely.area(relue.objets["PARCELLE"].geom).tolist() == [10000, 9600, 10000]
    assert shapely.area(relue.objets["TSURF"].geom).tolist() == [10000] * 4


# -- attributes and relations ------------------------------------------------------------------------


def test_classe_inconnue_gardee_entiere():
    feuille = lire_avec(objet("O", "KIOSQUE", ("COULEUR", "vert"), ("TEX", "")))
    assert feuille.objets["KIOSQUE"].attributs == {"COULEUR": ["vert"], "TEX": [""]}
    assert [a[:2] for a in anomalies(feuille)] == [
        ("GEOMETRIE_ABSENTE", "KIOSQUE"),
        ("CLASSE_INCONNUE", "KIOSQUE"),
    ]


def test_attribut_donne_deux_fois_le_premier_est_garde_l_autre_est_dit():
    feuille = lire_avec(objet("O", "TSURF", ("TEX", "un"), ("TEX", "deux")))
    assert feuille.objets["TSURF"].attributs["TEX"] == ["un"]
    assert anomalies(feuille)[0] == ("VALEUR_INVALIDE", "TSURF", "O")
    assert "deux" in feuille.anomalies[0].detail


def test_attribut_sans_valeur_et_valeur_sans_attribut():
    sans_valeur = objet("O", "TSURF", ("TEX", "un")).replace("ATVST02:un\r\n", "")
    sans_nom = objet("Q", "TSURF", ("TEX", "un")).replace(champ("ATPCP", "ED0A01;SeSD;ATT;TEX_id"), "")
    feuille = lire_avec(sans_valeur + sans_nom)
    assert [feuille.objets["TSURF"].attributs.get("TEX", [None, None])[i] for i in range(2)] == [None, None]


def test_identifiant_en_double_les_deux_objets_sont_gardes():
    feuille = lire_avec(objet("O", "TSURF", ("TEX", "a")) + objet("O", "TSURF", ("TEX", "b")))
    assert feuille.objets["TSURF"].attributs["TEX"] == ["a", "b"]
    assert ("VALEUR_INVALIDE", "TSURF", "O") in anomalies(feuille)
    assert {a.sous_ensemble for a in feuille.anomalies} == {"SeSPA_1"}


def relation(nom: str, *membres: str) -> str:
    return lien(nom, *membres, nature="ASS")


def test_relation_dont_les_membres_sont_dans_l_autre_ordre_et_dans_un_autre_fichier():
    texte = relation("NUMVOIE_PARCELLE", reference("FEA", "P2", "SeTOP_1"), reference("FEA", "N1"))
    feuille = lire_avec(texte)
    lues = feuille.relations["NUMVOIE_PARCELLE"]
    assert lues.lues == 2
    assert [[feuille.objet(n) for n in paire] for paire in lues.membres.tolist()] == [
        [("NUMVOIE", 0), ("PARCELLE", 0)],
        [("NUMVOIE", 0), ("PARCELLE", 1)],
    ]


@pytest.mark.parametrize(
    ("membres", "cite"),
    [
        ([reference("FEA", "N1"), reference("FEA", "X9", "SeTOP_1")], "X9"),
        ([reference("FEA", "N1"), reference("FEA", "B1")], "BATIMENT B1"),
        ([reference("FEA", "N1")], "n'existe pas"),
        ([], "n'existe pas"),
        ([reference("FEA", "N1"), "n'importe quoi"], "n'importe quoi"),
    ],
    ids=["absent", "mauvaise classe", "seul", "vide", "illisible"],
)
def test_relation_orpheline_lue_mais_pas_ecrite(membres, cite):
    feuille = lire_avec(relation("NUMVOIE_PARCELLE", *membres))
    assert feuille.relations["NUMVOIE_PARCELLE"].lues == 2
    assert len(feuille.relations["NUMVOIE_PARCELLE"].membres) == 1
    (anomalie,) = feuille.anomalies
    assert (anomalie.code, anomalie.type, anomalie.ecrit) == ("RELATION_ORPHELINE", "NUMVOIE_PARCELLE", False)
    assert cite in anomalie.detail


def test_relation_de_trois_membres_fait_deux_paires():
    membres = [reference("FEA", "B1"), *(reference("FEA", f"P{i}", "SeTOP_1") for i in (2, 3))]
    feuille = lire_avec(relation("BATIMENT_PARCELLE", *membres))
    lues = feuille.relations["BATIMENT_PARCELLE"]
    assert lues.lues == len(lues.membres) == 4


def test_relation_inconnue_dont_le_nom_dit_les_classes():
    membres = [reference("FEA", "P1", "SeTOP_1"), reference("FEA", "B1")]
    feuille = lire_avec(relation("BATIMENT_PARCELLE_BIS", *membres) + relation("VOISINS", *membres))
    classes = {
        nom: [feuille.objet(n)[0] for n in feuille.relations[nom].membres[0].tolist()]
        for nom in ("BATIMENT_PARCELLE_BIS", "VOISINS")
    }
    assert classes == {
        "BATIMENT_PARCELLE_BIS": ["BATIMENT", "PARCELLE"],
        "VOISINS": ["PARCELLE", "BATIMENT"],
    }


def test_detopo_commune_met_la_commune_en_second():
    texte = objet("O", "TSURF")
    texte += relation("DETOPO_COMMUNE", reference("FEA", "C1"), reference("FEA", "O"))
    feuille = lire_avec(texte)
    (paire,) = feuille.relations["DETOPO_COMMUNE"].membres.tolist()
    assert [feuille.objet(n)[0] for n in paire] == ["TSURF", "COMMUNE"]


def test_les_types_gardent_leur_place_quel_que_soit_l_ordre_du_fichier():
    feuille = petite_feuille()
    inverse = replace(feuille, objets=dict(reversed(feuille.objets.items())), relations={})
    assert list(lire_lot(ecrire_lot(inverse)).objets) == list(lire_lot(ecrire_lot(feuille)).objets)
