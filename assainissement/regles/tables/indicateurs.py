"""Indicators of the yearly report (arrêté du 02/05/2007): what is computed, what is typed."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

ANC, AC = "anc", "ac"
SERVICES = {ANC: "Assainissement non collectif", AC: "Assainissement collectif"}
CALCULE, SAISI = "calcule", "saisi"


@dataclass(frozen=True)
class Indicateur:
    """One figure of the annex. ``code`` empty of the national list: none. ``bornes``: what may be typed."""

    code: str
    libelle: str
    unite: str
    service: str
    origine: str = SAISI
    bornes: tuple[Decimal, Decimal] = (Decimal(0), Decimal(100))
    decimales: int = 1


def _saisi(
    code: str, libelle: str, unite: str, service: str, maximum: int = 100, decimales: int = 1
) -> Indicateur:
    return Indicateur(
        code, libelle, unite, service, SAISI, (Decimal(0), Decimal(maximum)), decimales=decimales
    )


P301, CONFORMITE, D302, P253 = "P301.3", "CONF-REGL", "D302.0", "P253.2"
INDICATEURS = {
    i.code: i
    for i in (
        _saisi("D301.0", "Habitants desservis par le service d'assainissement non collectif", "habitants",
               ANC, 10_000_000, 0),
        Indicateur(D302, "Mise en œuvre de l'assainissement non collectif", "points", ANC, CALCULE,
                   (Decimal(0), Decimal(140)), 0),
        Indicateur(P301, "Conformité des dispositifs d'assainissement non collectif", "%", ANC, CALCULE),
        Indicateur(CONFORMITE, "Installations sans défaut ou avec de simples recommandations", "%", ANC,
                   CALCULE),
        _saisi("D201.0", "Habitants desservis par le réseau de collecte", "habitants", AC, 10_000_000, 0),
        _saisi("D202.0", "Autorisations de déversement d'effluents industriels", "autorisations", AC,
               100_000, 0),
        _saisi("D203.0", "Boues issues des ouvrages d'épuration", "tonnes de matière sèche", AC, 1_000_000,
               1),
        _saisi("D204.0", "Prix du service au m³ pour 120 m³", "€ TTC", AC, 100, 2),
        _saisi("P201.1", "Desserte par les réseaux de collecte", "%", AC),
        _saisi("P202.2B", "Connaissance et gestion patrimoniale des réseaux", "points", AC, 120, 0),
        _saisi("P203.3", "Conformité de la collecte", "%", AC),
        _saisi("P204.3", "Conformité des équipements d'épuration", "%", AC),
        _saisi("P205.3", "Conformité de la performance des ouvrages d'épuration", "%", AC),
        _saisi("P206.3", "Boues évacuées selon des filières conformes", "%", AC),
        _saisi("P207.0", "Abandons de créances et versements de solidarité", "€/m³", AC, 100, 4),
        _saisi("P251.1", "Débordements dans les locaux des usagers", "pour 1 000 abonnés", AC, 1000, 2),
        _saisi("P252.2", "Points noirs du réseau", "pour 100 km", AC, 10_000, 2),
        Indicateur(P253, "Renouvellement moyen des réseaux de collecte", "%", AC, CALCULE,
                   decimales=2),
        _saisi("P254.3", "Conformité des performances au titre de la police de l'eau", "%", AC),
        _saisi("P255.3", "Connaissance des rejets au milieu naturel", "points", AC, 120, 0),
        _saisi("P256.2", "Durée d'extinction de la dette", "années", AC, 1000, 1),
        _saisi("P257.0", "Impayés sur les factures d'eau de l'année précédente", "%", AC, 100, 2),
        _saisi("P258.1", "Réclamations", "pour 1 000 abonnés", AC, 1000, 2),
    )
}  # fmt: skip
# What D302.0 and P253.2 are made of: typed each year, under codes of our own.
QUESTIONS = {
    "zonage": "Zonage d'assainissement délimité par délibération",
    "reglement": "Règlement de service en application",
    "rapports_conception_execution": "Rapports de conception et d'exécution délivrés",
    "rapports_visite": "Rapports de visite des installations existantes délivrés",
    "entretien": "Le service assure l'entretien",
    "travaux_rehabilitation": "Le service assure les travaux de réhabilitation",
    "traitement_matieres_vidange": "Le service assure le traitement des matières de vidange",
}
RENOUVELE, LINEAIRE = "KM-RENOUVELE", "KM-TOTAL"
LINEAIRES = {
    RENOUVELE: "Réseau renouvelé dans l'année (km)",
    LINEAIRE: "Réseau au 31 décembre (km)",
}
KM_MAX = Decimal(100_000)
