"""Upkeep, old controls and zoning brought in by files, what zoning and ground say differently."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from assainissement import entretiens, reprise
from assainissement.models import (
    Controle,
    ControleRepris,
    Entretien,
    ImportZonage,
    Installation,
    Vidangeur,
    ZonageAssainissement,
)
from assainissement.models.entretiens import avec_boues, q_a_vidanger, q_vidange_ancienne
from assainissement.regles.tables.anc import CODES_REGLES
from mairie.ecrans.imports import service
from mairie.ecrans.imports.lecture import FichierRefuse, lire
from mairie.models import ImportTable, Piece, Tache
from mairie.tableurs import ecrire_ods
from mairie.workflow import Refus
from tests.assainissement.fabrique_ac import branchement
from tests.assainissement.fabrique_anc import JOUR, acteur, installation, zone
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE
from tests.plan_factice import point, rectangle

pytestmark = pytest.mark.usefixtures("aller")


def vidangeur(au: date = date(2030, 1, 1), **champs) -> Vidangeur:
    return Vidangeur.objects.create(
        insee=INSEE, nom="Vidanges fictives", agrement=champs.pop("agrement", "25-001"), valide_au=au
    )


def entretien(i: Installation, le: date, **champs) -> Entretien:
    return entretiens.enregistrer(i, par=acteur(), le=le, **champs)


# --- upkeep -------------------------------------------------------------------------------------


def test_les_boues_mesurees_depuis_la_vidange_disent_s_il_faut_vider():
    i = installation()

    def etat() -> tuple[int | None, bool]:
        (lue,) = avec_boues(Installation.objects.filter(pk=i.pk))
        return lue.boues, avec_boues(Installation.objects.filter(pk=i.pk)).filter(q_a_vidanger()).exists()

    assert etat() == (None, False)
    entretien(i, date(2025, 1, 10), hauteur_boues_pct=49)
    assert etat() == (49, False)
    entretien(i, date(2025, 6, 10), hauteur_boues_pct=50)
    assert etat() == (50, True)
    entretien(i, date(2025, 7, 1), volume_m3=Decimal(3), hauteur_boues_pct=60, vidangeur=vidangeur())
    assert etat() == (None, False), "mesurées le jour de la vidange, ce sont celles d'avant"
    entretien(i, date(2026, 1, 10), hauteur_boues_pct=30)
    assert etat() == (30, False)
    i.elements.filter(famille="TRAIT").update(type="micro_station")
    assert etat() == (30, True), "une microstation se vide à 30 %"
    base = avec_boues(Installation.objects.filter(pk=i.pk))
    assert not base.filter(q_vidange_ancienne(JOUR, 4)).exists()
    assert base.filter(q_vidange_ancienne(date(2029, 7, 2), 4)).exists()


def test_un_entretien_se_saisit_avec_son_bordereau_et_dit_ce_qui_manque():
    i = installation()
    client = client_de("technicien")
    adresse = f"{i.get_absolute_url()}entretiens/"
    perime = vidangeur(date(2026, 2, 1))
    valeurs = {
        "date": "2026-02-20", "vidangeur": perime.pk, "bordereau": "BSD-12", "volume_m3": "3.2",
        "client_uuid": str(uuid4()),
    }  # fmt: skip
    for champs, phrase in (
        ({"date": "2026-03-03"}, "ou après"),
        ({"date": "2001-05-03"}, "précède l'installation"),
        ({"volume_m3": ""}, "Dites le volume"),
        ({"volume_m3": "0"}, "supérieur à zéro"),
        ({"hauteur_boues_pct": "101"}, "100 au plus"),
        ({"fichier": SimpleUploadedFile("bordereau.pdf", b"MZ pas un pdf")}, "bordereau"),
    ):
        refus = client.post(adresse, {**valeurs, **champs})
        assert (refus.status_code, phrase in texte(refus)) == (422, True), phrase
    assert not Entretien.objects.exists()
    for _ in range(2):
        page = client.post(adresse, valeurs, follow=True)
        assert "L'agrément de Vidanges fictives a pris fin le 01/02/2026" in texte(page)
    assert Entretien.objects.count() == 1, "un double clic fait un entretien"
    with pytest.raises(Refus, match="déjà enregistré"):
        entretien(i, JOUR, volume_m3=Decimal(1), bordereau="BSD-12")
    photo = io.BytesIO()
    from PIL import Image

    Image.new("RGB", (40, 40), "white").save(photo, "PNG")
    client.post(
        adresse,
        {**valeurs, "client_uuid": str(uuid4()), "bordereau": "BSD-13",
         "fichier": SimpleUploadedFile("b.png", photo.getvalue())},
    )  # fmt: skip
    assert Piece.objects.get().code == "bordereau"
    assert "Vidange, 3,2 m³" in texte(client.get(i.get_absolute_url()))
    assert "BSD-13" in texte(client.get("/assainissement/entretiens/"))
    entretien(i, JOUR, hauteur_boues_pct=80)
    assert i.numero in texte(client.get("/assainissement/a-vidanger/?suivi=boues"))
    assert "Installations à vidanger" in texte(client.get("/assainissement/"))
    assert client_de("technicien", insee=AUTRE_INSEE).get(adresse).status_code == 404


# --- old controls -------------------------------------------------------------------------------

TITRES = ("Commune", "Ancien numéro", "Type de contrôle", "Date de visite", "Avis", "Constats", "Travaux",
          "Parcelle", "Nom du propriétaire")  # fmt: skip


def rangees(nombre: int) -> list[list[str]]:
    mots = ("conforme", "Non conforme", "danger", "R5", "Absence")
    return [
        [INSEE, f"OLD-{n // 2}", "vente" if n % 2 else "", f"{1 + n % 28:02d}/03/20{10 + n % 14}",
         mots[n % 5], "", "Poser un couvercle" if n % 5 == 2 else "", f"{INSEE}000AB0001", f"Fictif {n // 2}"]
        for n in range(nombre)
    ]  # fmt: skip


def csv(lignes: list[list[str]]) -> bytes:
    return "\n".join(";".join(x) for x in (TITRES, *lignes)).encode()


def passer(contenu: bytes, nom: str = "anciens.csv", appliquer: bool = True):
    ligne = service.deposer(reprise.IMPORT, io.BytesIO(contenu), nom, acteur())
    return ligne, service.passer(reprise.IMPORT, ligne, appliquer=appliquer)


def test_un_tableau_d_anciens_controles_se_reprend_une_seule_fois():
    lignes = rangees(12)
    mauvaises = [
        [INSEE, "OLD-90", "", "12/03/2027", "conforme", "", "", "", ""],
        [INSEE, "OLD-91", "", "12/03/2020", "plutôt bien", "", "", "", ""],
        [INSEE, "OLD-92", "", "12/03/2020", "", "", "", "", ""],
        [INSEE, "OLD-93", "", "12/03/2020", "conforme", "contact_eaux_usees", "", "", ""],
        [INSEE, "OLD-94", "conception", "12/03/2020", "conforme", "", "", "", ""],
        [AUTRE_INSEE, "OLD-95", "", "12/03/2020", "conforme", "", "", "", ""],
        [INSEE, "OLD-96", "", "12/03/2020", "conforme", "inconnu", "", "", ""],
        lignes[0],
    ]
    essai, bilan = passer(csv([*lignes, *mauvaises]), appliquer=False)
    assert (bilan.creees, bilan.refusees) == (12, 8)
    assert not ControleRepris.objects.exists(), "un essai n'écrit rien"
    motifs = " ".join(r.motif for r in bilan.rejets)
    for mot in ("dans l'avenir", "n'est pas une conclusion connue", "Dites la conclusion", "donnent R1",
                "n'est pas une nature", "pas ce droit", "n'est pas un constat", "Même Visite"):  # fmt: skip
        assert mot in motifs, mot
    essai, bilan = passer(csv([*lignes, *mauvaises]))
    assert (bilan.creees, bilan.refusees) == (12, 8)
    assert (Installation.objects.count(), Controle.objects.count()) == (6, 12)
    _, encore = passer(csv(lignes))
    assert (encore.creees, encore.inchangees, encore.refusees) == (0, 12, 0), "rejoué, rien ne change"
    with essai.rejets.open("rb") as f:
        rejets = f.read().decode("utf-8-sig")
    corrige = rejets.replace("12/03/2027", "12/03/2020").encode()
    _, rejoue = passer(corrige)
    assert (rejoue.creees, rejoue.inchangees) == (1, 1), "la ligne corrigée passe, la doublée est connue"
    i = Installation.objects.get(ancien_numero="OLD-1")
    assert sorted(c.regle for c in i.controles.all()) == ["R1", "R5"]
    danger = i.controles.get(regle="R1")
    assert danger.resultat["motifs"] == [], "aucune cause n'est inventée"
    assert danger.resultat["remarques"] == [reprise.REMARQUE]
    assert [t.libelle for t in danger.travaux.all()] == ["Poser un couvercle"]
    client = client_de("lecture")
    assert i.numero in texte(client.get("/assainissement/installations/?q=OLD-1"))
    assert reprise.REMARQUE in texte(client.get(danger.get_absolute_url()))
    change = [list(x) for x in lignes[:1]]
    change[0][4] = "danger"
    _, refuse = passer(csv(change))
    assert "déjà repris" in refuse.rejets[0].motif


def test_chaque_conclusion_reprise_a_les_suites_de_sa_regle():
    for regle in CODES_REGLES:
        dite = reprise.conclusion(regle, "periodique")
        assert (dite["regle"], dite["motifs"], dite["lignes"]) == (regle, [], [])
        assert dite["travaux_obligatoires"] == (regle in ("R0", "R1", "R2", "R3"))


def test_un_classeur_ods_se_reprend_comme_un_csv():
    sortie = io.BytesIO()
    ecrire_ods(
        sortie, "Anciens", TITRES,
        [[INSEE, "ODS-1", "", date(2018, 5, 4), "conforme", "", "", "", ""],
         [INSEE, "ODS-2", "", date(2018, 5, 4), "on ne sait", "", "", "", ""]],
    )  # fmt: skip
    ligne, bilan = passer(sortie.getvalue(), "anciens.ods")
    assert (bilan.creees, bilan.refusees) == (1, 1)
    assert Controle.objects.get().date_visite == date(2018, 5, 4)
    assert b"opendocument" in ligne.rejets.open("rb").read(100), "les rejets reviennent dans le même format"


def test_un_ods_piege_est_refuse_et_ses_cases_repetees_sont_bornees():
    def ods(contenu: str) -> io.BytesIO:
        sortie = io.BytesIO()
        with zipfile.ZipFile(sortie, "w") as z:
            z.writestr("content.xml", contenu)
        return sortie

    with pytest.raises(FichierRefuse, match="déclarations refusées"):
        lire(ods('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'), "a.ods")
    espaces = " ".join(
        f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for p, n in (("t", "table"), ("o", "office"), ("x", "text"))
    )
    cases = (
        '<t:table-cell><x:p>A</x:p></t:table-cell><t:table-cell o:value-type="float" o:value="2.50"/>'
        '<t:table-cell t:number-columns-repeated="16000"/>'
    )
    feuille = (
        f"<t:table><t:table-row>{cases}</t:table-row>"
        f'<t:table-row t:number-rows-repeated="2">{cases}</t:table-row>'
        '<t:table-row t:number-rows-repeated="1048570"><t:table-cell/></t:table-row></t:table>'
    )
    lue = lire(ods(f"<o:doc {espaces}>{feuille}</o:doc>"), "a.ods")
    assert (lue.titres, [x.cellules for x in lue.lignes]) == (("A", "2.5"), [("A", "2.5"), ("A", "2.5")])
    assert [x.numero for x in lue.lignes] == [2, 3]


def test_l_ecran_de_reprise_est_au_responsable_et_file_au_travail_de_fond():
    adresse = "/assainissement/reprises/importer/"
    assert client_de("technicien").get(adresse).status_code == 403
    client = client_de("responsable")
    envoi = client.post(adresse, {"fichier": SimpleUploadedFile("a.csv", csv(rangees(102)))})
    ligne = ImportTable.objects.get()
    assert len(ligne.correspondance) == len(TITRES), "chaque colonne est reconnue par son titre"
    assert client.get(envoi["Location"]).status_code == 200
    client.post(
        envoi["Location"], {"faire": "essayer", **{f"c_{c}": r for c, r in ligne.correspondance.items()}}
    )
    assert Tache.objects.filter(code="mairie.importer_table").count() == 1, (
        "un long fichier passe à l'ouvrier"
    )


# --- zoning -------------------------------------------------------------------------------------


def geojson(*zones: tuple[str, float, float], nom: str = "type") -> SimpleUploadedFile:
    objets = [
        {
            "type": "Feature",
            "properties": {nom: type_, "rang": rang},
            "geometry": json.loads(rectangle(x, 0, largeur, 30).transform(4326, clone=True).geojson),
        }
        for rang, (type_, x, largeur) in enumerate(zones)
    ]
    return SimpleUploadedFile(
        "zonage.geojson", json.dumps({"type": "FeatureCollection", "features": objets}).encode()
    )


def deposer(client, fichier, **champs):
    valeurs = {
        "insee": INSEE,
        "acte": "Délibération 2026-2",
        "du": "2026-01-01",
        "fichier": fichier,
        **champs,
    }
    return client.post("/assainissement/zonage/importer/", valeurs)


def test_un_zonage_s_importe_sans_recouvrement_et_rend_ce_qu_il_refuse():
    client = client_de("responsable")
    reponse = deposer(
        client,
        geojson(("Collectif", 0, 40), ("ANC", 30, 40), ("ANC", 40, 50), ("mystère", 120, 20), ("EP", 0, 90)),
    )
    ligne = ImportZonage.objects.get()
    assert reponse["Location"] == ligne.get_absolute_url()
    assert not ZonageAssainissement.objects.exists(), "rien avant la confirmation"
    rapport = texte(client.get(ligne.get_absolute_url()))
    assert "Recouvre 300 m² de l'objet 1." in rapport
    assert "Type de zone inconnu" in rapport
    rejets = json.loads(client.get(f"{ligne.get_absolute_url()}rejets/").content)
    assert [f["properties"]["rang"] for f in rejets["features"]] == [1, 3]
    assert client.post(ligne.get_absolute_url()).status_code == 302
    assert sorted(ZonageAssainissement.objects.values_list("type", flat=True)) == ["AC", "ANC", "EP"]
    client.post(ligne.get_absolute_url())
    assert ZonageAssainissement.objects.count() == 3, "confirmé deux fois, importé une"
    deposer(client, geojson(("AC", 20, 30)))
    second = ImportZonage.objects.first()
    assert "en vigueur" in second.objets[0]["fautes"][0]
    deposer(client, geojson(("AC", 0, 90)), du="2026-02-01", remplace="on")
    client.post(ImportZonage.objects.first().get_absolute_url())
    en_vigueur = ZonageAssainissement.objects.en_vigueur(JOUR)
    assert [z.type for z in en_vigueur] == ["AC"]
    assert set(ZonageAssainissement.objects.exclude(au=None).values_list("au", flat=True)) == {
        date(2026, 1, 31)
    }


def test_un_mauvais_fichier_de_zonage_se_refuse_avec_des_mots():
    client = client_de("responsable")
    refus = deposer(client, SimpleUploadedFile("zonage.geojson", b"MZ programme"))
    assert refus.status_code == 422
    assert not ImportZonage.objects.exists()
    deposer(client, geojson(("", 0, 30)), type="AC")
    ligne = ImportZonage.objects.get()
    assert ligne.objets[0]["type"] == "AC", "le type peut se dire pour tout le fichier"
    assert client_de("responsable", insee=AUTRE_INSEE).get(ligne.get_absolute_url()).status_code == 404
    assert client_de("technicien").get("/assainissement/zonage/importer/").status_code == 403


def test_les_discordances_se_listent_et_s_exportent():
    from mairie.models import Adresse
    from tests.mairie.adresses.fabrique import voie

    zone("AC")
    zone("ANC", x=60)
    i = installation()
    bon, mauvais = (branchement(geom=point(x, 5), raccorde_le=date(2025, 6, 1)) for x in (40, 80))
    branchement(geom=point(85, 5))
    Adresse.objects.create(insee=INSEE, voie=voie("Rue de l'Essai", INSEE), numero=7, position=point(150, 5))
    client = client_de("lecture")
    base = "/assainissement/discordances/"
    for chemin, present, absent in (
        ("anc-en-zone-collective/", i.numero, "BR-"),
        ("branchements-en-zone-anc/", mauvais.numero, bon.numero),
        ("adresses-sans-zone/", "7 Rue de l'Essai", "ANC-25999"),
    ):
        page = texte(client.get(f"{base}{chemin}"))
        assert present in page, chemin
        assert absent not in page, chemin
        flux = b"".join(client.get(f"{base}{chemin}?export=csv").streaming_content).decode()
        assert present in flux, chemin
    zonage = texte(client.get("/assainissement/zonage/"))
    assert "Branchements en zone non collective" in zonage
    ailleurs = client_de("lecture", insee=AUTRE_INSEE)
    assert mauvais.numero not in texte(ailleurs.get(f"{base}branchements-en-zone-anc/"))
