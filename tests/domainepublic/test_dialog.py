"""DiaLog payload: each code, the periods, the Paris offset, and what is refused."""

from __future__ import annotations

import json

import pytest

from domainepublic.regles.tables import dialog as table
from tests.appels import champ_en_erreur, un

RUE = {"insee": "69123", "commune": "Lyon", "voie": "rue Exemple"}


def mesure(**champs):
    base = {
        "type": "circulation_interdite",
        "debut": "2026-05-04",
        "fin": "2026-05-22",
        "localisations": [RUE],
    }
    return {cle: valeur for cle, valeur in {**base, **champs}.items() if valeur is not None}


def arrete(*mesures, **champs):
    base = {"numero": "2026-1", "titre": "Travaux", "objet": "travaux", "mesures": list(mesures)}
    return {"arrete": {cle: valeur for cle, valeur in {**base, **champs}.items() if valeur is not None}}


def charge(*mesures, **champs):
    reponse = un("charge_dialog", arrete(*mesures, **champs))
    assert "erreur" not in reponse, reponse
    return reponse["charge"]


def exportee(**champs):
    (une,) = charge(mesure(**champs))["measures"]
    return une


def champ(*mesures, **champs):
    trouve = champ_en_erreur("charge_dialog", arrete(*mesures, **champs))
    return trouve.removeprefix("arrete.") if trouve else trouve


def champ_mesure(**champs):
    trouve = champ(mesure(**champs))
    return trouve.removeprefix("mesures[0].") if trouve else trouve


@pytest.mark.parametrize("genre", sorted(table.MESURES))
def test_chaque_mesure(genre):
    reponse = un("charge_dialog", arrete(mesure(type=genre, vitesse=30)))
    if table.MESURES[genre] is None:
        assert reponse == {"charge": None, "non_exportees": [{"mesure": 0, "type": genre}]}
    else:
        (une,) = reponse["charge"]["measures"]
        assert une["type"] == table.MESURES[genre]
        assert une["maxSpeed"] == (30 if genre == "vitesse_limitee" else None)
        assert reponse["non_exportees"] == []


def test_les_mesures_sans_equivalent_gardent_leur_rang():
    reponse = un("charge_dialog", arrete(mesure(), mesure(type="deviation"), mesure(type="voie_retrecie")))
    assert len(reponse["charge"]["measures"]) == 1
    assert reponse["non_exportees"] == [
        {"mesure": 1, "type": "deviation"},
        {"mesure": 2, "type": "voie_retrecie"},
    ]


def test_aucune_mesure():
    assert un("charge_dialog", arrete()) == {"charge": None, "non_exportees": []}


@pytest.mark.parametrize("objet", sorted(table.OBJETS))
def test_chaque_objet(objet):
    obtenue = charge(mesure(), objet=objet, objet_texte=" Tournage ")
    assert obtenue["subject"] == table.OBJETS[objet]
    assert obtenue["otherCategoryText"] == ("Tournage" if objet == "autre" else None)


def test_nature_et_publication():
    obtenue = charge(mesure(fin=None), nature="permanent", publier=True)
    assert (obtenue["category"], obtenue["status"]) == ("permanentRegulation", "published")
    obtenue = charge(mesure())
    assert (obtenue["category"], obtenue["status"]) == ("temporaryRegulation", "draft")


@pytest.mark.parametrize("code", sorted(table.CONCERNES))
def test_chaque_vehicule_concerne(code):
    ensemble = exportee(vehicules={"concernes": [code]})["vehicleSet"]
    assert ensemble["restrictedTypes"] == [table.CONCERNES[code]]
    assert ensemble["allVehicles"] is False


@pytest.mark.parametrize("code", sorted(table.EXCEPTES))
def test_chaque_vehicule_excepte(code):
    ensemble = exportee(vehicules={"exceptes": [code]})["vehicleSet"]
    assert ensemble["exemptedTypes"] == [table.EXCEPTES[code]]
    assert ensemble["allVehicles"] is True
    assert ensemble["heavyweightMaxWeight"] is None


