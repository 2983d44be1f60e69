<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * One answer within a WebDAV listing, as the server gave it.
 */
final class WebDavEntry
{
    public function __construct(
        /** address or path, still percent-encoded */
        public readonly string $href,
        public readonly bool $isFolder,
        public readonly ?int $size,
        /** Unix time */
        public readonly ?int $modifiedAt,
    ) {
    }

    /**
     * The path below the share.
     *
     * @param string $sharePath path of the share's own address, decoded, without a slash at its end
     * @return string|null null for what lies outside the share
     */
    public function path(string $sharePath): ?string
    {
        $encoded = preg_replace('#^https?://[^/]*#i', '', $this->href) ?? '';
        $path = rtrim(rawurldecode($encoded), '/');
        return str_starts_with("$path/", "$sharePath/") ? substr($path, strlen($sharePath)) : null;
    }
}
