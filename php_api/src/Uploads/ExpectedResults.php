<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\JobStatus;

/**
 * Estimates how much room the results of all waiting jobs will need, from the shapes of their frames.
 *
 * A stack has three planes of float32, their variance, and a byte each for coverage and rejection: 18 bytes per pixel of
 * a frame, and 26 where colours need variances of their own. Tables of frames and stars add 0.1 to 0.3, pictures and
 * star list 1.2 to 1.4 MB (15 frames of 1080 x 1920 pixels). Estimated are 28 per pixel and 4 MB.
 */
final class ExpectedResults
{
    private const BYTES_PER_PIXEL = 28;
    /** The same for frames of unknown shape, which have two bytes per pixel. */
    private const TIMES_FRAME = 14;
    private const COMPANION_BYTES = 4 << 20;

    /** @param bool $areKept whether results stay on the disk of the data folder, or pass through its spool */
    public function __construct(
        private readonly Database $database,
        private readonly bool $areKept,
    ) {
    }

    /** Returns what the result of a job of such frames needs, at most. */
    public static function ofFrame(int $bytes): int
    {
        return self::TIMES_FRAME * $bytes + self::COMPANION_BYTES;
    }

    /** Adds the largest result once more, for a file that is copied to its place. */
    public function reserve(): ResultReserve
    {
        $running = $this->jobs([JobStatus::Processing]);
        $waiting = $this->jobs([JobStatus::Pending, JobStatus::Retry]);
        $coming = $this->groupsWithoutAJob();
        $largest = max($running['largest'], $waiting['largest'], $coming['largest']);
        $count = $running['n'] + $waiting['n'] + $coming['n'];
        $kept = $this->areKept ? $waiting['bytes'] + $coming['bytes'] : 0;
        return new ResultReserve($running['bytes'] + $kept + $largest, $count);
    }

    /**
     * @param non-empty-list<JobStatus> $states
     * @return array{n: int, bytes: int, largest: int}
     */
    private function jobs(array $states): array
    {
        $marks = implode(', ', array_fill(0, count($states), '?'));
        // All frames of a job have one shape. A rescan has none, and replaces a stack by one of the same size. Checks show
        // in no figure; they are few, and the largest result, counted twice, covers one.
        return $this->sum(
            'SELECT COALESCE(
                    (SELECT s.file_size_bytes FROM stacked_frames s WHERE s.id = j.stack_id),
                    (SELECT ' . self::BYTES_PER_PIXEL . ' * r.naxis1 * r.naxis2 FROM raw_files r WHERE r.job_id = j.id LIMIT 1),
                    ' . self::TIMES_FRAME . " * j.total_bytes / NULLIF(j.frame_count, 0), 0) AS bytes
               FROM stacking_jobs j WHERE j.checks_job_id IS NULL AND j.status IN ($marks)",
            array_column($states, 'value'),
        );
    }

    /** @return array{n: int, bytes: int, largest: int} of subs in uploads that are not finalized yet */
    private function groupsWithoutAJob(): array
    {
        return $this->sum(
            'SELECT MAX(COALESCE(' . self::BYTES_PER_PIXEL . ' * naxis1 * naxis2, ' . self::TIMES_FRAME . ' * file_size_bytes)) AS bytes
               FROM raw_files WHERE job_id IS NULL AND deleted_at IS NULL GROUP BY upload_session_id, chunk_key, filter_name',
            [],
        );
    }

    /**
     * @param string $sizes a query of one row for each result
     * @param list<string> $parameters
     * @return array{n: int, bytes: int, largest: int}
     */
    private function sum(string $sizes, array $parameters): array
    {
        $sum = $this->database->one("SELECT COUNT(*) AS n, SUM(bytes) AS bytes, MAX(bytes) AS largest FROM ($sizes) expected", $parameters);
        $n = (int) $sum['n'];
        return [
            'n' => $n,
            'bytes' => (int) $sum['bytes'] + $n * self::COMPANION_BYTES,
            'largest' => $n === 0 ? 0 : (int) $sum['largest'] + self::COMPANION_BYTES,
        ];
    }
}
