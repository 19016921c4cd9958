"""Summary of an installation: what its controls say of it today. A cache, written here only."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Min

from assainissement.circuits.etats import CONCLUS, MANQUES
from assainissement.circuits.obligation import VIVANTES
from assainissement.models import Controle, Installation, Obligation
from assainissement.models.reglement import reglement_du
from assainissement.regles.projets import premier_periodique
from assainissement.regles.tables.natures import CONFORME, EXECUTION

COLONNES = (
    "derniere_visite", "derniere_regle", "dernier_cas", "levee", "fin_validite", "prochain_controle",
    "echeance_travaux",
)  # fmt: skip


def resume(installation: Installation) -> dict[str, Any]:
    """The same figures by reading the controls: what the columns must hold."""
    vide: dict[str, Any] = dict.fromkeys(COLONNES)
    vide.update(derniere_regle="", dernier_cas="", levee=False)
    controles = list(installation.controles.exclude(etat__in=("", "annule")))
    conclus = [c for c in controles if c.etat in CONCLUS and c.date_visite and c.regle]
    dernier = max(conclus, key=lambda c: (c.date_visite, c.pk), default=None)
    if dernier is not None:
        vide.update(
            derniere_visite=dernier.date_visite,
            derniere_regle=dernier.regle,
            dernier_cas=dernier.cas,
            levee=dernier.date_levee is not None,
            fin_validite=dernier.fin_validite_rapport,
            prochain_controle=dernier.prochain_controle,
        )
    elif (mise := _premiere_echeance(installation, controles)) is not None:
        vide["prochain_controle"] = mise
    # What is still due, prolongations included: the earliest date of all.
    vide["echeance_travaux"] = (
        Obligation.objects.filter(controle__installation=installation, etat__in=VIVANTES)
        .exclude(nature="acces")
        .aggregate(m=Min("echeance"))["m"]
    )
    manques = [c for c in controles if c.etat in MANQUES and c.relance_le]
    if manques:
        vide["prochain_controle"] = min(c.relance_le for c in manques if c.relance_le)
    if installation.etat == "desactivee":
        vide.update(prochain_controle=None, echeance_travaux=None)
    return vide


def _premiere_echeance(installation: Installation, controles: list[Controle]) -> date | None:
    """First periodic control of an installation whose works were found conform and that none followed."""
    faites = [
        c.date_visite
        for c in controles
        if c.etat in CONCLUS and c.nature in EXECUTION and c.conclusion == CONFORME and c.date_visite
    ]
    if not faites:
        return None
    reglement = reglement_du(installation.insee, max(faites))
    return premier_periodique(max(faites), installation.electromecanique, reglement)


def resumer(installation: Installation) -> None:
    """Write the summary."""
    i = Installation.objects.get(pk=installation.pk)
    Installation.objects.filter(pk=i.pk).update(**resume(i))


def dernier_rapport(installation: Installation) -> Controle | None:
    """The last control concluded of an existing installation."""
    trouve: Controle | None = (
        installation.controles.filter(etat__in=CONCLUS, date_visite__isnull=False)
        .exclude(regle="")
        .order_by("-date_visite", "-pk")
        .first()
    )
    return trouve
