<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Base\DataFolder;

/**
 * What the public stacks cover, now: the sum is kept in a file and only added to, until a stack that is in it has gone.
 */
final class CoverageMap
{
    private const FILE = 'sky/coverage.json';
    /** Stacks whose ranges are joined at once, which bounds the memory. */
    private const BATCH = 500;

    public function __construct(private readonly SolvedStacks $stacks, private readonly DataFolder $data)
    {
    }

    public function now(): Moc
    {
        $public = $this->stacks->hashes();
        [$known, $moc] = $this->kept();
        // One that is gone, private or solved again may have left its area to nobody.
        if (array_diff_assoc($known, $public) !== []) {
            [$known, $moc] = [[], Moc::ofRanges([])];
        }
        $new = array_diff_key($public, $known);
        foreach (array_chunk(array_keys($new), self::BATCH) as $batch) {
            set_time_limit(0);
            $ranges = [];
            foreach ($this->stacks->byId($batch) as $stack) {
                $known[$stack->id] = $public[$stack->id];
                array_push($ranges, ...($stack->footprint === null ? [] : (new FootprintArea($stack->footprint))->ranges(Moc::ORDER)));
            }
            $moc = $moc->with(Moc::ofRanges($ranges));
        }
        if ($new !== []) {
            $this->keep($known, $moc);
        }
        return $moc;
    }

    /** @return array{array<int, string>, Moc} hashes of the stacks by id, and their coverage */
    private function kept(): array
    {
        $json = @file_get_contents($this->data->path(self::FILE));
        $kept = $json === false ? null : json_decode($json, true);
        if (!is_array($kept) || ($kept['order'] ?? null) !== Moc::ORDER) {
            return [[], Moc::ofRanges([])];
        }
        return [$kept['stacks'], Moc::ofRanges($kept['ranges'])];
    }

    /** @param array<int, string> $stacks */
    private function keep(array $stacks, Moc $moc): void
    {
        $path = $this->data->path(self::FILE);
        $part = $path . '.' . bin2hex(random_bytes(8)) . '.part';
        $json = json_encode(['order' => Moc::ORDER, 'stacks' => (object) $stacks, 'ranges' => $moc->ranges], JSON_THROW_ON_ERROR);
        // Without room on the disk it is computed again.
        if (@file_put_contents($part, $json) !== strlen($json) || !@rename($part, $path)) {
            @unlink($part);
        }
    }
}
