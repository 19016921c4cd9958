"""Import of a file into a table: mapping, dry run, one transaction, refused lines, rights, long files."""

from __future__ import annotations

import html
import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from mairie.ecrans.imports import service
from mairie.models import CorrespondanceImport, ImportTable, JournalActe
from mairie.taches.ouvrier import vider_la_file
from tests.mairie.ecrans.conftest import client_de
from tests.mairie.ecrans.test_exports import lire_xlsx
from tests.mairie.ecrans.test_lecture import bombe, classeur
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

ADRESSE = "/essai/bancs/importer/"


@pytest.fixture(autouse=True)
def _stockage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def texte(reponse, statut: int = 200) -> str:
    assert reponse.status_code == statut, (reponse.status_code, reponse.content.decode()[:300])
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", reponse.content.decode())).split())


def deposer(client, contenu: str | bytes, nom: str = "bancs.csv"):
    octets = contenu if isinstance(contenu, bytes) else contenu.encode()
    return client.post(ADRESSE, {"fichier": SimpleUploadedFile(nom, octets)})


def ouvrir(client, contenu: str | bytes, nom: str = "bancs.csv") -> ImportTable:
    """Deposit a file that is taken."""
    reponse = deposer(client, contenu, nom)
    assert reponse.status_code == 302, texte(reponse, reponse.status_code)
    return ImportTable.objects.latest("pk")


def choix(ligne: ImportTable) -> dict[str, str]:
    return {f"c_{champ}": str(rang) for champ, rang in ligne.correspondance.items()}


def essayer(client, ligne: ImportTable, **plus: str):
    return client.post(f"{ADRESSE}{ligne.pk}/", {"faire": "essayer", **choix(ligne), **plus}, follow=True)


def appliquer(client, ligne: ImportTable):
    return client.post(f"{ADRESSE}{ligne.pk}/", {"faire": "appliquer"}, follow=True)


def importer(client, contenu: str | bytes, nom: str = "bancs.csv") -> dict[str, int]:
    """The whole way; counts."""
    ligne = ouvrir(client, contenu, nom)
    essayer(client, ligne)
    essai = dict(ImportTable.objects.get(pk=ligne.pk).bilan)
    appliquer(client, ligne)
    ligne.refresh_from_db()
    assert ligne.etat == "applique"
    comptes = {c: ligne.bilan[c] for c in ("creees", "modifiees", "inchangees", "refusees")}
    assert {c: essai[c] for c in comptes} == comptes, "the dry run tells what is then done"
    return comptes


FICHIER = (
    "Désignation;État;Posé le;Coût;Abrité;Code INSEE\n"
    f"Place;usé;01/03/2026;1 234,50 €;oui;{INSEE}\n"
    f"Parc;casse;2026-03-02;12;;{INSEE}\n"
)


def test_un_fichier_se_depose_s_essaie_puis_s_applique(admin, ecrans_essai, administratrice):
    bancs = ecrans_essai.Banc.objects
    ligne = ouvrir(admin, FICHIER)
    page = texte(admin.get(f"{ADRESSE}{ligne.pk}/"))
    assert "2 lignes · texte UTF-8, colonnes séparées par : point-virgule" in page
    assert ligne.correspondance == {"nom": 0, "etat": 1, "pose_le": 2, "prix": 3, "abrite": 4, "insee": 5}
    essai = texte(essayer(admin, ligne))
    assert "2 créées 0 modifiées 0 inchangées 0 refusées" in essai
    assert not bancs.exists(), "a dry run writes nothing"
    fait = texte(appliquer(admin, ligne))
    assert "Import fait : 2 lignes créées, 0 modifiées." in fait
    place = bancs.get(nom="Place")
    assert (place.etat, place.pose_le.isoformat(), str(place.prix), place.abrite) == (
        "use", "2026-03-01", "1234.50", True,
    )  # fmt: skip
    # What the file does not say takes the model's own default.
    assert (place.places, bancs.get(nom="Parc").etat) == (3, "casse")
    trace = JournalActe.objects.get(action="mairie.table_importee")
    assert trace.utilisateur == administratrice and trace.donnees["creees"] == 2


def test_reimporter_le_meme_fichier_ne_change_rien(admin, ecrans_essai):
    importer(admin, FICHIER)
    assert importer(admin, FICHIER) == {"creees": 0, "modifiees": 0, "inchangees": 2, "refusees": 0}
    assert ecrans_essai.Banc.objects.count() == 2


