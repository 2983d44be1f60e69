<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Fits\CardTable;
use CrowdSky\Results\CompanionPaths;
use CrowdSky\Results\ResultKind;
use CrowdSky\Results\StackVisibility;

/** One archived stack. Exposure in seconds, coordinates in degrees, observation times ISO UTC without zone. */
final class Stack
{
    /** @param list<string> $notes */
    private function __construct(
        public readonly int $id,
        public readonly int $jobId,
        public readonly int $userId,
        public readonly string $chunkKey,
        public readonly string $healpixKey,
        public readonly ?string $objectName,
        public readonly string $path,
        public readonly CompanionPaths $beside,
        public readonly int $bytes,
        public readonly string $sha256,
        public readonly int $framesInput,
        public readonly int $framesAligned,
        public readonly ?float $totalExposure,
        public readonly ?string $dateObsStart,
        public readonly ?string $dateObsEnd,
        public readonly ?float $ra,
        public readonly ?float $dec,
        public readonly ?int $starsDetected,
        public readonly ?string $telescope,
        public readonly ?string $filter,
        public readonly ?string $engine,
        public readonly array $notes,
        public readonly ?string $workerName,
        public readonly string $createdAt,
        /** null when it was never measured */
        public readonly ?bool $isSolved,
        /** stored form of when it was first found missing from storage or changed there; null when it reads back */
        public readonly ?string $damagedAt,
        /** whether the noise of its pixels was smoothed, so that errors measured on them come out too small; null if unknown */
        public readonly ?bool $isSmoothed,
        /** what its owner chose for this stack */
        public readonly StackVisibility $visibility,
        /** whether the owner's account makes stacks public that have no choice of their own */
        public readonly bool $isOwnerPublic,
    ) {
    }

    /** @param array<string, mixed> $row of the table stacked_frames, with solved from stack_solutions and stacks_public of its owner */
    public static function fromRow(array $row): self
    {
        $number = fn (string $column) => $row[$column] === null ? null : (float) $row[$column];

        return new self(
            id: (int) $row['id'],
            jobId: (int) $row['job_id'],
            userId: (int) $row['user_id'],
            chunkKey: $row['chunk_key'],
            healpixKey: $row['chunk_key_hp'],
            objectName: $row['object_name'],
            path: $row['ucloud_path'],
            beside: CompanionPaths::fromRow($row),
            bytes: (int) $row['file_size_bytes'],
            sha256: $row['sha256'],
            framesInput: (int) $row['n_frames_input'],
            framesAligned: (int) $row['n_frames_aligned'],
            totalExposure: $number('total_exptime'),
            dateObsStart: $row['date_obs_start'],
            dateObsEnd: $row['date_obs_end'],
            ra: $number('ra_deg'),
            dec: $number('dec_deg'),
            starsDetected: $row['n_stars_detected'] === null ? null : (int) $row['n_stars_detected'],
            telescope: $row['telescope'],
            filter: $row['filter_name'],
            engine: $row['engine'],
            notes: self::notes($row['notes']),
            workerName: $row['worker_name'],
            createdAt: $row['created_at'],
            isSolved: $row['solved'] === null ? null : (bool) $row['solved'],
            damagedAt: $row['damaged_at'],
            isSmoothed: $row['smoothing_known'] ? (bool) $row['is_smoothed'] : null,
            visibility: StackVisibility::from($row['visibility']),
            isOwnerPublic: (bool) $row['stacks_public'],
        );
    }

    /** Path of a file of that kind in storage; null if there is none. */
    public function pathOf(ResultKind $kind): ?string
    {
        return $kind === ResultKind::Stack ? $this->path : $this->beside->of($kind);
    }

    public function has(ResultKind $kind): bool
    {
        return $this->beside->has($kind);
    }

    /**
     * The file name of a download: `{object}_{chunk key}.fits` in plain characters.
     *
     * @param bool $isForOwner others read no object that is not a known target
     */
    public function downloadName(bool $isForOwner): string
    {
        $object = ($isForOwner ? $this->objectName : CardTable::get()->publicText('OBJECT', $this->objectName)) ?? 'unknown';

        return preg_replace('/[^A-Za-z0-9._+-]/', '_', "{$object}_{$this->chunkKey}") . '.fits';
    }

    /** @return list<string> */
    private static function notes(?string $stored): array
    {
        $notes = $stored === null ? [] : json_decode($stored, true, 4, JSON_THROW_ON_ERROR);

        return array_values(array_map('strval', $notes));
    }
}
