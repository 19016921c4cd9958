"""Conflicts of a file: candidates by the spatial index, judged by the engine, kept with their waivers."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import shapely
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from domainepublic import voirie
from domainepublic.models import Compatibilite, Conflit, DossierODP, Emprise
from domainepublic.models.conflits import MOTIF_MIN
from domainepublic.models.emprises import SRID
from domainepublic.regles.conflits import detecter_conflits
from domainepublic.regles.decalage import DECALAGE_MAX_JOURS, premier_decalage
from domainepublic.regles.tables.etats import IGNORE, POIDS_DES_ETATS
from domainepublic.regles.tables.types import compatibilites_par_defaut
from mairie import journal
from mairie.habilitations import peut
from mairie.models import Utilisateur
from mairie.references import Bilan
from mairie.workflow import Refus
from mairie.workflow.journal import lignes, vivantes

SIGNE_APRES_LEVEE = "domainepublic.signe_apres_levee"
# At least those of any month: the engine counts months exactly.
JOURS_PAR_MOIS = 32
ETATS_COMPARES = tuple(e for e, poids in POIDS_DES_ETATS.items() if poids != IGNORE)


def charger_compatibilites() -> Bilan:
    """Pairs of the seed that are missing; what an administrator changed stays."""
    connues = set(Compatibilite.objects.values_list("a", "b"))
    nouvelles = [
        Compatibilite(a=a, b=b, niveau=niveau)
        for (a, b), niveau in compatibilites_par_defaut().items()
        if (a, b) not in connues
    ]
    Compatibilite.objects.bulk_create(nouvelles)
    return Bilan(creees=len(nouvelles), inchangees=len(connues))


def candidates(emprise: Emprise, dossier: DossierODP, de_plus: timedelta = timedelta()) -> Any:
    """Emprises of other files near enough in space and time to matter: one index search.

    ``de_plus``: days looked at after its last one.
    """
    dernier = _apres(emprise.fin + de_plus if emprise.fin else None)
    proches = Q(surface__intersects=emprise.surface, periode__overlap=(emprise.debut, dernier))
    if emprise.type.code == "RESEAU":
        # Trenches look around, as far as the settings say; everything else, at its own ground and days.
        chiffres = voirie.chiffres()
        delai = timedelta(days=JOURS_PAR_MOIS * int(chiffres["delai_tranchees_mois"]))
        debut = emprise.debut - delai
        fin = emprise.fin + delai if emprise.fin else None
        proches |= Q(
            type__code="RESEAU",
            surface__dwithin=(emprise.surface, float(chiffres["distance_tranchees_m"])),
            periode__overlap=(debut, _apres(fin)),
        )
    trouvees = Emprise.objects.filter(
        proches, dossier__insee=dossier.insee, dossier__etat__in=ETATS_COMPARES
    ).exclude(dossier=dossier.pk)
    # Who takes over a title stands where it stands.
    if dossier.transmission:
        trouvees = trouvees.exclude(dossier=dossier.dossier_origine_id)
    if dossier.pk:
        trouvees = trouvees.exclude(~Q(dossier__transmission=""), dossier__dossier_origine=dossier.pk)
    return trouvees.select_related("dossier", "dossier__voie", "type")


def _apres(fin: date | None) -> date | None:
    """Ranges exclude their end; slots past midnight spill into the day after."""
    return fin + timedelta(days=2) if fin else None


def en_moteur(e: Emprise, etat: str) -> dict[str, Any]:
    """An emprise as the engine reads it: its ground already made, so that both have the very same."""
    return {
        "id": e.code,
        "geometrie": json.loads(
            shapely.to_geojson(shapely.from_wkb(bytes(e.surface.wkb))), parse_float=Decimal
        ),
        "type": e.type.code,
        "etat": etat,
        "debut": e.debut.isoformat(),
        "fin": e.fin.isoformat() if e.fin else None,
        "creneaux": e.creneaux,
        "dossier": str(e.dossier_id),
        "operateur": e.operateur or None,
        "voie": e.dossier.voie.nom if e.dossier.voie else None,
        "affecte_sol": e.type.affecte_sol,
        "largeur_libre": str(e.largeur_libre) if e.largeur_libre is not None else None,
        "sans_obstacle_lateral": e.sans_obstacle_lateral,
    }


def revetements_sous(emprises: list[Emprise]) -> list[dict[str, Any]]:
    """Surfaces under the emprises that open the ground, as the engine reads them."""
    from domainepublic.models import RevetementVoie

    ouvertes = [e for e in emprises if e.type.affecte_sol]
    trouves = {
        r.pk: r
        for e in ouvertes
        for r in RevetementVoie.objects.filter(insee=e.dossier.insee, geom__intersects=e.surface)
    }
    return [
        {
            "id": f"R{r.pk}",
            "geometrie": json.loads(
                shapely.to_geojson(shapely.from_wkb(bytes(r.geom.wkb))), parse_float=Decimal
            ),
            "pose_le": r.pose_le.isoformat(),
        }
        for r in trouves.values()
    ]


def chercher(dossier: DossierODP) -> list[dict[str, Any]]:
    """Every conflict of a file today, as the engine gives them; nothing is written."""
    lot = dossier.lot
    siennes = (
        lot.emprises(dossier)
        if lot
        else list(dossier.emprises.select_related("type", "dossier", "dossier__voie"))
    )
    if (demandee := _fin_demandee(dossier)) is not None:
        # The days asked count before they are granted.
        for emprise in siennes:
            emprise.fin = demandee if emprise.fin == dossier.fin else emprise.fin
    autres: dict[int, Emprise] = {}
    for emprise in siennes:
        proches = lot.voisines(emprise) if lot else candidates(emprise, dossier)
        autres.update({a.pk: a for a in proches})
    if not siennes:
        return []
    rue = lot.rue(siennes) if lot else voirie.reperes(siennes)
    cas = {
        "emprises": [
            *(en_moteur(e, "en_instruction") for e in siennes),
            *(en_moteur(a, a.dossier.etat) for a in autres.values()),
        ],
        "compatibilites": lot.compatibilites
        if lot
        else list(Compatibilite.objects.values("a", "b", "niveau")),
        "revetements": revetements_sous(siennes),
        "examine": str(dossier.pk),
        **rue,
        "parametres": {"srid": SRID, **rue["parametres"]},
    }
    codes = {e.code for e in siennes}
    # The others among themselves are their own files' business.
    return [c for c in detecter_conflits(cas)["conflits"] if c["a"] in codes or c["b"] in codes]


def premiere_periode_libre(dossier: DossierODP) -> tuple[int, date, date] | None:
    """(days to move by, first day, last day) of the first free period of the same length, from today on.

    Null where the file has no end, or where a year does not offer any.
    """
    siennes = list(dossier.emprises.select_related("type", "dossier", "dossier__voie"))
    if not siennes or any(e.fin is None for e in siennes) or dossier.debut is None or dossier.fin is None:
        return None
    horizon = timedelta(days=DECALAGE_MAX_JOURS)
    autres = {a.pk: a for e in siennes for a in candidates(e, dossier, horizon)}
    cas = {
        "emprises": [
            *(en_moteur(e, "en_instruction") for e in siennes),
            *(en_moteur(a, a.dossier.etat) for a in autres.values()),
        ],
        "compatibilites": list(Compatibilite.objects.values("a", "b", "niveau")),
        "examine": str(dossier.pk),
        "parametres": {"srid": SRID},
    }
    jours = premier_decalage(cas, (timezone.localdate() - dossier.debut).days)
    if jours is None:
        return None
    ecart = timedelta(days=jours)
    return jours, dossier.debut + ecart, dossier.fin + ecart


def _fin_demandee(dossier: DossierODP) -> date | None:
    """End asked by the prolongation that waits; null where none does."""
    if dossier.etat != "prolongation_demandee":
        return None
    demandes = [e for e in vivantes(lignes(dossier)) if e.type == "demander_prolongation"]
    return date.fromisoformat(demandes[-1].donnees["fin"]) if demandes else None


def recalculer(dossier: DossierODP) -> list[Conflit]:
    """Compute and keep; a waiver stays where pair, reason and days are unchanged, else it falls."""
    with transaction.atomic():
        # Files of a batch are new, and known to this transaction only.
        if dossier.lot is None:
            DossierODP.objects.select_for_update(of=("self",)).get(pk=dossier.pk)
        gardes, perimes = _juger(dossier)
        for conflit in gardes:
            conflit.save()
        Conflit.objects.filter(pk__in=[c.pk for c in perimes]).delete()
    return gardes


def bloquants_du_jour(dossier: DossierODP) -> list[Conflit]:
    """What would stop the act now, for a page that is only read: nothing is written."""
    return [c for c in _juger(dossier)[0] if c.bloque]


def _juger(dossier: DossierODP) -> tuple[list[Conflit], list[Conflit]]:
    """Conflicts of today, each with the waiver it keeps; and those kept before that are no more."""
    anciens: dict[Any, Conflit] = {}
    if dossier.lot is None:
        anciens = {(c.emprise_id, c.autre_id, c.objet, c.motif): c for c in dossier.conflits.all()}
    codes = {e.code: e.pk for e in dossier.ses_emprises()}
    gardes = []
    for trouve in chercher(dossier):
        a, b = trouve["a"], trouve["b"]
        if a not in codes:
            a, b = b, a
        autre_id = int(b[1:]) if b and b.startswith("E") else None
        objet = b if b and autre_id is None else ""
        nouveau = Conflit(
            dossier=dossier,
            emprise_id=codes[a],
            autre_id=autre_id,
            objet=objet,
            niveau=trouve["niveau"],
            motif=trouve["motif"],
            libelle=_libelle(trouve["libelle"], dossier)[:300],
            aire=_decimal(trouve["surface"]),
            distance=_decimal(trouve["distance"]),
            jours=[date.fromisoformat(j) for j in trouve["dates"]],
            nb_jours=trouve["nb_jours"],
        )
        ancien = anciens.pop((nouveau.emprise_id, autre_id, objet, nouveau.motif), None)
        if ancien is not None:
            nouveau.pk = ancien.pk
            nouveau._state.adding = False
            if (ancien.jours, ancien.nb_jours) == (nouveau.jours, nouveau.nb_jours):
                nouveau.leve_par_id, nouveau.leve_le = ancien.leve_par_id, ancien.leve_le
                nouveau.motif_levee, nouveau.vise = ancien.motif_levee, ancien.vise
        gardes.append(nouveau)
    return gardes, list(anciens.values())


def _decimal(texte: str | None) -> Decimal | None:
    return None if texte is None else Decimal(texte)


def _libelle(texte: str, dossier: DossierODP) -> str:
    """The engine's sentence with the names people know."""
    import re

    connues = {
        e.code: f"l'emprise {e.rang}" if e.dossier_id == dossier.pk else f"{e.dossier} ({e.type.libelle})"
        for e in Emprise.objects.filter(
            pk__in=[int(n) for n in re.findall(r"\bE(\d+)\b", texte)]
        ).select_related("dossier", "type")
    }
    ecrit = re.sub(r"\bE\d+\b", lambda m: connues.get(m[0], m[0]), texte)
    return ecrit[:1].upper() + ecrit[1:]


