"""The table of conclusions as a JavaScript module, read from the source of the Python table.

Conditions (``lambda c: …``, properties of ``Constat``) use few words; any other is an error here, never a
silent difference. ``tests/assainissement/test_regles_navigateur.py`` compares the two on cases.
"""

from __future__ import annotations

import ast
import inspect
import json
from typing import Any

from assainissement.regles.classement import CHAMPS
from assainissement.regles.tables import anc
from assainissement.regles.tables.parametres import entier, parametre
from assainissement.regles.tables.points import ELEMENTS_PROBANTS, NOMBRES, NON_VERIFIE

FICHIER = "static/js/assainissement/tables_anc.js"
# Numbers typed are texts in the browser: compared there without floating point, by these functions.
_OPERATEURS = {ast.LtE: "<=", ast.Lt: "<", ast.GtE: ">=", ast.Gt: ">", ast.Eq: "==="}
_DECIMALS = ("capacite_eh", "charge_eh")


class HorsLangage(ValueError):
    """The Python table says something that this translation does not know."""


def _expression(n: ast.expr) -> str:
    match n:
        case ast.BoolOp(op=ast.And(), values=v):
            return "(" + " && ".join(_expression(x) for x in v) + ")"
        case ast.BoolOp(op=ast.Or(), values=v):
            return "(" + " || ".join(_expression(x) for x in v) + ")"
        case ast.UnaryOp(op=ast.Not(), operand=x):
            return f"!{_expression(x)}"
        case ast.Constant(value=bool() | int() as valeur):
            return json.dumps(valeur)
        case ast.Call(func=ast.Attribute(value=ast.Name(), attr="vrai"), args=codes):
            return f"vrai(c, {', '.join(json.dumps(_texte(x)) for x in codes)})"
        case ast.Call(
            func=ast.Name(id="Fraction"), args=[ast.Call(func=ast.Name(id="parametre"), args=[code])]
        ):
            return json.dumps(str(parametre(_texte(code))))
        case ast.Call(func=ast.Name(id="Fraction"), args=[x]):
            return _expression(x)
        case ast.BinOp(left=a, op=ast.Mult(), right=b):
            return f"produit({_expression(a)}, {_expression(b)})"
        case ast.Compare(left=a, ops=[ast.Is()], comparators=[ast.Constant(value=None)]):
            return f"({_expression(a)} === null)"
        case ast.Compare(left=a, ops=[op], comparators=[b]) if type(op) in _OPERATEURS:
            gauche, droite = _expression(a), _expression(b)
            signe = _OPERATEURS[type(op)]
            if any(f"c.{d}" in gauche + droite for d in _DECIMALS):
                return f"(comparer({gauche}, {droite}) {signe} 0)"
            return f"({gauche} {signe} {droite})"
        case ast.Attribute(value=ast.Name(), attr=nom):
            return f"derives.{nom}(c)" if nom in _PROPRIETES else f"c.{nom}"
    raise HorsLangage(ast.unparse(n))


def _texte(n: ast.expr) -> str:
    if isinstance(n, ast.Constant) and isinstance(n.value, str):
        return n.value
    raise HorsLangage(ast.unparse(n))


_PROPRIETES = tuple(nom for nom, valeur in vars(anc.Constat).items() if isinstance(valeur, property))


def _corps(fonction: ast.FunctionDef) -> str:
    """A function made of tests that return, then of one return; its docstring is passed over."""
    lignes = []
    for phrase in fonction.body:
        match phrase:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.If(test=test, body=[ast.Return(value=valeur)], orelse=[]) if valeur is not None:
                lignes.append(f"if ({_expression(test)}) return {_expression(valeur)};")
            case ast.Return(value=valeur) if valeur is not None:
                lignes.append(f"return {_expression(valeur)};")
            case _:
                raise HorsLangage(ast.unparse(phrase))
    return " ".join(lignes)


def _source() -> ast.Module:
    return ast.parse(inspect.getsource(anc))


def _fonctions(arbre: ast.Module) -> dict[str, str]:
    """Properties of ``Constat`` and the functions of the module that a cause names."""
    classe = next(n for n in arbre.body if isinstance(n, ast.ClassDef) and n.name == "Constat")
    return {
        n.name: _corps(n) for n in classe.body if isinstance(n, ast.FunctionDef) and n.name in _PROPRIETES
    }


