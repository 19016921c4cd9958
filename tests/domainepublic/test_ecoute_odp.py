"""What the other trades tell the public domain, and what it tells them (spec §12)."""

from __future__ import annotations

import json
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from cadastre.models import Parcelle
from domainepublic import facturation, riverains, tarifs
from domainepublic.constats import NouveauConstat, dresser
from domainepublic.models import Alerte, DossierODP, MesureCirculation, Proposition
from mairie import evenements, renvois
from mairie.models import Adresse, EvenementDomaine, Utilisateur, Voie
from tests.assainissement.messages import livrer
from tests.domainepublic.fabrique_odp import (
    DEPOT,
    a_signer,
    accorde,
    acteur,
    dossier,
    emprise,
    faire,
    personne,
    rect,
    type_,
)
from tests.domainepublic.test_ecrans_odp import DOS, client_de, saisie, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import AUTRE_INSEE, INSEE, agent
from tests.urba.fabrique_urba import dossier as dossier_urba

pytestmark = pytest.mark.usefixtures("aller")
PC = "PC0259992600001"
AB1 = "25999000AB0001"
TERRASSE = {"attribution": {"exception": "L2122-1-3_1"}}


def annoncer(nom: str, **charge) -> EvenementDomaine:
    """An event of ``urba`` (or another trade), delivered."""
    base = {"insee": INSEE, "numero": PC, "autorisation": PC, "nature": "INITIAL", "idus": [AB1]}
    e = evenements.emettre(nom, {**base, **charge}, insee=INSEE)
    livrer()
    return e


def alertes(d: DossierODP) -> list[str]:
    return list(d.alertes.filter(traitee_le__isnull=True).values_list("genre", flat=True))


# --- works allowed ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("charge", "proposee"),
    [
        ({"sens": "accorde"}, True),
        ({"sens": "accorde_prescriptions"}, True),
        ({"sens": "accord_tacite"}, True),
        ({"sens": "refuse"}, False),
        ({"sens": "accorde", "nature": "MODIFICATIF"}, False),
        # A certificate allows no works.
        ({"sens": "accorde", "autorisation": "CU0259992600001"}, False),
    ],
)
def test_une_decision_favorable_propose_le_chantier(charge, proposee):
    annoncer("urba.decision_rendue", **charge)
    assert Proposition.objects.exists() is proposee


def test_un_chantier_ouvert_se_propose_de_nouveau_sauf_s_il_est_prepare():
    annoncer("urba.decision_rendue", sens="accorde")
    p = Proposition.objects.get()
    client = client_de("instructeur")
    client.post("/domaine-public/propositions/", {"action": "ecarter", "choix": [p.pk]})
    Proposition.objects.update(etat="ecartee")
    annoncer("urba.doc_recue", le="2026-03-01")
    p.refresh_from_db()
    assert (p.etat, p.origine, p.le) == ("ouverte", "ouverture", date(2026, 3, 1))
    Proposition.objects.update(etat="reprise")
    annoncer("urba.doc_recue", le="2026-03-02")
    assert Proposition.objects.get().etat == "reprise"


@pytest.mark.parametrize(
    ("dates", "le"),
    [
        ({"date_decision": "2026-02-10", "date_notification": "2026-02-14"}, date(2026, 2, 10)),
        ({"date_decision": None}, date(2026, 3, 2)),
        ({}, date(2026, 3, 2)),
        (["2026-02-10"], date(2026, 3, 2)),
    ],
)
def test_un_chantier_autorise_se_date_de_sa_decision(dates, le):
    """Not of the day on which its event was sent, which for permits taken up again is the same for all."""
    annoncer("urba.decision_rendue", sens="accorde", dates=dates)
    assert Proposition.objects.get().le == le


