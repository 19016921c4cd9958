"""Field reports: drawn up once, tied to a file, leading to an infraction and its bill (spec §4, §7.25)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from domainepublic import facturation, releves, tarifs
from domainepublic.emprises import dater, hors_commune
from domainepublic.instruction.etats import TITRES
from domainepublic.models import Constat, DossierODP, Emprise, LigneFacturable, TypeOccupation
from domainepublic.models.emprises import SRID
from domainepublic.numerotation import numero_constat
from mairie import evenements
from mairie.calendrier import jma
from mairie.habilitations import peut
from mairie.models import Piece, Tiers, Utilisateur
from mairie.pieces.service import deposer as deposer_piece
from mairie.workflow import Refus, appliquer

CONSTATER = "domainepublic.constater"
IMAGES = ("jpeg", "png", "webp")
# A device's position is no better than that: a title so near is the one looked at.
PRES_M = 15


@dataclass(frozen=True)
class NouveauConstat:
    """What was seen. ``position``: in the legal projection; ``photos``: files as received."""

    insee: str
    vu_le: datetime
    conclusion: str
    client_uuid: UUID
    position: Any = None
    precision_m: Decimal | None = None
    type: TypeOccupation | None = None
    dossier: DossierODP | None = None
    tiers_presume: str = ""
    quantite: Decimal | None = None
    dessin: GEOSGeometry | None = None
    longueur_m: Decimal | None = None
    largeur_m: Decimal | None = None
    jours_estimes: int | None = None
    lieu: str = ""
    texte: str = ""
    photos: Sequence[Any] = field(default_factory=tuple)


# Beyond it, the telephone knows nothing: the figure is only kept.
PRECISION_MAX_M = Decimal(9999)


def position(lon: Decimal | float, lat: Decimal | float) -> Point:
    """A place in degrees, in the legal projection."""
    p = Point(float(lon), float(lat), srid=4326)
    p.transform(SRID)
    return p


def lire_position(brut: str) -> dict[str, Decimal | None] | None:
    """« longitude latitude precision », as the phone's button writes; null when nothing was taken.

    ``ValidationError`` where it is no place.
    """
    mots = brut.replace(",", ".").split()
    if not mots:
        return None
    try:
        lon, lat, *reste = (Decimal(x) for x in mots)
        if not all(x.is_finite() for x in (lon, lat, *reste)):
            raise ValueError
    except (ArithmeticError, ValueError):
        raise ValidationError("Deux nombres sont attendus : longitude, latitude.") from None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValidationError("Cette position n'est pas sur la Terre.")
    precision = None
    if reste:
        precision = min(max(reste[0], Decimal(0)), PRECISION_MAX_M).quantize(Decimal("0.1"))
    return {"lon": lon, "lat": lat, "precision": precision}


def milieu(dessin: GEOSGeometry) -> dict[str, Any]:
    """A place on a drawing, as the phone's button would say it; its precision is not known."""
    dedans = shapely.point_on_surface(shapely.from_wkb(bytes(dessin.wkb)))
    p = Point(dedans.x, dedans.y, srid=SRID)
    p.transform(4326)
    return {"lon": Decimal(str(p.x)), "lat": Decimal(str(p.y)), "precision": None}


def titres_a(position_: Any, jour: date, insee: str = "") -> QuerySet[Emprise]:
    """Emprises with a title that day within 15 m of a place, the nearest first."""
    from django.contrib.gis.db.models.functions import Distance

    requete = Emprise.objects.filter(
        Q(fin__isnull=True) | Q(fin__gte=jour),
        debut__lte=jour,
        dossier__etat__in=(*TITRES, "a_controler"),
        surface__dwithin=(position_, PRES_M),
    )
    if insee:
        requete = requete.filter(dossier__insee=insee)
    return (
        requete.select_related("type", "dossier")
        .annotate(loin=Distance("surface", position_))
        .order_by("loin", "pk")
    )


