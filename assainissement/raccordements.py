"""Services of connections: entered, connected, put under derogation, corrected. Only they write the due date.

What is corrected after the fact (day of connection, derogation) keeps its reason in the audit log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement.models import Branchement, BranchementParcelle, DerogationRaccordement
from assainissement.numerotation import numero_branchement
from assainissement.regles.raccordement import limite_raccordement
from mairie import evenements, journal
from mairie.calendrier import jma
from mairie.models import Utilisateur
from mairie.workflow import ConflitEdition, Refus

CONSTATE = "assainissement.raccordement_constate"
CORRIGE = "assainissement.raccordement_corrige"
DATE_CORRIGEE = "assainissement.date_raccordement_corrigee"
DEROGATION_CORRIGEE = "assainissement.derogation_corrigee"
RAISON_MIN, RAISON_MAX = 15, 300
CHAMPS = ("geom", "adresse", "proprietaire", "type_reseau", "mise_en_service_le", "boite", "notes")


def creer(
    insee: str,
    *,
    par: Utilisateur | None,
    champs: Mapping[str, Any],
    parcelles: Sequence[str] = (),
    raccorde_le: date | None = None,
    client_uuid: UUID | None = None,
    aujourdhui: date | None = None,
) -> Branchement:
    """A connection with its number; the same ``client_uuid`` twice makes one."""
    jour = aujourdhui or timezone.localdate()
    if client_uuid and (deja := Branchement.objects.filter(client_uuid=client_uuid).first()):
        return deja
    service = champs.get("mise_en_service_le")
    try:
        with transaction.atomic():
            b: Branchement = Branchement.objects.create(
                insee=insee,
                numero=numero_branchement(insee, jour),
                raccorder_avant=limite_raccordement(service) if service else None,
                client_uuid=client_uuid,
                cree_par=par,
                modifie_par=par,
                **{c: v for c, v in champs.items() if c in CHAMPS},
            )
            _parcelles(b, parcelles)
            if raccorde_le:
                constater(b, raccorde_le, par=par, aujourdhui=jour)
    except IntegrityError:
        if client_uuid and (deja := Branchement.objects.filter(client_uuid=client_uuid).first()):
            return deja
        raise
    return b


def _parcelles(b: Branchement, parcelles: Sequence[str]) -> None:
    b.parcelles.exclude(reference__in=parcelles).delete()
    connues = set(b.parcelles.values_list("reference", flat=True))
    BranchementParcelle.objects.bulk_create(
        BranchementParcelle(branchement=b, reference=idu)
        for idu in dict.fromkeys(parcelles)
        if idu not in connues
    )


def version(b: Branchement) -> str:
    """What a form made from this connection carries: the moment it was last written."""
    return b.modifie_le.isoformat()


def _verrouiller(b: Branchement, vue: str | None) -> Branchement:
    """The locked row; ``ConflitEdition`` when it is no longer that which the person saw (null: not asked)."""
    verrou: Branchement = Branchement.objects.select_for_update(of=("self",)).get(pk=b.pk)
    if vue is not None and vue != version(verrou):
        raise ConflitEdition(
            "Ce branchement a changé depuis que vous l'avez ouvert. Ce que vous avez saisi est gardé :"
            " comparez à sa page, puis enregistrez de nouveau si c'est toujours voulu."
        )
    return verrou


def _raison(texte: str) -> str:
    """A reason that says something; ``Refus``."""
    raison = " ".join(texte.split())
    if len(raison) < RAISON_MIN:
        raise Refus(f"Dites ce qui est corrigé et pourquoi, en {RAISON_MIN} caractères au moins.")
    return raison[:RAISON_MAX]


def modifier(
    b: Branchement,
    champs: Mapping[str, Any],
    parcelles: Sequence[str],
    *,
    par: Utilisateur,
    vue: str | None = None,
) -> Branchement:
    """Correct what a connection is; the due date follows the day of the sewer.

    ``ConflitEdition`` when ``vue`` is no longer its version.
    """
    with transaction.atomic():
        verrou = _verrouiller(b, vue)
        for champ, valeur in champs.items():
            if champ in CHAMPS:
                setattr(verrou, champ, valeur)
        service = verrou.mise_en_service_le
        verrou.raccorder_avant = limite_raccordement(service) if service else None
        verrou.modifie_par, verrou.modifie_le = par, timezone.now()
        verrou.save()
        _parcelles(verrou, parcelles)
    return verrou


def constater(
    b: Branchement, le: date, *, par: Utilisateur | None, aujourdhui: date | None = None
) -> Branchement:
    """The building is connected: told to whoever bills or shows it. ``Refus`` for a day to come, or twice."""
    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        verrou = _verrouiller(b, None)
        if verrou.raccorde_le is not None:
            raise Refus(f"Le raccordement est déjà constaté, du {jma(verrou.raccorde_le)}.")
        _exiger_jour_possible(verrou, le, jour)
        _ecrire_jour(verrou, le, par)
        evenements.emettre(CONSTATE, _charge(verrou), insee=verrou.insee)
    b.raccorde_le = le
    return verrou


def _exiger_jour_possible(b: Branchement, le: date, jour: date) -> None:
    if le > jour:
        raise Refus("Le raccordement se constate le jour où il est fait, ou après.")
    if b.mise_en_service_le and le < b.mise_en_service_le:
        raise Refus(
            f"Le réseau n'est en service que depuis le {jma(b.mise_en_service_le)} :"
            " corrigez l'une des deux dates."
        )


def _ecrire_jour(b: Branchement, le: date | None, par: Utilisateur | None) -> None:
    b.raccorde_le, b.modifie_par, b.modifie_le = le, par, timezone.now()
    b.save(update_fields=["raccorde_le", "modifie_par", "modifie_le"])


def _charge(b: Branchement) -> dict[str, Any]:
    return {
        "branchement": b.numero,
        "insee": b.insee,
        "parcelles": list(b.parcelles.values_list("reference", flat=True)),
        "date": b.raccorde_le.isoformat() if b.raccorde_le else None,
    }


def corriger_jour(
    b: Branchement,
    le: date | None,
    raison: str,
    *,
    par: Utilisateur,
    vue: str | None = None,
    aujourdhui: date | None = None,
) -> Branchement:
    """Another day of connection, or none (it was not made), with its reason; told to whoever billed it.

    ``Refus`` for the same day, a day to come or before the sewer; ``ConflitEdition`` as ``modifier``.
    """
    jour = aujourdhui or timezone.localdate()
    dite = _raison(raison)
    with transaction.atomic():
        verrou = _verrouiller(b, vue)
        ancien = verrou.raccorde_le
        if ancien is None:
            raise Refus("Aucun raccordement n'est constaté : il n'y a pas de date à corriger.")
        if le == ancien:
            raise Refus(f"Le raccordement est déjà du {jma(ancien)} : donnez l'autre date.")
        if le is not None:
            _exiger_jour_possible(verrou, le, jour)
        _ecrire_jour(verrou, le, par)
        charge = {**_charge(verrou), "ancienne": ancien.isoformat()}
        evenements.emettre(CORRIGE, charge, insee=verrou.insee)
        donnees = {"ancienne": charge["ancienne"], "date": charge["date"], "raison": dite}
        journal.noter(par, DATE_CORRIGEE, verrou, insee=verrou.insee, donnees=donnees)
    b.raccorde_le = le
    return verrou


def deroger(
    b: Branchement, *, motif: str, acte: str, du: date, au: date, par: Utilisateur | None
) -> DerogationRaccordement:
    """A derogation with its act. ``Refus``: an end before the beginning, or two at once."""
    with transaction.atomic():
        verrou = _verrouiller(b, None)
        _exiger_periode(verrou, du, au)
        return DerogationRaccordement.objects.create(
            branchement=verrou, motif=motif, acte=acte, du=du, au=au, cree_par=par
        )


def _exiger_periode(b: Branchement, du: date, au: date, sauf: int = 0) -> None:
    if au < du:
        raise Refus("La fin précède le début.")
    autre = b.derogations.filter(du__lte=au, au__gte=du).exclude(pk=sauf).first()
    if autre is not None:
        raise Refus(f"Une dérogation court déjà du {jma(autre.du)} au {jma(autre.au)} ({autre.acte}).")


def corriger_derogation(
    d: DerogationRaccordement,
    *,
    motif: str,
    acte: str,
    du: date,
    au: date,
    raison: str,
    par: Utilisateur,
    vue: str | None = None,
) -> DerogationRaccordement:
    """End a derogation early or mend what was typed of it, with the reason; what it was stays in the log."""
    dite = _raison(raison)
    with transaction.atomic():
        b = _verrouiller(d.branchement, vue)
        tenue = DerogationRaccordement.objects.select_for_update(of=("self",)).get(pk=d.pk)
        _exiger_periode(b, du, au, tenue.pk)
        avant = {"du": tenue.du.isoformat(), "au": tenue.au.isoformat(), "acte": tenue.acte}
        tenue.motif, tenue.acte, tenue.du, tenue.au = motif, acte, du, au
        tenue.save(update_fields=["motif", "acte", "du", "au"])
        b.modifie_par, b.modifie_le = par, timezone.now()
        b.save(update_fields=["modifie_par", "modifie_le"])
        donnees = {**avant, "nouvelle_du": du.isoformat(), "nouvelle_au": au.isoformat(), "raison": dite}
        journal.noter(par, DEROGATION_CORRIGEE, b, insee=b.insee, donnees=donnees)
    return tenue


def declarer() -> None:
    """The log knows these corrections, from ``AppConfig.ready``."""
    journal.declarer(
        journal.Action(DATE_CORRIGEE, "Date d'un raccordement corrigée"),
        journal.Action(DEROGATION_CORRIGEE, "Dérogation de raccordement corrigée"),
    )
