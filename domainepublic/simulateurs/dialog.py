"""Simulator of the DiaLog payload of a traffic order, on the contract of ``charge_dialog``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domainepublic.regles.dialog import charge_dialog
from domainepublic.regles.effets import MESURES_LISIBLES
from domainepublic.regles.tables import dialog as table
from domainepublic.simulateurs.redevance import THEME
from mairie.lecture_json import ErreurSaisie
from mairie.simulateurs import Champ, Etape, Fait, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

LIEU = ("insee", "commune", "voie", "du_numero", "au_numero", "sens")
OBJETS = {
    "travaux": "travaux",
    "manifestation": "manifestation",
    "incident": "incident",
    "viabilite_hivernale": "viabilité hivernale",
    "autre": "autre",
}
SENS = {"deux": "les deux sens", "croissant": "numéros croissants", "decroissant": "numéros décroissants"}
GROUPES = (
    Groupe(
        "L'arrêté",
        (
            Champ("numero", "Numéro", obligatoire=True),
            Champ("titre", "Titre", obligatoire=True),
            Champ(
                "nature",
                "Nature",
                Genre.CHOIX,
                choix=(("temporaire", "temporaire"), ("permanent", "permanent")),
            ),
            Champ("objet", "Objet", Genre.CHOIX, choix=tuple(OBJETS.items()), obligatoire=True),
            Champ("objet_texte", "Si l'objet est « autre », lequel"),
            Champ("publier", "À publier", Genre.COCHE),
        ),
        "arrete",
        obligatoire=True,
    ),
    Groupe(
        "Les mesures",
        (
            Champ(
                "type", "Mesure", Genre.CHOIX, choix=tuple((m, MESURES_LISIBLES[m]) for m in table.MESURES),
                obligatoire=True,
            ),
            Champ("debut", "Du", Genre.DATE, obligatoire=True),
            Champ("fin", "Au (compris)", Genre.DATE),
            Champ("vitesse", "Vitesse (km/h)", Genre.ENTIER),
            Champ("insee", "Code INSEE de la commune", obligatoire=True),
            Champ("commune", "Commune", obligatoire=True),
            Champ("voie", "Voie", obligatoire=True),
            Champ("du_numero", "Du numéro"),
            Champ("au_numero", "Au numéro"),
            Champ("sens", "Sens", Genre.CHOIX, choix=tuple(SENS.items())),
        ),
        "mesures",
        liste=True,
        singulier="Mesure",
        obligatoire=True,
    ),
)  # fmt: skip


def traiter(cas: dict[str, Any]) -> Mapping[str, Any]:
    """The command's answer; the one place of a measure is written beside it in the form."""
    mesures = []
    for m in cas.get("mesures") or []:
        lieu = {n: m[n] for n in LIEU if m.get(n)}
        mesures.append({**{k: v for k, v in m.items() if k not in LIEU}, "localisations": [lieu]})
    try:
        return charge_dialog({"arrete": {**(cas.get("arrete") or {}), "mesures": mesures}})
    except ErreurSaisie as e:
        champ = e.champ
        if champ.startswith("arrete.mesures"):
            champ = champ.removeprefix("arrete.").replace(".localisations[0]", "")
        raise ErreurSaisie(champ, e.message) from e


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """What would be sent, measure by measure."""
    charge = reponse["charge"]
    exclues = tuple(
        f"Mesure {x['mesure'] + 1}, « {MESURES_LISIBLES[x['type']]} » : le format n'a pas d'équivalent."
        for x in reponse["non_exportees"]
    )
    if charge is None:
        return Resultat("Aucune mesure ne peut partir vers DiaLog.", alertes=exclues)
    faits = [
        Fait("Identifiant", texte=charge["identifier"]),
        Fait("Statut", texte=charge["status"]),
        Fait("Catégorie", texte=f"{charge['category']}, {charge['subject']}"),
    ]
    etapes = [
        Etape(m["type"], "", f"{len(m['periods'])} période(s), {len(m['locations'])} lieu(x)")
        for m in charge["measures"]
    ]
    n = len(charge["measures"])
    return Resultat(
        f"Charge prête : {n} mesure{'s' if n > 1 else ''}.",
        faits,
        etapes,
        exclues,
        suite="La charge entière se lit en JSON par le lien ci-dessous ; rien n'est envoyé.",
    )


SIMULATEUR = Simulateur(
    "charge-dialog",
    "Un arrêté de circulation pour DiaLog",
    "La charge qu'attend la plateforme de l'État, construite et montrée, jamais envoyée.",
    "bi-filetype-json",
    THEME,
    130,
    GROUPES,
    traiter,
    presenter,
    exemple="arrete-numero=2026-ODP-0012&arrete-titre=Rue+ferm%C3%A9e&arrete-objet=travaux&arrete-publier=on"
    "&mesures-0-type=circulation_interdite&mesures-0-debut=2026-05-04&mesures-0-fin=2026-05-06"
    "&mesures-0-insee=25999&mesures-0-commune=Commune+fictive&mesures-0-voie=Rue+du+Lavoir",
)
