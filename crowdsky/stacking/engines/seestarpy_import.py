"""Getting seestarpy's stacking module without the rest of seestarpy.

Importing the package ``seestarpy`` looks for a telescope on the network (which can take many
seconds), prints what it found and starts loading its event listeners. The stacking module itself
needs none of that, so it is loaded from its file and the package is left alone.
"""

from __future__ import annotations

import importlib.util
import sys
import warnings
from pathlib import Path
from types import ModuleType

from crowdsky.base.errors import ConfigurationError
from crowdsky.base.extras import require_extra

_MODULE_NAME = "crowdsky_seestarpy_stacking"


def require_seestarpy() -> Path:
    """Find seestarpy's stacking module, importing nothing: a daemon asks this at its start.

    Raises:
        ConfigurationError: seestarpy or OpenCV is not installed, or seestarpy is a release
            without a stacking module.
    """
    require_extra("seestarpy", "the engine seestarpy", "seestarpy", "cv2")
    package = importlib.util.find_spec("seestarpy")
    folders = [] if package is None else list(package.submodule_search_locations or [])
    sources = [Path(folder) / "stacking" / "stacking.py" for folder in folders]
    source = next((path for path in sources if path.is_file()), None)
    if source is None:
        raise ConfigurationError(
            "the engine seestarpy cannot be used",
            why="the installed seestarpy has no stacking module",
            hint="install seestarpy==0.1.3, the last release with it, or choose another engine",
        )
    return source


def load_stacking_module() -> ModuleType:
    """Load seestarpy's ``stacking.stacking``, once.

    Raises:
        ConfigurationError: as ``require_seestarpy``, or a library that it needs cannot be loaded.
    """
    if _MODULE_NAME in sys.modules:
        return sys.modules[_MODULE_NAME]
    source = require_seestarpy()
    spec = importlib.util.spec_from_file_location(_MODULE_NAME, source)
    if spec is None or spec.loader is None:
        raise ImportError(f"{source} cannot be loaded as a module")
    module = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        # It reports that its header helper is missing; our product has a header of its own.
        warnings.simplefilter("ignore")
        try:
            spec.loader.exec_module(module)
        except ImportError as error:
            raise ConfigurationError(
                "the engine seestarpy cannot be loaded",
                why=str(error),
                hint="without libGL it needs opencv-python-headless (see docs/deployment.md)",
            ) from error
    sys.modules[_MODULE_NAME] = module
    return module


def engine_name() -> str:
    """Return "seestarpy" and its version."""
    from importlib.metadata import version  # loads the packages for e-mail, which start slowly

    return f"seestarpy {version('seestarpy')}"
