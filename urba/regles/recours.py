"""Control of legality, executory date, displays, withdrawal and appeals (spec §5.8)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from mairie.calendrier import delai_franc, jma, plus_mois
from urba.regles.alertes import Alerte
from urba.regles.decision import Autorite, DossierDecide, Sens
from urba.regles.tables_echeances import (
    AFFICHAGE_MAIRIE_JOURS,
    AFFICHAGE_MAIRIE_MOIS,
    AFFICHAGE_TERRAIN_MOIS,
    DEFERE_MOIS,
    EXECUTOIRE_PD_JOURS,
    GRACIEUX_ANCIEN,
    GRACIEUX_NOUVEAU,
    GRACIEUX_REJET_MOIS,
    L600_12_2_DU,
    RECOURS_ABSOLU_MOIS,
    RECOURS_MOIS,
    RETRAIT_MOIS,
    TRANSMISSION_JOURS,
    TYPES_RECOURS_ABSOLU,
    RegimeGracieux,
)
from urba.regles.types import INSTRUITES, Etape, TypeDelai


@dataclass(frozen=True)
class Controle:
    """Withdrawal, transmission, executory date, préfet's suit and town-hall display."""

    retrait_limite: date | None
    transmission_limite: date | None
    executoire_le: date | None
    defere_limite: date | None
    affichage_mairie_limite: date | None
    affichage_mairie_fin: date | None
    alertes: tuple[Alerte, ...]
    etapes: tuple[Etape, ...]


@dataclass(frozen=True)
class Recours:
    """Last days to sue and to appeal."""

    tiers_limite: date | None
    tiers_limite_absolue: date | None
    demandeur_limite: date | None
    gracieux_limite: date | None
    gracieux_rejet_implicite_le: date | None
    gracieux_proroge: bool
    alertes: tuple[Alerte, ...]
    etapes: tuple[Etape, ...] = ()


def retrait_limite(dossier: DossierDecide) -> date | None:
    """L.424-5: three months from the decision, favourable INITIAL or MODIFICATIF permit or DP."""
    if dossier.autorisation and dossier.nature in INSTRUITES:
        return plus_mois(dossier.decision.date_acte, RETRAIT_MOIS)
    return None


def transmission_limite(dossier: DossierDecide) -> date | None:
    """CGCT L.2131-2: fifteen days from signature; neither tacit decisions nor acts of the State."""
    signee_le = dossier.decision.signee_le
    if signee_le is None or dossier.autorite is Autorite.ETAT:
        return None
    return signee_le + timedelta(days=TRANSMISSION_JOURS)


def executoire_le(dossier: DossierDecide) -> date | None:
    """L.424-7, L.424-8, L.452-1: day the permit or DP may be carried out; None while a date is missing."""
    if not dossier.autorisation:
        return None
    jour = dossier.decision.date_opposable
    if (
        not dossier.decision.tacite
        and dossier.type is not TypeDelai.DP
        and dossier.autorite is not Autorite.ETAT
    ):
        if jour is None or dossier.transmission_le is None:
            return None
        jour = max(jour, dossier.transmission_le)
    if jour is not None and dossier.type is TypeDelai.PD:
        jour += timedelta(days=EXECUTOIRE_PD_JOURS)
    return jour


def defere_limite(dossier: DossierDecide) -> date | None:
    """CGCT L.2131-6: clear two months from the later of transmission and decision; not transmitted: None."""
    if dossier.transmission_le is None or dossier.autorite is Autorite.ETAT:
        return None
    depart = max(dossier.transmission_le, dossier.decision.date_acte)
    return delai_franc(depart, DEFERE_MOIS, dossier.alsace_moselle)


def affichage_mairie(dossier: DossierDecide) -> tuple[date | None, date | None]:
    """R.424-15: (last day to display in mairie, end of the two months of display)."""
    if not dossier.autorisation:
        return None, None
    limite = dossier.decision.date_acte + timedelta(days=AFFICHAGE_MAIRIE_JOURS)
    le = dossier.affichage_mairie_le
    return limite, plus_mois(le, AFFICHAGE_MAIRIE_MOIS) if le else None


def affichage_terrain_interrompu(dossier: DossierDecide) -> bool:
    """R.600-2: True when the display on site of a favourable permit or DP lasted less than two months."""
    debut, fin = dossier.affichage_terrain_le, dossier.affichage_terrain_fin
    if not dossier.autorisation or debut is None or fin is None:
        return False
    return fin < plus_mois(debut, AFFICHAGE_TERRAIN_MOIS)


def depart_affichage(dossier: DossierDecide) -> date | None:
    """First day of a continuous display on site of a favourable permit or DP."""
    if not dossier.autorisation or affichage_terrain_interrompu(dossier):
        return None
    return dossier.affichage_terrain_le


