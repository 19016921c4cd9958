"""Persons and companies that the trades deal with, and how two sheets of one were merged."""

from __future__ import annotations

import re
from typing import Any, ClassVar

import pghistory
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from mairie.models.collectivites import CODE_COLLECTIVITE
from mairie.models.texte import cherche, index_cherche
from mairie.regles import tiers as regles
from mairie.requetes import RequeteVisible

# Names the columns that hold what identifies a person: erased together, compared together.
IDENTITE = (
    "civilite", "nom", "prenoms", "naissance_le", "naissance_lieu", "raison_sociale", "forme_juridique",
    "siren", "siret", "complement", "voie", "lieu_dit", "code_postal", "ville", "pays", "courriel",
    "telephone", "mobile", "accepte_electronique",
)  # fmt: skip


def colonne(nom: str) -> Any:
    """A column of ``Tiers`` by its name."""
    return Tiers._meta.get_field(nom)


class RequeteTiers(RequeteVisible):
    """Persons of the collectivités where one may read; merged and erased sheets are asked for by name."""

    DROIT_LIRE = "mairie.lire"
    CHAMP_CODE = "collectivite"

    def actifs(self) -> RequeteTiers:
        """Neither merged into another sheet, nor erased."""
        return self.filter(fusionne_dans__isnull=True, efface_le__isnull=True)


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    model_name="HistoriqueTiers",
    exclude=["cherche"],
    meta={"verbose_name": "état d'une personne", "verbose_name_plural": "histoire des personnes"},
)
class Tiers(models.Model):
    """A person, or a company with the person who represents it (``civilite``, ``nom``, ``prenoms``).

    ``collectivite`` (INSEE or SIREN) holds the sheet: no other sees it. ``fusionne_dans``: this sheet is
    kept, but another one lives. Columns change through ``mairie.tiers.service`` only.
    """

    class Nature(models.TextChoices):
        """What it is."""

        PERSONNE = "personne", "personne physique"
        MORALE = "morale", "personne morale"

    class Civilite(models.TextChoices):
        """How a letter greets."""

        MADAME = "mme", "Madame"
        MONSIEUR = "m", "Monsieur"
        TOUS_DEUX = "mme_m", "Madame et Monsieur"

    collectivite = models.CharField("collectivité", max_length=9)
    nature = models.CharField("nature", max_length=10, choices=Nature, default=Nature.PERSONNE)
    civilite = models.CharField("civilité", max_length=6, choices=Civilite, blank=True)
    nom = models.CharField("nom", max_length=150, blank=True)
    prenoms = models.CharField("prénoms", max_length=150, blank=True)
    naissance_le = models.DateField("né(e) le", null=True, blank=True)
    naissance_lieu = models.CharField("né(e) à", max_length=150, blank=True)
    raison_sociale = models.CharField("raison sociale", max_length=200, blank=True)
    forme_juridique = models.CharField("forme juridique", max_length=60, blank=True)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    siret = models.CharField("SIRET", max_length=14, blank=True)
    complement = models.CharField("complément d'adresse", max_length=120, blank=True)
    voie = models.CharField("numéro et voie", max_length=200, blank=True)
    lieu_dit = models.CharField("lieu-dit ou boîte postale", max_length=120, blank=True)
    code_postal = models.CharField("code postal", max_length=10, blank=True)
    ville = models.CharField("commune", max_length=120, blank=True)
    pays = models.CharField("pays", max_length=60, blank=True)
    courriel = models.EmailField("courriel", blank=True)
    telephone = models.CharField("téléphone", max_length=30, blank=True)
    mobile = models.CharField("téléphone mobile", max_length=30, blank=True)
    accepte_electronique = models.BooleanField("accepte les envois électroniques", default=False)
    accepte_electronique_le = models.DateField("accord donné le", null=True, blank=True)
    # Keys by which duplicates are found; computed on save.
    cle_nom = models.CharField(max_length=250, blank=True, editable=False)
    cle_adresse = models.CharField(max_length=400, blank=True, editable=False)
    cle_telephone = models.CharField(max_length=30, blank=True, editable=False)
    cherche = cherche("nom", "prenoms", "raison_sociale")
    fusionne_dans = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="absorbes", verbose_name="fusionné dans"
    )
    efface_le = models.DateTimeField("effacé le", null=True, blank=True)
    version = models.PositiveIntegerField("version", default=1, editable=False)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    modifie_le = models.DateTimeField("modifié le", default=timezone.now, editable=False)
    modifie_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )

    objects: ClassVar[Any] = RequeteTiers.as_manager()

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"
        ordering = ("raison_sociale", "nom", "prenoms", "id")
        indexes = (
            index_cherche("tiers_cherche"),
            models.Index(fields=("collectivite", "cle_nom"), name="tiers_cle_nom"),
            models.Index(fields=("collectivite", "siret"), name="tiers_siret", condition=~Q(siret="")),
            models.Index(
                fields=("collectivite", "courriel"), name="tiers_courriel", condition=~Q(courriel="")
            ),
            models.Index(
                fields=("collectivite", "cle_adresse"), name="tiers_cle_adresse", condition=~Q(cle_adresse="")
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(collectivite__regex=CODE_COLLECTIVITE), name="tiers_collectivite"
            ),
            models.CheckConstraint(
                condition=Q(nature="personne", raison_sociale="", siret="", siren="") & ~Q(nom="")
                | Q(nature="morale") & ~Q(raison_sociale=""),
                name="tiers_nomme",
            ),
            models.CheckConstraint(
                condition=Q(siren="") | Q(siren__regex=r"^[0-9]{9}$"), name="tiers_siren_forme"
            ),
            models.CheckConstraint(
                condition=Q(siret="") | Q(siret__regex=r"^[0-9]{14}$") & Q(siret__startswith=F("siren")),
                name="tiers_siret_du_siren",
            ),
            models.CheckConstraint(
                condition=Q(accepte_electronique=False) | ~Q(courriel=""),
                name="tiers_electronique_a_un_courriel",
            ),
            models.CheckConstraint(
                condition=Q(fusionne_dans__isnull=True) | ~Q(fusionne_dans=F("id")), name="tiers_pas_en_soi"
            ),
            models.CheckConstraint(condition=Q(version__gte=1), name="tiers_version_positive"),
        )

    def __str__(self) -> str:
        if self.nature == self.Nature.MORALE:
            return self.raison_sociale
        return f"{self.nom} {self.prenoms}".strip()

    def save(self, *args: Any, **options: Any) -> None:
        """Save, with the keys of duplicates computed from what is saved."""
        self.recalculer_cles()
        champs = options.get("update_fields")
        if champs is not None:
            options["update_fields"] = {*champs, "cle_nom", "cle_adresse", "cle_telephone"}
        super().save(*args, **options)

    def clean_fields(self, exclude: Any = None) -> None:
        """Put what was typed in order before it is measured."""
        for champ in self._meta.concrete_fields:
            if isinstance(champ, models.CharField) and not champ.primary_key and champ.editable:
                setattr(self, champ.attname, " ".join(str(getattr(self, champ.attname) or "").split()))
        self.siret, self.siren = regles.chiffres(self.siret), regles.chiffres(self.siren)
        self.courriel = self.courriel.lower()
        super().clean_fields(exclude=exclude)

    def clean(self) -> None:
        """Say by column what does not hold together."""
        fautes: dict[str, str] = {}
        if self.morale:
            if not self.raison_sociale:
                fautes["raison_sociale"] = "Donnez la raison sociale de la personne morale."
        else:
            if not self.nom:
                fautes["nom"] = "Donnez le nom de la personne."
            for champ_morale in ("raison_sociale", "siret", "siren"):
                if getattr(self, champ_morale):
                    fautes[champ_morale] = (
                        "Seule une personne morale en a : choisissez « personne morale », ou videz ce champ."
                    )
        if self.morale and self.siret and (motif := regles.motif_siret(self.siret)):
            fautes["siret"] = motif
        elif self.morale and self.siret:
            if self.siren and self.siren != self.siret[:9]:
                fautes["siren"] = "Ce SIREN n'est pas celui du SIRET (ses 9 premiers chiffres)."
            self.siren = self.siret[:9]
        elif self.morale and self.siren and (motif := regles.motif_siren(self.siren)):
            fautes["siren"] = motif
        en_france = self.pays.strip().lower() in ("", "france")
        if self.code_postal and en_france and not re.fullmatch(r"[0-9]{5}", self.code_postal):
            fautes["code_postal"] = (
                "Un code postal français compte 5 chiffres. Pour l'étranger, donnez le pays."
            )
        for numero in ("telephone", "mobile"):
            if getattr(self, numero) and not re.fullmatch(r"[+0-9][0-9 ().\-]{3,28}", getattr(self, numero)):
                fautes[numero] = (
                    "Un numéro de téléphone s'écrit en chiffres : 03 81 00 00 00, +33 6 00 00 00 00."
                )
        if self.naissance_le and self.naissance_le > timezone.localdate():
            fautes["naissance_le"] = "La date de naissance est dans l'avenir."
        if self.accepte_electronique and not self.courriel:
            fautes["accepte_electronique"] = "Il faut une adresse de courriel pour les envois électroniques."
        if fautes:
            raise ValidationError(fautes)

    def recalculer_cles(self) -> None:
        """Set the keys by which duplicates are found."""
        nom = self.raison_sociale if self.nature == self.Nature.MORALE else f"{self.nom} {self.prenoms}"
        self.cle_nom = regles.cle_nom(nom)[:250]
        self.cle_adresse = regles.cle_adresse(self.voie or self.lieu_dit, self.code_postal, self.ville)[:400]
        self.cle_telephone = regles.cle_telephone(self.mobile or self.telephone)[:30]

    @property
    def insee(self) -> str:
        """Code of the collectivité, under the name by which rights and the log ask for it."""
        return self.collectivite

    @property
    def morale(self) -> bool:
        """A company, an association, a collectivité."""
        return self.nature == self.Nature.MORALE

    @property
    def representant(self) -> str:
        """Who represents a company; empty for a person."""
        return f"{self.get_civilite_display()} {self.prenoms} {self.nom}".strip() if self.morale else ""

    @property
    def appel(self) -> str:
        """How it is named at the top of a letter: « Madame Prénom NOM », « SARL Untel »."""
        if self.morale:
            return f"{self.forme_juridique} {self.raison_sociale}".strip()
        return " ".join(m for m in (self.get_civilite_display(), self.prenoms, self.nom) if m)

    @property
    def lignes_adresse(self) -> list[str]:
        """Lines of the postal address, without the name; empty where nothing is known."""
        commune = f"{self.code_postal} {self.ville}".strip()
        pays = self.pays if self.pays.strip().lower() not in ("", "france") else ""
        return [x for x in (self.complement, self.voie, self.lieu_dit, commune, pays.upper()) if x]

    @property
    def siret_lisible(self) -> str:
        """« 123 456 782 00012 »."""
        s = self.siret
        return f"{s[:3]} {s[3:6]} {s[6:9]} {s[9:]}" if s else ""

    def survivant(self) -> Tiers:
        """The sheet that lives: itself, or the one into which it was merged, as far as need be."""
        vus, fiche = {self.pk}, self
        while fiche.fusionne_dans is not None and fiche.fusionne_dans_id not in vus:
            fiche = fiche.fusionne_dans
            vus.add(fiche.pk)
        return fiche


