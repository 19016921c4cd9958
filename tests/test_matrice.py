"""Every address as every role and as nobody: no hole, and no address without an example."""

from __future__ import annotations

import logging

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, URLResolver, path, re_path, reverse
from django.urls.resolvers import RegexPattern

import tests.matrice as matrice
import tests.matrice_comptes
import tests.matrice_contraintes  # noqa: F401 - declares its examples
from config.api import api
from gis_data.acces import droit, public
from mairie import erreurs, roles, territoire
from tests.parcours import Adresse, adresses, fautes, hors_matrice
from tests.personnes import agent
from tests.plan_factice import ecrire_plan

pytestmark = pytest.mark.django_db

TOUTES = sorted((a for a in adresses() if not hors_matrice(a)), key=lambda a: a.nom)
PROTEGEES = [a for a in TOUTES if a.acces != "public"]
# Nobody in particular (a citizen), then each role of each trade, alone.
ROLES = ["", *(f"{r.metier}.{r.code}" for r in roles.roles())]
# Views that take no CSRF token, each with the reason.
SANS_CSRF: dict[str, str] = {}


def url_de(a: Adresse) -> tuple[str, matrice.Exemple]:
    ex = matrice.exemples().get(a.nom, matrice.Exemple())
    parametres = dict(ex.parametres)
    if ex.creer is not None:
        parametres.update(ex.creer() or {})
    try:
        return reverse(a.nom, kwargs=parametres) + ex.requete, ex
    except NoReverseMatch:
        pytest.fail(f"Donnez dans tests/matrice*.py un exemple de l'adresse « {a.nom} »")


def renvoie_a_la_porte(reponse) -> bool:
    """An anonymous caller is sent to the door, or told 401; never served."""
    if reponse.status_code == 302:
        return reponse.headers["Location"].startswith("/connexion/?next=")
    return reponse.status_code == 401


def peut_ouvrir(personne, a: Adresse) -> bool:
    return a.acces in ("public", "connecte") or personne.has_perm(a.acces)


@pytest.fixture(autouse=True)
def _plan(monkeypatch):
    ecrire_plan()
    # As in production, the frame of a page does not read the territory anew each time.
    memoire = LocMemCache("matrice", {})
    memoire.clear()
    monkeypatch.setattr(territoire, "cache", memoire)


@pytest.fixture(autouse=True)
def _refus_sans_trace(caplog):
    """Tens of thousands of refusals are the aim here: no stack written for each."""
    caplog.set_level(logging.ERROR, "django.request")


@pytest.fixture
def erreurs_sans_page(monkeypatch):
    """Errors say their status alone: the walk by GET draws their pages for every role."""
    monkeypatch.setattr(erreurs, "render", lambda *_, status, **__: HttpResponse(status=status))


# --- The walk -----------------------------------------------------------------------------------


def test_la_matrice_voit_toutes_les_adresses():
    assert len(TOUTES) >= 55
    assert [nom for nom in matrice.exemples() if nom not in {a.nom for a in TOUTES}] == []
    # What is left aside is there, and is left for a reason.
    laissees = [a for a in adresses() if hors_matrice(a)]
    for debut, raison in matrice.HORS_MATRICE.items():
        assert len(raison) > 20 and any(a.motif.startswith(debut) for a in laissees), debut


def test_chaque_adresse_sans_compte():
    fautes_vues = []
    for a in TOUTES:
        url, ex = url_de(a)
        reponse = Client().get(url)
        if a.acces == "public":
            bien = reponse.status_code in {*ex.attendu, 200, 405}
            bien = bien and "/connexion/?next=" not in reponse.headers.get("Location", "")
        else:
            bien = renvoie_a_la_porte(reponse)
        if not bien:
            fautes_vues.append((a.nom, url, reponse.status_code))
    assert fautes_vues == []


@pytest.mark.parametrize("role", ROLES)
def test_chaque_adresse_par_chaque_role(role):
    personne = agent(*([role] if role else []))
    client = Client()
    client.force_login(personne)
    fautes_vues = []
    for a in TOUTES:
        url, ex = url_de(a)
        reponse = client.get(url)
        if peut_ouvrir(personne, a):
            bien = reponse.status_code in {*ex.attendu, 200, 405}
            bien = bien and not reponse.headers.get("Location", "").startswith("/connexion/?next=")
        else:
            bien = reponse.status_code == 403
        if not bien:
            fautes_vues.append((a.nom, url, reponse.status_code))
    assert fautes_vues == []


# 405 does nothing and says nothing of the object: the method is refused before anything else.
ECRITURES = ("post", "put", "patch", "delete")
# One mark guards a view whatever the method: nobody's four methods and these roles' prove it for every view,
# and the other roles send what our pages send.
ROLES_TOUTES_METHODES = ("", "urba.lecture", "mairie.administrateur")


