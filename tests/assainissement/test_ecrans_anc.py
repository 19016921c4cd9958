"""Pages of sanitation through the HTTP client: lists, entry, visit, report, rights; none for the public."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from assainissement import courriers
from assainissement.models import Controle, Installation
from mairie.courriers import services as lettres
from mairie.models import ModeleCourrier, Tiers
from tests.assainissement.fabrique_anc import acteur, controle, faire, installation, notifie, repondre, valide
from tests.personnes import AUTRE_INSEE, INSEE, agent
from tests.plan_factice import lonlat

pytestmark = pytest.mark.usefixtures("aller")
DOS = "django.contrib.auth.backends.ModelBackend"
IDU = "25999000AB0001"


def client_de(*roles: str, insee: str = INSEE) -> Client:
    client = Client()
    client.force_login(agent(*(f"assainissement.{r}" for r in roles), codes=(insee,)), backend=DOS)
    return client


def texte(reponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())))


def evenement(client: Client, objet, code: str, le: str = "2026-03-02", **champs):
    objet.refresh_from_db()
    return client.post(
        f"{objet.get_absolute_url()}evenements/{code}/",
        {"date_effet": le, "version": objet.version, "cle": str(uuid4()), **champs},
    )


def saisie(**champs):
    return {
        "insee": INSEE,
        "parcelles": IDU,
        "nom": "Personne fictive",
        "geom": json.dumps({"type": "Point", "coordinates": lonlat(5, 5)}),
        "type_immeuble": "maison",
        "pre": "fosse_toutes_eaux",
        "volume": "3",
        "trait": "micro_station",
        "eh": "5",
        "client_uuid": str(uuid4()),
        **champs,
    }


NOUVELLE = "/assainissement/installations/nouvelle/"


def test_une_installation_s_enregistre_depuis_sa_parcelle():
    client = client_de("technicien")
    page = client.get(f"/parcelles/{IDU}/").content.decode()
    assert f"{NOUVELLE}?parcelle={IDU}" in page
    vide = client.get(f"{NOUVELLE}?parcelle={IDU}").content.decode()
    assert f'value="{IDU}"' in vide
    assert "Point" in unescape(vide), "le point est proposé au milieu de la parcelle"
    valeurs = saisie()
    reponse = client.post(NOUVELLE, valeurs)
    i = Installation.objects.get()
    assert (reponse.status_code, reponse["Location"]) == (302, i.get_absolute_url())
    client.post(NOUVELLE, valeurs)
    assert Installation.objects.count() == 1, "un double clic fait une installation"
    assert i.electromecanique, "une microstation a un moteur"
    fiche = texte(client.get(i.get_absolute_url()))
    for mot in ("ANC-25999-00001", "jamais contrôlée", "Microstation", "5,0 EH", "Personne fictive", IDU):
        assert mot in fiche, mot
    assert "ANC-25999-00001" in texte(client.get(f"/parcelles/{IDU}/"))
    assert "ANC-25999-00001" not in texte(Client().get(f"/parcelles/{IDU}/")), "rien pour le public"


@pytest.mark.parametrize(
    ("champs", "phrase"),
    [
        ({"parcelles": "AB 12"}, "n'est pas un identifiant de parcelle"),
        ({"adresse": "12 rue Inconnue"}, "n'est pas dans la base"),
        ({"date_creation": "2026-03-03"}, "cochez « en projet »"),
        ({"eh": "-1"}, "négative"),
        ({"geom": "n'importe quoi"}, "Ligne 1"),
    ],
)
def test_une_mauvaise_saisie_revient_avec_sa_raison(champs, phrase):
    reponse = client_de("technicien").post(NOUVELLE, saisie(**champs))
    assert reponse.status_code == 422
    assert phrase in texte(reponse)
    assert "Personne fictive" in reponse.content.decode(), "la saisie est gardée"
    assert not Installation.objects.exists()
    assert not Tiers.objects.exists()


def test_un_controle_se_saisit_ecran_par_ecran_jusqu_au_rapport():
    client = client_de("technicien", "responsable")
    i = installation()
    ouverture = client.post(
        f"{i.get_absolute_url()}planifier/", {"nature": "periodique", "client_uuid": str(uuid4())}
    )
    c = Controle.objects.get()
    assert ouverture["Location"] == c.get_absolute_url()
    base = f"{c.get_absolute_url()}saisie"
    existence = client.post(
        f"{base}/existence/", {"r_elements_probants": "oui", "c_elements_probants": "Vue."}
    )
    assert existence["Location"] == f"{base}/securite/"
    mauvais = client.post(f"{base}/securite/", {"r_odeur_jour": "oui", "n_nb_plaintes_tiers": "deux"})
    assert (mauvais.status_code, "Écrivez un nombre" in texte(mauvais)) == (422, True)
    assert not c.observations.filter(point__code="odeur_jour").exists(), "rien d'à moitié"
    client.post(f"{base}/securite/", {"r_odeur_jour": "non", "n_nb_plaintes_tiers": "2"})
    client.post(f"{base}/filiere/", {"n_capacite_eh": "2,5", "n_charge_eh": "5"})
    c.refresh_from_db()
    assert c.nombres == {"nb_plaintes_tiers": 2, "capacite_eh": "2.5", "charge_eh": "5"}
    vue = client.get(f"{c.get_absolute_url()}conclusion/")
    page = texte(vue)
    for mot in (
        "vrai, décide",
        "Odeur constatée ou plainte",
        "Sous-dimensionnement significatif",
        "R1",
        "R4",
    ):
        assert mot in page, mot
    assert "Rétablir la ventilation" in page, "les travaux sont proposés"
    client.post(
        f"{c.get_absolute_url()}conclusion/",
        {"travaux": "Agrandir la fosse\n\n", "observations_libres": "R."},
    )
    assert [t.libelle for t in c.travaux.all()] == ["Agrandir la fosse"]
    assert evenement(client, c, "saisir_visite").status_code == 302
    refus = evenement(client, c, "rediger", presence="sans_presence")
    assert (refus.status_code, "dites pourquoi" in texte(refus)) == (422, True)
    evenement(client, c, "rediger", presence="signee")
    evenement(client, c, "valider")
    evenement(client, c, "notifier")
    c.refresh_from_db()
    assert (c.etat, c.regle, c.echeance_travaux) == ("notifie", "R1", date(2030, 3, 2))
    page = texte(client.get(c.get_absolute_url()))
    for mot in (
        "danger pour la santé (cas a)",
        "Quatre ans à compter de la réception",
        "samedi 2 mars 2030",
        "Vue.",
    ):
        assert mot in page, mot
    fiche = texte(client.get(i.get_absolute_url()))
    assert "Travaux à faire" in fiche
    assert "samedi 2 mars 2030" in fiche
    ferme = client.post(f"{base}/entretien/", {"r_usure": "oui"}, follow=True)
    assert "ne changent plus" in texte(ferme)


def test_le_rapport_de_visite_dit_la_conclusion_les_travaux_et_les_dates():
    courriers.charger()
    c = notifie(controle(), contact_eaux_usees="oui", couvercle_non_securise="non_verifie")
    bureau = client_de("technicien").get(f"/courriers/dossier/assainissement.controle/{c.pk}/")
    assert "Rapport de visite" in texte(bureau)
    modele = ModeleCourrier.objects.get(metier="assainissement", code="rapport_visite")
    brouillon = lettres.preparer(c, modele, par=acteur(), destinataire=next(courriers.destinataires(c)))
    compose = lettres.composer(brouillon)
    rendu = unescape(re.sub(r"<[^>]+>", " ", str(compose.html)))
    for mot in (
        "danger pour la santé",
        "Supprimer tout écoulement",
        "couvercle non sécurisé",
        "02/03/2029",
        "R1",
    ):
        assert mot in rendu, mot


def test_les_listes_filtrent_cherchent_et_s_exportent():
    installation()
    c = notifie(controle(installation(champs={"ancien_numero": "SPANC-77"})), odeur_jour="oui")
    client = client_de("lecture")
    toutes = texte(client.get("/assainissement/installations/"))
    assert "ANC-25999-00001" in toutes
    assert "ANC-25999-00002" in toutes
    for filtre in ("regle=R1", "q=spanc-77", f"q={c.installation.numero}", "suivi=danger"):
        page = texte(client.get(f"/assainissement/installations/?{filtre}"))
        assert "ANC-25999-00002" in page, filtre
        assert "ANC-25999-00001" not in page, filtre
    assert "ANC-25999-00002" in texte(client.get("/recherche/?q=ANC-25999-00002"))
    csv = client.get("/assainissement/installations/?regle=R1&export=csv")
    assert b"ANC-25999-00002" in b"".join(csv.streaming_content if csv.streaming else [csv.content])
    for genre in ("ods", "geojson"):
        assert client.get(f"/assainissement/installations/?export={genre}").status_code == 200, genre
    assert c.numero in texte(client.get("/assainissement/controles/?suivi=a_facturer"))
    assert "Travaux à faire" in texte(client.get("/assainissement/obligations/"))
    accueil = texte(client.get("/assainissement/"))
    for mot in ("2 installations en service", "Danger, risque ou absence", "jamais contrôlée", "50 %"):
        assert mot in accueil, mot


def test_une_obligation_se_prolonge_depuis_sa_page():
    c = notifie(controle(), contact_eaux_usees="oui")
    o = c.obligations.get()
    client = client_de("responsable")
    page = texte(client.get(o.get_absolute_url()))
    assert "Quatre ans à compter de la réception" in page
    trop_tot = evenement(
        client, o, "prolonger", jusqu_au="2030-01-01", motif="Artisan", signataire="Le maire"
    )
    assert (trop_tot.status_code, "suit l'actuelle" in texte(trop_tot)) == (422, True)
    evenement(client, o, "prolonger", jusqu_au="2030-09-01", motif="Artisan", signataire="Le maire")
    o.refresh_from_db()
    assert (o.etat, o.echeance) == ("prolongee", date(2030, 9, 1))
    assert evenement(client, o, "dater").status_code == 404, "ce que le service écrit seul"


def test_chacun_fait_ce_que_son_role_permet():
    c = controle()
    i = c.installation
    lecteur, technicien = client_de("lecture"), client_de("technicien")
    voisin = client_de("technicien", insee=AUTRE_INSEE)
    assert "Saisir le constat" in texte(technicien.get(c.get_absolute_url()))
    assert "Saisir le constat" not in texte(lecteur.get(c.get_absolute_url()))
    for adresse in (c.get_absolute_url(), i.get_absolute_url()):
        assert voisin.get(adresse).status_code == 404, adresse
        assert Client().get(adresse).status_code == 302, adresse
    for adresse in (f"{i.get_absolute_url()}modifier/", f"{c.get_absolute_url()}saisie/existence/", NOUVELLE):
        assert lecteur.get(adresse).status_code == 403, adresse
    assert voisin.get(f"{i.get_absolute_url()}modifier/").status_code == 404
    valide(c)
    for code, client in (("notifier", lecteur), ("facturer", technicien)):
        assert evenement(client, c, code).status_code == 422, code
    assert c.version == Controle.objects.get().version


def test_un_role_ailleurs_ne_donne_rien_ici():
    """Writes in one commune, reads in another: the page is there, its change is not."""
    i = installation()
    client = Client()
    compte = agent("assainissement.technicien", codes=(AUTRE_INSEE,), email="double@exemple.invalid")
    from tests.personnes import habiliter

    habiliter(compte, "assainissement", "lecture", INSEE)
    client.force_login(compte, backend=DOS)
    assert client.get(i.get_absolute_url()).status_code == 200
    for suite in ("modifier/", "elements/", "planifier/"):
        assert client.get(f"{i.get_absolute_url()}{suite}").status_code == 404, suite


def test_le_plan_des_agents_montre_les_installations_et_jamais_au_public():
    from gis_data.couches import couche

    c = notifie(controle(), odeur_jour="oui")
    interne = couche("ass_installations")
    assert not interne.publique
    assert list(interne.objets(acteur("lecture"))) == [c.installation]
    assert not interne.objets(agent("urba.instructeur")).exists()
    assert not interne.peut_voir(agent())


def test_un_ecran_de_conception_conclut_sans_la_table():
    client = client_de("technicien")
    c = controle(installation(projet=True, champs={"date_creation": None}), "conception_neuf")
    assert client.get(f"{c.get_absolute_url()}saisie/existence/").status_code == 404
    fin = client.post(f"{c.get_absolute_url()}saisie/projet/", {"r_projet_complet": "oui"})
    assert fin["Location"] == f"{c.get_absolute_url()}conclusion/"
    client.post(f"{c.get_absolute_url()}conclusion/", {"conclusion_travaux": "conforme", "travaux": ""})
    assert evenement(client, c, "saisir_visite").status_code == 302
    assert repondre(c, projet_adapte="oui").observations.count() == 2
    faire(c, "rediger", donnees={"presence": "signee"})
    assert faire(c, "valider", "responsable").conclusion == "conforme"


def test_le_reglement_refuse_douze_ans():
    client = client_de("responsable")
    valeurs = {
        "insee": INSEE, "date_effet": "2026-01-01", "frequence_periodique_annees": "12",
        "delai_verification_absence_mois": "6", "delai_relance_mois": "3", "relances_avant_majoration": "1",
    }  # fmt: skip
    refus = client.post("/assainissement/reglement/nouveau/", valeurs)
    assert "ne peut pas dépasser 10 ans (CGCT L2224-8)" in texte(refus)
    bon = client.post("/assainissement/reglement/nouveau/", {**valeurs, "frequence_periodique_annees": "8"})
    assert bon.status_code == 302


def test_deux_agents_corrigent_le_second_voit_ce_qui_a_change():
    i = installation()
    adresse = f"{i.get_absolute_url()}modifier/"
    valeurs = {n: v for n, v in saisie().items() if n in ("geom", "type_immeuble", "eh")}
    un, deux = client_de("technicien"), client_de("responsable")
    vue = re.search(r'name="version" value="(\d+)"', un.get(adresse).content.decode())[1]
    assert un.post(adresse, {**valeurs, "notes": "De l'un", "version": vue}).status_code == 302
    trop_tard = deux.post(adresse, {**valeurs, "notes": "De l'autre", "version": vue})
    assert trop_tard.status_code == 422
    assert "a changé depuis que vous l'avez ouvert" in texte(trop_tard) and "De l'autre" in texte(trop_tard)
    i.refresh_from_db()
    assert i.notes == "De l'un"
    # A fault of the form does not make the older state pass for the newer.
    faute = deux.post(adresse, {**valeurs, "eh": "-1", "version": vue})
    assert f'name="version" value="{vue}"' in faute.content.decode()
    neuve = re.search(r'name="version" value="(\d+)"', trop_tard.content.decode())[1]
    assert deux.post(adresse, {**valeurs, "notes": "De l'autre", "version": neuve}).status_code == 302
