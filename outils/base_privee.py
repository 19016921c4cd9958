"""The private PostGIS cluster of this checkout: `python3 -m outils.base_privee demarrer|arreter|etat|url`.

Data in `.var/base`, log in `.var/journaux`, no TCP, socket in a 0700 folder (config/grappe.py).
PostgreSQL refuses to run as root: there it runs in a user namespace, or as `postgres` by setpriv.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from config import grappe
from outils.processus import attendre, envoyer, instant_de_depart

RACINE = Path(__file__).resolve().parent.parent
VERSION_CONSEILLEE = "15"
LIGNE_APT = "sudo apt-get update && sudo apt-get install -y postgresql-15 postgresql-15-postgis-3 proj-data"
ESPACE = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
EXTENSIONS = ("postgis", "unaccent", "pg_trgm", "btree_gist")


class Echec(Exception):
    """A reason to stop, told to the person as it is."""


def binaires(donnees: Path) -> Path:
    """Folder of the PostgreSQL programs: the version of the existing data, else 15, else the newest.

    Raises Echec, with the line that repairs it, when PostgreSQL or PostGIS is missing.
    `PREFIXE_POSTGRESQL` names another place than Debian's.
    """
    prefixe = Path(os.environ.get("PREFIXE_POSTGRESQL") or "/usr/lib/postgresql")
    trouves = {d.parent.name: d for d in prefixe.glob("*/bin") if (d / "initdb").exists()}
    exigee = (donnees / "PG_VERSION").read_text().strip() if (donnees / "PG_VERSION").exists() else None
    if exigee and exigee not in trouves:
        raise Echec(
            f"La base de {donnees} a été créée par PostgreSQL {exigee}, "
            f"qui n'est plus installé sous {prefixe}. "
            "Réinstallez cette version, ou supprimez la base par « make clean »."
        )
    ordre = [exigee] if exigee else [VERSION_CONSEILLEE, *sorted(trouves, key=_numero, reverse=True)]
    sans_postgis = False
    for version in ordre:
        if version not in trouves:
            continue
        if (_partage(trouves[version]) / "extension" / "postgis.control").exists():
            return trouves[version]
        sans_postgis = True
    manque = "PostGIS" if sans_postgis else "PostgreSQL avec PostGIS"
    raise Echec(
        f"{manque} n'est pas installé (cherché sous {prefixe}).\n"
        f"Sur Debian 12, lancez :\n    {LIGNE_APT}\n"
        "ou indiquez un autre serveur par DATABASE_URL=postgis://utilisateur:motdepasse@hote:5432/base"
    )


def _numero(version: str) -> int:
    return int(version) if version.isdigit() else 0


def _partage(bin_: Path) -> Path:
    """`sharedir` of an installation (where the extensions' control files lie)."""
    programme = bin_ / "pg_config"
    if not programme.exists():
        return Path("/usr/share/postgresql") / bin_.parent.name
    return Path(
        subprocess.run([programme, "--sharedir"], capture_output=True, text=True, check=True).stdout.strip()
    )


def dossier_prive(dossier: Path) -> Path:
    """Make a 0700 folder, or set an own one to 0700."""
    dossier.mkdir(mode=0o700, exist_ok=True)
    if dossier.stat().st_mode & 0o077:
        dossier.chmod(0o700)
    return dossier


class Grappe:
    """One cluster: its folders, how its programs are run, its life."""

    def __init__(self, racine: Path = RACINE) -> None:
        self.racine = racine.resolve()
        self.var = grappe.dossier_var(self.racine)
        self.donnees = self.var / "base"
        self.socket = grappe.dossier_socket(self.racine)
        self.fichier_socket = self.socket / f".s.PGSQL.{grappe.PORT}"
        self.journal = self.var / "journaux" / "postgresql.log"

    # --- state -----------------------------------------------------------------------------------
    def pid(self) -> int | None:
        """Pid of our living postmaster.

        A file left by a crash is not believed, even if its pid now names another process, nor one copied
        with the folder: a postmaster's working folder is its data.
        """
        try:
            pid = int((self.donnees / "postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None
        return pid if self._est_a_nous(pid) else None

    def _est_a_nous(self, pid: int) -> bool:
        if instant_de_depart(pid) is None:
            return False
        try:
            dossier = Path(f"/proc/{pid}/cwd").readlink()
            programme = Path(f"/proc/{pid}/exe").readlink()
        except OSError:
            return False
        return dossier == self.donnees and programme.name.startswith("postgres")

    def orphelins(self) -> list[int]:
        """Server processes still at work on our data (after the postmaster's death they end one by one)."""
        return [
            int(p.name) for p in Path("/proc").iterdir() if p.name.isdigit() and self._est_a_nous(int(p.name))
        ]

    # --- start -----------------------------------------------------------------------------------
    def demarrer(self) -> str:
        """Start the cluster, made on first use; do nothing when it runs. Returns what was done, in words."""
        bin_ = binaires(self.donnees)
        dossier_prive(self.var)
        for nom in ("run", "journaux"):
            dossier_prive(self.var / nom)
        with self._verrou():
            grappe.verifier_dossier_socket(self.socket)
            dossier_prive(self.socket)
            pid = self.pid()
            if pid is not None:
                if self.fichier_socket.exists() and self._repond(bin_, attente=60):
                    self._assurer_base(bin_)
                    return "déjà démarrée"
                # Its socket is gone (a cleaned /tmp, a folder renamed): nobody can reach it any more.
                self._eteindre(pid)
            prefixe, proprietaire = self._lanceur(bin_)
            neuve = not (self.donnees / "PG_VERSION").exists()
            if neuve:
                self._creer(bin_, prefixe, proprietaire)
            self._oublier_arret_brutal()
            self._donner(self.donnees, proprietaire)
            self._ecrire_reglages(proprietaire)
            self._lancer(bin_, prefixe, proprietaire)
            self._assurer_base(bin_)
            return "créée et démarrée" if neuve else "démarrée"

    @contextmanager
    def _verrou(self) -> Iterator[None]:
        with (self.var / "verrou").open("w") as fichier:
            fcntl.flock(fichier, fcntl.LOCK_EX)
            yield

    def _lanceur(self, bin_: Path) -> tuple[list[str], int]:
        """Words to put before a server program, and the uid its files belong to.

        As root: a user namespace (files stay root's), else `postgres` with the capability to pass
        0700 folders.
        """
        if os.geteuid() != 0:
            return [], os.geteuid()
        essai = f"test -w {_sh(self.var)} && {_sh(bin_ / 'postgres')} --version"
        modes: list[tuple[list[str], int]] = [([*ESPACE, "--"], 0)]
        try:
            compte = pwd.getpwnam("postgres")
        except KeyError:
            pass
        else:
            commun = ["setpriv", f"--reuid={compte.pw_uid}", f"--regid={compte.pw_gid}", "--clear-groups"]
            modes.append(
                ([*commun, "--inh-caps=+dac_override", "--ambient-caps=+dac_override", "--"], compte.pw_uid)
            )
        erreurs = []
        for prefixe, uid in modes:
            r = _executer([*prefixe, "/bin/sh", "-c", essai])
            if r.returncode == 0:
                return prefixe, uid
            erreurs.append(f"  {prefixe[0]} : {(r.stderr or r.stdout).strip() or f'code {r.returncode}'}")
        raise Echec(
            "PostgreSQL refuse de tourner sous root, et cette machine ne permet ni espace de noms "
            "utilisateur ni changement d'utilisateur :\n" + "\n".join(erreurs) + "\n"
            "Relancez sous un utilisateur ordinaire, ou indiquez un serveur par DATABASE_URL."
        )

    def _creer(self, bin_: Path, prefixe: Sequence[str], proprietaire: int) -> None:
        """initdb beside the final place, then rename: an interrupted creation leaves nothing half-made.

        Collation C (fast, prefix searches by index) and UTF-8 character classes; queries ask French order.
        """
        chantier = self.var / "base.creation"
        shutil.rmtree(chantier, ignore_errors=True)
        self._donner(dossier_prive(chantier), proprietaire)
        options = [
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--lc-collate=C",
            "--auth=trust",
            "--no-instructions",
        ]
        r = _executer(
            [
                *prefixe,
                str(bin_ / "initdb"),
                f"--username={grappe.UTILISATEUR}",
                *options,
                "-D",
                chantier.name,
            ],
            dossier=self.var,
        )
        if r.returncode:
            raise Echec(f"La création de la base a échoué :\n{r.stdout}{r.stderr}")
        with (chantier / "postgresql.conf").open("a") as f:
            f.write("\ninclude_if_exists = 'urbanisme.conf'\n")
        shutil.rmtree(self.donnees, ignore_errors=True)
        chantier.rename(self.donnees)

    def _donner(self, dossier: Path, uid: int) -> None:
        """Give the data to the user who runs the server (changes nothing when it is theirs already)."""
        if dossier.stat().st_uid == uid:
            return
        for chemin, _, fichiers in os.walk(dossier):
            for p in (Path(chemin), *(Path(chemin) / f for f in fichiers)):
                os.chown(p, uid, -1, follow_symlinks=False)

    def _oublier_arret_brutal(self) -> None:
        """After a crash: end the orphans, remove lock files whose process is not our postmaster.

        PostgreSQL itself would wait for ever on a pid that another process has taken since.
        """
        if not attendre(lambda: not self.orphelins(), 20):
            for pid in self.orphelins():
                envoyer(pid, signal.SIGQUIT)
            if not attendre(lambda: not self.orphelins(), 10):
                raise Echec(f"D'anciens processus du serveur ne s'arrêtent pas : {self.orphelins()}")
        for fichier in (self.donnees / "postmaster.pid", *self.socket.glob(f".s.PGSQL.{grappe.PORT}*")):
            fichier.unlink(missing_ok=True)

    def _ecrire_reglages(self, proprietaire: int) -> None:
        """Settings for a small machine, rewritten at each start."""
        memoire = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        socket = str(self.socket).replace('"', '""').replace("\\", "\\\\").replace("'", "''")
        reglages = {
            "listen_addresses": "''",
            "port": str(grappe.PORT),
            "unix_socket_directories": f"'\"{socket}\"'",
            "unix_socket_permissions": "0700",
            "max_connections": "80",
            "shared_buffers": f"{max(128, min(512, memoire // 4))}MB",
            "effective_cache_size": f"{max(256, memoire // 2)}MB",
            "work_mem": "16MB",
            "maintenance_work_mem": f"{max(64, min(256, memoire // 16))}MB",
            "random_page_cost": "1.1",
            # No standby ever hangs on this cluster: a new table's COPY need not go through the log.
            "wal_level": "minimal",
            "max_wal_senders": "0",
            "max_wal_size": "4GB",
            "checkpoint_timeout": "15min",
            # Its compilation costs more than our queries, tiles above all.
            "jit": "off",
            "max_locks_per_transaction": "256",
            "lc_messages": "'C'",
            "log_line_prefix": "'%m [%p] %d '",
            "log_timezone": "'Europe/Paris'",
            "timezone": "'Europe/Paris'",
        }
        fichier = self.donnees / "urbanisme.conf"
        fichier.write_text("".join(f"{nom} = {valeur}\n" for nom, valeur in reglages.items()))
        os.chown(fichier, proprietaire, -1)
        fichier.chmod(0o600)

    def _lancer(self, bin_: Path, prefixe: Sequence[str], proprietaire: int) -> None:
        if self.journal.exists() and self.journal.stat().st_size > 20_000_000:
            self.journal.replace(self.journal.with_suffix(".log.1"))
        self.journal.touch(mode=0o600)
        os.chown(self.journal, proprietaire, -1)
        debut = self.journal.stat().st_size
        commande = [str(bin_ / "pg_ctl"), "start", "--silent", "--wait", "--timeout=300"]
        # Relative paths: pg_ctl builds a shell line, where a folder's name could hold a quote.
        chemins = ["-D", self.donnees.name, "-l", str(self.journal.relative_to(self.var))]
        r = _executer([*prefixe, *commande, *chemins], dossier=self.var)
        if r.returncode or not self._repond(bin_, attente=30):
            with self.journal.open("rb") as f:
                f.seek(debut)
                suite = f.read()[-3000:].decode(errors="replace")
            raise Echec(f"La base ne démarre pas :\n{r.stderr}{suite}\nJournal complet : {self.journal}")

    def _repond(self, bin_: Path, attente: float) -> bool:
        commande = [str(bin_ / "pg_isready"), "--quiet", "-h", str(self.socket), "-p", str(grappe.PORT)]
        return attendre(lambda: _executer(commande).returncode == 0, attente)

    def _assurer_base(self, bin_: Path) -> None:
        """Create the database if it is not there; check that the extensions the migrations ask for exist."""
        noms = ",".join(f"'{e}'" for e in EXTENSIONS)
        requete = (
            f"SELECT 'base' FROM pg_database WHERE datname = '{grappe.NOM_BASE}' "  # noqa: S608
            f"UNION ALL SELECT name FROM pg_available_extensions WHERE name IN ({noms})"
        )
        presents = self._psql(bin_, requete).split()
        manquantes = [e for e in EXTENSIONS if e not in presents]
        if manquantes:
            raise Echec(
                f"Extensions PostgreSQL absentes : {', '.join(manquantes)}. Lancez :\n    {LIGNE_APT}"
            )
        if "base" not in presents:
            self._psql(bin_, f"CREATE DATABASE {grappe.NOM_BASE}")

    def _psql(self, bin_: Path, requete: str) -> str:
        acces = ["-h", str(self.socket), "-p", str(grappe.PORT), "-U", grappe.UTILISATEUR, "-d", "postgres"]
        options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        r = _executer([str(bin_ / "psql"), *acces, *options, "-c", requete])
        if r.returncode:
            raise Echec(f"La base ne répond pas comme attendu :\n{r.stderr}")
        return r.stdout

    # --- stop ------------------------------------------------------------------------------------
    def arreter(self) -> bool:
        """Stop the cluster (sessions are cut, everything committed is kept). True when it ran."""
        if not self.donnees.exists():
            return False
        with self._verrou():
            pid = self.pid()
            if pid is None:
                return False
            self._eteindre(pid)
            if self.socket.parent == grappe.DOSSIER_TEMPORAIRE:
                shutil.rmtree(self.socket, ignore_errors=True)
            return True

    def _eteindre(self, pid: int) -> None:
        """End the postmaster by signals (pg_ctl does not run as root): three tries, each rougher."""
        for signal_, delai in ((signal.SIGINT, 60), (signal.SIGQUIT, 10), (signal.SIGKILL, 5)):
            envoyer(pid, signal_)
            if attendre(lambda: not self._est_a_nous(pid), delai):
                return
        raise Echec(f"Le serveur de base de données (processus {pid}) ne s'arrête pas.")


def _sh(chemin: Path) -> str:
    return "'" + str(chemin).replace("'", "'\\''") + "'"


def _executer(commande: Sequence[str], dossier: Path = Path("/")) -> subprocess.CompletedProcess[str]:
    """Run a program quietly, without the caller's PG* variables, in a folder every user can enter."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("PG")}
    try:
        return subprocess.run(
            commande,
            check=False,
            capture_output=True,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            cwd=dossier,
            env=env,
        )
    except FileNotFoundError as e:
        return subprocess.CompletedProcess(commande, 127, "", f"{e.filename} : programme introuvable")


def main(arguments: Sequence[str]) -> int:
    """Entry point; French messages, exit code 1 on failure."""
    action = arguments[0] if arguments else ""
    base = Grappe()
    try:
        if action == "url":
            print(grappe.url_base_par_defaut(base.racine))
        elif action == "demarrer":
            if os.environ.get("DATABASE_URL"):
                print("Base de données : DATABASE_URL est défini, la base privée n'est pas démarrée.")
            else:
                print(f"Base de données : {base.demarrer()} (socket {base.socket})")
        elif action == "arreter":
            print(f"Base de données : {'arrêtée' if base.arreter() else 'rien à arrêter'}")
        elif action == "etat":
            pid = base.pid()
            print(f"Base de données : {f'en marche, processus {pid}' if pid else 'arrêtée'}")
            return 0 if pid else 3
        else:
            print("usage : python3 -m outils.base_privee demarrer|arreter|etat|url", file=sys.stderr)
            return 2
    except (Echec, grappe.DossierSocketNonSur) as e:
        print(e, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
