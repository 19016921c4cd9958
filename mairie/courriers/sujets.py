"""What letters are about: kinds of dossier, declared by the trades with all that letters must know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ImproperlyConfigured
from django.db import models

from mairie.courriers.rendu import Ressource
from mairie.habilitations import Personne, peut
from mairie.perms import REDIGER_COURRIER

if TYPE_CHECKING:
    from mairie.models import Courrier


@dataclass(frozen=True)
class Destinataire:
    """Somebody a letter of the dossier may go to. ``tiers``: his sheet, if any."""

    nom: str
    adresse: str = ""
    courriel: str = ""
    qualite: str = ""
    tiers: models.Model | None = None


def _insee(dossier: Any) -> str:
    return str(dossier.insee)


def _rediger(utilisateur: Personne, dossier: Any) -> bool:
    return peut(utilisateur, REDIGER_COURRIER, str(getattr(dossier, "insee", "")) or None)


def _rien(dossier: Any) -> Any:
    return None


def _piece(dossier: Any, numero: int) -> Ressource | None:
    from mairie.pieces.lettres import image

    return image(dossier, numero)


def _aucun(dossier: Any) -> tuple[()]:
    return ()


@dataclass(frozen=True)
class Sujet:
    """A kind of dossier that has letters. ``genre`` (``metier.chose``) stands in addresses; ``modele`` is
    ``app.Model``.

    ``visibles(user)``: dossiers that a person may read, and so their letters. ``rediger``, ``signer``: who
    may write, and record the signature (by default the same). ``rediger_modele(user, dossier, code)``: who
    else may write letters of one template; ``expedier``: who may send and record dates (by default, those who
    write). ``emprise``: geometry for the plan.
    ``piece(dossier, id)``: a picture of the dossier, by default a file of it. ``mots``: words that bring
    phrases first.
    ``avertir(courrier, acte)``: what to confirm before « finaliser », « envoyer ».
    ``suivre(courrier, fait, acteur)``: called in the transaction once a letter was finalised, signed, sent…
    ``convient(dossier, code)``: whether a letter of that template makes sense on the dossier as it stands.
    ``figer(courrier)``: what the trade keeps with the finalised letter (``valeurs["metier"]``), as JSON.
    """

    genre: str
    metier: str
    modele: str
    libelle: str
    visibles: Callable[[Personne], models.QuerySet[Any]]
    titre: Callable[[Any], str] = str
    insee: Callable[[Any], str] = _insee
    adresse: Callable[[Any], str | None] = _rien
    rediger: Callable[[Personne, Any], bool] = _rediger
    rediger_modele: Callable[[Personne, Any, str], bool] | None = None
    expedier: Callable[[Personne, Any], bool] | None = None
    signer: Callable[[Personne, Any], bool] | None = None
    emprise: Callable[[Any], Any] = _rien
    destinataires: Callable[[Any], Iterable[Destinataire]] = _aucun
    piece: Callable[[Any, int], Ressource | None] | None = _piece
    mots: Callable[[Any], Iterable[str]] = _aucun
    avertir: Callable[[Courrier, str], Sequence[str]] | None = None
    suivre: Callable[[Courrier, str, Any], None] | None = None
    figer: Callable[[Courrier], dict[str, Any]] | None = None
    convient: Callable[[Any, str], bool] | None = None

    @cached_property
    def classe(self) -> type[models.Model]:
        """The class of its dossiers."""
        return apps.get_model(self.modele)

    def peut_rediger(self, utilisateur: Personne, dossier: Any, code: str = "") -> bool:
        """Whether this person may write letters of the template ``code`` (empty: any) on a dossier."""
        if self.rediger(utilisateur, dossier):
            return True
        return bool(
            code and self.rediger_modele is not None and self.rediger_modele(utilisateur, dossier, code)
        )

    def offre(self, utilisateur: Personne, dossier: Any, code: str) -> bool:
        """Whether a template is offered: this person may write it, and it makes sense now."""
        if not self.peut_rediger(utilisateur, dossier, code):
            return False
        return self.convient is None or self.convient(dossier, code)

    def peut_expedier(self, utilisateur: Personne, dossier: Any) -> bool:
        """Whether this person may send its letters, and record what became of them."""
        return (self.expedier or self.rediger)(utilisateur, dossier)

    def peut_signer(self, utilisateur: Personne, dossier: Any) -> bool:
        """Whether this person may record the signature of its letters."""
        return (self.signer or self.rediger)(utilisateur, dossier)


_sujets: dict[str, Sujet] = {}


def declarer(sujet: Sujet) -> None:
    """Add a kind of dossier, from ``AppConfig.ready``; ``ImproperlyConfigured`` when its code is taken."""
    if _sujets.setdefault(sujet.genre, sujet) != sujet:
        raise ImproperlyConfigured(f"Le genre de dossier « {sujet.genre} » est déclaré deux fois.")


def sujets(metier: str = "") -> list[Sujet]:
    """All kinds, or those of a trade."""
    return [s for s in _sujets.values() if not metier or s.metier == metier]


def sujet(genre: str) -> Sujet | None:
    """A kind by its code."""
    return _sujets.get(genre)


def sujet_de(dossier: models.Model) -> Sujet:
    """The kind of a dossier; ``LookupError`` when its trade declared none."""
    for s in _sujets.values():
        if isinstance(dossier, s.classe):
            return s
    raise LookupError(f"Aucun courrier n'est prévu pour {type(dossier).__name__}.")


def sujet_du_type(type_: ContentType) -> Sujet | None:
    """The kind whose dossiers have this content type."""
    classe = type_.model_class()
    return next((s for s in _sujets.values() if s.classe is classe), None)
