"""Settings of the public domain: what may be set and by whom, figures, those to confirm, the matrix."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domainepublic import compatibilites, parametres, perms
from domainepublic.ecrans_voirie import GENRES
from domainepublic.models import (
    Compatibilite,
    GrilleTarifaire,
    ParametreODP,
    ReglageType,
    TypeOccupation,
    ValeurParametre,
)
from domainepublic.models.parametres import en_mots
from domainepublic.regles.tables.parametres import DELAIS_SERVICE, FAMILLES, LOI, PARAMETRES
from domainepublic.regles.tables.types import NIVEAUX
from domainepublic.vues.dossier import compte
from gis_data.acces import droit
from mairie.ecrans.droits import partout
from mairie.ecrans.formulaires import habiller
from mairie.ecrans.reference import COMMUNE_A_TOUS
from mairie.habilitations import peut
from mairie.models import Delegation, ServiceConsulte
from mairie.perms import ADMINISTRER
from mairie.workflow import Refus

NIVEAUX_LISIBLES = {
    "": "sans limite",
    "aucun": "aucun conflit",
    "info": "information",
    "alerte": "alerte",
    "bloquant": "bloquant",
}


@dataclass(frozen=True)
class Porte:
    """One subject of the settings."""

    titre: str
    aide: str
    adresse: str
    nombre: int
    droit: str
    qui: str


def _portes(request: HttpRequest) -> list[Porte]:
    u = request.user
    routes = [
        Porte(g.titre, g.aide, f"/{g.adresse}", g.modele.objects.visibles_par(u).count(), perms.LIRE,
              "coordination, administrateur")
        for g in GENRES.values()
    ]  # fmt: skip
    attente = ParametreODP.objects.filter(a_confirmer=True, actif_le__isnull=True).count()
    return [
        Porte("Types d'occupation", "Libellé, unité, pièces demandées, délai conseillé, imputation.",
              "/reglages/tables/domainepublic-types/", TypeOccupation.objects.count(), perms.ADMINISTRER,
              "administrateur"),
        Porte("Types dans la commune", "Ce que la commune dit autrement d'un type, ceux qu'elle ferme.",
              "/domaine-public/types/", ReglageType.objects.visibles_par(u).count(), perms.LIRE,
              "administrateur"),
        Porte("Grilles tarifaires et zones", "Délibérations, tarifs, zones, copie avec hausse, banc d'essai.",
              reverse("odp_tarifs"), GrilleTarifaire.objects.visibles_par(u).count(), perms.LIRE,
              "finances, administrateur"),
        Porte("Compatibilité des occupations", "Jusqu'où deux occupations peuvent se gêner.",
              reverse("odp_compatibilites"), Compatibilite.objects.count(), perms.LIRE,
              "responsable, administrateur"),
        *routes,
        Porte("Services consultés", "Qui donne son avis, en combien de jours.", "/domaine-public/services/",
              ServiceConsulte.objects.filter(metier="domainepublic").count(), perms.ADMINISTRER,
              "administrateur"),
        Porte("Délais et distances",
              "Délais du service, coordination, conflits, conservation, chiffres de la loi.",
              reverse("odp_delais"), ParametreODP.objects.count(), perms.LIRE, "administrateur"),
        Porte("À confirmer", "Chiffres livrés inactifs, à vérifier avant emploi.", reverse("odp_a_confirmer"),
              attente, perms.LIRE, "administrateur"),
        Porte("Modèles de lettres et d'arrêtés", "Textes, champs, versions, essai sur un dossier.",
              "/courriers/modeles/", -1, "mairie.gerer_modeles", "responsable, administrateur"),
        Porte("Délégations de signature", "Qui signe quoi, de quand à quand.",
              reverse("administration_delegations"), Delegation.objects.visibles_par(u).count(), ADMINISTRER,
              "administrateur de la collectivité"),
    ]  # fmt: skip


@droit(perms.LIRE)
@require_safe
def accueil(request: HttpRequest) -> HttpResponse:
    """What may be set, and by whom."""
    portes = [(p, peut(request.user, p.droit)) for p in _portes(request)]
    return render(request, "domainepublic/parametres.html", {"portes": portes})


# --- figures --------------------------------------------------------------------------------------


@droit(perms.LIRE)
@require_safe
def delais(request: HttpRequest) -> HttpResponse:
    """Every figure by family, with its text."""
    lignes = list(
        ParametreODP.objects.select_related("modifie_par").prefetch_related(
            Prefetch("valeurs", ValeurParametre.objects.select_related("parametre", "saisi_par"))
        )
    )
    contexte = {
        "familles": [(nom, [p for p in lignes if p.famille == code]) for code, nom in FAMILLES.items()],
        "administre": peut(request.user, perms.ADMINISTRER),
        "loi": LOI,
        "service": DELAIS_SERVICE,
    }
    return render(request, "domainepublic/delais.html", contexte)


@droit(perms.LIRE)
@require_safe
def a_confirmer(request: HttpRequest) -> HttpResponse:
    """Rows shipped inactive, those still waiting first."""
    contexte = {
        "lignes": ParametreODP.objects.filter(a_confirmer=True)
        .select_related("modifie_par")
        .order_by("actif_le", "pk"),
        "administre": peut(request.user, perms.ADMINISTRER),
    }
    return render(request, "domainepublic/a_confirmer.html", contexte)


class FormulaireValeur(forms.Form):
    """Another figure."""

    valeur = forms.DecimalField(label="Valeur", max_digits=8, decimal_places=2, localize=True)


class FormulaireDelai(forms.Form):
    """A delay of the service, from a day on."""

    valeur = forms.IntegerField(label="Délai", min_value=1)
    du = forms.DateField(
        label="À partir du", help_text="Les demandes et les actes d'avant gardent le délai de leur jour."
    )
    reference = forms.CharField(
        label="Référence", max_length=160,
        help_text="La décision qui le fixe : délibération, arrêté, note de service.",
    )  # fmt: skip


class FormulaireConfirmation(forms.Form):
    """Who checked it, where, and from when it holds."""

    valeur = forms.DecimalField(
        label="Valeur", max_digits=8, decimal_places=2, required=False, localize=True,
        help_text="Telle que le texte la donne ; vide : celle qui est livrée.",
    )  # fmt: skip
    reference = forms.CharField(
        label="Vérifié par, dans quel texte", max_length=160, help_text="Un nom, un texte et sa date."
    )
    le = forms.DateField(label="Actif depuis le")


@droit(perms.ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def regler(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose a figure, or confirm one of the law; common to all communes."""
    p = get_object_or_404(ParametreODP, pk=pk)
    livre = PARAMETRES.get(p.code)
    if livre is None or (p.actif and not livre.reglable):
        raise Http404
    confirme = not p.actif
    raison = "" if partout(request.user, perms.ADMINISTRER) else COMMUNE_A_TOUS
    classe: type[forms.Form] = FormulaireConfirmation if confirme else FormulaireValeur
    initial: dict[str, Any] = {"le": timezone.localdate()} if confirme else {"valeur": p.valeur}
    if livre.date:
        classe, initial = FormulaireDelai, {"du": timezone.localdate()}
        initial["valeur"] = parametres.au_jour(p.code, initial["du"])
    formulaire = classe(request.POST or None, initial=initial)
    habiller(formulaire)
    if request.method == "POST" and not raison and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            if confirme:
                parametres.confirmer(p, d["reference"], d["le"], compte(request), d["valeur"])
            elif livre.date:
                parametres.fixer(p, Decimal(d["valeur"]), d["du"], d["reference"], compte(request))
            else:
                parametres.regler(p, d["valeur"], compte(request))
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, f"« {p} » est enregistré.")
            return redirect("odp_a_confirmer" if confirme else "odp_delais")
    jour = timezone.localdate()
    en_vigueur = en_mots(Decimal(parametres.au_jour(p.code, jour)), p.unite) if livre.date else p.en_mots
    contexte = {
        "p": p, "formulaire": formulaire, "raison": raison, "confirme": confirme, "livre": livre,
        "valeurs": p.valeurs.select_related("parametre", "saisi_par"),
        "en_vigueur": en_vigueur, "jour": jour,
    }  # fmt: skip
    statut = 422 if request.method == "POST" else 200
    return render(request, "domainepublic/delai.html", contexte, status=statut)


