"""Saved views of a list: a person's own, or shared with who holds a role of a trade in a collectivité."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict

from mairie import roles
from mairie.ecrans.declaration import Liste
from mairie.habilitations import habilitations_de, peut
from mairie.models import Collectivite, PreferenceEcran, VueEnregistree
from mairie.perms import ADMINISTRER

VUES_MAX = 50
PARAMETRES_MAX = 4000
# What a view never keeps: where one was in it.
_HORS_VUE = ("page", "export", "vue")


@dataclass(frozen=True)
class Partage:
    """With whom a view may be shared: holders of a role of a trade in a collectivité."""

    metier: str
    role: str
    code: str
    libelle: str

    @property
    def valeur(self) -> str:
        """As the form sends it."""
        return f"{self.metier}.{self.role}@{self.code}"


def visibles(utilisateur: Any, ecran: str) -> QuerySet[VueEnregistree]:
    """The person's own views, and those shared with a role she holds where she holds it."""
    condition = Q(auteur=utilisateur, collectivite__isnull=True)
    for h in habilitations_de(utilisateur):
        condition |= Q(metier=h.metier, role=h.role, collectivite__code__in=h.codes)
    return VueEnregistree.objects.filter(condition, ecran=ecran).select_related("collectivite")


def modifiables(utilisateur: Any, ecran: str) -> list[VueEnregistree]:
    """Those she may change or take away: her own, what she shared, and all shared ones as administrator."""
    return [v for v in visibles(utilisateur, ecran) if peut_modifier(utilisateur, v)]


def peut_modifier(utilisateur: Any, vue: VueEnregistree) -> bool:
    """Author, or administrator of the collectivité it is shared in."""
    if vue.auteur_id == utilisateur.pk:
        return True
    return vue.collectivite is not None and peut(utilisateur, ADMINISTRER, vue.collectivite.code)


def partages(utilisateur: Any) -> list[Partage]:
    """Roles the person holds, by collectivité: she shares with her own colleagues only."""
    paires = {(h.metier, h.role, code) for h in habilitations_de(utilisateur) for code in h.codes}
    noms = dict(Collectivite.objects.filter(code__in={c for _, _, c in paires}).values_list("code", "nom"))
    sortie = []
    for metier, role, code in paires:
        declare = roles.role(metier, role)
        if declare is not None and code in noms:
            sortie.append(Partage(metier, role, code, f"{declare.libelle} – {noms[code]}"))
    return sorted(sortie, key=lambda p: p.libelle)


def par_defaut(utilisateur: Any, ecran: str) -> VueEnregistree | None:
    """The view that opens first: the person's choice, else that of one of her roles."""
    choix = PreferenceEcran.objects.filter(utilisateur=utilisateur, ecran=ecran).first()
    vues = list(visibles(utilisateur, ecran))
    if choix is not None and choix.vue_id:
        # What she no longer sees no longer opens.
        return next((v for v in vues if v.pk == choix.vue_id), None)
    if choix is not None and choix.reglages.get("tout"):
        return None
    return next((v for v in vues if v.par_defaut), None)


def adresse(vue: VueEnregistree) -> str:
    """Query string that shows the view."""
    parametres = QueryDict(vue.parametres, mutable=True)
    parametres["vue"] = str(vue.pk)
    return f"?{parametres.urlencode()}"


def nettoyer(requete: str) -> str:
    """Parameters of a view, from the address of a list."""
    parametres = QueryDict(requete, mutable=True)
    for nom in _HORS_VUE:
        parametres.pop(nom, None)
    for nom in [n for n, valeurs in parametres.lists() if not any(valeurs)]:
        parametres.pop(nom)
    return parametres.urlencode()


def enregistrer(
    utilisateur: Any, ecran: str, titre: str, requete: str, partage: Partage | None, defaut: bool = False
) -> VueEnregistree:
    """Keep a view, or replace that of the same name; ``ValueError`` (in French) when it can't be kept."""
    titre, parametres = titre.replace("\0", " ").strip()[:80], nettoyer(requete)
    if not titre:
        raise ValueError("Donnez un nom à la vue.")
    if len(parametres) > PARAMETRES_MAX:
        raise ValueError("Cette vue a trop de filtres pour être gardée.")
    if VueEnregistree.objects.filter(auteur=utilisateur, ecran=ecran).count() >= VUES_MAX:
        raise ValueError(f"Vous gardez déjà {VUES_MAX} vues ici : supprimez-en une.")
    cle: dict[str, Any] = {"ecran": ecran, "titre": titre}
    if partage is None:
        cle |= {"auteur": utilisateur, "collectivite": None}
    else:
        cle |= {
            "metier": partage.metier,
            "role": partage.role,
            "collectivite": Collectivite.objects.get(code=partage.code),
        }
    with transaction.atomic():
        vue = VueEnregistree.objects.select_for_update(of=("self",)).filter(**cle).first()
        if vue is None:
            vue = VueEnregistree(**{**cle, "auteur": utilisateur})
        elif not peut_modifier(utilisateur, vue):
            raise ValueError(f"Une vue « {titre} » d'un collègue existe déjà : prenez un autre nom.")
        vue.parametres = parametres
        vue.save()
        if defaut:
            definir_defaut(utilisateur, ecran, vue)
    return vue


