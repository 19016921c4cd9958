"""Cells drawn by hand say what their templates say, letter for letter, and escape as they do."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string

from mairie.ecrans.dessin import rangee, valeur
from mairie.ecrans.valeurs import Ton

ETAPES = (
    SimpleNamespace(nom="Délai", article="R. 423-23", resultat="2 mois & <b>"),
    SimpleNamespace(nom="Limite", article="", resultat="1 + 1 = 2"),
)


def lisse(html: str) -> str:
    """Spaces between marks are nothing."""
    return re.sub(r">\s+|\s+<", lambda m: m[0].strip(), html).strip()


@pytest.mark.parametrize("sans_lien", [False, True])
@pytest.mark.parametrize(
    ("texte", "ton", "lien", "etapes"),
    [
        ("Jeanne <i>", None, "", ()),
        ("", None, "", ()),
        ("PC 1", None, '/urba/?a=1&b="2"', ()),
        ("12 mars 2026", None, "", ETAPES),
        ("", None, "", ETAPES),
        ("en cours", Ton("en cours", "info"), "/x/", ()),
        ("signé", Ton("signé", "bientot", "bi-pen"), "", ETAPES),
    ],
)
def test_une_cellule_dit_ce_que_dit_son_gabarit(texte, ton, lien, etapes, sans_lien):
    cellule = SimpleNamespace(texte=texte, ton=ton, lien=lien, pourquoi=etapes)
    attendu = render_to_string("mairie/ecrans/_valeur.html", {"c": cellule, "sans_lien": sans_lien})
    assert lisse(valeur(texte, ton, lien, etapes, sans_lien=sans_lien)) == lisse(attendu)


def test_la_premiere_cellule_est_la_tete_de_sa_ligne_et_ouvre_sa_page():
    def une(texte, lien=""):
        champ = SimpleNamespace(nature="texte", titre="Nom & <prénom>")
        return SimpleNamespace(champ=champ, texte=texte, ton=None, lien=lien, pourquoi=())

    attributs = 'class="nature-texte" data-titre="Nom &amp; &lt;prénom&gt;"'
    assert rangee([une("A", "/x/"), une("B", "/x/")], "/a/?b=1&c=2").split("\n") == [
        f'<th scope="row" {attributs}><a href="/a/?b=1&amp;c=2"><span class="valeur">A</span></a></th>',
        f'<td {attributs}><a href="/x/">B</a></td>',
    ]
    assert rangee([une("A", "/x/")], "") == f'<th scope="row" {attributs}><a href="/x/">A</a></th>'
