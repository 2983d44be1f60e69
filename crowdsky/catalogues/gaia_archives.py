"""The services that have Gaia DR3, and the ADQL that asks each of them for a pixel of the sky."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsky.catalogues.tile_folder import ID_ORDER, ID_SHIFT


@dataclass(frozen=True, slots=True)
class Archive:
    """A service, and how its tables spell what Gaia has.

    name    -- by which a person chooses it
    url     -- base address of its TAP service
    source  -- what follows FROM when stars are counted
    joined  -- what follows FROM when they are fetched
    columns -- of the stars, as `star_rows` knows them
    id, g   -- columns of the identifier and of G
    """

    name: str
    url: str
    source: str
    joined: str
    columns: tuple[str, ...]
    id: str
    g: str

    def count(self, order: int, pixel: int, faintest: float) -> str:
        """Return the query for the number of stars in a pixel down to a G magnitude."""
        return self._select("COUNT(*) AS n", self.source, order, pixel, faintest)

    def stars(self, order: int, pixel: int, faintest: float) -> str:
        """Return the query for the same stars."""
        return self._select(", ".join(self.columns), self.joined, order, pixel, faintest)

    def _select(self, what: str, source: str, order: int, pixel: int, faintest: float) -> str:
        """Select by id: it begins with the pixel, and every service has an index of it."""
        first, last = ids_of(order, pixel)
        where = f"{self.id} BETWEEN {first} AND {last} AND {self.g} <= {faintest:g}"
        return f"SELECT {what} FROM {source} WHERE {where}"  # noqa: S608 - names and numbers of ours


GAIA = Archive(
    name="gaia",
    url="https://gea.esac.esa.int/tap-server/tap",
    source="gaiadr3.gaia_source AS g",
    joined="gaiadr3.gaia_source AS g LEFT OUTER JOIN gaiadr3.synthetic_photometry_gspc AS s"
    " ON s.source_id = g.source_id",
    columns=(
        "g.source_id", "g.ra", "g.dec", "g.ref_epoch", "g.pmra", "g.pmdec", "g.phot_g_mean_mag",
        "g.bp_rp", "s.v_jkc_mag",
    ),
    id="g.source_id",
    g="g.phot_g_mean_mag",
)  # fmt: skip
VIZIER = Archive(
    name="vizier",
    url="https://tapvizier.cds.unistra.fr/TAPVizieR/tap",
    source='"I/355/gaiadr3"',
    joined='"I/355/gaiadr3"',
    columns=("Source", "RA_ICRS", "DE_ICRS", "pmRA", "pmDE", "Gmag", '"BP-RP"'),
    id="Source",
    g="Gmag",
)
ARCHIVES = {archive.name: archive for archive in (GAIA, VIZIER)}


def ids_of(order: int, pixel: int) -> tuple[int, int]:
    """Return the first and the last id that a source in a pixel can have."""
    shift = ID_SHIFT + 2 * (ID_ORDER - order)
    return pixel << shift, ((pixel + 1) << shift) - 1
