"""Links of installations to parcels, when the cadastre renumbers: followed where sure, listed where not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from assainissement.models import Installation, InstallationParcelle
from cadastre.models import Parcelle
from cadastre.versions import parcelles_actuelles
from mairie import journal
from mairie.models import Utilisateur
from mairie.roles import Acteur, systeme
from mairie.workflow import Refus

SUIVIE = "assainissement.parcelle_suivie"
CADASTRE = systeme("mise à jour du cadastre")


@dataclass(frozen=True)
class Lien:
    """A link that resolves no more, with the parcels that may take its place."""

    lien: InstallationParcelle
    candidates: list[Parcelle] = field(default_factory=list)


def perdus(visibles: Any) -> Any:
    """Links of these installations to references that are no parcel of today."""
    vivante = Parcelle.objects.filter(idu=OuterRef("reference"), valide_au__isnull=True)
    return (
        InstallationParcelle.objects.filter(installation__in=visibles.exclude(etat__in=("", "desactivee")))
        .filter(~Exists(vivante))
        .select_related("installation")
        .order_by("installation__numero", "reference")
    )


def candidates(lien: InstallationParcelle) -> list[Parcelle]:
    """Parcels that now cover its point, then those that its parcel became."""
    i = lien.installation
    trouvees: dict[int, Parcelle] = {}
    if i.geom is not None:
        for p in Parcelle.objects.filter(commune=i.insee, valide_au__isnull=True, geom__contains=i.geom)[:5]:
            trouvees[p.pk] = p
    for p in _descendantes(lien.reference):
        trouvees.setdefault(p.pk, p)
    return [p for p in trouvees.values() if p.idu]


def _descendantes(reference: str) -> list[Parcelle]:
    ancienne = Parcelle.objects.filter(idu=reference).order_by("-valide_du").first()
    return [p for p, _ in parcelles_actuelles(ancienne)] if ancienne is not None else []


def lister(visibles: Any, limite: int = 200) -> list[Lien]:
    """The list « Parcelles à rattacher »."""
    return [Lien(x, candidates(x)) for x in perdus(visibles)[:limite]]


def suivre(insee: str) -> tuple[int, int]:
    """Follow the links of a commune that have one successor, on which the point stands; (done, doubtful)."""
    suivis = douteux = 0
    for lien in perdus(Installation.objects.filter(insee=insee)):
        heritieres = _descendantes(lien.reference)
        i = lien.installation
        seule = heritieres[0] if len(heritieres) == 1 else None
        if seule is None and i.geom is not None:
            dessous = [p for p in heritieres if p.geom is not None and p.geom.contains(i.geom)]
            seule = dessous[0] if len(dessous) == 1 else None
        hors = (
            seule is not None
            and i.geom is not None
            and seule.geom is not None
            and not seule.geom.contains(i.geom)
        )
        if seule is None or hors or not seule.idu:
            douteux += 1
            continue
        rattacher(lien, seule.idu, par=CADASTRE)
        suivis += 1
    return suivis, douteux


def rattacher(lien: InstallationParcelle, idu: str, *, par: Utilisateur | Acteur) -> None:
    """The link takes the reference of today; the former one is kept beside it. ``Refus`` for no parcel."""
    i = lien.installation
    if not Parcelle.objects.filter(idu=idu, commune=i.insee, valide_au__isnull=True).exists():
        raise Refus("Cette parcelle n'est pas au cadastre d'aujourd'hui : choisissez-en une autre.")
    with transaction.atomic():
        Installation.objects.select_for_update(of=("self",)).get(pk=i.pk)
        ancienne = lien.reference
        if InstallationParcelle.objects.filter(installation=i, reference=idu).exclude(pk=lien.pk).exists():
            # Already linked to it by another of its former parcels.
            principale = lien.principale
            lien.delete()
            if principale:
                InstallationParcelle.objects.filter(installation=i, reference=idu).update(principale=True)
        else:
            InstallationParcelle.objects.filter(pk=lien.pk).update(reference=idu, ancienne=ancienne)
        journal.noter(par, SUIVIE, i, insee=i.insee, donnees={"de": ancienne, "vers": idu})


def declarer() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(journal.Action(SUIVIE, "Parcelle d'une installation suivie au cadastre"))
