"""Bills: lines frozen at the signature, supplements, credit notes, rolls and their export (spec §8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Sum
from django.utils import timezone

from domainepublic import export_roles, tarifs
from domainepublic.models import DossierODP, Emprise, LigneFacturable, Paiement, Role, Titre
from domainepublic.parametres import au_jour
from domainepublic.regles.etapes import en_recouvrement
from domainepublic.regles.tables.redevance import SEUIL_RECOUVREMENT
from domainepublic.tarifs import Prevision
from mairie import evenements, finances
from mairie.calendrier import jma
from mairie.models import Utilisateur
from mairie.montants import arrondi, texte_francais
from mairie.numerotation import Genre, declarer, prochain
from mairie.workflow import Refus

ROLE = declarer(
    Genre("domainepublic.role", "Rôle des redevances", lambda s, n: f"ROLE-{s.annee}-{n:02d}", maximum=99)
)
PAYEE = (LigneFacturable.Etat.EN_ROLE, LigneFacturable.Etat.TITREE, LigneFacturable.Etat.SOLDEE)
SUSPENSION = "suspension"
# Reason of a credit note made by hand: whatever is computed later, what it gave back stays given back.
ERREUR = "erreur"
# Reason of a line of days taken after the end of a title, apart from those of the title.
DEPASSEMENT = "depassement"
LIBRES = (LigneFacturable.Etat.FIGEE, LigneFacturable.Etat.SOUS_SEUIL)
octets_csv = export_roles.octets_csv


def refus_prix(dossier: DossierODP) -> str | None:
    """Why the price of a file cannot be computed; null when it can, or when nothing is billed."""
    for p in tarifs.previsions(dossier):
        if p.erreur:
            return f"Redevance de l'emprise {p.emprise.rang} : {p.erreur}"
        if dossier.en_une_fois and tarifs.par_annee(dossier, p.emprise):
            return (
                "La redevance ne se demande en une fois que pour un titre de cinq ans au plus"
                " (CG3P L2125-4) : choisissez chaque année, par « Corriger la voie ou l'acte »."
            )
    return None


def _etat(montant: Decimal, seuil: Decimal) -> str:
    return LigneFacturable.Etat.FIGEE if en_recouvrement(montant, seuil) else LigneFacturable.Etat.SOUS_SEUIL


def _seuil(entree: dict[str, Any]) -> Decimal:
    return Decimal(str(entree["grille"]["regles"].get("seuil_recouvrement", SEUIL_RECOUVREMENT)))


def ecrire_ligne(p: Prevision, **champs: Any) -> LigneFacturable:
    """Freeze a price; ``Refus`` when its days are billed already."""
    assert p.resultat is not None  # noqa: S101
    montant = champs.pop("montant", Decimal(p.resultat["montant_du"]))
    debut = champs.pop("debut", p.debut)
    libelle = f"{p.emprise.type.libelle.capitalize()}, {p.emprise.dossier.lieu or p.emprise.dossier}"
    try:
        with transaction.atomic():
            return LigneFacturable.objects.create(
                dossier=p.emprise.dossier,
                emprise=p.emprise,
                exercice=debut.year,
                debut=debut,
                fin=champs.pop("fin", p.fin),
                libelle=libelle[:200],
                entree=p.entree,
                resultat=p.resultat,
                montant=montant,
                montant_theorique=Decimal(p.resultat["montant_theorique"]),
                etat=champs.pop("etat", _etat(montant, _seuil(p.entree))),
                **champs,
            )
    except IntegrityError as e:
        if "odp_ligne_une_fois" not in str(e):
            raise
        raise Refus(
            f"L'emprise {p.emprise.rang} est déjà facturée pour ces jours : rechargez la page."
        ) from e


def figer(
    dossier: DossierODP, depuis: date | None = None, prevues: Sequence[Prevision] | None = None
) -> list[LigneFacturable]:
    """Freeze the price of every emprise; ``Refus`` with what lacks in the grid, or when already frozen.

    ``depuis``: only of those not over before that day. ``prevues``: these prices in place of the usual ones.
    """
    with transaction.atomic():
        lignes = []
        for p in tarifs.previsions(dossier, depuis) if prevues is None else prevues:
            if p.resultat is None:
                raise Refus(f"Redevance de l'emprise {p.emprise.rang} : {p.erreur}")
            lignes.append(ecrire_ligne(p))
    return lignes


def figer_prevision(p: Prevision) -> LigneFacturable:
    """Freeze one price by itself (an occupation without title); ``Refus`` when it already is."""
    return ecrire_ligne(p)


def figer_depassement(dossier: DossierODP, fin_titre: date, jusqu_au: date) -> list[LigneFacturable]:
    """Days taken after the last day of a title, at the tariff with its majoration, once; no costs again.

    Only the ground that lasted until that day: what ended before it was free. Told in several times, the
    whole is priced from its first day and only the balance is asked. Where a tariff lacks, nothing: what was
    seen is told all the same. A file that never had a title is billed from its report.
    """
    if dossier.canal == DossierODP.Canal.TERRAIN or not tarifs.payant(dossier):
        return []
    lignes = []
    for emprise in dossier.emprises.exclude(type__code__in=("CIRC", "SANS")).select_related(
        "type", "dossier"
    ):
        if emprise.fin is None or emprise.fin < fin_titre or emprise.debut > fin_titre:
            continue
        siennes = emprise.lignes.exclude(nature=LigneFacturable.Nature.AVOIR)
        faites = [x for x in vivantes(siennes) if x.entree["occupation"].get("sans_titre")]
        premier = emprise.fin + timedelta(days=1)
        debut = max([premier, *(x.fin + timedelta(days=1) for x in faites)])
        if debut > jusqu_au:
            continue
        plus: dict[str, Any] = {"deja_facture": str(sum(x.montant for x in faites))} if faites else {}
        p = tarifs.simuler(
            dossier, emprise, premier, jusqu_au, premiere=False, suite=True, sans_titre=True, **plus
        )
        if p.resultat is None:
            continue
        if not faites:
            lignes.append(ecrire_ligne(p, motif=DEPASSEMENT))
        elif (solde := Decimal(p.resultat["solde"])) > 0:
            lignes.append(
                ecrire_ligne(
                    p, nature=LigneFacturable.Nature.SOLDE, montant=solde, debut=debut, motif=DEPASSEMENT
                )
            )
    return lignes


def completer(dossier: DossierODP, ancienne_fin: date) -> list[LigneFacturable]:
    """A prolonged title: only the balance between the whole and what was billed (spec §8).

    Those billed year by year are left to ``annees.rattraper``.
    """
    lignes = []
    for emprise in dossier.emprises.filter(fin__gt=ancienne_fin).select_related("type", "dossier"):
        if not emprise.lignes.exists() or emprise.fin is None or tarifs.par_annee(dossier, emprise):
            continue
        frais = frais_demandes(emprise.lignes.all())
        deja = str(deja_demande(emprise))
        # Days before the first tariff were never asked.
        creances = creances_de(emprise)
        depart = creances[0].debut if creances else emprise.debut
        p = tarifs.simuler(
            dossier, emprise, depart, emprise.fin, premiere=frais, deja_facture=deja,
            suite=depart > emprise.debut and not tarifs.a_franchise(creances[0].entree),
        )  # fmt: skip
        if p.resultat is None:
            raise Refus(f"Redevance de la prolongation : {p.erreur}")
        solde = Decimal(p.resultat["solde"])
        if solde > 0:
            lignes.append(
                ecrire_ligne(
                    p, nature=LigneFacturable.Nature.SOLDE, montant=solde,
                    debut=ancienne_fin + timedelta(days=1), fin=emprise.fin,
                )
            )  # fmt: skip
    return lignes


def compenser(lignes: Iterable[LigneFacturable]) -> None:
    """Days added in place of those of a suspension are not paid twice."""
    for ligne in lignes:
        avoir(ligne, ligne.montant, SUSPENSION, ligne.resultat)


def indemniser(
    dossier: DossierODP,
    du: date,
    au: date,
    emprises: Sequence[Emprise] | None = None,
    lignes: Sequence[LigneFacturable] | None = None,
) -> list[LigneFacturable]:
    """The days of a suspension, both included, given back in proportion of what was asked for them.

    ``emprises``, ``lignes``: those of them only.
    """
    avoirs = []
    redevances = du_titre(dossier.lignes).select_related("emprise")
    if emprises is not None:
        redevances = redevances.filter(emprise__in=emprises)
    if lignes is not None:
        redevances = redevances.filter(pk__in=[x.pk for x in lignes])
    for ligne in vivantes(redevances.order_by("debut", "pk")):
        debut, fin = max(du, ligne.debut), min(au, ligne.fin)
        suspendus, jours = (fin - debut).days + 1, (ligne.fin - ligne.debut).days + 1
        if suspendus <= 0:
            continue
        base = max(Decimal(0), ligne.montant - erreurs_rendues([ligne]) - _frais(ligne))
        rendu = min(arrondi(base * suspendus / jours), reste_de(ligne))
        if rendu > 0:
            avoirs.append(avoir(ligne, rendu, SUSPENSION, _detail_suspension(debut, fin, jours, base, rendu)))
    return avoirs


def _frais(ligne: LigneFacturable) -> Decimal:
    """Costs of the file within a line: they stay due."""
    if ligne.nature != LigneFacturable.Nature.REDEVANCE or not frais_demandes([ligne]):
        return Decimal(0)
    ajoutes = any(e["etape"] == "frais" for e in ligne.resultat["detail"])
    frais = Decimal(str(ligne.entree["grille"]["regles"]["frais_dossier"])) if ajoutes else Decimal(0)
    return min(frais, ligne.montant)


def _detail_suspension(du: date, au: date, jours: int, base: Decimal, rendu: Decimal) -> dict[str, Any]:
    suspendus = (au - du).days + 1
    phrase = (
        f"Suspension du {jma(du)} au {jma(au)} : {suspendus} jour{'s' if suspendus > 1 else ''} sur {jours}"
        f" d'une redevance de {texte_francais(base)} € hors frais"
    )
    return {
        "montant_du": str(-rendu),
        "detail": [
            {"etape": "suspension", "montant": str(-rendu), "libelle": phrase},
            {"etape": "total", "montant": str(-rendu), "libelle": "Total"},
        ],
    }


def du_titre(lignes: Any) -> Any:
    """Claims of a title: neither credit notes, nor the days taken after its end."""
    return lignes.exclude(nature=LigneFacturable.Nature.AVOIR).exclude(motif=DEPASSEMENT)


def vivantes(lignes: Iterable[LigneFacturable]) -> list[LigneFacturable]:
    """Those that were not cancelled; a claim given back whole for an error before any roll stays known, so
    that its days are not asked again.
    """
    return [x for x in lignes if x.etat != LigneFacturable.Etat.ANNULEE or _rendue_entiere(x)]


def _rendue_entiere(ligne: LigneFacturable) -> bool:
    """Whether a cancelled claim was so by its credit note: see ``corrections.emettre_avoir``."""
    creance = ligne.nature != LigneFacturable.Nature.AVOIR
    return creance and ligne.corrections.filter(motif=ERREUR).exists()


def creances_de(emprise: Emprise, premier_libre: date | None = None) -> list[LigneFacturable]:
    """Live claims of an emprise, the one that prices all its days last.

    ``premier_libre``: without the years billed before one was told that it had ended by then.
    """
    lignes = vivantes(du_titre(emprise.lignes).order_by("fin", "pk"))
    trop = {x.pk for x in _annees_de_trop(lignes, premier_libre)} if premier_libre else set()
    return _derniere_annee([x for x in lignes if x.pk not in trop])


def _annees_de_trop(lignes: list[LigneFacturable], premier_libre: date) -> list[LigneFacturable]:
    """Of a title billed year by year, the years after the first that begin once it is over."""
    annees = [x for x in lignes if x.nature == LigneFacturable.Nature.REDEVANCE]
    return [x for x in annees[1:] if x.debut >= premier_libre]


def _rendre_annees(emprise: Emprise, premier_libre: date, motif: str) -> list[LigneFacturable]:
    """Nothing of those years was ever due: each is given back whole, whatever the reason of the end."""
    lignes = vivantes(du_titre(emprise.lignes).order_by("fin", "pk"))
    trop = _annees_de_trop(lignes, premier_libre)
    return [avoir(x, reste, motif, x.resultat) for x in trop if (reste := reste_de(x)) > 0]


def _derniere_annee(lignes: list[LigneFacturable]) -> list[LigneFacturable]:
    """Of a title billed year by year, the claims of its last year: those before are used up."""
    departs = [x.debut for x in lignes if x.nature == LigneFacturable.Nature.REDEVANCE]
    return [x for x in lignes if x.debut >= max(departs)] if len(departs) > 1 else lignes


def deja_demande(emprise: Emprise, premier_libre: date | None = None) -> Decimal:
    """What was asked for the days of an emprise, before what days added may ask: the days of a suspension
    were paid with those added, and an error given back is not asked again. What is given back is counted
    less its ``erreurs_rendues``.
    """
    comptees = emprise.lignes.exclude(nature=LigneFacturable.Nature.AVOIR, motif__in=(SUSPENSION, ERREUR))
    lignes = vivantes(comptees)
    creances = {x.pk for x in creances_de(emprise, premier_libre)}
    return sum((x.montant for x in lignes if x.pk in creances or x.origine_id in creances), Decimal(0))


def erreurs_rendues(lignes: Iterable[LigneFacturable]) -> Decimal:
    """What credit notes for an error took off claims: it was neither due nor paid."""
    notes = (c for x in lignes for c in x.corrections.filter(motif=ERREUR))
    return -sum((c.montant for c in notes), Decimal(0))


def reste_de(ligne: LigneFacturable) -> Decimal:
    """What a line still claims once its credit notes are taken off."""
    if ligne.etat == LigneFacturable.Etat.ANNULEE:
        return Decimal(0)
    return ligne.montant + sum((c.montant for c in vivantes(ligne.corrections.all())), Decimal(0))


def frais_demandes(lignes: Iterable[LigneFacturable]) -> bool:
    """Whether the costs of the file were asked with one of them."""
    return any("frais_dossier" in x.entree["grille"]["regles"] for x in lignes)


def avoir(ligne: LigneFacturable, montant: Decimal, motif: str, resultat: dict[str, Any]) -> LigneFacturable:
    """A negative line that corrects one; ``Refus`` beyond what is left of it."""
    with transaction.atomic():
        ligne = LigneFacturable.objects.select_for_update(of=("self",)).get(pk=ligne.pk)
        reste = reste_de(ligne)
        if not 0 < montant <= reste:
            raise Refus(f"Un avoir va de 0,01 à {texte_francais(reste)} € sur cette ligne.")
        return LigneFacturable.objects.create(
            dossier=ligne.dossier, emprise=ligne.emprise, nature=LigneFacturable.Nature.AVOIR,
            exercice=timezone.localdate().year, debut=ligne.debut, fin=ligne.fin,
            libelle=f"Avoir sur {ligne.libelle}"[:200], entree=ligne.entree, resultat=resultat,
            montant=-montant, montant_theorique=-montant, etat=LigneFacturable.Etat.FIGEE, origine=ligne,
            motif=motif,
        )  # fmt: skip


def rembourser(dossier: DossierODP, premier_libre: date, motif: str) -> list[LigneFacturable]:
    """A withdrawal (CG3P L2125-6): the days not occupied are given back when the reason opens that right."""
    avoirs: list[LigneFacturable] = []
    for emprise in dossier.emprises.all():
        avoirs += _rendre_annees(emprise, premier_libre, "retrait")
        lignes = creances_de(emprise, premier_libre)
        if not lignes or premier_libre > lignes[-1].fin:
            continue
        paye = max(Decimal(0), deja_demande(emprise, premier_libre) - erreurs_rendues(lignes))
        retrait = {"date": premier_libre.isoformat(), "motif": motif, "montant_paye": str(paye)}
        p = _rejouer(lignes[-1], retrait=retrait)
        avoirs += _rendre(lignes, Decimal(p["remboursement"]["montant"]), "retrait", p)
    return avoirs


def _rejouer(ligne: LigneFacturable, **plus: Any) -> dict[str, Any]:
    """The frozen case of a whole occupation again, with more facts: prices of that day, never today's."""
    from domainepublic.regles.redevance import simuler_redevance

    occupation = {**ligne.entree["occupation"], **plus}
    return simuler_redevance({"grille": ligne.entree["grille"], "occupation": occupation})


