"""Projects: a permit asks, the service answers with its attestation, works are visited until conform."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from assainissement import courriers_projets, observations, projets
from assainissement.models import Controle, Installation, ProjetAnc
from assainissement.projets import NouveauProjet
from mairie import consultations, evenements
from mairie.models import Courrier, EvenementDomaine, Piece, ServiceConsulte
from mairie.pieces.service import deposer
from mairie.workflow import Refus, rejouer
from tests.assainissement.fabrique_anc import IDU, acteur, faire, installation
from tests.assainissement.messages import livrer
from tests.personnes import INSEE
from tests.urba.fabrique_urba import acteur as acteur_urba
from tests.urba.fabrique_urba import agir as agir_urba
from tests.urba.fabrique_urba import dossier, qualifie
from urba import consultations as consultations_urba
from urba import pieces as pieces_urba

pytestmark = pytest.mark.usefixtures("aller")
AVIS = {"sens": "favorable", "filiere": "Microstation 5 EH", "plan": "PCMI2"}


@pytest.fixture
def sans_pdf(monkeypatch):
    """Letters without the PDF engine: its tests are elsewhere; the bytes are those of a small PDF."""
    from mairie.courriers import rendu, services

    def rendre(compose):
        pdf = b"%PDF-1.4\n% " + sha256(compose.html.encode()).hexdigest().encode() + b"\n%%EOF\n"
        return rendu.Rendu(pdf, 1, sha256(pdf).hexdigest())

    monkeypatch.setattr(services, "_rendre", rendre)


def demander(**champs) -> ProjetAnc:
    valeurs = {"insee": INSEE, "parcelles": (IDU,), **champs}
    return projets.demander(NouveauProjet(**valeurs), par=acteur("technicien"))


def agir(p: ProjetAnc, evenement: str, role: str = "responsable", le: date | None = None, **donnees):
    p.refresh_from_db()
    projets.agir(p, evenement, par=acteur(role), version=p.version, date_effet=le, donnees=donnees)
    p.refresh_from_db()
    return p


def visiter(p: ProjetAnc, conclusion: str = "conforme", **reponses: str) -> Controle:
    """The visit of the works through the control's own circuit."""
    c = p.controle_execution
    c.refresh_from_db()
    observations.enregistrer(
        c, {k: (v, "") for k, v in reponses.items()}, None, {"conclusion_travaux": conclusion}
    )
    faire(c, "saisir_visite")
    p.refresh_from_db()
    faire(c, "rediger", donnees={"presence": "signee"})
    faire(c, "valider", "responsable")
    p.refresh_from_db()
    return c


def test_une_demande_ouvre_le_projet_son_installation_et_son_controle():
    p = demander(limite=date(2026, 3, 31), autorisation="PC0259992600001")
    assert (p.etat, p.limite) == ("demande", date(2026, 3, 31))
    assert p.installation.etat == "projet"
    assert p.installation.geom is not None, "le point se pose sur la parcelle"
    assert (p.controle_conception.nature, p.controle_conception.etat) == ("conception_neuf", "a_planifier")
    assert demander(autorisation="PC0259992600001").pk == p.pk, "un permis, un projet"
    assert ProjetAnc.objects.count() == Installation.objects.count() == 1


def test_sans_date_demandee_la_reponse_est_due_un_mois_apres():
    assert demander(recu_le=date(2026, 1, 31)).limite == date(2026, 2, 28)


def test_une_installation_en_service_se_rehabilite():
    i = installation()
    p = demander(installation=i)
    assert (p.installation_id, p.controle_conception.nature) == (i.pk, "conception_rehab")


def test_l_avis_favorable_rend_l_attestation_et_conclut_le_controle(sans_pdf):
    p = agir(demander(dossier_urba="PC0259992600001"), "rendre_avis", **AVIS)
    assert (p.etat, p.sens, p.limite, p.avis_le) == ("avis_favorable", "favorable", None, date(2026, 3, 2))
    c = p.controle_conception
    c.refresh_from_db()
    assert (c.etat, c.conclusion, c.date_visite) == ("notifie", "conforme", date(2026, 3, 2))
    assert not rejouer(c).ecarts
    assert not rejouer(p).ecarts
    lettres = {x.modele.modele.code: x for x in Courrier.objects.du_dossier(p)}
    assert set(lettres) == {"avis_conception", "attestation_conception"}
    assert "Microstation 5 EH" in lettres["attestation_conception"].html
    noms = list(
        EvenementDomaine.objects.filter(nom__startswith="assainissement.a").values_list("nom", "charge")
    )
    assert [n for n, _ in noms] == [
        "assainissement.attestation_conception_rendue",
        "assainissement.avis_rendu",
    ]
    assert all(set(x) <= {"dossier", "autorisation", "insee", "installation", "parcelles", "date", "courrier",
                          "sens", "motif"} for _, x in noms), "jamais un nom"  # fmt: skip


