"""Connections to the sewer and their controls: derived state, circuit, validity, certificate, rights."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from uuid import uuid4

import pytest

from assainissement import controles_ac, courriers_ac, raccordements
from assainissement.models import Branchement, ControleAC, ReglementService
from assainissement.regles.controle_ac import manquants, proposer
from assainissement.regles.tables.points_ac import POINTS_AC
from mairie.courriers import services as lettres
from mairie.models import Echeance, EvenementDomaine, ModeleCourrier
from mairie.workflow import Refus, rejouer
from tests.assainissement.fabrique_ac import POINTS, branchement, controle_ac, faire, valide
from tests.assainissement.fabrique_anc import JOUR, acteur
from tests.assainissement.test_ecrans_anc import client_de, texte
from tests.personnes import AUTRE_INSEE, INSEE


def texte_de(html: object) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", str(html))))


pytestmark = pytest.mark.usefixtures("aller")
VISITE = date(2026, 2, 20)


@pytest.mark.parametrize(
    ("code", "reponse"), [(p.code, r) for p in POINTS_AC.values() for r in p.fautes], ids=lambda v: v
)
def test_chaque_faute_rend_le_branchement_non_conforme_et_demande_ses_travaux(code, reponse):
    constat = proposer({**POINTS, code: reponse})
    assert constat.conclusion == "non_conforme"
    assert (constat.motifs[0], constat.travaux[0]) == POINTS_AC[code].fautes[reponse]


def test_ce_qui_est_seulement_dit_laisse_conforme():
    constat = proposer({**POINTS, "siphons": "non", "fumee": "non_verifie", "compteur_ep": "non"})
    assert (constat.conclusion, constat.remarques) == ("conforme", ("Appareils sans siphon.",))
    assert constat.non_verifies == (POINTS_AC["fumee"].libelle,)
    avec = proposer({**POINTS, "recuperation_ep": "oui", "compteur_ep": "non"})
    assert "compteur" in avec.remarques[0], "un compteur n'est dû qu'avec un usage intérieur"
    assert manquants({"type_reseau": "unitaire"}) == [
        POINTS_AC[c].libelle for c in ("raccordement_total", "separation", "ecoulement")
    ]


def test_l_etat_d_un_branchement_est_le_meme_en_base_et_par_la_regle(aller):
    tot = branchement(mise_en_service_le=date(2024, 3, 1))
    tard = branchement(mise_en_service_le=date(2024, 3, 2))
    inconnu = branchement(mise_en_service_le=None)
    fait = branchement(raccorde_le=date(2026, 3, 2))
    deroge = branchement(mise_en_service_le=date(2015, 1, 1))
    raccordements.deroger(
        deroge, motif="Roche affleurante", acte="Arrêté 2025-4", du=date(2025, 1, 1), au=JOUR, par=acteur()
    )
    assert [b.numero for b in (tot, tard)] == ["BR-25999-00001", "BR-25999-00002"]

    def etats(jour: date) -> list[str]:
        lus = {b.pk: b.etat for b in Branchement.objects.avec_etat(jour)}
        rangs = [tot, tard, inconnu, fait, deroge]
        assert [lus[b.pk] for b in rangs] == [b.etat_au(jour) for b in rangs], "nuit et lecture s'accordent"
        return [lus[b.pk] for b in rangs]

    assert etats(JOUR) == ["en_retard", "a_raccorder", "a_raccorder", "raccorde", "deroge"]
    assert etats(date(2026, 3, 3)) == ["en_retard", "en_retard", "a_raccorder", "raccorde", "en_retard"]
    assert etats(date(2026, 3, 1)) == ["a_raccorder", "a_raccorder", "a_raccorder", "a_raccorder", "deroge"]


def test_un_raccordement_constate_se_publie_une_fois_avec_ses_parcelles():
    b = branchement()
    for le, phrase in ((date(2026, 3, 3), "le jour où il est fait"), (date(2025, 1, 14), "en service")):
        with pytest.raises(Refus, match=phrase):
            raccordements.constater(b, le, par=acteur())
    raccordements.constater(b, VISITE, par=acteur())
    fait = EvenementDomaine.objects.get(nom="assainissement.raccordement_constate")
    assert fait.charge == {
        "branchement": b.numero, "insee": INSEE, "parcelles": ["25999000AB0002"], "date": "2026-02-20",
    }  # fmt: skip
    with pytest.raises(Refus, match="déjà constaté"):
        raccordements.constater(b, JOUR, par=acteur())
    assert EvenementDomaine.objects.filter(nom="assainissement.raccordement_constate").count() == 1


def test_deux_derogations_ne_courent_pas_ensemble():
    b = branchement()
    options = {"motif": "Pente", "acte": "Arrêté 1", "par": acteur()}
    with pytest.raises(Refus, match="précède"):
        raccordements.deroger(b, du=JOUR, au=date(2026, 3, 1), **options)
    raccordements.deroger(b, du=JOUR, au=date(2027, 3, 1), **options)
    with pytest.raises(Refus, match="court déjà"):
        raccordements.deroger(b, du=date(2027, 3, 1), au=date(2028, 3, 1), **options)
    raccordements.deroger(b, du=date(2027, 3, 2), au=date(2028, 3, 1), **options)


def test_un_controle_de_la_demande_au_certificat():
    b = branchement()
    c = controle_ac(b, jour=date(2026, 2, 1))
    assert (c.numero, c.etat) == ("AC-25999-2026-0001", "affecte")
    assert c.remise_avant == date(2026, 3, 15), "six semaines"
    assert Echeance.objects.filter(code="assainissement.document_ac", date=date(2026, 3, 15)).count() == 1
    with pytest.raises(Refus, match="Répondez d'abord"):
        faire(c, "recevoir_formulaire", visite=VISITE)
    controles_ac.repondre(c, POINTS)
    for visite, phrase in ((date(2026, 1, 31), "précède la demande"), (date(2026, 3, 3), "avenir")):
        with pytest.raises(Refus, match=phrase):
            faire(c, "recevoir_formulaire", visite=visite)
    faire(c, "recevoir_formulaire", visite=VISITE)
    with pytest.raises(Refus, match="ne changent plus"):
        controles_ac.repondre(c, {"boite": "oui"})
    faire(c, "renvoyer", "responsable", motif="Évent à dire")
    controles_ac.repondre(c, {"event": "oui"})
    faire(c, "recevoir_formulaire", visite=VISITE)
    with pytest.raises(Refus):
        faire(c, "valider", "technicien")
    faire(c, "valider", "responsable")
    assert (c.etat, c.conclusion, c.fin_validite) == ("valide_conforme", "conforme", date(2036, 2, 20))
    assert c.remise_avant is None
    b.refresh_from_db()
    assert b.raccorde_le == VISITE, "une visite conforme prouve le raccordement"
    assert not rejouer(c).ecarts
    courriers_ac.charger()
    modele = ModeleCourrier.objects.get(code="certificat_raccordement")
    lettre = lettres.preparer(
        c, modele, par=acteur(), destinataire=next(courriers_ac.destinataires_controle(c), None)
    )
    dite = texte_de(lettres.composer(lettre).html)
    for mot in ("Le branchement est conforme.", "20/02/2036", "Toutes les eaux usées", "AB 2"):
        assert mot in dite, mot


@pytest.mark.parametrize(
    ("motif", "logement", "fin"),
    [
        ("vente", "maison", date(2027, 2, 20)),
        ("vente", "appartement", date(2026, 8, 20)),
        ("vente", "autre", date(2036, 2, 20)),
        ("demande", "maison", date(2036, 2, 20)),
    ],
)
def test_le_reglement_raccourcit_la_validite_d_une_vente(motif, logement, fin):
    ReglementService.objects.create(
        insee=INSEE, date_effet=date(2020, 1, 1), duree_validite_ac_maison_mois=12,
        duree_validite_ac_appartement_mois=6,
    )  # fmt: skip
    c = valide(controle_ac(motif=motif, logement=logement, jour=VISITE), VISITE)
    assert c.fin_validite == fin


def test_une_contre_visite_garde_le_numero_et_conclut_le_premier():
    c = valide(controle_ac(jour=VISITE), VISITE, separation="non")
    assert (c.etat, c.conclusion) == ("valide_non_conforme", "non_conforme")
    faire(c, "annoncer_travaux")
    suite = controles_ac.contre_visiter(c, par=acteur(), version=c.version)
    c.refresh_from_db()
    assert (suite.numero, c.etat) == ("AC-25999-2026-0001-cv1", "contre_visite")
    with pytest.raises(Refus, match="déjà ouverte"):
        controles_ac.contre_visiter(c, par=acteur(), version=c.version)
    valide(suite, JOUR, separation="non")
    c.refresh_from_db()
    assert c.etat == "valide_non_conforme"
    encore = controles_ac.contre_visiter(c, par=acteur(), version=c.version)
    assert encore.numero == "AC-25999-2026-0001-cv2"
    valide(encore, JOUR, separation="oui")
    c.refresh_from_db()
    assert (c.etat, c.conclusion) == ("valide_conforme", "non_conforme"), "sa propre visite reste dite"


def test_les_pages_des_branchements_et_de_leurs_controles():
    client = client_de("technicien", "responsable")
    valeurs = {
        "insee": INSEE, "parcelles": "25999000AB0002", "type_reseau": "EU",
        "mise_en_service_le": "2024-01-01", "client_uuid": str(uuid4()),
    }  # fmt: skip
    nouveau = "/assainissement/branchements/nouveau/"
    for champs, phrase in (
        ({"parcelles": "AB 999"}, "n'est pas au plan"),
        ({"parcelles": "le jardin"}, "n'est pas une parcelle"),
        ({"mise_en_service_le": "2026-03-03"}, "le jour où il l'est"),
        ({"raccorde": "2026-03-03"}, "le jour où il est fait"),
        ({"lieu": "12 rue Inconnue"}, "n'est pas dans la base"),
    ):
        refus = client.post(nouveau, {**valeurs, **champs})
        assert (refus.status_code, phrase in texte(refus)) == (422, True), phrase
    for _ in range(2):
        assert client.post(nouveau, valeurs).status_code == 302
    b = Branchement.objects.get()
    fiche = texte(client.get(b.get_absolute_url()))
    assert "raccordement en retard" in fiche
    assert b.numero in texte(client.get("/assainissement/branchements/?etat=en_retard"))
    assert "Raccordements en retard" in texte(client.get("/assainissement/"))
    assert b.numero in texte(client.get("/parcelles/25999000AB0002/"))
    page = client.get(f"/assainissement/controles-ac/nouveau/?branchement={b.pk}")
    assert page.status_code == 200
    demande = client.post(
        f"/assainissement/controles-ac/nouveau/?branchement={b.pk}",
        {"motif": "demande", "logement": "maison", "demande": "2026-01-15", "client_uuid": str(uuid4())},
    )
    c = ControleAC.objects.get()
    assert demande["Location"] == c.get_absolute_url()
    assert c.numero in texte(client.get("/assainissement/controles-ac/?suivi=retard")), "26/02 est passé"
    technicien = acteur("technicien")
    assert client.post(f"{c.get_absolute_url()}affecter/", {"agent": technicien.pk}).status_code == 302
    client.post(f"{c.get_absolute_url()}points/", {f"p_{k}": v for k, v in POINTS.items()})
    c.refresh_from_db()
    assert (c.etat, c.points) == ("affecte", POINTS)
    evenement = {
        "date_effet": "2026-03-02",
        "version": c.version,
        "cle": str(uuid4()),
        "visite": "2026-03-01",
    }
    assert client.post(f"{c.get_absolute_url()}evenements/recevoir_formulaire/", evenement).status_code == 302
    c.refresh_from_db()
    assert client.get(f"{c.get_absolute_url()}evenements/demander/").status_code == 404
    fin = {"date_effet": "2026-03-02", "version": c.version, "cle": str(uuid4())}
    assert client.post(f"{c.get_absolute_url()}evenements/valider/", fin).status_code == 302
    fiche = texte(client.get(c.get_absolute_url()))
    for mot in ("Le branchement est conforme.", "dix ans après la visite", "Toutes les eaux usées"):
        assert mot in fiche, mot
    assert "valable jusqu'au 01/03/2036" in texte(client.get("/parcelles/25999000AB0002/"))


def test_rien_ne_se_voit_d_une_autre_commune():
    b = branchement()
    c = controle_ac(b)
    ailleurs = client_de("responsable", "technicien", insee=AUTRE_INSEE)
    for adresse in (b.get_absolute_url(), c.get_absolute_url(), f"{c.get_absolute_url()}points/"):
        assert ailleurs.get(adresse).status_code == 404
    assert b.numero not in texte(ailleurs.get("/assainissement/branchements/"))
    assert client_de("lecture").get(f"{b.get_absolute_url()}deroger/").status_code == 403
