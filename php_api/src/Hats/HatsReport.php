<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Base\Format;

/** What came of a look at the partitions of the export. */
final class HatsReport
{
    public int $queued = 0;
    public int $waiting = 0;
    public int $current = 0;
    public int $removed = 0;

    public function asText(): string
    {
        return Format::count($this->queued, 'partition', 'partitions') . " queued, {$this->waiting} waiting already, "
            . "{$this->current} up to date, {$this->removed} removed\n";
    }
}
