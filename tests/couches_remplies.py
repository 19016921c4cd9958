"""Rows of the layers that the tiny plan does not fill: one maker a layer, near (50, 20) of that plan."""

from __future__ import annotations

from collections.abc import Callable

REMPLIR: dict[str, Callable[[], object]] = {}


def remplit(*noms: str) -> Callable[[Callable[[], object]], Callable[[], object]]:
    """Declare the maker of some layers' rows."""

    def inscrire(faire: Callable[[], object]) -> Callable[[], object]:
        REMPLIR.update(dict.fromkeys(noms, faire))
        return faire

    return inscrire


@remplit("urba_dossiers")
def un_permis() -> object:
    """A permit deposited on two parcels of the tiny plan."""
    from tests.urba.fabrique_urba import dossier

    return dossier(references="AB 1, AB 2, AB 3")


@remplit("plu_zones", "plu_prescriptions", "plu_informations")
def un_plan_d_urbanisme() -> object:
    """A zone, a prescription and an information over the parcels."""
    from gis_data.models import PluInformation, PluPrescription, PluZone
    from tests.matrice_contraintes import creer_document
    from tests.plan_factice import rectangle

    document = creer_document()
    forme = rectangle(0, 0, 120, 60)
    communs = {
        "document": document,
        "couche_source": "ESSAI",
        "numero": 1,
        "geom": forme,
        "geom_3857": forme.transform(3857, clone=True),
    }
    PluZone.objects.create(libelle="UB", typezone="U", **communs)
    PluPrescription.objects.create(libelle="Boisement", type_code="01", **communs)
    return PluInformation.objects.create(libelle="Préemption", type_code="04", **communs)


@remplit("sup_assiettes")
def une_servitude() -> object:
    """The surround of a monument."""
    from gis_data.models import SupAssiette
    from tests.matrice_contraintes import creer_document
    from tests.plan_factice import rectangle

    forme = rectangle(0, 0, 120, 60)
    return SupAssiette.objects.create(
        document=creer_document(),
        couche_source="ESSAI",
        numero=1,
        categorie="AC1",
        libelle="Abords",
        geom=forme,
        geom_3857=forme.transform(3857, clone=True),
    )


@remplit("urba_instruction")
def un_dossier_ouvert() -> object:
    """The same permit, being instructed."""
    return un_permis()


@remplit("urba_lots")
def un_lot() -> object:
    """A lot of the same permit."""
    from tests.plan_factice import rectangle
    from urba.models import DossierInstruction, Lot

    un_permis()
    d = DossierInstruction.objects.order_by("-pk")[0]
    return Lot.objects.create(dossier=d, numero="1", surface=300, emprise=rectangle(0, 0, 20, 15))


@remplit("odp_emprises")
def une_occupation_demandee() -> object:
    """A file of the public domain, deposited."""
    from tests.domainepublic.fabrique_odp import dossier

    return dossier()


@remplit("ass_installations")
def une_installation() -> object:
    """A house and its septic tank."""
    from tests.assainissement.fabrique_anc import installation

    return installation()


@remplit("ass_branchements")
def un_branchement() -> object:
    """A house to connect."""
    from tests.assainissement.fabrique_ac import branchement

    return branchement()


@remplit("ass_zonage")
def une_zone_collective() -> object:
    """The zone that a sewer serves, over the tiny plan."""
    from tests.assainissement.fabrique_anc import zone

    return zone()


@remplit("ass_zones_enjeu", "ass_zones_enjeu_agents")
def une_zone_a_enjeu() -> object:
    """A zone round a bathing place."""
    from tests.assainissement.fabrique_anc import zone_enjeu

    return zone_enjeu()


@remplit(
    "ass_troncons", "ass_ouvrages", "ass_appareillages", "ass_reseau_troncons", "ass_reseau_ouvrages",
    "ass_reseau_appareillages", "ass_reparations", "ass_interventions",
)  # fmt: skip
def un_reseau() -> object:
    """A pipe, a manhole, a valve, a repair, an intervention, open to all."""
    from tests.matrice_reseau import FAIRE, ouvert

    ouvert()
    return [faire() for faire in FAIRE.values()]


@remplit("odp_calendrier_travaux")
def des_travaux_publies() -> object:
    """Works of a programme put on the public calendar."""
    from domainepublic.coordination.service import agir
    from tests.domainepublic.fabrique_odp import acteur
    from tests.domainepublic.test_coordination_odp import travaux

    return agir(travaux("programme"), "inscrire", par=acteur("coordination"))


