"""First steps of the shared floor: collectivité, people, letterhead, planning document, base maps, backup."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format

from gis_data.contraintes.models import DocumentUrbanisme
from mairie.menu import Rubrique, ajouter
from mairie.models import Collectivite, EnTete, Habilitation, Invitation, Sauvegarde
from mairie.perms import ADMINISTRER
from mairie.premiers_pas import Avancement, Etape, Etat, declarer

ADRESSE = "/reglages/premiers-pas/"
# A backup a day, and some hours for the machine that was off at night.
AGE_SAUVEGARDE = timedelta(hours=36)


def _liste(noms: list[str]) -> str:
    """Some names, the first three in words."""
    reste = len(noms) - 3
    return ", ".join(noms[:3]) + (f" et {reste} autre{'s' if reste > 1 else ''}" if reste > 0 else "")


def par_collectivite(faits: set[str], toutes: dict[str, str], manque: str, tout: str) -> Etat:
    """State of what each collectivité (code → name) must have: done, in part with who misses it, to do."""
    absentes = [nom for code, nom in sorted(toutes.items(), key=lambda c: c[1]) if code not in faits]
    if not toutes or len(absentes) == len(toutes):
        return Etat(Avancement.A_FAIRE, manque)
    if absentes:
        return Etat(Avancement.EN_PARTIE, f"Manque pour {_liste(absentes)}.")
    return Etat(Avancement.FAIT, tout)


def communes_de(codes: frozenset[str]) -> dict[str, str]:
    """Communes among these collectivités: code → name."""
    lignes = Collectivite.objects.filter(code__in=codes, nature=Collectivite.Nature.COMMUNE, active=True)
    return dict(lignes.values_list("code", "nom"))


def collectivite(codes: frozenset[str]) -> Etat:
    """Address and a way to be reached: printed on letters, shown on the home."""
    toutes = Collectivite.objects.filter(code__in=codes, active=True)
    joignables = toutes.exclude(adresse="").exclude(Q(telephone="") & Q(courriel=""))
    return par_collectivite(
        set(joignables.values_list("code", flat=True)),
        dict(toutes.values_list("code", "nom")),
        "Il manque l'adresse, et un téléphone ou un courriel.",
        "Adresse et coordonnées sont remplies.",
    )


def agents(codes: frozenset[str]) -> Etat:
    """More than one person: an administrator alone on leave closes the town hall."""
    jour = timezone.localdate()
    personnes = (
        Habilitation.objects.filter(collectivites__code__in=codes, du__lte=jour, utilisateur__is_active=True)
        .filter(Q(au__isnull=True) | Q(au__gte=jour))
        .values("utilisateur")
        .distinct()
        .count()
    )
    en_attente = Invitation.objects.filter(
        collectivite__code__in=codes, utilisee_le=None, revoquee_le=None, expire_le__gt=timezone.now()
    ).count()
    suite = f" ; {en_attente} invitation{'s' if en_attente > 1 else ''} en attente" if en_attente else ""
    phrase = (
        f"{personnes} personne{'s' if personnes > 1 else ''} habilitée{'s' if personnes > 1 else ''}{suite}."
    )
    if personnes > 1:
        return Etat(Avancement.FAIT, phrase)
    return Etat(Avancement.EN_PARTIE if en_attente else Avancement.A_FAIRE, phrase)


def entetes(codes: frozenset[str]) -> Etat:
    """A letterhead for each collectivité; a trade's own does not do for the others."""
    toutes = dict(Collectivite.objects.filter(code__in=codes, active=True).values_list("code", "nom"))
    faits = EnTete.objects.filter(collectivite__code__in=codes, metier="")
    return par_collectivite(
        set(faits.values_list("collectivite__code", flat=True)),
        toutes,
        "Aucun en-tête : les lettres partiraient sans armes ni adresse.",
        "Chaque collectivité a son en-tête.",
    )


