"""What an answer of the form makes the report recommend: access, upkeep, changes. It imposes nothing.

Source: arrêté du 27 avril 2012, art. 4 and annexe I ; arrêté du 7 septembre 2009, art. 15 (vidange).
"""

from __future__ import annotations

from assainissement.regles.tables.points import NON, OUI

# (code of the question, answer) → group, phrase.
RECOMMANDATIONS = {
    ("regards_accessibles", NON): ("Accès", "Rendre les regards accessibles : les dégager, les rehausser."),
    ("vidange_a_jour", NON): (
        "Entretien",
        "Faire vidanger par une personne agréée quand les boues atteignent la moitié du volume utile, et"
        " garder les bordereaux.",
    ),
    ("accumulation", OUI): ("Entretien", "Retirer les graisses et les flottants, nettoyer le préfiltre."),
    ("vegetation", OUI): (
        "Entretien",
        "Écarter du traitement les arbres, les cultures, le passage et le stationnement de véhicules.",
    ),
    ("usure", OUI): ("Entretien", "Surveiller l'élément usé et le remplacer avant qu'il ne cède."),
    ("modifiee", OUI): (
        "Modifications",
        "Remettre au service le plan et les factures de ce qui a été modifié depuis le dernier contrôle.",
    ),
    ("ventilation", NON): ("Modifications", "Créer ou rétablir la ventilation de l'installation."),
    ("eaux_pluviales_separees", NON): (
        "Modifications",
        "Détourner de l'installation les eaux de pluie : elles la noient.",
    ),
}
GROUPES = ("Accès", "Entretien", "Modifications")