def definir_defaut(utilisateur: Any, ecran: str, vue: VueEnregistree | None) -> None:
    """What opens first for this person; null: everything."""
    PreferenceEcran.objects.update_or_create(
        utilisateur=utilisateur,
        ecran=ecran,
        # A view taken away later leaves the role's default; « everything » is a choice too.
        defaults={"vue": vue, "reglages": {} if vue else {"tout": True}},
    )


def definir_defaut_du_role(vue: VueEnregistree, oui: bool) -> None:
    """What opens first for who holds the role and has chosen nothing."""
    with transaction.atomic():
        memes = VueEnregistree.objects.filter(
            ecran=vue.ecran, collectivite=vue.collectivite, metier=vue.metier, role=vue.role
        )
        memes.filter(par_defaut=True).update(par_defaut=False)
        if oui:
            memes.filter(pk=vue.pk).update(par_defaut=True)


# --- What the list's page posts -----------------------------------------------------------------


def traiter(request: HttpRequest, liste: Liste) -> HttpResponseBase:
    """Keep, take away or open first a view: ``vue`` says which, the answer goes back to the list."""
    quoi, _, cle = request.POST.get("vue", "").partition(":")
    requete = request.POST.get("requete", "")[:8000]
    retour = f"{request.path}?{requete or 'vue='}"
    try:
        if quoi == "enregistrer":
            retour = f"{request.path}{_enregistrer(request, liste, requete)}"
        elif quoi == "aucune":
            definir_defaut(request.user, liste.code, None)
            messages.success(request, "La liste s'ouvrira sans filtre.")
        else:
            _changer(request, liste, quoi, cle)
            retour = f"{request.path}?{nettoyer(requete) or 'vue='}" if quoi == "supprimer" else retour
    except (ValueError, IntegrityError) as e:
        messages.error(request, str(e) if isinstance(e, ValueError) else "Ce nom de vue est déjà pris.")
    return HttpResponseRedirect(retour)


def _enregistrer(request: HttpRequest, liste: Liste, requete: str) -> str:
    demande = request.POST.get("partage", "")
    partage = next((p for p in partages(request.user) if p.valeur == demande), None)
    if demande and partage is None:
        raise ValueError("Vous ne pouvez pas partager une vue avec ce rôle.")
    vue = enregistrer(
        request.user,
        liste.code,
        request.POST.get("titre", ""),
        requete,
        partage,
        defaut=bool(request.POST.get("defaut")),
    )
    messages.success(request, f"La vue « {vue.titre} » est enregistrée.")
    return adresse(vue)


def _changer(request: HttpRequest, liste: Liste, quoi: str, cle: str) -> None:
    vues = visibles(request.user, liste.code)
    vue = vues.filter(pk=cle).first() if cle.isdecimal() and len(cle) < 19 else None
    if vue is None:
        raise Http404
    if quoi == "defaut":
        definir_defaut(request.user, liste.code, vue)
        messages.success(request, f"La liste s'ouvrira sur « {vue.titre} ».")
        return
    if not peut_modifier(request.user, vue):
        raise ValueError("Seul l'auteur d'une vue, ou un administrateur, peut la changer.")
    if quoi == "supprimer":
        vue.delete()
        messages.success(request, f"La vue « {vue.titre} » est supprimée.")
    elif quoi in ("defaut_role", "plus_defaut_role") and vue.collectivite is not None:
        if not peut(request.user, ADMINISTRER, vue.collectivite.code):
            raise ValueError("Seul un administrateur choisit la vue par défaut d'un rôle.")
        definir_defaut_du_role(vue, quoi == "defaut_role")
        messages.success(request, f"Vue par défaut du rôle : « {vue.titre} ».")
    else:
        raise ValueError("Cette opération n'existe pas.")