def test_un_avis_defavorable_ou_reserve_est_motive_et_n_atteste_rien(sans_pdf):
    p = demander()
    for sens, mot in (("defavorable", "motivé"), ("favorable_prescriptions", "conditions")):
        with pytest.raises(Refus, match=mot):
            agir(p, "rendre_avis", **{**AVIS, "sens": sens})
    p = agir(p, "rendre_avis", **{**AVIS, "sens": "defavorable", "motif": "Sol imperméable."})
    assert p.etat == "avis_defavorable"
    assert [x.modele.modele.code for x in Courrier.objects.du_dossier(p)] == ["avis_conception"]
    with pytest.raises(Refus):
        agir(demander(autorisation="X"), "rendre_avis", "technicien", **AVIS)
    p = agir(p, "modifier_projet", motif="Nouveau plan")
    assert (p.etat, p.controle_conception.etat) == ("demande", "a_planifier"), "un nouvel examen"


def test_un_document_qui_ne_se_fait_pas_laisse_le_projet_comme_il_etait(monkeypatch):
    from mairie.courriers import services
    from mairie.courriers.rendu import RenduRefuse

    p = demander()

    def rater(compose):
        raise RenduRefuse("Le PDF n'a pas pu être fait.")

    monkeypatch.setattr(services, "_rendre", rater)
    with pytest.raises(RenduRefuse):
        agir(p, "rendre_avis", **AVIS)
    p.refresh_from_db()
    assert (
        p.etat,
        Courrier.objects.count(),
        EvenementDomaine.objects.filter(nom__contains="avis").count(),
    ) == (
        "demande",
        0,
        0,
    )


def test_incomplet_puis_complete():
    p = agir(demander(), "declarer_incomplet", "technicien", motif="L'étude de sol manque.")
    assert p.etat == "incomplet"
    assert agir(p, "completer", "technicien").etat == "demande"


def test_l_execution_conforme_met_en_service_et_date_le_premier_controle(sans_pdf, aller):
    p = agir(demander(), "rendre_avis", **AVIS)
    p = agir(p, "planifier_execution", "technicien", motif="DAACT reçue")
    assert (p.etat, p.controle_execution.nature) == ("visite_execution_planifiee", "execution_neuf")
    with pytest.raises(Refus, match="déjà à faire"):
        agir(p, "planifier_execution", motif="encore")
    aller(date(2026, 6, 1))
    c = visiter(p, chantier_non_remblaye="non")
    assert (p.etat, p.conforme_le) == ("conforme", date(2026, 6, 1))
    i = Installation.objects.get(pk=p.installation_id)
    assert (i.etat, i.prochain_controle) == ("active", date(2036, 6, 1))
    assert "après remblaiement" in courriers_projets._remblai(c), "le rapport dit que c'était recouvert"
    assert not rejouer(p).ecarts


def test_des_travaux_non_conformes_appellent_une_contre_visite(sans_pdf):
    p = agir(agir(demander(), "rendre_avis", **AVIS), "planifier_execution", motif="DAACT")
    premier = visiter(p, "non_conforme")
    assert (p.etat, p.installation.etat) == ("non_conforme", "projet")
    faire(premier, "notifier")
    p = agir(p, "planifier_contre_visite", motif="Travaux repris")
    assert (p.etat, p.controle_execution.pk != premier.pk) == ("contre_visite", True)
    visiter(p)
    assert p.etat == "conforme"


def test_une_visite_annulee_rend_le_projet_a_son_attente(sans_pdf):
    from mairie.workflow import annuler_dernier

    p = agir(agir(demander(), "rendre_avis", **AVIS), "planifier_execution", motif="DAACT")
    c = p.controle_execution
    observations.enregistrer(c, {}, None, {"conclusion_travaux": "conforme"})
    faire(c, "saisir_visite")
    p.refresh_from_db()
    assert p.etat == "visite_execution"
    annuler_dernier(c, par=acteur(), version=c.version, motif="Erreur de dossier")
    p.refresh_from_db()
    assert p.etat == "visite_execution_planifiee"


def test_un_projet_abandonne_ferme_ses_controles():
    p = agir(demander(), "abandonner", "technicien", motif="Le propriétaire renonce.")
    p.controle_conception.refresh_from_db()
    assert (p.etat, p.controle_conception.etat) == ("abandonne", "annule")


