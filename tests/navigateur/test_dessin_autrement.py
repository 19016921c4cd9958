"""The drawing field by finger, by keyboard, by file, without script; axe; and the deposit of a permit."""

from __future__ import annotations

import json

import pytest
import shapely
from playwright.sync_api import expect

from gis_data.dessin.lecture import en_geojson
from tests.gis_data.ouverture.fabriques import ecrire, zipper
from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.navigateur.dessin import (
    attendre_formes,
    bilan,
    bouton,
    cadrer,
    cliquer,
    formes,
    message,
    outil,
    ouvrir,
    pixel,
)
from tests.personnes import INSEE, agent, commune
from tests.plan_factice import X0, Y0, rectangle

pytestmark = pytest.mark.urls("tests.page_dessin")
COINS = ((60, 0), (90, 0), (90, 30), (60, 30))


def toucher(ecran, *points):
    ecran.page.locator("[data-carte]").scroll_into_view_if_needed()
    for p in points:
        ecran.page.touchscreen.tap(*pixel(ecran, *p))
        # Two taps nearer in time are one gesture.
        ecran.page.wait_for_timeout(400)


# --- finger ---------------------------------------------------------------------------------------


def test_au_doigt_une_surface_une_parcelle_un_disque(tactile, plan_servi):
    ouvrir(tactile, ici=(75, 15), zoom=18)
    outil(tactile, "Surface")
    toucher(tactile, *COINS)
    bouton(tactile, "Terminer").tap()
    (forme,) = attendre_formes(tactile, 1)
    assert forme.area == pytest.approx(900, abs=0.1)
    bouton(tactile, "Annuler").tap()
    attendre_formes(tactile, 0)
    outil(tactile, "Prendre une parcelle")
    toucher(tactile, (75, 5))
    attendre_formes(tactile, 1)
    outil(tactile, "Disque")
    toucher(tactile, (60, 0))
    attendre_formes(tactile, 2)
    outil(tactile, "Couper")
    toucher(tactile, (58, 15), (95, 16))
    bouton(tactile, "Terminer").tap()
    attendre_formes(tactile, 3)
    largeur = tactile.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert largeur[0] <= largeur[1]


def glisser(ecran, depart, arrivee):
    """One finger that presses, slides and lifts (Playwright's own screen only taps)."""
    doigt = ecran.page.context.new_cdp_session(ecran.page)

    def toucher_ici(genre, *points):
        doigt.send("Input.dispatchTouchEvent", {"type": genre, "touchPoints": list(points)})

    (x0, y0), (x1, y1) = depart, arrivee
    toucher_ici("touchStart", {"x": x0, "y": y0})
    for part in (0.25, 0.5, 0.75, 1):
        toucher_ici("touchMove", {"x": x0 + (x1 - x0) * part, "y": y0 + (y1 - y0) * part})
    toucher_ici("touchEnd")


def test_au_doigt_une_ligne_une_bande_un_coin_un_decalage_un_elargissement(tactile, plan_servi):
    ouvrir(tactile, "point,ligne,surface", ici=(75, 15), zoom=18)
    tactile.page.get_by_label("Accrocher le tracé").uncheck()
    outil(tactile, "Point")
    toucher(tactile, (75, 40))
    attendre_formes(tactile, 1)
    bouton(tactile, "Annuler").tap()
    outil(tactile, "Ligne")
    toucher(tactile, (60, 30), (90, 30))
    bouton(tactile, "Terminer").tap()
    assert attendre_formes(tactile, 1)[0].length == pytest.approx(30, abs=1)
    outil(tactile, "Décaler")
    tactile.page.locator("[data-metres]").fill("4")
    bouton(tactile, "Appliquer").tap()
    tactile.page.wait_for_function("() => globalThis.dessins.get('dessin').formes.rang === 2")
    assert formes(tactile)[0].bounds[1] == pytest.approx(34, abs=1)
    bouton(tactile, "Tout effacer").tap()
    outil(tactile, "Bande")
    tactile.page.get_by_label("Largeur").fill("10")
    toucher(tactile, (60, 10), (90, 10))
    bouton(tactile, "Terminer").tap()
    (bande,) = attendre_formes(tactile, 1)
    assert bande.area == pytest.approx(300, abs=12)
    outil(tactile, "Élargir")
    tactile.page.locator("[data-metres]").fill("-2")
    bouton(tactile, "Appliquer").tap()
    tactile.page.wait_for_function("() => globalThis.dessins.get('dessin').formes.rang === 5")
    assert formes(tactile)[0].area == pytest.approx(26 * 6, abs=12)
    outil(tactile, "Modifier")
    tactile.page.locator("[data-carte]").scroll_into_view_if_needed()
    coin = tactile.page.locator(".marker-icon:not(.marker-icon-middle)").first.bounding_box()
    depart = (coin["x"] + coin["width"] / 2, coin["y"] + coin["height"] / 2)
    glisser(tactile, depart, (depart[0] + 30, depart[1] + 30))
    tactile.page.wait_for_function("() => globalThis.dessins.get('dessin').formes.rang === 6")
    assert formes(tactile)[0].area != pytest.approx(26 * 6, abs=15)


