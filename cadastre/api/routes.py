"""Operations of ``/api/cadastre/``: the plan, open to all, read only.

Annotations are real objects here, not texts: the API reads them through the decorators.
"""

from datetime import date
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Query, Router
from ninja.errors import HttpError

from cadastre.api import schemas
from cadastre.api.filtres import dans, en_vigueur, identifiants
from cadastre.api.filtres import section as lire_section
from cadastre.api.reponses import cachee, page, reponse_geojson, veut_geojson
from cadastre.fiche import voisines
from cadastre.geojson import parcelle_en_geojson, proprietes_parcelle
from cadastre.historique import arbre, descendance
from cadastre.models import Batiment, Commune, Feuille, LieuDit, Parcelle, Section
from cadastre.models.texte import TexteCherche
from cadastre.recherche import contexte
from cadastre.recherche.lieux import cle
from cadastre.recherche.references import chercher_references
from cadastre.regles.ecritures import FORME_IDU
from cadastre.regles.noms import nom_commune
from cadastre.regles.references import Erreur, Reference, analyser
from cadastre.versions import comparer
from gis_data.acces import public

LIMITE_MAX = 1000
Format = Literal["json", "geojson"]
# One declaration for every page, so that the documentation says the same everywhere.
LIMITE: Any = Query(100, ge=1, le=LIMITE_MAX, description="objets par page")
DEBUT: Any = Query(0, ge=0, le=10_000_000, description="rang du premier objet")
FORMAT: Any = Query(None, alias="format", description="ou l'en-tête Accept: application/geo+json")
COMMUNE: Any = Query(None, pattern=r"^(\d{5}|2[AB]\d{3})$", description="code INSEE")
SECTION: Any = Query(None, pattern=r"^[0-9A-Za-z]{1,2}$", description="AB, A ou 0A")
BBOX: Any = Query(None, description="ouest,sud,est,nord en degrés", examples=["6.33,47.38,6.34,47.39"])
IDUS: Any = Query(None, description="un ou plusieurs identifiants, séparés par des virgules")
GEOM: Any = Query(None, description="géométrie GeoJSON en degrés : parcelles qui la touchent")
JOUR: Any = Query(None, alias="date", description="état à cette date ; en vigueur sinon")
REFERENCES: Any = Query(..., max_length=10_000, description="« AB 12 », « ZD 3 à 8 », « Luxiol AB 12 »…")
PARCELLE: Any = Query(None, description="identifiant de 14 caractères : bâtiments qui la touchent")
COMMUNE_COMPAREE: Any = Query(..., pattern=r"^(\d{5}|2[AB]\d{3})$", description="code INSEE")
AVANT: Any = Query(..., description="état de départ, AAAA-MM-JJ")
APRES: Any = Query(..., description="état d'arrivée, AAAA-MM-JJ")
NOM: Any = Query(None, max_length=100, description="mots du nom, sans tenir compte des accents")

routeur = Router(tags=["Cadastre"])


def _demandee(idu: str) -> Parcelle:
    """Last version of ``idu``; 404 where it has never existed."""
    if not FORME_IDU.fullmatch(idu):
        raise HttpError(
            404, f"« {idu[:40]} » n'est pas un identifiant de 14 caractères comme 25354000AB0012."
        )
    version = (
        Parcelle.objects.filter(idu=idu)
        .select_related("feuille")
        .defer("geom_3857")
        .order_by("-valide_du")
        .first()
    )
    if version is None:
        raise HttpError(404, f"Aucune parcelle {idu} n'a existé dans le plan chargé.")
    return version


@routeur.get("/parcelles", response=schemas.PageParcelles, summary="Parcelles", operation_id="parcelles")
@public
@cachee
def parcelles(
    request: HttpRequest,
    idu: str | None = IDUS,
    commune: str | None = COMMUNE,
    section: str | None = SECTION,
    bbox: str | None = BBOX,
    geom: str | None = GEOM,
    jour: date | None = JOUR,
    limite: int = LIMITE,
    debut: int = DEBUT,
    format_: Format | None = FORMAT,
) -> Any:
    """Parcels by identifier, commune, section, box or geometry, as they are or as they were on a day."""
    lignes = Parcelle.objects.filter(en_vigueur(jour)).select_related("feuille").order_by("idu", "id")
    if idu:
        lignes = lignes.filter(idu__in=identifiants(idu))
    if commune:
        lignes = lignes.filter(commune=commune)
    if section:
        lignes = lignes.filter(section=lire_section(section))
    return page(
        request,
        dans(lignes, bbox, geom),
        proprietes_parcelle,
        limite=limite,
        debut=debut,
        format_=format_,
        identifiant=lambda p: p.idu,
    )


