"""What is notified to an operator: report of his works, order to suspend them (CVR L115-1), as PDF."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.template.loader import render_to_string

from domainepublic.models import DemandeTravaux
from mairie.courriers.entetes import entete_de
from mairie.courriers.rendu import Rendu, Ressource, rendre
from mairie.models import Collectivite, Evenement
from mairie.workflow import journal

# Event → what its paper is called.
TITRES = {"reporter": "Report de travaux", "suspendre": "Ordre de suspension de travaux"}


@dataclass(frozen=True)
class Decision:
    """One decision written on the log of works. ``recue_le``: day of the request, where there was one."""

    t: DemandeTravaux
    evenement: Evenement
    recue_le: date | None

    @property
    def code(self) -> str:
        """Event that it writes."""
        return str(self.evenement.type)

    @property
    def titre(self) -> str:
        """Its name."""
        return TITRES[self.code]

    @property
    def motif(self) -> str:
        """Why, as the agent wrote it, without the full stop that the sentence puts."""
        return str(self.evenement.donnees.get("motif") or "").strip().rstrip(".")

    @property
    def debut(self) -> date | None:
        """First day allowed by a report."""
        texte = self.evenement.donnees.get("debut")
        return date.fromisoformat(texte) if texte else None


def decisions(t: DemandeTravaux) -> list[Decision]:
    """Those of some works, in order; what was struck out is none."""
    vivantes = journal.vivantes(journal.lignes(t))
    recue = next((e.date_effet for e in vivantes if e.type in ("deposer", "programmer")), None)
    return [Decision(t, e, recue) for e in vivantes if e.type in TITRES]


def en_pdf(decision: Decision) -> Rendu:
    """The paper, to be signed by hand and notified."""
    commune = Collectivite.objects.filter(code=decision.t.insee).first()
    entete = entete_de(commune, "domainepublic") if commune is not None else None
    ressources: dict[str, Ressource] = {}
    if entete is not None and entete.logo is not None:
        ressources["logo"] = entete.logo
    contexte: dict[str, Any] = {
        "x": decision,
        "t": decision.t,
        "commune": str(commune or decision.t.insee),
        "entete": entete.textes if entete is not None else {},
        "adresse": entete.lignes("adresse") if entete is not None else [],
        "logo": "logo" in ressources,
    }
    return rendre(render_to_string("domainepublic/decision_travaux_pdf.html", contexte), lettre=ressources)
