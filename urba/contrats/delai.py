"""Contract of ``calculer_delai`` (spec §13.1)."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from mairie.calendrier import jma
from mairie.lecture_json import Objet
from urba.contrats.commun import demesure, ecrire, lire_type, pas_avant
from urba.regles.delais import DemandeDelai, ProlongationDeclaree, ResultatDelai, calculer_delai
from urba.regles.lettres import Lettre, Mode
from urba.regles.majorations import MajorationDeclaree
from urba.regles.pieces import DemandePieces
from urba.regles.silence import AvisABF, SensABF
from urba.regles.tables_delais import (
    CODES_MAJORATIONS,
    CODES_PROLONGATIONS,
    CODES_SILENCE,
    DEBUT,
    REGLES_LIVREES,
    Regles,
)
from urba.regles.types import Nature

CHAMPS = (
    "type",
    "nature",
    "depot",
    "majorations",
    "pieces",
    "drapeaux",
    "avis_abf",
    "enquete_publique",
    "prolongations",
    "decision_notifiee_le",
    "a_la_date",
)
NOTIFICATION = ("mode", "notifiee_le", "envoyee_le", "consultee_le")
DEPOT = "le dépôt"
CLES = tuple(f.name for f in fields(ResultatDelai))


def lire_notification(objet: Objet, depot: date) -> Lettre:
    """The dates of a letter; a field of the other mode, or a date before the deposit, is a fault."""
    mode = Mode(objet.choix("mode", tuple(Mode), Mode.POSTAL))
    autres = ("envoyee_le", "consultee_le") if mode is Mode.POSTAL else ("notifiee_le",)
    dates: dict[str, date | None] = {}
    for nom in NOTIFICATION[1:]:
        if nom in autres and objet.present(nom):
            raise objet.faute(nom, f"Ce champ ne va pas avec une lettre en mode {mode}.")
        dates[nom] = objet.jour(nom)
        if nom != "consultee_le":
            pas_avant(objet, nom, dates[nom], depot, DEPOT)
    envoyee, consultee = dates["envoyee_le"], dates["consultee_le"]
    if consultee is not None and envoyee is None:
        raise objet.faute("consultee_le", "Une lettre consultée a une date d'envoi : remplissez envoyee_le.")
    pas_avant(objet, "consultee_le", consultee, envoyee, "l'envoi de la lettre")
    return Lettre(mode, dates["notifiee_le"], envoyee, consultee)


def _majorations(cas: Objet, depot: date) -> tuple[MajorationDeclaree, ...]:
    lues = []
    for objet in cas.objets("majorations", ("code", "fondee", *NOTIFICATION)):
        code = objet.choix("code", CODES_MAJORATIONS)
        fondee = objet.booleen("fondee", True)
        lues.append(MajorationDeclaree(code, lire_notification(objet, depot), fondee))
    return tuple(lues)


def _pieces(cas: Objet, depot: date) -> tuple[DemandePieces, ...]:
    lues = []
    for objet in cas.objets("pieces", ("exigible", *NOTIFICATION, "completees_le")):
        exigible = objet.booleen("exigible", True)
        lettre = lire_notification(objet, depot)
        completees = objet.jour("completees_le")
        pas_avant(objet, "completees_le", completees, depot, DEPOT)
        lues.append(DemandePieces(lettre, exigible, completees))
    return tuple(lues)


def _drapeaux(cas: Objet) -> tuple[str, ...]:
    lus = []
    for chemin, valeur in cas.liste("drapeaux"):
        lus.append(Objet({chemin: valeur}).choix(chemin, CODES_SILENCE))
    return tuple(lus)


def _avis_abf(cas: Objet) -> AvisABF | None:
    objet = cas.objet("avis_abf", ("sens", "accord", "saisi_le", "notifie_le"))
    if objet is None:
        return None
    sens = SensABF(objet.choix("sens", tuple(SensABF)))
    accord = objet.booleen("accord", True)
    saisi = objet.jour("saisi_le")
    notifie = objet.jour_exige("notifie_le")
    pas_avant(objet, "notifie_le", notifie, saisi, "la saisine de l'ABF")
    return AvisABF(sens, notifie, accord, saisi)


def _rapport(cas: Objet, depot: date) -> date | None:
    objet = cas.objet("enquete_publique", ("rapport_recu_le",))
    if objet is None:
        return None
    recu = objet.jour("rapport_recu_le")
    pas_avant(objet, "rapport_recu_le", recu, depot, DEPOT)
    return recu


def _prolongations(cas: Objet, depot: date) -> tuple[ProlongationDeclaree, ...]:
    lues = []
    for objet in cas.objets("prolongations", ("code", *NOTIFICATION)):
        code = objet.choix("code", CODES_PROLONGATIONS)
        lues.append(ProlongationDeclaree(code, lire_notification(objet, depot)))
    return tuple(lues)


def lire(valeur: Any, regles: Regles = REGLES_LIVREES) -> DemandeDelai:
    """The facts of a case; raises ``ErreurSaisie`` at its first fault."""
    cas = Objet.ouvrir(valeur, "", CHAMPS)
    type_ = lire_type(cas)
    nature = Nature(cas.choix("nature", tuple(Nature), Nature.INITIAL))
    if regles.base(type_, nature) is None:
        raise cas.faute("nature", f"Pas de demande de nature {nature} pour le type {type_}.")
    depot = cas.jour_exige("depot")
    if depot < DEBUT:
        raise cas.faute("depot", f"Le calcul n'est possible que pour un dépôt à partir du {jma(DEBUT)}.")
    majorations = _majorations(cas, depot)
    pieces = _pieces(cas, depot)
    drapeaux = _drapeaux(cas)
    avis = _avis_abf(cas)
    rapport = _rapport(cas, depot)
    prolongations = _prolongations(cas, depot)
    decision = cas.jour("decision_notifiee_le")
    pas_avant(cas, "decision_notifiee_le", decision, depot, DEPOT)
    return DemandeDelai(
        type_,
        depot,
        nature,
        majorations,
        pieces,
        drapeaux,
        avis,
        rapport,
        prolongations,
        decision,
        cas.jour("a_la_date"),
    )


def traiter(cas: Any, regles: Regles = REGLES_LIVREES) -> dict[str, Any]:
    """The answer to a case; raises ``ErreurSaisie``."""
    demande = lire(cas, regles)
    try:
        return ecrire(calculer_delai(demande, regles), CLES)
    except OverflowError:
        raise demesure("depot") from None
