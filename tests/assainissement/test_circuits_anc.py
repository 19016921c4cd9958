"""The state tables of the specification (§7), row by row, and the guards that no other test refuses."""

from __future__ import annotations

from datetime import date

import pytest

from assainissement import controles, nuit
from assainissement.circuits.controle import CONTROLE
from assainissement.circuits.controle_ac import CONTROLE_AC
from assainissement.circuits.installation import INSTALLATION
from assainissement.circuits.obligation import OBLIGATION
from assainissement.circuits.pfac import PFAC
from assainissement.circuits.projet import PROJET
from assainissement.circuits.redevance import REDEVANCE
from assainissement.circuits.vente import VENTE
from assainissement.models import Controle, ReglementService
from assainissement.proprietaire import USAGE
from mairie import liens
from mairie.models import Courrier, Evenement
from mairie.roles import systeme
from mairie.workflow import Refus, rejouer
from tests.assainissement.fabrique_ac import branchement
from tests.assainissement.fabrique_anc import (
    JOUR,
    acteur,
    controle,
    faire,
    installation,
    notifie,
    proprietaire,
    valide,
)
from tests.assainissement.fabrique_redevances import deliberation, ligne, majoration
from tests.personnes import INSEE

A = {"technicien", "responsable", "gestionnaire"}
S = {"systeme"}
T = {"technicien", "responsable"}
SUR_PLACE = T | {"prestataire"}
R, G = {"responsable"}, {"responsable", "gestionnaire"}
# state, event, next states (empty: the same), who, document
TABLES = (
    (CONTROLE, (
        ("", "planifier", "a_planifier", A | S, ""),
        ("a_planifier", "proposer_rdv", "rdv_propose", A, "avis_passage"),
        ("rdv_propose", "fixer_rdv", "rdv_fixe", A | {"usager"}, "confirmation"),
        ("rdv_propose rdv_fixe", "constater_absence", "absent", SUR_PLACE, "avis_manque"),
        ("rdv_propose rdv_fixe", "constater_refus", "refus", SUR_PLACE, "avis_manque"),
        ("rdv_propose rdv_fixe", "constater_report", "refus", SUR_PLACE, "avis_manque"),
        ("absent refus relance", "relancer", "relance", A | S, "relance"),
        ("relance redevance_majoree", "fixer_rdv", "rdv_fixe", A | {"usager"}, "confirmation"),
        ("refus relance", "majorer", "redevance_majoree", R, "majoration"),
        ("rdv_fixe a_planifier", "saisir_visite", "visite_faite", SUR_PLACE, ""),
        ("visite_faite", "rediger", "rapport_redige", SUR_PLACE, "rapport"),
        ("rapport_redige", "renvoyer", "visite_faite", R, ""),
        ("rapport_redige", "valider", "rapport_valide", R, "rapport"),
        ("rapport_valide", "notifier", "notifie", A, "rapport"),
        ("notifie", "facturer", "facture", G, ""),
        ("facture", "encaisser", "clos", G, ""),
        ("a_planifier rdv_propose rdv_fixe absent refus relance redevance_majoree visite_faite"
         " rapport_redige rapport_valide", "annuler", "annule", R | S, ""),
        ("notifie facture clos", "rectifier", "", R, "rapport"),
    )),
    (PROJET, (
        ("", "demander", "demande", A | S, ""),
        ("demande", "declarer_incomplet", "incomplet", T, ""),
        ("incomplet", "completer", "demande", A | S, ""),
        ("demande", "rendre_avis", "avis_favorable avis_defavorable", R, "attestation_conception"),
        ("avis_favorable avis_defavorable visite_execution_planifiee non_conforme", "modifier_projet",
         "demande", A | S, ""),
        ("abandonne", "reprendre", "demande", A | S, ""),
        ("avis_favorable", "planifier_execution", "visite_execution_planifiee", A | S, ""),
        ("visite_execution_planifiee", "visiter", "visite_execution", S, ""),
        ("visite_execution contre_visite", "conclure_execution", "conforme non_conforme", S,
         "rapport_execution"),
        ("non_conforme", "planifier_contre_visite", "contre_visite", A | S, ""),
    )),
    (OBLIGATION, (
        ("", "ouvrir", "ouverte", S, ""),
        ("ouverte prolongee", "annoncer_travaux", "travaux_annonces", A, ""),
        ("travaux_annonces prolongee", "prevoir_contre_visite", "contre_visite", A | S, ""),
        ("contre_visite", "constater_persistance", "ouverte", R | S, ""),
        ("ouverte prolongee", "prolonger", "prolongee", R, ""),
        ("ouverte prolongee", "mettre_en_demeure", "mise_en_demeure", {"elu"}, "mise_en_demeure"),
        ("mise_en_demeure", "penaliser", "penalite", R, ""),
        ("ouverte travaux_annonces contre_visite prolongee mise_en_demeure penalite", "lever", "levee",
         R | S, ""),
    )),
    (VENTE, (
        ("", "recevoir", "recue", A | S, ""),
        ("recue controle_a_faire", "envoyer_certificat", "certificat_envoye", A, "certificat_vente"),
        ("recue", "demander_controle", "controle_a_faire", A, "controle_vente"),
        ("certificat_envoye", "signer_acte", "acte_signe", A | S, ""),
        ("certificat_envoye", "classer_sans_suite", "sans_suite", A, ""),
    )),
    (REDEVANCE, (
        ("a_annoncer", "annoncer", "annoncee", A | S, "avis_passage"),
        ("annoncee", "rendre_facturable", "a_facturer", G | S, ""),
        ("a_facturer", "exporter", "exportee", G | S, ""),
        ("exportee", "encaisser", "payee", G | S, ""),
        ("a_annoncer annoncee a_facturer", "annuler", "annulee", G | S, ""),
    )),
    (INSTALLATION, (
        ("", "creer", "projet active", A | S, ""),
        ("projet", "mettre_en_service", "active", T | S, ""),
        ("projet active", "desactiver", "desactivee", R, ""),
        ("desactivee", "reactiver", "active", R, ""),
    )),
    (CONTROLE_AC, (
        ("", "demander", "demande", A | S, ""),
        ("demande", "affecter", "affecte", A, ""),
        ("affecte a_corriger", "recevoir_formulaire", "formulaire_recu", SUR_PLACE, "rapport"),
        ("formulaire_recu", "renvoyer", "a_corriger", R, ""),
        ("formulaire_recu", "valider", "valide_conforme valide_non_conforme", R, "certificat"),
        ("valide_non_conforme", "annoncer_travaux", "travaux", A, ""),
        ("travaux", "demander_contre_visite", "contre_visite", A, ""),
        ("contre_visite", "conclure_contre_visite", "valide_conforme valide_non_conforme", S, ""),
    )),
    (PFAC, (
        ("", "preparer", "preparee", G | S, ""),
        ("preparee", "constater_raccordement", "exigible", G | S, ""),
        ("exigible", "titrer", "titree", G, ""),
        ("titree", "solder", "soldee", G, ""),
        ("preparee", "annuler", "annulee", G | S, ""),
    )),
)  # fmt: skip


