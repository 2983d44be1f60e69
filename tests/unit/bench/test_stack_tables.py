"""The benchmark's tables of given figures, and how it runs programs."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits

from bench.__main__ import names
from bench.best_weights import NOTHING, Estimate
from bench.stack_depth import Depth
from bench.stack_quality import StackQuality
from bench.stack_report import other_measurements, table, tables
from bench.stack_results import MemoryRun, Results, ToolRuns, cost_per_sub
from bench.stack_runs import ProgramError, Usage, run_measured
from bench.stack_sets import FrameSet, repeated
from bench.stack_shapes import ShapeFigures
from bench.stack_targets import checks
from bench.stack_truth import TruthFigures
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


def depth(scatter: float, seed: int = 3) -> Depth:
    """Stars and discs that scatter about truth by so much, mostly alike in all tools."""
    alike = np.random.default_rng(1)
    own = np.random.default_rng(round(1e4 * scatter) + seed)
    count = 300

    def off(*shape: int) -> np.ndarray:
        return scatter * (alike.normal(size=shape) + 0.1 * own.normal(size=shape))

    discs = 5.0 * (1.0 + off(90, 3) / 10.0)
    return Depth(
        snr=np.repeat([8.0, 20.0, 60.0], count // 3),
        light=off(4, count, 3),
        places=off(count, 2, 3),
        patches=discs,
        size=np.repeat([4.0, 16.0, 64.0], 30),
        adu=np.full(90, 5.0),
        streak=np.zeros(90, bool),
        detections=None,
    )


def test_depth_is_compared_with_the_best_peer_of_each_family() -> None:
    truth = plan(Night(star_field("SIM", 10.0, 10.0, rng()), n_subs=2), rng())
    item = FrameSet("sim", (Path("a.fit"), Path("b.fit")), truth)

    def measured(fwhm: float, scatter: float, hot: Estimate) -> StackQuality:
        figures = TruthFigures(1.0, 0.03, NOTHING, NOTHING, hot)
        left_out = {"b.fit": ""} if fwhm == 3.0 else {}
        return StackQuality((fwhm,) * 3, 9, 2 - len(left_out), left_out, figures, depth(scatter))

    found = {
        "native": measured(3.0, 0.02, Estimate(0.3, 0.1)),
        "siril": measured(3.1, 0.03, Estimate(0.0, 0.1)),
        "seestarpy": measured(4.0, 0.01, Estimate(9.0, 0.1)),
        "smoothed": measured(4.0, 0.001, Estimate(9.0, 0.1)),
    }
    again = FrameSet("again", item.paths, truth)
    results = Results([item, again], quality={"sim": found, "again": found})
    seen = verdicts(results)
    assert seen["sim: flux scatter / best peer (seestarpy)"] == "**no**"
    assert seen["sim: scatter of places / best peer (seestarpy)"] == "**no**"
    assert seen["sim: FWHM R"] == "yes"
    assert seen["all sets: flux scatter / best peer"] == "**no**"
    assert seen["sim: light of the 100 brightest hot pixels"] == "undecided"
    assert seen["sim: frames left out"] == "**no**"  # without a reason
    found["seestarpy"] = measured(4.0, 0.04, NOTHING)
    seen = verdicts(results)
    assert seen["sim: flux scatter / best peer (siril)"] == "yes"
    assert seen["all sets: flux scatter / best peer"] == "yes"
    text = tables(results)
    assert "| sim | smoothed | " in text
    assert "discs of 64 px %" in text


def test_quality_is_that_of_all_nights_of_a_kind() -> None:
    truth = plan(Night(star_field("SIM", 10.0, 10.0, rng()), n_subs=2), rng())
    paths = (Path("a.fit"), Path("b.fit"))

    def measured(width: float, hot: Estimate, off: Depth | None = None) -> StackQuality:
        figures = TruthFigures(1.0, 0.03, NOTHING, NOTHING, hot)
        return StackQuality((width,) * 3, 9, 2, {}, figures, off)

    first = {
        "native": measured(10.0, Estimate(0.5, 0.1), depth(0.02)),
        "siril": measured(10.1, NOTHING, depth(0.03)),
        "seestarpy": measured(9.0, NOTHING, depth(0.01)),
    }
    second = {
        "native": measured(12.0, Estimate(-0.3, 0.1), depth(0.02, 4)),
        "siril": measured(9.0, NOTHING, depth(0.03, 4)),
    }
    sets = [FrameSet("sim", paths, truth), FrameSet("other", paths, truth)]
    results = Results(
        sets, quality={"sim": first, "sim.2": second}, further=[FrameSet("sim.2", paths, truth)]
    )
    seen = {check.figure: check for check in checks(results)}
    # seestarpy has no picture of the second night, so that it cannot be the best of both.
    assert seen["sim, 2 nights: flux scatter / best peer (siril)"].verdict == "yes"
    assert seen["sim, 2 nights: FWHM R"].measured == "11.00 px"
    assert seen["sim, 2 nights: FWHM R"].verdict == "**no**"
    hot = seen["sim, 2 nights: light of the 100 brightest hot pixels"]
    assert (hot.measured, hot.verdict) == ("0.1000 ± 0.0707", "yes")
    assert seen["sim, 2 nights: frames left out"].measured == "4 of 4 used, 0 with a reason"
    assert not any(figure.startswith("other") for figure in seen)


def test_another_checkout_is_compared_in_time_and_cost(results: Results) -> None:
    results.tools.append("before")
    results.of("real31", "before").process.append(Usage(4.0, 6.0, 350.0))
    results.of("real31", "before").warm.extend([Usage(2.0, 4.0), Usage(2.4, 4.0)])
    for tool, seconds in (("native", 0.02), ("before", 0.03)):
        results.memory += [
            MemoryRun("S50", n, Usage(1.0, 2.0 + seconds * n, 300.0), tool) for n in (31, 90)
        ]
    text = tables(results)
    assert "| real31 | 0.50 | 0.50 | 0.50 | 0.50 |" in text
    seen = verdicts(results)
    assert seen["real31: warm process now / before"] == "yes"
    assert seen["cost of a further sub now / before, 31 to 90"] == "**no**"
    assert sum("peak memory, 90 subs" in figure for figure in seen) == 1


def test_light_lost_by_rejection_is_that_of_all_nights_of_a_kind() -> None:
    item = FrameSet("wind", (Path("a.fit"),))
    shapes = {"wind": ShapeFigures(0.03, 0.0, 20), "wind.2": ShapeFigures(0.0, 0.04, 20)}
    seen = {check.figure: check for check in checks(Results([item], shapes=shapes))}
    assert seen["wind, 2 nights: zero point against no rejection"].verdict == "yes"
    assert seen["wind, 2 nights: flux slope over 3 mag"].verdict == "**no**"


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


def test_what_other_benchmarks_measured_stays_on_the_page() -> None:
    others = "\n## Other measurements\n\n| a table |\n"
    assert other_measurements("# Benchmarks\n\n## Time\n" + others) == others
    assert other_measurements("# Benchmarks\n\n## Time\n") == ""
