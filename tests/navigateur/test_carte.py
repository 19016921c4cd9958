"""The map in a real browser."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import expect

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
    champ = ecran.page.locator("#recherche-carte")
    expect(champ).to_be_focused()
    champ.press_sequentially("ab 7")
    expect(ecran.page.locator("#resultats").get_by_role("option")).to_have_count(2)
    champ.press("ArrowDown")
    champ.press("ArrowDown")
    expect(champ).to_have_attribute("aria-activedescendant", "resultat-1")
    champ.press("Enter")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 7")
    expect(ecran.page.get_by_role("listbox")).to_be_hidden()
    ecran.page.wait_for_function("() => globalThis.carteUrbanisme.carte.getZoom() >= 17")


def test_la_vraie_recherche_mene_a_la_parcelle_et_au_lieu_dit(ecran, plan_servi):
    ouvrir(ecran, 15)
    champ = ecran.page.locator("#recherche-carte")
    champ.fill("ab 0004")
    expect(ecran.page.locator("#resultats").get_by_role("option").first).to_contain_text("AB 4")
    champ.press("Enter")
    expect(ecran.page.locator("#volet h2")).to_have_text("Parcelle AB 4")
    champ.fill("les essarts")
    expect(ecran.page.locator("#resultats").get_by_role("option").first).to_contain_text("Essarts")
    ecran.page.locator("#resultats").get_by_role("option").first.click()
    expect(ecran.page.locator("#volet")).to_be_hidden()
    expect(ecran.page.locator("path.lieu-trouve")).to_be_visible()


def test_la_recherche_dit_ce_qu_elle_n_a_pas_trouve(ecran, plan_servi):
    ouvrir(ecran)
    repondre_recherche(ecran, [], ["Aucune parcelle AB 9999 à Valbrune."])
    ecran.page.locator("#recherche-carte").fill("AB 9999")
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
    ecran.page.locator("#recherche-carte").fill("x")
    expect(ecran.page.locator("#resultats").get_by_role("option")).to_contain_text(titre)


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


def test_sans_donnees_la_carte_dit_comment_commencer(ecran, transactional_db):
    ecran.ouvrir_carte()
    vide = ecran.page.locator(".carte-vide")
    expect(vide).to_contain_text("Aucun plan n'est chargé")
    expect(vide).to_contain_text("importer_edigeo")
