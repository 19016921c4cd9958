"""The permits' desk over 100,000 dossiers and a million events, with the time of an empty database beside."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from bench import web
from bench.base import Bases
from bench.mesure import lancer

DOSSIERS, PAR_DOSSIER, TIERS = 100_000, 10, 5_000
JOURS = 3_650
OUVERT_DEPUIS_JOURS = 100

# Rows written by the server itself: a generated series costs less than sending them, and says the same.
_AUTORISATIONS = """
INSERT INTO urba_dossierautorisation
  (id, numero, numero_origine, lettres, insee, annee, ordre, etat,
   date_premier_depot, date_decision, date_validite, cree_le)
SELECT n, 'PC025999' || lpad((a %% 100)::text, 2, '0') || lpad(o::text, 5, '0'), '', 'PC', '25999', a,
       lpad(o::text, 5, '0'), CASE WHEN age < %(ouvert)s THEN 'en_instruction' ELSE 'valide' END,
       current_date - age, NULL, NULL, now()
FROM (SELECT n, ((%(dossiers)s - n) * %(jours)s / %(dossiers)s)::int AS age,
             2017 + ((n - 1) / 10000)::int AS a, 1 + (n - 1) %% 10000 AS o
      FROM generate_series(1, %(dossiers)s) AS n) AS s
"""
_INSTRUCTIONS = """
INSERT INTO urba_dossierinstruction
  (id, etat, version, dates, calculs, explication, calcule_au, da_id, insee, nature, rang, numero,
   type_detail, canal, autorite, objet, objet_public, instructeur_id, service_id, client_uuid, cree_le,
   cree_par_id, date_depot, date_completude, fin_fenetre_un_mois, date_limite, date_limite_notifiee,
   date_limite_pieces, date_decision_implicite, date_decision, date_notification, validite_fin,
   decision_implicite, delai_mois, alertes)
SELECT n, etat, %(par_dossier)s, '{}', '{"type_detail": "PC"}', '[]', current_date, n, '25999', 'INITIAL', 0,
       numero, (ARRAY['PC','PCMI','PCMI'])[1 + n %% 3], 'guichet', 'commune', 'Projet fictif ' || n, '',
       (ARRAY[%(un)s, %(deux)s, NULL])[1 + n %% 3], NULL, NULL, now(), NULL, depot, depot,
       (depot + interval '1 month')::date, limite, limite, NULL, limite + 1,
       CASE WHEN age >= %(ouvert)s THEN limite - 5 END, CASE WHEN age >= %(ouvert)s THEN limite - 2 END,
       CASE WHEN etat LIKE 'accord%%' THEN (limite + interval '3 years')::date END,
       'permis_tacite', 3,
       CASE WHEN n %% 50 = 0 THEN ARRAY['DATES_DIVERGENTES'] ELSE ARRAY[]::varchar[] END
FROM (SELECT d.id AS n, d.numero, d.date_premier_depot AS depot,
             current_date - d.date_premier_depot AS age,
             (d.date_premier_depot + interval '3 months')::date AS limite,
             CASE WHEN current_date - d.date_premier_depot < %(ouvert)s
                  THEN (ARRAY['a_qualifier','en_cours','en_cours','incomplet_notifie','redaction',
                              'en_signature','decide_a_notifier'])[1 + d.id %% 7]
                  ELSE (ARRAY['accorde','accorde','accorde_prescriptions','refuse','accord_tacite',
                              'rejet_tacite','annule'])[1 + d.id %% 7] END AS etat
      FROM urba_dossierautorisation AS d) AS s
"""
_TERRAINS = """
INSERT INTO urba_terrain (id, dossier_id, adresse, lieu_dit, superficie_declaree, emprise_parcelles,
                          emprise_dessinee)
SELECT n, n, (n %% 200) || ' rue fictive ' || (n %% 300), '', 600,
       ST_Multi(ST_MakeEnvelope(900000 + 40 * (n %% 400), 6650000 + 40 * (n / 400),
                                900030 + 40 * (n %% 400), 6650030 + 40 * (n / 400), %(srid)s)), NULL
