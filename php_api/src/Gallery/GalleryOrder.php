<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

/** In which order a gallery shows stacks; those whose value is unknown come last. */
enum GalleryOrder: string
{
    case Newest = 'newest';
    case Oldest = 'oldest';
    case Longest = 'longest';
    case Sharpest = 'sharpest';

    /** The column of stacked_frames, which has an index. */
    public function column(): string
    {
        return match ($this) {
            self::Newest, self::Oldest => 's.date_obs_start',
            self::Longest => 's.total_exptime',
            self::Sharpest => 's.fwhm_arcsec',
        };
    }

    public function isDescending(): bool
    {
        return $this === self::Newest || $this === self::Longest;
    }

    /** The SQL of the order; the id decides between equal values. */
    public function sql(): string
    {
        $direction = $this->isDescending() ? 'DESC' : 'ASC';

        return "{$this->column()} $direction, s.id $direction";
    }
}
