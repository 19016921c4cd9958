"""What the owner sees and does with his key: reports, dates, choice of an appointment, papers (spec §8).

The number of the installation and the key of his letter open it, twelve months; no name is shown.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.urls import reverse

from assainissement import controles
from assainissement.circuits.obligation import VIVANTES
from assainissement.creneaux import CRENEAUX, moments
from assainissement.models import Controle, Indisponibilite, Installation, Obligation
from assainissement.mots import PHRASES
from assainissement.suivi import dernier_rapport
from mairie import liens, suivi_usager
from mairie.calendrier import est_ouvrable, jma
from mairie.models import Courrier, Piece
from mairie.pieces.service import Resultat, deposer_plusieurs
from mairie.roles import usager
from mairie.workflow import Refus

USAGE = "assainissement.proprietaire"
DUREE = timedelta(days=365)
PORTE = usager("lien du propriétaire")
PIECES = {"bordereau": "Bordereau de vidange", "facture": "Facture de travaux"}
# Days offered, from the day after tomorrow, on working days.
JOURS_OFFERTS = 15
# From one address; enough for a file of papers.
ENVOIS_PAR_HEURE = 30
RAPPORTS = ("rapport_visite", "rapport_execution")
ETATS_LETTRE = ("finalise", "signe", "en_envoi", "envoye", "presente", "distribue", "consulte", "retourne")


def declarer() -> None:
    """From ``AppConfig.ready``: the purpose of the key, and what it opens."""
    liens.declarer_usage(
        liens.UsageDeLien(USAGE, "Suivi d'une installation d'assainissement", DUREE, lambda jeton: "/suivi/")
    )
    suivi_usager.declarer(
        suivi_usager.SuiviUsager(
            "assainissement",
            "Installation d'assainissement individuelle",
            USAGE,
            "ANC-25999-00012",
            par_numero,
            lambda i: reverse("ass_suivi", args=[i.numero]),
        )
    )


def par_numero(numero: str) -> Installation | None:
    """The installation of a whole number, spaces and case aside."""
    propre = numero.strip().upper().replace(" ", "")
    trouvee: Installation | None = Installation.objects.filter(numero=propre).exclude(etat="").first()
    return trouvee


@dataclass(frozen=True)
class Creneau:
    """One slot offered."""

    code: str
    libelle: str


def rapports(i: Installation) -> Any:
    """Reports as sent, of the controls of this installation only."""
    type_ = ContentType.objects.get_for_model(Controle)
    siens = i.controles.values("pk")
    return Courrier.objects.filter(
        dossier_type=type_, dossier_id__in=siens, etat__in=ETATS_LETTRE, modele__modele__code__in=RAPPORTS
    ).order_by("-finalise_le", "-pk")


def a_fixer(i: Installation) -> Controle | None:
    """The control whose appointment the owner may choose."""
    trouve: Controle | None = i.controles.filter(etat="rdv_propose").order_by("pk").first()
    return trouve


def creneaux(c: Controle, jour: date) -> list[Creneau]:
    """Slots still free of the agent of a control."""
    debut = jour + timedelta(days=2)
    offerts: list[date] = []
    while len(offerts) < JOURS_OFFERTS:
        if est_ouvrable(debut):
            offerts.append(debut)
        debut += timedelta(days=1)
    pris: set[tuple[date, str]] = set()
    absences: list[tuple[date, date]] = []
    firme = c.prestataire
    if c.agent_id is not None or firme is not None:
        qui = {"agent": c.agent_id} if c.agent_id is not None else {"prestataire": c.prestataire_id}
        fixes = Controle.objects.filter(etat="rdv_fixe", date_rdv__gte=jour, **qui).exclude(pk=c.pk)
        pris = {(le, m) for le, mot in fixes.values_list("date_rdv", "creneau") for m in moments(mot)}
        absences = list(Indisponibilite.objects.filter(au__gte=jour, **qui).values_list("du", "au"))
    return [
        Creneau(f"{le.isoformat()} {code}", f"{jma(le)}, {mot}")
        for le in offerts
        if not any(du <= le <= au for du, au in absences) and not (firme and firme.empechement(le))
        for code, mot in CRENEAUX.items()
        if (le, code) not in pris
    ]


def choisir(i: Installation, code: str, jour: date) -> Controle:
    """Fix the appointment; ``Refus`` for a slot that is not offered any more."""
    c = a_fixer(i)
    if c is None:
        raise Refus("Aucun rendez-vous n'est à choisir : appelez le service.")
    with transaction.atomic():
        controles.tenir_agenda(c)
        choisi = next((x for x in creneaux(c, jour) if x.code == code), None)
        if choisi is None:
            raise Refus("Ce créneau n'est plus libre : choisissez-en un autre.")
        le, moment = code.split(" ", 1)
        controles.agir(
            c, "fixer_rdv", par=PORTE, version=c.version, donnees={"le": le, "creneau": CRENEAUX[moment]},
            aujourdhui=jour,
        )  # fmt: skip
    return c


def joindre(i: Installation, fichiers: Iterable[Any], code: str) -> list[Resultat]:
    """Keep papers of the owner; ``Refus`` for an unknown kind."""
    if code not in PIECES:
        raise Refus("Dites si c'est un bordereau de vidange ou une facture de travaux.")
    return deposer_plusieurs(i, fichiers, par=PORTE, code=code, origine=Piece.Origine.USAGER)


def presenter(i: Installation, jour: date) -> dict[str, Any]:
    """All of the page; no name, no internal note."""
    dernier = dernier_rapport(i)
    dues = list(
        Obligation.objects.filter(controle__installation=i, etat__in=VIVANTES).select_related("controle")
    )
    c = a_fixer(i)
    return {
        "i": i,
        "dernier": dernier,
        "phrase": PHRASES.get(dernier.regle, "") if dernier is not None else "",
        "explication": list(dernier.explication) if dernier is not None else [],
        "travaux": list(dernier.travaux.all()) if dernier is not None and dues else [],
        "obligations": dues,
        "rapports": list(rapports(i)),
        "rdv": list(i.controles.filter(etat="rdv_fixe").order_by("date_rdv")),
        "a_fixer": c,
        "creneaux": creneaux(c, jour) if c is not None else [],
        "pieces": list(
            Piece.objects.du_dossier(i)
            .courantes()
            .filter(origine=Piece.Origine.USAGER)
            .order_by("-depose_le")
        ),
        "genres": list(PIECES.items()),
    }
