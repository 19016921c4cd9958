"""The page of a request, and the entry of its events with a preview of what they change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cadastre import plan
from gis_data.acces import droit
from mairie import consultations as partagees
from mairie.consultations import ConsultationImpossible
from mairie.habilitations import peut
from mairie.models import Consultation, Utilisateur
from mairie.panneaux import panneaux
from mairie.workflow import (
    ConflitEdition,
    Refus,
    TypeEvenement,
    actions_possibles,
    annuler_dernier,
    appliquer,
    journal,
    refus_annulation,
    simuler,
)
from urba import (
    consultations,
    contraintes_dossier,
    lies,
    lots,
    perms,
    pieces,
    qualification,
    redessin,
    technique,
    voisinage,
)
from urba.courriers.propositions import contexte_courriers
from urba.courriers.suites import a_reputer
from urba.explications import Raison, expliquer
from urba.formulaires import MOTS_CHOIX, PAR_CONSULTATION
from urba.instruction.etats import OUVERTS, libelle_etat, type_delai
from urba.models import DossierInstruction
from urba.regles.alertes import LIBELLES_ALERTES, Alerte
from urba.regles.services import SERVICES
from urba.regles.tables_delais import REGLES_LIVREES
from urba.regles.types import LIBELLES_SILENCE, Silence
from urba.services import natures_ouvertes
from urba.terrain import aujourd_hui
from urba.workflow import INSTRUCTION_URBA

# Later requests that have a form of their own; the others are events of the dossier.
OFFERTES = {
    "modificatif": "Demander un modificatif",
    "transfert": "Demander le transfert",
    "prorogation": "Demander la prorogation",
}
# Shown last, or by their own buttons.
DERRIERE = (
    *("affectation", "abandon", "annulation", "recours_depose", "retrait"),
    # Posted by the letter itself, on the day when it is presented.
    *("notification_majoration", "notification_prolongation", "rapport_enquete"),
)
DATES = (
    ("date_depot", "Dépôt"),
    ("date_completude", "Dossier complet"),
    ("fin_fenetre_un_mois", "Fin du premier mois"),
    ("date_limite_pieces", "Pièces attendues jusqu'au"),
    ("date_limite", "Date limite de la décision"),
    ("date_limite_notifiee", "Date limite annoncée au demandeur"),
    ("date_decision_implicite", "Décision implicite"),
    ("date_decision", "Décision"),
    ("date_notification", "Notification"),
    ("transmission_limite", "Transmission au contrôle de légalité avant le"),
    ("affichage_mairie_limite", "Affichage en mairie avant le"),
    ("executoire_le", "Exécutoire le"),
    ("retrait_limite", "Retrait possible jusqu'au"),
    ("recours_tiers_limite", "Recours des tiers jusqu'au"),
    ("recours_demandeur_limite", "Recours du demandeur jusqu'au"),
    ("validite_fin", "Valable jusqu'au"),
    ("prorogation_demande_limite", "Prorogation à demander avant le"),
    ("peremption_le", "Périmé le"),
    ("contestation_conformite_limite", "Conformité contestable jusqu'au"),
    ("conformite_acquise_le", "Conformité acquise le"),
)


# Codes of the tables and of the choices that the log holds, in words.
_MOTS = MOTS_CHOIX | {
    ligne.code: ligne.libelle
    for lignes in (
        REGLES_LIVREES.majorations,
        REGLES_LIVREES.prolongations,
        REGLES_LIVREES.silences,
        SERVICES,
    )
    for ligne in lignes
}


@dataclass(frozen=True)
class LigneDate:
    """One computed date, in words, with the steps that give it."""

    libelle: str
    jour: Any
    raisons: list[Raison]


def dossier_ou_404(request: HttpRequest, pk: int) -> DossierInstruction:
    """The request, if this person may read it."""
    dossier: DossierInstruction = get_object_or_404(
        DossierInstruction.objects.visibles_par(request.user).select_related("da", "terrain", "instructeur"),
        pk=pk,
    )
    return dossier


@droit(perms.LIRE)
@require_safe
def dossier(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one request on one page."""
    d = dossier_ou_404(request, pk)
    jour = timezone.localdate()
    lignes = journal.lignes(d)
    vivantes = {e.pk for e in journal.vivantes(lignes)}
    actions = [a for a in actions_possibles(d, _compte(request)) if a.type.code not in PAR_CONSULTATION]
    ici = [a for a in actions if a.ici]
    ici.sort(key=lambda a: (a.type.code in DERRIERE, not (a.possible or a.forcables)))
    dates = d.dates
    affiches = [
        LigneDate(libelle, le, expliquer(code, le, d.explication, dates))
        for code, libelle in DATES
        if dates.get(code) and (le := date.fromisoformat(dates[code]))
    ]
    if d.date_limite == d.date_limite_notifiee:
        affiches = [x for x in affiches if x.libelle != "Date limite annoncée au demandeur"]
    faits = [journal.fait(e) for e in journal.vivantes(lignes)]
    controle = qualification.controler(d, request.user, jour)
    svg = _plan(d)
    ses_lots = lots.lots_de(d)
    silence = LIBELLES_SILENCE.get(Silence(d.decision_implicite)) if d.decision_implicite else ""
    return render(
        request,
        "urba/dossier.html",
        {
            "d": d,
            "etat": d.libelle_etat,
            "ouvert": d.etat in OUVERTS,
            "silence": silence,
            "actions": ici,
            "premiere": next((a.type.code for a in ici if a.type.code not in DERRIERE), ""),
            "annulation": refus_annulation(d, _compte(request)),
            "peut_annuler": peut(request.user, perms.DIRIGER, d.insee),
            "dates": affiches,
            "alertes": [LIBELLES_ALERTES[Alerte(a)] for a in d.alertes or [] if a in LIBELLES_ALERTES],
            "evenements": [
                (e, e.pk in vivantes, _libelle(e.type), _resume(e.donnees)) for e in reversed(lignes)
            ],
            "demandeurs": d.demandeurs.select_related("tiers"),
            "parcelles": [(p, aujourd_hui(p)) for p in d.parcelles.select_related("parcelle")],
            "consultations": partagees.de_dossier(d),
            "services": partagees.services("urba", d.insee) if d.etat in OUVERTS else [],
            "peut_instruire": perms.peut_instruire(request.user, d),
            "lies": (meme_da := list(lies.meme_autorisation(d))),
            "memes": (memes := lies.memes_parcelles(d, request.user)),
            "liens": (liens := lies.lies_a_la_main(d, request.user)),
            "nombre_lies": len(meme_da) + len(memes) + len(liens),
            "suites": _suites(request, d, jour),
            "carte": voisinage.carte(d, request.user, ses_lots),
            "gardees": contraintes_dossier.gardees(d),
            "natures_contraintes": contraintes_dossier.NATURES,
            "lots": ses_lots,
            "panneaux": panneaux("dossier_urba", d, request.user),
            "reputees": a_reputer(d, jour),
            "plan": svg,
            "choix_avis": Consultation.Avis.choices,
            "controle": controle,
            "pieces": pieces.pieces_de(d, faits, controle.candidats),
            "arrivees": pieces.arrivees(d, faits),
            "technique": technique.resumer(d, jour),
            "peut_deposer": peut(request.user, perms.DEPOSER, d.insee),
            "terrain_modifiable": redessin.ouvert(d) and peut(request.user, perms.DEPOSER, d.insee),
            "aujourdhui": jour,
            "courriers": contexte_courriers(request.user, d),
        },
    )


