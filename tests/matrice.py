"""What the URL × role matrix needs to walk an address that has parameters.

Each app gives an example for each of its named addresses: parameters, and a maker of the rows they name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Exemple:
    """Parameters of one address. ``creer()`` makes what they name and may return parameters that win.

    ``attendu``: status for who may open it (405 from a POST-only view is always right). ``requete``: query.
    """

    parametres: Mapping[str, Any] = field(default_factory=dict)
    creer: Callable[[], Mapping[str, Any] | None] | None = None
    attendu: tuple[int, ...] = (200, 204, 302, 304, 405)
    requete: str = ""


_exemples: dict[str, Exemple] = {}
# Beginnings of addresses of packages, each with the reason why the matrix leaves it to another test.
HORS_MATRICE: dict[str, str] = {
    "/api/": "each operation bears a mark of its own, walked in test_matrice and in the API's tests",
    "/django/": "Django's administration, walked whole by its own test in test_matrice",
}


def exemple(nom: str, **options: Any) -> None:
    """Declare the example of the address named ``nom``."""
    _exemples[nom] = Exemple(**options)


def exemples() -> dict[str, Exemple]:
    """All examples by name of address."""
    return _exemples


exemple("carte_objet", parametres={"nom": "parcelles", "cle": "259990000AB0001"}, attendu=(404,))
exemple("carte_identifier", attendu=(200, 400))
exemple("carte_liste", requete="?bbox=6.35,47.1,6.36,47.2&zoom=17")
exemple("carte_site_retirer", parametres={"pk": 1})
exemple("carte_vue_supprimer", parametres={"pk": 1})
exemple("carte_filtres", parametres={"nom": "parcelles"})
exemple("carte_export", parametres={"nom": "communes", "format_": "geojson"})
exemple("carte_mesure", requete="?points=6.35,47.1;6.36,47.2")
exemple("carte_coordonnees", requete="?texte=47.1,+6.35")
exemple("tuiles_tilejson", parametres={"nom": "plan"})
exemple("tuiles_tuile", parametres={"nom": "plan", "z": 15, "x": 16900, "y": 11500}, attendu=(200, 204))
exemple("cadastre_commune", parametres={"insee": "25999"})
exemple("cadastre_commune_csv", parametres={"insee": "25999"})
exemple("cadastre_feuille", parametres={"id12": "25999000AB01"})
exemple("cadastre_millesimes_csv", attendu=(400, 404))
exemple("parcelle_geojson", parametres={"idu": "25999000AB0001"})
exemple("parcelle", parametres={"ecrit": "25999000AB0001"})
exemple("simulateur", parametres={"code": "delai"})
exemple("avis", parametres={"jeton": "A" * 22}, attendu=(404, 429))
exemple("consultation_acte", parametres={"pk": 1, "nom": "envoyer"})

# Each subject may keep its examples beside.
from tests import (  # noqa: E402, F401
    matrice_assainissement,
    matrice_collectif,
    matrice_courriers,
    matrice_domainepublic,
    matrice_ecrans,
    matrice_impression,
    matrice_ogc,
    matrice_redevances,
    matrice_reseau,
    matrice_taches,
    matrice_terrain,
    matrice_tiers,
    matrice_urba,
)

exemple("dessin_accroches", requete="?bbox=6.35,47.1,6.351,47.101")
exemple("dessin_parcelles", requete="?references=AB+12")
exemple("terrain_fiche", parametres={"code": "inconnu", "cle": "1"}, attendu=(404,))
