"""« Contrôle de fin » on a phone: the ground is free or still taken (spec §7.26); without network too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.gis.db.models.functions import Transform
from django.utils import timezone

from domainepublic import constats, perms
from domainepublic.constats import NouveauConstat, dresser
from domainepublic.models import Constat, DossierODP, Emprise
from domainepublic.services import agir
from domainepublic.terrain import Position
from domainepublic.usager.formulaires import ChampFichiers, Fichiers
from mairie.calendrier import jma
from mairie.ecrans.formulaires import habiller
from mairie.habilitations import communes_du_droit
from mairie.hors_ligne import Fait, FicheTerrain, SaisieRefusee, SaisieTerrain, declarer
from mairie.pieces.refus import PieceRefusee
from mairie.workflow import ErreurWorkflow, Refus

CODE = "fin"
LIBERE, DEPASSEMENT = "libere", "depassement"
MAXIMUM = 200


class FormulaireFin(forms.Form):
    """A photo, what is seen, the state of the ground."""

    photos = ChampFichiers(
        label="Photos",
        required=False,
        widget=Fichiers(attrs={"accept": "image/*", "capture": "environment"}),
        help_text="Due pour un dépassement, et pour toute occupation qui a ouvert le sol.",
    )
    position = forms.CharField(label="Position", required=False, max_length=60, widget=Position())
    suite = forms.ChoiceField(
        label="Ce que vous voyez",
        choices=((LIBERE, "le sol est libéré"), (DEPASSEMENT, "l'occupation continue : dépassement")),
        widget=forms.RadioSelect(),
    )
    libre_le = forms.DateField(label="Libre depuis le", required=False)
    etat_du_sol = forms.CharField(
        label="État du sol", required=False, max_length=300, help_text="Propre, à nettoyer, trou à reprendre…"
    )
    texte = forms.CharField(
        label="Remarques", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3})
    )
    vu_le = forms.DateTimeField(label="Vu le")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        habiller(self)

    def clean_position(self) -> dict[str, Any] | None:
        """As the button writes it; null when it was not taken."""
        return constats.lire_position(self.cleaned_data["position"])

    def clean(self) -> dict[str, Any]:
        """What the ground is like once it is free; what goes on when it is not."""
        d = super().clean() or {}
        if d.get("suite") == DEPASSEMENT and not d.get("texte"):
            self.add_error("texte", "Dites en un mot ce qui occupe encore la place.")
        return d


def _a_controler(personne: Any) -> Any:
    communes = communes_du_droit(personne, perms.CONSTATER)
    return (
        DossierODP.objects.visibles_par(personne)
        .filter(insee__in=communes, etat="a_controler")
        .select_related("voie")
        .order_by("fin", "pk")
    )


def _dossier(personne: Any, cle: str) -> DossierODP | None:
    if not cle.isdecimal() or len(cle) > 18:
        return None
    trouve: DossierODP | None = (
        DossierODP.objects.visibles_par(personne)
        .filter(pk=int(cle), insee__in=communes_du_droit(personne, perms.CONSTATER))
        .exclude(etat="")
        .first()
    )
    return trouve


def lire(personne: Any, cle: str) -> FicheTerrain | None:
    """The end of one title to look at; null when this person may not."""
    d = _dossier(personne, cle)
    if d is None:
        return None
    maintenant = timezone.localtime()
    emprises = list(d.emprises.select_related("type"))
    faits = [
        ("Lieu", d.lieu),
        ("Ce qui occupait", ", ".join(dict.fromkeys(e.type.libelle for e in emprises))),
        ("Fin du titre", jma(d.fin) if d.fin else "sans fin"),
        ("État", d.libelle_etat),
    ]
    if any(e.type.affecte_sol for e in emprises):
        faits.append(("Sol", "ouvert par l'occupation : une photo est due"))
    valeurs = {
        "vu_le": maintenant.replace(second=0, microsecond=0, tzinfo=None),
        "libre_le": maintenant.date(),
    }
    return FicheTerrain(f"Fin de {d}", valeurs, 0, tuple((n, t) for n, t in faits if t))


def enregistrer(personne: Any, cle: str, donnees: dict[str, Any], version: int, uuid: UUID) -> Fait:
    """The report, then the end that it proves, in one; nothing is kept of what the circuit refuses."""
    d = _dossier(personne, cle)
    if d is None:
        raise SaisieRefusee("Ce dossier ne vous est plus ouvert.")
    vu_le: datetime = donnees["vu_le"]
    jour, lieu = timezone.localdate(vu_le), donnees["position"]
    libre = donnees["suite"] == LIBERE
    if d.etat != "a_controler":
        raise SaisieRefusee(f"Ce dossier n'est plus à contrôler : il est « {d.libelle_etat} ».")
    try:
        c = dresser(
            NouveauConstat(
                insee=d.insee,
                vu_le=vu_le,
                conclusion=Constat.Conclusion.CONFORME if libre else Constat.Conclusion.NON_CONFORME,
                client_uuid=uuid,
                position=constats.position(lieu["lon"], lieu["lat"]) if lieu else None,
                precision_m=lieu["precision"] if lieu else None,
                dossier=d,
                lieu=d.lieu,
                texte=donnees["texte"] or donnees["etat_du_sol"],
                photos=donnees["photos"],
            ),
            par=personne,
        )
        if libre:
            depuis = donnees["libre_le"] or jour
            valeurs = {"le": depuis.isoformat(), "etat_du_sol": donnees["etat_du_sol"]}
            agir(d, "constater_liberation", par=personne, version=d.version, date_effet=jour, donnees=valeurs)
        else:
            agir(
                d, "constater_depassement", par=personne, version=d.version, date_effet=jour,
                donnees={"constat": f"{c.numero} : {donnees['texte']}"[:500]},
            )  # fmt: skip
    except (Refus, PieceRefusee, ErreurWorkflow) as e:
        raise SaisieRefusee(str(e)) from e
    dit = "place rendue" if libre else "dépassement constaté"
    return Fait(f"{d} : {dit}.", d.get_absolute_url())


def objets(personne: Any) -> Iterable[tuple[str, str]]:
    """Titles that ended, the oldest end first."""
    for d in _a_controler(personne)[:MAXIMUM]:
        fini = f", fini le {jma(d.fin)}" if d.fin else ""
        yield str(d.pk), f"{d}, {d.lieu or d.objet or 'sans lieu'}{fini}"


def places(personne: Any) -> dict[str, tuple[float, float]]:
    """Where each of them is, in degrees: the phone orders them by distance."""
    dossiers = list(_a_controler(personne)[:MAXIMUM].values_list("pk", flat=True))
    emprises = (
        Emprise.objects.filter(dossier__in=dossiers)
        .annotate(sol=Transform("surface", 4326))
        .order_by("dossier", "rang")
    )
    sortie: dict[str, tuple[float, float]] = {}
    for e in emprises:
        centre = e.sol.centroid
        sortie.setdefault(str(e.dossier_id), (round(centre.x, 6), round(centre.y, 6)))
    return sortie


def declarer_saisie() -> None:
    """From ``AppConfig.ready``."""
    declarer(
        SaisieTerrain(
            code=CODE,
            titre="Contrôle de fin d'occupation",
            droit=perms.CONSTATER,
            formulaire=FormulaireFin,
            lire=lire,
            enregistrer=enregistrer,
            objets=objets,
            places=places,
        )
    )
