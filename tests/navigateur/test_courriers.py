"""A letter in a real browser: edited, previewed, finalised, signed, sent, archived."""

from __future__ import annotations

import re

import pytest
from django.core import mail
from playwright.sync_api import Locator, Page, expect

from mairie import courriels
from mairie.courriers import rendu
from mairie.courriers.envois import lire_pdf
from mairie.models import Courrier, Phrase
from tests.mairie.courriers.fabrique import modele, redacteur, texte_pdf, ville
from tests.navigateur.conftest import ATTENTE_MS, TELEPHONE, Ecran, entrer, violations

CORPS = "<p>[destinataire],</p><p>Le [date_jour], je vous réponds.</p>"


@pytest.fixture
def secretaire(ecran, transactional_db, settings, tmp_path):
    """Who writes letters, in the browser, with a template in service."""
    settings.MEDIA_ROOT = tmp_path / "media"
    ville()
    modele(corps=CORPS, etape="réponse", a_signer=True)
    Phrase.objects.create(metier="mairie", categorie="Fin", libelle="Politesse", texte="<p>Bien à vous.</p>")
    entrer(ecran, redacteur())
    yield ecran.page
    rendu.atelier.fermer()


def editeur(page: Page) -> Locator:
    """The rich-text field, once the script has taken the text area's place."""
    expect(page.locator(".editeur-texte")).to_be_visible(timeout=ATTENTE_MS)
    return page.get_by_role("textbox", name="Texte")


def test_une_lettre_est_ecrite_vue_finalisee_signee_envoyee_et_archivee(ecran, secretaire):
    page = secretaire
    ecran.ouvrir("/courriers/")
    page.get_by_role("link", name="Nouveau courrier").click()
    page.get_by_label("Accusé").check()
    page.get_by_role("button", name="Préparer la lettre").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Accusé")
    edition = editeur(page)
    expect(edition).to_contain_text("[destinataire]")

    # Typed, set in bold, a field and a phrase inserted at the caret.
    edition.click()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Gras").click()
    page.keyboard.type("Important")
    page.get_by_role("button", name="Gras").click()
    page.keyboard.type(" : ")
    page.get_by_text("Champs du dossier").click()
    page.get_by_role("button", name="[numero_courrier]").click()
    page.get_by_role("button", name="Insérer la phrase").click()
    page.get_by_label("Destinataire").fill("Jeanne Dupré")
    page.get_by_label("Adresse (facultatif)").fill("12 rue du Moulin\n25999 VALBRUNE")
    page.get_by_label("Courriel").fill("jeanne@exemple.invalid")
    page.get_by_label("Mode d'envoi").select_option("electronique")

    # It saves itself, says so, and shows the page anew.
    expect(page.locator("[data-etat]")).to_contain_text("Enregistré à", timeout=ATTENTE_MS)
    expect(page.locator("iframe.lettre-page")).to_have_attribute(
        "src", re.compile(r"v=[1-9]"), timeout=ATTENTE_MS
    )
    expect(page.locator("[data-manques]")).to_be_hidden()
    c = Courrier.objects.get()
    assert "<strong>Important</strong> : [numero_courrier]" in c.corps and "Bien à vous." in c.corps
    apercu = page.request.get(f"{ecran.racine}/courriers/{c.pk}/lettre.pdf")
    assert "Bien à vous." in texte_pdf(apercu.body()) and "PROJET" in texte_pdf(apercu.body())

    page.get_by_role("button", name="Finaliser").click()
    expect(page.get_by_text("La lettre est finalisée")).to_be_visible(timeout=ATTENTE_MS)
    page.get_by_role("button", name="Enregistrer la signature").click()
    expect(page.get_by_text("La signature est enregistrée")).to_be_visible(timeout=ATTENTE_MS)
    page.get_by_role("button", name="Enregistrer l'envoi").click()
    expect(page.get_by_text("dans la file des courriels").first).to_be_visible(timeout=ATTENTE_MS)
    assert courriels.envoyer_en_attente().envoyes == 1
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("envoyée", timeout=ATTENTE_MS)

    c.refresh_from_db()
    archive = page.request.get(f"{ecran.racine}/courriers/{c.pk}/lettre.pdf").body()
    assert archive == lire_pdf(c) == mail.outbox[0].attachments[0].content
    texte = texte_pdf(archive)
    assert f"Important : {c.numero}" in texte and "Jeanne Dupré" in texte and "PROJET" not in texte


