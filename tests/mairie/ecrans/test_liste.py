"""The generated list: rights, filters, order, columns, pages, actions."""

from __future__ import annotations

import html
import re

import pytest
from django.test import Client

from tests.mairie.ecrans.conftest import client_de
from tests.personnes import AUTRE_INSEE, agent

ADRESSE = "/essai/bancs/"


def page(reponse) -> str:
    assert reponse.status_code == 200, reponse.status_code
    return html.unescape(reponse.content.decode())


def noms(reponse) -> list[str]:
    """Names of the rows shown, in their order."""
    return re.findall(r'<th scope="row"[^>]*>\s*<a href="[^"]*"><span class="valeur">([^<]*)<', page(reponse))


def test_la_liste_montre_les_objets_de_sa_commune_seulement(lecteur, banc):
    banc("Place")
    banc("Ailleurs", insee=AUTRE_INSEE)
    assert noms(lecteur.get(ADRESSE)) == ["Place"]


def test_sans_droit_la_liste_est_fermee(ecrans_essai, banc):
    banc("Place")
    assert Client().get(ADRESSE).status_code == 302
    assert client_de(agent()).get(ADRESSE).status_code == 403
    assert client_de(agent("mairie.dpo")).get(ADRESSE).status_code == 403


@pytest.mark.parametrize(
    ("requete", "attendus"),
    [
        ("etat=use", ["Usé"]),
        ("etat=use&etat=casse", ["Cassé", "Usé"]),
        ("abrite=1", ["Usé"]),
        ("abrite=0", ["Cassé", "Neuf"]),
        ("pose_du=2026-01-02", ["Cassé"]),
        ("pose_du=2026-01-01", ["Cassé", "Neuf"]),
        ("pose_au=01/01/2026", ["Neuf"]),
        ("pose_du=2026-01-01&pose_au=2026-01-01", ["Neuf"]),
        ("vu_du=2026-03-10&vu_au=2026-03-10", ["Neuf"]),
        ("prix_min=100,5", ["Neuf", "Usé"]),
        ("prix_min=100,51", ["Usé"]),
        ("prix_max=100.5", ["Neuf"]),
        ("cher=1", ["Usé"]),
        ("q=eglise", ["Neuf"]),
        ("q=pres eglise", ["Neuf"]),
        ("q=eglise mairie", []),
        ("etat=use&q=eglise", []),
    ],
)
def test_chaque_filtre_garde_ce_qu_il_dit(lecteur, banc, requete, attendus):
    banc(
        "Neuf", pose_le="2026-01-01", prix="100.50", remarque="Près de l'église", vu_le="2026-03-10T22:30:00Z"
    )
    banc("Usé", etat="use", abrite=True, prix="2000")
    banc("Cassé", etat="casse", pose_le="2026-01-02", vu_le="2026-03-10T23:30:00Z")
    assert noms(lecteur.get(f"{ADRESSE}?{requete}")) == attendus


@pytest.mark.parametrize(
    ("requete", "phrase"),
    [
        ("etat=rouge", "ne connaît pas la valeur « rouge »"),
        ("pose_du=hier", "attend une date (31/12/2026), et non « hier »"),
        ("pose_du=2026-02-30", "attend une date"),
        ("pose_du=2026-02-02&pose_au=2026-02-01", "finit avant de commencer"),
        ("prix_min=beaucoup", "attend un nombre, et non « beaucoup »"),
        ("abrite=oui", "attend 1 (oui) ou 0 (non)"),
        ("emprise=a,b", "Le cadre de la carte est illisible"),
        ("emprise=10,0,5,1", "Le cadre de la carte est hors du monde"),
    ],
)
def test_un_filtre_absurde_n_est_pas_applique_et_la_page_le_dit(lecteur, banc, requete, phrase):
    banc("Place")
    reponse = lecteur.get(f"{ADRESSE}?{requete}")
    assert noms(reponse) == ["Place"]
    assert phrase in page(reponse)


