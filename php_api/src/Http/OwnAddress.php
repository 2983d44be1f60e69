<?php

declare(strict_types=1);

namespace CrowdSky\Http;

/** Where the server that answers a request shows the site, for a request of the site to itself. */
final class OwnAddress
{
    /** @param array<string, mixed> $server as $_SERVER */
    public function __construct(private readonly array $server, private readonly bool $hasTls)
    {
    }

    /** Scheme, address and port of this very server, whatever host the client has named. */
    public function server(): string
    {
        $address = (string) ($this->server['SERVER_ADDR'] ?? '127.0.0.1');
        $host = str_contains($address, ':') ? "[$address]" : $address;
        return ($this->hasTls ? 'https' : 'http') . "://$host:" . (int) ($this->server['SERVER_PORT'] ?? 80);
    }

    /**
     * Path under which the server would show a file, if it shows the folder that holds it.
     *
     * Derived from the file and the address of the script that answers, whose ends are alike: unlike DOCUMENT_ROOT,
     * this also holds for a folder of a user. Null if the file lies outside of what these two show.
     */
    public function of(string $file): ?string
    {
        $folder = dirname((string) ($this->server['SCRIPT_FILENAME'] ?? ''));
        $address = rtrim(dirname(rawurldecode((string) ($this->server['SCRIPT_NAME'] ?? ''))), '/');
        while (!str_starts_with($file, rtrim($folder, '/') . '/')) {
            if ($address === '' || basename($folder) !== basename($address)) {
                return null;
            }
            [$folder, $address] = [dirname($folder), rtrim(dirname($address), '/')];
        }
        $path = $address . substr($file, strlen(rtrim($folder, '/')));
        return implode('/', array_map(rawurlencode(...), explode('/', $path)));
    }
}
