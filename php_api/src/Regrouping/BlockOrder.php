<?php

declare(strict_types=1);

namespace CrowdSky\Regrouping;

/** Blocks of time as numbers: neighbours differ by 1, also over midnight. */
final class BlockOrder
{
    /** Blocks before and after a chunk that are looked at, in minutes. */
    private const AROUND_MINUTES = 240;

    public function __construct(private readonly int $blockMinutes)
    {
    }

    /** @param string $block such as `20250115.78` */
    public function number(string $block): int
    {
        [$day, $number] = explode('.', $block) + ['', '0'];
        $moment = \DateTimeImmutable::createFromFormat('!Ymd', $day, new \DateTimeZone('UTC'));

        return $moment === false ? 0 : intdiv($moment->getTimestamp(), 86_400) * $this->perDay() + (int) $number;
    }

    public function areNear(string $one, string $other): bool
    {
        return abs($this->number($one) - $this->number($other)) * $this->blockMinutes <= self::AROUND_MINUTES;
    }

    /** @return array{string, string} texts between which the names of all near blocks are, in the order of texts */
    public function daysAround(string $block): array
    {
        $seconds = intdiv($this->number($block), $this->perDay()) * 86_400;

        return [gmdate('Ymd', $seconds - 86_400), gmdate('Ymd', $seconds + 2 * 86_400)];
    }

    private function perDay(): int
    {
        return intdiv(1440 + $this->blockMinutes - 1, $this->blockMinutes);
    }
}
