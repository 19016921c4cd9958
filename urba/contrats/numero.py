"""Contract of ``lire_numero`` (spec §13.4)."""

from __future__ import annotations

from typing import Any

from mairie.lecture_json import Objet
from urba.regles.numeros import NumeroInvalide, lire_numero


def traiter(valeur: Any) -> dict[str, Any]:
    """The parts of a number; raises ``ErreurSaisie``."""
    cas = Objet.ouvrir(valeur, "", ("numero",))
    texte = cas.exiger("numero")
    if not isinstance(texte, str):
        raise cas.faute("numero", "Un texte entre guillemets est attendu.")
    try:
        numero = lire_numero(texte)
    except NumeroInvalide as e:
        raise cas.faute("numero", str(e)) from None
    return {
        "type": numero.lettres,
        "departement": numero.departement,
        "commune": numero.commune,
        "insee": numero.insee,
        "annee": numero.annee,
        "ordre": numero.ordre,
        "nature": str(numero.nature),
        "rang": numero.rang,
        "extension": numero.extension,
        "canonique": numero.canonique,
        "affichage": numero.affichage,
    }
