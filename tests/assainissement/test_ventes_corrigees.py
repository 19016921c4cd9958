"""Sales said right at last: who is who, what is sold, what answers (second hostile reading)."""

from __future__ import annotations

from datetime import date

import pytest

from assainissement import avis_reseau
from assainissement.models import AvisReseau, DeclarationVente, InstallationTiers
from assainissement.saisies import personne
from mairie.models import Tiers
from mairie.workflow import Refus
from tests.assainissement.fabrique_anc import IDU, acteur, installation
from tests.assainissement.test_ecrans_anc import client_de, evenement, texte
from tests.personnes import INSEE

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
