"""The private cluster, started for real in throw-away checkouts."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from config import grappe
from outils import base_privee
from outils.processus import instant_de_depart
from tests.outils.conftest import PYTHON_SYSTEME

EST_ROOT = os.geteuid() == 0
en_root = pytest.mark.skipif(not EST_ROOT, reason="ce test demande root : lancez make test sous root")

POSTGIS_MARCHE = (
    "CREATE EXTENSION postgis; SELECT ST_Area(ST_GeomFromText('POLYGON((0 0,2 0,2 3,0 3,0 0))', 2154))"
)


def uid_du_serveur_sous_root() -> int:
    """Root itself where user namespaces are allowed; `postgres` where they are not (containers, chroots)."""
    permis = subprocess.run([*base_privee.ESPACE, "true"], capture_output=True, check=False).returncode == 0
    return 0 if permis else pwd.getpwnam("postgres").pw_uid


def droits(chemin: Path) -> int:
    return stat.S_IMODE(chemin.stat().st_mode)


def test_demarre_deux_fois_sans_reseau_puis_s_arrete(copie):
    c = copie()
    assert "créée et démarrée" in c.demarrer()
    pid = c.pid()
    assert "déjà démarrée" in c.demarrer()
    assert c.pid() == pid
    assert c.sql(POSTGIS_MARCHE) == "6"
    assert c.sql("SHOW listen_addresses") == ""
    assert c.sql("SHOW jit") == "off"
    assert c.sql("SHOW synchronous_commit") == "on"
    assert (
        c.sql(
            "SELECT current_user || '|' || current_database() || '|' || usesuper FROM pg_user "
            "WHERE usename = current_user"
        )
        == "urbanisme|urbanisme|true"
    )
    for nom in (".var", ".var/run", ".var/base"):
        assert droits(c.racine / nom) == 0o700
    assert c.base("etat").returncode == 0
    assert "arrêtée" in c.arreter()
    assert "rien à arrêter" in c.arreter()
    assert c.base("etat").returncode == 3
    assert "Base de données : démarrée" in c.demarrer()
    assert c.sql("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'") == "1"


def test_utilisateur_ordinaire_dans_un_dossier_0700(copie, ordinaire):
    c = copie(uid=ordinaire)
    c.racine.chmod(0o700)
    c.demarrer()
    assert c.sql(POSTGIS_MARCHE) == "6"
    attendu = os.geteuid() if ordinaire is None else ordinaire
    assert (c.racine / ".var/base/PG_VERSION").stat().st_uid == attendu
    assert Path(f"/proc/{c.pid()}").stat().st_uid == attendu


@en_root
def test_root_dans_un_dossier_0700(copie):
    c = copie()
    c.racine.chmod(0o700)
    c.racine.parent.chmod(0o700)
    c.demarrer()
    assert c.sql(POSTGIS_MARCHE) == "6"
    assert (c.racine / ".var/base").stat().st_uid == uid_du_serveur_sous_root(), (
        "no chown in a user namespace"
    )


@en_root
def test_root_sans_espace_de_noms_passe_par_setpriv(copie, dossier):
    """User namespaces refused: the server runs as postgres, under a 0700 folder of root all the same."""
    c = copie()
    c.racine.chmod(0o700)
    faux = dossier / "faux"
    faux.mkdir()
    (faux / "unshare").write_text(
        "#!/bin/sh\necho 'unshare: unshare failed: Operation not permitted' >&2\nexit 1\n"
    )
    (faux / "unshare").chmod(0o755)
    r = c.base("demarrer", PATH=f"{faux}:{os.environ['PATH']}")
    assert r.returncode == 0, r.stderr
    assert c.sql(POSTGIS_MARCHE) == "6"
    assert Path(f"/proc/{c.pid()}").stat().st_uid == (c.racine / ".var/base").stat().st_uid != 0
    # Without the refusal the same data serve, given back to root where the machine allows namespaces.
    c.arreter()
    c.demarrer()
    assert (c.racine / ".var/base/PG_VERSION").stat().st_uid == uid_du_serveur_sous_root()
    assert c.sql("SELECT count(*) FROM pg_extension WHERE extname = 'postgis'") == "1"


@en_root
def test_root_sans_aucun_moyen_dit_quoi_faire(copie, dossier):
    c = copie()
    faux = dossier / "faux"
    faux.mkdir()
    for nom in ("unshare", "setpriv"):
        (faux / nom).write_text("#!/bin/sh\necho refus-essai >&2\nexit 1\n")
        (faux / nom).chmod(0o755)
    r = c.base("demarrer", PATH=f"{faux}:{os.environ['PATH']}")
    assert r.returncode == 1
    assert "DATABASE_URL" in r.stderr
    assert r.stderr.count("refus-essai") == 2
    assert "Traceback" not in r.stderr


def test_chemin_de_120_caracteres(copie, dossier, ordinaire):
    nom = "n" * (119 - len(str(dossier)))
    c = copie(nom, uid=ordinaire)
    assert len(str(c.racine)) == 120
    c.demarrer()
    assert c.sql(POSTGIS_MARCHE) == "6"
    socket = Path(c.sql("SHOW unix_socket_directories").strip('"'))
    assert socket.parent == Path("/tmp")
    assert droits(socket) == 0o700
    assert not (c.racine / ".var/run/.s.PGSQL.5432").exists()
    c.arreter()
    assert not socket.exists()


def test_chemin_avec_espace_accent_et_guillemets(copie):
    c = copie("""l'été, "à l'essai" """.strip())
    c.demarrer()
    assert c.sql(POSTGIS_MARCHE) == "6"


