"""What the pages share: rows that one may see, events entered by a form, the plan of a place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.safestring import SafeString, mark_safe

from assainissement import perms
from assainissement.circuits import etats
from assainissement.circuits.controle import PRESENCES
from assainissement.circuits.recalcul import POURQUOI
from assainissement.circuits.redevance import MOYENS
from assainissement.formulaires import CALCULES, FormulaireEvenement
from assainissement.models import Branchement, Controle, Installation, Obligation
from assainissement.regles.tables.avis_reseau import BESOINS
from assainissement.regles.tables.projets import SENS
from cadastre import plan
from cadastre.models import Parcelle
from mairie.calendrier import jma
from mairie.habilitations import peut
from mairie.models import Adresse, DossierSuivi, Utilisateur
from mairie.workflow import (
    ConflitEdition,
    Refus,
    Workflow,
    actions_possibles,
    annuler_dernier,
    journal,
)
from mairie.workflow.examen import Action

RAYON_M = 2.0
# Events that end a file without its due course.
FERMENT = ("annuler", "abandonner", "classer_sans_suite", "desactiver")
# Events that send a file back: offered after those that carry it on.
RECULENT = ("renvoyer", "declarer_incomplet", *FERMENT)
# Written by the services, read by all in the log.
MONTRES = ("controle", "dossier")
MOTS = {**etats.MOTIFS_DESACTIVATION, **PRESENCES, **SENS, **MOYENS, **BESOINS}


def compte(request: HttpRequest) -> Utilisateur:
    """The account behind the request."""
    assert isinstance(request.user, Utilisateur)  # noqa: S101
    return request.user


def nombre(texte: str, defaut: int = 0) -> int:
    """A key or a version as a form sends it; ``defaut`` for what is none."""
    return int(texte) if texte.isdecimal() and len(texte) < 16 else defaut


def installation_ou_404(request: HttpRequest, pk: int) -> Installation:
    """The installation, if this person may read it."""
    trouvee: Installation = get_object_or_404(Installation.objects.visibles_par(request.user), pk=pk)
    return trouvee


def controle_ou_404(request: HttpRequest, pk: int) -> Controle:
    """The control, if this person may read it."""
    trouve: Controle = get_object_or_404(
        Controle.objects.visibles_par(request.user).select_related(
            "installation", "agent", "prestataire", "controle_precedent"
        ),
        pk=pk,
    )
    return trouve


def obligation_ou_404(request: HttpRequest, pk: int) -> Obligation:
    """The obligation, if this person may read it."""
    trouvee: Obligation = get_object_or_404(
        Obligation.objects.visibles_par(request.user).select_related("controle__installation"), pk=pk
    )
    return trouvee


def actions(dossier: DossierSuivi, request: HttpRequest, muettes: tuple[str, ...]) -> list[Action]:
    """Events of the place where it stands, those that one may enter first."""
    ici = [a for a in actions_possibles(dossier, compte(request)) if a.ici and a.type.code not in muettes]
    return sorted(ici, key=lambda a: (not a.possible, a.type.code in RECULENT))


def contexte_actions(dossier: DossierSuivi, request: HttpRequest, muettes: tuple[str, ...]) -> dict[str, Any]:
    """The same for a page, and whether some are not possible now."""
    ici = actions(dossier, request, muettes)
    return {
        "actions": ici,
        "impossibles": any(not a.possible for a in ici),
        # The step that comes next is put forward, a cancellation never is.
        "premiere": bool(ici and ici[0].possible and ici[0].type.code not in FERMENT),
    }


@dataclass(frozen=True)
class Ligne:
    """One row of the log as it is shown."""

    evenement: Any
    vivante: bool
    libelle: str
    resume: str


def lignes(dossier: DossierSuivi, workflow: Workflow) -> list[Ligne]:
    """The log, the last first."""
    toutes = journal.lignes(dossier)
    vivantes = {e.pk for e in journal.vivantes(toutes)}
    return [
        Ligne(e, e.pk in vivantes, journal.libelle(workflow, e.type), resume(e.donnees))
        for e in reversed(toutes)
    ]


def resume(donnees: dict[str, Any]) -> str:
    """Short words of an event's data; what the rules froze is shown elsewhere."""
    morceaux = []
    for cle, valeur in donnees.items():
        if (cle in CALCULES and cle not in MONTRES) or valeur in (None, "", False):
            continue
        if cle in ("delai_mois", "mois"):
            morceaux.append(f"{valeur} mois")
            continue
        if cle == "regle" and str(valeur) in POURQUOI:
            morceaux.append(POURQUOI[str(valeur)][0])
            continue
        try:
            morceaux.append(jma(date.fromisoformat(str(valeur))))
        except ValueError:
            morceaux.append(MOTS.get(str(valeur), str(valeur)))
    resultat = donnees.get("resultat") or {}
    if resultat.get("regle"):
        morceaux.insert(0, f"conclusion {resultat['regle']}")
    return " · ".join(morceaux)[:300]


