"""``importer_edigeo``: usage, discovery, several sources of one sheet, two imports at once, lost database."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from io import StringIO
from pathlib import Path

import psycopg2
import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from cadastre.imports import base as base_des_ouvriers
from cadastre.imports.base import cle_verrou
from cadastre.imports.identite import departement_valide
from cadastre.imports.moteur import connexion_directe, nombre_de_travailleurs, ordonner
from cadastre.models import Feuille, Parcelle, VersionFeuille
from gis_data.formats.edigeo.ecrivain import ecrire_lot
from gis_data.imports.decouverte import Genre, Source
from gis_data.models import ImportTravail
from tests import bases
from tests.lots import P, archive, carre, feuille, tar, zip_

A, B, C, B_AUTRE = "259990000A01", "259990000A02", "259990000B01", "259990000D01"
M1, M2 = date(2019, 1, 1), date(2020, 1, 1)
UN = carre(0, 0, 100)


def fichiers(id12: str = A, jour: date = M1, numero: int = 1) -> dict[str, bytes]:
    return ecrire_lot(feuille(id12, jour, [P(numero, UN, 10_000)]))


# -- usage ---------------------------------------------------------------------------------------


def test_un_chemin_qui_n_existe_pas_est_nomme_et_rien_n_est_importe(base_imports, tmp_path):
    bon = archive(tmp_path, A, M1, [P(1, UN)])
    with pytest.raises(CommandError, match=r"introuvable : .*absent\.zip") as erreur:
        call_command("importer_edigeo", str(bon), str(tmp_path / "absent.zip"), stderr=StringIO())
    assert erreur.value.returncode == 2
    assert not Feuille.objects.exists()


def test_un_dossier_sans_feuille(base_imports, tmp_path):
    (tmp_path / "notes.txt").write_text("rien")
    with pytest.raises(CommandError, match="Aucune feuille EDIGÉO dans") as erreur:
        call_command("importer_edigeo", str(tmp_path), stderr=StringIO())
    assert erreur.value.returncode == 2


def test_un_dossier_vide_parmi_d_autres_est_dit(base_imports, tmp_path):
    (tmp_path / "vide").mkdir()
    fait = bases.importer(archive(tmp_path / "plein", A, M1, [P(1, UN)]), tmp_path / "vide")
    assert fait.code == 0
    assert f"Aucune feuille EDIGÉO dans {tmp_path / 'vide'}." in fait.erreurs


@pytest.mark.parametrize("nombre", [0, -1])
def test_un_nombre_de_travailleurs_impossible(base_imports, tmp_path, nombre):
    with pytest.raises(CommandError, match="--travailleurs") as erreur:
        bases.importer(archive(tmp_path, A, M1, [P(1, UN)]), travailleurs=nombre)
    assert erreur.value.returncode == 2


def test_codes_de_sortie_et_flux_du_processus(base_imports, tmp_path):
    """As a shell sees it: one JSON document on standard output, all talk on standard error."""
    bon, mauvais = archive(tmp_path, A, M1, [P(1, UN)]), tmp_path / f"edigeo-{B}.tar.bz2"
    mauvais.write_bytes(b"<html>404</html>")
    fin = bases.commande("importer_edigeo", str(bon), str(mauvais), "--json", base=base_imports)
    assert fin.returncode == 1
    assert {f["etat"] for f in json.loads(fin.stdout)["feuilles"]} == {"importee", "rejetee"}
    assert fin.stderr.splitlines()[-1] == f"1 feuille importée, 1 rejetée ({B} : archive illisible)."
    fin = bases.commande("importer_edigeo", str(tmp_path / "absent"), base=base_imports)
    assert (fin.returncode, fin.stdout) == (2, "")
    fin = bases.commande("importer_edigeo", base=base_imports)
    assert fin.returncode == 2


def test_sans_json_rien_sur_la_sortie_standard(base_imports, tmp_path):
    sortie, erreurs = StringIO(), StringIO()
    chemin = archive(tmp_path, A, M1, [P(1, UN)])
    call_command("importer_edigeo", str(chemin), stdout=sortie, stderr=erreurs)
    assert sortie.getvalue() == ""
    assert erreurs.getvalue() == "1 feuille importée.\n"


def test_le_document_a_la_forme_du_contrat(base_imports, tmp_path):
    fait = bases.importer(archive(tmp_path, A, M1, [P(1, UN, 10_000)]))
    assert list(fait.document) == ["feuilles", "total", "duree_s"]
    assert list(fait.seule) == [
        "feuille", "commune", "crs", "etat", "erreur", "millesime", "lus", "ecrits", "anomalies", "relations",
    ]  # fmt: skip
    assert fait.document["total"] == {
        "feuilles": 1, "importees": 1, "inchangees": 0, "rejetees": 0, "objets_lus": 4, "objets_ecrits": 4,
        "anomalies": 1, "parcelles": 1,
    }  # fmt: skip
    (anomalie,) = fait.seule["anomalies"]
    assert list(anomalie) == ["code", "gravite", "type", "identifiant", "detail", "ecrit"]
    assert anomalie["code"] == "DOMAINE_NON_CADASTRE"


def test_les_mesures_disent_ou_passe_le_temps(base_imports, tmp_path):
    fait = bases.importer(archive(tmp_path, A, M1, [P(1, UN)]), mesures=True)
    etapes = ("decompression", "lecture", "interpretation", "ecriture")
    for nom in (*etapes, *(f"cpu_{etape}" for etape in etapes), "attente_serveur", "cpu_serveur"):
        assert fait.document["mesures"][nom] >= 0
    assert fait.document["mesures"]["octets"] > 1000


# -- where sheets are found ----------------------------------------------------------------------


def test_dossiers_zip_tar_et_fichiers_libres(base_imports, tmp_path):
    sources = tmp_path / "sources"
    archive(sources / "a" / "b", "259990000A01", M1, [P(1, UN)])
    (sources / "dep25.zip").write_bytes(
        zip_(
            {
                f"25/25999/edigeo-{id12}.tar.bz2": tar(fichiers(id12))
                for id12 in ("259990000B01", "259990000C01")
            }
        )
    )
    (sources / "lot.tar").write_bytes(
        tar({"edigeo-259990000D01.tar.bz2": tar(fichiers("259990000D01"))}, "w")
    )
    (sources / "lot.tar.gz").write_bytes(
        tar({"x/edigeo-259990000E01.tar.bz2": tar(fichiers("259990000E01"))}, "w:gz")
    )
    libres = sources / "259990000F01"
    libres.mkdir()
    for nom, octets in fichiers("259990000F01").items():
        (libres / nom.lower()).write_bytes(octets)
    (sources / "dehors.zip").write_bytes(
        zip_({"dep.zip": zip_({"edigeo-259990000G01.tar.bz2": tar(fichiers("259990000G01"))})})
    )
    (sources / "plat.zip").write_bytes(
        zip_({f"edigeo-259990000H01/{nom}": octets for nom, octets in fichiers("259990000H01").items()})
    )
    (sources / "notes.txt").write_text("rien")
    fait = bases.importer(sources)
    assert fait.etats == {f"259990000{lettre}01": "importee" for lettre in "ABCDEFGH"}
    assert bases.importer(sources).etats == {f"259990000{lettre}01": "inchangee" for lettre in "ABCDEFGH"}


def test_un_thf_donne_seul_entraine_ses_voisins(base_imports, tmp_path):
    dossier = tmp_path / A
    dossier.mkdir()
    for nom, octets in fichiers().items():
        (dossier / nom).write_bytes(octets)
    assert bases.importer(next(dossier.glob("*.THF"))).etats == {A: "importee"}


def test_deux_lots_dans_un_dossier(base_imports, tmp_path):
    dossier = tmp_path / "259990000A01"
    dossier.mkdir()
    for id12 in (A, B):
        for nom, octets in fichiers(id12).items():
            (dossier / nom).write_bytes(octets)
    fait = bases.importer(tmp_path)
    assert fait.etats == {A: "importee", B: "importee"}


def test_deux_lots_sous_un_seul_thf(base_imports, tmp_path):
    """A THF may describe several lots: one sheet each, found unchanged one by one."""
    un, deux = fichiers(A), fichiers(B)
    thf_un, thf_deux = (next(o for n, o in f.items() if n.endswith(".THF")) for f in (un, deux))
    blocs = [thf[thf.index(b"RTYSA03:GTL") : thf.index(b"EOMT")] for thf in (thf_un, thf_deux)]
    thf = thf_un.replace(blocs[0], b"".join(blocs)).replace(b"LOCSN01:1", b"LOCSN01:2")
    tous = {n: o for n, o in (un | deux).items() if not n.endswith(".THF")} | {"E0000A01.THF": thf}
    chemin = tmp_path / f"edigeo-{A}.tar.bz2"
    chemin.write_bytes(tar(tous))
    fait = bases.importer(chemin)
    assert fait.etats == {A: "importee", B: "importee"}
    assert "CODE_INCOHERENT" not in {a["code"] for f in fait.document["feuilles"] for a in f["anomalies"]}
    assert bases.importer(chemin).etats == {A: "inchangee", B: "inchangee"}


def test_une_archive_abimee_dans_un_tar_n_arrete_pas_les_autres(base_imports, tmp_path):
    chemin = tmp_path / "tout.tar.bz2"
    bonne = tar(fichiers(B))
    chemin.write_bytes(tar({f"edigeo-{A}.tar.bz2": bonne[:300], f"edigeo-{B}.tar.bz2": bonne}))
    fait = bases.importer(chemin)
    assert {f["etat"] for f in fait.document["feuilles"]} == {"importee", "rejetee"}
    assert f"{A} : archive illisible" in fait.erreurs


# -- which sheet ---------------------------------------------------------------------------------


def test_sans_departement_dans_le_nom(base_imports, tmp_path):
    chemin = tmp_path / "plan.tar.bz2"
    chemin.write_bytes(tar(fichiers()))
    fait = bases.importer(chemin)
    assert fait.seule["erreur"]["code"] == "FEUILLE_INDETERMINEE"
    assert "--departement" in fait.seule["erreur"]["message"]
    assert bases.importer(chemin, departement="25").etats == {A: "importee"}


def test_le_departement_se_lit_aussi_dans_un_dossier_parent(base_imports, tmp_path):
    dossier = tmp_path / f"feuille-{A}"
    dossier.mkdir()
    (dossier / "plan.tar.bz2").write_bytes(tar(fichiers()))
    assert bases.importer(dossier).etats == {A: "importee"}


def test_un_nom_qui_ment_le_contenu_l_emporte(base_imports, tmp_path):
    chemin = tmp_path / f"edigeo-{C}.tar.bz2"
    chemin.write_bytes(tar(fichiers(A)))
    fait = bases.importer(chemin)
    assert fait.etats == {A: "importee"}
    assert [a["identifiant"] for a in fait.seule["anomalies"] if a["code"] == "CODE_INCOHERENT"] == [A]
    assert bases.importer(chemin).etats == {A: "inchangee"}


def test_la_corse_et_l_outre_mer(base_imports, tmp_path):
    archive(tmp_path, "2A0040000A01", M1, [P(1, UN)])
    archive(tmp_path, "97199000AB01", M1, [P(1, UN)])
    assert set(bases.importer(tmp_path).etats) == {"2A0040000A01", "97199000AB01"}
    assert set(Parcelle.objects.values_list("idu", "commune")) == {
        ("2A0040000A0001", "2A004"),
        ("97199000AB0001", "97199"),
    }


def test_une_parcelle_d_une_autre_commune(base_imports, tmp_path):
    fait = bases.importer(archive(tmp_path, A, M1, [P(1, UN), P("0010000A0009", carre(500, 0, 10))]))
    codes = {a["code"]: a["identifiant"] for a in fait.seule["anomalies"]}
    assert codes["CODE_INCOHERENT"] == "250010000A0009"
    assert Parcelle.objects.get(idu=None).idu_lu == "0010000A0009"


# -- the same sheet twice ------------------------------------------------------------------------


def test_la_meme_feuille_deux_fois_le_plus_recent_gagne(base_imports, tmp_path):
    vieille = archive(tmp_path / "1", A, M1, [P(1, UN)])
    recente = archive(tmp_path / "2", A, M2, [P(2, UN)])
    for ordre in ((vieille, recente), (recente, vieille)):
        bases.vider()
        fait = bases.importer(*ordre, travailleurs=2)
        assert sorted(f["etat"] for f in fait.document["feuilles"]) == ["importee", "rejetee"]
        rejetee = next(f for f in fait.document["feuilles"] if f["etat"] == "rejetee")
        assert rejetee["erreur"]["code"] == "MILLESIME_ANTERIEUR"
        assert fait.code == 1
        assert Feuille.objects.get().version.millesime == M2
        assert VersionFeuille.objects.count() == 1


def test_la_meme_feuille_deux_fois_identique(base_imports, tmp_path):
    une = archive(tmp_path / "1", A, M1, [P(1, UN)])
    autre = tmp_path / "2" / une.name
    autre.parent.mkdir()
    shutil.copy(une, autre)
    fait = bases.importer(une, autre)
    assert fait.code == 0
    assert sorted(f["etat"] for f in fait.document["feuilles"]) == ["importee", "inchangee"]


# -- several at once -----------------------------------------------------------------------------


@contextmanager
def feuille_tenue(id12: str) -> Iterator[psycopg2.extensions.cursor]:
    """A session that holds the sheet's lock, and lets go of it whatever happens in the test."""
    with closing(psycopg2.connect(**connexion_directe())) as session, session.cursor() as curseur:
        curseur.execute("SELECT pg_advisory_lock(%s)", (cle_verrou("cadastre.feuille", id12),))
        yield curseur


