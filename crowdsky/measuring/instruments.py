"""Opens the catalogues and makes the solvers that a recipe names; what is missing is a remark."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsky.base.attempts import Attempts
from crowdsky.catalogues.gaia_tiles import GaiaTiles
from crowdsky.catalogues.user_catalogue import open_user_catalogue
from crowdsky.measuring.recipe import Recipe
from crowdsky.solving.catalogue import Catalogue, StarCatalogue
from crowdsky.solving.chain import TimedSolver
from crowdsky.solving.make_solvers import make_solvers
from crowdsky.solving.nova import NovaSolver
from crowdsky.solving.nova_http import NovaHttp
from crowdsky.solving.tycho2 import open_tycho2

NEED_INDEX = ("astrometry", "solve-field", "triangles")


@dataclass(frozen=True, slots=True)
class Instruments:
    """The solvers and catalogues that a stack is measured with.

    Attributes:
        solvers: those of the recipe that can be used on this machine.
        catalogue: Tycho-2, or None without index files.
        own_catalogue: the user's own file of stars, or None.
        gaia: the tiles of Gaia, or None.
        remarks: what the recipe names and this machine does not have, for people to read.
    """

    solvers: tuple[TimedSolver, ...]
    catalogue: StarCatalogue | None
    own_catalogue: StarCatalogue | None
    gaia: GaiaTiles | None
    remarks: tuple[str, ...]

    @property
    def better(self) -> tuple[Catalogue, ...]:
        """The catalogues that are better than Tycho-2, in the order in which they are asked."""
        return tuple(one for one in (self.own_catalogue, self.gaia) if one is not None)


def open_instruments(recipe: Recipe) -> Instruments:
    """Open the catalogues and make the solvers.

    Raises:
        ConfigurationError: the recipe names a solver that does not exist, or the address of its
            nova server is not one.
    """
    attempt = Attempts()
    catalogue = attempt("Tycho-2 stars", lambda: open_tycho2(recipe.index_dir, recipe.cache_dir))
    own_catalogue, file = None, recipe.catalogue_file
    if file is not None:
        own_catalogue = attempt("stars of your own", lambda: open_user_catalogue(file))
    gaia, folder = None, recipe.catalogue_dir
    if folder is not None:
        gaia = attempt("Gaia stars", lambda: GaiaTiles(folder))
    nova = NovaSolver(NovaHttp(recipe.nova_url), recipe.nova_key) if recipe.nova_url else None
    if nova is None and "nova" in recipe.solvers:
        attempt.notes.append("the solver nova has no server: NOVA_URL is not set")
    names = [name for name in recipe.solvers if recipe.has_index or name not in NEED_INDEX]
    solvers = make_solvers(names, recipe.index_dir, catalogue, nova)
    return Instruments(tuple(solvers), catalogue, own_catalogue, gaia, tuple(attempt.notes))
