"""Letters of the tests: a commune, its letterhead, a template, a draft; made in one line."""

from __future__ import annotations

import io
from datetime import date
from typing import Any

import pypdf

from mairie.courriers import modeles, services
from mairie.courriers.declaration import GENERAL
from mairie.courriers.sujets import Destinataire
from mairie.models import Collectivite, Courrier, EnTete, ModeleCourrier, Utilisateur
from tests.personnes import INSEE, agent, commune

EN_SERVICE = date(2020, 1, 1)
VOISIN = Destinataire("Jeanne Dupré", "12 rue du Moulin\n25999 VALBRUNE", "jeanne@exemple.invalid")
CORPS = (
    "<p>[destinataire],</p><p>Votre demande est enregistrée le [date_jour] sous le numéro"
    " <strong>[numero_courrier]</strong>.</p><p>[signataire_qualite]</p>"
)


def ville(nom: str = "Valbrune-les-Essais") -> Collectivite:
    """The invented commune with its letterhead."""
    ici = commune(nom=nom)
    EnTete.objects.get_or_create(
        collectivite=ici,
        metier="",
        defaults={
            "nom": "Commune de Valbrune-les-Essais",
            "adresse": "1 place de la Mairie\n25999 Valbrune",
            "lieu": "Valbrune",
            "signataire_nom": "Claude Exemple",
            "signataire_qualite": "Le maire",
        },
    )
    return ici


def redacteur() -> Utilisateur:
    """Who writes the town hall's letters."""
    return agent("mairie.administrateur", nom="Camille Martin")


def modele(code: str = "accuse", corps: str = CORPS, **options: Any) -> ModeleCourrier:
    """A common template in service."""
    textes = {"objet": options.pop("objet", "Accusé de réception"), "corps": corps, "le": EN_SERVICE}
    return modeles.declarer_modele("mairie", code, options.pop("libelle", "Accusé"), **textes, **options)


def brouillon(**options: Any) -> Courrier:
    """A draft on the commune."""
    par = options.pop("par", None) or redacteur()
    a = options.pop("destinataire", VOISIN)
    return services.preparer(
        ville(), options.pop("modele", None) or modele(**options), par=par, destinataire=a
    )


def finalisee(**options: Any) -> Courrier:
    """A finalised letter."""
    c = brouillon(**options)
    return services.finaliser(c, par=redacteur(), version=c.version)


def texte_pdf(octets: bytes) -> str:
    """Text of a PDF, one line a paragraph line, spaces made ordinary."""
    pages = pypdf.PdfReader(io.BytesIO(octets)).pages
    return "\n".join(p.extract_text() for p in pages).replace("\u00a0", " ")


__all__ = [
    "GENERAL",
    "INSEE",
    "VOISIN",
    "brouillon",
    "finalisee",
    "modele",
    "redacteur",
    "texte_pdf",
    "ville",
]
