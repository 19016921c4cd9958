"""Declared layers in the registry: read again from the table every few seconds, rebuilt when it changes."""

from __future__ import annotations

import logging
import math
import re
import time
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError
from django.db.models import CharField, FloatField, Max, QuerySet
from django.db.models.aggregates import Count, Sum
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.utils.text import slugify

from gis_data.contraintes import symboles
from gis_data.contraintes.droits import peut_lire
from gis_data.contraintes.models import CoucheDeclaree, ObjetDeclare
from gis_data.couches import (
    Aplat,
    Attribut,
    Couche,
    Element,
    Forme,
    Genre,
    Rang,
    Symbole,
    Trait,
    remplacer,
)
from gis_data.couches.dessin import Dessin, Icone

journal = logging.getLogger(__name__)

SOURCE = "declarees"
DUREE_S = 5.0
THEMES = {"risques": "Risques", "patrimoine": "Patrimoine", "sig": "Autres données"}
GENRES = {"entier": Genre.REEL, "reel": Genre.REEL, "date": Genre.TEXTE}
COULEUR = re.compile(r"^#[0-9a-f]{6}$")
_etat: dict[str, Any] = {"lu": None, "marque": None}


def rafraichir(**_: Any) -> None:
    """Put the declared layers in the registry when they have changed; called at the start of requests.

    A failing database must not stop a page: the layers known stay.
    """
    maintenant = time.monotonic()
    if _etat["lu"] is not None and maintenant - _etat["lu"] < DUREE_S:
        return
    _etat["lu"] = maintenant
    try:
        marque = CoucheDeclaree.objects.aggregate(n=Count("id"), v=Sum("version"), m=Max("modifiee_le"))
        if marque == _etat["marque"]:
            return
        declarees = list(CoucheDeclaree.objects.all())
    except (DatabaseError, RuntimeError):
        # RuntimeError: tests without a database.
        return
    couches = []
    for declaree in declarees:
        try:
            couches.append(couche_de(declaree))
        except ImproperlyConfigured:
            journal.exception("couche déclarée %s écartée du registre", declaree.nom)
    remplacer(SOURCE, couches)
    _etat["marque"] = marque


def oublier() -> None:
    """Read again at the next request: after a change made by this process."""
    _etat.update(lu=None, marque=None)


def suspendre() -> None:
    """For tests: no declared layer, and no reading before one is asked by ``oublier``."""
    _etat.update(lu=math.inf, marque=None)
    remplacer(SOURCE, [])


def nom_attribut(rang: int, champ: str) -> str:
    """Name of an attribute in tiles and exports: safe, unique, and still recognised."""
    return f"{slugify(champ).replace('-', '_')[:40] or 'champ'}_{rang}" if rang else "titre"


def _valeur(champ: str, genre: str) -> Combinable:
    texte = KeyTextTransform(champ, "attributs")
    return Cast(texte, FloatField()) if genre in ("entier", "reel") else Cast(texte, CharField())


def couche_de(declaree: CoucheDeclaree) -> Couche:
    """The registry's layer of a row. ``ImproperlyConfigured`` when a public one has a forbidden attribute."""
    cle = declaree.pk
    communes = tuple(declaree.communes)

    def objets(utilisateur: Any) -> QuerySet[Any]:
        # An announced layer is in the tree, empty: « non chargée ». A draft shows nothing either.
        return ObjetDeclare.objects.filter(couche_id=cle, couche__chargee_le__isnull=False)

    version = f"{cle}|{declaree.version}|{declaree.modifiee_le.isoformat()}"
    elements = tuple(
        Element(
            f"{declaree.nom}{suite}",
            declaree.zoom_min,
            attributs=("titre",),
            condition=f"ST_Dimension({{g}}) = {dimension}",
        )
        for suite, dimension in (("", 2), ("_lignes", 1), ("_points", 0))
    )
    attributs = [Attribut("titre", "Objet", "titre", tuile=declaree.zoom_min)]
    for rang, champ in enumerate(declaree.champs, start=1):
        genre = GENRES.get(champ["genre"], Genre.TEXTE)
        attributs.append(
            Attribut(
                nom_attribut(rang, champ["champ"]),
                champ["libelle"],
                _valeur(champ["champ"], champ["genre"]),
                genre,
            )
        )
    return Couche(
        nom=declaree.nom,
        libelle=declaree.libelle,
        objets=objets,
        attributs=tuple(attributs),
        forme=Forme(declaree.forme),
        zoom_min=declaree.zoom_min,
        version=lambda: version,
        comparee=declaree.publique,
        dessins=tuple(_dessins(declaree)),
        elements=elements,
        geometrie_tuile="geom_3857",
        visible=False,
        publique=declaree.publique,
        peut_voir=lambda utilisateur: peut_lire(utilisateur, communes),
        titre=lambda a: a["titre"] or declaree.libelle,
        source=declaree.source,
        edition=declaree.millesime or "millesime",
        theme=THEMES[declaree.theme],
    )


def _dessins(declaree: CoucheDeclaree) -> list[Dessin]:
    style = declaree.style or {}
    couleur = style.get("couleur", "#b4611a")
    if not COULEUR.match(str(couleur)):
        couleur = "#b4611a"
    opacite = min(max(float(style.get("opacite", 0.2)), 0.0), 1.0)
    epaisseur = min(max(float(style.get("epaisseur", 1.2)), 0.5), 8.0)
    tirets = (5.0, 3.0) if style.get("tirets") else ()
    nom_motif = f"declaree-{declaree.pk}-{couleur[1:]}"
    motif = {
        "lignes": lambda: symboles.hachures(f"{nom_motif}-lignes", couleur),
        "croise": lambda: symboles.croise(f"{nom_motif}-croise", couleur),
        "points": lambda: symboles.points(f"{nom_motif}-points", couleur),
    }.get(style.get("motif", ""), lambda: None)()
    zoom = declaree.zoom_min
    disque = Icone(
        f"{nom_motif}-disque", (("M6 12a6 6 0 1 1 12 0a6 6 0 1 1 -12 0z", couleur, "#ffffff", 1.6),)
    )
    dessins: dict[str, Dessin] = {
        "surface": Aplat(
            element=declaree.nom,
            rang=Rang.DETAIL,
            zoom_min=zoom,
            remplissage=couleur,
            opacite=opacite,
            contour=couleur,
            epaisseur=epaisseur,
            tirets=tirets,
            motif=motif,
            motif_des=max(zoom, 13),
            legende=declaree.libelle,
        ),
        "ligne": Trait(
            element=f"{declaree.nom}_lignes",
            rang=Rang.METIER,
            zoom_min=zoom,
            couleur=couleur,
            epaisseur=epaisseur * 1.5,
            tirets=tirets,
            legende=declaree.libelle,
        ),
        "point": Symbole(
            element=f"{declaree.nom}_points",
            rang=Rang.SYMBOLE,
            zoom_min=zoom,
            icones={"": disque},
            taille={zoom: 0.5, 18: 1.1} if zoom < 18 else 1.0,
            libelles={"": declaree.libelle},
        ),
    }
    return list(dessins.values()) if declaree.forme == "mixte" else [dessins[declaree.forme]]
