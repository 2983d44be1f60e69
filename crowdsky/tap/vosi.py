"""What the service says of itself: capabilities, availability, tables and examples."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from crowdsky.tap.jobs import KEPT_SECONDS
from crowdsky.tap.run_query import ASYNC_SECONDS, MOST_ROWS, USUAL_ROWS
from crowdsky.tap.tables import KEYS, SCHEMAS, TABLES, Column, Table

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'

EXAMPLES = {
    "The latest stacks": "SELECT TOP 20 obs_id, target_name, s_ra, s_dec, t_exptime"
    " FROM ivoa.obscore ORDER BY t_min DESC",
    "Stacks around a position": "SELECT obs_id, s_ra, s_dec,"
    " DISTANCE(POINT('ICRS', s_ra, s_dec), POINT('ICRS', 192.7, 41.1)) AS d FROM ivoa.obscore"
    " WHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', 192.7, 41.1, 1.0)) ORDER BY d",
    "Hours of exposure by target": "SELECT target_name, COUNT(*) AS n,"
    " SUM(t_exptime) / 3600.0 AS hours FROM crowdsky.stacks WHERE target_name IS NOT NULL"
    " GROUP BY target_name ORDER BY hours DESC",
    "Deep stacks with their limiting magnitude": "SELECT o.obs_id, o.s_ra, o.s_dec,"
    " s.limiting_mag FROM ivoa.obscore AS o JOIN crowdsky.stacks AS s ON s.obs_id = o.obs_id"
    " WHERE s.limiting_mag > 15.0",
}


def capabilities(url: str) -> str:
    """Describe the service (VOSI, TAPRegExt); ``url`` is its address."""
    vosi = "".join(
        f'<capability standardID="ivo://ivoa.net/std/VOSI#{name}">'
        f"{_interface('vs:ParamHTTP', f'{url}/{name}')}</capability>\n"
        for name in ("capabilities", "availability", "tables")
    )
    examples = (
        '<capability standardID="ivo://ivoa.net/std/DALI#examples">'
        f"{_interface('vr:WebBrowser', f'{url}/examples')}</capability>\n"
    )
    languages = "".join(
        f'<version ivo-id="ivo://ivoa.net/std/ADQL#v{one}">{one}</version>'
        for one in ("2.0", "2.1")
    )
    tap = (
        '<capability standardID="ivo://ivoa.net/std/TAP" xsi:type="tr:TableAccess">'
        '<interface role="std" version="1.1" xsi:type="vs:ParamHTTP">'
        f'<accessURL use="base">{escape(url)}</accessURL></interface>'
        '<dataModel ivo-id="ivo://ivoa.net/std/ObsCore#core-1.1">ObsCore-1.1</dataModel>'
        f"<language><name>ADQL</name>{languages}<description>without WITH, INTERSECTS and"
        " functions of the service's own</description>"
        '<languageFeatures type="ivo://ivoa.net/std/TAPRegExt#features-adqlgeo">'
        + "".join(
            f"<feature><form>{name}</form></feature>"
            for name in ("CONTAINS", "CIRCLE", "DISTANCE", "POINT")
        )
        + "</languageFeatures>"
        '<languageFeatures type="ivo://ivoa.net/std/TAPRegExt#features-adql-string">'
        "<feature><form>ILIKE</form></feature></languageFeatures>"
        '<languageFeatures type="ivo://ivoa.net/std/TAPRegExt#features-adql-offset">'
        "<feature><form>OFFSET</form></feature></languageFeatures></language>"
        "<outputFormat><mime>application/x-votable+xml</mime><alias>votable</alias></outputFormat>"
        "<outputFormat><mime>text/csv</mime><alias>csv</alias></outputFormat>"
        f"<retentionPeriod><default>{KEPT_SECONDS}</default><hard>{KEPT_SECONDS}</hard>"
        "</retentionPeriod>"
        f"<executionDuration><default>{ASYNC_SECONDS:.0f}</default>"
        f"<hard>{ASYNC_SECONDS:.0f}</hard></executionDuration>"
        f'<outputLimit><default unit="row">{USUAL_ROWS}</default>'
        f'<hard unit="row">{MOST_ROWS}</hard></outputLimit></capability>\n'
    )
    return (
        f'{_XML}<vosi:capabilities xmlns:vosi="http://www.ivoa.net/xml/VOSICapabilities/v1.0"'
        ' xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0"'
        ' xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"'
        ' xmlns:tr="http://www.ivoa.net/xml/TAPRegExt/v1.0"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"{tap}{vosi}{examples}</vosi:capabilities>\n"
    )


def _interface(kind: str, url: str) -> str:
    role = ' role="std"' if kind == "vs:ParamHTTP" else ""
    return (
        f'<interface xsi:type="{kind}"{role}><accessURL use="full">{escape(url)}</accessURL>'
        "</interface>"
    )


def availability(problem: str) -> str:
    """Say whether queries are answered; ``problem`` is empty if they are."""
    note = f"<vosi:note>{escape(problem)}</vosi:note>" if problem else ""
    return (
        f'{_XML}<vosi:availability xmlns:vosi="http://www.ivoa.net/xml/VOSIAvailability/v1.0">'
        f"<vosi:available>{'false' if problem else 'true'}</vosi:available>{note}"
        "</vosi:availability>\n"
    )


def tables() -> str:
    """Describe all tables (VODataService)."""
    schemas = []
    for name, description in SCHEMAS.items():
        parts = "".join(_table(table) for table in TABLES.values() if table.schema == name)
        schemas.append(
            f"<schema><name>{name}</name><description>{escape(description)}</description>"
            f"{parts}</schema>\n"
        )
    return (
        f'{_XML}<vosi:tableset xmlns:vosi="http://www.ivoa.net/xml/VOSITables/v1.0"'
        ' xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
        f"{''.join(schemas)}</vosi:tableset>\n"
    )


def _table(table: Table) -> str:
    utype = f"<utype>{escape(table.utype)}</utype>" if table.utype else ""
    columns = "".join(_column(column) for column in table.columns)
    keys = "".join(
        f"<foreignKey><targetTable>{target}</targetTable><fkColumn><fromColumn>{one}</fromColumn>"
        f"<targetColumn>{other}</targetColumn></fkColumn></foreignKey>"
        for _, start, target, one, other, _ in KEYS
        if start == table.name
    )
    return (
        f'<table type="table"><name>{table.name}</name>'
        f"<description>{escape(table.description)}</description>{utype}{columns}{keys}</table>\n"
    )


def _column(column: Column) -> str:
    flag = "<flag>indexed</flag>" if column.is_indexed else ""
    size = ' arraysize="*"' if column.datatype == "char" else ""
    xtype = f" extendedType={quoteattr(column.xtype)}" if column.xtype else ""
    given = "".join(
        f"<{tag}>{escape(text)}</{tag}>"
        for tag, text in (("unit", column.unit), ("ucd", column.ucd), ("utype", column.utype))
        if text
    )
    return (
        f"<column><name>{escape(column.written)}</name><description>{escape(column.description)}"
        f'</description>{given}<dataType xsi:type="vs:VOTableType"{size}{xtype}>'
        f"{column.datatype}</dataType>{flag}</column>"
    )


def examples() -> str:
    """Show queries to begin with (DALI examples)."""
    parts = "".join(
        f'<div id="e{place}" resource="#e{place}" typeof="example">'
        f'<h2 property="name">{escape(name)}</h2>'
        f'<pre property="query">{escape(query)}</pre></div>\n'
        for place, (name, query) in enumerate(EXAMPLES.items(), 1)
    )
    return (
        '<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml"><head>'
        "<title>Examples of ADQL</title></head>\n"
        f'<body vocab="http://www.ivoa.net/rdf/examples#">\n{parts}</body></html>\n'
    )
