<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Admin;

/** A chart as the table that the page prints; assets/js/admin/charts.js draws it from there. */
final class Chart
{
    public const BARS = 'bars';
    public const LINES = 'lines';
    public const COUNT = 'count';
    public const SECONDS = 'seconds';
    public const HOURS = 'hours';
    public const BYTES = 'bytes';

    /**
     * @param string $name that the page's addresses use
     * @param string $form BARS, one upon the other, or LINES
     * @param string $unit COUNT, SECONDS, HOURS or BYTES
     * @param array<string, list<int|float|null>> $series values of each part, by the name that people read; null where unknown
     * @param string $sum what all of it comes to, or why there is nothing to show
     */
    public function __construct(
        public readonly string $name,
        public readonly string $title,
        public readonly string $form,
        public readonly string $unit,
        public readonly array $series,
        public readonly string $sum,
        /** name of the series that is bad news, null for none */
        public readonly ?string $bad = null,
    ) {
    }

    /** Whether there is anything to draw. */
    public function isEmpty(): bool
    {
        foreach ($this->series as $values) {
            if (array_filter($values) !== []) {
                return false;
            }
        }

        return true;
    }
}
