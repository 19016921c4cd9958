"""Acts and letters: drafted by the circuit, numbered once, signed by either way, equal to the file."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from domainepublic import facturation, tarifs
from domainepublic.courriers import modeles, suites
from domainepublic.courriers.propositions import lettres_de, proposer
from domainepublic.courriers.sujet import destinataires
from domainepublic.detail import lignes_du_detail
from domainepublic.models import DossierODP, LigneFacturable
from mairie.courriers import conservation, envois, rendu, services
from mairie.courriers.envois import lire_pdf
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.services import code_modele
from mairie.models import Courrier, EnTete, Evenement, ModeleCourrier, Tache
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import (
    DEPOT,
    a_signer,
    accorde,
    acteur,
    delegue,
    dossier,
    emprise,
    faire,
    photographie,
    rect,
)
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.mairie.courriers.fabrique import texte_pdf
from tests.personnes import AUTRE_INSEE, commune


@pytest.fixture(autouse=True)
def mairie(aller, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    modeles.charger()
    EnTete.objects.create(
        collectivite=commune(), nom="Commune de Valbrune", adresse="1 place de la Mairie\n25999 Valbrune",
        lieu="Valbrune",
    )  # fmt: skip
    delegue()
    grille(2026, "1.35", frais_dossier="10.00")


@pytest.fixture(autouse=True, scope="module")
def _atelier():
    """One rendering process for all."""
    yield
    rendu.atelier.fermer()


def acte(d: DossierODP) -> Courrier:
    return Courrier.objects.du_dossier(d).exclude(etat="abandonne").latest("pk")


def finaliser(c: Courrier) -> Courrier:
    return services.finaliser(c, par=acteur("instructeur"), version=c.version, confirmer=True)


def plat(octets: bytes) -> str:
    return " ".join(texte_pdf(octets).replace("\u00a0", " ").replace("\u202f", " ").split())


def sceller() -> Courrier:
    """Run the task that the last decision asked for."""
    tache = Tache.objects.filter(code="domainepublic.sceller").latest("pk")
    evenement = Evenement.objects.latest("pk")
    assert tache.insee == "25999"
    suites.sceller.func(evenement.pk)
    return Courrier.objects.latest("pk")


# --- which act ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "faits", "modele"),
    [
        ("BENNE", {}, "permis_de_stationnement"),
        ("PALIS", {"ancrage": True}, "permission_de_voirie"),
        ("CIRC", {"modifie_circulation": True}, "arrete_circulation"),
        ("BENNE", {"domaine": "domaine_public_non_routier"}, "autre_titre"),
    ],
)
def test_la_proposition_a_la_signature_redige_l_acte_que_les_regles_appellent(code, faits, modele):
    tarifs.enregistrer_tarif(
        tarifs.grilles_de("25999", DEPOT, DEPOT)[0], "P",
        {"type": "PALIS", "unite": "m2", "periode": "semaine", "prix": "2"},
    )  # fmt: skip
    d = a_signer(dossier(emprise(code), faits=faits))
    assert [(code_modele(c), c.etat) for c in lettres_de(d)] == [(modele, "brouillon")]
    assert str(acte(d).delegation.delegataire) == str(acteur("signataire"))


def test_un_renvoi_abandonne_le_projet_et_la_proposition_suivante_en_refait_un():
    d = a_signer(dossier())
    faire(d, "renvoyer", "signataire", donnees={"motif": "Revoir la durée"})
    assert acte_abandonne(d).abandon_motif == "Renvoi : Revoir la durée"
    faire(d, "preparer_acte")
    assert acte(d).etat == "brouillon"


def acte_abandonne(d: DossierODP) -> Courrier:
    return Courrier.objects.du_dossier(d).get(etat="abandonne")


# --- the two ways to sign -----------------------------------------------------------------------


def test_l_acte_finalise_puis_signe_signe_le_dossier_sous_le_meme_numero():
    d = a_signer(dossier(emprise(), emprise(geom=rect(20)), faits={"modifie_circulation": True}))
    c = finaliser(acte(d))
    assert c.numero == "2026-ODP-0001"
    lu = plat(lire_pdf(c))
    for dit in (
        "ARRÊTE", "Article 1er – Objet", "permis de stationnement et arrêté de circulation",
        "Article 5 – Circulation et stationnement", "Article 6 – Publication et exécution", "Télérecours",
        "la délibération n° 2026-12 du 10 décembre 2025", "Échelle 1/", "se vérifient à l'adresse",
    ):  # fmt: skip
        assert dit in lu, dit
    envois.signer(c, par=acteur("signataire"), le=DEPOT, confirmer=True)
    d.refresh_from_db()
    assert d.etat == "accorde"
    assert Evenement.objects.get(type="signer").donnees["numeros"] == ["2026-ODP-0001"]
    assert Tache.objects.filter(code="domainepublic.sceller").count() == 0
    page = texte(client_de("lecture").get(f"/actes/{c.code}/"))
    assert "2026-ODP-0001" in page
    assert "Personne fictive" not in page


def test_signer_le_dossier_scelle_l_acte_en_tache_de_fond_sous_le_numero_du_dossier():
    d = a_signer(dossier())
    faire(d, "signer", "signataire")
    assert (d.etat, acte(d).etat) == ("accorde", "brouillon")
    c = sceller()
    assert (c.etat, c.numero, c.signe_le) == ("signe", "2026-ODP-0001", DEPOT)
    assert c.signe_par == acteur("signataire")
    suites.sceller.func(Evenement.objects.get(type="signer").pk)
    assert Courrier.objects.count() == 1, "rejouée, la tâche ne refait rien"


def test_signer_le_dossier_reprend_le_numero_de_l_acte_deja_finalise():
    d = a_signer(dossier())
    c = finaliser(acte(d))
    faire(d, "signer", "signataire")
    assert Evenement.objects.get(type="signer").donnees["numeros"] == [c.numero]
    assert sceller().etat == "signe"


def test_un_acte_finalise_avant_un_changement_de_tarif_ne_se_signe_plus():
    d = a_signer(dossier())
    c = finaliser(acte(d))
    g = tarifs.grilles_de("25999", DEPOT, DEPOT)[0]
    tarifs.enregistrer_tarif(g, "BENNE", {"type": "BENNE", "unite": "m2", "periode": "jour", "prix": "2"})
    with pytest.raises(Refus, match=r"finalisé avant un changement \(la redevance\)"):
        faire(d, "signer", "signataire")
    with pytest.raises(CourrierRefuse, match="finalisé avant un changement"):
        envois.signer(c, par=acteur("signataire"), le=DEPOT, confirmer=True)
    d.refresh_from_db()
    assert (d.etat, Courrier.objects.get(pk=c.pk).etat) == ("a_signer", "finalise")


def test_le_signataire_seul_signe_et_un_acte_ne_se_finalise_pas_avant_d_etre_propose():
    d = dossier()
    faire(d, "instruire")
    trop_tot = services.preparer(
        d, ModeleCourrier.objects.get(code="permis_de_stationnement"), par=acteur("instructeur")
    )
    with pytest.raises(CourrierRefuse, match="proposez d'abord l'acte"):
        finaliser(trop_tot)
    services.abandonner(trop_tot, par=acteur("instructeur"), version=trop_tot.version, motif="Trop tôt")
    faire(d, "preparer_acte")
    c = finaliser(acte(d))
    with pytest.raises(CourrierRefuse):
        envois.signer(c, par=acteur("instructeur"), le=DEPOT, confirmer=True)


def test_une_signature_saisie_apres_coup_ne_fabrique_aucun_document(aller):
    d = a_signer(dossier())
    aller(DEPOT + timedelta(days=3))
    faire(d, "signer", "signataire", le=DEPOT + timedelta(days=1))
    assert not Tache.objects.filter(code="domainepublic.sceller").exists()


# --- refusal, withdrawal, prolongation ----------------------------------------------------------


def test_le_refus_dit_ses_motifs_et_les_recours():
    d = dossier()
    faire(d, "instruire")
    faire(d, "refuser", "signataire", donnees={"motif": "le passage restant serait de 0,90 m"})
    lu = plat(lire_pdf(sceller()))
    assert "Considérant que le passage restant serait de 0,90 m" in lu
    assert "est refusée" in lu
    assert "deux mois" in lu


def test_retrait_et_prolongation_disent_la_nouvelle_fin_et_ce_qui_est_rendu(aller):
    d = a_signer(dossier())
    faire(d, "signer", "signataire")
    aller(date(2026, 6, 10))
    faire(d, "demander_prolongation", donnees={"fin": "2026-07-10"})
    faire(d, "accepter_prolongation", "signataire")
    lu = plat(lire_pdf(sceller()))
    assert "prolongée jusqu'au 10 juillet 2026" in lu
    assert "108,00 €" in lu, "le complément : 8 m² × 10 jours × 1,35 €"
    aller(date(2026, 7, 1))
    donnees = {"motif": "interet_general", "le": "2026-07-02", "contradictoire_le": "2026-06-25"}
    faire(d, "retirer", "signataire", donnees=donnees)
    c = sceller()
    lu = plat(lire_pdf(c))
    assert "ses observations le 25 juin 2026" in lu
    assert "à compter du 2 juillet 2026" in lu
    rendu_ = -sum(x.montant for x in LigneFacturable.objects.filter(nature="avoir"))
    assert f"soit {rendu_}".replace(".", ",") in lu
    assert c.libelle == "Arrêté de retrait"


# --- the same detail everywhere -----------------------------------------------------------------

TARIFS = {
    "minimum": ({"prix": "0.01"}, {"minimum_perception": "15.00", "frais_dossier": "10.60"}),
    "tranches": (
        {"tranches": [{"jusqu_a": "5", "prix": "1.115"}, {"jusqu_a": None, "prix": "0.335"}],
         "tranche_mode": "marginale"},
        {},
    ),
    "arrondi": ({"prix": "1.333", "arrondi_quantite": "unite_superieure"}, {"arrondi_final": "euro"}),
    "franchise": ({"prix": "2.50", "franchise_jours": 3}, {"plafond": "400.00", "frais_dossier": "7.35"}),
}  # fmt: skip


@pytest.mark.parametrize("cas", TARIFS)
def test_le_detail_est_le_meme_a_l_ecran_sur_le_papier_et_dans_l_export(cas):
    ligne, regles = TARIFS[cas]
    g = tarifs.grilles_de("25999", DEPOT, DEPOT)[0]
    tarifs.enregistrer_tarif(g, "BENNE", {"type": "BENNE", "unite": "m2", "periode": "jour", **ligne})
    g.regles = regles
    g.save()
    d = a_signer(dossier(emprise(geom=rect(0, 31, 4.3, 2.1)), demandeur=payeur(siret="12345678200010")))
    faire(d, "signer", "signataire")
    x = d.lignes.get()
    attendu = [(e["libelle"], e.get("montant")) for e in x.detail]
    # On paper: the page that the PDF is made from, then the PDF.
    c = acte(d)
    compose = services.composer(c)
    papier = re.search(r"<table><thead><tr><th scope=\"col\">Étape.*?</table>", compose.html, re.S)
    assert papier is not None
    cellules = [
        re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", t).replace("\u00a0", " ").replace("\u202f", " "))
        for t in re.findall(r"<td>(.*?)</td>", papier[0], re.S)
    ]
    lignes = [cellules[i : i + 3] for i in range(3, len(cellules), 3)]
    assert [montant_de(r[2]) for r in lignes] == [Decimal(m) if m else None for _, m in attendu]
    # On screen.
    ecran = client_de("lecture").get(d.get_absolute_url()).content.decode()
    bloc = ecran[ecran.index('<ol class="odp-etapes">') :].partition("</ol>")[0]
    vus = [montant_de(li.partition("odp-montant")[2]) for li in re.findall(r"<li.*?</li>", bloc, re.S)]
    assert vus == [Decimal(m) if m else None for _, m in attendu]
    # In the export.
    role = facturation.preparer_role("25999", acteur("finances"))
    role = facturation.exporter(facturation.valider(role))
    exportee = json.loads(role.export_json)["lignes"][0]
    assert [(e["libelle"], e.get("montant")) for e in exportee["detail"]] == attendu
    assert exportee["montant_ttc"] == str(x.montant)
    assert lignes_du_detail(x.detail)[-1].montant == x.montant
    decimale = {
        "libelle": "Tarif",
        "quantite": "12.5",
        "periodes": "8/12",
        "montant": "3.10",
        "etape": "ligne",
    }
    assert lignes_du_detail([decimale])[0].calcul == "12,5 × 8/12"
    assert montant_de(cellules[2]) == x.montant


def montant_de(texte_: str) -> Decimal | None:
    trouve = re.search(r"(-?[0-9][0-9 \u00a0\u202f]*,[0-9]{2})(?:[ \u00a0\u202f]|&nbsp;)*€", texte_)
    return Decimal(re.sub(r"\s", "", trouve[1]).replace(",", ".")) if trouve else None


# --- letters ------------------------------------------------------------------------------------


def test_chaque_etat_appelle_sa_lettre_et_chaque_lettre_se_finalise(aller):
    d = dossier(demandeur=payeur(siret="12345678200010"))

    def appelees() -> list[str]:
        d.refresh_from_db()
        return [p.code for p in proposer(d, lettres_de(d))]

    def ecrire(code: str) -> str:
        modele = ModeleCourrier.objects.get(metier="domainepublic", code=code)
        c = services.preparer(
            d, modele, par=acteur("instructeur"), destinataire=next(destinataires(d))
        )  # fmt: skip
        return plat(lire_pdf(finaliser(c)))

    assert appelees() == ["recepisse"]
    lu = ecrire("recepisse")
    assert "ODP-25999-2026-00001" in lu
    assert "Sans réponse au 2 mai 2026" in lu
    assert "334,00 €" in lu, "8 m² × 30 jours × 1,35 € et 10 € de frais"
    faire(d, "declarer_incomplet", donnees={"pieces": ["plan coté", "assurance"], "delai_jours": 20})
    assert appelees() == ["demande_pieces"]
    lu = ecrire("demande_pieces")
    assert "plan coté" in lu
    assert "22 mars 2026" in lu
    faire(d, "completer")
    a_signer(d)
    faire(d, "signer", "signataire")
    role = facturation.preparer_role("25999", acteur("finances"))
    facturation.exporter(facturation.valider(role))
    assert appelees() == ["facture"]
    lu = ecrire("facture")
    assert "ROLE-2026-01-0001" in lu
    assert "334,00 €" in lu
    aller(date(2026, 7, 3))
    d.refresh_from_db()
    faire(photographie(d), "constater_depassement", donnees={"constat": "La benne est toujours là."})
    assert "mise_en_demeure" in appelees()
    lu = ecrire("mise_en_demeure")
    assert "après la fin de son titre, ce qui a été constaté le 3 juillet 2026" in lu


def test_publicite_proces_verbal_et_relance_ont_leur_lettre(aller):
    """The notice names nobody; the report says who saw what; the reminder what is left, once a month."""
    finances = acteur("finances")
    terrasse = dossier(emprise("TERR_O", unite="m2"), demandeur=payeur(siret="12345678200010"))
    faire(
        terrasse, "ouvrir_publicite", donnees={"au": "2026-03-20", "lieu": "site de la commune, mairie"}
    )  # fmt: skip

    def appelees(d) -> list[str]:
        return [p.code for p in proposer(d, lettres_de(d))]

    def par_la_page(d, code: str, role: str = "instructeur") -> str:
        reponse = client_de(role).post(f"/domaine-public/dossiers/{d.pk}/courriers/{code}/")
        assert reponse["Location"].startswith("/courriers/"), reponse["Location"]
        return plat(lire_pdf(finaliser(Courrier.objects.latest("pk"))))

    assert "publicite" in appelees(terrasse)
    lu = par_la_page(terrasse, "publicite")
    assert "20 mars 2026" in lu and "article L. 2122-1-4 du code général de la propriété" in lu
    assert terrasse.demandeur.appel not in lu, "un avis public ne nomme personne"
    assert "publicite" not in appelees(terrasse)

    benne = accorde(dossier(emprise(geom=rect(20)), demandeur=payeur(siret="12345678200010")))
    role = facturation.preparer_role("25999", finances)
    role.echeance = date(2026, 4, 30)
    role.save(update_fields=["echeance"])
    facturation.exporter(facturation.valider(role))
    assert "relance" not in appelees(benne)
    aller(date(2026, 5, 2))
    assert "relance" in appelees(benne)
    lu = par_la_page(benne, "relance", "finances")
    assert "ROLE-2026-01-0001" in lu and "30 avril 2026" in lu and "334,00 €" in lu
    assert "relance" not in appelees(benne)
    aller(date(2026, 6, 2))
    assert "relance" in appelees(benne), "une autre, un mois après"

    aller(date(2026, 7, 3))
    faire(photographie(benne), "constater_depassement", donnees={"constat": "La benne est toujours là."})
    faire(benne, "dresser_pv", "assermente", donnees={"numero": "PV 2026-07"})
    assert "pv" in appelees(benne)
    lu = par_la_page(benne, "pv")
    assert "PV 2026-07" in lu and "3 juillet 2026" in lu and "R. 116-2" in lu
    assert str(acteur("assermente")) in lu
    assert "Signature :" in lu and "Le maire," not in lu, "l'agent assermenté signe, pas le maire"


def test_les_lettres_ont_leurs_droits():
    d = dossier(demandeur=payeur(siret="12345678200010"))
    adresse = f"/domaine-public/dossiers/{d.pk}/courriers/"
    assert client_de("instructeur").post(f"{adresse}recepisse/").status_code == 302
    assert client_de("lecture").post(f"{adresse}recepisse/").status_code == 403
    assert client_de("finances").post(f"{adresse}recepisse/").status_code == 403
    assert client_de("finances").post(f"{adresse}facture/").status_code == 302
    assert client_de("instructeur", insee=AUTRE_INSEE).post(f"{adresse}recepisse/").status_code == 404
    inconnu = client_de("instructeur").post(f"{adresse}rien/", follow=True)
    assert "n'est plus en service" in texte(inconnu)
    assert "Récépissé de dépôt" in texte(client_de("instructeur").get(d.get_absolute_url()))


# --- the notice on the site ---------------------------------------------------------------------


def test_l_affichette_dit_l_essentiel_sans_nom_de_personne_et_porte_le_code_de_l_arrete():
    d = a_signer(dossier(faits={"modifie_circulation": True}))
    adresse = f"/domaine-public/dossiers/{d.pk}/affichette-"
    client = client_de("lecture")
    assert client.get(f"{adresse}a4.pdf").status_code == 404, "aucun titre encore"
    faire(d, "signer", "signataire")
    c = sceller()
    reponse = client.get(f"{adresse}a3.pdf")
    assert reponse["Content-Type"] == "application/pdf"
    lu = plat(reponse.content)
    for dit in ("Benne", "lundi 1er juin 2026", "Ce qui change pour vous", c.numero, f"/actes/{c.code}"):
        assert dit in lu, dit
    assert "Personne fictive" not in lu
    assert client.get(f"{adresse}a5.pdf").status_code == 404
    autre = client_de("lecture", insee=AUTRE_INSEE)
    assert autre.get(f"{adresse}a4.pdf").status_code == 404


def test_une_lettre_finalisee_ne_se_vide_qu_a_la_fin_de_sa_conservation(django_capture_on_commit_callbacks):
    d = a_signer(dossier(demandeur=payeur()))
    c = finaliser(acte(d))
    with pytest.raises(IntegrityError), transaction.atomic():
        Courrier.objects.filter(pk=c.pk).update(corps=conservation.VIDE, html="", valeurs={}, destinataire="")
    with django_capture_on_commit_callbacks(execute=True):
        assert conservation.vider(d) == 1
    assert conservation.vider(d) == 0
    c.refresh_from_db()
    assert (c.corps, c.html, c.destinataire) == (conservation.VIDE, "", "")
    assert c.numero and c.sha256 and not c.pdf.storage.exists(c.pdf.name)
    # The door is shut again in the same transaction.
    with pytest.raises(IntegrityError), transaction.atomic():
        Courrier.objects.filter(pk=c.pk).update(objet="Autre")
