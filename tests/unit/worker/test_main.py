"""The commands as a person or a program calls them: exit codes, and what goes where."""

from __future__ import annotations

import importlib
import json
import os
import pty
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from astropy.io import fits
from PIL import Image

from crowdsky import __version__
from crowdsky.base.python_path import python_path
from demo.services import REPOSITORY
from tests.support.worker_process import TIMEOUT, bare_environment, small_subs
from worker.commands.doctor import read_as_far_as_possible

pytestmark = pytest.mark.slow

NOT_INSTALLED = (
    "the engine seestarpy is not installed; install it with: pip install 'crowdsky[seestarpy]'"
)
SEESTARPY_WORKER = {
    "API_BASE_URL": "http://127.0.0.1:1/api",
    "WORKER_API_KEY": "some-key",
    "STACK_ENGINE": "seestarpy",
}


@pytest.fixture(scope="module")
def subs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return small_subs(tmp_path_factory.mktemp("subs"))


def run(folder: Path, *arguments: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "worker", *map(str, arguments)],
        cwd=folder,
        env={**bare_environment(), **variables},
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
        check=False,
    )


def test_version(tmp_path: Path) -> None:
    done = run(tmp_path, "version")
    assert (done.returncode, done.stdout) == (0, f"crowdsky {__version__}\n")


def test_stack_and_thumbnail_answer_with_one_json_object(tmp_path: Path, subs: list[Path]) -> None:
    done = run(tmp_path, "stack", *subs, "-o", "stack.fits", "--json", "--no-solve", "--no-picture")
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert done.stdout.count("\n") == 1
    assert answer["n_frames_aligned"] == 3
    assert [frame["filename"] for frame in answer["frames"]] == [sub.name for sub in subs]

    done = run(tmp_path, "thumbnail", "stack.fits", "-o", "stack.png", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["thumbnail"] == "stack.png"
    assert (tmp_path / "stack.png").read_bytes().startswith(b"\x89PNG")


def test_stack_writes_its_picture_unless_told_not_to(tmp_path: Path, subs: list[Path]) -> None:
    done = run(tmp_path, "stack", *subs, "-o", "stack.fits", "--no-solve")
    assert done.returncode == 0, done.stderr
    assert "stack.jpg: its picture" in done.stdout
    with Image.open(tmp_path / "stack.jpg") as picture:
        stack = fits.getdata(tmp_path / "stack.fits", "GREEN")
        assert (picture.format, picture.size) == ("JPEG", stack.shape[::-1])

    done = run(tmp_path, "stack", *subs, "-o", "other.fits", "--no-solve", "--no-picture")
    assert done.returncode == 0, done.stderr
    assert not (tmp_path / "other.jpg").exists()


def test_stack_writes_a_colour_cube_on_request(tmp_path: Path, subs: list[Path]) -> None:
    done = run(
        tmp_path,
        "stack",
        *subs,
        "-o",
        "stack.fits",
        "--cube",
        "--json",
        "--no-solve",
        "--no-picture",
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["cube_path"] == "stack_rgb.fits"
    stack, cube = tmp_path / "stack.fits", tmp_path / "stack_rgb.fits"
    assert fits.getdata(cube).shape == (3, *fits.getdata(stack, "GREEN").shape)
    assert (fits.getdata(cube)[1] == fits.getdata(stack, "GREEN")).all()


def test_no_result_replaces_what_it_is_made_of(tmp_path: Path, subs: list[Path]) -> None:
    before = {sub: sub.read_bytes() for sub in subs}
    (tmp_path / "link.fits").hardlink_to(subs[1])
    for output in (str(subs[0]), "link.fits"):
        done = run(tmp_path, "stack", *subs, "-o", output, "--no-solve", "--no-picture")
        assert done.returncode == 2
        assert "replace" in done.stderr
        assert "another name" in done.stderr
    done = run(tmp_path, "thumbnail", subs[0], "-o", subs[0])
    assert done.returncode == 2
    assert {sub: sub.read_bytes() for sub in subs} == before


def test_stack_prints_what_people_should_know(tmp_path: Path, subs: list[Path]) -> None:
    other = Path(shutil.copy(subs[2], tmp_path / "other.fit"))
    fits.setval(other, "TELESCOP", value="S50_00000000")
    done = run(
        tmp_path, "stack", *subs[:2], other, "-o", "stack.fits", "--no-solve", "--no-picture"
    )
    assert done.returncode == 0, done.stderr
    assert "stacked from 2 telescopes" in done.stdout
    assert "reference" not in done.stdout


def test_solve_answers_by_its_exit_code(tmp_path: Path, subs: list[Path]) -> None:
    done = run(tmp_path, "solve", "nowhere.jpg", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["ok"] is False

    (tmp_path / "page.png").write_text("<html>", "utf-8")
    done = run(tmp_path, "solve", "page.png")
    assert (done.returncode, done.stdout) == (3, "")
    assert len(done.stderr.splitlines()) == 1

    for bad in ({"INDEX_DIR": str(tmp_path)}, {"SOLVERS": "eyes"}):
        done = run(tmp_path, "solve", subs[0], "--json", **bad)
        assert done.returncode == 2
        answer = json.loads(done.stdout)
        assert answer["ok"] is False
        assert next(iter(bad)) in answer["error"]


def test_stack_says_once_that_it_cannot_solve(tmp_path: Path, subs: list[Path]) -> None:
    settings = {"INDEX_DIR": str(tmp_path / "nothing")}
    done = run(tmp_path, "stack", *subs, "-o", "stack.fits", "--json", **settings)
    assert done.returncode == 0, done.stderr
    assert "solution" not in json.loads(done.stdout)
    assert done.stderr.count("no index files") == 1
    done = run(
        tmp_path, "stack", *subs, "-o", "stack.fits", "--no-solve", "--no-picture", **settings
    )
    assert done.returncode == 0
    assert "no index files" not in done.stderr


@pytest.mark.parametrize("name", ["astro-extract", "astro-jobs"])
def test_the_console_names_lead_to_commands(name: str) -> None:
    facts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    module, _, function = facts["project"]["scripts"][name].partition(":")
    assert callable(getattr(importlib.import_module(module), function))
    script = Path(sys.executable).with_name(name)
    help_text = subprocess.run([script, "--help"], capture_output=True, text=True, check=True)
    assert help_text.stdout.startswith(f"usage: {name}")
    assert "SUPPRESS" not in help_text.stdout
    assert "_run" not in help_text.stdout


def test_rescan_needs_numbers_and_known_solvers(tmp_path: Path) -> None:
    for arguments in (["rescan"], ["rescan", "five"], ["rescan", "5", "--solver", "eyes"]):
        done = run(tmp_path, *arguments)
        assert done.returncode == 2
        assert "usage" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "Give their numbers, or --not-measured"),
        (["5", "--not-measured"], "--not-measured finds the stacks itself"),
        (["5", "--dry-run"], "--dry-run goes with --not-measured only"),
        (["5", "--retry-failed"], "--retry-failed goes with --not-measured only"),
        (["--not-measured", "--dry-run", "--wait"], "queues nothing to --wait for"),
    ],
)
def test_options_of_rescan_that_contradict_each_other(
    arguments: list[str], words: str, tmp_path: Path
) -> None:
    done = run(tmp_path, "rescan", *arguments)
    assert done.returncode == 2
    assert "usage" in done.stderr
    assert words in done.stderr


