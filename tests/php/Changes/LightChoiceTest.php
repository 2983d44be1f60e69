<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Changes;

use CrowdSky\Changes\LightChoice;
use CrowdSky\Changes\LightStack;
use PHPUnit\Framework\TestCase;

final class LightChoiceTest extends TestCase
{
    private const ANN = 1;
    private const BOB = 2;

    public function testOfTheSameSubsTheFirstPublishedCountsAndForAnOwnerTheOwn(): void
    {
        $stacks = [$this->stack(1, self::ANN, range(1, 10), rank: 2), $this->stack(2, self::BOB, range(1, 10), rank: 1)];

        self::assertSame([2 => [null, 0.0], 1 => [2, 1.0]], LightChoice::of($stacks, null));
        self::assertSame([1 => [null, 0.0], 2 => [1, 1.0]], LightChoice::of($stacks, self::ANN));
        self::assertSame(2, LightChoice::of($stacks, self::BOB)[1][0]);
    }

    public function testAPartThatIsLessThanHalfLeavesBothAndIsSummedOnce(): void
    {
        $stacks = [$this->stack(1, self::ANN, range(1, 10), rank: 1), $this->stack(2, self::BOB, range(7, 16), rank: 2)];

        self::assertSame([1 => [null, 0.0], 2 => [null, 0.4]], LightChoice::of($stacks, null));
    }

    public function testHalfOfTheSubsIsEnoughToBeLeftOutAndTheOtherHalfIsStillSummed(): void
    {
        $stacks = [$this->stack(1, self::ANN, range(1, 10), rank: 1), $this->stack(2, self::BOB, range(6, 15), rank: 2)];

        self::assertSame([1 => [null, 0.0], 2 => [1, 0.5]], LightChoice::of($stacks, null));
    }

    public function testASmallStackIsLeftOutForTheLargeOneThatHoldsIt(): void
    {
        $stacks = [$this->stack(1, self::ANN, [1, 2], rank: 1), $this->stack(2, self::BOB, range(1, 60), rank: 2)];

        self::assertSame([2 => [null, 0.0], 1 => [2, 1.0]], LightChoice::of($stacks, null));
        self::assertSame(2, LightChoice::of($stacks, self::ANN)[1][0], 'its own light, and more, is in the other one');
    }

    public function testOfAChainTheEndsCount(): void
    {
        $stacks = [
            $this->stack(1, self::ANN, range(1, 10), rank: 1),
            $this->stack(2, self::BOB, range(6, 15), rank: 2),
            $this->stack(3, 3, range(11, 20), rank: 3),
        ];

        self::assertSame([1 => null, 3 => null, 2 => 1], array_map(static fn (array $choice): ?int => $choice[0], LightChoice::of($stacks, null)));
    }

    public function testAStackWithoutStarsStandsForNoOther(): void
    {
        $stacks = [$this->stack(1, self::ANN, range(1, 10), rank: 1, hasStars: false), $this->stack(2, self::BOB, range(1, 10), rank: 2)];

        self::assertSame(2, LightChoice::of($stacks, self::ANN)[1][0]);
        $stacks = [$this->stack(1, self::ANN, range(1, 60), rank: 1, hasStars: false), $this->stack(2, self::BOB, range(1, 10), rank: 2)];
        self::assertSame([null, null], array_column(LightChoice::of($stacks, null), 0));
    }

    /** @param list<int> $subs */
    private function stack(int $id, int $owner, array $subs, int $rank, bool $hasStars = true): LightStack
    {
        return new LightStack($id, $owner, true, $hasStars, $rank, array_fill_keys($subs, true));
    }
}