def attendre(condition, delai_s: float = 30) -> None:
    fin = time.monotonic() + delai_s
    while not condition():
        assert time.monotonic() < fin, "rien n'est venu"
        time.sleep(0.02)


def test_deux_imports_de_la_meme_feuille_le_second_attend_puis_la_trouve(base_imports, tmp_path):
    """A third session holds the sheet's lock until both runs wait for it."""
    chemin = archive(tmp_path, A, M1, [P(1, UN)])
    with feuille_tenue(A) as curseur:
        faits: list[bases.Import] = []
        fils = [
            threading.Thread(target=lambda: faits.append(bases.importer_ailleurs(chemin, base=base_imports)))
            for _ in range(2)
        ]
        for f in fils:
            f.start()
        attendre(lambda: attentes(curseur) == 2)
        curseur.execute("SELECT pg_advisory_unlock_all()")
        for f in fils:
            f.join()
    assert sorted(fait.seule["etat"] for fait in faits) == ["importee", "inchangee"]
    assert [fait.code for fait in faits] == [0, 0]
    assert Parcelle.objects.count() == 1


def attentes(curseur) -> int:
    """Sessions of the tests' database that wait for a lock of ours; the cursor may be of another database."""
    curseur.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = %s)",
        (connexion_directe()["dbname"],),
    )
    return curseur.fetchone()[0]


