"""Words, thresholds and tariffs fixed by law for the price of an occupation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BENEFICIAIRES = ("particulier", "entreprise", "association", "collectivite")
STANDARD, RODP_ELECTRICITE, RODP_GAZ, RODP_TELECOM, TLPE = (
    "standard", "rodp_electricite", "rodp_gaz", "rodp_telecom", "tlpe_enseigne",
)  # fmt: skip
CALCULS = (STANDARD, RODP_ELECTRICITE, RODP_GAZ, RODP_TELECOM, TLPE)
UNITES = ("m2", "ml", "unite", "place", "emplacement", "forfait")
UNITES_ECRITES = {"m2": "m²", "ml": "m", "unite": "unité"}
AU_PLURIEL = ("unite", "place", "emplacement", "forfait")
PERIODES = ("demi_journee", "jour", "semaine", "mois_commence", "mois_30", "an", "operation", "forfait")
PERIODES_A_TRANCHES = ("jour", "semaine", "mois_commence", "mois_30")
PRORATAS = ("aucun", "mois_commence", "jour")
ARRONDIS_QUANTITE = ("aucun", "unite_superieure", "demi_superieur")
FRANCHISES = ("deduite", "seuil")
FORFAIT_MODES = ("plus_petit_couvrant", "moins_cher")
FORFAIT_BASES = ("fixe", "par_unite")
TRANCHE_MODES = ("globale", "marginale")
ZONE_MODES = ("repartition", "zone_centroide", "plus_chere")
ARRONDIS_FINAUX = ("centime", "euro")
DEMI_JOURNEES = ("matin", "apres_midi")
JOURS_DU_BLOC = {"semaine": 7, "mois_30": 30}


@dataclass(frozen=True)
class Gratuite:
    """One motive for which the title may be free; None = no condition on that fact."""

    motif: str
    libelle: str
    texte_reference: str
    beneficiaire: str | None = None
    type_occupation: str | None = None
    taux_libre: bool = False


_L2125_1 = "CG3P L2125-1"
_L2125_1_1 = "CG3P L2125-1-1"
GRATUITES = {
    ligne.motif: ligne
    for ligne in (
        Gratuite("service_gratuit", "service public gratuit pour tous", _L2125_1),
        Gratuite("conservation_domaine", "conservation du domaine lui-même", _L2125_1),
        Gratuite("securite_etat", "sécurité ou ordre public confiés à l'État", _L2125_1),
        Gratuite("transport_ferroviaire", "infrastructures de transport ferroviaire", _L2125_1),
        Gratuite("peche", "pêche", _L2125_1),
        Gratuite("marche_public", "exécution d'un marché public", _L2125_1_1),
        Gratuite("association_interet_general", "association d'intérêt général à but non lucratif", _L2125_1,
                 beneficiaire="association"),
        Gratuite("vegetalisation", "végétalisation de l'espace public", _L2125_1, type_occupation="VEGET"),
        Gratuite("deliberation", "délibération de la collectivité", "délibération", taux_libre=True),
    )
}  # fmt: skip

MOTIFS_RETRAIT = ("interet_general", "inexecution", "renonciation")  # CG3P L2125-6 for the first

# Claims below are not put into recovery (CGCT D1611-1).
SEUIL_RECOUVREMENT = Decimal("15.00")


@dataclass(frozen=True)
class TrancheElectricite:
    """Ceiling in euros up to ``population_max`` included: ``pente`` × population + ``constante``."""

    population_max: int | None
    pente: Decimal
    constante: Decimal
    texte_reference: str = "CGCT R2333-105"
    valide_du: date = date(2002, 3, 27)
    valide_au: date | None = None


RODP_ELECTRICITE_TRANCHES = (
    TrancheElectricite(2_000, Decimal(0), Decimal(153)),
    TrancheElectricite(5_000, Decimal("0.183"), Decimal(-213)),
    TrancheElectricite(20_000, Decimal("0.381"), Decimal(-1_204)),
    TrancheElectricite(100_000, Decimal("0.534"), Decimal(-4_253)),
    TrancheElectricite(None, Decimal("0.686"), Decimal(-19_498)),
)
# (0.035 L + 100) × coefficient, L in metres (CGCT R2333-114).
RODP_GAZ_PAR_METRE, RODP_GAZ_FIXE = Decimal("0.035"), Decimal(100)
# Euros by km underground, by km otherwise, by m² on the ground, before coefficient (CPCE R20-52).
RODP_TELECOM_SOUTERRAIN, RODP_TELECOM_AERIEN, RODP_TELECOM_SOL = Decimal(30), Decimal(40), Decimal(20)


@dataclass(frozen=True)
class BandeTlpe:
    """Area in m² up to which, bound included, the whole area pays ``multiple`` × T."""

    superficie_max: int | None
    multiple: Decimal
    texte_reference: str = "CIBS L454-39 et suivants"


TLPE_EXONERATION = 7  # m²: 0 unless deliberated otherwise
TLPE_REDUCTION = 20  # m²: up to it the second band may be halved by deliberation
TLPE_BANDES = (
    BandeTlpe(12, Decimal(1)),
    BandeTlpe(50, Decimal(2)),
    BandeTlpe(None, Decimal(4)),
)
