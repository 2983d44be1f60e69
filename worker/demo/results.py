"""What the demo's worker archived, read back from the share and from the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from worker.demo.uploader import Browser

STACK_NAME = re.compile(r"stack_(?P<chunk_key>.+)_(?P<job_id>\d+)(\.a\d+-[0-9a-f]{8})?\.fits")

STACK_LINK = re.compile(r"stack\.php\?id=\d+")


@dataclass(frozen=True, slots=True)
class DemoStack:
    """One finished stack; ``stack`` and ``thumbnail`` are local paths."""

    job_id: int
    chunk_key: str
    object_name: str
    n_frames_input: int
    n_frames_aligned: int
    stack: str
    thumbnail: str
    url: str


def find_stacks(share: Path, browser: Browser) -> list[DemoStack]:
    """Return the stacks in the share's folder, by job."""
    found = []
    for path in share.rglob("stack_*.fits"):
        name = STACK_NAME.fullmatch(path.name)
        if name is None:
            continue
        job_id = int(name["job_id"])
        with fits.open(path) as product:
            header, frames = product[0].header, product["FRAMES"].data
            found.append(
                DemoStack(
                    job_id=job_id,
                    chunk_key=name["chunk_key"],
                    object_name=header["OBJECT"],
                    n_frames_input=len(frames),
                    n_frames_aligned=header["NIMAGES"],
                    stack=str(path),
                    thumbnail=str(path.with_name(f"{path.stem}_thumb.png")),
                    url=stack_address(job_id, browser),
                )
            )
    return sorted(found, key=lambda stack: stack.job_id)


def stack_address(job_id: int, browser: Browser) -> str:
    """Return the address of a job's stack, found as a person finds it: by the link on its page."""
    job_page = f"job.php?id={job_id}"
    to_stack = (link for link in browser.links(job_page) if STACK_LINK.match(link))
    return f"{browser.base_url}/{next(to_stack, job_page)}"
