"""Services of sales: declared, answered with the last valid report or a control to make, deed signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from assainissement import controles, proprietaire
from assainissement.circuits.etats import CONCLUS, OUVERTS
from assainissement.models import Controle, ControleAC, DeclarationVente, Installation
from assainissement.numerotation import numero_vente
from assainissement.suivi import dernier_rapport
from assainissement.ventes_choix import a_choisir, doute, installation_de, seule
from assainissement.ventes_reseau import CoteReseau, cote_reseau
from mairie import liens
from mairie.calendrier import jma
from mairie.courriers import services as lettres
from mairie.courriers.sujets import Destinataire
from mairie.models import Adresse, Courrier, Evenement, ModeleCourrier, Tiers, Utilisateur
from mairie.roles import Acteur, systeme
from mairie.workflow import Refus, appliquer

Par = Utilisateur | Acteur
SPANC = systeme("suivi des ventes")
CERTIFICAT, CONTROLE = "envoyer_certificat", "demander_controle"
MODELES = {CERTIFICAT: "certificat_vente", CONTROLE: "controle_vente"}


@dataclass(frozen=True)
class NouvelleVente:
    """All that a declaration brings; ``installation``: where it is not said, the only one on the parcels."""

    insee: str
    recue_le: date
    source: str = DeclarationVente.Source.NOTAIRE
    reference: str = ""
    parcelles: Sequence[str] = ()
    adresse: Adresse | None = None
    installation: Installation | None = None
    notaire: Tiers | None = None
    vendeur: Tiers | None = None
    client_uuid: UUID | None = None


def declarer(nouvelle: NouvelleVente, *, par: Par, aujourdhui: date | None = None) -> DeclarationVente:
    """One sale; the same form, or the same reference of one origin, twice gives the first."""
    jour = aujourdhui or timezone.localdate()
    if nouvelle.recue_le > jour:
        raise Refus(f"La date de réception ({jma(nouvelle.recue_le)}) est dans l'avenir.")
    if not (nouvelle.parcelles or nouvelle.adresse or nouvelle.installation):
        raise Refus("Dites au moins une parcelle, une adresse ou une installation.")
    if any(p[:5] != nouvelle.insee for p in nouvelle.parcelles):
        raise Refus("Ces parcelles sont d'une autre commune : choisissez la leur.")
    if (deja := _deja(nouvelle)) is not None:
        return deja
    i = nouvelle.installation or seule(nouvelle.insee, nouvelle.parcelles, nouvelle.adresse)
    parcelles = list(nouvelle.parcelles)
    if i is not None and not parcelles:
        parcelles = list(i.parcelles.values_list("reference", flat=True))
    try:
        with transaction.atomic():
            v: DeclarationVente = DeclarationVente.objects.create(
                insee=nouvelle.insee,
                numero=numero_vente(nouvelle.insee, jour),
                recue_le=nouvelle.recue_le,
                source=nouvelle.source,
                reference=nouvelle.reference,
                notaire=nouvelle.notaire,
                vendeur=nouvelle.vendeur,
                parcelles=parcelles,
                adresse=nouvelle.adresse,
                installation=i,
                controle=dernier_rapport(i) if i is not None else None,
                client_uuid=nouvelle.client_uuid,
                cree_par=par if isinstance(par, Utilisateur) else par.utilisateur,
            )
            appliquer(v, "recevoir", par=par, version=0, date_effet=nouvelle.recue_le, aujourdhui=jour)
    except IntegrityError:
        if (deja := _deja(nouvelle)) is not None:
            return deja
        raise
    return v


def _deja(nouvelle: NouvelleVente) -> DeclarationVente | None:
    trouvee: DeclarationVente | None = None
    if nouvelle.client_uuid:
        trouvee = DeclarationVente.objects.filter(client_uuid=nouvelle.client_uuid).first()
    if trouvee is None and nouvelle.reference:
        trouvee = DeclarationVente.objects.filter(
            insee=nouvelle.insee, source=nouvelle.source, reference=nouvelle.reference
        ).first()
    return trouvee


def agir(
    v: DeclarationVente, evenement: str, *, par: Par, version: int, date_effet: date | None = None,
    donnees: Mapping[str, Any] | None = None, cle: UUID | None = None, aujourdhui: date | None = None,
) -> Evenement:  # fmt: skip
    """Apply an event to a sale: the only door of the screens and tasks."""
    return appliquer(
        v, evenement, par=par, version=version, date_effet=date_effet, donnees=donnees or {}, cle=cle,
        aujourdhui=aujourdhui,
    )  # fmt: skip


# --- the report that answers ----------------------------------------------------------------------


def rapport_valable(v: DeclarationVente, jour: date) -> Controle | None:
    """The last report of its installation in use, where it is valid on a day (last day included)."""
    i = installation_de(v)
    return valable(i, jour) if i is not None else None


def valable(i: Installation, jour: date) -> Controle | None:
    """The last report of an installation, where it is valid on a day; a newer one replaces an older."""
    dernier = dernier_rapport(i)
    if dernier is None or dernier.fin_validite_rapport is None:
        return None
    return dernier if dernier.fin_validite_rapport >= jour else None


def controle_valable(v: DeclarationVente, jour: date) -> ControleAC | None:
    """The control of connection that answers alone: valid that day, of an immeuble without installation.

    Null in doubt: of several installations, or of flats, somebody says which is sold.
    """
    if installation_de(v) is not None or a_choisir(v):
        return None
    cote = cote_reseau(v, jour)
    return cote.controle if cote is not None and cote.valable and not cote.a_choisir else None


def proposition(v: DeclarationVente, jour: date) -> str:
    """The answer to propose: the certificate, or the letter that asks for a control; empty in doubt."""
    if doute(v, jour):
        return ""
    valable = rapport_valable(v, jour) is not None or controle_valable(v, jour) is not None
    return CERTIFICAT if valable else CONTROLE


def destinataire(v: DeclarationVente) -> Destinataire | None:
    """The notary, else the seller."""
    tiers = v.notaire or v.vendeur
    if tiers is None:
        return None
    courriel = tiers.courriel if tiers.accepte_electronique else ""
    qualite = "notaire" if v.notaire else "vendeur"
    return Destinataire(tiers.appel, "\n".join(tiers.lignes_adresse), courriel, qualite, tiers)


def repondre(
    v: DeclarationVente,
    *,
    par: Utilisateur,
    version: int,
    cle: UUID | None = None,
    aujourdhui: date | None = None,
) -> Courrier:
    """The answer of the day as a finalised letter, and the sale moves on; both or none."""
    jour = aujourdhui or timezone.localdate()
    with transaction.atomic():
        verrou: DeclarationVente = DeclarationVente.objects.select_for_update(of=("self",)).get(pk=v.pk)
        if flou := doute(verrou, jour):
            raise Refus(flou)
        evenement = proposition(verrou, jour)
        rapport, raccordement = rapport_valable(verrou, jour), controle_valable(verrou, jour)
        if rapport is not None and verrou.controle_id != rapport.pk:
            verrou.controle = rapport
            verrou.save(update_fields=["controle"])
        if not (evenement == CONTROLE and verrou.etat == "controle_a_faire"):
            dit = rapport or raccordement
            donnees = {"controle": str(dit)} if dit is not None else {}
            agir(verrou, evenement, par=par, version=version, donnees=donnees, cle=cle, aujourdhui=aujourdhui)
        verrou.refresh_from_db()
        if raccordement is not None:
            return certifier_raccordement(verrou, raccordement, par=par, aujourdhui=aujourdhui)
        lettre = lettres.preparer(
            verrou, _modele(MODELES[evenement], verrou.insee), par=par, destinataire=destinataire(verrou),
            jour=aujourdhui,
        )  # fmt: skip
        return lettres.finaliser(lettre, par=par, version=lettre.version, confirmer=True, jour=aujourdhui)


def certifier_raccordement(
    v: DeclarationVente, c: ControleAC, *, par: Utilisateur, aujourdhui: date | None = None
) -> Courrier:
    """The certificate of a control of connection, to who declared the sale; once for one sale and control."""
    jour, vers = aujourdhui or timezone.localdate(), destinataire(v)
    if c.fin_validite is None or c.fin_validite < jour:
        raise Refus(f"{c} n'est plus valable : demandez un contrôle.")
    with transaction.atomic():
        DeclarationVente.objects.select_for_update(of=("self",)).get(pk=v.pk)
        deja: Courrier | None = certificats(v, c).first()
        if deja is not None:
            return deja
        modele = _modele("certificat_raccordement", v.insee)
        lettre = lettres.preparer(c, modele, par=par, destinataire=vers, jour=aujourdhui)
        return lettres.finaliser(lettre, par=par, version=lettre.version, confirmer=True, jour=aujourdhui)


def certificats(v: DeclarationVente, c: ControleAC) -> Any:
    """Certificates of a control made for a sale: to the one who declared it, since it is known."""
    vers = destinataire(v)
    return (
        Courrier.objects.du_dossier(c)
        .filter(
            modele__modele__code="certificat_raccordement",
            destinataire=vers.nom if vers is not None else "",
            # Of a homonym written to by mistake, another one is made.
            destinataire_adresse=vers.adresse if vers is not None else "",
            cree_le__gte=v.cree_le,
        )
        .exclude(etat=Courrier.Etat.ABANDONNE)
        .order_by("-pk")
    )


def _modele(code: str, insee: str) -> ModeleCourrier:
    from assainissement import courriers_ac, courriers_projets

    modeles = ModeleCourrier.objects.filter(metier="assainissement", code=code)
    if not modeles.exists():
        courriers_projets.charger()
        courriers_ac.charger()
    local = modeles.filter(collectivite__code=insee).first()
    return local or modeles.get(collectivite=None)


def controle_ouvert(i: Installation) -> Controle | None:
    """The control before a sale under way on an installation."""
    trouve: Controle | None = i.controles.filter(nature="vente", etat__in=OUVERTS).first()
    return trouve


def ouvrir_controle(v: DeclarationVente, jour: date) -> None:
    """A control before the sale, unless one is already open."""
    i = v.installation
    if i is None or i.etat == "desactivee":
        return
    ouvert = controle_ouvert(i)
    if ouvert is None:
        ce_jour = max(x for x in (jour, v.calcule_au) if x is not None)
        ouvert = controles.planifier(
            i, "vente", par=SPANC, vente=True, motif=f"Vente {v}", jour=jour, aujourdhui=ce_jour
        )
    v.controle = ouvert
    DeclarationVente.objects.filter(pk=v.pk).update(controle=ouvert)


def dater_acte(v: DeclarationVente, evenement: Evenement) -> None:
    """The deed goes on the log of the last report: due dates follow by the rules."""
    i = v.installation
    if i is not None:
        # The house has another owner: the seller's key opens it no more.
        liens.revoquer_tous(i, proprietaire.USAGE)
    rapport = dernier_rapport(i) if i is not None else None
    acte = date.fromisoformat(evenement.donnees["le"])
    if rapport is None or rapport.etat not in CONCLUS or rapport.date_acte is not None:
        return
    if (rapport.date_visite and acte < rapport.date_visite) or acte < (rapport.date_rapport or acte):
        return
    ce_jour = max(x for x in (evenement.date_effet, rapport.calcule_au, v.calcule_au) if x is not None)
    appliquer(
        rapport, "enregistrer_acte", par=evenement.auteur or SPANC, version=rapport.version, date_effet=acte,
        aujourdhui=ce_jour,
    )  # fmt: skip


def avertissement_acte(v: DeclarationVente, acte: date) -> str:
    """What the person who enters a deed must know; empty when nothing. Never a refusal (spec §13)."""
    if a_choisir(v):
        return "Dites d'abord ce qui est vendu (« Corriger la vente ») : l'acte ne fixe encore aucun délai."
    i = installation_de(v)
    rapport = dernier_rapport(i) if i is not None else None
    if rapport is None:
        return "Aucun rapport n'existe pour cet immeuble : l'acte ne fixe aucun délai de travaux."
    if rapport.date_visite and acte < rapport.date_visite:
        return (
            f"L'acte précède le rapport, établi après la visite du {jma(rapport.date_visite)} : il ne fixe"
            " aucun délai de travaux."
        )
    if rapport.fin_validite_rapport and acte > rapport.fin_validite_rapport:
        return (
            f"Le rapport n'était valable que jusqu'au {jma(rapport.fin_validite_rapport)} : l'acte ne fixe"
            " aucun délai de travaux, un nouveau contrôle est à faire."
        )
    return ""


__all__ = ["CoteReseau", "NouvelleVente", "agir", "cote_reseau", "declarer", "proposition", "repondre"]
