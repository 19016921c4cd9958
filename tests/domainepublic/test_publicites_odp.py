"""Publicity of an economic title: page without name, interests, night, reasons of the exemptions."""

from __future__ import annotations

from datetime import date
from html import unescape
from xml.etree import ElementTree

import pytest
from django.test import Client

from domainepublic.courriers.modeles import charger as charger_modeles
from domainepublic.models import Interet
from domainepublic.nuit import nuit
from mairie.courriers import services
from mairie.models import Courrier, Evenement, JournalActe
from mairie.roles import systeme
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import (
    accorde,
    acteur,
    delegue,
    dossier,
    emprise,
    faire,
    personne,
    rect,
)
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE, commune

pytestmark = pytest.mark.usefixtures("aller")
LISTE = "/domaine-public/publicite/"
QUI = {"nom": "Café rival", "courriel": "rival@exemple.invalid", "message": "Une terrasse aussi."}


@pytest.fixture
def annoncee():
    d = dossier(emprise("TERR_O", unite="m2"), demandeur=personne("Dupré Fictif"), adresse="12 rue du Lavoir")
    return faire(
        d, "ouvrir_publicite", donnees={"au": "2026-03-20", "lieu": "site de la commune", "texte": "Saison."}
    )


def test_l_annonce_dit_tout_sauf_qui_demande(client, annoncee):
    page = texte(client.get(LISTE))
    assert "Terrasse, 12 rue du Lavoir" in page and "jusqu'au vendredi 20 mars 2026 inclus" in page
    une = texte(client.get(f"{LISTE}{annoncee.pk}/"))
    assert "8 m²" in une and "Saison." in une and "site de la commune" in une
    for lu in (page, une):
        assert "Dupré" not in lu and annoncee.numero not in lu


def test_deux_homonymes_et_un_message_corrige_restent_deux_interets(client, annoncee):
    adresse = f"{LISTE}{annoncee.pk}/"
    anonyme = {"nom": "Martin Fictif", "courriel": "", "telephone": "0300000000", "message": "Un étal."}
    for champs in (
        QUI,
        anonyme,
        {**anonyme, "telephone": "0311111111"},
        {**QUI, "message": "Une terrasse, puis un étal."},
        # Sent twice, under a name written better.
        {**anonyme, "nom": "M. Martin Fictif"},
    ):
        assert client.post(adresse, champs).status_code == 302
    assert [i.nom for i in Interet.objects.all()] == [
        "Café rival", "Martin Fictif", "Martin Fictif", "Café rival",
    ]  # fmt: skip


def test_un_interet_qui_n_en_est_pas_un_s_ecarte_avec_un_motif_et_la_nuit_clot(client, annoncee, aller):
    client.post(f"{LISTE}{annoncee.pk}/", {**QUI, "message": "Gagnez de l'argent."})
    interet = Interet.objects.get()
    adresse = f"{annoncee.get_absolute_url()}interets/{interet.pk}/"
    agent = client_de("instructeur")
    page = texte(agent.post(f"{adresse}ecarter/", {"motif": "pub"}, follow=True))
    assert "en 15 caractères au moins" in page
    assert client_de("lecture").post(f"{adresse}ecarter/", {"motif": "Publicité."}).status_code == 403
    ailleurs = client_de("instructeur", insee=AUTRE_INSEE)
    assert ailleurs.post(f"{adresse}ecarter/", {"motif": "x" * 20}).status_code == 404
    page = texte(agent.post(f"{adresse}ecarter/", {"motif": "Réclame sans objet ici."}, follow=True))
    assert "Réclame sans objet ici." in page and "Compter de nouveau" in page
    agent.post(f"{adresse}retablir/")
    aller(date(2026, 3, 21))
    assert nuit.func()["publicites"] == 0
    agent = client_de("instructeur")
    agent.post(f"{adresse}ecarter/", {"motif": "Réclame sans objet ici."})
    assert [a.action for a in JournalActe.objects.filter(action__contains="interet").order_by("id")] == [
        "domainepublic.interet_ecarte", "domainepublic.interet_retabli", "domainepublic.interet_ecarte",
    ]  # fmt: skip
    assert nuit.func()["publicites"] == 1
    page = texte(agent.post(f"{adresse}retablir/", follow=True))
    assert "La publicité est finie" in page


