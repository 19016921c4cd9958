"""Domain events: each subscriber once, in order, retried, and none stopped by another."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from mairie import evenements
from mairie.evenements import DELAIS, abonner, emettre, livrer, rattraper, relancer
from mairie.models import EvenementDomaine, Livraison, Utilisateur
from mairie.numerotation import Genre, dernier_donne, prochain

NOM = "essai.chose_faite"
COMPTE = Genre("essai.compte", "Compte", lambda s, n: str(n), par_annee=False)


@pytest.fixture(autouse=True)
def _abonnements(monkeypatch):
    monkeypatch.setattr(evenements, "_abonnes", {})


def compter(evenement: EvenementDomaine) -> None:
    """An effect in the database: it must count each event once."""
    prochain(COMPTE, evenement.insee, jour=evenement.emis_le.date())


def compte() -> int:
    return dernier_donne(COMPTE, "25999", jour=timezone.localdate())


@pytest.mark.django_db
def test_l_outbox_suit_la_transaction_de_l_emetteur():
    abonner(NOM, compter, abonne="essai.compteur")
    with pytest.raises(RuntimeError), transaction.atomic():
        emettre(NOM, {}, insee="25999")
        raise RuntimeError
    assert not Livraison.objects.exists()
    emettre(NOM, {}, insee="25999")
    emettre("essai.autre_chose", {}, insee="25999")
    assert [(v.evenement.nom, v.abonne, v.etat) for v in Livraison.objects.all()] == [
        (NOM, "essai.compteur", "a_livrer")
    ]


@pytest.mark.django_db(transaction=True)
def test_chaque_abonne_recoit_une_fois_et_dans_l_ordre():
    recus = []
    abonner(NOM, compter, abonne="essai.compteur")
    abonner(NOM, lambda e: recus.append(e.charge["n"]), abonne="essai.lecteur")
    for n in range(4):
        emettre(NOM, {"n": n}, insee="25999")
    assert livrer(limite=3) == (3, 0)
    assert livrer() == (5, 0)
    assert livrer() == (0, 0)
    assert (compte(), recus) == (4, [0, 1, 2, 3])
    assert set(Livraison.objects.values_list("etat", "essais")) == {("livree", 1)}


@pytest.mark.django_db(transaction=True)
def test_un_abonne_en_panne_est_reessaye_trois_fois_sans_arreter_les_autres():
    recus, essayes = [], []

    def en_panne(evenement):
        essayes.append(evenement.charge["n"])
        compter(evenement)
        if evenement.charge["n"] == 0:
            raise ValueError("service absent")

    abonner(NOM, en_panne, abonne="essai.fragile")
    abonner(NOM, lambda e: recus.append(e.charge["n"]), abonne="essai.lecteur")
    for n in range(2):
        emettre(NOM, {"n": n}, insee="25999")
    debut = timezone.now()
    assert livrer(maintenant=debut) == (2, 1)
    assert (recus, essayes, compte()) == ([0, 1], [0], 0)
    # The second event waits for the first: order per subscriber.
    assert livrer(maintenant=debut + DELAIS[0] - timedelta(seconds=1)) == (0, 0)
    assert livrer(maintenant=debut + DELAIS[0]) == (0, 1)
    assert livrer(maintenant=debut + DELAIS[0] + DELAIS[1]) == (1, 1)
    assert (essayes, compte()) == ([0, 0, 0, 1], 1)
    echec = Livraison.objects.get(etat="echec")
    assert (echec.essais, echec.erreur) == (3, "ValueError : service absent")
    assert livrer(maintenant=debut + timedelta(days=30)) == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_un_echec_se_montre_et_se_relance(capsys):
    panne = [True]

    def capricieux(evenement):
        if panne[0]:
            raise ValueError("en panne")
        compter(evenement)

    abonner(NOM, capricieux, abonne="essai.capricieux")
    evenement = emettre(NOM, {}, insee="25999")
    for jours in range(3):
        livrer(maintenant=timezone.now() + timedelta(days=jours))
    call_command("livrer_evenements")
    ligne = f"En échec : {NOM} n° {evenement.pk} → essai.capricieux : ValueError : en panne\n"
    assert capsys.readouterr().out == f"Livrées : 0 ; essais manqués : 0\n{ligne}"
    panne[0] = False
    call_command("livrer_evenements", "--relancer-echecs")
    assert capsys.readouterr().out == "Relancées : 1\nLivrées : 1 ; essais manqués : 0\n"
    assert (compte(), relancer(Livraison.objects.get())) == (1, False)


@pytest.mark.django_db(transaction=True)
def test_une_faute_vue_seulement_a_la_validation_compte_comme_un_essai():
    def cle_orpheline(evenement):
        Utilisateur.groups.through.objects.create(utilisateur_id=10**9, group_id=10**9)

    abonner(NOM, cle_orpheline, abonne="essai.orphelin")
    emettre(NOM, {})
    assert livrer() == (0, 1)
    livraison = Livraison.objects.get()
    assert (livraison.etat, livraison.essais) == ("a_livrer", 1)
    assert livraison.erreur.startswith("IntegrityError")


@pytest.mark.django_db(transaction=True)
def test_plusieurs_livreurs_a_la_fois_ne_doublent_rien():
    recus: list[int] = []

    def noter(evenement):
        compter(evenement)
        recus.append(evenement.charge["n"])

    abonner(NOM, noter, abonne="essai.compteur")
    abonner(NOM, lambda e: None, abonne="essai.muet")
    for n in range(15):
        emettre(NOM, {"n": n}, insee="25999")
    ensemble = threading.Barrier(4)

    def livreur(_: int) -> int:
        try:
            ensemble.wait(timeout=20)
            return livrer()[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as fils:
        total = sum(fils.map(livreur, range(4)))
    assert (total, compte(), recus) == (30, 15, list(range(15)))


@pytest.mark.django_db(transaction=True)
def test_un_abonne_disparu_est_dit():
    abonner(NOM, compter, abonne="essai.parti")
    emettre(NOM, {}, insee="25999")
    evenements._abonnes.clear()
    assert livrer() == (0, 1)
    assert "« essai.parti » n'existe plus" in Livraison.objects.get().erreur


@pytest.mark.django_db(transaction=True)
def test_un_nouvel_abonne_peut_rattraper_le_passe():
    avant = timezone.now()
    for n in range(2):
        emettre(NOM, {"n": n}, insee="25999")
    with pytest.raises(ValueError, match="n'écoute pas"):
        rattraper(NOM, "essai.tardif", avant)
    abonner(NOM, compter, abonne="essai.tardif")
    assert [rattraper(NOM, "essai.tardif", avant) for _ in range(2)] == [2, 0]
    assert (livrer(), compte()) == ((2, 0), 2)


@pytest.mark.django_db
def test_la_base_tient_une_livraison_par_abonne_et_des_etats_justes():
    evenement = emettre(NOM, {})
    Livraison.objects.create(evenement=evenement, abonne="essai.a")
    for faux in ({"abonne": "essai.a"}, {"etat": "livree"}, {"etat": "perdue"}, {"abonne": "sans_app"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Livraison.objects.create(**{"evenement": evenement, "abonne": "essai.b"} | faux)


def test_un_abonnement_a_un_nom_et_une_seule_fonction():
    abonner(NOM, compter, abonne="essai.a")
    abonner(NOM, compter, abonne="essai.a")
    with pytest.raises(ValueError, match="autre fonction"):
        abonner(NOM, print, abonne="essai.a")
    with pytest.raises(ValueError, match="attendus"):
        abonner(NOM, print, abonne="compteur")
