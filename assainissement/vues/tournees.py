"""Pages of rounds: prepare one, order it, print it, send it to the phone."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import segno
from django import forms
from django.contrib import messages
from django.contrib.gis.db.models.functions import Transform
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assainissement import feuille_route, perms, tournees
from assainissement.models import Controle, EtapeTournee, Installation, Prestataire, Tournee
from assainissement.regles.tournee import longueur
from assainissement.vues import commun
from gis_data.acces import droit
from mairie import journal
from mairie.courriers.rendu import RenduRefuse
from mairie.courriers.reponses import reponse_pdf
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import agents_du_droit, communes_du_droit
from mairie.impression.feuille import credit
from mairie.models import Utilisateur
from mairie.workflow import Refus

EDITEE = "assainissement.feuille_de_route"
# A page does not make its reader wait for a plan; the sheet to print has the whole delay.
PLAN_S = 2.0


def declarer_actions() -> None:
    """From ``AppConfig.ready``."""
    journal.declarer(journal.Action(EDITEE, "Feuille de route éditée", journal.Nature.CONSULTATION))


class FormulaireTournee(forms.Form):
    """Who, when, and how far the proposal goes."""

    insee = forms.ChoiceField(label="Commune")
    date = forms.DateField(label="Jour", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    agent = forms.ModelChoiceField(label="Agent", queryset=Utilisateur.objects.none(), required=False)
    prestataire = forms.ModelChoiceField(
        label="Ou prestataire", queryset=Prestataire.objects.none(), required=False
    )
    nombre = forms.IntegerField(
        label="Visites", min_value=1, max_value=tournees.MAXIMUM, initial=6, required=False
    )
    rayon = forms.DecimalField(
        label="Dans un rayon de (km)", min_value=0, max_value=100, initial=5, required=False
    )
    notes = forms.CharField(label="Notes", max_length=300, required=False)

    def __init__(self, *args: Any, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        insee, agent, prestataire = (self.fields[n] for n in ("insee", "agent", "prestataire"))
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        assert isinstance(agent, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(prestataire, forms.ModelChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        if len(communes) == 1:
            insee.initial, insee.widget = next(iter(communes)), forms.HiddenInput()
        self.fields["date"].initial = timezone.localdate()
        cles = {u.pk for code in communes for u in agents_du_droit(perms.SAISIR, code)}
        agent.queryset = Utilisateur.objects.filter(pk__in=cles).order_by("nom")
        prestataire.queryset = Prestataire.objects.filter(insee__in=communes, actif=True)
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """Somebody who may, that day, in that commune."""
        d = super().clean() or {}
        if d.get("date") and d.get("insee"):
            raison = tournees.empechement(d["date"], d.get("agent"), d.get("prestataire"))
            ailleurs = d.get("prestataire") and d["prestataire"].insee != d["insee"]
            ailleurs = ailleurs or (d.get("agent") and not d["agent"].has_perm(perms.SAISIR, d["insee"]))
            if ailleurs:
                raison = "Cette personne ne travaille pas dans cette commune."
            if raison:
                self.add_error(None, raison)
        return d


def _tournee(request: HttpRequest, pk: int) -> Tournee:
    trouvee: Tournee = get_object_or_404(
        Tournee.objects.visibles_par(request.user).select_related("agent", "prestataire"), pk=pk
    )
    return trouvee


def _a_changer(request: HttpRequest, pk: int) -> Tournee:
    t = _tournee(request, pk)
    if not perms.peut_enregistrer(request.user, t):
        raise Http404
    return t


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouvelle(request: HttpRequest) -> HttpResponse:
    """Who and when; then the controls proposed, to choose among; then the round."""
    communes = communes_du_droit(request.user, perms.ENREGISTRER)
    envoyee = request.method == "POST"
    donnees = request.POST if envoyee else (request.GET if "date" in request.GET else None)
    formulaire = FormulaireTournee(donnees, communes=communes)
    contexte: dict[str, Any] = {"formulaire": formulaire, "sans_commune": not communes, "uuid": uuid4()}
    if donnees is not None and formulaire.is_valid():
        d = formulaire.cleaned_data
        qui = {"agent": d["agent"], "prestataire": d["prestataire"]}
        if envoyee:
            try:
                t = _creer(request, d, qui)
                messages.success(request, f"La {t} est prête.")
                return redirect(t.get_absolute_url())
            except Refus as e:
                for raison in e.raisons:
                    formulaire.add_error(None, raison)
        rayon = float(d["rayon"] if d["rayon"] is not None else 5) * 1000
        proposes = tournees.proposer(d["insee"], d["date"], nombre=d["nombre"] or 6, rayon_m=rayon, **qui)
        pris = {c.pk for c in proposes}
        offerts = tournees.candidats(d["insee"], d["date"], **qui)
        contexte |= {
            "proposes": proposes,
            "autres": [c for c in offerts if c.pk not in pris][:100],
            "choisi": True,
            "plan": _plan(proposes, [c for c in offerts if c.pk not in pris], "Visites proposées"),
        }
    return render(request, "assainissement/tournee_nouvelle.html", contexte, status=422 if envoyee else 200)


def _creer(request: HttpRequest, d: dict[str, Any], qui: dict[str, Any]) -> Tournee:
    cles = [commun.nombre(x) for x in request.POST.getlist("controle")]
    visibles = Controle.objects.visibles_par(request.user).filter(insee=d["insee"]).in_bulk(cles)
    choisis = [visibles[cle] for cle in cles if cle in visibles]
    if not choisis:
        raise Refus("Choisissez au moins un contrôle.")
    try:
        cle: UUID | None = UUID(request.POST.get("client_uuid", ""))
    except ValueError:
        cle = None
    return tournees.creer(
        d["insee"], d["date"], choisis, par=commun.compte(request), notes=d["notes"], client_uuid=cle, **qui
    )


def _etapes(request: HttpRequest, t: Tournee) -> list[EtapeTournee]:
    """Visits in order; what was entrusted to somebody else since is no longer its reader's."""
    return list(
        t.etapes.filter(controle__in=Controle.objects.visibles_par(request.user))
        .select_related("controle__installation")
        .prefetch_related(
            "controle__installation__liens_adresses__adresse__voie",
            "controle__installation__parcelles",
            "controle__installation__personnes__tiers",
            "controle__installation__elements",
        )
        .order_by("rang")
    )


