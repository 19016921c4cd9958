"""Conditions of the events of a request (spec §6): each says what is missing and what to do."""

from __future__ import annotations

from datetime import date
from typing import Any

from mairie.calendrier import jma
from mairie.roles import detient
from mairie.workflow import Demande, Garde
from urba import perms
from urba.instruction import lecture
from urba.instruction.etats import type_delai
from urba.regles.lettres import Mode
from urba.regles.majorations import lignes_visant
from urba.regles.retrait import article_retrait, limite_retrait, refus_contradictoire
from urba.regles.tables_delais import CODES_MAJORATIONS, CODES_PROLONGATIONS
from urba.regles.types import Nature, TypeDelai

INSTRUIRE = ("instructeur", "chef")


def _contexte(demande: Demande) -> lecture.Contexte:
    contexte = demande.dossier.contexte_regles
    assert isinstance(contexte, lecture.Contexte)  # noqa: S101
    return contexte


def _fenetre(demande: Demande) -> str | None:
    fin = demande.situation.dates.get("fin_fenetre_un_mois")
    if fin is None or demande.date_effet <= fin:
        return None
    return (
        f"La fenêtre d'un mois s'est fermée le {jma(fin)} : cette lettre ne changera pas le délai."
        " Dites pourquoi vous l'envoyez quand même."
    )


FENETRE = Garde("fenetre_ouverte", "Dans le premier mois", _fenetre, forcable_par=INSTRUIRE)


def _a_moi(demande: Demande) -> str | None:
    instructeur = demande.dossier.instructeur_id
    compte = demande.acteur.utilisateur
    if instructeur is None or compte is None or instructeur == compte.pk:
        return None
    if detient(demande.acteur, "urba", "chef", demande.dossier):
        return None
    return "Ce dossier est confié à un autre instructeur : demandez au chef de service de vous l'affecter."


A_MOI = Garde("a_moi", "Confié à moi, ou à personne", _a_moi)


def _affecter(demande: Demande) -> str | None:
    """Who holds the right gives a request to anyone; an instructor only takes one that nobody has."""
    compte = demande.acteur.utilisateur
    if compte is None or compte.has_perm(perms.AFFECTER, demande.dossier.insee):
        return None
    pris = demande.donnees.get("instructeur") == compte.pk
    if pris and demande.dossier.instructeur_id in (None, compte.pk):
        return None
    return (
        "Vous pouvez prendre pour vous un dossier que personne n'a ; le confier à quelqu'un d'autre, ou le"
        " rendre, revient au chef de service."
    )


AFFECTER = Garde("affecter", "Droit d'affecter, ou dossier pris pour soi", _affecter, sur_saisie=True)


def _des_pieces(demande: Demande) -> str | None:
    pieces = demande.donnees.get("pieces")
    bonnes = (
        isinstance(pieces, list) and pieces and all(isinstance(p, dict) and p.get("code") for p in pieces)
    )
    return None if bonnes else "Cochez au moins une pièce à demander."


DES_PIECES = Garde("des_pieces", "Au moins une pièce demandée", _des_pieces, sur_saisie=True)


def _pieces_connues(demande: Demande) -> str | None:
    codes = demande.donnees.get("pieces")
    if not isinstance(codes, list) or not codes or not all(isinstance(c, str) for c in codes):
        return "Dites quelles pièces sont arrivées."
    return None


PIECES_RECUES = Garde("pieces_recues", "Au moins une pièce reçue", _pieces_connues, sur_saisie=True)


def _lettre(demande: Demande) -> str | None:
    donnees = demande.donnees
    if donnees.get("mode", Mode.POSTAL) == Mode.POSTAL:
        if donnees.get("envoyee_le") or donnees.get("consultee_le"):
            return "Une lettre postale se date par sa première présentation seulement."
        return None
    if not donnees.get("envoyee_le"):
        return "Une lettre électronique a une date d'envoi."
    envoi = date.fromisoformat(donnees["envoyee_le"])
    lu = date.fromisoformat(donnees["consultee_le"]) if donnees.get("consultee_le") else None
    if lu is not None and lu < envoi:
        return f"La consultation ({jma(lu)}) ne peut précéder l'envoi ({jma(envoi)})."
    if demande.date_effet != (lu or envoi):
        return f"La date de l'événement est celle de la lettre : {jma(lu or envoi)}."
    return None


LETTRE_DATEE = Garde("lettre_datee", "Dates de la lettre", _lettre, sur_saisie=True)


def _codes_majorations(demande: Demande) -> str | None:
    lignes = demande.donnees.get("majorations") or []
    if not isinstance(lignes, list) or any(not isinstance(x, dict) for x in lignes):
        return "Les majorations sont une liste."
    inconnus = [str(x.get("code")) for x in lignes if x.get("code") not in CODES_MAJORATIONS]
    return f"Majoration inconnue : {', '.join(inconnus)}." if inconnus else None


MAJORATIONS_CONNUES = Garde(
    "majorations_connues", "Majorations de la table", _codes_majorations, sur_saisie=True
)


