"""The first vintage of the fictional commune, from its code, size and seed."""

from __future__ import annotations

import numpy as np

from gis_data.demo import bornage, habillage, liens
from gis_data.demo.assemblage import assembler
from gis_data.demo.objets import Commune
from gis_data.demo.placement import placement
from gis_data.demo.village import adresses, batiments, details, parcellaire, topologie, trame

PARCELLES_MIN = 60


def construire(insee: str, parcelles: int, graine: int, sections: int = 3, crs: str = "LAMB93") -> Commune:
    """A commune of exactly ``parcelles`` parcels; the same arguments give the same commune.

    ``ValueError`` below 60 parcels or 3 sections, ``KeyError`` for an unknown projection code.
    """
    if parcelles < PARCELLES_MIN:
        raise ValueError(f"Il faut au moins {PARCELLES_MIN} parcelles.")
    hasards = [np.random.default_rng([graine, k]) for k in range(8)]
    angle = float(hasards[0].uniform(0, 2 * np.pi))
    placer = placement(insee, crs, angle)
    reseau = trame.tracer(parcelles, hasards[1])
    plan = parcellaire.parceller(reseau, parcelles, hasards[2])
    bati = batiments.batir(plan.terrains, hasards[3])
    rues = adresses.voies(plan, hasards[4])
    numeros = adresses.numeroter(plan.terrains, bati, rues, hasards[4])
    petits = details.dessiner(plan, bati, hasards[5])
    sol = topologie.assembler(plan, placer)
    chantier = assembler(insee, crs, graine, plan, sol, sections, hasards[6])
    habillage.habiller(chantier, placer, bati, rues, numeros, petits, angle)
    bornage.borner(chantier)
    liens.relier_batiments(chantier.commune)
    return chantier.commune
