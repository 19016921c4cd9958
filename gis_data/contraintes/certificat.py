"""What a certificat d'information (code de l'urbanisme, L410-1 a) and the note say of a ground, as data.

Everything comes from ``contraintes``: nothing is found that it has not found, and a layer that is not loaded
is named as such, in its own rubric.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.resultat import Consultee, Contrainte, Etat, Resultat, Source, Zonage
from gis_data.contraintes.symboles import INFORMATIONS

# Types of informations of the CNIG that a certificat names apart.
PREEMPTION = frozenset(t for g in INFORMATIONS if g.code == "preemption" for t in g.types)
FISCALITE = frozenset(t for g in INFORMATIONS if g.code == "fiscalite" for t in g.types)
AVERTISSEMENT = (
    "Cette note rassemble ce que disent les couches chargées dans cet outil au jour de son édition. Elle ne"
    " vaut pas certificat d'urbanisme et n'engage pas la commune : seuls les documents approuvés,"
    " consultables en mairie, font foi."
)


@dataclass(frozen=True)
class Rubrique:
    """One heading: layers asked, what they hold on the ground, those that are not loaded.

    ``etat``: found when one of them found something, not loaded when none of them is loaded.
    """

    code: str
    titre: str
    couches: tuple[Consultee, ...]
    objets: tuple[Contrainte, ...]

    @property
    def etat(self) -> Etat:
        """State of the rubric as a whole."""
        if self.objets:
            return Etat.TROUVE
        chargee = any(c.etat is not Etat.NON_CHARGEE for c in self.couches)
        return Etat.RIEN if chargee else Etat.NON_CHARGEE

    @property
    def vides(self) -> tuple[Consultee, ...]:
        """Layers loaded that hold nothing here."""
        return tuple(c for c in self.couches if c.etat is Etat.RIEN)

    @property
    def non_chargees(self) -> tuple[Consultee, ...]:
        """Layers of which nothing is known here."""
        return tuple(c for c in self.couches if c.etat is Etat.NON_CHARGEE)

    @property
    def plusieurs(self) -> bool:
        """More than one layer: which of them is empty, or missing, is worth a word."""
        return len(self.couches) > 1

    def en_json(self) -> dict[str, Any]:
        """Plain values."""
        return {
            "titre": self.titre,
            "etat": self.etat.value,
            "etat_libelle": self.etat.libelle,
            "objets": [o.en_json() for o in self.objets],
            "rien_trouve": [c.libelle for c in self.vides],
            "non_chargees": [c.libelle for c in self.non_chargees],
        }


@dataclass(frozen=True)
class DonneesCertificat:
    """Data of a certificat d'information for a ground on a day.

    ``en_json()`` gives, with every key always there::

        {"jour": "2026-03-12", "terrain": {"surface_m2": 900, "communes": [{"insee", "nom"}]},
         "zonage": {"etat", "etat_libelle", "zones": [{"libelle", "typezone", "description", "mesure", "pct",
                    "lien", …}], "hors_zonage": {"mesure", "pct"} | null, …},
         "rubriques": {"prescriptions" | "preemption" | "fiscalite" | "informations" | "servitudes"
                       | "risques" | "patrimoine" | "autres":
                       {"titre", "etat", "etat_libelle", "objets": […], "rien_trouve": [libellé],
                        "non_chargees": [libellé]}},
         "sources": [{"libelle", "identifiant", "du", "au"}], "complet": bool, "avertissement": str}

    Shares (``pct``) of the zones and of ``hors_zonage`` sum to 100 where the zoning is loaded; states are
    ``non_chargee``, ``rien``, ``trouve``; ``complet``: no layer expected here is missing.
    """

    resultat: Resultat
    rubriques: tuple[Rubrique, ...]

    @property
    def zonage(self) -> Zonage:
        """Zones and their shares."""
        return self.resultat.zonage

    @property
    def sources(self) -> tuple[Source, ...]:
        """Versions that answered, each once."""
        consultees = (self.zonage.consultee, *(c for r in self.rubriques for c in r.couches))
        return tuple(dict.fromkeys(s for c in consultees for s in c.sources))

    @property
    def non_chargees(self) -> tuple[str, ...]:
        """Layers of which nothing is known here, the zoning first."""
        zonage = self.zonage.consultee
        noms = [zonage.libelle] if zonage.etat is Etat.NON_CHARGEE else []
        return (*noms, *dict.fromkeys(c.libelle for r in self.rubriques for c in r.non_chargees))

    def rubrique(self, code: str) -> Rubrique:
        """One rubric; ``KeyError`` for another code."""
        return {r.code: r for r in self.rubriques}[code]

    def en_json(self) -> dict[str, Any]:
        """The shape said above."""
        return {
            "jour": self.resultat.jour.isoformat(),
            "terrain": {
                "surface_m2": self.resultat.surface,
                "communes": [{"insee": i, "nom": n} for i, n in self.resultat.communes],
            },
            "zonage": self.zonage.en_json(),
            "rubriques": {r.code: r.en_json() for r in self.rubriques},
            "sources": [s.en_json() for s in self.sources],
            "complet": not self.non_chargees,
            "avertissement": AVERTISSEMENT,
        }


def donnees_certificat(geometrie: Any, jour: date, utilisateur: Any = None) -> DonneesCertificat:
    """Data for a shapely geometry in the legal projection; ``ValueError`` for an empty one.

    ``utilisateur`` null: public layers only, as on a document that leaves the house.
    """
    return ranger(contraintes(geometrie, jour, utilisateur))


def ranger(resultat: Resultat) -> DonneesCertificat:
    """The rubrics of a certificat from an answer of ``contraintes``."""
    par_nom = {c.nom: c for c in resultat.consultees}
    prescriptions, informations = par_nom["plu_prescriptions"], par_nom["plu_informations"]

    def types(garde: frozenset[str]) -> tuple[Contrainte, ...]:
        return tuple(o for o in informations.objets if o.code.partition("-")[0] in garde)

    autres = tuple(o for o in informations.objets if o.code.partition("-")[0] not in PREEMPTION | FISCALITE)

    def famille(code: str, titre: str, *noms: str) -> Rubrique:
        couches = [c for c in resultat.famille(*noms) if c not in (prescriptions, informations)]
        return Rubrique(code, titre, tuple(couches), tuple(_objets(couches)))

    return DonneesCertificat(
        resultat,
        (
            Rubrique("prescriptions", "Prescriptions", (prescriptions,), prescriptions.objets),
            Rubrique("preemption", "Droit de préemption", (informations,), types(PREEMPTION)),
            Rubrique("fiscalite", "Taxes et participations", (informations,), types(FISCALITE)),
            Rubrique("informations", "Périmètres d'information", (informations,), autres),
            famille("servitudes", "Servitudes d'utilité publique", "servitude"),
            famille("risques", "Risques", "risque"),
            famille("patrimoine", "Patrimoine", "patrimoine"),
            famille("autres", "Autres données", "plu", "autre"),
        ),
    )


def _objets(couches: Iterable[Consultee]) -> Iterable[Contrainte]:
    return (o for c in couches for o in c.objets)
