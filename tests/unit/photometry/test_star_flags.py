"""The flags of stars, which the site and the workers share."""

from __future__ import annotations

import re

from crowdsky.photometry.ensemble.flags import StarFlag
from demo.services import PHP_API


def test_the_site_has_the_same_flags() -> None:
    code = (PHP_API / "src/Stars/StarFlag.php").read_text(encoding="utf-8")

    found = {name: int(bit) for name, bit in re.findall(r"const (\w+) = (\d+);", code)}

    assert found == {flag.name: int(flag) for flag in StarFlag}
