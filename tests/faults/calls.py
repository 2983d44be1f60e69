"""Every call that the site answers, as it is right for somebody who may make it."""

from __future__ import annotations

import json
from secrets import token_hex
from typing import Any

from tests.contract.jobs.support import NOW
from tests.faults.actors import STACK, STACK_SHA256, SUB, Call, Fields, Situation


def running(**fields: Any) -> Fields:
    """Fields of a call about the running job."""
    return lambda s: {"job_id": s.lease["job_id"], **fields}


def finished(name: str, **fields: Any) -> Fields:
    """Fields of a call about the finished job."""
    return lambda s: {name: s.done_id, **fields}


def stack(s: Situation) -> dict[str, Any]:
    """Fields of a call about the finished stack."""
    return {"id": s.stack_id}


def key_of_stack(s: Situation) -> dict[str, Any]:
    """Fields of a call about the finished stack by its chunk key."""
    return {"chunk_key": "20260101.00_HP032427", "id": s.stack_id}


def upload(**fields: Any) -> Fields:
    """Fields of a call about the open upload."""
    return lambda s: {"session_token": s.session, **fields}


def completion(s: Situation) -> dict[str, Any]:
    """A completion whose stack was never stored: only its holder may learn that."""
    stem = f"stack_{s.lease['chunk_key']}_{s.lease['job_id']}.{s.lease['attempt_tag']}"
    path = f"/crowdsky/stacks/user_{s.lease['user_id']}/M_94/{stem}.fits"
    return {"job_id": s.lease["job_id"], "ucloud_path": path, "n_frames_aligned": 1}


BATCH = json.dumps({"files": [{"name": "a.fit", "bytes": len(SUB)}]}).encode() + b"\n" + SUB

CONE = {"RA": "10", "DEC": "20", "SR": "1", "MAXREC": "5"}

