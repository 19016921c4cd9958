"""What the public may know of a request (spec §8, §11): numbers, dates, land, public object; never a name."""

from __future__ import annotations

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from urba.models import DossierInstruction

# Not registered yet, or not a request of its own.
NON_PUBLIES = ("", "depose", "enregistre")
NATURES = ("INITIAL", "MODIFICATIF", "TRANSFERT", "PROROGATION")

ETATS_PUBLICS = {
    "en_cours": "en cours d'instruction",
    "accorde": "accordé",
    "accord_tacite": "accord tacite",
    "refuse": "refusé",
    "sursis": "sursis à statuer",
    "rejet_tacite": "rejet tacite",
    "retire": "retiré",
    "annule": "annulé",
    "abandonne": "abandonné",
}


def publies() -> QuerySet[DossierInstruction]:
    """Registered requests that have an instruction of their own."""
    requete: QuerySet[DossierInstruction] = DossierInstruction.objects.filter(nature__in=NATURES).exclude(
        etat__in=NON_PUBLIES
    )
    return requete


def etat_public(prefixe: str = "") -> Combinable:
    """SQL of the public state: « en cours » until the decision is notified or the tacit one confirmed."""
    etat = f"{prefixe}etat"
    return Case(
        When(Q(**{f"{etat}__in": ("accorde", "accorde_prescriptions")}), then=Value("accorde")),
        *(
            When(Q(**{etat: code}), then=Value(code))
            for code in ("accord_tacite", "refuse", "sursis", "rejet_tacite", "retire", "annule", "abandonne")
        ),
        default=Value("en_cours"),
        output_field=CharField(),
    )


def date_decision_publique(prefixe: str = "") -> Combinable:
    """The day of the decision, once it is public."""
    ouverts = Q(**{f"{prefixe}date_notification__isnull": True})
    return Case(When(ouverts, then=None), default=F(f"{prefixe}date_decision"))
