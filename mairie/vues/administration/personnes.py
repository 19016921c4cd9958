"""People who work for the collectivités that one administers: list, page, habilitations, account."""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import droit
from mairie import communes, historique, roles
from mairie.comptes import droits, personnes
from mairie.comptes.droits import Refus
from mairie.comptes.formulaires_administration import (
    FormulaireFin,
    FormulaireHabiliter,
    FormulaireNomPersonne,
)
from mairie.comptes.presentation import presenter
from mairie.comptes.second_facteur import a_un_second_facteur
from mairie.habilitations import portee
from mairie.models import Collectivite, Habilitation, Utilisateur
from mairie.models.historique import lignes_de_liens
from mairie.perms import ADMINISTRER
from mairie.vues.outils import soi

PAR_PAGE = 50


@droit(ADMINISTRER)
@require_safe
def lister(request: HttpRequest) -> HttpResponse:
    """By name; filters: text, role, what is wrong (no second factor, account closed, nothing any more)."""
    tous = Utilisateur.objects.visibles_par(request.user)
    filtres = {c: request.GET.get(c, "").strip()[:120] for c in ("q", "role", "etat")}
    ici = communes.courante(request)
    choisis = _filtrer(tous, filtres, ici).order_by("nom", "email")
    page = Paginator(choisis, PAR_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "comptes/administration/personnes.html",
        {
            "page_obj": page,
            "lignes": _lignes(request, list(page)),
            "filtres": filtres,
            "roles": [(f"{r.metier}.{r.code}", r.libelle) for r in roles.roles()],
            "etats": ETATS,
            "total": page.paginator.count,
        },
    )


ETATS = (
    ("", "En fonction"),
    ("sans_facteur", "Sans second facteur"),
    ("terminee", "Sans habilitation en cours"),
    ("ferme", "Compte fermé"),
)


def _filtrer(
    tous: QuerySet[Utilisateur], filtres: dict[str, str], commune: str | None
) -> QuerySet[Utilisateur]:
    jour = timezone.localdate()
    en_cours = Habilitation.objects.filter(utilisateur=OuterRef("pk"), du__lte=jour).filter(
        Q(au__isnull=True) | Q(au__gte=jour)
    )
    if commune:
        touche = Habilitation.objects.filter(utilisateur=OuterRef("pk")).filter(
            Q(collectivites__code=commune) | Q(collectivites__membres__commune__code=commune)
        )
        tous = tous.filter(Exists(touche))
    if filtres["q"]:
        tous = tous.filter(Q(nom__icontains=filtres["q"]) | Q(email__icontains=filtres["q"]))
    if filtres["role"]:
        metier, _, code = filtres["role"].partition(".")
        tous = tous.filter(Exists(en_cours.filter(metier=metier, role=code)))
    if filtres["etat"] == "ferme":
        return tous.filter(is_active=False)
    if filtres["etat"] == "terminee":
        return tous.filter(~Exists(en_cours), is_active=True)
    tous = tous.filter(Exists(en_cours), is_active=True)
    if filtres["etat"] == "sans_facteur":
        avec = Authenticator.objects.filter(user=OuterRef("pk"), type=Authenticator.Type.TOTP)
        tous = tous.filter(~Exists(avec))
    return tous


def _lignes(request: HttpRequest, page: list[Utilisateur]) -> list[dict[str, Any]]:
    """Each person with her roles in force and her second factor: three queries for the page."""
    jour = timezone.localdate()
    siennes: dict[int, list[str]] = {}
    for h in (
        Habilitation.objects.visibles_par(request.user)
        .filter(utilisateur__in=page, du__lte=jour)
        .filter(Q(au__isnull=True) | Q(au__gte=jour))
    ):
        role = roles.role(h.metier, h.role)
        siennes.setdefault(h.utilisateur_id, []).append(role.libelle if role else h.role)
    forts = set(
        Authenticator.objects.filter(user__in=page, type=Authenticator.Type.TOTP).values_list(
            "user_id", flat=True
        )
    )
    return [
        {
            "personne": p,
            "roles": list(dict.fromkeys(siennes.get(p.pk, []))),
            "second_facteur": p.pk in forts,
        }
        for p in page
    ]


def _personne(request: HttpRequest, pk: int) -> Utilisateur:
    personne: Utilisateur = get_object_or_404(Utilisateur.objects.visibles_par(request.user), pk=pk)
    return personne


