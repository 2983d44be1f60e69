<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

/** Which epochs and stars of this database those of an archived calibration are. Rows of all others are left out. */
final class Renumbering
{
    /**
     * @param array<int, int> $epochs number here by the number in the file
     * @param array<int, int> $stars likewise
     */
    public function __construct(public readonly array $epochs, public readonly array $stars)
    {
    }

    /**
     * @param iterable<array<string, mixed>> $rows of zero points
     * @return \Generator<array<string, mixed>>
     */
    public function ofEpochs(iterable $rows): \Generator
    {
        foreach ($rows as $row) {
            if (isset($this->epochs[$row['EPOCH_ID']])) {
                yield array_replace($row, ['EPOCH_ID' => $this->epochs[$row['EPOCH_ID']]]);
            }
        }
    }

    /**
     * @param iterable<array<string, mixed>> $rows of stars or variables, whose epochs of the extremes may be unknown
     * @return \Generator<array<string, mixed>>
     */
    public function ofStars(iterable $rows): \Generator
    {
        foreach ($rows as $row) {
            if (!isset($this->stars[$row['STAR_ID']])) {
                continue;
            }
            $extremes = isset($row['BRIGHT'])
                ? ['BRIGHT' => $this->epochs[$row['BRIGHT']] ?? 0, 'FAINT' => $this->epochs[$row['FAINT']] ?? 0]
                : [];
            yield array_replace($row, ['STAR_ID' => $this->stars[$row['STAR_ID']]], $extremes);
        }
    }
}
