"""Screens of the technician: documents and their reports, declared layers."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from gis_data.acces import droit
from gis_data.contraintes.declarees import service
from gis_data.contraintes.droits import IMPORTER, communes_du_technicien, peut_changer
from gis_data.contraintes.formulaires import ChampForm, CoucheForm, FichierForm, PaquetForm, StyleForm
from gis_data.contraintes.imports import ImportRefuse, importer_plu, importer_sup
from gis_data.contraintes.imports.pieces import effacer_fichiers
from gis_data.contraintes.models import CoucheDeclaree, DocumentUrbanisme
from gis_data.models import ImportTravail
from gis_data.ouverture import FichierRefuse

GENRES = {
    "plu": ("Importer un document d'urbanisme", "PLU, PLUi, carte communale ou PSMV", importer_plu),
    "sup": ("Importer des servitudes", "Lot de servitudes d'utilité publique", importer_sup),
}
GRAVITES = {"erreur": 0, "attention": 1, "information": 2}


@droit(IMPORTER)
@require_safe
def accueil(request: HttpRequest) -> HttpResponse:
    """What is loaded, by family, with its versions; declared layers; last runs."""
    documents = list(DocumentUrbanisme.objects.select_related("travail"))
    familles: dict[str, list[DocumentUrbanisme]] = {}
    for document in documents:
        familles.setdefault(document.get_famille_display(), []).append(document)
    return render(
        request,
        "gis_data/donnees/accueil.html",
        {
            "familles": familles,
            "couches": [
                c
                for c in CoucheDeclaree.objects.select_related("declaree_par")
                if peut_changer(request.user, c.communes)
            ],
            "travaux": ImportTravail.objects.filter(genre__in=GENRES)[:10],
        },
    )


@droit(IMPORTER)
@require_http_methods(["GET", "HEAD", "POST"])
def importer(request: HttpRequest, genre: str) -> HttpResponse:
    """Import a package: its report, or the reason of the refusal beside the form."""
    titre, aide, fonction = GENRES[genre]
    formulaire = PaquetForm(request.POST or None, request.FILES or None)
    motif, statut = "", 200
    if request.method == "POST" and formulaire.is_valid():
        donnees = formulaire.cleaned_data
        try:
            rapport = fonction(
                donnees["fichier"],
                donnees["fichier"].name,
                utilisateur=request.user,
                srid=donnees["srid"],
                territoire=donnees["territoire"],
                jour=donnees["jour"],
            )
        except ImportRefuse as refus:
            motif, statut = str(refus), 422
        else:
            messages.success(request, "Le paquet est importé.")
            travail = DocumentUrbanisme.objects.get(pk=rapport.documents[0]["id"]).travail_id
            return redirect("donnees_rapport", travail)
    elif request.method == "POST":
        statut = 422
    contexte = {"titre": titre, "aide": aide, "formulaire": formulaire, "motif": motif, "genre": genre}
    return render(request, "gis_data/donnees/importer.html", contexte, status=statut)


@droit(IMPORTER)
@require_safe
def rapport(request: HttpRequest, travail: int) -> HttpResponse:
    """The report of a run: read, written, anomalies."""
    trouve = get_object_or_404(ImportTravail, pk=travail, genre__in=GENRES)
    lu = trouve.rapport or {}
    anomalies = sorted(lu.get("anomalies", []), key=lambda a: (GRAVITES.get(a["gravite"], 3), a["couche"]))
    lignes = [
        (couche, nombre, lu.get("ecrits", {}).get(couche, 0)) for couche, nombre in lu.get("lus", {}).items()
    ]
    contexte = {"travail": trouve, "rapport": lu, "anomalies": anomalies, "lignes": lignes}
    return render(request, "gis_data/donnees/rapport.html", contexte)


@droit(IMPORTER)
@require_http_methods(["GET", "HEAD", "POST"])
def retirer_document(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a version, after a question; the one before does not come back by itself."""
    document = get_object_or_404(DocumentUrbanisme, pk=pk)
    # Documents are public, but a commune's technician removes none of another.
    personne: Any = request.user
    if not all(personne.has_perm(IMPORTER, code) for code in document.communes):
        raise Http404
    if request.method == "POST":
        effacer_fichiers(document)
        document.delete()
        messages.success(request, f"{document.libelle} est retiré.")
        return redirect("donnees")
    return render(request, "gis_data/donnees/retirer.html", {"objet": document, "quoi": document.libelle})


# --- declared layers ----------------------------------------------------------------------------


def _la_sienne(request: HttpRequest, pk: int) -> CoucheDeclaree:
    """The layer, for whoever may import in all its communes; 404 for anybody else."""
    declaree: CoucheDeclaree = get_object_or_404(CoucheDeclaree, pk=pk)
    if not peut_changer(request.user, declaree.communes):
        raise Http404
    return declaree


