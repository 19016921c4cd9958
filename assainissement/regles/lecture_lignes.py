"""The classification read row by row: each row of the table true or false, and the one that decides. Pure."""

from __future__ import annotations

from typing import Any

from assainissement.regles.classement import CHAMPS, classer, lire_constat
from assainissement.regles.lecture import Objet
from assainissement.regles.tables import anc


def classer_et_expliquer(cas: dict[str, Any]) -> dict[str, Any]:
    """Answer of ``classer_anc`` with ``lignes`` (rows) and ``causes`` in words; ``ErreurSaisie`` as it."""
    constat = lire_constat(Objet.ouvrir(cas, "", CHAMPS))
    resultat = classer(constat)
    decide = resultat.regle.code
    lignes = []
    passee = False
    for regle in anc.REGLES.values():
        vraie = bool(regle.condition(constat))
        lignes.append(
            {
                "regle": regle.code,
                "libelle": regle.libelle,
                "article": regle.article,
                # Rows after the deciding one are still read, so that a person sees all that holds.
                "vraie": vraie and not (regle.code == "R6" and passee),
                "decide": regle.code == decide,
            }
        )
        passee = passee or vraie
    return {
        **resultat.en_json(),
        "lignes": lignes,
        "causes": [c.libelle for c in anc.MOTIFS if c.code in resultat.motifs],
        "remarques": [c.libelle for c in anc.NOTES if c.code in resultat.notes],
    }
