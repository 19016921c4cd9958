"""Rich text: closed tags, a stable form, nothing lost."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mairie.courriers import typographie
from mairie.courriers.texte import (
    BLOCS,
    EN_LIGNE,
    TEXTE_MAX,
    TexteTropLong,
    contenu,
    depuis_texte,
    lire,
    nettoyer,
)

CAS = {
    "texte nu": ("bonjour <b>vous</b>", "<p>bonjour <strong>vous</strong></p>"),
    "script": ("<p>a<script>alert(1)</script></p>", "<p>a</p>"),
    "gestionnaire": ('<p onclick="x()" style="color:red">a</p>', "<p>a</p>"),
    "classe permise": ('<p class="droite x">a</p>', '<p class="droite">a</p>'),
    "lien": ('<a href="javascript:x">a</a>', "<p>a</p>"),
    "blocs imbriqués": ("<div>un<div>deux</div>trois</div>", "<p>un</p><p>deux</p><p>trois</p>"),
    "paragraphes vides": ("<p>a<br></p><p></p><p><br></p>", "<p>a</p>"),
    "bloc dans une graisse": ("<p>a<b>b<p>c</p></b></p>", "<p>a<strong>b</strong></p><p><strong>c</strong></p>"),  # noqa: E501
    "liste mal écrite": (
        "<ul>a<li>b</li><ul><li>c</li></ul></ul>",
        "<ul><li>a</li><li>b</li><li><ul><li>c</li></ul></li></ul>",
    ),
    "élément sans liste": ("<li>a</li>", "<p>a</p>"),
    "titres": ("<h1>T</h1><h6>t</h6>", "<h2>T</h2><h3>t</h3>"),
    "signes": ("<p>1 &lt; 2 &amp; 3</p>", "<p>1 &lt; 2 &amp; 3</p>"),
    "commentaire": ("<p>a<!-- secret --></p>", "<p>a</p>"),
    "image du disque": ('<img src="file:///etc/passwd" alt="x">', ""),
    "image d'ailleurs": ('<p>a<img src="https://exemple.invalid/a.png"></p>', "<p>a</p>"),
    "image du dossier": ('<img src="piece:12" alt="a>b">', '<p><img alt="a&gt;b" src="piece:12"></p>'),
    "tableau": (
        "<table><tr><td colspan=2>a<td><p>b</p><p>c</p></table>",
        '<table><tbody><tr><td colspan="2">a</td><td><p>b</p><p>c</p></td></tr></tbody></table>',
    ),
    "espaces insécables": ("<p>a&nbsp; b\u00a0: c</p>", "<p>a b : c</p>"),
    "cadre": ('<iframe src="//x">a</iframe><object data="x">b</object>c', "<p>c</p>"),
}  # fmt: skip


@pytest.mark.parametrize(("ecrit", "garde"), CAS.values(), ids=CAS)
def test_ce_qui_est_garde(ecrit, garde):
    assert nettoyer(ecrit) == garde


morceaux = st.lists(
    st.one_of(
        st.sampled_from([f"<{b}>" for b in sorted(BLOCS | EN_LIGNE | {"div", "b", "script", "svg", "a"})]),
        st.sampled_from([f"</{b}>" for b in sorted(BLOCS | EN_LIGNE | {"div", "b", "script"})]),
        st.text(alphabet="ab <>&\"'é[]\n\0", max_size=6),
    ),
    max_size=25,
).map("".join)


@given(morceaux)
def test_la_forme_gardee_est_stable_et_fermee(html):
    une_fois = nettoyer(html)
    assert nettoyer(une_fois) == une_fois
    assert set(re.findall(r"</?([a-z0-9]+)", une_fois)) <= BLOCS | EN_LIGNE
    assert "script" not in une_fois and "\0" not in une_fois


@given(st.text(alphabet="ab é<>&\n", max_size=60))
def test_un_texte_tape_sans_javascript_ne_perd_aucun_mot(texte):
    mots = "".join(texte.split())
    garde = "".join("".join(contenu(n) for n in lire(depuis_texte(texte))).split())
    assert garde == mots


def test_une_ligne_vide_separe_les_paragraphes():
    assert nettoyer(depuis_texte("Un\r\ndeux\r\n\r\ntrois")) == "<p>Un<br>deux</p><p>trois</p>"


def test_un_texte_demesure_est_refuse():
    with pytest.raises(TexteTropLong, match="200000 signes"):
        lire("x" * (TEXTE_MAX + 1))


@pytest.mark.parametrize(
    ("ecrit", "imprime"),
    [
        ("Oui ; non : peut-être !", "Oui\u00a0; non\u00a0: peut-être\u00a0!"),
        ("« mot »", "«\u00a0mot\u00a0»"),
        ("1 234 567 €", "1\u00a0234\u00a0567\u00a0€"),
        ("12 m de haut, 3 mois", "12\u00a0m de haut, 3\u00a0mois"),
        ("art. L. 2122-1, n° 12", "art.\u00a0L.\u00a02122-1, n°\u00a012"),
        ("en 2026 124 dossiers", "en 2026\u00a0124 dossiers"),
        ("Bonjour madame", "Bonjour madame"),
    ],
)
def test_les_espaces_insecables(ecrit, imprime):
    assert typographie.francaise(ecrit) == imprime


@given(st.text(alphabet="a1 :;!?«»%€°nm", max_size=40))
def test_la_typographie_ne_change_que_des_espaces(texte):
    assert "".join(typographie.francaise(texte).split()) == "".join(texte.split())
