"""Smaller layers of the plan: tax subdivisions, residences, limits' signs, survey points, details."""

from __future__ import annotations

from cadastre.couches import dessins as d
from cadastre.couches.communs import (
    COMMUNS,
    FILTRES_OBJET,
    POINT_TEXTE,
    libelle,
    modifications_cadastre,
    parcelles_liees,
    tous,
    version_cadastre,
)
from cadastre.couches.plan import BORD_EAU, EAU
from cadastre.models import (
    Borne,
    Charge,
    DetailTopo,
    Ecriture,
    EnsembleImmobilier,
    PointCanevas,
    SubdivisionFiscale,
    SubdivisionParcelle,
    SymboleLimite,
)
from cadastre.regles.symboles import CANEVAS, DETAILS, LIMITES
from gis_data.couches import Aplat, Attribut, Couche, Element, Forme, Genre, Rang, Symbole, Texte, Trait

TRAIT_FIN = "#8b8471"
SYM = Attribut("sym", "Symbole (code)", tuile=17)
ORIENTATION = Attribut("orientation", "Orientation (°)", genre=Genre.REEL, tuile=17)
TEXTE = Attribut("texte", "Texte", tuile=17)


def _sym(code: str) -> tuple[object, ...]:
    return ("==", ("get", "sym"), code)


def _syms(*codes: str) -> tuple[object, ...]:
    return ("in", ("get", "sym"), ("literal", codes))


SUBDIVISIONS = Couche(
    nom="subdivisions_fiscales",
    libelle="Subdivisions fiscales",
    objets=tous(SubdivisionFiscale),
    forme=Forme.SURFACE,
    zoom_min=18,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("lettre", "Lettre", tuile=18),
        Attribut("parcelles", "Parcelles", parcelles_liees(SubdivisionParcelle, "subdivision")),
        *COMMUNS,
    ),
    elements=(
        Element("subdivisions_fiscales", 18),
        Element("subdivisions_lettres", 18, attributs=("lettre",), geometrie=POINT_TEXTE, tampon=0),
    ),
    dessins=(
        Trait(
            element="subdivisions_fiscales",
            rang=Rang.CULTURE,
            zoom_min=18,
            couleur="#9aa58c",
            epaisseur=0.9,
            tirets=(1, 3),
            legende="Subdivision fiscale",
        ),
        Texte(
            element="subdivisions_lettres",
            rang=Rang.TEXTE_MINEUR,
            zoom_min=18,
            champ="lettre",
            couleur="#6d7a5c",
            taille=10,
            italique=True,
        ),
    ),
    titre=lambda a: f"Subdivision fiscale {a['lettre']}".strip(),
    filtres_export=FILTRES_OBJET,
)

CHARGES = Couche(
    nom="charges",
    libelle="Charges (Alsace-Moselle)",
    objets=tous(Charge),
    forme=Forme.SURFACE,
    zoom_min=17,
    geometrie_tuile="geom_3857",
    visible=False,
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(Attribut("texte", "Texte", tuile=17), *COMMUNS),
    elements=(
        Element("charges", 17),
        Element("charges_textes", 17, attributs=("texte",), geometrie=POINT_TEXTE, tampon=0),
    ),
    dessins=(
        Trait(
            element="charges",
            rang=Rang.CULTURE,
            zoom_min=17,
            couleur="#5b4b8a",
            epaisseur=0.9,
            tirets=(2, 2),
            legende="Charge",
        ),
        Texte(
            element="charges_textes",
            rang=Rang.TEXTE_MINEUR,
            zoom_min=17,
            champ="texte",
            couleur="#5b4b8a",
            taille=10,
        ),
    ),
    titre=lambda a: f"Charge {a['texte']}".strip(),
    filtres_export=FILTRES_OBJET,
)

ENSEMBLES = Couche(
    nom="ensembles_immobiliers",
    libelle="Ensembles immobiliers",
    objets=tous(EnsembleImmobilier),
    forme=Forme.POINT,
    zoom_min=17,
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(Attribut("nom", "Nom", tuile=17), *COMMUNS),
    dessins=(
        Texte(
            element="ensembles_immobiliers",
            rang=Rang.TEXTE,
            zoom_min=17,
            champ="nom",
            couleur="#7d4a35",
            taille=11,
            legende="Ensemble immobilier",
            exemple="École",
        ),
    ),
    titre=lambda a: a["nom"] or "Ensemble immobilier",
    filtres_export=FILTRES_OBJET,
)

