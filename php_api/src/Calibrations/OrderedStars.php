<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Database\Database;

/** The stars that the epochs of an order see. */
final class OrderedStars
{
    /** Farthest from the centre of a field that a star of it can be, in the corner of the widest picture. */
    public const REACH_DEG = 4.0;
    private const BATCH = 500;

    public function __construct(private readonly Database $database)
    {
    }

    /** @return list<int> ascending */
    public function ids(CalibrationOrder $order): array
    {
        $seen = [];
        foreach (array_keys($order->epochs) as $epochId) {
            foreach ($this->database->each('SELECT star_id FROM star_observations WHERE epoch_id = ?', [$epochId]) as $row) {
                $seen[(int) $row['star_id']] = true;
            }
        }
        ksort($seen);
        return array_keys($seen);
    }

    /**
     * @param list<int> $ids ascending
     * @return \Generator<array<string, mixed>> rows of stars in that order, with asked_at of a search for periods
     */
    public function rows(array $ids): \Generator
    {
        foreach (array_chunk($ids, self::BATCH) as $batch) {
            $marks = implode(', ', array_fill(0, count($batch), '?'));
            yield from $this->database->all(
                "SELECT t.id, t.ra_deg, t.dec_deg, t.position_year, t.gaia_id, p.asked_at FROM stars t
                   LEFT JOIN period_requests p ON p.star_id = t.id WHERE t.id IN ($marks) ORDER BY t.id",
                $batch,
            );
        }
    }
}
