"""« Mon adresse »: what the zoning says of a place, for everyone. Installations are never looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.gis.geos import GEOSGeometry, Point
from django.db.models import Q

from assainissement.documents import publies as pour_les_habitants
from assainissement.documents import publies_des_tarifs
from assainissement.models import DeliberationTarif, ReglementService, ZonageAssainissement, ZoneEnjeu
from assainissement.regles.redevance import montants
from assainissement.regles.tables.adresse import ANS, AUCUNE, SITUATIONS, phrases_de
from assainissement.regles.tables.pfac import FORFAIT, SURFACE
from assainissement.zones import documents
from cadastre.models import Commune, Parcelle
from mairie.models import Collectivite, Piece

# A point so near a limit may be on either side: the line of a plan is no finer.
LIMITE_M = 2.0
_RANG = {"AC": 0, "AC_futur": 1, "ANC": 2, "EP": 3}
PFAC_UNITES = {"tarif_m2": "par m² créé", "forfait": "par logement"}
# A deliberation keeps the price of the other way of counting: it does not apply.
PFAC_SANS_OBJET = {FORFAIT: "tarif_m2", SURFACE: "forfait"}
TARIFS = (DeliberationTarif.Objet.ANC, DeliberationTarif.Objet.AC)


@dataclass(frozen=True)
class Tarif:
    """One price in force, tax included."""

    libelle: str
    montant: Decimal
    unite: str
    deliberation: str
    document: Piece | None = None


@dataclass(frozen=True)
class Lieu:
    """What is said of a place. ``dehors``: outside the communes served."""

    insee: str = ""
    commune: str = ""
    dehors: bool = False
    zones: Sequence[ZonageAssainissement] = ()
    pluviales: Sequence[ZonageAssainissement] = ()
    enjeux: Sequence[ZoneEnjeu] = ()
    tarifs: Sequence[Tarif] = ()
    documents: Sequence[tuple[str, Sequence[Piece]]] = ()
    mairie: Collectivite | None = None
    situations: Sequence[tuple[str, list[tuple[str, str]]]] = field(default_factory=tuple)

    @property
    def a_confirmer(self) -> bool:
        """Zones of several kinds within two metres: the service decides."""
        return len({z.type for z in self.zones}) > 1


def situer(lieu: GEOSGeometry, jour: date) -> Lieu:
    """What the zoning says of a point, or of a parcel, on a day."""
    commune = Commune.objects.filter(geom__intersects=lieu).order_by("insee").first()
    if commune is None:
        return Lieu(dehors=True)
    insee = commune.insee
    zones = _zones(ZonageAssainissement.objects.en_vigueur(jour).filter(insee=insee), lieu)
    assainies = sorted((z for z in zones if z.type != "EP"), key=lambda z: (_RANG[z.type], z.pk))
    enjeux = _zones(ZoneEnjeu.objects.en_vigueur(jour).filter(insee=insee), lieu)
    publies = documents([*zones, *enjeux])
    for z in (*zones, *enjeux):
        z.documents = publies.get(id(z), [])
    return Lieu(
        insee=insee,
        commune=commune.nom,
        zones=assainies,
        pluviales=[z for z in zones if z.type == "EP"],
        enjeux=enjeux,
        tarifs=[*_tarifs(insee, jour), *(_participation(insee, jour) if _desservie(assainies) else ())],
        documents=pour_les_habitants(insee),
        mairie=Collectivite.objects.filter(code=insee).first(),
        situations=_situations(
            list(dict.fromkeys(z.type for z in assainies)) or [AUCUNE],
            ReglementService.objects.en_vigueur(insee, jour),
        ),
    )


def _zones(requete: Any, lieu: GEOSGeometry) -> list[Any]:
    """Zones within two metres of a point; those that hold more than the edge of a parcel."""
    legeres = requete.defer("geom", "geom_3857")
    if isinstance(lieu, Point):
        return list(legeres.filter(geom__dwithin=(lieu, LIMITE_M)))
    coeur = lieu.buffer(-LIMITE_M)
    if coeur.empty:
        return list(legeres.filter(geom__dwithin=(lieu.point_on_surface, LIMITE_M)))
    return list(legeres.filter(geom__intersects=coeur))


def _desservie(zones: Sequence[ZonageAssainissement]) -> bool:
    return any(z.type in ("AC", "AC_futur") for z in zones)


def _situations(
    types: list[str], reglement: ReglementService | None
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Four situations, each with what every zone says; the same sentence once."""
    phrases = phrases_de(
        reglement.frequence_periodique_annees if reglement else ANS,
        bool(reglement and reglement.controle_ac_vente_obligatoire),
    )
    noms = dict(ZonageAssainissement.Type.choices)
    sortie = []
    for code, titre in SITUATIONS.items():
        par_phrase: dict[str, list[str]] = {}
        for t in types:
            par_phrase.setdefault(phrases[t][code], []).append(noms.get(t, ""))
        plusieurs = len(types) > 1 and len(par_phrase) > 1
        sortie.append(
            (titre, [(" ou ".join(quoi) if plusieurs else "", phrase) for phrase, quoi in par_phrase.items()])
        )
    return sortie


def _tarifs(insee: str, jour: date) -> list[Tarif]:
    en_vigueur = DeliberationTarif.objects.filter(
        Q(date_fin__isnull=True) | Q(date_fin__gte=jour), insee=insee, objet__in=TARIFS, date_effet__lte=jour
    ).prefetch_related("lignes")
    votees = list(en_vigueur.order_by("objet"))
    pieces = publies_des_tarifs(d.pk for d in votees)
    sortie = []
    for d in votees:
        for x in d.lignes.all():
            bornes = ""
            if x.eh_max is not None:
                bornes = f", jusqu'à {x.eh_max.normalize():f} EH"
            elif x.eh_min is not None:
                bornes = f", plus de {x.eh_min.normalize():f} EH"
            sortie.append(
                Tarif(
                    f"{x.get_nature_display()}{bornes}",
                    montants(x.montant_ht, x.taux_tva).ttc,
                    x.get_unite_display(),
                    d.reference,
                    pieces.get(d.pk),
                )
            )
    return sortie


def _participation(insee: str, jour: date) -> list[Tarif]:
    """What the contribution to the sewer is counted from, as voted; the simulator counts it."""
    votee = (
        DeliberationTarif.objects.filter(
            Q(date_fin__isnull=True) | Q(date_fin__gte=jour),
            insee=insee, objet=DeliberationTarif.Objet.PFAC, date_effet__lte=jour,
        )
        .order_by("-date_effet")
        .first()
    )  # fmt: skip
    if votee is None:
        return []
    autre = PFAC_SANS_OBJET.get(str(votee.regles.get("mode") or ""))
    piece = publies_des_tarifs([votee.pk]).get(votee.pk)
    return [
        Tarif("Participation au raccordement (PFAC)", Decimal(str(montant)), unite, votee.reference, piece)
        for cle, unite in PFAC_UNITES.items()
        if cle != autre and (montant := votee.regles.get(cle)) not in (None, "") and Decimal(str(montant)) > 0
    ]


def parcelle(idu: str) -> Parcelle | None:
    """The parcel of today, where it has a ground."""
    trouvee: Parcelle | None = Parcelle.objects.filter(
        idu=idu, valide_au__isnull=True, geom__isnull=False
    ).first()
    return trouvee
