"""Reference rows of sanitation: the questions of the forms."""

from __future__ import annotations

from assainissement import tarifs
from assainissement.models import PointControle
from assainissement.regles.tables.points import POINTS
from mairie.references import Bilan, declarer


def charger_points() -> Bilan:
    """Add the questions that are missing; what a service changed stays."""
    connus = set(PointControle.objects.values_list("code", "valide_du"))
    nouveaux = [
        PointControle(
            code=p.code,
            libelle=p.libelle,
            groupe=p.groupe,
            natures=", ".join(p.natures),
            fait=p.fait,
            reponse=p.reponse,
            article=p.article,
            valide_du=p.valide_du,
            valide_au=p.valide_au,
            ordre=10 * rang,
        )
        for rang, p in enumerate(POINTS.values(), start=1)
        if (p.code, p.valide_du) not in connus
    ]
    PointControle.objects.bulk_create(nouveaux)
    return Bilan(creees=len(nouveaux), inchangees=len(connus))


def declarer_tables() -> None:
    """From ``AppConfig.ready``."""
    declarer("points de contrôle de l'assainissement", charger_points)
    declarer("paramètres de la loi sur l'assainissement", tarifs.charger_parametres)