def test_la_demonstration_repond_aux_chantiers_et_en_laisse_quelques_uns(permis):
    from domainepublic import demo_propositions as demo

    assert demo.jouer(DEPOT) == "aucun chantier proposé"
    idus = [p.idu for p in permis.parcelles.all()] or [AB1]
    for email, role in (
        (demo.AGENT, "instructeur"), (demo.RESPONSABLE, "responsable"), (demo.SIGNATAIRE, "signataire"),
        (demo.FINANCES, "finances"),
    ):  # fmt: skip
        Utilisateur.objects.filter(pk=acteur(role).pk).update(email=email)
    for rang in range(demo.OUVERTES + 9):
        Proposition.objects.create(
            insee=INSEE, autorisation=f"PC02599926{rang:05d}", origine="decision", idus=idus,
            le=DEPOT - timedelta(days=10 * rang),
        )  # fmt: skip
    demo.jouer(DEPOT)
    ouvertes = Proposition.objects.filter(etat="ouverte")
    assert [(DEPOT - p.le).days for p in ouvertes] == [10 * rang for rang in range(demo.OUVERTES)]
    for p in Proposition.objects.exclude(etat="ouverte"):
        assert p.traitee_par is not None and p.le < timezone.localdate(p.traitee_le) <= DEPOT
        assert (p.etat == "reprise") == (p.dossier is not None)
        assert p.dossier is None or p.dossier.autorisation == p.autorisation
    avant = DossierODP.objects.count()
    assert avant and DossierODP.objects.filter(emprises__type__code="ECHAF").exists()
    assert demo.jouer(DEPOT) == "déjà répondues" and DossierODP.objects.count() == avant


def test_un_permis_retire_n_est_plus_propose():
    annoncer("urba.decision_rendue", sens="accorde")
    annoncer("urba.dossier_retire", nature="MODIFICATIF")
    assert Proposition.objects.get().etat == "ouverte"
    annoncer("urba.dossier_retire")
    assert Proposition.objects.get().etat == "ecartee"


@pytest.fixture
def permis():
    """A permit of the invented commune, on parcel AB 1, with who holds it."""
    type_("PALIS")
    return dossier_urba(le=date(2026, 1, 5))


def test_un_clic_ouvre_un_depot_rempli_devant_les_parcelles(permis):
    titulaire = permis.demandeurs.get(role="petitionnaire").tiers
    idus = [p.idu for p in permis.parcelles.all()] or [AB1]
    annoncer("urba.doc_recue", autorisation=permis.da.numero, idus=idus, le="2026-03-10")
    client = Client()
    client.force_login(agent("domainepublic.instructeur", "urba.instructeur"), backend=DOS)
    bureau = client.get("/domaine-public/")
    lien = f"/domaine-public/deposer/?permis={permis.da.numero}&amp;type=PALIS"
    assert lien in bureau.content.decode()
    page = client.get(lien.replace("&amp;", "&"))
    demande, sol = page.context["demande"], page.context["emprise"]
    assert demande.initial["demandeur"] == titulaire
    assert (sol.initial["debut"], sol.initial["fin"]) == (date(2026, 3, 10), date(2026, 4, 8))
    devant = sol.initial["geom"]
    parcelle = Parcelle.objects.get(idu=idus[0], valide_au__isnull=True)
    assert devant.intersection(parcelle.geom).area < 0.01 and devant.distance(parcelle.geom) < 0.01
    assert devant.area == pytest.approx(60, abs=1)  # the 30 m of its front, 2 m deep
    envoi = saisie(demandeur=titulaire.pk, autorisation=permis.da.numero, confirmee="on")
    reponse = client.post(lien.replace("&amp;", "&"), envoi)
    assert reponse.status_code == 302, texte(reponse)
    d = DossierODP.objects.get()
    assert d.autorisation == permis.da.numero
    assert Proposition.objects.get().dossier == d
    # Each shows the other; who may not read permits sees the number only.
    assert f"/urba/dossiers/{permis.pk}/" in client.get(d.get_absolute_url()).content.decode()
    assert d.numero in texte(client.get(f"/urba/dossiers/{permis.pk}/"))
    seul = client_de("lecture").get(d.get_absolute_url()).content.decode()
    assert "/urba/dossiers/" not in seul and permis.da.numero in seul
    assert renvois.trouver("urba", permis.da.numero, acteur("lecture", AUTRE_INSEE)) is None
    assert renvois.trouver("erp", "E1", acteur("lecture")) is None


def test_un_permis_inconnu_laisse_le_formulaire_vide():
    page = client_de("instructeur").get("/domaine-public/deposer/?permis=PC02599926A9999")
    assert "n'est pas connue ici" in texte(page)
    assert page.context["demande"].initial == {}