@routeur.get(
    "/parcelles/{idu}",
    response={200: schemas.Parcelle, 404: schemas.Erreur},
    summary="Une parcelle",
    operation_id="parcelle",
)
@public
@cachee
def parcelle(request: HttpRequest, idu: str, format_: Format | None = FORMAT) -> Any:
    """The last version of a parcel that exists or has existed."""
    version = _demandee(idu)
    if veut_geojson(request, format_):
        return reponse_geojson(parcelle_en_geojson(version))
    return proprietes_parcelle(version)


@routeur.get(
    "/parcelles/{idu}/historique",
    response={200: schemas.Historique, 404: schemas.Erreur},
    summary="Histoire d'une parcelle",
    operation_id="historique",
)
@public
@cachee
def historique(request: HttpRequest, idu: str) -> Any:
    """Versions of the parcel, of those it comes from and of those it became."""
    version = _demandee(idu)
    versions = arbre(idu)
    par_id = {v.id: v for v in versions}

    def liens(paires: tuple[tuple[int, float], ...]) -> list[dict[str, Any]]:
        return [
            {
                "idu": par_id[i].idu if i in par_id else None,
                "valide_du": par_id[i].valide_du if i in par_id else None,
                "part": part,
            }
            for i, part in paires
        ]

    suites = descendance([version.pk]).get(version.pk, [])
    return {
        "idu": idu,
        "versions": [
            {
                "idu": v.idu or None,
                "valide_du": v.valide_du,
                "valide_au": v.valide_au,
                "contenance": v.contenance,
                "surface_geometrique": v.surface_geometrique,
                "parents": liens(v.parents),
                "enfants": liens(v.enfants),
            }
            for v in versions
        ],
        "aujourd_hui": [{"idu": d.idu, "valide_du": None, "part": d.part} for d in suites],
    }


@routeur.get(
    "/parcelles/{idu}/voisins",
    response={200: list[schemas.Voisine], 404: schemas.Erreur},
    summary="Voisines d'une parcelle",
    operation_id="voisins",
)
@public
@cachee
def voisins(request: HttpRequest, idu: str) -> Any:
    """Parcels of today that share a boundary with it, the longest first."""
    return [{"idu": v.idu, "frontiere_m": round(v.frontiere, 2)} for v in voisines(_demandee(idu))]


@routeur.get(
    "/references", response=schemas.References, summary="Lire des références", operation_id="references"
)
@public
@cachee
def references(
    request: HttpRequest,
    q: str = REFERENCES,
    commune: str | None = COMMUNE,
) -> Any:
    """What a text of references means: parcels and sections, removed ones with what they became."""
    ctx = contexte(commune)
    elements = analyser(q, ctx)
    lues = [e for e in elements if isinstance(e, Reference)]
    erreurs = [e.message for e in elements if isinstance(e, Erreur)]
    if not lues and not erreurs:
        erreurs.append("Aucune référence dans ce texte. Écrivez par exemple « AB 12 ».")
    trouvees = chercher_references(lues, ctx)
    return {
        "resultats": [r.en_json() for r in trouvees.resultats],
        "erreurs": [*erreurs, *trouvees.erreurs, *trouvees.remarques],
    }


@routeur.get("/communes", response=schemas.PageCommunes, summary="Communes", operation_id="communes")
@public
@cachee
def communes(
    request: HttpRequest, limite: int = LIMITE, debut: int = DEBUT, format_: Format | None = FORMAT
) -> Any:
    """Communes of the plan loaded."""
    return page(
        request,
        Commune.objects.order_by("insee"),
        lambda c: {"insee": c.insee, "nom": nom_commune(c.nom), "millesime": c.millesime},
        limite=limite,
        debut=debut,
        format_=format_,
        identifiant=lambda c: c.insee,
    )


@routeur.get("/sections", response=schemas.PageSections, summary="Sections", operation_id="sections")
@public
@cachee
def sections(
    request: HttpRequest,
    commune: str | None = COMMUNE,
    bbox: str | None = BBOX,
    limite: int = LIMITE,
    debut: int = DEBUT,
    format_: Format | None = FORMAT,
) -> Any:
    """Sections of a commune or of a box."""
    lignes = Section.objects.order_by("idu10")
    if commune:
        lignes = lignes.filter(commune=commune)
    return page(
        request,
        dans(lignes, bbox),
        lambda s: {
            "idu": s.idu10,
            "commune": s.commune,
            "prefixe": s.prefixe,
            "section": s.section,
            "millesime": s.millesime,
        },
        limite=limite,
        debut=debut,
        format_=format_,
        identifiant=lambda s: s.idu10,
    )


