"""Zones, prescriptions and informations drawn on the fictional ground; the same ground, the same plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import shapely

from gis_data.demo.urbanisme.sol import Sol

GRILLE = 0.01
BOIS = ("BOIS", "FORÊT", "FORET", "CHÊNE", "CHARMILLE", "HÊTRE", "FRÊNE", "TAILLIS")


@dataclass
class Entite:
    """One object of a layer: its shape and its attributes."""

    forme: Any
    attributs: dict[str, Any]


@dataclass
class Plan:
    """A planning document: layer → objects. ``zones`` tile the commune exactly."""

    insee: str
    srid: int
    jour: date
    couches: dict[str, list[Entite]] = field(default_factory=dict)


def net(forme: Any) -> Any:
    """Snapped to the centimetre, so that neighbours share their very vertices; areas only."""
    propre = shapely.set_precision(shapely.make_valid(forme), GRILLE)
    surfaces = [
        p for p in shapely.get_parts(shapely.normalize(propre)) if p.geom_type == "Polygon" and p.area > 1
    ]
    return shapely.MultiPolygon(surfaces)


def _moins(forme: Any, autres: Any) -> Any:
    return net(shapely.difference(forme, autres, grid_size=GRILLE))


def _dissoudre(parcelles: list[Any], joint: float) -> Any:
    """Parcels and the streets between them, as one area."""
    if not parcelles:
        return shapely.MultiPolygon()
    return shapely.buffer(
        shapely.buffer(shapely.union_all(parcelles), joint, join_style="mitre"), -joint, join_style="mitre"
    )


def _sans_trous(forme: Any, petit: float) -> Any:
    """Areas of some size only, squares and greens within them filled."""
    pleines = [shapely.Polygon(p.exterior) for p in shapely.get_parts(forme) if p.area > petit]
    return shapely.union_all(pleines) if pleines else shapely.MultiPolygon()


@dataclass
class Decoupage:
    """The ground cut into zones, name → area; together they cover the commune."""

    zones: dict[str, Any]


def decouper(sol: Sol) -> Decoupage:
    """UA the old village, UB around it, 1AU and 2AU to come, N by water and woods, A elsewhere."""
    batis = [f for _, f in sol.batiments]
    proches = shapely.buffer(shapely.union_all(batis), 45)
    bourg = [p for p in shapely.get_parts(shapely.buffer(proches, -22)) if p.area > 15_000]
    urbain = shapely.union_all(bourg) if bourg else shapely.buffer(sol.coeur, 150)
    parcelles = np.array(sol.parcelles, dtype=object)
    parts = shapely.area(shapely.intersection(parcelles, urbain)) / np.maximum(shapely.area(parcelles), 1e-6)
    u = parcelles[(parts > 0.5) & (shapely.area(parcelles) < 12_000)]
    coeur = sol.coeur
    rayon = float(np.sqrt(shapely.area(shapely.union_all(u)) / np.pi)) if len(u) else 150.0
    distances = shapely.distance(shapely.centroid(u), coeur) if len(u) else np.zeros(0)
    ua = net(_sans_trous(_dissoudre(list(u[distances <= 0.45 * rayon]), 9), 2000))
    ub = _moins(_sans_trous(_dissoudre(list(u), 14), 5000), ua)
    u_tout = shapely.union_all([ua, ub])
    inondable = shapely.buffer(sol.eau, 70)
    libres = parcelles[
        (parts <= 0.5)
        & (shapely.area(parcelles) < 25_000)
        & (shapely.distance(parcelles, u_tout) < 60)
        & ~shapely.intersects(parcelles, inondable)
    ]
    au1, au2 = _a_urbaniser(libres, coeur)
    au1_forme = _moins(shapely.intersection(_dissoudre(au1, 6), sol.commune), u_tout)
    au2_forme = _moins(
        shapely.intersection(_dissoudre(au2, 6), sol.commune), shapely.union_all([u_tout, au1_forme])
    )
    pris = shapely.union_all([u_tout, au1_forme, au2_forme])
    bois = [f for nom, f in sol.lieux if any(mot in nom.upper() for mot in BOIS)]
    naturel = shapely.union_all([shapely.buffer(sol.eau, 55), *bois])
    n = _moins(shapely.intersection(naturel, sol.commune), pris)
    commune = net(sol.commune)
    ua, ub = (net(shapely.intersection(z, commune, grid_size=GRILLE)) for z in (ua, ub))
    zones = {"UA": ua, "UB": ub, "1AU": au1_forme, "2AU": au2_forme, "N": n}
    zones["A"] = _moins(commune, shapely.union_all(list(zones.values()), grid_size=GRILLE))
    return Decoupage({nom: forme for nom, forme in zones.items() if not forme.is_empty})


def _a_urbaniser(libres: Any, coeur: Any) -> tuple[list[Any], list[Any]]:
    """Two groups of free parcels at the edge of the village, in two directions."""
    if not len(libres):
        return [], []
    centres = shapely.centroid(libres)
    caps = np.arctan2(shapely.get_y(centres) - coeur.y, shapely.get_x(centres) - coeur.x)
    depart = float(caps[np.argmin(shapely.distance(centres, coeur))])
    ecarts = np.abs(np.angle(np.exp(1j * (caps - depart))))
    premiers = [libres[i] for i in np.argsort(ecarts)[:14] if ecarts[i] < 0.6]
    seconds = [libres[i] for i in np.argsort(-ecarts)[:8] if ecarts[i] > 1.2]
    return premiers, seconds


TYPES = {"UA": "U", "UB": "U", "1AU": "AUc", "2AU": "AUs", "A": "A", "N": "N"}
NOMS = {
    "UA": "Centre ancien, habitat dense et commerces",
    "UB": "Habitat récent autour du centre",
    "1AU": "Secteur ouvert à l'urbanisation, selon l'orientation d'aménagement",
    "2AU": "Secteur fermé, ouvert après modification du plan",
    "A": "Terres agricoles",
    "N": "Vallée, bois et espaces naturels",
}


def plan_en_vigueur(sol: Sol, jour: date = date(2024, 1, 15), standard: str = "2024") -> Plan:
    """The PLU of the day: zones, wooded areas, reserved sites, heritage, pre-emption, noise, archaeology."""
    zones = decouper(sol).zones
    idurba = f"{sol.insee}_PLU_{jour:%Y%m%d}"
    reglement = f"{sol.insee}_reglement_{jour:%Y%m%d}.pdf"
    plan = Plan(sol.insee, sol.srid, jour)
    pages = {nom: i for i, nom in enumerate(zones, start=1)}

    def commun(numero: int, libelle: str) -> dict[str, Any]:
        return {
            "numero": numero,
            "LIBELLE": libelle,
            "IDURBA": idurba,
            "DATVALID": jour,
            "NOMFIC": "",
            "URLFIC": "",
        }

    plan.couches["ZONE_URBA"] = [
        Entite(
            forme,
            {
                **commun(i, nom),
                "LIBELONG": NOMS[nom],
                "TYPEZONE": TYPES[nom],
                "NOMFIC": f"{reglement}#page={pages[nom]}",
            },
        )
        for i, (nom, forme) in enumerate(zones.items(), start=1)
    ]
    surfaces, lignes, points = _prescriptions(sol, zones)
    for couche, objets in (
        ("PRESCRIPTION_SURF", surfaces),
        ("PRESCRIPTION_LIN", lignes),
        ("PRESCRIPTION_PCT", points),
    ):
        plan.couches[couche] = [
            Entite(
                forme,
                {**commun(i, libelle), "TXT": txt, "TYPEPSC": code[:2], "STYPEPSC": code[3:], "NATURE": ""},
            )
            for i, (forme, code, libelle, txt) in enumerate(objets, start=1)
        ]
    plan.couches["INFO_SURF"] = [
        Entite(
            forme, {**commun(i, libelle), "TXT": txt, "TYPEINF": code[:2], "STYPEINF": code[3:], "NATURE": ""}
        )
        for i, (forme, code, libelle, txt) in enumerate(_informations(sol, zones), start=1)
    ]
    plan.couches["DOC_URBA"] = [
        Entite(
            None,
            {
                "IDURBA": idurba,
                "TYPEDOC": "PLU",
                "DATAPPRO": jour,
                "DATEFIN": None,
                "ETAT": "03",
                "SIREN": "",
                "NOMPROC": "R1",
                "NOMREG": reglement,
                "URLREG": "",
                "NOMPLAN": "",
                "URLPLAN": "",
                "URLPE": "",
                "SITEWEB": "",
                "TYPEREF": "01",
                "DATEREF": f"{jour:%Y%m%d}",
            },
        )
    ]
    plan.couches["DOC_URBA_COM"] = [Entite(None, {"IDURBA": idurba, "INSEE": sol.insee})]
    return plan


def _bois(sol: Sol, zones: dict[str, Any]) -> list[tuple[str, Any]]:
    formes = [
        (nom.title(), net(shapely.intersection(shapely.buffer(forme, -12), zones.get("N", forme))))
        for nom, forme in sol.lieux
        if any(mot in nom.upper() for mot in BOIS)
    ]
    return [(nom, forme) for nom, forme in formes if forme.area > 4000]


def _prescriptions(sol: Sol, zones: dict[str, Any]) -> tuple[list[Any], list[Any], list[Any]]:
    """(surfaces, lines, points), each (shape, « code-sous-code », label, short text)."""
    surfaces: list[Any] = [
        (forme, "01-01", f"Espace boisé classé : {nom}", "EBC") for nom, forme in _bois(sol, zones)[:6]
    ]
    lignes: list[Any] = []
    principale = _rue_principale(sol)
    if principale is not None:
        elargie = net(shapely.intersection(shapely.buffer(principale, 7), sol.commune))
        surfaces.append(
            (elargie, "05-01", "Élargissement de la rue principale, au profit de la commune", "ER 1")
        )
        lignes.append(
            (
                shapely.MultiLineString(list(shapely.get_parts(principale))),
                "22-03",
                "Rez-de-chaussée commerciaux à maintenir",
                "",
            )
        )
    if "1AU" in zones:
        surfaces.append((zones["1AU"], "18-00", "Orientation d'aménagement « Les Jardins »", "OAP 1"))
        carre = net(shapely.intersection(shapely.buffer(zones["1AU"].centroid, 22), zones["1AU"]))
        if not carre.is_empty:
            surfaces.append((carre, "05-04", "Espace vert public, au profit de la commune", "ER 2"))
    berges = net(shapely.intersection(shapely.buffer(sol.eau, 12), zones.get("N", sol.commune)))
    surfaces.append((berges, "07-04", "Berges et ripisylve à préserver", ""))
    grands = sorted(sol.batiments, key=lambda b: -float(b[1].area))[:5]
    points = [
        (shapely.MultiPoint([forme.centroid]), "07-01", nom or "Bâtiment remarquable", "")
        for nom, forme in [("Église", sol.eglise), *[b for b in grands if b[1] is not sol.eglise][:4]]
    ]
    return surfaces, lignes, points


def _rue_principale(sol: Sol) -> Any:
    """The part of the longest named street that lies near the church."""
    proche = shapely.buffer(sol.coeur, 220)
    candidates = [shapely.intersection(forme, proche) for nom, forme in sol.rues if nom]
    candidates = [c for c in candidates if shapely.length(c) > 60]
    return max(candidates, key=shapely.length, default=None)


def _informations(sol: Sol, zones: dict[str, Any]) -> list[Any]:
    urbain = net(shapely.union_all([zones[z] for z in ("UA", "UB", "1AU", "2AU") if z in zones]))
    infos: list[Any] = [
        (urbain, "04-00", "Droit de préemption urbain sur les zones U et AU", "DPU"),
        (
            net(shapely.intersection(shapely.buffer(sol.coeur, 180), sol.commune)),
            "16-00",
            "Noyau villageois médiéval",
            "",
        ),
    ]
    if "1AU" in zones:
        infos.append((zones["1AU"], "32-00", "Taxe d'aménagement, taux du secteur : 8 %", "TA 8 %"))
    route = max((f for n, f in sol.rues if n), key=shapely.length, default=None)
    if route is not None:
        bande = net(shapely.intersection(shapely.buffer(route, 30), sol.commune))
        infos.append((bande, "14-00", "Bruit de la route, catégorie 4 : 30 m", ""))
    return infos


def plan_ancien(sol: Sol, jour: date = date(2008, 6, 20)) -> Plan:
    """The PLU before, at the 2014 standard: only U, A and N."""
    zones = decouper(sol).zones
    groupes = {"U": ("UA", "UB"), "N": ("N",), "A": ("A", "1AU", "2AU")}
    plan = Plan(sol.insee, sol.srid, jour)
    plan.couches["ZONE_URBA"] = [
        Entite(
            net(shapely.union_all([zones[n] for n in noms if n in zones], grid_size=GRILLE)),
            {
                "numero": i,
                "LIBELLE": code,
                "LIBELONG": "",
                "TYPEZONE": code,
                "DESTDOMI": "01" if code == "U" else "07",
                "INSEE": sol.insee,
                "DATAPPRO": jour,
                "DATVALID": jour,
                "NOMFIC": "",
                "URLFIC": "",
            },
        )
        for i, (code, noms) in enumerate(groupes.items(), start=1)
    ]
    plan.couches["DOC_URBA"] = [
        Entite(
            None,
            {
                "IDURBA": f"{sol.insee}{jour:%Y%m%d}",
                "INTERCO": "F",
                "TYPEDOC": "PLU",
                "DATAPPRO": jour,
                "DATEFIN": None,
                "ETAT": "03",
                "SIREN": "",
                "NOMREG": "",
                "URLREG": "",
                "NOMPLAN": "",
                "URLPLAN": "",
                "SITEWEB": "",
                "TYPEREF": "01",
                "DATEREF": f"{jour:%Y%m%d}",
            },
        )
    ]
    return plan