def test_un_texte_avec_un_octet_nul_ne_casse_rien(lecteur, banc):
    banc("Place")
    assert noms(lecteur.get(ADRESSE, {"q": "pla\0"})) == ["Place"]


def test_les_facettes_comptent_ce_que_laissent_les_autres_filtres(lecteur, banc):
    banc("A", abrite=True)
    banc("B", abrite=True, etat="use")
    banc("C", etat="use")
    texte = page(lecteur.get(f"{ADRESSE}?abrite=1&etat=use"))
    comptes = dict(
        re.findall(r'value="(neuf|use|casse)"[^>]*>\s*<span>[^<]*</span>\s*<span class="compte">(\d+)', texte)
    )
    assert comptes == {"neuf": "1", "use": "1", "casse": "0"}


def test_le_filtre_commune_ne_parait_qu_a_partir_de_deux(lecteur, ecrans_essai, banc):
    banc("Place")
    assert 'name="commune"' not in page(lecteur.get(ADRESSE))
    banc("Ailleurs", insee=AUTRE_INSEE)
    deux = client_de(agent("mairie.lecteur", codes=("25999", AUTRE_INSEE)))
    assert 'name="commune"' in page(deux.get(ADRESSE))
    assert noms(deux.get(f"{ADRESSE}?commune={AUTRE_INSEE}")) == ["Ailleurs"]
    assert noms(lecteur.get(f"{ADRESSE}?commune={AUTRE_INSEE}")) == ["Place"]


@pytest.mark.parametrize(
    ("tri", "attendus"),
    [
        ("nom", ["A", "B", "C"]),
        ("-nom", ["C", "B", "A"]),
        ("prix", ["B", "A", "C"]),
        ("-prix", ["A", "B", "C"]),
        ("inconnu", ["A", "B", "C"]),
        ("abrite", ["A", "B", "C"]),
    ],
)
def test_le_tri_met_les_vides_a_la_fin(lecteur, banc, tri, attendus):
    banc("A", prix="20")
    banc("B", prix="3")
    banc("C")
    assert noms(lecteur.get(f"{ADRESSE}?tri={tri}")) == attendus


def test_une_colonne_reservee_n_est_montree_triee_ni_filtree_sans_son_droit(lecteur, admin, banc):
    banc("Place", remarque="secret")
    assert "secret" in page(admin.get(f"{ADRESSE}?vue="))
    for requete in ("vue=", "colonnes=remarque", "colonnes=nom,remarque"):
        assert "secret" not in page(lecteur.get(f"{ADRESSE}?{requete}"))
    assert noms(admin.get(f"{ADRESSE}?note=rien")) == []
    assert noms(lecteur.get(f"{ADRESSE}?note=rien")) == ["Place"]


def test_les_colonnes_choisies_sont_celles_de_l_adresse(lecteur, banc):
    banc("Place", vu_le="2026-03-10T10:00:00Z")
    texte = page(lecteur.get(f"{ADRESSE}?colonnes=nom&colonnes=vu"))
    assert re.findall(r'data-titre="([^"]+)"', texte) == ["Nom", "Vu le"]
    assert "10/03/2026 11:00" in texte


def test_les_pages_se_suivent_sans_trou(lecteur, banc, ecrans_essai):
    ecrans_essai.Banc.objects.bulk_create(
        ecrans_essai.Banc(insee="25999", nom=f"Banc {n:03d}", prix=5) for n in range(120)
    )
    vus = [nom for n in (1, 2, 3) for nom in noms(lecteur.get(f"{ADRESSE}?tri=prix&page={n}"))]
    assert len(vus) == 120 == len(set(vus))
    assert len(noms(lecteur.get(f"{ADRESSE}?tri=prix&page=99"))) == 20
    assert len(noms(lecteur.get(f"{ADRESSE}?tri=prix&page=zut"))) == 50


