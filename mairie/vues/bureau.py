"""The agent's desk: deadlines by urgency, her open dossiers, the month, the feed, the digest."""

from __future__ import annotations

import re
from calendar import Calendar as Grille
from datetime import date, timedelta
from functools import cache
from typing import Any, ClassVar

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template import TemplateDoesNotExist
from django.template.loader import get_template
from django.utils import timezone
from django.utils.text import capfirst
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from gis_data.acces import droit, public
from mairie import communes, journal, liens
from mairie.bureau import mes_dossiers
from mairie.echeances import agenda, lecture
from mairie.echeances.declaration import AGENDA_CREE, AGENDA_REVOQUE
from mairie.echeances.lecture import QUI, Choix
from mairie.echeances.resume import preference
from mairie.erreurs import Introuvable
from mairie.models import PreferenceBureau, Utilisateur
from mairie.perms import AGENT

CLE_NOUVELLE_ADRESSE = "bureau_agenda"


@droit(AGENT)
@require_safe
def bureau(request: HttpRequest) -> HttpResponse:
    """What is urgent, then what is mine; as many queries whatever the number of rows."""
    aujourdhui = timezone.localdate()
    choix = Choix.lire(request)
    groupes = lecture.groupes(lecture.visibles(request.user, choix), choix, aujourdhui)
    _nommer(request, [e for g in groupes for e in g.lignes])
    return render(
        request,
        "mairie/bureau/bureau.html",
        {
            "aujourdhui": aujourdhui,
            "choix": choix,
            "groupes": groupes,
            "total": sum(g.nombre for g in groupes),
            "montrees": sum(len(g.lignes) for g in groupes),
            "blocs": mes_dossiers(request.user, choix.insee),
            "qui": QUI,
            "avec_widgets": _widgets(),
        },
    )


@cache
def _widgets() -> bool:
    """Whether the dashboard widgets of the roles are there to be included."""
    try:
        get_template("mairie/_widgets.html")
    except TemplateDoesNotExist:
        return False
    return True


@droit(AGENT)
@require_safe
def calendrier(request: HttpRequest) -> HttpResponse:
    """One month of deadlines, weeks from Monday; ``?mois=AAAA-MM``."""
    aujourdhui = timezone.localdate()
    premier = _mois(request.GET.get("mois", ""), aujourdhui)
    choix = Choix.lire(request)
    semaines = Grille(firstweekday=0).monthdatescalendar(premier.year, premier.month)
    lignes = lecture.entre(
        lecture.visibles(request.user, choix), semaines[0][0], semaines[-1][-1], aujourdhui
    )
    _nommer(request, lignes)
    par_jour: dict[date, list[Any]] = {}
    for e in lignes:
        par_jour.setdefault(e.date, []).append(e)
    return render(
        request,
        "mairie/bureau/calendrier.html",
        {
            "premier": premier,
            "precedent": premier - timedelta(days=1),
            "suivant": (premier + timedelta(days=31)).replace(day=1),
            "aujourdhui": aujourdhui,
            "semaines": [
                [(j, j.month == premier.month, par_jour.get(j, [])) for j in semaine] for semaine in semaines
            ],
            "jours": [(j, lignes_) for j, lignes_ in par_jour.items() if j.month == premier.month],
            "choix": choix,
            "qui": QUI,
        },
    )


class FormulaireResume(forms.ModelForm):
    """How the agent wants the digest."""

    class Meta:
        model = PreferenceBureau
        fields = ("resume",)
        labels: ClassVar = {"resume": "Recevoir mes échéances par courriel"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choix = PreferenceBureau.Resume.choices
        self.fields["resume"] = forms.ChoiceField(
            label=self.fields["resume"].label,
            choices=[(code, capfirst(libelle)) for code, libelle in choix],
            widget=forms.RadioSelect,
        )


@droit(AGENT)
@require_http_methods(["GET", "HEAD", "POST"])
def reglages(request: HttpRequest) -> HttpResponse:
    """The digest and the feed of this agent; a new secret address is shown once."""
    personne = _personne(request)
    formulaire = FormulaireResume(
        request.POST or None,
        instance=PreferenceBureau(utilisateur=personne, resume=preference(personne)),
    )
    if request.method == "POST" and formulaire.is_valid():
        PreferenceBureau.objects.update_or_create(
            utilisateur=personne, defaults={"resume": formulaire.cleaned_data["resume"]}
        )
        messages.success(request, "Votre choix est enregistré.")
        return redirect("bureau_reglages")
    reponse = render(
        request,
        "mairie/bureau/reglages.html",
        {
            "formulaire": formulaire,
            "lien": agenda.lien_de(personne),
            "nouvelle": request.session.pop(CLE_NOUVELLE_ADRESSE, ""),
        },
    )
    reponse["Cache-Control"] = "no-store"
    return reponse


@droit(AGENT)
@require_POST
def agenda_creer(request: HttpRequest) -> HttpResponse:
    """Make the secret address of the feed; the former one opens no more."""
    personne = _personne(request)
    with transaction.atomic():
        request.session[CLE_NOUVELLE_ADRESSE] = agenda.creer(personne)
        journal.noter(request, AGENDA_CREE)
    return redirect("bureau_reglages")


@droit(AGENT)
@require_POST
def agenda_revoquer(request: HttpRequest) -> HttpResponse:
    """Close the feed."""
    with transaction.atomic():
        if agenda.revoquer(_personne(request)):
            journal.noter(request, AGENDA_REVOQUE)
    messages.success(request, "L'adresse de votre agenda n'ouvre plus rien.")
    return redirect("bureau_reglages")


@public
@require_GET
def agenda_ics(request: HttpRequest, jeton: str) -> HttpResponse:
    """The feed, for a program that holds the secret address; 404 for all others."""
    try:
        lien = liens.ouvrir(jeton, agenda.USAGE, request)
    except liens.LienRefuse as refus:
        if refus.motif == liens.Motif.TROP_D_ESSAIS:
            return HttpResponse(str(refus), status=429, content_type="text/plain; charset=utf-8")
        raise Introuvable(
            "Cette adresse d'agenda n'ouvre rien : créez-en une depuis votre bureau."
        ) from refus
    personne = Utilisateur.objects.filter(pk=lien.objet_id, is_active=True).first()
    if personne is None:
        raise Introuvable("Cette adresse d'agenda n'ouvre rien.")
    contenu = agenda.calendrier(personne, timezone.localdate(), timezone.now())
    reponse = HttpResponse(contenu, content_type="text/calendar; charset=utf-8")
    reponse["Content-Disposition"] = 'inline; filename="echeances.ics"'
    reponse["Cache-Control"] = "private, no-store"
    reponse["X-Robots-Tag"] = "noindex"
    return reponse


def _nommer(request: HttpRequest, lignes: list[Any]) -> None:
    """The commune's name on each line, for who works for several."""
    noms = dict(communes.offertes(request.user))
    for e in lignes:
        e.commune = noms.get(e.insee, e.insee) if len(noms) > 1 else ""


def _personne(request: HttpRequest) -> Utilisateur:
    return Utilisateur.objects.get(pk=request.user.pk or 0)


def _mois(texte: str, aujourdhui: date) -> date:
    """First day of the month asked for; this month when the address says none that exists."""
    if re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", texte):
        return date(int(texte[:4]), int(texte[5:]), 1)
    return aujourdhui.replace(day=1)
