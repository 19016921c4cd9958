"""Main layers of the plan: parcels, buildings, places, streets, numbers, water."""

from __future__ import annotations

import datetime

from django.db.models import (
    BooleanField,
    CharField,
    F,
    FloatField,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)

from cadastre.couches import dessins as d
from cadastre.couches.communs import (
    COMMUNS,
    DATE_MAJ,
    FEUILLE,
    FILTRES_OBJET,
    MILLESIME,
    OCRE,
    POINT_TEXTE,
    RID,
    a_la_date,
    modifications_cadastre,
    parcelles_liees,
    tous,
    version_cadastre,
)
from cadastre.models import (
    AxeVoie,
    Batiment,
    BatimentParcelle,
    CoursEau,
    LieuDit,
    NumeroVoirie,
    NumeroVoirieParcelle,
    Parcelle,
    TronconRoute,
    VersionFeuille,
)
from gis_data.couches import Aplat, Attribut, Couche, Element, Forme, Genre, Rang, Texte, Trait
from gis_data.couches.dessin import Interaction

ARDOISE = "#47586b"
GARRIGUE = "#1f6f5c"
EAU, BORD_EAU, NOM_EAU = "#cfe3f1", "#7fb0d3", "#3a78a3"


def zoom_ou_tient(pixels: str) -> str:
    """First zoom at which an area's mean half-width, 2 × area / perimeter, makes so many pixels.

    A tile of 512 pixels is the world divided by 2^zoom.
    """
    demi_largeur = "greatest(2 * ST_Area({g}) / nullif(ST_Perimeter({g}), 0), 0.01)"
    return f"ceil(log(2.0, (({pixels}) * 40075016.68 / 512 / {demi_largeur})::numeric))::int"


# A number of n characters, 11 px high; a place name, wrapped.
ZOOM_NUMERO = zoom_ou_tient("3 + 2.4 * length(q.numero::text)")
ZOOM_LIEUDIT = zoom_ou_tient("26")

# Middle line of a ribbon: both banks between its two farthest points, walked together. OFFSET 0 keeps
# the server from computing a and b again for each step.
AXE_RUBAN = """(
    SELECT ST_MakeLine(ST_Centroid(ST_Collect(
        ST_LineInterpolatePoint(r, (a + d * t) - floor(a + d * t)),
        ST_LineInterpolatePoint(r, (a - (1 - d) * t) - floor(a - (1 - d) * t)))) ORDER BY t)
    FROM (SELECT r, a, (b - a) - floor(b - a) AS d FROM (
        SELECT r, ST_LineLocatePoint(r, ST_StartPoint(l)) AS a, ST_LineLocatePoint(r, ST_EndPoint(l)) AS b
        FROM (SELECT ST_ExteriorRing(p.geom) AS r, ST_LongestLine(p.geom, p.geom) AS l
              FROM ST_Dump(ST_Simplify({g}, 40075016.68 / 4096 / 2.0 ^ {z} * 6, true)) AS p
              ORDER BY ST_Area(p.geom) DESC LIMIT 1) AS anneau OFFSET 0) AS rives OFFSET 0) AS ruban,
    generate_series(0.03, 0.97, 0.0427) AS t)"""


def _parcelles_export(jour: datetime.date | None, feuille: str | None) -> QuerySet[Parcelle]:
    if jour is None:
        return Parcelle.objects.filter(valide_au__isnull=True)
    livrees = VersionFeuille.objects.filter(feuille=OuterRef("feuille"), millesime__lte=jour)
    return a_la_date(Parcelle.objects.all(), jour).annotate(
        # The sheet's vintage of that day, not today's.
        export_millesime=Subquery(livrees.order_by("-millesime").values("millesime")[:1])
    )


