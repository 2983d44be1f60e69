<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Database\Database;

/** Counts the observations of epochs by pixel, once each: an epoch never gets other ones. */
final class EpochPixels
{
    private const BATCH = 100;

    public function __construct(private readonly Database $database)
    {
    }

    /** Counts the epochs that are new. */
    public function complete(): void
    {
        $new = $this->database->all(
            'SELECT e.id FROM epochs e
              WHERE NOT EXISTS (SELECT 1 FROM hats_epochs h WHERE h.epoch_id = e.id)
                AND EXISTS (SELECT 1 FROM star_observations o WHERE o.epoch_id = e.id)'
        );
        foreach (array_chunk(array_map('intval', array_column($new, 'id')), self::BATCH) as $batch) {
            $this->database->transaction(fn () => $this->count(implode(', ', $batch)));
        }
    }

    /** @return list<HatsCell> partitions of the first order in which anything was counted */
    public function roots(): array
    {
        $roots = [];
        foreach ($this->database->all('SELECT DISTINCT sky_pixel FROM hats_epochs') as $row) {
            $root = HatsCell::rootOf((int) $row['sky_pixel']);
            $roots[$root->pixel] = $root;
        }
        return array_values($roots);
    }

    /** @return list<HatsCell> those in which a stack was counted */
    public function rootsOfStack(int $stackId): array
    {
        $roots = [];
        $rows = $this->database->all(
            'SELECT DISTINCT h.sky_pixel FROM epochs e JOIN hats_epochs h ON h.epoch_id = e.id WHERE e.stack_id = ?',
            [$stackId],
        );
        foreach ($rows as $row) {
            $root = HatsCell::rootOf((int) $row['sky_pixel']);
            $roots[$root->pixel] = $root;
        }
        return array_values($roots);
    }

    /**
     * @param list<int> $stackIds
     * @return list<int> pixels in which one of them was counted
     */
    public function ofStacks(array $stackIds): array
    {
        $pixels = [];
        foreach (array_chunk($stackIds, self::BATCH) as $batch) {
            $ids = implode(', ', $batch);
            $found = $this->database->column("SELECT DISTINCT h.sky_pixel FROM epochs e JOIN hats_epochs h ON h.epoch_id = e.id WHERE e.stack_id IN ($ids)");
            $pixels += array_fill_keys(array_map(intval(...), $found), true);
        }
        return array_keys($pixels);
    }

    private function count(string $epochs): void
    {
        // Another run may have counted them meanwhile.
        $this->database->execute("DELETE FROM hats_epochs WHERE epoch_id IN ($epochs)");
        // LEFT, so that MariaDB begins with the epochs: with all stars, it would read all their observations each time.
        $this->database->execute(
            "INSERT INTO hats_epochs (sky_pixel, epoch_id, observations)
             SELECT st.sky_pixel, o.epoch_id, COUNT(*) FROM star_observations o LEFT JOIN stars st ON st.id = o.star_id
              WHERE o.epoch_id IN ($epochs) GROUP BY st.sky_pixel, o.epoch_id"
        );
    }
}
