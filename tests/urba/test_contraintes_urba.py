"""What the land proposes: the table row by row, the form that confirms or sets aside, the page."""

from __future__ import annotations

from datetime import date

import pytest

from gis_data.models import DocumentUrbanisme, SupAssiette
from mairie.models import Evenement
from tests.personnes import INSEE
from tests.plan_factice import rectangle
from tests.urba.fabrique_urba import agir, dossier
from tests.urba.test_ecrans_urba import aller, client_de, saisir, texte  # noqa: F401
from urba import qualification
from urba.regles.contraintes import CORRESPONDANCES, Genre, Rencontre, proposer
from urba.regles.types import Nature, TypeDelai

DEPOT = date(2026, 3, 2)
PC, PD, DP, CUA = TypeDelai.PC, TypeDelai.PD, TypeDelai.DP, TypeDelai.CUA


def codes(categorie: str, libelle: str = "", type_: TypeDelai = PC, nature: Nature = Nature.INITIAL):
    return [c.cle for c in proposer([Rencontre("x", categorie, libelle, 40.0)], type_, nature, DEPOT)]


@pytest.mark.parametrize(
    ("categorie", "libelle", "type_", "attendus"),
    [
        ("AC1", "Église", PC, ["majoration-ABF_ABORDS_SPR", "recolement-recolement_obligatoire"]),
        ("AC4", "Centre ancien", DP, ["majoration-ABF_ABORDS_SPR", "recolement-recolement_obligatoire"]),
        ("AC4bis", "Centre ancien", PC, ["majoration-ABF_ABORDS_SPR", "recolement-recolement_obligatoire"]),
        (
            "AC2",
            "Site classé du lac",
            PC,
            ["majoration-SITE_CLASSE", "drapeau-SITE_CLASSE", "recolement-recolement_obligatoire"],
        ),
        (
            "AC2",
            "Site inscrit du lac",
            PD,
            ["drapeau-DEMOLITION_SITE_INSCRIT", "recolement-recolement_obligatoire"],
        ),
        ("AC2", "Site inscrit du lac", PC, ["recolement-recolement_obligatoire"]),
        (
            "AC3",
            "Réserve",
            PC,
            ["majoration-RESERVE_NAT", "drapeau-RESERVE_NAT", "recolement-recolement_obligatoire"],
        ),
        (
            "EL10",
            "Parc",
            PC,
            ["majoration-COEUR_PARC", "drapeau-COEUR_PARC", "recolement-recolement_obligatoire"],
        ),
        ("AR3", "Magasin à poudre", PC, ["drapeau-DEFENSE"]),
        ("AR6", "Champ de tir", PC, ["drapeau-DEFENSE"]),
        ("zone:A", "Zone A", PC, ["majoration-CDPENAF"]),
        ("zone:N", "Zone N", DP, ["majoration-CDPENAF"]),
        ("zone:U", "Zone UA", PC, []),
        ("PM1", "Inondation", PC, ["recolement-recolement_obligatoire"]),
        ("PM3", "Usine", DP, ["recolement-recolement_obligatoire"]),
        ("I4", "Ligne électrique", PC, []),
        # A certificate is never lengthened, nor its works inspected.
        ("AC1", "Église", CUA, []),
    ],
)
def test_une_ligne_de_la_table(categorie, libelle, type_, attendus):
    assert codes(categorie, libelle, type_) == attendus


def test_chaque_categorie_de_la_table_est_eprouvee():
    """A row added without its test is seen."""
    assert {c for ligne in CORRESPONDANCES for c in ligne.categories} == {
        "AC1", "AC2", "AC3", "AC4", "AC4BIS", "AR3", "AR6", "EL10", "PM1", "PM3", "zone:A", "zone:N",
    }  # fmt: skip


def test_une_regle_a_confirmer_est_montree_eteinte():
    (site, *_) = proposer([Rencontre("x", "AC2", "Site classé")], PC, Nature.INITIAL, DEPOT)
    assert (site.genre, site.active) == (Genre.MAJORATION, False)


def test_la_prorogation_et_le_transfert_n_ont_pas_de_majoration():
    for nature in (Nature.TRANSFERT, Nature.PROROGATION):
        assert codes("AC1", "Église", PC, nature) == ["recolement-recolement_obligatoire"]


def test_les_sources_disent_l_objet_et_la_part():
    (abf, _) = proposer(
        [Rencontre("sup_ac1", "AC1", "Église", 40.0), Rencontre("sup_ac1", "AC1", "Château", 3.2)],
        PC,
        Nature.INITIAL,
        DEPOT,
    )
    assert abf.sources == (
        "Église (abords d'un monument historique, 40 % du terrain)",
        "Château (abords d'un monument historique, 3 % du terrain)",
    )
    assert (abf.article, abf.effet) == ("R.423-24 c", "+ 1 mois")


