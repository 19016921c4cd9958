"""Notices to perform what is due, works or an installation to make (spec §11), signed by the mayor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from assainissement import courriers, perms
from assainissement.courriers import EN_SERVICE, METIER
from assainissement.models import Obligation
from assainissement.rapport import phrase, travaux
from mairie.adresses.presentation import nom_parcelle
from mairie.calendrier import plus_mois
from mairie.courriers.champs import ChampFusion
from mairie.courriers.champs import declarer as declarer_champs
from mairie.courriers.modeles import declarer_modele
from mairie.courriers.sujets import Destinataire, Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.models import ModeleCourrier
from mairie.references import Bilan, declarer
from mairie.workflow import journal

GENRE = "assainissement.obligation"
TYPE_ACTE = "assainissement.mise_en_demeure"
_LIEU = (
    "l'immeuble[si demeure_adresse] situé [demeure_adresse][fin][si demeure_parcelles] (parcelles"
    " [demeure_parcelles])[fin]"
)
_SUITES = (
    "<p>Passé ce délai, la pénalité que prévoit l'article L1331-8 du code de la santé publique pourra vous"
    " être appliquée, et la commune pourra faire exécuter d'office les travaux indispensables, à vos frais"
    " (article L1331-6 du même code).</p>"
    "<h2>Recours</h2>"
    "<p>Cette mise en demeure peut être contestée auprès du maire, puis devant le tribunal administratif,"
    " dans les deux mois de sa réception.</p>"
)
_TRAVAUX = (
    "<p>Madame, Monsieur,</p>"
    "<h2>Faits</h2>"
    f"<p>La visite du [demeure_visite] a porté sur l'installation d'assainissement non collectif de {_LIEU}"
    " (contrôle [demeure_controle]). [demeure_constat]</p>"
    "<p>[si demeure_notification]Le rapport vous a été notifié le [demeure_notification]."
    " [fin]Les travaux devaient être faits avant le"
    " [demeure_echeance]. [demeure_faits]</p>"
    "<h2>Obligation</h2>"
    "<p>Le propriétaire fait procéder aux travaux que prescrit le rapport de contrôle (article L1331-1-1 du"
    " code de la santé publique ; arrêté du 27 avril 2012, article 4).</p>"
    "<p>[si demeure_travaux]</p><p>Ce sont, par ordre de priorité :</p><p>[demeure_travaux]</p><p>[fin]</p>"
    "<h2>Délai</h2>"
    "<p><strong>Vous êtes mis en demeure de faire ces travaux dans un délai de [demeure_mois] mois à compter"
    " du [demeure_le], soit au plus tard le [demeure_jusqu_au].</strong></p>"
    "<p>Soumettez votre projet au service avant de commencer, et prévenez-le à la fin des travaux : une"
    " contre-visite les constatera.</p>" + _SUITES
)
_ABSENCE = (
    "<p>Madame, Monsieur,</p>"
    "<h2>Faits</h2>"
    "<p>La visite du [demeure_visite] n'a trouvé aucun élément prouvant qu'une installation d'assainissement"
    f" non collectif existe pour {_LIEU} (contrôle [demeure_controle]). [demeure_faits]</p>"
    "<h2>Obligation</h2>"
    "<p>Un immeuble que le réseau public ne dessert pas a une installation d'assainissement non collectif,"
    " que son propriétaire entretient (article L1331-1-1 du code de la santé publique). En l'absence"
    " d'installation, elle se crée dans les meilleurs délais (arrêté du 27 avril 2012, article 4).</p>"
    "<h2>Délai</h2>"
    "<p><strong>Vous êtes mis en demeure de créer cette installation dans un délai de [demeure_mois] mois à"
    " compter du [demeure_le], soit au plus tard le [demeure_jusqu_au].</strong></p>"
    "<p>Soumettez votre projet au service avant de commencer les travaux : il l'examine, puis vérifie"
    " l'exécution avant remblaiement.</p>" + _SUITES
)
MODELES = (
    ("mise_en_demeure_travaux", "Mise en demeure de faire les travaux", _TRAVAUX, "travaux"),
    ("mise_en_demeure_absence", "Mise en demeure de créer une installation", _ABSENCE, "absence"),
)
NATURES = {code: nature for code, _, _, nature in MODELES}


def _demeure(o: Obligation) -> Any:
    faits = [e for e in journal.vivantes(journal.lignes(o)) if e.type == "mettre_en_demeure"]
    return faits[-1] if faits else None


def _donnee(cle: str) -> Any:
    def lire(o: Obligation) -> Any:
        fait = _demeure(o)
        return fait.donnees.get(cle, "") if fait is not None else ""

    return lire


def _le(o: Obligation) -> date | None:
    fait = _demeure(o)
    return fait.date_effet if fait is not None else None


def _jusqu_au(o: Obligation) -> date | None:
    # From the event itself: a penalty ends the delay, and the letter still says which it was.
    fait = _demeure(o)
    return plus_mois(fait.date_effet, int(fait.donnees["delai_mois"])) if fait is not None else None


def destinataires(o: Obligation) -> Iterator[Destinataire]:
    """Only owners are put on notice."""
    yield from (d for d in courriers.destinataires(o.controle) if d.qualite in ("propriétaire", "syndic"))


def convient(o: Obligation, code: str) -> bool:
    """Once the notice is decided, for what is due."""
    nature = NATURES.get(code)
    return nature is None or (o.nature == nature and o.etat in ("mise_en_demeure", "penalite"))


def _rediger(utilisateur: Any, o: Obligation) -> bool:
    return any(utilisateur.has_perm(d, o.insee) for d in (perms.SAISIR, perms.VALIDER, perms.SIGNER))


def _signer(utilisateur: Any, o: Obligation) -> bool:
    return bool(utilisateur.has_perm(perms.SIGNER, o.insee))


def charger() -> Bilan:
    """The templates that the house ships; left as they are once they exist."""
    codes = list(NATURES)
    avant = ModeleCourrier.objects.filter(metier=METIER, code__in=codes).count()
    for code, libelle, corps, _ in MODELES:
        declarer_modele(
            METIER, code, libelle, objet="Mise en demeure : assainissement, [demeure_installation]",
            corps=corps, le=EN_SERVICE, mode="recommande", genre=GENRE, etape="mise en demeure",
            type_acte=TYPE_ACTE,
        )  # fmt: skip
    creees = ModeleCourrier.objects.filter(metier=METIER, code__in=codes).count() - avant
    return Bilan(creees=creees, inchangees=len(codes) - creees)


def declarer_courriers() -> None:
    """From ``AppConfig.ready``."""

    def champ(code: str, libelle: str, exemple: Any, valeur: Any, facultatif: bool = False) -> ChampFusion:
        return ChampFusion(f"demeure_{code}", libelle, exemple, valeur, facultatif, "Mise en demeure")

    declarer_champs(
        METIER,
        champ("installation", "Installation", "ANC-25999-00012", lambda o: str(o.controle.installation)),
        champ("controle", "Contrôle", "ANC-25999-00012-C01", lambda o: str(o.controle)),
        champ("adresse", "Adresse", "12 rue de l'Essai", lambda o: o.controle.installation.lieu, True),
        champ(
            "parcelles",
            "Parcelles",
            "AB 12",
            lambda o: [nom_parcelle(p.reference) for p in o.controle.installation.parcelles.all()],
            True,
        ),
        champ("visite", "Visite du", date(2026, 3, 12), lambda o: o.controle.date_visite),
        champ("notification", "Rapport reçu le", date(2026, 3, 20), lambda o: o.controle.date_notification,
              True),
        champ(
            "constat",
            "Ce que le rapport conclut",
            "L'installation présente un danger.",
            lambda o: phrase(o.controle),
        ),
        champ("travaux", "Travaux par priorité", ["Poser un couvercle qui ferme"],
              lambda o: travaux(o.controle), True),
        champ("echeance", "Échéance passée", date(2026, 3, 20), lambda o: o.echeance),
        champ("faits", "Faits", "Rien n'a été fait.", _donnee("motif")),
        champ("mois", "Délai donné, en mois", 3, _donnee("delai_mois")),
        champ("le", "Mise en demeure du", date(2030, 3, 21), _le),
        champ("jusqu_au", "À faire avant le", date(2030, 6, 21), _jusqu_au),
    )  # fmt: skip
    declarer_sujet(
        Sujet(
            genre=GENRE,
            metier=METIER,
            modele="assainissement.Obligation",
            libelle="obligation d'un propriétaire",
            visibles=lambda u: Obligation.objects.visibles_par(u).select_related("controle__installation"),
            adresse=lambda o: f"{o.get_absolute_url()}#courriers",
            rediger=_rediger,
            signer=_signer,
            emprise=lambda o: o.controle.installation.geom,
            destinataires=destinataires,
            convient=convient,
        )
    )
    declarer("modèles de mises en demeure de l'assainissement", charger)
