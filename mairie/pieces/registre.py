"""Which objects hold files: each app declares its own, from ``AppConfig.ready``.

Who may read a dossier may read its files; depositing and publishing ask for the rights declared here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet

from mairie.habilitations import peut
from mairie.models import Piece
from mairie.pieces.genres import TYPES, USUELS


@dataclass(frozen=True)
class Porteur:
    """A kind of object that holds files. ``requete(user)``: those she may read (``visibles_par``).

    ``deposer`` and ``gerer``: rights, asked where the object is (its ``insee``). ``codes(object)``: kinds of
    pieces offered, as (code, label). ``apres(piece, user)``: told of each deposit, in its transaction.
    ``adresse(object)``: its page. ``ouvert(object, user)``: a reason why no file may come now, in French.
    ``nues``: codes of pictures kept without place nor device: those taken in private homes.
    """

    modele: type[Model]
    requete: Callable[[Any], QuerySet[Any]]
    deposer: str
    adresse: Callable[[Any], str]
    gerer: str = ""
    codes: Callable[[Any], Sequence[tuple[str, str]]] | None = None
    formats: tuple[str, ...] = USUELS
    apres: Callable[[Piece, Any], None] | None = None
    ouvert: Callable[[Any, Any], str] | None = None
    publiable: bool = True
    nues: frozenset[str] = frozenset()

    @property
    def nom(self) -> str:
        """``app.model``: how addresses name it."""
        return self.modele._meta.label_lower

    def droit_gerer(self) -> str:
        """Right to publish, blur and withdraw; that of depositing where none is said."""
        return self.gerer or self.deposer


_porteurs: dict[str, Porteur] = {}


def declarer(porteur: Porteur) -> Porteur:
    """Add a kind of object; ``ImproperlyConfigured`` for an unknown format or a kind declared twice."""
    if inconnus := set(porteur.formats) - set(TYPES):
        raise ImproperlyConfigured(f"{porteur.nom} : formats inconnus {sorted(inconnus)}")
    if _porteurs.setdefault(porteur.nom, porteur) is not porteur:
        raise ImproperlyConfigured(f"Les pièces de {porteur.nom} sont déclarées deux fois")
    return porteur


def porteurs() -> list[Porteur]:
    """All kinds, in the order of their declaration."""
    return list(_porteurs.values())


def porteur(nom: str) -> Porteur | None:
    """The kind named ``app.model``."""
    return _porteurs.get(nom)


def porteur_de(dossier: Model) -> Porteur | None:
    """The kind of an object."""
    return _porteurs.get(dossier._meta.label_lower)


def _de_la_piece(piece: Piece) -> Porteur | None:
    modele = ContentType.objects.get_for_id(piece.dossier_type_id).model_class()
    return _porteurs.get(modele._meta.label_lower) if modele else None


def dossier_lisible(piece: Piece, utilisateur: Any) -> Model | None:
    """The object that holds a piece, when this person may read it; else null."""
    trouve = _de_la_piece(piece)
    if trouve is None or not getattr(utilisateur, "is_authenticated", False):
        return None
    dossier: Model | None = trouve.requete(utilisateur).filter(pk=piece.dossier_id).first()
    return dossier


def collectivite(dossier: Model) -> str:
    """Code of the collectivité of an object, empty when it has none."""
    code = getattr(dossier, "insee", "")
    return code if isinstance(code, str) else ""


def peut_deposer(dossier: Model, utilisateur: Any) -> bool:
    """Whether this person may add files to an object that she may read."""
    trouve = porteur_de(dossier)
    return trouve is not None and peut(utilisateur, trouve.deposer, collectivite(dossier) or None)


def peut_gerer(dossier: Model, utilisateur: Any) -> bool:
    """Whether this person may publish, blur and withdraw files of an object that she may read."""
    trouve = porteur_de(dossier)
    return trouve is not None and peut(utilisateur, trouve.droit_gerer(), collectivite(dossier) or None)
