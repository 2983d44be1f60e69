<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Base\Refusal;
use CrowdSky\Chunks\ChunkKey;
use CrowdSky\Fits\Equinox;
use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Fits\StoredParts;
use CrowdSky\Http\JsonBody;
use CrowdSky\Results\ArchivedName;

/**
 * What a stack says about the job that made it: what its site told the worker, or else what its header and its name say.
 */
final class JobFacts
{
    private const STORED_TIME = '/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/D';

    /** @param array<string, mixed> $columns of stacking_jobs, without id, owner, session and state */
    private function __construct(
        /** number of the job at the site that made the stack; of a rescan, that of the first job */
        public readonly int $jobId,
        /** names, together with the owner and the archive, the upload that the job belonged to */
        public readonly string $upload,
        public readonly ?string $workerName,
        public readonly array $columns,
        /** what a rescan has left as it was; null unless a rescan has written the stack */
        public readonly ?JsonBody $stack,
    ) {
    }

    /** @throws Refusal when the stack has facts that contradict its name or are not what a site writes */
    public static function of(ArchivedName $name, StoredParts $parts): self
    {
        $text = $parts->text('JOBFACTS');
        return $text === null ? self::fromHeader($name, $parts->primary()) : self::fromJson($name, JsonBody::parse($text), self::namedUnit($parts->primary()));
    }

    private static function fromJson(ArchivedName $name, JsonBody $body, ?string $telescope): self
    {
        $columns = [
            'chunk_key' => $body->text('chunk_key', 64),
            'chunk_key_hp' => $body->text('chunk_key_hp', 64),
            'time_block' => $body->text('time_block', 16),
            'group_key' => $body->text('group_key', 191),
            'object_name' => $body->optionalText('object_name', 255),
            'frame_count' => $body->optionalInt('frame_count', 0, 1_000_000) ?? throw $body->wrong('frame_count', 'is missing'),
            'total_bytes' => $body->optionalInt('total_bytes', 0, PHP_INT_MAX) ?? throw $body->wrong('total_bytes', 'is missing'),
            'ra_deg' => $body->optionalFloat('ra_deg', -360.0, 360.0),
            'dec_deg' => $body->optionalFloat('dec_deg', -90.0, 90.0),
            'telescope' => $telescope ?? $body->optionalText('telescope', 80),
            'filter_name' => $body->optionalText('filter_name', 80),
            'fits_exptime' => $body->optionalFloat('fits_exptime', 0.0, 1e8),
            'eq_mode' => $body->optionalInt('eq_mode', 0, 1),
            'created_at' => self::time($body, 'created_at'),
        ];
        if ($columns['chunk_key'] !== $name->chunkKey) {
            throw $body->wrong('chunk_key', "is {$columns['chunk_key']}, but its name says {$name->chunkKey}");
        }
        return new self(
            $body->id('job_id'),
            'session ' . $body->id('upload_session_id'),
            $body->optionalText('worker_name', 64),
            $columns,
            $body->optionalObject('stack'),
        );
    }

    /** A stored time; the database would refuse another one only on one of its engines. */
    public static function time(JsonBody $body, string $field): string
    {
        $text = $body->text($field, 19);
        return preg_match(self::STORED_TIME, $text) === 1 && strtotime("$text UTC") !== false ? $text : throw $body->wrong($field, 'is no time');
    }

    /**
     * The telescope with the unit that its site gave it: another site, or another account, would give it another one.
     *
     * @return string|null null where the subs name the unit
     */
    private static function namedUnit(HeaderCards $cards): ?string
    {
        return $cards->text('TELE-SUB') === null ? null : self::cut($cards->text('TELESCOP'), 80);
    }

    private static function fromHeader(ArchivedName $name, HeaderCards $cards): self
    {
        // Written as "job 12, chunk 20260101.00_192.7_+41.1".
        $jobId = preg_match('/^job ([0-9]{1,18})\b/', $cards->text('JOBID') ?? '', $match) === 1 ? (int) $match[1] : $name->jobId;
        $timeBlock = substr(explode('_', $name->chunkKey)[0], 0, 16);
        $pointing = SkyPosition::fromDegrees(
            $cards->number('RA-SUB') ?? $cards->number('RA'),
            $cards->number('DEC-SUB') ?? $cards->number('DEC'),
        );
        $sky = Equinox::skyOfStack($cards);
        $eqMode = $cards->integer('EQMODE');
        return new self($jobId, "job $jobId, $name->chunkKey", null, [
            'chunk_key' => $name->chunkKey,
            'chunk_key_hp' => $name->chunkKey === $timeBlock ? $timeBlock : ChunkKey::of($timeBlock, $pointing)->healpixLabel,
            'time_block' => $timeBlock,
            'group_key' => 'adopted',
            'object_name' => self::cut($cards->text('OBJECT'), 255),
            'frame_count' => max(0, $cards->integer('NINPUT') ?? $cards->integer('NIMAGES') ?? 0),
            'total_bytes' => 0,
            'ra_deg' => $sky?->ra,
            'dec_deg' => $sky?->dec,
            'telescope' => self::cut($cards->text('TELESCOP'), 80),
            'filter_name' => self::cut($cards->text('FILTER'), 80),
            'fits_exptime' => null,
            'eq_mode' => in_array($eqMode, [0, 1], true) ? $eqMode : null,
        ], null);
    }

    private static function cut(?string $text, int $length): ?string
    {
        return $text === null ? null : mb_substr(mb_scrub($text, 'UTF-8'), 0, $length);
    }
}
