"""Who makes a control; the new version of a report already received."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assainissement import controles, observations, perms
from assainissement.models import Controle, Prestataire
from assainissement.nombres import lire_nombre
from assainissement.regles.tables.natures import CONFORME, NON_CONFORME
from assainissement.regles.tables.points import REPONSES
from assainissement.vues import commun
from gis_data.acces import droit
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import agents_du_droit, peut
from mairie.models import Utilisateur
from mairie.workflow import ErreurWorkflow, Refus


class FormulaireAffecter(forms.Form):
    """An agent, or a firm; neither: to be named later."""

    agent = forms.ModelChoiceField(label="Agent", queryset=Utilisateur.objects.none(), required=False)
    prestataire = forms.ModelChoiceField(
        label="Ou prestataire", queryset=Prestataire.objects.none(), required=False
    )

    def __init__(self, c: Controle, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        agent, prestataire = self.fields["agent"], self.fields["prestataire"]
        assert isinstance(agent, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(prestataire, forms.ModelChoiceField)  # noqa: S101
        agent.queryset = agents_du_droit(perms.SAISIR, c.insee)
        prestataire.queryset = Prestataire.objects.filter(insee=c.insee, actif=True)
        habiller(self)


@droit(perms.ENREGISTRER)
@require_http_methods(["GET", "HEAD", "POST"])
def affecter(request: HttpRequest, pk: int) -> HttpResponse:
    """Name who makes the visit."""
    c = commun.controle_ou_404(request, pk)
    if not perms.peut_enregistrer(request.user, c):
        raise Http404
    donnees = request.POST if request.method == "POST" else None
    formulaire = FormulaireAffecter(
        c, donnees, initial={"agent": c.agent_id, "prestataire": c.prestataire_id}
    )
    if donnees is not None and formulaire.is_valid():
        d = formulaire.cleaned_data
        try:
            controles.affecter(c, d["agent"], d["prestataire"])
        except Refus as e:
            for raison in e.raisons:
                formulaire.add_error(None, raison)
        else:
            messages.success(request, "Le contrôleur est enregistré.")
            return redirect(c.get_absolute_url())
    contexte = {"c": c, "formulaire": formulaire}
    return render(
        request, "assainissement/affecter.html", contexte, status=422 if donnees is not None else 200
    )


def _entier(texte: str) -> int:
    return commun.nombre(texte, -1)


@droit(perms.VALIDER)
@require_http_methods(["GET", "HEAD", "POST"])
def rectifier(request: HttpRequest, pk: int) -> HttpResponse:
    """All questions of the control with the answers kept; what is sent makes a new version of the report."""
    c = commun.controle_ou_404(request, pk)
    if not peut(request.user, perms.VALIDER, c.insee):
        raise Http404
    raisons: list[str] = []
    fautes: dict[str, str] = {}
    d = request.POST
    ecrans = observations.ecrans(c)
    if request.method == "POST":
        nombres: dict[str, Any] = {}
        for e in ecrans:
            for n in e.nombres:
                nombres[n.code], faute = lire_nombre(n, d.get(f"n_{n.code}", ""))
                if faute:
                    fautes[n.code] = faute
        if not d.get("motif", "").strip():
            raisons.append("Dites pourquoi ce rapport est rectifié.")
        if not fautes and not raisons:
            try:
                _appliquer(request, c, ecrans, nombres)
                messages.success(
                    request,
                    "Le rapport est rectifié ; la version précédente reste au journal. Préparez la lettre qui"
                    " l'envoie.",
                )
                return redirect(c.get_absolute_url())
            except ErreurWorkflow as e:
                raisons = list(getattr(e, "raisons", None) or [str(e)])
    gardees = observations.reponses_de(c)
    repris = c.calculs.get("resultat", {}) if not gardees else {}
    contexte = {
        "c": c,
        "raisons": raisons,
        "cle": d.get("cle") or uuid4(),
        "version": c.version,
        "motif": d.get("motif", ""),
        "travaux": d.get("travaux") if d else "\n".join(t.libelle for t in c.travaux.all()),
        "observations": d.get("observations_libres") if d else c.observations_libres,
        "conclusion": d.get("conclusion_travaux") if d else c.conclusion_travaux,
        "repris": bool(repris),
        "reponses": list(REPONSES.items()),
        "ecrans": [
            {
                "titre": e.titre,
                "points": [
                    (
                        p,
                        d.get(f"r_{p.code}", "") if d else (o.reponse if o else ""),
                        d.get(f"c_{p.code}", "") if d else (o.commentaire if o else ""),
                    )
                    for p in e.points
                    for o in [gardees.get(p.code)]
                ],
                "nombres": [
                    (n, d.get(f"n_{n.code}", "") if d else c.nombres.get(n.code, ""), fautes.get(n.code, ""))
                    for n in e.nombres
                ],
            }
            for e in ecrans
        ],
    }
    return render(
        request, "assainissement/rectifier.html", contexte, status=422 if request.method == "POST" else 200
    )


def _appliquer(request: HttpRequest, c: Controle, ecrans: list[Any], nombres: dict[str, Any]) -> None:
    d = request.POST
    champs: dict[str, Any] = {"observations_libres": d.get("observations_libres", "").strip()}
    if not c.existant:
        dite = d.get("conclusion_travaux", "")
        champs["conclusion_travaux"] = dite if dite in (CONFORME, NON_CONFORME) else ""
    try:
        cle = UUID(d.get("cle", ""))
    except ValueError:
        cle = uuid4()
    controles.rectifier(
        c,
        par=commun.compte(request),
        version=_entier(d.get("version", "")),
        motif=d["motif"].strip()[:2000],
        reponses={
            p.code: (d.get(f"r_{p.code}", ""), d.get(f"c_{p.code}", "").strip())
            for e in ecrans
            for p in e.points
        },
        nombres=nombres,
        champs=champs,
        travaux=d.get("travaux", "").splitlines(),
        cle=cle,
    )
