<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

/** What the stacks that a viewer sees come to, and where they are. */
final class WholeSky
{
    private function __construct(
        public readonly int $stacks,
        /** that were combined */
        public readonly int $subs,
        /** seconds, all combined subs together */
        public readonly float $exposure,
        public readonly int $owners,
        /** @var array<int, float> seconds of exposure by pixel, NSIDE 128 RING; without stacks whose place is not known */
        public readonly array $byPixel,
    ) {
    }

    /** @param list<array<string, mixed>> $rows with pixel, owner, stacks, subs and exposure */
    public static function fromRows(array $rows): self
    {
        $byPixel = [];
        foreach ($rows as $row) {
            if ($row['pixel'] !== null) {
                $byPixel[(int) $row['pixel']] = ($byPixel[(int) $row['pixel']] ?? 0.0) + (float) $row['exposure'];
            }
        }

        return new self(
            (int) array_sum(array_column($rows, 'stacks')),
            (int) array_sum(array_column($rows, 'subs')),
            (float) array_sum(array_column($rows, 'exposure')),
            count(array_unique(array_column($rows, 'owner'))),
            $byPixel,
        );
    }
}
