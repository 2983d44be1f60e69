<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/** Subs, found by the exposure that they show: the first sub of each exposure is its own. */
final class SeenLight
{
    /** @var array<string, list<RawSub>> by everything that two subs of one exposure may share */
    private array $subs = [];

    /** @param iterable<RawSub> $subs */
    public function __construct(iterable $subs = [])
    {
        foreach ($subs as $sub) {
            $this->add($sub);
        }
    }

    public function add(RawSub $sub): void
    {
        foreach (self::marks($sub) as $mark) {
            $this->subs[$mark][] = $sub;
        }
    }

    /** The first of these subs that shows the exposure of another one, null if none does. */
    public function find(RawSub $other): ?SameLight
    {
        foreach (self::marks($other) as $mark) {
            foreach ($this->subs[$mark] ?? [] as $sub) {
                $shared = $sub->exposure->sharedWith($other->exposure);
                if ($shared !== null) {
                    return new SameLight($sub, $shared);
                }
            }
        }

        return null;
    }

    /** @return list<string> */
    private static function marks(RawSub $sub): array
    {
        $exposure = $sub->exposure;
        $beginning = $exposure->beginning();

        return [
            "file $exposure->sha256",
            ...($beginning === null ? [] : ["start $beginning"]),
            ...($exposure->pixelMark === null ? [] : ["pixels $exposure->pixelMark"]),
        ];
    }
}
