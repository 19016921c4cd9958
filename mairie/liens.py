"""Secret links: 128 random bits given once, stored hashed, for one object and one purpose.

They expire, are revoked, log each use and slow down who guesses. No trade writes its own.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import F
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from mairie import appelant
from mairie.models import DemandeNouveauLien, EssaiLien, LienSecret, UsageLien, Utilisateur

OCTETS = 16
JETON = re.compile(r"^[A-Za-z0-9_-]{22}$")
# Failures of one origin within the window, before it must wait.
ESSAIS_MAX = 5
FENETRE = timedelta(minutes=15)
# Letters and figures that nobody confuses when reading them aloud (Crockford's base 32).
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LONGUEUR_CLE = 16


class Motif(StrEnum):
    """Why a link does not open."""

    INCONNU = "inconnu"
    EXPIRE = "expire"
    REVOQUE = "revoque"
    TROP_D_ESSAIS = "trop_d_essais"


PHRASES = {
    Motif.INCONNU: "Ce lien n'est pas reconnu : vérifiez qu'il a été copié en entier.",
    Motif.EXPIRE: "Ce lien a expiré. Vous pouvez en demander un nouveau.",
    Motif.REVOQUE: "Ce lien a été remplacé ou retiré par la mairie. Vous pouvez en demander un nouveau.",
    Motif.TROP_D_ESSAIS: "Trop d'essais manqués depuis votre adresse : réessayez dans quinze minutes.",
}


class LienRefuse(Exception):
    """The link does not open; ``lien`` is the dead one when it is known: another may be asked for."""

    def __init__(self, motif: Motif, lien: LienSecret | None = None) -> None:
        self.motif, self.lien = motif, lien
        super().__init__(PHRASES[motif])


@dataclass(frozen=True)
class UsageDeLien:
    """A purpose: ``adresse(jeton)`` is the path it opens, ``duree`` its life unless said otherwise."""

    code: str
    libelle: str
    duree: timedelta
    adresse: Callable[[str], str]


_usages: dict[str, UsageDeLien] = {}


def declarer_usage(usage: UsageDeLien) -> None:
    """Add a purpose, from ``AppConfig.ready``; ``ValueError`` when the code means something else already."""
    connu = _usages.setdefault(usage.code, usage)
    if (connu.libelle, connu.duree) != (usage.libelle, usage.duree):
        raise ValueError(f"L'usage de lien « {usage.code} » est déclaré deux fois.")


def usage(code: str) -> UsageDeLien:
    """A purpose by its code; ``KeyError`` when no app declares it."""
    return _usages[code]


def empreinte(secret: str) -> bytes:
    """What is stored. No salt: the secrets are random, and the index must find them."""
    return hashlib.sha256(secret.encode()).digest()


def origine(request: HttpRequest | None) -> str:
    """Short keyed hash of the caller's address: tells two callers apart, names none."""
    if request is None:
        return ""
    return salted_hmac("mairie.liens.origine", appelant.adresse(request), algorithm="sha256").hexdigest()[:16]


def creer(
    objet: models.Model,
    code: str,
    *,
    insee: str = "",
    par: Utilisateur | None = None,
    destinataire: str = "",
    expire_le: datetime | None = None,
) -> tuple[LienSecret, str]:
    """A new link and its secret, shown this once. ``KeyError`` for an undeclared purpose."""
    jeton = secrets.token_urlsafe(OCTETS)
    return _garder(objet, code, jeton, insee, par, destinataire, expire_le), jeton


def creer_cle(
    objet: models.Model, code: str, *, insee: str = "", par: Utilisateur | None = None
) -> tuple[LienSecret, str]:
    """A key of 16 characters to type beside a number (80 bits); the former ones of the object are revoked."""
    cle = "".join(secrets.choice(_ALPHABET) for _ in range(LONGUEUR_CLE))
    with transaction.atomic():
        revoquer_tous(objet, code)
        return _garder(objet, code, _cle_de(objet, cle), insee, par, "", None), cle


def lire_cle(saisie: str) -> str:
    """The key as stored, from what was typed: separators dropped, O and I read as figures."""
    propre = re.sub(r"[\s.\-]", "", saisie.upper())
    return propre.translate(str.maketrans("OIL", "011"))


def ecrire_cle(cle: str) -> str:
    """By groups of four, as it is printed and read aloud."""
    return "-".join(cle[i : i + 4] for i in range(0, len(cle), 4))


def _cle_de(objet: models.Model, cle: str) -> str:
    # Bound to its object: the same key typed beside another number opens nothing.
    return f"{objet._meta.label_lower}:{objet.pk}:{cle}"


