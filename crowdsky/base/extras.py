"""Extras of the package: what an installation may lack, and the command that adds it.

They are declared in ``pyproject.toml``. ``./dev`` installs all of them; ``pip`` only those that are
named, so that a volunteer's worker stays small.
"""

from __future__ import annotations

from importlib.util import find_spec

from crowdsky.base.errors import ConfigurationError


def require_extra(extra: str, feature: str, *modules: str) -> None:
    """Check that ``modules`` can be found, without importing them.

    Args:
        extra: the extra that brings them.
        feature: what needs them, as a person calls it, e.g. "the engine seestarpy".

    Raises:
        ConfigurationError: at least one is missing; names the command that installs the extra.
    """
    if not has_modules(*modules):
        raise ConfigurationError(
            f"{feature} is not installed", hint=f"install it with: {install_command(extra)}"
        )


def has_modules(*modules: str) -> bool:
    """Whether all of them can be found; none is imported."""
    return all(find_spec(module) is not None for module in modules)


def install_command(extra: str) -> str:
    """Return the command that adds an extra to an installation by pip."""
    return f"pip install 'crowdsky[{extra}]'"
