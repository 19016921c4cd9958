"""Services of obligations: opened, dated and lifted as controls go; the rest by people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from assainissement.circuits.etats import CONCLUS
from assainissement.circuits.obligation import VIVANTES
from assainissement.models import Controle, Installation, Obligation
from assainissement.regles.tables import anc
from assainissement.regles.tables.echeances import UN_AN_ACTE
from mairie.models import Evenement, Utilisateur
from mairie.roles import Acteur, systeme
from mairie.workflow import annuler_dernier, appliquer

Par = Utilisateur | Acteur
SPANC = systeme("suivi des contrôles")


def agir(
    o: Obligation, evenement: str, *, par: Par, version: int, date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None, cle: UUID | None = None, aujourdhui: date | None = None,
) -> Evenement:  # fmt: skip
    """Apply an event to an obligation: the only door of the screens and tasks."""
    return appliquer(
        o, evenement, par=par, version=version, date_effet=date_effet, donnees=donnees or {}, cle=cle,
        aujourdhui=aujourdhui,
    )  # fmt: skip


def annuler(
    o: Obligation, *, par: Par, version: int, motif: str, aujourdhui: date | None = None
) -> Evenement:  # fmt: skip
    """Strike out its last event; without its prolongation, it is due when its control says by now."""
    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        rayure = annuler_dernier(o, par=par, version=version, motif=motif, aujourdhui=jour)
        dater(o.controle, jour)
    o.refresh_from_db()
    return rayure


def _faire(o: Obligation, evenement: str, jour: date, **donnees: Any) -> None:
    derniere = o.calcule_au or jour
    agir(
        o, evenement, par=SPANC, version=o.version, date_effet=jour, donnees=donnees,
        aujourdhui=max(jour, derniere),
    )  # fmt: skip


def _echeance(c: Controle) -> dict[str, Any]:
    if c.echeance_travaux is None:
        return {"regle": c.calculs.get("regle_echeance", "")}
    return {"echeance": c.echeance_travaux, "regle": c.calculs.get("regle_echeance", "")}


def ouvrir(c: Controle, nature: str, jour: date) -> Obligation | None:
    """Open one, unless it lives already."""
    if c.obligations.filter(nature=nature, etat__in=VIVANTES).exists():
        return None
    o: Obligation = Obligation.objects.create(insee=c.insee, controle=c, nature=nature)
    _faire(o, "ouvrir", jour, **(_echeance(c) if nature != "acces" else {}))
    return o


def dater(c: Controle, jour: date, *, acte_retire: bool = False) -> None:
    """Bring the due date of its living obligations to that of the control; a prolongation granted stays."""
    for o in c.obligations.filter(etat__in=VIVANTES).exclude(nature="acces"):
        vendue_avant = o.regle_echeance == UN_AN_ACTE and c.date_acte is None and not acte_retire
        if o.regle_echeance == "prolongation" or vendue_avant:
            continue
        attendue = _echeance(c)
        if (o.echeance, o.regle_echeance) != (attendue.get("echeance"), attendue["regle"]):
            _faire(o, "dater", jour, **attendue)


def apres_conclusion(c: Controle, jour: date) -> None:
    """What a frozen conclusion opens and lifts (spec §7)."""
    c.refresh_from_db()
    if not c.existant:
        if c.nature.startswith("execution") and c.conclusion == "conforme":
            _mettre_en_service(c, jour)
        return
    vendue = _suite_des_precedents(c, jour)
    if c.regle == anc.ABSENCE:
        ouvrir(c, "absence", jour)
    elif c.regle in (*anc.REGLES_DANGER, anc.NON_CONFORME):
        o = ouvrir(c, "travaux", jour)
        if o is not None and vendue is not None and c.regle == anc.NON_CONFORME:
            # Sold on a report before this one: a year from the deed still runs (spec §7).
            _faire(o, "dater", jour, echeance=vendue, regle=UN_AN_ACTE)


def apres_rectification(c: Controle, jour: date) -> None:
    """The report says something else of the same visit: obligations of the former version fall or stay."""
    c.refresh_from_db()
    dues = {"absence"} if c.regle == anc.ABSENCE else set()
    if c.regle in (*anc.REGLES_DANGER, anc.NON_CONFORME):
        dues = {"travaux"}
    if c.date_levee is None:
        for o in c.obligations.filter(etat__in=VIVANTES).exclude(nature__in=("acces", *dues)):
            _faire(o, "lever", jour, motif="Rapport rectifié.")
        apres_conclusion(c, jour)
    dater(c, jour)


def _mettre_en_service(c: Controle, jour: date) -> None:
    i = c.installation
    i.refresh_from_db()
    if i.etat == "projet":
        appliquer(i, "mettre_en_service", par=SPANC, version=i.version, date_effet=jour, aujourdhui=jour)


def _suite_des_precedents(c: Controle, jour: date) -> date | None:
    """A better conclusion lifts what the controls before asked; the same one keeps it alive.

    The due date that a deed had set to what is lifted; null without.
    """
    avant = Controle.objects.filter(
        installation=c.installation_id,
        etat__in=CONCLUS,
        date_levee__isnull=True,
        date_visite__lte=c.date_visite,
    ).exclude(pk=c.pk)
    vivantes = list(
        Obligation.objects.filter(controle__in=avant, etat__in=VIVANTES)
        .exclude(nature="acces")
        .select_related("controle")
    )
    vendue: date | None = None
    for o in vivantes:
        if _leve(c.regle, o.controle.regle):
            if o.regle_echeance == UN_AN_ACTE:
                vendue = o.echeance
            _faire(o, "lever", jour, motif=f"Contrôle {c} : {c.regle}.")
        elif c.nature == "contre_visite" and o.etat == "contre_visite":
            _faire(o, "constater_persistance", jour, controle=str(c))
    for p in avant.exclude(regle__in=("", *anc.REGLES_CONFORMES)):
        if _leve(c.regle, p.regle) and c.date_visite is not None:
            appliquer(
                p, "lever", par=SPANC, version=p.version, date_effet=c.date_visite,
                donnees={"controle": str(c)}, aujourdhui=jour,
            )  # fmt: skip
    return vendue


def _leve(nouvelle: str, ancienne: str) -> bool:
    """R5 and R6 lift all; R4 lifts a danger, a risk; anything that exists lifts an absence."""
    if nouvelle in anc.REGLES_CONFORMES:
        return True
    if ancienne == anc.ABSENCE:
        return nouvelle != anc.ABSENCE
    return nouvelle == anc.NON_CONFORME and ancienne in anc.REGLES_DANGER


def lever_acces(c: Controle, motif: str, jour: date) -> None:
    """Access was given, to this control or to one before it on the same installation."""
    for o in Obligation.objects.filter(
        controle__installation=c.installation_id, nature="acces", etat__in=VIVANTES
    ):
        _faire(o, "lever", jour, motif=motif)


def lever_de(c: Controle, motif: str, jour: date) -> None:
    """What one control asked falls with it."""
    for o in Obligation.objects.filter(controle=c, etat__in=VIVANTES):
        _faire(o, "lever", jour, motif=motif)


def lever_toutes(i: Installation, motif: str, jour: date) -> None:
    """The installation is no more: nothing is due for it."""
    for o in Obligation.objects.filter(controle__installation=i, etat__in=VIVANTES):
        _faire(o, "lever", jour, motif=motif)
