"""Parcels and ground of a request: references read, versions of the day found, union computed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.contrib.gis.db.models import Union
from django.contrib.gis.geos import GeometryCollection, GEOSGeometry, MultiPolygon, Polygon
from django.db.models import QuerySet

from cadastre.models import Commune, Parcelle
from cadastre.regles.references import Contexte, Reference, analyser
from cadastre.versions import etat_au, parcelles_actuelles
from urba.models import DossierInstruction, DossierParcelle, Terrain

HORS_CADASTRE = "hors du cadastre en ligne"


class ParcelleRefusee(ValueError):
    """A reference names a parcel of another commune: the message says which."""


def lire_references(texte: str, insee: str) -> list[tuple[str, str]]:
    """(as typed, idu or empty) of each reference; a text that is no reference stays as typed.

    Raises ``ParcelleRefusee`` for a parcel of another commune.
    """
    communes = dict(Commune.objects.values_list("insee", "nom"))
    lues: list[tuple[str, str]] = []
    for element in analyser(texte, Contexte(communes, insee)):
        if not isinstance(element, Reference) or element.numero is None:
            lues.append((element.ecrit or texte.strip(), ""))
            continue
        commune = element.insee or insee
        if commune != insee:
            nom = communes.get(commune, commune)
            raise ParcelleRefusee(
                f"La parcelle {element.libelle} est à {nom} : un dossier porte sur une seule commune."
            )
        idu = f"{insee}{element.prefixe or '000'}{element.section}{element.numero:04d}"
        lues.append((element.libelle, idu))
    return [x for i, x in enumerate(lues) if not x[1] or x[1] not in {y[1] for y in lues[:i]}]


def version_du_jour(idu: str, jour: date) -> Parcelle | None:
    """The version in force that day; before the oldest known vintage, that oldest one."""
    version = etat_au(jour, idu[:5]).filter(idu=idu).first()
    if version is not None:
        return version
    premiere = Parcelle.objects.filter(idu=idu).order_by("valide_du").first()
    return premiere if premiere is not None and jour < premiere.valide_du else None


def lier_parcelles(dossier: DossierInstruction, references: Sequence[tuple[str, str]], jour: date) -> None:
    """Write the parcels of a request with their shape of that day, and the union as its computed ground."""
    dossier.parcelles.all().delete()
    for ordre, (texte, idu) in enumerate(references, start=1):
        version = version_du_jour(idu, jour) if idu else None
        DossierParcelle.objects.create(
            dossier=dossier,
            ordre=ordre,
            texte_saisi=texte[:60],
            idu=idu,
            parcelle=version,
            contenance=version.contenance if version else None,
            geom_du_jour=version.geom if version else None,
            millesime=version.valide_du if version else None,
        )
    union = dossier.parcelles.aggregate(u=Union("geom_du_jour"))["u"]
    terrain, _ = Terrain.objects.get_or_create(dossier=dossier)
    terrain.emprise_parcelles = multipolygone(union)
    terrain.save()


def ecarts_du_plan(dossier: DossierInstruction) -> list[str]:
    """What the plan does not know of the parcels, in sentences; they are kept as typed all the same."""
    phrases = []
    for p in dossier.parcelles.filter(parcelle__isnull=True):
        derniere = Parcelle.objects.filter(idu=p.idu).order_by("-valide_du").first() if p.idu else None
        if derniere is None or derniere.valide_au is None:
            phrases.append(f"La parcelle {p} est hors du cadastre en ligne : elle est gardée comme écrite.")
            continue
        suite = ", ".join(
            f"{(v.idu or '')[8:10].lstrip('0')} {(v.idu or '')[10:].lstrip('0')}"
            for v, _ in parcelles_actuelles(derniere)
        )
        devenue = f" : elle est devenue {suite}" if suite else ""
        phrases.append(
            f"La parcelle {p} n'existe plus au plan depuis le {derniere.valide_au:%d/%m/%Y}{devenue}."
            " Elle est gardée comme écrite, sans contour : vérifiez la demande."
        )
    return phrases


def multipolygone(geometrie: GEOSGeometry | None) -> MultiPolygon | None:
    """Areas of a geometry as one multipolygon; null when it has none."""
    if geometrie is None or geometrie.empty:
        return None
    if isinstance(geometrie, Polygon):
        return MultiPolygon(geometrie, srid=geometrie.srid)
    if isinstance(geometrie, MultiPolygon):
        return geometrie
    if not isinstance(geometrie, GeometryCollection):
        return None
    polygones = [g for g in geometrie if isinstance(g, Polygon)]
    return MultiPolygon(polygones, srid=geometrie.srid) if polygones else None


def aujourd_hui(parcelle: DossierParcelle) -> list[tuple[Parcelle, float]]:
    """What a parcel of a request has become: versions in force with the share of it in each."""
    return parcelles_actuelles(parcelle.parcelle) if parcelle.parcelle else []


def voisins(dossier: DossierInstruction, rayon_m: float = 100) -> QuerySet[DossierInstruction]:
    """Other first requests whose ground lies within so many metres, nearest in time first."""
    terrain = getattr(dossier, "terrain", None)
    if terrain is None or terrain.emprise is None:
        return DossierInstruction.objects.none()
    return (
        DossierInstruction.objects.filter(
            insee=dossier.insee, nature="INITIAL", terrain__emprise__dwithin=(terrain.emprise, rayon_m)
        )
        .exclude(da_id=dossier.da_id)
        .select_related("da", "terrain")
        .order_by("-date_depot")
    )
