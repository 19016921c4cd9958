"""The constraints of a request's ground, and what they propose: confirmed or set aside with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django import forms
from django.http import QueryDict
from django.utils.html import format_html

from gis_data.contraintes.calcul import contraintes
from gis_data.contraintes.resultat import Etat, Resultat
from urba.formulaires import FormulaireEvenement
from urba.instruction import lecture
from urba.instruction.etats import type_delai
from urba.models import DossierInstruction
from urba.regles.contraintes import Candidat, Genre, Rencontre, proposer
from urba.regles.types import Nature

MOTIF_MAX = 500


@dataclass(frozen=True)
class Controle:
    """One check: null ``resultat`` where the request has no ground."""

    resultat: Resultat | None
    candidats: tuple[Candidat, ...] = ()

    @property
    def couches(self) -> dict[str, list[Any]]:
        """Layers by what they say; the zones are shown apart."""
        toutes = self.resultat.consultees if self.resultat else ()
        return {
            "trouvees": [c for c in toutes if c.etat is Etat.TROUVE],
            "vides": [c for c in toutes if c.etat is Etat.RIEN],
            "non_chargees": [c for c in toutes if c.etat is Etat.NON_CHARGEE],
        }

    def en_json(self) -> list[dict[str, Any]]:
        """State and version of each layer asked, for the log."""
        if self.resultat is None:
            return []
        return [
            {"nom": c.nom, "etat": c.etat.value, "versions": [s.identifiant for s in c.sources]}
            for c in (self.resultat.zonage.consultee, *self.resultat.consultees)
        ]


def rencontres_de(resultat: Resultat) -> list[Rencontre]:
    """What the rules look at: zones by family, objects by category."""
    zones = [
        Rencontre("plu_zones", f"zone:{z.famille}", f"Zone {z.libelle or z.typezone}", z.pct)
        for z in resultat.zonage.zones
    ]
    return [*zones, *(Rencontre(o.couche, o.code, o.libelle, o.pct) for o in resultat.objets)]


def controler(d: DossierInstruction, utilisateur: Any, jour: date) -> Controle:
    """Ask every layer about the ground of a request, as of ``jour``."""
    terrain = getattr(d, "terrain", None)
    if terrain is None or terrain.emprise is None:
        return Controle(None)
    resultat = contraintes(shapely.from_wkb(bytes(terrain.emprise.wkb)), jour, utilisateur)
    if not d.type_detail or d.nature not in tuple(Nature):
        return Controle(resultat)
    contexte = d.contexte_regles
    candidats = proposer(
        rencontres_de(resultat),
        type_delai(d.type_detail),
        Nature(contexte.nature),
        d.date_depot or jour,
        contexte.regles,
    )
    return Controle(resultat, candidats)


class FormulaireQualification(FormulaireEvenement):
    """The event form, with one reason a candidate that is not kept."""

    def __init__(self, *args: Any, controle: Controle, **options: Any) -> None:
        super().__init__(*args, **options)
        self.controle = controle
        # A row that ships inactive cannot be kept: it is shown, and asks for no reason.
        self.candidats = [c for c in controle.candidats if c.active]
        for genre, champ in ((Genre.MAJORATION, "majorations"), (Genre.DRAPEAU, "drapeaux")):
            proposes = [c.code for c in self.candidats if c.genre is genre]
            deja = list(self.fields[champ].initial or [])
            self.fields[champ].initial = list(dict.fromkeys([*deja, *proposes]))
        if any(c.genre is Genre.RECOLEMENT for c in self.candidats):
            self.fields["recolement_obligatoire"].initial = True
        for c in self.candidats:
            self.fields[f"motif-{c.cle}"] = forms.CharField(
                label=f"{c.libelle} : pourquoi l'écarter ?",
                required=False,
                max_length=MOTIF_MAX,
                # Names of layers come from imported files.
                help_text=format_html("La carte propose : {}. {}.", c.effet, " ; ".join(c.sources)),
            )
        self.order_fields([*self.fields_hors_motifs(), *self.motifs(), "forcer", "version", "cle"])

    def motifs(self) -> list[str]:
        """Names of the fields of reasons."""
        return [n for n in self.fields if n.startswith("motif-")]

    def fields_hors_motifs(self) -> list[str]:
        """The others, but for those that come last."""
        derniers = ("forcer", "version", "cle")
        return [n for n in self.fields if not n.startswith("motif-") and n not in derniers]

    def _retenue(self, c: Candidat) -> bool:
        match c.genre:
            case Genre.MAJORATION:
                return c.code in (self.cleaned_data.get("majorations") or [])
            case Genre.DRAPEAU:
                return c.code in (self.cleaned_data.get("drapeaux") or [])
        return bool(self.cleaned_data.get("recolement_obligatoire"))

    def clean(self) -> dict[str, Any]:
        """Setting aside asks for a reason."""
        donnees = super().clean() or {}
        for c in self.candidats:
            if not self._retenue(c) and not donnees.get(f"motif-{c.cle}"):
                propose = f"La carte propose « {c.libelle} » ({c.article})"
                self.add_error(f"motif-{c.cle}", f"{propose} : retenez-le, ou dites pourquoi l'écarter.")
        return donnees

    def donnees(self) -> dict[str, Any]:
        """The event's data, with what was proposed and what became of it."""
        sortie = super().donnees()
        sortie["controle"] = {
            "couches": self.controle.en_json(),
            "candidats": [
                {
                    "cle": c.cle,
                    "libelle": c.libelle,
                    "article": c.article,
                    "sources": list(c.sources),
                    "retenue": (retenue := self._retenue(c)),
                    "motif": "" if retenue else self.cleaned_data.get(f"motif-{c.cle}", ""),
                }
                for c in self.candidats
            ],
        }
        return sortie


def formulaire(
    type_: Any,
    d: DossierInstruction,
    donnees: QueryDict | None,
    *,
    faits: list[lecture.Fait],
    forcable: bool,
    utilisateur: Any,
    jour: date,
) -> FormulaireEvenement:
    """The form of an event: that of the qualification asks the map."""
    if type_.code != "qualification":
        return FormulaireEvenement(type_, d, donnees, faits=faits, forcable=forcable)
    controle = controler(d, utilisateur, jour)
    return FormulaireQualification(type_, d, donnees, faits=faits, forcable=forcable, controle=controle)


def resumer(controle: Mapping[str, Any]) -> list[str]:
    """What the log of a qualification tells of the candidates."""
    return [
        f"{c['libelle']} : {'retenu' if c['retenue'] else 'écarté, ' + c['motif']}"
        for c in controle.get("candidats", [])
    ]
