"""The life of a letter: drafted, finalised once and for all, signed, sent, presented."""

from __future__ import annotations

import hashlib
import io
import threading
from datetime import date, timedelta
from pathlib import Path

import pdfplumber
import pypdf
import pytest
from django.core import mail
from django.core.files.storage import default_storage
from django.db import IntegrityError, InternalError, connection, transaction
from django.utils import timezone

from mairie import courriels, numerotation
from mairie.courriers import envois, services, sujets
from mairie.courriers.envois import PdfAltere, enregistrer, envoyer, lire_pdf, signer
from mairie.courriers.erreurs import AConfirmer, ConflitEdition, CourrierRefuse, SansDroit, TexteRefuse
from mairie.courriers.numeros import COURRIER
from mairie.courriers.services import Libre, abandonner, apercu, finaliser, modifier, preparer, reprendre
from mairie.delegations import TypeActe, declarer_types_actes
from mairie.models import CourrielSortant, Courrier, Delegation, JournalActe, SuiviCourrier
from mairie.roles import systeme
from tests.mairie.courriers.fabrique import (
    GENERAL,
    INSEE,
    VOISIN,
    brouillon,
    finalisee,
    modele,
    redacteur,
    texte_pdf,
    ville,
)
from tests.personnes import AUTRE_INSEE, agent

pytestmark = pytest.mark.django_db


def aujourdhui() -> date:
    return timezone.localdate()


def declarer_sujet(monkeypatch, **options) -> None:
    """The neutral kind of dossier, otherwise declared."""
    from dataclasses import replace

    monkeypatch.setattr(sujets, "_sujets", {GENERAL.genre: replace(GENERAL, **options)})


# --- draft --------------------------------------------------------------------------------------


def test_un_brouillon_garde_ses_champs_et_son_modele():
    c = brouillon()
    assert (c.etat, c.numero, c.insee, c.metier) == ("brouillon", "", INSEE, "mairie")
    assert "[date_jour]" in c.corps and c.modele.numero == 1
    assert (c.destinataire, c.destinataire_courriel) == (VOISIN.nom, VOISIN.courriel)
    assert JournalActe.objects.get().action == "mairie.lettre_preparee"


def test_qui_n_ecrit_pas_ici_ne_prepare_rien():
    with pytest.raises(SansDroit):
        brouillon(par=agent("mairie.lecteur"))
    with pytest.raises(SansDroit):
        brouillon(par=agent("mairie.administrateur", codes=(AUTRE_INSEE,)))
    assert not Courrier.objects.exists()


def test_une_tache_de_la_maison_prepare_une_lettre_libre():
    c = preparer(ville(), Libre("Récépissé", "Dépôt", "<p>Reçu<script>x</script></p>"), par=systeme("dépôt"))
    assert (c.libelle, c.corps, c.cree_par) == ("Récépissé", "<p>Reçu</p>", None)


def test_un_modele_hors_service_ou_d_un_autre_metier_ne_sert_pas():
    m = modele()
    with pytest.raises(CourrierRefuse, match="n'est pas en service"):
        preparer(ville(), m, par=redacteur(), jour=date(2019, 12, 31))
    m.metier = "urba"
    m.save()
    with pytest.raises(CourrierRefuse, match="n'est pas en service"):
        preparer(ville(), m, par=redacteur())


def test_l_enregistrement_nettoie_et_refuse_un_champ_inconnu():
    c = brouillon()
    c = modifier(
        c, par=redacteur(), version=0, champs={"corps": "<div>a<script>x</script></div>", "objet": "B"}
    )
    assert (c.corps, c.objet, c.version) == ("<p>a</p>", "B", 1)
    with pytest.raises(TexteRefuse, match="date_jour"):
        modifier(c, par=redacteur(), version=1, champs={"corps": "<p>[date_jours]</p>"})
    c.refresh_from_db()
    assert c.corps == "<p>a</p>"


