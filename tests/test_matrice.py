"""Every address as every role and as nobody: no hole, and no address without an example."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

import tests.matrice as matrice
from mairie import roles
from tests.personnes import agent
from tests.plan_factice import ecrire_plan

pytestmark = pytest.mark.django_db


def adresses(resolveur: URLResolver | None = None, espace: str = "") -> Iterator[tuple[str, object]]:
    """(name, view) of every address of our own: packages' namespaces are left, each for a reason."""
    for motif in (resolveur or get_resolver()).url_patterns:
        if isinstance(motif, URLResolver):
            suivant = f"{espace}{motif.namespace}:" if motif.namespace else espace
            yield from adresses(motif, suivant)
        elif isinstance(motif, URLPattern):
            vue = motif.callback
            if getattr(vue, "acces", None) or getattr(getattr(vue, "view_class", None), "acces", None):
                yield f"{espace}{motif.name or motif.pattern}", vue


def acces_de(vue: object) -> str:
    return getattr(vue, "acces", None) or getattr(vue.view_class, "acces", "")


def adresse(nom: str) -> tuple[str, matrice.Exemple]:
    ex = matrice.exemples().get(nom, matrice.Exemple())
    parametres = dict(ex.parametres)
    if ex.creer is not None:
        parametres.update(ex.creer() or {})
    try:
        return reverse(nom, kwargs=parametres) + ex.requete, ex
    except NoReverseMatch:
        pytest.fail(f"Donnez dans tests/matrice*.py un exemple de l'adresse « {nom} »")


TOUTES = sorted(adresses(), key=lambda a: a[0])


@pytest.fixture(autouse=True)
def _plan():
    ecrire_plan()


def test_la_matrice_voit_toutes_les_adresses():
    assert len(TOUTES) >= 15
    assert [nom for nom in matrice.exemples() if nom not in {n for n, _ in TOUTES}] == []


@pytest.mark.parametrize(("nom", "vue"), TOUTES, ids=[n for n, _ in TOUTES])
def test_chaque_adresse_par_chaque_role(nom, vue):
    droit = acces_de(vue)
    url, ex = adresse(nom)
    attendus = set(ex.attendu) | {200, 405}
    anonyme = Client(raise_request_exception=True).get(url)
    if droit == "public":
        assert anonyme.status_code in attendus, (url, anonyme.status_code)
        assert "/connexion/" not in anonyme.headers.get("Location", ""), url
    else:
        assert anonyme.status_code in (302, 401), (url, anonyme.status_code)
        if anonyme.status_code == 302:
            assert anonyme.headers["Location"].startswith("/connexion/"), url
    personnes = [agent()] + [agent(f"{r.metier}.{r.code}") for r in roles.roles()]
    for personne in personnes:
        client = Client()
        client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
        reponse = client.get(url)
        if droit in ("public", "connecte") or personne.has_perm(droit):
            assert reponse.status_code in attendus, (url, personne.email, reponse.status_code)
        else:
            assert reponse.status_code == 403, (url, personne.email, reponse.status_code)


def test_chaque_droit_est_donne_par_un_role_et_garde_une_vue_ou_un_service():
    """A right that nobody holds closes a page for ever."""
    donnes = {d for r in roles.roles() for d in r.droits}
    assert set(roles.droits()) - donnes == set()


def test_chaque_droit_exige_est_declare():
    exiges = {acces_de(v) for _, v in TOUTES} - {"public", "connecte"}
    assert exiges <= set(roles.droits())
