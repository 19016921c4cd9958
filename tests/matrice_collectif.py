"""Examples of the addresses of connections, of the yearly report, of upkeep and of imports."""

from tests.matrice import exemple


def _derogation():
    from datetime import date

    from assainissement.models import Branchement, DerogationRaccordement

    pk = _branchement()["pk"]
    d, _ = DerogationRaccordement.objects.get_or_create(
        branchement=Branchement.objects.get(pk=pk), motif="Pente", acte="Arrêté 1", du=date(2026, 1, 1),
        au=date(2026, 12, 31),
    )  # fmt: skip
    return {"pk": pk, "derogation": d.pk}


def _branchement():
    from assainissement.models import Branchement
    from tests.assainissement.fabrique_ac import branchement

    return {"pk": (Branchement.objects.first() or branchement()).pk}


def _controle():
    from assainissement.models import ControleAC
    from tests.assainissement.fabrique_ac import controle_ac
    from tests.matrice_terrain import confier

    c = ControleAC.objects.first() or controle_ac()
    confier(c)
    return {"pk": c.pk}


def _installation():
    from assainissement.models import Installation
    from tests.assainissement.fabrique_anc import installation

    return {"pk": (Installation.objects.first() or installation()).pk}


def _entretien():
    from datetime import date

    from assainissement.models import Entretien
    from tests.personnes import INSEE

    pk = _installation()["pk"]
    cles = {"insee": INSEE, "installation_id": pk, "date": date(2026, 1, 5), "volume_m3": 3}
    return {"pk": pk, "entretien": Entretien.objects.get_or_create(**cles)[0].pk}


def _vidangeur():
    from datetime import date

    from assainissement.models import Vidangeur
    from tests.personnes import INSEE, commune

    commune()
    champs = {"nom": "Vidanges fictives", "valide_au": date(2030, 1, 1)}
    return {"pk": Vidangeur.objects.get_or_create(insee=INSEE, agrement="25-001", defaults=champs)[0].pk}


def _import_zonage():
    from datetime import date

    from assainissement.models import ImportZonage
    from tests.personnes import INSEE, commune

    commune()
    refus = {
        "rang": 1, "type": "", "attributs": {}, "surface_m2": 1,
        "wkt": "MULTIPOLYGON (((0 0, 0 1, 1 1, 0 0)))", "fautes": ["Type de zone inconnu."],
    }  # fmt: skip
    ligne = ImportZonage.objects.first() or ImportZonage.objects.create(
        insee=INSEE, nom_fichier="z.geojson", acte="Délibération", du=date(2026, 1, 1), objets=[refus]
    )
    return {"pk": ligne.pk}


exemple("ass_entretien", creer=_installation)
exemple("ass_entretien_corriger", creer=_entretien)
for nom in ("assainissement_vidangeurs_fiche", "assainissement_vidangeurs_modifier"):
    exemple(nom, creer=_vidangeur)


def _zone():
    from tests.assainissement.fabrique_anc import zone
    from tests.personnes import commune

    commune()
    return {"pk": zone("AC").pk}


exemple("ass_zone", parametres={"genre": "zonage"}, creer=_zone)
for nom in ("ass_zonage_rapport", "ass_zonage_rejets"):
    exemple(nom, creer=_import_zonage)
# No import is waiting: the page of one says so.
exemple("assainissement_reprises_import", parametres={"pk": 1}, attendu=(404,))
exemple("assainissement_reprises_rejets", parametres={"pk": 1}, attendu=(404,))
for nom in (
    "ass_branchement",
    "ass_branchement_modifier",
    "ass_branchement_raccorder",
    "ass_branchement_deroger",
    "ass_branchement_corriger_date",
):
    exemple(nom, creer=_branchement)
exemple("ass_derogation_corriger", creer=_derogation)
for nom in (
    "ass_controle_ac",
    "ass_controle_ac_affecter",
    "ass_controle_ac_corriger",
    "ass_controle_ac_points",
    "ass_controle_ac_contre_visite",
    "ass_controle_ac_annuler",
):
    exemple(nom, creer=_controle)
exemple("ass_controle_ac_evenement", parametres={"code": "annuler"}, creer=_controle)