def _rendre(
    lignes: list[LigneFacturable], montant: Decimal, motif: str, resultat: dict[str, Any]
) -> list[LigneFacturable]:
    """Credit notes of an amount over the claims of one emprise, the last claim first."""
    avoirs = []
    for ligne in reversed(lignes):
        part = min(montant, reste_de(ligne))
        if part > 0:
            avoirs.append(avoir(ligne, part, motif, resultat))
            montant -= part
    return avoirs


def arreter(dossier: DossierODP, premier_libre: date) -> list[LigneFacturable]:
    """An early end: the fee of all the days really occupied, the difference is given back."""
    avoirs: list[LigneFacturable] = []
    for emprise in dossier.emprises.all():
        avoirs += _rendre_annees(emprise, premier_libre, "fin_anticipee")
        lignes = creances_de(emprise, premier_libre)
        if not lignes:
            continue
        fin = max(lignes[0].debut, premier_libre - timedelta(days=1))
        if fin >= lignes[-1].fin:
            continue
        deja = deja_demande(emprise, premier_libre)
        p = _rejouer(lignes[-1], fin=fin.isoformat(), deja_facture=str(deja))
        rendu = -Decimal(p["solde"])
        if erreurs := erreurs_rendues(lignes):
            du = _du_sans_erreur(lignes, Decimal(p["montant_du"]), erreurs)
            rendu, p = deja - erreurs - du, _avec_erreur(p, du)
        avoirs += _rendre(lignes, rendu, "fin_anticipee", p)
    return avoirs


