"""Works allowed on private ground that may need the street: proposed to an agent, pre-filled (spec §12)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.utils import timezone

from cadastre.models import Parcelle
from domainepublic import perms
from domainepublic.models import DossierODP, Proposition, TypeOccupation
from domainepublic.models.emprises import SRID
from mairie import renvois
from mairie.habilitations import peut
from mairie.models import Adresse, Utilisateur

Etat = Proposition.Etat
# What works take of the street: length kept (m, null: the whole front), depth (m), usual days.
TYPES: dict[str, tuple[float | None, float, int]] = {
    "ECHAF": (None, 1.2, 30),
    "PALIS": (None, 2.0, 30),
    "BENNE": (6.0, 2.5, 7),
}
# Two parcels of the plan that stand nearer than this touch: no street between them.
JOINT_M = 0.5
FRONT_MIN_M = 2.0


def proposer(insee: str, autorisation: str, origine: str, le: date, idus: list[str]) -> Proposition:
    """One a permit. A site that opens is proposed again, unless its occupation is already prepared."""
    proposition, nouvelle = Proposition.objects.get_or_create(
        insee=insee, autorisation=autorisation, defaults={"origine": origine, "le": le, "idus": idus}
    )
    connue = proposition.origine == origine and proposition.le == le
    if nouvelle or proposition.etat == Etat.REPRISE or connue:
        return proposition
    if origine == Proposition.Origine.DECISION and proposition.origine == Proposition.Origine.OUVERTURE:
        return proposition
    proposition.origine, proposition.le, proposition.idus = origine, le, idus or proposition.idus
    proposition.etat, proposition.traitee_le, proposition.traitee_par = Etat.OUVERTE, None, None
    proposition.save()
    return proposition


def _clore(propositions: Any, etat: str, par: Utilisateur | None, dossier: DossierODP | None = None) -> int:
    return int(
        propositions.filter(etat=Etat.OUVERTE).update(
            etat=etat, traitee_le=timezone.now(), traitee_par=par, dossier=dossier
        )
    )


def ecarter(propositions: Any, par: Utilisateur | None) -> int:
    """They need nothing of the street (or their permit is no more); how many were open."""
    return _clore(propositions, Etat.ECARTEE, par)


def reprendre(dossier: DossierODP, par: Utilisateur) -> int:
    """The file just made answers what was proposed for its permit."""
    if not dossier.autorisation:
        return 0
    siennes = Proposition.objects.filter(insee=dossier.insee, autorisation=dossier.autorisation)
    return _clore(siennes, Etat.REPRISE, par, dossier)


def preremplir(permis: str, code: str, utilisateur: Any) -> dict[str, Any] | None:
    """First values of a deposit for the works of a permit; null when nobody of this person's knows it."""
    renvoi = renvois.trouver("urba", permis, utilisateur)
    numero = renvoi.numero if renvoi else permis
    proposition = Proposition.objects.visibles_par(utilisateur).filter(autorisation=numero).first()
    if renvoi is None and proposition is None:
        return None
    idus = list(renvoi.idus if renvoi else ()) or (proposition.idus if proposition else [])
    insee = proposition.insee if proposition else (idus[0][:5] if idus else "")
    if not peut(utilisateur, perms.INSTRUIRE, insee):
        return None
    type_ = TypeOccupation.objects.filter(code=code if code in TYPES else "ECHAF", actif=True).first()
    debut = max(_ouverture(proposition, renvoi) or timezone.localdate(), timezone.localdate())
    valeurs: dict[str, Any] = {
        "insee": insee, "autorisation": numero, "debut": debut, "canal": DossierODP.Canal.GUICHET,
        "objet": f"Chantier de l'autorisation {renvoi.libelle if renvoi else numero}",
    }  # fmt: skip
    if type_ is not None:
        valeurs |= {"type": type_.pk, "fin": debut + timedelta(days=TYPES[type_.code][2] - 1)}
        valeurs["geom"] = devant(idus, type_.code)
    if renvoi is not None:
        tiers = renvoi.titulaire
        valeurs |= {"demandeur": tiers, "executant": renvoi.executant}
        if tiers is not None:
            valeurs["beneficiaire"] = "particulier" if tiers.nature == "personne" else "entreprise"
    ici = Adresse.objects.filter(parcelles__overlap=idus, insee=insee, active=True).select_related("voie")
    if (adresse := ici.order_by("numero", "suffixe", "pk").first()) is not None:
        valeurs |= {"voie": adresse.voie, "adresse": str(adresse)[:200]}
    return valeurs


def _ouverture(proposition: Proposition | None, renvoi: Any) -> date | None:
    if renvoi is not None and renvoi.debut:
        return renvoi.debut
    if proposition is not None and proposition.origine == Proposition.Origine.OUVERTURE:
        return proposition.le
    return None


def devant(idus: list[str], code: str) -> GEOSGeometry | None:
    """The strip of street in front of parcels: along the longest side that no other parcel touches.

    A first drawing, to be corrected on the map; null where the plan shows none.
    """
    plan = Parcelle.objects.filter(valide_au__isnull=True, geom__isnull=False)
    siennes = [shapely.from_wkb(bytes(p.geom.wkb)) for p in plan.filter(idu__in=idus) if p.geom]
    if not siennes:
        return None
    terrain = shapely.union_all(siennes)
    autour = GEOSGeometry(memoryview(shapely.to_wkb(terrain)), srid=SRID)
    longueur, profondeur, _ = TYPES[code]
    proches = plan.filter(geom__dwithin=(autour, JOINT_M + profondeur)).exclude(idu__in=idus)
    autres = shapely.union_all([shapely.from_wkb(bytes(p.geom.wkb)) for p in proches if p.geom])
    libre = shapely.difference(shapely.boundary(terrain), shapely.buffer(autres, JOINT_M))
    fronts = [x for x in shapely.get_parts(shapely.line_merge(libre)) if x.length >= FRONT_MIN_M]
    if not fronts:
        return None
    front = max(_cotes(fronts), key=lambda x: x.length)
    if longueur is not None and front.length > longueur:
        milieu = front.length / 2
        bouts = [front.interpolate(milieu + signe * longueur / 2) for signe in (-1, 1)]
        front = shapely.linestrings([(p.x, p.y) for p in bouts])
    bande = shapely.buffer(front, profondeur, cap_style="flat", join_style="mitre")
    rue = shapely.difference(bande, shapely.union(terrain, autres))
    formes = [x for x in shapely.get_parts(rue) if x.geom_type == "Polygon"]
    if not formes:
        return None
    return GEOSGeometry(memoryview(shapely.to_wkb(max(formes, key=lambda x: x.area))), srid=SRID)


def _cotes(fronts: list[Any]) -> list[Any]:
    """Their straight sides: an edge that turns a corner would take two streets."""
    cotes = []
    for front in fronts:
        points = shapely.get_coordinates(shapely.simplify(front, 0.3))
        cotes += [shapely.linestrings(points[i : i + 2]) for i in range(len(points) - 1)]
    return cotes
