"""Spreadsheets written row by row: 100,000 rows never stand in memory. Cells are values, never formulas."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import IO, Any
from xml.sax.saxutils import escape

Rangees = Iterable[Sequence[Any]]
# A spreadsheet has no room for more.
LIGNES_MAX_XLSX = 1_048_576
# Characters that XML 1.0 has no way to write.
_INTERDITS = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535))
_ORIGINE_EXCEL = datetime(1899, 12, 30)  # noqa: DTZ001
# Larger, a number loses its last figures in a spreadsheet: it is written as a text.
_ENTIER_MAX = 10**15
_TAMPON = 1 << 16


def _xml(texte: str) -> str:
    return escape(texte.translate(_INTERDITS), {'"': "&quot;"})


def _nombre(valeur: Any) -> bool:
    # NaN and the infinities are no number of a spreadsheet either.
    return isinstance(valeur, int | float | Decimal) and isfinite(valeur) and abs(float(valeur)) < _ENTIER_MAX


def _ecrire(sortie: IO[bytes], morceaux: Iterable[str]) -> None:
    """Pour texts into a file by large pieces."""
    tampon: list[str] = []
    taille = 0
    for morceau in morceaux:
        tampon.append(morceau)
        taille += len(morceau)
        if taille > _TAMPON:
            sortie.write("".join(tampon).encode())
            tampon, taille = [], 0
    sortie.write("".join(tampon).encode())


# --- XLSX (ECMA-376) ----------------------------------------------------------------------------

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPES = (
    _XML + '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    '<Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>'
    '<Override PartName="/xl/styles.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>'
)
MIME_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = (
    f"{_XML}"
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{}</Relationships>'
)
_SML = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
# Cell formats: 0 plain, 1 heading, 2 date, 3 date and time.
_STYLES = (
    f'{_XML}<styleSheet xmlns="{_SML}">'
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="dd/mm/yyyy"/>'
    '<numFmt numFmtId="165" formatCode="dd/mm/yyyy\\ hh:mm"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>'
    '<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="4"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


def _jour_excel(valeur: date) -> str:
    instant = valeur if isinstance(valeur, datetime) else datetime(valeur.year, valeur.month, valeur.day)  # noqa: DTZ001
    ecart = instant.replace(tzinfo=None) - _ORIGINE_EXCEL
    return f"{ecart.days + ecart.seconds / 86400:.15g}" if ecart.seconds else str(ecart.days)


def _case_xlsx(valeur: Any) -> str:
    if valeur is None or valeur == "":
        return "<c/>"
    if isinstance(valeur, bool):
        return f'<c t="b"><v>{int(valeur)}</v></c>'
    if _nombre(valeur):
        return f"<c><v>{valeur}</v></c>"
    if isinstance(valeur, date) and valeur.year >= 1901:
        return f'<c s="{3 if isinstance(valeur, datetime) else 2}"><v>{_jour_excel(valeur)}</v></c>'
    return f'<c t="inlineStr"><is><t xml:space="preserve">{_xml(str(valeur)[:32767])}</t></is></c>'


def _feuille_xlsx(titres: Sequence[str], rangees: Rangees) -> Iterator[str]:
    yield f'{_XML}<worksheet xmlns="{_SML}">'
    yield '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" state="frozen"/>'
    yield "</sheetView></sheetViews><sheetData><row>"
    for titre in titres:
        yield f'<c s="1" t="inlineStr"><is><t>{_xml(titre)}</t></is></c>'
    yield "</row>"
    for rangee in rangees:
        yield f"<row>{''.join(map(_case_xlsx, rangee))}</row>"
    yield "</sheetData></worksheet>"


def ecrire_xlsx(sortie: IO[bytes], nom: str, titres: Sequence[str], rangees: Rangees) -> None:
    """One sheet, its first row frozen; dates are dates, texts are never formulas."""
    feuille = "".join(c for c in nom if c not in "[]:*?/\\")[:31].strip("'") or "Feuille"
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as z:
        z.writestr("[Content_Types].xml", _TYPES)
        z.writestr(
            "_rels/.rels",
            _RELATIONS.format(
                f'<Relationship Id="r1" Type="{_REL}/officeDocument" Target="xl/workbook.xml"/>'
            ),
        )
        z.writestr(
            "xl/workbook.xml",
            f'{_XML}<workbook xmlns="{_SML}" xmlns:r="{_REL}">'
            f'<sheets><sheet name="{_xml(feuille)}" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        z.writestr(
            "xl/_rels/workbook.xml.rels",
            _RELATIONS.format(
                f'<Relationship Id="r1" Type="{_REL}/worksheet" Target="worksheets/sheet1.xml"/>'
                f'<Relationship Id="r2" Type="{_REL}/styles" Target="styles.xml"/>'
            ),
        )
        z.writestr("xl/styles.xml", _STYLES)
        with z.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as feuille_xml:
            _ecrire(feuille_xml, _feuille_xlsx(titres, rangees))


# --- ODS (OpenDocument 1.3) ---------------------------------------------------------------------

_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_ESPACES = (
    f'xmlns:office="{_ODF}:office:1.0" xmlns:table="{_ODF}:table:1.0" xmlns:text="{_ODF}:text:1.0" '
    f'xmlns:style="{_ODF}:style:1.0" xmlns:number="{_ODF}:datastyle:1.0" '
    f'xmlns:fo="{_ODF}:xsl-fo-compatible:1.0"'
)
MIME_ODS = "application/vnd.oasis.opendocument.spreadsheet"
_STYLES_ODS = (
    "<office:automatic-styles>"
    '<number:date-style style:name="nd" number:automatic-order="false"><number:day number:style="long"/>'
    '<number:text>/</number:text><number:month number:style="long"/><number:text>/</number:text>'
    '<number:year number:style="long"/></number:date-style>'
    '<number:date-style style:name="ni"><number:day number:style="long"/><number:text>/</number:text>'
    '<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/>'
    '<number:text> </number:text><number:hours number:style="long"/><number:text>:</number:text>'
    '<number:minutes number:style="long"/></number:date-style>'
    '<style:style style:name="titre" style:family="table-cell">'
    '<style:text-properties fo:font-weight="bold"/></style:style>'
    '<style:style style:name="date" style:family="table-cell" style:data-style-name="nd"/>'
    '<style:style style:name="instant" style:family="table-cell" style:data-style-name="ni"/>'
    "</office:automatic-styles>"
)


def _texte_ods(texte: str) -> str:
    return "".join(f"<text:p>{_xml(ligne)}</text:p>" for ligne in texte.split("\n"))


def _case_ods(valeur: Any) -> str:
    if valeur is None or valeur == "":
        return "<table:table-cell/>"
    if isinstance(valeur, bool):
        mot = "true" if valeur else "false"
        return (
            f'<table:table-cell office:value-type="boolean" office:boolean-value="{mot}">'
            f"<text:p>{'VRAI' if valeur else 'FAUX'}</text:p></table:table-cell>"
        )
    if _nombre(valeur):
        return (
            f'<table:table-cell office:value-type="float" office:value="{valeur}">'
            f"<text:p>{valeur}</text:p></table:table-cell>"
        )
    if isinstance(valeur, date):
        instant = isinstance(valeur, datetime)
        iso = (
            valeur.replace(tzinfo=None, microsecond=0).isoformat()
            if isinstance(valeur, datetime)
            else valeur.isoformat()
        )
        return (
            f'<table:table-cell table:style-name="{"instant" if instant else "date"}" '
            f'office:value-type="date" office:date-value="{iso}"><text:p>{iso}</text:p></table:table-cell>'
        )
    return f'<table:table-cell office:value-type="string">{_texte_ods(str(valeur))}</table:table-cell>'


def _contenu_ods(nom: str, titres: Sequence[str], rangees: Rangees) -> Iterator[str]:
    yield f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ESPACES} office:version="1.3">'
    yield f'{_STYLES_ODS}<office:body><office:spreadsheet><table:table table:name="{_xml(nom)}">'
    yield f'<table:table-column table:number-columns-repeated="{len(titres)}"/><table:table-header-rows>'
    yield "<table:table-row>"
    for titre in titres:
        yield '<table:table-cell table:style-name="titre" office:value-type="string">'
        yield f"<text:p>{_xml(titre)}</text:p></table:table-cell>"
    yield "</table:table-row></table:table-header-rows>"
    for rangee in rangees:
        yield f"<table:table-row>{''.join(map(_case_ods, rangee))}</table:table-row>"
    yield "</table:table></office:spreadsheet></office:body></office:document-content>"


def ecrire_ods(sortie: IO[bytes], nom: str, titres: Sequence[str], rangees: Rangees) -> None:
    """One table with a heading row; texts are never formulas."""
    with zipfile.ZipFile(sortie, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as z:
        # First and not compressed, so that the type is read without opening the archive.
        z.writestr(zipfile.ZipInfo("mimetype"), MIME_ODS)
        z.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0" encoding="UTF-8"?>'
            f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0" manifest:version="1.3">'
            f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIME_ODS}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
        )
        with z.open("content.xml", "w", force_zip64=True) as contenu:
            _ecrire(contenu, _contenu_ods(nom, titres, rangees))
