"""Section « Courriers » of a request's page, through the client: proposals, list, rights, dates unfolded."""

from __future__ import annotations

import re
from datetime import date

import pytest

from mairie.models import Courrier, Tiers
from tests.mairie.courriers.fabrique import texte_pdf
from tests.personnes import AUTRE_INSEE
from tests.urba.courriers.fabrique import (
    ABF,
    decide,
    depose,
    finale,
    jeanne,
    lettre,
    maire,
    modele,
    presentee,
    signee,
)
from tests.urba.fabrique_urba import agir, qualifie
from tests.urba.test_ecrans_urba import client_de, texte
from urba.models import DemandeurDossier
from urba.services import Demandeur


def incomplet():
    d = qualifie(depose())
    return agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})


def test_la_lettre_de_l_etat_est_proposee_et_s_ouvre_en_un_clic(aller):
    d = incomplet()
    client = client_de("instructeur")
    page = client.get(f"/urba/dossiers/{d.pk}/")
    assert "Des pièces manquent : la demande n'est pas encore écrite." in texte(page)
    assert "À présenter au plus tard le 02/04/2026." in texte(page)
    reponse = client.post(f"/urba/dossiers/{d.pk}/courriers/incompletude/")
    c = Courrier.objects.get()
    assert reponse.headers["Location"] == f"/courriers/{c.pk}/"
    assert (c.destinataire, c.mode, c.type_acte) == (
        "Madame Jeanne Exemple",
        "recommande",
        "urba.instruction",
    )
    apercu = client.get(f"/courriers/{c.pk}/lettre.pdf")
    assert "PCMI2" in texte_pdf(apercu.content)
    assert "PROJET" in texte_pdf(apercu.content)


def test_le_premier_bouton_est_l_etape_qui_suit_non_la_date_d_une_lettre(aller):
    client, d = client_de("instructeur"), depose()

    def premier() -> list[str]:
        page = client.get(f"/urba/dossiers/{d.pk}/").content.decode()
        return re.findall(r'btn-primary" href="/urba/dossiers/\d+/evenements/(\w+)/"', page)

    assert premier() == ["qualification"]
    qualifie(d)
    assert premier() == ["demande_pieces"]
    decide(d, "accord")
    assert premier() == [], "the act is to be signed: nothing to enter by hand"


def test_le_mandataire_recoit_les_lettres(aller):
    cabinet = Tiers.objects.create(
        collectivite="25999", nature="morale", raison_sociale="Cabinet Exemple", ville="Valbrune"
    )
    d = depose(
        demandeurs=[Demandeur(jeanne()), Demandeur(cabinet, DemandeurDossier.Role.MANDATAIRE)],
    )
    client_de("guichet").post(f"/urba/dossiers/{d.pk}/courriers/recepisse/")
    assert Courrier.objects.get().destinataire == "Cabinet Exemple"


def test_les_lettres_archivees_sont_listees_avec_ce_qu_on_en_attend(aller):
    elu = maire()
    d = incomplet()
    c = finale(d, "incompletude")
    client = client_de("lecture")
    assert "à signer par Claude Exemple" in texte(client.get(f"/urba/dossiers/{d.pk}/"))
    c = signee(c, elu, date(2026, 3, 2))
    assert "à envoyer" in texte(client.get(f"/urba/dossiers/{d.pk}/"))
    presentee(c, date(2026, 3, 2))
    page = client.get(f"/urba/dossiers/{d.pk}/")
    assert "présentée le 02/03/2026" in texte(page)
    assert f"/courriers/{c.pk}/lettre.pdf" in page.content.decode()


def test_le_lecteur_lit_et_n_ecrit_pas(aller):
    d = incomplet()
    c = finale(d, "incompletude")
    client = client_de("lecture")
    page = client.get(f"/urba/dossiers/{d.pk}/")
    assert "Écrire une autre lettre" not in texte(page)
    assert "/courriers/incompletude/" not in page.content.decode()
    assert client.get(f"/courriers/{c.pk}/").status_code == 200
    assert client.post(f"/urba/dossiers/{d.pk}/courriers/incompletude/").status_code == 403


@pytest.mark.parametrize("role", ["technicien", "signataire", "administrateur"])
def test_les_autres_roles_ne_commencent_pas_de_lettre(aller, role):
    d = incomplet()
    assert client_de(role).post(f"/urba/dossiers/{d.pk}/courriers/incompletude/").status_code == 403
    assert not Courrier.objects.exists()


def test_le_guichet_n_a_que_les_recepisses(aller):
    d = incomplet()
    client = client_de("guichet")
    page = client.get(f"/urba/dossiers/{d.pk}/").content.decode()
    assert "/courriers/recepisse/" in page
    assert "/courriers/incompletude/" not in page
    assert client.post(f"/urba/dossiers/{d.pk}/courriers/incompletude/").status_code == 403
    assert client.post(f"/urba/dossiers/{d.pk}/courriers/recepisse/").status_code == 302


def test_une_autre_commune_n_a_ni_lettre_ni_fichier(aller):
    c = finale(depose(), "recepisse")
    client = client_de("chef", "instructeur", insee=AUTRE_INSEE)
    for adresse in (f"/courriers/{c.pk}/", f"/courriers/{c.pk}/lettre.pdf"):
        assert client.get(adresse).status_code == 404, adresse
    assert client.post(f"/urba/dossiers/{c.dossier_id}/courriers/recepisse/").status_code == 404
    assert "Exemple" not in texte(client.get("/courriers/"))


