"""The gallery as visitors and owners see it: what its map shows, and what its downloads hold."""

from __future__ import annotations

import hashlib
import html
import io
import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests

from demo.services import php_command
from tests.contract.jobs.support import Worker, stack_file
from tests.contract.site.gallery_bytes import points
from tests.contract.site.stacked import MakeStored, Stacked, sub_for
from tests.contract.site.support import PASSWORD, Browser
from tests.contract.site.test_who_sees_what import choose, make_account_public
from tests.support.rows import Rows
from tests.support.sites import SiteUnderTest


def shown(who: Browser, of: str | None = None) -> set[int]:
    """Ids on somebody's map, of which list and filters must say the same."""
    query: dict[str, Any] = {} if of is None else {"of": of}
    answer = who.get("stacks_map.php", **query)
    assert answer.status_code == 200, answer.text
    ids = {point.id for point in points(answer.content)}
    listed = {
        int(one) for one in re.findall(r'data-id="(\d+)"', who.get("stacks.php", **query).text)
    }
    assert listed == ids
    return ids


def download(who: Browser, form: str, *ids: int, **more: Any) -> Any:
    """Send the form of the selection."""
    fields = {"csrf_token": who.token(), "form": form, "ids": ",".join(map(str, ids)), **more}
    return who.post("stacks_download.php", fields)


@pytest.fixture
def stack(make_stored: MakeStored) -> Stacked:
    """A private stack of a known object."""
    return make_stored(OBJECT="'M 94'")


def test_the_map_changes_at_once(user: Browser, visitor: Browser, stack: Stacked) -> None:
    assert (shown(visitor), shown(user)) == (set(), {stack.id})
    make_account_public(user)
    assert shown(visitor) == {stack.id}
    choose(user, stack.id, "private")
    assert (shown(visitor), shown(user, "public")) == (set(), set())
    choose(user, stack.id, "public")
    assert shown(visitor) == {stack.id}
    make_account_public(user, public=False)
    assert shown(visitor) == {stack.id}
    choose(user, stack.id, "inherit")
    assert shown(visitor) == set()
    choose(user, stack.id, "public")
    fields = {"csrf_token": user.token(), "job_id": stack.job_id, "action": "delete"}
    assert user.post("job.php", fields).status_code == 303
    assert (shown(visitor), shown(user)) == (set(), set())


@pytest.mark.one_database
def test_a_map_that_is_known_is_not_sent_again(user: Browser, stack: Stacked) -> None:
    first = user.get("stacks_map.php")
    known = {"If-None-Match": first.headers["ETag"]}

    assert user.get("stacks_map.php", headers=known).status_code == 304
    choose(user, stack.id, "public")
    again = user.get("stacks_map.php", headers=known)
    assert again.status_code == 200
    assert [point.public for point in points(again.content)] == [True]


@pytest.mark.one_database
def test_what_is_kept_can_be_lost(user: Browser, stack: Stacked, site: SiteUnderTest) -> None:
    make_account_public(user)
    assert shown(user, "public") == {stack.id}
    kept = site.data_dir / "gallery" / "map-public.bin"
    whole = kept.read_bytes()
    query = {"of": "public", "solved": "0", "from": "2020-01-01"}
    matching = user.get("stacks_ids.php", **query).content

    for damaged in (
        b"",
        b"{}\n",
        b"[1]\nx",
        whole[:-1],
        whole + b"x",
        whole.replace(b"{", b"[", 1),
    ):
        for file in kept.parent.glob("*.bin"):
            file.write_bytes(damaged)
        assert shown(user, "public") == {stack.id}, damaged[:20]
        assert user.get("stacks_ids.php", **query).content == matching
    shutil.rmtree(kept.parent)
    assert shown(user, "public") == {stack.id}
    assert kept.read_bytes() == whole


@pytest.mark.one_database
def test_scopes_and_filters_that_are_wrong(
    user: Browser, visitor: Browser, new_user: Callable[..., Browser]
) -> None:
    assert visitor.get("stacks.php", of="mine").status_code == 302
    assert visitor.get("stacks_map.php", of="mine").status_code == 401
    assert user.get("stacks.php", of="all").status_code == 403
    assert user.get("stacks_ids.php", of="all").status_code == 403
    assert new_user(admin=True).get("stacks.php", of="all").status_code == 200
    for field, value in (
        ("of", "x"), ("view", "x"), ("order", "x"), ("from", "2026-02-30"), ("minutes", "-1"),
        ("seeing", "1e9"), ("solved", "2"), ("after", "x"), ("object", "x" * 101), ("ids", "0"),
    ):  # fmt: skip
        answer = visitor.get("stacks.php", **{field: value})
        assert answer.status_code == 400, field
        named = f"'{field}'" in html.unescape(answer.text)
        marked = re.search(rf'aria-invalid="true"[^>]* name="{field}"', answer.text)
        assert named or marked, field
    empty = dict.fromkeys(("object", "from", "to", "minutes", "seeing", "solved", "order"), "")
    assert visitor.get("stacks.php", **empty).status_code == 200