def test_une_adresse_electronique_fausse_est_refusee():
    with pytest.raises(CourrierRefuse, match="adresse électronique"):
        modifier(brouillon(), par=redacteur(), version=0, champs={"destinataire_courriel": "jeanne"})


def test_on_ne_saisit_que_ce_qui_se_saisit():
    with pytest.raises(ValueError, match="numero"):
        modifier(brouillon(), par=redacteur(), version=0, champs={"numero": "1"})


def test_deux_agents_sur_un_brouillon():
    c = brouillon()
    modifier(c, par=redacteur(), version=0, champs={"objet": "Premier"})
    with pytest.raises(ConflitEdition, match="Camille Martin"):
        modifier(c, par=redacteur(), version=0, champs={"objet": "Second"})
    c.refresh_from_db()
    assert c.objet == "Premier"


# --- finalised ----------------------------------------------------------------------------------


def test_une_lettre_finalisee_est_numerotee_figee_et_scellee():
    c = finalisee(objet="Accusé [numero_courrier]")
    octets = lire_pdf(c)
    assert (c.etat, c.numero, c.pages) == ("finalise", f"C{aujourdhui().year}-00001", 1)
    assert c.sha256 == hashlib.sha256(octets).hexdigest() and c.objet == f"Accusé {c.numero}"
    assert c.valeurs["champs"]["destinataire"] == VOISIN.nom
    assert c.valeurs["entete"]["signataire_nom"] == "Claude Exemple"
    texte = texte_pdf(octets)
    for attendu in (
        c.numero, VOISIN.nom, "12 rue du Moulin", "Commune de Valbrune-les-Essais", "Le maire",
        "Claude Exemple", "Page 1 / 1", "Camille Martin", "Courrier général",
    ):  # fmt: skip
        assert attendu in texte, attendu
    assert "PROJET" not in texte and "[" not in texte
    lecteur = pypdf.PdfReader(io.BytesIO(octets))
    assert lecteur.metadata.title == f"Accusé {c.numero} – Accusé {c.numero}"
    assert lecteur.metadata.author == "Commune de Valbrune-les-Essais"
    assert lecteur.trailer["/Root"]["/Lang"] == "fr"


def test_l_apercu_dit_la_meme_chose_que_l_archive():
    c = brouillon()
    avant = texte_pdf(apercu(c).pdf)
    assert "PROJET – sans valeur" in avant
    fait = finaliser(c, par=redacteur(), version=0)
    apres = texte_pdf(lire_pdf(fait))
    mots = [m for m in avant.replace("(attribué à la finalisation)", fait.numero).split() if m != "PROJET"]
    assert sorted(set(mots) - {"–", "sans", "valeur"}) == sorted(set(apres.split()) - {"–"})
    # And the frozen page gives the archived bytes again.
    from mairie.courriers.contenu import composer_projet, projet_de
    from mairie.courriers.rendu import rendre

    compose = composer_projet(projet_de(fait, GENERAL, fait.numero), aujourdhui())
    assert compose.html == fait.html
    assert rendre(fait.html, lettre=compose.ressources).sha256 == fait.sha256


def test_il_manque_quelque_chose_tout_est_liste_et_le_numero_est_rendu():
    sans_nom = brouillon(destinataire=None)
    with pytest.raises(CourrierRefuse) as refus:
        finaliser(sans_nom, par=redacteur(), version=0)
    for manque in (
        "[destinataire] Nom du destinataire",
        "Le nom du destinataire",
        "L'adresse du destinataire",
    ):
        assert manque in str(refus.value)
    assert numerotation.dernier_donne(COURRIER, INSEE, jour=aujourdhui()) == 0
    assert finalisee().numero.endswith("-00001")


def test_un_rendu_qui_echoue_ne_laisse_rien(monkeypatch, settings):
    settings.COURRIER_RENDU_S = 0
    c = brouillon()
    with pytest.raises(CourrierRefuse, match="dépassé 0 s"):
        finaliser(c, par=redacteur(), version=0)
    c.refresh_from_db()
    assert (c.etat, c.numero) == ("brouillon", "")
    assert numerotation.dernier_donne(COURRIER, INSEE, jour=aujourdhui()) == 0
    assert not default_storage.exists("courriers")


