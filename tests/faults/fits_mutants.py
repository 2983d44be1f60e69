"""FITS files that something is wrong with: mutated at random, but knowing where it hurts."""

from __future__ import annotations

import gzip
import io
import random
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from astropy.io import fits

from tests.contract.site.subs import sub

CARD, BLOCK = 80, 2880

VALUES = (
    "",
    "T",
    "F",
    "0",
    "-1",
    "1",
    "2",
    "3",
    "16",
    "64",
    "999",
    "20000",
    "20001",
    "200000",
    "2147483648",
    "9223372036854775807",
    "9" * 60,
    "1.5",
    "1e308",
    "-1e308",
    "1e999",
    "1D5",
    "NaN",
    "Inf",
    "0x10",
    "(1.0, 2.0)",
    "''",
    "'",
    "'unclosed",
    "'''",
    "'2025-02-30T25:61:61'",
    "'2025-03-27'",
    "'99999-01-01T00:00:00'",
    "'99:99:99'",
    "'-0:00:00'",
    "'" + "x" * 67 + "'",
    "'abc&'",
    "\xff\xfe\xfd",
    "\0" * 20,
    "/ only a comment",
    "= = =",
)
KEYWORDS = (
    "BITPIX",
    "NAXIS",
    "NAXIS1",
    "NAXIS2",
    "NAXIS3",
    "BZERO",
    "BSCALE",
    "BLANK",
    "DATE-OBS",
    "EXPTIME",
    "RA",
    "DEC",
    "OBJECT",
    "BAYERPAT",
    "XBAYROFF",
    "ROWORDER",
    "IMAGETYP",
    "STACKCNT",
    "EQMODE",
    "ZIMAGE",
    "EXTEND",
    "PCOUNT",
    "GCOUNT",
    "CONTINUE",
    "HIERARCH",
    "END",
    "naxis",
    "",
    "\xe9\xe9",
)
TILE_KEYWORDS = (
    "ZBITPIX",
    "ZNAXIS1",
    "ZNAXIS2",
    "ZTILE1",
    "ZTILE2",
    "ZCMPTYPE",
    "TFORM1",
    "PCOUNT",
)

Mutation = Callable[[random.Random, bytearray], bytes]


