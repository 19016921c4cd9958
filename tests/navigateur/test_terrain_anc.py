"""Controls filled on a phone without network: once on the server, nothing lost (sanitation, spec Done 2)."""

from __future__ import annotations

import io
import re
import struct
from datetime import datetime, time, timedelta

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import expect

from assainissement import controles, courriers, observations
from assainissement.models import Controle, PhotoControle
from assainissement.references import charger_points
from mairie.courriers import services as lettres
from mairie.models import Courrier, SaisieRecue, Tiers
from tests.assainissement.fabrique_anc import acteur, controle, installation
from tests.navigateur.conftest import TELEPHONE, entrer, violations
from tests.navigateur.test_hors_ligne import aller, compteur, couper, message
from tests.personnes import commune
from tests.plan_factice import ecrire_plan, point


def photo(rang: int) -> dict[str, object]:
    """A picture larger than what is kept, with the place of a phone."""
    image, tampon = Image.new("RGB", (2400, 1600), (40 * rang, 120, 90)), io.BytesIO()
    exif = Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    image.save(tampon, "JPEG", exif=exif)
    return {"name": f"jardin-{rang}.jpg", "mimeType": "image/jpeg", "buffer": tampon.getvalue()}


@pytest.fixture
def technicien(transactional_db):
    ecrire_plan()
    commune()
    charger_points()
    courriers.charger()
    return acteur("technicien")


def ecran_de(page, titre):
    """Go on to a screen of the form."""
    vu = page.locator(f'[data-ecran="{titre}"]')
    for _ in range(12):
        if vu.is_visible():
            return vu
        page.get_by_role("button", name="Suivant").click()
    raise AssertionError(titre)


def repondre(page, titre, code, mot="Oui"):
    ecran_de(page, titre).locator(f'[data-point="{code}"]').get_by_label(mot, exact=True).check()


def photographier(page, *rangs):
    ecran_de(page, "Photos et croquis")
    deja = page.locator("[data-photos] li").count()
    page.locator("input[name=photos]").set_input_files([photo(r) for r in rangs])
    expect(page.locator("[data-photos] li")).to_have_count(deja + len(rangs))


def signer(page):
    page.get_by_label("la personne présente a signé").check()
    toile = page.locator('[data-trait="signature"] canvas')
    # Clear of the bars at the top and the bottom of a phone.
    toile.evaluate("(toile) => toile.scrollIntoView({ block: 'center', behavior: 'instant' })")
    cadre = toile.bounding_box()
    page.mouse.move(cadre["x"] + 20, cadre["y"] + 30)
    page.mouse.down()
    page.mouse.move(cadre["x"] + 120, cadre["y"] + 70, steps=4)
    page.mouse.up()
    expect(page.locator("input[name=signature]")).not_to_have_value("")


