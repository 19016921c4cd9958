"""Pages of the permits through the HTTP client: dashboard, list, page, events, deposits, rights."""

from __future__ import annotations

import json
import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client

from mairie.models import Adresse, Evenement, ServiceConsulte, Tiers, Voie
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune
from tests.plan_factice import ecrire_plan
from tests.urba.fabrique_urba import acteur, agir, dossier, qualifie
from urba import consultations, pieces
from urba.couches import version
from urba.models import DossierInstruction

pytestmark = pytest.mark.django_db
DOS = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def aller(time_machine):
    def vers(jour: date) -> None:
        time_machine.move_to(f"{jour.isoformat()}T10:00:00+01:00", tick=False)

    vers(date(2026, 3, 2))
    ecrire_plan()
    commune()
    return vers


def client_de(*roles: str, insee: str = INSEE) -> Client:
    client = Client()
    client.force_login(agent(*(f"urba.{r}" for r in roles), codes=(insee,)), backend=DOS)
    return client


def texte(reponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())))


def saisir(client: Client, d: DossierInstruction, code: str, le: str, **champs):
    d.refresh_from_db()
    return client.post(
        f"/urba/dossiers/{d.pk}/evenements/{code}/",
        {"date_effet": le, "version": d.version, "cle": str(uuid4()), **champs},
    )


# --- dashboard and list -------------------------------------------------------------------------


