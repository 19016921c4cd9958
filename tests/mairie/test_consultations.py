"""Consultations end to end: service, link, page, rights, night."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, transaction
from django.test import Client

from mairie import consultations, liens
from mairie.models import Consultation, DemandeNouveauLien, LienSecret, ServiceConsulte
from tests.personnes import AUTRE_INSEE, INSEE, agent, commune

pytestmark = pytest.mark.django_db


@pytest.fixture
def horloge(time_machine):
    """One can go to a day; starts on 2 March 2026 at ten, Paris time."""

    def aller(jour: date) -> None:
        time_machine.move_to(f"{jour.isoformat()}T09:00:00+00:00", tick=False)

    aller(date(2026, 3, 2))
    return aller


@pytest.fixture
def abf():
    return ServiceConsulte.objects.create(code="abf", libelle="UDAP", delai_valeur=1, delai_unite="mois")


@pytest.fixture
def dossier():
    return commune()


def lancer(dossier, service, **options):
    c = consultations.preparer(dossier, service, metier="essai", insee=INSEE, **options)
    return consultations.envoyer(c)


def test_l_envoi_compte_le_delai_et_donne_un_lien(horloge, abf, dossier):
    c, jeton = lancer(dossier, abf)
    assert (c.envoyee_le, c.limite) == (date(2026, 3, 2), date(2026, 4, 2))
    lien = liens.ouvrir(jeton, consultations.USAGE_LIEN)
    assert lien.objet_id == c.pk
    assert jeton.encode() not in bytes(lien.empreinte)
    with pytest.raises(consultations.ConsultationImpossible, match="est partie le 02/03/2026"):
        consultations.envoyer(c)


def test_le_delai_particulier_d_un_type_l_emporte(horloge, abf, dossier):
    abf.delais.create(type_dossier="DP", valeur=20, unite="jours")
    c, _ = lancer(dossier, abf, type_dossier="DP")
    assert c.limite == date(2026, 3, 22)
    abf.delais.update(valeur=5)
    c.refresh_from_db()
    assert c.limite == date(2026, 3, 22), "une date annoncée ne bouge pas avec le réglage"


def test_la_reception_deplace_la_limite_et_le_silence_en_nait_le_lendemain(horloge, abf, dossier):
    c, _ = lancer(dossier, abf)
    horloge(date(2026, 3, 5))
    c = consultations.recevoir(c, date(2026, 3, 4))
    assert c.limite == date(2026, 4, 4)
    horloge(date(2026, 4, 4))
    assert consultations.travailler_de_nuit()["silences"] == 0
    horloge(date(2026, 4, 5))
    assert consultations.travailler_de_nuit()["silences"] == 1
    assert consultations.travailler_de_nuit()["silences"] == 0
    c.refresh_from_db()
    assert (c.avis, c.tacite, c.avis_le) == ("favorable", True, date(2026, 4, 5))


def test_trois_nuits_manquees_donnent_la_meme_date(horloge, abf, dossier):
    c, _ = lancer(dossier, abf)
    consultations.recevoir(c, date(2026, 3, 2))
    horloge(date(2026, 4, 9))
    consultations.travailler_de_nuit()
    c.refresh_from_db()
    assert c.avis_le == date(2026, 4, 3)


def test_une_consultation_en_panne_n_arrete_pas_les_autres(horloge, abf, dossier, monkeypatch):
    deux = [lancer(dossier, abf)[0] for _ in range(2)]
    for c in deux:
        consultations.recevoir(c, date(2026, 3, 2))

    def silence(c):
        if c.pk == deux[0].pk:
            raise RuntimeError

    monkeypatch.setitem(consultations._suivis, "essai", consultations.Suivi(silence=silence))
    horloge(date(2026, 4, 9))
    assert consultations.travailler_de_nuit()["silences"] == 1


def test_sans_reception_datee_le_silence_ne_dit_rien(horloge, abf, dossier):
    c, _ = lancer(dossier, abf)
    horloge(date(2026, 12, 1))
    assert consultations.travailler_de_nuit() == {"silences": 0, "relances": 1}
    with pytest.raises(consultations.ConsultationImpossible, match="court encore"):
        consultations.constater_silence(c)


@pytest.mark.parametrize("le", [date(2026, 3, 1), date(2026, 3, 3)])
def test_une_reception_avant_l_envoi_ou_dans_l_avenir_est_refusee(horloge, abf, dossier, le):
    c, _ = lancer(dossier, abf)
    with pytest.raises(consultations.ConsultationImpossible, match="doit suivre l'envoi"):
        consultations.recevoir(c, le)


def test_un_avis_avec_prescriptions_les_enonce(horloge, abf, dossier):
    c, _ = lancer(dossier, abf)
    for avis in ("favorable_prescriptions", "defavorable"):
        with pytest.raises(consultations.ConsultationImpossible):
            consultations.rendre_avis(c, avis)
    with pytest.raises(consultations.ConsultationImpossible, match="dans la liste"):
        consultations.rendre_avis(c, "peut-etre")


def test_chaque_version_est_gardee_et_le_lien_ne_corrige_que_dans_le_delai(horloge, abf, dossier):
    c, _ = lancer(dossier, abf)
    consultations.rendre_avis(c, "favorable", par_lien=True)
    horloge(date(2026, 4, 2))
    c = consultations.rendre_avis(c, "defavorable", motivation="Trop haut.", par_lien=True)
    horloge(date(2026, 4, 3))
    with pytest.raises(consultations.ConsultationImpossible, match="a pris fin le 02/04/2026"):
        consultations.rendre_avis(c, "favorable", par_lien=True)
    consultations.rendre_avis(c, "sans_objet")
    assert [v.avis for v in c.versions.all()] == ["favorable", "defavorable", "sans_objet"]


def test_les_crochets_du_metier_sont_dans_la_transaction(horloge, abf, dossier, monkeypatch):
    vus = []

    def echouer(c):
        raise RuntimeError("le métier refuse")

    monkeypatch.setattr(consultations, "_suivis", {})
    consultations.suivre("essai", consultations.Suivi(envoyee=vus.append, rendue=echouer))
    c, _ = lancer(dossier, abf)
    assert [v.pk for v in vus] == [c.pk]
    with pytest.raises(RuntimeError), transaction.atomic():
        consultations.rendre_avis(c, "favorable")
    c.refresh_from_db()
    assert c.avis == ""
    assert not c.versions.exists()


def test_clore_demande_un_motif_et_ferme_le_lien(horloge, abf, dossier):
    c, jeton = lancer(dossier, abf)
    with pytest.raises(consultations.ConsultationImpossible, match="pourquoi"):
        consultations.clore(c, " ")
    consultations.clore(c, "Dossier retiré")
    with pytest.raises(liens.LienRefuse) as refus:
        liens.ouvrir(jeton, consultations.USAGE_LIEN)
    assert refus.value.motif == liens.Motif.REVOQUE
    with pytest.raises(consultations.ConsultationImpossible, match="close depuis"):
        consultations.rendre_avis(c, "favorable")


@pytest.mark.parametrize(
    "faux",
    [
        {"recue_le": date(2026, 3, 1)},
        {"avis": "favorable"},
        {"limite": date(2026, 3, 2)},
        {"avis": "favorable", "avis_le": date(2026, 3, 1)},
        {"delai_valeur": 0},
    ],
)
def test_la_base_refuse_une_consultation_incoherente(horloge, abf, dossier, faux):
    c, _ = lancer(dossier, abf)
    with pytest.raises(IntegrityError), transaction.atomic():
        Consultation.objects.filter(pk=c.pk).update(**faux)


# --- the page of the service --------------------------------------------------------------------


def test_le_service_repond_sans_compte(horloge, abf, dossier):
    c, jeton = lancer(dossier, abf)
    client, adresse = Client(), f"/avis/{jeton}/"
    page = client.get(adresse)
    assert page.status_code == 200
    assert page["Referrer-Policy"] == "same-origin"
    assert "no-store" in page["Cache-Control"]
    assert "jeudi 2 avril 2026" in page.content.decode()
    c.refresh_from_db()
    assert c.recue_le is None, "ouvrir n'est pas recevoir : les filtres de courriel ouvrent aussi"
    client.post(adresse, {"action": "recevoir"})
    client.post(adresse, {"action": "provisoire", "avis": "defavorable", "motivation": "À revoir"})
    c.refresh_from_db()
    assert (c.recue_le, c.avis, c.provisoire["motivation"]) == (date(2026, 3, 2), "", "À revoir")
    assert "À revoir" in client.get(adresse).content.decode()
    faux = client.post(adresse, {"action": "rendre", "avis": "defavorable", "motivation": ""})
    assert faux.status_code == 422
    assert "dites pourquoi" in faux.content.decode()
    client.post(adresse, {"action": "rendre", "avis": "defavorable", "motivation": "Toiture plate."})
    c.refresh_from_db()
    assert (c.avis, c.provisoire) == ("defavorable", {})
    assert c.versions.get().par_lien


def test_un_lien_mort_se_dit_et_se_redemande(horloge, abf, dossier):
    c, jeton = lancer(dossier, abf)
    horloge(date(2026, 5, 3))
    page = Client().get(f"/avis/{jeton}/")
    assert page.status_code == 410
    assert "a expiré" in page.content.decode()
    for _ in range(2):
        suite = Client().post(f"/avis/{jeton}/", {"action": "demander"})
        assert "transmise à la mairie" in suite.content.decode()
    assert DemandeNouveauLien.objects.count() == 1
    _, nouveau = consultations.renouveler_lien(c)
    assert Client().get(f"/avis/{nouveau}/").status_code == 200


def test_deviner_se_ralentit(horloge):
    client = Client()
    for n in range(5):
        assert client.get(f"/avis/{'B' * 21}{n}/").status_code == 404
    assert client.get(f"/avis/{'B' * 22}/").status_code == 429


def test_seul_un_agent_de_la_commune_agit(horloge, abf, dossier):
    c = consultations.preparer(dossier, abf, metier="essai", insee=INSEE)
    adresse = f"/consultations/{c.pk}/envoyer/"
    d_ailleurs = agent("mairie.administrateur", codes=(AUTRE_INSEE,))
    for personne, statut in ((d_ailleurs, 404), (agent("mairie.lecteur"), 403), (agent(), 403)):
        client = Client()
        client.force_login(personne, backend="django.contrib.auth.backends.ModelBackend")
        assert client.post(adresse).status_code == statut
    client = Client()
    client.force_login(agent("mairie.administrateur"), backend="django.contrib.auth.backends.ModelBackend")
    assert client.post(adresse, {"suite": "https://ailleurs.invalid/"}).headers["Location"] == "/bureau/"
    c.refresh_from_db()
    assert c.envoyee_le == date(2026, 3, 2)
    client.post(f"/consultations/{c.pk}/recevoir/", {"le": "2026-02-31"})
    c.refresh_from_db()
    assert c.recue_le is None


def test_chacun_ne_voit_que_les_consultations_de_sa_commune(horloge, abf, dossier):
    c = consultations.preparer(dossier, abf, metier="essai", insee=INSEE)
    assert list(Consultation.objects.visibles_par(agent("mairie.lecteur"))) == [c]
    with pytest.raises(ObjectDoesNotExist):
        Consultation.objects.visibles_par(agent("mairie.lecteur", codes=(AUTRE_INSEE,))).get(pk=c.pk)
    assert not Consultation.objects.visibles_par(None).exists()


def test_le_lien_vit_trente_jours_apres_la_limite(horloge, abf, dossier):
    c, jeton = lancer(dossier, abf)
    lien = LienSecret.objects.get(objet_id=c.pk, usage=consultations.USAGE_LIEN)
    assert lien.expire_le.date() - c.limite in (timedelta(29), timedelta(30))
    assert liens.ouvrir(jeton, consultations.USAGE_LIEN) == lien