def test_la_verification_publique_d_un_acte_ne_dit_pas_de_nom(aller, client):
    maire()
    c = finale(decide(depose(), "accord"), "arrete_accord")
    page = texte(client.get(f"/actes/{c.code}/"))
    assert c.numero in page
    assert "Jeanne" not in page


def test_un_modele_retire_ne_se_propose_plus(aller):
    d = incomplet()
    m = modele("incompletude")
    m.actif = False
    m.save()
    client = client_de("instructeur")
    assert "n'est plus en service" in texte(
        client.post(f"/urba/dossiers/{d.pk}/courriers/incompletude/", follow=True)
    )


def test_la_consultation_s_ecrit_au_service_choisi(aller):
    from mairie import consultations as partagees
    from mairie.models import ServiceConsulte
    from urba import consultations

    consultations.charger_services()
    d = qualifie(depose())
    for code in ("abf", "eau"):
        service = ServiceConsulte.objects.get(code=code)
        partagees.envoyer(consultations.preparer(d, service))
    c = partagees.de_dossier(d)[1]
    client_de("instructeur").post(
        f"/urba/dossiers/{d.pk}/courriers/consultation/", {"consultation": str(c.pk)}
    )
    assert Courrier.objects.get().destinataire == str(c.service)


def test_la_lettre_tardive_est_dite_a_l_ecran_avant_tout(aller):
    d = incomplet()
    aller(date(2026, 4, 3))
    c = lettre(d, "incompletude")
    client = client_de("instructeur")
    page = texte(client.get(f"/courriers/{c.pk}/"))
    assert "La fenêtre d'un mois s'est fermée le 02/04/2026 : cette lettre ne changera pas le délai" in page


def test_chaque_date_de_la_page_se_deplie_en_article_et_calcul(aller):
    elu = maire()
    d = qualifie(depose(), majorations=ABF)
    presentee(signee(finale(d, "majoration"), elu, date(2026, 3, 2)), date(2026, 3, 2))
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    presentee(signee(finale(d, "incompletude"), elu, date(2026, 3, 2)), date(2026, 3, 2))
    verifier_dates(d, 4)
    aller(date(2026, 4, 1))
    agir(d, "depot_pieces", "guichet", donnees={"pieces": ["PCMI2"]})
    verifier_dates(d, 5)
    decide(d, "accord_prescriptions", prescriptions="Tuiles rouges")
    presentee(signee(finale(d, "arrete_prescriptions"), elu, date(2026, 4, 1)), date(2026, 4, 1))
    for code in ("transmission_cl", "affichage_mairie", "affichage_terrain"):
        agir(d, code, "guichet", date(2026, 4, 1))
    verifier_dates(d, 12)
    aller(date(2026, 5, 1))
    agir(d, "doc", "guichet")
    agir(d, "daact", "guichet")
    verifier_dates(d, 13)


def verifier_dates(d, au_moins: int) -> None:
    page = client_de("lecture").get(f"/urba/dossiers/{d.pk}/").content.decode()
    liste = re.search(r'<dl class="definitions urba-dates">(.*?)</dl>', page, re.S)[1]
    blocs = re.findall(r"<dt>(.*?)</dt>(.*?)(?=<dt>|$)", liste, re.S)
    assert len(blocs) >= au_moins, [b[0] for b in blocs]
    for libelle, corps in blocs:
        articles = re.findall(r'<span class="article">([^<]+)</span>', corps)
        assert articles and all(re.search(r"[RLA]\.\d|CGCT|CJA|CGI", a) for a in articles), (libelle, corps)
        assert re.search(r'<span class="resultat-etape">[^<]{12,}', corps), libelle


@pytest.mark.parametrize("role", ["chef", "administrateur"])
def test_l_administrateur_et_le_chef_adaptent_un_modele_a_leur_commune(aller, role):
    from mairie.courriers.modeles import copier_pour, enregistrer, mettre_en_service
    from mairie.models import Utilisateur
    from tests.personnes import commune

    client = client_de(role)
    assert "Récépissé de dépôt" in texte(client.get("/courriers/modeles/"))
    par = Utilisateur.objects.get(email__startswith=f"urba-{role}")
    copie = copier_pour(modele("recepisse"), commune(), par=par)
    assert client.get(f"/courriers/modeles/{copie.pk}/").status_code == 200
    version = copie.versions.get()
    corps = {"corps": version.corps + "<p>Texte de la commune.</p>"}
    enregistrer(copie, par=par, jeton=version.jeton, champs=corps)
    mettre_en_service(copie, par=par, le=date(2026, 3, 2))
    d = depose()
    client_de("guichet").post(f"/urba/dossiers/{d.pk}/courriers/recepisse/")
    assert "Texte de la commune." in Courrier.objects.get().corps


def test_la_demonstration_ecrit_ses_lettres_une_fois(aller, settings):
    from mairie.models import Utilisateur
    from tests.personnes import habiliter
    from urba.courriers import demo

    chef = Utilisateur.objects.create_user("chef@demo.invalid", nom="Chef (démonstration)")
    habiliter(chef, "urba", "chef")
    maire()
    qualifie(depose(references="AB 1"))
    depose(references="AB 2")
    assert demo.jouer(date(2026, 3, 2)) == "5 lettres"
    assert demo.jouer(date(2026, 3, 2)) == "déjà en place"
    acte = Courrier.objects.get(modele__modele__code="arrete_prescriptions")
    assert (acte.etat, acte.dossier.etat) == ("finalise", "en_signature")