# --- with the permits -----------------------------------------------------------------------------


@pytest.fixture
def permis(aller):
    """A permit to build a house on the first parcel, with its plan; the services to consult."""
    consultations_urba.charger_services()
    d = dossier()
    deposer(
        d, ContentFile(b"%PDF-1.4 plan\n%%EOF", name="plan.pdf"), par=acteur_urba("guichet"), code="PCMI2"
    )
    return d


def consulter(d):
    service = ServiceConsulte.objects.get(code="spanc")
    return consultations.envoyer(consultations_urba.preparer(d, service))[0]


def test_le_permis_demande_et_recoit_l_attestation_sans_rien_retaper(permis, sans_pdf, aller):
    qualifie(permis, anc=True)
    c = consulter(permis)
    livrer()
    p = ProjetAnc.objects.get()
    assert (p.dossier_urba, p.consultation, p.limite) == (permis.numero, True, c.limite)
    assert [x.reference for x in p.installation.parcelles.all()] == [IDU]
    assert [x.code for x in Piece.objects.du_dossier(p)] == ["PCMI2"], "le plan suit, une fois"
    aller(date(2026, 3, 20))
    agir(p, "rendre_avis", **{**AVIS, "sens": "favorable_prescriptions", "motif": "Poser un préfiltre."})
    livrer()
    c.refresh_from_db()
    assert (c.avis, c.avis_le, c.motivation) == (
        "favorable_prescriptions",
        date(2026, 3, 20),
        "Poser un préfiltre.",
    )
    piece = Piece.objects.du_dossier(permis).courantes().get(code="PCMI12-2")
    lettre = Courrier.objects.get(modele__modele__code="attestation_conception")
    assert piece.fichier.read() == lettre.pdf.read()
    etats = {x.ligne.code: x.etat for x in pieces_urba.pieces_de(permis, pieces_urba.faits_de(permis))}
    assert etats["PCMI12-2"] == "recue"


def test_un_permis_sans_anc_ne_demande_rien(permis):
    qualifie(permis)
    livrer()
    assert not ProjetAnc.objects.exists()


def test_un_plan_ajoute_rouvre_le_projet_et_la_suite_remplace_l_attestation(permis, sans_pdf):
    qualifie(permis, anc=True)
    consulter(permis)
    livrer()
    p = agir(ProjetAnc.objects.get(), "rendre_avis", **AVIS)
    livrer()
    charge = {**EvenementDomaine.objects.filter(nom="urba.dossier_qualifie").get().charge, "fichiers": []}
    evenements.emettre("urba.piece_ajoutee", {**charge, "pieces": ["PCMI7"]}, insee=INSEE)
    livrer()
    p.refresh_from_db()
    assert p.etat == "avis_favorable", "une photo n'est pas un plan"
    evenements.emettre("urba.piece_ajoutee", {**charge, "pieces": ["PCMI2"]}, insee=INSEE)
    livrer()
    p.refresh_from_db()
    assert (p.etat, p.controle_conception.etat) == ("demande", "a_planifier")
    agir(p, "rendre_avis", **{**AVIS, "filiere": "Filtre à sable"})
    livrer()
    versions = Piece.objects.du_dossier(permis).filter(code="PCMI12-2")
    assert sorted(versions.values_list("version", "courante")) == [(1, False), (2, True)]


def test_la_daact_demande_la_visite_une_seule_fois(permis, sans_pdf):
    qualifie(permis, anc=True)
    livrer()
    p = agir(ProjetAnc.objects.get(), "rendre_avis", **AVIS)
    charge = EvenementDomaine.objects.filter(nom="urba.dossier_qualifie").get().charge
    for _ in range(2):
        evenements.emettre("urba.daact_recue", {**charge, "le": "2026-03-02"}, insee=INSEE)
        livrer()
    p.refresh_from_db()
    assert p.etat == "visite_execution_planifiee"
    visiter(p)
    evenements.emettre("urba.daact_recue", {**charge, "le": "2026-03-02"}, insee=INSEE)
    livrer()
    p.refresh_from_db()
    assert (p.etat, Controle.objects.filter(nature="execution_neuf").count()) == ("conforme", 1)


def test_un_permis_abandonne_ferme_la_demande(permis):
    qualifie(permis, anc=True)
    livrer()
    agir_urba(permis, "abandon", "guichet")
    livrer()
    assert ProjetAnc.objects.get().etat == "abandonne"


