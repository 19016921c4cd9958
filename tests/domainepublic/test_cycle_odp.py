"""The circuit of an occupation: every guard failing and passing, dates, states of the calendar, numbers."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from domainepublic.models import DossierODP
from domainepublic.nuit import nuit
from domainepublic.workflow import DOSSIER_ODP
from mairie.echeances.nuit import echeances_de_nuit
from mairie.models import CourrielSortant, Delegation, Echeance, EvenementDomaine
from mairie.taches import Suivi
from mairie.workflow import ConflitEdition, Refus, actions_possibles, rafraichir, rejouer
from tests.domainepublic.fabrique_odp import (
    DEBUT,
    FIN,
    a_signer,
    accorde,
    acteur,
    delegue,
    dossier,
    emprise,
    faire,
    ligne,
    photographie,
    rect,
)
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.personnes import AUTRE_INSEE, agent

pytestmark = pytest.mark.django_db


# --- deposit ------------------------------------------------------------------------------------


def test_le_depot_numerote_date_et_annonce_sans_nom(aller):
    d = dossier()
    assert d.numero == "ODP-25999-2026-00001"
    assert dossier().numero == "ODP-25999-2026-00002"
    assert (d.etat, d.terme_silence, d.debut, d.fin) == ("depose", date(2026, 5, 2), DEBUT, FIN)
    annonce = EvenementDomaine.objects.filter(nom="domainepublic.dossier_depose").first()
    assert annonce.charge["types"] == ["BENNE"]
    assert "fictive" not in str(annonce.charge)


def test_le_meme_formulaire_deux_fois_fait_un_dossier(aller):
    from uuid import uuid4

    cle = uuid4()
    un, deux = dossier(client_uuid=cle), dossier(client_uuid=cle)
    assert un.pk == deux.pk
    assert DossierODP.objects.count() == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [({"le": date(2026, 3, 3)}, "dans l'avenir"), ({"demandeur": None}, "n'a pas de demandeur")],
)
def test_un_depot_impossible_ne_consomme_pas_de_numero(aller, options, message):
    with pytest.raises(Refus, match=message):
        dossier(**options)
    assert not DossierODP.objects.exists()
    assert dossier().numero.endswith("00001")


# --- silence ------------------------------------------------------------------------------------


def test_une_demande_de_pieces_suspend_le_silence(aller):
    d = dossier()
    aller(date(2026, 3, 12))
    faire(d, "declarer_incomplet", donnees={"pieces": ["plan"], "delai_jours": 30})
    assert (d.etat, d.date_limite_pieces) == ("incomplet", date(2026, 4, 11))
    aller(date(2026, 3, 22))
    faire(d, "completer")
    assert (d.etat, d.terme_silence) == ("depose", date(2026, 5, 12))
    assert any("suspendu du 12/03/2026 au 22/03/2026" in e["resultat"] for e in d.explication)


@pytest.mark.parametrize("pieces", [[], "plan", [""]])
def test_une_demande_de_pieces_dit_lesquelles(aller, pieces):
    with pytest.raises(Refus, match="pièces"):
        faire(dossier(), "declarer_incomplet", donnees={"pieces": pieces})


def test_le_silence_depasse_se_dit_une_fois_et_l_autorite_peut_encore_signer(aller):
    d = dossier()
    for _ in range(3):
        rafraichir(d, date(2026, 5, 3))
    d.refresh_from_db()
    assert (d.etat, d.refus_implicite_le) == ("depose", date(2026, 5, 2))
    assert Echeance.objects.filter(code="domainepublic.silence").count() == 1
    assert not Echeance.objects.filter(code="domainepublic.reponse").exists()
    aller(date(2026, 5, 4))
    accorde(d)
    assert d.etat == "accorde"
    assert d.refus_implicite_le is None


@pytest.mark.parametrize("affecte", [True, False])
def test_la_nuit_du_silence_la_liste_le_bandeau_et_le_courriel_paraissent_une_fois(aller, affecte):
    """§14.11: to the instructeur, else to who studies requests in the commune; never twice."""
    d = dossier()
    autre = agent("domainepublic.responsable", email="service@exemple.invalid")
    if not affecte:
        DossierODP.objects.filter(pk=d.pk).update(instructeur=None)
    aller(date(2026, 5, 2))
    assert nuit.func()["silences"] == 0
    client = client_de("instructeur")
    assert "Silence dépassé" not in client.get(d.get_absolute_url()).content.decode()
    aller(date(2026, 5, 3))
    for fois in range(3):
        echeances_de_nuit.func(Suivi(SimpleNamespace(pk=1, essais=1, reprise={})))
        assert nuit.func()["silences"] == (fois == 0)
    attendus = [d.instructeur.email] if affecte else sorted((acteur("instructeur").email, autre.email))
    mails = CourrielSortant.objects.filter(objet=f"Silence dépassé : {d}").order_by("destinataire")
    assert [m.destinataire for m in mails] == attendus
    assert "samedi 2 mai 2026" in mails[0].corps and d.get_absolute_url() in mails[0].corps
    assert "Personne fictive" not in mails[0].corps
    client = client_de("instructeur")
    assert client.get(d.get_absolute_url()).content.decode().count("Silence dépassé :") == 1
    assert "1 résultat" in texte(client.get("/domaine-public/dossiers/?suivi=silence"))
    # A month later nothing is told again; answered, it leaves the list.
    aller(date(2026, 6, 20))
    assert nuit.func()["silences"] == 0


def test_au_terme_meme_le_silence_ne_refuse_pas_encore(aller):
    d = dossier()
    rafraichir(d, date(2026, 5, 2))
    d.refresh_from_db()
    assert d.refus_implicite_le is None


# --- instruction and signature ------------------------------------------------------------------


def test_signer_demande_une_delegation_en_vigueur(aller):
    d = a_signer(dossier())
    Delegation.objects.all().delete()
    with pytest.raises(Refus, match="Aucune délégation"):
        faire(d, "signer", "signataire")


def test_la_signature_numerote_l_acte_et_fixe_les_jours(aller):
    d = accorde(dossier())
    assert d.etat == "accorde"
    signature = EvenementDomaine.objects.get(nom="domainepublic.occupation_accordee")
    assert signature.charge["numeros"] == ["2026-ODP-0001"]
    assert d.dates["fin_titre"] == "2026-06-30"
    assert rejouer(d).ecarts == {}


def test_deux_autorites_signent_chacune_leur_acte(aller):
    faits = {"gestionnaire": "epci", "ancrage": True, "modifie_circulation": True}
    d = a_signer(dossier(emprise("PALIS"), faits=faits))
    faire(d, "signer", "signataire")
    assert d.etat == "a_signer", "le président de l'EPCI n'a pas signé"
    with pytest.raises(Refus, match="déjà signé"):
        faire(d, "signer", "signataire")
    with pytest.raises(Refus, match="ne signe aucun acte"):
        faire(d, "signature_exterieure", donnees={"autorite": "prefet", "reference": "X"})
    faire(d, "signature_exterieure", donnees={"autorite": "president_epci", "reference": "EPCI 12"})
    assert d.etat == "accorde"


def test_une_activite_economique_attend_sa_publicite(aller):
    d = dossier(emprise("TERR_O"))
    faire(d, "instruire")
    with pytest.raises(Refus, match="publicité préalable"):
        faire(d, "preparer_acte")
    faire(d, "ouvrir_publicite", donnees={"au": "2026-03-17", "lieu": "site de la commune"})
    with pytest.raises(Refus, match="jusqu'au 17/03/2026"):
        faire(d, "clore_publicite")
    aller(date(2026, 3, 17))
    faire(d, "clore_publicite")
    assert faire(d, "preparer_acte").etat == "a_signer"


def test_une_dispense_dite_par_l_agent_suffit(aller):
    d = dossier(emprise("TERR_O"), faits={"attribution": {"exception": "L2122-1-3_1"}})
    assert a_signer(d).etat == "a_signer"
    with pytest.raises(Refus, match="n'appelle aucune publicité"):
        faire(
            dossier(emprise(geom=rect(50))), "ouvrir_publicite",
            donnees={"au": "2026-04-01", "lieu": "site"},
        )  # fmt: skip


def test_un_fait_manquant_est_demande(aller):
    d = dossier(emprise("PALIS"))
    faire(d, "instruire")
    with pytest.raises(Refus, match="fixée dans le sol ou le modifie"):
        faire(d, "preparer_acte")


def test_une_voie_privee_n_a_pas_d_acte(aller):
    d = dossier(faits={"domaine": "voie_privee_ouverte"})
    faire(d, "instruire")
    with pytest.raises(Refus, match="Aucun acte n'est à signer"):
        faire(d, "preparer_acte")


def test_un_avis_obligatoire_retient_le_dossier(aller):
    d = dossier()
    faire(d, "instruire")
    with pytest.raises(Refus, match="au moins un service"):
        faire(d, "demander_avis", donnees={"services": []})
    faire(d, "demander_avis", donnees={"services": ["transports"], "obligatoire": True})
    with pytest.raises(Refus, match="Avis obligatoires attendus : transports"):
        faire(d, "reprendre")
    faire(d, "avis_recu", donnees={"service": "transports", "sens": "favorable"})
    assert faire(d, "reprendre").etat == "en_instruction"


def test_un_renvoi_demande_une_nouvelle_signature(aller):
    d = a_signer(dossier())
    assert faire(d, "renvoyer", "signataire", donnees={"motif": "Revoir les dates"}).etat == "en_instruction"
    faire(d, "preparer_acte")
    assert faire(d, "signer", "signataire").etat == "accorde"


def test_un_refus_se_motive(aller):
    d = a_signer(dossier())
    with pytest.raises(Refus, match="Motifs du refus"):
        faire(d, "refuser", "signataire")
    assert faire(d, "refuser", "signataire", donnees={"motif": "Passage trop étroit"}).etat == "refuse"
    assert not Echeance.objects.exists()


# --- life of the title --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("jour", "etat"),
    [
        (DEBUT - timedelta(days=1), "accorde"),
        (DEBUT, "actif"),
        (FIN, "actif"),
        (FIN + timedelta(days=1), "a_controler"),
    ],
)
def test_le_calendrier_fait_l_etat_meme_sans_tache_de_nuit(aller, jour, etat):
    d = accorde(dossier())
    rafraichir(d, jour)
    d.refresh_from_db()
    assert d.etat == etat


def test_signe_apres_le_debut_le_titre_est_en_cours_aussitot(aller):
    d = dossier()
    a_signer(d)
    aller(date(2026, 6, 5))
    assert faire(d, "signer", "signataire").etat == "actif"


def test_la_fin_se_controle_puis_le_sol_est_libre(aller):
    d = accorde(dossier())
    aller(date(2026, 7, 1))
    faire(d, "constater_liberation", "assermente", donnees={"le": "2026-07-01"})
    assert (d.etat, d.fin_effective) == ("termine", date(2026, 7, 1))


def test_un_sol_ouvert_ne_se_rend_pas_sans_photo(aller):
    tranchee = emprise("RESEAU", geom=ligne(), unite="ml", largeur=1, operateur="Réseau fictif")
    d = accorde(dossier(tranchee))
    aller(date(2026, 7, 1))
    with pytest.raises(Refus, match="une photo de son état est due"):
        faire(d, "constater_liberation", "assermente", donnees={"le": "2026-07-01"})
    photographie(d)
    assert faire(d, "constater_liberation", "assermente", donnees={"le": "2026-07-01"}).etat == "termine"


def test_un_depassement_est_une_infraction_puis_un_pv(aller):
    d = accorde(dossier())
    aller(date(2026, 7, 2))
    with pytest.raises(Refus, match="Un dépassement se prouve par une photo"):
        faire(d, "constater_depassement", "assermente", donnees={"constat": "Benne toujours là"})
    photographie(d)
    faire(d, "constater_depassement", "assermente", donnees={"constat": "Benne toujours là"})
    with pytest.raises(Refus, match="réservé à : assermente"):
        faire(d, "dresser_pv", "instructeur", donnees={"numero": "PV 1"})
    faire(d, "dresser_pv", "assermente", donnees={"numero": "PV 1"})
    assert faire(d, "liberer", "assermente", donnees={"le": "2026-07-02"}).etat == "termine"


def test_une_prolongation_repousse_la_fin_de_l_emprise(aller):
    d = accorde(dossier())
    aller(date(2026, 6, 10))
    with pytest.raises(Refus, match="doit suivre celle du titre"):
        faire(d, "demander_prolongation", donnees={"fin": "2026-06-30"})
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    faire(d, "accepter_prolongation", "signataire")
    assert (d.etat, d.fin, d.emprises.get().fin) == ("actif", date(2026, 7, 10), date(2026, 7, 10))
    assert rejouer(d).ecarts == {}


@pytest.mark.parametrize("reponse", ["", "refuser_prolongation"])
def test_une_seconde_prolongation_pas_accordee_ne_repousse_pas_la_fin(aller, reponse):
    d = accorde(dossier())
    aller(date(2026, 6, 10))
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    faire(d, "accepter_prolongation", "signataire")
    faire(d, "demander_prolongation", donnees={"fin": "2026-08-10"})
    if reponse:
        faire(d, reponse, "signataire", donnees={"motif": "Gêne"})
    assert d.dates["fin_titre"] == "2026-07-10"


def test_une_prolongation_refusee_apres_la_fin_laisse_a_controler(aller):
    d = accorde(dossier())
    aller(date(2026, 6, 29))
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    aller(date(2026, 7, 3))
    assert faire(d, "refuser_prolongation", "signataire", donnees={"motif": "Gêne"}).etat == "a_controler"
    assert d.fin == FIN


def test_un_retrait_pour_inexecution_entend_le_titulaire(aller):
    d = accorde(dossier())
    aller(date(2026, 6, 11))
    with pytest.raises(Refus, match="cette audition"):
        faire(d, "retirer", "signataire", donnees={"motif": "inexecution", "le": "2026-06-16"})
    faire(
        d, "retirer", "signataire",
        donnees={"motif": "inexecution", "le": "2026-06-16", "contradictoire_le": "2026-06-08"},
    )  # fmt: skip
    assert (d.etat, d.fin_effective, d.fin) == ("retire", date(2026, 6, 16), date(2026, 6, 15))


def test_une_fin_anticipee_ne_suit_pas_le_titre(aller):
    d = accorde(dossier())
    aller(date(2026, 6, 11))
    with pytest.raises(Refus, match="suit la fin du titre"):
        faire(d, "arreter_avant_terme", donnees={"le": "2026-07-11"})
    assert faire(d, "arreter_avant_terme", donnees={"le": "2026-06-12"}).etat == "a_controler"


def test_la_caducite_attend_son_delai(aller):
    d = accorde(dossier(emprise(fin=date(2028, 1, 1))))
    aller(date(2027, 5, 31))
    with pytest.raises(Refus, match="à partir du 01/06/2027"):
        faire(d, "constater_caducite", donnees={"motif": "Jamais commencé"})
    aller(date(2027, 6, 1))
    assert faire(d, "constater_caducite", donnees={"motif": "Jamais commencé"}).etat == "caduc"


def test_une_suspension_puis_une_reprise_repoussent_la_fin(aller):
    d = accorde(dossier())
    aller(date(2026, 6, 5))
    faire(d, "suspendre", "signataire", donnees={"motif": "Fête"})
    aller(date(2026, 6, 10))
    faire(d, "reprendre_occupation", "signataire", donnees={"fin": "2026-07-05"})
    assert (d.etat, d.fin) == ("actif", date(2026, 7, 5))


# --- concurrency, rights ------------------------------------------------------------------------


def test_deux_agents_a_la_fois_le_second_est_prevenu(aller):
    from domainepublic.services import agir

    d = dossier()
    agir(d, "instruire", par=acteur("instructeur"), version=d.version)
    with pytest.raises(ConflitEdition):
        agir(d, "instruire", par=acteur("responsable"), version=1)


@pytest.mark.parametrize(
    "role", ["lecture", "finances", "assermente", "coordination", "administrateur", "signataire"]
)
def test_instruire_est_reserve(aller, role):
    d = dossier()
    with pytest.raises(Refus, match="réservé à"):
        faire(d, "instruire", role)
    assert not [a for a in actions_possibles(d, acteur(role)) if a.type.code == "instruire" and a.possible]


def test_la_portee_est_celle_de_la_commune(aller):
    d = dossier()
    assert DossierODP.objects.visibles_par(acteur("lecture")).get() == d
    assert not DossierODP.objects.visibles_par(acteur("lecture", AUTRE_INSEE)).exists()


def test_chaque_etat_est_atteint_par_un_evenement_declare():
    atteints = {v for t in DOSSIER_ODP.transitions for v in t.vers}
    assert atteints == {e.code for e in DOSSIER_ODP.etats}


def test_un_dossier_sans_parcelle_a_trois_emprises_va_jusqu_au_bout(aller):
    delegue()
    trois = (
        emprise(),
        emprise("ECHAF", geom=rect(20), unite="m2", fin=date(2026, 7, 15)),
        emprise("DEPOT", geom=rect(40), debut=date(2026, 6, 10), fin=date(2026, 6, 20)),
    )
    d = accorde(dossier(*trois))
    assert (d.debut, d.fin) == (DEBUT, date(2026, 7, 15))
    aller(date(2026, 7, 16))
    assert faire(d, "constater_liberation", donnees={"le": "2026-07-16"}).etat == "termine"
