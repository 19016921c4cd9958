"""Public map of the works: the day's occupations and they alone, what they hinder, never a name."""

from __future__ import annotations

import json
import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.gis.geos import LineString, MultiLineString
from django.test import Client
from django.utils import timezone

from domainepublic import fils_de_rue
from domainepublic.models import DossierODP, Emprise, MesureCirculation
from domainepublic.regles.effets import SANS_GENE, effet_principal, effets
from mairie.models import Voie
from tests.domainepublic.fabrique_odp import (
    X0,
    Y0,
    a_signer,
    accorde,
    dossier,
    emprise,
    faire,
    personne,
    rect,
)
from tests.personnes import INSEE

PAGE = "/domaine-public/travaux/"


@pytest.mark.parametrize(
    ("mesures", "passages", "attendus"),
    [
        (["circulation_interdite"], [], ("rue_fermee",)),
        (["stationnement_interdit", "circulation_interdite"], [], ("rue_fermee", "stationnement_supprime")),
        (["circulation_alternee"], [], ("circulation_alternee",)),
        (["trottoir_neutralise"], [], ("trottoir_reduit",)),
        (["deviation", "voie_retrecie", "vitesse_limitee", "depassement_interdit"], [], ()),
        ([], [(Decimal("1.39"), False)], ("trottoir_reduit",)),
        ([], [(Decimal("1.40"), False)], ()),
        ([], [(Decimal("1.20"), True)], ()),
        ([], [(Decimal("1.19"), True)], ("trottoir_reduit",)),
        ([], [(None, False)], ()),
    ],
)
def test_les_effets_viennent_des_mesures_et_du_passage_laisse(mesures, passages, attendus):
    assert effets(mesures, passages) == attendus


def test_l_effet_le_plus_lourd_donne_la_couleur():
    assert effet_principal(["trottoir_reduit", "rue_fermee"]) == "rue_fermee"
    assert effet_principal([]) == SANS_GENE


@pytest.fixture
def rue(aller) -> Voie:
    axe = MultiLineString(LineString((X0, Y0 + 35), (X0 + 60, Y0 + 35)), srid=2154)
    v = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir", code="0050", axe=axe)
    d = accorde(dossier(voie=v, demandeur=personne("Dupré Fictif"), objet="Secret"))
    MesureCirculation.objects.create(
        dossier=d, type="circulation_interdite", debut=date(2026, 6, 10), fin=date(2026, 6, 12), voie=v
    )
    dossier(emprise("DEPOT", geom=rect(20)), voie=v)
    return v


def texte(reponse) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())))


def donnees(reponse) -> dict:
    brut = re.search(r'id="travaux-donnees"[^>]*>(.*?)</script>', reponse.content.decode(), re.S)[1]
    return json.loads(brut)


def liste(reponse) -> list[str]:
    return re.findall(r'class="travaux-lieu effet-(\w+)"\s+id="lieu-', reponse.content.decode())


def test_la_liste_du_jour_dit_la_gene_de_ce_jour(rue, aller):
    aller(date(2026, 6, 1))
    client = Client()
    assert liste(client.get(f"{PAGE}?jour=2026-05-31")) == []
    assert liste(client.get(f"{PAGE}?jour=2026-06-09")) == ["sans_gene"]
    assert liste(client.get(f"{PAGE}?jour=2026-06-10")) == ["rue_fermee"]
    assert liste(client.get(f"{PAGE}?jour=2026-06-13")) == ["sans_gene"]
    assert liste(client.get(f"{PAGE}?jour=2026-07-01")) == []
    assert liste(client.get(f"{PAGE}?jour=2026-06-10&effet=trottoir_reduit")) == []
    assert liste(client.get(f"{PAGE}?jour=2026-06-10&effet=rue_fermee&voie={INSEE}0050")) == ["rue_fermee"]
    assert liste(client.get(f"{PAGE}?jour=nimporte&effet=inconnu")) == ["sans_gene"]
    # The thirty days that follow: the day itself and twenty-nine more, the heaviest hindrance of them.
    assert liste(client.get(f"{PAGE}?jour=2026-05-02&periode=30")) == []
    assert liste(client.get(f"{PAGE}?jour=2026-05-03&periode=30")) == ["sans_gene"]
    mois = client.get(f"{PAGE}?jour=2026-05-15&periode=30")
    assert liste(mois) == ["rue_fermee"] and "Du 15 mai au 13 juin 2026" in mois.content.decode()
    assert liste(client.get(f"{PAGE}?jour=2026-06-14&periode=30&effet=rue_fermee")) == []
    assert liste(client.get(f"{PAGE}?jour=2026-06-30&periode=30")) == ["sans_gene"]
    assert client.get(f"{PAGE}?voie=259999999").status_code == 404


