"""Merge: the closed grammar, its faults with their place, values escaped."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ImproperlyConfigured

from mairie.courriers import champs as registre
from mairie.courriers.champs import (
    BlocFusion,
    ChampFusion,
    ContexteFusion,
    Illustration,
    ImageFusion,
    en_texte,
    valeur_gelee,
)
from mairie.courriers.fusion import analyser, fusionner, fusionner_ligne, verifier_ligne

CHAMPS = {
    c.code: c
    for c in (
        ChampFusion("numero", "Numéro", "PC 1", lambda d: d["numero"]),
        ChampFusion("mandataire", "Mandataire", "", lambda d: d.get("mandataire"), facultatif=True),
        ChampFusion("pieces", "Pièces", ["plan"], lambda d: d["pieces"]),
        BlocFusion("avis", "Avis", {"service": "Service", "sens": "Avis"}, [], lambda d: d["avis"], facultatif=True),  # noqa: E501
        ImageFusion("plan", "Plan", lambda d: None),
    )
}  # fmt: skip
VALEURS = {
    "numero": "PC 25 <999> & 1",
    "mandataire": "",
    "pieces": ["plan", "photo", "notice"],
    "avis": [{"service": "Voirie", "sens": "favorable"}, {"service": "ABF", "sens": ""}],
    "plan": Illustration("image/svg+xml", b"<svg/>", 'Plan « AB 1 " »', 140, 112, "Extrait au 1/500"),
}


def fondre(texte: str, **autres) -> str:
    return fusionner(texte, CHAMPS, {**VALEURS, **autres}.get).html


def fautes(texte: str) -> list[str]:
    return [str(f) for f in analyser(texte, CHAMPS).fautes]


def test_une_valeur_est_echappee():
    assert fondre("<p>Dossier [numero].</p>") == "<p>Dossier PC 25 &lt;999&gt; &amp; 1.</p>"


def test_une_valeur_n_est_jamais_relue_comme_un_champ():
    assert fondre("<p>a [numero]</p>", numero="[mandataire] {{ 7 * 7 }} {% x %}") == (
        "<p>a [mandataire] {{ 7 * 7 }} {% x %}</p>"
    )


def test_une_liste_dans_la_phrase_ou_seule():
    assert fondre("<p>Il manque [pieces].</p>") == "<p>Il manque plan, photo et notice.</p>"
    assert fondre("<p>[pieces]</p>") == "<ul><li>plan</li><li>photo</li><li>notice</li></ul>"


def test_les_lignes_d_une_valeur_sont_gardees():
    assert fondre("<p>x [numero]</p>", numero="1 rue\n25999 Ville") == "<p>x 1 rue<br>25999 Ville</p>"


def test_un_champ_obligatoire_vide_est_liste_un_facultatif_disparait():
    fusion = fusionner("<p>Dossier [numero]</p><p>[mandataire]</p>", CHAMPS, {**VALEURS, "numero": ""}.get)
    assert fusion.html == '<p>Dossier <mark class="manquant">[numero]</mark></p>'
    assert fusion.manquants == ["numero"]


def test_si_sinon_dans_une_phrase():
    texte = "<p>Un [si mandataire]avec [mandataire][sinon]sans[fin] fin</p>"
    assert fondre(texte) == "<p>Un sans fin</p>"
    assert fondre(texte, mandataire="Me X") == "<p>Un avec Me X fin</p>"


def test_si_entre_paragraphes_et_si_non():
    texte = "<p>[si avis]</p><p>Avis :</p><ul><li>a</li></ul><p><strong>[fin]</strong></p><p>[si non avis]</p><p>Aucun</p><p>[fin]</p>"  # noqa: E501
    assert fondre(texte) == "<p>Avis :</p><ul><li>a</li></ul>"
    assert fondre(texte, avis=[]) == "<p>Aucun</p>"


def test_un_passage_qui_manque_ne_reclame_pas_ses_champs():
    fusion = fusionner(
        "<p>[si mandataire][numero][fin]fin</p>", CHAMPS, {**VALEURS, "mandataire": "", "numero": ""}.get
    )
    assert (fusion.html, fusion.manquants) == ("<p>fin</p>", [])


def test_chaque_repete_paragraphes_et_points_de_liste():
    texte = "<ul><li>[chaque avis]</li><li>[avis.service] : [avis.sens]</li><li>[fin]</li></ul>"
    assert fondre(texte) == "<ul><li>Voirie : favorable</li><li>ABF : </li></ul>"
    imbrique = "<p>[chaque avis][avis.service][si mandataire]![fin];[fin]</p>"
    assert fondre(imbrique, mandataire="x") == "<p>Voirie!;ABF!;</p>"
    assert fondre(texte, avis=[]) == ""


def test_un_tableau():
    assert fondre("<p>[tableau:avis]</p>") == (
        '<table><thead><tr><th scope="col">Service</th><th scope="col">Avis</th></tr></thead>'
        "<tbody><tr><td>Voirie</td><td>favorable</td></tr><tr><td>ABF</td><td></td></tr></tbody></table>"
    )
    assert fondre("<p>[tableau:avis]</p>", avis=[]) == ""


def test_une_image():
    fusion = fusionner("<p>[plan]</p>", CHAMPS, VALEURS.get)
    assert fusion.images == ["plan"]
    assert 'src="lettre:plan"' in fusion.html and "width:140mm;height:112mm" in fusion.html
    assert (
        'alt="Plan « AB 1 &quot; »"' in fusion.html
        and "<figcaption>Extrait au 1/500</figcaption>" in fusion.html
    )


def test_des_crochets_ordinaires_restent():
    assert fondre("<p>[[numero]] […] [1] [ ]</p>") == "<p>[numero] […] [1] [ ]</p>"
    assert fautes("<p>[[numero]] […] [1]</p>") == []


FAUTES = {
    "inconnu et le plus proche": ("<p>a</p><p>Le [numro] du</p>", "Paragraphe 2 « Le [numro] du » : Le champ « [numro] » n'existe pas. Vouliez-vous « [numero] » ?"),  # noqa: E501
    "inconnu sans proche": ("<p>x [zzzzzz]</p>", "n'existe pas."),
    "majuscules": ("<p>[Numero]</p>", "Vouliez-vous « [numero] »"),
    "inconnu seul": ("<p>[numro]</p>", "n'existe pas"),
    "condition inconnue": ("<p>[si zorglub]a[fin]</p>", "« [zorglub] » n'existe pas"),
    "si sans fin": ("<p>[si avis]</p><p>a</p>", "n'a pas de « [fin] »"),
    "fin sans si": ("<p>a[fin]</p>", "« [fin] » sans"),
    "sinon seul": ("<p>a[sinon]b</p>", "« [sinon] » sans"),
    "deux sinon": ("<p>[si avis]a[sinon]b[sinon]c[fin]</p>", "« [sinon] » sans"),
    "sinon dans chaque": ("<p>[chaque avis]a[sinon]b[fin]</p>", "« [sinon] » sans"),
    "à cheval": ("<p>[si avis] a</p><p>b [fin]</p>", "n'a pas de « [fin] »"),
    "à cheval sur une graisse": ("<p><strong>[si avis]a</strong>b[fin]</p>", "n'a pas de « [fin] »"),
    "liste en valeur": ("<p>a [avis]</p>", "écrivez « [tableau:avis] »"),
    "tableau dans la phrase": ("<p>a [tableau:avis]</p>", "seul dans son paragraphe"),
    "tableau d'un champ": ("<p>[tableau:numero]</p>", "« numero » n'est pas une liste"),
    "chaque d'un champ": ("<p>[chaque numero]a[fin]</p>", "« numero » n'est pas une liste"),
    "colonne inconnue": ("<p>[chaque avis][avis.date][fin]</p>", "colonne inconnue (service, sens)"),
    "image dans la phrase": ("<p>voir [plan]</p>", "seule dans son paragraphe"),
}  # fmt: skip


@pytest.mark.parametrize(("texte", "dit"), FAUTES.values(), ids=FAUTES)
def test_les_fautes_disent_ou_et_quoi(texte, dit):
    trouvees = fautes(texte)
    assert len(trouvees) >= 1 and dit in trouvees[0]
    assert trouvees == list(dict.fromkeys(trouvees))


def test_une_colonne_hors_de_sa_liste_est_refusee():
    assert "hors de « [chaque avis] »" in fautes("<p>a [avis.service]</p>")[0]


def test_toutes_les_fautes_d_un_coup():
    assert len(fautes("<p>[a1]</p><p>[b1] et [c1]</p>")) == 3


def test_l_objet():
    assert verifier_ligne("Dossier [numero]", CHAMPS) == []
    assert len(verifier_ligne("[si avis]x[fin]", CHAMPS)) >= 1
    assert "n'existe pas" in str(verifier_ligne("[numro]", CHAMPS)[0])
    assert fusionner_ligne("Dossier  [numero] & [mandataire]", CHAMPS, VALEURS.get) == (
        "Dossier PC 25 <999> & 1 &",
        [],
    )
    assert fusionner_ligne("D [numero]", CHAMPS, {}.get) == ("D", ["numero"])


@pytest.mark.parametrize(
    ("valeur", "texte"),
    [
        (None, ""),
        (True, "oui"),
        (date(2026, 3, 1), "1er mars 2026"),
        (date(2026, 3, 12), "12 mars 2026"),
        (datetime(2026, 7, 14, 9, 5, tzinfo=ZoneInfo("UTC")), "14 juillet 2026 à 11 h 05"),
        (Decimal("1234.50"), "1\u202f234,50"),
        (12345, "12\u202f345"),
        ("  x ", "x"),
    ],
)
def test_les_valeurs_en_francais(valeur, texte):
    assert en_texte(valeur).replace("\u00a0", "\u202f") == texte


def test_les_valeurs_sont_gelees_en_json():
    dossier = {"numero": "1", "pieces": ["a", None, ""], "avis": [{"service": "V", "autre": 1}]}
    contexte = ContexteFusion(dossier, date(2026, 3, 1))
    assert valeur_gelee(CHAMPS["pieces"], contexte) == ["a"]
    assert valeur_gelee(CHAMPS["avis"], contexte) == [{"service": "V", "sens": ""}]
    de_lettre = ChampFusion("jour", "Jour", "", lambda c: c.jour, de_la_lettre=True)
    assert valeur_gelee(de_lettre, contexte) == "1er mars 2026"


@pytest.mark.parametrize("code", ["fin", "Numero", "a-b", "1a", ""])
def test_un_code_de_champ_invalide_est_refuse(code):
    with pytest.raises(ImproperlyConfigured):
        registre.declarer("essai", ChampFusion(code, "x", "", str))


def test_un_code_ne_se_prend_pas_deux_fois(monkeypatch):
    monkeypatch.setattr(registre, "_champs", {})
    champ = ChampFusion("numero", "Numéro", "", str)
    registre.declarer("essai", champ)
    registre.declarer("essai", champ)
    with pytest.raises(ImproperlyConfigured):
        registre.declarer("essai", ChampFusion("numero", "Autre", "", str))
    registre.declarer(registre.COMMUN, ChampFusion("jour", "Jour", "", str))
    with pytest.raises(ImproperlyConfigured):
        registre.declarer("essai", ChampFusion("jour", "Autre", "", str))
    assert list(registre.champs_de("essai")) == ["numero", "jour"]
