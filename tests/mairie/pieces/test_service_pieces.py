"""Deposit, versions, photos, publication: what is kept, sealed and shown."""

from __future__ import annotations

import hashlib
import io
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from PIL import Image

from mairie.models import JournalActe, Piece
from mairie.pieces import apercus, service
from mairie.pieces.refus import PieceRefusee
from mairie.roles import usager
from mairie.tiers import droits, fusion
from tests.mairie.adresses.fabrique import voie
from tests.mairie.pieces.fabrique import PDF, docx, fichier, photo
from tests.mairie.tiers.fabrique import personne
from tests.personnes import INSEE, agent

pytestmark = pytest.mark.django_db


@pytest.fixture
def moi():
    return agent("mairie.administrateur")


@pytest.fixture
def rue(moi):
    return voie()


def chemins(medias) -> list:
    return sorted(p for p in medias.rglob("*") if p.is_file()) if medias.exists() else []


def test_une_piece_est_gardee_telle_quelle_sous_un_nom_que_nul_ne_devine(rue, moi, medias):
    p = service.deposer(rue, fichier(), par=moi, code="plan", libelle="Plan de numérotage")
    assert (p.nom, p.libelle, p.code, p.taille, p.mime, p.pages) == (
        "plan.pdf",
        "Plan de numérotage",
        "plan",
        len(PDF),
        "application/pdf",
        1,
    )
    assert p.sha256 == hashlib.sha256(PDF).hexdigest() and p.collectivite == INSEE
    assert (p.version, p.courante, p.antivirus, p.par) == (1, True, "non_verifie", str(moi))
    (chemin,) = chemins(medias)
    assert chemin.read_bytes() == PDF and "plan" not in chemin.name and len(chemin.name) >= 32
    assert chemin.stat().st_mode & 0o077 == 0
    ligne = JournalActe.objects.get(action="mairie.piece_deposee")
    assert ligne.objet_id == str(p.pk) and "plan.pdf" not in str((ligne.resume, ligne.donnees))


def test_un_usager_depose_par_un_lien(rue):
    p = service.deposer(rue, fichier(), par=usager("lien de suivi"), origine="usager")
    assert (p.depose_par, p.par) == (None, "lien de suivi")


def test_le_meme_fichier_ne_se_depose_pas_deux_fois(rue, moi, medias):
    une = service.deposer(rue, fichier(), par=moi, code="plan")
    assert service.deposer(rue, fichier(nom="autre.pdf"), par=moi, code="plan") == une
    assert Piece.objects.count() == len(chemins(medias)) == 1
    # Under another code, it is another piece.
    service.deposer(rue, fichier(), par=moi, code="autre")
    assert Piece.objects.count() == 2


def test_une_nouvelle_version_garde_l_ancienne(rue, moi, medias):
    une = service.deposer(rue, fichier(), par=moi, code="plan", libelle="Plan")
    service.publier(une, True, par=moi)
    deux = service.deposer(rue, fichier(PDF + b"\n% v2", "plan2.pdf"), par=moi, remplace=une)
    une.refresh_from_db()
    assert (deux.version, deux.courante, deux.code, deux.libelle, deux.lignee) == (
        2,
        True,
        "plan",
        "Plan",
        une.lignee,
    )
    # What was published is the file that the agent looked at, not whatever follows.
    assert (une.courante, une.visible_public, deux.visible_public) == (False, False, False)
    assert len(chemins(medias)) == 2 and service.intact(une) and service.intact(deux)
    trois = service.deposer(rue, fichier(PDF + b"\n% v3"), par=moi, remplace=une)
    assert trois.version == 3


def test_on_ne_remplace_pas_la_piece_d_un_autre_dossier(rue, moi, medias):
    une = service.deposer(rue, fichier(), par=moi)
    with pytest.raises(PieceRefusee, match="n'est plus dans ce dossier"):
        service.deposer(voie("Rue d'à côté"), fichier(PDF + b"\n2"), par=moi, remplace=une)
    assert len(chemins(medias)) == 1


def test_une_base_qui_refuse_ne_laisse_pas_de_fichier(rue, moi, medias):
    with (
        mock.patch.object(Piece, "save", side_effect=IntegrityError),
        pytest.raises(IntegrityError),
        transaction.atomic(),
    ):
        service.deposer(rue, fichier(photo(), "p.jpg"), par=moi)
    assert chemins(medias) == []