@pytest.mark.parametrize(
    ("tonnage", "nombre"),
    [("3.5", 3.5), ("7.5", 7.5), ("12", 12), (19, 19), ("26.0", 26), (32, 32), (44, 44)],
)
def test_chaque_tonnage(tonnage, nombre):
    vehicules = {"concernes": ["poids_lourds"], "tonnage_max": tonnage}
    obtenu = exportee(vehicules=vehicules)["vehicleSet"]["heavyweightMaxWeight"]
    assert obtenu == nombre and type(obtenu) is type(nombre)


def test_tonnage_refuse():
    assert (
        champ_mesure(vehicules={"concernes": ["poids_lourds"], "tonnage_max": 10}) == "vehicules.tonnage_max"
    )
    assert champ_mesure(vehicules={"concernes": ["critair"], "tonnage_max": 12}) == "vehicules.tonnage_max"
    assert champ_mesure(vehicules={"tonnage_max": 12}) == "vehicules.tonnage_max"


# --- periods ---------------------------------------------------------------------------------------


def creneau(de="08:00", a="12:00", jours=None):
    return {"de": de, "a": a} | ({} if jours is None else {"jours": jours})


def test_sans_creneau_une_periode_de_tous_les_jours():
    assert exportee()["periods"] == [
        {
            "startDate": "2026-05-04T00:00:00+02:00",
            "startTime": "2026-05-04T00:00:00+02:00",
            "endDate": "2026-05-22T00:00:00+02:00",
            "endTime": "2026-05-22T23:59:00+02:00",
            "recurrenceType": "everyDay",
            "isPermanent": False,
            "dailyRange": None,
            "timeSlots": [],
        }
    ]


def test_permanent_n_a_ni_heure_de_debut_ni_fin():
    (une,) = charge(mesure(fin=None, creneaux=[creneau()]), nature="permanent")["measures"][0]["periods"]
    assert set(une) == {"startDate", "recurrenceType", "isPermanent", "dailyRange", "timeSlots"}
    assert une["isPermanent"] is True
    assert len(une["timeSlots"]) == 1


def test_une_periode_par_ensemble_de_jours_dans_l_ordre_d_apparition():
    creneaux = [
        creneau(jours=["dim", "lun"]),
        creneau("14:00", "18:00"),
        creneau("20:00", "22:00", ["lun", "dim", "lun"]),
        creneau("06:00", "07:00", []),
    ]
    premiere, seconde = exportee(creneaux=creneaux)["periods"]
    assert premiere["recurrenceType"] == "certainDays"
    assert premiere["dailyRange"] == {"recurrenceType": "certainDays", "applicableDays": ["monday", "sunday"]}
    assert [slot["startTime"][11:16] for slot in premiere["timeSlots"]] == ["08:00", "20:00"]
    assert (seconde["recurrenceType"], seconde["dailyRange"]) == ("everyDay", None)
    assert [slot["startTime"][11:16] for slot in seconde["timeSlots"]] == ["14:00", "06:00"]


def test_sept_jours_ecrits_font_la_semaine():
    jours = ["dim", "sam", "ven", "jeu", "mer", "mar", "lun"]
    (une,) = exportee(creneaux=[creneau(jours=jours)])["periods"]
    assert (une["recurrenceType"], une["dailyRange"]) == ("everyDay", None)


def test_creneau_de_nuit_et_minuit_sur_le_jour_du_debut():
    (une,) = exportee(creneaux=[creneau("22:00", "05:00"), creneau("20:00", "24:00")])["periods"]
    assert une["timeSlots"] == [
        {"startTime": "2026-05-04T22:00:00+02:00", "endTime": "2026-05-04T05:00:00+02:00"},
        {"startTime": "2026-05-04T20:00:00+02:00", "endTime": "2026-05-04T23:59:00+02:00"},
    ]