def lever(conflit: Conflit, motif: str, par: Utilisateur, *, vise: bool = False) -> Conflit:
    """Waive, with a reason of 15 characters at least; kept on the log of the file.

    ``vise``: the act names the waiver among what was seen, with its reason.
    """
    motif = motif.strip()
    if len(motif) < MOTIF_MIN:
        raise Refus(f"Dites pourquoi ce conflit est levé, en {MOTIF_MIN} caractères au moins.")
    if not peut(par, "domainepublic.lever_conflit", conflit.dossier.insee):
        raise Refus("Lever un conflit est réservé au responsable et au signataire.")
    from domainepublic.services import agir

    with transaction.atomic():
        # The file first, as whoever computes again: the other order would lock the two out.
        DossierODP.objects.select_for_update(of=("self",)).get(pk=conflit.dossier_id)
        verrou = Conflit.objects.select_for_update(of=("self",)).get(pk=conflit.pk)
        if verrou.leve_le is not None:
            raise Refus("Ce conflit est déjà levé.")
        verrou.leve_par, verrou.leve_le, verrou.motif_levee = par, timezone.now(), motif
        verrou.vise = vise
        verrou.save(update_fields=["leve_par", "leve_le", "motif_levee", "vise"])
        dossier = DossierODP.objects.get(pk=verrou.dossier_id)
        donnees = {"conflit": verrou.libelle, "motif": motif}
        agir(dossier, "lever_conflit", par=par, version=dossier.version, donnees=donnees)
    return verrou


