"""Files over HTTP: deposit, page of a piece, download, pictures, publication, blurring."""

from __future__ import annotations

import tempfile
import zipfile
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import connecte, public
from mairie import journal
from mairie.models import Piece, Utilisateur
from mairie.pieces import apercus, reponse, service
from mairie.pieces.declaration import LUE
from mairie.pieces.genres import nom_propre
from mairie.pieces.reception import recoit_pieces, refuses
from mairie.pieces.refus import PieceRefusee
from mairie.pieces.registre import (
    Porteur,
    dossier_lisible,
    peut_deposer,
    peut_gerer,
    porteur,
    porteur_de,
)

FINALITE = "instruction du dossier"
FICHIERS_MAX = 40


def _agent(request: HttpRequest) -> Utilisateur:
    if not isinstance(request.user, Utilisateur):
        raise PermissionDenied
    return request.user


def _dossier(request: HttpRequest, genre: str, pk: int) -> tuple[Porteur, Model]:
    """The object named in the address, when the person may read it; 404 otherwise."""
    trouve = porteur(genre)
    if trouve is None or pk >= 2**63:
        raise Http404
    return trouve, get_object_or_404(trouve.requete(request.user), pk=pk)


def _piece(request: HttpRequest, uuid: UUID, *, retirees: bool = True) -> tuple[Piece, Model]:
    """A piece and its object, for who may read that object; 404 otherwise."""
    piece = get_object_or_404(Piece.objects.select_related("depose_par", "retiree_par"), uuid=uuid)
    dossier = dossier_lisible(piece, request.user)
    if dossier is None or (piece.retiree_le and not retirees):
        raise Http404
    return piece, dossier


def _gerable(request: HttpRequest, uuid: UUID) -> tuple[Piece, Model]:
    """The same, for who may publish and blur; 403 where she may only read."""
    piece, dossier = _piece(request, uuid)
    if not peut_gerer(dossier, request.user):
        raise PermissionDenied
    return piece, dossier


def _retour(request: HttpRequest, defaut: str) -> HttpResponse:
    """Back to the page that sent the form, when it is one of ours."""
    vers = request.POST.get("retour", "")
    if not url_has_allowed_host_and_scheme(vers, {request.get_host()}, require_https=request.is_secure()):
        vers = defaut
    return redirect(vers)


# --- deposit --------------------------------------------------------------------------------------


@connecte
@require_POST
@recoit_pieces
def deposer(request: HttpRequest, genre: str, pk: int) -> HttpResponseBase:
    """Files for an object, each judged on its own; JSON where the caller asks for it."""
    trouve, dossier = _dossier(request, genre, pk)
    if not peut_deposer(dossier, request.user):
        raise PermissionDenied
    if trouve.ouvert and (raison := trouve.ouvert(dossier, request.user)):
        return _repondre(request, dossier, [service.Resultat("", refus=raison)])
    # Reading the form fills the list of those that were too heavy.
    fichiers = request.FILES.getlist("fichiers")
    trop = [
        service.Resultat(nom_propre(n), refus=service.trop_lourd(n, 0, settings.PIECE_TAILLE_MAX).message)
        for n in refuses(request, "fichiers")
    ]
    if len(fichiers) > FICHIERS_MAX:
        raison = f"{FICHIERS_MAX} fichiers au plus en une fois : envoyez-les en plusieurs fois."
        return _repondre(request, dossier, [service.Resultat("", refus=raison)])
    codes = dict(trouve.codes(dossier)) if trouve.codes else {}
    code = request.POST.get("code", "")
    if codes and code not in codes:
        code = next(iter(codes))
    remplacee = _remplacee(request, dossier)
    resultats = service.deposer_plusieurs(
        dossier,
        fichiers,
        par=_agent(request),
        code=code,
        libelle=request.POST.get("libelle", "").strip()[:200],
        formats=trouve.formats,
        origine=_origine(request),
        remplace=remplacee,
        nue=(remplacee.code if remplacee is not None else code) in trouve.nues,
    )
    if trouve.apres:
        for resultat in resultats:
            if resultat.piece is not None and not resultat.deja:
                trouve.apres(resultat.piece, request.user)
    if not fichiers and not trop:
        trop = [service.Resultat("", refus="Choisissez au moins un fichier.")]
    return _repondre(request, dossier, [*resultats, *trop])