CALLS = {
    # Pages.
    "front page": Call("GET index.php"),
    "no such page": Call("GET not_found.php"),
    "login form": Call("GET login.php"),
    "wrong login": Call(
        "POST login.php", form=lambda _: {"form_action": "login", "username": "x", "password": "y"}
    ),
    "log out": Call("POST logout.php", form=lambda _: {}),
    "choose a language": Call("POST preferences.php", form=lambda _: {"language": "de"}),
    "my account": Call("GET account.php"),
    "form for a new password": Call("GET reset.php"),
    "ask for a new password": Call(
        "POST reset.php", form=lambda _: {"form_action": "ask", "email": "nobody@example.org"}
    ),
    "set a forgotten password": Call(
        "POST reset.php", form=lambda _: {"form_action": "set", "code": "X", "password": "12345678"}
    ),
    "form of an address": Call("GET confirm.php"),
    "confirm an address": Call("POST confirm.php", form=lambda _: {"code": "X"}),
    "change the password": Call(
        "POST account.php",
        form=lambda _: {
            "form_action": "password",
            "password": "not the one",
            "new_password": "12345678",
        },
    ),
    "change the address": Call(
        "POST account.php", form=lambda _: {"form_action": "email", "password": "not the one"}
    ),
    "prepare a second factor": Call(
        "POST account.php", form=lambda _: {"form_action": "prepare_factor", "password": "wrong"}
    ),
    "confirm a second factor": Call(
        "POST account.php", form=lambda _: {"form_action": "confirm_factor", "code": "000000"}
    ),
    "end a second factor": Call(
        "POST account.php", form=lambda _: {"form_action": "remove_factor", "password": "wrong"}
    ),
    "code after a password": Call(
        "POST login.php", form=lambda _: {"form_action": "code", "code": "000000"}
    ),
    "export my data": Call("GET account_export.php"),
    "delete an account": Call(
        "POST account.php",
        form=lambda _: {
            "form_action": "delete_account",
            "public_stacks": "delete",
            "typed_name": "somebody else",
            "password": "wrong",
        },
    ),
    "log out a browser": Call(
        "POST account.php", form=lambda _: {"form_action": "end_login", "login_id": 999999}
    ),
    "share position": Call("POST account.php", form=lambda _: {"share_position": "1"}),
    "upload page": Call("GET upload.php"),
    "upload: start": Call(
        "POST upload.php", query=lambda _: {"action": "start"}, form=lambda _: {}
    ),
    "upload: file": Call("PUT upload.php", query=upload(action="file", filename="a.fit"), body=SUB),
    "upload: status": Call("GET upload.php", query=upload(action="status")),
    "upload: rules": Call("GET upload.php", query=lambda _: {"action": "rules"}),
    "upload: preflight": Call(
        "POST upload.php",
        query=lambda _: {"action": "preflight"},
        json=lambda _: {"sha256": ["0" * 64], "frames": [{"start": NOW, "bytes": 8640}]},
    ),
    "upload: files": Call("PUT upload.php", query=upload(action="files"), body=BATCH),
    "upload: discard": Call("POST upload.php", form=upload(action="discard")),
    "upload: position": Call(
        "POST upload.php",
        form=lambda _: {"action": "position", "telescope": "S50", "is_shared": "0"},
    ),
    "upload: by form": Call("POST upload_form.php", form=lambda _: {}),
    "upload: end": Call("POST finalize.php", form=upload()),
    "my nights": Call("GET status.php"),
    "my uploads": Call("GET status.php", query=lambda s: {"view": "uploads"}),
    "one upload": Call("GET status.php", query=lambda s: {"session": s.session}),
    "job page": Call("GET job.php", query=lambda s: {"id": s.lease["job_id"]}),
    "cancel": Call("POST job.php", form=running(action="cancel")),
    "requeue": Call("POST job.php", form=running(action="requeue")),
    "priority": Call("POST job.php", form=running(action="priority", priority=3)),
    "delete by form": Call("POST job.php", form=finished("job_id", action="delete")),
    "my stacks": Call("GET stacks.php"),
    "blink": Call("GET blink.php", query=lambda s: {"a": s.stack_id}),
    "map of stacks": Call("GET stacks_map.php"),
    "which stacks match": Call("GET stacks_ids.php"),
    "pack stacks": Call(
        "POST stacks_download.php", form=lambda s: {"form": "zip", "ids": str(s.stack_id)}
    ),
    "list of stacks": Call(
        "POST stacks_download.php", form=lambda s: {"form": "wget", "ids": str(s.stack_id)}
    ),
    "stack page": Call("GET stack.php", query=stack),
    "download": Call("GET download.php", query=stack),
    "thumbnail": Call("GET thumbnail.php", query=stack),
    "overlay": Call("GET overlay.php", query=stack),
    "picture": Call("GET picture.php", query=stack),
    "volunteer": Call("GET volunteer.php"),
    "marks": Call("GET stack_marks.php", query=stack),
    "star list": Call("GET stars.php", query=stack),
    "light curve page": Call("GET star.php", query=lambda _: {"id": 1}),
    "picture of a star": Call(
        "GET star_picture.php", query=lambda _: {"star": 1, "epoch": 1, "like": 1}
    ),
    "ask for a period": Call("POST star.php", form=lambda _: {"star_id": 1}),
    "variable stars": Call("GET variables.php"),
    "new sources page": Call("GET new_sources.php"),
    "set who sees a stack": Call(
        "POST stack.php",
        form=lambda s: {"stack_id": s.stack_id, "action": "visibility", "visibility": "private"},
    ),
    "stacks public": Call("POST account.php", form=lambda _: {"form_action": "stacks"}),
    "create a data key": Call(
        "POST account.php",
        form=lambda _: {"form_action": "create_key", "name": token_hex(4), "scopes[]": "read"},
    ),
    "revoke a data key": Call(
        "POST account.php", form=lambda _: {"form_action": "revoke_key", "key_id": 1}
    ),
    "rescan by form": Call("POST stack.php", form=lambda s: {"stack_id": s.stack_id}),
    "summary": Call("GET admin_summary.php"),
    "storage": Call("GET admin_storage.php"),
    "queue": Call("GET admin.php"),
    "chunks by hand": Call("GET admin_chunks.php"),
    "merge chunks": Call("POST admin_chunks.php", form=lambda _: {"action": "merge"}),
    "many at once": Call("GET admin_bulk.php", query=lambda _: {"id": 999}),
    "do many at once": Call("POST admin_bulk.php", form=lambda _: {"step": "go", "id": 999}),
    "rescans": Call("GET admin_rescan.php"),
    "rescan many": Call("POST admin_rescan.php", form=lambda _: {"action": "unsolved"}),
    "users": Call("GET admin_users.php"),
    "lock a user": Call(
        "POST admin_users.php", form=lambda s: {"user_id": s.victim_id, "action": "lock"}
    ),
    "code for a user": Call(
        "POST admin_users.php", form=lambda s: {"user_id": s.victim_id, "action": "new_password"}
    ),
    "second factor of a user": Call(
        "POST admin_users.php", form=lambda s: {"user_id": s.victim_id, "action": "reset_factor"}
    ),
    "make an admin": Call(
        "POST admin_users.php", form=lambda s: {"user_id": s.victim_id, "action": "make_admin"}
    ),
    "delete a user": Call(
        "POST admin_users.php", form=lambda s: {"user_id": s.victim_id, "action": "delete"}
    ),
    "workers": Call("GET admin_workers.php"),
    "make a key": Call("POST admin_workers.php", form=lambda _: {"name": token_hex(4)}),
    "revoke a key": Call(
        "POST admin_workers.php", form=lambda s: {"action": "revoke", "key_id": s.key_id}
    ),
    "set a level": Call(
        "POST admin_workers.php",
        form=lambda s: {"action": "level", "key_id": s.key_id, "level": "standard"},
    ),
    "lift a quarantine": Call(
        "POST admin_workers.php", form=lambda s: {"action": "lift", "key_id": s.key_id}
    ),
    "service keys": Call("GET admin_keys.php"),
    "make a service key": Call(
        "POST admin_keys.php", form=lambda _: {"form_action": "create_key", "name": token_hex(4)}
    ),
    "held results": Call("GET admin_held.php"),
    "accept a result": Call(
        "POST admin_held.php", form=lambda _: {"action": "accept", "held_id": 1}
    ),
    "reject a result": Call(
        "POST admin_held.php", form=lambda _: {"action": "reject", "held_id": 1}
    ),
    # The job API.
    "health": Call("GET api/health.php"),
    "ready": Call("GET api/health.php", query=lambda _: {"ready": "1"}),
    "metrics": Call("GET api/metrics.php"),
    "claim": Call("GET api/next_job.php"),
    "list files": Call("GET api/job_files.php", query=running()),
    "raw frame": Call("GET api/download_raw.php", query=lambda s: {"file_id": s.file_id}),
    "stack to rescan": Call("GET api/job_stack.php", query=running()),
    "heartbeat": Call("POST api/heartbeat.php", json=running(stage="stack")),
    "send result": Call(
        "PUT api/upload_result.php",
        query=running(kind="stack"),
        body=STACK,
        headers={"X-SHA256": STACK_SHA256},
    ),
    "send tiles": Call(
        "PUT api/upload_tiles.php",
        query=running(),
        body=STACK,
        headers={"X-SHA256": STACK_SHA256},
    ),
    "send a series": Call(
        "PUT api/upload_series.php",
        query=running(),
        body=STACK,
        headers={"X-SHA256": STACK_SHA256},
    ),
    "observations": Call("GET api/job_observations.php", query=running()),
    "send calibration": Call(
        "PUT api/upload_calibration.php",
        query=running(),
        body=STACK,
        headers={"X-SHA256": STACK_SHA256},
    ),
    "rows to export": Call("GET api/job_export.php", query=running()),
    "send partition": Call(
        "PUT api/upload_export.php",
        query=running(),
        body=STACK,
        headers={"X-SHA256": STACK_SHA256},
    ),
    "complete": Call("POST api/complete_job.php", json=completion),
    "fail": Call("POST api/fail_job.php", json=running(error_message="x")),
    "release": Call("POST api/release_job.php", json=running()),
    "cleanup": Call("GET api/cleanup.php"),
    # The data API.
    "frames of a pixel": Call("GET api/frames_by_healpix.php", query=lambda _: {"healpix": 1}),
    "a frame": Call("GET api/download_frame.php", query=stack),
    "stars of a frame": Call("GET api/frame_stars.php", query=stack),
    "sky coverage": Call("GET api/sky_coverage.php"),
    "search": Call("GET api/search.php", query=lambda _: {"ra": 1, "dec": 2, "radius": 3}),
    "variables": Call("GET api/variables.php", query=lambda s: {"stack": s.stack_id}),
    "stars in a cone": Call(
        "GET api/stars.php", query=lambda _: {"ra": 1, "dec": 2, "radius": 0.5}
    ),
    "variables found": Call("GET api/variables_found.php"),
    "new sources": Call("GET api/new_sources.php"),
    "light curve": Call("GET api/light_curve.php", query=lambda _: {"star": 1}),
    "export file": Call("GET api/hats.php"),
    "bulk list": Call("GET api/bulk_list.php", query=lambda _: {"limit": 2}),
    "cut-out": Call("GET api/cutout.php", query=lambda s: {"id": s.stack_id, "ra": 1, "dec": 2}),
    "under-observed": Call("GET api/under_observed.php", query=lambda _: {"by": "tiles"}),
    # What scripts of the pages ask.
    "delete": Call("POST api/delete_job.php", json=finished("job_id")),
    "stacks as data": Call("GET api/stacks_data.php"),
    "rescan": Call("POST api/rescan.php", json=lambda s: {"stack_ids": [s.stack_id]}),
    "rescan missed": Call("POST api/rescan.php", json=lambda _: {"not_measured": True}),
    "rescan state": Call("GET api/rescan.php", query=finished("job_id")),
    # The API of people's own programs.
    "list by password": Call("GET api/my_stacks.php", by_password=True),
    "stack by its key": Call("GET api/download_stack.php", query=key_of_stack, by_password=True),
    "its picture": Call("GET api/thumbnail.php", query=stack, by_password=True),
    "send a stack": Call("POST api/upload_stack.php", form=lambda _: {}, by_password=True),
    "raws: start": Call(
        "POST api/raw_upload.php", query=lambda _: {"action": "start"}, by_password=True
    ),
    "raws: file": Call(
        "PUT api/raw_upload.php",
        query=upload(action="file"),
        body=SUB,
        headers={"X-Filename": "Light.fit"},
        by_password=True,
    ),
    "known frames": Call(
        "POST api/known_frames.php", json=lambda _: {"sha256": ["0" * 64]}, by_password=True
    ),
    "raws: end": Call(
        "POST api/raw_upload.php",
        query=lambda _: {"action": "finalize"},
        form=upload(scrub_location="0"),
        by_password=True,
    ),
    # The Virtual Observatory.
    "cone of stacks": Call("GET api/scs_stacks.php", query=lambda _: CONE),
    "cone of stars": Call("GET api/scs_stars.php", query=lambda _: CONE),
    "coverage map": Call("GET api/moc.php", query=lambda _: {"format": "json"}),
    "file of the HiPS": Call("GET api/hips.php"),
    "images": Call("GET api/sia2.php", query=lambda _: {"POS": "CIRCLE 10 20 1", "MAXREC": "5"}),
}
