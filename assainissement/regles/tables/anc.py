"""Existing non-collective installations: facts of the visit, table of conclusions, motives and notes.

Source: arrêté du 27 avril 2012, art. 4 and annexes I and II.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from assainissement.regles.tables.parametres import parametre

NATURES = ("diagnostic_initial", "periodique", "exceptionnel", "vente", "contre_visite")
NATURE_PAR_DEFAUT, NATURE_VENTE = "periodique", "vente"


@dataclass(frozen=True)
class FaitControle:
    """A fact that the visit establishes: ``groupe`` is the screen of the form that asks for it."""

    code: str
    groupe: str
    libelle: str


FAITS = tuple(
    FaitControle(*ligne)
    for ligne in (
        ("contact_eaux_usees", "securite_sanitaire", "contact possible avec des eaux usées ou prétraitées"),
        ("contact_eaux_traitees", "securite_sanitaire", "contact possible avec des eaux traitées"),
        ("zone_lutte_moustique", "securite_sanitaire", "zone de lutte contre les moustiques"),
        ("proliferation_insectes", "securite_sanitaire", "prolifération d'insectes"),
        ("odeur_jour", "securite_sanitaire", "odeur constatée le jour du contrôle"),
        ("defaut_structure", "structure", "défaut de structure ou de fermeture"),
        ("couvercle_non_securise", "structure", "couvercle non sécurisé"),
        ("electrique_defectueux", "structure", "dispositif électrique défectueux"),
        ("puits_35m_amont", "puits", "puits à moins de 35 m, en contrebas"),
        ("puits_declare", "puits", "puits déclaré"),
        ("puits_aep", "puits", "puits servant à l'eau potable"),
        ("batiment_non_raccordable_aep", "puits", "immeuble non raccordable au réseau d'eau potable"),
        ("incomplete", "filiere", "installation incomplète"),
        ("sous_dimensionnement_constate", "filiere", "sous-dimensionnement constaté"),
        ("dysfonctionnement_majeur", "filiere", "dysfonctionnement majeur"),
        ("zone_sanitaire", "zones", "zone à enjeu sanitaire"),
        ("zone_environnementale", "zones", "zone à enjeu environnemental"),
        ("preuve_impact", "zones", "preuve d'un impact sur le milieu"),
        ("defaut_entretien", "entretien", "défaut d'entretien"),
        ("usure", "entretien", "usure d'un élément"),
    )
)
CODES_FAITS = tuple(fait.code for fait in FAITS)
PLAINTES_MAX = 9999


@dataclass(frozen=True)
class Constat:
    """What the visit found: true facts, facts not verified, complaints, capacity and load in EH."""

    elements_probants: bool
    faits: frozenset[str]
    non_verifies: tuple[str, ...] = ()
    nb_plaintes_tiers: int = 0
    capacite_eh: Decimal | None = None
    charge_eh: Decimal | None = None
    vente: bool = False

    def vrai(self, *codes: str) -> bool:
        """Whether all these facts are true."""
        return self.faits.issuperset(codes)

    @property
    def rapport_insuffisant(self) -> bool:
        """Capacity at most half of the load."""
        if self.capacite_eh is None or self.charge_eh is None:
            return False
        return Fraction(self.capacite_eh) <= Fraction(parametre("ANC_RAPPORT_CAPACITE")) * Fraction(
            self.charge_eh
        )

    @property
    def sous_dimensionnee(self) -> bool:
        """Significant under-sizing."""
        return self.vrai("sous_dimensionnement_constate") or self.rapport_insuffisant

    @property
    def puits(self) -> bool:
        """A declared well that is drunk from, near and downhill, where no other water can come."""
        return self.vrai("puits_35m_amont", "puits_declare", "puits_aep", "batiment_non_raccordable_aep")

    @property
    def defaut_de_filiere(self) -> bool:
        """One of the three defects that a zone makes worse."""
        return self.vrai("incomplete") or self.sous_dimensionnee or self.vrai("dysfonctionnement_majeur")

    @property
    def vecteurs(self) -> bool:
        """Insects where they are fought."""
        return self.vrai("zone_lutte_moustique", "proliferation_insectes")

    @property
    def odeur(self) -> bool:
        """Smell on the day, or a neighbour's complaint."""
        return self.vrai("odeur_jour") or self.nb_plaintes_tiers >= 1

    @property
    def danger(self) -> bool:
        """Lack of sanitary safety, defect of structure or of closure, or the well."""
        return (
            self.vrai("contact_eaux_usees")
            or self.vecteurs
            or self.odeur
            or self.vrai("defaut_structure")
            or self.vrai("couvercle_non_securise")
            or self.vrai("electrique_defectueux")
            or self.puits
        )


Condition = Callable[[Constat], bool]

CAS_A, CAS_B, CAS_C = "a", "b", "c"
OUI, NON, SI_VENTE = "oui", "non", "si_vente"


@dataclass(frozen=True)
class RegleClassement:
    """One row of the table of conclusions; the first whose condition holds decides.

    ``conforme_p301``: case c counts as conforming in the national indicator, on purpose.
    ``travaux``: oui, non, si_vente.
    """

    code: str
    condition: Condition
    conclusion: str
    cas: str | None
    conforme_reglementaire: bool
    conforme_p301: bool
    travaux: str
    libelle: str
    article: str


_ART_4, _ANNEXE_II = "arrêté du 27/04/2012, art. 4", "arrêté du 27/04/2012, annexe II"
_DANGER, _RISQUE = "non_conforme_danger_sante", "non_conforme_risque_environnemental"

