"""Meaning of silence at the end of the delay (R.424-1 to R.424-3, R.410-12, R.424-23)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mairie.calendrier import jma, plus_mois
from urba.regles.alertes import Alerte
from urba.regles.tables_delais import CODES_R424_2, LigneBase, Regles
from urba.regles.types import DP_ET_PERMIS, INSTRUITES, Etape, Nature, Silence, TypeDelai


class SensABF(StrEnum):
    """Answer of the State architect."""

    FAVORABLE = "favorable"
    PRESCRIPTIONS = "prescriptions"
    DEFAVORABLE = "defavorable"


@dataclass(frozen=True)
class AvisABF:
    """Answer of the ABF; ``accord``: an agreement is required, not a simple opinion."""

    sens: SensABF
    notifie_le: date
    accord: bool = True
    saisi_le: date | None = None


@dataclass(frozen=True)
class SensDuSilence:
    """What silence means, why, and the alerts that come with it."""

    silence: Silence
    article: str
    alertes: tuple[Alerte, ...]
    etapes: tuple[Etape, ...]


def avis_abf_contraire(avis: AvisABF, type_: TypeDelai) -> tuple[bool, bool]:
    """(opposed in time, opposed too late) of an ABF agreement refused or given with prescriptions.

    Time from referral: 1 month for a DP, 2 for a permit (R.423-59, R.423-67); no referral date: in time.
    """
    if not avis.accord or avis.sens is SensABF.FAVORABLE:
        return False, False
    mois = 1 if type_ is TypeDelai.DP else 2
    a_temps = avis.saisi_le is None or avis.notifie_le <= plus_mois(avis.saisi_le, mois)
    return a_temps, not a_temps


def sens_du_silence(
    *,
    base: LigneBase,
    type_: TypeDelai,
    nature: Nature,
    depot: date,
    codes_declares: frozenset[str],
    avis: AvisABF | None,
    regles: Regles,
) -> SensDuSilence:
    """Silence at the end of the delay; codes declared: flags, well-founded majorations, prolongations."""
    if type_ not in DP_ET_PERMIS or nature not in INSTRUITES:
        return SensDuSilence(base.silence, base.article_silence, (), ())
    silence, article = base.silence, base.article_silence
    alertes: list[Alerte] = []
    etapes: list[Etape] = []
    for ligne in regles.silences:
        if ligne.code not in codes_declares or not ligne.vise(type_, nature) or not ligne.actif:
            continue
        if ligne.en_vigueur(depot):
            silence, article = ligne.silence, ligne.article
            etapes.append(Etape("SILENCE", ligne.article, f"{ligne.libelle} : le silence vaut refus."))
        else:
            detail = f"{ligne.libelle} : {ligne.article} ne vise que les dépôts à partir du {jma(ligne.du)}."
            etapes.append(Etape("SILENCE", ligne.article, detail))

    contraire, tardif = avis_abf_contraire(avis, type_) if avis else (False, False)
    if tardif and avis:
        alertes.append(Alerte.AVIS_ABF_TARDIF)
        detail = f"Réponse de l'ABF du {jma(avis.notifie_le)}, après son délai : accord réputé donné."
        etapes.append(Etape("SILENCE", "R.423-67", detail))
    if type_ is not TypeDelai.DP:
        if contraire and avis:
            silence, article = Silence.REJET, "R.424-3"
            detail = f"Accord de l'ABF refusé ou donné avec prescriptions le {jma(avis.notifie_le)}."
            etapes.append(Etape("SILENCE", "R.424-3", detail))
    elif silence is not Silence.OPPOSITION:
        if codes_declares & CODES_R424_2:
            alertes.append(Alerte.DP_SILENCE_FAVORABLE)
            detail = "R.424-2 ne vise que les permis : il ne change pas le sens du silence."
            etapes.append(Etape("SILENCE", "CE 26 octobre 2012 n° 350737", detail))
        if contraire:
            alertes.append(Alerte.DP_ABF_SANS_EFFET_SUR_SILENCE)
            detail = "R.424-3 ne vise que les permis : seule une opposition expresse suit l'avis de l'ABF."
            etapes.append(Etape("SILENCE", "R.424-3", detail))
    return SensDuSilence(silence, article, tuple(alertes), tuple(etapes))