CANEVAS_COUCHE = Couche(
    nom="points_canevas",
    libelle="Points de canevas",
    objets=tous(PointCanevas),
    forme=Forme.POINT,
    zoom_min=18,
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("idu", "Identifiant"),
        ORIENTATION,
        Attribut("origine", "Origine du point (CAN)"),
        Attribut("precision_plani", "Précision planimétrique (PPLN)"),
        Attribut("precision_alti", "Précision altimétrique (PALT)"),
        Attribut("materialisation", "Matérialisation (MAP)"),
        SYM,
        Attribut("libelle", "Nature", libelle("sym", CANEVAS)),
        *COMMUNS,
    ),
    dessins=(
        Symbole(
            element="points_canevas",
            rang=Rang.SYMBOLE,
            zoom_min=18,
            icones=d.SIGNES_CANEVAS,
            attribut="sym",
            libelles={"": "Point de canevas", "78": "Borne du NGF", "81": "Borne limite de commune"},
        ),
    ),
    titre=lambda a: a["libelle"] or "Point de canevas",
    filtres_export=FILTRES_OBJET,
)


def _bornes(nom: str, libelle_couche: str, singulier: str, genre: str, icone: d.Icone) -> Couche:
    return Couche(
        nom=nom,
        libelle=libelle_couche,
        objets=tous(Borne, genre=genre),
        forme=Forme.POINT,
        zoom_min=18,
        groupe="plan",
        version=version_cadastre,
        modifications=modifications_cadastre,
        attributs=(ORIENTATION, *COMMUNS),
        dessins=(
            Symbole(
                element=nom,
                rang=Rang.SYMBOLE,
                zoom_min=18,
                icones={"": icone},
                taille={18: 0.7, 20: 1.0},
                libelles={"": singulier},
            ),
        ),
        titre=lambda a: singulier,
        filtres_export=FILTRES_OBJET,
    )


LIMITES_COUCHE = Couche(
    nom="symboles_limite",
    libelle="Murs, clôtures, haies, fossés",
    objets=tous(SymboleLimite),
    forme=Forme.POINT,
    zoom_min=18,
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(SYM, Attribut("libelle", "Nature", libelle("sym", LIMITES)), ORIENTATION, *COMMUNS),
    dessins=(
        Symbole(
            element="symboles_limite",
            rang=Rang.SYMBOLE,
            zoom_min=18,
            icones=d.SIGNES_LIMITES,
            attribut="sym",
            angle="orientation",
            taille={18: 0.8, 20: 1.2},
            libelles=LIMITES,
        ),
    ),
    titre=lambda a: a["libelle"] or "Symbole de limite",
    filtres_export=FILTRES_OBJET,
)

ATTRIBUTS_DETAIL = (
    SYM,
    Attribut("libelle", "Nature", libelle("sym", DETAILS)),
    TEXTE,
    ORIENTATION,
    *COMMUNS,
)

PONCTUELS = Couche(
    nom="details_ponctuels",
    libelle="Détails ponctuels",
    objets=tous(DetailTopo, genre="TPOINT"),
    forme=Forme.POINT,
    zoom_min=17,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=ATTRIBUTS_DETAIL,
    dessins=(
        Symbole(
            element="details_ponctuels",
            rang=Rang.REPERE,
            zoom_min=17,
            obstacle=True,
            icones=d.SIGNES_PONCTUELS,
            attribut="sym",
            angle="orientation",
            libelles={c: DETAILS[c] for c in d.SIGNES_PONCTUELS if c},
        ),
    ),
    titre=lambda a: a["texte"] or a["libelle"] or "Détail",
    filtres_export=FILTRES_OBJET,
)

LINEAIRES = Couche(
    nom="details_lineaires",
    libelle="Détails linéaires",
    objets=tous(DetailTopo, genre="TLINE"),
    forme=Forme.LIGNE,
    zoom_min=17,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=ATTRIBUTS_DETAIL,
    dessins=(
        Trait(
            element="details_lineaires",
            rang=Rang.DETAIL,
            zoom_min=17,
            filtre=_syms("21", "22", "23", "64"),
            couleur=TRAIT_FIN,
            epaisseur=0.9,
            tirets=(5, 3),
            legende="Chemin, sentier, terrasse",
        ),
        Trait(
            element="details_lineaires",
            rang=Rang.DETAIL,
            zoom_min=17,
            # One code for both: a stream can't be told from a playing field.
            filtre=_sym("62"),
            couleur=TRAIT_FIN,
            epaisseur=0.9,
            legende="Terrain de sports, petit ruisseau",
        ),
        Trait(
            element="details_lineaires",
            rang=Rang.DETAIL,
            zoom_min=17,
            filtre=_sym("29"),
            couleur="#5a5f66",
            epaisseur=2.2,
            tirets=(3, 2),
            legende="Voie ferrée",
        ),
        Trait(
            element="details_lineaires",
            rang=Rang.DETAIL,
            zoom_min=17,
            filtre=_syms("17", "18", "19"),
            couleur="#6b4a8c",
            epaisseur=1.3,
            tirets=(6, 2.5, 1, 2.5),
            legende="Limite d'État, de département, amorce",
        ),
        Trait(
            element="details_lineaires",
            rang=Rang.DETAIL,
            zoom_min=18,
            filtre=_sym("31"),
            couleur="#47586b",
            epaisseur=0.7,
            legende="Rattachement d'un numéro",
        ),
        Trait(
            element="details_lineaires",
            rang=Rang.DETAIL,
            zoom_min=17,
            filtre=("!", _syms("21", "22", "23", "64", "62", "29", "17", "18", "19", "31")),
            couleur=TRAIT_FIN,
            epaisseur=0.9,
            legende="Autre ligne (parapet, conduite…)",
        ),
    ),
    titre=lambda a: a["texte"] or a["libelle"] or "Détail",
    filtres_export=FILTRES_OBJET,
)

