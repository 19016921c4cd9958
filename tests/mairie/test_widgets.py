"""Widgets of the desk: by right, in the person's own order, hidden at will."""

from __future__ import annotations

import html
import re

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from mairie import widgets
from mairie.models import PreferenceEcran
from mairie.widgets import Compteur, Contenu, Widget
from tests.matrice_ecrans import livraison
from tests.personnes import AUTRE_INSEE, agent

pytestmark = pytest.mark.django_db


def un(code: str, droit: str = "mairie.lire", ordre: int = 100, nombre: int = 3) -> Widget:
    return Widget(
        code, code.title(), "bi-box", droit,
        lambda u: Contenu((Compteur(nombre, f"dans {code}", "/carte/"),)) if nombre else None, ordre,
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _a_part(monkeypatch):
    monkeypatch.setattr(widgets, "_widgets", {})


def client_de(personne) -> Client:
    client = Client()
    client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
    return client


def titres(client) -> list[str]:
    page = html.unescape(client.get("/bureau/").content.decode())
    return [
        t.strip() for t in re.findall(r'aria-hidden="true"></span> ([^<]*)</h3>\s*<a class="compteur', page)
    ]


def test_chacun_voit_ceux_de_ses_droits():
    widgets.declarer(un("b"), un("a", ordre=10), un("admin", "mairie.administrer"), un("rien", nombre=0))
    assert titres(client_de(agent("mairie.lecteur"))) == ["A", "B"]
    assert titres(client_de(agent("mairie.administrateur"))) == ["A", "Admin", "B"]


def test_chacun_range_et_masque_les_siens():
    widgets.declarer(un("a"), un("b"), un("c"))
    personne, autre = agent("mairie.lecteur"), agent("mairie.lecteur", email="autre@exemple.invalid")
    client = client_de(personne)
    for faire in ("descendre:a", "masquer:c", "monter:b"):
        assert client.post("/bureau/widgets/", {"faire": faire}).status_code == 302
    assert titres(client) == ["B", "A"]
    assert titres(client_de(autre)) == ["A", "B", "C"]
    client.post("/bureau/widgets/", {"faire": "montrer:c"})
    assert titres(client) == ["B", "A", "C"]


@pytest.mark.parametrize("faire", ["", "zut:a", "masquer:zut", "masquer:admin"])
def test_une_demande_absurde_ne_fait_rien(faire):
    widgets.declarer(un("a"), un("admin", "mairie.administrer"))
    client_de(agent("mairie.lecteur")).post("/bureau/widgets/", {"faire": faire})
    assert not PreferenceEcran.objects.exists()


def test_un_widget_en_panne_n_empeche_pas_le_bureau():
    def casse(utilisateur):
        raise RuntimeError

    widgets.declarer(un("a"), Widget("casse", "Cassé", "bi-x", "mairie.lire", casse))
    assert titres(client_de(agent("mairie.lecteur"))) == ["A"]


def test_un_code_ne_sert_qu_une_fois():
    widgets.declarer(un("a"))
    with pytest.raises(ImproperlyConfigured):
        widgets.declarer(un("a"))


def test_l_administrateur_voit_les_livraisons_en_echec_de_ses_communes():
    from mairie.ecrans_socle import WIDGET_LIVRAISONS

    personne = agent("mairie.administrateur")
    assert WIDGET_LIVRAISONS.contenu(personne) is None
    livraison(etat="echec")
    livraison(etat="echec", insee=AUTRE_INSEE)
    contenu = WIDGET_LIVRAISONS.contenu(personne)
    assert [(c.nombre, c.adresse) for c in contenu.compteurs] == [(1, "/reglages/evenements/?etat=echec")]