def saisir_evenement(
    request: HttpRequest,
    dossier: Any,
    code: str,
    workflow: Workflow,
    agir: Callable[..., Any],
    *,
    muettes: tuple[str, ...],
    retour: str,
    aide: str = "",
) -> HttpResponse:
    """Page of one event: its form, its refusal with the reason, its effect."""
    if code in muettes:
        raise Http404
    try:
        type_ = workflow.type(code)
    except KeyError:
        raise Http404 from None
    action = next(a for a in actions_possibles(dossier, compte(request)) if a.type.code == code)
    formulaire = FormulaireEvenement(type_, dossier, request.POST if request.method == "POST" else None)
    raisons = [] if action.possible else list(action.raisons)
    if request.method == "POST" and formulaire.is_valid():
        try:
            agir(
                dossier,
                code,
                par=compte(request),
                version=formulaire.cleaned_data["version"],
                cle=formulaire.cle_saisie,
                date_effet=formulaire.cleaned_data["date_effet"],
                donnees=formulaire.donnees(),
            )
            messages.success(request, f"« {type_.libelle} » est enregistré.")
            return redirect(retour)
        except ConflitEdition as e:
            raisons = [str(e)]
        except Refus as e:
            raisons = list(e.raisons)
    contexte = {
        "objet": dossier,
        "type": type_,
        "formulaire": formulaire,
        "raisons": raisons,
        "retour": retour,
        "aide": aide,
    }
    statut = 422 if request.method == "POST" else 200
    return render(request, "assainissement/evenement.html", contexte, status=statut)


def annuler(
    request: HttpRequest, dossier: Any, retour: str, agir: Callable[..., Any] = annuler_dernier
) -> HttpResponse:
    """Strike out the last event, with its reason."""
    try:
        version = int(request.POST.get("version", ""))
    except ValueError:
        version = -1
    try:
        agir(dossier, par=compte(request), version=version, motif=request.POST.get("motif", ""))
        messages.success(request, "Le dernier événement est annulé ; il reste au journal, rayé.")
    except (Refus, ConflitEdition) as e:
        messages.error(request, str(e))
    return redirect(retour)


def plan_de(i: Installation | Branchement) -> SafeString | None:
    """The place on the cadastral plan, to scale; null where neither point nor parcel is known."""
    references = [p.reference for p in i.parcelles.all()]
    sols = Parcelle.objects.filter(idu__in=references, valide_au__isnull=True, geom__isnull=False)
    formes = [shapely.from_wkb(bytes(g.wkb)) for g in sols.values_list("geom", flat=True) if g is not None]
    if i.geom is not None:
        point = shapely.from_wkb(bytes(i.geom.wkb)).buffer(RAYON_M)
        formes = [point] if not formes else [shapely.union_all(formes).boundary.buffer(0.3), point]
    if isinstance(i, Installation):
        # The filière as drawn: each element where it is.
        dessines = [e.geom for e in i.filiere if e.geom is not None]
        traces = [shapely.from_wkb(bytes(g.wkb)) for g in dessines]
        formes += [t.buffer(1.0 if t.geom_type == "Point" else 0.3) for t in traces]
    if not formes:
        return None
    texte, _ = plan.dessiner(shapely.union_all(formes), "", "", i.insee)
    return mark_safe(texte)  # noqa: S308 - drawn by us, texts escaped


def depuis_parcelle(request: HttpRequest, champ_adresse: str) -> dict[str, Any]:
    """What a click on a parcel already says in a form of entry: commune, place, address."""
    idu = request.GET.get("parcelle", "")
    p = Parcelle.objects.filter(idu=idu, valide_au__isnull=True).first() if idu else None
    if p is None or not peut(request.user, perms.ENREGISTRER, p.commune):
        return {}
    initial: dict[str, Any] = {"insee": p.commune, "parcelles": idu}
    if p.geom is not None:
        initial["geom"] = p.geom.point_on_surface
    adresse = (
        Adresse.objects.filter(insee=p.commune, active=True, parcelles__contains=[idu])
        .select_related("voie")
        .order_by("pk")
        .first()
    )
    if adresse is not None:
        initial[champ_adresse] = str(adresse)
    return initial
