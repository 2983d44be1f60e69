<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Sky\FootprintArea;
use CrowdSky\Sky\Moc;
use CrowdSky\Sky\SolvedStack;
use CrowdSky\Sky\SolvedStacks;

/** Which stacks belong into which cell of the HiPS: those that are public, solved and calibrated. */
final class HipsPlan
{
    /** Stacks of one cell, those with the most light: a build must end within a night. */
    private const MOST_STACKS = 200;
    private const BATCH = 500;
    private const CELL_BITS = 2 * (Moc::ORDER - 3);

    public function __construct(private readonly SolvedStacks $stacks)
    {
    }

    /** @return array<int, array<int, string>> cell => hashes of its stacks by id */
    public function cells(): array
    {
        set_time_limit(0);
        $hashes = $this->stacks->hashes();
        $exposures = [];
        foreach (array_chunk(array_keys($hashes), self::BATCH) as $batch) {
            foreach ($this->stacks->byId($batch) as $stack) {
                foreach (self::cellsOf($stack) as $cell) {
                    $exposures[$cell][$stack->id] = $stack->exposure ?? 0.0;
                }
            }
        }
        $plan = [];
        foreach ($exposures as $cell => $ofStacks) {
            arsort($ofStacks);
            $plan[$cell] = array_intersect_key($hashes, array_slice($ofStacks, 0, self::MOST_STACKS, true));
        }
        ksort($plan);
        return $plan;
    }

    /** @return list<int> */
    private static function cellsOf(SolvedStack $stack): array
    {
        foreach (['r', 'g', 'b'] as $plane) {
            if ($stack->photometry?->get('zero_point', $plane) === null) {
                return [];
            }
        }
        $cells = [];
        foreach ($stack->footprint === null ? [] : (new FootprintArea($stack->footprint))->touched(Moc::ORDER) as [$first, $last]) {
            for ($cell = self::cellOf($first); $cell <= self::cellOf($last); $cell++) {
                $cells[$cell] = $cell;
            }
        }
        return array_values($cells);
    }

    /** The cell that holds a pixel of a MOC. */
    public static function cellOf(int $pixel): int
    {
        return $pixel >> self::CELL_BITS;
    }
}
