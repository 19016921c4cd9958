"""Walks every address of the site: what each demands, and what is wrong with those that say nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

import tests.matrice as matrice

# ``public``, ``connecte``, or a right.
MARQUE = re.compile(r"public|connecte|[a-z_]+\.[a-z_]+")


@dataclass(frozen=True)
class Adresse:
    """One address: ``nom`` with its namespaces, ``motif`` as declared, ``acces`` (empty: no mark)."""

    nom: str
    motif: str
    vue: Any
    acces: str

    @property
    def module(self) -> str:
        """Module of the view itself, without what wraps it."""
        return str(getattr(getattr(self.vue, "func", self.vue), "__module__", ""))


def acces_de(vue: Any) -> str:
    """What the view demands; empty when it says nothing."""
    vue = getattr(vue, "func", vue)  # ninja's documents are partials
    acces = getattr(vue, "acces", None) or getattr(getattr(vue, "view_class", None), "acces", None)
    return acces if isinstance(acces, str) else ""


def adresses(resolveur: URLResolver | None = None, espace: str = "", prefixe: str = "/") -> Iterator[Adresse]:
    """Every address, those of packages included."""
    for motif in (resolveur or get_resolver()).url_patterns:
        if isinstance(motif, URLResolver):
            suivant = f"{espace}{motif.namespace}:" if motif.namespace else espace
            yield from adresses(motif, suivant, f"{prefixe}{motif.pattern}")
        elif isinstance(motif, URLPattern):
            nom = f"{espace}{motif.name or motif.pattern}"
            yield Adresse(nom, f"{prefixe}{motif.pattern}", motif.callback, acces_de(motif.callback))


def hors_matrice(adresse: Adresse) -> bool:
    """A package's view that the matrix leaves to a test of its own."""
    return any(adresse.motif.startswith(debut) for debut in matrice.HORS_MATRICE)


def fautes(resolveur: URLResolver | None, droits: set[str]) -> list[str]:
    """Addresses without a mark, without a name, or whose right nobody declares."""
    sortie = []
    for a in adresses(resolveur):
        if hors_matrice(a):
            continue
        if not MARQUE.fullmatch(a.acces):
            sortie.append(f"{a.motif} ({a.module}) ne dit pas qui peut l'ouvrir")
        elif a.acces not in ("public", "connecte") and a.acces not in droits:
            sortie.append(f"{a.motif} exige un droit que nul ne déclare : {a.acces}")
    return sortie
