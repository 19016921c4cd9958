"""Letters of the permits in the tests: people, titles to sign, a dossier brought to a state in one line."""

from __future__ import annotations

from datetime import date
from typing import Any

from mairie.courriers import envois, services
from mairie.models import Courrier, Delegation, EnTete, ModeleCourrier, Tiers, Utilisateur
from mairie.roles import Acteur
from tests.personnes import INSEE, agent, commune
from tests.urba.fabrique_urba import acteur, agir, dossier, qualifie
from urba.courriers import modeles
from urba.courriers.sujet import destinataires
from urba.models import DossierInstruction
from urba.services import Demandeur

ABF = [{"code": "ABF_ABORDS_SPR", "fondee": True}]


def jeanne(**champs: Any) -> Tiers:
    """An invented petitioner with an address."""
    valeurs = {
        "civilite": "mme", "nom": "Exemple", "prenoms": "Jeanne", "voie": "12 rue du Moulin",
        "code_postal": "25999", "ville": "Valbrune", "courriel": "jeanne@exemple.invalid",
    }  # fmt: skip
    return Tiers.objects.create(collectivite=INSEE, **{**valeurs, **champs})


def mairie() -> None:
    """The commune, its letterhead and the templates."""
    ici = commune()
    EnTete.objects.get_or_create(
        collectivite=ici,
        metier="",
        defaults={
            "nom": "Commune de Valbrune",
            "adresse": "1 place de la Mairie\n25999 Valbrune",
            "lieu": "Valbrune",
            "signataire_nom": "Claude Exemple",
            "signataire_qualite": "Le maire",
        },
    )
    modeles.charger()


def maire(email: str = "maire@exemple.invalid") -> Utilisateur:
    """Who signs everything by office."""
    elu = agent("urba.signataire", email=email, nom="Claude Exemple")
    Delegation.objects.get_or_create(
        collectivite=commune(), titulaire=True,
        defaults={"delegataire": elu, "qualite": "Le maire", "du": date(2020, 7, 1)},
    )  # fmt: skip
    return elu


def adjoint(*types: str, du: date = date(2020, 7, 4), au: date | None = None) -> Utilisateur:
    """Who signs some kinds of acts by delegation."""
    elu = agent("urba.signataire", email="adjointe@exemple.invalid", nom="Dominique Adjointe")
    Delegation.objects.create(
        collectivite=commune(), delegataire=elu, qualite="L'adjointe à l'urbanisme",
        types_actes=list(types or ("urba.decision",)), du=du, au=au, acte_reference="2020-12",
        acte_date=date(2020, 7, 4),
    )  # fmt: skip
    return elu


def depose(type_detail: str = "PCMI", **champs: Any) -> DossierInstruction:
    """A request of Jeanne for two parcels."""
    options = {
        "demandeurs": [Demandeur(jeanne())], "references": "AB 1, AB 2", "objet": "Construction d'une maison",
        "adresse": "3 rue des Essais", "superficie_declaree": 1250, **champs,
    }  # fmt: skip
    return dossier(type_detail, **options)


def decide(d: DossierInstruction, sens: str, **donnees: Any) -> DossierInstruction:
    """Report, then the decision written: waiting for its act."""
    if d.etat == "a_qualifier":
        qualifie(d)
    agir(d, "rapport_pret", "instructeur")
    return agir(d, "finaliser_decision", "instructeur", donnees={"sens": sens, **donnees})


def modele(code: str) -> ModeleCourrier:
    """A shipped template."""
    return ModeleCourrier.objects.get(metier="urba", code=code, collectivite=None)


def lettre(
    d: DossierInstruction, code: str, par: Utilisateur | Acteur | None = None, a: int = 0, **champs: str
) -> Courrier:
    """A draft, its columns changed if asked."""
    par = par or acteur("instructeur")
    d.refresh_from_db()
    c = services.preparer(d, modele(code), par=par, destinataire=list(destinataires(d))[a])
    return services.modifier(c, par=par, version=0, champs=champs) if champs else c


def finale(d: DossierInstruction, code: str, confirmer: bool = False, **options: Any) -> Courrier:
    """A finalised letter."""
    c = lettre(d, code, **options)
    par = options.get("par") or acteur("instructeur")
    return services.finaliser(c, par=par, version=c.version, confirmer=confirmer)


def signee(c: Courrier, par: Utilisateur, le: date) -> Courrier:
    """Signed by its signatory."""
    return envois.signer(c, par=par, le=le, confirmer=True)


def presentee(c: Courrier, le: date, par: Utilisateur | None = None, envoi: date | None = None) -> Courrier:
    """Sent by registered mail, presented that day."""
    par = par or acteur("guichet")
    c = envois.envoyer(c, par=par, le=envoi or le, confirmer=True)
    return envois.enregistrer(c, par=par, fait="presentation", le=le, confirmer=True)