def test_l_editeur_se_manie_au_clavier(ecran, secretaire):
    page = secretaire
    ecran.ouvrir("/courriers/nouveau/")
    page.get_by_label("Lettre libre").check()
    page.get_by_role("button", name="Préparer la lettre").click()
    edition = editeur(page)
    edition.focus()
    page.keyboard.type("Un")
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Gras")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("ArrowRight")
    puces = page.get_by_role("button", name="Liste à puces")
    expect(puces).to_be_focused()
    page.keyboard.press("Enter")
    expect(puces).to_have_attribute("aria-pressed", "true")
    expect(edition.locator("li")).to_have_text("Un")
    edition.focus()
    page.keyboard.press("Control+End")
    page.keyboard.press("Enter")
    page.keyboard.type("Deux")
    expect(edition.locator("li")).to_have_count(2)
    assert violations(ecran) == []


def test_ce_qu_on_colle_perd_ce_qui_n_est_pas_du_texte(ecran, secretaire):
    page = secretaire
    ecran.ouvrir("/courriers/nouveau/")
    page.get_by_label("Lettre libre").check()
    page.get_by_role("button", name="Préparer la lettre").click()
    edition = editeur(page)
    edition.click()
    riche = (
        "<meta charset=x><style>p{color:red}</style><div style='color:red'><b onclick='x()'>gras</b>"
        "<script>alert(1)</script><img src='https://exemple.invalid/a.png'><a href='x'>lien</a></div>"
    )
    edition.evaluate(
        """(e, html) => { const d = new DataTransfer(); d.setData("text/html", html);
             const comme = { clipboardData: d, bubbles: true, cancelable: true };
             e.dispatchEvent(new ClipboardEvent("paste", comme)); }""",
        riche,
    )
    html = edition.inner_html()
    assert "gras" in html and "lien" in html
    for interdit in ("style", "onclick", "script", "img", "href", "alert"):
        assert interdit not in html, html


def test_sans_javascript_la_lettre_s_ecrit_quand_meme(
    browser, live_server, transactional_db, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "media"
    ville()
    modele(corps=CORPS)
    contexte = browser.new_context(java_script_enabled=False, locale="fr-FR")
    page = contexte.new_page()
    sans = Ecran(page, live_server.url)
    entrer(sans, redacteur())
    sans.ouvrir("/courriers/nouveau/")
    page.get_by_label("Accusé").check()
    page.get_by_role("button", name="Préparer la lettre").click()
    page.get_by_label("Texte").fill("Bonjour,\n\nÀ bientôt.")
    page.get_by_label("Destinataire").fill("Jeanne")
    page.get_by_label("Adresse (facultatif)").fill("12 rue du Moulin")
    page.get_by_role("button", name="Finaliser").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("finalisée", timeout=ATTENTE_MS)
    assert Courrier.objects.get().corps == "<p>Bonjour,</p><p>À bientôt.</p>"
    contexte.close()
    rendu.atelier.fermer()


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("taille", ["bureau", "telephone"])
def test_les_pages_des_courriers_sont_accessibles(ecran, secretaire, theme, taille):
    from tests.mairie.courriers.fabrique import brouillon, finalisee

    page = secretaire
    page.emulate_media(color_scheme=theme)
    if taille == "telephone":
        page.set_viewport_size(TELEPHONE)
    b, f = brouillon(), finalisee(public=True, forme="acte", code="arrete", serie="mairie.arrete")
    m = f.modele.modele
    fautes = []
    for adresse in (
        "/courriers/", f"/courriers/dossier/mairie.general/{ville().pk}/", f"/courriers/{b.pk}/",
        f"/courriers/{f.pk}/", "/courriers/modeles/", f"/courriers/modeles/{m.pk}/",
        "/courriers/modeles/nouveau/", "/courriers/phrases/", "/courriers/phrases/nouveau/",
        "/reglages/en-tetes/", "/reglages/en-tetes/25999/", "/reglages/courriels/", f"/actes/{f.code}/",
    ):  # fmt: skip
        ecran.ouvrir(adresse)
        fautes += [f"{adresse} {v}" for v in violations(ecran)]
        largeur = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
        if largeur[0] > largeur[1]:
            fautes.append(f"{adresse} déborde : {largeur}")
    assert fautes == []
