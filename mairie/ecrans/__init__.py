"""Generated screens: a list, a page and a form from a declaration. See docs/ecrans.md."""

from mairie.ecrans.declaration import (
    Action,
    ActionImpossible,
    Colonne,
    Fiche,
    Formulaire,
    Lien,
    LigneHistorique,
    Liste,
    ListeLiee,
    Section,
)
from mairie.ecrans.filtres import (
    Filtre,
    FiltreChoix,
    FiltreCommune,
    FiltreDates,
    FiltreNombre,
    FiltreOuiNon,
    FiltreTexte,
    au_moins_un,
)
from mairie.ecrans.imports.declaration import ColonneImport, Import, ValeurRefusee
from mairie.ecrans.reference import declarer_table_reference
from mairie.ecrans.registre import declarer, ecrans, liste, listes
from mairie.ecrans.valeurs import Champ, Nature, Ton

__all__ = [
    "Action",
    "ActionImpossible",
    "Champ",
    "Colonne",
    "ColonneImport",
    "Fiche",
    "Filtre",
    "FiltreChoix",
    "FiltreCommune",
    "FiltreDates",
    "FiltreNombre",
    "FiltreOuiNon",
    "FiltreTexte",
    "Formulaire",
    "Import",
    "Lien",
    "LigneHistorique",
    "Liste",
    "ListeLiee",
    "Nature",
    "Section",
    "Ton",
    "ValeurRefusee",
    "au_moins_un",
    "declarer",
    "declarer_table_reference",
    "ecrans",
    "liste",
    "listes",
]
