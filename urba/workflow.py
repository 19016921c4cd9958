"""Circuit of a request (spec §6), as data: the engine of ``mairie.workflow`` runs it."""

from __future__ import annotations

from mairie.workflow import DEBUT, Champ, Etat, Passage, Transition, TypeEvenement, Workflow
from urba.instruction import annonces, gardes, lecture
from urba.instruction.etats import (
    ACCORDES,
    CLOS,
    FINALS,
    INCOMPLETS,
    INSTRUITS,
    LIBELLES,
    OUVERTS,
    etat_tacite,
)
from urba.instruction.recalcul import recalculer
from urba.regles.decision import Sens

LETTRE = (
    Champ("mode", "Mode d'envoi", "choix", False, ("postal", "electronique")),
    Champ("envoyee_le", "Envoyée le", "date", False),
    Champ("consultee_le", "Consultée le", "date", False),
)
TYPE_DETAIL = Champ("type_detail", "Type de dossier")
GUICHET = ("guichet", "instructeur", "chef")
INSTRUCTION = ("instructeur", "chef")
SUIVI = ("guichet", "instructeur", "chef", "technicien")


def _faits(passage: Passage) -> list[lecture.Fait]:
    return [*(f for f, _ in passage.precedents), passage.fait]


def _apres_notification_pieces(passage: Passage) -> str:
    """A request that counts opens the three months; a late or vain one leaves the clock as it was."""
    delai = lecture.delai(_faits(passage), passage.contexte)
    if delai is None or delai.date_limite_pieces is None:
        return "en_cours"
    return "en_cours" if delai.date_completude is not None else "incomplet_notifie"


def _apres_depot_pieces(passage: Passage) -> str:
    """Complete in time: instruction goes on; otherwise the dossier waits, or has been silently rejected."""
    faits = _faits(passage)
    lots = lecture.lots_pieces(faits)
    delai = lecture.delai(faits, passage.contexte)
    if not lots or not lots[-1].complet:
        return passage.etat
    en_vigueur = delai is not None and delai.date_limite_pieces is not None
    if en_vigueur and delai is not None and delai.date_completude is None:
        return passage.etat
    return "en_cours"


def _apres_notification(passage: Passage) -> str:
    """The act notified in time decides; silence has decided before a late one."""
    decision = lecture.decision_de(_faits(passage), passage.contexte)
    if decision is None or decision.tacite:
        delai = lecture.delai(_faits(passage), passage.contexte, decision=False)
        return etat_tacite(delai.decision_implicite if delai and delai.decision_implicite else "")
    return {
        Sens.ACCORD: "accorde",
        Sens.ACCORD_PRESCRIPTIONS: "accorde_prescriptions",
        Sens.REFUS: "refuse",
        Sens.SURSIS: "sursis",
    }[decision.sens]


def _apres_constat(passage: Passage) -> str:
    faits = [f for f, _ in passage.precedents]
    delai = lecture.delai(faits, passage.contexte, decision=False)
    return etat_tacite(delai.decision_implicite if delai and delai.decision_implicite else "")


def _apres_jugement(passage: Passage) -> str:
    return "annule" if passage.fait.donnees["sens"] == "annulation" else passage.etat


