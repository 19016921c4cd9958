"""Simulator of the fee, with the tariffs that the commune has voted: the same engine as the files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from domainepublic.models.emprises import UNITES_LISIBLES
from domainepublic.regles.redevance import simuler_redevance
from domainepublic.regles.tables.redevance import BENEFICIAIRES, UNITES
from domainepublic.regles.tables.types import TYPES
from mairie.lecture_json import ErreurSaisie
from mairie.montants import texte_francais
from mairie.simulateurs import Champ, Etape, Fait, Groupe, Outil, Resultat, Simulateur
from mairie.simulateurs.modele import Genre

THEME = "Domaine public"
GROUPES = (
    Groupe(
        "Votre occupation",
        (
            Champ(
                "type",
                "Que voulez-vous installer ?",
                Genre.CHOIX,
                choix=tuple((t.code, t.libelle.capitalize()) for t in TYPES.values() if t.unites),
                obligatoire=True,
            ),
            Champ("debut", "Du", Genre.DATE, obligatoire=True),
            Champ("fin", "Au (compris)", Genre.DATE, obligatoire=True),
            Champ(
                "beneficiaire",
                "Vous êtes",
                Genre.CHOIX,
                choix=tuple((b, b.replace("ite", "ité").capitalize()) for b in BENEFICIAIRES),
            ),
            Champ(
                "quantite",
                "Quantité",
                Genre.NOMBRE,
                aide="En mètres, en m² ou en nombre ; ou mesurez-la sur la carte, plus bas.",
            ),
            Champ(
                "unite",
                "Comptée en",
                Genre.CHOIX,
                choix=tuple((u, UNITES_LISIBLES[u]) for u in UNITES),
                vide="Ce que compte le tarif",
            ),
            Champ("zone", "Zone tarifaire", Genre.CHOIX, vide="Hors zone"),
        ),
        "occupation",
        obligatoire=True,
    ),
    Groupe(
        "À cheval sur plusieurs zones",
        (
            Champ("zone", "Zone tarifaire", Genre.CHOIX, vide="Hors zone"),
            Champ("quantite", "Quantité", Genre.NOMBRE),
        ),
        "zones",
        liste=True,
        singulier="Part",
        replie=True,
        aide="Remplies par la carte quand le dessin touche plusieurs zones ; la quantité du haut reste vide.",
    ),
)
COMMUNE = "insee"
# A page open to all answers at once: the engine counts day by day, and no title is longer.
ANNEES_MAX = 30


def communes_votees() -> list[tuple[str, str]]:
    """Communes that have voted tariffs, by name."""
    from domainepublic.mesure import communes_tarifees
    from mairie.models import Collectivite

    codes = communes_tarifees()
    noms = dict(Collectivite.objects.filter(code__in=codes).values_list("code", "nom"))
    return sorted(((c, noms.get(c, c)) for c in codes), key=lambda x: x[1])


def ajuster(groupes: Sequence[Groupe]) -> Sequence[Groupe]:
    """The commune where several have voted; zones where at least one grid has some."""
    from domainepublic.models import ZoneTarifaire

    communes = communes_votees()
    zones: dict[str, str] = {}
    for z in ZoneTarifaire.objects.order_by("code", "-grille__du"):
        zones.setdefault(z.code, f"{z.code} ({z.libelle})" if z.libelle else z.code)
    sortie = []
    for g in groupes:
        champs = [replace(c, choix=tuple(zones.items())) if c.code == "zone" else c for c in g.champs]
        if not zones:
            if g.code == "zones":
                continue
            champs = [c for c in champs if c.code != "zone"]
        if g.code == "occupation" and len(communes) > 1:
            choix = Champ(COMMUNE, "Dans quelle commune ?", Genre.CHOIX, choix=communes, obligatoire=True)
            champs.insert(0, choix)
        sortie.append(replace(g, champs=champs))
    return sortie


def _insee(cas: Mapping[str, Any]) -> str:
    """The commune asked; the first that has voted tariffs where only one serves this site."""
    from domainepublic.mesure import communes_tarifees

    communes = communes_tarifees()
    demandee = str((cas.get("occupation") or {}).get(COMMUNE) or "")
    return demandee if demandee in communes else next(iter(communes), "")


def _grilles(cas: Mapping[str, Any]) -> list[Any]:
    from domainepublic.tarifs import grilles_de

    occupation = cas.get("occupation") or {}
    try:
        debut, fin = (date.fromisoformat(str(occupation.get(n))) for n in ("debut", "fin"))
    except ValueError:
        return []
    return grilles_de(_insee(cas), debut, max(debut, fin))


def _occupation(cas: Mapping[str, Any], regles: Mapping[str, Any]) -> dict[str, Any]:
    """The case as the engine wants it: shares by zone within it, the unit that the commune prices."""
    from domainepublic.models import TypeOccupation
    from domainepublic.tarifs import unite_tarifee

    occupation = {c: v for c, v in (cas.get("occupation") or {}).items() if c != COMMUNE}
    parts = [p for p in cas.get("zones") or [] if p.get("quantite")]
    if parts:
        if occupation.get("quantite"):
            raise ErreurSaisie(
                "occupation.quantite", "Laissez ce champ vide : la quantité est déjà donnée zone par zone."
            )
        occupation.pop("zone", None)
        occupation["zones"] = parts
    elif not occupation.get("quantite"):
        raise ErreurSaisie("occupation.quantite", "Écrivez la quantité, ou mesurez-la sur la carte plus bas.")
    if "unite" not in occupation:
        type_ = TypeOccupation.objects.filter(code=occupation.get("type")).first()
        if type_ is not None:
            jour = date.fromisoformat(occupation["debut"])
            occupation["unite"] = unite_tarifee(_insee(cas), type_, jour)
    if regles.get("zone_mode") == "zone_centroide" and "zone" in occupation:
        occupation["zone_centroide"] = occupation["zone"]
    return occupation


def traiter(cas: dict[str, Any]) -> Mapping[str, Any]:
    """The command's answer for the commune's own grid."""
    from domainepublic.tarifs import en_grille

    _borner(cas)
    grille = en_grille(_grilles(cas))
    if not grille["lignes"]:
        # The engine reads the grid first: what was typed is checked on a grid that prices nothing.
        vide = {"id": "-", "type": "-", "du": "1900-01-01", "unite": "m2", "periode": "jour", "prix": "0"}
        grille = {"lignes": [vide]}
    occupation = _occupation(cas, grille.get("regles") or {})
    try:
        return simuler_redevance({"grille": grille, "occupation": occupation})
    except ErreurSaisie as e:
        if e.champ.startswith("grille"):
            raise ErreurSaisie("occupation.type", _sans_tarif(e.message, grille, occupation)) from e
        if e.champ.startswith("occupation.zones["):
            raise ErreurSaisie(e.champ.removeprefix("occupation."), e.message) from e
        if e.champ == "occupation.zone_centroide":
            raise ErreurSaisie("occupation.zone", "Dites la zone, ou montrez l'endroit sur la carte.") from e
        raise


def _borner(cas: Mapping[str, Any]) -> None:
    """``ErreurSaisie`` beyond the length that the page computes; the engine says which dates are none."""
    occupation = cas.get("occupation") or {}
    try:
        debut, fin = (date.fromisoformat(str(occupation.get(n))) for n in ("debut", "fin"))
    except ValueError:
        return
    if fin.year - debut.year > ANNEES_MAX:
        raise ErreurSaisie(
            "occupation.fin", f"Cette page compte jusqu'à {ANNEES_MAX} ans : rapprochez la fin."
        )


def _sans_tarif(message: str, grille: Mapping[str, Any], occupation: Mapping[str, Any]) -> str:
    """Why there is no price, and what to do about it."""
    message = message.replace(" : complétez la grille", "")
    siennes = [x for x in grille["lignes"] if x.get("type") == occupation.get("type")]
    if siennes and all(x.get("zone") for x in siennes) and not occupation.get("zone"):
        message += " Le tarif dépend de la zone : choisissez-la, ou montrez l'endroit sur la carte plus bas."
    return message


def contexte_outil(reponses: Mapping[str, str]) -> Mapping[str, Any] | None:
    """The block that measures on the map; none where no tariff is voted."""
    from domainepublic.usager.mesure import contexte

    return contexte(reponses)


def presenter(cas: Mapping[str, Any], reponse: Mapping[str, Any]) -> Resultat:
    """The amount, each step, and the deliberations it rests on."""
    etapes = [
        Etape(
            e["libelle"],
            "",
            f"{texte_francais(e['montant'])} €" if "montant" in e else "",
            e["etape"] == "total",
        )
        for e in reponse["detail"]
    ]
    faits = [
        Fait("Délibération", texte=f"n° {g.deliberation} du {g.deliberation_le:%d/%m/%Y}", note=g.libelle)
        for g in _grilles(cas)
    ]
    attente = (
        () if reponse["mise_en_recouvrement"] else ("Sous le seuil de recouvrement : rien n'est demandé.",)
    )
    return Resultat(
        f"Redevance : {texte_francais(reponse['montant_du'])} €.",
        faits,
        etapes,
        attente,
        suite="Le montant définitif est calculé à la signature du titre, sur les dimensions constatées.",
    )


SIMULATEUR = Simulateur(
    "redevance",
    "Prix d'une occupation de la rue",
    "Terrasse, benne, échafaudage, déménagement : ce que la commune demande, ligne par ligne.",
    "bi-receipt",
    THEME,
    100,
    GROUPES,
    traiter,
    presenter,
    ajuster=ajuster,
    outil=Outil(
        "domainepublic/usager/_mesure.html",
        "domainepublic/usager/_mesure_tete.html",
        "domainepublic/usager/_mesure_scripts.html",
        contexte_outil,
    ),
    exemple="occupation-type=BENNE&occupation-debut=2026-06-01&occupation-fin=2026-06-30"
    "&occupation-beneficiaire=entreprise&occupation-unite=unite&occupation-quantite=1",
)