@pytest.mark.parametrize(
    "champs",
    [{"sha256": "0" * 64}, {"fichier": "autre"}, {"taille": 3}, {"nom": "autre.pdf"}, {"version": 9}],
)
def test_ce_qui_a_ete_recu_est_scelle_par_la_base(rue, moi, champs):
    p = service.deposer(rue, fichier(), par=moi)
    with pytest.raises(IntegrityError, match="ne se modifie pas"), transaction.atomic():
        Piece.objects.filter(pk=p.pk).update(**champs)


def test_un_fichier_change_sur_le_disque_se_voit(rue, moi, medias, capsys):
    service.deposer(rue, fichier(), par=moi)
    call_command("verifier_pieces")
    assert "1 pièces intactes" in capsys.readouterr().out
    (chemin,) = chemins(medias)
    chemin.write_bytes(PDF + b"!")
    with pytest.raises(CommandError, match="1 pièces absentes ou changées sur 1"):
        call_command("verifier_pieces")


def test_un_dossier_a_sa_limite(rue, moi, settings):
    settings.PIECES_DOSSIER_MAX = len(PDF) + 10
    service.deposer(rue, fichier(), par=moi)
    with pytest.raises(PieceRefusee, match="ne tient plus dans ce dossier"):
        service.deposer(rue, fichier(PDF + b"\n% 2"), par=moi)


def test_un_fichier_refuse_n_arrete_pas_les_autres(rue, moi):
    r = service.deposer_plusieurs(
        rue,
        [
            fichier(),
            fichier(b"MZ" + b"\0" * 99, "faux.pdf"),
            fichier(docx(), "n.docx"),
            fichier(nom="bis.pdf"),
        ],
        par=moi,
    )
    assert [(x.nom, bool(x.piece), x.deja, bool(x.refus)) for x in r] == [
        ("plan.pdf", True, False, False),
        ("faux.pdf", False, False, True),
        ("n.docx", True, False, False),
        ("bis.pdf", True, True, False),
    ]
    assert Piece.objects.count() == 2


# --- photos ---------------------------------------------------------------------------------------


def ouvrir(champ) -> Image.Image:
    with champ.open("rb") as flux:
        return Image.open(io.BytesIO(flux.read()))


