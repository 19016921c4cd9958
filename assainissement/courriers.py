"""Letters of a control: the report of the visit and the letter that goes with it (spec §11)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from assainissement import illustrations, perms
from assainissement.models import Controle
from assainissement.mots import PHRASES
from assainissement.regles.tables import anc
from assainissement.regles.tables.points import REPONSES
from mairie.adresses.presentation import nom_parcelle
from mairie.courriers.champs import BlocFusion, ChampFusion
from mairie.courriers.champs import declarer as declarer_champs
from mairie.courriers.modeles import declarer_modele
from mairie.courriers.sujets import Destinataire, Sujet
from mairie.courriers.sujets import declarer as declarer_sujet
from mairie.models import ModeleCourrier
from mairie.references import Bilan, declarer
from mairie.workflow import journal

METIER, GENRE = "assainissement", "assainissement.controle"
EN_SERVICE = date(2012, 7, 1)

_RAPPORT = (
    "<p>Installation [installation_numero], [installation_adresse].[si parcelles] Parcelles :"
    " [parcelles].[fin]</p>"
    "<p>Contrôle [controle_numero] ([nature]), visite du [date_visite].[si controleur] Contrôleur :"
    " [controleur].[fin]</p>"
    "<h2>Conclusion</h2>"
    "<p><strong>[conclusion]</strong></p>"
    "<p>[si explication]</p><p>Ce qui y conduit :</p><p>[explication]</p><p>[fin]</p>"
    "<p>[si non_verifies]</p><p>Points non vérifiés, comptés absents : [non_verifies].</p><p>[fin]</p>"
    "<h2>Travaux</h2>"
    "<p>[si travaux]</p><p>Travaux demandés, par ordre de priorité :</p><p>[travaux]</p><p>[sinon]</p>"
    "<p>Aucuns travaux ne sont demandés.</p><p>[fin]</p>"
    "<p>[delai_travaux]</p>"
    "<h2>Suites</h2>"
    "<p>[validite]</p><p>[prochain]</p>"
    "<p>[si observations]</p><p>Observations et recommandations : [observations]</p><p>[fin]</p>"
    "<p>[si points]</p><h2>Points contrôlés</h2>"
    "<p>[tableau:points]</p><p>[fin]</p>"
    "<p>[si approbateur]</p><p>Rapport validé le [date_rapport] par [approbateur].</p><p>[fin]</p>"
    + illustrations.CORPS
    + "<p>Ce rapport peut être contesté auprès du service, puis devant le tribunal compétent, dans les deux"
    " mois de sa réception.</p>"
)
_ACCOMPAGNEMENT = (
    "<p>Madame, Monsieur,</p>"
    "<p>Vous trouverez avec cette lettre le rapport du contrôle de votre installation d'assainissement non"
    " collectif, visitée le [date_visite] au [installation_adresse].</p>"
    "<p>[conclusion]</p>"
    "<p>[si travaux]</p><p>Travaux demandés : [travaux].</p><p>[fin]</p>"
    "<p>[delai_travaux]</p>"
    "<p>[validite]</p>"
    "<p>Le service reste à votre disposition pour toute explication.</p>"
    "<p>Veuillez agréer, Madame, Monsieur, nos salutations distinguées.</p>"
)


def _parcelles(c: Controle) -> list[str]:
    return [nom_parcelle(p.reference) for p in c.installation.parcelles.all()]


def _phrase(c: Controle) -> str:
    cas = f" (cas {c.cas}, règle {c.regle})" if c.cas else f" (règle {c.regle})" if c.regle else ""
    phrase = PHRASES.get(c.regle or c.conclusion, "")
    return f"{phrase[:-1]}{cas}." if phrase else ""


def _non_verifies(c: Controle) -> list[str]:
    libelles = {f.code: f.libelle for f in anc.FAITS}
    return [libelles[code] for code in c.resultat.get("points_non_verifies", ()) if code in libelles]


def _etape(regle: str) -> Any:
    def lire(c: Controle) -> str:
        for e in c.explication:
            if e["regle"] == regle:
                article = f" ({e['article']})" if e.get("article") else ""
                return f"{regle} : {e['resultat'].rstrip('.')}{article}."
        return ""

    return lire


def _approbateur(c: Controle) -> str:
    """Name and role of who validated the report; empty for a report taken over from elsewhere."""
    faits = [e for e in journal.vivantes(journal.lignes(c)) if e.type == "valider"]
    return str(faits[-1].auteur or "") if faits else ""


def _points(c: Controle) -> Iterator[dict[str, str]]:
    for o in c.observations.select_related("point"):
        yield {
            "point": o.point.libelle,
            "reponse": REPONSES[o.reponse],
            "commentaire": o.commentaire,
        }


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
DE_FACTURATION = ("avis_passage", "avis_manque", "relance", "majoration", "rappel_travaux")


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
        corps=_RAPPORT,
        le=EN_SERVICE,
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
        _champ("conclusion", "Conclusion", "L'installation ne présente aucun défaut (règle R6).", _phrase),
        _champ("causes", "Causes", "Couvercle non sécurisé.", lambda c: c.resultat.get("causes", []), True),
        _champ(
            "explication",
            "Explication de la conclusion",
            "Règle R6 : Aucun défaut.",
            lambda c: c.resultat.get("explication", []),
            True,
        ),
        _champ("non_verifies", "Points non vérifiés", "usure d'un élément", _non_verifies, True),
        _champ(
            "travaux",
            "Travaux par priorité",
            "Poser un couvercle qui ferme",
            lambda c: [t.libelle for t in c.travaux.all()],
            True,
        ),
        _champ("delai_travaux", "Délai des travaux", "Travaux : aucun délai.", _etape("Travaux"), True),
        _champ(
            "validite",
            "Validité pour une vente",
            "Validité pour une vente : jusqu'au 12/03/2029.",
            _etape("Validité pour une vente"),
            True,
        ),
        _champ(
            "prochain",
            "Prochain contrôle",
            "Prochain contrôle : 12/03/2036.",
            _etape("Prochain contrôle"),
            True,
        ),
        _champ("date_rapport", "Rapport validé le", date(2026, 3, 20), lambda c: c.date_rapport),
        _champ("approbateur", "Qui a validé le rapport", "Dominique Exemple", _approbateur, True),
        _champ("observations", "Observations", "Curer le préfiltre.", lambda c: c.observations_libres, True),
        BlocFusion(
            "points",
            "Points contrôlés",
            {"point": "Point", "reponse": "Réponse", "commentaire": "Commentaire"},
            ({"point": "Un couvercle manque", "reponse": "non", "commentaire": ""},),
            _points,
            True,
        ),
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
        )
    )
    declarer("modèles de lettres de l'assainissement", charger)