def test_stack_tells_people_what_it_did(tmp_path: Path, subs: list[Path]) -> None:
    broken = tmp_path / "broken.fit"
    broken.write_bytes(subs[0].read_bytes()[:20_000])
    options = ("--method", "median", "--sigma-clip", "0", "--no-solve", "--no-picture")
    done = run(tmp_path, "stack", *subs, broken, "-o", "stack.fits", *options)
    assert done.returncode == 0, done.stderr
    assert "3 of 4 frames" in done.stdout
    assert "broken.fit: " in done.stdout
    assert "INFO align" in done.stderr, "without a terminal progress is plain lines"
    assert "\r" not in done.stderr


def test_a_failure_is_one_sentence(tmp_path: Path) -> None:
    page = tmp_path / "page.fit"
    page.write_text("<html>", "utf-8")
    done = run(tmp_path, "stack", page, "-o", "stack.fits", "--json")
    assert done.returncode == 2
    assert "the sub cannot be used" in json.loads(done.stdout)["error"]
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "stack.fits").exists()

    done = run(tmp_path, "thumbnail", page, "-o", "page.png")
    assert done.returncode == 2
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1


def test_a_web_page_is_called_one_by_every_command(tmp_path: Path) -> None:
    page = tmp_path / "page.fits"
    page.write_text("<!DOCTYPE html>", "utf-8")
    output = ("-o", "out")
    for command in (["stack", page, *output], ["thumbnail", page, *output], ["solve", page]):
        done = run(tmp_path, *command)
        assert done.returncode == (3 if command[0] == "solve" else 2)
        assert "it is a web page, not " in done.stderr
        assert "ignore_missing_simple" not in done.stderr


