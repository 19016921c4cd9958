"""What letters do to their dossier: events posted, late letters said, acts that cannot be."""

from __future__ import annotations

from datetime import date

import pytest

from mairie.courriers import envois, services
from mairie.courriers.erreurs import AConfirmer, CourrierRefuse, SansDroit
from mairie.models import Courrier, Evenement
from mairie.roles import acteur_de
from mairie.workflow import Refus, appliquer, corriger
from tests.urba.courriers.fabrique import (
    ABF,
    adjoint,
    decide,
    depose,
    finale,
    lettre,
    maire,
    modele,
    presentee,
    signee,
)
from tests.urba.fabrique_urba import acteur, agir, qualifie
from urba.courriers import suites
from urba.courriers.propositions import proposer


def incomplet(d):
    agir(qualifie(d), "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    return d


def proposees(d, jour=date(2026, 3, 2)) -> list[str]:
    d.refresh_from_db()
    return [p.code for p in proposer(d, list(Courrier.objects.du_dossier(d)), jour)]


# --- proposals ----------------------------------------------------------------------------------


def test_chaque_etat_appelle_sa_lettre(aller):
    elu = maire()
    d = depose()
    assert proposees(d) == ["recepisse", "avis_depot"]
    finale(d, "recepisse", par=acteur("guichet"))
    assert proposees(d) == ["avis_depot"]
    finale(d, "avis_depot", par=acteur("guichet"))
    assert proposees(d) == []
    qualifie(d, majorations=ABF)
    assert proposees(d) == ["majoration"]
    finale(d, "majoration")
    assert proposees(d) == [], "écrite, elle ne se propose plus"
    agir(d, "demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI2"}]})
    assert proposees(d) == ["incompletude"]
    c = signee(finale(d, "incompletude"), elu, date(2026, 3, 2))
    presentee(c, date(2026, 3, 2))
    agir(d, "depot_pieces", "guichet", donnees={"pieces": ["PCMI2"]})
    assert proposees(d) == ["recepisse_pieces"]
    finale(d, "recepisse_pieces")
    decide(d, "refus", motifs="motif")
    assert proposees(d) == ["arrete_refus"]


def test_un_second_lot_de_pieces_appelle_une_seconde_lettre(aller):
    d = incomplet(depose())
    finale(d, "incompletude")
    assert "incompletude" not in proposees(d)
    aller(date(2026, 3, 3))
    agir(d, "nouvelle_demande_pieces", "instructeur", donnees={"pieces": [{"code": "PCMI3"}]})
    assert "incompletude" in proposees(d, date(2026, 3, 3))


def test_l_urgence_de_la_fenetre_est_dite(aller):
    d = incomplet(depose())
    avant = next(p for p in proposer(d, [], date(2026, 4, 2)) if p.code == "incompletude")
    apres = next(p for p in proposer(d, [], date(2026, 4, 3)) if p.code == "incompletude")
    assert avant.presse == "À présenter au plus tard le 02/04/2026."
    assert apres.presse == "Fenêtre fermée le 02/04/2026 : la lettre n'aurait plus d'effet."


# --- notification -------------------------------------------------------------------------------


def test_la_premiere_presentation_ouvre_les_trois_mois(aller):
    elu = maire()
    d = incomplet(depose())
    c = signee(finale(d, "incompletude"), elu, date(2026, 3, 2))
    c = envois.envoyer(c, par=acteur("guichet"), le=date(2026, 3, 2))
    d.refresh_from_db()
    assert d.etat == "incomplet", "envoyée n'est pas présentée"
    aller(date(2026, 3, 6))
    envois.enregistrer(c, par=acteur("guichet"), fait="presentation", le=date(2026, 3, 5))
    d.refresh_from_db()
    assert (d.etat, d.date_limite_pieces) == ("incomplet_notifie", date(2026, 6, 5))
    e = Evenement.objects.get(dossier_id=d.pk, type="notification_pieces")
    assert (e.date_effet, e.auteur) == (date(2026, 3, 5), acteur("guichet"))


