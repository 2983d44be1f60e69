<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Sky\Moc;

/** The cells that were built. */
final class HipsCells
{
    public function __construct(private readonly Database $database)
    {
    }

    /** @return array<int, string> fingerprint by cell */
    public function fingerprints(): array
    {
        return array_column($this->database->all('SELECT cell, fingerprint FROM hips_cells'), 'fingerprint', 'cell');
    }

    /** @return \Generator<int, array<int, string>> by cell, the hashes of the stacks that it was built of, by id */
    public function sources(): \Generator
    {
        foreach ($this->database->all('SELECT c.cell, c.job_id FROM hips_cells c ORDER BY c.cell') as $row) {
            $job = $this->database->one('SELECT * FROM stacking_jobs WHERE id = ?', [$row['job_id']]);
            yield (int) $row['cell'] => $job === null ? [] : HipsOrder::ofJob(Job::fromRow($job))->sources();
        }
    }

    /** Hash of the file that a job has built its cell of; null if the cell is of another job. */
    public function builtBy(int $jobId): ?string
    {
        return $this->database->value('SELECT sha256 FROM hips_cells WHERE job_id = ?', [$jobId]);
    }

    /**
     * Call it inside a transaction.
     *
     * @param array<string, mixed> $columns
     */
    public function replace(int $cell, array $columns): void
    {
        $this->remove($cell);
        $this->database->insert('hips_cells', ['cell' => $cell] + $columns);
    }

    public function remove(int $cell): void
    {
        $this->database->execute('DELETE FROM hips_cells WHERE cell = ?', [$cell]);
    }

    /** What the tiles cover. */
    public function coverage(): Moc
    {
        $ranges = [];
        foreach ($this->database->all('SELECT coverage FROM hips_cells') as $row) {
            array_push($ranges, ...json_decode($row['coverage'], true, 4, JSON_THROW_ON_ERROR));
        }
        return Moc::ofRanges($ranges);
    }
}