def test_at_a_terminal_an_error_is_a_plain_sentence(tmp_path: Path) -> None:
    page = tmp_path / "page.fits"
    page.write_text("<html>", "utf-8")
    far, near = pty.openpty()
    with os.fdopen(far, "rb", 0) as screen:
        command = [sys.executable, "-m", "worker", "thumbnail", page, "-o", "page.png"]
        try:
            subprocess.run(
                command, cwd=tmp_path, env=bare_environment(), stderr=near, timeout=TIMEOUT
            )
            shown = screen.read(10_000).decode()
        finally:
            os.close(near)
    assert shown.startswith("cannot read a picture (page.fits): ")
    assert shown.count("\n") == 1


@pytest.mark.parametrize("command", ["stack", "thumbnail"])
def test_a_result_needs_a_folder_to_go_to(tmp_path: Path, command: str, subs: list[Path]) -> None:
    done = run(tmp_path, command, subs[0], "-o", "missing/dir/o.fits")
    assert done.returncode == 2
    assert "there is no folder missing/dir" in done.stderr
    done = run(tmp_path, command, subs[0], "-o", tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path} is a folder" in done.stderr


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    done = run(tmp_path, "stack", "nowhere.fit", "-o", "stack.fits")
    assert done.returncode == 2
    assert "there is no file nowhere.fit" in done.stderr


@pytest.mark.parametrize("arguments", [[], ["--once"], ["rescan", "1"], ["rescan", "1", "--json"]])
def test_bad_settings_are_exit_code_78(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / ".env").write_text("POLL_INTERVAL=often\n", "utf-8")
    done = run(tmp_path, *arguments)
    assert done.returncode == 78
    for problem in ("API_BASE_URL is not set", "WORKER_API_KEY is not set", "POLL_INTERVAL"):
        assert problem in done.stderr
    assert "Traceback" not in done.stderr
    if "--json" in arguments:
        assert "POLL_INTERVAL" in json.loads(done.stdout)["error"]


@pytest.fixture
def without_seestarpy(tmp_path: Path) -> dict[str, str]:
    """Variables of a process that finds no seestarpy."""
    folder = tmp_path / "without"
    folder.mkdir()
    code = "import sys\nsys.modules['seestarpy'] = None\n"
    (folder / "sitecustomize.py").write_text(code, "utf-8")
    return python_path(folder)


def test_an_engine_that_is_not_installed_is_exit_code_78(
    tmp_path: Path, subs: list[Path], without_seestarpy: dict[str, str]
) -> None:
    arguments = ("stack", *subs, "-o", "stack.fits", "--engine", "seestarpy")
    done = run(tmp_path, *arguments, **without_seestarpy)
    assert done.returncode == 78, done.stderr
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert NOT_INSTALLED in done.stderr
    done = run(tmp_path, *arguments, "--json", **without_seestarpy)
    assert json.loads(done.stdout) == {"error": NOT_INSTALLED}


def test_a_daemon_does_not_start_with_an_engine_that_is_not_installed(
    tmp_path: Path, without_seestarpy: dict[str, str]
) -> None:
    done = run(tmp_path, **SEESTARPY_WORKER, **without_seestarpy)
    assert done.returncode == 78, done.stderr
    assert f"STACK_ENGINE: {NOT_INSTALLED}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_doctor_names_an_engine_that_is_not_installed_and_tries_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "seestarpy", None)  # as if it were not there
    for name, value in SEESTARPY_WORKER.items():
        monkeypatch.setenv(name, value)
    settings, problem = read_as_far_as_possible()
    assert problem is not None
    assert problem.problems == (f"STACK_ENGINE: {NOT_INSTALLED}",)
    assert settings.stack_engine == "native"


def test_the_doctor_checks_the_machine_though_settings_are_missing(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("POLL_INTERVAL=often\nLOG_LEVEL=loud\n", "utf-8")
    done = run(tmp_path, "doctor")
    assert done.returncode == 78, done.stderr
    first, *others = done.stdout.splitlines()
    assert first.startswith("FAIL  settings ")
    for problem in ("API_BASE_URL is not set", "WORKER_API_KEY is not set", "POLL_INTERVAL"):
        assert problem in first
    checks = ["disk", "memory", "solving", "data", "stacking", "export"]
    assert [line.split()[1] for line in others] == checks
    assert "FAIL" not in "".join(others)
    assert "Traceback" not in done.stderr


def test_the_doctor_runs_every_check_though_one_fails(tmp_path: Path) -> None:
    settings = {"API_BASE_URL": "http://127.0.0.1:1/api", "WORKER_API_KEY": "some-key"}
    done = run(tmp_path, "doctor", "--json", **settings)
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["ok"] is False
    well = {check["check"]: check["well"] for check in report["checks"]}
    assert well == {
        "settings": True,
        "site": False,
        "storage": True,
        "disk": True,
        "journal": True,
        "memory": True,
        "solving": True,
        "data": True,
        "stacking": True,
        "export": True,
    }
    assert "some-key" not in done.stdout + done.stderr
