"""Life of installations, controls and obligations through the services, on a frozen day."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from assainissement import controles, installations, suivi
from assainissement.creneaux import CRENEAUX, se_genent
from assainissement.installations import NouvelleInstallation, changer_proprietaire
from assainissement.models import Controle, Installation, InstallationTiers, Obligation, ReglementService
from mairie.models import Echeance, EvenementDomaine
from mairie.workflow import Refus, annuler_dernier, rejouer
from tests.assainissement.fabrique_anc import (
    JOUR,
    acteur,
    controle,
    faire,
    faire_obligation,
    installation,
    notifie,
    proprietaire,
    repondre,
    valide,
)
from tests.personnes import INSEE

pytestmark = pytest.mark.usefixtures("aller")


def agir_installation(i: Installation, evenement: str, role: str = "responsable", **donnees):
    i.refresh_from_db()
    installations.agir(i, evenement, par=acteur(role), version=i.version, donnees=donnees)
    i.refresh_from_db()
    return i


def test_une_installation_prend_son_numero_et_ses_liens():
    i = installation(parcelles=("25999000AB0001", "25999000AB0002"))
    assert (i.numero, i.etat, i.classe_eh) == ("ANC-25999-00001", "active", "≤ 20 EH")
    assert [p.reference for p in i.parcelles.all()] == ["25999000AB0001", "25999000AB0002"]
    assert [e.libelle for e in i.elements.all()] == ["fosse toutes eaux", "tranchées d'épandage"]
    assert str(i.proprietaire) == "Personne fictive"
    assert installation().numero == "ANC-25999-00002"


def test_la_meme_saisie_deux_fois_fait_une_installation():
    cle = uuid4()
    une, deux = (installation(client_uuid=cle) for _ in range(2))
    assert une.pk == deux.pk
    assert installation().numero == "ANC-25999-00002", "le numéro n'est pas perdu"


def test_une_pose_a_venir_est_un_projet():
    with pytest.raises(Refus, match="en projet"):
        installation(champs={"date_creation": date(2026, 3, 3)})
    assert installation(projet=True, champs={"date_creation": None}).etat == "projet"


def test_un_seul_proprietaire_ouvert_ou_une_indivision():
    i = installation()
    with pytest.raises(IntegrityError, match="anc_un_proprietaire"), transaction.atomic():
        InstallationTiers.objects.create(installation=i, tiers=proprietaire("Autre"), role="proprietaire")
    InstallationTiers.objects.create(
        installation=i, tiers=proprietaire("Autre"), role="proprietaire", indivision=True
    )
    j = installation()
    changer_proprietaire(j, proprietaire("Acheteuse"), date(2026, 2, 1))
    assert [(str(x.tiers), x.au) for x in j.personnes.order_by("pk")] == [
        ("Personne fictive", date(2026, 1, 31)),
        ("Acheteuse", None),
    ]


def test_une_installation_desactivee_n_a_plus_de_controle_ni_d_echeance():
    i = installation()
    c = notifie(controle(i), incomplete_fosse_seule="oui", contact_eaux_usees="oui")
    i.refresh_from_db()
    assert i.echeance_travaux == date(2030, 3, 2)
    agir_installation(i, "desactiver", motif="demolie")
    assert (i.etat, i.prochain_controle, i.echeance_travaux) == ("desactivee", None, None)
    assert [o.etat for o in c.obligations.all()] == ["levee"]
    with pytest.raises(Refus, match="désactivée"):
        controle(i, "vente")
    with pytest.raises(IntegrityError, match="désactivée"), transaction.atomic():
        Controle.objects.create(insee=INSEE, installation=i, nature="vente")
    agir_installation(i, "reactiver", motif="erreur de saisie")
    assert i.prochain_controle == date(2036, 3, 2)
    assert controle(i, "vente").etat == "a_planifier"


def test_un_controle_va_de_la_demande_au_rapport_notifie():
    c = controle()
    assert c.numero == "ANC-25999-00001-C01"
    faire(c, "proposer_rdv", donnees={"le": "2026-03-20", "creneau": "9 h"})
    faire(c, "fixer_rdv", donnees={"le": "2026-03-20", "creneau": "9 h"})
    assert (c.etat, c.date_rdv, c.creneau) == ("rdv_fixe", date(2026, 3, 20), "9 h")
    assert list(Echeance.objects.values_list("code", "date")) == [("assainissement.rdv", date(2026, 3, 20))]
    with pytest.raises(Refus, match="prouvent"):
        faire(c, "saisir_visite")
    repondre(c, contact_eaux_usees="oui", couvercle_non_securise="non_verifie")
    faire(c, "saisir_visite")
    with pytest.raises(Refus, match="dites pourquoi"):
        faire(c, "rediger", donnees={"presence": "refus_signature"})
    faire(c, "rediger", donnees={"presence": "signee"})
    assert [t.libelle for t in c.travaux.all()] == ["Supprimer tout écoulement d'eaux usées au jour"]
    with pytest.raises(Refus, match="réservé à"):
        faire(c, "valider", "technicien")
    faire(c, "valider", "responsable")
    assert (c.regle, c.cas, c.conclusion) == ("R1", "a", "non_conforme_danger_sante")
    assert c.resultat["points_non_verifies"] == ["couvercle_non_securise"]
    assert (c.echeance_travaux, c.calculs["regle_echeance"]) == (None, "en_attente_notification")
    o = c.obligations.get()
    assert (o.nature, o.etat, o.echeance) == ("travaux", "ouverte", None)
    faire(c, "notifier", le=JOUR)
    o.refresh_from_db()
    assert (c.etat, c.echeance_travaux, o.echeance) == ("notifie", date(2030, 3, 2), date(2030, 3, 2))
    assert (c.fin_validite_rapport, c.prochain_controle) == (date(2029, 3, 2), date(2036, 3, 2))
    assert any("Quatre ans" in e["resultat"] for e in c.explication)
    i = c.installation
    i.refresh_from_db()
    assert {k: getattr(i, k) for k in suivi.COLONNES} == suivi.resume(i)
    assert (i.derniere_regle, i.dernier_cas) == ("R1", "a")
    assert EvenementDomaine.objects.get(nom="assainissement.controle_conclu").charge["parcelles"] == [
        "25999000AB0001"
    ]
    assert not rejouer(c).ecarts
    assert not rejouer(o).ecarts


def test_le_constat_ne_change_plus_quand_le_rapport_est_redige():
    c = controle()
    repondre(c)
    faire(c, "saisir_visite")
    faire(c, "rediger", donnees={"presence": "signee"})
    with pytest.raises(Refus, match="ne changent plus"):
        repondre(c, usure="oui")
    faire(c, "renvoyer", "responsable", donnees={"motif": "à préciser"})
    repondre(c, usure="oui")
    faire(c, "rediger", donnees={"presence": "signee"})
    assert faire(c, "valider", "responsable").regle == "R5"


def test_rien_a_reprocher_sans_tout_voir_demande_un_commentaire():
    c = controle()
    repondre(c, usure="non_verifie")
    faire(c, "saisir_visite")
    faire(c, "rediger", donnees={"presence": "signee"})
    with pytest.raises(Refus, match="commentaire"):
        faire(c, "valider", "responsable")
    assert faire(c, "valider", "responsable", donnees={"commentaire": "Regard enterré."}).regle == "R6"


def test_des_travaux_sont_exiges_d_une_non_conformite():
    c = controle()
    repondre(c, odeur_jour="oui")
    faire(c, "saisir_visite")
    faire(c, "rediger", donnees={"presence": "signee"})
    controles.ecrire_travaux(c, [])
    with pytest.raises(Refus, match="au moins un"):
        faire(c, "valider", "responsable")
    controles.ecrire_travaux(c, ["Refaire la ventilation", "", "Changer le tampon"])
    assert faire(c, "valider", "responsable").regle == "R1"
    assert [(t.priorite, t.libelle) for t in c.travaux.all()] == [
        (1, "Refaire la ventilation"),
        (2, "Changer le tampon"),
    ]
    with pytest.raises(Refus, match="ne changent plus"):
        controles.ecrire_travaux(c, ["Rien"])


def test_un_seul_controle_ouvert_par_nature():
    i = installation()
    controle(i)
    with pytest.raises(Refus, match="déjà ouvert"):
        controle(i)
    assert controle(i, "vente").etat == "a_planifier"
    cle = uuid4()
    j = installation()
    assert controle(j, client_uuid=cle).pk == controle(j, client_uuid=cle).pk


def test_une_visite_avant_la_pose_est_refusee(aller):
    i = installation(champs={"date_creation": None})
    c = controle(i)
    repondre(c)
    aller(date(2026, 3, 5))
    installations.modifier(i, {"date_creation": date(2026, 3, 4)}, par=acteur())
    with pytest.raises(Refus, match="précède l'installation"):
        faire(c, "saisir_visite", le=date(2026, 3, 3))
    with pytest.raises(Refus, match=r"avenir|futur|à venir"):
        faire(c, "saisir_visite", le=date(2026, 3, 6))
    assert faire(c, "saisir_visite", le=date(2026, 3, 4)).date_visite == date(2026, 3, 4)


def test_le_meme_creneau_ne_se_donne_pas_deux_fois():
    agent = acteur("technicien")
    une, deux = (controle(installation(), agent=agent) for _ in range(2))
    rdv = {"le": "2026-03-20", "creneau": "9 h"}
    faire(une, "fixer_rdv", donnees=rdv)
    with pytest.raises(Refus, match="déjà un rendez-vous"):
        faire(deux, "fixer_rdv", donnees=rdv)
    with pytest.raises(Refus, match="à venir"):
        faire(deux, "fixer_rdv", donnees={**rdv, "le": "2026-03-01"})
    with pytest.raises(Refus, match="à « 9 h »"):
        faire(deux, "fixer_rdv", donnees={**rdv, "creneau": "9h00"})
    assert faire(deux, "fixer_rdv", donnees={**rdv, "creneau": "10 h"}).etat == "rdv_fixe"
    # What the owner chose from his page is kept for him whole.
    trois = controle(installation(), agent=agent)
    faire(trois, "fixer_rdv", donnees={"le": "2026-03-23", "creneau": CRENEAUX["matin"]})
    quatre = controle(installation(), agent=agent)
    with pytest.raises(Refus, match="déjà un rendez-vous ce jour-là à « le matin"):
        faire(quatre, "fixer_rdv", donnees={"le": "2026-03-23", "creneau": "10 h"})
    assert faire(quatre, "fixer_rdv", donnees={"le": "2026-03-23", "creneau": "14 h"}).etat == "rdv_fixe"


@pytest.mark.parametrize(
    ("un", "autre", "genent"),
    [
        ("9 h", "9:00", True), ("9 h", "9 h 30", False), ("de 9 h à 11 h", "10 h 30", True),
        ("de 9 h à 11 h", "11 h", False), ("de 9 h à 11 h", "de 10 h à 12 h", True),
        (CRENEAUX["matin"], "8 h 30", True), (CRENEAUX["matin"], "12 h", False),
        (CRENEAUX["apres_midi"], "à convenir", True), ("à convenir", "10 h", False),
        ("à convenir", "à convenir", True),
    ],
)  # fmt: skip
def test_deux_creneaux_se_genent_ou_non(un, autre, genent):
    assert se_genent(un, autre) is se_genent(autre, un) is genent


def test_un_refus_se_relance_puis_se_majore(aller):
    c = controle()
    faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": "9 h"})
    faire(c, "constater_refus")
    assert (c.etat, c.issue, c.relance_le) == ("refus", "refus", date(2026, 6, 2))
    assert [o.nature for o in c.obligations.all()] == ["acces"]
    with pytest.raises(Refus, match="n'est pas due"):
        faire(c, "majorer", "responsable", donnees={"motif": "Refus."})
    aller(date(2026, 6, 2))
    faire(c, "relancer")
    assert (c.nb_relances, c.relance_le) == (1, date(2026, 9, 2))
    faire(c, "majorer", "responsable", donnees={"motif": "Refus réitéré."})
    assert c.etat == "redevance_majoree"
    faire(c, "fixer_rdv", donnees={"le": "2026-06-20", "creneau": "9 h"})
    aller(date(2026, 6, 20))
    repondre(c)
    faire(c, "saisir_visite")
    assert [o.etat for o in c.obligations.all()] == ["levee"], "l'accès est donné"


def test_une_absence_ne_se_majore_jamais(aller):
    c = controle()
    faire(c, "fixer_rdv", donnees={"le": "2026-03-02", "creneau": "9 h"})
    faire(c, "constater_absence")
    faire(c, "relancer")
    with pytest.raises(Refus, match="n'est pas due"):
        faire(c, "majorer", "responsable", donnees={"motif": "Absence."})
    assert not c.obligations.exists()


def test_l_acte_de_vente_avance_l_echeance(aller):
    c = notifie(controle(nature="vente"), odeur_jour="oui")
    aller(date(2026, 10, 5))
    faire(c, "enregistrer_acte", le=date(2026, 10, 5))
    assert (c.echeance_travaux, c.obligations.get().echeance) == (date(2027, 10, 5), date(2027, 10, 5))
    assert c.obligations.get().regle_echeance == "1_an_acte"
    with pytest.raises(Refus, match="déjà enregistré"):
        faire(c, "enregistrer_acte")


def test_un_acte_que_le_rapport_ne_couvre_pas_ne_fixe_rien(aller):
    c = notifie(controle(), odeur_jour="oui")
    aller(date(2029, 3, 3))
    faire(c, "enregistrer_acte", le=date(2029, 3, 3))
    assert (c.echeance_travaux, c.calculs["rapport_valable_pour_acte"]) == (date(2030, 3, 2), False)


def test_le_maire_raccourcit_le_delai_d_un_danger():
    c = notifie(controle(), contact_eaux_usees="oui")
    with pytest.raises(Refus, match="entre 1 et 47"):
        faire(c, "raccourcir_delai", "elu", donnees={"mois": 48, "motif": "Baignade."})
    faire(c, "raccourcir_delai", "elu", donnees={"mois": 6, "motif": "Baignade en aval."})
    assert (c.echeance_travaux, c.obligations.get().echeance) == (date(2026, 9, 2), date(2026, 9, 2))
    autre = notifie(controle(installation()), incomplete_fosse_seule="oui")
    with pytest.raises(Refus, match="R1, R2, R3"):
        faire(autre, "raccourcir_delai", "elu", donnees={"mois": 6, "motif": "Non."})


def test_le_reglement_du_jour_donne_les_frequences():
    ReglementService.objects.create(
        insee=INSEE, date_effet=date(2020, 1, 1), frequence_periodique_annees=8, frequence_danger_annees=4
    )
    ReglementService.objects.create(insee=INSEE, date_effet=date(2026, 4, 1), frequence_periodique_annees=6)
    assert notifie(controle()).prochain_controle == date(2034, 3, 2)
    assert notifie(controle(installation()), odeur_jour="oui").prochain_controle == date(2030, 3, 2)
    with pytest.raises(IntegrityError, match="anc_reglement"), transaction.atomic():
        ReglementService.objects.create(
            insee=INSEE, date_effet=date(2027, 1, 1), frequence_periodique_annees=12
        )


def test_une_contre_visite_leve_ce_qui_etait_du(aller):
    c = notifie(controle(), contact_eaux_usees="oui")
    o = c.obligations.get()
    faire_obligation(o, "annoncer_travaux", "technicien", pour="2026-05-01")
    faire_obligation(o, "prevoir_contre_visite", "technicien")
    aller(date(2026, 6, 1))
    v = controle(c.installation, "contre_visite")
    assert v.controle_precedent == c
    notifie(v, date(2026, 6, 1), odeur_jour="oui")
    o.refresh_from_db()
    assert o.etat == "ouverte", "les défauts demeurent"
    w = notifie(controle(c.installation, "contre_visite"), date(2026, 6, 1))
    o_v = v.obligations.get()
    o.refresh_from_db()
    assert (w.regle, o_v.etat, o.etat) == ("R6", "levee", "levee")
    v.refresh_from_db()
    assert (v.date_levee, v.echeance_travaux) == (date(2026, 6, 1), None)
    i = c.installation
    i.refresh_from_db()
    assert (i.derniere_regle, i.prochain_controle, i.echeance_travaux) == ("R6", date(2036, 6, 1), None)


def test_le_danger_parti_apres_la_vente_laisse_un_an_depuis_l_acte(aller):
    c = notifie(controle(nature="vente"), contact_eaux_usees="oui", incomplete_fosse_seule="oui")
    aller(date(2026, 4, 1))
    faire(c, "enregistrer_acte", le=date(2026, 4, 1))
    aller(date(2026, 6, 1))
    v = notifie(controle(c.installation, "contre_visite"), date(2026, 6, 1), incomplete_fosse_seule="oui")
    assert (v.regle, c.obligations.get().etat) == ("R4", "levee")
    assert (v.obligations.get().echeance, v.obligations.get().regle_echeance) == (
        date(2027, 4, 1),
        "1_an_acte",
    )


def test_la_meme_non_conformite_ne_se_leve_pas_elle_meme(aller):
    c = notifie(controle(), incomplete_fosse_seule="oui")
    aller(date(2026, 6, 1))
    notifie(controle(c.installation), date(2026, 6, 1), incomplete_fosse_seule="oui")
    c.refresh_from_db()
    assert (c.date_levee, c.obligations.get().etat) == (None, "ouverte")


def test_une_obligation_se_prolonge_puis_se_met_en_demeure(aller):
    c = notifie(controle(), contact_eaux_usees="oui")
    o = c.obligations.get()
    with pytest.raises(Refus, match="n'est pas passée"):
        faire_obligation(o, "mettre_en_demeure", "elu", delai_mois=3, motif="Rien n'est fait.")
    with pytest.raises(Refus, match="suit l'actuelle"):
        faire_obligation(o, "prolonger", jusqu_au="2030-03-02", motif="Artisan", signataire="Le maire")
    faire_obligation(o, "prolonger", jusqu_au="2030-06-01", motif="Artisan", signataire="Le maire")
    assert (o.etat, o.echeance) == ("prolongee", date(2030, 6, 1))
    c.installation.refresh_from_db()
    assert c.installation.echeance_travaux == date(2030, 6, 1)
    aller(date(2026, 6, 1))
    faire(c, "enregistrer_acte", le=date(2026, 6, 1))
    o.refresh_from_db()
    assert o.echeance == date(2030, 6, 1), "une prolongation accordée tient"
    aller(date(2030, 6, 2))
    faire_obligation(o, "mettre_en_demeure", "elu", delai_mois=3, motif="Rien n'est fait.")
    assert o.etat == "mise_en_demeure"
    # What the owner then announces is noted; the mayor's formal notice stands, and its delay runs.
    for dit in ("annoncer_travaux", "prevoir_contre_visite"):
        faire_obligation(o, dit, "technicien")
        assert o.etat == "mise_en_demeure", dit
    assert o.calculs["demeure_jusqu_au"] == "2030-09-02"
    # Lifted, it reads as those lifted before delays were computed: stored then, never computed again.
    faire_obligation(o, "lever", motif="Travaux faits.")
    assert o.calculs == {"regle_echeance": "prolongation"}
    assert "Mise en demeure" not in {e["regle"] for e in o.explication}
    assert not rejouer(o).ecarts


def test_une_absence_d_installation_se_verifie_puis_se_leve(aller):
    c = controle(nature="diagnostic_initial")
    repondre(c, elements_probants="non")
    faire(c, "saisir_visite")
    faire(c, "rediger", donnees={"presence": "signee"})
    faire(c, "valider", "responsable")
    assert (c.regle, c.prochain_controle, c.obligations.get().nature) == ("R0", date(2026, 9, 2), "absence")
    aller(date(2026, 9, 2))
    suite = valide(controle(c.installation), date(2026, 9, 2), odeur_jour="oui")
    assert [o.etat for o in Obligation.objects.filter(nature="absence")] == ["levee"]
    assert suite.obligations.get().nature == "travaux"


def test_les_controles_de_conception_et_d_execution_concluent_sans_table():
    i = installation(projet=True, champs={"date_creation": None}, elements=())
    c = controle(i, "conception_neuf")
    with pytest.raises(Refus, match="conformes"):
        faire(c, "saisir_visite")
    c.conclusion_travaux = "conforme"
    c.save(update_fields=["conclusion_travaux"])
    notifie(c)
    assert (c.conclusion, c.regle, c.prochain_controle) == ("conforme", "", None)
    i.refresh_from_db()
    assert i.etat == "projet", "un projet accepté n'est pas posé"
    e = controle(i, "execution_neuf")
    e.conclusion_travaux = "conforme"
    e.save(update_fields=["conclusion_travaux"])
    valide(e)
    i.refresh_from_db()
    assert i.etat == "active"


def test_un_ancien_rapport_se_reprend_en_un_evenement():
    i = installation()
    c = controles.reprendre(
        i, "periodique", par=acteur(), visite=date(2018, 5, 3), notification=date(2018, 6, 1),
        cas={"elements_probants": True, "couvercle_non_securise": True}, travaux=["Poser un couvercle"],
    )  # fmt: skip
    assert (c.etat, c.regle, c.echeance_travaux) == ("clos", "R1", date(2022, 6, 1))
    assert c.obligations.get().echeance == date(2022, 6, 1)
    i.refresh_from_db()
    assert (i.derniere_visite, i.prochain_controle) == (date(2018, 5, 3), date(2028, 5, 3))
    for visite, cas_, phrase in (
        (date(2000, 1, 1), {"elements_probants": True}, "précède la pose"),
        (date(2026, 3, 3), {"elements_probants": True}, "avenir"),
        (date(2018, 1, 1), {"elements_probants": True, "vol": True}, "vol"),
    ):
        with pytest.raises(Refus, match=phrase):
            controles.reprendre(i, "periodique", par=acteur(), visite=visite, cas=cas_)
    assert i.controles.count() == 1
    ouvert = controles.planifier(i, "vente", par=acteur(), jour=date(2026, 3, 2))
    with pytest.raises(Refus, match=f"{ouvert}.*est ouvert"):
        controles.reprendre(
            i, "vente", par=acteur(), visite=date(2019, 1, 1), cas={"elements_probants": True}
        )


def test_un_evenement_rendu_rend_son_echeance():
    c = notifie(controle(), contact_eaux_usees="oui")
    annuler_dernier(c, par=acteur(), version=c.version, motif="Mauvaise date de réception.")
    assert (c.etat, c.echeance_travaux, c.obligations.get().echeance) == ("rapport_valide", None, None)


def test_une_installation_sans_plan_ni_personne_s_enregistre():
    i = installations.creer(NouvelleInstallation(insee=INSEE), par=acteur())
    assert (i.numero, i.geom, i.lieu, i.proprietaire) == ("ANC-25999-00001", None, "", None)
