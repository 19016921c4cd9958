"""Pages of a RAEPA import: deposit, layers and columns, report record by record, confirmation, undoing."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe
from django_tasks.base import TaskResultStatus

from assainissement import perms
from assainissement.models import ImportRaepa
from assainissement.regles.tables import reseau as table
from assainissement.reseau import ecriture, exports, imports, territoires
from assainissement.reseau.imports import ImportImpossible
from assainissement.reseau.taches import confirmer_import, controler_import
from assainissement.reseau.topologie import CONSTATS
from assainissement.vues import commun
from gis_data.acces import droit
from gis_data.ouverture import FichierRefuse
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import peut

# A larger file is read by the worker.
OCTETS_DIRECTS = 2 * 1024**2
LIGNES_DIRECTES = 5_000
PAR_PAGE = 50
SIREN = 9


class FormulaireFichier(forms.Form):
    """A RAEPA file and its commune."""

    insee = forms.ChoiceField(
        label="Commune ou intercommunalité",
        help_text="Pour une intercommunalité, chaque objet va à la commune où il se trouve.",
    )
    fichier = forms.FileField(
        label="Fichier RAEPA",
        help_text="Shapefile dans un zip, GeoPackage ou GeoJSON, 200 Mo au plus.",
        widget=forms.ClearableFileInput(attrs={"accept": ".zip,.gpkg,.geojson,.json"}),
    )

    def __init__(self, *args: Any, territoires: dict[str, tuple[str, list[str]]], **options: Any) -> None:
        super().__init__(*args, **options)
        insee = self.fields["insee"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        insee.choices = [(code, nom) for code, (nom, _) in territoires.items()]
        habiller(self)


def _import(request: HttpRequest, pk: int) -> ImportRaepa:
    recu: ImportRaepa = get_object_or_404(
        ImportRaepa.objects.visibles_par(request.user).select_related("auteur", "tache__resultat"), pk=pk
    )
    if not all(peut(request.user, perms.REGLER, insee) for insee in recu.communes):
        raise Http404
    return recu


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def deposer(request: HttpRequest) -> HttpResponse:
    """Deposit a file: controlled at once when it is small, by the worker otherwise."""
    envoi = request.method == "POST"
    offerts = territoires.choix(request.user, perms.REGLER)
    formulaire = FormulaireFichier(
        request.POST if envoi else None, request.FILES if envoi else None, territoires=offerts
    )
    if envoi and formulaire.is_valid():
        fichier, code = formulaire.cleaned_data["fichier"], formulaire.cleaned_data["insee"]
        (insee, *autres), epci = offerts[code][1], code if len(code) == SIREN else ""
        try:
            recu = imports.deposer(
                insee, fichier, fichier.name or "", commun.compte(request), autres=autres, epci=epci
            )
        except FichierRefuse as refus:
            formulaire.add_error("fichier", str(refus))
        else:
            _controler(request, recu, fichier.size or 0)
            return redirect(recu.get_absolute_url())
    contexte = {"formulaire": formulaire, "correspondances": _correspondances()}
    return render(request, "assainissement/reseau/importer.html", contexte, status=422 if envoi else 200)


def _correspondances() -> list[tuple[str, list[Any]]]:
    return [
        (f"{table.TITRES[couche]} ({couche})", list(lignes))
        for couche, lignes in table.CORRESPONDANCES.items()
    ]


def _controler(request: HttpRequest, recu: ImportRaepa, octets: int) -> None:
    if octets > OCTETS_DIRECTS:
        with transaction.atomic():
            recu.tache = controler_import.demander(recu.pk, par=commun.compte(request), insee=recu.insee)
            recu.save(update_fields=["tache"])
        return
    imports.controler(recu, timezone.localdate().year)


def _en_cours(recu: ImportRaepa) -> bool:
    attend = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    return recu.tache is not None and recu.tache.resultat.status in attend


@droit(perms.REGLER)
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: what was read of it, what is to do."""
    recu = _import(request, pk)
    if request.method == "POST":
        return _agir(request, recu)
    anomalie = request.GET.get("anomalie", "")
    lignes = recu.lignes.exclude(statut="valide").defer("geom", "attributs", "valeurs")
    lignes = lignes.order_by("-statut", "couche", "numero")
    if anomalie in table.ANOMALIES:
        lignes = lignes.filter(anomalies__contains=[{"code": anomalie}])
    if request.GET.get("statut") in ("rejete", "avec_reserves"):
        lignes = lignes.filter(statut=request.GET["statut"])
    feuille = Paginator(lignes, PAR_PAGE).get_page(request.GET.get("page"))
    contexte = {
        "recu": recu,
        "communes": territoires.noms(recu.communes) if recu.epci else [],
        "en_cours": _en_cours(recu),
        "echec": recu.tache is not None and recu.tache.resultat.status == TaskResultStatus.FAILED,
        "couches": [
            {
                **c,
                "rang": rang,
                "titre": table.TITRES.get(c["couche"], ""),
                "choix": [
                    (f, c["champs"].get(f.raepa, "")) for f in table.CORRESPONDANCES.get(c["couche"], ())
                ],
            }
            for rang, c in enumerate(recu.couches)
        ],
        "titres": list(table.TITRES.items()),
        "anomalies": [
            (couche, code, champ, table.ANOMALIES.get(code, code), n)
            for couche, code, champ, n in recu.bilan.get("anomalies", ())
        ],
        "absents": [
            (table.TITRES[c], champs) for c, champs in recu.bilan.get("champs_absents", {}).items() if champs
        ],
        "effets": [(table.TITRES[c], e) for c, e in recu.bilan.get("effets", {}).items()],
        "topologie": [
            (c, mot, recu.bilan["topologie"][c]) for c, mot in CONSTATS.items() if recu.bilan["topologie"][c]
        ]
        if "topologie" in recu.bilan
        else [],
        "feuille": feuille,
        "rien": recu.bilan.get("total", 0) == recu.bilan.get("rejetes", 0),
        "mots": table.ANOMALIES,
        "anomalie": anomalie,
        "statut": request.GET.get("statut", ""),
        "empechement": ecriture.empechement(recu) if recu.etat == "confirme" else "",
    }
    reponse = render(request, "assainissement/reseau/import.html", contexte)
    reponse["Cache-Control"] = "private, no-store"
    return reponse


