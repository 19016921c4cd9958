"""What the letters of a request need to know of it, read once: its log, its delay, its decision."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

from mairie.workflow import Fait, journal
from urba.instruction import lecture
from urba.instruction.etats import type_delai
from urba.models import DossierInstruction
from urba.regles.delais import ProlongationDeclaree, ResultatDelai, calculer_delai
from urba.regles.lettres import Lettre, Mode
from urba.regles.majorations import MajorationDeclaree
from urba.regles.nomenclature import AUTRE, FAMILLES, LignePiece, pieces_du_type
from urba.regles.tables_delais import REGLES_LIVREES, LigneDelai
from urba.regles.types import CERTIFICATS, DP, Nature, TypeDelai


@dataclass(frozen=True)
class Situation:
    """A request and the live facts of its log."""

    dossier: DossierInstruction

    @cached_property
    def faits(self) -> list[Fait]:
        """Live events, in order of effect."""
        return [journal.fait(e) for e in journal.vivantes(journal.lignes(self.dossier))]

    @property
    def type(self) -> TypeDelai:
        """Kind that the delays know."""
        return type_delai(self.dossier.type_detail)

    @property
    def est_dp(self) -> bool:
        """A declaration: « opposition », « non-opposition »."""
        return self.type in DP

    @property
    def est_cu(self) -> bool:
        """A certificate."""
        return self.type in CERTIFICATS

    def dernier(self, *types: str) -> Fait | None:
        """The last live event of these kinds."""
        return next((f for f in reversed(self.faits) if f.type in types), None)

    @cached_property
    def demande(self) -> Any:
        """Facts of the delay; null before the deposit."""
        return lecture.demande_delai(self.faits, self.dossier.contexte_regles)

    @cached_property
    def delai_base(self) -> ResultatDelai | None:
        """Delay of the deposit alone, as the receipt tells it."""
        depots = [f for f in self.faits if f.type in lecture.DEPOTS]
        return lecture.delai(depots, self.dossier.contexte_regles)

    # --- pieces ----------------------------------------------------------------------------------

    @cached_property
    def pieces_demandees(self) -> list[tuple[LignePiece, str]]:
        """Pieces of the last request, each with what the agent said of it."""
        demande = self.dernier(*lecture.DEMANDES_PIECES)
        if demande is None:
            return []
        famille = self.dossier.type_detail if self.dossier.type_detail in FAMILLES else "PC"
        connues = {p.code: p for p in pieces_du_type(famille)}
        return [
            (connues.get(str(p["code"])) or replace(AUTRE, code=str(p["code"])), str(p.get("motif") or ""))
            for p in demande.donnees.get("pieces", [])
        ]

    # --- majorations -----------------------------------------------------------------------------

    @cached_property
    def a_annoncer(self) -> list[LigneDelai]:
        """Majorations declared, well founded and in force, that no letter has told yet."""
        if self.demande is None:
            return []
        nature = Nature(self.dossier.contexte_regles.nature)
        dites = {m.code for m in self.demande.majorations if m.lettre != Lettre()}
        lignes = []
        for m in self.demande.majorations:
            if m.code in dites or not m.fondee:
                continue
            trouvee = next(
                (
                    x
                    for x in REGLES_LIVREES.majorations
                    if x.code == m.code
                    and x.actif
                    and x.vise(self.type, nature)
                    and x.en_vigueur(self.demande.depot)
                ),
                None,
            )
            if trouvee is not None:
                lignes.append(trouvee)
        return lignes

    def delai_majore(self, jour: date) -> ResultatDelai | None:
        """Delay if the majorations not yet told were notified that day, by post."""
        if self.demande is None:
            return None
        lettre = Lettre(Mode.POSTAL, notifiee_le=jour)
        codes = {x.code for x in self.a_annoncer}
        majorations = (
            *(m for m in self.demande.majorations if m.code not in codes),
            *(MajorationDeclaree(code, lettre) for code in sorted(codes)),
        )
        return calculer_delai(
            replace(self.demande, majorations=majorations), self.dossier.contexte_regles.regles
        )

    def delai_prolonge(self, code: str, jour: date) -> ResultatDelai | None:
        """Delay if this exceptional prolongation were notified that day; null where it is not open."""
        if self.demande is None:
            return None
        nature = Nature(self.dossier.contexte_regles.nature)
        regles = self.dossier.contexte_regles.regles
        ouverte = any(
            x.code == code and x.actif and x.vise(self.type, nature) and x.en_vigueur(self.demande.depot)
            for x in regles.prolongations
        )
        if not ouverte:
            return None
        dites = [p for p in self.demande.prolongations if p.code != code]
        nouvelle = ProlongationDeclaree(code, Lettre(Mode.POSTAL, notifiee_le=jour))
        return calculer_delai(replace(self.demande, prolongations=(*dites, nouvelle)), regles)

    @property
    def abf_exige(self) -> bool:
        """The ABF's agreement weighs on silence: surroundings or remarkable heritage site (R.424-3)."""
        return self.demande is not None and any(
            m.code == "ABF_ABORDS_SPR" and m.fondee for m in self.demande.majorations
        )

    # --- decision --------------------------------------------------------------------------------

    @property
    def redigee(self) -> dict[str, Any]:
        """What the decision in force says: sense, reasons, prescriptions; empty before it is written."""
        renvoi, redigee = self.dernier("renvoi"), self.dernier("finaliser_decision")
        if redigee is None or (renvoi is not None and self.faits.index(renvoi) > self.faits.index(redigee)):
            return {}
        return dict(redigee.donnees)

    @property
    def sens(self) -> str:
        """Sense of the decision written; empty before."""
        return str(self.redigee.get("sens", ""))

    def date(self, code: str) -> date | None:
        """A computed date of the request, by its code."""
        valeur = (self.dossier.dates or {}).get(code)
        return date.fromisoformat(valeur) if valeur else None
