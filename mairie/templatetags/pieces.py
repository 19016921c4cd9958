"""The panels « Pièces » and « Personnes » that the page of any dossier includes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import template
from django.conf import settings
from django.template import RequestContext

from mairie.models import Piece
from mairie.pieces import antivirus, apercus
from mairie.pieces.genres import TYPES, USUELS, extensions
from mairie.pieces.registre import peut_deposer, peut_gerer, porteur_de

register = template.Library()


@register.filter
def octets(taille: int | None) -> str:
    """« 1,4 Mo », « 12 ko », « 300 octets »."""
    if taille is None:
        return "–"
    if taille < 1000:
        return f"{taille}\u00a0octets"
    if taille < 1_000_000:
        return f"{taille / 1000:.0f}\u00a0ko"
    return f"{taille / 1_000_000:.1f}\u00a0Mo".replace(".", ",")


def _seulement(formats: Iterable[str]) -> str:
    """Kinds of files that an object takes, where it does not take them all."""
    return ", ".join(TYPES[f].libelle for f in formats)


@register.filter
def icone_fichier(mime: str) -> str:
    """Icon of a kind of file."""
    if mime.startswith("image/") and "vnd" not in mime:
        return "bi-file-earmark-image"
    return {
        "application/pdf": "bi-file-earmark-pdf",
        "application/zip": "bi-file-earmark-zip",
        "text/csv": "bi-file-earmark-spreadsheet",
        "text/plain": "bi-file-earmark-text",
    }.get(mime, "bi-file-earmark-spreadsheet" if "sheet" in mime else "bi-file-earmark")


@register.inclusion_tag("mairie/pieces/_panneau.html", takes_context=True)
def panneau_pieces(context: RequestContext, dossier: Any, titre: str = "Pièces") -> dict[str, Any]:
    """Files of an object, with the form to add some for who may; nothing for an undeclared kind."""
    request = context["request"]
    trouve = porteur_de(dossier)
    pieces = (
        list(
            Piece.objects.du_dossier(dossier)
            .courantes()
            .select_related("depose_par")
            .order_by("code", "depose_le", "pk")
        )
        if trouve
        else []
    )
    codes = list(trouve.codes(dossier)) if trouve and trouve.codes else []
    libelles = dict(codes)
    raison = trouve.ouvert(dossier, request.user) if trouve and trouve.ouvert else ""
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "titre": titre,
        "porteur": trouve,
        "dossier": dossier,
        "pieces": [(p, libelles.get(p.code, p.code), apercus.montrable(p)) for p in pieces],
        "codes": codes,
        "depose": bool(trouve) and peut_deposer(dossier, request.user),
        "gere": bool(trouve) and peut_gerer(dossier, request.user),
        "raison": raison,
        "accepte": ",".join(f".{e}" for e in extensions(trouve.formats)) if trouve else "",
        "seulement": "" if not trouve or trouve.formats == USUELS else _seulement(trouve.formats),
        "taille_max": settings.PIECE_TAILLE_MAX,
        "antivirus": antivirus.actif(),
    }


@register.inclusion_tag("mairie/tiers/_panneau.html", takes_context=True)
def panneau_personnes(
    context: RequestContext, personnes: Iterable[Any], titre: str = "Personnes"
) -> dict[str, Any]:
    """Persons of a dossier: objects or mappings with ``tiers``, ``role``, ``depuis``, ``jusqu_a``.

    The caller has checked that the person may read the dossier; links lead only where she may read the sheet.
    """
    from mairie.habilitations import portee
    from mairie.perms import LIRE

    request = context["request"]
    p = portee(request.user, LIRE)
    lignes = []
    for une in personnes:
        lire: Any = une.get if isinstance(une, dict) else lambda nom, une=une: getattr(une, nom, None)
        tiers: Any = lire("tiers")
        lignes.append(
            {
                "tiers": tiers.survivant() if tiers.fusionne_dans_id else tiers,
                "role": lire("role"),
                "depuis": lire("depuis"),
                "jusqu_a": lire("jusqu_a"),
                "lien": p.contient(tiers.collectivite),
            }
        )
    return {"request": request, "titre": titre, "lignes": lignes}


@register.filter
def porteur_nom(dossier: Any) -> str:
    """How addresses name the kind of an object."""
    return str(dossier._meta.label_lower)
