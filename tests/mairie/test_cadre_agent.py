"""The agents' frame: rail, commune of the top bar, notifications, and the parts of the house style."""

from __future__ import annotations

import html
import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine
from django import forms
from django.db import DatabaseError
from django.template import Context, Template

from mairie import communes, menu, notifications
from mairie.menu import Rubrique
from mairie.notifications import Notification
from mairie.ouverture import ouverte
from mairie.templatetags import charte
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db
DOS = "django.contrib.auth.backends.ModelBackend"


def entrer(client, *roles, **options):
    personne = agent(*roles, **options)
    client.force_login(personne, backend=DOS)
    return personne


@pytest.fixture
def rubriques(monkeypatch):
    """The rail for this test alone."""
    monkeypatch.setattr(menu, "_rubriques", dict(menu._rubriques))
    return menu._rubriques


@pytest.fixture
def cloche(monkeypatch):
    monkeypatch.setattr(notifications, "_fournisseurs", {})
    return notifications


def texte(reponse) -> str:
    return html.unescape(reponse.content.decode())


# --- frame and rail -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "adresse", ["/", "/carte/", "/cadastre/", "/recherche/", "/nulle-part/", "/bureau/charte/"]
)
def test_un_agent_garde_son_menu_sur_toutes_les_pages(client, plan, adresse):
    entrer(client, "mairie.lecteur")
    page = texte(client.get(adresse))
    assert page.count('id="rail"') == 1 and page.count("<main") == 1
    assert 'class="barre-basse"' in page and "Navigation principale" not in page


def test_ni_l_habitant_ni_l_anonyme_n_ont_de_menu_d_agent(client, plan):
    assert 'id="rail"' not in texte(client.get("/cadastre/"))
    entrer(client)
    page = texte(client.get("/cadastre/"))
    assert 'id="rail"' not in page and "Navigation principale" in page


def test_le_menu_ne_montre_que_ce_que_la_personne_peut_ouvrir(client, rubriques):
    menu.ajouter(
        Rubrique("reglages", "Réglages d'essai", "bi-gear", "/cadastre/", 50, droit="mairie.administrer"),
        Rubrique("commun", "Commun d'essai", "bi-gear", "/recherche/", 50),
    )
    entrer(client, "mairie.lecteur")
    page = texte(client.get("/carte/"))
    assert "Commun d'essai" in page and "Réglages d'essai" not in page
    entrer(client, "mairie.administrateur")
    assert "Réglages d'essai" in texte(client.get("/carte/"))


def test_une_rubrique_dont_la_page_n_existe_pas_ne_se_montre_pas(client, rubriques):
    menu.ajouter(Rubrique("absente", "Page absente", "bi-gear", "/nulle-part/", 1))
    entrer(client, "mairie.lecteur")
    assert "Page absente" not in texte(client.get("/carte/"))


def test_aucune_adresse_du_cadre_n_est_morte(client, plan):
    entrer(client, "mairie.administrateur")
    page = texte(client.get("/bureau/charte/"))
    cadre = page[page.index("<header") : page.index("<main")]
    adresses = set(re.findall(r'href="(/[^"#]*)"', cadre))
    assert len(adresses) >= 3
    for adresse in adresses:
        assert client.get(adresse).status_code == 200, adresse


def test_la_rubrique_la_plus_proche_est_la_courante(rubriques):
    rubriques.clear()
    menu.ajouter(
        Rubrique("large", "Large", "bi-gear", "/cadastre/", 2),
        Rubrique("precise", "Précise", "bi-gear", "/cadastre/millesimes/", 1, groupe="Plan"),
    )
    personne = agent("mairie.lecteur")
    groupes = menu.entrees(personne, "/cadastre/millesimes/")
    assert [(g, [(e.rubrique.code, e.courante) for e in entrees]) for g, entrees in groupes] == [
        ("", [("large", False)]),
        ("Plan", [("precise", True)]),
    ]
    assert menu.entrees(personne, "/cadastre/25999/")[0][1][0].courante


def test_un_compteur_en_panne_n_emporte_pas_la_page(client, rubriques, caplog):
    def en_panne(_personne):
        raise RuntimeError("compteur")

    menu.ajouter(
        Rubrique("panne", "En panne", "bi-gear", "/cadastre/", 1, compteur=en_panne),
        Rubrique("compte", "Compté", "bi-gear", "/recherche/", 2, compteur=lambda _p: 1234),
    )
    entrer(client, "mairie.lecteur")
    page = texte(client.get("/carte/"))
    assert "En panne" in page and '<span class="compte">1\u202f234</span>' in page
    assert "Compteur de la rubrique « panne »" in caplog.text


def test_le_menu_reste_etroit_d_une_page_a_l_autre(client):
    entrer(client, "mairie.lecteur")
    assert "rail-etroit" not in texte(client.get("/recherche/"))
    client.cookies["rail"] = "etroit"
    page = texte(client.get("/recherche/"))
    assert re.search(r'<body class="[^"]*rail-etroit', page)