def test_htmx_recoit_une_partie_de_la_page(lecteur, banc):
    banc("Place")
    partielle = lecteur.get(ADRESSE, headers={"HX-Request": "true", "HX-Request-Type": "partial"})
    assert "<html" not in page(partielle) and noms(partielle) == ["Place"]
    assert "HX-Request-Type" in partielle.headers["Vary"]
    entiere = lecteur.get(ADRESSE, headers={"HX-Request": "true", "HX-Request-Type": "full"})
    assert "<html" in page(entiere)


def test_une_liste_vide_dit_comment_commencer(lecteur, banc):
    assert "Aucun banc n'est posé." in page(lecteur.get(ADRESSE))
    banc("Place")
    texte = page(lecteur.get(f"{ADRESSE}?q=introuvable"))
    assert "Rien ne répond à ces filtres." in texte and "Aucun banc" not in texte


def test_une_action_se_fait_sur_une_ligne_avec_son_droit(admin, lecteur, banc):
    place = banc("Place", etat="use")
    refus = lecteur.post(ADRESSE, {"un": f"reparer:{place.pk}"}, follow=True)
    assert "vous n'en avez pas le droit" in page(refus)
    place.refresh_from_db()
    assert place.etat == "use"
    suite = admin.post(ADRESSE, {"un": f"reparer:{place.pk}", "requete": "etat=use"}, follow=True)
    assert suite.redirect_chain == [(f"{ADRESSE}?etat=use", 302)]
    assert "« Place » est réparé." in page(suite)
    place.refresh_from_db()
    assert place.etat == "neuf"


def test_une_action_impossible_est_grisee_avec_sa_raison_et_refusee(admin, banc):
    neuf = banc("Place")
    texte = page(admin.get(f"{ADRESSE}?vue="))
    assert re.search(r'aria-disabled="true"[^>]*title="Ce banc est neuf."', texte)
    assert "Réparer impossible. Place : Ce banc est neuf." in page(
        admin.post(ADRESSE, {"un": f"reparer:{neuf.pk}"}, follow=True)
    )


def test_une_action_en_masse_dit_ce_qui_est_fait_et_ce_qui_est_refuse(admin, banc):
    cles = [banc(f"Banc {n}", etat="use").pk for n in range(3)]
    perdu = banc("Perdu", etat="use", remarque="introuvable").pk
    ailleurs = banc("Ailleurs", etat="use", insee=AUTRE_INSEE)
    suite = admin.post(ADRESSE, {"action": "reparer", "objets": [*cles, perdu, ailleurs.pk]}, follow=True)
    texte = page(suite)
    assert "Réparer : fait pour 3 lignes." in texte
    assert "Perdu : le banc est introuvable" in texte
    assert "1 ligne introuvable" in texte
    ailleurs.refresh_from_db()
    assert ailleurs.etat == "use"


def test_une_action_qui_se_confirme_passe_par_une_page(admin, banc, ecrans_essai):
    place = banc("Place")
    demande = admin.post(ADRESSE, {"action": "enlever", "objets": [place.pk]})
    assert "Le banc disparaît de la liste." in page(demande)
    assert ecrans_essai.Banc.objects.filter(pk=place.pk).exists()
    admin.post(ADRESSE, {"action": "enlever", "objets": [place.pk], "confirme": "1"})
    assert not ecrans_essai.Banc.objects.filter(pk=place.pk).exists()


@pytest.mark.parametrize(
    ("donnees", "phrase"),
    [
        ({"action": "detruire", "objets": ["1"]}, "Cette action n'existe pas"),
        ({"action": "reparer"}, "Cochez d'abord au moins une ligne."),
        ({"action": "reparer", "objets": ["zut", "9" * 30]}, "Cochez d'abord au moins une ligne."),
        ({"un": "reparer"}, "Cochez d'abord au moins une ligne."),
        ({"action": "reparer", "objets": [str(n) for n in range(501)]}, "500 lignes au plus"),
        ({}, "Cette action n'existe pas"),
    ],
)
def test_un_envoi_absurde_est_refuse_en_le_disant(admin, donnees, phrase):
    assert phrase in page(admin.post(ADRESSE, donnees, follow=True))