def test_la_base_s_en_va_et_ne_revient_pas(base_imports, tmp_path, monkeypatch, settings):
    """The worker's connection is cut and the database refuses new ones: clean stop, nothing lost."""
    settings.IMPORT_BATTEMENT_S = 0
    feuilles = [archive(tmp_path, f"259990000{s}01", M1, [P(1, UN)]) for s in "ABC"]
    with feuille_tenue(C):
        fin = threading.Thread(target=couper, args=(base_imports,))
        fin.start()
        try:
            fait = bases.importer(*feuilles, travailleurs=1)
        finally:
            fin.join()
            rouvrir(base_imports)
    assert fait.code == 1
    assert "la base de données ne répond plus" in fait.erreurs
    assert "Relancez la même commande" in fait.erreurs
    assert len(fait.document["feuilles"]) == 3
    connection.close()
    suite = bases.importer(*feuilles)
    assert suite.code == 0
    assert Parcelle.objects.count() == 3
    assert not ImportTravail.objects.filter(etat="en_cours").exists()


def couper(nom: str) -> None:
    """Once a worker waits for the lock, nobody may connect to the database any more."""
    serveur = psycopg2.connect(**{**connexion_directe(), "dbname": "postgres"})
    serveur.autocommit = True
    with serveur.cursor() as curseur:
        attendre(lambda: attentes(curseur) == 1)
        curseur.execute(f'ALTER DATABASE "{nom}" ALLOW_CONNECTIONS false')
        curseur.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (nom,))
    serveur.close()


