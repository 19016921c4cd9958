"""A tiny example workflow, for the tests of the engine only: one rule of the engine a transition."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from django.db import models

from mairie import evenements
from mairie.models import DossierSuivi, contrainte_etats
from mairie.numerotation import Genre, prochain
from mairie.workflow import (
    DEBUT,
    Champ,
    Etape,
    Etat,
    Garde,
    Passage,
    Situation,
    Transition,
    TypeEvenement,
    Workflow,
    derouler,
)

NUMERO = Genre("essai.demande", "Demande", lambda s, n: f"ESS-{s.collectivite}-{s.annee}-{n:04d}")
OUVERTS = ("depose", "incomplet", "en_cours")
JOUR = date(2026, 3, 10)
DELAI = 60


def _numeroter(dossier, evenement):
    if not dossier.numero:
        dossier.numero = prochain(NUMERO, dossier.insee, jour=evenement.date_effet).texte
        dossier.save()
    evenements.emettre("essai.demande_deposee", {"numero": dossier.numero}, insee=dossier.insee)


def _garder_numero(dossier, evenement):
    """An undone deposit keeps its number, and tells those who heard of it."""
    evenements.emettre("essai.demande_annulee", {"numero": dossier.numero}, insee=dossier.insee)


def _etat_quitte(passage: Passage) -> str:
    """Back to the state that the suspension left."""
    avant = [etat for _, etat in passage.precedents if etat != "suspendu"]
    return avant[-1]


def recalculer(workflow, faits, contexte, jour) -> Situation:
    """Limit: so many days after the deposit, later by each suspension."""
    situation = derouler(workflow, faits, contexte, jour)
    debut, suspendu_le, pauses = None, None, timedelta()
    for fait in (f for f in faits if f.date_effet <= jour):
        match fait.type:
            case "depot":
                debut = fait.date_effet
            case "suspendre":
                suspendu_le = fait.date_effet
            case "reprendre":
                pauses += fait.date_effet - suspendu_le
    if debut is None:
        return situation
    limite = debut + timedelta(contexte["delai"]) + pauses
    etape = Etape(
        "Délai d'instruction", limite.isoformat(), "art. E.1", {"depot": debut, "pauses": pauses.days}
    )
    return replace(
        situation,
        dates={"date_limite": limite, "prochain_controle": None},
        explication=(*situation.explication, etape),
    )


def _complet(demande):
    return None if demande.dossier.complet else "Il manque des pièces : complétez le dossier."


def _pas_avant_le_depot(demande):
    depot = next(f for f in demande.faits if f.type == "depot").date_effet
    trop_tot = demande.date_effet < depot + timedelta(2)
    return "La décision ne peut pas suivre le dépôt de moins de deux jours." if trop_tot else None


ESSAI = Workflow(
    code="mairie.essai",
    libelle="Demande d'essai",
    metier="mairie",
    etats=(
        Etat("depose", "Déposé"),
        Etat("incomplet", "Incomplet"),
        Etat("en_cours", "En cours"),
        Etat("suspendu", "Suspendu"),
        Etat("accorde", "Accordé", final=True),
        Etat("refuse", "Refusé", final=True),
    ),
    evenements=(
        TypeEvenement("depot", "Dépôt", documents=("recepisse",), effet=_numeroter, defaire=_garder_numero),
        TypeEvenement("demander_pieces", "Demande de pièces", (Champ("pieces", "Pièces", "json"),)),
        TypeEvenement("completer", "Pièces reçues"),
        TypeEvenement("instruire", "Mise à l'instruction"),
        TypeEvenement("suspendre", "Suspension", (Champ("motif", "Motif"),)),
        TypeEvenement("reprendre", "Reprise"),
        TypeEvenement(
            "decider",
            "Décision",
            (
                Champ("sens", "Sens", "choix", choix=("accord", "refus")),
                Champ("montant", "Montant", "decimal", False),
            ),
            annulable=False,
        ),
        TypeEvenement(
            "noter", "Note", (Champ("texte", "Texte"), Champ("le", "Le", "date", False)), futur=True
        ),
    ),
    transitions=(
        Transition("depot", (DEBUT,), ("guichet", "usager"), ("depose",)),
        Transition("demander_pieces", ("depose", "en_cours"), ("instructeur",), ("incomplet",)),
        Transition("completer", ("incomplet",), ("guichet", "usager"), ("depose",)),
        Transition(
            "instruire",
            ("depose",),
            ("instructeur", "systeme"),
            ("en_cours",),
            (Garde("complet", "Dossier complet", _complet, forcable_par=("chef",)),),
        ),
        Transition("suspendre", OUVERTS, ("instructeur",), ("suspendu",)),
        Transition("reprendre", ("suspendu",), ("instructeur",), OUVERTS, choisir=_etat_quitte),
        Transition(
            "decider",
            ("en_cours",),
            ("chef",),
            ("accorde", "refuse"),
            (Garde("delai_minimal", "Deux jours après le dépôt", _pas_avant_le_depot, sur_saisie=True),),
            choisir=lambda p: {"accord": "accorde", "refus": "refuse"}[p.fait.donnees["sens"]],
        ),
        Transition("noter", (*OUVERTS, "suspendu", "accorde", "refuse"), ("guichet", "instructeur")),
    ),
    roles_annulation=("chef",),
    recalculer=recalculer,
    contexte=lambda dossier: {"delai": DELAI},
    colonnes=("date_limite",),
)


class DossierEssai(DossierSuivi):
    """Its table is made by a fixture."""

    WORKFLOW = "mairie.essai"

    insee = models.CharField(max_length=5, default="25999")
    numero = models.CharField(max_length=30, blank=True, default="")
    objet = models.CharField(max_length=50, blank=True, default="")
    complet = models.BooleanField(default=True)
    date_limite = models.DateField(null=True, blank=True)

    class Meta:
        app_label = "mairie"
        managed = False
        db_table = "essai_dossier"
        constraints = (contrainte_etats("essai_dossier_etat", ESSAI),)