def recours_tiers_limite(dossier: DossierDecide) -> date | None:
    """R.600-2: clear two months from the first day of display on site."""
    depart = depart_affichage(dossier)
    return delai_franc(depart, RECOURS_MOIS, dossier.alsace_moselle) if depart else None


def recours_tiers_limite_absolue(dossier: DossierDecide) -> date | None:
    """R.600-3: clear six months from completion (DAACT by default), not for a PD."""
    fini_le = dossier.achevement_le or dossier.daact_le
    if not dossier.favorable or dossier.type not in TYPES_RECOURS_ABSOLU or fini_le is None:
        return None
    return delai_franc(fini_le, RECOURS_ABSOLU_MOIS, dossier.alsace_moselle)


def recours_demandeur_limite(dossier: DossierDecide) -> date | None:
    """CJA R.421-1: clear two months from notification or birth of a refusal, sursis or prescriptions."""
    depart = dossier.decision.date_opposable
    if dossier.decision.sens is Sens.ACCORD or depart is None:
        return None
    return delai_franc(depart, RECOURS_MOIS, dossier.alsace_moselle)


def regime_gracieux(dossier: DossierDecide) -> RegimeGracieux:
    """L.600-12-2 for decisions from 28 November 2025, except a CU."""
    if dossier.certificat or dossier.decision.date_acte < L600_12_2_DU:
        return GRACIEUX_ANCIEN
    return GRACIEUX_NOUVEAU


def recours_gracieux_limite(dossier: DossierDecide) -> date | None:
    """From the display on site (favourable permit or DP) or from notification; None for a favourable CU."""
    if dossier.autorisation:
        depart = depart_affichage(dossier)
    elif dossier.favorable:
        depart = None
    else:
        depart = dossier.decision.date_opposable
    if depart is None:
        return None
    return delai_franc(depart, regime_gracieux(dossier).mois, dossier.alsace_moselle)


def prolonger_par_gracieux(dossier: DossierDecide, limite: date | None) -> date | None:
    """Old regime, appeal in time: the court limit of that person restarts from the answer or the silence."""
    gracieux = dossier.recours_gracieux
    if gracieux is None or limite is None or not regime_gracieux(dossier).proroge:
        return limite
    if gracieux_tardif(dossier):
        return limite
    rejet = plus_mois(gracieux.recu_le, GRACIEUX_REJET_MOIS)
    reponse = gracieux.reponse_notifiee_le
    depart = min(reponse, rejet) if reponse else rejet
    return max(limite, delai_franc(depart, RECOURS_MOIS, dossier.alsace_moselle))


def gracieux_tardif(dossier: DossierDecide) -> bool:
    """True when the gracious appeal came after its last day."""
    gracieux, limite = dossier.recours_gracieux, recours_gracieux_limite(dossier)
    return gracieux is not None and limite is not None and gracieux.recu_le > limite


def _retard(fait_le: date | None, limite: date | None, alerte: Alerte) -> list[Alerte]:
    return [alerte] if fait_le and limite and fait_le > limite else []


def _etapes(regle: str, dates: list[tuple[date | None, str, str]]) -> tuple[Etape, ...]:
    """One step for each known date: article, and a sentence ended by the date."""
    return tuple(Etape(regle, article, f"{texte} {jma(le)}.") for le, article, texte in dates if le)


def _opposable(dossier: DossierDecide) -> str:
    """The day from which the decision binds its addressee, in words."""
    le = dossier.decision.date_opposable
    if le is None:
        return "Décision non notifiée"
    return f"{'Naissance' if dossier.decision.tacite else 'Notification'} du {jma(le)}"


def _depart_executoire(dossier: DossierDecide) -> str:
    depart = _opposable(dossier)
    attend_transmission = not dossier.decision.tacite and dossier.type is not TypeDelai.DP
    if attend_transmission and dossier.autorite is not Autorite.ETAT and dossier.transmission_le:
        depart += f", transmission du {jma(dossier.transmission_le)}"
    return f"{depart}, + {EXECUTOIRE_PD_JOURS} jours" if dossier.type is TypeDelai.PD else depart


