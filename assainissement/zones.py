"""The page of a zone: its end, its marks, its documents: the act that approves it, a file that shows it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from assainissement import perms, zonage
from assainissement.models import ZonageAssainissement, ZoneEnjeu
from mairie import journal
from mairie.models import Piece, Utilisateur
from mairie.workflow import ConflitEdition, Refus

MODIFIEE = "assainissement.zone_modifiee"
CODES = {
    ZonageAssainissement: (
        ("deliberation", "Délibération ou arrêté"), ("plan", "Plan de zonage"), ("autre", "Autre"),
    ),
    ZoneEnjeu: (("source", "Arrêté, profil ou étude"), ("plan", "Plan"), ("autre", "Autre")),
}  # fmt: skip


def declarer() -> None:
    """Documents of zones, which may be published; the action of the log."""
    from mairie.pieces.registre import Porteur
    from mairie.pieces.registre import declarer as declarer_porteur

    journal.declarer(journal.Action(MODIFIEE, "Zone d'assainissement modifiée"))
    for modele, codes in CODES.items():
        declarer_porteur(
            Porteur(
                modele,
                modele.objects.visibles_par,
                perms.REGLER,
                lambda z: z.get_absolute_url(),
                codes=lambda z, codes=codes: codes,  # type: ignore[misc]
            )
        )


def etat_vu(zone: Any) -> str:
    """What may change of a zone, in one word that its form carries."""
    marque = zone.annexe_plu if isinstance(zone, ZonageAssainissement) else zone.preuve_impact
    return f"{zone.au.isoformat() if zone.au else ''};{'oui' if marque else 'non'}"


def modifier(zone: Any, champs: dict[str, Any], *, par: Utilisateur, vu: str = "") -> None:
    """Its end and its marks; ``Refus`` when it ends before it begins, or comes back over another.

    ``ConflitEdition`` when it is no longer as it was seen (``etat_vu``; empty: not asked).
    """
    with transaction.atomic():
        tenue = type(zone).objects.select_for_update(of=("self",)).get(pk=zone.pk)
        if vu and etat_vu(tenue) != vu:
            raise ConflitEdition(
                "Cette zone a changé depuis que vous l'avez ouverte. Ce que vous avez saisi est gardé :"
                " comparez à ce qui est enregistré maintenant, puis enregistrez de nouveau si c'est toujours"
                " voulu."
            )
        avant = {c: getattr(tenue, c) for c in champs}
        if champs.get("au") is not None and champs["au"] < tenue.du:
            raise Refus("La fin précède le début.")
        for champ, valeur in champs.items():
            setattr(tenue, champ, valeur)
        if isinstance(tenue, ZonageAssainissement) and tenue.type != ZonageAssainissement.Type.EP:
            _verifier(tenue, avant["au"])
        if changes := [c for c, valeur in champs.items() if avant[c] != valeur]:
            tenue.save(update_fields=changes)
            journal.noter(par, MODIFIEE, donnees={"zone": tenue.pk, "champs": changes}, insee=tenue.insee)
    zone.refresh_from_db()


def _verifier(zone: ZonageAssainissement, fin_avant: Any) -> None:
    """A zone that lasts longer than before must not meet those that followed it."""
    if fin_avant is None or (zone.au is not None and zone.au <= fin_avant):
        return
    suivantes = ZonageAssainissement.objects.filter(insee=zone.insee, du__gt=fin_avant).exclude(pk=zone.pk)
    if zone.au is not None:
        suivantes = suivantes.filter(du__lte=zone.au)
    for autre, commun in zonage.communs(suivantes, zone.geom):
        raise Refus(f"Elle recouvrirait {commun:.0f} m² de « {autre} », qui l'a suivie.")


def documents(zones: Iterable[Any]) -> dict[int, list[Piece]]:
    """Published documents of zones, by zone: those of an act belong to all the zones that it approves."""
    sortie: dict[int, list[Piece]] = {}
    for modele in CODES:
        ici = [z for z in zones if isinstance(z, modele)]
        if not ici:
            continue
        acte = "acte" if modele is ZonageAssainissement else "source"
        soeurs = modele.objects.filter(
            insee__in={z.insee for z in ici}, **{f"{acte}__in": {getattr(z, acte) for z in ici}}
        )
        actes = {pk: (insee, texte) for pk, insee, texte in soeurs.values_list("pk", "insee", acte)}
        pieces = Piece.objects.courantes().filter(
            visible_public=True, dossier_type=ContentType.objects.get_for_model(modele),
            dossier_id__in=list(actes),
        )  # fmt: skip
        for piece in pieces.order_by("code", "depose_le", "pk"):
            for z in ici:
                if (z.insee, getattr(z, acte)) == actes[piece.dossier_id]:
                    sortie.setdefault(id(z), []).append(piece)
    return sortie
