"""One authority: one act. Two: two acts, each in the list of who signs it (spec §14.4)."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from domainepublic import signataires
from domainepublic.models import DossierODP
from mairie.models import Appartenance, Collectivite, Courrier, Delegation, EvenementDomaine
from mairie.references import charger
from mairie.workflow import Refus, appliquer
from tests.domainepublic.fabrique_odp import a_signer, acteur, delegue, dossier, emprise, faire
from tests.domainepublic.test_ecrans_odp import DOS, texte
from tests.personnes import INSEE, agent, commune

pytestmark = pytest.mark.usefixtures("aller")
EPCI = "200000001"
# A hoarding fixed in the ground of a street that the EPCI manages: its permission; the mayor rules traffic.
FAITS = {"gestionnaire": "epci", "ancrage": True, "modifie_circulation": True}
LISTE = "/domaine-public/parapheur/"


@pytest.fixture
def president(aller):
    """The EPCI of the commune is in this house, with its president."""
    epci = Collectivite.objects.create(code=EPCI, nature="epci", nom="Communauté fictive")
    Appartenance.objects.create(epci=epci, commune=commune(), du=date(2020, 1, 1))
    compte = agent("domainepublic.signataire", codes=(EPCI,), email="president@exemple.invalid")
    Delegation.objects.create(
        collectivite=epci, delegataire=compte, titulaire=True, qualite="Le président", du=date(2020, 1, 1)
    )
    return compte


def signer(d: DossierODP, compte) -> DossierODP:
    from domainepublic.services import agir

    d.refresh_from_db()
    agir(d, "signer", par=compte, version=d.version)
    d.refresh_from_db()
    return d


def liste(compte) -> str:
    client = Client()
    client.force_login(compte, backend=DOS)
    return texte(client.get(LISTE))


def test_deux_autorites_deux_actes_chacun_dans_la_liste_de_son_signataire(president):
    charger()
    d = a_signer(dossier(emprise("PALIS"), faits=FAITS))
    maire = acteur("signataire")
    assert d.numero in liste(maire) and d.numero in liste(president)
    projets = {c.emetteur.code: c for c in Courrier.objects.du_dossier(d)}
    assert {code: c.modele.modele.code for code, c in projets.items()} == {
        INSEE: "arrete_circulation",
        EPCI: "permission_de_voirie",
    }
    signer(d, president)
    assert d.etat == "a_signer", "le maire n'a pas signé"
    assert d.numero in liste(maire) and d.numero not in liste(president)
    client = Client()
    client.force_login(maire, backend=DOS)
    page = texte(client.get(d.get_absolute_url()))
    assert "signé le 02/03/2026 par le président de l'intercommunalité" in page
    assert "à signer par le maire" in page
    with pytest.raises(Refus, match="déjà signé"):
        signer(d, president)
    signer(d, maire)
    assert d.etat == "accorde"
    assert "Aucun acte n'attend votre signature" in liste(maire)
    numeros = [
        n
        for e in EvenementDomaine.objects.filter(nom="domainepublic.arrete_circulation_signe")
        for n in e.charge["numeros"]
    ]
    assert len(numeros) == 1, "le président ne règle pas la circulation"


def test_chaque_acte_parle_au_nom_de_son_autorite(president):
    from domainepublic.courriers import valeurs
    from mairie.courriers.champs import ContexteFusion

    d = dossier(emprise("PALIS"), faits=FAITS)
    actes, phrases = {}, {}
    for c in (commune(), Collectivite.objects.get(code=EPCI)):
        contexte = ContexteFusion(dossier=d, jour=date(2026, 3, 2), entete={"nom": c.nom}, emetteur=c)
        actes[c.code] = valeurs.acte_titre(contexte)
        phrases[c.code] = valeurs.autorite_phrase(contexte)
        vises = " ".join(v["texte"] for v in valeurs.visas(contexte))
        assert ("L. 5211-9-2" in vises) is (c.code == EPCI)
    assert actes == {INSEE: "arrêté de circulation", EPCI: "permission de voirie"}
    assert phrases[EPCI] == "Le président, au nom de l'établissement intercommunal (Communauté fictive)"


def test_une_seule_autorite_un_seul_acte_une_seule_signature(president):
    d = a_signer(dossier(faits={"modifie_circulation": True}))
    assert d.numero not in liste(president)
    signer(d, acteur("signataire"))
    assert d.etat == "accorde"
    accordee = EvenementDomaine.objects.get(nom="domainepublic.occupation_accordee")
    circulation = EvenementDomaine.objects.get(nom="domainepublic.arrete_circulation_signe")
    assert accordee.charge["numeros"] == circulation.charge["numeros"] == ["2026-ODP-0001"]


def test_le_president_signe_seul_le_titre_qui_n_est_que_de_lui(president):
    faits = {"gestionnaire": "epci", "ancrage": True}
    d = a_signer(dossier(emprise("PALIS"), faits=faits))
    with pytest.raises(Refus, match="ne signe aucun acte"):
        signer(d, acteur("signataire"))
    assert signer(d, president).etat == "accorde"


def test_hors_de_l_epci_ou_de_sa_delegation_le_president_ne_signe_rien(president):
    d = a_signer(dossier(emprise("PALIS"), faits=FAITS))
    Delegation.objects.filter(delegataire=president).update(au=date(2026, 3, 1))
    assert not signataires.peut_signer(president, INSEE, ("president_epci",), date(2026, 3, 2))
    assert d.numero not in liste(president)
    with pytest.raises(Refus, match="délégation"):
        appliquer(
            d, "signer", par=president, version=d.version,
            donnees={
                "autorite": "president_epci", "signataires": ["president_epci"], "actes": [],
                "debut": "2026-06-01",
            },
        )  # fmt: skip
    # Nobody of the EPCI signs here any more: an agent notes what was signed elsewhere.
    faire(d, "signature_exterieure", donnees={"autorite": "president_epci", "reference": "EPCI 1"})
    assert signer(d, acteur("signataire")).etat == "accorde"


def test_la_liste_d_un_signataire_porte_les_conflits_d_abord(president):
    delegue()
    calme = a_signer(dossier(emprise(debut=date(2026, 9, 1), fin=date(2026, 9, 2))))
    dispute = a_signer(dossier(emprise(debut=date(2026, 10, 1), fin=date(2026, 10, 2))))
    dispute.conflits.create(
        emprise=dispute.emprises.get(), motif="largeur_libre", niveau="alerte", libelle="x"
    )
    lue = liste(acteur("signataire"))
    assert lue.index(dispute.numero) < lue.index(calme.numero)
