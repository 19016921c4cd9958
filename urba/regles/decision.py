"""The decision taken on a request, and the facts that follow it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from urba.regles.types import CERTIFICATS, DP, PERMIS, Nature, TypeDelai
from urba.regles.validite import DemandeProrogation, RecoursContentieux


class Autorite(StrEnum):
    """In whose name the decision is taken."""

    COMMUNE = "commune"
    EPCI = "epci"
    ETAT = "etat"


class Sens(StrEnum):
    """Sense of the decision; for a DP, ACCORD is a non-opposition and REFUS an opposition."""

    ACCORD = "accord"
    ACCORD_PRESCRIPTIONS = "accord_prescriptions"
    REFUS = "refus"
    SURSIS = "sursis"


@dataclass(frozen=True)
class Decision:
    """An express decision (``signee_le``, then ``notifiee_le``) or a tacit one (``nee_le``)."""

    sens: Sens
    signee_le: date | None = None
    notifiee_le: date | None = None
    nee_le: date | None = None

    def __post_init__(self) -> None:
        if (self.signee_le is None) == (self.nee_le is None):
            raise ValueError("a decision is either signed or born")

    @property
    def tacite(self) -> bool:
        """True when silence made the decision."""
        return self.nee_le is not None

    @property
    def date_acte(self) -> date:
        """Signature, or birth."""
        jour = self.nee_le or self.signee_le
        assert jour is not None  # noqa: S101 - checked at construction
        return jour

    @property
    def date_opposable(self) -> date | None:
        """Notification (None: not notified), or birth."""
        return self.nee_le if self.tacite else self.notifiee_le


@dataclass(frozen=True)
class RecoursGracieux:
    """A gracious appeal: received, and answered if it was."""

    recu_le: date
    reponse_notifiee_le: date | None = None


@dataclass(frozen=True)
class DossierDecide:
    """Facts of a decided request that its terms depend on; ``doc_le``: start of works."""

    type: TypeDelai
    decision: Decision
    nature: Nature = Nature.INITIAL
    autorite: Autorite = Autorite.COMMUNE
    alsace_moselle: bool = False
    transmission_le: date | None = None
    affichage_mairie_le: date | None = None
    affichage_terrain_le: date | None = None
    affichage_terrain_fin: date | None = None
    prorogations: tuple[DemandeProrogation, ...] = field(default=())
    recours_contentieux: tuple[RecoursContentieux, ...] = field(default=())
    recours_gracieux: RecoursGracieux | None = None
    doc_le: date | None = None
    travaux_interrompus_depuis: date | None = None
    daact_le: date | None = None
    recolement_obligatoire: bool = False
    achevement_le: date | None = None
    attestation_demandee_le: date | None = None
    a_la_date: date | None = None

    @property
    def certificat(self) -> bool:
        """True for a CU."""
        return self.type in CERTIFICATS

    @property
    def favorable(self) -> bool:
        """True when the decision grants, with or without prescriptions."""
        return self.decision.sens in (Sens.ACCORD, Sens.ACCORD_PRESCRIPTIONS)

    @property
    def autorisation(self) -> bool:
        """True for a favourable permit or DP (any nature): what may be withdrawn, displayed, carried out."""
        return self.favorable and self.type in PERMIS | DP

    @property
    def autorisation_initiale(self) -> bool:
        """True for a favourable INITIAL permit or DP: what has a validity and works of its own."""
        return self.autorisation and self.nature is Nature.INITIAL
