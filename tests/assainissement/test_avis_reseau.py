"""Opinion of the sewer service on a permit in a collective zone (spec §14), closed with its PDF."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.files.base import ContentFile
from django.test import Client

from assainissement import avis_reseau, courriers_avis
from assainissement.models import AvisReseau, ProjetAnc
from mairie import consultations, evenements
from mairie.courriers import services as lettres
from mairie.models import Courrier, Echeance, EvenementDomaine, Piece, ServiceConsulte
from mairie.pieces.service import deposer
from mairie.workflow import Refus, rejouer
from tests.assainissement.fabrique_anc import IDU, acteur, zone
from tests.assainissement.messages import livrer
from tests.assainissement.test_projets import sans_pdf  # noqa: F401
from tests.personnes import INSEE
from tests.urba.fabrique_urba import acteur as acteur_urba
from tests.urba.fabrique_urba import agir as agir_urba
from tests.urba.fabrique_urba import dossier, qualifie
from urba import consultations as consultations_urba

pytestmark = pytest.mark.usefixtures("aller")
DOS = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def permis(aller):
    consultations_urba.charger_services()
    d = dossier()
    deposer(
        d, ContentFile(b"%PDF-1.4 plan\n%%EOF", name="plan.pdf"), par=acteur_urba("guichet"), code="PCMI2"
    )
    return d


def consulter(d, code: str = "spanc"):
    service = ServiceConsulte.objects.get(code=code)
    return consultations.envoyer(consultations_urba.preparer(d, service))[0]


def rendre(a: AvisReseau, role: str = "responsable", **donnees):
    a.refresh_from_db()
    avis_reseau.agir(a, "rendre_avis", par=acteur(role), version=a.version, donnees=donnees)
    a.refresh_from_db()
    return a


@pytest.mark.parametrize(
    ("zonage", "code", "avis", "projet"),
    [
        ("AC", "spanc", True, False),
        ("ANC", "spanc", False, True),
        ("AC_futur", "spanc", False, True),
        (None, "spanc", False, True),
        ("ANC", "assainissement", True, False),
    ],
)
def test_la_zone_dit_qui_repond(permis, zonage, code, avis, projet):
    if zonage:
        zone(zonage)
    qualifie(permis)
    consulter(permis, code)
    livrer()
    assert (AvisReseau.objects.exists(), ProjetAnc.objects.exists()) == (avis, projet)


def test_un_permis_dit_non_collectif_garde_son_projet_meme_en_zone_collective(permis):
    zone("AC")
    qualifie(permis, anc=True)
    livrer()
    consulter(permis)
    livrer()
    assert (AvisReseau.objects.exists(), ProjetAnc.objects.exists()) == (False, True)


def test_l_avis_ferme_la_consultation_avec_son_pdf(permis, sans_pdf, aller):  # noqa: F811
    zone("AC")
    qualifie(permis)
    c = consulter(permis)
    livrer()
    a = AvisReseau.objects.get()
    assert (a.dossier_urba, a.parcelles, a.limite) == (permis.numero, [IDU], c.limite)
    assert "Délibération 2020-12" in a.zonage
    assert [p.code for p in Piece.objects.du_dossier(a)] == ["PCMI2"], "le plan suit"
    assert Echeance.objects.get(code="assainissement.avis_reseau").date == c.limite
    aller(date(2026, 3, 20))
    with pytest.raises(Refus, match="énoncent"):
        rendre(a, sens="favorable_prescriptions", besoin="a_creer")
    with pytest.raises(Refus, match="réservé à"):
        rendre(a, "technicien", sens="favorable", besoin="a_creer")
    rendre(a, sens="favorable_prescriptions", besoin="a_creer", motif="Poser une boîte en limite.")
    assert (a.etat, a.avis_le, a.limite, a.besoin) == ("rendu", date(2026, 3, 20), None, "a_creer")
    assert not Echeance.objects.filter(code="assainissement.avis_reseau").exists()
    assert not rejouer(a).ecarts
    livrer()
    c.refresh_from_db()
    assert (c.avis, c.avis_le) == ("favorable_prescriptions", date(2026, 3, 20))
    assert c.motivation == "Branchement à créer. Poser une boîte en limite."
    piece = Piece.objects.du_dossier(permis).courantes().get(code="AUTRE")
    lettre = Courrier.objects.get(modele__modele__code="avis_reseau")
    assert piece.fichier.read() == lettre.pdf.read()
    for mot in ("est à créer", "L1331-1", "Poser une boîte en limite.", "AB 1", permis.numero):
        assert mot in lettre.html.replace("\u00a0", " "), mot
    charge = EvenementDomaine.objects.get(nom="assainissement.avis_rendu").charge
    assert (charge["besoin"], charge["service"]) == ("a_creer", "spanc")


def test_un_plan_nouveau_redemande_et_la_suite_remplace_le_pdf(permis, sans_pdf):  # noqa: F811
    zone("AC")
    qualifie(permis)
    consulter(permis)
    livrer()
    a = rendre(AvisReseau.objects.get(), sens="favorable", besoin="existant")
    livrer()
    charge = {
        **EvenementDomaine.objects.filter(nom="urba.consultation_demandee").get().charge,
        "fichiers": [],
    }
    for pieces, etat in ((["PCMI7"], "rendu"), (["PCMI2"], "demande")):
        evenements.emettre("urba.piece_ajoutee", {**charge, "pieces": pieces}, insee=INSEE)
        livrer()
        a.refresh_from_db()
        assert a.etat == etat, pieces
    rendre(a, sens="defavorable", besoin="a_modifier", motif="Le branchement est trop haut.")
    livrer()
    versions = Piece.objects.du_dossier(permis).filter(code="AUTRE")
    assert sorted(versions.values_list("version", "courante")) == [(1, False), (2, True)]
    agir_urba(permis, "abandon", "guichet")
    livrer()
    a.refresh_from_db()
    assert a.etat == "abandonne"


def test_une_demande_suivante_se_redemande_et_son_retrait_laisse_l_avis_du_permis(permis, sans_pdf):  # noqa: F811
    zone("AC")
    qualifie(permis)
    consulter(permis)
    livrer()
    base = EvenementDomaine.objects.get(nom="urba.consultation_demandee").charge
    m01, m02 = f"{permis.numero}M01", f"{permis.numero}M02"

    def dire(nom: str, numero: str, **plus) -> str:
        evenements.emettre(f"urba.{nom}", {**base, "numero": numero, "fichiers": [], **plus}, insee=INSEE)
        livrer()
        a.refresh_from_db()
        return str(a.etat)

    a = AvisReseau.objects.get()
    # Asked again before the answer: the last day moves, and both consultations are answered.
    assert dire("consultation_demandee", m01, limite="2026-05-15") == "demande"
    assert (a.dossier_urba, a.limite) == (m01, date(2026, 5, 15))
    rendre(a, sens="favorable", besoin="existant")
    rendus = EvenementDomaine.objects.filter(nom="assainissement.avis_rendu")
    assert {e.charge["dossier"] for e in rendus} == {permis.numero, m01}
    livrer()
    assert permis.numero != m01 and dire("dossier_retire", m01) == "rendu"
    assert dire("dossier_retire", permis.numero) == "abandonne"
    assert dire("piece_ajoutee", m01, pieces=["PCMI2"]) == "abandonne"
    assert dire("consultation_demandee", m02) == "demande"
    assert not rejouer(a).ecarts
    rendre(a, sens="favorable", besoin="existant")
    assert rendus.all().count() == 3 and rendus.order_by("pk").last().charge["dossier"] == m02


def test_un_document_qui_ne_se_fait_pas_laisse_l_avis_a_rendre(permis, monkeypatch):
    from mairie.courriers.rendu import RenduRefuse

    def refuser(compose):
        raise RenduRefuse("Le moteur est arrêté.")

    monkeypatch.setattr(lettres, "_rendre", refuser)
    zone("AC")
    qualifie(permis)
    consulter(permis)
    livrer()
    a = AvisReseau.objects.get()
    client = Client()
    client.force_login(acteur("responsable"), backend=DOS)
    reponse = client.post(
        f"{a.get_absolute_url()}evenements/rendre_avis/",
        {
            "version": a.version,
            "cle": "6f1c8c1e-0d8e-4c53-a3b4-0d7b7a3c8a11",
            "date_effet": "2026-03-02",
            "sens": "favorable",
            "besoin": "existant",
        },
    )
    assert "rien n'est changé" in reponse.content.decode().replace("&#x27;", "'")
    a.refresh_from_db()
    assert (a.etat, Courrier.objects.count()) == ("demande", 0)


def test_les_pages_d_un_avis(permis):
    courriers_avis.charger()
    zone("AC")
    qualifie(permis)
    consulter(permis)
    livrer()
    a = AvisReseau.objects.get()
    client = Client()
    client.force_login(acteur("responsable"), backend=DOS)
    page = client.get(a.get_absolute_url()).content.decode()
    for mot in (permis.numero, "Délibération 2020-12", "Aucun branchement", "Avis rendu"):
        assert mot in page, mot
    assert permis.numero in client.get("/assainissement/avis-reseau/?suivi=raccordements").content.decode()
    assert "Raccordements à examiner" in client.get("/assainissement/").content.decode()
    ailleurs = Client()
    ailleurs.force_login(acteur("responsable", "25998"), backend=DOS)
    assert ailleurs.get(a.get_absolute_url()).status_code == 404
