"""Layers: switches, groups, opacity, order, base map, what the address and the next visit keep."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import expect

from tests.couches import couche_interne
from tests.navigateur.carte import attendre_js, carte_js, couches, groupe_du_plan, outil, ouvrir
from tests.navigateur.conftest import entrer
from tests.personnes import agent

# One transparent pixel.
TUILE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
DES_BATIMENTS = 'plan.gl.getLayersOrder().filter((id) => id.startsWith("batiments-"))'
DESSINES = f"plan.gl.queryRenderedFeatures({{ layers: {DES_BATIMENTS} }}).length"


def test_une_couche_decochee_disparait_et_revient(ecran, plan_servi):
    ouvrir(ecran)
    couches(ecran)
    case = ecran.page.get_by_role("checkbox", name="Bâtiments")
    case.uncheck()
    attendre_js(ecran, f"{DES_BATIMENTS}.length && {DESSINES} === 0")
    expect(ecran.page).to_have_url(re.compile(r"couches=-batiments#"))
    case.check()
    attendre_js(ecran, f"{DESSINES} > 0")
    expect(ecran.page).not_to_have_url(re.compile("couches="))


def test_une_couche_eteinte_au_depart_se_charge_quand_on_la_coche(ecran, plan_servi):
    ouvrir(ecran, 17)
    assert not ecran.dessines("feuilles")
    couches(ecran)
    with ecran.page.expect_response(re.compile(r"/tuiles/feuilles/17/")):
        ecran.page.get_by_role("checkbox", name="Feuilles").check()
    attendre_js(ecran, 'plan.gl.queryRenderedFeatures({ layers: ["feuilles-0-trait"] }).length > 0')


def test_la_liste_des_couches_compte_les_objets(ecran, plan_servi):
    ouvrir(ecran, 16)
    volet = couches(ecran)
    parcelles = volet.locator('.couche[data-couche="parcelles"]')
    expect(parcelles.locator(".couche-etat")).to_have_text("13")
    expect(volet.locator('.couche[data-couche="numeros_voirie"]')).to_contain_text("Zoomez pour la voir")
    expect(groupe_du_plan(volet).locator(".groupe-compte")).to_have_text(re.compile(r"^\d+ sur \d+$"))


def test_tout_le_groupe_s_eteint_d_un_geste(ecran, plan_servi):
    ouvrir(ecran)
    volet = couches(ecran)
    groupe = volet.get_by_role("checkbox", name="Tout le groupe Plan cadastral")
    # One layer is off by default: neither all nor none.
    assert groupe.evaluate("(c) => c.indeterminate") is True
    siennes = groupe_du_plan(volet).locator(".couche").count()
    groupe.check()
    assert carte_js(ecran, "etat.visibles().length") == siennes
    groupe.uncheck()
    assert carte_js(ecran, "etat.visibles().length") == 0
    attendre_js(ecran, "plan.gl.queryRenderedFeatures().filter((o) => o.layer.id !== 'fond').length === 0")
    volet.get_by_role("button", name="Affichage d'origine").click()
    attendre_js(ecran, f"{DESSINES} > 0")


def test_l_opacite_se_regle_au_clavier_et_revient(ecran, plan_servi):
    ouvrir(ecran)
    volet = couches(ecran)
    origine = carte_js(ecran, 'plan.gl.getPaintProperty("parcelles-0-trait", "line-opacity")')
    bouton = volet.get_by_role("button", name="Opacité de Parcelles", exact=True)
    bouton.press("Enter")
    expect(bouton).to_have_attribute("aria-expanded", "true")
    curseur = volet.get_by_role("slider", name="Opacité de Parcelles")
    for _ in range(10):
        curseur.press("ArrowLeft")
    assert carte_js(ecran, 'etat.opacite("parcelles")') == 0.5
    # The style's own growth with the zoom is kept.
    assert carte_js(ecran, 'plan.gl.getPaintProperty("parcelles-0-trait", "line-opacity")') == [
        *origine[:4], origine[4] / 2, origine[5], origine[6] / 2,
    ]  # fmt: skip
    expect(ecran.page).to_have_url(re.compile(r"opacites=parcelles:50"))
    curseur.press("End")
    assert carte_js(ecran, 'plan.gl.getPaintProperty("parcelles-0-trait", "line-opacity")') == origine
    expect(ecran.page).not_to_have_url(re.compile("opacites="))


def test_l_ordre_se_change_au_clavier(ecran, plan_servi):
    ouvrir(ecran)
    volet = couches(ecran)
    volet.get_by_text("Ordre d'affichage").click()
    noms = volet.locator("#couches-ordre .couche-nom")
    avant = noms.all_inner_texts()
    assert avant.index("Parcelles") < avant.index("Bâtiments")
    ordre = "plan.gl.getLayersOrder()"
    assert carte_js(ecran, f"{ordre}.indexOf('parcelles-0-trait') > {ordre}.indexOf('batiments-0-aplat')")
    while noms.all_inner_texts().index("Bâtiments") > noms.all_inner_texts().index("Parcelles"):
        bouton = volet.get_by_role("button", name="Monter Bâtiments")
        bouton.press("Enter")
        # Focus stays with the layer that moves.
        expect(volet.get_by_role("button", name="Monter Bâtiments")).to_be_focused()
    assert carte_js(ecran, f"{ordre}.indexOf('parcelles-0-trait') < {ordre}.indexOf('batiments-0-aplat')")
    # Selection and texts stay over all.
    assert carte_js(ecran, f"{ordre}.indexOf('parcelles-1-choix') > {ordre}.indexOf('batiments-1-aplat')")
    # The link draws the same stack elsewhere.
    adresse = ecran.page.url
    assert re.search(r"ordre=batiments:[\d.]+", adresse)
    rendu = carte_js(ecran, ordre)
    ecran.page.evaluate("() => localStorage.clear()")
    ecran.ouvrir_carte(adresse.removeprefix(ecran.racine))
    assert carte_js(ecran, ordre) == rendu
    couches(ecran).get_by_role("button", name="Affichage d'origine").click()
    assert carte_js(ecran, f"{ordre}.indexOf('parcelles-0-trait') > {ordre}.indexOf('batiments-0-aplat')")


def test_les_choix_se_retrouvent_a_la_visite_suivante_et_un_lien_a_le_dernier_mot(ecran, plan_servi):
    ouvrir(ecran)
    couches(ecran)
    ecran.page.get_by_role("checkbox", name="Bâtiments").uncheck()
    ecran.ouvrir_carte("/carte/")
    assert carte_js(ecran, 'etat.visible("batiments")') is False
    # A link that says nothing of this layer shows it as the house does.
    ouvrir(ecran, demande="?couches=-lieuxdits")
    assert carte_js(ecran, 'etat.visible("batiments")') is True
    assert carte_js(ecran, 'etat.visible("lieuxdits")') is False


@pytest.mark.parametrize(
    "demande", ["?couches=nulle_part,-rien", "?opacites=parcelles:abc", "?ordre=x:1&jour=demain&fond=lune"]
)
def test_une_adresse_fausse_ne_casse_rien(ecran, plan_servi, demande):
    ouvrir(ecran, demande=demande)
    assert carte_js(ecran, "etat.parDefaut") is True


def test_la_legende_dit_ce_qui_est_dessine(ecran, plan_servi):
    ouvrir(ecran, 16)
    volet = outil(ecran, "Légende")
    expect(volet.get_by_text("Parcelle", exact=True)).to_be_visible()
    expect(volet.get_by_text("Numéro de parcelle")).to_be_hidden()
    ecran.page.get_by_role("button", name="Zoom avant").click()
    expect(volet.get_by_text("Numéro de parcelle")).to_be_visible()
    couches(ecran)
    ecran.page.get_by_role("checkbox", name="Parcelles").uncheck()
    outil(ecran, "Légende")
    expect(volet.get_by_text("Numéro de parcelle")).to_be_hidden()
    expect(volet.get_by_text("Bâtiment en dur")).to_be_visible()


def test_sur_photographie_les_traits_blanchissent_et_les_aplats_disparaissent(ecran, plan_servi, settings):
    settings.FONDS_DE_CARTE_IGN = True
    settings.IGN_WMTS_URL = f"{ecran.racine}/wmts"
    ecran.page.route(
        re.compile(r"/wmts\?"), lambda r: r.fulfill(status=200, content_type="image/png", body=TUILE)
    )
    ouvrir(ecran)
    volet = couches(ecran)
    with ecran.page.expect_request(re.compile(r"/wmts\?.*LAYER=ORTHOIMAGERY")):
        volet.get_by_role("radio", name="Photographies aériennes").check()
    attendre_js(ecran, 'plan.gl.getLayer("parcelles-0-halo")')
    assert carte_js(ecran, 'plan.gl.getPaintProperty("parcelles-0-trait", "line-color")') == "#ffffff"
    assert not carte_js(ecran, 'Boolean(plan.gl.getLayer("batiments-0-aplat"))')
    expect(ecran.page).to_have_url(re.compile("fond=photo"))
    expect(ecran.page.locator(".leaflet-control-attribution")).to_contain_text("IGN")
    volet.get_by_role("radio", name="Plan seul").check()
    attendre_js(ecran, 'plan.gl.getLayer("batiments-0-aplat")')
    expect(ecran.page).not_to_have_url(re.compile("fond="))


def test_sans_reglage_aucun_fond_n_est_propose(ecran, plan_servi):
    ouvrir(ecran, demande="?fond=photo")
    couches(ecran)
    expect(ecran.page.get_by_role("radio", name="Photographies aériennes")).to_have_count(0)


def test_un_agent_voit_ses_couches_internes(ecran, plan_servi):
    with couche_interne() as nom:
        ouvrir(ecran)
        couches(ecran)
        expect(ecran.page.locator(f'.couche[data-couche="{nom}"]')).to_have_count(0)
        personne = agent("mairie.lecteur")
        personne.is_staff = True
        personne.save()
        entrer(ecran, personne)
        ouvrir(ecran)
        attendre_js(ecran, f'plan.gl.getLayer("{nom}-0-trait")')
        attendre_js(ecran, f'plan.gl.queryRenderedFeatures({{ layers: ["{nom}-0-aplat"] }}).length > 0')
        volet = couches(ecran)
        expect(volet.locator(f'.couche[data-couche="{nom}"]')).to_contain_text("interne")
        ecran.page.mouse.click(*ecran.pixel(45, 5))
        expect(volet.get_by_role("heading", name="Dossiers d'essai")).to_be_visible()
        expect(volet).to_contain_text("Dossier 2")
        # Another theme of the drawing keeps them.
        carte_js(ecran, 'plan.habiller("photo", true)')
        attendre_js(ecran, f'plan.gl.getLayer("{nom}-0-halo")')
