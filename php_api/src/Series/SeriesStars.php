<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Fits\UnreadableTable;
use CrowdSky\Stars\EpochRegister;
use CrowdSky\Stars\StarIntake;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\StorageUnavailable;

/** Makes each part of a series an epoch of the list of stars, so that light curves show it. */
final class SeriesStars
{
    private const BATCH = 20;

    public function __construct(
        private readonly Database $database,
        private readonly SeriesStore $series,
        private readonly SeriesReader $reader,
        private readonly EpochRegister $epochs,
        private readonly StarIntake $stacks,
        private readonly Clock $clock,
        private readonly Logger $log,
    ) {
    }

    /** Reads a series that was just archived. It never fails: what cannot be read now is left to cleanup. */
    public function trySeries(Series $series): void
    {
        try {
            $this->take($series);
        } catch (\Throwable $error) {
            $this->log->warning(
                "The stars of the series of {$series->seconds} s of stack {$series->stackId} are not in the list yet; cleanup tries again: "
                    . $error->getMessage(),
            );
        }
    }

    /**
     * Reads series whose stars are not in the archive yet.
     *
     * @return int how many were read
     * @throws StorageUnavailable
     */
    public function catchUp(): int
    {
        $rows = $this->database->all(
            'SELECT r.stack_id, r.seconds FROM series r WHERE r.sha256 IS NOT NULL AND NOT EXISTS (
                SELECT 1 FROM epochs e WHERE e.stack_id = r.stack_id AND e.series_seconds = r.seconds AND e.part = r.n_parts
                   AND e.superseded_at IS NULL AND e.source_sha256 = r.sha256) ORDER BY r.id LIMIT ' . self::BATCH,
        );
        $read = 0;
        foreach ($rows as $row) {
            $series = $this->series->find((int) $row['stack_id'], (int) $row['seconds']);
            try {
                $read += (int) ($series !== null && $this->take($series));
            } catch (ObjectMissing | UnreadableTable $error) {
                $this->log->warning("The stars of the series {$series?->path} cannot be read: {$error->getMessage()}");
            }
        }
        return $read;
    }

    /** The stack comes first: a part founds no star, and only shows those that are in the list. */
    private function take(Series $series): bool
    {
        if (!$series->isThere() || $this->stacks->take($series->stackId) === null) {
            return false;
        }
        foreach ($this->reader->parts($series) as $part => $measured) {
            $this->epochs->add($series->stackId, (string) $series->sha256, $measured, $series->seconds, $part);
        }
        $this->database->execute(
            'UPDATE epochs SET superseded_at = ? WHERE stack_id = ? AND series_seconds = ? AND part > ? AND superseded_at IS NULL',
            [Utc::stored($this->clock->now()), $series->stackId, $series->seconds, (int) $series->parts],
        );
        return true;
    }
}
