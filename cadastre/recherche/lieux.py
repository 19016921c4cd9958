"""Addresses and named places of the plan: streets, numbers, lieux-dits, residences, communes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.urls import reverse

from cadastre.regles.noms import nom_commune, nom_lieu
from cadastre.regles.references import Contexte, normaliser
from gis_data.liens import adresse_carte
from mairie.recherche import Boite, Point, Reponse, Resultat, boite, centre, point

RANG_ADRESSE = 10
RANG_LIEU = 20
# A number belongs to the nearest axis, 50 m away at most.
DISTANCE_AXE_M = 50
VOIES_EXAMINEES = 5
LETTRES_MIN = 2
SCORE_MIN = 0.3

_NUMERO = re.compile(
    r"\s*(\d{1,4})\s*(bis|ter|quater|quinquies|[a-z](?![a-z'’]))?[\s,]+(\D*[^\W\d_]{2}.*)", re.I | re.S
)
_MOTS = re.compile(r"[0-9a-z]+")
_INDICES = {"bis": "b", "ter": "t", "quater": "q", "quinquies": "c"}
_ABREGES = {
    "av": "avenue", "ave": "avenue", "bd": "boulevard", "bld": "boulevard", "ch": "chemin", "che": "chemin",
    "imp": "impasse", "pl": "place", "rte": "route", "all": "allee", "res": "residence", "lot": "lotissement",
    "st": "saint", "ste": "sainte", "sq": "square",
}  # fmt: skip
# Words that half of the names hold: they order the answers but do not choose them.
_COURANTS = frozenset(
    [
        *("rue", "avenue", "boulevard", "chemin", "route", "place", "impasse", "allee", "cours", "quai"),
        *("sentier", "voie", "square", "passage", "lotissement", "residence", "rural", "dit", "communale"),
        *("exploitation", "de", "du", "des", "d", "la", "le", "les", "l", "en", "sur", "sous"),
        *("a", "au", "aux", "et"),
    ]
)
_PREPOSITIONS = frozenset({"de", "du", "des", "d", "la", "le", "les", "l", "en", "sur", "sous"})


@dataclass(frozen=True)
class _Nom:
    type: str
    cle: str
    nom: str
    commune: str
    score: float
    bbox: Boite | None
    point: Point | None


def cle(texte: str) -> str:
    """The searched form of a text, as the database makes it."""
    return " ".join(_MOTS.findall(normaliser(texte).replace("→", " ").lower()))


def _developper(texte: str) -> str:
    return " ".join(_ABREGES.get(mot, mot) for mot in texte.split())


def separer_commune(texte: str, ctx: Contexte) -> tuple[str, tuple[str, ...]]:
    """(searched form without the commune named at its end, INSEE codes of that commune)."""
    mots = cle(texte).split()
    for debut in range(max(1, len(mots) - 8), len(mots)):
        insees = ctx.communes_nommees([mot.upper() for mot in mots[debut:]])
        reste = mots[:debut]
        if not insees:
            continue
        if len(reste[-1]) == 5 and reste[-1].isdigit():
            reste = reste[:-1]
        if reste and reste[-1] not in _PREPOSITIONS:
            return " ".join(m for m in (reste[:-1] if reste[-1] == "a" else reste)), insees
    return " ".join(mots), ()


# In two steps, so that geometry is read only for the names that will be shown.
_NOMS = """
WITH trouves AS (
    {unions}
), classes AS (
    SELECT t.type, t.cle, f.commune, array_agg(t.id) AS ids, min(t.nom) AS nom,
           greatest(similarity(t.cle, %(q)s), 0.9 * word_similarity(%(q)s, t.cle),
                    CASE WHEN t.cle = %(q)s THEN 1.0 ELSE 0 END) AS score
    FROM trouves t JOIN cadastre_feuille f ON f.id = t.feuille_id
    WHERE %(communes)s::text[] IS NULL OR f.commune = ANY(%(communes)s)
    GROUP BY t.type, t.cle, f.commune
)
SELECT * FROM classes WHERE score >= %(seuil)s
ORDER BY score DESC, commune <> %(ici)s, length(cle), cle, commune LIMIT %(limite)s
"""
_UNION = """SELECT '{type}' AS type, id, nom, feuille_id, cadastre_texte_cherche(nom) AS cle FROM {table}
    WHERE cadastre_texte_cherche(nom) %%> %(noyau)s AND nom <> ''"""
_PLACES = """
SELECT g.rang, ST_XMin(b.g), ST_YMin(b.g), ST_XMax(b.g), ST_YMax(b.g), ST_X(p.g), ST_Y(p.g)
FROM ({places}) g
LEFT JOIN LATERAL (SELECT ST_Transform(g.boite, 4326) AS g) b ON true
LEFT JOIN LATERAL (SELECT ST_Transform(g.point, 4326) AS g) p ON true
"""
_PLACE = """SELECT %s::int AS rang, ST_SetSRID(ST_Extent(geom)::geometry, {srid}) AS boite,
    ST_PointOnSurface(ST_Collect(geom)) AS point FROM {table} WHERE id = ANY(%s)"""
_TABLES = {
    "voie": "cadastre_axevoie",
    "lieudit": "cadastre_lieudit",
    "residence": "cadastre_ensembleimmobilier",
}


def noyau(q: str) -> str:
    """The words of ``q`` that tell one name from another: « rue de la forge » → « forge »."""
    mots = [mot for mot in q.split() if mot not in _COURANTS]
    return " ".join(mots) or q


def _noms(
    q: str, types: tuple[str, ...], communes: tuple[str, ...], ici: str | None, limite: int
) -> list[_Nom]:
    """Names alike ``q``, the best first; the pieces of one name in one commune make one result."""
    unions = "\n    UNION ALL\n    ".join(_UNION.format(type=t, table=_TABLES[t]) for t in types)
    parametres: dict[str, Any] = {
        "q": q,
        "noyau": noyau(q),
        "seuil": SCORE_MIN,
        "communes": list(communes) or None,
        "ici": ici or "",
        "limite": limite,
    }
    with connection.cursor() as curseur:
        curseur.execute(_NOMS.format(unions=unions), parametres)
        lignes = curseur.fetchall()
        if not lignes:
            return []
        places = " UNION ALL ".join(
            _PLACE.format(srid=int(settings.TERRITOIRE_SRID), table=_TABLES[ligne[0]]) for ligne in lignes
        )
        valeurs = [v for rang, ligne in enumerate(lignes) for v in (rang, ligne[3])]
        curseur.execute(_PLACES.format(places=places), valeurs)
        par_rang = {rang: g for rang, *g in curseur.fetchall()}
    return [
        _Nom(genre, mots, nom, commune, score, boite(par_rang[rang][:4]), point(par_rang[rang][4:]))
        for rang, (genre, mots, commune, _, nom, score) in enumerate(lignes)
    ]


# Every number whose nearest named axis (50 m at most) is the street sought, with its parcel: the one the
# plan links to it, else the one on which it stands, else the nearest.
_NUMEROS = """
WITH axes AS (
    SELECT a.geom FROM cadastre_axevoie a JOIN cadastre_feuille f ON f.id = a.feuille_id
    WHERE cadastre_texte_cherche(a.nom) = %(cle)s AND f.commune = %(commune)s AND a.geom IS NOT NULL
), proches AS (
    SELECT DISTINCT n.id, n.numero, n.geom FROM axes a
    JOIN cadastre_numerovoirie n ON ST_DWithin(n.geom, a.geom, %(distance)s)
), retenus AS (
    SELECT n.* FROM proches n
    CROSS JOIN LATERAL (
        SELECT b.nom FROM cadastre_axevoie b
        WHERE b.nom <> '' AND ST_DWithin(b.geom, n.geom, %(distance)s)
        ORDER BY b.geom <-> n.geom LIMIT 1
    ) voisin
    WHERE cadastre_texte_cherche(voisin.nom) = %(cle)s
)
SELECT id, numero, ST_X(ST_Transform(geom, 4326)), ST_Y(ST_Transform(geom, 4326)) FROM retenus
"""

_PARCELLE_DU_NUMERO = """
SELECT COALESCE(
    (SELECT min(p.idu) FROM cadastre_numerovoirieparcelle l JOIN cadastre_parcelle p ON p.id = l.parcelle_id
     WHERE l.numero_voirie_id = n.id AND p.valide_au IS NULL),
    (SELECT p.idu FROM cadastre_parcelle p
     WHERE p.valide_au IS NULL AND p.idu IS NOT NULL AND ST_DWithin(p.geom, n.geom, %(distance)s)
     ORDER BY p.geom <-> n.geom LIMIT 1))
