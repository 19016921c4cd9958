"""Granting and ending rights: never beyond what one administers, and never without a trace."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.gis.geos import MultiPolygon
from django.core.exceptions import ValidationError
from django.db import IntegrityError, InternalError, connection, transaction

from mairie import habilitations, historique, profils, roles
from mairie.comptes import droits, personnes, reglages
from mairie.comptes.droits import Proposition, Refus
from mairie.comptes.formulaires_administration import lire_perimetre
from mairie.delegations import TypeActe, declarer_types_actes, signataires, signature_de
from mairie.models import Appartenance, Collectivite, Delegation, Habilitation, Service, Utilisateur
from mairie.perms import LIRE
from tests.personnes import AUTRE_INSEE, INSEE, agent, avec_second_facteur, commune, habiliter

pytestmark = pytest.mark.django_db

SIREN = "259990001"
JOUR = date(2026, 3, 10)
HIER, DEMAIN = JOUR - timedelta(days=1), JOUR + timedelta(days=1)


@pytest.fixture(autouse=True)
def _le_jour():
    with time_machine.travel(f"{JOUR}T10:00:00+01:00", tick=False):
        yield


@pytest.fixture
def administrateur():
    return agent("mairie.administrateur")


@pytest.fixture
def personne():
    return agent(email="nouvelle@exemple.invalid")


def lecteur(*codes: str, **options) -> Proposition:
    return Proposition("mairie", "lecteur", codes or (INSEE,), options.pop("du", JOUR), **options)


# --- Granting -----------------------------------------------------------------------------------


def test_une_habilitation_accordee_vaut_aussitot(administrateur, personne):
    assert not habilitations.peut(personne, LIRE)
    h = droits.accorder(administrateur, personne, lecteur(finalites=("urbanisme",)))
    assert habilitations.peut(personne, LIRE, INSEE)
    assert h.accordee_par == administrateur and h.finalites == ["urbanisme"]
    assert droits.accorder(administrateur, personne, lecteur(finalites=("urbanisme",))) == h


@pytest.mark.parametrize("codes", [(AUTRE_INSEE,), (INSEE, AUTRE_INSEE), (SIREN,), ("99999",), ("",)])
@pytest.mark.parametrize("soi_meme", [True, False])
def test_jamais_hors_de_ce_que_l_on_administre(administrateur, personne, codes, soi_meme):
    commune(AUTRE_INSEE)
    Appartenance.objects.create(epci=commune(SIREN), commune=commune(), du=HIER)
    with pytest.raises(Refus, match="n'administrez pas"):
        droits.accorder(administrateur, administrateur if soi_meme else personne, lecteur(*codes))


def test_l_administrateur_d_un_epci_administre_ses_communes_du_jour(personne):
    Appartenance.objects.create(epci=commune(SIREN), commune=commune(), du=HIER, au=DEMAIN)
    epci = agent("mairie.administrateur", codes=(SIREN,))
    droits.accorder(epci, personne, lecteur())
    with time_machine.travel(f"{DEMAIN}T10:00:00+01:00", tick=False):
        habilitations.oublier(epci)
        with pytest.raises(Refus):
            droits.accorder(epci, personne, lecteur(du=DEMAIN))


def test_un_administrateur_dans_un_perimetre_n_administre_pas(personne):
    partiel = Utilisateur.objects.create_user("partiel@exemple.invalid")
    carre = MultiPolygon.from_ewkt("SRID=2154;MULTIPOLYGON(((0 0,0 9,9 9,9 0,0 0)))")
    habiliter(partiel, "mairie", "administrateur", perimetre=carre)
    with pytest.raises(Refus):
        droits.accorder(partiel, personne, lecteur())


def test_un_ancien_administrateur_ne_donne_plus_rien(administrateur, personne):
    Habilitation.objects.filter(utilisateur=administrateur).update(au=HIER)
    with pytest.raises(Refus):
        droits.accorder(administrateur, personne, lecteur())


def test_une_collectivite_fermee_ne_se_donne_plus(administrateur, personne):
    habiliter(administrateur, "mairie", "administrateur", AUTRE_INSEE)
    Collectivite.objects.filter(code=INSEE).update(active=False)
    habilitations.oublier(administrateur)
    with pytest.raises(Refus):
        droits.accorder(administrateur, personne, lecteur())


def test_un_service_est_de_la_collectivite_et_du_metier(administrateur, personne):
    sien = Service.objects.create(collectivite=commune(), code="sien", libelle="Sien")
    urba = Service.objects.create(collectivite=commune(), code="urba", libelle="Urba", metier="urba")
    ailleurs = Service.objects.create(collectivite=commune(AUTRE_INSEE), code="x", libelle="X")
    ferme = Service.objects.create(collectivite=commune(), code="ferme", libelle="F", actif=False)
    assert droits.accorder(administrateur, personne, lecteur(service_id=sien.pk)).service == sien
    for service in (urba, ailleurs, ferme):
        with pytest.raises(Refus, match="service"):
            droits.accorder(administrateur, personne, lecteur(service_id=service.pk))


# --- Ending -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("jour", "encore"), [(HIER, False), (JOUR, True), (DEMAIN, True)])
def test_une_habilitation_se_termine_apres_son_dernier_jour(administrateur, personne, jour, encore):
    h = habiliter(personne, "mairie", "lecteur")
    droits.terminer(administrateur, h, jour)
    habilitations.oublier(personne)
    assert habilitations.peut(personne, LIRE, INSEE) is encore


def test_on_ne_reecrit_pas_le_passe(administrateur, personne):
    h = habiliter(personne, "mairie", "lecteur")
    with pytest.raises(Refus, match="passé"):
        droits.terminer(administrateur, h, HIER - timedelta(days=1))
    droits.terminer(administrateur, h, HIER)
    with pytest.raises(Refus, match="déjà terminée"):
        droits.terminer(administrateur, h, DEMAIN)


def test_une_habilitation_a_venir_s_efface_et_laisse_sa_trace(administrateur, personne):
    h = habiliter(personne, "mairie", "lecteur", du=DEMAIN)
    numero = h.pk
    droits.terminer(administrateur, h, JOUR)
    assert not Habilitation.objects.filter(pk=numero).exists()
    assert [x.quoi for x in historique.lignes(Habilitation, [numero])] == ["suppression", "création"]


def test_une_habilitation_de_deux_communes_demande_les_deux(administrateur, personne):
    h = habiliter(personne, "mairie", "lecteur", INSEE, AUTRE_INSEE)
    with pytest.raises(Refus, match="toutes les collectivités"):
        droits.terminer(administrateur, h, JOUR)


def test_il_reste_toujours_un_administrateur(administrateur):
    sienne = administrateur.habilitations.get()
    with pytest.raises(Refus, match="aucun administrateur"):
        droits.terminer(administrateur, sienne, JOUR)
    second = agent("mairie.administrateur", email="second@exemple.invalid")
    droits.terminer(administrateur, sienne, JOUR)
    with pytest.raises(Refus, match="aucun administrateur"):
        droits.terminer(second, second.habilitations.get(), DEMAIN)


# --- Accounts -----------------------------------------------------------------------------------


def test_fermer_un_compte_demande_d_administrer_tout_ce_qu_il_tient(administrateur, personne):
    habiliter(personne, "mairie", "lecteur")
    personnes.ouvrir_ou_fermer(administrateur, personne, False)
    personne.refresh_from_db()
    assert not personne.is_active
    personnes.ouvrir_ou_fermer(administrateur, personne, True)
    habiliter(personne, "mairie", "lecteur", AUTRE_INSEE)
    avec_second_facteur(personne)
    for geste in (
        lambda: personnes.ouvrir_ou_fermer(administrateur, personne, False),
        lambda: personnes.retirer_second_facteur(administrateur, personne),
        lambda: personnes.renommer(administrateur, personne, "Autre"),
    ):
        with pytest.raises(Refus, match="n'administrez pas"):
            geste()
    assert Authenticator.objects.filter(user=personne).exists()


def test_ni_soi_ni_un_super_utilisateur_ni_un_habitant(administrateur, personne):
    racine = Utilisateur.objects.create_superuser("racine@exemple.invalid")
    habiliter(racine, "mairie", "lecteur")
    for qui in (administrateur, racine, personne):
        with pytest.raises(Refus):
            personnes.ouvrir_ou_fermer(administrateur, qui, False)


def test_un_second_facteur_perdu_se_retire(administrateur, personne):
    habiliter(personne, "mairie", "lecteur")
    with pytest.raises(Refus, match="n'a pas de second facteur"):
        personnes.retirer_second_facteur(administrateur, personne)
    avec_second_facteur(personne)
    personnes.retirer_second_facteur(administrateur, personne)
    assert not Authenticator.objects.filter(user=personne).exists()


# --- EPCI ---------------------------------------------------------------------------------------


def test_un_epci_ne_prend_pas_une_commune_sans_elle():
    """Being administrateur of an EPCI would otherwise give any commune by one click."""
    epci = agent("mairie.administrateur", codes=(SIREN,))
    with pytest.raises(Refus, match="la commune et l'EPCI"):
        reglages.rattacher(epci, commune(SIREN), commune(), JOUR)
    les_deux = agent("mairie.administrateur", codes=(SIREN, INSEE))
    reglages.rattacher(les_deux, commune(SIREN), commune(), JOUR)
    with pytest.raises(Refus, match="déjà"):
        reglages.rattacher(les_deux, commune(SIREN), commune(), DEMAIN)
    with pytest.raises(ValidationError):
        reglages.rattacher(les_deux, commune(), commune(SIREN), JOUR)


def test_une_commune_quitte_l_epci_d_un_cote_ou_de_l_autre():
    a = Appartenance.objects.create(epci=commune(SIREN), commune=commune(), du=HIER)
    with pytest.raises(Refus):
        reglages.detacher(agent("mairie.administrateur", codes=(AUTRE_INSEE,)), a, DEMAIN)
    with pytest.raises(Refus, match="passé"):
        reglages.detacher(agent("mairie.administrateur"), a, HIER)
    reglages.detacher(agent("mairie.administrateur"), a, DEMAIN)
    with pytest.raises(Refus, match="déjà daté"):
        reglages.detacher(agent("mairie.administrateur", codes=(SIREN,)), a, DEMAIN)


# --- Delegations --------------------------------------------------------------------------------


def deleguer(par, qui, **options):
    defauts = {
        "collectivite": commune(),
        "delegataire": qui,
        "qualite": "L'adjointe déléguée",
        "du": JOUR,
        "types": ("mairie.essai",),
        "acte_reference": "2026-12",
        "acte_date": HIER,
    }
    return reglages.deleguer(par, reglages.NouvelleDelegation(**{**defauts, **options}))


@pytest.fixture
def elue():
    return agent("mairie.lecteur", email="elue@exemple.invalid")


@pytest.fixture(autouse=True)
def _types(monkeypatch):
    from mairie import delegations

    monkeypatch.setattr(delegations, "_types", {})
    declarer_types_actes(TypeActe("mairie.essai", "Essai"), TypeActe("mairie.autre", "Autre"))


@pytest.mark.parametrize(
    ("jour", "signe"), [(HIER, False), (JOUR, True), (DEMAIN, True), (DEMAIN + timedelta(days=1), False)]
)
def test_une_delegation_vaut_entre_ses_dates_comprises(administrateur, elue, jour, signe):
    deleguer(administrateur, elue, au=DEMAIN)
    assert bool(signataires(INSEE, "mairie.essai", jour)) is signe
    assert bool(signature_de(elue, commune(), "mairie.essai", jour)) is signe


def test_une_delegation_vaut_pour_ses_actes_et_sa_collectivite(administrateur, elue):
    deleguer(administrateur, elue)
    assert signataires(INSEE, "mairie.autre", JOUR) == []
    assert signataires(AUTRE_INSEE, "mairie.essai", JOUR) == []
    assert signature_de(administrateur, INSEE, "mairie.essai", JOUR) is None
    deleguer(administrateur, elue, types=("mairie",))
    assert len(signataires(INSEE, "mairie.autre", JOUR)) == 1


def test_le_titulaire_signe_tout_et_vient_en_premier(administrateur, elue):
    maire = agent("mairie.lecteur", email="maire@exemple.invalid")
    deleguer(administrateur, elue)
    deleguer(
        administrateur, maire, titulaire=True, types=(), acte_reference="", acte_date=None, qualite="Le maire"
    )
    assert [d.qualite for d in signataires(INSEE, "mairie.essai", JOUR)] == [
        "Le maire",
        "L'adjointe déléguée",
    ]
    with pytest.raises(Refus, match="déjà par sa fonction"):
        deleguer(administrateur, elue, titulaire=True, types=(), du=DEMAIN)
    Utilisateur.objects.filter(pk=maire.pk).update(is_active=False)
    assert [d.qualite for d in signataires(INSEE, "mairie.essai", JOUR)] == ["L'adjointe déléguée"]


@pytest.mark.parametrize(
    ("options", "raison"),
    [
        ({"types": ()}, "actes délégués"),
        ({"types": ("mairie.inventee",)}, "actes délégués"),
        ({"acte_reference": " "}, "arrêté"),
        ({"acte_date": None}, "arrêté"),
        ({"acte_date": DEMAIN}, "avant son arrêté"),
        ({"au": HIER}, "avant le début"),
    ],
)
def test_une_delegation_fautive_est_refusee(administrateur, elue, options, raison):
    with pytest.raises(Refus, match=raison):
        deleguer(administrateur, elue, **options)


def test_on_ne_delegue_ni_ailleurs_ni_a_un_inconnu(administrateur, elue, personne):
    with pytest.raises(Refus):
        deleguer(administrateur, elue, collectivite=commune(AUTRE_INSEE))
    with pytest.raises(Refus, match="vos agents"):
        deleguer(administrateur, personne)


def test_une_delegation_se_termine(administrateur, elue):
    d = deleguer(administrateur, elue)
    with pytest.raises(Refus, match="passé"):
        reglages.terminer_delegation(administrateur, d, HIER - timedelta(days=1))
    reglages.terminer_delegation(administrateur, d, JOUR)
    assert signataires(INSEE, "mairie.essai", JOUR) and not signataires(INSEE, "mairie.essai", DEMAIN)


def test_la_base_garde_les_regles_des_delegations(elue):
    base = {"collectivite": commune(), "delegataire": elue, "qualite": "x", "du": JOUR}
    for fautive in (
        {"titulaire": False},
        {"titulaire": True, "types_actes": ["urba"]},
        {"types_actes": ["urba"], "acte_reference": ""},
        {"titulaire": True, "au": HIER},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Delegation.objects.create(**base, **fautive)


# --- Profiles -----------------------------------------------------------------------------------


def test_le_secretaire_tient_tout_sauf_ce_qui_signe(monkeypatch):
    monkeypatch.setattr(roles, "_roles", dict(roles._roles))
    roles.declarer_roles(roles.Role("mairie", "essai_signe", "Signe", frozenset(), signataire=True))
    secretaire = {(r.metier, r.code) for r in profils.profil("secretaire").roles}
    elu = {(r.metier, r.code) for r in profils.profil("elu_signataire").roles}
    tous = {(r.metier, r.code) for r in roles.roles()}
    assert tous - secretaire == {(r.metier, r.code) for r in roles.roles() if r.signataire}
    assert ("mairie", "essai_signe") in elu and ("mairie", "lecteur") in elu
    assert profils.profil("inconnu") is None


# --- Perimeters ---------------------------------------------------------------------------------

CARRE = '{"type":"Polygon","coordinates":[[[6.3,47.3],[6.3,47.4],[6.4,47.4],[6.4,47.3],[6.3,47.3]]]}'


@pytest.mark.parametrize(
    "texte",
    [
        CARRE,
        f'{{"type":"Feature","properties":{{}},"geometry":{CARRE}}}',
        f'{{"type":"FeatureCollection","features":[{{"type":"Feature","geometry":{CARRE}}}]}}',
    ],
)
def test_un_perimetre_se_lit_du_geojson(texte, settings):
    lu = lire_perimetre(texte)
    assert lu.srid == settings.TERRITOIRE_SRID and 5e7 < lu.area < 1e8


@pytest.mark.parametrize(
    "texte",
    [
        "pas du json",
        "[]",
        "{}",
        '{"type":"Point","coordinates":[6.3,47.3]}',
        '{"type":"FeatureCollection","features":[]}',
        '{"type":"Polygon","coordinates":[[[0,0],[1,1],[0,1],[1,0],[0,0]]]}',
        '{"type":"Polygon","coordinates":[[[899942,0],[899942,9],[899950,9],[899942,0]]]}',
        '{"type":"Polygon","coordinates":[]}',
        "null",
    ],
)
def test_un_perimetre_fautif_est_refuse(texte):
    with pytest.raises(ValidationError):
        lire_perimetre(texte)


# --- History ------------------------------------------------------------------------------------


def test_l_historique_dit_quoi_et_la_base_refuse_de_le_recrire(administrateur, personne):
    droits.accorder(administrateur, personne, lecteur(au=DEMAIN))
    h = personne.habilitations.get()
    droits.terminer(administrateur, h, JOUR)
    derniere, premiere = historique.lignes(Habilitation, [h.pk])
    assert (premiere.quoi, premiere.qui) == ("création", historique.SANS_COMPTE)
    assert [(c.avant, c.apres) for c in derniere.changements] == [("11/03/2026", "10/03/2026")]
    table = historique.modele_historique(Habilitation)._meta.db_table
    for ordre in (f"UPDATE {table} SET role = 'autre'", f"DELETE FROM {table}"):
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as curseur:
            curseur.execute(ordre)


def test_l_historique_d_un_compte_ignore_mot_de_passe_et_connexions(personne):
    avant = len(historique.lignes(Utilisateur, [personne.pk]))
    personne.set_password("autre-mot-de-passe-long")
    personne.last_login = None
    personne.save()
    Utilisateur.objects.filter(pk=personne.pk).update(last_login="2026-03-10T10:00:00Z")
    assert len(historique.lignes(Utilisateur, [personne.pk])) == avant
    champs = {f.name for f in historique.modele_historique(Utilisateur)._meta.fields}
    assert "password" not in champs