@droit(ADMINISTRER)
@require_safe
def montrer(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: account, habilitations of the collectivités administered, history."""
    personne = _personne(request, pk)
    moi = soi(request)
    siennes = (
        Habilitation.objects.visibles_par(request.user)
        .filter(utilisateur=personne)
        .select_related("service")
        .prefetch_related("collectivites")
    )
    presentees = sorted((presenter(h) for h in siennes), key=lambda h: (not h.vivante, h.metier, h.role))
    return render(
        request,
        "comptes/administration/personne.html",
        {
            "personne": personne,
            "maitrise": droits.maitrise(moi, personne),
            "moi": moi.pk == personne.pk,
            "second_facteur": a_un_second_facteur(personne),
            "adresse_verifiee": EmailAddress.objects.filter(user=personne, verified=True).exists(),
            "nom": FormulaireNomPersonne(initial={"nom": personne.nom}),
            "en_cours": [h for h in presentees if h.vivante],
            "terminees": [h for h in presentees if not h.vivante],
            "historique": historique_de(request, personne),
        },
    )


def historique_de(request: HttpRequest, personne: Utilisateur) -> list[historique.Ligne]:
    """The account's and that of the habilitations, ended and removed ones too, where one administers."""
    p = portee(request.user, ADMINISTRER)
    liees = lignes_de_liens(None if p.totale else p.codes)
    siens = historique.modele_historique(Habilitation).objects.filter(
        utilisateur_id=personne.pk, pgh_obj_id__in=liees
    )
    numeros = set(siens.values_list("pgh_obj_id", flat=True))
    return historique.meler(
        historique.lignes(Utilisateur, [personne.pk], "compte"),
        historique.lignes(Habilitation, numeros, "habilitation"),
    )


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def habiliter(request: HttpRequest, pk: int) -> HttpResponse:
    """Grant roles to somebody who has an account."""
    personne = _personne(request, pk)
    moi = soi(request)
    formulaire = FormulaireHabiliter(moi, request.POST or None)
    if request.method == "POST" and formulaire.is_valid():
        try:
            with transaction.atomic():
                for proposition in formulaire.propositions(formulaire.cleaned_data["perimetre"]):
                    droits.accorder(moi, personne, proposition)
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, f"Habilitations accordées à {personne}.")
            return redirect("administration_personne", pk=personne.pk)
    return render(
        request,
        "comptes/administration/habiliter.html",
        {"personne": personne, "formulaire": formulaire},
    )


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def terminer(request: HttpRequest, pk: int) -> HttpResponse:
    """End one habilitation on a day; to change it, end it and grant another."""
    habilitation: Habilitation = get_object_or_404(
        Habilitation.objects.visibles_par(request.user).select_related("utilisateur", "service"), pk=pk
    )
    formulaire = FormulaireFin(request.POST or None)
    codes = [c.code for c in habilitation.collectivites.all()]
    if request.method == "POST" and formulaire.is_valid():
        try:
            droits.terminer(soi(request), habilitation, formulaire.cleaned_data["dernier_jour"])
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, "L'habilitation est terminée.")
            return redirect("administration_personne", pk=habilitation.utilisateur_id)
    return render(
        request,
        "comptes/administration/terminer.html",
        {
            "personne": habilitation.utilisateur,
            "h": presenter(habilitation),
            "formulaire": formulaire,
            "possible": droits.administre(soi(request), codes),
            "ailleurs": Collectivite.objects.filter(code__in=codes).exclude(
                pk__in=Collectivite.objects.visibles_par(request.user)
            ),
        },
    )


@droit(ADMINISTRER)
@require_POST
def agir(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename, close, open again, take a lost second factor away: the button pressed says which."""
    personne = _personne(request, pk)
    moi = soi(request)
    try:
        match request.POST.get("geste"):
            case "renommer":
                personnes.renommer(moi, personne, request.POST.get("nom", ""))
                messages.success(request, "Le nom est enregistré.")
            case "fermer":
                personnes.ouvrir_ou_fermer(moi, personne, False)
                messages.success(request, "Le compte est fermé, ses sessions aussi.")
            case "ouvrir":
                personnes.ouvrir_ou_fermer(moi, personne, True)
                messages.success(request, "Le compte est ouvert de nouveau.")
            case "second_facteur":
                personnes.retirer_second_facteur(moi, personne)
                messages.success(request, "Le second facteur est retiré : la personne en activera un autre.")
            case _:
                messages.error(request, "Ce geste n'existe pas.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect("administration_personne", pk=personne.pk)
