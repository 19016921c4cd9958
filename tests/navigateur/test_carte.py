"""The map in a real browser."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

from tests.navigateur.conftest import TELEPHONE
from tests.plan_factice import lonlat

MILIEU = lonlat(90, 35)
ICI = f"{MILIEU[1]:.5f}/{MILIEU[0]:.5f}"


def ouvrir(ecran, zoom: float = 18, demande: str = "") -> None:
    ecran.ouvrir_carte(f"/carte/{demande}#{zoom}/{ICI}")


def repondre_recherche(ecran, resultats, erreurs=()) -> None:
    """Answer the search as its address would."""
    corps = json.dumps({"resultats": resultats, "erreurs": list(erreurs)})
    ecran.page.route("**/recherche/?*", lambda r: r.fulfill(content_type="application/json", body=corps))


def test_la_carte_s_ouvre_sur_le_territoire_sans_erreur_ni_hote_etranger(ecran, plan_servi):
    ecran.ouvrir_carte()
    zoom, bornes = ecran.page.evaluate(
        """() => { const { carte } = globalThis.carteUrbanisme;
             return [carte.getZoom(), carte.getBounds().toBBoxString()]; }"""
    )
    ouest, sud, est, nord = map(float, bornes.split(","))
    assert ouest < MILIEU[0] < est and sud < MILIEU[1] < nord
    assert 14 <= zoom <= 18
    expect(ecran.page.locator(".leaflet-control-attribution")).to_contain_text("DGFiP")
    expect(ecran.page.locator("#echelle-texte")).to_have_text(re.compile(r"^\d+ m$"))


def test_un_clic_ouvre_la_parcelle_et_l_ecrit_dans_l_adresse(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.mouse.click(*ecran.pixel(45, 5))
    volet = ecran.page.locator("#volet")
    expect(volet.locator("h2")).to_have_text("Parcelle AB 2")
    expect(volet).to_contain_text("901 m² (9 a 01 ca)")
    expect(volet).to_contain_text("15 janvier 2025")
    expect(volet.get_by_role("link", name="Fiche de la parcelle")).to_have_attribute(
        "href", "/parcelles/25999000AB0002/"
    )
    expect(ecran.page).to_have_url(re.compile(r"parcelle=25999000AB0002#18/"))
    etat = ecran.page.evaluate(
        """() => globalThis.carteUrbanisme.plan.gl.getFeatureState(
             { source: "plan", sourceLayer: "parcelles", id: "25999000AB0002" })"""
    )
    assert etat["choix"] is True


def test_le_permalien_rouvre_la_parcelle_et_le_lieu(ecran, plan_servi):
    ouvrir(ecran, 17, "?parcelle=25999000AB0009")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 9")
    assert ecran.page.evaluate("() => globalThis.carteUrbanisme.carte.getZoom()") == 17
    ecran.page.locator("#volet-fermer").click()
    expect(ecran.page.locator("#volet")).to_be_hidden()
    assert "parcelle=" not in ecran.page.url


def test_une_adresse_sans_lieu_cadre_la_parcelle_demandee(ecran, plan_servi):
    ecran.ouvrir_carte("/carte/?parcelle=25999000AB0012")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 12")
    ecran.page.wait_for_function("() => globalThis.carteUrbanisme.carte.getZoom() >= 17")
    x, y = ecran.pixel(165, 55)
    assert 0 < x < 900 and 60 < y < 800


def test_lat_lon_et_z_placent_la_carte(ecran, plan_servi):
    ecran.ouvrir_carte(f"/carte/?lat={MILIEU[1]:.6f}&lon={MILIEU[0]:.6f}&z=16")
    assert ecran.page.evaluate("() => globalThis.carteUrbanisme.carte.getZoom()") == 16
    ecran.page.get_by_role("button", name="Zoom avant").click()
    expect(ecran.page).to_have_url(re.compile(r"/carte/#17/" + ICI[:6]))


def test_une_parcelle_inconnue_se_dit(ecran, plan_servi):
    ecran.tolerer("404")
    ecran.ouvrir_carte("/carte/?parcelle=25999000ZZ9999")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle introuvable")
    expect(ecran.page.locator("#volet")).to_contain_text("25999000ZZ9999")


def test_une_parcelle_sans_dessin_s_ouvre_sans_deplacer_la_carte(ecran, plan_servi):
    ouvrir(ecran, 17, "?parcelle=25999000AB9001")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 9001")
    expect(ecran.page.locator("#volet")).to_contain_text("parcelle non figurée")


def test_un_clic_dans_la_rue_dit_qu_il_n_y_a_pas_de_parcelle(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.mouse.click(*ecran.pixel(100, 32))
    expect(ecran.page.locator("#volet")).to_contain_text("Pas de parcelle à cet endroit")


@pytest.mark.parametrize(
    ("zoom", "presentes", "absentes"),
    [
        (14, {"communes", "sections"}, {"parcelles", "batiments", "numeros_voirie"}),
        (16, {"parcelles", "batiments", "voies", "lieuxdits"}, {"numeros_voirie", "bornes"}),
        (18, {"parcelles", "numeros_voirie", "symboles_limite", "bornes", "details_surfaciques"}, set()),
    ],
)
def test_le_plan_dessine_a_chaque_zoom_ce_qui_est_convenu(ecran, plan_servi, zoom, presentes, absentes):
    ouvrir(ecran, zoom)
    for nom in presentes:
        assert ecran.dessines(nom), nom
    for nom in absentes:
        assert not ecran.dessines(nom), nom


def test_les_numeros_de_parcelle_viennent_au_zoom_17(ecran, plan_servi):
    ouvrir(ecran, 17)
    assert any(set(o) == {"numero", "z"} for o in ecran.dessines("parcelles"))
    ouvrir(ecran, 16.5)
    assert not any("z" in o for o in ecran.dessines("parcelles"))


def test_une_couche_decochee_disparait_et_revient(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.get_by_role("button", name="Couches").click()
    case = ecran.page.get_by_role("checkbox", name="Bâtiments")
    case.uncheck()
    ecran.attendre_carte()
    ecran.page.wait_for_function(
        """() => { const { gl } = globalThis.carteUrbanisme.plan;
             const ids = gl.getLayersOrder().filter((id) => id.startsWith("batiments-"));
             return ids.length && gl.queryRenderedFeatures({ layers: ids }).length === 0; }"""
    )
    case.check()
    ecran.page.wait_for_function(
        """() => { const { gl } = globalThis.carteUrbanisme.plan;
             const ids = gl.getLayersOrder().filter((id) => id.startsWith("batiments-"));
             return gl.queryRenderedFeatures({ layers: ids }).length > 0; }"""
    )


def test_une_couche_eteinte_au_depart_se_charge_quand_on_la_coche(ecran, plan_servi):
    ouvrir(ecran, 17)
    assert not ecran.dessines("feuilles")
    ecran.page.get_by_role("button", name="Couches").click()
    with ecran.page.expect_response(re.compile(r"/tuiles/feuilles/17/")):
        ecran.page.get_by_role("checkbox", name="Feuilles").check()
    ecran.page.wait_for_function(
        """() => { const { gl } = globalThis.carteUrbanisme.plan;
             return gl.queryRenderedFeatures({ layers: ["feuilles-0-trait"] }).length > 0; }"""
    )


def test_la_liste_des_couches_compte_les_objets_et_montre_la_legende(ecran, plan_servi):
    ouvrir(ecran, 16)
    ecran.page.get_by_role("button", name="Couches").click()
    parcelles = ecran.page.locator('.couche[data-couche="parcelles"]')
    expect(parcelles.locator(".couche-etat")).to_have_text("13")
    expect(parcelles.locator(".legende")).to_contain_text("Numéro de parcelle")
    # The number shows from zoom 17 only, the outline now.
    expect(parcelles.locator(".legende li").nth(1)).to_have_class("hors-zoom")
    expect(parcelles.locator(".legende li").nth(0)).not_to_have_class("hors-zoom")


def test_la_recherche_se_fait_au_clavier(ecran, plan_servi):
    ouvrir(ecran, 15)
    repondre_recherche(
        ecran,
        [
            {"type": "lieudit", "titre": "LES ESSARTS", "sous_titre": "", "url": "/x/", "bbox": None,
             "point": list(MILIEU), "idu": None},
            {"type": "parcelle", "titre": "AB 7", "sous_titre": "Valbrune", "bbox": None, "point": None,
             "url": "/x/", "idu": "25999000AB0007"},
        ],
    )  # fmt: skip
    ecran.page.locator("body").press("/")
    champ = ecran.page.get_by_role("combobox")
    expect(champ).to_be_focused()
    champ.press_sequentially("ab 7")
    expect(ecran.page.get_by_role("option")).to_have_count(2)
    champ.press("ArrowDown")
    champ.press("ArrowDown")
    expect(champ).to_have_attribute("aria-activedescendant", "resultat-1")
    champ.press("Enter")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 7")
    expect(ecran.page.get_by_role("listbox")).to_be_hidden()
    ecran.page.wait_for_function("() => globalThis.carteUrbanisme.carte.getZoom() >= 17")


def test_la_vraie_recherche_mene_a_la_parcelle_et_au_lieu_dit(ecran, plan_servi):
    ouvrir(ecran, 15)
    champ = ecran.page.get_by_role("combobox")
    champ.fill("ab 0004")
    expect(ecran.page.get_by_role("option").first).to_contain_text("AB 4")
    champ.press("Enter")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 4")
    champ.fill("les essarts")
    expect(ecran.page.get_by_role("option").first).to_contain_text("Essarts")
    ecran.page.get_by_role("option").first.click()
    expect(ecran.page.locator("#volet")).to_be_hidden()
    expect(ecran.page.locator("path.lieu-trouve")).to_be_visible()


def test_la_recherche_dit_ce_qu_elle_n_a_pas_trouve(ecran, plan_servi):
    ouvrir(ecran)
    repondre_recherche(ecran, [], ["Aucune parcelle AB 9999 à Valbrune."])
    ecran.page.get_by_role("combobox").fill("AB 9999")
    expect(ecran.page.locator("#resultats-note")).to_have_text("Aucune parcelle AB 9999 à Valbrune.")


def test_un_resultat_qui_ressemble_a_du_html_reste_un_texte(ecran, plan_servi):
    ouvrir(ecran)
    titre = "<img src=x onerror=alert(1)>"
    repondre_recherche(
        ecran,
        [
            {
                "type": "lieudit",
                "titre": titre,
                "sous_titre": "",
                "url": "",
                "bbox": None,
                "point": None,
                "idu": None,
            }
        ],
    )
    ecran.page.get_by_role("combobox").fill("x")
    expect(ecran.page.get_by_role("option")).to_contain_text(titre)


def test_la_carte_se_lit_au_clavier(ecran, plan_servi):
    ouvrir(ecran, 18)
    carte = ecran.page.locator("#carte")
    carte.focus()
    carte.press("ArrowDown")
    expect(ecran.page.locator("#mire")).to_be_visible()
    ecran.page.wait_for_timeout(400)
    carte.press("Enter")
    expect(ecran.page.locator("#volet")).to_be_visible()
    expect(ecran.page.locator("#volet")).to_be_focused()
    ecran.page.keyboard.press("Escape")
    expect(ecran.page.locator("#volet")).to_be_hidden()
    expect(carte).to_be_focused()


def test_les_coordonnees_suivent_le_pointeur(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.mouse.move(*ecran.pixel(0, 0))
    texte = ecran.page.locator("#coordonnees").inner_text().replace("\u202f", "").replace("\xa0", "")
    x, y = (float(v.replace(",", ".")) for v in re.search(r"X ([\d,]+)\s+Y ([\d,]+)", texte).groups())
    from tests.plan_factice import X0, Y0

    assert abs(x - X0) < 1 and abs(y - Y0) < 1
    assert "Lambert 93" in texte and "° N" in texte
    # Without a pointer on the map, they are those of its middle.
    ecran.page.mouse.move(5, 5)
    carte = ecran.page.locator("#carte")
    carte.focus()
    carte.press("ArrowDown")
    ecran.page.wait_for_timeout(400)
    milieu = """() => { const { lat, lng } = globalThis.carteUrbanisme.carte.getCenter();
        return [lat.toFixed(5), lng.toFixed(5)]; }"""
    for valeur in ecran.page.evaluate(milieu):
        expect(ecran.page.locator("#coordonnees")).to_contain_text(valeur.replace(".", ","))


def test_sur_telephone_la_carte_prend_l_ecran_et_la_fiche_glisse(ecran, plan_servi):
    ecran.page.set_viewport_size(TELEPHONE)
    ouvrir(ecran)
    carte = ecran.page.locator("#carte").bounding_box()
    assert carte["width"] == TELEPHONE["width"] and carte["height"] > 740
    ecran.page.mouse.click(*ecran.pixel(75, 5))
    volet = ecran.page.locator("#volet")
    expect(volet.locator("h2")).to_have_text("Parcelle AB 3")
    boite = volet.bounding_box()
    assert boite["x"] == 0 and boite["width"] == TELEPHONE["width"]
    assert abs(boite["y"] + boite["height"] - TELEPHONE["height"]) <= 1
    # The chosen parcel stays in view, or the sheet leaves at least half of the map.
    assert boite["height"] < TELEPHONE["height"] / 2
    ecran.page.mouse.move(195, boite["y"] + 30)
    ecran.page.mouse.down()
    ecran.page.mouse.move(195, boite["y"] + 200, steps=4)
    ecran.page.mouse.up()
    expect(volet).to_be_hidden()
    assert ecran.page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


def test_sans_donnees_la_carte_dit_comment_commencer(ecran, transactional_db):
    ecran.ouvrir_carte()
    vide = ecran.page.locator(".carte-vide")
    expect(vide).to_contain_text("Aucun plan n'est chargé")
    expect(vide).to_contain_text("importer_edigeo")


def test_la_carte_integree_est_seule_sur_sa_page(ecran, plan_servi):
    ecran.ouvrir_carte(f"/carte/integree/#17/{ICI}")
    expect(ecran.page.locator("header.entete")).to_have_count(0)
    ecran.page.mouse.click(*ecran.pixel(45, 5))
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 2")


def test_au_telephone_la_page_est_accessible_aussi(ecran, plan_servi):
    from axe_playwright_python.sync_playwright import Axe

    ecran.page.set_viewport_size(TELEPHONE)
    ouvrir(ecran)
    violations = Axe().run(ecran.page).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []


def test_la_page_est_accessible(ecran, plan_servi):
    from axe_playwright_python.sync_playwright import Axe

    ouvrir(ecran)
    ecran.page.mouse.click(*ecran.pixel(45, 5))
    expect(ecran.page.locator("#volet h2")).to_be_visible()
    graves = [
        f"{v['id']} : {v['help']} {[n['target'] for n in v['nodes']][:3]}"
        for v in Axe().run(ecran.page).response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert graves == []
    ecran.page.get_by_role("button", name="Couches").click()
    expect(ecran.page.locator("#volet-couches")).to_be_visible()
    graves = [
        f"{v['id']} : {v['help']} {[n['target'] for n in v['nodes']][:3]}"
        for v in Axe().run(ecran.page).response["violations"]
        if v["impact"] in ("serious", "critical")
    ]
    assert graves == []
