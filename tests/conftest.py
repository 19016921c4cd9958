"""Fixtures that every test may ask for."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from gis_data import emprise
from gis_data.contraintes.declarees import registre as declarees
from gis_data.tuiles import service
from mairie.courriers import rendu
from tests import base_migree, bases, vidage
from tests.donnees import donnees_partagees
from tests.mairie.bancs import _tables_bancs, ecrans_essai  # noqa: F401 (fixtures)
from tests.plan_factice import Plan, ecrire_plan
from tests.tables_essai import vider_en_cascade

# A shell that runs the tests in the background makes them deaf to Ctrl-C, and so their children.
if (
    signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    and threading.current_thread() is threading.main_thread()
):
    signal.signal(signal.SIGINT, signal.default_int_handler)

vider_en_cascade()
vidage.brancher()


@pytest.fixture(autouse=True)
def _rien_en_memoire() -> Iterator[None]:
    """What the web process keeps for some seconds must not pass from a test to the next."""
    service.oublier_versions()
    emprise.oublier_emprise()
    declarees.suspendre()
    yield
    service.oublier_versions()
    emprise.oublier_emprise()
    declarees.suspendre()


@pytest.fixture(scope="session", autouse=True)
def _atelier_de_rendu() -> Iterator[None]:
    """One process makes all PDF, as in production: its start takes longer than most documents."""
    yield
    rendu.atelier.fermer()


@pytest.fixture
def plan(db: None) -> Plan:
    """The tiny plan of ``tests.plan_factice``."""
    return ecrire_plan()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any
) -> None:
    """Copy the test database from a migrated one: migrating takes most of a short run."""
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = base_migree.preparer()


@pytest.fixture(scope="session")
def base_modele(django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    """Name of the migrated test database, to copy from; nobody is left connected to it."""
    with django_db_blocker.unblock():
        creation, reelle = connection.creation, str(connection.settings_dict["NAME"])
        nom = creation._get_test_db_name()
        # pytest-django makes it only for tests with its own mark.
        a_faire = reelle != nom
        if a_faire:
            creation.create_test_db(verbosity=0, autoclobber=True)
        connection.close()
    yield nom
    if a_faire:
        with django_db_blocker.unblock():
            creation.destroy_test_db(reelle, verbosity=0)


def _copie(base_modele: str, suffixe: str, blocage: Any) -> Iterator[str]:
    nom = f"{base_modele}_{suffixe}"
    with blocage.unblock():
        bases.creer_base(nom, base_modele)
    yield nom
    with blocage.unblock():
        bases.supprimer_base(nom)


@pytest.fixture(scope="session")
def _base_des_imports(base_modele: str, django_db_blocker: Any) -> Iterator[str]:
    yield from _copie(base_modele, "imports", django_db_blocker)


@pytest.fixture
def base_imports(_base_des_imports: str, django_db_blocker: Any) -> Iterator[str]:
    """A database where tests import and commit: empty at the start of each. Instead of ``db``."""
    with django_db_blocker.unblock(), bases.sur_base(_base_des_imports):
        bases.vider()
        yield _base_des_imports


@pytest.fixture(scope="session")
def _base_de_luxiol(base_modele: str, django_db_blocker: Any) -> Iterator[str]:
    feuilles = sorted((donnees_partagees() / "edigeo").glob("edigeo-25354*.tar.bz2"))
    for nom in _copie(base_modele, "luxiol", django_db_blocker):
        with django_db_blocker.unblock(), bases.sur_base(nom):
            fait = bases.importer(*feuilles)
            assert fait.code == 0, fait.erreurs
        yield nom


@pytest.fixture
def base_luxiol(_base_de_luxiol: str, django_db_blocker: Any) -> Iterator[str]:
    """The eight sheets of Luxiol, imported once; what a test changes is undone. Instead of ``db``."""
    with django_db_blocker.unblock(), bases.sur_base(_base_de_luxiol), bases.annulee():
        yield _base_de_luxiol


@pytest.fixture
def base_luxiol_validee(_base_de_luxiol: str, django_db_blocker: Any) -> Iterator[str]:
    """The same for tests that only read, from other threads or processes too: nothing is undone."""
    with django_db_blocker.unblock(), bases.sur_base(_base_de_luxiol):
        yield _base_de_luxiol
