"""States of a request (spec §6) and how they are called for each kind of dossier."""

from __future__ import annotations

from urba.regles.types import ALIAS_TYPES, CERTIFICATS, Silence, TypeDelai

OUVERTS = (
    "depose",
    "a_qualifier",
    "en_cours",
    "incomplet",
    "incomplet_notifie",
    "redaction",
    "en_signature",
    "decide_a_notifier",
)
INSTRUITS = OUVERTS[1:]
INCOMPLETS = ("incomplet", "incomplet_notifie")
ACCORDES = ("accorde", "accorde_prescriptions", "accord_tacite")
CLOS = (*ACCORDES, "refuse", "sursis", "rejet_tacite")
FINALS = (*CLOS, "retire", "annule", "abandonne", "enregistre")

LIBELLES = {
    "": "à créer",
    "depose": "déposé en ligne, à enregistrer",
    "a_qualifier": "à qualifier",
    "en_cours": "en cours d'instruction",
    "incomplet": "incomplet, lettre à présenter",
    "incomplet_notifie": "incomplet, pièces attendues",
    "redaction": "décision en rédaction",
    "en_signature": "décision à signer",
    "decide_a_notifier": "décision à notifier",
    "accorde": "accordé",
    "accorde_prescriptions": "accordé avec prescriptions",
    "refuse": "refusé",
    "sursis": "sursis à statuer",
    "accord_tacite": "accord tacite",
    "rejet_tacite": "rejet tacite",
    "retire": "retiré",
    "annule": "annulé",
    "abandonne": "abandonné",
    "enregistre": "enregistré",
}
_DP = {
    "accorde": "non-opposition",
    "accorde_prescriptions": "non-opposition avec prescriptions",
    "refuse": "opposition",
    "accord_tacite": "non-opposition tacite",
    "rejet_tacite": "opposition tacite",
}
_CU = {
    "accorde": "délivré",
    "accorde_prescriptions": "délivré",
    "refuse": "délivré, opération non réalisable",
    "accord_tacite": "certificat tacite",
}
# Silences that grant; the two others refuse.
SILENCES_FAVORABLES = frozenset(
    {Silence.NON_OPPOSITION, Silence.PERMIS, Silence.CU, Silence.TRANSFERT, Silence.PROROGATION}
)


def type_delai(type_detail: str) -> TypeDelai:
    """Kind that the delays know, from a detailed type; ``ValueError`` when unknown."""
    return ALIAS_TYPES.get(type_detail) or TypeDelai(type_detail)


def libelle_etat(etat: str, type_: TypeDelai | str | None = None) -> str:
    """What the state is called for this kind of dossier."""
    if type_ == TypeDelai.DP:
        return _DP.get(etat, LIBELLES[etat])
    if type_ in CERTIFICATS:
        return _CU.get(etat, LIBELLES[etat])
    return LIBELLES[etat]


def etat_tacite(silence: Silence | str) -> str:
    """Final state that an implicit decision leads to."""
    return "accord_tacite" if silence in SILENCES_FAVORABLES else "rejet_tacite"
