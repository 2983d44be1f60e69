<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Condition;
use CrowdSky\Sky\StackFilter;
use CrowdSky\Sky\Viewer;

/**
 * What stacks must be like. A stack that lacks a wanted fact is not found, and texts of headers that strangers do not get
 * are no way to find a stack of somebody else.
 */
final class GalleryFacts
{
    public function __construct(
        /** begin of the observation, UTC, ISO form with T and without zone */
        public readonly ?string $start = null,
        public readonly ?string $end = null,
        public readonly ?string $telescope = null,
        public readonly ?string $filter = null,
        /** seconds, all combined subs together */
        public readonly ?float $minExposure = null,
        /** arcsec, FWHM of the stars */
        public readonly ?float $maxSeeing = null,
        public readonly ?bool $isSolved = null,
    ) {
    }

    /** @return list<Facet> of what is wanted */
    public function facets(Viewer $viewer, Spellings $spellings): array
    {
        $telescope = static fn (string $name): Facet => Facet::telescope($name, self::known('TELESCOP', $name, $viewer));
        $filter = static fn (string $name): Facet => Facet::text('s.filter_name', $name, self::known('FILTER', $name, $viewer));
        $facets = [
            Facet::range('s.date_obs_start', $this->start, $this->end),
            $this->telescope === null ? null : Facet::any(array_map($telescope, $spellings->telescopes($this->telescope))),
            $this->filter === null ? null : Facet::any(array_map($filter, $spellings->filters($this->filter))),
            Facet::range('s.total_exptime', $this->minExposure, null),
            Facet::range('s.fwhm_arcsec', null, $this->maxSeeing),
            $this->isSolved === null ? null : Facet::plain(new Condition('COALESCE(m.solved, 0) = ?', [(int) $this->isSolved])),
        ];

        return array_values(array_filter($facets));
    }

    private static function known(string $card, string $text, Viewer $viewer): Condition
    {
        return StackFilter::known($card, $text, Condition::all(), $viewer);
    }
}
