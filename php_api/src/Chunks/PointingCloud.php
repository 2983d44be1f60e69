<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

use CrowdSky\Fits\SkyPosition;

/**
 * Pointings in a box, halved again and again as far as a question needs, so that two clouds of thousands are compared
 * without comparing each pointing with each.
 */
final class PointingCloud
{
    /** @var array{float, float, float} corners of the box that holds the pointings as unit vectors */
    private readonly array $low;
    /** @var array{float, float, float} */
    private readonly array $high;
    /** @var array{self, self}|null */
    private ?array $halves = null;

    /** @param non-empty-list<SkyPosition> $pointings */
    public function __construct(private readonly array $pointings)
    {
        $axes = array_map(null, ...array_map(fn (SkyPosition $pointing) => $pointing->vector(), [...$pointings, $pointings[0]]));
        $this->low = array_map('min', $axes);
        $this->high = array_map('max', $axes);
    }

    /** Whether any pointing here is near any pointing there. */
    public function isNear(self $other, Closeness $closeness): bool
    {
        $answer = $closeness->ofBoxes(...$this->chordsTo($other));
        if ($answer !== null) {
            return $answer;
        }
        if ($this->extent() === 0.0 && $other->extent() === 0.0) {
            return $closeness->areNear($this->pointings[0], $other->pointings[0]);
        }
        [$larger, $smaller] = $this->extent() >= $other->extent() ? [$this, $other] : [$other, $this];
        [$one, $two] = $larger->halves();

        return $one->isNear($smaller, $closeness) || $two->isNear($smaller, $closeness);
    }

    /** Returns the longest side of the box; zero when all pointings are the same. */
    private function extent(): float
    {
        return max($this->lengths());
    }

    /** @return array{float, float, float} */
    private function lengths(): array
    {
        return array_map(fn (float $high, float $low) => $high - $low, $this->high, $this->low);
    }

    /** @return array{float, float} the shortest and the longest chord between the two boxes, squared */
    private function chordsTo(self $other): array
    {
        $shortest = $longest = 0.0;
        for ($axis = 0; $axis < 3; $axis++) {
            $shortest += max(0.0, $other->low[$axis] - $this->high[$axis], $this->low[$axis] - $other->high[$axis]) ** 2;
            $longest += max($other->high[$axis] - $this->low[$axis], $this->high[$axis] - $other->low[$axis]) ** 2;
        }

        return [$shortest, $longest];
    }

    /** @return array{self, self} the halves on both sides of the middle of the longest axis */
    private function halves(): array
    {
        if ($this->halves === null) {
            $axis = array_search($this->extent(), $this->lengths(), true);
            $sorted = $this->pointings;
            usort($sorted, fn (SkyPosition $a, SkyPosition $b) => $a->vector()[$axis] <=> $b->vector()[$axis]);
            $this->halves = array_map(fn (array $half) => new self($half), array_chunk($sorted, intdiv(count($sorted) + 1, 2)));
        }

        return $this->halves;
    }
}