FROM cadastre_numerovoirie n WHERE n.id = %(id)s
"""


def cle_numero(numero: str) -> tuple[int, str]:
    """« 12 bis » → (12, « b »): the same for 12B and 12 BIS; (0, text) where there is no figure."""
    trouve = re.fullmatch(r"\s*(\d+)\s*([A-Za-z]*)\s*", numero)
    if trouve is None:
        return 0, numero.strip().lower()
    indice = trouve[2].lower()
    return int(trouve[1]), _INDICES.get(indice, indice)


def _numero(voie: _Nom, cherche: tuple[int, str]) -> tuple[tuple[Any, ...] | None, bool]:
    """(id, number, longitude, latitude) of the number sought on ``voie``, else of the nearest by value."""
    parametres: dict[str, Any] = {"cle": voie.cle, "commune": voie.commune, "distance": DISTANCE_AXE_M}
    with connection.cursor() as curseur:
        curseur.execute(_NUMEROS, parametres)
        lignes = [(cle_numero(ligne[1]), ligne) for ligne in curseur.fetchall()]
    exacts = [ligne for numero, ligne in lignes if numero == cherche]
    if exacts:
        return exacts[0], True
    # The even and the odd numbers face each other: the same side first.
    autres = sorted(
        (abs(numero[0] - cherche[0]) + (1000 if (numero[0] - cherche[0]) % 2 else 0), ligne[0], ligne)
        for numero, ligne in lignes
        if numero[0]
    )
    return (autres[0][2], False) if autres else (None, False)


def _resultat_numero(voie: _Nom, ligne: tuple[Any, ...], commune: str) -> Resultat:
    with connection.cursor() as curseur:
        curseur.execute(_PARCELLE_DU_NUMERO, {"id": ligne[0], "distance": DISTANCE_AXE_M})
        idu = curseur.fetchone()[0]
    x, y = ligne[2], ligne[3]
    bbox = (x - 0.0006, y - 0.0004, x + 0.0006, y + 0.0004)
    return Resultat(
        type="numero",
        titre=f"{ligne[1]} {nom_lieu(voie.nom)}",
        sous_titre=commune,
        url=reverse("parcelle", args=[idu]) if idu else adresse_carte(bbox=bbox),
        bbox=bbox,
        point=(x, y),
        idu=idu,
        rang=RANG_ADRESSE,
        score=voie.score,
        groupe=commune,
    )


_LIBELLES = {"voie": "Voie", "lieudit": "Lieu-dit", "residence": "Ensemble immobilier"}


def _resultat_nom(nom: _Nom, ctx: Contexte) -> Resultat:
    commune = ctx.communes.get(nom.commune, nom.commune)
    return Resultat(
        type=nom.type,
        titre=nom_lieu(nom.nom),
        sous_titre=f"{_LIBELLES[nom.type]} · {commune}",
        url=adresse_carte(bbox=nom.bbox),
        bbox=nom.bbox,
        point=nom.point,
        rang=RANG_ADRESSE if nom.type == "voie" else RANG_LIEU,
        score=nom.score,
        groupe=commune,
    )


def _chercher_adresse(texte: str, ctx: Contexte, limite: int) -> Reponse:
    reponse = Reponse()
    trouve = _NUMERO.fullmatch(texte)
    if trouve is None:
        return reponse
    cherche = (int(trouve[1]), _INDICES.get((trouve[2] or "").lower(), (trouve[2] or "").lower()))
    ecrit = f"{trouve[1]}{' ' + trouve[2] if trouve[2] else ''}"
    q, communes = separer_commune(trouve[3], ctx)
    q = _developper(q)
    voies = _noms(q, ("voie",), communes, ctx.courante, limite)
    if not voies:
        reponse.remarques.append(f"Aucune voie « {trouve[3].strip()} » au plan.")
        return reponse
    meilleures = [v for v in voies if v.score >= 0.8 * voies[0].score][:VOIES_EXAMINEES]
    for voie in meilleures:
        commune = ctx.communes.get(voie.commune, voie.commune)
        ligne, exact = _numero(voie, cherche)
        if ligne is not None:
            reponse.resultats.append(_resultat_numero(voie, ligne, commune))
        if not exact and voie.score == meilleures[0].score:
            suite = f" ; le plus proche est le {ligne[1]}" if ligne else " ni d'autre numéro"
            reponse.erreurs.append(f"Pas de n° {ecrit} au plan, {nom_lieu(voie.nom)} ({commune}){suite}.")
    reponse.resultats.extend(_resultat_nom(voie, ctx) for voie in meilleures)
    return reponse


def _communes(q: str, ctx: Contexte) -> list[Resultat]:
    """Communes whose name begins by ``q`` or whose code is ``q``."""
    insees = list(ctx.communes_nommees(q.upper().split()))
    if q.upper() in ctx.communes:
        insees.append(q.upper())
    if not insees:
        return []
    with connection.cursor() as curseur:
        curseur.execute(
            """
            SELECT c.insee, c.nom, ST_XMin(b.g), ST_YMin(b.g), ST_XMax(b.g), ST_YMax(b.g)
            FROM cadastre_commune c
            LEFT JOIN LATERAL (SELECT ST_Transform(ST_Envelope(c.geom), 4326) AS g) b ON true
            WHERE c.insee = ANY(%s) ORDER BY c.nom, c.insee
            """,
            [insees],
        )
        lignes = curseur.fetchall()
    return [
        Resultat(
            type="commune",
            titre=nom_commune(nom),
            sous_titre=f"Commune · {insee}",
            url=adresse_carte(bbox=boite(coins)),
            bbox=boite(coins),
            point=centre(boite(coins)),
            rang=1,
            groupe=nom_commune(nom),
        )
        for insee, nom, *coins in lignes
    ]


def chercher_lieux(texte: str, ctx: Contexte, limite: int) -> Reponse:
    """Addresses when the text begins by a number, else names; accents, case and apostrophes do not count."""
    # Names are short: a longer text is none, and would cost similarity on every row.
    texte = texte.strip()[:200]
    adresse = _chercher_adresse(texte, ctx, limite)
    if adresse.resultats:
        return adresse
    entier = cle(texte)
    reponse = Reponse(resultats=_communes(entier, ctx), remarques=adresse.remarques)
    q, communes = separer_commune(texte, ctx)
    if len(q) >= LETTRES_MIN and not (reponse.resultats and q == entier and q.isdigit()):
        noms = _noms(_developper(q), ("voie", "lieudit", "residence"), communes, ctx.courante, limite)
        if not noms and communes:
            noms = _noms(_developper(entier), ("voie", "lieudit", "residence"), (), ctx.courante, limite)
        reponse.resultats.extend(_resultat_nom(nom, ctx) for nom in noms)
    if not reponse.resultats and not reponse.remarques:
        court = texte if len(texte) <= 80 else texte[:77] + "…"
        reponse.remarques.append(
            f"Rien au plan pour « {court} ». "
            "Essayez une référence (AB 12), une rue avec son numéro, un lieu-dit."
        )
    return reponse
