<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Results\ArchivedName;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\RawStore;

/**
 * The highest numbers that files bear, in storage and in the data folder: after a restored backup the database may be
 * about to give them out again.
 */
final class UsedNumbers
{
    /** Numbers above it come from no site; raising the sequences there would use them up. */
    private const HIGHEST = 10 ** 15;

    private function __construct(
        public readonly int $user,
        public readonly int $job,
        public readonly int $uploadSession,
    ) {
    }

    /** @throws \CrowdSky\Storage\StorageUnavailable when the storage cannot be listed */
    public static function find(ObjectStorage $storage, RawStore $raws, string $base): self
    {
        $users = $jobs = $sessions = [0];
        foreach (["$base/stacks", "$base/trash"] as $folder) {
            foreach ($storage->list($folder) as $object) {
                $name = ArchivedName::parse($base, Trash::originalPath($base, $object->path));
                [$users[], $jobs[]] = [$name?->userId ?? 0, $name?->jobId ?? 0];
            }
        }
        foreach ($raws->sessions() as [$user, $session]) {
            [$users[], $sessions[]] = [$user, $session];
        }
        return new self(self::highest($users), self::highest($jobs), self::highest($sessions));
    }

    /** @param list<int> $numbers */
    private static function highest(array $numbers): int
    {
        return max([0, ...array_filter($numbers, static fn (int $number): bool => $number <= self::HIGHEST)]);
    }
}
