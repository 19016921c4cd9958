"""What holds an act back is read before anybody clicks, and the colliding ground is drawn beside its list."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.gis.geos import Point

from domainepublic import conflits
from domainepublic.courriers import suites
from domainepublic.courriers.modeles import charger as charger_modeles
from domainepublic.models import PointEau
from mairie.models import Courrier, Evenement
from mairie.workflow import rafraichir
from tests.domainepublic.fabrique_odp import a_signer, accorde, acteur, dossier, emprise, faire, rect
from tests.domainepublic.test_ecrans_odp import client_de, evenement, texte
from tests.personnes import INSEE
from tests.plan_factice import X0, Y0

pytestmark = pytest.mark.usefixtures("aller")
MOTIF = "Le marché s'arrête ce mois-ci"
ACTE = "Acte proposé à la signature"


@pytest.fixture(autouse=True)
def _compatibilites(db):
    conflits.charger_compatibilites()


def bouton_gris(html: str, libelle: str) -> str:
    """What the greyed button of that name says to a screen reader."""
    trouve = re.search(
        r'<button type="button"[^>]*aria-disabled="true"[^>]*aria-describedby="([^"]+)"[^>]*>.*?'
        + re.escape(libelle),
        html,
        re.S,
    )
    assert trouve, f"« {libelle} » n'est pas grisé"
    (dit,) = re.findall(rf'<div id="{trouve[1]}">(.*?)</div>', html, re.S)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", dit)).strip()


def en_conflit():
    """A file studied on the ground of a title: (title, file)."""
    titre = accorde(dossier())
    d = dossier(emprise(geom=rect(2)))
    faire(d, "instruire")
    return titre, d


def test_un_conflit_bloquant_grise_l_acte_et_dit_lequel():
    titre, d = en_conflit()
    client = client_de("instructeur")
    html = client.get(d.get_absolute_url()).content.decode()
    dit = bouton_gris(html, ACTE)
    assert "Conflit bloquant." in dit and titre.numero in dit and "le responsable" in dit
    assert f'href="{d.get_absolute_url()}evenements/preparer_acte/"' not in html
    # Its own page, reached by an old link, offers no form either; sent all the same, the guard answers.
    page = client.get(f"{d.get_absolute_url()}evenements/preparer_acte/").content.decode()
    assert titre.numero in bouton_gris(page, ACTE) and 'name="date_effet"' not in page
    assert evenement(client, d, "preparer_acte").status_code == 422
    d.refresh_from_db()
    assert d.etat == "en_instruction"
    # Who may waive is told so; once waived, the way is open.
    dit = bouton_gris(client_de("responsable").get(d.get_absolute_url()).content.decode(), ACTE)
    assert "Levez-le avec un motif" in dit
    conflits.lever(d.conflits.get(), MOTIF, acteur("responsable"))
    html = client.get(d.get_absolute_url()).content.decode()
    assert 'aria-disabled="true"' not in html and "evenements/preparer_acte/" in html


def test_la_page_de_l_acte_regarde_la_rue_du_jour_sans_rien_ecrire():
    d = dossier(emprise(geom=rect(2)))
    faire(d, "instruire")
    accorde(dossier())
    client = client_de("instructeur")
    # Found since the study: the file's page does not know it yet, that of the event does.
    assert "evenements/preparer_acte/" in client.get(d.get_absolute_url()).content.decode()
    page = client.get(f"{d.get_absolute_url()}evenements/preparer_acte/").content.decode()
    assert "Conflit bloquant." in bouton_gris(page, ACTE)
    assert not d.conflits.filter(niveau="bloquant").exists()


def test_un_avis_et_une_publicite_attendus_se_lisent_avant_le_clic():
    d = dossier(emprise("TERR_O", geom=rect(8), unite="m2"))
    faire(d, "instruire")
    dit = bouton_gris(client_de("instructeur").get(d.get_absolute_url()).content.decode(), ACTE)
    assert "publicité préalable" in dit and "CG3P L2122-1-4" in dit
    e = dossier(emprise(geom=rect(20)))
    faire(e, "instruire")
    faire(e, "demander_avis", donnees={"services": ["transports"], "obligatoire": True})
    html = client_de("instructeur").get(e.get_absolute_url()).content.decode()
    assert "Avis obligatoires attendus : transports." in bouton_gris(html, "Avis rendus, instruction reprise")


def test_la_signature_se_grise_sur_le_dossier_et_dans_les_listes():
    charger_modeles()
    d = a_signer(dossier(emprise(geom=rect(2))))
    e = d.emprises.get()
    acte = Courrier.objects.du_dossier(d).get()
    assert suites.avertir(acte, "signer") == []
    accorde(dossier(emprise(geom=rect(40))))
    # Drawn again by hand in the base, as another town hall's software could.
    autre = accorde(dossier(emprise(geom=rect(60)))).emprises.get()
    autre.geom = e.geom
    autre.save()
    conflits.recalculer(d)
    # The letter, another door to the same signature, says it too.
    assert suites.avertir(acte, "signer") == ["1 conflit bloquant à lever : la signature sera refusée."]
    client = client_de("signataire")
    html = client.get(d.get_absolute_url()).content.decode()
    assert "Conflit bloquant." in bouton_gris(html, "Signature")
    # It may still be sent back or refused.
    assert "evenements/renvoyer/" in html and "evenements/refuser/" in html
    for liste in ("/domaine-public/parapheur/", "/domaine-public/dossiers/?etat=a_signer"):
        assert "Un conflit bloquant est à lever" in texte(client.get(liste)), liste
    pile = {"action": "signer", "objets": [d.pk], "confirme": "1"}
    dit = texte(client.post("/domaine-public/parapheur/", pile, follow=True))
    d.refresh_from_db()
    assert d.etat == "a_signer" and "bloquant" in dit
    assert not Evenement.objects.filter(dossier_id=d.pk, type="signer", annule_par__isnull=True).exists()


def test_un_conflit_perime_se_cherche_de_nouveau_et_n_arrete_pas_le_parapheur():
    """The other title has gone since the last search: one click says so, and so does the signature."""
    titre, d = en_conflit()
    client = client_de("instructeur")
    dit = bouton_gris(client.get(d.get_absolute_url()).content.decode(), ACTE)
    assert "La rue a pu changer depuis" in dit and "décalez les dates" in dit.lower()
    faire(titre, "retirer", "signataire", donnees={"motif": "renonciation", "le": "2026-03-02"})
    html = client.get(d.get_absolute_url()).content.decode()
    # Still greyed by what was found before; the way out is beside it.
    (adresse,) = re.findall(r'<form class="odp-en-ligne"\s+method="post"\s+action="([^"]*/conflits/)"', html)
    assert "chercher de nouveau les conflits" in bouton_gris(html, ACTE)
    html = client.post(adresse, follow=True).content.decode()
    assert 'aria-disabled="true"' not in html and "evenements/preparer_acte/" in html
    d = a_signer(dossier(emprise(geom=rect(40))))
    d.conflits.create(
        emprise=d.emprises.get(), niveau="bloquant", motif="chevauchement", libelle="Périmé.",
        jours=[date(2026, 6, 1)], nb_jours=1,
    )  # fmt: skip
    elu = client_de("signataire")
    # Its ground cannot change any more: that remedy is not named.
    dit = bouton_gris(elu.get(d.get_absolute_url()).content.decode(), "Signature")
    assert "renvoyez le dossier en instruction" in dit and "décalez" not in dit
    page = elu.get("/domaine-public/parapheur/")
    assert "à la dernière recherche" in texte(page) and "aria-disabled" not in page.content.decode()
    # Signed together with one that does collide: this one alone is refused, with its reason.
    dispute = a_signer(dossier(emprise(geom=rect(60))))
    accorde(dossier(emprise(geom=rect(20))))
    e = dispute.emprises.get()
    e.geom = rect(21)
    e.save()
    pile = {"action": "signer", "objets": [dispute.pk, d.pk], "confirme": "1"}
    dit = texte(elu.post("/domaine-public/parapheur/", pile, follow=True))
    d.refresh_from_db()
    dispute.refresh_from_db()
    assert (d.etat, dispute.etat) == ("accorde", "a_signer")
    assert f"{dispute} : Conflit bloquant" in dit


def test_le_plan_montre_les_deux_emprises_leurs_dates_et_ce_qu_elles_partagent():
    titre, d = en_conflit()
    html = client_de("lecture").get(d.get_absolute_url()).content.decode()
    (figure,) = re.findall(r'<figure class="odp-plan odp-plan-conflits">(.*?)</figure>', html, re.S)
    dit = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", figure))
    assert "du 01/06/2026 au 30/06/2026" in dit and "4,00 m² en commun" in dit
    assert f"{titre.numero}, benne, bungalow" in dit
    # Ours, the other one and what both take; the map's description says what is drawn.
    for couleur in ("#b4611a", "#5b4b8a", "#b3261e"):
        assert f'fill="{couleur}"' in figure, couleur
    # From the drawing to the line of the list, which bears the same letter.
    c = d.conflits.get()
    assert f'href="#conflit-{c.pk}"' in figure and f'id="conflit-{c.pk}"' in html
    assert "repère A du plan" in texte(client_de("lecture").get(d.get_absolute_url()))


def test_le_plan_mesure_l_ecart_d_un_point_d_eau_et_se_tait_sans_forme():
    PointEau.objects.create(
        insee=INSEE, numero="012", nature="poteau", geom=Point(X0 + 7, Y0 + 32, srid=2154), source="essai"
    )
    d = dossier(emprise(largeur_libre=Decimal("1.10")))
    faire(d, "instruire")
    html = client_de("lecture").get(d.get_absolute_url()).content.decode()
    assert "point d&#x27;eau 012" in html and "à 3,00 m" in html
    # A passage too narrow has no other shape: nothing more is drawn for it.
    assert {c.motif for c in d.conflits.all()} == {"proximite_pei", "largeur_libre"}
    assert html.count("odp-plan-conflits") == 1 and html.count("repère") == 1
    seul = dossier(emprise(geom=rect(60), debut=date(2026, 7, 1), fin=date(2026, 7, 2)))
    faire(seul, "instruire")
    page = client_de("lecture").get(seul.get_absolute_url()).content.decode()
    assert "odp-plan-conflits" not in page


def test_le_dossier_met_en_avant_l_etape_attendue_et_ouvre_la_carte_au_bon_endroit():
    d = dossier()
    faire(d, "instruire")
    html = client_de("instructeur").get(d.get_absolute_url()).content.decode()
    (premier,) = re.findall(r'class="btn btn-primary"\s+href="[^"]*evenements/(\w+)/"', html)
    assert premier == "preparer_acte"
    (lat, lon) = re.findall(r'href="/carte/\?lat=([\d.]+)&amp;lon=([\d.]+)&amp;z=19"', html)[0]
    centre = d.emprises.get().surface.transform(4326, clone=True)
    assert centre.covers(Point(float(lon), float(lat), srid=4326))


def test_un_depassement_sans_photo_renvoie_au_terrain(aller):
    d = accorde(dossier())
    aller(date(2026, 7, 2))
    rafraichir(d, date(2026, 7, 2))
    html = (
        client_de("instructeur")
        .get(f"{d.get_absolute_url()}evenements/constater_depassement/")
        .content.decode()
    )
    assert "se prouve par une photo" in bouton_gris(html, "Dépassement constaté")
    assert 'href="/terrain/"' in html and "<textarea" not in html
