<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Base\Format;

/** What came of a look at all cells. */
final class HipsReport
{
    public int $queued = 0;
    public int $waiting = 0;
    public int $current = 0;
    public int $removed = 0;
    /** @var list<int> stacks that are left out because their file cannot be read */
    public array $unreadable = [];

    public function asText(): string
    {
        $text = Format::count($this->queued, 'region', 'regions') . " queued, {$this->waiting} waiting already, "
            . "{$this->current} up to date, {$this->removed} removed\n";
        return $this->unreadable === [] ? $text : $text . 'stacks whose file cannot be read: ' . implode(', ', array_unique($this->unreadable)) . "\n";
    }
}
