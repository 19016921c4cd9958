"""Numbers: no gap, no duplicate, given back by a rollback, one series a year."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.transaction import TransactionManagementError

from mairie import numerotation
from mairie.models import SerieNumerotation
from mairie.numerotation import Genre, NumerotationRefusee, dernier_donne, prochain, prochains, reprendre

OCCUPATION = Genre(
    "essai.dossier", "Dossier d'essai", lambda s, n: f"ESS-{s.collectivite}-{s.annee}-{n:05d}", maximum=12
)
LIEU = Genre("essai.lieu", "Lieu d'essai", lambda s, n: f"L-{s.collectivite}-{n:05d}", par_annee=False)
RANG = Genre("essai.rang", "Rang", lambda s, n: f"{s.cle}-C{n:02d}", par_annee=False)
JOUR = date(2026, 12, 31)
LENDEMAIN = date(2027, 1, 1)


@pytest.mark.django_db
def test_la_serie_repart_a_un_chaque_annee_par_collectivite_et_genre():
    textes = [prochain(OCCUPATION, "25999", jour=j).texte for j in (JOUR, JOUR, LENDEMAIN, JOUR)]
    assert textes == [
        "ESS-25999-2026-00001",
        "ESS-25999-2026-00002",
        "ESS-25999-2027-00001",
        "ESS-25999-2026-00003",
    ]
    assert prochain(OCCUPATION, "242500361", jour=JOUR).texte == "ESS-242500361-2026-00001"
    assert [prochain(LIEU, "25999", jour=j).ordre for j in (JOUR, LENDEMAIN)] == [1, 2]
    assert [prochain(RANG, "25999", jour=JOUR, cle=c).texte for c in ("A", "B", "A")] == [
        "A-C01",
        "B-C01",
        "A-C02",
    ]


@pytest.mark.django_db
def test_une_transaction_annulee_rend_son_numero():
    assert prochain(OCCUPATION, "25999", jour=JOUR).ordre == 1
    with pytest.raises(RuntimeError), transaction.atomic():
        assert prochain(OCCUPATION, "25999", jour=JOUR).ordre == 2
        raise RuntimeError
    assert prochain(OCCUPATION, "25999", jour=JOUR).ordre == 2


@pytest.mark.django_db
def test_une_serie_epuisee_le_dit_et_ne_bouge_plus():
    reprendre(OCCUPATION, "25999", jour=JOUR, dernier=11)
    assert prochain(OCCUPATION, "25999", jour=JOUR).ordre == 12
    for _ in range(2):
        with pytest.raises(NumerotationRefusee, match="épuisée : le dernier numéro possible est 12"):
            prochain(OCCUPATION, "25999", jour=JOUR)
    assert dernier_donne(OCCUPATION, "25999", jour=JOUR) == 12


@pytest.mark.django_db
def test_plusieurs_numeros_d_un_coup_se_suivent_ou_ne_se_prennent_pas():
    assert prochain(OCCUPATION, "25999", jour=JOUR).ordre == 1
    pris = prochains(OCCUPATION, "25999", 3, jour=JOUR)
    assert [n.texte for n in pris] == [f"ESS-25999-2026-0000{n}" for n in (2, 3, 4)]
    assert prochains(OCCUPATION, "25999", 0, jour=JOUR) == []
    with pytest.raises(NumerotationRefusee, match="épuisée"):
        prochains(OCCUPATION, "25999", 9, jour=JOUR)
    assert prochain(OCCUPATION, "25999", jour=JOUR).ordre == 5, "rien n'a été pris"


@pytest.mark.django_db
def test_une_reprise_fixe_le_depart_et_ne_recule_jamais():
    assert dernier_donne(LIEU, "25999", jour=JOUR) == 0
    assert [reprendre(LIEU, "25999", jour=JOUR, dernier=412) for _ in range(2)] == [412, 412]
    assert prochain(LIEU, "25999", jour=JOUR).texte == "L-25999-00413"
    with pytest.raises(
        NumerotationRefusee, match="a déjà donné le numéro 413 : elle ne peut pas revenir à 412"
    ):
        reprendre(LIEU, "25999", jour=JOUR, dernier=412)
    assert dernier_donne(LIEU, "25999", jour=JOUR) == 413
    with pytest.raises(NumerotationRefusee, match="entre 0 et 99999"):
        reprendre(LIEU, "25999", jour=JOUR, dernier=-1)


@pytest.mark.django_db(transaction=True)
def test_un_numero_se_prend_dans_une_transaction():
    with pytest.raises(TransactionManagementError):
        prochain(OCCUPATION, "25999", jour=JOUR)
    assert not SerieNumerotation.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "faux",
    [
        {"collectivite": "2599"},
        {"collectivite": "25A99"},
        {"genre": "sansapp"},
        {"annee": 26},
        {"dernier": -1},
    ],
)
def test_la_base_refuse_une_serie_mal_formee(faux):
    bon = {"collectivite": "2A004", "genre": "essai.dossier", "annee": 2026, "dernier": 3}
    SerieNumerotation.objects.create(**bon)
    with pytest.raises(IntegrityError), transaction.atomic():
        SerieNumerotation.objects.create(**bon | {"cle": "autre"} | faux)


@pytest.mark.django_db
def test_deux_compteurs_sans_annee_ne_peuvent_pas_coexister():
    SerieNumerotation.objects.create(collectivite="25999", genre="essai.lieu")
    with pytest.raises(IntegrityError), transaction.atomic():
        SerieNumerotation.objects.create(collectivite="25999", genre="essai.lieu")


@pytest.mark.django_db(transaction=True)
def test_vingt_transactions_a_la_fois_sans_trou_ni_doublon():
    """Every fourth one rolls back after taking its number: the next ones take it again."""
    ensemble = threading.Barrier(20)

    def deposer(rang: int) -> int | None:
        try:
            ensemble.wait(timeout=20)
            with transaction.atomic():
                numero = prochain(LIEU, "25999", jour=JOUR).ordre
                if rang % 4 == 0:
                    transaction.set_rollback(True)
                    return None
                return numero
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as fils:
        donnes = list(fils.map(deposer, range(20)))
    assert sorted(n for n in donnes if n is not None) == list(range(1, 16))
    assert dernier_donne(LIEU, "25999", jour=JOUR) == 15


def test_un_genre_se_declare_une_fois(monkeypatch):
    monkeypatch.setattr(numerotation, "_genres", {})
    assert numerotation.declarer(OCCUPATION) is OCCUPATION
    numerotation.declarer(OCCUPATION)
    assert numerotation.genres() == [OCCUPATION]
    with pytest.raises(ValueError, match="deux fois"):
        numerotation.declarer(Genre("essai.dossier", "Autre", str))
    with pytest.raises(ValueError, match=r"app\.genre"):
        numerotation.declarer(Genre("dossier", "Sans application", str))
