"""The engines that stack subs, and the one that merges finished stacks."""

ENGINES = {
    "native": "crowdsky.stacking.engines.native",
    "seestarpy": "crowdsky.stacking.engines.seestarpy_engine",
}
"""Module of each engine by its name; a module is imported only when its engine is asked for."""

DEFAULT_ENGINE = "native"