@droit(perms.ADMINISTRER)
@require_POST
def renoncer(request: HttpRequest, pk: int, valeur: int) -> HttpResponse:
    """Take back a delay to come."""
    v = get_object_or_404(ValeurParametre.objects.select_related("parametre"), parametre=pk, pk=valeur)
    if not partout(request.user, perms.ADMINISTRER):
        raise Http404
    try:
        parametres.renoncer(v, compte(request))
        messages.success(request, "Le délai à venir est retiré.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect("odp_delai", pk)


# --- matrix ---------------------------------------------------------------------------------------


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def matrice(request: HttpRequest) -> HttpResponse:
    """Pairs of one kind with all others; changed by the manager of the service."""
    noms = compatibilites.libelles()
    code = request.GET.get("type", "") or next(iter(noms), "")
    if code not in noms:
        raise Http404
    peut_regler = partout(request.user, perms.REGLER_COMPATIBILITE)
    faute = ""
    if request.method == "POST":
        if not peut_regler:
            return HttpResponse(status=403)
        choix = {
            autre: (request.POST.get(f"n_{autre}", ""), request.POST.get(f"t_{autre}", ""))
            for autre in noms
            if f"n_{autre}" in request.POST
        }
        try:
            n = compatibilites.regler(code, choix, compte(request))
        except Refus as e:
            faute = str(e)
        else:
            messages.success(
                request,
                f"{n} paire{'s' if n > 1 else ''} changée{'s' if n > 1 else ''}." if n else "Rien ne change.",
            )
            return redirect(f"{reverse('odp_compatibilites')}?type={code}")
    contexte: dict[str, Any] = {
        "code": code,
        "noms": noms,
        "paires": compatibilites.paires(code),
        "niveaux": [("", NIVEAUX_LISIBLES[""]), *((n, NIVEAUX_LISIBLES[n]) for n in NIVEAUX)],
        "peut_regler": peut_regler,
        "detient": peut(request.user, perms.REGLER_COMPATIBILITE),
        "faute": faute,
        "commune_a_tous": COMMUNE_A_TOUS,
    }
    return render(request, "domainepublic/compatibilites.html", contexte, status=422 if faute else 200)
