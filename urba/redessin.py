"""The ground of a deposited request drawn anew: while it is open, and with a line in the log."""

from __future__ import annotations

import hashlib

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction

from cadastre.models import Commune
from mairie import journal
from mairie.models import Utilisateur
from mairie.workflow import Refus
from urba.instruction.etats import LIBELLES, OUVERTS
from urba.models import DossierInstruction, Terrain
from urba.terrain import multipolygone

ACTION = "urba.terrain_redessine"
# A drawing follows the limits of the plan, and these are not the commune's to the centimetre.
TAMPON_COMMUNE_M = 50


class Depasse(Exception):
    """Another agent drew since the form was opened."""


def ouvert(d: DossierInstruction) -> bool:
    """Whether the ground may still change: a decision was taken on the one that was known."""
    return d.etat in OUVERTS


def empreinte(terrain: Terrain | None) -> str:
    """Seal of a drawing, to tell whether it changed meanwhile."""
    dessin = terrain.emprise_dessinee if terrain else None
    return hashlib.sha256(bytes(dessin.wkb) if dessin else b"").hexdigest()[:32]


def redessiner(d: DossierInstruction, dessin: GEOSGeometry | None, *, par: Utilisateur, vue: str) -> None:
    """Write the ground drawn (null: back to the union of the parcels); ``vue``: seal of what was seen.

    ``Refus`` when it cannot be, ``Depasse`` when somebody else was quicker.
    """
    forme = multipolygone(dessin)
    if dessin is not None and (forme is None or not forme.valid):
        raise Refus("L'emprise dessinée se croise ou n'a pas de surface : corrigez le dessin.")
    with transaction.atomic():
        verrou = DossierInstruction.objects.select_for_update(of=("self",)).get(pk=d.pk)
        if not ouvert(verrou):
            etat = LIBELLES.get(verrou.etat, verrou.etat)
            raise Refus(f"Le dossier est « {etat} » : son terrain ne change plus.")
        terrain, _ = Terrain.objects.select_for_update(of=("self",)).get_or_create(dossier=verrou)
        if vue != empreinte(terrain):
            raise Depasse
        if forme is None and terrain.emprise_parcelles is None:
            raise Refus("Ce dossier n'a pas de parcelle au plan : dessinez son terrain.")
        if forme is not None and _hors_commune(verrou.insee, forme):
            raise Refus("L'emprise est hors de la commune : vérifiez le dessin.")
        avant = terrain.emprise
        if empreinte(Terrain(emprise_dessinee=forme)) == vue:
            return
        terrain.emprise_dessinee = forme
        terrain.save(update_fields=["emprise_dessinee"])
        terrain.refresh_from_db(fields=["emprise"])
        journal.noter(
            par,
            ACTION,
            d,
            insee=d.insee,
            donnees={
                "avant_m2": round(avant.area) if avant else None,
                "apres_m2": round(terrain.emprise.area) if terrain.emprise else None,
                "dessin": forme is not None,
            },
        )


def _hors_commune(insee: str, forme: GEOSGeometry) -> bool:
    contour = Commune.objects.filter(insee=insee, geom__isnull=False).values_list("geom", flat=True).first()
    if contour is None:
        return False
    return not shapely.dwithin(
        shapely.from_wkb(bytes(forme.wkb)), shapely.from_wkb(bytes(contour.wkb)), TAMPON_COMMUNE_M
    )
