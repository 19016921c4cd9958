"""Circuit of a control, of every nature (spec §7), as data: the engine of ``mairie.workflow`` runs it."""

from __future__ import annotations

from assainissement.circuits import effets, gardes
from assainissement.circuits.etats import CONTROLE as LIBELLES
from assainissement.circuits.etats import CONTROLE_FINALS, NOTIFIES, SUR_PIECES
from assainissement.circuits.recalcul import recalculer
from assainissement.regles.tables.parametres import entier
from mairie.workflow import DEBUT, Champ, Etat, Transition, TypeEvenement, Workflow

AGENT = ("technicien", "responsable", "gestionnaire")
TERRAIN = ("technicien", "responsable")
# Whoever makes the visit: a firm where the control is entrusted to it (guard).
SUR_PLACE = (*TERRAIN, "prestataire")
# Fees are theirs (spec §12).
COMPTABLE = ("gestionnaire", "responsable")
MOTIF = Champ("motif", "Motif")
# Filled by the service, never typed: what the rules said, on what, with which parameters.
CALCULES = (
    Champ("resultat", "Conclusion", "json"),
    Champ("faits", "Constat", "json"),
    Champ("parametres", "Paramètres du service", "json"),
)
PARAMETRES = Champ("parametres", "Paramètres du service", "json")
PRESENCES = {
    "signee": "la personne présente a signé",
    "refus_signature": "elle a refusé de signer",
    "sans_presence": "personne n'était là, avec son accord",
}

EVENEMENTS = (
    TypeEvenement(
        "planifier",
        "Contrôle à planifier",
        (Champ("motif", "Motif", obligatoire=False),),
        effet=effets.redevance_ouverte,
        defaire=effets.redevance_abandonnee,
    ),
    TypeEvenement(
        "proposer_rdv",
        "Rendez-vous proposé",
        (Champ("le", "Jour proposé", "date", False), Champ("creneau", "Heure ou créneau", obligatoire=False)),
        ("avis_passage",),
        effet=effets.redevance_annoncee,
        defaire=effets.annonce_retiree,
    ),
    TypeEvenement(
        "fixer_rdv",
        "Rendez-vous fixé",
        (Champ("le", "Jour", "date"), Champ("creneau", "Heure ou créneau")),
        ("confirmation",),
        effet=effets.rdv_fixe,
        defaire=effets.rien,
    ),
    TypeEvenement("constater_absence", "Absence de l'occupant", (PARAMETRES,), ("avis_manque",)),
    TypeEvenement(
        "constater_refus",
        "Refus de la visite",
        (PARAMETRES,),
        ("avis_manque",),
        effet=effets.acces,
        defaire=effets.acces_defait,
    ),
    TypeEvenement(
        "constater_report",
        "Report abusif",
        (PARAMETRES,),
        ("avis_manque",),
        effet=effets.acces,
        defaire=effets.acces_defait,
    ),
    TypeEvenement("relancer", "Relance", (), ("relance",)),
    TypeEvenement(
        "majorer", "Redevance majorée", (MOTIF,), ("majoration",), annulable=False, effet=effets.majoree
    ),
    TypeEvenement(
        "saisir_visite",
        "Visite",
        (Champ("present", "Personne présente", obligatoire=False),),
        effet=effets.visite,
        defaire=effets.visite_defaite,
    ),
    TypeEvenement(
        "rediger",
        "Rapport rédigé",
        (
            Champ("presence", "Signature de la présence", "choix", True, tuple(PRESENCES)),
            Champ("raison", "Raison, sans signature", obligatoire=False),
        ),
        ("rapport",),
    ),
    TypeEvenement("renvoyer", "Renvoi au technicien", (Champ("motif", "Commentaire"),)),
    TypeEvenement(
        "valider",
        "Rapport validé",
        (*CALCULES, Champ("commentaire", "Commentaire", obligatoire=False)),
        ("rapport",),
        annulable=False,
        effet=effets.conclu,
    ),
    TypeEvenement(
        "conclure_sur_pieces", "Avis sur pièces", CALCULES, annulable=False, effet=effets.avis_sur_pieces
    ),
    TypeEvenement(
        "notifier",
        "Rapport reçu par le propriétaire",
        (PARAMETRES,),
        ("rapport",),
        effet=effets.notifie,
        defaire=effets.notification_retiree,
    ),
    TypeEvenement(
        "facturer",
        "Facturé",
        (
            Champ("reference", "Référence de la facture"),
            Champ("sans_annonce", "Motif, si la redevance n'a pas été annoncée", obligatoire=False),
        ),
        annulable=False,
        effet=effets.facture,
    ),
    TypeEvenement("encaisser", "Réglé, contrôle clos", effet=effets.regle, defaire=effets.reglement_retire),
    TypeEvenement("annuler", "Contrôle annulé", (MOTIF,), annulable=False, effet=effets.annule),
    TypeEvenement(
        "reprendre",
        "Contrôle ancien repris",
        (
            Champ("visite", "Visite du", "date"),
            Champ("notification", "Rapport reçu le", "date", False),
            *CALCULES,
            Champ("source", "Origine", obligatoire=False),
        ),
        annulable=False,
        effet=effets.conclu,
    ),
    TypeEvenement(
        "rectifier",
        "Rapport rectifié",
        (
            MOTIF,
            *CALCULES,
            Champ("travaux", "Travaux demandés", "json"),
            Champ("avant", "Version précédente", "json"),
        ),
        ("rapport",),
        annulable=False,
        effet=effets.rectifie,
    ),
    TypeEvenement(
        "enregistrer_acte",
        "Acte de vente",
        (),
        (),
        effet=effets.suivre_obligations,
        defaire=effets.acte_retire,
    ),
    TypeEvenement(
        "raccourcir_delai",
        "Délai raccourci par le maire",
        (Champ("mois", "Délai (mois)", "entier"), MOTIF),
        effet=effets.suivre_obligations,
        defaire=effets.suivre_obligations,
    ),
    TypeEvenement(
        "lever",
        "Non-conformité levée",
        (Champ("controle", "Contre-visite"),),
        annulable=False,
    ),
)

