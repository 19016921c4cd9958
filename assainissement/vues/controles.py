"""Pages of a control: its sheet, the entry of the visit screen by screen, the conclusion row by row."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import controles, obligations, observations, perms, redevances, zonage
from assainissement.circuits.controle import CONTROLE
from assainissement.circuits.etats import NOTIFIES, OUVERTS
from assainissement.circuits.obligation import OBLIGATION
from assainissement.models import Controle
from assainissement.mots import CONCLUSIONS, PHRASES, TONS
from assainissement.nombres import lire_nombre
from assainissement.observations import Ecran
from assainissement.regles.tables.natures import CONFORME, NON_CONFORME
from assainissement.regles.tables.points import REPONSES
from assainissement.vues import commun
from gis_data.acces import droit
from mairie import journal
from mairie.courriers.sujets import sujet_de
from mairie.habilitations import peut
from mairie.models import Courrier
from mairie.workflow import Refus, refus_annulation

MUETTES = ("planifier", "reprendre", "lever", "conclure_sur_pieces", "rectifier")
MUETTES_OBLIGATION = ("ouvrir", "dater", "constater_persistance")
DATES = (
    ("date_rdv", "Rendez-vous"),
    ("date_visite", "Visite"),
    ("date_rapport", "Rapport validé"),
    ("date_notification", "Reçu par le propriétaire"),
    ("date_acte", "Acte de vente"),
    ("date_levee", "Non-conformité levée"),
    ("relance_le", "Relancer le"),
    ("fin_validite_rapport", "Rapport valable jusqu'au"),
    ("echeance_travaux", "Travaux avant le"),
    ("prochain_controle", "Prochain contrôle"),
)


# Every reading of a report is logged (spec §12): here its page, elsewhere its letter.
CONSULTE = "assainissement.rapport_consulte"


@droit(perms.VOIR_CONTROLE)
@require_safe
def controle(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one control on one page."""
    c = commun.controle_ou_404(request, pk)
    resultat, faute = (c.resultat, "") if c.conclu else observations.conclure(c)
    reponses = list(c.observations.select_related("point"))
    par_groupe: dict[str, list[Any]] = {}
    for o in reponses:
        par_groupe.setdefault(o.point.get_groupe_display(), []).append(o)
    lettres = Courrier.objects.filter(
        dossier_type__app_label="assainissement", dossier_type__model="controle", dossier_id=c.pk
    ).order_by("-pk")
    contexte: dict[str, Any] = {
        "c": c,
        **commun.contexte_actions(c, request, MUETTES),
        "ton": TONS[c.regle] if c.regle else None,
        "phrase": PHRASES.get(c.regle or c.conclusion, ""),
        "resultat": resultat,
        "faute": faute,
        "dates": [(libelle, getattr(c, code)) for code, libelle in DATES if getattr(c, code)],
        "reponses": par_groupe,
        "travaux": list(c.travaux.all()),
        "obligations": list(c.obligations.exclude(etat="")),
        "lignes": commun.lignes(c, CONTROLE),
        "lettres": lettres,
        "redevances": redevances.lignes_de(c),
        "redevance_inconnue": redevances.inconnue(c, timezone.localdate()),
        "genre": sujet_de(c).genre,
        "annulation": refus_annulation(c, commun.compte(request)),
        "peut_annuler": peut(request.user, perms.VALIDER, c.insee),
        "peut_affecter": c.etat in OUVERTS and perms.peut_enregistrer(request.user, c),
        "peut_rectifier": c.etat in NOTIFIES and peut(request.user, perms.VALIDER, c.insee),
        "peut_saisir": c.saisissable and perms.peut_saisir(request.user, c),
    }
    if c.conclu:
        journal.consulter(request, CONSULTE, c, finalite="suivi des contrôles", insee=c.insee)
    return render(request, "assainissement/controle.html", contexte)


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(
        journal.Action(CONSULTE, "Rapport d'assainissement consulté", journal.Nature.CONSULTATION)
    )


def _a_saisir(request: HttpRequest, pk: int) -> Controle:
    c = commun.controle_ou_404(request, pk)
    if not perms.peut_saisir(request.user, c):
        raise Http404
    return c