REGLES = {
    regle.code: regle
    for regle in (
        RegleClassement("R0", lambda c: not c.elements_probants, "absence", None, False, False, OUI,
                        "Aucun élément probant : absence d'installation.", _ART_4),
        RegleClassement("R1", lambda c: c.danger, _DANGER, CAS_A, False, False, OUI,
                        "Danger pour la santé des personnes.", _ANNEXE_II),
        RegleClassement("R2", lambda c: c.defaut_de_filiere and c.vrai("zone_sanitaire"), _DANGER, CAS_A,
                        False, False, OUI, "Défaut de la filière en zone à enjeu sanitaire.", _ANNEXE_II),
        RegleClassement("R3",
                        lambda c: c.defaut_de_filiere and c.vrai("zone_environnementale", "preuve_impact"),
                        _RISQUE, CAS_B, False, False, OUI,
                        "Défaut de la filière en zone à enjeu environnemental, impact prouvé.", _ANNEXE_II),
        RegleClassement("R4", lambda c: c.defaut_de_filiere, "non_conforme", CAS_C, False, True, SI_VENTE,
                        "Défaut de la filière, sans danger ni risque avéré.", _ANNEXE_II),
        RegleClassement("R5", lambda c: c.vrai("defaut_entretien") or c.vrai("usure"), "recommandations",
                        None, True, True, NON, "Défaut d'entretien ou usure.", _ANNEXE_II),
        RegleClassement("R6", lambda c: True, "absence_de_defaut", None, True, True, NON, "Aucun défaut.",
                        _ANNEXE_II),
    )
}  # fmt: skip
CODES_REGLES = tuple(REGLES)
REGLES_DANGER = tuple(code for code, regle in REGLES.items() if regle.cas in (CAS_A, CAS_B))
# Rules after which an installation counts as conforming: the national indicator, and the law.
REGLES_P301 = tuple(code for code, regle in REGLES.items() if regle.conforme_p301)
REGLES_CONFORMES = tuple(code for code, regle in REGLES.items() if regle.conforme_reglementaire)
ABSENCE, NON_CONFORME = "R0", "R4"


@dataclass(frozen=True)
class Cause:
    """A motive or a note: its code, when it holds, what it says."""

    code: str
    condition: Condition
    libelle: str


MOTIF_ABSENCE = "absence"
MOTIFS = (
    Cause(
        "contact_eaux_usees", lambda c: c.vrai("contact_eaux_usees"), "Contact possible avec des eaux usées."
    ),
    Cause(
        "vecteurs", lambda c: c.vecteurs, "Prolifération d'insectes en zone de lutte contre les moustiques."
    ),
    Cause("odeur", lambda c: c.odeur, "Odeur constatée ou plainte d'un voisin."),
    Cause("structure", lambda c: c.vrai("defaut_structure"), "Défaut de structure."),
    Cause("couvercle", lambda c: c.vrai("couvercle_non_securise"), "Couvercle non sécurisé."),
    Cause("electrique", lambda c: c.vrai("electrique_defectueux"), "Dispositif électrique défectueux."),
    Cause("puits", lambda c: c.puits, "Puits d'eau potable déclaré à moins de 35 m."),
    Cause("incomplete", lambda c: c.vrai("incomplete"), "Installation incomplète."),
    Cause("sous_dimensionnee", lambda c: c.sous_dimensionnee, "Sous-dimensionnement significatif."),
    Cause(
        "dysfonctionnement_majeur", lambda c: c.vrai("dysfonctionnement_majeur"), "Dysfonctionnement majeur."
    ),
    Cause("entretien", lambda c: c.vrai("defaut_entretien"), "Défaut d'entretien."),
    Cause("usure", lambda c: c.vrai("usure"), "Usure d'un élément."),
)


def _capacite_seulement_inferieure(c: Constat) -> bool:
    if c.capacite_eh is None or c.charge_eh is None:
        return False
    return c.capacite_eh < c.charge_eh and not c.sous_dimensionnee


NOTES = (
    Cause("moustiques_hors_zone", lambda c: c.vrai("proliferation_insectes") and not c.vecteurs,
          "Prolifération d'insectes hors d'une zone de lutte : elle ne compte pas."),
    Cause("contact_eaux_traitees", lambda c: c.vrai("contact_eaux_traitees"),
          "Contact possible avec des eaux traitées : il ne compte pas."),
    Cause("puits_interdit_consommation",
          lambda c: c.vrai("puits_35m_amont", "puits_aep") and not c.vrai("batiment_non_raccordable_aep"),
          "Puits à moins de 35 m dont l'eau ne doit plus être bue : l'immeuble peut être raccordé."),
    Cause("puits_non_declare",
          lambda c: c.vrai("puits_35m_amont", "puits_aep", "batiment_non_raccordable_aep")
          and not c.vrai("puits_declare"),
          "Puits d'eau potable à moins de 35 m non déclaré : il est à déclarer."),
    Cause("impact_non_prouve",
          lambda c: c.vrai("zone_environnementale") and not c.vrai("preuve_impact") and c.defaut_de_filiere,
          "Zone à enjeu environnemental sans preuve d'impact : risque non retenu."),
    Cause("sous_dimensionnement_non_significatif", _capacite_seulement_inferieure,
          "Capacité inférieure à la charge, mais de plus de la moitié : écart non significatif."),
    Cause("double_zone", lambda c: c.vrai("zone_sanitaire", "zone_environnementale"),
          "Zone à enjeu sanitaire et zone à enjeu environnemental à la fois."),
)  # fmt: skip
