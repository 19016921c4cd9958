"""Pieces by nomenclature on a dossier: states, files, refusals, what the letter of missing pieces ticks."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mairie.models import JournalActe, Piece
from tests.mairie.pieces.fabrique import PDF
from tests.personnes import AUTRE_INSEE, commune
from tests.urba.fabrique_urba import agir, dossier, qualifie
from tests.urba.test_ecrans_urba import aller, client_de, saisir, texte  # noqa: F401
from urba import pieces
from urba.models import DossierInstruction, ExamenPiece
from urba.regles.nomenclature import PIECES, Obligation
from urba.regles.pieces_attendues import CONDITIONS, FaitsProjet, attendues

FAMILLES = {"DPMI": "DP", "DPC": "DP", "DPLT": "DP", "CUA": "CU"}


def pdf(suite: str = "") -> bytes:
    """A page; other bytes for another ``suite``."""
    return PDF + f"% {suite}\n".encode()


# --- which pieces are expected ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faits", "en_plus"),
    [
        (FaitsProjet("PCMI"), set()),
        (FaitsProjet("PCMI", anc=True), {"PCMI12-2"}),
        (FaitsProjet("PCMI", risques=True), {"PCMI13"}),
        (FaitsProjet("PCMI", Decimal(80), nouvelle_construction=True), {"PCMI14-1"}),
        (FaitsProjet("PCMI", Decimal(80)), set()),
        (FaitsProjet("PC", Decimal(80), nouvelle_construction=True), {"PC16-1"}),
        (FaitsProjet("PC", erp=True), {"PC39", "PC40"}),
        (FaitsProjet("PC", evaluation_environnementale=True), {"PC11"}),
        (FaitsProjet("PA"), set()),
        (FaitsProjet("PA", lots=4), {"PA5", "PA6", "PA7", "PA8", "PA9", "PA10"}),
        (FaitsProjet("DPMI"), set()),
        (FaitsProjet("DPMI", Decimal(12)), {"DP2", "DP3", "DP4", "DP6", "DP7", "DP8"}),
        (FaitsProjet("DPC", abords=True), {"DP11"}),
        (FaitsProjet("DPLT"), {"DP9", "DP10"}),
        (FaitsProjet("CUA", Decimal(80), anc=True, erp=True), set()),
    ],
)
def test_les_pieces_conditionnelles_suivent_le_projet(faits, en_plus):
    trouvees = attendues(faits)
    assert {c for c, raison in trouvees.items() if raison != "toujours"} == en_plus
    assert {c for c, raison in trouvees.items() if raison == "toujours"} == {
        p.code
        for p in PIECES
        if p.obligation is Obligation.TOUJOURS
        and p.famille == FAMILLES.get(faits.type_detail, faits.type_detail)
    }


def test_chaque_condition_vise_une_piece_de_la_nomenclature():
    connues = {p.code for p in PIECES if p.obligation is Obligation.CONDITION}
    assert {c for ligne in CONDITIONS for c in ligne.codes} <= connues


# --- on a dossier -------------------------------------------------------------------------------


@pytest.fixture
def medias(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def etats(d: DossierInstruction) -> dict[str, str]:
    return {p.ligne.code: p.etat for p in pieces.pieces_de(d, pieces.faits_de(d))}


def envoyer(client: Client, d: DossierInstruction, code: str, nom: str = "plan.pdf", contenu: bytes = b""):
    fichier = SimpleUploadedFile(nom, contenu or pdf())
    return client.post(
        f"/pieces/urba.dossierinstruction/{d.pk}/deposer/",
        {"code": code, "fichiers": [fichier], "retour": f"/urba/dossiers/{d.pk}/#pieces"},
    )


@pytest.mark.django_db
def test_attendue_puis_recue_puis_refusee_puis_remplacee(aller, medias, time_machine):  # noqa: F811
    d = dossier("PCMI")
    assert etats(d)["PCMI2"] == "attendue"
    assert etats(d)["PCMI13"] == "possible"
    client = client_de("instructeur")
    assert envoyer(client, d, "PCMI2").status_code == 302
    assert etats(d)["PCMI2"] == "recue"
    piece = Piece.objects.du_dossier(d).get()
    assert (piece.code, len(piece.sha256)) == ("PCMI2", 64)
    muet = client.post(f"/urba/dossiers/{d.pk}/pieces/PCMI2/", {"etat": "refusee"}, follow=True)
    assert "Dites pourquoi la pièce PCMI2" in texte(muet)
    client.post(f"/urba/dossiers/{d.pk}/pieces/PCMI2/", {"etat": "refusee", "motif": "Échelle absente"})
    assert etats(d)["PCMI2"] == "refusee"
    assert "Échelle absente" in texte(client.get(f"/urba/dossiers/{d.pk}/"))
    assert JournalActe.objects.filter(action="urba.piece_examinee").count() == 1
    time_machine.move_to("2026-03-03T10:00:00+01:00", tick=False)
    # A session of an agent does not last the night.
    envoyer(client_de("instructeur"), d, "PCMI2", "plan-2.pdf", pdf("seconde"))
    assert etats(d)["PCMI2"] == "recue"


@pytest.mark.django_db
def test_la_lettre_d_incompletude_coche_ce_qui_manque_et_l_arrivee_se_propose(aller, medias):  # noqa: F811
    d = dossier("PCMI")
    qualifie(d)
    client = client_de("instructeur")
    for n in (1, 3, 4, 5, 6, 7):
        envoyer(client, d, f"PCMI{n}", contenu=pdf(str(n)))
    client.post(f"/urba/dossiers/{d.pk}/pieces/PCMI7/", {"etat": "refusee", "motif": "Illisible"})
    client.post(f"/urba/dossiers/{d.pk}/pieces/PCMI13/", {"etat": "attendue"})
    assert pieces.a_demander(d, pieces.faits_de(d)) == ["PCMI2", "PCMI7", "PCMI8", "PCMI13"]
    page = client.get(f"/urba/dossiers/{d.pk}/evenements/demande_pieces/").content.decode()
    coches = [code for code in ("PCMI1", "PCMI2", "PCMI7", "PCMI8", "PCMI13") if coche(page, code)]
    assert coches == ["PCMI2", "PCMI7", "PCMI8", "PCMI13"]
    saisir(client, d, "demande_pieces", "2026-03-02", pieces=["PCMI2", "PCMI8"])
    agir(d, "notification_pieces", "guichet")
    assert etats(d)["PCMI8"] == "manquante"
    assert "Des pièces demandées sont arrivées" not in texte(client.get(f"/urba/dossiers/{d.pk}/"))
    envoyer(client, d, "PCMI8", contenu=pdf("huit"))
    assert "Des pièces demandées sont arrivées : PCMI8." in texte(client.get(f"/urba/dossiers/{d.pk}/"))
    page = client.get(f"/urba/dossiers/{d.pk}/evenements/depot_pieces/").content.decode()
    assert coche(page, "PCMI8") and not coche(page, "PCMI2")


def coche(page: str, code: str) -> bool:
    debut = page.index(f'value="{code}"')
    return "checked" in page[debut : page.index(">", debut)]


@pytest.mark.django_db
def test_un_fichier_trompeur_est_refuse_avec_son_nom(aller, medias):  # noqa: F811
    d = dossier("PCMI")
    client = client_de("guichet")
    envoyer(client, d, "PCMI1", "plan.pdf", b"MZ\x90\x00 programme")
    page = texte(client.get(f"/urba/dossiers/{d.pk}/"))
    assert "« plan.pdf »" in page
    assert not Piece.objects.du_dossier(d).exists()


@pytest.mark.django_db
def test_qui_peut_deposer_lire_et_examiner(aller, medias):  # noqa: F811
    d = dossier("PCMI")
    envoyer(client_de("guichet"), d, "PCMI1")
    piece = Piece.objects.du_dossier(d).get()
    adresse = reverse("piece_fichier", args=[piece.uuid])
    assert client_de("lecture").get(adresse).status_code == 200
    assert envoyer(client_de("lecture"), d, "PCMI2").status_code == 403
    assert client_de("guichet").post(f"/urba/dossiers/{d.pk}/pieces/PCMI1/", {}).status_code == 403
    commune(AUTRE_INSEE)
    ailleurs = client_de("instructeur", insee=AUTRE_INSEE)
    assert ailleurs.get(adresse).status_code == 404
    assert envoyer(ailleurs, d, "PCMI2").status_code == 404
    assert ailleurs.post(f"/urba/dossiers/{d.pk}/pieces/PCMI1/", {}).status_code == 404
    assert Client().get(adresse).status_code == 302


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "champs", "message"),
    [
        ("PC39", {"etat": "attendue"}, "La pièce PC39 n'existe pas pour ce type de dossier."),
        ("PCMI1", {"etat": "perdue"}, "Cet état n'existe pas."),
        ("PCMI1", {"etat": "sans_objet"}, "Dites pourquoi la pièce PCMI1"),
        ("PCMI1", {"etat": "refusee", "motif": "x"}, "Aucun fichier n'est déposé sous PCMI1"),
    ],
)
def test_un_examen_fautif_est_dit(aller, medias, code, champs, message):  # noqa: F811
    d = dossier("PCMI")
    page = client_de("chef").post(f"/urba/dossiers/{d.pk}/pieces/{code}/", champs, follow=True)
    assert message in texte(page)
    assert not ExamenPiece.objects.exists()


@pytest.mark.django_db
def test_les_faits_du_projet_viennent_de_la_qualification_et_des_donnees(aller):  # noqa: F811
    d = dossier(
        "PCMI",
        donnees={"nature_travaux": "nouvelle", "surfaces": [{"destination": "habitation", "creee": "90"}]},
    )
    qualifie(d, anc=True, drapeaux=["EVALUATION_ENVIRONNEMENTALE"])
    assert etats(d)["PCMI12-2"] == "attendue"
    assert etats(d)["PCMI14-1"] == "attendue"
    assert date(2026, 3, 2) == d.date_depot