def dresser(nouveau: NouveauConstat, *, par: Utilisateur) -> Constat:
    """The report with its photos; the same ``client_uuid`` twice gives the same one.

    ``Refus`` for a place outside the commune or an hour ahead; ``PieceRefusee`` for a bad photo: nothing
    is written then.
    """
    deja = Constat.objects.filter(client_uuid=nouveau.client_uuid).first()
    if deja is not None:
        return deja
    if not peut(par, CONSTATER, nouveau.insee):
        raise Refus("Dresser un constat demande le droit « constater » dans cette commune.")
    if nouveau.vu_le > timezone.now() + timedelta(minutes=10):
        raise Refus("L'heure du constat est dans l'avenir : vérifiez celle de l'appareil.")
    if nouveau.position is not None and hors_commune(nouveau.insee, nouveau.position):
        raise Refus("La position est hors de la commune : reprenez-la, ou ôtez-la et écrivez le lieu.")
    if nouveau.dessin is not None and hors_commune(nouveau.insee, nouveau.dessin):
        raise Refus("Le dessin est hors de la commune : effacez-le, ou recommencez-le.")
    if nouveau.dossier is not None and nouveau.dossier.insee != nouveau.insee:
        raise Refus("Ce dossier est d'une autre commune.")
    with transaction.atomic():
        constat: Constat = Constat.objects.create(
            insee=nouveau.insee,
            numero=numero_constat(nouveau.insee, timezone.localdate(nouveau.vu_le)),
            geom=nouveau.position,
            precision_m=nouveau.precision_m,
            vu_le=nouveau.vu_le,
            agent=par,
            conclusion=nouveau.conclusion,
            type=nouveau.type,
            tiers_presume=nouveau.tiers_presume,
            quantite=nouveau.quantite,
            dessin=nouveau.dessin,
            longueur_m=nouveau.longueur_m,
            largeur_m=nouveau.largeur_m,
            jours_estimes=nouveau.jours_estimes,
            lieu=nouveau.lieu,
            texte=nouveau.texte,
            dossier=nouveau.dossier,
            etat=Constat.Etat.RATTACHE if nouveau.dossier else Constat.Etat.A_TRAITER,
            client_uuid=nouveau.client_uuid,
        )
        for photo in nouveau.photos:
            deposer_piece(
                constat, photo, par=par, code="photo", origine=Piece.Origine.TERRAIN, formats=IMAGES
            )
        _annoncer(constat)
    return constat


def _annoncer(constat: Constat) -> None:
    """For the dashboards of the house: what was seen, where, when; never who."""
    place = constat.geom.transform(4326, clone=True).geojson if constat.geom else None
    charge = {
        "numero": constat.numero,
        "insee": constat.insee,
        "conclusion": constat.conclusion,
        "type": constat.type.code if constat.type else None,
        "le": timezone.localdate(constat.vu_le).isoformat(),
        "position": place,
        "dossier": constat.dossier.numero if constat.dossier else None,
    }
    evenements.emettre("domainepublic.constat_dresse", charge, insee=constat.insee)


def _verrouiller(constat: Constat) -> Constat:
    verrou: Constat = Constat.objects.select_for_update(of=("self",)).get(pk=constat.pk)
    return verrou


def rattacher(constat: Constat, dossier: DossierODP) -> Constat:
    """Tie to a file of the same commune."""
    if dossier.insee != constat.insee:
        raise Refus("Ce dossier est d'une autre commune.")
    with transaction.atomic():
        verrou = _verrouiller(constat)
        if verrou.etat != Constat.Etat.A_TRAITER:
            raise Refus(f"Ce constat est {verrou.get_etat_display()} : il ne change plus.")
        verrou.dossier, verrou.etat = dossier, Constat.Etat.RATTACHE
        verrou.save(update_fields=["dossier", "etat"])
    return verrou


def classer(constat: Constat, motif: str) -> Constat:
    """Nothing follows, and why."""
    if not motif.strip():
        raise Refus("Dites pourquoi ce constat reste sans suite.")
    with transaction.atomic():
        verrou = _verrouiller(constat)
        if verrou.etat != Constat.Etat.A_TRAITER:
            raise Refus(f"Ce constat est {verrou.get_etat_display()} : il ne change plus.")
        verrou.etat, verrou.motif_suite = Constat.Etat.SANS_SUITE, motif.strip()[:300]
        verrou.save(update_fields=["etat", "motif_suite"])
    return verrou


