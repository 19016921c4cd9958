"""The public domain: conflicts over 50,000 live emprises, by index and without; renewal of 500 terraces."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.base import Bases
from bench.mesure import lancer
from bench.rapport import Objectif, nombre, tableau

EMPRISES, TERRASSES, LETTRES, ACTION = 50_000, 500, 60, 150
CONFLITS_MS, RENOUVELLEMENT_S, ACTION_S = 50, 30, 60

# A town of 250 × 200 places of 20 m: files of one emprise each, all of this year, most of them in force.
_DOSSIERS = """
INSERT INTO domainepublic_dossierodp
  (insee, etat, version, dates, calculs, explication, calcule_au, objet, canal, beneficiaire, adresse,
   domaine, gestionnaire, en_agglomeration, grande_circulation, police_transferee, occupant,
   modifie_circulation, en_une_fois, autorisation, transmission, attribution, exoneration, cree_le, numero,
   demandeur_id, debut, fin, date_depot)
SELECT '25999', (ARRAY['actif','actif','accorde','en_instruction'])[1 + n %% 4], 1, '{}', '{}', '[]',
       current_date, '', 'guichet', 'entreprise', 'place ' || n, 'voie_communale', '', true, false, false,
       'ordinaire', false, false, '', '', '{}', '{}', now(), 'ODP-25999-2020-' || lpad(n::text, 5, '0'),
       %(tiers)s, current_date - n %% 60, current_date - n %% 60 + 30 + n %% 90,
       current_date - 90
FROM generate_series(1, %(nombre)s) AS n
"""
_EMPRISES = """
INSERT INTO domainepublic_emprise
  (dossier_id, rang, type_id, geom, cote, surface, reparee, unite, quantite_geom, quantite_source, debut, fin,
   creneaux, sans_obstacle_lateral, operateur, repere)
SELECT d.id, 1, (ARRAY[%(types)s])[1 + r %% %(genres)s], g, 'axe', ST_Multi(g), false, 'm2', 12, 'geom',
       d.debut, d.fin, '[]', false, '', ''
FROM (SELECT id, debut, fin, row_number() OVER (ORDER BY id)::int - 1 AS r
      FROM domainepublic_dossierodp) AS d,
     LATERAL (SELECT ST_MakeEnvelope(
        900000 + 20 * (r %% 250) - (r %% 7), 6650000 + 20 * (r / 250), 900006 + 20 * (r %% 250),
        6650002 + 20 * (r / 250) + 20 * (r %% 2), %(srid)s) AS g) AS s
"""


def _odp(bases: Bases, base: str, *arguments: str) -> dict[str, Any]:
    """What ``bench.odp_mesures`` answers on a database, in a process of its own."""
    texte = lancer([sys.executable, "-m", "bench.odp_mesures", *arguments], env=bases.env(base)).sortie
    lu: dict[str, Any] = json.loads(texte.strip().splitlines()[-1])
    return lu


def remplir(curseur: Any, types: Sequence[int], valeurs: Mapping[str, Any]) -> None:
    """``nombre`` files with one emprise each, of these types in turn."""
    valeurs = {**valeurs, "genres": len(types)}
    curseur.execute(_DOSSIERS, valeurs)
    curseur.execute(_EMPRISES.replace("%(types)s", ",".join(str(int(t)) for t in types)), valeurs)


def mesurer(
    bases: Bases, dire: Callable[[str], None], emprises: int = EMPRISES, terrasses: int = TERRASSES
) -> dict[str, Any]:
    """Figures of the two searches and of the renewal, on one database."""
    from django.conf import settings

    with bases.jetable() as base:
        dire("Commune, types, tarifs, personnes")
        faits = _odp(bases, base, "preparer")
        dire(f"{emprises} emprises")
        types = faits["types"]
        valeurs = {"nombre": emprises, "tiers": faits["tiers"], "srid": settings.TERRITOIRE_SRID}
        with bases.connexion(base) as connexion:
            with connexion.cursor() as curseur:
                remplir(curseur, types, valeurs)
            connexion.commit()
            connexion.autocommit = True
            with connexion.cursor() as curseur:
                curseur.execute("VACUUM ANALYZE domainepublic_dossierodp, domainepublic_emprise")
        dire("Conflits")
        conflits = _odp(bases, base, "conflits")
        dire(f"Renouvellement de {terrasses} terrasses")
        renouvellement = _odp(bases, base, "renouveler", str(terrasses))
        dire(f"{ACTION} terrasses renouvelées, signées et facturées en une action")
        action = _odp(bases, base, "action", str(ACTION))
        dire(f"{LETTRES} lettres en PDF")
        lettres = _odp(bases, base, "lettres", str(LETTRES))
    return {"emprises": emprises, "terrasses": terrasses, "conflits": conflits, "lettres": lettres,
            "renouvellement": renouvellement, "action": action}  # fmt: skip


def table(m: dict[str, Any]) -> str:
    """The figures, the search without index beside."""
    c, r, pdf = m["conflits"], m["renouvellement"], m["lettres"]
    lignes = [
        ("recherche des candidats, par l'index (médiane)", nombre(c["index_ms"]), "ms"),
        ("la même, 95 %", nombre(c["index_p95_ms"]), "ms"),
        ("la même sans index (médiane)", nombre(c["sans_index_ms"]), "ms"),
        ("rapport", nombre(c["sans_index_ms"] / c["index_ms"]), "×"),
        ("conflits d'un dossier, moteur compris (médiane)", nombre(c["entier_ms"]), "ms"),
        (f"renouvellement de {m['terrasses']} terrasses", nombre(r["duree_s"]), "s"),
        (f"{m['action']['crees']} terrasses : aperçu", nombre(m["action"]["apercu_s"]), "s"),
        ("les mêmes : dossiers, signatures et rôle, en une action", nombre(m["action"]["duree_s"]), "s"),
        ("la même action, une seconde fois (rien de plus)", nombre(m["action"]["encore_s"]), "s"),
        ("lettre en PDF, en tâche de fond", nombre(pdf["par_lettre_s"] * 1000), "ms"),
    ]
    return f"Domaine public, {m['emprises']} emprises vivantes\n" + tableau(("", "", ""), lignes)


def objectifs(m: dict[str, Any]) -> list[Objectif]:
    """Issue 6: 50 ms by the index, 30 s for 500 terraces; spec §14.6: 150 in one action under 60 s."""
    c, r, a = m["conflits"], m["renouvellement"], m["action"]
    return [
        Objectif(
            "conflits sur 50 000 emprises, par l'index", c["entier_ms"], CONFLITS_MS, "ms", au_moins=False,
            raison=f"candidats en {nombre(c['index_ms'])} ms, sans index {nombre(c['sans_index_ms'])} ms",
        ),
        Objectif(
            "renouvellement de 500 terrasses", r["duree_s"], RENOUVELLEMENT_S, "s", au_moins=False,
            raison=f"{r['crees']} dossiers, {r['a_signer']} à signer",
        ),
        Objectif(
            "150 terrasses renouvelées, signées, facturées", a["apercu_s"] + a["duree_s"], ACTION_S, "s",
            au_moins=False,
            raison=f"{a['signes']} signées, {a['lignes']} lignes en rôle, {a['encore']} au second tour",
        ),
    ]  # fmt: skip
