"""Preview of the yearly renewal: what each title of a year would be in the next (spec §7.10)."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from domainepublic import emprises as sol
from domainepublic import tarifs
from domainepublic.instruction.etats import TITRES
from domainepublic.models import DossierODP, Emprise, GrilleTarifaire, Titre, TypeOccupation, ZoneTarifaire
from domainepublic.transmissions import REPRIS
from domainepublic.usager.renouvellement import EVENEMENT, en_mots
from mairie.models import Evenement, Voie

RENOUVELABLES = (*TITRES, "a_controler", "termine")


@dataclass(frozen=True)
class Tri:
    """What narrows the preview: code of a type, of a tariff zone, key of a street, paid or not."""

    type: str = ""
    zone: str = ""
    voie: int | None = None
    impaye: bool | None = None


@dataclass(frozen=True)
class Proposition:
    """One line of the preview: what it was, what it would be. Euros; null where no price can be said.

    ``quantite``: what would be billed; ``modifiable``: a single emprise, whose quantity may be typed here;
    ``tarifs``: codes of the lines of the grid that price it; ``reponse``: what the holder answered, in words.
    """

    dossier: DossierODP
    avant: Decimal
    quantite: Decimal
    unite: str
    tarifs: tuple[str, ...]
    ancien: Decimal
    nouveau: Decimal | None
    alertes: tuple[str, ...]
    suite: DossierODP | None
    modifiable: bool
    reponse: str = ""

    @property
    def difference(self) -> Decimal | None:
        """What the year adds."""
        return None if self.nouveau is None else self.nouveau - self.ancien


def _endettes(insee: str) -> QuerySet[Titre, int]:
    dus = Titre.objects.filter(role__insee=insee, role__etat="exporte", paye__lt=F("montant"))
    return dus.values_list("payeur_id", flat=True)


def candidats(insee: str, annee: int, tri: Tri | None = None) -> QuerySet[DossierODP]:
    """Titles of the year before that are priced by the year, in their order."""
    annuelles = Emprise.objects.filter(dossier=OuterRef("pk"), type__periodes__contains="an").exclude(
        type__periodes__startswith="jour"
    )
    requete: QuerySet[DossierODP] = (
        DossierODP.objects.filter(
            Exists(annuelles), insee=insee, etat__in=RENOUVELABLES, debut__year=annee - 1, fin__isnull=False
        )
        # One that still holds the last day of the year has nothing to renew in it.
        .exclude(fin__gte=date(annee, 12, 31))
        .exclude(Exists(DossierODP.objects.filter(REPRIS, dossier_origine=OuterRef("pk"))))
        .order_by("numero")
    )
    if tri is None:
        return requete
    siennes = Emprise.objects.filter(dossier=OuterRef("pk"))
    if tri.type:
        requete = requete.filter(Exists(siennes.filter(type__code=tri.type)))
    if tri.voie is not None:
        requete = requete.filter(voie=tri.voie)
    if tri.zone:
        zone = _zones(insee, annee).filter(code=tri.zone, geom__intersects=OuterRef("surface"))
        requete = requete.filter(Exists(siennes.filter(Exists(zone))))
    if tri.impaye is not None:
        dus = _endettes(insee)
        endette = Q(payeur__in=dus) | Q(payeur__isnull=True, demandeur__in=dus)
        requete = requete.filter(endette) if tri.impaye else requete.exclude(endette)
    return requete


def _zones(insee: str, annee: int) -> QuerySet[ZoneTarifaire]:
    premier = date(annee, 1, 1)
    return ZoneTarifaire.objects.filter(
        Q(grille__au__isnull=True) | Q(grille__au__gte=premier), grille__insee=insee, grille__du__lte=premier
    )


def choix(insee: str, annee: int) -> dict[str, list[tuple[str, str]]]:
    """What the preview may be narrowed to: (value, words) by criterion, only what it holds."""
    tous = candidats(insee, annee)
    types = TypeOccupation.objects.filter(
        pk__in=Emprise.objects.filter(dossier__in=tous).values("type")
    ).order_by("ordre")
    voies = Voie.objects.filter(pk__in=tous.values("voie")).order_by("nom")
    zones = _zones(insee, annee).order_by("code")
    return {
        "type": list(types.values_list("code", "libelle")),
        "zone": [(z.code, f"{z.code} – {z.libelle}" if z.libelle else z.code) for z in zones],
        "voie": [(str(v.pk), str(v)) for v in voies],
    }


def proposer(
    insee: str, annee: int, tri: Tri | None = None, quantites: Mapping[int, Decimal] | None = None
) -> list[Proposition]:
    """The preview: nothing is written. ``quantites``: those typed, by key of the title."""
    # A season over the new year ends in the next one.
    grilles = tarifs.grilles_de(insee, date(annee, 1, 1), date(annee + 1, 12, 31))
    titulaires = list(
        candidats(insee, annee, tri)
        .select_related("demandeur", "payeur", "voie")
        .prefetch_related("emprises__type", "lignes", "suites")
    )
    payeurs = {d.qui_paie.pk for d in titulaires if d.qui_paie is not None}
    endettes = set(_endettes(insee).filter(payeur__in=payeurs))
    suites = {
        d.pk: next((s for s in d.suites.all() if s.annee_renouvelee == annee), None) for d in titulaires
    }
    reponses = _reponses([s.pk for s in suites.values() if s is not None])
    sortie = []
    for d in titulaires:
        emprises = list(d.emprises.all())
        avant = sum((e.quantite for e in emprises), Decimal(0))
        modifiable = len(emprises) == 1 and suites[d.pk] is None
        if modifiable and quantites and d.pk in quantites:
            emprises = [copy.copy(emprises[0])]
            sol.changer_quantite(emprises[0], quantites[d.pk])
        previsions = [
            _prix(d, e, sol.jours_renouveles(e, annee), rang == 0, grilles) for rang, e in enumerate(emprises)
        ]
        prix = [p.montant for p in previsions]
        montants = [m for m in prix if m is not None]
        alertes = [p.erreur for p in previsions if p.erreur]
        payeur = d.qui_paie
        if payeur is not None and payeur.pk in endettes:
            alertes.append("un titre de ce payeur n'est pas soldé")
        suite = suites[d.pk]
        sortie.append(
            Proposition(
                d,
                avant,
                sum((e.quantite for e in emprises), Decimal(0)),
                emprises[0].unite_lisible,
                tuple(dict.fromkeys(str(e["tarif"]) for p in previsions for e in p.detail if e.get("tarif"))),
                sum((x.montant for x in d.lignes.all() if x.etat != "annulee"), Decimal(0)),
                sum(montants, Decimal(0)) if len(montants) == len(prix) else None,
                tuple(alertes),
                suite,
                modifiable,
                reponses.get(suite.pk, "") if suite is not None else "",
            )
        )
    return sortie


def _prix(
    d: DossierODP, e: Emprise, jours: tuple[date, date], premiere: bool, grilles: list[GrilleTarifaire]
) -> tarifs.Prevision:
    """Price of the days of the new year, by the grids in force on one of them."""
    debut, fin = jours
    siennes = [g for g in grilles if g.du <= fin and (g.au is None or g.au >= debut)]
    return tarifs.simuler(d, e, debut, fin, premiere=premiere, grilles=siennes)


def _reponses(suites: list[int]) -> dict[int, str]:
    """Last answer of the holder of each of these files, in words."""
    if not suites:
        return {}
    lus = Evenement.objects.filter(
        dossier_type=ContentType.objects.get_for_model(DossierODP), dossier_id__in=suites, type=EVENEMENT
    ).order_by("id")
    donnees: list[tuple[int, dict[str, Any]]] = list(lus.values_list("dossier_id", "donnees"))
    return {pk: en_mots(d) for pk, d in donnees}