def rouvrir(nom: str) -> None:
    serveur = psycopg2.connect(**{**connexion_directe(), "dbname": "postgres"})
    serveur.autocommit = True
    with serveur.cursor() as curseur:
        curseur.execute(f'ALTER DATABASE "{nom}" ALLOW_CONNECTIONS true')
    serveur.close()


def test_ctrl_c_arrete_tout_sans_attendre(base_imports, tmp_path):
    """Ctrl-C reaches the whole group; the worker that waits for a lock does not keep the parent."""
    chemin = archive(tmp_path, A, M1, [P(1, UN)])
    with feuille_tenue(A) as curseur:
        processus = subprocess.Popen(
            [sys.executable, "manage.py", "importer_edigeo", str(chemin)],
            cwd=bases.RACINE,
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "config.settings.test",
                "DATABASE_URL": bases.url(base_imports),
            },
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        attendre(lambda: attentes(curseur) == 1)
        os.killpg(processus.pid, signal.SIGINT)
        _, erreurs = processus.communicate(timeout=30)
        attendre(lambda: attentes(curseur) == 0)
    assert processus.returncode == 130
    assert erreurs == "Import interrompu. Relancez la même commande : ce qui est importé est gardé.\n"
    assert ImportTravail.objects.get().etat == "interrompu"
    assert not Feuille.objects.exists()
    assert bases.importer(chemin).etats == {A: "importee"}


