"""Lines of a file put into a table, in one transaction: each through the form, or refused with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import DataError, IntegrityError, models, transaction

from mairie.ecrans.declaration import ActionImpossible
from mairie.ecrans.droits import peut_sur
from mairie.ecrans.imports.correspondance import Correspondance, cle
from mairie.ecrans.imports.declaration import ColonneImport, Import, ValeurRefusee
from mairie.ecrans.imports.lecture import Ligne, Table

LOT = 500
# Changes shown before applying.
EXEMPLES = 20
OUI = frozenset({"oui", "o", "vrai", "x", "1", "true", "yes"})
NON = frozenset({"non", "n", "faux", "0", "false", "no", ""})


@dataclass(frozen=True)
class Rejet:
    """A line refused."""

    ligne: Ligne
    motif: str


@dataclass
class Bilan:
    """What an import does, or would do."""

    lues: int = 0
    creees: int = 0
    modifiees: int = 0
    inchangees: int = 0
    rejets: list[Rejet] = field(default_factory=list)
    exemples: list[dict[str, Any]] = field(default_factory=list)

    @property
    def refusees(self) -> int:
        """Lines that are not imported."""
        return len(self.rejets)

    def comptes(self) -> dict[str, int]:
        """Counts; every line read is in exactly one of them."""
        comptes = {
            "lues": self.lues,
            "creees": self.creees,
            "modifiees": self.modifiees,
            "inchangees": self.inchangees,
            "refusees": self.refusees,
        }
        if self.lues != self.creees + self.modifiees + self.inchangees + self.refusees:
            raise AssertionError(f"Import qui ne se réconcilie pas : {comptes}")
        return comptes

    def motifs(self) -> list[tuple[str, int]]:
        """Reasons of refusal, the most frequent first."""
        return Counter(r.motif for r in self.rejets).most_common()


def executer(
    declaration: Import,
    table: Table,
    correspondance: Correspondance,
    utilisateur: Any,
    *,
    appliquer: bool,
    progres: Callable[[int, int], None] | None = None,
) -> Bilan:
    """Import the lines in one transaction; without ``appliquer`` all is done, counted, then undone."""
    with transaction.atomic():
        bilan = _Passage(declaration, table, correspondance, utilisateur).jouer(progres)
        if not appliquer:
            transaction.set_rollback(True)
    return bilan


class _Passage:
    """One run over the lines."""

    def __init__(
        self, declaration: Import, table: Table, correspondance: Correspondance, utilisateur: Any
    ) -> None:
        self.declaration, self.table = declaration, table
        self.correspondance, self.utilisateur = correspondance, utilisateur
        self.fixes = dict(declaration.fixes(utilisateur)) if declaration.fixes else {}
        self.colonnes = {c.champ: c for c in declaration.colonnes if c.champ in correspondance}
        champs = list(dict.fromkeys((*(c.champ for c in declaration.colonnes), *self.fixes)))
        self.classe = declaration.classe or forms.modelform_factory(declaration.modele, fields=champs)
        # What may be null and is not in the file does not tell rows apart.
        self.cle = [
            c for c in declaration.cle if c in self.colonnes or c in self.fixes or declaration.cle_requise(c)
        ]
        self.vues: dict[tuple[str, ...], int] = {}
        self.bilan = Bilan()
        self.choix: dict[str, dict[str, str]] = {}

    def jouer(self, progres: Callable[[int, int], None] | None) -> Bilan:
        total = len(self.table.lignes)
        # Rows that cost much are told of more often.
        pas = min(LOT, self.declaration.lignes_directes or LOT)
        for debut in range(0, total, pas):
            lot = self.table.lignes[debut : debut + pas]
            existantes = self._existantes(lot)
            for ligne in lot:
                self.bilan.lues += 1
                try:
                    # A line that the database refuses must not spoil the others.
                    with transaction.atomic():
                        self._ligne(ligne, existantes)
                except (ValeurRefusee, ActionImpossible) as e:
                    self._refuser(ligne, str(e))
                except ValidationError as e:
                    self._refuser(ligne, " ".join(e.messages))
                except (IntegrityError, DataError) as e:
                    self._refuser(ligne, f"La base refuse cette ligne ({_contrainte(e)}).")
            if progres:
                progres(min(debut + pas, total), total)
        return self.bilan

    def _refuser(self, ligne: Ligne, motif: str) -> None:
        self.bilan.rejets.append(Rejet(ligne, motif[:500]))

    # --- One line -------------------------------------------------------------------------------

    def _ligne(self, ligne: Ligne, existantes: Mapping[tuple[str, ...], list[Any]]) -> None:
        donnees = self._donnees(ligne)
        cle_ligne = self._cle(donnees)
        if not all(v for c, v in zip(self.cle, cle_ligne, strict=True) if self.declaration.cle_requise(c)):
            noms = ", ".join(self._titre(c) for c in self.cle if self.declaration.cle_requise(c))
            raise ValeurRefusee(f"La ligne n'a pas de quoi être reconnue : remplissez {noms}.")
        if cle_ligne in self.vues:
            raise ValeurRefusee(f"Même {self._titre(self.cle[-1])} que la ligne {self.vues[cle_ligne]}.")
        self.vues[cle_ligne] = ligne.numero
        trouvees = existantes.get(cle_ligne, [])
        if len(trouvees) > 1:
            noms = ", ".join(self._titre(c) for c in self.declaration.cle if c not in self.cle)
            raise ValeurRefusee(f"{len(trouvees)} lignes de la table répondent : ajoutez la colonne {noms}.")
        objet = trouvees[0] if trouvees else None
        if objet is not None and not peut_sur(self.utilisateur, self.declaration.droit, objet):
            raise ActionImpossible("Vous n'avez pas le droit de modifier cette ligne.")
        forme = self._forme(donnees, objet)
        if not forme.is_valid():
            raise ValeurRefusee(_erreurs(forme))
        changes = [c for c in forme.changed_data if c in self.colonnes]
        if objet is not None and not changes:
            self.bilan.inchangees += 1
            return
        avant = {c: forme.initial.get(c) for c in changes}
        enregistrer = self.declaration.enregistrer
        ecrit = enregistrer(forme, self.utilisateur) if enregistrer else forme.save()
        if not peut_sur(self.utilisateur, self.declaration.droit, ecrit):
            raise ActionImpossible("Vous n'avez pas ce droit dans cette collectivité.")
        if objet is None:
            self.bilan.creees += 1
        else:
            self.bilan.modifiees += 1
        if objet is not None and len(self.bilan.exemples) < EXEMPLES:
            self.bilan.exemples.append(
                {
                    "ligne": ligne.numero,
                    "objet": str(ecrit),
                    "changements": [
                        (self._titre(c), _court(avant[c]), _court(forme.cleaned_data[c])) for c in changes
                    ],
                }
            )

    def _donnees(self, ligne: Ligne) -> dict[str, str]:
        """Cells of a line as the form wants them."""
        sortie = {}
        for champ, colonne in self.colonnes.items():
            texte = ligne.cellules[self.correspondance[champ]]
            try:
                sortie[champ] = self._valeur(champ, colonne, texte)
            except ValeurRefusee as e:
                raise ValeurRefusee(f"{self._titre(champ)} : {e}") from e
            except ObjectDoesNotExist as e:
                raise ValeurRefusee(f"{self._titre(champ)} : « {texte[:60]} » n'existe pas.") from e
        return sortie

    def _valeur(self, champ: str, colonne: ColonneImport, texte: str) -> str:
        if colonne.lire:
            return colonne.lire(texte, self.utilisateur)
        formel = self.classe.base_fields.get(champ)
        if isinstance(formel, forms.BooleanField):
            mot = cle(texte)
            if mot not in OUI | NON:
                raise ValeurRefusee(f"« {texte[:60]} » : écrivez oui ou non.")
            return "on" if mot in OUI else ""
        if isinstance(formel, forms.ChoiceField) and not isinstance(formel, forms.ModelChoiceField):
            return self._code(champ, formel, texte)
        if isinstance(formel, forms.DecimalField | forms.FloatField | forms.IntegerField):
            return "".join(texte.split()).replace(",", ".").replace("−", "-").removesuffix("€")
        return texte

    def _code(self, champ: str, formel: forms.ChoiceField, texte: str) -> str:
        """The code of a choice, given by its code or by its label."""
        if champ not in self.choix:
            connus: dict[str, str] = {}
            for valeur, libelle in _choix_plats(formel):
                connus.setdefault(cle(libelle), valeur)
                connus[cle(valeur)] = valeur
            self.choix[champ] = connus
        return self.choix[champ].get(cle(texte), texte)

    def _cle(self, donnees: Mapping[str, str]) -> tuple[str, ...]:
        """What tells a line: « 01/02/2026 » and « 2026-02-01 » are one day."""
        return tuple(
            self._normal(c, donnees[c]) if c in donnees else _texte(self.fixes.get(c)) for c in self.cle
        )

    def _normal(self, champ: str, texte: str) -> str:
        formel = self.classe.base_fields.get(champ)
        if formel is None or isinstance(formel, forms.ModelChoiceField):
            return texte
        try:
            return _texte(formel.to_python(texte))
        except ValidationError:
            # The form says it better, with the line's other faults.
            return texte

    def _titre(self, champ: str) -> str:
        colonne = next((c for c in self.declaration.colonnes if c.champ == champ), None)
        return self.declaration.titre_de(colonne) if colonne else champ

    def _forme(self, donnees: Mapping[str, str], objet: Any | None) -> forms.ModelForm[Any]:
        """The form with the line's cells; what the file does not say stays as stored, or as by default."""
        depart = self.classe(instance=objet, initial={} if objet is not None else self.fixes)
        if self.declaration.preparer:
            self.declaration.preparer(depart, self.utilisateur)
        saisie: dict[str, Any] = {}
        for nom, champ in depart.fields.items():
            if nom in donnees:
                saisie[nom] = donnees[nom]
                continue
            valeur = depart.get_initial_for_field(champ, nom)
            valeur = champ.prepare_value(valeur() if callable(valeur) else valeur)
            if isinstance(champ, forms.BooleanField):
                saisie[nom] = "on" if valeur else ""
            elif valeur is not None:
                saisie[nom] = valeur
        forme = self.classe(_Saisie(saisie), instance=objet, initial={} if objet is not None else self.fixes)
        if self.declaration.preparer:
            self.declaration.preparer(forme, self.utilisateur)
        for champ in forme.fields.values():
            # Texts of a file, not of a form's own widgets.
            champ.localize = False
            if isinstance(champ, forms.DateField):
                champ.input_formats = ["%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%dT%H:%M"]
            elif isinstance(champ, forms.DateTimeField):
                champ.input_formats = [
                    "%Y-%m-%dT%H:%M",
                    "%d/%m/%Y %H:%M",
                    "%Y-%m-%d %H:%M",
                    "%d/%m/%Y",
                    "%Y-%m-%d",
                ]
        return forme

    # --- Rows already there ---------------------------------------------------------------------

    def _existantes(self, lot: Sequence[Ligne]) -> dict[tuple[str, ...], list[Any]]:
        """Rows that these lines name, by key; one query a lot."""
        cles = set()
        for ligne in lot:
            with suppress(ValeurRefusee, ObjectDoesNotExist, ValueError):
                cles.add(self._cle(self._donnees(ligne)))
        sures = [c for c in self.cle if self.declaration.cle_requise(c)]
        requete = self.declaration.requete(self.utilisateur)
        try:
            # What may be null is compared below.
            trouvees = list(
                requete.filter(**{f"{c}__in": {k[self.cle.index(c)] for k in cles} - {""} for c in sures})
            )
        except (ValueError, ValidationError):
            # A key that is no number or no date: line by line, so that only the faulty ones are refused.
            trouvees = [o for k in cles for o in self._existante(requete, k, sures)]
        sortie: dict[tuple[str, ...], list[Any]] = {}
        for objet in trouvees:
            sortie.setdefault(tuple(_texte(_attribut(objet, c)) for c in self.cle), []).append(objet)
        return sortie

    def _existante(self, requete: Any, cle_ligne: tuple[str, ...], sures: Sequence[str]) -> list[Any]:
        try:
            return list(requete.filter(**{c: cle_ligne[self.cle.index(c)] for c in sures}))
        except (ValueError, ValidationError):
            return []


