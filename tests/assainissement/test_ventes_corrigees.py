"""Sales said right at last: who is who, what is sold, what answers (second hostile reading)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from assainissement import avis_reseau, controles_ac, redevances, redevances_ac, ventes
from assainissement import installations as services
from assainissement.models import AvisReseau, ControleAC, DeclarationVente, InstallationTiers, Obligation
from assainissement.saisies import personne
from mairie.models import Courrier, Tiers
from mairie.workflow import Refus, rejouer
from tests.assainissement.fabrique_ac import branchement, controle_ac
from tests.assainissement.fabrique_ac import valide as valide_ac
from tests.assainissement.fabrique_anc import IDU, JOUR, acteur, controle, faire, installation
from tests.assainissement.fabrique_redevances import deliberation
from tests.assainissement.test_ecrans_anc import client_de, evenement, texte
from tests.assainissement.test_projets import sans_pdf  # noqa: F401
from tests.assainissement.test_redevances_ac import LIGNES
from tests.assainissement.test_ventes import FAITS, agir, reprise, vendre
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")


def habitant(**champs) -> Tiers:
    """A citizen at home."""
    valeurs = {"nom": "Dupont", "voie": "12 rue de l'Essai", "code_postal": "25999", "ville": "VALBRUNE"}
    return Tiers.objects.create(collectivite=INSEE, **{**valeurs, **champs})


@pytest.mark.parametrize(
    ("connu", "nom", "adresse", "meme"),
    [
        ({}, "Dupont", "1 place du Notaire, 25999 VALBRUNE", False),
        ({}, "Dupont", "", False),
        ({}, "dupont", "12, rue de l'Essai 25999 Valbrune", True),
        ({}, "Durand", "12 rue de l'Essai, 25999 VALBRUNE", False),
        ({"prenoms": "Jean"}, "Jean Dupont", "12 rue de l'Essai, 25999 VALBRUNE", True),
        ({"prenoms": "Jean"}, "Dupont", "12 rue de l'Essai, 25999 VALBRUNE", False),
        ({"complement": "Bâtiment B"}, "Dupont", "12 rue de l'Essai, 25999 VALBRUNE", False),
        ({"voie": "", "code_postal": "", "ville": ""}, "Dupont", "", True),
        ({"voie": "", "code_postal": "", "ville": "", "telephone": "0381000000"}, "Dupont", "", False),
        ({"voie": "", "code_postal": "", "ville": ""}, "Dupont", "1 place du Notaire", False),
    ],
)
def test_une_personne_se_retrouve_par_son_nom_et_son_adresse(connu, nom, adresse, meme):
    lui = habitant(**connu)
    trouvee = personne(nom, INSEE, acteur(), adresse)
    assert (trouvee == lui) is meme
    if not meme:
        assert trouvee.nom == nom and bool(trouvee.lignes_adresse) is bool(adresse), "rien n'est perdu"
        assert personne(nom, INSEE, acteur(), adresse) == trouvee, "la fois d'après, c'est la sienne"


def test_une_adresse_tapee_se_lit_en_entier():
    assert personne(
        "Étude A", INSEE, acteur(), "BP 10234 place A, 25000 Besançon Cedex 9"
    ).lignes_adresse == [
        "BP 10234 place A",
        "25000 Besançon Cedex 9",
    ]
    with pytest.raises(Refus):
        personne("Étude B", INSEE, acteur(), "x" * 201)


def test_la_vente_va_au_notaire_et_pas_a_son_homonyme():
    i = installation()
    chez_lui = habitant()
    client = client_de("gestionnaire")
    valeurs = {
        "insee": INSEE, "parcelles": IDU, "recue_le": "2026-03-01", "source": "notaire",
        "notaire": "Dupont", "notaire_adresse": "1 place du Notaire, 25999 VALBRUNE",
        "vendeur_adresse": "3 rue Perdue, 25999 VALBRUNE",
    }  # fmt: skip
    reponse = client.post("/assainissement/ventes/nouvelle/", valeurs)
    assert reponse.status_code == 422 and "De qui est cette adresse" in texte(reponse)
    client.post("/assainissement/ventes/nouvelle/", {**valeurs, "vendeur": "Durand"})
    v = DeclarationVente.objects.get()
    assert v.notaire != chez_lui and v.notaire.voie == "1 place du Notaire"
    assert v.vendeur.voie == "3 rue Perdue"
    # The same field of « Personnes et lieux ».
    lieux = f"/assainissement/installations/{i.pk}/personnes/"
    ajout = {
        "quoi": "personne",
        "role": "occupant",
        "nom": "Dupont",
        "adresse": "9 rue B",
        "du": "2026-03-01",
    }
    assert client.post(lieux, ajout).status_code == 302
    occupant = InstallationTiers.objects.get(role="occupant").tiers
    assert (occupant != chez_lui, occupant.voie) == (True, "9 rue B")
    reponse = client.post(lieux, {**ajout, "connu": chez_lui.pk})
    assert (reponse.status_code, "pas les deux" in texte(reponse)) == (422, True)


def test_les_dia_disent_les_adresses():
    from assainissement import ventes_import

    habitant()
    lignes = [
        "reference;recue_le;parcelles;notaire;notaire_adresse;vendeur;vendeur_adresse",
        f"D1;02/03/2026;{IDU};Dupont;1 place du Notaire, 25999 VALBRUNE;;",
        "D2;02/03/2026;25999000AB0002;Dupont;1 place du Notaire 25999 Valbrune;Durand;",
        f"D3;02/03/2026;{IDU};;;;3 rue Perdue",
    ]
    bilan = ventes_import.importer("\n".join(lignes).encode(), par=acteur("gestionnaire"), communes={INSEE})
    assert [v.notaire.voie for v in bilan.creees] == ["1 place du Notaire"] * 2
    assert len({v.notaire_id for v in bilan.creees}) == 1
    assert [rang for rang, _ in bilan.refus] == [4]


def test_un_avis_rendu_ou_classe_se_redemande_a_l_ecran():
    a = avis_reseau.demander(
        INSEE, par=acteur(), autorisation="PC1", dossier_urba="PC1", service="SPANC", parcelles=[IDU]
    )
    client = client_de("responsable")
    adresse = f"{a.get_absolute_url()}evenements/redemander/"
    assert client.get(adresse).status_code == 404, "il attend déjà sa réponse"
    assert evenement(client, a, "abandonner", motif="Par erreur").status_code == 302
    assert adresse in client.get(a.get_absolute_url()).content.decode()
    page = texte(client.get(adresse))
    assert "Motif" in page and "Demande d'urbanisme" not in page
    assert evenement(client, a, "redemander", motif="Classé par erreur").status_code == 302
    a = AvisReseau.objects.get()
    assert (a.etat, avis_reseau.demandeur(a)) == ("demande", "PC1")


def test_un_projet_repris_garde_le_permis_qui_le_demande():
    from assainissement import projets
    from assainissement.projets import NouveauProjet

    p = projets.demander(
        NouveauProjet(insee=INSEE, parcelles=(IDU,), recu_le=date(2026, 3, 1), dossier_urba="PC1"),
        par=acteur(),
    )
    client = client_de("responsable")
    assert evenement(client, p, "abandonner", motif="Retiré").status_code == 302
    page = client.get(f"{p.get_absolute_url()}evenements/reprendre/").content.decode()
    assert 'name="motif"' in page and 'name="dossier"' not in page
    evenement(client, p, "reprendre", motif="Il y tient", dossier="PC l")
    p.refresh_from_db()
    assert (p.etat, projets.demandeur(p)) == ("demande", "PC1")


# --- what is sold, and what answers ---------------------------------------------------------------


def corriger(client, v: DeclarationVente, **champs):
    """The form of correction as the page shows it, with what is changed."""
    v.refresh_from_db()
    page = client.get(f"{v.get_absolute_url()}corriger/").context["formulaire"]
    valeurs = {n: "" if x is None else x for n, x in page.initial.items()}
    return client.post(f"{v.get_absolute_url()}corriger/", {"version": v.version, **valeurs, **champs})


def test_une_vente_sans_destinataire_se_corrige_puis_se_repond(sans_pdf):  # noqa: F811
    reprise(installation(), date(2025, 6, 1))
    v = vendre(notaire=None)
    client = client_de("gestionnaire")
    assert "Dites à qui répondre" in texte(client.get(v.get_absolute_url()))
    page = texte(client.get(f"{v.get_absolute_url()}repondre/"))
    assert "Dites à qui répondre" in page and "Faire la lettre" not in page
    assert client.post(f"{v.get_absolute_url()}repondre/", {"version": v.version}).status_code == 422
    suite = corriger(client, v, notaire="Étude B", notaire_adresse="2 place du Plan, 25999 VALBRUNE")
    assert suite.status_code == 302
    assert client.post(f"{v.get_absolute_url()}repondre/", {"version": v.version}).status_code == 422, "vieux"
    v.refresh_from_db()
    client.post(f"{v.get_absolute_url()}repondre/", {"version": v.version})
    v.refresh_from_db()
    assert (v.etat, Courrier.objects.du_dossier(v).get().destinataire) == ("certificat_envoye", "Étude B")
    # Another office, typed over the one chosen; what was sent stays, and is said so.
    suite = corriger(client, v, notaire="Étude C", notaire_adresse="3 place du Plan, 25999 VALBRUNE")
    assert "faites-en une autre" in texte(client.get(suite["Location"]))
    v.refresh_from_db()
    assert v.notaire.nom == "Étude C"


@pytest.mark.parametrize(
    ("champs", "mot"),
    [
        ({"parcelles": "25998000AB0001"}, "autre commune"),
        ({"parcelles": "", "repond": ""}, "au moins une parcelle"),
        ({"parcelles": "25999000AB0003"}, "n'est pas au nouveau lieu"),
        ({"repond": "i999999"}, "choix valide"),
        ({"adresse": "99 rue Inconnue"}, "n'est pas dans la base"),
        ({"version": "0"}, "a changé depuis"),
    ],
)
def test_une_correction_fausse_est_dite_et_ne_change_rien(champs, mot):
    i = installation()
    v = vendre()
    client = client_de("gestionnaire")
    reponse = corriger(client, v, **champs)
    assert (reponse.status_code, mot in texte(reponse)) == (422, True), texte(reponse)
    version = v.version
    v.refresh_from_db()
    assert (v.installation, v.parcelles, v.version) == (i, [IDU], version)


def test_une_parcelle_corrigee_retrouve_son_installation_et_rouvre_le_controle(sans_pdf):  # noqa: F811
    installation()
    autre = installation(parcelles=("25999000AB0003",))
    v = vendre()
    ventes.repondre(v, par=acteur("gestionnaire"), version=v.version)
    v.refresh_from_db()
    avant = v.controle
    client = client_de("gestionnaire")
    suite = corriger(client, v, parcelles="25999000AB0003", repond="")
    assert f"{avant} reste ouvert" in texte(client.get(suite["Location"]))
    v.refresh_from_db()
    assert (v.installation, v.controle.installation, v.controle.nature) == (autre, autre, "vente")
    assert not rejouer(v).ecarts


def test_une_vente_se_corrige_dans_sa_commune_par_qui_l_enregistre():
    v = vendre()
    adresse = f"{v.get_absolute_url()}corriger/"
    assert client_de("lecture").get(adresse).status_code == 403
    assert client_de("responsable", insee=AUTRE_INSEE).get(adresse).status_code == 404
    agir(v, "classer_sans_suite", motif="Par erreur")
    client = client_de("responsable")
    assert client.get(adresse).status_code == 302
    page = client.get(v.get_absolute_url())
    assert "Annuler le dernier événement" in texte(page) and "Corriger la vente" not in texte(page)
    annuler = f"{v.get_absolute_url()}annuler/"
    assert client_de("gestionnaire").post(annuler).status_code == 403
    client.post(annuler, {"version": v.version, "motif": "Vente maintenue"})
    v.refresh_from_db()
    assert v.etat == "recue"


def test_un_acte_saisi_par_erreur_se_retire_du_rapport_aussi(aller):
    c = reprise(installation(), date(2025, 6, 1), **FAITS)
    v = agir(vendre(), "signer_acte", le="2026-02-15")
    client = client_de("responsable")
    reponse = corriger(client, v, parcelles="25999000AB0003", repond="")
    assert (reponse.status_code, "annule d'abord l'acte" in texte(reponse)) == (422, True)
    v.refresh_from_db()
    client.post(f"{v.get_absolute_url()}annuler/", {"version": v.version, "motif": "Autre date"})
    v.refresh_from_db()
    c.refresh_from_db()
    o = Obligation.objects.get(controle=c)
    assert (v.etat, v.date_acte, c.date_acte, o.echeance) == ("recue", None, None, date(2029, 6, 1))
    v = agir(v, "signer_acte", le="2026-02-20")
    c.refresh_from_db()
    assert (c.date_acte, rejouer(c).ecarts) == (date(2026, 2, 20), {})


def test_un_acte_ne_se_retire_pas_sous_un_rapport_qui_a_continue():
    c = reprise(installation(), date(2025, 6, 1), **FAITS)
    v = agir(vendre(), "signer_acte", le="2026-02-15")
    faire(c, "raccourcir_delai", "elu", donnees={"mois": 6, "motif": "Danger"})
    client = client_de("responsable")
    suite = client.post(
        f"{v.get_absolute_url()}annuler/", {"version": v.version, "motif": "Autre"}, follow=True
    )
    assert "a changé depuis l'acte" in texte(suite)
    v.refresh_from_db()
    assert v.etat == "acte_signe"


def test_deux_installations_se_montrent_et_une_se_choisit(sans_pdf):  # noqa: F811
    """A valid control of connection on the parcel does not answer for them."""
    a, b = installation(), installation()
    reprise(b, date(2025, 6, 1))
    tech = acteur("technicien")
    valide_ac(controles_ac.demander(INSEE, "demande", par=tech, reference=IDU, agent=tech, jour=JOUR), JOUR)
    v = vendre()
    client = client_de("gestionnaire")
    page = client.get(v.get_absolute_url())
    for mot in (str(a), str(b), "2 installations sont en service", "C'est ce qui est vendu"):
        assert mot in texte(page), mot
    for mot in ("Aucune installation individuelle", "Envoyer le certificat", "Demander un contrôle "):
        assert mot not in texte(page), mot
    assert ventes.proposition(v, JOUR) == "" and ventes.controle_valable(v, JOUR) is None
    for evt in ("envoyer_certificat", "demander_controle"):
        with pytest.raises(Refus, match="dites laquelle"):
            agir(v, evt)
    with pytest.raises(Refus, match="dites laquelle"):
        ventes.repondre(v, par=acteur("gestionnaire"), version=v.version)
    assert client.get(f"{v.get_absolute_url()}repondre/").status_code == 302
    assert "Dites d'abord ce qui est vendu" in ventes.avertissement_acte(v, JOUR)
    choix = client.get(f"{v.get_absolute_url()}corriger/?repond=i{b.pk}").context["formulaire"]
    assert choix.initial["repond"] == f"i{b.pk}"
    assert corriger(client, v, repond=f"i{b.pk}").status_code == 302
    v.refresh_from_db()
    assert (v.installation, ventes.proposition(v, JOUR)) == (b, ventes.CERTIFICAT)


def test_le_controle_d_un_appartement_ne_vaut_que_pour_lui(sans_pdf):  # noqa: F811
    immeuble = branchement()
    premier = valide_ac(controle_ac(immeuble, "vente", logement="appartement"), JOUR)
    v = vendre(parcelles=("25999000AB0002",))
    client = client_de("gestionnaire")
    page = client.get(v.get_absolute_url())
    assert "ne vaut que pour son logement" in texte(page) and "Envoyer le certificat" not in texte(page)
    assert ventes.proposition(v, JOUR) == ""
    suite = client.post(f"{v.get_absolute_url()}certificat-raccordement/", follow=True)
    assert "quel contrôle est celui du logement" in texte(suite)
    # This flat has no control yet: one is asked for it, and answers it alone.
    lien = f"?branchement={immeuble.pk}&amp;motif=vente&amp;vente={v.pk}"
    assert lien in page.content.decode()
    client.post(
        f"/assainissement/controles-ac/nouveau/{lien.replace('&amp;', '&')}",
        {"motif": "vente", "logement": "appartement", "demande": "2026-03-02"},
    )
    v.refresh_from_db()
    assert v.raccordement not in (None, premier)
    assert ventes.proposition(v, JOUR) == ventes.CONTROLE
    # The other one was theirs after all.
    assert corriger(client, v, repond=f"r{premier.pk}").status_code == 302
    v.refresh_from_db()
    assert ventes.proposition(v, JOUR) == ventes.CERTIFICAT
    client.post(f"{v.get_absolute_url()}repondre/", {"version": v.version})
    assert Courrier.objects.du_dossier(premier).exists()


def test_une_installation_desactivee_ne_repond_a_aucune_vente():
    i = installation()
    reprise(i, date(2025, 6, 1))
    v = vendre()
    i.refresh_from_db()
    services.agir(
        i, "desactiver", par=acteur(), version=i.version, donnees={"motif": "raccordee_ac"}, date_effet=JOUR
    )
    v = DeclarationVente.objects.get()
    assert ventes.rapport_valable(v, JOUR) is None and ventes.proposition(v, JOUR) == ventes.CONTROLE
    client = client_de("gestionnaire")
    assert "est désactivée : ses rapports" in texte(client.get(v.get_absolute_url()))
    assert "Aucun ne s'ouvre" in texte(client.get(f"{v.get_absolute_url()}repondre/"))
    page = client.get("/assainissement/ventes/rechercher/", {"q": str(i)})
    assert "désactivée elle ne répond à aucune vente" in texte(page)
    assert f"?installation={i.pk}" not in page.content.decode() and "jusqu'au" not in texte(page)


def test_la_reponse_dit_si_un_controle_s_ouvre():
    i = installation()
    v = vendre()
    client = client_de("gestionnaire")
    adresse = f"{v.get_absolute_url()}repondre/"
    assert "il s'ouvre aussitôt" in texte(client.get(adresse))
    c = controle(i, "vente")
    assert f"{c} est déjà ouvert" in texte(client.get(adresse))


# --- who asks for a control of connection, and pays -------------------------------------------------

PARCELLE = "25999000AB0002"
DEMANDE = {"insee": INSEE, "reference": PARCELLE, "motif": "demande", "logement": "maison"}


def demander_ac(client, **champs) -> ControleAC:
    valeurs = {**DEMANDE, "demande": "2026-03-02", **champs}
    assert client.post("/assainissement/controles-ac/nouveau/", valeurs).status_code == 302
    return ControleAC.objects.latest("pk")


def test_un_demandeur_s_ecrit_et_paie():
    deliberation(objet="redevance_ac", lignes=LIGNES)
    client = client_de("gestionnaire")
    c = demander_ac(client, nom="Dupont", nom_adresse="3 rue A, 25999 VALBRUNE")
    assert c.demandeur.lignes_adresse == ["3 rue A", "25999 VALBRUNE"]
    assert redevances.payeur(redevances_ac.ligne_de(c)) == c.demandeur
    for faute, mot in (
        ({"nom_adresse": "3 rue A"}, "De qui est cette adresse"),
        ({"nom": "Durand", "demandeur": c.demandeur_id}, "pas les deux"),
    ):
        reponse = client.post(
            "/assainissement/controles-ac/nouveau/", {**DEMANDE, "demande": "2026-03-02", **faute}
        )
        assert (reponse.status_code, mot in texte(reponse)) == (422, True), mot


def test_le_vendeur_est_propose_depuis_sa_vente():
    v = vendre(parcelles=(PARCELLE,), vendeur=habitant())
    page = client_de("gestionnaire").get(
        f"/assainissement/controles-ac/nouveau/?parcelle={PARCELLE}&motif=vente&vente={v.pk}"
    )
    assert page.context["formulaire"].initial["demandeur"] == v.vendeur_id
    assert v.vendeur in page.context["formulaire"].fields["demandeur"].queryset


def test_une_demande_se_corrige_jusqu_a_la_validation():
    deliberation(objet="redevance_ac", lignes=LIGNES)
    client = client_de("gestionnaire")
    c = demander_ac(client)
    adresse = f"{c.get_absolute_url()}corriger/"
    assert "n'aurait pas de payeur" in texte(client.get(c.get_absolute_url()))
    avant = redevances_ac.ligne_de(c)
    redevances_ac.annoncer(c, JOUR)
    champs = {"reference": PARCELLE, "logement": "appartement", "motif": "vente", "nom": "Dupont"}
    perimee = client.post(adresse, {**champs, "version": c.version - 1})
    assert (perimee.status_code, "a changé depuis" in texte(perimee)) == (422, True)
    vide = client.post(adresse, {**champs, "reference": "", "version": c.version})
    assert (vide.status_code, "Dites où" in texte(vide)) == (422, True)
    assert client.post(adresse, {**champs, "version": c.version}).status_code == 302
    c.refresh_from_db()
    avant.refresh_from_db()
    neuve = redevances_ac.ligne_de(c)
    assert (c.motif, c.logement, str(c.demandeur), avant.etat) == (
        "vente",
        "appartement",
        "Dupont",
        "annulee",
    )
    assert (neuve.etat, neuve.montant_ttc, redevances.payeur(neuve)) == (
        "a_annoncer",
        Decimal("176.00"),
        c.demandeur,
    )
    assert not rejouer(c).ecarts
    controles_ac.affecter(c, acteur("technicien"), par=acteur("technicien"))
    valide_ac(c, JOUR)
    page = client.get(adresse)
    assert "seul le demandeur" in texte(page) and "motif" not in page.context["formulaire"].fields
    c.refresh_from_db()
    client.post(adresse, {"nom": "Durand", "motif": "neuf", "version": c.version})
    c.refresh_from_db()
    assert (str(c.demandeur), c.motif, c.valide) == ("Durand", "vente", True)
    assert not rejouer(c).ecarts
    assert client_de("lecture").get(adresse).status_code == 403
    assert client_de("responsable", insee=AUTRE_INSEE).get(adresse).status_code == 404
