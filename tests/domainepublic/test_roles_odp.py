"""Who does what on an occupation: the people of a file corrected, the file given, each role's own letters."""

from __future__ import annotations

from datetime import date
from unittest.mock import patch
from uuid import uuid4

import pytest

from domainepublic.constats import facturer_sans_titre, ouvrir_infraction
from domainepublic.consultations import charger_services
from domainepublic.courriers import modeles
from domainepublic.formulaires import FormulaireEvenement
from domainepublic.models import DossierODP, Titre
from domainepublic.models import Role as RoleDeRecettes
from domainepublic.workflow import EVENEMENTS
from mairie.models import (
    Consultation,
    Courrier,
    Evenement,
    JournalActe,
    ModeleCourrier,
    ServiceConsulte,
    Tiers,
    Voie,
)
from mairie.workflow import Refus
from tests.domainepublic.fabrique_odp import (
    accorde,
    acteur,
    delegue,
    dossier,
    emprise,
    faire,
    personne,
    rect,
)
from tests.domainepublic.test_constats_odp import constat
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_redevances_odp import grille, payeur
from tests.personnes import AUTRE_INSEE, INSEE, agent

pytestmark = pytest.mark.usefixtures("aller")


def champs(d: DossierODP, **plus) -> dict[str, str]:
    """The form as the page fills it."""
    connus = {
        "demandeur": d.demandeur_id, "beneficiaire": d.beneficiaire, "executant": d.executant_id,
        "payeur": d.payeur_id, "voie": d.voie_id, "adresse": d.adresse, "objet": d.objet,
        "version": d.version,
    }  # fmt: skip
    return {k: "" if v is None else str(v) for k, v in {**connus, **plus}.items()}


# --- who and where ------------------------------------------------------------------------------


def test_les_personnes_et_le_lieu_se_corrigent_avant_l_acte_et_se_notent_sans_nom():
    d = dossier(objet="Benne de M. Dupré")
    vrai, paie = personne("Vrai Fictif"), payeur(raison_sociale="Syndic fictif", siret="12345678200010")
    voie = Voie.objects.create(insee=INSEE, nom="Rue du Lavoir")
    ici, client = f"{d.get_absolute_url()}personnes/", client_de("instructeur")
    assert f'href="{ici}"' in client.get(d.get_absolute_url()).content.decode()
    assert "Au droit de" in texte(client.get(ici))
    neufs = {"demandeur": vrai.pk, "payeur": paie.pk, "voie": voie.pk, "adresse": "12", "objet": "Benne"}
    page = texte(client.post(ici, champs(d, **neufs), follow=True))
    d.refresh_from_db()
    assert (d.demandeur, d.qui_paie, d.voie, d.adresse, d.objet) == (vrai, paie, voie, "12", "Benne")
    assert "ouvre encore le dossier" in page and "Syndic fictif" in page
    ligne = JournalActe.objects.get(action="domainepublic.personnes_corrigees")
    assert ligne.donnees["apres"]["demandeur"] == vrai.pk
    assert "Dupré" not in str(ligne.donnees) and "Fictif" not in str(ligne.donnees)
    # The other agent's page is older: told, and what he typed stays.
    vieux = client.post(ici, champs(d, objet="Autre objet", version=d.version - 1))
    assert vieux.status_code == 422 and "a changé depuis" in texte(vieux)
    assert 'value="Autre objet"' in vieux.content.decode()
    vide = client.post(ici, champs(d, demandeur=""))
    assert vide.status_code == 422, "un dossier déposé garde un demandeur"
    nouveau = champs(d, beneficiaire="particulier", nom="Neuve", prenoms="Ada", courriel="faux")
    assert client.post(ici, nouveau).status_code == 422
    assert not Tiers.objects.filter(nom="Neuve").exists()
    client.post(ici, {**nouveau, "courriel": "ada@exemple.invalid"})
    d.refresh_from_db()
    assert (d.demandeur.nom, d.demandeur.courriel) == ("Neuve", "ada@exemple.invalid")
    for role, insee, attendu in (("lecture", INSEE, 403), ("instructeur", AUTRE_INSEE, 404)):
        assert client_de(role, insee=insee).get(ici).status_code == attendu


