"""Consultations: prepare, send, receive, answer, remind, silence. The only code that changes them.

A trade follows them by its hooks (``suivre``), called in the same transaction, to write its own events.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from mairie import liens
from mairie.models import Consultation, LienSecret, ServiceConsulte, Utilisateur, VersionAvis
from mairie.regles import consultations as regles

trace = logging.getLogger(__name__)

USAGE_LIEN = "mairie.avis"
# A link lives thirty days after the last day to answer (urba §7.3).
SURSIS_LIEN = timedelta(days=30)


class ConsultationImpossible(ValueError):
    """The act is refused; the message says why and what to do."""


@dataclass(frozen=True)
class Suivi:
    """Hooks of a trade, each called with the consultation inside the transaction that changes it.

    ``presenter(consultation)`` gives what the service's page shows: title, facts, pieces, address of a map.
    """

    envoyee: Callable[[Consultation], None] | None = None
    rendue: Callable[[Consultation], None] | None = None
    silence: Callable[[Consultation], None] | None = None
    presenter: Callable[[Consultation], dict[str, Any]] | None = None
    # Called once the transaction is committed: sends the link to the service.
    transmettre: Callable[[Consultation, str], None] | None = None


_suivis: dict[str, Suivi] = {}


def suivre(metier: str, suivi: Suivi) -> None:
    """Declare the hooks of a trade, from ``AppConfig.ready``."""
    _suivis[metier] = suivi


def suivi(metier: str) -> Suivi:
    """Hooks of a trade; none when it declares none."""
    return _suivis.get(metier, Suivi())


def services(metier: str, insee: str) -> models.QuerySet[ServiceConsulte]:
    """Active services that a trade of this collectivité may consult."""
    return ServiceConsulte.objects.filter(
        actif=True, metier__in=("", metier), collectivite__in=("", insee)
    ).order_by("libelle")


def preparer(
    dossier: models.Model,
    service: ServiceConsulte,
    *,
    metier: str,
    insee: str,
    type_dossier: str = "",
    objet: str = "",
    delai: tuple[int, str] | None = None,
    par: Utilisateur | None = None,
) -> Consultation:
    """A consultation not yet sent, with the delay of the service for that kind of dossier.

    ``delai`` (value, unit): what the trade's rules say, where they know better than the service's table.
    """
    if not service.actif:
        raise ConsultationImpossible(f"« {service} » n'est plus consulté : choisissez un autre service.")
    particulier = service.delais.filter(type_dossier=type_dossier).first() if type_dossier else None
    return Consultation.objects.create(
        dossier_type=ContentType.objects.get_for_model(dossier),
        dossier_id=dossier.pk,
        metier=metier,
        insee=insee,
        service=service,
        objet=objet,
        cree_par=par,
        delai_valeur=delai[0] if delai else (particulier.valeur if particulier else service.delai_valeur),
        delai_unite=delai[1] if delai else (particulier.unite if particulier else service.delai_unite),
        effet_silence=service.effet_silence,
    )


def envoyer(
    consultation: Consultation, *, le: date | None = None, par: Utilisateur | None = None
) -> tuple[Consultation, str]:
    """Send: dates computed, link made; returns the consultation and the secret of its link."""
    jour = le or timezone.localdate()
    if jour > timezone.localdate():
        raise ConsultationImpossible(f"La date d'envoi ({jour:%d/%m/%Y}) est dans l'avenir.")
    with transaction.atomic():
        c = _verrouiller(consultation)
        if c.envoyee_le is not None:
            raise ConsultationImpossible(f"Cette consultation est partie le {c.envoyee_le:%d/%m/%Y}.")
        _exiger_ouverte(c)
        c.envoyee_le = jour
        _situer(c)
        c.save()
        _, jeton = liens.creer(
            c, USAGE_LIEN, insee=c.insee, par=par, destinataire=str(c.service)[:120], expire_le=_fin_lien(c)
        )
        _publier(c)
        _appeler(suivi(c.metier).envoyee, c)
        transmettre = suivi(c.metier).transmettre
        if transmettre is not None:
            transaction.on_commit(lambda: transmettre(c, liens.adresse(USAGE_LIEN, jeton)))
    return c, jeton


def recevoir(consultation: Consultation, le: date) -> Consultation:
    """The service received the request that day: the last day becomes certain."""
    with transaction.atomic():
        c = _verrouiller(consultation)
        if c.envoyee_le is None:
            raise ConsultationImpossible("Envoyez d'abord la consultation.")
        if not c.envoyee_le <= le <= timezone.localdate():
            raise ConsultationImpossible(
                f"La réception ({le:%d/%m/%Y}) doit suivre l'envoi ({c.envoyee_le:%d/%m/%Y})"
                " et ne peut être dans l'avenir."
            )
        if c.avis:
            raise ConsultationImpossible("L'avis est déjà rendu : corrigez-le plutôt que sa réception.")
        c.recue_le = le
        _situer(c)
        c.save()
        _publier(c)
        liens.liens_de(c, USAGE_LIEN).filter(revoque_le=None).update(expire_le=_fin_lien(c))
    return c


def rendre_avis(
    consultation: Consultation,
    avis: str,
    *,
    motivation: str = "",
    le: date | None = None,
    par: Utilisateur | None = None,
    par_lien: bool = False,
) -> Consultation:
    """Record the answer; each version is kept. By its link a service corrects only until its last day.

    A late answer is recorded too: an answer born of silence is then marked as such in the versions, and the
    trade decides what the late one is worth.
    """
    jour = le or timezone.localdate()
    if avis not in Consultation.Avis.values:
        raise ConsultationImpossible("Choisissez un avis dans la liste.")
    if avis == Consultation.Avis.FAVORABLE_PRESCRIPTIONS and not motivation.strip():
        raise ConsultationImpossible("Un avis avec prescriptions les énonce : écrivez-les.")
    if avis == Consultation.Avis.DEFAVORABLE and not motivation.strip():
        raise ConsultationImpossible("Un avis défavorable est motivé : dites pourquoi.")
    with transaction.atomic():
        c = _verrouiller(consultation)
        if c.envoyee_le is None:
            raise ConsultationImpossible("Cette consultation n'est pas encore envoyée.")
        _exiger_ouverte(c)
        if not c.envoyee_le <= jour <= timezone.localdate():
            raise ConsultationImpossible(
                f"L'avis ({jour:%d/%m/%Y}) doit suivre l'envoi ({c.envoyee_le:%d/%m/%Y})"
                " et ne peut être dans l'avenir."
            )
        if par_lien and c.avis and c.limite is not None and jour > c.limite:
            raise ConsultationImpossible(
                f"Le délai a pris fin le {c.limite:%d/%m/%Y} : l'avis ne se corrige plus par ce lien."
                " Écrivez à la mairie."
            )
        VersionAvis.objects.create(
            consultation=c, avis=avis, motivation=motivation.strip(), saisi_par=par, par_lien=par_lien
        )
        c.avis, c.motivation, c.avis_le, c.tacite, c.provisoire = avis, motivation.strip(), jour, False, {}
        if c.recue_le is None:
            # Who answered had received: the answer's day at the latest.
            c.recue_le = jour
            _situer(c)
        c.save()
        _publier(c)
        _appeler(suivi(c.metier).rendue, c)
    return c


def garder_provisoire(consultation: Consultation, avis: str, motivation: str) -> None:
    """Keep an answer begun by the link without giving it."""
    if avis and avis not in Consultation.Avis.values:
        raise ConsultationImpossible("Choisissez un avis dans la liste.")
    with transaction.atomic():
        c = _verrouiller(consultation)
        _exiger_ouverte(c)
        c.provisoire = {"avis": avis, "motivation": motivation[:20_000]}
        c.save(update_fields=["provisoire"])


def constater_silence(consultation: Consultation, jour: date | None = None) -> Consultation:
    """Write the answer born of silence, at the day after the last day; refused while it is not born."""
    quand = jour or timezone.localdate()
    with transaction.atomic():
        c = _verrouiller(consultation)
        _exiger_ouverte(c)
        fin = limite_de(c)
        if c.avis:
            raise ConsultationImpossible("L'avis est déjà rendu.")
        if fin is None or not regles.silence_acquis(fin, quand):
            raise ConsultationImpossible(
                "Le silence ne vaut pas encore avis : le délai, compté d'une réception datée, court encore."
            )
        VersionAvis.objects.create(consultation=c, avis=c.effet_silence, tacite=True)
        c.avis, c.tacite, c.avis_le = c.effet_silence, True, fin.jour + timedelta(days=1)
        c.save()
        _publier(c)
        _appeler(suivi(c.metier).silence, c)
    return c


def clore(consultation: Consultation, motif: str) -> Consultation:
    """End without an answer (dossier withdrawn, sent by mistake …); its links are revoked."""
    if not motif.strip():
        raise ConsultationImpossible("Dites pourquoi la consultation est close sans avis.")
    with transaction.atomic():
        c = _verrouiller(consultation)
        _exiger_ouverte(c)
        if c.avis:
            raise ConsultationImpossible("L'avis est rendu : la consultation ne se clôt plus sans avis.")
        c.close_le, c.motif_cloture = timezone.localdate(), motif.strip()[:200]
        c.save()
        _publier(c)
        liens.revoquer_tous(c, USAGE_LIEN)
    return c


def renouveler_lien(consultation: Consultation, par: Utilisateur | None = None) -> tuple[LienSecret, str]:
    """A new link in place of the former ones."""
    with transaction.atomic():
        c = _verrouiller(consultation)
        _exiger_ouverte(c)
        if c.envoyee_le is None:
            raise ConsultationImpossible("Envoyez d'abord la consultation.")
        liens.revoquer_tous(c, USAGE_LIEN)
        fin = max(_fin_lien(c), timezone.now() + SURSIS_LIEN)
        return liens.creer(
            c, USAGE_LIEN, insee=c.insee, par=par, destinataire=str(c.service)[:120], expire_le=fin
        )


def en_attente(jour: date | None = None) -> models.QuerySet[Consultation]:
    """Sent, neither answered nor closed; the soonest due first."""
    return Consultation.objects.filter(avis="", close_le__isnull=True, envoyee_le__isnull=False).order_by(
        "limite", "id"
    )


def travailler_de_nuit(jour: date | None = None) -> dict[str, int]:
    """Silences born and reminders due as of a day; safe to run again or after missed nights."""
    quand = jour or timezone.localdate()
    fait = {"silences": 0, "relances": 0}
    for c in en_attente(quand).select_related("service").iterator(chunk_size=500):
        fin = limite_de(c)
        if regles.silence_acquis(fin, quand):
            try:
                constater_silence(c, quand)
            except ConsultationImpossible:
                continue  # answered meanwhile
            except Exception as e:
                if isinstance(e, DatabaseError) and not connection.is_usable():
                    raise
                # One dossier that refuses must not keep the others from their silence, night after night.
                trace.exception("Consultation %s : silence non constaté", c.pk)
                continue
            fait["silences"] += 1
        elif regles.relance_due(fin, quand, c.relances) is not None:
            fait["relances"] += relancer(c, quand)
    return fait


def relancer(consultation: Consultation, jour: date | None = None) -> int:
    """Remind the service today, once a day; the trade's hook sends a new link. How many were sent: 0 or 1."""
    quand = jour or timezone.localdate()
    with transaction.atomic():
        c = _verrouiller(consultation)
        if c.avis or c.close_le or quand in c.relances:
            return 0
        c.relances = [*c.relances, quand]
        c.save(update_fields=["relances"])
        transmettre = suivi(c.metier).transmettre
        if transmettre is not None:
            _, jeton = liens.creer(
                c, USAGE_LIEN, insee=c.insee, destinataire=str(c.service)[:120],
                expire_le=max(_fin_lien(c), timezone.now() + SURSIS_LIEN),
            )  # fmt: skip
            transaction.on_commit(lambda: transmettre(c, liens.adresse(USAGE_LIEN, jeton)))
    return 1


