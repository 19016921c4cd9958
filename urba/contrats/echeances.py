"""Contract of ``calculer_echeances`` (spec §13.2)."""

from __future__ import annotations

from dataclasses import fields
from datetime import date
from typing import Any

from mairie.lecture_json import Objet
from urba.contrats.commun import demesure, ecrire, lire_type, pas_avant
from urba.regles.decision import Autorite, Decision, DossierDecide, RecoursGracieux, Sens
from urba.regles.echeances import ResultatEcheances, calculer_echeances
from urba.regles.tables_delais import REGLES_LIVREES, Regles
from urba.regles.types import CERTIFICATS, Nature, TypeDelai
from urba.regles.validite import DemandeProrogation, RecoursContentieux

CHAMPS = (
    "type",
    "nature",
    "autorite",
    "alsace_moselle",
    "decision",
    "transmission_le",
    "affichage_mairie_le",
    "affichage_terrain_le",
    "affichage_terrain_fin",
    "prorogations",
    "recours_contentieux",
    "recours_gracieux",
    "doc_le",
    "travaux_interrompus_depuis",
    "daact_le",
    "recolement_obligatoire",
    "achevement_le",
    "attestation_demandee_le",
    "a_la_date",
)
NATURES = (Nature.INITIAL, Nature.MODIFICATIF, Nature.TRANSFERT)
EXPRESSE, TACITE = "expresse", "tacite"
SENS_TACITES = (Sens.ACCORD, Sens.REFUS)
SENS_CERTIFICATS = {
    TypeDelai.CUA: (Sens.ACCORD,),
    TypeDelai.CUB: (Sens.ACCORD, Sens.REFUS),
}
ACTE = "la décision"
CLES = tuple(f.name for f in fields(ResultatEcheances))


def _decision(cas: Objet, type_: TypeDelai) -> Decision:
    cas.exiger("decision")
    objet = cas.objet("decision", ("sens", "forme", "signee_le", "notifiee_le", "nee_le"))
    assert objet is not None  # noqa: S101 - exiger has just checked it
    sens = Sens(objet.choix("sens", tuple(Sens)))
    possibles = SENS_CERTIFICATS.get(type_)
    if possibles and sens not in possibles:
        raise objet.faute("sens", f"Pour un {type_}, sens possibles : {', '.join(possibles)}.")
    forme = objet.choix("forme", (EXPRESSE, TACITE), EXPRESSE)
    if forme == TACITE and sens not in SENS_TACITES:
        raise objet.faute("forme", "Une décision tacite est un accord ou un refus.")
    for nom in ("signee_le", "notifiee_le"):
        if forme == TACITE and objet.present(nom):
            raise objet.faute(nom, "Une décision tacite n'est ni signée ni notifiée : remplissez nee_le.")
    if forme == TACITE:
        return Decision(sens, nee_le=objet.jour_exige("nee_le"))
    signee = objet.jour_exige("signee_le")
    notifiee = objet.jour("notifiee_le")
    pas_avant(objet, "notifiee_le", notifiee, signee, "la signature")
    if objet.present("nee_le"):
        raise objet.faute("nee_le", "Une décision expresse n'a pas de date de naissance : ôtez nee_le.")
    return Decision(sens, signee, notifiee)


def _affichage_terrain(cas: Objet, acte: date) -> tuple[date | None, date | None]:
    debut = cas.jour("affichage_terrain_le")
    pas_avant(cas, "affichage_terrain_le", debut, acte, ACTE)
    fin = cas.jour("affichage_terrain_fin")
    if fin is not None and debut is None:
        raise cas.faute(
            "affichage_terrain_fin", "Un affichage fini a commencé : remplissez affichage_terrain_le."
        )
    pas_avant(cas, "affichage_terrain_fin", fin, debut, "le début de l'affichage")
    return debut, fin


