"""Examples of the generated screens' addresses."""

from __future__ import annotations

from mairie import evenements
from mairie.models import Livraison
from tests.matrice import exemple
from tests.personnes import INSEE, commune


def livraison(**champs: object) -> Livraison:
    """A delivery to an invented subscriber, of an event of the invented commune."""
    commune()
    evenement = evenements.emettre("essai.chose_faite", {"n": 1}, insee=str(champs.pop("insee", INSEE)))
    return Livraison.objects.create(evenement=evenement, abonne="essai.abonne", **champs)


exemple("mairie_livraisons_fiche", creer=lambda: {"pk": livraison().pk})