PARCELLES = Couche(
    nom="parcelles",
    libelle="Parcelles",
    objets=tous(Parcelle, valide_au__isnull=True),
    forme=Forme.SURFACE,
    zoom_min=15,
    geometrie_tuile="geom_3857",
    cle="idu",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("idu", "Identifiant", tuile=15),
        Attribut("prefixe", "Préfixe"),
        Attribut("section", "Section", tuile=16),
        Attribut("numero", "Numéro", genre=Genre.ENTIER, tuile=16),
        Attribut("contenance", "Contenance (m²)", genre=Genre.ENTIER, tuile=16),
        Attribut("surface_geometrique", "Surface du plan (m²)", genre=Genre.REEL),
        Attribut("arpentee", "Arpentée", genre=Genre.BOOLEEN, tuile=16),
        Attribut("figuree", "Figurée au plan", genre=Genre.BOOLEEN),
        Attribut("valide_du", "Valide du", genre=Genre.DATE),
        FEUILLE,
        MILLESIME,
        Attribut("commune", "Commune"),
        DATE_MAJ,
        RID,
    ),
    elements=(
        Element("parcelles", 15),
        Element(
            "parcelles_numeros",
            17,
            attributs=("numero",),
            geometrie=POINT_TEXTE,
            calculs={"z": ZOOM_NUMERO},
            tampon=0,
        ),
    ),
    dessins=(
        Trait(
            element="parcelles",
            rang=Rang.PARCELLE,
            zoom_min=15,
            couleur="#8a7a5c",
            epaisseur={15: 0.6, 20: 1.2},
            opacite={15: 0.75, 17: 1.0},
            legende="Parcelle",
        ),
        Interaction(element="parcelles", rang=Rang.SELECTION, zoom_min=15, survol=GARRIGUE, choix=OCRE),
        Texte(
            element="parcelles_numeros",
            rang=Rang.TEXTE_MINEUR,
            zoom_min=17,
            filtre=("<=", ("get", "z"), ("zoom",)),
            champ="numero",
            couleur=ARDOISE,
            taille=11,
            ecarte_des=19,
            legende="Numéro de parcelle",
            exemple="123",
        ),
    ),
    titre=lambda a: f"Parcelle {a['section'].lstrip('0')} {a['numero']}",
    survol=("section", "numero"),
    accroche=True,
    adresse=lambda a: f"/parcelles/{a['idu']}/" if a["idu"] else None,
    filtres_export={"commune": "commune", "feuille": "feuille__id12", "section": "section"},
    objets_export=_parcelles_export,
    versionnee=True,
)

BATIMENTS = Couche(
    nom="batiments",
    libelle="Bâtiments",
    objets=tous(Batiment),
    forme=Forme.SURFACE,
    zoom_min=15,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("dur", "Nature", tuile=15, valeurs={"01": "en dur", "02": "léger"}),
        Attribut("nom", "Nom", tuile=18),
        Attribut(
            "parcelles",
            "Parcelles",
            # The file names every parcel touched; a sliver of wall is not a building on it (§3.4).
            parcelles_liees(BatimentParcelle, "batiment", Q(aire__gte=1) | Q(part__gte=0.5)),
        ),
        Attribut("surface_geometrique", "Surface au sol (m²)", genre=Genre.REEL),
        *COMMUNS,
    ),
    elements=(
        # At zoom 15 a pixel is some 1.6 m: sheds under two pixels would be dots.
        Element("batiments", 15, 15, condition="ST_Area({g}) > 20"),
        Element("batiments", 16, attributs=("dur",)),
        Element(
            "batiments_noms", 18, attributs=("nom",), geometrie=POINT_TEXTE, condition="q.nom <> ''", tampon=0
        ),
    ),
    dessins=(
        Aplat(
            element="batiments",
            rang=Rang.BATIMENT,
            zoom_min=15,
            filtre=("!=", ("get", "dur"), "02"),
            remplissage="#e2b9a8",
            contour="#b98a76",
            epaisseur=0.6,
            legende="Bâtiment en dur",
        ),
        Aplat(
            element="batiments",
            rang=Rang.BATIMENT,
            zoom_min=15,
            filtre=("==", ("get", "dur"), "02"),
            remplissage="#f0ddd3",
            contour="#b98a76",
            epaisseur=0.6,
            motif=d.HACHURES,
            motif_des=18,
            legende="Construction légère",
        ),
        Texte(
            element="batiments_noms",
            rang=Rang.TEXTE,
            zoom_min=18,
            champ="nom",
            couleur="#7d4a35",
            taille=11,
            italique=True,
            ecarte_des=18,
        ),
    ),
    titre=lambda a: a["nom"] or ("Construction légère" if a["dur"] == "02" else "Bâtiment"),
    accroche=True,
    filtres_export=FILTRES_OBJET,
)

LIEUXDITS = Couche(
    nom="lieuxdits",
    libelle="Lieux-dits",
    objets=tous(LieuDit),
    forme=Forme.SURFACE,
    zoom_min=14,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(Attribut("nom", "Nom", tuile=14), *COMMUNS),
    elements=(
        Element("lieuxdits", 14, dans_groupe=False),
        # A place name is repeated on every sheet that it crosses: scraps wait for their zoom.
        Element("lieuxdits_noms", 14, 18, ("nom",), POINT_TEXTE, {"z": ZOOM_LIEUDIT}, tampon=0),
    ),
    dessins=(
        Texte(
            element="lieuxdits_noms",
            rang=Rang.TEXTE,
            zoom_min=14,
            zoom_max=19,
            filtre=("<=", ("get", "z"), ("zoom",)),
            priorite="z",
            champ="nom",
            couleur="#5f6b57",
            taille={14: 11, 18: 15},
            italique=True,
            legende="Lieu-dit",
            exemple="Le Pré",
        ),
    ),
    titre=lambda a: a["nom"],
    filtres_export=FILTRES_OBJET,
)

