"""The PDF renderer: what it makes, what it refuses to fetch, where it stops."""

from __future__ import annotations

import hashlib
import http.server
import io
import threading

import pypdf
import pytest
from PIL import Image

from mairie.courriers import rendu
from mairie.courriers.rendu import Guichet, RenduRefuse, Ressource, rendre

FEUILLE = '<link rel="stylesheet" href="statique:impression/courrier.css">'
SECRET = "secret-du-disque"


def page(corps: str, tete: str = FEUILLE) -> str:
    return (
        f'<!doctype html><html lang="fr"><head><title>Essai</title>{tete}</head><body>{corps}</body></html>'
    )


def png(cote: int = 8) -> bytes:
    sortie = io.BytesIO()
    Image.new("RGB", (cote, cote), "#1f6f5c").save(sortie, "PNG")
    return sortie.getvalue()


PIECE = Ressource("image/png", png())


@pytest.fixture(scope="module", autouse=True)
def _processus():
    yield
    rendu.atelier.fermer()


@pytest.fixture(scope="module")
def temoin():
    """A server of this machine that writes down who calls it."""
    appels: list[str] = []

    class Temoin(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            appels.append(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "text/css" if self.path.endswith("css") else "image/png")
            self.end_headers()
            self.wfile.write(b"" if self.path.endswith("css") else png())

        def log_message(self, *args):
            pass

    serveur = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Temoin)
    fil = threading.Thread(target=serveur.serve_forever, daemon=True)
    fil.start()
    yield f"http://127.0.0.1:{serveur.server_port}", appels
    serveur.shutdown()
    serveur.server_close()


@pytest.fixture
def fichier_secret(tmp_path):
    chemin = tmp_path / "secret.txt"
    chemin.write_text(SECRET)
    return chemin


def test_le_pdf_est_balise_titre_et_dit_sa_langue():
    fait = rendre(page("<h1>Titre</h1><p>Texte à lire.</p><ul><li>un</li><li>deux</li></ul>"))
    assert fait.pages == 1 and fait.sha256 == hashlib.sha256(fait.pdf).hexdigest()
    lecteur = pypdf.PdfReader(io.BytesIO(fait.pdf))
    racine = lecteur.trailer["/Root"]
    assert lecteur.metadata.title == "Essai"
    assert racine["/Lang"] == "fr"
    assert racine["/MarkInfo"]["/Marked"]
    assert racine["/ViewerPreferences"]["/DisplayDocTitle"]
    assert b'pdfuaid:part="1"' in racine["/Metadata"].get_object().get_data()
    assert genres(racine["/StructTreeRoot"]) >= {"/Document", "/H1", "/P", "/L", "/LI"}
    assert "Texte à lire." in lecteur.pages[0].extract_text()


def genres(noeud) -> set[str]:
    """Kinds of structure elements under a node of the tree of tags."""
    noeud = noeud.get_object()
    trouves = {noeud["/S"]} if "/S" in noeud else set()
    enfants = noeud.get("/K", [])
    enfants = enfants if isinstance(enfants, list) else [enfants]
    for enfant in (e.get_object() if hasattr(e, "get_object") else e for e in enfants):
        if isinstance(enfant, dict):
            trouves |= genres(enfant)
    return trouves


def test_toutes_les_polices_sont_incorporees_et_les_actes_en_source_serif():
    fait = rendre(page("<p>Maçon <strong>gras</strong> <em>penché</em> Łódź ŷ № 12 345 €</p>"))
    polices = {}
    for objet in pypdf.PdfReader(io.BytesIO(fait.pdf)).pages[0]["/Resources"]["/Font"].values():
        descendante = objet.get_object()["/DescendantFonts"][0].get_object()
        descripteur = descendante["/FontDescriptor"].get_object()
        polices[descendante["/BaseFont"]] = any(f"/FontFile{n}" in descripteur for n in ("", "2", "3"))
    assert all(polices.values())
    assert sum("Source-Serif" in nom for nom in polices) >= 3
    assert "Łódź ŷ" in pypdf.PdfReader(io.BytesIO(fait.pdf)).pages[0].extract_text()


