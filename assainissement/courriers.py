"""Letters of a control: the report of the visit and the letter that goes with it (spec §11)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

from assainissement import illustrations, lettre_suivi, perms, rapport
from assainissement.circuits.etats import MANQUES
from assainissement.circuits.obligation import VIVANTES
from assainissement.models import Controle
from assainissement.regles.tables.natures import CONCEPTION, EXECUTION
from mairie.adresses.presentation import nom_parcelle
from mairie.courriers.champs import ChampFusion
from mairie.courriers.champs import declarer as declarer_champs
from mairie.courriers.modeles import declarer_modele
from mairie.courriers.sujets import Destinataire, Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.models import ModeleCourrier
from mairie.references import Bilan, declarer

METIER, GENRE = "assainissement", "assainissement.controle"
EN_SERVICE = date(2012, 7, 1)

_ACCOMPAGNEMENT = (
    "<p>Madame, Monsieur,</p>"
    "<p>Vous trouverez avec cette lettre le rapport du contrôle de votre installation d'assainissement non"
    " collectif[si installation_adresse] ([installation_adresse])[fin], visitée le [date_visite].</p>"
    "<p>[conclusion]</p>"
    "<p>[si travaux]</p><p>Travaux demandés : [travaux].</p><p>[fin]</p>"
    "<p>[delai_travaux]</p><p>[si delai_vente]</p><p>[delai_vente]</p><p>[fin]</p>"
    "<p>[validite]</p>"
    + lettre_suivi.PARAGRAPHE
    + "<p>Le service reste à votre disposition pour toute explication.</p>"
    "<p>Veuillez agréer, Madame, Monsieur, nos salutations distinguées.</p>"
)


def _parcelles(c: Controle) -> list[str]:
    return [nom_parcelle(p.reference) for p in c.installation.parcelles.all()]


def destinataires(c: Controle) -> Iterator[Destinataire]:
    """The owners, then the occupants of today."""
    lignes = list(c.installation.personnes.filter(au__isnull=True).select_related("tiers"))
    for role in ("proprietaire", "syndic", "occupant", "payeur"):
        for x in lignes:
            if x.role == role:
                courriel = x.tiers.courriel if x.tiers.accepte_electronique else ""
                yield Destinataire(
                    x.tiers.appel, "\n".join(x.tiers.lignes_adresse), courriel, x.get_role_display(), x.tiers
                )


def peut_rediger(utilisateur: Any, c: Controle) -> bool:
    """Whether this person may write the letters of a control."""
    return _rediger(utilisateur, c)


def _rediger(utilisateur: Any, c: Controle) -> bool:
    return bool(utilisateur.has_perm(perms.SAISIR, c.insee) or utilisateur.has_perm(perms.VALIDER, c.insee))


# Letters of fees, that whoever bills writes too.
DE_FACTURATION = ("avis_passage", "confirmation", "avis_manque", "relance", "majoration", "rappel_travaux")


def _avant_visite(c: Controle) -> bool:
    return c.etat in ("a_planifier", "rdv_propose", "rdv_fixe") and c.nature not in CONCEPTION


# When each letter makes sense; a template that a commune adds always does.
CONVIENT: dict[str, Callable[[Controle], bool]] = {
    "rapport_visite": lambda c: c.existant and c.date_visite is not None and c.etat != "annule",
    "rapport_execution": lambda c: c.nature in EXECUTION and c.date_visite is not None and c.etat != "annule",
    "accompagnement": lambda c: c.conclu and c.nature not in CONCEPTION,
    "avis_passage": _avant_visite,
    "confirmation": lambda c: c.etat == "rdv_fixe",
    "avis_manque": lambda c: c.etat in MANQUES,
    "relance": lambda c: c.etat in ("absent", "refus", "relance"),
    "majoration": lambda c: c.etat == "redevance_majoree",
    "rappel_travaux": lambda c: c.obligations.filter(
        etat__in=VIVANTES, nature__in=("travaux", "absence")
    ).exists(),
}


def convient(c: Controle, code: str) -> bool:
    """Whether a letter makes sense on a control as it stands."""
    condition = CONVIENT.get(code)
    return condition is None or condition(c)


def _rediger_modele(utilisateur: Any, c: Controle, code: str) -> bool:
    return code in DE_FACTURATION and bool(utilisateur.has_perm(perms.FACTURER, c.insee))


def _expedier(utilisateur: Any, c: Controle) -> bool:
    return _rediger(utilisateur, c) or bool(utilisateur.has_perm(perms.FACTURER, c.insee))


def _suivre(courrier: Any, fait: str, acteur: Any) -> None:
    from assainissement import courriers_redevances

    courriers_redevances.suivre(courrier, fait, acteur)


def _avertir(courrier: Any, acte: str) -> list[str]:
    c = courrier.dossier
    code = courrier.modele.modele.code if courrier.modele is not None else ""
    if code in DE_FACTURATION:
        return []
    if acte == "finaliser" and isinstance(c, Controle) and not c.conclu:
        return ["Le rapport n'est pas validé : sa conclusion peut encore changer."]
    return []


def _champ(code: str, libelle: str, exemple: Any, valeur: Any, facultatif: bool = False) -> ChampFusion:
    return ChampFusion(code, libelle, exemple, valeur, facultatif, "Contrôle")


def charger() -> Bilan:
    """The two templates that the house ships; left as they are once they exist."""
    avant = ModeleCourrier.objects.filter(metier=METIER).count()
    declarer_modele(
        METIER,
        "rapport_visite",
        "Rapport de visite",
        objet="Rapport de visite [controle_numero]",
        corps=rapport.CORPS,
        le=EN_SERVICE,
        # Signed by hand by who approved it, whom it names: the mayor signs nothing of it.
        forme="acte",
        a_signer=False,
        genre=GENRE,
        etape="rapport",
    )
    declarer_modele(
        METIER,
        "accompagnement",
        "Lettre d'accompagnement du rapport",
        objet="Votre rapport de contrôle [controle_numero]",
        corps=_ACCOMPAGNEMENT,
        le=EN_SERVICE,
        genre=GENRE,
        etape="rapport",
    )
    creees = ModeleCourrier.objects.filter(metier=METIER).count() - avant
    return Bilan(creees=creees, inchangees=2 - creees)


def declarer_courriers() -> None:
    """From ``AppConfig.ready``."""
    declarer_champs(
        METIER,
        _champ("controle_numero", "Numéro du contrôle", "ANC-25999-00012-C01", str),
        _champ(
            "nature", "Nature du contrôle", "contrôle périodique", lambda c: c.get_nature_display().lower()
        ),
        _champ("date_visite", "Jour de la visite", date(2026, 3, 12), lambda c: c.date_visite),
        _champ("controleur", "Contrôleur", "Camille Martin", lambda c: c.controleur, True),
        _champ(
            "installation_numero",
            "Numéro de l'installation",
            "ANC-25999-00012",
            lambda c: str(c.installation),
        ),
        _champ(
            "installation_adresse",
            "Adresse de l'installation",
            "12 rue de l'Essai",
            lambda c: c.installation.lieu,
            True,
        ),
        _champ("parcelles", "Parcelles", "AB 12", _parcelles, True),
        _champ(
            "travaux",
            "Travaux par priorité",
            "Poser un couvercle qui ferme",
            rapport.travaux,
            True,
        ),
        _champ(
            "delai_travaux", "Délai des travaux", "Travaux : aucun délai.", rapport.etape("Travaux"), True
        ),
        _champ(
            "validite",
            "Validité pour une vente",
            "Validité pour une vente : jusqu'au 12/03/2029.",
            rapport.etape("Validité pour une vente"),
            True,
        ),
        _champ(
            "prochain",
            "Prochain contrôle",
            "Prochain contrôle : 12/03/2036.",
            rapport.etape("Prochain contrôle"),
            True,
        ),
        _champ("observations", "Observations", "Curer le préfiltre.", lambda c: c.observations_libres, True),
        *rapport.champs(),
        *lettre_suivi.champs(),
    )
    declarer_champs(METIER, *illustrations.champs())
    declarer_sujet(
        Sujet(
            genre=GENRE,
            metier=METIER,
            modele="assainissement.Controle",
            libelle="contrôle d'assainissement",
            visibles=lambda u: Controle.objects.visibles_par(u).select_related("installation"),
            adresse=lambda c: f"{c.get_absolute_url()}#courriers",
            rediger=_rediger,
            emprise=lambda c: c.installation.geom,
            destinataires=destinataires,
            avertir=_avertir,
            expedier=_expedier,
            rediger_modele=_rediger_modele,
            suivre=_suivre,
            convient=convient,
        )
    )
    declarer("modèles de lettres de l'assainissement", charger)