@pytest.mark.parametrize(("circuit", "lignes"), TABLES, ids=[w.code for w, _ in TABLES])
def test_chaque_ligne_de_la_table_mene_la_ou_elle_dit_par_qui_elle_dit(circuit, lignes):
    for depuis, evenement, vers, roles, document in lignes:
        for etat in depuis.split() or [""]:
            trouvees = [t for t in circuit.transitions if t.evenement == evenement and etat in t.depuis]
            assert len(trouvees) == 1, (etat, evenement)
            assert set(trouvees[0].vers) == set(vers.split()), (etat, evenement)
            assert set(trouvees[0].roles) == roles, (etat, evenement)
        assert not document or document in circuit.type(evenement).documents, (evenement, document)


def test_rien_ne_se_rouvre_apres_la_fin():
    """No event moves what is closed, but those of the table."""
    permis = {
        ("assainissement.controle", "rectifier"),
        ("assainissement.installation", "reactiver"),
        # A later request of the permit wants what was given up.
        ("assainissement.projet", "reprendre"),
    }
    for circuit, _ in TABLES:
        finals = {e.code for e in circuit.etats if e.final}
        for t in circuit.transitions:
            if finals & set(t.depuis) and t.vers:
                assert (circuit.code, t.evenement) in permis | {
                    ("assainissement.redevance", "retirer_paiement"),
                }, (circuit.code, t.evenement)


