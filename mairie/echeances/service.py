"""Publishing and settling deadlines: called by the trades' services, in their transaction."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, models
from django.utils import timezone

from mairie.echeances.registre import fournisseur, fournisseurs
from mairie.models import Echeance, Service, Utilisateur
from mairie.workflow.modele import Etape
from mairie.workflow.saisie import en_json

trace = logging.getLogger(__name__)

_ECRITES = (
    "insee", "date", "libelle", "reference", "adresse", "consequence", "pourquoi", "responsable", "service",
    "lieu", "publiee_le",
)  # fmt: skip


def publier(
    dossier: models.Model,
    code: str,
    limite: date | None,
    *,
    libelle: str = "",
    cle: str = "",
    insee: str = "",
    reference: str = "",
    adresse: str = "",
    consequence: str = "",
    pourquoi: Iterable[Etape | Mapping[str, Any]] = (),
    responsable: Utilisateur | None = None,
    service: Service | None = None,
    lieu: Any = None,
) -> None:
    """Write the deadline of a dossier, or move it; without a date, settle it. One query.

    ``cle`` tells several of the same kind apart. What is not said is read on the dossier: ``insee``,
    ``numero``, ``get_absolute_url``. ``KeyError`` for an undeclared kind. No person's name in the texts.
    """
    if limite is None:
        fournisseur(code)
        solder(dossier, code, cle)
        return
    ecrire(
        [
            preparer(
                dossier, code, limite, libelle=libelle, cle=cle, insee=insee, reference=reference,
                adresse=adresse, consequence=consequence, pourquoi=pourquoi, responsable=responsable,
                service=service, lieu=lieu,
            )
        ]
    )  # fmt: skip


def preparer(
    dossier: models.Model,
    code: str,
    limite: date,
    *,
    libelle: str = "",
    cle: str = "",
    insee: str = "",
    reference: str = "",
    adresse: str = "",
    consequence: str = "",
    pourquoi: Iterable[Etape | Mapping[str, Any]] = (),
    responsable: Utilisateur | None = None,
    service: Service | None = None,
    lieu: Any = None,
) -> Echeance:
    """The row of ``publier``, for ``ecrire``."""
    genre = fournisseur(code)
    return Echeance(
        dossier_type=ContentType.objects.get_for_model(dossier),
        dossier_id=dossier.pk,
        code=code,
        cle=cle,
        insee=insee or getattr(dossier, "insee", ""),
        date=limite,
        libelle=(libelle or genre.libelle)[:200],
        reference=(reference or str(getattr(dossier, "numero", "") or f"n° {dossier.pk}"))[:120],
        adresse=adresse or _adresse(dossier),
        consequence=consequence[:200],
        pourquoi=[_etape(e) for e in pourquoi],
        responsable=responsable,
        service=service,
        lieu=lieu,
        publiee_le=timezone.now(),
    )


def ecrire(lignes: Sequence[Echeance]) -> None:
    """Write deadlines, or move them: one query for all."""
    Echeance.objects.bulk_create(
        lignes,
        update_conflicts=True,
        unique_fields=["dossier_type", "dossier_id", "code", "cle"],
        update_fields=_ECRITES,
    )


def solder(
    dossier: models.Model, code: str = "", cle: str | None = None, *, codes: Collection[str] = ()
) -> int:
    """The deadline is met, or has no object any more; without a code, all those of the dossier. How many.

    ``codes``: several kinds in one query.
    """
    lignes = Echeance.objects.filter(
        dossier_type=ContentType.objects.get_for_model(dossier), dossier_id=dossier.pk
    )
    if code:
        fournisseur(code)
        lignes = lignes.filter(code=code)
    if codes:
        lignes = lignes.filter(code__in=codes)
    if cle is not None:
        lignes = lignes.filter(cle=cle)
    return int(lignes.delete()[0])


def attribuer(dossier: models.Model, responsable: Utilisateur | None, service: Service | None = None) -> int:
    """The dossier has another agent: all its deadlines follow. How many."""
    return int(
        Echeance.objects.filter(
            dossier_type=ContentType.objects.get_for_model(dossier), dossier_id=dossier.pk
        ).update(responsable=responsable, service=service)
    )


def republier(jour: date, echecs: list[str] | None = None) -> dict[str, int]:
    """Ask every kind that can to publish again (nightly task): code → rows.

    With ``echecs``, one that fails is named there and the others go on.
    """
    faites: dict[str, int] = {}
    for f in fournisseurs().values():
        if f.republier is None:
            continue
        try:
            faites[f.code] = f.republier(jour)
        except Exception as e:
            if echecs is None or (isinstance(e, DatabaseError) and not connection.is_usable()):
                raise
            trace.exception("Échéances « %s » non publiées de nouveau", f.code)
            echecs.append(f.libelle)
    return faites


def balayer() -> int:
    """Delete deadlines whose dossier is gone, or whose kind nobody declares any more; how many."""
    parties = Echeance.objects.exclude(code__in=fournisseurs()).delete()[0]
    for type_id in Echeance.objects.order_by().values_list("dossier_type", flat=True).distinct():
        modele = ContentType.objects.get_for_id(type_id).model_class()
        lignes = Echeance.objects.filter(dossier_type=type_id)
        if modele is None:
            parties += lignes.delete()[0]
            continue
        vivants = modele._base_manager.filter(pk=models.OuterRef("dossier_id"))
        parties += lignes.filter(~models.Exists(vivants)).delete()[0]
    return int(parties)


def _adresse(dossier: models.Model) -> str:
    lire = getattr(dossier, "get_absolute_url", None)
    return str(lire()) if lire is not None else ""


def _etape(etape: Etape | Mapping[str, Any]) -> Any:
    if not isinstance(etape, Etape):
        return en_json(dict(etape))
    return en_json(
        {
            "regle": etape.regle,
            "article": etape.article,
            "entree": dict(etape.entree),
            "resultat": etape.resultat,
        }
    )
