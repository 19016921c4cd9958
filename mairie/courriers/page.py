"""The page of a letter, from letterhead to QR code, as HTML for the renderer."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import segno
from barcode import Code128  # type: ignore[import-untyped]
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from mairie.courriers.champs import Illustration
from mairie.courriers.rendu import Ressource

# Width of one module of the bar code, mm: what ordinary readers still read.
MODULE_MM = 0.3


# What an act calls itself; the rest of its label only tells it from the others in a list.
_ARRETE = "Arrêté "


@dataclass(frozen=True)
class Lettre:
    """All that is printed. ``corps`` is clean HTML; every other text is plain, and escaped.

    ``verification``: address of the public check page, empty for what is not a public act. ``projet``: not
    yet finalised. ``date_signature`` empty: a blank is left for it.
    """

    libelle: str
    numero: str
    objet: str
    corps: str
    forme: str = "lettre"
    emetteur: str = ""
    sous_titre: str = ""
    adresse: Sequence[str] = ()
    pied: str = ""
    logo: Ressource | None = None
    references: Sequence[tuple[str, str]] = ()
    destinataire: Sequence[str] = ()
    mode: str = ""
    copies: str = ""
    lieu: str = ""
    date: str = ""
    signature: bool = True
    date_signature: str = ""
    signataire: str = ""
    qualite: str = ""
    delegation: str = ""
    verification: str = ""
    projet: bool = False
    images: Mapping[str, Illustration] = field(default_factory=dict)

    @property
    def titre(self) -> str:
        """First line of an act: « Arrêté n° … », its object says of what; « Certificat d'urbanisme n° … »."""
        return "Arrêté" if self.libelle.startswith(_ARRETE) and self.objet else self.libelle


def composer(lettre: Lettre) -> tuple[str, dict[str, Ressource]]:
    """(HTML, resources that it names by ``lettre:``)."""
    ressources = {code: Ressource(i.mime, i.octets) for code, i in lettre.images.items()}
    if lettre.logo is not None:
        ressources["_logo"] = lettre.logo
    if lettre.verification:
        ressources["_qr.svg"] = qr(lettre.verification)
    if lettre.numero:
        ressources["_barres.svg"] = code_barres(lettre.numero)
    if lettre.projet:
        ressources["_projet.svg"] = _filigrane()
    html = render_to_string(
        "mairie/courriers/lettre.html",
        # Cleaned by ``texte``, its values escaped by ``fusion``.
        {"l": lettre, "corps": mark_safe(lettre.corps), "adresse_courte": _court(lettre.verification)},  # noqa: S308
    )
    return html, ressources


def _court(adresse: str) -> str:
    return adresse.removeprefix("https://").removeprefix("http://").rstrip("/")


def qr(adresse: str) -> Ressource:
    """QR code of an address, with its quiet zone."""
    sortie = io.BytesIO()
    segno.make(adresse, error="m", micro=False).save(
        sortie, kind="svg", xmldecl=False, dark="#1d2b3a", border=4, scale=1, omitsize=True
    )
    return Ressource("image/svg+xml", sortie.getvalue())


def code_barres(texte: str) -> Ressource:
    """Code 128 of a number: what is not ASCII is left out."""
    modules: str = Code128(texte.encode("ascii", "ignore").decode() or "0").build()[0]
    largeur = len(modules)
    barres, debut = [], -1
    for x, module in enumerate([*modules, "0"]):
        if module == "1" and debut < 0:
            debut = x
        elif module != "1" and debut >= 0:
            barres.append(f"M{debut} 0h{x - debut}v10h-{x - debut}z")
            debut = -1
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {largeur} 10" preserveAspectRatio="none"'
        f' width="{largeur * MODULE_MM:g}mm" height="7mm"><path fill="#1d2b3a" d="{"".join(barres)}"/></svg>'
    )
    return Ressource("image/svg+xml", svg.encode())


def _filigrane() -> Ressource:
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297" width="210mm" height="297mm">'
        '<text x="105" y="165" transform="rotate(-52 105 150)" text-anchor="middle" font-size="46"'
        ' font-family="Source Sans 3" font-weight="700" fill="#b3261e" fill-opacity="0.1">PROJET</text></svg>'
    )
    return Ressource("image/svg+xml", svg.encode())
