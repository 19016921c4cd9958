"""Files made to harm, or badly made: each through the real pages, answered in words, nothing half done."""

from __future__ import annotations

import io
import json
import struct
import zipfile

import numpy as np
import pyogrio
import pytest
import shapely
from django.core.files.uploadedfile import SimpleUploadedFile

from assainissement.models import ImportRaepa, LigneRaepa, Troncon
from assainissement.regles.tables import raepa
from assainissement.reseau import exports, topologie
from tests.assainissement import fabrique_reseau as f
from tests.assainissement.test_ecrans_reseau import BASE, client, dessin  # noqa: F401
from tests.personnes import AUTRE_INSEE, INSEE, commune

C, OUV, A, R = raepa.CANALISATIONS, raepa.OUVRAGES, raepa.APPAREILLAGES, raepa.REPARATIONS
LIGNE = {"type": "LineString", "coordinates": [[5.6, 47.0], [5.601, 47.0]]}


@pytest.fixture
def agent(dessin):  # noqa: F811
    return client("responsable")


def deposer(agent, octets, nom="reseau.gpkg", insee=INSEE) -> ImportRaepa:
    """Through the page, as a person does."""
    envoi = SimpleUploadedFile(nom, octets if isinstance(octets, bytes) else octets.getvalue())
    reponse = agent.post(f"{BASE}importer/", {"insee": insee, "fichier": envoi})
    assert reponse.status_code == 302, reponse.content.decode()[-2000:]
    recu = ImportRaepa.objects.latest("pk")
    assert agent.get(recu.get_absolute_url()).status_code == 200
    return recu


def faire(agent, recu, quoi) -> ImportRaepa:
    assert agent.post(recu.get_absolute_url(), {"faire": quoi}).status_code == 302
    recu.refresh_from_db()
    return recu


def feature(geometrie=LIGNE, **champs):
    return {
        "type": "Feature",
        "properties": {"IDCANA": "A", "TYPRESEAU": "02", **champs},
        "geometry": geometrie,
    }


def geojson(*features, **autres) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": list(features), **autres}).encode()


def codes(recu) -> dict[str, list[str]]:
    return {
        x.identifiant: [a["code"] for a in x.anomalies if a["gravite"] == "erreur"] for x in recu.lignes.all()
    }


# --- texts ----------------------------------------------------------------------------------------


def test_des_octets_nuls_et_des_signes_de_la_base_sont_des_textes(agent):
    objets = (
        feature(IDCANA="\\N", SOURMAJ="a\tb\\.\n", **{"clé\0nulle": "x", "RUE": "x\0y"}),
        feature(IDCANA="\\.", SOURMAJ={"dedans": ["\0"]}),
        feature(IDCANA="=cmd|' /C calc'!A0", GEXPLOIT="'; DROP TABLE assainissement_troncon; --"),
    )
    recu = deposer(agent, geojson(*objets), "canalass.geojson")
    assert recu.bilan["total"] == 3
    faire(agent, recu, "confirmer")
    assert set(Troncon.objects.values_list("identifiant", flat=True)) == {"\\N", "\\.", "=cmd|' /C calc'!A0"}
    assert Troncon.objects.get(identifiant="\\N").source_maj == "a\tb\\."


def test_un_texte_sans_encodage_possible_est_refuse_sans_panne(agent):
    recu = deposer(
        agent,
        b'{"type":"FeatureCollection","features":[{"type":"Feature","properties":'
        b'{"IDCANA":"\\ud800","TYPRESEAU":"02"},"geometry":null}]}',
        "canalass.geojson",
    )
    assert recu.etat in ("refuse", "controle")


def test_des_nombres_enormes_sont_nommes_un_par_un(agent):
    objets = (
        feature(IDCANA="A", ZAMONT=10**300, DIAMETRE=10**12, NBRANCHE=-1),
        feature(IDCANA="B", LONGCANA=1e300, ANFINPOSE="0000"),
        feature(IDCANA=10**200, DIAMETRE=200.5),
        feature(IDCANA="D", DIAMETRE=10**12, DATEMAJ="2023-02-29"),
        feature(IDCANA="E", DATEMAJ="2024-02-29"),
    )
    recu = faire(agent, deposer(agent, geojson(*objets), "canalass.geojson"), "confirmer")
    assert recu.etat == "confirme"
    assert {n: str(d) for n, d in Troncon.objects.values_list("identifiant", "date_maj")}["E"] == "2024-02-29"


