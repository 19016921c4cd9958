"""Field reports at the desk: the list is declared, here is the page of one and what follows from it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from domainepublic import constats, perms, releves
from domainepublic.instruction.etats import FINALS
from domainepublic.models import Constat, DossierODP, Emprise
from domainepublic.models.emprises import UNITES_LISIBLES
from domainepublic.plans import plan_du_sol
from domainepublic.usager.declaration import par_numero
from domainepublic.vues.dossier import compte, dossier_a_facturer
from gis_data.acces import droit
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import peut
from mairie.models import Tiers
from mairie.workflow import ErreurWorkflow, Refus


class FormulaireInfraction(forms.Form):
    """Who occupied the place, when known."""

    occupant = forms.ModelChoiceField(
        label="Occupant (parmi les personnes connues)",
        queryset=Tiers.objects.none(),
        required=False,
        empty_label="inconnu",
    )

    quantite = forms.DecimalField(
        label="Quantité à facturer",
        min_value=Decimal("0.01"),
        max_digits=10,
        decimal_places=2,
        required=False,
    )

    def __init__(self, *args: Any, personne: Any, constat: Constat, **options: Any) -> None:
        super().__init__(*args, **options)
        proposee = releves.proposer(constat)
        if proposee is None:
            del self.fields["quantite"]
        else:
            quantite = self.fields["quantite"]
            quantite.label = f"Quantité à facturer ({UNITES_LISIBLES.get(proposee.unite, proposee.unite)})"
            quantite.help_text = f"Proposée : {proposee}, {proposee.source}."
            quantite.initial = proposee.valeur
        champ = self.fields["occupant"]
        assert isinstance(champ, forms.ModelChoiceField)  # noqa: S101
        recents = Tiers.objects.visibles_par(personne).actifs().order_by("-modifie_le")[:200]
        champ.queryset = Tiers.objects.visibles_par(personne).filter(pk__in=[t.pk for t in recents])
        habiller(self)


def constat_ou_404(request: HttpRequest, pk: int) -> Constat:
    """The report, if this person may read it."""
    trouve: Constat = get_object_or_404(
        Constat.objects.visibles_par(request.user).select_related("dossier", "type", "agent"), pk=pk
    )
    return trouve


def _mesuree(c: Constat) -> Emprise:
    """The drawing as the plan wants it."""
    e = releves.sol(c)
    e.mesurer()
    return e


def _accordee(c: Constat) -> str:
    """What the title tied to it grants, to be held against what was measured; empty without one."""
    e = (
        c.dossier.emprises.select_related("type").first()
        if c.dossier and c.conclusion != "sans_titre"
        else None
    )
    return f"{e.quantite.normalize():f} {e.unite_lisible}".replace(".", ",") if e else ""


@droit(perms.LIRE)
@require_safe
def constat(request: HttpRequest, pk: int) -> HttpResponse:
    """What was seen, its photos, and what may follow."""
    c = constat_ou_404(request, pk)
    lon_lat = c.geom.transform(4326, clone=True) if c.geom else None
    proches = []
    if c.geom and c.etat == Constat.Etat.A_TRAITER:
        visibles = DossierODP.objects.visibles_par(request.user).exclude(etat__in=("", *FINALS))
        trouves = constats.titres_a(c.geom, timezone.localdate(c.vu_le), c.insee)
        proches = list(trouves.filter(dossier__in=visibles.values("pk"))[:5])
    contexte = {
        "c": c,
        "lon_lat": lon_lat,
        "proches": proches,
        "peut_agir": peut(request.user, perms.CONSTATER, c.insee) and c.etat == Constat.Etat.A_TRAITER,
        "infraction": FormulaireInfraction(personne=request.user, constat=c),
        "releves": releves.lisibles(c),
        "plan": plan_du_sol(c.insee, [_mesuree(c)]) if c.dessin else None,
        "accordee": _accordee(c),
    }
    return render(request, "domainepublic/constat.html", contexte)


@droit(perms.CONSTATER)
@require_POST
def agir(request: HttpRequest, pk: int, quoi: str) -> HttpResponse:
    """Tie it to a file, leave it without follow-up, or open an infraction."""
    c = constat_ou_404(request, pk)
    if not peut(request.user, perms.CONSTATER, c.insee):
        raise Http404
    try:
        if quoi == "rattacher":
            d = par_numero(request.POST.get("numero", ""))
            if d is None or not DossierODP.objects.visibles_par(request.user).filter(pk=d.pk).exists():
                raise Refus("Aucun dossier de ce numéro : vérifiez-le.")
            constats.rattacher(c, d)
            messages.success(request, f"Le constat est rattaché à {d}.")
        elif quoi == "classer":
            constats.classer(c, request.POST.get("motif", ""))
            messages.success(request, "Le constat est classé sans suite.")
        elif quoi == "infraction":
            formulaire = FormulaireInfraction(request.POST, personne=request.user, constat=c)
            if not formulaire.is_valid():
                raise Refus(
                    "La quantité est un nombre supérieur à 0, comme 12,5."
                    if "quantite" in formulaire.errors
                    else "Choisissez l'occupant parmi les personnes, ou « inconnu »."
                )
            saisie = formulaire.cleaned_data
            d = constats.ouvrir_infraction(
                c, saisie["occupant"], par=compte(request), quantite=saisie.get("quantite")
            )
            messages.success(
                request, f"Le dossier {d} est ouvert, en infraction : la mise en demeure peut partir."
            )
            return redirect(d.get_absolute_url())
        else:
            raise Http404
    except (Refus, ErreurWorkflow) as e:
        messages.error(request, str(e))
    return redirect(c.get_absolute_url())


class FormulaireFacture(forms.Form):
    """Last day seen there."""

    jusqu_au = forms.DateField(label="Dernier jour d'occupation")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["jusqu_au"].initial = timezone.localdate()
        habiller(self)


@droit(perms.FACTURER)
@require_POST
def facturer(request: HttpRequest, pk: int) -> HttpResponse:
    """Bill an occupation without title, once."""
    d = dossier_a_facturer(request, pk)
    formulaire = FormulaireFacture(request.POST)
    try:
        if not formulaire.is_valid():
            raise Refus("Donnez le dernier jour d'occupation.")
        ligne = constats.facturer_sans_titre(d, formulaire.cleaned_data["jusqu_au"])
        messages.success(request, f"Facturé : {ligne.montant} €, à mettre en rôle.")
    except Refus as e:
        messages.error(request, str(e))
    return redirect(f"{d.get_absolute_url()}#redevance")
