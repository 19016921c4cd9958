"""List, sheet and form of persons."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from mairie import journal
from mairie.ecrans import (
    Action,
    Champ,
    Colonne,
    Fiche,
    FiltreChoix,
    FiltreCommune,
    FiltreOuiNon,
    FiltreTexte,
    Formulaire,
    Lien,
    LigneHistorique,
    Liste,
    Nature,
    Section,
    Ton,
)
from mairie.models import HistoriqueTiers, Tiers, Utilisateur
from mairie.models.tiers import IDENTITE, colonne
from mairie.perms import EFFACER_TIERS, GERER_TIERS, LIRE
from mairie.tiers import declaration, doublons, formulaires, fusion
from mairie.tiers.recherche import condition
from mairie.tiers.relations import usages

FINALITE = "tenue du fichier des personnes"
NATURES = {
    "personne": Ton("personne physique", "neutre", "bi-person"),
    "morale": Ton("personne morale", "info", "bi-building"),
}


def visibles(utilisateur: Any) -> QuerySet[Tiers]:
    """Living sheets that the person may read."""
    return Tiers.objects.visibles_par(utilisateur).actifs()


def toutes(utilisateur: Any) -> QuerySet[Tiers]:
    """Merged and erased sheets too: their page says where to go."""
    return Tiers.objects.visibles_par(utilisateur).select_related("fusionne_dans", "modifie_par")


def _etat(t: Tiers) -> Ton | None:
    if t.efface_le:
        return Ton("données effacées", "attention", "bi-eraser")
    if t.fusionne_dans_id:
        return Ton("fusionnée", "attention", "bi-union")
    return NATURES[t.nature]


def _adresse(t: Tiers) -> str:
    return ", ".join(t.lignes_adresse)


def _telephones(t: Tiers) -> str:
    return " · ".join(n for n in (t.telephone, t.mobile) if n)


def noter_export(request: HttpRequest, quoi: str, nombre: int) -> None:
    """An export of persons is a consultation of all of them: one line, with how many."""
    journal.noter(
        request, declaration.EXPORTES, donnees={"format": quoi, "lignes": nombre}, finalite=FINALITE
    )


LISTE = Liste(
    code="mairie.tiers",
    titre="Personnes",
    presentation="Demandeurs, propriétaires, entreprises : une fiche chacun, pour tous les services.",
    requete=visibles,
    droit=LIRE,
    adresse="tiers/",
    colonnes=(
        Colonne("nom", "Nom", str, tri=("raison_sociale", "nom", "prenoms")),
        Colonne("nature", "Nature", nature=Nature.PASTILLE, tons=NATURES, tri=True),
        Colonne("adresse", "Adresse", _adresse, tri=("code_postal", "ville")),
        Colonne("courriel", "Courriel", tri=True),
        Colonne("telephone", "Téléphone", _telephones),
        Colonne("siret", "SIRET", tri=True, defaut=False),
        Colonne("electronique", "Envois électroniques", "accepte_electronique", Nature.OUI_NON, defaut=False),
        Colonne("modifie_le", "Modifiée le", nature=Nature.INSTANT, tri=True, defaut=False),
    ),
    filtres=(
        FiltreCommune(chemin="collectivite"),
        FiltreChoix(code="nature", titre="Nature", choix=Tiers.Nature.choices),
        FiltreTexte(code="ville", titre="Commune de l'adresse"),
        FiltreOuiNon(code="electronique", titre="Envois électroniques", chemin="accepte_electronique"),
    ),
    recherche=condition,
    recherche_aide="nom, SIRET, courriel",
    tri="nom",
    adresse_ligne=lambda t: reverse("mairie_tiers_fiche", args=[t.pk]),
    liens=(
        Lien("Nouvelle personne", "bi-plus-lg", "/tiers/nouveau/", GERER_TIERS, principal=True),
        Lien("Doublons", "bi-union", "/tiers/doublons/", GERER_TIERS),
    ),
    vide="Aucune personne n'est connue.",
    vide_aide="Les fiches se créent ici, ou avec la première demande de chacun.",
    surveiller=noter_export,
)


def noter_lecture(request: HttpRequest, tiers: Any) -> None:
    """Reading a sheet is noted before it is shown."""
    journal.consulter(request, declaration.FICHE_LUE, tiers, finalite=FINALITE)


def empechement(tiers: Any, utilisateur: Any) -> str | None:
    """Why a sheet can't be changed."""
    if tiers.fusionne_dans_id:
        return "Cette fiche est fusionnée : ouvrez celle qui a été gardée."
    return "Les données de cette personne ont été effacées." if tiers.efface_le else None


