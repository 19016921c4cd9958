"""Sheets that may be of one person: same SIRET, or same name and same address, mail or telephone."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connection

from mairie.models import Tiers

# Names alike from this similarity on, where all else is the same.
PROCHE = 0.6
# Pairs shown at once.
LIMITE = 200
RAISONS = {
    "siret": "même SIRET",
    "nom_adresse": "même nom, même adresse",
    "nom_courriel": "même nom, même courriel",
    "nom_telephone": "même nom, même téléphone",
    "proche": "noms proches, même adresse ou même courriel",
}
_ORDRE = list(RAISONS)

# Each branch follows one index; ``a`` is the older sheet.
_PAIRES = """
WITH vivants AS (
    SELECT * FROM mairie_tiers
    WHERE fusionne_dans_id IS NULL AND efface_le IS NULL AND (%(tout)s OR collectivite = ANY(%(codes)s))
), paires AS (
    SELECT a.id AS un, b.id AS autre, 'siret' AS raison FROM vivants a
    JOIN vivants b ON b.collectivite = a.collectivite AND b.siret = a.siret AND a.siret <> '' AND a.id < b.id
  UNION
    SELECT a.id, b.id, CASE
        WHEN a.cle_adresse <> '' AND a.cle_adresse = b.cle_adresse THEN 'nom_adresse'
        WHEN a.courriel <> '' AND a.courriel = b.courriel THEN 'nom_courriel' ELSE 'nom_telephone' END
    FROM vivants a JOIN vivants b
      ON b.collectivite = a.collectivite AND b.cle_nom = a.cle_nom AND b.nature = a.nature AND a.id < b.id
    WHERE (a.cle_adresse <> '' AND a.cle_adresse = b.cle_adresse)
       OR (a.courriel <> '' AND a.courriel = b.courriel)
       OR (a.cle_telephone <> '' AND a.cle_telephone = b.cle_telephone)
  UNION
    SELECT a.id, b.id, 'proche' FROM vivants a JOIN vivants b
      ON b.collectivite = a.collectivite AND b.nature = a.nature AND a.id < b.id
     AND a.cle_adresse <> '' AND b.cle_adresse = a.cle_adresse
    WHERE a.cle_nom <> b.cle_nom AND similarity(a.cle_nom, b.cle_nom) >= %(proche)s
  UNION
    SELECT a.id, b.id, 'proche' FROM vivants a JOIN vivants b
      ON b.collectivite = a.collectivite AND b.nature = a.nature AND a.id < b.id
     AND a.courriel <> '' AND b.courriel = a.courriel
    WHERE a.cle_nom <> b.cle_nom AND similarity(a.cle_nom, b.cle_nom) >= %(proche)s
)
SELECT p.un, p.autre, array_agg(DISTINCT p.raison) FROM paires p
WHERE NOT EXISTS (SELECT FROM mairie_nondoublon n WHERE n.un_id = p.un AND n.autre_id = p.autre)
  AND (%(seul)s::bigint IS NULL OR p.un = %(seul)s OR p.autre = %(seul)s)
GROUP BY p.un, p.autre ORDER BY min(array_position(%(ordre)s, p.raison)), p.un, p.autre LIMIT %(limite)s
"""

_RESSEMBLANTS = """
SELECT t.id, CASE
    WHEN t.siret <> '' AND t.siret = %(siret)s THEN 'siret'
    WHEN t.cle_nom = %(nom)s AND t.cle_adresse <> '' AND t.cle_adresse = %(adresse)s THEN 'nom_adresse'
    WHEN t.cle_nom = %(nom)s AND t.courriel <> '' AND t.courriel = %(courriel)s THEN 'nom_courriel'
    WHEN t.cle_nom = %(nom)s AND t.cle_telephone <> '' AND t.cle_telephone = %(telephone)s
        THEN 'nom_telephone'
    ELSE 'proche' END AS raison
FROM mairie_tiers t
WHERE t.collectivite = %(code)s AND t.fusionne_dans_id IS NULL AND t.efface_le IS NULL
  AND t.id IS DISTINCT FROM %(id)s
  AND (
    (t.siret <> '' AND t.siret = %(siret)s)
    OR (t.nature = %(nature)s AND t.cle_nom = %(nom)s AND (
        (t.cle_adresse <> '' AND t.cle_adresse = %(adresse)s)
        OR (t.courriel <> '' AND t.courriel = %(courriel)s)
        OR (t.cle_telephone <> '' AND t.cle_telephone = %(telephone)s)))
    OR (t.nature = %(nature)s AND similarity(t.cle_nom, %(nom)s) >= %(proche)s AND (
        (t.cle_adresse <> '' AND t.cle_adresse = %(adresse)s)
        OR (t.courriel <> '' AND t.courriel = %(courriel)s)))
  )
ORDER BY array_position(%(ordre)s, CASE WHEN t.siret <> '' AND t.siret = %(siret)s THEN 'siret'
    WHEN t.cle_nom = %(nom)s THEN 'nom_adresse' ELSE 'proche' END), t.id LIMIT %(limite)s
"""


@dataclass(frozen=True)
class Paire:
    """Two sheets and why they look alike, the surest reason first."""

    un: Tiers
    autre: Tiers
    raisons: tuple[str, ...]

    @property
    def sure(self) -> bool:
        """All but a likeness of names."""
        return self.raisons != (RAISONS["proche"],)


def paires(
    codes: Collection[str], *, tout: bool = False, seul: Tiers | None = None, limite: int = LIMITE
) -> list[Paire]:
    """Pairs within these collectivités (all of them with ``tout``), or those of one sheet; surest first."""
    with connection.cursor() as curseur:
        curseur.execute(
            _PAIRES,
            {
                "codes": list(codes),
                "tout": tout,
                "proche": PROCHE,
                "seul": seul.pk if seul else None,
                "ordre": _ORDRE,
                "limite": limite,
            },
        )
        lignes = curseur.fetchall()
    fiches = Tiers.objects.in_bulk({pk for un, autre, _ in lignes for pk in (un, autre)})
    return [
        Paire(fiches[un], fiches[autre], tuple(RAISONS[r] for r in sorted(raisons, key=_ORDRE.index)))
        for un, autre, raisons in lignes
    ]


def ressemblants(tiers: Tiers, *, limite: int = 5) -> list[tuple[Tiers, str]]:
    """Living sheets like this one, which may not be saved yet, each with the reason."""
    tiers.recalculer_cles()
    with connection.cursor() as curseur:
        curseur.execute(
            _RESSEMBLANTS,
            {
                "code": tiers.collectivite,
                "id": tiers.pk,
                "nature": tiers.nature,
                "siret": tiers.siret,
                "nom": tiers.cle_nom,
                "adresse": tiers.cle_adresse,
                "courriel": tiers.courriel.lower(),
                "telephone": tiers.cle_telephone,
                "proche": PROCHE,
                "ordre": _ORDRE,
                "limite": limite,
            },
        )
        lignes = curseur.fetchall()
    fiches = Tiers.objects.in_bulk([pk for pk, _ in lignes])
    return [(fiches[pk], RAISONS[raison]) for pk, raison in lignes]
