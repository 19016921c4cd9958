"""Every layer of the registry, whoever declared it, through every door: tiles, style, click, export, OGC."""

from __future__ import annotations

import io
import itertools
import json
import re
from collections.abc import Iterator, Mapping

import pyogrio
import pytest
from django.core.management import CommandError, call_command

from gis_data.carte.legende import legende
from gis_data.couches import Aplat, Couche, Symbole, Texte, Trait, couche, couches
from gis_data.couches.dessin import Dessin, Interaction, Nombre
from gis_data.couches.registre import ATTRIBUTS_INTERDITS
from gis_data.exports import Demande, exporter
from gis_data.ogc.parametres import RESERVES
from mairie import roles
from tests.couches_remplies import LECTEURS, REMPLIR, couches_declarees
from tests.gis_data.test_tuiles import ENDROITS, lire, tuile_de
from tests.personnes import agent
from tests.plan_factice import lonlat

TOUTES = [c.nom for c in couches()]
PUBLIQUES = [c.nom for c in couches() if c.publique]
INTERNES = [c.nom for c in couches() if not c.publique]
DECLAREES = ("risques_publique", "risques_interne")
PORTE = "django.contrib.auth.backends.ModelBackend"
# Columns that hold who somebody is, wherever the layer reads them from.
PERSONNES = re.compile(
    r"tiers|demandeur|petitionnaire|proprietaire|titulaire|prenom|naissance|courriel|email|telephone|"
    r"utilisateur|\bauteur|agent|mandataire|compte_",
    re.I,
)


def remplir(nom: str) -> None:
    """Rows of the layer."""
    if nom in DECLAREES:
        couches_declarees()
    else:
        REMPLIR.get(nom, lambda: None)()


def adresse_tuile(nom: str, zoom: int) -> str:
    z, x, y = tuile_de(*ENDROITS.get(nom, (50, 20)), zoom)
    return f"/tuiles/{nom}/{z}/{x}/{y}.pbf"


# --- what leaves --------------------------------------------------------------------------------


@pytest.mark.parametrize("nom", PUBLIQUES)
def test_aucun_attribut_d_une_couche_publique_ne_vient_d_une_personne(nom):
    """Neither its name, nor its label, nor the column that it reads."""
    for attribut in couche(nom).attributs:
        assert not ATTRIBUTS_INTERDITS.search(attribut.nom)
        # A label says « Document », a column « dossier__demandeur__nom »: the path is what matters.
        assert not PERSONNES.search(str(attribut.expression)), (attribut.nom, attribut.expression)
        assert not re.search(
            r"propriétaire|demandeur|pétitionnaire|courriel|téléphone", attribut.libelle, re.I
        )


@pytest.mark.parametrize("nom", TOUTES)
def test_aucun_attribut_ne_porte_le_nom_d_un_parametre(nom):
    """A property filters under its own name; the parameters of the standard have theirs."""
    assert not RESERVES & {a.nom for a in couche(nom).attributs}


def test_public_et_interne_ne_portent_jamais_le_meme_nom():
    assert len(TOUTES) == len(set(TOUTES))
    assert not set(PUBLIQUES) & set(INTERNES)
    elements = {c.nom: {e.nom for e in c.elements} for c in couches()}
    for interne in INTERNES:
        for publique in PUBLIQUES:
            assert not elements[interne] & elements[publique], (interne, publique)


# --- legibility ---------------------------------------------------------------------------------

# Smaller, a text is not read and a line not seen; a cluttered plan has fine lines.
TEXTE_MIN_PX, TRAIT_MIN_PX, SIGNE_MIN_PX = 9.0, 0.4, 5.0


def a_zoom(valeur: Nombre, zoom: float) -> float:
    """The number at a zoom, as MapLibre interpolates it."""
    if not isinstance(valeur, Mapping):
        return float(valeur)
    zooms = sorted(valeur)
    if zoom <= zooms[0]:
        return float(valeur[zooms[0]])
    for bas, haut in itertools.pairwise(zooms):
        if zoom <= haut:
            return valeur[bas] + (valeur[haut] - valeur[bas]) * (zoom - bas) / (haut - bas)
    return float(valeur[zooms[-1]])


def montre(dessin: Dessin, zoom: int) -> bool:
    return dessin.zoom_min <= zoom and (dessin.zoom_max is None or zoom < dessin.zoom_max)


