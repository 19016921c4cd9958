"""History by database triggers of what decides who may do what: people, rights, signatures, collectivités.

Never on dossiers (their event log is their history), nor on what imports write: the triggers would slow them.
"""

from __future__ import annotations

from typing import Any

import pghistory
from django.db import models

from mairie.models.collectivites import Appartenance, Collectivite, Habilitation, Service
from mairie.models.comptes import Utilisateur
from mairie.models.delegations import Delegation
from mairie.models.modeles_courrier import EnTete, Phrase


def _suivre(modele: type[models.Model], *champs: str) -> None:
    """Keep every version of these columns, in a table that the database protects from change."""
    pghistory.track(
        # New ones each time: they are bound to their model.
        pghistory.InsertEvent(),
        pghistory.UpdateEvent(),
        pghistory.DeleteEvent(),
        fields=list(champs) or None,
        append_only=True,
        model_name=f"Historique{modele.__name__}",
        app_label="mairie",
        meta={"verbose_name": f"historique ({modele._meta.verbose_name})"},
    )(modele)


# Neither the hash of the password nor the last log-in.
_suivre(Utilisateur, "email", "nom", "is_active", "is_staff", "is_superuser")
_suivre(Collectivite)
_suivre(Appartenance)
_suivre(Service)
_suivre(
    Habilitation, "utilisateur", "metier", "role", "service", "du", "au", "finalites", "perimetre",
    "accordee_par",
)  # fmt: skip
_suivre(Delegation)
# Templates of letters keep their versions themselves.
_suivre(EnTete)
_suivre(Phrase)


# Which collectivités a habilitation covers is kept by the link rows; the table that Django makes for them
# takes triggers only by a proxy.
@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.DeleteEvent(),
    append_only=True,
    obj_field=None,
    model_name="HistoriqueHabilitationCollectivite",
    app_label="mairie",
    meta={"verbose_name": "historique (collectivités d'une habilitation)"},
)
class CollectiviteHabilitee(Habilitation.collectivites.through):  # type: ignore[name-defined]
    """A collectivité covered by a habilitation."""

    class Meta:
        proxy = True
        app_label = "mairie"


def lignes_de_liens(codes: frozenset[str] | None) -> models.QuerySet[Any]:
    """Numbers of the habilitations that ever covered one of these collectivités (null: any)."""
    from django.apps import apps

    liens: Any = apps.get_model("mairie", "HistoriqueHabilitationCollectivite")._default_manager.all()
    if codes is not None:
        liens = liens.filter(collectivite__code__in=codes)
    numeros: models.QuerySet[Any] = liens.values("habilitation_id")
    return numeros
