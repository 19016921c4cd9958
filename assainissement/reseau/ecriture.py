"""Writes a controlled import in one transaction, by sets; takes it back whole.

An object is known by its identifier and its manager, in the communes of the import: the same file again
changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from assainissement.models import ImportRaepa, Intervention, LigneRaepa
from assainissement.models.reseau import MODELES
from assainissement.regles.tables import reseau as table
from assainissement.regles.tables.raepa import CANALISATIONS
from assainissement.reseau import territoires, topologie
from assainissement.reseau.imports import ImportImpossible
from mairie import journal
from mairie.models import Piece, Utilisateur

IMPORTE, ANNULE = "assainissement.reseau_importe", "assainissement.import_annule"
Progres = Callable[[int, int], None]
# Between two imports of one commune or of one EPCI the second waits; in order, so that neither waits twice.
_VERROU = "SELECT pg_advisory_xact_lock(hashtext('assainissement.reseau'), hashtext(%s))"


def _colonnes(couche: str) -> list[str]:
    noms = [c.colonne for c in table.colonnes(couche)]
    return [*noms, "materiau_texte"] if couche == CANALISATIONS else noms


def _verrouiller(curseur: Any, tenu: ImportRaepa) -> None:
    for code in sorted({code for groupe in territoires.groupes(tenu.communes) for code in groupe}):
        curseur.execute(_VERROU, [code])


def confirmer(recu: ImportRaepa, par: Utilisateur, *, progres: Progres | None = None) -> ImportRaepa:
    """Write the records that are not refused, then the topology; ``ImportImpossible`` when it cannot be."""
    with transaction.atomic():
        tenu: ImportRaepa = ImportRaepa.objects.select_for_update(of=("self",)).get(pk=recu.pk)
        if tenu.etat != ImportRaepa.Etat.CONTROLE:
            raise ImportImpossible("Cet import n'attend pas de confirmation.")
        total = tenu.bilan.get("total", 0)
        if LigneRaepa.objects.filter(import_raepa=tenu).count() != total:
            raise ImportImpossible("Les enregistrements contrôlés manquent : contrôlez le fichier à nouveau.")
        with connection.cursor() as curseur:
            _verrouiller(curseur, tenu)
            effets = {}
            for rang, couche in enumerate(table.CORRESPONDANCES):
                if couche in tenu.bilan["par_couche"]:
                    effets[couche] = _ecrire_couche(curseur, tenu, couche)
                if progres is not None:
                    progres(rang + 1, 5)
        tenu.bilan["effets"] = effets
        tenu.bilan["topologie"] = topologie.construire(*tenu.communes)
        tenu.etat, tenu.confirme_le = ImportRaepa.Etat.CONFIRME, timezone.now()
        tenu.save()
        # Faultless records need no report any more.
        lignes = LigneRaepa.objects.filter(import_raepa=tenu, statut="valide")
        lignes._raw_delete(lignes.db)
        for insee in tenu.communes:
            journal.noter(par, IMPORTE, donnees={"import": tenu.pk, "total": total}, insee=insee)
    recu.refresh_from_db()
    return recu


def _ecrire_couche(curseur: Any, tenu: ImportRaepa, couche: str) -> dict[str, int]:
    t = MODELES[couche]._meta.db_table
    gestionnaire = table.GESTIONNAIRES[couche]
    noms = _colonnes(couche)
    cle = (
        f"t.insee = ANY(%(communes)s) AND t.{gestionnaire} = s.{gestionnaire}"
        " AND t.identifiant = s.identifiant"
    )
    v = {
        "import": tenu.pk,
        "couche": couche,
        "communes": tenu.communes,
        "insee": tenu.insee,
        "maintenant": timezone.now(),
    }

    def faire(sql: str) -> int:
        curseur.execute(sql, v)
        return int(curseur.rowcount)

    curseur.execute("DROP TABLE IF EXISTS ass_tampon, ass_modifies")
    lues = ", ".join(f"r.{n}" for n in noms)
    # A line controlled before files of several communes says none: it is of the commune of its import.
    faire(
        "CREATE TEMP TABLE ass_tampon ON COMMIT DROP AS"  # noqa: S608
        " SELECT l.numero, coalesce(nullif(l.insee, ''), %(insee)s) AS insee, l.attributs, l.geom AS g,"
        f" {lues}"
        f" FROM assainissement_ligneraepa l, LATERAL jsonb_populate_record(NULL::{t}, l.valeurs) r"
        " WHERE l.import_raepa_id = %(import)s AND l.couche = %(couche)s AND l.statut <> 'rejete'"
    )
    if couche == CANALISATIONS:
        # The format has no room for the words of an unknown material: those already known stay.
        faire(
            f"UPDATE ass_tampon s SET materiau_texte = t.materiau_texte FROM {t} t"  # noqa: S608
            f" WHERE {cle} AND s.materiau = '{table.INCONNU}' AND s.materiau_texte = ''"
        )
    curseur.execute("ANALYZE ass_tampon")
    ecrites = ["insee", *noms]
    avant, apres = (", ".join(f"{x}.{n}" for n in ecrites) for x in "ts")
    # Two communes may have brought in one object each for itself: that of the commune where it lies is meant.
    lus = faire(
        "CREATE TEMP TABLE ass_modifies ON COMMIT DROP AS"  # noqa: S608
        " SELECT DISTINCT ON (s.numero) s.numero, t.id,"
        f" ROW({avant}) IS DISTINCT FROM ROW({apres})"
        f" OR ST_AsEWKB(t.geom) <> ST_AsEWKB(s.g) AS autre FROM ass_tampon s JOIN {t} t ON {cle}"
        " ORDER BY s.numero, t.insee <> s.insee, t.id"
    )
    curseur.execute("SELECT count(*) FROM ass_modifies WHERE autre")
    modifies = curseur.fetchone()[0]
    if modifies:
        faire(
            "INSERT INTO assainissement_retourraepa (import_raepa_id, couche, objet, avant, geom)"  # noqa: S608
            f" SELECT %(import)s, %(couche)s, t.id, to_jsonb(t) - 'geom', t.geom"
            f" FROM {t} t JOIN ass_modifies m ON m.id = t.id WHERE m.autre"
        )
        faire(
            f"UPDATE {t} t SET {', '.join(f'{n} = s.{n}' for n in ecrites)}, geom = s.g,"  # noqa: S608
            " attributs_source = s.attributs, import_raepa_id = %(import)s, import_ligne = s.numero,"
            " modifie_le = %(maintenant)s FROM ass_tampon s JOIN ass_modifies m ON m.numero = s.numero"
            " WHERE m.autre AND t.id = m.id"
        )
    crees = faire(
        f"INSERT INTO {t} ({', '.join(ecrites)}, geom, attributs_source, import_raepa_id, cree_par_import_id,"  # noqa: S608
        f" import_ligne, cree_le, modifie_le) SELECT {apres}, s.g, s.attributs,"
        " %(import)s, %(import)s, s.numero, %(maintenant)s, %(maintenant)s FROM ass_tampon s"
        " WHERE NOT EXISTS (SELECT 1 FROM ass_modifies m WHERE m.numero = s.numero)"
    )
    return {"crees": crees, "modifies": modifies, "inchanges": lus - modifies}


def empechement(recu: ImportRaepa) -> str:
    """Why an import cannot be undone; empty when it can."""
    if recu.etat != ImportRaepa.Etat.CONFIRME:
        return "Seul un import écrit s'annule."
    plus_tard = ImportRaepa.objects.touchant(recu.communes).filter(
        etat=ImportRaepa.Etat.CONFIRME, confirme_le__gt=recu.confirme_le
    )
    if plus_tard.exists():
        return "Un import plus récent a été écrit : annulez-le d'abord."
    if Intervention.objects.filter(
        Q(troncon__cree_par_import=recu) | Q(ouvrage__cree_par_import=recu)
    ).exists():
        return "Des interventions sont notées sur des objets que cet import a créés."
    for modele in MODELES.values():
        crees = modele._default_manager.filter(cree_par_import=recu).values("pk")
        genre = ContentType.objects.get_for_model(modele)
        if Piece.objects.filter(dossier_type=genre, dossier_id__in=crees).exists():
            return "Des fichiers sont joints à des objets que cet import a créés."
    return ""


def annuler(recu: ImportRaepa, par: Utilisateur) -> ImportRaepa:
    """Take the last import back: objects created go, those changed come back as they were."""
    with transaction.atomic():
        tenu: ImportRaepa = ImportRaepa.objects.select_for_update(of=("self",)).get(pk=recu.pk)
        with connection.cursor() as curseur:
            _verrouiller(curseur, tenu)
            if raison := empechement(tenu):
                raise ImportImpossible(raison)
            ensemble = topologie.effacer(tenu.communes)
            for couche, modele in MODELES.items():
                t = modele._meta.db_table
                noms = [
                    "insee",
                    *_colonnes(couche),
                    "attributs_source",
                    "import_raepa_id",
                    "import_ligne",
                    "modifie_le",
                ]
                curseur.execute(
                    f"DELETE FROM {t} WHERE cree_par_import_id = %s", [tenu.pk]  # noqa: S608
                )  # fmt: skip
                curseur.execute(
                    f"UPDATE {t} t SET {', '.join(f'{n} = r.{n}' for n in noms)}, geom = a.geom"  # noqa: S608
                    f" FROM assainissement_retourraepa a, LATERAL jsonb_populate_record(NULL::{t}, a.avant) r"
                    " WHERE a.import_raepa_id = %s AND a.couche = %s AND t.id = a.objet",
                    [tenu.pk, couche],
                )
        topologie.construire(*(code for groupe in ensemble for code in groupe))
        tenu.etat, tenu.annule_le = ImportRaepa.Etat.ANNULE, timezone.now()
        tenu.save()
        for insee in tenu.communes:
            journal.noter(par, ANNULE, donnees={"import": tenu.pk}, insee=insee)
    recu.refresh_from_db()
    return recu
