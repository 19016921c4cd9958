"""The letterhead that a letter takes: the trade's, else the collectivité's, else what is known of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mairie.courriers.champs import en_texte
from mairie.courriers.rendu import Ressource
from mairie.models import Collectivite, Delegation, EnTete


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


def signe_par(entete: EnTeteLettre, titre: Delegation) -> EnTeteLettre:
    """The letterhead with the block of who is to sign: by office, or for the mayor by delegation."""
    textes = {**entete.textes, "signataire_nom": str(titre.delegataire), "signataire_titre": str(titre.pk)}
    qualite = titre.qualite.strip()
    if titre.titulaire:
        textes |= {"signataire_qualite": qualite or "Le maire", "signataire_delegation": ""}
        return replace(entete, textes=textes)
    epci = titre.collectivite.nature == Collectivite.Nature.EPCI
    pour = "Pour le président et par délégation" if epci else "Pour le maire et par délégation"
    arrete = f"arrêté n° {titre.acte_reference}" if titre.acte_reference else ""
    if titre.acte_date:
        arrete += f" du {en_texte(titre.acte_date)}"
    textes |= {
        "signataire_qualite": pour,
        "signataire_delegation": ", ".join(m for m in (qualite, arrete.strip()) if m),
    }
    return replace(entete, textes=textes)


def logo_de(entete: EnTete) -> Ressource | None:
    """The picture of a letterhead."""
    if not entete.logo:
        return None
    with entete.logo.open("rb") as fichier:
        return Ressource(entete.logo_mime, fichier.read())
