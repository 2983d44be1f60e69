"""Writes answers: VOTable 1.4 (TABLEDATA) or CSV, and errors as VOTables."""

from __future__ import annotations

import csv
import io
import re
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from crowdsky.tap.errors import QueryRefusedError
from crowdsky.tap.run_query import Result
from crowdsky.tap.tables import Column

VOTABLE = "application/x-votable+xml"
CSV = "text/csv; header=present"
_FORMATS = {
    "": VOTABLE, "votable": VOTABLE, "votable/td": VOTABLE, VOTABLE: VOTABLE,
    f"{VOTABLE};serialization=tabledata": VOTABLE, "text/xml": VOTABLE, "application/xml": VOTABLE,
    "csv": CSV, "text/csv": CSV, "text/csv;header=present": CSV,
}  # fmt: skip

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3">\n'
    '<RESOURCE type="results">\n'
)
_SYSTEMS = {
    "icrs": '<COOSYS ID="icrs" system="ICRS"/>\n',
    "utc": '<TIMESYS ID="utc" timeorigin="2400000.5" timescale="UTC" refposition="TOPOCENTER"/>\n',
}
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def media_type(wanted: str) -> str:
    """Return the media type for a RESPONSEFORMAT.

    Raises:
        QueryRefusedError: answers of this format are not written here.
    """
    found = _FORMATS.get(wanted.replace(" ", "").lower())
    if found is None:
        raise QueryRefusedError(
            f"RESPONSEFORMAT {wanted[:60]} is not supported", hint="there are votable and csv"
        )
    return found


def write(result: Result, kind: str) -> bytes:
    """Write an answer as ``kind``, a value of ``media_type``."""
    return _csv(result) if kind == CSV else _votable(result)


def write_error(message: str) -> bytes:
    """Write why there is no answer."""
    status = f'<INFO name="QUERY_STATUS" value="ERROR">{_text(message)}</INFO>\n'
    return f"{_HEAD}{status}</RESOURCE>\n</VOTABLE>\n".encode()


def _votable(result: Result) -> bytes:
    out = io.StringIO()
    out.write(f'{_HEAD}<INFO name="QUERY_STATUS" value="OK"/>\n')
    used = {_system(column) for column in result.columns}
    out.writelines(text for name, text in _SYSTEMS.items() if name in used)
    out.write("<TABLE>\n")
    for column in result.columns:
        out.write(_field(column))
    out.write("<DATA><TABLEDATA>\n")
    for row in result.rows:
        cells = ("<TD/>" if value is None else f"<TD>{_text(value)}</TD>" for value in row)
        out.write(f"<TR>{''.join(cells)}</TR>\n")
    out.write("</TABLEDATA></DATA>\n</TABLE>\n")
    if result.is_cut_off:
        out.write('<INFO name="QUERY_STATUS" value="OVERFLOW">there are more rows</INFO>\n')
    out.write("</RESOURCE>\n</VOTABLE>\n")
    return out.getvalue().encode()


def _system(column: Column) -> str:
    """Return the ID of the system that a column's values are in; empty for none."""
    if column.ucd.startswith("pos.eq."):
        return "icrs"
    return "utc" if column.ucd.startswith(("time.start", "time.end")) else ""


def _field(column: Column) -> str:
    given = {
        "name": column.name, "datatype": column.datatype, "unit": column.unit, "ucd": column.ucd,
        "utype": column.utype, "xtype": column.xtype, "ref": _system(column),
        "arraysize": column.size,
    }  # fmt: skip
    attributes = " ".join(f"{name}={quoteattr(value)}" for name, value in given.items() if value)
    return f"<FIELD {attributes}><DESCRIPTION>{_text(column.description)}</DESCRIPTION></FIELD>\n"


def _csv(result: Result) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(column.name for column in result.columns)
    writer.writerows(result.rows)
    return out.getvalue().encode()


def _text(value: Any) -> str:
    return escape(_NOT_XML.sub("?", repr(value) if isinstance(value, float) else str(value)))
