"""Instruction delay: limit by law, limit told by the letters, meaning of silence (spec §5.1 to §5.7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from mairie.calendrier import UN_JOUR, jma, plus_mois
from urba.regles.alertes import Alerte, triees
from urba.regles.lettres import SANS_LETTRE, DateLettre, Lettre, date_lettre, fin_fenetre
from urba.regles.majorations import (
    MajorationDeclaree,
    MajorationExaminee,
    delai_majore,
    effet_texte,
    examiner_majoration,
    lignes_visant,
)
from urba.regles.pieces import DemandePieces, DemandeRetenue, PiecesExaminees, examiner_pieces
from urba.regles.silence import AvisABF, sens_du_silence
from urba.regles.tables_delais import REGLES_LIVREES, Effet, LigneBase, LigneDelai, Regles
from urba.regles.types import (
    DP_ET_PERMIS,
    INSTRUITES,
    LIBELLES_SILENCE,
    LIBELLES_TYPES,
    Etape,
    Nature,
    Silence,
    TypeDelai,
)

SEUIL_ECHEANCE_PROCHE_JOURS = 15
AFFICHAGE_DEPOT_JOURS = 15
TRANSMISSION_COPIES_JOURS = 7


@dataclass(frozen=True)
class ProlongationDeclaree:
    """An exceptional prolongation declared on a dossier, with its letter."""

    code: str
    lettre: Lettre = SANS_LETTRE


@dataclass(frozen=True)
class DemandeDelai:
    """Facts of a request that its delay depends on; ``rapport_recu_le``: inquiry commissioner's report."""

    type: TypeDelai
    depot: date
    nature: Nature = Nature.INITIAL
    majorations: tuple[MajorationDeclaree, ...] = ()
    pieces: tuple[DemandePieces, ...] = ()
    drapeaux: tuple[str, ...] = ()
    avis_abf: AvisABF | None = None
    rapport_recu_le: date | None = None
    prolongations: tuple[ProlongationDeclaree, ...] = ()
    decision_notifiee_le: date | None = None
    a_la_date: date | None = None

    @property
    def instruite(self) -> bool:
        """True for DP and permits, INITIAL and MODIFICATIF: letters of the first month exist."""
        return self.type in DP_ET_PERMIS and self.nature in INSTRUITES


@dataclass(frozen=True)
class ResultatDelai:
    """Every date of the instruction, the meaning of silence, the alerts and the explanation in order."""

    type: TypeDelai
    nature: Nature
    delai_base_mois: int
    delai_mois: int
    fin_fenetre_un_mois: date | None
    affichage_depot_limite: date | None
    transmission_copies_limite: date | None
    date_completude: date | None
    depart: date | None
    date_limite: date | None
    date_limite_notifiee: date | None
    date_limite_pieces: date | None
    decision_implicite: Silence | None
    date_decision_implicite: date | None
    jours_restants: int | None
    alertes: tuple[Alerte, ...]
    explication: tuple[Etape, ...]


@dataclass(frozen=True)
class Limite:
    """One computation of the limit: by law, or taking the letters at their word."""

    mois: int
    completude: date | None
    depart: date | None
    date_limite: date | None
    rapport_attendu: bool
    alertes: tuple[Alerte, ...]
    etapes: tuple[Etape, ...]


@dataclass(frozen=True)
class ProlongationDatee:
    """A notified prolongation of an active row that applies."""

    ligne: LigneDelai
    lettre: DateLettre
    le: date


def completude(depot: date, demande: DemandeRetenue | None) -> date | None:
    """Day the file is complete: deposit, or last piece; None while pieces are awaited or came too late."""
    if demande is None:
        return depot
    return demande.completees_le if demande.satisfaite else None


