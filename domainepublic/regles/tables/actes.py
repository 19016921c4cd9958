"""Manager of a road, police of its traffic, act that allows an occupation, publicity that precedes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

COMMUNE, EPCI, DEPARTEMENT, ETAT = "commune", "epci", "departement", "etat"
MAIRE, PRESIDENT_EPCI, PRESIDENT_DEPARTEMENT, PREFET = (
    "maire", "president_epci", "president_departement", "prefet",
)  # fmt: skip

EXECUTIFS = {COMMUNE: MAIRE, EPCI: PRESIDENT_EPCI, DEPARTEMENT: PRESIDENT_DEPARTEMENT, ETAT: PREFET}
COLLECTIVITES = {executif: collectivite for collectivite, executif in EXECUTIFS.items()}

COMMUNALE, DEPARTEMENTALE, NATIONALE, AUTOROUTE, RURAL, NON_ROUTIER, PRIVEE = (
    "voie_communale", "route_departementale", "route_nationale", "autoroute", "chemin_rural",
    "domaine_public_non_routier", "voie_privee_ouverte",
)  # fmt: skip

# A private way open to traffic has no manager of ours: its owner consents.
GESTIONNAIRES: dict[str, str | None] = {
    COMMUNALE: COMMUNE,
    DEPARTEMENTALE: DEPARTEMENT,
    NATIONALE: ETAT,
    AUTOROUTE: ETAT,
    RURAL: COMMUNE,
    NON_ROUTIER: COMMUNE,
    PRIVEE: None,
}
DOMAINES = tuple(GESTIONNAIRES)
# Being inside a built-up area may be left unsaid there: it never decides the authority.
AGGLOMERATION_FACULTATIVE = (NON_ROUTIER, AUTOROUTE)

CIRC, SANS_TITRE = "CIRC", "SANS"
OCCUPANTS = ("ordinaire", "electricite", "gaz", "hydrocarbures", "telecom", "eau_assainissement")


@dataclass(frozen=True)
class Situation:
    """Facts that decide the act: the road, its police, the occupation."""

    domaine: str
    gestionnaire: str | None
    en_agglomeration: bool
    grande_circulation: bool
    police_transferee: bool
    type: str
    emprise: bool
    occupant: str
    modifie_circulation: bool
    economique: bool

    @property
    def departementale_hors_agglomeration(self) -> bool:
        """The one place where the département polices the traffic."""
        return self.domaine == DEPARTEMENTALE and not self.en_agglomeration


@dataclass(frozen=True)
class LignePolice:
    """One row of the traffic-police table: the first whose condition holds names the authority."""

    libelle: str
    condition: Callable[[Situation], bool]
    autorite: str
    texte_reference: str


POLICE = (
    LignePolice("autoroute", lambda s: s.domaine == AUTOROUTE, PREFET, "C. route R411-9"),
    LignePolice("agglomération, police transférée", lambda s: s.en_agglomeration and s.police_transferee,
                PRESIDENT_EPCI, "CGCT L5211-9-2"),
    LignePolice("agglomération", lambda s: s.en_agglomeration, MAIRE, "CGCT L2213-1"),
    LignePolice("départementale d'un EPCI hors agglomération",
                lambda s: s.domaine == DEPARTEMENTALE and s.gestionnaire == EPCI, PRESIDENT_EPCI,
                "CGCT L3221-4"),
    LignePolice("départementale hors agglomération", lambda s: s.domaine == DEPARTEMENTALE,
                PRESIDENT_DEPARTEMENT, "CGCT L3221-4"),
    LignePolice("nationale hors agglomération", lambda s: s.domaine == NATIONALE, PREFET, "C. route R411-8"),
    LignePolice("autre voie hors agglomération, police transférée", lambda s: s.police_transferee,
                PRESIDENT_EPCI, "CGCT L5211-9-2"),
    LignePolice("autre voie hors agglomération", lambda s: True, MAIRE, "CGCT L2213-1"),
)  # fmt: skip

# Basis of the permis de stationnement and of the traffic order, by authority; the second pair of
# tables holds on a route départementale outside a built-up area.
FONDEMENTS_STATIONNEMENT = {
    MAIRE: "CGCT L2213-6",
    PRESIDENT_EPCI: "CGCT L2213-6",
    PRESIDENT_DEPARTEMENT: "CGCT L3221-4",
    PREFET: "CVR L113-2",
}
FONDEMENTS_CIRCULATION = {
    MAIRE: "CGCT L2213-1",
    PRESIDENT_EPCI: "CGCT L5211-9-2",
    PRESIDENT_DEPARTEMENT: "CGCT L3221-4",
    PREFET: "C. route R411-8",
}
FONDEMENT_DEPARTEMENTALE = {PRESIDENT_EPCI: "CGCT L3221-4"}

AUTORITE_EXECUTIF, AUTORITE_POLICE = "executif", "police"
AVIS_MAIRE, AVIS_GESTIONNAIRE, AVIS_PREFET = "maire", "gestionnaire_voie", "prefet"


@dataclass(frozen=True)
class LigneActe:
    """One row of the table of acts; the first whose condition holds decides.

    ``autorite``: a named executive, ``executif`` (that of the manager) or ``police`` (of the traffic).
    ``fondement`` None: by authority. ``avis`` is asked when the rule of that advice holds.
    """

    rang: int
    condition: Callable[[Situation], bool]
    acte: str | None
    libelle: str
    autorite: str = ""
    fondement: str | None = None
    avis: str | None = None


OCCUPANTS_DE_DROIT = ("electricite", "gaz", "hydrocarbures")
ACTES = (
    LigneActe(0, lambda s: s.type == CIRC, None, "Mesure de circulation seule"),
    LigneActe(1, lambda s: s.domaine == RURAL, "autorisation_chemin_rural",
              "Autorisation d'occupation d'un chemin rural", MAIRE, "CRPM D161-15"),
    LigneActe(2, lambda s: s.domaine == NON_ROUTIER, "aot", "Autorisation d'occupation temporaire",
              AUTORITE_EXECUTIF, "CG3P L2122-1"),
    LigneActe(3, lambda s: s.domaine == PRIVEE, None, "Voie privée : le propriétaire consent"),
    LigneActe(4, lambda s: s.emprise and s.occupant in OCCUPANTS_DE_DROIT, "accord_de_voirie",
              "Accord technique de voirie", AUTORITE_EXECUTIF, "CVR L113-3", AVIS_MAIRE),
    LigneActe(5, lambda s: s.emprise and s.occupant == "telecom", "permission_de_voirie",
              "Permission de voirie d'un opérateur de communications", AUTORITE_EXECUTIF, "CPCE L47",
              AVIS_MAIRE),
    LigneActe(6, lambda s: s.emprise, "permission_de_voirie", "Permission de voirie", AUTORITE_EXECUTIF,
              "CVR L113-2", AVIS_MAIRE),
    LigneActe(7, lambda s: True, "permis_de_stationnement", "Permis de stationnement", AUTORITE_POLICE, None,
              AVIS_GESTIONNAIRE),
)  # fmt: skip


@dataclass(frozen=True)
class DispensePublicite:
    """A stated case in which no publicity is due before an economic title."""

    code: str
    fondement: str
    libelle: str
    motivation_publiee: bool


DISPENSES = {
    ligne.code: ligne
    for ligne in (
        DispensePublicite("L2122-1-2_1", "CG3P L2122-1-2 1°", "titre né d'une procédure déjà concurrentielle",
                          False),
        DispensePublicite("L2122-1-2_2", "CG3P L2122-1-2 2°", "titre conféré par un contrat déjà concurrencé",
                          False),
        DispensePublicite("L2122-1-2_3", "CG3P L2122-1-2 3°", "urgence, un an au plus",
                          False),
        DispensePublicite("L2122-1-2_4", "CG3P L2122-1-2 4°", "prolongation d'une autorisation existante",
                          False),
        DispensePublicite("L2122-1-3_1", "CG3P L2122-1-3 1°", "une seule personne peut occuper",
                          True),
        DispensePublicite("L2122-1-3_2", "CG3P L2122-1-3 2°", "personne sous la surveillance du gestionnaire",
                          True),
        DispensePublicite("L2122-1-3_3", "CG3P L2122-1-3 3°", "première sélection infructueuse",
                          True),
        DispensePublicite("L2122-1-3_4", "CG3P L2122-1-3 4°", "caractéristiques particulières du lieu",
                          True),
        DispensePublicite("L2122-1-3_5", "CG3P L2122-1-3 5°", "exercice de l'autorité publique ou sécurité",
                          True),
    )
}  # fmt: skip
URGENCE = "L2122-1-2_3"
URGENCE_MOIS_MAX = Decimal(12)
INITIATIVES = ("demande", "collectivite")
DUREE_PUBLICITE_JOURS = 15  # default of a parameter
REGIME_AUCUNE, REGIME_SIMPLE, REGIME_MANIFESTATION, REGIME_SELECTION = (
    "aucune", "publicite_simple", "manifestation_interet", "selection",
)  # fmt: skip
FONDEMENTS_PUBLICITE = {
    REGIME_SIMPLE: "CG3P L2122-1-1",
    REGIME_MANIFESTATION: "CG3P L2122-1-4",
    REGIME_SELECTION: "CG3P L2122-1-1",
}


@dataclass(frozen=True)
class DemarcheLiee:
    """Another procedure that the same project needs."""

    type: str
    demarche: str
    texte_reference: str


DEMARCHES_LIEES = (
    DemarcheLiee("ENSEI", "autorisation_enseigne", "C. env. L581-18"),
    DemarcheLiee("TERR_F", "autorisation_urbanisme", "C. urb. L421-1"),
    DemarcheLiee("RESEAU", "dt_dict", "C. env. R554-1"),
)