DELAI_MAX = entier("ANC_MAIRE")

TRANSITIONS = (
    Transition("planifier", (DEBUT,), (*AGENT, "systeme"), ("a_planifier",), (gardes.INSTALLATION,)),
    Transition(
        "reprendre", (DEBUT,), ("responsable", "systeme"), ("clos",), (gardes.INSTALLATION, gardes.REPRISE)
    ),
    Transition("proposer_rdv", ("a_planifier",), AGENT, ("rdv_propose",), (gardes.REDEVANCE_CONNUE,)),
    Transition(
        "fixer_rdv",
        ("a_planifier", "rdv_propose", "relance", "redevance_majoree"),
        (*AGENT, "usager"),
        ("rdv_fixe",),
        (gardes.RDV_A_VENIR, gardes.CRENEAU_LIBRE, gardes.DISPONIBLE),
    ),
    Transition(
        "constater_absence",
        ("rdv_propose", "rdv_fixe"),
        SUR_PLACE,
        ("absent",),
        (gardes.CONFIE, gardes.RDV_PASSE),
    ),
    Transition("constater_refus", ("rdv_propose", "rdv_fixe"), SUR_PLACE, ("refus",), (gardes.CONFIE,)),
    # A postponement is asked before the appointment: its day has not come.
    Transition("constater_report", ("rdv_propose", "rdv_fixe"), SUR_PLACE, ("refus",), (gardes.CONFIE,)),
    Transition("relancer", ("absent", "refus", "relance"), (*AGENT, "systeme"), ("relance",)),
    Transition(
        "majorer",
        ("refus", "relance"),
        ("responsable",),
        ("redevance_majoree",),
        (gardes.MAJORATION, gardes.MAJORATION_VOTEE),
    ),
    Transition(
        "saisir_visite",
        ("a_planifier", "rdv_fixe"),
        SUR_PLACE,
        ("visite_faite",),
        (gardes.CONFIE, gardes.EXISTENCE_DITE, gardes.APRES_INSTALLATION),
    ),
    Transition(
        "rediger",
        ("visite_faite",),
        SUR_PLACE,
        ("rapport_redige",),
        (gardes.CONFIE, gardes.EXISTENCE_DITE, gardes.PRESENCE),
    ),
    Transition("renvoyer", ("rapport_redige",), ("responsable",), ("visite_faite",)),
    Transition(
        "valider",
        ("rapport_redige",),
        ("responsable",),
        ("rapport_valide",),
        (gardes.TRAVAUX, gardes.COMMENTAIRE),
    ),
    # A plan is examined at the desk: no visit, and the opinion is the report.
    Transition("conclure_sur_pieces", SUR_PIECES, ("responsable", "systeme"), ("notifie",)),
    Transition("notifier", ("rapport_valide",), AGENT, ("notifie",), (gardes.APRES_RAPPORT,)),
    Transition("facturer", ("notifie",), COMPTABLE, ("facture",), (gardes.ANNONCEE,)),
    Transition("encaisser", ("facture",), COMPTABLE, ("clos",)),
    Transition(
        "annuler",
        tuple(e for e in LIBELLES if e and e not in (*NOTIFIES, *CONTROLE_FINALS)),
        ("responsable", "systeme"),
        ("annule",),
        (gardes.SANS_SUITES,),
    ),
    Transition(
        "enregistrer_acte",
        ("rapport_valide", *NOTIFIES),
        (*AGENT, "systeme"),
        (),
        (gardes.UN_SEUL_ACTE,),
    ),
    Transition(
        "raccourcir_delai",
        NOTIFIES,
        ("elu",),
        (),
        (gardes.DANGER, gardes.DELAI_MAIRE),
    ),
    Transition("rectifier", NOTIFIES, ("responsable",), (), ()),
    Transition("lever", ("rapport_valide", *NOTIFIES), ("systeme",), ()),
)

CONTROLE = Workflow(
    code="assainissement.controle",
    libelle="Contrôle d'une installation",
    metier="assainissement",
    etats=tuple(Etat(code, libelle, code in CONTROLE_FINALS) for code, libelle in LIBELLES.items() if code),
    evenements=EVENEMENTS,
    transitions=TRANSITIONS,
    roles_annulation=("responsable",),
    recalculer=recalculer,
    contexte=lambda c: c.contexte_regles,
    colonnes=(
        "date_rdv",
        "date_visite",
        "date_rapport",
        "date_notification",
        "date_acte",
        "date_levee",
        "relance_le",
        "echeance_travaux",
        "fin_validite_rapport",
        "prochain_controle",
        "issue",
        "regle",
        "cas",
        "conclusion",
        "nb_relances",
        "creneau",
    ),
    suite=effets.suivre_controle,
)
