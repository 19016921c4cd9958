"""Services that the facts of a file call for (spec §7.7): ticked beforehand, with why; the agent decides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone

from domainepublic.actes import NatureDossier
from domainepublic.models import Conflit, DossierODP
from gis_data.contraintes.models import DocumentUrbanisme, SupAssiette
from gis_data.formats.cnig import codes
from mairie.models import Consultation, ServiceConsulte

# Surroundings of monuments, sites, remarkable heritage places.
PATRIMOINE = ("AC1", "AC2", "AC4", "AC4BIS")


@dataclass(frozen=True)
class Propose:
    """A service that may be consulted; ``raison``: why it is ticked, empty where nothing calls for it."""

    service: ServiceConsulte
    raison: str = ""
    deja: bool = False

    @property
    def coche(self) -> bool:
        """Ticked when the page opens: called for, and not asked yet."""
        return bool(self.raison) and not self.deja


def proposer(
    d: DossierODP,
    services: Iterable[ServiceConsulte],
    nature: NatureDossier,
    conflits: Sequence[Conflit],
    consultations: Iterable[Consultation],
) -> list[Propose]:
    """Each service with its reason; those called for come first."""
    services = list(services)
    raisons = _raisons(d, nature, conflits) if services else {}
    deja = {c.service_id for c in consultations}
    lus = [Propose(s, raisons.get(s.code, ""), s.pk in deja) for s in services]
    return sorted(lus, key=lambda p: not p.coche)


def _raisons(d: DossierODP, nature: NatureDossier, conflits: Sequence[Conflit]) -> dict[str, str]:
    sortie = {}
    if any("gestionnaire_voie" in a.avis for a in nature.actes):
        sortie["odp_gestionnaire"] = "la voie est gérée par une autre autorité que celle qui signe"
    motifs = {c.motif for c in conflits}
    if "avis_transport" in motifs:
        sortie["odp_transports"] = "une ligne de bus passe par l'emprise"
    if "proximite_pei" in motifs:
        sortie["odp_secours"] = "un point d'eau incendie est tout près"
    if d.modifie_circulation:
        sortie["odp_police"] = "la circulation ou le stationnement change"
    if protection := _patrimoine(d):
        sortie["odp_patrimoine"] = f"l'emprise est dans une protection du patrimoine ({protection})"
    return sortie


def _patrimoine(d: DossierODP) -> str:
    """The servitudes of heritage in force that the ground meets, in words; empty: none known."""
    sols: Any = Q(pk__in=())
    for e in d.ses_emprises():
        sols |= Q(geom__intersects=e.surface)
    jour = timezone.localdate()
    documents = DocumentUrbanisme.objects.filter(
        Q(valide_au__isnull=True) | Q(valide_au__gt=jour), valide_du__lte=jour, categorie__in=PATRIMOINE
    )
    trouvees = SupAssiette.objects.filter(sols, document__in=documents, categorie__in=PATRIMOINE)
    categories = trouvees.order_by("categorie").values_list("categorie", flat=True).distinct()
    return ", ".join(codes.libelle_servitude(c) for c in categories)