def test_une_demande_suivante_abandonnee_laisse_le_projet_du_permis(permis):
    qualifie(permis, anc=True)
    livrer()
    charge = EvenementDomaine.objects.get(nom="urba.dossier_qualifie").charge
    suivante = {**charge, "numero": f"{charge['numero']}M01"}
    p = ProjetAnc.objects.get()
    for nom, dite, etat in (
        ("urba.dossier_qualifie", suivante, "demande"),
        ("urba.dossier_retire", suivante, "demande"),
        ("urba.dossier_retire", charge, "abandonne"),
    ):
        evenements.emettre(nom, dite, insee=INSEE)
        livrer()
        p.refresh_from_db()
        assert (p.etat, p.dossier_urba) == (etat, suivante["numero"]), nom


def test_un_projet_abandonne_se_reprend_avec_la_demande_suivante_du_permis(permis, aller):
    """Spec §14: a modificatif with its flag asks; a word older than the abandonment, or a piece, does not."""
    qualifie(permis, anc=True)
    livrer()
    charge = EvenementDomaine.objects.get(nom="urba.dossier_qualifie").charge
    suivante = {**charge, "numero": f"{charge['numero']}M02"}
    p = ProjetAnc.objects.get()
    ancien = p.controle_conception
    for nom, dite, etat in (
        ("urba.dossier_retire", charge, "abandonne"),
        # The same day, as a delivery tried again would come: said before, it takes nothing up.
        ("urba.dossier_qualifie", charge, "abandonne"),
        ("urba.piece_ajoutee", {**charge, "pieces": ["PCMI2"]}, "abandonne"),
        ("urba.dossier_qualifie", {**suivante, "anc": False}, "abandonne"),
        ("urba.dossier_qualifie", {**suivante, "limite": "2026-04-15"}, "demande"),
        # What the former request becomes says nothing of it any more.
        ("urba.dossier_retire", charge, "demande"),
    ):
        evenements.emettre(nom, dite, insee=INSEE)
        livrer()
        p.refresh_from_db()
        assert p.etat == etat, nom
    assert (p.dossier_urba, p.limite) == (suivante["numero"], date(2026, 4, 15))
    ancien.refresh_from_db()
    assert (ancien.etat, p.controle_conception.etat) == ("annule", "a_planifier")
    assert p.controle_conception != ancien
    assert not rejouer(p).ecarts
    evenements.emettre("urba.dossier_retire", suivante, insee=INSEE)
    livrer()
    p.refresh_from_db()
    assert p.etat == "abandonne"
    # Taken up again the day after, on another installation: its own went out of service meanwhile.
    aller(date(2026, 3, 3))
    Installation.objects.filter(pk=p.installation_id).update(etat="desactivee")
    evenements.emettre("urba.dossier_qualifie", suivante, insee=INSEE)
    livrer()
    avant = p.installation_id
    p.refresh_from_db()
    assert (p.etat, p.installation.etat) == ("demande", "projet") and p.installation_id != avant


def test_un_projet_sans_permis_se_reprend_a_l_ecran():
    p = agir(demander(), "abandonner", "technicien", motif="Le propriétaire renonce.")
    # The number of the permit comes from the permit alone: a slip of the keyboard would cut them apart.
    page, par = f"{p.get_absolute_url()}evenements/reprendre/", acteur("technicien")
    lui = Client()
    lui.force_login(par, backend="django.contrib.auth.backends.ModelBackend")
    assert 'name="dossier"' not in lui.get(page).content.decode()
    envoi = {"motif": "Il vend, l'acquéreur le reprend.", "dossier": "PC 025 O99", "version": p.version}
    envoi |= {"cle": str(uuid4()), "date_effet": "2026-03-02"}
    assert lui.post(page, envoi).status_code == 302
    p.refresh_from_db()
    assert (p.etat, p.limite, projets.demandeur(p)) == ("demande", date(2026, 4, 2), "")


def test_un_evenement_sans_projet_ou_sans_dossier_ne_fait_rien(aller):
    base = {"numero": "PC1", "autorisation": "PC1", "insee": INSEE, "idus": []}
    for nom in ("urba.piece_ajoutee", "urba.daact_recue", "urba.dossier_retire"):
        evenements.emettre(nom, {**base, "pieces": ["PCMI2"], "le": "2026-03-02"}, insee=INSEE)
    evenements.emettre("urba.consultation_demandee", {**base, "service": "ABF"}, insee=INSEE)
    evenements.emettre(
        "assainissement.avis_rendu", {"dossier": "PC-inconnu", "sens": "favorable"}, insee=INSEE
    )
    evenements.emettre("assainissement.attestation_conception_rendue", {"dossier": ""}, insee=INSEE)
    assert livrer() >= 6
    assert not ProjetAnc.objects.exists()
