"""Tariffs as voted, and the figures of the law."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import perms, tarifs
from assainissement.formulaires_redevances import (
    NATURES_PFAC,
    FormulaireActivation,
    FormulaireDeliberation,
    FormulaireLigneTarif,
)
from assainissement.models.tarifs import DeliberationTarif, ParametreLoi
from assainissement.vues.commun import compte
from gis_data.acces import droit
from mairie.habilitations import communes_du_droit, peut
from mairie.montants import texte_francais
from mairie.perms import ADMINISTRER
from mairie.workflow import Refus

Objet = DeliberationTarif.Objet
FIGURES = {
    "mode": "Calcul",
    "tarif_m2": "Tarif au m²",
    "franchise_m2": "Surface non comptée",
    "forfait": "Forfait par logement",
    "cout_anc": "Coût d'un assainissement individuel",
    "taux": "Majoration",
}
UNITES = {"tarif_m2": " €", "franchise_m2": " m²", "forfait": " €", "cout_anc": " €", "taux": " %"}
MODES = {"surface": "au mètre carré", "forfait": "au logement", "mixte": "au mètre carré et au logement"}


@droit(perms.LIRE)
@require_safe
def liste(request: HttpRequest) -> HttpResponse:
    """Deliberations, those in force first said so."""
    jour = timezone.localdate()
    lignes = [
        (d, d.date_effet <= jour and (d.date_fin is None or d.date_fin >= jour))
        for d in DeliberationTarif.objects.visibles_par(request.user)
    ]
    contexte = {
        "deliberations": lignes,
        "objets": Objet.choices if communes_du_droit(request.user, perms.REGLER) else (),
    }
    return render(request, "assainissement/redevances/tarifs.html", contexte)


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle(request: HttpRequest, objet: str) -> HttpResponse:
    """A new deliberation for one object."""
    if objet not in Objet.values:
        raise Http404
    communes = communes_du_droit(request.user, perms.REGLER)
    formulaire = FormulaireDeliberation(request.POST or None, objet=objet, communes=communes)
    if request.method == "POST" and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            nouveau = tarifs.enregistrer(
                d["insee"], objet, d["reference"], d["date_effet"], d["date_fin"],
                regles=formulaire.regles(), par=compte(request),
            )  # fmt: skip
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            alerte = tarifs.verifier_regles(objet, nouveau.regles, nouveau.date_effet, nouveau.date_fin)
            if alerte:
                messages.warning(request, alerte)
            messages.success(request, "La délibération est enregistrée.")
            return redirect(nouveau.get_absolute_url())
    contexte = {"formulaire": formulaire, "libelle": Objet(objet).label}
    statut = 422 if request.method == "POST" else 200
    return render(request, "assainissement/redevances/tarif_nouveau.html", contexte, status=statut)


def _ou_404(request: HttpRequest, pk: int) -> DeliberationTarif:
    trouvee: DeliberationTarif = get_object_or_404(
        DeliberationTarif.objects.visibles_par(request.user), pk=pk
    )
    return trouvee


def _page(request: HttpRequest, d: DeliberationTarif, formulaire: Any = None) -> HttpResponse:
    reglable = peut(request.user, perms.REGLER, d.insee)
    avec_lignes = d.objet in (Objet.ANC, Objet.AC)
    figures = []
    for code, libelle in FIGURES.items():
        if code in d.regles:
            valeur = MODES.get(d.regles[code]) or texte_francais(str(d.regles[code]))
            figures.append((libelle, f"{valeur}{UNITES.get(code, '')}"))
    figures += [
        (f"Coefficient, {NATURES_PFAC[n]}", texte_francais(str(v)))
        for n, v in (d.regles.get("coefficients") or {}).items()
    ]
    lignes = list(d.lignes.all())
    contexte = {
        "d": d,
        "lignes": lignes,
        # « Mon adresse » shows a document beside its price: a surcharge, or a vote without prices, has none.
        "lisible": d.objet == Objet.PFAC or bool(lignes),
        "figures": figures,
        "avec_lignes": avec_lignes,
        "reglable": reglable,
        "formulaire": formulaire or FormulaireLigneTarif(objet=d.objet),
    }
    statut = 422 if request.method == "POST" else 200
    return render(request, "assainissement/redevances/tarif.html", contexte, status=statut)


@droit(perms.LIRE)
@require_safe
def tarif(request: HttpRequest, pk: int) -> HttpResponse:
    """One deliberation with its rows."""
    return _page(request, _ou_404(request, pk))


@droit(perms.REGLER)
@require_POST
def modifier(request: HttpRequest, pk: int, quoi: str) -> HttpResponse:
    """Add a row, take one away, close the deliberation."""
    d = _ou_404(request, pk)
    if not peut(request.user, perms.REGLER, d.insee):
        raise Http404
    try:
        if quoi == "ligne":
            formulaire = FormulaireLigneTarif(request.POST, objet=d.objet)
            if not formulaire.is_valid():
                return _page(request, d, formulaire)
            try:
                tarifs.ajouter_ligne(d, **formulaire.champs())
            except Refus as e:
                formulaire.add_error(None, str(e))
                return _page(request, d, formulaire)
            messages.success(request, "La ligne est ajoutée.")
        elif quoi == "retirer":
            texte = request.POST.get("ligne", "")
            tarifs.retirer_ligne(d, int(texte) if texte.isdecimal() and len(texte) < 12 else 0)
            messages.success(request, "La ligne est retirée ; ce qui est déjà ouvert garde son prix.")
        elif quoi == "fermer":
            fin = parse_date(request.POST.get("fin", "")) if request.POST.get("fin") else None
            if fin is None:
                raise Refus("Donnez le dernier jour de la délibération.")
            tarifs.fermer(d, fin)
            messages.success(request, "La délibération a sa fin.")
        else:
            raise Http404
    except Refus as e:
        messages.error(request, str(e))
    except ValueError:
        messages.error(request, "Cette date n'existe pas.")
    return redirect(d.get_absolute_url())


@droit(perms.LIRE)
@require_safe
def parametres(request: HttpRequest) -> HttpResponse:
    """Figures of the law, each with its article; those inactive say so."""
    contexte = {
        "parametres": ParametreLoi.objects.order_by("a_confirmer", "code", "-valide_du"),
        "administre": peut(request.user, ADMINISTRER),
    }
    return render(request, "assainissement/redevances/parametres.html", contexte)


@droit(ADMINISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def activer(request: HttpRequest, pk: int) -> HttpResponse:
    """Say where an inactive figure was checked, and from when it holds."""
    p = get_object_or_404(ParametreLoi, pk=pk)
    formulaire = FormulaireActivation(request.POST or None)
    if request.method == "POST" and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            tarifs.activer(p, d["reference"], d["le"], compte(request))
        except Refus as e:
            formulaire.add_error(None, str(e))
        else:
            messages.success(request, f"« {p} » est actif.")
            return redirect("ass_parametres")
    contexte = {"p": p, "formulaire": formulaire}
    statut = 422 if request.method == "POST" else 200
    return render(request, "assainissement/redevances/parametre.html", contexte, status=statut)
