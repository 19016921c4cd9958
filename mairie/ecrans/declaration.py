"""What a trade declares to get a list: columns, filters, actions. Data only; see docs/ecrans.md."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from mairie.ecrans.filtres import Filtre
from mairie.ecrans.valeurs import Champ
from mairie.habilitations import droits_de

_CODE = re.compile(r"^[a-z_]+\.[a-z][a-z0-9_]*$")


class ActionImpossible(Exception):
    """An action that can't be done on this object; the French message says why and what to do."""


@dataclass(frozen=True)
class Colonne(Champ):
    """A column of a list. ``tri``: True sorts by the path, a text or a tuple gives the lookup paths.

    ``defaut`` false: shown only when chosen. ``exportee`` false: never leaves in a file.
    """

    tri: bool | str | tuple[str, ...] = False
    defaut: bool = True
    exportee: bool = True

    @property
    def ordre(self) -> tuple[str, ...]:
        """Lookup paths of the order, none when the column does not sort."""
        if self.tri is True:
            if not self.chemin:
                raise ImproperlyConfigured(f"Colonne {self.code} : une fonction ne se trie pas sans chemin")
            return (self.chemin.replace(".", "__"),)
        if not self.tri:
            return ()
        return (self.tri,) if isinstance(self.tri, str) else self.tri


@dataclass(frozen=True)
class Action:
    """What a person may do to an object. ``faire(object, user)`` acts, through a service, and says so.

    It raises ``ActionImpossible`` for a reason. ``empechement(object, user)``: the reason why not now (null:
    possible), which greys the button. ``avertissement(object, user)``: said beside a button that stays, for
    what only the action itself can check. ``en_masse``: also on many rows. ``adresse``: a link instead.
    """

    code: str
    libelle: str
    icone: str
    droit: str
    faire: Callable[[Any, Any], str | None] | None = None
    empechement: Callable[[Any, Any], str | None] | None = None
    avertissement: Callable[[Any, Any], str | None] | None = None
    adresse: Callable[[Any], str] | None = None
    en_masse: bool = False
    confirmation: str = ""
    danger: bool = False

    def __post_init__(self) -> None:
        if (self.faire is None) == (self.adresse is None):
            raise ImproperlyConfigured(f"Action {self.code} : « faire » ou « adresse », l'un des deux")


@dataclass(frozen=True)
class Lien:
    """A button at the head of a list or a page (« Nouveau », « Importer »), shown with the right."""

    libelle: str
    icone: str
    adresse: str
    droit: str = ""
    principal: bool = False


@dataclass(frozen=True)
class Liste:
    """A list. ``requete(user)`` gives the rows that the person may read (``visibles_par``): the only door.

    ``adresse``: path without leading slash. ``recherche``: lookup paths of the free text, or a function
    (text → ``Q``). ``tri``: code of a column, ``-`` in front for descending. ``geometrie``: geometry column
    (a lookup path) for the map and GeoJSON; ``titre_carte(object)`` names a place there. ``adresse_ligne``:
    page of a row. ``surveiller(request, what, rows)``: told of every export, for the journal.
    ``champs_carte``: the only columns that the title and the page of a place need; none, all are read.
    ``par_cle``: the page is chosen by keys alone and its rows read after, for tables of many wide rows.
    """

    code: str
    titre: str
    requete: Callable[[Any], QuerySet[Any]]
    droit: str
    adresse: str
    colonnes: tuple[Colonne, ...]
    filtres: tuple[Filtre, ...] = ()
    recherche: tuple[str, ...] | Callable[[str], Q] = ()
    recherche_aide: str = ""
    tri: str = ""
    adresse_ligne: Callable[[Any], str | None] | None = None
    actions: tuple[Action, ...] = ()
    liens: tuple[Lien, ...] = ()
    geometrie: str = ""
    titre_carte: Callable[[Any], str] = str
    presentation: str = ""
    vide: str = "Rien à montrer pour le moment."
    vide_aide: str = ""
    par_page: int = 50
    surveiller: Callable[[HttpRequest, str, int], None] | None = None
    groupe: str = ""
    par_cle: bool = False
    champs_carte: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _CODE.match(self.code):
            raise ImproperlyConfigured(f"Code d'écran invalide : {self.code!r} (app.nom)")
        if self.adresse.startswith("/") or not self.adresse.endswith("/"):
            raise ImproperlyConfigured(f"Écran {self.code} : adresse sans / au début, avec / à la fin")
        for quoi, codes in (
            ("colonne", [c.code for c in self.colonnes]),
            ("paramètre de filtre", [p for f in self.filtres for p in f.parametres]),
            ("action", [a.code for a in self.actions]),
        ):
            if double := next((c for c in codes if codes.count(c) > 1), None):
                raise ImproperlyConfigured(f"Écran {self.code} : {quoi} « {double} » en double")
        triables = {c.code for c in self.colonnes if c.ordre}
        if self.tri and self.tri.removeprefix("-") not in triables:
            raise ImproperlyConfigured(f"Écran {self.code} : tri par défaut « {self.tri} » inconnu")

    @property
    def nom(self) -> str:
        """Name of its address."""
        return self.code.replace(".", "_")

    def colonnes_de(self, utilisateur: Any) -> list[Colonne]:
        """Columns this person may see."""
        return list(permis(self.colonnes, utilisateur))

    def filtres_de(self, utilisateur: Any) -> list[Filtre]:
        """Filters this person may use."""
        return list(permis(self.filtres, utilisateur))

    def actions_de(self, utilisateur: Any) -> list[Action]:
        """Actions this person has a right to."""
        return list(permis(self.actions, utilisateur))


