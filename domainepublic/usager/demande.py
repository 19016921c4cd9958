"""From a draft to a file at the desk: what the steps hold, the price shown before, the deposit."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import shapely
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from domainepublic import tarifs, types_locaux, voirie
from domainepublic.emprises import Examen, NouvelleEmprise, examiner
from domainepublic.models import DossierODP, Emprise, MesureCirculation, TypeOccupation
from domainepublic.models.emprises import SRID, multipolygone, surface_de
from domainepublic.publication import emprises_publiques
from domainepublic.services import NouveauDossier, deposer
from domainepublic.tarifs import Prevision
from domainepublic.usager.declaration import USAGE_SUIVI
from domainepublic.usager.formulaires import types_demandables
from gis_data.dessin.lecture import en_geojson, lire_dessin
from mairie import brouillons, courriels, liens
from mairie.calendrier import jma
from mairie.models import Brouillon, Collectivite, Voie
from mairie.roles import usager
from mairie.tiers import service as tiers_service
from mairie.workflow import Refus

ETAPES = ("quoi", "ou", "quand", "qui")
TITRES = {"quoi": "Quoi ?", "ou": "Où ?", "quand": "Quand ?", "qui": "Qui ?"}
PORTE = "Demande en ligne"


@dataclass(frozen=True)
class Demande:
    """What the draft holds, read back."""

    insee: str
    type: TypeOccupation
    beneficiaire: str
    objet: str
    voie: Voie | None
    adresse: str
    geom: GEOSGeometry | None
    largeur: Decimal | None
    rayon: Decimal | None
    debut: date | None
    fin: date | None
    creneaux: list[dict[str, Any]]
    gene: str
    client_uuid: UUID
    confirmee: bool

    @property
    def lieu(self) -> str:
        """Where, in words."""
        nom = self.voie.nom if self.voie else ""
        return self.adresse if not nom or nom in self.adresse else f"{self.adresse} {nom}".strip()

    @property
    def complete(self) -> bool:
        """Place and dates are known."""
        return self.geom is not None and self.debut is not None and self.fin is not None

    def emprise(self) -> NouvelleEmprise:
        """As the service of deposit wants it; needs a complete draft."""
        assert self.geom is not None and self.debut is not None  # noqa: S101
        return NouvelleEmprise(
            self.type,
            self.geom,
            self.debut,
            self.fin,
            largeur=self.largeur,
            rayon=self.rayon,
            unite=tarifs.unite_tarifee(self.insee, self.type, self.debut),
            creneaux=self.creneaux,
            repere=self.adresse[:120],
            confirmee=self.confirmee,
        )


def communes() -> list[tuple[str, str]]:
    """Communes that take requests on line."""
    actives = Collectivite.objects.filter(nature=Collectivite.Nature.COMMUNE, active=True)
    return [(c.code, c.nom) for c in actives.order_by("nom", "code")]


def lire(b: Brouillon) -> Demande | None:
    """The draft; null when its type is no longer open."""
    d = b.donnees
    demandables = types_demandables().exclude(pk__in=types_locaux.fermes(d["insee"]))
    type_ = demandables.filter(code=d.get("type", "")).first()
    if type_ is None:
        return None
    type_ = types_locaux.dans(type_, d["insee"])
    geom = None
    if d.get("geom"):
        forme = lire_dessin(d["geom"])
        geom = GEOSGeometry(memoryview(shapely.to_wkb(forme)), srid=SRID)
    return Demande(
        insee=d["insee"],
        type=type_,
        beneficiaire=d.get("beneficiaire", "particulier"),
        objet=d.get("objet", ""),
        voie=Voie.objects.filter(pk=d["voie"]).first() if d.get("voie") else None,
        adresse=d.get("adresse", ""),
        geom=geom,
        largeur=_decimal(d.get("largeur")),
        rayon=_decimal(d.get("rayon")),
        debut=_jour(d.get("debut")),
        fin=_jour(d.get("fin")),
        creneaux=_creneaux(d),
        gene=d.get("gene", ""),
        client_uuid=UUID(d["client_uuid"]),
        confirmee=bool(d.get("confirmee_ou") or d.get("confirmee_quand")),
    )


def _decimal(texte: str | None) -> Decimal | None:
    return Decimal(texte) if texte else None


def _jour(texte: str | None) -> date | None:
    return date.fromisoformat(texte) if texte else None


def _creneaux(d: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"jours": [], "de": d["de"], "a": d["a"]}] if d.get("de") and d.get("a") else []


def examiner_lieu(demande: Demande, saisie: Mapping[str, Any]) -> Examen:
    """Faults of the place alone: days far enough ahead to raise none of their own."""
    jour = timezone.localdate() + timedelta(days=1)
    nouvelle = NouvelleEmprise(
        demande.type,
        saisie["geom"],
        jour,
        jour,
        largeur=saisie.get("largeur"),
        rayon=saisie.get("rayon"),
        reparer=bool(saisie.get("reparer")),
        confirmee=bool(saisie.get("confirmee")),
    )
    return examiner(demande.insee, nouvelle)


def dates_a_confirmer(demande: Demande, debut: date, fin: date) -> tuple[str, ...]:
    """Unusual days, each said; dates in the wrong order are the form's business."""
    assert demande.geom is not None  # noqa: S101 - the place comes first
    nouvelle = NouvelleEmprise(
        demande.type, demande.geom, debut, fin, largeur=demande.largeur, rayon=demande.rayon
    )
    return tuple(x for x in examiner(demande.insee, nouvelle).a_confirmer if "m²" not in x)