def test_un_echec_apres_le_fichier_ne_laisse_pas_de_fichier(monkeypatch):
    def tomber(courrier, fait, acteur):
        raise RuntimeError("métier en panne")

    c = brouillon()
    declarer_sujet(monkeypatch, suivre=tomber)
    with pytest.raises(RuntimeError):
        finaliser(c, par=redacteur(), version=0)
    dossiers = default_storage.listdir("courriers")[0]
    restes = [
        f for annee in dossiers for mois in default_storage.listdir(f"courriers/{annee}")[0]
        for f in default_storage.listdir(f"courriers/{annee}/{mois}")[1]
    ]  # fmt: skip
    assert restes == []


def test_une_lettre_finalisee_ne_se_modifie_plus_par_les_services():
    c = finalisee()
    with pytest.raises(CourrierRefuse, match=f"déjà finalisée sous le numéro {c.numero}, par Camille Martin"):
        modifier(c, par=redacteur(), version=c.version, champs={"objet": "x"})
    with pytest.raises(CourrierRefuse, match="déjà finalisée"):
        finaliser(c, par=redacteur(), version=c.version)


FIGEES = {
    "corps": "'x'", "html": "'x'", "objet": "'x'", "numero": "'C2026-99999'", "pdf": "'autre.pdf'",
    "sha256": f"'{'0' * 64}'", "valeurs": "'{}'", "destinataire": "'x'", "destinataire_adresse": "'x'",
    "finalise_le": "now() + '1 day'", "finalise_par_id": "null", "modele_id": "null", "dossier_id": "0",
    "insee": "'25998'", "public": "true", "a_signer": "false", "code": "'x'", "etat": "'brouillon'",
    "libelle": "'x'", "copies": "'x'", "serie": "'mairie.arrete'",
}  # fmt: skip


def test_la_base_refuse_de_changer_une_lettre_finalisee():
    c, passees = finalisee(), []
    for colonne, valeur in FIGEES.items():
        try:
            with transaction.atomic(), connection.cursor() as curseur:
                curseur.execute(f"UPDATE mairie_courrier SET {colonne} = {valeur} WHERE id = %s", [c.pk])
            passees.append(colonne)
        except (InternalError, IntegrityError):
            pass
    assert passees == []


def test_la_base_refuse_d_effacer_une_lettre_finalisee_pas_un_brouillon():
    c = finalisee()
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        Courrier.objects.filter(pk=c.pk).delete()
    autre = brouillon()
    Courrier.objects.filter(pk=autre.pk).delete()
    assert Courrier.objects.get() == c


def test_la_base_refuse_de_changer_la_signature_l_envoi_ou_le_suivi():
    c = finalisee()
    signer(c, par=redacteur(), le=aujourdhui())
    envoyer(c, par=redacteur())
    hier = aujourdhui() - timedelta(1)
    for champ, valeur in (
        ("signe_le", hier), ("signataire", "x"), ("envoye_le", hier), ("mode", "electronique"),
        ("etat", "signe"),
    ):  # fmt: skip
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            Courrier.objects.filter(pk=c.pk).update(**{champ: valeur})
    for acte in (lambda: SuiviCourrier.objects.update(observation="x"), SuiviCourrier.objects.all().delete):
        with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
            acte()


@pytest.mark.django_db(transaction=True)
def test_deux_agents_finalisent_en_meme_temps():
    c = brouillon()
    par, barriere, resultats = redacteur(), threading.Barrier(2), []

    def faire():
        try:
            barriere.wait(10)
            resultats.append(finaliser(c, par=par, version=0).numero)
        except CourrierRefuse as e:
            resultats.append(str(e))
        finally:
            connection.close()

    fils = [threading.Thread(target=faire) for _ in range(2)]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    c.refresh_from_db()
    gagnes = [r for r in resultats if r == c.numero]
    assert len(gagnes) == 1 and any("déjà finalisée" in r for r in resultats), resultats
    assert numerotation.dernier_donne(COURRIER, INSEE, jour=aujourdhui()) == 1


