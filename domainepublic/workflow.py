"""Circuit of an occupation (spec §4), as data: the engine of ``mairie.workflow`` runs it."""

from __future__ import annotations

from domainepublic.instruction import effets, gardes
from domainepublic.instruction.etats import (
    COMPENSATIONS,
    EN_ATTENTE,
    FINALS,
    LIBELLES,
    MODIFIABLES,
    MOTIFS_RETRAIT,
)
from domainepublic.instruction.recalcul import recalculer
from mairie.workflow import DEBUT, Champ, Etat, Passage, Transition, TypeEvenement, Workflow

AGENT = ("instructeur", "responsable")
TERRAIN = ("instructeur", "responsable", "assermente")
MOTIF = Champ("motif", "Motif")
# Filled by the service, never typed: what the title says on the day it is signed.
TITRE = (
    Champ("autorite", "Autorité"),
    Champ("signataires", "Signataires", "json"),
    Champ("actes", "Actes", "json"),
    Champ("numeros", "Numéros des actes", "json", False),
    Champ("debut", "Du", "date"),
    Champ("fin", "Au", "date", False),
    Champ("sous_condition", "Prend effet à la vente", "booleen", False),
    Champ("caducite_mois", "Caduc s'il n'a pas commencé après (mois)", "entier", False),
)


def _apres_reponse(passage: Passage) -> str:
    """A holder who keeps his place leaves the act where it is; any other answer goes back to the agent."""
    return "a_signer" if passage.fait.donnees.get("reponse") == "accepter" else "en_instruction"


def _apres_signature(passage: Passage) -> str:
    """Granted once every authority has signed since the act was prepared."""
    signes = {passage.fait.donnees.get("autorite")}
    for fait, _ in reversed(passage.precedents):
        if fait.type == "preparer_acte":
            break
        if fait.type in gardes.SIGNATURES:
            signes.add(fait.donnees.get("autorite"))
    attendus = set(passage.fait.donnees.get("signataires") or [])
    return "accorde" if attendus <= signes else "a_signer"


