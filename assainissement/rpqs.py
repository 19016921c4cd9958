"""The annex of the yearly report: each figure with the rows behind it; what is published stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Max

from assainissement.circuits.etats import CONCLUS
from assainissement.models import AnnexeRPQS, Controle, IndicateurAnnuel, Installation
from assainissement.mots import CONCLUSIONS
from assainissement.regles import sispea
from assainissement.regles.tables import anc, natures
from assainissement.regles.tables import indicateurs as table
from assainissement.regles.tables import sispea as table_sispea
from assainissement.regles.tables.echeances import VISITE_FAITE
from mairie.lecture_json import ErreurSaisie
from mairie.models import Evenement, Utilisateur
from mairie.workflow import Refus


@dataclass(frozen=True)
class Ligne:
    """A row behind a figure: the installation's last control, and whether it counts as conforming."""

    installation: str
    adresse_installation: str
    controle: str
    adresse_controle: str
    date: str
    nature: str
    conclusion: str
    compte: bool


@dataclass(frozen=True)
class Chiffre:
    """A figure of the annex. ``numerateur``/``denominateur``: as written on the page; empty without."""

    code: str
    libelle: str
    unite: str
    service: str
    origine: str
    valeur: str = ""
    numerateur: str = ""
    denominateur: str = ""
    commentaire: str = ""
    manque: str = ""
    lignes: tuple[Ligne, ...] = field(default=(), repr=False)

    @property
    def ecrite(self) -> str:
        """The value as shown: thousands apart."""
        entier, virgule, reste = self.valeur.partition(",")
        return (
            f"{int(entier):,}".replace(",", "\u202f") + virgule + reste if entier.isdecimal() else self.valeur
        )


def desactivees(insee: str, annee: int) -> dict[str, date]:
    """Installations closed on 31 December, by number, as their log says: one reopened before counts again."""
    fin = date(annee, 12, 31)
    type_ = ContentType.objects.get_for_model(Installation)
    numeros = dict(Installation.objects.filter(insee=insee).values_list("pk", "numero"))
    faits = (
        Evenement.objects.filter(
            dossier_type=type_, dossier_id__in=list(numeros), type__in=("desactiver", "reactiver"),
            annule_par__isnull=True, date_effet__lte=fin,
        )
        .order_by("date_effet", "id")
        .values_list("dossier_id", "type", "date_effet")
    )  # fmt: skip
    fermees: dict[str, date] = {}
    for pk, genre, le in faits:
        if genre == "desactiver":
            fermees[numeros[pk]] = le
        else:
            fermees.pop(numeros[pk], None)
    return fermees


def compter(c: Controle) -> sispea.ControleCompte:
    """A stored control as the national rules read it (spec §6.5)."""
    assert c.date_visite is not None  # noqa: S101 - filtered
    genre = table_sispea.EXISTANT
    if c.nature.startswith("conception"):
        genre = table_sispea.CONCEPTION
    elif c.nature.startswith("execution"):
        genre = table_sispea.NEUF
    neuf = genre == table_sispea.NEUF
    return sispea.ControleCompte(
        installation=c.installation.numero or "",
        date=c.date_visite,
        type=genre,
        conforme=c.conclusion == natures.CONFORME if neuf else None,
        regle=c.regle if genre == table_sispea.EXISTANT else None,
        issue=VISITE_FAITE,
    )


def retenus(insee: str, annee: int) -> list[tuple[sispea.ControleCompte, Controle]]:
    """The last control of each installation in service at the end of the year, in the order of numbers."""
    controles = (
        Controle.objects.filter(
            insee=insee, etat__in=CONCLUS, date_visite__isnull=False, date_visite__lte=date(annee, 12, 31)
        )
        .select_related("installation")
        .order_by("date_visite", "pk")
    )
    paires = [(compter(c), c) for c in controles if c.regle or not c.existant]
    par_identite = {id(compte): c for compte, c in paires}
    gardes = sispea.derniers_controles([compte for compte, _ in paires], desactivees(insee, annee), annee)
    return sorted(((g, par_identite[id(g)]) for g in gardes), key=lambda x: x[0].installation)


