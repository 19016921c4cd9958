"""What the API gives: closed lists of public attributes."""

from __future__ import annotations

from datetime import date

from ninja import Field, Schema


class Parcelle(Schema):
    """A version of a parcel. Areas in m²; ``contenance`` is the only legal one."""

    idu: str | None = Field(
        description="identifiant de 14 caractères ; nul si celui du fichier est inutilisable"
    )
    commune: str
    prefixe: str
    section: str
    numero: int | None
    contenance: int | None = Field(description="m², fichier des impôts")
    surface_geometrique: float | None = Field(description="m², surface du dessin")
    arpentee: bool
    figuree: bool
    feuille: str
    valide_du: date = Field(description="premier millésime de cette version")
    valide_au: date | None = Field(description="millésime où elle cesse (exclu) ; nul si elle est en vigueur")
    date_maj: date | None


class Voisine(Schema):
    """A parcel that shares a boundary."""

    idu: str
    frontiere_m: float


class Lien(Schema):
    """A link of filiation and the share (0–1) of the version described."""

    idu: str | None
    valide_du: date | None
    part: float


class Version(Schema):
    """One version with what it comes from and what it gave."""

    idu: str | None
    valide_du: date
    valide_au: date | None
    contenance: int | None
    surface_geometrique: float | None
    parents: list[Lien]
    enfants: list[Lien]


class Historique(Schema):
    """Chain of versions, oldest first, and the parcels of today with their shares."""

    idu: str
    versions: list[Version]
    aujourd_hui: list[Lien]


class Trouvaille(Schema):
    """One result of a search by reference."""

    type: str
    titre: str
    sous_titre: str
    url: str
    bbox: list[float] | None
    point: list[float] | None
    idu: str | None


class References(Schema):
    """What a text of references means."""

    resultats: list[Trouvaille]
    erreurs: list[str]


class Commune(Schema):
    """A commune of the plan."""

    insee: str
    nom: str
    millesime: date


class Section(Schema):
    """A section."""

    idu: str
    commune: str
    prefixe: str
    section: str
    millesime: date


class Feuille(Schema):
    """A sheet and its version in force."""

    feuille: str
    commune: str
    prefixe: str
    section: str
    subdivision: str
    millesime: date
    echelle: int | None
    qualite: str
    confection: str


class Batiment(Schema):
    """A building; ``dur`` 01 hard, 02 light, null unknown."""

    id: int
    dur: str | None
    nom: str
    surface_geometrique: float | None
    feuille: str
    date_maj: date | None


class LieuDit(Schema):
    """A named area."""

    id: int
    nom: str
    feuille: str


class Modification(Schema):
    """A parcel that changed; each field with its value before and after."""

    idu: str
    champs: dict[str, list[int | float | bool | str | None]]


class LienFiliation(Schema):
    """A parcel gone and one that came on the same ground; shares of planar areas, 0–1."""

    parent: str
    enfant: str
    aire_commune_m2: float
    part_parent: float
    part_enfant: float


class Comparaison(Schema):
    """What changed in a commune between two dates."""

    commune: str
    avant: date
    apres: date
    creees: list[str]
    supprimees: list[str]
    modifiees: list[Modification]
    inchangees: int
    filiation: list[LienFiliation]


class _Page(Schema):
    total: int = Field(description="nombre d'objets qui répondent à la demande")
    limite: int
    debut: int


class PageParcelles(_Page):
    """A page of parcels."""

    resultats: list[Parcelle]


class PageCommunes(_Page):
    """A page of communes."""

    resultats: list[Commune]


class PageSections(_Page):
    """A page of sections."""

    resultats: list[Section]


class PageFeuilles(_Page):
    """A page of sheets."""

    resultats: list[Feuille]


class PageBatiments(_Page):
    """A page of buildings."""

    resultats: list[Batiment]


class PageLieuxDits(_Page):
    """A page of lieux-dits."""

    resultats: list[LieuDit]


class Erreur(Schema):
    """What is wrong and what to do."""

    detail: str
