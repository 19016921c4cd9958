"""Next vintages: the comparison given is the one found again in the written sheets."""

from __future__ import annotations

import numpy as np
import pytest
import shapely

from gis_data.demo import millesimes
from gis_data.formats.edigeo.textes import nombre

from .communes import commune, objets, relues, suivante


def parcelles_lues(rang: int) -> dict[str, dict]:
    """Parcels of a vintage as the reader gives them, by idu of 14."""
    resultat = {}
    for id12, feuille in relues(rang).items():
        o = feuille.objets["PARCELLE"]
        coar = o.attributs.get("COAR", [None] * len(o))
        for i, idu in enumerate(o.attributs["IDU"]):
            resultat[id12[:2] + idu] = {
                "geom": o.geom[i],
                "contenance": nombre(o.attributs["SUPF"][i]),
                "arpentee": coar[i] == "A",
                "figuree": o.attributs["INDP"][i] != "02",
            }
    return resultat


@pytest.fixture(scope="module", params=[1, 2])
def passage(request):
    rang = request.param
    attendu = millesimes.comparer(suivante(rang), suivante(rang + 1))
    return parcelles_lues(rang), parcelles_lues(rang + 1), attendu


def test_creees_supprimees_modifiees_inchangees(passage):
    avant, apres, attendu = passage
    assert attendu["creees"] == sorted(apres.keys() - avant.keys())
    assert attendu["supprimees"] == sorted(avant.keys() - apres.keys())
    modifiees = {}
    for idu in sorted(avant.keys() & apres.keys()):
        a, b = avant[idu], apres[idu]
        champs = {c: [a[c], b[c]] for c in ("contenance", "arpentee", "figuree") if a[c] != b[c]}
        if not shapely.normalize(a["geom"]).equals_exact(shapely.normalize(b["geom"]), 0):
            champs["geometrie"] = [round(a["geom"].area, 3), round(b["geom"].area, 3)]
        if champs:
            modifiees[idu] = champs
    assert {m["idu"]: m["champs"] for m in attendu["modifiees"]} == modifiees
    assert attendu["inchangees"] == len(avant.keys() & apres.keys()) - len(modifiees)


def test_filiation_par_les_aires(passage):
    avant, apres, attendu = passage
    for lien in attendu["filiation"]:
        parent, enfant = avant[lien["parent"]]["geom"], apres[lien["enfant"]]["geom"]
        commun = shapely.intersection(parent, enfant).area
        assert lien["aire_commune_m2"] == pytest.approx(commun, abs=0.01)
        assert lien["part_parent"] == pytest.approx(commun / parent.area, abs=1e-4)
        assert lien["part_enfant"] == pytest.approx(commun / enfant.area, abs=1e-4)
        assert commun >= max(1, 0.01 * min(parent.area, enfant.area))
    couverts = {lien["enfant"] for lien in attendu["filiation"]}
    assert set(attendu["creees"]) <= couverts  # nothing is made of nothing
    for idu in attendu["creees"]:
        parts = [lien["part_enfant"] for lien in attendu["filiation"] if lien["enfant"] == idu]
        assert sum(parts) == pytest.approx(1, abs=2e-3)


def test_toutes_les_sortes_de_changement(passage):
    _, _, attendu = passage
    enfants, parents = {}, {}
    for lien in attendu["filiation"]:
        if lien["parent"] in attendu["supprimees"]:
            enfants.setdefault(lien["parent"], []).append(lien)
            parents.setdefault(lien["enfant"], []).append(lien)
    assert any(len(x) >= 2 for x in enfants.values())  # split
    assert any(len(x) == 2 for x in parents.values())  # merge
    assert any(x[0]["part_parent"] == x[0]["part_enfant"] == 1 for x in enfants.values() if len(x) == 1)
    assert any(idu not in enfants for idu in attendu["supprimees"])  # gone for good
    champs = [set(m["champs"]) for m in attendu["modifiees"]]
    assert {"contenance"} in champs and {"geometrie"} in champs
    assert any("arpentee" in c for c in champs)


def test_le_numero_d_une_parcelle_disparue_ne_revient_pas():
    disparues = set(millesimes.comparer(suivante(1), suivante(2))["supprimees"])
    assert disparues and not disparues & set(parcelles_lues(3))


def test_le_pavage_tient_et_les_liens_suivent():
    for rang in (2, 3):
        c = suivante(rang)
        assert shapely.coverage_is_valid(np.array([p.geom for p in c.parcelles]))
        idents = {p.ident for p in c.parcelles}
        assert all(i in idents for o in c.objets for _, i in o.liens)
        assert len(objets(c, "BATIMENT")) > len(objets(suivante(rang - 1), "BATIMENT"))


def test_le_premier_millesime_reste_ce_qu_il_etait():
    avant = [(o.ident, o.geom.wkb, dict(o.attributs)) for o in commune().objets]
    millesimes.evoluer(commune())
    assert [(o.ident, o.geom.wkb, dict(o.attributs)) for o in commune().objets] == avant
    assert suivante(2).millesime > commune().millesime


def test_comparaison_d_une_feuille_seule():
    avant, apres = suivante(1), suivante(2)
    entiere = millesimes.comparer(avant, apres)
    parts = [millesimes.comparer(avant, apres, code) for code in avant.feuilles]
    assert sorted(i for p in parts for i in p["creees"]) == entiere["creees"]
    assert sum(p["inchangees"] for p in parts) == entiere["inchangees"]
    assert sum(len(p["filiation"]) for p in parts) == len(entiere["filiation"])