def limite_de(c: Consultation) -> regles.Limite | None:
    """Last day of the delay as the rule says it, and whether it is certain."""
    return regles.limite(c.envoyee_le, c.recue_le, c.delai_valeur, regles.Unite(c.delai_unite))


def de_dossier(dossier: models.Model) -> models.QuerySet[Consultation]:
    """Consultations of a dossier, to show on its page."""
    return (
        Consultation.objects.filter(
            dossier_type=ContentType.objects.get_for_model(dossier), dossier_id=dossier.pk
        )
        .select_related("service")
        .prefetch_related("versions")
    )


def toutes_rendues(consultations: Iterable[Consultation]) -> bool:
    """Nothing is waited for any more."""
    return all(c.avis or c.close_le for c in consultations)


def _situer(c: Consultation) -> None:
    fin = limite_de(c)
    c.limite = fin.jour if fin else None


def _publier(c: Consultation) -> None:
    """The last day to answer is on the desks while the answer is waited for."""
    from mairie.echeances import publier
    from mairie.echeances.declaration import AVIS_ATTENDU

    if c.dossier is None:
        return
    attendue = not c.avis and c.close_le is None
    publier(
        c.dossier,
        AVIS_ATTENDU,
        c.limite if attendue else None,
        cle=str(c.pk),
        insee=c.insee,
        libelle=f"Avis attendu : {c.service}",
        responsable=c.cree_par,
    )


def _fin_lien(c: Consultation) -> Any:
    assert c.limite is not None  # noqa: S101
    minuit = timezone.make_aware(datetime.combine(c.limite, time.min))
    return max(minuit + SURSIS_LIEN, timezone.now() + timedelta(days=1))


def _verrouiller(consultation: Consultation) -> Consultation:
    return (
        Consultation.objects.select_for_update(of=("self",)).select_related("service").get(pk=consultation.pk)
    )


def _exiger_ouverte(c: Consultation) -> None:
    if c.close_le is not None:
        raise ConsultationImpossible(f"Cette consultation est close depuis le {c.close_le:%d/%m/%Y}.")


def _appeler(crochet: Callable[[Consultation], None] | None, c: Consultation) -> None:
    if crochet is not None:
        crochet(c)
