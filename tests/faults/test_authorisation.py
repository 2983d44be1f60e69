"""Who may do what, as a table: every page and endpoint against everybody who can knock at it.

``holder`` is the worker that holds the job's lease, ``stranger`` another worker that has somehow
got hold of the lease's token, ``revoked`` a worker whose key is not valid any more. All calls are
about things of ``owner``. A new file in ``public/`` fails the first test until it is in the table.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.services import PHP_API
from tests.faults.actors import ACTORS, Town
from tests.faults.calls import CALLS
from tests.support.mariadb import MariaDb
from tests.support.sites import SiteUnderTest

# 302 sends a browser to the login page. Things of other people do not exist (404; a stack that may
# be public does so without a login), what needs
# another role is forbidden (403), and a worker without the lease is told so (409). "upload: status"
# answers 200 "not_found" for a session that is not one's own, as older clients expect. "rescan"
# skips stacks of other people; no job of the situation is one, so that "rescan state" finds none.
# No result waits for a second opinion in it.
TABLE = """
call             nobody  owner  other  admin  holder  stranger  revoked
front page          200    200    200    200     200       200      200
no such page        404    404    404    404     404       404      404
login form          200    302    302    302     200       200      200
wrong login         403    401    401    401     403       403      403
log out             303    303    303    303     303       303      303
choose a language   303    303    303    303     303       303      303
my account          302    200    200    200     302       302      302
form for a new password 200 200  200    200     200       200      200
ask for a new password 403  303  303    303     403       403      403
set a forgotten password 403 403 403    403     403       403      403
form of an address  200    200    200    200     200       200      200
confirm an address  403    403    403    403     403       403      403
change the password 302    403    403    403     302       302      302
change the address  302    403    403    403     302       302      302
prepare a second factor 302 403 403    403     302       302      302
confirm a second factor 302 403 403    403     302       302      302
end a second factor 302    403    403    403     302       302      302
code after a password 403  303    303    303     403       403      403
export my data      302    200    200    200     302       302      302
delete an account   302    403    403    403     302       302      302
log out a browser   302    303    303    303     302       302      302
share position      302    303    303    303     302       302      302
upload page         302    200    200    200     302       302      302
upload: start       302    200    200    200     302       302      302
upload: file        302    200    404    404     302       302      302
upload: status      302    200    200    200     302       302      302
upload: rules       302    200    200    200     302       302      302
upload: preflight   302    200    200    200     302       302      302
upload: files       302    200    404    404     302       302      302
upload: discard     302    303    404    404     302       302      302
upload: position    302    200    200    200     302       302      302
upload: by form     302    400    400    400     302       302      302
upload: end         302    400    404    404     302       302      302
my nights           302    200    200    200     302       302      302
my uploads          302    200    200    200     302       302      302
one upload          302    200    404    404     302       302      302
job page            302    200    404    200     302       302      302
cancel              302    303    404    303     302       302      302
requeue             302    409    404    409     302       302      302
priority            302    403    403    303     302       302      302
delete by form      302    303    404    303     302       302      302
my stacks           200    200    200    200     200       200      200
blink               404    200    404    200     404       404      404
map of stacks       200    200    200    200     200       200      200
which stacks match  200    200    200    200     200       200      200
pack stacks         302    200    404    200     302       302      302
list of stacks      302    200    404    200     302       302      302
stack page          404    200    404    200     404       404      404
download            302    200    404    200     302       302      302
thumbnail           404    200    404    200     404       404      404
overlay             404    200    404    200     404       404      404
picture             404    200    404    200     404       404      404
volunteer           200    200    200    200     200       200      200
marks               404    200    404    200     404       404      404
star list           302    200    404    200     302       302      302
light curve page    401    404    404    404     401       401      401
picture of a star   302    404    404    404     302       302      302
ask for a period    302    404    404    404     302       302      302
variable stars      401    200    200    200     401       401      401
new sources page    401    200    200    200     401       401      401
set who sees a stack 302    303    404    303     302       302      302
stacks public       302    303    303    303     302       302      302
create a data key   302    303    303    303     302       302      302
revoke a data key   302    303    303    303     302       302      302
rescan by form      302    303    404    303     302       302      302
summary             302    403    403    200     302       302      302
storage             302    403    403    200     302       302      302
queue               302    403    403    200     302       302      302
chunks by hand      302    403    403    200     302       302      302
merge chunks        302    403    403    400     302       302      302
many at once        302    403    403    404     302       302      302
do many at once     302    403    403    404     302       302      302
rescans             302    403    403    200     302       302      302
rescan many         302    403    403    303     302       302      302
users               302    403    403    200     302       302      302
lock a user         302    403    403    303     302       302      302
code for a user     302    403    403    303     302       302      302
second factor of a user 302 403 403    303     302       302      302
make an admin       302    403    403    303     302       302      302
delete a user       302    403    403    400     302       302      302
workers             302    403    403    200     302       302      302
make a key          302    403    403    303     302       302      302
revoke a key        302    403    403    303     302       302      302
set a level         302    403    403    303     302       302      302
lift a quarantine   302    403    403    303     302       302      302
service keys        302    403    403    200     302       302      302
make a service key  302    403    403    303     302       302      302
held results        302    403    403    200     302       302      302
accept a result     302    403    403    404     302       302      302
reject a result     302    403    403    404     302       302      302
health              200    200    200    200     200       200      200
ready               200    200    200    200     200       200      200
metrics             401    403    403    200     403       403      401
claim               401    401    401    401     204       204      401
list files          401    401    401    401     200       409      401
raw frame           401    401    401    401     200       409      401
stack to rescan     401    401    401    401     404       409      401
heartbeat           401    401    401    401     200       409      401
send result         401    401    401    401     200       409      401
send tiles          401    401    401    401     404       409      401
observations        401    401    401    401     404       409      401
send calibration    401    401    401    401     404       409      401
send a series       401    401    401    401     404       409      401
rows to export      401    401    401    401     404       409      401
send partition      401    401    401    401     404       409      401
complete            401    401    401    401     422       409      401
fail                401    401    401    401     200       409      401
release             401    401    401    401     200       409      401
cleanup             401    401    401    401     403       403      401
frames of a pixel   401    401    401    401     401       401      401
a frame             401    401    401    401     401       401      401
stars of a frame    401    401    401    401     401       401      401
sky coverage        200    200    200    200     401       401      401
search              200    200    200    200     401       401      401
variables           404    404    404    404     401       401      401
stars in a cone     401    200    200    200     401       401      401
variables found     401    200    200    200     401       401      401
new sources         401    200    200    200     401       401      401
light curve         401    404    404    404     401       401      401
export file         401    404    404    404     401       401      401
bulk list           401    401    401    401     401       401      401
cut-out             401    401    401    401     401       401      401
under-observed      200    200    200    200     401       401      401
delete              401    200    404    200     401       401      401
stacks as data      401    200    200    200     401       401      401
rescan              401    200    200    200     403       403      401
rescan missed       401    200    200    200     403       403      401
rescan state        401    404    404    404     403       403      401
list by password    401    200    200    200     401       401      401
stack by its key    401    200    404    404     401       401      401
its picture         401    200    404    404     401       401      401
send a stack        401    400    400    400     401       401      401
raws: start         401    200    200    200     401       401      401
raws: file          401    200    404    404     401       401      401
known frames        401    200    200    200     401       401      401
raws: end           401    400    404    404     401       401      401
cone of stacks      200    200    200    200     200       200      200
cone of stars       401    401    401    401     401       401      401
coverage map        200    200    200    200     200       200      200
file of the HiPS    404    404    404    404     404       404      404
images              200    200    200    200     200       200      200
"""


def rows() -> Iterator[tuple[str, dict[str, int]]]:
    """The lines of the table: name of the call, expected status by actor."""
    heading, *lines = [line for line in TABLE.splitlines() if line.strip()]
    assert tuple(heading.split()[1:]) == ACTORS
    for line in lines:
        words = line.split()
        statuses = [int(word) for word in words[-len(ACTORS) :]]
        yield " ".join(words[: -len(ACTORS)]), dict(zip(ACTORS, statuses, strict=True))


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, mariadb: MariaDb) -> Iterator[Town]:
    """One site for all knocks; each finds a fresh situation.

    It is on MariaDB: on SQLite every page and endpoint is called by the tests of bad requests.
    """
    folder = tmp_path_factory.mktemp("town") / "site"
    with SiteUnderTest(folder, mariadb.new_database()) as site:
        yield Town(site)


def test_every_file_is_in_the_table() -> None:
    public = PHP_API / "public"
    files = {path.relative_to(public).as_posix() for path in public.rglob("*.php")}
    assert files == {call.path for call in CALLS.values()}
    assert set(CALLS) == {name for name, _ in rows()}


@pytest.mark.parametrize(("name", "expected"), list(rows()), ids=[name for name, _ in rows()])
def test_only_who_may_can(town: Town, name: str, expected: dict[str, int]) -> None:
    seen = {}
    for actor in ACTORS:
        answer = town.knock(actor, CALLS[name], town.situation())
        seen[actor] = answer.status_code
        if name == "log out":
            town.welcome_back(actor)
    assert seen == expected


def test_no_form_is_taken_from_another_site(town: Town) -> None:
    """Without the token of the session, which only our own pages know, nothing changes."""
    calls = {name: call for name, call in CALLS.items() if call.form or call.json}
    for name, call in calls.items():
        actor = "admin" if call.path.startswith("admin") else "owner"
        has_token = name in ("delete", "rescan", "rescan missed")
        if call.by_password or ("api" in call.path and not has_token):
            continue
        answer = town.knock(actor, call, town.situation(), forged=True)
        assert answer.status_code == 403, (name, answer.text)
