<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Measurements\Measurement;
use CrowdSky\Measurements\MeasurementStore;

/**
 * Writes the archive's rows: a new stack, or the new files and measurement of one that was solved again.
 *
 * Everything here belongs in the transaction that completes the job.
 */
final class StackRegister
{
    /** Columns of a stack that reads back. */
    private const INTACT = ['damaged_at' => null, 'damage' => null];

    public function __construct(
        private readonly Database $database,
        private readonly MeasurementStore $measurements,
        private readonly ReplacedObjects $replaced,
        private readonly StackChanges $changes,
    ) {
    }

    /** @return array<string, mixed>|null the row of the stack that the job made, or solves again */
    public function of(Job $job): ?array
    {
        return $job->kind === JobKind::Rescan
            ? $this->database->one('SELECT * FROM stacked_frames WHERE id = ?', [$job->stackId])
            : $this->database->one('SELECT * FROM stacked_frames WHERE job_id = ?', [$job->id]);
    }

    /**
     * @param string|null $workerName of the worker that made it; null if nobody knows
     * @param string $now stored form
     * @param string|null $createdAt stored form; null for a stack that was made just now
     * @return int id of the new stack
     */
    public function add(
        Job $job,
        CompletionReport $report,
        VerifiedResult $result,
        ?string $workerName,
        string $now,
        ?string $createdAt = null,
    ): int {
        $columns = [
            'job_id' => $job->id,
            'user_id' => $job->userId,
            'created_at' => $createdAt ?? $now,
            'visibility' => StackVisibility::ofNew(isFound: $createdAt !== null)->value,
        ];
        $stackId = $this->database->insert('stacked_frames', $columns + self::described($job, $report, $result, $workerName, $now));
        if ($report->measurement !== null) {
            $this->measurements->save($stackId, $job->id, $report->measurement, $now);
        }
        $this->changes->note($stackId);
        return $stackId;
    }

    /**
     * Puts a new stack in the place of the job's old one, under the same id. No file of a damaged one is touched; those of
     * an intact one stay until cleanup has read the new ones.
     *
     * @param string $workerName of the worker that made it
     * @param string $now stored form
     * @param string $dueAt stored form; until then, files of an intact stack stay
     */
    public function renew(Job $job, CompletionReport $report, VerifiedResult $result, string $workerName, string $now, string $dueAt): int
    {
        $old = $this->of($job) ?? throw new LeaseLost($job->id, 'its stack was deleted');
        $stackId = (int) $old['id'];
        $columns = ['created_at' => $now] + self::described($job, $report, $result, $workerName, $now);
        if (!$this->change($stackId, $columns, $old['ucloud_path'])) {
            throw new LeaseLost($job->id, 'its stack has changed');
        }
        if ($job->replacesStack && $old['damaged_at'] === null) {
            $this->replaced->add($stackId, self::replacedPaths($old, $columns), $dueAt);
        }
        $this->measurements->forget($stackId);
        if ($report->measurement !== null) {
            $this->measurements->save($stackId, $job->id, $report->measurement, $now);
        }
        return $stackId;
    }

    /** Leaves the job's stack as it is: it reads back after all, and the result of the new run is not needed. */
    public function keep(Job $job): int
    {
        $stack = $this->of($job) ?? throw new LeaseLost($job->id, 'its stack was deleted');
        $this->change((int) $stack['id'], self::INTACT, $stack['ucloud_path']);
        $this->database->execute('UPDATE stacking_jobs SET frame_count = ? WHERE id = ?', [$stack['n_frames_input'], $job->id]);
        return (int) $stack['id'];
    }

    /** @return array<string, mixed> columns about a stack that a job has made */
    private static function described(Job $job, CompletionReport $report, VerifiedResult $result, ?string $workerName, string $now): array
    {
        return self::files($result, $now) + self::places($report) + StackIndex::labels($job->chunkKeyHp, $job->objectName) + [
            'chunk_key' => $job->chunkKey,
            'chunk_key_hp' => $job->chunkKeyHp,
            'object_name' => $job->objectName,
            'n_frames_input' => $report->framesInput ?? $job->frameCount,
            'n_frames_aligned' => $report->framesAligned,
            'total_exptime' => $report->totalExposure,
            'date_obs_start' => $report->dateObsStart,
            'date_obs_end' => $report->dateObsEnd,
            'n_stars_detected' => $report->stars,
            'telescope' => $job->telescope,
            'filter_name' => $job->filterName,
            'eq_mode' => $job->eqMode,
            'engine' => $report->engine,
            'notes' => self::asJson($report->notes),
            'worker_name' => $workerName,
        ];
    }

    /** @return array<string, ?float> where the stack is in the sky, and how deep it goes */
    private static function places(CompletionReport $report): array
    {
        $ra = $report->measurement?->solution?->ra ?? $report->raDeg;
        $dec = $report->measurement?->solution?->dec ?? $report->decDeg;

        return ['ra_deg' => $ra, 'dec_deg' => $dec] + StackIndex::measured($ra, $dec, $report->measurement);
    }