def test_le_meme_document_donne_les_memes_octets():
    html = page('<p>Toujours pareil.</p><img src="lettre:a.png" alt="carré">')
    ressources = {"a.png": PIECE}
    premier = rendre(html, lettre=ressources)
    rendu.atelier.fermer()
    assert rendre(html, lettre=ressources).sha256 == premier.sha256


def test_les_trois_sortes_d_adresses_servies():
    demandees = []

    def piece(numero):
        demandees.append(numero)
        return PIECE

    html = page('<img src="lettre:logo.png" alt="armes"><img src="piece:12" alt="photo">')
    fait = rendre(html, lettre={"logo.png": Ressource("image/png", png(9))}, piece=piece)
    assert demandees == [12]
    assert len(pypdf.PdfReader(io.BytesIO(fait.pdf)).pages[0].images) == 2


# Each attack names {fichier} (a file of the disk) or {http} (a server of this machine).
ATTAQUES = {
    "image file://": '<img src="file://{fichier}" alt="x">',
    "image FILE://": '<img src="FILE://{fichier}" alt="x">',
    "image http": '<img src="{http}/a.png" alt="x">',
    "image sans protocole": '<img src="//127.0.0.1/a.png" alt="x">',
    "image relative": '<img src="{fichier}" alt="x">',
    "image ftp": '<img src="ftp://127.0.0.1/a.png" alt="x">',
    "image data": '<img src="data:image/png;base64,iVBORw0KGgo=" alt="x">',
    "lien de pièce jointe": '<a rel="attachment" href="file://{fichier}">joint</a>',
    "lien de pièce jointe http": '<a rel="attachment" href="{http}/a.png">joint</a>',
    "pièce jointe du document": '<link rel="attachment" href="file://{fichier}">',
    "pièce jointe relative": '<link rel="attachment" href="{fichier}">',
    "feuille file://": '<link rel="stylesheet" href="file://{fichier}">',
    "feuille http": '<link rel="stylesheet" href="{http}/a.css">',
    "@import file://": '<style>@import url("file://{fichier}");</style>',
    "@import http": '<style>@import "{http}/a.css";</style>',
    "url() http": '<style>body {{ background: url("{http}/a.png") }}</style>',
    "url() file": '<style>p::before {{ content: url("file://{fichier}") }}</style><p>x</p>',
    "puce": '<ul style="list-style-image: url({http}/a.png)"><li>x</li></ul>',
    "police": '<style>@font-face {{ font-family: f; src: url("{http}/f.woff2") }} p {{ font-family: f }}</style><p>x</p>',  # noqa: E501
    "profil de couleurs": '<style>@color-profile --c {{ src: url("{http}/c.icc") }}</style>',
    "base": '<base href="{http}/"><img src="a.png" alt="x">',
    "objet": '<object data="{http}/a.png" aria-label="x"></object>',
    "embed": '<embed src="file://{fichier}">',
    "svg dans la page": '<svg width="9" height="9"><image href="{http}/a.png" width="9" height="9"/></svg>',
    "svg en data": '<img alt="x" src="data:image/svg+xml,%3Csvg xmlns=%22http://www.w3.org/2000/svg%22%3E%3Cimage href=%22{http}/a.png%22/%3E%3C/svg%3E">',  # noqa: E501
    "statique hors du dossier": '<img src="statique:../manage.py" alt="x">',
    "statique échappé": '<img src="statique:%2e%2e/%2e%2e/etc/passwd" alt="x">',
    "statique absolu": '<img src="statique:/etc/passwd" alt="x">',
    "pièce mal nommée": '<img src="piece:../12" alt="x">',
    "pièce d'un autre dossier": '<img src="piece:99" alt="x">',
    "ressource inconnue": '<img src="lettre:absente.png" alt="x">',
}  # fmt: skip


@pytest.mark.parametrize("attaque", ATTAQUES.values(), ids=ATTAQUES)
def test_rien_d_autre_n_est_lu(attaque, temoin, fichier_secret):
    adresse, appels = temoin
    appels.clear()
    html = page(attaque.format(fichier=fichier_secret, http=adresse))
    with pytest.raises(RenduRefuse) as refus:
        rendre(html, piece=lambda numero: PIECE if numero == 12 else None)
    assert appels == []
    assert SECRET not in str(refus.value)