def _du_sans_erreur(lignes: list[LigneFacturable], du: Decimal, erreurs: Decimal) -> Decimal:
    """Price of the days occupied once errors are taken off: they concern all days alike, not the costs."""
    frais = min(sum((_frais(x) for x in lignes), Decimal(0)), du)
    brut = sum((x.montant - _frais(x) for x in lignes), Decimal(0))
    if brut <= 0:
        return du
    return frais + arrondi((du - frais) * max(Decimal(0), brut - erreurs) / brut)


def _avec_erreur(resultat: dict[str, Any], du: Decimal) -> dict[str, Any]:
    """The price replayed, with what the errors make of it."""
    etape = {
        "etape": "erreur",
        "montant": str(du),
        "libelle": "Erreurs déjà rendues, en proportion des jours",
    }
    return {**resultat, "montant_du": str(du), "detail": [*resultat["detail"], etape]}


def solder_avant_role(ligne: LigneFacturable) -> bool:
    """Cancel a claim not in a roll with the credit notes that take it off whole: nothing is to be sent."""
    notes = vivantes(ligne.corrections.all())
    if ligne.etat not in LIBRES or not notes or reste_de(ligne) or any(c.etat not in LIBRES for c in notes):
        return False
    cles = [ligne.pk, *(c.pk for c in notes)]
    LigneFacturable.objects.filter(pk__in=cles).update(etat=LigneFacturable.Etat.ANNULEE)
    return True