def mutants(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield ``count`` files with the name of what was done to each; the same for the same seed."""
    rng = random.Random(seed)
    bombs = list(BOMBS)
    for number in range(count):
        if number % 25 == 24:
            name = bombs[number // 25 % len(bombs)]
            yield name, BOMBS[name]()
            continue
        body = bytearray(rng.choice(_originals()))
        names = []
        for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
            name = rng.choice(list(MUTATIONS))
            names.append(name)
            body = bytearray(MUTATIONS[name](rng, body))
        yield "+".join(names), bytes(body)


@cache
def _originals() -> tuple[bytes, ...]:
    """Frames without fault: of every kind of number, and tile-compressed."""
    cards = [("EXPTIME", 10.0), ("BAYERPAT", "GRBG"), ("DATE-OBS", "2025-03-27T01:20:32.9")]
    header = fits.Header([*cards, ("RA", 193.04), ("DEC", 40.97), ("IMAGETYP", "Light")])
    pixels = np.random.default_rng(94).integers(400, 900, (96, 128))
    kinds = [pixels.astype(kind) for kind in ("u1", "u2", "i4", "f4", "f8")]
    plain = [_file(fits.PrimaryHDU(kind, header)) for kind in kinds]
    packed = [
        _file(fits.PrimaryHDU(), fits.CompImageHDU(kinds[1], header, compression_type=method))
        for method in ("RICE_1", "GZIP_1", "GZIP_2", "HCOMPRESS_1")
    ]
    return (sub(), *plain, *packed)


def _file(*hdus: fits.PrimaryHDU) -> bytes:
    buffer = io.BytesIO()
    fits.HDUList(list(hdus)).writeto(buffer)
    return buffer.getvalue()


def _cards(body: bytearray) -> int:
    """Number of 80-byte cards before the pixels, as far as can be told."""
    end = body.find(b"END" + b" " * 77)
    extension = body.find(b"END" + b" " * 77, end + 1)
    return max(end, extension, 2 * CARD) // CARD


def _card(keyword: str, value: str) -> bytes:
    return f"{keyword:<8}= {value}"[:CARD].ljust(CARD).encode("latin-1", "replace")


def _change_value(rng: random.Random, body: bytearray) -> bytes:
    place = rng.randrange(_cards(body)) * CARD
    keyword = body[place : place + 8].decode("latin-1").strip()
    body[place : place + CARD] = _card(keyword, rng.choice(VALUES))
    return bytes(body)


def _set_keyword(rng: random.Random, body: bytearray) -> bytes:
    keyword = rng.choice(KEYWORDS + TILE_KEYWORDS)
    found = body.find(f"{keyword:<8}=".encode("latin-1"))
    place = found if found >= 0 else rng.randrange(1, _cards(body)) * CARD
    body[place : place + CARD] = _card(keyword, rng.choice(VALUES))
    return bytes(body)


def _claim_size(rng: random.Random, body: bytearray) -> bytes:
    for prefix in ("", "Z"):
        for axis in ("1", "2"):
            place = body.find(f"{prefix}NAXIS{axis}".encode().ljust(8) + b"=")
            if place >= 0:
                size = str(rng.choice((0, 1, 63, 64, 2000, 8000, 20000, 65536, 2**31 - 1, -5)))
                body[place : place + CARD] = _card(f"{prefix}NAXIS{axis}", size)
    return bytes(body)


def _drop_card(rng: random.Random, body: bytearray) -> bytes:
    place = rng.randrange(_cards(body)) * CARD
    end = _cards(body) * CARD
    return bytes(body[:place] + body[place + CARD : end] + b" " * CARD + body[end:])


def _repeat_card(rng: random.Random, body: bytearray) -> bytes:
    source, target = (rng.randrange(_cards(body)) * CARD for _ in range(2))
    body[target : target + CARD] = body[source : source + CARD]
    return bytes(body)


def _shuffle_cards(rng: random.Random, body: bytearray) -> bytes:
    count = _cards(body)
    cards = [bytes(body[n * CARD : (n + 1) * CARD]) for n in range(1, count)]
    rng.shuffle(cards)
    return bytes(body[:CARD]) + b"".join(cards) + bytes(body[count * CARD :])


def _truncate(rng: random.Random, body: bytearray) -> bytes:
    return bytes(body[: rng.randrange(len(body))]) if body else b""


def _cut_block(rng: random.Random, body: bytearray) -> bytes:
    place = rng.randrange(max(1, len(body) // BLOCK)) * BLOCK
    return bytes(body[:place] + body[place + BLOCK :])


def _insert_bytes(rng: random.Random, body: bytearray) -> bytes:
    place = rng.randrange(len(body) + 1)
    return bytes(body[:place] + rng.randbytes(rng.choice((1, 79, 80, 2880))) + body[place:])


def _flip_bits(rng: random.Random, body: bytearray) -> bytes:
    for _ in range(rng.choice((1, 4, 64))):
        if body:
            body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)
    return bytes(body)


def _flip_header_bits(rng: random.Random, body: bytearray) -> bytes:
    for _ in range(rng.choice((1, 4, 16))):
        if body:
            body[rng.randrange(min(len(body), _cards(body) * CARD))] ^= 1 << rng.randrange(8)
    return bytes(body)


def _append(rng: random.Random, body: bytearray) -> bytes:
    return bytes(body) + rng.randbytes(rng.choice((1, BLOCK, 5 * BLOCK)))


def _double(_: random.Random, body: bytearray) -> bytes:
    return bytes(body + body)


MUTATIONS: dict[str, Mutation] = {
    "change value": _change_value,
    "set keyword": _set_keyword,
    "claim size": _claim_size,
    "drop card": _drop_card,
    "repeat card": _repeat_card,
    "shuffle cards": _shuffle_cards,
    "truncate": _truncate,
    "cut block": _cut_block,
    "insert bytes": _insert_bytes,
    "flip bits": _flip_bits,
    "flip header bits": _flip_header_bits,
    "append": _append,
    "double": _double,
}


def _header(*cards: tuple[str, str]) -> bytes:
    first = (("SIMPLE", f"{'T':>20}"), ("BITPIX", f"{16:>20}"))
    text = b"".join(_card(*card) for card in (*first, *cards)) + b"END".ljust(CARD)
    return text.ljust(-(-len(text) // BLOCK) * BLOCK)


def _huge_claim() -> bytes:
    side = f"{200_000:>20}"
    return _header(("NAXIS", f"{2:>20}"), ("NAXIS1", side), ("NAXIS2", side), ("EXPTIME", "10."))


def _gzip_bomb() -> bytes:
    return gzip.compress(bytes(50_000_000), 1)


@cache
def _tile_bomb(method: str, side: int, tile: int, padding: int) -> bytes:
    """A picture of zeros that grows when it is unpacked; padded to look less compressed."""
    header = fits.Header([("EXPTIME", 10.0)])
    pixels = np.zeros((side, side), np.int16)
    hdu = fits.CompImageHDU(pixels, header, compression_type=method, tile_shape=(tile, side))
    body = bytearray(_file(fits.PrimaryHDU(), hdu))
    place = body.find(b"PCOUNT  =", BLOCK)
    heap = int(body[place + 10 : place + 30])
    body[place : place + CARD] = _card("PCOUNT", f"{heap + padding:>20}")
    return bytes(body) + bytes(-(-padding // BLOCK) * BLOCK)


def _many_cards() -> bytes:
    return _header(*((f"K{number}", f"{number:>20}") for number in range(20_000)))


def _many_hdus() -> bytes:
    return _header(("NAXIS", f"{0:>20}")) + _header(("NAXIS", f"{0:>20}")) * 2000


def _endless_header() -> bytes:
    return _header()[: -BLOCK + 160] + b"COMMENT ".ljust(CARD) * 50_000


BOMBS: dict[str, Callable[[], bytes]] = {
    "200000 x 200000 pixels without data": _huge_claim,
    "gzip of zeros": _gzip_bomb,
    "12000 x 12000 in GZIP_1": lambda: _tile_bomb("GZIP_1", 6000, 1, 0),
    "one RICE tile of 7000 x 7000": lambda: _tile_bomb("RICE_1", 7000, 7000, 1_700_000),
    "RICE rows of 7000 x 7000": lambda: _tile_bomb("RICE_1", 7000, 1, 1_700_000),
    "20000 cards": _many_cards,
    "2000 HDUs": _many_hdus,
    "header without END": _endless_header,
    "nothing": lambda: b"",
    "a web page": lambda: b"<!DOCTYPE html><html>502 Bad Gateway</html>",
}
