"""Simulator of conflicts between occupations side by side on one street, on the contract of the command."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domainepublic.instruction.etats import LIBELLES
from domainepublic.regles.conflits import detecter_conflits
from domainepublic.regles.tables.etats import IGNORE, POIDS_DES_ETATS
from domainepublic.regles.tables.types import TYPES, compatibilites_par_defaut
from domainepublic.simulateurs.redevance import THEME
from mairie.calendrier import jma
from mairie.lecture_json import ErreurSaisie
from mairie.simulateurs import Champ, Etape, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

# The straight street of the simulation starts there: metres, legal projection of the mainland.
X0, Y0 = 843_000, 6_518_000
MOTIFS = {
    "chevauchement": "même sol, mêmes heures",
    "coordination_tranchees": "tranchées à grouper",
    "largeur_libre": "passage des piétons",
}
NIVEAUX = {"bloquant": "Bloquant", "alerte": "À voir", "info": "Pour information"}
PLACE = ("abscisse", "ecart", "longueur", "profondeur")
JOURS = (
    ("lun", "lundi"),
    ("mar", "mardi"),
    ("mer", "mercredi"),
    ("jeu", "jeudi"),
    ("ven", "vendredi"),
    ("sam", "samedi"),
    ("dim", "dimanche"),
)
GROUPES = (
    Groupe(
        "Les occupations",
        (
            Champ(
                "type",
                "Type",
                Genre.CHOIX,
                choix=tuple((t.code, t.libelle.capitalize()) for t in TYPES.values() if t.code != "SANS"),
                obligatoire=True,
            ),
            Champ(
                "etat",
                "État",
                Genre.CHOIX,
                choix=tuple((e, LIBELLES[e]) for e, poids in POIDS_DES_ETATS.items() if poids != IGNORE),
                obligatoire=True,
            ),
            Champ("abscisse", "À combien de mètres le long de la rue", Genre.NOMBRE, obligatoire=True),
            Champ("ecart", "À combien de mètres de la façade", Genre.NOMBRE, obligatoire=True),
            Champ("longueur", "Longueur (m)", Genre.NOMBRE, obligatoire=True),
            Champ("profondeur", "Profondeur (m)", Genre.NOMBRE, obligatoire=True),
            Champ("debut", "Du", Genre.DATE, obligatoire=True),
            Champ("fin", "Au (compris)", Genre.DATE),
            Champ("jours", "Certains jours seulement", Genre.CASES, choix=JOURS),
            Champ("de", "De", aide="08:00"),
            Champ("a", "À", aide="18:00"),
            Champ("largeur_libre", "Passage laissé aux piétons (m)", Genre.NOMBRE),
            Champ("operateur", "Exploitant du réseau"),
        ),
        "emprises",
        liste=True,
        singulier="Occupation",
        obligatoire=True,
        aide="Deux occupations ou plus, sur une même rue droite.",
    ),
)


def _emprise(brute: Mapping[str, Any], rang: int) -> dict[str, Any]:
    e = {k: v for k, v in brute.items() if k not in (*PLACE, "jours", "de", "a")}
    try:
        x, y, longueur, profondeur = (Decimal(str(brute[n])) for n in PLACE)
    except (KeyError, ArithmeticError):
        manque = next((n for n in PLACE if not brute.get(n)), PLACE[0])
        raise ErreurSaisie(f"emprises[{rang}].{manque}", "Donnez ce nombre, en mètres.") from None
    for nom, valeur in (("longueur", longueur), ("profondeur", profondeur)):
        if not 0 < valeur <= 500:
            raise ErreurSaisie(f"emprises[{rang}].{nom}", "Entre 0 et 500 m, 0 non compris.")
    for nom, valeur in (("abscisse", x), ("ecart", y)):
        if not 0 <= valeur <= 5000:
            raise ErreurSaisie(f"emprises[{rang}].{nom}", "Entre 0 et 5 000 m.")
    a, b = X0 + x, Y0 + y
    coins = [[a, b], [a + longueur, b], [a + longueur, b + profondeur], [a, b + profondeur], [a, b]]
    if brute.get("jours") or brute.get("de") or brute.get("a"):
        e["creneaux"] = [
            {
                "jours": brute.get("jours") or [],
                "de": brute.get("de") or "00:00",
                "a": brute.get("a") or "24:00",
            }
        ]
    return {
        **e,
        "id": f"n° {rang + 1}",
        "dossier": f"n° {rang + 1}",
        "voie": "Rue de la simulation",
        "geometrie": {"type": "Polygon", "coordinates": [coins]},
    }


def traiter(cas: dict[str, Any]) -> Mapping[str, Any]:
    """The command's answer for rectangles along a street, with the delivered table of compatibility."""
    emprises = cas.get("emprises") or []
    if not isinstance(emprises, list):
        emprises = []
    compatibilites = [{"a": a, "b": b, "niveau": n} for (a, b), n in compatibilites_par_defaut().items()]
    return detecter_conflits(
        {
            "emprises": [_emprise(e, rang) for rang, e in enumerate(emprises)],
            "compatibilites": compatibilites,
        }
    )


def _jours(conflit: Mapping[str, Any]) -> str:
    if not conflit["nb_jours"]:
        return ""
    dates = [jma(date.fromisoformat(j)) for j in conflit["dates"][:6]]
    suite = f" et {conflit['nb_jours'] - len(dates)} autres" if conflit["nb_jours"] > len(dates) else ""
    return f"{', '.join(dates)}{suite}"


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """Each conflict, the worst first."""
    conflits = reponse["conflits"]
    etapes = [
        Etape(f"{NIVEAUX[c['niveau']]} : {MOTIFS.get(c['motif'], c['motif'])}", "", c["libelle"],
              c["niveau"] == "bloquant")
        for c in conflits
    ]  # fmt: skip
    faits = [
        Fait(f"{c['a']} et {c['b']}", texte=f"{c['surface']} m² en commun".replace(".", ","), note=_jours(c))
        for c in conflits
        if c["b"] and c["surface"]
    ]
    bloquants = sum(c["niveau"] == "bloquant" for c in conflits)
    phrase = (
        "Aucun conflit."
        if not conflits
        else f"{len(conflits)} conflit{'s' if len(conflits) > 1 else ''}, dont {bloquants} bloquant"
        f"{'s' if bloquants > 1 else ''}."
    )
    return Resultat(
        phrase, faits, etapes, suite="Un conflit bloquant arrête la signature, sauf levée avec un motif."
    )


SIMULATEUR = Simulateur(
    "conflits",
    "Deux chantiers se gênent-ils ?",
    "Même sol, mêmes jours, mêmes heures : ce que la mairie verrait avant de signer.",
    "bi-intersect",
    THEME,
    120,
    GROUPES,
    traiter,
    presenter,
    exemple="emprises-0-type=TERR_O&emprises-0-etat=actif&emprises-0-abscisse=0&emprises-0-ecart=0"
    "&emprises-0-longueur=6&emprises-0-profondeur=2&emprises-0-debut=2026-05-01&emprises-0-fin=2026-05-31"
    "&emprises-1-type=ECHAF&emprises-1-etat=a_signer&emprises-1-abscisse=3&emprises-1-ecart=0"
    "&emprises-1-longueur=10&emprises-1-profondeur=1.2&emprises-1-debut=2026-05-11&emprises-1-fin=2026-05-29",
)
