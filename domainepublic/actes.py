"""Which acts a file calls, by the rules: the facts of the file put in the form of the engine (spec §5.2)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from domainepublic.regles.nature_acte import nature_acte
from mairie.lecture_json import ErreurSaisie

ACTES = {
    "permission_de_voirie": "permission de voirie",
    "permis_de_stationnement": "permis de stationnement",
    "accord_de_voirie": "accord de voirie",
    "aot": "autorisation d'occupation temporaire",
    "autorisation_chemin_rural": "autorisation sur chemin rural",
    "arrete_circulation": "arrêté de circulation",
}
AUTORITES = {
    "maire": "le maire",
    "president_epci": "le président de l'intercommunalité",
    "president_departement": "le président du conseil départemental",
    "prefet": "le préfet",
}
AVIS = {"maire": "le maire", "gestionnaire_voie": "le gestionnaire de la voie", "prefet": "le préfet"}
REGIMES = {
    "aucune": "aucune",
    "publicite_simple": "publicité simple",
    "manifestation_interet": "appel à manifestation d'intérêt",
    "selection": "procédure de sélection",
}
EXCEPTIONS = {
    "L2122-1-2_1": "le titre découle d'une procédure déjà ouverte à la concurrence",
    "L2122-1-2_2": "il découle d'un contrat passé après mise en concurrence",
    "L2122-1-2_3": "l'urgence l'impose (douze mois au plus)",
    "L2122-1-2_4": "il prolonge un titre sans fausser la concurrence",
    "L2122-1-3_1": "une seule personne peut occuper ce lieu",
    "L2122-1-3_2": "l'occupant est un organisme que la collectivité contrôle",
    "L2122-1-3_3": "une première procédure est restée sans suite",
    "L2122-1-3_4": "le lieu, son usage ou l'activité ont des caractères particuliers",
    "L2122-1-3_5": "la sécurité publique ou l'exercice de l'autorité publique le justifie",
}
DEMARCHES = {
    "autorisation_enseigne": "autorisation d'enseigne (C. env. L581-18)",
    "autorisation_urbanisme": "autorisation d'urbanisme",
    "dt_dict": "DT et DICT avant d'ouvrir le sol",
}


@dataclass(frozen=True)
class ActeLisible:
    """One act in words."""

    code: str
    libelle: str
    autorite: str
    autorite_lisible: str
    fondement: str
    avis: tuple[str, ...]


@dataclass(frozen=True)
class NatureDossier:
    """Acts of a file; ``erreur`` in French when a fact is missing, and then nothing else."""

    actes: tuple[ActeLisible, ...] = ()
    signataires: tuple[str, ...] = ()
    profit: str | None = None
    publicite: dict[str, Any] = field(default_factory=lambda: {"regime": "aucune", "fondement": None})
    demarches: tuple[str, ...] = ()
    erreur: str = ""

    @property
    def signature_unique(self) -> bool:
        """One combined act, one signature."""
        return len(self.signataires) == 1

    @property
    def regime_lisible(self) -> str:
        """The publicity in words."""
        return REGIMES[self.publicite["regime"]]

    def en_json(self) -> list[dict[str, Any]]:
        """What the event of signature keeps."""
        return [
            {"acte": a.code, "autorite": a.autorite, "fondement": a.fondement, "avis": list(a.avis)}
            for a in self.actes
        ]


def _cas(dossier: Any, emprise: Any) -> dict[str, Any]:
    type_ = emprise.type
    occupation: dict[str, Any] = {
        "type": type_.code,
        "occupant": dossier.occupant,
        "modifie_circulation": dossier.modifie_circulation,
    }
    # A type made by the commune, or whose defaults it changed: its own row speaks.
    for nom, dit, defaut in (
        ("emprise", dossier.ancrage, type_.emprise_defaut),
        ("economique", dossier.economique, type_.economique_defaut),
    ):
        if dit is not None:
            occupation[nom] = dit
        elif defaut != "a_preciser":
            occupation[nom] = defaut == "oui"
    voie: dict[str, Any] = {
        "domaine": dossier.domaine,
        "en_agglomeration": dossier.en_agglomeration,
        "grande_circulation": dossier.grande_circulation,
    }
    if dossier.gestionnaire:
        voie["gestionnaire"] = dossier.gestionnaire
    return {
        "voie": voie,
        "police": {"circulation_transferee_epci": dossier.police_transferee},
        "occupation": occupation,
        "attribution": dossier.attribution or {},
    }


_CHAMPS = {
    "occupation.emprise": "Dites si elle est fixée dans le sol ou le modifie : ce type ne suffit pas.",
    "occupation.economique": "Dites si l'activité est économique : ce type ne suffit pas.",
}


def nature_du_dossier(dossier: Any) -> NatureDossier:
    """Acts of all its emprises, each once, in the order of signature: one permission covers them all."""
    actes: dict[tuple[str, str], ActeLisible] = {}
    publicite: dict[str, Any] = {"regime": "aucune", "fondement": None}
    profit: str | None = None
    demarches: dict[str, None] = {}
    emprises = dossier.ses_emprises()
    if not emprises:
        return NatureDossier(
            erreur="Le dossier n'a aucune emprise : les actes se calculent à partir d'elles."
        )
    for emprise in emprises:
        try:
            resultat = nature_acte(_cas(dossier, emprise))
        except ErreurSaisie as e:
            return NatureDossier(erreur=_CHAMPS.get(e.champ, e.message))
        for acte in resultat["actes"]:
            cle = (acte["acte"], acte["autorite"])
            avis = dict.fromkeys((*(actes[cle].avis if cle in actes else ()), *acte["avis"]))
            actes[cle] = ActeLisible(
                acte["acte"],
                ACTES[acte["acte"]],
                acte["autorite"],
                AUTORITES[acte["autorite"]],
                acte["fondement"],
                tuple(avis),
            )
        profit = profit or resultat["redevance_au_profit_de"]
        if resultat["publicite"]["regime"] != "aucune" or publicite["fondement"] is None:
            publicite = resultat["publicite"]
        demarches.update(dict.fromkeys(resultat["demarches_liees"]))
    # The permit before the traffic order that goes with it.
    ordre = sorted(actes.values(), key=lambda a: a.code == "arrete_circulation")
    signataires = tuple(dict.fromkeys(a.autorite for a in ordre))
    return NatureDossier(tuple(ordre), signataires, profit, publicite, tuple(demarches))


def types_du_dossier(dossier: Any) -> list[str]:
    """Labels of the types of its emprises, each once."""
    return list(dict.fromkeys(e.type.libelle for e in dossier.emprises.all()))


__all__ = ["ACTES", "AUTORITES", "AVIS", "DEMARCHES", "EXCEPTIONS", "NatureDossier", "nature_du_dossier"]
