"""Screens of an import: deposit of the file, its columns, the dry run, the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseRedirect,
)
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe
from django_tasks.base import TaskResultStatus

from gis_data.acces import droit
from mairie.ecrans import registre
from mairie.ecrans.declaration import ActionImpossible
from mairie.ecrans.imports import correspondance, lecture, service
from mairie.ecrans.imports.declaration import ColonneImport, Import
from mairie.ecrans.imports.lecture import FichierRefuse, Table
from mairie.models import ImportTable

EXEMPLES = 3
DERNIERS = 10


@dataclass(frozen=True)
class ChoixColonne:
    """A field to fill, the column chosen for it (null: none), and what this column holds."""

    colonne: ColonneImport
    titre: str
    requis: bool
    cle: bool
    rang: int | None
    exemples: list[str]


def _lignes(declaration: Import, request: HttpRequest) -> Any:
    """The person's own imports of this table: a file may hold what others must not read."""
    return ImportTable.objects.filter(ecran=declaration.code, auteur=request.user.pk)


def vue_deposer(declaration: Import) -> Any:
    """Deposit a file."""

    @droit(declaration.droit)
    @require_http_methods(["GET", "HEAD", "POST"])
    def vue(request: HttpRequest) -> HttpResponse:
        raison = (declaration.empechement(request.user) if declaration.empechement else "") or ""
        erreur = ""
        if request.method == "POST" and not raison:
            try:
                return HttpResponseRedirect(_deposer(request, declaration))
            except FichierRefuse as e:
                erreur = str(e)
        contexte = {
            "declaration": declaration,
            "raison": raison,
            "erreur": erreur,
            "colonnes": [(declaration.titre_de(c), _requise(declaration, c)) for c in declaration.colonnes],
            "derniers": _lignes(declaration, request)[:DERNIERS],
            "liste": registre.liste(declaration.liste),
            "taille_max": lecture.TAILLE_MAX // 1024**2,
            "lignes_max": lecture.LIGNES_MAX,
        }
        return render(request, "mairie/ecrans/import_depot.html", contexte, status=422 if erreur else 200)

    vue.__name__ = vue.__qualname__ = f"{declaration.nom}_importer"
    return vue


def _deposer(request: HttpRequest, declaration: Import) -> str:
    fichier = request.FILES.get("fichier")
    if fichier is None:
        raise FichierRefuse("Choisissez un fichier.")
    taille = fichier.size or 0
    if taille > lecture.TAILLE_MAX:
        # Said before anything is read.
        raise FichierRefuse(
            f"Le fichier pèse {taille // 1024**2} Mo ; {lecture.TAILLE_MAX // 1024**2} Mo au plus."
        )
    ligne = service.deposer(declaration, fichier, fichier.name or "", request.user)  # type: ignore[arg-type]
    return reverse(f"{declaration.nom}_import", args=[ligne.pk])


def vue_import(declaration: Import) -> Any:
    """One file: columns, dry run, application."""

    @droit(declaration.droit)
    @require_http_methods(["GET", "HEAD", "POST"])
    def vue(request: HttpRequest, pk: int) -> HttpResponse:
        ligne = get_object_or_404(
            _lignes(declaration, request).select_related("tache__resultat"), pk=_cle(pk)
        )
        if not ligne.fichier:
            raise Http404
        if request.method == "POST":
            return _agir(request, declaration, ligne)
        return _page(request, declaration, ligne)

    vue.__name__ = vue.__qualname__ = f"{declaration.nom}_import"
    return vue


def vue_rejets(declaration: Import) -> Any:
    """The refused lines, as a file that may be imported again once corrected."""

    @droit(declaration.droit)
    @require_safe
    def vue(request: HttpRequest, pk: int) -> HttpResponseBase:
        ligne = get_object_or_404(_lignes(declaration, request), pk=_cle(pk))
        if not ligne.rejets:
            raise Http404
        debut = ligne.rejets.open("rb").read(100)
        if debut.startswith(b"{"):
            suffixe = "geojson"
        else:
            suffixe = "csv" if not debut.startswith(b"PK") else "ods" if b"opendocument" in debut else "xlsx"
        base = ligne.nom_fichier.rpartition(".")[0] or ligne.nom_fichier
        reponse = FileResponse(
            ligne.rejets.open("rb"), as_attachment=True, filename=f"{base} - lignes refusées.{suffixe}"
        )
        reponse["Cache-Control"] = "private, no-store"
        return reponse

    vue.__name__ = vue.__qualname__ = f"{declaration.nom}_rejets"
    return vue


def _cle(pk: int) -> int:
    if pk >= 2**63:
        raise Http404
    return pk


def _requise(declaration: Import, colonne: ColonneImport) -> bool:
    return colonne.obligatoire or declaration.cle_requise(colonne.champ)


