"""Services of installations: the only code that creates them and changes their state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from assainissement.models import (
    Element,
    Installation,
    InstallationAdresse,
    InstallationParcelle,
    InstallationTiers,
)
from assainissement.numerotation import numero_installation
from assainissement.regles.tables.filiere import ELECTROMECANIQUES
from mairie import journal, liens
from mairie.models import Adresse, Evenement, Tiers, Utilisateur
from mairie.roles import Acteur
from mairie.workflow import Refus, appliquer
from mairie.workflow.edition import exiger_version, marquer

Par = Utilisateur | Acteur
# No owner began before: an older year is a slip of the keyboard.
ANNEE_MIN = 1900
CORRIGE = "assainissement.element_corrige"
ENTRETIEN_CORRIGE = "assainissement.entretien_corrige"
TRAVAUX_FAITS = "assainissement.travaux_faits"
CHAMPS = (
    "geom", "type_immeuble", "pieces_principales", "eh", "date_creation", "electromecanique", "notes",
    "ancien_numero",
)  # fmt: skip


@dataclass(frozen=True)
class NouvelElement:
    """One element of the filière."""

    famille: str
    type: str
    champs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class NouvelleInstallation:
    """All that a first entry brings; nothing but the commune is required."""

    insee: str
    parcelles: Sequence[str] = ()
    adresses: Sequence[Adresse] = ()
    proprietaire: Tiers | None = None
    occupant: Tiers | None = None
    elements: Sequence[NouvelElement] = ()
    projet: bool = False
    champs: Mapping[str, Any] = field(default_factory=dict)
    client_uuid: UUID | None = None


def creer(
    nouvelle: NouvelleInstallation, *, par: Par, jour: date | None = None, aujourdhui: date | None = None
) -> Installation:
    """The installation, its places, people and elements, its number, in one transaction.

    The same ``client_uuid`` twice gives one installation. ``Refus`` for a date of laying in the future.
    """
    ce_jour = aujourdhui or timezone.localdate()
    pose = nouvelle.champs.get("date_creation")
    if pose and pose > ce_jour and not nouvelle.projet:
        raise Refus("La date de pose est dans l'avenir : enregistrez plutôt une installation en projet.")
    if (deja := _deja(nouvelle.client_uuid)) is not None:
        return deja
    auteur = par if isinstance(par, Utilisateur) else par.utilisateur
    try:
        with transaction.atomic():
            i: Installation = Installation.objects.create(
                insee=nouvelle.insee,
                numero=numero_installation(nouvelle.insee, ce_jour),
                client_uuid=nouvelle.client_uuid,
                cree_par=auteur,
                modifie_par=auteur,
                **{
                    "electromecanique": any(e.type in ELECTROMECANIQUES for e in nouvelle.elements),
                    **{c: v for c, v in nouvelle.champs.items() if c in CHAMPS},
                },
            )
            _rattacher(i, nouvelle)
            appliquer(
                i,
                "creer",
                par=par,
                version=0,
                date_effet=jour or ce_jour,
                donnees={"projet": nouvelle.projet},
                aujourdhui=ce_jour,
            )
    except IntegrityError:
        if (deja := _deja(nouvelle.client_uuid)) is not None:
            return deja
        raise
    return i


def _deja(client_uuid: UUID | None) -> Installation | None:
    if client_uuid is None:
        return None
    connue: Installation | None = Installation.objects.filter(client_uuid=client_uuid).first()
    return connue


def _rattacher(i: Installation, nouvelle: NouvelleInstallation) -> None:
    InstallationParcelle.objects.bulk_create(
        InstallationParcelle(installation=i, reference=idu, principale=rang == 0)
        for rang, idu in enumerate(dict.fromkeys(nouvelle.parcelles))
    )
    InstallationAdresse.objects.bulk_create(
        InstallationAdresse(installation=i, adresse=a, principale=rang == 0)
        for rang, a in enumerate(dict.fromkeys(nouvelle.adresses))
    )
    roles = InstallationTiers.Role
    InstallationTiers.objects.bulk_create(
        InstallationTiers(installation=i, tiers=t, role=role)
        for t, role in ((nouvelle.proprietaire, roles.PROPRIETAIRE), (nouvelle.occupant, roles.OCCUPANT))
        if t is not None
    )
    Element.objects.bulk_create(
        Element(installation=i, famille=e.famille, type=e.type, **e.champs) for e in nouvelle.elements
    )


def agir(
    i: Installation, evenement: str, *, par: Par, version: int, date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None, cle: UUID | None = None, aujourdhui: date | None = None,
) -> Evenement:  # fmt: skip
    """Apply an event to an installation: the only door of the screens and tasks."""
    return appliquer(
        i, evenement, par=par, version=version, date_effet=date_effet, donnees=donnees or {}, cle=cle,
        aujourdhui=aujourdhui,
    )  # fmt: skip


def modifier(
    i: Installation, champs: Mapping[str, Any], *, par: Utilisateur, version: int | None = None
) -> Installation:
    """Change what an installation is; its parcels and people have services of their own.

    ``ConflitEdition`` when ``version`` is no longer its.
    """
    with transaction.atomic():
        verrou: Installation = Installation.objects.select_for_update(of=("self",)).get(pk=i.pk)
        exiger_version(verrou, version)
        for champ, valeur in champs.items():
            if champ in CHAMPS:
                setattr(verrou, champ, valeur)
        verrou.modifie_par, verrou.modifie_le = par, timezone.now()
        verrou.save()
        marquer(verrou)
    return verrou


def changer_proprietaire(i: Installation, tiers: Tiers, du: date) -> InstallationTiers:
    """The owner of before ends the day before; history stays."""
    from datetime import timedelta

    from assainissement.proprietaire import USAGE

    if du.year < ANNEE_MIN:
        raise Refus(f"Vérifiez l'année : {du.year}.")
    with transaction.atomic():
        Installation.objects.select_for_update(of=("self",)).get(pk=i.pk)
        ouverts = i.personnes.filter(role=InstallationTiers.Role.PROPRIETAIRE, au__isnull=True)
        for ancien in ouverts:
            if ancien.tiers_id == tiers.pk:
                raise Refus(f"{tiers} est déjà propriétaire de cette installation.")
            if ancien.du and ancien.du >= du:
                raise Refus("Le nouveau propriétaire commence après celui d'avant.")
            ancien.au = du - timedelta(days=1)
            ancien.save(update_fields=["au"])
            # The key of the former owner's letter opens the installation no more.
            liens.revoquer_tous(i, USAGE)
        return InstallationTiers.objects.create(
            installation=i, tiers=tiers, role=InstallationTiers.Role.PROPRIETAIRE, du=du
        )


def ajouter_element(i: Installation, element: NouvelElement) -> Element:
    """One more element; an engine marks the installation as electromechanical."""
    with transaction.atomic():
        ajoute = Element.objects.create(
            installation=i, famille=element.famille, type=element.type, **element.champs
        )
        if element.type in ELECTROMECANIQUES and not i.electromecanique:
            Installation.objects.filter(pk=i.pk).update(electromecanique=True)
    return ajoute


def modifier_element(
    e: Element, champs: Mapping[str, Any], *, par: Utilisateur, version: int | None = None,
    aujourdhui: date | None = None,
) -> Element:  # fmt: skip
    """Correct an element, or say the day it was taken out; logged with what it said before.

    ``ConflitEdition`` when ``version`` is no longer its installation's. ``Refus``: out before it was in.
    """
    fin, pose = champs.get("retire_le"), champs.get("date_pose")
    if fin and fin > (aujourdhui or timezone.localdate()):
        raise Refus("Un élément se dit retiré le jour où il l'est, ou après.")
    if fin and pose and fin < pose:
        raise Refus("L'élément est retiré avant d'être posé : corrigez l'une des deux dates.")
    with transaction.atomic():
        i: Installation = Installation.objects.select_for_update(of=("self",)).get(pk=e.installation_id)
        exiger_version(i, version)
        verrou = Element.objects.select_for_update(of=("self",)).get(pk=e.pk)
        avant = {c: _dit(getattr(verrou, c)) for c in champs if getattr(verrou, c) != champs[c]}
        if not avant:
            return verrou
        for champ, valeur in champs.items():
            setattr(verrou, champ, valeur)
        verrou.save()
        if verrou.type in ELECTROMECANIQUES and verrou.retire_le is None and not i.electromecanique:
            Installation.objects.filter(pk=i.pk).update(electromecanique=True)
        apres = {c: _dit(champs[c]) for c in avant}
        journal.noter(
            par, CORRIGE, i, insee=i.insee, donnees={"element": e.pk, "avant": avant, "apres": apres}
        )
        marquer(i)
    return verrou


def _dit(valeur: Any) -> str:
    """A value for the log, which never says where a home is."""
    if isinstance(valeur, GEOSGeometry):
        return "dessiné"
    return "" if valeur is None else str(valeur)


def sans_moteur(i: Installation) -> bool:
    """Said to have an engine, though none of the elements that it has today has one."""
    return i.electromecanique and bool(i.filiere) and not any(e.type in ELECTROMECANIQUES for e in i.filiere)


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(
        journal.Action(CORRIGE, "Élément d'une filière corrigé"),
        journal.Action(ENTRETIEN_CORRIGE, "Vidange ou mesure de boues corrigée"),
        journal.Action(TRAVAUX_FAITS, "Travaux d'un rapport dits faits"),
    )


def sur_le_terrain(insee: str, idus: Sequence[str]) -> QuerySet[Installation]:
    """Installations of these parcels of a commune."""
    requete: QuerySet[Installation] = Installation.objects.filter(
        insee=insee, parcelles__reference__in=list(idus)
    )
    return requete.exclude(etat="").distinct().order_by("numero")
