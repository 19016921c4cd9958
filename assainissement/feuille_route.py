"""The sheet of a round: where its visits stand on the plan, to scale, then what each of them needs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import Any

import shapely
from django.conf import settings
from django.contrib.gis.geos import GEOSGeometry
from django.template.loader import render_to_string
from django.utils import timezone

from assainissement.models import Controle, Installation, Tournee
from assainissement.terrain import histoire
from gis_data.couches import couches
from gis_data.plans import svg
from gis_data.plans.cadre import Cadre, cadrer
from gis_data.plans.carte import Bornes, Carte, Choix, dessiner
from gis_data.plans.lecture import PlanTropCharge, PlanTropLong
from mairie.courriers import plans
from mairie.courriers.entetes import entete_de
from mairie.courriers.plans import DemandePlan
from mairie.courriers.rendu import Rendu, Ressource, rendre
from mairie.impression.feuille import credit
from mairie.impression.signes import milliers
from mairie.models import Collectivite

ECRAN_MM, PAPIER_MM = (150.0, 110.0), (180.0, 120.0)
DETAIL_MM, DETAIL = (84.0, 62.0), 1000
# What is left of the plan where a town holds too many parcels: its roads, then its places alone.
LEGERS = (
    frozenset({"communes", "cours_eau", "troncons_route", "voies", "lieuxdits"}),
    frozenset({"communes", "cours_eau", "lieuxdits"}),
)
# Visits nearer than this are shown with ground around them.
DEMI_COTE_M = 150.0
CHEMIN, AUTRE = "#1c5d8c", "#5b6673"
RAYON, RAYON_AUTRE = 34, 13
# Marks nearer than this, in tenths of a millimetre, are one mark with both numbers.
PROCHES = 48.0


@dataclass(frozen=True)
class Lieu:
    """One visit on the map: its rank, what is said of it, its point in the legal projection."""

    rang: int
    texte: str
    point: Any


def lieux(controles: Iterable[Controle]) -> list[Lieu]:
    """Visits that have a place, ranked in the order given."""
    return [
        Lieu(rang, f"{c}, {c.installation.lieu}", shapely.Point(g.x, g.y))
        for rang, c in enumerate(controles, start=1)
        for g in [c.installation.geom]
        if g is not None
    ]


def carte(
    visites: Sequence[Controle],
    autres: Sequence[Controle] = (),
    *,
    titre: str,
    taille_mm: tuple[float, float] = ECRAN_MM,
    secondes: float | None = None,
) -> Carte | None:
    """The plan with the way from visit to visit, and the other controls to plan in grey.

    Null without any place, or where the plan holds more than one sheet may cost, or takes longer than
    ``secondes`` in all (null: each try has the delay of a printed plan).
    """
    ici, la = lieux(visites), lieux(autres)
    if not ici and not la:
        return None
    points = [x.point for x in (ici or la)]
    autour = shapely.buffer(shapely.MultiPoint(points), DEMI_COTE_M)
    xmin, ymin, xmax, ymax = (float(v) for v in autour.bounds)
    cadre = cadrer((xmin, ymin, xmax, ymax), *taille_mm, marge=0.06)
    fond = _fond(cadre, titre, secondes)
    if fond is None:
        return None
    corps = _autres(la, cadre) + _chemin(ici, cadre) + _marques(ici, cadre) + svg.echelle_et_nord(cadre)
    return replace(fond, svg=fond.svg.replace("</svg>", f"{corps}</svg>"))


def _fond(cadre: Cadre, titre: str, secondes: float | None) -> Carte | None:
    """The plan of the map as it shows by default, lighter where it holds too much for one sheet."""
    essais = (None, *LEGERS)
    delai = settings.IMPRESSION_REQUETE_S
    if secondes is not None:
        delai = min(delai, secondes / len(essais))
    bornes = Bornes(settings.IMPRESSION_OBJETS, delai)
    montrees = [c for c in couches() if c.publique and c.visible]
    for leger in essais:
        choix = Choix(tuple(c for c in montrees if leger is None or c.nom in leger))
        try:
            return dessiner(cadre, choix, None, bornes, titre=titre, avec_croix=False)
        except (PlanTropCharge, PlanTropLong):
            continue
    return None


def _place(point: Any, cadre: Cadre) -> tuple[float, float]:
    ((x, y),) = cadre.projeter(shapely.get_coordinates(point))
    return float(x), float(y)


def _autres(la: Sequence[Lieu], cadre: Cadre) -> str:
    sortie = []
    for lieu in la:
        x, y = _place(lieu.point, cadre)
        if 0 <= x <= cadre.largeur and 0 <= y <= cadre.hauteur:
            sortie.append(
                f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{RAYON_AUTRE}" fill="{AUTRE}" stroke="#ffffff"'
                f' stroke-width="5"><title>À planifier : {escape(lieu.texte)}</title></circle>'
            )
    return "".join(sortie)


def _chemin(ici: Sequence[Lieu], cadre: Cadre) -> str:
    if len(ici) < 2:
        return ""
    points = " ".join(f"{x:.0f},{y:.0f}" for x, y in (_place(lieu.point, cadre) for lieu in ici))
    commun = f'points="{points}" fill="none" stroke-linejoin="round"'
    return (
        f'<polyline {commun} stroke="#ffffff" stroke-width="14" stroke-opacity="0.8"/>'
        f'<polyline {commun} stroke="{CHEMIN}" stroke-width="7" stroke-dasharray="26 14"/>'
    )


def _marques(ici: Sequence[Lieu], cadre: Cadre) -> str:
    """A disc a visit, with its number; visits of one house share a disc."""
    groupes: list[tuple[float, float, list[Lieu]]] = []
    for lieu in ici:
        x, y = _place(lieu.point, cadre)
        voisin = next((g for g in groupes if abs(g[0] - x) < PROCHES and abs(g[1] - y) < PROCHES), None)
        if voisin is None:
            groupes.append((x, y, [lieu]))
        else:
            voisin[2].append(lieu)
    sortie = []
    for x, y, leurs in groupes:
        mots = ", ".join(str(lieu.rang) for lieu in leurs)
        largeur = max(2 * RAYON, 22 * len(mots) + 24)
        sortie.append(
            f"<g><title>{escape(' ; '.join(f'{lieu.rang}. {lieu.texte}' for lieu in leurs))}</title>"
            f'<rect x="{x - largeur / 2:.0f}" y="{y - RAYON:.0f}" width="{largeur}" height="{2 * RAYON}"'
            f' rx="{RAYON}" fill="#ffffff" stroke="{CHEMIN}" stroke-width="7"/>'
            f'<text x="{x:.0f}" y="{y + 13:.0f}" font-family="{svg.POLICE}" font-size="38" font-weight="700"'
            f' text-anchor="middle" fill="{CHEMIN}">{mots}</text></g>'
        )
    return "".join(sortie)


def rediger(t: Tournee, visites: Sequence[Controle]) -> Rendu:
    """The sheet as a PDF; ``RenduRefuse`` when it cannot be made."""
    collectivite = Collectivite.objects.filter(code=t.insee).first()
    entete = entete_de(collectivite, "") if collectivite else None
    ressources: dict[str, Ressource] = {}
    vue = carte(visites, titre=str(t), taille_mm=PAPIER_MM)
    if vue is not None:
        ressources["carte.svg"] = Ressource("image/svg+xml", vue.svg.encode())
    blocs = []
    for rang, c in enumerate(visites, start=1):
        plan = _detail(c.installation, rang)
        if plan is not None:
            ressources[f"plan-{rang}"] = Ressource(plan.mime, plan.octets)
        blocs.append(
            {
                "rang": rang,
                "c": c,
                "i": c.installation,
                "plan": plan,
                "parcelles": [p.reference for p in c.installation.parcelles.all()],
                "histoire": list(histoire(c)),
            }
        )
    html = render_to_string(
        "assainissement/tournee_feuille.html",
        {
            "t": t,
            "blocs": blocs,
            "carte": vue,
            "echelle": milliers(vue.cadre.denominateur) if vue is not None else "",
            "credits": [credit(s) for s in vue.sources] if vue is not None else [],
            "emetteur": entete.textes.get("nom", "") if entete else "",
            "edition": timezone.localdate(),
        },
    )
    return rendre(html, lettre=ressources, delai=settings.IMPRESSION_RENDU_S)


def _detail(i: Installation, rang: int) -> Any:
    """The plan round one house, to scale; null without place."""
    if i.geom is None:
        return None
    point: GEOSGeometry = i.geom
    reperes = ((str(rang), shapely.from_wkb(bytes(point.wkb))),)
    return plans.dessiner(
        DemandePlan(point.buffer(2.0), str(i), *DETAIL_MM, denominateur=DETAIL, reperes=reperes)
    )