def test_seules_les_colonnes_du_fichier_changent(admin, banc, ecrans_essai):
    banc("Place", etat="use", prix="10", remarque="garder", abrite=True)
    comptes = importer(admin, f"Nom;Code INSEE;Prix\nPlace;{INSEE};20\n")
    assert comptes == {"creees": 0, "modifiees": 1, "inchangees": 0, "refusees": 0}
    place = ecrans_essai.Banc.objects.get()
    assert (str(place.prix), place.etat, place.remarque, place.abrite) == ("20.00", "use", "garder", True)


def test_l_essai_montre_l_avant_et_l_apres(admin, banc):
    banc("Place", prix="10")
    ligne = ouvrir(admin, f"Nom;Code INSEE;Prix\nPlace;{INSEE};20\n")
    assert "Ligne 2, « Place » : Prix 10.00 → 20" in texte(essayer(admin, ligne))


MAUVAIS = (
    "Nom;Code INSEE;État;Posé le;Prix;Abrité\n"
    f"Bon;{INSEE};neuf;;;\n"
    f"Rouge;{INSEE};rouge;;;\n"
    f"Date;{INSEE};neuf;31/02/2026;;\n"
    f"Cher;{INSEE};neuf;;cher;\n"
    f"Abri;{INSEE};neuf;;;peut-être\n"
    f";{INSEE};neuf;;;\n"
    f"Bon;{INSEE};use;;;\n"
    f"Ailleurs;{AUTRE_INSEE};neuf;;;\n"
    f"{'N' * 90};{INSEE};neuf;;;\n"
)


def test_chaque_ligne_refusee_a_son_motif_et_les_autres_passent(admin, ecrans_essai):
    commune(AUTRE_INSEE)
    ligne = ouvrir(admin, MAUVAIS)
    page = texte(essayer(admin, ligne))
    for motif in (
        "Ligne 3 : État : Sélectionnez un choix valide. rouge",
        "Ligne 4 : Posé le : Saisissez une date valide.",
        "Ligne 5 : Prix : Saisissez un nombre.",
        "Ligne 6 : Abrité : « peut-être » : écrivez oui ou non.",
        "Ligne 7 : La ligne n'a pas de quoi être reconnue : remplissez Commune, Nom.",
        "Ligne 8 : Même Nom que la ligne 2.",
        "Ligne 9 : Vous n'avez pas ce droit dans cette collectivité.",
        "Ligne 10 : Nom : Assurez-vous que cette valeur comporte au plus 80 caractères",
    ):
        assert motif in page, motif
    appliquer(admin, ligne)
    ligne.refresh_from_db()
    assert (ligne.bilan["creees"], ligne.bilan["refusees"]) == (1, 8)
    assert list(ecrans_essai.Banc.objects.values_list("nom", "insee")) == [("Bon", INSEE)]


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_les_lignes_refusees_se_telechargent_se_corrigent_et_se_reimportent(admin, ecrans_essai, format_):
    rangs = [r.split(";") for r in MAUVAIS.splitlines()[:4]]
    contenu = MAUVAIS if format_ == "csv" else classeur(*rangs)
    ligne = ouvrir(admin, contenu, f"bancs.{format_}")
    essayer(admin, ligne)
    appliquer(admin, ligne)
    reponse = admin.get(f"{ADRESSE}{ligne.pk}/rejets/")
    octets = b"".join(reponse.streaming_content)
    assert f"lignes%20refus%C3%A9es.{format_}" in reponse.headers["Content-Disposition"]
    if format_ == "csv":
        corrige = octets.decode("utf-8-sig").replace("rouge", "casse").encode()
        assert (
            octets.decode("utf-8-sig").splitlines()[0]
            == "Nom;Code INSEE;État;Posé le;Prix;Abrité;Motif du refus"
        )
    else:
        lues = lire_xlsx(octets)
        assert lues[0][-1] == "Motif du refus" and "choix valide" in str(lues[1][-1])
        lues[1][2] = "casse"
        corrige = classeur(*lues)
    suite = ouvrir(admin, corrige, f"corrige.{format_}")
    assert suite.correspondance == ligne.correspondance, "the same columns are recognised"
    essayer(admin, suite)
    appliquer(admin, suite)
    assert ecrans_essai.Banc.objects.get(nom="Rouge").etat == "casse"


