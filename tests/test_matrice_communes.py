"""Forged numbers: whoever holds every role in one commune finds nothing of another, and the log keeps it."""

from __future__ import annotations

import pytest
from django.test import Client

from mairie import intergiciels, roles
from mairie.models import JournalActe
from tests import matrice
from tests.parcours import Adresse, adresses, hors_matrice
from tests.personnes import AUTRE_INSEE, agent
from tests.plan_factice import ecrire_plan
from tests.test_matrice import url_de

pytestmark = pytest.mark.django_db

# Addresses that name what belongs to no commune, or to all of them; each with its reason.
COMMUNES_A_TOUTES: dict[str, str] = {
    "donnees_rapport": "the report of an import says what a public document holds",
    "modele_courrier": "the example is the common template, that every commune may read",
    "modele_courrier_apercu": "the same",
    # Those of a commune: test_la_tache_d_une_autre_commune_n_est_pas_la.
    "tache": "the example is a task of the house",
    "tache_suivre": "the same",
    "domainepublic_types_fiche": "a table of reference that all communes share",
    "domainepublic_types_modifier": "the same",
    "odp_delai": "figures of the settings are those of all communes",
    "ass_parametre_activer": "figures of the law are those of all communes",
    "assainissement_points_fiche": "a table of reference that all communes share",
    "assainissement_points_modifier": "the same",
}


def nomme_un_objet(a: Adresse) -> bool:
    """The address names a row that its example makes in the invented commune, behind a mark."""
    ex = matrice.exemples().get(a.nom)
    return bool(ex and ex.creer and "<" in a.motif) and a.acces != "public" and not hors_matrice(a)


OBJETS = sorted((a for a in adresses() if nomme_un_objet(a)), key=lambda a: a.nom)


def test_un_numero_d_une_autre_commune_est_introuvable_et_note_au_journal(monkeypatch):
    monkeypatch.setattr(intergiciels, "REFUS_PAR_HEURE", 10_000)
    ecrire_plan()
    tous = [f"{r.metier}.{r.code}" for r in roles.roles()]
    ailleurs = agent(*tous, codes=(AUTRE_INSEE,), email="ailleurs@exemple.invalid", nom="Ailleurs")
    client = Client()
    client.force_login(ailleurs)
    fautes, vues = [], 0
    for a in OBJETS:
        if a.nom in COMMUNES_A_TOUTES:
            continue
        url, _ = url_de(a)
        avant = JournalActe.objects.filter(action=intergiciels.ACCES_INTROUVABLE).count()
        statuts = [client.get(url).status_code]
        if statuts == [405]:
            statuts = [client.post(url).status_code]
        notes = JournalActe.objects.filter(action=intergiciels.ACCES_INTROUVABLE).count() - avant
        vues += 1
        if statuts != [404] or notes != 1:
            fautes.append((a.nom, statuts, notes))
    assert fautes == [], fautes
    assert vues >= 40
