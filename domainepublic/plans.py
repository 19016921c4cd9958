"""The plans to scale of a file's pages: what it takes, and what meets it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from django.contrib.gis.geos import Point
from django.utils.safestring import SafeString, mark_safe

from cadastre import plan
from domainepublic.models import Conflit, Emprise, LigneBus, PointEau, RevetementVoie
from domainepublic.models.emprises import SRID
from gis_data.plans import svg
from gis_data.plans.cadre import Cadre
from gis_data.plans.textes import Etiquette, Placeur
from mairie.calendrier import jma

# A street long as a town is not drawn whole: what meets the emprise is near it.
AUTOUR_M = 60
LETTRES = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
DESSINS: dict[str, svg.Attributs] = {
    "autre": {
        "fill": "#5b4b8a",
        "fill_opacity": 0.16,
        "stroke": "#5b4b8a",
        "stroke_width": 7,
        "stroke_dasharray": "22 12",
        "stroke_linejoin": "round",
    },
    "commun": {"fill": "#b3261e", "fill_opacity": 0.45, "fill_rule": "evenodd"},
    "renvoi": {"fill": "none", "stroke": "#5b4b8a", "stroke_width": 3},
    "ecart": {"fill": "none", "stroke": "#1d2b3a", "stroke_width": 4, "stroke_dasharray": "10 8"},
}
_ETIQUETTE = 46
# Where a mark goes when its own ground is taken: further and further, all round.
_PAS = (90, 150, 210, 270, 330)
_VENTS = ((1, 0), (-1, 0), (0, 1), (0, -1), (0.7, 0.7), (-0.7, -0.7), (0.7, -0.7), (-0.7, 0.7))
_STYLES: dict[str, svg.Attributs] = {
    "choisie": plan.STYLES["choisie"],
    "autre": {**plan.STYLES["choisie"], "fill": "#5b4b8a"},
}


def plan_du_sol(insee: str, emprises: Sequence[Emprise]) -> SafeString | None:
    """SVG of the ground on the cadastral plan; null where nothing is taken."""
    if not emprises:
        return None
    sol = shapely.union_all([_forme(e.surface) for e in emprises])
    texte, _ = plan.dessiner(sol, "", "", insee)
    return mark_safe(texte)  # noqa: S308 - drawn by us, texts escaped


def adresse_sur_la_carte(emprises: Sequence[Emprise]) -> str:
    """The map, on that ground; the whole map where nothing is taken."""
    if not emprises:
        return "/carte/"
    sol = shapely.union_all([_forme(e.surface) for e in emprises])
    lieu = shapely.point_on_surface(sol)
    centre = Point(lieu.x, lieu.y, srid=SRID)
    centre.transform(4326)
    return f"/carte/?lat={centre.y:.6f}&lon={centre.x:.6f}&z=19"


@dataclass(frozen=True)
class Repere:
    """One shape met, as the plan letters it. ``jours``: its own days in words, empty for the street's."""

    lettre: str
    texte: str
    jours: str
    conflit: Conflit
    forme: shapely.Geometry

    @property
    def mesure(self) -> str:
        """How much ground is shared, or how far it is, in words."""
        return mesure(self.conflit)


@dataclass(frozen=True)
class PlanConflits:
    """One emprise of the file among what it meets: the drawing, and the same in words."""

    emprise: Emprise
    jours: str
    dessin: SafeString
    reperes: tuple[Repere, ...]


def plans_des_conflits(insee: str, conflits: Sequence[Conflit]) -> list[PlanConflits]:
    """One plan an emprise that meets some shape; letters run through the file, in the order given.

    Each conflict drawn is given its ``lettre``, so that the list says which shape is meant.
    """
    objets = _objets(insee, conflits)
    lettres: dict[str, str] = {}
    par_emprise: dict[int, list[Repere]] = {}
    for c in conflits:
        forme, texte, jours = _met(c, objets)
        if forme is None:
            continue
        cle = f"E{c.autre_id}" if c.autre_id else c.objet
        if cle not in lettres:
            lettres[cle] = _lettre(len(lettres))
        c.lettre = lettres[cle]  # type: ignore[attr-defined]
        siens = par_emprise.setdefault(c.emprise_id, [])
        if all(r.lettre != lettres[cle] for r in siens):
            siens.append(Repere(lettres[cle], texte, jours, c, forme))
    emprises = {c.emprise_id: c.emprise for c in conflits}
    return [
        PlanConflits(e, _jours(e), _dessiner(insee, e, reperes), tuple(reperes))
        for pk, reperes in par_emprise.items()
        for e in (emprises[pk],)
    ]


def _lettre(rang: int) -> str:
    """A … Z, then AA …"""
    tour, reste = divmod(rang, len(LETTRES))
    return (LETTRES[tour - 1] if tour else "") + LETTRES[reste]


def _forme(geom: object) -> shapely.Geometry:
    return shapely.from_wkb(bytes(geom.wkb))  # type: ignore[attr-defined]


def _jours(e: Emprise) -> str:
    return f"du {jma(e.debut)} au {jma(e.fin)}" if e.fin else f"depuis le {jma(e.debut)}, sans fin"


