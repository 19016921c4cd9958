"""Emprises of a file: added, changed, removed while it is not signed; checked against the commune."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from cadastre.models import Commune
from domainepublic import riverains, types_locaux
from domainepublic.instruction.etats import MODIFIABLES
from domainepublic.models import DossierODP, Emprise, TypeOccupation
from domainepublic.models.emprises import surface_de
from domainepublic.regles.trace import LONGUEUR_MIN_M
from gis_data.dessin.lecture import DessinRefuse
from gis_data.dessin.operations import AIRE_MIN_M2, defaut, reparer
from mairie import journal
from mairie.calendrier import jma, plus_mois
from mairie.montants import arrondi, texte_francais
from mairie.workflow import Refus
from mairie.workflow.edition import exiger_version, marquer

TAMPON_COMMUNE_M = 50
AIRE_A_CONFIRMER_M2 = 10_000
ANNEES_A_CONFIRMER = 5
AJOUTEE, MODIFIEE, RETIREE = (f"domainepublic.emprise_{quoi}" for quoi in ("ajoutee", "modifiee", "retiree"))
DECALE = "domainepublic.dates_decalees"
GENRES = {"Point": "point", "LineString": "ligne", "Polygon": "polygone"}


@dataclass(frozen=True)
class NouvelleEmprise:
    """What an agent gives. ``confirmee``: unusual size or dates were seen and meant."""

    type: TypeOccupation
    geom: GEOSGeometry
    debut: date
    fin: date | None
    unite: str = ""
    largeur: Decimal | None = None
    cote: str = Emprise.Cote.AXE
    rayon: Decimal | None = None
    quantite_saisie: Decimal | None = None
    creneaux: list[dict[str, Any]] = field(default_factory=list)
    largeur_libre: Decimal | None = None
    sans_obstacle_lateral: bool = False
    operateur: str = ""
    repere: str = ""
    reparer: bool = False
    confirmee: bool = False


@dataclass(frozen=True)
class Examen:
    """What is wrong with an emprise: by field, and what only wants to be confirmed."""

    fautes: dict[str, str]
    a_confirmer: tuple[str, ...]
    reparee: GEOSGeometry | None = None


def examiner(insee: str, nouvelle: NouvelleEmprise, jour: date | None = None) -> Examen:
    """Every fault at once, each with what to do; a crossing outline comes with its repair."""
    aujourdhui = jour or timezone.localdate()
    fautes: dict[str, str] = {}
    confirmer: list[str] = []
    if nouvelle.fin is not None and nouvelle.fin < nouvelle.debut:
        fautes["fin"] = f"La fin ({jma(nouvelle.fin)}) précède le début ({jma(nouvelle.debut)})."
    unites = nouvelle.type.liste_unites
    if unites and nouvelle.unite and nouvelle.unite not in unites:
        fautes["unite"] = f"Ce type se compte en : {', '.join(unites)}."
    if nouvelle.quantite_saisie is not None and nouvelle.quantite_saisie <= 0:
        fautes["quantite_saisie"] = "La quantité est supérieure à 0."
    forme = shapely.from_wkb(bytes(nouvelle.geom.wkb))
    reparee: GEOSGeometry | None = None
    if raison := defaut(forme):
        try:
            forme = reparer(forme)
        except DessinRefuse as refus:
            fautes["geom"] = str(refus)
        else:
            reparee = GEOSGeometry(memoryview(shapely.to_wkb(forme)), srid=nouvelle.geom.srid)
            if not nouvelle.reparer:
                fautes["geom"] = (
                    f"{raison} Le contour réparé est montré à côté : acceptez-le, ou corrigez le dessin."
                )
    genre = GENRES.get(forme.geom_type.removeprefix("Multi"), "")
    if genre not in nouvelle.type.genres:
        permis = ", ".join(nouvelle.type.genres)
        fautes.setdefault("geom", f"Pour ce type, dessinez : {permis}.")
    if genre == "ligne" and forme.length < LONGUEUR_MIN_M:
        fautes.setdefault(
            "geom",
            f"Cette ligne mesure {_metres(forme.length)} m : il en faut au moins {_metres(LONGUEUR_MIN_M)}."
            " Dessinez-la plus longue, ou choisissez un point.",
        )
    if genre == "polygone" and forme.area < AIRE_MIN_M2:
        fautes.setdefault("geom", "Cette surface est vide : ses points sont alignés. Dessinez-la de nouveau.")
    if genre == "ligne" and not nouvelle.largeur:
        fautes["largeur"] = "Une ligne demande une largeur, en mètres."
    if genre == "point" and not nouvelle.rayon:
        fautes["rayon"] = "Un point demande un rayon, en mètres."
    if "geom" not in fautes and hors_commune(insee, reparee or nouvelle.geom):
        fautes["geom"] = (
            "L'emprise est hors de la commune (plus de 50 m après sa limite) :"
            " vérifiez le dessin, ou la commune."
        )
    if not fautes and (aire := _aire(nouvelle, reparee)) > AIRE_A_CONFIRMER_M2:
        confirmer.append(f"L'emprise mesure {aire:,.0f} m²".replace(",", " ") + ".")
    loin = plus_mois(aujourdhui, 12 * ANNEES_A_CONFIRMER)
    if nouvelle.debut > loin:
        confirmer.append(f"Le début ({jma(nouvelle.debut)}) est à plus de cinq ans.")
    elif nouvelle.fin is not None and nouvelle.fin > loin:
        confirmer.append(f"La fin ({jma(nouvelle.fin)}) est à plus de cinq ans.")
    if nouvelle.debut < aujourdhui:
        confirmer.append(f"Le début ({jma(nouvelle.debut)}) est passé : ce serait une régularisation.")
    return Examen(fautes, () if nouvelle.confirmee else tuple(confirmer), reparee)


def _metres(valeur: float) -> str:
    """Metres to the centimetre, as people write them."""
    return texte_francais(arrondi(Decimal(str(round(valeur, 4)))))


def _aire(nouvelle: NouvelleEmprise, reparee: GEOSGeometry | None) -> float:
    """Ground taken, m²: that of a line with its width, of a point with its radius."""
    try:
        sol = surface_de(reparee or nouvelle.geom, nouvelle.largeur, nouvelle.cote, nouvelle.rayon)
    except ValueError:
        return 0.0
    return float(sol.area)


def hors_commune(insee: str, geom: GEOSGeometry) -> bool:
    """Whether a drawing leaves the commune by more than 50 m; unknown outline: never."""
    commune = Commune.objects.filter(insee=insee, geom__isnull=False).first()
    if commune is None or commune.geom is None:
        return False
    contour = shapely.from_wkb(bytes(commune.geom.wkb))
    return not shapely.dwithin(shapely.from_wkb(bytes(geom.wkb)), contour, TAMPON_COMMUNE_M)


def _unite_usuelle(type_: TypeOccupation, insee: str) -> str:
    """The first unit of the type in the commune."""
    return str((types_locaux.dans(type_, insee).liste_unites or ("m2",))[0])


def _ecrire(emprise: Emprise, nouvelle: NouvelleEmprise, examen: Examen) -> Emprise:
    emprise.type = nouvelle.type
    emprise.geom = examen.reparee if examen.reparee is not None else nouvelle.geom
    emprise.reparee = examen.reparee is not None
    emprise.debut, emprise.fin = nouvelle.debut, nouvelle.fin
    emprise.unite = nouvelle.unite or _unite_usuelle(nouvelle.type, emprise.dossier.insee)
    emprise.largeur, emprise.cote, emprise.rayon = nouvelle.largeur, nouvelle.cote, nouvelle.rayon
    emprise.quantite_saisie = nouvelle.quantite_saisie
    saisie = nouvelle.quantite_saisie is not None
    emprise.quantite_source = Emprise.Source.SAISIE if saisie else Emprise.Source.DESSIN
    emprise.creneaux = nouvelle.creneaux
    emprise.largeur_libre = nouvelle.largeur_libre
    emprise.sans_obstacle_lateral = nouvelle.sans_obstacle_lateral
    emprise.operateur, emprise.repere = nouvelle.operateur, nouvelle.repere
    emprise.save()
    return emprise


def _verrouiller(dossier: DossierODP, version: int | None = None) -> DossierODP:
    verrou: DossierODP = DossierODP.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
    exiger_version(verrou, version)
    if verrou.etat and verrou.etat not in MODIFIABLES:
        raise Refus(
            f"Le dossier est « {verrou.libelle_etat} » : ses emprises ne changent plus. Renvoyez-le en"
            " instruction, ou demandez une prolongation."
        )
    return verrou


def _refuser(examen: Examen) -> None:
    if examen.fautes or examen.a_confirmer:
        raise Refus(*examen.fautes.values(), *(f"{x} Confirmez." for x in examen.a_confirmer))


def _noter(par: journal.Qui | None, action: str, dossier: DossierODP, rang: int, **aires: int) -> None:
    """A line of the log; what a deposit brings is told by the deposit."""
    if par is not None:
        journal.noter(par, action, dossier, insee=dossier.insee, donnees={"rang": rang, **aires})


def ajouter(
    dossier: DossierODP,
    nouvelle: NouvelleEmprise,
    jour: date | None = None,
    *,
    version: int | None = None,
    par: journal.Qui | None = None,
) -> Emprise:
    """One more emprise; ``Refus`` with every fault, ``ConflitEdition`` when ``version`` is no longer its."""
    with transaction.atomic():
        verrou = _verrouiller(dossier, version)
        examen = examiner(verrou.insee, nouvelle, jour)
        _refuser(examen)
        dernier = verrou.emprises.aggregate(m=Max("rang"))["m"] or 0
        emprise = _ecrire(Emprise(dossier=verrou, rang=dernier + 1), nouvelle, examen)
        dater(verrou)
        riverains.calculer([verrou.pk])
        marquer(verrou)
        _noter(par, AJOUTEE, verrou, emprise.rang, apres_m2=round(emprise.surface.area))
    dossier.debut, dossier.fin, dossier.version = verrou.debut, verrou.fin, verrou.version
    return emprise


def modifier(
    emprise: Emprise,
    nouvelle: NouvelleEmprise,
    jour: date | None = None,
    *,
    version: int | None = None,
    par: journal.Qui | None = None,
) -> Emprise:
    """The emprise as now said; refusals as ``ajouter``."""
    with transaction.atomic():
        verrou = _verrouiller(emprise.dossier, version)
        examen = examiner(verrou.insee, nouvelle, jour)
        _refuser(examen)
        emprise = Emprise.objects.select_for_update(of=("self",)).get(pk=emprise.pk)
        avant = round(emprise.surface.area)
        _ecrire(emprise, nouvelle, examen)
        dater(verrou)
        riverains.calculer([verrou.pk])
        marquer(verrou)
        apres = round(emprise.surface.area)
        _noter(par, MODIFIEE, verrou, emprise.rang, avant_m2=avant, apres_m2=apres)
    return emprise


def retirer(emprise: Emprise, *, version: int | None = None, par: journal.Qui | None = None) -> None:
    """Take an emprise away, but the last one of a deposited file."""
    with transaction.atomic():
        verrou = _verrouiller(emprise.dossier, version)
        if verrou.etat not in ("", "brouillon") and verrou.emprises.count() <= 1:
            raise Refus(
                "Un dossier déposé garde au moins une emprise : classez-le sans suite s'il n'a plus d'objet."
            )
        _noter(par, RETIREE, verrou, emprise.rang, avant_m2=round(emprise.surface.area))
        emprise.delete()
        dater(verrou)
        riverains.calculer([verrou.pk])
        marquer(verrou)


def decaler(
    dossier: DossierODP, jours: int, *, version: int | None = None, par: journal.Qui | None = None
) -> None:
    """Move every emprise, and the traffic measures that go with them, by so many days.

    ``Refus`` when they no longer change or have begun without a title; ``ConflitEdition`` as ``ajouter``.
    """
    ecart = timedelta(days=jours)
    with transaction.atomic():
        verrou = _verrouiller(dossier, version)
        if verrou.debut is not None and verrou.debut + ecart < timezone.localdate():
            raise Refus(f"Le {jma(verrou.debut + ecart)} est passé : choisissez une date à venir.")
        for emprise in verrou.emprises.all():
            emprise.debut += ecart
            emprise.fin = emprise.fin + ecart if emprise.fin else None
            emprise.save(update_fields=["debut", "fin"])
        for mesure in verrou.mesures.all():
            mesure.debut, mesure.fin = mesure.debut + ecart, mesure.fin + ecart
            mesure.save(update_fields=["debut", "fin"])
        dater(verrou)
        marquer(verrou)
        if par is not None:
            journal.noter(par, DECALE, verrou, insee=verrou.insee, donnees={"jours": jours})
    dossier.debut, dossier.fin, dossier.version = verrou.debut, verrou.fin, verrou.version


def dater(dossier: DossierODP) -> None:
    """First and last day of the file: those of its emprises; one without end leaves it without end."""
    bornes = dossier.emprises.aggregate(debut=Min("debut"), fin=Max("fin"))
    sans_fin = dossier.emprises.filter(fin__isnull=True).exists()
    dossier.debut, dossier.fin = bornes["debut"], None if sans_fin else bornes["fin"]
    DossierODP.objects.filter(pk=dossier.pk).update(debut=dossier.debut, fin=dossier.fin)


def changer_quantite(emprise: Emprise, quantite: Decimal) -> None:
    """Bill that quantity, in the unit of the emprise, and no longer what the drawing measures."""
    emprise.quantite_saisie, emprise.quantite_source = quantite, Emprise.Source.SAISIE


def jours_renouveles(emprise: Emprise, annee: int) -> tuple[date, date]:
    """First and last day of the same ground in a later year: a season keeps its own, else the whole year.

    A season ends before the last day of the year that it began in, or less than twelve months after its first
    day. A longer title that ends within ``annee`` is renewed from the day after: never twice the same days.
    """
    debut, fin = emprise.debut, emprise.fin
    if fin is not None and fin.year == annee and fin >= plus_mois(debut, 12):
        return fin + timedelta(days=1), date(annee, 12, 31)
    if fin is None or fin.year not in (debut.year, annee) or (fin.month, fin.day) == (12, 31):
        return date(annee, 1, 1), date(annee, 12, 31)
    mois = 12 * (annee - debut.year)
    return plus_mois(debut, mois), plus_mois(fin, mois)


def copier(
    source: DossierODP,
    cible: DossierODP,
    decalage: timedelta | None = None,
    quantite: Decimal | None = None,
    depuis: date | None = None,
    annee: int | None = None,
    jours: Mapping[int, tuple[date, date]] | None = None,
    **dates: Any,
) -> None:
    """The same ground in another file; ``debut`` and ``fin`` where given, else moved by ``decalage``.

    ``jours``: those of each emprise by its key; one that is not named is left out.

    ``annee``: renewed in that year.
    ``depuis``: what is left from that day, each emprise until its own end. ``quantite``: billed instead of
    what was, where there is a single emprise.
    """
    for emprise in source.emprises.all():
        if depuis is not None and emprise.fin is not None and emprise.fin < depuis:
            continue
        siens = jours.get(emprise.pk) if jours is not None else None
        if jours is not None and siens is None:
            continue
        emprise.pk, emprise.dossier = None, cible
        emprise._state.adding = True
        if siens is not None:
            emprise.debut, emprise.fin = siens
        elif "debut" in dates:
            emprise.debut, emprise.fin = dates["debut"], dates["fin"]
        elif decalage is not None:
            emprise.debut += decalage
            emprise.fin = emprise.fin + decalage if emprise.fin else None
        elif annee is not None:
            emprise.debut, emprise.fin = jours_renouveles(emprise, annee)
        elif depuis is not None:
            emprise.debut = max(emprise.debut, depuis)
        if quantite is not None:
            changer_quantite(emprise, quantite)
        emprise.save()
    dater(cible)


def copier_en_masse(
    paires: Sequence[tuple[DossierODP, DossierODP]],
    annee: int,
    quantites: Mapping[int, Decimal],
) -> list[Emprise]:
    """The same ground in new files (source, target), in that year; the targets are dated, not stored.

    ``quantites``: billed instead of what was, by key of a source that has a single emprise.
    """
    copies = []
    for source, cible in paires:
        jours = []
        for emprise in source.emprises.all():
            emprise.pk, emprise.dossier = None, cible
            emprise._state.adding = True
            emprise.debut, emprise.fin = jours_renouveles(emprise, annee)
            jours += [emprise.debut, emprise.fin]
            if source.pk in quantites:
                changer_quantite(emprise, quantites[source.pk])
            # As ``save`` does: the rules of measure may have changed since.
            emprise.mesurer()
            copies.append(emprise)
        cible.debut, cible.fin = min(jours), max(jours)
    return Emprise.objects.bulk_create(copies)


def declarer() -> None:
    """The log knows what is done to the ground of a file."""
    journal.declarer(
        journal.Action(AJOUTEE, "Emprise ajoutée"),
        journal.Action(MODIFIEE, "Emprise redessinée ou modifiée"),
        journal.Action(RETIREE, "Emprise retirée"),
        journal.Action(DECALE, "Dates de l'occupation décalées"),
    )
