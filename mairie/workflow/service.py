"""The only code that changes the state of a dossier: apply, undo, correct, replay, in bulk."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.utils import timezone

from mairie.models import DossierSuivi, Evenement, Utilisateur
from mairie.roles import Acteur, acteur_de, detient_un
from mairie.workflow import journal, registre
from mairie.workflow.erreurs import ConflitEdition, ErreurWorkflow, Refus
from mairie.workflow.examen import Action, Apercu, actions, examiner
from mairie.workflow.modele import ANNULATION, Incoherent, Situation, Workflow

trace = logging.getLogger(__name__)
Par = Utilisateur | Acteur


@dataclass(frozen=True)
class ResultatMasse:
    """What a bulk application did with one dossier: its event, or the reason why nothing was written."""

    dossier_id: int
    evenement: Evenement | None
    erreur: str = ""


@dataclass(frozen=True)
class Rejeu:
    """Recomputation of a dossier: ``ecarts`` maps a column to (stored, recomputed), empty when all agree."""

    situation: Situation
    ecarts: dict[str, tuple[Any, Any]]


def appliquer(
    dossier: DossierSuivi,
    evenement: str,
    *,
    par: Par,
    version: int,
    date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None,
    forcer: str = "",
    cle: UUID | None = None,
    aujourdhui: date | None = None,
) -> Evenement:
    """Apply an event and return its row; ``dossier`` is read again from the database.

    ``version``: the one the person saw. ``forcer``: written reason to pass forcible guards. ``cle``: the same
    key twice gives the first row. Raises ``Refus`` or ``ConflitEdition``, and then nothing is written.
    """
    jour = aujourdhui or timezone.localdate()
    acteur = acteur_de(par)
    with transaction.atomic():
        verrou = _verrouiller(dossier)
        workflow = _workflow(verrou)
        if cle is not None and (deja := Evenement.objects.filter(cle=cle).first()):
            return _deja_fait(dossier, verrou, deja, evenement)
        _exiger_version(workflow, verrou, version)
        lignes = journal.vivantes(journal.lignes(verrou))
        quand = date_effet or jour
        apercu = examiner(
            workflow, verrou, lignes, evenement, acteur, quand, donnees or {}, jour, forcer=forcer
        )
        ligne = _ecrire(
            workflow, verrou, evenement, acteur, quand, apercu, jour, cle=cle,
            motif=forcer.strip() if apercu.forcages else "",
        )  # fmt: skip
        effet = workflow.type(evenement).effet
        if effet is not None:
            effet(verrou, ligne)
            _exiger_stable(workflow, verrou, apercu.apres, jour, evenement)
        _suivre(workflow, verrou)
        dossier.refresh_from_db()
        return ligne


def simuler(
    dossier: DossierSuivi,
    evenement: str,
    *,
    par: Par,
    date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None,
    forcer: str = "",
    aujourdhui: date | None = None,
) -> Apercu:
    """Situation before and after an event, to show before it is saved; ``Refus`` as ``appliquer``."""
    jour = aujourdhui or timezone.localdate()
    lignes = journal.vivantes(journal.lignes(dossier))
    quand = date_effet or jour
    return examiner(
        _workflow(dossier), dossier, lignes, evenement, acteur_de(par), quand, donnees or {}, jour,
        forcer=forcer,
    )  # fmt: skip


def actions_possibles(dossier: DossierSuivi, par: Par, aujourdhui: date | None = None) -> list[Action]:
    """All events of the workflow as they stand today for this person, the impossible ones with the reason."""
    lignes = journal.vivantes(journal.lignes(dossier))
    return actions(_workflow(dossier), dossier, lignes, acteur_de(par), aujourdhui or timezone.localdate())


def refus_annulation(dossier: DossierSuivi, par: Par) -> str:
    """Why the last event cannot be undone by this person; empty when it can."""
    workflow = _workflow(dossier)
    derniere = _derniere(journal.vivantes(journal.lignes(dossier)))
    return _contre_annulation(workflow, dossier, derniere, acteur_de(par))


def annuler_dernier(
    dossier: DossierSuivi, *, par: Par, version: int, motif: str, aujourdhui: date | None = None
) -> Evenement:
    """Strike out the live event entered last, by a cancelling row that is returned; both stay in the log.

    ``Refus`` without a reason, without the role, or for an event that is no longer reversible.
    """
    jour = aujourdhui or timezone.localdate()
    acteur = acteur_de(par)
    with transaction.atomic():
        verrou = _verrouiller(dossier)
        workflow = _workflow(verrou)
        _exiger_version(workflow, verrou, version)
        toutes = journal.lignes(verrou)
        lignes = journal.vivantes(toutes)
        derniere = _derniere(lignes)
        contre = _contre_annulation(workflow, verrou, derniere, acteur)
        if derniere is None or contre:
            raise Refus(contre)
        _exiger_motif(motif)
        # Those it had replaced live again, so a correction is undone by bringing back what it corrected.
        rendues = [e for e in toutes if e.annule_par_id == derniere.pk]
        restent = sorted(
            [*(e for e in lignes if e.pk != derniere.pk), *rendues], key=lambda e: (e.date_effet, e.pk)
        )
        contexte = workflow.contexte(verrou)
        try:
            avant = workflow.situation([journal.fait(e) for e in lignes], contexte, jour)
            apres = workflow.situation([journal.fait(e) for e in restent], contexte, jour)
        except Incoherent as e:
            raise Refus(f"L'annulation rendrait le dossier incohérent : {e}.") from e
        ligne = _ecrire(
            workflow, verrou, ANNULATION, acteur, jour, Apercu({"annule": derniere.pk}, avant, apres), jour,
            motif=motif.strip(),
        )  # fmt: skip
        _rayer(derniere, ligne)
        defaire = workflow.type(derniere.type).defaire
        if defaire is not None and not rendues:
            defaire(verrou, derniere)
            _exiger_stable(workflow, verrou, apres, jour, derniere.type)
        _suivre(workflow, verrou)
        dossier.refresh_from_db()
        return ligne


def corriger(
    dossier: DossierSuivi,
    evenement: Evenement,
    *,
    par: Par,
    version: int,
    motif: str,
    date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None,
    aujourdhui: date | None = None,
) -> Evenement:
    """Replace a live event by the same one with another effective date or input; the log is replayed.

    For those who may undo, even past the last event. The effect of the event is not run again.
    """
    jour = aujourdhui or timezone.localdate()
    acteur = acteur_de(par)
    with transaction.atomic():
        verrou = _verrouiller(dossier)
        workflow = _workflow(verrou)
        _exiger_version(workflow, verrou, version)
        lignes = journal.vivantes(journal.lignes(verrou))
        ancienne = next((e for e in lignes if e.pk == evenement.pk), None)
        if ancienne is None:
            raise Refus("Cet événement est annulé, ou n'est pas de ce dossier.")
        _exiger_motif(motif)
        quand = date_effet or ancienne.date_effet
        saisie = ancienne.donnees if donnees is None else donnees
        apercu = examiner(
            workflow, verrou, lignes, ancienne.type, acteur, quand, saisie, jour,
            forcer=motif, roles=workflow.roles_annulation, remplace=ancienne,
        )  # fmt: skip
        ligne = _ecrire(workflow, verrou, ancienne.type, acteur, quand, apercu, jour, motif=motif.strip())
        _rayer(ancienne, ligne)
        _suivre(workflow, verrou)
        dossier.refresh_from_db()
        return ligne


def appliquer_en_masse(
    dossiers: Iterable[tuple[DossierSuivi, int]], evenement: str, *, par: Par, **options: Any
) -> list[ResultatMasse]:
    """Apply one event to many (dossier, version seen), each in its own transaction, in the given order.

    One result a dossier, whatever happens to the others; ``options`` as for ``appliquer`` (no ``cle``).
    """
    resultats = []
    for dossier, version in dossiers:
        try:
            ligne = appliquer(dossier, evenement, par=par, version=version, **options)
            resultats.append(ResultatMasse(dossier.pk, ligne))
        except ErreurWorkflow as e:
            resultats.append(ResultatMasse(dossier.pk, None, str(e)))
        except Exception:
            # What is done is done: the person must know which ones, even when one fails by our fault.
            trace.exception("Événement %s en masse, dossier %s", evenement, dossier.pk)
            erreur = "Erreur inattendue : rien n'a été enregistré pour ce dossier."
            resultats.append(ResultatMasse(dossier.pk, None, erreur))
    return resultats


def rejouer(dossier: DossierSuivi) -> Rejeu:
    """Recompute from the log, for the day of the stored figures, and compare; writes nothing."""
    workflow = _workflow(dossier)
    jour = dossier.calcule_au or timezone.localdate()
    faits = [journal.fait(e) for e in journal.vivantes(journal.lignes(dossier))]
    situation = workflow.situation(faits, workflow.contexte(dossier), jour)
    attendu = _colonnes(workflow, situation)
    return Rejeu(
        situation,
        {c: (getattr(dossier, c), v) for c, v in attendu.items() if getattr(dossier, c) != v},
    )


def rafraichir(dossier: DossierSuivi, aujourdhui: date | None = None) -> bool:
    """Recompute the stored figures for a day (nightly task); true when they changed."""
    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        verrou = _verrouiller(dossier)
        workflow = _workflow(verrou)
        faits = [journal.fait(e) for e in journal.vivantes(journal.lignes(verrou))]
        situation = workflow.situation(faits, workflow.contexte(verrou), jour)
        change = any(getattr(verrou, c) != v for c, v in _colonnes(workflow, situation).items())
        _ranger(workflow, verrou, situation, jour)
        _suivre(workflow, verrou)
        dossier.refresh_from_db()
    return change


def _workflow(dossier: DossierSuivi) -> Workflow:
    return registre.trouver(dossier.WORKFLOW)


def _verrouiller(dossier: DossierSuivi) -> DossierSuivi:
    if dossier.pk is None:
        raise ValueError("Le dossier doit être enregistré avant son premier événement.")
    verrou: DossierSuivi = type(dossier)._base_manager.select_for_update(of=("self",)).get(pk=dossier.pk)
    return verrou


def _exiger_version(workflow: Workflow, dossier: DossierSuivi, version: int) -> None:
    if dossier.version != version:
        raise ConflitEdition(
            journal.depuis_la_version(workflow, dossier, version)
            + " Rechargez la page : rien de votre saisie n'a été enregistré."
        )


def _exiger_motif(motif: str) -> None:
    if not motif.strip():
        raise Refus("Le motif est obligatoire.")


def _exiger_stable(workflow: Workflow, dossier: Any, attendu: Situation, jour: date, evenement: str) -> None:
    """An effect that changes what the rules read would make the stored figures false at once."""
    _comparer(workflow, dossier, journal.vivantes(journal.lignes(dossier)), attendu, jour, evenement)


def _comparer(
    workflow: Workflow, dossier: Any, lignes: list[Evenement], attendu: Situation, jour: date, evenement: str
) -> None:
    faits = [journal.fait(e) for e in lignes]
    obtenu = workflow.situation(faits, workflow.contexte(dossier), jour)
    if journal.resume(obtenu) != journal.resume(attendu):
        raise RuntimeError(
            f"{workflow.code} : l'effet de « {evenement} » change ce que lisent les règles ;"
            " mettre ces valeurs dans les données de l'événement."
        )


def _deja_fait(dossier: DossierSuivi, verrou: DossierSuivi, deja: Evenement, evenement: str) -> Evenement:
    meme = deja.dossier_id == verrou.pk and deja.dossier_type == ContentType.objects.get_for_model(verrou)
    if not meme or deja.type != evenement:
        raise Refus("Cette clé de saisie a déjà servi pour un autre événement.")
    dossier.refresh_from_db()
    return deja


def _derniere(lignes: list[Evenement]) -> Evenement | None:
    return max(lignes, key=lambda e: e.pk, default=None)


def _contre_annulation(
    workflow: Workflow, dossier: DossierSuivi, derniere: Evenement | None, acteur: Acteur
) -> str:
    if derniere is None:
        return "Il n'y a aucun événement à annuler."
    type_ = workflow.type(derniere.type)
    if not type_.annulable:
        return (
            f"« {type_.libelle} » ne peut plus être annulé : ni l'ouverture d'un dossier, ni ce qui est"
            " signé, notifié, publié ou envoyé ne s'annule."
        )
    if not detient_un(acteur, workflow.metier, workflow.roles_annulation, dossier):
        humains = [r for r in workflow.roles_annulation if r != "systeme"]
        return f"L'annulation est réservée à : {', '.join(humains)}."
    return ""


def _ecrire(
    workflow: Workflow,
    dossier: DossierSuivi,
    evenement: str,
    acteur: Acteur,
    date_effet: date,
    apercu: Apercu,
    jour: date,
    *,
    motif: str = "",
    cle: UUID | None = None,
) -> Evenement:
    """Write the row and the stored figures of the locked dossier."""
    ligne = _batir(workflow, dossier, evenement, acteur, date_effet, apercu, jour, motif=motif, cle=cle)
    ligne.save(force_insert=True)
    _ranger(workflow, dossier, apercu.apres, jour)
    return ligne


def _batir(
    workflow: Workflow,
    dossier: DossierSuivi,
    evenement: str,
    acteur: Acteur,
    date_effet: date,
    apercu: Apercu,
    jour: date,
    *,
    motif: str = "",
    cle: UUID | None = None,
) -> Evenement:
    """The row of the next version, not stored yet."""
    dossier.version += 1
    return Evenement(
        dossier_type=ContentType.objects.get_for_model(dossier),
        dossier_id=dossier.pk,
        workflow=workflow.code,
        type=evenement,
        date_effet=date_effet,
        auteur=acteur.utilisateur,
        au_nom_de="" if acteur.utilisateur else acteur.nom,
        donnees=dict(apercu.donnees),
        avant=journal.resume(apercu.avant),
        apres=journal.resume(apercu.apres),
        explication=journal.explication(apercu.apres),
        motif=motif,
        forcages=list(apercu.forcages),
        version=dossier.version,
        cle=cle,
    )


def _suivre(workflow: Workflow, dossier: DossierSuivi) -> None:
    if workflow.suite is not None:
        workflow.suite(dossier)


def _rayer(ancienne: Evenement, par: Evenement) -> None:
    Evenement.objects.filter(pk=ancienne.pk).update(annule_par=par)


def _colonnes(workflow: Workflow, situation: Situation) -> dict[str, Any]:
    """Stored columns and their values."""
    resume = journal.resume(situation)
    return {
        "etat": situation.etat,
        "dates": resume["dates"],
        "calculs": resume["calculs"],
        "explication": journal.explication(situation),
        **{c: situation.dates.get(c, resume["calculs"].get(c)) for c in workflow.colonnes},
    }


def _ranger(workflow: Workflow, dossier: DossierSuivi, situation: Situation, jour: date) -> None:
    valeurs = _poser(workflow, dossier, situation, jour)
    type(dossier)._base_manager.filter(pk=dossier.pk).update(**valeurs)


def _poser(workflow: Workflow, dossier: DossierSuivi, situation: Situation, jour: date) -> dict[str, Any]:
    """Put the figures on the dossier, not stored yet; the columns they are kept in."""
    valeurs = {**_colonnes(workflow, situation), "calcule_au": jour, "version": dossier.version}
    for colonne, valeur in valeurs.items():
        setattr(dossier, colonne, valeur)
    return valeurs
