"""What the settings may change: delays, distances of coordination, width of a passage, times of keeping.

Those of ``delais`` are figures of the law, shown beside; the ones it marks to confirm wait here too. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from domainepublic.regles.tables.delais import DELAIS

DELAIS_SERVICE, COORDINATION, CONFLITS = "delais", "coordination", "conflits"
CONSERVATION, LOI = "conservation", "loi"
FAMILLES = {
    DELAIS_SERVICE: "Délais du service",
    COORDINATION: "Coordination des travaux",
    CONFLITS: "Recherche de conflits",
    CONSERVATION: "Durées de conservation",
    LOI: "Chiffres de la loi",
}


@dataclass(frozen=True)
class Parametre:
    """One figure as shipped. ``a_confirmer``: not used until somebody says where it was checked."""

    code: str
    valeur: Decimal | None
    unite: str
    libelle: str
    texte_reference: str
    famille: str
    minimum: Decimal = Decimal(0)
    maximum: Decimal = Decimal(1000)
    a_confirmer: bool = False

    @property
    def reglable(self) -> bool:
        """An administrator chooses it; a figure of the law is only confirmed."""
        return self.famille != LOI

    @property
    def date(self) -> bool:
        """It changes from a day on, with its reference: each file keeps the figure of its own day."""
        return self.famille == DELAIS_SERVICE


def _p(code: str, valeur: str, unite: str, libelle: str, texte: str, famille: str, *bornes: int) -> Parametre:
    bas, haut = (Decimal(b) for b in bornes) if bornes else (Decimal(0), Decimal(1000))
    return Parametre(code, Decimal(valeur), unite, libelle, texte, famille, bas, haut)


USAGE = "usage du service"
PARAMETRES = {
    p.code: p
    for p in (
        _p("pieces_jours", "30", "jours",
           "délai pour produire les pièces, si la lettre n'en donne pas un autre", "CRPA L114-5",
           DELAIS_SERVICE, 7, 180),
        _p("grace_pieces_jours", "30", "jours", "classement sans suite, après la limite des pièces", USAGE,
           DELAIS_SERVICE, 1, 180),
        _p("publicite_jours", "15", "jours", "durée proposée d'une publicité préalable", "CG3P L2122-1-1",
           DELAIS_SERVICE, 7, 180),
        _p("caducite_mois", "12", "mois", "caducité d'un titre jamais commencé", USAGE, DELAIS_SERVICE,
           1, 36),
        _p("echeance_jours", "30", "jours", "paiement d'un titre de recettes", USAGE, DELAIS_SERVICE, 15, 90),
        _p("relance_jours", "30", "jours", "entre deux relances d'un titre impayé", USAGE, DELAIS_SERVICE,
           7, 180),
        _p("revetement", "3", "annees", "un revêtement est récent pendant", "CVR L115-1", COORDINATION,
           1, 10),
        _p("coordination_m", "20", "m", "des travaux se gênent à moins de", USAGE, COORDINATION, 1, 500),
        _p("grouper_mois", "6", "mois", "des fouilles se groupent à moins de", USAGE, COORDINATION, 1, 36),
        _p("dict_jours", "90", "jours", "une DICT est à refaire sans début des travaux après",
           "C. env. R554-33", COORDINATION, 1, 365),
        _p("pei_m", "5", "m", "distance gardée autour d'un point d'eau incendie", USAGE, CONFLITS, 0, 50),
        _p("bus_m", "7", "m", "passage gardé pour une ligne de bus", USAGE, CONFLITS, 1, 20),
        _p("largeur_libre_m", "1.40", "m", "passage gardé pour les piétons", "arrêté du 15 janvier 2007",
           CONFLITS, 1, 5),
        _p("largeur_libre_sans_obstacle_m", "1.20", "m",
           "passage gardé pour les piétons, sans mur ni obstacle de part et d'autre",
           "arrêté du 15 janvier 2007", CONFLITS, 1, 5),
        _p("dossiers_clos", "10", "annees", "dossiers finis", "registre des traitements", CONSERVATION,
           1, 50),
        _p("dossiers_sans_suite", "1", "annees", "dossiers classés sans suite", "registre des traitements",
           CONSERVATION, 1, 50),
        _p("constats_sans_suite", "1", "annees", "constats sans suite", "registre des traitements",
           CONSERVATION, 1, 50),
        _p("interets", "2", "annees", "manifestations d'intérêt", "registre des traitements", CONSERVATION,
           1, 50),
        *(
            Parametre(f"loi_{d.code}", Decimal(d.valeur), d.unite, d.libelle, d.texte_reference, LOI,
                      a_confirmer=d.a_confirmer)
            for d in DELAIS.values() if d.code != "revetement"
        ),
        Parametre("loi_tlpe_tarif", None, "", "tarifs T de la taxe sur les enseignes, par année et strate",
                  "CIBS L454-39", LOI, a_confirmer=True),
        Parametre("loi_transmission_prefet", None, "",
                  "actes transmis au préfet, hors circulation et stationnement", "CGCT L2131-2", LOI,
                  a_confirmer=True),
    )
}  # fmt: skip