EVENEMENTS = (
    TypeEvenement(
        "depot_en_ligne", "Dépôt en ligne", (TYPE_DETAIL,), ("recepisse",), False, effet=annonces.depose
    ),
    TypeEvenement(
        "depot",
        "Dépôt en mairie",
        (
            TYPE_DETAIL,
            Champ("canal", "Canal", "choix", False, ("guichet", "courrier", "sve", "reprise")),
            Champ("pieces", "Pièces remises", "json", False),
        ),
        ("recepisse",),
        annulable=False,
        effet=annonces.depose,
    ),
    TypeEvenement("enregistrement", "Enregistrement", annulable=False),
    TypeEvenement(
        "affectation",
        "Affectation",
        (Champ("instructeur", "Instructeur", "entier", False),),
        effet=annonces.affecte,
        defaire=annonces.desaffecte,
    ),
    TypeEvenement(
        "qualification",
        "Qualification",
        (
            TYPE_DETAIL,
            Champ("majorations", "Majorations retenues", "json", False),
            Champ("drapeaux", "Circonstances qui changent le silence", "json", False),
            Champ("recolement_obligatoire", "Récolement obligatoire", "booleen", False),
            Champ("erp", "Établissement recevant du public", "booleen", False),
            Champ("anc", "Assainissement non collectif", "booleen", False),
            Champ("controle", "Contrôle des couches", "json", False),
        ),
        effet=annonces.qualifie,
        defaire=annonces.rien,
    ),
    TypeEvenement(
        "demande_pieces",
        "Demande de pièces",
        (Champ("pieces", "Pièces demandées", "json"),),
        ("incompletude",),
    ),
    TypeEvenement(
        "nouvelle_demande_pieces",
        "Nouvelle demande de pièces",
        (Champ("pieces", "Pièces demandées", "json"),),
        ("incompletude",),
    ),
    TypeEvenement("notification_pieces", "Présentation de la demande de pièces", LETTRE, annulable=False),
    TypeEvenement(
        "depot_pieces",
        "Pièces reçues",
        (Champ("pieces", "Pièces reçues", "json"),),
        ("recepisse_pieces",),
        effet=annonces.pieces_ajoutees,
        defaire=annonces.rien,
    ),
    TypeEvenement(
        "constat_rejet",
        "Rejet tacite constaté",
        (),
        ("avis_rejet",),
        annulable=False,
        effet=annonces.decision_tacite,
    ),
    TypeEvenement(
        "notification_majoration",
        "Présentation de la lettre de majoration",
        (Champ("majorations", "Motifs", "json"), *LETTRE),
        ("majoration",),
        annulable=False,
    ),
    TypeEvenement(
        "notification_prolongation",
        "Présentation de la lettre de prolongation",
        (Champ("code", "Motif"), *LETTRE),
        ("prolongation",),
        annulable=False,
    ),
    TypeEvenement(
        "consulter",
        "Consultation envoyée",
        (Champ("service", "Service"), Champ("consultation", "Consultation", "entier", False)),
        ("consultation",),
        effet=annonces.consultation_demandee,
        defaire=annonces.rien,
    ),
    TypeEvenement(
        "avis_recu",
        "Avis reçu",
        (
            Champ("service", "Service"),
            Champ("consultation", "Consultation", "entier", False),
            Champ("sens", "Sens"),
            Champ("accord", "Accord exigé par la loi", "booleen", False),
            Champ("saisi_le", "Demande reçue par le service le", "date", False),
        ),
        effet=annonces.consultation_close,
        defaire=annonces.rien,
    ),
    TypeEvenement(
        "avis_tacite",
        "Avis tacite",
        (
            Champ("service", "Service"),
            Champ("consultation", "Consultation", "entier", False),
            Champ("sens", "Sens", obligatoire=False),
        ),
        effet=annonces.consultation_close,
        defaire=annonces.rien,
    ),
    TypeEvenement("rapport_enquete", "Rapport du commissaire enquêteur reçu"),
    TypeEvenement("rapport_pret", "Rapport d'instruction", (), ("rapport",)),
    TypeEvenement(
        "finaliser_decision",
        "Décision rédigée",
        (
            Champ("sens", "Sens", "choix", True, tuple(Sens)),
            Champ("motifs", "Motifs", obligatoire=False),
            Champ("prescriptions", "Prescriptions", obligatoire=False),
            Champ("redacteur", "Rédacteur", "entier", False),
        ),
        ("arrete",),
        effet=annonces.rien,
        defaire=annonces.acte_renvoye,
    ),
    TypeEvenement(
        "renvoi",
        "Renvoi en rédaction",
        (Champ("motif", "Motif"),),
        effet=annonces.acte_renvoye,
        defaire=annonces.rien,
    ),
    TypeEvenement("signature", "Signature", (), annulable=False),
    TypeEvenement(
        "notification_decision",
        "Décision notifiée",
        LETTRE,
        ("panneau",),
        annulable=False,
        effet=annonces.decision_notifiee,
    ),
    TypeEvenement(
        "constat_tacite",
        "Décision tacite constatée",
        (),
        ("certificat_tacite",),
        annulable=False,
        effet=annonces.decision_tacite,
    ),
    TypeEvenement("transmission_cl", "Transmission au contrôle de légalité", (), ("bordereau",), False),
    TypeEvenement("affichage_mairie", "Affichage en mairie", (), ("extrait",), False),
    TypeEvenement(
        "affichage_terrain",
        "Affichage sur le terrain",
        (Champ("fin", "Jusqu'au", "date", False),),
        ("attestation_affichage",),
        annulable=False,
    ),
    TypeEvenement(
        "recours_depose",
        "Recours",
        (
            Champ("genre", "Genre", "choix", True, ("gracieux", "hierarchique", "contentieux", "defere")),
            Champ("juridiction", "Juridiction", obligatoire=False),
        ),
    ),
    TypeEvenement("recours_repondu", "Réponse au recours gracieux ou hiérarchique notifiée"),
    TypeEvenement(
        "recours_juge",
        "Jugement définitif",
        (Champ("sens", "Sens", "choix", True, ("rejet", "annulation", "desistement")),),
        annulable=False,
    ),
    TypeEvenement(
        "retrait",
        "Retrait",
        (
            Champ("contradictoire_le", "Lettre contradictoire du", "date", False),
            Champ("a_la_demande", "À la demande du titulaire", "booleen", False),
            Champ("motif", "Motif", obligatoire=False),
        ),
        ("retrait",),
        annulable=False,
        effet=annonces.retire,
    ),
    TypeEvenement(
        "annulation", "Annulation demandée par le titulaire", (), ("recepisse",), False, effet=annonces.retire
    ),
    TypeEvenement(
        "prorogation_demandee", "Prorogation demandée", (Champ("numero", "Numéro"),), annulable=False
    ),
    TypeEvenement(
        "prorogation_decidee",
        "Prorogation décidée",
        (Champ("numero", "Numéro"), Champ("acceptee", "Acceptée", "booleen")),
        annulable=False,
    ),
    TypeEvenement(
        "prorogation_retiree", "Prorogation retirée", (Champ("numero", "Numéro"),), annulable=False
    ),
    TypeEvenement(
        "doc",
        "Ouverture de chantier",
        (Champ("tranche", "Tranche", obligatoire=False),),
        ("recepisse",),
        effet=annonces.doc_recue,
        defaire=annonces.rien,
    ),
    TypeEvenement("interruption_travaux", "Travaux interrompus"),
    TypeEvenement(
        "daact",
        "Achèvement et conformité déclarés",
        (
            Champ("partielle", "Partielle", "booleen", False),
            Champ("acheve_le", "Travaux achevés le", "date", False),
            Champ("recolement_obligatoire", "Récolement obligatoire", "booleen", False),
        ),
        ("recepisse",),
        effet=annonces.daact_recue,
        defaire=annonces.rien,
    ),
    TypeEvenement(
        "recolement", "Récolement", (Champ("conforme", "Travaux conformes", "booleen"),), ("pv_recolement",)
    ),
    TypeEvenement("mise_en_demeure", "Mise en demeure", (), ("mise_en_demeure",), annulable=False),
    TypeEvenement("attestation_demandee", "Attestation de conformité demandée"),
    TypeEvenement("attestation", "Attestation de conformité", (), ("attestation",), annulable=False),
    TypeEvenement("abandon", "Abandon par le demandeur", (), ("recepisse",), False, effet=annonces.retire),
)

