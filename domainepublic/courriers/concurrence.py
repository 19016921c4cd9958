"""What those who declared an interest are answered once a candidate is kept: one reasoned letter each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from domainepublic.courriers import suites
from domainepublic.models import DossierODP, Interet
from domainepublic.publicites import rivaux
from mairie.courriers import services
from mairie.courriers.erreurs import CourrierRefuse
from mairie.courriers.services import code_modele
from mairie.courriers.sujets import Destinataire
from mairie.models import Courrier, Evenement, ModeCourrier
from mairie.roles import systeme

CODE, QUALITE = "concurrence", "autre intéressé"
MAISON = systeme("candidat retenu")


def vers(interet: Interet) -> Destinataire:
    """An interest as a recipient: it gave a way to be answered, often no postal address."""
    return Destinataire(interet.nom, "", interet.courriel, QUALITE)


def reponses(d: DossierODP, lettres: Iterable[Courrier]) -> list[tuple[Interet, Courrier | None]]:
    """Interests that count, in the order in which they came, each with the letter that answers it."""
    faites = [c for c in lettres if c.etat != Courrier.Etat.ABANDONNE and code_modele(c) == CODE]
    paires: list[tuple[Interet, Courrier | None]] = []
    for interet in rivaux(d):
        cle = (interet.nom, interet.courriel)
        sienne = next((c for c in faites if (c.destinataire, c.destinataire_courriel) == cle), None)
        if sienne is not None:
            # Two persons may bear one name and have no mail: each letter answers one of them.
            faites.remove(sienne)
        paires.append((interet, sienne))
    return paires


def sans_reponse(d: DossierODP, lettres: Iterable[Courrier]) -> list[Interet]:
    """Those that no letter answers yet."""
    return [interet for interet, lettre in reponses(d, lettres) if lettre is None]


def par_courriel(courrier: Courrier) -> None:
    """Who gave a mail address only is answered there; an agent who finds another writes it in the draft."""
    if courrier.destinataire_courriel and not courrier.destinataire_adresse:
        champs = {"mode": str(ModeCourrier.ELECTRONIQUE)}
        services.modifier(courrier, par=MAISON, version=courrier.version, champs=champs)


def retenu(dossier: Any, evenement: Evenement) -> None:
    """One draft an interest, to be read and sent by the agent."""
    modele = suites.modele(dossier, CODE)
    if modele is None:
        return
    for interet in sans_reponse(dossier, suites.lettres(dossier, (CODE,), Courrier.Etat.values)):
        try:
            courrier = services.preparer(dossier, modele, par=MAISON, destinataire=vers(interet))
            par_courriel(courrier)
        except CourrierRefuse:
            # Offered again among the letters to write.
            suites.trace.exception("Réponse à un intérêt du dossier %s", dossier.pk)
            return


def renonce(dossier: Any, evenement: Evenement) -> None:
    """The choice is taken back: drafts that say it are given up."""
    for c in suites.lettres(dossier, (CODE,), suites.OUVERTS):
        services.abandonner(c, par=MAISON, version=c.version, motif="Le choix du candidat est annulé.")
