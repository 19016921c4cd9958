"""Lists of streets, numbers and differences; their forms."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from mairie.adresses import formulaires, service
from mairie.ecrans import (
    Action,
    ActionImpossible,
    Colonne,
    FiltreChoix,
    FiltreCommune,
    FiltreOuiNon,
    FiltreTexte,
    Formulaire,
    Lien,
    Liste,
    Nature,
    Section,
    Ton,
)
from mairie.models import Adresse, BaseAdresses, EcartAdresse, Voie
from mairie.models.adresses import Origine
from mairie.perms import GERER_ADRESSES, LIRE
from mairie.regles.adresses import cle_voie
from mairie.regles.tiers import mots

ORIGINES = {
    "edigeo": Ton("plan cadastral", "neutre", "bi-grid-1x2"),
    "ban": Ton("BAN", "info", "bi-globe"),
    "saisie": Ton("saisie", "bien", "bi-pencil"),
}
CERTIFICATION = {
    True: Ton("certifiée", "bien", "bi-patch-check"),
    False: Ton("à vérifier", "neutre", "bi-circle"),
}


def voies_visibles(utilisateur: Any) -> QuerySet[Voie]:
    """Streets that the person may read, with how many active numbers each bears."""
    voies: QuerySet[Voie] = Voie.objects.visibles_par(utilisateur)
    return voies.annotate(nombre=Count("adresses", filter=Q(adresses__active=True)))


def _chercher_voie(texte: str) -> Q:
    return Q(cherche__contains=" ".join(mots(texte))) | Q(cle__contains=cle_voie(texte))


def _chercher_numero(texte: str) -> Q:
    """« 12 rue du moulin »: every word is the number, or in the street's name."""
    total = Q()
    for mot in texte.split()[:8]:
        numero = Q(numero=int(mot)) if mot.isdecimal() and len(mot) < 6 else Q(pk__in=())
        total &= numero | Q(voie__nom__unaccent__icontains=mot)
    return total


