"""Files of a list, opened again by other programs' readers."""

from __future__ import annotations

import csv
import html
import io
import json
import zipfile
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pyogrio
import pytest
import shapely
from openpyxl import load_workbook
from pyproj import Transformer

from mairie import tableurs
from mairie.ecrans import exports, geopaquet
from mairie.models import JournalActe
from tests.mairie.ecrans.test_liste import page
from tests.personnes import AUTRE_INSEE

ADRESSE = "/essai/bancs/"
# As spreadsheets hold them: without time zone.
JOUR, INSTANT = datetime(2026, 3, 1), datetime(2026, 3, 10, 23, 30)  # noqa: DTZ001
FORMULES = ("=1+1", "+33 3", "-cmd|' /C calc'!A0", "@SUM(A1)", "\t=1", "\r=1")


def octets(reponse) -> bytes:
    assert reponse.status_code == 200
    return b"".join(reponse.streaming_content)


def lire_csv(reponse) -> list[list[str]]:
    texte = octets(reponse).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(texte, newline=""), delimiter=";"))


def lire_xlsx(contenu: bytes) -> list[list[object]]:
    feuille = load_workbook(io.BytesIO(contenu)).active
    return [[c.value for c in rang] for rang in feuille.iter_rows()]


def lire_ods(contenu: bytes) -> list[list[tuple[str, str]]]:
    """(type, value) of each cell, by odfpy."""
    from odf import teletype
    from odf.namespaces import OFFICENS
    from odf.opendocument import load
    from odf.table import TableCell, TableRow

    lignes = []
    for rang in load(io.BytesIO(contenu)).getElementsByType(TableRow):
        cases = []
        for c in rang.getElementsByType(TableCell):
            genre = c.attributes.get((OFFICENS, "value-type"), "")
            attribut = {"float": "value", "date": "date-value", "boolean": "boolean-value"}.get(genre)
            assert ("urn:oasis:names:tc:opendocument:xmlns:table:1.0", "formula") not in c.attributes
            texte = "\n".join(teletype.extractText(p) for p in c.childNodes)
            cases.append((genre, c.attributes[OFFICENS, attribut] if attribut else texte))
        lignes.append(cases)
    return lignes


@pytest.fixture
def place(banc):
    return banc(
        "Place <du> « Marché » & Cie",
        etat="use",
        prix="-1234.50",
        pose_le="2026-03-01",
        vu_le="2026-03-10T22:30:00Z",
        abrite=True,
        remarque="deux\nlignes",
        geom="SRID=2154;POINT(899942 6650073)",
    )


COLONNES = "colonnes=nom,etat,pose,vu,prix,places,abrite,remarque"


def test_le_csv_se_relit(admin, place):
    reponse = admin.get(f"{ADRESSE}?{COLONNES}&export=csv")
    assert reponse.headers["Content-Disposition"].startswith('attachment; filename="mairie-bancs-20')
    titres, ligne = lire_csv(reponse)
    assert titres == ["Nom", "État", "Posé le", "Vu le", "Prix", "Places", "Abrité", "Remarque"]
    assert ligne == [
        place.nom, "usé", "01/03/2026", "10/03/2026 23:30", "-1234,50", "3", "oui", "deux\nlignes",
    ]  # fmt: skip


def test_le_xlsx_se_relit_avec_ses_types(admin, place):
    titres, ligne = lire_xlsx(octets(admin.get(f"{ADRESSE}?{COLONNES}&export=xlsx")))
    assert titres[:2] == ["Nom", "État"]
    assert ligne == [
        place.nom, "usé", JOUR, INSTANT, -1234.5, 3, "oui", "deux\nlignes",
    ]  # fmt: skip


def test_le_ods_se_relit_avec_ses_types(admin, place):
    titres, ligne = lire_ods(octets(admin.get(f"{ADRESSE}?{COLONNES}&export=ods")))
    assert [t for _, t in titres[:2]] == ["Nom", "État"]
    assert ligne == [
        ("string", place.nom), ("string", "usé"), ("date", "2026-03-01"), ("date", "2026-03-10T23:30:00"),
        ("float", "-1234.50"), ("float", "3"), ("string", "oui"), ("string", "deux\nlignes"),
    ]  # fmt: skip