def test_une_table_en_cp1252_sans_cpg_garde_ses_accents(agent, dessin, tmp_path):  # noqa: F811
    dossier = tmp_path / "cp"
    dossier.mkdir()
    valeurs, trace = f.canalisation("é-1", (0, 0), (9, 0), GEXPLOIT="Régie œuvre à l'été")
    pyogrio.raw.write(
        str(dossier / f"{C}.shp"), np.array([trace], dtype=object),
        [np.array([valeurs[n]], dtype=object) for n in ("IDCANA", "TYPRESEAU", "GEXPLOIT")],
        np.array(["IDCANA", "TYPRESEAU", "GEXPLOIT"]), driver="ESRI Shapefile", geometry_type="LineString Z",
        crs="EPSG:2154", encoding="CP1252",
    )  # fmt: skip
    recu = faire(agent, deposer(agent, f.archive(dossier, sans=(".cpg",)), "été.zip"), "confirmer")
    assert recu.etat == "confirme", recu.motif
    t = Troncon.objects.get()
    assert (t.identifiant, t.gestionnaire) == ("é-1", "Régie œuvre à l'été")


# --- geometries -----------------------------------------------------------------------------------


def test_trois_deux_dimensions_mesures_et_genres_meles(agent, tmp_path):
    x, y = f.X0, f.Y0
    formes = {
        "plat": shapely.LineString([(x, y), (x + 9, y)]).wkb,
        "z": shapely.LineString([(x, y, 5), (x + 9, y, 4)]).wkb,
        # LINESTRING ZM, LINESTRING M as bytes: nobody's library writes it alike.
        "zm": struct.pack("<BII8d", 1, 3002, 2, x, y, 5, 0, x + 9, y, 4, 9),
        "m": struct.pack("<BII6d", 1, 2002, 2, x, y, 0, x + 9, y, 9),
        # An arc of a circle then a straight line, as a CAD draws them.
        "courbe": struct.pack("<BII", 1, 9, 2)
        + struct.pack("<BII6d", 1, 8, 3, x, y, x + 1, y + 1, x + 2, y)
        + struct.pack("<BII4d", 1, 2, 2, x + 2, y, x + 9, y),
        "point": shapely.Point(x, y).wkb,
        "vide": shapely.LineString().wkb,
        "nul": shapely.LineString([(x, y), (x, y)]).wkb,
        "loin": shapely.LineString([(x, y), (0, 0)]).wkb,
    }
    chemin = tmp_path / "meles.gpkg"
    noms = list(formes)
    pyogrio.raw.write(
        str(chemin), np.array(list(formes.values()), dtype=object),
        [np.array(noms, dtype=object), np.array(["02"] * len(noms), dtype=object)],
        np.array(["IDCANA", "TYPRESEAU"]), layer=C, driver="GPKG", geometry_type="Unknown", crs="EPSG:2154",
    )  # fmt: skip
    recu = deposer(agent, chemin.read_bytes())
    assert recu.etat == "controle", recu.motif
    fautes = {n: c for n, c in codes(recu).items() if c}
    assert fautes == {
        "point": ["GEOMETRIE_INVALIDE"], "vide": ["GEOMETRIE_ABSENTE"], "nul": ["GEOMETRIE_INVALIDE"],
        "loin": ["COORDONNEES_HORS_EMPRISE"],
    }  # fmt: skip
    faire(agent, recu, "confirmer")
    assert {n: g.coords[0][2] for n, g in Troncon.objects.values_list("identifiant", "geom")} == {
        "plat": 0.0, "z": 5.0, "zm": 5.0, "m": 0.0, "courbe": 0.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("crs", "etat"),
    [
        ("urn:ogc:def:crs:EPSG::2154", "refuse"),
        ("urn:ogc:def:crs:EPSG::999999", "refuse"),
        ("urn:ogc:def:crs:EPSG::" + "9" * 40, "refuse"),
        ("urn:ogc:def:crs:EPSG::4978", "refuse"),
        ("PLAN LOCAL", "refuse"),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", "controle"),
    ],
)
def test_une_projection_autre_ou_inconnue_est_dite(agent, crs, etat):
    recu = deposer(
        agent, geojson(feature(), crs={"type": "name", "properties": {"name": crs}}), "canalass.geojson"
    )
    assert recu.etat == etat
    assert (recu.motif != "") == (etat == "refuse")


