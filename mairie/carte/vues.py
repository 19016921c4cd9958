"""Saved views of the map: an agent's own, and those that colleagues share with one of her services."""

from __future__ import annotations

import re
from typing import Any, cast

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, JsonResponse
from django.views.decorators.http import require_http_methods, require_POST

from gis_data.acces import droit
from gis_data.carte.models import ADRESSE_VUE, VueCarte
from mairie.habilitations import habilitations_de
from mairie.models import Service, Utilisateur
from mairie.perms import AGENT

VUES_MAX = 200


def services_de(utilisateur: Any) -> QuerySet[Service]:
    """Services in which the person works today."""
    cles = {h.service_id for h in habilitations_de(utilisateur) if h.service_id}
    return Service.objects.filter(pk__in=cles).order_by("libelle")


def vues_de(utilisateur: Any) -> QuerySet[VueCarte]:
    """Views that the person may open."""
    partagees = Q(service__in=services_de(utilisateur))
    return VueCarte.objects.filter(Q(auteur=utilisateur) | partagees).select_related("auteur", "service")


def _repondre(request: HttpRequest, statut: int = 200) -> JsonResponse:
    vues = [
        {
            "id": vue.pk,
            "nom": vue.nom,
            "adresse": vue.adresse,
            "service": vue.service.libelle if vue.service else None,
            "auteur": vue.auteur.nom,
            "mienne": vue.auteur_id == request.user.pk,
        }
        for vue in vues_de(request.user)
    ]
    return _json({"vues": vues}, statut)


def _json(contenu: dict[str, Any], statut: int) -> JsonResponse:
    reponse = JsonResponse(contenu, status=statut, json_dumps_params={"ensure_ascii": False})
    reponse["Cache-Control"] = "private, no-store"
    return reponse


def _refus(message: str) -> JsonResponse:
    return _json({"erreur": message}, 400)


@droit(AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def vues(request: HttpRequest) -> JsonResponse:
    """The person's views; POST ``nom``, ``adresse``, ``service`` (empty: for herself) keeps one more."""
    if request.method != "POST":
        return _repondre(request)
    personne = cast(Utilisateur, request.user)
    nom = " ".join(request.POST.get("nom", "").replace("\0", " ").split())
    adresse = request.POST.get("adresse", "")
    if not nom:
        return _refus("Donnez un nom à la vue.")
    if len(nom) > 80:
        return _refus("Le nom de la vue est trop long : 80 caractères au plus.")
    if len(adresse) > 2000 or not re.fullmatch(ADRESSE_VUE, adresse):
        return _refus("Cette vue ne peut pas être enregistrée : son adresse n'est pas celle de la carte.")
    service = None
    if choisi := request.POST.get("service", ""):
        service = services_de(request.user).filter(pk=int(choisi) if choisi.isdecimal() else 0).first()
        if service is None:
            return _refus("Vous ne travaillez pas dans ce service : la vue ne peut pas lui être partagée.")
    if VueCarte.objects.filter(auteur=request.user.pk).count() >= VUES_MAX:
        return _refus(f"Vous avez déjà {VUES_MAX} vues : supprimez-en d'abord.")
    try:
        with transaction.atomic():
            VueCarte.objects.create(auteur=personne, service=service, nom=nom, adresse=adresse)
    except IntegrityError:
        return _refus(f"Vous avez déjà une vue nommée « {nom} ».")
    return _repondre(request, 201)


@droit(AGENT)
@require_POST
def supprimer(request: HttpRequest, pk: int) -> JsonResponse:
    """Remove one of the person's own views; those of others do not exist here."""
    retirees, _ = VueCarte.objects.filter(pk=pk, auteur=request.user.pk).delete()
    if not retirees:
        raise Http404
    return _repondre(request)


def reglages(request: HttpRequest) -> dict[str, Any] | None:
    """What the map page must know: null for those who keep no views."""
    if not request.user.is_authenticated or not request.user.has_perm(AGENT):
        return None
    services = [{"id": s.pk, "nom": s.libelle} for s in services_de(request.user)]
    return {"adresse": "/carte/vues/", "services": services}