def test_une_coupure_passagere_ne_se_voit_pas(base_imports, tmp_path):
    chemin = archive(tmp_path, A, M1, [P(1, UN)])
    with feuille_tenue(A) as curseur:

        def couper_l_ouvrier() -> None:
            attendre(lambda: attentes(curseur) == 1)
            curseur.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            curseur.execute("SELECT pg_advisory_unlock_all()")

        fil = threading.Thread(target=couper_l_ouvrier)
        fil.start()
        fait = bases.importer(chemin)
        fil.join()
    assert fait.etats == {A: "importee"}
    assert fait.code == 0


def test_une_erreur_du_serveur_ne_perd_que_sa_feuille(base_imports, tmp_path):
    """A table that refuses one row (as a full disk would) costs one sheet; the others go on."""
    with connection.cursor() as curseur:
        curseur.execute("ALTER TABLE cadastre_commune ADD CONSTRAINT essai CHECK (nom <> 'REFUSEE')")
    try:
        mauvaise = archive(tmp_path, A, M1, [P(1, UN)], nom="REFUSEE")
        bonne = archive(tmp_path, "389990000A01", M1, [P(1, UN)])
        fait = bases.importer(mauvaise, bonne, travailleurs=1)
    finally:
        with connection.cursor() as curseur:
            curseur.execute("ALTER TABLE cadastre_commune DROP CONSTRAINT essai")
    assert fait.etats == {A: "rejetee", "389990000A01": "importee"}
    assert fait[A]["erreur"]["code"] == "ERREUR_INTERNE"
    assert "référence" in fait[A]["erreur"]["message"]
    assert not Feuille.objects.filter(id12=A).exists()


def test_un_nom_hostile_reste_un_texte(base_imports, tmp_path):
    nom = "'; DROP TABLE cadastre_parcelle; -- \\ \t <b>"
    lieux = {"LIEUDIT": [("L1", {"TEX": nom}, carre(0, 0, 10))]}
    fait = bases.importer(archive(tmp_path, A, M1, [P(1, UN)], autres=lieux))
    assert fait.code == 0
    with connection.cursor() as curseur:
        curseur.execute("SELECT nom FROM cadastre_lieudit")
        assert curseur.fetchone() == (nom.strip(),)
    assert Parcelle.objects.count() == 1


# -- how the work is shared out ------------------------------------------------------------------


def test_nombre_de_travailleurs():
    assert nombre_de_travailleurs(3, 10) == 3
    assert nombre_de_travailleurs(20, 100) == 8
    assert nombre_de_travailleurs(4, 2) == 2
    assert nombre_de_travailleurs(None, 100) == min(8, len(os.sched_getaffinity(0)))


def test_deux_ouvriers_sont_mis_sur_deux_communes():
    sources = [
        [Source(Genre.ARCHIVE, id12, id12, (id12,))]
        for id12 in ("250010000A01", "250010000A02", "250010000A03", "250020000A01", "250030000A01")
    ]
    ordre = [tache[0].cles[0] for tache in ordonner(sources, 2)]
    assert ordre == ["250010000A03", "250020000A01", "250010000A02", "250030000A01", "250010000A01"]


def test_un_ouvrier_n_a_pas_besoin_de_django():
    code = (
        "import sys; import cadastre.imports.ouvrier, gis_data.imports.ouvrier;"
        "print([m for m in sys.modules if m.split('.')[0] in ('django', 'rich', 'pyogrio')])"
    )
    fin = subprocess.run(
        [sys.executable, "-c", code], cwd=bases.RACINE, capture_output=True, text=True, check=True
    )
    assert fin.stdout.strip() == "[]"


def test_les_colonnes_copiees_sont_celles_des_modeles():
    """The workers know the tables without the ORM: a column added to a model must reach them."""
    from cadastre.imports.parcelles import COLONNES

    assert {champ.column for champ in Parcelle._meta.concrete_fields} == set(COLONNES)
    assert base_des_ouvriers.SEQUENCE == "cadastre_objet_id_seq"


