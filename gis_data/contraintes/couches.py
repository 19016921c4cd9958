"""Layers of the planning documents in force: zones, prescriptions, informations, servitudes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from django.contrib.gis.db.models import Extent
from django.db.models import (
    Case,
    CharField,
    Count,
    F,
    Func,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Concat, Lower

from gis_data.contraintes import symboles
from gis_data.contraintes.models import (
    DocumentUrbanisme,
    PieceEcrite,
    PluInformation,
    PluPrescription,
    PluZone,
    SupAssiette,
)
from gis_data.couches import (
    Aplat,
    Attribut,
    Boites,
    Couche,
    Element,
    Forme,
    Genre,
    Rang,
    Symbole,
    Texte,
    Trait,
    enregistrer,
)
from gis_data.couches.dessin import Dessin, Filtre, Icone
from gis_data.formats.cnig import codes

THEME_PLU = "Urbanisme"
THEME_SUP = "Servitudes"
# One name on each part of a zone that is wide enough to bear it: thirty pixels.
NOMS_DE_ZONES = (
    "(SELECT ST_Collect(ST_PointOnSurface(d.geom)) FROM ST_Dump({g}) d"
    " WHERE ST_Area(d.geom) > power(30 * 78271.5 / 2 ^ {z}, 2))"
)


def version_documents() -> str:
    """Changes with every import of a document."""
    lus = DocumentUrbanisme.objects.aggregate(
        n=Count("id"), i=Max("id"), q=Max("importe_le"), f=Count("valide_au")
    )
    return "|".join(str(v) for v in lus.values())


def modifications_documents(avant: str) -> Boites | None:
    """Extents of the versions imported since ``avant``, and of those that they replace."""
    nombre, dernier, importe, _ = avant.split("|")
    anciens = DocumentUrbanisme.objects.filter(pk__lte=0 if dernier == "None" else dernier)
    nouveaux = list(DocumentUrbanisme.objects.exclude(pk__in=anciens.values("pk")))
    # One withdrawn, or changed otherwise than by an import: nobody knows where it was.
    if anciens.count() != int(nombre) or not nouveaux:
        return None
    if importe != "None" and any(str(d.importe_le) <= importe for d in nouveaux):
        return None
    concernes = Q()
    for nouveau in nouveaux:
        concernes |= Q(famille=nouveau.famille, categorie=nouveau.categorie, territoire=nouveau.territoire)
    documents = DocumentUrbanisme.objects.filter(concernes).values("pk")
    cadres = [
        modele._default_manager.filter(document__in=documents).aggregate(cadre=Extent("geom_3857"))["cadre"]
        for modele in (PluZone, PluPrescription, PluInformation, SupAssiette)
    ]
    return [cadre for cadre in cadres if cadre]


def en_vigueur(modele: Any) -> Callable[[Any], QuerySet[Any]]:
    """Objects of the versions that no later one has closed; the same for everybody."""

    def objets(utilisateur: Any) -> QuerySet[Any]:
        return modele._default_manager.filter(document__valide_au__isnull=True)

    return objets


def _lien() -> Any:
    """Address of the written rule: the document's own, else the piece that came with it."""
    base = Func(F("nomfic"), Value("#"), Value(1), function="split_part", output_field=CharField())
    piece = (
        PieceEcrite.objects.filter(document=OuterRef("document"))
        .annotate(base=Lower("nom"))
        .filter(base=Lower(OuterRef("nom_de_piece")))
        .values(adresse=Concat(Value("/carte/pieces/"), Cast("pk", CharField())))[:1]
    )
    return base, piece


def avec_lien(objets: Callable[[Any], QuerySet[Any]]) -> Callable[[Any], QuerySet[Any]]:
    """The same rows with ``lien``, null where there is no rule to read."""
    base, piece = _lien()

    def annotes(utilisateur: Any) -> QuerySet[Any]:
        return (
            objets(utilisateur)
            .annotate(nom_de_piece=base)
            .annotate(
                lien=Case(
                    When(urlfic__iregex=r"^https?://", then=F("urlfic")),
                    default=Subquery(piece),
                    output_field=CharField(),
                )
            )
        )

    return annotes


DOCUMENT = Attribut("document", "Document", "document__identifiant")
APPROUVE = Attribut("approuve_le", "En vigueur depuis", "document__valide_du", Genre.DATE)
COMMUNS = (
    DOCUMENT,
    APPROUVE,
    Attribut("piece", "Pièce écrite", "nomfic"),
    Attribut("lien", "Règle écrite", "lien"),
)


def _des(attribut: str, valeurs: Iterable[str]) -> Filtre:
    return ("in", ("get", attribut), ("literal", tuple(valeurs)))


def _hors(attribut: str, groupes: Iterable[symboles.Groupe]) -> Filtre:
    connus = tuple(t for g in groupes for t in g.types)
    return ("!", ("in", ("get", attribut), ("literal", connus)))


# --- zones --------------------------------------------------------------------------------------

