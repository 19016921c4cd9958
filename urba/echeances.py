"""Deadlines of the permits on the agents' desk, and the nightly work on what is decided."""

from __future__ import annotations

import logging
from datetime import date
from typing import Any

from django.db import DatabaseError, connection

from mairie.bureau import Dossier, MesDossiers, declarer_dossiers
from mairie.echeances import Fournisseur, fournir, publier, solder
from mairie.workflow import rafraichir
from urba import perms
from urba.instruction.etats import ACCORDES, OUVERTS
from urba.regles.types import LIBELLES_SILENCE, Silence

trace = logging.getLogger(__name__)

LIMITE, FENETRE, PIECES = "urba.limite", "urba.fenetre", "urba.pieces"
TACITE, CONFORMITE = "urba.tacite", "urba.conformite"
# A letter sent by electronic way and never opened: the law deems it received, an agent says so (R.423-48).
FICTION = "urba.fiction"
# Authorisations that time still changes.
VIVANTES = ("valide", "suspendu", "chantier_ouvert", "acheve", "conteste", "en_attente_notification")


def declarer() -> None:
    """Kinds of deadlines, from ``AppConfig.ready``."""
    fournir(
        Fournisseur(LIMITE, "urba", "Décision à notifier", perms.LIRE, "bi-hourglass-split", refaire_decides),
        Fournisseur(FENETRE, "urba", "Fin du premier mois : dernières lettres", perms.LIRE, "bi-envelope"),
        Fournisseur(PIECES, "urba", "Pièces attendues du demandeur", perms.LIRE, "bi-paperclip"),
        Fournisseur(TACITE, "urba", "Décision implicite à constater", perms.LIRE, "bi-exclamation-octagon"),
        Fournisseur(CONFORMITE, "urba", "Conformité à contester", perms.LIRE, "bi-house-check"),
        Fournisseur(
            FICTION, "urba", "Lettre électronique réputée reçue, à confirmer", perms.LIRE, "bi-envelope-open"
        ),
    )

    declarer_dossiers(
        MesDossiers(
            "urba",
            "Autorisations d'urbanisme",
            perms.INSTRUIRE,
            "bi-file-earmark-text",
            "/urba/dossiers/",
            mes_dossiers,
        )
    )


def mes_dossiers(utilisateur: Any, commune: str, limite: int) -> tuple[list[Dossier], int]:
    """Open requests given to this person, the next date first."""
    from urba.models import DossierInstruction

    lignes = DossierInstruction.objects.visibles_par(utilisateur).filter(
        etat__in=OUVERTS, instructeur=utilisateur
    )
    if commune:
        lignes = lignes.filter(insee=commune)
    montres = lignes.select_related("da").order_by("date_limite", "id")[:limite]
    dossiers = [
        Dossier(
            str(d),
            d.libelle_etat,
            f"/urba/dossiers/{d.pk}/",
            d.date_limite or d.date_limite_pieces,
            d.objet,
            "info",
        )
        for d in montres
    ]
    return dossiers, lignes.count()


def echeances_de(d: Any, jour: date) -> dict[str, date | None]:
    """Day of each kind of deadline of a request (null: without object), as its figures say on that day."""
    ouvert = d.etat in OUVERTS
    nee = d.date_decision_implicite if ouvert else None
    tacite = nee if nee is not None and nee <= jour else None
    fenetre = d.fin_fenetre_un_mois if ouvert else None
    contestation = d.dates.get("contestation_conformite_limite") if d.etat in ACCORDES else None
    fin = date.fromisoformat(contestation) if contestation else None
    acheve = d.calculs.get("etat_autorisation") == "acheve"
    return {
        LIMITE: d.date_limite if ouvert and tacite is None else None,
        FENETRE: fenetre if fenetre is not None and fenetre >= jour and tacite is None else None,
        PIECES: d.date_limite_pieces if d.etat == "incomplet_notifie" and tacite is None else None,
        TACITE: tacite,
        CONFORMITE: fin if fin is not None and acheve and fin >= jour else None,
    }


def publier_toutes(d: Any, jour: date) -> None:
    """Bring the desk up to the figures of a request, in the transaction that wrote them."""
    from urba.courriers.suites import reputee_le

    jours = {code: le for code, le in echeances_de(d, jour).items() if le is not None}
    reputee = reputee_le(d, jour)
    if reputee is not None:
        jours[FICTION] = reputee
    if not jours:
        solder(d)
        return
    silence = LIBELLES_SILENCE.get(Silence(d.decision_implicite), "") if d.decision_implicite else ""
    for code in (LIMITE, FENETRE, PIECES, TACITE, CONFORMITE, FICTION):
        publier(
            d,
            code,
            jours.get(code),
            reference=str(d),
            adresse=f"/urba/dossiers/{d.pk}/",
            consequence=f"Sans décision : {silence.lower()}" if silence and code in (LIMITE, TACITE) else "",
            pourquoi=d.explication,
            responsable=d.instructeur,
            service=d.service,
        )


def refaire_decides(jour: date) -> int:
    """Decided requests whose authorisation time still changes, brought to the day; how many.

    One that fails leaves the others; then ``RuntimeError``, once all were tried.
    """
    from urba.models import DossierInstruction

    dossiers = DossierInstruction.objects.filter(
        nature="INITIAL", da__etat__in=VIVANTES, calcule_au__lt=jour
    ).exclude(etat__in=OUVERTS)
    nombre, erreurs = 0, 0
    for d in dossiers.iterator(chunk_size=200):
        try:
            rafraichir(d, jour)
            nombre += 1
        except Exception as e:
            if isinstance(e, DatabaseError) and not connection.is_usable():
                raise
            erreurs += 1
            trace.exception("Dossier décidé %s non recalculé", d.pk)
    if erreurs:
        raise RuntimeError(f"{erreurs} dossier(s) décidé(s) non recalculé(s)")
    return nombre
