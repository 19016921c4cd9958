"""Collisions in space and time: each motive, both sides of each threshold, weights, levels, order."""

from __future__ import annotations

import json
import random
from itertools import combinations

import pytest

from domainepublic.regles.conflits import detecter_conflits
from domainepublic.regles.tables.etats import FERME, IGNORE, POIDS_DES_ETATS, PROJET
from domainepublic.regles.tables.types import NIVEAUX, TYPES, compatibilites_par_defaut, paires_de_types
from tests.appels import champ_en_erreur, un

X, Y = 843000, 6518000


def carre(x=0.0, y=0.0, cote=2.0, hauteur=None):
    """Rectangle whose lower left corner is x, y metres from the origin of the tests."""
    droite, haut = X + x + cote, Y + y + (cote if hauteur is None else hauteur)
    gauche, bas = X + x, Y + y
    anneau = [[gauche, bas], [droite, bas], [droite, haut], [gauche, haut], [gauche, bas]]
    return {"type": "Polygon", "coordinates": [anneau]}


def ligne(*points):
    return {"type": "LineString", "coordinates": [[X + x, Y + y] for x, y in points]}


def point(x=0.0, y=0.0):
    return {"type": "Point", "coordinates": [X + x, Y + y]}


def emprise(identifiant, geometrie=None, **champs):
    base = {
        "id": identifiant,
        "geometrie": geometrie or carre(),
        "type": "DEPOT",
        "etat": "accorde",
        "debut": "2026-05-04",
        "fin": "2026-05-05",
    }
    return {cle: valeur for cle, valeur in {**base, **champs}.items() if valeur is not None}


def conflits(*emprises, **champs):
    reponse = un("detecter_conflits", {"emprises": list(emprises), **champs})
    assert "erreur" not in reponse, reponse
    return reponse["conflits"]


def motifs(*emprises, **champs):
    return [(c["a"], c["b"], c["niveau"], c["motif"]) for c in conflits(*emprises, **champs)]


def champ(*emprises, **champs):
    return champ_en_erreur("detecter_conflits", {"emprises": list(emprises), **champs})


# --- overlap ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("largeur", "nombre"), [(0.5, 0), (0.51, 1), (0.49, 0)])
def test_tolerance_stricte_d_un_demi_metre_carre(largeur, nombre):
    voisin = carre(2 - largeur, 0, 2, 1)
    trouves = conflits(emprise("A", carre(0, 0, 2, 1)), emprise("B", voisin))
    assert len(trouves) == nombre


def test_tolerance_reglable_et_bords_qui_se_touchent():
    bord = carre(2)
    assert conflits(emprise("A"), emprise("B", bord), parametres={"tolerance_m2": 0}) == []
    peu = carre(1.9)
    assert len(conflits(emprise("A"), emprise("B", peu), parametres={"tolerance_m2": 0})) == 1
    assert conflits(emprise("A"), emprise("B", peu), parametres={"tolerance_m2": "0.2"}) == []


def test_coordonnees_decimales_sans_bruit_de_calcul():
    """0.1 × 5 m is exactly the tolerance, whatever binary coordinates make of it."""
    a, b = carre(0.1, 0.3, 5, 5), carre(5.0, 0.3, 5, 5)
    assert conflits(emprise("A", a), emprise("B", b)) == []


def test_dossiers():
    assert motifs(emprise("A", dossier="1"), emprise("B", dossier="1")) == []
    assert len(motifs(emprise("A", dossier="1"), emprise("B", dossier="2"))) == 1
    assert len(motifs(emprise("A"), emprise("B"))) == 1
    assert len(motifs(emprise("A"), emprise("B", dossier="1"))) == 1
    assert motifs(emprise("A", dossier=1), emprise("B", dossier="1")) == []


@pytest.mark.parametrize("etat", sorted(POIDS_DES_ETATS))
def test_poids_de_chaque_etat(etat):
    attendu = {FERME: ["bloquant"], PROJET: ["info"], IGNORE: []}[POIDS_DES_ETATS[etat]]
    assert [c["niveau"] for c in conflits(emprise("A"), emprise("B", etat=etat))] == attendu


