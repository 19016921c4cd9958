"""What the letters of the public domain declare at start."""

from __future__ import annotations

from domainepublic.courriers import demo, modeles
from domainepublic.courriers.champs import declarer_champs
from domainepublic.courriers.sujet import SUJET
from mairie import references
from mairie.courriers import sujets


def declarer() -> None:
    """From ``AppConfig.ready``."""
    declarer_champs()
    sujets.declarer(SUJET)
    demo.declarer()
    references.declarer("modèles de lettres du domaine public", modeles.charger)
