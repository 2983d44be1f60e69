"""Light counts once: two accounts have uploaded the same subs."""

from __future__ import annotations

import re

from tests.contract.site.support import Browser
from tests.contract.site.test_light_curves import MJD, Archive, archive, ask, curve, green
from tests.contract.site.test_who_sees_what import choose
from tests.support.cleanups import clean_up
from tests.support.rows import Rows

__all__ = ["archive"]


def upload(rows: Rows, stack: int, *subs: str) -> None:
    """Write down the subs of a stack, by what their bytes stand for."""
    job = rows.one("SELECT job_id, user_id FROM stacked_frames WHERE id = ?", stack)
    for sub in subs:
        rows.insert(
            "raw_files", upload_session_id=1, filename=f"{sub}.fit", file_size_bytes=2880,
            sha256=f"{int(sub, 36):064x}", created_at="2026-01-01 00:00:00", **job,
        )  # fmt: skip


def copied(archive: Archive, *subs: str) -> int:
    """Make bob upload ann's first stack as well, publicly, and return the stack.

    Both have four subs of 10 s, and as many of them in common as are named.
    """
    rows = archive.site.rows
    copy = archive.light.epoch(archive.field, archive.bob, MJD + 0.001)
    archive.light.observe(archive.star, copy, 1003.0)
    stack: int = rows.one("SELECT stack_id FROM epochs WHERE id = ?", copy)["stack_id"]
    rows.execute("UPDATE stacked_frames SET n_frames_aligned = 4, total_exptime = 40.0")
    upload(rows, 1, "a", "b", "c", "d")
    upload(rows, stack, *subs, *"wxyz"[: 4 - len(subs)])
    compare(archive)
    return stack


def compare(archive: Archive) -> None:
    """Let the site look at stacks that were archived before light counted once."""
    archive.site.rows.execute("UPDATE epochs SET n_stars = 1 WHERE reason IS NULL")
    archive.site.rows.execute("UPDATE stacked_frames SET shares_light = -1")
    clean_up(archive.site)


def browser(archive: Archive, name: str) -> Browser:
    """A browser with a login."""
    found = Browser(archive.site)
    found.log_in(name)
    return found


def test_a_curve_has_the_light_of_two_accounts_once(archive: Archive) -> None:
    copy = copied(archive, "a", "b", "c", "d")
    cone = {"ra": 192.72, "dec": 41.12, "radius": 1.0}

    public = ask(archive.service(), "light_curve.php", star=archive.star)
    assert [point["stack_id"] for point in green(public.json())] == [1, 2, 3]
    assert public.json()["left_out"] == [{"stack_id": copy, "light_in": 1}]
    assert public.headers["X-Note"] == (
        "Light counts once: 1 stack is left out, because its subs are in another one:"
        f" {copy} (in 1)."
    )
    report = ask(archive.service(), "light_curve.php", star=archive.star, format="aavso").text
    assert "# Light counts once: 1 stack is left out" in report
    for form in ("ecsv", "votable"):
        answer = ask(archive.service(), "light_curve.php", star=archive.star, format=form)
        assert "light_in" in answer.text
    for reader, count in ((archive.service(), 3), (archive.reader(archive.bob), 4)):
        stars = ask(reader, "stars.php", **cone).json()["stars"]
        assert stars[0]["n_observations"] == count

    own = curve(archive.reader(archive.bob), star=archive.star)
    assert [point["stack_id"] for point in green(own)] == [copy, 2, 3, 4]
    assert own["left_out"] == [{"stack_id": 1, "light_in": copy}]
    everything = curve(archive.service(reads_all=True), star=archive.star)
    assert [point["stack_id"] for point in green(everything)] == [1, 2, 3, 4]
    version = curve(archive.service(), star=archive.star, version="1")
    assert "left_out" not in version, "a version stays what it was"
    page = browser(archive, "ann").get("star.php", id=archive.star).text
    assert f"Stack {copy}: its subs are in stack 1" in page

    choose(browser(archive, "ann"), 1, "private")
    public_now = curve(archive.service(), star=archive.star)
    assert [point["stack_id"] for point in green(public_now)] == [copy, 2, 3]
    assert "left_out" not in public_now, "nobody learns of the private one"
    mine = curve(archive.reader(archive.ann), star=archive.star)
    assert [point["stack_id"] for point in green(mine)] == [1, 2, 3]


def test_sums_of_the_archive_have_each_sub_once(archive: Archive) -> None:
    copy = copied(archive, "a")
    visitor = Browser(archive.site)

    def sums() -> tuple[list[str], float, int]:
        page = visitor.get("index.php").text
        table = visitor.get("api/sky_coverage.php").text.splitlines()
        rows = [line.split() for line in table if not line.startswith("#")][1:]
        exposure = sum(float(row[3]) for row in rows)
        return re.findall(r"<dd>([\d.]+)</dd>", page)[:4], exposure, sum(int(r[2]) for r in rows)

    shown, exposure, stacks = sums()
    assert (shown[0], exposure, stacks) == ("4", 150.0, 4), "one of sixteen subs is in two stacks"
    assert shown[2] == "15"
    assert shown[3] == "1", "they show one place"
    points = green(curve(archive.service(), star=archive.star))
    assert [point["stack_id"] for point in points] == [1, copy, 2, 3], "most of it is other light"

    upload(archive.site.rows, copy, "b", "c", "d")
    archive.site.rows.execute("DELETE FROM raw_files WHERE job_id = ? AND filename > 'f'", copy)
    compare(archive)
    shown, exposure, stacks = sums()
    assert (shown[0], shown[2], exposure, stacks) == ("3", "12", 120.0, 3)
