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

from assainissement import perms, tournees
from assainissement.models import Controle, Installation, Prestataire, Tournee
from assainissement.regles.tournee import longueur
from assainissement.vues import commun
from cadastre.models import Commune
from gis_data.acces import droit
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import agents_du_droit, communes_du_droit
from mairie.models import Utilisateur
from mairie.workflow import Refus

# The sketch is drawn in these units, whatever the ground.
LARGEUR, HAUTEUR, MARGE = 800, 520, 48


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
            "plan": _croquis(proposes, d["insee"]),
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


@droit(perms.VOIR_CONTROLE)
@require_safe
def tournee(request: HttpRequest, pk: int) -> HttpResponse:
    """The visits in order, on a sketch; to print, or to open on the phone."""
    t = _tournee(request, pk)
    etapes = list(
        # What was entrusted to somebody else since is no longer its reader's.
        t.etapes.filter(controle__in=Controle.objects.visibles_par(request.user))
        .select_related("controle__installation")
        .prefetch_related(
            "controle__installation__liens_adresses__adresse__voie",
            "controle__installation__personnes__tiers",
            "controle__installation__elements",
        )
        .order_by("rang")
    )
    ici = [e.controle for e in etapes]
    lieux = _lieux(ici)
    adresse = request.build_absolute_uri("/terrain/")
    modifiable = perms.peut_enregistrer(request.user, t)
    contexte = {
        "t": t,
        "etapes": [(e, lieux.get(e.controle.installation_id)) for e in etapes],
        "plan": _croquis(ici, t.insee),
        "longueur": longueur([tournees.visite_de(c, t.date) for c in ici]) / 1000,
        "modifiable": modifiable,
        "autres": tournees.candidats(t.insee, t.date, t.agent, t.prestataire)[:100] if modifiable else [],
        "qr": mark_safe(_qr(adresse)),  # noqa: S308 - drawn by us
        "adresse": adresse,
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


def _croquis(controles: Sequence[Controle], insee: str) -> dict[str, Any] | None:
    """Visits in their order, the limit of the commune behind, a bar of scale; null without any place."""
    points = [
        (rang, c, lieu.x, lieu.y)
        for rang, c in enumerate(controles, start=1)
        for lieu in [c.installation.geom]
        if lieu is not None
    ]
    if not points:
        return None
    xs, ys = [x for _, _, x, _ in points], [y for _, _, _, y in points]
    metres = max(
        (max(xs) - min(xs)) / (LARGEUR - 2 * MARGE), (max(ys) - min(ys)) / (HAUTEUR - 2 * MARGE), 0.25
    )
    cx, cy = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def vers(x: float, y: float) -> tuple[float, float]:
        return round(LARGEUR / 2 + (x - cx) / metres, 1), round(HAUTEUR / 2 - (y - cy) / metres, 1)

    places = [(rang, c, *vers(x, y)) for rang, c, x, y in points]
    limite: Any = Commune.objects.filter(insee=insee).values_list("geom", flat=True).first()
    contours = []
    if limite is not None:
        simple = limite.simplify(metres, preserve_topology=True)
        polygones = simple if simple.geom_type == "MultiPolygon" else [simple]
        contours = [
            "M" + "L".join(f"{a} {b}" for a, b in (vers(x, y) for x, y, *_ in p.exterior_ring.coords)) + "Z"
            for p in polygones
        ]
    barre = next((m for m in (5000, 2000, 1000, 500, 200, 100, 50, 20) if m / metres <= LARGEUR / 3), 10)
    return {
        "places": places,
        "chemin": " ".join(f"{x},{y}" for _, _, x, y in places),
        "contours": contours,
        "largeur": LARGEUR,
        "hauteur": HAUTEUR,
        "barre": f"{barre // 1000} km" if barre >= 1000 else f"{barre} m",
        "barre_px": round(barre / metres, 1),
        "barre_fin": round(24 + barre / metres, 1),
        "barre_y": HAUTEUR - 20,
        "texte_y": HAUTEUR - 28,
    }
