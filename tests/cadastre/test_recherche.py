"""The search box on an invented plan: what each text finds, and what it says when it finds nothing."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree

import pytest
from django.contrib.auth.models import AnonymousUser

from mairie import recherche as registre
from mairie.recherche import Demande, Reponse, chercher
from tests.cadastre import fabrique

pytestmark = pytest.mark.django_db


def demander(texte: str, **options) -> Reponse:
    return chercher(Demande(texte=texte, utilisateur=AnonymousUser(), **options))


def titres(texte: str, **options) -> list[tuple[str, str]]:
    return [(r.type, r.titre) for r in demander(texte, **options).resultats]


@pytest.fixture
def voisine(valbrune):
    """A second commune with a section AB too."""
    f = fabrique.feuille("25998000AB01", date(2018, 6, 1), fabrique.rectangle(2000, 0, 300, 300))
    fabrique.commune("25998", "L ORGEVAL", f, fabrique.rectangle(2000, 0, 500, 500))
    fabrique.parcelle("25998000AB0001", f, fabrique.rectangle(2000, 0, 50, 50))
    fabrique.m.AxeVoie.objects.create(
        nom="RUE DU MOULIN", geom=fabrique.ligne((2000, 60), (2100, 60)), **fabrique.commun(f)
    )
    return f


def test_une_parcelle_avec_sa_place(valbrune):
    (r,) = demander("AB 1").resultats
    assert (r.type, r.titre, r.idu) == ("parcelle", "AB 1", "25999000AB0001")
    assert r.url == "/parcelles/25999000AB0001/"
    assert r.sous_titre == "Valbrune · 12 a 00 ca"
    ouest, sud, est, nord = r.bbox
    assert ouest < r.point[0] < est and sud < r.point[1] < nord
    assert 5 < ouest < 7 and 46 < sud < 48


@pytest.mark.parametrize(
    "texte", ["ab1", "Valbrune AB 1", "25999000AB0001", "FR259990000AB0001"[:2] + "250999000AB0001"]
)
def test_toutes_les_ecritures_menent_a_la_meme_parcelle(valbrune, texte):
    assert [r.idu for r in demander(texte).resultats] == ["25999000AB0001"]


def test_une_liste_garde_l_ordre_tape(valbrune):
    assert titres("AB 4, 1 et 3") == [("parcelle", "AB 4"), ("parcelle", "AB 1"), ("parcelle", "AB 3")]


def test_une_plage_donne_celles_qui_existent(valbrune):
    reponse = demander("AB 3 à 6")
    assert [r.titre for r in reponse.resultats] == ["AB 3", "AB 4", "AB 5", "AB 6"]
    assert demander("AB 10 à 60").erreurs == []


def test_une_plage_sans_aucune_parcelle_le_dit(valbrune):
    reponse = demander("AB 50 à 60")
    assert reponse.resultats == []
    assert reponse.erreurs == ["Aucune parcelle AB 50 à Valbrune. Section AB : 9 parcelles, de 1 à 10."]


def test_une_parcelle_inconnue_dit_ce_que_la_section_contient(valbrune):
    assert demander("AB 9999").erreurs == [
        "Aucune parcelle AB 9999 à Valbrune. Section AB : 9 parcelles, de 1 à 10."
    ]


def test_une_section_inconnue_dit_celles_qui_existent(valbrune):
    assert demander("ZZ 1").erreurs == [
        "Aucune parcelle ZZ 1 à Valbrune. Il n'y a pas de section ZZ. Sections : AB."
    ]


def test_une_commune_hors_du_plan_est_nommee(valbrune):
    assert demander("99999 AB 1").erreurs == ["La commune 99999 n'est pas dans le plan chargé."]


def test_une_parcelle_supprimee_dit_ce_qu_elle_est_devenue(valbrune):
    reponse = demander("AB 8")
    assert [r.titre for r in reponse.resultats] == ["AB 8", "AB 9", "AB 10"]
    assert reponse.resultats[0].sous_titre == "Valbrune · supprimée le 15/01/2020, devenue AB 9 et AB 10"
    assert reponse.erreurs == []


def test_une_parcelle_sans_contour_reste_trouvable(valbrune):
    (r,) = demander("AB 7").resultats
    assert r.idu == "25999000AB0007" and r.bbox is None and r.point is None


def test_chaque_ligne_d_une_liste_a_sa_reponse(valbrune):
    reponse = demander("AB 1\nAB 9999\nchaussette")
    assert [r.titre for r in reponse.resultats] == ["AB 1"]
    assert len(reponse.erreurs) == 2


def test_plusieurs_communes_sont_groupees_celle_de_la_carte_d_abord(voisine):
    assert [r.groupe for r in demander("AB 1").resultats] == ["L'Orgeval", "Valbrune"]
    assert [r.groupe for r in demander("AB 1", commune="25999").resultats] == ["Valbrune", "L'Orgeval"]
    assert [r.groupe for r in demander("Orgeval AB 1").resultats] == ["L'Orgeval"]
    assert demander("AB 9999").erreurs == ["Aucune parcelle AB 9999 dans les 2 communes du plan."]


def test_deux_prefixes_pour_une_section_demandent_lequel(valbrune):
    f = fabrique.feuille("25999801AB01", date(2018, 6, 1), fabrique.rectangle(1000, 0, 300, 300))
    fabrique.parcelle("25999801AB0001", f, fabrique.rectangle(1000, 0, 50, 50))
    reponse = demander("AB 1")
    assert [r.titre for r in reponse.resultats] == ["AB 1", "801 AB 1"]
    assert "plusieurs préfixes à Valbrune (000, 801)" in reponse.erreurs[0]
    assert titres("801 AB 1") == [("parcelle", "801 AB 1")]


def test_une_section_donne_sa_boite(valbrune):
    (r,) = demander("section AB").resultats
    assert (r.type, r.titre, r.sous_titre) == ("section", "Section AB", "Valbrune")
    assert r.url.startswith("/carte/?lat=4") and r.bbox is not None
    assert demander("section AC").erreurs == ["Aucune section AC à Valbrune. Sections : AB."]


def test_un_mot_court_qui_n_est_pas_une_section_ne_gene_pas(valbrune):
    assert demander("xq").erreurs[0].startswith("Aucune section XQ à Valbrune.")
    fabrique.m.LieuDit.objects.create(
        nom="XQ", geom=fabrique.rectangle(0, 0, 9, 9), **fabrique.commun(valbrune)
    )
    reponse = demander("xq")
    assert [r.titre for r in reponse.resultats] == ["Xq"] and reponse.erreurs == []


@pytest.mark.parametrize(
    "texte", ["le grand pré", "GRAND PRE", "grand-pré", "Grand Pré Valbrune", "grand pre"]
)
def test_un_lieu_dit_sans_accents_ni_article(valbrune, texte):
    r = demander(texte).resultats[0]
    assert (r.type, r.titre, r.sous_titre) == ("lieudit", "Le Grand Pre", "Lieu-dit · Valbrune")
    assert r.url.startswith("/carte/?lat=4")


def test_les_accents_du_plan_ne_comptent_pas(valbrune):
    assert titres("aux eglantines")[0] == ("lieudit", "Aux Églantines")


def test_une_residence(valbrune):
    assert titres("les tilleuls") == [("residence", "Residence des Tilleuls")]


@pytest.mark.parametrize(
    "texte", ["rue du moulin", "Rue du Moulin, Valbrune", "rue du moulin 25640 Valbrune", "moulin"]
)
def test_une_voie(valbrune, texte):
    assert titres(texte)[0] == ("voie", "Rue du Moulin")


def test_une_faute_de_frappe_n_empeche_pas_de_trouver(valbrune):
    assert ("voie", "Rue du Moulin") in titres("rue du moullin")


def test_une_apostrophe_ne_compte_pas(valbrune):
    assert titres("chemin de l’étang")[0] == ("voie", "Chemin de l'Etang")
    assert titres("ch de l etang")[0] == ("voie", "Chemin de l'Etang")


def test_un_numero_mene_a_sa_parcelle(valbrune):
    reponse = demander("4 rue du Moulin")
    r = reponse.resultats[0]
    assert (r.type, r.titre, r.idu) == ("numero", "4 Rue du Moulin", "25999000AB0002")
    assert r.url == "/parcelles/25999000AB0002/"
    assert reponse.resultats[1].type == "voie" and reponse.erreurs == []


@pytest.mark.parametrize("texte", ["6 bis rue du Moulin", "6b, rue du moulin", "6B rue du Moulin Valbrune"])
def test_un_numero_avec_indice(valbrune, texte):
    assert demander(texte).resultats[0].idu == "25999000AB0003"


def test_un_numero_sans_lien_prend_la_parcelle_la_plus_proche(valbrune):
    assert demander("5 rue du Moulin").resultats[0].idu == "25999000AB0005"


def test_le_numero_appartient_a_l_axe_le_plus_proche(valbrune):
    r = demander("2 chemin de l'étang").resultats[0]
    assert r.titre == "2 Chemin de l'Etang" and r.point[1] > demander("2 rue du Moulin").resultats[0].point[1]


def test_un_numero_absent_donne_le_plus_proche_et_le_dit(valbrune):
    reponse = demander("8 rue du Moulin")
    assert reponse.resultats[0].titre == "6B Rue du Moulin"
    assert reponse.erreurs == ["Pas de n° 8 au plan, Rue du Moulin (Valbrune) ; le plus proche est le 6B."]


def test_la_meme_rue_dans_deux_communes(voisine):
    assert [r.groupe for r in demander("rue du moulin").resultats] == ["L'Orgeval", "Valbrune"]
    assert demander("rue du moulin", commune="25999").resultats[0].groupe == "Valbrune"
    assert [r.groupe for r in demander("rue du moulin orgeval").resultats] == ["L'Orgeval"]


def test_une_commune_par_son_nom_ou_son_code(voisine):
    assert titres("orgeval")[0] == ("commune", "L'Orgeval")
    assert titres("25998") == [("commune", "L'Orgeval")]


def test_rien_trouve_le_dit_avec_un_conseil(valbrune):
    (erreur,) = demander("xylophone quantique").erreurs
    assert erreur.startswith("Rien au plan pour « xylophone quantique ».")


@pytest.mark.parametrize(
    "texte", ["'; DROP TABLE cadastre_parcelle; --", "%", "_", "\\", "AB\x00 1", "x" * 10_000, "😀"]
)
def test_un_texte_hostile_ne_casse_rien(valbrune, texte):
    reponse = demander(texte)
    assert not any("n'a pas répondu" in e for e in reponse.erreurs)


def test_un_texte_trop_long_est_refuse_sans_etre_lu(valbrune):
    assert "10000 au plus" in demander("x" * 10_001).erreurs[0]


def test_un_fournisseur_en_panne_n_arrete_pas_les_autres(valbrune, monkeypatch):
    def panne(_demande):
        raise RuntimeError

    monkeypatch.setitem(registre._fournisseurs, "essai", panne)
    reponse = demander("AB 1")
    assert [r.titre for r in reponse.resultats] == ["AB 1"]
    assert "« essai » n'a pas répondu" in reponse.erreurs[0]


def test_le_json_tient_son_contrat(valbrune, client):
    reponse = client.get("/recherche/", {"q": "AB 1"}, headers={"Accept": "application/json"})
    assert reponse.headers["Content-Type"] == "application/json" and "Accept" in reponse.headers["Vary"]
    corps = reponse.json()
    assert set(corps) == {"resultats", "erreurs"}
    (r,) = corps["resultats"]
    assert set(r) == {"type", "titre", "sous_titre", "url", "bbox", "point", "idu"}
    assert len(r["bbox"]) == 4 and len(r["point"]) == 2


def test_la_page_liste_les_resultats_par_commune(voisine, client):
    page = client.get("/recherche/", {"q": "AB 1; AB 9999"}).content.decode()
    assert page.index("<h2>L&#x27;Orgeval</h2>") < page.index("<h2>Valbrune</h2>")
    assert 'href="/parcelles/25999000AB0001/"' in page and 'href="/carte/?parcelle=25999000AB0001"' in page
    assert "2 résultats pour « AB 1; AB 9999 »" in page
    assert "Aucune parcelle AB 9999 dans les 2 communes du plan." in page
    assert 'value="AB 1; AB 9999"' in page


def test_la_page_sans_question_explique_comment_ecrire(valbrune, client):
    page = client.get("/recherche/").content.decode()
    assert "Que cherchez-vous" in page and "12 rue du Moulin" in page and "Coller une liste" in page


def test_la_liste_collee_revient_dans_sa_zone(valbrune, client):
    page = client.post("/recherche/", {"q": "AB 1\n<b>AB 2"}).content.decode()
    assert "AB 1\n&lt;b&gt;AB 2</textarea>" in page and "<b>AB" not in page


def test_la_liste_par_post_exige_son_jeton(valbrune):
    from django.test import Client

    assert Client(enforce_csrf_checks=True).post("/recherche/", {"q": "AB 1"}).status_code == 403


def test_une_section_d_une_seule_commune_dit_laquelle(voisine):
    f = fabrique.feuille("25998000ZA01", date(2018, 6, 1), fabrique.rectangle(2000, 0, 300, 300))
    fabrique.parcelle("25998000ZA0004", f, fabrique.rectangle(2100, 0, 50, 50))
    assert demander("ZA 99").erreurs == [
        "Aucune parcelle ZA 99 à L'Orgeval. Section ZA : 1 parcelle, de 4 à 4."
    ]


def test_trop_de_communes_demandent_laquelle(valbrune, monkeypatch):
    monkeypatch.setattr("cadastre.recherche.references.COMMUNES_MAX", 2)
    for n in range(3):
        f = fabrique.feuille(f"2500{n}000AB01", date(2018, 6, 1), fabrique.rectangle(5000 * n, 0, 300, 300))
        fabrique.commune(f"2500{n}", f"VILLE {n}", f, fabrique.rectangle(5000 * n, 0, 300, 300))
        fabrique.parcelle(f"2500{n}000AB0001", f, fabrique.rectangle(5000 * n, 0, 50, 50))
    reponse = demander("AB 1", commune="25999")
    assert [r.idu[:5] for r in reponse.resultats] == ["25999", "25000"]
    assert reponse.erreurs[0].startswith("4 communes ont une section AB : seules 2 sont cherchées.")


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("AB 1", {"Rue du Moulin", "1"}),
        ("section AB", {"1"}),
        ("4 rue du moulin; x", {"1", "2"}),
    ],
)
def test_la_petite_carte_situe_les_resultats(valbrune, client, texte, attendu):
    page = client.get("/recherche/", {"q": texte}).content.decode()
    racine = ElementTree.fromstring(re.search(r"<svg [^>]*plan-svg.*?</svg>", page, re.S)[0])
    assert racine.get("aria-labelledby") == "carte-resultats-titre carte-resultats-description"
    assert attendu <= {t.text for t in racine.iter("{http://www.w3.org/2000/svg}text")}


def test_la_petite_carte_s_efface_si_elle_ne_dit_rien(voisine, client):
    assert "plan-svg" not in client.get("/recherche/", {"q": "AB 7"}).content.decode()
    f = fabrique.feuille("13001000AB01", date(2018, 6, 1), fabrique.rectangle(0, -400_000, 300, 300))
    fabrique.parcelle("13001000AB0001", f, fabrique.rectangle(0, -400_000, 50, 50))
    assert "plan-svg" not in client.get("/recherche/", {"q": "AB 1"}).content.decode()


def test_une_carte_en_panne_laisse_la_liste(valbrune, client, monkeypatch):
    monkeypatch.setattr(registre, "_dessinateurs", [lambda resultats: 1 / 0])
    page = client.get("/recherche/", {"q": "AB 1"}).content.decode()
    assert "plan-svg" not in page and 'href="/parcelles/25999000AB0001/"' in page


def test_une_longue_liste_passe_par_post(valbrune, client):
    texte = "\n".join(f"AB {n}" for n in range(1, 600))
    corps = client.post("/recherche/", {"q": texte}, headers={"Accept": "application/json"}).json()
    assert len([r for r in corps["resultats"] if r["type"] == "parcelle"]) == 10


@pytest.mark.parametrize(
    ("texte", "requetes"),
    [("AB 1", 9), ("AB 1 à 200", 9), ("AB 8", 10), ("4 rue du moulin", 11), ("le grand pré", 8)],
)
def test_le_nombre_de_requetes_est_borne(valbrune, django_assert_max_num_queries, texte, requetes):
    with django_assert_max_num_queries(requetes):
        demander(texte)