def test_deux_projets():
    assert motifs(emprise("A", etat="depose"), emprise("B", etat="en_avis"))[0][2] == "info"


@pytest.mark.parametrize("etat", ["brouillon", "depose", "termine"])
def test_le_dossier_examine_est_ferme_quel_que_soit_son_etat(etat):
    paire = [emprise("A"), emprise("B", etat=etat, dossier="D")]
    assert motifs(*paire, examine="D")[0][2] == "bloquant"
    assert motifs(*paire, examine="AUTRE") == motifs(*paire)


def test_examine_ne_concerne_pas_les_emprises_sans_dossier():
    assert motifs(emprise("A", etat="brouillon", largeur_libre=1), examine="D") == []


@pytest.mark.parametrize(
    ("niveau", "ferme", "projet"),
    [
        (None, "bloquant", "info"),
        ("bloquant", "bloquant", "info"),
        ("alerte", "alerte", "info"),
        ("info", "info", "info"),
        ("aucun", None, None),
    ],
)
@pytest.mark.parametrize("sens", [("DEPOT", "BENNE"), ("BENNE", "DEPOT")])
def test_niveau_plafonne_par_la_compatibilite(niveau, ferme, projet, sens):
    ligne_de_paire = [] if niveau is None else [{"a": sens[0], "b": sens[1], "niveau": niveau}]
    for etat, attendu in (("accorde", ferme), ("depose", projet)):
        trouves = motifs(emprise("A"), emprise("B", type="BENNE", etat=etat), compatibilites=ligne_de_paire)
        assert [c[2] for c in trouves] == ([] if attendu is None else [attendu])


def test_la_derniere_ligne_d_une_paire_compte_et_le_niveau_par_defaut_est_aucun():
    paire = [emprise("A"), emprise("B", type="BENNE")]
    lignes = [{"a": "DEPOT", "b": "BENNE"}, {"a": "BENNE", "b": "DEPOT", "niveau": "alerte"}]
    assert motifs(*paire, compatibilites=lignes)[0][2] == "alerte"
    assert motifs(*paire, compatibilites=lignes[::-1]) == []


def test_dates_tronquees_et_nombre_complet():
    longues = [emprise("A", fin="2026-12-31"), emprise("B", fin=None)]
    (conflit,) = conflits(*longues)
    assert (len(conflit["dates"]), conflit["nb_jours"]) == (60, 242)
    (conflit,) = conflits(*longues, parametres={"jours_max": 2})
    assert (conflit["dates"], conflit["nb_jours"]) == (["2026-05-04", "2026-05-05"], 242)
    (conflit,) = conflits(emprise("A", fin=None), emprise("B", fin=None, debut="2026-06-01"))
    assert (conflit["dates"][0], conflit["nb_jours"]) == ("2026-06-01", 365)


def test_jours_bornes_inclus():
    assert len(motifs(emprise("A"), emprise("B", debut="2026-05-05", fin="2026-05-06"))) == 1
    assert motifs(emprise("A"), emprise("B", debut="2026-05-06", fin="2026-05-06")) == []


def test_surface_arrondie_au_demi_superieur():
    (conflit,) = conflits(emprise("A", carre(0, 0, 1, 1)), emprise("B", carre(0.25, 0, 1, 2.34)))
    assert conflit["surface"] == "0.75"
    (conflit,) = conflits(emprise("A", carre(0, 0, 2, 0.5625)), emprise("B", carre(0, 0, 2, 2)))
    assert conflit["surface"] == "1.13"


# --- ground taken by points and lines --------------------------------------------------------------


def prise(geometrie, **champs):
    """Area shared with a very large square."""
    grand = emprise("G", carre(-500, -500, 1000))
    (conflit,) = conflits(grand, emprise("P", geometrie, **champs))
    return conflit["surface"]


def test_point_et_rayon():
    """Regular polygon of 64 sides: 32 r² sin(2π/64)."""
    assert prise(point(), rayon=3) == "28.23"
    deux = {"type": "MultiPoint", "coordinates": [[X, Y], [X + 100, Y]]}
    assert prise(deux, rayon="3") == "56.46"


