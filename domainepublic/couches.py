"""Map layers of the public domain: the public one with kinds and dates only, the agents' one with files."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from domainepublic import perms
from domainepublic.instruction.etats import FINALS, LIBELLES
from domainepublic.models import DossierODP, Emprise
from domainepublic.publication import emprises_publiques
from gis_data.couches import Aplat, Attribut, Couche, Element, Forme, Genre, Rang, Texte, enregistrer
from gis_data.couches.ecritures import ecritures
from mairie.habilitations import peut

OCRE = "#b4611a"
THEME = "Domaine public"


def version() -> str:
    """Changes with every event of a file, and with every change of its ground."""
    chiffres = DossierODP.objects.aggregate(n=Count("id"), v=Sum("version"), j=Max("calcule_au"))
    sols = Emprise.objects.aggregate(n=Count("id"), m=Max("id"), x=ecritures(Emprise))
    return "|".join(str(v) for v in (*chiffres.values(), *sols.values()))


def _publiques(utilisateur: Any) -> QuerySet[Emprise]:
    return emprises_publiques()


def _internes(utilisateur: Any) -> QuerySet[Emprise]:
    visibles = DossierODP.objects.visibles_par(utilisateur).exclude(etat__in=("", *FINALS))
    return Emprise.objects.filter(dossier__in=visibles.values("pk"))


OCCUPATIONS = Couche(
    nom="odp_occupations",
    libelle="Occupations du domaine public",
    objets=_publiques,
    forme=Forme.SURFACE,
    zoom_min=14,
    geometrie="surface",
    geometrie_tuile="surface_3857",
    version=version,
    comparee=True,
    theme=THEME,
    source="Service de la voirie",
    visible=False,
    voisinage=True,
    attributs=(
        Attribut("type", "Occupation", "type__libelle_public", tuile=14),
        Attribut("voie", "Voie", "dossier__voie__nom"),
        Attribut("du", "Du", "debut", Genre.DATE, tuile=14),
        Attribut("au", "Au", "fin", Genre.DATE, tuile=14),
    ),
    filtres=("type", "du"),
    dates=("du", "au"),
    elements=(Element("odp_occupations", 14),),
    dessins=(
        Aplat(
            element="odp_occupations",
            rang=Rang.METIER,
            zoom_min=14,
            remplissage=OCRE,
            opacite=0.3,
            contour=OCRE,
            epaisseur=1.5,
            legende="Occupation autorisée",
            sur_photo=True,
        ),
        Texte(
            element="odp_occupations",
            rang=Rang.TEXTE,
            zoom_min=18,
            champ="type",
            couleur=OCRE,
            taille=11,
            exemple="Terrasse",
        ),
    ),
    titre=lambda a: str(a.get("type") or "Occupation"),
)

EMPRISES = Couche(
    nom="odp_emprises",
    libelle="Emprises et demandes (agents)",
    reference="dossier__numero",
    objets=_internes,
    forme=Forme.SURFACE,
    zoom_min=14,
    geometrie="surface",
    geometrie_tuile="surface_3857",
    version=version,
    theme=THEME,
    source="Service de la voirie",
    publique=False,
    peut_voir=lambda utilisateur: peut(utilisateur, perms.LIRE),
    attributs=(
        Attribut("numero", "Numéro", "dossier__numero", tuile=15),
        Attribut("type", "Type", "type__libelle", tuile=14),
        Attribut("etat", "État", "dossier__etat", tuile=14, valeurs=LIBELLES),
        Attribut("du", "Du", "debut", Genre.DATE, tuile=14),
        Attribut("au", "Au", "fin", Genre.DATE, tuile=14),
        Attribut("unite", "Unité"),
        Attribut("pk", "Clé", "dossier_id", Genre.ENTIER),
    ),
    filtres=("etat", "type", "du"),
    dates=("du", "au"),
    elements=(Element("odp_emprises", 14),),
    dessins=(
        Aplat(
            element="odp_emprises",
            rang=Rang.METIER,
            zoom_min=14,
            filtre=(
                "in",
                ("get", "etat"),
                (
                    "literal",
                    ("accorde", "actif", "prolongation_demandee", "a_controler", "a_signer", "infraction"),
                ),
            ),
            remplissage=OCRE,
            opacite=0.45,
            contour=OCRE,
            epaisseur=2.0,
            legende="Occupation ferme",
            sur_photo=True,
        ),
        Aplat(
            element="odp_emprises",
            rang=Rang.METIER,
            zoom_min=14,
            filtre=(
                "!",
                (
                    "in",
                    ("get", "etat"),
                    (
                        "literal",
                        (
                            "accorde",
                            "actif",
                            "prolongation_demandee",
                            "a_controler",
                            "a_signer",
                            "infraction",
                        ),
                    ),
                ),
            ),
            remplissage=OCRE,
            opacite=0.12,
            contour=OCRE,
            epaisseur=1.5,
            tirets=(3, 2),
            legende="Demande, projet",
            sur_photo=True,
        ),
        Texte(
            element="odp_emprises",
            rang=Rang.TEXTE,
            zoom_min=17,
            champ="numero",
            couleur=OCRE,
            taille=11,
            exemple="ODP-…",
        ),
    ),
    titre=lambda a: str(a.get("numero") or "brouillon"),
    adresse=lambda a: f"/domaine-public/dossiers/{a['pk']}/" if a.get("pk") else None,
)


def declarer() -> None:
    """Add the layers, from ``AppConfig.ready``."""
    enregistrer(OCCUPATIONS, EMPRISES)