FORMULAIRE = Formulaire(
    code="mairie.tiers",
    modele=Tiers,
    requete=toutes,
    droit=GERER_TIERS,
    adresse="tiers/",
    liste="mairie.tiers",
    titre="Modifier la fiche",
    titre_nouveau="Nouvelle personne",
    classe=formulaires.FormulaireTiers,
    preparer=formulaires.preparer,
    enregistrer=formulaires.enregistrer,
    empechement=empechement,
    sections=(
        Section("Qui", ("collectivite", "nature", "civilite", "nom", "prenoms"),
                aide="D'une personne morale, donnez ici la personne qui la représente."),
        Section("Personne morale", ("raison_sociale", "forme_juridique", "siret", "siren")),
        Section("Naissance", ("naissance_le", "naissance_lieu"),
                aide="Demandée par les formulaires de permis, jamais montrée ailleurs."),
        Section("Adresse postale", ("complement", "voie", "lieu_dit", "code_postal", "ville", "pays")),
        Section("Joindre", ("courriel", "telephone", "mobile", "accepte_electronique")),
        Section("Fiches qui ressemblent à celle-ci", ("malgre",)),
    ),
)  # fmt: skip


def historique(tiers: Any, utilisateur: Any) -> list[LigneHistorique]:
    """States of the sheet, the newest first: which columns changed, never their former values."""
    etats = list(
        HistoriqueTiers.objects.filter(pgh_obj_id=tiers.pk)
        .select_related("pgh_context")
        .order_by("-pgh_created_at", "-pgh_id")[:30]
    )
    auteurs = {e.pgh_context.metadata.get("utilisateur") for e in etats if e.pgh_context}
    noms = {u.pk: str(u) for u in Utilisateur.objects.filter(pk__in=[a for a in auteurs if a])}
    lignes = []
    for rang, etat in enumerate(etats):
        precedent = etats[rang + 1] if rang + 1 < len(etats) else None
        contexte = etat.pgh_context.metadata if etat.pgh_context else {}
        if precedent is None:
            quoi, detail = "Fiche créée" if etat.pgh_label == "insert" else "État le plus ancien gardé", ""
        else:
            changes = [c for c in IDENTITE if getattr(etat, c) != getattr(precedent, c)]
            quoi = {
                "fusion": "Fiches fusionnées",
                "annulation d'une fusion": "Fusion annulée",
                "effacement": "Données effacées",
            }.get(contexte.get("motif", ""), "Fiche modifiée")
            detail = ", ".join(str(colonne(c).verbose_name) for c in changes)
        lignes.append(
            LigneHistorique(etat.pgh_created_at, noms.get(contexte.get("utilisateur") or 0, ""), quoi, detail)
        )
    return lignes


def contexte(tiers: Any, utilisateur: Any) -> dict[str, Any]:
    """What the sheet shows besides its values: likenesses, merges, where the person figures."""
    gere = utilisateur.has_perm(GERER_TIERS, tiers.collectivite)
    return {
        "paires": doublons.paires([tiers.collectivite], seul=tiers, limite=5) if gere else [],
        "fusions": [(f, fusion.pourquoi_pas_annuler(f)) for f in fusion.fusions_de(tiers)],
        "usages": usages(tiers),
        "gere": gere,
        "survivant": tiers.survivant() if tiers.fusionne_dans_id else None,
    }


FICHE = Fiche(
    code="mairie.tiers",
    liste="mairie.tiers",
    requete=toutes,
    droit=LIRE,
    adresse="tiers/",
    sous_titre=lambda t: t.forme_juridique or t.get_nature_display(),
    etat=Champ("etat", "État", _etat, Nature.ETAT),
    sections=(
        Section(
            "Identité",
            (
                Champ("civilite", "Civilité"),
                Champ("nom", "Nom"),
                Champ("prenoms", "Prénoms"),
                Champ("raison_sociale", "Raison sociale"),
                Champ("siret", "SIRET", "siret_lisible"),
                Champ("siren", "SIREN"),
                Champ("naissance_le", "Né(e) le", nature=Nature.DATE),
                Champ("naissance_lieu", "Né(e) à"),
            ),
        ),
        Section(
            "Joindre",
            (
                Champ("adresse", "Adresse postale", _adresse),
                Champ("courriel", "Courriel", lien=lambda t: f"mailto:{t.courriel}" if t.courriel else None),
                Champ("telephone", "Téléphone"),
                Champ("mobile", "Mobile"),
                Champ("electronique", "Envois électroniques", "accepte_electronique", Nature.OUI_NON),
                Champ("accord", "Accord donné le", "accepte_electronique_le", Nature.DATE),
            ),
        ),
    ),
    formulaire=FORMULAIRE,
    actions=(
        Action(
            "droits", "Droits sur ses données", "bi-shield-lock", EFFACER_TIERS,
            adresse=lambda t: reverse("tiers_droits", args=[t.pk]),
        ),
    ),
    historique=historique,
    panneaux="tiers",
    surveiller=noter_lecture,
    contexte=contexte,
    gabarit="mairie/tiers/fiche.html",
)  # fmt: skip