def test_la_majoration_presentee_a_temps_porte_le_delai(aller):
    elu = maire()
    d = qualifie(depose(), majorations=ABF)
    presentee(signee(finale(d, "majoration"), elu, date(2026, 3, 2)), date(2026, 3, 2))
    d.refresh_from_db()
    assert (d.date_limite, d.delai_mois) == (date(2026, 6, 2), 3)


def test_la_lettre_garde_ses_motifs_meme_si_le_dossier_est_requalifie(aller):
    elu = maire()
    d = qualifie(depose(), majorations=ABF)
    c = signee(finale(d, "majoration"), elu, date(2026, 3, 2))
    assert c.valeurs["metier"]["majorations"] == ABF
    presentee(c, date(2026, 3, 2))
    e = Evenement.objects.get(dossier_id=d.pk, type="notification_majoration")
    assert e.donnees["majorations"] == ABF


def test_remise_en_main_propre_la_date_est_celle_de_la_remise(aller):
    elu = maire()
    d = incomplet(depose())
    c = signee(finale(d, "incompletude", mode="remise"), elu, date(2026, 3, 2))
    c = envois.envoyer(c, par=acteur("guichet"))
    envois.enregistrer(c, par=acteur("guichet"), fait="distribution", le=date(2026, 3, 2))
    d.refresh_from_db()
    assert d.date_limite_pieces == date(2026, 6, 2)


def test_la_distribution_sans_presentation_est_refusee(aller):
    elu = maire()
    c = signee(finale(incomplet(depose()), "incompletude"), elu, date(2026, 3, 2))
    c = envois.envoyer(c, par=acteur("guichet"))
    with pytest.raises(CourrierRefuse, match=r"R\. 423-47"):
        envois.enregistrer(c, par=acteur("guichet"), fait="distribution", le=date(2026, 3, 2))


def par_courriel(d, elu):
    from mairie import courriels

    options = {"mode": "electronique", "destinataire_courriel": "jeanne@exemple.invalid"}
    c = signee(finale(d, "incompletude", **options), elu, date(2026, 3, 2))
    envois.envoyer(c, par=acteur("guichet"), courriel="jeanne@exemple.invalid")
    assert courriels.envoyer_en_attente().envoyes == 1
    c.refresh_from_db()
    return c


def test_un_courriel_compte_du_jour_de_sa_lecture(aller):
    d = incomplet(depose())
    c = par_courriel(d, maire())
    aller(date(2026, 3, 9))
    envois.enregistrer(c, par=acteur("guichet"), fait="consultation", le=date(2026, 3, 8))
    d.refresh_from_db()
    assert d.date_limite_pieces == date(2026, 6, 8)


def test_un_courriel_jamais_lu_est_repute_recu_quinze_jours_apres(aller):
    d = incomplet(depose())
    c = par_courriel(d, maire())
    aller(date(2026, 3, 16))
    with pytest.raises(CourrierRefuse, match="réputée reçue que le 17/03/2026"):
        suites.reputee_recue(c, acteur_de(acteur("guichet")))
    aller(date(2026, 3, 17))
    suites.reputee_recue(c, acteur_de(acteur("guichet")))
    d.refresh_from_db()
    assert (d.etat, d.date_limite_pieces) == ("incomplet_notifie", date(2026, 6, 17))


def test_une_date_corrigee_corrige_l_evenement_par_le_chef_seul(aller):
    elu = maire()
    d = incomplet(depose())
    c = signee(finale(d, "incompletude"), elu, date(2026, 3, 2))
    aller(date(2026, 3, 10))
    c = presentee(c, date(2026, 3, 9), envoi=date(2026, 3, 2))
    options = {"fait": "presentation", "le": date(2026, 3, 5), "motif": "Avis de réception relu"}
    with pytest.raises(CourrierRefuse):
        envois.enregistrer(c, par=acteur("guichet"), **options)
    envois.enregistrer(c, par=acteur("chef"), **options)
    d.refresh_from_db()
    assert d.date_limite_pieces == date(2026, 6, 5)
    assert suites.evenement_de(c, "notification_pieces").date_effet == date(2026, 3, 5)