def _des_majorations(demande: Demande) -> str | None:
    return None if demande.donnees.get("majorations") else "Choisissez au moins un motif de majoration."


DES_MAJORATIONS = Garde("des_majorations", "Au moins un motif", _des_majorations, sur_saisie=True)


def _majoration_possible(demande: Demande) -> str | None:
    type_ = type_delai(str(demande.situation.calculs.get("type_detail")))
    contexte = _contexte(demande)
    for ligne in demande.donnees.get("majorations") or []:
        if not lignes_visant(contexte.regles.majorations, ligne["code"], type_, Nature(contexte.nature)):
            return f"La majoration {ligne['code']} n'existe pas pour ce type de dossier."
    return None


MAJORATION_POSSIBLE = Garde(
    "majoration_possible", "Motif ouvert à ce type", _majoration_possible, sur_saisie=True
)


def _code_prolongation(demande: Demande) -> str | None:
    connu = demande.donnees.get("code") in CODES_PROLONGATIONS
    return None if connu else f"Prolongation inconnue : {demande.donnees.get('code')}."


PROLONGATION_CONNUE = Garde(
    "prolongation_connue", "Prolongation de la table", _code_prolongation, sur_saisie=True
)


def _type_connu(demande: Demande) -> str | None:
    detail = demande.donnees.get("type_detail")
    try:
        type_ = type_delai(str(detail))
    except ValueError:
        return f"Type de dossier inconnu : {detail}."
    lettres = demande.dossier.da.lettres
    from urba.regles.numeros import LETTRES_DES_TYPES

    if LETTRES_DES_TYPES[type_] != lettres:
        return f"Le numéro est en {lettres} : ce type demanderait un autre numéro."
    return None


TYPE_CONNU = Garde("type_connu", "Type de dossier", _type_connu, sur_saisie=True)


def _ouverte_par_la_loi(demande: Demande) -> str | None:
    """The nature is open for this type on that day, and the engine knows that day."""
    contexte = _contexte(demande)
    try:
        type_ = type_delai(str(demande.donnees.get("type_detail")))
    except ValueError:
        return None  # said by TYPE_CONNU
    if contexte.regles.base(type_, Nature(contexte.nature), demande.date_effet) is None:
        return (
            f"Aucun délai pour {type_} {contexte.nature.lower()} déposé le {jma(demande.date_effet)} :"
            " cette demande n'est pas ouverte, ou le dépôt précède le 1er avril 2017 (à reprendre)."
        )
    return None


NATURE_OUVERTE = Garde("nature_ouverte", "Demande ouverte par la loi", _ouverte_par_la_loi, sur_saisie=True)


def _recevable(demande: Demande) -> str | None:
    dossier = demande.dossier
    manques = []
    if not dossier.demandeurs.filter(jusqu_a__isnull=True, role="petitionnaire").exists():
        manques.append("un pétitionnaire")
    terrain = getattr(dossier, "terrain", None)
    if not dossier.parcelles.exists() and (terrain is None or terrain.emprise_dessinee is None):
        manques.append("au moins une parcelle, ou une emprise dessinée")
    return f"Il manque {' et '.join(manques)}." if manques else None


RECEVABLE = Garde("recevable", "Demandeur et terrain", _recevable)


def _avis_rendus(demande: Demande) -> str | None:
    from mairie import consultations

    attendus = [
        c for c in consultations.de_dossier(demande.dossier) if c.envoyee_le and not c.avis and not c.close_le
    ]
    if not attendus:
        return None
    noms = ", ".join(str(c.service) for c in attendus)
    return f"Avis encore attendus : {noms}. Attendez-les, ou dites pourquoi vous passez outre."


AVIS_RENDUS = Garde("avis_rendus", "Avis rendus ou tacites", _avis_rendus, forcable_par=INSTRUIRE)


def _decision_motivee(demande: Demande) -> str | None:
    sens = demande.donnees.get("sens")
    if sens in ("refus", "sursis") and not str(demande.donnees.get("motifs", "")).strip():
        return "Un refus, une opposition ou un sursis est motivé : écrivez les motifs."
    if sens == "accord_prescriptions" and not str(demande.donnees.get("prescriptions", "")).strip():
        return "Un accord avec prescriptions les énonce : écrivez-les."
    type_ = type_delai(str(demande.situation.calculs.get("type_detail")))
    if type_ is TypeDelai.CUA and sens != "accord":
        return "Un certificat d'information ne se refuse pas : choisissez l'accord."
    if type_ is TypeDelai.CUB and sens not in ("accord", "refus"):
        return "Un certificat opérationnel est positif ou négatif."
    return None


DECISION_MOTIVEE = Garde("decision_motivee", "Motifs, prescriptions", _decision_motivee, sur_saisie=True)


def _tacite_nee(demande: Demande, jour: date) -> str | None:
    nee = demande.situation.dates.get("date_decision_implicite")
    if nee is None:
        return "Aucune décision implicite : pas de date limite, ou décision déjà notifiée à temps."
    if jour < nee:
        return f"La décision implicite naîtra le {jma(nee)}."
    return None