@pytest.mark.django_db(transaction=True)
def test_des_lettres_finalisees_en_parallele_sont_numerotees_sans_trou():
    lettres = [brouillon() for _ in range(6)]
    par = redacteur()

    def faire(c):
        try:
            finaliser(c, par=par, version=0)
        finally:
            connection.close()

    fils = [threading.Thread(target=faire, args=(c,)) for c in lettres]
    for fil in fils:
        fil.start()
    for fil in fils:
        fil.join()
    numeros = sorted(Courrier.objects.values_list("numero", flat=True))
    assert numeros == [f"C{aujourdhui().year}-{i:05d}" for i in range(1, 7)]


def test_un_pdf_change_dans_le_stockage_n_est_pas_servi():
    c = finalisee()
    chemin = default_storage.path(c.pdf.name)
    with Path(chemin).open("ab") as fichier:
        fichier.write(b" ")
    with pytest.raises(PdfAltere):
        lire_pdf(c)


def test_le_metier_avertit_avant_et_suit_apres(monkeypatch):
    suivis = []
    avertir = lambda c, acte: ["La fenêtre est fermée."] if acte == "finaliser" else []  # noqa: E731
    c = brouillon()
    declarer_sujet(monkeypatch, avertir=avertir, suivre=lambda c, fait, acteur: suivis.append((fait, c.etat)))
    with pytest.raises(AConfirmer, match="La fenêtre est fermée"):
        finaliser(c, par=redacteur(), version=0)
    finaliser(c, par=redacteur(), version=0, confirmer=True)
    signer(c, par=redacteur(), le=aujourdhui())
    envoyer(c, par=redacteur(), mode="recommande")
    enregistrer(c, par=redacteur(), fait="presentation", le=aujourdhui())
    assert suivis == [
        ("finalisation", "finalise"),
        ("signature", "signe"),
        ("envoi", "envoye"),
        ("presentation", "presente"),
    ]


def test_une_lettre_publique_porte_un_code_qr_juste():
    c = finalisee(public=True, forme="acte", serie="mairie.arrete", libelle="Arrêté", code="arrete")
    assert c.numero == f"{aujourdhui().year}-0001"
    octets = lire_pdf(c)
    assert f"/actes/{c.code}" in texte_pdf(octets).replace("\n", "")
    import segno

    attendu = segno.make(f"http://127.0.0.1:8000/actes/{c.code}/", error="m", micro=False)
    with pdfplumber.open(io.BytesIO(octets)) as pdf:
        page = pdf.pages[0]
        image = page.to_image(resolution=300).original.convert("L")
    # The code is the last picture: 22 mm wide, at the left margin, quiet zone of 4 modules.
    cote, echelle = attendu.symbol_size(border=4)[0], 300 / 25.4
    module = 22 * echelle / cote
    matrice = [[bool(v) for v in ligne] for ligne in attendu.matrix]
    x0 = 20 * echelle + 4 * module
    for y in range(image.height - 1, 0, -1):
        if image.getpixel((int(x0 + module / 2), y)) < 128:
            break
    y0 = y + 1 - len(matrice) * module
    rangs = range(len(matrice))

    def noir(i: int, j: int) -> bool:
        return image.getpixel((int(x0 + (i + 0.5) * module), int(y0 + (j + 0.5) * module))) < 128

    assert [[noir(i, j) for i in rangs] for j in rangs] == matrice


# --- signed and sent ----------------------------------------------------------------------------


