<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Database\Database;

/** The rows of series. */
final class SeriesStore
{
    private const SELECT = 'SELECT r.*, j.status, j.error_message FROM series r JOIN stacking_jobs j ON j.id = r.job_id';

    public function __construct(private readonly Database $database)
    {
    }

    public function find(int $stackId, int $seconds): ?Series
    {
        return $this->one('r.stack_id = ? AND r.seconds = ?', [$stackId, $seconds]);
    }

    public function ofJob(int $jobId): ?Series
    {
        return $this->one('r.job_id = ?', [$jobId]);
    }

    /** @return list<Series> the shortest parts first */
    public function ofStack(int $stackId): array
    {
        return array_map(Series::fromRow(...), $this->database->all(self::SELECT . ' WHERE r.stack_id = ? ORDER BY r.seconds', [$stackId]));
    }

    /** @return list<Series> those with a proven file of the frames of a job */
    public function madeOfFrames(int $framesJobId): array
    {
        $rows = $this->database->all(self::SELECT . ' WHERE j.frames_job_id = ? AND r.sha256 IS NOT NULL ORDER BY r.id', [$framesJobId]);
        return array_map(Series::fromRow(...), $rows);
    }

    /** Records which job makes a series; one that was ordered before keeps its row. */
    public function order(SeriesOrder $order, int $jobId, string $now): void
    {
        $changed = $this->database->execute(
            'UPDATE series SET job_id = ?, sha256 = NULL, file_size_bytes = NULL, n_parts = NULL, completed_at = NULL, verified_at = NULL WHERE stack_id = ? AND seconds = ?',
            [$jobId, $order->stackId, $order->seconds],
        );
        if ($changed === 0) {
            $this->database->insert('series', ['stack_id' => $order->stackId, 'seconds' => $order->seconds, 'job_id' => $jobId, 'created_at' => $now]);
        }
    }

    /**
     * Names the file that a run is about to store, so that it is known whatever happens.
     *
     * @return bool false when another job makes the series now, or its stack is gone
     */
    public function announce(Series $series, string $path): bool
    {
        return $this->database->execute('UPDATE series SET path = ? WHERE id = ? AND job_id = ?', [$path, $series->id, $series->jobId]) === 1;
    }

    /** @return bool as announce() */
    public function complete(Series $series, string $path, string $sha256, int $bytes, int $parts, string $now): bool
    {
        return $this->database->execute(
            'UPDATE series SET sha256 = ?, file_size_bytes = ?, n_parts = ?, completed_at = ? WHERE id = ? AND job_id = ? AND path = ?',
            [$sha256, $bytes, $parts, $now, $series->id, $series->jobId, $path],
        ) === 1;
    }

    /** @param list<mixed> $values */
    private function one(string $condition, array $values): ?Series
    {
        $row = $this->database->one(self::SELECT . " WHERE $condition", $values);
        return $row === null ? null : Series::fromRow($row);
    }
}