def test_une_panne_de_base_laisse_le_cadre_public(rf, monkeypatch):
    def en_panne(_personne):
        raise DatabaseError("serveur arrêté")

    monkeypatch.setattr(menu, "est_agent", en_panne)
    contexte = menu.contexte(rf.get("/"))
    assert contexte["est_agent"]() is False
    assert contexte["menu_agent"]() == [] and contexte["notifications"]() == []
    assert contexte["communes_agent"]() == () and contexte["commune_courante"]() is None


def test_une_adresse_ouverte_se_reconnait():
    assert ouverte("/carte/") and ouverte("/carte/?x=1#ici")
    assert not ouverte("/nulle-part/")


# --- commune ------------------------------------------------------------------------------------


def test_qui_n_a_qu_une_commune_n_a_rien_a_choisir(client, rf):
    personne = entrer(client, "mairie.lecteur")
    assert "menu-commune" not in texte(client.get("/recherche/"))
    requete = rf.get("/")
    requete.user, requete.session = personne, {}
    assert communes.courante(requete) == INSEE


def test_la_commune_choisie_se_garde_et_se_quitte(client, rf):
    personne = entrer(client, "mairie.lecteur", codes=(INSEE, AUTRE_INSEE))
    assert "Toutes mes communes" in texte(client.get("/recherche/"))
    reponse = client.post("/commune/", {"commune": AUTRE_INSEE, "suite": "/recherche/?q=AB"})
    assert (reponse.status_code, reponse.headers["Location"]) == (302, "/recherche/?q=AB")
    page = texte(client.get("/recherche/"))
    assert f'<span class="menu-titre">{commune(AUTRE_INSEE).nom}</span>' in page
    requete = rf.get("/")
    requete.user, requete.session = personne, client.session
    assert communes.courante(requete) == AUTRE_INSEE
    client.post("/commune/", {"commune": "", "suite": "/"})
    requete.session = client.session
    assert communes.courante(requete) is None


def test_une_commune_choisie_puis_perdue_ne_compte_plus(client, rf):
    personne = agent("mairie.lecteur", codes=(INSEE, AUTRE_INSEE))
    requete = rf.get("/")
    requete.user, requete.session = personne, {"commune": "25111"}
    assert communes.courante(requete) is None


def test_la_commune_d_un_autre_ne_se_choisit_pas(client):
    commune(AUTRE_INSEE)
    entrer(client, "mairie.lecteur")
    reponse = client.post("/commune/", {"commune": AUTRE_INSEE, "suite": "/"})
    assert reponse.status_code == 404
    assert "Vous n'avez aucun rôle dans cette commune." in texte(reponse)
    assert "commune" not in client.session


@pytest.mark.parametrize(
    "suite", ["https://ailleurs.invalid/", "//ailleurs.invalid/", "javascript:alert(1)", ""]
)
def test_le_retour_reste_sur_le_site(client, suite):
    entrer(client, "mairie.lecteur", codes=(INSEE, AUTRE_INSEE))
    reponse = client.post("/commune/", {"commune": INSEE, "suite": suite})
    assert reponse.headers["Location"] == "/"


def test_un_epci_offre_ses_communes_et_non_lui_meme():
    from mairie.models import Appartenance

    epci = commune("259990001", "Communauté d'essai")
    Appartenance.objects.create(epci=epci, commune=commune(), du=date(2020, 1, 1))
    personne = agent("mairie.lecteur", codes=("259990001",))
    assert [code for code, _ in communes.offertes(personne)] == [INSEE]


# --- notifications ------------------------------------------------------------------------------


def test_la_cloche_dit_ce_qui_attend(client, cloche):
    cloche.fournir("essai", lambda _p: [Notification("Trois avis reçus", "/recherche/", nombre=3)])
    cloche.fournir("rien", lambda _p: [Notification("Jamais montré", "/recherche/", nombre=0)])
    entrer(client, "mairie.lecteur")
    page = texte(client.get("/carte/"))
    assert "Trois avis reçus" in page and "Jamais montré" not in page
    assert '<span class="compte compte-vif">1</span>' in page


def test_la_cloche_vide_le_dit(client, cloche):
    entrer(client, "mairie.lecteur")
    assert "Rien ne vous attend." in texte(client.get("/carte/"))


def test_un_fournisseur_en_panne_laisse_les_autres(client, cloche, caplog):
    def en_panne(_personne):
        raise RuntimeError("panne")

    cloche.fournir("panne", en_panne)
    cloche.fournir("bon", lambda _p: [Notification("Celui-ci reste", "/recherche/")])
    entrer(client, "mairie.lecteur")
    assert "Celui-ci reste" in texte(client.get("/carte/"))
    assert "Notifications « panne »" in caplog.text


# --- parts --------------------------------------------------------------------------------------


