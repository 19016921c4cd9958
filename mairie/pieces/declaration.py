"""What the registries of the house must know of files."""

from mairie.journal import Action, Nature
from mairie.journal import declarer as declarer_actions

DEPOSEE = "mairie.piece_deposee"
LUE = "mairie.piece_lue"
PUBLIEE = "mairie.piece_publiee"
FLOUTEE = "mairie.piece_floutee"
RETIREE = "mairie.piece_retiree"


def declarer() -> None:
    """Lines of the log; files of persons and streets."""
    from mairie.demo import Etape, declarer_etape
    from mairie.pieces import demo, porteurs

    declarer_actions(
        Action(DEPOSEE, "Pièce déposée"),
        Action(LUE, "Pièce téléchargée", Nature.CONSULTATION),
        Action(PUBLIEE, "Pièce publiée, ou retirée du public"),
        Action(FLOUTEE, "Photo floutée"),
        Action(RETIREE, "Pièce retirée d'un dossier"),
    )
    porteurs.declarer()
    # Last: on what the trades have made.
    declarer_etape(Etape("mairie.pieces", "Pièces des dossiers", 900, demo.jouer))
