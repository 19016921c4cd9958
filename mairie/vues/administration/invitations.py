"""Invitations sent: list, new one, taken back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import droit
from mairie.comptes import invitations
from mairie.comptes.droits import Refus
from mairie.comptes.formulaires_administration import FormulaireInvitation
from mairie.models import Invitation
from mairie.perms import ADMINISTRER
from mairie.vues.outils import soi

PAR_PAGE = 50
TONS = {"ouverte": "info", "acceptée": "bien", "expirée": "attention", "révoquée": "neutre"}


@droit(ADMINISTRER)
@require_safe
def lister(request: HttpRequest) -> HttpResponse:
    """The newest first, with their state."""
    visibles = Invitation.objects.visibles_par(request.user).select_related("collectivite", "invitee_par")
    page = Paginator(visibles, PAR_PAGE).get_page(request.GET.get("page"))
    lignes = [
        (i, etat, TONS[etat], invitations.libelles_roles(i))
        for i, etat in ((i, invitations.etat(i)) for i in page)
    ]
    return render(request, "comptes/administration/invitations.html", {"page_obj": page, "lignes": lignes})


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def inviter(request: HttpRequest) -> HttpResponse:
    """New invitation; the link leaves by mail and is never shown: it opens an account in another's name."""
    moi = soi(request)
    formulaire = FormulaireInvitation(moi, request.POST or None)
    if request.method == "POST" and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            with transaction.atomic():
                invitation, jeton = invitations.inviter(
                    moi, d["collectivite"], d["email"], formulaire.propositions(), nom=d["nom"]
                )
                invitations.envoyer(invitation, jeton)
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, f"L'invitation part pour {invitation.email}.")
            return redirect("administration_invitations")
    return render(request, "comptes/administration/inviter.html", {"formulaire": formulaire})


@droit(ADMINISTRER)
@require_POST
def revoquer(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an invitation back."""
    invitation = get_object_or_404(Invitation.objects.visibles_par(request.user), pk=pk)
    try:
        invitations.revoquer(soi(request), invitation)
        messages.success(request, "L'invitation est révoquée : son lien n'ouvre plus rien.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect("administration_invitations")
