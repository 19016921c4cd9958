"""Prices in force: grids as the fee engine reads them, zones under an emprise, simulation."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import shapely
from django.contrib.gis.geos import GEOSGeometry, MultiPolygon
from django.db import IntegrityError, transaction
from django.db.models import Max, Q

from domainepublic import exonerations
from domainepublic.models import DossierODP, Emprise, GrilleTarifaire, Tarif, TypeOccupation, ZoneTarifaire
from domainepublic.models.emprises import SRID
from domainepublic.regles.grille import lire_grille, lire_ligne
from domainepublic.regles.lecture import Objet
from domainepublic.regles.redevance import simuler_redevance
from gis_data.dessin.lecture import DessinRefuse, lire_dessin
from gis_data.dessin.operations import defaut, reparer
from mairie.calendrier import jma, plus_mois
from mairie.ecrans.imports.correspondance import cle
from mairie.ecrans.imports.geojson import GEOMETRIE
from mairie.ecrans.imports.lecture import FichierRefuse
from mairie.ecrans.imports.lecture import lire as lire_table
from mairie.lecture_json import ErreurSaisie
from mairie.montants import arrondi
from mairie.workflow import Refus

RECOUVREMENT_MAX_M2 = 1.0
# A title of five years at most may be paid at once (CG3P L2125-4).
EN_UNE_FOIS_MOIS = 60
UNE_FOIS = {"operation", "forfait"}


@dataclass(frozen=True)
class Prevision:
    """Price of one emprise over days: the case given to the engine and its answer, or why there is none."""

    emprise: Emprise
    debut: date
    fin: date
    entree: dict[str, Any]
    resultat: dict[str, Any] | None
    erreur: str = ""

    @property
    def montant(self) -> Decimal | None:
        """Amount due."""
        return Decimal(self.resultat["montant_du"]) if self.resultat else None

    @property
    def en_annees(self) -> bool:
        """Whether the title goes on after these days, to be paid again each year."""
        return self.fin != self.emprise.fin and revient(self.entree)

    @property
    def apres_debut(self) -> bool:
        """Whether the first days are not asked: they were taken before any tariff."""
        return self.debut > self.emprise.debut

    @property
    def detail(self) -> list[dict[str, Any]]:
        """Ordered steps."""
        return list(self.resultat["detail"]) if self.resultat else []


def grilles_de(insee: str, debut: date, fin: date) -> list[GrilleTarifaire]:
    """Grids in force on at least one of the days, the oldest first."""
    return list(
        GrilleTarifaire.objects.filter(Q(au__isnull=True) | Q(au__gte=debut), insee=insee, du__lte=fin)
        .order_by("du")
        .prefetch_related("tarifs", "zones")
    )


def facture(insee: str) -> bool:
    """Whether the commune has voted any tariff."""
    return GrilleTarifaire.objects.filter(insee=insee).exists()


def en_grille(grilles: list[GrilleTarifaire]) -> dict[str, Any]:
    """Lines of all grids, each within the dates of its own; rules of the first one."""
    lignes = [
        {
            **t.ligne,
            "id": f"{t.code}" if len(grilles) == 1 else f"{t.code} ({g.du.year})",
            "du": g.du.isoformat(),
            "au": g.au.isoformat() if g.au else None,
        }
        for g in grilles
        for t in g.tarifs.all()
    ]
    return {"lignes": lignes, "regles": grilles[0].regles if grilles else {}}


def unite_tarifee(insee: str, type_: TypeOccupation, jour: date) -> str:
    """The unit in which the commune prices that kind that day; the usual one where it prices none."""
    unites = type_.liste_unites or ("m2",)
    tarifees = {
        t.ligne.get("unite")
        for g in grilles_de(insee, jour, jour)
        for t in g.tarifs.all()
        if t.ligne.get("type") == type_.code
    }
    return next((u for u in unites if u in tarifees), unites[0])


def zones_de(emprise: Emprise, grille: GrilleTarifaire) -> list[dict[str, Any]]:
    """Share of the quantity in each zone, by area; what lies in none has the zone null."""
    zones = list(grille.zones.all())
    if not zones:
        return []
    sol = shapely.from_wkb(bytes(emprise.surface.wkb))
    aires = {
        z.code: float(shapely.area(shapely.intersection(sol, shapely.from_wkb(bytes(z.geom.wkb)))))
        for z in zones
    }
    parts: dict[str | None, float] = {c: a for c, a in aires.items() if a > RECOUVREMENT_MAX_M2 / 100}
    reste = sol.area - sum(parts.values())
    if reste > max(0.05, sol.area / 1000):
        parts[None] = reste
    if len(parts) == 1:
        return [{"zone": next(iter(parts)), "quantite": str(emprise.quantite)}]
    total = sum(parts.values()) or 1.0
    sortie, donne = [], Decimal(0)
    codes = list(parts)
    for code in codes[:-1]:
        quantite = arrondi(emprise.quantite * Decimal(str(round(parts[code] / total, 9))))
        donne += quantite
        sortie.append({"zone": code, "quantite": str(quantite)})
    sortie.append({"zone": codes[-1], "quantite": str(emprise.quantite - donne)})
    return [s for s in sortie if Decimal(str(s["quantite"])) > 0]


def zone_du_centroide(emprise: Emprise, grille: GrilleTarifaire) -> str | None:
    """Zone where the middle of the ground lies; null outside of all."""
    centre = shapely.centroid(shapely.from_wkb(bytes(emprise.surface.wkb)))
    zones = grille.zones.all()
    return next((z.code for z in zones if shapely.covers(shapely.from_wkb(bytes(z.geom.wkb)), centre)), None)


def simuler(
    dossier: DossierODP,
    emprise: Emprise,
    debut: date,
    fin: date,
    *,
    premiere: bool = True,
    suite: bool = False,
    grilles: list[GrilleTarifaire] | None = None,
    **plus: Any,
) -> Prevision:
    """Price of an emprise over days; ``premiere`` false: the costs of the file are already asked.

    ``suite``: a later year of a title, whose free days were counted at its beginning. ``grilles``: those of
    these days, where many are priced at once.
    """
    if grilles is None:
        grilles = grilles_de(dossier.insee, debut, fin)
    grille = en_grille(grilles)
    if suite:
        grille["lignes"] = [{k: v for k, v in x.items() if k != "franchise_jours"} for x in grille["lignes"]]
    if not premiere:
        grille["regles"] = {k: v for k, v in grille["regles"].items() if k != "frais_dossier"}
    occupation: dict[str, Any] = {
        "type": emprise.type.code,
        "unite": emprise.unite,
        "debut": debut.isoformat(),
        "fin": fin.isoformat(),
        "beneficiaire": dossier.beneficiaire,
        **plus,
    }
    # Gratuity attaches to the title.
    exoneration = exonerations.pour(dossier.exoneration, emprise.type.code)
    if exoneration and not plus.get("sans_titre"):
        occupation["exoneration"] = exoneration
    parts = zones_de(emprise, grilles[0]) if grilles else []
    if len(parts) > 1 and grille["regles"].get("zone_mode") != "zone_centroide":
        occupation["zones"] = parts
    else:
        occupation["quantite"] = str(emprise.quantite)
        if parts:
            principale = max(parts, key=lambda p: Decimal(str(p["quantite"])))
            occupation["zone"] = principale["zone"]
            occupation["zone_centroide"] = zone_du_centroide(emprise, grilles[0]) or principale["zone"]
    entree = {"grille": grille, "occupation": occupation}
    if not grille["lignes"]:
        return Prevision(
            emprise, debut, fin, entree, None, f"Aucune grille tarifaire n'est en vigueur le {jma(debut)}."
        )
    try:
        return Prevision(emprise, debut, fin, entree, simuler_redevance(entree))
    except ErreurSaisie as e:
        return Prevision(emprise, debut, fin, entree, None, e.message)


def par_annee(dossier: DossierODP, emprise: Emprise) -> bool:
    """Whether an emprise is billed year by year: see ``dure_des_annees``."""
    return dure_des_annees(dossier, emprise.debut, emprise.fin)


def dure_des_annees(dossier: DossierODP, debut: date, fin: date | None) -> bool:
    """Whether these days are billed year by year: without end, or longer than a year (CG3P L2125-4).

    A title that lasts five years at most may be billed at once: its file says so.
    """
    if fin is None:
        return True
    if fin < plus_mois(debut, 12):
        return False
    return not dossier.en_une_fois or fin >= plus_mois(debut, EN_UNE_FOIS_MOIS)


def fin_facturee(dossier: DossierODP, emprise: Emprise) -> date:
    """Last day that the signature bills."""
    an = date(emprise.debut.year, 12, 31)
    if emprise.fin is None:
        return an
    return min(an, emprise.fin) if par_annee(dossier, emprise) else emprise.fin


def periodicites(entree: dict[str, Any]) -> set[str]:
    """Periods by which the tariffs of a case count its kind and unit; a special line counts by the year."""
    occupation = entree["occupation"]
    return {
        ligne.get("periode") or "an"
        for ligne in entree["grille"]["lignes"]
        if ligne.get("type") == occupation["type"] and ligne.get("unite") in (None, occupation["unite"])
    }


def par_an(entree: dict[str, Any]) -> bool:
    """Whether the price is that of a year, to be asked again each year."""
    return "an" in periodicites(entree)


def revient(entree: dict[str, Any]) -> bool:
    """Whether the price grows with time: that of an operation, or a flat one, is asked once."""
    return bool(periodicites(entree) - UNE_FOIS)


def a_franchise(entree: dict[str, Any]) -> bool:
    """Whether a case counts free days."""
    return any("franchise_jours" in ligne for ligne in entree["grille"]["lignes"])


def prevoir(dossier: DossierODP, emprise: Emprise, **options: Any) -> Prevision:
    """What the signature would ask for one emprise: its first year where it is billed year by year."""
    p = simuler(dossier, emprise, emprise.debut, fin_facturee(dossier, emprise), **options)
    if emprise.fin is None or p.fin == emprise.fin or revient(p.entree) or not p.entree["grille"]["lignes"]:
        return p
    return simuler(dossier, emprise, emprise.debut, emprise.fin, **{**options, "grilles": None})


def simuler_dates(dossier: DossierODP, debut: date, fin: date) -> list[Prevision]:
    """Price of each emprise for other days, as if the whole file were asked for them; nothing is written."""
    payantes = [e for e in dossier.ses_emprises() if e.type.code not in ("CIRC", "SANS")]
    grilles = grilles_de(dossier.insee, debut, fin)
    return [
        simuler(dossier, e, debut, fin, premiere=rang == 0, grilles=grilles)
        for rang, e in enumerate(payantes)
    ]


def payant(dossier: DossierODP) -> bool:
    """Whether the commune bills the occupation: it has voted tariffs, and the fee is its own."""
    from domainepublic.actes import nature_du_dossier

    lot = dossier.lot
    votee = lot.facture(dossier.insee) if lot else facture(dossier.insee)
    return votee and nature_du_dossier(dossier).profit in (None, "commune")


def previsions(dossier: DossierODP, depuis: date | None = None) -> list[Prevision]:
    """Price of each emprise that the commune bills, in order; nothing where it has voted no tariff.

    ``depuis``: only of those not over before that day.
    """
    if not payant(dossier):
        return []
    lot = dossier.lot
    payantes = [
        e
        for e in _a_payer(dossier)
        if e.type.code not in ("CIRC", "SANS") and (depuis is None or e.fin is None or e.fin >= depuis)
    ]
    sortie = []
    for rang, e in enumerate(payantes):
        fin = fin_facturee(dossier, e)
        grilles = lot.grilles(dossier.insee, e.debut, fin) if lot else None
        sortie.append(prevoir(dossier, e, premiere=rang == 0, grilles=grilles))
    return sortie


def _a_payer(dossier: DossierODP) -> list[Emprise]:
    """The emprises for the days to be paid: heirs keep a title, whose days the deceased has paid."""
    emprises = dossier.ses_emprises()
    origine = dossier.dossier_origine if dossier.transmission == "succession" else None
    if origine is None:
        return emprises
    payees = origine.lignes.exclude(etat="annulee").exclude(nature="avoir").exclude(motif="depassement")
    dernier = payees.aggregate(m=Max("fin"))["m"]
    if dernier is not None and origine.fin is not None:
        dernier = min(dernier, origine.fin)
    if dernier is None:
        return emprises
    restent = []
    for e in emprises:
        if e.fin is None or e.fin > dernier:
            e.debut = max(e.debut, dernier + timedelta(days=1))
            restent.append(e)
    return restent


def echelonnee(dossier: DossierODP) -> bool:
    """Whether a part of the fee is asked in later years."""
    return any(p.en_annees for p in previsions(dossier))


def enregistrer_tarif(grille: GrilleTarifaire, code: str, ligne: dict[str, Any]) -> Tarif:
    """Add or replace a line, checked by the very validator of the command; ``Refus`` says what is wrong."""
    dates = {"du": grille.du.isoformat(), "au": grille.au.isoformat() if grille.au else None}
    try:
        lire_ligne(Objet({**ligne, **dates, "id": code}, "tarif"), 0)
    except ErreurSaisie as e:
        raise Refus(e.message) from e
    tarif, _ = Tarif.objects.update_or_create(grille=grille, code=code, defaults={"ligne": ligne})
    return tarif


def verifier_regles(regles: dict[str, Any]) -> None:
    """Rules as the engine reads them; ``Refus`` says what is wrong."""
    ligne = {"type": "X", "du": "2026-01-01", "unite": "m2", "periode": "jour", "prix": "1"}
    try:
        lire_grille(Objet({"lignes": [ligne], "regles": regles}, "grille"))
    except ErreurSaisie as e:
        raise Refus(e.message) from e


def creer_grille(**champs: Any) -> GrilleTarifaire:
    """A grid; ``Refus`` when another one is in force on one of its days."""
    if champs.get("au") and champs["au"] < champs["du"]:
        raise Refus(f"La fin ({jma(champs['au'])}) précède le début ({jma(champs['du'])}).")
    verifier_regles(champs.get("regles") or {})
    try:
        with transaction.atomic():
            grille: GrilleTarifaire = GrilleTarifaire.objects.create(**champs)
    except IntegrityError as e:
        raise Refus(
            "Une autre grille est en vigueur un de ces jours : fermez-la la veille du début de celle-ci."
        ) from e
    return grille


def ajouter_zone(grille: GrilleTarifaire, code: str, geom: Any, libelle: str = "") -> ZoneTarifaire:
    """One more zone; ``Refus`` when it overlaps another by more than 1 m²."""
    for autre in grille.zones.exclude(code=code):
        if (commun := autre.geom.intersection(geom).area) > RECOUVREMENT_MAX_M2:
            raise Refus(
                f"Cette zone recouvre la zone {autre.code} sur {commun:.0f} m² : corrigez son contour."
            )
    zone, _ = ZoneTarifaire.objects.update_or_create(
        grille=grille, code=code, defaults={"geom": geom, "libelle": libelle}
    )
    return zone


def importer_zones(
    grille: GrilleTarifaire, fichier: Any, nom: str, *, appliquer: bool
) -> tuple[int, list[tuple[int, str]]]:
    """Zones of a GeoJSON file: (how many are taken, [(rank, reason)] of the others); ``FichierRefuse``."""
    table = lire_table(fichier, nom)
    titres = [cle(t) for t in table.titres]
    if table.format != "geojson" or "code" not in titres:
        raise FichierRefuse("Donnez un GeoJSON dont chaque objet a une propriété « code ».")
    prises, rejets, vus = 0, [], set()
    with transaction.atomic():
        for ligne in table.lignes:
            valeurs = dict(zip(titres, ligne.cellules, strict=True))
            code = valeurs["code"][:13]
            try:
                if not code or len(code) > 12:
                    raise Refus("Le code a de 1 à 12 caractères.")
                if code in vus:
                    raise Refus(f"Le code {code} est deux fois dans le fichier.")
                vus.add(code)
                forme = lire_dessin(valeurs[cle(GEOMETRIE)])
                forme = reparer(forme) if defaut(forme) else forme
                parties = [p for p in shapely.get_parts(forme) if p.geom_type == "Polygon"]
                if not parties:
                    raise Refus("Une zone est une surface.")
                multi = MultiPolygon(
                    [GEOSGeometry(memoryview(shapely.to_wkb(p))) for p in parties], srid=SRID
                )
                ajouter_zone(grille, code, multi, valeurs.get("libelle", "")[:120])
                prises += 1
            except (Refus, DessinRefuse) as e:
                rejets.append((ligne.numero, str(e)))
        if not appliquer:
            transaction.set_rollback(True)
    return prises, rejets


def dupliquer(grille: GrilleTarifaire, hausse: Decimal, **champs: Any) -> GrilleTarifaire:
    """The same grid for other days, every price raised by ``hausse`` percent, to the cent."""
    facteur = 1 + hausse / 100

    def hausser(valeur: Any, cle: str = "") -> Any:
        if isinstance(valeur, dict):
            return {k: hausser(v, k) for k, v in valeur.items()}
        if isinstance(valeur, list):
            return [hausser(v, cle) for v in valeur]
        if cle.startswith("prix") and valeur is not None:
            return str(arrondi(Decimal(str(valeur)) * facteur))
        return valeur

    with transaction.atomic():
        nouvelle = creer_grille(insee=grille.insee, regles=grille.regles, **champs)
        for zone in grille.zones.all():
            ZoneTarifaire.objects.create(
                grille=nouvelle, code=zone.code, libelle=zone.libelle, geom=zone.geom
            )
        for tarif in grille.tarifs.all():
            enregistrer_tarif(nouvelle, tarif.code, hausser(tarif.ligne))
    return nouvelle