def test_ligne_et_largeur():
    assert prise(ligne((0, 0), (10, 0)), largeur=2) == "20.00"
    assert prise(ligne((0, 0), (10, 0), (10, 10)), largeur=2) == "40.00"  # square corner by the mitre
    plusieurs = {
        "type": "MultiLineString",
        "coordinates": [[[X, Y], [X + 10, Y]], [[X, Y + 9], [X + 10, Y + 9]]],
    }
    assert prise(plusieurs, largeur=2) == "40.00"
    assert prise(plusieurs, largeur=2, cote="gauche") == "40.00"


@pytest.mark.parametrize(
    ("cote", "temoin"), [("gauche", (0, 2)), ("droite", (-2, 0)), ("axe", (-1, 1)), (None, (-1, 1))]
)
def test_cote_de_la_ligne(cote, temoin):
    """A line drawn eastward: its left is north. The witness rectangle must be taken exactly."""
    bas, haut = temoin
    rectangle = emprise("R", carre(0, bas, 10, haut - bas))
    (conflit,) = conflits(rectangle, emprise("L", ligne((0, 0), (10, 0)), largeur=2, cote=cote))
    assert conflit["surface"] == "20.00"


def test_un_champ_de_l_autre_forme_n_est_pas_lu():
    assert champ(emprise("A", rayon="?", largeur="?", cote="?")) is None
    assert champ(emprise("A", point(), rayon=1, largeur="?", cote="?")) is None
    assert champ(emprise("A", ligne((0, 0), (1, 0)), largeur=1, rayon="?")) is None


# --- trenches --------------------------------------------------------------------------------------


def tranchee(identifiant, y=0.0, **champs):
    base = {"type": "RESEAU", "largeur": 1, "voie": "rue Haute", "operateur": identifiant}
    return emprise(identifiant, ligne((0, y), (20, y)), **{**base, **champs})


COORDINATION = [("A", "B", "info", "coordination_tranchees")]


@pytest.mark.parametrize(("y", "attendu"), [(21, COORDINATION), (21.01, []), (1, COORDINATION)])
def test_vingt_metres_entre_tranchees(y, attendu):
    assert motifs(tranchee("A"), tranchee("B", y)) == attendu


def test_deux_tranchees_cote_a_cote_les_memes_jours():
    (conflit,) = conflits(tranchee("A"), tranchee("B", 5))
    assert (conflit["distance"], conflit["surface"], conflit["dates"], conflit["nb_jours"]) == (
        "4.00",
        None,
        [],
        0,
    )


def test_deux_tranchees_qui_se_recouvrent_le_meme_jour_sont_un_chevauchement():
    assert motifs(tranchee("A"), tranchee("B", 0.5)) == [("A", "B", "bloquant", "chevauchement")]


def test_deux_tranchees_au_meme_endroit_a_d_autres_dates():
    assert motifs(tranchee("A"), tranchee("B", debut="2026-05-20", fin="2026-05-21")) == COORDINATION


@pytest.mark.parametrize(("debut", "attendu"), [("2026-11-04", COORDINATION), ("2026-11-05", [])])
@pytest.mark.parametrize("sens", [1, -1])
def test_six_mois_apres_la_fin_de_la_premiere(debut, attendu, sens):
    paire = [tranchee("A"), tranchee("B", 5, debut=debut, fin=debut)][::sens]
    attendu = [(b, a, *reste) for a, b, *reste in attendu] if sens == -1 else attendu
    assert motifs(*paire) == attendu


def test_fin_inconnue_de_la_premiere():
    assert motifs(tranchee("A", fin=None), tranchee("B", 5, debut="2036-01-01", fin=None)) == COORDINATION
    sans_fin_apres = [tranchee("A"), tranchee("B", 5, debut="2036-01-01", fin=None)]
    assert motifs(*sans_fin_apres) == []


@pytest.mark.parametrize(
    "champs",
    [
        {"type": "DEPOT"},
        {"voie": "rue Basse"},
        {"voie": ""},
        {"voie": None},
        {"operateur": "A"},
        {"operateur": " "},
        {"operateur": None},
        {"etat": "refuse"},
    ],
)
def test_pas_de_coordination(champs):
    assert motifs(tranchee("A"), tranchee("B", 5, **champs)) == []