@pytest.mark.one_database
def test_the_address_keeps_the_choice(user: Browser, stack: Stacked) -> None:
    chosen = {"view": "table", "object": "M 94", "from": "2025-03-01", "order": "longest"}

    page = user.get("stacks.php", **chosen).text

    assert re.findall(r'data-id="(\d+)"', page) == [str(stack.id)]
    assert 'name="object" type="search" maxlength="100" list="objects" value="M 94"' in page
    assert 'value="2025-03-01"' in page and 'value="longest" selected' in page
    assert "stacks.php?view=map&amp;object=M+94&amp;from=2025-03-01&amp;order=longest" in page
    nothing = user.get("stacks.php", object="M 31").text
    assert "No stack matches all of this" in nothing


@pytest.mark.one_database
def test_markup_in_names_is_text(user: Browser, make_stored: MakeStored) -> None:
    make_stored(OBJECT="'<b>x</b>'", TELESCOP="'\"><i>'")

    for view in ("gallery", "table", "map"):
        page = user.get("stacks.php", view=view, object="</script><b>").text
        assert "<b>" not in page and "<i>" not in page
        page = user.get("stacks.php", view=view).text
        assert "<b>x" not in page and "&lt;b&gt;x&lt;/b&gt;" in page


def test_objects_and_telescopes_are_found_as_people_type_them(
    user: Browser, make_stored: MakeStored, rows: Rows, new_user: Callable[..., Browser]
) -> None:
    names = ["NGC 7023", "M 31", "M 3", "Iris Nebula mosaic"]
    iris, andromeda, cluster, mosaic = (make_stored(OBJECT=f"'{name}'").id for name in names)
    rows.execute("UPDATE stacked_frames SET telescope = 'Dwarf II' WHERE id = ?", andromeda)
    rows.execute("UPDATE stacked_frames SET filter_name = 'IR-Cut' WHERE id = ?", andromeda)

    def found(who: Browser = user, **filters: str) -> set[int]:
        page = who.get("stacks.php", view="table", **filters)
        assert page.status_code == 200, page.text
        return {int(one) for one in re.findall(r'data-id="(\d+)"', page.text)}

    assert found(object="Irisnebel") == found(object="irisNEBEL") == {iris}
    assert found(object="iris") == {iris, mosaic}, "a part of a German name and of an own one"
    assert found(object="Andromedagalaxie") == found(object="andromeda") == {andromeda}
    assert found(object="Bodes Galaxie") == set()
    assert found(object="m3") == {cluster}, "a number is no part of another"
    assert found(object="nebula M") == {mosaic}
    assert found(new_user(), object="mosaic") == set(), "names of others stay theirs"
    assert found(telescope="s50") == found(telescope="s50_1D3FE189") == {iris, cluster, mosaic}
    assert found(telescope="dwarf") == found(telescope="DWARF II") == {andromeda}
    assert found(telescope="Celestron") == set()
    assert found(filter="ir-CUT", telescope="dwarf") == {andromeda}


@pytest.mark.one_database
def test_a_zip_holds_what_its_manifest_says(
    user: Browser,
    visitor: Browser,
    new_user: Callable[..., Browser],
    worker: Worker,
    rows: Rows,
    make_stored: MakeStored,
) -> None:
    own, other = make_stored(OBJECT="'my garden'"), make_stored(OBJECT="'M 94'")
    choose(user, other.id, "public")
    stranger = new_user()

    answer = download(user, "zip", own.id, other.id)
    theirs = download(stranger, "zip", other.id)

    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Type"] == "application/zip"
    assert int(answer.headers["Content-Length"]) == len(answer.content)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert packed.testzip() is None
        manifest = json.loads(packed.read("manifest.json"))
        files = [entry["file"] for entry in manifest["stacks"]]
        assert packed.namelist() == [*files, "manifest.json", "SHA256SUMS"]
        assert [packed.read(name) for name in files] == [own.body, other.body]
        assert files[0].startswith("my_garden_") and files[1].startswith("M_94_")
        hashes = [hashlib.sha256(body).hexdigest() for body in (own.body, other.body)]
        assert [entry["sha256"] for entry in manifest["stacks"]] == hashes
        sums = packed.read("SHA256SUMS").decode()
        assert sums == "".join(f"{h}  {name}\n" for h, name in zip(hashes, files, strict=True))
    assert manifest["licence"] is None and "no licence" in manifest["licence_note"]
    assert manifest["stacks"][0]["engine"] == "native"
    assert manifest["stacks"][0]["page"].endswith(f"/stack.php?id={own.id}")
    with zipfile.ZipFile(io.BytesIO(theirs.content)) as packed:
        (entry,) = json.loads(packed.read("manifest.json"))["stacks"]
        copy = packed.read(entry["file"])
    public = stranger.get("download.php", id=other.id, form="public")
    assert copy == public.content
    assert entry["sha256"] == hashlib.sha256(copy).hexdigest()
    assert entry["file"].endswith("_public.fits") and entry["owner"] == "another member"
    assert entry["archived_sha256"] is None