@remplit("odp_zones_tarifaires")
def une_zone_tarifaire() -> object:
    """A zone of a grid in force."""
    from domainepublic.models import GrilleTarifaire, ZoneTarifaire
    from tests.personnes import INSEE
    from tests.plan_factice import rectangle

    g = GrilleTarifaire.objects.create(
        insee=INSEE, libelle="Tarifs", deliberation="1", deliberation_le="2020-01-01", du="2020-01-01"
    )
    return ZoneTarifaire.objects.create(grille=g, code="1", geom=rectangle(0, 0, 120, 60))


@remplit("odp_conflits")
def un_conflit() -> object:
    """A conflict on the ground of a request."""
    from domainepublic.models import Conflit

    d = une_occupation_demandee()
    e = d.emprises.get()  # type: ignore[attr-defined]
    return Conflit.objects.create(
        dossier=d, emprise=e, niveau="alerte", motif="proximite_pei", libelle="Point d'eau"
    )


@remplit("odp_constats", "odp_revetements", "odp_gestion_voirie", "odp_pei", "odp_lignes_bus")
def la_rue() -> object:
    """What the street holds: surface, manager, hydrant, bus line, and a report."""
    from datetime import UTC, datetime
    from uuid import uuid4

    from django.contrib.gis.geos import LineString, MultiLineString

    from domainepublic.models import Constat, GestionVoirie, LigneBus, PointEau, RevetementVoie
    from tests.domainepublic.fabrique_odp import acteur
    from tests.personnes import INSEE
    from tests.plan_factice import X0, Y0, point, rectangle

    sol = rectangle(0, 0, 120, 60)
    RevetementVoie.objects.create(insee=INSEE, geom=sol, pose_le="2026-01-05", nature="enrobé")
    GestionVoirie.objects.create(insee=INSEE, reference="RD 1", geom=sol, domaine="route_departementale")
    PointEau.objects.create(insee=INSEE, numero="12", geom=point(50, 20))
    trait = LineString((X0 + 5, Y0 + 20), (X0 + 90, Y0 + 20), srid=2154)
    LigneBus.objects.create(insee=INSEE, code="3", geom=MultiLineString(trait, srid=2154))
    return Constat.objects.create(
        insee=INSEE, numero="CST-25999-2026-00001", geom=point(50, 20), client_uuid=uuid4(),
        vu_le=datetime(2026, 3, 2, 10, tzinfo=UTC), agent=acteur("assermente"), conclusion="sans_titre",
    )  # fmt: skip


# Who may read an internal layer: a role of its trade.
LECTEURS: dict[str, str] = {
    "urba_instruction": "urba.instructeur",
    "urba_lots": "urba.instructeur",
    "odp_emprises": "domainepublic.instructeur",
    "odp_conflits": "domainepublic.instructeur",
    "odp_constats": "domainepublic.assermente",
    "odp_revetements": "domainepublic.instructeur",
    "odp_gestion_voirie": "domainepublic.instructeur",
    "odp_pei": "domainepublic.instructeur",
    "odp_lignes_bus": "domainepublic.instructeur",
    "ass_installations": "assainissement.technicien",
    "ass_branchements": "assainissement.technicien",
    "ass_reseau_troncons": "assainissement.technicien",
    "ass_reseau_ouvrages": "assainissement.technicien",
    "ass_reseau_appareillages": "assainissement.technicien",
    "ass_reparations": "assainissement.technicien",
    "ass_interventions": "assainissement.technicien",
}


def couches_declarees() -> tuple[str, str]:
    """Names of two declared layers of mixed shapes, one public, one internal, put in the registry."""
    from django.contrib.gis.geos import LineString
    from django.utils import timezone

    from gis_data.contraintes.declarees import registre
    from gis_data.models import CoucheDeclaree, ObjetDeclare
    from tests.plan_factice import X0, Y0, point, rectangle

    noms = []
    for nom, publique in (("risques_publique", True), ("risques_interne", False)):
        declaree = CoucheDeclaree.objects.create(
            nom=nom,
            libelle=f"Risque {nom}",
            forme="mixte",
            champs=[{"champ": "Niveau d'aléa", "libelle": "Aléa", "genre": "texte"}],
            publique=publique,
            source="Essai",
            zoom_min=12,
            chargee_le=timezone.now(),
            style={"couleur": "#b4611a", "motif": "lignes"},
        )
        ligne = LineString((X0 + 5, Y0 + 20), (X0 + 90, Y0 + 20), srid=2154)
        for forme in (rectangle(0, 0, 120, 60), ligne, point(50, 20)):
            ObjetDeclare.objects.create(
                couche=declaree,
                titre="Zone rouge",
                attributs={"Niveau d'aléa": "fort"},
                geom=forme,
                geom_3857=forme.transform(3857, clone=True),
            )
        noms.append(nom)
    registre.oublier()
    registre.rafraichir()
    return noms[0], noms[1]
