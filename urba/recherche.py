"""Requests found from the search box: number in any writing, old number, name (agents), land."""

from __future__ import annotations

import re

from django.contrib.gis.db.models.functions import Centroid, Transform
from django.db.models import F, Q

from mairie.habilitations import peut
from mairie.recherche import Demande, Reponse, Resultat
from mairie.regles.tiers import mots
from urba import perms
from urba.models import DossierInstruction
from urba.publication import publies
from urba.regles.numeros import NumeroInvalide, lire_numero, normaliser

# « 24 00012 »: year and order, the tail that people remember.
_QUEUE = re.compile(r"^(\d{2})\s*([0-9A-Z]\d{4})$")
_MOTS_MIN = 3
_MOTS_MAX = 8
_PARCELLE = re.compile(r"([A-Z]{1,2}|[0-9][A-Z]) ?0*([0-9]{1,4})")
# As openADS writes them: département, direction, commune, then as ours.
_PARCELLE_15 = re.compile(r"([0-9][0-9AB])[0-9]([0-9]{3}[0-9]{3}[0-9A-Z]{2}[0-9]{4})")


def chercher(demande: Demande) -> Reponse:
    """Agents find what they may see, by name too; others only what is published, by number."""
    texte = demande.texte.strip()
    agent = peut(demande.utilisateur, perms.LIRE)
    base = DossierInstruction.objects.visibles_par(demande.utilisateur) if agent else publies()
    filtre = par_numero(texte)
    if agent and not est_numero(texte) and len(texte) >= _MOTS_MIN and "\n" not in texte:
        filtre = condition(texte)
    if filtre is None:
        return Reponse()
    trouves = (
        base.filter(filtre)
        .select_related("da", "terrain")
        .prefetch_related("parcelles")
        .annotate(lieu=Transform(Centroid("terrain__emprise"), 4326))
        .order_by(F("date_depot").desc(nulls_last=True), "id")[: demande.limite]
    )
    return Reponse([_resultat(d, agent) for d in trouves], remarques=_inconnu(texte))


def _inconnu(texte: str) -> list[str]:
    """What to say where nothing bears a number that is well written; or why it is not one."""
    try:
        numero = lire_numero(texte)
    except NumeroInvalide as e:
        ressemble = re.match(r"(?i)\s*(PC|PA|PD|DP|CU)\W*\d", texte)
        return [f"« {texte} » n'est pas un numéro d'autorisation : {e}"] if ressemble else []
    return [f"Aucun dossier ne porte le numéro {numero.affichage} : vérifiez la commune, l'année et l'ordre."]


def est_numero(texte: str) -> bool:
    """Whether a text is a whole official number, in any writing."""
    try:
        lire_numero(texte)
    except NumeroInvalide:
        return False
    return True


def par_numero(texte: str) -> Q | None:
    """Requests whose number is written so: official, tail, or of the former software; null: no number."""
    try:
        numero = lire_numero(texte)
    except NumeroInvalide:
        pass
    else:
        # The number of a later request begins with that of its authorisation.
        return Q(numero__startswith=numero.canonique) if numero.rang is None else Q(numero=numero.canonique)
    if queue := _QUEUE.match(texte.upper()):
        annee = int(queue[1])
        return Q(da__annee=(1900 if annee >= 80 else 2000) + annee, da__ordre=queue[2])
    nu = normaliser(texte)
    return Q(da__numero_origine=texte) if any(c.isdigit() for c in nu) and len(nu) >= 8 else None


def condition(texte: str) -> Q:
    """What agents type in the box of the list.

    A whole number names its request, and nothing else is looked for; a parcel (« AB 12 », 14 or 15
    characters) is found as such; otherwise every word is, by its beginning.
    """
    numero = par_numero(texte)
    if numero is not None and est_numero(texte):
        return numero
    ecrit = " ".join(texte.upper().split())
    if queue := _QUEUE.match(ecrit):
        return Q(cherche__startswith=f" {queue[1]} {queue[2]}".lower())
    if parcelle := _PARCELLE.fullmatch(ecrit):
        idu = f"{parcelle[1]:0>2}{int(parcelle[2]):04d}".lower()
        return Q(cherche__contains=f" {idu} ")
    if long := _PARCELLE_15.fullmatch(ecrit.replace(" ", "")):
        return Q(cherche__contains=f" {long[1]}{long[2]} ".lower())
    return mots_cherches(texte)


def mots_cherches(texte: str) -> Q:
    """Requests where every word of a text begins one of theirs, blind to case and accents."""
    cherches = mots(texte)[:_MOTS_MAX]
    if not cherches:
        return Q(pk__in=())
    tous = Q()
    for mot in cherches:
        tous &= Q(cherche__contains=f" {mot}")
    return tous


def _page_publique(d: DossierInstruction) -> str:
    """The page of its first parcel, which lists what is published."""
    idu = next((p.idu for p in d.parcelles.all() if p.idu), "")
    return f"/parcelles/{idu}/" if idu else "/carte/"


def _resultat(d: DossierInstruction, agent: bool) -> Resultat:
    terrain = getattr(d, "terrain", None)
    ou = (terrain.adresse or terrain.lieu_dit) if terrain else ""
    objet = d.objet if agent else d.objet_public
    lieu = getattr(d, "lieu", None)
    return Resultat(
        type="dossier d'urbanisme",
        titre=str(d),
        sous_titre=" · ".join(x for x in (objet, ou) if x),
        url=f"/urba/dossiers/{d.pk}/" if agent else _page_publique(d),
        point=(lieu.x, lieu.y) if lieu else None,
        rang=0,
        groupe="Autorisations d'urbanisme",
    )
