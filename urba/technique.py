"""Technical data by form: the blocks of each kind, read and shown by the same frame as the simulators."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import QueryDict

from mairie import journal
from mairie.lecture_json import ErreurSaisie
from mairie.models import Utilisateur
from mairie.simulateurs import Champ, Groupe, Resultat, Simulateur
from mairie.simulateurs.modele import Genre
from mairie.simulateurs.saisie import Saisie
from urba.contrats import taxe
from urba.models import DonneesTechniques, DossierInstruction
from urba.regles.donnees_techniques import (
    COLONNES,
    DESTINATIONS,
    UTILISATIONS,
    cas_taxe,
    incoherences,
    logements,
    surface,
    surface_apres,
    total,
)

SCHEMA = 1
ACTION = "urba.donnees_techniques"
CERFA = {
    "PCMI": "13406",
    "PC": "13409",
    "PA": "13409",
    "PD": "13405",
    "DPMI": "13703",
    "DPC": "13404",
    "DPLT": "13702",
    "DP": "13404",
    "CUA": "13410",
    "CUB": "13410",
}
"""Form of each detailed type."""

_NATURE = Groupe(
    "Nature des travaux",
    (
        Champ(
            "nature_travaux",
            "Les travaux portent sur",
            Genre.CHOIX,
            choix=(("nouvelle", "Une construction nouvelle"), ("existante", "Une construction existante")),
        ),
        Champ(
            "utilisation",
            "Usage des logements",
            Genre.CHOIX,
            choix=tuple((c, libelle) for c, (libelle, _) in UTILISATIONS.items()),
        ),
    ),
)
_SURFACES = Groupe(
    "Surfaces de plancher par destination (m²)",
    (
        Champ(
            "destination",
            "Destination",
            Genre.CHOIX,
            choix=tuple((c, libelle) for c, (libelle, _) in DESTINATIONS.items()),
            obligatoire=True,
        ),
        *(Champ(code, libelle, Genre.NOMBRE) for code, libelle in COLONNES.items()),
    ),
    "surfaces",
    liste=True,
    singulier="Destination",
)
_LOGEMENTS = Groupe(
    "Logements",
    (
        Champ("individuels", "Individuels créés", Genre.ENTIER),
        Champ("collectifs", "Collectifs créés", Genre.ENTIER),
        Champ("demolis", "Démolis", Genre.ENTIER),
    ),
    "logements",
)
_STATIONNEMENT = Groupe(
    "Stationnement",
    (
        Champ("avant", "Places avant travaux", Genre.ENTIER),
        Champ("apres", "Places après travaux", Genre.ENTIER),
        Champ("exterieures", "Dont créées à l'air libre", Genre.ENTIER, aide="Taxées par place."),
    ),
    "stationnement",
)
_INSTALLATIONS = Groupe(
    "Piscine et autres installations",
    (
        Champ("piscine_m2", "Bassin de piscine (m²)", Genre.NOMBRE),
        Champ("photovoltaique_m2", "Panneaux photovoltaïques au sol (m²)", Genre.NOMBRE),
        Champ("eoliennes", "Éoliennes de plus de 12 m", Genre.ENTIER),
        Champ("tentes_caravanes", "Emplacements de tente ou de caravane", Genre.ENTIER),
        Champ("hll", "Habitations légères de loisirs", Genre.ENTIER),
    ),
    "installations",
    replie=True,
)
_LOTS = Groupe(
    "Lots",
    (
        Champ("numero", "Lot", obligatoire=True),
        Champ("surface_m2", "Surface (m²)", Genre.NOMBRE),
        Champ("plancher_m2", "Surface de plancher permise (m²)", Genre.NOMBRE),
    ),
    "lots",
    liste=True,
    singulier="Lot",
)
_TAUX = Groupe(
    "Taux de la taxe d'aménagement",
    (
        Champ("communal", "Communal (%)", Genre.NOMBRE),
        Champ("departemental", "Départemental (%)", Genre.NOMBRE),
        Champ("regional", "Régional (%)", Genre.NOMBRE),
    ),
    "taux",
    aide="Pour la simulation seulement : rien n'est dû sur cette base.",
)
_BATIR = (_NATURE, _SURFACES, _LOGEMENTS, _STATIONNEMENT, _INSTALLATIONS, _TAUX)
BLOCS: dict[str, Sequence[Groupe]] = {
    "PCMI": _BATIR,
    "PC": _BATIR,
    "DPMI": _BATIR,
    "DPC": _BATIR,
    "DP": _BATIR,
    "PA": (_NATURE, _LOTS, _SURFACES, _LOGEMENTS, _STATIONNEMENT, _INSTALLATIONS, _TAUX),
    "DPLT": (_LOTS,),
    "PD": (_SURFACES, _LOGEMENTS),
    "CUA": (),
    "CUB": (_NATURE, _SURFACES, _LOGEMENTS),
}
"""Blocks of each detailed type; a type without block has no technical data."""


def saisie(d: DossierInstruction, donnees: QueryDict) -> Saisie:
    """The form of a request's kind, filled."""
    return Saisie(_cadre(d.type_detail), donnees)