FROM generate_series(1, %(dossiers)s) AS n
"""
_PARCELLES = """
INSERT INTO urba_dossierparcelle (dossier_id, ordre, texte_saisi, idu, part)
SELECT n, 1, 'AB ' || (1 + n %% 9999), '25999000AB' || lpad((1 + n %% 9999)::text, 4, '0'), 1
FROM generate_series(1, %(dossiers)s) AS n
"""
_DEMANDEURS = """
INSERT INTO urba_demandeurdossier (dossier_id, tiers_id, role, ordre, depuis, accepte_electronique)
SELECT n, t.id, 'petitionnaire', 1, current_date - 3650, false
FROM generate_series(1, %(dossiers)s) AS n
JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS r, count(*) OVER () AS c FROM mairie_tiers) AS t
  ON t.r = n %% t.c
"""
_EVENEMENTS = """
INSERT INTO mairie_evenement
  (dossier_type_id, dossier_id, workflow, type, date_effet, saisi_le, auteur_id, au_nom_de, donnees,
   avant, apres, explication, motif, forcages, version)
SELECT %(genre)s, n, 'urba.instruction', (ARRAY['depot','affectation','qualification','consulter','avis_recu',
         'notification_majoration','rapport_pret','finaliser_decision','signature',
         'notification_decision'])[v],
       d.date_premier_depot + 3 * v, now(), %(un)s, '',
       '{"type_detail": "PC"}', '{}', '{}', '[]', '', '[]', v
FROM generate_series(1, %(dossiers)s) AS n
JOIN urba_dossierautorisation AS d ON d.id = n
CROSS JOIN generate_series(1, %(par_dossier)s) AS v
"""
COPIEES = ("urba_dossierinstruction", "urba_terrain", "urba_dossierparcelle", "urba_demandeurdossier")
ORDRES = (_AUTORISATIONS, _INSTRUCTIONS, _TERRAINS, _PARCELLES, _DEMANDEURS, _EVENEMENTS)


def _pages(bases: Bases, base: str, *arguments: str) -> dict[str, Any]:
    """What ``bench.bureau_pages`` answers on a database, in a process of its own."""
    texte = lancer([sys.executable, "-m", "bench.bureau_pages", *arguments], env=bases.env(base)).sortie
    lu: dict[str, Any] = json.loads(texte.strip().splitlines()[-1])
    return lu


def mesurer(bases: Bases, dire: Callable[[str], None], dossiers: int = DOSSIERS) -> dict[str, Any]:
    """Pages of an empty commune, then of a full one: medians, 95th centiles, queries."""
    from django.conf import settings

    web.rassembler_statiques()
    with bases.jetable() as base:
        dire("Comptes, personnes")
        faits = _pages(bases, base, "preparer", str(TIERS))
        dire("Bureau vide")
        vide = _pages(bases, base, "mesurer")
        dire(f"{dossiers} dossiers, {dossiers * PAR_DOSSIER} événements")
        valeurs = {
            **faits,
            "dossiers": dossiers,
            "jours": JOURS,
            "ouvert": OUVERT_DEPUIS_JOURS,
            "par_dossier": PAR_DOSSIER,
            "srid": settings.TERRITOIRE_SRID,
        }
        with bases.connexion(base) as connexion:
            with connexion.cursor() as curseur:
                # The copies that the list reads are made once at the end, not at each row of each table.
                for table in COPIEES:
                    curseur.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
                for ordre in ORDRES:
                    curseur.execute(ordre, valeurs)
            connexion.commit()
            with connexion.cursor() as curseur:
                for table in COPIEES:
                    curseur.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
                curseur.execute("UPDATE urba_dossierinstruction SET cherche = ''")
            connexion.commit()
            connexion.autocommit = True
            with connexion.cursor() as curseur:
                curseur.execute("VACUUM FULL urba_dossierinstruction")
                curseur.execute("VACUUM ANALYZE")
        dire("Bureau plein")
        plein = _pages(bases, base, "mesurer")
        return {"dossiers": dossiers, "evenements": dossiers * PAR_DOSSIER, "vide": vide, "plein": plein,
                "base_mio": bases.taille_mio(base)}  # fmt: skip
