"""The unit tests of the compiled loops, with a library that checks its own memory accesses.

AddressSanitizer ends the process at a read or write outside of an array, and
UndefinedBehaviorSanitizer at an overflow or a shift that C does not define.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from demo.services import REPOSITORY

NEEDED = (
    "CMakeLists.txt",
    "pyproject.toml",
    "bench",
    "build",
    "crowdsky",
    "demo",
    "tests",
    "worker",
)
KERNELS = "tests/unit/*/test_*kernels.py"
SUITES = (
    *sorted(
        path.relative_to(REPOSITORY) for path in REPOSITORY.glob("tests/unit/*/test_*kernels.py")
    ),
    *(f"tests/unit/stacking/test_{name}.py" for name in ("combine", "median", "warp")),
    "tests/unit/sources/test_background.py",
    "tests/unit/photometry/variability/test_box_kernels.py",
    "tests/unit/base/test_compiled.py",
)
"""The tests that call loops directly; those of a few compare all levels of the processor."""
FAULT = """#include "crowdsky/base/compiled.h"
EXPORT void crowdsky_fault(float *cells, ptrdiff_t at) { cells[at] = 1.0f; }
"""
CALL = """import numpy as np
from crowdsky.base.compiled import FLOAT32_OUT, SIZE, compiled
compiled("fault", FLOAT32_OUT, SIZE)(np.empty(1000, np.float32), 1000)
"""

pytestmark = [pytest.mark.every, pytest.mark.slow, pytest.mark.timeout(1800)]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout, whose library is built with the sanitizers."""
    folder = tmp_path_factory.mktemp("sanitized")
    for name in NEEDED:
        source = REPOSITORY / name
        if source.is_file():
            shutil.copy2(source, folder)
        else:
            kept_out = shutil.ignore_patterns("__pycache__", "*.so")
            shutil.copytree(source, folder / name, ignore=kept_out)
    (folder / "crowdsky/base/fault.c").write_text(FAULT)
    build = folder / "built"
    for step in (
        ["cmake", "-S", folder, "-B", build, "-DCROWDSKY_SANITIZE=ON"],
        ["cmake", "--build", build],
    ):
        try:
            done = subprocess.run(step, capture_output=True, text=True, timeout=600, check=False)
        except FileNotFoundError:
            pytest.skip("cmake is not installed")
        assert done.returncode == 0, done.stdout + done.stderr
    return folder


def run(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run Python with the sanitizers' libraries, which a program must load first."""
    compiler = os.environ.get("CC", "gcc")
    libraries = [
        subprocess.check_output([compiler, f"-print-file-name={name}"], text=True).strip()
        for name in ("libasan.so", "libubsan.so")
    ]
    environment = os.environ | {
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=1",  # Python's leaks
        # So that the sanitizer sees each array, and not an allocator's pool.
        "PYTHONMALLOC": "malloc",
    }
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1500,
        check=False,
    )


def test_a_fault_would_be_found(checkout: Path) -> None:
    done = run(checkout, "-c", CALL)
    assert done.returncode != 0
    assert "AddressSanitizer: heap-buffer-overflow" in done.stderr
    assert "crowdsky_fault" in done.stderr


def test_the_loops_stay_within_their_arrays(checkout: Path) -> None:
    options = ("-p", "no:cacheprovider", "-p", "no:faulthandler", "-q")
    done = run(checkout, "-m", "pytest", *options, *map(str, SUITES))
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-5000:]
    assert " passed" in done.stdout
