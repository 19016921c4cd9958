"""Works on the streets (CVR L115-1): one work, a new one, its events."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from domainepublic import perms
from domainepublic.coordination import conflits, decisions, service
from domainepublic.coordination.calendrier import TONS
from domainepublic.coordination.etats import FINALS
from domainepublic.coordination.workflow import TRAVAUX
from domainepublic.models import DemandeTravaux
from domainepublic.parametres import valeurs
from domainepublic.vues.calendrier import repondre_pdf
from domainepublic.vues.dossier import _resume, compte
from gis_data.acces import droit
from gis_data.dessin.champ import ChampDessin
from mairie.courriers.rendu import RenduRefuse
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import communes_du_droit, peut
from mairie.models import Tiers, Voie
from mairie.tiers import service as tiers_service
from mairie.workflow import ConflitEdition, Refus, TypeEvenement, actions_possibles, journal

DEPARTS = tuple(service.DEPART.values())


def travaux_ou_404(request: HttpRequest, pk: int) -> DemandeTravaux:
    """The works, if this person may read them."""
    trouve: DemandeTravaux = get_object_or_404(
        DemandeTravaux.objects.visibles_par(request.user).select_related("maitre_ouvrage", "voie", "dossier"),
        pk=pk,
    )
    return trouve


class FormulaireTravaux(forms.Form):
    """What an operator declares."""

    insee = forms.ChoiceField(label="Commune")
    regime = forms.ChoiceField(
        label="Ces travaux sont", choices=list(service.REGIMES.items()), widget=forms.RadioSelect()
    )
    maitre_ouvrage = forms.ModelChoiceField(
        label="Maître d'ouvrage déjà connu", queryset=Tiers.objects.none(), required=False
    )
    nom = forms.CharField(label="Ou sa raison sociale", max_length=150, required=False)
    nature = forms.CharField(label="Nature des travaux", max_length=200)
    voie = forms.ModelChoiceField(label="Voie", queryset=Voie.objects.none(), required=False)
    geom = ChampDessin(label="Tracé", genres=("ligne", "surface"))
    largeur = forms.DecimalField(
        label="Largeur de la fouille (m)", min_value=0, max_digits=5, decimal_places=2, initial=1
    )
    recue_le = forms.DateField(label="Reçue le")
    annee = forms.IntegerField(label="Programme de l'année", required=False, min_value=2000, max_value=2100)
    debut = forms.DateField(label="Début demandé")
    fin = forms.DateField(label="Fin prévue")
    intervention_le = forms.DateTimeField(label="Intervention urgente, le", required=False)
    ouvre_sol = forms.BooleanField(label="Ces travaux ouvrent le sol", required=False, initial=True)
    dt_numero = forms.CharField(label="N° de la DT", max_length=40, required=False)
    dict_numero = forms.CharField(label="N° de la DICT", max_length=40, required=False)
    client_uuid = forms.UUIDField(widget=forms.HiddenInput())

    def __init__(self, *args: Any, personne: Any, communes: dict[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        insee, mo, voie = self.fields["insee"], self.fields["maitre_ouvrage"], self.fields["voie"]
        assert isinstance(insee, forms.ChoiceField)  # noqa: S101
        assert isinstance(mo, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(voie, forms.ModelChoiceField)  # noqa: S101
        insee.choices = list(communes.items())
        recents = Tiers.objects.visibles_par(personne).actifs().filter(nature="morale")
        cles = list(recents.order_by("-modifie_le").values_list("pk", flat=True)[:200])
        mo.queryset = Tiers.objects.visibles_par(personne).filter(pk__in=cles)
        voie.queryset = Voie.objects.filter(insee__in=communes, active=True).order_by("nom")
        self.fields["recue_le"].initial = timezone.localdate()
        self.fields["annee"].initial = timezone.localdate().year + 1
        self.fields["client_uuid"].initial = uuid4
        habiller(self)

    def clean(self) -> dict[str, Any]:
        """Somebody has them done."""
        d = super().clean() or {}
        if not d.get("maitre_ouvrage") and not d.get("nom"):
            self.add_error("nom", "Choisissez le maître d'ouvrage, ou écrivez sa raison sociale.")
        return d


@droit(perms.COORDONNER)
@require_http_methods(["GET", "HEAD", "POST"])
def nouveaux(request: HttpRequest) -> HttpResponse:
    """Declare works; nothing typed is lost on an error."""
    communes = communes_du_droit(request.user, perms.COORDONNER)
    formulaire = FormulaireTravaux(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        personne=request.user,
        communes=communes,
    )
    if request.method == "POST" and formulaire.is_valid():
        d = dict(formulaire.cleaned_data)
        nom = d.pop("nom")
        mo = d.pop("maitre_ouvrage") or tiers_service.creer(
            {"nature": "morale", "raison_sociale": nom}, collectivite=d["insee"], par=compte(request)
        )
        if d["regime"] != "programme":
            d["annee"] = None
        if d["intervention_le"] is not None:
            d["intervention_le"] = timezone.localtime(d["intervention_le"]).replace(tzinfo=None)
        nouveau = service.Nouveaux(maitre_ouvrage=mo, **d)
        if trouvees := service.fautes(nouveau, timezone.localdate()):
            for champ, faute in trouvees.items():
                formulaire.add_error(champ, faute)
        else:
            t = service.enregistrer(nouveau, par=compte(request))
            messages.success(request, f"Les travaux {t} sont enregistrés.")
            return redirect(t.get_absolute_url())
    statut = 422 if request.method == "POST" else 200
    return render(request, "domainepublic/travaux_nouveaux.html", {"formulaire": formulaire}, status=statut)


def _reseaux(t: DemandeTravaux, recue_le: date | None) -> dict[str, bool]:
    """What to say of the networks before the ground is opened: no DICT yet, or one asked too long ago."""
    a_venir = t.etat not in (*FINALS, "en_cours", "terminee")
    perimee = timedelta(days=int(valeurs("dict_jours")["dict_jours"]))
    ancienne = recue_le is not None and recue_le + perimee < timezone.localdate()
    return {
        "dict_manque": a_venir and t.ouvre_sol and not t.dict_numero,
        "dict_ancienne": a_venir and ancienne and bool(t.dt_numero or t.dict_numero),
    }


@droit(perms.LIRE)
@require_safe
def travail(request: HttpRequest, pk: int) -> HttpResponse:
    """One work: dates and why, what it meets, what can be done."""
    t = travaux_ou_404(request, pk)
    lignes = journal.lignes(t)
    vivantes = {e.pk for e in journal.vivantes(lignes)}
    actions = [a for a in actions_possibles(t, compte(request)) if a.ici and a.type.code not in DEPARTS]
    du, au = service.jours_retenus(t)
    contexte = {
        "t": t,
        "ton": TONS.get(t.etat, "bien"),
        "du": du,
        "au": au,
        "rencontres": [] if t.etat in FINALS else conflits.rencontres(t),
        "actions": actions,
        "evenements": [
            (e, e.pk in vivantes, journal.libelle(TRAVAUX, e.type), _resume(e.donnees))
            for e in reversed(lignes)
        ],
        "peut_occuper": t.dossier is None
        and t.etat not in ("programmee", "deposee", *FINALS)
        and peut(request.user, perms.INSTRUIRE, t.insee),
        "decisions": decisions.decisions(t),
        "coordonne": peut(request.user, perms.COORDONNER, t.insee),
        **_reseaux(t, lignes[0].date_effet if lignes else None),
    }
    return render(request, "domainepublic/travail.html", contexte)


def _formulaire(type_: TypeEvenement, t: DemandeTravaux, donnees: Any) -> forms.Form:
    formulaire = forms.Form(donnees)
    formulaire.fields["date_effet"] = forms.DateField(label="Date", initial=timezone.localdate())
    for champ in type_.champs:
        if champ.genre == "date":
            formulaire.fields[champ.code] = forms.DateField(label=champ.libelle, required=champ.obligatoire)
        else:
            formulaire.fields[champ.code] = forms.CharField(
                label=champ.libelle, required=champ.obligatoire, max_length=2000, widget=forms.Textarea()
            )
    formulaire.fields["version"] = forms.IntegerField(widget=forms.HiddenInput(), initial=t.version)
    formulaire.fields["cle"] = forms.UUIDField(widget=forms.HiddenInput(), initial=uuid4)
    habiller(formulaire)
    return formulaire


@droit(perms.COORDONNER)
@require_http_methods(["GET", "HEAD", "POST"])
def evenement(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Enter one event of the works."""
    t = travaux_ou_404(request, pk)
    try:
        type_ = TRAVAUX.type(code)
    except KeyError:
        raise Http404 from None
    if code in DEPARTS or not peut(request.user, perms.COORDONNER, t.insee):
        raise Http404
    action = next(a for a in actions_possibles(t, compte(request)) if a.type.code == code)
    formulaire = _formulaire(type_, t, request.POST if request.method == "POST" else None)
    raisons = [] if action.possible else list(action.raisons)
    if request.method == "POST" and formulaire.is_valid():
        d = dict(formulaire.cleaned_data)
        version, cle, jour = d.pop("version"), d.pop("cle"), d.pop("date_effet")
        assert isinstance(cle, UUID)  # noqa: S101
        valeurs = {k: v for k, v in d.items() if v not in (None, "")}
        try:
            service.agir(
                t, code, par=compte(request), version=version, date_effet=jour, donnees=valeurs, cle=cle
            )
            messages.success(request, f"« {type_.libelle} » est enregistré.")
            return redirect(t.get_absolute_url())
        except ConflitEdition as e:
            raisons = [str(e)]
        except Refus as e:
            raisons = list(e.raisons)
    contexte = {"d": t, "type": type_, "formulaire": formulaire, "raisons": raisons}
    return render(
        request,
        "domainepublic/travail_evenement.html",
        contexte,
        status=422 if raisons and request.POST else 200,
    )


@droit(perms.LIRE)
@require_safe
def decision(request: HttpRequest, pk: int, evenement: int) -> HttpResponse:
    """The paper of a report or of a suspension, to be signed and notified."""
    t = travaux_ou_404(request, pk)
    trouvee = next((x for x in decisions.decisions(t) if x.evenement.pk == evenement), None)
    if trouvee is None:
        raise Http404
    try:
        rendu = decisions.en_pdf(trouvee)
    except RenduRefuse as e:
        messages.error(request, str(e))
        return redirect(t.get_absolute_url())
    return repondre_pdf(rendu, f"{trouvee.code}-{t}")


@droit(perms.INSTRUIRE)
@require_POST
def occuper(request: HttpRequest, pk: int) -> HttpResponse:
    """The works become a file of occupation, once."""
    t = travaux_ou_404(request, pk)
    if not peut(request.user, perms.INSTRUIRE, t.insee):
        raise Http404
    try:
        d = service.devenir_occupation(t, compte(request))
        messages.success(request, f"Le dossier {d} est ouvert pour ces travaux.")
        return redirect(d.get_absolute_url())
    except Refus as e:
        messages.error(request, str(e))
        return redirect(t.get_absolute_url())
