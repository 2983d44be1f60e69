"""The modules of the worker reference: their names, signatures, and settings as constants."""

from __future__ import annotations

import importlib
import inspect
import subprocess
import sys
import typing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crowdsky.base.errors import ConfigurationError
from tests.support.scripts import settings_read_anew, write_env
from tests.support.worker_process import bare_environment
from worker import config
from worker.config import every_setting, load_settings

SIGNATURES = {
    ("api_client", "get_next_job"): "()",
    ("api_client", "get_job_files"): "(job_id)",
    ("api_client", "download_raw_file"): "(file_id, local_path)",
    ("api_client", "complete_job"): "(job_id, metadata)",
    ("api_client", "fail_job"): "(job_id, error_message)",
    ("webdav", "upload_file"): "(local_path, remote_path)",
    ("webdav", "download_file"): "(remote_path, local_path)",
    ("webdav", "mkcol"): "(remote_path)",
    ("webdav", "delete_files"): "(remote_paths)",
    ("stacking_adapter", "stack_files"): "(fits_paths, output_path, method='mean', sigma_clip=3.0)",
    ("thumbnail", "generate_thumbnail"): "(fits_path, output_path, max_size=512)",
    ("job_processor", "process_job"): "(job)",
    ("main", "run_daemon"): "()",
    ("main", "run_once"): "()",
}
"""Those of the worker reference; what ours have on top is given by keyword only."""

ENV = {"API_BASE_URL": "https://sky.example/api/", "WORKER_API_KEY": "some-key"}


def signature(function: Callable[..., object]) -> str:
    """What a caller by position sees, without types."""
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty)
        for parameter in inspect.signature(function).parameters.values()
        if parameter.kind is not inspect.Parameter.KEYWORD_ONLY
    ]
    return str(inspect.Signature(plain))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder in which a script runs, with a .env."""
    write_env(tmp_path, ENV)
    with settings_read_anew(tmp_path, monkeypatch):
        yield tmp_path


@pytest.mark.parametrize(("module", "name"), SIGNATURES)
def test_the_signatures_are_those_of_the_reference(module: str, name: str) -> None:
    function = getattr(importlib.import_module(f"worker.{module}"), name)
    assert signature(function) == SIGNATURES[module, name]


def test_every_setting_is_a_constant_of_its_type(folder: Path) -> None:
    hints = typing.get_type_hints(config)
    assert set(hints) == {setting.variable for setting in every_setting()}
    settings = load_settings()
    for name, value in settings.by_variable().items():
        assert getattr(config, name) == value, name
        kinds = typing.get_args(hints[name]) if hints[name] == Path | None else (hints[name],)
        origins = tuple(typing.get_origin(kind) or kind for kind in kinds)
        assert isinstance(value, origins), name
    assert ("https://sky.example/api", Path("tmp")) == (config.API_BASE_URL, config.WORK_DIR)
    assert config.UCLOUD_BASE_PATH == "/crowdsky"
    assert settings.max_workers == config.MAX_WORKERS


def test_a_constant_can_be_imported_by_its_name(folder: Path) -> None:
    write_env(folder, {**ENV, "WORKER_ID": "attic", "POLL_INTERVAL": "5"})
    from worker.config import POLL_INTERVAL, WORKER_ID

    assert (WORKER_ID, POLL_INTERVAL) == ("attic", 5.0)


def test_a_wrong_env_is_one_error_with_every_problem(folder: Path) -> None:
    write_env(folder, {"WORKER_API_KEY": "two words", "MAX_WORKERS": "many"})
    for name in ("WORK_DIR", "API_BASE_URL"):
        with pytest.raises(ConfigurationError) as refused:
            getattr(config, name)
        assert len(refused.value.problems) == 3
    write_env(folder, ENV)
    assert config.WORKER_ID == "worker-01", "a corrected file is read"


def test_the_settings_of_a_process_do_not_change(folder: Path) -> None:
    assert config.WORKER_ID == "worker-01"
    write_env(folder, {**ENV, "WORKER_ID": "attic"})
    assert config.WORKER_ID == "worker-01"


def test_other_names_are_no_settings(folder: Path) -> None:
    (folder / ".env").unlink()
    with pytest.raises(AttributeError, match="no attribute 'API_BASE_URLS'"):
        config.API_BASE_URLS  # type: ignore[attr-defined] # noqa: B018


@pytest.mark.parametrize("module", sorted({module for module, _ in SIGNATURES} | {"config"}))
def test_importing_a_module_reads_no_settings(tmp_path: Path, module: str) -> None:
    (tmp_path / ".env").write_text("POLL_INTERVAL=often\n", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", f"import worker.{module}"],
        cwd=tmp_path,
        env=bare_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in tmp_path.iterdir()] == [".env"]
