"""Services of upkeep: an emptying or a measure recorded once, with its slip."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement.installations import ENTRETIEN_CORRIGE
from assainissement.models import Entretien, Installation, Vidangeur
from mairie import journal
from mairie.calendrier import jma
from mairie.models import Utilisateur
from mairie.pieces import service as pieces
from mairie.workflow import Refus
from mairie.workflow.edition import exiger_version, marquer


def enregistrer(
    i: Installation,
    *,
    par: Utilisateur,
    le: date,
    vidangeur: Vidangeur | None = None,
    bordereau: str = "",
    volume_m3: Decimal | None = None,
    hauteur_boues_pct: int | None = None,
    notes: str = "",
    fichier: Any = None,
    client_uuid: UUID | None = None,
    aujourdhui: date | None = None,
) -> Entretien:
    """Record it; the same ``client_uuid`` twice makes one. The slip becomes a file of the installation.

    ``Refus`` for a day to come, nothing said, or a slip already recorded; ``PieceRefusee`` for its file.
    """
    if client_uuid and (deja := Entretien.objects.filter(client_uuid=client_uuid).first()):
        return deja
    _exiger(i, le, volume_m3, hauteur_boues_pct, aujourdhui)
    try:
        with transaction.atomic():
            e: Entretien = Entretien.objects.create(
                insee=i.insee,
                installation=i,
                date=le,
                vidangeur=vidangeur,
                bordereau=bordereau.strip(),
                volume_m3=volume_m3,
                hauteur_boues_pct=hauteur_boues_pct,
                notes=notes,
                client_uuid=client_uuid,
                cree_par=par,
            )
            if fichier is not None:
                _joindre(i, fichier, par, le)
    except IntegrityError as erreur:
        if client_uuid and (deja := Entretien.objects.filter(client_uuid=client_uuid).first()):
            return deja
        if "ass_entretien_un_bordereau" in str(erreur):
            raise Refus(f"Le bordereau « {bordereau} » est déjà enregistré ici.") from erreur
        raise
    return e


def modifier(
    e: Entretien, champs: Mapping[str, Any], *, par: Utilisateur, version: int | None = None,
    fichier: Any = None, aujourdhui: date | None = None,
) -> Entretien:  # fmt: skip
    """Correct what was recorded; logged with what it said before.

    ``ConflitEdition`` when ``version`` is no longer that of its installation; else as ``enregistrer``.
    """
    i = e.installation
    _exiger(i, champs["date"], champs["volume_m3"], champs["hauteur_boues_pct"], aujourdhui)
    try:
        with transaction.atomic():
            tenue = Installation.objects.select_for_update(of=("self",)).get(pk=i.pk)
            exiger_version(tenue, version)
            verrou: Entretien = Entretien.objects.select_for_update(of=("self",)).get(pk=e.pk)
            dits = {c: v.strip() if isinstance(v, str) else v for c, v in champs.items()}
            avant = {c: str(getattr(verrou, c) or "") for c, v in dits.items() if getattr(verrou, c) != v}
            for champ, valeur in dits.items():
                setattr(verrou, champ, valeur)
            if avant:
                verrou.save()
                journal.noter(par, ENTRETIEN_CORRIGE, i, insee=i.insee, donnees={"pk": e.pk, "avant": avant})
                marquer(tenue)
            if fichier is not None:
                _joindre(i, fichier, par, champs["date"])
    except IntegrityError as erreur:
        if "ass_entretien_un_bordereau" in str(erreur):
            raise Refus(f"Le bordereau « {champs['bordereau']} » est déjà enregistré ici.") from erreur
        raise
    return verrou


def _exiger(
    i: Installation, le: date, volume_m3: Decimal | None, boues: int | None, aujourdhui: date | None
) -> None:
    if le > (aujourdhui or timezone.localdate()):
        raise Refus("Un entretien s'enregistre le jour où il est fait, ou après.")
    if i.date_creation and le < i.date_creation:
        raise Refus(
            f"L'entretien ({jma(le)}) précède l'installation, posée le {jma(i.date_creation)} :"
            " corrigez l'une des deux dates."
        )
    if volume_m3 is None and boues is None:
        raise Refus("Dites le volume vidangé, ou la hauteur de boues mesurée.")


def _joindre(i: Installation, fichier: Any, par: Utilisateur, le: date) -> None:
    pieces.deposer(i, fichier, par=par, code="bordereau", libelle=f"Bordereau de vidange du {jma(le)}")


def alerte(e: Entretien) -> str:
    """What the emptying lacks to be worth something: said, never refused, for the fact is there."""
    if not e.vidange:
        return ""
    if e.vidangeur is None:
        return "Le vidangeur n'est pas dit : seule une personne agréée vide une fosse (arrêté du 07/09/2009)."
    if not e.vidangeur.agree_le(e.date):
        return (
            f"L'agrément de {e.vidangeur.nom} a pris fin le {jma(e.vidangeur.valide_au)},"
            " avant cette vidange : vérifiez-le."
        )
    return ""
