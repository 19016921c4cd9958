"""RAEPA files out: read by GDAL with the standard's names and codes, and back without difference."""

from __future__ import annotations

import io

import pyogrio
import pytest
import shapely

from assainissement.models import Troncon
from assainissement.regles.tables import raepa
from assainissement.reseau import ecriture, exports
from tests.assainissement import fabrique_reseau as f
from tests.assainissement.fabrique_anc import acteur
from tests.personnes import INSEE

C, OUV, A, R = raepa.CANALISATIONS, raepa.OUVRAGES, raepa.APPAREILLAGES, raepa.REPARATIONS


def _complet(couche, rang):
    """A record of a layer with every field of the standard filled, a code of its list in each coded one."""
    import random

    tirage = random.Random(f"{couche}{rang}")
    valeurs = {}
    for champ in (c.nom for c in raepa.COUCHES[couche]):
        if champ in raepa.LISTES:
            valeurs[champ] = tirage.choice(sorted(raepa.LISTES[champ]))
        elif champ in raepa.ENTIERS:
            valeurs[champ] = 1 + tirage.randrange(500)
        elif champ in raepa.NOMBRES:
            valeurs[champ] = round(10 + 90 * tirage.random(), 6)
        elif champ in raepa.ANNEES:
            valeurs[champ] = str(1950 + tirage.randrange(70))
        elif champ in raepa.DATES:
            valeurs[champ] = f"20{10 + rang}-02-{28 + (rang % 4 == 2)}"
        else:
            valeurs[champ] = f"{champ} é{rang}"
    if couche in (OUV, A) and rang == 1:
        nom = "FNOUVASS" if couche == OUV else "FNAPPASS"
        valeurs[nom] = f"{valeurs[nom]}-02"
    return valeurs


def _stockees():
    """All that the network holds, but for keys and dates of writing."""
    from assainissement.models.reseau import MODELES

    autres = {"id", "cree_par_import_id", "import_raepa_id", "import_ligne", "cree_le", "modifie_le",
              "attributs_source"}  # fmt: skip
    return {
        couche: [
            {c: (v.hex if c == "geom" else v) for c, v in ligne.items() if c not in autres}
            for ligne in modele._default_manager.order_by("identifiant").values()
        ]
        for couche, modele in MODELES.items()
    }


@pytest.mark.parametrize("format_", ["gpkg", "shp"])
def test_l_export_lu_par_gdal_revient_sans_difference(dessin, format_):
    couches = {
        couche: [
            (
                _complet(couche, rang),
                (
                    shapely.LineString([(f.X0, f.Y0 + rang, 98.5), (f.X0 + 30.125, f.Y0 + rang, 97.25)])
                    if couche == C
                    else shapely.Point(f.X0 + 5.001, f.Y0 + rang, 101.5)
                ).wkb,
            )
            for rang in range(3)
        ]
        for couche in raepa.COUCHES
    }
    # One record with nothing but what it must have.
    couches[C].append(({"IDCANA": "nu", "TYPRESEAU": "03"}, f.canalisation("", (0, 9), (9, 9))[1]))
    recu = f.importer(f.fichier(dessin, couches))
    assert recu.bilan["rejetes"] == 0, recu.bilan["anomalies"]
    extension = "zip" if format_ == "shp" else "gpkg"
    sortie = dessin / f"sortie.{extension}"
    assert exports.ecrire(sortie, [INSEE], format_) == {C: 4, OUV: 3, A: 3, R: 3}

    # Read by GDAL: names and order of the standard, its codes as texts, its dates, places and heights.
    for couche, attendus in couches.items():
        chemin = f"/vsizip/{sortie}/{couche}.shp" if format_ == "shp" else str(sortie)
        meta, _, formes, colonnes = pyogrio.raw.read(chemin, layer=couche, datetime_as_string=True)
        noms = [str(n) for n in meta["fields"]]
        assert noms == [c.nom for c in raepa.COUCHES[couche]]
        assert "2154" in str(meta["crs"])
        lus = {
            ligne[noms[0]]: (ligne, wkb)
            for wkb, *valeurs in zip(formes, *colonnes, strict=True)
            if (ligne := dict(zip(noms, valeurs, strict=True)))
        }
        assert set(lus) == {v[noms[0]] for v, _ in attendus}
        for valeurs, wkb in attendus:
            ligne, forme = lus[valeurs[noms[0]]]
            assert shapely.to_wkt(shapely.from_wkb(forme), 6) == shapely.to_wkt(shapely.from_wkb(wkb), 6)
            place = shapely.from_wkb(wkb)
            for champ in noms:
                lu, voulu = ligne[champ], valeurs.get(champ)
                if champ in ("X", "Y"):
                    voulu = getattr(place, champ.lower())
                if champ in raepa.DATES:
                    lu, voulu = str(lu or "")[:10].replace("/", "-"), voulu or ""
                if isinstance(voulu, float):
                    assert lu == pytest.approx(voulu, abs=1e-9), champ
                elif voulu is None:
                    assert lu is None or lu == "" or lu != lu, champ
                else:
                    assert lu == voulu, (couche, champ)

    # Back over the network: nothing changes. Back into an empty one: the same rows.
    avant = _stockees()
    retour = f.importer(io.BytesIO(sortie.read_bytes()), sortie.name)
    assert {(e["crees"], e["modifies"]) for e in retour.bilan["effets"].values()} == {(0, 0)}
    assert set(retour.bilan["effets"]) == set(raepa.COUCHES)
    for i in (retour, recu):
        ecriture.annuler(i, acteur())
    assert not Troncon.objects.exists()
    f.importer(io.BytesIO(sortie.read_bytes()), sortie.name)
    assert _stockees() == avant


@pytest.mark.filterwarnings("ignore:Value .* has been truncated")
def test_un_texte_qu_un_shapefile_coupe_est_nomme(dessin):
    import zipfile

    long = "É" * 200
    f.importer(f.fichier(dessin, {C: [f.canalisation("A", (0, 0), (9, 0), SOURMAJ=long)]}))
    sortie = dessin / "sortie.zip"
    exports.ecrire(sortie, [INSEE], "shp")
    with zipfile.ZipFile(sortie) as z:
        assert f"{C} A : SOURMAJ" in z.read("LISEZMOI.txt").decode("utf-8-sig")
    # And the file is read back all the same.
    assert f.controler(io.BytesIO(sortie.read_bytes()), "r.zip").etat == "controle"