def test_apres_la_signature_seul_le_payeur_change_jusqu_au_role():
    grille(2026)
    d = accorde(dossier(demandeur=payeur(siret="12345678200010")))
    ici, client = f"{d.get_absolute_url()}personnes/", client_de("instructeur")
    paie = payeur(raison_sociale="Syndic fictif", siret="12345678200028")
    page = client.get(ici).content.decode()
    assert 'name="payeur"' in page and 'name="demandeur"' not in page and 'name="objet"' not in page
    client.post(ici, {"payeur": paie.pk, "version": d.version, "demandeur": "", "objet": "Autre"})
    d.refresh_from_db()
    assert d.payeur == paie and d.demandeur is not None and d.objet == ""
    role = RoleDeRecettes.objects.create(insee=INSEE, numero="ROLE-2026-09", annee=2026)
    titre = Titre.objects.create(role=role, payeur=paie, reference="R-1", montant=240)
    d.lignes.update(titre=titre, etat="en_role")
    assert "ne changent plus" in texte(client.get(ici, follow=True))
    assert f'href="{ici}"' not in client.get(d.get_absolute_url()).content.decode()
    client.post(ici, {"payeur": "", "version": d.version})
    d.refresh_from_db()
    assert d.payeur == paie


def test_une_infraction_d_occupant_inconnu_trouve_son_payeur(aller):
    grille(2026)
    d = ouvrir_infraction(constat(aller), None, par=acteur("assermente"))
    jour = date(2026, 3, 2)
    with pytest.raises(Refus, match="qui occupait la place"):
        facturer_sans_titre(d, jour)
    ici, client = f"{d.get_absolute_url()}personnes/", client_de("instructeur")
    page = client.get(ici)
    assert "Dites qui occupait la place" in texte(page) and 'name="objet"' not in page.content.decode()
    occupant = payeur(siret="12345678200010")
    client.post(ici, {"demandeur": occupant.pk, "beneficiaire": "entreprise", "version": d.version})
    d.refresh_from_db()
    assert d.demandeur == occupant
    assert facturer_sans_titre(d, jour).montant > 0
    assert 'name="demandeur"' not in client.get(ici).content.decode(), "il ne change plus"


# --- who studies it -----------------------------------------------------------------------------


def test_un_dossier_se_prend_se_confie_et_revient_a_qui_l_instruit():
    d, autre = dossier(), dossier()
    DossierODP.objects.update(instructeur=None)
    moi = acteur("instructeur")
    collegue = agent("domainepublic.responsable", email="collegue@exemple.invalid", nom="Collègue Fictive")
    ailleurs = agent("domainepublic.instructeur", codes=(AUTRE_INSEE,), email="loin@exemple.invalid")
    client, ici = client_de("instructeur"), f"{d.get_absolute_url()}affecter/"
    page = client.get(d.get_absolute_url()).content.decode()
    assert "Prendre ce dossier" in page and "Collègue Fictive" in page
    client.post(ici, {"instructeur": moi.pk})
    d.refresh_from_db()
    assert d.instructeur == moi
    assert "Prendre ce dossier" not in client.get(d.get_absolute_url()).content.decode()
    client.post(ici, {"instructeur": collegue.pk})
    for refuse in (ailleurs.pk, acteur("finances").pk, "x", ""):
        assert "dans la liste" in texte(client.post(ici, {"instructeur": refuse}, follow=True))
    d.refresh_from_db()
    assert d.instructeur == collegue
    assert JournalActe.objects.filter(action="domainepublic.dossier_affecte").count() == 2
    assert client_de("lecture").post(ici, {"instructeur": moi.pk}).status_code == 403
    assert faire(autre, "instruire").instructeur == moi
    assert faire(d, "instruire").instructeur == collegue, "confié, il le reste"


# --- templates and letters ----------------------------------------------------------------------


def test_le_responsable_et_l_administrateur_tiennent_les_modeles():
    modeles.charger()
    pk = ModeleCourrier.objects.get(metier="domainepublic", code="refus").pk
    for role, attendu in (("responsable", 200), ("administrateur", 200), ("instructeur", 403)):
        client = client_de(role)
        assert client.get("/courriers/modeles/").status_code == attendu, role
        assert client.get(f"/courriers/modeles/{pk}/").status_code == attendu, role


