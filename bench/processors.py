"""The processors that this machine can stand in for: what its libraries choose by processor."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from crowdsky.base.compiled import VARIABLE, levels_here

CORE_TYPES = (
    "Prescott", "Core2", "Nehalem", "Sandybridge", "Haswell", "Zen", "SkylakeX", "Cooperlake",
    "SapphireRapids", "ARMV8", "NEOVERSEN1", "NEOVERSEV1", "NEOVERSEN2", "VORTEX",
)  # fmt: skip
"""Sets of kernels that OpenBLAS may have; a build has some of them, a processor runs some."""

PROBE = """
import numpy, threadpoolctl
numpy.linalg.lstsq(numpy.random.default_rng(1).random((300, 200)), numpy.ones(300))
print(*sorted({pool.get("architecture") for pool in threadpoolctl.threadpool_info()}))
"""
"""Prints which kernels are used, after using them: a kernel for another processor ends it here."""

OLD_LIBM = "glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-FMA,-AVX2_Usable,-FMA_Usable"
"""glibc's sine and logarithm as without fused multiplication; ignored where there is no x86."""


@dataclass(frozen=True, slots=True)
class Processor:
    """A name, and the environment variables that make libraries take it for this machine's."""

    name: str
    variables: Mapping[str, str]


def processors() -> tuple[Processor, ...]:
    """Each set of OpenBLAS kernels that runs here, and the oldest processor to all libraries."""
    sets = _kernel_sets()
    blas = [Processor(f"OpenBLAS {used}", {"OPENBLAS_CORETYPE": n}) for used, n in sets.items()]
    oldest = {
        "OPENBLAS_CORETYPE": next(iter(sets.values()), CORE_TYPES[0]),
        "NPY_DISABLE_CPU_FEATURES": _numpy_features(),
        "GLIBC_TUNABLES": OLD_LIBM,
    }
    if levels := levels_here():
        oldest[VARIABLE] = levels[0]
    return (Processor("the oldest to all libraries", oldest), *blas)


def _kernel_sets() -> dict[str, str]:
    """What OpenBLAS uses, and a core type that it uses it for; many types share their kernels."""
    found: dict[str, str] = {}
    for name in CORE_TYPES:
        if used := _used_for(name):
            found.setdefault(used, name)
    return found


def _used_for(core_type: str) -> str:
    """The kernels used for a core type; empty if they end the process."""
    probe = subprocess.run(
        [sys.executable, "-c", PROBE],
        env={**os.environ, "OPENBLAS_CORETYPE": core_type},
        capture_output=True,
        text=True,
        check=False,
    )
    return probe.stdout.strip() if probe.returncode == 0 else ""


def _numpy_features() -> str:
    """What numpy would use here beyond its baseline, as NPY_DISABLE_CPU_FEATURES takes it."""
    core = np._core._multiarray_umath  # type: ignore[attr-defined]
    return " ".join(name for name in core.__cpu_dispatch__ if core.__cpu_features__[name])
