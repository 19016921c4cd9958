"""The annex of the yearly report: figures, their rows, what is typed, what is published."""

from __future__ import annotations

import csv as lecteur_csv
import io
from datetime import date
from decimal import Decimal

import pytest

from assainissement import controles, installations, rpqs
from assainissement.installations import NouvelleInstallation
from assainissement.models import AnnexeRPQS, IndicateurAnnuel
from assainissement.regles.sispea import indicateurs_sispea
from assainissement.regles.tables import indicateurs as table
from mairie.workflow import Refus
from tests.assainissement.fabrique_anc import acteur, installation
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
ADRESSE = "/assainissement/rpqs/"


def repris(i, visite: date, nature: str = "periodique", **faits: bool):
    return controles.reprendre(
        i, nature, par=acteur(), visite=visite, cas={"elements_probants": True, **faits}
    )


def chiffre(code: str, annee: int = 2025) -> rpqs.Chiffre:
    return next(c for c in rpqs.chiffres(INSEE, annee) if c.code == code)


def test_changer_un_controle_change_le_chiffre_et_ses_lignes():
    saine, cassee, dangereuse = (installation() for _ in range(3))
    repris(saine, date(2020, 5, 1))
    repris(cassee, date(2024, 5, 1), incomplete=True)
    repris(dangereuse, date(2025, 12, 31), contact_eaux_usees=True)
    p301 = chiffre("P301.3")
    assert (p301.valeur, p301.numerateur, p301.denominateur) == ("66,7", "2", "3"), "le cas c compte conforme"
    assert (chiffre(table.CONFORMITE).valeur, chiffre(table.CONFORMITE).numerateur) == ("33,3", "1")
    assert [(x.installation, x.date, x.compte) for x in p301.lignes] == [
        (saine.numero, "2020-05-01", True),
        (cassee.numero, "2024-05-01", True),
        (dangereuse.numero, "2025-12-31", False),
    ]
    assert chiffre("P301.3", 2024).denominateur == "2"
    repris(saine, date(2025, 3, 1), contact_eaux_usees=True)
    apres = chiffre("P301.3")
    assert (apres.valeur, apres.numerateur) == ("33,3", "1"), "le dernier contrôle seul compte"
    assert (apres.lignes[0].installation, apres.lignes[0].date) == (saine.numero, "2025-03-01")
    assert chiffre("P301.3", 2024).numerateur == "2", "l'année d'avant ne change pas"
    cas = [
        {"installation": x.installation, "date": x.date, "type": "existant", "regle": x.conclusion[:2]}
        for x in apres.lignes
    ]
    attendu = indicateurs_sispea({"annee": 2025, "controles": cas})["P301.3"]
    assert (attendu["numerateur"], attendu["denominateur"], attendu["valeur"]) == (1, 3, "33.3")


def test_une_installation_desactivee_sort_puis_revient():
    i = installations.creer(NouvelleInstallation(INSEE), par=acteur(), jour=date(2019, 1, 1))
    repris(i, date(2020, 5, 1))
    i.refresh_from_db()
    installations.agir(
        i, "desactiver", par=acteur(), version=i.version, date_effet=date(2025, 12, 31),
        donnees={"motif": "demolie"},
    )  # fmt: skip
    assert rpqs.desactivees(INSEE, 2025) == {i.numero: date(2025, 12, 31)}
    vide = chiffre("P301.3")
    assert (vide.valeur, vide.denominateur, vide.manque) == ("", "0", "Aucun contrôle n'est retenu.")
    assert chiffre("P301.3", 2024).denominateur == "1"
    i.refresh_from_db()
    installations.agir(
        i, "reactiver", par=acteur(), version=i.version, date_effet=date(2026, 2, 1), donnees={"motif": "x"}
    )
    assert rpqs.desactivees(INSEE, 2026) == {}
    assert chiffre("P301.3", 2026).denominateur == "1"


def test_les_chiffres_saisis_font_d302_et_p253():
    assert "Répondez d'abord" in chiffre("D302.0").manque
    assert (
        "le réseau renouvelé en 2021, 2022, 2023, 2024, 2025 et le linéaire total" in chiffre("P253.2").manque
    )
    agent = acteur()
    un, zero = Decimal(1), Decimal(0)
    rpqs.saisir(INSEE, 2025, {**dict.fromkeys(table.QUESTIONS, un), "entretien": zero}, par=agent)
    assert (chiffre("D302.0").valeur, chiffre("D302.0").numerateur[:14]) == ("130", "partie A : 100")
    rpqs.saisir(INSEE, 2025, {"zonage": zero}, par=agent)
    assert (chiffre("D302.0").valeur, "non comptée" in chiffre("D302.0").numerateur) == ("80", True)
    for annee, km in ((2021, "1.2"), (2022, "0"), (2023, "0.8"), (2024, "2"), (2025, "0.5")):
        rpqs.saisir(INSEE, annee, {table.RENOUVELE: Decimal(km)}, par=agent)
    rpqs.saisir(INSEE, 2025, {table.LINEAIRE: Decimal(90)}, par=agent)
    p253 = chiffre("P253.2")
    assert (p253.valeur, p253.numerateur, p253.denominateur) == ("1,00", "4,500 km en cinq ans", "90,000 km")
    rpqs.saisir(INSEE, 2022, {table.RENOUVELE: None}, par=agent)
    assert chiffre("P253.2").manque == "Saisissez le réseau renouvelé en 2022."
    for code, valeur in (("P301.3", un), ("P204.3", Decimal(101)), ("P204.3", Decimal(-1))):
        with pytest.raises(Refus):
            rpqs.saisir(INSEE, 2025, {code: valeur}, par=agent)