def _lignes(gardes: list[tuple[sispea.ControleCompte, Controle]], regles: Any) -> tuple[Ligne, ...]:
    return tuple(
        Ligne(
            installation=compte.installation,
            adresse_installation=c.installation.get_absolute_url(),
            controle=str(c),
            adresse_controle=c.get_absolute_url(),
            date=compte.date.isoformat(),
            nature=c.get_nature_display(),
            conclusion=f"{c.regle} : {CONCLUSIONS[c.regle]}" if c.regle else c.conclusion.replace("_", " "),
            compte=bool(compte.conforme if compte.type == table_sispea.NEUF else compte.regle in regles),
        )
        for compte, c in gardes
    )


def saisies(insee: str, annees: Any) -> dict[tuple[int, str], IndicateurAnnuel]:
    """What was typed, by year and code."""
    lignes = IndicateurAnnuel.objects.filter(insee=insee, annee__in=list(annees))
    return {(i.annee, i.code): i for i in lignes}


def ecrire(valeur: Decimal, decimales: int) -> str:
    """A figure as French people write it."""
    return f"{valeur:.{decimales}f}".replace(".", ",")


def chiffres(insee: str, annee: int) -> list[Chiffre]:
    """All figures of a year, as they are today."""
    gardes = retenus(insee, annee)
    dites = saisies(insee, range(annee - table_sispea.ANNEES_RENOUVELLEMENT + 1, annee + 1))
    sortie = []
    for i in table.INDICATEURS.values():
        base: dict[str, Any] = {
            "code": i.code, "libelle": i.libelle, "unite": i.unite, "service": i.service,
            "origine": i.origine,
        }  # fmt: skip
        if i.code in (table.P301, table.CONFORMITE):
            regles = anc.REGLES_P301 if i.code == table.P301 else anc.REGLES_CONFORMES
            taux = sispea.taux_de_conformite([g for g, _ in gardes], regles)
            sortie.append(
                Chiffre(
                    **base,
                    valeur="" if taux.valeur is None else ecrire(taux.valeur, 1),
                    numerateur=str(taux.numerateur),
                    denominateur=str(taux.denominateur),
                    manque="" if taux.denominateur else "Aucun contrôle n'est retenu.",
                    lignes=_lignes(gardes, regles),
                )
            )
        elif i.code == table.D302:
            sortie.append(Chiffre(**base, **_mise_en_oeuvre(dites, annee)))
        elif i.code == table.P253:
            sortie.append(Chiffre(**base, **_renouvellement(dites, annee)))
        else:
            dite = dites.get((annee, i.code))
            sortie.append(
                Chiffre(
                    **base,
                    valeur=ecrire(dite.valeur, i.decimales) if dite else "",
                    commentaire=dite.commentaire if dite else "",
                    manque="" if dite else "À saisir.",
                )
            )
    return sortie


def _mise_en_oeuvre(dites: Mapping[tuple[int, str], IndicateurAnnuel], annee: int) -> dict[str, Any]:
    reponses = {code: dites.get((annee, code)) for code in table.QUESTIONS}
    exigees = [c for c in table_sispea.POINTS_PARTIE_A if reponses[c] is None]
    if exigees:
        return {"manque": f"Répondez d'abord à : {', '.join(table.QUESTIONS[c].lower() for c in exigees)}."}
    calcule = sispea.mise_en_oeuvre({c: bool(r and r.valeur) for c, r in reponses.items()})
    prise = "prise en compte" if calcule["partie_b_prise_en_compte"] else "non comptée, la partie A manque"
    return {
        "valeur": str(calcule["valeur"]),
        "numerateur": f"partie A : {calcule['partie_a']} ; partie B : {calcule['partie_b']} ({prise})",
    }


def _renouvellement(dites: Mapping[tuple[int, str], IndicateurAnnuel], annee: int) -> dict[str, Any]:
    annees = range(annee - table_sispea.ANNEES_RENOUVELLEMENT + 1, annee + 1)
    manquent = [str(a) for a in annees if (a, table.RENOUVELE) not in dites]
    total = dites.get((annee, table.LINEAIRE))
    if manquent or total is None or not total.valeur:
        fautes = [f"le réseau renouvelé en {', '.join(manquent)}"] if manquent else []
        if total is None or not total.valeur:
            fautes.append(f"le linéaire total de {annee}")
        return {"manque": f"Saisissez {' et '.join(fautes)}."}
    try:
        reponse = sispea.indicateurs_sispea(
            {
                "annee": annee,
                "renouvellement": {
                    "lineaires_km": {str(a): str(dites[a, table.RENOUVELE].valeur) for a in annees},
                    "lineaire_total_km": str(total.valeur),
                },
            }
        )["P253.2"]
    except ErreurSaisie as e:
        return {"manque": e.message}
    return {
        "valeur": reponse["valeur"].replace(".", ","),
        "numerateur": f"{reponse['lineaire_renouvele_km'].replace('.', ',')} km en cinq ans",
        "denominateur": f"{ecrire(total.valeur, 3)} km",
    }


