"""Conclusion on an existing non-collective installation, with every cause and the row that decided.

Source: arrêté du 27 avril 2012, art. 4 and annexe II.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from assainissement.regles.lecture import Objet
from assainissement.regles.tables import anc
from assainissement.regles.tables.anc import Constat, RegleClassement
from assainissement.regles.tables.parametres import entier, parametre

CHAMPS = (
    "nature",
    "elements_probants",
    *anc.CODES_FAITS,
    "nb_plaintes_tiers",
    "distance_puits_m",
    "capacite_eh",
    "charge_eh",
    "vente",
)


@dataclass(frozen=True)
class Classement:
    """Conclusion of a control: deciding row, causes, remarks, delays in years."""

    regle: RegleClassement
    motifs: tuple[str, ...]
    notes: tuple[str, ...]
    travaux_obligatoires: bool
    delai_travaux_annees: int | None
    delai_vente_annees: int | None
    zone_sanitaire: bool
    zone_environnementale: bool
    points_non_verifies: tuple[str, ...]
    explication: tuple[str, ...]

    def en_json(self) -> dict[str, Any]:
        """JSON form of the contract."""
        return {
            "conclusion": self.regle.conclusion,
            "regle": self.regle.code,
            "cas": self.regle.cas,
            "conforme_reglementaire": self.regle.conforme_reglementaire,
            "conforme_p301": self.regle.conforme_p301,
            "mise_en_demeure": self.regle.code == anc.ABSENCE,
            "travaux_obligatoires": self.travaux_obligatoires,
            "delai_travaux_annees": self.delai_travaux_annees,
            "delai_vente_annees": self.delai_vente_annees,
            "motifs": list(self.motifs),
            "notes": list(self.notes),
            "points_non_verifies": list(self.points_non_verifies),
            "zones": {"sanitaire": self.zone_sanitaire, "environnementale": self.zone_environnementale},
            "explication": list(self.explication),
        }


def classer_anc(cas: Any) -> dict[str, Any]:
    """Answer of one case of the command; ``ErreurSaisie`` on the first fault met."""
    return classer(lire_constat(Objet.ouvrir(cas, "", CHAMPS))).en_json()


def lire_constat(objet: Objet) -> Constat:
    """Facts of the visit; a fact absent is false, a fact null is false and not verified."""
    nature = objet.choix("nature", anc.NATURES, anc.NATURE_PAR_DEFAUT)
    elements_probants = objet.booleen_exige("elements_probants")
    faits = frozenset(code for code in anc.CODES_FAITS if objet.booleen(code))
    non_verifies = tuple(
        code for code in anc.CODES_FAITS if code in objet.valeurs and objet.valeurs[code] is None
    )
    plaintes = objet.entier("nb_plaintes_tiers", 0, maximum=anc.PLAINTES_MAX)
    distance = objet.decimal_facultatif("distance_puits_m")
    capacite = objet.decimal_facultatif("capacite_eh")
    charge = objet.decimal_facultatif("charge_eh", strict=True)
    vente = objet.booleen("vente", nature == anc.NATURE_VENTE)
    limite = parametre("ANC_PUITS")
    if "puits_35m_amont" in faits and distance is not None and distance >= limite:
        message = f"Le puits est dit à moins de {limite} m : corrigez la distance ou la réponse."
        raise objet.faute("distance_puits_m", message)
    if capacite is not None and charge is None:
        raise objet.faute("charge_eh", "La capacité est donnée : donnez aussi la charge.")
    if charge is not None and capacite is None:
        raise objet.faute("capacite_eh", "La charge est donnée : donnez aussi la capacité.")
    return Constat(elements_probants, faits, non_verifies, plaintes, capacite, charge, vente)


def classer(constat: Constat) -> Classement:
    """First row of the table that holds, and what follows from it."""
    regle = next(regle for regle in anc.REGLES.values() if regle.condition(constat))
    absence = regle.code == anc.ABSENCE
    motifs = () if absence else tuple(cause for cause in anc.MOTIFS if cause.condition(constat))
    notes = () if absence else tuple(cause for cause in anc.NOTES if cause.condition(constat))
    travaux = regle.travaux == anc.OUI or (regle.travaux == anc.SI_VENTE and constat.vente)
    delai_travaux = entier("ANC_DELAI_TRAVAUX_AB") if regle.cas in (anc.CAS_A, anc.CAS_B) else None
    delai_vente = entier("ANC_DELAI_VENTE") if regle.cas is not None else None
    explication = [cause.libelle for cause in (*motifs, *notes)]
    explication.append(f"Règle {regle.code} : {regle.libelle} ({regle.article})")
    if delai_travaux is not None:
        explication.append(f"Travaux dans les {delai_travaux} ans de la notification du rapport.")
    if delai_vente is not None:
        explication.append(f"En cas de vente, travaux au plus tard {delai_vente} an après l'acte.")
    if constat.non_verifies and not absence:
        mots = [fait.libelle for fait in anc.FAITS if fait.code in constat.non_verifies]
        explication.append(f"Points non vérifiés, comptés absents : {', '.join(mots)}.")
    return Classement(
        regle=regle,
        motifs=(anc.MOTIF_ABSENCE,) if absence else tuple(cause.code for cause in motifs),
        notes=tuple(cause.code for cause in notes),
        travaux_obligatoires=travaux,
        delai_travaux_annees=delai_travaux,
        delai_vente_annees=delai_vente,
        zone_sanitaire=constat.vrai("zone_sanitaire"),
        zone_environnementale=constat.vrai("zone_environnementale"),
        points_non_verifies=() if absence else constat.non_verifies,
        explication=tuple(explication),
    )