@droit(IMPORTER)
@require_http_methods(["GET", "HEAD", "POST"])
def declarer(request: HttpRequest) -> HttpResponse:
    """Announce a layer, with its file or without one yet."""
    siennes = communes_du_technicien(request.user)
    formulaire = CoucheForm(request.POST or None, siennes=siennes)
    fichier = FichierForm(request.POST or None, request.FILES or None, prefix="fichier")
    motif, statut = "", 200
    if request.method == "POST":
        statut = 422
        if formulaire.is_valid() and fichier.is_valid():
            donnees = dict(formulaire.cleaned_data)
            zoom = donnees.pop("zoom_min")
            donnees.setdefault("communes", list(siennes))
            couche = service.declarer(**donnees, utilisateur=request.user)
            CoucheDeclaree.objects.filter(pk=couche.pk).update(zoom_min=zoom)
            try:
                return _charger(request, couche, fichier.cleaned_data)
            except FichierRefuse as refus:
                couche.delete()
                motif = str(refus)
    contexte = {"formulaire": formulaire, "fichier": fichier, "motif": motif}
    return render(request, "gis_data/donnees/declarer.html", contexte, status=statut)


def _charger(request: HttpRequest, couche: CoucheDeclaree, donnees: dict[str, Any]) -> HttpResponse:
    """Read the file given, if any, then go where its fields are chosen. ``FichierRefuse``."""
    recu = donnees["fichier"]
    if recu is None:
        messages.info(request, "La couche est annoncée ; elle est dite « non chargée » sans fichier.")
        return redirect("donnees_couche", couche.pk)
    lue = service.charger(
        couche, recu, recu.name, srid=donnees["srid"], couche_du_fichier=donnees["couche"].strip()
    )
    messages.success(request, f"{lue.nombre} objets lus.")
    for remarque in lue.remarques[:20]:
        messages.warning(request, remarque)
    return redirect("donnees_couche", couche.pk)


@droit(IMPORTER)
@require_http_methods(["GET", "HEAD", "POST"])
def couche(request: HttpRequest, pk: int) -> HttpResponse:
    """A declared layer: what is said of it, its fields, its drawing."""
    declaree = _la_sienne(request, pk)
    siennes = communes_du_technicien(request.user) if declaree.communes else {}
    formulaire = CoucheForm(request.POST or None, instance=declaree, siennes=siennes)
    style = StyleForm.de(declaree, request.POST or None)
    champs = _champs(declaree, request.POST or None)
    titre = request.POST.get("champ_titre", declaree.champ_titre)
    motif, statut = "", 200
    if request.method == "POST":
        statut = 422
        if formulaire.is_valid() and style.is_valid() and all(f.is_valid() for _, f in champs):
            try:
                _enregistrer(declaree, formulaire, style, champs, titre)
            except FichierRefuse as refus:
                motif = str(refus)
                declaree.refresh_from_db()
            else:
                messages.success(request, "La couche est enregistrée.")
                return redirect("donnees_couche", declaree.pk)
    return render(
        request,
        "gis_data/donnees/couche.html",
        {
            "couche": declaree,
            "formulaire": formulaire,
            "style": style,
            "champs": champs,
            "champ_titre": titre,
            "fichier": FichierForm(prefix="fichier"),
            "motif": motif,
        },
        status=statut,
    )


def _champs(declaree: CoucheDeclaree, donnees: Any) -> list[tuple[dict[str, str], ChampForm]]:
    """Fields to choose from: those of the draft, or those kept once the layer is shown."""
    gardes = {c["champ"]: c["libelle"] for c in declaree.champs}
    if not declaree.nombre:
        return []
    trouves = service.champs_du_brouillon(declaree)
    return [
        (
            champ,
            ChampForm(
                donnees,
                prefix=f"champ{i}",
                initial={
                    "garder": champ["champ"] in gardes or declaree.chargee_le is None,
                    "libelle": gardes.get(champ["champ"], champ["champ"]),
                },
            ),
        )
        for i, champ in enumerate(trouves)
    ]


def _enregistrer(
    declaree: CoucheDeclaree,
    formulaire: CoucheForm,
    style: StyleForm,
    champs: list[tuple[dict[str, str], ChampForm]],
    titre: str,
) -> None:
    service.modifier(declaree, **formulaire.cleaned_data, style=style.cleaned_data)
    if not champs:
        return
    gardes = [
        {
            "champ": champ["champ"],
            "libelle": f.cleaned_data["libelle"].strip() or champ["champ"],
            "genre": champ["genre"],
        }
        for champ, f in champs
        if f.cleaned_data["garder"]
    ]
    noms = {c["champ"] for c, _ in champs}
    service.publier(declaree, gardes, champ_titre=titre if titre in noms else "")


@droit(IMPORTER)
@require_POST
def remplacer(request: HttpRequest, pk: int) -> HttpResponse:
    """Load a file into a layer, in place of the one before."""
    declaree = _la_sienne(request, pk)
    formulaire = FichierForm(request.POST, request.FILES, prefix="fichier")
    if not formulaire.is_valid() or formulaire.cleaned_data["fichier"] is None:
        messages.error(request, "Choisissez un fichier.")
        return redirect("donnees_couche", pk)
    try:
        return _charger(request, declaree, formulaire.cleaned_data)
    except FichierRefuse as refus:
        messages.error(request, f"Le fichier est refusé, la couche n'a pas changé. {refus}")
        return redirect("donnees_couche", pk)


@droit(IMPORTER)
@require_http_methods(["GET", "HEAD", "POST"])
def retirer_couche(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a declared layer, after a question."""
    declaree = _la_sienne(request, pk)
    if request.method == "POST":
        service.supprimer(declaree)
        messages.success(request, f"La couche « {declaree.libelle} » est retirée.")
        return redirect("donnees")
    return render(request, "gis_data/donnees/retirer.html", {"objet": declaree, "quoi": declaree.libelle})
