"""Map layers: installations for agents only, one shape and colour a conclusion; zones for all (spec §10)."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, QuerySet, Sum
from django.utils import timezone

from assainissement import perms
from assainissement.circuits.etats import INSTALLATION as ETATS
from assainissement.models import Controle, Installation, ZonageAssainissement, ZoneEnjeu
from assainissement.mots import CONCLUSIONS, JAMAIS
from gis_data.couches import (
    Aplat,
    Attribut,
    Couche,
    Element,
    Forme,
    Genre,
    Rang,
    Symbole,
    Texte,
    enregistrer,
)
from gis_data.couches.dessin import Icone
from gis_data.couches.ecritures import ecritures
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


def _version_zones(modele: Any) -> Any:
    def version_zones() -> str:
        chiffres = modele.objects.aggregate(n=Count("id"), x=ecritures(modele))
        return "|".join(str(v) for v in (*chiffres.values(), timezone.localdate()))

    return version_zones


def _aplat(element: str, champ: str, valeur: str, couleur: str, opacite: float, legende: str) -> Aplat:
    return Aplat(
        element=element,
        rang=Rang.CULTURE,
        zoom_min=11,
        filtre=("==", ("get", champ), valeur),
        remplissage=couleur,
        opacite=opacite,
        contour=couleur,
        epaisseur=1.5,
        tirets=(4, 2) if valeur in ("AC_futur", "environnemental") else (),
        legende=legende,
    )


ZONAGE = Couche(
    nom="ass_zonage",
    libelle="Zonage d'assainissement",
    objets=lambda utilisateur: ZonageAssainissement.objects.en_vigueur(timezone.localdate()),
    forme=Forme.SURFACE,
    zoom_min=11,
    geometrie="geom",
    geometrie_tuile="geom_3857",
    version=_version_zones(ZonageAssainissement),
    comparee=True,
    theme="Assainissement",
    source="Zonage d'assainissement approuvé",
    visible=False,
    attributs=(
        Attribut("type", "Type", tuile=11, valeurs=dict(ZonageAssainissement.Type.choices)),
        Attribut("approuve_le", "Approuvé le", "du", Genre.DATE),
        Attribut("acte", "Acte"),
    ),
    elements=(Element("ass_zonage", 11),),
    dessins=(
        _aplat("ass_zonage", "type", "AC", "#5b4b8a", 0.2, "Assainissement collectif"),
        _aplat("ass_zonage", "type", "AC_futur", "#5b4b8a", 0.08, "Assainissement collectif à venir"),
        _aplat("ass_zonage", "type", "ANC", GARRIGUE, 0.12, "Assainissement non collectif"),
        _aplat("ass_zonage", "type", "EP", "#3a78a3", 0.12, "Eaux pluviales"),
    ),
    titre=lambda a: str(a.get("type") or "Zone d'assainissement"),
)


def _zones_enjeu(
    nom: str, libelle: str, objets: Any, *plus: Attribut, publique: bool = True, **options: Any
) -> Couche:
    """The layer of zones with an issue; what agents see besides comes after the public attributes."""
    return Couche(
        nom=nom,
        libelle=libelle,
        objets=objets,
        forme=Forme.SURFACE,
        zoom_min=11,
        geometrie="geom",
        geometrie_tuile="geom_3857",
        version=_version_zones(ZoneEnjeu),
        theme="Assainissement",
        source="Service public d'assainissement non collectif",
        visible=False,
        publique=publique,
        attributs=(
            Attribut("enjeu", "Enjeu", tuile=11, valeurs=dict(ZoneEnjeu.Enjeu.choices)),
            Attribut("source", "Source"),
            Attribut("du", "Du", genre=Genre.DATE),
            Attribut("au", "Au", genre=Genre.DATE),
            *plus,
        ),
        elements=(Element(nom, 11),),
        dessins=(
            _aplat(nom, "enjeu", "sanitaire", BRIQUE, 0.12, "Enjeu sanitaire"),
            _aplat(nom, "enjeu", "environnemental", OCRE, 0.12, "Enjeu environnemental"),
        ),
        titre=lambda a: str(a.get("enjeu") or "Zone à enjeu"),
        **options,
    )


ZONES_ENJEU = _zones_enjeu(
    "ass_zones_enjeu", "Zones à enjeu sanitaire ou environnemental",
    lambda utilisateur: ZoneEnjeu.objects.en_vigueur(timezone.localdate()), comparee=True,
)  # fmt: skip
# Its documents are on the page to which it leads.
ZONES_ENJEU_AGENTS = _zones_enjeu(
    "ass_zones_enjeu_agents", "Zones à enjeu (agents)",
    lambda utilisateur: ZoneEnjeu.objects.visibles_par(utilisateur).en_vigueur(timezone.localdate()),
    Attribut("preuve_impact", "Impact prouvé", genre=Genre.BOOLEEN),
    Attribut("pk", "Clé", "id", Genre.ENTIER),
    publique=False,
    peut_voir=lambda utilisateur: peut(utilisateur, perms.LIRE),
    adresse=lambda a: f"/assainissement/zonage/zones/enjeu/{a['pk']}/" if a.get("pk") else None,
)  # fmt: skip


def declarer() -> None:
    """Add the layers, from ``AppConfig.ready``."""
    enregistrer(INSTALLATIONS, ZONAGE, ZONES_ENJEU, ZONES_ENJEU_AGENTS)