@pytest.mark.one_database
def test_unzip_finds_no_error(user: Browser, make_stored: MakeStored, tmp_path: Path) -> None:
    if shutil.which("unzip") is None:
        pytest.skip("unzip is not installed")
    stacks = [make_stored(), make_stored()]
    file = tmp_path / "stacks.zip"

    answer = download(user, "zip", **{"stack[]": [one.id for one in stacks]})
    file.write_bytes(answer.content)

    run = subprocess.run(["unzip", "-t", file], capture_output=True, text=True, check=False)
    assert run.returncode == 0 and "No errors detected" in run.stdout, run.stdout + run.stderr
    assert run.stdout.count(" OK") == 4


@pytest.mark.one_database
def test_all_that_match_are_packed(user: Browser, make_stored: MakeStored) -> None:
    wanted, _ = make_stored(OBJECT="'M 94'"), make_stored(OBJECT="'M 31'")

    answer = download(user, "zip", all="1", object="M 94")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        assert len(packed.namelist()) == 3
        assert packed.read(packed.namelist()[0]) == wanted.body


@pytest.mark.one_database
def test_what_a_selection_may_hold(
    user: Browser, visitor: Browser, new_user: Callable[..., Browser], stack: Stacked, rows: Rows
) -> None:
    stranger = new_user()

    assert download(user, "zip").status_code == 400
    assert download(user, "tar", stack.id).status_code == 400
    assert download(user, "zip", stack.id, 4711).status_code == 404
    for form in ("zip", "wget", "aria2"):
        answer = download(stranger, form, stack.id)
        assert answer.status_code == 404 and str(stack.id) in answer.text
    too_many = download(user, "zip", *range(1, 502))
    assert too_many.status_code == 400 and "500" in too_many.text
    fields = {"form": "zip", "ids": str(stack.id)}
    assert user.post("stacks_download.php", fields).status_code == 403
    assert visitor.post("stacks_download.php", fields).status_code == 302
    rows.execute("UPDATE stacked_frames SET file_size_bytes = ?", 21 << 30)
    too_large = download(user, "zip", stack.id)
    assert too_large.status_code == 400 and "wget" in too_large.text


@pytest.mark.one_database
def test_damaged_stacks_are_named_and_left_out(user: Browser, make_stored: MakeStored) -> None:
    good, gone, short = make_stored(), make_stored(), make_stored()
    gone.files[0].unlink()
    short.files[0].write_bytes(short.body[:-2880])

    answer = download(user, "zip", good.id, gone.id, short.id)

    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        entries = json.loads(packed.read("manifest.json"))["stacks"]
        assert len(packed.namelist()) == 3
    assert [entry["left_out"] for entry in entries] == [None] + [
        "missing or damaged in storage"
    ] * 2
    assert [entry["sha256"] is None for entry in entries] == [False, True, True]
    assert download(user, "zip", gone.id).status_code == 404


@pytest.mark.one_database
def test_changed_content_cuts_the_connection(user: Browser, make_stored: MakeStored) -> None:
    changed = make_stored()
    body = bytearray(changed.body)
    body[-1] ^= 1
    changed.files[0].write_bytes(body)

    with pytest.raises(requests.exceptions.RequestException):
        answer = download(user, "zip", changed.id)
        zipfile.ZipFile(io.BytesIO(answer.content))
        raise AssertionError("the file looks whole")


@pytest.mark.one_database
def test_lists_work_with_wget_and_hold_no_secret(
    user: Browser, make_stored: MakeStored, rows: Rows, tmp_path: Path, site: SiteUnderTest
) -> None:
    if shutil.which("wget") is None:
        pytest.skip("wget is not installed")
    stacks = [make_stored(OBJECT="'M 94'"), make_stored(OBJECT="'my garden'")]
    key = rows.add_data_key(
        rows.one("SELECT user_id FROM stacked_frames WHERE id = ?", stacks[0].id)["user_id"]
    )
    listed = download(user, "wget", *(one.id for one in stacks))
    files = download(user, "aria2", *(one.id for one in stacks)).text
    config = tmp_path / "wgetrc"
    config.write_text(f"header = Authorization: Bearer {key}\n")
    (tmp_path / "list.txt").write_text(listed.text)
    names = [address.rsplit("/", 1)[1] for address in listed.text.split()]
    (tmp_path / names[0]).write_bytes(stacks[0].body[:5000])

    run = subprocess.run(
        ["wget", "--quiet", "--continue", "--input-file=list.txt"],
        cwd=tmp_path, env={"WGETRC": str(config), "PATH": "/usr/bin:/bin"}, check=False,
    )  # fmt: skip

    assert run.returncode == 0
    assert [(tmp_path / name).read_bytes() for name in names] == [one.body for one in stacks]
    assert key not in listed.text and "token" not in listed.text
    hashes = [hashlib.sha256(one.body).hexdigest() for one in stacks]
    assert [line.split("=")[2] for line in files.split("\n") if "checksum" in line] == hashes
    assert requests.get(listed.text.split()[0], timeout=60).status_code == 401


