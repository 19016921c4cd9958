"""Demonstration of the street: what occupations hinder, the calendar of works (L115-1), field reports."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import NAMESPACE_URL, uuid5

import shapely
from django.contrib.gis.geos import LineString, MultiLineString, Point
from django.utils import timezone

from domainepublic.constats import NouveauConstat, dresser
from domainepublic.coordination.service import Nouveaux, agir, enregistrer
from domainepublic.demo import (
    AGENT,
    FINANCES,
    GRAINE,
    MODELES,
    RESPONSABLE,
    SIGNATAIRE,
    Jeu,
    _lieu,
    _Vie,
)
from domainepublic.emprises import NouvelleEmprise
from domainepublic.models import (
    DemandeTravaux,
    DossierODP,
    GestionVoirie,
    LigneBus,
    MesureCirculation,
    PointEau,
    RevetementVoie,
    TransfertPolice,
    TypeOccupation,
)
from domainepublic.models.emprises import SRID, multipolygone
from domainepublic.services import NouveauDossier, deposer
from mairie.demo import INSEE, Etape, declarer_etape
from mairie.models import Tiers, Utilisateur, Voie
from mairie.workflow import rafraichir

# What each kind asks of the street in the demonstration.
MESURES = {
    "NACEL": "circulation_interdite",
    "DEMEN": "stationnement_interdit",
    "BENNE": "stationnement_interdit",
    "RESEAU": "circulation_alternee",
}
EXPLOITANTS = ("Eaux fictives du Val", "Électricité fictive", "Fibre fictive", "Gaz fictif")
NATURES = (
    "Renouvellement de la conduite d'eau",
    "Enfouissement de la ligne électrique",
    "Pose de fourreaux pour la fibre",
    "Remplacement d'une canalisation de gaz",
    "Reprise d'un collecteur",
)
REGIMES = ("programme", "programme", "demande", "programme", "urgence")
VUS = (
    "Place conforme au plan.",
    "L'occupation déborde d'un mètre sur le passage.",
    "Gravats sur le trottoir.",
    "Chevalet sans autorisation.",
)
TRAVAUX = 22


def declarer() -> None:
    """The step, from ``AppConfig.ready``."""
    declarer_etape(Etape("domainepublic.rue", "Travaux des rues et constats", 325, jouer))


def jouer(jour: date) -> str:
    """Once; later, the dates of the works are brought to the day."""
    if DemandeTravaux.objects.filter(insee=INSEE).exists():
        for t in DemandeTravaux.objects.filter(insee=INSEE):
            rafraichir(t, jour)
        return "déjà là, dates recalculées"
    voies = list(Voie.objects.filter(insee=INSEE, axe__isnull=False, active=True).order_by("nom", "pk"))
    if not voies or not DossierODP.objects.filter(insee=INSEE).exists():
        return "aucune voie ou aucune occupation : rien à montrer"
    mesures = _mesures()
    _recentes(voies, jour)
    agent = Utilisateur.objects.get(email=AGENT)
    _revetements(voies, jour)
    travaux = _travaux(voies, jour, agent)
    constats = _constats(jour, agent)
    _objets(voies, jour)
    return f"{mesures} mesures de circulation, {travaux} travaux au calendrier, {constats} constats"


# Kind, length × depth (m), first day from today, days, measure: what a reader of the map meets.
RECENTES: tuple[tuple[str, float, float, int, int, str], ...] = (
    ("NACEL", 12, 4.0, -1, 4, "circulation_interdite"),
    ("DEMEN", 14, 2.0, 1, 1, "stationnement_interdit"),
    ("BENNE", 5, 2.2, -3, 9, "stationnement_interdit"),
    ("RESEAU", 40, 1.2, -2, 12, "circulation_alternee"),
    ("ECHAF", 10, 1.2, -6, 30, ""),
    ("NACEL", 9, 4.0, 9, 3, "circulation_interdite"),
    ("RESEAU", 25, 1.0, 14, 10, "circulation_alternee"),
    ("DEMEN", 12, 2.0, 20, 1, "circulation_interdite"),
)


def _recentes(voies: list[Voie], jour: date) -> None:
    """Titles of these weeks, each changing the street in its way."""
    comptes = {u.email: u for u in Utilisateur.objects.filter(email__endswith="@demo.invalid")}
    jeu = Jeu(
        jour, comptes[AGENT], comptes[RESPONSABLE], comptes[SIGNATAIRE], comptes[FINANCES],
        random.Random(GRAINE),  # noqa: S311 - invented data, always the same
    )  # fmt: skip
    entreprise = Tiers.objects.create(
        collectivite=INSEE, nature="morale", raison_sociale="Travaux fictifs de la rue"
    )
    for rang, (code, longueur, profondeur, depuis, jours, mesure) in enumerate(RECENTES):
        voie = voies[(rang * 4 + 1) % len(voies)]
        type_ = TypeOccupation.objects.get(code=code)
        ligne = "polygone" not in type_.genres
        debut = jour + timedelta(days=depuis)
        depot = min(jour, debut) - timedelta(days=25)
        emprise = NouvelleEmprise(
            type_,
            _lieu(voie, 0.45, longueur, 0 if ligne else profondeur, 1 if rang % 2 else -1),
            debut,
            debut + timedelta(days=jours - 1),
            unite=next(m[3] for m in MODELES if m[0] == code),
            largeur=Decimal(str(profondeur)) if ligne else None,
            largeur_libre=Decimal("1.10") if code == "ECHAF" else None,
            operateur="Réseaux fictifs" if code == "RESEAU" else "",
            confirmee=True,
            reparer=True,
        )
        d = deposer(
            NouveauDossier(
                INSEE, depot, entreprise, "entreprise", [emprise], voie=voie,
                objet=type_.libelle.capitalize(), faits={"modifie_circulation": bool(mesure)},
            ),
            par=jeu.agent, aujourdhui=jour,
        )  # fmt: skip
        vie = _Vie(jeu, d, depot)
        vie.faire("instruire", jeu.agent, 3, {})
        if not vie.faire("preparer_acte", jeu.agent, 6, {}):
            vie.lever()
            vie.faire("preparer_acte", jeu.agent, 6, {})
        vie.faire("signer", jeu.elu, 9, {})
        if mesure:
            MesureCirculation.objects.create(
                dossier=d, type=mesure, debut=debut, fin=emprise.fin or debut, voie=voie
            )


def _mesures() -> int:
    """What the occupations change in the street, over all their days."""
    faites: list[MesureCirculation] = []
    for d in DossierODP.objects.filter(insee=INSEE, debut__isnull=False).prefetch_related("emprises__type"):
        codes = {e.type.code for e in d.emprises.all()}
        faites.extend(
            MesureCirculation(dossier=d, type=MESURES[c], debut=d.debut, fin=d.fin or d.debut, voie=d.voie)
            for c in sorted(codes & set(MESURES))
        )
        if "ECHAF" in codes and d.pk % 2:
            d.emprises.update(largeur_libre=Decimal("1.20"))
    MesureCirculation.objects.bulk_create(faites)
    return len(faites)


def _revetements(voies: list[Voie], jour: date) -> None:
    for rang, voie in enumerate(voies[:6]):
        assert voie.axe is not None  # noqa: S101
        sol = shapely.buffer(shapely.from_wkb(bytes(voie.axe.wkb)), 3, cap_style="flat")
        RevetementVoie.objects.create(
            insee=INSEE, voie=voie, geom=multipolygone(sol),
            pose_le=jour - timedelta(days=200 + 400 * rang), nature="enrobé", source="service de la voirie",
        )  # fmt: skip


def _objets(voies: list[Voie], jour: date) -> None:
    """Hydrants, a bus line, roads of the department and who polices them: after the occupations."""
    axes = [shapely.from_wkb(bytes(v.axe.wkb)) for v in voies if v.axe is not None]
    for rang, axe in enumerate(axes[:8], start=1):
        point = axe.interpolate(0.3, normalized=True)
        PointEau.objects.create(
            insee=INSEE, numero=f"{rang:03d}", nature="poteau" if rang % 3 else "bouche",
            geom=Point(point.x, point.y, srid=SRID), source="essai",
        )  # fmt: skip
    traces = [p for axe in axes[:3] for p in shapely.get_parts(axe)]
    LigneBus.objects.create(
        insee=INSEE, code="1", libelle="Gare – Mairie", source="essai",
        geom=MultiLineString([LineString(list(t.coords)) for t in traces], srid=SRID),
    )  # fmt: skip
    for rang, (voie, axe) in enumerate(zip(voies[6:8], axes[6:8], strict=True)):
        GestionVoirie.objects.create(
            insee=INSEE, reference=f"RD {12 + rang} ({voie.nom})"[:60], domaine="route_departementale",
            en_agglomeration=not rang, grande_circulation=bool(rang), source="essai",
            geom=multipolygone(shapely.buffer(axe, 4, cap_style="flat")),
        )  # fmt: skip
    TransfertPolice.objects.create(
        insee=INSEE, epci="Communauté fictive du Val", circulation=False, taxis=True,
        acte="arrêté n° 1", du=jour.replace(month=1, day=1),
    )  # fmt: skip


def _travaux(voies: list[Voie], jour: date, agent: Utilisateur) -> int:
    """A programme of the year, requests answered or not, urgencies; pairs that meet."""
    exploitants = [
        Tiers.objects.create(collectivite=INSEE, nature="morale", raison_sociale=nom) for nom in EXPLOITANTS
    ]
    for rang in range(TRAVAUX):
        regime = REGIMES[rang % len(REGIMES)]
        # Every seventh comes where the one before stands.
        lieu = rang - 1 if rang % 7 == 6 else rang
        voie = voies[(lieu * 3) % len(voies)]
        debut = jour + timedelta(days=7 * ((lieu * 5) % 40) - 60)
        recue = min(jour, debut) - timedelta(days=75 if rang % 2 else 20)
        intervention = None
        if regime == "demande":
            debut = max(debut, jour - timedelta(days=20))
        elif regime == "urgence":
            debut = recue = jour - timedelta(days=rang)
            intervention = datetime.combine(debut, time(8, 30))
        t = enregistrer(
            Nouveaux(
                insee=INSEE,
                regime=regime,
                maitre_ouvrage=exploitants[rang % len(exploitants)],
                nature=NATURES[rang % len(NATURES)],
                geom=_lieu(voie, 0.15 * (lieu % 6), 40 + 4 * (lieu % 5), 0, 1),
                debut=debut,
                fin=debut + timedelta(days=10 + 3 * (rang % 4)),
                voie=voie,
                annee=debut.year if regime == "programme" else None,
                recue_le=recue,
                intervention_le=intervention,
            ),
            par=agent,
            aujourdhui=jour,
        )
        if regime == "programme" and rang % 4 != 3:
            agir(t, "inscrire", par=agent, aujourdhui=jour)
        elif regime == "demande" and rang % 3 == 0 and t.etat == "deposee":
            agir(t, "accorder", par=agent, aujourdhui=jour)
        elif regime == "urgence" and rang % 2:
            donnees = {"motif": "Fuite sur la conduite."}
            agir(t, "motiver_urgence", par=agent, aujourdhui=jour, donnees=donnees)
    a_repondre = ("programmee", "deposee")
    DemandeTravaux.objects.filter(insee=INSEE).exclude(etat__in=a_repondre).update(publiee=True)
    return TRAVAUX


def _constats(jour: date, agent: Utilisateur) -> int:
    """Two controls of titles, and two occupations without any."""
    titres = DossierODP.objects.filter(insee=INSEE, etat__in=("actif", "a_controler")).order_by("pk")
    faits = 0
    for rang, d in enumerate(titres[: len(VUS)]):
        e = d.emprises.select_related("type").first()
        if e is None:
            continue
        sans_titre = rang >= 2
        dresser(
            NouveauConstat(
                insee=INSEE,
                vu_le=timezone.make_aware(datetime.combine(jour - timedelta(days=rang + 1), time(10, 15))),
                conclusion="sans_titre" if sans_titre else ("non_conforme" if rang else "conforme"),
                client_uuid=uuid5(NAMESPACE_URL, f"constat {d.pk}"),
                position=e.surface.point_on_surface,
                precision_m=Decimal("6.0"),
                type=e.type,
                dossier=None if sans_titre else d,
                texte=VUS[rang],
                lieu=d.lieu,
                jours_estimes=3 if sans_titre else None,
                dessin=e.surface[0] if sans_titre and rang % 2 == 0 else None,
                longueur_m=Decimal(5) if sans_titre and rang % 2 else None,
                largeur_m=Decimal(2) if sans_titre and rang % 2 else None,
            ),
            par=agent,
        )
        faits += 1
    return faits
