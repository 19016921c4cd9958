"""What the cadastre knows of the territory, for the frame of every page."""

from __future__ import annotations

from django.contrib.gis.db.models import Extent
from django.contrib.gis.geos import Polygon
from django.db.models import Max, Min

from cadastre.models import Commune, Feuille
from cadastre.regles.noms import nom_commune
from mairie.territoire import Territoire, territoire


def lire() -> Territoire:
    """Communes, vintages in force and extent, read from the database."""
    communes = tuple(
        (insee, nom_commune(nom))
        for insee, nom in Commune.objects.order_by("insee").values_list("insee", "nom")
    )
    dates = Feuille.objects.aggregate(ancien=Min("version__millesime"), recent=Max("version__millesime"))
    boite = Commune.objects.aggregate(boite=Extent("geom"))["boite"]
    emprise = None
    if boite:
        cadre = Polygon.from_bbox(boite)
        cadre.srid = Commune._meta.get_field("geom").srid
        emprise = cadre.transform(4326, clone=True).extent
    return Territoire(communes, dates["ancien"], dates["recent"], emprise)


def nom_de_commune(insee: str) -> str:
    """Name to show for a code; the code itself where the commune is not loaded."""
    return dict(territoire().communes).get(insee, insee)
