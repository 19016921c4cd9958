"""A commune's base in memory while a file is set against it: what is written, what is only reported.

A file never writes over a column that a person has set, nor over a certified address; the national base
writes over the plan, the plan not over the national base. What may not be written becomes an
``EcartAdresse``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.contrib.gis.geos import MultiLineString, Point
from django.db.models import Q
from django.utils import timezone

from mairie.models import Adresse, EcartAdresse, Voie
from mairie.models.adresses import Origine
from mairie.regles.adresses import Numero, cle_voie

# Under it two points are one (metres); from the second on, a difference is worth a look.
MEME_POINT_M, ECART_M = 0.05, 5.0
_FORCE = {Origine.EDIGEO: 0, Origine.BAN: 1, Origine.SAISIE: 2}


@dataclass
class Bilan:
    """What a file did, in rows: of streets (``voies_…``) and of numbers."""

    voies_creees: int = 0
    voies_modifiees: int = 0
    voies_inchangees: int = 0
    voies_retirees: int = 0
    creees: int = 0
    modifiees: int = 0
    inchangees: int = 0
    reactivees: int = 0
    retirees: int = 0
    ecarts_ouverts: int = 0
    ecarts_clos: int = 0
    # Read but not written, with the reason: « sans voie », « numéro illisible », « en double ».
    ignores: Counter[str] = field(default_factory=Counter)

    @property
    def numeros(self) -> int:
        """Numbers written or found as they were."""
        return self.creees + self.modifiees + self.inchangees + self.reactivees


class BaseEnMemoire:
    """Streets and addresses of one commune, loaded whole, written back in bulk by ``ecrire``."""

    def __init__(self, insee: str, origine: Origine) -> None:
        self.insee, self.origine, self.bilan = insee, origine, Bilan()
        self.maintenant = timezone.now()
        self.voies: dict[tuple[str, str], Voie] = {
            (v.deleguee_insee, v.cle): v
            for v in Voie.objects.select_for_update(of=("self",)).filter(insee=insee).order_by("active", "pk")
        }
        self.adresses: dict[tuple[int, int, str], Adresse] = {
            (a.voie_id, a.numero, a.suffixe): a
            for a in Adresse.objects.select_for_update(of=("self",))
            .filter(insee=insee)
            .order_by("active", "pk")
        }
        # What is new is known by the street's key until it has a number.
        self.neuves: dict[tuple[str, str, int, str], Adresse] = {}
        self.vues: set[int] = set()
        self.voies_vues: set[int] = set()
        self.ecarts: dict[tuple[int, int | None, str], EcartAdresse] = {}
        self._voies_neuves: list[Voie] = []
        self._voies_changees: dict[int, Voie] = {}
        self._changees: dict[int, Adresse] = {}

    # --- streets ------------------------------------------------------------------------------
    def voie(self, nom: str, deleguee: tuple[str, str] = ("", "")) -> Voie | None:
        """The street of that name, however written; null where there is none.

        The plan knows no communes déléguées: there, the only street of the name will do.
        """
        cle = cle_voie(nom)[:200]
        exacte = self.voies.get((deleguee[0], cle))
        if exacte is not None:
            return exacte
        if deleguee[0]:
            # A street that the file itself gives without commune déléguée is another one.
            commune = self.voies.get(("", cle))
            return commune if commune and commune.pk and commune.pk not in self.voies_vues else None
        homonymes = [v for (_, autre), v in self.voies.items() if autre == cle]
        return homonymes[0] if len(homonymes) == 1 else None

    def recevoir_voie(
        self,
        nom: str,
        *,
        axe: MultiLineString | None = None,
        code: str = "",
        nature: str = Voie.Nature.VOIE,
        deleguee: tuple[str, str] = ("", ""),
        au_plan: bool = False,
    ) -> Voie:
        """The street of that name, made or completed by the file."""
        voie = self.voie(nom, deleguee)
        if voie is None:
            voie = Voie(
                insee=self.insee, nom=nom, nature=nature, axe=axe, code=code, source=self.origine,
                deleguee_insee=deleguee[0], deleguee_nom=deleguee[1], au_plan=au_plan,
            )  # fmt: skip
            voie.completer()
            self.voies[deleguee[0], voie.cle] = voie
            self._voies_neuves.append(voie)
            self.bilan.voies_creees += 1
            return voie
        if voie.pk is None or voie.pk in self.voies_vues:
            return voie
        self.voies_vues.add(voie.pk)
        change = False
        if deleguee[0] and not voie.deleguee_insee and "deleguee_insee" not in voie.saisis:
            del self.voies["", voie.cle]
            voie.deleguee_insee, voie.deleguee_nom = deleguee
            self.voies[deleguee[0], voie.cle] = voie
            change = True
        if axe is not None and "axe" not in voie.saisis and not _meme_forme(voie.axe, axe):
            voie.axe, change = axe, True
        if code and code != voie.code:
            if not voie.code or ("code" not in voie.saisis and self._peut_ecrire(voie.source)):
                voie.code, change = code, True
            else:
                self.ouvrir_ecart(voie, None, EcartAdresse.Nature.CODE, {"code": code})
        if (
            nom != voie.nom
            and "nom" not in voie.saisis
            and _FORCE[self.origine] > _FORCE[Origine(voie.source)]
        ):
            voie.nom, voie.source, change = nom, self.origine, True
            voie.completer()
        elif nom != voie.nom and self.origine == Origine.BAN and "nom" in voie.saisis:
            self.ouvrir_ecart(voie, None, EcartAdresse.Nature.NOM, {"nom": nom})
        if au_plan and not voie.au_plan:
            voie.au_plan, change = True, True
        if not voie.active and voie.source != Origine.SAISIE and "active" not in voie.saisis:
            voie.active, change = True, True
        if change:
            voie.modifie_le = self.maintenant
            self._voies_changees[voie.pk] = voie
            self.bilan.voies_modifiees += 1
        else:
            self.bilan.voies_inchangees += 1
        return voie

    # --- numbers ------------------------------------------------------------------------------
    def recevoir_numero(
        self,
        voie: Voie,
        numero: Numero,
        *,
        position: Point | None,
        parcelles: Iterable[str] = (),
        type_position: str = "",
        complement: str = "",
        cle_ban: str = "",
        certifiee: bool = False,
        au_plan: bool = False,
    ) -> None:
        """One number of the file: made, completed, or set against what a person said."""
        idus = list(dict.fromkeys(parcelles))
        connue = self._connue(voie, numero)
        if connue is None:
            self._neuve(voie, numero, Adresse(
                position=position, parcelles=idus, type_position=type_position, complement=complement,
                cle_ban=cle_ban, au_plan=au_plan, certifiee=certifiee and position is not None,
                certifiee_le=self.maintenant if certifiee and position is not None else None,
            ))  # fmt: skip
            return
        if connue.pk is None or connue.pk in self.vues:
            self.bilan.ignores["en double dans le fichier"] += 1
            return
        self.vues.add(connue.pk)
        change = self._poser_position(connue, position, type_position)
        change |= self._poser_parcelles(connue, idus)
        for champ, valeur in (("complement", complement), ("cle_ban", cle_ban)):
            if (
                valeur
                and champ not in connue.saisis
                and not connue.certifiee
                and getattr(connue, champ) != valeur
            ):
                setattr(connue, champ, valeur)
                change = True
        if certifiee and not connue.certifiee and connue.position and "certifiee" not in connue.saisis:
            connue.certifiee, connue.certifiee_le, change = True, self.maintenant, True
        if au_plan and not connue.au_plan:
            connue.au_plan = True
            self._changees[connue.pk] = connue
        if not connue.active and "active" not in connue.saisis:
            connue.active = True
            self._marquer(connue)
            self.bilan.reactivees += 1
        elif change:
            self._marquer(connue)
            self.bilan.modifiees += 1
        else:
            self.bilan.inchangees += 1

    def _connue(self, voie: Voie, numero: Numero) -> Adresse | None:
        if voie.pk is not None:
            trouvee = self.adresses.get((voie.pk, numero.numero, numero.suffixe))
            if trouvee is not None:
                return trouvee
        return self.neuves.get((voie.deleguee_insee, voie.cle, numero.numero, numero.suffixe))

    def _neuve(self, voie: Voie, numero: Numero, adresse: Adresse) -> None:
        adresse.insee, adresse.voie, adresse.source = self.insee, voie, self.origine
        adresse.numero, adresse.suffixe = numero.numero, numero.suffixe
        adresse.cree_le = adresse.modifie_le = self.maintenant
        self.neuves[voie.deleguee_insee, voie.cle, numero.numero, numero.suffixe] = adresse
        self.bilan.creees += 1

    def _peut_ecrire(self, source: str) -> bool:
        return _FORCE[self.origine] >= _FORCE[Origine(source)]

    def _libre(self, adresse: Adresse, champ: str) -> bool:
        return not adresse.certifiee and champ not in adresse.saisis

    def _poser_position(self, adresse: Adresse, position: Point | None, type_position: str) -> bool:
        if position is None:
            return False
        distance = adresse.position.distance(position) if adresse.position else None
        if distance is not None and distance <= MEME_POINT_M:
            return False
        if self._libre(adresse, "position") and (distance is None or self._peut_ecrire(adresse.source)):
            adresse.position = position
            adresse.type_position = type_position
            if _FORCE[self.origine] > _FORCE[Origine(adresse.source)]:
                adresse.source = self.origine
            return True
        if distance is None or distance > ECART_M:
            metres = None if distance is None else round(distance, 1)
            self.ouvrir_ecart(
                adresse.voie, adresse, EcartAdresse.Nature.POSITION, {"distance_m": metres}, position
            )
        return False

    def _poser_parcelles(self, adresse: Adresse, idus: list[str]) -> bool:
        if not idus or sorted(idus) == sorted(adresse.parcelles):
            return False
        if self._libre(adresse, "parcelles") and (not adresse.parcelles or self._peut_ecrire(adresse.source)):
            adresse.parcelles = idus
            return True
        self.ouvrir_ecart(adresse.voie, adresse, EcartAdresse.Nature.PARCELLES, {"parcelles": idus})
        return False

    def _marquer(self, adresse: Adresse) -> None:
        adresse.modifie_le, adresse.modifie_par = self.maintenant, None
        adresse.version += 1
        self._changees[adresse.pk] = adresse

    def retirer_absentes(self) -> None:
        """Numbers that come from this file and are no longer in it: inactive, or reported if touched.

        A street that comes from it and has neither numbers nor anything set by hand goes too.
        """
        self._retirer_numeros()
        habitees = {a.voie_id for a in self.adresses.values() if a.active}
        for voie in self.voies.values():
            if voie.pk is None or voie.pk in self.voies_vues or not voie.active:
                continue
            change = voie.au_plan and self.origine == Origine.EDIGEO
            if change:
                voie.au_plan = False
            if voie.source == self.origine and not voie.saisis and voie.pk not in habitees:
                voie.active, change = False, True
                self.bilan.voies_retirees += 1
            if change:
                self._voies_changees[voie.pk] = voie

    def _retirer_numeros(self) -> None:
        for adresse in self.adresses.values():
            if not adresse.active or adresse.pk in self.vues:
                continue
            if self.origine == Origine.EDIGEO and adresse.au_plan:
                adresse.au_plan = False
                self._changees[adresse.pk] = adresse
            elif adresse.source != self.origine:
                continue
            if adresse.source == self.origine and not adresse.saisis and not adresse.certifiee:
                adresse.active = False
                self._marquer(adresse)
                self.bilan.retirees += 1
            elif self.origine in (adresse.source, Origine.EDIGEO):
                self.ouvrir_ecart(adresse.voie, adresse, EcartAdresse.Nature.ABSENTE, {})

    # --- differences --------------------------------------------------------------------------
    def ouvrir_ecart(
        self,
        voie: Voie,
        adresse: Adresse | None,
        nature: str,
        propose: dict[str, Any],
        position: Point | None = None,
    ) -> None:
        """Remember a difference; written at the end, unless a person has already settled the same one."""
        ecart = EcartAdresse(
            insee=self.insee, voie=voie, adresse=adresse, origine=self.origine, nature=nature,
            propose=propose, position=position, vu_le=self.maintenant,
        )  # fmt: skip
        self.ecarts[voie.pk, adresse.pk if adresse else None, nature] = ecart

    # --- end ----------------------------------------------------------------------------------
    def ecrire(self) -> Bilan:
        """Write all in bulk; the numbers of the report then agree with the rows."""
        Voie.objects.bulk_create(self._voies_neuves, batch_size=500)
        Voie.objects.bulk_update(
            self._voies_changees.values(),
            [
                "nom",
                "cle",
                "type_voie",
                "code",
                "axe",
                "source",
                "au_plan",
                "active",
                "modifie_le",
                "deleguee_insee",
                "deleguee_nom",
            ],
            batch_size=500,
        )
        for adresse in self.neuves.values():
            adresse.voie_id = adresse.voie.pk
        Adresse.objects.bulk_create(self.neuves.values(), batch_size=500)
        Adresse.objects.bulk_update(
            self._changees.values(),
            ["position", "type_position", "parcelles", "complement", "cle_ban", "source", "au_plan", "active",
             "version", "modifie_le", "modifie_par", "certifiee", "certifiee_le"],
            batch_size=500,
        )  # fmt: skip
        self._ecrire_ecarts()
        return self.bilan

    def _ecrire_ecarts(self) -> None:
        connus: dict[tuple[int, int | None, str], EcartAdresse] = {}
        tranches: dict[tuple[int, int | None, str], EcartAdresse] = {}
        deja = EcartAdresse.objects.filter(insee=self.insee, origine=self.origine)
        for e in deja.filter(Q(decision="") | Q(decision=EcartAdresse.Decision.GARDER)).order_by("pk"):
            (tranches if e.decision else connus)[e.voie_id, e.adresse_id, e.nature] = e
        neufs = []
        for cle, ecart in self.ecarts.items():
            if cle in connus:
                ouvert = connus.pop(cle)
                if not _meme_proposition(ouvert, ecart):
                    ouvert.propose, ouvert.position, ouvert.vu_le = ecart.propose, ecart.position, ecart.vu_le
                    ouvert.save(update_fields=["propose", "position", "vu_le"])
            elif cle not in tranches or not _meme_proposition(tranches[cle], ecart):
                neufs.append(ecart)
        EcartAdresse.objects.bulk_create(neufs, batch_size=500)
        self.bilan.ecarts_ouverts = len(neufs)
        self.bilan.ecarts_clos = EcartAdresse.objects.filter(pk__in=[e.pk for e in connus.values()]).update(
            decision=EcartAdresse.Decision.DISPARU, decide_le=self.maintenant
        )


def _meme_proposition(un: EcartAdresse, autre: EcartAdresse) -> bool:
    if bool(un.position) != bool(autre.position):
        return False
    if un.position and autre.position:
        return un.position.distance(autre.position) <= MEME_POINT_M
    return un.propose == autre.propose


def _meme_forme(ancienne: MultiLineString | None, nouvelle: MultiLineString) -> bool:
    return ancienne is not None and ancienne.equals_exact(nouvelle, MEME_POINT_M)