@pytest.mark.parametrize("format_", ["csv", "xlsx"])
def test_un_export_se_reimporte_tel_quel(admin, banc, ecrans_essai, format_):
    banc("=formule", etat="use", prix="1234.5", pose_le="2026-03-01", abrite=True, remarque="deux\nlignes")
    banc("Autre", vu_le="2026-03-10T10:30:00Z")
    colonnes = "nom,etat,pose,vu,prix,places,abrite,remarque"
    sans = admin.get(f"/essai/bancs/?colonnes={colonnes}&export={format_}")
    ligne = ouvrir(admin, b"".join(sans.streaming_content), f"export.{format_}")
    assert "Choisissez la colonne de « Commune »." in texte(essayer(admin, ligne), 422)
    avec = admin.get(f"/essai/bancs/?colonnes={colonnes},commune&export={format_}")
    comptes = importer(admin, b"".join(avec.streaming_content), f"export.{format_}")
    assert comptes == {"creees": 0, "modifiees": 0, "inchangees": 2, "refusees": 0}


def test_la_correspondance_choisie_est_proposee_la_fois_suivante(admin, ecrans_essai):
    contenu = f"Truc;Zone;Machin\nPlace;{INSEE};12\n"
    ligne = ouvrir(admin, contenu)
    assert ligne.correspondance == {}
    refus = texte(admin.post(f"{ADRESSE}{ligne.pk}/", {"faire": "essayer"}), 422)
    assert "Choisissez la colonne de « Nom »." in refus
    essayer(admin, ligne, c_nom="0", c_insee="1", c_prix="2")
    assert CorrespondanceImport.objects.get().champs == {"nom": "Truc", "insee": "Zone", "prix": "Machin"}
    autre = ouvrir(admin, f"Zone;Machin;Truc\n{INSEE};12;Parc\n")
    assert autre.correspondance == {"nom": 2, "insee": 0, "prix": 1}


def test_une_meme_colonne_ne_remplit_pas_deux_champs(admin, ecrans_essai):
    ligne = ouvrir(admin, FICHIER)
    page = texte(essayer(admin, ligne, c_remarque="0"), 422)
    assert "Une même colonne du fichier remplit deux champs." in page


@pytest.mark.parametrize(
    ("contenu", "nom", "phrase"),
    [
        (b"MZ\x90\x00" * 10, "bancs.csv", "c'est un programme"),
        (b"%PDF-1.7 ...", "bancs.xlsx", "c'est un PDF"),
        (bombe(), "bancs.xlsx", "anormalement compressé"),
        (b"Nom;Prix\n", "bancs.csv", "aucune ligne à importer"),
    ],
    ids=["programme", "pdf", "bombe", "vide"],
)
def test_un_mauvais_fichier_est_refuse_et_rien_n_est_garde(admin, contenu, nom, phrase, tmp_path):
    assert phrase in texte(deposer(admin, contenu, nom), 422)
    assert not ImportTable.objects.exists()
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_sans_fichier_la_page_le_dit(admin):
    assert "Choisissez un fichier." in texte(admin.post(ADRESSE, {}), 422)


def test_un_fichier_trop_gros_est_refuse_avant_d_etre_lu(admin, monkeypatch):
    monkeypatch.setattr("mairie.ecrans.imports.lecture.TAILLE_MAX", 10)
    assert "Mo au plus" in texte(deposer(admin, FICHIER), 422)


def test_chacun_ne_voit_que_ses_fichiers(admin, lecteur, ecrans_essai):
    ligne = ouvrir(admin, MAUVAIS)
    essayer(admin, ligne)
    collegue = client_de(agent("mairie.administrateur", email="collegue@exemple.invalid"))
    for suite in ("", "rejets/"):
        assert admin.get(f"{ADRESSE}{ligne.pk}/{suite}").status_code == 200
        assert collegue.get(f"{ADRESSE}{ligne.pk}/{suite}").status_code == 404
        assert lecteur.get(f"{ADRESSE}{ligne.pk}/{suite}").status_code == 403
    assert collegue.post(f"{ADRESSE}{ligne.pk}/", {"faire": "appliquer"}).status_code == 404
    assert admin.get(f"{ADRESSE}{10**30}/").status_code == 404


def test_on_n_applique_ni_sans_essai_ni_deux_fois(admin, ecrans_essai):
    ligne = ouvrir(admin, FICHIER)
    assert "Essayez d'abord l'import à blanc." in texte(appliquer(admin, ligne))
    essayer(admin, ligne)
    appliquer(admin, ligne)
    ecrans_essai.Banc.objects.all().delete()
    assert "Cet import est déjà appliqué." in texte(appliquer(admin, ligne))
    assert not ecrans_essai.Banc.objects.exists()


