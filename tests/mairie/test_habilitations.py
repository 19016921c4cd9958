"""Who may do what, where, on which day: each edge of a habilitation on both its sides."""

from __future__ import annotations

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.contrib.gis.geos import MultiPolygon, Point
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, connection, transaction

from cadastre.models import Parcelle
from mairie import habilitations as h
from mairie import roles
from mairie.models import Appartenance, Collectivite, Habilitation, Utilisateur
from mairie.perms import ADMINISTRER, LIRE
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune, habiliter
from tests.plan_factice import ecrire_plan

pytestmark = pytest.mark.django_db

SIREN = "259990001"
JOUR = date(2026, 3, 10)
VEILLE, LENDEMAIN = JOUR - timedelta(days=1), JOUR + timedelta(days=1)


@pytest.fixture(autouse=True)
def _le_jour():
    with time_machine.travel(f"{JOUR}T10:00:00+01:00", tick=False):
        yield


def personne(email: str = "p@exemple.invalid") -> Utilisateur:
    return Utilisateur.objects.create_user(email)


def peut(p: Utilisateur, code: str = INSEE, droit: str = LIRE) -> bool:
    h.oublier(p)
    return h.peut(p, droit, code)


# --- Dates, both included -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("du", "au", "attendu"),
    [
        (JOUR, None, True),
        (LENDEMAIN, None, False),
        (VEILLE, JOUR, True),
        (VEILLE, VEILLE, False),
        (JOUR, JOUR, True),
    ],
)
def test_une_habilitation_vaut_du_premier_au_dernier_jour_compris(du, au, attendu):
    p = personne()
    habiliter(p, "mairie", "lecteur", du=du, au=au)
    assert peut(p) is attendu
    assert h.est_agent(p) is attendu


def test_le_jour_est_celui_du_territoire_et_non_de_greenwich():
    """At half past midnight in Paris it is still yesterday in UTC."""
    p = personne()
    habiliter(p, "mairie", "lecteur", du=LENDEMAIN)
    with time_machine.travel(f"{JOUR}T22:59:00+00:00", tick=False):
        assert not peut(p)
    with time_machine.travel(f"{JOUR}T23:30:00+00:00", tick=False):
        assert peut(p)


def test_un_autre_jour_se_demande():
    p = personne()
    habiliter(p, "mairie", "lecteur", du=VEILLE, au=VEILLE)
    assert h.habilitations_de(p) == ()
    assert [a.role for a in h.habilitations_de(p, VEILLE)] == ["lecteur"]


def test_la_base_refuse_une_fin_avant_le_debut():
    with pytest.raises(IntegrityError, match="habilitation_dates"), transaction.atomic():
        habiliter(personne(), "mairie", "lecteur", du=JOUR, au=VEILLE)


# --- EPCI ---------------------------------------------------------------------------------------


def membre(du: date, au: date | None = None, code: str = INSEE) -> Appartenance:
    return Appartenance.objects.create(epci=commune(SIREN), commune=commune(code), du=du, au=au)


@pytest.mark.parametrize(
    ("du", "au", "attendu"),
    [(JOUR, None, True), (LENDEMAIN, None, False), (VEILLE, LENDEMAIN, True), (VEILLE, JOUR, False)],
)
def test_un_epci_donne_ses_communes_du_jour(du, au, attendu):
    """The last day of a membership is excluded: that day the commune already left."""
    membre(du, au)
    p = personne()
    habiliter(p, "mairie", "lecteur", SIREN)
    assert peut(p) is attendu
    assert peut(p, SIREN)


def test_une_commune_ne_donne_ni_son_epci_ni_ses_voisines():
    membre(VEILLE)
    membre(VEILLE, code=AUTRE_INSEE)
    p = personne()
    habiliter(p, "mairie", "lecteur", INSEE)
    assert peut(p) and not peut(p, SIREN) and not peut(p, AUTRE_INSEE)
    assert h.communes_de(p) == {INSEE}


