"""The table of rights of the specification (§12), cell by cell, and the log of who read a report."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import transaction
from django.test import Client

from assainissement import controles, obligations
from mairie.models import JournalActe
from mairie.workflow import Refus
from tests.assainissement.fabrique_anc import acteur, controle, faire, installation, notifie, repondre
from tests.assainissement.test_prestataires import client, firme

pytestmark = pytest.mark.usefixtures("aller")
ROLES = ("technicien", "responsable", "gestionnaire", "elu", "lecture")
TOUS = frozenset(ROLES)
# Row of the table → roles that may; firms and the public are asked apart.
VOIR = TOUS
SAISIR = frozenset({"technicien", "responsable"})
VALIDER = frozenset({"responsable"})
SIGNER = frozenset({"elu"})
FACTURER = frozenset({"responsable", "gestionnaire"})
REGLER = frozenset({"responsable"})


def qui_peut(geste) -> frozenset[str]:
    """Roles for which a gesture of the engine is not refused; nothing of it stays."""
    peuvent = set()
    for role in ROLES:
        point = transaction.savepoint()
        try:
            geste(acteur(role))
            peuvent.add(role)
        except Refus:
            pass
        transaction.savepoint_rollback(point)
    return frozenset(peuvent)


def qui_lit(adresse: str, methode: str = "get", **donnees: str) -> frozenset[str]:
    """Roles to which a page opens; 403 and 404 close it."""
    reponses = {role: getattr(client(acteur(role)), methode)(adresse, donnees).status_code for role in ROLES}
    assert set(reponses.values()) <= {200, 302, 403, 404, 422}, reponses
    return frozenset(role for role, statut in reponses.items() if statut in (200, 302, 422))


def agir(objet, evenement: str, **donnees):
    service = controles if objet._meta.model_name == "controle" else obligations

    def geste(par):
        objet.refresh_from_db()
        service.agir(objet, evenement, par=par, version=objet.version, donnees=donnees)

    return geste


def test_le_tableau_des_droits(aller):
    i = installation()
    fini = notifie(controle(i), couvercle_non_securise="oui")
    o = fini.obligations.get()
    c = repondre(controle(i, "exceptionnel"))
    page, installation_, ici = fini.get_absolute_url(), i.get_absolute_url(), c.get_absolute_url()
    assert qui_lit(page) == qui_lit(installation_) == qui_lit("/assainissement/installations/") == VOIR
    assert qui_lit(f"{ici}saisie/existence/") == qui_lit(f"/terrain/controle_anc/{c.pk}/") == SAISIR
    assert qui_peut(agir(c, "saisir_visite")) == SAISIR
    faire(c, "saisir_visite")
    faire(c, "rediger", donnees={"presence": "signee"})
    assert qui_peut(agir(c, "valider")) == qui_lit(f"{page}rectifier/") == VALIDER
    assert (
        qui_peut(agir(o, "prolonger", jusqu_au="2031-01-01", motif="Gel.", signataire="Le maire")) == VALIDER
    )
    assert qui_lit("/assainissement/finances/") == FACTURER
    assert qui_peut(agir(fini, "facturer", reference="T 12", sans_annonce="Urgence.")) == FACTURER
    for reglage in (
        "reglement/nouveau/",
        "tarifs/nouvelle/redevance_anc/",
        "zonage/importer/",
        "reseau/importer/",
        "ventes/importer/",
    ):
        assert qui_lit(f"/assainissement/{reglage}") == REGLER, reglage
    assert qui_lit("/courriers/modeles/") == REGLER, "les modèles aussi se règlent (§12)"
    aller(date(2030, 3, 4))
    assert qui_peut(agir(o, "mettre_en_demeure", delai_mois=6, motif="Danger.")) == SIGNER
    # The public: nothing of all this; a firm: what is entrusted to it, and only to see and to fill.
    for adresse in (page, installation_, f"{ici}saisie/existence/", "/assainissement/finances/"):
        assert Client().get(adresse).status_code == 302, adresse
    p = firme(assurance_jusqu_au=date(2031, 1, 1), agrement_jusqu_au=date(2031, 1, 1))
    lui = client(p.comptes.get())
    assert lui.get(page).status_code == 404
    confie = controle(installation(parcelles=("25999000AB0002",)), "diagnostic_initial", prestataire=p)
    assert lui.get(confie.get_absolute_url()).status_code == 200
    assert lui.get(f"{confie.get_absolute_url()}saisie/existence/").status_code == 200
    for adresse in (installation_, "/assainissement/finances/", f"{page}rectifier/", "/assainissement/rpqs/"):
        assert lui.get(adresse).status_code == 403, adresse


def test_chaque_lecture_d_un_rapport_se_note():
    c = notifie(controle())
    lecteur = acteur("lecture")
    for _ in range(2):
        assert client(lecteur).get(c.get_absolute_url()).status_code == 200
    lignes = JournalActe.objects.filter(action="assainissement.rapport_consulte")
    assert [(x.utilisateur, x.objet_id, x.finalite) for x in lignes] == [
        (lecteur, str(c.pk), "suivi des contrôles")
    ] * 2
    ouvert = controle(installation(parcelles=("25999000AB0002",)))
    client(lecteur).get(ouvert.get_absolute_url())
    assert lignes.count() == 2, "pas encore un rapport"