# --- typed figures ------------------------------------------------------------------------------


def saisissables() -> dict[str, tuple[str, Decimal, int]]:
    """What is typed, by code: label, highest value, decimals."""
    sortie: dict[str, tuple[str, Decimal, int]] = {
        c: (mot, Decimal(1), 0) for c, mot in table.QUESTIONS.items()
    }
    sortie |= {c: (mot, table.KM_MAX, 3) for c, mot in table.LINEAIRES.items()}
    sortie |= {
        i.code: (f"{i.libelle} ({i.unite})", i.bornes[1], i.decimales)
        for i in table.INDICATEURS.values()
        if i.origine == table.SAISI
    }
    return sortie


def saisir(
    insee: str, annee: int, valeurs: Mapping[str, Decimal | None], *, par: Utilisateur | None,
    commentaires: Mapping[str, str] | None = None,
) -> None:  # fmt: skip
    """Keep the figures of a year; null takes one back. ``Refus`` out of bounds, or unknown."""
    connus = saisissables()
    for code, valeur in valeurs.items():
        if code not in connus:
            raise Refus(f"« {code} » ne se saisit pas.")
        if valeur is not None and not 0 <= valeur <= connus[code][1]:
            raise Refus(f"{connus[code][0]} : entre 0 et {connus[code][1]}.")
    with transaction.atomic():
        vides = [c for c, v in valeurs.items() if v is None]
        IndicateurAnnuel.objects.filter(insee=insee, annee=annee, code__in=vides).delete()
        for code, valeur in valeurs.items():
            if valeur is not None:
                IndicateurAnnuel.objects.update_or_create(
                    insee=insee,
                    annee=annee,
                    code=code,
                    defaults={
                        "valeur": valeur,
                        "commentaire": (commentaires or {}).get(code, "")[:300],
                        "saisi_par": par,
                    },
                )


# --- what is published --------------------------------------------------------------------------


def publiee(insee: str, annee: int) -> AnnexeRPQS | None:
    """The last version published of a year."""
    trouvee: AnnexeRPQS | None = (
        AnnexeRPQS.objects.filter(insee=insee, annee=annee).order_by("-version").first()
    )
    return trouvee


def figures(annexe: AnnexeRPQS) -> list[Chiffre]:
    """The figures of a published annex, with their rows, as they were."""
    return [
        Chiffre(**{**c, "lignes": tuple(Ligne(**x) for x in c["lignes"])}) for c in annexe.contenu["chiffres"]
    ]


def publier(
    insee: str, annee: int, *, par: Utilisateur | None, motif: str = "", aujourdhui: date
) -> AnnexeRPQS:
    """Freeze the figures of a year that is over; a new version says why. ``Refus`` otherwise."""
    if annee >= aujourdhui.year:
        raise Refus(f"L'année {annee} n'est pas finie : son annexe se publie à partir du 1er janvier.")
    with transaction.atomic():
        derniere = AnnexeRPQS.objects.filter(insee=insee, annee=annee).aggregate(m=Max("version"))["m"] or 0
        if derniere and not motif.strip():
            raise Refus("Cette année est déjà publiée : dites pourquoi une nouvelle version.")
        try:
            with transaction.atomic():
                return AnnexeRPQS.objects.create(
                    insee=insee,
                    annee=annee,
                    version=derniere + 1,
                    motif=motif.strip()[:300] if derniere else "",
                    contenu={"chiffres": [asdict(c) for c in chiffres(insee, annee)]},
                    publiee_par=par,
                )
        except IntegrityError as e:
            raise Refus("Une autre personne vient de publier cette année : relisez la page.") from e


def ecarts(annexe: AnnexeRPQS) -> list[tuple[Chiffre, Chiffre]]:
    """(published, of today) where they differ now."""
    d_alors = {c.code: c for c in figures(annexe)}
    return [
        (d_alors[c.code], c)
        for c in chiffres(annexe.insee, annexe.annee)
        if c.code in d_alors
        and (c.valeur, c.numerateur, c.denominateur)
        != (d_alors[c.code].valeur, d_alors[c.code].numerateur, d_alors[c.code].denominateur)
    ]