# --- on a dossier -------------------------------------------------------------------------------


@pytest.fixture
def abords(aller):  # noqa: F811
    """The surround of a church over AB 1."""
    document = DocumentUrbanisme.objects.create(
        famille="sup",
        type_document="SUP",
        identifiant="259990002_AC1",
        categorie="AC1",
        territoire=INSEE,
        communes=[INSEE],
        valide_du=date(2023, 3, 1),
        couches={"AC1_ASSIETTE_SUP_S": 1},
        source="ac1.zip",
        empreinte="0" * 64,
        srid_source=2154,
    )
    forme = rectangle(-50, -50, 400, 400)
    SupAssiette.objects.create(
        document=document,
        couche_source="AC1_ASSIETTE_SUP_S",
        numero=1,
        libelle="Église <fictive>",
        categorie="AC1",
        type_assiette="Périmètre des abords",
        geom=forme,
        geom_3857=forme.transform(3857, clone=True),
    )
    return aller


@pytest.mark.django_db
def test_la_page_du_dossier_montre_les_contraintes_et_l_etat_des_couches(abords):
    d = dossier("PC")
    page = texte(client_de("lecture").get(f"/urba/dossiers/{d.pk}/"))
    assert "Abords ou site patrimonial remarquable + 1 mois · R.423-24 c" in page
    assert "Église <fictive> (abords d'un monument historique, 100 % du terrain)" in page
    assert "Couche non chargée" in page
    assert "plan de prévention des risques naturels ou miniers" in page.lower()


@pytest.mark.django_db
def test_qualifier_retient_ce_que_la_carte_propose(abords):
    d = dossier("PC")
    client = client_de("instructeur")
    page = client.get(f"/urba/dossiers/{d.pk}/evenements/qualification/")
    assert "Église &lt;fictive&gt;" in page.content.decode()
    assert 'value="ABF_ABORDS_SPR" id="id_majorations_2" checked' in page.content.decode().replace(
        'aria-describedby="id_majorations_helptext" ', ""
    )
    reponse = saisir(
        client,
        d,
        "qualification",
        "2026-03-02",
        type_detail="PC",
        majorations=["ABF_ABORDS_SPR"],
        recolement_obligatoire="on",
    )
    assert reponse.status_code == 302
    evenement = Evenement.objects.get(type="qualification")
    controle = evenement.donnees["controle"]
    assert [(c["cle"], c["retenue"]) for c in controle["candidats"]] == [
        ("majoration-ABF_ABORDS_SPR", True),
        ("recolement-recolement_obligatoire", True),
    ]
    etats = {c["nom"]: c["etat"] for c in controle["couches"]}
    assert (etats["sup_ac1"], etats["sup_pm1"], etats["plu_zones"]) == (
        "trouve",
        "non_chargee",
        "non_chargee",
    )


@pytest.mark.django_db
def test_ecarter_demande_un_motif_garde_au_journal(abords):
    d = dossier("PC")
    client = client_de("instructeur")
    champs = {"type_detail": "PC", "recolement_obligatoire": "on"}
    refus = saisir(client, d, "qualification", "2026-03-02", **champs)
    assert refus.status_code in (200, 422)
    assert "retenez-le, ou dites pourquoi l'écarter" in texte(refus)
    d.refresh_from_db()
    assert d.etat == "a_qualifier"
    motif = "Pas de covisibilité ni de périmètre délimité"
    reponse = saisir(
        client, d, "qualification", "2026-03-02", **champs, **{"motif-majoration-ABF_ABORDS_SPR": motif}
    )
    assert reponse.status_code == 302
    page = texte(client.get(f"/urba/dossiers/{d.pk}/"))
    assert f"Abords ou site patrimonial remarquable : écarté, {motif}" in page


@pytest.mark.django_db
def test_le_circuit_refuse_une_proposition_ecartee_sans_motif(abords):
    from mairie.workflow import Refus

    d = dossier("PC")
    muet = {"candidats": [{"cle": "majoration-ABF_ABORDS_SPR", "libelle": "Abords", "retenue": False}]}
    with pytest.raises(Refus, match="pourquoi vous écartez"):
        agir(d, "qualification", "instructeur", donnees={"type_detail": "PC", "controle": muet})


@pytest.mark.django_db
def test_un_dossier_sans_emprise_le_dit(aller):  # noqa: F811
    d = dossier("PC", references="ZZ 9999")
    assert qualification.controler(d, None, DEPOT).resultat is None
    assert "n'a pas d'emprise connue" in texte(client_de("lecture").get(f"/urba/dossiers/{d.pk}/"))
