"""``kill -9`` at fault points of worker and parent: the same command again gives the same final state."""

from __future__ import annotations

import os
import random
import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from django.db import connection

from cadastre.models import Feuille, FiliationAFaire, Parcelle
from gis_data.imports.pannes import VARIABLE
from gis_data.models import ImportTravail
from mairie.models import EvenementDomaine
from tests import bases
from tests.cadastre.imports.etat import sommes_de_controle
from tests.lots import P, archive, carre

M1, M2 = date(2019, 1, 1), date(2020, 1, 1)
FEUILLES = ("259990000A01", "259990000A02", "259990000B01", "389990000A01")
GRAINE = int(os.environ.get("GRAINE", random.SystemRandom().randrange(10_000)))

OUVRIER = (
    "apres_lecture",
    "avant_verrou",
    "apres_effacement",
    "apres_objets",
    "apres_parcelles",
    "avant_validation",
    "apres_validation",
)
PARENT = (
    "apres_creation",
    "apres_resultat",
    "avant_filiation",
    "pendant_filiation",
    "apres_filiation",
    "avant_fin",
)


def ecrire(dossier: Path, jour: date) -> Path:
    """Four sheets of two communes; the second vintage splits, moves, renumbers and drops parcels."""
    for rang, id12 in enumerate(FEUILLES):
        x = rang * 1000
        batiments = [
            (f"B{i}", {"DUR": "01", "TEX": "GRANGE"}, carre(x + 110 * i + 80, 40, 40)) for i in range(4)
        ]
        numeros = [("N1", {"TEX": "1"}, carre(x, 0, 4).centroid)]
        if jour == M1:
            parcelles = [P(10 * rang + i, carre(x + 100 * i, 0, 100), 10_000) for i in range(6)]
        else:
            parcelles = [P(10 * rang + i, carre(x + 100 * i, 0, 100), 10_000 + i) for i in range(2)]
            parcelles += [
                P(10 * rang + 7, carre(x + 200, 0, 60, 100), 6_000),
                P(10 * rang + 8, carre(x + 260, 0, 40, 100), 4_000),
                P(10 * rang + 9, carre(x + 300, 0, 200, 100), 20_000),
            ]
            if id12 == FEUILLES[1]:  # comes from the first sheet
                parcelles.append(P(5, carre(500, 0, 100), 10_000))
        archive(
            dossier,
            id12,
            jour,
            parcelles,
            emprise=carre(x, 0, 1000),
            autres={"BATIMENT": batiments, "NUMVOIE": numeros},
            relations={
                "BATIMENT_PARCELLE": [("BATIMENT", i, "PARCELLE", i) for i in range(4)],
                "NUMVOIE_PARCELLE": [("NUMVOIE", 0, "PARCELLE", 0)],
            },
        )
    return dossier


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    dossier = tmp_path_factory.mktemp("pannes")
    return ecrire(dossier / "m1", M1), ecrire(dossier / "m2", M2)


@pytest.fixture
def depart(base_imports: str, archives: tuple[Path, Path], settings) -> Iterator[str]:
    """The first vintage is in; a killed run is taken for dead at once."""
    settings.IMPORT_BATTEMENT_S = 0
    assert bases.importer(archives[0]).code == 0
    yield base_imports


_reference: dict[str, object] = {}


def reference(archives: tuple[Path, Path]) -> object:
    """The state that a run without crash ends in; the database is put back to the first vintage."""
    if not _reference:
        assert bases.importer(archives[1]).code == 0
        _reference["etat"] = sommes_de_controle()
        bases.vider()
        assert bases.importer(archives[0]).code == 0
    return _reference["etat"]


