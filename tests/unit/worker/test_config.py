"""Settings: what is required, what is computed, and that all problems come at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from crowdsky.base.errors import ConfigurationError
from crowdsky.measuring.recipe import Recipe, load_recipe
from crowdsky.solving.solver_names import DEFAULT_SOLVERS, SOLVER_NAMES
from crowdsky.stacking.engines import DEFAULT_ENGINE, ENGINES
from worker.config import (
    MEMORY_PER_JOB_MB,
    Machine,
    Settings,
    every_setting,
    load_settings,
)

MINIMUM = {"API_BASE_URL": "https://sky.example/api/", "WORKER_API_KEY": "k3y-of-this-worker"}
LAPTOP = Machine(cores=8, memory_mb=16_000)
SERVER = Machine(cores=16, memory_mb=128_000)
NOT_INSTALLED = (
    "the engine seestarpy is not installed; install it with: pip install 'crowdsky[seestarpy]'"
)


def load(machine: Machine = LAPTOP, **variables: str) -> Settings:
    return load_settings({**MINIMUM, **variables}, env_file=None, machine=machine)


def test_defaults() -> None:
    settings = load()
    assert settings.api_base_url == "https://sky.example/api"
    assert settings.base_path == "/crowdsky"
    assert settings.worker_id == "worker-01"
    assert settings.poll_interval == 30.0
    assert settings.work_dir == Path("tmp")
    assert not settings.uses_webdav
    assert settings.metrics_port == 0, "no port is opened unless one is asked for"
    assert settings.metrics_address == "127.0.0.1"


@pytest.mark.parametrize(
    ("engine", "machine", "workers", "memory_mb"),
    [
        ("native", Machine(cores=4, memory_mb=1_000), 1, 800),
        ("native", Machine(cores=4, memory_mb=4_000), 2, 1_600),
        ("native", Machine(cores=2, memory_mb=128_000), 2, 51_200),
        ("seestarpy", Machine(cores=4, memory_mb=4_000), 1, 3_200),
        ("seestarpy", LAPTOP, 1, 12_800),
        ("seestarpy", SERVER, 7, 14_628),
        ("seestarpy", Machine(cores=2, memory_mb=128_000), 2, 51_200),
    ],
)
def test_capacity_follows_machine_and_engine(
    engine: str, machine: Machine, workers: int, memory_mb: int
) -> None:
    settings = load(machine, STACK_ENGINE=engine)
    assert (settings.max_workers, settings.job_memory_mb) == (workers, memory_mb)


def test_given_capacity_wins_and_shares_the_memory() -> None:
    settings = load(SERVER, MAX_WORKERS="4")
    assert (settings.max_workers, settings.job_memory_mb) == (4, 25_600)
    assert load(SERVER, MAX_WORKERS="4", JOB_MEMORY_MB="1000").job_memory_mb == 1000


def test_an_engine_that_is_not_installed_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "seestarpy", None)  # as if it were not there
    with pytest.raises(ConfigurationError) as refused:
        load(STACK_ENGINE="seestarpy")
    assert refused.value.problems == (f"STACK_ENGINE: {NOT_INSTALLED}",)
    assert load(STACK_ENGINE="native").stack_engine == "native"


def test_subs_are_weighed_for_stars_unless_something_else_is_set() -> None:
    assert load().stack_weights == "point-sources"
    assert load(STACK_WEIGHTS="surface").stack_weights == "surface"
    with pytest.raises(ConfigurationError, match="STACK_WEIGHTS must be point-sources or surface"):
        load(STACK_WEIGHTS="seeing")
    with pytest.raises(ConfigurationError, match="STACK_WEIGHTS: seestarpy counts all subs"):
        load(STACK_ENGINE="seestarpy", STACK_WEIGHTS="surface")


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text('WORKER_ID="attic pc"\nPOLL_INTERVAL=60\n', "utf-8")
    settings = load_settings({**MINIMUM, "POLL_INTERVAL": "5"}, env_file, LAPTOP)
    assert settings.worker_id == "attic pc"
    assert settings.poll_interval == 5.0


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(ConfigurationError) as refused:
        load_settings(
            {
                "API_BASE_URL": "ftp://sky.example/api",
                "UCLOUD_WEBDAV_URL": "https://cloud.example/dav?x=1",
                "UCLOUD_BASE_PATH": "/a/../b",
                "POLL_INTERVAL": "soon",
                "MAX_WORKERS": "1.5",
                "JOB_TIMEOUT": "inf",
                "SHUTDOWN_GRACE": "-1",
                "STACK_ENGINE": "magic",
                "SOLVERS": "triangles nova eyes",
                "SOLVE_TIMEOUT": "0",
                "NOVA_API_KEY": "two words",
                "LOG_FORMAT": "xml",
                "WORKER_ID": "w" * 65,
                "MIN_FREE_MB": "-1",
                "METRICS_PORT": "70000",
                "METRICS_ADDRESS": "everywhere",
            },
            env_file=None,
            machine=LAPTOP,
        )
    reported = "\n".join(refused.value.problems)
    for variable in (
        "API_BASE_URL",
        "WORKER_API_KEY is not set",
        "UCLOUD_WEBDAV_URL must not contain",
        "UCLOUD_SHARE_TOKEN belong together",
        "UCLOUD_BASE_PATH",
        "POLL_INTERVAL must be a number of at least 1, not soon",
        "MAX_WORKERS must be a whole number of at least 1, not 1.5",
        "JOB_TIMEOUT",
        "SHUTDOWN_GRACE",
        "STACK_ENGINE must be native or seestarpy, not 'magic'",
        "SOLVERS may name astrometry, triangles, solve-field, nova, but not 'eyes'",
        "SOLVERS names nova, but NOVA_URL is not set",
        "SOLVE_TIMEOUT",
        "NOVA_API_KEY contains blanks",
        "LOG_FORMAT must be text or json",
        "WORKER_ID must be 1 to 64 characters",
        "MIN_FREE_MB must be a number of at least 0",
        "METRICS_PORT must be at most 65535",
        "METRICS_ADDRESS must be an IPv4 address",
    ):
        assert variable in reported
    assert all(problem in str(refused.value) for problem in refused.value.problems)


@pytest.mark.parametrize("key", ["with blank inside", "ünicode", "two\nlines"])
def test_a_key_that_no_header_can_carry_is_refused(key: str) -> None:
    with pytest.raises(ConfigurationError, match="WORKER_API_KEY"):
        load(WORKER_API_KEY=key)


def test_secrets_do_not_show() -> None:
    settings = load(UCLOUD_WEBDAV_URL="https://cloud.example/dav", UCLOUD_SHARE_TOKEN="t0ken")
    assert settings.secrets == ("k3y-of-this-worker", "t0ken")
    assert "k3y" not in repr(settings)
    assert "t0ken" not in repr(settings)
    with_nova = load(NOVA_URL="https://nova.example", NOVA_API_KEY="n0va-key")
    assert "n0va-key" in with_nova.secrets
    assert "n0va-key" not in repr(with_nova)


def test_every_setting_is_described() -> None:
    for about in every_setting():
        assert about.variable.isupper()
        assert about.unit, about.variable
        assert about.reason.endswith("."), about.variable


def test_every_engine_may_be_set_and_needs_a_known_amount_of_memory() -> None:
    assert {load(STACK_ENGINE=name).stack_engine for name in ENGINES} == set(ENGINES)
    assert set(MEMORY_PER_JOB_MB) == set(ENGINES)
    assert load().stack_engine == DEFAULT_ENGINE


def test_every_solver_may_be_set() -> None:
    given = load(SOLVERS=",".join(SOLVER_NAMES), NOVA_URL="http://nova.example")
    assert given.recipe.solvers == SOLVER_NAMES
    assert load().recipe.solvers == DEFAULT_SOLVERS


def test_a_recipe_needs_no_site(tmp_path: Path) -> None:
    given = {"SOLVERS": "triangles, astrometry,triangles", "INDEX_DIR": str(tmp_path)}
    recipe = load_recipe(given, env_file=None)
    assert recipe.solvers == ("triangles", "astrometry")
    assert not recipe.can_solve
    (tmp_path / "index-4107.fits").touch()
    assert recipe.can_solve
    with pytest.raises(ConfigurationError, match="SOLVE_TIMEOUT"):
        load_recipe({"SOLVE_TIMEOUT": "never"}, env_file=None)


def test_a_nova_server_is_hope_enough(tmp_path: Path) -> None:
    given = {"INDEX_DIR": str(tmp_path), "NOVA_URL": "http://127.0.0.1:8080/api/"}
    assert not load_recipe(given, env_file=None).can_solve
    recipe = load_recipe({**given, "SOLVERS": "nova"}, env_file=None)
    assert recipe.can_solve
    assert recipe.nova_url == "http://127.0.0.1:8080/api"


def test_a_recipe_survives_the_pipe(tmp_path: Path) -> None:
    given = {
        "CATALOGUE_FILE": str(tmp_path / "gaia.fits"),
        "NOVA_URL": "http://n",
        "SOLVERS": "nova",
    }
    for sent in (load_recipe({}, env_file=None), load_recipe(given, env_file=None)):
        assert Recipe.from_json(json.loads(json.dumps(sent.to_json()))) == sent