def luminance(couleur: str) -> float:
    canaux = [int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, v, b = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
    return 0.2126 * r + 0.7152 * v + 0.0722 * b


def contraste(couleur: str) -> float:
    """On white paper."""
    return 1.05 / (luminance(couleur) + 0.05)


def fautes_de_lisibilite(c: Couche) -> Iterator[str]:
    debut, fin = c.zoom_min, max(22 if d.zoom_max is None else int(d.zoom_max) - 1 for d in c.dessins)
    # A layer that names places leaves the closest zooms to what it names; it has no hole before.
    premier = min(int(d.zoom_min) for d in c.dessins)
    if premier > debut + 1 or fin - premier < 3:
        yield f"dessinée du zoom {premier} au zoom {fin}, déclarée dès le zoom {debut}"
    for zoom in range(premier, fin + 1):
        visibles = [d for d in c.dessins if montre(d, zoom) and not isinstance(d, Interaction)]
        if not visibles:
            yield f"z{zoom} : rien n'est dessiné"
        for d in visibles:
            match d:
                case Texte():
                    if a_zoom(d.taille, zoom) < TEXTE_MIN_PX:
                        yield f"z{zoom} : texte de {a_zoom(d.taille, zoom):.1f} px"
                    if contraste(d.couleur) < (3 if d.cartouche else 4.5):
                        yield f"z{zoom} : texte {d.couleur} trop pâle ({contraste(d.couleur):.1f})"
                case Trait():
                    if a_zoom(d.epaisseur, zoom) < TRAIT_MIN_PX or a_zoom(d.opacite, zoom) < 0.3:
                        yield f"z{zoom} : trait invisible"
                case Aplat():
                    rempli = d.remplissage and d.opacite >= 0.03
                    borde = d.contour and a_zoom(d.epaisseur, zoom) >= TRAIT_MIN_PX
                    if not (rempli or borde or d.motif):
                        yield f"z{zoom} : surface invisible"
                case Symbole():
                    cote = max(i.cote for i in d.icones.values()) * a_zoom(d.taille, zoom)
                    if cote < SIGNE_MIN_PX:
                        yield f"z{zoom} : signe de {cote:.1f} px"


@pytest.mark.parametrize("nom", TOUTES)
def test_chaque_zoom_est_lisible(nom):
    assert list(fautes_de_lisibilite(couche(nom))) == []


@pytest.mark.django_db
@pytest.mark.parametrize("nom", DECLAREES)
def test_une_couche_declaree_est_lisible_et_sa_legende_complete(nom):
    couches_declarees()
    c = couche(nom)
    assert list(fautes_de_lisibilite(c)) == []
    assert len(legende([c])) == 3
    assert all(a.nom not in RESERVES for a in c.attributs)


# --- every door, with rows ----------------------------------------------------------------------


@pytest.mark.parametrize("nom", [*PUBLIQUES, DECLAREES[0]])
def test_une_couche_publique_passe_par_toutes_les_portes(client, plan, tmp_path, nom):
    remplir(nom)
    c = couche(nom)
    zoom = max(c.zoom_min, 16)
    # Tiles: the layer's own element, with declared attributes and nothing else.
    tuile = lire(client, nom, zoom, *ENDROITS.get(nom, (50, 20)))
    nombre = c.objets(None).count()
    assert bool(tuile) == bool(nombre)
    declares = {a.nom for a in c.attributs} | {n for e in c.elements for n in e.calculs} | {"geom", "mvt_id"}
    for element, champs in tuile.items():
        assert element in {e.nom for e in c.elements}
        assert set(champs) <= declares
    # TileJSON, style, legend.
    tilejson = client.get(f"/tuiles/{nom}.json").json()
    assert {v["id"] for v in tilejson["vector_layers"]} == {e.nom for e in c.elements}
    assert tilejson["attribution"] == c.source
    style = client.get("/tuiles/style.json").json()
    siens = [x for x in style["layers"] if x.get("metadata", {}).get("couche") == nom]
    assert siens and all(x["source"] in style["sources"] for x in siens)
    (decrite,) = [x for x in client.get("/carte/couches.json").json()["couches"] if x["nom"] == nom]
    assert decrite["objets"] == nombre and decrite["legende"]
    # The list and the click say the same attributes.
    lon, lat = lonlat(*ENDROITS.get(nom, (50, 20)))
    cadre = f"{lon - 0.004},{lat - 0.004},{lon + 0.004},{lat + 0.004}"
    if c.identifiable and nombre:
        liste = client.get(f"/carte/objets?bbox={cadre}&zoom={zoom}&couches={nom}").json()
        (rubrique,) = liste["rubriques"]
        assert list(rubrique["objets"][0]["attributs"]) == [a.nom for a in c.attributs]
    # Exports: as many objects in each format.
    for format_ in ("geojson", "csv", "gpkg"):
        fichier = tmp_path / f"{nom}.{format_}"
        assert exporter(Demande(c, format_), fichier) == nombre
    assert pyogrio.read_info(tmp_path / f"{nom}.gpkg", layer=nom)["features"] == nombre
    # OGC API Features: the same objects, the same closed list.
    page = client.get(f"/ogc/collections/{nom}/items", {"limit": 10_000}).json()
    assert page["numberMatched"] == page["numberReturned"] == nombre
    if not nombre:
        # A trade's layer whose rows are made by its own tests.
        assert nom not in REMPLIR and c.theme != "Plan cadastral"
        return
    assert list(page["features"][0]["properties"]) == [a.nom for a in c.attributs]
    exporte = json.loads((tmp_path / f"{nom}.geojson").read_text())["features"]
    assert exporte[0]["properties"] == page["features"][0]["properties"]
    seul = page["features"][0]["id"]
    assert client.get(f"/ogc/collections/{nom}/items/{seul}").json()["properties"] == exporte[0]["properties"]


def lecteur(nom: str):
    if nom == DECLAREES[1]:
        return agent("sig.lecteur")
    if nom in LECTEURS:
        return agent(LECTEURS[nom])
    # A new trade's: whoever of its roles may see it.
    for role in roles.roles():
        personne = agent(f"{role.metier}.{role.code}")
        if couche(nom).visible_par(personne):
            return personne
    raise AssertionError(f"personne ne peut voir {nom}")


@pytest.mark.parametrize("nom", [*INTERNES, DECLAREES[1]])
def test_une_couche_interne_n_est_que_pour_les_siens(client, plan, nom):
    remplir(nom)
    c = couche(nom)
    zoom = max(c.zoom_min, 17)
    lon, lat = lonlat(50, 20)
    cadre = f"{lon - 0.004},{lat - 0.004},{lon + 0.004},{lat + 0.004}"
    portes = [
        adresse_tuile(nom, zoom),
        f"/carte/identifier?lon={lon}&lat={lat}&zoom={zoom}&couches={nom}",
        f"/carte/objets?bbox={cadre}&zoom={zoom}&couches={nom}",
        f"/ogc/collections/{nom}",
        f"/ogc/collections/{nom}/items",
    ]
    publiques = ["/tuiles/style.json", "/carte/couches.json", "/ogc/collections", "/ogc/api", "/carte/"]
    for citoyen in (None, agent()):
        if citoyen:
            client.force_login(citoyen, PORTE)
        assert [client.get(p).status_code for p in portes] == [404] * len(portes)
        assert [p for p in publiques if nom in client.get(p).content.decode()] == []
        assert client.get(f"/tuiles/{nom}.json").status_code == 404
    client.force_login(lecteur(nom), PORTE)
    for porte in portes:
        reponse = client.get(porte)
        assert reponse.status_code in (200, 204), porte
        assert reponse["Cache-Control"] == "private, no-store", porte
    objets = client.get(portes[-1]).json()["features"]
    assert bool(objets) == (nom in REMPLIR or nom in DECLAREES)
    assert not objets or list(objets[0]["properties"]) == [a.nom for a in c.attributs]
    # What is the same for all stays without it, even for those who may see it.
    assert nom not in client.get("/tuiles/style.json").content.decode()
    assert client.get(f"/tuiles/{nom}.json").status_code == 404
    style = client.get("/carte/style-interne.json")
    assert nom in style.json()["sources"] and style["Cache-Control"] == "private, no-store"


def test_l_export_d_une_couche_interne_se_refuse_en_ligne_de_commande(plan, tmp_path):
    """The command reads as the public: for it an internal layer does not exist."""
    for nom in INTERNES:
        with pytest.raises(CommandError, match="n'existe pas"):
            call_command("exporter_couche", nom, sortie=str(tmp_path / "x.geojson"), stderr=io.StringIO())
