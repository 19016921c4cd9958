"""The thirteen real sheets: every object accounted for, figures equal to ``expected/*.json``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.contrib.gis.db.models import Extent, Union
from django.db import connection
from django.db.models import Count, Sum

from cadastre.models import (
    BatimentParcelle,
    Commune,
    Ecriture,
    Feuille,
    NumeroVoirieParcelle,
    OccurrenceSection,
    Parcelle,
    RelationEdigeo,
    Section,
    SubdivisionParcelle,
)
from tests import bases
from tests.donnees import FEUILLES, donnees_partagees


@cache
def attendu(id12: str) -> dict[str, Any]:
    return json.loads((donnees_partagees() / "edigeo" / "expected" / f"{id12}.json").read_text())


@pytest.fixture(scope="module")
def tout(base_modele: str, django_db_blocker: Any) -> Iterator[bases.Import]:
    """All sheets imported in one call, in a database of this module; only read afterwards."""
    nom = f"{base_modele}_reelles"
    archives = sorted((donnees_partagees() / "edigeo").glob("edigeo-*.tar.bz2"))
    with django_db_blocker.unblock():
        bases.creer_base(nom, base_modele)
        with bases.sur_base(nom):
            yield bases.importer(*archives, travailleurs=2)
        bases.supprimer_base(nom)


def test_toutes_sont_importees(tout):
    assert tout.code == 0, tout.erreurs
    assert tout.etats == dict.fromkeys(FEUILLES, "importee")
    assert [f["feuille"] for f in tout.document["feuilles"]] == sorted(FEUILLES)
    assert "13 feuilles importées." in tout.erreurs


@pytest.mark.parametrize("id12", FEUILLES)
def test_chaque_objet_est_lu_et_ecrit(tout, id12):
    feuille, voulu = tout[id12], attendu(id12)
    assert feuille["lus"] == feuille["ecrits"] == voulu["objets_lus"]
    assert feuille["crs"] == f"EPSG:{voulu['epsg']}"
    assert feuille["millesime"] == voulu["date_transmission"]
    assert feuille["commune"] == voulu["commune"]
    assert [a for a in feuille["anomalies"] if a["gravite"] == "erreur"] == []


@pytest.mark.parametrize("id12", FEUILLES)
def test_chaque_relation_est_lue_et_ecrite(tout, id12):
    relations = {nom: (r["lues"], r["ecrites"]) for nom, r in tout[id12]["relations"].items()}
    assert relations == {nom: (r["lues"], r["resolues"]) for nom, r in attendu(id12)["relations"].items()}
    en_base: dict[str, int] = {}
    for relation in RelationEdigeo.objects.filter(feuille__id12=id12):
        assert len(relation.a) == len(relation.b)
        en_base[relation.nom] = en_base.get(relation.nom, 0) + len(relation.a)
    assert en_base == {nom: r["resolues"] for nom, r in attendu(id12)["relations"].items() if r["resolues"]}


@pytest.mark.parametrize("id12", FEUILLES)
def test_surfaces_et_contenances(tout, id12):
    voulu = attendu(id12)["gdal"]["parcels"]
    parcelles = Parcelle.objects.filter(feuille__id12=id12)
    sommes = parcelles.aggregate(s=Sum("surface_geometrique"), c=Sum("contenance"))
    assert sommes["s"] == pytest.approx(voulu["planar_area_m2"], abs=0.01 * voulu["count"])
    assert sommes["c"] == voulu["supf_sum_m2"]
    assert parcelles.filter(figuree=False).count() == voulu["non_figurees_indp_02"]
    assert parcelles.filter(arpentee=True).count() == voulu["arpentees_coar_A"]


@pytest.mark.parametrize("id12", FEUILLES)
def test_parcelles_connues(tout, id12):
    for connue in attendu(id12)["parcelles_connues"]:
        parcelle = Parcelle.objects.get(idu=connue["id14"], valide_au=None)
        assert parcelle.contenance == connue["contenance_m2"]
        assert parcelle.surface_geometrique == pytest.approx(connue["gdal_area_m2"], abs=0.01)
        centre = parcelle.geom.centroid
        assert (centre.x, centre.y) == pytest.approx(connue["centroid_native"], abs=0.02)
        assert sum(len(polygone) - 1 for polygone in parcelle.geom) == connue["holes"]
        numeros = NumeroVoirieParcelle.objects.filter(parcelle=parcelle)
        assert sorted(numeros.values_list("numero_voirie__numero", flat=True)) == sorted(connue["numvoies"])
        liens = BatimentParcelle.objects.filter(parcelle=parcelle)
        assert liens.count() == connue["batiments_via_relation"]
        assert parcelle.date_obs.strftime("%Y%m%d") == str(connue["date_obs"])


@pytest.mark.parametrize("nom", ["130290000A01", "380910000C01"])
def test_une_subdivision_sans_lien_va_a_la_parcelle_qu_elle_couvre_le_plus(tout, nom):
    relation = tout[nom]["relations"]["SUBDFISC_PARCELLE"]["ecrites"]
    liens = SubdivisionParcelle.objects.filter(feuille__id12=nom)
    assert liens.filter(par_geometrie=False).count() == relation
    assert liens.values("subdivision").distinct().count() == tout[nom]["lus"]["SUBDFISC"]


def test_luxiol_couvre_sa_commune_exactement(tout):
    versions = Feuille.objects.filter(commune="25354").aggregate(
        union=Union("version__geom"), somme=Count("id")
    )
    commune = Commune.objects.get(insee="25354")
    assert versions["somme"] == 8
    assert commune.nom == "LUXIOL"
    assert versions["union"].sym_difference(commune.geom).area == pytest.approx(0, abs=0.01)
    parcelles = Parcelle.objects.filter(commune="25354")
    assert parcelles.count() == 511
    assert parcelles.aggregate(s=Sum("surface_geometrique"))["s"] == pytest.approx(6_118_216.07, abs=0.1)
    assert sum(any(len(p) > 1 for p in parcelle.geom) for parcelle in parcelles) == 3


def test_la_section_coupee_en_deux_feuilles_n_est_la_qu_une_fois(tout):
    section = Section.objects.get(idu10="380040000B")
    recente = Feuille.objects.filter(commune="38004").order_by("-version__millesime", "-id12").first()
    assert section.feuille == recente
    copies = OccurrenceSection.objects.filter(idu10="380040000B")
    assert copies.count() == 2
    assert all(copie.geom.equals(section.geom) for copie in copies)
    for feuille in Feuille.objects.filter(commune="38004"):
        assert feuille.version.geom.difference(section.geom).area == pytest.approx(0, abs=0.01)


def test_les_batiments_portent_la_part_de_chaque_parcelle_touchee(tout):
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT max(abs(l.aire - ST_Area(ST_Intersection(b.geom, p.geom)))),"
            " max(abs(l.part - l.aire / ST_Area(b.geom))), min(l.part), max(l.part)"
            " FROM cadastre_batimentparcelle l JOIN cadastre_batiment b ON b.id = l.batiment_id"
            " JOIN cadastre_parcelle p ON p.id = l.parcelle_id"
        )
        ecart_aire, ecart_part, moins, plus = curseur.fetchone()
    assert ecart_aire < 0.01
    assert ecart_part < 0.001
    assert moins >= 0
    assert plus <= 1


def test_une_ecriture_porte_le_texte_de_son_objet(tout):
    numeros = Ecriture.objects.filter(feuille__id12="25354000ZD01", objet_type="PARCELLE")
    assert sorted(map(int, numeros.values_list("texte", flat=True))) == sorted(
        Parcelle.objects.filter(feuille__id12="25354000ZD01").values_list("numero", flat=True)
    )
    # One real writing stands for a word that its object has lost.
    vides = Ecriture.objects.filter(texte="").values_list("feuille__id12", "attribut")
    assert list(vides) == [("740240000A01", "TEX4")]
    assert Ecriture.objects.filter(angle__isnull=False).exists()


def test_la_colonne_des_tuiles_est_celle_que_postgis_calculerait(tout):
    ecarts = {}
    with connection.cursor() as curseur:
        curseur.execute(
            "SELECT table_name FROM information_schema.columns"
            " WHERE column_name = 'geom_3857' AND table_name LIKE 'cadastre_%%'"
        )
        for (table,) in curseur.fetchall():
            curseur.execute(
                f"SELECT count(*), max(ST_HausdorffDistance(geom_3857, ST_Transform(geom, 3857))),"
                f" count(*) FILTER (WHERE (geom IS NULL) <> (geom_3857 IS NULL)) FROM {table}"
            )
            ecarts[table] = curseur.fetchone()
    assert "cadastre_parcelle" in ecarts
    assert {table: e for table, e in ecarts.items() if e[0] and (e[1] > 1e-6 or e[2])} == {}


def test_la_seconde_fois_rien_n_est_ecrit(tout):
    def rangees() -> list[tuple[Any, ...]]:
        with connection.cursor() as curseur:
            curseur.execute(
                "SELECT 'p', id, xmin::text FROM cadastre_parcelle UNION ALL"
                " SELECT 'e', id, xmin::text FROM cadastre_ecriture UNION ALL"
                " SELECT 'v', id, xmin::text FROM cadastre_versionfeuille UNION ALL"
                " SELECT 'a', id, xmin::text FROM cadastre_anomalie"
            )
            return sorted(curseur.fetchall())

    avant = rangees()
    archives = sorted((donnees_partagees() / "edigeo").glob("edigeo-*.tar.bz2"))
    encore = bases.importer(*archives)
    assert encore.code == 0
    assert encore.etats == dict.fromkeys(FEUILLES, "inchangee")
    assert "13 feuilles inchangées." in encore.erreurs
    assert rangees() == avant
    for id12 in FEUILLES:
        assert {k: v for k, v in encore[id12].items() if k != "etat"} == {
            k: v for k, v in tout[id12].items() if k != "etat"
        }


def test_emprise_du_point_de_depart_des_cartes(tout):
    emprise = Parcelle.objects.filter(commune="25354").aggregate(e=Extent("geom"))["e"]
    voulues = [attendu(i)["gdal"]["parcels"]["bbox"] for i in FEUILLES if i.startswith("25354")]
    assert emprise == pytest.approx(
        (
            min(b[0] for b in voulues),
            min(b[1] for b in voulues),
            max(b[2] for b in voulues),
            max(b[3] for b in voulues),
        ),
        abs=0.01,
    )