def test_l_agent_assermente_ecrit_la_mise_en_demeure_et_le_proces_verbal(aller):
    modeles.charger()
    delegue()
    d = ouvrir_infraction(constat(aller), personne(), par=acteur("assermente"))
    client, adresse = client_de("assermente"), f"{d.get_absolute_url()}courriers/"
    page = texte(client.get(d.get_absolute_url()))
    assert "Une occupation sans titre est constatée." in page and "Récépissé de dépôt" not in page
    faire(d, "dresser_pv", "assermente", donnees={"numero": "PV 1"})
    for code in ("mise_en_demeure", "pv"):
        reponse = client.post(f"{adresse}{code}/")
        assert reponse.status_code == 302 and reponse["Location"].startswith("/courriers/"), code
        assert client.get(reponse["Location"]).status_code == 200
    for code in ("recepisse", "facture", "refus"):
        assert client.post(f"{adresse}{code}/").status_code == 403, code
    assert client_de("lecture").post(f"{adresse}pv/").status_code == 403
    assert Courrier.objects.du_dossier(d).count() == 2


def test_l_agent_assermente_lit_la_rue_ni_la_redevance_ni_les_lettres(aller):
    from domainepublic.couches import _internes

    modeles.charger()
    grille(2026)
    d = accorde(dossier(demandeur=payeur(raison_sociale="Société Éclair", siret="12345678200010")))
    infraction = ouvrir_infraction(constat(aller), personne(), par=acteur("assermente"))
    acte = Courrier.objects.du_dossier(d).latest("pk")
    client_de("instructeur").post(f"{infraction.get_absolute_url()}courriers/mise_en_demeure/")
    demeure = Courrier.objects.du_dossier(infraction).get()
    for roles, voit in ((("assermente",), False), (("lecture",), True), (("assermente", "lecture"), True)):
        client = client_de(*roles)
        page = client.get(d.get_absolute_url()).content.decode()
        for partie in ("redevance", "consultations", "courriers", "titre-pieces"):
            assert (f'id="{partie}"' in page) is voit, (roles, partie)
        for partie in ("emprises", "conflits", "mesures", "constats", "dates", "journal"):
            assert f'id="{partie}"' in page, (roles, partie)
        assert client.get(f"/courriers/{acte.pk}/").status_code == (200 if voit else 404)
        assert client.get(f"/courriers/{demeure.pk}/").status_code == 200
        liste = client.get("/domaine-public/dossiers/")
        export = b"".join(client.get("/domaine-public/dossiers/?export=csv").streaming_content).decode()
        assert ("Redevance" in texte(liste)) is voit
        assert ("Éclair" in export) is voit and d.numero in export
    assert _internes(acteur("lecture")).get(dossier=d).montant == 240
    place = _internes(acteur("assermente")).get(dossier=d)
    assert (place.qui, place.montant) == ("", None)


# --- a second look, opinions --------------------------------------------------------------------


def test_signer_apres_avoir_leve_un_conflit_est_dit_et_note():
    from domainepublic import conflits

    conflits.charger_compatibilites()
    accorde(dossier())
    d = dossier(emprise(geom=rect(2)))
    faire(d, "instruire")
    conflits.lever(d.conflits.get(), "Le marché s'arrête ce mois-ci.", acteur("signataire"))
    faire(d, "preparer_acte")
    ici = f"{d.get_absolute_url()}evenements/signer/"
    assert "Vous avez vous-même levé un conflit" in texte(client_de("signataire").get(ici))
    assert not JournalActe.objects.filter(action="domainepublic.signe_apres_levee").exists()
    faire(d, "signer", "signataire")
    ligne = JournalActe.objects.get(action="domainepublic.signe_apres_levee")
    assert (d.etat, ligne.utilisateur, ligne.donnees) == ("accorde", acteur("signataire"), {"conflits": 1})
    autre = accorde(dossier(emprise(geom=rect(60))))
    assert "vous-même levé" not in texte(client_de("signataire").get(f"{autre.get_absolute_url()}"))
    assert JournalActe.objects.filter(action="domainepublic.signe_apres_levee").count() == 1