def annuler(dossier: DossierODP, motif: str) -> None:
    """A title that never began: free lines are cancelled, those in a roll are given back whole."""
    annulee = {"etat": LigneFacturable.Etat.ANNULEE}
    for ligne in vivantes(dossier.lignes.exclude(nature=LigneFacturable.Nature.AVOIR)):
        if ligne.etat in LIBRES:
            LigneFacturable.objects.filter(pk=ligne.pk).update(**annulee)
            ligne.corrections.filter(etat__in=LIBRES).update(**annulee)
        elif (reste := reste_de(ligne)) > 0:
            avoir(ligne, reste, motif, ligne.resultat)


# --- rolls --------------------------------------------------------------------------------------


def preparer_role(insee: str, par: Utilisateur, jour: date | None = None) -> Role:
    """Take every free line into a new roll, one claim a payer; small sums wait for the threshold.

    Lines are locked: two agents at once share nothing. ``Refus`` when nothing is to be claimed.
    """
    aujourdhui = jour or timezone.localdate()
    with transaction.atomic():
        lignes = list(
            LigneFacturable.objects.select_for_update(of=("self",))
            .filter(dossier__insee=insee, etat__in=LIBRES)
            .select_related("dossier__payeur", "dossier__demandeur")
            .order_by("dossier__numero", "debut", "pk")
        )
        par_payeur: dict[int, list[LigneFacturable]] = {}
        for ligne in lignes:
            payeur = ligne.dossier.qui_paie
            if payeur is not None and ligne.montant:
                par_payeur.setdefault(payeur.pk, []).append(ligne)
        retenus = {}
        for payeur_id, siennes in par_payeur.items():
            total = sum((x.montant for x in siennes), Decimal(0))
            if total < 0 or en_recouvrement(total, min(_seuil(x.entree) for x in siennes)):
                retenus[payeur_id] = (total, siennes)
        if not retenus:
            raise Refus("Rien à mettre en recouvrement : aucune ligne figée n'atteint le seuil.")
        role = Role.objects.create(
            insee=insee,
            numero=prochain(ROLE, insee, jour=aujourdhui).texte,
            annee=aujourdhui.year,
            cree_par=par,
            echeance=aujourdhui + timedelta(days=au_jour("echeance_jours", aujourdhui)),
        )
        for rang, (payeur_id, (total, siennes)) in enumerate(retenus.items(), start=1):
            titre = Titre.objects.create(
                role=role, payeur_id=payeur_id, reference=f"{role.numero}-{rang:04d}", montant=total
            )
            LigneFacturable.objects.filter(pk__in=[x.pk for x in siennes]).update(
                etat=LigneFacturable.Etat.EN_ROLE, titre=titre
            )
    return role


