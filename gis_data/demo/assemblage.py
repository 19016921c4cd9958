"""The invented commune put on the ground: sheets, sections, parcels, place names, water and roads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from gis_data.demo import ecritures
from gis_data.demo.objets import Commune, FeuillePlan, Objet, Texte, reel
from gis_data.demo.village import noms, sections
from gis_data.demo.village.parcellaire import Parcellaire
from gis_data.demo.village.sections import Plan
from gis_data.demo.village.topologie import HORS, Sol, en_metres, par_numero, unir
from gis_data.demo.village.trame import LOTISSEMENT, PLAINE

PREMIER_MILLESIME = date(2023, 1, 16)
QUALITES = {"bourg": ("01", "05", "1000"), "plaine": ("03", "06", "2000"), "coteau": ("02", "02", "2500")}


@dataclass
class Chantier:
    """Work in progress: the commune being filled and what is needed to place objects in its sheets."""

    commune: Commune
    plan: Parcellaire
    sol: Sol
    plans: list[Plan]
    rng: np.random.Generator
    # parcel object and sheet of each parcel of the ground plan
    parcelles: list[Objet]
    echelles: dict[str, float]

    def dates(self) -> tuple[date, date]:
        """Dates of observation and of update of an object, before the vintage."""
        vue = date(1996, 1, 8) + timedelta(days=int(self.rng.integers(0, 8400)))
        maj = min(
            vue + timedelta(days=int(self.rng.integers(0, 2500))), PREMIER_MILLESIME - timedelta(days=12)
        )
        return min(vue, maj), maj

    def creer(
        self,
        type_: str,
        feuille: str,
        attributs: dict[str, str],
        geom: Any,
        textes: list[Texte] | None = None,
    ) -> Objet:
        """Adds an object to the commune."""
        vue, maj = self.dates()
        objet = Objet(
            self.commune.nouvel_ident(), type_, feuille, attributs, geom, vue, maj, list(textes or [])
        )
        self.commune.objets.append(objet)
        return objet

    def feuille_de(self, point: Any) -> str:
        """Sheet that holds a point, else the nearest one."""
        codes = list(self.commune.feuilles)
        distances = [f.geom.distance(point) for f in self.commune.feuilles.values()]
        return codes[int(np.argmin(distances))]


def assembler(
    insee: str,
    crs: str,
    graine: int,
    plan: Parcellaire,
    sol: Sol,
    nombre_sections: int,
    rng: np.random.Generator,
) -> Chantier:
    """Sheets and the objects that are areas of the ground itself."""
    poids = np.bincount([t.ilot for t in plan.terrains], minlength=len(plan.trame.ilots))
    plans = sections.decouper(plan.trame, poids, nombre_sections)
    feuille_de_ilot = np.full(len(plan.trame.ilots), HORS, dtype=np.int64)
    for k, p in enumerate(plans):
        feuille_de_ilot[list(p.ilots)] = k
    faces_feuille = feuille_de_ilot[sol.ilot]
    formes = par_numero(sol, faces_feuille)
    commune = Commune(
        insee, noms.nom_commune(insee), crs, graine, 1, PREMIER_MILLESIME,
        en_metres(unir(sol.faces)), {}, {}, [], {}, {}, int(rng.integers(100_000, 900_000)),
    )  # fmt: skip
    for k, p in enumerate(plans):
        attributs = _attributs_feuille(commune, p, rng)
        feuille = FeuillePlan(p.section, p.subdivision, formes[k], attributs, commune.nouvel_ident())
        commune.feuilles[feuille.code] = feuille
    for section in dict.fromkeys(p.section for p in plans):
        membres = [k for k, p in enumerate(plans) if p.section == section]
        commune.sections[section] = en_metres(unir(sol.faces[np.isin(faces_feuille, membres)]))
        commune.idents_communs[section] = commune.nouvel_ident()
    commune.idents_communs["COMMUNE"] = commune.nouvel_ident()
    echelles = {p.section + p.subdivision: float(QUALITES[p.famille][2]) for p in plans}
    chantier = Chantier(commune, plan, sol, plans, rng, [], echelles)
    _parcelles(chantier)
    _eaux_et_routes(chantier, faces_feuille)
    _lieux_dits(chantier, faces_feuille)
    return chantier


def _attributs_feuille(commune: Commune, p: Plan, rng: np.random.Generator) -> dict[str, str]:
    """SUBDSECT: plan quality, making and scale by family; one date « Absent » on the hill."""
    qualite, confection, echelle = QUALITES[p.famille]
    annee = {"bourg": 1962, "plaine": 1994, "coteau": 1836}[p.famille]
    edition = f"01/01/{annee + int(rng.integers(0, 4))}"
    return {
        "QUPL": qualite,
        "COPL": confection,
        "EOR": echelle,
        "DEDI": edition,
        "ICL": reel(0.0, 3),
        "DIS": f"{int(rng.integers(1, 29)):02d}/0{int(rng.integers(1, 10))}/{int(rng.integers(2004, 2012))}",
        "INP": "01",
        "DRED": "Absent" if p.famille == "coteau" and p.subdivision == "01" else "01/01/1998",
        "IDU": f"{commune.com3}000{p.section}{p.subdivision}",
    }


def contenance(aire: float, arpentee: bool, rng: np.random.Generator) -> int:
    """Area of the tax file (m²): near the drawn one, rounded as old plans were, never equal by rule."""
    if arpentee:
        return max(1, round(aire * (1 + rng.normal(0, 0.0015)) + rng.normal(0, 0.6)))
    valeur = aire * (1 + float(np.clip(rng.normal(0, 0.016), -0.05, 0.05)))
    pas = 10 if aire > 3000 else (5 if aire > 400 else 1)
    return max(1, round(valeur / pas) * pas)


def _parcelles(chantier: Chantier) -> None:
    """Numbers follow the blocks within each section, with the gaps that a long history leaves."""
    commune, plan, rng = chantier.commune, chantier.plan, chantier.rng
    formes = _formes_parcelles(chantier.sol)
    rang_ilot = {i: (k, r) for k, p in enumerate(chantier.plans) for r, i in enumerate(p.ilots)}
    milieu = {i: shapely.get_coordinates(plan.trame.ilots[i].cellule.centroid)[0] for i in rang_ilot}

    def cle(k: int) -> tuple[int, int, float]:
        t = plan.terrains[k]
        x, y = shapely.get_coordinates(t.forme.centroid)[0] - milieu[t.ilot]
        return (*rang_ilot[t.ilot], float(-np.arctan2(y, x)))

    resultat: dict[int, Objet] = {}
    sans_supf = -1
    for k in sorted(range(len(plan.terrains)), key=cle):
        t = plan.terrains[k]
        p = chantier.plans[rang_ilot[t.ilot][0]]
        saut = int(rng.integers(2, 6)) if rng.random() < 0.05 else 1
        numero = commune.numeros.get(p.section, 0) + saut
        commune.numeros[p.section] = numero
        forme = formes[k]
        arpentee = (t.zone == LOTISSEMENT and rng.random() < 0.6) or (t.zone == PLAINE and rng.random() < 0.2)
        attributs = {
            "IDU": f"{commune.com3}000{p.section}{numero:04d}",
            "SUPF": reel(contenance(forme.area, arpentee, rng), 0),
            "INDP": "02" if t.usage == "non_figuree" else "01",
            "TEX": str(numero),
        }
        if arpentee:
            attributs["COAR"] = "A"
        if t.usage == "bois" and sans_supf < 0:
            sans_supf = k
            del attributs["SUPF"]
        objet = chantier.creer(
            "PARCELLE", p.section + p.subdivision, attributs, forme, [ecritures.dans("PARCELLE", forme)]
        )
        resultat[k] = objet
    chantier.parcelles = [resultat[k] for k in range(len(plan.terrains))]
    if not any("COAR" in p.attributs for p in chantier.parcelles):
        dernier = max(resultat, key=lambda k: (plan.terrains[k].zone == PLAINE, k))
        resultat[dernier].attributs["COAR"] = "A"


def _formes_parcelles(sol: Sol) -> dict[int, Any]:
    """Parcels as polygons; crumbs that rounding cut off go to the public ground."""
    formes = par_numero(sol, sol.parcelle)
    for k, forme in formes.items():
        if forme.geom_type != "Polygon":
            parts = shapely.get_parts(forme)
            formes[k] = parts[int(np.argmax(shapely.area(parts)))]
    return formes


def _eaux_et_routes(chantier: Chantier, faces_feuille: npt.NDArray[np.int64]) -> None:
    """One TRONFLUV a sheet, whole (its parts lie on both sides of a bridge), and the road surfaces."""
    sol, rng = chantier.sol, chantier.rng
    nom = noms.RIVIERES[int(rng.integers(len(noms.RIVIERES)))]
    mots = ecritures.attributs_nom(f"{nom[0]} {nom[1]}".replace("' ", "'") + " (rivière)")
    eaux = par_numero(sol, np.where(sol.eau, faces_feuille, HORS))
    for k, forme in sorted(eaux.items()):
        code = chantier.plans[k].section + chantier.plans[k].subdivision
        axe = _axe(forme)
        textes = ecritures.le_long("TRONFLUV", axe, mots, chantier.echelles[code]) if axe.length > 60 else []
        chantier.creer("TRONFLUV", code, dict(mots) if textes else {}, forme, textes)
    nombre = len(chantier.plans)
    routes = par_numero(
        sol, np.where((sol.route != HORS) & (sol.parcelle == HORS), sol.route * nombre + faces_feuille, HORS)
    )
    for k, forme in sorted(routes.items()):
        rang, feuille = divmod(k, nombre)
        code = chantier.plans[feuille].section + chantier.plans[feuille].subdivision
        if forme.area < 60:
            continue
        numero = f"D {407 + 7 * rang}" if rang < 3 else f"VC n° {rang}"
        mots = ecritures.attributs_nom(numero)
        x, y, _ = ecritures.place(forme)
        textes = ecritures.en_ligne("TRONROUTE", x, y, mots, 1000.0)
        chantier.creer("TRONROUTE", code, {"RCAD": numero, **mots}, forme, textes)


def _axe(forme: Any) -> Any:
    """A line through the middle of a long area, from one bank's vertices to the other's."""
    grand = max(shapely.get_parts(forme), key=lambda p: p.area)
    contour = grand.exterior
    p = np.asarray(shapely.line_interpolate_point(contour, np.linspace(0, 0.5, 40), normalized=True))
    q = np.asarray(shapely.line_interpolate_point(contour, np.linspace(1, 0.5, 40), normalized=True))
    loin = shapely.distance(p, q)
    debut = int(np.argmin(loin[:20]))
    fin = 20 + int(np.argmin(loin[20:]))
    milieux = (shapely.get_coordinates(p) + shapely.get_coordinates(q)) / 2
    return shapely.linestrings(milieux[debut : fin + 1]) if fin - debut > 3 else shapely.linestrings(milieux)


def _lieux_dits(chantier: Chantier, faces_feuille: npt.NDArray[np.int64]) -> None:
    """Place names tile each sheet; the village ones hold more parcels than those of the fields."""
    plan, rng, sol = chantier.plan, chantier.rng, chantier.sol
    listes = {"bourg": noms.LIEUX_BOURG, "plaine": noms.LIEUX_PLAINE, "coteau": noms.LIEUX_COTEAU}
    fins = (" DESSUS", " DESSOUS", " D'EN HAUT", " D'EN BAS")
    tirages = {f: noms.Tirage(liste, rng, fins) for f, liste in listes.items()}
    poids = np.bincount([t.ilot for t in plan.terrains], minlength=len(plan.trame.ilots))
    cellules = [i.cellule for i in plan.trame.ilots]
    centres = shapely.get_coordinates(shapely.point_on_surface(np.array(cellules)))
    voisins = sections.voisinage(cellules)
    numero_ilot = np.full(len(cellules), HORS, dtype=np.int64)
    titres: list[tuple[str, str]] = []
    for p in chantier.plans:
        taille = 80 if p.famille == "bourg" else 28
        n = max(1, min(len(p.ilots), round(int(poids[list(p.ilots)].sum()) / taille)))
        for groupe in sections.grouper(list(p.ilots), poids, voisins, centres, n):
            numero_ilot[groupe] = len(titres)
            titres.append((p.section + p.subdivision, tirages[p.famille].suivant()))
    formes = par_numero(sol, numero_ilot[sol.ilot])
    long_donne = False
    for k, (code, nom) in enumerate(titres):
        if k not in formes:
            continue
        mots = ecritures.attributs_nom(nom, par_mot=k % 3 != 1)
        if not long_donne and code.startswith("Z"):
            long_donne, mots = True, {"TEX": noms.NOM_LONG_LIEU}
        x, y, _ = ecritures.place(formes[k])
        textes = ecritures.en_ligne("LIEUDIT", x, y, mots, chantier.echelles[code])
        chantier.creer("LIEUDIT", code, mots, formes[k], textes)
