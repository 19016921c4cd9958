"""Reference tables: their screens from one declaration, and who may change what all share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile

from mairie.ecrans import declarer_table_reference
from mairie.ecrans.reference import COMMUNE_A_TOUS
from mairie.models import ImportTable
from tests.mairie.ecrans.conftest import client_de
from tests.mairie.ecrans.test_import import _stockage, choix, texte  # noqa: F401
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

ESSENCES, TARIFS = "/reglages/tables/mairie-essences/", "/reglages/tables/mairie-tarifs-essai/"


def essence(ecrans_essai, code: str, **champs: object):
    return ecrans_essai.Essence.objects.create(code=code, libelle=code.title(), **champs)


def test_toutes_les_tables_sont_sur_une_page(admin, lecteur, ecrans_essai):
    essence(ecrans_essai, "chene")
    page = texte(admin.get("/reglages/tables/"))
    assert "Essences de bois 1 ligne" in page and "Tarifs 0 ligne" in page
    assert lecteur.get("/reglages/tables/").status_code == 403


def test_une_ligne_se_saisit_se_lit_et_se_retire(admin, ecrans_essai):
    donnees = {"code": "chene", "libelle": "Chêne", "ordre": "1", "durete": "4", "actif": "on"}
    fait = texte(admin.post(f"{ESSENCES}nouveau/", donnees, follow=True))
    assert "« Chêne » est enregistré." in fait
    ligne = ecrans_essai.Essence.objects.get()
    assert "Chêne" in texte(admin.get(f"{ESSENCES}?q=chene"))
    admin.post(f"{ESSENCES}{ligne.pk}/modifier/", {**donnees, "actif": "", "_depart": "{}"}, follow=True)
    ligne.refresh_from_db()
    assert ligne.actif is True, "the start was tampered with: both versions are shown first"


def test_le_meme_code_ne_revient_que_pour_une_autre_periode(admin, ecrans_essai):
    essence(ecrans_essai, "chene", valide_au=date(2025, 12, 31))
    donnees = {"code": "chene", "libelle": "Chêne", "ordre": "1", "durete": "4"}
    assert "Ce code existe déjà pour cette période." in texte(admin.post(f"{ESSENCES}nouveau/", donnees), 422)
    absurde = {**donnees, "valide_du": "2026-02-01", "valide_au": "2026-01-01"}
    assert "La période finit avant de commencer." in texte(admin.post(f"{ESSENCES}nouveau/", absurde), 422)
    admin.post(f"{ESSENCES}nouveau/", {**donnees, "valide_du": "2026-01-01"})
    assert ecrans_essai.Essence.objects.count() == 2


@pytest.mark.parametrize(
    ("jour", "attendus"),
    [
        (date(2025, 12, 31), ["ancien", "toujours"]),
        (date(2026, 1, 1), ["toujours"]),
        (date(2026, 3, 1), ["futur", "toujours"]),
    ],
)
def test_les_lignes_valides_un_jour(ecrans_essai, jour, attendus):
    essence(ecrans_essai, "ancien", valide_au=date(2025, 12, 31))
    essence(ecrans_essai, "futur", valide_du=date(2026, 3, 1))
    essence(ecrans_essai, "toujours", ordre=9)
    essence(ecrans_essai, "retire", actif=False)
    assert [e.code for e in ecrans_essai.Essence.objects.valides(jour)] == attendus


def test_ce_qui_est_commun_ne_se_change_que_par_qui_administre_tout(admin, ecrans_essai):
    commune(AUTRE_INSEE)
    ligne = essence(ecrans_essai, "chene")
    assert "Chene" in texte(admin.get(ESSENCES))
    assert COMMUNE_A_TOUS in texte(admin.get(f"{ESSENCES}{ligne.pk}/"))
    for suite in ("nouveau/", f"{ligne.pk}/modifier/"):
        assert COMMUNE_A_TOUS in texte(admin.post(f"{ESSENCES}{suite}", {"code": "x"}, follow=True))
    refus = admin.post(
        f"{ESSENCES}importer/", {"fichier": SimpleUploadedFile("e.csv", b"code;libelle\na;A\n")}
    )
    assert COMMUNE_A_TOUS in texte(refus)
    assert ecrans_essai.Essence.objects.count() == 1 and not ImportTable.objects.exists()
    partout = client_de(agent("mairie.administrateur", codes=(INSEE, AUTRE_INSEE)))
    donnees = {"code": "pin", "libelle": "Pin", "ordre": "1", "durete": "2"}
    partout.post(f"{ESSENCES}nouveau/", donnees)
    assert ecrans_essai.Essence.objects.filter(code="pin").exists()


def test_ce_qui_est_a_une_collectivite_n_est_vu_et_change_que_la(admin, ecrans_essai):
    ici, ailleurs = commune(INSEE), commune(AUTRE_INSEE)
    tarif = ecrans_essai.Tarif.objects
    sien = tarif.create(collectivite=ici, code="t1", libelle="Tarif d'ici", montant=3)
    autre = tarif.create(collectivite=ailleurs, code="t1", libelle="Tarif d'ailleurs", montant=3)
    page = texte(admin.get(TARIFS))
    assert "Tarif d'ici" in page and "Tarif d'ailleurs" not in page
    assert admin.get(f"{TARIFS}{autre.pk}/").status_code == 404
    donnees = {
        "code": "t2",
        "libelle": "T2",
        "ordre": "1",
        "montant": "4,50",
        "collectivite": str(ailleurs.pk),
    }
    assert "Sélectionnez un choix valide" in texte(admin.post(f"{TARIFS}nouveau/", donnees), 422)
    admin.post(f"{TARIFS}nouveau/", {**donnees, "collectivite": str(ici.pk)})
    assert tarif.get(code="t2").montant == Decimal("4.50")
    assert "Modifier" in texte(admin.get(f"{TARIFS}{sien.pk}/"))


def test_une_table_s_importe_par_code_et_collectivite(admin, ecrans_essai):
    commune(AUTRE_INSEE)
    ecrans_essai.Tarif.objects.create(collectivite=commune(INSEE), code="t1", libelle="Ancien", montant=3)
    contenu = (
        "code INSEE;Code;Libellé;Montant;Proposé;Valide du\n"
        f"{INSEE};t1;Nouveau;3,00;oui;\n{INSEE};t2;Deux;4,5;oui;01/01/2026\n"
        f"{AUTRE_INSEE};t3;Trois;4;oui;\n99999;t4;Quatre;4;oui;\n"
    )
    admin.post(f"{TARIFS}importer/", {"fichier": SimpleUploadedFile("t.csv", contenu.encode())})
    ligne = ImportTable.objects.get()
    page = texte(
        admin.post(f"{TARIFS}importer/{ligne.pk}/", {"faire": "essayer", **choix(ligne)}, follow=True)
    )
    assert "1 créées 1 modifiées 0 inchangées 2 refusées" in page
    assert "Ligne 5 : Collectivite : « 99999 » n'existe pas." in page
    admin.post(f"{TARIFS}importer/{ligne.pk}/", {"faire": "appliquer"})
    assert list(ecrans_essai.Tarif.objects.order_by("code").values_list("code", "libelle", "ordre")) == [
        ("t1", "Nouveau", 0),
        ("t2", "Deux", 0),
    ]


def test_sans_la_colonne_de_periode_un_code_a_deux_periodes_est_ambigu(admin, ecrans_essai):
    essence(ecrans_essai, "chene", valide_au=date(2025, 12, 31))
    essence(ecrans_essai, "chene", valide_du=date(2026, 1, 1))
    admin.post(f"{ESSENCES}importer/", {"fichier": SimpleUploadedFile("e.csv", b"code;libelle\nchene;A\n")})
    ligne = ImportTable.objects.get()
    page = texte(
        admin.post(f"{ESSENCES}importer/{ligne.pk}/", {"faire": "essayer", **choix(ligne)}, follow=True)
    )
    assert "2 lignes de la table répondent : ajoutez la colonne Valide du." in page


def test_une_declaration_fausse_est_refusee_tout_de_suite(ecrans_essai):
    with pytest.raises(ImproperlyConfigured, match="champs inconnus"):
        declarer_table_reference(
            ecrans_essai.Essence, code="mairie.fausse", titre="F", groupe="M", champs=("zut",)
        )