def _objets(insee: str, conflits: Iterable[Conflit]) -> dict[str, tuple[shapely.Geometry, str]]:
    """Shapes of the street that conflicts name (hydrant, bus line, surface), with their words."""
    noms = [c.objet for c in conflits if c.objet]
    if not noms:
        return {}
    revetements = [int(n[1:]) for n in noms if n[:1] == "R" and n[1:].isdigit()]
    points = [n.removeprefix("PEI-") for n in noms if n.startswith("PEI-")]
    lignes = [n.removeprefix("BUS-") for n in noms if n.startswith("BUS-")]
    sortie: dict[str, tuple[shapely.Geometry, str]] = {}
    for r in RevetementVoie.objects.filter(insee=insee, pk__in=revetements):
        sortie[f"R{r.pk}"] = (_forme(r.geom), f"revêtement posé le {jma(r.pose_le)}")
    for p in PointEau.objects.filter(insee=insee, numero__in=points):
        sortie[f"PEI-{p.numero}"] = (shapely.buffer(_forme(p.geom), 0.6), f"point d'eau {p.numero}")
    for b in LigneBus.objects.filter(insee=insee, code__in=lignes):
        passage = shapely.buffer(_forme(b.geom), float(b.largeur) / 2, cap_style="flat")
        sortie[f"BUS-{b.code}"] = (passage, f"passage de la ligne {b.code}")
    return sortie


def _met(
    c: Conflit, objets: dict[str, tuple[shapely.Geometry, str]]
) -> tuple[shapely.Geometry | None, str, str]:
    if c.autre is not None:
        return _forme(c.autre.surface), f"{c.autre.dossier}, {c.autre.type.libelle}", _jours(c.autre)
    forme, texte = objets.get(c.objet, (None, ""))
    return forme, texte, ""


def _dessiner(insee: str, emprise: Emprise, reperes: Sequence[Repere]) -> SafeString:
    """The emprise in ochre, what it meets dashed, what both take in red, the gap where they are apart."""
    sienne = _forme(emprise.surface)
    fenetre = shapely.box(*shapely.buffer(sienne, AUTOUR_M).bounds)
    formes = [shapely.intersection(shapely.make_valid(r.forme), fenetre) for r in reperes]
    formes = [f if not f.is_empty else r.forme for f, r in zip(formes, reperes, strict=True)]
    cadre = plan.cadre_de(shapely.union_all([sienne, *formes]))
    fond = plan.Fond(cadre)
    placeur = plan.placeur_de(cadre)
    communs, ecarts = [], []
    for forme, r in zip(formes, reperes, strict=True):
        if shapely.intersects(sienne, forme):
            communs.append(shapely.intersection(sienne, forme))
        else:
            ecarts.append((shapely.shortest_line(sienne, forme), r))
    etiquettes = [
        _etiquette(cadre, placeur, _seule(sienne, formes), str(emprise.rang), "choisie"),
        *(
            _etiquette(cadre, placeur, _seule(f, [sienne]), r.lettre, "autre")
            for f, r in zip(formes, reperes, strict=True)
        ),
    ]
    fond.etiqueter(placeur)
    corps = [
        *fond.traces(),
        _traces(formes, "autre", cadre),
        svg.traces(svg.vers_le_dessin(np.array([sienne], dtype=object), cadre), plan.DESSINS["choisie"]),
        _traces(communs, "commun", cadre),
        _traces([trait for trait, _ in ecarts], "ecart", cadre),
        *plan.textes(placeur),
        *(trait for _, trait in etiquettes),
        *(svg.texte(e, _STYLES[e.style]) for e, _ in etiquettes),
        svg.echelle_et_nord(cadre),
    ]
    titre = f"Emprise {emprise.rang} et ce qu'elle rencontre"
    dits = " ".join(f"{r.lettre} : {r.texte}, {mesure(r.conflit)}." for r in reperes)
    return mark_safe(  # noqa: S308 - drawn by us, texts escaped
        svg.document(cadre, "".join(corps), titre, dits, identifiant=f"conflits-{emprise.rang}")
    )


def _seule(forme: shapely.Geometry, autres: Sequence[shapely.Geometry]) -> shapely.Geometry:
    """What nothing else covers of it, where its mark is best read; the whole where all is covered."""
    reste = shapely.difference(forme, shapely.union_all(list(autres)))
    return forme if reste.is_empty else reste


def _etiquette(
    cadre: Cadre, placeur: Placeur, forme: shapely.Geometry, mot: str, style: str
) -> tuple[Etiquette, str]:
    """Its mark and, where others stand on its ground, the line that leads to it; names give way."""
    lieu = shapely.transform(shapely.point_on_surface(forme), cadre.projeter)
    ailleurs = ((lieu.x + r * dx, lieu.y + r * dy) for r in _PAS for dx, dy in _VENTS)
    for x, y in ((lieu.x, lieu.y), *ailleurs):
        e = Etiquette(mot, x, y, _ETIQUETTE, style)
        if placeur.placer_bloc(e, _ETIQUETTE, max(e.largeur, _ETIQUETTE)):
            # Drawn over the shapes, with its own colour: its place only is kept here.
            placeur.etiquettes.remove(e)
            return e, _trait(lieu.x, lieu.y, x, y)
    return Etiquette(mot, lieu.x, lieu.y, _ETIQUETTE, style), ""


def _trait(x0: float, y0: float, x1: float, y1: float) -> str:
    if (x0, y0) == (x1, y1):
        return ""
    return f'<path d="M{x0:.0f} {y0:.0f}L{x1:.0f} {y1:.0f}"{svg.attributs(DESSINS["renvoi"])}/>'


def _traces(formes: Sequence[shapely.Geometry], dessin: str, cadre: Cadre) -> str:
    if not formes:
        return ""
    return svg.traces(svg.vers_le_dessin(np.array(formes, dtype=object), cadre), DESSINS[dessin])


def mesure(c: Conflit) -> str:
    """How much ground is shared, or how far they are, in words."""
    if c.aire:
        return f"{c.aire} m² en commun".replace(".", ",")
    if c.distance is not None:
        return f"à {c.distance} m".replace(".", ",")
    return "même lieu"


__all__ = ["PlanConflits", "Repere", "mesure", "plan_du_sol", "plans_des_conflits"]