def test_coordination_ecartee_par_la_compatibilite_ou_le_meme_dossier():
    paire = [tranchee("A"), tranchee("B", 5)]
    aucun = [{"a": "RESEAU", "b": "RESEAU"}]
    assert motifs(*paire, compatibilites=aucun) == []
    assert motifs(*paire, compatibilites=[{**aucun[0], "niveau": "info"}]) == COORDINATION
    assert motifs(*[{**une, "dossier": "D"} for une in paire]) == []


def test_parametres_de_la_coordination():
    paire = [tranchee("A"), tranchee("B", 5, debut="2026-06-05", fin="2026-06-05")]
    assert motifs(*paire, parametres={"delai_tranchees_mois": 1}) == []
    assert motifs(*paire, parametres={"delai_tranchees_mois": 2}) == COORDINATION
    assert motifs(*paire, parametres={"distance_tranchees_m": "3.99"}) == []
    assert motifs(*paire, parametres={"distance_tranchees_m": 4}) == COORDINATION


# --- what the street holds -------------------------------------------------------------------------

ALERTE_REVETEMENT = [("A", "V", "alerte", "revetement_recent")]


def revetement(pose_le="2024-06-15", geometrie=None):
    return [{"id": "V", "geometrie": geometrie or carre(-10, -10, 40), "pose_le": pose_le}]


@pytest.mark.parametrize(
    ("pose_le", "attendu"),
    [
        ("2023-05-04", []),
        ("2023-05-05", ALERTE_REVETEMENT),
        ("2026-05-04", ALERTE_REVETEMENT),
        ("2026-05-05", []),
    ],
)
def test_revetement_de_moins_de_trois_ans(pose_le, attendu):
    assert motifs(tranchee("A"), revetements=revetement(pose_le)) == attendu


def test_revetement_pose_un_29_fevrier():
    posee = revetement("2024-02-29")
    assert motifs(tranchee("A", debut="2027-02-27", fin=None), revetements=posee) == ALERTE_REVETEMENT
    assert motifs(tranchee("A", debut="2027-02-28", fin=None), revetements=posee) == []


def test_revetement_surface_et_tolerance():
    (conflit,) = conflits(tranchee("A"), revetements=revetement())
    assert (conflit["surface"], conflit["distance"], conflit["nb_jours"]) == ("20.00", None, 0)
    assert motifs(tranchee("A"), revetements=revetement(geometrie=carre(0, 0, 1, 0.5))) == []
    assert motifs(tranchee("A"), revetements=revetement(geometrie=carre(0, 0, 1.1, 0.5))) == ALERTE_REVETEMENT


@pytest.mark.parametrize("code", sorted(TYPES))
def test_affecte_le_sol_par_defaut(code):
    une = emprise("A", type=code)
    attendu = ALERTE_REVETEMENT if code in ("RESEAU", "BATEAU") else []
    assert motifs(une, revetements=revetement()) == attendu
    assert motifs({**une, "affecte_sol": True}, revetements=revetement()) == ALERTE_REVETEMENT
    assert motifs({**une, "affecte_sol": False}, revetements=revetement()) == []


@pytest.mark.parametrize(
    ("libre", "sans_obstacle", "alerte"),
    [("1.39", False, True), ("1.40", False, False), ("1.19", True, True), ("1.2", True, False),
     (0, False, True), (None, False, False)],
)  # fmt: skip
def test_largeur_libre(libre, sans_obstacle, alerte):
    une = emprise("A", largeur_libre=libre, sans_obstacle_lateral=sans_obstacle)
    trouves = conflits(une)
    assert [(c["b"], c["niveau"], c["surface"], c["distance"]) for c in trouves] == (
        [(None, "alerte", None, None)] if alerte else []
    )


def test_largeur_libre_reglable():
    une = emprise("A", largeur_libre="1.5", sans_obstacle_lateral=True)
    assert motifs(une, parametres={"largeur_libre_sans_obstacle_m": "1.6"}) != []
    assert motifs(une, parametres={"largeur_libre_m": "1.6"}) == []


