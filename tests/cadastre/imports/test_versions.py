"""Versions of parcels by vintage, on small invented sheets of two sections of one commune."""

from __future__ import annotations

import bz2
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from cadastre.models import Anomalie, Feuille, Filiation, FiliationAFaire, LieuDit, Parcelle, VersionFeuille
from cadastre.versions import comparer, etat_au, feuilles_sans_etat, origines, parcelles_actuelles
from gis_data.models import ImportTravail
from mairie.models import EvenementDomaine, Livraison
from tests import bases
from tests.lots import P, archive, carre

A, B, C = "259990000A01", "259990000A02", "259990000B01"
M1, M2, M3, M4 = date(2019, 1, 1), date(2020, 1, 1), date(2021, 1, 1), date(2022, 1, 1)


def idu(numero: int, section: str = "0A") -> str:
    return f"25999000{section}{numero:04d}"


def verser(dossier, id12, jour, parcelles, **champs) -> bases.Import:
    chemin = archive(dossier / f"{jour}-{id12}", id12, jour, parcelles, **champs)
    fait = bases.importer(chemin)
    assert fait.code == 0, fait.erreurs
    return fait


def versions(numero: int) -> list[tuple[date, date | None, str]]:
    trouvees = Parcelle.objects.filter(idu=idu(numero)).order_by("valide_du")
    return list(trouvees.values_list("valide_du", "valide_au", "feuille__id12"))


def xmin(**filtre) -> dict[int, str]:
    with connection.cursor() as curseur:
        curseur.execute("SELECT id, xmin::text FROM cadastre_parcelle")
        tous = dict(curseur.fetchall())
    return {pk: tous[pk] for pk in Parcelle.objects.filter(**filtre).values_list("pk", flat=True)}


UN, DEUX, TROIS = carre(0, 0, 100), carre(100, 0, 100), carre(200, 0, 100)


def test_une_parcelle_egale_n_est_pas_touchee(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN, 10_000), P(2, DEUX, 10_000)])
    avant = xmin()
    verser(tmp_path, A, M2, [P(2, DEUX, 10_000), P(1, UN, 10_000)])
    assert xmin() == avant
    assert versions(1) == [(M1, None, A)]
    assert VersionFeuille.objects.count() == 2
    assert Feuille.objects.get().version.millesime == M2


@pytest.mark.parametrize(
    ("champ", "apres", "valeurs"),
    [
        ("contenance", P(1, UN, 10_001), [10_000, 10_001]),
        ("geometrie", P(1, carre(0, 0, 100, 99.99), 10_000), [10_000.0, 9_999.0]),
        ("arpentee", P(1, UN, 10_000, {"COAR": "A"}), [False, True]),
        ("figuree", P(1, UN, 10_000, {"INDP": "02"}), [True, False]),
    ],
)
def test_chaque_champ_compare_fait_une_version(base_imports, tmp_path, champ, apres, valeurs):
    verser(tmp_path, A, M1, [P(1, UN, 10_000)])
    verser(tmp_path, A, M2, [apres])
    assert versions(1) == [(M1, M2, A), (M2, None, A)]
    assert comparer("25999", M1, M2)["modifiees"] == [{"idu": idu(1), "champs": {champ: valeurs}}]


def test_l_ordre_des_sommets_ne_fait_pas_une_version(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN, 10_000)])
    avant = xmin()
    tourne = list(UN.exterior.coords)[:-1]
    verser(tmp_path, A, M2, [P(1, type(UN)(tourne[2:] + tourne[:2]), 10_000)])
    assert xmin() == avant


def test_disparue_et_nouvelle(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN), P(2, DEUX)])
    verser(tmp_path, A, M2, [P(1, UN), P(3, TROIS)])
    assert versions(2) == [(M1, M2, A)]
    assert versions(3) == [(M2, None, A)]
    assert set(etat_au(M1).values_list("idu", flat=True)) == {idu(1), idu(2)}
    assert set(etat_au(date(2019, 12, 31)).values_list("idu", flat=True)) == {idu(1), idu(2)}
    assert set(etat_au(M2, "25999").values_list("idu", flat=True)) == {idu(1), idu(3)}
    assert not etat_au(date(2018, 12, 31)).exists()


def test_sans_geometrie_les_memes_regles(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, None, 500), P(2, DEUX)])
    avant = xmin(idu=idu(1))
    verser(tmp_path, A, M2, [P(1, None, 500), P(2, DEUX)])
    assert xmin(idu=idu(1)) == avant
    verser(tmp_path, A, M3, [P(1, None, 501), P(2, DEUX)])
    assert versions(1) == [(M1, M3, A), (M3, None, A)]
    ancienne = Parcelle.objects.get(idu=idu(1), valide_au=M3)
    assert [(p.contenance, part) for p, part in parcelles_actuelles(ancienne)] == [(501, 1.0)]
    assert Filiation.objects.get().source == "identifiant"


