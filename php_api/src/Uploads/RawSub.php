<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\ChunkGrouping;
use CrowdSky\Chunks\Closeness;
use CrowdSky\Chunks\Exposure;
use CrowdSky\Chunks\Frame;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Fits\Equinox;
use CrowdSky\Fits\HeaderClock;
use CrowdSky\Fits\ObservationTime;
use CrowdSky\Fits\Precession;
use CrowdSky\Fits\SkyPosition;

/** A stored sub: the file, the facts that decide its chunk, and what tells its exposure from others. */
final class RawSub
{
    private function __construct(
        public readonly Frame $frame,
        public readonly Exposure $exposure,
        public readonly string $filename,
        /** null for a sub of an upload that is not finalized */
        public readonly ?int $jobId,
        public readonly int $bytes,
    ) {
    }

    /** @param array<string, mixed> $row of the table raw_files */
    public static function fromRow(array $row): self
    {
        $number = fn (string $column) => $row[$column] === null ? null : (float) $row[$column];
        $frame = new Frame(
            id: (int) $row['id'],
            timeBlock: (string) $row['time_block'],
            position: SkyPosition::fromDegrees($number('fits_ra'), $number('fits_dec')),
            object: $row['fits_object'],
            telescope: $row['telescope'],
            filter: $row['filter_name'],
            exposure: $number('fits_exptime'),
            width: (int) $row['naxis1'],
            height: (int) $row['naxis2'],
            bayerPattern: $row['bayer_pattern'],
            eqMode: $row['eq_mode'] === null ? null : (int) $row['eq_mode'],
            clock: HeaderClock::tryFrom($row['header_clock'] ?? ''),
            isWide: (bool) $row['is_wide'],
            equinox: $number('fits_equinox') ?? self::equinoxOf($row),
        );
        $exposure = new Exposure(
            sha256: (string) $row['sha256'],
            pixelMark: $row['pixel_mark'],
            telescope: $row['telescope'],
            // Telescopes with two cameras use both at the same time.
            instrument: $row['is_wide'] ? "{$row['instrument']} (wide)" : $row['instrument'],
            startedAt: $row['fits_date_obs'],
            microsecond: $row['fits_microsecond'] === null ? null : (int) $row['fits_microsecond'],
            seconds: $number('fits_exptime'),
        );
        $jobId = $row['job_id'] === null ? null : (int) $row['job_id'];

        return new self($frame, $exposure, (string) $row['filename'], $jobId, (int) $row['file_size_bytes']);
    }

    /** @param array<string, mixed> $row of a sub whose equinox was not stored */
    private static function equinoxOf(array $row): float
    {
        return $row['fits_date_obs'] === null
            ? Precession::J2000
            : Equinox::ofTelescope($row['telescope'], $row['instrument'], ObservationTime::parse($row['fits_date_obs']));
    }

    /**
     * @param list<self> $subs
     * @return list<non-empty-list<self>> the chunks of these subs, which stay in their order
     */
    public static function chunks(array $subs, Closeness $closeness): array
    {
        $byId = [];
        foreach ($subs as $sub) {
            $byId[$sub->frame->id] = $sub;
        }
        $groups = (new ChunkGrouping($closeness))->group(array_map(fn (self $sub) => $sub->frame, $subs));

        return array_map(fn (FrameGroup $group) => array_map(fn (int $id) => $byId[$id], $group->frameIds()), $groups);
    }

    /** @param non-empty-list<self> $subs of one chunk */
    public static function group(array $subs): FrameGroup
    {
        return new FrameGroup(array_map(fn (self $sub) => $sub->frame, $subs));
    }
}
