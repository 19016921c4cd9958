"""Letters started from the page of a request; what follows is on the shared screens of letters."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from gis_data.acces import droit
from mairie.courriers import services
from mairie.courriers.erreurs import CourrierRefuse, SansDroit
from mairie.courriers.modeles import modeles_proposes
from mairie.courriers.sujets import Destinataire
from mairie.models import Consultation, Courrier
from mairie.roles import acteur_de
from urba import perms
from urba.courriers import suites
from urba.courriers.catalogue import lettre_de
from urba.courriers.sujet import GENRE, SUJET, destinataires, prefecture
from urba.vues.dossier import _compte, dossier_ou_404


@droit(perms.LIRE)
@require_POST
def preparer(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Start the letter of a template on a request, to whom it goes by law, and open it."""
    d = dossier_ou_404(request, pk)
    proposes = modeles_proposes("urba", GENRE, d.insee, timezone.localdate())
    modele = next((m for m in proposes if m.code == code), None)
    if modele is None:
        messages.error(request, "Ce modèle n'est plus en service : choisissez-en un autre.")
        return redirect("urba_dossier", pk=d.pk)
    try:
        courrier = services.preparer(
            d, modele, par=_compte(request), destinataire=_destinataire(request, d, code)
        )
    except SansDroit as e:
        raise PermissionDenied(str(e)) from e
    except CourrierRefuse as e:
        messages.error(request, str(e))
        return redirect("urba_dossier", pk=d.pk)
    lettre = lettre_de(code)
    if code == "majoration" or (lettre is not None and lettre.prolonge):
        # R.423-42, R.423-44: the préfet has a copy.
        courrier = services.modifier(
            courrier, par=_compte(request), version=0, champs={"copies": "préfecture (contrôle de légalité)"}
        )
    if code == "consultation" and not courrier.destinataire_adresse and courrier.destinataire_courriel:
        courrier = services.modifier(
            courrier, par=_compte(request), version=0, champs={"mode": "electronique"}
        )
    return redirect("courrier", courrier.pk)


def _destinataire(request: HttpRequest, d: Any, code: str) -> Destinataire | None:
    """The service of the consultation named, the préfet, else the mandataire or the petitioner."""
    offerts = list(destinataires(d))
    numero = request.POST.get("consultation", "")
    if code == "consultation":
        c = Consultation.objects.filter(pk=int(numero), dossier_id=d.pk) if numero.isdecimal() else None
        nom = str(c[0].service) if c else ""
        services_ = [x for x in offerts if x.qualite == "service consulté"]
        return next((x for x in services_ if x.nom == nom), services_[0] if services_ else None)
    if (lettre := lettre_de(code)) is not None and lettre.prefet:
        return prefecture(d)
    return offerts[0] if offerts else None


@droit(perms.DEPOSER)
@require_POST
def reputer(request: HttpRequest, pk: int, courrier: int) -> HttpResponse:
    """A letter sent by electronic way, never read: it counts by the law's fiction (R.423-48)."""
    d = dossier_ou_404(request, pk)
    lettre: Courrier = get_object_or_404(Courrier.objects.du_dossier(d), pk=courrier)
    if not SUJET.peut_expedier(request.user, d):
        raise PermissionDenied
    try:
        suites.reputee_recue(lettre, acteur_de(_compte(request)))
        messages.success(request, "La lettre est réputée reçue : la date est au journal du dossier.")
    except CourrierRefuse as e:
        messages.error(request, str(e))
    return redirect(f"/urba/dossiers/{d.pk}/#courriers")
