"""Secret links and public drafts."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.utils import timezone

from mairie import brouillons, liens
from mairie.models import Brouillon, EssaiLien, LienSecret, UsageLien
from tests.personnes import commune

pytestmark = pytest.mark.django_db
USAGE = "essai.suivi"


@pytest.fixture(autouse=True)
def _usage(monkeypatch):
    monkeypatch.setattr(liens, "_usages", dict(liens._usages))
    liens.declarer_usage(liens.UsageDeLien(USAGE, "Suivi", timedelta(days=365), lambda j: f"/suivi/{j}/"))


def requete(adresse="192.0.2.7"):
    return RequestFactory().get("/", REMOTE_ADDR=adresse)


def test_un_lien_s_ouvre_et_son_usage_se_note():
    lien, jeton = liens.creer(commune(), USAGE)
    assert len(jeton) == 22
    liens.ouvrir(jeton, USAGE, requete())
    liens.ouvrir(jeton, USAGE, requete("192.0.2.8"))
    lien.refresh_from_db()
    assert lien.usages == 2
    origines = set(UsageLien.objects.values_list("origine", flat=True))
    assert len(origines) == 2
    assert not any("192" in o for o in origines)


def test_un_lien_n_ouvre_que_pour_son_usage():
    _, jeton = liens.creer(commune(), USAGE)
    with pytest.raises(liens.LienRefuse) as refus:
        liens.ouvrir(jeton, Brouillon.USAGE_LIEN)
    assert refus.value.motif == liens.Motif.INCONNU
    assert refus.value.lien is None


@pytest.mark.parametrize(("decalage", "ouvre"), [(timedelta(seconds=1), True), (timedelta(0), False)])
def test_un_lien_expire_a_son_instant(time_machine, decalage, ouvre):
    time_machine.move_to("2026-03-02T09:00:00+00:00", tick=False)
    fin = timezone.now() + timedelta(hours=1)
    _, jeton = liens.creer(commune(), USAGE, expire_le=fin)
    time_machine.move_to(fin - decalage, tick=False)
    if ouvre:
        liens.ouvrir(jeton, USAGE)
    else:
        with pytest.raises(liens.LienRefuse, match="expiré"):
            liens.ouvrir(jeton, USAGE)


def test_un_lien_revoque_reste_ferme():
    lien, jeton = liens.creer(commune(), USAGE)
    liens.revoquer(lien)
    with pytest.raises(liens.LienRefuse, match="retiré"):
        liens.ouvrir(jeton, USAGE)


def test_une_cle_se_tape_comme_on_la_lit_et_n_ouvre_que_son_dossier():
    objet, autre = commune(), commune("25998")
    lien, cle = liens.creer_cle(objet, USAGE)
    assert len(cle) == 16
    tapee = "-".join(cle[i : i + 4].lower() for i in range(0, 16, 4))
    assert liens.ouvrir_par_cle(objet, USAGE, tapee, requete()) == lien
    with pytest.raises(liens.LienRefuse):
        liens.ouvrir_par_cle(autre, USAGE, cle, requete())


def test_refaire_une_cle_ferme_l_ancienne():
    objet = commune()
    _, ancienne = liens.creer_cle(objet, USAGE)
    liens.creer_cle(objet, USAGE)
    with pytest.raises(liens.LienRefuse) as refus:
        liens.ouvrir_par_cle(objet, USAGE, ancienne, requete())
    assert refus.value.motif == liens.Motif.REVOQUE


def test_cinq_essais_par_quart_d_heure(time_machine):
    time_machine.move_to("2026-03-02T09:00:00+00:00", tick=False)
    objet = commune()
    _, cle = liens.creer_cle(objet, USAGE)
    for _ in range(5):
        with pytest.raises(liens.LienRefuse, match="pas reconnu"):
            liens.ouvrir_par_cle(objet, USAGE, "FAUX", requete())
    # From elsewhere too: the key of one dossier is guessed from many addresses.
    for adresse in ("192.0.2.7", "192.0.2.99"):
        with pytest.raises(liens.LienRefuse, match="quinze minutes"):
            liens.ouvrir_par_cle(objet, USAGE, cle, requete(adresse))
    time_machine.move_to("2026-03-02T09:15:01+00:00", tick=False)
    liens.ouvrir_par_cle(objet, USAGE, cle, requete())
    time_machine.move_to("2026-03-04T09:00:00+00:00", tick=False)
    assert liens.purger() == 10
    assert not EssaiLien.objects.exists()


def test_un_numero_inconnu_echoue_comme_une_cle_fausse():
    with pytest.raises(liens.LienRefuse) as refus:
        liens.ouvrir_par_cle(None, USAGE, "0000000000000000", requete())
    assert refus.value.motif == liens.Motif.INCONNU


# --- drafts -------------------------------------------------------------------------------------


def test_un_brouillon_se_reprend_et_se_complete():
    brouillon, jeton = brouillons.commencer("essai.demande", insee="25999", donnees={"quoi": "terrasse"})
    b = brouillons.reprendre(jeton, "essai.demande", requete())
    b = brouillons.enregistrer(b, "quand", {"du": "2026-05-01"}, version=b.version)
    assert b.donnees == {"quoi": "terrasse", "du": "2026-05-01"}
    with pytest.raises(brouillons.BrouillonPerime) as perime:
        brouillons.enregistrer(brouillon, "quand", {"du": "2026-06-01"}, version=1)
    assert perime.value.actuel.donnees["du"] == "2026-05-01"
    with pytest.raises(liens.LienRefuse):
        brouillons.reprendre(jeton, "essai.autre", requete())


def test_un_brouillon_est_borne():
    with pytest.raises(brouillons.BrouillonTropGros):
        brouillons.commencer("essai.demande", donnees={"texte": "x" * 300_000})


def test_un_brouillon_clos_ne_laisse_rien():
    brouillon, jeton = brouillons.commencer("essai.demande")
    brouillons.clore(brouillon)
    assert not Brouillon.objects.exists()
    assert not LienSecret.objects.exists()
    with pytest.raises(liens.LienRefuse):
        brouillons.reprendre(jeton, "essai.demande")


def test_un_brouillon_abandonne_s_efface_trente_jours_apres_sa_derniere_saisie(time_machine, settings):
    time_machine.move_to("2026-03-02T09:00:00+00:00", tick=False)
    brouillon, jeton = brouillons.commencer("essai.demande")
    time_machine.move_to("2026-03-20T09:00:00+00:00", tick=False)
    brouillons.enregistrer(brouillon, "suite", {}, version=1)
    time_machine.move_to("2026-04-19T08:59:00+00:00", tick=False)
    assert brouillons.purger() == 0
    brouillons.reprendre(jeton, "essai.demande")
    time_machine.move_to("2026-04-19T09:00:01+00:00", tick=False)
    assert brouillons.purger() == 1
    assert not LienSecret.objects.exists()