def test_un_evenement_saisi_a_la_main_le_meme_jour_n_est_pas_double(aller):
    elu = maire()
    d = incomplet(depose())
    c = signee(finale(d, "incompletude"), elu, date(2026, 3, 2))
    agir(d, "notification_pieces", "guichet", date(2026, 3, 2))
    presentee(c, date(2026, 3, 2))
    assert Evenement.objects.filter(dossier_id=d.pk, type="notification_pieces").count() == 1


# --- late letters (spec §7.1, bad input of issue 5) --------------------------------------------


def test_une_demande_de_pieces_apres_la_fenetre_doit_etre_confirmee_et_reste_sans_effet(aller):
    elu = maire()
    d = incomplet(depose())
    aller(date(2026, 4, 3))
    c = lettre(d, "incompletude")
    with pytest.raises(AConfirmer, match=r"s'est fermée le 02/04/2026.*ne changera pas le délai.*R. 423-41"):
        services.finaliser(c, par=acteur("instructeur"), version=c.version)
    c = services.finaliser(c, par=acteur("instructeur"), version=c.version, confirmer=True)
    c = signee(c, elu, date(2026, 4, 3))
    with pytest.raises(AConfirmer, match="fermée le 02/04/2026"):
        envois.envoyer(c, par=acteur("guichet"))
    presentee(c, date(2026, 4, 3))
    d.refresh_from_db()
    assert (d.etat, d.date_limite, d.date_limite_pieces) == ("en_cours", date(2026, 5, 2), None)
    assert "DEMANDE_PIECES_TARDIVE" in d.alertes
    assert "DATES_DIVERGENTES" in d.alertes


def test_une_majoration_apres_la_fenetre_doit_etre_confirmee_et_reste_sans_effet(aller):
    elu = maire()
    d = qualifie(depose(), majorations=ABF)
    c = finale(d, "majoration")
    aller(date(2026, 4, 3))
    c = signee(c, elu, date(2026, 4, 3))
    with pytest.raises(AConfirmer, match=r"fermée le 02/04/2026.*R. 423-43"):
        envois.envoyer(c, par=acteur("guichet"))
    presentee(c, date(2026, 4, 3))
    d.refresh_from_db()
    assert d.date_limite == date(2026, 5, 2)
    assert "MAJORATION_TARDIVE" in d.alertes


def test_le_dernier_jour_de_la_fenetre_la_lettre_compte(aller):
    elu = maire()
    d = qualifie(depose(), majorations=ABF)
    c = finale(d, "majoration")
    aller(date(2026, 4, 2))
    presentee(signee(c, elu, date(2026, 4, 2)), date(2026, 4, 2))
    d.refresh_from_db()
    assert d.date_limite == date(2026, 6, 2)


def test_une_lettre_postee_trop_pres_de_la_fin_est_signalee(aller):
    d = incomplet(depose())
    aller(date(2026, 3, 30))
    c = lettre(d, "incompletude")
    with pytest.raises(AConfirmer, match="risque d'être présentée trop tard"):
        services.finaliser(c, par=acteur("instructeur"), version=c.version)


def test_un_texte_a_completer_ne_se_finalise_pas_sans_le_dire(aller):
    elu = maire()
    d = decide(depose(), "accord")
    presentee(signee(finale(d, "arrete_accord"), elu, date(2026, 3, 2)), date(2026, 3, 2))
    c = lettre(d, "retrait")
    with pytest.raises(AConfirmer, match="« … »"):
        services.finaliser(c, par=acteur("instructeur"), version=c.version)


# --- decision -----------------------------------------------------------------------------------


def test_l_arrete_signe_puis_notifie_conduit_le_dossier(aller):
    elu = maire()
    d = decide(depose(), "accord")
    c = finale(d, "arrete_accord")
    d.refresh_from_db()
    assert d.etat == "en_signature"
    c = signee(c, elu, date(2026, 3, 2))
    d.refresh_from_db()
    assert d.etat == "decide_a_notifier"
    presentee(c, date(2026, 3, 2))
    d.refresh_from_db()
    assert (d.etat, d.date_notification) == ("accorde", date(2026, 3, 2))