def test_quatre_controles_remplis_sans_reseau_arrivent_une_fois(ecran, technicien):
    """One with the page loaded anew and its answer lost on the way, then three together."""
    faits = [
        controle(
            installation(parcelles=(f"25999000AB000{n}",), champs={"geom": point(5 + n, 5)}), agent=technicien
        )
        for n in range(1, 5)
    ]
    # The report is a letter: it has an address.
    Tiers.objects.update(voie="1 rue de l'Essai", code_postal="25999", ville="VALBRUNE")
    page = ecran.page
    entrer(ecran, technicien)
    page.set_viewport_size(TELEPHONE)
    aller(ecran, "/terrain/")
    page.get_by_role("button", name="Préparer ma tournée").click()
    expect(message(ecran)).to_have_text("4 fiches emportées sur cet appareil.", timeout=60_000)
    couper(ecran)
    fiche = f"/terrain/controle_anc/{faits[0].pk}/"
    aller(ecran, fiche)
    expect(page.locator("[data-reseau]")).to_be_visible()
    repondre(page, "Existence de l'installation", "elements_probants")
    repondre(page, "Filière", "incomplete_fosse_seule")
    fautes = violations(ecran)
    photographier(page, 1, 2)
    page.get_by_label("Légende de la photo 1").fill("La fosse")
    ecran_de(page, "Conclusion et signature")
    expect(page.locator("[data-conclusion]")).to_have_attribute("data-regle", "R4")
    expect(compteur(ecran)).to_have_text("1 non envoyé")
    page.screenshot(path="/tmp/terrain-conclusion.png", full_page=True)
    # The draft alone was written; the page is loaded anew without network: all of it is there.
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-terrain", "pret")
    expect(message(ecran)).to_have_text("Vous retrouvez votre saisie non envoyée.")
    ecran_de(page, "Photos et croquis")
    expect(page.locator("[data-photos] li")).to_have_count(2)
    expect(page.get_by_label("Légende de la photo 1")).to_have_value("La fosse")
    page.screenshot(path="/tmp/terrain-photos.png", full_page=True)
    ecran_de(page, "Conclusion et signature")
    expect(page.locator("[data-conclusion]")).to_have_attribute("data-regle", "R4")
    signer(page)
    fautes += violations(ecran)
    page.get_by_role("button", name="Terminer et envoyer").click()
    expect(message(ecran)).to_contain_text("Gardé sur cet appareil")
    assert not SaisieRecue.objects.exists()
    # The network is back; the server writes, its answer is lost: the same draft goes a second time.
    perdues = []

    def perdre(route):
        if route.request.method == "POST" and not perdues:
            perdues.append(route.fetch())
            route.abort()
        else:
            route.continue_()

    page.route(f"**{fiche}", perdre)
    page.context.set_offline(False)
    expect(compteur(ecran)).to_be_hidden(timeout=60_000)
    expect(message(ecran)).to_contain_text("rapport rédigé, à valider")
    assert perdues[0].status == 200
    un = Controle.objects.get(pk=faits[0].pk)
    assert (un.etat, SaisieRecue.objects.count(), Controle.objects.count()) == ("rapport_redige", 1, 4)
    assert observations.conclure(un)[0]["regle"] == "R4"
    vues = PhotoControle.objects.filter(controle=un)
    assert [v.legende for v in vues] == ["La fosse", ""]
    for vue in vues:
        with Image.open(vue.piece.fichier) as gardee:
            assert max(gardee.size) == 1600 and not gardee.getexif()
    # Classified for good by the responsable, its report is a PDF.
    responsable = acteur("responsable")
    controles.agir(un, "valider", par=responsable, version=un.version)
    lettre = Courrier.objects.get(dossier_id=un.pk)
    finale = lettres.finaliser(lettre, par=responsable, version=lettre.version, confirmer=True)
    with finale.pdf.open("rb") as pdf:
        assert pdf.read(5) == b"%PDF-"
    # Received by the owner, it is what a notary's request finds, till when it is valid.
    un.refresh_from_db()
    controles.agir(un, "notifier", par=responsable, version=un.version)
    un.refresh_from_db()
    notaire = page.context.new_page()
    notaire.goto(f"{ecran.racine}/assainissement/ventes/rechercher/?q={un.installation.numero}")
    expect(notaire.locator("main")).to_contain_text(f"jusqu'au {un.fin_validite_rapport:%d/%m/%Y}")
    notaire.close()
    # Three others, without network, each with its photo.
    couper(ecran)
    for rang, c in enumerate(faits[1:], start=1):
        aller(ecran, f"/terrain/controle_anc/{c.pk}/")
        repondre(page, "Existence de l'installation", "elements_probants")
        photographier(page, rang + 2)
        ecran_de(page, "Conclusion et signature")
        page.get_by_role("button", name="Terminer et envoyer").click()
        expect(compteur(ecran)).to_have_text(f"{rang} non envoyé{'s' if rang > 1 else ''}")
    aller(ecran, "/terrain/")
    expect(page.locator("[data-attente-liste] li")).to_have_count(3)
    page.context.set_offline(False)
    expect(compteur(ecran)).to_be_hidden(timeout=60_000)
    assert [c.etat for c in Controle.objects.filter(pk__in=[c.pk for c in faits[1:]])] == ["visite_faite"] * 3
    assert sorted(PhotoControle.objects.values_list("controle", flat=True)) == sorted(
        [faits[0].pk, *(c.pk for c in faits)]
    )
    assert SaisieRecue.objects.count() == 4
    assert fautes == []


def remplir(ecran, pleine: bool):
    """The device has no more room for what IndexedDB is given, or has some again."""
    ecran.page.evaluate(
        """(pleine) => {
            const table = IDBObjectStore.prototype;
            window.ecrireVraiment ??= table.put;
            table.put = pleine
                ? () => { throw new DOMException("plein", "QuotaExceededError"); }
                : window.ecrireVraiment;
        }""",
        pleine,
    )


