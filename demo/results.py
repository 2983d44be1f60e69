"""What the demo's worker archived, read back from the share and from the site."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from astropy.io import fits

from demo.uploader import Browser

STACK_NAME = re.compile(r"stack_(?P<chunk_key>.+)_(?P<job_id>\d+)(\.a\d+-[0-9a-f]{8})?\.fits")

STACK_LINK = re.compile(r"stack\.php\?id=\d+")


@dataclass(frozen=True, slots=True)
class DemoSolution:
    """Where a stack points, as its header says; degrees, arcseconds."""

    ra_deg: float
    dec_deg: float
    scale_arcsec: float
    rms_arcsec: float | None
    n_stars: int | None
    solver: str

    @property
    def sentence(self) -> str:
        """The solution in one line."""
        place = f"RA {self.ra_deg:.4f}, Dec {self.dec_deg:+.4f} degrees"
        quality = ""
        if self.rms_arcsec is not None:
            quality = f', RMS {self.rms_arcsec:.2f}" of {self.n_stars} catalogue stars'
        return f"{place}, {self.scale_arcsec:.3f} arcsec per pixel{quality}"


@dataclass(frozen=True, slots=True)
class DemoStack:
    """One finished stack; ``stack`` and what lies beside it are local paths, None where missing."""

    job_id: int
    chunk_key: str
    object_name: str
    n_frames_input: int
    n_frames_aligned: int
    stack: str
    thumbnail: str
    url: str
    solution: DemoSolution | None
    overlay: str | None
    stars: str | None


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
                    thumbnail=str(beside(path, "_thumb.png")),
                    url=stack_address(job_id, browser),
                    solution=read_solution(header),
                    overlay=existing(beside(path, "_overlay.png")),
                    stars=existing(beside(path, "_stars.json")),
                )
            )
    return sorted(found, key=lambda stack: stack.job_id)


def read_solution(header: fits.Header) -> DemoSolution | None:
    """Return the plate solution that a stack's primary header tells of, None without one."""
    if not header.get("PLTSOLVD"):
        return None
    return DemoSolution(
        ra_deg=header["CRVAL1"],
        dec_deg=header["CRVAL2"],
        scale_arcsec=header["PLTSCALE"],
        rms_arcsec=header.get("PLTRMS"),
        n_stars=header.get("PLTNSTAR"),
        solver=header["PLTSOLVR"],
    )


def beside(stack: Path, ending: str) -> Path:
    """Return the path of a file that lies beside a stack."""
    return stack.with_name(f"{stack.stem}{ending}")


def existing(path: Path) -> str | None:
    """Return the path as text if there is such a file."""
    return str(path) if path.exists() else None


def stack_address(job_id: int, browser: Browser) -> str:
    """Return the address of a job's stack, found as a person finds it: by the link on its page."""
    job_page = f"job.php?id={job_id}"
    to_stack = (link for link in browser.links(job_page) if STACK_LINK.match(link))
    return f"{browser.base_url}/{next(to_stack, job_page)}"
