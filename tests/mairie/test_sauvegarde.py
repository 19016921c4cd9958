"""Backup and restoration, proved: rows of every table and bytes of every file come back the same."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path

import pytest
import time_machine
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.utils import IntegrityError
from django.test import override_settings

from mairie.models import Collectivite, Piece, Sauvegarde
from mairie.sauvegarde import archive, base
from mairie.sauvegarde.archive import Manifeste
from mairie.sauvegarde.service import meme_cle
from tests import bases
from tests.cadastre import fabrique
from tests.personnes import agent

# Hash of a table without rows.
VIDE = hashlib.md5(b"").hexdigest()
OCTETS = {
    "pieces/ab/premiere.pdf": b"%PDF-1.7 essai",
    "pieces/cd/été n° 2.bin": bytes(range(256)) * 500,
    "logo.png": b"x",
}


def remplir() -> None:
    """A bit of everything that is hard to carry: geometries, dates, JSON, arrays, binary, accents, logs."""
    fabrique.valbrune()
    personne = agent("mairie.lecteur", "mairie.administrateur", nom="Éloïse Ŀ’Ŕ ; \\ ' \" \t fin")
    Collectivite.objects.update(adresse="1 place\r\nde l’Église\n\x7f")
    for nom, octets in OCTETS.items():
        default_storage.save(nom, ContentFile(octets))
        Piece.objects.create(
            dossier_type=ContentType.objects.get_for_model(Collectivite),
            dossier_id=1,
            libelle="Pièce",
            nom=nom,
            fichier=nom,
            sha256=hashlib.sha256(octets).hexdigest(),
            taille=len(octets),
            mime="application/pdf",
            flous=[{"x": 0.1, "note": "é"}],
            depose_par=personne,
            depose_le=datetime(2026, 3, 1, 23, 30, tzinfo=UTC),
        )
    default_storage.save("sante/sonde", ContentFile(b"rien"))


def empreintes() -> dict[str, str]:
    """Rows of every table, ordered, hashed: written otherwise than the code under test does."""
    sortie = {}
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'spatial_ref_sys'"
        )
        for (table,) in curseur.fetchall():
            curseur.execute(
                "SELECT md5(coalesce(string_agg(md5(t::text), '' ORDER BY md5(t::text)), '')) "
                f'FROM "{table}" t'
            )
            sortie[table] = curseur.fetchone()[0]
    return sortie


def objets() -> dict[str, list[str]]:
    """Triggers, constraints, indexes, functions and sequences."""
    requetes = {
        "declencheurs": "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        # By name: PostgreSQL itself writes a CHECK otherwise once it has read its own text again.
        "contraintes": "SELECT concat_ws(' ', conrelid::regclass, conname, contype, convalidated) "
        "FROM pg_constraint WHERE conrelid <> 0",
        "index": "SELECT concat_ws(' ', indrelid::regclass, indexrelid::regclass, indisunique, indisvalid) "
        "FROM pg_index WHERE indrelid::regclass::text NOT LIKE 'pg_%'",
        "fonctions": "SELECT pg_get_functiondef(p.oid) FROM pg_proc p "
        "WHERE pronamespace = 'public'::regnamespace AND prokind <> 'a' "
        "AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')",
        "suites": "SELECT schemaname || sequencename || coalesce(last_value, 0) FROM pg_sequences",
    }
    sortie = {}
    with connection.cursor() as curseur:
        for nom, requete in requetes.items():
            curseur.execute(requete)
            lignes = sorted(ligne[0] for ligne in curseur.fetchall())
            assert lignes, nom
            sortie[nom] = lignes
    return sortie


def fichiers(racine: Path) -> dict[str, str]:
    return {
        f.relative_to(racine).as_posix(): hashlib.sha256(f.read_bytes()).hexdigest()
        for f in racine.rglob("*")
        if f.is_file() and not f.relative_to(racine).as_posix().startswith((".", "sante/"))
    }


def lancer(*arguments: str, **options: object) -> str:
    sortie = StringIO()
    call_command(*arguments, stdout=sortie, stderr=StringIO(), **options)
    return sortie.getvalue()


@dataclass(frozen=True)
class Depot:
    """A database and files of their own, and a backup made of them."""

    nom: str
    media: Path
    archive: Path
    lignes: dict[str, str]
    structure: dict[str, list[str]]


@pytest.fixture(scope="module")
def depot(base_modele, django_db_blocker, tmp_path_factory) -> Iterator[Depot]:
    """Made once: what is to be saved, its backup, and what its tables held at that moment."""
    nom, dossier = f"{base_modele}_sauvegarde", tmp_path_factory.mktemp("depot")
    with django_db_blocker.unblock():
        bases.creer_base(nom, base_modele)
        with bases.sur_base(nom), override_settings(MEDIA_ROOT=dossier / "media"):
            remplir()
            lignes, structure = empreintes(), objets()
            dit = lancer("sauvegarder", str(dossier / "s"))
            assert "Sauvegarde faite" in dit and "fichiers : 3" in dit
        yield Depot(nom, dossier / "media", unique(dossier / "s"), lignes, structure)
        bases.supprimer_base(nom)


@pytest.fixture
def source(depot, django_db_blocker, settings, tmp_path) -> Iterator[Path]:
    """That database, and a copy of its files that the test may change. Instead of ``db``."""
    settings.MEDIA_ROOT = tmp_path / "media"
    shutil.copytree(depot.media, tmp_path / "media", copy_function=shutil.copy2)
    with django_db_blocker.unblock(), bases.sur_base(depot.nom):
        yield tmp_path / "media"


@pytest.fixture
def copie(depot, tmp_path) -> Path:
    """The backup, to be damaged at will."""
    return Path(shutil.copytree(depot.archive, tmp_path / "copie" / depot.archive.name))


@pytest.fixture
def vide(depot, django_db_blocker, settings, tmp_path) -> Iterator[Path]:
    """An empty database, and an empty folder of files: where to restore. Instead of ``db``."""
    nom = f"{depot.nom}_vide"
    settings.MEDIA_ROOT = tmp_path / "rendus"
    with django_db_blocker.unblock():
        bases.creer_base(nom)
        with bases.sur_base(nom):
            yield tmp_path / "rendus"
        bases.supprimer_base(nom)


def unique(dossier: Path) -> Path:
    (trouve,) = archive.completes(dossier)
    return trouve


def test_tout_revient_a_l_identique(depot, vide):
    octets = fichiers(depot.media)
    assert len(depot.lignes) > 60 and set(octets) == set(OCTETS)
    assert sum(e != VIDE for e in depot.lignes.values()) > 15
    assert base.est_vide()
    assert "comparé à l'identique" in lancer("restaurer", str(depot.archive))
    assert empreintes() == depot.lignes
    assert objets() == depot.structure
    assert fichiers(vide) == octets == {n: hashlib.sha256(o).hexdigest() for n, o in OCTETS.items()}
    # What the database defends is still defended, and it still works: a new row takes the next number.
    assert agent("mairie.lecteur", email="apres@exemple.invalid").pk
    with pytest.raises(IntegrityError):
        Collectivite.objects.create(code="faux", nature="commune", nom="x")
    call_command("migrate", check=True, stdout=StringIO())


def test_une_base_et_des_fichiers_deja_la_sont_refuses_puis_remplaces(depot, vide):
    agent_de_trop = "CREATE TABLE mairie_reste (x int); CREATE VIEW vue_reste AS SELECT * FROM mairie_reste;"
    with connection.cursor() as curseur:
        curseur.execute(agent_de_trop + "CREATE TYPE humeur AS ENUM ('bonne');")
        curseur.execute("CREATE FUNCTION mairie_f() RETURNS int LANGUAGE sql AS 'SELECT 1'")
    default_storage.save("en-trop.txt", ContentFile(b"x"))
    with pytest.raises(
        CommandError, match=r"La base et le stockage des fichiers : déjà des données.*--forcer"
    ):
        lancer("restaurer", str(depot.archive))
    assert not base.est_vide() and default_storage.exists("en-trop.txt")
    lancer("restaurer", str(depot.archive), forcer=True)
    assert empreintes() == depot.lignes
    assert set(fichiers(vide)) == set(OCTETS)
    # What was there is put aside, not erased.
    (de_cote,) = vide.glob(".avant-*")
    assert (de_cote / "en-trop.txt").read_bytes() == b"x"


def test_des_fichiers_seuls_suffisent_au_refus(depot, vide):
    default_storage.save("a.txt", ContentFile(b"x"))
    with pytest.raises(CommandError, match="Le stockage des fichiers : déjà des données"):
        lancer("restaurer", str(depot.archive))
    assert base.est_vide()


def altere(d: Path) -> None:
    (d / "fichiers" / "logo.png").write_bytes(b"y")


def tronque(d: Path) -> None:
    os.truncate(d / "base.dump", 1000)


def perd(d: Path) -> None:
    (d / "fichiers" / "logo.png").unlink()


def ajoute(d: Path) -> None:
    (d / "fichiers" / "intrus.sh").write_text("x")


def retouche(d: Path) -> None:
    (d / "manifeste.json").write_text((d / "manifeste.json").read_text().replace("Europe/Paris", "UTC"))


def sans_manifeste(d: Path) -> None:
    (d / "manifeste.json").unlink()


@pytest.mark.parametrize(
    ("faute", "phrase"),
    [
        (altere, "altérés : fichiers/logo.png"),
        (tronque, "altérés : base.dump"),
        (perd, "manquants : fichiers/logo.png"),
        (ajoute, "en trop : fichiers/intrus.sh"),
        (retouche, "a été modifié depuis la sauvegarde"),
        (sans_manifeste, "n'est pas une sauvegarde complète"),
    ],
)
def test_une_archive_abimee_ne_touche_a_rien(copie, vide, faute, phrase):
    faute(copie)
    for options in ({"forcer": True}, {"verifier": True}):
        with pytest.raises(CommandError, match=phrase):
            lancer("restaurer", str(copie), **options)
    assert base.est_vide()


def test_une_archive_intacte_se_verifie_sans_rien_restaurer(depot, vide):
    assert "Archive intacte" in lancer("restaurer", str(depot.archive), verifier=True)
    assert base.est_vide()


def test_ce_qui_ne_pourrait_etre_relu_est_refuse(copie, vide):
    manifeste = Manifeste.lire(copie)
    manifeste.migrations.append("mairie.9999_demain")
    manifeste.ecrire(copie)
    with pytest.raises(
        CommandError, match=r"version plus récente du logiciel \(migration mairie\.9999_demain\)"
    ):
        lancer("restaurer", str(copie))
    manifeste.migrations.pop()
    manifeste.reglages["TERRITOIRE_SRID"] = 2975
    manifeste.ecrire(copie)
    with pytest.raises(CommandError, match="projection 2975"):
        lancer("restaurer", str(copie))
    manifeste.format = 99
    manifeste.ecrire(copie)
    with pytest.raises(CommandError, match="format 99"):
        lancer("restaurer", str(copie))
    assert base.est_vide()


def test_une_ligne_perdue_en_route_se_voit(copie, vide, settings):
    """The dump is whole, but not what the manifest says was in the database: never said restored."""
    manifeste = Manifeste.lire(copie)
    manifeste.tables["mairie_collectivite"].lignes += 1
    manifeste.ecrire(copie)
    with pytest.raises(CommandError, match="diffèrent de la sauvegarde : mairie_collectivite"):
        lancer("restaurer", str(copie))


def test_un_dump_interrompu_ne_laisse_rien_dans_la_base(copie, vide):
    """Cut short, yet with the right hash: pg_restore stops half-way, nothing is committed."""
    manifeste = Manifeste.lire(copie)
    os.truncate(copie / "base.dump", manifeste.base.octets - 3000)
    with (copie / "base.dump").open("rb") as flux:
        manifeste.base.octets, manifeste.base.sha256 = archive.hacher(flux)
    manifeste.ecrire(copie)
    with pytest.raises(CommandError, match="rien n'y est resté"):
        lancer("restaurer", str(copie))
    assert base.est_vide()


def test_un_site_en_marche_empeche_de_restaurer(depot, vide):
    autre = connection.copy()
    try:
        with autre.cursor() as curseur:
            curseur.execute("SELECT 1")
        with pytest.raises(CommandError, match=r"1 autre\(s\) connexion\(s\) à la base : arrêtez"):
            lancer("restaurer", str(depot.archive))
    finally:
        autre.close()


def test_l_empreinte_de_la_cle_ne_dit_pas_la_cle(depot, settings):
    assert settings.SECRET_KEY not in (depot.archive / "manifeste.json").read_text()
    manifeste = Manifeste.lire(depot.archive)
    assert meme_cle(manifeste)
    settings.SECRET_KEY = "une autre cle"
    assert not meme_cle(manifeste)


def test_l_archive_ne_se_lit_que_par_son_proprietaire_et_dit_ses_versions(depot, source):
    dossier = depot.archive
    assert stat.S_IMODE(dossier.stat().st_mode) == 0o700
    assert {stat.S_IMODE((dossier / n).stat().st_mode) for n in ("base.dump", "manifeste.json")} == {0o600}
    manifeste = Manifeste.lire(dossier)
    assert set(manifeste.versions) == {"python", "django", "logiciel", "postgresql", "postgis"}
    assert manifeste.reglages["TERRITOIRE_SRID"] == 2154
    assert "mairie.0001_initial" in manifeste.migrations
    assert manifeste.tables["mairie_collectivite"].lignes == Collectivite.objects.count()


def test_un_fichier_inchange_est_lie_et_un_fichier_change_recopie(source, tmp_path):
    lancer("sauvegarder", str(tmp_path / "s"))
    premiere = unique(tmp_path / "s")
    (source / "logo.png").write_bytes(b"neuf")
    with time_machine.travel(datetime(2035, 1, 1, tzinfo=UTC)):
        lancer("sauvegarder", str(tmp_path / "s"))
    seconde = archive.completes(tmp_path / "s")[-1]
    assert seconde != premiere
    inchange = "fichiers/pieces/ab/premiere.pdf"
    assert (premiere / inchange).stat().st_ino == (seconde / inchange).stat().st_ino
    assert (premiere / "fichiers/logo.png").read_bytes() == b"x"
    assert (seconde / "fichiers/logo.png").read_bytes() == b"neuf"
    for dossier in (premiere, seconde):
        archive.verifier(dossier, Manifeste.lire(dossier))


def test_les_plus_anciennes_sont_effacees_et_rien_d_autre(source, tmp_path):
    autre = tmp_path / "s" / "sauvegarde-notes"
    autre.mkdir(parents=True)
    inachevee = tmp_path / "s" / "sauvegarde-20200101T000000Z"
    inachevee.mkdir()
    for jour in (1, 2, 3):
        with time_machine.travel(datetime(2035, 1, jour, tzinfo=UTC)):
            lancer("sauvegarder", str(tmp_path / "s"), garder=2)
    assert [d.name for d in archive.completes(tmp_path / "s")] == [
        "sauvegarde-20350102T000000Z",
        "sauvegarde-20350103T000000Z",
    ]
    assert autre.is_dir() and inachevee.is_dir()


def test_un_echec_ne_laisse_ni_reste_ni_silence(source, tmp_path, monkeypatch):
    lancer("sauvegarder", str(tmp_path / "s"))
    bonne = unique(tmp_path / "s")
    reste = tmp_path / "s" / "sauvegarde-20200101T000000Z.partiel"
    reste.mkdir()

    def plein(*_a: object) -> None:
        raise OSError(28, "No space left on device", "base.dump")

    monkeypatch.setattr("mairie.sauvegarde.fichiers.copier", plein)
    with (
        time_machine.travel(datetime(2035, 1, 1, tzinfo=UTC)),
        pytest.raises(CommandError, match="No space left"),
    ):
        lancer("sauvegarder", str(tmp_path / "s"), garder=1)
    assert archive.completes(tmp_path / "s") == [bonne]
    assert list((tmp_path / "s").glob("*.partiel")) == []
    derniere = Sauvegarde.objects.order_by("pk").last()
    assert derniere is not None and not derniere.reussie and "No space left" in derniere.message
    assert Sauvegarde.objects.filter(reussie=True, dossier=str(bonne), fichiers=3).count() == 1


def test_deux_sauvegardes_a_la_fois_ne_se_melent_pas(source, tmp_path):
    import fcntl

    (tmp_path / "s").mkdir()
    with (tmp_path / "s" / ".verrou").open("w") as verrou:
        fcntl.flock(verrou, fcntl.LOCK_EX)
        with pytest.raises(CommandError, match="Une autre sauvegarde est en cours"):
            lancer("sauvegarder", str(tmp_path / "s"))


def test_un_programme_absent_se_dit_avec_la_ligne_a_lancer(source, tmp_path, monkeypatch):
    monkeypatch.setenv("PREFIXE_POSTGRESQL", str(tmp_path / "rien"))
    monkeypatch.setenv("PATH", str(tmp_path / "rien"))
    with pytest.raises(CommandError, match="apt-get install postgresql-client-15"):
        lancer("sauvegarder", str(tmp_path / "s"))


def test_un_nombre_negatif_est_refuse(source, tmp_path):
    with pytest.raises(CommandError, match="--garder"):
        lancer("sauvegarder", str(tmp_path / "s"), garder=-1)


def test_le_mot_de_passe_de_la_base_ne_passe_par_aucune_ligne_de_commande(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "PASSWORD", "tres-secret")
    monkeypatch.setitem(connection.settings_dict, "OPTIONS", {"sslmode": "require"})
    env = base._environnement()
    assert (env["PGPASSWORD"], env["PGSSLMODE"]) == ("tres-secret", "require")


def test_un_nom_de_dossier_dit_son_instant():
    instant = datetime(2026, 3, 12, 2, 0, 5, tzinfo=UTC)
    assert archive.nom_de(instant) == "sauvegarde-20260312T020005Z"
    assert archive.instant_de(Path("sauvegarde-20260312T020005Z")) == instant
    assert archive.instant_de(Path("sauvegarde-notes")) is None
    assert archive.completes(Path("/nulle/part")) == []
