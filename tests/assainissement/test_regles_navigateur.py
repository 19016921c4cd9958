"""The rules of the phone form are those of the server: same text of the table, same answers (spec §9.1)."""

from __future__ import annotations

import json
import random
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

from assainissement.regles import observations
from assainissement.regles.classement import classer_anc
from assainissement.regles.en_javascript import FICHIER, module
from assainissement.regles.observations import Reponse
from assainissement.regles.tables import anc
from assainissement.regles.tables.natures import EXISTANT
from assainissement.regles.tables.points import POINTS, REPONSES
from mairie.lecture_json import ErreurSaisie
from tests.appels import vecteurs

RACINE = Path(__file__).resolve().parents[2]
# Read by node from standard input: {cas: [...], saisies: [...]}.
PROGRAMME = f"""
import {{ casDe, classer }} from {json.dumps(str(RACINE / "static/js/assainissement/classement.js"))};
const {{ cas, saisies }} = JSON.parse(await new Response(process.stdin).text());
function repondre(un) {{
  try {{ return classer(un); }} catch (e) {{ return {{ erreur: e.champ ?? String(e) }}; }}
}}
console.log(JSON.stringify({{
  reponses: cas.map(repondre),
  cas: saisies.map((s) => casDe(s.nature, s.reponses, s.nombres, s.vente)),
}}));
"""


def par_node(cas: list[Any], saisies: list[Any]) -> dict[str, Any]:
    fin = subprocess.run(
        ["node", "--input-type=module", "-e", PROGRAMME],
        input=json.dumps({"cas": cas, "saisies": saisies}),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert fin.returncode == 0, fin.stderr
    return json.loads(fin.stdout)


def par_python(cas: Any) -> dict[str, Any]:
    try:
        reponse = classer_anc(cas)
    except ErreurSaisie as e:
        return {"erreur": e.champ}
    reponse.pop("explication")
    return reponse


def au_hasard(hasard: random.Random) -> dict[str, Any]:
    """A case of the form or nearly: facts, figures on either side of each threshold, faults of entry."""
    cas: dict[str, Any] = {"elements_probants": hasard.random() < 0.9}
    for code in anc.CODES_FAITS:
        tire = hasard.random()
        if tire < 0.25:
            cas[code] = True
        elif tire < 0.35:
            cas[code] = None
        elif tire < 0.5:
            cas[code] = False
    if hasard.random() < 0.8:
        cas["nature"] = hasard.choice([*anc.NATURES, "conception_neuf", 3])
    if hasard.random() < 0.3:
        cas["vente"] = hasard.choice([True, False, None, "oui"])
    for champ, valeurs in (
        ("nb_plaintes_tiers", [0, 1, 2, 9999, 10000, -1, "1"]),
        ("distance_puits_m", ["0", "34.99", "35", "35.0", 40, "-1", "1e3", "12,5"]),
        ("capacite_eh", ["0", "2", "2.5", "2.50", "5", 6, "1000000000000000", "x"]),
        ("charge_eh", ["4", "5", "5.0", "4.999", 10, "0", True]),
    ):
        if hasard.random() < 0.4:
            # Mostly values that the form can send; the last ones are faults.
            justes = valeurs[: max(3, len(valeurs) - 3)]
            cas[champ] = hasard.choice(valeurs if hasard.random() < 0.2 else justes)
    if hasard.random() < 0.03:
        cas["inconnu"] = 1
    return cas


def saisie_au_hasard(hasard: random.Random) -> dict[str, Any]:
    nature = hasard.choice(EXISTANT)
    return {
        "nature": nature,
        "vente": nature == "vente" or hasard.random() < 0.2,
        "reponses": [
            {"fait": p.fait, "attendue": p.reponse, "valeur": hasard.choice(["", *REPONSES])}
            for p in POINTS.values()
            if nature in p.natures and hasard.random() < 0.8
        ],
        "nombres": {
            code: hasard.choice(["", "3", "4.5"]) for code in ("distance_puits_m", "capacite_eh", "charge_eh")
        },
    }


def test_le_module_du_navigateur_est_celui_de_la_table():
    assert (RACINE / FICHIER).read_text(encoding="utf-8") == module(), "manage.py generer_regles_navigateur"


def test_le_navigateur_conclut_comme_le_serveur():
    hasard = random.Random(27_04_2012)
    exemples = [
        json.loads(json.dumps(v["entree"]), parse_float=str)
        for v in vecteurs("assainissement")
        if v["commande"] == "classer_anc"
    ]
    assert len(exemples) >= 15
    cas = [*exemples, *(au_hasard(hasard) for _ in range(3000)), [], None, "x", 4]
    saisies = [saisie_au_hasard(hasard) for _ in range(500)]
    obtenu = par_node(cas, saisies)
    regles: set[str] = set()
    for un, reponse in zip(cas, obtenu["reponses"], strict=True):
        attendu = par_python(un)
        regles.add(attendu.get("regle") or f"erreur {attendu['erreur']}")
        for propre in ("phrases", "libelle"):
            reponse.pop(propre, None)
        assert reponse == attendu, un
    # The draw meets every row and every fault that the form can make.
    assert set(anc.CODES_REGLES) <= regles
    assert {"erreur distance_puits_m", "erreur capacite_eh", "erreur charge_eh", "erreur nature"} <= regles
    for saisie, lu in zip(saisies, obtenu["cas"], strict=True):
        reponses = [Reponse(r["fait"], r["attendue"], r["valeur"]) for r in saisie["reponses"]]
        assert lu == observations.cas(saisie["nature"], reponses, saisie["nombres"], vente=saisie["vente"])


def test_la_moitie_de_la_charge_se_compare_sans_virgule_flottante():
    juste, dessus = ("0.15", "0.3"), ("0.15000000000000000001", "0.3")
    cas = [{"elements_probants": True, "capacite_eh": a, "charge_eh": b} for a, b in (juste, dessus)]
    assert [r["regle"] for r in par_node(cas, [])["reponses"]] == ["R4", "R6"]
    assert Decimal(juste[0]) * 2 == Decimal(juste[1])
