"""Works to coordinate: new ones, their events, the occupation that they become."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils import timezone

from domainepublic.emprises import NouvelleEmprise, hors_commune
from domainepublic.models import DemandeTravaux, DossierODP, TypeOccupation
from domainepublic.models.emprises import SRID
from domainepublic.services import NouveauDossier, Par, deposer
from gis_data.dessin.operations import defaut, reparer
from mairie.calendrier import jma
from mairie.models import Evenement, Tiers, Utilisateur, Voie
from mairie.workflow import Refus, appliquer

DEPART = {"programme": "programmer", "demande": "deposer", "urgence": "signaler_urgence"}
REGIMES = {
    "programme": "au programme de l'année",
    "demande": "hors calendrier, demandés",
    "urgence": "urgents, déjà commencés",
}


@dataclass(frozen=True)
class Nouveaux:
    """What an operator declares. ``recue_le``: day of the programme, of the request; urgency: the works'."""

    insee: str
    regime: str
    maitre_ouvrage: Tiers
    nature: str
    geom: GEOSGeometry
    debut: date
    fin: date
    recue_le: date
    voie: Voie | None = None
    largeur: Decimal = Decimal(1)
    annee: int | None = None
    ouvre_sol: bool = True
    intervention_le: datetime | None = None
    dt_numero: str = ""
    dict_numero: str = ""
    client_uuid: UUID | None = None


def fautes(n: Nouveaux, jour: date) -> dict[str, str]:
    """What is wrong, by field, each with what to do."""
    trouvees: dict[str, str] = {}
    if n.fin < n.debut:
        trouvees["fin"] = f"La fin ({jma(n.fin)}) précède le début ({jma(n.debut)})."
    if n.recue_le > jour:
        trouvees["recue_le"] = f"Le {jma(n.recue_le)} est dans l'avenir."
    if n.regime == "programme" and n.annee is None:
        trouvees["annee"] = "Dites l'année du programme."
    if n.regime == "urgence" and n.intervention_le is None:
        trouvees["intervention_le"] = "Dites le jour et l'heure de l'intervention."
    if hors_commune(n.insee, n.geom):
        trouvees["geom"] = "Le tracé est hors de la commune (plus de 50 m après sa limite)."
    return trouvees


def enregistrer(n: Nouveaux, *, par: Par, aujourdhui: date | None = None) -> DemandeTravaux:
    """Row, number and first event in one transaction; ``Refus`` with every fault."""
    jour = aujourdhui or timezone.localdate()
    forme = shapely.from_wkb(bytes(n.geom.wkb))
    geom = n.geom
    if defaut(forme):
        geom = GEOSGeometry(memoryview(shapely.to_wkb(reparer(forme))), srid=SRID)
    if trouvees := fautes(n, jour):
        raise Refus(*trouvees.values())
    if n.client_uuid is not None:
        deja: DemandeTravaux | None = DemandeTravaux.objects.filter(client_uuid=n.client_uuid).first()
        if deja is not None:
            return deja
    with transaction.atomic():
        t: DemandeTravaux = DemandeTravaux.objects.create(
            insee=n.insee,
            maitre_ouvrage=n.maitre_ouvrage,
            nature=n.nature,
            voie=n.voie,
            geom=geom,
            largeur=n.largeur,
            annee=n.annee,
            debut=n.debut,
            fin=n.fin,
            ouvre_sol=n.ouvre_sol,
            dt_numero=n.dt_numero,
            dict_numero=n.dict_numero,
            client_uuid=n.client_uuid,
            cree_par=par if isinstance(par, Utilisateur) else par.utilisateur,
        )
        donnees = {}
        if n.regime == "urgence" and n.intervention_le is not None:
            donnees = {"intervention_le": n.intervention_le.isoformat(timespec="minutes")}
        appliquer(
            t, DEPART[n.regime], par=par, version=0, date_effet=n.recue_le, donnees=donnees, aujourdhui=jour
        )
    return t


def agir(
    t: DemandeTravaux,
    evenement: str,
    *,
    par: Par,
    version: int | None = None,
    date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None,
    cle: UUID | None = None,
    aujourdhui: date | None = None,
) -> Evenement:
    """Apply an event of the circuit; what may begin enters the public calendar."""
    with transaction.atomic():
        fait = appliquer(
            t,
            evenement,
            par=par,
            version=t.version if version is None else version,
            date_effet=date_effet,
            donnees=donnees or {},
            cle=cle,
            aujourdhui=aujourdhui,
        )
        t.refresh_from_db()
        if evenement in ("inscrire", "accorder", "reporter"):
            DemandeTravaux.objects.filter(pk=t.pk).update(publiee=True)
            t.publiee = True
    return fait


def jours_retenus(t: DemandeTravaux) -> tuple[date, date]:
    """Days on the calendar: as asked, moved by a postponement or by a late answer."""
    debut = max(t.debut, t.debut_autorise) if t.debut_autorise else t.debut
    return debut, t.fin + (debut - t.debut)


def devenir_occupation(t: DemandeTravaux, par: Par) -> DossierODP:
    """The file of occupation of these works, pre-filled; the one already there when asked twice."""
    with transaction.atomic():
        verrou: DemandeTravaux = DemandeTravaux.objects.select_for_update(of=("self",)).get(pk=t.pk)
        if verrou.dossier is not None:
            return verrou.dossier
        debut, fin = jours_retenus(verrou)
        forme = max(shapely.get_parts(shapely.from_wkb(bytes(verrou.geom.wkb))), key=lambda g: g.length)
        if forme.geom_type == "Polygon":
            # Networks are drawn as lines: the middle one of the ground.
            forme = shapely.LineString(shapely.get_coordinates(forme.minimum_rotated_rectangle)[:2])
        emprise = NouvelleEmprise(
            TypeOccupation.objects.get(code="RESEAU"),
            GEOSGeometry(memoryview(shapely.to_wkb(forme)), srid=SRID),
            debut,
            fin,
            unite="ml",
            largeur=verrou.largeur or Decimal(1),
            operateur=str(verrou.maitre_ouvrage)[:80],
            confirmee=True,
        )
        dossier = deposer(
            NouveauDossier(
                insee=verrou.insee,
                depose_le=timezone.localdate(),
                demandeur=verrou.maitre_ouvrage,
                beneficiaire="entreprise",
                emprises=[emprise],
                objet=f"{verrou.nature} ({verrou})"[:200],
                voie=verrou.voie,
                faits={"occupant": DossierODP.Occupant.ORDINAIRE},
            ),
            par=par,
        )
        verrou.dossier = dossier
        verrou.save(update_fields=["dossier"])
    t.dossier = dossier
    return dossier