VOIES = Couche(
    nom="voies",
    libelle="Noms des voies",
    objets=tous(AxeVoie),
    forme=Forme.LIGNE,
    zoom_min=15,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(Attribut("nom", "Nom", tuile=15), *COMMUNS),
    dessins=(
        Texte(
            element="voies",
            rang=Rang.TEXTE,
            zoom_min=16,
            champ="nom",
            couleur=ARDOISE,
            taille={16: 10.5, 19: 14},
            le_long=True,
            legende="Nom de voie",
            exemple="Rue",
        ),
    ),
    titre=lambda a: a["nom"] or "Voie",
    filtres_export=FILTRES_OBJET,
)

NUMEROS = Couche(
    nom="numeros_voirie",
    libelle="Numéros de voirie",
    objets=tous(NumeroVoirie),
    forme=Forme.POINT,
    zoom_min=18,
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(
        Attribut("numero", "Numéro", tuile=18),
        Attribut("parcelles", "Parcelles", parcelles_liees(NumeroVoirieParcelle, "numero_voirie")),
        Attribut(
            "voie",
            "Voie",
            Subquery(
                AxeVoie.objects.filter(
                    # Spatial lookups take no outer reference beside a distance.
                    Func(
                        F("geom"),
                        OuterRef("geom"),
                        Value(50.0),
                        function="ST_DWithin",
                        output_field=BooleanField(),
                    )
                )
                .exclude(nom="")
                .annotate(
                    # The index's own order, nearest first; Distance() takes no outer reference.
                    ecart=Func(
                        F("geom"),
                        OuterRef("geom"),
                        template="%(expressions)s",
                        arg_joiner=" <-> ",
                        output_field=FloatField(),
                    )
                )
                .order_by("ecart")
                .values("nom")[:1],
                output_field=CharField(),
            ),
        ),
        *COMMUNS,
    ),
    dessins=(
        Texte(
            element="numeros_voirie",
            rang=Rang.TEXTE_MINEUR,
            zoom_min=18,
            champ="numero",
            couleur="#8a6d00",
            taille=10,
            legende="Numéro dans la voie",
            exemple="12",
        ),
    ),
    titre=lambda a: " ".join(filter(None, (a["numero"], a["voie"]))),
    filtres_export=FILTRES_OBJET,
)

COURS_EAU = Couche(
    nom="cours_eau",
    libelle="Cours d'eau",
    objets=tous(CoursEau),
    forme=Forme.SURFACE,
    zoom_min=13,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(Attribut("nom", "Nom", tuile=13), *COMMUNS),
    elements=(
        Element("cours_eau", 13),
        Element("cours_eau_axes", 15, attributs=("nom",), geometrie=AXE_RUBAN, condition="q.nom <> ''"),
    ),
    dessins=(
        Aplat(
            element="cours_eau",
            rang=Rang.EAU,
            zoom_min=13,
            remplissage=EAU,
            contour=BORD_EAU,
            epaisseur={13: 0.6, 17: 1.0},
            legende="Cours d'eau",
        ),
        Texte(
            element="cours_eau_axes",
            rang=Rang.TEXTE,
            zoom_min=15,
            champ="nom",
            couleur=NOM_EAU,
            taille={15: 10.5, 19: 14},
            italique=True,
            le_long=True,
            espacement=0.08,
        ),
    ),
    titre=lambda a: a["nom"] or "Cours d'eau",
    filtres_export=FILTRES_OBJET,
)

TRONCONS_ROUTE = Couche(
    nom="troncons_route",
    libelle="Emprises de route",
    objets=tous(TronconRoute),
    forme=Forme.SURFACE,
    zoom_min=16,
    geometrie_tuile="geom_3857",
    groupe="plan",
    version=version_cadastre,
    modifications=modifications_cadastre,
    attributs=(Attribut("nom", "Nom", tuile=16), *COMMUNS),
    dessins=(
        Trait(
            element="troncons_route",
            rang=Rang.ROUTE,
            zoom_min=16,
            couleur="#d9d5cc",
            epaisseur=0.8,
            legende="Emprise de route",
        ),
    ),
    titre=lambda a: a["nom"] or "Route",
    filtres_export=FILTRES_OBJET,
)

COUCHES_PLAN = (
    COURS_EAU,
    TRONCONS_ROUTE,
    BATIMENTS,
    PARCELLES,
    LIEUXDITS,
    VOIES,
    NUMEROS,
)
