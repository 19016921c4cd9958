"""Occupations of the demonstration: some 120 files over two years, tariffs of both, bills, conflicts.

All through the services, along the streets of the invented commune; invented people are plainly so.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import shapely
import shapely.ops
from django.contrib.gis.geos import GEOSGeometry
from django.core.files.uploadedfile import SimpleUploadedFile

from domainepublic import conflits, corrections, facturation, tarifs
from domainepublic.emprises import NouvelleEmprise
from domainepublic.models import DossierODP, GrilleTarifaire, LigneFacturable, Role, TypeOccupation
from domainepublic.models.emprises import SRID
from domainepublic.services import NouveauDossier, agir, deposer
from mairie.demo import INSEE, CompteDemo, Etape, declarer_comptes, declarer_etape
from mairie.models import Collectivite, Delegation, Tiers, Utilisateur, Voie
from mairie.pieces.demo import vue_jpeg
from mairie.pieces.service import deposer as deposer_piece
from mairie.references import charger
from mairie.workflow import ErreurWorkflow, rafraichir

AGENT, RESPONSABLE = "voirie@demo.invalid", "responsable.voirie@demo.invalid"
SIGNATAIRE, FINANCES = "elu@demo.invalid", "finances@demo.invalid"
GRAINE = 25_999
DOSSIERS = 120
# Type, width × depth along the street (m), unit, days, price per unit, period.
MODELES: tuple[tuple[str, float, float, str, int, str, str], ...] = (
    ("TERR_O", 6, 2, "m2", 365, "24.00", "an"),
    ("ECHAF", 9, 1.2, "ml", 28, "1.80", "jour"),
    ("BENNE", 5, 2.2, "unite", 6, "12.00", "jour"),
    ("DEMEN", 12, 2, "ml", 1, "1.50", "jour"),
    ("DEPOT", 4, 2, "m2", 10, "0.90", "jour"),
    ("PALIS", 10, 1.5, "m2", 60, "2.10", "semaine"),
    ("ETAL", 3, 1, "m2", 365, "30.00", "an"),
    ("NACEL", 6, 2.5, "unite", 2, "22.00", "jour"),
    ("RESEAU", 30, 0.8, "ml", 12, "0.60", "operation"),
)


def declarer() -> None:
    """Accounts and the step, from ``AppConfig.ready``."""
    declarer_comptes(
        CompteDemo(
            "secretaire@demo.invalid",
            "",
            (("domainepublic", "instructeur"), ("domainepublic", "finances")),
            "",
        ),
        CompteDemo(
            AGENT, "Agente de voirie (démonstration)",
            (("domainepublic", "instructeur"), ("domainepublic", "coordination")), "agente des occupations",
        ),
        CompteDemo(
            RESPONSABLE, "Responsable de la voirie (démonstration)",
            (("domainepublic", "responsable"), ("domainepublic", "assermente")),
            "responsable des occupations",
        ),
        CompteDemo(
            FINANCES, "Comptable (démonstration)", (("domainepublic", "finances"),), "finances de la commune"
        ),
        CompteDemo(SIGNATAIRE, "", (("domainepublic", "signataire"),), ""),
        CompteDemo("administrateur@demo.invalid", "", (("domainepublic", "administrateur"),), ""),
    )  # fmt: skip
    declarer_etape(Etape("domainepublic.occupations", "Occupations du domaine public", 320, jouer))


@dataclass
class Jeu:
    """Who acts, and the day of the demonstration."""

    jour: date
    agent: Utilisateur
    responsable: Utilisateur
    elu: Utilisateur
    finances: Utilisateur
    hasard: random.Random


def jouer(jour: date) -> str:
    """Files once: a commune that has some keeps them, brought to the day."""
    if DossierODP.objects.filter(insee=INSEE).exists():
        for d in DossierODP.objects.filter(insee=INSEE):
            rafraichir(d, jour)
        return "déjà là, dates recalculées"
    if not TypeOccupation.objects.exists():
        charger()
    comptes = {u.email: u for u in Utilisateur.objects.filter(email__endswith="@demo.invalid")}
    commune = Collectivite.objects.get(code=INSEE)
    Delegation.objects.get_or_create(
        collectivite=commune, delegataire=comptes[SIGNATAIRE], titulaire=True,
        defaults={"du": date(jour.year - 6, 7, 1)},
    )  # fmt: skip
    jeu = Jeu(
        jour, comptes[AGENT], comptes[RESPONSABLE], comptes[SIGNATAIRE], comptes[FINANCES],
        random.Random(GRAINE),  # noqa: S311 - invented data, always the same
    )  # fmt: skip
    _tarifs(jour)
    voies = list(Voie.objects.filter(insee=INSEE, axe__isnull=False, active=True).order_by("nom", "pk"))
    if not voies:
        return "aucune voie : rien à montrer"
    for rang in range(DOSSIERS):
        _un(jeu, voies, rang)
    _factures(jeu)
    return (
        f"{DossierODP.objects.filter(insee=INSEE).count()} occupations,"
        f" {LigneFacturable.objects.filter(dossier__insee=INSEE).count()} lignes facturées"
    )


def _tarifs(jour: date) -> None:
    """Two deliberations: last year's, then this year's and after, raised by 2 %."""
    if GrilleTarifaire.objects.filter(insee=INSEE).exists():
        return
    ancienne = tarifs.creer_grille(
        insee=INSEE,
        libelle=f"Tarifs {jour.year - 2} et {jour.year - 1}",
        deliberation=f"{jour.year - 3}-084",
        deliberation_le=date(jour.year - 3, 12, 11),
        du=date(jour.year - 2, 1, 1),
        au=date(jour.year - 1, 12, 31),
        regles={"frais_dossier": "10.00", "minimum_perception": "15.00"},
    )  # fmt: skip
    for code, _, _, unite, _, prix, periode in MODELES:
        ligne = {"type": code, "unite": unite, "periode": periode, "prix": prix}
        if periode == "an":
            ligne["prorata"] = "mois_commence"
        tarifs.enregistrer_tarif(ancienne, code, ligne)
    tarifs.dupliquer(
        ancienne, Decimal("2"), libelle=f"Tarifs {jour.year}", deliberation=f"{jour.year - 1}-112",
        deliberation_le=date(jour.year - 1, 12, 9), du=date(jour.year, 1, 1), au=None,
    )  # fmt: skip


def _lieu(voie: Voie, part: float, longueur: float, profondeur: float, cote: int) -> GEOSGeometry:
    """A rectangle beside the axis of a street, at a part of its length; without depth, a line."""
    assert voie.axe is not None  # noqa: S101
    axe = max(shapely.get_parts(shapely.from_wkb(bytes(voie.axe.wkb))), key=lambda x: x.length)
    debut = part * max(axe.length - longueur, 0)
    troncon = shapely.ops.substring(axe, debut, min(debut + longueur, axe.length))
    bord = shapely.offset_curve(troncon, cote * 2.4)
    if not profondeur:
        return GEOSGeometry(memoryview(shapely.to_wkb(bord)), srid=SRID)
    sol = shapely.buffer(bord, profondeur / 2, cap_style="flat")
    parties = [p for p in shapely.get_parts(sol) if p.geom_type == "Polygon"]
    plus_grande = max(parties, key=lambda p: p.area)
    return GEOSGeometry(memoryview(shapely.to_wkb(plus_grande)), srid=SRID)


def _tiers(jeu: Jeu, rang: int) -> tuple[Tiers, str]:
    adresse = {"voie": f"{rang + 1} rue Fictive", "code_postal": "25999", "ville": "Commune fictive"}
    if rang % 4:
        nom = f"Entreprise fictive {rang}"
        return (
            Tiers.objects.create(collectivite=INSEE, nature="morale", raison_sociale=nom, **adresse),
            "entreprise",
        )
    return Tiers.objects.create(collectivite=INSEE, nom=f"Personne fictive {rang}", **adresse), "particulier"


def _un(jeu: Jeu, voies: list[Voie], rang: int) -> None:
    code, longueur, profondeur, unite, jours, _, _ = MODELES[rang % len(MODELES)]
    hasard = jeu.hasard
    # Every twelfth comes back where another stands: that is what conflicts are made of.
    serre = rang % 12 == 11
    voie = voies[3] if serre else voies[hasard.randrange(len(voies))]
    part = 0.5 if serre else hasard.random()
    age = hasard.randint(-20, 20) if rang % 5 == 0 else hasard.randint(20, 690)
    depot = min(jeu.jour, jeu.jour - timedelta(days=age + 25))
    debut = jeu.jour - timedelta(days=age)
    if code in ("TERR_O", "ETAL"):
        annee = jeu.jour.year - (rang // 9) % 2
        depot, debut = date(annee - 1, 11, 20), date(annee, 1, 1)
        fin = date(annee, 12, 31)
    else:
        fin = debut + timedelta(days=jours - 1)
    if serre:
        debut, fin = jeu.jour - timedelta(days=5), jeu.jour + timedelta(days=20)
        depot = jeu.jour - timedelta(days=30)
    demandeur, beneficiaire = _tiers(jeu, rang)
    type_ = TypeOccupation.objects.get(code=code)
    en_ligne = "polygone" not in type_.genres
    emprise = NouvelleEmprise(
        type_,
        _lieu(voie, part, longueur, 0 if en_ligne else profondeur, 1 if rang % 2 else -1),
        debut,
        fin,
        unite=unite,
        largeur=Decimal(str(profondeur)) if en_ligne else None,
        confirmee=True,
        reparer=True,
        operateur="Réseaux fictifs" if code == "RESEAU" else "",
    )
    faits: dict[str, Any] = {"modifie_circulation": code in ("DEMEN", "NACEL")}
    if code == "PALIS":
        faits["ancrage"] = False
    if code in ("TERR_O", "ETAL"):
        faits["attribution"] = {"exception": "L2122-1-3_1"}
    d = deposer(
        NouveauDossier(
            INSEE, depot, demandeur, beneficiaire, [emprise], objet=type_.libelle.capitalize(), voie=voie,
            adresse=f"devant le {hasard.randint(1, 60)}, {voie.nom}", faits=faits,
        ),
        par=jeu.agent, aujourdhui=jeu.jour,
    )  # fmt: skip
    vie = _Vie(jeu, d, depot)
    # Old requests were answered, but for a few that silence has refused.
    recent = (jeu.jour - depot).days < 50 or rang % 40 == 6
    if (recent and rang % 4 == 1) or (jeu.jour - depot).days < 4:
        return
    if recent and rang % 5 == 3:
        vie.faire("declarer_incomplet", jeu.agent, 4, {"pieces": ["plan coté"], "delai_jours": 30})
        if rang % 2:
            vie.faire("completer", jeu.agent, 12, {})
        else:
            return
    vie.faire("instruire", jeu.agent, 13, {})
    if recent and rang % 9 == 2:
        vie.faire("demander_avis", jeu.agent, 14, {"services": ["transports"], "obligatoire": True})
        return
    if rang % 29 == 11:
        vie.faire("refuser", jeu.elu, 16, {"motif": "Le passage restant serait trop étroit."})
        return
    if not vie.faire("preparer_acte", jeu.agent, 15, {}):
        if rang % 24 != 23 or not vie.lever():
            return
        vie.faire("preparer_acte", jeu.agent, 15, {})
    if recent and rang % 6 == 4:
        return
    if vie.faire("signer", jeu.elu, 18, {}):
        vie.apres(rang)


class _Vie:
    """One file's life: acts dated from its deposit, those still ahead are not played."""

    def __init__(self, jeu: Jeu, dossier: DossierODP, depot: date) -> None:
        self.jeu, self.d, self.depot = jeu, dossier, depot

    def faire(self, evenement: str, par: Utilisateur, apres: int, donnees: dict[str, Any]) -> bool:
        """Play an event so many days after the deposit, or today."""
        return self.le(evenement, par, min(self.depot + timedelta(days=apres), self.jeu.jour), donnees)

    def le(self, evenement: str, par: Utilisateur, jour: date, donnees: dict[str, Any]) -> bool:
        """Play an event on a day; False when it is ahead or not allowed."""
        if jour > self.jeu.jour:
            return False
        self.d.refresh_from_db()
        try:
            agir(
                self.d, evenement, par=par, version=self.d.version, date_effet=jour, donnees=donnees,
                aujourdhui=self.jeu.jour,
            )  # fmt: skip
        except ErreurWorkflow:
            return False
        self.d.refresh_from_db()
        return True

    def lever(self) -> bool:
        """Waive what blocks."""
        for c in conflits.recalculer(self.d):
            if c.bloque:
                conflits.lever(
                    c, "Les deux chantiers se partagent la place, vu sur site.", self.jeu.responsable
                )
        return True

    def apres(self, rang: int) -> None:
        """What comes after the signature: controls, an early end, a withdrawal, a prolongation."""
        fin = self.d.fin
        if fin is None:
            return
        if rang % 31 == 13 and fin < self.jeu.jour:
            self.le(
                "retirer", self.jeu.elu, fin - timedelta(days=4),
                {"motif": "interet_general", "le": (fin - timedelta(days=2)).isoformat(),
                 "contradictoire_le": (fin - timedelta(days=10)).isoformat()},
            )  # fmt: skip
        elif rang % 11 == 4 and fin < self.jeu.jour:
            libre = fin - timedelta(days=3)
            if self.d.debut and libre > self.d.debut:
                self.le("arreter_avant_terme", self.jeu.agent, libre, {"le": libre.isoformat()})
        if self.d.etat == "a_controler" and (self.jeu.jour - fin).days > 12 and rang % 7:
            if any(e.type.affecte_sol for e in self.d.ses_emprises()):
                sol = SimpleUploadedFile("sol.jpg", vue_jpeg(str(self.d)), "image/jpeg")
                deposer_piece(self.d, sol, par=self.jeu.responsable, code="photo")
            self.le(
                "constater_liberation", self.jeu.responsable, fin + timedelta(days=2),
                {"le": (fin + timedelta(days=1)).isoformat(), "etat_du_sol": "Propre."},
            )  # fmt: skip


def _factures(jeu: Jeu) -> None:
    """Two rolls: one exported and mostly paid, one in preparation with credit notes and what is left."""
    if Role.objects.filter(insee=INSEE).exists():
        return
    role = facturation.preparer_role(INSEE, jeu.finances, jeu.jour - timedelta(days=60))
    facturation.exporter(
        facturation.valider(role, jeu.jour - timedelta(days=58)), jeu.jour - timedelta(days=58)
    )
    for rang, titre in enumerate(role.titres.all()):
        if titre.montant > 0 and rang % 4:
            facturation.encaisser(titre, titre.montant, jeu.jour - timedelta(days=20))
    ligne = LigneFacturable.objects.filter(titre__role=role, montant__gt=30).first()
    if ligne is not None:
        reste = corrections.corrigeable(ligne)
        raison = "Surface relevée à nouveau sur place, plus petite que celle du titre."
        corrections.emettre_avoir(ligne, Decimal("20.00"), raison, reste_lu=reste, par=jeu.finances)
