"""Merges: nothing lost, nothing doubled, undone exactly while nothing has changed."""

from __future__ import annotations

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mairie.models import FusionTiers, Tiers
from mairie.models.tiers import IDENTITE
from mairie.tiers import fusion, service
from mairie.tiers.relations import relations
from tests.mairie.tiers.fabrique import personne, siret, societe
from tests.personnes import AUTRE_INSEE, INSEE, agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def moi():
    return agent("mairie.administrateur", nom="Agent essai")


def etat(t: Tiers) -> dict:
    t.refresh_from_db()
    return {c: getattr(t, c) for c in (*IDENTITE, "nature", "fusionne_dans_id", "accepte_electronique_le")}


def test_la_fusion_complete_deplace_et_garde_les_deux_fiches(moi, dossiers):
    a = personne("Durand", "Zoé", ville="Essai")
    b = personne("Durand", "Zoé", ville="Ailleurs", courriel="z@exemple.invalid", naissance_lieu="Essai")
    dossier = dossiers.objects.create(numero="D1", tiers=b)
    faite = fusion.fusionner(a, b, par=moi, motif="même personne")
    a.refresh_from_db(), b.refresh_from_db(), dossier.refresh_from_db()
    assert (a.ville, a.courriel, a.naissance_lieu) == ("Essai", "z@exemple.invalid", "Essai")
    assert (b.fusionne_dans, b.ville, b.survivant()) == (a, "Ailleurs", a)
    assert dossier.tiers == a
    assert faite.deplacements == [{"relation": "mairie.dossierdetiers.tiers_id", "ids": [dossier.pk]}]
    assert list(Tiers.objects.actifs()) == [a]


def test_on_choisit_les_valeurs_de_l_autre_fiche(moi):
    a, b = personne("Durant", "Zoé", ville="Essai"), personne("Durand", "Zoé", ville="Ailleurs")
    assert [(c, x, y) for c, _, x, y in fusion.differences(a, b)] == [
        ("nom", "Durant", "Durand"),
        ("ville", "Essai", "Ailleurs"),
    ]
    fusion.fusionner(a, b, par=moi, prendre=["nom"])
    a.refresh_from_db()
    assert (a.nom, a.ville, a.cle_nom) == ("Durand", "Essai", "durand zoe")


def test_l_accord_electronique_ne_passe_pas_d_une_fiche_a_l_autre(moi):
    a = personne("Durand", "Zoé", courriel="autre@exemple.invalid")
    b = personne("Durand", "Zoé", courriel="z@exemple.invalid", accepte_electronique=True)
    fusion.fusionner(a, b, par=moi)
    a.refresh_from_db()
    assert (a.accepte_electronique, a.accepte_electronique_le) == (False, None)


def test_annuler_rend_tout(moi, dossiers):
    a, b = personne("Durand", "Zoé"), personne("Durand", "Zoé", ville="Essai", courriel="z@exemple.invalid")
    avant = etat(a), etat(b)
    dossier = dossiers.objects.create(numero="D1", tiers=b)
    faite = fusion.fusionner(a, b, par=moi, prendre=["ville"])
    fusion.annuler(faite, par=moi)
    assert (etat(a), etat(b)) == avant
    dossier.refresh_from_db()
    assert dossier.tiers == b
    with pytest.raises(fusion.FusionRefusee, match="déjà annulée"):
        fusion.annuler(faite, par=moi)
    # The same two may be merged again, the other way round.
    fusion.fusionner(b, a, par=moi)
    assert etat(a)["fusionne_dans_id"] == b.pk


def changer_fiche(a, dossiers, moi):
    service.modifier(a, {"ville": "Autre"}, version=2, par=moi)


def changer_dossier(a, dossiers, moi):
    dossiers.objects.all().delete()


def refusionner(a, dossiers, moi):
    fusion.fusionner(personne("Durand", "Zoé"), a, par=moi)


@pytest.mark.parametrize(
    ("changement", "raison"),
    [
        (changer_fiche, "modifiée depuis"),
        (changer_dossier, "Des dossiers ont changé"),
        (refusionner, "fusionnée à son tour"),
    ],
)
def test_ce_qui_a_change_depuis_empeche_d_annuler(moi, dossiers, changement, raison):
    a, b = personne("Durand", "Zoé"), personne("Durand", "Zoé", ville="Essai")
    dossiers.objects.create(numero="D1", tiers=b)
    faite = fusion.fusionner(a, b, par=moi)
    a.refresh_from_db()
    changement(a, dossiers, moi)
    avant = etat(a), etat(b)
    with pytest.raises(fusion.FusionRefusee, match=raison):
        fusion.annuler(FusionTiers.objects.get(pk=faite.pk), par=moi)
    assert (etat(a), etat(b)) == avant


