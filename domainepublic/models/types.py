"""Types of occupation: the seed of the rules as rows that an administrator may rename or close."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from domainepublic.regles.tables.redevance import PERIODES, UNITES
from domainepublic.regles.tables.types import DELAI_CONSEILLE_JOURS, TYPES
from mairie.models.reference import TableReference

GENRES = ("point", "ligne", "polygone")
FAITS = (("oui", "oui"), ("non", "non"), ("a_preciser", "à préciser"))


def morceaux(texte: str) -> tuple[str, ...]:
    """Codes of a list separated by commas."""
    return tuple(m.strip() for m in texte.split(",") if m.strip())


class TypeOccupation(TableReference):
    """What may be put on the public domain, and what its file asks. A type of the seed is closed, never lost.

    ``geometries``, ``unites``, ``periodes``: codes separated by commas; ``pieces``: one a line.
    """

    libelle_public = models.CharField("libellé pour le public", max_length=120)
    emprise_defaut = models.CharField("emprise dans le sol", max_length=10, choices=FAITS, default="non")
    economique_defaut = models.CharField("activité économique", max_length=10, choices=FAITS, default="non")
    affecte_sol = models.BooleanField("ouvre le sol", default=False)
    geometries = models.CharField("dessins permis", max_length=60, default="polygone")
    unites = models.CharField("unités", max_length=80, blank=True)
    periodes = models.CharField("périodes", max_length=80, blank=True)
    pieces = models.TextField("pièces usuelles", blank=True)
    delai_conseille_jours = models.PositiveSmallIntegerField(
        "délai conseillé (jours)", default=DELAI_CONSEILLE_JOURS
    )
    imputation = models.CharField("imputation comptable", max_length=20, blank=True, default="70323")

    class Meta(TableReference.Meta):
        verbose_name = "type d'occupation"
        verbose_name_plural = "types d'occupation"
        constraints = (  # type: ignore[assignment]
            *TableReference.Meta.constraints,
            models.CheckConstraint(
                condition=Q(emprise_defaut__in=("oui", "non", "a_preciser"))
                & Q(economique_defaut__in=("oui", "non", "a_preciser")),
                name="odp_type_faits",
            ),
        )

    def clean(self) -> None:
        """Codes that the engines know."""
        fautes: dict[str, str] = {}
        for champ, connus in (("geometries", GENRES), ("unites", UNITES), ("periodes", PERIODES)):
            inconnus = [m for m in morceaux(getattr(self, champ)) if m not in connus]
            if inconnus:
                possibles = ", ".join(connus)
                fautes[champ] = f"Valeur inconnue : {', '.join(inconnus)}. Valeurs possibles : {possibles}."
        if not morceaux(self.geometries):
            fautes["geometries"] = f"Donnez au moins un dessin parmi : {', '.join(GENRES)}."
        if fautes:
            raise ValidationError(fautes)

    @property
    def genres(self) -> tuple[str, ...]:
        """Kinds of drawing allowed: point, ligne, polygone."""
        return morceaux(self.geometries)

    @property
    def liste_unites(self) -> tuple[str, ...]:
        """Units in which it is counted, the usual one first."""
        return morceaux(self.unites)

    @property
    def liste_pieces(self) -> tuple[str, ...]:
        """Usual pieces of the file."""
        return tuple(p.strip() for p in self.pieces.splitlines() if p.strip())

    @property
    def de_la_loi(self) -> bool:
        """One of the types that the engines know by themselves."""
        return self.code in TYPES
