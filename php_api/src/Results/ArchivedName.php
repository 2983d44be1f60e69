<?php

declare(strict_types=1);

namespace CrowdSky\Results;

/**
 * What the path of a result says about its origin; the inverse of ResultPath.
 */
final class ArchivedName
{
    private function __construct(
        public readonly int $userId,
        public readonly int $jobId,
        public readonly string $chunkKey,
        /** tag of the run that wrote it; null for a final name, which has none */
        public readonly ?string $attemptTag,
        /** whether it is the temporary name of an upload that was not finished */
        public readonly bool $isPartial,
    ) {
    }

    /** @return self|null null for every path that is neither one of ResultPath nor a temporary name of a storage */
    public static function parse(string $base, string $path): ?self
    {
        $endings = array_map(static fn (ResultKind $kind): string => preg_quote($kind->suffix()), ResultKind::cases());
        $pattern = '#^' . preg_quote("$base/stacks", '#') . '/user_([0-9]{1,18})/[A-Za-z0-9_+-][A-Za-z0-9._+-]*'
            . '/stack_([A-Za-z0-9._+-]+?)_([0-9]{1,18})(?:\.(a[0-9]{1,9}-[0-9a-f]{8}))?'
            . '(?:' . implode('|', $endings) . ')((?:(?:\.[0-9a-f]{12})?\.part)?(?:\.[0-9]{10})?)$#D';
        if (preg_match($pattern, $path, $match, PREG_UNMATCHED_AS_NULL) !== 1) {
            return null;
        }
        return new self((int) $match[1], (int) $match[3], $match[2], $match[4], $match[5] !== '');
    }

    /** The same without the run. */
    public function final(): self
    {
        return new self($this->userId, $this->jobId, $this->chunkKey, null, false);
    }
}
