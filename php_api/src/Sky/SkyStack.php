<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Fits\CardTable;

/**
 * One stack as a viewer gets it in lists. Coordinates are degrees (ICRS), times ISO UTC without zone, and texts that are
 * none of the known ones are null for everybody but the owner.
 */
final class SkyStack
{
    private function __construct(
        public readonly int $id,
        /** whether it is the viewer's own */
        public readonly bool $isOwn,
        /** `20250115.78_83.6_+22.0` */
        public readonly string $chunkKey,
        /** `20250115.78_HP061302` */
        public readonly string $healpixKey,
        public readonly ?string $objectName,
        public readonly ?string $telescope,
        public readonly ?string $filterName,
        public readonly ?float $ra,
        public readonly ?float $dec,
        /** HEALPix pixel of the place, NSIDE 128 RING */
        public readonly ?int $skyPixel,
        public readonly ?string $dateObsStart,
        public readonly ?string $dateObsEnd,
        /** seconds, all combined subs together */
        public readonly ?float $totalExposure,
        public readonly ?int $eqMode,
        public readonly int $framesInput,
        public readonly int $framesAligned,
        public readonly ?int $starsDetected,
        /** mag/arcsec2 */
        public readonly ?float $skyMag,
        public readonly ?float $limitingMag,
        public readonly int $bytes,
        /** of what the viewer downloads; null if it has not been computed yet */
        public readonly ?string $sha256,
        public readonly bool $isSmoothed,
        public readonly bool $isSolved,
        public readonly ?float $fieldWidth,
        public readonly ?float $fieldHeight,
        /** position angle of the +y axis, degrees east of north */
        public readonly ?float $rotation,
        /** arcsec per pixel */
        public readonly ?float $scale,
        /** JSON, see wcs() */
        public readonly ?string $storedWcs,
        public readonly bool $hasThumbnail,
        public readonly bool $hasStars,
        /** whether it was found missing from storage or changed there */
        public readonly bool $isDamaged,
        /** stored form */
        public readonly string $createdAt,
    ) {
    }

    /** @param array<string, mixed> $row of StackSearch */
    public static function fromRow(array $row, Viewer $viewer): self
    {
        $isOwn = $viewer->owns((int) $row['user_id']);
        $number = static fn (string $column): ?float => $row[$column] === null ? null : (float) $row[$column];
        $integer = static fn (string $column): ?int => $row[$column] === null ? null : (int) $row[$column];
        $text = static fn (string $column, string $card): ?string => $isOwn ? $row[$column] : CardTable::get()->publicText($card, $row[$column]);

        return new self(
            id: (int) $row['id'],
            isOwn: $isOwn,
            chunkKey: $row['chunk_key'],
            healpixKey: $row['chunk_key_hp'],
            objectName: $text('object_name', 'OBJECT'),
            telescope: $text('telescope', 'TELESCOP'),
            filterName: $text('filter_name', 'FILTER'),
            ra: $number('ra_deg'),
            dec: $number('dec_deg'),
            skyPixel: $integer('sky_pixel'),
            dateObsStart: $row['date_obs_start'],
            dateObsEnd: $row['date_obs_end'],
            totalExposure: $number('total_exptime'),
            eqMode: $integer('eq_mode'),
            framesInput: (int) $row['n_frames_input'],
            framesAligned: (int) $row['n_frames_aligned'],
            starsDetected: $integer('n_stars_detected'),
            skyMag: $number('sky_mag'),
            limitingMag: $number('limiting_mag'),
            bytes: (int) $row['file_size_bytes'],
            sha256: $isOwn ? $row['sha256'] : $row['public_sha256'],
            isSmoothed: (bool) $row['is_smoothed'],
            isSolved: (bool) $row['solved'],
            fieldWidth: $number('field_width_deg'),
            fieldHeight: $number('field_height_deg'),
            rotation: $number('rotation_deg'),
            scale: $number('scale_arcsec'),
            storedWcs: $row['solved'] ? $row['wcs'] : null,
            hasThumbnail: $row['thumbnail_path'] !== null,
            hasStars: $row['stars_path'] !== null,
            isDamaged: $row['damaged_at'] !== null,
            createdAt: $row['created_at'],
        );
    }

    /** @return array<string, mixed>|null crpix (first pixel is 1), crval, cd, corners, width and height; null where it is not solved */
    public function wcs(): ?array
    {
        return $this->storedWcs === null ? null : json_decode($this->storedWcs, true, 8, JSON_THROW_ON_ERROR);
    }

    /** Where the page after this stack begins; see StackSearch. */
    public function cursor(): string
    {
        return "{$this->dateObsStart}~{$this->id}";
    }

    /** A name for its file that no other stack has, in plain characters. */
    public function fileName(): string
    {
        $object = mb_substr($this->objectName ?? 'unknown', 0, 100);

        return preg_replace('/[^A-Za-z0-9._+-]+/', '_', ltrim("{$object}_{$this->healpixKey}_{$this->id}", '.')) . '.fits';
    }
}
