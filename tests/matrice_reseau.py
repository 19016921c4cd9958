"""Examples of the addresses of the sewer network."""

from __future__ import annotations

from tests.matrice import exemple


def _origine() -> tuple[float, float]:
    from tests.plan_factice import X0, Y0

    return X0, Y0


def _ouvrage():
    from django.contrib.gis.geos import Point

    from assainissement.models import Ouvrage
    from tests.personnes import INSEE, commune

    commune()
    x, y = _origine()
    return {
        "pk": Ouvrage.objects.get_or_create(
            insee=INSEE, identifiant="R1", defaults={"type_reseau": "02", "geom": Point(x, y, 0, srid=2154)}
        )[0].pk
    }


def _canalisation():
    from django.contrib.gis.geos import LineString

    from assainissement.models import Troncon
    from assainissement.reseau.topologie import construire
    from tests.personnes import INSEE, commune

    commune()
    x, y = _origine()
    forme = LineString((x + 40, y + 15, 100.0), (x + 60, y + 25, 99.0), srid=2154)
    t, nouveau = Troncon.objects.get_or_create(
        insee=INSEE, identifiant="C1", defaults={"type_reseau": "02", "geom": forme}
    )
    if nouveau:
        construire(INSEE)
    return {"pk": t.pk}


def _appareillage():
    from django.contrib.gis.geos import Point

    from assainissement.models import Appareillage
    from tests.personnes import INSEE, commune

    commune()
    x, y = _origine()
    return {
        "pk": Appareillage.objects.get_or_create(
            insee=INSEE, identifiant="A1",
            defaults={"type_reseau": "02", "geom": Point(x + 50, y + 20, 0, srid=2154)},
        )[0].pk
    }  # fmt: skip


def _reparation():
    from django.contrib.gis.geos import Point

    from assainissement.models import Reparation
    from tests.personnes import INSEE, commune

    commune()
    x, y = _origine()
    return {
        "pk": Reparation.objects.get_or_create(
            insee=INSEE, identifiant="P1", defaults={"geom": Point(x + 50, y + 20, 0, srid=2154)}
        )[0].pk
    }


def _intervention():
    from datetime import date

    from django.contrib.gis.geos import Point

    from assainissement.models import Intervention
    from tests.personnes import INSEE

    troncon = _canalisation()["pk"]
    x, y = _origine()
    return {
        "pk": Intervention.objects.get_or_create(
            insee=INSEE, troncon_id=troncon, nature="curage", date=date(2025, 5, 2),
            defaults={"geom": Point(x + 50, y + 20, srid=2154)},
        )[0].pk
    }  # fmt: skip


def _import():
    from assainissement.models import ImportRaepa
    from tests.personnes import INSEE, commune

    commune()
    recu, _ = ImportRaepa.objects.get_or_create(insee=INSEE, nom_fichier="raepa.gpkg", sha256="0" * 64)
    return {"pk": recu.pk}


def ouvert():
    """The network shown to all, as the rules of the commune say."""
    from datetime import date

    from assainissement.models import ReglementService
    from tests.personnes import INSEE

    ReglementService.objects.update_or_create(
        insee=INSEE, date_effet=date(2020, 1, 1), defaults={"reseau_public": True}
    )


FAIRE = {
    "canalisations": _canalisation,
    "ouvrages": _ouvrage,
    "appareillages": _appareillage,
    "reparations": _reparation,
    "interventions": _intervention,
}
for nom in ("canalisations", "ouvrages", "appareillages", "reparations"):
    exemple(f"assainissement_{nom}_fiche", creer=FAIRE[nom])
exemple("ass_suivre", parametres={"genre": "canalisations", "sens": "aval"}, creer=_canalisation)
exemple("ass_profil", creer=_canalisation)
exemple("ass_intervention_noter", parametres={"genre": "canalisations"}, creer=_canalisation)
exemple("ass_intervention", creer=_intervention)
exemple("ass_raepa_exporter", parametres={"insee": "25999", "format_": "gpkg"}, attendu=(200, 404))
exemple("ass_raepa_import", creer=_import)
# Nothing is refused in the example: there is no file of rejects.
exemple("ass_raepa_rejets", creer=_import, attendu=(404,))
exemple("ass_reseau_autour", requete="?emprise=6.35,47.1,6.36,47.2")
