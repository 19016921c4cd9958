"""State, dates and explanation of an occupation, recomputed from its log. Pure: the day is given.

``actif`` and ``a_controler`` are states of the calendar: they are passed while the log is read, whether a
nightly task ran or not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from domainepublic.instruction.etats import EN_ATTENTE
from domainepublic.regles.echeances import DemandePieces, Silence, terme_du_silence
from mairie.calendrier import jma, plus_mois
from mairie.workflow.modele import Etape, Fait, Incoherent, Passage, Situation, Workflow

UN_JOUR = timedelta(days=1)
DELAI_PIECES_JOURS = 30
CADUCITE_MOIS = 12


@dataclass(frozen=True)
class Contexte:
    """Parameters that no event changes."""

    caducite_mois: int = CADUCITE_MOIS


@dataclass(frozen=True)
class Periode:
    """Days of the title, both included; ``fin`` null while it has none.

    ``en_attente``: it takes effect on the proof of a sale, which has not come (CG3P L2124-33).
    """

    debut: date
    fin: date | None
    en_attente: bool = False


def periode(faits: Sequence[Fait]) -> Periode | None:
    """Days of the title as signed, then as prolonged; null before the signature."""
    trouve: Periode | None = None
    demandee: date | None = None
    for fait in faits:
        if fait.type in ("signer", "signature_exterieure", "ouvrir_constat"):
            fin = fait.donnees.get("fin")
            trouve = Periode(
                date.fromisoformat(fait.donnees["debut"]),
                date.fromisoformat(fin) if fin else None,
                bool(fait.donnees.get("sous_condition")),
            )
        elif trouve is not None and fait.type == "justifier_vente":
            trouve = Periode(max(trouve.debut, date.fromisoformat(fait.donnees["le"])), trouve.fin)
        elif fait.type == "demander_prolongation":
            demandee = date.fromisoformat(fait.donnees["fin"])
        elif trouve is not None and fait.type == "accepter_prolongation":
            # The one asked before it: a later request, pending or refused, gives nothing.
            trouve = Periode(trouve.debut, demandee)
        elif trouve is not None and fait.type == "reprendre_occupation" and fait.donnees.get("fin"):
            trouve = Periode(trouve.debut, date.fromisoformat(fait.donnees["fin"]))
    return trouve


def demandes_de_pieces(faits: Sequence[Fait]) -> list[tuple[Fait, date, date | None]]:
    """Each request of pieces with its limit and the day they came."""
    sortie = []
    for rang, fait in enumerate(faits):
        if fait.type != "declarer_incomplet":
            continue
        jours = int(fait.donnees.get("delai_jours") or DELAI_PIECES_JOURS)
        produites = next((f.date_effet for f in faits[rang + 1 :] if f.type == "completer"), None)
        sortie.append((fait, fait.date_effet + timedelta(days=jours), produites))
    return sortie


def silence(faits: Sequence[Fait]) -> Silence | None:
    """Term at which silence refuses (CRPA L231-4), suspended by requests of pieces (L114-5)."""
    depot = next((f for f in faits if f.type == "deposer"), None)
    if depot is None:
        return None
    demandes = [
        DemandePieces(rang, f.date_effet, min(limite, produites) if produites else limite)
        for rang, (f, limite, produites) in enumerate(demandes_de_pieces(faits))
    ]
    return terme_du_silence(depot.date_effet, demandes)


def _avancer(etat: str, p: Periode | None, jour: date) -> str:
    """What the calendar alone makes of a state on a day."""
    if p is None or p.en_attente:
        return etat
    if etat == "accorde" and p.debut <= jour:
        etat = "actif"
    if etat in ("actif", "suspendu") and p.fin is not None and p.fin < jour:
        etat = "a_controler"
    return etat


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Contexte, jour: date) -> Situation:
    """What the log means on a day: events effective later wait for theirs."""
    etat = ""
    passes: list[tuple[Fait, str]] = []
    etapes: list[Etape] = []
    for fait in faits:
        if fait.date_effet > jour:
            continue
        etat = _avancer(etat, periode([f for f, _ in passes]), fait.date_effet)
        transition = workflow.transition(etat, fait.type)
        if transition is None:
            raise Incoherent(fait, etat)
        if transition.vers:
            passage = Passage(etat, fait, tuple(passes), contexte)
            etat = transition.choisir(passage) if transition.choisir else transition.vers[0]
        passes.append((fait, etat))
    connus = [f for f, _ in passes]
    p = periode(connus)
    etat = _avancer(etat, p, jour)
    dates, calculs = _dates(connus, etat, p, contexte, jour, etapes)
    return Situation(etat, dates, tuple(etapes), calculs)


def _dates(
    faits: Sequence[Fait], etat: str, p: Periode | None, contexte: Contexte, jour: date, etapes: list[Etape]
) -> tuple[dict[str, date | None], dict[str, Any]]:
    dates: dict[str, date | None] = {}
    calculs: dict[str, Any] = {}
    s = silence(faits)
    depot = next((f.date_effet for f in faits if f.type == "deposer"), None)
    decisions = [f for f in faits if f.type in ("signer", "signature_exterieure", "refuser")]
    decidee = bool(decisions) and etat not in EN_ATTENTE
    dates["date_depot"] = depot
    dates["date_decision"] = decisions[-1].date_effet if decidee else None
    if s is not None and depot is not None:
        dates["terme_silence"] = s.terme
        _expliquer_silence(faits, depot, s, etapes)
        if etat in EN_ATTENTE and jour > s.terme:
            dates["refus_implicite_le"] = s.terme
            etapes.append(Etape("Refus né du silence", jma(s.terme), "CRPA L231-4"))
        calculs["suspension_jours"] = s.suspension_jours
    pieces = demandes_de_pieces(faits)
    dates["date_limite_pieces"] = pieces[-1][1] if pieces and etat == "incomplet" else None
    if p is not None:
        dates["debut_titre"], dates["fin_titre"] = p.debut, p.fin
        fin = jma(p.fin) if p.fin else "sans fin"
        etapes.append(Etape("Durée du titre", f"du {jma(p.debut)} au {fin}", "CG3P L2122-2"))
        # Only when nothing ever began: an agent says so.
        signee = decisions[-1].date_effet if decisions else p.debut
        mois = int((decisions[-1].donnees.get("caducite_mois") if decisions else 0) or contexte.caducite_mois)
        dates["caducite_le"] = plus_mois(max(signee, p.debut), mois)
    effective = _fin_effective(faits)
    dates["fin_effective"] = effective
    if effective is not None:
        etapes.append(Etape("Sol libre", jma(effective)))
    return dates, calculs


def _expliquer_silence(faits: Sequence[Fait], depot: date, s: Silence, etapes: list[Etape]) -> None:
    etapes.append(Etape("Demande reçue", jma(depot), "CRPA L112-3"))
    for rang, (fait, limite, produites) in enumerate(demandes_de_pieces(faits)):
        fin = min(limite, produites) if produites else limite
        if rang in s.sans_effet:
            resultat = f"notifiée le {jma(fait.date_effet)}, après le terme : sans effet"
        else:
            resultat = f"délai suspendu du {jma(fait.date_effet)} au {jma(fin)}"
        etapes.append(Etape("Demande de pièces", resultat, "CRPA L114-5"))
    suspension = f", suspendus {s.suspension_jours} jours" if s.suspension_jours else ""
    etapes.append(
        Etape("Terme", f"{jma(s.terme)} : deux mois{suspension} ; le silence refuse", "CRPA L231-4")
    )


def _fin_effective(faits: Sequence[Fait]) -> date | None:
    """First day on which the ground is free: withdrawal, early end, release seen."""
    jours = [
        f for f in faits if f.type in ("retirer", "arreter_avant_terme", "constater_liberation", "liberer")
    ]
    if not jours:
        return None
    fait = jours[-1]
    dit = fait.donnees.get("le")
    return date.fromisoformat(dit) if dit else fait.date_effet