@pytest.mark.parametrize(("x", "distance"), [(7, "5.00"), (7.01, None), (1, "0.00")])
def test_cinq_metres_d_un_point_d_eau(x, distance):
    trouves = conflits(emprise("A"), pei=[{"id": "P", "geometrie": point(x, 1)}])
    assert [c["distance"] for c in trouves] == ([] if distance is None else [distance])


def test_point_d_eau_et_compatibilite():
    pei = [{"id": "P", "geometrie": point(3, 1)}]
    ligne_pei = {"a": "PEI", "b": "DEPOT", "niveau": "info"}
    assert motifs(emprise("A"), pei=pei, compatibilites=[ligne_pei]) == [
        ("A", "P", "alerte", "proximite_pei")
    ]
    assert motifs(emprise("A"), pei=pei, compatibilites=[{**ligne_pei, "niveau": "aucun"}]) == []
    assert motifs(emprise("A"), pei=pei, parametres={"distance_pei_m": "0.99"}) == []


def test_ligne_de_bus():
    bus = {"id": "L", "geometrie": ligne((-10, 5), (30, 5))}
    (conflit,) = conflits(emprise("A"), lignes_bus=[bus])
    assert conflit["avis_obligatoire"] == "transports"
    assert (conflit["motif"], conflit["niveau"], conflit["surface"]) == ("avis_transport", "alerte", "1.00")
    assert motifs(emprise("A"), lignes_bus=[{**bus, "largeur": 6}]) == []
    assert motifs(emprise("A"), lignes_bus=[bus], parametres={"largeur_bus_m": "6.5"}) == []
    assert motifs(emprise("A"), lignes_bus=[bus], compatibilites=[{"a": "BUS", "b": "DEPOT"}]) == []


def test_seul_l_avis_des_transports_est_obligatoire():
    assert all("avis_obligatoire" not in c for c in conflits(emprise("A", largeur_libre=1), emprise("B")))


def test_une_emprise_sans_poids_ne_declenche_rien():
    entree = {
        "revetements": revetement("2026-01-01"),
        "pei": [{"id": "P", "geometrie": point()}],
        "lignes_bus": [{"id": "L", "geometrie": ligne((0, 0), (9, 0))}],
    }
    assert len(motifs(emprise("A", affecte_sol=True, largeur_libre=1), **entree)) == 4
    assert motifs(emprise("A", affecte_sol=True, largeur_libre=1, etat="termine"), **entree) == []


def test_ordre_des_conflits():
    trouves = motifs(
        emprise("Z", largeur_libre=1),
        emprise("B", largeur_libre=1),
        emprise("A", etat="depose"),
        pei=[{"id": "P1", "geometrie": point()}, {"id": "P0", "geometrie": point()}],
    )
    assert trouves == [
        ("Z", "B", "bloquant", "chevauchement"),
        ("A", "P0", "alerte", "proximite_pei"),
        ("A", "P1", "alerte", "proximite_pei"),
        ("B", None, "alerte", "largeur_libre"),
        ("B", "P0", "alerte", "proximite_pei"),
        ("B", "P1", "alerte", "proximite_pei"),
        ("Z", None, "alerte", "largeur_libre"),
        ("Z", "P0", "alerte", "proximite_pei"),
        ("Z", "P1", "alerte", "proximite_pei"),
        ("B", "A", "info", "chevauchement"),
        ("Z", "A", "info", "chevauchement"),
    ]


