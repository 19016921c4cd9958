"""`make captures`: the pictures of the documentation, taken of the demonstration's own commune.

usage: python -m outils.captures [NOM …] [--dossier DOSSIER]
A server of its own on a free port (the demonstration may run or not), the system's Chromium, one file
for each line of IMAGES. A picture over 200 kB, a page in error or an unknown host is a failure.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as AttenteVaine

from outils.demo import HOTE, INSEE, Demo, Echec
from outils.processus import attendre

RACINE = Path(__file__).resolve().parent.parent
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
OPTIONS_CHROMIUM = ["--no-sandbox", "--disable-gpu", "--enable-unsafe-swiftshader", "--no-first-run"]
# Software rendering on a busy machine.
ATTENTE_MS = 90_000
POIDS_MAX = 200 * 1000
QUALITE = 78
# Of all the accounts of the demonstration (``mairie.demo``).
MOT_DE_PASSE = "demonstration-2026"
BUREAU = (1200, 750)
TELEPHONE = (390, 780)


@dataclass(frozen=True)
class Lieu:
    """Where to look in the commune: the heart of the village, and a parcel of it with a building."""

    lon: float
    lat: float
    idu: str


@dataclass(frozen=True)
class Image:
    """One picture. ``adresse`` holds the fields of ``Lieu`` in braces; ``carte``: wait until it is drawn."""

    nom: str
    adresse: str
    taille: tuple[int, int] = BUREAU
    carte: bool = False
    # Cut at this height; null: the window as it is.
    hauteur: int | None = None
    # Account of the demonstration that looks (before the @); empty: the public.
    compte: str = ""
    # Links to follow from there, as selectors.
    liens: tuple[str, ...] = ()


# First row of a list.
DOSSIER_URBA = 'main tbody a[href^="/urba/dossiers/"]'
DOSSIER_ODP = 'main tbody a[href^="/domaine-public/dossiers/"]'
PREMIERE_ANC = 'main tbody a[href^="/assainissement/installations/"]'
# A simulator, filled.
EXEMPLE = 'main a:has-text("Voir un exemple")'

IMAGES = (
    Image("accueil", "/"),
    Image("carte-village", "/carte/#15/{lat}/{lon}", carte=True),
    Image("carte-detail", "/carte/#17/{lat}/{lon}", carte=True),
    Image("carte-parcelle", "/carte/?parcelle={idu}", carte=True),
    Image("carte-telephone", "/carte/?parcelle={idu}", TELEPHONE, carte=True),
    Image("recherche", "/recherche/?q=AB+10+%C3%A0+14", hauteur=640),
    Image("parcelle", "/parcelles/{idu}/", hauteur=980),
    Image("bureau-cadastre", f"/cadastre/{INSEE}/"),
    Image(
        "carte-metiers", "/carte/?couches=plu_zones,urba_dossiers,odp_occupations#16/{lat}/{lon}", carte=True
    ),
    Image("bureau-permis", "/urba/", compte="instructeur"),
    Image("bureau-domaine-public", "/domaine-public/", compte="voirie"),
    Image("bureau-assainissement", "/assainissement/", compte="spanc"),
    Image("reseau-assainissement", "/assainissement/reseau/", carte=True, compte="spanc"),
    Image(
        "reseau-suivi",
        "/assainissement/reseau/?identifiant=R0001&sens=amont",
        carte=True,
        compte="spanc",
    ),
    Image("donnees-carte", "/carte/donnees/", compte="technicien"),
    # Permits.
    Image(
        "permis-dossier",
        "/urba/dossiers/?echeance=15",
        compte="instructeur",
        liens=(DOSSIER_URBA,),
        hauteur=1000,
    ),
    Image("simulateur-delai", "/simulateurs/delai/", liens=(EXEMPLE,), hauteur=900),
    # Public domain.
    Image(
        "occupation-dossier",
        "/domaine-public/dossiers/?suivi=a_signer",
        compte="voirie",
        liens=(DOSSIER_ODP,),
    ),
    Image("parapheur", "/domaine-public/parapheur/", compte="elu"),
    Image("renouvellement", "/domaine-public/renouvellement/", compte="voirie", hauteur=900),
    Image("calendrier-travaux", "/domaine-public/calendrier/", compte="voirie", hauteur=1000),
    Image(
        "tarifs",
        "/domaine-public/tarifs/",
        compte="responsable.voirie",
        liens=('main tbody a[href*="/tarifs/"]',),
        hauteur=900,
    ),
    Image("role", "/domaine-public/roles/", compte="finances", liens=('main a[href*="/roles/1"]',)),
    Image("travaux", "/domaine-public/travaux/", carte=True),
    Image("travaux-telephone", "/domaine-public/travaux/", TELEPHONE, carte=True),
    Image("demande-telephone", "/domaine-public/demande/", TELEPHONE),
    Image("simulateur-redevance", "/simulateurs/redevance/", liens=(EXEMPLE,), hauteur=900),
    # Sanitation.
    Image(
        "anc-installation",
        "/assainissement/installations/?suivi=danger",
        compte="spanc",
        liens=(PREMIERE_ANC,),
    ),
    Image(
        "anc-saisie",
        "/assainissement/controles/?etat=visite_faite",
        compte="spanc",
        liens=('main tbody a[href^="/assainissement/controles/"]', 'main a[href*="/saisie/"]'),
        hauteur=900,
    ),
    Image(
        "anc-tournee", "/assainissement/tournees/", compte="spanc", liens=('main a[href*="/tournees/2/"]',)
    ),
    Image("anc-terrain", "/terrain/", TELEPHONE, compte="spanc"),
    Image(
        "vente",
        "/assainissement/ventes/?suivi=a_repondre",
        compte="spanc",
        liens=('main tbody a[href*="/ventes/"]',),
    ),
    Image("mon-adresse", "/assainissement/mon-adresse/", hauteur=900),
    Image("redevances", "/assainissement/redevances/", compte="responsable.spanc"),
    Image("rpqs", "/assainissement/rpqs/", compte="responsable.spanc", hauteur=900),
)


@contextlib.contextmanager
def serveur(demo: Demo) -> Iterator[str]:
    """The demonstration's site on a free port, for the time of the pictures; gives its address."""
    with socket.socket() as essai:
        essai.bind((HOTE, 0))
        port = essai.getsockname()[1]
    adresse = f"http://{HOTE}:{port}"
    with tempfile.TemporaryFile() as journal:
        web = subprocess.Popen(
            [
                *(sys.executable, "-m", "gunicorn", "--bind", f"{HOTE}:{port}"),
                *("--worker-class", "gthread", "--threads", "4", "--no-control-socket", "config.wsgi"),
            ],
            cwd=RACINE,
            env=demo.env,
            stdin=subprocess.DEVNULL,
            stdout=journal,
            stderr=journal,
        )
        try:
            if not attendre(lambda: web.poll() is not None or _repond(adresse), 30) or web.poll() is not None:
                journal.seek(0)
                fin = journal.read().decode(errors="replace")[-3000:]
                raise Echec(f"Le serveur des captures ne démarre pas :\n{fin}")
            yield adresse
        finally:
            web.terminate()
            web.wait()


