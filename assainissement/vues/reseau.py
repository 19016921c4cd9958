"""The sewer network on screen: its state, where water comes from and goes to, long profile, files out."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.gis.db.models.functions import Transform
from django.db import connection
from django.db.models import Count, Q, Sum
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from assainissement import perms
from assainissement.models import (
    Appareillage,
    Arete,
    ImportRaepa,
    Intervention,
    Ouvrage,
    Reparation,
    Troncon,
)
from assainissement.regles.tables import reseau as table
from assainissement.reseau import exports, parcours, profil, territoires
from assainissement.reseau.topologie import CONSTATS
from assainissement.vues import commun
from gis_data.acces import droit
from mairie.ecrans.formulaires import habiller
from mairie.exports import lignes_csv
from mairie.models import Adresse

MONTRES = 200
AUTOUR_MAX = 3_000
NOEUDS = ("ouvrages", "appareillages")
GENRES: dict[str, Any] = {"canalisations": Troncon, "ouvrages": Ouvrage, "appareillages": Appareillage}
SENS = (parcours.AMONT, parcours.AVAL)
_FORMES = """
SELECT coalesce(json_agg(json_build_object(
    'type', 'Feature', 'id', t.id,
    'properties', json_build_object('titre', t.identifiant, 'diametre', t.diametre, 'reseau', t.type_reseau),
    'geometry', ST_AsGeoJSON(ST_Transform(ST_Force2D(t.geom), 4326), 7)::json)), '[]')::text
