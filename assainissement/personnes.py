"""Who an installation belongs to and concerns, and where it stands, as years go: history stays (spec §3)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement.installations import ANNEE_MIN, changer_proprietaire
from assainissement.models import Installation, InstallationAdresse, InstallationParcelle, InstallationTiers
from assainissement.proprietaire import USAGE
from mairie import liens
from mairie.calendrier import jma
from mairie.models import Adresse, Tiers, Utilisateur
from mairie.workflow import Refus
from mairie.workflow.edition import exiger_version, marquer

Role = InstallationTiers.Role


def _marquer(i: Installation, par: Utilisateur) -> None:
    Installation.objects.filter(pk=i.pk).update(modifie_par=par, modifie_le=timezone.now())


def ajouter(
    i: Installation, tiers: Tiers, role: str, du: date, *, par: Utilisateur, indivision: bool = False
) -> InstallationTiers:
    """One more person. A new owner ends the former one; in joint ownership both stay, and are said so.

    ``Refus`` for a day ahead, or somebody who already is that.
    """
    if du > timezone.localdate():
        raise Refus("Cette date est dans l'avenir : enregistrez la personne ce jour-là.")
    try:
        with transaction.atomic():
            Installation.objects.select_for_update(of=("self",)).get(pk=i.pk)
            _marquer(i, par)
            if role == Role.PROPRIETAIRE and not indivision:
                return changer_proprietaire(i, tiers, du)
            if indivision:
                ouverts = i.personnes.filter(role=Role.PROPRIETAIRE, au__isnull=True)
                ouverts.exclude(tiers=tiers).update(indivision=True)
            return InstallationTiers.objects.create(
                installation=i, tiers=tiers, role=role, du=du, indivision=indivision
            )
    except IntegrityError as e:
        if "anc_personne_une_fois" not in str(e):
            raise
        raise Refus(f"{tiers} l'est déjà sur cette installation.") from e


def terminer(lien: InstallationTiers, au: date, *, par: Utilisateur) -> InstallationTiers:
    """Last day of a person; who remains alone of a joint ownership is the owner."""
    if au > timezone.localdate() + timedelta(days=1):
        raise Refus("Cette date est dans l'avenir : enregistrez-la ce jour-là.")
    if au.year < ANNEE_MIN:
        raise Refus(f"L'année {au.year} n'est pas possible : corrigez la date.")
    with transaction.atomic():
        i = Installation.objects.select_for_update(of=("self",)).get(pk=lien.installation_id)
        verrou: InstallationTiers = InstallationTiers.objects.select_for_update(of=("self",)).get(pk=lien.pk)
        if verrou.au is not None:
            raise Refus(f"{verrou.tiers} ne l'est plus depuis le {jma(verrou.au)}.")
        if verrou.du and au < verrou.du:
            raise Refus(f"La fin précède le début ({jma(verrou.du)}).")
        verrou.au = au
        verrou.save(update_fields=["au"])
        if verrou.role == Role.PROPRIETAIRE:
            # The key of his letter opens the installation no more.
            liens.revoquer_tous(i, USAGE)
        restants = list(i.personnes.filter(role=Role.PROPRIETAIRE, au__isnull=True))
        if verrou.role == Role.PROPRIETAIRE and len(restants) == 1 and restants[0].indivision:
            restants[0].indivision = False
            restants[0].save(update_fields=["indivision"])
        _marquer(i, par)
    return verrou


def situer(
    i: Installation,
    parcelles: Sequence[str],
    adresses: Sequence[Adresse],
    *,
    par: Utilisateur,
    version: int | None = None,
) -> None:
    """Its parcels and its addresses, the first of each being the main one; links kept keep their past.

    ``ConflitEdition`` when ``version`` is no longer its.
    """
    with transaction.atomic():
        verrou: Installation = Installation.objects.select_for_update(of=("self",)).get(pk=i.pk)
        exiger_version(verrou, version)
        voulues = list(dict.fromkeys(parcelles))
        i.parcelles.exclude(reference__in=voulues).delete()
        # One main parcel, one main address at a time: none while they change places.
        i.parcelles.update(principale=False)
        connues = {p.reference: p for p in i.parcelles.all()}
        for rang, reference in enumerate(voulues):
            lien = connues.get(reference) or InstallationParcelle(installation=i, reference=reference)
            lien.principale = rang == 0
            lien.save()
        uniques = {a.pk: a for a in adresses}
        i.liens_adresses.exclude(adresse__in=list(uniques)).delete()
        i.liens_adresses.update(principale=False)
        poses = {x.adresse_id: x for x in i.liens_adresses.all()}
        for rang, (cle, adresse) in enumerate(uniques.items()):
            lien_a = poses.get(cle) or InstallationAdresse(installation=i, adresse=adresse)
            lien_a.principale = rang == 0
            lien_a.save()
        _marquer(i, par)
        marquer(verrou)
