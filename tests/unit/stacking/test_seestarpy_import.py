"""Loading seestarpy must not look for a telescope, print, or take its time over either."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from crowdsky.base import extras
from crowdsky.base.errors import ConfigurationError
from crowdsky.stacking.engines import seestarpy_import

NOT_INSTALLED = (
    "the engine seestarpy is not installed; install it with: pip install 'crowdsky[seestarpy]'"
)

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


def test_a_release_without_stacking_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "seestarpy").mkdir()
    (tmp_path / "seestarpy" / "__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(seestarpy_import, "_MODULE_NAME", "not_loaded_yet")
    with pytest.raises(ConfigurationError, match=r"seestarpy==0\.1\.3"):
        seestarpy_import.load_stacking_module()


@pytest.mark.parametrize("absent", ["seestarpy", "cv2"])
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, absent: str) -> None:
    monkeypatch.setattr(seestarpy_import, "_MODULE_NAME", "not_loaded_yet")
    monkeypatch.setattr(
        extras, "find_spec", lambda name: None if name == absent else find_spec(name)
    )
    with pytest.raises(ConfigurationError) as refused:
        seestarpy_import.load_stacking_module()
    assert str(refused.value) == NOT_INSTALLED


def test_a_missing_library_of_the_system_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The full opencv-python on a system without a desktop's libraries."""
    (tmp_path / "cv2.py").write_text("raise ImportError('libGL.so.1: cannot open it')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cv2", raising=False)
    monkeypatch.setattr(seestarpy_import, "_MODULE_NAME", "not_loaded_yet")
    with pytest.raises(ConfigurationError, match=r"libGL\.so\.1: .*opencv-python-headless"):
        seestarpy_import.load_stacking_module()
    assert "not_loaded_yet" not in sys.modules


def test_the_engine_names_its_version() -> None:
    assert seestarpy_import.engine_name() == "seestarpy 0.1.3"
