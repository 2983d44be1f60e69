"""Loading seestarpy must not look for a telescope, print, or take its time over either."""

from __future__ import annotations

import subprocess
import sys

import pytest

from crowdsky.base.errors import ConfigurationError
from crowdsky.stacking.engines import seestarpy_import

# A resolver that tells on whoever asks it; every look-up would take two seconds.
PROGRAM = """
import socket, sys, time
asked = []
def slow(name, *rest):
    asked.append(name)
    time.sleep(2)
    raise socket.gaierror(-2, "no such telescope")
socket.gethostbyname = socket.getaddrinfo = slow
{load}
sys.stderr.write(f"asked={{asked}}")
"""


def run(load: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PROGRAM.format(load=load)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )


def test_the_network_is_left_alone_and_nothing_is_printed() -> None:
    done = run(
        "from crowdsky.stacking.engines.seestarpy_import import load_stacking_module\n"
        "assert load_stacking_module().FrameCollection\n"
        "assert not [name for name in sys.modules if name.split('.')[0] == 'seestarpy']"
    )
    assert done.stdout == ""
    assert done.stderr == "asked=[]"


def test_the_plain_import_would_have_asked_and_printed() -> None:
    """If this fails, seestarpy has become polite and the detour can go."""
    done = run("import seestarpy.stacking.stacking")
    assert "seestar" in done.stdout.lower()
    assert "seestar.local" in done.stderr


def test_the_module_is_loaded_once() -> None:
    first = seestarpy_import.load_stacking_module()
    assert seestarpy_import.load_stacking_module() is first


def test_a_release_without_stacking_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seestarpy_import, "_MODULE_NAME", "not_loaded_yet")
    monkeypatch.setattr(seestarpy_import.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"seestarpy==0\.1\.3"):
        seestarpy_import.load_stacking_module()


def test_the_engine_names_its_version() -> None:
    assert seestarpy_import.engine_name() == "seestarpy 0.1.3"