def test_les_svg_fournis_ne_lisent_rien_non_plus(temoin, fichier_secret):
    adresse, appels = temoin
    appels.clear()
    entites = f'<!DOCTYPE svg [<!ENTITY e SYSTEM "file://{fichier_secret}">]>'
    for contenu in (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{adresse}/a.png"/></svg>',
        f'<svg xmlns="http://www.w3.org/2000/svg"><style>@import "{adresse}/a.css";</style></svg>',
        f'{entites}<svg xmlns="http://www.w3.org/2000/svg" width="90" height="9"><text>&e;</text></svg>',
    ):
        svg = Ressource("image/svg+xml", contenu.encode())
        with pytest.raises(RenduRefuse):
            rendre(page('<img src="lettre:a.svg" alt="x">'), lettre={"a.svg": svg})
    assert appels == []


def test_une_piece_qui_n_est_pas_une_image_est_refusee():
    for mime in ("image/svg+xml", "text/html", "application/pdf"):
        guichet = Guichet(piece=lambda _, mime=mime: Ressource(mime, b"x"))
        assert guichet.servir("piece:1") is None
        assert guichet.refus == ["piece:1"]


def test_un_lien_qui_sort_des_fichiers_statiques_n_est_pas_suivi(tmp_path, settings):
    (tmp_path / "statiques").mkdir()
    (tmp_path / "dehors.css").write_text("p { color: red }")
    (tmp_path / "statiques" / "lien.css").symlink_to(tmp_path / "dehors.css")
    settings.STATICFILES_DIRS = [tmp_path / "statiques"]
    assert Guichet().servir("statique:lien.css") is None


def test_un_rendu_trop_long_est_arrete_et_le_suivant_se_fait():
    lourd = page("<table>" + "<tr><td>x</td><td>y</td></tr>" * 40_000 + "</table>")
    with pytest.raises(RenduRefuse, match="dépassé 1 s"):
        rendre(lourd, delai=1)
    assert rendre(page("<p>Le suivant.</p>")).pages == 1


def test_un_texte_trop_long_est_refuse_avant_tout():
    with pytest.raises(RenduRefuse, match="trop long"):
        rendre("x" * (rendu.HTML_MAX + 1))


def test_trop_de_pages(monkeypatch):
    monkeypatch.setattr(rendu, "PAGES_MAX", 2)
    with pytest.raises(RenduRefuse, match="3 pages : 2 au plus"):
        rendre(page('<p>a</p><p style="break-before: page">b</p><p style="break-before: page">c</p>'))


def test_des_images_trop_lourdes_sont_refusees(monkeypatch):
    monkeypatch.setattr(rendu, "RESSOURCES_MAX", 100_000)
    lettre = {f"{i}.png": Ressource("image/png", png() + b"\0" * 40_000) for i in range(4)}
    with pytest.raises(RenduRefuse):
        rendre(page("".join(f'<img src="lettre:{nom}" alt="x">' for nom in lettre), ""), lettre=lettre)


def test_une_image_demesuree_est_refusee():
    sortie = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(sortie, "PNG")
    assert len(sortie.getvalue()) < 200_000
    with pytest.raises(RenduRefuse):
        rendre(page('<img src="piece:1" alt="x">'), piece=lambda _: Ressource("image/png", sortie.getvalue()))


def test_le_processus_tue_repart():
    rendre(page("<p>a</p>"))
    rendu.atelier.processus.enfant.kill()
    rendu.atelier.processus.enfant.wait()
    assert rendre(page("<p>b</p>")).pages == 1


def test_des_fils_paralleles_recoivent_chacun_leur_document():
    textes: dict[int, str] = {}

    def faire(i):
        fait = rendre(page(f"<p>document {i}</p>"))
        textes[i] = pypdf.PdfReader(io.BytesIO(fait.pdf)).pages[0].extract_text()

    fils = [threading.Thread(target=faire, args=(i,)) for i in range(4)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    assert {i: f"document {i}" in t for i, t in textes.items()} == dict.fromkeys(range(4), True)
