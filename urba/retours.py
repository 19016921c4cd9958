"""What other apps answer to a permit: the sanitation service's opinion, and its attestation as a piece.

Listeners of domain events (spec §16): letters and consultations are the town hall's, no trade is imported.
"""

from __future__ import annotations

from django.core.files.base import ContentFile
from django.utils import timezone
from django.utils.dateparse import parse_date

from mairie import consultations
from mairie.models import Consultation, Courrier, EvenementDomaine, Piece
from mairie.pieces.service import deposer
from mairie.roles import systeme
from urba.models import DossierInstruction
from urba.regles.nomenclature import AUTRE, FAMILLES, pieces_du_type

SPANC = systeme("service d'assainissement")
SERVICE = "spanc"
ATTESTATION = "PCMI12-2"
LIBELLE = "Attestation de conformité du projet d'assainissement"
AVIS = "Avis du service d'assainissement"


def _dossier(e: EvenementDomaine) -> DossierInstruction | None:
    numero = e.charge.get("dossier") or ""
    trouve: DossierInstruction | None = (
        DossierInstruction.objects.filter(numero=numero, insee=e.insee).first() if numero else None
    )
    return trouve


def _lettre(e: EvenementDomaine) -> bytes | None:
    """The PDF of the letter that the event names; null unless it is a sanitation letter of this commune."""
    lettre = Courrier.objects.filter(
        pk=e.charge.get("courrier") or 0, metier="assainissement", insee=e.insee
    ).first()
    if lettre is None or not lettre.pdf:
        return None
    with lettre.pdf.open("rb") as flux:
        return bytes(flux.read())


def code_attestation(d: DossierInstruction) -> str:
    """The line of the nomenclature for the attestation; « other » for a kind of request that has none."""
    lignes = pieces_du_type(d.type_detail) if d.type_detail in FAMILLES else ()
    return ATTESTATION if ATTESTATION in {p.code for p in lignes} else AUTRE.code


def attestation_rendue(e: EvenementDomaine) -> None:
    """The attestation becomes a piece of the request; a newer one takes the place of the former."""
    d, pdf = _dossier(e), _lettre(e)
    if d is None or pdf is None:
        return
    code = code_attestation(d)
    siennes = Piece.objects.du_dossier(d).courantes().filter(code=code, au_nom_de=SPANC.nom)
    deposer(
        d,
        ContentFile(pdf),
        par=SPANC,
        nom="attestation-assainissement.pdf",
        code=code,
        libelle=LIBELLE,
        remplace=siennes.order_by("-pk").first(),
    )


def avis_rendu(e: EvenementDomaine) -> None:
    """The opinion closes the consultation that waited for it, or corrects the one given before."""
    d = _dossier(e)
    if d is None:
        return
    c = _consultation(d, str(e.charge.get("service") or SERVICE))
    if c is None or c.envoyee_le is None:
        return
    _joindre(e, d)
    jour = parse_date(e.charge.get("date") or "") or timezone.localdate(e.emis_le)
    consultations.rendre_avis(
        c,
        str(e.charge.get("sens") or ""),
        motivation=str(e.charge.get("motif") or ""),
        le=max(jour, c.envoyee_le),
    )


def _joindre(e: EvenementDomaine, d: DossierInstruction) -> None:
    """The PDF of the opinion joins the request, for who examines it; a newer one takes its place."""
    pdf = _lettre(e)
    if pdf is None:
        return
    siens = Piece.objects.du_dossier(d).courantes().filter(code=AUTRE.code, au_nom_de=SPANC.nom, libelle=AVIS)
    deposer(
        d, ContentFile(pdf), par=SPANC, nom="avis-assainissement.pdf", code=AUTRE.code, libelle=AVIS,
        remplace=siens.order_by("-pk").first(), visible_services=False,
    )  # fmt: skip


def _consultation(d: DossierInstruction, service: str) -> Consultation | None:
    """The one that waits, else the last one answered."""
    siennes = consultations.de_dossier(d).filter(
        service__code=service, envoyee_le__isnull=False, close_le__isnull=True
    )
    return siennes.filter(avis="").order_by("pk").last() or siennes.order_by("pk").last()


def declarer() -> None:
    """From ``AppConfig.ready``."""
    from mairie.evenements import abonner

    abonner(
        "assainissement.attestation_conception_rendue", attestation_rendue, abonne="urba.piece_attestation"
    )
    abonner("assainissement.avis_rendu", avis_rendu, abonne="urba.avis_assainissement")