# --- input -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"id": None}, "id"),
        ({"geometrie": 3}, "geometrie"),
        ({"geometrie": {"type": "Point", "coordinates": [4.83, 45.76]}}, "geometrie"),
        ({"geometrie": {"type": "Point", "coordinates": [Y, X]}}, "geometrie"),
        ({"geometrie": {"type": "Point"}}, "geometrie"),
        ({"geometrie": {"type": "Point", "coordinates": [X]}}, "geometrie"),
        ({"geometrie": {"type": "Point", "coordinates": ["x", Y]}}, "geometrie"),
        ({"geometrie": {"type": "Point", "coordinates": [True, Y]}}, "geometrie"),
        ({"geometrie": {"type": "LineString", "coordinates": [[X, Y]]}}, "geometrie"),
        ({"geometrie": {"type": "LineString", "coordinates": [[X, Y], [X, Y]]}}, "geometrie"),
        ({"geometrie": {"type": "Polygon", "coordinates": []}}, "geometrie"),
        ({"geometrie": {"type": "Polygon", "coordinates": [[]]}}, "geometrie"),
        ({"geometrie": {"type": "Polygon", "coordinates": [[[X, Y], [X + 1, Y]]]}}, "geometrie"),
        (
            {
                "geometrie": {
                    "type": "Polygon",
                    "coordinates": [[[X, Y], [X + 2, Y + 2], [X + 2, Y], [X, Y + 2], [X, Y]]],
                }
            },
            "geometrie",
        ),
        ({"geometrie": {"type": "GeometryCollection", "geometries": []}}, "geometrie"),
        ({"geometrie": {"type": "Point", "coordinates": [X, Y]}}, "rayon"),
        ({"geometrie": {"type": "Point", "coordinates": [X, Y]}, "rayon": 0}, "rayon"),
        ({"geometrie": ligne((0, 0), (1, 0))}, "largeur"),
        ({"geometrie": ligne((0, 0), (1, 0)), "largeur": 0}, "largeur"),
        ({"geometrie": ligne((0, 0), (1, 0)), "largeur": 1, "cote": "nord"}, "cote"),
        ({"type": None}, "type"),
        ({"etat": None}, "etat"),
        ({"etat": "ouvert"}, "etat"),
        ({"debut": None}, "debut"),
        ({"fin": "2026-05-03"}, "fin"),
        ({"creneaux": [{"de": "08:00", "a": "08:00"}]}, "creneaux[0].a"),
        ({"creneaux": [{"de": "24:00", "a": "08:00"}]}, "creneaux[0].de"),
        ({"dossier": []}, "dossier"),
        ({"operateur": 3}, "operateur"),
        ({"voie": 3}, "voie"),
        ({"affecte_sol": "oui"}, "affecte_sol"),
        ({"largeur_libre": -1}, "largeur_libre"),
        ({"sans_obstacle_lateral": 1}, "sans_obstacle_lateral"),
    ],
)
def test_saisie_d_une_emprise(champs, attendu):
    une = emprise("A")
    une.update(champs)
    assert champ(une) == f"emprises[0].{attendu}"


def test_identifiant_deja_pris():
    assert champ(emprise("1"), emprise(1)) == "emprises[1].id"


def test_emprises_obligatoires():
    assert champ_en_erreur("detecter_conflits", {}) == "emprises"
    assert conflits() == []


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"parametres": 3}, "parametres"),
        ({"parametres": {"tolerance_m2": -1}}, "parametres.tolerance_m2"),
        ({"parametres": {"distance_pei_m": "x"}}, "parametres.distance_pei_m"),
        ({"parametres": {"distance_tranchees_m": -1}}, "parametres.distance_tranchees_m"),
        ({"parametres": {"delai_tranchees_mois": "1.5"}}, "parametres.delai_tranchees_mois"),
        ({"parametres": {"age_revetement_ans": -1}}, "parametres.age_revetement_ans"),
        ({"parametres": {"largeur_libre_m": -1}}, "parametres.largeur_libre_m"),
        ({"parametres": {"largeur_libre_sans_obstacle_m": -1}}, "parametres.largeur_libre_sans_obstacle_m"),
        ({"parametres": {"largeur_bus_m": 0}}, "parametres.largeur_bus_m"),
        ({"parametres": {"jours_max": -1}}, "parametres.jours_max"),
        ({"parametres": {"srid": "lambert"}}, "parametres.srid"),
        ({"compatibilites": [{"b": "PEI"}]}, "compatibilites[0].a"),
        ({"compatibilites": [{"a": "PEI"}]}, "compatibilites[0].b"),
        ({"compatibilites": [{"a": "PEI", "b": "BUS", "niveau": "fort"}]}, "compatibilites[0].niveau"),
        ({"revetements": [{"geometrie": carre(), "pose_le": "2026-01-01"}]}, "revetements[0].id"),
        ({"revetements": [{"id": "V", "geometrie": carre()}]}, "revetements[0].pose_le"),
        ({"pei": [{"id": "P"}]}, "pei[0].geometrie"),
        (
            {"pei": [{"id": "P", "geometrie": {"type": "Point", "coordinates": [4.8, 45.7]}}]},
            "pei[0].geometrie",
        ),
        (
            {"lignes_bus": [{"id": "L", "geometrie": ligne((0, 0), (1, 0)), "largeur": 0}]},
            "lignes_bus[0].largeur",
        ),
        ({"examine": []}, "examine"),
    ],
)
def test_saisie_du_cas(champs, attendu):
    assert champ(emprise("A"), **champs) == attendu