def geom_en_texte(geom: GEOSGeometry) -> str:
    """As the draft keeps a drawing."""
    return json.dumps(en_geojson(shapely.from_wkb(bytes(geom.wkb))))


def prix(demande: Demande) -> Prevision | None:
    """What the commune would ask, by the engine of the bills; null where it has voted nothing."""
    if not demande.complete or not tarifs.facture(demande.insee) or demande.type.code == "CIRC":
        return None
    assert demande.geom is not None and demande.debut is not None  # noqa: S101
    dossier = DossierODP(insee=demande.insee, beneficiaire=demande.beneficiaire)
    emprise = Emprise(
        dossier=dossier,
        type=demande.type,
        geom=demande.geom,
        largeur=demande.largeur,
        rayon=demande.rayon,
        debut=demande.debut,
        fin=demande.fin,
        unite=tarifs.unite_tarifee(demande.insee, demande.type, demande.debut),
    )
    emprise.mesurer()
    emprise.fin = demande.fin or demande.debut
    return tarifs.prevoir(dossier, emprise)


def delai_court(demande: Demande, jour: date) -> int | None:
    """Days left before the first one, where they are fewer than the commune advises; null otherwise."""
    if demande.debut is None:
        return None
    reste = (demande.debut - jour).days
    return max(reste, 0) if reste < demande.type.delai_conseille_jours else None


def deja_pris(demande: Demande) -> list[str]:
    """What is already granted there on those days: kinds and days, never a name."""
    if not demande.complete:
        return []
    assert demande.geom is not None and demande.debut is not None  # noqa: S101
    from domainepublic.models.emprises import multipolygone, surface_de

    sol = multipolygone(surface_de(demande.geom, demande.largeur, "axe", demande.rayon))
    trouvees = (
        emprises_publiques()
        .filter(
            Q(fin__isnull=True) | Q(fin__gte=demande.debut), surface__intersects=sol, debut__lte=demande.fin
        )
        .select_related("type")
        .order_by("debut", "pk")[:5]
    )
    return [
        f"{e.type.libelle_public}, du {jma(e.debut)}" + (f" au {jma(e.fin)}" if e.fin else "")
        for e in trouvees
    ]


def _faits(demande: Demande) -> dict[str, Any]:
    """What the map of managers says of the ground asked."""
    nouvelle = demande.emprise()
    try:
        sol = multipolygone(surface_de(nouvelle.geom, nouvelle.largeur, nouvelle.cote, nouvelle.rayon))
    except ValueError:
        return {}
    return voirie.faits(demande.insee, sol, nouvelle.debut)


