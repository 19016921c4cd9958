"""The drawing field without any pointer: each tool by keys, and the corners of a shape one by one."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.navigateur.conftest import TELEPHONE, violations
from tests.navigateur.dessin import attendre_formes, bilan, bouton, formes, message, ouvrir
from tests.plan_factice import X0, Y0, lonlat

pytestmark = pytest.mark.urls("tests.page_dessin")


def prendre(ecran, outil):
    ecran.page.locator(f'[data-outil="{outil}"]').press("Enter")


def poser(ecran, *points):
    """Enter at the middle of the map, brought there; the arrows that bring it are played elsewhere."""
    carte = ecran.page.locator("[data-carte]")
    carte.focus()
    for x, y in points:
        lon, lat = lonlat(x, y)
        ecran.page.evaluate(
            "([lon, lat]) => dessins.get('dessin').carte.setView([lat, lon], 18.5, {animate: false})",
            [lon, lat],
        )
        carte.press("Enter")


def rang(ecran, attendu):
    ecran.page.wait_for_function(f"() => globalThis.dessins.get('dessin').formes.rang === {attendu}")


def test_chaque_outil_au_clavier(ecran, plan_servi):
    ouvrir(ecran, "point,ligne,surface")
    ecran.page.get_by_label("Accrocher le tracé").uncheck()
    effacer = bouton(ecran, "Tout effacer")
    prendre(ecran, "point")
    poser(ecran, (45, 15))
    attendre_formes(ecran, 1)
    effacer.press("Enter")
    # A button that goes out leaves the focus on the map, whose keys still answer.
    expect(ecran.page.locator("[data-carte]")).to_be_focused()
    prendre(ecran, "ligne")
    poser(ecran, (30, 40), (90, 40))
    bouton(ecran, "Terminer").press("Enter")
    attendre_formes(ecran, 1)
    prendre(ecran, "decaler")
    ecran.page.locator("[data-metres]").fill("3")
    ecran.page.locator("[data-metres]").press("Enter")
    rang(ecran, 4)
    assert formes(ecran)[0].bounds == pytest.approx((30, 43, 90, 43), abs=0.05)
    effacer.press("Enter")
    prendre(ecran, "disque")
    poser(ecran, (45, 15))
    assert attendre_formes(ecran, 1)[0].area == pytest.approx(78.4, abs=0.3)
    prendre(ecran, "bande")
    poser(ecran, (60, 30), (90, 30))
    bouton(ecran, "Terminer").press("Enter")
    assert attendre_formes(ecran, 2)[1].area == pytest.approx(60, abs=0.3)
    prendre(ecran, "parcelle")
    poser(ecran, (75, 5))
    assert attendre_formes(ecran, 3)[2].area == pytest.approx(900, abs=0.1)
    ecran.page.locator(".dessin-choix").nth(2).press("Enter")
    prendre(ecran, "elargir")
    ecran.page.locator("[data-metres]").fill("-5")
    bouton(ecran, "Appliquer").press("Enter")
    rang(ecran, 9)
    assert formes(ecran)[2].area == pytest.approx(400, abs=0.1)
    prendre(ecran, "couper")
    poser(ecran, (70, -2), (70, 32))
    bouton(ecran, "Terminer").press("Enter")
    aires = sorted(f.area for f in attendre_formes(ecran, 4)[2:])
    assert aires == pytest.approx([100, 300], abs=2)
    expect(ecran.page.locator('[data-outil="couper"]')).to_be_focused()
    ecran.page.keyboard.press("Control+z")
    attendre_formes(ecran, 3)


def test_les_sommets_d_une_forme_se_lisent_se_deplacent_s_ajoutent_et_se_retirent(ecran, plan_servi):
    ouvrir(ecran)
    ecran.page.get_by_label("Par les coordonnées").fill(
        "\n".join(f"{X0 + x:.0f} {Y0 + y:.0f}" for x, y in ((60, 0), (90, 0), (91, 29), (60, 30), (60, 0)))
    )
    ecran.page.locator('[data-action="coordonnees"]').press("Enter")
    attendre_formes(ecran, 1)
    prendre(ecran, "modifier")
    groupe = ecran.page.get_by_role("group", name="Sommets de la forme")
    lignes = groupe.locator("li")
    expect(lignes).to_have_count(4)
    expect(groupe).to_contain_text("4 sommets")
    troisieme = groupe.get_by_role("button", name="Sommet 3", exact=True)
    troisieme.focus()
    expect(ecran.page.locator(".dessin-sommet-vise")).to_have_count(1)
    troisieme.press("ArrowUp")
    expect(troisieme).to_be_focused()
    troisieme.press("ArrowLeft")
    assert formes(ecran)[0].area == pytest.approx(900, abs=0.05)
    expect(message(ecran)).to_contain_text("Sommet 3 : X 900 032,00, Y 6 650 103,00. La forme : 900 m²")
    troisieme.press("Shift+ArrowRight")
    assert formes(ecran)[0].area == pytest.approx(1050, abs=0.05)
    # A row of moves of one corner is undone at once.
    ecran.page.keyboard.press("Control+z")
    rang(ecran, 1)
    expect(troisieme).to_be_focused()
    # By the corner of the plan within five metres.
    groupe.get_by_role("button", name="Poser sur le coin le plus proche : sommet 3").press("Enter")
    assert formes(ecran)[0].area == pytest.approx(900, abs=0.01)
    # By figures, in the legal projection.
    x = groupe.get_by_label("Sommet 3, X en mètres")
    expect(x).to_have_value("900032,00")
    x.fill(f"{X0 + 100:.1f}".replace(".", ","))
    x.press("Enter")
    assert formes(ecran)[0].area == pytest.approx(1050, abs=0.05)
    expect(x).to_be_focused()
    x.press("ArrowDown")
    expect(x).to_have_value("900041,00")
    for faux, mots in (("ici", "n'est pas un nombre de mètres"), ("9e9", "à plus de 100 km")):
        x.fill(faux)
        x.press("Enter")
        expect(message(ecran)).to_contain_text(mots)
        expect(x).to_have_value("900041,00")
    groupe.get_by_role("button", name="Ajouter un sommet après : sommet 4").press("Enter")
    expect(lignes).to_have_count(5)
    expect(groupe.get_by_role("button", name="Sommet 5", exact=True)).to_be_focused()
    retirer = groupe.get_by_role("button", name="Retirer : sommet 3")
    retirer.press("Enter")
    expect(message(ecran)).to_have_text("Sommet 3 retiré. Il en reste 4.")
    retirer.press("Enter")
    # Three corners at least make an area.
    expect(lignes).to_have_count(3)
    expect(retirer).to_be_disabled()
    expect(bilan(ecran)).to_contain_text("Le dessin est valable.")
    with ecran.page.context.expect_event(
        "response", lambda r: r.url.endswith("/carte/impression/note.pdf")
    ) as note:
        bouton(ecran, "Note de renseignements (PDF)").press("Enter")
    assert note.value.status == 200 and note.value.headers["content-type"] == "application/pdf"
    trouvees = violations(ecran)
    ecran.page.set_viewport_size(TELEPHONE)
    trouvees += violations(ecran)
    largeur = ecran.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert trouvees == [] and largeur[0] <= largeur[1]


def test_une_forme_se_choisit_et_ses_sommets_se_lisent_par_pages(ecran, plan_servi):
    ouvrir(ecran, "ligne")
    points = "\n".join(f"{X0 + i:.0f} {Y0 + i % 2:.0f}" for i in range(60))
    saisie = ecran.page.get_by_label("Par les coordonnées")
    for texte in (points, f"{X0:.0f} {Y0:.0f}\n{X0 + 5:.0f} {Y0:.0f}"):
        saisie.fill(texte)
        ecran.page.locator('[data-action="coordonnees"]').press("Enter")
        expect(saisie).to_have_value("")
    prendre(ecran, "modifier")
    groupe = ecran.page.get_by_role("group", name="Sommets de la forme")
    expect(groupe).to_have_text(
        "Choisissez une forme dans la liste pour en voir les sommets.", use_inner_text=True
    )
    ecran.page.locator(".dessin-choix").first.press("Enter")
    expect(groupe).to_contain_text("Sommets 1 à 40 sur 60")
    groupe.get_by_role("button", name="Suivants").press("Enter")
    expect(groupe).to_contain_text("Sommets 41 à 60 sur 60")
    # Past the end of a line: as far again as its last side.
    groupe.get_by_role("button", name="Ajouter un sommet après : sommet 60").press("Enter")
    expect(groupe.get_by_role("button", name="Sommet 61", exact=True)).to_be_focused()
    assert formes(ecran)[0].coords[60] == pytest.approx((60, 2), abs=0.01)
    groupe.get_by_role("button", name="Poser sur le coin le plus proche : sommet 50").press("Enter")
    expect(message(ecran)).to_contain_text(
        "Aucun coin de parcelle ou de bâtiment à moins de 5 m du sommet 50."
    )
