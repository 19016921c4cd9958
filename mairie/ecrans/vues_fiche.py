"""Views of one object: its page, its form, its actions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from gis_data.acces import droit
from mairie.ecrans import formulaires, registre
from mairie.ecrans.declaration import ActionImpossible, Champ, Fiche, Formulaire, ListeLiee, Section, permis
from mairie.ecrans.droits import peut_sur
from mairie.ecrans.place import place_de
from mairie.ecrans.valeurs import Nature
from mairie.ecrans.vues_liste import Cellule, adresse_liste, boutons, cellule, executer
from mairie.panneaux import panneaux


def champ_du_modele(modele: type[Model], nom: str) -> Champ:
    """A value to show, guessed from a field of the model: its label, how it is written."""
    champ = modele._meta.get_field(nom)
    titre = str(getattr(champ, "verbose_name", nom))
    nature = {
        "DateField": Nature.DATE,
        "DateTimeField": Nature.INSTANT,
        "BooleanField": Nature.OUI_NON,
        "IntegerField": Nature.NOMBRE,
        "FloatField": Nature.NOMBRE,
        "DecimalField": Nature.NOMBRE,
    }.get(champ.get_internal_type() if hasattr(champ, "get_internal_type") else "", Nature.TEXTE)
    return Champ(nom, f"{titre[:1].upper()}{titre[1:]}", nature=nature)


def _section(section: Section, objet: Any, utilisateur: Any) -> tuple[Section, list[Cellule]]:
    champs = [champ_du_modele(type(objet), c) if isinstance(c, str) else c for c in section.champs]
    return section, [cellule(c, objet) for c in permis(champs, utilisateur)]


def _cle(pk: Any) -> Any:
    """A key that the database can hold; 404 otherwise."""
    if isinstance(pk, int) and pk >= 2**63:
        raise Http404
    return pk


def vue_fiche(fiche: Fiche) -> Any:
    """The page of an object; POST does one of its actions."""

    @droit(fiche.droit)
    @require_http_methods(["GET", "HEAD", "POST"])
    def vue(request: HttpRequest, pk: Any) -> HttpResponseBase:
        objet = get_object_or_404(fiche.requete(request.user), pk=_cle(pk))
        if request.method == "POST":
            return _agir(request, fiche, objet)
        if fiche.surveiller:
            fiche.surveiller(request, objet)
        reponse = render(request, fiche.gabarit, _contexte(request, fiche, objet))
        reponse["Cache-Control"] = "private, no-store"
        return reponse

    vue.__name__ = vue.__qualname__ = fiche.nom
    return vue


def _contexte(request: HttpRequest, fiche: Fiche, objet: Any) -> dict[str, Any]:
    utilisateur: Any = request.user
    sections = [_section(s, objet, utilisateur) for s in permis(fiche.sections, utilisateur)]
    return {
        "fiche": fiche,
        "objet": objet,
        "titre": fiche.titre(objet),
        "sous_titre": fiche.sous_titre(objet) if fiche.sous_titre else "",
        "etat": fiche.etat.ton(objet) if fiche.etat else None,
        "sections": [(s, cellules) for s, cellules in sections if cellules],
        "boutons": boutons(permis(fiche.actions, utilisateur), objet, utilisateur),
        "modifier": _modifier(fiche, objet, utilisateur),
        "listes": [_liee(liee, objet, utilisateur) for liee in fiche.listes if _lisible(liee, utilisateur)],
        "historique": fiche.historique(objet, utilisateur) if fiche.historique else (),
        "panneaux": panneaux(fiche.panneaux, objet, utilisateur) if fiche.panneaux else (),
        "liste": registre.liste(fiche.liste) if fiche.liste else None,
        "place": place_de(objet, fiche.geometrie) if fiche.geometrie else None,
        **(fiche.contexte(objet, utilisateur) if fiche.contexte else {}),
    }


def _modifier(fiche: Fiche, objet: Any, utilisateur: Any) -> dict[str, str] | None:
    """The button « Modifier »: its address, or why not now; null without the right."""
    formulaire = fiche.formulaire
    if formulaire is None or not peut_sur(utilisateur, formulaire.droit, objet):
        return None
    raison = (formulaire.empechement(objet, utilisateur) if formulaire.empechement else "") or ""
    return {"adresse": reverse(f"{formulaire.nom}_modifier", args=[objet.pk]), "raison": raison}


def _lisible(liee: ListeLiee, utilisateur: Any) -> bool:
    return bool(utilisateur.has_perm(liee.liste.droit))


def _liee(liee: ListeLiee, objet: Any, utilisateur: Any) -> dict[str, Any]:
    lignes = liee.liste.requete(utilisateur).filter(liee.filtre(objet))
    colonnes = [c for c in liee.liste.colonnes_de(utilisateur) if c.defaut]
    nombre = lignes.count()
    return {
        "titre": liee.titre or liee.liste.titre,
        "colonnes": colonnes,
        "lignes": [
            (
                (liee.liste.adresse_ligne(o) if liee.liste.adresse_ligne else "") or "",
                [cellule(c, o) for c in colonnes],
            )
            for o in lignes[: liee.nombre]
        ],
        "nombre": nombre,
        "reste": max(0, nombre - liee.nombre),
        "toutes": adresse_liste(liee.liste, **liee.parametres(objet)) if liee.parametres else "",
        "vide": liee.liste.vide,
    }


def _agir(request: HttpRequest, fiche: Fiche, objet: Any) -> HttpResponseBase:
    code = request.POST.get("action", "")
    action = next((a for a in permis(fiche.actions, request.user) if a.code == code and a.faire), None)
    if action is None:
        messages.error(request, "Cette action n'existe pas, ou vous n'en avez pas le droit.")
    elif action.confirmation and not request.POST.get("confirme"):
        contexte = {"action": action, "objets": [objet], "annuler": request.path, "fiche": fiche}
        return render(request, "mairie/ecrans/confirmer.html", contexte)
    else:
        executer(request, action, [objet])
        if not fiche.requete(request.user).filter(pk=objet.pk).exists():
            liste = registre.liste(fiche.liste)
            return HttpResponseRedirect(f"/{liste.adresse}" if liste else "/bureau/")
    return HttpResponseRedirect(request.path)


# --- Forms --------------------------------------------------------------------------------------


def vue_nouveau(formulaire: Formulaire) -> Any:
    """Enter an object."""

    @droit(formulaire.droit)
    @require_http_methods(["GET", "HEAD", "POST"])
    def vue(request: HttpRequest) -> HttpResponse:
        if formulaire.empechement_nouveau and (raison := formulaire.empechement_nouveau(request.user)):
            messages.error(request, raison)
            liste = registre.liste(formulaire.liste)
            return HttpResponseRedirect(f"/{liste.adresse}" if liste else "/bureau/")
        if request.method != "POST":
            return _page(request, formulaire, formulaires.construire(formulaire, request.user, None))
        forme = formulaires.construire(formulaire, request.user, None, request.POST, request.FILES)
        if forme.is_valid() and (objet := _enregistrer(request, formulaire, forme)) is not None:
            messages.success(request, f"« {objet} » est enregistré.")
            return HttpResponseRedirect(_retour(formulaire, objet))
        return _page(request, formulaire, forme)

    vue.__name__ = vue.__qualname__ = f"{formulaire.nom}_nouveau"
    return vue


def vue_modifier(formulaire: Formulaire) -> Any:
    """Change an object; what another saved meanwhile is shown, never lost."""

    @droit(formulaire.droit)
    @require_http_methods(["GET", "HEAD", "POST"])
    def vue(request: HttpRequest, pk: Any) -> HttpResponse:
        if request.method == "POST":
            # The row stays locked from the comparison to the writing.
            with transaction.atomic():
                return _modifier_objet(request, formulaire, _objet(request, formulaire, pk, verrou=True))
        objet = _objet(request, formulaire, pk)
        if formulaire.empechement and (raison := formulaire.empechement(objet, request.user)):
            messages.error(request, f"Modification impossible. {raison}")
            return HttpResponseRedirect(_retour(formulaire, objet))
        return _page(request, formulaire, formulaires.construire(formulaire, request.user, objet), objet)

    vue.__name__ = vue.__qualname__ = f"{formulaire.nom}_modifier"
    return vue


def _objet(request: HttpRequest, formulaire: Formulaire, pk: Any, verrou: bool = False) -> Any:
    """The row, 404 outside what the person may see, 403 where she may not change it."""
    if verrou:
        # On the bare table: what the person may read may be a query that can't be locked.
        formulaire.modele._base_manager.select_for_update(of=("self",)).filter(pk=_cle(pk)).first()
    objet = get_object_or_404(formulaire.requete(request.user), pk=_cle(pk))
    if not peut_sur(request.user, formulaire.droit, objet):
        raise PermissionDenied
    return objet


def _modifier_objet(request: HttpRequest, formulaire: Formulaire, objet: Any) -> HttpResponse:
    if formulaire.empechement and (raison := formulaire.empechement(objet, request.user)):
        messages.error(request, f"Modification impossible. {raison}")
        return HttpResponseRedirect(_retour(formulaire, objet))
    # Read before the bound form writes into the instance.
    actuelle = formulaires.construire(formulaire, request.user, objet)
    copie = type(objet)._base_manager.get(pk=objet.pk)
    forme = formulaires.construire(formulaire, request.user, copie, request.POST, request.FILES)
    if not forme.is_valid():
        return _page(request, formulaire, forme, objet)
    parti_de = formulaires.lire_depart(request.POST.get(formulaires.DEPART, ""))
    if conflit := formulaires.comparer(forme, actuelle, parti_de):
        donnees = formulaires.donnees_apres_conflit(request.POST, actuelle, conflit)
        copie = type(objet)._base_manager.get(pk=objet.pk)
        forme = formulaires.construire(formulaire, request.user, copie, donnees, request.FILES)
        return _page(request, formulaire, forme, objet, conflit, statut=409)
    if (enregistre := _enregistrer(request, formulaire, forme)) is None:
        return _page(request, formulaire, forme, objet)
    messages.success(request, f"« {enregistre} » est enregistré.")
    return HttpResponseRedirect(_retour(formulaire, enregistre))


def _enregistrer(request: HttpRequest, formulaire: Formulaire, forme: Any) -> Any | None:
    """Save through the declared service; null, with the reason on the form, when it refuses."""
    try:
        with transaction.atomic():
            objet = formulaire.enregistrer(forme, request.user) if formulaire.enregistrer else forme.save()
            if not peut_sur(request.user, formulaire.droit, objet):
                # Rows entered for a collectivité where she holds nothing.
                raise ActionImpossible("Vous n'avez pas ce droit dans cette collectivité.")
    except ActionImpossible as e:
        forme.add_error(None, str(e))
        return None
    except ValidationError as e:
        forme.add_error(None, e)
        return None
    return objet


def _retour(formulaire: Formulaire, objet: Any) -> str:
    if formulaire.retour:
        return formulaire.retour(objet)
    for ecran in registre.ecrans():
        if isinstance(ecran, Fiche) and ecran.formulaire is formulaire:
            return reverse(ecran.nom, args=[objet.pk])
    liste = registre.liste(formulaire.liste) if formulaire.liste else None
    return f"/{liste.adresse}" if liste else reverse(f"{formulaire.nom}_modifier", args=[objet.pk])


def _page(
    request: HttpRequest,
    formulaire: Formulaire,
    forme: Any,
    objet: Any = None,
    conflit: formulaires.Conflit | None = None,
    statut: int = 0,
) -> HttpResponse:
    sections: Sequence[Any] = formulaires.a_dessiner(formulaire, forme, request.user, conflit)
    if forme.is_bound and formulaires.DEPART in forme.data:
        parti_de = forme.data[formulaires.DEPART]
    else:
        parti_de = formulaires.depart(forme) if objet is not None else ""
    contexte = {
        "formulaire": formulaire,
        "forme": forme,
        "objet": objet,
        "sections": sections,
        "conflit": conflit,
        "depart": parti_de,
        "titre": formulaire.titre if objet is not None else formulaire.titre_nouveau,
        "retour": _retour(formulaire, objet) if objet is not None else "",
        "liste": registre.liste(formulaire.liste) if formulaire.liste else None,
    }
    statut = statut or (422 if forme.is_bound and not forme.is_valid() else 200)
    reponse = render(request, "mairie/ecrans/formulaire.html", contexte, status=statut)
    reponse["Cache-Control"] = "private, no-store"
    return reponse