def test_repart_apres_la_mort_brutale_du_serveur(copie):
    c = copie()
    c.demarrer()
    c.sql("CREATE TABLE temoin AS SELECT 42 AS valeur")
    pid = c.pid()
    os.kill(pid, signal.SIGKILL)
    assert "démarrée" in c.demarrer()
    assert c.pid() != pid
    assert c.sql("SELECT valeur FROM temoin") == "42"


def test_un_socket_efface_est_retabli(copie):
    """A cleaned /tmp or an over-eager script: the server still runs but nobody reaches it."""
    c = copie()
    c.demarrer()
    c.sql("CREATE TABLE temoin AS SELECT 42 AS valeur")
    (c.racine / ".var/run/.s.PGSQL.5432").unlink()
    assert "Base de données : démarrée" in c.demarrer()
    assert c.sql("SELECT valeur FROM temoin") == "42"


def test_un_dossier_renomme_en_marche_garde_ses_donnees(copie):
    c = copie("avant")
    c.demarrer()
    c.sql("CREATE TABLE temoin AS SELECT 42 AS valeur")
    c.racine = c.racine.rename(c.racine.parent / "apres")
    c.demarrer()
    assert c.sql("SELECT valeur FROM temoin") == "42"
    assert "arrêtée" in c.arreter()


def test_pid_reutilise_par_un_autre_programme(copie):
    """After a power cut the file may name a pid that is now somebody else's: neither believed nor killed."""
    c = copie()
    c.demarrer()
    c.arreter()
    autre = subprocess.Popen(["sleep", "60"])
    try:
        for fichier in (c.racine / ".var/base/postmaster.pid", c.racine / ".var/run/.s.PGSQL.5432.lock"):
            fichier.write_text(
                f"{autre.pid}\n{c.racine}/.var/base\n{int(time.time())}\n5432\n{c.racine}/.var/run\n\n"
            )
            fichier.chmod(0o600)
        assert c.base("etat").returncode == 3
        assert "rien à arrêter" in c.arreter()
        assert "démarrée" in c.demarrer()
        assert c.sql("SELECT 1") == "1"
        assert autre.poll() is None
    finally:
        autre.kill()
        autre.wait()


def test_deux_dossiers_ne_se_genent_pas(copie):
    a, b = copie("a"), copie("b")
    a.demarrer()
    b.demarrer()
    a.sql("CREATE TABLE chez_a ()")
    assert b.sql("SELECT count(*) FROM pg_class WHERE relname = 'chez_a'") == "0"
    a.arreter()
    assert b.sql("SELECT 1") == "1"


def test_deux_demarrages_en_meme_temps(copie):
    c = copie()
    commande = [PYTHON_SYSTEME, "-m", "outils.base_privee", "demarrer"]
    env = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
    ensemble = [
        subprocess.Popen(commande, cwd=c.racine, env=env, stdout=subprocess.PIPE, text=True) for _ in range(3)
    ]
    sorties = [p.communicate(timeout=120)[0] for p in ensemble]
    assert [p.returncode for p in ensemble] == [0, 0, 0]
    assert sorted("déjà" in s for s in sorties) == [False, True, True]


def test_creation_interrompue_est_reprise(copie):
    c = copie()
    reste = c.racine / ".var" / "base.creation"
    reste.mkdir(parents=True)
    (reste / "PG_VERSION").write_text("15\n")
    c.demarrer()
    assert c.sql("SELECT 1") == "1"
    assert not reste.exists()


def test_database_url_remplace_la_base_privee(copie):
    c = copie()
    r = c.base("demarrer", DATABASE_URL="postgis://u@serveur.invalid/base")
    assert r.returncode == 0
    assert "DATABASE_URL" in r.stdout
    assert not (c.racine / ".var").exists()


def test_postgis_absent_donne_la_ligne_a_lancer(copie, dossier):
    c = copie()
    r = c.base("demarrer", PREFIXE_POSTGRESQL=str(dossier / "vide"))
    assert r.returncode == 1
    assert "PostgreSQL avec PostGIS n'est pas installé" in r.stderr
    assert "apt-get install -y postgresql-15 postgresql-15-postgis-3" in r.stderr
    assert "Traceback" not in r.stderr