def test_une_collectivite_fermee_ne_donne_plus_rien():
    membre(VEILLE)
    p = personne()
    habiliter(p, "mairie", "lecteur", SIREN)
    Collectivite.objects.filter(code=INSEE).update(active=False)
    assert not peut(p) and peut(p, SIREN)
    Collectivite.objects.filter(code=SIREN).update(active=False)
    assert not peut(p, SIREN)
    # Not even the desk, nor an entry of its rail.
    assert not h.est_agent(p) and h.droits_de(p) == frozenset()


def test_deux_appartenances_ne_se_recouvrent_pas():
    membre(VEILLE, LENDEMAIN)
    membre(LENDEMAIN)
    with pytest.raises(IntegrityError, match="appartenance_sans_recouvrement"), transaction.atomic():
        membre(JOUR, LENDEMAIN + timedelta(days=1))


# --- Accounts -----------------------------------------------------------------------------------


def test_un_compte_ferme_ne_peut_plus_rien():
    p = personne()
    habiliter(p, "mairie", "administrateur")
    assert peut(p)
    p.is_active = False
    assert not peut(p) and not h.est_agent(p) and h.droits_de(p) == frozenset()
    assert not Utilisateur.objects.visibles_par(p).exists()


def test_un_super_utilisateur_peut_tout_et_ferme_ne_peut_plus_rien():
    commune()
    p = Utilisateur.objects.create_superuser("racine@exemple.invalid")
    assert peut(p, "99999", ADMINISTRER) and h.est_agent(p)
    assert h.droits_de(p) == set(roles.droits())
    assert h.communes_de(p) == {INSEE}
    p.is_active = False
    assert not peut(p, INSEE, ADMINISTRER) and not h.est_agent(p) and h.communes_de(p) == frozenset()


def test_un_anonyme_et_personne_ne_peuvent_rien():
    for qui in (AnonymousUser(), None):
        assert not h.peut(qui, LIRE) and not h.est_agent(qui) and h.communes_de(qui) == frozenset()


def test_un_role_que_nul_ne_declare_plus_ne_donne_rien(monkeypatch):
    p = personne()
    habiliter(p, "mairie", "lecteur")
    assert peut(p)
    monkeypatch.setattr(roles, "_roles", {})
    assert not peut(p) and not h.est_agent(p)


def test_lu_une_fois_par_requete_et_oublie_sur_demande(django_assert_num_queries):
    p = personne()
    habiliter(p, "mairie", "lecteur")
    with django_assert_num_queries(2):
        assert h.peut(p, LIRE) and h.est_agent(p) and h.communes_de(p)
    Habilitation.objects.all().delete()
    assert h.peut(p, LIRE)
    h.oublier(p)
    assert not h.peut(p, LIRE)


# --- has_perm -----------------------------------------------------------------------------------


def test_has_perm_dit_ou():
    p = personne()
    habiliter(p, "mairie", "lecteur")
    assert p.has_perm(LIRE) and p.has_perm(LIRE, INSEE) and not p.has_perm(LIRE, AUTRE_INSEE)
    assert p.has_perm(LIRE, commune()) and not p.has_perm(LIRE, commune(AUTRE_INSEE))
    assert p.has_perm(LIRE, SimpleNamespace(insee=INSEE))
    # An object that has no place is nowhere: it was granted to whoever held the right anywhere.
    assert not p.has_perm(LIRE, SimpleNamespace()) and not p.has_perm(LIRE, SimpleNamespace(insee=""))
    assert not p.has_perm("mairie.inconnu")


# --- Perimeters ---------------------------------------------------------------------------------


@pytest.fixture
def parcelles():
    """One parcel of the tiny plan, whose neighbours are there too."""
    ecrire_plan()
    return Parcelle.objects.get(idu="25999000AB0001")


