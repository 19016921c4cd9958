"""Examples of the addresses of tasks."""

from __future__ import annotations

from tests.matrice import exemple


def _tache() -> dict[str, int]:
    from tests.mairie.taches.essai import ecrire

    return {"pk": ecrire.demander(1, cle="matrice").pk}


exemple("tache", creer=_tache)
exemple("tache_relancer", parametres={"pk": 1})
# Whoever neither asked for it nor administers it: not there.
exemple("tache_suivre", creer=_tache, attendu=(200, 404))
exemple("programme_lancer", parametres={"code": "mairie.purger_journal"})
# For all collectivités at once: who administers one of several is refused.
exemple("programme_regler", parametres={"code": "mairie.purger_journal"}, attendu=(302, 403, 405))
exemple("bureau_agenda_ics", parametres={"jeton": "A" * 22}, attendu=(404, 429))