def _origine(request: HttpRequest) -> str:
    demandee = request.POST.get("origine", "")
    permises = (Piece.Origine.AGENT, Piece.Origine.GUICHET, Piece.Origine.COURRIER, Piece.Origine.COURRIEL)
    return demandee if demandee in permises else Piece.Origine.AGENT


def _remplacee(request: HttpRequest, dossier: Model) -> Piece | None:
    """The piece that a form replaces, within the same object only."""
    uuid = request.POST.get("remplace", "")
    if not uuid:
        return None
    try:
        trouvee: Piece | None = Piece.objects.du_dossier(dossier).courantes().filter(uuid=UUID(uuid)).first()
    except ValueError:
        trouvee = None
    if trouvee is None:
        raise Http404
    return trouvee


def _repondre(request: HttpRequest, dossier: Model, resultats: list[service.Resultat]) -> HttpResponseBase:
    refusees = [r for r in resultats if r.refus]
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        corps = {
            "fichiers": [
                {
                    "nom": r.nom,
                    "refus": r.refus,
                    "deja": r.deja,
                    "piece": str(r.piece.uuid) if r.piece else None,
                }
                for r in resultats
            ]
        }
        statut = 422 if refusees and len(refusees) == len(resultats) else 200
        return JsonResponse(corps, status=statut, json_dumps_params={"ensure_ascii": False})
    recues = [r.nom for r in resultats if r.piece is not None and not r.deja]
    if recues:
        messages.success(request, f"Reçu{'s' if len(recues) > 1 else ''} : {', '.join(recues)}.")
    for r in resultats:
        if r.deja:
            messages.info(request, f"« {r.nom} » est déjà dans ce dossier : rien n'a été ajouté.")
        if r.refus:
            messages.error(request, r.refus)
    trouve = porteur_de(dossier)
    return _retour(request, trouve.adresse(dossier) if trouve else "/")


# --- one piece ------------------------------------------------------------------------------------