def test_un_interet_se_declare_une_fois_et_ouvre_la_concurrence(client, annoncee, aller):
    adresse = f"{LISTE}{annoncee.pk}/"
    for _ in range(2):
        assert client.post(adresse, QUI)["Location"] == adresse
    assert Interet.objects.count() == 1
    lue = texte(client_de("instructeur").get(annoncee.get_absolute_url()))
    assert "Café rival" in lue and "rival@exemple.invalid" in lue
    assert "Café rival" not in texte(client_de("lecture").get(annoncee.get_absolute_url()))
    assert client_de("instructeur", insee=AUTRE_INSEE).get(annoncee.get_absolute_url()).status_code == 404
    assert "Café rival" not in texte(client.get(adresse))
    aller(date(2026, 3, 21))
    with pytest.raises(Refus, match="une autre personne s'est fait connaître"):
        faire(annoncee, "clore_publicite")
    assert nuit.func()["publicites"] == 0
    assert (
        faire(annoncee, "constater_concurrence", donnees={"motif": "Un rival."}).etat == "mise_en_concurrence"
    )


@pytest.mark.parametrize(
    ("champs", "attendu"),
    [
        ({"courriel": ""}, "Donnez un courriel ou un téléphone"),
        ({"nom": ""}, "obligatoire"),
        ({"site": "http://exemple.invalid"}, "n'a pas pu être envoyée"),
    ],
)
def test_une_declaration_fausse_est_dite(client, annoncee, champs, attendu):
    reponse = client.post(f"{LISTE}{annoncee.pk}/", {**QUI, **champs})
    assert reponse.status_code == 422 and attendu in texte(reponse)
    assert not Interet.objects.exists()


def test_trop_de_declarations_s_arretent(client, annoncee, settings):
    settings.ODP_DEPOTS_PAR_HEURE = 1
    client.post(f"{LISTE}{annoncee.pk}/", QUI)
    assert client.post(f"{LISTE}{annoncee.pk}/", {**QUI, "nom": "Autre"}).status_code == 429


def test_apres_la_fin_rien_ne_se_declare_plus_et_la_nuit_clot(client, annoncee, aller):
    aller(date(2026, 3, 21))
    page = client.get(f"{LISTE}{annoncee.pk}/")
    assert "Cette publicité est finie" in texte(page)
    assert client.post(f"{LISTE}{annoncee.pk}/", QUI).status_code == 422
    for attendu in (1, 0, 0):
        assert nuit.func()["publicites"] == attendu
    annoncee.refresh_from_db()
    assert annoncee.etat == "en_instruction"
    assert Evenement.objects.get(type="clore_publicite").au_nom_de
    close = client.get(f"{LISTE}{annoncee.pk}/")
    assert close.status_code == 404 and "Cette annonce est close" in texte(close)
    jamais = dossier(emprise("BENNE", geom=rect(30)))
    assert "Page introuvable" in texte(client.get(f"{LISTE}{jamais.pk}/"))
    assert "Aucune occupation n'est annoncée" in texte(client.get(LISTE))


def test_le_dernier_jour_appartient_encore_au_public(client, annoncee, aller):
    aller(date(2026, 3, 20))
    assert client.post(f"{LISTE}{annoncee.pk}/", QUI).status_code == 302


def test_une_dispense_publie_son_motif(client):
    accorde(
        dossier(
            emprise("TERR_O", unite="m2"), adresse="12 rue du Lavoir",
            faits={"attribution": {"exception": "L2122-1-3_4"}},
        )
    )  # fmt: skip
    assert "12 rue du Lavoir" in (page := texte(client.get(LISTE)))
    assert "le lieu, son usage ou l'activité ont des caractères particuliers" in page


@pytest.mark.parametrize(("jour", "classes"), [(date(2026, 4, 21), 0), (date(2026, 4, 22), 1)])
def test_des_pieces_jamais_venues_classent_la_demande(aller, jour, classes):
    d = dossier(emprise(geom=rect(20)))
    faire(d, "declarer_incomplet", donnees={"pieces": ["plan"], "delai_jours": 20})
    aller(jour)
    assert [nuit.func()["sans_suite"], nuit.func()["sans_suite"]] == [classes, 0]
    d.refresh_from_db()
    assert d.etat == ("sans_suite" if classes else "incomplet")


def test_les_interets_s_effacent_apres_deux_ans(client: Client, annoncee, aller):
    client.post(f"{LISTE}{annoncee.pk}/", QUI)
    aller(date(2028, 3, 1))
    assert nuit.func()["interets_effaces"] == 0
    aller(date(2028, 3, 4))
    assert nuit.func()["interets_effaces"] == 1


# --- what came of it ----------------------------------------------------------------------------