def test_une_livraison_plus_ancienne_est_refusee(base_imports, tmp_path):
    verser(tmp_path, A, M2, [P(1, UN)])
    vieille = archive(tmp_path / "vieille", A, M1, [P(1, DEUX)])
    for forcer in (False, True):
        fait = bases.importer(vieille, forcer=forcer)
        assert fait.code == 1
        assert fait.seule["erreur"]["code"] == "MILLESIME_ANTERIEUR"
        assert "2020-01-01" in fait.seule["erreur"]["message"]
        assert fait.seule["erreur"]["message"].endswith(
            "Les données précédentes (millésime 2020-01-01) sont conservées."
        )
    assert versions(1) == [(M2, None, A)]


def test_meme_date_autre_contenu_corrige_sur_place(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN, 10_000), P(2, DEUX), P(3, TROIS)])
    ids = dict(Parcelle.objects.values_list("idu", "pk"))
    verser(tmp_path / "bis", A, M1, [P(1, UN, 9_999), P(2, DEUX), P(4, carre(300, 0, 50))])
    assert versions(1) == [(M1, None, A)]
    assert Parcelle.objects.get(idu=idu(1)).contenance == 9_999
    assert Parcelle.objects.get(idu=idu(1)).pk == ids[idu(1)]
    assert versions(3) == []
    assert versions(4) == [(M1, None, A)]
    assert VersionFeuille.objects.count() == 1


def test_une_livraison_corrigee_rouvre_ce_que_la_mauvaise_avait_clos(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN), P(2, DEUX)])
    avant = dict(Parcelle.objects.values_list("idu", "pk"))
    verser(tmp_path / "mauvaise", A, M2, [P(1, UN), P(9, DEUX)])
    assert versions(2) == [(M1, M2, A)]
    assert Filiation.objects.count() == 1
    verser(tmp_path / "bonne", A, M2, [P(1, UN), P(2, DEUX)])
    assert dict(Parcelle.objects.values_list("idu", "pk")) == avant
    assert versions(2) == [(M1, None, A)]
    assert not Filiation.objects.exists()


def test_forcer_reecrit_la_feuille_mais_pas_les_parcelles(base_imports, tmp_path):
    lieux = {"LIEUDIT": [("L1", {"TEX": "LE", "TEX2": "GRAND", "TEX3": "PRE"}, carre(0, 0, 500))]}
    chemin = archive(tmp_path, A, M1, [P(1, UN)], autres=lieux)
    bases.importer(chemin)
    avant, lieu = xmin(), LieuDit.objects.get()
    assert lieu.nom == "LE GRAND PRE"
    assert bases.importer(chemin).etats == {A: "inchangee"}
    assert bases.importer(chemin, forcer=True).etats == {A: "importee"}
    assert xmin() == avant
    assert LieuDit.objects.get().pk != lieu.pk


def test_une_archive_refaite_au_meme_contenu_est_inchangee(base_imports, tmp_path):
    chemin = archive(tmp_path, A, M1, [P(1, UN)])
    bases.importer(chemin)
    chemin.write_bytes(bz2.compress(bz2.decompress(chemin.read_bytes()), 1))
    assert bases.importer(chemin).etats == {A: "inchangee"}


# -- a parcel in two sheets ----------------------------------------------------------------------


def test_une_parcelle_qui_change_de_feuille_garde_sa_chaine(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN), P(2, DEUX)])
    verser(tmp_path, B, M2, [P(2, DEUX)])
    assert versions(2) == [(M1, M2, A), (M2, None, B)]
    ancienne = Parcelle.objects.get(idu=idu(2), valide_au=M2)
    assert [p.feuille.id12 for p, _ in parcelles_actuelles(ancienne)] == [B]
    comparaison = comparer("25999", M1, M2)
    assert comparaison["modifiees"] == [{"idu": idu(2), "champs": {"feuille": [A, B]}}]
    assert comparaison["creees"] == comparaison["supprimees"] == []


def test_deux_feuilles_de_meme_date_la_seconde_perd_la_reference(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN)])
    fait = verser(tmp_path, B, M1, [P(1, UN), P(2, DEUX)])
    (anomalie,) = [a for a in fait.seule["anomalies"] if a["code"] == "IDU_DOUBLON"]
    assert anomalie["identifiant"] == idu(1)
    assert A in anomalie["detail"]
    assert fait.seule["lus"]["PARCELLE"] == fait.seule["ecrits"]["PARCELLE"] == 2
    assert versions(1) == [(M1, None, A)]
    assert Parcelle.objects.get(idu=None).feuille.id12 == B
    # Written again, it is the same row.
    avant = xmin()
    assert bases.importer(tmp_path / f"{M1}-{B}", forcer=True).code == 0
    assert xmin() == avant


