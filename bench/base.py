"""Throw-away databases on the server of the settings: never the one the demonstration shows."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import psycopg2
import psycopg2.extensions

from bench.mesure import Serveur, lancer

PREFIXE = "bench_mesures"
REGLAGES = "config.settings.demo"


class Bases:
    """Makes databases from one migrated once; all are dropped by ``fermer``."""

    def __init__(self, parametres: dict[str, Any], migree: str = "") -> None:
        """``parametres`` = NAME, USER, PASSWORD, HOST, PORT, as in Django's settings.

        ``migree``: a database migrated already, to copy instead of migrating.
        """
        self._parametres = parametres
        self._nombre = 0
        self._modele = f"{PREFIXE}_{os.getpid()}"
        self._faites: list[str] = []
        with self.connexion("postgres") as essai:
            self.serveur = Serveur.de(essai.info.backend_pid)
            self.version = essai.info.parameter_status("server_version")
            self.reglages = {nom: _reglage(essai, nom) for nom in ("shared_buffers", "fsync", "wal_level")}
        self._effacer_anciennes()
        self._creer(self._modele, migree or None)
        if not migree:
            lancer([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=self.env(self._modele))

    def parametres(self, nom: str) -> dict[str, Any]:
        """Arguments of ``psycopg2.connect``."""
        noms = {"user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
        donnes = {cle: self._parametres.get(reglage) for cle, reglage in noms.items()}
        return {"dbname": nom, **{cle: valeur for cle, valeur in donnes.items() if valeur}}

    @contextmanager
    def connexion(self, nom: str) -> Iterator[psycopg2.extensions.connection]:
        """A connection of its own, closed at the end."""
        connexion = psycopg2.connect(**self.parametres(nom))
        try:
            yield connexion
        finally:
            connexion.close()

    def url(self, nom: str) -> str:
        """``DATABASE_URL`` of a database."""
        p = self._parametres
        secret = f":{quote(str(p['PASSWORD']), safe='')}" if p.get("PASSWORD") else ""
        port = f":{p['PORT']}" if p.get("PORT") else ""
        return f"postgis://{p.get('USER', '')}{secret}@{quote(str(p.get('HOST', '')), safe='')}{port}/{nom}"

    def env(self, nom: str) -> dict[str, str]:
        """Environment of a command that works on a database, with the settings of real use."""
        return {
            "DATABASE_URL": self.url(nom),
            "DJANGO_SETTINGS_MODULE": REGLAGES,
        }

    def ogr(self, nom: str) -> str:
        """The same for GDAL."""
        return "PG:" + " ".join(f"{cle}='{valeur}'" for cle, valeur in self.parametres(nom).items())

    @contextmanager
    def jetable(self, *, migree: bool = True) -> Iterator[str]:
        """A new database, dropped at the end."""
        self._nombre += 1
        nom = f"{self._modele}_{self._nombre}"
        self._creer(nom, self._modele if migree else None)
        if not migree:
            with self.connexion(nom) as connexion, connexion.cursor() as curseur:
                curseur.execute("CREATE EXTENSION IF NOT EXISTS postgis")
                connexion.commit()
        try:
            yield nom
        finally:
            self.supprimer(nom)

    def taille_mio(self, nom: str) -> float:
        """Size on disk."""
        with self.connexion(nom) as connexion, connexion.cursor() as curseur:
            curseur.execute("SELECT pg_database_size(%s)", (nom,))
            return float(curseur.fetchone()[0]) / 1024**2

    def fermer(self) -> None:
        """Drop all that is left."""
        for nom in reversed(self._faites.copy()):
            self.supprimer(nom)

    def supprimer(self, nom: str) -> None:
        """Drop a database, whoever is connected."""
        self._ddl(f'DROP DATABASE IF EXISTS "{nom}" WITH (FORCE)')
        if nom in self._faites:
            self._faites.remove(nom)

    def _creer(self, nom: str, modele: str | None = None) -> None:
        self._ddl(f'CREATE DATABASE "{nom}"' + (f' TEMPLATE "{modele}"' if modele else ""))
        self._faites.append(nom)

    def _ddl(self, sql: str) -> None:
        with self.connexion("postgres") as connexion:
            connexion.autocommit = True
            with connexion.cursor() as curseur:
                curseur.execute(sql)

    def _effacer_anciennes(self) -> None:
        """Databases left by a measurement that was killed."""
        with self.connexion("postgres") as connexion, connexion.cursor() as curseur:
            curseur.execute(
                "SELECT datname FROM pg_database WHERE datname LIKE %s", (PREFIXE.replace("_", r"\_") + "%",)
            )
            noms = [ligne[0] for ligne in curseur.fetchall()]
        for nom in noms:
            if not vivant(nom.removeprefix(PREFIXE + "_").partition("_")[0]):
                self.supprimer(nom)


def vivant(pid: str) -> bool:
    """Whether the process of this number runs still."""
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _reglage(connexion: psycopg2.extensions.connection, nom: str) -> str:
    with connexion.cursor() as curseur:
        curseur.execute("SELECT current_setting(%s)", (nom,))
        return str(curseur.fetchone()[0])
