"""A sheet composed: map, legend of what it shows, title block; then the PDF by the house's one renderer."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format

from gis_data.carte.reperes import systemes
from gis_data.contraintes.lieux import communes_de
from gis_data.plans import carte as dessin
from gis_data.plans.cadre import Cadre
from mairie.courriers.entetes import entete_de
from mairie.courriers.rendu import Rendu, Ressource, rendre
from mairie.impression.demande import Demande
from mairie.impression.gabarits import Gabarit, ranger_au_mieux
from mairie.impression.signes import barre_d_echelle, fleche_du_nord, milliers, signe
from mairie.models import Collectivite
from mairie.territoire import territoire

CADASTRE = "DGFiP – Cadastre"
PLAN = "Plan cadastral"


class ObjetAbsent(ValueError):
    """The object to show does not exist, or has no place; the French message says so."""


@dataclass(frozen=True)
class Feuille:
    """One page ready to be laid out: its map, and the texts of its title block."""

    gabarit: Gabarit
    carte: dessin.Carte
    titre: str
    commune: str
    logo: Ressource | None
    projection: str
    sources: tuple[str, ...]
    mentions: tuple[str, ...]
    date: datetime.date
    jour: datetime.date | None


def composer(
    demande: Demande, utilisateur: Any, bornes: dessin.Bornes, choisis: Sequence[shapely.Geometry] = ()
) -> Feuille:
    """The page of a demand. ``PlanTropCharge``, ``PlanTropLong``, ``ObjetAbsent``."""
    zone = demande.feuille.carte
    cadre = Cadre(demande.x, demande.y, demande.echelle, zone.largeur, zone.hauteur)
    if demande.objet and not choisis:
        choisis = formes_de(demande, utilisateur)
    carte = dessin.dessiner(
        cadre,
        demande.choix,
        utilisateur,
        bornes,
        titre=demande.titre,
        choisis=choisis,
        avec_croix=demande.croix,
    )
    commune, logo = _commune(cadre)
    themes = {c.theme for c in demande.choix.couches if c.libelle not in carte.absentes}
    return Feuille(
        demande.feuille,
        carte,
        demande.titre,
        commune,
        logo,
        systemes(settings.TERRITOIRE_SRID)[0].nom,
        tuple(map(credit, carte.sources)),
        tuple(_mentions(themes)),
        timezone.localdate(),
        demande.choix.jour,
    )


def formes_de(demande: Demande, utilisateur: Any) -> list[shapely.Geometry]:
    """Shape of the object to mark, as this person may see it."""
    if demande.objet is None:
        return []
    couche, cle = demande.objet
    objets = couche.objets(None if couche.publique else utilisateur).filter(**{str(couche.nommee): cle})
    lues = [g for g in objets.values_list(couche.geometrie, flat=True)[:20] if g is not None and not g.empty]
    if not lues:
        raise ObjetAbsent(f"« {cle[:40]} » : aucun objet placé de ce nom dans « {couche.libelle} ».")
    return [shapely.from_wkb(bytes(g.wkb)) for g in lues]


def _commune(cadre: Cadre) -> tuple[str, Ressource | None]:
    """Name of the communes shown, and the arms of the one in the middle."""
    page = shapely.box(*cadre.bornes)
    touchees = communes_de(shapely.to_wkb(page)) or []
    milieu = communes_de(shapely.to_wkb(shapely.Point(cadre.x, cadre.y))) or []
    noms = [nom for _, nom in (*milieu, *(c for c in touchees if c not in milieu))]
    collectivite = Collectivite.objects.filter(code__in=[insee for insee, _ in milieu]).first()
    logo = entete_de(collectivite, "").logo if collectivite else None
    suite = f" et {len(noms) - 2} autres communes" if len(noms) > 3 else ""
    montres = noms[:2] if suite else noms
    return ", ".join(montres) + suite, logo


def credit(source: dessin.Source) -> str:
    """Producer and edition, as licences ask it."""
    qui = f"{PLAN} : {territoire().producteur}" if source.libelle == CADASTRE else source.libelle
    if source.editions is None:
        return f"{qui} (date des données non précisée)"
    debut, fin = (date_format(j, "j F Y") for j in source.editions)
    if source.dite == "en vigueur depuis":
        quand = f"en vigueur depuis le {debut}" if debut == fin else f"versions du {debut} au {fin}"
    else:
        quand = f"édition du {debut}" if debut == fin else f"éditions du {debut} au {fin}"
    return f"{qui}, {quand}"


def _mentions(themes: Iterable[str]) -> list[str]:
    """What a reader must not believe of the sheet."""
    trouves = set(themes)
    mentions = []
    if PLAN in trouves:
        mentions.append("Ne vaut pas extrait certifié du plan cadastral, qui ne prouve pas les limites.")
    if trouves & {"Urbanisme", "Servitudes", "Risques", "Patrimoine"}:
        mentions.append("Ne vaut pas certificat d'urbanisme.")
    return mentions


def imprimer(feuilles: Sequence[Feuille], *, titre: str, delai: float | None = None) -> Rendu:
    """The PDF of some pages; ``RenduRefuse`` when it cannot be made."""
    ressources: dict[str, Ressource] = {}
    signes: dict[str, str] = {}

    def image(nom: str, svg: str) -> str:
        ressources[nom] = Ressource("image/svg+xml", svg.encode())
        return nom

    pages = []
    for n, f in enumerate(feuilles):
        image(f"carte-{n}.svg", f.carte.svg)
        image(f"echelle-{n}.svg", barre_d_echelle(f.carte.cadre, f.gabarit.cartouche.largeur))
        if f.logo:
            ressources[f"logo-{n}"] = f.logo
        lignes = f.carte.legende if f.gabarit.legende else ()
        for ligne in lignes:
            if ligne.svg not in signes:
                signes[ligne.svg] = f"signe-{len(signes)}"
                image(f"{signes[ligne.svg]}.svg", signe(ligne.svg))
        entrees = [(ligne.theme, ligne.libelle) for ligne in lignes]
        gabarit, colonnes, suite = ranger_au_mieux(entrees, f.gabarit)
        pages.append(
            {
                "n": n,
                "f": f,
                "g": gabarit,
                "echelle": milliers(f.carte.cadre.denominateur),
                "alt": f"{f.titre}, carte à l'échelle 1/{f.carte.cadre.denominateur}",
                "colonnes": [_entrees(lignes, colonne, signes) for colonne in colonnes],
                "suite": _entrees(lignes, suite, signes),
                "metres": f.carte.cadre.echelle_graphique()[0],
            }
        )
    ressources["nord.svg"] = Ressource("image/svg+xml", fleche_du_nord().encode())
    html = render_to_string(
        "mairie/impression/feuille.html",
        {"titre": titre, "pages": pages, "signes": sorted(signes.values()), "formats": _formats(feuilles)},
    )
    return rendre(html, lettre=ressources, delai=delai)


def _formats(feuilles: Sequence[Feuille]) -> list[Gabarit]:
    """Each paper once: a page rule."""
    return list({(f.gabarit.format, f.gabarit.orientation): f.gabarit for f in feuilles}.values())


def _entrees(
    lignes: Sequence[dessin.LigneLegende], rangs: Sequence[int], signes: dict[str, str]
) -> list[dict[str, str]]:
    """Entries of a column; the theme stands over its first one."""
    dernier, entrees = None, []
    for rang in rangs:
        ligne = lignes[rang]
        titre = ligne.theme if ligne.theme != dernier else ""
        entrees.append({"titre": titre, "libelle": ligne.libelle, "signe": signes[ligne.svg]})
        dernier = ligne.theme
    return entrees
