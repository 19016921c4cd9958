"""Audit: who did what, who saw whose data, when and for what purpose.

``noter`` writes one line in the caller's transaction: the act and its line exist together or not at all.
Actions are data: an app declares its own from ``AppConfig.ready``. Never a name, an address or a mail in
``resume`` or ``donnees``: the log is kept for years and read by people who may not see the dossier.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models
from django.http import HttpRequest
from django.utils import timezone

from mairie.models import JournalActe, Utilisateur
from mairie.roles import Acteur, usager

Nature = JournalActe.Nature
Qui = HttpRequest | Utilisateur | Acteur

# The database refuses to delete younger lines (trigger): a setting cannot go under it.
CONSERVATION_MINIMALE = timedelta(days=180)
ANONYME = usager("visiteur sans compte")

_CODE = re.compile(r"^[a-z_]+\.[a-z0-9_]+$")
COURRIEL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SECRETS = frozenset({"mot_de_passe", "password", "jeton", "token", "secret"})


@dataclass(frozen=True)
class Action:
    """A kind of line: ``code`` is ``app.chose_faite``, ``libelle`` what the reader of the log sees."""

    code: str
    libelle: str
    nature: str = Nature.ACTE


_actions: dict[str, Action] = {}


def declarer(*actions: Action) -> None:
    """Add actions, from ``AppConfig.ready``; the same code twice must say the same."""
    for action in actions:
        if not _CODE.match(action.code) or action.nature not in Nature.values:
            raise ImproperlyConfigured(f"Action du journal invalide : {action}")
        if _actions.setdefault(action.code, action) != action:
            raise ImproperlyConfigured(f"Action du journal {action.code} déclarée deux fois")


def actions() -> dict[str, Action]:
    """All actions by code, in the order of their declaration."""
    return dict(_actions)


def libelle(code: str) -> str:
    """Label of an action; its code when no app declares it any more."""
    return _actions[code].libelle if code in _actions else code


def noter(
    qui: Qui,
    action: str,
    objet: models.Model | None = None,
    *,
    insee: str = "",
    donnees: Mapping[str, Any] | None = None,
    finalite: str = "",
    resume: str = "",
) -> JournalActe:
    """Write one line in the caller's transaction.

    ``insee``: code of the collectivité; by default the object's, else the person's own. A consultation of
    personal data must say its ``finalite``. ``ValueError`` for an undeclared action.
    """
    ligne = _ligne(qui, action, objet, insee, donnees, finalite, resume)
    ligne.save(force_insert=True)
    return ligne


def consulter(
    qui: Qui,
    action: str,
    objets: models.Model | Iterable[models.Model],
    *,
    finalite: str,
    insee: str = "",
    donnees: Mapping[str, Any] | None = None,
    resume: str = "",
) -> list[JournalActe]:
    """One line for each object whose personal data is about to be shown: call it before answering.

    ``ValueError`` when the action is not declared as a consultation, or without a purpose.
    """
    if not finalite.strip():
        raise ValueError("Une consultation de données personnelles dit sa finalité.")
    if action in _actions and _actions[action].nature != Nature.CONSULTATION:
        raise ValueError(f"L'action {action} n'est pas une consultation.")
    liste = [objets] if isinstance(objets, models.Model) else list(objets)
    lignes: list[JournalActe] = JournalActe.objects.bulk_create(
        [_ligne(qui, action, objet, insee, donnees, finalite, resume) for objet in liste], batch_size=500
    )
    return lignes


def adresse_tronquee(request: HttpRequest) -> str:
    """Network of the caller: /24 in IPv4, /48 in IPv6; empty when unknown.

    Behind ``PROXYS_DE_CONFIANCE`` proxies, the address that the outermost of ours saw.
    """
    texte = request.META.get("REMOTE_ADDR", "")
    proxys = int(getattr(settings, "PROXYS_DE_CONFIANCE", 0))
    if proxys:
        passages = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",") if a.strip()]
        if passages:
            texte = passages[-min(proxys, len(passages))]
    try:
        adresse = ipaddress.ip_address(texte)
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{adresse}/{24 if adresse.version == 4 else 48}", strict=False))


def purger(maintenant: datetime | None = None) -> dict[str, int]:
    """Delete what is older than the settings keep, by nature; its monthly counts stay. How many lines."""
    quand = maintenant or timezone.now()
    effacees: dict[str, int] = {}
    for nature in Nature.values:
        duree = max(timedelta(days=settings.JOURNAL_JOURS[nature]), CONSERVATION_MINIMALE)
        with connection.cursor() as curseur:
            curseur.execute(
                "SELECT mairie_journal_purger(%s, %s, %s)", [nature, quand - duree, settings.TIME_ZONE]
            )
            effacees[nature] = int(curseur.fetchone()[0])
    return effacees


def _ligne(
    qui: Qui,
    action: str,
    objet: models.Model | None,
    insee: str,
    donnees: Mapping[str, Any] | None,
    finalite: str,
    resume: str,
) -> JournalActe:
    declaree = _actions.get(action)
    if declaree is None:
        raise ValueError(f"L'action « {action} » n'est pas déclarée au journal.")
    utilisateur, acteur, requete, adresse = _acteur(qui)
    return JournalActe(
        quand=timezone.now(),
        nature=declaree.nature,
        action=action,
        utilisateur=utilisateur,
        acteur=acteur,
        insee=(insee or _collectivite(objet) or _collectivite_de(utilisateur))[:9],
        objet_type=None if objet is None else ContentType.objects.get_for_model(objet),
        objet_id="" if objet is None else str(objet.pk),
        resume=_propre(resume)[:300],
        finalite=finalite.strip()[:120],
        donnees=_propre(dict(donnees or {})),
        requete=requete,
        adresse=adresse,
    )


def _acteur(qui: Qui) -> tuple[Utilisateur | None, str, str, str]:
    """(account, name without account, request, network)."""
    if isinstance(qui, HttpRequest):
        personne = getattr(qui, "user", None)
        utilisateur = personne if personne is not None and personne.is_authenticated else None
        nom = ANONYME.nom if utilisateur is None else ""
        return utilisateur, nom, str(getattr(qui, "identifiant", ""))[:40], adresse_tronquee(qui)
    if isinstance(qui, Acteur):
        return qui.utilisateur, "" if qui.utilisateur else qui.nom[:120], "", ""
    return qui, "", "", ""


def _collectivite(objet: models.Model | None) -> str:
    for champ in ("insee", "code"):
        valeur = getattr(objet, champ, "")
        if isinstance(valeur, str) and re.fullmatch(r"[0-9][0-9AB][0-9]{3}|[0-9]{9}", valeur):
            return valeur
    return ""


def _collectivite_de(utilisateur: Utilisateur | None) -> str:
    """Where the line is read when the act belongs to no collectivité: that of the person, the EPCI first."""
    from mairie.habilitations import communes_de

    codes = communes_de(utilisateur) if utilisateur is not None else frozenset()
    return min(codes, key=lambda c: (-len(c), c), default="")


def _propre(valeur: Any) -> Any:
    """A safety net: mail addresses are masked, values under a secret's name dropped."""
    if isinstance(valeur, str):
        return COURRIEL.sub("[adresse masquée]", valeur)
    if isinstance(valeur, Mapping):
        return {str(k): _propre(v) for k, v in valeur.items() if str(k).lower() not in _SECRETS}
    if isinstance(valeur, list | tuple | set | frozenset):
        return [_propre(v) for v in valeur]
    return valeur
