"""Parcels and sections behind the references typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse

from cadastre.historique import Descendant, descendance
from cadastre.models import Section
from cadastre.regles.contenance import hectares_ares_centiares
from cadastre.regles.ecritures import decouper, enumerer, libelle, libelle_section
from cadastre.regles.noms import a_commune
from cadastre.regles.references import Contexte, Reference
from gis_data.liens import adresse_carte
from mairie.recherche import Boite, Point, Reponse, Resultat, boite, centre, point

RANG_REFERENCE = 0
RANG_SECTION = 2
# Beyond, the text says too little: a commune is asked.
CANDIDATS_MAX = 20_000
SECTIONS_MONTREES = 20
COMMUNES_MAX = 50


@dataclass(frozen=True)
class ParcelleTrouvee:
    """The last version of a parcel, where it is in degrees, and what it became if it was removed."""

    id: int
    idu: str
    valide_du: date
    valide_au: date | None
    contenance: int | None
    bbox: Boite | None
    point: Point | None
    descendants: tuple[Descendant, ...] = ()


_DERNIERES = """
SELECT DISTINCT ON (p.idu) p.id, p.idu, p.valide_du, p.valide_au, p.contenance,
       ST_XMin(b.g), ST_YMin(b.g), ST_XMax(b.g), ST_YMax(b.g), ST_X(c.g), ST_Y(c.g)
FROM cadastre_parcelle p
LEFT JOIN LATERAL (SELECT ST_Transform(ST_Envelope(p.geom), 4326) AS g) b ON true
LEFT JOIN LATERAL (SELECT ST_Transform(ST_PointOnSurface(p.geom), 4326) AS g) c ON true
WHERE p.idu = ANY(%s)
ORDER BY p.idu, p.valide_du DESC
"""


def dernieres_versions(idus: Iterable[str]) -> dict[str, ParcelleTrouvee]:
    """Last version of each ``idu`` that has ever existed, with today's descendants of the removed ones."""
    with connection.cursor() as curseur:
        curseur.execute(_DERNIERES, [list(idus)])
        trouvees = {
            idu: ParcelleTrouvee(numero, idu, du, au, contenance, boite(g[:4]), point(g[4:]))
            for numero, idu, du, au, contenance, *g in curseur.fetchall()
        }
    suites = descendance([p.id for p in trouvees.values() if p.valide_au is not None])
    return {idu: replace(p, descendants=tuple(suites.get(p.id, ()))) for idu, p in trouvees.items()}


def texte_suppression(p: ParcelleTrouvee) -> str:
    """« supprimée le 15/01/2020, devenue ZD 41 et ZD 42 »."""
    texte = f"supprimée le {p.valide_au:%d/%m/%Y}" if p.valide_au else ""
    suites = [libelle(d.idu) for d in p.descendants if d.idu != p.idu]
    return f"{texte}, devenue {enumerer(suites[:10])}" if suites else texte


def resultat_parcelle(p: ParcelleTrouvee, ctx: Contexte, score: float = 1.0) -> Resultat:
    """A parcel as a search result."""
    parties = decouper(p.idu)
    commune = ctx.communes.get(parties.insee, parties.insee)
    if p.valide_au is not None:
        detail = texte_suppression(p)
    elif p.contenance is None:
        detail = "contenance non indiquée"
    else:
        detail = hectares_ares_centiares(p.contenance)
    return Resultat(
        type="parcelle",
        titre=parties.libelle,
        sous_titre=f"{commune} · {detail}",
        url=reverse("parcelle", args=[p.idu]),
        bbox=p.bbox,
        point=p.point,
        idu=p.idu,
        rang=RANG_REFERENCE,
        score=score,
        groupe=commune,
    )


