"""The task that makes a series or a heavy sheet, and the nightly cleaning."""

from __future__ import annotations

from datetime import time

from gis_data.couches import CoucheInconnue
from gis_data.plans.lecture import PlanTropCharge, PlanTropLong
from mairie.courriers.rendu import RenduRefuse
from mairie.impression import serie
from mairie.impression.demande import DemandeRefusee
from mairie.impression.feuille import ObjetAbsent
from mairie.models import Impression
from mairie.taches import EchecDefinitif, Programme, Suivi, programmer, tache


@tache("mairie.imprimer", "Impression à l'échelle")
def imprimer(suivi: Suivi, pk: int) -> dict[str, str | int]:
    """Draw, lay out, keep the PDF; who asked for it downloads it from the page of the task."""
    impression = Impression.objects.select_related("auteur").get(pk=pk)
    try:
        rendu = serie.executer(impression, suivi.avancer)
    except CoucheInconnue as e:
        raise EchecDefinitif(f"La couche « {e} » ne vous est plus ouverte.") from e
    except (DemandeRefusee, ObjetAbsent, PlanTropCharge, PlanTropLong, RenduRefuse) as e:
        raise EchecDefinitif(str(e)) from e
    return {"adresse": f"/carte/impression/{pk}/plan.pdf", "pages": rendu.pages}


@tache("mairie.purger_impressions", "Nettoyage des impressions")
def purger() -> dict[str, int]:
    """PDFs and counts older than a week."""
    return {"impressions": serie.purger()}


def declarer() -> None:
    """At night, after the other cleanings."""
    programmer(Programme("mairie.purger_impressions", "Nettoyage des impressions", purger, time(1, 40)))
