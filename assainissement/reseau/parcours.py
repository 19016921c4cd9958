"""Up or downstream of a pipe or of a node, and what is met on the way."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from django.db import connection

from assainissement.models import Appareillage, Arete, Noeud, Ouvrage, Troncon
from assainissement.regles.tables.reseau import BRANCHEMENT

AMONT, AVAL = "amont", "aval"
SENS = {AMONT: "vers l'amont", AVAL: "vers l'aval"}
MAXIMUM = 200_000
# Addresses this near to a pipe may be served by it.
RAYON_ADRESSES_M = 30.0
ADRESSES_MONTREES = 200
_PARCOURS = "SELECT troncon FROM assainissement_parcours(%s, %s, %s) AS troncon"
_COMMUNES = "SELECT DISTINCT insee FROM assainissement_arete WHERE troncon_id = ANY(%s)"
_RESUME = """
SELECT count(*), coalesce(sum(a.longueur), 0), coalesce(sum(t.nb_branchements), 0)
FROM assainissement_arete a JOIN assainissement_troncon t ON t.id = a.troncon_id
WHERE a.troncon_id = ANY(%s)
"""
_DIAMETRES = """
SELECT t.diametre, count(*), sum(a.longueur) FROM assainissement_arete a
JOIN assainissement_troncon t ON t.id = a.troncon_id WHERE a.troncon_id = ANY(%s)
GROUP BY t.diametre ORDER BY t.diametre NULLS LAST
"""
_ADRESSES = """
SELECT DISTINCT d.id FROM assainissement_troncon t
JOIN mairie_adresse d ON ST_DWithin(d.position, t.geom, %s) AND d.active
WHERE t.id = ANY(%s) AND d.insee = ANY(%s)
"""


@dataclass(frozen=True)
class Parcours:
    """Pipes met; ``tronque`` when the limit stopped the search, ``caches`` those that one may not see."""

    insee: str
    sens: str
    troncons: list[int]
    tronque: bool = False
    caches: int = 0

    @cached_property
    def communes(self) -> list[str]:
        """Where these pipes lie, and where the search began."""
        with connection.cursor() as curseur:
            curseur.execute(_COMMUNES, [self.troncons])
            return sorted({self.insee, *(code for (code,) in curseur.fetchall())})

    def vu_par(self, utilisateur: Any) -> Parcours:
        """The same for a person: a network goes on where her communes end."""
        if self.communes == [self.insee]:
            return self
        vues = set(
            Troncon.objects.visibles_par(utilisateur)
            .filter(pk__in=self.troncons)
            .values_list("pk", flat=True)
        )
        gardees = [t for t in self.troncons if t in vues]
        return replace(self, troncons=gardees, caches=len(self.troncons) - len(gardees))


@dataclass
class Resume:
    """What the pipes of a search add up to: metres, counts, lengths by diameter, addresses near them."""

    nombre: int = 0
    longueur: float = 0.0
    branchements: int = 0
    diametres: list[tuple[int | None, int, float]] = field(default_factory=list)
    adresses: list[int] = field(default_factory=list)


def depuis_noeud(noeud: int, sens: str, maximum: int = MAXIMUM) -> list[int]:
    """Pipes beyond a node, each once, loops included once."""
    with connection.cursor() as curseur:
        curseur.execute(_PARCOURS, [noeud, sens == AMONT, maximum])
        return [cle for (cle,) in curseur.fetchall()]


def depuis_troncon(t: Troncon, sens: str, maximum: int = MAXIMUM) -> Parcours:
    """The pipe itself, then what lies beyond it."""
    arete = Arete.objects.filter(pk=t.pk).first()
    if arete is None:
        return Parcours(t.insee, sens, [t.pk])
    suite = depuis_noeud(arete.amont_id if sens == AMONT else arete.aval_id, sens, maximum)
    return Parcours(t.insee, sens, list(dict.fromkeys([t.pk, *suite])), len(suite) >= maximum)


def depuis_ouvrage(o: Ouvrage | Appareillage, sens: str, maximum: int = MAXIMUM) -> Parcours:
    """What lies beyond a structure or a fitting."""
    nom = "ouvrage" if isinstance(o, Ouvrage) else "appareillage"
    noeud = Noeud.objects.filter(**{nom: o}).order_by("pk").first()
    suite = depuis_noeud(noeud.pk, sens, maximum) if noeud is not None else []
    return Parcours(o.insee, sens, suite, len(suite) >= maximum)


def resumer(p: Parcours) -> Resume:
    """Length, connections, diameters, addresses of a search."""
    r = Resume()
    with connection.cursor() as curseur:
        curseur.execute(_RESUME, [p.troncons])
        r.nombre, r.longueur, r.branchements = curseur.fetchone()
        curseur.execute(_DIAMETRES, [p.troncons])
        r.diametres = list(curseur.fetchall())
        curseur.execute(_ADRESSES, [RAYON_ADRESSES_M, p.troncons, p.communes])
        r.adresses = [cle for (cle,) in curseur.fetchall()]
    r.branchements += _points_de_branchement(p)
    return r


def _points_de_branchement(p: Parcours) -> int:
    """Fittings that are points of connection on these pipes, where pipes themselves count none."""
    noms = Troncon.objects.filter(pk__in=p.troncons, nb_branchements__isnull=True).values("identifiant")
    trouves: int = Appareillage.objects.filter(
        insee__in=p.communes, fonction__startswith=BRANCHEMENT, canalisation_principale__in=noms
    ).count()
    return trouves


@dataclass(frozen=True)
class Pas:
    """One pipe of a descent, in the direction of the water: distances and levels in metres, null unknown."""

    troncon: Any
    debut: float
    fin: float
    radier_amont: float | None
    radier_aval: float | None
    sol_amont: float | None
    sol_aval: float | None
    noeud_amont: str
    noeud_aval: str

    @property
    def pente(self) -> float | None:
        """Slope in millimetres a metre."""
        if self.radier_amont is None or self.radier_aval is None or self.fin <= self.debut:
            return None
        return 1000 * (self.radier_amont - self.radier_aval) / (self.fin - self.debut)


def descente(t: Troncon, maximum: int = 2_000, *, pour: Any = None) -> list[Pas]:
    """The way down from a pipe: at a fork the widest pipe, then the lowest, then the first.

    ``pour``: a person, who sees no further than her communes.
    """
    p = depuis_troncon(t, AVAL, 20_000)
    if pour is not None:
        p = p.vu_par(pour)
    aretes = {
        a.pk: a
        for a in Arete.objects.filter(pk__in=p.troncons).select_related(
            "troncon", "amont__ouvrage", "aval__ouvrage"
        )
    }
    departs: dict[int, list[Arete]] = {}
    for a in aretes.values():
        departs.setdefault(a.amont_id, []).append(a)
    suite: list[Pas] = []
    vues, position = Counter[int](), 0.0
    courante = aretes.get(t.pk)
    while courante is not None and not vues[courante.pk] and len(suite) < maximum:
        vues[courante.pk] += 1
        suite.append(_pas(courante, position))
        position += courante.longueur
        possibles = [a for a in departs.get(courante.aval_id, ()) if not vues[a.pk]]
        courante = min(possibles, key=_preference, default=None)
    return suite


def _preference(a: Arete) -> tuple[float, float, int]:
    radier = _radiers(a)[0]
    return -(a.troncon.diametre or 0), radier if radier is not None else 1e9, a.pk


def _radiers(a: Arete) -> tuple[float | None, float | None]:
    """Inverts in the direction of the water: the fields, else the heights of the drawing."""
    t = a.troncon
    if t.z_amont is not None and t.z_aval is not None:
        # Without SENSECOUL the two levels are those of the drawing, and decide of the direction themselves.
        return (t.z_amont, t.z_aval) if a.directe or t.sens else (t.z_aval, t.z_amont)
    hauteurs = [c[2] for c in (t.geom[0], t.geom[-1])]
    if not any(hauteurs):
        return t.z_amont, t.z_aval
    debut, fin = hauteurs if a.directe else hauteurs[::-1]
    return debut, fin


def _sol(noeud: Noeud) -> float | None:
    return noeud.ouvrage.altitude if noeud.ouvrage is not None else None


def _pas(a: Arete, position: float) -> Pas:
    haut, bas = _radiers(a)
    return Pas(
        a.troncon, position, position + a.longueur, haut, bas, _sol(a.amont), _sol(a.aval), str(a.amont),
        str(a.aval),
    )  # fmt: skip