def calculer_controle(dossier: DossierDecide) -> Controle:
    """Every date of the control of legality, of the displays and of withdrawal."""
    retrait, transmission = retrait_limite(dossier), transmission_limite(dossier)
    executoire, defere = executoire_le(dossier), defere_limite(dossier)
    mairie_limite, mairie_fin = affichage_mairie(dossier)
    alertes = _retard(dossier.transmission_le, transmission, Alerte.TRANSMISSION_TARDIVE)
    alertes += _retard(dossier.affichage_mairie_le, mairie_limite, Alerte.AFFICHAGE_MAIRIE_TARDIF)

    acte = f"Décision du {jma(dossier.decision.date_acte)}"
    transmise = f"Transmission du {jma(dossier.transmission_le)}" if dossier.transmission_le else ""
    affiche = f"Affichage du {jma(dossier.affichage_mairie_le)}" if dossier.affichage_mairie_le else ""
    articles = "L.424-8" if dossier.decision.tacite or dossier.type is TypeDelai.DP else "L.424-7"
    if dossier.type is TypeDelai.PD:
        articles += ", L.452-1"
    etapes = _etapes(
        "RETRAIT",
        [(retrait, "L.424-5", f"{acte} + {RETRAIT_MOIS} mois : retrait d'un acte illégal jusqu'au")],
    )
    etapes += _etapes(
        "DECISION",
        [
            (
                transmission,
                "CGCT L.2131-2",
                f"{acte} + {TRANSMISSION_JOURS} jours : à transmettre au préfet au plus tard le",
            ),
            (executoire, articles, f"{_depart_executoire(dossier)} : exécutoire le"),
            (
                mairie_limite,
                "R.424-15",
                f"{acte} + {AFFICHAGE_MAIRIE_JOURS} jours : à afficher en mairie au plus tard le",
            ),
            (mairie_fin, "R.424-15", f"{affiche} + {AFFICHAGE_MAIRIE_MOIS} mois : en mairie jusqu'au"),
        ],
    )
    detail = f"{acte}, {transmise.lower()} : déféré, {DEFERE_MOIS} mois francs, jusqu'au"
    etapes += _etapes("RECOURS", [(defere, "CGCT L.2131-6", detail)])
    return Controle(
        retrait, transmission, executoire, defere, mairie_limite, mairie_fin, tuple(alertes), etapes
    )


def _etapes_recours(dossier: DossierDecide, recours: Recours) -> tuple[Etape, ...]:
    regime, gracieux = regime_gracieux(dossier), dossier.recours_gracieux
    terrain = f"Affichage du {jma(dossier.affichage_terrain_le)}" if dossier.affichage_terrain_le else ""
    fini_le = dossier.achevement_le or dossier.daact_le
    acheve = f"Achèvement du {jma(fini_le)}" if fini_le else ""
    francs = f"{RECOURS_MOIS} mois francs"
    depart_gracieux = terrain if dossier.autorisation else _opposable(dossier)

    def prolonge(avant: date | None, apres: date | None) -> str:
        return ", prolongés par le recours gracieux" if avant != apres else ""

    tiers = prolonge(recours_tiers_limite(dossier), recours.tiers_limite)
    demandeur = prolonge(recours_demandeur_limite(dossier), recours.demandeur_limite)
    etapes = _etapes(
        "RECOURS",
        [
            (recours.tiers_limite, "R.600-2", f"{terrain} : recours des tiers, {francs}{tiers}, jusqu'au"),
            (
                recours.tiers_limite_absolue,
                "R.600-3",
                f"{acheve} : aucun recours de tiers, {RECOURS_ABSOLU_MOIS} mois francs, après le",
            ),
            (
                recours.demandeur_limite,
                "CJA R.421-1",
                f"{_opposable(dossier)} : recours du demandeur, {francs}{demandeur}, jusqu'au",
            ),
            (
                recours.gracieux_limite,
                regime.article,
                f"{depart_gracieux} : recours gracieux ou hiérarchique, {regime.mois} mois francs, jusqu'au",
            ),
        ],
    )
    if gracieux is None:
        return etapes
    recu = f"Recours gracieux ou hiérarchique reçu le {jma(gracieux.recu_le)}"
    tard = ", après son délai" if gracieux_tardif(dossier) else ""
    detail = f"{recu}{tard} : rejeté par {GRACIEUX_REJET_MOIS} mois de silence le"
    return etapes + _etapes("RECOURS", [(recours.gracieux_rejet_implicite_le, regime.article, detail)])


def calculer_recours(dossier: DossierDecide) -> Recours:
    """Every date of the appeals; a gracious appeal prolongs the court limit of whoever made it."""
    regime, gracieux = regime_gracieux(dossier), dossier.recours_gracieux
    tiers, demandeur = recours_tiers_limite(dossier), recours_demandeur_limite(dossier)
    if dossier.autorisation:
        tiers = prolonger_par_gracieux(dossier, tiers)
    else:
        demandeur = prolonger_par_gracieux(dossier, demandeur)
    alertes = []
    if gracieux_tardif(dossier):
        alertes.append(Alerte.RECOURS_GRACIEUX_TARDIF)
    if affichage_terrain_interrompu(dossier):
        alertes.append(Alerte.AFFICHAGE_TERRAIN_INTERROMPU)
    recours = Recours(
        tiers_limite=tiers,
        tiers_limite_absolue=recours_tiers_limite_absolue(dossier),
        demandeur_limite=demandeur,
        gracieux_limite=recours_gracieux_limite(dossier),
        gracieux_rejet_implicite_le=plus_mois(gracieux.recu_le, GRACIEUX_REJET_MOIS) if gracieux else None,
        gracieux_proroge=regime.proroge,
        alertes=tuple(alertes),
    )
    return replace(recours, etapes=_etapes_recours(dossier, recours))