@pytest.mark.usefixtures("aller")
class TestGardes:
    def test_un_rendez_vous_ne_se_manque_pas_avant_son_jour(self, aller):
        c = controle()
        faire(c, "fixer_rdv", donnees={"le": "2026-03-05", "creneau": "9 h"})
        with pytest.raises(Refus, match="est le 05/03/2026"):
            faire(c, "constater_absence")
        with pytest.raises(Refus, match=r"avenir|futur|à venir"):
            faire(c, "constater_absence", le=date(2026, 3, 5))
        aller(date(2026, 3, 5))
        assert faire(c, "constater_absence").etat == "absent"

    def test_un_report_abusif_se_constate_avant_le_rendez_vous_qu_il_repousse(self):
        c = controle()
        faire(c, "fixer_rdv", donnees={"le": "2026-03-05", "creneau": "9 h"})
        faire(c, "constater_report")
        assert (c.etat, c.issue) == ("refus", "report_abusif")

    def test_un_controle_se_clot_et_se_verrouille(self):
        deliberation()
        c = controle()
        faire(c, "proposer_rdv", donnees={"le": "2026-03-02"})
        faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": "9 h"})
        assert c.verrou == 0
        # The visit is of the same day as its announcement: billed with a written reason.
        notifie(c)
        assert c.verrou == 1
        with pytest.raises(Refus, match="réservé à"):
            faire(c, "facturer", "technicien", donnees={"reference": "F-1"})
        faire(c, "facturer", "gestionnaire", donnees={"reference": "F-1"})
        faire(c, "encaisser", "gestionnaire")
        assert (c.etat, c.verrou, ligne(c).etat) == ("clos", 2, "payee")

    def test_un_rapport_valide_s_annule_tant_qu_il_n_a_rien_leve(self, aller):
        c = valide(controle(), contact_eaux_usees="oui")
        o = c.obligations.get()
        with pytest.raises(Refus):
            faire(c, "annuler", "responsable")
        with pytest.raises(Refus, match="réservé à"):
            faire(c, "annuler", "technicien", donnees={"motif": "Erreur."})
        faire(c, "annuler", "responsable", donnees={"motif": "Mauvaise maison."})
        o.refresh_from_db()
        c.installation.refresh_from_db()
        assert (c.etat, o.etat, c.installation.derniere_regle) == ("annule", "levee", "")
        assert not rejouer(c).ecarts
        d = notifie(controle(c.installation), contact_eaux_usees="oui")
        aller(date(2026, 4, 1))
        suite = valide(controle(c.installation, "contre_visite"), date(2026, 4, 1))
        with pytest.raises(Refus, match="puis rectifiez-le"):
            faire(suite, "annuler", "responsable", donnees={"motif": "Erreur."})
        d.refresh_from_db()
        assert d.date_levee == date(2026, 4, 1)

    def test_chaque_evenement_s_inscrit_avec_ce_qu_il_change(self):
        c = notifie(controle(), odeur_jour="oui")
        lignes = Evenement.objects.filter(workflow="assainissement.controle", dossier_id=c.pk).order_by("pk")
        assert [e.type for e in lignes] == ["planifier", "saisir_visite", "rediger", "valider", "notifier"]
        for e in lignes:
            assert e.avant.get("etat", "") != e.apres["etat"], e.type
            assert e.auteur is not None
            assert e.date_effet == JOUR

    def test_la_derivation_ecrite_et_la_lecture_disent_la_meme_chose(self, aller):
        """Summary of an installation and state of a connection: kept, or read on the day."""
        from assainissement import suivi
        from assainissement.models import Branchement

        c = notifie(controle(), contact_eaux_usees="oui")
        b = branchement()
        for jour in (JOUR, date(2027, 1, 15), date(2027, 1, 16), date(2030, 3, 3)):
            aller(jour)
            i = c.installation
            i.refresh_from_db()
            assert {k: getattr(i, k) for k in suivi.COLONNES} == suivi.resume(i), jour
            assert Branchement.objects.filter(pk=b.pk).avec_etat(jour).get().etat == b.etat_au(jour), jour
            assert not rejouer(c).ecarts


