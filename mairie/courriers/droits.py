"""Who may change templates, phrases and letterheads: in which trades, in which collectivités."""

from __future__ import annotations

from mairie.habilitations import Personne, Portee, habilitations_de
from mairie.models import Collectivite, ModeleCourrier, Phrase
from mairie.perms import GERER_MODELES
from mairie.roles import metiers


def portee_modeles(utilisateur: Personne) -> dict[str, Portee]:
    """Trade → where this person manages its templates. Held as agent of the mairie: all trades."""
    if utilisateur is None or not utilisateur.is_authenticated or not utilisateur.is_active:
        return {}
    if utilisateur.is_superuser:
        return dict.fromkeys(metiers(), Portee(totale=True))
    codes: dict[str, frozenset[str]] = {}
    for h in habilitations_de(utilisateur):
        if GERER_MODELES in h.droits:
            for metier in metiers() if h.metier == "mairie" else (h.metier,):
                codes[metier] = codes.get(metier, frozenset()) | h.codes
    return {metier: Portee(codes=c) for metier, c in codes.items()}


def gere(utilisateur: Personne, metier: str, collectivite: Collectivite | None) -> bool:
    """Whether this person may write there. What serves all collectivités needs the right in all of them."""
    p = portee_modeles(utilisateur).get(metier or "mairie")
    if not p:
        return False
    if collectivite is not None:
        return p.contient(collectivite.code)
    return p.totale or all(
        p.contient(code) for code in Collectivite.objects.filter(active=True).values_list("code", flat=True)
    )


def peut_modifier(utilisateur: Personne, objet: ModeleCourrier | Phrase) -> bool:
    """Whether this person may change a template or a phrase."""
    return gere(utilisateur, objet.metier, objet.collectivite)


def metiers_geres(utilisateur: Personne) -> list[tuple[str, str]]:
    """Trades whose templates this person manages somewhere: code, name."""
    portees = portee_modeles(utilisateur)
    return [(code, nom) for code, nom in metiers().items() if portees.get(code)]


def collectivites_gerees(utilisateur: Personne, metier: str = "") -> list[Collectivite]:
    """Collectivités for which this person may write templates (of a trade, or of any)."""
    portees = portee_modeles(utilisateur)
    choisies = [portees[metier]] if metier in portees else [] if metier else list(portees.values())
    return [c for c in Collectivite.objects.filter(active=True) if any(p.contient(c.code) for p in choisies)]
