"""Demonstration: plainly invented persons and companies of the fictional commune, two of them doubled."""

from __future__ import annotations

from datetime import date
from typing import Any

from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Adresse, Tiers, Utilisateur
from mairie.tiers import fusion, service

# Invented: their keys are right, but no register holds them (an SIREN of the State's begins by 1 or 2).
SIRET = ("99900000300015", "99900001100018", "99900002900010")


def declarer() -> None:
    """One step, after the accounts and the addresses."""
    declarer_etape(Etape("mairie.tiers", "Personnes fictives", 8, jouer))


def _adresses(nombre: int) -> list[dict[str, str]]:
    """Postal addresses in the fictional commune."""
    trouvees = list(
        Adresse.objects.filter(insee=INSEE, active=True)
        .select_related("voie")
        .order_by("voie", "numero")[:nombre]
    )
    sortie = [{"voie": str(a), "code_postal": INSEE, "ville": "Commune fictive"} for a in trouvees]
    return sortie or [{"voie": "1 rue Fictive", "code_postal": INSEE, "ville": "Commune fictive"}]


def _fiches() -> list[dict[str, Any]]:
    ici = _adresses(12)
    fiches: list[dict[str, Any]] = [
        {
            "civilite": "mme" if n % 2 else "m",
            "nom": f"Personne fictive {n}",
            "prenoms": ("Alix", "Camille")[n % 2],
            "courriel": f"personne{n}@demo.invalid" if n % 3 else "",
            "telephone": f"03 00 00 00 {n:02d}",
            **ici[n % len(ici)],
        }
        for n in range(1, 11)
    ]
    fiches += [
        {
            "nature": "morale",
            "raison_sociale": f"Entreprise fictive {n}",
            "forme_juridique": ("SARL", "SAS", "SCI")[n],
            "siret": SIRET[n],
            "civilite": "m",
            "nom": f"Gérant fictif {n}",
            "courriel": f"entreprise{n}@demo.invalid",
            "accepte_electronique": True,
            **ici[-1 - n],
        }
        for n in range(3)
    ]
    fiches.append(
        {
            "nature": "morale",
            "raison_sociale": "Association fictive des jardins",
            "voie": "2 place Fictive",
            "code_postal": INSEE,
            "ville": "Commune fictive",
        }
    )
    # The same person typed twice, as it happens.
    double = dict(fiches[1])
    fiches.append({**double, "nom": double["nom"].upper(), "telephone": "", "mobile": "06 00 00 00 02"})
    triple = dict(fiches[3])
    fiches.append({**triple, "prenoms": triple["prenoms"].lower()})
    return fiches


def jouer(jour: date) -> str:
    """Make them once: a second call finds them."""
    par = Utilisateur.objects.filter(email="secretaire@demo.invalid").first()
    if Tiers.objects.filter(collectivite=INSEE, nom="Personne fictive 1").exists():
        return f"{Tiers.objects.filter(collectivite=INSEE).count()} déjà là"
    fiches = [service.creer(f, collectivite=INSEE, par=par) for f in _fiches()]
    if par is not None:
        fusion.fusionner(fiches[3], fiches[-1], par=par, motif="doublon de saisie")
    return f"{len(fiches)} personnes, une fusion, un doublon à traiter"
