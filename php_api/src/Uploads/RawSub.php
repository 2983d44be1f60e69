<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\Frame;
use CrowdSky\Chunks\FrameGroup;
use CrowdSky\Fits\SkyPosition;

/** A stored sub: the file, and the facts that decide its chunk. */
final class RawSub
{
    private function __construct(
        public readonly Frame $frame,
        public readonly string $filename,
        public readonly string $sha256,
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
        );

        return new self($frame, (string) $row['filename'], (string) $row['sha256'], (int) $row['file_size_bytes']);
    }

    /** @param non-empty-list<self> $subs of one chunk */
    public static function group(array $subs): FrameGroup
    {
        return new FrameGroup(array_map(fn (self $sub) => $sub->frame, $subs));
    }
}