def verifier(archives: tuple[Path, Path], voulu: object) -> None:
    fait = bases.importer(archives[1])
    assert fait.code == 0, fait.erreurs
    assert set(fait.etats.values()) <= {"importee", "inchangee"}
    assert sommes_de_controle() == voulu
    assert not FiliationAFaire.objects.exists()
    assert not ImportTravail.objects.filter(etat="en_cours").exists()
    for insee, feuilles, reste in (("25999", 3, 16), ("38999", 1, 5)):
        evenements = EvenementDomaine.objects.filter(nom="cadastre.millesime_importe", insee=insee)
        charges = [evenement.charge for evenement in evenements]
        # However often it was killed, each sheet of each vintage is announced once. A parcel that moves is
        # created and removed, or modified, as the one sheet or the other comes first.
        assert sum(c["feuilles"] for c in charges) == 2 * feuilles
        assert sum(c["creees"] - c["supprimees"] for c in charges) == reste
    with connection.cursor() as curseur:
        curseur.execute("SELECT count(*) FROM pg_tables WHERE tablename LIKE 'tmp_%%'")
        assert curseur.fetchone() == (0,)


@pytest.mark.parametrize("point", OUVRIER)
def test_un_ouvrier_tue(depart, archives, monkeypatch, point, capsys):
    voulu = reference(archives)
    rang = random.Random(f"{GRAINE}{point}").randint(1, 2)
    print(f"GRAINE={GRAINE} point={point}:{rang}")
    monkeypatch.setenv(VARIABLE, f"{point}:{rang}")
    fait = bases.importer(archives[1], travailleurs=1)
    monkeypatch.delenv(VARIABLE)
    rejetees = [f for f in fait.document["feuilles"] if f["etat"] == "rejetee"]
    if point == "apres_validation":
        # What was committed is told as imported although its process never said so.
        assert fait.code == 0
        assert rejetees == []
    else:
        assert fait.code == 1
        (rejetee,) = rejetees
        assert rejetee["erreur"]["code"] == "ERREUR_INTERNE"
        assert "s'est arrêté (code -9)" in rejetee["erreur"]["message"]
        assert Feuille.objects.get(id12=rejetee["feuille"]).version.millesime == M1
    assert len(fait.document["feuilles"]) == len(FEUILLES)
    assert ImportTravail.objects.order_by("-pk")[0].etat == "termine"
    verifier(archives, voulu)


@pytest.mark.parametrize("point", PARENT)
def test_le_parent_tue(depart, archives, point):
    voulu = reference(archives)
    rang = random.Random(f"{GRAINE}{point}").randint(1, 2 if point in PARENT[1:4] else 1)
    print(f"GRAINE={GRAINE} point={point}:{rang}")
    fait = bases.importer_ailleurs(archives[1], base=depart, **{VARIABLE: f"{point}:{rang}"})
    assert fait.code == -signal.SIGKILL
    assert fait.document == {}
    # No half sheet: each is whole in one vintage or the other.
    for feuille in Feuille.objects.all():
        assert feuille.version.millesime in (M1, M2)
        ouvertes = Parcelle.objects.filter(feuille=feuille, valide_au=None)
        assert ouvertes.count() == feuille.version.comptes["ecrits"]["PARCELLE"] - (
            1 if feuille.id12 == FEUILLES[0] and feuille.version.millesime == M1 and deplacee() else 0
        )
    assert ImportTravail.objects.order_by("-pk")[0].etat == "en_cours"
    verifier(archives, voulu)
    assert ImportTravail.objects.filter(etat="interrompu").count() == 1


def deplacee() -> bool:
    """Whether parcel 5 has already gone from the first sheet to the second."""
    return Parcelle.objects.filter(idu="259990000A0005", feuille__id12=FEUILLES[1]).exists()


def test_un_passage_sans_signe_de_vie_est_montre_interrompu(base_imports, archives, settings):
    settings.IMPORT_BATTEMENT_S = 60
    vivant = ImportTravail.objects.create(genre="edigeo")
    mort = ImportTravail.objects.create(genre="edigeo")
    autre = ImportTravail.objects.create(genre="majic")
    ancien = mort.battement.replace(year=2020)
    ImportTravail.objects.filter(pk__in=(mort.pk, autre.pk)).update(battement=ancien)
    bases.importer(archives[0])
    etats = dict(ImportTravail.objects.values_list("pk", "etat"))
    assert (etats[vivant.pk], etats[mort.pk], etats[autre.pk]) == ("en_cours", "interrompu", "en_cours")