def test_les_parametres_sont_lus_avant_les_emprises():
    assert champ(3, parametres={"srid": 0}) == "parametres.srid"


def test_coordonnees_libres_dans_un_autre_systeme():
    guadeloupe = carre()
    guadeloupe["coordinates"] = [[[x - 180_000, y - 4_700_000] for x, y in guadeloupe["coordinates"][0]]]
    assert champ(emprise("A", guadeloupe)) == "emprises[0].geometrie"
    assert champ(emprise("A", guadeloupe), parametres={"srid": 5490}) is None


@pytest.mark.parametrize(
    ("x", "y", "accepte"),
    [
        (-400_000, 6_000_000, True),
        (-400_001, 6_000_000, False),
        (1_400_000, 7_300_000, True),
        (1_400_001, 7_300_000, False),
        (0, 5_999_999, False),
        (0, 7_300_001, False),
    ],
)
def test_emprise_du_lambert_93(x, y, accepte):
    une = emprise("A", {"type": "Point", "coordinates": [x, y]}, rayon=1)
    assert (champ(une) is None) == accepte


# --- the index finds what a full comparison finds --------------------------------------------------


def test_l_index_trouve_ce_que_trouve_chaque_paire_seule():
    """Sixty emprises at once, then two by two: same conflicts, same figures."""
    hasard = random.Random(20260504)
    emprises = []
    for rang in range(60):
        x, y = hasard.randrange(40), hasard.randrange(40)
        faits = {"type": hasard.choice(["RESEAU", "DEPOT"]), "voie": "rue", "operateur": hasard.choice("ab")}
        emprises.append(
            emprise(f"E{rang:02d}", carre(x, y, hasard.choice([1, 3])), dossier=str(rang // 2), **faits)
        )

    def trouves(*groupe):
        entree = json.loads(json.dumps({"emprises": groupe}), parse_float=str)
        return {
            (c["a"], c["b"], c["motif"], c["surface"], c["distance"])
            for c in detecter_conflits(entree)["conflits"]
        }

    deux_a_deux = set().union(*(trouves(a, b) for a, b in combinations(emprises, 2)))
    assert trouves(*emprises) == deux_a_deux
    assert len(deux_a_deux) > 50


# --- default compatibilities -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "niveau"),
    [
        ("ENSEI", "TERR_O", "aucun"),
        ("ENSEI", "ENSEI", "aucun"),
        ("VEGET", "PEI", "aucun"),
        ("BUS", "TAXI", "aucun"),
        ("MANIF", "TERR_O", "alerte"),
        ("GRUE", "TERR_O", "alerte"),
        ("GRUE", "ENSEI", "aucun"),
        ("GRUE", "CIRC", "aucun"),
        ("CIRC", "TERR_O", "aucun"),
        ("CIRC", "CIRC", "alerte"),
        ("CIRC", "ENSEI", "aucun"),
        ("TERR_O", "BENNE", None),
        ("ENSEI", "PEI", None),
        ("GRUE", "BUS", None),
    ],
)
def test_compatibilites_livrees(a, b, niveau):
    assert compatibilites_par_defaut().get((min(a, b), max(a, b))) == niveau


def test_les_compatibilites_livrees_sont_des_paires_connues():
    connues = set(paires_de_types()) | {("PEI", "VEGET"), ("BUS", "TAXI")}
    assert set(compatibilites_par_defaut()) <= connues
    assert set(compatibilites_par_defaut().values()) <= set(NIVEAUX)