def _prorogations(cas: Objet, nature: Nature, acte: date) -> tuple[DemandeProrogation, ...]:
    if cas.liste("prorogations") and nature is not Nature.INITIAL:
        raise cas.faute("prorogations", "Seule une autorisation initiale se proroge.")
    lues = []
    for objet in cas.objets("prorogations", ("demandee_le", "decision_le", "sens")):
        demandee = objet.jour_exige("demandee_le")
        pas_avant(objet, "demandee_le", demandee, acte, ACTE)
        decision = objet.jour("decision_le")
        pas_avant(objet, "decision_le", decision, demandee, "la demande de prorogation")
        sens = objet.choix("sens", (Sens.ACCORD, Sens.REFUS)) if objet.present("sens") else None
        if (sens is None) != (decision is None):
            raise objet.faute("sens", "Remplissez decision_le et sens tous les deux, ou aucun des deux.")
        lues.append(DemandeProrogation(demandee, decision, None if sens is None else sens == Sens.ACCORD))
    return tuple(lues)


def _recours_contentieux(cas: Objet, acte: date) -> tuple[RecoursContentieux, ...]:
    lus = []
    for objet in cas.objets("recours_contentieux", ("introduit_le", "decision_definitive_le")):
        introduit = objet.jour_exige("introduit_le")
        pas_avant(objet, "introduit_le", introduit, acte, ACTE)
        jugement = objet.jour("decision_definitive_le")
        pas_avant(objet, "decision_definitive_le", jugement, introduit, "le recours")
        lus.append(RecoursContentieux(introduit, jugement))
    return tuple(lus)


def _recours_gracieux(cas: Objet, acte: date) -> RecoursGracieux | None:
    objet = cas.objet("recours_gracieux", ("recu_le", "reponse_notifiee_le"))
    if objet is None:
        return None
    recu = objet.jour_exige("recu_le")
    pas_avant(objet, "recu_le", recu, acte, ACTE)
    reponse = objet.jour("reponse_notifiee_le")
    pas_avant(objet, "reponse_notifiee_le", reponse, recu, "le recours gracieux")
    return RecoursGracieux(recu, reponse)


def lire(valeur: Any, regles: Regles = REGLES_LIVREES) -> DossierDecide:
    """The facts of a case; raises ``ErreurSaisie`` at its first fault."""
    cas = Objet.ouvrir(valeur, "", CHAMPS)
    type_ = lire_type(cas)
    nature = Nature(cas.choix("nature", NATURES, Nature.INITIAL))
    if regles.base(type_, nature) is None:
        raise cas.faute("nature", f"Pas de demande de nature {nature} pour le type {type_}.")
    autorite = Autorite(cas.choix("autorite", tuple(Autorite), Autorite.COMMUNE))
    alsace_moselle = cas.booleen("alsace_moselle")
    decision = _decision(cas, type_)
    acte = decision.date_acte
    transmission = cas.jour("transmission_le")
    affichage_mairie = cas.jour("affichage_mairie_le")
    terrain_le, terrain_fin = _affichage_terrain(cas, acte)
    prorogations = _prorogations(cas, nature, acte)
    contentieux = _recours_contentieux(cas, acte)
    gracieux = _recours_gracieux(cas, acte)
    doc = cas.jour("doc_le")
    if doc is not None and type_ in CERTIFICATS:
        raise cas.faute("doc_le", "Un certificat d'urbanisme n'autorise pas de travaux.")
    arret = cas.jour("travaux_interrompus_depuis")
    if arret is not None and doc is None:
        raise cas.faute(
            "travaux_interrompus_depuis", "Des travaux interrompus ont commencé : remplissez doc_le."
        )
    pas_avant(cas, "travaux_interrompus_depuis", arret, doc, "l'ouverture du chantier")
    daact = cas.jour("daact_le")
    recolement = cas.booleen("recolement_obligatoire")
    achevement = cas.jour("achevement_le")
    attestation = cas.jour("attestation_demandee_le")
    if attestation is not None and daact is None:
        raise cas.faute("attestation_demandee_le", "L'attestation suit une DAACT : remplissez daact_le.")
    return DossierDecide(
        type_,
        decision,
        nature,
        autorite,
        alsace_moselle,
        transmission,
        affichage_mairie,
        terrain_le,
        terrain_fin,
        prorogations,
        contentieux,
        gracieux,
        doc,
        arret,
        daact,
        recolement,
        achevement,
        attestation,
        cas.jour("a_la_date"),
    )


def traiter(cas: Any, regles: Regles = REGLES_LIVREES) -> dict[str, Any]:
    """The answer to a case; raises ``ErreurSaisie``."""
    dossier = lire(cas, regles)
    try:
        return ecrire(calculer_echeances(dossier), CLES)
    except OverflowError:
        raise demesure("decision") from None