def grosses_photos_et_memoire_pleine(ecran, tmp_path):
    """Forty megabytes are made small, a picture that no device opens is told, a full memory is told:
    what is typed and taken stays on the screen, and is kept as soon as there is room."""
    page, forme = ecran.page, ecran.page.locator("form[data-saisie]")
    photos, aide = page.locator("[data-photos] li"), page.locator("[data-aide-photos]")
    lourde, immense = tmp_path / "lourde.jpg", tmp_path / "immense.png"
    lourde.write_bytes(photo(2)["buffer"] + bytes(40 * 1024**2))
    # 60,000 pixels a side, says its head.
    immense.write_bytes(
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sIIBBBBB", 13, b"IHDR", 60000, 60000, 8, 2, 0, 0, 0)
    )
    page.locator("input[name=photos]").set_input_files([lourde, immense])
    expect(aide).to_contain_text("« immense.png »")
    expect(aide).to_contain_text("trop grande pour cet appareil")
    expect(photos).to_have_count(2)
    page.get_by_label("Légende de la photo 2").fill("Le regard")
    avant = forme.get_attribute("data-garde")
    remplir(ecran, True)
    page.get_by_label("Légende de la photo 2").fill("Le regard, de près")
    expect(message(ecran)).to_contain_text("Mémoire pleine")
    expect(message(ecran)).to_have_class(re.compile("faute"))
    # Where one stands in the form, not at the top of the page alone.
    expect(message(ecran)).to_be_in_viewport()
    page.screenshot(path="/tmp/terrain-pleine.png")
    expect(page.get_by_label("Légende de la photo 2")).to_have_value("Le regard, de près")
    expect(photos).to_have_count(2)
    assert page.get_by_label("Légende de la photo 1").input_value() == ""
    remplir(ecran, False)
    page.get_by_label("Légende de la photo 1").fill("La fosse")
    expect(message(ecran)).to_have_text("De nouveau gardé sur cet appareil.")
    expect(forme).not_to_have_attribute("data-garde", avant)


def test_ce_qui_s_ecrit_pendant_l_envoi_reste_a_envoyer(ecran, technicien, tmp_path):
    """A page of yesterday says the day of the device; a slow sending erases nothing typed since."""
    c = controle(installation(champs={"geom": point(5, 5)}), agent=technicien)
    page, jour = ecran.page, timezone.localdate()
    entrer(ecran, technicien)
    page.set_viewport_size(TELEPHONE)
    aller(ecran, "/terrain/")
    page.get_by_role("button", name="Préparer ma tournée").click()
    expect(message(ecran)).to_have_text("1 fiche emportée sur cet appareil.", timeout=60_000)
    couper(ecran)
    demain = jour + timedelta(days=1)
    page.clock.set_fixed_time(datetime.combine(demain, time(11), tzinfo=timezone.get_current_timezone()))
    fiche = f"/terrain/controle_anc/{c.pk}/"
    aller(ecran, fiche)
    expect(page.get_by_label("Jour de la visite")).to_have_value(demain.isoformat())
    page.get_by_label("Jour de la visite").fill(jour.isoformat())
    repondre(page, "Existence de l'installation", "elements_probants")
    photographier(page, 1)
    grosses_photos_et_memoire_pleine(ecran, tmp_path)
    ecran_de(page, "Conclusion et signature")
    page.get_by_role("button", name="Terminer et envoyer").click()
    expect(message(ecran)).to_contain_text("Gardé sur cet appareil")
    tenus = []

    def tenir(route):
        if route.request.method == "POST" and not tenus:
            tenus.append(route)
        else:
            route.continue_()

    page.route(f"**{fiche}", tenir)
    with page.expect_request(lambda r: r.method == "POST" and r.url.endswith(fiche), timeout=60_000):
        page.context.set_offline(False)
    forme = page.locator("form[data-saisie]")
    avant = forme.get_attribute("data-garde")
    page.get_by_label("Observations et recommandations").fill("Écrit pendant l'envoi.")
    expect(forme).not_to_have_attribute("data-garde", avant)
    tenus[0].continue_()
    expect(message(ecran)).to_contain_text("reste à envoyer", timeout=60_000)
    expect(compteur(ecran)).to_have_text("1 non envoyé")
    page.get_by_role("button", name="Terminer et envoyer").click()
    expect(compteur(ecran)).to_be_hidden(timeout=60_000)
    c.refresh_from_db()
    assert (c.etat, c.date_visite, c.observations_libres) == ("visite_faite", jour, "Écrit pendant l'envoi.")
    assert SaisieRecue.objects.count() == 2
    vues = PhotoControle.objects.select_related("piece")
    assert [v.legende for v in vues] == ["La fosse", "Le regard, de près"]
    assert all(v.piece.taille < 1024**2 for v in vues)
