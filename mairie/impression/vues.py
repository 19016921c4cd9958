"""Printing to scale: the PDF, the frame shown on the map before it, the series of agents."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from datetime import date
from functools import wraps
from typing import Any, cast

import numpy as np
import shapely
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import connecte, droit, public
from gis_data.carte.choix import INTERNE, PUBLIQUE
from gis_data.contraintes.formes import FormeRefusee, lire_forme
from gis_data.contraintes.imports.lecture import DateIllisible, lire_date
from gis_data.couches import CoucheInconnue
from gis_data.plans.cadre import Cadre
from gis_data.plans.carte import Bornes
from gis_data.plans.lecture import PlanTropCharge, PlanTropLong
from gis_data.projections import transformer
from mairie.courriers.rendu import RenduRefuse
from mairie.impression import debit
from mairie.impression import serie as series
from mairie.impression.demande import ECHELLES, DemandeRefusee, lire, titre_de
from mairie.impression.feuille import ObjetAbsent, composer, imprimer
from mairie.impression.gabarits import FORMATS, ORIENTATIONS
from mairie.impression.note import Sujet, rediger
from mairie.impression.signes import milliers
from mairie.models import Impression, Utilisateur
from mairie.perms import AGENT

GEOJSON_MAX = 2_000_000
# What was chosen of the layers on the map, and goes with a series.
GARDES = ("couches", "opacites", "ordre", "jour", "filtres")
Vue = Callable[..., HttpResponseBase]
# A PDF loads nothing, and is framed by nobody. No « sandbox », under which browsers show no PDF.
CSP_PDF = "default-src 'none'; frame-ancestors 'none'"


def _refus(request: HttpRequest, message: str, statut: int) -> HttpResponse:
    """What went wrong: JSON for the map's panel, a page for a person who followed a link."""
    if "text/html" not in request.headers.get("Accept", "text/html"):
        reponse: HttpResponse = JsonResponse(
            {"erreur": message}, status=statut, json_dumps_params={"ensure_ascii": False}
        )
    else:
        reponse = render(request, "mairie/impression/refus.html", {"message": message}, status=statut)
    reponse["Cache-Control"] = "no-store"
    return reponse