class _Saisie(dict[str, Any]):
    """Data of a form from a plain mapping: a list stays a list."""

    def getlist(self, nom: str) -> list[Any]:
        """All values of a field, as a submitted form gives them."""
        valeur = self.get(nom, [])
        return list(valeur) if isinstance(valeur, list | tuple) else [valeur]


def _attribut(objet: Any, champ: str) -> Any:
    valeur = getattr(objet, champ)
    return valeur.pk if isinstance(valeur, models.Model) else valeur


def _texte(valeur: Any) -> str:
    if isinstance(valeur, models.Model):
        return str(valeur.pk)
    return "" if valeur is None else str(valeur)


def _court(valeur: Any) -> str:
    texte = (
        ", ".join(str(v) for v in valeur) if isinstance(valeur, list | models.QuerySet) else _texte(valeur)
    )
    return f"{texte[:80]}…" if len(texte) > 80 else texte


def _choix_plats(champ: forms.ChoiceField) -> Iterator[tuple[str, str]]:
    choix: Any = champ.choices
    for valeur, libelle in choix:
        if isinstance(libelle, list | tuple):
            yield from ((str(v), str(nom)) for v, nom in libelle)
        else:
            yield str(valeur), str(libelle)


def _erreurs(forme: forms.ModelForm[Any]) -> str:
    morceaux = [str(e) for e in forme.non_field_errors()]
    for nom, erreurs in forme.errors.items():
        if nom in forme.fields:
            morceaux.append(f"{forme.fields[nom].label or nom} : {' '.join(str(e) for e in erreurs)}")
    return " ".join(morceaux)


def _contrainte(erreur: Exception) -> str:
    """Name of the constraint broken, never the row's content."""
    diagnostic = getattr(erreur.__cause__, "diag", None)
    return getattr(diagnostic, "constraint_name", None) or "valeur trop longue ou d'un autre type"