def _page(
    request: HttpRequest, declaration: Import, ligne: ImportTable, fautes: list[str] | None = None
) -> HttpResponse:
    table = service.table_de(ligne)
    choix = {c: int(r) for c, r in ligne.correspondance.items()}
    contexte = {
        "declaration": declaration,
        "ligne": ligne,
        "table": table,
        "nombre": len(table.lignes),
        "choix": [_choix(declaration, c, choix, table) for c in declaration.colonnes],
        "titres": list(enumerate(table.titres)),
        "ignorees": [
            t
            for i, t in enumerate(table.titres)
            if i not in choix.values() and correspondance.cle(t) != correspondance.cle(correspondance.MOTIF)
        ],
        "fautes": fautes or [],
        "en_cours": _en_cours(ligne),
        "echec": ligne.tache is not None and ligne.tache.resultat.status == TaskResultStatus.FAILED,
        "liste": registre.liste(declaration.liste),
    }
    reponse = render(request, "mairie/ecrans/import.html", contexte, status=422 if fautes else 200)
    reponse["Cache-Control"] = "private, no-store"
    return reponse


def _choix(
    declaration: Import, colonne: ColonneImport, choix: correspondance.Correspondance, table: Table
) -> ChoixColonne:
    rang = choix.get(colonne.champ)
    valeurs = [v for ligne in table.lignes[:50] if rang is not None and (v := ligne.cellules[rang])]
    return ChoixColonne(
        colonne,
        declaration.titre_de(colonne),
        _requise(declaration, colonne),
        colonne.champ in declaration.cle,
        rang,
        [v[:60] for v in dict.fromkeys(valeurs)][:EXEMPLES],
    )


def _en_cours(ligne: ImportTable) -> bool:
    """A worker has it, or soon will."""
    attend = (TaskResultStatus.READY, TaskResultStatus.RUNNING)
    return ligne.tache is not None and ligne.tache.resultat.status in attend


# --- What is posted -----------------------------------------------------------------------------


def _agir(request: HttpRequest, declaration: Import, ligne: ImportTable) -> HttpResponse:
    ici = HttpResponseRedirect(request.path)
    if _en_cours(ligne):
        messages.warning(request, "Ce fichier est en cours de lecture : attendez la fin.")
        return ici
    if ligne.etat == ImportTable.Etat.APPLIQUE:
        messages.error(request, "Cet import est déjà appliqué.")
        return ici
    faire = request.POST.get("faire", "")
    if faire == "abandonner":
        ligne.fichier.delete(save=False)
        if ligne.rejets:
            ligne.rejets.delete(save=False)
        ligne.delete()
        messages.success(request, "Le fichier est oublié ; rien n'est changé.")
        return HttpResponseRedirect(reverse(f"{declaration.nom}_importer"))
    if faire == "appliquer" and ligne.etat != ImportTable.Etat.ESSAYE:
        messages.error(request, "Essayez d'abord l'import à blanc.")
        return ici
    if faire == "essayer":
        table = service.table_de(ligne)
        choix = _correspondance(request, declaration, table)
        fixes = tuple(declaration.fixes(request.user)) if declaration.fixes else ()
        ligne.correspondance, ligne.etat, ligne.bilan = choix, ImportTable.Etat.DEPOSE, {}
        ligne.save(update_fields=["correspondance", "etat", "bilan"])
        if fautes := correspondance.fautes(declaration, choix, fixes):
            return _page(request, declaration, ligne, fautes)
        service.retenir(declaration, table, choix)
    elif faire != "appliquer":
        messages.error(request, "Cette opération n'existe pas.")
        return ici
    _passer(request, declaration, ligne, appliquer=faire == "appliquer")
    return ici


def _correspondance(request: HttpRequest, declaration: Import, table: Table) -> correspondance.Correspondance:
    """Columns chosen in the form; those that the file has not are left out."""
    sortie = {}
    for colonne in declaration.colonnes:
        brut = request.POST.get(f"c_{colonne.champ}", "")
        if brut.isdecimal() and len(brut) < 5 and int(brut) < len(table.titres):
            sortie[colonne.champ] = int(brut)
    return sortie


def _passer(request: HttpRequest, declaration: Import, ligne: ImportTable, *, appliquer: bool) -> None:
    """At once for a short file, by the worker for a long one."""
    from mairie.ecrans.imports.taches import importer

    directes = declaration.lignes_directes or service.LIGNES_DIRECTES
    if len(service.table_de(ligne).lignes) > directes:
        with transaction.atomic():
            ligne.tache = importer.demander(ligne.pk, appliquer, par=request.user)  # type: ignore[arg-type]
            ligne.save(update_fields=["tache"])
        messages.info(request, "Le fichier est long : il est lu en arrière-plan.")
        return
    try:
        bilan = service.passer(declaration, ligne, appliquer=appliquer)
    except ActionImpossible as e:
        messages.error(request, str(e))
        return
    if appliquer:
        messages.success(request, f"Import fait : {bilan.creees} lignes créées, {bilan.modifiees} modifiées.")