@pytest.fixture
def disputee(client, annoncee, aller):
    """Two others are interested, a third is set aside; the competition is open."""
    commune()
    adresse = f"{LISTE}{annoncee.pk}/"
    client.post(adresse, QUI)
    client.post(adresse, {"nom": "Martin Fictif", "telephone": "0300000000", "message": "Un étal."})
    client.post(adresse, {"nom": "Réclame", "courriel": "pub@exemple.invalid", "message": "Gagnez."})
    client_de("instructeur").post(
        f"{annoncee.get_absolute_url()}interets/{Interet.objects.get(nom='Réclame').pk}/ecarter/",
        {"motif": "Réclame sans objet ici."},
    )
    charger_modeles()
    return faire(annoncee, "constater_concurrence", donnees={"motif": "Deux rivaux."})


RETENU = {
    "motif": "Dupré 8/10, Café rival 5/10, Martin 4/10",
    "publie": "Le projet retenu garde un passage de deux mètres (8/10 contre 5/10 et 4/10).",
}


def lettres(d) -> list[Courrier]:
    trouvees = Courrier.objects.du_dossier(d).filter(modele__modele__code="concurrence").order_by("pk")
    return list(trouvees.exclude(etat="abandonne"))


def test_chaque_rival_recoit_une_lettre_motivee(disputee):
    faire(disputee, "retenir", donnees=RETENU)
    ecrites = lettres(disputee)
    assert [(c.destinataire, c.destinataire_courriel, c.etat) for c in ecrites] == [
        ("Café rival", "rival@exemple.invalid", "brouillon"), ("Martin Fictif", "", "brouillon"),
    ]  # fmt: skip
    assert [c.mode for c in ecrites] == ["electronique", "recommande"]
    lue = " ".join(unescape(services.composer(ecrites[0]).html).replace("’", "'").split())
    assert RETENU["publie"] in lue and "le 2 mars 2026" in lue and "jusqu'au 20 mars 2026" in lue
    assert "Dupré" not in lue and "Martin" not in lue and "L. 2122-1-4" in lue
    agent = client_de("instructeur")
    page = texte(agent.get(disputee.get_absolute_url()))
    assert "Un candidat est retenu depuis le" in page and page.count("réponse écrite") == 2
    # One given up by mistake is asked for again, to the same person.
    services.abandonner(ecrites[1], par=systeme("essai"), version=ecrites[1].version, motif="Trop vite")
    page = texte(agent.get(disputee.get_absolute_url()))
    assert "Martin Fictif a fait connaître son intérêt" in page and "sans réponse" in page
    agent.post(f"{disputee.get_absolute_url()}courriers/concurrence/")
    assert [c.destinataire for c in lettres(disputee)] == ["Café rival", "Martin Fictif"]


def test_le_choix_annule_abandonne_ses_lettres(disputee):
    from mairie.workflow import annuler_dernier

    faire(disputee, "retenir", donnees=RETENU)
    annuler_dernier(disputee, par=acteur("responsable"), version=disputee.version, motif="Trop tôt")
    assert disputee.etat == "mise_en_concurrence" and lettres(disputee) == []


@pytest.mark.parametrize(
    "publie", ["Café Rival est plus loin.", "Fictif 5/10 : MARTIN FICTIF ouvre peu.", "Dupré Fictif"]
)
def test_les_motifs_publies_ne_nomment_personne(disputee, publie):
    with pytest.raises(Refus, match="Les motifs publiés nomment"):
        faire(disputee, "retenir", donnees={**RETENU, "publie": publie})


def test_le_resultat_et_ses_motifs_sont_publics_une_fois_le_titre_accorde(client, disputee):
    faire(disputee, "retenir", donnees=RETENU)
    assert RETENU["publie"] not in texte(client.get(LISTE))
    delegue()
    faire(disputee, "preparer_acte")
    faire(disputee, "signer", "signataire")
    page, flux = texte(client.get(LISTE)), client.get("/domaine-public/flux/publicites.rss")
    assert RETENU["publie"] in page and "2 autres intérêts déclarés" in page
    assert flux["Content-Type"].startswith("application/rss+xml")
    lu = flux.content.decode()
    assert RETENU["publie"] in lu and "12 rue du Lavoir" in lu
    for public in (page, lu):
        assert not [nom for nom in ("Dupré", "Café", "Martin", disputee.numero) if nom in public]
    ElementTree.fromstring(lu)


def test_le_flux_annonce_ce_qui_est_ouvert_et_les_dispenses(client, annoncee):
    accorde(
        dossier(
            emprise("TERR_O", unite="m2", geom=rect(20)),
            faits={"attribution": {"exception": "L2122-1-3_4"}},
        )
    )  # fmt: skip
    lu = client.get("/domaine-public/flux/publicites.rss").content.decode()
    assert "Annoncée jusqu'au 20/03/2026. Saison." in unescape(lu)
    assert "Accordée sans mise en concurrence : le lieu, son usage" in unescape(lu)
