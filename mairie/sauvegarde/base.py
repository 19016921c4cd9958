"""The database's part: pg_dump and pg_restore, sums of rows, what is empty and what must be emptied."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from mairie.sauvegarde.archive import ErreurSauvegarde, TableSauvee

# What belongs to an extension (PostGIS's own tables) is made by the extension, never saved nor emptied.
_HORS_EXTENSION = "NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = {oid} AND d.deptype = 'e')"
_TABLES = f"""
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND {_HORS_EXTENSION.format(oid="c.oid")} ORDER BY 1
"""  # noqa: S608
_SEQUENCES = f"""
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'S' AND {_HORS_EXTENSION.format(oid="c.oid")} ORDER BY 1
"""  # noqa: S608
# Drops of all that is ours in the schema, whoever made it; the extensions stay.
_VIDER = f"""
    SELECT format('DROP TABLE IF EXISTS public.%I CASCADE', c.relname) FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
        AND {_HORS_EXTENSION.format(oid="c.oid")}
    UNION ALL
    SELECT format('DROP %s IF EXISTS public.%I CASCADE',
                  CASE c.relkind WHEN 'S' THEN 'SEQUENCE' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE 'VIEW' END,
                  c.relname) FROM pg_class c
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('S', 'v', 'm')
        AND {_HORS_EXTENSION.format(oid="c.oid")}
    UNION ALL
    SELECT format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure) FROM pg_proc p
      WHERE p.pronamespace = 'public'::regnamespace AND p.prokind <> 'a'
        AND {_HORS_EXTENSION.format(oid="p.oid")}
    UNION ALL
    SELECT format('DROP TYPE IF EXISTS public.%I CASCADE', t.typname) FROM pg_type t
      WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd')
        AND {_HORS_EXTENSION.format(oid="t.oid")}
