<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;
use CrowdSky\Jobs\Job;
use CrowdSky\Jobs\JobKind;
use CrowdSky\Measurements\MeasurementStore;

/**
 * What a worker writes into the stack about its job, so that the rows can be rebuilt from the file alone.
 */
final class ArchiveFacts
{
    /** Columns of stacking_jobs. */
    private const OF_JOB = [
        'upload_session_id' => 'int', 'chunk_key' => 'string', 'chunk_key_hp' => 'string', 'time_block' => 'string',
        'group_key' => 'string', 'object_name' => 'string', 'frame_count' => 'int', 'total_bytes' => 'int', 'ra_deg' => 'float',
        'dec_deg' => 'float', 'telescope' => 'string', 'filter_name' => 'string', 'fits_exptime' => 'float', 'eq_mode' => 'int',
        'created_at' => 'string',
    ];
    /** Columns of stacking_jobs with texts of headers, and the cards they come from. */
    private const TEXTS = ['object_name' => 'OBJECT', 'telescope' => 'TELESCOP', 'filter_name' => 'FILTER'];
    /** Columns of stacked_frames that are about the stacking itself, which a rescan leaves as they are. */
    private const OF_STACK = [
        'n_frames_input' => 'int', 'n_frames_aligned' => 'int', 'total_exptime' => 'float', 'date_obs_start' => 'string',
        'date_obs_end' => 'string', 'n_stars_detected' => 'int', 'engine' => 'string', 'created_at' => 'string',
    ];

    public function __construct(
        private readonly Database $database,
        private readonly StackRegister $register,
        private readonly MeasurementStore $measurements,
    ) {
    }

    /**
     * @param bool $isWhole whether the worker may read what the owner's headers say; else texts that could tell a place
     *                      are null
     * @return array<string, mixed>|null null when the stack of a rescan was deleted meanwhile
     */
    public function of(Job $job, bool $isWhole): ?array
    {
        $stack = $job->kind === JobKind::Rescan ? $this->register->of($job) : null;
        if ($job->kind === JobKind::Rescan && $stack === null) {
            return null;
        }
        $source = $stack === null ? $job->framesJobId() : (int) $stack['job_id'];
        $row = $this->database->one('SELECT * FROM stacking_jobs WHERE id = ?', [$source]);
        foreach ($row === null || $isWhole ? [] : self::TEXTS as $column => $card) {
            $row[$column] = CardTable::get()->publicText($card, $row[$column]);
        }
        return $row === null ? null : [
            // A check looks like any other job.
            'job_id' => $stack === null ? $job->id : $source,
            'worker_name' => $stack === null ? $job->workerName : $stack['worker_name'],
            ...self::typed($row, self::OF_JOB),
            'stack' => $stack === null ? null : self::typed($stack, self::OF_STACK) + ['notes' => $this->lastingNotes($stack)],
        ];
    }

    /**
     * Notes that a new measurement does not replace.
     *
     * @param array<string, mixed> $stack row of stacked_frames
     * @return list<string>
     */
    private function lastingNotes(array $stack): array
    {
        return StackRegister::lastingNotes($stack, $this->measurements->find((int) $stack['id']));
    }

    /**
     * @param array<string, mixed> $row
     * @param array<string, string> $types by column
     * @return array<string, mixed>
     */
    private static function typed(array $row, array $types): array
    {
        $values = [];
        foreach ($types as $column => $type) {
            $values[$column] = $row[$column];
            if ($row[$column] !== null) {
                settype($values[$column], $type);
            }
        }
        return $values;
    }
}