SURFACIQUES = Couche(
    nom="details_surfaciques",
    libelle="Détails surfaciques",
    objets=tous(DetailTopo, genre="TSURF"),
    forme=Forme.SURFACE,
    zoom_min=17,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=ATTRIBUTS_DETAIL,
    elements=(
        Element("details_surfaciques", 17),
        Element(
            "details_surfaciques_textes",
            17,
            attributs=("texte",),
            geometrie=POINT_TEXTE,
            condition="q.texte <> ''",
            tampon=0,
        ),
    ),
    dessins=(
        Aplat(
            element="details_surfaciques",
            rang=Rang.EAU,
            zoom_min=17,
            filtre=_sym("34"),
            remplissage=EAU,
            contour=BORD_EAU,
            epaisseur=1,
            legende="Étang, lac, mare",
        ),
        Aplat(
            element="details_surfaciques",
            rang=Rang.DETAIL,
            zoom_min=17,
            filtre=_sym("65"),
            remplissage="#dcedf8",
            contour=BORD_EAU,
            epaisseur=0.9,
            legende="Piscine",
        ),
        *(
            Aplat(
                element="details_surfaciques",
                rang=Rang.CULTURE,
                zoom_min=17,
                filtre=_sym(code),
                remplissage="#eef1ea",
                contour=TRAIT_FIN,
                epaisseur=0.8,
                motif=motif,
                legende=DETAILS[code],
            )
            for code, motif in (("51", d.TOMBES), ("52", d.TOMBES_ETOILE), ("53", d.TOMBES_CROISSANT))
        ),
        Aplat(
            element="details_surfaciques",
            rang=Rang.CULTURE,
            zoom_min=17,
            filtre=_syms("62", "64"),
            remplissage="#f3f1e7",
            contour=TRAIT_FIN,
            epaisseur=0.8,
            tirets=(4, 2),
            legende="Terrain de sports, parking, terrasse",
        ),
        Trait(
            element="details_surfaciques",
            rang=Rang.DETAIL,
            zoom_min=17,
            filtre=("!", _syms("34", "65", "51", "52", "53", "62", "64")),
            couleur=TRAIT_FIN,
            epaisseur=0.8,
            legende="Autre surface (parapet, tunnel…)",
        ),
        Texte(
            element="details_surfaciques_textes",
            rang=Rang.TEXTE,
            zoom_min=17,
            champ="texte",
            couleur="#47586b",
            taille=11,
            italique=True,
        ),
    ),
    titre=lambda a: a["texte"] or a["libelle"] or "Détail",
    filtres_export=FILTRES_OBJET,
)

ECRITURES = Couche(
    nom="ecritures",
    libelle="Écritures du plan",
    objets=tous(Ecriture),
    forme=Forme.POINT,
    zoom_min=17,
    visible=False,
    identifiable=False,
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("texte", "Texte", tuile=17),
        Attribut("angle", "Angle (°)", genre=Genre.REEL, tuile=17),
        Attribut("hauteur", "Hauteur", genre=Genre.REEL, tuile=17),
        *COMMUNS,
    ),
    dessins=(
        Texte(
            element="ecritures",
            rang=Rang.TEXTE,
            zoom_min=17,
            champ="texte",
            couleur="#7a3b3b",
            taille=11,
            angle="angle",
            legende="Écriture du plan",
            exemple="Abc",
        ),
    ),
    titre=lambda a: a["texte"],
    filtres_export=FILTRES_OBJET,
)

COUCHES_DETAILS = (
    SUBDIVISIONS,
    CHARGES,
    SURFACIQUES,
    LINEAIRES,
    ENSEMBLES,
    PONCTUELS,
    LIMITES_COUCHE,
    _bornes("bornes", "Bornes", "Borne", "BORNE", d.BORNE),
    _bornes("boulons", "Boulons", "Boulon", "BOULON", d.BOULON),
    _bornes("croix", "Croix gravées", "Croix gravée", "CROIX", d.CROIX),
    CANEVAS_COUCHE,
    ECRITURES,
)
