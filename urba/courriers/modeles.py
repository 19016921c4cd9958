"""Templates and phrases of the permits, shipped as references: what an administrator changed is kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from mairie.courriers.modeles import declarer_modele
from mairie.models import ModeleCourrier, Phrase
from mairie.references import Bilan
from urba.courriers.catalogue import ARRETES, LETTRES
from urba.courriers.phrases import phrases

METIER = "urba"
EN_SERVICE = date(2017, 4, 1)
TEXTES = Path(__file__).parent / "textes"


def texte(code: str) -> str:
    """The shipped text of a template."""
    return (TEXTES / f"{code}.html").read_text(encoding="utf-8")


def charger() -> Bilan:
    """Templates and phrases that are not there yet."""
    avant = ModeleCourrier.objects.count() + Phrase.objects.count()
    for lettre in LETTRES:
        declarer_modele(
            METIER,
            lettre.code,
            lettre.libelle,
            objet=lettre.objet,
            corps=texte(lettre.code),
            le=EN_SERVICE,
            forme=lettre.forme,
            mode=lettre.mode,
            a_signer=lettre.a_signer,
            public=lettre.public,
            etape=lettre.etape,
            genre="urba.dossier",
            type_acte=lettre.type_acte,
            **({"serie": ARRETES} if lettre.forme == "acte" and lettre.a_signer else {}),
        )
    livrees = list(phrases())
    for phrase in livrees:
        Phrase.objects.get_or_create(
            metier=METIER,
            collectivite=None,
            categorie=phrase.categorie,
            libelle=phrase.libelle,
            defaults={"texte": phrase.texte, "filtres": list(phrase.mots)},
        )
    total = len(LETTRES) + len(livrees)
    creees = ModeleCourrier.objects.count() + Phrase.objects.count() - avant
    return Bilan(creees=creees, inchangees=total - creees)
