"""`Client`: the archive of a site from Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

import numpy as np

from crowdsky.base.errors import ConfigurationError
from crowdsky.client import data_calls, export, light_curves, tables
from crowdsky.client.curve_wish import CurveWish, degrees_of
from crowdsky.client.light_curves import LightCurve
from crowdsky.client.records import Stack, StackPage
from crowdsky.client.settings import read_client_settings, require_usable
from crowdsky.client.site import BearerKey, Site
from crowdsky.net.retry import Policy, Waits, call_with_retry

if TYPE_CHECKING:
    from astropy.coordinates import SkyCoord
    from astropy.table import Table
    from mocpy import MOC

Result = TypeVar("Result")

READ = Policy(
    "read the archive",
    tries=5,
    deadline_seconds=120,
    base_seconds=1,
    cap_seconds=20,
    reason="reads only, while a person or script waits",
    refetches=2,
)
STARS = 1000
"""Number of stars that a list asks for at a time."""
PAGE = 500
"""Number of stacks that a search asks for at a time."""


class Client:
    """Reads the archive of a site: all public stacks, and those of the owner of the key.

    Args:
        url: address of the site; by default CROWDSKY_API_URL.
        api_key: personal or service key; by default CROWDSKY_API_KEY. Without one, only what is
            open to anybody can be read.
        download_dir: folder of downloaded stacks; by default one for the site in
            CROWDSKY_DOWNLOAD_DIR.
        waits: how to wait between tries.

    Settings are read from the environment and from ``.env``; see docs/configuration.md.

    Raises:
        ConfigurationError: no address is known, or a setting is wrong.

    Every method raises AccessDeniedError when the key is missing or not accepted, TransientError
    when the site cannot be reached after several tries, and SiteRefusedError when it refuses the
    call for another reason, such as a value out of bounds.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        download_dir: Path | str | None = None,
        waits: Waits | None = None,
    ) -> None:
        settings = read_client_settings()
        address = (url or settings.url).rstrip("/").removesuffix("/api")
        if not address:
            raise ConfigurationError(
                "no archive is known", hint="set CROWDSKY_API_URL, or give its address"
            )
        key = settings.api_key if api_key is None else api_key
        require_usable(address, key)
        self._site = Site.connect(address, BearerKey(key), "CROWDSKY_API_KEY")
        default = settings.download_dir / (urlsplit(address).netloc.replace(":", "_") or "site")
        self._folder = default if download_dir is None else Path(download_dir).expanduser()
        self._waits = waits or Waits()
        self._has_key = bool(key)
        self._is_signed_in = False

    def search(
        self,
        name: str | None = None,
        *,
        near: tuple[float, float] | SkyCoord | None = None,
        radius: float | None = None,
        box: tuple[float, float, float, float] | None = None,
        start: datetime | str | None = None,
        end: datetime | str | None = None,
        filter: str | None = None,  # noqa: A002 - the name of the condition on the site
        telescope: str | None = None,
        eq_mode: int | None = None,
        min_exptime: float | None = None,
        max_exptime: float | None = None,
        min_sqm: float | None = None,
        min_limiting_mag: float | None = None,
        solved: bool | None = None,
        own: bool | None = None,
    ) -> Iterator[Stack]:
        """Yield the stacks for which everything given holds, the oldest first; page by page.

        Without conditions, these are all stacks of the archive that the key may see.

        Args:
            name: of an object that is in the picture, or that the owner named; any known name.
            near: a place, also as RA and Dec in degrees (ICRS), from which the middle of the
                stack is at most ``radius`` degrees away.
            radius: of that circle, degrees.
            box: smallest and largest RA, smallest and largest Dec of the middle, degrees.
            start: earliest begin of the observation (datetime, or ISO text; UTC).
            end: latest begin.
            filter: its name.
            telescope: a unit, or a model for all its units.
            eq_mode: 1 for an equatorial mount, 0 for an altazimuth one.
            min_exptime: shortest exposure of all subs together, seconds.
            max_exptime: longest.
            min_sqm: brightest sky, mag/arcsec^2.
            min_limiting_mag: limiting magnitude.
            solved: True for solved stacks only, False for the others only.
            own: True for those of the owner of the key only, False for the others only.

        A stack of which a wanted fact is not known is left out.
        """
        ra, dec = (None, None) if near is None else degrees_of(near)
        edges = None if box is None else ",".join(f"{edge:.12g}" for edge in box)
        query = data_calls.query_of(
            object=name,
            ra=ra,
            dec=dec,
            radius=radius,
            box=edges,
            start=start,
            end=end,
            filter=filter,
            telescope=telescope,
            eq_mode=eq_mode,
            min_exptime=min_exptime,
            max_exptime=max_exptime,
            min_sqm=min_sqm,
            min_limiting_mag=min_limiting_mag,
            solved=solved,
            own=own,
            limit=PAGE,
        )
        after: str | None = ""
        while after is not None:
            page = self._page({**query, **({"after": after} if after else {})})
            yield from page.stacks
            after = page.next

    def download(self, stack: Stack | int, folder: Path | str | None = None) -> Path:
        """Download the FITS file of a stack and return its path.

        A file that is there with the right SHA-256 is not downloaded again. Raises
        StackNotFoundError, and CorruptInputError when the bytes arrive damaged every time.

        Args:
            stack: the stack, or its id.
            folder: where to; by default that of the client.
        """
        number = _id_of(stack)
        target = self._folder if folder is None else Path(folder).expanduser()
        return self._read(lambda: data_calls.download_frame(self._site, number, target))

    def stars(self, stack: Stack | int) -> Table:
        """Return the stars of a stack as an astropy table; raises StackNotFoundError.

        Columns are ``x``, ``y`` (0-based pixels), ``flux``, ``peak`` (adu), ``a``, ``b`` (pixels),
        ``flag``, ``ra``, ``dec`` (degrees, ICRS; of the windowed centre). Unknown numbers are NaN.
        """
        number = _id_of(stack)
        return tables.star_table(self._read(lambda: data_calls.frame_stars(self._site, number)))

    def stars_near(self, near: tuple[float, float] | SkyCoord, radius: float) -> Table:
        """Return the stars of the archive's own list in a circle, as an astropy table.

        Columns are ``id``, ``ra``, ``dec`` (degrees, ICRS), ``gaia_id``, ``mag_tg`` (mean in green,
        masked where the field is not calibrated), ``mag_error``, ``n_observations``, ``first_obs``,
        ``last_obs`` (UTC), ``flags`` and ``variable_of``.

        Args:
            near: middle, also as RA and Dec in degrees (ICRS).
            radius: degrees, 2 at most.
        """
        ra, dec = degrees_of(near)
        query = data_calls.query_of(ra=ra, dec=dec, radius=radius, limit=STARS)
        return self._list("stars.php", query, "could not list stars")

    def light_curve(
        self,
        star: int | None = None,
        *,
        near: tuple[float, float] | SkyCoord | None = None,
        band: str | None = None,
        version: int | str | None = None,
        field: int | None = None,
        series: int | None = None,
        quality: str | None = None,
    ) -> LightCurve:
        """Return how bright a star was; raises StarNotFoundError.

        Args:
            star: its number in the list of the archive; or
            near: a place, of which the nearest star within 10 arcseconds is taken.
            band: TR, TG or TB of a colour camera, CV of a monochrome one; all unless given.
            version: a published calibration, with the epochs that are in it, as it was.
            field: of a star near the edge of a field, only what this field has.
            series: seconds: the series of intervals of this length instead of whole stacks.
            quality: ``good`` leaves out points that are not calibrated or that a flag doubts.
        """
        wish = CurveWish(star, near, band, version, field, series, quality)
        text = self.light_curve_file("ecsv", wish).decode()
        return LightCurve.of_table(tables.ecsv_table(text, "could not read the light curve"))

    def light_curve_file(self, form: str, wish: CurveWish, **report: str | None) -> bytes:
        """Return a light curve as a file of the site; raises StarNotFoundError.

        Args:
            form: json, csv, ecsv, votable, parquet, or aavso for a report that a person may send.
            wish: which one.
            report: of a report: ``name`` of the star at the AAVSO, and ``obscode``.
        """
        query = {**wish.query(), **data_calls.query_of(**report)}
        return self._read(lambda: data_calls.light_curve(self._site, query, form))

    def variables(self) -> Table:
        """Return the stars that the archive itself has found to vary, the surest first.

        With ``kind``, ``score``, ``period_d`` (masked where none is claimed, ``remark`` says
        why), ``amplitude_mag`` and ``amplitude_error_mag`` (masked where it is not known),
        and the addresses of two cut-outs and of the light curve.
        """
        query = data_calls.query_of(limit=STARS)
        return self._list("variables_found.php", query, "could not list variable stars")

    def new_sources(self) -> Table:
        """Return point sources that may be new, those that were seen last first."""
        query = data_calls.query_of(limit=STARS)
        return self._list("new_sources.php", query, "could not list new sources")

    def coverage(self) -> Table:
        """Return what was observed: a row per HEALPix pixel (NSIDE 128, RING) and filter."""
        text = self._read(lambda: data_calls.sky_coverage(self._site))
        return tables.coverage_table(text)

    def coverage_moc(self, filter_name: str | None = None) -> MOC:
        """Return what was observed, in one filter or in any, as a MOC of mocpy.

        Raises ConfigurationError where the extra ``moc`` is not installed.
        """
        table = self.coverage()
        if filter_name is not None:
            table = table[np.ma.filled(table["filter_name"], "") == filter_name]
        return tables.coverage_moc(table["healpix_ring"])

    def _list(self, endpoint: str, query: dict[str, str], what: str) -> Table:
        def page(after: Mapping[str, str]) -> Table:
            wanted = {**query, **after}
            text = self._read(lambda: data_calls.star_table(self._site, endpoint, wanted, what))
            return tables.ecsv_table(text, what)

        return light_curves.all_pages(page)

    def fetch_export(
        self, folder: Path | str, *catalogues: str, verify: bool = False
    ) -> export.Fetched:
        """Bring a folder to the state of the export of all public light curves.

        What is there is not fetched again. Raises ExportMissingError while nothing is exported.

        Args:
            folder: made where it is missing.
            catalogues: `stars`, `light_curves`, `series`; none for all.
            verify: whether all files are compared by hash, also those that came earlier.
        """
        target = Path(folder).expanduser()
        return export.fetch_export(self._site, target, catalogues, self._read, verify=verify)

    def _page(self, query: dict[str, str]) -> StackPage:
        return self._read(lambda: data_calls.search(self._site, query))

    def _read(self, operation: Callable[[], Result]) -> Result:
        result = call_with_retry(READ, operation, self._waits, is_signed_in=self._is_signed_in)
        self._is_signed_in = self._has_key
        return result


def _id_of(stack: Stack | int) -> int:
    return stack.id if isinstance(stack, Stack) else stack
