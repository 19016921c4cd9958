"""The phone form of controls on the house's entry without network: what is taken along, what is received."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.core.files.base import ContentFile
from django.db.models import Q
from django.utils import timezone

from assainissement import controles, courriers, observations, perms
from assainissement.circuits.etats import CONCLUS
from assainissement.models import Controle, EtapeTournee, PhotoControle, PointControle, Prestataire
from assainissement.mots import CONCLUSIONS
from assainissement.terrain_formulaire import (
    FAITE,
    PHOTOS_MAX,
    FormulaireTerrain,
    classe_pour,
    valeurs,
)
from assainissement.tournees import A_FAIRE
from mairie.calendrier import jma
from mairie.courriers import services as lettres
from mairie.courriers.erreurs import CourrierRefuse
from mairie.hors_ligne import Conflit, Fait, FicheTerrain, SaisieRefusee, SaisieTerrain, declarer
from mairie.models import ModeleCourrier, Piece
from mairie.pieces import apercus
from mairie.pieces.refus import PieceRefusee
from mairie.pieces.service import deposer
from mairie.workflow import ErreurWorkflow

CODE = "controle_anc"
MAXIMUM = 60
# Rounds taken along: those of the days around.
AUTOUR = timedelta(days=7)
COTE = 1600
# Former reports shown in a garden.
HISTOIRE_MAX = 4
RDV = ("rdv_propose", "rdv_fixe")
VISITABLES = ("a_planifier", "rdv_fixe")


def _controle(personne: Any, cle: str) -> Controle | None:
    if not (cle.isascii() and cle.isdigit()) or len(cle) > 12:
        return None
    c: Controle | None = (
        Controle.objects.visibles_par(personne)
        .filter(pk=int(cle))
        .exclude(etat="")
        .select_related("installation", "agent", "prestataire")
        .first()
    )
    return c if c is not None and perms.peut_saisir(personne, c) else None


def lire(personne: Any, cle: str) -> FicheTerrain | None:
    """The control as it stands; its version grows with each writing of the observations."""
    c = _controle(personne, cle)
    if c is None:
        return None
    titre = f"{c.get_nature_display()}, {c.installation.lieu or c.installation}"
    return FicheTerrain(titre, valeurs(c), c.ecritures, tuple(_faits(c)))


def _faits(c: Controle) -> Iterable[tuple[str, str]]:
    """What one needs in a garden: where, who, what stands there, what was said last."""
    i = c.installation
    yield "Contrôle", str(c)
    yield "État", c.libelle_etat
    if c.date_rdv:
        yield "Rendez-vous", f"{jma(c.date_rdv)}{f', {c.creneau}' if c.creneau else ''}"
    if i.proprietaire:
        telephone = f", {i.proprietaire.telephone}" if i.proprietaire.telephone else ""
        yield "Propriétaire", f"{i.proprietaire}{telephone}"
    elements = ", ".join(e.libelle for e in i.filiere)
    yield "Filière", elements or "inconnue"
    yield from histoire(c)
    deja = c.photos.count()
    if deja:
        yield "Photos déjà reçues", str(deja)


def histoire(c: Controle) -> Iterable[tuple[str, str]]:
    """Former reports of the installation, the last first, with the works of the last one."""
    faits = (
        c.installation.controles.filter(etat__in=CONCLUS, date_visite__isnull=False)
        .exclude(pk=c.pk)
        .order_by("-date_visite", "-pk")[:HISTOIRE_MAX]
    )
    for rang, autre in enumerate(faits):
        quoi = CONCLUSIONS.get(autre.regle) or autre.get_conclusion_travaux_display() or "sans conclusion"
        yield (
            "Dernier rapport" if rang == 0 else "Rapport précédent",
            f"{jma(autre.date_visite)}, {autre.get_nature_display().lower()} : {quoi}",
        )
        travaux = " ; ".join(t.libelle for t in autre.travaux.all()) if rang == 0 else ""
        if travaux:
            yield "Travaux demandés", travaux


def pour(personne: Any, cle: str) -> type[forms.Form]:
    """The form of this control; a bare one where it is not there."""
    return classe_pour(_controle(personne, cle))


def enregistrer(personne: Any, cle: str, donnees: dict[str, Any], version: int, uuid: UUID) -> Fait:
    """Answers, photos, then the events of the visit; all of it, or nothing and why."""
    vu = _controle(personne, cle)
    if vu is None:
        raise SaisieRefusee("Ce contrôle ne vous est plus confié : voyez avec le service.")
    c: Controle = Controle.objects.select_for_update(of=("self",)).get(pk=vu.pk)
    try:
        if donnees["issue"] != FAITE:
            return _manquee(c, personne, donnees)
        if not c.saisissable:
            raise SaisieRefusee(
                f"Le contrôle est « {c.libelle_etat} » : ses observations ne changent plus. Votre saisie est"
                " gardée ; voyez avec le responsable."
            )
        if c.ecritures != version:
            raise Conflit(valeurs(c), c.ecritures)
        return _faite(c, personne, donnees)
    except (ErreurWorkflow, PieceRefusee) as e:
        raise SaisieRefusee(str(e)) from e


def _manquee(c: Controle, personne: Any, d: dict[str, Any]) -> Fait:
    if c.etat not in RDV:
        raise SaisieRefusee(
            f"Le contrôle est « {c.libelle_etat} » : une visite manquée se dit d'un rendez-vous proposé ou"
            " fixé."
        )
    _joindre(c, personne, d)
    controles.agir(c, d["issue"], par=personne, version=c.version, date_effet=d["date_visite"])
    c.refresh_from_db()
    return Fait(f"{c} : {c.libelle_etat}.", c.get_absolute_url())


def _faite(c: Controle, personne: Any, d: dict[str, Any]) -> Fait:
    champs = {"observations_libres": d["observations_libres"]}
    if not c.existant:
        champs["conclusion_travaux"] = d["conclusion_travaux"]
    observations.enregistrer(c, _reponses(d), _nombres(d), champs)
    _joindre(c, personne, d)
    c.refresh_from_db()
    if c.etat in VISITABLES:
        controles.agir(
            c, "saisir_visite", par=personne, version=c.version, date_effet=d["date_visite"],
            donnees={"present": d["present"]} if d["present"] else {},
        )  # fmt: skip
        c.refresh_from_db()
    dit = "visite enregistrée"
    if d["presence"]:
        raison = {"raison": d["raison"]} if d["raison"] else {}
        controles.agir(
            c, "rediger", par=personne, version=c.version, donnees={"presence": d["presence"], **raison}
        )
        c.refresh_from_db()
        preparer_rapport(c, personne)
        dit = "rapport rédigé, à valider"
    return Fait(f"{c} : {dit}.", c.get_absolute_url())


def _reponses(d: dict[str, Any]) -> dict[str, tuple[str, str]]:
    return {
        nom[2:]: (valeur, (d.get(f"c_{nom[2:]}") or "").strip())
        for nom, valeur in d.items()
        if nom.startswith("r_")
    }


def _nombres(d: dict[str, Any]) -> dict[str, Any]:
    return {nom[2:]: valeur for nom, valeur in d.items() if nom.startswith("n_")}


def _nue(octets: Any, nom: str) -> ContentFile[bytes]:
    """The picture made again: upright, 1600 pixels at most, without place, device nor profile."""
    try:
        return ContentFile(apercus.refaire(octets, COTE), name=nom)
    except apercus.ApercuImpossible as e:
        raise SaisieRefusee(f"{nom} : {e}") from e


def _joindre(c: Controle, personne: Any, d: dict[str, Any]) -> None:
    """Photos with their legends, the sketch and the signature."""
    _photos(c, personne, d["photos"], d["legendes"])
    for code, libelle in (("croquis", "Croquis"), ("signature", "Signature de la personne présente")):
        if d[code] is not None:
            deposer(
                c, _nue(io.BytesIO(d[code]), f"{code}.jpg"), par=personne, code=code, libelle=libelle,
                origine=Piece.Origine.TERRAIN,
            )  # fmt: skip


def _photos(c: Controle, personne: Any, envoyees: list[Any], dites: list[dict[str, str]]) -> None:
    """Those that the control has not yet: a draft written on after it was received brings some again."""
    deja = c.photos.count()
    connues = {
        p.piece.sha256: p for p in c.photos.select_related("piece").filter(piece__retiree_le__isnull=True)
    }
    legendes = [*dites, *({} for _ in envoyees)]
    nues = [_nue(photo, f"photo-{rang}.jpg") for rang, photo in enumerate(envoyees, start=deja + 1)]
    sommes = [hashlib.sha256(nue.read()).hexdigest() for nue in nues]
    if deja + len(set(sommes) - set(connues)) > PHOTOS_MAX:
        raise SaisieRefusee(
            f"Ce contrôle a déjà {deja} photo{'s' if deja > 1 else ''} : {PHOTOS_MAX} au plus. Ôtez-en de"
            " cette saisie."
        )
    points = {p.code: p for p in PointControle.objects.filter(code__in=[x.get("point") for x in legendes])}
    rang = max((p.rang for p in c.photos.all()), default=0)
    for nue, somme, dit in zip(nues, sommes, legendes, strict=False):
        legende, point = dit.get("legende", ""), points.get(dit.get("point", ""))
        if (connue := connues.get(somme)) is not None:
            connue.legende, connue.point = legende or connue.legende, point or connue.point
            connue.save(update_fields=["legende", "point"])
            continue
        rang += 1
        nue.seek(0)
        piece = deposer(
            c, nue, par=personne, code="photo", libelle=legende or f"Photo {rang}",
            origine=Piece.Origine.TERRAIN,
        )  # fmt: skip
        connues[somme], _ = PhotoControle.objects.get_or_create(
            piece=piece, defaults={"controle": c, "rang": rang, "legende": legende, "point": point}
        )


def preparer_rapport(c: Controle, personne: Any) -> None:
    """The draft of the report, where the template is in service and this person may write letters."""
    code = "rapport_visite" if c.existant else "rapport_execution"
    modele = ModeleCourrier.objects.filter(metier=courriers.METIER, code=code).first()
    if modele is None or not courriers.peut_rediger(personne, c):
        return
    try:
        lettres.preparer(c, modele, par=personne, destinataire=next(courriers.destinataires(c), None))
    except CourrierRefuse:
        # No template in service: the report is written from the page of the control.
        return


def a_emporter(personne: Any) -> list[Controle]:
    """Controls of one's rounds of the days around, in order; then the others that one is to make."""
    jour = timezone.localdate()
    firmes = Prestataire.objects.filter(comptes=personne.pk, actif=True)
    visibles = (
        Controle.objects.visibles_par(personne)
        .filter(etat__in=(*A_FAIRE, "visite_faite"))
        .filter(Q(agent=personne) | Q(prestataire__in=firmes))
        .select_related("installation")
        .prefetch_related("installation__liens_adresses__adresse__voie")
    )
    rangs = {
        controle: (le, rang)
        for controle, le, rang in EtapeTournee.objects.filter(
            tournee__date__gte=jour, tournee__date__lte=jour + AUTOUR
        ).values_list("controle", "tournee__date", "rang")
    }
    loin = jour + timedelta(days=3650)
    return sorted(visibles, key=lambda c: (*rangs.get(c.pk, (c.date_rdv or loin, 999)), c.pk))[:MAXIMUM]


def objets(personne: Any) -> Iterable[tuple[str, str]]:
    """What « Préparer ma tournée » takes."""
    jour = timezone.localdate()
    for c in a_emporter(personne):
        quand = f"{c.date_rdv:%d/%m}{f' {c.creneau}' if c.creneau else ''} · " if c.date_rdv else ""
        suite = ""
        if c.etat == "visite_faite":
            suite = " · visite faite, à terminer"
        elif c.date_rdv and c.date_rdv < jour:
            suite = " · rendez-vous passé"
        yield (
            str(c.pk),
            f"{quand}{c.installation.lieu or c.installation} · {c.get_nature_display().lower()}{suite}",
        )


def declarer_saisie() -> None:
    """From ``AppConfig.ready``."""
    declarer(
        SaisieTerrain(
            code=CODE,
            titre="Contrôles d'assainissement",
            droit=perms.REALISER,
            formulaire=FormulaireTerrain,
            lire=lire,
            enregistrer=enregistrer,
            objets=objets,
            pour=pour,
            gabarit="assainissement/terrain_controle.html",
            scripts=("js/assainissement/terrain.js",),
            styles=("css/assainissement-terrain.css",),
            brouillons=True,
            emporter="Préparer ma tournée",
        )
    )
