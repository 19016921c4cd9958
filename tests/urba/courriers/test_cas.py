"""Each shipped letter on a request where it applies: nothing is missing, nothing is printed raw."""

from __future__ import annotations

import re
from datetime import date
from html import unescape

import pytest

from mairie import consultations
from mairie.courriers import services
from mairie.models import ServiceConsulte
from mairie.references import charger
from tests.personnes import INSEE, agent
from tests.urba.courriers.fabrique import maire
from urba.courriers.cas import CAS, Atelier
from urba.courriers.catalogue import LETTRES

JOUR = date(2026, 11, 27)


@pytest.fixture
def atelier(aller):
    aller(JOUR)
    if not ServiceConsulte.objects.exists():
        charger()
    redacteur = agent("urba.guichet", "urba.instructeur", "urba.chef", email="cas@exemple.invalid")
    return Atelier(INSEE, "AB 1, AB 2", redacteur, maire(), JOUR, list(consultations.services("urba", INSEE)))


def lire(html: str) -> str:
    """Text of a composed page, on one line."""
    corps = re.sub(r"(?s)<(style|svg)\b.*?</\1>", " ", html)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", corps)).split())


def test_chaque_lettre_a_son_cas():
    assert {c.lettre for c in CAS} == {x.code for x in LETTRES}


def test_chaque_lettre_se_compose_sur_son_cas_sans_rien_d_absent_ni_de_brut(atelier):
    textes = {}
    for cas in CAS:
        c = atelier.ecrire(cas)
        compose = services.composer(c)
        assert services.manques(c, compose) == [], cas.cle
        textes[cas.cle] = texte = lire(compose.html)
        brut = re.search(r"None|True|False|\[\w+\]|\[si |\[fin\]|<|jusqu'au [,.;]|\b(le|du) [,.;]", texte)
        assert brut is None, f"{cas.cle} : {texte[max(brut.start() - 60, 0) : brut.end() + 20]}"
        assert "un prorogation" not in texte and "un transfert" not in texte, cas.cle
    # A date that the applicant reads, where each rule gives it: deposit, delay, withdrawal.
    assert (
        "la prorogation du permis de construire est acquise tacitement"
        in textes["certificat_tacite-prorogation"]
    )
    assert "article L. 242-1 du code des relations" in textes["certificat_tacite-transfert"]
    assert "article L. 424-5" in textes["certificat_tacite"] and "trois ans" in textes["certificat_tacite"]
    assert "trois ans" not in textes["certificat_tacite-prorogation"]
    assert "L'ancien titulaire redevient celui du permis." in textes["retrait-transfert"]
    assert "ne sont pas conformes" in textes["pv_recolement"]
    assert "ne sont pas conformes" not in textes["pv_recolement-conforme"]
    assert "Les eaux pluviales sont infiltrées sur le terrain" in textes["pv_recolement"]
    assert "Surface à démolir" in textes["panneau-demolir"]
    assert "hauteur depuis le sol" not in textes["panneau-demolir"]
