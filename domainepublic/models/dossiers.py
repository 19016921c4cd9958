"""The file of an occupation: who asks, where, what the rules must know. Dates are a cache of its log."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from domainepublic import exonerations
from domainepublic.instruction.etats import LIBELLES
from domainepublic.instruction.recalcul import Contexte
from domainepublic.regles.tables import actes as table
from domainepublic.regles.tables.delais import valeur
from domainepublic.regles.tables.redevance import BENEFICIAIRES
from domainepublic.workflow import DOSSIER_ODP
from mairie.calendrier import plus_mois
from mairie.models import DossierSuivi, contrainte_etats
from mairie.requetes import RequeteVisible

if TYPE_CHECKING:
    from domainepublic.lot import Lot
    from domainepublic.models.emprises import Emprise

# CG3P L2124-34.
SUCCESSEUR_MOIS = valeur("successeur")
NUMERO_ADRESSE = re.compile(r"\s*(\d{1,4}(?: (?:bis|ter|quater))?)\b")
INSEE = r"^[0-9][0-9AB][0-9]{3}$"


class RequeteDossiers(RequeteVisible):
    """Files of the communes where one may read."""

    DROIT_LIRE = "domainepublic.lire"

    def entiers_pour(self, utilisateur: Any) -> Any:
        """Files of which this person reads everything: fee, letters, opinions, pieces (spec §11)."""
        from mairie.habilitations import portee

        p = portee(utilisateur, "domainepublic.lire_dossier")
        return self.filter(p.filtre(self.CHAMP_CODE, self.CHAMP_GEOMETRIE)) if p else self.none()

    def lettres_pour(self, utilisateur: Any) -> Any:
        """Files of which this person reads the letters: the sworn agent, those of the offences too."""
        from mairie.habilitations import portee
        from mairie.models import Evenement

        p = portee(utilisateur, "domainepublic.constater")
        entiers = self.entiers_pour(utilisateur)
        if not p:
            return entiers
        infractions = Evenement.objects.filter(
            workflow="domainepublic.dossier", type__in=("ouvrir_constat", "constater_depassement")
        )
        terrain = p.filtre(self.CHAMP_CODE, self.CHAMP_GEOMETRIE) & Q(pk__in=infractions.values("dossier_id"))
        return self.filter(Q(pk__in=entiers.values("pk")) | terrain)


class DossierODP(DossierSuivi):
    """One request by one person, with one or several emprises. Never requires a parcel."""

    WORKFLOW = "domainepublic.dossier"

    class Canal(models.TextChoices):
        """By which way it came."""

        GUICHET = "guichet", "au guichet"
        COURRIER = "courrier", "par courrier"
        COURRIEL = "courriel", "par courriel"
        PORTAIL = "portail", "en ligne"
        TERRAIN = "terrain", "sur le terrain"
        RENOUVELLEMENT = "renouvellement", "par renouvellement annuel"

    class Beneficiaire(models.TextChoices):
        """As tariffs tell them apart."""

        PARTICULIER = "particulier", "particulier"
        ENTREPRISE = "entreprise", "entreprise"
        ASSOCIATION = "association", "association"
        COLLECTIVITE = "collectivite", "collectivité"

    class Domaine(models.TextChoices):
        """On what the occupation stands."""

        COMMUNALE = "voie_communale", "voie communale"
        DEPARTEMENTALE = "route_departementale", "route départementale"
        NATIONALE = "route_nationale", "route nationale"
        AUTOROUTE = "autoroute", "autoroute"
        RURAL = "chemin_rural", "chemin rural"
        NON_ROUTIER = "domaine_public_non_routier", "domaine public non routier (place, parc, quai)"
        PRIVEE = "voie_privee_ouverte", "voie privée ouverte au public"

    class Gestionnaire(models.TextChoices):
        """Who manages the road, where it is not the usual one."""

        COMMUNE = "commune", "la commune"
        EPCI = "epci", "l'EPCI"
        DEPARTEMENT = "departement", "le département"
        ETAT = "etat", "l'État"

    class Occupant(models.TextChoices):
        """Networks have titles of their own."""

        ORDINAIRE = "ordinaire", "ordinaire"
        ELECTRICITE = "electricite", "réseau d'électricité"
        GAZ = "gaz", "réseau de gaz"
        HYDROCARBURES = "hydrocarbures", "réseau d'hydrocarbures"
        TELECOM = "telecom", "réseau de télécommunications"
        EAU = "eau_assainissement", "réseau d'eau ou d'assainissement"

    class Transmission(models.TextChoices):
        """Why it follows the title of another."""

        REPRISE = "reprise_fonds", "reprise d'un fonds de commerce"
        SUCCESSION = "succession", "succession"

    insee = models.CharField("commune", max_length=5)
    numero = models.CharField("numéro", max_length=24, unique=True, null=True, blank=True, editable=False)
    objet = models.CharField("objet", max_length=200, blank=True)
    canal = models.CharField("reçu", max_length=16, choices=Canal, default=Canal.GUICHET)
    demandeur = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="occupations_demandees"
    )
    executant = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="occupations_executees"
    )
    payeur = models.ForeignKey(
        "mairie.Tiers", models.PROTECT, null=True, blank=True, related_name="occupations_payees"
    )
    beneficiaire = models.CharField("bénéficiaire", max_length=12, choices=Beneficiaire)
    voie = models.ForeignKey(
        "mairie.Voie", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name="voie"
    )
    adresse = models.CharField("au droit de", max_length=200, blank=True)
    # --- what the nature of the act depends on ---
    domaine = models.CharField("domaine", max_length=28, choices=Domaine, default=Domaine.COMMUNALE)
    gestionnaire = models.CharField("gestionnaire", max_length=12, choices=Gestionnaire, blank=True)
    en_agglomeration = models.BooleanField("en agglomération", default=True)
    grande_circulation = models.BooleanField("route à grande circulation", default=False)
    police_transferee = models.BooleanField("police de la circulation transférée à l'EPCI", default=False)
    occupant = models.CharField("occupant", max_length=20, choices=Occupant, default=Occupant.ORDINAIRE)
    modifie_circulation = models.BooleanField("change la circulation ou le stationnement", default=False)
    ancrage = models.BooleanField("fixée dans le sol ou le modifiant", null=True, blank=True)
    economique = models.BooleanField("activité économique", null=True, blank=True)
    # Facts of §5.3: initiative, courte_duree, nombre_illimite, exception, duree_mois.
    attribution = models.JSONField("attribution", default=dict, blank=True, encoder=DjangoJSONEncoder)
    # Number of the permit whose works it serves, without spaces.
    autorisation = models.CharField("autorisation d'urbanisme", max_length=20, blank=True)
    # A title of more than a year is billed each year, or at once up to five years (CG3P L2125-4).
    en_une_fois = models.BooleanField("redevance demandée en une fois", default=False)
    # Free title or reduction (spec §5.4): see ``exonerations``.
    exoneration = models.JSONField("exonération", default=dict, blank=True, encoder=DjangoJSONEncoder)
    # --- people of the house, origin ---
    instructeur = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="instructions_odp"
    )
    dossier_origine = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="suites", verbose_name="dossier d'origine"
    )
    # CG3P L2124-33 and L2124-34: a buyer before his purchase, heirs for three months.
    transmission = models.CharField("transmission", max_length=16, choices=Transmission, blank=True)
    deces_le = models.DateField("décès de l'ancien titulaire", null=True, blank=True)
    annee_renouvelee = models.PositiveSmallIntegerField("renouvellement pour", null=True, blank=True)
    client_uuid = models.UUIDField("clé de saisie", null=True, blank=True, unique=True)
    cree_le = models.DateTimeField("créé le", default=timezone.now, editable=False)
    cree_par = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", editable=False
    )
    # First and last day of its emprises: written with them, never by hand.
    debut = models.DateField("du", null=True, blank=True, editable=False)
    fin = models.DateField("au", null=True, blank=True, editable=False)
    # --- kept by the engine ---
    date_depot = models.DateField("déposé le", null=True, blank=True, editable=False)
    terme_silence = models.DateField("réponse avant le", null=True, blank=True, editable=False)
    refus_implicite_le = models.DateField("refus né du silence le", null=True, blank=True, editable=False)
    date_limite_pieces = models.DateField("pièces attendues avant le", null=True, blank=True, editable=False)
    date_decision = models.DateField("décision", null=True, blank=True, editable=False)
    purge_le = models.DateField("noms et fichiers effacés le", null=True, blank=True, editable=False)
    fin_effective = models.DateField("sol libre depuis le", null=True, blank=True, editable=False)

    objects: ClassVar[Any] = RequeteDossiers.as_manager()

    class Meta:
        verbose_name = "occupation du domaine public"
        verbose_name_plural = "occupations du domaine public"
        ordering = ("-date_depot", "-id")
        indexes = (
            models.Index(fields=("insee", "etat", "terme_silence"), name="odp_bureau"),
            models.Index(fields=("insee", "-date_depot"), name="odp_depot"),
            models.Index(fields=("insee", "debut", "fin"), name="odp_periode"),
            models.Index(fields=("instructeur", "etat"), name="odp_instructeur"),
            models.Index(fields=("demandeur",), name="odp_demandeur"),
            models.Index(fields=("autorisation",), name="odp_autorisation", condition=~Q(autorisation="")),
        )
        constraints = (
            contrainte_etats("odp_etat", DOSSIER_ODP),
            models.CheckConstraint(condition=Q(insee__regex=INSEE), name="odp_insee"),
            models.CheckConstraint(
                condition=Q(fin__isnull=True) | Q(debut__isnull=False, fin__gte=F("debut")),
                name="odp_fin_apres_debut",
            ),
            models.CheckConstraint(condition=Q(beneficiaire__in=BENEFICIAIRES), name="odp_beneficiaire"),
            models.CheckConstraint(condition=Q(domaine__in=table.DOMAINES), name="odp_domaine"),
            # A renewal run twice makes nothing more.
            models.UniqueConstraint(
                fields=("dossier_origine", "annee_renouvelee"),
                condition=Q(annee_renouvelee__isnull=False),
                name="odp_renouvele_une_fois",
            ),
            models.CheckConstraint(
                condition=Q(annee_renouvelee__isnull=True) | Q(dossier_origine__isnull=False),
                name="odp_renouvellement_a_une_origine",
            ),
            models.CheckConstraint(
                condition=Q(transmission="", deces_le__isnull=True)
                | Q(transmission="reprise_fonds", dossier_origine__isnull=False, deces_le__isnull=True)
                | Q(transmission="succession", dossier_origine__isnull=False, deces_le__isnull=False),
                name="odp_transmission",
            ),
        )

    # Set while files are made together: what is read once for all of them.
    lot: Lot | None = None

    def ses_emprises(self) -> list[Emprise]:
        """Its emprises with their type, in their order."""
        if self.lot is not None:
            return self.lot.emprises(self)
        return list(self.emprises.select_related("type"))

    def a_des_emprises(self) -> bool:
        """Whether it takes any ground."""
        return bool(self.lot.emprises(self)) if self.lot is not None else self.emprises.exists()

    def __str__(self) -> str:
        return self.numero or f"brouillon n° {self.pk}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return f"/domaine-public/dossiers/{self.pk}/"

    @property
    def contexte_regles(self) -> Contexte:
        """What the rules need besides the log: nothing that an event changes."""
        return Contexte()

    @property
    def regularisation(self) -> bool:
        """Asked after its first day: the ground was already taken."""
        nouvelle = self.canal != self.Canal.RENOUVELLEMENT
        return bool(nouvelle and self.date_depot and self.debut and self.debut < self.date_depot)

    @property
    def successeur_avant(self) -> Any:
        """Last day for the heirs to present a successor (CG3P L2124-34)."""
        return plus_mois(self.deces_le, SUCCESSEUR_MOIS) if self.deces_le else None

    @property
    def libelle_etat(self) -> str:
        """The state in words."""
        return LIBELLES[self.etat]

    @property
    def exoneration_lisible(self) -> str:
        """Why the fee is not asked, or not in full; empty when it is."""
        return exonerations.en_mots(self.exoneration)

    @property
    def qui_paie(self) -> Any:
        """Who gets the bill."""
        return self.payeur or self.demandeur

    @property
    def lieu_public(self) -> str:
        """Where it is, for everybody: of what a person typed on line, the number alone; its street."""
        if self.canal != self.Canal.PORTAIL:
            # Written by an agent.
            return self.lieu
        nom = str(self.voie) if self.voie_id else ""
        trouve = NUMERO_ADRESSE.match(self.adresse) if nom else None
        return f"{trouve[1]} {nom}" if trouve else nom

    @property
    def lieu(self) -> str:
        """Where it is, in words."""
        if self.adresse:
            return self.adresse
        return str(self.voie) if self.voie_id else ""
