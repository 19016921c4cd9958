"""Names kept ten years after what tied them is closed, then erased; what each domain event of §14 does."""

from __future__ import annotations

from datetime import date

import pytest

from assainissement import installations, ventes
from assainissement.models import DeclarationVente, Installation, InstallationTiers
from assainissement.ventes import NouvelleVente
from mairie import evenements
from mairie.models import EvenementDomaine, Tiers
from mairie.taches.maison import purger_tiers
from mairie.tiers.droits import obstacles
from tests.assainissement.fabrique_anc import IDU, acteur, installation, proprietaire
from tests.assainissement.messages import livrer
from tests.personnes import AUTRE_INSEE, INSEE

pytestmark = pytest.mark.usefixtures("aller")


def agir(i: Installation, evenement: str, **donnees: str) -> None:
    i.refresh_from_db()
    installations.agir(i, evenement, par=acteur(), version=i.version, donnees=donnees)


def test_dix_ans_apres_la_desactivation_le_nom_s_efface_et_la_technique_reste(aller):
    i = installation()
    tiers = i.personnes.get().tiers
    assert obstacles(tiers, date(2126, 1, 1)) == ["installation, branchement, vente ou redevance en cours"]
    agir(i, "desactiver", motif="raccordee_ac")
    assert obstacles(tiers, date(2036, 3, 1)) and not obstacles(tiers, date(2036, 3, 2))
    aller(date(2036, 3, 1))
    Tiers.objects.update(modifie_le="2020-01-01T00:00:00Z")
    assert purger_tiers.func() == {"effacees": 0}
    aller(date(2036, 3, 2))
    assert purger_tiers.func() == {"effacees": 1}
    lien = InstallationTiers.objects.get(installation=i)
    assert str(lien.tiers) == f"Personne effacée n° {tiers.pk}"
    assert i.elements.count() == 2 and i.parcelles.exists()


def test_un_ancien_proprietaire_une_vente_close_et_une_reactivation_comptent(aller):
    i = installation()
    ancien = i.personnes.get().tiers
    installations.changer_proprietaire(i, proprietaire("Acheteuse"), date(2026, 3, 2))
    assert obstacles(ancien, date(2036, 2, 28)) and not obstacles(ancien, date(2036, 3, 1))
    vendeur = proprietaire("Vendeuse")
    v = ventes.declarer(
        NouvelleVente(INSEE, date(2026, 3, 2), parcelles=(IDU,), vendeur=vendeur), par=acteur("gestionnaire")
    )
    assert obstacles(vendeur, date(2126, 1, 1))
    ventes.agir(
        v, "classer_sans_suite", par=acteur("gestionnaire"), version=v.version, donnees={"motif": "Renonce."}
    )
    assert not obstacles(vendeur, date(2036, 3, 2))
    agir(i, "desactiver", motif="demolie")
    agir(i, "reactiver", motif="Erreur.")
    assert obstacles(i.proprietaire, date(2126, 1, 1))


# --- events ----------------------------------------------------------------------------------------


def test_une_dia_connue_ailleurs_fait_la_meme_ligne_une_fois():
    i = installation()
    charge = {
        "insee": INSEE,
        "numero": "DIA-7",
        "idus": [IDU, f"{AUTRE_INSEE}000AB0001"],
        "date": "2026-02-27",
    }
    for _ in range(2):
        evenements.emettre("urba.dia_recue", charge, insee=INSEE)
    evenements.emettre("urba.dia_recue", {"insee": INSEE, "numero": "DIA-8", "idus": ["x"]}, insee=INSEE)
    livrer()
    v = DeclarationVente.objects.get()
    assert (v.source, v.reference, v.recue_le, v.installation) == ("dia", "DIA-7", date(2026, 2, 27), i)
    assert (v.parcelles, v.etat) == ([IDU], "recue")


def test_ce_qui_sort_ne_porte_aucun_nom():
    """Every event that sanitation emitted here bears numbers, parcels and dates only (spec §14)."""
    from tests.assainissement.fabrique_anc import controle, valide

    i = installation(proprietaire=proprietaire("Unique Nomfictif"))
    valide(controle(i), couvercle_non_securise="oui")
    sortis = list(
        EvenementDomaine.objects.filter(nom__startswith="assainissement.").values_list("charge", flat=True)
    )
    assert [set(c) for c in sortis] == [{"numero", "insee", "nature", "conclusion", "parcelles", "date"}]
    assert "Nomfictif" not in str(sortis)