def test_une_fusion_de_fusion_s_annule_dans_l_ordre(moi):
    a, b, c = (personne("Durand", "Zoé", ville=v) for v in ("A", "B", "C"))
    une = fusion.fusionner(b, c, par=moi)
    deux = fusion.fusionner(a, b, par=moi)
    c.refresh_from_db()
    assert c.survivant() == a
    with pytest.raises(fusion.FusionRefusee, match="à son tour"):
        fusion.annuler(une, par=moi)
    fusion.annuler(deux, par=moi)
    # The sheet kept by the first merge has gone and come back: its version tells it.
    with pytest.raises(fusion.FusionRefusee, match="modifiée depuis"):
        fusion.annuler(une, par=moi)


def test_deux_fiches_dans_un_meme_dossier_ne_se_fusionnent_pas(moi, dossiers):
    a, b = personne("Durand", "Zoé"), personne("Durand", "Zoé", ville="Essai")
    for t in (a, b):
        dossiers.objects.create(numero="D1", tiers=t)
    avant = etat(a), etat(b)
    with pytest.raises(fusion.FusionRefusee, match="dossiers d'essai"):
        fusion.fusionner(a, b, par=moi)
    assert (etat(a), etat(b)) == avant and not FusionTiers.objects.exists()


@pytest.mark.parametrize("cas", ["soi", "commune", "nature", "fusionnee", "effacee"])
def test_fusions_refusees(moi, cas):
    a = personne("Durand", "Zoé")
    b = {
        "soi": lambda: a,
        "commune": lambda: personne("Durand", "Zoé", collectivite=AUTRE_INSEE),
        "nature": lambda: societe("Durand", siret=siret()),
        "fusionnee": lambda: personne("Durand", "Zoé"),
        "effacee": lambda: personne("Durand", "Zoé"),
    }[cas]()
    if cas == "fusionnee":
        fusion.fusionner(personne("Durand", "Zoé"), b, par=moi)
    if cas == "effacee":
        from django.utils import timezone

        Tiers.objects.filter(pk=b.pk).update(efface_le=timezone.now())
    with pytest.raises(fusion.FusionRefusee):
        fusion.fusionner(a, b, par=moi)


def test_toute_cle_vers_une_personne_est_connue():
    """Found by themselves; those of the person's own history are left."""
    codes = {r.code for r in relations()}
    assert "mairie.piece.dossier_id" in codes
    assert not any("fusiontiers" in c or "historiquetiers" in c or "nondoublon" in c for c in codes)


mots = st.text("abc", max_size=3)
fiches = st.fixed_dictionaries(
    {"nom": st.sampled_from(["Durand", "Martin"]), "prenoms": mots, "ville": mots, "voie": mots,
     "courriel": st.sampled_from(["", "a@exemple.invalid", "b@exemple.invalid"]),
     "accepte_electronique": st.booleans(), "naissance_le": st.none() | st.dates()}
).map(lambda d: {**d, "accepte_electronique": d["accepte_electronique"] and bool(d["courriel"])})  # fmt: skip


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    un=fiches,
    autre=fiches,
    prendre=st.sets(st.sampled_from(["nom", "prenoms", "ville", "voie"])),
    liens=st.lists(st.booleans(), max_size=4),
)
def test_fusionner_puis_annuler_ne_perd_rien(dossiers, un, autre, prendre, liens):
    from datetime import date

    for fiche in (un, autre):
        if fiche["naissance_le"] and fiche["naissance_le"] > date(2020, 1, 1):
            fiche["naissance_le"] = None
    with transaction.atomic():
        qui = agent("mairie.administrateur")
        a = service.creer(un, collectivite=INSEE, par=qui)
        b = service.creer(autre, collectivite=INSEE, par=qui)
        lignes = [
            dossiers.objects.create(numero=f"D{i}", tiers=a if vers_a else b)
            for i, vers_a in enumerate(liens)
        ]
        avant = etat(a), etat(b), [x.tiers_id for x in lignes]
        faite = fusion.fusionner(a, b, par=qui, prendre=prendre)
        assert set(dossiers.objects.values_list("tiers_id", flat=True)) <= {a.pk}
        fusion.annuler(faite, par=qui)
        assert (etat(a), etat(b)) == avant[:2]
        assert list(dossiers.objects.order_by("numero").values_list("tiers_id", flat=True)) == avant[2]
        transaction.set_rollback(True)
