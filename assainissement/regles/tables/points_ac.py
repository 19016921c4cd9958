"""Points of a control of connection to the sewer, and what each answer means (spec §3 ControleAC)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OUI, NON, NON_VERIFIE, SANS_OBJET = "oui", "non", "non_verifie", "sans_objet"
REPONSES = {OUI: "oui", NON: "non", NON_VERIFIE: "non vérifié", SANS_OBJET: "sans objet"}


@dataclass(frozen=True)
class PointAC:
    """One question. ``fautes``: answers that make the connection non-conforming, with the words of the
    report and the works that they ask. ``remarques``: answers that are only told."""

    code: str
    libelle: str
    choix: Mapping[str, str] = field(default_factory=lambda: REPONSES)
    fautes: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    remarques: Mapping[str, str] = field(default_factory=dict)
    article: str = ""


_RECUEIL = "Relier toutes les eaux usées au branchement"
POINTS_AC = {
    p.code: p
    for p in (
        PointAC(
            "type_reseau",
            "Réseau public devant l'immeuble",
            {"separatif": "séparatif", "unitaire": "unitaire", "eu_seul": "eaux usées seules"},
        ),
        PointAC("boite", "Une boîte de branchement existe en limite de propriété", REPONSES,
                remarques={NON: "Pas de boîte de branchement en limite de propriété."}),
        PointAC("regard", "Le regard est accessible et en bon état", REPONSES,
                remarques={NON: "Regard inaccessible ou dégradé."}),
        PointAC("event", "Un évent ventile les colonnes de chute", REPONSES,
                remarques={NON: "Colonnes de chute sans évent."}),
        PointAC("siphons", "Les appareils ont des siphons", REPONSES,
                remarques={NON: "Appareils sans siphon."}),
        PointAC("raccordement_total", "Toutes les eaux usées vont au réseau", REPONSES,
                fautes={NON: ("Des eaux usées ne vont pas au réseau.", _RECUEIL)}, article="CSP L1331-1"),
        PointAC("fosse", "Les anciennes fosses sont hors d'état de servir", REPONSES,
                fautes={NON: ("Une ancienne fosse est encore en service.",
                              "Mettre la fosse hors d'état de servir et de nuire")},
                article="CSP L1331-5"),
        PointAC("separation", "Eaux usées et eaux pluviales sont séparées", REPONSES,
                fautes={NON: ("Eaux usées et eaux pluviales sont mêlées.",
                              "Séparer les eaux pluviales des eaux usées")},
                article="CSP L1331-4"),
        PointAC("ecoulement", "L'eau s'écoule sans refouler", REPONSES,
                fautes={NON: ("L'écoulement est mauvais.", "Rétablir l'écoulement du branchement")}),
        PointAC("colorant", "Le colorant versé ressort dans le bon réseau", REPONSES,
                fautes={NON: ("Le colorant ne ressort pas où il devrait.", _RECUEIL)}),
        PointAC("fumee", "La fumée ne sort d'aucune gouttière", REPONSES,
                fautes={NON: ("La fumée sort d'une gouttière : des eaux pluviales vont aux eaux usées.",
                              "Séparer les eaux pluviales des eaux usées")}),
        PointAC("clapet", "Un clapet anti-retour protège les niveaux bas", REPONSES,
                remarques={NON: "Pas de clapet anti-retour : les niveaux bas risquent un refoulement."}),
        PointAC(
            "destination_ep",
            "Où vont les eaux pluviales",
            {
                "infiltration": "infiltration sur place",
                "reseau_ep": "réseau pluvial",
                "unitaire": "réseau unitaire",
                "caniveau": "caniveau ou fossé",
                "reseau_eu": "réseau d'eaux usées",
                NON_VERIFIE: "non vérifié",
            },
            fautes={"reseau_eu": ("Les eaux pluviales vont au réseau d'eaux usées.",
                                  "Séparer les eaux pluviales des eaux usées")},
        ),
        PointAC("recuperation_ep", "L'eau de pluie est récupérée pour un usage intérieur", REPONSES),
        PointAC("compteur_ep", "Un compteur mesure l'eau de pluie rejetée au réseau", REPONSES,
                remarques={NON: "Eau de pluie utilisée dans la maison sans compteur : à déclarer en mairie."},
                article="CGCT R2224-19-4"),
        PointAC("servitude", "Le branchement traverse un terrain voisin", REPONSES,
                remarques={OUI: "Branchement sur un terrain voisin : une servitude est à produire."}),
    )
}  # fmt: skip
# Said or sought before a conclusion: the least a report holds.
EXIGES = ("type_reseau", "raccordement_total", "separation", "ecoulement")
# Without indoor use of rain water, no meter is due.
SANS_RECUPERATION = "compteur_ep"