def _cadre(type_detail: str) -> Simulateur:
    # The frame of the simulators, for its fields only.
    return Simulateur(
        f"technique-{type_detail}",
        "Données techniques",
        "",
        "bi-rulers",
        "",
        0,
        BLOCS.get(type_detail, ()),
        lambda cas: cas,
        lambda cas, reponse: Resultat(""),
    )


def en_requete(donnees: Mapping[str, Any]) -> QueryDict:
    """Stored data as the form would send them."""
    paires: list[tuple[str, str]] = []
    for cle, valeur in donnees.items():
        if isinstance(valeur, Mapping):
            paires += [(f"{cle}-{k}", str(v)) for k, v in valeur.items()]
        elif isinstance(valeur, list):
            paires += [(f"{cle}-{i}-{k}", str(v)) for i, x in enumerate(valeur) for k, v in x.items()]
        else:
            paires.append((cle, str(valeur)))
    return QueryDict(urlencode(paires))


def technique_de(d: DossierInstruction) -> DonneesTechniques:
    """The row of a request, made empty when there is none."""
    return DonneesTechniques.objects.get_or_create(dossier=d)[0]


def empreinte(donnees: Mapping[str, Any]) -> str:
    """Short seal of what was shown, to see that another agent saved meanwhile."""
    texte = json.dumps(donnees, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(texte.encode()).hexdigest()[:16]


class Depassee(Exception):
    """Another agent saved since the form was opened."""


def enregistrer(d: DossierInstruction, donnees: Mapping[str, Any], *, par: Utilisateur, vue: str) -> None:
    """Write the data of a request; ``vue``: seal of what the person saw. Raises ``Depassee``."""
    with transaction.atomic():
        technique_de(d)
        ligne = DonneesTechniques.objects.select_for_update(of=("self",)).get(dossier=d)
        if vue != empreinte(ligne.donnees):
            raise Depassee
        ligne.donnees, ligne.schema, ligne.cerfa = dict(donnees), SCHEMA, CERFA.get(d.type_detail, "")
        ligne.save()
        journal.noter(par, ACTION, d, insee=d.insee, donnees={"blocs": sorted(donnees)})


def simulation(d: DossierInstruction, donnees: Mapping[str, Any], annee: int) -> dict[str, Any] | None:
    """The tax of a request: amounts, the link that unfolds them, or why it cannot be; null without rates."""
    cas = cas_taxe(donnees, annee, d.insee)
    if cas is None:
        return None
    adresse = f"/simulateurs/taxe-amenagement/?{en_requete(cas).urlencode()}"
    try:
        montant = Decimal(str(taxe.traiter(cas)["total"]))
    except ErreurSaisie as e:
        return {"erreur": e.message, "adresse": adresse, "annee": annee}
    return {"total": montant, "adresse": adresse, "annee": annee}


def resumer(d: DossierInstruction, jour: date) -> dict[str, Any]:
    """What the page of a dossier shows of its technical data."""
    ligne = getattr(d, "donnees_techniques", None)
    donnees = ligne.donnees if ligne is not None else {}
    surfaces = [
        (
            DESTINATIONS[x["destination"]][0],
            [surface(x, c) for c in COLONNES],
            surface_apres(x),
        )
        for x in donnees.get("surfaces", [])
        if x.get("destination") in DESTINATIONS
    ]
    annee = (d.date_decision or jour).year
    return {
        "existe": bool(BLOCS.get(d.type_detail)),
        "remplies": bool(donnees),
        "colonnes": list(COLONNES.values()),
        "surfaces": surfaces,
        "creee": total(donnees, "creee"),
        "logements": logements(donnees),
        "stationnement": donnees.get("stationnement", {}),
        "lots": donnees.get("lots", []),
        "incoherences": incoherences(donnees) if donnees else (),
        "taxe": simulation(d, donnees, annee),
        "cerfa": ligne.cerfa if ligne is not None else "",
    }
