"""Search provider of the plan: references, sections, communes, addresses, named places."""

from __future__ import annotations

from functools import lru_cache

from cadastre.recherche.lieux import chercher_lieux
from cadastre.recherche.references import chercher_references
from cadastre.regles.references import Contexte, Erreur, Reference, analyser
from mairie.recherche import Demande, Reponse
from mairie.territoire import territoire


@lru_cache(maxsize=8)
def _contexte(communes: tuple[tuple[str, str], ...], courante: str | None) -> Contexte:
    # Its name index is made once, not at each search.
    return Contexte(dict(communes), courante)


def contexte(courante: str | None = None) -> Contexte:
    """Communes of the plan loaded, with the one on the map."""
    return _contexte(territoire().communes, courante)


def chercher(demande: Demande) -> Reponse:
    """Exact references first; names and addresses unless the text is nothing but references."""
    ctx = contexte(demande.commune)
    elements = analyser(demande.texte, ctx)
    reponse = Reponse()
    for element in elements:
        if isinstance(element, Erreur):
            (reponse.remarques if element.faible else reponse.erreurs).append(element.message)
    references = [e for e in elements if isinstance(e, Reference)]
    if references:
        trouvees = chercher_references(references, ctx)
        reponse.resultats.extend(trouvees.resultats)
        reponse.erreurs.extend(trouvees.erreurs)
        reponse.remarques.extend(trouvees.remarques)
    sures = [e for e in elements if not e.faible]
    if not sures:
        lieux = chercher_lieux(demande.texte, ctx, demande.limite)
        reponse.resultats.extend(lieux.resultats)
        reponse.erreurs.extend(lieux.erreurs)
        reponse.remarques.extend(lieux.remarques)
    return reponse
