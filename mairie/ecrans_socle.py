"""Screens of the shared floor itself: deliveries of domain events."""

from __future__ import annotations

import json
from datetime import time
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from mairie import evenements
from mairie.ecrans import (
    Action,
    ActionImpossible,
    Champ,
    Colonne,
    Fiche,
    FiltreChoix,
    FiltreDates,
    FiltreTexte,
    Liste,
    Nature,
    Section,
    Ton,
    declarer,
)
from mairie.ecrans.droits import partout
from mairie.ecrans.exports import EXPORTEE
from mairie.ecrans.imports import taches as imports
from mairie.ecrans.imports.service import IMPORTEE
from mairie.habilitations import portee
from mairie.journal import Action as ActionJournal
from mairie.journal import declarer as declarer_actions
from mairie.menu import Rubrique, ajouter
from mairie.models import Livraison
from mairie.perms import ADMINISTRER
from mairie.taches import Programme, programmer
from mairie.widgets import Compteur, Contenu, Widget
from mairie.widgets import declarer as declarer_widgets

ETATS = {
    "a_livrer": Ton("à livrer", "attention", "bi-hourglass-split"),
    "livree": Ton("livrée", "bien", "bi-check-circle"),
    "echec": Ton("en échec", "danger", "bi-x-octagon"),
}


def livraisons_visibles(utilisateur: Any) -> QuerySet[Livraison]:
    """Deliveries of the events of the person's communes; those of no commune for who administers all."""
    toutes = Livraison.objects.select_related("evenement")
    p = portee(utilisateur, ADMINISTRER)
    if not p:
        return toutes.none()
    visibles = toutes.filter(p.filtre("evenement__insee"))
    if not p.totale and partout(utilisateur, ADMINISTRER):
        visibles |= toutes.filter(evenement__insee="")
    return visibles


def _abonnes(utilisateur: Any) -> list[tuple[str, str]]:
    noms = Livraison.objects.order_by("abonne").values_list("abonne", flat=True).distinct()
    return [(n, n) for n in noms]


def _deja_livree(livraison: Livraison, utilisateur: Any) -> str | None:
    if livraison.etat == Livraison.Etat.LIVREE:
        return "Cette livraison a réussi."
    if livraison.etat == Livraison.Etat.A_LIVRER:
        return "Cette livraison attend déjà son prochain essai."
    return None


def _relancer(livraison: Livraison, utilisateur: Any) -> str:
    if not evenements.relancer(livraison):
        raise ActionImpossible("cette livraison n'est plus en échec")
    return f"Livraison « {livraison.abonne} » relancée : trois nouveaux essais."


RELANCER = Action(
    "relancer",
    "Relancer",
    "bi-arrow-clockwise",
    ADMINISTRER,
    faire=_relancer,
    empechement=_deja_livree,
    en_masse=True,
)

LIVRAISONS = Liste(
    code="mairie.livraisons",
    titre="Événements entre métiers",
    presentation=(
        "Ce que chaque métier annonce aux autres, et ce que chacun en a fait. Une livraison qui échoue trois "
        "fois s'arrête là : corrigez la cause, puis relancez-la."
    ),
    requete=livraisons_visibles,
    droit=ADMINISTRER,
    adresse="reglages/evenements/",
    groupe="Administration",
    colonnes=(
        Colonne("evenement", "Événement", "evenement.nom", tri="evenement__nom"),
        Colonne("etat", "État", nature=Nature.ETAT, tons=ETATS, tri=True),
        Colonne("abonne", "Abonné", tri=True),
        Colonne("commune", "Commune", "evenement.insee", tri="evenement__insee"),
        Colonne("emis", "Émis le", "evenement.emis_le", Nature.INSTANT, tri=("evenement__emis_le",)),
        Colonne("essais", "Essais", nature=Nature.NOMBRE, tri=True),
        Colonne("prochain", "Prochain essai", "prochain_essai", Nature.INSTANT, tri=True, defaut=False),
        Colonne("livree", "Livrée le", "livree_le", Nature.INSTANT, tri=True, defaut=False),
        Colonne("erreur", "Dernière erreur"),
    ),
    filtres=(
        FiltreChoix(code="etat", titre="État", choix=Livraison.Etat.choices),
        FiltreChoix(code="abonne", titre="Abonné", choix=_abonnes),
        FiltreTexte(code="nom", titre="Événement", chemin="evenement__nom", aide="urba.decision_rendue"),
        FiltreDates(code="emis", titre="Émis", chemin="evenement__emis_le", instant=True),
    ),
    recherche=("evenement__nom", "abonne", "erreur"),
    recherche_aide="événement, abonné, erreur",
    tri="-emis",
    adresse_ligne=lambda livraison: reverse("mairie_livraisons_fiche", args=[livraison.pk]),
    actions=(RELANCER,),
    vide="Aucun événement n'a encore été livré.",
    vide_aide="Les événements paraissent ici dès qu'un métier en annonce un et qu'un autre l'écoute.",
)

FICHE_LIVRAISON = Fiche(
    code="mairie.livraisons",
    liste="mairie.livraisons",
    requete=livraisons_visibles,
    droit=ADMINISTRER,
    adresse="reglages/evenements/",
    titre=lambda livraison: f"{livraison.evenement.nom} → {livraison.abonne}",
    etat=Champ("etat", "État", nature=Nature.ETAT, tons=ETATS),
    sections=(
        Section(
            "Événement",
            (
                Champ("numero", "Numéro", "evenement_id"),
                Champ("nom", "Nom", "evenement.nom"),
                Champ("commune", "Commune", "evenement.insee"),
                Champ("emis", "Émis le", "evenement.emis_le", Nature.INSTANT),
                Champ(
                    "charge",
                    "Contenu",
                    lambda o: json.dumps(o.evenement.charge, ensure_ascii=False, indent=1),
                ),
            ),
        ),
        Section("Livraison", ("abonne", "essais", "prochain_essai", "livree_le", "erreur")),
    ),
    actions=(RELANCER,),
)


def _en_echec(utilisateur: Any) -> Contenu | None:
    nombre = livraisons_visibles(utilisateur).filter(etat=Livraison.Etat.ECHEC).count()
    if not nombre:
        return None
    libelle = "livraisons en échec" if nombre > 1 else "livraison en échec"
    return Contenu((Compteur(nombre, libelle, "/reglages/evenements/?etat=echec", "danger"),))


WIDGET_LIVRAISONS = Widget(
    "mairie.livraisons", "Événements entre métiers", "bi-broadcast", ADMINISTRER, _en_echec, 500
)


def declarer_ecrans() -> None:
    """Lists and pages of the shared floor, and their entries in the rail."""
    declarer(LIVRAISONS, FICHE_LIVRAISON)
    declarer_widgets(WIDGET_LIVRAISONS)
    declarer_actions(
        ActionJournal(EXPORTEE, "Liste exportée"), ActionJournal(IMPORTEE, "Table remplie par un fichier")
    )
    programmer(
        Programme("mairie.purger_imports", "Nettoyage des fichiers importés", imports.purger, time(1, 30))
    )
    ajouter(
        Rubrique(
            "evenements",
            "Événements",
            "bi-broadcast",
            "/reglages/evenements/",
            950,
            droit=ADMINISTRER,
            groupe="Administration",
        ),
        Rubrique(
            "tables",
            "Tables de référence",
            "bi-table",
            "/reglages/tables/",
            940,
            droit=ADMINISTRER,
            groupe="Administration",
        ),
    )