def test_abandonner_oublie_le_fichier(admin, tmp_path):
    ligne = ouvrir(admin, FICHIER)
    admin.post(f"{ADRESSE}{ligne.pk}/", {"faire": "abandonner"})
    assert not ImportTable.objects.exists()
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_un_fichier_long_est_lu_par_l_ouvrier(admin, ecrans_essai, monkeypatch):
    monkeypatch.setattr(service, "LIGNES_DIRECTES", 1)
    ligne = ouvrir(admin, FICHIER)
    page = texte(essayer(admin, ligne))
    assert "Le fichier est lu en arrière-plan. Suivre l'avancement" in page
    assert "en cours de lecture" in texte(essayer(admin, ligne))
    assert vider_la_file() == 1
    ligne.refresh_from_db()
    assert (ligne.etat, ligne.bilan["creees"]) == ("essaye", 2)
    appliquer(admin, ligne)
    assert vider_la_file() == 1
    ligne.refresh_from_db()
    assert ligne.etat == "applique" and ecrans_essai.Banc.objects.count() == 2
    assert ligne.tache.resultat.return_value == {"adresse": f"{ADRESSE}{ligne.pk}/"}


def test_les_vieux_fichiers_sont_nettoyes(admin, ecrans_essai, tmp_path):
    fait, oublie = ouvrir(admin, MAUVAIS), ouvrir(admin, FICHIER)
    essayer(admin, fait)
    appliquer(admin, fait)
    assert service.purger() == 0
    ImportTable.objects.update(depose_le="2026-01-01T00:00:00Z")
    assert service.purger() == 2
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []
    fait.refresh_from_db()
    assert fait.bilan == {"lues": 9, "creees": 1, "modifiees": 0, "inchangees": 0, "refusees": 8}
    assert not ImportTable.objects.filter(pk=oublie.pk).exists()
    assert admin.get(f"{ADRESSE}{fait.pk}/").status_code == 404
    assert service.purger() == 0


def test_mille_lignes_s_importent_en_peu_de_requetes(admin, ecrans_essai, django_assert_max_num_queries):
    contenu = "Nom;Code INSEE\n" + "".join(f"Banc {n};{INSEE}\n" for n in range(300))
    importer(admin, contenu)
    ligne = ouvrir(admin, contenu)
    # A savepoint (two statements) and the check of unicity a line.
    with django_assert_max_num_queries(300 * 3 + 60):
        essayer(admin, ligne)


class TestCommande:
    @pytest.fixture
    def fichier(self, tmp_path, ecrans_essai):
        chemin = tmp_path / "bancs.csv"
        chemin.write_text(MAUVAIS)
        return chemin

    def lancer(self, *arguments: object) -> str:
        sortie = io.StringIO()
        call_command("importer_table", *map(str, arguments), stdout=sortie)
        return sortie.getvalue()

    def test_sans_appliquer_rien_n_est_ecrit(self, fichier, ecrans_essai, tmp_path):
        personne = agent("mairie.administrateur")
        dit = self.lancer(
            "mairie.bancs", fichier, "--par", personne.email, "--rejets", tmp_path / "rejets.csv"
        )
        assert "Essai à blanc, rien n'est écrit" in dit and "creees : 1" in dit and "refusees : 8" in dit
        assert "Motif du refus" in (tmp_path / "rejets.csv").read_text()
        assert not ecrans_essai.Banc.objects.exists() and not ImportTable.objects.exists()

    def test_avec_appliquer_c_est_ecrit(self, fichier, ecrans_essai):
        personne = agent("mairie.administrateur")
        assert "Écrit :" in self.lancer("mairie.bancs", fichier, "--par", personne.email, "--appliquer")
        assert ecrans_essai.Banc.objects.count() == 1

    def test_seule_elle_donne_la_liste(self, ecrans_essai):
        assert "mairie.bancs : Importer des bancs" in self.lancer()

    @pytest.mark.parametrize(
        ("arguments", "phrase"),
        [
            (("zut", "x.csv", "--par", "a@b.invalid"), "ne s'importe pas"),
            (("mairie.bancs",), "Donnez le fichier"),
            (("mairie.bancs", "x.csv", "--par", "inconnu@exemple.invalid"), "n'a pas le droit"),
            (("mairie.bancs", "nulle-part.csv", "--par", "admin@exemple.invalid"), "introuvable"),
        ],
    )
    def test_une_demande_absurde_est_refusee(self, ecrans_essai, arguments, phrase):
        agent("mairie.administrateur", email="admin@exemple.invalid")
        with pytest.raises(CommandError, match=phrase):
            self.lancer(*arguments)