# --- archives -------------------------------------------------------------------------------------


@pytest.fixture
def formes(tmp_path):
    dossier = tmp_path / "shp"
    dossier.mkdir()
    valeurs, trace = f.canalisation("A", (0, 0), (9, 0))
    exports.ecrire_lot(dossier / f"{C}.shp", C, [valeurs], [trace], "shp")
    return dossier


def zip_de(*membres, methode=zipfile.ZIP_STORED) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w", methode) as z:
        for nom, octets in membres:
            z.writestr(nom, octets)
    return tampon.getvalue()


def test_une_archive_coupee_piegee_ou_qui_grimpe_est_refusee(agent, formes):
    bonne = f.archive(formes).getvalue()
    parties = [(p.name, p.read_bytes()) for p in sorted(formes.iterdir())]
    pieges = {
        "coupee": bonne[: len(bonne) // 2],
        "grimpe": zip_de(("../../etc/" + parties[0][0], parties[0][1]), *parties),
        "absolue": zip_de(("/tmp/x.shp", b"x"), *parties),
        "vide": zip_de(),
        "sans_forme": zip_de(("notes.txt", b"x")),
        "archive": zip_de(("dedans.zip", bonne)),
        "deux_fois": zip_de(*parties, *[(n.lower(), o) for n, o in parties]),
        "shp_menteur": zip_de(*[(n, b"x" * 200 if n.endswith(".shp") else o) for n, o in parties]),
        "dbf_coupe": zip_de(*[(n, o[:200] if n.endswith(".dbf") else o) for n, o in parties]),
    }
    for nom, octets in pieges.items():
        recu = deposer(agent, octets, f"{nom}.zip")
        assert (recu.etat, recu.motif != "") == ("refuse", True), nom
    bombe = zip_de(*parties, (f"{OUV}.dbf", bytes(80 * 1024**2)), methode=zipfile.ZIP_DEFLATED)
    assert deposer(agent, bombe, "bombe.zip").etat == "refuse"
    assert not LigneRaepa.objects.exists()


def test_deux_fichiers_de_formes_d_un_nom_se_lisent_et_rendent_chacun_leurs_refus(agent, tmp_path):
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as z:
        for rang, rue in enumerate(("nord", "sud")):
            dossier = tmp_path / rue
            dossier.mkdir()
            valeurs, trace = f.canalisation(rue, (0, rang), (9, rang))
            pyogrio.raw.write(
                str(dossier / f"{C}.shp"), np.array([trace, trace], dtype=object),
                [np.array([rue, f"{rue}-x"], dtype=object), np.array(["02", "09"], dtype=object),
                 np.array([rue, rue], dtype=object)],
                np.array(["IDCANA", "TYPRESEAU", f"COL_{rue}"]), driver="ESRI Shapefile",
                geometry_type="LineString Z", crs="EPSG:2154", encoding="UTF-8",
            )  # fmt: skip
            for p in dossier.iterdir():
                z.write(p, f"{rue}/{p.name}")
    recu = deposer(agent, archive, "deux.zip")
    assert (recu.bilan["total"], recu.bilan["rejetes"]) == (4, 2)
    chemin = tmp_path / "rejets.gpkg"
    chemin.write_bytes(b"".join(agent.get(f"{recu.get_absolute_url()}rejets/").streaming_content))
    lus = {}
    for nom, _ in pyogrio.list_layers(chemin):
        table = pyogrio.raw.read(chemin, layer=nom)
        noms = [str(n) for n in table[0]["fields"]]
        for rang in range(len(table[2])):
            valeurs = {n: c[rang] for n, c in zip(noms, table[3], strict=True)}
            lus[valeurs["IDCANA"]] = {c for c, v in valeurs.items() if c.startswith("COL_") and v}
    assert lus == {"nord-x": {"COL_nord"}, "sud-x": {"COL_sud"}}


def test_une_couche_vide_ne_s_ecrit_pas_mais_se_dit(agent, tmp_path):
    chemin = tmp_path / "vide.gpkg"
    exports.ecrire_lot(chemin, C, [], [], "gpkg")
    recu = deposer(agent, chemin.read_bytes())
    assert recu.bilan["total"] == 0
    page = agent.get(recu.get_absolute_url()).content.decode()
    assert 'value="confirmer"' not in page
    assert "aucun enregistrement à importer" in page


def test_les_colonnes_techniques_d_un_autre_logiciel_ne_genent_pas_les_refus(agent, tmp_path):
    objets = (
        feature(
            IDCANA="A", TYPRESEAU="09", fid=3, geom="POINT", Rue="a", RUE="b", ogc_fid=1, **{"": "sans nom"}
        ),
        feature(IDCANA="B"),
    )
    recu = deposer(agent, geojson(*objets), "canalass.geojson")
    assert recu.bilan["rejetes"] == 1
    reponse = agent.get(f"{recu.get_absolute_url()}rejets/")
    octets = b"".join(reponse.streaming_content)
    chemin = tmp_path / "r.gpkg"
    chemin.write_bytes(octets)
    lus = pyogrio.raw.read(chemin)
    noms = [str(n) for n in lus[0]["fields"]]
    valeurs = {n: c[0] for n, c in zip(noms, lus[3], strict=True)}
    assert "CODE_INCONNU (TYPRESEAU)" in valeurs["ANOMALIES"]
    assert {v for n, v in valeurs.items() if n.lower().startswith("rue")} == {"a", "b"}
    # Sent back as it is, it is read again.
    assert deposer(agent, octets, "r.gpkg").bilan["rejetes"] == 1


# --- who, when ------------------------------------------------------------------------------------


def test_l_agent_d_une_autre_commune_ne_voit_ni_ne_touche_l_import(agent):
    commune(AUTRE_INSEE, "Ailleurs")
    recu = deposer(agent, geojson(feature()), "canalass.geojson")
    autre = client("responsable", AUTRE_INSEE)
    for quoi in ("confirmer", "annuler", "oublier", "controler"):
        assert autre.post(recu.get_absolute_url(), {"faire": quoi}).status_code == 404, quoi
    assert autre.get(recu.get_absolute_url()).status_code == 404
    assert autre.get(f"{recu.get_absolute_url()}rejets/").status_code == 404
    recu.refresh_from_db()
    assert recu.etat == "controle"
    # Nor does she bring one in for a commune that is not hers.
    envoi = SimpleUploadedFile("canalass.geojson", geojson(feature()))
    assert autre.post(f"{BASE}importer/", {"insee": INSEE, "fichier": envoi}).status_code == 422
    assert agent.get(f"{BASE}imports/99999999999999999999/").status_code == 404


def test_une_panne_au_milieu_de_l_ecriture_ne_laisse_rien_et_se_rejoue(agent, monkeypatch):
    recu = deposer(agent, geojson(feature()), "canalass.geojson")
    with monkeypatch.context() as m:
        m.setattr(topologie, "construire", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            agent.post(recu.get_absolute_url(), {"faire": "confirmer"})
    recu.refresh_from_db()
    assert (recu.etat, Troncon.objects.count(), recu.lignes.count()) == ("controle", 0, 1)
    assert faire(agent, recu, "confirmer").etat == "confirme"
    with monkeypatch.context() as m:
        m.setattr(topologie, "construire", lambda *a, **k: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            agent.post(recu.get_absolute_url(), {"faire": "annuler"})
    recu.refresh_from_db()
    assert (recu.etat, Troncon.objects.count()) == ("confirme", 1)


def test_un_import_annule_puis_rejoue_deux_fois_ne_double_rien(agent):
    octets = geojson(feature())
    for _ in range(2):
        recu = faire(agent, deposer(agent, octets, "canalass.geojson"), "confirmer")
        faire(agent, recu, "confirmer")
        faire(agent, recu, "annuler")
        faire(agent, recu, "annuler")
        assert (recu.etat, Troncon.objects.count()) == ("annule", 0)


def test_un_identifiant_tenu_par_un_autre_exploitant_est_signale(agent):
    faire(agent, deposer(agent, geojson(feature(GEXPLOIT="Régie")), "canalass.geojson"), "confirmer")
    recu = deposer(agent, geojson(feature(GEXPLOIT="Fermier")), "canalass.geojson")
    assert "AUTRE_EXPLOITANT" in [a["code"] for a in recu.lignes.get().anomalies]
    faire(agent, recu, "confirmer")
    assert Troncon.objects.count() == 2