def test_la_coordination_rend_l_avis_de_la_voirie_et_clot_sa_consultation():
    charger_services()
    d = dossier()
    faire(d, "instruire")
    services = ServiceConsulte.objects.filter(code__in=("odp_transports", "odp_gestionnaire"))
    client_de("instructeur").post(
        f"{d.get_absolute_url()}consulter/",
        {"services": [s.pk for s in services], "obligatoire": "on", "version": d.version},
    )
    d.refresh_from_db()
    client, ici = client_de("coordination"), f"{d.get_absolute_url()}evenements/avis_recu/"
    page = client.get(d.get_absolute_url()).content.decode()
    assert page.count("Rendre cet avis") == 1 and "?service=Gestionnaire%20de%20la%20voie" in page
    formulaire = client.get(f"{ici}?service=Gestionnaire de la voie").content.decode()
    assert (
        'value="Gestionnaire de la voie" selected' in formulaire and "Réseau de transports" not in formulaire
    )
    saisie = {
        "service": "Gestionnaire de la voie", "sens": "favorable_prescriptions", "texte": "",
        "date_effet": "2026-03-02", "version": d.version, "cle": str(uuid4()),
    }  # fmt: skip
    sans = client.post(ici, saisie)
    assert sans.status_code == 422 and "écrivez-les" in texte(sans)
    vieux = client.post(ici, {**saisie, "texte": "Refaire le trottoir.", "version": 1})
    assert vieux.status_code == 422 and not Consultation.objects.exclude(avis="").exists()
    hors = {**saisie, "service": "Réseau de transports", "sens": "favorable"}
    client.post(ici, hors)
    assert not Consultation.objects.exclude(avis="").exists()
    assert client.post(ici, {**saisie, "texte": "Refaire le trottoir."}).status_code == 302
    c = Consultation.objects.get(service__code="odp_gestionnaire")
    assert (c.avis, c.motivation) == ("favorable_prescriptions", "Refaire le trottoir.")
    assert c.versions.get().saisi_par == acteur("coordination")
    d.refresh_from_db()
    assert d.etat == "en_avis", "l'autre avis est encore attendu"
    page = texte(client.get(d.get_absolute_url()))
    assert "Rendre cet avis" not in page and "Avis reçu" in page
    assert 'evenements/avis_recu/"' not in client.get(d.get_absolute_url()).content.decode()
    vide = texte(client.get(ici))
    assert "Aucun avis n'est attendu" in vide
    # The instructeur notes the other by the same door; the file goes on by itself.
    faits = {**saisie, "service": "Réseau de transports", "sens": "favorable", "version": d.version}
    assert client_de("instructeur").post(ici, faits).status_code == 302
    d.refresh_from_db()
    assert d.etat == "en_instruction"


def test_l_avis_d_un_service_nomme_a_la_main_se_note_aussi():
    d = dossier()
    faire(d, "instruire")
    faire(d, "demander_avis", donnees={"services": ["Syndicat fictif"], "obligatoire": True})
    saisie = {
        "service": "Syndicat fictif", "sens": "favorable", "date_effet": "2026-03-02", "version": d.version,
        "cle": str(uuid4()),
    }  # fmt: skip
    ici = f"{d.get_absolute_url()}evenements/avis_recu/"
    client_de("coordination").post(ici, saisie)
    d.refresh_from_db()
    assert not Evenement.objects.filter(type="avis_recu").exists()
    assert client_de("instructeur").post(ici, saisie).status_code == 302
    assert faire(d, "reprendre").etat == "en_instruction"


# --- what the others read -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nom", "publie", "cite"),
    [
        ("Julie Martin", "Le projet de Mme Martin est plus loin.", True),
        ("Julie Martin", "Le projet de Mme MARTIN est plus loin.", True),
        ("Julie Martin", "La boutique julie martin est plus loin.", True),
        ("Julie Martin", "Le projet garde la saint-martin.", False),
        ("Petit", "Un projet plus petit gêne moins.", False),
        ("Petit", "Le projet de M. Petit gêne moins.", True),
        ("Dupré", "Le projet de M. Dupre gêne moins.", True),
        ("Dupré", "Le projet des Duprés gêne moins.", False),
        ("SARL Les Quais", "Les autres projets sont plus loin.", False),
        ("SARL Les Quais", "Le projet des Quais est plus loin.", True),
        ("Li", "Li ouvre peu.", False),
        ("", "Le projet retenu est plus près.", False),
    ],
)
def test_un_nom_se_reconnait_a_ses_mots_et_a_leur_capitale(nom, publie, cite):
    from domainepublic.instruction.gardes import noms_cites

    assert noms_cites(publie, [nom]) == ([nom] if cite else [])


def test_les_autres_ne_lisent_que_les_motifs_publies():
    from types import SimpleNamespace

    from domainepublic.courriers import valeurs

    d = dossier()
    fait = SimpleNamespace(type="retenir", donnees={"motif": "Dupré 8/10, Martin 4/10"})
    evenement = next(t for t in EVENEMENTS if t.code == "retenir")
    champs_ = FormulaireEvenement(evenement, d).fields
    assert champs_["publie"].required and champs_["motif"].required
    with patch.object(valeurs, "dernier", return_value=fait):
        assert valeurs.concurrence_motif(d) == ""