def _verrouiller(role: Role, attendu: str) -> Role:
    verrou: Role = Role.objects.select_for_update(of=("self",)).get(pk=role.pk)
    if verrou.etat != attendu:
        raise Refus(f"Ce rôle est déjà {verrou.get_etat_display()}.")
    return verrou


def rejets(role: Role) -> list[str]:
    """What finance would refuse: said before validation."""
    fautes: list[str] = []
    for titre in role.titres.select_related("payeur").prefetch_related("lignes"):
        fautes += finances.rejets(titre.reference, titre.payeur)
        if not titre.montant:
            fautes.append(f"{titre.reference} : le titre est à 0 €.")
        nulles = [x.libelle for x in titre.lignes.all() if not x.montant]
        fautes += [f"{titre.reference} : la ligne « {x} » est à 0 €." for x in nulles]
    return fautes


def valider(role: Role, jour: date | None = None) -> Role:
    """Totals seen and accepted."""
    with transaction.atomic():
        verrou = _verrouiller(role, Role.Etat.EN_PREPARATION)
        verrou.etat, verrou.valide_le = Role.Etat.VALIDE, jour or timezone.localdate()
        verrou.save()
    return verrou


def abandonner(role: Role) -> None:
    """A roll not yet validated gives its lines back."""
    with transaction.atomic():
        verrou = _verrouiller(role, Role.Etat.EN_PREPARATION)
        rendues = list(LigneFacturable.objects.filter(titre__role=verrou))
        for ligne in rendues:
            etat = (
                LigneFacturable.Etat.FIGEE
                if ligne.montant < 0
                else _etat(ligne.montant, _seuil(ligne.entree))
            )
            LigneFacturable.objects.filter(pk=ligne.pk).update(etat=etat, titre=None)
        for ligne in LigneFacturable.objects.filter(pk__in=[x.pk for x in rendues]):
            if ligne.corrections.filter(motif=ERREUR).exists():
                solder_avant_role(ligne)
        verrou.titres.all().delete()
        verrou.delete()