# --- keyboard -------------------------------------------------------------------------------------


def test_au_clavier_entree_pose_les_points_au_centre(ecran, plan_servi):
    ouvrir(ecran, ici=(60, 0))
    ecran.page.get_by_label("Accrocher le tracé").uncheck()
    bouton_surface = ecran.page.locator('[data-outil="surface"]')
    bouton_surface.focus()
    ecran.page.keyboard.press("Enter")
    carte = ecran.page.locator("[data-carte]")
    carte.focus()
    ecran.page.keyboard.press("Enter")
    expect(ecran.page.locator("[data-mire]")).to_be_visible()
    for touche in ("ArrowRight", "ArrowUp", "ArrowUp"):
        ecran.page.keyboard.press(touche)
        ecran.page.wait_for_timeout(600)
        ecran.page.keyboard.press("Enter")
    ecran.page.keyboard.press("Backspace")
    expect(bilan(ecran)).to_contain_text("Tracé en cours")
    terminer = bouton(ecran, "Terminer")
    terminer.focus()
    ecran.page.keyboard.press("Enter")
    (forme,) = attendre_formes(ecran, 1)
    # A triangle of two steps of 80 pixels at right angles.
    assert len(forme.exterior.coords) == 4 and forme.area > 40
    outil(ecran, "Surface")
    carte.focus()
    ecran.page.keyboard.press("Escape")
    expect(bouton_surface).to_have_attribute("aria-pressed", "false")


def test_sans_la_carte_des_parcelles_des_coordonnees_et_la_liste(ecran, plan_servi):
    ouvrir(ecran)
    references = ecran.page.get_by_label("Par les parcelles")
    references.fill("AB 2, AB 3, AB 77")
    # Enter adds; it does not send the form.
    references.press("Enter")
    attendre_formes(ecran, 2)
    expect(message(ecran)).to_contain_text("Ajouté : AB 2, AB 3. Aucune parcelle AB 77")
    expect(bilan(ecran)).to_contain_text("Des surfaces se touchent ou se recouvrent : elles seront réunies.")
    ecran.page.get_by_label("Par les coordonnées").fill(
        f"{X0:.0f} {Y0:.0f}\n{X0 + 20:.0f} {Y0:.0f}\n{X0 + 20:.0f} {Y0 + 10:.0f}\n{X0:.0f} {Y0:.0f}"
    )
    ecran.page.locator('[data-action="coordonnees"]').press("Enter")
    troisieme = attendre_formes(ecran, 3)[2]
    assert troisieme.area == pytest.approx(100, abs=0.5)
    choix = ecran.page.locator(".dessin-choix").nth(2)
    choix.focus()
    ecran.page.keyboard.press("Enter")
    # Written anew, the list keeps the focus where it was.
    expect(ecran.page.locator(".dessin-choix").nth(2)).to_be_focused()
    expect(ecran.page.locator(".dessin-choix").nth(2)).to_have_attribute("aria-pressed", "true")
    ecran.page.get_by_role("button", name="Supprimer : Surface 3").press("Enter")
    attendre_formes(ecran, 2)
    ecran.tolerer("400")
    ecran.page.get_by_label("Par les coordonnées").fill("ici\nlà")
    ecran.page.locator('[data-action="coordonnees"]').click()
    expect(message(ecran)).to_contain_text("Ligne 1")
    expect(ecran.page.get_by_label("Par les coordonnées")).to_have_value("ici\nlà")


# --- files ----------------------------------------------------------------------------------------


def fichier_geojson() -> tuple[str, bytes]:
    objets = [
        {"type": "Feature", "properties": {"nom": "x"}, "geometry": en_geojson(forme)}
        for forme in (_carre(), _carre().centroid)
    ]
    return "emprise.geojson", json.dumps({"type": "FeatureCollection", "features": objets}).encode()