@pytest.mark.one_database
def test_two_downloads_run_at_a_time(user: Browser, stack: Stacked, site: SiteUnderTest) -> None:
    owner = site.rows.one("SELECT user_id FROM stacked_frames")["user_id"]
    code = (
        "$locks = []; foreach ([0, 1] as $slot) {"
        " $locks[] = $lock = fopen($argv[1] . '-' . $slot . '.lock', 'c'); flock($lock, LOCK_EX); }"
        " echo 'held'; flush(); fgets(STDIN);"
    )
    folder = site.data_dir / "gallery" / f"download-{owner}"
    with subprocess.Popen(
        ["php", "-r", code, "--", str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None and holder.stdout.read(4) == b"held"
        busy = download(user, "zip", stack.id)
        holder.communicate(b"\n")

    assert busy.status_code == 429 and "2 ZIP downloads" in busy.text
    assert download(user, "zip", stack.id).status_code == 200


@pytest.mark.one_database
def test_the_operator_can_state_a_licence(make_site: Callable[..., SiteUnderTest]) -> None:
    site = make_site(CROWDSKY_DATA_LICENCE="CC-BY-4.0")
    site.create_user("ann", PASSWORD)
    ann = Browser(site)
    ann.log_in("ann")
    ann.upload(sub_for(stack_file(), {}))
    worker = Worker(site, site.create_worker_key("stacker"))
    lease = worker.claim()
    stack = worker.report("complete_job", lease, **worker.archive(lease, stack_file())).json()

    answer = download(ann, "zip", stack["stack_id"])

    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        manifest = json.loads(packed.read("manifest.json"))
    assert manifest["licence"] == "CC-BY-4.0"


def test_blinking_shows_who_may_see_it(
    user: Browser, visitor: Browser, make_stack: Callable[..., int]
) -> None:
    first, second = make_stack(), make_stack()
    unsolved = make_stack(solution=None, unsolved_reason="too few stars")

    page = user.get("blink.php", a=first).text
    pair = user.get("blink.php", a=first, b=second).text

    assert f"blink.php?a={first}&amp;b={second}" in page
    assert f"b={unsolved}" not in page and f"b={first}" not in page
    assert "data-aligned" in pair and pair.count("data-plate=") == 2
    assert "&quot;crval&quot;:[192.75,41.05]" in pair
    assert "cannot be laid upon each other" in user.get("blink.php", a=first, b=unsolved).text
    assert visitor.get("blink.php", a=first).status_code == 404
    choose(user, first, "public")
    assert visitor.get("blink.php", a=first, b=second).status_code == 404
    alone = visitor.get("blink.php", a=first)
    assert alone.status_code == 200 and "no other solved stack" in alone.text
    choose(user, second, "public")
    assert "data-aligned" in visitor.get("blink.php", a=first, b=second).text
    assert visitor.get("blink.php").status_code == 400


@pytest.mark.every
@pytest.mark.parametrize("size", [4_294_967_294, 4_500_000_000])
def test_more_than_four_gigabytes_are_packed(tmp_path: Path, size: int) -> None:
    """Stacks of 2880-byte blocks: the last size of the old form, and one of ZIP64."""
    if shutil.which("unzip") is None:
        pytest.skip("unzip is not installed")
    file = tmp_path / "large.zip"
    script = Path(__file__).with_name("large_zip.php")

    run = subprocess.run(
        [*php_command(), str(script), str(file), str(size)], capture_output=True, check=True
    )

    written, expected, memory = json.loads(run.stdout)
    assert written == expected == file.stat().st_size
    assert memory < 8 << 20, "it grows with neither number nor size"
    with zipfile.ZipFile(file) as packed:
        assert [one.file_size for one in packed.infolist()] == [5, size, 4]
        assert (packed.read("first.txt"), packed.read("last.txt")) == (b"first", b"last")
    checked = subprocess.run(["unzip", "-t", file], capture_output=True, text=True, check=False)
    assert checked.returncode == 0 and "No errors detected" in checked.stdout, checked.stdout