def test_signer_envoyer_presenter_distribuer():
    c = finalisee(mode="recommande")
    c = signer(c, par=redacteur(), le=aujourdhui())
    assert (c.etat, c.signataire) == ("signe", "Claude Exemple, Le maire")
    c = envoyer(c, par=redacteur(), numero_recommande="1A 234")
    assert (c.etat, c.envoye_le, c.numero_recommande) == ("envoye", aujourdhui(), "1A 234")
    c = enregistrer(c, par=redacteur(), fait="presentation", le=aujourdhui())
    assert (c.etat, c.premiere_presentation) == ("presente", aujourdhui())
    c = enregistrer(c, par=redacteur(), fait="distribution", le=aujourdhui())
    assert (c.etat, c.distribue_le) == ("distribue", aujourdhui())
    assert [s.fait for s in c.suivi.all()] == ["signature", "envoi", "presentation", "distribution"]


def test_une_date_se_corrige_avec_un_motif_et_l_ancienne_reste(time_machine):
    time_machine.move_to("2026-03-02 12:00:00+01:00", tick=False)
    c = finalisee(mode="recommande")
    signer(c, par=redacteur(), le=date(2026, 3, 2))
    envoyer(c, par=redacteur())
    time_machine.move_to("2026-03-10 12:00:00+01:00", tick=False)
    enregistrer(c, par=redacteur(), fait="presentation", le=date(2026, 3, 5))
    with pytest.raises(CourrierRefuse, match="dites pourquoi"):
        enregistrer(c, par=redacteur(), fait="presentation", le=date(2026, 3, 4))
    enregistrer(c, par=redacteur(), fait="presentation", le=date(2026, 3, 5))
    c = enregistrer(
        c, par=redacteur(), fait="presentation", le=date(2026, 3, 4), motif="Avis de La Poste relu"
    )
    assert c.premiere_presentation == date(2026, 3, 4)
    lignes = list(c.suivi.filter(fait="presentation").values_list("date", "corrige"))
    assert lignes == [(date(2026, 3, 5), False), (date(2026, 3, 4), True)]


@pytest.mark.parametrize(
    ("fait", "le", "dit"),
    [
        ("presentation", date(2026, 3, 11), "dans l'avenir"),
        ("presentation", date(2026, 3, 1), "est partie le 02/03/2026"),
        ("consultation", date(2026, 3, 5), "ne s'enregistre pas"),
        ("inconnu", date(2026, 3, 5), "ne s'enregistre pas"),
    ],
)
def test_un_fait_impossible_est_refuse(time_machine, fait, le, dit):
    time_machine.move_to("2026-03-02 12:00:00+01:00", tick=False)
    c = finalisee(mode="recommande", a_signer=False)
    envoyer(c, par=redacteur())
    time_machine.move_to("2026-03-10 12:00:00+01:00", tick=False)
    with pytest.raises(CourrierRefuse, match=dit):
        enregistrer(c, par=redacteur(), fait=fait, le=le)


def test_la_distribution_ne_precede_pas_la_presentation(time_machine):
    time_machine.move_to("2026-03-02 12:00:00+01:00", tick=False)
    c = finalisee(mode="recommande", a_signer=False)
    envoyer(c, par=redacteur())
    time_machine.move_to("2026-03-10 12:00:00+01:00", tick=False)
    enregistrer(c, par=redacteur(), fait="presentation", le=date(2026, 3, 6))
    with pytest.raises(CourrierRefuse, match="précède la première présentation"):
        enregistrer(c, par=redacteur(), fait="distribution", le=date(2026, 3, 5))
    c = enregistrer(c, par=redacteur(), fait="retour", le=date(2026, 3, 9))
    assert c.etat == "retourne"


def test_on_ne_signe_ni_n_envoie_avant_l_heure():
    c = brouillon()
    with pytest.raises(CourrierRefuse, match="finalisez-la d'abord"):
        signer(c, par=redacteur(), le=aujourdhui())
    c = finaliser(c, par=redacteur(), version=0)
    with pytest.raises(CourrierRefuse, match="signée avant de partir"):
        envoyer(c, par=redacteur())
    with pytest.raises(CourrierRefuse, match="dans l'avenir"):
        signer(c, par=redacteur(), le=aujourdhui() + timedelta(1))
    with pytest.raises(CourrierRefuse, match="a été finalisée le"):
        signer(c, par=redacteur(), le=aujourdhui() - timedelta(1))
    with pytest.raises(CourrierRefuse, match="déjà finalisée"):
        enregistrer(c, par=redacteur(), fait="presentation", le=aujourdhui())


