"""Map layer of connections to the sewer: for agents only, one shape a derived state (spec §10)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, QuerySet
from django.utils import timezone

from assainissement import perms
from assainissement.circuits.etats_ac import BRANCHEMENT, RESEAUX
from assainissement.couches import ARDOISE, BRIQUE, GARRIGUE, OCRE, PAPIER
from assainissement.models import Branchement, DerogationRaccordement
from gis_data.couches import Attribut, Couche, Element, Forme, Genre, Rang, Symbole, enregistrer
from gis_data.couches.dessin import Icone
from mairie.habilitations import peut

_ROND = "M6 12a6 6 0 1 1 12 0a6 6 0 1 1 -12 0z"
_TRIANGLE = "M12 5l7 13h-14z"
_LOSANGE = "M12 5l7 7l-7 7l-7 -7z"


def _icone(nom: str, forme: str, couleur: str, plein: bool = True) -> Icone:
    return Icone(
        f"ac-{nom}",
        ((forme, couleur if plein else PAPIER, PAPIER if plein else couleur, 1.4 if plein else 2.2),),
    )


ICONES = {
    "raccorde": _icone("raccorde", _ROND, GARRIGUE),
    "deroge": _icone("deroge", _LOSANGE, OCRE, plein=False),
    "en_retard": _icone("en-retard", _TRIANGLE, BRIQUE),
    "a_raccorder": _icone("a-raccorder", _ROND, ARDOISE, plein=False),
}


def version() -> str:
    """Changes with every row, and with the day: the state is derived."""
    b = Branchement.objects.aggregate(n=Count("id"), m=Max("modifie_le"))
    d = DerogationRaccordement.objects.aggregate(n=Count("id"), m=Max("id"))
    return "|".join(str(v) for v in (*b.values(), *d.values(), timezone.localdate()))


def _internes(utilisateur: Any) -> QuerySet[Branchement]:
    lignes: QuerySet[Branchement] = (
        Branchement.objects.visibles_par(utilisateur)
        .avec_etat(timezone.localdate())
        .filter(geom__isnull=False)
    )
    return lignes


BRANCHEMENTS = Couche(
    nom="ass_branchements",
    libelle="Branchements au réseau (agents)",
    objets=_internes,
    forme=Forme.POINT,
    zoom_min=15,
    geometrie="geom",
    geometrie_tuile="geom_3857",
    version=version,
    theme="Assainissement",
    source="Service de l'assainissement",
    publique=False,
    visible=False,
    peut_voir=lambda utilisateur: peut(utilisateur, perms.LIRE),
    attributs=(
        Attribut("numero", "Numéro"),
        Attribut("etat", "État", tuile=15, valeurs=BRANCHEMENT),
        Attribut("reseau", "Réseau", "type_reseau", valeurs=RESEAUX),
        Attribut("mise_en_service_le", "Réseau en service le", genre=Genre.DATE),
        Attribut("raccorder_avant", "À raccorder avant le", genre=Genre.DATE),
        Attribut("raccorde_le", "Raccordé le", genre=Genre.DATE),
        Attribut("pk", "Clé", "id", Genre.ENTIER),
    ),
    elements=(Element("ass_branchements", 15),),
    dessins=(
        Symbole(
            element="ass_branchements",
            rang=Rang.SYMBOLE,
            zoom_min=15,
            icones=ICONES,
            attribut="etat",
            taille={15: 0.5, 17: 0.8, 19: 1.1},
            libelles={c: mot.capitalize() for c, mot in BRANCHEMENT.items()},
        ),
    ),
    titre=lambda a: str(a.get("numero") or "Branchement"),
    adresse=lambda a: f"/assainissement/branchements/{a['pk']}/" if a.get("pk") else None,
)


def declarer() -> None:
    """Add the layer, from ``AppConfig.ready``."""
    enregistrer(BRANCHEMENTS)
