"""Conventional signs of the plan (attribute SYM of the EDIGÉO standard of 2013)."""

from __future__ import annotations

LIMITES: dict[str, str] = {
    "39": "Mur mitoyen",
    "40": "Mur non mitoyen",
    "41": "Fossé mitoyen",
    "42": "Fossé non mitoyen",
    "43": "Clôture mitoyenne",
    "44": "Clôture non mitoyenne",
    "45": "Haie mitoyenne",
    "46": "Haie non mitoyenne",
}

DETAILS: dict[str, str] = {
    "12": "Calvaire",
    "13": "Texture transparente",
    "14": "Église",
    "15": "Mosquée",
    "16": "Synagogue",
    "17": "Limite d'État",
    "18": "Limite de département",
    "19": "Amorce de limite de commune",
    "21": "Chemin",
    "22": "Amorce de voie",
    "23": "Trottoir, sentier",
    "24": "Gazoduc ou oléoduc",
    "25": "Aqueduc",
    "26": "Téléphérique",
    "27": "Ligne de transport de force",
    "29": "Rail de chemin de fer",
    "30": "Sens du cours d'eau",
    "31": "Flèche de rattachement",
    "32": "Limite ne formant pas parcelle",
    "33": "Parapet de pont",
    "34": "Étang, lac, mare",
    "37": "Tunnel",
    "47": "Halte",
    "48": "Arrêt",
    "49": "Station",
    "50": "Pylône",
    "51": "Cimetière chrétien",
    "52": "Cimetière israélite",
    "53": "Cimetière musulman",
    "62": "Terrain de sports, petit ruisseau",
    "63": "Puits",
    "64": "Parking, terrasse, surplomb",
    "65": "Piscine",
    "98": "Divers",
}

CANEVAS: dict[str, str] = {
    "71": "Point géodésique borné",
    "72": "Point géodésique non borné",
    "73": "Point borné de canevas ordinaire",
    "74": "Point borné de canevas de précision",
    "75": "Point borné d'appui de prise de vues",
    "76": "Point borné d'appui de géoréférencement",
    "77": "Repère NGF",
    "78": "Borne du NGF",
    "79": "Nivellement MRL",
    "80": "Autre repère de nivellement",
    "81": "Borne limite de commune",
}

QUALITES: dict[str, str] = {
    "01": "Plan régulier établi avant le 20/03/1980",
    "02": "Plan non régulier",
    "03": "Plan de qualité P3 ou CP (10 cm)",
    "04": "Plan de qualité P4 ou CP (20 cm)",
    "05": "Plan de qualité P5 ou CP (40 cm)",
}

CONFECTIONS: dict[str, str] = {
    "01": "Ancien plan",
    "02": "Plan rénové par voie de mise à jour",
    "03": "Plan rénové par voie de renouvellement",
    "04": "Plan rénové par voie de réfection",
    "05": "Plan remanié",
    "06": "Plan obtenu par remembrement ou AFAF",
    "07": "Plan obtenu par exploitation de plans d'arpentage",
}
