"""Templates and phrases of the public domain, shipped as references: what a commune changed is kept."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from domainepublic.courriers.catalogue import LETTRES
from domainepublic.courriers.champs import METIER
from domainepublic.numerotation import ACTE
from mairie.courriers.modeles import declarer_modele
from mairie.models import ModeleCourrier, Phrase
from mairie.references import Bilan

EN_SERVICE = date(2020, 1, 1)
GENRE = "domainepublic.dossier"
TEXTES = Path(__file__).parent / "textes"
OCCUPER = ("permission_de_voirie", "permis_de_stationnement", "autre_titre")
PHRASES = (
    ("Prescriptions", "Passage protégé",
     "Un cheminement protégé et accessible aux personnes à mobilité réduite est maintenu et éclairé."),
    ("Prescriptions", "Horaires du chantier",
     "Les travaux bruyants ont lieu du lundi au vendredi, de 8 h à 19 h."),
    ("Prescriptions", "Marché hebdomadaire",
     "Les jours de marché, l'emprise est libérée avant 5 heures et jusqu'à la fin du nettoyage."),
    ("Motifs de refus", "Passage insuffisant",
     "le passage laissé aux piétons serait inférieur à 1,40 m"),
    ("Motifs de refus", "Occupation déjà accordée",
     "le même sol est déjà occupé aux mêmes dates"),
)  # fmt: skip


def texte(code: str) -> str:
    """The shipped text of a template. Titles to occupy the ground differ by two paragraphs, why they may
    be given and what they allow; the rest of the act is one text.
    """
    propre = (TEXTES / f"{code}.html").read_text(encoding="utf-8")
    if code not in OCCUPER:
        return propre
    considerant, objet = propre.splitlines()
    commun = (TEXTES / "_titre.html").read_text(encoding="utf-8")
    return commun.replace("{{ considerant }}", considerant).replace("{{ objet }}", objet)


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
            genre=GENRE,
            type_acte=lettre.type_acte,
            # Acts share the register from which the signature took its number before there were letters.
            **({"serie": ACTE.code} if lettre.forme == "acte" and lettre.a_signer else {}),
        )
    for categorie, libelle, phrase in PHRASES:
        Phrase.objects.get_or_create(
            metier=METIER,
            collectivite=None,
            categorie=categorie,
            libelle=libelle,
            defaults={"texte": f"<p>{phrase}</p>"},
        )
    creees = ModeleCourrier.objects.count() + Phrase.objects.count() - avant
    return Bilan(creees=creees, inchangees=len(LETTRES) + len(PHRASES) - creees)
