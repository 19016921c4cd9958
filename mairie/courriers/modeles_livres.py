"""Templates and phrases of the town hall's own mail, so that the first letter can be written at once."""

from __future__ import annotations

from datetime import date
from typing import Any

from mairie.courriers.modeles import declarer_modele
from mairie.courriers.numeros import ARRETE as ARRETES
from mairie.models import ModeleCourrier, Phrase
from mairie.references import Bilan

EN_SERVICE = date(2020, 1, 1)

POLITESSE = "<p>Je vous prie d'agréer, [destinataire], l'expression de ma considération distinguée.</p>"
ACCUSE = (
    "<p>[destinataire],</p>"
    "<p>J'ai bien reçu votre courrier, enregistré le [date_jour] sous le numéro"
    " <strong>[numero_courrier]</strong>. Il est transmis au service compétent, qui vous répondra dans les"
    " meilleurs délais.</p>"
    "<p>L'agent qui suit votre demande est [redacteur].</p>" + POLITESSE
)
REPONSE = "<p>[destinataire],</p><p>Vous m'avez écrit au sujet de …</p>" + POLITESSE
ARRETE = (
    "<p>[signataire_qualite] de [collectivite_nom],</p>"
    "<p>Vu le code général des collectivités territoriales, notamment ses articles L. 2212-1 et"
    " suivants ;</p>"
    "<p>Considérant que … ;</p>"
    '<p class="centre"><strong>ARRÊTE</strong></p>'
    "<h2>Article 1er</h2><p>…</p>"
    "<h2>Article 2</h2><p>Le présent arrêté est publié et transmis au représentant de l'État.</p>"
    "<h2>Article 3</h2><p>Le présent arrêté peut être contesté devant le tribunal administratif dans un"
    " délai de deux mois à compter de sa publication.</p>"
)
LETTRES = (
    ("accuse", "Accusé de réception", "réception", "Votre courrier", ACCUSE),
    ("reponse", "Réponse à un courrier", "réponse", "Votre demande", REPONSE),
)
PHRASES = (
    ("Politesse", "Formule courante", POLITESSE),
    (
        "Délais",
        "Réponse sous deux mois",
        "<p>Sans réponse de ma part dans un délai de deux mois, votre demande sera considérée comme"
        " rejetée.</p>",
    ),
    (
        "Recours",
        "Tribunal administratif",
        "<p>Cette décision peut être contestée devant le tribunal administratif dans les deux mois qui"
        " suivent sa notification.</p>",
    ),
    (
        "Pièces",
        "Demander des pièces",
        "<p>Pour compléter votre dossier, je vous remercie de m'adresser :</p><ul><li>…</li></ul>",
    ),
)


def charger() -> Bilan:
    """Common templates and phrases; those that exist are left as they are."""
    avant = ModeleCourrier.objects.count() + Phrase.objects.count()
    for code, libelle, etape, objet, corps in LETTRES:
        declarer_modele("mairie", code, libelle, etape=etape, objet=objet, corps=corps, le=EN_SERVICE)
    acte: dict[str, Any] = {"forme": "acte", "serie": ARRETES.code, "public": True, "etape": "acte"}
    declarer_modele("mairie", "arrete", "Arrêté", objet="portant …", corps=ARRETE, le=EN_SERVICE, **acte)
    for categorie, libelle, texte in PHRASES:
        Phrase.objects.get_or_create(
            metier="mairie",
            collectivite=None,
            categorie=categorie,
            libelle=libelle,
            defaults={"texte": texte},
        )
    total = len(LETTRES) + 1 + len(PHRASES)
    creees = ModeleCourrier.objects.count() + Phrase.objects.count() - avant
    return Bilan(creees=creees, inchangees=total - creees)