def exporter(role: Role, jour: date | None = None) -> Role:
    """Write the files once; from then on they are served as they are."""
    with transaction.atomic():
        verrou = _verrouiller(role, Role.Etat.VALIDE)
        verrou.export_csv, verrou.export_json = export_roles.en_csv(verrou), export_roles.en_json(verrou)
        verrou.empreinte = finances.empreinte(verrou.export_csv)
        verrou.etat, verrou.exporte_le = Role.Etat.EXPORTE, jour or timezone.localdate()
        verrou.save()
        LigneFacturable.objects.filter(titre__role=verrou).update(etat=LigneFacturable.Etat.TITREE)
        _annoncer(verrou)
    return verrou


def _annoncer(role: Role) -> None:
    """Each claim of the roll, for the dashboards of the house: figures and numbers, never who pays."""
    charges = [
        {
            "reference": titre.reference,
            "role": role.numero,
            "insee": role.insee,
            "exercice": role.annee,
            "montant": str(titre.montant),
            "dossiers": sorted({x.dossier.numero or "" for x in titre.lignes.all()}),
        }
        for titre in role.titres.prefetch_related("lignes__dossier").order_by("reference")
    ]
    evenements.emettre_en_masse("domainepublic.titre_emis", charges, insee=role.insee)


def encaisser(
    titre: Titre,
    montant: Decimal,
    le: date,
    *,
    par: Utilisateur | None = None,
    numero_titre: str = "",
    importe: bool = False,
) -> Titre:
    """A payment told by the accountant; the lines are settled when it reaches the amount.

    ``importe``: read in the file of the finance software, with its ``numero_titre``.
    """
    with transaction.atomic():
        verrou = Titre.objects.select_for_update(of=("self",)).select_related("role").get(pk=titre.pk)
        if verrou.role.etat != Role.Etat.EXPORTE:
            raise Refus("Un paiement s'enregistre sur un rôle exporté.")
        if montant <= 0:
            raise Refus("Le montant payé est supérieur à 0.")
        if montant != montant.quantize(Decimal("0.01")):
            raise Refus("Le montant payé se compte en centimes entiers.")
        if montant > (reste := verrou.montant - verrou.paye):
            # The same click twice, or a sum typed wrong: a claim is not paid beyond its amount.
            raise Refus(f"Il reste {texte_francais(reste)} € à payer sur ce titre.")
        verrou.paye, verrou.paye_le = verrou.paye + montant, max(le, verrou.paye_le or le)
        verrou.save()
        Paiement.objects.create(
            titre=verrou, montant=montant, le=le, numero_titre=numero_titre, importe=importe, saisi_par=par
        )
        if verrou.solde:
            verrou.lignes.update(etat=LigneFacturable.Etat.SOLDEE)
    return verrou


def impayes_de(personne: Any, utilisateur: Any) -> Decimal:
    """The same of one payer, over the communes where this agent bills."""
    dus = Titre.objects.visibles_par(utilisateur).filter(
        payeur=personne, role__etat=Role.Etat.EXPORTE, paye__lt=F("montant")
    )
    return dus.aggregate(s=Sum(F("montant") - F("paye")))["s"] or Decimal(0)


def impayes(insee: str) -> Decimal:
    """Sum of the exported claims not paid yet."""
    dus = Titre.objects.filter(role__insee=insee, role__etat=Role.Etat.EXPORTE, paye__lt=F("montant"))
    return dus.aggregate(s=Sum(F("montant") - F("paye")))["s"] or Decimal(0)
