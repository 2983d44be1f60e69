"""What a volunteer gets: the wheel, and an environment made of it as the guide describes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest

from crowdsky import __version__
from crowdsky.base.compiled import LIBRARIES
from tests.support.documented import documented
from tests.support.star_fields import INDEX_DIR
from tests.support.wheel import build_source_distribution, build_wheel
from tests.support.worker_process import starry_subs

PATIENCE = 1500.0
"""Seconds for one command: a busy machine may install and compile for many minutes."""
pytestmark = pytest.mark.timeout(2 * PATIENCE)

UNREACHABLE = ("after connection broken by", "Temporary failure in name resolution")
"""What pip prints when it cannot reach the package index."""
DESKTOP_LIBRARIES = (b"libGL.so", b"libX11")
"""What a server lacks; a shared object that needs one carries its name."""

SITE_NOT_THERE = {"API_BASE_URL": "http://127.0.0.1:1/api", "WORKER_API_KEY": "some-key"}
NOT_INSTALLED = (
    "the engine seestarpy is not installed; install it with: pip install 'crowdsky[seestarpy]'"
)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@dataclass(frozen=True)
class Volunteer:
    """Somebody with nothing but a home folder and the wheel.

    Attributes:
        home: home folder; the commands run in it.
        wheel: takes the place of the repository's address in documented commands.
    """

    home: Path
    wheel: Path

    @property
    def packages(self) -> Path:
        """The folder of the installed packages."""
        (folder,) = self.home.glob("crowdsky/lib/python*/site-packages")
        return folder

    def follow(self, commands: str) -> subprocess.CompletedProcess[str]:
        """Run documented commands."""
        commands = commands.replace("git+ADDRESS", str(self.wheel))
        return self._run(["bash", "-e", "-c", commands], {})

    def run(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a program of the environment."""
        program, *rest = arguments
        return self._run([str(self.home / "crowdsky/bin" / program), *rest], settings)

    def worker(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run a command of the worker."""
        return self.run("python", "-m", "worker", *arguments, **settings)

    def _run(
        self, command: list[str], settings: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        # The python3 of these tests comes first; pip's configuration is that of the machine.
        machine = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
        home = {"HOME": str(self.home), "PATH": path, "PIP_RETRIES": "1"}
        return subprocess.run(
            command,
            cwd=self.home,
            env=machine | home | settings,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def install(self, marker: str) -> None:
        """Run documented commands that install; skips the test where the index is out of reach."""
        done = self.follow(documented(marker))
        if done.returncode and any(sign in done.stdout + done.stderr for sign in UNREACHABLE):
            pytest.skip("the package index cannot be reached")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def volunteer(wheel: Path) -> Iterator[Volunteer]:
    """An environment of 0.7 GB, which goes at the end."""
    with tempfile.TemporaryDirectory(prefix="crowdsky-volunteer-") as home:
        somebody = Volunteer(Path(home), wheel)
        somebody.install("pip")
        yield somebody


@pytest.fixture(scope="module")
def stacked(volunteer: Volunteer) -> dict[str, Any]:
    """What ``worker stack`` answers about ``stack.fits``, made of three subs of M 81."""
    subs = [str(path) for path in starry_subs(volunteer.home / "subs")]
    done = volunteer.worker("stack", *subs, "-o", "stack.fits", "--json")
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_wheel_holds_the_two_packages_and_nothing_else(wheel: Path) -> None:
    information = f"crowdsky-{__version__}.dist-info"
    with zipfile.ZipFile(wheel) as archive:
        files = [name for name in archive.namelist() if not name.endswith("/")]
        metadata = message_from_bytes(archive.read(f"{information}/METADATA"))
        scripts = archive.read(f"{information}/entry_points.txt").decode()
    assert {name.split("/")[0] for name in files} == {"crowdsky", "worker", information}
    assert f"{information}/licenses/LICENSE" in files
    others = [name for name in files if name.split("/")[0] != information]
    compiled = [f"crowdsky/_compiled/{path.name}" for path in LIBRARIES.glob("*.so")]
    assert {name for name in others if not name.endswith(".py")} == {
        "crowdsky/frames/header_cards.json",
        *compiled,
    }
    assert compiled
    assert wheel.name.startswith(f"crowdsky-{__version__}-py3-none-")  # for every Python
    assert set(re.findall(r"^([\w-]+) = ", scripts, re.M)) == {
        "crowdsky", "astro-extract", "astro-jobs",
    }  # fmt: skip
    assert metadata["Requires-Python"] == ">=3.11"
    needed = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert needed
    assert not [line for line in needed if re.match("opencv|seestarpy", line)]


@pytest.mark.every
@pytest.mark.slow
def test_the_environment_needs_no_library_of_a_desktop(volunteer: Volunteer) -> None:
    objects = [path for path in volunteer.packages.rglob("*.so*") if path.is_file()]
    assert len(objects) > 100
    assert desktop_objects(objects) == []


@pytest.mark.every
@pytest.mark.slow
def test_help_is_printed(volunteer: Volunteer) -> None:
    done = volunteer.worker("--help")
    assert done.returncode == 0, done.stderr
    assert "rescan" in done.stdout


@pytest.mark.every
@pytest.mark.slow
def test_subs_are_stacked(stacked: dict[str, Any]) -> None:
    assert stacked["n_frames_aligned"] == 3
    assert stacked["engine"] == f"crowdsky native {__version__}"


@pytest.mark.every
@pytest.mark.slow
def test_a_picture_is_solved(volunteer: Volunteer, stacked: dict[str, Any]) -> None:
    if not any(INDEX_DIR.glob("*tycho2*")):
        pytest.skip(f"no index files in {INDEX_DIR}; ./dev test installs them")
    answers = []
    for command in (
        ("python", "-m", "worker", "solve", "stack.fits", "--json"),
        ("astro-extract", "--image", "stack.fits"),
    ):
        done = volunteer.run(*command)
        assert done.returncode == 0, done.stderr
        answers.append(json.loads(done.stdout)["astrometry"])
    for plate in answers:
        assert plate["ra_center"] == pytest.approx(148.89, abs=0.1)
        assert plate["dec_center"] == pytest.approx(69.07, abs=0.1)


@pytest.mark.every
@pytest.mark.slow
@pytest.mark.usefixtures("stacked")  # has the kernels compiled, for which a doctor's limit is short
def test_the_documented_start_lacks_only_the_site(volunteer: Volunteer) -> None:
    """The guide's last command would work until it is stopped: here it takes one job."""
    commands = documented("worker").replace("https://crowdsky.example.org", "http://127.0.0.1:1")
    *_, doctor, daemon = commands.splitlines()
    assert doctor == f"{daemon} doctor"
    done = volunteer.follow(
        commands.replace(doctor, f"{doctor} --json || true").rstrip() + " --once"
    )
    well = {check["check"]: check["well"] for check in json.loads(done.stdout)["checks"]}
    assert {"memory", "solving", "stacking"} <= set(well)
    assert [name for name, is_well in well.items() if not is_well] == ["site"]
    assert done.returncode == 1, done.stderr
    assert "could not ask for work (http://127.0.0.1:1/api)" in done.stderr


@pytest.mark.every
@pytest.mark.slow
def test_the_documented_update_leaves_a_worker(volunteer: Volunteer) -> None:
    volunteer.install("update")
    done = volunteer.worker("version")
    assert (done.returncode, done.stdout) == (0, f"crowdsky {__version__}\n")


@pytest.mark.every
@pytest.mark.slow
def test_the_source_distribution_is_compiled_when_it_is_installed(
    volunteer: Volunteer, stacked: dict[str, Any], tmp_path: Path
) -> None:
    source = build_source_distribution(tmp_path)
    with tarfile.open(source) as archive:
        names = [name.split("/", 1)[1] for name in archive.getnames()]
    assert {name.split("/")[0] for name in names} == {
        *("CMakeLists.txt", "LICENSE", "PKG-INFO", "README.md", "pyproject.toml"),
        *("build", "crowdsky", "worker"),
    }
    assert not [name for name in names if name.endswith(".so")]
    other = Volunteer(volunteer.home, source)
    other.install("update")
    built_here = {path.name for path in volunteer.packages.glob("crowdsky/_compiled/*.so")}
    assert built_here == {path.name for path in LIBRARIES.glob("*.so")}
    names = [f"subs/{frame['filename']}" for frame in stacked["frames"]]
    done = other.worker(
        "stack", *names, "-o", "from-source.fits", "--no-solve", "--no-picture", "--json"
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["n_frames_aligned"] == 3


@pytest.mark.every
@pytest.mark.slow
def test_the_engine_seestarpy_is_an_extra(volunteer: Volunteer, stacked: dict[str, Any]) -> None:
    """The last test: it adds to the environment."""
    names = [frame["filename"] for frame in stacked["frames"]]
    arguments = (
        "stack",
        *(f"subs/{name}" for name in names),
        "-o",
        "other.fits",
        "--no-solve",
        "--no-picture",
    )
    done = volunteer.worker(*arguments, "--engine", "seestarpy")
    assert (done.returncode, done.stdout) == (78, "")
    assert NOT_INSTALLED in done.stderr
    assert done.stderr.count("\n") == 1
    done = volunteer.worker(**SITE_NOT_THERE, STACK_ENGINE="seestarpy")
    assert done.returncode == 78
    assert f"STACK_ENGINE: {NOT_INSTALLED}" in done.stderr

    done = volunteer.worker("doctor", "--json", **SITE_NOT_THERE, STACK_ENGINE="seestarpy")
    assert done.returncode == 78
    first, *others = json.loads(done.stdout)["checks"]
    assert NOT_INSTALLED in first["detail"]
    assert all(check["well"] for check in others), others

    volunteer.install("seestarpy")
    desktop = desktop_objects(list(volunteer.packages.glob("opencv_python.libs/*")))
    assert desktop, "opencv-python needs no libGL any more: its headless build need not be named"
    volunteer.install("headless")
    objects = [*volunteer.packages.glob("cv2/*.so*"), *volunteer.packages.glob("opencv*.libs/*")]
    assert objects
    assert desktop_objects(objects) == []
    done = volunteer.worker(*arguments, "--engine", "seestarpy", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["engine"] == "seestarpy 0.1.3"


def desktop_objects(objects: list[Path]) -> list[Path]:
    """The shared objects among ``objects`` that name a library of a desktop."""
    contents = ((path, path.read_bytes()) for path in objects)
    return [path for path, code in contents if any(name in code for name in DESKTOP_LIBRARIES)]
