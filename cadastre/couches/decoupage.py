"""How the territory is cut up: communes, sections, sheets."""

from __future__ import annotations

import datetime
from typing import Any

from django.db.models import CharField, DateField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Substr

from cadastre.couches import dessins as d
from cadastre.couches.communs import (
    FEUILLE,
    OCRE,
    POINT_TEXTE,
    modifications_cadastre,
    tous,
    version_cadastre,
)
from cadastre.models import Commune, Feuille, OccurrenceCommune, OccurrenceSection, Section
from cadastre.regles.noms import nom_commune
from cadastre.regles.symboles import CONFECTIONS, QUALITES
from gis_data.couches import Aplat, Attribut, Couche, Element, Forme, Genre, Rang, Texte, Trait


def _millesime(attribut: str = "millesime") -> Attribut:
    return Attribut("millesime", "Millésime", attribut, Genre.DATE)


def _occurrence(modele: type[Any], cle: str, champ: str, genre: Any) -> Subquery:
    """A column of the object of the source sheet, which the derived row does not hold."""
    return Subquery(
        modele.objects.filter(feuille=OuterRef("feuille"), **{cle: OuterRef(cle)}).values(champ)[:1],
        output_field=genre,
    )


def _communes_export(jour: datetime.date | None, feuille: str | None) -> QuerySet[Any]:
    """Today's communes, or with a sheet asked the object that this sheet holds."""
    if feuille:
        return OccurrenceCommune.objects.filter(feuille__id12=feuille)
    return Commune.objects.all()


def _sections_export(jour: datetime.date | None, feuille: str | None) -> QuerySet[Any]:
    """Today's sections, or with a sheet asked the object that this sheet holds."""
    if feuille:
        return OccurrenceSection.objects.filter(feuille__id12=feuille).annotate(
            commune=Substr("idu10", 1, 5), prefixe=Substr("idu10", 6, 3), section=Substr("idu10", 9, 2)
        )
    return Section.objects.all()


COMMUNES = Couche(
    nom="communes",
    libelle="Communes",
    objets=tous(Commune),
    forme=Forme.SURFACE,
    zoom_min=8,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("insee", "Code INSEE", tuile=8),
        Attribut("nom", "Nom", tuile=8),
        FEUILLE,
        _millesime(),
        Attribut("commune", "Commune", F("insee")),
        Attribut(
            "date_maj",
            "Mise à jour le",
            _occurrence(OccurrenceCommune, "insee", "date_maj", DateField()),
            Genre.DATE,
        ),
        Attribut(
            "rid", "Identifiant dans le lot", _occurrence(OccurrenceCommune, "insee", "rid", CharField())
        ),
    ),
    elements=(
        Element("communes", 8),
        Element("communes_limites", 8, contours=True),
        Element("communes_noms", 8, 14, ("nom",), POINT_TEXTE, tampon=0),
    ),
    dessins=(
        Aplat(
            element="communes", rang=Rang.FOND, zoom_min=8, remplissage="#ffffff", legende="Territoire chargé"
        ),
        Trait(
            element="communes_limites",
            rang=Rang.COMMUNE,
            zoom_min=8,
            couleur="#6b4a8c",
            epaisseur=1.6,
            tirets=(6, 2.5, 1, 2.5),
            legende="Limite de commune",
        ),
        Texte(
            element="communes_noms",
            rang=Rang.TEXTE_MAJEUR,
            zoom_min=8,
            zoom_max=13.5,
            champ="nom",
            couleur="#6b4a8c",
            taille={8: 10, 12: 15},
            gras=True,
            capitales=True,
            espacement=0.08,
        ),
    ),
    titre=lambda a: nom_commune(a["nom"]),
    filtres_export={"commune": "insee", "feuille": "feuille__id12"},
    objets_export=_communes_export,
)

