"""Icons and patterns of the plan, drawn along the limit: x runs with it, up is its left side."""

from __future__ import annotations

from gis_data.couches.dessin import Icone

ENCRE = "#47586b"
BISTRE = "#6f6247"
VERT = "#5f7d4f"
BLEU = "#4d86ad"
PAPIER = "#ffffff"

SIGNES_LIMITES: dict[str, Icone] = {
    "39": Icone("mur-mitoyen", (("M7.5 9.5h9v5h-9z", BISTRE, None, 0),)),
    "40": Icone("mur-non-mitoyen", (("M7.5 9h9v3h-9z", BISTRE, None, 0),)),
    "41": Icone("fosse-mitoyen", (("M8 12l4 -4.5l4 4.5l-4 4.5z", None, BLEU, 1.2),)),
    "42": Icone("fosse-non-mitoyen", (("M8 12l4 -4.5l4 4.5", None, BLEU, 1.2),)),
    "43": Icone("cloture-mitoyenne", (("M12 8v8", None, BISTRE, 1.3),)),
    "44": Icone("cloture-non-mitoyenne", (("M12 12v-5", None, BISTRE, 1.3),)),
    "45": Icone("haie-mitoyenne", (("M8.5 12a3.5 3.5 0 1 1 7 0a3.5 3.5 0 1 1 -7 0z", "#dfe9d6", VERT, 1.1),)),
    "46": Icone("haie-non-mitoyenne", (("M8.5 12a3.5 3.5 0 1 1 7 0z", "#dfe9d6", VERT, 1.1),)),
}

BORNE = Icone("borne", (("M9.4 12a2.6 2.6 0 1 1 5.2 0a2.6 2.6 0 1 1 -5.2 0z", PAPIER, BISTRE, 1.1),))
BOULON = Icone("boulon", (("M9.8 12a2.2 2.2 0 1 1 4.4 0a2.2 2.2 0 1 1 -4.4 0z", BISTRE, None, 0),))
CROIX = Icone("croix", (("M9 9l6 6M15 9l-6 6", None, BISTRE, 1.2),))

_TRIANGLE = "M12 5.5l6 10.5h-12z"
SIGNES_CANEVAS: dict[str, Icone] = {
    "": Icone("canevas", ((_TRIANGLE, PAPIER, ENCRE, 1.2),)),
    "71": Icone("geodesique-borne", ((_TRIANGLE, PAPIER, ENCRE, 1.2), ("M11 12h2v2h-2z", ENCRE, None, 0))),
    "72": Icone("geodesique", ((_TRIANGLE, PAPIER, ENCRE, 1.2),)),
    "77": Icone("repere-ngf", (("M6 12h12M12 12v-5", None, ENCRE, 1.4),)),
    "78": Icone("borne-ngf", (("M8 8h8v8h-8z", PAPIER, ENCRE, 1.2), ("M8 12h8", None, ENCRE, 1.2))),
    "81": Icone(
        "borne-commune",
        (("M8.5 8.5h7v7h-7z", PAPIER, "#6b4a8c", 1.3), ("M11 11h2v2h-2z", "#6b4a8c", None, 0)),
    ),
}

SIGNES_PONCTUELS: dict[str, Icone] = {
    "": Icone("detail", (("M10.5 12a1.5 1.5 0 1 1 3 0a1.5 1.5 0 1 1 -3 0z", ENCRE, None, 0),)),
    "12": Icone("calvaire", (("M12 4.5v15M8 9h8", None, ENCRE, 1.6), ("M9.5 19.5h5", None, ENCRE, 1.6))),
    "14": Icone(
        "eglise",
        (
            ("M12 3v8M9.3 6h5.4", None, ENCRE, 1.5),
            ("M8 15a4 4 0 1 1 8 0a4 4 0 1 1 -8 0z", PAPIER, ENCRE, 1.5),
        ),
    ),
    "15": Icone("mosquee", (("M14.5 6a6.5 6.5 0 1 0 0 12a5 5 0 1 1 0 -12z", ENCRE, None, 0),)),
    "16": Icone("synagogue", (("M12 5l6 10h-12zM12 19l6 -10h-12z", None, ENCRE, 1.3),)),
    "30": Icone("sens-eau", (("M4 12h14M13.5 8l5 4l-5 4", None, BLEU, 1.4),)),
    "47": Icone("halte", (("M8 7h8M12 7v10", None, ENCRE, 1.5),)),
    "48": Icone("arret", (("M8 7h8v4h-8zM12 11v7", None, ENCRE, 1.4),)),
    "49": Icone("station", (("M7 7h10v6h-10zM12 13v6", "#e6e9ec", ENCRE, 1.4),)),
    "50": Icone("pylone", (("M8 8h8v8h-8zM8 8l8 8M16 8l-8 8", None, ENCRE, 1.2),)),
    "63": Icone(
        "puits",
        (
            ("M7.5 12a4.5 4.5 0 1 1 9 0a4.5 4.5 0 1 1 -9 0z", PAPIER, BLEU, 1.4),
            ("M10.8 12a1.2 1.2 0 1 1 2.4 0a1.2 1.2 0 1 1 -2.4 0z", BLEU, None, 0),
        ),
    ),
}

HACHURES = Icone("hachures", (("M-2 10L10 -2M-2 2L2 -2M6 10L10 6", None, "#b98a76", 0.8),), cote=8)
TOMBES = Icone("tombes", (("M8 4v7M5.5 6.5h5", None, "#8b978f", 1.0),), cote=18)
TOMBES_ETOILE = Icone("tombes-etoile", (("M9 4l3.5 6h-7zM9 12l3.5 -6h-7z", None, "#8b978f", 0.9),), cote=18)
TOMBES_CROISSANT = Icone(
    "tombes-croissant", (("M11 5a4 4 0 1 0 0 8a3.2 3.2 0 1 1 0 -8z", None, "#8b978f", 0.9),), cote=18
)

DISQUE_SECTION = Icone(
    "disque-section", (("M1 14a13 13 0 1 1 26 0a13 13 0 1 1 -26 0z", PAPIER, "#b4611a", 1.5),), cote=28
)
