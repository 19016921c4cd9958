"""What works meet on the ground: other works near in space and time, occupations, recent surfaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from domainepublic.coordination.etats import FINALS
from domainepublic.instruction.etats import EN_ATTENTE, TITRES
from domainepublic.parametres import valeurs
from mairie.calendrier import jma, plus_mois
from mairie.montants import texte_francais

# The kerb to kerb of a trench: an occupation nearer than that stands in the way.
GENE_M = 2


@dataclass(frozen=True)
class Rencontre:
    """One thing met. ``niveau``: bloquant (same days, same ground), alerte, info."""

    niveau: str
    texte: str
    adresse: str = ""


def chiffres() -> dict[str, Decimal]:
    """Distance (m), months and years that the settings say, for works looked at together."""
    return valeurs("coordination_m", "grouper_mois", "revetement")


def revetement_recent(travaux: Any, ans: int | None = None) -> Any:
    """A surface under the works too young on the day asked, null otherwise. ``ans``: where already read."""
    from domainepublic.models import RevetementVoie

    if not travaux.ouvre_sol:
        return None
    mois = 12 * (int(valeurs("revetement")["revetement"]) if ans is None else ans)
    for r in RevetementVoie.objects.filter(
        insee=travaux.insee, pose_le__lte=travaux.debut, geom__dwithin=(travaux.geom, 0.5)
    ):
        if travaux.debut < plus_mois(r.pose_le, mois):
            return r
    return None


def autres_travaux(travaux: Any, distance_m: float, jours: int = 0) -> Any:
    """Other live works within so many metres whose days come within so many days."""
    from domainepublic.models import DemandeTravaux

    marge = timedelta(days=jours)
    return (
        DemandeTravaux.objects.filter(
            insee=travaux.insee,
            geom__dwithin=(travaux.geom, distance_m),
            debut__lte=travaux.fin + marge,
            fin__gte=travaux.debut - marge,
        )
        .exclude(pk=travaux.pk)
        .exclude(etat__in=("", *FINALS))
        .select_related("maitre_ouvrage", "voie")
        .order_by("debut", "pk")
    )


def rencontres(travaux: Any, choisies: Mapping[str, Decimal] | None = None) -> list[Rencontre]:
    """All that these works meet, the worst first. ``choisies``: ``chiffres``, where already read."""
    from domainepublic.models import Emprise

    trouvees: list[Rencontre] = []
    meme_temps = set()
    choisies = choisies or chiffres()
    distance, mois = choisies["coordination_m"], int(choisies["grouper_mois"])
    ans = int(choisies["revetement"])
    for autre in autres_travaux(travaux, float(distance)):
        meme_temps.add(autre.pk)
        trouvees.append(
            Rencontre(
                "bloquant",
                f"{autre} ({autre.nature}) : mêmes jours, {_jours(autre.debut, autre.fin)}, à moins de"
                f" {texte_francais(distance.normalize())} m.",
                autre.get_absolute_url(),
            )
        )
    occupations = (
        Emprise.objects.filter(
            Q(fin__isnull=True) | Q(fin__gte=travaux.debut),
            debut__lte=travaux.fin,
            dossier__insee=travaux.insee,
            dossier__etat__in=(*EN_ATTENTE, *TITRES),
            surface__dwithin=(travaux.geom, GENE_M),
        )
        .exclude(dossier=travaux.dossier_id or 0)
        .select_related("type", "dossier")
        .order_by("debut", "pk")
    )
    for e in occupations:
        ferme = e.dossier.etat in TITRES
        trouvees.append(
            Rencontre(
                "bloquant" if ferme else "alerte",
                f"{e.dossier} ({e.type.libelle}) : sur la place {_jours(e.debut, e.fin)}"
                + ("." if ferme else ", demande en cours."),
                e.dossier.get_absolute_url(),
            )
        )
    if (r := revetement_recent(travaux, ans)) is not None:
        trouvees.append(
            Rencontre(
                "alerte",
                f"Revêtement récent : {r}, moins de {ans} ans au jour demandé (CVR L115-1).",
            )
        )
    trouvees.extend(
        Rencontre(
            "info",
            f"{autre} ({autre.nature}) ouvre le même sol {_jours(autre.debut, autre.fin)} : fouille à"
            " partager ?",
            autre.get_absolute_url(),
        )
        for autre in autres_travaux(travaux, float(distance), 30 * mois)
        if autre.pk not in meme_temps and autre.ouvre_sol and travaux.ouvre_sol
    )
    rang = {"bloquant": 0, "alerte": 1, "info": 2}
    return sorted(trouvees, key=lambda x: rang[x.niveau])


def _jours(debut: date, fin: date | None) -> str:
    return f"du {jma(debut)} au {jma(fin)}" if fin else f"depuis le {jma(debut)}"
