"""Every page of the site by name, for what has to see all of them in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tests.support.rows import Rows

NOBODY, OWNER, ADMIN = "nobody", "owner", "admin"


@dataclass(frozen=True)
class Page:
    """A page, and who looks at it."""

    name: str
    address: str
    """Relative to the site; `{stack}` and the like stand for ids, see `IDS`."""
    reader: str


PAGES = (
    Page("landing", "index.php", NOBODY),
    Page("landing-owner", "index.php", OWNER),
    Page("login", "login.php", NOBODY),
    Page("reset", "reset.php", NOBODY),
    Page("confirm", "confirm.php", NOBODY),
    Page("error", "stack.php?id=999999", NOBODY),
    Page("not-found", "no/such/page", NOBODY),
    Page("public-stacks", "stacks.php", NOBODY),
    Page("public-stack", "stack.php?id={public_stack}", NOBODY),
    Page("upload", "upload.php", OWNER),
    Page("nights", "status.php", OWNER),
    Page("uploads", "status.php?view=uploads", OWNER),
    Page("one-upload", "status.php?session={session}", OWNER),
    Page("job", "job.php?id={job}", OWNER),
    Page("job-subs", "job.php?id={stacked_job}&view=subs", OWNER),
    Page("stacks", "stacks.php", OWNER),
    Page("stacks-table", "stacks.php?view=table", OWNER),
    Page("stacks-map", "stacks.php?view=map", OWNER),
    Page("stack", "stack.php?id={stack}", OWNER),
    Page("blink", "blink.php?a={stack}", OWNER),
    Page("star", "star.php?id={star}", OWNER),
    Page("variables", "variables.php", OWNER),
    Page("new-sources", "new_sources.php", OWNER),
    Page("volunteer", "volunteer.php", OWNER),
    Page("account", "account.php", OWNER),
    Page("account-login", "account.php?section=login", OWNER),
    Page("account-factor", "account.php?section=factor", OWNER),
    Page("account-keys", "account.php?section=keys", OWNER),
    Page("account-data", "account.php?section=data", OWNER),
    Page("admin-summary", "admin_summary.php", ADMIN),
    Page("admin-summary-month", "admin_summary.php?of=month", ADMIN),
    Page("admin-storage", "admin_storage.php", ADMIN),
    Page("admin-job", "job.php?id={stacked_job}", ADMIN),
    Page("admin-queue", "admin.php", ADMIN),
    Page("admin-chunks", "admin_chunks.php", ADMIN),
    Page("admin-chunk", "admin_chunks.php?job={job}", ADMIN),
    Page("admin-rescan", "admin_rescan.php", ADMIN),
    Page("admin-workers", "admin_workers.php", ADMIN),
    Page("admin-held", "admin_held.php", ADMIN),
    Page("admin-users", "admin_users.php", ADMIN),
    Page("admin-keys", "admin_keys.php", ADMIN),
)

NO_PAGE_OF_THEIR_OWN = {
    *(
        "account_export.php",
        "admin_bulk.php",
        "download.php",
        "finalize.php",
        "logout.php",
        "not_found.php",
        "overlay.php",
        "picture.php",
        "preferences.php",
    ),
    *("stacks_download.php", "stacks_ids.php", "stacks_map.php"),
    *("star_picture.php", "stack_marks.php", "stars.php", "thumbnail.php", "upload_form.php"),
}
"""Files of the site that answer with something else than a page, or only to a form."""

IDS = {
    "stack": "SELECT MAX(s.id) AS id FROM stacked_frames s",
    "public_stack": (
        "SELECT MAX(s.id) AS id FROM stacked_frames s WHERE s.visibility = 'public' OR"
        " (s.visibility = 'inherit' AND s.user_id IN"
        " (SELECT id FROM users WHERE stacks_public = 1))"
    ),
    "job": "SELECT MAX(id) AS id FROM stacking_jobs",
    "stacked_job": (
        "SELECT MAX(s.job_id) AS id FROM stacked_frames s"
        " JOIN stacking_jobs j ON j.id = s.job_id WHERE j.kind = 'stack'"
    ),
    "session": "SELECT MAX(session_token) AS id FROM upload_sessions",
    "star": "SELECT MIN(star_id) AS id FROM star_observations",
}


def filled(rows: Rows) -> Iterator[Page]:
    """Yield the pages with the ids of this site; those are left out for which it has none."""
    ids = {name: rows.one(query)["id"] for name, query in IDS.items()}
    for page in PAGES:
        if all(ids[name] is not None for name in re.findall(r"\{(\w+)\}", page.address)):
            yield Page(page.name, page.address.format(**ids), page.reader)