def examiner_prolongations(
    demande: DemandeDelai, regles: Regles
) -> tuple[list[ProlongationDatee], list[Alerte], list[Etape]]:
    """Notified prolongations in order of notification then code; the others with their alert."""
    datees: list[ProlongationDatee] = []
    alertes: list[Alerte] = []
    etapes: list[Etape] = []
    for declaree in demande.prolongations:
        lignes = [
            ligne
            for ligne in lignes_visant(regles.prolongations, declaree.code, demande.type, demande.nature)
            if ligne.en_vigueur(demande.depot)
        ]
        actives = [ligne for ligne in lignes if ligne.actif]
        le = date_lettre(declaree.lettre, regles.fiction_electronique_jours)
        if actives and le.le is not None:
            datees.append(ProlongationDatee(actives[0], le, le.le))
            continue
        if not lignes:
            alerte = Alerte.PROLONGATION_INAPPLICABLE
            raison = f"pas de prolongation pour {demande.type} {demande.nature.lower()}"
        elif not actives:
            alerte, raison = Alerte.PROLONGATION_INACTIVE, "ligne livrée éteinte, à confirmer"
        else:
            alerte, raison = Alerte.PROLONGATION_NON_NOTIFIEE, "aucune lettre notifiée"
        libelle = lignes[0].libelle if lignes else declaree.code
        article = lignes[0].article if lignes else "R.423-34 à R.423-37-1"
        alertes.append(alerte)
        etapes.append(Etape("PROLONGATION", article, f"{libelle} : {raison}, sans effet."))
    datees.sort(key=lambda p: (p.le, p.ligne.code))
    return datees, alertes, etapes


def delai_prolonge(mois: int, ligne: LigneDelai) -> int:
    """Months after one prolongation: added to the delay reached so far, or carried to."""
    return mois + ligne.mois if ligne.effet is Effet.AJOUT else max(mois, ligne.mois)


def calculer_limite(
    demande: DemandeDelai,
    base: LigneBase,
    majorations: Sequence[LigneDelai],
    pieces: DemandeRetenue | None,
    prolongations: Sequence[ProlongationDatee],
    *,
    sur_parole: bool,
) -> Limite:
    """Limit in one jump from its start; ``sur_parole``: as the letters told it, late prolongations too."""
    mois, enquete = delai_majore(base.mois, majorations)
    complete = completude(demande.depot, pieces)
    depart, attendu = complete, False
    etapes: list[Etape] = []
    if enquete and complete is not None:
        rapport = demande.rapport_recu_le
        depart, attendu = (max(complete, rapport), False) if rapport else (None, True)
        article = "R.423-20, R.423-32"
        if depart is None:
            detail = (
                f"Enquête publique : {mois} mois à compter du rapport du commissaire, qui n'est pas reçu."
            )
        else:
            detail = f"Enquête publique : {mois} mois à compter du {jma(depart)}."
        etapes.append(Etape("ENQUETE", article, detail))
    alertes: list[Alerte] = []
    for prolongation in prolongations:
        ligne = prolongation.ligne
        annonce = f"{ligne.libelle}, lettre {prolongation.lettre.texte}"
        courante = plus_mois(depart, mois) if depart else None
        if courante is not None and prolongation.le > courante and not sur_parole:
            alertes.append(Alerte.PROLONGATION_TARDIVE)
            detail = f"{annonce}, après le {jma(courante)} : sans effet."
            etapes.append(Etape("PROLONGATION", "R.423-45", detail))
            continue
        mois = delai_prolonge(mois, ligne)
        detail = f"{annonce} : {effet_texte(ligne)}, {mois} mois en tout."
        etapes.append(Etape("PROLONGATION", ligne.article, detail))
    limite = plus_mois(depart, mois) if depart else None
    return Limite(mois, complete, depart, limite, attendu, tuple(alertes), tuple(etapes))


def codes_declares(demande: DemandeDelai) -> frozenset[str]:
    """Codes that may turn silence: flags, well-founded majorations, prolongations, whatever their letters."""
    return frozenset(
        [*demande.drapeaux]
        + [m.code for m in demande.majorations if m.fondee]
        + [p.code for p in demande.prolongations]
    )


def jours_restants(prochaine: date | None, a_la_date: date | None) -> tuple[int | None, tuple[Alerte, ...]]:
    """Days from ``a_la_date`` to the next due date (negative: overdue), with the alert."""
    if prochaine is None or a_la_date is None:
        return None, ()
    jours = (prochaine - a_la_date).days
    if jours < 0:
        return jours, (Alerte.ECHEANCE_DEPASSEE,)
    return jours, (Alerte.ECHEANCE_PROCHE,) if jours <= SEUIL_ECHEANCE_PROCHE_JOURS else ()