def test_les_tuiles_comptent_ce_que_leur_liste_montre(aller):
    en_retard, proche, incomplet = dossier(), dossier(), dossier()
    aller(date(2026, 3, 20))
    loin = dossier(le=date(2026, 3, 20))
    qualifie(incomplet)
    agir(incomplet, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    agir(incomplet, "notification_pieces", "guichet")
    aller(date(2026, 5, 1))
    client = client_de("instructeur")
    page = client.get("/urba/")
    for adresse in re.findall(r'href="(/urba/dossiers/\?echeance=[^"]+)"', page.content.decode()):
        bloc = re.search(re.escape(adresse) + r'"><span class="compteur-nombre">(\d+)', page.content.decode())
        liste = client.get(adresse.replace("&amp;", "&"))
        assert f"{bloc[1]} résultat" in texte(liste), adresse
    assert "2 Limite dans 5 jours" in texte(page)
    assert "1 Pièces attendues" in texte(page)
    assert {en_retard.pk, proche.pk, loin.pk}


def test_le_tableau_de_bord_pose_un_nombre_constant_de_questions(aller, django_assert_max_num_queries):
    client = client_de("chef")
    for n in range(1, 4):
        dossier(references=f"AB {n}")
        with django_assert_max_num_queries(16):
            client.get("/urba/")


def test_la_liste_filtre_cherche_et_s_exporte(aller):
    dossier(objet="Garage", references="AB 1")
    dossier("DP", objet="Clôture", references="AB 2")
    client = client_de("lecture")
    assert "Garage" not in texte(client.get("/urba/dossiers/?type=DP"))
    for q in ("PC 025 999 26 00001", "pc02599926 00001", "26 00001", "Garage", "Personne"):
        assert "Garage" in texte(client.get("/urba/dossiers/", {"q": q})), q
    # A whole number names its request, not those that speak of it.
    dossier(objet="Suite du PC 025 999 26 00001", references="AB 3")
    trouves = texte(client.get("/urba/dossiers/", {"q": "PC 025 999 26 00001"}))
    assert "Garage" in trouves and "Suite du PC" not in trouves
    assert "Suite du PC" in texte(client.get("/urba/dossiers/", {"q": "suite du pc"}))
    export = b"".join(client.get("/urba/dossiers/?export=csv").streaming_content).decode()
    assert "PC 025 999 26 00001" in export
    geo = json.loads(b"".join(client.get("/urba/dossiers/?export=geojson").streaming_content))
    assert len(geo["features"]) == 3


def test_un_agent_d_une_autre_commune_ne_trouve_rien(aller):
    d = dossier()
    client = client_de("chef", "guichet", "instructeur", insee=AUTRE_INSEE)
    for adresse in (
        f"/urba/dossiers/{d.pk}/",
        f"/urba/dossiers/{d.pk}/evenements/qualification/",
    ):
        assert client.get(adresse).status_code == 404
    assert client.post(f"/urba/dossiers/{d.pk}/annuler/", {"motif": "x"}).status_code == 404
    assert client.post(f"/urba/dossiers/{d.pk}/consulter/", {}).status_code == 404
    assert "00001" not in texte(client.get("/urba/dossiers/"))
    # The number typed is told back, never the dossier.
    assert f"/urba/dossiers/{d.pk}/" not in client.get("/recherche/?q=PC0259992600001").content.decode()
    # The public sees the number, through the layer of what is published, without any name.
    anonyme = texte(Client().get("/recherche/?q=PC0259992600001"))
    assert "PC 025 999 26 00001" in anonyme
    assert "Personne" not in anonyme


# --- the page -----------------------------------------------------------------------------------


def test_la_page_dit_les_dates_et_pourquoi(aller):
    d = qualifie(dossier(objet="Maison"), majorations=[{"code": "ABF_ABORDS_SPR"}])
    page = texte(client_de("lecture").get(f"/urba/dossiers/{d.pk}/"))
    assert "samedi 2 mai 2026" in page
    assert "R.423-23 b" in page
    assert "permis tacite le 03/05/2026" in page
    assert "Cette majoration n'a pas été notifiée" in page
    assert "ABF_ABORDS" not in page


def test_les_actions_impossibles_disent_leur_raison(aller):
    d = dossier()
    page = texte(client_de("lecture").get(f"/urba/dossiers/{d.pk}/"))
    assert "est réservé à" in page
    assert "/evenements/qualification/" not in page


def test_la_fiche_de_la_parcelle_montre_le_dossier_sans_nom_au_public(aller):
    d = dossier(objet="Objet interne", objet_public="Maison")
    public = texte(Client().get("/parcelles/25999000AB0001/"))
    assert str(d) in public
    assert "Maison" in public
    assert "Objet interne" not in public
    assert "fictive 2" not in public
    assert "Objet interne" in texte(client_de("lecture").get("/parcelles/25999000AB0001/"))


# --- events -------------------------------------------------------------------------------------


def test_un_evenement_se_previsualise_puis_s_enregistre(aller):
    d = qualifie(dossier())
    aller(date(2026, 3, 10))
    client = client_de("guichet")
    champs = {"majorations": ["ABF_ABORDS_SPR"], "mode": "postal"}
    vu = saisir(client, d, "notification_majoration", "2026-03-10", apercu="1", **champs)
    assert "samedi 2 mai 2026 → mardi 2 juin 2026" in texte(vu)
    d.refresh_from_db()
    assert d.date_limite == date(2026, 5, 2), "rien n'est enregistré"
    fait = saisir(client, d, "notification_majoration", "2026-03-10", **champs)
    assert fait.status_code == 302
    d.refresh_from_db()
    assert d.date_limite == date(2026, 6, 2)


def test_un_double_clic_fait_un_evenement(aller):
    d = dossier()
    client, cle = client_de("instructeur"), str(uuid4())
    for _ in range(2):
        client.post(
            f"/urba/dossiers/{d.pk}/evenements/qualification/",
            {"date_effet": "2026-03-02", "version": 1, "cle": cle, "type_detail": "PCMI"},
        )
    assert Evenement.objects.filter(dossier_id=d.pk, type="qualification").count() == 1


def test_deux_agents_a_la_fois_le_second_est_prevenu_et_garde_sa_saisie(aller):
    d = dossier()
    version = d.version
    agir(d, "affectation", "chef", donnees={"instructeur": acteur("instructeur").pk})
    reponse = client_de("instructeur").post(
        f"/urba/dossiers/{d.pk}/evenements/qualification/",
        {"date_effet": "2026-03-02", "version": version, "cle": str(uuid4()), "type_detail": "PCMI"},
    )
    assert reponse.status_code == 422
    assert "a changé depuis que vous l'avez ouvert" in texte(reponse)
    d.refresh_from_db()
    assert d.etat == "a_qualifier"


def test_la_fenetre_fermee_demande_un_motif(aller):
    d = qualifie(dossier())
    aller(date(2026, 4, 3))
    client = client_de("instructeur")
    refus = saisir(client, d, "demande_pieces", "2026-04-03", pieces=["PCMI2"])
    assert refus.status_code == 422
    assert "La fenêtre d'un mois s'est fermée le 02/04/2026" in texte(refus)
    assert 'name="forcer"' in refus.content.decode()
    assert re.search(r'value="PCMI2"[^>]*checked', refus.content.decode()), "la saisie est gardée"
    assert (
        saisir(client, d, "demande_pieces", "2026-04-03", pieces=["PCMI2"], forcer="Utile").status_code == 302
    )


@pytest.mark.parametrize(
    ("le", "message"),
    [("2026-03-01", "n'existe pas encore à cette date"), ("2026-03-03", "dans l'avenir"), ("2026-02-31", "")],
)
def test_une_date_impossible_est_refusee(aller, le, message):
    d = dossier()
    reponse = saisir(client_de("instructeur"), d, "qualification", le, type_detail="PCMI")
    assert reponse.status_code in (200, 422)
    assert message in texte(reponse)
    d.refresh_from_db()
    assert d.version == 1


@pytest.mark.parametrize("role", ["lecture", "guichet", "technicien", "signataire", "administrateur"])
def test_qualifier_est_refuse_aux_autres_roles(aller, role):
    d = dossier()
    reponse = saisir(client_de(role), d, "qualification", "2026-03-02", type_detail="PCMI")
    assert reponse.status_code == 422
    assert "réservé à" in texte(reponse)


def test_un_evenement_inconnu_ou_reserve_aux_services_n_a_pas_de_page(aller):
    d = dossier()
    client = client_de("chef")
    for code in ("inconnu", "avis_recu", "consulter"):
        assert client.get(f"/urba/dossiers/{d.pk}/evenements/{code}/").status_code == 404


def test_seul_le_chef_annule_et_la_ligne_reste_rayee(aller):
    d = qualifie(dossier())
    assert client_de("instructeur").post(f"/urba/dossiers/{d.pk}/annuler/").status_code == 403
    chef = client_de("chef")
    chef.post(f"/urba/dossiers/{d.pk}/annuler/", {"version": d.version, "motif": "Erreur de dossier"})
    d.refresh_from_db()
    assert d.etat == "a_qualifier"
    page = chef.get(f"/urba/dossiers/{d.pk}/").content.decode()
    assert 'class="annule"' in page
    assert "Erreur de dossier" in page


def test_consulter_plusieurs_services_d_un_coup(aller):
    consultations.charger_services()
    d = qualifie(dossier())
    cles = list(ServiceConsulte.objects.filter(code__in=("abf", "eau")).values_list("pk", flat=True))
    client = client_de("instructeur")
    suite = client.post(f"/urba/dossiers/{d.pk}/consulter/", {"services": cles}, follow=True)
    assert texte(suite).count("montré cette seule fois") == 2
    assert Evenement.objects.filter(dossier_id=d.pk, type="consulter").count() == 2
    assert "Cochez au moins un service" in texte(
        client.post(f"/urba/dossiers/{d.pk}/consulter/", {}, follow=True)
    )


# --- deposit ------------------------------------------------------------------------------------


def depot(**champs):
    return {
        "type_detail": "PCMI",
        "insee": INSEE,
        "depose_le": "2026-03-02",
        "canal": "guichet",
        "nom": "Personne inventée",
        "references": "AB 1, AB 2",
        "objet": "Maison",
        "client_uuid": str(uuid4()),
        **champs,
    }


def test_un_depot_se_saisit_en_une_page(aller):
    client = client_de("guichet")
    reponse = client.post("/urba/deposer/", depot())
    d = DossierInstruction.objects.get()
    assert reponse.headers["Location"] == f"/urba/dossiers/{d.pk}/"
    assert d.parcelles.count() == 2
    assert Tiers.objects.get().nom == "Personne inventée"


def test_depuis_la_carte_la_parcelle_est_deja_la(aller):
    page = client_de("guichet").get("/urba/deposer/?idu=25999000AB0003").content.decode()
    assert 'value="25999000AB0003"' in page


def test_depuis_la_parcelle_l_adresse_la_commune_et_le_numero_sont_deja_dits(aller):
    voie = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir")
    Adresse.objects.create(insee=INSEE, voie=voie, numero=7, parcelles=["25999000AB0003"])
    client = client_de("guichet")
    page = client.get("/urba/deposer/?idu=25999000AB0003").content.decode()
    assert 'value="7 rue du Lavoir"' in page or "7 Rue du Lavoir" in page
    assert f'<input type="hidden" name="insee" value="{INSEE}"' in page, "one commune: nothing to choose"
    dit = client.get(f"/urba/deposer/delai?type_detail=PCMI&depose_le=2026-03-02&insee={INSEE}").json()
    assert dit["numero"] == "PC 025 999 26 00001"
    assert [p["code"] for p in dit["pieces"] if p["toujours"]] == [f"PCMI{n}" for n in range(1, 9)]
    client.post("/urba/deposer/", depot())
    dit = client.get(f"/urba/deposer/delai?type_detail=PCMI&depose_le=2026-03-02&insee={INSEE}").json()
    assert dit["numero"] == "PC 025 999 26 00002"
    ailleurs = client.get("/urba/deposer/delai?type_detail=PCMI&depose_le=2026-03-02&insee=25998").json()
    assert ailleurs["numero"] == "", "the counter of another commune is not told"


def test_les_pieces_cochees_au_depot_sont_recues_et_les_autres_a_demander(aller):
    cochees = [f"PCMI{n}" for n in range(1, 8)]
    client_de("guichet").post("/urba/deposer/", {**depot(), "pieces": [*cochees, "INCONNUE"]})
    d = DossierInstruction.objects.get()
    assert Evenement.objects.get(dossier_id=d.pk, type="depot").donnees["pieces"] == cochees
    faits = pieces.faits_de(d)
    assert pieces.a_demander(d, faits) == ["PCMI8"]
    etats = {p.ligne.code: p.etat for p in pieces.pieces_de(d, faits)}
    assert (etats["PCMI1"], etats["PCMI8"]) == (pieces.RECUE, pieces.ATTENDUE)
    qualifie(d)
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    etats = {p.ligne.code: p.etat for p in pieces.pieces_de(d, pieces.faits_de(d))}
    assert etats["PCMI2"] == pieces.MANQUANTE, "asked by a letter, what was ticked is no longer enough"


def test_une_personne_ancienne_se_choisit_sans_etre_dans_la_liste(aller):
    from urba import formulaires

    ancienne = Tiers.objects.create(collectivite=INSEE, nom="Ancienne")
    for n in range(formulaires.RECENTS):
        Tiers.objects.create(collectivite=INSEE, nom=f"Suivante {n}")
    client = client_de("guichet")
    assert "Ancienne" not in client.get("/urba/deposer/").content.decode()
    reponse = client.post(
        "/urba/deposer/", depot(nom="", petitionnaire=ancienne.pk, references="25998000AB0001")
    )
    assert reponse.status_code == 422 and "Ancienne" in reponse.content.decode(), "kept with the rest"
    assert client.post("/urba/deposer/", depot(nom="", petitionnaire=ancienne.pk)).status_code == 302
    assert DossierInstruction.objects.get().demandeurs.get().tiers == ancienne


def test_le_meme_formulaire_deux_fois_fait_un_dossier_et_une_personne(aller):
    client, donnees = client_de("guichet"), depot()
    client.post("/urba/deposer/", donnees)
    client.post("/urba/deposer/", donnees)
    assert DossierInstruction.objects.count() == 1
    assert Tiers.objects.count() == 1


def test_la_version_de_la_couche_change_avec_n_importe_quel_dossier(aller):
    premier = dossier()
    agir(qualifie(dossier(references="AB 2")), "rapport_pret", "instructeur")
    avant = version()
    qualifie(premier)
    assert version() != avant


def test_un_dossier_recent_sur_la_parcelle_est_signale(aller):
    premier = dossier()
    page = client_de("guichet").post("/urba/deposer/", depot(), follow=True)
    assert f"Un dossier récent porte sur la même parcelle : {premier}" in texte(page)


@pytest.mark.parametrize(
    ("champs", "message"),
    [
        ({"nom": ""}, "Choisissez un pétitionnaire"),
        ({"depose_le": "2026-03-03"}, "ne peut être dans l'avenir"),
        ({"references": "25998000AB0001"}, "une seule commune"),
        ({"insee": AUTRE_INSEE}, "Sélectionnez un choix valide"),
    ],
)
def test_un_depot_refuse_garde_la_saisie_et_n_ecrit_rien(aller, champs, message):
    reponse = client_de("guichet").post("/urba/deposer/", depot(**champs))
    assert reponse.status_code == 422
    assert message in texte(reponse)
    assert "Maison" in reponse.content.decode()
    assert not DossierInstruction.objects.exists()
    assert not Tiers.objects.exists()


def test_l_apercu_du_delai_suit_le_type(aller):
    client = client_de("guichet")
    dit = client.get("/urba/deposer/delai?type_detail=PCMI&depose_le=2026-03-02").json()["phrase"]
    assert "jusqu'au 02/05/2026" in dit
    assert client.get("/urba/deposer/delai?type_detail=X&depose_le=").json() == {"phrase": ""}


@pytest.mark.parametrize(
    ("cherche", "trouve"),
    [
        ("AB 2", True),
        ("ab 0002", True),
        ("AB 3", False),
        ("Personne", True),
        ("Garage", True),
        ("rien", False),
    ],
)
def test_la_recherche_de_la_liste(aller, cherche, trouve):
    d = dossier(references="AB 2", objet="Garage et abri")
    page = client_de("lecture").get("/urba/dossiers/", {"q": cherche}).content.decode()
    assert (f'href="/urba/dossiers/{d.pk}/"' in page) is trouve
