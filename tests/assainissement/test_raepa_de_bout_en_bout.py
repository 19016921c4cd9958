"""§16.7 whole, by the pages: ten refused rows corrected and replayed, then water through fork and loop."""

from __future__ import annotations

import json

import pyogrio
from django.core.files.uploadedfile import SimpleUploadedFile

from assainissement.models import ImportRaepa, Ouvrage, Troncon
from assainissement.regles.tables.raepa import CANALISATIONS as C
from tests.assainissement import fabrique_reseau as f
from tests.assainissement.test_ecrans_reseau import BASE, client
from tests.personnes import INSEE

# One fault each; what it takes to correct them is written beside.
FAUTES = {
    "M0": ({"TYPRESEAU": "09"}, "CODE_INCONNU", {"TYPRESEAU": "02"}),
    "M1": ({"TYPRESEAU": None}, "OBLIGATOIRE_ABSENT", {"TYPRESEAU": "02"}),
    "M2": ({"MODECIRC": "07"}, "CODE_INCONNU", {"MODECIRC": "01"}),
    "M3": ({"BRANCHEMNT": "peut-être"}, "CODE_INCONNU", {"BRANCHEMNT": "N"}),
    "M4": ({"ANFINPOSE": "98"}, "TYPE_INVALIDE", {"ANFINPOSE": "1998"}),
    "M5": ({"CONTCANASS": "eaux"}, "CODE_INCONNU", {"CONTCANASS": "02"}),
    "M6": ({"SENSECOUL": "2"}, "CODE_INCONNU", {"SENSECOUL": "1"}),
    "M7": ({"QUALGLOCXY": "A"}, "CODE_INCONNU", {"QUALGLOCXY": "01"}),
    "A": ({}, "IDENTIFIANT_DOUBLE", {"IDCANA": "M8"}),
    "M9": ({"GEXPLOIT": "x" * 300}, "TEXTE_TROP_LONG", {"GEXPLOIT": "Régie fictive"}),
}


def _deposer(c, octets, nom="reseau.gpkg") -> ImportRaepa:
    reponse = c.post(f"{BASE}importer/", {"insee": INSEE, "fichier": SimpleUploadedFile(nom, octets)})
    assert reponse.status_code == 302
    recu: ImportRaepa = ImportRaepa.objects.latest("pk")
    assert recu.etat == "controle", recu.motif
    return recu


def test_dix_lignes_refusees_reviennent_corrigees_et_l_eau_suit_fourche_et_boucle(dessin):
    c = client("responsable")
    couches = f.dessine()
    couches[C] += [
        f.canalisation(nom, (200 + 10 * n, 0), (200 + 10 * n, 30), **champs)
        for n, (nom, (champs, _, _)) in enumerate(FAUTES.items())
    ]
    octets = f.fichier(dessin, couches).getvalue()
    recu = _deposer(c, octets)
    assert (recu.bilan["rejetes"], recu.bilan["total"]) == (10, 28)
    page = c.get(f"{recu.get_absolute_url()}?statut=rejete").content.decode()
    assert all(code in page for _, code, _ in FAUTES.values())
    c.post(recu.get_absolute_url(), {"faire": "confirmer"})
    assert Troncon.objects.count() == 9, "les bonnes, et elles seules"

    # The ten come back, each with its code; corrected as in a GIS, they are brought in as they are.
    chemin = dessin / "refuses.gpkg"
    chemin.write_bytes(b"".join(c.get(f"{recu.get_absolute_url()}rejets/").streaming_content))
    meta, _, formes, colonnes = pyogrio.raw.read(chemin, layer=C)
    noms = [str(n) for n in meta["fields"]]
    table = dict(zip(noms, colonnes, strict=True))
    assert len(formes) == 10
    for rang, nom in enumerate(table["IDCANA"]):
        _, code, juste = FAUTES[nom]
        assert code in table["ANOMALIES"][rang], nom
        for champ, valeur in juste.items():
            table[champ][rang] = valeur
    corrige = dessin / "corriges.gpkg"
    pyogrio.raw.write(
        str(corrige), formes, [table[n] for n in noms], meta["fields"], layer=C, driver="GPKG",
        geometry_type="LineString Z", crs="EPSG:2154",
    )  # fmt: skip
    for _ in range(2):
        rejoue = _deposer(c, corrige.read_bytes(), "corriges.gpkg")
        assert rejoue.bilan["rejetes"] == 0
        c.post(rejoue.get_absolute_url(), {"faire": "confirmer"})
        assert set(Troncon.objects.values_list("identifiant", flat=True)) == {*f.ARCS} | {
            f"M{n}" for n in range(10)
        }
    rejoue.refresh_from_db()
    assert rejoue.bilan["effets"][C] == {"crees": 0, "modifies": 0, "inchanges": 10}
    # The first file again: nothing changes, its ten are refused again.
    encore = _deposer(c, octets)
    c.post(encore.get_absolute_url(), {"faire": "confirmer"})
    encore.refresh_from_db()
    assert {(e["crees"], e["modifies"]) for e in encore.bilan["effets"].values()} == {(0, 0)}

    def suivies(genre, objet, sens):
        adresse = f"{BASE}suivre/{genre}/{objet.pk}/{sens}/?export=geojson"
        return sorted(x["properties"]["titre"] for x in json.loads(c.get(adresse).content)["features"])

    assert suivies("canalisations", f.troncon("G"), "amont") == ["A", "B", "G", "H", "I"], "par la fourche R2"
    assert suivies("ouvrages", Ouvrage.objects.get(identifiant="R4"), "aval") == ["D", "E", "F"], "la boucle"