@droit(perms.VOIR_CONTROLE)
@require_safe
def feuille(request: HttpRequest, pk: int) -> HttpResponse:
    """The round on paper: map to scale, then each visit with its plan; each reading is logged."""
    t = _tournee(request, pk)
    visites = [e.controle for e in _etapes(request, t)]
    try:
        rendu = feuille_route.rediger(t, visites)
    except RenduRefuse as e:
        messages.error(request, f"La feuille de route n'a pas pu être faite. {e}")
        return redirect(t.get_absolute_url())
    journal.consulter(request, EDITEE, t, finalite="tournée de contrôles", insee=t.insee)
    return reponse_pdf(rendu.pdf, f"tournee-{t.date:%Y-%m-%d}-{t.pk}.pdf")


@droit(perms.VOIR_CONTROLE)
@require_safe
def tournee(request: HttpRequest, pk: int) -> HttpResponse:
    """The visits in order, on a sketch; to print, or to open on the phone."""
    t = _tournee(request, pk)
    etapes = _etapes(request, t)
    ici = [e.controle for e in etapes]
    lieux = _lieux(ici)
    adresse = request.build_absolute_uri("/terrain/")
    modifiable = perms.peut_enregistrer(request.user, t)
    autres = tournees.candidats(t.insee, t.date, t.agent, t.prestataire) if modifiable else []
    contexte = {
        "t": t,
        "etapes": [(e, lieux.get(e.controle.installation_id)) for e in etapes],
        "plan": _plan(ici, autres, str(t).capitalize()),
        "longueur": longueur([tournees.visite_de(c, t.date) for c in ici]) / 1000,
        "modifiable": modifiable,
        "autres": autres[:100],
        "qr": mark_safe(_qr(adresse)),  # noqa: S308 - drawn by us
        "adresse": adresse,
        "empechement": t.prestataire.empechement(t.date) if t.prestataire else "",
        "absence": tournees.absence(t.date, agent=t.agent, prestataire=t.prestataire),
    }
    return render(request, "assainissement/tournee.html", contexte)


@droit(perms.ENREGISTRER)
@require_POST
def changer(request: HttpRequest, pk: int) -> HttpResponse:
    """One gesture on a round: order (whole list), up, down, add, take out, shorten."""
    t = _a_changer(request, pk)
    programme = request.headers.get("Accept", "").startswith("application/json")
    d = request.POST
    version = commun.nombre(d.get("version", ""), -1)
    try:
        _geste(request, t, d, version)
    except Refus as e:
        if programme:
            return JsonResponse({"erreur": str(e)}, status=409, json_dumps_params={"ensure_ascii": False})
        messages.error(request, str(e))
        return redirect(t.get_absolute_url())
    if programme:
        t.refresh_from_db()
        return JsonResponse({"version": t.version})
    return redirect(t.get_absolute_url())


def _geste(request: HttpRequest, t: Tournee, d: Any, version: int) -> None:
    cle = commun.nombre(d.get("controle", ""))
    match d.get("geste"):
        case "ordre":
            cles = [commun.nombre(x) for x in d.getlist("ordre")]
            tournees.ordonner(t, cles, version=version)
        case "monter":
            tournees.deplacer(t, cle, -1, version=version)
        case "descendre":
            tournees.deplacer(t, cle, 1, version=version)
        case "raccourcir":
            tournees.optimiser(t, version=version)
        case "retirer":
            tournees.retirer(t, cle, version=version)
        case "ajouter":
            c = Controle.objects.visibles_par(request.user).filter(pk=cle).first()
            if c is None:
                raise Refus("Choisissez un contrôle.")
            tournees.ajouter(t, c, version=version)
        case _:
            raise Refus("Ce geste n'est pas connu.")


def _plan(visites: Sequence[Controle], autres: Sequence[Controle], titre: str) -> dict[str, Any] | None:
    """The map of a page and who is to be credited for it."""
    vue = feuille_route.carte(visites, autres, titre=titre, secondes=PLAN_S)
    if vue is None:
        return None
    return {
        "svg": mark_safe(vue.svg),  # noqa: S308 - drawn by us, texts escaped
        "credits": [credit(s) for s in vue.sources],
        "autres": bool(autres),
    }


def _qr(adresse: str) -> str:
    tampon = io.BytesIO()
    segno.make(adresse, error="m", micro=False).save(
        tampon, kind="svg", scale=3, xmldecl=False, svgns=True, title="Ouvrir le terrain sur le téléphone"
    )
    return tampon.getvalue().decode()


def _lieux(controles: Sequence[Controle]) -> dict[int, str]:
    """Address of the map for each installation that has a place."""
    situees = (
        Installation.objects.filter(pk__in=[c.installation_id for c in controles], geom__isnull=False)
        .annotate(lieu_carte=Transform("geom", 4326))
        .values_list("pk", "lieu_carte")
    )
    return {pk: f"/carte/#18/{p.y:.6f}/{p.x:.6f}" for pk, p in situees}