def test_rien_ne_s_ecrit_sans_compte():
    """The mark guards every method, not GET alone."""
    fautes_vues = []
    for a in PROTEGEES:
        url, _ = url_de(a)
        for methode in ECRITURES:
            reponse = getattr(Client(), methode)(url)
            if reponse.status_code != 405 and not renvoie_a_la_porte(reponse):
                fautes_vues.append((a.nom, methode, reponse.status_code))
    assert fautes_vues == []


@pytest.mark.parametrize("role", ROLES)
def test_rien_ne_s_ecrit_sans_le_droit(role, erreurs_sans_page):
    assert role in ROLES and set(ROLES_TOUTES_METHODES) <= set(ROLES)
    personne = agent(*([role] if role else []))
    client = Client()
    client.force_login(personne)
    methodes = ECRITURES if role in ROLES_TOUTES_METHODES else ("post",)
    fautes_vues = []
    for a in PROTEGEES:
        if peut_ouvrir(personne, a):
            continue
        url, _ = url_de(a)
        for methode in methodes:
            reponse = getattr(client, methode)(url)
            if reponse.status_code not in (403, 405):
                fautes_vues.append((a.nom, methode, reponse.status_code))
    assert fautes_vues == []


def test_un_envoi_sans_jeton_csrf_est_refuse():
    fautes_vues = []
    for a in TOUTES:
        url, _ = url_de(a)
        reponse = Client(enforce_csrf_checks=True).post(url)
        if a.nom not in SANS_CSRF and reponse.status_code not in (403, 405):
            fautes_vues.append((a.nom, reponse.status_code))
    assert fautes_vues == []


# --- The declarations ---------------------------------------------------------------------------


def test_chaque_vue_dit_qui_peut_l_ouvrir_et_par_un_droit_declare():
    assert fautes(None, set(roles.droits())) == []


def test_chaque_droit_est_donne_par_un_role_et_garde_une_vue_ou_un_service():
    """A right that nobody holds closes a page for ever."""
    donnes = {d for r in roles.roles() for d in r.droits}
    assert set(roles.droits()) - donnes == set()


def _site(*motifs) -> URLResolver:
    return URLResolver(RegexPattern(r"^"), list(motifs))


def test_une_vue_sans_marque_fait_echouer_la_matrice():
    """« Adding a view without a declared right fails the tests »: shown on a site of one such view."""

    def oubliee(request):
        return HttpResponse("secret")

    trouvees = fautes(_site(path("secret/", oubliee, name="secret")), set(roles.droits()))
    assert trouvees == ["/secret/ (tests.test_matrice) ne dit pas qui peut l'ouvrir"]


def test_un_droit_non_declare_fait_echouer_la_matrice():
    vue = droit("urba.inventer")(lambda request: HttpResponse())
    trouvees = fautes(_site(re_path(r"^x/$", vue, name="x")), set(roles.droits()))
    assert trouvees == ["/^x/$ exige un droit que nul ne déclare : urba.inventer"]


def test_une_marque_inconnue_fait_echouer_la_matrice():
    def vue(request):
        return HttpResponse()

    vue.acces = "tout le monde"
    assert len(fautes(_site(path("y/", vue)), set(roles.droits()))) == 1
    assert fautes(_site(path("z/", public(lambda request: HttpResponse()))), set()) == []


# --- Packages -----------------------------------------------------------------------------------


def operations():
    return [
        operation
        for _, routeur in api._routers
        for chemin in routeur.path_operations.values()
        for operation in chemin.operations
    ]


def test_chaque_operation_de_l_api_exige_ce_qu_elle_declare():
    """The API's operations bear the marks of views, and rights that exist."""
    marques = {getattr(o.view_func, "acces", "") for o in operations()}
    assert len(operations()) >= 10
    assert marques - {"public", "connecte"} <= set(roles.droits()), marques


def test_l_administration_technique_n_est_pas_une_seconde_porte():
    """Every address of Django's administration: the door for nobody, 403 for agents."""
    noms = [
        a
        for a in adresses()
        if a.motif.startswith("/django/") and "<" not in a.motif and "(?P" not in a.motif
    ]
    assert len(noms) >= 10
    administrateur = Client()
    administrateur.force_login(agent("mairie.administrateur"))
    for a in noms:
        url = reverse(a.nom)
        for methode in ("get", "post"):
            anonyme = getattr(Client(), methode)(url)
            assert anonyme.status_code == 302, url
            suite = anonyme.headers["Location"]
            assert suite.startswith("/connexion/"), (url, suite)
            reponse = getattr(administrateur, methode)(url, follow=True)
            refus = reponse.status_code in (403, 404, 405)
            # Ways out and password: they lead to our own pages.
            assert refus or reponse.redirect_chain[-1][0].startswith("/connexion/"), (
                url,
                reponse.status_code,
            )
