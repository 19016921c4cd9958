"""The parcel page and its GeoJSON."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from cadastre.fiche import lire_fiche
from cadastre.geojson import parcelle_en_geojson
from cadastre.historique import VersionHistorique, descendance
from cadastre.models import Parcelle
from cadastre.plan import dessiner
from cadastre.recherche import contexte
from cadastre.recherche.references import chercher_references
from cadastre.regles.ecritures import FORME_IDU, ecritures, libelle
from cadastre.regles.references import Reference, analyser
from cadastre.vues.impression import adresse_extrait
from gis_data.acces import public
from gis_data.liens import adresse_carte
from mairie.erreurs import Introuvable
from mairie.panneaux import panneaux

# Above, a list of neighbours or of descendants is cut and says so.
LISTE_MAX = 60


@dataclass
class Noeud:
    """A version in the tree of history; ``part`` is the share of the parent it comes from."""

    version: VersionHistorique
    part: float | None
    ici: bool
    deja_vu: bool = False
    # Children of the version outside the tree (sisters of this page's parcel).
    autres: int = 0
    enfants: list[Noeud] = field(default_factory=list)

    @property
    def libelle(self) -> str:
        """Usual writing, or the identifier as read."""
        return libelle(self.version.idu) if FORME_IDU.fullmatch(self.version.idu) else self.version.idu


def arborescence(historique: list[VersionHistorique], idu: str) -> list[Noeud]:
    """Trees from the oldest versions down; a version with several parents is unfolded once."""
    par_id = {v.id: v for v in historique}
    vues: set[int] = set()

    def noeud(v: VersionHistorique, part: float | None) -> Noeud:
        n = Noeud(v, part, v.idu == idu, deja_vu=v.id in vues)
        if not n.deja_vu:
            vues.add(v.id)
            n.autres = sum(e not in par_id for e, _ in v.enfants)
            n.enfants = [noeud(par_id[e], p) for e, p in v.enfants if e in par_id]
        return n

    racines = [v for v in historique if not any(parent in par_id for parent, _ in v.parents)]
    return [noeud(v, None) for v in racines]


@public
@require_safe
def fiche(request: HttpRequest, ecrit: str) -> HttpResponse:
    """The page of a parcel that exists or has existed; another writing of its reference leads to it."""
    if not FORME_IDU.fullmatch(ecrit):
        return redirect("parcelle", ecrit=_idu_ecrit(ecrit))
    lue = lire_fiche(ecrit)
    if lue is None:
        raise _absente(ecrit)
    p = lue.parties
    plan, denominateur = "", 0
    if lue.contour is not None:
        plan, denominateur = dessiner(lue.contour, lue.idu, p.libelle, lue.commune)
    suites = descendance([lue.version.pk])[lue.version.pk] if lue.supprimee else []
    # What a removed parcel became lies within it, not beside it.
    voisines = [v for v in lue.voisines if v.idu not in {d.idu for d in suites}]
    return render(
        request,
        "cadastre/parcelle.html",
        {
            "fiche": lue,
            "version": lue.version,
            "titre": f"{lue.commune} · {p.libelle}",
            "ecritures": ecritures(lue.idu, lue.commune),
            "voisines": voisines[:LISTE_MAX],
            "autres_voisines": max(0, len(voisines) - LISTE_MAX),
            "arbre": arborescence(lue.historique, lue.idu) if len(lue.historique) > 1 else [],
            "descendants": [d for d in suites if d.idu != lue.idu],
            # Made by gis_data.plans.svg, which escapes every text.
            "plan": mark_safe(plan),  # noqa: S308
            "denominateur": denominateur,
            "carte": adresse_carte(parcelle=lue.idu),
            "extrait": adresse_extrait(lue),
            "permalien": request.build_absolute_uri(reverse("parcelle", args=[lue.idu])),
            "panneaux": panneaux("parcelle", lue, request.user),
        },
    )


def _absente(idu: str) -> Introuvable:
    """Nothing of that number: what its section holds."""
    ctx = contexte()
    lues = [r for r in analyser(idu, ctx) if isinstance(r, Reference)]
    return Introuvable(" ".join(chercher_references(lues, ctx).erreurs))


def _imprecise(ecrit: str) -> Introuvable:
    return Introuvable(f"« {ecrit[:40]} » ne désigne pas une parcelle précise du plan chargé.")


def _idu_ecrit(ecrit: str) -> str:
    """The only parcel that ``ecrit`` may name; 404 otherwise."""
    ctx = contexte()
    idus: set[str] = set()
    for reference in analyser(ecrit[:100], ctx):
        if not isinstance(reference, Reference) or reference.numero is None:
            raise _imprecise(ecrit)
        seule = next(iter(ctx.communes)) if len(ctx.communes) == 1 else None
        insee = reference.insee or seule
        if insee is None:
            raise _imprecise(ecrit)
        # Compared with what exists: the préfixe is seldom typed.
        connues = Parcelle.objects.filter(
            commune=insee, section=reference.section, numero=reference.numero, idu__isnull=False
        )
        if reference.prefixe:
            connues = connues.filter(prefixe=reference.prefixe)
        idus.update(str(idu) for idu in connues.values_list("idu", flat=True))
    if len(idus) != 1:
        raise _imprecise(ecrit)
    return idus.pop()


@public
@require_safe
def geojson(request: HttpRequest, idu: str) -> HttpResponse:
    """The last version of a parcel as a GeoJSON feature, longitude and latitude."""
    if not FORME_IDU.fullmatch(idu):
        raise _imprecise(idu)
    parcelle = (
        Parcelle.objects.filter(idu=idu)
        .select_related("feuille")
        .defer("geom_3857")
        .order_by("-valide_du")
        .first()
    )
    if parcelle is None:
        raise _absente(idu)
    reponse = HttpResponse(
        json.dumps(parcelle_en_geojson(parcelle), ensure_ascii=False), content_type="application/geo+json"
    )
    reponse["Content-Disposition"] = f'inline; filename="{idu}.geojson"'
    return reponse