def _garder(
    objet: models.Model,
    code: str,
    secret: str,
    insee: str,
    par: Utilisateur | None,
    destinataire: str,
    expire_le: datetime | None,
) -> LienSecret:
    maintenant = timezone.now()
    return LienSecret.objects.create(
        objet_type=ContentType.objects.get_for_model(objet),
        objet_id=objet.pk,
        usage=code,
        empreinte=empreinte(secret),
        insee=insee,
        destinataire=destinataire,
        cree_le=maintenant,
        cree_par=par,
        expire_le=expire_le or maintenant + usage(code).duree,
    )


def ouvrir(
    jeton: str, code: str, request: HttpRequest | None = None, action: str = "ouverture"
) -> LienSecret:
    """The live link of this secret and purpose, its use logged; ``LienRefuse`` otherwise."""
    refuser_si_trop(f"jeton:{origine(request)}", request)
    lien = None
    if JETON.match(jeton):
        lien = LienSecret.objects.filter(empreinte=empreinte(jeton), usage=code).first()
    return _suivre(lien, f"jeton:{origine(request)}", request, action)


def ouvrir_par_cle(
    objet: models.Model | None, code: str, saisie: str, request: HttpRequest | None = None
) -> LienSecret:
    """The live link of the key typed beside an object's number; an unknown number fails like a wrong key.

    Five failures in a quarter of an hour, for the object or for the caller, then one waits.
    """
    cles = [f"cle:{origine(request)}"]
    if objet is not None:
        cles.append(f"objet:{objet._meta.label_lower}:{objet.pk}")
    for cle in cles:
        refuser_si_trop(cle, request)
    lien = None
    if objet is not None:
        secret = _cle_de(objet, lire_cle(saisie))
        lien = LienSecret.objects.filter(empreinte=empreinte(secret), usage=code).first()
    if lien is None:
        EssaiLien.objects.bulk_create([EssaiLien(origine=cle) for cle in cles])
        raise LienRefuse(Motif.INCONNU)
    return _suivre(lien, cles[0], request, "clé")


def refuser_si_trop(cle: str, request: HttpRequest | None) -> None:
    """``LienRefuse`` when this origin has failed too often in the last quarter of an hour."""
    if request is None:
        return
    depuis = timezone.now() - FENETRE
    if EssaiLien.objects.filter(origine=cle, le__gt=depuis).count() >= ESSAIS_MAX:
        raise LienRefuse(Motif.TROP_D_ESSAIS)


def _suivre(lien: LienSecret | None, cle: str, request: HttpRequest | None, action: str) -> LienSecret:
    if lien is None:
        EssaiLien.objects.create(origine=cle)
        raise LienRefuse(Motif.INCONNU)
    maintenant = timezone.now()
    if lien.revoque_le is not None:
        raise LienRefuse(Motif.REVOQUE, lien)
    if lien.expire_le <= maintenant:
        raise LienRefuse(Motif.EXPIRE, lien)
    with transaction.atomic():
        UsageLien.objects.create(lien=lien, le=maintenant, action=action, origine=origine(request))
        LienSecret.objects.filter(pk=lien.pk).update(dernier_usage=maintenant, usages=F("usages") + 1)
    return lien


def revoquer(lien: LienSecret) -> None:
    """The link opens no more; its uses stay."""
    LienSecret.objects.filter(pk=lien.pk, revoque_le__isnull=True).update(revoque_le=timezone.now())


def revoquer_tous(objet: models.Model, code: str, *, avant: date | None = None) -> int:
    """Revoke the live links of an object for a purpose (those made before a day, or all); how many."""
    vivants = liens_de(objet, code).filter(revoque_le__isnull=True)
    if avant is not None:
        vivants = vivants.filter(cree_le__date__lt=avant)
    return vivants.update(revoque_le=timezone.now())


def demander_nouveau(lien: LienSecret) -> DemandeNouveauLien:
    """Note that the holder of a dead link wants another; asked twice, one request."""
    demande, _ = DemandeNouveauLien.objects.get_or_create(lien=lien, traitee_le=None)
    return demande


def adresse(code: str, jeton: str) -> str:
    """Whole address of a link, to be put in a letter: the site's own address is a setting."""
    return f"{settings.ADRESSE_DU_SITE.rstrip('/')}{usage(code).adresse(jeton)}"


def purger(jour: datetime | None = None) -> int:
    """Forget the failures of more than a day; how many."""
    limite = (jour or timezone.now()) - timedelta(days=1)
    return int(EssaiLien.objects.filter(le__lt=limite).delete()[0])


def liens_de(objet: Any, code: str = "") -> models.QuerySet[LienSecret]:
    """Links of an object, newest first, to show and revoke on its page."""
    liens = LienSecret.objects.filter(
        objet_type=ContentType.objects.get_for_model(objet), objet_id=objet.pk
    ).order_by("-cree_le")
    return liens.filter(usage=code) if code else liens
