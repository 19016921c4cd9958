"""Services of projects: asked, examined, answered with the attestation, followed to the end of the works."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement import controles, installations, observations
from assainissement.circuits.etats import OUVERTS
from assainissement.circuits.projet import EN_VISITE, FINALS, MODIFIABLES
from assainissement.installations import NouvelleInstallation
from assainissement.models import Controle, Installation, ProjetAnc
from assainissement.regles.tables.projets import FAVORABLES, SENS
from cadastre.models import Parcelle
from mairie import evenements
from mairie.courriers import services as lettres
from mairie.models import Adresse, Courrier, Evenement, ModeleCourrier, Utilisateur
from mairie.roles import Acteur, systeme
from mairie.workflow import Refus, appliquer, journal

Par = Utilisateur | Acteur
SPANC = systeme("suivi des projets")


@dataclass(frozen=True)
class NouveauProjet:
    """All that a request brings; ``installation``: the one to rebuild, else one is made « en projet »."""

    insee: str
    parcelles: Sequence[str] = ()
    recu_le: date | None = None
    limite: date | None = None
    autorisation: str = ""
    dossier_urba: str = ""
    consultation: bool = False
    objet: str = ""
    installation: Installation | None = None
    client_uuid: UUID | None = None


def demander(nouveau: NouveauProjet, *, par: Par, aujourdhui: date | None = None) -> ProjetAnc:
    """The project, its installation and its control of conception; one project a permit."""
    jour = aujourdhui or timezone.localdate()
    recu = min(nouveau.recu_le or jour, jour)
    if (deja := _deja(nouveau)) is not None:
        return deja
    auteur = par if isinstance(par, Utilisateur) else par.utilisateur
    try:
        with transaction.atomic():
            i = nouveau.installation or _installation(nouveau, par, recu, jour)
            projet: ProjetAnc = ProjetAnc.objects.create(
                insee=nouveau.insee,
                installation=i,
                rehabilitation=i.etat != "projet",
                autorisation=nouveau.autorisation,
                dossier_urba=nouveau.dossier_urba,
                consultation=nouveau.consultation,
                objet=nouveau.objet[:200],
                client_uuid=nouveau.client_uuid,
                cree_par=auteur,
            )
            donnees: dict[str, Any] = {"dossier": nouveau.dossier_urba}
            if nouveau.limite:
                donnees["limite"] = nouveau.limite
            _faire(projet, "demander", recu, donnees, par=par, aujourdhui=jour)
    except IntegrityError:
        if (deja := _deja(nouveau)) is not None:
            return deja
        raise
    return projet


def _deja(nouveau: NouveauProjet) -> ProjetAnc | None:
    trouve: ProjetAnc | None = None
    if nouveau.autorisation:
        trouve = ProjetAnc.objects.filter(autorisation=nouveau.autorisation).first()
    if trouve is None and nouveau.client_uuid:
        trouve = ProjetAnc.objects.filter(client_uuid=nouveau.client_uuid).first()
    return trouve


def _installation(nouveau: NouveauProjet, par: Par, recu: date, jour: date) -> Installation:
    """The only one on the ground, else a new one « en projet »."""
    idus = [p for p in nouveau.parcelles if len(p) == 14]
    ici = Installation.objects.filter(
        insee=nouveau.insee, parcelles__reference__in=idus, etat__in=("projet", "active")
    ).distinct()
    trouvees = list(ici[:2])
    if len(trouvees) == 1:
        return trouvees[0]
    sol = Parcelle.objects.filter(idu__in=idus, valide_au__isnull=True, geom__isnull=False).first()
    champs = {"geom": sol.geom.point_on_surface} if sol is not None and sol.geom is not None else {}
    adresse = (
        Adresse.objects.filter(insee=nouveau.insee, active=True, parcelles__overlap=idus)
        .order_by("pk")
        .first()
        if idus
        else None
    )
    return installations.creer(
        NouvelleInstallation(
            insee=nouveau.insee,
            parcelles=idus,
            adresses=[adresse] if adresse else [],
            projet=True,
            champs=champs,
        ),
        par=par,
        jour=recu,
        aujourdhui=jour,
    )


def agir(
    projet: ProjetAnc, evenement: str, *, par: Par, version: int, date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None, cle: UUID | None = None, aujourdhui: date | None = None,
) -> Evenement:  # fmt: skip
    """Apply an event to a project: the only door of the screens; an opinion leaves with its documents."""
    if evenement == "rendre_avis":
        return rendre_avis(
            projet, par=par, version=version, date_effet=date_effet, donnees=donnees or {}, cle=cle,
            aujourdhui=aujourdhui,
        )  # fmt: skip
    return appliquer(
        projet, evenement, par=par, version=version, date_effet=date_effet, donnees=donnees or {}, cle=cle,
        aujourdhui=aujourdhui,
    )  # fmt: skip


def _faire(
    projet: ProjetAnc,
    evenement: str,
    jour: date,
    donnees: Mapping[str, Any],
    *,
    par: Par = SPANC,
    aujourdhui: date | None = None,
) -> None:
    ce_jour = max(x for x in (jour, aujourdhui, projet.calcule_au) if x is not None)
    appliquer(
        projet, evenement, par=par, version=projet.version, date_effet=jour,
        donnees={c: v for c, v in donnees.items() if v not in (None, "")}, aujourdhui=ce_jour,
    )  # fmt: skip


# --- the opinion ----------------------------------------------------------------------------------


def rendre_avis(
    projet: ProjetAnc,
    *,
    par: Par,
    version: int,
    donnees: Mapping[str, Any],
    date_effet: date | None = None,
    cle: UUID | None = None,
    aujourdhui: date | None = None,
) -> Evenement:
    """The opinion, its letter, the attestation when it is favourable, and the answer to the permit.

    All or nothing: a document that cannot be made leaves the project as it was.
    """
    jour = date_effet or aujourdhui or timezone.localdate()
    with transaction.atomic():
        connu = Evenement.objects.filter(cle=cle).first() if cle else None
        if connu is not None:
            return connu
        fait = appliquer(
            projet, "rendre_avis", par=par, version=version, date_effet=jour, donnees=donnees, cle=cle,
            aujourdhui=aujourdhui,
        )  # fmt: skip
        projet.refresh_from_db()
        avis = _document(projet, "avis_conception", par, aujourdhui)
        charge = {
            "dossier": projet.dossier_urba,
            "autorisation": projet.autorisation,
            "insee": projet.insee,
            "installation": projet.installation.numero,
            "parcelles": list(projet.installation.parcelles.values_list("reference", flat=True)),
            "date": jour.isoformat(),
        }
        if projet.sens in FAVORABLES:
            attestation = _document(projet, "attestation_conception", par, aujourdhui)
            evenements.emettre(
                "assainissement.attestation_conception_rendue",
                {**charge, "courrier": attestation.pk},
                insee=projet.insee,
            )
        evenements.emettre(
            "assainissement.avis_rendu",
            {**charge, "sens": projet.sens, "motif": donnees.get("motif") or "", "courrier": avis.pk},
            insee=projet.insee,
        )
    return fait


def _document(projet: ProjetAnc, code: str, par: Par, aujourdhui: date | None) -> Courrier:
    from assainissement import courriers_projets

    modele = ModeleCourrier.objects.filter(metier="assainissement", code=code, collectivite=None).first()
    if modele is None:
        courriers_projets.charger()
        modele = ModeleCourrier.objects.get(metier="assainissement", code=code, collectivite=None)
    local = ModeleCourrier.objects.filter(
        metier="assainissement", code=code, collectivite__code=projet.insee
    ).first()
    lettre = lettres.preparer(projet, local or modele, par=par, jour=aujourdhui)
    return lettres.finaliser(lettre, par=par, version=lettre.version, confirmer=True, jour=aujourdhui)


def avis_de(projet: ProjetAnc) -> dict[str, Any]:
    """What the last opinion says; empty before the first."""
    for e in reversed(journal.vivantes(journal.lignes(projet))):
        if e.type == "rendre_avis":
            return dict(e.donnees)
    return {}


# --- controls of the project ----------------------------------------------------------------------


def _ouvrir(projet: ProjetAnc, etape: str, jour: date, motif: str) -> Controle:
    """The open control of that stage, or a new one."""
    i = projet.installation
    nature = f"{etape}_{'rehab' if projet.rehabilitation else 'neuf'}"
    ouvert: Controle | None = i.controles.filter(nature=nature, etat__in=OUVERTS).first()
    if ouvert is not None:
        return ouvert
    ce_jour = max(x for x in (jour, projet.calcule_au) if x is not None)
    return controles.planifier(i, nature, par=SPANC, motif=motif, jour=jour, aujourdhui=ce_jour)


def _tenir(projet: ProjetAnc, champ: str, c: Controle) -> None:
    setattr(projet, champ, c)
    ProjetAnc.objects.filter(pk=projet.pk).update(**{champ: c})


def ouvrir_conception(projet: ProjetAnc, jour: date) -> None:
    """A control of conception to conclude."""
    motif = f"Dossier {projet.dossier_urba}" if projet.dossier_urba else "Projet à examiner"
    _tenir(projet, "controle_conception", _ouvrir(projet, "conception", jour, motif))


def conclure_conception(projet: ProjetAnc, evenement: Evenement) -> None:
    """The control of conception takes the sense of the opinion, unless it was concluded by its own form."""
    c = projet.controle_conception
    if c is None:
        return
    c.refresh_from_db()
    if c.conclu or c.etat == "annule":
        return
    conforme = evenement.donnees["sens"] in FAVORABLES
    Controle.objects.filter(pk=c.pk).update(conclusion_travaux="conforme" if conforme else "non_conforme")
    c.refresh_from_db()
    resultat, _ = observations.conclure(c)
    resultat["explication"] = [f"Avis {SENS[evenement.donnees['sens']]} sur le projet."]
    ce_jour = max(x for x in (evenement.date_effet, c.calcule_au) if x is not None)
    appliquer(
        c, "conclure_sur_pieces", par=SPANC, version=c.version, date_effet=evenement.date_effet,
        donnees={
            "resultat": resultat,
            "faits": observations.constat(c),
            "parametres": controles.parametres(c.installation, evenement.date_effet),
        },
        aujourdhui=ce_jour,
    )  # fmt: skip


def ouvrir_execution(projet: ProjetAnc, evenement: Evenement) -> None:
    """A visit before backfill, to be put in a round."""
    motif = str(evenement.donnees.get("motif") or "")
    _tenir(projet, "controle_execution", _ouvrir(projet, "execution", evenement.date_effet, motif))


def fermer_controles(projet: ProjetAnc, evenement: Evenement) -> None:
    """Controls not yet made are given up with the project."""
    for c in (projet.controle_conception, projet.controle_execution):
        if c is None:
            continue
        c.refresh_from_db()
        if c.etat in OUVERTS and c.etat != "rapport_valide":
            ce_jour = max(x for x in (evenement.date_effet, c.calcule_au) if x is not None)
            appliquer(
                c, "annuler", par=SPANC, version=c.version, date_effet=evenement.date_effet,
                donnees={"motif": "Projet abandonné."}, aujourdhui=ce_jour,
            )  # fmt: skip


def suivre_controle(c: Controle, evenement: str, jour: date) -> None:
    """What a control of execution tells its project: visited, visit struck out, concluded."""
    if not c.nature.startswith("execution"):
        return
    projet: ProjetAnc | None = (
        ProjetAnc.objects.select_for_update(of=("self",)).filter(controle_execution=c.pk).first()
    )
    if projet is None:
        return
    depuis = {
        "visiter": ("visite_execution_planifiee",),
        "annuler_visite": ("visite_execution",),
        "conclure_execution": ("visite_execution", *EN_VISITE),
    }[evenement]
    if projet.etat not in depuis:
        return
    donnees = {"controle": str(c)}
    if evenement == "conclure_execution":
        c.refresh_from_db()
        donnees["conclusion"] = c.conclusion or "non_conforme"
        jour = c.date_visite or jour
    _faire(projet, evenement, jour, donnees)


# --- what the permit tells ------------------------------------------------------------------------


def modifier(projet: ProjetAnc, motif: str, jour: date, limite: date | None = None) -> bool:
    """The plan changed: the project is to examine again; false when nothing was said of it yet."""
    if projet.etat == "incomplet":
        _faire(projet, "completer", jour, {"pieces": motif})
        return True
    if projet.etat not in MODIFIABLES:
        return False
    _faire(projet, "modifier_projet", jour, {"motif": motif, "limite": limite})
    return True


def reprendre(projet: ProjetAnc, nouveau: NouveauProjet, motif: str, jour: date) -> None:
    """A request of the permit wants what was given up: examined again, on an installation that may be made.

    The former opinion stays in the log; the one to come replaces it.
    """
    if projet.installation.etat == "desactivee":
        i = _installation(nouveau, SPANC, jour, max(jour, projet.calcule_au or jour))
        ProjetAnc.objects.filter(pk=projet.pk).update(installation=i, rehabilitation=i.etat != "projet")
        projet.refresh_from_db()
    le = max([jour, *(e.date_effet for e in journal.vivantes(journal.lignes(projet)))])
    donnees = {"motif": motif, "limite": nouveau.limite, "dossier": nouveau.dossier_urba}
    _faire(projet, "reprendre", le, donnees)


def demandeur(projet: ProjetAnc) -> str:
    """Number of the request that asked first, or that took it up: the project lives as long as it does."""
    faits = [x for x in journal.vivantes(journal.lignes(projet)) if x.type in ("demander", "reprendre")]
    dites = [str(x.donnees.get("dossier") or "") for x in faits]
    return next((x for x in reversed(dites) if x), "") or str(projet.dossier_urba)


def abandonne_avant(projet: ProjetAnc, instant: datetime) -> bool:
    """Whether it was given up before that moment: what was said earlier does not take it up."""
    if projet.etat != "abandonne":
        return False
    faits = [x for x in journal.vivantes(journal.lignes(projet)) if x.type == "abandonner"]
    return not faits or bool(faits[-1].saisi_le < instant)


def preciser(projet: ProjetAnc, limite: date, jour: date) -> None:
    """The urbanism service says until when it waits."""
    if projet.etat in ("demande", "incomplet"):
        _faire(projet, "preciser_limite", jour, {"limite": limite})


def achever(projet: ProjetAnc, motif: str, jour: date) -> bool:
    """Works are declared finished: a visit is to make, unless one is waited for or has concluded."""
    if projet.etat == "avis_favorable":
        _faire(projet, "planifier_execution", jour, {"motif": motif})
        return True
    c = projet.controle_execution
    if projet.etat == "non_conforme" and not (c is not None and c.ouvert):
        _faire(projet, "planifier_contre_visite", jour, {"motif": motif})
        return True
    return False


def abandonner(projet: ProjetAnc, motif: str, jour: date) -> None:
    """The permit is dropped."""
    if projet.etat not in FINALS:
        _faire(projet, "abandonner", jour, {"motif": motif})


__all__ = [
    "NouveauProjet", "Refus", "abandonner", "achever", "agir", "demander", "modifier", "rendre_avis",
    "reprendre",
]  # fmt: skip
