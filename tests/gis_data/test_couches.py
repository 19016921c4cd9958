"""The layer registry, walked layer by layer."""

from __future__ import annotations

import itertools

import pytest
from django.contrib.gis.db.models import GeometryField
from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from cadastre.couches.decoupage import COMMUNES
from cadastre.couches.plan import PARCELLES
from gis_data.carte.legende import legende
from gis_data.couches import (
    Aplat,
    Attribut,
    Couche,
    CoucheInconnue,
    Element,
    Forme,
    Symbole,
    couche,
    couches,
    enregistrer,
    groupe,
    registre,
    remplacer,
)
from gis_data.couches.style import calques_publics, icones

TOUTES = [c.nom for c in couches()]
COMMUNS = {"feuille", "millesime", "commune", "date_maj", "rid"}
PROPRIETES = {
    "communes": {"insee", "nom"},
    "sections": {"idu", "prefixe", "section"},
    "feuilles": {
        "qualite",
        "confection",
        "echelle",
        "date_edition",
        "date_incorporation",
        "date_reedition",
    },
    "parcelles": {
        "idu",
        "prefixe",
        "section",
        "numero",
        "contenance",
        "surface_geometrique",
        "arpentee",
        "figuree",
        "valide_du",
    },
    "subdivisions_fiscales": {"lettre", "parcelles"},
    "charges": {"texte"},
    "ensembles_immobiliers": {"nom"},
    "numeros_voirie": {"numero", "parcelles", "voie"},
    "lieuxdits": {"nom"},
    "batiments": {"dur", "nom", "parcelles", "surface_geometrique"},
    "voies": {"nom"},
    "troncons_route": {"nom"},
    "cours_eau": {"nom"},
    "points_canevas": {
        "idu",
        "orientation",
        "origine",
        "precision_plani",
        "precision_alti",
        "materialisation",
        "sym",
        "libelle",
    },
    "bornes": {"orientation"},
    "boulons": {"orientation"},
    "croix": {"orientation"},
    "symboles_limite": {"sym", "libelle", "orientation"},
    "details_ponctuels": {"sym", "libelle", "texte", "orientation"},
    "details_lineaires": {"sym", "libelle", "texte", "orientation"},
    "details_surfaciques": {"sym", "libelle", "texte", "orientation"},
    "ecritures": {"texte", "angle", "hauteur"},
}


def test_les_couches_du_plan_sont_toutes_la():
    assert set(PROPRIETES) <= set(TOUTES)


@pytest.mark.parametrize("nom", PROPRIETES)
def test_les_attributs_publics_sont_une_liste_fermee(nom):
    """A new attribute is a decision: it is written here too."""
    assert {a.nom for a in couche(nom).attributs} == PROPRIETES[nom] | COMMUNS


@pytest.mark.parametrize("interdit", ["compte", "proprietaire", "telephone_fixe", "nom_titulaire"])
def test_une_couche_publique_refuse_un_attribut_personnel(interdit):
    with pytest.raises(ImproperlyConfigured, match=interdit):
        Couche(
            nom="essai",
            libelle="Essai",
            objets=COMMUNES.objets,
            attributs=(Attribut(interdit, "Interdit"),),
            forme=Forme.POINT,
            zoom_min=1,
            version=lambda: "1",
            dessins=(),
        )


def test_deux_couches_ne_portent_pas_le_meme_nom():
    with pytest.raises(ImproperlyConfigured, match="parcelles"):
        enregistrer(PARCELLES)


def test_un_element_ne_porte_que_des_attributs_declares():
    with pytest.raises(ImproperlyConfigured, match="inconnus"):
        Couche(
            nom="essai",
            libelle="Essai",
            objets=COMMUNES.objets,
            attributs=(Attribut("nom", "Nom"),),
            forme=Forme.POINT,
            zoom_min=1,
            version=lambda: "1",
            dessins=(),
            elements=(Element("essai", 1, attributs=("absent",)),),
        )


def test_une_couche_inconnue_se_dit():
    with pytest.raises(CoucheInconnue):
        couche("nulle_part")
    with pytest.raises(CoucheInconnue):
        groupe("nulle_part")


def _colonne(nom: str, chemin: str) -> tuple[str, str]:
    """Table and column at the end of a field path of the layer's model."""
    modele = couche(nom).objets(None).model
    *relations, dernier = chemin.split("__")
    for relation in relations:
        modele = modele._meta.get_field(relation).related_model
    champ = modele._meta.get_field(dernier)
    # A generated column hides its kind; Django makes no index on it.
    assert isinstance(getattr(champ, "output_field", None) or champ, GeometryField)
    return modele._meta.db_table, champ.column


@pytest.mark.django_db
@pytest.mark.parametrize("nom", TOUTES)
def test_chaque_geometrie_lue_a_un_index_spatial(nom):
    c = couche(nom)
    for chemin in filter(None, (c.geometrie, c.geometrie_tuile)):
        table, colonne = _colonne(nom, chemin)
        with connection.cursor() as curseur:
            curseur.execute(
                "SELECT count(*) FROM pg_indexes WHERE tablename = %s AND indexdef LIKE %s",
                [table, f"%USING gist ({colonne}%"],
            )
            assert curseur.fetchone()[0] >= 1, f"{table}.{colonne}"