def test_un_arrete_avant_que_la_decision_soit_redigee_est_refuse(aller):
    maire()
    with pytest.raises(CourrierRefuse, match=r"decision_phrase|Décision rédigée"):
        finale(qualifie(depose()), "arrete_accord")


def test_un_arrete_d_un_autre_sens_que_la_decision_est_refuse(aller):
    maire()
    d = decide(depose(), "accord")
    with pytest.raises(CourrierRefuse, match="appelle le modèle « Arrêté accordant »"):
        finale(d, "certificat_urbanisme", confirmer=True)


def test_deux_arretes_de_la_meme_decision_sont_refuses(aller):
    maire()
    d = decide(depose(), "accord")
    finale(d, "arrete_accord")
    with pytest.raises(CourrierRefuse, match="porte déjà cette décision"):
        finale(d, "arrete_accord")


def test_le_formulaire_de_signature_renvoie_a_l_acte_qui_attend(aller):
    elu = maire()
    d = decide(depose(), "accord")
    finale(d, "arrete_accord")
    d.refresh_from_db()
    with pytest.raises(Refus, match="« Arrêté accordant 2026-URBA-0001 » attend"):
        appliquer(d, "signature", par=elu, version=d.version)


def test_renvoye_l_acte_est_abandonne_et_son_texte_se_reprend(aller):
    elu = maire()
    d = decide(depose(), "accord")
    c = finale(d, "arrete_accord")
    d.refresh_from_db()
    appliquer(d, "renvoi", par=elu, version=d.version, donnees={"motif": "Revoir l'article 2"})
    c.refresh_from_db()
    assert (c.etat, c.abandon_motif) == ("abandonne", "Renvoi : Revoir l'article 2")
    assert services.reprendre(c, par=acteur("instructeur")).corps == c.corps
    agir(d, "finaliser_decision", "instructeur", donnees={"sens": "refus", "motifs": "motif"})
    assert proposees(d)[-1] == "arrete_refus"


def test_un_arrete_notifie_apres_le_tacite_demande_un_retrait(aller):
    elu = maire()
    d = decide(depose(), "refus", motifs="motif")
    c = finale(d, "arrete_refus")
    aller(date(2026, 5, 4))
    with pytest.raises(AConfirmer, match="née le 03/05/2026"):
        envois.signer(c, par=elu, le=date(2026, 5, 4))
    presentee(signee(c, elu, date(2026, 5, 4)), date(2026, 5, 4))
    d.refresh_from_db()
    assert (d.etat, d.calculs["retrait_requis"]) == ("accord_tacite", True)
    assert "contradictoire" in proposees(d, date(2026, 5, 4))


# --- withdrawal ---------------------------------------------------------------------------------


def accorde(elu):
    d = decide(depose(), "accord")
    presentee(signee(finale(d, "arrete_accord"), elu, date(2026, 3, 2)), date(2026, 3, 2))
    return d


def test_le_retrait_suit_la_lettre_contradictoire(aller):
    elu = maire()
    d = accorde(elu)
    c = finale(d, "retrait", confirmer=True)
    with pytest.raises(CourrierRefuse, match="procédure contradictoire"):
        signee(c, elu, date(2026, 3, 2))
    presentee(signee(finale(d, "contradictoire", confirmer=True), elu, date(2026, 3, 2)), date(2026, 3, 2))
    aller(date(2026, 3, 20))
    signee(c, elu, date(2026, 3, 20))
    d.refresh_from_db()
    assert d.etat == "retire"


def test_le_retrait_apres_trois_mois_est_refuse(aller):
    elu = maire()
    d = accorde(elu)
    presentee(signee(finale(d, "contradictoire", confirmer=True), elu, date(2026, 3, 2)), date(2026, 3, 2))
    c = finale(d, "retrait", confirmer=True)
    aller(date(2026, 6, 3))
    with pytest.raises(CourrierRefuse, match=r"02/06/2026 \(L.424-5\)"):
        signee(c, elu, date(2026, 6, 3))
    d.refresh_from_db()
    assert d.etat == "accorde"


