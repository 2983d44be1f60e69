<?php

declare(strict_types=1);

namespace CrowdSky\Changes;

/**
 * Chooses which of the stacks that share subs count, so that light counts once.
 *
 * A stack is left out if half of its subs or more are in stacks that count. Of two that could stand for each other, the
 * one that comes first counts; of a small one and a large one that holds it, the large one. With less in common, both
 * count; sums take the common subs once.
 */
final class LightChoice
{
    /** @var list<LightStack> */
    private array $counting = [];

    /** @param list<LightStack> $stacks that one viewer sees, in the order in which they come first */
    private function __construct(private readonly array $stacks)
    {
        $removed = [];
        do {
            $this->counting = self::inOrder($stacks, $removed);
            $small = $this->heldByOthers();
            $removed += $small === null ? [] : [$small => true];
        } while ($small !== null);
    }

    /**
     * @param list<LightStack> $stacks that one viewer sees
     * @param int|null $viewerId whose own stacks come first
     * @return array<int, array{?int, float}> by stack: the one that has its light (null: it counts), and the share of its subs
     *     that one before it has, too
     */
    public static function of(array $stacks, ?int $viewerId): array
    {
        $place = static fn (LightStack $one): array => [!$one->hasStars, $one->ownerId !== $viewerId, $one->publicRank ?? PHP_INT_MAX, $one->id];
        usort($stacks, static fn (LightStack $one, LightStack $other): int => $place($one) <=> $place($other));

        return (new self($stacks))->choices();
    }

    /** @return array<int, array{?int, float}> */
    private function choices(): array
    {
        $counts = array_fill_keys(array_column($this->counting, 'id'), true);
        $others = array_filter($this->stacks, static fn (LightStack $one): bool => !isset($counts[$one->id]));
        [$choices, $seen] = [[], []];
        foreach ([...$this->counting, ...$others] as $stack) {
            $repeated = $stack->subs === [] ? 0.0 : (float) ($stack->shared($seen) / count($stack->subs));
            $choices[$stack->id] = [isset($counts[$stack->id]) ? null : $this->holderOf($stack), $repeated];
            $seen += $stack->subs;
        }

        return $choices;
    }

    /**
     * @param list<LightStack> $stacks
     * @param array<int, true> $removed
     * @return list<LightStack> those that are not mostly in the ones before them
     */
    private static function inOrder(array $stacks, array $removed): array
    {
        [$counting, $seen] = [[], []];
        foreach ($stacks as $stack) {
            if (!isset($removed[$stack->id]) && !$stack->isMostlyIn($seen)) {
                $counting[] = $stack;
                $seen += $stack->subs;
            }
        }

        return $counting;
    }

    /** @return int|null the smallest of those that count although others that count have most of it */
    private function heldByOthers(): ?int
    {
        $bySize = $this->counting;
        usort($bySize, static fn (LightStack $one, LightStack $other): int => count($one->subs) <=> count($other->subs));
        foreach ($bySize as $stack) {
            // One without stars has no light to give.
            $others = array_filter($this->counting, static fn (LightStack $other): bool => $other !== $stack && ($other->hasStars || !$stack->hasStars));
            if ($stack->isMostlyIn(array_replace([], ...array_column($others, 'subs')))) {
                return $stack->id;
            }
        }

        return null;
    }

    /** The one of those that count that has most of a stack. */
    private function holderOf(LightStack $stack): ?int
    {
        [$holder, $most] = [null, 0];
        foreach ($this->counting as $other) {
            $shared = $stack->shared($other->subs);
            [$holder, $most] = $shared > $most ? [$other->id, $shared] : [$holder, $most];
        }

        return $holder;
    }
}