@pytest.mark.parametrize("formule", FORMULES)
def test_aucune_cellule_n_est_une_formule(admin, banc, formule):
    banc(formule)
    requete = f"{ADRESSE}?colonnes=nom&export="
    assert lire_csv(admin.get(f"{requete}csv"))[1][0] == f"'{formule}"
    feuille = load_workbook(io.BytesIO(octets(admin.get(f"{requete}xlsx")))).active
    assert feuille["A2"].data_type == "s" and str(feuille["A2"].value).startswith("'")
    assert lire_ods(octets(admin.get(f"{requete}ods")))[1][0][0] == "string"


def test_l_export_suit_le_filtre_le_tri_et_les_colonnes(admin, banc):
    banc("A", etat="use")
    banc("B", etat="use")
    banc("C")
    banc("D", insee=AUTRE_INSEE, etat="use")
    assert lire_csv(admin.get(f"{ADRESSE}?etat=use&tri=-nom&colonnes=nom&export=csv")) == [
        ["Nom"],
        ["B"],
        ["A"],
    ]


def test_une_colonne_reservee_ne_sort_pas_sans_son_droit(lecteur, banc):
    banc("Place", remarque="secret")
    for format_ in ("csv", "geojson", "gpkg"):
        sortie = octets(lecteur.get(f"{ADRESSE}?colonnes=nom,remarque&export={format_}"))
        assert b"Place" in sortie and b"secret" not in sortie


def test_le_geojson_est_en_degres_avec_des_types(admin, place, banc):
    banc("Sans place")
    collection = json.loads(octets(admin.get(f"{ADRESSE}?{COLONNES}&export=geojson")))
    un, deux = collection["features"]
    attendu = Transformer.from_crs(2154, 4326, always_xy=True).transform(899942, 6650073)
    assert un["geometry"]["coordinates"] == pytest.approx(attendu, abs=1e-7)
    assert un["properties"]["prix"] == -1234.5 and un["properties"]["pose"] == "2026-03-01"
    assert un["properties"]["abrite"] is True and un["properties"]["nom"] == place.nom
    assert deux["geometry"] is None and deux["properties"]["pose"] is None


def lire_gpkg(reponse, tmp_path):
    assert reponse.status_code == 200 and reponse["Content-Type"] == "application/geopackage+sqlite3"
    chemin = tmp_path / "liste.gpkg"
    chemin.write_bytes(octets(reponse))
    meta, _, geometries, valeurs = pyogrio.raw.read(str(chemin))
    return meta, geometries, dict(zip(meta["fields"], valeurs, strict=True))


def test_le_geopackage_est_dans_la_projection_legale_avec_des_types(admin, place, banc, tmp_path):
    banc("Sans place", prix=None)
    meta, geometries, colonnes = lire_gpkg(admin.get(f"{ADRESSE}?{COLONNES}&tri=-nom&export=gpkg"), tmp_path)
    assert meta["crs"] == "EPSG:2154"
    rang = list(colonnes["nom"]).index(place.nom)
    assert shapely.from_wkb(geometries[rang]).coords[0] == (899942, 6650073)
    assert geometries[1 - rang] is None
    assert colonnes["prix"][rang] == -1234.5 and np.isnan(colonnes["prix"][1 - rang])
    assert colonnes["abrite"].dtype == bool and colonnes["abrite"][rang]
    assert list(colonnes["cle"])[rang] == str(place.pk)


def test_le_geopackage_d_une_liste_vide_ou_longue_s_ouvre(admin, banc, tmp_path, monkeypatch):
    _, geometries, colonnes = lire_gpkg(admin.get(f"{ADRESSE}?export=gpkg"), tmp_path)
    assert len(geometries) == 0 and "nom" in colonnes
    monkeypatch.setattr(geopaquet, "LOT", 2)
    for n in range(5):
        banc(f"B{n}", geom="SRID=2154;POINT(899942 6650073)" if n % 2 else None)
    _, geometries, colonnes = lire_gpkg(admin.get(f"{ADRESSE}?export=gpkg"), tmp_path)
    assert sorted(colonnes["nom"]) == ["B0", "B1", "B2", "B3", "B4"]
    assert sum(g is not None for g in geometries) == 2


def test_la_carte_ne_recoit_que_les_lignes_placees_et_filtrees(admin, place, banc):
    banc("Sans place")
    carte = admin.get(f"{ADRESSE}?export=carte").json()
    assert carte["total"] == 1
    (un,) = carte["features"]
    assert un["properties"] == {"titre": place.nom, "adresse": f"{ADRESSE}{place.pk}/"}
    assert admin.get(f"{ADRESSE}?export=carte&etat=neuf").json()["total"] == 0


