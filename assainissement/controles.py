"""Services of controls: plan, visit, conclude, notify. They freeze what the rules say on the day they act."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from assainissement import observations
from assainissement.circuits.etats import NOTIFIES, OUVERTS
from assainissement.installations import TRAVAUX_FAITS
from assainissement.models import Controle, EtapeTournee, Installation, Prestataire, Tournee, Travail
from assainissement.models.reglement import reglement_du
from assainissement.numerotation import numero_controle
from assainissement.regles.lecture_lignes import classer_et_expliquer
from assainissement.regles.tables import anc
from assainissement.suivi import dernier_rapport
from mairie import journal
from mairie.calendrier import jma
from mairie.lecture_json import ErreurSaisie
from mairie.models import Evenement, Utilisateur
from mairie.roles import Acteur
from mairie.workflow import Refus, appliquer

Par = Utilisateur | Acteur
# Events with which the parameters of the service are frozen.
AVEC_PARAMETRES = ("constater_absence", "constater_refus", "constater_report", "valider", "notifier")
# Works that a motive usually asks: proposed, never imposed.
TRAVAUX_PROPOSES = {
    "absence": "Créer une installation complète, après avis du service sur le projet",
    "contact_eaux_usees": "Supprimer tout écoulement d'eaux usées au jour",
    "vecteurs": "Empêcher l'accès des insectes (couvercles, grilles)",
    "odeur": "Rétablir la ventilation et supprimer la cause des odeurs",
    "structure": "Réparer ou remplacer l'ouvrage dangereux",
    "couvercle": "Poser un couvercle ou un tampon qui ferme",
    "electrique": "Mettre en sécurité l'installation électrique",
    "puits": "Éloigner le rejet du puits, ou ne plus boire son eau",
    "incomplete": "Compléter la filière (traitement et rejet), après avis du service sur le projet",
    "sous_dimensionnee": "Agrandir la filière à la mesure du logement",
    "dysfonctionnement_majeur": "Réparer l'ouvrage qui ne marche plus",
    "entretien": "Vider et entretenir l'installation",
    "usure": "Surveiller l'élément usé",
}


def parametres(i: Installation, jour: date) -> dict[str, Any]:
    """What the due dates depend on, as of a day."""
    return {"electromecanique": i.electromecanique, "reglement": reglement_du(i.insee, jour)}


def planifier(
    i: Installation,
    nature: str,
    *,
    par: Par,
    agent: Utilisateur | None = None,
    prestataire: Prestataire | None = None,
    vente: bool = False,
    motif: str = "",
    jour: date | None = None,
    client_uuid: UUID | None = None,
    aujourdhui: date | None = None,
) -> Controle:
    """A control to come. ``Refus`` when one of this nature is open, or the installation is inactive."""
    ce_jour = aujourdhui or timezone.localdate()
    if client_uuid and (deja := Controle.objects.filter(client_uuid=client_uuid).first()):
        return deja
    if prestataire is not None and (raison := prestataire.empechement(jour or ce_jour)):
        raise Refus(raison)
    i.refresh_from_db(fields=["etat", "numero"])
    if i.etat == "desactivee":
        raise Refus(
            f"L'installation {i} est désactivée : aucun contrôle ne s'y ouvre."
            " Le responsable peut la réactiver, avec un motif."
        )
    ouvert = i.controles.filter(nature=nature, etat__in=OUVERTS).first()
    if ouvert is not None:
        raise Refus(f"Un contrôle de cette nature est déjà ouvert sur cette installation ({ouvert}).")
    try:
        with transaction.atomic():
            c = _creer(
                i, nature, par, ce_jour, agent=agent, prestataire=prestataire, vente=vente,
                client_uuid=client_uuid,
            )  # fmt: skip
            appliquer(
                c, "planifier", par=par, version=0, date_effet=jour or ce_jour, donnees={"motif": motif},
                aujourdhui=ce_jour,
            )  # fmt: skip
    except IntegrityError as e:
        if client_uuid and (deja := Controle.objects.filter(client_uuid=client_uuid).first()):
            return deja
        if "anc_un_controle_ouvert" in str(e):
            raise Refus("Un contrôle de cette nature est déjà ouvert ici.") from e
        raise
    return c


def _creer(i: Installation, nature: str, par: Par, jour: date, **champs: Any) -> Controle:
    auteur = par if isinstance(par, Utilisateur) else par.utilisateur
    precedent = dernier_rapport(i)
    c: Controle = Controle.objects.create(
        insee=i.insee,
        installation=i,
        numero=numero_controle(i.insee, i.numero or "", jour),
        nature=nature,
        controle_precedent=precedent,
        cree_par=auteur,
        **champs,
    )
    return c


def agir(
    c: Controle,
    evenement: str,
    *,
    par: Par,
    version: int,
    date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None,
    cle: UUID | None = None,
    aujourdhui: date | None = None,
) -> Evenement:
    """Apply an event, with what the rules say that day; the only door of the screens and tasks."""
    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        valeurs = dict(donnees or {})
        if evenement == "fixer_rdv":
            tenir_agenda(c)
        if cle is None or not Evenement.objects.filter(cle=cle).exists():
            if evenement in AVEC_PARAMETRES:
                valeurs["parametres"] = parametres(c.installation, date_effet or jour)
            if evenement == "valider":
                resultat, faute = observations.conclure(c)
                if faute:
                    raise Refus(faute)
                valeurs.update(resultat=resultat, faits=observations.constat(c))
        fait = appliquer(
            c, evenement, par=par, version=version, date_effet=date_effet, donnees=valeurs, cle=cle,
            aujourdhui=aujourdhui,
        )  # fmt: skip
        if evenement == "rediger":
            proposer_travaux(c)
        return fait


def tenir_agenda(c: Controle) -> None:
    """Two who fix an appointment at once with one person: the second sees what the first took."""
    qui: Any = None
    if c.agent_id is not None:
        qui = Utilisateur.objects.filter(pk=c.agent_id)
    elif c.prestataire_id is not None:
        qui = Prestataire.objects.filter(pk=c.prestataire_id)
    if qui is not None:
        list(qui.select_for_update(of=("self",), no_key=True).values_list("pk"))


def proposer_travaux(c: Controle) -> None:
    """Works that the motives ask, where the technician wrote none."""
    resultat, faute = observations.conclure(c)
    if faute or c.travaux.exists() or resultat.get("regle") in (None, "R6"):
        return
    Travail.objects.bulk_create(
        Travail(controle=c, libelle=TRAVAUX_PROPOSES[motif], priorite=rang, motif=motif)
        for rang, motif in enumerate(resultat["motifs"], start=1)
        if motif in TRAVAUX_PROPOSES
    )


def ecrire_travaux(c: Controle, libelles: Sequence[str]) -> None:
    """Replace the works of a report, in order, until it is validated."""
    with transaction.atomic():
        verrou: Controle = Controle.objects.select_for_update(of=("self",)).get(pk=c.pk)
        if verrou.conclu or verrou.etat == "annule":
            raise Refus(f"Le rapport est « {verrou.libelle_etat} » : ses travaux ne changent plus.")
        _remplacer_travaux(verrou, libelles)
        verrou.ecritures += 1
        verrou.save(update_fields=["ecritures"])


def dire_faits(
    c: Controle, faits: Mapping[int, date | None], *, par: Utilisateur, aujourdhui: date | None = None
) -> int:
    """The day each of the works asked was made, by key (null: not made); how many rows changed.

    ``Refus`` for a day to come, or before the visit that asked them. A visit alone lifts the obligation.
    """
    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        verrou: Controle = Controle.objects.select_for_update(of=("self",)).get(pk=c.pk)
        changes = [
            t for t in verrou.travaux.all() if t.pk in faits and t.fait_le != faits[t.pk]
        ]  # fmt: skip
        for t in changes:
            le = faits[t.pk]
            if le and le > jour:
                raise Refus(f"« {t} » : le {jma(le)} est à venir.")
            if le and verrou.date_visite and le < verrou.date_visite:
                raise Refus(f"« {t} » : la visite qui les demande est du {jma(verrou.date_visite)}.")
            t.fait_le = le
            t.save(update_fields=["fait_le"])
        if changes:
            dits = {str(t.priorite): t.fait_le.isoformat() if t.fait_le else "" for t in changes}
            journal.noter(par, TRAVAUX_FAITS, verrou, insee=verrou.insee, donnees={"faits": dits})
    return len(changes)


def _remplacer_travaux(verrou: Controle, libelles: Sequence[str]) -> None:
    connus = {t.libelle: (t.motif, t.fait_le) for t in verrou.travaux.all()}
    verrou.travaux.all().delete()
    Travail.objects.bulk_create(
        Travail(
            controle=verrou,
            libelle=libelle[:300],
            priorite=rang,
            **dict(zip(("motif", "fait_le"), connus.get(libelle, ("", None)), strict=True)),
        )
        for rang, libelle in enumerate((x.strip() for x in libelles if x.strip()), start=1)
    )


def reprendre(
    i: Installation,
    nature: str,
    *,
    par: Par,
    visite: date,
    cas: Mapping[str, Any],
    notification: date | None = None,
    travaux: Sequence[str] = (),
    source: str = "",
    resultat: Mapping[str, Any] | None = None,
    aujourdhui: date | None = None,
) -> Controle:
    """An old report taken over as one event: the rules classify its facts as they do today's.

    ``cas``: facts as ``classer_anc`` reads them. ``resultat``: a conclusion taken as it was, without them.
    ``Refus`` for dates that cannot be, facts that are wrong, or where a control of that nature is open.
    """
    jour = aujourdhui or timezone.localdate()
    if i.date_creation and visite < i.date_creation:
        raise Refus("La visite précède la pose de l'installation : corrigez l'une des deux dates.")
    if resultat is None:
        try:
            resultat = classer_et_expliquer({"nature": nature, **cas})
        except ErreurSaisie as e:
            raise Refus(f"{e.champ} : {e.message}") from e
        faits = {"cas": {"nature": nature, **cas}, "reponses": []}
    else:
        faits = {"cas": {"nature": nature}, "reponses": []}
    with transaction.atomic():
        ouvert = i.controles.filter(nature=nature, etat__in=OUVERTS).first()
        if ouvert is not None:
            raise Refus(
                f"Le contrôle {ouvert}, de même nature, est ouvert : concluez-le ou annulez-le d'abord."
            )
        c = _creer(i, nature, par, jour, vente=nature == "vente")
        Travail.objects.bulk_create(
            Travail(controle=c, libelle=libelle, priorite=rang)
            for rang, libelle in enumerate(travaux, start=1)
        )
        donnees: dict[str, Any] = {
            "visite": visite,
            "resultat": dict(resultat),
            "faits": faits,
            "parametres": parametres(i, visite),
            "source": source,
        }
        if notification:
            donnees["notification"] = notification
        effet = max(visite, notification or visite)
        appliquer(c, "reprendre", par=par, version=0, date_effet=effet, donnees=donnees, aujourdhui=jour)
    return c


def affecter(
    c: Controle, agent: Utilisateur | None, prestataire: Prestataire | None = None, jour: date | None = None
) -> None:
    """Who will make the visit; ``Refus`` for a firm whose insurance or agreement has run out by then."""
    if agent is not None and prestataire is not None:
        raise Refus("Choisissez un agent, ou un prestataire.")
    with transaction.atomic():
        verrou: Controle = Controle.objects.select_for_update(of=("self",)).get(pk=c.pk)
        if verrou.etat not in OUVERTS:
            raise Refus(f"Le contrôle est « {verrou.libelle_etat} » : son contrôleur ne change plus.")
        quand = max(jour or timezone.localdate(), verrou.date_rdv or date.min)
        if prestataire is not None:
            if prestataire.insee != verrou.insee:
                raise Refus(f"{prestataire} ne travaille pas pour cette commune.")
            if raison := prestataire.empechement(quand):
                raise Refus(raison)
        if verrou.etat == "rdv_fixe" and verrou.date_rdv is not None:
            _exiger_present(verrou.date_rdv, agent, prestataire)
        verrou.agent, verrou.prestataire = agent, prestataire
        verrou.save(update_fields=["agent", "prestataire"])
        _quitter_tournees(verrou)


def _exiger_present(jour: date, agent: Utilisateur | None, prestataire: Prestataire | None) -> None:
    """``Refus`` for who is away on the day of an appointment already fixed."""
    from assainissement.tournees import absence

    parti = absence(jour, agent=agent, prestataire=prestataire)
    if parti is not None:
        raise Refus(
            f"{agent or prestataire} est absent du {jma(parti.du)} au {jma(parti.au)} : le rendez-vous est le"
            f" {jma(jour)}. Choisissez quelqu'un d'autre, ou déplacez le rendez-vous."
        )


def _quitter_tournees(c: Controle) -> None:
    """Rounds to come of somebody else hold it no more: a firm does not read what it has no longer."""
    etapes = EtapeTournee.objects.filter(controle=c, tournee__date__gte=timezone.localdate()).exclude(
        tournee__agent=c.agent_id, tournee__prestataire=c.prestataire_id
    )
    tournees = list(etapes.values_list("tournee", flat=True))
    if tournees:
        etapes.delete()
        Tournee.objects.filter(pk__in=tournees).update(version=F("version") + 1)


def rectifier(
    c: Controle,
    *,
    par: Par,
    version: int,
    motif: str,
    reponses: Mapping[str, tuple[str, str]],
    nombres: Mapping[str, Any] | None = None,
    champs: Mapping[str, Any] | None = None,
    travaux: Sequence[str] = (),
    cle: UUID | None = None,
    aujourdhui: date | None = None,
) -> Evenement:
    """A new version of a report already notified; the log keeps the former one whole (spec §7).

    ``Refus`` when nothing changes, or the new conclusion lacks its works.
    """
    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        if cle is not None and (deja := Evenement.objects.filter(cle=cle).first()):
            return deja
        verrou: Controle = Controle.objects.select_for_update(of=("self",)).get(pk=c.pk)
        if verrou.etat not in NOTIFIES:
            raise Refus("Seul un rapport déjà reçu par le propriétaire se rectifie.")
        avant = _version(verrou)
        observations.rectifier(verrou, reponses, nombres, champs)
        _remplacer_travaux(verrou, travaux)
        resultat, faute = observations.conclure(verrou)
        if faute:
            raise Refus(faute)
        apres = _version(verrou)
        if all(avant[k] == apres[k] for k in ("reponses", "nombres", "travaux", "observations")):
            raise Refus(
                "Rien n'a changé : corrigez une réponse, une mesure, les travaux ou les observations."
            )
        if resultat["regle"] in (*anc.REGLES_DANGER, anc.NON_CONFORME) and not verrou.travaux.exists():
            raise Refus(
                f"La conclusion {resultat['regle']} appelle des travaux : écrivez-en au moins un, par ordre"
                " de priorité."
            )
        return appliquer(
            c, "rectifier", par=par, version=version, date_effet=jour,
            donnees={
                "motif": motif,
                "resultat": resultat,
                "faits": observations.constat(verrou),
                "parametres": parametres(verrou.installation, verrou.date_notification or jour),
                "travaux": apres["travaux"],
                "avant": avant,
            },
            cle=cle, aujourdhui=aujourdhui,
        )  # fmt: skip


def _version(c: Controle) -> dict[str, Any]:
    """A report as it stands, to be kept."""
    return {
        "regle": c.regle,
        "conclusion": c.conclusion,
        "reponses": [
            [o.point.code, o.reponse, o.commentaire] for o in c.observations.select_related("point")
        ],
        "nombres": {k: str(v) for k, v in c.nombres.items()},
        "travaux": [t.libelle for t in c.travaux.all()],
        "observations": c.observations_libres,
    }
