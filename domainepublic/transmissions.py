"""A file that takes over another: a business bought or inherited, an infraction made regular (spec §4).

The ground and the facts are those of the other title; who asks, and the days, are new.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from domainepublic import emprises as sol
from domainepublic import riverains
from domainepublic.instruction.etats import TITRES
from domainepublic.models import DossierODP
from domainepublic.models.dossiers import SUCCESSEUR_MOIS
from domainepublic.regles.tables.delais import valeur
from domainepublic.services import NouveauDossier, agir, creer
from mairie.calendrier import jma, plus_mois
from mairie.models import Tiers, Utilisateur
from mairie.workflow import Refus

REPRISE, SUCCESSION, REGULARISATION = "reprise_fonds", "succession", "regularisation"
GENRES = {
    REPRISE: "reprise d'un fonds de commerce : l'acheteur demande avant l'achat (CG3P L2124-33)",
    SUCCESSION: "succession : les ayants droit gardent le titre trois mois (CG3P L2124-34)",
    REGULARISATION: "régularisation d'une infraction",
}
SUCCESSION_MOIS = valeur("succession")
# Titles in effect that took over another: a buyer's waits for the proof of the sale as « accordé ».
REPRIS = Q(
    transmission__in=(REPRISE, SUCCESSION),
    etat__in=("actif", "prolongation_demandee", "suspendu", "a_controler", "termine"),
)
FAITS = (
    "domaine", "gestionnaire", "en_agglomeration", "grande_circulation", "police_transferee", "occupant",
    "modifie_circulation", "ancrage", "economique", "attribution", "autorisation",
)  # fmt: skip


def repreneur(origine: DossierODP) -> DossierODP | None:
    """The file whose title has taken effect in the place of that one; null while none has."""
    trouve: DossierODP | None = origine.suites.filter(REPRIS).order_by("pk").last()
    return trouve


def refus(origine: DossierODP, genre: str, debut: date, deces_le: date | None, jour: date) -> str | None:
    """Why that title cannot be taken over so; null when it can."""
    if genre == REGULARISATION:
        if origine.etat != "infraction":
            return f"« {origine} » n'est pas une infraction : elle est « {origine.libelle_etat} »."
        return None
    # Heirs come when the holder has just died, whose title may be over or be checked.
    admis = (*TITRES, "a_controler") if genre == SUCCESSION else TITRES
    if origine.etat not in admis:
        return f"« {origine} » n'est pas un titre en vigueur : il est « {origine.libelle_etat} »."
    if genre == SUCCESSION:
        if deces_le is None:
            return "Donnez la date du décès : elle ouvre les six mois pour présenter un successeur."
        if deces_le > jour:
            return f"Le {jma(deces_le)} est dans l'avenir."
        limite = plus_mois(deces_le, SUCCESSEUR_MOIS)
        if debut > limite:
            return f"Les six mois qui suivent le décès sont passés depuis le {jma(limite)}."
    if origine.fin is not None and genre == REPRISE and debut > origine.fin:
        return f"Le titre repris finit le {jma(origine.fin)} : la reprise commence avant."
    return None


def fin_de(origine: DossierODP, genre: str, debut: date, fin: date | None) -> date | None:
    """Last day: that of the title taken over, three months for heirs, what is said for a regularisation."""
    if genre == SUCCESSION:
        return plus_mois(debut, SUCCESSION_MOIS) - timedelta(days=1)
    return fin if genre == REGULARISATION else origine.fin


def jours_des_heritiers(
    origine: DossierODP, deces_le: date, debut: date, dernier: date
) -> dict[int, tuple[date, date]]:
    """Days of each emprise that heirs keep, by its key: those that served the business (CG3P L2124-34).

    The title is the same as the one of the deceased, for three months: ground held on the day of the death
    is kept all that time; what was to begin later begins on its own day; what was over is not revived.
    """
    garde: dict[int, tuple[date, date]] = {}
    for e in origine.emprises.select_related("type"):
        economique = e.type.economique_defaut == "oui" if origine.economique is None else origine.economique
        if not economique or e.debut > dernier or (e.fin is not None and e.fin < deces_le):
            continue
        if e.debut <= deces_le:
            garde[e.pk] = (debut, dernier)
        else:
            premier, fin = max(e.debut, debut), min(e.fin or dernier, dernier)
            if premier <= fin:
                garde[e.pk] = (premier, fin)
    return garde


def reprendre(
    origine: DossierODP,
    genre: str,
    demandeur: Tiers,
    *,
    par: Utilisateur,
    debut: date,
    fin: date | None = None,
    deces_le: date | None = None,
    beneficiaire: str = "",
    jour: date | None = None,
) -> DossierODP:
    """The new file, deposited; an infraction is closed by it. ``Refus`` says what is in the way."""
    aujourdhui = jour or timezone.localdate()
    deces = deces_le if genre == SUCCESSION else None
    if raison := refus(origine, genre, debut, deces, aujourdhui):
        raise Refus(raison)
    dernier = fin_de(origine, genre, debut, fin)
    if genre == REGULARISATION and dernier is None:
        raise Refus("Donnez le dernier jour de l'occupation régularisée.")
    if dernier is not None and dernier < debut:
        raise Refus(f"La fin ({jma(dernier)}) précède le début ({jma(debut)}).")
    jours = None
    if genre == SUCCESSION and deces is not None and dernier is not None:
        jours = jours_des_heritiers(origine, deces, debut, dernier)
        if not jours:
            raise Refus(
                f"Aucune emprise de « {origine} » ne servait un fonds de commerce le {jma(deces)} : il n'y a"
                " rien à garder (CG3P L2124-34)."
            )
    faits = {nom: getattr(origine, nom) for nom in FAITS}
    if genre == SUCCESSION:
        # The same title: what exempted it exempts the heirs; a buyer asks for himself.
        faits["exoneration"] = origine.exoneration
    faits |= {
        "dossier_origine": origine, "deces_le": deces,
        "transmission": genre if genre != REGULARISATION else "",
    }  # fmt: skip
    with transaction.atomic():
        nouveau = creer(
            NouveauDossier(
                insee=origine.insee, depose_le=aujourdhui, demandeur=demandeur,
                beneficiaire=beneficiaire or origine.beneficiaire, emprises=(), voie=origine.voie,
                objet=origine.objet if genre != REGULARISATION else "", adresse=origine.adresse, faits=faits,
            ),
            par,
        )  # fmt: skip
        if genre == REPRISE:
            sol.copier(origine, nouveau, depuis=debut)
        elif jours is not None:
            sol.copier(origine, nouveau, jours=jours)
        else:
            sol.copier(origine, nouveau, debut=debut, fin=dernier)
        _typer(origine, nouveau)
        agir(nouveau, "deposer", par=par, version=0, donnees={"canal": nouveau.canal}, aujourdhui=aujourdhui)
        riverains.calculer([nouveau.pk])
        if genre == REGULARISATION:
            agir(
                origine, "regulariser", par=par, version=origine.version,
                donnees={"numero": nouveau.numero or ""}, aujourdhui=aujourdhui,
            )  # fmt: skip
    return nouveau


def _typer(origine: DossierODP, nouveau: DossierODP) -> None:
    """An occupation seen without title becomes of the kind that was seen."""
    constat = origine.constats.filter(type__isnull=False).select_related("type").first()
    if constat is not None:
        nouveau.emprises.filter(type__code="SANS").update(type=constat.type, repere="")