_ZONES: tuple[tuple[str, str, Filtre], ...] = (
    ("U", "Zone urbaine (U)", ("==", ("get", "famille"), "U")),
    ("AUs", "Zone à urbaniser fermée (AUs)", ("==", ("get", "typezone"), "AUs")),
    (
        "AUc",
        "Zone à urbaniser (AU)",
        ("all", ("==", ("get", "famille"), "AU"), ("!=", ("get", "typezone"), "AUs")),
    ),
    ("A", "Zone agricole (A)", ("==", ("get", "famille"), "A")),
    ("N", "Zone naturelle (N)", ("==", ("get", "famille"), "N")),
    ("autre", "Autre zone", ("==", ("get", "famille"), "autre")),
)


def _famille() -> Any:
    """Family of a zone, in SQL, so that tiles carry it."""
    exacts = {c: f for c, (f, _) in {**codes.ZONES, **codes.SECTEURS}.items()}
    return Case(
        *(When(typezone=code, then=Value(famille)) for code, famille in exacts.items()),
        *(When(typezone__istartswith=debut, then=Value(debut)) for debut in ("AU", "U", "A", "N")),
        default=Value("autre"),
        output_field=CharField(),
    )


def _dessins_zones() -> list[Dessin]:
    dessins: list[Dessin] = []
    for code, libelle, filtre in _ZONES:
        fond, bord = symboles.ZONES[code]
        # Yellow is the largest and the loudest.
        dense = {"AUs": 0.55, "A": 0.22}.get(code, 0.3)
        loin = Aplat(
            element="plu_zones",
            rang=Rang.CULTURE,
            zoom_min=11,
            zoom_max=15,
            filtre=filtre,
            remplissage=fond,
            opacite=dense,
            contour=bord,
            epaisseur=0.6,
            legende=libelle,
        )
        # Parcels and buildings must be read through it.
        dessins += [loin, replace(loin, zoom_min=15, zoom_max=None, opacite=dense / 2.2, contour=None)]
    return [
        *dessins,
        Trait(
            element="plu_zones",
            rang=Rang.LIMITE,
            zoom_min=13,
            couleur=symboles.NOIR,
            epaisseur={13: 0.7, 16: 1.4, 19: 2.4},
            legende="Limite de zone",
        ),
        Texte(
            element="plu_zones_noms",
            rang=Rang.TEXTE_MAJEUR,
            zoom_min=13,
            champ="libelle",
            couleur=symboles.NOIR,
            taille={13: 12, 17: 17},
            gras=True,
            legende="Nom de la zone",
            exemple="UB",
        ),
    ]


PLU_ZONES = Couche(
    nom="plu_zones",
    libelle="Zones du document d'urbanisme",
    objets=avec_lien(en_vigueur(PluZone)),
    forme=Forme.SURFACE,
    zoom_min=11,
    geometrie_tuile="geom_3857",
    visible=False,
    theme=THEME_PLU,
    source="Document d'urbanisme, standard CNIG",
    version=version_documents,
    edition="approuve_le",
    modifications=modifications_documents,
    attributs=(
        Attribut("libelle", "Zone", tuile=11),
        Attribut("libelong", "Vocation"),
        Attribut("typezone", "Type", tuile=11, valeurs={c: m for c, (_, m) in codes.ZONES.items()}),
        Attribut("famille", "Famille", _famille(), tuile=11),
        *COMMUNS,
    ),
    elements=(
        Element("plu_zones", 11),
        Element("plu_zones_noms", 13, attributs=("libelle",), geometrie=NOMS_DE_ZONES, tampon=0),
    ),
    dessins=tuple(_dessins_zones()),
    titre=lambda a: f"Zone {a['libelle'] or a['typezone']}",
    adresse=lambda a: a["lien"],
)


# --- prescriptions, informations, servitudes ----------------------------------------------------


def _elements(nom: str, zoom: int, attribut: str) -> tuple[Element, ...]:
    """Surfaces, lines and points of a layer of mixed shapes."""
    return tuple(
        Element(
            f"{nom}{suite}",
            zoom,
            attributs=(attribut, "libelle"),
            condition=f"ST_Dimension({{g}}) = {dimension}",
        )
        for suite, dimension in (("", 2), ("_lignes", 1), ("_points", 0))
    )