def test_une_annee_publiee_garde_ce_qui_est_publie():
    i = installation()
    repris(i, date(2025, 5, 1))
    with pytest.raises(Refus, match="n'est pas finie"):
        rpqs.publier(INSEE, 2026, par=acteur(), aujourdhui=date(2026, 3, 2))
    client = client_de("responsable")
    envoi = {"annee": "2025", "commune": INSEE}
    assert client.post(f"{ADRESSE}publier/", envoi).status_code == 302
    page = texte(client.get(f"{ADRESSE}?annee=2025"))
    assert "Annexe 2025, version 1, publiée le 02/03/2026" in page
    repris(i, date(2025, 6, 1), contact_eaux_usees=True)
    figee = texte(client.get(f"{ADRESSE}?annee=2025"))
    assert "100,0 %" in figee
    assert "100,0 alors, 0,0 aujourd'hui" in figee
    assert "01/05/2025" in texte(client.get(f"{ADRESSE}lignes/?annee=2025&code=P301.3"))
    assert "01/06/2025" in texte(client.get(f"{ADRESSE}lignes/?annee=2025&code=P301.3&actuels=1"))
    client.post(f"{ADRESSE}publier/", envoi)
    assert AnnexeRPQS.objects.count() == 1, "une seconde version dit pourquoi"
    client.post(f"{ADRESSE}publier/", {**envoi, "motif": "Contrôle oublié"})
    assert [a.version for a in AnnexeRPQS.objects.order_by("version")] == [1, 2]
    assert "100,0 %" not in texte(client.get(f"{ADRESSE}?annee=2025"))
    premiere = AnnexeRPQS.objects.get(version=1)
    assert rpqs.figures(premiere)[2].numerateur == "1", "la première version reste"


def test_la_page_saisit_exporte_et_imprime():
    client = client_de("responsable")
    repris(installation(), date(2025, 5, 1))
    mauvais = client.post(
        f"{ADRESSE}saisir/", {"annee": "2025", "commune": INSEE, "v_P204.3": "cent", "v_D201.0": "12,5"}
    )
    assert mauvais.status_code == 422
    assert "Écrivez un nombre" in texte(mauvais)
    assert "Un nombre entier" in texte(mauvais)
    assert 'value="cent"' in mauvais.content.decode(), "la saisie est gardée"
    assert not IndicateurAnnuel.objects.exists()
    bon = client.post(
        f"{ADRESSE}saisir/",
        {"annee": "2025", "commune": INSEE, "v_D204.0": "2,53", "c_D204.0": "délibération", "v_zonage": "1"},
    )
    assert bon.status_code == 302
    assert "2,53 € TTC" in texte(client.get(f"{ADRESSE}?annee=2025"))
    assert 'value="2,53"' in client.get(f"{ADRESSE}saisir/?annee=2025&commune={INSEE}").content.decode()
    flux = b"".join(client.get(f"{ADRESSE}csv/?annee=2025&commune={INSEE}").streaming_content).decode(
        "utf-8-sig"
    )
    lignes = {r["Indicateur"]: r for r in lecteur_csv.DictReader(io.StringIO(flux), delimiter=";")}
    assert (lignes["P301.3"]["Numérateur"], lignes["P301.3"]["Dénominateur"]) == ("1", "1")
    assert lignes["D204.0"]["Remarque"] == "délibération"
    rangees = client.get(f"{ADRESSE}lignes/?annee=2025&code=P301.3&export=csv")
    assert b"01/05/2025" in b"".join(rangees.streaming_content)
    assert client.get(f"{ADRESSE}lignes/?annee=2025&code=D302.0").status_code == 404
    imprime = client.get(f"{ADRESSE}pdf/?annee=2025&commune={INSEE}")
    assert (imprime["Content-Type"], imprime.content[:5]) == ("application/pdf", b"%PDF-")


def test_chacun_ses_communes_et_ses_droits():
    assert client_de("technicien").get(ADRESSE).status_code == 200
    assert client_de("technicien").get(f"{ADRESSE}saisir/").status_code == 403
    ailleurs = client_de("responsable", insee=AUTRE_INSEE)
    for fin in ("", "csv/", "pdf/", "lignes/", "saisir/"):
        assert ailleurs.get(f"{ADRESSE}{fin}?commune={INSEE}").status_code == 404, fin
    assert ailleurs.post(f"{ADRESSE}publier/", {"annee": "2025", "commune": INSEE}).status_code == 404
