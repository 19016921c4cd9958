"""Map layers of the permits: the public one without any name, the agents' one with limits."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from gis_data.couches import Aplat, Attribut, Couche, Element, Forme, Genre, Rang, Texte, enregistrer
from gis_data.couches.ecritures import ecritures
from mairie.habilitations import peut
from mairie.impression import serie
from urba import perms
from urba.instruction.etats import LIBELLES, OUVERTS
from urba.models import DossierInstruction, Lot, Terrain
from urba.publication import ETATS_PUBLICS, date_decision_publique, etat_public, publies
from urba.regles.numeros import NumeroInvalide, lire_numero
from urba.regles.types import LIBELLES_DETAIL

LAVANDE = "#5b4b8a"
THEME = "Autorisations d'urbanisme"


def version() -> str:
    """Changes with every event of a request, and with every change of its land."""
    chiffres = DossierInstruction.objects.aggregate(n=Count("id"), v=Sum("version"), j=Max("calcule_au"))
    # A ground drawn anew bears no date.
    sols = Terrain.objects.aggregate(m=Max("id"), x=ecritures(Terrain))
    return "|".join(str(v) for v in (*chiffres.values(), *sols.values()))


def _publics(utilisateur: Any) -> QuerySet[Terrain]:
    return Terrain.objects.filter(dossier__in=publies().values("pk"), emprise__isnull=False)


def _internes(utilisateur: Any) -> QuerySet[Terrain]:
    visibles = DossierInstruction.objects.visibles_par(utilisateur)
    return Terrain.objects.filter(
        dossier__in=visibles.filter(etat__in=OUVERTS).values("pk"), emprise__isnull=False
    )


def _titre(a: Any) -> str:
    return str(a.get("numero") or "")


DOSSIERS = Couche(
    nom="urba_dossiers",
    libelle="Autorisations d'urbanisme",
    reference="dossier__numero",
    cle="dossier__numero",
    objets=_publics,
    forme=Forme.SURFACE,
    zoom_min=13,
    geometrie="emprise",
    geometrie_tuile="emprise_3857",
    version=version,
    comparee=True,
    theme=THEME,
    source="Service de l'urbanisme",
    visible=False,
    voisinage=True,
    attributs=(
        Attribut("numero", "Numéro", "dossier__numero", tuile=15),
        Attribut("type", "Type", "dossier__type_detail", tuile=13, valeurs=LIBELLES_DETAIL),
        Attribut("nature", "Nature", "dossier__nature"),
        Attribut("objet", "Projet", "dossier__objet_public"),
        Attribut("date_depot", "Déposé le", "dossier__date_depot", Genre.DATE, tuile=13),
        Attribut("etat", "État", etat_public("dossier__"), tuile=13, valeurs=ETATS_PUBLICS),
        Attribut("date_decision", "Décision du", date_decision_publique("dossier__"), Genre.DATE),
    ),
    filtres=("etat", "type", "date_depot"),
    elements=(Element("urba_dossiers", 13),),
    dessins=(
        Aplat(
            element="urba_dossiers",
            rang=Rang.METIER,
            zoom_min=13,
            filtre=("==", ("get", "etat"), "en_cours"),
            remplissage=LAVANDE,
            opacite=0.15,
            contour=LAVANDE,
            epaisseur=1.5,
            tirets=(3, 2),
            legende="Demande en cours d'instruction",
            sur_photo=True,
        ),
        Aplat(
            element="urba_dossiers",
            rang=Rang.METIER,
            zoom_min=13,
            filtre=("in", ("get", "etat"), ("literal", ("accorde", "accord_tacite"))),
            remplissage=LAVANDE,
            opacite=0.3,
            contour=LAVANDE,
            epaisseur=1.5,
            legende="Autorisation accordée",
            sur_photo=True,
        ),
        Aplat(
            element="urba_dossiers",
            rang=Rang.METIER,
            zoom_min=13,
            filtre=(
                "in",
                ("get", "etat"),
                ("literal", ("refuse", "sursis", "rejet_tacite", "retire", "annule", "abandonne")),
            ),
            remplissage=None,
            contour=LAVANDE,
            epaisseur=1.0,
            legende="Refus, retrait, annulation, abandon",
        ),
    ),
    titre=_titre,
)

INSTRUCTION = Couche(
    nom="urba_instruction",
    libelle="Dossiers à l'instruction (agents)",
    reference="dossier__numero",
    objets=_internes,
    forme=Forme.SURFACE,
    zoom_min=13,
    geometrie="emprise",
    geometrie_tuile="emprise_3857",
    version=version,
    theme=THEME,
    source="Service de l'urbanisme",
    publique=False,
    peut_voir=lambda utilisateur: peut(utilisateur, perms.LIRE),
    attributs=(
        Attribut("numero", "Numéro", "dossier__numero", tuile=15),
        Attribut("type", "Type", "dossier__type_detail", tuile=13, valeurs=LIBELLES_DETAIL),
        Attribut("objet", "Projet", "dossier__objet"),
        Attribut("etat", "État", "dossier__etat", tuile=13, valeurs=LIBELLES),
        Attribut("date_depot", "Déposé le", "dossier__date_depot", Genre.DATE, tuile=13),
        Attribut("date_limite", "Date limite", "dossier__date_limite", Genre.DATE, tuile=15),
        Attribut("pk", "Clé", "dossier_id", Genre.ENTIER),
    ),
    filtres=("etat", "type", "date_depot"),
    elements=(Element("urba_instruction", 13),),
    dessins=(
        Aplat(
            element="urba_instruction",
            rang=Rang.METIER,
            zoom_min=13,
            remplissage=LAVANDE,
            opacite=0.16,
            contour=LAVANDE,
            epaisseur=2.0,
            legende="Dossier à l'instruction",
            sur_photo=True,
        ),
        Texte(
            element="urba_instruction",
            rang=Rang.TEXTE,
            zoom_min=16,
            champ="numero",
            couleur=LAVANDE,
            taille=11,
            exemple="PC …",
        ),
    ),
    titre=_titre,
    adresse=lambda a: f"/urba/dossiers/{a['pk']}/" if a.get("pk") else None,
)


def lire_ecrit(ecrit: str) -> str | None:
    """Stored number of a request from any usual writing (« PC 025 999 26 00023 »); null otherwise."""
    try:
        return lire_numero(ecrit).canonique
    except NumeroInvalide:
        return None


LOTS = Couche(
    nom="urba_lots",
    libelle="Lots des permis (agents)",
    objets=lambda utilisateur: Lot.objects.visibles_par(utilisateur).filter(emprise__isnull=False),
    forme=Forme.SURFACE,
    zoom_min=15,
    geometrie="emprise",
    geometrie_tuile="emprise_3857",
    version=lambda: "|".join(str(v) for v in Lot.objects.aggregate(n=Count("id"), m=Max("id")).values()),
    theme=THEME,
    source="Service de l'urbanisme",
    publique=False,
    visible=False,
    peut_voir=lambda utilisateur: peut(utilisateur, perms.LIRE),
    attributs=(
        Attribut("lot", "Lot", "numero", tuile=16),
        Attribut("dossier", "Dossier", "dossier__numero"),
        Attribut("surface", "Surface (m²)", "surface", Genre.ENTIER),
        Attribut("pk", "Clé", "dossier_id", Genre.ENTIER),
    ),
    elements=(Element("urba_lots", 15),),
    dessins=(
        Aplat(
            element="urba_lots",
            rang=Rang.METIER,
            zoom_min=15,
            remplissage=None,
            contour=LAVANDE,
            epaisseur=1.5,
            legende="Lot d'un permis",
            sur_photo=True,
        ),
        Texte(
            element="urba_lots",
            rang=Rang.TEXTE,
            zoom_min=17,
            champ="lot",
            couleur=LAVANDE,
            taille=12,
            exemple="3",
        ),
    ),
    titre=lambda a: f"Lot {a.get('lot') or ''}",
    adresse=lambda a: f"/urba/dossiers/{a['pk']}/lots/" if a.get("pk") else None,
)


def declarer() -> None:
    """Add the layers, from ``AppConfig.ready``."""
    enregistrer(DOSSIERS, INSTRUCTION, LOTS)
    for couche in (DOSSIERS, INSTRUCTION):
        serie.lire_ecritures(couche.nom, lire_ecrit)
