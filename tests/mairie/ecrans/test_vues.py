"""Saved views: a person's own, shared with a role in a collectivité, opened first."""

from __future__ import annotations

import re

import pytest
from django.db import IntegrityError, transaction
from django.http import QueryDict

from mairie.ecrans import enregistrees, registre
from mairie.ecrans.consultation import Consultation
from mairie.models import Utilisateur, VueEnregistree
from tests.mairie.ecrans.conftest import client_de
from tests.mairie.ecrans.test_liste import noms, page
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

ADRESSE = "/essai/bancs/"
LECTEURS = f"mairie.lecteur@{INSEE}"


def enregistrer(client, titre="Usés", requete="etat=use&page=3&tri=-nom&q=", **plus):
    return client.post(
        ADRESSE, {"vue": "enregistrer", "titre": titre, "requete": requete, **plus}, follow=True
    )


def vues(client) -> list[str]:
    """Names of the views offered."""
    liste = re.search(r'<ul class="vues">(.*?)</ul>', page(client.get(f"{ADRESSE}?vue=")), re.S)
    return re.findall(r"<a [^>]*>([^<]+)</a>", liste.group(1)) if liste else []


def test_une_vue_garde_filtres_tri_et_colonnes_mais_pas_la_page(lecteur, banc):
    banc("A", etat="use")
    banc("B", etat="use")
    banc("C")
    suite = enregistrer(lecteur, requete="etat=use&tri=-nom&colonnes=nom&page=2&export=csv")
    vue = VueEnregistree.objects.get()
    assert vue.parametres == "etat=use&tri=-nom&colonnes=nom"
    assert suite.redirect_chain[-1][0] == f"{ADRESSE}?etat=use&tri=-nom&colonnes=nom&vue={vue.pk}"
    assert noms(suite) == ["B", "A"] and "Vue : Usés" in page(suite)


def test_une_vue_personnelle_n_est_que_pour_soi(lecteur, admin, banc):
    enregistrer(lecteur)
    assert vues(lecteur) == ["Usés"]
    assert vues(admin) == []


def test_une_vue_partagee_est_pour_le_role_dans_la_collectivite_seulement(lecteur, ecrans_essai):
    enregistrer(lecteur, partage=LECTEURS)
    vue = VueEnregistree.objects.get()
    assert (vue.metier, vue.role, vue.collectivite.code) == ("mairie", "lecteur", INSEE)
    collegue = client_de(agent("mairie.lecteur", email="collegue@exemple.invalid"))
    ailleurs = client_de(agent("mairie.lecteur", codes=(AUTRE_INSEE,)))
    autre_role = client_de(agent("mairie.administrateur"))
    assert vues(collegue) == ["Usés"]
    assert vues(ailleurs) == [] and vues(autre_role) == []
    for client in (ailleurs, autre_role):
        assert client.post(ADRESSE, {"vue": f"supprimer:{vue.pk}"}).status_code == 404
        assert client.post(ADRESSE, {"vue": f"defaut:{vue.pk}"}).status_code == 404


@pytest.mark.parametrize(
    "partage", [f"mairie.administrateur@{INSEE}", f"mairie.lecteur@{AUTRE_INSEE}", "zut"]
)
def test_on_ne_partage_qu_avec_ses_propres_roles(lecteur, partage):
    commune(AUTRE_INSEE)
    assert "Vous ne pouvez pas partager une vue avec ce rôle." in page(enregistrer(lecteur, partage=partage))
    assert not VueEnregistree.objects.exists()


def test_un_collegue_ne_change_ni_ne_supprime_la_vue_d_un_autre(lecteur, ecrans_essai):
    enregistrer(lecteur, partage=LECTEURS)
    vue = VueEnregistree.objects.get()
    collegue = client_de(agent("mairie.lecteur", email="collegue@exemple.invalid"))
    assert "Une vue « Usés » d'un collègue existe déjà" in page(
        enregistrer(collegue, requete="etat=neuf", partage=LECTEURS)
    )
    assert "Seul l'auteur d'une vue" in page(
        collegue.post(ADRESSE, {"vue": f"supprimer:{vue.pk}"}, follow=True)
    )
    vue.refresh_from_db()
    assert vue.parametres == "etat=use&tri=-nom"


def test_l_administrateur_du_role_range_les_vues_partagees(lecteur, ecrans_essai):
    enregistrer(lecteur, partage=LECTEURS)
    vue = VueEnregistree.objects.get()
    chef = client_de(agent("mairie.administrateur", "mairie.lecteur", email="chef@exemple.invalid"))
    chef.post(ADRESSE, {"vue": f"supprimer:{vue.pk}"})
    assert not VueEnregistree.objects.exists()