EVENEMENTS = (
    TypeEvenement("ouvrir_brouillon", "Brouillon"),
    TypeEvenement(
        "deposer",
        "Dépôt",
        (Champ("canal", "Reçu", obligatoire=False),),
        ("recepisse",),
        annulable=False,
        effet=effets.depose,
        effet_masse=effets.deposes,
    ),
    TypeEvenement(
        "declarer_incomplet",
        "Pièces demandées",
        (
            Champ("pieces", "Pièces manquantes", "json"),
            Champ("delai_jours", "Délai pour les produire (jours)", "entier", False),
        ),
        ("demande_pieces",),
    ),
    TypeEvenement("completer", "Pièces reçues", (Champ("pieces", "Pièces reçues", obligatoire=False),)),
    TypeEvenement(
        "ouvrir_publicite",
        "Publicité ouverte",
        (
            Champ("au", "Jusqu'au", "date"),
            Champ("lieu", "Où elle est publiée"),
            Champ("texte", "Texte publié", obligatoire=False),
        ),
        ("publicite",),
        annulable=False,
    ),
    TypeEvenement("clore_publicite", "Publicité close, sans concurrent", annulable=False),
    TypeEvenement("constater_concurrence", "Autre intérêt déclaré", (MOTIF,), annulable=False),
    TypeEvenement(
        "retenir",
        "Candidat retenu",
        (
            Champ("motif", "Critères et classement"),
            Champ("publie", "Motifs publiés, sans aucun nom", obligatoire=False),
        ),
        ("concurrence",),
        effet=effets.retenu,
        defaire=effets.renonce,
    ),
    TypeEvenement(
        "instruire", "Instruction", effet=effets.instruit, defaire=effets.rien, effet_masse=effets.instruits
    ),
    TypeEvenement(
        "lever_conflit",
        "Conflit levé",
        (Champ("conflit", "Conflit"), Champ("motif", "Motif")),
        annulable=False,
    ),
    TypeEvenement(
        "demander_avis",
        "Avis demandés",
        (
            Champ("services", "Services", "json"),
            Champ("obligatoire", "Avis obligatoires", "booleen", False),
        ),
        ("consultation",),
    ),
    TypeEvenement(
        "avis_recu",
        "Avis reçu",
        (
            Champ("service", "Service"),
            Champ(
                "sens",
                "Sens",
                "choix",
                True,
                ("favorable", "favorable_prescriptions", "defavorable", "sans_objet"),
            ),
            Champ("texte", "Texte de l'avis", obligatoire=False),
        ),
    ),
    TypeEvenement("reprendre", "Avis rendus, instruction reprise"),
    TypeEvenement(
        "preparer_acte", "Acte proposé à la signature", (), ("arrete",), effet=effets.propose,
        defaire=effets.renvoye, effet_masse=effets.proposes,
    ),
    TypeEvenement(
        "renvoyer", "Renvoi à l'instructeur", (Champ("motif", "Commentaire"),), effet=effets.renvoye,
        defaire=effets.rien,
    ),
    TypeEvenement(
        "repondre_renouvellement",
        "Réponse du titulaire au renouvellement",
        (
            Champ("reponse", "Réponse", "choix", True, ("accepter", "changer", "arreter")),
            Champ("quantite", "Quantité demandée", "decimal", False),
            Champ("message", "Message", obligatoire=False),
        ),
        annulable=False,
        effet=effets.reponse_au_renouvellement,
    ),
    TypeEvenement("signer", "Signature", TITRE, ("arrete",), annulable=False, effet=effets.signe),
    TypeEvenement(
        "signature_exterieure",
        "Signature d'une autre autorité",
        (*TITRE, Champ("reference", "Référence de son acte")),
        annulable=False,
        effet=effets.signe,
    ),
    TypeEvenement(
        "refuser", "Refus", (Champ("motif", "Motifs du refus"),), ("refus",), False, effet=effets.clos
    ),
    TypeEvenement("classer_sans_suite", "Classement sans suite", (MOTIF,), ("sans_suite",), False,
                  effet=effets.clos),
    TypeEvenement(
        "justifier_vente", "Vente du fonds justifiée", (Champ("le", "Fonds vendu le", "date"),), (), False,
        effet=effets.vendu,
    ),
    TypeEvenement("commencer", "Début de l'occupation"),
    TypeEvenement("constater_caducite", "Caducité", (MOTIF,), annulable=False, effet=effets.clos),
    TypeEvenement(
        "retirer",
        "Retrait",
        (
            Champ("motif", "Motif", "choix", True, tuple(MOTIFS_RETRAIT)),
            Champ("le", "Premier jour non occupé", "date"),
            Champ("contradictoire_le", "Titulaire entendu le", "date", False),
        ),
        ("retrait",),
        annulable=False,
        effet=effets.retire,
    ),
    TypeEvenement(
        "demander_prolongation", "Prolongation demandée", (Champ("fin", "Nouvelle fin", "date"),),
        effet=effets.instruit, defaire=effets.rien,
    ),
    TypeEvenement(
        "accepter_prolongation", "Prolongation accordée", (), ("avenant",), False, effet=effets.prolonge
    ),
    TypeEvenement("refuser_prolongation", "Prolongation refusée", (MOTIF,), ("refus",), False),
    TypeEvenement(
        "suspendre", "Suspension", (MOTIF,), ("suspension",), annulable=False, effet=effets.decide
    ),
    TypeEvenement(
        "reprendre_occupation",
        "Reprise de l'occupation",
        (
            Champ("compensation", "En échange des jours suspendus", "choix", False, tuple(COMPENSATIONS)),
            Champ("fin", "Fin repoussée au (si elle l'est)", "date", False),
        ),
        annulable=False,
        effet=effets.reprend,
    ),
    TypeEvenement(
        "arreter_avant_terme",
        "Fin anticipée",
        (Champ("le", "Premier jour non occupé", "date"),),
        annulable=False,
        effet=effets.arrete_tot,
    ),
    TypeEvenement("echoir", "Fin du titre"),
    TypeEvenement(
        "constater_liberation",
        "Sol libéré",
        (
            Champ("le", "Libre depuis le", "date"),
            Champ("etat_du_sol", "État du sol", obligatoire=False),
        ),
        effet=effets.libere,
        defaire=effets.rien,
    ),
    TypeEvenement(
        "constater_depassement", "Dépassement constaté", (Champ("constat", "Constat"),), (), False,
        effet=effets.depasse,
    ),
    TypeEvenement(
        "ouvrir_constat",
        "Occupation sans titre constatée",
        (
            Champ("type_presume", "Type présumé"),
            Champ("debut", "Vue le", "date"),
            Champ("fin", "Jusqu'au", "date", False),
            Champ("constat", "Constat", obligatoire=False),
        ),
        ("mise_en_demeure",),
        annulable=False,
        effet=effets.constate,
    ),
    TypeEvenement("regulariser", "Régularisation", (Champ("numero", "Nouveau dossier"),), (), False),
    TypeEvenement("dresser_pv", "Procès-verbal", (Champ("numero", "Numéro"),), ("pv",), False),
    TypeEvenement(
        "liberer", "Sol libéré après infraction", (Champ("le", "Libre depuis le", "date"),), (), False,
        effet=effets.libere,
    ),
)  # fmt: skip

