"""The only code that writes a person's sheet: entry, correction, with who did it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pghistory
from django.db import transaction
from django.utils import timezone

from mairie import journal
from mairie.models import Tiers, Utilisateur
from mairie.models.tiers import IDENTITE
from mairie.roles import Acteur, systeme
from mairie.tiers.declaration import CREE, MODIFIE

# What a form or a trade may give.
SAISISSABLES = frozenset({"nature", *IDENTITE})


class FicheModifiee(Exception):
    """Somebody saved the sheet since it was opened; the message says who and when."""


def creer(donnees: Mapping[str, Any], *, collectivite: str, par: Utilisateur | None) -> Tiers:
    """A new sheet of that collectivité; ``ValidationError`` by field when something is wrong."""
    tiers = Tiers(collectivite=collectivite, modifie_par=par, **_propres(donnees))
    _dater_accord(tiers, avant=False)
    tiers.full_clean()
    with transaction.atomic(), pghistory.context(utilisateur=par.pk if par else None, motif="création"):
        tiers.save()
        journal.noter(auteur(par), CREE, tiers)
    return tiers


def modifier(
    tiers: Tiers, donnees: Mapping[str, Any], *, version: int, par: Utilisateur | None, motif: str = ""
) -> Tiers:
    """Save a correction made on ``version``; ``FicheModifiee`` when the sheet has moved since.

    ``ValidationError`` by field when something is wrong, or on a sheet merged or erased.
    """
    with transaction.atomic(), pghistory.context(utilisateur=par.pk if par else None, motif=motif):
        fiche = Tiers.objects.select_for_update(of=("self",)).get(pk=tiers.pk)
        if fiche.version != version:
            quand = timezone.localtime(fiche.modifie_le)
            qui = fiche.modifie_par or "une tâche"
            raise FicheModifiee(
                f"Cette fiche a été modifiée le {quand:%d/%m/%Y à %H:%M} par {qui},"
                " après que vous l'avez ouverte. Relisez-la, puis refaites votre changement."
            )
        if fiche.fusionne_dans_id or fiche.efface_le:
            raise FicheModifiee("Cette fiche est fusionnée ou effacée : elle ne se modifie plus.")
        accepte = fiche.accepte_electronique
        nouvelles = _propres(donnees)
        changes = sorted(c for c, valeur in nouvelles.items() if getattr(fiche, c) != valeur)
        for champ, valeur in nouvelles.items():
            setattr(fiche, champ, valeur)
        _dater_accord(fiche, avant=accepte)
        enregistrer(fiche, par)
        journal.noter(auteur(par), MODIFIE, fiche, donnees={"colonnes": changes})
    return fiche


def auteur(par: Utilisateur | None) -> Utilisateur | Acteur:
    """Who acts, for the log: an account, or the house itself."""
    return par or systeme("Personnes")


def enregistrer(fiche: Tiers, par: Utilisateur | None) -> None:
    """Check and save one more version of a sheet that the caller has locked."""
    fiche.version += 1
    fiche.modifie_le, fiche.modifie_par = timezone.now(), par
    fiche.full_clean()
    fiche.save()


def _propres(donnees: Mapping[str, Any]) -> dict[str, Any]:
    if inconnus := set(donnees) - SAISISSABLES:
        raise ValueError(f"Colonnes inconnues d'une personne : {sorted(inconnus)}")
    return dict(donnees)


def _dater_accord(fiche: Tiers, *, avant: bool) -> None:
    """The day when the person agreed to electronic mail (CRPA L.112-14): kept while she agrees."""
    if not fiche.accepte_electronique:
        fiche.accepte_electronique_le = None
    elif not avant or fiche.accepte_electronique_le is None:
        fiche.accepte_electronique_le = timezone.localdate()