def leves_par(dossier: DossierODP, personne_id: int | None) -> int:
    """How many waivers in force on the file are of this person: who signs should be another (spec §11)."""
    if personne_id is None:
        return 0
    return dossier.conflits.filter(leve_par=personne_id).count()


def noter_second_regard(dossier: DossierODP, par: Utilisateur | None) -> None:
    """Signed by who had waived a conflict: nothing stops it, the log says so."""
    if par is not None and (leves := leves_par(dossier, par.pk)):
        journal.noter(par, SIGNE_APRES_LEVEE, dossier, insee=dossier.insee, donnees={"conflits": leves})


def declarer() -> None:
    """The log knows this act, from ``AppConfig.ready``."""
    journal.declarer(journal.Action(SIGNE_APRES_LEVEE, "Acte signé par qui avait levé un conflit"))


def bloquants(dossier: DossierODP) -> list[Conflit]:
    """What stops the signature, computed now."""
    return [c for c in recalculer(dossier) if c.bloque]


def refus_conflits(dossier: DossierODP) -> str | None:
    """Why the act cannot be proposed or signed; null when every blocking conflict is waived."""
    restent = bloquants(dossier)
    if not restent:
        return None
    constats = " ".join(c.libelle for c in restent)
    return f"Conflit bloquant : {constats} Levez-le avec un motif, ou changez l'emprise."