def _dessins(
    nom: str, attribut: str, groupes: tuple[symboles.Groupe, ...], zoom: int, *, plein: float = 0.06
) -> list[Dessin]:
    """Fill, pattern and edge of each group; thick lines; a disc for points."""
    dessins: list[Dessin] = []
    for g in groupes:
        filtre = _des(attribut, g.types) if g.types else _hors(attribut, groupes)
        loin = Aplat(
            element=nom,
            rang=Rang.DETAIL,
            zoom_min=zoom,
            zoom_max=15,
            filtre=filtre,
            remplissage=g.couleur,
            opacite=plein if g.motif is None else plein / 2,
            contour=g.couleur,
            epaisseur={zoom: 0.8, 17: 1.8},
            tirets=() if g.motif else (6, 3),
            motif=g.motif,
            motif_des=14,
            legende=g.libelle,
        )
        # Several perimeters lie over one another on a parcel: nearer, their edges say enough.
        dessins += [
            loin,
            replace(loin, zoom_min=15, zoom_max=None, opacite=loin.opacite / 2.5, motif_opacite=0.55),
            Trait(
                element=f"{nom}_lignes",
                rang=Rang.METIER,
                zoom_min=zoom + 1,
                filtre=filtre,
                couleur=g.couleur,
                epaisseur={zoom + 1: 1.5, 18: 5},
                opacite=0.75,
            ),
        ]
    disque = Icone(
        f"{nom.replace('_', '-')}-point",
        (("M6 12a6 6 0 1 1 12 0a6 6 0 1 1 -12 0z", "#ffffff", symboles.NOIR, 1.4),
         ("M9.4 12a2.6 2.6 0 1 1 5.2 0a2.6 2.6 0 1 1 -5.2 0z", "#730000", None, 0)),
    )  # fmt: skip
    dessins.append(
        Symbole(
            element=f"{nom}_points",
            rang=Rang.SYMBOLE,
            zoom_min=zoom + 2,
            icones={"": disque},
            taille={zoom + 2: 0.6, 18: 1.1},
            libelles={"": "Objet ponctuel"},
        )
    )
    return dessins


def _types_de_plu(
    nom: str, libelle: str, modele: Any, groupes: tuple[symboles.Groupe, ...], table: Any, zoom: int
) -> Couche:
    return Couche(
        nom=nom,
        libelle=libelle,
        objets=avec_lien(en_vigueur(modele)),
        forme=Forme.MIXTE,
        zoom_min=zoom,
        geometrie_tuile="geom_3857",
        visible=False,
        theme=THEME_PLU,
        source="Document d'urbanisme, standard CNIG",
        version=version_documents,
        edition="approuve_le",
        modifications=modifications_documents,
        attributs=(
            Attribut("libelle", "Objet", tuile=zoom),
            Attribut("type_code", "Type", tuile=zoom, valeurs={c: mot for c, (mot, _) in table.items()}),
            Attribut("sous_type", "Sous-type"),
            Attribut("txt", "Étiquette"),
            Attribut("nature", "Nature"),
            *COMMUNS,
        ),
        filtres=("type_code",),
        elements=_elements(nom, zoom, "type_code"),
        dessins=tuple(_dessins(nom, "type_code", groupes, zoom)),
        titre=lambda a: a["libelle"] or table.get(a["type_code"], (a["type_code"],))[0],
        adresse=lambda a: a["lien"],
    )


PLU_PRESCRIPTIONS = _types_de_plu(
    "plu_prescriptions", "Prescriptions", PluPrescription, symboles.PRESCRIPTIONS, codes.PRESCRIPTIONS, 13
)
PLU_INFORMATIONS = _types_de_plu(
    "plu_informations",
    "Périmètres d'information",
    PluInformation,
    symboles.INFORMATIONS,
    codes.INFORMATIONS,
    12,
)


def _nature() -> Any:
    """Nature of a servitude, in SQL."""
    par_nature: dict[str, list[str]] = {}
    for categorie, (_, nature) in codes.SERVITUDES.items():
        par_nature.setdefault(nature, []).append(categorie)
    return Case(
        *(When(Q(categorie__in=liste), then=Value(nature)) for nature, liste in par_nature.items()),
        default=Value("autre"),
        output_field=CharField(),
    )


_CATEGORIES = {c: f"{c} : {mot}" for c, (mot, _) in codes.SERVITUDES.items()}

SUP_ASSIETTES = Couche(
    nom="sup_assiettes",
    libelle="Servitudes d'utilité publique",
    objets=avec_lien(en_vigueur(SupAssiette)),
    forme=Forme.MIXTE,
    zoom_min=11,
    geometrie_tuile="geom_3857",
    visible=False,
    theme=THEME_SUP,
    source="Servitudes d'utilité publique, standard CNIG",
    version=version_documents,
    edition="approuve_le",
    modifications=modifications_documents,
    attributs=(
        Attribut("libelle", "Assiette", tuile=11),
        Attribut("categorie", "Catégorie", valeurs=_CATEGORIES),
        Attribut("nature", "Nature", _nature(), tuile=11),
        Attribut("servitude", "Servitude"),
        Attribut("type_assiette", "Type d'assiette"),
        *COMMUNS,
    ),
    filtres=("nature",),
    elements=_elements("sup_assiettes", 11, "nature"),
    dessins=tuple(_dessins("sup_assiettes", "nature", symboles.SERVITUDES, 11, plein=0.04)),
    titre=lambda a: a["libelle"] or a["servitude"] or codes.libelle_servitude(a["categorie"]),
    adresse=lambda a: a["lien"],
)

COUCHES = (PLU_ZONES, PLU_PRESCRIPTIONS, PLU_INFORMATIONS, SUP_ASSIETTES)


def enregistrer_couches() -> None:
    """Called once, when the applications are ready, after the plan that these layers lie on."""
    enregistrer(*COUCHES)