# --- works finished, doors shut -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "genre"), [("urba.daact_recue", "travaux_finis"), ("urba.dossier_retire", "permis_retire")]
)
def test_les_occupations_d_un_chantier_fini_sont_listees(nom, genre):
    d = accorde(dossier(faits={"autorisation": PC}))
    autre = dossier(emprise(geom=rect(30)))
    fini = dossier(emprise(geom=rect(50)), faits={"autorisation": PC})
    faire(fini, "classer_sans_suite", donnees={"motif": "Abandon"})
    e = annoncer(nom, le="2026-03-02")
    assert (alertes(d), alertes(autre), alertes(fini)) == ([genre], [], [])
    # Delivered again, it tells nothing more.
    from domainepublic import ecoute

    (ecoute.travaux_acheves if genre == "travaux_finis" else ecoute.permis_retire)(e)
    assert d.alertes.count() == 1
    client = client_de("instructeur")
    assert "Travaux finis ou permis retiré" in texte(client.get("/domaine-public/"))
    assert PC in texte(client.get(d.get_absolute_url()))
    assert client.post(f"{d.get_absolute_url()}alertes/inconnu/").status_code == 404
    assert client_de("lecture").post(f"{d.get_absolute_url()}alertes/{genre}/").status_code in (403, 404)
    client.post(f"{d.get_absolute_url()}alertes/{genre}/")
    assert alertes(d) == []
    assert "Travaux finis ou permis retiré" not in texte(client.get("/domaine-public/"))


def test_un_etablissement_ferme_alerte_ses_terrasses_et_rouvert_les_laisse():
    sienne = dossier(emprise("TERR_O", rect(0)), demandeur=payeur(siret="12345678200010"), faits=TERRASSE)
    devant = dossier(emprise("TERR_O", rect(2)), demandeur=personne(), faits=TERRASSE)
    benne = dossier(emprise(geom=rect(40)), demandeur=sienne.demandeur)
    annoncer("erp.etat_ouverture", numero="ERP-1", etat="ferme", siret="123 456 782 00010")
    assert [alertes(d) for d in (sienne, devant, benne)] == [["etablissement"], [], []]
    page = texte(client_de("instructeur").get(sienne.get_absolute_url()))
    assert "la terrasse reste-t-elle justifiée" in page
    annoncer("erp.etat_ouverture", numero="ERP-1", etat="ouvert")
    assert alertes(sienne) == []
    # Without SIRET: what stands in front of its parcels.
    annoncer("erp.ouverture_decidee", numero="ERP-2", etat="fermeture_administrative", idus=[AB1])
    assert [alertes(d) for d in (sienne, devant, benne)] == [["etablissement"], ["etablissement"], []]


# --- neighbours ---------------------------------------------------------------------------------


def test_les_riverains_suivent_l_emprise_puis_le_cadastre():
    d = dossier()
    voisins = riverains.de(d)
    assert voisins and len(voisins) == d.riverains.count()
    assert all(0 <= r.distance <= 5 for r in d.riverains.all())
    ancienne = Parcelle.objects.get(idu=voisins[0], valide_au__isnull=True)
    Parcelle.objects.filter(pk=ancienne.pk).update(valide_au=date(2026, 3, 1))
    ancienne.pk, ancienne._state.adding = None, True
    ancienne.idu, ancienne.cle_idu, ancienne.valide_du = "25999000ZZ0009", 999, date(2026, 3, 1)
    ancienne.save()
    annoncer("cadastre.millesime_importe", import_id=1)
    annoncer("cadastre.parcelles_renumerotees", import_id=1)
    alerte = d.alertes.get()
    assert alerte.details == {"ajoutes": ["25999000ZZ0009"], "retires": [voisins[0]]}
    assert "25999000ZZ0009" in riverains.de(d)
    page = texte(client_de("instructeur").get(d.get_absolute_url()))
    assert "25999000ZZ0009" in page and "parcelles disparues" in page
    # Without title any more, its neighbours are of no use.
    faire(d, "classer_sans_suite", donnees={"motif": "Abandon"})
    assert not Alerte.objects.exclude(dossier__etat="sans_suite").exists()