def test_le_cadre_de_la_carte_limite_la_liste(admin, place):
    dedans, dehors = "5.62,46.92,5.64,46.94", "5.7,46.92,5.8,46.94"
    assert len(lire_csv(admin.get(f"{ADRESSE}?emprise={dedans}&export=csv"))) == 2
    assert len(lire_csv(admin.get(f"{ADRESSE}?emprise={dehors}&export=csv"))) == 1


def test_la_carte_dit_combien_de_places_elle_ne_montre_pas(admin, banc, monkeypatch):
    monkeypatch.setattr(exports, "PLACES_MAX", 2)
    for n in range(3):
        banc(f"B{n}", geom="SRID=2154;POINT(899942 6650073)")
    carte = admin.get(f"{ADRESSE}?export=carte").json()
    assert (len(carte["features"]), carte["total"]) == (2, 3)


def test_un_export_impossible_dit_pourquoi(admin, banc, monkeypatch):
    banc("A")
    banc("B")
    refus = admin.get(f"{ADRESSE}?export=doc")
    assert refus.status_code == 400 and "Le format « doc » n'existe pas." in html.unescape(
        refus.content.decode()
    )
    monkeypatch.setattr(exports, "LIGNES_MAX", 1)
    refus = admin.get(f"{ADRESSE}?export=csv")
    assert refus.status_code == 413 and "Filtrez d'abord." in html.unescape(refus.content.decode())


def test_un_export_laisse_une_ligne_au_journal(admin, administratrice, banc):
    banc("Dupont")
    octets(admin.get(f"{ADRESSE}?etat=neuf&q=dupont&export=ods"))
    ligne = JournalActe.objects.get(action="mairie.liste_exportee")
    assert ligne.utilisateur == administratrice
    assert ligne.donnees == {"ecran": "mairie.bancs", "format": "ods", "lignes": 1, "filtres": ["etat", "q"]}


def test_la_page_offre_ses_formats(admin, banc):
    banc("A")
    texte = page(admin.get(f"{ADRESSE}?etat=neuf"))
    for format_ in ("csv", "xlsx", "ods", "geojson", "gpkg"):
        assert f"?etat=neuf&export={format_}" in texte


VALEURS = [
    None,
    "",
    True,
    12,
    1.5,
    Decimal("0.10"),
    JOUR.date(),
    INSTANT,
    "a\x00b\x0bc<&>",
]


def test_les_classeurs_ecrivent_chaque_type_de_valeur():
    titres = [f"c{n}" for n in range(len(VALEURS))]
    xlsx, ods = io.BytesIO(), io.BytesIO()
    tableurs.ecrire_xlsx(xlsx, "Feuille [de] : test? d'un nom bien trop long", titres, [VALEURS])
    tableurs.ecrire_ods(ods, "Feuille", titres, [VALEURS])
    assert lire_xlsx(xlsx.getvalue())[1] == [
        None, None, True, 12, 1.5, 0.1, JOUR, INSTANT, "abc<&>",
    ]  # fmt: skip
    assert lire_ods(ods.getvalue())[1] == [
        ("", ""), ("", ""), ("boolean", "true"), ("float", "12"), ("float", "1.5"), ("float", "0.10"),
        ("date", "2026-03-01"), ("date", "2026-03-10T23:30:00"), ("string", "abc<&>"),
    ]  # fmt: skip


@pytest.mark.parametrize("valeur", [10**16, float("nan"), float("inf"), Decimal("NaN"), date(1850, 1, 1)])
def test_ce_qu_un_tableur_ne_sait_pas_devient_un_texte(valeur):
    xlsx, ods = io.BytesIO(), io.BytesIO()
    tableurs.ecrire_xlsx(xlsx, "F", ["a"], [[valeur]])
    tableurs.ecrire_ods(ods, "F", ["a"], [[valeur]])
    assert lire_xlsx(xlsx.getvalue())[1] == [str(valeur)]
    genre = "date" if isinstance(valeur, date) else "string"
    assert lire_ods(ods.getvalue())[1] == [(genre, str(valeur))]


def test_le_type_d_un_ods_se_lit_sans_l_ouvrir():
    sortie = io.BytesIO()
    tableurs.ecrire_ods(sortie, "F", ["a"], [])
    debut = sortie.getvalue()[:100]
    assert debut[30:].startswith(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet")
    assert zipfile.ZipFile(io.BytesIO(sortie.getvalue())).testzip() is None