def envoyer(b: Brouillon, tiers: Mapping[str, Any], version: int) -> tuple[DossierODP, str]:
    """The file at the desk and its key; the draft is erased in the same transaction.

    ``version``: of the draft that the person read; ``Refus`` when another page has changed it since.
    ``ValidationError`` by field of the person, ``Refus`` of the deposit: then nothing is written.
    """
    with transaction.atomic():
        verrou = Brouillon.objects.select_for_update(of=("self",)).get(pk=b.pk)
        if verrou.version != version:
            raise Refus(
                "Cette demande a été modifiée depuis une autre page : relisez-la ci-dessous, puis envoyez-la."
            )
        demande = lire(verrou)
        assert demande is not None  # noqa: S101 - seen by the page just before
        personne = tiers_service.creer(tiers, collectivite=demande.insee, par=None)
        dossier = deposer(
            NouveauDossier(
                insee=demande.insee,
                depose_le=timezone.localdate(),
                demandeur=personne,
                beneficiaire=demande.beneficiaire,
                emprises=[demande.emprise()],
                canal=DossierODP.Canal.PORTAIL,
                objet=demande.objet,
                voie=demande.voie,
                adresse=demande.lieu[:200],
                faits={
                    **_faits(demande),
                    "modifie_circulation": bool(demande.gene) or demande.type.code == "CIRC",
                },
                client_uuid=demande.client_uuid,
            ),
            par=usager(PORTE),
        )
        if demande.gene and demande.debut and demande.fin:
            MesureCirculation.objects.create(
                dossier=dossier,
                type=demande.gene,
                debut=demande.debut,
                fin=demande.fin,
                creneaux=demande.creneaux,
                voie=demande.voie,
            )
        _, cle = liens.creer_cle(dossier, USAGE_SUIVI, insee=dossier.insee)
        brouillons.clore(verrou)
        if personne.courriel:
            _accuser(dossier, personne.courriel, cle)
    return dossier, cle


def _en_bref(dossier: DossierODP) -> str:
    """Kind, place and days, for its holder."""
    quoi = ", ".join(dict.fromkeys(e.type.libelle_public for e in dossier.emprises.select_related("type")))
    debut, fin = dossier.debut, dossier.fin
    jours = ""
    if debut and fin:
        jours = f"le {jma(debut)}" if debut == fin else f"du {jma(debut)} au {jma(fin)}"
    return ", ".join(x for x in (quoi, dossier.lieu, jours) if x)


def _signature(insee: str) -> str:
    """The town hall and how to reach it."""
    commune = Collectivite.objects.filter(code=insee).first()
    if commune is None:
        return ""
    return (
        "\n"
        + "\n".join(x for x in (f"Mairie de {commune.nom}", commune.telephone, commune.courriel) if x)
        + "\n"
    )


def _accuser(dossier: DossierODP, adresse: str, cle: str) -> None:
    assert dossier.terme_silence is not None  # noqa: S101 - computed by the deposit
    corps = (
        "Bonjour,\n\n"
        f"Votre demande d'occupation du domaine public est enregistrée le {jma(timezone.localdate())} sous le"
        f" numéro {dossier.numero}.\n\n"
        f"Ce que vous demandez : {_en_bref(dossier)}.\n\n"
        f"La mairie répond au plus tard le {jma(dossier.terme_silence)}. Sans réponse ce jour-là, la demande"
        " est refusée (deux mois de silence ; une demande de pièces suspend ce délai).\n\n"
        f"Pour suivre votre demande : {liens.adresse(USAGE_SUIVI, '')}?numero={dossier.numero}\n"
        f"Numéro : {dossier.numero}\nClé : {liens.ecrire_cle(cle)}\n\n"
        "Cette clé ouvre votre dossier : ne la donnez qu'à qui agit pour vous. N'occupez pas la rue avant"
        " d'avoir reçu l'autorisation.\n" + _signature(dossier.insee)
    )
    courriels.mettre_en_file(
        f"domainepublic.depot.{dossier.pk}",
        adresse,
        f"Votre demande {dossier.numero}",
        corps,
        insee=dossier.insee,
        lie=dossier,
        conserver=False,
    )