def _suites(request: HttpRequest, d: DossierInstruction, jour: date) -> list[tuple[str, str]]:
    """Later requests that this person may enter today: end of the address, label."""
    if d.nature != "INITIAL" or not peut(request.user, perms.DEPOSER, d.insee):
        return []
    noms = [n.value.lower() for n in natures_ouvertes(d.da, jour)]
    return [(nom, OFFERTES[nom]) for nom in noms if nom in OFFERTES]


def _libelle(code: str) -> str:
    return journal.libelle(INSTRUCTION_URBA, code)


def _resume(donnees: dict[str, Any]) -> str:
    """Short words of an event's data: codes and texts, never more."""
    morceaux = []
    for cle, valeur in donnees.items():
        if cle in ("consultation", "redacteur", "instructeur", "canal"):
            continue
        if cle == "controle":
            morceaux += qualification.resumer(valeur)
            continue
        if isinstance(valeur, list):
            codes = [str(x["code"]) if isinstance(x, dict) else str(x) for x in valeur]
            morceaux.append(", ".join(_MOTS.get(code, code) for code in codes))
        elif valeur not in (None, "", False):
            morceaux.append("oui" if valeur is True else _MOTS.get(str(valeur), str(valeur)))
    return " · ".join(m for m in morceaux if m)[:300]


def _plan(d: DossierInstruction) -> SafeString | None:
    """Plan to scale of the ground; null where there is none."""
    terrain = getattr(d, "terrain", None)
    if terrain is None or terrain.emprise is None:
        return None
    texte, _ = plan.dessiner(shapely.from_wkb(bytes(terrain.emprise.wkb)), "", d.da.lu.ordre, d.insee)
    return mark_safe(texte)  # noqa: S308 - drawn by us, texts escaped


def _compte(request: HttpRequest) -> Utilisateur:
    assert isinstance(request.user, Utilisateur)  # noqa: S101
    return request.user