FROM assainissement_troncon t WHERE t.id = ANY(%s)
"""


def _fc(troncons: list[int], **autres: Any) -> HttpResponse:
    """Shapes in degrees as one FeatureCollection, written by the database."""
    with connection.cursor() as curseur:
        curseur.execute(_FORMES, [troncons])
        formes = curseur.fetchone()[0]
    suite = "".join(f", {json.dumps(c)}: {json.dumps(v)}" for c, v in autres.items())
    reponse = HttpResponse(
        f'{{"type": "FeatureCollection", "features": {formes}{suite}}}', content_type="application/geo+json"
    )
    reponse["Cache-Control"] = "private, no-store"
    return reponse


@droit(perms.LIRE)
@require_safe
def reseau(request: HttpRequest) -> HttpResponse:
    """What the network holds, what remains to be looked at, the last files, the map."""
    visibles = Troncon.objects.visibles_par(request.user)
    aretes = Arete.objects.filter(troncon__in=visibles)
    comptes = aretes.aggregate(
        n=Count("pk"), longueur=Sum("longueur"), **{c: Count("pk", filter=Q(**{c: True})) for c in CONSTATS}
    )
    par_reseau = {
        code: (n, longueur or 0)
        for code, n, longueur in aretes.order_by()
        .values_list("troncon__type_reseau")
        .annotate(n=Count("pk"), longueur=Sum("longueur"))
    }
    demande = request.GET.get("identifiant", "").strip()
    if demande:
        for genre, modele in GENRES.items():
            trouve = modele.objects.visibles_par(request.user).filter(identifiant__iexact=demande).first()
            if trouve is not None:
                sens = request.GET.get("sens") if request.GET.get("sens") in SENS else parcours.AVAL
                return redirect("ass_suivre", genre, trouve.pk, sens)
        messages.warning(request, f"Aucun objet du réseau ne s'appelle « {demande} ».")
    contexte = {
        "comptes": comptes,
        "par_reseau": [(mot, *par_reseau[code]) for code, mot in table.RESEAUX.items() if code in par_reseau],
        "a_voir": [(c, mot, comptes[c]) for c, mot in CONSTATS.items() if comptes[c]],
        "objets": [
            (f"/assainissement/reseau/{genre}/", titre, modele.objects.visibles_par(request.user).count())
            for genre, titre, modele in (
                ("canalisations", "Canalisations", Troncon),
                ("ouvrages", "Ouvrages", Ouvrage),
                ("appareillages", "Appareillages", Appareillage),
                ("reparations", "Réparations", Reparation),
                ("interventions", "Interventions", Intervention),
            )
        ],
        "imports": ImportRaepa.objects.visibles_par(request.user)[:5],
        "communes": {code: nom for code, (nom, _) in territoires.choix(request.user, perms.LIRE).items()},
        "formats": exports.FORMATS,
        "demande": demande,
        "carte": True,
        "emprise": _emprise(visibles),
    }
    return render(request, "assainissement/reseau/accueil.html", contexte)


def _emprise(lignes: Any) -> str:
    """West, south, east, north of rows, in degrees; empty without any."""
    from django.contrib.gis.db.models import Extent

    boite = lignes.aggregate(e=Extent("geom"))["e"]
    if boite is None:
        return ""
    from gis_data.projections import transformateur

    outil = transformateur(settings.TERRITOIRE_SRID, 4326)
    (ouest, est), (sud, nord) = outil.transform([boite[0], boite[2]], [boite[1], boite[3]])
    return f"{ouest:.6f},{sud:.6f},{est:.6f},{nord:.6f}"


@droit(perms.LIRE)
@require_safe
def autour(request: HttpRequest) -> HttpResponse:
    """Pipes in the frame of the map (``emprise=w,s,e,n`` in degrees), the first ones when they are many.

    ``noeuds=1``: structures and fittings too.
    """
    from django.contrib.gis.geos import Polygon

    try:
        ouest, sud, est, nord = (float(x) for x in request.GET.get("emprise", "").split(","))
        cadre = Polygon.from_bbox((ouest, sud, est, nord))
        cadre.srid = 4326
        cadre.transform(settings.TERRITOIRE_SRID)
    except Exception:
        return JsonResponse({"erreur": "emprise : quatre nombres, en degrés."}, status=400)

    def cles(modele: Any) -> list[int]:
        lignes = modele.objects.visibles_par(request.user).filter(geom__bboverlaps=cadre).order_by("pk")
        return list(lignes.values_list("pk", flat=True)[: AUTOUR_MAX + 1])

    troncons = cles(Troncon)
    # Points crowd a map of the whole commune: asked for by name, from near.
    noeuds = {genre: cles(GENRES[genre]) for genre in NOEUDS} if request.GET.get("noeuds") else {}
    return _fc(
        troncons[:AUTOUR_MAX],
        tronque=any(len(c) > AUTOUR_MAX for c in (troncons, *noeuds.values())),
        noeuds=[n for genre, c in noeuds.items() for n in _noeuds(genre, c[:AUTOUR_MAX])],
    )


def _noeuds(genre: str, cles: list[int]) -> list[dict[str, Any]]:
    """Structures or fittings with their place in degrees."""
    lignes = GENRES[genre].objects.filter(pk__in=cles).defer("attributs_source").order_by("pk")
    return [
        {
            "adresse": f"/assainissement/reseau/suivre/{genre}/{o.pk}/",
            "titre": f"{o} ({o.fonction_lue})" if o.fonction_lue else str(o),
            "lieu": [round(o.lieu.x, 7), round(o.lieu.y, 7)],
        }
        for o in lignes.annotate(lieu=Transform("geom", 4326))
    ]


def _objet(request: HttpRequest, genre: str, pk: int) -> Any:
    if genre not in GENRES:
        raise Http404
    return get_object_or_404(GENRES[genre].objects.visibles_par(request.user), pk=pk)


def _parcours(request: HttpRequest, objet: Any, sens: str) -> parcours.Parcours:
    depuis: Any = parcours.depuis_troncon if isinstance(objet, Troncon) else parcours.depuis_ouvrage
    trouve: parcours.Parcours = depuis(objet, sens)
    return trouve.vu_par(request.user)


@droit(perms.LIRE)
@require_safe
def suivre(request: HttpRequest, genre: str, pk: int, sens: str) -> HttpResponseBase:
    """Up or downstream of an object: figures, pipes, addresses; as a page, as shapes or as a table."""
    if sens not in SENS:
        raise Http404
    objet = _objet(request, genre, pk)
    p = _parcours(request, objet, sens)
    r = parcours.resumer(p)
    format_ = request.GET.get("export", "")
    if format_ == "csv":
        return _csv(p, f"{objet}-{sens}")
    if format_ == "adresses":
        return _csv_adresses(r, f"{objet}-{sens}-adresses")
    resume = {
        "titre": f"{objet}, {parcours.SENS[sens]}",
        "nombre": r.nombre,
        "longueur_m": round(r.longueur, 1),
        "branchements": r.branchements,
        "adresses": len(r.adresses),
        "tronque": p.tronque,
        "caches": p.caches,
        "page": request.path,
    }
    if format_ == "geojson":
        reponse = _fc(p.troncons, resume=resume)
        if request.GET.get("fichier"):
            reponse["Content-Disposition"] = f'attachment; filename="suivi-{pk}-{sens}.geojson"'
        return reponse
    autre = parcours.AVAL if sens == parcours.AMONT else parcours.AMONT
    contexte = {
        "objet": objet,
        "genre": genre,
        "sens": sens,
        "mot": parcours.SENS[sens],
        "autre": (autre, parcours.SENS[autre]),
        "r": r,
        "tronque": p.tronque,
        "caches": p.caches,
        "troncons": Troncon.objects.filter(pk__in=p.troncons[:MONTRES]).select_related("arete"),
        "adresses": Adresse.objects.filter(pk__in=r.adresses[: parcours.ADRESSES_MONTREES])
        .select_related("voie")
        .order_by("voie__nom", "numero"),
        "rayon": int(parcours.RAYON_ADRESSES_M),
        "montres": MONTRES,
        "emprise": _emprise(Troncon.objects.filter(pk__in=p.troncons)),
    }
    return render(request, "assainissement/reseau/suivre.html", contexte)


def _csv(p: parcours.Parcours, nom: str) -> HttpResponse:
    troncons = Troncon.objects.filter(pk__in=p.troncons).select_related("arete").order_by("identifiant")
    rangs = (
        (t.identifiant, t.reseau, t.diametre, t.materiau_lu, round(t.arete.longueur, 2), t.nb_branchements)
        for t in troncons
    )
    titres = ["Canalisation", "Réseau", "Diamètre (mm)", "Matériau", "Longueur (m)", "Branchements"]
    return _tableau(titres, rangs, nom)


def _csv_adresses(r: parcours.Resume, nom: str) -> HttpResponse:
    """All the addresses near the pipes: whom to warn before a cut or after an overflow."""
    adresses = Adresse.objects.filter(pk__in=r.adresses).select_related("voie")
    rangs = (
        (str(a), a.insee, round(a.lieu.x, 6), round(a.lieu.y, 6))
        for a in adresses.annotate(lieu=Transform("position", 4326)).order_by("insee", "voie__nom", "numero")
    )
    return _tableau(["Adresse", "Commune", "Longitude", "Latitude"], rangs, nom)


def _tableau(titres: list[str], rangs: Iterable[tuple[Any, ...]], nom: str) -> HttpResponse:
    reponse = HttpResponse("".join(lignes_csv(titres, rangs)), content_type="text/csv; charset=utf-8")
    propre = "".join(c if c.isalnum() or c in "-_" else "-" for c in nom)[:80]
    reponse["Content-Disposition"] = (
        f'attachment; filename="{propre.encode("ascii", "replace").decode()}.csv"'
    )
    reponse["Cache-Control"] = "private, no-store"
    return reponse


@droit(perms.LIRE)
@require_safe
def profil_en_long(request: HttpRequest, pk: int) -> HttpResponse:
    """Ground and invert along the way down from a pipe: a drawing and the same in a table."""
    t = get_object_or_404(Troncon.objects.visibles_par(request.user), pk=pk)
    pas = parcours.descente(t, pour=request.user)
    contexte = {"t": t, "pas": pas, "dessin": profil.dessiner(pas), "longueur": pas[-1].fin if pas else 0}
    return render(request, "assainissement/reseau/profil.html", contexte)


@droit(perms.LIRE)
@require_safe
def exporter(request: HttpRequest, insee: str, format_: str) -> FileResponse:
    """The network of a commune, or of an EPCI by its SIREN, as RAEPA v1.2."""
    offerts = territoires.choix(request.user, perms.LIRE)
    if format_ not in exports.FORMATS or insee not in offerts:
        raise Http404
    extension = "zip" if format_ == "shp" else "gpkg"
    with tempfile.TemporaryDirectory(prefix="raepa-") as dossier:
        chemin = Path(dossier) / f"raepa.{extension}"
        exports.ecrire(chemin, offerts[insee][1], format_)
        flux = chemin.open("rb")
    nom = f"RAEPA_{insee}_{timezone.localdate():%Y%m%d}.{extension}"
    reponse = FileResponse(flux, as_attachment=True, filename=nom)
    reponse["Cache-Control"] = "private, no-store"
    return reponse


# --- interventions --------------------------------------------------------------------------------


class FormulaireIntervention(forms.ModelForm[Intervention]):
    """What was done or happened."""

    class Meta:
        model = Intervention
        fields = ("nature", "date", "usager_touche", "commentaire")
        widgets = {  # noqa: RUF012
            "date": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "commentaire": forms.Textarea(attrs={"rows": 3}),
        }

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """Not in the future; a user is touched by an overflow only."""
        d = super().clean() or {}
        if d.get("date") and d["date"] > timezone.localdate():
            self.add_error("date", "Une intervention ne se note pas d'avance.")
        if d.get("usager_touche") and d.get("nature") != Intervention.Nature.DEBORDEMENT:
            self.add_error("usager_touche", "Seul un débordement touche un usager.")
        return d


@droit(perms.SAISIR)
@require_http_methods(["GET", "HEAD", "POST"])
def noter(request: HttpRequest, genre: str, pk: int) -> HttpResponse:
    """Note an intervention on a pipe or a structure."""
    if genre not in ("canalisations", "ouvrages"):
        raise Http404
    objet = _objet(request, genre, pk)
    if not perms.peut_saisir(request.user, objet):
        raise Http404
    envoi = request.method == "POST"
    formulaire = FormulaireIntervention(
        request.POST if envoi else None, initial={"date": timezone.localdate()}
    )
    if envoi and formulaire.is_valid():
        i = formulaire.save(commit=False)
        i.insee, i.cree_par = objet.insee, commun.compte(request)
        if isinstance(objet, Troncon):
            i.troncon = objet
            i.geom = _milieu(objet)
        else:
            i.ouvrage = objet
            i.geom = _plat(objet.geom)
        i.save()
        messages.success(request, "L'intervention est notée. Joignez son rapport ou ses images ci-dessous.")
        return redirect(i.get_absolute_url())
    contexte = {"objet": objet, "formulaire": formulaire}
    return render(request, "assainissement/reseau/noter.html", contexte, status=422 if envoi else 200)


def _plat(point: Any) -> Any:
    from django.contrib.gis.geos import Point

    return Point(point.x, point.y, srid=point.srid)


def _milieu(t: Troncon) -> Any:
    """Middle of a pipe, along it."""
    return _plat(t.geom.interpolate_normalized(0.5))


@droit(perms.LIRE)
@require_safe
def intervention(request: HttpRequest, pk: int) -> HttpResponse:
    """One intervention with its files."""
    visibles = Intervention.objects.visibles_par(request.user)
    i = get_object_or_404(visibles.select_related("troncon", "ouvrage", "cree_par"), pk=pk)
    return render(request, "assainissement/reseau/intervention.html", {"i": i})
