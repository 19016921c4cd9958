"""The national base's CSV: its real columns, each faulty line told, nothing taken half."""

from __future__ import annotations

import gzip
import io

import pytest
from django.core.management import CommandError, call_command

from mairie.adresses import ban
from mairie.adresses.service import recevoir_plan, trancher
from mairie.models import Adresse, BaseAdresses, EcartAdresse, Voie
from tests.mairie.adresses.fabrique import MOULIN, adresse, au_plan, degres, moi, point, voie
from tests.personnes import AUTRE_INSEE, INSEE, commune

pytestmark = pytest.mark.django_db
ENTETE = ";".join(ban.COLONNES)


@pytest.fixture(autouse=True)
def _commune():
    commune(INSEE)


def ligne(numero="1", rep="", nom="Rue du Moulin", x=0.0, **autres) -> str:
    lon, lat = degres(point(x, 5))
    valeurs = {
        "id": f"{INSEE}_0050_{int(numero or 0) if str(numero).isdigit() else 0:05d}",
        "id_fantoir": f"{INSEE}_0050",
        "numero": numero,
        "rep": rep,
        "nom_voie": nom,
        "code_postal": "25999",
        "code_insee": INSEE,
        "nom_commune": "Fictive",
        "lon": lon,
        "lat": lat,
        "type_position": "entrée",
        "certification_commune": "0",
        **autres,
    }
    return ";".join(str(valeurs.get(c, "")) for c in ban.COLONNES)


def importer(*lignes, **options) -> ban.BilanBan:
    return ban.importer(io.StringIO("\n".join([ENTETE, *lignes]) + "\n"), **options)


def test_une_ligne_entiere_est_prise_avec_tout_ce_qu_elle_dit():
    parcelle = f"{INSEE}000AB0001"
    bilan = importer(
        ligne("12", "BIS", x=3, nom_ld="Le Pré", cad_parcelles=f"{parcelle}|", certification_commune="1")
    )
    a = Adresse.objects.get()
    assert (bilan.lues, bilan.communes[INSEE].creees) == (1, 1)
    assert a.position.distance(point(3, 5)) < 0.01
    assert (a.numero, a.suffixe, a.complement, a.parcelles, a.certifiee, a.type_position) == (
        12,
        "bis",
        "Le Pré",
        [parcelle],
        True,
        "entrée",
    )
    assert (a.voie.nom, a.voie.code, a.source, a.cle_interop) == (
        "Rue du Moulin",
        "0050",
        "ban",
        f"{INSEE}_0050_00012_bis",
    )
    assert BaseAdresses.objects.get().code_postal == "25999"


REFUS = [
    (ligne("douze"), "numéro « douze »"),
    (ligne(""), "numéro «  »"),
    (ligne("10000"), "0 à 9999"),
    (ligne("1", rep="é?"), "indice"),
    (ligne("1", nom=""), "nom de voie"),
    (ligne("1", nom="..."), "nom de voie"),
    (ligne("1", lon="", lat=""), "coordonnées"),
    (ligne("1", lon="abc"), "coordonnées"),
    (ligne("1", lon="200"), "coordonnées"),
    (ligne("1", lon="nan"), "coordonnées"),
    (ligne("1") + ";de trop", "nombre de colonnes"),
    (f"{INSEE}_1;;1;;Rue;25999;{INSEE}", "nombre de colonnes"),
]


@pytest.mark.parametrize(("fausse", "motif"), REFUS)
def test_chaque_ligne_fausse_est_dite_et_n_arrete_pas_les_autres(fausse, motif):
    bilan = importer(ligne("1"), fausse, ligne("2"))
    assert bilan.lues == 3 and [r.ligne for r in bilan.rejets] == [3]
    assert motif in bilan.rejets[0].motif
    assert bilan.communes[INSEE].creees == Adresse.objects.count() == 2


def test_les_comptes_tombent_juste():
    bilan = importer(ligne("1"), ligne("1"), ligne("x"), ligne("2", code_insee="01001"))
    commune_ = bilan.communes[INSEE]
    assert bilan.lues == 4
    assert (
        bilan.lues == bilan.hors_territoire + len(bilan.rejets) + commune_.numeros + commune_.ignores.total()
    )
    assert not Voie.objects.filter(insee="01001").exists()


@pytest.mark.parametrize(
    ("contenu", "message"),
    [
        ("a;b\n1;2\n", "colonnes absentes"),
        ("", "colonnes absentes"),
        (ENTETE.replace(";", ","), "colonnes absentes"),
    ],
)
def test_un_autre_fichier_est_refuse_avec_ses_manques(contenu, message):
    with pytest.raises(ban.FichierBanIllisible, match=message):
        ban.importer(io.StringIO(contenu))