def _type(code: str) -> TypeEvenement:
    try:
        type_ = INSTRUCTION_URBA.type(code)
    except KeyError:
        raise Http404 from None
    if code in PAR_CONSULTATION:
        raise Http404
    return type_


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event: form, then preview of the dates before and after, then save."""
    d = dossier_ou_404(request, pk)
    type_ = _type(code)
    compte = _compte(request)
    action = next(a for a in actions_possibles(d, compte) if a.type.code == code)
    faits = [journal.fait(e) for e in journal.vivantes(journal.lignes(d))]
    forcable = bool(action.forcables) or bool(request.POST.get("forcer"))
    contexte_formulaire: dict[str, Any] = {
        "faits": faits,
        "utilisateur": compte,
        "jour": timezone.localdate(),
    }
    formulaire = qualification.formulaire(
        type_, d, request.POST if request.method == "POST" else None, forcable=forcable, **contexte_formulaire
    )
    apercu, raisons = None, list(action.raisons) if not action.possible else []
    if request.method == "POST" and formulaire.is_valid():
        options: dict[str, Any] = {
            "date_effet": formulaire.cleaned_data["date_effet"],
            "donnees": formulaire.donnees(),
            "forcer": formulaire.cleaned_data.get("forcer", ""),
        }
        try:
            if "apercu" in request.POST:
                apercu = simuler(d, code, par=compte, **options)
            else:
                appliquer(
                    d,
                    code,
                    par=compte,
                    version=formulaire.cleaned_data["version"],
                    cle=formulaire.cle_saisie,
                    **options,
                )
                messages.success(request, f"« {type_.libelle} » est enregistré.")
                return redirect("urba_dossier", pk=d.pk)
        except ConflitEdition as e:
            raisons = [str(e)]
        except Refus as e:
            raisons = list(e.raisons)
            if e.forcables and "forcer" not in formulaire.fields:
                formulaire = qualification.formulaire(
                    type_, d, request.POST, forcable=True, **contexte_formulaire
                )
    contexte = {
        "d": d,
        "type": type_,
        "formulaire": formulaire,
        "raisons": raisons,
        "apercu": _apercu(d, apercu) if apercu else None,
    }
    return render(request, "urba/evenement.html", contexte, status=422 if raisons and request.POST else 200)


def _apercu(d: DossierInstruction, apercu: Any) -> dict[str, Any]:
    """Dates that change, before and after, and the alerts that appear."""
    libelles = dict(DATES)
    avant, apres = apercu.avant, apercu.apres
    type_ = type_delai(str(apres.calculs.get("type_detail") or d.type_detail))
    return {
        "etat_avant": libelle_etat(avant.etat, type_),
        "etat_apres": libelle_etat(apres.etat, type_),
        "dates": [
            (libelles[code], avant.dates.get(code), apres.dates.get(code), _raisons(code, apres))
            for code in libelles
            if avant.dates.get(code) != apres.dates.get(code)
        ],
        "alertes": [
            LIBELLES_ALERTES[Alerte(a)]
            for a in apres.calculs.get("alertes", [])
            if a not in avant.calculs.get("alertes", []) and a in LIBELLES_ALERTES
        ],
    }


def _raisons(code: str, situation: Any) -> list[Raison]:
    """Why a date of a situation not yet saved."""
    jour = situation.dates.get(code)
    if jour is None:
        return []
    etapes = [{"regle": e.regle, "article": e.article, "resultat": e.resultat} for e in situation.explication]
    dates = {c: d.isoformat() if d else None for c, d in situation.dates.items()}
    return expliquer(code, jour, etapes, dates)


@droit(perms.DIRIGER)
@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike out the last event, with its reason."""
    d = dossier_ou_404(request, pk)
    try:
        version = int(request.POST.get("version", ""))
    except ValueError:
        version = -1
    try:
        annuler_dernier(d, par=_compte(request), version=version, motif=request.POST.get("motif", ""))
        messages.success(request, "Le dernier événement est annulé ; il reste au journal, rayé.")
    except (Refus, ConflitEdition) as e:
        messages.error(request, str(e))
    return redirect("urba_dossier", pk=d.pk)


@droit(perms.INSTRUIRE)
@require_POST
def consulter(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the request to one or several services at once."""
    d = dossier_ou_404(request, pk)
    if not perms.peut_instruire(request.user, d) or d.etat not in OUVERTS:
        messages.error(request, "Ce dossier ne se consulte plus, ou il est confié à un autre instructeur.")
        return redirect("urba_dossier", pk=d.pk)
    cles = [c for c in request.POST.getlist("services") if c.isdecimal() and len(c) < 19]
    choisis = partagees.services("urba", d.insee).filter(pk__in=cles)
    if not choisis:
        messages.error(request, "Cochez au moins un service.")
    for service in choisis:
        try:
            c, jeton = partagees.envoyer(
                consultations.preparer(d, service, par=_compte(request)), par=_compte(request)
            )
        except ConsultationImpossible as e:
            messages.error(request, f"{service} : {e}")
            continue
        adresse = partagees.liens.adresse(partagees.USAGE_LIEN, jeton)
        limite = f"{c.limite:%d/%m/%Y}" if c.limite else ""
        messages.success(
            request, f"{service} : réponse attendue le {limite}. Lien, montré cette seule fois : {adresse}"
        )
    return redirect(f"/urba/dossiers/{d.pk}/#consultations")