@pytest.mark.parametrize("nom", TOUTES)
def test_la_legende_est_complete(nom):
    """Each layer has a line, each area, and each icon that has a word is drawn."""
    c = couche(nom)
    lignes = legende([c])
    assert lignes
    for ligne in lignes:
        assert ligne.libelle and ligne.svg.startswith("<svg")
    for dessin in c.dessins:
        if isinstance(dessin, Aplat):
            assert dessin.legende
        if isinstance(dessin, Symbole):
            assert set(dessin.libelles) <= set(dessin.icones)
            assert dessin.libelles


@pytest.mark.parametrize("nom", TOUTES)
def test_chaque_dessin_porte_sur_un_element_aux_zooms_ou_il_existe(nom):
    c = couche(nom)
    par_nom: dict[str, list[Element]] = {}
    for element in c.elements:
        par_nom.setdefault(element.nom, []).append(element)
    for dessin in c.dessins:
        elements = par_nom[dessin.element]
        assert min(e.zoom_min for e in elements) <= dessin.zoom_min
        if c.groupe:
            assert all(e.dans_groupe for e in elements)
        fin = max(e.zoom_max for e in elements)
        assert dessin.zoom_max is None or dessin.zoom_max <= fin + 1
        assert c.zoom_min <= dessin.zoom_min


def test_les_elements_d_un_groupe_ont_des_noms_a_eux():
    noms = [e.nom for c in groupe("plan").couches for e in {e.nom: e for e in c.elements}.values()]
    assert len(noms) == len(set(noms))


@pytest.mark.parametrize("theme", ["clair", "photo"])
def test_le_style_nomme_des_calques_uniques_et_des_images_connues(theme):
    calques = calques_publics(theme)
    identifiants = [c["id"] for c in calques]
    assert len(identifiants) == len(set(identifiants))
    connues = set(icones(couches())) | {f"{nom}-photo" for nom in icones(couches())} | {""}
    for calque in calques:
        image = calque.get("layout", {}).get("icon-image")
        nommees = [image] if isinstance(image, str) else (image or [])[3::2] + (image or [])[-1:]
        assert set(nommees) <= connues
        if motif := calque.get("paint", {}).get("fill-pattern"):
            assert motif in connues


def test_les_textes_sont_au_dessus_des_traits_et_les_traits_au_dessus_des_aplats():
    rangs = {
        genre: [c["metadata"]["rang"] for c in calques_publics("clair") if c["type"] == genre]
        for genre in ("fill", "symbol")
    }
    assert max(rangs["fill"]) < min(rangs["symbol"])


def test_sur_photo_les_aplats_disparaissent_et_les_traits_blanchissent():
    calques = calques_publics("photo")
    couleurs = {
        c["paint"]["line-color"] for c in calques if c["type"] == "line" and c["id"].endswith("-trait")
    }
    assert couleurs == {"#ffffff"}
    # Layers of a trade may ask to be kept over a photograph; the plan keeps what one clicks.
    plan = {c.nom for c in couches() if c.theme == "Plan cadastral"}
    du_plan = [c["id"] for c in calques if c["type"] == "fill" and c["metadata"]["couche"] in plan]
    assert du_plan == ["parcelles-1-zone"]


def test_les_zooms_du_plan_sont_ceux_convenus():
    """Zooms of the drawing table: first zoom of each object of the plan."""
    premiers = {
        nom: min(c["minzoom"] for c in groupe_de_calques)
        for nom, groupe_de_calques in itertools.groupby(
            sorted(calques_publics("clair"), key=lambda c: c["metadata"]["couche"]),
            key=lambda c: c["metadata"]["couche"],
        )
        for groupe_de_calques in [list(groupe_de_calques)]
    }
    attendus = {
        "communes": 8,
        "sections": 12,
        "lieuxdits": 14,
        "parcelles": 15,
        "batiments": 15,
        "cours_eau": 13,
        "voies": 16,
        "numeros_voirie": 18,
        "symboles_limite": 18,
        "bornes": 18,
        "croix": 18,
    }
    assert {nom: premiers[nom] for nom in attendus} == attendus
    numeros = next(c for c in calques_publics("clair") if c["source-layer"] == "parcelles_numeros")
    assert numeros["minzoom"] == 17


def _declaree(nom: str = "sig_essai", libelle: str = "Essai") -> Couche:
    return Couche(
        nom=nom,
        libelle=libelle,
        objets=COMMUNES.objets,
        attributs=(Attribut("nom", "Nom"),),
        forme=Forme.SURFACE,
        zoom_min=1,
        version=lambda: "1",
        dessins=(),
    )


def test_des_couches_declarees_pendant_la_marche_remplacent_celles_de_leur_source():
    avant = registre.generation()
    try:
        remplacer("essai", [_declaree()])
        assert couche("sig_essai").libelle == "Essai"
        assert [c.nom for c in couches()][-1] == "sig_essai"
        remplacer("essai", [_declaree(libelle="Autre")])
        assert couche("sig_essai").libelle == "Autre"
        assert registre.generation() == avant + 2
    finally:
        remplacer("essai", [])
    with pytest.raises(CoucheInconnue):
        couche("sig_essai")


def test_une_couche_declaree_ne_prend_pas_le_nom_d_une_couche_du_code():
    try:
        remplacer("essai", [_declaree("parcelles", "Fausses parcelles")])
        assert couche("parcelles") is PARCELLES
        assert len([c for c in couches() if c.nom == "parcelles"]) == 1
    finally:
        remplacer("essai", [])
