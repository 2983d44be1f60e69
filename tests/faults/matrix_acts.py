"""What befalls a job, its worker or its servers while a case of the fault matrix runs."""

from __future__ import annotations

import signal
from collections.abc import Callable
from typing import Any

from tests.faults.matrix_scene import Scene

Act = Callable[[Scene, Any], Any]


def make_huge(scene: Scene, _: Any) -> None:
    """The job needs more room than the worker's disk has."""
    scene.set("total_bytes = 1000000000000000")


def announce_little(scene: Scene, _: Any) -> None:
    """The claim says that the job is small, the list of its raws that it is not."""
    scene.set("total_bytes = 1")
    scene.set_raws(f"public_bytes = 1000000000000000, public_sha256 = '{'0' * 64}'")


def kill_site(scene: Scene, _: Any) -> None:
    scene.site_outage()


def kill_share(scene: Scene, _: Any) -> None:
    scene.share_outage()


def rival_takes_it(scene: Scene, _: Any) -> None:
    """The lease ran out, and another worker has the job now."""
    scene.give_to_rival()


def lose_a_raw(scene: Scene, _: Any) -> None:
    scene.raws[0].unlink()
    scene.let_go()


def freeze(scene: Scene, process: Any) -> None:
    """The machine sleeps until the lease is over and the job has gone to another worker."""
    process.send_signal(signal.SIGSTOP)
    rival_takes_it(scene, process)
    process.send_signal(signal.SIGCONT)


def terminate(_: Scene, process: Any) -> None:
    process.send_signal(signal.SIGTERM)


def terminate_twice(scene: Scene, process: Any) -> None:
    """The second signal comes when the first has had its effect: two at once would be one."""
    process.send_signal(signal.SIGTERM)
    scene.wait_for_call("release_job")
    process.send_signal(signal.SIGTERM)


def kill(_: Scene, process: Any) -> None:
    process.kill()


def cancel(scene: Scene, _: Any) -> None:
    scene.set("status = 'cancelled', lease_expires_at = NULL, claim_id = NULL")


def delete(scene: Scene, _: Any) -> None:
    scene.set("claim_id = NULL, lease_token_hash = ?", "0" * 64)
