<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

/**
 * The current id of the archive and its marks, as they were when read.
 */
final class ArchiveId
{
    public function __construct(
        /** 16 hex digits */
        public readonly string $id,
        /** stored form */
        public readonly string $createdAt,
        /** nonce of the mark in storage; null before the first one */
        public readonly ?string $lastMark,
        /** nonce of the mark that is about to take its place */
        public readonly ?string $pendingMark,
        /** @var list<string> nonces of earlier marks, the newest first */
        public readonly array $pastMarks,
    ) {
    }

    public function owns(Mark $mark): bool
    {
        return $mark->archiveId === $this->id && in_array($mark->nonce, [$this->lastMark, $this->pendingMark], true);
    }

    /** Whether it is an earlier mark, which a request that was held up on the way has brought back. */
    public function isPast(Mark $mark): bool
    {
        return $mark->archiveId === $this->id && in_array($mark->nonce, $this->pastMarks, true);
    }
}