# --- rights -------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["lecture", "technicien", "signataire", "administrateur", "guichet"])
def test_ces_roles_n_ecrivent_pas_de_lettre(aller, role):
    with pytest.raises(SansDroit):
        lettre(incomplet(depose()), "incompletude", par=acteur(role))


def test_le_guichet_ecrit_les_recepisses_et_date_les_lettres(aller):
    assert finale(depose(), "recepisse", par=acteur("guichet")).numero


@pytest.mark.parametrize("role", ["lecture", "technicien", "signataire", "administrateur"])
def test_ces_roles_n_envoient_pas(aller, role):
    c = signee(finale(incomplet(depose()), "incompletude"), maire(), date(2026, 3, 2))
    with pytest.raises(SansDroit):
        envois.envoyer(c, par=acteur(role))


def test_l_instructeur_n_ecrit_pas_sur_le_dossier_d_un_autre(aller):
    from tests.personnes import agent

    d = incomplet(depose())
    agir(d, "affectation", "chef", donnees={"instructeur": acteur("instructeur").pk})
    autre = agent("urba.instructeur", email="autre@exemple.invalid")
    with pytest.raises(SansDroit):
        lettre(d, "incompletude", par=autre)
    assert lettre(d, "incompletude", par=acteur("chef"))


@pytest.mark.parametrize("role", ["lecture", "instructeur", "chef", "guichet"])
def test_sans_titre_on_ne_signe_pas(aller, role):
    maire()
    c = finale(decide(depose(), "accord"), "arrete_accord")
    with pytest.raises(CourrierRefuse):
        envois.signer(c, par=acteur(role), le=date(2026, 3, 2), confirmer=True)


def test_une_delegation_finie_la_veille_ne_signe_plus(aller):
    elu = adjoint("urba.decision", au=date(2026, 3, 2))
    c = finale(decide(depose(), "accord"), "arrete_accord")
    aller(date(2026, 3, 3))
    with pytest.raises(CourrierRefuse):
        signee(c, elu, date(2026, 3, 3))


def test_l_acte_au_nom_de_l_un_ne_se_signe_pas_par_l_autre(aller):
    elu, deleguee = maire(), adjoint("urba.decision")
    c = finale(decide(depose(), "accord"), "arrete_accord")
    with pytest.raises(CourrierRefuse, match="porte le nom de Claude Exemple"):
        signee(c, deleguee, date(2026, 3, 2))
    assert signee(c, elu, date(2026, 3, 2)).signataire == "Claude Exemple, Le maire"


def test_le_signataire_se_choisit_au_brouillon(aller):
    maire()
    deleguee = adjoint("urba.decision")
    c = lettre(decide(depose(), "accord"), "arrete_accord")
    titre = deleguee.delegations.get()
    c = services.modifier(c, par=acteur("instructeur"), version=0, champs={}, delegation=titre)
    c = services.finaliser(c, par=acteur("instructeur"), version=c.version)
    assert signee(c, deleguee, date(2026, 3, 2)).delegation == titre


def test_une_delegation_de_lettres_ne_signe_pas_de_decision(aller):
    deleguee = adjoint("urba.instruction")
    d = incomplet(depose())
    assert signee(finale(d, "incompletude"), deleguee, date(2026, 3, 2)).etat == "signe"
    autre = decide(depose(), "accord")
    c = finale(autre, "arrete_accord")
    with pytest.raises(CourrierRefuse, match="Aucune délégation"):
        signee(c, deleguee, date(2026, 3, 2))


def test_corriger_un_evenement_laisse_la_lettre_le_retrouver(aller):
    elu = maire()
    d = incomplet(depose())
    c = presentee(signee(finale(d, "incompletude"), elu, date(2026, 3, 2)), date(2026, 3, 2))
    premier = suites.evenement_de(c, "notification_pieces")
    aller(date(2026, 3, 4))
    d.refresh_from_db()
    corriger(
        d, premier, par=acteur("chef"), version=d.version, motif="Avis relu", date_effet=date(2026, 3, 3)
    )
    assert suites.evenement_de(c, "notification_pieces").date_effet == date(2026, 3, 3)


def test_le_modele_garde_son_genre(aller):
    assert modele("arrete_accord").type_acte == "urba.decision"
