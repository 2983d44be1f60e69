<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Format;

/** What came of a look at all fields. */
final class CalibrationReport
{
    public int $queued = 0;
    public int $waiting = 0;
    public int $current = 0;
    /** changed, but calibrated or tried too short a time ago */
    public int $later = 0;
    /** without two epochs that share stars */
    public int $alone = 0;
    /** @var list<string> sentences about jobs that have failed */
    public array $failed = [];

    public function __construct(private readonly int $hours)
    {
    }

    public function asText(): string
    {
        $text = Format::count($this->queued, 'calibration', 'calibrations') . " queued, {$this->waiting} waiting already, "
            . "{$this->current} up to date, {$this->later} changed less than {$this->hours} h after the last one, "
            . "{$this->alone} without two stacks that share stars\n";
        return $text . implode('', array_map(static fn (string $line): string => "$line\n", $this->failed));
    }
}