def document_urbanisme(codes: frozenset[str]) -> Etat:
    """A planning document in force today; a commune under the national rules alone rightly has none."""
    jour = timezone.localdate()
    communes = communes_de(codes)
    en_vigueur = DocumentUrbanisme.objects.filter(
        Q(valide_au__isnull=True) | Q(valide_au__gt=jour), famille="du", valide_du__lte=jour
    )
    couverts: set[str] = set()
    for territoire, dites in en_vigueur.values_list("territoire", "communes"):
        couverts |= {territoire, *dites}
    return par_collectivite(
        couverts & set(communes),
        communes,
        "Aucun document n'est chargé : les parcelles diront « non chargé », jamais « rien ».",
        "Chaque commune a son document d'urbanisme en vigueur.",
    )


def fonds(_codes: frozenset[str]) -> Etat:
    """Aerial photographs and maps of the IGN: a foreign host is called, so the administrator decides."""
    if settings.FONDS_DE_CARTE_IGN:
        return Etat(Avancement.FAIT, "Les fonds de l'IGN sont offerts sur la carte.")
    return Etat(
        Avancement.FACULTATIF, "Éteints : la carte montre le plan seul, aucun serveur extérieur n'est appelé."
    )


def sauvegarde(_codes: frozenset[str]) -> Etat:
    """The latest success, how old it is, and whether the last try failed."""
    derniere = Sauvegarde.objects.first()
    reussie = Sauvegarde.objects.filter(reussie=True).first()
    if reussie is None:
        if derniere is None:
            return Etat(Avancement.A_FAIRE, "Aucune sauvegarde n'a encore été faite.")
        return Etat(Avancement.EN_PANNE, "Aucune sauvegarde n'a réussi.")
    quand = date_format(timezone.localtime(reussie.commencee_le), "j F Y à H:i")
    if derniere is not None and not derniere.reussie:
        return Etat(Avancement.EN_PANNE, f"La dernière a échoué ; la dernière réussie est du {quand}.")
    if timezone.now() - reussie.commencee_le > AGE_SAUVEGARDE:
        return Etat(Avancement.EN_PANNE, f"La dernière est du {quand} : les nuits suivantes manquent.")
    return Etat(Avancement.FAIT, f"La dernière est du {quand}.")


def declarer_etapes() -> None:
    """Steps of the shared floor, and their entry in the rail."""
    declarer(
        Etape(
            "collectivite", "Coordonnées de la mairie", 10, collectivite, "/administration/collectivites/",
            "Elles s'impriment sur les lettres et se lisent sur la page d'accueil.",
        ),
        Etape(
            "plu", "Document d'urbanisme et servitudes", 30, document_urbanisme, "",
            "Téléchargez l'archive au standard CNIG sur le Géoportail de l'urbanisme, puis importez-la. "
            "Une commune sans document (règlement national) n'a rien à charger.",
            "urbanisme-gerer importer_plu ARCHIVE.zip",
        ),
        Etape(
            "agents", "Agents et élus", 40, agents, "/administration/invitations/",
            "Chacun reçoit un lien, choisit son mot de passe et active son second facteur.",
        ),
        Etape(
            "entetes", "En-tête des lettres", 50, entetes, "/reglages/en-tetes/",
            "Armes, adresse, signataire : ce que porte chaque lettre.",
        ),
        Etape(
            "fonds", "Fonds de carte", 60, fonds, "",
            "Réglage FONDS_DE_CARTE_IGN=1 dans le fichier des réglages, puis redémarrage du service.",
        ),
        Etape(
            "sauvegarde", "Sauvegarde", 70, sauvegarde, "",
            "Elle se fait chaque nuit ; copiez-la hors de cette machine, et essayez une restauration.",
            "urbanisme-gerer sauvegarder",
        ),
    )  # fmt: skip
    ajouter(
        Rubrique(
            "premiers_pas",
            "Premiers pas",
            "bi-list-check",
            ADRESSE,
            790,
            droit=ADMINISTRER,
            groupe="Administration",
        )
    )