class FusionTiers(models.Model):
    """One merge: ``absorbe`` now points to ``survivant``; all that is needed to undo it.

    ``avant``: columns of the survivor before. ``deplacements``: what pointed to the absorbed sheet, as
    ``{"relation": "app.model.field", "ids": […]}``. ``version_apres``: of the survivor, once merged.
    """

    survivant = models.ForeignKey(Tiers, models.CASCADE, related_name="fusions", verbose_name="fiche gardée")
    absorbe = models.ForeignKey(
        Tiers, models.CASCADE, related_name="fusions_subies", verbose_name="fiche absorbée"
    )
    motif = models.CharField("motif", max_length=300, blank=True)
    avant = models.JSONField("fiche gardée, avant", default=dict)
    deplacements = models.JSONField("liens déplacés", default=list)
    version_apres = models.PositiveIntegerField("version de la fiche gardée")
    faite_le = models.DateTimeField("faite le", default=timezone.now)
    faite_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    annulee_le = models.DateTimeField("annulée le", null=True, blank=True)
    annulee_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = "fusion de personnes"
        verbose_name_plural = "fusions de personnes"
        ordering = ("-faite_le", "-id")
        constraints = (
            models.CheckConstraint(condition=~Q(survivant=F("absorbe")), name="fusion_deux_fiches"),
            models.UniqueConstraint(
                fields=("absorbe",), condition=Q(annulee_le__isnull=True), name="fusion_une_fois_par_absorbe"
            ),
        )

    def __str__(self) -> str:
        return f"{self.absorbe_id} → {self.survivant_id}"


class NonDoublon(models.Model):
    """Two sheets that a person has looked at and found to be two: not proposed again. ``un`` < ``autre``."""

    un = models.ForeignKey(Tiers, models.CASCADE, related_name="+")
    autre = models.ForeignKey(Tiers, models.CASCADE, related_name="+")
    dit_le = models.DateTimeField("dit le", default=timezone.now)
    dit_par = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = "paire sans doublon"
        verbose_name_plural = "paires sans doublon"
        constraints = (
            models.UniqueConstraint(fields=("un", "autre"), name="non_doublon_unique"),
            models.CheckConstraint(condition=Q(un__lt=F("autre")), name="non_doublon_ordre"),
        )

    def __str__(self) -> str:
        return f"{self.un_id} ≠ {self.autre_id}"


# Made by the tracker above, beside the model.
HistoriqueTiers: Any = getattr(Tiers, "pgh_event_model")  # noqa: B009
