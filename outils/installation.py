"""`make install`: this folder becomes a service of the machine: settings, database, units, nginx, backup.

Everything asked is a variable (``make install NOMS=urbanisme.exemple.fr …``); safe to run again, which is
also how an update ends. ``RACINE_SYSTEME=/dossier`` writes all files there, touches no account and starts
nothing: to look first, or to build a package.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from config.grappe import DOSSIER_TEMPORAIRE, dossier_socket, dossier_var
from outils import reglages_production as reglages
from outils import statiques

RACINE = Path(__file__).resolve().parent.parent
MODELES = Path(__file__).resolve().parent / "systeme"
UNITES = (
    "urbanisme-web.service", "urbanisme-ouvrier@.service", "urbanisme-planificateur.service",
    "urbanisme-sauvegarde.service", "urbanisme-sauvegarde.timer", "urbanisme.target",
)  # fmt: skip
UNITE_BASE = "urbanisme-base.service"
# What a service may not do; files are read-only but for those it is given.
DURCISSEMENT = (
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=read-only",
    "PrivateDevices=yes",
    "ProtectKernelTunables=yes",
    "ProtectKernelModules=yes",
    "ProtectControlGroups=yes",
    "RestrictSUIDSGID=yes",
    "RestrictRealtime=yes",
    "LockPersonality=yes",
    "UMask=0077",
)
_NOM_HOTE = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
)
_COMPTE = re.compile(r"[a-z_][a-z0-9_-]{0,30}")
# What any form may send, and what nginx lets through: all the files of a dossier at once (PIECES_ENVOI_MAX).
_ENVOI_MO = 100
_ENVOI_PIECES_MO = 300


class Echec(Exception):
    """A reason to stop, told to the person as it is."""


@dataclass(frozen=True)
class Options:
    """What was asked; ``racine_systeme`` is ``/`` or where a dry installation is written."""

    noms: tuple[str, ...]
    racine_systeme: Path
    utilisateur: str
    base: str
    ecoute: str
    certificat: str
    cle: str
    ouvriers: int
    garder: int
    srid: str
    collectivite: str
    administrateur: str

    @property
    def a_blanc(self) -> bool:
        """Whether files alone are written, elsewhere."""
        return self.racine_systeme != Path("/")


def lire_options(env: Mapping[str, str]) -> Options:
    """Options from the variables of `make`; raises Echec with what to write."""
    noms = tuple(n.strip().lower() for n in env.get("NOMS", "").split(",") if n.strip())
    if fautifs := [n for n in noms if not _NOM_HOTE.fullmatch(n)]:
        raise Echec(f"NOMS : « {fautifs[0]} » n'est pas un nom de site (exemple : urbanisme.exemple.fr).")
    utilisateur = env.get("UTILISATEUR") or "urbanisme"
    if not _COMPTE.fullmatch(utilisateur):
        raise Echec(f"UTILISATEUR : « {utilisateur} » n'est pas un nom de compte.")
    ecoute = env.get("ECOUTE") or "127.0.0.1:8000"
    if not re.fullmatch(r"(127\.0\.0\.1|\[::1\]|localhost):\d{2,5}", ecoute):
        raise Echec("ECOUTE : une adresse de cette machine et un port (exemple : 127.0.0.1:8000).")
    certificat, cle = env.get("CERTIFICAT", ""), env.get("CLE_CERTIFICAT", "")
    if bool(certificat) != bool(cle):
        raise Echec("CERTIFICAT et CLE_CERTIFICAT vont ensemble.")
    collectivite = env.get("COLLECTIVITE", "")
    if collectivite and not re.fullmatch(r"([0-9][0-9AB][0-9]{3}|[0-9]{9}):.+", collectivite):
        raise Echec("COLLECTIVITE : code INSEE ou SIREN, deux points, nom (exemple : 25354:Luxiol).")
    if env.get("ADMINISTRATEUR") and not collectivite:
        raise Echec("ADMINISTRATEUR demande aussi COLLECTIVITE=code:nom.")
    if re.search(r"[^A-Za-z0-9_./+-]", str(RACINE)):
        raise Echec(
            f"Le chemin {RACINE} a des caractères que systemd et nginx liraient mal : /opt/urbanisme irait."
        )
    racine_systeme = Path(env.get("RACINE_SYSTEME") or "/")
    if not racine_systeme.is_absolute():
        raise Echec("RACINE_SYSTEME : un chemin absolu.")
    return Options(
        noms=noms,
        racine_systeme=racine_systeme,
        utilisateur=utilisateur,
        base=env.get("DATABASE_URL", ""),
        ecoute=ecoute,
        certificat=certificat,
        cle=cle,
        ouvriers=_nombre(env, "OUVRIERS", 2, 1, 64),
        garder=_nombre(env, "GARDER", 14, 1, 1000),
        srid=env.get("TERRITOIRE_SRID", ""),
        collectivite=collectivite,
        administrateur=env.get("ADMINISTRATEUR", ""),
    )


def _nombre(env: Mapping[str, str], nom: str, defaut: int, mini: int, maxi: int) -> int:
    texte = env.get(nom) or str(defaut)
    if not texte.isdigit() or not mini <= int(texte) <= maxi:
        raise Echec(f"{nom} : un nombre de {mini} à {maxi}.")
    return int(texte)


class Installation:
    """One installation of this folder."""

    def __init__(self, options: Options, racine: Path = RACINE) -> None:
        self.o = options
        self.racine = racine
        self.etat = self.place("var/lib/urbanisme")
        self.fichier_reglages = self.place("etc/urbanisme/urbanisme.env")

    def place(self, chemin: str) -> Path:
        """A file of the system, under the root asked for."""
        return self.o.racine_systeme / chemin

    # --- settings --------------------------------------------------------------------------------
    def ecrire_reglages(self) -> dict[str, str]:
        """Settings file, completed; what is written there by hand stays."""
        self.fichier_reglages.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        actuels = reglages.lire(self.fichier_reglages)
        site = f"https://{self.o.noms[0]}" if self.o.noms else ""
        proposes = {
            "DJANGO_SETTINGS_MODULE": "config.settings.production",
            "MEDIA_ROOT": str(self.etat / "fichiers"),
            "SAUVEGARDES_DOSSIER": str(self.place("var/backups/urbanisme")),
            "PROXYS_DE_CONFIANCE": "1",
            "ENVOI_MAX": str(_ENVOI_MO * 1024**2),
        }
        demandes = {
            "ALLOWED_HOSTS": ",".join(self.o.noms),
            "ADRESSE_DU_SITE": site,
            "DATABASE_URL": self.o.base,
            "TERRITOIRE_SRID": self.o.srid,
            "ECOUTE": self.o.ecoute,
        }
        voulus = reglages.completer({**proposes, **actuels}, demandes)
        if not voulus.get("ALLOWED_HOSTS"):
            raise Echec("NOMS est obligatoire la première fois : make install NOMS=urbanisme.exemple.fr")
        if actuels.get("TERRITOIRE_SRID", "2154") != voulus.get("TERRITOIRE_SRID", "2154") and actuels:
            raise Echec("TERRITOIRE_SRID ne change plus une fois la base créée.")
        if reglages.ecrire(self.fichier_reglages, voulus):
            print(f"Réglages : {self.fichier_reglages}")
        return voulus

    # --- account and folders ---------------------------------------------------------------------
    def preparer_compte(self) -> None:
        """Account of the service and its folders; a dry installation keeps the caller's."""
        dossiers = [self.etat / "fichiers", self.place("var/backups/urbanisme")]
        for dossier in dossiers:
            dossier.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.o.a_blanc:
            return
        try:
            compte = pwd.getpwnam(self.o.utilisateur)
        except KeyError:
            _lancer(
                ["useradd", "--system", "--user-group", "--home-dir", str(self.etat), "--shell",
                 "/usr/sbin/nologin", self.o.utilisateur]
            )  # fmt: skip
            print(f"Compte du service : {self.o.utilisateur}")
            compte = pwd.getpwnam(self.o.utilisateur)
        var = dossier_var(self.racine)
        var.mkdir(mode=0o700, exist_ok=True)
        if (var / "base").exists() and (var / "base").stat().st_uid != compte.pw_uid:
            # Started by another account until now: its files are about to change hands.
            _lancer([sys.executable, "-m", "outils.base_privee", "arreter"])
        for dossier in (*dossiers, var, self.racine / "staticfiles"):
            dossier.mkdir(exist_ok=True)
            if dossier.stat().st_uid != compte.pw_uid:
                _lancer(["chown", "-R", f"{compte.pw_uid}:{compte.pw_gid}", str(dossier)])
        if self._comme_service(["test", "-r", str(self.racine / "manage.py")]).returncode:
            raise Echec(
                f"Le compte {self.o.utilisateur} ne peut pas lire {self.racine} : "
                "placez le projet dans un dossier lisible de tous, par exemple /opt/urbanisme."
            )

    def _comme_service(
        self, commande: Sequence[str], env: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        prefixe: list[str] = []
        if not self.o.a_blanc and os.geteuid() == 0 and self.o.utilisateur != "root":
            u = self.o.utilisateur
            prefixe = ["setpriv", f"--reuid={u}", f"--regid={u}", "--init-groups", "--"]
        return subprocess.run([*prefixe, *commande], cwd=self.racine, env=env, check=False)

    # --- application -----------------------------------------------------------------------------
    def preparer_application(self, valeurs: Mapping[str, str]) -> None:
        """Database up, migrations, references, static files, pages of the front server, checks."""
        env = reglages.environnement(valeurs)
        if not valeurs.get("DATABASE_URL"):
            demarrer = [sys.executable, "-m", "outils.base_privee", "demarrer"]
            if self._comme_service(demarrer, env).returncode:
                raise Echec("La base privée ne démarre pas (voir ci-dessus).")
        suite = []
        if self.o.collectivite:
            suite += ["--collectivite", self.o.collectivite]
        if self.o.administrateur:
            suite += ["--administrateur", self.o.administrateur]
        statiques_a_jour = statiques.sont_a_jour(self.racine)
        if statiques_a_jour:
            suite.append("--sans-statiques")
        python = str(self.racine / ".venv" / "bin" / "python")
        if self._comme_service([python, "manage.py", "mettre_en_service", *suite], env).returncode:
            raise Echec("La mise en service a échoué (voir ci-dessus).")
        if not statiques_a_jour:
            statiques.noter(self.racine)

    # --- system ----------------------------------------------------------------------------------
    def champs(self, privee: bool) -> dict[str, str]:
        """What the templates of units and of nginx are filled with."""
        apres = UNITE_BASE if privee else "postgresql.service"
        ouvriers = " ".join(f"urbanisme-ouvrier@{n}.service" for n in range(1, self.o.ouvriers + 1))
        services = f"urbanisme-web.service {ouvriers} urbanisme-planificateur.service"
        return {
            "RACINE": str(self.racine),
            "UTILISATEUR": self.o.utilisateur,
            "ENVIRONNEMENT": str(self.fichier_reglages),
            "APRES": apres,
            "VEUT": UNITE_BASE if privee else "",
            "TOUS": f"{UNITE_BASE} {services}" if privee else services,
            "GARDER": str(self.o.garder),
            "DURCISSEMENT": self._durcissement(privee),
            "ECOUTE": self.o.ecoute,
            "ENVOI_MO": str(_ENVOI_PIECES_MO),
            "CACHE": str(self.place("var/cache/nginx/urbanisme")),
            "ENTETES": str(self.place("etc/nginx/snippets/urbanisme-entetes.conf")),
            "AJOUTS": str(self.place("etc/nginx/snippets/urbanisme-ajouts.conf")),
            "NOMS": " ".join(self.o.noms) or "_",
            "ECOUTES": self._ecoutes(),
            "REDIRECTION": self._redirection(),
        }

    def _durcissement(self, privee: bool) -> str:
        ecrits = f"{dossier_var(self.racine)} {self.etat} {self.place('var/backups/urbanisme')}"
        lignes = [*DURCISSEMENT, f"ReadWritePaths={ecrits}"]
        # The private cluster's socket lies under /tmp where the folder's path is long.
        if not (privee and dossier_socket(self.racine).parent == DOSSIER_TEMPORAIRE):
            lignes.append("PrivateTmp=yes")
        return "\n".join(lignes)

    def _ecoutes(self) -> str:
        if not self.o.certificat:
            return "    listen 80;\n    listen [::]:80;"
        return (
            "    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n"
            f"    ssl_certificate {self.o.certificat};\n    ssl_certificate_key {self.o.cle};\n"
            "    ssl_protocols TLSv1.2 TLSv1.3;\n    ssl_session_cache shared:urbanisme:5m;\n"
            "    ssl_session_tickets off;"
        )

    def _redirection(self) -> str:
        if not self.o.certificat:
            return ""
        noms = " ".join(self.o.noms) or "_"
        return (
            "\nserver {\n    listen 80;\n    listen [::]:80;\n"
            f"    server_name {noms};\n    access_log off;\n    return 301 https://$host$request_uri;\n}}\n"
        )

    def ecrire_systeme(self, valeurs: Mapping[str, str]) -> None:
        """Units, site of nginx, command; each whole or not at all."""
        privee = not valeurs.get("DATABASE_URL")
        noms = tuple(n for n in valeurs["ALLOWED_HOSTS"].split(",") if n)
        champs = {**self.champs(privee), "NOMS": " ".join(noms)}
        unites = self.place("etc/systemd/system")
        for nom in (*UNITES, *((UNITE_BASE,) if privee else ())):
            self._poser(unites / nom, _remplir(MODELES / nom, champs))
        if not privee:
            (unites / UNITE_BASE).unlink(missing_ok=True)
        nginx = self.place("etc/nginx")
        self._poser(
            nginx / "snippets" / "urbanisme-entetes.conf", _remplir(MODELES / "nginx-entetes.conf", champs)
        )
        ajouts = nginx / "snippets" / "urbanisme-ajouts.conf"
        if not ajouts.exists():
            self._poser(ajouts, "# Vos réglages de ce site : l'installation ne touche jamais à ce fichier.\n")
        self._poser(nginx / "sites-available" / "urbanisme", _remplir(MODELES / "nginx.conf", champs))
        lien = nginx / "sites-enabled" / "urbanisme"
        lien.parent.mkdir(parents=True, exist_ok=True)
        if not lien.is_symlink():
            lien.symlink_to("../sites-available/urbanisme")
        commande = self.place("usr/local/bin/urbanisme-gerer")
        self._poser(commande, _remplir(MODELES / "urbanisme-gerer", champs), 0o755)

    def _poser(self, fichier: Path, texte: str, mode: int = 0o644) -> None:
        fichier.parent.mkdir(parents=True, exist_ok=True)
        if fichier.exists() and fichier.read_text() == texte:
            return
        provisoire = fichier.with_name(f".{fichier.name}.nouveau")
        provisoire.write_text(texte)
        provisoire.chmod(mode)
        provisoire.replace(fichier)
        print(f"Écrit : {fichier}")

    def demarrer(self) -> None:
        """Start or restart by systemd where it runs; else say what remains to be done."""
        if self.o.a_blanc:
            print(f"Installation à blanc : rien n'est démarré, tout est dans {self.o.racine_systeme}.")
            return
        if not Path("/run/systemd/system").is_dir() or shutil.which("systemctl") is None:
            print("systemd ne tourne pas ici : lancez vous-même les services écrits ci-dessus.")
            return
        _lancer(["systemctl", "daemon-reload"])
        _lancer(["systemctl", "enable", "--now", "urbanisme-sauvegarde.timer", "urbanisme.target"])
        ouvriers = [f"urbanisme-ouvrier@{n}.service" for n in range(1, self.o.ouvriers + 1)]
        _lancer(
            ["systemctl", "restart", "urbanisme-web.service", "urbanisme-planificateur.service", *ouvriers]
        )
        if shutil.which("nginx"):
            _lancer(["nginx", "-t"])
            _lancer(["systemctl", "reload-or-restart", "nginx.service"])
        else:
            print("nginx n'est pas installé : sudo apt-get install nginx, puis recommencez.")
        if not self.o.certificat:
            print(
                "Sans certificat, le site ne répond qu'en HTTP et renvoie vers HTTPS : lancez certbot, "
                "ou donnez CERTIFICAT= et CLE_CERTIFICAT=."
            )


def _remplir(modele: Path, champs: Mapping[str, str]) -> str:
    texte = re.sub(r"@([A-Z_]+)@", lambda m: champs[m[1]], modele.read_text())
    # A list left empty leaves no trace at the end of its line.
    return re.sub(r"[ \t]+\n", "\n", texte)


def _lancer(commande: Sequence[str]) -> None:
    r = subprocess.run(list(commande), capture_output=True, text=True, errors="replace", check=False)
    if r.returncode:
        raise Echec(f"« {' '.join(commande)} » a échoué :\n{(r.stderr or r.stdout).strip()[-2000:]}")


def main(env: Mapping[str, str]) -> int:
    """Entry point; French messages, exit code 1 on failure."""
    try:
        options = lire_options(env)
        if not options.a_blanc and os.geteuid() != 0:
            raise Echec("L'installation écrit dans /etc : lancez-la par root (sudo make install …).")
        installation = Installation(options)
        valeurs = installation.ecrire_reglages()
        installation.preparer_compte()
        installation.preparer_application(valeurs)
        installation.ecrire_systeme(valeurs)
        installation.demarrer()
    except (Echec, reglages.Illisible) as e:
        print(e, file=sys.stderr)
        return 1
    except OSError as e:
        print(f"{e.filename} : {e.strerror}", file=sys.stderr)
        return 1
    print(f"Installé : https://{valeurs['ALLOWED_HOSTS'].split(',')[0]}/   Suite : /reglages/premiers-pas/")
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
