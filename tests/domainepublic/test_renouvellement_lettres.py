"""Renewal in one action: files, letters in one PDF, signature, roll; run twice, nothing doubled."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from types import SimpleNamespace

import pytest
from pypdf import PdfReader

from domainepublic.courriers import modeles
from domainepublic.models import DossierODP, LigneFacturable, Role
from domainepublic.renouvellement import lettres, renouveler
from mairie.courriers import rendu
from mairie.models import CourrielSortant, Courrier, EnTete, Impression, Tache
from mairie.taches import ArretDemande, Suivi
from tests.domainepublic.fabrique_odp import acteur, delegue
from tests.domainepublic.test_ecrans_odp import client_de, texte
from tests.domainepublic.test_renouvellement_odp import grilles, terrasse
from tests.mairie.courriers.fabrique import texte_pdf
from tests.personnes import INSEE, agent, commune


def suivi(pk: int = 1, arret_apres: int | None = None) -> Suivi:
    appels = iter(range(1000))
    return Suivi(
        SimpleNamespace(pk=pk, essais=1, reprise={}),
        arret=lambda: arret_apres is not None and next(appels) >= arret_apres,
    )


@pytest.fixture
def trois(aller, settings, tmp_path):
    """Three terraces of 2026, one holder who takes mail; the templates."""
    settings.MEDIA_ROOT = tmp_path / "media"
    grilles(2026, 2027)
    sortie = [terrasse(), terrasse(20), terrasse(40)]
    numerique = sortie[2].demandeur
    numerique.courriel, numerique.accepte_electronique = "titulaire@exemple.invalid", True
    numerique.save()
    for d in sortie:
        d.demandeur.voie, d.demandeur.code_postal, d.demandeur.ville = "1 rue Fictive", "25999", "Valbrune"
        d.demandeur.save()
    modeles.charger()
    EnTete.objects.create(collectivite=commune(), nom="Commune de Valbrune", lieu="Valbrune")
    aller(date(2026, 11, 20))
    yield sortie
    rendu.atelier.fermer()


def test_en_une_action_les_dossiers_les_lettres_les_signatures_et_le_role_sans_rien_doubler(trois):
    tout = agent("domainepublic.instructeur", "domainepublic.finances", "domainepublic.signataire")
    titre = delegue()
    titre.delegataire = tout
    titre.save()
    cles = [d.pk for d in trois]
    un = renouveler.func(suivi(), 2027, cles, tout.pk, True, True)
    assert (un["crees"], un["a_signer"], un["signes"], un["echecs"]) == (3, 3, 3, [])
    assert un["role"] == Role.objects.get().numero
    assert LigneFacturable.objects.filter(exercice=2027, etat="en_role").count() == 3
    bilan = lettres.func(suivi(2), 2027, cles, tout.pk)
    assert (bilan["lettres"], bilan["courriels"], bilan["echecs"]) == (3, 1, [])
    impression = Impression.objects.get()
    assert bilan["adresse"] == f"/carte/impression/{impression.pk}/plan.pdf"
    reuni = impression.fichier.read()
    assert len(PdfReader(BytesIO(reuni)).pages) == impression.pages
    lu = " ".join(texte_pdf(reuni).replace("\u00a0", " ").split())
    assert "88,00 €" in lu, "aux tarifs de l'année nouvelle"
    assert "vient à son terme le 31 décembre 2026." in lu
    assert "(80,00 € pour le titre précédent)" in lu
    assert CourrielSortant.objects.get().destinataire == "titulaire@exemple.invalid"
    # Again: files, letters, lines and mails stay as they are.
    deux = renouveler.func(suivi(3), 2027, cles, tout.pk, True, True)
    assert (deux["crees"], deux["deja"], deux["signes"]) == (0, 3, 0)
    encore = lettres.func(suivi(4), 2027, cles, tout.pk)
    assert (encore["lettres"], encore["deja"], encore["courriels"]) == (0, 3, 0)
    assert Courrier.objects.filter(modele__modele__code="renouvellement").count() == 3
    assert LigneFacturable.objects.filter(exercice=2027).count() == 3
    assert (Role.objects.count(), CourrielSortant.objects.count()) == (1, 1)
    page = client_de("instructeur").get("/domaine-public/renouvellement/?annee=2027")
    assert "déjà renouvelé" in texte(page)
    assert "Lettres de renouvellement" not in texte(page), "le fichier est à qui l'a demandé"


def test_un_renouvellement_interrompu_reprend_la_ou_il_en_etait(trois, monkeypatch):
    monkeypatch.setattr("domainepublic.renouvellement.PAR_LOT", 2)
    cles = [d.pk for d in trois]
    par = acteur("instructeur")
    with pytest.raises(ArretDemande):
        renouveler.func(suivi(arret_apres=0), 2027, cles, par.pk)
    assert DossierODP.objects.filter(annee_renouvelee=2027).count() == 2
    assert not Tache.objects.filter(code="domainepublic.lettres").exists()
    repris = renouveler.func(suivi(), 2027, cles, par.pk)
    assert (repris["crees"], repris["deja"]) == (1, 2)
    assert Tache.objects.get(code="domainepublic.lettres").insee == INSEE
    with pytest.raises(ArretDemande):
        lettres.func(suivi(2, arret_apres=0), 2027, cles, par.pk)
    reprise = lettres.func(suivi(2), 2027, cles, par.pk)
    assert (reprise["lettres"], reprise["deja"]) == (2, 1), "toutes les lettres, chacune une fois"


def test_signer_et_facturer_d_un_coup_sont_offerts_a_qui_en_a_le_droit(trois):
    adresse = "/domaine-public/renouvellement/?annee=2027"
    assert "Signer aussitôt" not in texte(client_de("instructeur").get(adresse))
    client_de("instructeur").post(adresse, {"dossiers": [trois[0].pk], "signer": "on", "facturer": "on"})
    demandee = Tache.objects.get(code="domainepublic.renouveler")
    kwargs = demandee.resultat.args_kwargs["kwargs"]
    assert (kwargs["signer"], kwargs["facturer"]) == (False, False)
