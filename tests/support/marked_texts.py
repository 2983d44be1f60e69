"""A site whose German is marked, so that what is not German on its pages is found by itself.

Every translated sentence stands between MARKS; values in it are outside. What a page shows outside
of them is data, a number with its unit, or a text that nobody has translated.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from lxml import html

from demo.services import PHP_API, php_command
from tests.support.sites import SiteUnderTest

MARKED = re.compile("⟦[^⟦⟧]*⟧")
WORD = re.compile(r"[^\W\d_]{2,}")
POINT = re.compile(r"(?<![\d.:])\d+\.\d+(?![\d.])")
"""A number as English writes it."""

SHOWN_ATTRIBUTES = ("title", "alt", "aria-label", "placeholder", "data-label", "label")
NOT_TEXT = ("script", "style", "code", "pre", "noscript-code")
SAME = {
    *("CrowdSky", "Filter", "Name", "Pause", "Stack", "Stacks", "Subs", "Upload", "Worker", "FWHM"),
    *("UTC", "TDB", "BJD", "RA", "Dec", "ICRS", "Gaia", "ADU", "RMS", "FITS", "SHA", "DR"),
    *("CSV", "ECSV", "VOTable", "Parquet", "JSON", "ZIP", "wget", "aria2c", "GPL", "AAVSO"),
    *(
        "kB",
        "MB",
        "GB",
        "TB",
        "min",
        "mag",
        "px",
        "arcsec²",
        "English",
        "Deutsch",
        "IP",
        "reset.php",
    ),
    *("OpenNGC", "SIMBAD", "TOPCAT", "Aladin", "Bortle"),
}
"""Names and units that are the same in both languages; TextsTest has the words of them, too."""

DATA = re.compile(
    r"ann\b|bea\b|cem\b|dora\b|stacker|dome|tester|helper|M 94|NGC 4736|UGC 8024|Light_\d+\.fit"
    r"|\w+\.(?:fits?|php)\b|S[35]0_[0-9a-f]+|DWARF 3|IRCUT|Seestar S50|seestar \d"
    r"|\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:\.\d+)?)?)?"
    r"|127\.0\.0\.1|Tycho-2|triangles|astrometry"
    r"|\d{8}\.\d+_HP\d+|[A-Z][A-Za-z]+/[A-Za-z/_-]+|Seestar S30|DWARF mini|Light_\d+_\d+\.fit"
    r"|\d\d?h \d\dm [\d,]+s|native|V Gaia DR3|Cat's Eye Galaxy|Croc's Eye Galaxy|T[GRB]\b|ann@x\.at"
    r"|calibration 1|version \d|V\d+|Vienna|Europe|\bPython\b|„⟧\w+⟦“|\b0\.7\.1\b"
)
"""What owners, telescopes and workers of the tests have named."""

MARK = r"""
foreach (glob($argv[1] . '/{,messages/}*.php', GLOB_BRACE) as $file) {
    $texts = array_map(static function (string $text): string {
        $parts = preg_split('/(\{[a-z_]+\}|<[^>]*>)/i', $text, -1, PREG_SPLIT_DELIM_CAPTURE);
        foreach ($parts as $place => $part) {
            $parts[$place] = $place % 2 === 1 || trim($part) === '' ? $part : "⟦{$part}⟧";
        }
        return implode('', $parts);
    }, require $file);
    file_put_contents($file, '<?php return ' . var_export($texts, true) . ';');
}
"""


class MarkedSite(SiteUnderTest):
    """A site from a copy of its program, in which all German is marked."""

    def __init__(self, folder: Path, template: Path) -> None:
        # A volunteer's claim must not now and then be a check of the volunteer.
        settings = {"CROWDSKY_VOLUNTEER_KNOWN_ANSWER_EVERY": "0", "CROWDSKY_STALL_MINUTES": "1"}
        super().__init__(folder / "site", template=template, env=settings)
        self._program = folder / "php_api"
        unwanted = shutil.ignore_patterns("data", "config.php")
        shutil.copytree(PHP_API, self._program, ignore=unwanted)
        texts = str(self._program / "texts/de")
        subprocess.run([*php_command(), "-r", MARK, "--", texts], check=True, timeout=60)

    def command(self, port: int) -> Sequence[str]:
        """Return PHP's server on the copy."""
        ours, copied = str(PHP_API), str(self._program)
        return [part.replace(ours, copied) for part in super().command(port)]


def not_german(page: str, data: re.Pattern[str]) -> list[str]:
    """Return the texts of a page that are neither marked nor data, and numbers in English.

    Args:
        page: HTML.
        data: matches what is data of the site.
    """
    found = []
    for text in _texts(html.fromstring(page)):
        left = MARKED.sub(" ", data.sub(" ", text))
        words = [word for word in WORD.findall(left) if word not in SAME]
        if words or POINT.search(left):
            found.append(" ".join(text.split()))
    return found


def _texts(root: html.HtmlElement) -> Iterator[str]:
    """All that people see or hear of a page, and what its scripts say."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        if element.tag == "script":
            if element.get("id") == "texts":
                for sentence in json.loads(element.text or "{}").values():
                    yield re.sub(r"\{[a-z_]+\}", " ", sentence)
        elif element.tag not in NOT_TEXT:
            yield element.text or ""
            yield from (element.get(name, "") for name in SHOWN_ATTRIBUTES)
            if element.tag == "meta" and element.get("name") == "description":
                yield element.get("content", "")
        yield element.tail or ""
