"""Colours and patterns of the planning layers, after the CNIG's recommendations, softened for a base plan.

Zones: fills of the small scales. Prescriptions and informations: hue and kind of pattern of their group.
"""

from __future__ import annotations

from dataclasses import dataclass

from gis_data.couches.dessin import Icone

NOIR = "#343434"
# Family (or typezone) → (fill, edge).
ZONES: dict[str, tuple[str, str]] = {
    "U": ("#e60000", "#b00006"),
    "AUc": ("#ff6565", "#d40006"),
    "AUs": ("#feccbe", "#e88766"),
    "A": ("#ffff00", "#b8a800"),
    "N": ("#56aa02", "#23a600"),
    "autre": ("#9c9c9c", "#6e6e6e"),
}


def couleur_zone(typezone: str, famille: str) -> tuple[str, str]:
    """(fill, edge) of a zone."""
    return (
        ZONES.get(typezone) or ZONES["AUc" if famille == "AU" else famille if famille in ZONES else "autre"]
    )


def hachures(nom: str, couleur: str, pas: int = 10, sens: int = 1) -> Icone:
    """Parallel lines at 45° (``sens`` 1) or 135° (−1), ``pas`` pixels apart."""
    p = pas
    if sens > 0:
        d = f"M-2 {p + 2}L{p + 2} -2M-2 2L2 -2M{p - 2} {p + 2}L{p + 2} {p - 2}"
    else:
        d = f"M-2 -2L{p + 2} {p + 2}M{p - 2} -2L{p + 2} 2M-2 {p - 2}L2 {p + 2}"
    return Icone(nom, ((d, None, couleur, 1.0),), cote=p)


def croise(nom: str, couleur: str, pas: int = 9) -> Icone:
    """Lines both ways."""
    un, deux = hachures("", couleur, pas), hachures("", couleur, pas, -1)
    return Icone(nom, (*un.chemins, *deux.chemins), cote=pas)


def points(nom: str, couleur: str, pas: int = 10) -> Icone:
    """Dots."""
    m = pas / 2
    d = f"M{m - 1.1:g} {m:g}a1.1 1.1 0 1 1 2.2 0a1.1 1.1 0 1 1 -2.2 0z"
    return Icone(nom, ((d, couleur, None, 0),), cote=pas)


def ronds(nom: str, couleur: str, coeur: str) -> Icone:
    """Rings with a dot, as wooded areas are drawn."""
    anneau = "M4 10a6 6 0 1 1 12 0a6 6 0 1 1 -12 0z"
    point = "M8.6 10a1.4 1.4 0 1 1 2.8 0a1.4 1.4 0 1 1 -2.8 0z"
    return Icone(nom, ((anneau, None, couleur, 1.1), (point, coeur, None, 0)), cote=20)


@dataclass(frozen=True)
class Groupe:
    """Types drawn alike: code, line of the legend, types, hue, pattern."""

    code: str
    libelle: str
    types: tuple[str, ...]
    couleur: str
    motif: Icone | None


PRESCRIPTIONS: tuple[Groupe, ...] = (
    Groupe("ebc", "Espace boisé classé", ("01",), "#268c00", ronds("psc-ebc", "#56aa02", "#268c00")),
    Groupe(
        "limite",
        "Constructibilité limitée",
        ("02", "03", "31", "32", "33", "46"),
        "#b0409f",
        hachures("psc-limite", "#b0409f", 13),
    ),
    Groupe("er", "Emplacement réservé", ("05",), "#e600a9", croise("psc-er", "#e600a9")),
    Groupe(
        "patrimoine",
        "Patrimoine et paysage à protéger",
        ("07", "08", "25", "34", "35"),
        "#730000",
        points("psc-patrimoine", "#730000", 11),
    ),
    Groupe(
        "projet",
        "Orientation d'aménagement, plan de masse, opération d'ensemble",
        ("14", "18", "45", "49"),
        "#d94800",
        hachures("psc-projet", "#ff5500", 12, -1),
    ),
    Groupe(
        "logement",
        "Logement, mixité, densité",
        ("17", "23", "29", "30", "36"),
        "#8f21aa",
        points("psc-logement", "#8f21aa", 9),
    ),
    Groupe("commerce", "Commerce et activités", ("22", "50", "51", "52"), "#5e3c99", None),
    Groupe("voies", "Voies, desserte et réseaux", ("04", "24", "27", "28", "47"), "#343434", None),
    Groupe(
        "campagne",
        "Constructions en zone agricole ou naturelle",
        ("16", "19", "20"),
        "#a08600",
        points("psc-campagne", "#c0a000", 12),
    ),
    Groupe(
        "regles",
        "Règles d'implantation, de hauteur, d'aspect, de stationnement",
        ("15", "26", "37", "38", "39", "40", "41", "42", "43", "44", "48"),
        "#8a4dd3",
        None,
    ),
    Groupe("autres", "Autre prescription", (), "#6e6e6e", None),
)
INFORMATIONS: tuple[Groupe, ...] = (
    Groupe("preemption", "Droit de préemption", ("03", "04", "33"), "#c8102e", None),
    Groupe(
        "operations",
        "Opération d'aménagement, projet urbain",
        ("02", "05", "12", "13", "30", "34", "39"),
        "#5a70ff",
        hachures("inf-operations", "#5a70ff", 14),
    ),
    Groupe("fiscalite", "Taxe d'aménagement, fiscalité", ("32", "35"), "#8a7a00", None),
    Groupe("bruit", "Bruit", ("14", "27"), "#c0459f", points("inf-bruit", "#e070c0", 13)),
    Groupe("patrimoine", "Archéologie, patrimoine", ("16", "31", "40"), "#895a44", None),
    Groupe(
        "risques",
        "Risques, sols, eaux",
        ("17", "19", "21", "38"),
        "#8400a8",
        hachures("inf-risques", "#8400a8", 14, -1),
    ),
    Groupe(
        "nature",
        "Nature, agriculture, littoral, montagne",
        ("08", "22", "23", "25", "36", "37"),
        "#00734c",
        None,
    ),
    Groupe("autres", "Autre périmètre", (), "#6e6e6e", None),
)
# Nature of a servitude → the same.
SERVITUDES: tuple[Groupe, ...] = (
    Groupe("patrimoine", "Patrimoine", ("patrimoine",), "#7d3c98", None),
    Groupe("risque", "Risques", ("risque",), "#1f5fa8", hachures("sup-risque", "#1f5fa8", 11)),
    Groupe("eau", "Eau", ("eau",), "#2a8fbd", points("sup-eau", "#2a8fbd", 11)),
    Groupe("nature", "Forêts et nature", ("nature",), "#3d7a2a", None),
    Groupe("reseaux", "Réseaux et énergie", ("reseau", "telecom"), "#b06000", None),
    Groupe("voies", "Voies, chemin de fer, aviation", ("voie", "aviation"), "#47586b", None),
    Groupe("autres", "Autre servitude", (), "#6e6e6e", None),
)
