"""Filters of a list: what they read in the address, what they ask of the database, how they show."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from mairie.communes import offertes
from mairie.ecrans.valeurs import Nature, ecrire

Choix = Sequence[tuple[Any, str]]
# Parameters of the list itself.
RESERVES = frozenset({"q", "tri", "page", "colonnes", "vue", "export", "emprise", "action", "objets", "tous"})
# A facet longer than this is folded after the most frequent values.
FACETTE_COURTE = 8
# PostgreSQL refuses a text that holds a NUL.
TEXTE_MAX = 200


class FiltreRefuse(ValueError):
    """What the address asks of a filter makes no sense; the French message says why it is left out."""


@dataclass(frozen=True)
class Option:
    """One value of a facet: how many rows it would leave (null: not counted)."""

    valeur: str
    libelle: str
    choisie: bool
    nombre: int | None = None


@dataclass(frozen=True)
class Jeton:
    """A filter in force, shown as a chip; ``retirer``: (parameter, value) to take out of
    the address, an empty value for the whole parameter."""

    texte: str
    retirer: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Filtre:
    """Base of filters. ``chemin``: lookup path (the code when empty). ``droit``: only with it.

    ``condition`` replaces the plain comparison: given the value read, it gives the ``Q``.
    """

    code: str
    titre: str
    chemin: str = ""
    droit: str = ""
    condition: Callable[[Any], Q] | None = None
    gabarit = ""

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.code) or self.code in RESERVES:
            raise ImproperlyConfigured(f"Code de filtre invalide ou réservé : {self.code!r}")

    @property
    def champ(self) -> str:
        """Lookup path."""
        return self.chemin or self.code

    @property
    def parametres(self) -> tuple[str, ...]:
        """Names this filter reads in the address."""
        return (self.code,)

    def lire(self, donnees: QueryDict, utilisateur: Any) -> Any:
        """Value asked, null when the address says nothing; ``FiltreRefuse`` for nonsense."""
        raise NotImplementedError

    def q(self, valeur: Any) -> Q:
        """Condition on rows."""
        return self.condition(valeur) if self.condition else self._q(valeur)

    def _q(self, valeur: Any) -> Q:
        raise NotImplementedError

    def jetons(self, valeur: Any, utilisateur: Any) -> list[Jeton]:
        """Chips of the filter in force."""
        raise NotImplementedError

    def contexte(self, valeur: Any, utilisateur: Any, autres: QuerySet[Any]) -> dict[str, Any]:
        """What the template draws; ``autres``: rows left by all the other filters."""
        return {"texte": valeur or ""}

    def inutile(self, utilisateur: Any) -> bool:
        """Nothing to choose from: the filter is not drawn."""
        return False


def au_moins_un(fonction: Callable[[str], Q]) -> Callable[[Any], Q]:
    """Condition of a choice whose values are questions: rows that answer to one of them at least."""

    def condition(valeurs: Any) -> Q:
        filtre = Q(pk__in=())
        for valeur in [valeurs] if isinstance(valeurs, str) else valeurs:
            filtre |= fonction(valeur)
        return filtre

    return condition


@dataclass(frozen=True, kw_only=True)
class FiltreChoix(Filtre):
    """One value or several among a list: pairs, or a function of the user that gives them.

    ``compter`` false on tables where a GROUP BY is dear.
    """

    choix: Choix | Callable[[Any], Choix]
    multiple: bool = True
    compter: bool = True
    gabarit = "mairie/ecrans/filtres/choix.html"

    def paires(self, utilisateur: Any) -> list[tuple[str, str]]:
        """Values as texts, with their labels."""
        pris = self.choix(utilisateur) if callable(self.choix) else self.choix
        return [(str(v), str(libelle)) for v, libelle in pris]

    def lire(self, donnees: QueryDict, utilisateur: Any) -> tuple[str, ...] | None:
        """Values known among those asked."""
        demandes = [v for v in donnees.getlist(self.code) if v]
        if not demandes:
            return None
        connus = dict(self.paires(utilisateur))
        if inconnu := next((v for v in demandes if v not in connus), None):
            raise FiltreRefuse(f"le filtre « {self.titre} » ne connaît pas la valeur « {inconnu[:40]} »")
        uniques = tuple(dict.fromkeys(demandes))
        return uniques if self.multiple else uniques[-1:]

    def _q(self, valeur: tuple[str, ...]) -> Q:
        return Q(**{f"{self.champ}__in": valeur})

    def jetons(self, valeur: tuple[str, ...], utilisateur: Any) -> list[Jeton]:
        """One chip a value."""
        noms = dict(self.paires(utilisateur))
        return [Jeton(f"{self.titre} : {noms[v]}", ((self.code, v),)) for v in valeur]

    @property
    def compte(self) -> bool:
        """Whether its options show how many rows they would leave."""
        return self.compter and self.condition is None

    def contexte(
        self,
        valeur: Any,
        utilisateur: Any,
        autres: QuerySet[Any],
        nombres: dict[str, int] | None = None,
    ) -> dict[str, Any]:
        """Options with their counts (``nombres``: already known), the frequent first when there are many."""
        if nombres is None and self.compte:
            nombres = self._compter(autres)
        options = [
            Option(v, libelle, v in (valeur or ()), None if nombres is None else nombres.get(v, 0))
            for v, libelle in self.paires(utilisateur)
        ]
        if len(options) <= FACETTE_COURTE:
            return {"options": options, "suite": []}
        tete = sorted(options, key=lambda o: (not o.choisie, -(o.nombre or 0)))[:FACETTE_COURTE]
        return {"options": [o for o in options if o in tete], "suite": [o for o in options if o not in tete]}

    def _compter(self, autres: QuerySet[Any]) -> dict[str, int]:
        lignes = autres.order_by().values_list(self.champ).annotate(n=Count("pk", distinct=True))
        if not multiplie(lignes):
            # No need to tell doubles apart, which sorts every row.
            lignes = autres.order_by().values_list(self.champ).annotate(n=Count("*"))
        return {str(v): n for v, n in lignes}


def multiplie(requete: QuerySet[Any]) -> bool:
    """Whether a joined table may give several lines a row."""
    jointures = requete.query.alias_map.values()
    return any(getattr(getattr(j, "join_field", None), "multiple", False) for j in jointures)


@dataclass(frozen=True, kw_only=True)
class FiltreCommune(FiltreChoix):
    """Communes where the person holds a role; the one chosen in the top bar narrows the list by itself."""

    code: str = "commune"
    titre: str = "Commune"
    chemin: str = "insee"
    choix: Choix | Callable[[Any], Choix] = offertes

    def inutile(self, utilisateur: Any) -> bool:
        """One commune only."""
        return len(self.paires(utilisateur)) < 2


@dataclass(frozen=True, kw_only=True)
class FiltreOuiNon(Filtre):
    """Yes, no, or both. ``oui`` and ``non`` are the words shown."""

    oui: str = "oui"
    non: str = "non"
    gabarit = "mairie/ecrans/filtres/oui_non.html"

    def lire(self, donnees: QueryDict, utilisateur: Any) -> bool | None:
        """``1`` or ``0``."""
        demande = donnees.get(self.code, "")
        if demande not in ("", "0", "1"):
            raise FiltreRefuse(f"le filtre « {self.titre} » attend 1 (oui) ou 0 (non)")
        return demande == "1" if demande else None

    def _q(self, valeur: bool) -> Q:
        return Q(**{self.champ: valeur})

    def jetons(self, valeur: bool, utilisateur: Any) -> list[Jeton]:
        """One chip."""
        mot = self.oui if valeur else self.non
        return [Jeton(f"{self.titre} : {mot}", ((self.code, ""),))]

    def contexte(self, valeur: Any, utilisateur: Any, autres: QuerySet[Any]) -> dict[str, Any]:
        """Three radio buttons."""
        return {
            "options": [
                Option("", "indifférent", valeur is None),
                Option("1", self.oui, valeur is True),
                Option("0", self.non, valeur is False),
            ]
        }


@dataclass(frozen=True, kw_only=True)
class FiltreTexte(Filtre):
    """A text found in a column, blind to case and accents."""

    aide: str = ""
    gabarit = "mairie/ecrans/filtres/texte.html"

    def lire(self, donnees: QueryDict, utilisateur: Any) -> str | None:
        """The text, trimmed."""
        return donnees.get(self.code, "").replace("\0", " ").strip()[:TEXTE_MAX] or None

    def _q(self, valeur: str) -> Q:
        return Q(**{f"{self.champ}__unaccent__icontains": valeur})

    def jetons(self, valeur: str, utilisateur: Any) -> list[Jeton]:
        """One chip."""
        return [Jeton(f"{self.titre} : « {valeur} »", ((self.code, ""),))]


@dataclass(frozen=True, kw_only=True)
class FiltreDates(Filtre):
    """From a day to a day, both included; ``instant``: the column holds a date and a time."""

    instant: bool = False
    gabarit = "mairie/ecrans/filtres/dates.html"

    @property
    def parametres(self) -> tuple[str, ...]:
        """``code_du`` and ``code_au``."""
        return f"{self.code}_du", f"{self.code}_au"

    def lire(self, donnees: QueryDict, utilisateur: Any) -> tuple[date | None, date | None] | None:
        """Both bounds, either may be null."""
        bornes = []
        for nom in self.parametres:
            brut = donnees.get(nom, "").strip()
            try:
                bornes.append(lire_date(brut) if brut else None)
            except ValueError:
                raise FiltreRefuse(
                    f"le filtre « {self.titre} » attend une date (31/12/2026), et non « {brut[:20]} »"
                ) from None
        du, au = bornes
        if du and au and du > au:
            raise FiltreRefuse(f"le filtre « {self.titre} » finit avant de commencer")
        return (du, au) if du or au else None

    def _q(self, valeur: tuple[date | None, date | None]) -> Q:
        du, au = valeur
        jour = f"{self.champ}__date" if self.instant else self.champ
        return (Q(**{f"{jour}__gte": du}) if du else Q()) & (Q(**{f"{jour}__lte": au}) if au else Q())

    def jetons(self, valeur: tuple[date | None, date | None], utilisateur: Any) -> list[Jeton]:
        """One chip a bound."""
        mots = ("à partir du", "jusqu'au")
        return [
            Jeton(f"{self.titre} {mot} {ecrire(Nature.DATE, v)}", ((nom, ""),))
            for mot, nom, v in zip(mots, self.parametres, valeur, strict=True)
            if v
        ]

    def contexte(self, valeur: Any, utilisateur: Any, autres: QuerySet[Any]) -> dict[str, Any]:
        """The two bounds as date fields want them."""
        du, au = valeur or (None, None)
        return {"du": du.isoformat() if du else "", "au": au.isoformat() if au else ""}


def lire_date(brut: str) -> date:
    """``2026-12-31`` or ``31/12/2026``; ValueError otherwise."""
    if trouve := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", brut):
        jour, mois, annee = map(int, trouve.groups())
        return date(annee, mois, jour)
    return date.fromisoformat(brut)


@dataclass(frozen=True, kw_only=True)
class FiltreNombre(Filtre):
    """From a number to a number, both included."""

    unite: str = ""
    gabarit = "mairie/ecrans/filtres/nombre.html"

    @property
    def parametres(self) -> tuple[str, ...]:
        """``code_min`` and ``code_max``."""
        return f"{self.code}_min", f"{self.code}_max"

    def lire(self, donnees: QueryDict, utilisateur: Any) -> tuple[float | None, float | None] | None:
        """Both bounds, either may be null."""
        bornes: list[float | None] = []
        for nom in self.parametres:
            brut = re.sub(r"\s", "", donnees.get(nom, "")).replace(",", ".")
            if brut and not re.fullmatch(r"-?\d{1,15}(\.\d{1,6})?", brut):
                raise FiltreRefuse(f"le filtre « {self.titre} » attend un nombre, et non « {brut[:20]} »")
            bornes.append(float(brut) if brut else None)
        return None if bornes == [None, None] else (bornes[0], bornes[1])

    def _q(self, valeur: tuple[float | None, float | None]) -> Q:
        bas, haut = valeur
        condition = Q() if bas is None else Q(**{f"{self.champ}__gte": bas})
        return condition if haut is None else condition & Q(**{f"{self.champ}__lte": haut})

    def jetons(self, valeur: tuple[float | None, float | None], utilisateur: Any) -> list[Jeton]:
        """One chip a bound."""
        mots = ("au moins", "au plus")
        return [
            Jeton(f"{self.titre} : {mot} {v:g} {self.unite}".strip(), ((nom, ""),))
            for mot, nom, v in zip(mots, self.parametres, valeur, strict=True)
            if v is not None
        ]

    def contexte(self, valeur: Any, utilisateur: Any, autres: QuerySet[Any]) -> dict[str, Any]:
        """The two bounds."""
        bas, haut = valeur or (None, None)
        return {"bas": "" if bas is None else f"{bas:g}", "haut": "" if haut is None else f"{haut:g}"}


def condition_recherche(chemins: Iterable[str], texte: str) -> Q:
    """Every word of ``texte`` in at least one of the columns, blind to case and accents."""
    total = Q()
    for mot in texte.split()[:8]:
        un = Q()
        for chemin in chemins:
            un |= Q(**{f"{chemin}__unaccent__icontains": mot})
        total &= un
    return total
