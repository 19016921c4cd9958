"""Sales: the last valid report to the day, the answer in two clicks, the deed that moves due dates."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from assainissement import controles, controles_ac, ventes
from assainissement.models import Controle, DeclarationVente, Installation, Obligation, ReglementService
from assainissement.saisies import lire_parcelles, parcelle_ecrite
from assainissement.ventes import NouvelleVente
from mairie.models import Courrier, Tiers
from mairie.workflow import Refus, rejouer
from tests.assainissement.fabrique_ac import branchement
from tests.assainissement.fabrique_ac import valide as valide_ac
from tests.assainissement.fabrique_anc import (
    IDU,
    JOUR,
    acteur,
    controle,
    faire,
    installation,
    notifie,
    repondre,
    zone,
)
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.assainissement.test_projets import sans_pdf  # noqa: F401
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")
FAITS = {"elements_probants": True, "contact_eaux_usees": True, "incomplete": True}


def reprise(i: Installation, visite: date, **faits: bool) -> Controle:
    """A report of that day, received a week later."""
    return controles.reprendre(
        i, "periodique", par=acteur(), visite=visite, cas=faits or {"elements_probants": True},
        notification=visite, aujourdhui=date(2026, 3, 2),
    )  # fmt: skip


def notaire() -> Tiers:
    return Tiers.objects.create(
        collectivite=INSEE, nom="Étude fictive", voie="1 place du Plan", code_postal="25999", ville="VALBRUNE"
    )


def vendre(**champs) -> DeclarationVente:
    valeurs = {
        "insee": INSEE,
        "recue_le": date(2026, 3, 2),
        "parcelles": (IDU,),
        "notaire": notaire(),
        **champs,
    }
    return ventes.declarer(NouvelleVente(**valeurs), par=acteur("gestionnaire"))


def agir(v: DeclarationVente, evenement: str, **donnees):
    v.refresh_from_db()
    ventes.agir(v, evenement, par=acteur("gestionnaire"), version=v.version, donnees=donnees)
    v.refresh_from_db()
    return v


@pytest.mark.parametrize(
    ("visite", "reponse"),
    [
        (date(2023, 3, 1), ventes.CONTROLE),  # three years and one day
        (date(2023, 3, 2), ventes.CERTIFICAT),  # three years, last day included
        (date(2023, 3, 3), ventes.CERTIFICAT),
        (None, ventes.CONTROLE),
    ],
)
def test_un_rapport_de_trois_ans_vaut_encore_un_jour_de_plus_non(visite, reponse):
    i = installation()
    if visite:
        reprise(i, visite)
    v = vendre()
    assert (v.installation_id, v.etat) == (i.pk, "recue")
    assert ventes.proposition(v, date(2026, 3, 2)) == reponse


def test_une_parcelle_a_deux_installations_ne_choisit_pas():
    installation()
    installation()
    assert vendre().installation is None


def test_la_reponse_se_fait_en_deux_clics(sans_pdf):  # noqa: F811
    reprise(installation(), date(2025, 6, 1), **FAITS)
    v = vendre(reference="2026/114")
    client = client_de("gestionnaire")
    fiche = client.get(v.get_absolute_url()).content.decode()
    assert f"{v.get_absolute_url()}repondre/" in fiche
    page = texte(client.get(f"{v.get_absolute_url()}repondre/"))
    for mot in ("Étude fictive", "01/06/2028 compris", "Certificat au notaire"):
        assert mot in page
    suite = client.post(f"{v.get_absolute_url()}repondre/", {"version": v.version})
    assert suite["Location"] == v.get_absolute_url()
    v.refresh_from_db()
    lettre = Courrier.objects.du_dossier(v).get()
    assert (v.etat, v.repondu_le, lettre.etat) == ("certificat_envoye", date(2026, 3, 2), "finalise")
    corps = texte_de(lettre.html)
    for mot in ("1er juin 2025", "danger pour la santé", "au plus tard un an après l'acte", "2026/114"):
        assert mot in corps, mot
    client.post(f"{v.get_absolute_url()}repondre/", {"version": v.version})
    assert Courrier.objects.du_dossier(v).count() == 1, "un second envoi ne refait rien"


def texte_de(html: str) -> str:
    import re
    from html import unescape

    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html))).replace("’", "'")


def test_sans_rapport_valable_le_controle_s_ouvre_puis_le_certificat_part(sans_pdf, aller):  # noqa: F811
    i = installation()
    reprise(i, date(2022, 1, 5))
    v = vendre()
    with pytest.raises(Refus, match="contrôle est à faire"):
        agir(v, "envoyer_certificat")
    lettre = ventes.repondre(v, par=acteur("gestionnaire"), version=v.version)
    v.refresh_from_db()
    assert (v.etat, v.controle.nature, v.controle.etat) == ("controle_a_faire", "vente", "a_planifier")
    assert "n'est plus valable depuis le" in texte_de(lettre.html)
    aller(date(2026, 4, 1))
    notifie(v.controle, date(2026, 4, 1), odeur_jour="oui")
    lettre = ventes.repondre(v, par=acteur("gestionnaire"), version=v.version)
    v.refresh_from_db()
    assert (v.etat, lettre.libelle) == ("certificat_envoye", "Réponse au notaire : rapport valable")
    assert not rejouer(v).ecarts


def test_l_acte_recalcule_les_delais_du_rapport_qu_il_suit():
    c = reprise(installation(), date(2025, 6, 1), **FAITS)
    o = Obligation.objects.get(controle=c)
    assert o.echeance == date(2029, 6, 1), "quatre ans de la réception"
    v = agir(vendre(), "signer_acte", le="2026-02-15")
    c.refresh_from_db()
    o.refresh_from_db()
    assert (v.etat, v.date_acte, c.date_acte) == ("acte_signe", date(2026, 2, 15), date(2026, 2, 15))
    assert o.echeance == date(2027, 2, 15), "un an de l'acte"
    assert ventes.avertissement_acte(v, date(2026, 2, 15)) == ""


def test_un_acte_que_le_rapport_ne_couvre_pas_avertit_sans_refuser():
    c = reprise(installation(), date(2022, 1, 5), **FAITS)
    v = vendre()
    client = client_de("gestionnaire")
    from uuid import uuid4

    suite = client.post(
        f"{v.get_absolute_url()}evenements/signer_acte/",
        {"date_effet": "2026-03-02", "le": "2026-02-15", "version": v.version, "cle": str(uuid4())},
        follow=True,
    )
    assert "n'était valable que jusqu'au 05/01/2025" in texte(suite)
    c.refresh_from_db()
    assert c.echeance_travaux == date(2026, 1, 5), "l'acte ne fixe aucun délai"
    assert "précède le rapport" in ventes.avertissement_acte(v, date(2021, 1, 1))


def test_la_contre_visite_leve_l_obligation_et_deplace_le_prochain_controle(aller):
    i = installation()
    c = reprise(i, date(2024, 6, 1), **FAITS)
    i.refresh_from_db()
    avant = i.prochain_controle
    suite = controle(i, "contre_visite")
    notifie(suite, date(2026, 3, 2))
    i.refresh_from_db()
    assert Obligation.objects.get(controle=c).etat == "levee"
    assert (i.echeance_travaux, i.levee or i.derniere_regle == "R6") == (None, True)
    assert (avant, i.prochain_controle) == (date(2034, 6, 1), date(2036, 3, 2))


def test_un_champ_trouve_le_rapport_d_un_controle():
    i = installation()
    reprise(i, date(2025, 6, 1))
    client = client_de("lecture")
    for q in (IDU, str(i), "Personne fictive"):
        page = texte(client.get("/assainissement/ventes/rechercher/", {"q": q}))
        assert "jusqu'au 01/06/2028" in page, q
    assert "Aucune installation" in texte(client.get("/assainissement/ventes/rechercher/", {"q": "zzz"}))


def test_saisir_une_vente_et_ses_fautes():
    installation()
    client = client_de("gestionnaire")
    valeurs = {
        "insee": INSEE, "parcelles": IDU, "recue_le": "2026-03-01", "source": "notaire",
        "notaire": "Étude fictive", "notaire_adresse": "1 place du Plan, 25999 VALBRUNE",
        "client_uuid": "0b0f5a1e-0000-4000-8000-000000000001",
    }  # fmt: skip
    for faute, mot in (
        ({"parcelles": ""}, "au moins une parcelle"),
        ({"parcelles": "AB 999"}, "n'est pas au plan"),
        ({"parcelles": "Le Pré"}, "n'est pas une parcelle"),
        ({"recue_le": "2026-03-03"}, "dans l'avenir"),
        ({"adresse": "99 rue Inconnue"}, "n'est pas dans la base"),
    ):
        reponse = client.post("/assainissement/ventes/nouvelle/", {**valeurs, **faute})
        assert (reponse.status_code, mot in texte(reponse)) == (422, True), mot
    for _ in range(2):
        client.post("/assainissement/ventes/nouvelle/", valeurs)
    v = DeclarationVente.objects.get()
    assert (v.numero, v.notaire.ville) == ("VTE-25999-2026-0001", "VALBRUNE")
    assert client_de("lecture").get("/assainissement/ventes/nouvelle/").status_code == 403
    assert client_de("responsable", insee=AUTRE_INSEE).get(v.get_absolute_url()).status_code == 404
    assert Client().get(v.get_absolute_url()).status_code == 302


def test_un_fichier_de_dia_garde_les_bonnes_lignes_et_se_rejoue():
    installation()
    client = client_de("responsable")
    lignes = [
        "reference;recue_le;parcelles;notaire;date_acte",
        f"DIA-1;02/03/2026;{IDU};Étude fictive;",
        "DIA-2;2026-02-01;25998000AB0001;;",
        "DIA-3;31/02/2026;25999000AB0002;;",
        "DIA-4;01/02/2026;AB 12;;",
        ";01/02/2026;25999000AB0002;;",
        "DIA-6;01/02/2026;25999000AB0002;;15/02/2026",
    ]

    def envoyer(octets: bytes):
        fichier = SimpleUploadedFile("dia.csv", octets, content_type="text/csv")
        return client.post("/assainissement/ventes/importer/", {"fichier": fichier})

    page = texte(envoyer("\n".join(lignes).encode()))
    assert "Enregistrées : 2. Déjà connues : 0. Lignes refusées : 4." in page
    for mot in ("Ligne 3 : La commune « 25998 »", "Ligne 4 : Date de réception", "Ligne 5", "Ligne 6"):
        assert mot in page, mot
    assert "Enregistrées : 0. Déjà connues : 2." in texte(envoyer("\n".join(lignes).encode("cp1252")))
    assert sorted(DeclarationVente.objects.values_list("reference", "etat")) == [
        ("DIA-1", "recue"),
        ("DIA-6", "acte_signe"),
    ]
    for octets, mot in ((b"a;b\n1;2", "Il manque la colonne"), (b"\x00\x01", "n'est pas un CSV")):
        reponse = envoyer(octets)
        assert (reponse.status_code, mot in texte(reponse)) == (422, True)


@pytest.mark.usefixtures("sans_pdf")
@pytest.mark.parametrize(
    ("visite", "points", "propose"),
    [
        (date(2016, 3, 2), {}, ventes.CERTIFICAT),  # ten years, last day included
        (date(2016, 3, 1), {}, ventes.CONTROLE),
        (date(2026, 2, 20), {"separation": "non"}, ventes.CERTIFICAT),
    ],
)
def test_une_vente_sans_branchement_se_repond_par_le_controle_de_sa_parcelle(aller, visite, points, propose):
    """No installation, no connection entered: the control of the parcel answers, conforming or not."""
    parcelle, tech = "25999000AB0002", acteur("technicien")
    c = controles_ac.demander(INSEE, "demande", par=tech, reference=parcelle, agent=tech, jour=visite)
    valide_ac(c, visite, **points)
    v = vendre(parcelles=(parcelle,))
    assert ventes.proposition(v, JOUR) == propose
    elle = client_de("gestionnaire")
    page = texte(elle.get(v.get_absolute_url()))
    conclusion = "non conforme" if points else "conforme"
    for mot in ("Aucun branchement n'est enregistré", str(c), conclusion, "Aucune installation individuelle"):
        assert mot in page
    certificat = propose == ventes.CERTIFICAT
    assert ("Envoyer le certificat de raccordement" in page) is certificat
    assert ("Demander un contrôle de raccordement" in page) is not certificat
    if not certificat:
        assert f"parcelle={parcelle}&amp;motif=vente" in elle.get(v.get_absolute_url()).content.decode()
        with pytest.raises(Refus, match="n'est plus valable"):
            ventes.certifier_raccordement(v, c, par=acteur("gestionnaire"))
        return
    with pytest.raises(Refus, match="envoyez son certificat"):
        ventes.agir(v, "demander_controle", par=acteur("gestionnaire"), version=v.version)
    adresse = f"{v.get_absolute_url()}repondre/"
    assert "Certificat de raccordement" in texte(elle.get(adresse))
    elle.post(adresse, {"version": v.version})
    v.refresh_from_db()
    lettre = Courrier.objects.du_dossier(c).get()
    assert (v.etat, lettre.destinataire) == ("certificat_envoye", v.notaire.appel)
    # The other button, once more: the same certificate.
    elle.post(f"{v.get_absolute_url()}certificat-raccordement/")
    assert Courrier.objects.du_dossier(c).count() == 1
    assert lettre.numero in texte(elle.get(v.get_absolute_url()))


def test_une_parcelle_s_ecrit_comme_sur_le_plan():
    assert lire_parcelles(f"AB 1, ab2 ; {IDU}", INSEE) == [IDU, "25999000AB0002"]
    assert parcelle_ecrite("123 A 7", INSEE) == "259991230A0007"
    assert parcelle_ecrite("12 rue de l'Essai", INSEE) == parcelle_ecrite("AB 12", "") == ""
    for ecrit, mot in (("AB 999", "n'est pas au plan"), ("Le Pré", "comme sur le plan (AB 12)")):
        with pytest.raises(ValidationError, match=re.escape(mot)):
            lire_parcelles(ecrit, INSEE)


def test_la_recherche_du_notaire_trouve_aussi_les_raccordements():
    tech = acteur("technicien")
    c = controles_ac.demander(INSEE, "demande", par=tech, reference="25999000AB0002", agent=tech, jour=JOUR)
    valide_ac(c, JOUR, separation="non")
    jamais = branchement(parcelles=("25999000AB0003",))
    client = client_de("gestionnaire")
    adresse = "/assainissement/ventes/rechercher/"
    page = texte(client.get(adresse, {"q": "AB 2"}))
    for mot in ("parcelle AB 2", "non enregistré", "02/03/2026 non conforme", "jusqu'au 02/03/2036"):
        assert mot in page, mot
    page = texte(client.get(adresse, {"q": "AB 3"}))
    assert str(jamais) in page and "jamais contrôlé" in page and "Aucune installation ne répond" not in page
    assert "Aucune installation ne répond" in texte(client.get(adresse, {"q": "AB 4"}))
    ailleurs = client_de("gestionnaire", insee=AUTRE_INSEE)
    assert str(jamais) not in texte(ailleurs.get(adresse, {"q": "25999000AB0003"}))


def test_l_etape_suivante_vient_avant_le_renvoi_et_dit_ce_qu_elle_fige(aller):
    c = controle()
    repondre(c, incomplete_fosse_seule="oui")
    faire(c, "saisir_visite")
    faire(c, "rediger", donnees={"presence": "signee"})
    client = client_de("responsable")
    page = client.get(c.get_absolute_url()).content.decode()
    assert page.index("evenements/valider/") < page.index("evenements/renvoyer/")
    aide = texte(client.get(f"{c.get_absolute_url()}evenements/valider/"))
    assert "Ici : non conforme (cas c), règle R4 ; 1 ligne de travaux." in aide


def test_une_vente_en_zone_collective_demande_le_controle_que_le_reglement_exige(aller):
    """Nothing is entered there; the zoning and the règlement say that a control is due (spec §3)."""
    v = vendre()
    zone("AC")
    page = client_de("gestionnaire").get(v.get_absolute_url())
    assert "Raccordement au réseau" not in texte(page), "le règlement n'exige rien"
    ReglementService.objects.create(
        insee=INSEE, date_effet=date(2015, 1, 1), controle_ac_vente_obligatoire=True
    )
    page = client_de("gestionnaire").get(v.get_absolute_url())
    assert "Le règlement de service exige ce contrôle" in texte(page)
    assert f"?parcelle={IDU}&amp;motif=vente" in page.content.decode()
