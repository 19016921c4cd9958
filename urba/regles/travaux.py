"""Works: lapse, completion, contest of conformity, attestation (R.424-17, R.462-6 to R.462-10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from mairie.calendrier import UN_JOUR, jma, plus_mois
from urba.regles.alertes import Alerte
from urba.regles.decision import DossierDecide
from urba.regles.tables_echeances import (
    ATTESTATION_JOURS,
    CONTESTATION_MOIS,
    CONTESTATION_RECOLEMENT_MOIS,
    DECLARATION_TAXE_JOURS,
    INTERRUPTION_MOIS,
    MOTIFS_RECOLEMENT,
    TYPES_DAACT,
)
from urba.regles.types import Etape, TypeDelai
from urba.regles.validite import Validite


@dataclass(frozen=True)
class Travaux:
    """Lapse, and what completion starts; ``commences``: works begun in time."""

    commences: bool
    acheves_le: date | None
    peremption_le: date | None
    contestation_limite: date | None
    conformite_acquise_le: date | None
    attestation_limite: date | None
    taxe_declaration_limite: date | None
    alertes: tuple[Alerte, ...]
    etapes: tuple[Etape, ...]


def motifs_de_recolement(motifs: Iterable[str]) -> tuple[str, ...]:
    """Reasons, in words, that make the récolement obligatory (R.462-7); KeyError for an unknown code."""
    return tuple(MOTIFS_RECOLEMENT[code] for code in motifs)


def daact_a_un_objet(dossier: DossierDecide) -> bool:
    """True for a favourable INITIAL DP, PCMI, PC or PA."""
    return dossier.autorisation_initiale and dossier.type in TYPES_DAACT


def travaux_commences(dossier: DossierDecide, validite: Validite) -> bool:
    """True when works were begun on or before the end of validity (unknown end: in time)."""
    if not dossier.autorisation_initiale or dossier.doc_le is None:
        return False
    return validite.fin is None or dossier.doc_le <= validite.fin


def peremption_le(dossier: DossierDecide, validite: Validite) -> date | None:
    """Day the permit or DP lapses, not begun or stopped for a year; None: it does not, or is unknown yet."""
    if not dossier.autorisation_initiale or validite.fin is None:
        return None
    if dossier.daact_le is not None and daact_a_un_objet(dossier):
        return None
    if not travaux_commences(dossier, validite):
        return validite.fin + UN_JOUR
    arret = dossier.travaux_interrompus_depuis
    if arret is None:
        return None
    return plus_mois(max(arret, validite.fin), INTERRUPTION_MOIS) + UN_JOUR


def _detail_peremption(dossier: DossierDecide, validite: Validite, perime_le: date) -> str:
    arret = dossier.travaux_interrompus_depuis
    if arret is not None and travaux_commences(dossier, validite):
        return f"Travaux interrompus le {jma(arret)}, {INTERRUPTION_MOIS} mois : périmé le {jma(perime_le)}."
    return f"Pas de travaux à la fin de validité : périmé le {jma(perime_le)}."


def contestation_limite(daact_le: date, recolement_obligatoire: bool) -> date:
    """R.462-6: three months, five when the récolement is obligatory."""
    return plus_mois(daact_le, CONTESTATION_RECOLEMENT_MOIS if recolement_obligatoire else CONTESTATION_MOIS)


def _alertes(dossier: DossierDecide, validite: Validite, acquise_le: date | None) -> list[Alerte]:
    alertes = []
    doc_le, daact_le = dossier.doc_le, dossier.daact_le
    objet = daact_a_un_objet(dossier)
    if doc_le is not None and dossier.autorisation_initiale:
        opposable = dossier.decision.date_opposable
        if opposable is not None and doc_le < opposable:
            alertes.append(Alerte.DOC_AVANT_DECISION)
        if not travaux_commences(dossier, validite):
            alertes.append(Alerte.DOC_APRES_PEREMPTION)
    if daact_le is not None and not objet:
        alertes.append(Alerte.DAACT_SANS_OBJET)
    elif daact_le is not None:
        if doc_le is None and dossier.type is not TypeDelai.DP:
            alertes.append(Alerte.DAACT_SANS_DOC)
        if doc_le is not None and daact_le < doc_le:
            alertes.append(Alerte.DAACT_AVANT_DOC)
        demandee_le = dossier.attestation_demandee_le
        if demandee_le is not None and acquise_le is not None and demandee_le < acquise_le:
            alertes.append(Alerte.ATTESTATION_PREMATUREE)
    return alertes


def calculer_travaux(dossier: DossierDecide, validite: Validite) -> Travaux:
    """Lapse and completion of a favourable INITIAL permit or DP; None everywhere for the others."""
    objet = daact_a_un_objet(dossier)
    daact_le = dossier.daact_le if objet else None
    limite = acquise = attestation = taxe = None
    etapes: list[Etape] = []
    if daact_le is not None:
        limite = contestation_limite(daact_le, dossier.recolement_obligatoire)
        acquise = limite + UN_JOUR
        article = "R.462-6, R.462-7" if dossier.recolement_obligatoire else "R.462-6"
        detail = f"DAACT du {jma(daact_le)} : contestation jusqu'au {jma(limite)}, "
        etapes.append(Etape("TRAVAUX", article, f"{detail}conformité acquise le {jma(acquise)}."))
        if dossier.attestation_demandee_le is not None:
            attestation = dossier.attestation_demandee_le + timedelta(days=ATTESTATION_JOURS)
            detail = (
                f"Attestation demandée + {ATTESTATION_JOURS} jours : à délivrer jusqu'au {jma(attestation)}."
            )
            etapes.append(Etape("TRAVAUX", "R.462-10", detail))
    fini_le = dossier.achevement_le or daact_le
    if objet and fini_le is not None:
        taxe = fini_le + timedelta(days=DECLARATION_TAXE_JOURS)
        detail = f"Achèvement du {jma(fini_le)} + {DECLARATION_TAXE_JOURS} jours : déclaration fiscale, "
        etapes.append(Etape("TRAVAUX", "CGI 1406", f"{detail}au plus tard le {jma(taxe)}."))
    perime_le = peremption_le(dossier, validite)
    if perime_le is not None:
        etapes.append(Etape("TRAVAUX", "R.424-17", _detail_peremption(dossier, validite, perime_le)))
    return Travaux(
        travaux_commences(dossier, validite),
        daact_le,
        perime_le,
        limite,
        acquise,
        attestation,
        taxe,
        tuple(_alertes(dossier, validite, acquise)),
        tuple(etapes),
    )
