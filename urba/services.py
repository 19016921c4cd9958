"""Requests entered and acted upon: the doors that screens, commands and tasks use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, transaction
from django.utils import timezone

from mairie.models import Evenement, Service, Utilisateur
from mairie.roles import Acteur
from mairie.workflow import Refus, appliquer
from urba import terrain as terrains
from urba.instruction.annonces import CADRE
from urba.instruction.etats import ACCORDES, OUVERTS, type_delai
from urba.models import DemandeurDossier, DonneesTechniques, DossierAutorisation, DossierInstruction, Terrain
from urba.numerotation import numero_autorisation, numero_demande
from urba.regles.numeros import LETTRES_DES_TYPES, NatureDossier
from urba.regles.types import TypeDelai

if TYPE_CHECKING:
    from mairie.models import Tiers
    from urba.models import Lot

Par = Utilisateur | Acteur
# Natures that have an instruction of their own; the others only post their event on the first request.
INSTRUITES = frozenset(
    {NatureDossier.INITIAL, NatureDossier.MODIFICATIF, NatureDossier.TRANSFERT, NatureDossier.PROROGATION}
)
_OUVERTES_AUX = {
    NatureDossier.MODIFICATIF: frozenset({TypeDelai.PCMI, TypeDelai.PC, TypeDelai.PA}),
    NatureDossier.TRANSFERT: frozenset({TypeDelai.PCMI, TypeDelai.PC, TypeDelai.PA, TypeDelai.PD}),
    NatureDossier.DOC: frozenset({TypeDelai.PCMI, TypeDelai.PC, TypeDelai.PA}),
    NatureDossier.DAACT: frozenset({TypeDelai.DP, TypeDelai.PCMI, TypeDelai.PC, TypeDelai.PA}),
}
_EVENEMENT = {
    NatureDossier.DOC: "doc",
    NatureDossier.DAACT: "daact",
    NatureDossier.ANNULATION: "annulation",
}


@dataclass(frozen=True)
class Demandeur:
    """A person of a new request."""

    tiers: Tiers
    role: str = DemandeurDossier.Role.PETITIONNAIRE
    accepte_electronique: bool = False


@dataclass(frozen=True)
class NouveauDossier:
    """All that a deposit brings. ``references``: as pasted (« AB 12, AB 13 »); ``emprise``: drawn ground."""

    insee: str
    type_detail: str
    depose_le: date
    demandeurs: Sequence[Demandeur]
    references: str = ""
    emprise: GEOSGeometry | None = None
    canal: str = DossierInstruction.Canal.GUICHET
    autorite: str = DossierInstruction.Autorite.COMMUNE
    objet: str = ""
    objet_public: str = ""
    adresse: str = ""
    lieu_dit: str = ""
    superficie_declaree: int | None = None
    service: Service | None = None
    lettre_service: str = ""
    client_uuid: UUID | None = None
    donnees: Mapping[str, Any] = field(default_factory=dict)
    # Codes of the pieces handed in, as ticked at the counter; none: not looked at yet.
    pieces: Sequence[str] = ()


def deposer(nouveau: NouveauDossier, *, par: Par, aujourdhui: date | None = None) -> DossierInstruction:
    """A first request: authorisation, number, people, land and deposit, in one transaction.

    ``Refus`` when something is missing or not open; the same ``client_uuid`` twice gives the first dossier.
    """
    jour = aujourdhui or timezone.localdate()
    try:
        type_ = type_delai(nouveau.type_detail)
    except ValueError:
        raise Refus(f"Type de dossier inconnu : {nouveau.type_detail}.") from None
    if nouveau.depose_le > jour:
        raise Refus(f"La date de dépôt ({nouveau.depose_le:%d/%m/%Y}) est dans l'avenir.")
    if (deja := deja_depose(nouveau.client_uuid)) is not None:
        return deja
    try:
        references = terrains.lire_references(nouveau.references, nouveau.insee) if nouveau.references else []
    except terrains.ParcelleRefusee as e:
        raise Refus(str(e)) from e
    try:
        with transaction.atomic():
            lettres = LETTRES_DES_TYPES[type_]
            numero = numero_autorisation(lettres, nouveau.insee, nouveau.depose_le, nouveau.lettre_service)
            da = DossierAutorisation(numero=numero, lettres=lettres, insee=nouveau.insee)
            da.annee, da.ordre = nouveau.depose_le.year, da.lu.ordre
            da.save()
            di = _creer(da, NatureDossier.INITIAL, 0, nouveau, par)
            terrains.lier_parcelles(di, references, nouveau.depose_le)
            _ecrire_terrain(di, nouveau)
            appliquer(
                di,
                "depot",
                par=par,
                version=0,
                date_effet=nouveau.depose_le,
                donnees={
                    "type_detail": nouveau.type_detail,
                    "canal": nouveau.canal,
                    **({"pieces": list(nouveau.pieces)} if nouveau.pieces else {}),
                },
                aujourdhui=aujourdhui,
            )
    except IntegrityError:
        # The same form sent twice at once: the other one won.
        if (deja := deja_depose(nouveau.client_uuid)) is not None:
            return deja
        raise
    return di


def deja_depose(client_uuid: UUID | None) -> DossierInstruction | None:
    """What the same form made the first time; null when it was never sent."""
    if client_uuid is None:
        return None
    connu: DossierInstruction | None = DossierInstruction.objects.filter(client_uuid=client_uuid).first()
    return connu


def demander(
    da: DossierAutorisation,
    nature: NatureDossier,
    nouveau: NouveauDossier,
    *,
    par: Par,
    donnees_evenement: Mapping[str, Any] | None = None,
    accords_signes: bool = False,
    lots: Sequence[Lot] = (),
    aujourdhui: date | None = None,
) -> DossierInstruction:
    """A later request on a living authorisation (spec §5.11), its number and its effects on the first one.

    A transfer names its new holder, with both signed agreements; ``lots``: those it bears on, none for all.
    """
    if (deja := deja_depose(nouveau.client_uuid)) is not None:
        return deja
    with transaction.atomic():
        da = DossierAutorisation.objects.select_for_update(of=("self",)).get(pk=da.pk)
        initial = da.instructions.get(nature=NatureDossier.INITIAL)
        if refus := refus_demande(da, initial, nature, nouveau.depose_le):
            raise Refus(refus)
        if refus := _refus_transfert(initial, nature, nouveau, accords_signes, lots):
            raise Refus(refus)
        rang = da.instructions.filter(nature=nature).count() + 1
        di = _creer(da, nature, rang, nouveau, par, modele=initial)
        di.lots_vises.set(lots)
        if nature in INSTRUITES:
            appliquer(
                di, "depot", par=par, version=0, date_effet=nouveau.depose_le,
                donnees={"type_detail": di.type_detail, "canal": nouveau.canal}, aujourdhui=aujourdhui,
            )  # fmt: skip
            if nature is NatureDossier.PROROGATION:
                _poster(
                    initial,
                    "prorogation_demandee",
                    nouveau.depose_le,
                    {"numero": di.numero},
                    CADRE,
                    aujourdhui,
                )
        else:
            appliquer(
                di, "enregistrement", par=par, version=0, date_effet=nouveau.depose_le, aujourdhui=aujourdhui
            )
            _poster(initial, _EVENEMENT[nature], nouveau.depose_le, donnees_evenement or {}, par, aujourdhui)
    return di


def _refus_transfert(
    initial: DossierInstruction,
    nature: NatureDossier,
    nouveau: NouveauDossier,
    accords_signes: bool,
    lots: Sequence[Lot],
) -> str:
    """Why a transfer cannot be taken in (spec §5.11); empty for the other natures."""
    if nature is not NatureDossier.TRANSFERT:
        return ""
    if not any(d.role == DemandeurDossier.Role.PETITIONNAIRE for d in nouveau.demandeurs):
        return "Un transfert nomme le nouveau titulaire."
    if not accords_signes:
        return "Un transfert demande l'accord signé du titulaire et celui du nouveau titulaire."
    if any(lot.dossier_id != initial.pk for lot in lots):
        return "Ces lots ne sont pas ceux de ce permis."
    if lots and initial.lots.count() == len(set(lots)):
        return "Un lot au moins reste au titulaire : sans lot coché, le transfert est total."
    return ""


def refus_demande(
    da: DossierAutorisation, initial: DossierInstruction, nature: NatureDossier, jour: date
) -> str:
    """Why this request is not open on this authorisation; empty when it is."""
    if nature is NatureDossier.INITIAL:
        return "Une première demande se dépose sans autorisation."
    type_ = type_delai(initial.type_detail)
    if initial.etat not in ACCORDES:
        return f"L'autorisation n'est pas accordée ({initial.libelle_etat})."
    ouverts = _OUVERTES_AUX.get(nature)
    if ouverts is not None and type_ not in ouverts:
        if type_ is TypeDelai.DP and nature is NatureDossier.MODIFICATIF:
            return "Une déclaration préalable ne se modifie pas : déposez-en une autre, copiée de celle-ci."
        return f"Une demande de ce genre n'existe pas pour {da.lettres}."
    if nature in (NatureDossier.MODIFICATIF, NatureDossier.TRANSFERT):
        if initial.validite_fin is not None and jour > initial.validite_fin:
            return f"L'autorisation n'était valable que jusqu'au {initial.validite_fin:%d/%m/%Y}."
        if nature is NatureDossier.MODIFICATIF and da.etat in ("acheve", "conforme"):
            return "Les travaux sont achevés : l'autorisation ne se modifie plus."
    if nature is NatureDossier.MODIFICATIF and _en_cours(da, nature):
        return "Un modificatif est déjà à l'instruction : attendez sa décision, ou abandonnez-le."
    return ""


def _en_cours(da: DossierAutorisation, nature: NatureDossier) -> bool:
    return da.instructions.filter(nature=nature, etat__in=OUVERTS).exists()


def _poster(
    initial: DossierInstruction,
    type_: str,
    jour: date,
    donnees: Mapping[str, Any],
    par: Par,
    aujourdhui: date | None,
) -> Evenement:
    initial.refresh_from_db()
    return appliquer(
        initial,
        type_,
        par=par,
        version=initial.version,
        date_effet=jour,
        donnees=donnees,
        aujourdhui=aujourdhui,
    )


def _creer(
    da: DossierAutorisation,
    nature: NatureDossier,
    rang: int,
    nouveau: NouveauDossier,
    par: Par,
    modele: DossierInstruction | None = None,
) -> DossierInstruction:
    """The request with its people and technical data; a later one takes the land of the first."""
    di = DossierInstruction.objects.create(
        da=da,
        insee=da.insee,
        nature=nature,
        rang=rang,
        numero=numero_demande(da.lu, nature, rang),
        type_detail=modele.type_detail if modele else nouveau.type_detail,
        canal=nouveau.canal,
        autorite=modele.autorite if modele else nouveau.autorite,
        objet=nouveau.objet,
        objet_public=nouveau.objet_public,
        service=nouveau.service,
        client_uuid=nouveau.client_uuid,
        cree_par=par if isinstance(par, Utilisateur) else par.utilisateur,
    )
    for ordre, d in enumerate(nouveau.demandeurs, start=1):
        DemandeurDossier.objects.create(
            dossier=di,
            tiers=d.tiers,
            role=d.role,
            ordre=ordre,
            depuis=nouveau.depose_le,
            accepte_electronique=d.accepte_electronique,
        )
    if modele is not None:
        copier_terrain(modele, di)
        if not nouveau.demandeurs:
            for copie in modele.demandeurs.filter(jusqu_a__isnull=True):
                copie.pk, copie.dossier, copie.depuis = None, di, nouveau.depose_le
                copie.save()
    DonneesTechniques.objects.create(dossier=di, donnees=dict(nouveau.donnees))
    return di


def copier_terrain(source: DossierInstruction, cible: DossierInstruction) -> None:
    """The same land, versions of its day included."""
    for p in source.parcelles.all():
        p.pk, p.dossier = None, cible
        p.save()
    ancien = Terrain.objects.filter(dossier=source).first()
    if ancien is not None:
        Terrain.objects.create(
            dossier=cible,
            adresse=ancien.adresse,
            lieu_dit=ancien.lieu_dit,
            superficie_declaree=ancien.superficie_declaree,
            emprise_parcelles=ancien.emprise_parcelles,
            emprise_dessinee=ancien.emprise_dessinee,
        )


def _ecrire_terrain(di: DossierInstruction, nouveau: NouveauDossier) -> None:
    terrain = Terrain.objects.get(dossier=di)
    terrain.adresse, terrain.lieu_dit = nouveau.adresse, nouveau.lieu_dit
    terrain.superficie_declaree = nouveau.superficie_declaree
    if nouveau.emprise is not None:
        dessin = terrains.multipolygone(nouveau.emprise)
        if dessin is None or not dessin.valid:
            raise Refus("L'emprise dessinée se croise ou n'a pas de surface : corrigez le dessin.")
        terrain.emprise_dessinee = dessin
    terrain.save()


def natures_ouvertes(da: DossierAutorisation, jour: date) -> list[NatureDossier]:
    """Later requests open today on an authorisation, to offer as buttons."""
    initial = da.instructions.filter(nature=NatureDossier.INITIAL).first()
    if initial is None:
        return []
    return [
        n for n in NatureDossier if n is not NatureDossier.INITIAL and not refus_demande(da, initial, n, jour)
    ]


__all__ = [
    "Demandeur",
    "NouveauDossier",
    "deja_depose",
    "demander",
    "deposer",
    "natures_ouvertes",
    "refus_demande",
]
