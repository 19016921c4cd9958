"""The lots of a request on a page of their own: list, one more, a file, one less."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from gis_data.acces import droit
from gis_data.dessin.champ import ChampDessin
from gis_data.dessin.saisie import Dessin
from urba import lots, perms
from urba.models import DossierInstruction
from urba.titulaires import titulaire
from urba.vues.dossier import _compte, dossier_ou_404


class FormulaireLot(forms.Form):
    """A lot: number, surface, ground drawn or read from a file."""

    numero = forms.CharField(label="Numéro du lot", max_length=10)
    surface = forms.IntegerField(label="Surface (m²)", min_value=1, max_value=100_000_000, required=False)
    emprise = ChampDessin(
        label="Emprise du lot",
        plusieurs=True,
        reparer=True,
        required=False,
        widget=Dessin({"data-situer": "references"}),
    )


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def lots_dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Who reads the request sees its lots; who instructs it changes them."""
    d = dossier_ou_404(request, pk)
    peut = perms.peut_instruire(request.user, d) and d.nature == "INITIAL"
    formulaire = FormulaireLot()
    if request.method == "POST":
        if not peut:
            messages.error(request, "Les lots se modifient sur la première demande, par qui l'instruit.")
            return redirect("urba_lots_dossier", pk=d.pk)
        if "ajouter" in request.POST:
            formulaire = FormulaireLot(request.POST, request.FILES)
        if _agir(request, d, formulaire):
            return redirect("urba_lots_dossier", pk=d.pk)
    tous = lots.lots_de(d)
    contexte = {
        "d": d,
        "lots": [(x, titulaire(x)) for x in tous],
        # The map of the form opens on the parcels of the request.
        "references": ", ".join(p.texte_saisi for p in d.parcelles.all() if p.idu),
        "remarques": lots.remarques(d, tous),
        "formulaire": formulaire,
        "peut": peut,
        "total": sum(x.surface or (round(x.emprise.area) if x.emprise else 0) for x in tous),
    }
    return render(request, "urba/lots.html", contexte, status=422 if request.method == "POST" else 200)


def _agir(request: HttpRequest, d: DossierInstruction, formulaire: FormulaireLot) -> bool:
    """Do what was posted; False when the form must be shown again with its errors."""
    compte = _compte(request)
    try:
        if "retirer" in request.POST:
            cle = request.POST["retirer"]
            lots.retirer(d, int(cle) if cle.isdecimal() and len(cle) < 19 else 0, par=compte)
            messages.success(request, "Le lot est retiré.")
        elif "importer" in request.POST:
            fichier = request.FILES.get("fichier")
            if fichier is None:
                raise lots.LotRefuse("Choisissez un fichier.")
            ecrits, dits = lots.importer(d, fichier, str(fichier.name), par=compte)
            messages.success(request, f"{len(ecrits)} lot{'s' * (len(ecrits) > 1)} lus dans le fichier.")
            for dit in dits:
                messages.info(request, dit)
        elif formulaire.is_valid():
            v = formulaire.cleaned_data
            lot = lots.ajouter(d, v["numero"], v["surface"], v["emprise"], par=compte)
            messages.success(request, f"Le {lot} est enregistré.")
        else:
            return False
    except lots.LotRefuse as e:
        if "ajouter" in request.POST:
            formulaire.add_error(None, str(e))
            return False
        messages.error(request, str(e))
    return True