def test_le_pdf_signe_est_scelle_et_servi():
    c = finalisee()
    signe = lire_pdf(c) + b"\n% signature\n%%EOF\n"
    c = signer(c, par=redacteur(), le=aujourdhui(), signataire="Élu", fichier=signe)
    assert lire_pdf(c) == signe and c.sha256_signe == hashlib.sha256(signe).hexdigest()
    assert c.signataire == "Élu"


@pytest.mark.parametrize("contenu", [b"MZ\x90", b"%PDF-1.7 tronque", b""])
def test_un_fichier_signe_qui_n_est_pas_un_pdf_est_refuse(contenu):
    with pytest.raises(CourrierRefuse, match="pas un PDF"):
        signer(finalisee(), par=redacteur(), le=aujourdhui(), fichier=contenu)


def test_un_fichier_signe_trop_lourd_est_refuse(monkeypatch):
    monkeypatch.setattr(envois, "PDF_SIGNE_MAX", 10)
    with pytest.raises(CourrierRefuse, match="dépasse"):
        signer(finalisee(), par=redacteur(), le=aujourdhui(), fichier=b"%PDF-1.7 ... %%EOF")


def test_un_acte_delegue_veut_une_delegation_du_jour(monkeypatch):
    from mairie import delegations

    monkeypatch.setattr(delegations, "_types", {})
    declarer_types_actes(TypeActe("mairie.arrete", "Arrêtés"))
    c = finalisee(type_acte="mairie.arrete")
    elu = agent("mairie.lecteur", nom="Dominique Adjoint")
    titre = Delegation.objects.create(
        collectivite=ville(), delegataire=elu, qualite="Adjoint au maire", types_actes=["mairie.arrete"],
        du=aujourdhui() - timedelta(10), au=aujourdhui() - timedelta(1), acte_reference="2026-0001",
        acte_date=aujourdhui() - timedelta(10),
    )  # fmt: skip
    for essai in (None, titre):
        with pytest.raises(CourrierRefuse, match="Aucune délégation"):
            signer(c, par=redacteur(), le=aujourdhui(), delegation=essai)
    titre.au = None
    titre.save()
    c = signer(c, par=redacteur(), le=aujourdhui(), delegation=titre)
    assert (c.delegation, c.signataire) == (titre, "Dominique Adjoint, Adjoint au maire")


def test_une_lettre_part_par_courriel_avec_sa_preuve():
    c = envoyer(finalisee(mode="electronique", a_signer=False), par=redacteur())
    assert (c.etat, c.envoye_le) == ("en_envoi", None) and mail.outbox == []
    assert courriels.envoyer_en_attente().envoyes == 1
    c.refresh_from_db()
    assert (c.etat, c.envoye_le) == ("envoye", aujourdhui())
    (message,) = mail.outbox
    assert message.to == [VOISIN.courriel] and c.numero in message.body
    assert message.attachments[0].content == lire_pdf(c)
    suivi = c.suivi.get(fait="envoi")
    assert suivi.par == "messagerie" and envois.courriels_de(c)[0].message_id in suivi.observation
    c = enregistrer(c, par=redacteur(), fait="consultation", le=aujourdhui())
    assert c.etat == "consulte"


def test_un_courriel_abandonne_rend_la_lettre_a_envoyer():
    c = signer(finalisee(mode="electronique"), par=redacteur(), le=aujourdhui())
    c = envoyer(c, par=redacteur())
    assert courriels.annuler(CourrielSortant.objects.get())
    courriels.envoyer_en_attente()
    c.refresh_from_db()
    assert c.etat == "signe"
    c = envoyer(c, par=redacteur(), mode="simple")
    assert (c.etat, c.mode) == ("envoye", "simple")