def test_decalage_de_paris_selon_l_heure():
    """Winter, summer, and the day of the change, where midnight and 8 o'clock differ."""
    hiver = exportee(debut="2026-01-05", fin="2026-07-01")["periods"][0]
    assert hiver["startDate"] == "2026-01-05T00:00:00+01:00"
    assert hiver["endTime"] == "2026-07-01T23:59:00+02:00"
    printemps = exportee(debut="2026-03-29", fin="2026-03-29", creneaux=[creneau()])["periods"][0]
    assert printemps["startDate"] == "2026-03-29T00:00:00+01:00"
    assert printemps["timeSlots"][0]["startTime"] == "2026-03-29T08:00:00+02:00"
    assert printemps["endTime"] == "2026-03-29T23:59:00+02:00"
    automne = exportee(debut="2026-10-25", fin="2026-10-25", creneaux=[creneau()])["periods"][0]
    assert automne["startDate"] == "2026-10-25T00:00:00+02:00"
    assert automne["timeSlots"][0]["startTime"] == "2026-10-25T08:00:00+01:00"


# --- places ----------------------------------------------------------------------------------------


def test_rue_sans_numero():
    (lieu,) = exportee()["locations"]
    assert lieu == {
        "roadType": "lane",
        "namedStreet": {
            "cityCode": "69123",
            "cityLabel": "Lyon",
            "roadName": "rue Exemple",
            "direction": "BOTH",
        },
    }


@pytest.mark.parametrize("sens", sorted(table.SENS))
def test_chaque_sens(sens):
    rue = exportee(localisations=[{**RUE, "sens": sens}])["locations"][0]["namedStreet"]
    assert rue["direction"] == table.SENS[sens]


def test_rue_numerotee():
    rue = exportee(localisations=[{**RUE, "du_numero": "10 bis", "au_numero": 20}])["locations"][0][
        "namedStreet"
    ]
    assert [rue[cle] for cle in ("fromPointType", "fromHouseNumber", "toPointType", "toHouseNumber")] == [
        "houseNumber",
        "10 bis",
        "houseNumber",
        "20",
    ]


@pytest.mark.parametrize(
    "geometrie",
    [
        {"type": "Point", "coordinates": [4.83, 45.76]},
        {"type": "LineString", "coordinates": [[4, 45.5], [4.1, 45.6]]},
        {"type": "Polygon", "coordinates": [[[4, 45], [4.1, 45], [4.1, 45.1], [4, 45]]]},
        {"type": "MultiPoint", "coordinates": [[4.83, 45.76, 170.5]]},
    ],
)
def test_geometrie_en_texte_compact(geometrie):
    lieu = {"libelle": " Place ", "geometrie": {**geometrie, "crs": "ignored"}, "insee": "?", "sens": "?"}
    (obtenu,) = exportee(localisations=[lieu])["locations"]
    assert obtenu == {
        "roadType": "rawGeoJSON",
        "rawGeoJSON": {"label": "Place", "geometry": json.dumps(geometrie, separators=(",", ":"))},
    }


@pytest.mark.parametrize("insee", ["69123", "2A004", "2B033", "97411"])
def test_code_insee_accepte(insee):
    assert champ_mesure(localisations=[{**RUE, "insee": insee}]) is None


@pytest.mark.parametrize("insee", ["6912", "691234", "2C004", "2a004", "A9123", " ", 69123])
def test_code_insee_refuse(insee):
    assert champ_mesure(localisations=[{**RUE, "insee": insee}]) == "localisations[0].insee"


@pytest.mark.parametrize(
    ("lieu", "attendu"),
    [
        (3, ""),
        ({}, ".insee"),
        ({**RUE, "commune": " "}, ".commune"),
        ({**RUE, "voie": None}, ".voie"),
        ({**RUE, "du_numero": "1"}, ".au_numero"),
        ({**RUE, "au_numero": "1"}, ".du_numero"),
        ({**RUE, "du_numero": [], "au_numero": "1"}, ".du_numero"),
        ({**RUE, "sens": "double"}, ".sens"),
        ({"geometrie": {"type": "Point", "coordinates": [4, 45]}}, ".libelle"),
        ({"libelle": "L", "geometrie": 3}, ".geometrie"),
        ({"libelle": "L", "geometrie": {"type": "Point", "coordinates": []}}, ".geometrie"),
        ({"libelle": "L", "geometrie": {"type": "Point", "coordinates": [843000, 6518000]}}, ".geometrie"),
        ({"libelle": "L", "geometrie": {"type": "Point", "coordinates": [180, 90]}}, None),
        ({"libelle": "L", "geometrie": {"type": "Point", "coordinates": [180.001, 90]}}, ".geometrie"),
        ({"libelle": "L", "geometrie": {"type": "Cercle", "coordinates": [4, 45]}}, ".geometrie"),
    ],
)
def test_saisie_d_une_localisation(lieu, attendu):
    obtenu = champ_mesure(localisations=[lieu])
    assert obtenu == (None if attendu is None else f"localisations[0]{attendu}")