def test_un_dossier_de_travail_ailleurs(base_imports, tmp_path):
    """The command may be run from any folder: the workers find their code."""
    chemin = archive(tmp_path, A, M1, [P(1, UN)])
    fin = subprocess.run(
        [sys.executable, str(bases.RACINE / "manage.py"), "importer_edigeo", chemin.name, "--json"],
        cwd=tmp_path,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": bases.url(base_imports),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert fin.returncode == 0, fin.stderr
    assert Path(tmp_path / chemin.name).exists()


# -- what old systems leave on a disk ------------------------------------------------------------


def test_un_octet_nul_dans_un_identifiant_ne_coute_que_lui(base_imports, tmp_path):
    abimes = {nom: octets.replace(b"9990000A0001", b"999000\0A0001") for nom, octets in fichiers().items()}
    chemin = tmp_path / f"edigeo-{A}.tar.bz2"
    chemin.write_bytes(tar(abimes))
    fait = bases.importer(chemin, archive(tmp_path, B_AUTRE, M1, [P(1, UN)]))
    assert fait.etats == {A: "importee", B_AUTRE: "importee"}
    assert {a["code"] for a in fait[A]["anomalies"]} >= {"VALEUR_INVALIDE", "IDU_INVALIDE"}
    assert ImportTravail.objects.get().etat == "termine"


def test_des_noms_qui_ne_sont_pas_en_utf_8(base_imports, tmp_path):
    dossier = os.fsencode(tmp_path) + b"/livr\xe9e"
    Path(os.fsdecode(dossier)).mkdir()
    Path(os.fsdecode(dossier + f"/\xe9t\xe9-{A}.tar.bz2".encode("latin-1"))).write_bytes(tar(fichiers()))
    Path(os.fsdecode(dossier + b"/abim\xe9.zip")).write_bytes(b"rien")
    Path(os.fsdecode(dossier + f"/menteur\xe9-{C}.tar".encode("latin-1"))).write_bytes(
        tar({**fichiers(B_AUTRE), os.fsdecode(b"\xe9.vec"): b"rien"})
    )
    fait = bases.importer(Path(os.fsdecode(dossier)))
    assert fait.etats == {A: "importee", B_AUTRE: "importee", None: "rejetee"}
    assert fait[None]["erreur"]["fichier"] == "abimé.zip"
    assert "abimé.zip rejeté" in fait[None]["erreur"]["message"]
    (nom,) = [a["detail"] for a in fait[B_AUTRE]["anomalies"] if a["code"] == "CODE_INCOHERENT"]
    assert f"menteuré-{C}.tar" in nom


def test_un_tube_nomme_est_refuse_sans_attendre(base_imports, tmp_path):
    os.mkfifo(tmp_path / f"edigeo-{C}.tar.bz2")
    os.mkfifo(tmp_path / "seul.vec")
    archive(tmp_path, A, M1, [P(1, UN)])
    fait = bases.importer(tmp_path)
    assert fait.etats == {A: "importee", None: "rejetee"}
    assert "fichier ordinaire" in fait[None]["erreur"]["message"]


@pytest.mark.parametrize(("donne", "lu"), [("25", "25"), ("2a", "2A"), ("971", "97"), ("75 ", "75")])
def test_departement_donne(donne, lu):
    assert departement_valide(donne) == lu


@pytest.mark.parametrize("donne", ["999", "251", "2C", "Doubs", "", "2A1"])
def test_departement_impossible(base_imports, tmp_path, donne):
    assert departement_valide(donne) is None
    with pytest.raises(CommandError, match="--departement attend") as erreur:
        call_command("importer_edigeo", str(archive(tmp_path, A, M1, [P(1, UN)])), departement=donne)
    assert erreur.value.returncode == 2


def test_les_ouvriers_lisent_par_index_meme_sans_statistiques(base_imports):
    """At a million parcels a sequential scan would cost two seconds a sheet."""
    from cadastre.imports.ecriture import _VERSIONS_EN_BASE

    base = base_des_ouvriers.Base(connexion_directe())
    with base.transaction() as curseur:
        valeurs = {"feuille": 1, "idus": [f"259990000A{i:04d}" for i in range(165)], "millesime": M1}
        curseur.execute(f"EXPLAIN {_VERSIONS_EN_BASE}", valeurs)
        plan = "\n".join(ligne[0] for ligne in curseur.fetchall())
    base.fermer()
    assert "Seq Scan" not in plan
    assert plan.count("Index") >= 2