def test_une_lettre_electronique_sans_adresse_ne_part_pas():
    c = finalisee(mode="simple", a_signer=False)
    Courrier.objects.filter(pk=c.pk).update(destinataire_courriel="")
    c.refresh_from_db()
    with pytest.raises(CourrierRefuse, match="pas une adresse électronique"):
        envoyer(c, par=redacteur(), mode="electronique")
    c.refresh_from_db()
    assert (c.etat, c.mode) == ("finalise", "simple")


# --- given up, seen -----------------------------------------------------------------------------


def test_une_lettre_abandonnee_garde_son_numero_et_se_reprend():
    c = finalisee()
    with pytest.raises(CourrierRefuse, match="Dites pourquoi"):
        abandonner(c, par=redacteur(), version=c.version, motif=" ")
    c = abandonner(c, par=redacteur(), version=c.version, motif="Erreur de destinataire")
    assert c.etat == "abandonne" and lire_pdf(c)
    nouveau = reprendre(c, par=redacteur())
    assert (nouveau.etat, nouveau.remplace, nouveau.numero) == ("brouillon", c, "")
    assert finaliser(nouveau, par=redacteur(), version=0).numero.endswith("-00002")
    with pytest.raises(CourrierRefuse, match="Seule une lettre abandonnée"):
        reprendre(nouveau, par=redacteur())
    with pytest.raises(CourrierRefuse, match="abandonnée"):
        abandonner(c, par=redacteur(), version=c.version, motif="encore")


def test_une_lettre_partie_ne_s_abandonne_pas():
    c = envoyer(finalisee(a_signer=False), par=redacteur())
    with pytest.raises(CourrierRefuse, match="envoyée"):
        abandonner(c, par=redacteur(), version=c.version, motif="trop tard")


def test_les_lettres_se_voient_par_leur_dossier():
    c = brouillon()
    assert list(Courrier.objects.visibles_par(redacteur())) == [c]
    assert list(Courrier.objects.visibles_par(agent("mairie.lecteur"))) == [c]
    for autre in (agent(), agent("mairie.dpo"), agent("mairie.lecteur", codes=(AUTRE_INSEE,))):
        assert not Courrier.objects.visibles_par(autre).exists()


def test_un_dossier_suivi_quelconque_a_ses_lettres(nouveau, monkeypatch):
    from mairie.courriers.sujets import Sujet
    from tests.mairie.essai_workflow import DossierEssai

    ville()
    essai = Sujet(
        "mairie.essai", "mairie", "mairie.DossierEssai", "demande d'essai",
        visibles=lambda u: DossierEssai.objects.filter(objet="à moi"), titre=lambda d: d.numero,
    )  # fmt: skip
    object.__setattr__(essai, "classe", DossierEssai)
    monkeypatch.setattr(sujets, "_sujets", {"mairie.essai": essai})
    mien, autre = nouveau(numero="ESS-1", objet="à moi"), nouveau(numero="ESS-2")
    lettres = [services.preparer(d, modele(), par=redacteur(), destinataire=VOISIN) for d in (mien, autre)]
    assert list(Courrier.objects.visibles_par(redacteur())) == lettres[:1]
    fait = finaliser(lettres[0], par=redacteur(), version=0)
    assert "ESS-1" in texte_pdf(lire_pdf(fait))


def test_les_traces_au_journal():
    c = finalisee()
    signer(c, par=redacteur(), le=aujourdhui())
    envoyer(c, par=redacteur())
    faits = list(JournalActe.objects.order_by("pk").values_list("action", flat=True))
    assert faits == [f"mairie.lettre_{f}" for f in ("preparee", "finalisee", "signee", "envoyee")]
    # The log never holds who it was sent to.
    assert VOISIN.nom not in str(list(JournalActe.objects.values()))
