"""Writes declared layers: a file read as a draft, fields chosen, then shown; replaced whole or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

import shapely
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.text import slugify

from gis_data.contraintes.declarees import registre
from gis_data.contraintes.imports import geometries
from gis_data.contraintes.imports.base import ImportRefuse, Rapport
from gis_data.contraintes.models import CoucheDeclaree, ObjetDeclare
from gis_data.couches.registre import ATTRIBUTS_INTERDITS
from gis_data.ouverture import CoucheLue, FichierRefuse, Limites, ouvrir
from gis_data.ouverture.garde import MIO

LIMITES = Limites(octets=200 * MIO, objets=200_000)
FORMATS = ("shp", "dbf", "gpkg", "geojson")
_DIMENSIONS = {"surface": 2, "ligne": 1, "point": 0}
_NOM_MAX = 50


class DeclarationRefusee(FichierRefuse):
    """A declaration that cannot be kept; the French message says why."""


@dataclass
class Lecture:
    """What a file brought: fields found with an example, counts, remarks."""

    champs: list[dict[str, str]] = field(default_factory=list)
    forme: str = "surface"
    nombre: int = 0
    srid: int = 0
    remarques: list[str] = field(default_factory=list)


def nom_technique(theme: str, libelle: str) -> str:
    """A name of layer that no other has: « risques_retrait_gonflement »."""
    debut = f"{theme}_{slugify(libelle).replace('-', '_') or 'couche'}"[: _NOM_MAX - 4]
    for suite in itertools.chain([""], (f"_{n}" for n in itertools.count(2))):
        if not CoucheDeclaree.objects.filter(nom=f"{debut}{suite}").exists():
            return f"{debut}{suite}"
    raise AssertionError


def declarer(
    libelle: str,
    theme: str,
    *,
    source: str,
    millesime: date | None = None,
    description: str = "",
    publique: bool = False,
    contrainte: bool = True,
    communes: Iterable[str] = (),
    utilisateur: Any = None,
) -> CoucheDeclaree:
    """Announce a layer of these communes (none: the whole territory), still without data: not loaded."""
    couche = CoucheDeclaree.objects.create(
        nom=nom_technique(theme, libelle),
        libelle=libelle,
        theme=theme,
        source=source,
        millesime=millesime,
        description=description,
        publique=publique,
        contrainte=contrainte,
        communes=sorted(communes),
        declaree_par=utilisateur if getattr(utilisateur, "pk", None) else None,
    )
    registre.oublier()
    return couche


def charger(
    couche: CoucheDeclaree,
    fichier: IO[bytes] | Path,
    nom: str,
    *,
    srid: int | None = None,
    couche_du_fichier: str = "",
) -> Lecture:
    """Read a file into a layer. One that is shown already is replaced if the file has the fields kept.

    Otherwise the objects wait, all fields with them, until ``publier`` chooses. ``FichierRefuse``.
    """
    rapport = Rapport("couche", nom)
    with ouvrir(fichier, nom, limites=LIMITES, formats=FORMATS) as contenu:
        lue = _choisir(contenu.couches, couche_du_fichier)
        if ".dbf" in lue.manquants:
            raise DeclarationRefusee(f"Il manque {lue.nom}.dbf, la table des attributs : ajoutez-la au zip.")
        formes, forme = _formes(lue, srid, rapport)
        gardes = [c["champ"] for c in couche.champs]
        if gardes and couche.champ_titre and couche.champ_titre not in gardes:
            gardes.append(couche.champ_titre)
        if couche.chargee_le is not None:
            absents = [c for c in gardes if c not in {n for n, _ in lue.champs}]
            if absents:
                raise DeclarationRefusee(
                    f"Ce fichier n'a pas le champ {', '.join(absents)} que la couche garde."
                    " Chargez un fichier de même structure, ou déclarez une autre couche."
                )
        objets = [
            ObjetDeclare(
                couche=couche,
                titre=_titre(couche.champ_titre, objet.attributs),
                attributs={c: v for c, v in objet.attributs.items() if not gardes or c in gardes},
                geom=geometries.en_geos(legale, settings.TERRITOIRE_SRID),
                geom_3857=geometries.en_geos(mercator, 3857),
            )
            for objet, legale, mercator in zip(lue.objets(), formes.legales, formes.mercator, strict=True)
            if legale is not None
        ]
        if not objets:
            raise DeclarationRefusee(f"« {lue.nom} » ne contient aucun objet avec une géométrie utilisable.")
        with transaction.atomic():
            verrouillee = CoucheDeclaree.objects.select_for_update().get(pk=couche.pk)
            verrouillee.objets.all().delete()
            ObjetDeclare.objects.bulk_create(objets, batch_size=1000)
            verrouillee.forme = forme
            verrouillee.fichier = nom[:200]
            verrouillee.srid_source = next(iter(rapport.projections.values()), None)
            verrouillee.nombre = len(objets)
            verrouillee.modifiee_le = timezone.now()
            if verrouillee.chargee_le is not None:
                verrouillee.chargee_le = timezone.now()
                verrouillee.version += 1
            verrouillee.save()
        champs = [{"champ": n, "genre": g, "exemple": _exemple(n, objets)} for n, g in lue.champs if n]
    couche.refresh_from_db()
    registre.oublier()
    remarques = [*lue.remarques, *(f"{a.message} (objet {a.numero})" for a in rapport.anomalies[:50])]
    if len(rapport.anomalies) > 50:
        remarques.append(f"Et {len(rapport.anomalies) - 50} autres remarques.")
    return Lecture(champs, forme, len(objets), couche.srid_source or 0, remarques)


def _choisir(couches: list[CoucheLue], voulue: str) -> CoucheLue:
    """The layer of the file to take: the one named, or the only one that has shapes."""
    avec = [c for c in couches if c.nombre > c.sans_geometrie]
    if voulue:
        trouvee = next((c for c in avec if c.nom == voulue), None)
        if trouvee is None:
            raise DeclarationRefusee(f"Ce fichier n'a pas de couche « {voulue} ».")
        return trouvee
    if not avec:
        raise DeclarationRefusee("Ce fichier ne contient aucune géométrie.")
    if len(avec) > 1:
        noms = ", ".join(c.nom for c in avec[:20])
        raise DeclarationRefusee(f"Ce fichier contient plusieurs couches ({noms}) : dites laquelle charger.")
    return avec[0]


def _formes(lue: CoucheLue, srid: int | None, rapport: Rapport) -> tuple[geometries.Formes, str]:
    """Shapes in both projections and their kind, the most frequent of a file that mixes them."""
    dimensions = {
        int(shapely.get_dimensions(shapely.from_wkb(o.wkb))) for o in lue.objets() if o.wkb is not None
    }
    try:
        if len(dimensions) == 1:
            forme = {d: n for n, d in _DIMENSIONS.items()}[dimensions.pop()]
            return geometries.lire_formes([lue], lue.nom, forme, srid, rapport), forme
        return geometries.lire_formes([lue], lue.nom, "mixte", srid, rapport), "mixte"
    except ImportRefuse as refus:
        raise DeclarationRefusee(str(refus)) from refus


def _titre(champ: str, attributs: dict[str, Any]) -> str:
    valeur = attributs.get(champ) if champ else None
    return "" if valeur is None else str(valeur)[:250]


def _exemple(champ: str, objets: Iterable[ObjetDeclare]) -> str:
    for objet in itertools.islice(objets, 200):
        valeur = objet.attributs.get(champ)
        if valeur not in (None, ""):
            return str(valeur)[:60]
    return ""


def champs_du_brouillon(couche: CoucheDeclaree) -> list[dict[str, str]]:
    """Fields of the objects that wait, with an example, read back from the table."""
    exemples: dict[str, str] = {}
    genres: dict[str, str] = {}
    for attributs in couche.objets.values_list("attributs", flat=True)[:200]:
        for champ, valeur in attributs.items():
            exemples.setdefault(champ, "")
            if valeur not in (None, ""):
                exemples[champ] = exemples[champ] or str(valeur)[:60]
                genre = (
                    "booleen"
                    if isinstance(valeur, bool)
                    else "entier"
                    if isinstance(valeur, int)
                    else "reel"
                    if isinstance(valeur, float)
                    else "texte"
                )
                genres[champ] = genre if genres.get(champ, genre) == genre else "texte"
    return [{"champ": c, "exemple": e, "genre": genres.get(c, "texte")} for c, e in exemples.items()]


def _interdits(champs: Iterable[str], champ_titre: str) -> list[str]:
    """Fields that may name a person; what titles an object is shown too, kept or not."""
    return [n for n in (*champs, champ_titre) if ATTRIBUTS_INTERDITS.search(n.lower())]


def publier(
    couche: CoucheDeclaree,
    champs: list[dict[str, str]],
    *,
    champ_titre: str = "",
    style: dict[str, Any] | None = None,
) -> None:
    """Keep these fields only, erase the others for good, and show the layer. ``DeclarationRefusee``."""
    noms = [c["champ"] for c in champs]
    if couche.publique and (interdits := _interdits(noms, champ_titre)):
        raise DeclarationRefusee(
            f"Le champ « {interdits[0]} » peut désigner une personne : une couche visible de tous ne peut le"
            " garder. Décochez-le, ou réservez la couche aux agents."
        )
    if champ_titre and champ_titre not in noms:
        noms.append(champ_titre)
    with transaction.atomic():
        verrouillee = CoucheDeclaree.objects.select_for_update().get(pk=couche.pk)
        if not verrouillee.nombre:
            raise DeclarationRefusee("Aucun fichier n'est chargé dans cette couche.")
        with connection.cursor() as curseur:
            curseur.execute(
                """
                UPDATE gis_data_objetdeclare SET
                    titre = left(COALESCE(attributs ->> %s, ''), 250),
                    attributs = COALESCE((SELECT jsonb_object_agg(k, v) FROM jsonb_each(attributs) e(k, v)
                                          WHERE k = ANY(%s)), '{}')
                WHERE couche_id = %s
                """,
                [champ_titre, noms, couche.pk],
            )
        verrouillee.champs = champs
        verrouillee.champ_titre = champ_titre
        if style is not None:
            verrouillee.style = style
        verrouillee.chargee_le = verrouillee.chargee_le or timezone.now()
        verrouillee.modifiee_le = timezone.now()
        verrouillee.version += 1
        verrouillee.save()
    couche.refresh_from_db()
    registre.oublier()


def modifier(couche: CoucheDeclaree, **valeurs: Any) -> None:
    """Change what is said of a layer: name shown, source, vintage, style, who sees it."""
    if valeurs.get("publique") and (
        interdits := _interdits([c["champ"] for c in couche.champs], couche.champ_titre)
    ):
        raise DeclarationRefusee(
            f"Le champ « {interdits[0]} » peut désigner une personne : la couche reste réservée aux agents."
        )
    for nom, valeur in valeurs.items():
        setattr(couche, nom, valeur)
    couche.modifiee_le = timezone.now()
    couche.version += 1
    couche.save()
    registre.oublier()


def supprimer(couche: CoucheDeclaree) -> None:
    """Remove a layer and its objects."""
    couche.delete()
    registre.oublier()
