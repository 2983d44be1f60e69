"""Which solvers and catalogues to use for a stack: plain values that are sent to the child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crowdsky.base.json_fields import Fields
from crowdsky.base.settings_reader import SettingsReader, about, settings_of
from crowdsky.solving.solver_names import DEFAULT_SOLVERS, SOLVER_NAMES

INDEX_PATTERN = "index-*.fits"
INDEX_DIR = "/usr/share/astrometry"
SOLVE_TIMEOUT = 60.0
CACHE_DIR = "~/.cache/crowdsky"


@dataclass(frozen=True, slots=True)
class Recipe:
    """Which solvers and catalogues to use; ``Recipe()`` is what a worker does by default.

    Nothing is opened and no setting is read here; ``instruments.open_instruments`` does the former,
    ``load_recipe`` the latter.

    Attributes:
        solvers: names of the plate solvers, in the order in which they are asked.
        index_dir: folder with the index files of astrometry.net; Tycho-2 is read from them, too.
        solve_timeout: seconds that solving one stack may take altogether.
        catalogue_dir: folder with tiles of Gaia (see ``catalogues.tile_folder``), or None.
        catalogue_file: the user's own star catalogue (see ``catalogues.user_catalogue``), or None.
        cache_dir: folder that keeps the decoded star catalogue (23 MB) between processes.
        nova_url: address of a nova server, or "" for none.
        nova_key: key of an account on that server. It is a secret and does not show in ``repr``.
    """

    solvers: tuple[str, ...] = field(
        default=DEFAULT_SOLVERS,
        metadata=about(
            "SOLVERS",
            unit="names in order",
            default=",".join(DEFAULT_SOLVERS),
            reason="Plate solvers to ask, out of astrometry, triangles, solve-field and nova.",
        ),
    )
    index_dir: Path = field(
        default=Path(INDEX_DIR),
        metadata=about(
            "INDEX_DIR",
            unit="folder",
            default=INDEX_DIR,
            reason="Index files of astrometry.net; without any, stacks are not plate-solved.",
        ),
    )
    solve_timeout: float = field(
        default=SOLVE_TIMEOUT,
        metadata=about(
            "SOLVE_TIMEOUT",
            unit="seconds",
            default=f"{SOLVE_TIMEOUT:g}",
            reason="Most time for solving one stack; most take less than one, nova needs 600.",
        ),
    )
    catalogue_dir: Path | None = field(
        default=None,
        metadata=about(
            "CATALOGUE_DIR",
            unit="folder",
            default="",
            reason="Tiles of Gaia, filled by `crowdsky catalogue`; preferred to Tycho-2.",
        ),
    )
    catalogue_file: Path | None = field(
        default=None,
        metadata=about(
            "CATALOGUE_FILE",
            unit="file",
            default="",
            reason="Own stars (Parquet, FITS, ECSV, CSV), preferred to those of CATALOGUE_DIR.",
        ),
    )
    cache_dir: Path = field(
        default_factory=lambda: Path(CACHE_DIR).expanduser(),
        metadata=about(
            "CACHE_DIR",
            unit="folder",
            default=CACHE_DIR,
            reason="Keeps the decoded star catalogue (23 MB) between jobs; may be deleted.",
        ),
    )
    nova_url: str = field(
        default="",
        metadata=about(
            "NOVA_URL",
            unit="URL",
            default="",
            reason="Server that speaks the nova API; it is sent star lists. Empty: none is asked.",
        ),
    )
    nova_key: str = field(
        default="",
        repr=False,
        metadata=about(
            "NOVA_API_KEY",
            unit="text",
            default="",
            reason="Key of an account on that server, if it wants one.",
        ),
    )

    @classmethod
    def read(cls, read: SettingsReader) -> Recipe:
        """Read the settings of a recipe; problems stay with the reader."""
        recipe = cls(
            solvers=read.choices("SOLVERS", SOLVER_NAMES),
            index_dir=read.path("INDEX_DIR"),
            solve_timeout=read.number("SOLVE_TIMEOUT", at_least=1),
            catalogue_dir=read.path("CATALOGUE_DIR") if read.value("CATALOGUE_DIR") else None,
            catalogue_file=read.path("CATALOGUE_FILE") if read.value("CATALOGUE_FILE") else None,
            cache_dir=read.path("CACHE_DIR"),
            nova_url=read.url("NOVA_URL"),
            nova_key=read.secret("NOVA_API_KEY"),
        )
        if "nova" in recipe.solvers and not recipe.nova_url:
            read.problems.append("SOLVERS names nova, but NOVA_URL is not set")
        return recipe

    @property
    def has_index(self) -> bool:
        """Whether there are index files."""
        return any(self.index_dir.glob(INDEX_PATTERN))

    @property
    def can_solve(self) -> bool:
        """Whether any stack can be solved: there are index files, or a server to ask."""
        return self.has_index or ("nova" in self.solvers and bool(self.nova_url))

    @property
    def has_catalogue(self) -> bool:
        """Whether any catalogue is there whose magnitudes give the scale of a calibration."""
        own = self.catalogue_file is not None or self.catalogue_dir is not None
        return own or self.has_index

    def asking(self, solvers: Iterable[str] | None) -> Recipe:
        """Return this recipe with other solvers; None changes nothing."""
        return self if solvers is None else replace(self, solvers=tuple(solvers))

    def to_json(self) -> dict[str, Any]:
        """Return this recipe as JSON values, with the key: only for the child's standard input."""
        file, folder = self.catalogue_file, self.catalogue_dir
        return {
            "solvers": list(self.solvers),
            "index_dir": str(self.index_dir),
            "cache_dir": str(self.cache_dir),
            "catalogue_dir": None if folder is None else str(folder),
            "catalogue_file": None if file is None else str(file),
            "solve_timeout": self.solve_timeout,
            "nova_url": self.nova_url,
            "nova_key": self.nova_key,
        }

    @classmethod
    def from_json(cls, data: object) -> Recipe:
        """Read what ``to_json`` wrote; raises UnexpectedAnswerError naming the field."""
        fields = Fields("recipe", data)
        file = fields.optional_text("catalogue_file")
        folder = fields.optional_text("catalogue_dir")
        return cls(
            solvers=fields.texts("solvers"),
            index_dir=Path(fields.text("index_dir")),
            cache_dir=Path(fields.text("cache_dir")),
            catalogue_dir=None if folder is None else Path(folder),
            catalogue_file=None if file is None else Path(file),
            solve_timeout=fields.number("solve_timeout"),
            nova_url=fields.text("nova_url", empty=True),
            nova_key=fields.text("nova_key", empty=True),
        )


def load_recipe(
    environment: Mapping[str, str] | None = None, env_file: Path | None = Path(".env")
) -> Recipe:
    """Read only the settings of the recipe, for commands that need no site.

    Raises:
        ConfigurationError: with every problem found, not only the first.
    """
    reader = SettingsReader(settings_of(Recipe).values(), environment, env_file)
    recipe = Recipe.read(reader)
    reader.finish()
    return recipe
