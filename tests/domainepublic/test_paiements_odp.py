"""Payments read in a file, each line on its own and once; unpaid claims; statistics equal to the lines."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from domainepublic import facturation
from domainepublic.models import LigneFacturable, Paiement, Titre
from domainepublic.paiements import FichierRefuse, importer
from domainepublic.statistiques import tableaux
from tests.domainepublic.fabrique_odp import accorde, acteur, dossier, emprise, faire, rect
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
TETE = "reference;numero_titre;date_paiement;montant\r\n"


@pytest.fixture
def titres():
    """Two exported claims: 240 € and 480 €."""
    grille()
    for x, surface, siret in ((0, 4, "12345678200010"), (20, 8, "12345678200028")):
        accorde(dossier(emprise(geom=rect(x, 31, surface)), demandeur=payeur(siret=siret)))
    role = facturation.preparer_role(INSEE, acteur("finances"))
    facturation.exporter(facturation.valider(role))
    return list(Titre.objects.order_by("reference"))


def lu(*lignes: str, tete: str = TETE, codage: str = "utf-8-sig"):
    return importer(INSEE, (tete + "\r\n".join(lignes)).encode(codage), acteur("finances"))


def test_chaque_ligne_a_son_verdict_et_une_mauvaise_n_arrete_pas_les_autres(titres):
    un, deux = titres
    rapport = lu(
        f"{un};T-001;02/03/2026;240,00",
        f"{deux};T-002;2026-03-01;1 00,50 €",
        "ROLE-2020-01-0001;T-003;02/03/2026;10,00",
        f"{deux};T-004;32/03/2026;10,00",
        f"{deux};T-005;02/03/2026;dix",
        f"{deux};T-006;02/03/2026;1000,00",
        f"{deux};T-007;03/03/2026;10,00",
        f"{deux};T-008;02/03/2026;0,00",
        "",
    )
    assert [x.etat for x in rapport.lignes] == ["enregistre"] * 2 + ["rejet"] * 6
    assert rapport.total == Decimal("340.50")
    motifs = [x.motif for x in rapport.de("rejet")]
    for motif, dit in zip(
        motifs,
        (
            "Aucun titre",
            "ne se lit pas",
            "n'est pas un nombre",
            "Il reste 379,50",
            "dans l'avenir",
            "supérieur",
        ),
        strict=True,
    ):
        assert dit in motif
    un.refresh_from_db()
    deux.refresh_from_db()
    assert (un.solde, un.lignes.get().etat) == (True, LigneFacturable.Etat.SOLDEE)
    assert (deux.paye, deux.lignes.get().etat) == (Decimal("100.50"), LigneFacturable.Etat.TITREE)
    # Corrected, the file of rejects is imported as it is.
    corrige = rapport.rejets_csv().replace("32/03/2026", "01/03/2026")
    encore = importer(INSEE, corrige.encode(), acteur("finances"))
    assert [x.etat for x in encore.lignes].count("enregistre") == 1


def test_le_meme_fichier_deux_fois_ne_compte_rien_deux_fois(titres):
    lignes = (f"{titres[0]};T-001;02/03/2026;100,00", f"{titres[0]};T-002;02/03/2026;100,00")
    assert len(lu(*lignes).de("enregistre")) == 2, "deux paiements de même somme, deux numéros"
    deux = lu(*lignes)
    assert (len(deux.de("deja")), deux.total) == (2, 0)
    titres[0].refresh_from_db()
    assert (titres[0].paye, Paiement.objects.count()) == (Decimal("200.00"), 2)


@pytest.mark.parametrize(
    ("octets", "dit"),
    [
        (b"a;b\r\n1;2", "Il manque la colonne reference"),
        (b"PK\x03\x04\0\0", "pas un fichier CSV"),
        (b"x" * (2 * 1024**2 + 1), "dépasse 2 Mo"),
    ],
)
def test_un_fichier_qui_n_est_pas_des_paiements_est_refuse_en_francais(octets, dit):
    with pytest.raises(FichierRefuse, match=dit):
        importer(INSEE, octets, acteur("finances"))


def test_un_fichier_de_tableur_ancien_se_lit_et_le_titre_d_une_autre_commune_est_inconnu(titres):
    assert lu(f"{titres[0]};é;02/03/2026;10,00", codage="cp1252").total == 10
    ailleurs = importer(AUTRE_INSEE, f"{TETE}{titres[0]};T;02/03/2026;10,00".encode(), acteur("finances"))
    assert "Aucun titre" in ailleurs.lignes[0].motif


def test_l_ecran_lit_le_fichier_rend_les_rejets_et_liste_les_impayes(titres):
    client = client_de("finances")
    fichier = SimpleUploadedFile("p.csv", f"{TETE}{titres[0]};T;02/03/2026;240,00\r\nX;;;1".encode())
    page = client.post("/domaine-public/paiements/", {"fichier": fichier})
    assert "1 paiement enregistré (240,00 €), 0 déjà connu, 1 ligne rejetée" in texte(page)
    rejets = client.post("/domaine-public/paiements/rejets/", {"rejets": "reference\r\nX"})
    assert rejets["Content-Disposition"].startswith("attachment")
    liste = texte(client.get("/domaine-public/titres/?solde=0"))
    assert str(titres[1]) in liste
    assert str(titres[0]) not in liste
    assert client.post("/domaine-public/paiements/", {}).status_code == 422
    for adresse in ("/domaine-public/paiements/", "/domaine-public/titres/"):
        assert client_de("instructeur").get(adresse).status_code == 403
    autre = client_de("finances", insee=AUTRE_INSEE)
    assert str(titres[1]) not in texte(autre.get("/domaine-public/titres/"))
    vole = SimpleUploadedFile("p.csv", f"{TETE}X;;;1".encode())
    assert autre.post("/domaine-public/paiements/", {"fichier": vole, "commune": INSEE}).status_code == 404


def test_les_statistiques_sont_celles_des_lignes_et_le_fichier_dit_la_page(titres, aller):
    from datetime import date

    d = titres[1].lignes.get().dossier
    aller(date(2026, 6, 10))
    donnees = {"motif": "interet_general", "le": "2026-06-16", "contradictoire_le": "2026-06-05"}
    faire(d, "retirer", "signataire", donnees=donnees)
    t = {x.code: x for x in tableaux(INSEE, 2026)}
    lignes = LigneFacturable.objects.all()
    facture = sum((x.montant for x in lignes if x.montant > 0), Decimal(0))
    rendu = sum((x.montant for x in lignes if x.montant < 0), Decimal(0))
    assert rendu == Decimal("-240.00"), "quinze jours sur trente"
    for code in ("type", "voie"):
        assert t[code].total == ("Total", 2, facture, rendu, facture + rendu)
    assert t["annee"].lignes == (("2026", 2, facture, rendu, facture + rendu, Decimal(0)),)
    assert t["zone"].lignes == (("hors zone", facture),)
    assert t["impayes"].lignes == (("2026", 2, Decimal("720.00")),)
    assert t["occupation"].lignes[0][1:] == (2, Decimal("24.00"), Decimal(0), 30 + 15)
    assert dict(t["delais"].lignes)["Décisions rendues"] == 2
    client = client_de("lecture")
    page = texte(client.get("/domaine-public/statistiques/?annee=2026"))
    assert "480,00 €" in page
    corps = b"".join(client.get("/domaine-public/statistiques.csv?annee=2026").streaming_content)
    rangees = list(csv.reader(io.StringIO(corps.decode("utf-8-sig")), delimiter=";"))
    assert ["Total", "2", "720.00".replace(".", ","), "-240,00", "480,00"] in rangees
    assert client.get(f"/domaine-public/statistiques/?commune={AUTRE_INSEE}").status_code == 404


def test_un_role_est_accuse_quand_le_fichier_des_finances_le_nomme(titres):
    client, r = client_de("finances"), titres[0].role
    # Noted by hand: the finance software has said nothing.
    facturation.encaisser(titres[0], Decimal("1.00"), date(2026, 3, 1))
    assert "accusé" not in texte(client.get(r.get_absolute_url()))
    lu(f"{titres[0]};T-001;01/03/2026;10,00")
    assert "accusé par les finances" in texte(client.get(r.get_absolute_url()))
    assert "accusé" in texte(client.get("/domaine-public/roles/"))


def test_un_fichier_coupe_ou_trop_long_n_enregistre_rien(titres, monkeypatch):
    bonne = f"{titres[0]};T-001;02/03/2026;240,00"
    with pytest.raises(FichierRefuse, match="ne se lit pas comme un CSV"):
        lu(bonne, '"' + "x" * 200_000)
    monkeypatch.setattr("domainepublic.paiements.LIGNES_MAX", 1)
    with pytest.raises(FichierRefuse, match="plus de 1 lignes"):
        lu(bonne, f"{titres[1]};T-002;02/03/2026;10,00")
    assert not Paiement.objects.exists()
