"""The installed environment, the copied browser files, and what makes a step run again."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from outils import environnement, vendor

RACINE = Path(__file__).resolve().parent.parent.parent


@pytest.fixture
def projet(tmp_path):
    """A project with one npm package and its list."""
    paquet = tmp_path / "node_modules" / "paquet"
    paquet.mkdir(parents=True)
    (paquet / "a.css").write_text("a{color:red}\n/*# sourceMappingURL=a.css.map */\n")
    (paquet / "b.js").write_text("let b = 1;\n//# sourceMappingURL=b.js.map")
    (paquet / "c.woff2").write_bytes(b"\0//# sourceMappingURL=x")
    (tmp_path / "static").mkdir()
    ecrire_liste(
        tmp_path, {"p/a.css": "paquet/a.css", "p/b.js": "paquet/b.js", "p/c.woff2": "paquet/c.woff2"}
    )
    return tmp_path


def ecrire_liste(projet: Path, liste: dict[str, str]) -> None:
    (projet / "static" / "vendor.json").write_text(json.dumps(liste))


def copies(projet: Path) -> set[str]:
    vendor_ = projet / "static" / "vendor"
    return {str(p.relative_to(vendor_)) for p in vendor_.rglob("*") if p.is_file()}


def test_seuls_les_fichiers_nommes_sont_copies(projet):
    (projet / "node_modules" / "paquet" / "autre.js").write_text("non")
    assert vendor.copier(projet) == 3
    assert copies(projet) == {"p/a.css", "p/b.js", "p/c.woff2"}


def test_les_renvois_aux_cartes_de_source_sont_retires_des_textes_seuls(projet):
    vendor.copier(projet)
    sortie = projet / "static" / "vendor" / "p"
    assert (sortie / "a.css").read_text() == "a{color:red}\n"
    assert (sortie / "b.js").read_text() == "let b = 1;\n"
    assert (sortie / "c.woff2").read_bytes() == b"\0//# sourceMappingURL=x"


def test_un_fichier_retire_de_la_liste_disparait(projet):
    vendor.copier(projet)
    ecrire_liste(projet, {"p/a.css": "paquet/a.css"})
    vendor.copier(projet)
    assert copies(projet) == {"p/a.css"}


def test_un_fichier_absent_est_nomme_et_rien_n_est_perdu(projet):
    vendor.copier(projet)
    ecrire_liste(projet, {"p/z.js": "paquet/z.js"})
    with pytest.raises(vendor.VendorInvalide, match=r"paquet/z\.js"):
        vendor.copier(projet)
    assert "p/a.css" in copies(projet)


@pytest.mark.parametrize(
    "liste", [{"../a": "paquet/a.css"}, {"a": "../../etc/hostname"}, {"/a": "paquet/a.css"}]
)
def test_un_chemin_qui_sort_du_dossier_est_refuse(projet, liste):
    ecrire_liste(projet, liste)
    with pytest.raises(vendor.VendorInvalide, match="refusé"):
        vendor.copier(projet)


def test_l_empreinte_change_avec_le_contenu(tmp_path):
    fichier = tmp_path / "verrou"
    fichier.write_text("a")
    avant = environnement.empreinte(fichier, "x")
    assert environnement.empreinte(fichier, "x") == avant
    assert environnement.empreinte(fichier, "y") != avant
    fichier.write_text("b")
    assert environnement.empreinte(fichier, "x") != avant


def test_une_etape_sans_marque_est_a_faire(tmp_path):
    assert not environnement.a_jour(tmp_path / "absente", "x")
    (tmp_path / "marque").write_text("x")
    assert environnement.a_jour(tmp_path / "marque", "x")
    assert not environnement.a_jour(tmp_path / "marque", "y")


def test_un_echec_dit_ce_que_le_programme_a_dit(tmp_path):
    with pytest.raises(environnement.Echec, match=r"Essai : échec\.\nraison"):
        environnement.executer(["/bin/sh", "-c", "echo raison >&2; exit 3"], tmp_path, "Essai")


def test_l_environnement_est_celui_du_verrou():
    """Nothing missing, nothing more: an extra package could change the database driver unseen."""
    marque = RACINE / ".venv" / ".empreinte"
    if Path(sys.prefix) != RACINE / ".venv" or not marque.exists():
        pytest.skip("les tests ne tournent pas dans le .venv de ce dossier : lancez make test")
    installes = {
        environnement.normaliser(d.metadata["Name"])
        for d in distributions(path=[p for p in sys.path if ".venv" in p])
    }
    verrouilles = environnement.noms_du_verrou(RACINE / "requirements-dev.txt")
    assert installes - {"pip", "setuptools"} == verrouilles - {"pip", "setuptools"}


def test_make_setup_une_seconde_fois_ne_refait_rien():
    marques = [RACINE / d / ".empreinte" for d in (".venv", "node_modules", "static/vendor")]
    if not all(m.exists() for m in marques):
        pytest.skip("ce dossier n'a pas été préparé par make setup")
    subprocess.run(["make", "setup"], cwd=RACINE, check=True, capture_output=True)
    avant = [m.stat().st_mtime_ns for m in marques]
    r = subprocess.run(["make", "setup"], cwd=RACINE, check=True, capture_output=True, text=True)
    assert (r.stdout, r.stderr) == ("", "")
    assert [m.stat().st_mtime_ns for m in marques] == avant
