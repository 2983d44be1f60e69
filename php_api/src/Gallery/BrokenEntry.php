<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

/** A stack has other bytes in storage than were archived, so the ZIP file that was to hold it ends there. */
final class BrokenEntry extends \RuntimeException
{
    public static function of(string $name, int $expected, int $got): self
    {
        return new self("The file $name in storage does not have the $expected bytes that were archived, but " . ($got > $expected ? 'more' : (string) $got));
    }

    public static function changed(string $name): self
    {
        return new self("The file $name in storage has other content than was archived");
    }
}