@droit(perms.REALISER)
@require_http_methods(["GET", "HEAD", "POST"])
def saisie(request: HttpRequest, pk: int, ecran: str) -> HttpResponse:
    """One screen of the form; each is kept as soon as it is sent, the form may be left at any time."""
    c = _a_saisir(request, pk)
    tous = observations.ecrans(c)
    ici = next((e for e in tous if e.code == ecran), None)
    if ici is None:
        raise Http404
    fautes: dict[str, str] = {}
    if request.method == "POST":
        nombres, fautes = _nombres(request, ici)
        reponses = {
            p.code: (request.POST.get(f"r_{p.code}", ""), request.POST.get(f"c_{p.code}", "").strip())
            for p in ici.points
        }
        if not fautes:
            try:
                observations.enregistrer(c, reponses, nombres)
            except Refus as e:
                messages.error(request, str(e))
                return redirect(c.get_absolute_url())
            rang = tous.index(ici)
            if "precedent" in request.POST and rang:
                return redirect("ass_saisie", c.pk, tous[rang - 1].code)
            if rang + 1 < len(tous):
                return redirect("ass_saisie", c.pk, tous[rang + 1].code)
            return redirect("ass_conclusion", c.pk)
    contexte = {
        "c": c,
        "ecran": ici,
        "ecrans": tous,
        "premier": ici == tous[0],
        "dernier": ici == tous[-1],
        "points": _points(request, c, ici),
        "nombres": [
            (n, request.POST.get(f"n_{n.code}", c.nombres.get(n.code, "")), fautes.get(n.code, ""))
            for n in ici.nombres
        ],
        "reponses": list(REPONSES.items()),
        "ferme": not c.saisissable,
    }
    statut = 422 if request.method == "POST" else 200
    return render(request, "assainissement/saisie.html", contexte, status=statut)


def _points(request: HttpRequest, c: Controle, ecran: Ecran) -> list[tuple[Any, str, str, str]]:
    """Questions with what was answered, typed before kept; what the zones propose where nothing is."""
    gardees = observations.reponses_de(c)
    zones = zonage.propositions(c.installation, timezone.localdate()) if ecran.code == "zones" else {}
    sortie = []
    for p in ecran.points:
        o, zone = gardees.get(p.code), zones.get(p.fait)
        dit = f"{zone.pourquoi} Si vous répondez autrement, dites pourquoi." if zone else ""
        if request.method == "POST":
            sortie.append((p, request.POST.get(f"r_{p.code}", ""), request.POST.get(f"c_{p.code}", ""), dit))
        else:
            propose = zone.reponse if zone else ""
            sortie.append((p, o.reponse if o else propose, o.commentaire if o else "", dit))
    return sortie


def _nombres(request: HttpRequest, ecran: Ecran) -> tuple[dict[str, Any], dict[str, str]]:
    """Figures typed, with a comma or a dot, as the rules read them; and what is wrong."""
    lus: dict[str, Any] = {}
    fautes: dict[str, str] = {}
    for n in ecran.nombres:
        lus[n.code], faute = lire_nombre(n, request.POST.get(f"n_{n.code}", ""))
        if faute:
            fautes[n.code] = faute
    return lus, fautes


@droit(perms.REALISER)
@require_http_methods(["GET", "HEAD", "POST"])
def conclusion(request: HttpRequest, pk: int) -> HttpResponse:
    """What the answers conclude now, each row of the table true or false; the works, before the report."""
    c = _a_saisir(request, pk)
    if request.method == "POST":
        champs: dict[str, Any] = {"observations_libres": request.POST.get("observations_libres", "").strip()}
        if not c.existant:
            dite = request.POST.get("conclusion_travaux", "")
            champs["conclusion_travaux"] = dite if dite in (CONFORME, NON_CONFORME) else ""
        try:
            if c.saisissable:
                observations.enregistrer(c, {}, None, champs)
            controles.ecrire_travaux(c, request.POST.get("travaux", "").splitlines())
            messages.success(request, "La conclusion et les travaux sont enregistrés.")
        except Refus as e:
            messages.error(request, str(e))
        return redirect(c.get_absolute_url())
    resultat, faute = (c.resultat, "") if c.conclu else observations.conclure(c)
    travaux = [t.libelle for t in c.travaux.all()]
    propose = not travaux and bool(resultat)
    if propose:
        travaux = [
            controles.TRAVAUX_PROPOSES[m]
            for m in resultat.get("motifs", ())
            if m in controles.TRAVAUX_PROPOSES
        ]
    contexte = {
        "c": c,
        "resultat": resultat,
        "faute": faute,
        "ton": TONS.get(resultat.get("regle") or "", None) if resultat.get("regle") else None,
        "phrase": PHRASES.get(resultat.get("regle") or resultat.get("conclusion") or "", ""),
        "travaux": "\n".join(travaux),
        "propose": propose and bool(travaux),
        "ecrans": observations.ecrans(c),
        "modifiable": not c.conclu and c.etat != "annule",
    }
    return render(request, "assainissement/conclusion.html", contexte)