"""  # noqa: S608
# How the same row is written the same way by every server.
_ECRITURE = (
    "SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO, YMD'; SET LOCAL IntervalStyle = 'postgres';\
 SET LOCAL bytea_output = 'hex'; SET LOCAL extra_float_digits = 1"
)


def programme(nom: str) -> Path:
    """``pg_dump`` or ``pg_restore``, as new as the server at least; ErreurSauvegarde with what to install."""
    with connection.cursor() as curseur:
        curseur.execute("SHOW server_version_num")
        serveur = int(curseur.fetchone()[0]) // 10_000
    prefixe = Path(os.environ.get("PREFIXE_POSTGRESQL") or "/usr/lib/postgresql")
    candidats = sorted(prefixe.glob(f"*/bin/{nom}"), key=_version, reverse=True)
    if candidats and _version(candidats[0]) >= serveur:
        # The server's own version first: its archives are read by any newer one.
        return min((c for c in candidats if _version(c) >= serveur), key=_version)
    trouve = shutil.which(nom)
    if trouve:
        dite = _executer([trouve, "--version"]).stdout
        chiffres = re.search(r"\b(\d+)", dite)
        if chiffres and int(chiffres[1]) >= serveur:
            return Path(trouve)
    raise ErreurSauvegarde(
        f"{nom} de PostgreSQL {serveur} (ou plus récent) n'est pas installé : "
        f"sudo apt-get install postgresql-client-{serveur}"
    )


def _version(chemin: Path) -> int:
    dossier = chemin.parent.parent.name
    return int(dossier) if dossier.isdigit() else 0


def _environnement() -> dict[str, str]:
    """What libpq's programs need to reach Django's database; the password never on a command line."""
    reglages: dict[str, Any] = connection.settings_dict
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    noms = {
        "NAME": "PGDATABASE",
        "USER": "PGUSER",
        "PASSWORD": "PGPASSWORD",
        "HOST": "PGHOST",
        "PORT": "PGPORT",
    }
    env |= {variable: str(reglages[cle]) for cle, variable in noms.items() if reglages.get(cle)}
    options = reglages.get("OPTIONS", {})
    for cle in ("sslmode", "sslrootcert", "sslcert", "sslkey", "passfile", "service"):
        if options.get(cle):
            env[f"PG{cle.upper()}"] = str(options[cle])
    return env


def _executer(commande: Sequence[str | Path]) -> subprocess.CompletedProcess[str]:
    # Fixed programs of PostgreSQL, no shell.
    return subprocess.run(  # noqa: S603
        [str(c) for c in commande],
        env=_environnement(),
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def _lancer(commande: Sequence[str | Path], faire: str) -> str:
    fin = _executer(commande)
    if fin.returncode:
        raise ErreurSauvegarde(f"{faire} : échec.\n{fin.stderr.strip()[-2000:]}")
    return fin.stdout


@contextmanager
def instantane() -> Iterator[str]:
    """A transaction that sees one moment of the database, and the name by which pg_dump sees the same."""
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        curseur.execute("SELECT pg_export_snapshot()")
        yield str(curseur.fetchone()[0])


def ecrire(vers: Path, moment: str) -> None:
    """pg_dump of that moment."""
    options = ["--format=custom", "--compress=4", "--no-owner", "--no-privileges", "--schema=public"]
    # The extensions lie in the schema, and are asked for by name: --schema alone would leave them out.
    options += [f"--extension={nom}" for nom in extensions()]
    _lancer([programme("pg_dump"), *options, f"--snapshot={moment}", f"--file={vers}"], "pg_dump")


def extensions() -> list[str]:
    """Extensions of the database but PL/pgSQL, which every database has."""
    return [n for n in _noms("SELECT extname FROM pg_extension ORDER BY 1") if n != "plpgsql"]


def _noms(requete: str) -> list[str]:
    with connection.cursor() as curseur:
        curseur.execute(requete)
        return [ligne[0] for ligne in curseur.fetchall()]


def sommes() -> dict[str, TableSauvee]:
    """Rows and sum of each table, in the current transaction."""
    sortie = {}
    with transaction.atomic(), connection.cursor() as curseur:
        curseur.execute(_ECRITURE)
        for nom in _noms(_TABLES):
            table = connection.ops.quote_name(nom)
            curseur.execute(
                "SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0)::text "  # noqa: S608
                f"FROM {table} t"
            )
            lignes, somme = curseur.fetchone()
            sortie[nom] = TableSauvee(lignes, somme)
    return sortie


def sequences() -> dict[str, int]:
    """Last value of each sequence; 0 for one never used."""
    sortie = {}
    with connection.cursor() as curseur:
        for nom in _noms(_SEQUENCES):
            sequence = connection.ops.quote_name(nom)
            curseur.execute(f"SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM {sequence}")  # noqa: S608
            sortie[nom] = curseur.fetchone()[0]
    return sortie


def est_vide() -> bool:
    """Whether the database holds no table of ours."""
    return not _noms(_TABLES)


def autres_connexions() -> int:
    """Sessions of others on this database: a site still running."""
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
        return int(curseur.fetchone()[0])


def vider() -> None:
    """Drop all that is ours, in one transaction; the extensions stay."""
    with transaction.atomic(), connection.cursor() as curseur:
        for ordre in _noms(_VIDER):
            curseur.execute(ordre)


def relire(depuis: Path) -> None:
    """pg_restore into an empty database, all or nothing."""
    presentes = set(extensions())
    pg_restore = programme("pg_restore")
    liste = _lancer([pg_restore, "--list", depuis], "pg_restore --list")
    # An ordinary user may not create an extension that the administrator made: those already there are left,
    # and comments on them too, which only their owner may write.
    gardees = [
        ligne
        for ligne in liste.splitlines()
        if not re.search(r"\bCOMMENT - EXTENSION\b|\bSCHEMA - public\b|\bCOMMENT - SCHEMA\b", ligne)
        and not ((x := re.search(r"\bEXTENSION - (\S+)", ligne)) and x[1] in presentes)
    ]
    with tempfile.NamedTemporaryFile("w", suffix=".list") as sommaire:
        sommaire.write("\n".join(gardees))
        sommaire.flush()
        options = ["--no-owner", "--no-privileges", f"--use-list={sommaire.name}", "--file=-"]
        _rejouer([str(pg_restore), *options, str(depuis)])


# pg_dump empties the search path; a trigger on a geometry column then finds no operator (IS DISTINCT FROM
# is written without schema). Its header is the first thing in the script, long before any data.
_CHEMIN_VIDE = b"set_config('search_path', '', false)"
_CHEMIN = b"set_config('search_path', 'public', false)"
_ENTETE = 8192


def _rejouer(commande: Sequence[str]) -> None:
    """The script of pg_restore into psql: committed only once pg_restore has said all of it without error."""
    psql = [str(programme("psql")), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    connection.close()
    env = _environnement()
    with tempfile.TemporaryFile() as dit, tempfile.TemporaryFile() as refus:
        source = subprocess.Popen(commande, env=env, stdout=subprocess.PIPE, stderr=dit)  # noqa: S603
        cible = subprocess.Popen(  # noqa: S603
            psql, env=env, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=refus
        )
        assert source.stdout is not None and cible.stdin is not None  # noqa: S101 - asked for by PIPE
        # A psql that has gone says why, below.
        with contextlib.suppress(BrokenPipeError), cible.stdin:
            cible.stdin.write(b"BEGIN;\n")
            cible.stdin.write(source.stdout.read(_ENTETE).replace(_CHEMIN_VIDE, _CHEMIN))
            shutil.copyfileobj(source.stdout, cible.stdin, 1024 * 1024)
            if source.wait() == 0:
                cible.stdin.write(b"COMMIT;\n")
        source.stdout.close()
        codes = cible.wait(), source.wait()
        if any(codes):
            refus.seek(0)
            dit.seek(0)
            texte = (refus.read() or dit.read()).decode(errors="replace").strip()
            raise ErreurSauvegarde(f"La base n'a pas été restaurée (rien n'y est resté).\n{texte[-2000:]}")


def versions() -> dict[str, str]:
    """Versions of the server and of PostGIS."""
    with connection.cursor() as curseur:
        curseur.execute("SELECT current_setting('server_version'), postgis_lib_version()")
        postgresql, postgis = curseur.fetchone()
    return {"postgresql": postgresql, "postgis": postgis}


def migrations_appliquees() -> list[str]:
    """``app.name`` of all migrations applied, in alphabetical order."""
    return sorted(f"{a}.{n}" for a, n in _paires("SELECT app, name FROM django_migrations"))


def _paires(requete: str) -> list[tuple[str, str]]:
    with connection.cursor() as curseur:
        curseur.execute(requete)
        return [(ligne[0], ligne[1]) for ligne in curseur.fetchall()]
