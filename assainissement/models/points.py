"""Questions of the observation forms as rows: a service may say them better, close one, order them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from assainissement.regles.tables import anc
from assainissement.regles.tables.points import ELEMENTS_PROBANTS, GROUPES, NON, OUI
from mairie.models.reference import TableReference

FAITS = (ELEMENTS_PROBANTS, *anc.CODES_FAITS)


class PointControle(TableReference):
    """One question. ``natures``: codes separated by commas; ``reponse``: the answer that sets ``fait``."""

    groupe = models.CharField("écran", max_length=12, choices=list(GROUPES.items()))
    natures = models.CharField("natures de contrôle", max_length=200)
    fait = models.CharField("fait établi", max_length=40, blank=True, editable=False)
    reponse = models.CharField("réponse qui l'établit", max_length=3, default=OUI, editable=False)
    article = models.CharField("article", max_length=120, blank=True)

    class Meta(TableReference.Meta):
        verbose_name = "point de contrôle"
        verbose_name_plural = "points de contrôle"
        constraints = (  # type: ignore[assignment]
            *TableReference.Meta.constraints,
            models.CheckConstraint(condition=Q(fait__in=("", *FAITS)), name="anc_point_fait"),
            models.CheckConstraint(condition=Q(reponse__in=(OUI, NON)), name="anc_point_reponse"),
        )

    def concerne(self, nature: str) -> bool:
        """Whether a control of that nature asks it."""
        return nature in [n.strip() for n in self.natures.split(",")]