def rendre(gabarit: str, **contexte) -> str:
    return html.unescape(Template("{% load charte %}" + gabarit).render(Context(contexte)))


def test_une_etiquette_a_toujours_une_icone_et_un_mot():
    for ton, (icone, _) in charte.TONS.items():
        sortie = rendre('{% etiquette "Un <b>mot" ton %}', ton=ton)
        assert icone in sortie and f"etiquette-{ton}" in sortie
    assert "&lt;b&gt;mot" in Template("{% load charte %}{% etiquette x %}").render(Context({"x": "<b>mot"}))
    assert "bi-x-circle" in rendre('{% etiquette "Refusé" "danger" "bi-x-circle" %}')


def test_une_banniere_dit_son_ton_sans_la_couleur():
    sortie = rendre('{% banniere "danger" role="alert" %}<p>{{ x }}</p>{% endbanniere %}', x="Attention")
    assert 'role="alert"' in sortie and "Important :" in sortie and "<p>Attention</p>" in sortie


@time_machine.travel(datetime(2026, 3, 3, 10, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("jour", "mot", "ton"),
    [
        (date(2026, 3, 1), "en retard de 2\u00a0jours", "danger"),
        (date(2026, 3, 2), "en retard de 1\u00a0jour<", "danger"),
        (date(2026, 3, 3), "aujourd'hui", "bientot"),
        (date(2026, 3, 4), "demain", "bientot"),
        (date(2026, 3, 10), "dans 7\u00a0jours", "bientot"),
        (date(2026, 3, 11), "dans 8\u00a0jours", "neutre"),
    ],
)
def test_une_date_limite_se_lit_avec_son_compte_a_rebours(jour, mot, ton):
    sortie = rendre("{% date_limite jour %}", jour=jour)
    assert mot in sortie and f"etiquette-{ton}" in sortie
    assert f'datetime="{jour.isoformat()}"' in sortie


def test_une_date_se_lit_en_toutes_lettres_a_l_heure_de_la_commune():
    assert charte.jour(date(2026, 3, 12)) == "jeudi 12 mars 2026"
    assert charte.jour(date(2026, 3, 1)) == "dimanche 1er mars 2026"
    assert charte.jour(datetime(2026, 3, 11, 23, 30, tzinfo=UTC)) == "jeudi 12 mars 2026"
    assert charte.jour(None) == "–" and charte.distance(None) == ""
    assert "sans date limite" in rendre("{% date_limite jour %}", jour=None)


@time_machine.travel(datetime(2026, 3, 3, 10, tzinfo=UTC), tick=False)
def test_une_distance_passee_se_dit():
    assert charte.distance(date(2026, 3, 2)) == "hier"
    assert charte.distance(date(2026, 2, 28)) == "il y a 3\u00a0jours"


def test_les_nombres_et_les_sommes_sont_a_la_francaise():
    assert charte.nombre(1234567) == "1\u202f234\u202f567"
    assert charte.nombre(Decimal("-1234.5"), 1) == "−1\u202f234,5"
    assert charte.euros(Decimal("1234.5")) == "1\u202f234,50\u00a0€"
    assert charte.nombre(None) == charte.euros(None) == "–"


class FormulaireEssai(forms.Form):
    nom = forms.CharField(label="Nom", help_text="Tel qu'au registre.")
    motif = forms.CharField(label="Motif", required=False)
    choix = forms.ChoiceField(label="Choix", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    accord = forms.BooleanField(label="J'accepte")


def test_un_champ_relie_libelle_aide_et_erreur():
    page = str(FormulaireEssai({}))
    assert '<label for="id_nom">Nom</label>' in page
    champ = re.search(r'<input[^>]*name="nom"[^>]*>', page)[0]
    assert 'aria-describedby="id_nom_helptext id_nom_error"' in champ and 'aria-invalid="true"' in champ
    assert 'id="id_nom_helptext"' in page and 'id="id_nom_error"' in page
    assert "Motif <span" in page and "facultatif" in page
    assert re.search(r"<fieldset[^>]*>\s*<legend>Choix</legend>", page)
    assert page.index('name="accord"') < page.index("J&#x27;accepte")


def test_les_erreurs_generales_du_formulaire_sont_annoncees():
    formulaire = FormulaireEssai({"nom": "x"})
    formulaire.add_error(None, "Rien n'a été enregistré.")
    assert re.search(r'role="alert".*Rien n&#x27;a été enregistré', str(formulaire), re.S)


def test_la_charte_montre_tous_les_tons_et_les_erreurs(client):
    entrer(client, "mairie.lecteur")
    page = texte(client.get("/bureau/charte/"))
    for ton in charte.TONS:
        assert f"etiquette-{ton}" in page
    assert "Ce champ est obligatoire." in page and "Saisissez une date valide" in page


def test_la_charte_est_aux_agents(client):
    entrer(client)
    assert client.get("/bureau/charte/").status_code == 403