def test_une_feuille_plus_ancienne_ne_reprend_pas_une_parcelle(base_imports, tmp_path):
    verser(tmp_path, B, M3, [P(1, UN)])
    verser(tmp_path, A, M2, [P(1, UN), P(2, DEUX)])
    assert versions(1) == [(M3, None, B)]
    assert Parcelle.objects.get(idu=None).idu_lu == idu(1)[2:]


@pytest.mark.parametrize("ordre", [(0, 1), (1, 0)])
def test_l_ordre_des_feuilles_ne_compte_pas(base_imports, tmp_path, ordre):
    """The parcel leaves A (delivered in M3) for B (delivered in M2): it moves at M2 either way."""
    verser(tmp_path, A, M1, [P(1, UN), P(2, DEUX)])
    verser(tmp_path, B, M1, [P(3, TROIS)])
    suites = [(A, M3, [P(1, UN)]), (B, M2, [P(3, TROIS), P(2, DEUX)])]
    for rang in ordre:
        verser(tmp_path, *suites[rang])
    assert versions(2) == [(M1, M2, A), (M2, None, B)]
    assert not Anomalie.objects.filter(code="IDU_DOUBLON").exists()


def test_importer_une_feuille_ne_touche_pas_les_autres(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN)])
    verser(tmp_path, C, M1, [P(1, carre(0, 500, 10))])
    avant = xmin(feuille__id12=C)
    verser(tmp_path, A, M2, [P(1, DEUX)])
    assert xmin(feuille__id12=C) == avant


# -- filiation -----------------------------------------------------------------------------------


def parts(liens: list[tuple[Parcelle, float]]) -> dict[str | None, float]:
    return {p.idu: part for p, part in liens}


def test_division_reunion_et_chaine_de_trois_millesimes(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN), P(2, DEUX)])
    dossier = Parcelle.objects.get(idu=idu(1))  # what a dossier of that day keeps
    assert parts(parcelles_actuelles(dossier)) == {idu(1): 1.0}
    verser(tmp_path, A, M2, [P(3, carre(0, 0, 60, 100)), P(4, carre(60, 0, 40, 100)), P(2, DEUX)])
    dossier.refresh_from_db()
    assert parts(parcelles_actuelles(dossier)) == {idu(3): 0.6, idu(4): 0.4}
    verser(tmp_path, A, M3, [P(3, carre(0, 0, 60, 100)), P(5, carre(60, 0, 140, 100))])
    assert parts(parcelles_actuelles(dossier)) == {idu(3): 0.6, idu(5): 0.4}
    cinq = Parcelle.objects.get(idu=idu(5))
    assert parts(origines(cinq)) == {idu(2): 0.7143, idu(1): 0.2857}
    assert parts(origines(dossier)) == {idu(1): 1.0}

    document = comparer("25999", M1, M3)
    assert document["creees"] == [idu(3), idu(4 + 1)]
    assert document["supprimees"] == [idu(1), idu(2)]
    assert document["inchangees"] == 0
    liens = {(x["parent"], x["enfant"]): x for x in document["filiation"]}
    assert liens[idu(1), idu(5)] == {
        "parent": idu(1),
        "enfant": idu(5),
        "aire_commune_m2": 4000.0,
        "part_parent": 0.4,
        "part_enfant": 0.2857,
    }
    assert set(liens) == {(idu(1), idu(3)), (idu(1), idu(5)), (idu(2), idu(5))}


def test_une_parcelle_recoupee_entre_deux_feuilles_est_liee(base_imports, tmp_path):
    """Closed in one sheet, opened in another of the same run."""
    verser(tmp_path, A, M1, [P(1, UN)])
    verser(tmp_path, C, M1, [P(1, TROIS)])
    bases.importer(
        archive(tmp_path / "deux", A, M2, [P(7, carre(0, 0, 50, 100))]),
        archive(tmp_path / "deux", C, M2, [P(1, TROIS), P(2, carre(50, 0, 50, 100))]),
    )
    ancienne = Parcelle.objects.get(idu=idu(1))
    assert parts(parcelles_actuelles(ancienne)) == {idu(7): 0.5, idu(2, "0B"): 0.5}


@pytest.mark.parametrize(("largeur", "lies"), [(0.99, 1), (1.0, 2)])
def test_seuil_d_un_pour_cent_de_la_plus_petite(base_imports, tmp_path, largeur, lies):
    verser(tmp_path, A, M1, [P(1, UN), P(2, DEUX)])
    reste = 100 - largeur
    verser(tmp_path, A, M2, [P(3, carre(0, 0, reste, 100)), P(4, carre(reste, 0, 100, 100)), P(2, TROIS)])
    parent = Parcelle.objects.get(idu=idu(1))
    assert Filiation.objects.filter(parent=parent).count() == lies