AIDES = {
    "saisir_visite": "La date est celle de la visite. Le constat se saisit avant, écran par écran.",
    "notifier": "La date est celle où le propriétaire a reçu le rapport : les délais en partent.",
    "enregistrer_acte": "La date est celle de l'acte de vente.",
    "valider": "La conclusion est figée avec son explication. Elle ne changera plus.",
}


@droit(perms.VOIR_CONTROLE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of a control."""
    c = commun.controle_ou_404(request, pk)
    return commun.saisir_evenement(
        request, c, code, CONTROLE, controles.agir, muettes=MUETTES, retour=c.get_absolute_url(),
        aide=" ".join(x for x in (AIDES.get(code, ""), _a_figer(c) if code == "valider" else "") if x),
    )  # fmt: skip


def _a_figer(c: Any) -> str:
    """What a validation would freeze, in one sentence."""
    resultat, faute = observations.conclure(c)
    if faute or not resultat:
        return ""
    regle = resultat.get("regle") or ""
    dit = f"{CONCLUSIONS[regle]}, règle {regle}" if regle in CONCLUSIONS else ""
    dit = dit or (c.get_conclusion_travaux_display() or "").lower()
    nombre = c.travaux.count()
    travaux = f"{nombre} ligne{'s' if nombre > 1 else ''} de travaux" if nombre else "aucuns travaux demandés"
    return f"Ici : {dit} ; {travaux}." if dit else ""


@droit(perms.VALIDER)
@require_POST
def annuler(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike out its last event."""
    c = commun.controle_ou_404(request, pk)
    return commun.annuler(request, c, c.get_absolute_url())


@droit(perms.LIRE)
@require_safe
def obligation(request: HttpRequest, pk: int) -> HttpResponse:
    """What is due, before when and why, and what may be done."""
    o = commun.obligation_ou_404(request, pk)
    contexte = {
        "o": o,
        "c": o.controle,
        "travaux": list(o.controle.travaux.all()),
        "peut_enregistrer": o.vivante and perms.peut_enregistrer(request.user, o),
        **commun.contexte_actions(o, request, MUETTES_OBLIGATION),
        "lignes": commun.lignes(o, OBLIGATION),
        "annulation": refus_annulation(o, commun.compte(request)),
        "peut_annuler": peut(request.user, perms.VALIDER, o.insee),
        "lettres": Courrier.objects.du_dossier(o).order_by("-pk"),
        "genre": sujet_de(o).genre,
    }
    return render(request, "assainissement/obligation.html", contexte)


@droit(perms.LIRE)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement_obligation(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of an obligation."""
    o = commun.obligation_ou_404(request, pk)
    return commun.saisir_evenement(
        request, o, code, OBLIGATION, obligations.agir, muettes=MUETTES_OBLIGATION,
        retour=reverse("ass_obligation", args=[o.pk]),
    )  # fmt: skip


@droit(perms.ENREGISTRER)
@require_POST
def travaux_faits(request: HttpRequest, pk: int) -> HttpResponse:
    """The day the owner made each of the works; a visit alone lifts what is due."""
    o = commun.obligation_ou_404(request, pk)
    if not perms.peut_enregistrer(request.user, o):
        raise Http404
    faits: dict[int, date | None] = {}
    try:
        for t in o.controle.travaux.all():
            texte = request.POST.get(f"fait_{t.pk}")
            if texte is not None:
                faits[t.pk] = forms.DateField(required=False).clean(texte)
        nombre = controles.dire_faits(o.controle, faits, par=commun.compte(request))
    except (forms.ValidationError, Refus) as e:
        messages.error(request, " ".join(e.messages) if isinstance(e, forms.ValidationError) else str(e))
    else:
        if nombre:
            messages.success(request, "Les travaux faits sont notés. La contre-visite lèvera l'obligation.")
    return redirect(o.get_absolute_url())


@droit(perms.VALIDER)
@require_POST
def annuler_obligation(request: HttpRequest, pk: int) -> HttpResponse:
    """Strike out its last event: a due date mistyped, works announced by mistake."""
    o = commun.obligation_ou_404(request, pk)
    return commun.annuler(request, o, o.get_absolute_url(), obligations.annuler)
