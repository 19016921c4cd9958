"""The letterhead that a letter takes: the trade's, else the collectivité's, else what is known of it."""

from __future__ import annotations

from dataclasses import dataclass

from mairie.courriers.rendu import Ressource
from mairie.models import Collectivite, EnTete


@dataclass(frozen=True)
class EnTeteLettre:
    """Texts of a letterhead, as frozen with the letter, and its picture."""

    textes: dict[str, str]
    logo: Ressource | None = None

    def lignes(self, cle: str) -> list[str]:
        """Lines of one text."""
        return [ligne.strip() for ligne in self.textes.get(cle, "").splitlines() if ligne.strip()]


def trouver(collectivite: Collectivite, metier: str) -> EnTete | None:
    """The letterhead of a trade, or the one of all."""
    trouves = EnTete.objects.filter(collectivite=collectivite, metier__in=(metier, ""))
    choisi: EnTete | None = trouves.order_by("-metier").first()
    return choisi


def entete_de(collectivite: Collectivite, metier: str) -> EnTeteLettre:
    """What to print; from the collectivité's own sheet where no letterhead was set."""
    choisi = trouver(collectivite, metier)
    if choisi is None:
        coordonnees = (collectivite.adresse, collectivite.telephone, collectivite.courriel)
        adresse = "\n".join(c for c in coordonnees if c)
        return EnTeteLettre({"nom": collectivite.nom, "adresse": adresse, "lieu": collectivite.nom})
    champs = ("nom", "sous_titre", "adresse", "pied", "lieu")
    signature = ("signataire_nom", "signataire_qualite", "signataire_delegation")
    textes = {c: getattr(choisi, c) for c in (*champs, *signature)}
    textes["lieu"] = textes["lieu"] or collectivite.nom
    return EnTeteLettre(textes, logo_de(choisi))


def logo_de(entete: EnTete) -> Ressource | None:
    """The picture of a letterhead."""
    if not entete.logo:
        return None
    with entete.logo.open("rb") as fichier:
        return Ressource(entete.logo_mime, fichier.read())
