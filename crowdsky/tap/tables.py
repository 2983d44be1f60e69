"""The published tables: their columns, and how TAP_SCHEMA and /tables describe them."""

from __future__ import annotations

from dataclasses import dataclass

_RESERVED = ("size",)

SQL_TYPES = {"int": "INTEGER", "long": "INTEGER", "double": "REAL", "char": "TEXT"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column; ``datatype`` is that of VOTable, and texts have any length."""

    name: str
    datatype: str
    unit: str
    ucd: str
    description: str
    utype: str = ""
    xtype: str = ""

    @property
    def size(self) -> str:
        """The arraysize of VOTable; empty for numbers."""
        return "*" if self.datatype in ("char", "unicodeChar") else ""

    @property
    def is_indexed(self) -> bool:
        """Whether searches by it are quick."""
        return self.name == "obs_id"

    @property
    def written(self) -> str:
        """The name as a query must write it."""
        return f'"{self.name}"' if self.name in _RESERVED else self.name


@dataclass(frozen=True, slots=True)
class Table:
    """One table with its schema's name in front."""

    name: str
    description: str
    columns: tuple[Column, ...]
    utype: str = ""

    @property
    def schema(self) -> str:
        """Name of the schema alone."""
        return self.name.split(".")[0]


def _obscore(*row: str) -> Column:
    name, datatype, unit, ucd, utype, description = row
    xtype = "adql:REGION" if name == "s_region" else ""
    return Column(name, datatype, unit, ucd, description, f"obscore:{utype}", xtype)


_AXIS = "Char.SpatialAxis"
_TIME = "Char.TimeAxis"
_COLOUR = "Char.SpectralAxis"

OBSCORE = Table(
    "ivoa.obscore",
    "Public stacks that are solved, in the columns of ObsCore 1.1",
    (
        _obscore("dataproduct_type", "char", "", "meta.code.class",
                 "ObsDataset.dataProductType", "Kind of data"),
        _obscore("dataproduct_subtype", "char", "", "meta.code.class",
                 "ObsDataset.dataProductSubtype", "Kind of data, more closely; not used"),
        _obscore("calib_level", "int", "", "meta.code;obs.calib",
                 "ObsDataset.calibLevel", "Calibration level, 0 to 4"),
        _obscore("obs_collection", "char", "", "meta.id", "DataID.collection", "Collection"),
        _obscore("obs_id", "char", "", "meta.id", "DataID.observationID", "The stack"),
        _obscore("obs_publisher_did", "char", "", "meta.ref.ivoid",
                 "Curation.publisherDID", "The stack among all archives"),
        _obscore("access_url", "char", "", "meta.ref.url",
                 "Access.reference", "The stack as FITS; needs a key"),
        _obscore("access_format", "char", "", "meta.code.mime",
                 "Access.format", "Media type of the file"),
        _obscore("access_estsize", "long", "kbyte", "phys.size;meta.file",
                 "Access.size", "Size of the file"),
        _obscore("target_name", "char", "", "meta.id;src",
                 "Target.name", "Known target that its owner named"),
        _obscore("s_ra", "double", "deg", "pos.eq.ra",
                 f"{_AXIS}.Coverage.Location.Coord.Position2D.Value2.C1",
                 "Right ascension of its middle, ICRS"),
        _obscore("s_dec", "double", "deg", "pos.eq.dec",
                 f"{_AXIS}.Coverage.Location.Coord.Position2D.Value2.C2",
                 "Declination of its middle, ICRS"),
        _obscore("s_fov", "double", "deg", "phys.angSize;instr.fov",
                 f"{_AXIS}.Coverage.Bounds.Extent.diameter", "Diameter of the circle around it"),
        _obscore("s_region", "char", "", "pos.outline;obs.field",
                 f"{_AXIS}.Coverage.Support.Area", "Outline"),
        _obscore("s_resolution", "double", "arcsec", "pos.angResolution",
                 f"{_AXIS}.Resolution.Refval.value",
                 "Full width at half maximum of a star, green"),
        _obscore("s_pixel_scale", "double", "arcsec", "phys.angSize;instr.pixel",
                 f"{_AXIS}.Sampling.RefVal.SamplingPeriod", "Width of a pixel"),
        _obscore("s_xel1", "long", "", "meta.number", f"{_AXIS}.numBins1", "Pixels in a row"),
        _obscore("s_xel2", "long", "", "meta.number", f"{_AXIS}.numBins2", "Pixels in a column"),
        _obscore("t_min", "double", "d", "time.start;obs.exposure",
                 f"{_TIME}.Coverage.Bounds.Limits.StartTime", "Start of the first sub, MJD (UTC)"),
        _obscore("t_max", "double", "d", "time.end;obs.exposure",
                 f"{_TIME}.Coverage.Bounds.Limits.StopTime", "End of the last sub, MJD (UTC)"),
        _obscore("t_exptime", "double", "s", "time.duration;obs.exposure",
                 f"{_TIME}.Coverage.Support.Extent", "Exposure of all subs together"),
        _obscore("t_resolution", "double", "s", "time.resolution",
                 f"{_TIME}.Resolution.Refval.value", "Exposure of all subs together"),
        _obscore("t_xel", "long", "", "meta.number", f"{_TIME}.numBins", "Samples in time"),
        _obscore("em_min", "double", "m", "em.wl;stat.min",
                 f"{_COLOUR}.Coverage.Bounds.Limits.LoLimit",
                 "Shortest wavelength that its filter lets through"),
        _obscore("em_max", "double", "m", "em.wl;stat.max",
                 f"{_COLOUR}.Coverage.Bounds.Limits.HiLimit",
                 "Longest wavelength that its filter lets through"),
        _obscore("em_res_power", "double", "", "spect.resolution",
                 f"{_COLOUR}.Resolution.ResolPower.refVal",
                 "Mean wavelength over width of the band"),
        _obscore("em_xel", "long", "", "meta.number", f"{_COLOUR}.numBins", "Colour planes"),
        _obscore("o_ucd", "char", "", "meta.ucd",
                 "Char.ObservableAxis.ucd", "What its pixels hold"),
        _obscore("pol_xel", "long", "", "meta.number",
                 "Char.PolarizationAxis.numBins", "Polarisation states"),
        _obscore("pol_states", "char", "", "meta.code;phys.polarization",
                 "Char.PolarizationAxis.stateList", "Polarisation states"),
        _obscore("facility_name", "char", "", "meta.id;instr.tel",
                 "Provenance.ObsConfig.Facility.name", "Whose archive it is in"),
        _obscore("instrument_name", "char", "", "meta.id;instr",
                 "Provenance.ObsConfig.Instrument.name", "Model and unit of the telescope"),
    ),
    "ivo://ivoa.net/std/obscore#table-1.1",
)  # fmt: skip

STACKS = Table(
    "crowdsky.stacks",
    "Public stacks with a position, solved or not",
    (
        Column("obs_id", "char", "", "meta.id;meta.main", "The stack, as in ivoa.obscore"),
        Column("ra", "double", "deg", "pos.eq.ra;meta.main", "Right ascension, ICRS"),
        Column("dec", "double", "deg", "pos.eq.dec;meta.main", "Declination, ICRS"),
        Column("target_name", "char", "", "meta.id;src", "Known target that its owner named"),
        Column("telescope", "char", "", "meta.id;instr.tel", "Model and unit of the telescope"),
        Column("filter", "char", "", "meta.id;instr.filter", "Filter"),
        Column("t_min", "double", "d", "time.start;obs.exposure", "Start of the first sub, MJD"),
        Column("t_max", "double", "d", "time.end;obs.exposure", "End of the last sub, MJD"),
        Column("t_exptime", "double", "s", "time.duration;obs.exposure", "Exposure of all subs"),
        Column("n_frames", "long", "", "meta.number;obs", "Subs in the stack"),
        Column("is_solved", "int", "", "meta.code",
               "1: the position comes from its stars; 0: it is that of the mount"),
        Column("seeing", "double", "arcsec", "instr.obsty.seeing",
               "Full width at half maximum of a star, green"),
        Column("limiting_mag", "double", "mag", "phot.mag;stat.max", "Faintest star measured"),
        Column("access_url", "char", "", "meta.ref.url", "The stack as FITS; needs a key"),
        Column("page_url", "char", "", "meta.ref.url", "Page of the stack"),
        Column("preview", "char", "", "meta.ref.url;meta.preview", "Small picture"),
    ),
)  # fmt: skip

SCHEMAS = {
    "ivoa": "Tables of the IVOA's data models",
    "crowdsky": "What else is known of the public stacks",
    "tap_schema": "The description of all tables",
}

TAP_SCHEMA = (
    Table("tap_schema.schemas", "The schemas", (
        Column("schema_name", "char", "", "", "Name of the schema"),
        Column("utype", "char", "", "", "Its Utype"),
        Column("description", "char", "", "", "What is in it"),
        Column("schema_index", "int", "", "", "Where it stands in a list"),
    )),
    Table("tap_schema.tables", "The tables", (
        Column("schema_name", "char", "", "", "Schema of the table"),
        Column("table_name", "char", "", "", "Name of the table, as in a query"),
        Column("table_type", "char", "", "", "table"),
        Column("utype", "char", "", "", "Its Utype"),
        Column("description", "char", "", "", "What is in it"),
        Column("table_index", "int", "", "", "Where it stands in a list"),
    )),
    Table("tap_schema.columns", "The columns", (
        Column("table_name", "char", "", "", "Table of the column"),
        Column("column_name", "char", "", "", "Name of the column, as in a query"),
        Column("datatype", "char", "", "", "Type, as in VOTable"),
        Column("arraysize", "char", "", "", "Length, as in VOTable"),
        Column("xtype", "char", "", "", "Kind of text"),
        Column("size", "int", "", "", "Length, as in TAP 1.0"),
        Column("description", "char", "", "", "What is in it"),
        Column("utype", "char", "", "", "Its Utype"),
        Column("unit", "char", "", "", "Its unit"),
        Column("ucd", "char", "", "", "Its UCD"),
        Column("indexed", "int", "", "", "1 if it has an index"),
        Column("principal", "int", "", "", "1 if it is one of the main columns"),
        Column("std", "int", "", "", "1 if a standard defines it"),
        Column("column_index", "int", "", "", "Where it stands in a list"),
    )),
    Table("tap_schema.keys", "Columns that lead to another table", (
        Column("key_id", "char", "", "", "Name of the key"),
        Column("from_table", "char", "", "", "Table that it leads from"),
        Column("target_table", "char", "", "", "Table that it leads to"),
        Column("utype", "char", "", "", "Its Utype"),
        Column("description", "char", "", "", "What it means"),
    )),
    Table("tap_schema.key_columns", "The columns of these keys", (
        Column("key_id", "char", "", "", "Name of the key"),
        Column("from_column", "char", "", "", "Column that it leads from"),
        Column("target_column", "char", "", "", "Column that it leads to"),
    )),
)  # fmt: skip

KEYS = (
    ("same_stack", STACKS.name, OBSCORE.name, "obs_id", "obs_id", "The same stack in both tables"),
    ("schema_of_table", "tap_schema.tables", "tap_schema.schemas", "schema_name", "schema_name",
     "Schema of a table"),
    ("table_of_column", "tap_schema.columns", "tap_schema.tables", "table_name", "table_name",
     "Table of a column"),
    ("key_from", "tap_schema.keys", "tap_schema.tables", "from_table", "table_name",
     "Table that a key leads from"),
    ("key_to", "tap_schema.keys", "tap_schema.tables", "target_table", "table_name",
     "Table that a key leads to"),
    ("key_of_columns", "tap_schema.key_columns", "tap_schema.keys", "key_id", "key_id",
     "Key that columns belong to"),
)  # fmt: skip
"""Columns that lead to another table: name, from, to, column, its target, description."""

TABLES = {table.name: table for table in (OBSCORE, STACKS, *TAP_SCHEMA)}


def described() -> dict[str, list[tuple[str | int | None, ...]]]:
    """Return the rows of TAP_SCHEMA, by table."""
    tables, columns = [], []
    for place, table in enumerate(TABLES.values()):
        is_standard = int(table.schema != "crowdsky")
        tables.append((table.schema, table.name, "table", table.utype or None,
                       table.description, place))  # fmt: skip
        columns += [
            (table.name, column.written, column.datatype, column.size or None,
             column.xtype or None, None, column.description, column.utype or None,
             column.unit or None, column.ucd or None, int(column.is_indexed), 1,
             is_standard, number)
            for number, column in enumerate(table.columns)
        ]  # fmt: skip
    return {
        "tap_schema.schemas": [
            (name, None, text, place) for place, (name, text) in enumerate(SCHEMAS.items())
        ],
        "tap_schema.tables": list(tables),
        "tap_schema.columns": list(columns),
        "tap_schema.keys": [
            (name, start, target, None, text) for name, start, target, _, _, text in KEYS
        ],
        "tap_schema.key_columns": [(name, one, other) for name, _, _, one, other, _ in KEYS],
    }