def refuser(vue: Vue) -> Vue:
    """Turn what printing refuses into answers that say what to do."""

    @wraps(vue)
    def gardee(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return vue(request, *args, **kwargs)
        except CoucheInconnue as e:
            return _refus(request, f"La couche « {e} » n'existe pas.", 404)
        except ObjetAbsent as e:
            return _refus(request, str(e), 404)
        except debit.TropDImpressions as e:
            return _refus(request, str(e), 429)
        except (PlanTropCharge, PlanTropLong, RenduRefuse) as e:
            return _refus(request, str(e), 422)
        except DemandeRefusee as e:
            return _refus(request, str(e), 400)

    return gardee


def _pdf(octets: bytes, titre: str, garde: str) -> HttpResponse:
    reponse = HttpResponse(octets, content_type="application/pdf")
    reponse["Content-Disposition"] = f'inline; filename="{slugify(titre)[:60] or "plan"}.pdf"'
    reponse["Content-Security-Policy"] = CSP_PDF
    reponse["X-Content-Type-Options"] = "nosniff"
    reponse["Cache-Control"] = garde
    return reponse


@public
@require_safe
@refuser
def plan(request: HttpRequest) -> HttpResponseBase:
    """``?lat=&lon=&echelle=&format=&orientation=&titre=&legende=&couches=…``: the sheet as PDF.

    An agent's sheet that is too heavy to wait for becomes a task (202, or its page).
    """
    agent = request.user.is_authenticated and request.user.has_perm(AGENT)
    demande = lire(request.GET, request.user)
    if not request.user.is_authenticated:
        debit.compter(request)
    bornes = Bornes(settings.IMPRESSION_OBJETS, settings.IMPRESSION_REQUETE_S)
    with nullcontext() if request.user.is_authenticated else debit.place():
        try:
            feuille = composer(demande, request.user, bornes)
        except PlanTropCharge:
            if not agent:
                raise
            return _en_tache(request, demande.titre)
        rendu = imprimer([feuille], titre=demande.titre, delai=settings.IMPRESSION_RENDU_S)
    return _pdf(rendu.pdf, demande.titre, INTERNE if demande.interne else PUBLIQUE)


def _en_tache(request: HttpRequest, titre: str) -> HttpResponseBase:
    impression = series.demander_feuille(request.GET.dict(), titre, cast(Utilisateur, request.user))
    suivi = reverse("tache_suivre", args=[impression.tache_id])
    if "text/html" in request.headers.get("Accept", "text/html"):
        return redirect(suivi)
    message = "Cette feuille est lourde : elle se prépare en arrière-plan."
    reponse = JsonResponse({"suivi": suivi, "message": message}, status=202)
    reponse["Cache-Control"] = "no-store"
    return reponse


@public
@require_safe
@refuser
def cadre(request: HttpRequest) -> HttpResponseBase:
    """The ground that the sheet would show: its outline in degrees, and its size in metres."""
    demande = lire(request.GET, request.user)
    zone = demande.feuille.carte
    bornes = Cadre(demande.x, demande.y, demande.echelle, zone.largeur, zone.hauteur).bornes
    # Straight on paper, bent on the screen's map: each side in pieces.
    contour = shapely.segmentize(shapely.box(*bornes), max(bornes[2] - bornes[0], bornes[3] - bornes[1]) / 8)
    (degres,) = transformer(np.array([contour], dtype=object), settings.TERRITOIRE_SRID, 4326)
    reponse = JsonResponse(
        {
            "contour": [
                [round(lat, 7), round(lon, 7)] for lon, lat in shapely.get_coordinates(degres).tolist()
            ],
            "largeur_m": round(bornes[2] - bornes[0], 2),
            "hauteur_m": round(bornes[3] - bornes[1], 2),
        }
    )
    reponse["Cache-Control"] = "no-store"
    return reponse


def repondre_note(request: HttpRequest, sujet: Sujet, geometrie: Any, jour: date) -> HttpResponse:
    """The note of a ground as PDF; a visitor's counts among her sheets. Agents see the layers of theirs."""
    connecte_ = request.user.is_authenticated
    if not connecte_:
        debit.compter(request)
    with nullcontext() if connecte_ else debit.place():
        rendu = rediger(sujet, geometrie, jour, request.user if connecte_ else None)
    return _pdf(rendu.pdf, f"note-urbanisme-{sujet.titre}", INTERNE)


@public
@require_POST
@refuser
def note(request: HttpRequest) -> HttpResponseBase:
    """The note of a drawn ground: ``geometrie`` (GeoJSON in degrees), ``titre``, ``jour``."""
    brut = request.POST.get("geometrie", "")
    if len(brut) > GEOJSON_MAX:
        raise DemandeRefusee("Ce dessin est trop lourd : simplifiez-le.")
    try:
        jour = lire_date(request.POST.get("jour", "")) or timezone.localdate()
        geometrie = lire_forme(json.loads(brut))
    except DateIllisible as e:
        raise DemandeRefusee(f"Date illisible : « {e} ». Écrivez AAAA-MM-JJ.") from e
    except (FormeRefusee, ValueError, RecursionError) as e:
        refus = str(e) if isinstance(e, FormeRefusee) else "Ce n'est pas une géométrie GeoJSON."
        raise DemandeRefusee(refus) from e
    titre = titre_de(request.POST.get("titre", "")) or "Terrain dessiné"
    return repondre_note(request, Sujet(titre), geometrie, jour)


@droit(AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
@refuser
def serie(request: HttpRequest) -> HttpResponseBase:
    """One sheet an object: the list is asked, then a task makes the PDF."""
    donnees = request.POST if request.method == "POST" else request.GET
    erreur = ""
    if request.method == "POST":
        try:
            preparee = series.preparer(donnees.dict(), request.user)
            impression = series.demander(preparee, cast(Utilisateur, request.user))
            return redirect("tache_suivre", pk=impression.tache_id)
        except DemandeRefusee as e:
            erreur = str(e)
        except CoucheInconnue as e:
            erreur = f"La couche « {e} » n'existe pas."
    contexte = {
        "couches": series.couches_a_serie(request.user),
        "choisie": donnees.get("serie", "parcelles"),
        "cles": donnees.get("cles", ""),
        "titre": donnees.get("titre", ""),
        "echelle": donnees.get("echelle") or series.AUTO,
        "echelles": [(str(e), f"1/{milliers(e)}") for e in ECHELLES],
        "formats": FORMATS,
        "format": donnees.get("format", "a4"),
        "orientations": ORIENTATIONS,
        "orientation": donnees.get("orientation", "portrait"),
        "maximum": series.SERIE_MAX,
        "erreur": erreur,
        # What was chosen on the map goes along.
        "gardes": [(c, donnees[c]) for c in GARDES if donnees.get(c)],
        "series": Impression.objects.filter(auteur=request.user.pk, demande__has_key="cles").select_related(
            "tache__resultat"
        )[:10],
    }
    return render(request, "mairie/impression/serie.html", contexte, status=400 if erreur else 200)


@connecte
@require_safe
def telecharger(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The PDF that a task made, for who asked for it."""
    impression = Impression.objects.filter(pk=pk, auteur=request.user.pk).exclude(fichier="").first()
    if impression is None:
        raise Http404
    try:
        flux = impression.fichier.open("rb")
    except OSError as e:
        raise Http404 from e
    nom = f"{slugify(impression.titre)[:60] or 'plan'}.pdf"
    reponse = FileResponse(flux, content_type="application/pdf", filename=nom)
    reponse["Content-Security-Policy"] = CSP_PDF
    reponse["Cache-Control"] = INTERNE
    return reponse