# --- what is told -------------------------------------------------------------------------------

COMMUN = {
    "numero", "insee", "types", "adresse", "idus", "emprises", "debut", "fin", "autorisation",
}  # fmt: skip
PLUS = {
    "dossier_depose": set(),
    "terrasse_demandee": {"siret"},
    "occupation_accordee": {"numeros"},
    "arrete_circulation_signe": {"autorite", "numeros", "mesures"},
    "occupation_terminee": set(),
}


def test_chaque_evenement_emis_a_sa_charge_et_aucun_nom(aller):
    gratuit = {"type": "TERR_O", "unite": "m2", "periode": "an", "prix": "0"}
    tarifs.enregistrer_tarif(grille(), "T", gratuit)
    occupant = payeur(raison_sociale="Nom à Taire", siret="12345678200010")
    d = a_signer(
        dossier(
            emprise(), emprise("TERR_O", rect(20)), demandeur=occupant,
            faits={**TERRASSE, "modifie_circulation": True, "autorisation": PC},
        )
    )  # fmt: skip
    MesureCirculation.objects.create(
        dossier=d, type="stationnement_interdit", debut=date(2026, 6, 1), fin=date(2026, 6, 30)
    )
    faire(d, "signer", "signataire")
    facturation.exporter(facturation.valider(facturation.preparer_role(INSEE, acteur("finances"))))
    faire(d, "retirer", "signataire", donnees={"motif": "renonciation", "le": "2026-06-10"})
    emis = {
        e.nom.removeprefix("domainepublic."): e
        for e in EvenementDomaine.objects.filter(nom__startswith="domainepublic.")
    }
    for nom, plus in PLUS.items():
        assert set(emis[nom].charge) == COMMUN | plus, nom
        assert emis[nom].charge["idus"] == riverains.de(d) and emis[nom].insee == INSEE
    assert emis["terrasse_demandee"].charge["siret"] == "12345678200010"
    assert emis["arrete_circulation_signe"].charge["mesures"][0]["type"] == "stationnement_interdit"
    titre = emis["titre_emis"].charge
    assert set(titre) == {"reference", "role", "insee", "exercice", "montant", "dossiers"}
    assert (titre["montant"], titre["dossiers"]) == ("240.00", [d.numero])
    assert all("Taire" not in json.dumps(e.charge) for e in emis.values())


def test_sans_terrasse_ni_circulation_rien_de_tel_n_est_annonce():
    accorde(dossier())
    noms = set(EvenementDomaine.objects.values_list("nom", flat=True))
    assert not noms & {"domainepublic.terrasse_demandee", "domainepublic.arrete_circulation_signe"}


# --- panels -------------------------------------------------------------------------------------


def test_les_panneaux_disent_les_occupations_de_la_personne_de_l_adresse_et_de_la_parcelle():
    occupant = payeur(raison_sociale="Maçonnerie Fictive")
    d = dossier(demandeur=occupant)
    loin = dossier(emprise(geom=rect(150, 31)), demandeur=personne())
    vu = dresser(
        NouveauConstat(
            client_uuid=uuid4(), insee=INSEE, position=rect().centroid, vu_le=timezone.now(),
            conclusion="sans_titre", type=type_("BENNE"),
        ),
        par=acteur("assermente"),
    )  # fmt: skip
    voie = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir")
    une = Adresse.objects.create(voie=voie, insee=INSEE, numero=12, parcelles=riverains.de(d)[:1])
    for page in (f"/tiers/{occupant.pk}/", f"/adresses/numeros/{une.pk}/", f"/parcelles/{une.parcelles[0]}/"):
        lue = texte(client_de("lecture").get(page))
        assert "Occupations du domaine public" in lue and d.numero in lue, page
        assert loin.numero not in lue, page
        assert (vu.numero in lue) is ("tiers" not in page), page
    # Another trade's agent learns of no file.
    autre = Client()
    autre.force_login(agent("urba.lecture"), backend=DOS)
    assert d.numero not in autre.get(f"/tiers/{occupant.pk}/").content.decode()
    assert d.numero not in autre.get(f"/adresses/numeros/{une.pk}/").content.decode()
