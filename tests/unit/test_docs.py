"""Settings, sample files, documents and commands say the same."""

from __future__ import annotations

import configparser
import json
import re
import subprocess
from pathlib import Path

import pytest

from crowdsky.base.settings_reader import settings_of
from crowdsky.client.settings import ClientSettings
from demo.services import PHP_API, REPOSITORY
from worker.config import every_setting

CONFIGURATION = REPOSITORY / "docs" / "configuration.md"
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *(REPOSITORY / "docs").glob("*.md")])
MISSING = "–"
ARCHITECTURE = (REPOSITORY / "docs" / "architecture.md").read_text()


def documented(section: str) -> dict[str, tuple[str, ...]]:
    """Return the rows of a section's table: setting -> (default, unit, why)."""
    text = CONFIGURATION.read_text().split(f"\n## {section}\n", 1)[1].split("\n## ", 1)[0]
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*) \|$", text, re.M)
    return {name: (default, unit, why) for name, default, unit, why in rows}


def worker_settings() -> dict[str, tuple[str, ...]]:
    """Return what worker/config.py says about each setting, in the same form."""
    return {
        about.variable: (about.shown or MISSING, about.unit, about.reason)
        for about in every_setting()
    }


def sample_values() -> dict[str, str]:
    """Return the assignments of .env.example; those in comments show the default."""
    text = (REPOSITORY / ".env.example").read_text()
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=(.*)$", text, re.M))


def site_sample() -> dict[str, object]:
    """Return the array of php_api/config.example.php."""
    code = "echo json_encode(require $argv[1]);"
    finished = subprocess.run(
        ["php", "-r", code, str(PHP_API / "config.example.php")],
        capture_output=True,
        text=True,
        check=True,
    )
    values: dict[str, object] = json.loads(finished.stdout)
    return values


def test_every_worker_setting_is_documented_as_it_is() -> None:
    assert documented("Worker") == worker_settings()


def test_every_client_setting_is_documented_as_it_is() -> None:
    assert documented("Client") == {
        about.variable: (about.shown or MISSING, about.unit, about.reason)
        for about in settings_of(ClientSettings).values()
    }


def test_sample_env_has_every_setting_with_its_default() -> None:
    sample = sample_values()
    assert sorted(sample) == sorted(worker_settings())
    for name, (default, _, _) in worker_settings().items():
        if " " not in default:  # the others are rules, not values
            assert sample[name] == default.replace(MISSING, ""), name


def test_sample_env_leaves_open_only_what_is_required() -> None:
    text = (REPOSITORY / ".env.example").read_text()
    assert re.findall(r"^(\w+)=", text, re.M) == ["API_BASE_URL", "WORKER_API_KEY"]


def test_every_site_setting_is_documented_and_in_the_sample() -> None:
    source = (PHP_API / "src" / "Base" / "Config.php").read_text()
    read = re.findall(r"\$read->\w+\('(\w+)'", source)
    assert sorted(site_sample()) == sorted(read)
    assert sorted(documented("Site")) == sorted(read)


def test_documented_site_defaults_are_those_of_the_sample() -> None:
    sample = site_sample()
    for name, (default, _, _) in documented("Site").items():
        if name in ("data_dir", "db_dsn"):  # paths of the machine
            continue
        assert default.replace(MISSING, "") == str(sample[name]), name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_inside_the_repository_lead_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\((?!\w+:)([^)\s]+)\)", document.read_text()):
        path, _, anchor = target.partition("#")
        linked = (document.parent / path).resolve() if path else document
        assert linked.exists(), f"{document.name} links to {target}"
        if anchor:
            assert anchor in anchors(linked), f"{document.name} links to {target}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documented_commands_exist(document: Path) -> None:
    text = document.read_text()
    usage = subprocess.run(
        [str(REPOSITORY / "dev"), "help"], capture_output=True, text=True, check=True
    ).stdout
    commands = re.findall(r"^  ([a-z]+) ", usage, re.M)
    for command in re.findall(r"\./dev ([a-z]+)", text):
        assert command in commands, f"{document.name} names ./dev {command}"
    for script in re.findall(r"php_api/bin/[\w-]+\.php", text):
        assert (REPOSITORY / script).is_file(), f"{document.name} names {script}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_documented_modules_exist(document: Path) -> None:
    for name in re.findall(r"`(?:\./dev test )?([\w/ .]+\.py)`", document.read_text()):
        for path in name.split():
            places = (REPOSITORY, REPOSITORY / "crowdsky")
            found = any((place / path).is_file() for place in places)
            if "/" not in path:
                found = any(places[1].rglob(path))
            assert found, f"{document.name} names {path}"


def test_the_table_of_folders_is_true() -> None:
    listed = re.findall(r"^\| `([\w/]+)/` \|", ARCHITECTURE, re.M)
    assert len(listed) == len(set(listed))
    for name in listed:
        assert (REPOSITORY / name).is_dir(), name
    parents = {"", "crowdsky", "worker"}
    packages = {
        str(path.parent.relative_to(REPOSITORY))
        for parent in parents
        for path in (REPOSITORY / parent).glob("*/__init__.py")
    }
    assert packages - {"crowdsky", "tests"} <= set(listed)


def test_what_only_the_second_tier_runs_is_listed() -> None:
    table = (REPOSITORY / "docs" / "testing.md").read_text()
    listed = re.findall(r"^\| `(tests/[\w/.]+)` \|", table, re.M)
    marker = re.compile(r"mark\.(every|one_database)\b")
    marked = [
        path.relative_to(REPOSITORY).as_posix()
        for path in (REPOSITORY / "tests").rglob("*.py")
        if marker.search(path.read_text())
    ]
    assert marked
    for name in marked:
        assert name.startswith(tuple(listed)), f"docs/testing.md does not list {name}"
    for name in listed:
        assert any(path.startswith(name) for path in marked), f"nothing in {name} is left out"


def test_the_table_of_the_site_is_true() -> None:
    table = ARCHITECTURE.split("### The site", 1)[1].split("\n## ", 1)[0]
    listed = re.findall(r"^\| `(\w+)` \|", table, re.M)
    folders = [path.name for path in (PHP_API / "src").iterdir() if path.is_dir()]
    assert sorted(listed) == sorted(folders)


def test_the_picture_of_the_floors_is_that_of_the_contracts() -> None:
    contracts = configparser.ConfigParser()
    contracts.read(REPOSITORY / ".importlinter")
    layers = contracts["importlinter:contract:floors"]["layers"].split("\n")
    kept = [
        {name.strip() for name in layer.split("|") if not name.strip().startswith("(")}
        for layer in layers
        if layer.strip()
    ]
    drawn = [
        set(re.findall(r"((?:crowdsky\.)?\w+):", text))
        for text in re.findall(r'^    \w+\["(.*)"\]$', ARCHITECTURE, re.M)
    ]
    assert drawn == [*kept, {"php_api"}]


def anchors(document: Path) -> set[str]:
    """Return the anchors of a document's headings as web views of repositories make them."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}
