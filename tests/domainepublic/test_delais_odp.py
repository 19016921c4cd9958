"""Delays of the service: chosen from a day on with a reference, read at the day of each file."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from domainepublic import facturation, parametres
from domainepublic.models import ParametreODP, ValeurParametre
from domainepublic.nuit import nuit
from domainepublic.regles.tables.parametres import PARAMETRES
from domainepublic.workflow import DOSSIER_ODP
from mairie.models import JournalActe
from mairie.workflow import Refus, journal
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, faire, rect
from tests.domainepublic.test_ecrans_odp import client_de
from tests.domainepublic.test_parametres_odp import BASE, client_partout, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import AUTRE_INSEE, commune

pytestmark = pytest.mark.usefixtures("aller")
NOTE = "note de service n° 4"


@pytest.fixture(autouse=True)
def _charges(db):
    commune(AUTRE_INSEE)
    parametres.charger()


def fixer(code: str, valeur: int, du: date) -> ValeurParametre:
    p = ParametreODP.objects.get(code=code)
    return parametres.fixer(p, Decimal(valeur), du, NOTE, acteur("administrateur"))


def test_un_delai_vaut_a_partir_de_son_jour():
    assert parametres.au_jour("publicite_jours", date(2026, 3, 2)) == 15
    fixer("publicite_jours", 21, date(2026, 4, 1))
    fixer("publicite_jours", 30, date(2026, 6, 1))
    # Typed again for the same day: corrected, not doubled.
    fixer("publicite_jours", 28, date(2026, 6, 1))
    jours = (date(2026, 3, 31), date(2026, 4, 1), date(2026, 5, 31), date(2026, 6, 1))
    assert [parametres.au_jour("publicite_jours", j) for j in jours] == [15, 21, 21, 28]
    assert JournalActe.objects.filter(action=parametres.REGLE).count() == 3


@pytest.mark.parametrize(
    ("code", "valeur", "du", "reference", "dit"),
    [
        ("publicite_jours", "6", date(2026, 3, 2), NOTE, "entre 7 et 180"),
        ("publicite_jours", "181", date(2026, 3, 2), NOTE, "entre 7 et 180"),
        ("publicite_jours", "15.5", date(2026, 3, 2), NOTE, "nombre entier"),
        ("publicite_jours", "15", date(2026, 3, 1), NOTE, "pour le passé"),
        ("publicite_jours", "15", date(2026, 3, 2), " ", "la décision"),
        ("loi_silence_occupation", "3", date(2026, 3, 2), NOTE, "ne change pas à une date"),
        ("coordination_m", "30", date(2026, 3, 2), NOTE, "ne change pas à une date"),
    ],
)
def test_un_delai_hors_bornes_sans_reference_ou_de_la_loi_est_refuse(code, valeur, du, reference, dit):
    p = ParametreODP.objects.get(code=code)
    with pytest.raises(Refus, match=dit):
        parametres.fixer(p, Decimal(valeur), du, reference, acteur("administrateur"))
    assert not ValeurParametre.objects.exists()


def test_la_base_refuse_un_delai_sans_reference():
    p = ParametreODP.objects.get(code="publicite_jours")
    with pytest.raises(IntegrityError), transaction.atomic():
        ValeurParametre.objects.create(parametre=p, valeur=20, du=date(2026, 3, 2), reference="")


def test_chaque_demande_garde_le_delai_de_son_jour(aller):
    """Pieces asked before and after a change; the night gives up each after its own grace."""
    avant = dossier()
    faire(avant, "declarer_incomplet", donnees={"pieces": ["plan"]})
    fixer("pieces_jours", 10, date(2026, 3, 10))
    fixer("grace_pieces_jours", 5, date(2026, 3, 10))
    aller(date(2026, 3, 10))
    avant.refresh_from_db()
    assert avant.date_limite_pieces == date(2026, 4, 1)
    apres = dossier(emprise(geom=rect(20)), le=date(2026, 3, 10))
    page = client_de("instructeur").get(f"{apres.get_absolute_url()}evenements/declarer_incomplet/")
    assert page.context["formulaire"]["delai_jours"].value() == 10
    faire(apres, "declarer_incomplet", donnees={"pieces": ["plan"]})
    assert apres.date_limite_pieces == date(2026, 3, 20)
    for jour, etats in (
        (date(2026, 3, 25), ("incomplet", "incomplet")),
        (date(2026, 3, 26), ("incomplet", "sans_suite")),
        (date(2026, 5, 1), ("incomplet", "sans_suite")),
        (date(2026, 5, 2), ("sans_suite", "sans_suite")),
    ):
        aller(jour)
        nuit.func()
        for d, etat in zip((avant, apres), etats, strict=True):
            d.refresh_from_db()
            assert d.etat == etat, (jour, str(d))


def test_la_caducite_et_l_echeance_suivent_le_jour_de_l_acte_et_du_role(aller):
    grille()
    ancien = accorde(dossier(demandeur=payeur()))
    fixer("caducite_mois", 6, date(2026, 3, 3))
    fixer("echeance_jours", 45, date(2026, 3, 3))
    aller(date(2026, 3, 3))
    nouveau = accorde(dossier(emprise(geom=rect(20)), demandeur=payeur()))
    assert ancien.dates["caducite_le"] == "2027-06-01"
    assert nouveau.dates["caducite_le"] == "2026-12-01"
    # One signed by an older release says nothing: the delay shipped.
    faits = [journal.fait(e) for e in journal.vivantes(journal.lignes(nouveau))]
    sans = [replace(f, donnees={k: x for k, x in f.donnees.items() if k != "caducite_mois"}) for f in faits]
    lue = DOSSIER_ODP.situation(sans, nouveau.contexte_regles, date(2026, 3, 3))
    assert lue.dates["caducite_le"] == date(2027, 6, 1)
    role = facturation.preparer_role(ancien.insee, acteur("finances"), date(2026, 3, 3))
    assert role.echeance == date(2026, 4, 17)


def test_une_publicite_propose_sa_fin():
    d = dossier(emprise("TERR_O", unite="m2"))
    fixer("publicite_jours", 20, date(2026, 3, 2))
    page = client_de("instructeur").get(f"{d.get_absolute_url()}evenements/ouvrir_publicite/")
    assert page.context["formulaire"]["au"].value() == date(2026, 3, 22)


def test_la_page_dit_le_delai_du_jour_celui_a_venir_et_sa_reference(client):
    p = ParametreODP.objects.get(code="publicite_jours")
    admin = client_partout(client, "administrateur")
    adresse = f"{BASE}delais/{p.pk}/"
    assert "15 jours" in (lu := texte(admin.get(adresse))) and "De 7 à 180 jours" in lu
    saisie = {"valeur": "25", "du": "2026-04-01", "reference": NOTE}
    assert "pour le passé" in texte(admin.post(adresse, {**saisie, "du": "2026-03-01"}), 422)
    assert "obligatoire" in texte(admin.post(adresse, {**saisie, "reference": ""}), 422)
    assert admin.post(adresse, saisie).status_code == 302
    page = texte(client_de("lecture").get(f"{BASE}delais/"))
    assert f"15 jours 25 jours à partir du 01/04/2026 ({NOTE})" in page
    # Those of the law say their article and offer nothing to set.
    assert page.count("de la loi") >= 6 and "CG3P L2124-34" in page and "Régler" not in page
    loi = ParametreODP.objects.get(code="loi_silence_occupation")
    assert admin.get(f"{BASE}delais/{loi.pk}/").status_code == 404
    v = p.valeurs.get()
    assert client_de("lecture").post(f"{adresse}{v.pk}/renoncer/").status_code == 403
    # Who administers one commune only changes nothing common to all.
    assert client_de("administrateur").post(f"{adresse}{v.pk}/renoncer/").status_code == 404
    assert "est retiré" in texte(admin.post(f"{adresse}{v.pk}/renoncer/", follow=True))
    deja = fixer("publicite_jours", 20, date(2026, 3, 2))
    assert "a déjà servi" in texte(admin.post(f"{adresse}{deja.pk}/renoncer/", follow=True))
    assert f"{NOTE}, depuis le 02/03/2026" in texte(admin.get(f"{BASE}delais/"))


def test_chaque_delai_du_service_a_une_valeur_dans_ses_bornes():
    siens = [p for p in PARAMETRES.values() if p.date]
    assert {p.code for p in siens} == {
        "pieces_jours", "grace_pieces_jours", "publicite_jours", "caducite_mois", "echeance_jours",
        "relance_jours",
    }  # fmt: skip
    for p in siens:
        assert p.valeur is not None and 0 < p.minimum <= p.valeur <= p.maximum and p.texte_reference
