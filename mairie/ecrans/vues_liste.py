"""The view of a list: page, part of a page for htmx, files, and what is posted from its rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.safestring import SafeString
from django.views.decorators.http import require_http_methods

from gis_data.acces import droit
from gis_data.emprise import emprise_lonlat
from mairie.communes import courante
from mairie.ecrans import enregistrees, exports
from mairie.ecrans.consultation import Consultation
from mairie.ecrans.declaration import Action, ActionImpossible, Liste, permis
from mairie.ecrans.dessin import rangee
from mairie.ecrans.droits import peut_sur
from mairie.ecrans.valeurs import Champ, Ton
from mairie.habilitations import peut
from mairie.perms import ADMINISTRER

# Rows that one click may act on; under Django's own limit of fields in a form.
MASSE_MAX = 500
# Reasons shown one by one after a bulk action.
RAISONS_MAX = 10


@dataclass(frozen=True)
class Bouton:
    """An action offered on an object; ``raison`` says why not now."""

    action: Action
    raison: str
    adresse: str
    avertissement: str = ""


@dataclass(frozen=True)
class Cellule:
    """A value ready to draw."""

    champ: Champ
    texte: str
    ton: Ton | None
    lien: str
    pourquoi: Sequence[Any] = ()


@dataclass(frozen=True)
class Ligne:
    """A row ready to draw."""

    objet: Any
    adresse: str
    cellules: list[Cellule]
    boutons: list[Bouton]

    @property
    def html(self) -> SafeString:
        """Its cells, drawn: the first heads the row, and opens its page."""
        return rangee(self.cellules, self.adresse)


def cellule(champ: Champ, objet: Any) -> Cellule:
    """One value of an object."""
    en_badge = champ.nature in ("etat", "pastille") or isinstance(champ.lire(objet), Ton)
    lien = (champ.lien(objet) if champ.lien else "") or ""
    etapes = champ.pourquoi(objet) if champ.pourquoi else ()
    return Cellule(champ, champ.texte(objet), champ.ton(objet) if en_badge else None, lien, etapes)


def boutons(actions: list[Action], objet: Any, utilisateur: Any) -> list[Bouton]:
    """Actions on an object that the person has a right to there; those not possible now say why."""
    sortie = []
    for action in actions:
        if peut_sur(utilisateur, action.droit, objet):
            raison = (action.empechement(objet, utilisateur) if action.empechement else "") or ""
            dit = (action.avertissement(objet, utilisateur) if action.avertissement else "") or ""
            sortie.append(Bouton(action, raison, action.adresse(objet) if action.adresse else "", dit))
    return sortie


def lignes(consultation: Consultation) -> list[Ligne]:
    """Rows of the page asked."""
    liste, utilisateur = consultation.liste, consultation.utilisateur
    actions = liste.actions_de(utilisateur)
    return [
        Ligne(
            objet,
            (liste.adresse_ligne(objet) if liste.adresse_ligne else "") or "",
            [cellule(c, objet) for c in consultation.colonnes],
            boutons(actions, objet, utilisateur),
        )
        for objet in consultation.page.object_list
    ]


def vue_liste(liste: Liste) -> Any:
    """The view of a list, with its right."""

    @droit(liste.droit)
    @require_http_methods(["GET", "HEAD", "POST"])
    def vue(request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            return _agir(request, liste)
        if not request.GET and (vue_defaut := enregistrees.par_defaut(request.user, liste.code)):
            return HttpResponseRedirect(enregistrees.adresse(vue_defaut))
        consultation = Consultation(liste, request.user, request.GET, courante(request))
        if demande := request.GET.get("export", ""):
            return exports.repondre(request, consultation, demande)
        partielle = request.headers.get("HX-Request-Type") == "partial"
        gabarit = "mairie/ecrans/_liste.html" if partielle else "mairie/ecrans/liste.html"
        reponse = render(request, gabarit, _contexte(request, consultation))
        # The same address gives a page or a part of it.
        patch_vary_headers(reponse, ["HX-Request-Type"])
        reponse["Cache-Control"] = "private, no-store"
        return reponse

    vue.__name__ = vue.__qualname__ = f"liste_{liste.nom}"
    return vue


def _contexte(request: HttpRequest, consultation: Consultation) -> dict[str, Any]:
    liste = consultation.liste
    rangees = lignes(consultation)
    actions = liste.actions_de(request.user)
    page = consultation.page
    vues = list(enregistrees.visibles(request.user, liste.code))
    vue = next((v for v in vues if str(v.pk) == request.GET.get("vue")), None)
    return {
        "liste": liste,
        "consultation": consultation,
        "facettes": consultation.facettes(),
        "jetons": consultation.jetons(),
        "entetes": consultation.entetes(),
        "lignes": rangees,
        "avec_actions": any(ligne.boutons for ligne in rangees),
        "actions_masse": [a for a in actions if a.en_masse],
        "liens": permis(liste.liens, request.user),
        "page": page,
        "pages": _pages(consultation),
        **(_carte(consultation) if liste.geometrie else {}),
        "formats": exports.formats(liste),
        "requete": request.GET.urlencode(),
        "gardes": [
            (n, v) for n, vs in request.GET.lists() if n in ("tri", "colonnes", "emprise") for v in vs
        ],
        "autres": [
            (n, v) for n, vs in request.GET.lists() if n not in ("colonnes", "page", "export") for v in vs
        ],
        "masse_max": MASSE_MAX,
        "vues": vues,
        "vue": vue,
        "vues_modifiables": [v for v in vues if enregistrees.peut_modifier(request.user, v)],
        "regler_role": vue is not None
        and vue.collectivite is not None
        and peut(request.user, ADMINISTRER, vue.collectivite.code),
        "partages": enregistrees.partages(request.user),
    }


def _carte(consultation: Consultation) -> dict[str, str]:
    """Where the map beside the list opens, and the address of its places."""
    emprise = emprise_lonlat()
    bornes = ",".join(f"{v:.6f}" for v in emprise) if emprise else ""
    return {"places": consultation.places(), "emprise": bornes}


def _pages(consultation: Consultation) -> list[tuple[int | str, str]]:
    """(number or ellipsis, address) of the pages near this one and at both ends."""
    page = consultation.page
    return [
        (n, consultation.adresse(page=n) if isinstance(n, int) else "")
        for n in page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    ]


# --- Actions ------------------------------------------------------------------------------------


def _retour(request: HttpRequest, liste: Liste) -> str:
    """Back to the list as it was: only its own path, never an address given by the form."""
    requete = request.POST.get("requete", "")
    return f"{request.path}?{requete}" if requete else f"{request.path}?vue="


def _agir(request: HttpRequest, liste: Liste) -> HttpResponseBase:
    """Do an action on one row (``un=code:key``) or on those ticked (``action``, ``objets``)."""
    if "vue" in request.POST:
        return enregistrees.traiter(request, liste)
    code, _, cle = request.POST.get("un", "").partition(":")
    code = code or request.POST.get("action", "")
    action = next((a for a in liste.actions_de(request.user) if a.code == code and a.faire), None)
    retour = HttpResponseRedirect(_retour(request, liste))
    if action is None or not (cle or action.en_masse):
        messages.error(request, "Cette action n'existe pas, ou vous n'en avez pas le droit.")
        return retour
    cles = [cle] if cle else request.POST.getlist("objets")
    cles = [c for c in cles if c.isdecimal() and len(c) < 19]
    if not cles:
        messages.warning(request, "Cochez d'abord au moins une ligne.")
        return retour
    if len(cles) > MASSE_MAX:
        messages.error(request, f"Une action porte sur {MASSE_MAX} lignes au plus à la fois.")
        return retour
    objets = list(liste.requete(request.user).filter(pk__in=cles))
    if action.confirmation and not request.POST.get("confirme"):
        return render(
            request,
            "mairie/ecrans/confirmer.html",
            {"liste": liste, "action": action, "objets": objets, "un": bool(cle),
             "annuler": _retour(request, liste), "requete": request.POST.get("requete", "")},
        )  # fmt: skip
    executer(request, action, objets, manquants=len(set(cles)) - len(objets))
    return retour


def executer(request: HttpRequest, action: Action, objets: list[Any], manquants: int = 0) -> int:
    """Do an action on each object in a transaction of its own, and tell the person; how many were done."""
    if action.faire is None:
        raise ValueError(f"L'action {action.code} est un lien.")
    faits: list[str] = []
    refus: list[str] = []
    for objet in objets:
        try:
            if not peut_sur(request.user, action.droit, objet):
                raise ActionImpossible("vous n'en avez pas le droit ici")
            if action.empechement and (raison := action.empechement(objet, request.user)):
                raise ActionImpossible(raison)
            with transaction.atomic():
                faits.append(action.faire(objet, request.user) or "")
        except ActionImpossible as e:
            refus.append(f"{objet} : {e}")
    if manquants:
        refus.append(f"{manquants} ligne{'s' * (manquants > 1)} introuvable{'s' * (manquants > 1)}")
    if faits:
        texte = (
            faits[0] if len(faits) == 1 and faits[0] else f"{action.libelle} : fait pour {len(faits)} lignes."
        )
        messages.success(request, texte)
    for raison in refus[:RAISONS_MAX]:
        messages.error(request, f"{action.libelle} impossible. {raison}")
    if len(refus) > RAISONS_MAX:
        messages.error(request, f"… et {len(refus) - RAISONS_MAX} autres refus.")
    return len(faits)


def adresse_liste(liste: Liste, **parametres: str) -> str:
    """Address of a list with parameters."""
    return f"/{liste.adresse}" + (f"?{urlencode(parametres)}" if parametres else "")