def _agir(request: HttpRequest, recu: ImportRaepa) -> HttpResponse:
    ici = redirect(recu.get_absolute_url())
    if _en_cours(recu):
        messages.warning(request, "Ce fichier est en cours de lecture : attendez la fin.")
        return ici
    try:
        match request.POST.get("faire", ""):
            case "controler":
                imports.choisir(recu, _choix(request, recu))
                _controler(request, recu, recu.fichier.size if recu.fichier else 0)
            case "confirmer":
                _confirmer(request, recu)
            case "oublier":
                imports.oublier(recu)
                messages.success(request, "Le fichier est oublié ; rien n'est changé.")
                return redirect("assainissement_imports_raepa")
            case "annuler":
                ecriture.annuler(recu, commun.compte(request))
                messages.success(request, "L'import est annulé : le réseau est comme avant lui.")
            case _:
                messages.error(request, "Cette opération n'existe pas.")
    except ImportImpossible as e:
        messages.error(request, str(e))
    return ici


def _choix(request: HttpRequest, recu: ImportRaepa) -> dict[str, dict[str, Any]]:
    """Layers and columns of the form; a layer said otherwise takes the columns proposed for it."""
    choix: dict[str, dict[str, Any]] = {}
    for rang, c in enumerate(recu.couches):
        couche = request.POST.get(f"couche_{rang}", "")
        couche = couche if couche in table.CORRESPONDANCES else ""
        champs = {}
        if couche and couche == c["couche"]:
            for f in table.CORRESPONDANCES[couche]:
                colonne = request.POST.get(f"c_{rang}_{f.raepa}", "")
                if colonne in c["colonnes"]:
                    champs[f.raepa] = colonne
        choix[str(rang)] = {"couche": couche, "champs": champs}
    return choix


def _confirmer(request: HttpRequest, recu: ImportRaepa) -> None:
    par = commun.compte(request)
    if recu.bilan.get("total", 0) > LIGNES_DIRECTES:
        with transaction.atomic():
            recu.tache = confirmer_import.demander(recu.pk, par.pk, par=par, insee=recu.insee)
            recu.save(update_fields=["tache"])
        messages.info(request, "Le fichier est long : il est écrit en arrière-plan.")
        return
    ecriture.confirmer(recu, par)
    messages.success(request, "Le réseau est importé.")


@droit(perms.REGLER)
@require_safe
def rejets(request: HttpRequest, pk: int) -> FileResponse:
    """The refused records as a GeoPackage, to be corrected and brought in again."""
    recu = _import(request, pk)
    with tempfile.TemporaryDirectory(prefix="raepa-") as dossier:
        chemin = Path(dossier) / "rejets.gpkg"
        if not exports.ecrire_rejets(recu, chemin):
            raise Http404
        flux = chemin.open("rb")
    base = recu.nom_fichier.rpartition(".")[0] or recu.nom_fichier
    reponse = FileResponse(flux, as_attachment=True, filename=f"{base} - refusés.gpkg")
    reponse["Cache-Control"] = "private, no-store"
    return reponse
