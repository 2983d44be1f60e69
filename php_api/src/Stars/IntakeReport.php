<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Base\Format;

/** What came of reading the stars of stacks. */
final class IntakeReport
{
    /** Whether no stack is left that could be read. */
    public bool $isComplete = true;
    /** @var list<int> stacks whose file is missing in storage */
    public array $missing = [];
    private int $read = 0;
    private int $stars = 0;
    /** @var array<string, int> number of stacks by why they have no stars */
    private array $reasons = [];

    /** @param string|null $reason why a stack has no stars */
    public function add(int $stars, ?string $reason): void
    {
        $this->read++;
        $this->stars += $stars;
        if ($reason !== null) {
            $this->reasons[$reason] = ($this->reasons[$reason] ?? 0) + 1;
        }
    }

    /** Number of stacks that were looked at. */
    public function stacks(): int
    {
        return $this->read + count($this->missing);
    }

    public function asText(): string
    {
        $text = Format::count($this->read, 'stack', 'stacks') . ' read, ' . Format::count($this->stars, 'observation', 'observations')
            . ' of stars' . ($this->isComplete ? '' : '; more stacks are waiting') . "\n";
        foreach ($this->reasons as $reason => $count) {
            $text .= Format::count($count, 'stack', 'stacks') . " without stars: $reason\n";
        }
        return $this->missing === [] ? $text : $text . 'stacks whose file is missing in storage: ' . implode(', ', $this->missing) . "\n";
    }
}
