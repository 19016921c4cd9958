"""The commune an agent works on: chosen in the top bar, kept in her session, read by every list.

It narrows what is shown; it never widens what may be seen, which ``habilitations`` alone decides.
"""

from __future__ import annotations

from django.http import HttpRequest

from mairie.habilitations import Personne, communes_de
from mairie.models import Collectivite

CLE_SESSION = "commune"
_ATTRIBUT = "_communes_offertes"


def offertes(utilisateur: Personne) -> tuple[tuple[str, str], ...]:
    """Communes (INSEE code, name) where this person holds a role today, by name; one query a request."""
    if utilisateur is None or not utilisateur.is_authenticated:
        return ()
    connues: tuple[tuple[str, str], ...] | None = utilisateur.__dict__.get(_ATTRIBUT)
    if connues is None:
        communes = Collectivite.objects.filter(nature=Collectivite.Nature.COMMUNE, active=True)
        if not utilisateur.is_superuser:
            communes = communes.filter(code__in=communes_de(utilisateur))
        connues = tuple(communes.order_by("nom", "code").values_list("code", "nom"))
        utilisateur.__dict__[_ATTRIBUT] = connues
    return connues


def courante(request: HttpRequest) -> str | None:
    """INSEE code of the commune chosen, or of the only one; null: all those of the person."""
    codes = [code for code, _ in offertes(request.user)]
    if len(codes) == 1:
        return codes[0]
    choisie = request.session.get(CLE_SESSION)
    return choisie if choisie in codes else None


def choisir(request: HttpRequest, code: str) -> bool:
    """Keep the choice, empty for all; False when the person has no role in that commune."""
    if code and code not in [c for c, _ in offertes(request.user)]:
        return False
    request.session[CLE_SESSION] = code
    return True