@connecte
@require_safe
def piece(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Page of a piece: what it is, its versions, its pages as pictures."""
    une, dossier = _piece(request, uuid)
    trouve = porteur_de(dossier)
    versions = Piece.objects.filter(lignee=une.lignee).select_related("depose_par").order_by("-version")
    nombre = min(une.pages or 1, apercus.PAGES_MONTREES)
    contexte = {
        "piece": une,
        "dossier": dossier,
        "retour": trouve.adresse(dossier) if trouve else "/",
        "versions": versions,
        "gere": peut_gerer(dossier, request.user),
        "publiable": bool(trouve and trouve.publiable),
        "montrable": apercus.montrable(une),
        "pages": range(1, nombre + 1),
        "manque": apercus.manque() if une.mime == "application/pdf" else "",
    }
    sortie = render(request, "mairie/pieces/piece.html", contexte)
    sortie["Cache-Control"] = "private, no-store"
    return sortie


@connecte
@require_safe
def fichier(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The file as received, noted in the log."""
    une, _ = _piece(request, uuid)
    journal.consulter(request, LUE, une, finalite=FINALITE, insee=une.collectivite)
    return reponse.servir(une)


@connecte
@require_safe
def vignette(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Small picture; 404 where none can be made."""
    une, _ = _piece(request, uuid)
    return _image(lambda: apercus.vignette(une))


@connecte
@require_safe
def apercu(request: HttpRequest, uuid: UUID, page: int) -> HttpResponseBase:
    """One page as a picture, noted in the log once a reading (its first page)."""
    une, _ = _piece(request, uuid)
    if not 1 <= page <= min(une.pages or 1, apercus.PAGES_MONTREES):
        raise Http404
    if page == 1:
        journal.consulter(request, LUE, une, finalite=FINALITE, insee=une.collectivite)
    return _image(lambda: apercus.page(une, page))


def _image(faire: Any) -> HttpResponseBase:
    try:
        return reponse.servir_image(faire())
    except (apercus.ApercuImpossible, OSError) as e:
        raise Http404(str(e)) from e


@connecte
@require_safe
def copie(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The copy of a photo, as it would be published."""
    une, _ = _piece(request, uuid)
    if not une.copie:
        raise Http404
    return reponse.servir_copie(une)


@public
@require_safe
def publique(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """A published piece, open to all: the copy of a photo, the PDF otherwise."""
    une = get_object_or_404(
        Piece.objects.filter(visible_public=True, courante=True, retiree_le__isnull=True), uuid=uuid
    )
    return reponse.servir_copie(une, public=True) if une.photo else reponse.servir(une, public=True)


@connecte
@require_POST
def publier(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Show to the public, or no longer (``visible``: 1 or 0)."""
    une, dossier = _gerable(request, uuid)
    trouve = porteur_de(dossier)
    try:
        if trouve is None or not trouve.publiable:
            raise PieceRefusee("PUBLICATION", "Les pièces de ce genre de dossier ne se publient pas.")
        service.publier(
            une,
            request.POST.get("visible") == "1",
            par=_agent(request),
            rien_a_flouter="rien_a_flouter" in request.POST,
        )
    except PieceRefusee as e:
        messages.error(request, e.message)
    else:
        messages.success(request, "Enregistré.")
    return _retour(request, f"/pieces/{uuid}/")


@connecte
@require_POST
def retirer(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Take out of the dossier, with a reason."""
    une, dossier = _gerable(request, uuid)
    try:
        service.retirer(une, request.POST.get("motif", ""), par=_agent(request))
    except PieceRefusee as e:
        messages.error(request, e.message)
        return redirect("piece", uuid=uuid)
    messages.success(request, f"« {une.libelle} » est retirée du dossier ; elle reste dans son histoire.")
    trouve = porteur_de(dossier)
    return _retour(request, trouve.adresse(dossier) if trouve else "/")


@connecte
@require_http_methods(["GET", "HEAD", "POST"])
def flouter(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Zones of a photo to make unreadable: drawn on it, or typed as percentages."""
    une, dossier = _gerable(request, uuid)
    if not une.photo or not une.copie:
        raise Http404
    if request.method == "POST":
        try:
            service.flouter(une, _zones(request), par=_agent(request))
        except PieceRefusee as e:
            messages.error(request, e.message)
            return redirect("piece_flouter", uuid=uuid)
        messages.success(request, "La copie est refaite. Le fichier reçu n'a pas changé.")
        return redirect("piece", uuid=uuid)
    contexte = {
        "piece": une,
        "dossier": dossier,
        "zones": [[round(100 * v, 2) for v in z] for z in une.flous] + [["", "", "", ""]],
    }
    sortie = render(request, "mairie/pieces/flouter.html", contexte)
    sortie["Cache-Control"] = "private, no-store"
    return sortie


def _zones(request: HttpRequest) -> list[Any]:
    """Rows of four percentages; a row left empty is no zone."""
    colonnes = [request.POST.getlist(c) for c in ("x", "y", "largeur", "hauteur")]
    if len({len(c) for c in colonnes}) != 1 or len(colonnes[0]) > settings.PIECE_FLOUS_MAX + 5:
        raise PieceRefusee("FLOUS", "Les zones reçues sont illisibles : recommencez.")
    zones = []
    for ligne in zip(*colonnes, strict=True):
        if not any(v.strip() for v in ligne):
            continue
        try:
            zones.append(tuple(float(v.replace(",", ".")) / 100 for v in ligne))
        except ValueError as e:
            raise PieceRefusee("FLOUS", "Donnez quatre pourcentages par zone.") from e
    return zones


# --- all the files --------------------------------------------------------------------------------


@connecte
@require_safe
def toutes(request: HttpRequest, genre: str, pk: int) -> HttpResponseBase:
    """All the current files of an object as one ZIP, with a list and its hashes."""
    _, dossier = _dossier(request, genre, pk)
    pieces = list(Piece.objects.du_dossier(dossier).courantes())
    if not pieces:
        raise Http404
    journal.consulter(request, LUE, pieces, finalite=FINALITE)
    temporaire = tempfile.TemporaryFile()  # noqa: SIM115 closed by the answer
    empreintes = []
    with zipfile.ZipFile(temporaire, "w", zipfile.ZIP_STORED) as archive:
        for rang, une in enumerate(pieces, start=1):
            nom = f"{rang:03d}-{une.code or 'piece'}-{une.nom}"
            with une.fichier.open("rb") as source, archive.open(nom, "w", force_zip64=True) as sortie:
                while bloc := source.read(1 << 18):
                    sortie.write(bloc)
            empreintes.append(f"{une.sha256}  {nom}")
        archive.writestr("SHA256SUMS.txt", "\n".join(empreintes) + "\n")
    temporaire.seek(0)
    sortie_http = FileResponse(temporaire, as_attachment=True, filename=f"pieces-{pk}.zip")
    sortie_http["Cache-Control"] = "private, no-store"
    sortie_http["X-Content-Type-Options"] = "nosniff"
    return sortie_http
