"""`make install`: what it asks and writes, that it may run again, that a production starts from it."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from outils import installation, reglages_production
from outils.installation import Echec, Installation, lire_options
from tests import bases

RACINE = Path(__file__).resolve().parents[2]
SITE = "urbanisme.exemple.invalid"


# --- options ------------------------------------------------------------------------------------


def test_les_valeurs_par_defaut():
    o = lire_options({"NOMS": f" {SITE.upper()} , autre.exemple.invalid"})
    assert o.noms == (SITE, "autre.exemple.invalid")
    assert (o.utilisateur, o.ecoute, o.ouvriers, o.garder) == ("urbanisme", "127.0.0.1:8000", 2, 14)
    assert not o.a_blanc


@pytest.mark.parametrize(
    ("variables", "phrase"),
    [
        ({"NOMS": "bad_name!"}, "n'est pas un nom de site"),
        ({"NOMS": "x;rm.fr"}, "n'est pas un nom de site"),
        ({"UTILISATEUR": "Root Admin"}, "n'est pas un nom de compte"),
        ({"ECOUTE": "0.0.0.0:8000"}, "une adresse de cette machine"),
        ({"CERTIFICAT": "/etc/ssl/a.pem"}, "vont ensemble"),
        ({"COLLECTIVITE": "Luxiol"}, "code INSEE ou SIREN"),
        ({"ADMINISTRATEUR": "a@exemple.invalid"}, "demande aussi COLLECTIVITE"),
        ({"RACINE_SYSTEME": "relatif"}, "chemin absolu"),
        ({"OUVRIERS": "0"}, "de 1 à 64"),
        ({"GARDER": "beaucoup"}, "de 1 à 1000"),
    ],
)
def test_une_option_fautive_dit_quoi_ecrire(variables, phrase):
    with pytest.raises(Echec, match=re.escape(phrase)):
        lire_options(variables)


def test_un_chemin_que_systemd_lirait_mal_est_refuse(monkeypatch):
    monkeypatch.setattr(installation, "RACINE", Path("/opt/mon urbanisme"))
    with pytest.raises(Echec, match="/opt/urbanisme irait"):
        lire_options({"NOMS": SITE})


def test_l_installation_reelle_demande_root(monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert installation.main({"NOMS": SITE}) == 1
    assert "par root" in capsys.readouterr().err


# --- settings -----------------------------------------------------------------------------------


def preparer(dossier: Path, **variables: str) -> Installation:
    return Installation(lire_options({"RACINE_SYSTEME": str(dossier), **variables}))


def test_la_cle_se_fait_une_fois_et_se_garde_pour_le_proprietaire_seul(tmp_path):
    premiere = preparer(tmp_path, NOMS=SITE).ecrire_reglages()
    fichier = tmp_path / "etc/urbanisme/urbanisme.env"
    assert stat.S_IMODE(fichier.stat().st_mode) == 0o600
    assert len(premiere["SECRET_KEY"]) >= 64
    with fichier.open("a") as f:
        f.write('# à nous\nCOURRIEL_SERVEUR="smtp://u:m\\"d\\\\p@hote:25"\nOUVRIERS_WEB=4\n')
    fichier.chmod(0o644)
    seconde = preparer(tmp_path, NOMS="neuf.exemple.invalid").ecrire_reglages()
    assert seconde["SECRET_KEY"] == premiere["SECRET_KEY"]
    assert seconde["ALLOWED_HOSTS"] == "neuf.exemple.invalid"
    assert seconde["ADRESSE_DU_SITE"] == "https://neuf.exemple.invalid"
    assert (seconde["COURRIEL_SERVEUR"], seconde["OUVRIERS_WEB"]) == ('smtp://u:m"d\\p@hote:25', "4")
    assert stat.S_IMODE(fichier.stat().st_mode) == 0o600 and "# à nous" in fichier.read_text()
    avant = fichier.read_text()
    assert preparer(tmp_path).ecrire_reglages() == seconde
    assert fichier.read_text() == avant


def test_la_premiere_fois_un_nom_de_site_est_obligatoire(tmp_path):
    with pytest.raises(Echec, match="NOMS est obligatoire"):
        preparer(tmp_path).ecrire_reglages()


def test_la_projection_ne_change_plus(tmp_path):
    preparer(tmp_path, NOMS=SITE, TERRITOIRE_SRID="2975").ecrire_reglages()
    with pytest.raises(Echec, match="ne change plus"):
        preparer(tmp_path, TERRITOIRE_SRID="2154").ecrire_reglages()


@pytest.mark.parametrize("ligne", ["CLE='x'", 'CLE=a"b', "cle=minuscule", "n'importe quoi"])
def test_une_ligne_que_systemd_lirait_autrement_est_refusee(tmp_path, ligne):
    fichier = tmp_path / "x.env"
    fichier.write_text(f"A=1\n{ligne}\n")
    with pytest.raises(reglages_production.Illisible, match="ligne 2"):
        reglages_production.lire(fichier)


def test_une_valeur_de_plusieurs_lignes_est_refusee(tmp_path):
    with pytest.raises(reglages_production.Illisible, match="tient sur une ligne"):
        reglages_production.ecrire(tmp_path / "x.env", {"A": "1\nB=2"})


def test_l_environnement_ne_prend_rien_du_django_de_l_appelant(monkeypatch):
    monkeypatch.setenv("DJANGO_SETTINGS_MODULE", "config.settings.test")
    monkeypatch.setenv("SECRET_KEY", "celle de l'appelant")
    env = reglages_production.environnement({"SECRET_KEY": "la vraie"})
    assert env["SECRET_KEY"] == "la vraie" and "DJANGO_SETTINGS_MODULE" not in env


# --- files of the system ------------------------------------------------------------------------


def ecrire(dossier: Path, **variables: str) -> Path:
    pose = preparer(dossier, NOMS=SITE, **variables)
    pose.ecrire_systeme(pose.ecrire_reglages())
    return dossier


def unite(dossier: Path, nom: str) -> str:
    return (dossier / "etc/systemd/system" / nom).read_text()


def test_les_unites_disent_ce_qu_il_faut(tmp_path):
    ecrire(tmp_path, DATABASE_URL="postgis://u@h/b", OUVRIERS="3", GARDER="7", UTILISATEUR="mairie")
    web = unite(tmp_path, "urbanisme-web.service")
    assert f"WorkingDirectory={RACINE}\n" in web and "User=mairie\n" in web
    assert f"EnvironmentFile={tmp_path}/etc/urbanisme/urbanisme.env\n" in web
    assert (
        "--config config/gunicorn.py config.wsgi" in web and "After=network-online.target postgresql" in web
    )
    assert (
        "ProtectSystem=strict" in web and f"ReadWritePaths={RACINE}/.var {tmp_path}/var/lib/urbanisme" in web
    )
    assert "manage.py executer_taches\n" in unite(tmp_path, "urbanisme-ouvrier@.service")
    assert "manage.py planifier\n" in unite(tmp_path, "urbanisme-planificateur.service")
    assert "manage.py sauvegarder --garder 7\n" in unite(tmp_path, "urbanisme-sauvegarde.service")
    minuterie = unite(tmp_path, "urbanisme-sauvegarde.timer")
    assert "OnCalendar=*-*-* 02:30:00" in minuterie and "Persistent=true" in minuterie
    cible = unite(tmp_path, "urbanisme.target")
    assert "urbanisme-ouvrier@3.service" in cible and "urbanisme-ouvrier@4" not in cible
    assert not (tmp_path / "etc/systemd/system/urbanisme-base.service").exists()
    assert "SECRET_KEY" not in "".join(f.read_text() for f in (tmp_path / "etc/systemd/system").iterdir())


def test_les_commandes_des_unites_existent(tmp_path):
    ecrire(tmp_path)
    textes = "".join(f.read_text() for f in (tmp_path / "etc/systemd/system").iterdir())
    commandes = set(re.findall(r"manage\.py ([a-z_]+)", textes))
    assert commandes == {"executer_taches", "planifier", "sauvegarder"}
    for commande in commandes:
        assert (RACINE / "mairie/management/commands" / f"{commande}.py").is_file()


def test_la_base_privee_a_son_unite_et_la_perd_avec_un_serveur(tmp_path):
    ecrire(tmp_path)
    assert "outils.base_privee demarrer" in unite(tmp_path, "urbanisme-base.service")
    assert "Wants=network-online.target urbanisme-base.service" in unite(tmp_path, "urbanisme-web.service")
    assert "Wants=urbanisme-base.service" in unite(tmp_path, "urbanisme.target")
    ecrire(tmp_path, DATABASE_URL="postgis://u@h/b")
    assert not (tmp_path / "etc/systemd/system/urbanisme-base.service").exists()


@pytest.mark.parametrize("serveur", ["", "postgis://u@h/b"])
def test_systemd_accepte_les_unites(tmp_path, serveur):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze n'est pas installé ici")
    ecrire(tmp_path, DATABASE_URL=serveur)
    fichiers = sorted(str(f) for f in (tmp_path / "etc/systemd/system").iterdir())
    r = subprocess.run(["systemd-analyze", "verify", *fichiers], capture_output=True, text=True, check=False)
    assert (r.returncode, r.stdout + r.stderr) == (0, "")


def site_nginx(dossier: Path) -> str:
    return (dossier / "etc/nginx/sites-enabled/urbanisme").read_text()


def test_le_site_nginx_ne_donne_ni_fichier_ni_secret(tmp_path):
    ecrire(tmp_path)
    site = site_nginx(tmp_path)
    assert "location /media/ { return 404; }" in site and "access_log off;" in site
    assert str(tmp_path / "var/lib/urbanisme") not in site
    assert "client_max_body_size 300m;" in site and "gzip on;" in site
    assert "keys_zone=urbanisme_tuiles" in site and "proxy_cache urbanisme_tuiles;" in site
    assert f"alias {RACINE}/staticfiles/;" in site and "error_page 502 504 =503 /503.html;" in site
    entetes = (tmp_path / "etc/nginx/snippets/urbanisme-entetes.conf").read_text()
    # Overwritten, never added to: what a caller pretends does not pass.
    assert "X-Forwarded-For $remote_addr;" in entetes and "X-Forwarded-Proto $scheme;" in entetes
    assert site.count("include " + str(tmp_path / "etc/nginx/snippets/urbanisme-entetes.conf")) == 2
    assert "@" not in re.sub(r"#.*", "", site)


def test_nginx_laisse_passer_les_pieces_d_un_dossier_et_le_service_borne_le_reste(tmp_path, settings):
    ecrire(tmp_path)
    valeur = reglages_production.lire(tmp_path / "etc/urbanisme/urbanisme.env")["ENVOI_MAX"]
    assert int(valeur) == settings.ENVOI_MAX
    assert f"client_max_body_size {settings.PIECES_ENVOI_MAX // 1024**2}m;" in site_nginx(tmp_path)


def test_avec_un_certificat_le_site_est_en_https(tmp_path):
    ecrire(tmp_path, CERTIFICAT="/etc/ssl/c.pem", CLE_CERTIFICAT="/etc/ssl/k.pem")
    site = site_nginx(tmp_path)
    assert "listen 443 ssl http2;" in site and "ssl_certificate /etc/ssl/c.pem;" in site
    assert "return 301 https://$host$request_uri;" in site


def test_nginx_accepte_le_site(tmp_path):
    """Where nginx is installed; elsewhere the texts above are all that is known of it."""
    if shutil.which("nginx") is None:
        assert site_nginx(ecrire(tmp_path)).count("{") == site_nginx(tmp_path).count("}")
        return
    ecrire(tmp_path)
    (tmp_path / "var/cache/nginx").mkdir(parents=True)
    reglage = tmp_path / "nginx.conf"
    reglage.write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log {tmp_path}/erreurs.log;\nevents {{}}\n"
        f"http {{ include {tmp_path}/etc/nginx/sites-enabled/urbanisme; }}\n"
    )
    r = subprocess.run(["nginx", "-t", "-c", str(reglage)], capture_output=True, text=True, check=False)
    assert r.returncode == 0, r.stderr


def test_les_ajouts_de_l_administrateur_ne_sont_jamais_ecrases(tmp_path):
    ecrire(tmp_path)
    ajouts = tmp_path / "etc/nginx/snippets/urbanisme-ajouts.conf"
    ajouts.write_text("add_header X-A b;\n")
    ecrire(tmp_path)
    assert ajouts.read_text() == "add_header X-A b;\n"


# --- the whole ----------------------------------------------------------------------------------


@pytest.fixture
def base_vierge(base_modele, django_db_blocker) -> Iterator[str]:
    """A migrated database of its own. Instead of ``db``."""
    nom = f"{base_modele}_installation"
    with django_db_blocker.unblock():
        bases.creer_base(nom, base_modele)
        yield nom
        bases.supprimer_base(nom)


def installer(dossier: Path, base: str, port: int) -> subprocess.CompletedProcess[str]:
    variables = {
        "RACINE_SYSTEME": str(dossier),
        "NOMS": SITE,
        "DATABASE_URL": bases.url(base),
        "ECOUTE": f"127.0.0.1:{port}",
        "COLLECTIVITE": "25999:Valbrune",
        "ADMINISTRATEUR": "premiere@exemple.invalid",
    }
    return subprocess.run(
        [sys.executable, "-m", "outils.installation"],
        cwd=RACINE,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def demander(port: int, chemin: str) -> tuple[int, bytes]:
    lien = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    lien.request("GET", chemin, headers={"Host": SITE, "X-Forwarded-Proto": "https"})
    reponse = lien.getresponse()
    return reponse.status, reponse.read()


def test_une_production_part_de_ce_qui_est_ecrit_et_survit_a_sa_base(tmp_path, base_vierge):
    with socket.socket() as essai:
        essai.bind(("127.0.0.1", 0))
        port = essai.getsockname()[1]
    pose = installer(tmp_path, base_vierge, port)
    assert pose.returncode == 0, pose.stdout + pose.stderr
    lien = re.search(rf"https://{SITE}(/connexion/invitation/\S+/)", pose.stdout)
    assert lien, pose.stdout
    encore = installer(tmp_path, base_vierge, port)
    assert encore.returncode == 0, encore.stderr
    # Again: no file written, another link since nobody has used the first.
    assert "Écrit :" not in encore.stdout and "Collectivité créée" not in encore.stdout
    lien = re.search(rf"https://{SITE}(/connexion/invitation/\S+/)", encore.stdout)

    env = reglages_production.environnement(
        reglages_production.lire(tmp_path / "etc/urbanisme/urbanisme.env")
    )
    journal = tmp_path / "web.log"
    with journal.open("wb") as sortie:
        web = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"],
            cwd=RACINE,
            env=env,
            stdout=sortie,
            stderr=sortie,
        )
    try:
        for _ in range(300):
            try:
                statut, corps = demander(port, "/sante/")
                break
            except OSError:
                assert web.poll() is None, journal.read_text()
                time.sleep(0.2)
        assert statut == 200 and b'"base": {"etat": "bonne"' in corps
        assert demander(port, lien[1])[0] == 200
        assert demander(port, "/")[0] == 200
        # The database goes, and comes back: the page says so, then the service is there again by itself.
        with connection._nodb_cursor() as curseur:
            curseur.execute(f'ALTER DATABASE "{base_vierge}" ALLOW_CONNECTIONS false')
            curseur.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [base_vierge],
            )
        statut, corps = demander(port, "/")
        assert statut == 503 and "momentanément indisponible".encode() in corps
        assert demander(port, "/sante/")[0] == 503
        with connection._nodb_cursor() as curseur:
            curseur.execute(f'ALTER DATABASE "{base_vierge}" ALLOW_CONNECTIONS true')
        assert demander(port, "/")[0] == 200
    finally:
        web.terminate()
        web.wait(20)
    lignes = journal.read_text().splitlines()
    assert lignes and all(ligne.startswith('{"temps"') for ligne in lignes), lignes[:3]
    assert lien[1].split("/")[3] not in journal.read_text()
