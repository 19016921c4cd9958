"""What a person asks of a list, read in the address: filters, order, columns, page; and the rows it gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.contrib.gis.geos import Polygon
from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Q, QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property

from mairie.ecrans.declaration import Colonne, Liste
from mairie.ecrans.filtres import (
    TEXTE_MAX,
    Filtre,
    FiltreChoix,
    FiltreCommune,
    FiltreRefuse,
    Jeton,
    condition_recherche,
    multiplie,
)

# Rows found by a text: beyond, « plus de » says enough.
COMPTE_MAX = 10_000


@dataclass(frozen=True)
class Entete:
    """Head of a column: address of the next order (empty: does not sort), order now for ``aria-sort``."""

    colonne: Colonne
    adresse: str
    sens: str


@dataclass(frozen=True)
class _Ensemble:
    """Rows kept, and by field how many hold each value."""

    nombre: int
    nombres: dict[str, Counter[str]]
    au_dela: bool = False


class Consultation:
    """A list as one person asked for it. Nonsense in the address is left out and said in ``erreurs``."""

    def __init__(
        self, liste: Liste, utilisateur: Any, donnees: QueryDict, commune: str | None = None
    ) -> None:
        self.liste, self.utilisateur, self.donnees = liste, utilisateur, donnees
        # The commune chosen in the top bar, for lists that have one.
        self.communal = next((f for f in liste.filtres if isinstance(f, FiltreCommune)), None)
        self.commune = commune if self.communal else None
        self.erreurs: list[str] = []
        self.recherche = (
            donnees.get("q", "").replace("\0", " ").strip()[:TEXTE_MAX] if liste.recherche else ""
        )
        self.filtres = liste.filtres_de(utilisateur)
        self.valeurs = {f.code: self._lire(f) for f in self.filtres}
        self.emprise = self._emprise()
        self.permises = {c.code: c for c in liste.colonnes_de(utilisateur)}
        self.colonnes = self._colonnes()
        self.tri, self.inverse = self._tri()

    # --- What is asked --------------------------------------------------------------------------

    def _lire(self, filtre: Filtre) -> Any:
        try:
            return filtre.lire(self.donnees, self.utilisateur)
        except FiltreRefuse as e:
            self.erreurs.append(f"{str(e)[:1].upper()}{str(e)[1:]} : il n'est pas appliqué.")
            return None

    def _emprise(self) -> tuple[float, float, float, float] | None:
        brut = self.donnees.get("emprise", "") if self.liste.geometrie else ""
        if not brut:
            return None
        try:
            ouest, sud, est, nord = (float(v) for v in brut.split(","))
        except ValueError:
            self.erreurs.append("Le cadre de la carte est illisible : il n'est pas appliqué.")
            return None
        if not (-180 <= ouest < est <= 180 and -90 <= sud < nord <= 90):
            self.erreurs.append("Le cadre de la carte est hors du monde : il n'est pas appliqué.")
            return None
        return ouest, sud, est, nord

    def _colonnes(self) -> list[Colonne]:
        demandees = [c for brut in self.donnees.getlist("colonnes") for c in brut.split(",")]
        choisies = {c for c in demandees if c in self.permises}
        return [c for c in self.permises.values() if (c.code in choisies if choisies else c.defaut)]

    def _tri(self) -> tuple[str, bool]:
        for demande in (self.donnees.get("tri", ""), self.liste.tri):
            code = demande.removeprefix("-")
            if code in self.permises and self.permises[code].ordre:
                return code, demande.startswith("-")
        return "", False

    @property
    def colonnes_choisies(self) -> bool:
        """Whether the columns shown are not those by default."""
        return [c.code for c in self.colonnes] != [c.code for c in self.permises.values() if c.defaut]

    # --- Rows -----------------------------------------------------------------------------------

    @cached_property
    def base(self) -> QuerySet[Any]:
        """All rows the person may read, of the commune she works on."""
        lignes = self.liste.requete(self.utilisateur)
        if self.communal is not None and self.commune:
            return lignes.filter(self.communal.q((self.commune,)))
        return lignes

    def condition(self, sauf: str = "") -> Q:
        """All that is asked, but for one filter."""
        total = Q()
        for filtre in self.filtres:
            valeur = self.valeurs[filtre.code]
            if valeur is not None and filtre.code != sauf:
                total &= filtre.q(valeur)
        if self.recherche:
            dans = self.liste.recherche
            total &= dans(self.recherche) if callable(dans) else condition_recherche(dans, self.recherche)
        if self.emprise:
            cadre = Polygon.from_bbox(self.emprise)
            cadre.srid = 4326
            total &= Q(**{f"{self.liste.geometrie}__intersects": cadre})
        return total

    @cached_property
    def filtrees(self) -> QuerySet[Any]:
        """Rows kept, in no order."""
        return self.base.filter(self.condition())

    @cached_property
    def lignes(self) -> QuerySet[Any]:
        """Rows kept, in the order asked, then by key so that pages never overlap."""
        if not self.tri:
            # The model's own order, or the newest first.
            return self.filtrees if self.filtrees.ordered else self.filtrees.order_by("-pk")
        chemins = self.permises[self.tri].ordre
        if all(self._toujours_dit(chemin) for chemin in chemins):
            # Plain, keys in the same direction: an index is read either way.
            moins = "-" if self.inverse else ""
            return self.filtrees.order_by(*(f"{moins}{chemin}" for chemin in chemins), f"{moins}pk")
        ordre = [
            F(chemin).desc(nulls_last=True) if self.inverse else F(chemin).asc(nulls_last=True)
            for chemin in chemins
        ]
        return self.filtrees.order_by(*ordre, "pk")

    def _toujours_dit(self, chemin: str) -> bool:
        """Whether it names a column of the rows themselves that is never null."""
        champs = {f.name: f for f in self.filtrees.model._meta.concrete_fields}
        return chemin in champs and not champs[chemin].null and not champs[chemin].is_relation

    @cached_property
    def nombre(self) -> int:
        """How many rows are kept."""
        ensemble = self._ensemble
        return self.filtrees.count() if ensemble is None else ensemble.nombre

    @cached_property
    def nombre_exact(self) -> int:
        """The same, counted to the end whatever it costs."""
        return self.filtrees.count() if self.au_dela else self.nombre

    @property
    def au_dela(self) -> bool:
        """Whether there are more rows than ``nombre``, which were not counted."""
        return self._ensemble is not None and self._ensemble.au_dela

    @cached_property
    def _ensemble(self) -> _Ensemble | None:
        """Counts of the facets where nothing is chosen, and the total: all from one reading of the rows.

        Null where rows would be counted several times, or where no facet is counted.
        """
        libres = [f for f in self._facettes if isinstance(f, FiltreChoix) and f.compte]
        champs = tuple(dict.fromkeys(f.champ for f in libres if self.valeurs[f.code] is None))
        if not champs:
            return None
        lignes = self.filtrees.order_by().values_list(*champs)
        if lignes.query.distinct or multiplie(lignes):
            return None
        if self.recherche and self.liste.par_cle:
            # A word that half the rows hold would have them all read again.
            comptes = [(*v, 1) for v in lignes[: COMPTE_MAX + 1]]
            if len(comptes) > COMPTE_MAX:
                return _Ensemble(COMPTE_MAX, {}, au_dela=True)
        else:
            comptes = list(lignes.annotate(n_lignes=Count("*")))
        total, nombres = 0, {champ: Counter[str]() for champ in champs}
        for *valeurs, n in comptes:
            total += n
            for champ, valeur in zip(champs, valeurs, strict=True):
                nombres[champ][str(valeur)] += n
        return _Ensemble(total, nombres)

    @cached_property
    def page(self) -> Page[Any]:
        """The page asked, the last one when there are fewer."""
        pages = Paginator(self.lignes, self.liste.par_page)
        pages.count = self.nombre  # counted without the order
        page = pages.get_page(self.donnees.get("page"))
        if self.liste.par_cle:
            debut = (page.number - 1) * self.liste.par_page
            cles = list(self.lignes.values_list("pk", flat=True)[debut : debut + self.liste.par_page])
            lues = {o.pk: o for o in self.base.filter(pk__in=cles)}
            page.object_list = [lues[cle] for cle in cles if cle in lues]
        return page

    # --- Addresses ------------------------------------------------------------------------------

    def actifs(self) -> list[str]:
        """Codes of the filters in force."""
        codes = [code for code, valeur in self.valeurs.items() if valeur is not None]
        return codes + ["q"] * bool(self.recherche) + ["emprise"] * bool(self.emprise)

    @property
    def filtree(self) -> bool:
        """Whether anything narrows the list."""
        return bool(self.actifs())

    def adresse(self, **changements: Any) -> str:
        """Query string with parameters changed (null: taken out); the page goes back to the first."""
        parametres = self.donnees.copy()
        for nom in ("page", "export"):
            parametres.pop(nom, None)
        for nom, valeur in changements.items():
            parametres.pop(nom, None)
            if valeur is not None:
                parametres[nom] = str(valeur)
        # Never empty: an empty address opens the person's default view.
        return f"?{parametres.urlencode() or 'vue='}"

    def places(self) -> str:
        """Query string of the same rows as places of a map."""
        parametres = self.donnees.copy()
        for nom in ("page", "tri", "colonnes", "vue"):
            parametres.pop(nom, None)
        parametres["export"] = "carte"
        return f"?{parametres.urlencode()}"

    def sans(self, retirer: Iterable[tuple[str, str]]) -> str:
        """Query string without some values, to close a chip."""
        parametres = self.donnees.copy()
        for nom in ("page", "export", "vue"):
            parametres.pop(nom, None)
        for nom, valeur in retirer:
            restes = [v for v in parametres.getlist(nom) if valeur and v != valeur]
            parametres.setlist(nom, restes)
        return f"?{parametres.urlencode() or 'vue='}"

    def jetons(self) -> list[tuple[str, str]]:
        """(text, address that takes it out) of all that narrows the list."""
        jetons = [j for f in self.filtres if (v := self.valeurs[f.code]) is not None
                  for j in f.jetons(v, self.utilisateur)]  # fmt: skip
        if self.recherche:
            jetons.insert(0, Jeton(f"« {self.recherche} »", (("q", ""),)))
        if self.emprise:
            jetons.append(Jeton("Dans le cadre de la carte", (("emprise", ""),)))
        return [(j.texte, self.sans(j.retirer)) for j in jetons]

    def entetes(self) -> list[Entete]:
        """Heads of the columns shown."""
        sortie = []
        for colonne in self.colonnes:
            ici = colonne.code == self.tri
            suivant = f"-{colonne.code}" if ici and not self.inverse else colonne.code
            sens = ("descending" if self.inverse else "ascending") if ici else ""
            sortie.append(Entete(colonne, self.adresse(tri=suivant) if colonne.ordre else "", sens))
        return sortie

    @cached_property
    def _facettes(self) -> list[Filtre]:
        """Filters that are drawn."""
        return [
            f
            for f in self.filtres
            if not (f.inutile(self.utilisateur) or (self.commune and f is self.communal))
        ]

    def facettes(self) -> list[dict[str, Any]]:
        """Filters with what their templates draw; a query more for each counted facet with a choice made."""
        sortie = []
        for f in self._facettes:
            valeur = self.valeurs[f.code]
            if isinstance(f, FiltreChoix):
                connus = self._ensemble.nombres.get(f.champ) if self._ensemble and valeur is None else None
                autres = self.base.filter(self.condition(f.code))
                facette = replace(f, compter=False) if self.au_dela else f
                contexte = facette.contexte(valeur, self.utilisateur, autres, connus if f.compte else None)
            else:
                contexte = f.contexte(valeur, self.utilisateur, self.base)
            sortie.append({"filtre": f, "valeur": valeur, "noms": f.parametres, **contexte})
        return sortie
