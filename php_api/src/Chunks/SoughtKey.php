<?php

declare(strict_types=1);

namespace CrowdSky\Chunks;

/**
 * A chunk key by which somebody looks for stacks: in either form, `20260227.87_83.8_-5.4` or `20260227.87_HP107383`, and
 * with what clients change in it.
 */
final class SoughtKey
{
    private const NOWHERE = '_HP000000';

    /** @param non-empty-list<string> $labels what a stack with this key may have as its chunk_key or chunk_key_hp */
    private function __construct(public readonly array $labels)
    {
    }

    public static function of(string $sent): self
    {
        // In an address, a plus sign that was not encoded means a blank; no key has one.
        $key = str_replace(' ', '+', trim($sent));
        if (preg_match('/^(\d{8})\.(\d)(_.*)?$/D', $key, $part) === 1) {
            $key = "$part[1].0$part[2]" . ($part[3] ?? '');
        }

        // Clients without coordinates write the pixel at the pole; our keys of such frames have no pixel.
        return new self(str_ends_with($key, self::NOWHERE) ? [$key, substr($key, 0, -strlen(self::NOWHERE))] : [$key]);
    }
}
