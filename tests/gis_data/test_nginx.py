"""Tiles through nginx as `make install` sets it: public ones kept by version, internal ones never."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from bench.nginx import NGINX, nginx
from cadastre.models import Parcelle, VersionFeuille
from gis_data.tuiles import service
from tests.couches import couche_interne
from tests.gis_data.test_tuiles import tuile_de
from tests.personnes import agent
from tests.plan_factice import ecrire_plan

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Reponse:
    """What came back."""

    statut: int
    entetes: dict[str, str]
    corps: bytes

    @property
    def cache(self) -> str:
        """MISS, HIT, …, empty for what never passes by the cache."""
        return self.entetes.get("x-cache", "")


def lire(adresse: str, **entetes: str) -> Reponse:
    demande = urllib.request.Request(adresse, headers={n.replace("_", "-"): v for n, v in entetes.items()})
    try:
        with urllib.request.urlopen(demande, timeout=30) as r:
            return Reponse(r.status, {n.lower(): v for n, v in r.headers.items()}, r.read())
    except urllib.error.HTTPError as erreur:
        return Reponse(erreur.code, {n.lower(): v for n, v in erreur.headers.items()}, erreur.read())


@pytest.fixture
def site(live_server, tmp_path) -> str:
    """The tiny plan behind nginx."""
    assert Path(NGINX).exists(), "apt-get install nginx (make test l'installe)"
    ecrire_plan()
    with nginx(live_server.url, tmp_path) as adresse:
        yield adresse


def session_de(personne) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(personne.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = personne.get_session_auth_hash()
    session.save()
    return f"sessionid={session.session_key}"


def fichiers_gardes(dossier: Path) -> list[Path]:
    return [f for f in (dossier / "var/cache/nginx").rglob("*") if f.is_file()]


def adresse_publique(site: str, zoom: int = 17, nom: str = "plan") -> str:
    z, x, y = tuile_de(50, 20, zoom)
    return f"{site}/tuiles/{nom}/{z}/{x}/{y}.pbf?v={service.version(nom)}"


def test_une_tuile_interne_lue_par_un_agent_n_est_pas_servie_a_un_inconnu(site, tmp_path):
    with couche_interne() as nom:
        personne = agent()
        personne.is_staff = True
        personne.save()
        z, x, y = tuile_de(50, 20, 16)
        adresse = f"{site}/tuiles/{nom}/{z}/{x}/{y}.pbf"
        for suite in ("", "?v=1", "?v=abcdef"):
            sienne = lire(adresse + suite, Cookie=session_de(personne))
            assert sienne.statut == 200 and len(sienne.corps) > 100
            assert sienne.entetes["cache-control"] == "private, no-store"
            assert sienne.cache == "MISS"
            # The very same address, without the session, then with a citizen's.
            for cookie in ("", session_de(agent(email="autre@exemple.invalid"))):
                autre = lire(adresse + suite, Cookie=cookie)
                assert autre.statut == 404 and autre.cache == "MISS"
                assert sienne.corps not in autre.corps
            # And the agent again: never from the cache.
            assert lire(adresse + suite, Cookie=session_de(personne)).cache == "MISS"
    assert fichiers_gardes(tmp_path) == []


def test_une_tuile_publique_n_est_demandee_qu_une_fois_au_service(site, tmp_path):
    adresse = adresse_publique(site)
    premiere, seconde = lire(adresse), lire(adresse)
    assert (premiere.cache, seconde.cache) == ("MISS", "HIT")
    assert premiere.corps == seconde.corps and premiere.entetes["etag"] == seconde.entetes["etag"]
    assert seconde.entetes["cache-control"] == "public, max-age=31536000, immutable"
    assert len(fichiers_gardes(tmp_path)) == 1
    # The reader's account, its cookies and what it says it takes change nothing.
    agent_ = lire(adresse, Cookie=session_de(agent()), Accept_Encoding="gzip, deflate, br")
    assert agent_.cache == "HIT" and "set-cookie" not in agent_.entetes
    assert agent_.entetes["content-encoding"] == "gzip"
    assert gzip.decompress(agent_.corps) == seconde.corps
    assert len(fichiers_gardes(tmp_path)) == 1
    # What else stands in the address makes no other copy.
    assert lire(f"{adresse}&hasard=1").cache == "HIT"


def test_qui_a_deja_la_tuile_ne_la_recoit_pas_de_nouveau(site):
    adresse = adresse_publique(site)
    premiere = lire(adresse)
    assert lire(adresse, If_None_Match=premiere.entetes["etag"]).statut == 304


def test_une_nouvelle_version_n_est_pas_l_ancienne(site):
    adresse = adresse_publique(site, nom="parcelles")
    avant = lire(adresse)
    Parcelle.objects.filter(numero=3).update(contenance=4321)
    feuille = VersionFeuille.objects.get().feuille
    VersionFeuille.objects.create(
        feuille=feuille, millesime="2026-01-01", empreinte="1" * 64, crs_declare="LAMB93", epsg=2154
    )
    service.oublier_versions()
    neuve = adresse_publique(site, nom="parcelles")
    assert neuve != adresse
    apres = lire(neuve)
    assert apres.cache == "MISS" and apres.corps != avant.corps
    assert lire(adresse).corps == avant.corps


def test_sans_version_ou_avec_une_fausse_rien_n_est_garde(site, tmp_path):
    """Else anybody could fill the disk with invented versions."""
    adresse = adresse_publique(site).split("?")[0]
    for suite in ("", "?v=invente", "?v=autre"):
        for _ in range(2):
            assert lire(adresse + suite).cache == "MISS"
    assert fichiers_gardes(tmp_path) == []


def test_une_tuile_vide_se_garde_aussi(site):
    z, x, y = tuile_de(30_000, 20, 17)
    adresse = f"{site}/tuiles/plan/{z}/{x}/{y}.pbf?v={service.version('plan')}"
    assert [lire(adresse).cache for _ in range(2)] == ["MISS", "HIT"]
    assert lire(adresse).statut == 204


def test_une_tuile_hors_du_monde_n_est_pas_gardee(site, tmp_path):
    for adresse in ("parcelles/3/8/0", "parcelles/23/0/0", "parcelles/15/999999/1"):
        reponse = lire(f"{site}/tuiles/{adresse}.pbf?v={service.version('parcelles')}")
        assert reponse.statut == 404 and "n'existe pas" in reponse.corps.decode()
    assert fichiers_gardes(tmp_path) == []


def test_le_style_et_le_tilejson_ne_passent_pas_par_le_cache(site, tmp_path):
    """They say today's version: kept, they would lead to the tiles of before."""
    for adresse in ("/tuiles/style.json", "/tuiles/plan.json", "/ogc/collections", "/carte/couches.json"):
        reponse = lire(site + adresse)
        assert reponse.statut == 200 and reponse.cache == ""
    assert fichiers_gardes(tmp_path) == []
