"""Rows that a person may see: all those of her communes, or those that are entrusted to her firm alone."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from mairie.requetes import RequeteVisible


class _Confie(RequeteVisible):
    """``PRESTATAIRE``: path to the firm. A firm sees what is entrusted to it, where it has its role."""

    DROIT_LIRE = "assainissement.lire"
    DROIT_CONFIE = "assainissement.voir_controle"
    PRESTATAIRE = "prestataire"

    def visibles_par(self, utilisateur: Any) -> Any:
        """Rows that this person may read; none for who holds no right."""
        from assainissement.models import Prestataire
        from mairie.habilitations import portee

        lues = portee(utilisateur, self.DROIT_LIRE)
        if lues.totale:
            return self.all()
        filtre = lues.filtre(self.CHAMP_CODE, self.CHAMP_GEOMETRIE) if lues else Q(pk__in=())
        if confies := portee(utilisateur, self.DROIT_CONFIE):
            siens = Prestataire.objects.filter(comptes=utilisateur.pk, actif=True).values("pk")
            filtre |= Q(**{f"{self.PRESTATAIRE}__in": siens}) & confies.filtre(self.CHAMP_CODE)
        return self.filter(filtre)


class RequeteControles(_Confie):
    """Controls of the communes where one may read, and those entrusted."""


class RequeteControlesAC(_Confie):
    """Controls of connection of the communes where one may read, and those entrusted."""


class RequeteTournees(_Confie):
    """Rounds of the communes where one may read, and one's own firm's."""


class RequeteConfies(_Confie):
    """What hangs on a control."""

    CHAMP_CODE = "controle__insee"
    PRESTATAIRE = "controle__prestataire"