SECTIONS = Couche(
    nom="sections",
    libelle="Sections",
    objets=tous(Section),
    forme=Forme.SURFACE,
    zoom_min=12,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("idu", "Identifiant", "idu10", tuile=12),
        Attribut("prefixe", "Préfixe", tuile=12),
        Attribut("section", "Section", tuile=12),
        FEUILLE,
        _millesime(),
        Attribut("commune", "Commune"),
        Attribut(
            "date_maj",
            "Mise à jour le",
            _occurrence(OccurrenceSection, "idu10", "date_maj", DateField()),
            Genre.DATE,
        ),
        Attribut(
            "rid", "Identifiant dans le lot", _occurrence(OccurrenceSection, "idu10", "rid", CharField())
        ),
    ),
    elements=(
        Element("sections", 12, dans_groupe=False),
        Element("sections_limites", 12, contours=True),
        Element(
            "sections_lettres",
            13,
            16,
            ("section",),
            POINT_TEXTE,
            # A section « 0A » is written « A » on the plan.
            {"lettre": "ltrim(q.section, '0')"},
            tampon=0,
        ),
    ),
    dessins=(
        Trait(
            element="sections_limites",
            rang=Rang.LIMITE,
            zoom_min=12,
            couleur=OCRE,
            epaisseur=1.2,
            tirets=(5, 3),
            legende="Limite de section",
        ),
        Texte(
            element="sections_lettres",
            rang=Rang.TEXTE_MAJEUR,
            zoom_min=13,
            zoom_max=17,
            champ="lettre",
            couleur=OCRE,
            taille=13,
            gras=True,
            cartouche=d.DISQUE_SECTION,
            legende="Lettre de section",
            exemple="AB",
        ),
    ),
    titre=lambda a: f"Section {a['section'].lstrip('0')}",
    filtres_export={"commune": "commune", "feuille": "feuille__id12", "section": "section"},
    objets_export=_sections_export,
)

FEUILLES = Couche(
    nom="feuilles",
    libelle="Feuilles",
    objets=lambda utilisateur: Feuille.objects.filter(version__isnull=False),
    forme=Forme.SURFACE,
    zoom_min=13,
    zoom_max=17,
    geometrie="version__geom",
    geometrie_tuile="version__geom_3857",
    visible=False,
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("feuille", "Feuille", "id12", tuile=13),
        Attribut("qualite", "Qualité du plan", "version__qualite", valeurs=QUALITES),
        Attribut("confection", "Mode de confection", "version__confection", valeurs=CONFECTIONS),
        Attribut("echelle", "Échelle (dénominateur)", "version__echelle", Genre.ENTIER),
        Attribut("date_edition", "Date d'édition", "version__date_edition", Genre.DATE),
        Attribut("date_incorporation", "Date d'incorporation", "version__date_incorporation", Genre.DATE),
        Attribut("date_reedition", "Date de réédition", "version__date_reedition", Genre.DATE),
        Attribut("millesime", "Millésime", "version__millesime", Genre.DATE, tuile=13),
        Attribut("commune", "Commune"),
        # The import keeps neither for the sheet's own object.
        Attribut("date_maj", "Mise à jour le", Value(None, DateField()), Genre.DATE),
        Attribut("rid", "Identifiant dans le lot", Value(None, CharField())),
    ),
    elements=(
        Element("feuilles", 13, 17),
        Element("feuilles_noms", 14, 17, ("feuille",), POINT_TEXTE, tampon=0),
    ),
    dessins=(
        Trait(
            element="feuilles",
            rang=Rang.LIMITE,
            zoom_min=13,
            zoom_max=18,
            couleur="#5b4b8a",
            epaisseur=1.0,
            legende="Limite de feuille",
        ),
        Texte(
            element="feuilles_noms",
            rang=Rang.TEXTE,
            zoom_min=14,
            zoom_max=18,
            champ="feuille",
            couleur="#5b4b8a",
            taille=11,
        ),
    ),
    titre=lambda a: f"Feuille {a['feuille']}",
    filtres_export={"commune": "commune", "feuille": "id12", "section": "section"},
)

COUCHES_DECOUPAGE = (COMMUNES, SECTIONS, FEUILLES)
