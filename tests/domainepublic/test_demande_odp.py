"""A request without account: steps, resumption, price before the name, deposit, key, follow-up."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from domainepublic.models import DossierODP, LigneFacturable
from domainepublic.usager import demande as service
from domainepublic.usager.suivi import PRIX
from mairie.courriels import envoyer_en_attente
from mairie.models import Brouillon, Collectivite, JournalActe, Piece
from tests.domainepublic.fabrique_odp import X0, Y0, accorde, dossier, emprise, faire, rect, type_
from tests.domainepublic.test_redevances_odp import grille
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.usefixtures("aller")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
QUI = {
    "nom": "Personne fictive",
    "prenoms": "Essai",
    "voie": "1 rue Fictive",
    "code_postal": "25999",
    "ville": "Commune fictive",
    "courriel": "demande@exemple.invalid",
    "exact": "on",
}


def carre(geom=None) -> str:
    forme = (geom or rect()).transform(4326, clone=True)
    return json.dumps({"type": "Polygon", "coordinates": [[list(p) for p in forme.coords[0]]]})


def texte(reponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())))


@pytest.fixture
def ouverte():
    type_("BENNE")
    commune()
    grille()


def commencer(client: Client, code: str = "BENNE", beneficiaire: str = "particulier") -> str:
    reponse = client.post(
        "/domaine-public/demande/",
        {"insee": INSEE, "type": code, "beneficiaire": beneficiaire, "objet": "Travaux de toiture"},
    )
    assert reponse.status_code == 302, texte(reponse)
    return reponse["Location"].removesuffix("ou/")


def version() -> int:
    return Brouillon.objects.latest("pk").version


def jusqu_a_qui(client: Client, **quand: str) -> str:
    base = commencer(client)
    reponse = client.post(
        f"{base}ou/", {"adresse": "12 rue du Lavoir", "geom": carre(), "rayon": "2", "version": version()}
    )
    assert reponse["Location"] == f"{base}quand/"
    jours = {"debut": "2026-06-01", "fin": "2026-06-30", **quand}
    reponse = client.post(f"{base}quand/", {**jours, "version": version()})
    assert reponse.status_code == 302, texte(reponse)
    assert reponse["Location"] == f"{base}qui/"
    return base


def test_les_portes_de_l_accueil_s_ouvrent(client, ouverte):
    page = client.get("/").content.decode()
    assert 'href="/demarches/"' in page and 'href="/suivi/"' in page
    assert "Occuper la rue ou le trottoir" in texte(client.get("/demarches/"))
    assert "Que voulez-vous installer" in texte(client.get("/domaine-public/demande/"))


def test_prix_pieces_et_delai_sont_dits_avant_le_nom(client, ouverte):
    base = jusqu_a_qui(client)
    page = texte(client.get(f"{base}qui/"))
    assert page.index("Ce que cela coûte") < page.index("Qui demande ?")
    assert "€" in page[page.index("Ce que cela coûte") : page.index("Qui demande ?")]
    assert "15 jours avant" in page and "moins que le délai conseillé" not in page
    assert not DossierODP.objects.exists()


@pytest.mark.parametrize(
    ("debut", "attendu"),
    [
        ("2026-03-02", "Votre premier jour est aujourd'hui"),
        ("2026-03-03", "Votre premier jour est demain"),
        ("2026-03-16", "Votre premier jour est dans 14 jours"),
        ("2026-03-17", None),
    ],
)
def test_un_premier_jour_trop_proche_est_dit_avant_l_envoi(client, ouverte, debut, attendu):
    base = jusqu_a_qui(client, debut=debut, fin="2026-03-20")
    page = texte(client.get(f"{base}qui/"))
    assert (attendu in page) if attendu else ("moins que le délai conseillé" not in page)


def test_d_un_bout_a_l_autre_sans_compte(client, ouverte):
    base = jusqu_a_qui(client, gene="stationnement_interdit")
    plan = SimpleUploadedFile("plan.pdf", PDF, "application/pdf")
    faux = SimpleUploadedFile("plan.exe", b"MZ\x90\x00" + b"\x00" * 100, "application/octet-stream")
    reponse = client.post(f"{base}qui/", {**QUI, "pieces": [plan, faux], "version": version()})
    assert reponse["Location"] == "/domaine-public/demande/envoyee/", texte(reponse)
    d = DossierODP.objects.get()
    assert (d.etat, d.canal, d.numero) == ("depose", "portail", "ODP-25999-2026-00001")
    assert d.demandeur.nom == "Personne fictive" and d.instructeur is None
    assert d.modifie_circulation and [m.type for m in d.mesures.all()] == ["stationnement_interdit"]
    # The good file is kept, the bad one is told.
    assert [p.nom for p in Piece.objects.du_dossier(d)] == ["plan.pdf"]
    page = texte(client.get("/domaine-public/demande/envoyee/"))
    assert d.numero in page and "plan.exe" in page
    cle = re.search(r"(?:[0-9A-Z]{4}-){3}[0-9A-Z]{4}", page)[0]
    # The draft and its link are gone; the same form sent again makes nothing more.
    assert not Brouillon.objects.exists()
    assert client.post(f"{base}qui/", {**QUI, "version": "1"})["Location"] == reponse["Location"]
    assert DossierODP.objects.count() == 1
    # Another browser, with the number and the key, follows; without, it sees nothing.
    autre = Client()
    assert autre.get(f"/domaine-public/suivi/{d.numero}/")["Location"].startswith("/suivi/")
    assert autre.post("/suivi/", {"numero": d.numero, "cle": "A" * 16}).status_code == 422
    ouvert = autre.post("/suivi/", {"numero": d.numero.lower(), "cle": cle.lower()}, follow=True)
    assert "Reçue" in texte(ouvert) and "Stationnement supprimé" in texte(ouvert)
    assert ouvert["Cache-Control"] == "private, no-store"
    envoyer_en_attente()
    corps = mail.outbox[0].body
    assert cle in corps and f"/suivi/?numero={d.numero}\n" in corps, "le lien porte déjà le numéro"
    assert "Benne, 12 rue du Lavoir, du 01/06/2026 au 30/06/2026." in corps
    assert "Mairie de " in corps and "au plus tard le 02/05/2026" in corps
    assert "aussi écrits par courriel" in page


def test_un_brouillon_se_reprend_ailleurs_et_ne_s_ecrase_pas(client, ouverte):
    base = jusqu_a_qui(client)
    autre = Client()
    assert autre.get(base)["Location"] == f"{base}qui/"
    assert "12 rue du Lavoir" in autre.get(f"{base}ou/").content.decode()
    perime = {"debut": "2026-07-01", "fin": "2026-07-02", "version": "1"}
    reponse = autre.post(f"{base}quand/", perime)
    assert reponse.status_code == 422 and "rechargez" in texte(reponse)
    assert "lien" in texte(autre.get(f"/domaine-public/demande/{'A' * 22}/"))


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"debut": "2026-06-30", "fin": "2026-06-01"}, "précède le premier"),
        ({"debut": "2026-02-01", "fin": "2026-06-01"}, "est passé : ce serait une régularisation"),
        ({"debut": "2026-06-01", "fin": "2026-06-02", "de": "08:00"}, "Donnez les deux heures"),
    ],
)
def test_des_dates_fausses_sont_dites(client, ouverte, champs, attendu):
    base = commencer(client)
    client.post(f"{base}ou/", {"adresse": "12", "geom": carre(), "rayon": "2", "version": version()})
    reponse = client.post(f"{base}quand/", {**champs, "version": version()})
    assert reponse.status_code == 422 and attendu in texte(reponse)


def test_un_lieu_faux_est_dit_et_un_contour_croise_repare(client, ouverte):
    base = commencer(client)
    ici = f"{base}ou/"
    loin = client.post(ici, {"adresse": "là", "geom": carre(rect(x=5000)), "version": version()})
    assert loin.status_code == 422 and "hors de la commune" in texte(loin)
    rien = client.post(ici, {"adresse": "là", "version": version()})
    assert "Montrez l'endroit sur la carte" in texte(rien)
    a, b = X0, Y0 + 31
    coins = ((a, b), (a + 4, b + 2), (a + 4, b), (a, b + 2), (a, b))
    papillon = carre(type(rect())(coins, srid=2154))
    croise = client.post(ici, {"adresse": "là", "geom": papillon, "version": version()})
    assert croise.status_code == 422 and "odp-reparation" in croise.content.decode()
    champs = {"adresse": "là", "geom": papillon, "reparer": "on", "version": version()}
    assert client.post(ici, champs).status_code == 302
    # Both halves of the repaired outline are kept, and the page opened again takes them as they are.
    gardee = service.lire(Brouillon.objects.latest("pk")).geom
    assert gardee.area == pytest.approx(4, abs=0.01)
    assert client.post(ici, {**champs, "geom": gardee.wkt, "version": version()}).status_code == 302
    deux = rect(), rect(x=40)
    separes = json.dumps(
        {"type": "GeometryCollection", "geometries": [json.loads(carre(forme)) for forme in deux]}
    )
    assert "Une seule forme" in texte(client.post(ici, {**champs, "geom": separes, "version": version()}))


@pytest.mark.parametrize("coins", [((0, 0), (4, 0), (2, 0), (0, 0)), ((0, 0), (0, 0), (0, 0), (0, 0))])
def test_une_surface_vide_est_refusee(client, ouverte, coins):
    base = commencer(client)
    points = ", ".join(f"{X0 + x} {Y0 + 31 + y}" for x, y in coins)
    champs = {"adresse": "là", "geom": f"POLYGON(({points}))", "version": version()}
    for reparer in ({}, {"reparer": "on"}):
        reponse = client.post(f"{base}ou/", {**champs, **reparer})
        assert reponse.status_code == 422 and "essinez-la de nouveau" in texte(reponse)


def test_envoyee_deux_fois_a_la_meme_seconde(client, ouverte, monkeypatch):
    base = jusqu_a_qui(client)
    avant = service.envoyer
    perdu = {}

    def en_retard(*lus):
        if not perdu:
            perdu["reponse"] = None
            perdu["reponse"] = client.post(f"{base}qui/", {**QUI, "version": version()})
        return avant(*lus)

    monkeypatch.setattr(service, "envoyer", en_retard)
    reponse = client.post(f"{base}qui/", {**QUI, "version": version()})
    assert reponse.status_code in (302, 404) and DossierODP.objects.count() == 1
    assert perdu["reponse"]["Location"] == "/domaine-public/demande/envoyee/"


def test_une_demande_changee_ailleurs_depuis_la_derniere_page_se_relit_avant_de_partir(client, ouverte):
    base = jusqu_a_qui(client)
    reponse = client.post(f"{base}qui/", {**QUI, "version": str(int(version()) - 1)})
    assert reponse.status_code == 422 and "modifiée depuis une autre page" in texte(reponse)
    assert not DossierODP.objects.exists()
    assert client.post(f"{base}qui/", {**QUI, "version": version()}).status_code == 302


def test_un_robot_et_trop_d_envois_sont_arretes(client, ouverte, settings):
    settings.ODP_DEPOTS_PAR_HEURE = 1
    base = jusqu_a_qui(client)
    robot = client.post(f"{base}qui/", {**QUI, "site": "http://x.invalid", "version": version()})
    assert robot.status_code == 422 and not DossierODP.objects.exists()
    assert client.post(f"{base}qui/", {**QUI, "version": version()}).status_code == 302
    base = jusqu_a_qui(client)
    trop = client.post(f"{base}qui/", {**QUI, "version": version()})
    assert trop.status_code == 429 and DossierODP.objects.count() == 1
    settings.ODP_BROUILLONS_PAR_HEURE = 1
    reponse = client.post(
        "/domaine-public/demande/", {"insee": INSEE, "type": "BENNE", "beneficiaire": "particulier"}
    )
    assert reponse.status_code == 429


def suivre(d) -> Client:
    from domainepublic.usager.declaration import USAGE_SUIVI
    from mairie import liens

    _, cle = liens.creer_cle(d, USAGE_SUIVI, insee=d.insee)
    client = Client()
    assert client.post("/suivi/", {"numero": d.numero, "cle": cle}).status_code == 302
    return client


def test_les_pieces_demandees_s_ajoutent_depuis_le_suivi(ouverte):
    d = faire(dossier(), "declarer_incomplet", donnees={"pieces": ["plan coté"], "delai_jours": 30})
    client = suivre(d)
    ici = f"/domaine-public/suivi/{d.numero}/"
    assert "plan coté" in texte(client.get(ici))
    assert "Choisissez au moins un fichier" in texte(client.post(ici, {"action": "pieces"}))
    plan = SimpleUploadedFile("plan.pdf", PDF, "application/pdf")
    page = texte(client.post(ici, {"action": "pieces", "pieces": [plan]}, follow=True))
    d.refresh_from_db()
    assert d.etat == "depose" and "plan.pdf" in page


def test_prolonger_et_partir_plus_tot_depuis_le_suivi(ouverte, aller):
    d = accorde(dossier(emprise()))
    aller(date(2026, 6, 10))
    client = suivre(d)
    ici = f"/domaine-public/suivi/{d.numero}/"
    assert "En cours" in texte(client.get(ici)) or "Accordée" in texte(client.get(ici))
    court = client.post(ici, {"action": "prolonger", "fin": "2026-06-20"})
    assert court.status_code == 422 and "doit suivre celle du titre" in texte(court)
    assert "Prolongation demandée" in texte(
        client.post(ici, {"action": "prolonger", "fin": "2026-07-10"}, follow=True)
    )
    faire(d, "refuser_prolongation", "signataire", donnees={"motif": "Marché de l'été."})
    passe = client.post(ici, {"action": "arreter", "le": "2026-06-01"})
    assert passe.status_code == 422 and "est passé" in texte(passe)
    client.post(ici, {"action": "arreter", "le": "2026-06-10"})
    d.refresh_from_db()
    assert d.etat == "a_controler" and d.fin == date(2026, 6, 9)


def test_le_suivi_parle_en_mots_et_ne_laisse_personne_sans_suite(ouverte):
    """One day is no period, states of bills are not theirs; a refusal has no price and a next step."""
    assert set(PRIX) == set(LigneFacturable.Etat.values) - {"annulee"}
    jour = emprise(fin=date(2026, 6, 1), creneaux=[{"jours": ["lun"], "de": "08:00", "a": "12:00"}])
    d, refuse = accorde(dossier(jour)), dossier(emprise(geom=rect(x=20)))
    Collectivite.objects.filter(code=INSEE).update(telephone="03 00 00 00 00")
    page = suivre(d).get(f"/domaine-public/suivi/{d.numero}/")
    assert re.search(r"8 m², le lundi \S+ juin 2026 \(lundi, 08:00 – 12:00\)", texte(page)), texte(page)
    # 8 €: under the threshold.
    assert "trop peu pour être demandé seul" in texte(page) and "sous le seuil" not in texte(page)
    assert 'href="tel:0300000000"' in page.content.decode()
    faire(refuse, "instruire")
    faire(refuse, "refuser", "signataire", donnees={"motif": "Passage trop étroit."})
    page = texte(suivre(refuse).get(f"/domaine-public/suivi/{refuse.numero}/"))
    assert "Refusée" in page and "Faire une nouvelle demande" in page and "€" not in page


def test_la_page_de_suivi_ne_dit_ni_agent_ni_autre_dossier(ouverte):
    d, autre = dossier(), dossier(emprise(geom=rect(x=20)))
    client = suivre(d)
    page = texte(client.get(f"/domaine-public/suivi/{d.numero}/"))
    assert "fictif" not in page.lower().replace("commune fictive", "") or "instructeur" not in page.lower()
    assert client.get(f"/domaine-public/suivi/{autre.numero}/").status_code == 302


def test_une_cle_perdue_est_remplacee_au_guichet(ouverte):
    d = dossier()
    ancien = suivre(d)
    ici = f"/domaine-public/suivi/{d.numero}/"
    assert ancien.get(ici).status_code == 200
    guichet = Client()
    guichet.force_login(
        agent("domainepublic.instructeur"), backend="django.contrib.auth.backends.ModelBackend"
    )
    assert "Donner une nouvelle clé" in texte(guichet.get(d.get_absolute_url()))
    reponse = guichet.post(f"/domaine-public/dossiers/{d.pk}/cle/")
    assert reponse["Cache-Control"] == "private, no-store"
    cle = re.search(r"<code>(.+?)</code>", reponse.content.decode())[1]
    # The browser that held the former key is shut out too.
    assert ancien.get(ici).status_code == 302
    neuf = Client()
    assert neuf.post("/suivi/", {"numero": d.numero, "cle": cle}).status_code == 302
    assert neuf.get(ici).status_code == 200
    assert JournalActe.objects.filter(action="mairie.cle_de_suivi_renouvelee", objet_id=str(d.pk)).exists()


def test_la_cle_n_est_donnee_ni_a_un_lecteur_ni_ailleurs(ouverte):
    d = dossier()
    lecteur = agent("domainepublic.lecture")
    ailleurs = agent("domainepublic.instructeur", codes=(AUTRE_INSEE,), email="ailleurs@exemple.invalid")
    for qui, attendu in ((lecteur, 403), (ailleurs, 404)):
        client = Client()
        client.force_login(qui, backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(f"/domaine-public/dossiers/{d.pk}/cle/").status_code == attendu
