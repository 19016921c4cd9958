"""Templates as shipped beside those in service: an upgrade changes nothing, a person takes what it brings."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from mairie.courriers import livraison, modeles
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.livraison import Passage, comparer, paragraphes
from mairie.models import ModeleCourrier, ModeleLivre
from tests.mairie.courriers.fabrique import ville
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

ANCIEN = "<p>Bonjour [destinataire],</p><p>Deux mois.</p>"
NOUVEAU = "<p>Bonjour [destinataire],</p><p>Un mois.</p><p>Cordialement.</p>"


def livrer(corps: str = ANCIEN, code: str = "essai") -> ModeleCourrier:
    """What loading the references of a release does."""
    return modeles.declarer_modele(
        "mairie", code, f"Essai {code}", objet="Essai", corps=corps, le=date(2020, 1, 1)
    )


@pytest.fixture
def gestionnaire(db):
    ville()
    ModeleCourrier.objects.all().delete()
    return agent("mairie.administrateur")


def du_jour(g):
    return livraison.ecarts(g, timezone.localdate())


def test_les_paragraphes_se_comparent_sans_leurs_marques():
    assert paragraphes("<h2>A</h2><table><tr><th>x</th><td>y</td></tr></table><ul><li>z</li></ul>") == [
        "A", "x | y", "z",
    ]  # fmt: skip
    assert comparer(ANCIEN, NOUVEAU) == (
        Passage("garde", "Bonjour [destinataire],"),
        Passage("retire", "Deux mois."),
        Passage("ajoute", "Un mois."),
        Passage("ajoute", "Cordialement."),
    )
    long = "".join(f"<p>{n}</p>" for n in range(9))
    assert [p.texte for p in comparer(long, long + "<p>fin</p>")] == ["0", "…", "8", "fin"]
    assert "mise en forme" in comparer("<p>a</p>", "<p><strong>a</strong></p>")[0].texte


def test_une_mise_a_jour_ne_change_pas_ce_qui_est_en_service_et_se_voit(gestionnaire):
    m = livrer()
    assert du_jour(gestionnaire) == []
    le = ModeleLivre.objects.get(modele=m).livre_le
    livrer()
    assert ModeleLivre.objects.get(modele=m).livre_le == le, "the same text is not shipped anew"
    livrer(NOUVEAU)
    assert modeles.version_en_service(m, timezone.localdate()).corps == ANCIEN
    [ecart] = du_jour(gestionnaire)
    assert (ecart.modele, ecart.champs, ecart.intact, ecart.brouillon) == (m, ("texte",), True, False)


def test_le_texte_livre_se_reprend_au_brouillon_puis_se_sert_et_l_ancien_reste(gestionnaire):
    m = livrer()
    livrer(NOUVEAU)
    v = livraison.reprendre(m, par=gestionnaire)
    assert (v.numero, v.corps, v.publiee_le, v.note) == (2, NOUVEAU, None, livraison.REPRISE)
    v = livraison.servir(m, par=gestionnaire)
    assert (v.numero, v.valide_du) == (2, timezone.localdate())
    assert du_jour(gestionnaire) == []
    assert modeles.restaurer(m.versions.get(numero=1), par=gestionnaire).corps == ANCIEN
    # The next release finds a template that nobody adapted: what it took was shipped.
    m.versions.filter(publiee_le=None).delete()
    livrer("<p>Troisième.</p>")
    [ecart] = du_jour(gestionnaire)
    assert ecart.intact


def test_un_brouillon_en_cours_ne_se_perd_pas_sans_le_dire(gestionnaire):
    m = livrer()
    livrer(NOUVEAU)
    modeles.enregistrer(m, par=gestionnaire, jeton=0, champs={"corps": "<p>À nous.</p>"})
    [ecart] = du_jour(gestionnaire)
    assert ecart.brouillon and ecart.change_ici
    with pytest.raises(CourrierRefuse, match="brouillon de « Essai essai » est en cours"):
        livraison.servir(m, par=gestionnaire)
    assert livraison.reprendre(m, par=gestionnaire, remplacer=True).corps == NOUVEAU


def test_d_un_coup_on_prend_ceux_que_personne_n_a_adaptes_et_eux_seuls(gestionnaire):
    intact, adapte = livrer(), livrer(code="autre")
    modeles.enregistrer(adapte, par=gestionnaire, jeton=0, champs={"corps": "<p>À nous.</p>"})
    modeles.mettre_en_service(adapte, par=gestionnaire, le=timezone.localdate())
    livrer(NOUVEAU)
    assert livraison.servir_intacts(par=gestionnaire) == [intact]
    assert [e.modele for e in du_jour(gestionnaire)] == [adapte]


def test_la_copie_d_une_collectivite_se_compare_au_texte_livre(gestionnaire):
    m = livrer()
    copie = modeles.copier_pour(m, ville(), par=gestionnaire)
    modeles.mettre_en_service(copie, par=gestionnaire, le=timezone.localdate())
    livrer(NOUVEAU)
    assert {e.modele for e in du_jour(gestionnaire)} == {m, copie}
    livraison.servir(copie, par=gestionnaire)
    assert [e.modele for e in du_jour(gestionnaire)] == [m]
    propre = ModeleCourrier.objects.create(metier="mairie", code="maison", libelle="Maison")
    with pytest.raises(CourrierRefuse, match="pas de ceux qui sont livrés"):
        livraison.reprendre(propre, par=gestionnaire)


def test_la_page_montre_reprend_et_refuse_qui_ne_gere_pas_tout(gestionnaire):
    m = livrer()
    livrer(NOUVEAU)
    client = Client()
    client.force_login(gestionnaire, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/courriers/modeles/livres/").content.decode()
    assert "<del>Deux mois.</del>" in page and "<ins>Un mois.</ins>" in page
    assert "texte plus récent livré" in page and "le modèle que personne n'a adapté" in page
    agir = f"/courriers/modeles/{m.pk}/reprendre-livre/"
    assert client.post(agir).headers["Location"] == f"/courriers/modeles/{m.pk}/"
    assert client.post(agir, {"servir": "1"}).headers["Location"] == "/courriers/modeles/livres/"
    assert "Aucun écart" in client.get("/courriers/modeles/livres/").content.decode()
    livrer("<p>Troisième.</p>")
    commune(AUTRE_INSEE)
    local = agent("mairie.administrateur", email="local@exemple.invalid", codes=(INSEE,))
    client.force_login(local, backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/courriers/modeles/livres/").content.decode()
    assert "Troisième" in page and "Reprendre le modèle livré" not in page
    assert client.post(agir).status_code == 403
    client.post("/courriers/modeles/livres/")
    assert m.versions.count() == 2, "a template of all communes is not taken by who manages one"
