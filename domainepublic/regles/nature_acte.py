"""Which act allows an occupation, who signs it, who must be heard, and which publicity comes before.

Sources: CVR L113-2 and L113-3, CGCT L2213-1, L2213-6, L3221-4 and L5211-9-2, CG3P L2122-1 to L2122-1-4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domainepublic.regles.lecture import Objet
from domainepublic.regles.tables import actes as table
from domainepublic.regles.tables.actes import Situation
from domainepublic.regles.tables.types import A_PRECISER, OUI, TYPES


@dataclass(frozen=True)
class Attribution:
    """How the title is given out; ``exception`` is stated by the agent, never inferred."""

    initiative: str
    courte_duree: bool
    nombre_illimite: bool
    exception: str | None


@dataclass(frozen=True)
class Acte:
    """One act to sign."""

    acte: str
    autorite: str
    fondement: str
    avis: tuple[str, ...]
    libelle: str

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        return {
            "acte": self.acte,
            "autorite": self.autorite,
            "fondement": self.fondement,
            "avis": list(self.avis),
            "libelle": self.libelle,
        }


@dataclass(frozen=True)
class Publicite:
    """Regime of publicity before an economic title."""

    regime: str
    fondement: str | None
    motivation_publiee: bool = False


@dataclass(frozen=True)
class NatureActe:
    """Acts in the order of signature, and what goes with them."""

    actes: tuple[Acte, ...]
    redevance_au_profit_de: str | None
    publicite: Publicite
    demarches_liees: tuple[str, ...]

    @property
    def signataires(self) -> tuple[str, ...]:
        """Distinct authorities, in order."""
        return tuple(dict.fromkeys(acte.autorite for acte in self.actes))

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        return {
            "actes": [acte.en_json() for acte in self.actes],
            "signataires": list(self.signataires),
            "signature_unique": len(self.signataires) == 1,
            "redevance_au_profit_de": self.redevance_au_profit_de,
            "publicite": {
                "regime": self.publicite.regime,
                "fondement": self.publicite.fondement,
                "motivation_publiee": self.publicite.motivation_publiee,
            },
            "demarches_liees": list(self.demarches_liees),
        }


def nature_acte(cas: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    racine = Objet.du_cas(cas)
    situation = lire_situation(racine)
    return determiner(situation, lire_attribution(racine.objet_facultatif("attribution"))).en_json()


def lire_situation(racine: Objet) -> Situation:
    """Road, police, occupation, in that order."""
    voie = racine.objet("voie")
    domaine = voie.choix("domaine", table.DOMAINES)
    gestionnaire = voie.choix_facultatif("gestionnaire", tuple(table.EXECUTIFS))
    if domaine not in table.AGGLOMERATION_FACULTATIVE:
        voie.exiger("en_agglomeration")
    en_agglomeration = voie.booleen("en_agglomeration")
    grande_circulation = voie.booleen("grande_circulation")
    transferee = racine.objet_facultatif("police").booleen("circulation_transferee_epci")
    occupation = racine.objet("occupation")
    code = _lire_type(occupation)
    emprise = _lire_fait(occupation, "emprise", code)
    occupant = occupation.choix("occupant", table.OCCUPANTS, table.OCCUPANTS[0])
    modifie_circulation = occupation.booleen("modifie_circulation")
    return Situation(
        domaine,
        gestionnaire or table.GESTIONNAIRES[domaine],
        en_agglomeration,
        grande_circulation,
        transferee,
        code,
        emprise,
        occupant,
        modifie_circulation,
        _lire_fait(occupation, "economique", code),
    )


def _lire_type(occupation: Objet) -> str:
    code = occupation.texte("type")
    if code == table.SANS_TITRE:
        raise occupation.faute("type", "Une occupation sans titre se constate : elle n'appelle aucun acte.")
    if code not in TYPES and not (occupation.donne("emprise") and occupation.donne("economique")):
        message = f"Type inconnu ({code}) : dites s'il y a emprise et si l'occupation est économique."
        raise occupation.faute("type", message)
    return code


def _lire_fait(occupation: Objet, nom: str, code: str) -> bool:
    """Stated fact, else what the type presumes; an error when the type presumes nothing."""
    fait = occupation.booleen_facultatif(nom)
    if fait is not None:
        return fait
    presume = TYPES[code].emprise if nom == "emprise" else TYPES[code].economique
    if presume == A_PRECISER:
        raise occupation.faute(nom, f"Le type {code} ne suffit pas : répondez par true ou false.")
    return presume == OUI


def lire_attribution(objet: Objet) -> Attribution:
    """How the title is given out; the urgency is limited to twelve months, economic or not."""
    attribution = Attribution(
        objet.choix("initiative", table.INITIATIVES, table.INITIATIVES[0]),
        objet.booleen("courte_duree"),
        objet.booleen("nombre_illimite"),
        objet.choix_facultatif("exception", tuple(table.DISPENSES)),
    )
    if attribution.exception == table.URGENCE:
        objet.nombre("duree_mois", strict=True, maximum=table.URGENCE_MOIS_MAX)
    return attribution


def determiner(situation: Situation, attribution: Attribution) -> NatureActe:
    """Acts, beneficiary of the fee, publicity and linked procedures."""
    ligne = next(ligne for ligne in table.ACTES if ligne.condition(situation))
    actes = []
    profit = None
    if ligne.acte is not None:
        titre = _titre(ligne, situation)
        actes.append(titre)
        if ligne.autorite == table.AUTORITE_EXECUTIF:
            profit = situation.gestionnaire
        else:
            profit = table.COLLECTIVITES[titre.autorite]
    mesure = situation.modifie_circulation or situation.type == table.CIRC
    if mesure and situation.domaine != table.NON_ROUTIER:
        actes.append(_arrete_circulation(situation))
    demarches = tuple(ligne.demarche for ligne in table.DEMARCHES_LIEES if ligne.type == situation.type)
    return NatureActe(tuple(actes), profit, publicite(situation, attribution), demarches)


def autorite_de_police(situation: Situation) -> str:
    """Authority that polices the traffic of the road."""
    return next(ligne.autorite for ligne in table.POLICE if ligne.condition(situation))


def _executif(situation: Situation) -> str:
    if situation.gestionnaire is None:
        raise ValueError("a private way has no manager")
    return table.EXECUTIFS[situation.gestionnaire]


def _titre(ligne: table.LigneActe, situation: Situation) -> Acte:
    police = autorite_de_police(situation)
    if ligne.autorite == table.AUTORITE_EXECUTIF:
        autorite = _executif(situation)
    elif ligne.autorite == table.AUTORITE_POLICE:
        autorite = police
    else:
        autorite = ligne.autorite
    fondement = ligne.fondement or _fondement(table.FONDEMENTS_STATIONNEMENT, autorite, situation)
    avis: tuple[str, ...] = ()
    maire_a_entendre = situation.en_agglomeration and autorite != table.MAIRE
    if ligne.avis == table.AVIS_MAIRE and maire_a_entendre:
        avis = (table.AVIS_MAIRE,)
    elif ligne.avis == table.AVIS_GESTIONNAIRE and _executif(situation) != autorite:
        avis = (table.AVIS_GESTIONNAIRE,)
    return Acte(str(ligne.acte), autorite, fondement, avis, ligne.libelle)


def _fondement(fondements: Mapping[str, str], autorite: str, situation: Situation) -> str:
    if situation.departementale_hors_agglomeration and autorite in table.FONDEMENT_DEPARTEMENTALE:
        return table.FONDEMENT_DEPARTEMENTALE[autorite]
    return fondements[autorite]


def _arrete_circulation(situation: Situation) -> Acte:
    autorite = autorite_de_police(situation)
    fondement = _fondement(table.FONDEMENTS_CIRCULATION, autorite, situation)
    prefet = situation.grande_circulation and autorite != table.PREFET
    avis = (table.AVIS_PREFET,) if prefet else ()
    return Acte("arrete_circulation", autorite, fondement, avis, "Arrêté de circulation")


def publicite(situation: Situation, attribution: Attribution) -> Publicite:
    """Publicity due before an economic title on the public domain (CG3P L2122-1-1 to L2122-1-4)."""
    if not situation.economique or situation.domaine in (table.RURAL, table.PRIVEE):
        return Publicite(table.REGIME_AUCUNE, None)
    if attribution.exception is not None:
        dispense = table.DISPENSES[attribution.exception]
        return Publicite(table.REGIME_AUCUNE, dispense.fondement, dispense.motivation_publiee)
    if attribution.courte_duree or attribution.nombre_illimite:
        regime = table.REGIME_SIMPLE
    elif attribution.initiative == "demande":
        regime = table.REGIME_MANIFESTATION
    else:
        regime = table.REGIME_SELECTION
    return Publicite(regime, table.FONDEMENTS_PUBLICITE[regime])
