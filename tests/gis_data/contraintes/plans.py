"""Small plans for the tests: four square zones of 100 m a side, and what lies on them."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import shapely

from gis_data.demo.urbanisme import paquet
from gis_data.demo.urbanisme.servitudes import servitudes
from gis_data.demo.urbanisme.sol import Sol, composer
from gis_data.demo.urbanisme.zonage import Entite, Plan

INSEE = "25999"
X0, Y0 = 899_942.0, 6_650_073.0
JOUR = date(2024, 1, 15)


def carre(colonne: float, ligne: float, cote: float = 100.0) -> Any:
    """A square, in the grid of the tests (hundreds of metres)."""
    x, y = X0 + 100 * colonne, Y0 + 100 * ligne
    return shapely.MultiPolygon([shapely.box(x, y, x + cote, y + cote)])


def plan(jour: date = JOUR, insee: str = INSEE, **options: Any) -> Plan:
    """UA | UB over A | N, a wooded area in N, a line, a point, a pre-emption area on UA and UB."""
    idurba = f"{insee}_PLU_{jour:%Y%m%d}"

    def commun(numero: int, libelle: str) -> dict[str, Any]:
        return {
            "numero": numero,
            "LIBELLE": libelle,
            "IDURBA": idurba,
            "DATVALID": jour,
            "NOMFIC": "",
            "URLFIC": "",
        }

    zones = [("UA", "U", 0, 1), ("UB", "U", 1, 1), ("A", "A", 0, 0), ("N", "N", 1, 0)]
    couches = {
        "ZONE_URBA": [
            Entite(
                carre(c, li),
                {
                    **commun(i, nom),
                    "LIBELONG": f"Zone {nom} à Vallée-l'Œuvre",
                    "TYPEZONE": genre,
                    "NOMFIC": f"{insee}_reglement_{jour:%Y%m%d}.pdf#page={i}",
                },
            )
            for i, (nom, genre, c, li) in enumerate(zones, start=1)
        ],
        "PRESCRIPTION_SURF": [
            Entite(
                carre(1, 0, 50),
                {**commun(1, "Bois du Haut"), "TYPEPSC": "01", "STYPEPSC": "01", "TXT": "EBC"},
            ),
        ],
        "PRESCRIPTION_LIN": [
            Entite(
                shapely.MultiLineString([[(X0, Y0 + 150), (X0 + 200, Y0 + 150)]]),
                {**commun(1, "Commerces"), "TYPEPSC": "22", "STYPEPSC": "03", "TXT": ""},
            )
        ],
        "PRESCRIPTION_PCT": [
            Entite(
                shapely.MultiPoint([(X0 + 50, Y0 + 150)]),
                {**commun(1, "Lavoir"), "TYPEPSC": "07", "STYPEPSC": "01", "TXT": ""},
            )
        ],
        "INFO_SURF": [
            Entite(
                shapely.MultiPolygon([shapely.box(X0, Y0 + 100, X0 + 200, Y0 + 200)]),
                {**commun(1, "Préemption"), "TYPEINF": "04", "STYPEINF": "00", "TXT": "DPU"},
            )
        ],
        "DOC_URBA": [
            Entite(None, {"IDURBA": idurba, "TYPEDOC": "PLU", "DATAPPRO": jour, "ETAT": "03", **options})
        ],
        "DOC_URBA_COM": [Entite(None, {"IDURBA": idurba, "INSEE": insee})],
    }
    return Plan(insee, 2154, jour, couches)


def sol() -> Sol:
    """A ground with a church and a river, for servitudes."""
    eglise = shapely.box(X0 + 50, Y0 + 150, X0 + 60, Y0 + 160)
    return composer(
        INSEE,
        "Essai",
        2154,
        shapely.box(X0 - 2000, Y0 - 2000, X0 + 2000, Y0 + 2000),
        [],
        [("Église", eglise)],
        [shapely.box(X0 + 100, Y0 - 500, X0 + 110, Y0 + 500)],
        [],
        [],
    )


def ecrire(dossier: Path, p: Plan | None = None, **options: Any) -> Path:
    """The plan as a package."""
    return paquet.ecrire_plu(p or plan(), dossier, **options)


def ecrire_sup(dossier: Path, categorie: str = "AC1", **options: Any) -> Path:
    """A lot of servitudes as a package."""
    return paquet.ecrire_sup(servitudes(sol(), **options)[categorie], categorie, dossier)
