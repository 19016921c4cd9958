"""What a trade declares to let a table be filled from a CSV or XLSX file."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, QuerySet

_CODE = re.compile(r"^[a-z_]+\.[a-z][a-z0-9_]*$")


class ValeurRefusee(ValueError):
    """A cell that can't be read; the French message says what was expected."""


@dataclass(frozen=True)
class ColonneImport:
    """A field that a file may fill. ``synonymes``: other headings that mean it.

    ``obligatoire``: the file must have it. ``lire(text, user)``: the text as the form wants it (a key for a
    relation), or ``ValeurRefusee``.
    """

    champ: str
    titre: str = ""
    synonymes: tuple[str, ...] = ()
    obligatoire: bool = False
    lire: Callable[[str, Any], str] | None = None


@dataclass(frozen=True)
class Import:
    """A table that takes files. ``cle``: fields by which a line finds its row; those that may be null count
    only when the file has them.

    ``requete(user)``: rows the person may change. Each line goes through the form (``classe``, else one made
    of the columns), then ``enregistrer(form, user)`` or the form's own ``save``. ``fixes(user)``: values
    that every new row takes. ``empechement(user)``: why this person can't import now.
    """

    code: str
    titre: str
    modele: type[Model]
    requete: Callable[[Any], QuerySet[Any]]
    droit: str
    adresse: str
    colonnes: tuple[ColonneImport, ...]
    cle: tuple[str, ...]
    classe: Any = None
    preparer: Callable[[Any, Any], None] | None = None
    enregistrer: Callable[[Any, Any], Any] | None = None
    fixes: Callable[[Any], Mapping[str, Any]] | None = None
    empechement: Callable[[Any], str | None] | None = None
    liste: str = ""
    aide: str = ""
    # Longer files go to the worker, with their progress; 0: as for all tables.
    lignes_directes: int = 0

    def __post_init__(self) -> None:
        if not _CODE.match(self.code):
            raise ImproperlyConfigured(f"Code d'import invalide : {self.code!r} (app.nom)")
        champs = [c.champ for c in self.colonnes]
        if len(champs) != len(set(champs)):
            raise ImproperlyConfigured(f"Import {self.code} : colonne déclarée deux fois")
        if not self.cle:
            raise ImproperlyConfigured(
                f"Import {self.code} : sans clé, un second import doublerait les lignes"
            )
        connus = {f.name for f in self.modele._meta.get_fields()}
        if inconnus := {*self.cle, *champs} - connus:
            raise ImproperlyConfigured(f"Import {self.code} : champs inconnus {sorted(inconnus)}")
        if self.fixes is None and (inconnus := set(self.cle) - set(champs)):
            raise ImproperlyConfigured(f"Import {self.code} : clé {sorted(inconnus)} sans colonne")

    def cle_requise(self, champ: str) -> bool:
        """Whether a field of the key must be in the file."""
        return champ in self.cle and not getattr(self.modele._meta.get_field(champ), "null", False)

    @property
    def nom(self) -> str:
        """Name of its addresses."""
        return self.code.replace(".", "_")

    def titre_de(self, colonne: ColonneImport) -> str:
        """Heading of a column: its own, else the label of the field."""
        if colonne.titre:
            return colonne.titre
        libelle = str(getattr(self.modele._meta.get_field(colonne.champ), "verbose_name", colonne.champ))
        return f"{libelle[:1].upper()}{libelle[1:]}"