def en_perimetre(p: Utilisateur, geom) -> None:
    multi = geom if geom.geom_type == "MultiPolygon" else MultiPolygon(geom, srid=geom.srid)
    habiliter(p, "mairie", "lecteur", perimetre=multi)


def vues(p: Utilisateur) -> set[str]:
    h.oublier(p)
    filtre = h.portee(p, LIRE).filtre("commune", "geom")
    return set(Parcelle.objects.filter(filtre).values_list("idu", flat=True))


def test_un_perimetre_montre_ce_qu_il_touche_a_l_interieur(parcelles):
    p = personne()
    en_perimetre(p, parcelles.geom)
    assert "25999000AB0001" in vues(p)


def test_la_voisine_qui_partage_la_limite_est_dehors(parcelles):
    p = personne()
    en_perimetre(p, parcelles.geom)
    voisines = set(Parcelle.objects.filter(geom__touches=parcelles.geom).values_list("idu", flat=True))
    assert voisines, "le plan factice a des parcelles mitoyennes"
    assert vues(p).isdisjoint(voisines)


def test_sans_geometrie_le_perimetre_cache(parcelles):
    p = personne()
    en_perimetre(p, parcelles.geom)
    assert not Parcelle.objects.filter(h.portee(p, LIRE).filtre("commune")).exists()


def test_un_perimetre_hors_de_ses_collectivites_ne_donne_rien(parcelles):
    p = personne()
    multi = parcelles.geom if parcelles.geom.geom_type == "MultiPolygon" else MultiPolygon(parcelles.geom)
    habiliter(p, "mairie", "lecteur", AUTRE_INSEE, perimetre=multi)
    assert vues(p) == set()


def test_une_portee_entiere_l_emporte_sur_un_perimetre(parcelles):
    p = personne()
    en_perimetre(p, parcelles.geom)
    habiliter(p, "mairie", "lecteur")
    assert len(vues(p)) == Parcelle.objects.filter(commune=INSEE).count()


def test_le_filtre_d_un_perimetre_se_sert_de_l_index(parcelles):
    p = personne()
    en_perimetre(p, parcelles.geom)
    with connection.cursor() as curseur:
        curseur.execute("SET LOCAL enable_seqscan = off")
    plan = Parcelle.objects.filter(h.portee(p, LIRE).filtre("commune", "geom")).explain()
    assert "Index" in plan, plan


def test_un_role_dans_un_perimetre_agit_sur_ce_qui_s_y_trouve(parcelles):
    p = personne()
    en_perimetre(p, parcelles.geom)
    acteur = roles.acteur_de(p)
    dedans = SimpleNamespace(insee=INSEE, geom=parcelles.geom.point_on_surface)
    srid = parcelles.geom.srid
    dehors = SimpleNamespace(insee=INSEE, geom=Point(0, 0, srid=srid))
    bord = SimpleNamespace(insee=INSEE, geom=Point(*parcelles.geom.coords[0][0][0], srid=srid))
    assert roles.detient(acteur, "mairie", "lecteur", dedans)
    assert not roles.detient(acteur, "mairie", "lecteur", dehors)
    assert not roles.detient(acteur, "mairie", "lecteur", bord)
    assert not roles.detient(acteur, "mairie", "lecteur", SimpleNamespace(insee=INSEE))
    assert roles.detient(acteur, "mairie", "lecteur")


# --- Roles held ---------------------------------------------------------------------------------


def test_un_role_s_arrete_a_sa_commune():
    p = personne()
    habiliter(p, "mairie", "lecteur")
    acteur = roles.acteur_de(p)
    assert roles.detient(acteur, "mairie", "lecteur", SimpleNamespace(insee=INSEE))
    assert not roles.detient(acteur, "mairie", "lecteur", SimpleNamespace(insee=AUTRE_INSEE))
    # A dossier whose commune is not written belongs to nobody's commune.
    assert not roles.detient(acteur, "mairie", "lecteur", SimpleNamespace(insee=""))
    assert roles.detient_un(acteur, "mairie", ["dpo", "lecteur"])
    assert not roles.detient_un(acteur, "mairie", ["dpo"])


