<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Storage\StoragePath;

/**
 * The name of a file in storage by which a site shows that the stacks there are in its custody.
 */
final class Mark
{
    public function __construct(
        public readonly string $archiveId,
        /** 16 hex digits, new with every renewal */
        public readonly string $nonce,
    ) {
    }

    /** Returns the folder of the marks, which holds nothing else. */
    public static function folder(string $base): string
    {
        return "$base/site";
    }

    public static function parse(string $base, string $path): ?self
    {
        $pattern = '#^' . preg_quote(self::folder($base), '#') . '/mark_([0-9a-f]{16})_([0-9a-f]{16})\.json$#D';
        return preg_match($pattern, $path, $match) === 1 ? new self($match[1], $match[2]) : null;
    }

    public function path(string $base): string
    {
        return StoragePath::check(self::folder($base) . "/mark_{$this->archiveId}_{$this->nonce}.json");
    }
}
