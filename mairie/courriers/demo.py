"""Letters of the demonstration: a letterhead with arms, one letter at each stage of its life."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from django.conf import settings
from django.core.files.base import ContentFile

from mairie.courriers import modeles_livres
from mairie.courriers.envois import enregistrer, envoyer, signer
from mairie.courriers.logo import preparer_logo
from mairie.courriers.services import finaliser, modifier, preparer
from mairie.courriers.sujets import Destinataire
from mairie.demo import INSEE
from mairie.models import Collectivite, Courrier, EnTete, ModeleCourrier, Utilisateur

HABITANTS = (
    Destinataire("Madame Olive Fictive", "3 rue des Essais\n25999 VALBRUNE", "olive@demo.invalid"),
    Destinataire("Monsieur Basile Inventé", "8 chemin du Modèle\n25999 VALBRUNE", "basile@demo.invalid"),
    Destinataire("Société Exemple et Fils", "1 place de l'Exemple\n25999 VALBRUNE", "contact@demo.invalid"),
)


def jouer(jour: date) -> str:
    """Letterhead, then letters: a draft, one to sign, one sent by registered mail, an act."""
    modeles_livres.charger()
    ici = Collectivite.objects.get(code=INSEE)
    par = Utilisateur.objects.get(email="secretaire@demo.invalid")
    _entete(ici)
    if Courrier.objects.filter(insee=INSEE, metier="mairie").exists():
        return "déjà en place"
    courants = {m.code: m for m in ModeleCourrier.objects.filter(metier="mairie", collectivite=None)}
    preparer(ici, courants["reponse"], par=par, destinataire=HABITANTS[0])
    a_signer = preparer(ici, courants["accuse"], par=par, destinataire=HABITANTS[1])
    finaliser(a_signer, par=par, version=a_signer.version)
    partie = preparer(ici, courants["accuse"], par=par, destinataire=HABITANTS[2])
    partie = modifier(partie, par=par, version=0, champs={"mode": "recommande"})
    partie = finaliser(partie, par=par, version=partie.version)
    signer(partie, par=par, le=jour)
    envoyer(partie, par=par, numero_recommande="1A 000 000 0000 0")
    enregistrer(partie, par=par, fait="presentation", le=jour)
    acte = preparer(ici, courants["arrete"], par=par)
    acte = modifier(
        acte, par=par, version=0, champs={"objet": "portant interdiction d'essayer pendant la démonstration"}
    )
    signer(finaliser(acte, par=par, version=acte.version), par=par, le=jour)
    return f"{Courrier.objects.count()} courriers"


def _entete(ici: Collectivite) -> None:
    entete, neuf = EnTete.objects.get_or_create(
        collectivite=ici,
        metier="",
        defaults={
            "nom": f"Commune de {ici.nom}",
            "sous_titre": "Secrétariat",
            "adresse": "\n".join(v for v in (ici.adresse, ici.telephone, ici.courriel) if v),
            "pied": "Commune fictive de démonstration : ce document n'a aucune valeur.",
            "lieu": ici.nom,
            "signataire_nom": "Dominique Fictif",
            "signataire_qualite": "Le maire",
        },
    )
    armes = Path(settings.RACINE) / "static" / "img" / "ecu.svg"
    if neuf and armes.is_file():
        entete.logo_mime, octets = preparer_logo(armes.read_bytes())
        entete.logo.save("logo.svg", ContentFile(octets))
