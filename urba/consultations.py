"""Consultations of the permits: delays by the rules, answers posted on the log of the request."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mairie import consultations
from mairie.models import Consultation, ServiceConsulte, Utilisateur
from mairie.references import Bilan
from mairie.roles import Acteur, systeme, usager
from mairie.workflow import Refus, appliquer, journal
from urba.instruction import lecture
from urba.instruction.etats import CLOS, INSTRUITS, type_delai
from urba.models import DossierInstruction
from urba.regles.services import SERVICES, Contexte, ligne_du_service
from urba.regles.silence import SensABF

METIER = "urba"
# The rules of silence (R.424-3) know three answers of the ABF.
_SENS_ABF = {
    Consultation.Avis.FAVORABLE: SensABF.FAVORABLE,
    Consultation.Avis.FAVORABLE_PRESCRIPTIONS: SensABF.PRESCRIPTIONS,
    Consultation.Avis.DEFAVORABLE: SensABF.DEFAVORABLE,
}
_CONTEXTES = {
    "ABF_ABORDS_SPR": Contexte.ABORDS_SPR,
    "SITE_CLASSE": Contexte.SITE_CLASSE,
    "DEMOLITION_SITE_INSCRIT": Contexte.SITE_INSCRIT,
    "EVALUATION_ENVIRONNEMENTALE": Contexte.EVALUATION_ENVIRONNEMENTALE,
}
_CONTRAIGNANTS = (ServiceConsulte.Nature.ACCORD, ServiceConsulte.Nature.AVIS_CONFORME)
SERVICE = usager("lien d'avis du service consulté")
MAIRIE = systeme("consultation")


def contextes_de(dossier: DossierInstruction) -> tuple[Contexte, ...]:
    """What lengthens a consultation, as the request is qualified (R.423-67, R.423-69)."""
    faits = [journal.fait(e) for e in journal.vivantes(journal.lignes(dossier))]
    demande = lecture.demande_delai(faits, dossier.contexte_regles)
    if demande is None:
        return ()
    dits = {m.code for m in demande.majorations if m.fondee} | set(demande.drapeaux)
    return tuple(contexte for code, contexte in _CONTEXTES.items() if code in dits)


def preparer(
    dossier: DossierInstruction,
    service: ServiceConsulte,
    *,
    contextes: Iterable[Contexte] = (),
    par: Utilisateur | None = None,
) -> Consultation:
    """A consultation with the delay of the rules for this kind of dossier and what is known of its land.

    ``contextes``: by default, what the qualification says (surroundings, classified site, evaluation).
    """
    connus = tuple(contextes) or contextes_de(dossier)
    ligne = ligne_du_service(service.code.upper(), type_delai(dossier.type_detail), connus)
    connu = ligne.code == service.code.upper()
    return consultations.preparer(
        dossier,
        service,
        metier=METIER,
        insee=dossier.insee,
        type_dossier=dossier.type_detail,
        objet=f"{dossier} – {dossier.objet}"[:200],
        delai=(ligne.delai.valeur, ligne.delai.unite) if connu else None,
        par=par,
    )


def _dossier(c: Consultation) -> DossierInstruction | None:
    """The request that still follows its consultations; null once it is given up, withdrawn or cancelled.

    Locked: an agent who acts on it meanwhile must not make the service's answer fail.
    """
    dossier: DossierInstruction = DossierInstruction.objects.select_for_update(of=("self",)).get(
        pk=c.dossier_id
    )
    return dossier if dossier.etat in (*INSTRUITS, *CLOS) else None


def _poster(c: Consultation, evenement: str, jour: Any, par: Acteur, **donnees: Any) -> None:
    dossier = _dossier(c)
    if dossier is None:
        return
    try:
        appliquer(
            dossier,
            evenement,
            par=par,
            version=dossier.version,
            date_effet=jour,
            donnees={"service": c.service.code.upper(), "consultation": c.pk, **donnees},
        )
    except Refus as e:
        raise consultations.ConsultationImpossible(f"Le dossier {dossier} refuse cet avis : {e}") from e


def envoyee(c: Consultation) -> None:
    """Sent: on the log, at its day."""
    dossier = _dossier(c)
    if dossier is not None and dossier.etat in INSTRUITS:
        _poster(c, "consulter", c.envoyee_le, MAIRIE)


def rendue(c: Consultation) -> None:
    """Answered: the ABF's answer may turn silence, so what it weighs goes on the log too."""
    sens = _SENS_ABF.get(Consultation.Avis(c.avis), c.avis) if c.service.code.upper() == "ABF" else c.avis
    par = SERVICE if c.versions.filter(par_lien=True).exists() else MAIRIE
    _poster(
        c,
        "avis_recu",
        c.avis_le,
        par,
        sens=str(sens),
        accord=c.service.nature in _CONTRAIGNANTS,
        saisi_le=c.recue_le.isoformat() if c.recue_le else None,
    )


def silence(c: Consultation) -> None:
    """Answer born of silence."""
    _poster(c, "avis_tacite", c.avis_le, MAIRIE, sens=c.avis)


def presenter(c: Consultation) -> dict[str, Any]:
    """What the consulted service sees: the request and its land; no phone, no mail, no birth."""
    dossier = DossierInstruction.objects.select_related("da", "terrain").get(pk=c.dossier_id)
    terrain = getattr(dossier, "terrain", None)
    parcelles = ", ".join(str(p) for p in dossier.parcelles.all())
    faits = [
        ("Dossier", str(dossier)),
        ("Projet", dossier.objet or "non précisé"),
        ("Adresse", (terrain.adresse or terrain.lieu_dit) if terrain else ""),
        ("Parcelles", parcelles),
        ("Déposé le", f"{dossier.date_depot:%d/%m/%Y}" if dossier.date_depot else ""),
        (
            "Décision attendue au plus tard le",
            f"{dossier.date_limite:%d/%m/%Y}" if dossier.date_limite else "",
        ),
    ]
    return {"titre": f"Avis sur le dossier {dossier}", "faits": [f for f in faits if f[1]]}


def charger_services() -> Bilan:
    """The services of the rules, for all communes; what an administrator changed since is kept."""
    crees = inchanges = 0
    for code in dict.fromkeys(ligne.code for ligne in SERVICES):
        ligne = next(x for x in SERVICES if x.code == code and x.contexte is None)
        _, neuf = ServiceConsulte.objects.get_or_create(
            collectivite="",
            code=code.lower(),
            defaults={
                "libelle": ligne.libelle,
                "metier": METIER,
                "nature": "accord" if code == "ABF" else "avis_simple",
                "delai_valeur": ligne.delai.valeur,
                "delai_unite": ligne.delai.unite,
                "effet_silence": ligne.silence,
                "article": ligne.article,
            },
        )
        crees, inchanges = crees + neuf, inchanges + (not neuf)
    return Bilan(creees=crees, inchangees=inchanges)


def declarer() -> None:
    """Hooks and reference table, from ``AppConfig.ready``."""
    from mairie import references

    consultations.suivre(
        METIER,
        consultations.Suivi(envoyee=envoyee, rendue=rendue, silence=silence, presenter=presenter),
    )
    references.declarer("services consultés de l'urbanisme", charger_services)