def test_deux_imports_ne_changent_rien():
    lignes = [ligne(str(n), x=n) for n in range(1, 20)]
    importer(*lignes)
    avant = list(Adresse.objects.order_by("pk").values())
    assert importer(*lignes).communes[INSEE].inchangees == 19
    assert list(Adresse.objects.order_by("pk").values()) == avant


def test_la_ban_l_emporte_sur_le_plan_le_plan_pas_sur_la_ban():
    recevoir_plan(INSEE, [MOULIN], [au_plan("1", 0)])
    importer(ligne("1", x=8))
    a = Adresse.objects.get()
    assert a.source == "ban" and a.position.distance(point(8, 5)) < 0.01 and a.au_plan
    recevoir_plan(INSEE, [MOULIN], [au_plan("1", 0)])
    a.refresh_from_db()
    assert a.position.distance(point(8, 5)) < 0.01
    assert [(e.origine, e.nature) for e in EcartAdresse.objects.all()] == [("edigeo", "position")]


def test_la_ban_ne_touche_pas_la_saisie_et_complete_ce_qui_manque():
    v = voie()
    a = adresse(v, 1, position=point(50, 5))
    importer(ligne("1", x=0))
    a.refresh_from_db(), v.refresh_from_db()
    assert a.position == point(50, 5) and a.cle_ban and v.code == "0050"
    assert [(e.origine, e.nature) for e in EcartAdresse.objects.all()] == [("ban", "position")]


def test_le_nom_accentue_de_la_ban_corrige_celui_du_plan():
    recevoir_plan(
        INSEE, [MOULIN.__class__("Rue Andre Fictif", MOULIN.axe)], [au_plan("1", 0, "Rue Andre Fictif")]
    )
    importer(ligne("1", nom="Rue André Fictif", x=0))
    assert Voie.objects.get().nom == "Rue André Fictif"


def test_le_nom_et_le_code_saisis_restent_et_l_ecart_se_tranche():
    v = voie("Rue Andre Fictif", code="0077")
    importer(ligne("1", nom="Rue André Fictif"))
    v.refresh_from_db()
    assert (v.nom, v.code) == ("Rue Andre Fictif", "0077")
    for e in EcartAdresse.objects.all():
        assert e.adresse is None
        trancher(e, "prendre", par=moi())
    v.refresh_from_db()
    assert (v.nom, v.code) == ("Rue André Fictif", "0050")


@pytest.mark.parametrize(("complet", "reste"), [(False, True), (True, False)])
def test_seul_un_fichier_complet_retire(complet, reste):
    importer(ligne("1"), ligne("2", x=5))
    importer(ligne("2", x=5), complet=complet)
    assert Adresse.objects.get(numero=1).active is reste
    assert Adresse.objects.get(numero=2).active


def test_deux_communes_deleguees_ont_chacune_leur_rue():
    ancienne = {"code_insee_ancienne_commune": AUTRE_INSEE, "nom_ancienne_commune": "Autre fictive"}
    importer(ligne("1"), ligne("1", x=90, **ancienne))
    assert sorted(Voie.objects.values_list("nom", "deleguee_insee")) == [
        ("Rue du Moulin", ""),
        ("Rue du Moulin", AUTRE_INSEE),
    ]


def test_la_commande_lit_le_gzip_dit_ses_refus_et_les_ecrit(tmp_path, capsys):
    fichier, rejets = tmp_path / "adresses-25.csv.gz", tmp_path / "rejets.csv"
    fichier.write_bytes(gzip.compress("\n".join([ENTETE, ligne("1"), ligne("x")]).encode()))
    call_command("importer_ban", str(fichier), "--rejets", str(rejets))
    sortie = capsys.readouterr()
    assert "2 lignes lues, 0 d'autres communes, 1 refusées." in sortie.out
    assert f"{INSEE} : 1 adresses créées" in sortie.out
    assert "ligne 3 : numéro « x »" in sortie.err
    assert rejets.read_text().splitlines()[1].startswith("3;numéro « x »")


@pytest.mark.parametrize("octets", [b"\xff\xfe\x00", b"\x1f\x8bpas un gzip", b""])
def test_la_commande_refuse_un_fichier_abime(tmp_path, octets):
    fichier = tmp_path / "adresses.csv"
    fichier.write_bytes(octets)
    with pytest.raises(CommandError):
        call_command("importer_ban", str(fichier))


def test_la_commande_dit_un_fichier_absent(tmp_path):
    with pytest.raises(CommandError, match="introuvable"):
        call_command("importer_ban", str(tmp_path / "rien.csv"))


def test_sans_adresse_d_ici_la_commande_echoue(tmp_path):
    fichier = tmp_path / "adresses.csv"
    fichier.write_text("\n".join([ENTETE, ligne("1", code_insee="01001")]))
    with pytest.raises(CommandError, match="Aucune adresse"):
        call_command("importer_ban", str(fichier))