def _repond(adresse: str) -> bool:
    try:
        with urllib.request.urlopen(f"{adresse}/sante/", timeout=2) as reponse:  # noqa: S310
            return bool(reponse.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def _api(adresse: str, chemin: str, **parametres: Any) -> dict[str, Any]:
    """GeoJSON of the open API."""
    demande = urllib.parse.urlencode({**parametres, "format": "geojson"})
    with urllib.request.urlopen(f"{adresse}/api/cadastre/{chemin}?{demande}") as reponse:  # noqa: S310
        return dict(json.load(reponse))


def _centre(objet: dict[str, Any]) -> tuple[float, float]:
    """Mean vertex of the first ring, degrees."""
    anneau = objet["geometry"]["coordinates"][0][0]
    return statistics.fmean(p[0] for p in anneau), statistics.fmean(p[1] for p in anneau)


def reperer(adresse: str) -> Lieu:
    """The village is where half of the buildings lie on each side; Echec when the commune is not loaded."""
    batiments = _api(adresse, "batiments", commune=INSEE, limite=1000)["features"]
    durs = [b for b in batiments if b["properties"]["dur"] == "01"]
    if not durs:
        raise Echec(f"La commune {INSEE} n'est pas chargée : lancez d'abord « make demo ».")
    centres = [_centre(b) for b in durs]
    lon = statistics.median(x for x, _ in centres)
    lat = statistics.median(y for _, y in centres)
    for _, _, geometrie in sorted(
        ((x - lon) ** 2 + (y - lat) ** 2, rang, durs[rang]["geometry"]) for rang, (x, y) in enumerate(centres)
    ):
        touchees = _api(adresse, "parcelles", commune=INSEE, geom=json.dumps(geometrie))["features"]
        proprietes = [p["properties"] for p in touchees]
        # One owner's ordinary plot: a house, its garden, a drawing that fills a picture well.
        idus = [p["idu"] for p in proprietes if p["idu"] and 400 <= (p["contenance"] or 0) <= 1500]
        if idus:
            return Lieu(round(lon, 5), round(lat, 5), min(idus))
    raise Echec("Aucune parcelle bâtie de 400 à 1 500 m² dans la commune : rien à montrer.")


def photographier(navigateur: Browser, adresse: str, lieu: Lieu, image: Image, dossier: Path) -> int:
    """Take one picture; gives its size in bytes. Echec on anything that a reader should not see."""
    largeur, hauteur = image.taille
    page = navigateur.new_page(
        viewport={"width": largeur, "height": image.hauteur or hauteur},
        locale="fr-FR",
        timezone_id="Europe/Paris",
        reduced_motion="reduce",
        has_touch=image.taille == TELEPHONE,
    )
    fautes: list[str] = []
    page.on("pageerror", lambda erreur: fautes.append(str(erreur)))
    page.on("console", lambda m: fautes.append(m.text) if m.type == "error" else None)
    page.on(
        "request", lambda r: None if _permis(r.url, adresse) else fautes.append(f"hôte étranger : {r.url}")
    )
    try:
        page.set_default_timeout(ATTENTE_MS)
        if image.compte:
            _entrer(page, adresse, image.compte)
        reponse = page.goto(adresse + image.adresse.format(lon=lieu.lon, lat=lieu.lat, idu=lieu.idu))
        if reponse is None or not reponse.ok:
            raise Echec(f"{image.nom} : {image.adresse} répond {reponse.status if reponse else 'rien'}.")
        _attendre(page, image)
        for lien in image.liens:
            with page.expect_navigation():
                page.locator(lien).first.click()
            _attendre(page, image)
        if fautes:
            raise Echec(f"{image.nom} : {' ; '.join(fautes)}")
        # Playwright itself writes no WebP, half the weight of a JPEG on drawings like these.
        session = page.context.new_cdp_session(page)
        prise = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITE})
        octets = base64.b64decode(prise["data"])
    except AttenteVaine as e:
        raise Echec(f"{image.nom} : {e.message.splitlines()[0]} ({page.url}).") from e
    finally:
        page.close()
    if len(octets) > POIDS_MAX:
        raise Echec(f"{image.nom} : {len(octets) // 1000} ko, plus que les {POIDS_MAX // 1000} permis.")
    (dossier / f"{image.nom}.webp").write_bytes(octets)
    return len(octets)


