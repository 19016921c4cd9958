"""Only ``/carte/integree/`` may be framed, and only by the sites listed."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from gis_data.carte.origines import normaliser_origine
from gis_data.models import SiteEncadrant


def encadrants(reponse) -> str:
    politique = dict(d.strip().partition(" ")[::2] for d in reponse["Content-Security-Policy"].split(";"))
    return politique["frame-ancestors"]


def test_seule_la_carte_integree_peut_etre_encadree(client, plan):
    page = client.get("/carte/")
    assert page["X-Frame-Options"] == "DENY"
    assert encadrants(page) == "'none'"
    integree = client.get("/carte/integree/")
    assert "X-Frame-Options" not in integree
    assert encadrants(integree) == "'self'"
    assert "default-src 'self'" in integree["Content-Security-Policy"]
    assert "entete" not in integree.content.decode()
    # The other pages refuse the frame: links must leave it.
    assert '<base target="_blank">' in integree.content.decode()


def test_les_sites_listes_et_eux_seuls_l_encadrent(client, plan, settings):
    settings.CARTE_SITES_ENCADRANTS = ["https://mairie.exemple.fr"]
    SiteEncadrant.objects.create(origine="https://blog.exemple.fr")
    assert encadrants(client.get("/carte/integree/")) == (
        "'self' https://mairie.exemple.fr https://blog.exemple.fr"
    )
    assert encadrants(client.get("/carte/")) == "'none'"
    SiteEncadrant.objects.all().delete()
    assert "blog" not in encadrants(client.get("/carte/integree/"))


@pytest.mark.parametrize(
    ("ecrit", "lu"),
    [
        ("https://www.exemple.fr", "https://www.exemple.fr"),
        ("www.exemple.fr", "https://www.exemple.fr"),
        (" HTTPS://Www.Exemple.FR/ ", "https://www.exemple.fr"),
        ("https://*.exemple.fr", "https://*.exemple.fr"),
        ("https://exemple.fr:8443", "https://exemple.fr:8443"),
        ("https://exemple.fr:443", "https://exemple.fr"),
        ("https://métropole.exemple.fr", "https://xn--mtropole-b1a.exemple.fr"),
        ("http://localhost:3000", "http://localhost:3000"),
    ],
)
def test_une_origine_s_ecrit_comme_les_navigateurs_la_comparent(ecrit, lu):
    assert normaliser_origine(ecrit) == lu


@pytest.mark.parametrize(
    "ecrit",
    [
        "",
        "*",
        "https://*",
        "https://*.fr",
        "http://exemple.fr",
        "ftp://exemple.fr",
        "https://exemple.fr/page",
        "https://exemple",
        "https://exemple.fr:0",
        "https://exemple.fr:70000",
        "https://a.fr; script-src *",
        "https://a.fr 'unsafe-inline'",
        "javascript:alert(1)",
        f"https://{'a' * 60}.{'b' * 60}.{'c' * 60}.{'d' * 60}.fr",
    ],
)
def test_une_origine_douteuse_est_refusee_avec_des_mots(ecrit):
    with pytest.raises(ValidationError) as refus:
        normaliser_origine(ecrit)
    assert "site" in refus.value.message


def test_la_base_refuse_ce_qui_finirait_l_entete(db):
    with pytest.raises(IntegrityError):
        SiteEncadrant.objects.create(origine="https://a.fr; script-src *")


def test_le_formulaire_range_l_origine(db):
    site = SiteEncadrant(origine="Www.Exemple.fr")
    site.full_clean()
    assert site.origine == "https://www.exemple.fr"
