"""The log read as the facts that the rules ask for. Pure: same log, same facts, whatever order of entry."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mairie.calendrier import plus_mois
from mairie.workflow.modele import Fait
from urba.instruction.etats import type_delai
from urba.regles.decision import Autorite, Decision, DossierDecide, RecoursGracieux, Sens
from urba.regles.delais import DemandeDelai, ProlongationDeclaree, ResultatDelai, calculer_delai
from urba.regles.lettres import SANS_LETTRE, Lettre, Mode, date_lettre
from urba.regles.majorations import MajorationDeclaree
from urba.regles.pieces import DemandePieces
from urba.regles.silence import AvisABF, SensABF
from urba.regles.tables_delais import REGLES_LIVREES, Regles
from urba.regles.tables_echeances import AFFICHAGE_TERRAIN_MOIS
from urba.regles.types import Nature
from urba.regles.validite import DemandeProrogation, RecoursContentieux

DEPOTS = ("depot_en_ligne", "depot")
DEMANDES_PIECES = ("demande_pieces", "nouvelle_demande_pieces")


@dataclass(frozen=True)
class Contexte:
    """What the rules need besides the log, and that no event changes."""

    nature: str
    autorite: str = "commune"
    alsace_moselle: bool = False
    regles: Regles = REGLES_LIVREES


@dataclass(frozen=True)
class LotPieces:
    """One request of pieces: its fact, its letter, what it asks, what came since, and when all was there."""

    demande: Fait
    lettre: Lettre
    exigibles: frozenset[str]
    demandees: frozenset[str]
    recues: frozenset[str]
    completees_le: date | None

    @property
    def manquantes(self) -> frozenset[str]:
        """Codes still awaited; those that cannot stop the clock included."""
        return self.demandees - self.recues

    @property
    def complet(self) -> bool:
        """All that the law lets us require is there."""
        return self.completees_le is not None


def lettre_de(fait: Fait) -> Lettre:
    """Dates of the letter that an event of notification records.

    By post its effective day is the first presentation; by electronic way the data say sending and reading.
    """
    if fait.donnees.get("mode") != Mode.ELECTRONIQUE:
        return Lettre(Mode.POSTAL, notifiee_le=fait.date_effet)
    lu = fait.donnees.get("consultee_le")
    envoi = date.fromisoformat(fait.donnees["envoyee_le"])
    return Lettre(Mode.ELECTRONIQUE, envoyee_le=envoi, consultee_le=date.fromisoformat(lu) if lu else None)


def notifie_le(fait: Fait, regles: Regles = REGLES_LIVREES) -> date | None:
    """Day on which the letter of an event counts."""
    return date_lettre(lettre_de(fait), regles.fiction_electronique_jours).le


def depot(faits: Iterable[Fait]) -> Fait | None:
    """The deposit: the one on line when there is one, for its day starts the clock."""
    depots = [f for f in faits if f.type in DEPOTS]
    return min(depots, key=lambda f: (f.date_effet, f.id), default=None)


def type_detail(faits: Iterable[Fait]) -> str:
    """Detailed type, by the last event that says it."""
    dits = [f.donnees["type_detail"] for f in faits if f.donnees.get("type_detail")]
    return str(dits[-1]) if dits else ""


def lots_pieces(faits: Sequence[Fait]) -> list[LotPieces]:
    """Every request of pieces with its letter and what was received from its day on."""
    lots = []
    for rang, fait in enumerate(faits):
        if fait.type not in DEMANDES_PIECES:
            continue
        suite = faits[rang + 1 :]
        fin = next((i for i, f in enumerate(suite) if f.type in DEMANDES_PIECES), len(suite))
        lettre = next((lettre_de(f) for f in suite[:fin] if f.type == "notification_pieces"), SANS_LETTRE)
        lignes = fait.donnees.get("pieces", [])
        demandees = frozenset(str(p["code"]) for p in lignes)
        exigibles = frozenset(str(p["code"]) for p in lignes if p.get("exigible", True))
        attendues = exigibles or demandees
        recues: set[str] = set()
        complet: date | None = None
        for f in suite:
            if f.type == "depot_pieces":
                recues |= {str(c) for c in f.donnees.get("pieces", [])}
                if complet is None and attendues <= recues:
                    complet = f.date_effet
        lots.append(LotPieces(fait, lettre, exigibles, demandees, frozenset(recues), complet))
    return lots


def _majorations(faits: Iterable[Fait]) -> tuple[MajorationDeclaree, ...]:
    """One a letter, and one without letter for each code that was only declared."""
    declarees: dict[str, bool] = {}
    lettres: list[tuple[str, Lettre]] = []
    for fait in faits:
        if fait.type in ("qualification", "notification_majoration"):
            for ligne in fait.donnees.get("majorations", []):
                declarees[ligne["code"]] = bool(ligne.get("fondee", True))
        if fait.type == "qualification":
            # A new qualification says all: what it leaves out is no longer declared, unless a letter told it.
            dites = {ligne["code"] for ligne in fait.donnees.get("majorations", [])}
            annoncees = {code for code, _ in lettres}
            declarees = {c: v for c, v in declarees.items() if c in dites | annoncees}
        if fait.type == "notification_majoration":
            lettre = lettre_de(fait)
            lettres += [(ligne["code"], lettre) for ligne in fait.donnees["majorations"]]
    avec = {code for code, _ in lettres}
    return (
        *(MajorationDeclaree(code, lettre, declarees[code]) for code, lettre in lettres),
        *(MajorationDeclaree(c, fondee=f) for c, f in declarees.items() if c not in avec),
    )


def _prolongations(faits: Iterable[Fait]) -> tuple[ProlongationDeclaree, ...]:
    return tuple(
        ProlongationDeclaree(f.donnees["code"], lettre_de(f))
        for f in faits
        if f.type == "notification_prolongation"
    )


def _drapeaux(faits: Iterable[Fait]) -> tuple[str, ...]:
    dits = [f.donnees.get("drapeaux") for f in faits if f.type == "qualification"]
    return tuple(dits[-1] or ()) if dits else ()


def _avis_abf(faits: Iterable[Fait]) -> AvisABF | None:
    """The last answer of the ABF, who was asked by ``consulter`` (day of receipt when it is known)."""
    saisi: date | None = None
    avis: AvisABF | None = None
    for fait in faits:
        if fait.donnees.get("service") != "ABF":
            continue
        if fait.type == "consulter":
            saisi = fait.date_effet
        elif fait.type == "avis_recu" and fait.donnees.get("sens") in tuple(SensABF):
            recu = fait.donnees.get("saisi_le")
            avis = AvisABF(
                SensABF(fait.donnees["sens"]),
                fait.date_effet,
                bool(fait.donnees.get("accord", True)),
                date.fromisoformat(recu) if recu else saisi,
            )
    return avis


def demande_delai(
    faits: Sequence[Fait], contexte: Contexte, jour: date | None = None, *, decision: bool = True
) -> DemandeDelai | None:
    """Facts of the delay; null before the deposit. ``decision`` false: as if none were notified."""
    premier = depot(faits)
    detail = type_detail(faits)
    if premier is None or not detail:
        return None
    notifiee = None
    if decision:
        jours = [notifie_le(f, contexte.regles) for f in faits if f.type == "notification_decision"]
        notifiee = jours[-1] if jours else None
    rapports = [f.date_effet for f in faits if f.type == "rapport_enquete"]
    return DemandeDelai(
        type=type_delai(detail),
        depot=premier.date_effet,
        nature=Nature(contexte.nature),
        majorations=_majorations(faits),
        pieces=tuple(
            DemandePieces(lot.lettre, bool(lot.exigibles), lot.completees_le) for lot in lots_pieces(faits)
        ),
        drapeaux=_drapeaux(faits),
        avis_abf=_avis_abf(faits),
        rapport_recu_le=rapports[-1] if rapports else None,
        prolongations=_prolongations(faits),
        decision_notifiee_le=notifiee,
        a_la_date=jour,
    )


def delai(
    faits: Sequence[Fait], contexte: Contexte, jour: date | None = None, *, decision: bool = True
) -> ResultatDelai | None:
    """Result of the rules for this log; null before the deposit."""
    demande = demande_delai(faits, contexte, jour, decision=decision)
    return None if demande is None else calculer_delai(demande, contexte.regles)


def decision_de(faits: Sequence[Fait], contexte: Contexte) -> Decision | None:
    """The decision in force: express if notified before silence spoke, else born of silence; null: none."""
    finalisees = [f for f in faits if f.type == "finaliser_decision"]
    signees = [f for f in faits if f.type == "signature"]
    notifiees = [f for f in faits if f.type == "notification_decision"]
    constats = [f for f in faits if f.type in ("constat_tacite", "constat_rejet")]
    silencieux = delai(faits, contexte, decision=False)
    if constats and silencieux is not None:
        return _tacite(silencieux)
    if not (finalisees and signees):
        return None
    notifiee = notifie_le(notifiees[-1], contexte.regles) if notifiees else None
    nee = silencieux.date_decision_implicite if silencieux else None
    if silencieux is not None and notifiee is not None and nee is not None and notifiee >= nee:
        return _tacite(silencieux)
    return Decision(Sens(finalisees[-1].donnees["sens"]), signees[-1].date_effet, notifiee)


def _tacite(resultat: ResultatDelai) -> Decision | None:
    from urba.instruction.etats import SILENCES_FAVORABLES

    if resultat.date_decision_implicite is None or resultat.decision_implicite is None:
        return None
    sens = Sens.ACCORD if resultat.decision_implicite in SILENCES_FAVORABLES else Sens.REFUS
    return Decision(sens, nee_le=resultat.date_decision_implicite)


def dossier_decide(faits: Sequence[Fait], contexte: Contexte, jour: date) -> DossierDecide | None:
    """Facts of the terms after the decision; null while there is none, or for a prorogation."""
    decision = decision_de(faits, contexte)
    detail = type_detail(faits)
    if decision is None or contexte.nature == Nature.PROROGATION:
        return None

    def dernier(nom: str) -> date | None:
        jours = [f.date_effet for f in faits if f.type == nom]
        return jours[-1] if jours else None

    terrain_le, terrain_fin = _affichage_terrain(faits)
    # Works begin with the first tranche; a later one says that they were taken up again.
    ouvertures = [f.date_effet for f in faits if f.type == "doc"]
    arret = dernier("interruption_travaux")
    if arret is not None and (not ouvertures or ouvertures[-1] > arret):
        arret = None
    daact = [f for f in faits if f.type == "daact" and not f.donnees.get("partielle")]
    achevement = daact[-1].donnees.get("acheve_le") if daact else None
    return DossierDecide(
        type=type_delai(detail),
        decision=decision,
        nature=Nature(contexte.nature),
        autorite=Autorite(contexte.autorite),
        alsace_moselle=contexte.alsace_moselle,
        transmission_le=dernier("transmission_cl"),
        affichage_mairie_le=dernier("affichage_mairie"),
        affichage_terrain_le=terrain_le,
        affichage_terrain_fin=terrain_fin,
        prorogations=_prorogations(faits),
        recours_contentieux=_contentieux(faits),
        recours_gracieux=_gracieux(faits),
        doc_le=ouvertures[0] if ouvertures else None,
        travaux_interrompus_depuis=arret,
        daact_le=daact[-1].date_effet if daact else None,
        recolement_obligatoire=_recolement(faits),
        achevement_le=date.fromisoformat(achevement) if achevement else None,
        attestation_demandee_le=dernier("attestation_demandee"),
        a_la_date=jour,
    )


def _affichage_terrain(faits: Iterable[Fait]) -> tuple[date | None, date | None]:
    """First display on site that is known to have lasted two months (R.600-2), else the last one."""
    affichages = []
    for fait in faits:
        if fait.type == "affichage_terrain":
            fin = fait.donnees.get("fin")
            affichages.append((fait.date_effet, date.fromisoformat(fin) if fin else None))
    for debut, au in affichages:
        if au is not None and au >= plus_mois(debut, AFFICHAGE_TERRAIN_MOIS):
            return debut, au
    return affichages[-1] if affichages else (None, None)


def _prorogations(faits: Iterable[Fait]) -> tuple[DemandeProrogation, ...]:
    """Requests on the authorisation, each with its express decision if one was posted."""
    demandes: dict[str, DemandeProrogation] = {}
    for fait in faits:
        if fait.type == "prorogation_demandee":
            demandes[fait.donnees["numero"]] = DemandeProrogation(fait.date_effet)
        elif fait.type == "prorogation_decidee" and fait.donnees["numero"] in demandes:
            demande = demandes[fait.donnees["numero"]]
            demandes[fait.donnees["numero"]] = replace(
                demande, decision_le=fait.date_effet, acceptee=bool(fait.donnees["acceptee"])
            )
        elif fait.type == "prorogation_retiree":
            # Withdrawn: as if it had never been asked.
            demandes.pop(fait.donnees["numero"], None)
    return tuple(demandes.values())


def _contentieux(faits: Iterable[Fait]) -> tuple[RecoursContentieux, ...]:
    """Suits in the order of filing; a final judgment closes the oldest that is open."""
    recours: list[RecoursContentieux] = []
    for fait in faits:
        if fait.type == "recours_depose" and fait.donnees["genre"] in ("contentieux", "defere"):
            recours.append(RecoursContentieux(fait.date_effet))
        elif fait.type == "recours_juge":
            rang = next((i for i, r in enumerate(recours) if r.decision_definitive_le is None), None)
            if rang is not None:
                recours[rang] = replace(recours[rang], decision_definitive_le=fait.date_effet)
    return tuple(recours)


def _gracieux(faits: Iterable[Fait]) -> RecoursGracieux | None:
    """The last gracious or hierarchical appeal, and its answer: one regime for both (L.600-12-2)."""
    dernier: RecoursGracieux | None = None
    for fait in faits:
        if fait.type == "recours_depose" and fait.donnees["genre"] in ("gracieux", "hierarchique"):
            dernier = RecoursGracieux(fait.date_effet)
        elif fait.type == "recours_repondu" and dernier is not None:
            dernier = replace(dernier, reponse_notifiee_le=fait.date_effet)
    return dernier


def _recolement(faits: Iterable[Fait]) -> bool:
    dits = [f.donnees["recolement_obligatoire"] for f in faits if "recolement_obligatoire" in f.donnees]
    return bool(dits[-1]) if dits else False