def test_postgresql_sans_postgis_est_dit_comme_tel(copie, dossier):
    c = copie()
    bin_ = dossier / "pg" / "15" / "bin"
    bin_.mkdir(parents=True)
    (bin_ / "initdb").touch()
    (bin_ / "pg_config").write_text(f"#!/bin/sh\necho {dossier}/partage-vide\n")
    (bin_ / "pg_config").chmod(0o755)
    r = c.base("demarrer", PREFIXE_POSTGRESQL=str(dossier / "pg"))
    assert r.returncode == 1
    assert r.stderr.startswith("PostGIS n'est pas installé")
    assert base_privee.LIGNE_APT in r.stderr


def test_version_disparue_est_nommee(copie, dossier):
    c = copie()
    (c.racine / ".var/base").mkdir(parents=True)
    (c.racine / ".var/base/PG_VERSION").write_text("9\n")
    r = c.base("demarrer")
    assert r.returncode == 1
    assert "PostgreSQL 9" in r.stderr


@pytest.mark.parametrize("prepare", ["lien", "ouvert"])
def test_dossier_de_socket_d_un_autre_est_refuse(copie, dossier, prepare):
    """Under /tmp another user could wait with a server of theirs: settings and scripts refuse."""
    c = copie("n" * (119 - len(str(dossier))))
    socket = grappe.dossier_socket(c.racine)
    ailleurs = dossier / "ailleurs"
    ailleurs.mkdir(mode=0o700)
    if prepare == "lien":
        socket.symlink_to(ailleurs)
    else:
        socket.mkdir()
        socket.chmod(0o755)
    try:
        r = c.base("demarrer")
        assert r.returncode == 1
        assert str(socket) in r.stderr
        with pytest.raises(grappe.DossierSocketNonSur):
            grappe.parametres_base(c.racine)
    finally:
        socket.unlink() if socket.is_symlink() else shutil.rmtree(socket)


def test_le_socket_depend_du_dossier_et_de_l_utilisateur(monkeypatch):
    court, long_ = Path("/srv/urba"), Path("/srv") / ("x" * 110)
    assert grappe.dossier_socket(court) == Path("/srv/urba/.var/run")
    assert len(os.fsencode(grappe.dossier_socket(long_) / ".s.PGSQL.5432")) <= 100
    assert grappe.dossier_socket(long_) != grappe.dossier_socket(long_ / "y")
    a = grappe.dossier_socket(long_)
    monkeypatch.setattr(os, "geteuid", lambda: 4242)
    assert grappe.dossier_socket(long_) != a


@pytest.mark.parametrize(("longueur", "proche"), [(100, True), (101, False)])
def test_limite_de_cent_octets(longueur, proche):
    racine = Path("/" + "x" * (longueur - len("//.var/run/.s.PGSQL.5432")))
    assert len(f"{racine}/.var/run/.s.PGSQL.5432") == longueur
    assert (grappe.dossier_socket(racine) == racine / ".var/run") is proche


def test_make_db_puis_make_stop(copie):
    c = copie()
    r = c.lancer("make", "db")
    assert r.returncode == 0, r.stderr
    assert str(c.racine / ".var/run") in r.stdout
    dormeur = subprocess.Popen(["sleep", "60"])
    depart = Path(f"/proc/{dormeur.pid}/stat").read_text().rpartition(")")[2].split()[19]
    (c.racine / ".var/run/web.pid").write_text(f"{dormeur.pid} {depart}\n")
    try:
        r = c.lancer("make", "stop")
        assert r.returncode == 0, r.stderr
        assert "web : arrêté" in r.stdout
        assert "Base de données : arrêtée" in r.stdout
        assert dormeur.wait(timeout=5) == -signal.SIGTERM
    finally:
        dormeur.kill()
        dormeur.wait()
    assert c.lancer("make", "stop").returncode == 0


def test_make_clean_ne_laisse_que_les_sources(copie):
    c = copie()
    avant = {str(p.relative_to(c.racine)) for p in c.racine.rglob("*")}
    c.demarrer()
    pid = c.pid()
    (c.racine / "staticfiles").mkdir()
    assert c.lancer("make", "clean").returncode == 0
    assert {str(p.relative_to(c.racine)) for p in c.racine.rglob("*")} == avant
    assert instant_de_depart(pid) is None
    assert c.lancer("make", "clean").returncode == 0


def test_make_seul_dit_toutes_les_cibles(copie):
    c = copie()
    sortie = c.lancer("make").stdout
    cibles = set(re.findall(r"(?m)^\.PHONY: (.+)$", (c.racine / "Makefile").read_text()))
    assert {ligne.split()[1] for ligne in sortie.splitlines()} == cibles


def test_make_stop_n_arrete_pas_un_pid_reutilise(copie):
    c = copie()
    (c.racine / ".var/run").mkdir(parents=True)
    dormeur = subprocess.Popen(["sleep", "60"])
    try:
        (c.racine / ".var/run/web.pid").write_text(f"{dormeur.pid} 1\n")
        assert c.lancer("make", "stop").returncode == 0
        assert dormeur.poll() is None
        assert not (c.racine / ".var/run/web.pid").exists()
    finally:
        dormeur.kill()
        dormeur.wait()