@pytest.mark.parametrize(("cote", "lies"), [(0.99, 0), (1.01, 1)])
def test_seuil_d_un_metre_carre(base_imports, tmp_path, cote, lies):
    verser(tmp_path, A, M1, [P(1, carre(0, 0, 5))])
    verser(tmp_path, A, M2, [P(2, carre(5 - cote, 0, 5, 1))])
    assert Filiation.objects.count() == lies


def oublier_evenements() -> None:
    Livraison.objects.all().delete()
    EvenementDomaine.objects.all().delete()


def test_les_evenements_un_par_passage_et_commune(base_imports, tmp_path):
    bases.importer(
        archive(tmp_path / "a", A, M1, [P(1, UN), P(2, DEUX)]),
        archive(tmp_path / "a", C, M1, [P(1, TROIS)]),
        archive(tmp_path / "a", "389990000A01", M1, [P(1, UN)]),
    )
    premier = ImportTravail.objects.get().pk
    assert list(EvenementDomaine.objects.order_by("insee").values_list("nom", "insee", "charge")) == [
        (
            "cadastre.millesime_importe",
            insee,
            {
                "insee": insee,
                "millesime": "2019-01-01",
                "import_id": premier,
                "feuilles": feuilles,
                "creees": creees,
                "supprimees": 0,
                "modifiees": 0,
            },
        )
        for insee, feuilles, creees in (("25999", 2, 3), ("38999", 1, 1))
    ]
    oublier_evenements()
    fait = bases.importer(archive(tmp_path / "b", A, M2, [P(1, DEUX), P(3, UN), P(4, TROIS)]))
    assert fait.code == 0
    second = ImportTravail.objects.order_by("pk").last().pk
    importe, renumerotees = EvenementDomaine.objects.order_by("pk")
    assert importe.charge | {"millesime": None} == {
        "insee": "25999",
        "millesime": None,
        "import_id": second,
        "feuilles": 1,
        "creees": 2,
        "supprimees": 1,
        "modifiees": 1,
    }
    assert renumerotees.nom == "cadastre.parcelles_renumerotees"
    assert renumerotees.charge == {"insee": "25999", "import_id": second}
    assert set(Filiation.objects.values_list("import_travail_id", flat=True)) == {second}
    assert not FiliationAFaire.objects.exists()


def test_une_feuille_inchangee_n_annonce_rien(base_imports, tmp_path):
    chemin = archive(tmp_path, A, M1, [P(1, UN)])
    bases.importer(chemin)
    oublier_evenements()
    bases.importer(chemin)
    assert not EvenementDomaine.objects.exists()


# -- comparison ----------------------------------------------------------------------------------


def test_ce_qui_n_etait_pas_connu_n_est_pas_dit_cree(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN)])
    verser(tmp_path, C, M2, [P(1, TROIS)])
    verser(tmp_path, A, M2, [P(1, UN), P(2, DEUX)])
    document = comparer("25999", M1, M2)
    assert document["creees"] == [idu(2)]
    assert document["inchangees"] == 1
    assert feuilles_sans_etat("25999", M1, M2) == [C]


def test_une_feuille_sans_nouvelle_livraison_n_est_pas_comptee(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN)])
    verser(tmp_path, C, M1, [P(1, TROIS)])
    verser(tmp_path, A, M2, [P(1, UN)])
    assert comparer("25999", M1, M2)["inchangees"] == 1


# -- the database itself -------------------------------------------------------------------------


def test_la_base_refuse_deux_versions_en_meme_temps(base_imports, tmp_path):
    verser(tmp_path, A, M1, [P(1, UN)])
    parcelle = Parcelle.objects.get()
    parcelle.pk = None
    parcelle.valide_du, parcelle.valide_au = M2, M3
    with pytest.raises(IntegrityError, match="parcelle_sans_chevauchement"), transaction.atomic():
        parcelle.save(force_insert=True)
    parcelle.valide_du = parcelle.valide_au = date(2018, 1, 1)
    with pytest.raises(IntegrityError, match="parcelle_periode"), transaction.atomic():
        parcelle.save(force_insert=True)
    parcelle.cle_idu, parcelle.valide_du = None, date(2017, 1, 1)
    with pytest.raises((IntegrityError, ValidationError), match="parcelle_cle_idu"), transaction.atomic():
        parcelle.save(force_insert=True)
    parcelle.cle_idu = 5
    parcelle.geom = "SRID=2154;MULTIPOLYGON(((0 0, 1 1, 1 0, 0 1, 0 0)))"
    with pytest.raises(IntegrityError, match="parcelle_geometrie_valide"), transaction.atomic():
        parcelle.save(force_insert=True)