TRANSITIONS = (
    Transition("ouvrir_brouillon", (DEBUT,), (*AGENT, "systeme", "usager"), ("brouillon",)),
    Transition(
        "deposer",
        (DEBUT, "brouillon"),
        (*AGENT, "systeme", "usager"),
        ("depose",),
        (gardes.DEMANDEUR, gardes.EMPRISES),
    ),
    Transition(
        "declarer_incomplet",
        ("depose", "en_instruction"),
        AGENT,
        ("incomplet",),
        (gardes.PIECES, gardes.DELAI_PIECES),
    ),
    Transition("completer", ("incomplet",), (*AGENT, "usager"), ("depose",), (gardes.PIECES_RECUES,)),
    Transition(
        "ouvrir_publicite",
        ("depose", "en_instruction"),
        AGENT,
        ("publicite",),
        (gardes.PUBLICITE_A_TENIR, gardes.FIN_PUBLICITE),
    ),
    Transition(
        "clore_publicite",
        ("publicite",),
        (*AGENT, "systeme"),
        ("en_instruction",),
        (gardes.PUBLICITE_FINIE, gardes.SANS_RIVAL),
    ),
    Transition(
        "constater_concurrence", ("publicite",), AGENT, ("mise_en_concurrence",), (gardes.UN_RIVAL,)
    ),
    Transition(
        "retenir",
        ("mise_en_concurrence",),
        AGENT,
        ("en_instruction",),
        (gardes.CRITERES, gardes.SANS_NOM),
    ),
    Transition("instruire", ("depose",), AGENT, ("en_instruction",)),
    Transition("demander_avis", ("en_instruction",), AGENT, ("en_avis",), (gardes.SERVICES,)),
    Transition("avis_recu", ("en_avis", "en_instruction"), (*AGENT, "systeme", "coordination", "usager")),
    Transition(
        "reprendre", ("en_avis",), (*AGENT, "systeme"), ("en_instruction",), (gardes.AVIS_RENDUS,)
    ),
    Transition(
        "lever_conflit",
        (*MODIFIABLES, "a_signer", "prolongation_demandee"),
        ("responsable", "signataire"),
    ),
    Transition(
        "preparer_acte",
        ("en_instruction",),
        AGENT,
        ("a_signer",),
        (gardes.EMPRISES, gardes.PUBLICITE_TENUE, gardes.AVIS_RENDUS, gardes.PRIX, gardes.CONFLITS),
    ),
    Transition("renvoyer", ("a_signer",), ("signataire",), ("en_instruction",)),
    Transition(
        "repondre_renouvellement",
        ("a_signer",),
        ("usager",),
        ("a_signer", "en_instruction"),
        (gardes.RENOUVELLEMENT,),
        choisir=_apres_reponse,
    ),
    Transition(
        "repondre_renouvellement",
        tuple(e for e in EN_ATTENTE if e != "a_signer"),
        ("usager",),
        (),
        (gardes.RENOUVELLEMENT,),
    ),
    Transition(
        "signer",
        ("a_signer",),
        ("signataire",),
        ("accorde", "a_signer"),
        (gardes.SIGNATAIRE, gardes.AUTORITE, gardes.CONFLITS),
        choisir=_apres_signature,
    ),
    Transition(
        "signature_exterieure",
        ("a_signer",),
        AGENT,
        ("accorde", "a_signer"),
        (gardes.AUTORITE, gardes.CONFLITS),
        choisir=_apres_signature,
    ),
    Transition("refuser", ("en_instruction", "a_signer"), ("signataire",), ("refuse",), (gardes.SIGNATAIRE,)),
    Transition(
        "classer_sans_suite",
        ("brouillon", *(e for e in EN_ATTENTE if e != "a_signer")),
        (*AGENT, "systeme"),
        ("sans_suite",),
    ),
    Transition("justifier_vente", (*EN_ATTENTE, "accorde"), AGENT, (), (gardes.VENTE,)),
    # Passed by the calendar (``recalcul``); written here so that the circuit shows them.
    Transition("commencer", ("accorde",), ("systeme",), ("actif",)),
    Transition("echoir", ("actif", "suspendu"), ("systeme",), ("a_controler",)),
    Transition("constater_caducite", ("accorde", "actif"), AGENT, ("caduc",), (gardes.CADUCITE,)),
    Transition(
        "retirer",
        ("accorde", "actif", "suspendu"),
        ("signataire",),
        ("retire",),
        (gardes.SIGNATAIRE, gardes.CONTRADICTOIRE, gardes.DANS_LE_TITRE),
    ),
    Transition(
        "demander_prolongation",
        ("actif",),
        (*AGENT, "usager"),
        ("prolongation_demandee",),
        (gardes.PROLONGATION,),
    ),
    Transition(
        "accepter_prolongation",
        ("prolongation_demandee",),
        ("signataire",),
        ("actif",),
        (gardes.SIGNATAIRE, gardes.CONFLITS),
    ),
    Transition("refuser_prolongation", ("prolongation_demandee",), ("signataire",), ("actif",)),
    Transition("suspendre", ("actif",), ("signataire",), ("suspendu",)),
    Transition(
        "reprendre_occupation",
        ("suspendu",),
        ("signataire",),
        ("actif",),
        (gardes.PROLONGATION, gardes.COMPENSATION, gardes.CHOIX_COMPENSATION),
    ),
    Transition(
        "arreter_avant_terme",
        ("accorde", "actif"),
        (*AGENT, "usager"),
        ("a_controler",),
        (gardes.DANS_LE_TITRE,),
    ),
    Transition(
        "constater_liberation",
        ("a_controler",),
        TERRAIN,
        ("termine",),
        (gardes.PHOTO_DU_SOL, gardes.LIBRE_PASSE),
    ),
    Transition("constater_depassement", ("a_controler",), TERRAIN, ("infraction",), (gardes.PHOTO,)),
    Transition("ouvrir_constat", (DEBUT,), TERRAIN, ("infraction",)),
    Transition("regulariser", ("infraction",), AGENT, ("regularise",)),
    Transition("dresser_pv", ("infraction",), ("assermente",), ("pv_dresse",)),
    Transition("liberer", ("infraction", "pv_dresse"), TERRAIN, ("termine",), (gardes.LIBRE_PASSE,)),
)  # fmt: skip

DOSSIER_ODP = Workflow(
    code="domainepublic.dossier",
    libelle="Occupation du domaine public",
    metier="domainepublic",
    etats=tuple(Etat(code, libelle, code in FINALS) for code, libelle in LIBELLES.items() if code),
    evenements=EVENEMENTS,
    transitions=TRANSITIONS,
    roles_annulation=("responsable",),
    recalculer=recalculer,
    contexte=lambda d: d.contexte_regles,
    colonnes=(
        "date_depot",
        "terme_silence",
        "refus_implicite_le",
        "date_limite_pieces",
        "date_decision",
        "fin_effective",
    ),
    suite=effets.suivre,
    suite_masse=effets.suivre_nouveaux,
)