def permis(choses: Sequence[Any], utilisateur: Any) -> list[Any]:
    """Those whose ``droit`` is empty or held by this person."""
    droits = droits_de(utilisateur)
    return [c for c in choses if not c.droit or c.droit in droits]


@dataclass(frozen=True)
class Section:
    """A titled group of values on a page or of fields in a form. Texts name fields of the model."""

    titre: str
    champs: tuple[Champ | str, ...]
    aide: str = ""
    droit: str = ""


@dataclass(frozen=True)
class ListeLiee:
    """Rows of another list that belong to an object: ``filtre(object)`` narrows that list's rows.

    ``parametres(object)``: address parameters that show the same rows on the whole list.
    """

    liste: Liste
    filtre: Callable[[Any], Q]
    titre: str = ""
    parametres: Callable[[Any], dict[str, str]] | None = None
    nombre: int = 10


@dataclass(frozen=True)
class LigneHistorique:
    """One line of an object's history."""

    quand: Any
    qui: str
    quoi: str
    detail: str = ""


@dataclass(frozen=True)
class Formulaire:
    """How an object is entered and changed. ``requete(user)``: rows the person may change.

    ``classe``: a ModelForm; without it one is made of the fields that ``sections`` name. ``preparer(form,
    user)`` narrows choices and sets first values. ``enregistrer(form, user)`` saves through a service and
    returns the object; without it the form saves. ``empechement(object, user)``: why this row can't be
    changed; ``empechement_nouveau(user)``: why none can be entered. ``nouveau`` false: never entered here.
    """

    code: str
    modele: type[Model]
    requete: Callable[[Any], QuerySet[Any]]
    droit: str
    adresse: str
    sections: tuple[Section, ...]
    titre: str = "Modifier"
    titre_nouveau: str = "Nouveau"
    classe: Any = None
    preparer: Callable[[Any, Any], None] | None = None
    enregistrer: Callable[[Any, Any], Any] | None = None
    empechement: Callable[[Any, Any], str | None] | None = None
    empechement_nouveau: Callable[[Any], str | None] | None = None
    nouveau: bool = True
    retour: Callable[[Any], str] | None = None
    liste: str = ""

    def __post_init__(self) -> None:
        if not _CODE.match(self.code):
            raise ImproperlyConfigured(f"Code d'écran invalide : {self.code!r} (app.nom)")

    @property
    def nom(self) -> str:
        """Name of its addresses, before ``_modifier`` and ``_nouveau``."""
        return self.code.replace(".", "_")


@dataclass(frozen=True)
class Fiche:
    """The page of one object. ``requete(user)``: rows the person may read; any other is 404.

    ``historique(object, user)``: lines, the newest first. ``panneaux``: subject of ``mairie.panneaux`` shown
    below. ``geometrie``: lookup path of the geometry drawn on the page. ``surveiller(request, object)``:
    told of every reading, for the journal of personal data.
    """

    code: str
    requete: Callable[[Any], QuerySet[Any]]
    droit: str
    adresse: str
    sections: tuple[Section, ...]
    titre: Callable[[Any], str] = str
    sous_titre: Callable[[Any], str] | None = None
    etat: Champ | None = None
    actions: tuple[Action, ...] = ()
    formulaire: Formulaire | None = None
    listes: tuple[ListeLiee, ...] = ()
    historique: Callable[[Any, Any], Sequence[LigneHistorique]] | None = None
    panneaux: str = ""
    geometrie: str = ""
    surveiller: Callable[[HttpRequest, Any], None] | None = None
    liste: str = ""
    gabarit: str = "mairie/ecrans/fiche.html"
    contexte: Callable[[Any, Any], dict[str, Any]] | None = None
    convertisseur: str = "int"

    def __post_init__(self) -> None:
        if not _CODE.match(self.code):
            raise ImproperlyConfigured(f"Code d'écran invalide : {self.code!r} (app.nom)")

    @property
    def nom(self) -> str:
        """Name of its address."""
        return f"{self.code.replace('.', '_')}_fiche"
