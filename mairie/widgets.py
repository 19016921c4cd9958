"""Widgets of the agents' desk: each app adds its own; a person orders and hides hers."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction

from mairie.habilitations import droits_de
from mairie.models import PreferenceEcran

trace = logging.getLogger(__name__)

ECRAN = "mairie.bureau"


@dataclass(frozen=True)
class Compteur:
    """A number with its words and address; ``ton`` of the house style (bien, bientot, danger, info)."""

    nombre: int
    libelle: str
    adresse: str
    ton: str = ""


@dataclass(frozen=True)
class Contenu:
    """What a widget shows to one person: counters, or a template with its context."""

    compteurs: tuple[Compteur, ...] = ()
    gabarit: str = ""
    contexte: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Widget:
    """A widget for who holds ``droit``. ``contenu(user)``: null when there is nothing to show her today."""

    code: str
    titre: str
    icone: str
    droit: str
    contenu: Callable[[Any], Contenu | None]
    ordre: int = 100


@dataclass(frozen=True)
class Place:
    """A widget on one person's desk; ``contenu`` null: hidden by her."""

    widget: Widget
    contenu: Contenu | None


_widgets: dict[str, Widget] = {}


def declarer(*widgets: Widget) -> None:
    """Add widgets; ``ImproperlyConfigured`` when another one has the code."""
    for widget in widgets:
        if _widgets.setdefault(widget.code, widget) != widget:
            raise ImproperlyConfigured(f"Le widget {widget.code} est déclaré deux fois")


def permis(utilisateur: Any) -> list[Widget]:
    """Widgets of the person's rights, in her order, else in that of their declaration."""
    droits = droits_de(utilisateur)
    ordre = {code: rang for rang, code in enumerate(_reglages(utilisateur).get("ordre", []))}
    siens = [w for w in _widgets.values() if w.droit in droits]
    return sorted(siens, key=lambda w: (ordre.get(w.code, len(ordre)), w.ordre, w.code))


def bureau(utilisateur: Any) -> list[Place]:
    """The person's desk; a widget that fails is left out, and logged."""
    masques = set(_reglages(utilisateur).get("masques", []))
    places = []
    for widget in permis(utilisateur):
        if widget.code in masques:
            places.append(Place(widget, None))
            continue
        try:
            contenu = widget.contenu(utilisateur)
        except Exception:
            trace.exception("widget « %s » en échec", widget.code)
            continue
        if contenu is not None:
            places.append(Place(widget, contenu))
    return places


def regler(utilisateur: Any, quoi: str, code: str) -> bool:
    """Hide, show, move up or down a widget of hers; false when there is no such thing to do."""
    with transaction.atomic():
        ordre = [w.code for w in permis(utilisateur)]
        if code not in ordre or quoi not in ("masquer", "montrer", "monter", "descendre"):
            return False
        preference, _ = PreferenceEcran.objects.select_for_update(of=("self",)).get_or_create(
            utilisateur=utilisateur, ecran=ECRAN
        )
        masques = set(preference.reglages.get("masques", []))
        if quoi == "masquer":
            masques.add(code)
        elif quoi == "montrer":
            masques.discard(code)
        else:
            rang = ordre.index(code)
            autre = min(max(rang + (-1 if quoi == "monter" else 1), 0), len(ordre) - 1)
            ordre[rang], ordre[autre] = ordre[autre], ordre[rang]
        preference.reglages = {"ordre": ordre, "masques": sorted(masques)}
        preference.save(update_fields=["reglages"])
    return True


def _reglages(utilisateur: Any) -> dict[str, Any]:
    preference = PreferenceEcran.objects.filter(utilisateur=utilisateur.pk, ecran=ECRAN).first()
    return preference.reglages if preference else {}
