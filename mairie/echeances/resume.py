"""The morning digest: one mail to each agent who has a date that comes near, through the queue of mail."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Q
from django.template.loader import render_to_string

from mairie import courriels
from mairie.echeances.lecture import habiller
from mairie.habilitations import droits_de, oublier
from mairie.models import Echeance, PreferenceBureau
from mairie.perms import AGENT
from mairie.regles.urgence import Urgence, rappel_du

Resume = PreferenceBureau.Resume
# Rows told in a mail; the desk shows the rest.
MAX = 60


def preference(utilisateur: Any) -> str:
    """When this agent gets the digest."""
    connue = PreferenceBureau.objects.filter(pk=utilisateur.pk).values_list("resume", flat=True).first()
    return connue or Resume.QUOTIDIEN


def lignes_de(utilisateur: Any, jour: date) -> list[Any]:
    """What is told: late or due within fifteen days, hers, or of nobody in what she sees."""
    proches = (
        Echeance.objects.visibles_par(utilisateur)
        .filter(Q(responsable=utilisateur.pk) | Q(responsable__isnull=True))
        .order_by("date", "id")[: MAX + 1]
    )
    return [e for e in habiller(proches, jour) if e.palier.urgence != Urgence.PLUS_TARD]


def a_envoyer(lignes: list[Any], voulu: str, jour: date) -> bool:
    """Each morning: when a date reaches 15, 5 or 0 days, or on Monday when some are late. Weekly: Monday."""
    lundi = jour.weekday() == 0
    if voulu == Resume.JAMAIS or not lignes:
        return False
    if voulu == Resume.HEBDOMADAIRE:
        return lundi
    return any(rappel_du(e.date, jour) for e in lignes) or (
        lundi and lignes[0].palier.urgence == Urgence.RETARD
    )


def envoyer_a(utilisateur: Any, jour: date) -> bool:
    """Queue this agent's digest of the day, once whatever happens; whether there was something to say."""
    oublier(utilisateur)
    if AGENT not in droits_de(utilisateur):
        return False
    lignes = lignes_de(utilisateur, jour)
    if not a_envoyer(lignes, preference(utilisateur), jour):
        return False
    retards = sum(e.palier.urgence == Urgence.RETARD for e in lignes)
    contexte = {
        "lignes": lignes[:MAX],
        "suite": len(lignes) > MAX,
        "jour": jour,
        "retards": retards,
        "site": settings.ADRESSE_DU_SITE.rstrip("/"),
    }
    courriels.mettre_en_file(
        f"mairie.resume:{utilisateur.pk}:{jour.isoformat()}",
        utilisateur.email,
        _objet(len(lignes), retards),
        render_to_string("mairie/bureau/resume.txt", contexte),
        conserver=False,
    )
    return True


def destinataires() -> Any:
    """Accounts that may be agents, in the order in which they are served."""
    return (
        get_user_model().objects.filter(is_active=True, habilitations__isnull=False).distinct().order_by("pk")
    )


def _objet(nombre: int, retards: int) -> str:
    if retards:
        return f"Échéances : {retards} en retard, {nombre - retards} dans les quinze jours"
    return f"Échéances : {nombre} dans les quinze jours"
