"""The key of the owner's page, in the letters that he receives (spec §8): new with each, shown once."""

from __future__ import annotations

from django.utils import timezone

from assainissement.models import Installation, InstallationTiers
from assainissement.proprietaire import USAGE
from mairie import liens, suivi_usager
from mairie.courriers.champs import ChampFusion, ContexteFusion
from mairie.courriers.champs_communs import NUMERO_A_VENIR

# A letter of the house waits for somebody to send it: the key that the owner holds stays good meanwhile.
DEJA_RECUE = "que vous avez déjà reçue"
A_VENIR = "(créée à la finalisation)"
PARAGRAPHE = (
    "<p>[si cle_suivi]</p><p>En ligne, à l'adresse [lien_suivi], avec le numéro [installation_numero] et la"
    " clé [cle_suivi], vous lisez vos rapports et vos dates, choisissez un rendez-vous et envoyez un"
    " bordereau de vidange ou une facture de travaux. Gardez cette clé pour vous : elle ouvre douze mois, et"
    " la prochaine lettre qui en porte une la remplace.</p><p>[fin]</p>"
)


def cle(contexte: ContexteFusion) -> str:
    """A new key, made with the letter; none for who is not the owner, nor before there is a number.

    A letter that nobody writes makes none: it names the one in force, where there is one.
    """
    i = contexte.dossier.installation
    if not i.numero or not _au_proprietaire(contexte):
        return ""
    if not contexte.redacteur:
        return DEJA_RECUE if _en_vigueur(i) else ""
    if contexte.numero in ("", NUMERO_A_VENIR):
        return A_VENIR
    _, secret = liens.creer_cle(i, USAGE, insee=i.insee)
    return liens.ecrire_cle(secret)


def _en_vigueur(i: Installation) -> bool:
    vivantes = liens.liens_de(i, USAGE).filter(revoque_le__isnull=True, expire_le__gt=timezone.now())
    return bool(vivantes.exists())


def _au_proprietaire(contexte: ContexteFusion) -> bool:
    """The letter is for an owner of today: an occupant or a notary does not hold his key."""
    ouverts = contexte.dossier.installation.personnes.filter(
        role=InstallationTiers.Role.PROPRIETAIRE, au__isnull=True
    )
    noms = {x.tiers.appel.strip() for x in ouverts.select_related("tiers")}
    return contexte.destinataire.strip() in noms


def champs() -> tuple[ChampFusion, ...]:
    """Fields of the letters of a control."""
    groupe = "Suivi en ligne"
    return (
        ChampFusion(
            "cle_suivi", "Clé du propriétaire, nouvelle à chaque lettre", "ABCD-EFGH-JKLM-NPQR", cle, True,
            groupe, de_la_lettre=True,
        ),
        ChampFusion(
            "lien_suivi", "Adresse du suivi en ligne", "https://commune.example/suivi/",
            lambda _: suivi_usager.adresse(), True, groupe, de_la_lettre=True,
        ),
    )  # fmt: skip
