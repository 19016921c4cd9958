"""The map layer of installations: for agents only, one shape and colour a conclusion (spec §10)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from assainissement import perms
from assainissement.circuits.etats import INSTALLATION as ETATS
from assainissement.models import Controle, Installation
from assainissement.mots import CONCLUSIONS, JAMAIS
from gis_data.couches import Attribut, Couche, Element, Forme, Genre, Rang, Symbole, Texte, enregistrer
from gis_data.couches.dessin import Icone
from mairie.habilitations import peut

GARRIGUE, BRIQUE, OCRE, ARDOISE, PAPIER = "#1f6f5c", "#b3261e", "#b4611a", "#47586b", "#ffffff"
_ROND = "M5 12a7 7 0 1 1 14 0a7 7 0 1 1 -14 0z"
_CARRE = "M6 6h12v12h-12z"
_TRIANGLE = "M12 4.5l8 14h-16z"
_LOSANGE = "M12 4l8 8l-8 8l-8 -8z"


def _icone(nom: str, forme: str, couleur: str, plein: bool = True) -> Icone:
    return Icone(
        f"anc-{nom}",
        ((forme, couleur if plein else PAPIER, PAPIER if plein else couleur, 1.4 if plein else 2.2),),
    )


# Danger: triangles and a diamond; defect: square; the rest: round. Never by colour alone.
ICONES = {
    "R0": _icone("r0", _LOSANGE, BRIQUE),
    "R1": _icone("r1", _TRIANGLE, BRIQUE),
    "R2": _icone("r2", _TRIANGLE, BRIQUE, plein=False),
    "R3": _icone("r3", _LOSANGE, BRIQUE, plein=False),
    "R4": _icone("r4", _CARRE, OCRE),
    "R5": _icone("r5", _ROND, GARRIGUE, plein=False),
    "R6": _icone("r6", _ROND, GARRIGUE),
    "": _icone("jamais", _CARRE, ARDOISE, plein=False),
}


def version() -> str:
    """Changes with every event and every change of an installation or of a control."""
    i = Installation.objects.aggregate(n=Count("id"), v=Sum("version"), m=Max("modifie_le"))
    c = Controle.objects.aggregate(n=Count("id"), v=Sum("version"))
    return "|".join(str(v) for v in (*i.values(), *c.values()))


def _internes(utilisateur: Any) -> QuerySet[Installation]:
    visibles: QuerySet[Installation] = Installation.objects.visibles_par(utilisateur)
    return visibles.filter(etat__in=("active", "projet"), geom__isnull=False)


INSTALLATIONS = Couche(
    nom="ass_installations",
    libelle="Assainissement non collectif (agents)",
    objets=_internes,
    forme=Forme.POINT,
    zoom_min=13,
    geometrie="geom",
    geometrie_tuile="geom_3857",
    version=version,
    theme="Assainissement",
    source="Service public d'assainissement non collectif",
    publique=False,
    peut_voir=lambda utilisateur: peut(utilisateur, perms.LIRE),
    attributs=(
        Attribut("numero", "Numéro", tuile=15),
        Attribut(
            "regle", "Conclusion", "derniere_regle", tuile=13,
            valeurs={"": JAMAIS, **{r: f"{r} : {mot}" for r, mot in CONCLUSIONS.items()}},
        ),
        Attribut("etat", "État", valeurs=ETATS),
        Attribut("derniere_visite", "Dernière visite", genre=Genre.DATE),
        Attribut("prochain_controle", "Prochain contrôle", genre=Genre.DATE),
        Attribut("echeance_travaux", "Travaux avant le", genre=Genre.DATE),
        Attribut("pk", "Clé", "id", Genre.ENTIER),
    ),
    elements=(Element("ass_installations", 13),),
    dessins=(
        Symbole(
            element="ass_installations",
            rang=Rang.SYMBOLE,
            zoom_min=13,
            icones=ICONES,
            attribut="regle",
            taille={13: 0.6, 16: 0.9, 19: 1.2},
            libelles={"": JAMAIS.capitalize(), **{r: mot.capitalize() for r, mot in CONCLUSIONS.items()}},
        ),
        Texte(
            element="ass_installations",
            rang=Rang.TEXTE,
            zoom_min=17,
            champ="numero",
            couleur=GARRIGUE,
            taille=11,
            ancre="top",
            decalage=(0.0, 1.0),
            exemple="ANC-…",
        ),
    ),
    titre=lambda a: str(a.get("numero") or "Installation"),
    adresse=lambda a: f"/assainissement/installations/{a['pk']}/" if a.get("pk") else None,
)  # fmt: skip


def declarer() -> None:
    """Add the layer, from ``AppConfig.ready``."""
    enregistrer(INSTALLATIONS)