@pytest.mark.usefixtures("aller")
class TestNuit:
    def test_rien_ne_se_fait_que_la_commune_n_ait_demande(self, aller):
        notifie(controle())
        aller(date(2036, 3, 2))
        assert nuit.ouvrir_controles(date(2036, 3, 2)) == 0
        assert nuit.ecrire_relances(date(2036, 3, 2)) == 0

    def test_les_controles_echus_s_ouvrent_une_fois(self, aller):
        ReglementService.objects.create(insee=INSEE, date_effet=date(2020, 1, 1), controles_la_nuit=True)
        c = notifie(controle())
        aller(date(2036, 3, 1))
        assert nuit.ouvrir_controles(date(2036, 3, 1)) == 0, "la veille, rien"
        aller(date(2036, 3, 2))
        assert nuit.ouvrir_controles(date(2036, 3, 2)) == 1
        assert nuit.ouvrir_controles(date(2036, 3, 2)) == 0
        neuf = Controle.objects.exclude(pk=c.pk).get()
        assert (neuf.nature, neuf.etat) == ("periodique", "a_planifier")

    def test_les_relances_echues_s_ecrivent_et_attendent(self, aller):
        from assainissement import courriers_redevances

        courriers_redevances.charger()
        ReglementService.objects.create(insee=INSEE, date_effet=date(2020, 1, 1), relances_la_nuit=True)
        qui = proprietaire()
        qui.voie, qui.code_postal, qui.ville = "1 rue de l'Essai", "25999", "VALBRUNE"
        qui.save()
        c = controle(installation(proprietaire=qui))
        sans = controle(installation())
        porte, _ = liens.creer_cle(c.installation, USAGE, insee=INSEE)
        for x in (c, sans):
            faire(x, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": x.numero})
            faire(x, "constater_absence")
        aller(date(2026, 6, 2))
        assert nuit.ecrire_relances(date(2026, 6, 2)) == 1
        assert nuit.ecrire_relances(date(2026, 6, 2)) == 0
        c.refresh_from_db()
        sans.refresh_from_db()
        lettre = Courrier.objects.get()
        assert liens.liens_de(c.installation, USAGE).get(revoque_le__isnull=True) == porte, (
            "sa clé reste bonne"
        )
        assert "la clé que vous avez déjà reçue" in lettre.html.replace("\u00a0", " ")
        assert (c.etat, c.nb_relances, lettre.etat) == ("relance", 1, "finalise"), "écrite, pas envoyée"
        assert (sans.etat, sans.nb_relances) == ("absent", 0), "sans adresse, elle reste à faire"

    def test_ce_qui_ne_peut_se_faire_ne_prend_la_place_de_personne(self, aller, monkeypatch):
        ReglementService.objects.create(insee=INSEE, date_effet=date(2020, 1, 1), controles_la_nuit=True)
        deux = [notifie(controle(installation())) for _ in range(2)]
        bloquee, vrai = deux[0].installation_id, controles.planifier

        def planifier(i, *args, **options):
            if i.pk == bloquee:
                raise Refus("Rien ne s'y ouvre.")
            return vrai(i, *args, **options)

        monkeypatch.setattr(nuit.controles, "planifier", planifier)
        monkeypatch.setattr(nuit, "CONTROLES_MAX", 1)
        aller(date(2036, 3, 2))
        assert nuit.ouvrir_controles(date(2036, 3, 2)) == 1
        assert Controle.objects.filter(installation=deux[1].installation_id, etat="a_planifier").exists()

    def test_une_relance_de_la_maison_ne_compte_qu_une_fois_partie(self, aller, monkeypatch):
        from assainissement import courriers_redevances
        from mairie.courriers import envois

        courriers_redevances.charger()
        deliberation()
        majoration()
        ReglementService.objects.create(insee=INSEE, date_effet=date(2020, 1, 1), relances_la_nuit=True)
        qui = proprietaire()
        qui.voie, qui.code_postal, qui.ville = "1 rue de l'Essai", "25999", "VALBRUNE"
        qui.save()
        sans, c = controle(installation()), controle(installation(proprietaire=qui))
        for x in (sans, c):
            faire(x, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": x.numero})
            faire(x, "constater_refus")
        aller(date(2026, 6, 2))
        # One letter a night, and the first of the list has nobody to write to.
        monkeypatch.setattr(nuit.relances, "LETTRES_MAX", 1)
        assert nuit.ecrire_relances(date(2026, 6, 2)) == 1
        c.refresh_from_db()
        assert (c.etat, c.calculs["majoration_due"]) == ("relance", True)
        with pytest.raises(Refus, match="n'est pas partie"):
            faire(c, "majorer", "responsable", donnees={"motif": "Refus."})
        mienne = envois.signer(
            Courrier.objects.get(), par=acteur("responsable"), le=date(2026, 6, 2), confirmer=True
        )
        envois.envoyer(mienne, par=acteur("responsable"), mode="simple", confirmer=True)
        assert faire(c, "majorer", "responsable", donnees={"motif": "Refus."}).etat == "redevance_majoree"


@pytest.mark.usefixtures("aller")
def test_la_maison_planifie_et_relance_mais_ne_majore_pas():
    maison = systeme("essai")
    c = controles.planifier(installation(), "periodique", par=maison)
    faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": "9 h"})
    faire(c, "constater_refus")
    controles.agir(c, "relancer", par=maison, version=c.version)
    c.refresh_from_db()
    with pytest.raises(Refus, match="réservé à"):
        controles.agir(c, "majorer", par=maison, version=c.version, donnees={"motif": "Refus."})
