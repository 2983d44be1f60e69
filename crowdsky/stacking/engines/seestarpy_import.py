"""Getting seestarpy's stacking module without the rest of seestarpy.

Importing the package ``seestarpy`` looks for a telescope on the network (which can take many
seconds), prints what it found and starts loading its event listeners. The stacking module itself
needs none of that, so it is loaded from its file and the package is left alone.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import sys
import warnings
from pathlib import Path
from types import ModuleType

from crowdsky.base.errors import ConfigurationError

_MODULE_NAME = "crowdsky_seestarpy_stacking"


def load_stacking_module() -> ModuleType:
    """seestarpy's ``stacking.stacking``; raises ConfigurationError when it is not installed."""
    if _MODULE_NAME in sys.modules:
        return sys.modules[_MODULE_NAME]
    package = importlib.util.find_spec("seestarpy")
    folders = [] if package is None else list(package.submodule_search_locations or [])
    sources = [Path(folder) / "stacking" / "stacking.py" for folder in folders]
    source = next((path for path in sources if path.is_file()), None)
    if source is None:
        raise ConfigurationError(
            "the seestarpy engine cannot be used",
            why="no installed seestarpy has a stacking module",
            hint="install seestarpy==0.1.3, the last release with it, or choose another engine",
        )
    spec = importlib.util.spec_from_file_location(_MODULE_NAME, source)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source} cannot be loaded as a module")
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        # It tells that its header helper is missing; our product has a header of its own.
        warnings.simplefilter("ignore")
        spec.loader.exec_module(module)
    sys.modules[_MODULE_NAME] = module
    return module


def engine_name() -> str:
    """ "seestarpy" and its version."""
    return f"seestarpy {importlib.metadata.version('seestarpy')}"