def test_la_photo_est_scellee_et_sa_copie_nue_droite_et_reduite(rue, moi):
    octets = photo(3000, 2000, orientation=6)
    p = service.deposer(rue, fichier(octets, "photo.jpg"), par=moi, code="photo")
    assert p.photo and service.intact(p) and p.sha256 == hashlib.sha256(octets).hexdigest()
    recue = ouvrir(p.fichier)
    assert recue.getexif()[0x0110] == "Appareil fictif" and recue.getexif().get_ifd(0x8825)
    copie = ouvrir(p.copie)
    # Orientation 6: turned a quarter; red was left, so is on top.
    assert copie.format == "JPEG" and max(copie.size) == 1600 and copie.size[0] < copie.size[1]
    assert not copie.getexif() and "icc_profile" not in copie.info and "comment" not in copie.info
    haut, bas = copie.getpixel((copie.width // 2, 20)), copie.getpixel((copie.width // 2, copie.height - 20))
    assert haut[0] > 150 > haut[2] and bas[2] > 150 > bas[0]


@pytest.mark.parametrize("format_", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_chaque_format_d_image_donne_une_copie_sans_donnees(rue, moi, format_):
    nom = f"photo.{'jpg' if format_ == 'JPEG' else format_.lower()}"
    p = service.deposer(rue, fichier(photo(format_=format_), nom), par=moi)
    copie = ouvrir(p.copie)
    assert copie.format == "JPEG" and not copie.getexif() and copie.size == (400, 300)


def test_une_petite_photo_n_est_pas_agrandie_et_la_transparence_devient_blanche(rue, moi):
    tampon = io.BytesIO()
    Image.new("RGBA", (50, 40), (0, 0, 0, 0)).save(tampon, "PNG")
    p = service.deposer(rue, fichier(tampon.getvalue(), "p.png"), par=moi)
    copie = ouvrir(p.copie)
    assert copie.size == (50, 40) and min(copie.getpixel((25, 20))) > 240


def test_une_image_abimee_est_refusee(rue, moi, medias):
    with pytest.raises(PieceRefusee, match="abîmée"):
        service.deposer(rue, fichier(photo()[:400], "photo.jpg"), par=moi)
    assert chemins(medias) == [] and not Piece.objects.exists()


def test_flouter_refait_la_copie_et_laisse_le_fichier_recu(
    rue, moi, medias, django_capture_on_commit_callbacks
):
    p = service.deposer(rue, fichier(photo(), "photo.jpg"), par=moi)
    ancienne = p.copie.name
    apercus.vignette(p)
    with django_capture_on_commit_callbacks(execute=True):
        p = service.flouter(p, [(0.25, 0.0, 0.5, 1.0)], par=moi)
    p.refresh_from_db()
    assert p.flous == [[0.25, 0.0, 0.5, 1.0]] and service.intact(p)
    assert p.copie.name != ancienne and not (medias / ancienne).exists() and not p.vignette
    copie = ouvrir(p.copie)
    # The frontier of red and blue, in the middle, is gone; the edges are as they were.
    assert copie.getpixel((10, 150))[0] > 150 and copie.getpixel((390, 150))[2] > 150
    service.flouter(p, [], par=moi)
    p.refresh_from_db()
    assert p.flous == []


def test_le_flou_ne_se_defait_pas(rue, moi):
    """A fine pattern under the zone leaves nothing but flat squares."""
    image = Image.new("L", (320, 320))
    image.putdata([255 * ((x // 4 + y // 4) % 2) for y in range(320) for x in range(320)])
    tampon = io.BytesIO()
    image.convert("RGB").save(tampon, "PNG")
    p = service.deposer(rue, fichier(tampon.getvalue(), "p.png"), par=moi)
    p = service.flouter(p, [(0.25, 0.25, 0.5, 0.5)], par=moi)
    copie = ouvrir(p.copie).convert("L")
    dedans, dehors = copie.crop((90, 90, 230, 230)).getextrema(), copie.crop((5, 5, 60, 60)).getextrema()
    assert dedans[1] - dedans[0] < 40 and dehors[1] - dehors[0] > 200


@pytest.mark.parametrize(
    "zone",
    [
        (0, 0, 0, 0.5),
        (-0.1, 0, 0.5, 0.5),
        (0.6, 0, 0.5, 0.5),
        (0, 0, "x", 1),
        (0, 0),
        (0, 0, float("nan"), 1),
    ],
)
def test_une_zone_insensee_est_refusee(rue, moi, zone):
    p = service.deposer(rue, fichier(photo(), "photo.jpg"), par=moi)
    with pytest.raises(PieceRefusee, match="zone"):
        service.flouter(p, [zone], par=moi)


def test_seules_les_photos_se_floutent(rue, moi):
    with pytest.raises(PieceRefusee, match="Seules les photos"):
        service.flouter(service.deposer(rue, fichier(), par=moi), [(0, 0, 1, 1)], par=moi)


# --- publication, withdrawal ----------------------------------------------------------------------


def test_ce_qui_se_publie(rue, moi):
    pdf = service.deposer(rue, fichier(), par=moi)
    assert service.publier(pdf, True, par=moi).visible_public
    assert not service.publier(pdf, False, par=moi).visible_public
    texte = service.deposer(rue, fichier(docx(), "n.docx"), par=moi)
    with pytest.raises(PieceRefusee, match="Seuls les PDF et les photos"):
        service.publier(texte, True, par=moi)


def test_une_photo_ne_se_publie_qu_une_fois_regardee(rue, moi):
    p = service.deposer(rue, fichier(photo(), "photo.jpg"), par=moi)
    with pytest.raises(PieceRefusee, match="Floutez d'abord"):
        service.publier(p, True, par=moi)
    p = service.flouter(p, [(0.1, 0.1, 0.2, 0.2)], par=moi)
    assert service.publier(p, True, par=moi).visible_public


def test_la_base_refuse_de_publier_une_photo_sans_copie(rue, moi):
    p = service.deposer(rue, fichier(photo(), "photo.jpg"), par=moi)
    with pytest.raises(IntegrityError), transaction.atomic():
        Piece.objects.filter(pk=p.pk).update(copie="", visible_public=True)


def test_retirer_demande_un_motif_et_garde_le_fichier(rue, moi):
    p = service.deposer(rue, fichier(), par=moi)
    service.publier(p, True, par=moi)
    with pytest.raises(PieceRefusee, match="Dites pourquoi"):
        service.retirer(p, " ", par=moi)
    p = service.retirer(p, "déposée par erreur", par=moi)
    assert p.retiree_le and not p.visible_public and service.intact(p)
    assert not Piece.objects.du_dossier(rue).courantes().exists()
    with pytest.raises(PieceRefusee, match="dernière version"):
        service.publier(p, True, par=moi)
    # The same file may come back.
    assert service.deposer(rue, fichier(), par=moi) != p


# --- pictures -------------------------------------------------------------------------------------


def test_un_pdf_se_montre_en_images(rue, moi):
    p = service.deposer(rue, fichier(), par=moi)
    petite, grande = Image.open(io.BytesIO(apercus.vignette(p))), Image.open(io.BytesIO(apercus.page(p, 1)))
    assert max(petite.size) == 360 and max(grande.size) == 1400
    assert grande.convert("RGB").getpixel((grande.width // 2, grande.height // 2))[2] > 200
    p.refresh_from_db()
    assert p.vignette


def test_sans_poppler_les_pdf_ne_sont_pas_montres_et_c_est_dit(rue, moi, monkeypatch):
    p = service.deposer(rue, fichier(), par=moi)
    monkeypatch.setattr(apercus, "poppler", lambda: "")
    assert not apercus.montrable(p) and "poppler-utils" in apercus.manque()
    with pytest.raises(apercus.ApercuImpossible, match="poppler-utils"):
        apercus.vignette(p)


def test_un_pdf_abime_est_garde_sans_etre_montre(rue, moi):
    p = service.deposer(rue, fichier(b"%PDF-1.4\n" + b"n'importe quoi\n" * 20), par=moi)
    assert p.pages is None
    with pytest.raises(apercus.ApercuImpossible, match="protégé ou abîmé"):
        apercus.vignette(p)


def test_l_enfant_ne_depasse_ni_sa_memoire_ni_son_temps(monkeypatch, tmp_path):
    """The child that opens files has bounds: what breaks there is an answer here."""
    lent = tmp_path / "enfant.py"
    lent.write_text("import time; time.sleep(30)")
    monkeypatch.setattr(apercus, "ENFANT", lent)
    monkeypatch.setattr(apercus, "DELAI_S", 0.5)
    with pytest.raises(apercus.ApercuImpossible, match="trop long"):
        apercus.refaire(io.BytesIO(photo()), 100)
    lent.write_text("b'x' * 10**12")
    monkeypatch.setattr(apercus, "DELAI_S", 20)
    with pytest.raises(apercus.ApercuImpossible):
        apercus.refaire(io.BytesIO(photo()), 100)


# --- persons --------------------------------------------------------------------------------------


def test_la_fusion_emmene_les_pieces_et_l_annulation_les_rend(moi):
    a, b = personne("Durand"), personne("Durand")
    p = service.deposer(b, fichier(), par=moi, code="identite")
    faite = fusion.fusionner(a, b, par=moi)
    assert list(Piece.objects.du_dossier(a)) == [p]
    fusion.annuler(faite, par=moi)
    assert list(Piece.objects.du_dossier(b)) == [p]


def test_l_effacement_detruit_ses_fichiers(moi, medias, django_capture_on_commit_callbacks):
    a = personne("Durand")
    p = service.deposer(a, fichier(photo(), "identite.jpg"), par=moi)
    apercus.vignette(p)
    assert len(chemins(medias)) == 3
    with django_capture_on_commit_callbacks(execute=True):
        droits.effacer(a, par=moi, motif="demande")
    assert chemins(medias) == [] and not Piece.objects.exists()


def test_la_copie_de_ses_donnees_a_ses_fichiers(moi):
    import zipfile

    a = personne("Durand")
    p = service.deposer(a, fichier(), par=moi)
    with zipfile.ZipFile(io.BytesIO(droits.archive(a))) as z:
        assert z.read(f"pieces/{p.pk}-v1-plan.pdf") == PDF
