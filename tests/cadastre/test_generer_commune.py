"""Command ``generer_commune``."""

from __future__ import annotations

import io
import json

import pytest
from django.core.management import CommandError, call_command


def test_ecrit_les_feuilles_et_les_chiffres(tmp_path):
    dit = io.StringIO()
    call_command(
        "generer_commune", "--insee", "74998", "--parcelles", "80", "--graine", "3",
        "--sortie", str(tmp_path), "--millesime", "2", "--defauts", "vide", stdout=dit,
    )  # fmt: skip
    document = json.loads((tmp_path / "attendu.json").read_text())
    assert document["insee"] == "74998"
    assert document["comparer_millesimes"]["commune"] == "74998"
    assert (tmp_path / "defauts" / "vide").is_dir()
    assert f"{len(document['feuilles'])} feuilles" in dit.getvalue()
    assert "74998000AB01" in document["feuilles"]


def test_commune_d_outre_mer_dans_sa_projection(tmp_path):
    call_command(
        "generer_commune", "--insee=97499", "--parcelles=60", f"--sortie={tmp_path}", stdout=io.StringIO()
    )
    assert (tmp_path / "edigeo" / "edigeo-97499000AB01.tar.bz2").is_file()


@pytest.mark.parametrize(
    ("options", "dit"),
    [
        (["--insee", "1"], "Code de commune invalide"),
        (["--parcelles", "5"], "au moins 60"),
        (["--sections", "1"], "au moins trois sections"),
        (["--millesime", "0"], "rang"),
    ],
)
def test_demande_impossible(tmp_path, options, dit):
    with pytest.raises(CommandError, match=dit) as erreur:
        call_command("generer_commune", *options, "--sortie", str(tmp_path))
    assert erreur.value.returncode == 2