def _conditions(arbre: ast.Module, appel: str) -> dict[str, str]:
    """Code → condition, for each row written ``RegleClassement(code, condition, …)`` or ``Cause(…)``."""
    libres = {n.name: n for n in arbre.body if isinstance(n, ast.FunctionDef)}
    sortie = {}
    for n in ast.walk(arbre):
        if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == appel:
            condition = n.args[1]
            if isinstance(condition, ast.Lambda):
                sortie[_texte(n.args[0])] = f"return {_expression(condition.body)};"
            elif isinstance(condition, ast.Name):
                sortie[_texte(n.args[0])] = _corps(libres[condition.id])
            else:
                raise HorsLangage(ast.unparse(condition))
    return sortie


def _objet(valeurs: dict[str, Any]) -> str:
    return ", ".join(f"{cle}: {json.dumps(v, ensure_ascii=False)}" for cle, v in valeurs.items())


def module() -> str:
    """Text of the module: facts, derived facts, rows, causes, notes, parameters of the law."""
    arbre = _source()
    regles, causes = _conditions(arbre, "RegleClassement"), _conditions(arbre, "Cause")
    if set(regles) != set(anc.REGLES) or set(causes) != {c.code for c in (*anc.MOTIFS, *anc.NOTES)}:
        raise HorsLangage("des lignes de la table n'ont pas été lues")
    lignes = [
        "/* Written by « manage.py generer_regles_navigateur » from regles/tables/anc.py: not by hand. */",
        'import { comparer, produit, vrai } from "./decimaux.js";',
        "",
        f"export const CHAMPS = {json.dumps(list(CHAMPS))};",
        f"export const NATURES = {json.dumps(list(anc.NATURES))};",
        f"export const NATURE_PAR_DEFAUT = {json.dumps(anc.NATURE_PAR_DEFAUT)};",
        f"export const NATURE_VENTE = {json.dumps(anc.NATURE_VENTE)};",
        f"export const PLAINTES_MAX = {anc.PLAINTES_MAX};",
        f"export const FAITS = {json.dumps(list(anc.CODES_FAITS))};",
        f"export const ELEMENTS_PROBANTS = {json.dumps(ELEMENTS_PROBANTS)};",
        f"export const NON_VERIFIE = {json.dumps(NON_VERIFIE)};",
        f"export const NOMBRES = {json.dumps(list(NOMBRES))};",
        f"export const PUITS_M = {json.dumps(str(parametre('ANC_PUITS')))};",
        f"export const DELAI_TRAVAUX = {entier('ANC_DELAI_TRAVAUX_AB')};",
        f"export const DELAI_VENTE = {entier('ANC_DELAI_VENTE')};",
        f"export const CAS_DELAI = {json.dumps([anc.CAS_A, anc.CAS_B])};",
        f"export const ABSENCE = {json.dumps(anc.ABSENCE)};",
        f"export const MOTIF_ABSENCE = {json.dumps(anc.MOTIF_ABSENCE)};",
        "",
        "export const derives = {",
        *(f"  {nom}: (c) => {{ {corps} }}," for nom, corps in _fonctions(arbre).items()),
        "};",
        "",
        "export const REGLES = [",
    ]
    for r in anc.REGLES.values():
        faits = _objet(
            {
                "code": r.code, "conclusion": r.conclusion, "cas": r.cas,
                "conforme_reglementaire": r.conforme_reglementaire, "conforme_p301": r.conforme_p301,
                "travaux": r.travaux, "libelle": r.libelle, "article": r.article,
            }
        )  # fmt: skip
        lignes.append(f"  {{ {faits}, vraie: (c) => {{ {regles[r.code]} }} }},")
    lignes.append("];")
    for nom, liste in (("MOTIFS", anc.MOTIFS), ("NOTES", anc.NOTES)):
        lignes += ["", f"export const {nom} = ["]
        lignes += [
            f"  {{ {_objet({'code': c.code, 'libelle': c.libelle})}, vraie: (c) => {{ {causes[c.code]} }} }},"
            for c in liste
        ]
        lignes.append("];")
    return "\n".join(lignes) + "\n"