def _constat_tacite(demande: Demande) -> str | None:
    return _tacite_nee(demande, demande.aujourdhui)


CONSTAT_TACITE = Garde("tacite_nee", "Décision implicite née", _constat_tacite)


def _date_du_constat(demande: Demande) -> str | None:
    nee = demande.situation.dates.get("date_decision_implicite")
    if nee is not None and demande.date_effet != nee:
        return f"Le constat porte la date de la décision implicite : {jma(nee)}."
    return None


DATE_DU_CONSTAT = Garde("date_du_constat", "Date de la décision implicite", _date_du_constat, sur_saisie=True)


def _pas_tout_recu(demande: Demande) -> str | None:
    limite = demande.situation.dates.get("date_limite_pieces")
    if demande.situation.dates.get("date_completude") is not None or limite is None:
        return "Le dossier est complet, ou aucune demande de pièces n'est en vigueur."
    if demande.aujourdhui <= limite:
        return f"Les pièces sont attendues jusqu'au {jma(limite)} inclus."
    return None


PIECES_HORS_DELAI = Garde("pieces_hors_delai", "Trois mois passés", _pas_tout_recu)


def _retrait(demande: Demande) -> str | None:
    if demande.donnees.get("a_la_demande"):
        return None
    decision = demande.situation.dates.get("date_decision")
    if decision is None:
        return None
    type_ = type_delai(str(demande.situation.calculs.get("type_detail")))
    nature = Nature(_contexte(demande).nature)
    limite = limite_retrait(type_, nature, decision)
    if demande.date_effet > limite:
        article = article_retrait(type_, nature)
        return f"Le retrait n'était possible que jusqu'au {jma(limite)} ({article})."
    return None


RETRAIT_POSSIBLE = Garde("retrait_possible", "Dans le délai du retrait", _retrait, sur_saisie=True)


def _contradictoire(demande: Demande) -> str | None:
    if demande.donnees.get("a_la_demande"):
        return None
    lue = demande.donnees.get("contradictoire_le")
    return (
        refus_contradictoire(
            date.fromisoformat(lue) if lue else None,
            demande.situation.dates.get("date_decision"),
            demande.date_effet,
        )
        or None
    )


CONTRADICTOIRE = Garde(
    "contradictoire",
    "Titulaire entendu",
    _contradictoire,
    sur_saisie=True,
    forcable_par=("signataire",),
)


def _genre_type(*types: TypeDelai) -> Any:
    def verifier(demande: Demande) -> str | None:
        detail = demande.situation.calculs.get("type_detail")
        if detail and type_delai(str(detail)) in types:
            return None
        return "Cet acte n'a pas d'objet pour ce type de dossier."

    return verifier


AVEC_DOC = Garde("avec_doc", "PC, PCMI ou PA", _genre_type(TypeDelai.PC, TypeDelai.PCMI, TypeDelai.PA))
AVEC_DAACT = Garde(
    "avec_daact",
    "DP, PC, PCMI ou PA",
    _genre_type(TypeDelai.DP, TypeDelai.PC, TypeDelai.PCMI, TypeDelai.PA),
)


def _travaux_non_commences(demande: Demande) -> str | None:
    commences = any(f.type == "doc" for f in demande.faits)
    return "Les travaux sont commencés : l'autorisation ne s'annule plus à la demande." if commences else None


TRAVAUX_NON_COMMENCES = Garde("travaux_non_commences", "Travaux non commencés", _travaux_non_commences)


def _controle_motive(demande: Demande) -> str | None:
    controle = demande.donnees.get("controle") or {}
    muets = [
        str(c.get("libelle") or c.get("cle"))
        for c in controle.get("candidats", [])
        if not c.get("retenue") and not str(c.get("motif") or "").strip()
    ]
    return f"Dites pourquoi vous écartez ce que la carte propose : {', '.join(muets)}." if muets else None


CONTROLE_MOTIVE = Garde(
    "controle_motive", "Propositions de la carte confirmées ou écartées", _controle_motive, sur_saisie=True
)


def _affichage_fin(demande: Demande) -> str | None:
    fin = demande.donnees.get("fin")
    if fin and date.fromisoformat(fin) < demande.date_effet:
        return "La fin de l'affichage ne peut précéder son début."
    return None


AFFICHAGE_DATE = Garde("affichage_date", "Dates de l'affichage", _affichage_fin, sur_saisie=True)


def _signataire(demande: Demande) -> str | None:
    from urba.signature import refus_de_signer

    return refus_de_signer(demande.acteur, demande.dossier, demande.date_effet)


SIGNATAIRE = Garde("signataire", "Délégation valable ce jour", _signataire, sur_saisie=True)


def _acte_signe(demande: Demande) -> str | None:
    from urba.courriers.suites import acte_a_signer

    acte = acte_a_signer(demande.dossier)
    return f"« {acte} » attend : signez-le dans la liste « À signer »." if acte is not None else None


ACTE_SIGNE = Garde("acte_signe", "Acte archivé signé lui-même", _acte_signe)