def test_systeme_et_usager_ne_se_donnent_pas():
    p = personne()
    habiliter(p, "mairie", "systeme")
    assert not roles.detient(roles.acteur_de(p), "mairie", "systeme")
    assert roles.detient(roles.systeme("nuit"), "mairie", "systeme")
    assert not roles.detient(roles.systeme("nuit"), "mairie", "lecteur")


@pytest.mark.parametrize(
    "declarer",
    [
        lambda: roles.declarer_droits(roles.Droit("Pas un code", "x")),
        lambda: roles.declarer_droits(roles.Droit(LIRE, "Autre chose")),
        lambda: roles.declarer_roles(roles.Role("mairie", "systeme", "x", frozenset())),
        lambda: roles.declarer_roles(roles.Role("mairie", "essai", "x", frozenset({"mairie.inconnu"}))),
        lambda: roles.declarer_roles(roles.Role("mairie", "lecteur", "Autre", frozenset())),
    ],
)
def test_une_declaration_fautive_est_refusee_au_demarrage(declarer):
    with pytest.raises(ImproperlyConfigured):
        declarer()


# --- What an administrateur sees ----------------------------------------------------------------


def test_un_administrateur_ne_voit_que_les_siens():
    administrateur = agent("mairie.administrateur")
    collegue, etranger = agent("mairie.lecteur"), agent("mairie.lecteur", codes=(AUTRE_INSEE,))
    habitant = agent()
    visibles = set(Utilisateur.objects.visibles_par(administrateur))
    assert visibles == {administrateur, collegue}
    assert etranger not in visibles and habitant not in visibles
    assert not Utilisateur.objects.visibles_par(collegue).exists()
    lignes = Habilitation.objects.visibles_par(administrateur)
    assert {x.utilisateur for x in lignes} == {administrateur, collegue}
    assert set(Collectivite.objects.visibles_par(administrateur)) == {commune()}
    racine = Utilisateur.objects.create_superuser("racine@exemple.invalid")
    assert Utilisateur.objects.visibles_par(racine).count() == Utilisateur.objects.count()


def test_une_habilitation_de_deux_communes_ne_se_voit_qu_une_fois():
    administrateur = agent("mairie.administrateur", codes=(INSEE, AUTRE_INSEE))
    agent("mairie.lecteur", codes=(INSEE, AUTRE_INSEE))
    assert Habilitation.objects.visibles_par(administrateur).filter(role="lecteur").count() == 1


def test_les_agents_d_un_droit_sont_ceux_du_jour_de_la_commune_et_de_son_epci():
    ici, la_bas = commune(), commune(AUTRE_INSEE)
    epci = Collectivite.objects.create(code=SIREN, siren=SIREN, nature="epci", nom="Communauté fictive")
    Appartenance.objects.create(epci=epci, commune=ici, du=VEILLE)

    def tenant(nom: str, ou: Collectivite, role: str = "lecteur", **jours: date) -> Utilisateur:
        p = Utilisateur.objects.create_user(f"{nom}@exemple.invalid", nom=nom)
        habilitation = Habilitation.objects.create(
            utilisateur=p, metier="mairie", role=role, **{"du": VEILLE, **jours}
        )
        habilitation.collectivites.add(ou)
        return p

    attendus = [tenant("A", ici), tenant("B", epci), tenant("C", ici, au=JOUR)]
    tenant("D", la_bas)
    tenant("E", ici, au=VEILLE)
    tenant("F", ici, du=LENDEMAIN)
    ferme = tenant("G", ici)
    ferme.is_active = False
    ferme.save()
    assert list(h.agents_du_droit(LIRE, INSEE)) == attendus
    assert all(peut(p) for p in attendus)
    assert not h.agents_du_droit("mairie.inconnu", INSEE).exists()
