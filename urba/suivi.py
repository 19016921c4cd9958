"""Follow-up of a request by who holds its key (spec §7.5): number and key, printed on the receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.urls import reverse

from mairie import liens, suivi_usager
from mairie.courriers import services
from mairie.models import Courrier
from urba.explications import Raison, raisons
from urba.instruction import lecture
from urba.instruction.etats import FINALS, libelle_etat, type_delai
from urba.models import DossierAutorisation, DossierInstruction
from urba.pieces import faits_de
from urba.publication import NATURES, NON_PUBLIES
from urba.regles.nomenclature import FAMILLES, pieces_du_type
from urba.regles.numeros import NumeroInvalide, lire_numero
from urba.regles.types import LIBELLES_SILENCE, Silence

USAGE = "urba.suivi"
# As long as an authorisation may live, its extensions included.
DUREE = timedelta(days=3653)
EN_COURS = "en cours d'instruction"
_NATURES = {
    "INITIAL": "demande initiale",
    "MODIFICATIF": "demande de modification",
    "TRANSFERT": "demande de transfert",
    "PROROGATION": "demande de prorogation",
}
# What has reached the applicant; before that, nothing is shown.
_PARTIES = (
    *(Courrier.Etat.ENVOYE, Courrier.Etat.PRESENTE, Courrier.Etat.DISTRIBUE),
    *(Courrier.Etat.CONSULTE, Courrier.Etat.RETOURNE),
)


@dataclass(frozen=True)
class Demande:
    """One request as its applicant reads it: no internal state, no name."""

    numero: str
    nature: str
    etat: str
    depose_le: date | None
    limite: date | None = None
    silence: str = ""
    pieces_avant: date | None = None
    pieces: Sequence[str] = field(default_factory=tuple)
    decidee_le: date | None = None
    valable: date | None = None
    lettres: Sequence[tuple[str, date | None]] = field(default_factory=tuple)
    pourquoi: Sequence[Raison] = ()


def declarer() -> None:
    """From ``AppConfig.ready``: the purpose of the key, and the files that it opens."""
    liens.declarer_usage(
        liens.UsageDeLien(USAGE, "Suivi d'une demande d'urbanisme", DUREE, lambda jeton: "/suivi/")
    )
    suivi_usager.declarer(
        suivi_usager.SuiviUsager(
            "urba",
            "Permis, déclaration, certificat d'urbanisme",
            USAGE,
            "PC 025 999 26 00012",
            autorisation,
            lambda da: reverse("urba_suivi", args=[da.numero]),
        )
    )


def autorisation(numero: str) -> DossierAutorisation | None:
    """The authorisation of a whole number, in any writing, that of one of its requests included."""
    try:
        canonique = lire_numero(numero).canonique
    except NumeroInvalide:
        return None
    d = DossierInstruction.objects.filter(numero=canonique).select_related("da").first()
    return d.da if d is not None else None


def demandes(da: DossierAutorisation) -> list[Demande]:
    """Its requests that are registered, oldest first."""
    siennes = da.instructions.filter(nature__in=NATURES).exclude(etat__in=NON_PUBLIES)
    return [_montrer(d) for d in siennes.select_related("da").order_by("date_depot", "id")]


def _montrer(d: DossierInstruction) -> Demande:
    fini = d.etat in FINALS
    attendues = d.etat == "incomplet_notifie"
    lettres = Courrier.objects.du_dossier(d).filter(etat__in=_PARTIES).order_by("envoye_le", "id")
    return Demande(
        numero=str(d),
        nature=_NATURES[d.nature],
        etat=_etat(d),
        depose_le=d.date_depot,
        limite=None if fini or attendues else d.date_limite,
        silence=LIBELLES_SILENCE[Silence(d.decision_implicite)].lower()
        if d.decision_implicite and not fini
        else "",
        pieces_avant=d.date_limite_pieces if attendues else None,
        pieces=_pieces(d) if attendues else (),
        decidee_le=d.date_decision if fini else None,
        valable=d.validite_fin if fini else None,
        pourquoi=raisons(d, "validite_fin" if fini else "date_limite_pieces" if attendues else "date_limite"),
        # To the applicant, never those to a consulted service or to the préfet.
        lettres=[
            (c.libelle, c.envoye_le)
            for c in lettres
            if services.code_modele(c) not in ("consultation", "bordereau_transmission")
        ],
    )


def _etat(d: DossierInstruction) -> str:
    """The state in plain words: what the agents do inside stays « en cours »."""
    if d.etat in FINALS:
        return libelle_etat(d.etat, type_delai(d.type_detail))
    return "pièces attendues" if d.etat == "incomplet_notifie" else EN_COURS


def _pieces(d: DossierInstruction) -> list[str]:
    lots = lecture.lots_pieces(faits_de(d))
    famille = d.type_detail if d.type_detail in FAMILLES else "PC"
    libelles = {p.code: f"{p.code} – {p.libelle}" for p in pieces_du_type(famille)}
    return [libelles.get(c, c) for c in sorted(lots[-1].manquantes)] if lots else []
