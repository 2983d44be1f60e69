<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Fits\CardTable;
use CrowdSky\Sky\Viewer;

/**
 * One stack as a gallery shows it. Times are ISO UTC without zone, coordinates degrees (ICRS), and texts that are none of
 * the known ones are null for everybody but the owner.
 */
final class GalleryStack
{
    public const COLUMNS = 's.id, s.user_id, s.chunk_key, s.object_name, s.telescope, s.filter_name, s.date_obs_start, s.total_exptime,
        s.n_frames_input, s.n_frames_aligned, s.ra_deg, s.dec_deg, s.fwhm_arcsec, s.file_size_bytes, s.thumbnail_path, s.damaged_at,
        s.visibility, m.solved, (SELECT o.stacks_public FROM users o WHERE o.id = s.user_id) AS stacks_public';

    private function __construct(
        public readonly int $id,
        public readonly bool $isOwn,
        public readonly bool $isPublic,
        public readonly ?string $object,
        public readonly ?string $telescope,
        public readonly ?string $filter,
        public readonly ?string $start,
        /** seconds, all combined subs together */
        public readonly ?float $exposure,
        public readonly int $framesInput,
        public readonly int $framesAligned,
        public readonly ?float $ra,
        public readonly ?float $dec,
        /** arcsec, FWHM of the stars */
        public readonly ?float $seeing,
        public readonly int $bytes,
        public readonly bool $hasThumbnail,
        public readonly bool $isDamaged,
        /** null when it was never measured */
        public readonly ?bool $isSolved,
        /** the value by which the list is ordered, as GalleryList reads it back */
        public readonly string $place,
    ) {
    }

    /** @param array<string, mixed> $row of COLUMNS */
    public static function fromRow(array $row, Viewer $viewer, GalleryOrder $order): self
    {
        $isOwn = $viewer->owns((int) $row['user_id']);
        $number = static fn (string $column): ?float => $row[$column] === null ? null : (float) $row[$column];
        $text = static fn (string $column, string $card): ?string => $isOwn ? $row[$column] : CardTable::get()->publicText($card, $row[$column]);
        $place = $row[substr($order->column(), 2)];

        return new self(
            id: (int) $row['id'],
            isOwn: $isOwn,
            isPublic: $row['visibility'] === 'public' || ($row['visibility'] === 'inherit' && (bool) $row['stacks_public']),
            object: $text('object_name', 'OBJECT'),
            telescope: $text('telescope', 'TELESCOP'),
            filter: $text('filter_name', 'FILTER'),
            start: $row['date_obs_start'],
            exposure: $number('total_exptime'),
            framesInput: (int) $row['n_frames_input'],
            framesAligned: (int) $row['n_frames_aligned'],
            ra: $number('ra_deg'),
            dec: $number('dec_deg'),
            seeing: $number('fwhm_arcsec'),
            bytes: (int) $row['file_size_bytes'],
            hasThumbnail: $row['thumbnail_path'] !== null,
            isDamaged: $row['damaged_at'] !== null,
            isSolved: $row['solved'] === null ? null : (bool) $row['solved'],
            place: ($place === null || is_string($place) ? (string) $place : json_encode((float) $place, JSON_THROW_ON_ERROR)) . "~{$row['id']}",
        );
    }
}
