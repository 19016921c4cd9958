"""What a sale must know of the sewer: connections of what is sold, last control, whether one is due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from assainissement.avis_reseau import en_zone_collective
from assainissement.circuits.etats_ac import OUVERTS
from assainissement.models import Branchement, ControleAC, DeclarationVente, ReglementService

# A control of a flat answers for its flat alone.
APPARTEMENT = "appartement"


@dataclass(frozen=True)
class CoteReseau:
    """``controle``: the last one concluded, valid that day or not; ``ouvert``: one under way.

    ``choix``: the valid ones of the place. ``a_choisir``: flats are among them,
    and nobody said which is sold.
    """

    branchements: Sequence[Branchement]
    controle: ControleAC | None
    valable: bool
    exige: bool
    ouvert: ControleAC | None
    # One of the parcels sold; where nothing else says where.
    parcelle: str = ""
    choix: Sequence[ControleAC] = ()
    a_choisir: bool = False

    @property
    def _attendu(self) -> bool:
        """One is valid or under way, for what is sold as far as can be told."""
        return not self.a_choisir and (self.valable or self.ouvert is not None)

    @property
    def a_demander(self) -> bool:
        """The règlement wants a control before the sale, none is valid, none is under way."""
        return self.exige and not self._attendu

    @property
    def peut_se_demander(self) -> bool:
        """None is valid nor under way: one may be asked, even where the règlement does not want it."""
        return not self._attendu

    @property
    def ou(self) -> str:
        """Where a new control is asked, as the query of its form."""
        if self.branchements:
            return f"branchement={self.branchements[0].pk}"
        dernier = self.controle or self.ouvert
        if dernier is not None and dernier.branchement_id:
            return f"branchement={dernier.branchement_id}"
        reference = (dernier.reference if dernier is not None else "") or self.parcelle
        return f"parcelle={reference}" if reference else ""


def cote_reseau(v: DeclarationVente, jour: date) -> CoteReseau | None:
    """Null where what is sold has neither connection nor control, unless the règlement wants one there."""
    parcelles = list(v.parcelles)
    ici, siens = Q(parcelles__reference__in=parcelles), Q(reference__in=parcelles)
    if v.adresse_id:
        ici, siens = ici | Q(adresse=v.adresse_id), siens | Q(adresse=v.adresse_id)
    branchements = list(Branchement.objects.filter(ici, insee=v.insee).distinct())
    controles = ControleAC.objects.filter(siens | Q(branchement__in=branchements), insee=v.insee)
    choix = _valables(controles, jour)
    if v.raccordement is not None:
        racine = v.raccordement.origine_id or v.raccordement.pk
        controles = ControleAC.objects.filter(Q(pk=racine) | Q(origine=racine))
    dernier = controles.filter(valide_le__isnull=False).order_by("-visite_le", "-pk").first()
    ouvert = controles.filter(etat__in=OUVERTS).order_by("-pk").first()
    reglement = ReglementService.objects.en_vigueur(v.insee, jour)
    exige = reglement is not None and reglement.controle_ac_vente_obligatoire
    connu = bool(branchements) or dernier is not None or ouvert is not None
    if not connu and not (
        exige and v.installation_id is None and en_zone_collective(v.insee, parcelles, jour)
    ):
        return None
    return CoteReseau(
        branchements,
        dernier,
        dernier is not None and dernier.fin_validite is not None and dernier.fin_validite >= jour,
        exige,
        ouvert,
        parcelles[0] if parcelles else "",
        choix,
        v.raccordement is None and any(c.logement == APPARTEMENT for c in choix),
    )


def _valables(controles: QuerySet[ControleAC], jour: date) -> list[ControleAC]:
    """The last of each control and its contre-visites, where it is valid that day."""
    derniers: dict[int, ControleAC] = {}
    concluants = controles.filter(valide_le__isnull=False).select_related("demandeur")
    for c in concluants.order_by("-visite_le", "-pk"):
        derniers.setdefault(c.origine_id or c.pk, c)
    return [c for c in derniers.values() if c.fin_validite is not None and c.fin_validite >= jour]


@dataclass(frozen=True)
class Raccordement:
    """A place served by the sewer, found for a sale: its connection if entered, its last control."""

    lieu: str
    parcelle: str
    branchement: Branchement | None
    controle: ControleAC | None
    valable: bool


def trouver(personne: Any, texte: str, jour: date, maximum: int) -> list[Raccordement]:
    """Connections, then places controlled without one, that a notary's words name."""
    from assainissement.ecrans_raccordement import chercher_branchements, chercher_controles

    def dire(b: Branchement | None, c: ControleAC | None) -> Raccordement:
        references = [p.reference for p in b.parcelles.all()] if b is not None else []
        if c is not None and c.reference:
            references = [c.reference]
        lieu = (b.lieu if b is not None else "") or (c.lieu if c is not None else "")
        valable = c is not None and c.fin_validite is not None and c.fin_validite >= jour
        return Raccordement(lieu, references[0] if references else "", b, c, valable)

    valides = ControleAC.objects.visibles_par(personne).filter(valide_le__isnull=False)
    valides = valides.select_related("adresse__voie").order_by("-visite_le", "-pk")
    branchements = list(
        Branchement.objects.visibles_par(personne)
        .filter(chercher_branchements(texte))
        .select_related("adresse__voie")
        .prefetch_related("parcelles")[:maximum]
    )
    derniers: dict[int, ControleAC] = {}
    for c in valides.filter(branchement__in=branchements):
        derniers.setdefault(c.branchement_id or 0, c)
    sortie = [dire(b, derniers.get(b.pk)) for b in branchements]
    vus: set[tuple[str, int | None]] = set()
    for c in valides.filter(chercher_controles(texte), branchement__isnull=True)[:maximum]:
        if (c.reference, c.adresse_id) not in vus:
            vus.add((c.reference, c.adresse_id))
            sortie.append(dire(None, c))
    return sortie[:maximum]
