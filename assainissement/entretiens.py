"""Services of upkeep: an emptying or a measure recorded once, with its slip."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement.models import Entretien, Installation, Vidangeur
from mairie.calendrier import jma
from mairie.models import Utilisateur
from mairie.pieces import service as pieces
from mairie.workflow import Refus


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
    jour = aujourdhui or timezone.localdate()
    if client_uuid and (deja := Entretien.objects.filter(client_uuid=client_uuid).first()):
        return deja
    if le > jour:
        raise Refus("Un entretien s'enregistre le jour où il est fait, ou après.")
    if i.date_creation and le < i.date_creation:
        raise Refus(
            f"L'entretien ({jma(le)}) précède l'installation, posée le {jma(i.date_creation)} :"
            " corrigez l'une des deux dates."
        )
    if volume_m3 is None and hauteur_boues_pct is None:
        raise Refus("Dites le volume vidangé, ou la hauteur de boues mesurée.")
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
                pieces.deposer(
                    i, fichier, par=par, code="bordereau", libelle=f"Bordereau de vidange du {jma(le)}"
                )
    except IntegrityError as erreur:
        if client_uuid and (deja := Entretien.objects.filter(client_uuid=client_uuid).first()):
            return deja
        if "ass_entretien_un_bordereau" in str(erreur):
            raise Refus(f"Le bordereau « {bordereau} » est déjà enregistré ici.") from erreur
        raise
    return e


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
