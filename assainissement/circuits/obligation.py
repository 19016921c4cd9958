"""Circuit of an obligation: works, an absent installation, access refused (spec §7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from assainissement.circuits import effets
from assainissement.circuits.etats import OBLIGATION as LIBELLES
from assainissement.circuits.etats import OBLIGATION_FINALS
from assainissement.circuits.recalcul import POURQUOI
from mairie.calendrier import jma, plus_mois
from mairie.workflow import DEBUT, Champ, Etat, Transition, TypeEvenement, Workflow
from mairie.workflow.modele import Demande, Etape, Fait, Garde, Situation, derouler

AGENT = ("technicien", "responsable", "gestionnaire")
DEMEURE_MAX = 60
VIVANTES = tuple(c for c in LIBELLES if c and c not in OBLIGATION_FINALS)
ECHEANCE = (
    Champ("echeance", "Échéance", "date", False),
    Champ("regle", "Règle de l'échéance", obligatoire=False),
)


def _plus_tard(demande: Demande) -> str | None:
    actuelle, nouvelle = demande.situation.dates.get("echeance"), demande.donnees.get("jusqu_au")
    if nouvelle and nouvelle <= demande.date_effet.isoformat():
        return "La nouvelle échéance est à venir."
    if actuelle and nouvelle and nouvelle <= actuelle.isoformat():
        return f"La nouvelle échéance suit l'actuelle ({jma(actuelle)})."
    return None


def _depassee(demande: Demande) -> str | None:
    if demande.dossier.nature == "absence":
        return None
    echeance = demande.situation.dates.get("echeance")
    if echeance is None:
        return "Cette obligation n'a pas d'échéance : il n'y a pas de retard à mettre en demeure."
    if demande.date_effet <= echeance:
        return f"L'échéance ({jma(echeance)}) n'est pas passée : la mise en demeure se prend après elle."
    return None


def _delai_positif(demande: Demande) -> str | None:
    mois = demande.donnees.get("delai_mois")
    if mois is not None and not 1 <= int(mois) <= DEMEURE_MAX:
        return f"Le délai donné est compris entre 1 et {DEMEURE_MAX} mois."
    return None


def _demeure_passee(demande: Demande) -> str | None:
    dite = demande.situation.calculs.get("demeure_jusqu_au")
    if dite and demande.date_effet.isoformat() <= dite:
        return (
            f"Le délai de la mise en demeure court jusqu'au {jma(date.fromisoformat(dite))} : la pénalité se"
            " prononce après lui."
        )
    return None


def _demeure_partie(demande: Demande) -> str | None:
    from mairie.models import Courrier

    prises = [f.date_effet for f in demande.faits if f.type == "mettre_en_demeure"]
    partie = prises and Courrier.objects.filter(
        dossier_type__app_label="assainissement", dossier_type__model="obligation",
        dossier_id=demande.dossier.pk, modele__modele__code__startswith="mise_en_demeure_",
        envoye_le__gte=prises[-1], envoye_le__lte=demande.date_effet,
    ).exists()  # fmt: skip
    if partie:
        return None
    return (
        "La lettre de mise en demeure n'est pas partie : écrivez-la et envoyez-la depuis les courriers avant"
        " de prononcer la pénalité."
    )


def recalculer(workflow: Workflow, faits: Sequence[Fait], contexte: Any, jour: date) -> Situation:
    """State, and due date: the last one said, by the control or by a prolongation."""
    base = derouler(workflow, faits, contexte, jour)
    echeance: date | None = None
    regle = ""
    jusqu_au: date | None = None
    etapes: list[Etape] = []
    for f in (x for x in faits if x.date_effet <= jour):
        if f.type in ("ouvrir", "dater"):
            dite = f.donnees.get("echeance")
            echeance, regle = (date.fromisoformat(dite) if dite else None), f.donnees.get("regle") or ""
            phrase, article = POURQUOI.get(regle, ("", ""))
            etapes.append(
                Etape("Échéance", f"{jma(echeance)}. {phrase}" if echeance else phrase or "aucune", article)
            )
        elif f.type == "prolonger":
            echeance, regle = date.fromisoformat(f.donnees["jusqu_au"]), "prolongation"
            etapes.append(Etape("Prolongation", f"{jma(echeance)} : {f.donnees['motif']}"))
        elif f.type == "mettre_en_demeure":
            jusqu_au = plus_mois(f.date_effet, int(f.donnees["delai_mois"]))
            # Once lifted its figures are those of that day: what the log says of one must never change.
            if base.etat != "levee":
                etapes.append(
                    Etape(
                        "Mise en demeure",
                        f"du {jma(f.date_effet)}, {f.donnees['delai_mois']} mois, jusqu'au {jma(jusqu_au)}",
                        "CSP L1331-6 et L1331-8",
                    )
                )
    dates = {"echeance": None if base.etat == "levee" else echeance}
    calculs = {"regle_echeance": regle}
    if jusqu_au and base.etat == "mise_en_demeure":
        calculs["demeure_jusqu_au"] = jusqu_au.isoformat()
    return replace(base, dates=dates, calculs=calculs, explication=tuple(etapes))


OBLIGATION = Workflow(
    code="assainissement.obligation",
    libelle="Obligation du propriétaire",
    metier="assainissement",
    etats=tuple(Etat(code, libelle, code in OBLIGATION_FINALS) for code, libelle in LIBELLES.items() if code),
    evenements=(
        TypeEvenement("ouvrir", "Obligation ouverte", ECHEANCE, annulable=False),
        TypeEvenement("dater", "Échéance recalculée", ECHEANCE, annulable=False),
        TypeEvenement(
            "annoncer_travaux", "Travaux annoncés", (Champ("pour", "Annoncés pour le", "date", False),)
        ),
        TypeEvenement("prevoir_contre_visite", "Contre-visite prévue"),
        TypeEvenement(
            "constater_persistance",
            "Défauts encore présents",
            (Champ("controle", "Contrôle", obligatoire=False),),
        ),
        TypeEvenement(
            "prolonger",
            "Prolongation",
            (
                Champ("jusqu_au", "Nouvelle échéance", "date"),
                Champ("motif", "Motif"),
                Champ("signataire", "Accordée par"),
            ),
        ),
        TypeEvenement(
            "mettre_en_demeure",
            "Mise en demeure",
            (Champ("delai_mois", "Délai donné (mois)", "entier"), Champ("motif", "Faits")),
            ("mise_en_demeure",),
            annulable=False,
        ),
        TypeEvenement("penaliser", "Pénalité", (Champ("motif", "Motif"),), annulable=False),
        TypeEvenement("lever", "Obligation levée", (Champ("motif", "Motif"),), annulable=False),
    ),
    transitions=(
        Transition("ouvrir", (DEBUT,), ("systeme",), ("ouverte",)),
        Transition("dater", VIVANTES, ("systeme",)),
        Transition("annoncer_travaux", ("ouverte", "prolongee"), AGENT, ("travaux_annonces",)),
        Transition(
            "prevoir_contre_visite",
            ("ouverte", "prolongee", "travaux_annonces"),
            (*AGENT, "systeme"),
            ("contre_visite",),
        ),
        # What the owner announces, or a visit planned, does not undo what the mayor signed: noted only.
        Transition("annoncer_travaux", ("mise_en_demeure",), AGENT),
        Transition("prevoir_contre_visite", ("mise_en_demeure",), (*AGENT, "systeme")),
        Transition("constater_persistance", ("contre_visite",), ("responsable", "systeme"), ("ouverte",)),
        Transition(
            "prolonger",
            ("ouverte", "travaux_annonces", "prolongee"),
            ("responsable",),
            ("prolongee",),
            (Garde("plus_tard", "Une échéance plus tardive", _plus_tard, sur_saisie=True),),
        ),
        Transition(
            "mettre_en_demeure",
            ("ouverte", "prolongee", "travaux_annonces"),
            ("elu",),
            ("mise_en_demeure",),
            (
                Garde("depassee", "Échéance passée", _depassee, sur_saisie=True),
                Garde("delai", "Délai en mois", _delai_positif, sur_saisie=True),
            ),
        ),
        Transition(
            "penaliser", ("mise_en_demeure",), ("responsable",), ("penalite",),
            (
                Garde("demeure_partie", "Mise en demeure envoyée", _demeure_partie),
                Garde("demeure_passee", "Délai donné passé", _demeure_passee, sur_saisie=True),
            ),
        ),
        Transition("lever", VIVANTES, ("responsable", "systeme"), ("levee",)),
    ),
    roles_annulation=("responsable",),
    recalculer=recalculer,
    colonnes=("echeance", "regle_echeance"),
    suite=effets.suivre_obligation,
)  # fmt: skip
