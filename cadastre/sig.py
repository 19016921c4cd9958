"""What the cadastre brings to the layers of ``gis_data``: communes of a ground, roles of the technicians."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from cadastre import demo_urbanisme
from cadastre.panneaux import declarer_panneaux
from cadastre.regles.noms import nom_commune
from gis_data.contraintes.couches import enregistrer_couches as enregistrer_plu
from gis_data.contraintes.droits import IMPORTER, LIRE, declarer_communes_du_droit
from gis_data.contraintes.lieux import declarer_communes
from mairie.habilitations import communes_du_droit
from mairie.menu import Rubrique, ajouter
from mairie.perms import AGENT
from mairie.roles import Droit, Role, declarer_droits, declarer_metier, declarer_roles

# Less than this in common with a commune is its boundary.
AIRE_M2, LONGUEUR_M = 1.0, 1.0
_COMMUNES = """
SELECT c.insee, c.nom FROM cadastre_commune c, (SELECT ST_GeomFromWKB(%s, %s) AS g) p
WHERE c.geom && p.g AND ST_Intersects(c.geom, p.g) AND (
    ST_Covers(c.geom, p.g)
    OR CASE ST_Dimension(p.g) WHEN 2 THEN ST_Area(ST_Intersection(c.geom, p.g)) > %s
       WHEN 1 THEN ST_Length(ST_Intersection(c.geom, p.g)) > %s ELSE true END
)
ORDER BY c.insee
"""


def communes_touchees(wkb: bytes) -> list[tuple[str, str]]:
    """(INSEE code, name) of the communes that a ground lies in, by more than their boundary."""
    with connection.cursor() as curseur:
        curseur.execute(_COMMUNES, [wkb, settings.TERRITOIRE_SRID, AIRE_M2, LONGUEUR_M])
        return [(insee, nom_commune(nom)) for insee, nom in curseur.fetchall()]


def declarer() -> None:
    """Called once, when the applications are ready and the layers of the plan registered."""
    enregistrer_plu()
    declarer_communes(communes_touchees)
    declarer_communes_du_droit(communes_du_droit)
    declarer_panneaux()
    demo_urbanisme.declarer()
    declarer_metier("sig", "Données de la carte")
    declarer_droits(
        Droit(IMPORTER, "Importer documents d'urbanisme et servitudes, déclarer des couches"),
        Droit(LIRE, "Voir les couches de la carte réservées aux agents"),
    )
    declarer_roles(
        Role(
            "sig",
            "technicien",
            "Technicien SIG",
            frozenset({AGENT, IMPORTER, LIRE}),
            description="Importe le PLU, les servitudes et les couches de la carte.",
        ),
        Role(
            "sig",
            "lecteur",
            "Lecteur des couches internes",
            frozenset({AGENT, LIRE}),
            description="Voit sur la carte et les fiches les couches réservées aux agents.",
        ),
    )
    ajouter(
        Rubrique("donnees_carte", "Données de la carte", "bi-layers", "/carte/donnees/", 35, droit=IMPORTER)
    )
