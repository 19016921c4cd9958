"""Publishing and settling, and who sees what."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.contrib.gis.geos import MultiPolygon, Point, Polygon
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction

from mairie.echeances import Fournisseur, attribuer, fournir, publier, service, solder
from mairie.models import Echeance, Service
from mairie.workflow import Etape
from tests.mairie.echeances.conftest import DECISION, JOUR, PIECES, dossier, poser
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune, habiliter

pytestmark = pytest.mark.django_db


def test_publier_deux_fois_deplace_la_date_sans_doubler(django_assert_num_queries):
    d = dossier()
    publier(d, DECISION, JOUR, reference="D1")
    with django_assert_num_queries(1):
        publier(d, DECISION, JOUR + timedelta(30), reference="D1", consequence="Accord tacite")
    e = Echeance.objects.get()
    assert (e.date, e.consequence, e.libelle) == (JOUR + timedelta(30), "Accord tacite", "Décision à rendre")


def test_sans_date_ou_soldee_l_echeance_disparait():
    d = dossier()
    publier(d, DECISION, JOUR)
    publier(d, PIECES, JOUR, cle="a")
    publier(d, PIECES, JOUR, cle="b")
    publier(d, DECISION, None)
    assert solder(d, PIECES, "a") == 1
    assert Echeance.objects.get().cle == "b"
    assert solder(d) == 1
    assert solder(d) == 0


def test_ce_qui_n_est_pas_dit_se_lit_sur_le_dossier():
    d = dossier()
    d.insee, d.numero, d.get_absolute_url = INSEE, "PC 1", lambda: "/urba/1/"
    pourquoi = [
        Etape("Deux mois", "2026-05-12", "R*423-23", {"depot": JOUR}),
        {"regle": "x", "resultat": "y"},
    ]
    publier(d, DECISION, JOUR, pourquoi=pourquoi)
    e = Echeance.objects.get()
    assert (e.insee, e.reference, e.adresse) == (INSEE, "PC 1", "/urba/1/")
    assert e.pourquoi[0] == {
        "regle": "Deux mois",
        "article": "R*423-23",
        "entree": {"depot": "2026-03-12"},
        "resultat": "2026-05-12",
    }


def test_la_publication_suit_la_transaction_du_metier():
    with pytest.raises(RuntimeError), transaction.atomic():
        publier(dossier(), DECISION, JOUR)
        raise RuntimeError
    assert not Echeance.objects.exists()


@pytest.mark.parametrize(
    "adresse", ["//ailleurs.invalid/", "https://ailleurs.invalid/", "javascript:alert(1)"]
)
def test_une_adresse_n_est_que_d_ici(adresse):
    with pytest.raises(IntegrityError), transaction.atomic():
        publier(dossier(), DECISION, JOUR, adresse=adresse)


def test_un_genre_non_declare_ou_double_est_refuse():
    with pytest.raises(KeyError):
        publier(dossier(), "essai.inconnue", JOUR)
    with pytest.raises(ImproperlyConfigured):
        fournir(Fournisseur(DECISION, "essai", "Autre libellé", "mairie.lire"))
    with pytest.raises(ImproperlyConfigured):
        fournir(Fournisseur("sans point", "essai", "x", "mairie.lire"))


def test_chacun_voit_ce_que_ses_droits_montrent(lectrice):
    poser(1)
    poser(2, insee=AUTRE_INSEE)
    poser(3, "essai.secret")

    def vues(personne) -> list[str]:
        return [e.reference for e in Echeance.objects.visibles_par(personne)]

    assert vues(lectrice) == ["D1"]
    assert vues(agent("mairie.dpo")) == ["D3"]
    assert vues(agent("mairie.lecteur", codes=(INSEE, AUTRE_INSEE))) == ["D1", "D2"]
    assert vues(agent()) == vues(None) == []


def test_un_droit_tenu_dans_un_perimetre_ne_montre_que_ce_qui_s_y_trouve(settings):
    srid = settings.TERRITOIRE_SRID
    poser(1, lieu=Point(5, 5, srid=srid))
    poser(2, lieu=Point(50, 50, srid=srid))
    poser(3)
    carre = MultiPolygon(Polygon.from_bbox((0, 0, 10, 10)), srid=srid)
    personne = agent()
    habiliter(personne, "mairie", "lecteur", perimetre=carre)
    assert [e.reference for e in Echeance.objects.visibles_par(personne)] == ["D1"]


def test_attribuer_deplace_toutes_les_echeances_du_dossier(lectrice):
    equipe = Service.objects.create(collectivite=commune(), code="urba", libelle="Urbanisme")
    poser(1), poser(2)
    assert attribuer(dossier(), lectrice, equipe) == 2
    assert set(Echeance.objects.values_list("responsable", "service")) == {(lectrice.pk, equipe.pk)}


def test_les_echeances_orphelines_sont_balayees():
    poser(1)
    poser(2, insee=AUTRE_INSEE)
    commune(AUTRE_INSEE).delete()
    Echeance.objects.filter(reference="D1").update(code="essai.disparue")
    assert service.balayer() == 2
    assert not Echeance.objects.exists()


def test_chaque_metier_peut_republier():
    vus = []
    fournir(
        Fournisseur(
            "essai.calculee", "essai", "Calculée", "mairie.lire", republier=lambda j: vus.append(j) or 3
        )
    )
    assert service.republier(date(2026, 3, 12))["essai.calculee"] == 3
    assert vus == [date(2026, 3, 12)]


def test_un_metier_en_panne_laisse_les_autres_republier(monkeypatch):
    def panne(jour):
        raise RuntimeError("essai")

    declares = {
        "essai.panne": Fournisseur("essai.panne", "essai", "En panne", "mairie.lire", republier=panne),
        "essai.suite": Fournisseur("essai.suite", "essai", "Suite", "mairie.lire", republier=lambda j: 2),
    }
    monkeypatch.setattr(service, "fournisseurs", lambda: declares)
    with pytest.raises(RuntimeError):
        service.republier(date(2026, 3, 12))
    echecs: list[str] = []
    faites = service.republier(date(2026, 3, 12), echecs)
    assert echecs == ["En panne"] and faites == {"essai.suite": 2}
