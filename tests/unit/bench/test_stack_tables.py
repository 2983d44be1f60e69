"""The benchmark's tables of given figures, and how it runs programs."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from bench.__main__ import names
from bench.stack_quality import StackQuality
from bench.stack_report import table, tables
from bench.stack_results import MemoryRun, Results, ToolRuns, cost_per_sub
from bench.stack_runs import ProgramError, Usage, run_measured
from bench.stack_sets import FrameSet, repeated
from bench.stack_targets import checks
from bench.stack_truth import NOTHING, Estimate, TruthFigures
from crowdsky.synthetic.sky import Night, plan, star_field


@pytest.fixture
def results() -> Results:
    item = FrameSet("real31", tuple(Path(f"Light_{index}.fit") for index in range(31)))
    runs = {
        "native": ToolRuns([Usage(2.0, 3.0, 350.0)], [Usage(1.0, 2.0), Usage(1.2, 2.0)]),
        "siril": ToolRuns([Usage(8.8, 16.0, 400.0)]),
        "seestarpy": ToolRuns(failure="skipped: it needs about 6 GB of memory"),
    }
    return Results([item], {"real31": runs})


def verdicts(results: Results) -> dict[str, str]:
    return {check.figure: check.verdict for check in checks(results)}


def test_ratios_are_those_of_the_medians(results: Results) -> None:
    text = tables(results)
    assert "| real31 | 31 | siril | 8.80 | 16.00 | 400 | - | - | 4.4 | 8.0 | 8.0 |" in text
    assert "skipped: it needs about 6 GB of memory" in text
    assert verdicts(results) == {
        "real31: warm process against Siril": "yes",
        "real31: whole process against Siril": "yes",
    }


def test_a_missed_target_is_told(results: Results) -> None:
    results.of("real31", "siril").process[:] = [Usage(4.4, 8.0, 400.0)]
    line = "| real31: warm process against Siril | 4.0x | at least 6x faster | **no** |"
    assert line in tables(results)


def test_cost_of_a_further_sub_is_a_difference_of_runs() -> None:
    runs = [MemoryRun("S50", n, Usage(0.0, 2.0 + 0.05 * n, 350.0)) for n in (90, 5, 31)]
    costs = cost_per_sub(runs)
    assert [(few, many) for few, many, _ in costs] == [(5, 31), (31, 90)]
    assert [seconds for *_, seconds in costs] == pytest.approx([0.05, 0.05])


def test_memory_that_grows_misses_its_target() -> None:
    runs = [MemoryRun("S50", n, Usage(1.0, 0.01 * n, 300.0 + 0.2 * n)) for n in (31, 90, 400)]
    found = verdicts(Results([], memory=runs))
    assert found["peak memory, 90 subs of the S50"] == "yes"
    assert found["peak memory, 400 / 90 subs"] == "**no**"


def test_quality_is_compared_with_the_best_peer() -> None:
    truth = plan(Night(star_field("SIM", 10.0, 10.0, rng()), n_subs=2), rng())
    item = FrameSet("sim", (Path("a.fit"), Path("b.fit")), truth)

    def measured(snr: float, fwhm: float, scatter: float, hot: Estimate) -> StackQuality:
        off = scatter * np.random.default_rng(1).normal(0.0, 1.0, 60)
        off += 0.0001 * np.random.default_rng(round(1e4 * scatter)).normal(0.0, 1.0, 60)
        figures = TruthFigures(1.0, off, 0.03, NOTHING, NOTHING, hot)
        left_out = {"b.fit": ""} if snr == 10.0 else {}
        return StackQuality(snr, (1.0,) * 3, (fwhm,) * 3, 9, 2 - len(left_out), left_out, figures)

    found = {
        "native": measured(10.0, 3.0, 0.02, Estimate(0.3, 0.1)),
        "siril": measured(9.9, 3.1, 0.03, Estimate(0.0, 0.1)),
        "seestarpy": measured(10.2, 4.0, 0.01, Estimate(9.0, 0.1)),
    }
    again = FrameSet("again", item.paths, truth)
    seen = verdicts(Results([item, again], quality={"sim": found, "again": found}))
    assert seen["sim: SNR in luminance / best peer (seestarpy)"] == "**no**"
    assert seen["sim: FWHM R"] == "yes"
    assert seen["sim: flux scatter / best peer (seestarpy)"] == "**no**"
    assert seen["all nights: flux scatter / best peer"] == "**no**"
    assert seen["sim: light of the 100 brightest hot pixels"] == "undecided"
    assert seen["sim: frames left out"] == "**no**"  # without a reason


def test_quality_is_that_of_all_nights_of_a_kind() -> None:
    truth = plan(Night(star_field("SIM", 10.0, 10.0, rng()), n_subs=2), rng())
    paths = (Path("a.fit"), Path("b.fit"))

    def measured(snr: float, hot: Estimate) -> StackQuality:
        figures = TruthFigures(1.0, np.empty(0), 0.03, NOTHING, NOTHING, hot)
        return StackQuality(snr, (1.0,) * 3, (snr,) * 3, 9, 2, {}, figures)

    first = {
        "native": measured(10.0, Estimate(0.5, 0.1)),
        "siril": measured(10.1, NOTHING),
        "seestarpy": measured(9.0, NOTHING),
    }
    second = {
        "native": measured(12.0, Estimate(-0.3, 0.1)),
        "siril": measured(9.0, NOTHING),
        "seestarpy": measured(11.9, NOTHING),
    }
    sets = [FrameSet("sim", paths, truth), FrameSet("other", paths, truth)]
    results = Results(
        sets, quality={"sim": first, "sim.2": second}, further=[FrameSet("sim.2", paths, truth)]
    )
    seen = {check.figure: check for check in checks(results)}
    assert seen["sim, 2 nights: SNR in luminance / best peer (seestarpy)"].measured == "1.060"
    assert seen["sim, 2 nights: FWHM R"].measured == "11.00 px"
    assert seen["sim, 2 nights: FWHM R"].verdict == "**no**"
    hot = seen["sim, 2 nights: light of the 100 brightest hot pixels"]
    assert (hot.measured, hot.verdict) == ("0.1000 ± 0.0707", "yes")
    assert seen["sim, 2 nights: frames left out"].measured == "4 of 4 used, 0 with a reason"
    assert not any(figure.startswith("other") for figure in seen)


def rng() -> np.random.Generator:
    return np.random.default_rng(0)


def test_table_has_a_column_for_every_head() -> None:
    assert table([["a", "b"], ["1", "2"]]) == "| a | b |\n|---|---|\n| 1 | 2 |"


def test_a_program_is_charged_with_its_own_memory_only(tmp_path: Path) -> None:
    ballast = np.ones(40_000_000)  # 320 MB of ours
    output = tmp_path / "out"
    program = f"b = bytearray(b'x' * 60_000_000); open({str(output)!r}, 'w')"
    usage, _ = run_measured([sys.executable, "-S", "-c", program], output)
    assert 60.0 < usage.peak_mb < 160.0
    assert usage.wall > 0.0
    assert ballast.size == 40_000_000


def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(ProgramError, match=r"ended with 1: .*no such frame"):
        command = [sys.executable, "-S", "-c", "raise SystemExit('no such frame')"]
        run_measured(command, tmp_path / "out")


def test_repeated_subs_have_times_of_their_own(tmp_path: Path) -> None:
    sub = tmp_path / "sub.fit"
    hdu = fits.PrimaryHDU(np.zeros((8, 8), np.uint16))
    hdu.header["DATE-OBS"] = "2025-03-27T01:20:30.955368"
    hdu.writeto(sub)
    paths = repeated([sub], 3, tmp_path / "many")
    dates = [fits.getheader(path)["DATE-OBS"] for path in paths]
    assert dates[0] == "2025-03-27T01:20:30.955368"
    assert len(set(dates)) == 3
    assert paths[2].stat().st_size == sub.stat().st_size


def test_the_benchmarks_are_listed_without_their_helpers() -> None:
    found = names()
    assert "stack" in found
    assert "quality" not in found