_EN_COURS_ET_PLUS = tuple(e for e in INSTRUITS if e != "a_qualifier")

TRANSITIONS = (
    Transition(
        "depot_en_ligne",
        (DEBUT,),
        ("usager",),
        ("depose",),
        (gardes.TYPE_CONNU, gardes.NATURE_OUVERTE, gardes.RECEVABLE),
    ),
    Transition(
        "depot",
        (DEBUT, "depose"),
        ("guichet", "chef", "instructeur"),
        ("a_qualifier",),
        (gardes.TYPE_CONNU, gardes.NATURE_OUVERTE, gardes.RECEVABLE),
    ),
    Transition("enregistrement", (DEBUT,), ("guichet", "chef", "instructeur", "usager"), ("enregistre",)),
    Transition(
        "affectation", OUVERTS + CLOS, ("chef", "instructeur"), gardes=(gardes.A_MOI, gardes.AFFECTER)
    ),
    Transition(
        "qualification",
        ("a_qualifier",),
        INSTRUCTION,
        ("en_cours",),
        (gardes.A_MOI, gardes.TYPE_CONNU, gardes.MAJORATIONS_CONNUES, gardes.CONTROLE_MOTIVE),
    ),
    Transition(
        "demande_pieces",
        ("en_cours",),
        INSTRUCTION,
        ("incomplet",),
        (gardes.A_MOI, gardes.DES_PIECES, gardes.FENETRE),
    ),
    Transition(
        "nouvelle_demande_pieces",
        INCOMPLETS,
        INSTRUCTION,
        ("incomplet",),
        (gardes.A_MOI, gardes.DES_PIECES, gardes.FENETRE),
    ),
    Transition(
        "notification_pieces",
        ("incomplet",),
        (*GUICHET, "systeme"),
        ("incomplet_notifie", "en_cours"),
        (gardes.LETTRE_DATEE,),
        choisir=_apres_notification_pieces,
    ),
    Transition(
        "depot_pieces",
        INCOMPLETS,
        (*GUICHET, "usager"),
        ("en_cours", *INCOMPLETS),
        (gardes.PIECES_RECUES,),
        choisir=_apres_depot_pieces,
    ),
    Transition(
        "constat_rejet",
        ("incomplet_notifie",),
        INSTRUCTION,
        ("rejet_tacite",),
        (gardes.A_MOI, gardes.PIECES_HORS_DELAI, gardes.DATE_DU_CONSTAT),
    ),
    Transition(
        "notification_majoration",
        _EN_COURS_ET_PLUS,
        GUICHET,
        gardes=(
            gardes.DES_MAJORATIONS,
            gardes.MAJORATIONS_CONNUES,
            gardes.MAJORATION_POSSIBLE,
            gardes.LETTRE_DATEE,
        ),
    ),
    Transition(
        "notification_prolongation",
        _EN_COURS_ET_PLUS,
        GUICHET,
        gardes=(gardes.PROLONGATION_CONNUE, gardes.LETTRE_DATEE),
    ),
    Transition("consulter", INSTRUITS, (*INSTRUCTION, "systeme"), gardes=(gardes.A_MOI,)),
    Transition("avis_recu", INSTRUITS + CLOS, (*INSTRUCTION, "systeme", "usager")),
    Transition("avis_tacite", INSTRUITS + CLOS, (*INSTRUCTION, "systeme")),
    Transition("rapport_enquete", INSTRUITS, INSTRUCTION),
    Transition(
        "rapport_pret", ("en_cours",), INSTRUCTION, ("redaction",), (gardes.A_MOI, gardes.AVIS_RENDUS)
    ),
    Transition(
        "finaliser_decision",
        ("redaction",),
        INSTRUCTION,
        ("en_signature",),
        (gardes.A_MOI, gardes.DECISION_MOTIVEE),
    ),
    Transition("renvoi", ("en_signature",), ("signataire",), ("redaction",)),
    Transition(
        "signature",
        ("en_signature",),
        ("signataire",),
        ("decide_a_notifier",),
        (gardes.SIGNATAIRE, gardes.ACTE_SIGNE),
    ),
    Transition(
        "notification_decision",
        ("decide_a_notifier",),
        (*GUICHET, "systeme"),
        (*CLOS,),
        (gardes.LETTRE_DATEE,),
        choisir=_apres_notification,
    ),
    Transition(
        "constat_tacite",
        tuple(e for e in OUVERTS if e != "incomplet_notifie"),
        INSTRUCTION,
        ("accord_tacite", "rejet_tacite"),
        (gardes.A_MOI, gardes.CONSTAT_TACITE, gardes.DATE_DU_CONSTAT),
        choisir=_apres_constat,
    ),
    Transition("transmission_cl", CLOS, GUICHET),
    Transition("affichage_mairie", CLOS, GUICHET),
    Transition("affichage_terrain", ACCORDES, (*GUICHET, "usager"), gardes=(gardes.AFFICHAGE_DATE,)),
    Transition("recours_depose", CLOS, INSTRUCTION),
    Transition("recours_repondu", CLOS, INSTRUCTION),
    Transition(
        "recours_juge",
        CLOS,
        INSTRUCTION,
        (*CLOS, "annule"),
        choisir=_apres_jugement,
    ),
    Transition(
        "retrait", ACCORDES, ("signataire",), ("retire",), (gardes.RETRAIT_POSSIBLE, gardes.CONTRADICTOIRE)
    ),
    Transition("annulation", ACCORDES, ("guichet", "chef"), ("annule",), (gardes.TRAVAUX_NON_COMMENCES,)),
    Transition("prorogation_demandee", ACCORDES, ("systeme",)),
    Transition("prorogation_decidee", ACCORDES, ("systeme",)),
    Transition("prorogation_retiree", ACCORDES, ("systeme",)),
    Transition("doc", ACCORDES, (*SUIVI, "usager"), gardes=(gardes.AVEC_DOC,)),
    Transition("interruption_travaux", ACCORDES, SUIVI, gardes=(gardes.AVEC_DOC,)),
    Transition("daact", ACCORDES, (*SUIVI, "usager"), gardes=(gardes.AVEC_DAACT,)),
    Transition("recolement", ACCORDES, ("technicien", *INSTRUCTION), gardes=(gardes.AVEC_DAACT,)),
    Transition("mise_en_demeure", ACCORDES, ("signataire",), gardes=(gardes.AVEC_DAACT,)),
    Transition("attestation_demandee", ACCORDES, SUIVI, gardes=(gardes.AVEC_DAACT,)),
    Transition("attestation", ACCORDES, ("signataire",), gardes=(gardes.AVEC_DAACT,)),
    Transition("abandon", OUVERTS, ("guichet", "chef"), ("abandonne",)),
)

INSTRUCTION_URBA = Workflow(
    code="urba.instruction",
    libelle="Dossier d'instruction",
    metier="urba",
    etats=tuple(Etat(code, LIBELLES[code], code in FINALS) for code in (*OUVERTS, *FINALS)),
    evenements=EVENEMENTS,
    transitions=TRANSITIONS,
    roles_annulation=("chef",),
    recalculer=recalculer,
    contexte=lambda dossier: dossier.contexte_regles,
    colonnes=(
        "date_depot",
        "date_completude",
        "fin_fenetre_un_mois",
        "date_limite",
        "date_limite_notifiee",
        "date_limite_pieces",
        "date_decision_implicite",
        "date_decision",
        "date_notification",
        "validite_fin",
        "decision_implicite",
        "delai_mois",
        "alertes",
    ),
    suite=annonces.mettre_a_jour,
)
