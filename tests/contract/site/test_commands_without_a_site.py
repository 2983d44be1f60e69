"""Commands that look after a site do not create a second one where there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from demo import serve
from demo.services import ServiceError, Site

pytestmark = pytest.mark.one_database


@pytest.mark.parametrize(
    "command",
    [
        ["site.php", "show"],
        ["site.php", "restored"],
        ["cleanup.php"],
        ["cleanup.php", "--verify"],
        ["rescan.php", "--not-measured"],
        ["calibrate.php", "queue"],
        ["worker-key.php", "list"],
        ["worker-key.php", "revoke", "1"],
        ["data-key.php", "create", "--name", "survey"],
        ["data-key.php", "list"],
        ["variables.php", "import", "vsx.csv"],
    ],
    ids=" ".join,
)
def test_a_command_in_the_wrong_place_creates_nothing(tmp_path: Path, command: list[str]) -> None:
    folder = tmp_path / "data"

    with pytest.raises(ServiceError) as caught:
        Site(folder).run_php(*command)

    assert f"There is no site here: its database {folder}/crowdsky.sqlite" in str(caught.value)
    assert "Set CROWDSKY_DATA_DIR" in str(caught.value)
    assert not folder.exists()


def test_a_site_is_created_by_its_migration(tmp_path: Path) -> None:
    site = Site(tmp_path / "data")

    site.run_php("migrate.php")

    assert "custody: ok" in site.run_php("site.php", "show")
    assert site.cleanup("--trash") == "the trash is empty\n"


def test_serve_prints_where_commands_find_its_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(serve.Reporter, "say", lambda _, line, **__: lines.append(line.strip()))
    monkeypatch.setattr(serve.signal, "pause", lambda: None)

    serve.serve(tmp_path, None)

    (printed,) = (line for line in lines if line.startswith("CROWDSKY_DATA_DIR="))
    folder = Path(printed.removeprefix("CROWDSKY_DATA_DIR="))
    assert folder.is_absolute()
    assert "custody: ok" in Site(folder).run_php("site.php", "show")