def _carre():
    return shapely.from_wkb(bytes(rectangle(0, 0, 30, 30)[0].wkb))


def test_un_fichier_s_ajoute_au_dessin_et_dit_ce_qu_il_laisse(ecran, plan_servi):
    ouvrir(ecran)
    nom, octets = fichier_geojson()
    ecran.page.get_by_label("Par un fichier").set_input_files(
        {"name": nom, "mimeType": "application/geo+json", "buffer": octets}
    )
    (forme,) = attendre_formes(ecran, 1)
    assert forme.area == pytest.approx(900, abs=0.1)
    expect(message(ecran)).to_contain_text("Ajouté : 1 surface. 1 d'un autre genre laissées de côté.")
    expect(ecran.page.locator("[data-formes]")).to_contain_text("emprise")


def choisir(ecran, agir) -> None:
    """Give the file to the window that the browser opens when its field is worked."""
    nom, octets = fichier_geojson()
    with ecran.page.expect_file_chooser() as fenetre:
        # An answer of the page: by then the browser knows that its window is to be given to the test.
        ecran.page.evaluate("() => null")
        agir(ecran.page.get_by_label("Par un fichier"))
    fenetre.value.set_files({"name": nom, "mimeType": "application/geo+json", "buffer": octets})


def test_au_clavier_le_champ_du_fichier_s_atteint_et_ajoute(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.get_by_label("Par les parcelles").focus()
    fichier = ecran.page.get_by_label("Par un fichier")
    # Past the button that adds the parcels.
    for _ in range(4):
        ecran.page.keyboard.press("Tab")
        if fichier.evaluate("(champ) => champ === document.activeElement"):
            break
    expect(fichier).to_be_focused()
    choisir(ecran, lambda _: ecran.page.keyboard.press("Enter"))
    attendre_formes(ecran, 1)
    expect(message(ecran)).to_contain_text("Ajouté : 1 surface.")


def test_au_doigt_un_fichier_des_parcelles_et_des_coordonnees(tactile, plan_servi):
    ouvrir(tactile)
    choisir(tactile, lambda champ: champ.tap())
    attendre_formes(tactile, 1)
    tactile.page.get_by_label("Par les parcelles").tap()
    tactile.page.keyboard.insert_text("AB 3")
    tactile.page.locator('[data-action="parcelles"]').tap()
    attendre_formes(tactile, 2)
    tactile.page.get_by_label("Par les coordonnées").tap()
    tactile.page.keyboard.insert_text(
        f"{X0:.0f} {Y0:.0f}\n{X0 + 20:.0f} {Y0:.0f}\n{X0 + 20:.0f} {Y0 + 10:.0f}\n{X0:.0f} {Y0:.0f}"
    )
    tactile.page.locator('[data-action="coordonnees"]').tap()
    assert attendre_formes(tactile, 3)[2].area == pytest.approx(100, abs=0.5)


@pytest.mark.parametrize("nom", ["emprise.dxf", "trace.gpx", "emprise.gpkg", "emprise.zip"])
def test_les_autres_formats_s_ajoutent(ecran, plan_servi, tmp_path, nom):
    dossier = tmp_path / "envoi"
    dossier.mkdir()
    carre = _carre()
    match nom.rpartition(".")[2]:
        case "dxf":
            # A plan closes lines: they come as areas.
            chemin = ecrire(
                dossier / nom, [carre.exterior], crs=None, driver="DXF", geometry_type="LineString"
            )
        case "gpx":
            degres = shapely.from_geojson(
                json.dumps(en_geojson(shapely.LineString(carre.exterior.coords[:4])))
            )
            lignes = shapely.MultiLineString([degres])
            chemin = ecrire(dossier / nom, [lignes], crs="EPSG:4326", layer="tracks")
        case "zip":
            ecrire(dossier / "emprise.shp", [carre])
            chemin = tmp_path / nom
            chemin.write_bytes(zipper(dossier))
        case _:
            chemin = ecrire(dossier / nom, [carre])
    ouvrir(ecran, "ligne" if nom.endswith("gpx") else "surface")
    ecran.page.get_by_label("Par un fichier").set_input_files(chemin)
    (forme,) = attendre_formes(ecran, 1)
    if nom.endswith("gpx"):
        assert forme.length == pytest.approx(90, abs=0.1)
    else:
        assert forme.area == pytest.approx(900, abs=0.1)


def test_un_geojson_de_40_mo_et_un_faux_fichier_sont_refuses_avec_des_mots(ecran, plan_servi, tmp_path):
    ouvrir(ecran)
    lourd = tmp_path / "territoire.geojson"
    with lourd.open("wb") as f:
        f.truncate(40_000_000)
    entree = ecran.page.get_by_label("Par un fichier")
    entree.set_input_files(lourd)
    expect(message(ecran)).to_contain_text(
        "« territoire.geojson » est trop lourd pour un dessin : 40 Mo, 10 au plus. Rien n'est ajouté"
    )
    ecran.tolerer("400")
    entree.set_input_files({"name": "a.geojson", "mimeType": "text/plain", "buffer": b"\x7fELF"})
    expect(message(ecran)).not_to_contain_text("trop lourd")
    expect(message(ecran)).to_have_class("dessin-message attention")
    assert formes(ecran) == []


# --- without script -------------------------------------------------------------------------------


def test_sans_script_des_parcelles_ou_un_fichier_suffisent(browser, live_server, plan_servi):
    contexte = browser.new_context(java_script_enabled=False, viewport=TELEPHONE, locale="fr-FR")
    page = contexte.new_page()
    page.goto(f"{live_server.url}/essai-dessin/?genres=surface&plusieurs=1")
    expect(page.get_by_label("Coordonnées", exact=True)).to_be_visible()
    expect(page.locator("[data-atelier]")).to_be_hidden()
    page.get_by_label("Par les parcelles").fill("AB 3")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#recu")).to_contain_text("MULTIPOLYGON")
    page.get_by_label("Par les parcelles").fill("")
    page.get_by_label("Coordonnées", exact=True).fill("")
    nom, octets = "emprise.geojson", json.dumps(en_geojson(_carre())).encode()
    page.get_by_label("Par un fichier").set_input_files(
        {"name": nom, "mimeType": "text/plain", "buffer": octets}
    )
    page.get_by_role("button", name="Envoyer").click()
    expect(page.locator("#recu")).to_contain_text("MULTIPOLYGON")
    contexte.close()


# --- everybody ------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("taille", ["bureau", "telephone"])
def test_axe_ne_trouve_rien(ecran, plan_servi, theme, taille):
    ecran.page.emulate_media(color_scheme=theme)
    if taille == "telephone":
        ecran.page.set_viewport_size(TELEPHONE)
    ouvrir(ecran, "point,ligne,surface", zoom=18)
    trouvees = {"vide": violations(ecran)}
    outil(ecran, "Prendre une parcelle")
    cliquer(ecran, (75, 5))
    attendre_formes(ecran, 1)
    for nom in ("Surface", "Bande", "Disque", "Modifier", "Couper", "Élargir", "Décaler"):
        outil(ecran, nom)
        trouvees[nom] = violations(ecran)
    assert {nom: v for nom, v in trouvees.items() if v} == {}


def test_le_terrain_d_un_permis_se_dessine_au_depot(ecran, plan_servi):
    from urba.models import DossierInstruction

    commune(INSEE)
    entrer(ecran, agent("urba.guichet"))
    ecran.ouvrir("/urba/deposer/")
    page = ecran.page
    page.get_by_label("Parcelles", exact=True).fill("AB 3")
    page.get_by_label("Parcelles", exact=True).press("Tab")
    # The drawing looks where the references say.
    page.wait_for_function("() => globalThis.dessins?.get('emprise').carte.getZoom() > 18")
    # What the references bring (address, next number) moves the map down the page when it comes.
    page.wait_for_load_state("networkidle")
    cadrer(ecran, "emprise")
    outil(ecran, "Surface")
    cliquer(ecran, (60, 0), (90, 0), (90, 30), nom="emprise")
    bouton(ecran, "Terminer").click()
    attendre_formes(ecran, 1, "emprise")
    page.get_by_label("Nom ou raison sociale").fill("Essai")
    page.get_by_label("Projet", exact=True).fill("Abri de jardin")
    page.get_by_role("button", name="Enregistrer le dépôt").click()
    expect(page.get_by_role("status").first).to_contain_text("est enregistré")
    terrain = DossierInstruction.objects.get().terrain
    assert terrain.emprise_dessinee.area == pytest.approx(450, abs=1)
    assert terrain.emprise_parcelles.area == pytest.approx(900, abs=1)
