<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Database\Database;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Jobs\LeaseLost;
use CrowdSky\Measurements\MeasurementStore;

/**
 * Writes the archive's rows: a new stack, or the new files and measurement of one that was solved again.
 *
 * Everything here belongs in the transaction that completes the job.
 */
final class StackRegister
{
    public function __construct(
        private readonly Database $database,
        private readonly MeasurementStore $measurements,
        private readonly ReplacedObjects $replaced,
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
     * @param string $workerName of the worker that made it
     * @param string $now stored form
     * @return int id of the new stack
     */
    public function add(Job $job, CompletionReport $report, VerifiedResult $result, string $workerName, string $now): int
    {
        $stackId = $this->database->insert('stacked_frames', self::files($result, $now) + [
            'job_id' => $job->id,
            'user_id' => $job->userId,
            'chunk_key' => $job->chunkKey,
            'chunk_key_hp' => $job->chunkKeyHp,
            'object_name' => $job->objectName,
            'n_frames_input' => $report->framesInput ?? $job->frameCount,
            'n_frames_aligned' => $report->framesAligned,
            'total_exptime' => $report->totalExposure,
            'date_obs_start' => $report->dateObsStart,
            'date_obs_end' => $report->dateObsEnd,
            'ra_deg' => $report->measurement?->solution?->ra ?? $report->raDeg,
            'dec_deg' => $report->measurement?->solution?->dec ?? $report->decDeg,
            'n_stars_detected' => $report->stars,
            'telescope' => $job->telescope,
            'filter_name' => $job->filterName,
            'eq_mode' => $job->eqMode,
            'engine' => $report->engine,
            'notes' => self::asJson($report->notes),
            'worker_name' => $workerName,
            'created_at' => $now,
        ]);
        if ($report->measurement !== null) {
            $this->measurements->save($stackId, $job->id, $report->measurement, $now);
        }
        return $stackId;
    }

    /**
     * Points a stack to the files of a rescan and keeps the replaced ones until cleanup has read the new ones.
     *
     * Columns about the stacking itself stay, and so does the thumbnail unless the rescan has a new one.
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
        $files['thumbnail_path'] ??= $before['thumbnail_path'];
        $changes = $files + [
            'ra_deg' => $measurement->solution?->ra,
            'dec_deg' => $measurement->solution?->dec,
            'n_stars_detected' => $report->stars ?? $before['n_stars_detected'],
            'notes' => self::asJson($this->mergedNotes($before, $report)),
        ];
        $sets = implode(', ', array_map(static fn (string $column): string => "$column = :$column", array_keys($changes)));
        $this->database->execute("UPDATE stacked_frames SET $sets WHERE id = :stack", $changes + ['stack' => $stackId]);
        $this->measurements->save($stackId, $job->id, $measurement, $now);
        $this->replaced->add($stackId, self::replacedPaths($before, $files), $dueAt);
        return $stackId;
    }

    /** @return array<string, mixed> */
    private static function files(VerifiedResult $result, string $now): array
    {
        return [
            'ucloud_path' => $result->stackPath,
            'thumbnail_path' => $result->thumbnailPath,
            'overlay_path' => $result->overlayPath,
            'stars_path' => $result->starsPath,
            'file_size_bytes' => $result->stack->size,
            'sha256' => $result->stack->sha256,
            'image_hashes' => $result->images->toStored(),
            'tells_position' => $result->tellsPlace,
            'verified_at' => $now,
        ];
    }

    /**
     * @param array<string, mixed> $before
     * @param array<string, mixed> $after
     * @return list<string>
     */
    private static function replacedPaths(array $before, array $after): array
    {
        $columns = ['ucloud_path', 'thumbnail_path', 'overlay_path', 'stars_path'];
        $paths = static fn (array $row): array => array_filter(array_map(static fn (string $column): ?string => $row[$column], $columns));
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
        $old = $this->measurements->find((int) $before['id']);
        $notes = $before['notes'] === null ? [] : json_decode($before['notes'], true, 4, JSON_THROW_ON_ERROR);
        $kept = array_filter($notes, static fn (string $note): bool => $old === null || !$old->explains($note));
        return array_values(array_unique([...$kept, ...$report->notes]));
    }

    /** @param list<string> $notes */
    private static function asJson(array $notes): string
    {
        return json_encode($notes, JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }
}
