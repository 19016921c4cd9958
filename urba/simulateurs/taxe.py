"""Simulator of the taxe d'aménagement, on the contract of ``simuler_taxe``."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from mairie.simulateurs import Champ, Etape, Fait, Groupe, Resultat, Simulateur, Tableau
from mairie.simulateurs.modele import Genre
from urba.contrats.taxe import lire, traiter
from urba.regles.tables_taxe import ANNEES, CATEGORIES
from urba.regles.taxe import euros, simuler_taxe
from urba.simulateurs.commun import THEME, alertes

GROUPES = (
    Groupe(
        "Le projet",
        (
            Champ(
                "annee",
                "Année de l'autorisation",
                Genre.CHOIX_ENTIER,
                choix=tuple((str(a), str(a)) for a in sorted(ANNEES, reverse=True)),
                obligatoire=True,
                aide="Celle de la première autorisation, pas celle d'un modificatif.",
            ),
            Champ(
                "zone",
                "Où ?",
                Genre.CHOIX,
                choix=(("HORS_IDF", "Hors d'Île-de-France"), ("IDF", "En Île-de-France")),
                obligatoire=True,
            ),
        ),
    ),
    Groupe(
        "Les taux votés",
        (
            Champ("communal", "Communal (%)", Genre.NOMBRE, obligatoire=True, aide="De 1 à 5, ou 0."),
            Champ("departemental", "Départemental (%)", Genre.NOMBRE, aide="2,5 au plus."),
            Champ("regional", "Régional (%)", Genre.NOMBRE, aide="1 au plus, en Île-de-France seulement."),
        ),
        "taux",
        obligatoire=True,
        aide="La mairie les affiche ; l'avis de la direction départementale les rappelle.",
    ),
    Groupe(
        "Secteur",
        (
            Champ(
                "secteur_majore",
                "Le terrain est dans un secteur à taux majoré",
                Genre.COCHE,
                aide="Le taux communal va alors jusqu'à 20 %.",
            ),
        ),
    ),
    Groupe(
        "Les constructions",
        (
            Champ(
                "categorie",
                "Destination",
                Genre.CHOIX,
                choix=tuple((c.code.value, c.libelle) for c in CATEGORIES.values()),
                obligatoire=True,
            ),
            Champ(
                "surface_m2",
                "Surface créée (m²)",
                Genre.NOMBRE,
                obligatoire=True,
                aide="Close et couverte, sous plus de 1,80 m.",
            ),
            Champ("logements", "Logements", Genre.ENTIER, aide="1 si vous ne dites rien."),
            Champ(
                "surface_existante_m2",
                "Surface déjà là (m²)",
                Genre.NOMBRE,
                aide="Agrandissement d'une résidence principale.",
            ),
        ),
        "locaux",
        liste=True,
        singulier="Construction",
    ),
    Groupe(
        "Piscine, stationnement et autres installations",
        (
            Champ("piscine_m2", "Bassin de piscine (m²)", Genre.NOMBRE),
            Champ("stationnements", "Places de stationnement à l'air libre", Genre.ENTIER),
            Champ(
                "stationnement_valeur",
                "Valeur votée d'une place (€)",
                Genre.NOMBRE,
                aide="Le minimum si vous ne dites rien.",
            ),
            Champ("tentes_caravanes", "Emplacements de tente ou de caravane", Genre.ENTIER),
            Champ("hll", "Habitations légères de loisirs", Genre.ENTIER),
            Champ("eoliennes", "Éoliennes de plus de 12 m", Genre.ENTIER),
            Champ("photovoltaique_m2", "Panneaux photovoltaïques au sol (m²)", Genre.NOMBRE),
        ),
        "installations",
    ),
    Groupe(
        "Exonérations votées",
        (
            Champ(
                "part",
                "Sur la part",
                Genre.CHOIX,
                choix=(
                    ("communale", "Communale"),
                    ("departementale", "Départementale"),
                    ("regionale", "Régionale"),
                ),
                obligatoire=True,
            ),
            Champ("montant", "Montant (€)", Genre.NOMBRE, obligatoire=True),
            Champ("motif", "Motif", obligatoire=True),
        ),
        "exonerations",
        liste=True,
        singulier="Exonération",
        replie=True,
    ),
    Groupe(
        "Archéologie",
        (
            Champ(
                "archeologie",
                "Le projet est soumis à la taxe d'archéologie préventive",
                Genre.COCHE,
                aide="Elle s'ajoute, et n'est pas calculée ici.",
            ),
        ),
        replie=True,
    ),
)


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """The total, the lines of the base, the shares and their computation."""
    resultat = simuler_taxe(lire(dict(cas)))
    tableau = Tableau(
        "Base taxable, ligne par ligne",
        ("Ce qui est taxé", "Quantité", "Valeur", "Base"),
        [
            (x["libelle"], x["quantite"].replace(".", ","), _euros(x["valeur"]), _euros(x["base"]))
            for x in reponse["lignes"]
        ],
        ("Base", "", "", _euros(reponse["base_departementale"])),
    )
    parts = [("Part communale", "part_communale"), ("Part départementale", "part_departementale")]
    if reponse["zone"] == "IDF":
        parts.append(("Part régionale", "part_regionale"))
    faits = [Fait(libelle, texte=_euros(reponse[cle])) for libelle, cle in parts]
    faits.insert(0, Fait("Valeur du mètre carré", texte=_euros(reponse["valeur_m2"])))
    return Resultat(
        f"Taxe d'aménagement : environ {_euros(reponse['total'])}.",
        faits,
        [Etape({"BASE": "Base", "PART": "Part"}[e.regle], e.article, e.detail) for e in resultat.explication],
        alertes(reponse["alertes"]),
        tableau if reponse["lignes"] else None,
        suite="La direction générale des finances publiques calcule et recouvre la taxe.",
    )


def _euros(montant: str) -> str:
    return euros(Decimal(montant))


SIMULATEUR = Simulateur(
    "taxe-amenagement",
    "Taxe d'aménagement",
    "Ce que coûtera la taxe d'un projet, ligne par ligne.",
    "bi-cash-coin",
    THEME,
    30,
    GROUPES,
    traiter,
    presenter,
    exemple="annee=2026&zone=HORS_IDF&taux-communal=5&taux-departemental=2.5&locaux-0-surface_m2=120"
    "&locaux-0-categorie=RESIDENCE_PRINCIPALE&installations-piscine_m2=32&installations-stationnements=2",
)
