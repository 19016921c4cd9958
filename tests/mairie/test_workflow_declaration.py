"""A declaration is checked when it is made, and can be drawn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.core.management import CommandError, call_command

from mairie.workflow import Champ, Etat, Transition, TypeEvenement, WorkflowInvalide, registre
from tests.mairie.essai_workflow import ESSAI


def fautes(**changes) -> list[str]:
    with pytest.raises(WorkflowInvalide) as e:
        replace(ESSAI, **changes)
    return list(e.value.fautes)


def avec(transition: Transition) -> dict:
    return {"transitions": (*ESSAI.transitions, transition)}


@pytest.mark.parametrize(
    ("changes", "attendu"),
    [
        (avec(Transition("noter", ("perdu",), ("chef",))), "noter : état inconnu « perdu »"),
        (avec(Transition("noter", ("",), ("chef",), ("ailleurs",))), "noter : état inconnu « ailleurs »"),
        (avec(Transition("classer", ("depose",), ("chef",))), "événement inconnu « classer »"),
        (
            avec(Transition("noter", ("depose",), ("chef",))),
            "deux transitions pour « noter » depuis « depose »",
        ),
        (avec(Transition("depot", ("depose",), ())), "depot : aucun rôle"),
        (avec(Transition("depot", (), ("chef",))), "depot : aucun état de départ"),
        (avec(Transition("noter", ("",), ("chef",))), "noter : un premier événement doit mener à un état"),
        (
            avec(Transition("depot", ("depose",), ("chef",), ("depose", "refuse"))),
            "depot : « choisir » va avec plusieurs états d'arrivée, et avec eux seuls",
        ),
        ({"etats": (*ESSAI.etats, Etat("ile", "Île", final=True))}, "état « ile » : aucun chemin n'y mène"),
        ({"etats": (*ESSAI.etats[:-1], Etat("refuse", "Refusé"))}, "état « refuse » : ni final ni sortie"),
        ({"etats": (*ESSAI.etats[:-1], Etat("refuse", " ", True))}, "état « refuse » : libellé manquant"),
        ({"etats": (*ESSAI.etats, ESSAI.etats[0])}, "état « depose » déclaré deux fois"),
        (
            {"evenements": (*ESSAI.evenements, TypeEvenement("oisif", "Oisif"))},
            "événement « oisif » : aucune transition ne l'emploie",
        ),
        (
            {"evenements": (replace(ESSAI.evenements[0], defaire=None), *ESSAI.evenements[1:])},
            "événement « depot » : annulable, il doit dire comment défaire son effet",
        ),
        (
            {
                "evenements": (
                    replace(ESSAI.evenements[0], champs=(Champ("a", "A", "choix"),)),
                    *ESSAI.evenements[1:],
                )
            },
            "événement « depot » : champ « a » de genre ou de choix faux",
        ),
        ({"roles_annulation": ()}, "aucun rôle ne peut annuler le dernier événement"),
        ({"code": "urba.essai"}, "le code doit être « mairie.nom »"),
        ({"libelle": ""}, "libellé du workflow manquant"),
    ],
)
def test_une_faute_de_declaration_est_dite(changes, attendu):
    assert attendu in fautes(**changes)


def test_un_workflow_se_declare_une_fois(workflow_essai):
    assert registre.declarer(ESSAI) is ESSAI
    with pytest.raises(ValueError, match="deux fois"):
        registre.declarer(replace(ESSAI))
    with pytest.raises(KeyError, match="workflows déclarés : mairie"):
        registre.trouver("mairie.absent")


def test_le_dessin_montre_chaque_etat_et_chaque_passage(workflow_essai, capsys):
    call_command("dessiner_workflow", "mairie.essai")
    mermaid = capsys.readouterr().out
    assert mermaid.startswith("stateDiagram-v2\n")
    assert "    [*] --> depose : Dépôt\n" in mermaid
    assert "    suspendu --> en_cours : Reprise\n" in mermaid
    assert "    accorde --> accorde : Note\n" in mermaid
    assert "    refuse --> [*]\n" in mermaid
    call_command("dessiner_workflow", "mairie.essai", "--format", "dot")
    dot = capsys.readouterr().out
    assert '  "refuse" [shape=box, style=rounded, label="Refusé", peripheries=2];\n' in dot
    assert '  "incomplet" -> "depose" [label="Pièces reçues"];\n' in dot
    for etat in ESSAI.etats:
        assert f'state "{etat.libelle}" as {etat.code}' in mermaid and f'"{etat.code}" [' in dot
    call_command("dessiner_workflow")
    assert capsys.readouterr().out == "mairie.essai\tDemande d'essai\n"
    with pytest.raises(CommandError, match="inconnu"):
        call_command("dessiner_workflow", "mairie.absent")