def ouvrir_infraction(
    constat: Constat, occupant: Tiers | None, *, par: Utilisateur, quantite: Decimal | None = None
) -> DossierODP:
    """A numbered file of an occupation without title, from what was seen; asked twice, one file.

    ``quantite``: to bill, in the unit of the tariff; what the report measures when it is not said.
    """
    with transaction.atomic():
        verrou = _verrouiller(constat)
        if verrou.dossier is not None and verrou.conclusion == Constat.Conclusion.SANS_TITRE:
            return verrou.dossier
        if verrou.etat != Constat.Etat.A_TRAITER or verrou.conclusion != Constat.Conclusion.SANS_TITRE:
            raise Refus("Seul un constat « sans titre » encore à traiter ouvre une infraction.")
        if verrou.type is None:
            raise Refus("Dites d'abord quel type d'occupation a été vu.")
        if not Piece.objects.du_dossier(verrou).courantes().filter(code="photo").exists():
            raise Refus("Ce constat n'a pas de photo : une infraction se constate avec une photo.")
        if verrou.geom is None:
            raise Refus("Ce constat n'a pas de position : l'infraction doit être située.")
        jour = timezone.localdate(verrou.vu_le)
        fin = jour + timedelta(days=verrou.jours_estimes - 1) if verrou.jours_estimes else None
        dossier: DossierODP = DossierODP.objects.create(
            insee=verrou.insee,
            canal=DossierODP.Canal.TERRAIN,
            demandeur=occupant,
            beneficiaire="particulier" if occupant and occupant.nature == "personne" else "entreprise",
            objet=f"Occupation sans titre constatée ({verrou})",
            adresse=verrou.lieu,
            cree_par=par,
        )
        proposee = releves.proposer(verrou)
        assert proposee is not None  # noqa: S101 - the type is known
        emprise = releves.sol(verrou)
        emprise.dossier = dossier
        emprise.type = TypeOccupation.objects.get(code="SANS")
        emprise.unite = proposee.unite
        emprise.quantite_saisie = quantite or proposee.valeur
        emprise.quantite_source = Emprise.Source.SAISIE
        emprise.fin = fin
        emprise.repere = f"vu : {verrou.type.libelle}"[:120]
        emprise.save()
        dater(dossier)
        donnees: dict[str, Any] = {
            "type_presume": verrou.type.code,
            "debut": jour.isoformat(),
            "constat": verrou.numero,
        }
        if fin:
            donnees["fin"] = fin.isoformat()
        appliquer(dossier, "ouvrir_constat", par=par, version=0, date_effet=jour, donnees=donnees)
        verrou.dossier, verrou.etat = dossier, Constat.Etat.RATTACHE
        verrou.save(update_fields=["dossier", "etat"])
    dossier.refresh_from_db()
    return dossier


def prix_sans_titre(dossier: DossierODP, jusqu_au: date) -> tarifs.Prevision | None:
    """What is due for an occupation without title until a day: tariff of the presumed type, majorated."""
    constat = dossier.constats.filter(conclusion=Constat.Conclusion.SANS_TITRE).first()
    emprise = dossier.emprises.select_related("type").first()
    if constat is None or constat.type is None or emprise is None or not tarifs.facture(dossier.insee):
        return None
    plus: Mapping[str, Any] = {"type": constat.type.code, "sans_titre": True}
    return tarifs.simuler(dossier, emprise, emprise.debut, max(jusqu_au, emprise.debut), **plus)


def facturer_sans_titre(dossier: DossierODP, jusqu_au: date) -> LigneFacturable:
    """Freeze that bill, once."""
    if dossier.demandeur_id is None:
        raise Refus("Dites d'abord qui occupait la place : la facture a un destinataire.")
    if jusqu_au > timezone.localdate():
        raise Refus(f"Le {jma(jusqu_au)} n'est pas passé : facturez jusqu'au dernier jour constaté.")
    p = prix_sans_titre(dossier, jusqu_au)
    if p is None:
        raise Refus("Ce dossier ne vient pas d'un constat sans titre, ou la commune n'a pas de tarif.")
    if p.resultat is None:
        raise Refus(f"Redevance : {p.erreur}")
    return facturation.figer_prevision(p)