# --- the order and its measures --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"numero": None}, "numero"),
        ({"numero": " "}, "numero"),
        ({"numero": "9" * 60}, None),
        ({"numero": "9" * 61}, "numero"),
        ({"titre": "t" * 255}, None),
        ({"titre": "t" * 256}, "titre"),
        ({"nature": "provisoire"}, "nature"),
        ({"objet": None}, "objet"),
        ({"objet": "fete"}, "objet"),
        ({"objet": "autre"}, "objet_texte"),
        ({"objet": "autre", "objet_texte": "t" * 100}, None),
        ({"objet": "autre", "objet_texte": "t" * 101}, "objet_texte"),
        ({"objet_texte": 3}, None),
        ({"publier": "oui"}, "publier"),
    ],
)
def test_saisie_de_l_arrete(champs, attendu):
    assert champ(mesure(), **champs) == attendu


def test_arrete_et_mesures_absents():
    assert champ_en_erreur("charge_dialog", {}) == "arrete"
    sans = arrete()
    del sans["arrete"]["mesures"]
    assert champ_en_erreur("charge_dialog", sans) == "arrete.mesures"
    assert champ(3) == "mesures[0]"


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"type": "sens_unique"}, "type"),
        ({"debut": None}, "debut"),
        ({"fin": None}, "fin"),
        ({"fin": "2026-05-03"}, "fin"),
        ({"fin": "2026-05-04"}, None),
        ({"type": "vitesse_limitee"}, "vitesse"),
        ({"type": "vitesse_limitee", "vitesse": 0}, "vitesse"),
        ({"type": "vitesse_limitee", "vitesse": 1}, None),
        ({"type": "vitesse_limitee", "vitesse": 130}, None),
        ({"type": "vitesse_limitee", "vitesse": 131}, "vitesse"),
        ({"type": "vitesse_limitee", "vitesse": "30.5"}, "vitesse"),
        ({"vitesse": "?"}, None),
        ({"vehicules": []}, "vehicules"),
        ({"vehicules": {"concernes": "critair"}}, "vehicules.concernes"),
        ({"vehicules": {"concernes": ["critair", "vélos"]}}, "vehicules.concernes[1]"),
        ({"vehicules": {"exceptes": ["voisins"]}}, "vehicules.exceptes[0]"),
        ({"creneaux": {}}, "creneaux"),
        ({"creneaux": [3]}, "creneaux[0]"),
        ({"creneaux": [creneau(jours=["lundi"])]}, "creneaux[0].jours[0]"),
        ({"creneaux": [creneau(jours="lun")]}, "creneaux[0].jours"),
        ({"creneaux": [creneau(de="24:00")]}, "creneaux[0].de"),
        ({"creneaux": [creneau(de="8:00")]}, "creneaux[0].de"),
        ({"creneaux": [creneau(de=None)]}, "creneaux[0].de"),
        ({"creneaux": [creneau(a="24:01")]}, "creneaux[0].a"),
        ({"creneaux": [creneau(a="12:60")]}, "creneaux[0].a"),
        ({"creneaux": [creneau(a="08:00")]}, "creneaux[0].a"),
        ({"localisations": None}, "localisations"),
        ({"localisations": []}, "localisations"),
    ],
)
def test_saisie_d_une_mesure(champs, attendu):
    assert champ_mesure(**champs) == attendu


def test_un_arrete_permanent_n_a_pas_de_fin():
    assert champ(mesure(), nature="permanent") == "mesures[0].fin"
    assert champ(mesure(fin=None), nature="permanent") is None


def test_une_mesure_sans_equivalent_est_verifiee_aussi():
    assert champ_mesure(type="deviation", localisations=[]) == "localisations"
