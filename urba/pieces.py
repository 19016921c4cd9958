"""Pieces of a request by nomenclature: what is expected, received, missing, refused."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from mairie import journal
from mairie.models import Piece, Utilisateur
from mairie.pieces.refus import PieceRefusee
from mairie.pieces.registre import Porteur
from mairie.pieces.registre import declarer as declarer_porteur
from mairie.workflow import journal as evenements
from urba import perms
from urba.instruction import lecture
from urba.models import DossierInstruction, ExamenPiece
from urba.regles.donnees_techniques import total
from urba.regles.nomenclature import AUTRE, FAMILLES, LignePiece, pieces_du_type
from urba.regles.pieces_attendues import FaitsProjet, attendues

EXAMINEE = "urba.piece_examinee"
ATTENDUE, RECUE, MANQUANTE, REFUSEE = "attendue", "recue", "manquante", "refusee"
POSSIBLE, SANS_OBJET = "possible", "sans_objet"
TONS = {
    ATTENDUE: ("attendue", "bientot", "bi-hourglass-split"),
    RECUE: ("reçue", "bien", "bi-check-circle"),
    MANQUANTE: ("manquante", "attention", "bi-exclamation-triangle"),
    REFUSEE: ("refusée", "danger", "bi-x-octagon"),
    SANS_OBJET: ("sans objet", "neutre", "bi-dash-circle"),
    POSSIBLE: ("non demandée", "neutre", "bi-circle"),
}
# To ask again: not here, or not good.
A_DEMANDER = (ATTENDUE, MANQUANTE, REFUSEE)


@dataclass
class PieceDossier:
    """One line of the nomenclature on a request, with its files."""

    ligne: LignePiece
    etat: str
    raison: str = ""
    motif: str = ""
    fichiers: list[Piece] = field(default_factory=list)

    @property
    def presentation(self) -> tuple[str, str, str]:
        """Word, tone, icon."""
        return TONS[self.etat]


def faits_projet(
    d: DossierInstruction, faits: Sequence[lecture.Fait], candidats: Iterable[Any] = ()
) -> FaitsProjet:
    """What decides of the conditional pieces: technical data, qualification, land."""
    technique = getattr(d, "donnees_techniques", None)
    donnees = technique.donnees if technique is not None else {}
    qualifications = [f.donnees for f in faits if f.type == "qualification"]
    dite = qualifications[-1] if qualifications else {}
    codes = {m.get("code") for m in dite.get("majorations", [])}
    proposes = {c.code for c in candidats}
    return FaitsProjet(
        d.type_detail,
        Decimal(total(donnees, "creee")),
        donnees.get("nature_travaux") == "nouvelle",
        len(donnees.get("lots", [])),
        bool(dite.get("anc")),
        bool(dite.get("erp")),
        "ABF_ABORDS_SPR" in codes | proposes,
        any("plan de prévention" in s for c in candidats for s in c.sources),
        "EVALUATION_ENVIRONNEMENTALE" in (dite.get("drapeaux") or ()),
    )


def pieces_de(
    d: DossierInstruction, faits: Sequence[lecture.Fait], candidats: Iterable[Any] = ()
) -> list[PieceDossier]:
    """Every piece of the kind of request with its state; empty for a kind without nomenclature."""
    if d.type_detail not in FAMILLES or d.nature == "PROROGATION":
        return []
    raisons = attendues(faits_projet(d, faits, tuple(candidats)))
    fichiers: dict[str, list[Piece]] = {}
    for piece in Piece.objects.du_dossier(d).courantes().order_by("depose_le", "pk"):
        fichiers.setdefault(piece.code, []).append(piece)
    examens = {e.code: e for e in ExamenPiece.objects.filter(dossier=d)}
    lots = lecture.lots_pieces(faits)
    demandees = lots[-1].demandees if lots else frozenset()
    recues = {str(c) for f in faits if f.type == "depot_pieces" for c in f.donnees.get("pieces", [])}
    remises = {str(c) for f in faits if f.type in lecture.DEPOTS for c in f.donnees.get("pieces", [])}
    sortie = []
    for ligne in pieces_du_type(d.type_detail):
        siens, examen = fichiers.get(ligne.code, []), examens.get(ligne.code)
        raison = raisons.get(ligne.code, "")
        # Ticked at the counter, on paper: here, unless a letter asks for it since.
        remise = ligne.code in remises and ligne.code not in demandees
        etat = _etat(siens, examen, raison, ligne.code in demandees, ligne.code in recues, remise)
        if etat in (ATTENDUE, MANQUANTE) and not raison:
            raison = "demandée par lettre" if ligne.code in demandees else "ajoutée par l'instructeur"
        motif = examen.motif if examen and examen.etat == etat else ""
        sortie.append(PieceDossier(ligne, etat, raison, motif, siens))
    return sortie


def _etat(
    fichiers: Sequence[Piece],
    examen: ExamenPiece | None,
    raison: str,
    demandee: bool,
    annoncee: bool,
    remise: bool = False,
) -> str:
    """State of one piece: what was said of it, else what is here, else what is expected."""
    if examen is not None and examen.etat == ExamenPiece.Etat.REFUSEE:
        # A file that came after the refusal is another one to look at.
        nouveaux = [f for f in fichiers if f.depose_le > examen.le]
        return RECUE if nouveaux else REFUSEE
    if fichiers or (annoncee and demandee) or remise:
        return RECUE
    if examen is not None and examen.etat == ExamenPiece.Etat.SANS_OBJET:
        return SANS_OBJET
    if demandee:
        return MANQUANTE
    if raison or (examen is not None and examen.etat == ExamenPiece.Etat.ATTENDUE):
        return ATTENDUE
    return RECUE if annoncee else POSSIBLE


def a_demander(d: DossierInstruction, faits: Sequence[lecture.Fait]) -> list[str]:
    """Codes to tick in a letter of missing pieces."""
    return [p.ligne.code for p in pieces_de(d, faits) if p.etat in A_DEMANDER]


def arrivees(d: DossierInstruction, faits: Sequence[lecture.Fait]) -> list[str]:
    """Codes asked by the last letter, whose file is here and whose receipt is not entered."""
    lots = lecture.lots_pieces(faits)
    if not lots:
        return []
    attendus = lots[-1].demandees - lots[-1].recues
    return [
        p.ligne.code
        for p in pieces_de(d, faits)
        if p.fichiers and p.ligne.code in attendus and p.etat == RECUE
    ]


def examiner(
    d: DossierInstruction, code: str, etat: str, *, par: Utilisateur, motif: str = ""
) -> ExamenPiece:
    """Say that a piece is expected, without object, refused or admitted; ``PieceRefusee`` says why not."""
    connus = {p.code for p in pieces_du_type(d.type_detail)} if d.type_detail in FAMILLES else set()
    if code not in connus:
        raise PieceRefusee("CODE", f"La pièce {code} n'existe pas pour ce type de dossier.")
    if etat not in ExamenPiece.Etat.values:
        raise PieceRefusee("ETAT", "Cet état n'existe pas.")
    motif = motif.strip()[:300]
    if etat in (ExamenPiece.Etat.REFUSEE, ExamenPiece.Etat.SANS_OBJET) and not motif:
        raise PieceRefusee("MOTIF", f"Dites pourquoi la pièce {code} est refusée ou sans objet.")
    fichier = Piece.objects.du_dossier(d).courantes().filter(code=code).order_by("-depose_le").first()
    if etat == ExamenPiece.Etat.REFUSEE and fichier is None:
        raise PieceRefusee("FICHIER", f"Aucun fichier n'est déposé sous {code} : il n'y a rien à refuser.")
    with transaction.atomic():
        examen, _ = ExamenPiece.objects.update_or_create(
            dossier=d,
            code=code,
            defaults={"etat": etat, "motif": motif, "piece": fichier, "par": par, "le": timezone.now()},
        )
        journal.noter(par, EXAMINEE, d, insee=d.insee, donnees={"code": code, "etat": etat})
    return examen


def faits_de(d: DossierInstruction) -> list[lecture.Fait]:
    """Living events of a request, as the rules read them."""
    return [evenements.fait(e) for e in evenements.vivantes(evenements.lignes(d))]


def declarer() -> None:
    """Requests hold files; the log knows what is said of them."""
    from urba.redessin import ACTION as REDESSIN
    from urba.technique import ACTION

    journal.declarer(
        journal.Action(EXAMINEE, "Pièce examinée"),
        journal.Action(ACTION, "Données techniques enregistrées"),
        journal.Action(REDESSIN, "Terrain redessiné"),
    )
    declarer_porteur(
        Porteur(
            DossierInstruction,
            DossierInstruction.objects.visibles_par,
            perms.DEPOSER,
            lambda d: f"/urba/dossiers/{d.pk}/#pieces",
            gerer=perms.INSTRUIRE,
            codes=codes,
        )
    )


def codes(d: DossierInstruction) -> list[tuple[str, str]]:
    """Kinds offered on deposit."""
    lignes = pieces_du_type(d.type_detail) if d.type_detail in FAMILLES else (AUTRE,)
    return [(p.code, p.libelle if p is AUTRE else f"{p.code} – {p.libelle}") for p in lignes]
