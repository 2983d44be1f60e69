"""A stored file as the storage describes it."""

from __future__ import annotations

from dataclasses import dataclass

from crowdsky.base.json_fields import Fields


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the storage, checked after it was written.

    ``path`` is the full remote path with a leading slash, not percent-encoded.
    """

    path: str
    size_bytes: int
    sha256: str

    @classmethod
    def from_json(cls, data: object) -> StoredFile:
        """Read the answer of ``upload_result.php``; raises UnexpectedAnswerError."""
        fields = Fields("stored file", data)
        return cls(
            path=fields.text("path", longest=2000),
            size_bytes=fields.integer("file_size_bytes", minimum=0),
            sha256=fields.text("sha256", pattern=r"[0-9a-f]{64}"),
        )
