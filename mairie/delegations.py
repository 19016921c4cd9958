"""Who may sign what, for whom, on which day: the mayor by office, deputies and agents by delegation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q

from mairie.models import Collectivite, Delegation, Utilisateur


@dataclass(frozen=True)
class TypeActe:
    """A kind of act that may be delegated: ``code`` is ``metier.acte``."""

    code: str
    libelle: str

    @property
    def metier(self) -> str:
        """Its trade."""
        return self.code.partition(".")[0]


_types: dict[str, TypeActe] = {}


def declarer_types_actes(*nouveaux: TypeActe) -> None:
    """Add kinds of acts, from ``AppConfig.ready``; the same code twice must say the same."""
    for type_acte in nouveaux:
        metier, point, acte = type_acte.code.partition(".")
        if not (metier and point and acte) or _types.get(type_acte.code, type_acte) != type_acte:
            raise ImproperlyConfigured(f"Type d'acte invalide ou déclaré deux fois : {type_acte.code!r}")
        _types[type_acte.code] = type_acte


def types_actes() -> dict[str, TypeActe]:
    """All kinds of acts by code."""
    return dict(_types)


def libelle_type(code: str) -> str:
    """Label of a kind of act, or of a whole trade; the code when nobody declares it any more."""
    from mairie.roles import metiers

    if code in _types:
        return _types[code].libelle
    return f"tous les actes « {metiers()[code]} »" if code in metiers() else code


def signataires(collectivite: Collectivite | str, type_acte: str, jour: date) -> list[Delegation]:
    """Who may sign this kind of act for this collectivité on that day: who holds the office first.

    ``collectivite``: the row or its code. Accounts that are closed do not sign.
    """
    code = collectivite if isinstance(collectivite, str) else collectivite.code
    metier = type_acte.partition(".")[0]
    return list(
        Delegation.objects.filter(
            Q(titulaire=True) | Q(types_actes__overlap=[type_acte, metier]),
            Q(au__isnull=True) | Q(au__gte=jour),
            collectivite__code=code,
            du__lte=jour,
            delegataire__is_active=True,
        )
        .select_related("delegataire", "collectivite")
        .order_by("-titulaire", "du", "pk")
    )


def signature_de(
    utilisateur: Utilisateur, collectivite: Collectivite | str, type_acte: str, jour: date
) -> Delegation | None:
    """The title under which this person signs that day (office before delegation); null: may not sign."""
    return next(
        (d for d in signataires(collectivite, type_acte, jour) if d.delegataire_id == utilisateur.pk), None
    )