@routeur.get("/feuilles", response=schemas.PageFeuilles, summary="Feuilles", operation_id="feuilles")
@public
@cachee
def feuilles(
    request: HttpRequest, commune: str | None = COMMUNE, limite: int = LIMITE, debut: int = DEBUT
) -> Any:
    """Sheets with their version in force (JSON only: a sheet's outline is its section's part)."""
    lignes = (
        Feuille.objects.filter(version__isnull=False)
        .select_related("version")
        .defer("version__geom", "version__geom_3857", "version__comptes")
        .order_by("id12")
    )
    if commune:
        lignes = lignes.filter(commune=commune)
    resultats = [
        {
            "feuille": f.id12,
            "commune": f.commune,
            "prefixe": f.prefixe,
            "section": f.section,
            "subdivision": f.subdivision,
            "millesime": f.version.millesime,
            "echelle": f.version.echelle,
            "qualite": f.version.qualite,
            "confection": f.version.confection,
        }
        for f in lignes[debut : debut + limite]
        if f.version
    ]
    return {"total": lignes.count(), "limite": limite, "debut": debut, "resultats": resultats}


@routeur.get("/batiments", response=schemas.PageBatiments, summary="Bâtiments", operation_id="batiments")
@public
@cachee
def batiments(
    request: HttpRequest,
    parcelle: str | None = Query(
        None, description="identifiant de 14 caractères : bâtiments qui la touchent"
    ),
    commune: str | None = COMMUNE,
    bbox: str | None = BBOX,
    limite: int = LIMITE,
    debut: int = DEBUT,
    format_: Format | None = FORMAT,
) -> Any:
    """Buildings of a parcel, a commune or a box."""
    lignes = Batiment.objects.select_related("feuille").order_by("id")
    if parcelle:
        lignes = lignes.filter(batimentparcelle__parcelle=_demandee(parcelle))
    if commune:
        lignes = lignes.filter(feuille__commune=commune)
    return page(
        request,
        dans(lignes, bbox),
        lambda b: {
            "id": b.pk,
            "dur": b.dur,
            "nom": b.nom,
            "surface_geometrique": b.surface_geometrique,
            "feuille": b.feuille.id12,
            "date_maj": b.date_maj,
        },
        limite=limite,
        debut=debut,
        format_=format_,
        identifiant=lambda b: b.pk,
    )


@routeur.get("/lieuxdits", response=schemas.PageLieuxDits, summary="Lieux-dits", operation_id="lieuxdits")
@public
@cachee
def lieuxdits(
    request: HttpRequest,
    q: str | None = NOM,
    commune: str | None = COMMUNE,
    bbox: str | None = BBOX,
    limite: int = LIMITE,
    debut: int = DEBUT,
    format_: Format | None = FORMAT,
) -> Any:
    """Named areas of a commune or of a box, or whose name holds some words."""
    lignes = LieuDit.objects.select_related("feuille").order_by("nom", "id")
    if q and cle(q):
        lignes = lignes.annotate(cherche=TexteCherche("nom")).filter(cherche__contains=cle(q))
    if commune:
        lignes = lignes.filter(feuille__commune=commune)
    return page(
        request,
        dans(lignes, bbox),
        lambda n: {"id": n.pk, "nom": n.nom, "feuille": n.feuille.id12},
        limite=limite,
        debut=debut,
        format_=format_,
        identifiant=lambda n: n.pk,
    )


@routeur.get(
    "/comparaisons",
    response={200: schemas.Comparaison, 400: schemas.Erreur, 404: schemas.Erreur},
    summary="Changements entre deux dates",
    operation_id="comparaisons",
)
@public
@cachee
def comparaisons(
    request: HttpRequest,
    commune: str = COMMUNE_COMPAREE,
    avant: date = AVANT,
    apres: date = APRES,
) -> Any:
    """Parcels created, removed and changed in a commune, and where they come from."""
    if avant > apres:
        raise HttpError(400, "« avant » doit précéder « apres ».")
    if not Parcelle.objects.filter(commune=commune).exists():
        raise HttpError(404, f"La commune {commune} n'est pas dans le plan chargé.")
    return comparer(commune, avant, apres)