    /**
     * Points a stack to the files of a rescan and keeps the replaced ones until cleanup has read the new ones.
     *
     * Columns about the stacking itself stay, and so do its pictures unless the rescan has new ones.
     *
     * @param string $now stored form
     * @param string $dueAt stored form; the replaced files stay until then
     */
    public function replace(Job $job, CompletionReport $report, VerifiedResult $result, string $now, string $dueAt): int
    {
        $before = $this->of($job) ?? throw new LeaseLost($job->id, 'its stack was deleted');
        $stackId = (int) $before['id'];
        $measurement = $report->measurement ?? throw new \LogicException("Rescan {$job->id} has measured nothing");
        $files = self::files($result, $now);
        foreach (ResultKind::pictures() as $kind) {
            $files[$kind->column()] ??= $before[$kind->column()];
        }
        [$ra, $dec] = [$measurement->solution?->ra, $measurement->solution?->dec];
        $changes = $files + StackIndex::measured($ra, $dec, $measurement) + [
            'ra_deg' => $ra,
            'dec_deg' => $dec,
            'n_stars_detected' => $report->stars ?? $before['n_stars_detected'],
            'notes' => self::asJson($this->mergedNotes($before, $report)),
        ];
        $this->change($stackId, $changes, $before['ucloud_path']);
        $this->measurements->save($stackId, $job->id, $measurement, $now);
        $this->replaced->add($stackId, self::replacedPaths($before, $files), $dueAt);
        return $stackId;
    }

    /**
     * Points the stack of a job, whose file is gone, to another file of the same stack.
     *
     * @param string $now stored form
     * @return int|null id of the stack; null if the row has changed since it was read
     */
    public function replaceLost(Job $job, CompletionReport $report, VerifiedResult $result, string $now): ?int
    {
        $lost = $this->of($job);
        if ($lost === null) {
            return null;
        }
        $changes = self::files($result, $now) + self::places($report) + [
            'n_stars_detected' => $report->stars,
            'notes' => self::asJson($report->notes),
        ];
        $isThere = $this->change((int) $lost['id'], $changes, $lost['ucloud_path']);
        return $isThere ? (int) $lost['id'] : null;
    }

    /**
     * @param array<string, mixed> $changes
     * @param string $path that the row must still have
     */
    private function change(int $stackId, array $changes, string $path): bool
    {
        $sets = implode(', ', array_map(static fn (string $column): string => "$column = :$column", array_keys($changes)));
        $sql = "UPDATE stacked_frames SET $sets WHERE id = :stack AND ucloud_path = :was_path";
        $isThere = $this->database->execute($sql, $changes + ['stack' => $stackId, 'was_path' => $path]) === 1;
        $this->changes->note($stackId);
        return $isThere;
    }

    /** @return array<string, mixed> */
    private static function files(VerifiedResult $result, string $now): array
    {
        return [
            'ucloud_path' => $result->stackPath,
            'file_size_bytes' => $result->stack->size,
            'sha256' => $result->stack->sha256,
            'image_hashes' => $result->found->images->toStored(),
            'tells_position' => $result->found->tellsPlace,
            'is_smoothed' => $result->header->isSmoothed() ?? true,
            'smoothing_known' => $result->header->isSmoothed() !== null,
            'verified_at' => $now,
        ] + $result->beside->toColumns() + self::INTACT;
    }

    /**
     * @param array<string, mixed> $before
     * @param array<string, mixed> $after
     * @return list<string>
     */
    private static function replacedPaths(array $before, array $after): array
    {
        $paths = static fn (array $row): array => array_filter(array_map(static fn (string $column): ?string => $row[$column], ResultKind::columns()));
        return array_values(array_diff($paths($before), $paths($after)));
    }

    /**
     * Notes about the stacking stay; those about the old measurement go.
     *
     * @param array<string, mixed> $before
     * @return list<string>
     */
    private function mergedNotes(array $before, CompletionReport $report): array
    {
        $kept = self::lastingNotes($before, $this->measurements->find((int) $before['id']));
        return array_values(array_unique([...$kept, ...$report->notes]));
    }

    /**
     * The notes of a stack that are about its stacking.
     *
     * @param array<string, mixed> $row of stacked_frames
     * @param Measurement|null $measurement the one that the stack has
     * @return list<string>
     */
    public static function lastingNotes(array $row, ?Measurement $measurement): array
    {
        $notes = $row['notes'] === null ? [] : json_decode($row['notes'], true, 4, JSON_THROW_ON_ERROR);
        $isLasting = static fn (string $note): bool => $measurement === null || !$measurement->explains($note);
        return array_values(array_filter($notes, $isLasting));
    }

    /** @param list<string> $notes */
    private static function asJson(array $notes): string
    {
        return json_encode($notes, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }
}