VOIES = Liste(
    code="mairie.voies",
    titre="Voies",
    presentation="Les rues et les lieux-dits qui portent des adresses.",
    requete=voies_visibles,
    droit=LIRE,
    adresse="adresses/voies/",
    colonnes=(
        Colonne("nom", "Nom", tri=True),
        Colonne("nature", "Nature", tri=True, defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
        Colonne("deleguee", "Commune déléguée", "deleguee_nom", tri=True, defaut=False),
        Colonne("code", "Code", tri=True),
        Colonne("nombre", "Numéros", nature=Nature.NOMBRE, tri=True),
        Colonne("source", "Origine", nature=Nature.PASTILLE, tons=ORIGINES, tri=True),
        Colonne("active", "Active", nature=Nature.OUI_NON, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="nature", titre="Nature", choix=Voie.Nature.choices),
        FiltreChoix(code="source", titre="Origine", choix=Origine.choices),
        FiltreOuiNon(code="active", titre="Active"),
    ),
    recherche=_chercher_voie,
    recherche_aide="nom de la voie",
    tri="nom",
    geometrie="axe",
    adresse_ligne=lambda v: reverse("voie", args=[v.pk]),
    liens=(Lien("Nouvelle voie", "bi-plus-lg", "/adresses/voies/nouveau/", GERER_ADRESSES, principal=True),),
    vide="Aucune voie n'est connue.",
    vide_aide="Elles viennent du plan cadastral à son import, de la BAN (importer_ban), ou d'ici.",
)

VOIE = Formulaire(
    code="mairie.voies",
    modele=Voie,
    requete=Voie.objects.visibles_par,
    droit=GERER_ADRESSES,
    adresse="adresses/voies/",
    liste="mairie.voies",
    titre="Modifier la voie",
    titre_nouveau="Nouvelle voie",
    classe=formulaires.FormulaireVoie,
    preparer=formulaires.preparer_voie,
    enregistrer=formulaires.enregistrer_voie,
    retour=lambda v: reverse("voie", args=[v.pk]),
    sections=(
        Section("La voie", ("insee", "nature", "nom", "code", "active"),
                aide="Le nom s'écrit en minuscules accentuées, type compris : « Rue du Moulin »."),
        Section("Commune déléguée", ("deleguee_insee", "deleguee_nom"),
                aide="Seulement dans une commune nouvelle, où deux voies peuvent porter le même nom."),
    ),
)  # fmt: skip


def adresses_visibles(utilisateur: Any) -> QuerySet[Adresse]:
    """Numbers that the person may read."""
    adresses: QuerySet[Adresse] = Adresse.objects.visibles_par(utilisateur)
    return adresses.select_related("voie")


def _certifier(adresse: Any, utilisateur: Any) -> str:
    try:
        service.enregistrer_adresse(adresse, {"certifiee": True}, par=utilisateur)
    except ValidationError as e:
        raise ActionImpossible(" ".join(e.messages)) from e
    return f"{adresse} : certifiée."


def _deja_certifiee(adresse: Any, utilisateur: Any) -> str | None:
    if adresse.certifiee:
        return "Cette adresse est déjà certifiée."
    if not adresse.active:
        return "Cette adresse n'est plus active."
    return None if adresse.position else "Cette adresse n'est pas placée sur la carte."


NUMEROS = Liste(
    code="mairie.adresses",
    titre="Numéros",
    presentation="Chaque numéro, où il est, d'où il vient, et si la commune en répond.",
    requete=adresses_visibles,
    droit=LIRE,
    adresse="adresses/numeros/",
    colonnes=(
        Colonne("adresse", "Adresse", str, tri=("voie__nom", "numero", "suffixe")),
        Colonne("certifiee", "Certification", nature=Nature.PASTILLE, tons=CERTIFICATION, tri=True),
        Colonne("source", "Origine", nature=Nature.PASTILLE, tons=ORIGINES, tri=True),
        Colonne("parcelles", "Parcelles", lambda a: ", ".join(a.parcelles)),
        Colonne("place", "Placée", lambda a: a.position is not None, Nature.OUI_NON),
        Colonne("type_position", "Position", defaut=False),
        Colonne("cle", "Clé d'interopérabilité", "cle_interop", defaut=False),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
        Colonne("modifie_le", "Modifiée le", nature=Nature.INSTANT, tri=True, defaut=False),
        Colonne("active", "Active", nature=Nature.OUI_NON, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreOuiNon(code="active", titre="Active"),
        FiltreOuiNon(code="certifiee", titre="Certifiée"),
        FiltreOuiNon(
            code="placee", titre="Placée sur la carte", condition=lambda oui: Q(position__isnull=not oui)
        ),
        FiltreChoix(code="source", titre="Origine", choix=Origine.choices),
        FiltreTexte(
            code="parcelle", titre="Parcelle", condition=lambda t: Q(parcelles__contains=[t.upper()])
        ),
    ),
    recherche=_chercher_numero,
    recherche_aide="voie, numéro",
    tri="adresse",
    geometrie="position",
    adresse_ligne=lambda a: reverse("adresse", args=[a.pk]),
    actions=(
        Action(
            "certifier", "Certifier", "bi-patch-check", GERER_ADRESSES, faire=_certifier,
            empechement=_deja_certifiee, en_masse=True,
            confirmation="La commune répond de ces adresses : aucun import ne les changera plus.",
        ),
    ),
    vide="Aucun numéro n'est connu.",
    vide_aide="Ils viennent du plan cadastral à son import, de la BAN (importer_ban), ou d'ici.",
)  # fmt: skip


def ecarts_ouverts(utilisateur: Any) -> QuerySet[EcartAdresse]:
    """Differences that wait for a decision."""
    ecarts: QuerySet[EcartAdresse] = EcartAdresse.objects.visibles_par(utilisateur)
    return ecarts.filter(decision="").select_related("voie", "adresse__voie")


def _sujet(ecart: EcartAdresse) -> str:
    return str(ecart.adresse or ecart.voie)


def _ici(ecart: EcartAdresse) -> str:
    nature = EcartAdresse.Nature
    if ecart.adresse is None:
        return {nature.CODE: ecart.voie.code, nature.NOM: ecart.voie.nom}.get(nature(ecart.nature), "")
    if ecart.nature == nature.PARCELLES:
        return ", ".join(ecart.adresse.parcelles)
    if ecart.adresse.certifiee:
        return "certifiée"
    return "placée à la main" if "position" in ecart.adresse.saisis else ecart.adresse.get_source_display()


def _propose(ecart: EcartAdresse) -> str:
    nature = EcartAdresse.Nature
    if ecart.nature == nature.POSITION:
        metres = ecart.propose.get("distance_m")
        return f"à {metres} m".replace(".", ",") if metres is not None else "placée"
    if ecart.nature == nature.PARCELLES:
        return ", ".join(ecart.propose.get("parcelles", []))
    return "n'y est plus" if ecart.nature == nature.ABSENTE else str(next(iter(ecart.propose.values()), ""))


def _trancher(decision: str) -> Any:
    def faire(ecart: Any, utilisateur: Any) -> str:
        try:
            service.trancher(ecart, decision, par=utilisateur)
        except ValidationError as e:
            raise ActionImpossible(" ".join(e.messages)) from e
        return (
            f"{_sujet(ecart)} : {'valeur du fichier prise' if decision == 'prendre' else 'gardé tel quel'}."
        )

    return faire


ECARTS = Liste(
    code="mairie.ecarts",
    titre="Écarts à trancher",
    presentation=(
        "Ce que le plan cadastral ou la BAN disent autrement que la commune. Rien n'est écrasé : choisissez, "
        "un par un ou par lot."
    ),
    requete=ecarts_ouverts,
    droit=LIRE,
    adresse="adresses/ecarts/",
    colonnes=(
        Colonne("sujet", "Adresse ou voie", _sujet, tri=("voie__nom", "adresse__numero")),
        Colonne("nature", "Écart", tri=True),
        Colonne("ici", "Ici", _ici),
        Colonne("propose", "Dans le fichier", _propose),
        Colonne("origine", "Fichier", nature=Nature.PASTILLE, tons=ORIGINES, tri=True),
        Colonne("vu_le", "Vu le", nature=Nature.INSTANT, tri=True),
        Colonne("commune", "Commune", "insee", tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(),
        FiltreChoix(code="nature", titre="Écart", choix=EcartAdresse.Nature.choices),
        FiltreChoix(code="origine", titre="Fichier", choix=Origine.choices),
    ),
    recherche=("voie__nom",),
    recherche_aide="voie",
    tri="sujet",
    geometrie="position",
    adresse_ligne=lambda e: (
        reverse("adresse", args=[e.adresse_id]) if e.adresse_id else reverse("voie", args=[e.voie_id])
    ),
    actions=(
        Action(
            "garder", "Garder", "bi-shield-check", GERER_ADRESSES, faire=_trancher("garder"), en_masse=True
        ),
        Action(
            "prendre", "Prendre la valeur du fichier", "bi-box-arrow-in-down", GERER_ADRESSES,
            faire=_trancher("prendre"), en_masse=True,
            confirmation="Les valeurs du fichier remplaceront celles de la commune.",
        ),
    ),
    vide="Aucun écart n'attend de décision.",
)  # fmt: skip

BASE = Formulaire(
    code="mairie.base_adresses",
    modele=BaseAdresses,
    requete=BaseAdresses.objects.visibles_par,
    droit=GERER_ADRESSES,
    adresse="adresses/bases/",
    titre="Régler la base adresses",
    nouveau=False,
    classe=formulaires.FormulaireBase,
    retour=lambda b: reverse("adresses"),
    sections=(Section("La base adresses de la commune", ("code_postal", "id_ban_commune")),),
)


def etats(codes: Any, *, tout: bool = False) -> list[dict[str, Any]]:
    """One line a commune: streets, numbers, certified, without place, open differences."""
    voies = Voie.objects.filter(active=True)
    adresses = Adresse.objects.filter(active=True)
    ecarts = EcartAdresse.objects.filter(decision="")
    bases = BaseAdresses.objects.all()
    if not tout:
        voies, adresses, ecarts, bases = (x.filter(insee__in=codes) for x in (voies, adresses, ecarts, bases))
    lignes: dict[str, dict[str, Any]] = {}
    for code, nombre in voies.values_list("insee").annotate(n=Count("pk")).order_by("insee"):
        lignes.setdefault(code, {"insee": code})["voies"] = nombre
    comptes = adresses.values("insee").annotate(
        n=Count("pk"),
        certifiees=Count("pk", filter=Q(certifiee=True)),
        sans_place=Count("pk", filter=Q(position__isnull=True)),
    )
    for c in comptes.order_by("insee"):
        lignes.setdefault(c["insee"], {"insee": c["insee"]}).update(c)
    for code, nombre in ecarts.values_list("insee").annotate(n=Count("pk")).order_by("insee"):
        lignes.setdefault(code, {"insee": code})["ecarts"] = nombre
    for base in bases:
        lignes.setdefault(base.insee, {"insee": base.insee})["base"] = base
    return [lignes[code] for code in sorted(lignes)]