def test_la_carte_recoit_la_rue_a_barrer_et_aucun_nom(rue, aller):
    aller(date(2026, 6, 1))
    reponse = Client().get(f"{PAGE}?jour=2026-06-10")
    (chantier,) = donnees(reponse)["chantiers"]
    assert chantier["gene"] == [{"effet": "rue_fermee", "du": "2026-06-10", "au": "2026-06-12"}]
    # The rectangle is 4 m long at the beginning of the axis: barred along it and 25 m beyond.
    assert chantier["rue"]["type"] == "LineString"
    assert set(chantier) == {
        "id", "libelle", "voie", "du", "au", "heures", "gene", "lien", "geometrie", "rue",
    }  # fmt: skip
    fiche = Client().get(chantier["lien"])
    assert "Ce qui est occupé, sur le plan cadastral." in fiche.content.decode()
    assert "Rue fermée" in texte(fiche) and "2026-ODP-0001" in texte(fiche)
    for page in (reponse, fiche):
        for mot in ("Dupré", "Secret", "DEPOT", "Dépôt"):
            assert mot not in page.content.decode()


def test_une_fiche_retiree_n_est_plus_publique(rue, aller):
    aller(date(2026, 6, 1))
    (chantier,) = donnees(Client().get(PAGE))["chantiers"]
    d = rue_dossier(chantier["id"])
    faire(d, "arreter_avant_terme", donnees={"le": "2026-06-02"})
    finie = Client().get(chantier["lien"])
    assert finie.status_code == 404
    # Who comes by an old link is not left there; of a file that never was public, nothing is said.
    assert (
        "Cette occupation n'est plus en cours" in texte(finie)
        and f"?voie={rue.id_ban}" in finie.content.decode()
    )
    jamais = Emprise.objects.get(type__code="DEPOT")
    autre = Client().get(f"{PAGE}{jamais.pk}/")
    assert autre.status_code == 404 and "n'est plus en cours" not in texte(autre)


def test_un_titre_signe_d_une_autorite_sur_deux_ne_se_dit_pas_fini(aller):
    """Not granted yet: its street is not told. Once granted by both, the page; later, that it is over."""
    v = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir", code="0050")
    faits = {"gestionnaire": "epci", "ancrage": True, "modifie_circulation": True}
    d = a_signer(dossier(emprise("PALIS"), voie=v, faits=faits))
    adresse = f"{PAGE}{d.emprises.get().pk}/"
    faire(d, "signer", "signataire")
    assert d.etat == "a_signer"
    attente = Client().get(adresse)
    assert attente.status_code == 404
    assert "n'est plus en cours" not in texte(attente) and "Lavoir" not in attente.content.decode()
    faire(d, "signature_exterieure", donnees={"autorite": "president_epci", "reference": "EPCI 12"})
    assert Client().get(adresse).status_code == 200


def test_un_titre_signe_ailleurs_a_sa_nouvelle_a_l_heure_de_sa_signature(aller):
    """Neither its page once over nor its news depend on who signed; no news is dated in the future."""
    v = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir", code="0050")
    d = a_signer(dossier(emprise("PALIS"), voie=v, faits={"gestionnaire": "epci", "ancrage": True}))
    faire(d, "signature_exterieure", donnees={"autorite": "president_epci", "reference": "EPCI 12"})
    (fil,) = fils_de_rue.de_la_voie(v)
    assert fil.publie_le == timezone.now()
    # Without a log (taken over from another software): the decision, which precedes the first day.
    sans_journal = fils_de_rue._fil(fil.chantier, {})
    assert timezone.localdate(sans_journal.publie_le) == d.date_decision < d.debut
    DossierODP.objects.filter(pk=d.pk).update(etat="termine")
    finie = Client().get(f"{PAGE}{d.emprises.get().pk}/")
    assert finie.status_code == 404 and "n'est plus en cours" in texte(finie)


def test_revenir_a_aujourd_hui_garde_les_filtres(rue, aller):
    aller(date(2026, 6, 10))
    page = Client().get(f"{PAGE}?jour=2026-06-20&effet=rue_fermee").content.decode()
    assert f'href="{PAGE}?effet=rue_fermee"' in page and 'data-maintenant="2026-06-10"' in page
    assert 'data-maintenant="2026-06-10" hidden' in " ".join(Client().get(PAGE).content.decode().split())


def rue_dossier(pk: int):
    return Emprise.objects.get(pk=pk).dossier


def test_le_flux_filtre_par_effet_et_le_rss_mene_a_la_fiche(rue):
    base = "/domaine-public/flux/chantiers.geojson?du=2026-06-01&au=2026-06-30"
    (trait,) = json.loads(Client().get(f"{base}&effet=rue_fermee").content)["features"]
    assert trait["properties"]["effets"] == ["rue_fermee"]
    assert trait["properties"]["lien"].startswith("http://testserver/domaine-public/travaux/")
    assert json.loads(Client().get(f"{base}&effet=trottoir_reduit").content)["features"] == []
    assert Client().get(f"{base}&effet=tout").status_code == 400
    rss = Client().get(f"/domaine-public/flux/voie/{INSEE}0050.rss").content.decode()
    assert "/domaine-public/travaux/" in rss