def _lettres_en_fiction(demande: DemandeDelai, regles: Regles) -> bool:
    lettres = [m.lettre for m in demande.majorations]
    lettres += [p.lettre for p in demande.pieces] + [p.lettre for p in demande.prolongations]
    return any(date_lettre(x, regles.fiction_electronique_jours).fiction for x in lettres)


def _etape_base(demande: DemandeDelai, base: LigneBase) -> Etape:
    nature = "" if demande.nature is Nature.INITIAL else f", {demande.nature.lower()}"
    return Etape("BASE", base.article, f"{LIBELLES_TYPES[demande.type]}{nature} : {base.mois} mois.")


def _etapes_depot(
    depot: date, fenetre: date | None, affichage: date | None, copies: date | None
) -> list[Etape]:
    lignes = (
        (fenetre, "R.423-38, R.423-42", "1 mois : lettres qui changent le délai jusqu'au"),
        (affichage, "R.423-6", f"{AFFICHAGE_DEPOT_JOURS} jours : avis de dépôt affiché au plus tard le"),
        (copies, "R.423-7, R.423-11", f"{TRANSMISSION_COPIES_JOURS} jours : copies transmises jusqu'au"),
    )
    return [
        Etape("BASE", article, f"Dépôt du {jma(depot)} + {texte} {jma(le)}.")
        for le, article, texte in lignes
        if le is not None
    ]


def _etape_limite(limite: Limite, pieces: DemandeRetenue | None) -> Etape:
    article = "R.423-19"
    if limite.depart and limite.date_limite:
        calcul = f"{jma(limite.depart)} + {limite.mois} mois = {jma(limite.date_limite)}."
        return Etape("LIMITE", article, calcul)
    if pieces and limite.completude is None:
        return Etape("LIMITE", article, "Pas de date limite : le dossier n'est pas complet.")
    return Etape("LIMITE", article, "Pas de date limite tant que le rapport n'est pas reçu.")


def calculer_delai(demande: DemandeDelai, regles: Regles = REGLES_LIVREES) -> ResultatDelai:
    """Dates, silence and explanation of a request; raises ``ValueError`` when this nature is not open."""
    base = regles.base(demande.type, demande.nature, demande.depot)
    if base is None:
        raise ValueError(f"no delay for {demande.type} {demande.nature} on {demande.depot}")
    alertes: list[Alerte] = []
    depot, instruite = demande.depot, demande.instruite
    fenetre = fin_fenetre(depot) if instruite else None
    affichage = depot + timedelta(days=AFFICHAGE_DEPOT_JOURS) if instruite else None
    copies = depot + timedelta(days=TRANSMISSION_COPIES_JOURS) if instruite else None
    etapes = [_etape_base(demande, base), *_etapes_depot(depot, fenetre, affichage, copies)]

    majorations = [
        examiner_majoration(m, demande.type, demande.nature, demande.depot, regles)
        for m in demande.majorations
    ]
    for majoration in majorations:
        alertes += majoration.alertes
        etapes.append(majoration.etape)

    if demande.instruite:
        pieces = examiner_pieces(demande.pieces, demande.depot, regles.fiction_electronique_jours)
    else:
        pieces = _pieces_sans_effet(demande.pieces)
    alertes += pieces.alertes
    etapes += pieces.etapes

    prolongations, alertes_p, etapes_p = examiner_prolongations(demande, regles)
    alertes += alertes_p
    etapes += etapes_p

    loi = calculer_limite(
        demande, base, _lignes(majorations, annoncees=False), pieces.retenue, prolongations, sur_parole=False
    )
    notifiee = calculer_limite(
        demande, base, _lignes(majorations, annoncees=True), pieces.annoncee, prolongations, sur_parole=True
    )
    alertes += loi.alertes
    etapes += [*loi.etapes, _etape_limite(loi, pieces.retenue)]
    if loi.rapport_attendu:
        alertes.append(Alerte.ENQUETE_RAPPORT_ATTENDU)
    if loi.date_limite != notifiee.date_limite:
        alertes.append(Alerte.DATES_DIVERGENTES)
        annonce = f"le {jma(notifiee.date_limite)}" if notifiee.date_limite else "aucune date"
        detail = f"Les lettres annoncent {annonce} ; la date légale seule fait naître une décision tacite."
        etapes.append(Etape("LIMITE", "R.423-43, R.423-41", detail))
    if _lettres_en_fiction(demande, regles):
        alertes.append(Alerte.FICTION_ELECTRONIQUE)

    silence, le, alertes_s, etapes_s = _decision_implicite(demande, base, loi, pieces, regles)
    alertes += alertes_s
    etapes += etapes_s

    prochaine = loi.date_limite
    if loi.completude is None and pieces.retenue:
        prochaine = pieces.retenue.limite
    restants, alertes_j = jours_restants(
        prochaine, demande.a_la_date if demande.decision_notifiee_le is None else None
    )
    return ResultatDelai(
        type=demande.type,
        nature=demande.nature,
        delai_base_mois=base.mois,
        delai_mois=loi.mois,
        fin_fenetre_un_mois=fenetre,
        affichage_depot_limite=affichage,
        transmission_copies_limite=copies,
        date_completude=loi.completude,
        depart=loi.depart,
        date_limite=loi.date_limite,
        date_limite_notifiee=notifiee.date_limite,
        date_limite_pieces=pieces.retenue.limite if pieces.retenue else None,
        decision_implicite=silence,
        date_decision_implicite=le,
        jours_restants=restants,
        alertes=triees([*alertes, *alertes_j]),
        explication=tuple(etapes),
    )


