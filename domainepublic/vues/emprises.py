"""Pages of one emprise: add, change, remove."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from domainepublic import emprises as sol
from domainepublic import perms
from domainepublic.copies import modele, passees
from domainepublic.formulaires import FormulaireEmprise
from domainepublic.models import DossierODP, Emprise
from domainepublic.vues.apercu import avant_apres
from domainepublic.vues.dossier import compte, dossier_a_instruire
from gis_data.acces import droit
from mairie.workflow import ConflitEdition, Refus
from mairie.workflow.edition import version_a_porter, version_vue


def _page(request: HttpRequest, d: DossierODP, emprise: Emprise | None) -> HttpResponse:
    donnees = request.POST if request.method == "POST" else None
    copie = modele(request.GET.get("copie", ""), request.user) if emprise is None else None
    formulaire = FormulaireEmprise(
        donnees, request.FILES or None, emprise=emprise, copie=copie, insee=d.insee
    )
    examen, dessine, concurrent = None, None, False
    if donnees is not None and formulaire.is_valid():
        nouvelle = formulaire.emprise()
        dessine = nouvelle.geom
        examen = sol.examiner(d.insee, nouvelle)
        for champ, faute in examen.fautes.items():
            formulaire.add_error(champ, faute)
        if not examen.fautes and not examen.a_confirmer:
            try:
                if emprise is None:
                    sol.ajouter(d, nouvelle, version=version_vue(request), par=compte(request))
                else:
                    sol.modifier(emprise, nouvelle, version=version_vue(request), par=compte(request))
            except (Refus, ConflitEdition) as e:
                formulaire.add_error(None, str(e))
                concurrent = isinstance(e, ConflitEdition)
                d.refresh_from_db()
            else:
                messages.success(request, "L'emprise est enregistrée.")
                return redirect(f"{d.get_absolute_url()}#emprises")
    contexte = {
        "d": d,
        "emprise": formulaire,
        "actuelle": emprise,
        "copie": copie,
        "passees": passees(d, request.user) if emprise is None and donnees is None else (),
        "enregistrees": list(d.emprises.select_related("type")) if concurrent else [],
        "examen": examen,
        "version": version_a_porter(request, d, concurrent=concurrent),
        "apercu": avant_apres(dessine, examen.reparee) if examen else None,
    }
    return render(request, "domainepublic/emprise.html", contexte, status=422 if donnees is not None else 200)


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def ajouter(request: HttpRequest, pk: int) -> HttpResponse:
    """One more emprise on a file."""
    return _page(request, dossier_a_instruire(request, pk), None)


@droit(perms.INSTRUIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def modifier(request: HttpRequest, pk: int, rang: int) -> HttpResponse:
    """The emprise as it should be."""
    d = dossier_a_instruire(request, pk)
    return _page(request, d, get_object_or_404(Emprise, dossier=d, rang=rang))


@droit(perms.INSTRUIRE)
@require_POST
def retirer(request: HttpRequest, pk: int, rang: int) -> HttpResponse:
    """Take it away."""
    d = dossier_a_instruire(request, pk)
    try:
        sol.retirer(
            get_object_or_404(Emprise, dossier=d, rang=rang),
            version=version_vue(request),
            par=compte(request),
        )
        messages.success(request, "L'emprise est retirée.")
    except (Refus, ConflitEdition) as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#emprises")