def test_reenregistrer_sous_le_meme_nom_remplace(lecteur):
    enregistrer(lecteur)
    enregistrer(lecteur, requete="etat=casse")
    assert VueEnregistree.objects.get().parametres == "etat=casse"


def test_la_vue_choisie_s_ouvre_d_abord_puis_plus(lecteur, banc):
    banc("A", etat="use")
    banc("B")
    enregistrer(lecteur, defaut="1")
    ouverte = lecteur.get(ADRESSE, follow=True)
    assert noms(ouverte) == ["A"] and ouverte.redirect_chain
    assert noms(lecteur.get(f"{ADRESSE}?vue=")) == ["A", "B"]
    lecteur.post(ADRESSE, {"vue": "aucune"})
    assert noms(lecteur.get(ADRESSE)) == ["A", "B"]


def test_la_vue_par_defaut_du_role_vaut_pour_qui_n_a_rien_choisi(lecteur, banc):
    banc("A", etat="use")
    banc("B")
    enregistrer(lecteur, partage=LECTEURS)
    vue = VueEnregistree.objects.get()
    refus = page(lecteur.post(ADRESSE, {"vue": f"defaut_role:{vue.pk}"}, follow=True))
    assert "Seul l'auteur d'une vue, ou un administrateur" not in refus
    assert "Seul un administrateur choisit la vue par défaut d'un rôle." in refus
    chef = client_de(agent("mairie.administrateur", "mairie.lecteur", email="chef@exemple.invalid"))
    chef.post(ADRESSE, {"vue": f"defaut_role:{vue.pk}"})
    assert noms(lecteur.get(ADRESSE, follow=True)) == ["A"]
    lecteur.post(ADRESSE, {"vue": "aucune"})
    assert noms(lecteur.get(ADRESSE, follow=True)) == ["A", "B"]
    chef.post(ADRESSE, {"vue": f"plus_defaut_role:{vue.pk}"})
    vue.refresh_from_db()
    assert vue.par_defaut is False


def test_une_vue_par_defaut_qu_on_ne_voit_plus_ne_s_ouvre_plus(ecrans_essai, banc):
    banc("A", etat="use")
    banc("B")
    personne = agent("mairie.lecteur", "mairie.administrateur")
    client = client_de(personne)
    enregistrer(client, partage=f"mairie.administrateur@{INSEE}", defaut="1")
    assert noms(client.get(ADRESSE, follow=True)) == ["A"]
    personne.habilitations.filter(role="administrateur").delete()
    assert noms(client.get(ADRESSE, follow=True)) == ["A", "B"]


@pytest.mark.parametrize(
    ("plus", "phrase"),
    [
        ({"titre": " \0 "}, "Donnez un nom à la vue."),
        ({"requete": "q=" + "x" * 5000}, "trop de filtres"),
    ],
)
def test_une_vue_absurde_est_refusee(lecteur, plus, phrase):
    assert phrase in page(enregistrer(lecteur, **plus))
    assert not VueEnregistree.objects.exists()


def test_le_nombre_de_vues_est_borne(lecteur, monkeypatch):
    monkeypatch.setattr(enregistrees, "VUES_MAX", 1)
    enregistrer(lecteur)
    assert "Vous gardez déjà 1 vues" in page(enregistrer(lecteur, titre="Autre"))


@pytest.mark.parametrize("quoi", ["", "zut:1", "supprimer:999999", "supprimer:x", "defaut:" + "9" * 30])
def test_une_demande_absurde_ne_fait_rien(lecteur, quoi):
    assert lecteur.post(ADRESSE, {"vue": quoi}).status_code == 404


def test_la_base_refuse_un_demi_partage(db):
    with pytest.raises(IntegrityError), transaction.atomic():
        VueEnregistree.objects.create(
            ecran="mairie.bancs", titre="x", auteur=agent(), metier="mairie", role="lecteur"
        )


@pytest.mark.django_db
def test_chaque_liste_livree_se_cherche_et_se_trie():
    """A search or an order that the database can't compute is seen here, not by the first agent who types."""
    tout = Utilisateur.objects.create_superuser("toutes-listes@exemple.invalid", nom="Toutes listes")
    for liste in registre.listes():
        for demande in ("q=12+rue", *(f"tri={c.code}" for c in liste.colonnes if c.ordre)):
            consultation = Consultation(liste, tout, QueryDict(demande))
            list(consultation.lignes[:1])