def _entrer(page: Page, adresse: str, compte: str) -> None:
    """Through the door, as anybody does."""
    page.goto(f"{adresse}/connexion/")
    page.locator("input[name=login]").fill(f"{compte}@demo.invalid")
    page.locator("input[name=password]").fill(MOT_DE_PASSE)
    page.locator("input[name=password]").press("Enter")
    page.wait_for_url(lambda url: "/connexion/" not in url)


def _permis(url: str, adresse: str) -> bool:
    return url.startswith((f"{adresse}/", "data:", "blob:"))


def _attendre(page: Page, image: Image) -> None:
    page.wait_for_load_state("networkidle")
    page.evaluate("() => document.fonts.ready")
    html = page.locator("html")
    if image.carte or html.get_attribute("data-plan"):
        expect(html).to_have_attribute("data-plan", "pret", timeout=ATTENTE_MS)
    if "{idu}" in image.adresse and image.carte:
        page.wait_for_selector('#volet [data-partie="objet"]:not([hidden])')
        page.wait_for_load_state("networkidle")
        expect(html).to_have_attribute("data-plan", "pret", timeout=ATTENTE_MS)


def main(arguments: Sequence[str]) -> int:
    """Entry point; French messages, exit code 1 on failure."""
    noms = [image.nom for image in IMAGES]
    analyse = argparse.ArgumentParser(prog="make captures", description="Images de la documentation.")
    analyse.add_argument("noms", nargs="*", metavar="NOM", help=f"parmi {', '.join(noms)} ; toutes sinon")
    analyse.add_argument("--dossier", type=Path, default=RACINE / "docs" / "images")
    options = analyse.parse_args(arguments)
    if inconnus := set(options.noms) - set(noms):
        analyse.error(f"image inconnue : {', '.join(sorted(inconnus))} ; il y a {', '.join(noms)}")
    options.dossier.mkdir(parents=True, exist_ok=True)
    # The size of `make demo`: the commune already there serves as it is.
    demo = Demo(port=0, parcelles=2000)
    try:
        demo.preparer(refaire=False)
        with serveur(demo) as adresse, sync_playwright() as playwright:
            navigateur = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS_CHROMIUM)
            lieu = reperer(adresse)
            for image in IMAGES:
                if not options.noms or image.nom in options.noms:
                    octets = photographier(navigateur, adresse, lieu, image, options.dossier)
                    print(f"{image.nom}.webp : {octets // 1000} ko", flush=True)
            navigateur.close()
    except Echec as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
