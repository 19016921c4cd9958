"""Entry and correction of persons: what is refused, what is put in order, who did it."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from mairie.models import HistoriqueTiers, JournalActe, Tiers
from mairie.tiers import service
from tests.mairie.tiers.fabrique import personne, siret, societe
from tests.personnes import AUTRE_INSEE, INSEE, agent

pytestmark = pytest.mark.django_db


def test_ce_qui_est_saisi_est_mis_en_ordre():
    numero = siret()
    t = societe("  Bâtisseurs   fictifs ", siret=f"{numero[:3]} {numero[3:6]} {numero[6:9]} {numero[9:]}",
                courriel="Contact@Exemple.INVALID")  # fmt: skip
    assert (t.raison_sociale, t.siret, t.siren, t.courriel) == (
        "Bâtisseurs fictifs", numero, numero[:9], "contact@exemple.invalid",
    )  # fmt: skip
    assert t.cle_nom == "batisseurs fictifs"
    assert t.siret_lisible.replace(" ", "") == numero


FAUTES = [
    ({"nom": ""}, "nom", "Donnez le nom"),
    ({"nature": "morale"}, "raison_sociale", "raison sociale"),
    ({"nom": "X", "siret": "73282932000074"}, "siret", "personne morale"),
    ({"nom": "X", "raison_sociale": "Y"}, "raison_sociale", "personne morale"),
    ({"nature": "morale", "raison_sociale": "Y", "siret": "73282932000075"}, "siret", "clé"),
    ({"nature": "morale", "raison_sociale": "Y", "siren": "732829321"}, "siren", "clé"),
    (
        {"nature": "morale", "raison_sociale": "Y", "siret": "73282932000074", "siren": "404833048"},
        "siren",
        "SIRET",
    ),
    ({"nom": "X", "code_postal": "2500"}, "code_postal", "5 chiffres"),
    ({"nom": "X", "telephone": "appelez-moi"}, "telephone", "chiffres"),
    ({"nom": "X", "courriel": "pas un courriel"}, "courriel", ""),
    ({"nom": "X", "accepte_electronique": True}, "accepte_electronique", "courriel"),
    ({"nom": "X", "naissance_le": "2999-01-01"}, "naissance_le", ""),
    ({"nom": "X" * 151}, "nom", "150"),
]


@pytest.mark.parametrize(("donnees", "champ", "message"), FAUTES)
def test_chaque_faute_est_dite_a_son_champ(donnees, champ, message):
    if "naissance_le" in donnees:
        import datetime

        donnees = {**donnees, "naissance_le": datetime.date(2999, 1, 1)}
    with pytest.raises(ValidationError) as e:
        service.creer(donnees, collectivite=INSEE, par=None)
    assert list(e.value.message_dict) == [champ]
    assert message in e.value.message_dict[champ][0]
    assert not Tiers.objects.exists()


def test_un_code_postal_etranger_passe():
    assert personne(code_postal="CH-1200", ville="Genève", pays="Suisse").lignes_adresse == [
        "CH-1200 Genève", "SUISSE",
    ]  # fmt: skip


def test_une_colonne_inconnue_est_refusee():
    with pytest.raises(ValueError, match="fusionne_dans"):
        service.creer({"nom": "X", "fusionne_dans": 3}, collectivite=INSEE, par=None)


def test_la_base_refuse_aussi():
    t = personne()
    for faute in ({"nom": ""}, {"siret": "1"}, {"accepte_electronique": True}, {"fusionne_dans": t.pk}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Tiers.objects.filter(pk=t.pk).update(**faute)


def test_deux_agents_sur_une_fiche_le_second_est_prevenu():
    t, un = personne(), agent("mairie.administrateur", nom="Agent Un")
    service.modifier(t, {"ville": "Ici"}, version=1, par=un)
    with pytest.raises(service.FicheModifiee, match="par Agent Un"):
        service.modifier(t, {"ville": "Là"}, version=1, par=None)
    t.refresh_from_db()
    assert (t.ville, t.version) == ("Ici", 2)


def test_chaque_etat_est_garde_et_le_journal_ne_nomme_personne():
    t, un = personne("Avant"), agent("mairie.administrateur")
    service.modifier(t, {"nom": "Après", "ville": "Essai"}, version=1, par=un)
    etats = HistoriqueTiers.objects.filter(pgh_obj_id=t.pk).order_by("pgh_id")
    assert [e.nom for e in etats] == ["Avant", "Après"]
    assert etats[1].pgh_context.metadata["utilisateur"] == un.pk
    lignes = JournalActe.objects.filter(objet_id=str(t.pk)).order_by("pk")
    assert [x.action for x in lignes] == ["mairie.tiers_cree", "mairie.tiers_modifie"]
    assert lignes[1].donnees == {"colonnes": ["nom", "ville"]}
    assert all(x.insee == INSEE for x in lignes)
    assert "Après" not in str([(x.resume, x.donnees) for x in lignes])


def test_l_accord_electronique_est_date(time_machine):
    time_machine.move_to("2026-03-02T12:00:00+01:00")
    t = personne(courriel="a@exemple.invalid", accepte_electronique=True)
    assert str(t.accepte_electronique_le) == "2026-03-02"
    time_machine.move_to("2026-04-02T12:00:00+02:00")
    t = service.modifier(t, {"ville": "Essai"}, version=1, par=None)
    assert str(t.accepte_electronique_le) == "2026-03-02"
    t = service.modifier(t, {"accepte_electronique": False}, version=2, par=None)
    assert t.accepte_electronique_le is None
    t = service.modifier(t, {"accepte_electronique": True}, version=3, par=None)
    assert str(t.accepte_electronique_le) == "2026-04-02"


def test_une_commune_ne_voit_pas_les_personnes_d_une_autre():
    ici, ailleurs = personne("Ici"), personne("Ailleurs", collectivite=AUTRE_INSEE)
    lecteur = agent("mairie.lecteur")
    assert list(Tiers.objects.visibles_par(lecteur)) == [ici]
    assert ailleurs not in Tiers.objects.visibles_par(lecteur)
    assert not Tiers.objects.visibles_par(agent())
    assert not Tiers.objects.visibles_par(agent("mairie.dpo"))


def test_l_appel_d_une_lettre():
    assert personne("DURAND", "Zoé", civilite="mme").appel == "Madame Zoé DURAND"
    s = societe("Bois fictif", forme_juridique="SARL", civilite="m", prenoms="Noé", nom="MARTIN")
    assert (s.appel, s.representant) == ("SARL Bois fictif", "Monsieur Noé MARTIN")