class _Recherche:
    """One search: sections read once, then all candidate parcels in one query."""

    def __init__(self, references: list[Reference], ctx: Contexte) -> None:
        self.references = references
        self.ctx = ctx
        self.reponse = Reponse()
        # By (commune, section): the préfixes under which the section exists.
        self.prefixes: dict[tuple[str, str], list[str]] = defaultdict(list)
        codes = {r.section for r in references}
        for insee, prefixe, section in Section.objects.filter(section__in=codes).values_list(
            "commune", "prefixe", "section"
        ):
            self.prefixes[insee, section].append(prefixe)
        self.par_section: dict[str, list[str]] = defaultdict(list)
        for insee, section in self.prefixes:
            self.par_section[section].append(insee)

    def candidats(self, r: Reference) -> list[str]:
        """Every identifier that ``r`` may mean, the commune on the map first."""
        if r.idu:
            return [r.idu]
        communes = [r.insee] if r.insee else self.par_section[r.section]
        if r.insee is None and not communes and len(self.ctx.communes) <= 50:
            # The section may be gone while its removed parcels are remembered.
            communes = list(self.ctx.communes)
        communes = sorted(communes, key=lambda insee: (insee != self.ctx.courante, insee))
        if len(communes) > COMMUNES_MAX:
            nom = r.section.lstrip("0") or r.section
            self.reponse.erreurs.append(
                f"{len(communes)} communes ont une section {nom} : seules {COMMUNES_MAX} sont cherchées. "
                "Ajoutez le nom ou le code de la commune."
            )
            communes = communes[:COMMUNES_MAX]
        return [
            f"{insee}{prefixe}{r.section}{r.numero:04d}"
            for insee in communes
            for prefixe in ([r.prefixe] if r.prefixe else self.prefixes.get((insee, r.section)) or ["000"])
        ]

    def parcelles(self) -> None:
        demandes = [(r, self.candidats(r)) for r in self.references if r.numero is not None]
        if sum(len(c) for _, c in demandes) > CANDIDATS_MAX:
            message = "Trop de communes possibles pour cette liste. Ajoutez le nom ou le code de la commune."
            self.reponse.erreurs.append(message)
            return
        trouvees = dernieres_versions({idu for _, candidats in demandes for idu in candidats})
        resultats: dict[str, Resultat] = {}
        absentes: list[Reference] = []
        plages: dict[str, bool] = {}
        rang = 0
        for r, candidats in demandes:
            connues = [trouvees[idu] for idu in candidats if idu in trouvees]
            plages[r.ecrit] = plages.get(r.ecrit, False) or bool(connues)
            if not connues and not r.plage:
                absentes.append(r)
            for p in connues:
                for q in (p, *self._suites(p, trouvees)):
                    rang += 1
                    # The order typed is kept.
                    score = 1 - rang / (CANDIDATS_MAX * 20)
                    resultats.setdefault(q.idu, resultat_parcelle(q, self.ctx, score))
            self._plusieurs_prefixes(r, connues)
        # The first number of a range that exists in part is not missed either.
        en_plage = {r.ecrit for r in self.references if r.plage}
        self._absentes([r for r in absentes if not (r.ecrit in en_plage and plages[r.ecrit])])
        self.reponse.resultats.extend(resultats.values())

    @staticmethod
    def _suites(p: ParcelleTrouvee, trouvees: dict[str, ParcelleTrouvee]) -> list[ParcelleTrouvee]:
        """What a removed parcel became, as results of their own (read only where one was removed)."""
        suites = [d.idu for d in p.descendants[:10] if d.idu not in trouvees]
        return list(dernieres_versions(suites).values()) if suites else []

    def _plusieurs_prefixes(self, r: Reference, connues: list[ParcelleTrouvee]) -> None:
        par_commune: dict[str, list[str]] = defaultdict(list)
        for p in connues:
            par_commune[p.idu[:5]].append(p.idu[5:8])
        for insee, prefixes in par_commune.items():
            if len(prefixes) > 1:
                nom = self.ctx.communes.get(insee, insee)
                self.reponse.erreurs.append(
                    f"La section {r.section.lstrip('0')} existe sous plusieurs préfixes {a_commune(nom)} "
                    f"({', '.join(sorted(prefixes))}) : choisissez, ou tapez par exemple "
                    f"« {min(prefixes)} {r.libelle} »."
                )

    def _absentes(self, absentes: list[Reference]) -> None:
        bilans = _bilans({(self._commune_de(r), r.section) for r in absentes})
        for r in absentes:
            insee = self._commune_de(r)
            if insee is None:
                nombre = len(self.ctx.communes)
                ou = f"dans les {nombre} communes du plan" if nombre else ": aucun plan n'est chargé"
                self.reponse.erreurs.append(f"Aucune parcelle {r.libelle} {ou}.")
                continue
            if insee not in self.ctx.communes:
                message = f"La commune {insee} n'est pas dans le plan chargé."
            else:
                message = f"Aucune parcelle {r.libelle} {a_commune(self.ctx.communes[insee])}. "
                message += self._bilan(insee, r.section, bilans)
            self.reponse.erreurs.append(message)

    def _bilan(self, insee: str, section: str, bilans: dict[tuple[str, str], tuple[int, int, int]]) -> str:
        nom = section.lstrip("0") or section
        if (insee, section) in bilans:
            nombre, premier, dernier = bilans[insee, section]
            pluriel = "s" if nombre > 1 else ""
            return f"Section {nom} : {nombre} parcelle{pluriel}, de {premier} à {dernier}."
        return f"Il n'y a pas de section {nom}. {self._sections(insee)}"

    def _sections(self, insee: str) -> str:
        codes = Section.objects.filter(commune=insee).order_by("idu10").values_list("idu10", flat=True)
        noms = [libelle_section(code) for code in codes[: SECTIONS_MONTREES + 1]]
        suite = "…" if len(noms) > SECTIONS_MONTREES else ""
        return f"Sections : {', '.join(noms[:SECTIONS_MONTREES])}{suite}." if noms else ""

    def _commune_de(self, r: Reference) -> str | None:
        """Commune typed, on the map, the only one, or the only one that has the section."""
        communes = self.par_section[r.section]
        return r.insee or self._seule_commune() or (communes[0] if len(communes) == 1 else None)

    def _seule_commune(self) -> str | None:
        if self.ctx.courante in self.ctx.communes:
            return self.ctx.courante
        return next(iter(self.ctx.communes)) if len(self.ctx.communes) == 1 else None

    def sections(self) -> None:
        for r in [r for r in self.references if r.numero is None]:
            filtre = Section.objects.filter(section=r.section)
            if r.insee:
                filtre = filtre.filter(commune=r.insee)
            if r.prefixe:
                filtre = filtre.filter(prefixe=r.prefixe)
            trouvees = [_resultat_section(ligne, self.ctx) for ligne in _boites_sections(filtre)]
            ici = self.ctx.communes.get(self.ctx.courante or "")
            self.reponse.resultats.extend(sorted(trouvees, key=lambda t: (t.groupe != ici, t.groupe)))
            if not trouvees:
                insee = r.insee or self._seule_commune() or ""
                connue = self.ctx.communes.get(insee)
                message = f"Aucune section {r.libelle} {a_commune(connue) if connue else 'dans le plan'}."
                message += f" {self._sections(insee)}" if connue else ""
                (self.reponse.remarques if r.faible else self.reponse.erreurs).append(message)


