"""The demonstration's collectivités and accounts."""

from __future__ import annotations

from datetime import date

from allauth.account.models import EmailAddress

from mairie.demo import INSEE, MOT_DE_PASSE, CompteDemo, Etape, comptes, declarer_comptes, declarer_etape
from mairie.models import Appartenance, Collectivite, Habilitation, Service, Utilisateur
from mairie.profils import profil
from mairie.territoire import territoire

SIREN_EPCI = "259990001"
# Accounts that hold a ready-made profile.
PROFILS = {"secretaire@demo.invalid": "secretaire"}
# Accounts that work for every collectivité: what all share (schedules, common tables) is theirs to change.
PARTOUT = {"administrateur@demo.invalid"}


def declarer() -> None:
    """One commune, one EPCI that works for it, and an account for each way of working."""
    declarer_comptes(
        CompteDemo(
            "secretaire@demo.invalid",
            "Secrétaire (démonstration)",
            (("mairie", "administrateur"), ("mairie", "lecteur")),
            "secrétaire de mairie : tout, sauf signer",
        ),
        CompteDemo(
            "elu@demo.invalid", "Élu (démonstration)", (("mairie", "lecteur"),), "élue : consulte et signe"
        ),
        CompteDemo(
            "dpo@demo.invalid",
            "DPO (démonstration)",
            (("mairie", "dpo"),),
            "délégué à la protection des données",
        ),
        CompteDemo(
            "administrateur@demo.invalid",
            "Administrateur (démonstration)",
            (("mairie", "administrateur"),),
            "administrateur de l'installation : comptes, tables communes, tâches",
        ),
        CompteDemo("habitant@demo.invalid", "Habitant (démonstration)", (), "habitant : aucun droit d'agent"),
    )
    declarer_etape(Etape("mairie.socle", "Collectivités et comptes", 0, jouer))


def jouer(jour: date) -> str:
    """Commune, EPCI, services, accounts with their habilitations since the start of last year."""
    depuis = date(jour.year - 1, 1, 1)
    nom = dict(territoire().communes).get(INSEE, "Commune fictive")
    commune, _ = Collectivite.objects.update_or_create(
        code=INSEE,
        defaults={
            "nature": Collectivite.Nature.COMMUNE,
            "nom": nom,
            "adresse": f"Mairie\n1 place de la Mairie\n25999 {nom}",
            "telephone": "03 00 00 00 00",
            "courriel": "mairie@demo.invalid",
        },
    )
    epci, _ = Collectivite.objects.update_or_create(
        code=SIREN_EPCI,
        defaults={
            "nature": Collectivite.Nature.EPCI,
            "nom": "Communauté de communes fictive",
            "siren": SIREN_EPCI,
        },
    )
    Appartenance.objects.get_or_create(epci=epci, commune=commune, du=depuis)
    Service.objects.get_or_create(
        collectivite=commune, code="urbanisme", defaults={"libelle": "Urbanisme", "metier": "urba"}
    )
    for compte in comptes():
        utilisateur = Utilisateur.objects.filter(email=compte.email).first()
        if utilisateur is None:
            utilisateur = Utilisateur.objects.create_user(compte.email, MOT_DE_PASSE, nom=compte.nom)
        # Invented mailboxes: nobody can open the mail that would confirm them.
        EmailAddress.objects.update_or_create(
            user=utilisateur, email=compte.email, defaults={"primary": True, "verified": True}
        )
        for metier, role in dict.fromkeys((*compte.roles, *_roles_du_profil(compte.email))):
            habilitation, neuve = Habilitation.objects.get_or_create(
                utilisateur=utilisateur, metier=metier, role=role, defaults={"du": depuis}
            )
            if neuve:
                habilitation.collectivites.add(*((commune, epci) if compte.email in PARTOUT else (commune,)))
    return f"{nom}, {len(comptes())} comptes"


def _roles_du_profil(email: str) -> list[tuple[str, str]]:
    """The ready-made profile of an account: its roles of every trade there is today."""
    trouve = profil(PROFILS.get(email, ""))
    return [(r.metier, r.code) for r in trouve.roles] if trouve else []