def _lignes(majorations: Sequence[MajorationExaminee], *, annoncees: bool) -> list[LigneDelai]:
    return [m.ligne for m in majorations if m.ligne and (m.annoncee if annoncees else m.effective)]


def _pieces_sans_effet(demandes: Sequence[DemandePieces]) -> PiecesExaminees:
    """CU, transfers and prorogations have no regime of missing pieces."""
    if not demandes:
        return PiecesExaminees(None, None, (), ())
    etape = Etape("PIECES", "R.423-38", "Demande de pièces sans effet : pas de régime d'incomplétude ici.")
    return PiecesExaminees(None, None, (Alerte.DEMANDE_PIECES_SANS_EFFET,), (etape,))


def _decision_implicite(
    demande: DemandeDelai, base: LigneBase, loi: Limite, pieces: PiecesExaminees, regles: Regles
) -> tuple[Silence | None, date | None, list[Alerte], list[Etape]]:
    """Implicit decision, the day it is born (the day after the limit), and what an express one changes."""
    sens = sens_du_silence(
        base=base,
        type_=demande.type,
        nature=demande.nature,
        depot=demande.depot,
        codes_declares=codes_declares(demande),
        avis=demande.avis_abf,
        regles=regles,
    )
    silence, article = sens.silence, sens.article
    alertes, etapes = list(sens.alertes), list(sens.etapes)
    le = loi.date_limite + UN_JOUR if loi.date_limite else None
    if loi.completude is None and pieces.retenue:
        silence = Silence.OPPOSITION if demande.type is TypeDelai.DP else Silence.REJET
        article = "R.423-39 b"
        le = pieces.retenue.limite + UN_JOUR
    libelle = LIBELLES_SILENCE[silence]

    if demande.decision_notifiee_le is not None:
        notifiee = f"Décision notifiée le {jma(demande.decision_notifiee_le)}"
        if le is None or demande.decision_notifiee_le < le:
            etapes.append(Etape("DECISION", "R.424-10", f"{notifiee} : pas de décision implicite."))
            return None, None, alertes, etapes
        alertes.append(Alerte.DECISION_APRES_DECISION_IMPLICITE)
        detail = f"{notifiee}, après la décision implicite du {jma(le)} : un retrait est requis."
        etapes.append(Etape("DECISION", "R.424-10", detail))
    if silence is Silence.CU and demande.type is TypeDelai.CUB:
        alertes.append(Alerte.CU_TACITE_EFFETS_LIMITES)
    quand = f"le {jma(le)}" if le else "à une date qui n'est pas encore connue"
    etapes.append(Etape("SILENCE", article, f"{libelle} {quand}."))
    return silence, le, alertes, etapes