def _bilans(cles: set[tuple[str | None, str]]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """(parcels in force, first number, last number) of each (commune, section) that has parcels."""
    paires = [(insee, section) for insee, section in cles if insee]
    if not paires:
        return {}
    with connection.cursor() as curseur:
        curseur.execute(
            """
            SELECT p.commune, p.section, count(*), min(p.numero), max(p.numero)
            FROM cadastre_parcelle p JOIN unnest(%s::text[], %s::text[]) AS d(commune, section)
              ON p.commune = d.commune AND p.section = d.section
            WHERE p.valide_au IS NULL AND p.numero IS NOT NULL GROUP BY 1, 2
            """,
            [[p[0] for p in paires], [p[1] for p in paires]],
        )
        return {(ligne[0], ligne[1]): (ligne[2], ligne[3], ligne[4]) for ligne in curseur.fetchall()}


def _boites_sections(filtre: QuerySet[Section]) -> list[tuple[str, str, Boite | None]]:
    """(idu10, commune, box in degrees) of sections."""
    ids = list(filtre.values_list("id", flat=True)[:200])
    with connection.cursor() as curseur:
        curseur.execute(
            """
            SELECT s.idu10, s.commune, ST_XMin(b.g), ST_YMin(b.g), ST_XMax(b.g), ST_YMax(b.g)
            FROM cadastre_section s
            LEFT JOIN LATERAL (SELECT ST_Transform(ST_Envelope(s.geom), 4326) AS g) b ON true
            WHERE s.id = ANY(%s) ORDER BY s.idu10
            """,
            [ids],
        )
        return [(r[0], r[1], boite(r[2:6])) for r in curseur.fetchall()]


def _resultat_section(ligne: tuple[str, str, Boite | None], ctx: Contexte) -> Resultat:
    idu10, insee, bbox = ligne
    commune = ctx.communes.get(insee, insee)
    return Resultat(
        type="section",
        titre=f"Section {libelle_section(idu10)}",
        sous_titre=commune,
        url=adresse_carte(bbox=bbox),
        bbox=bbox,
        point=centre(bbox),
        rang=RANG_SECTION,
        groupe=commune,
    )


def chercher_references(references: list[Reference], ctx: Contexte) -> Reponse:
    """Parcels, removed ones included, and sections that ``references`` name."""
    recherche = _Recherche(references, ctx)
    if any(r.numero is not None for r in references):
        recherche.parcelles()
    recherche.sections()
    return recherche.reponse
