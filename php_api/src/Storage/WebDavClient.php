<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * Single WebDAV requests over curl: no redirects, bounded waiting, bodies streamed in both directions.
 */
final class WebDavClient
{
    private const CONNECT_SECONDS = 10;
    /** A transfer that is slower than this for STALL_SECONDS is aborted. */
    private const MIN_BYTES_PER_SECOND = 1024;
    private const STALL_SECONDS = 60;
    private const REQUEST_SECONDS = 60;
    public const MULTI_STATUS = 207;
    private const BAD_REQUEST = 400;
    /** Answers to a MOVE to another server, which a target with another scheme seems to be. */
    private const FOREIGN_DESTINATION = [self::BAD_REQUEST, 502];

    public function __construct(private readonly string $url, private readonly string $token)
    {
    }

    /** Full address of a path of the share. */
    public function address(string $path): string
    {
        return $this->url . implode('/', array_map(rawurlencode(...), explode('/', $path)));
    }

    /**
     * Sends a request whose bodies do not matter.
     *
     * @param list<string> $headers
     * @throws StorageUnavailable when there is no answer
     */
    public function request(string $method, string $path, array $headers = []): WebDavAnswer
    {
        return $this->perform($method, $path, [
            CURLOPT_CUSTOMREQUEST => $method,
            CURLOPT_NOBODY => $method === 'HEAD',
            CURLOPT_TIMEOUT => self::REQUEST_SECONDS,
            CURLOPT_HTTPHEADER => $headers,
            CURLOPT_WRITEFUNCTION => static fn (\CurlHandle $curl, string $piece): int => strlen($piece),
        ]);
    }

    /** PUT with a Content-Length; asks Nextcloud for the hash of what it received. */
    public function upload(SpooledFile $file, string $path): WebDavAnswer
    {
        $handle = fopen($file->path, 'rb');
        try {
            return $this->perform('PUT', $path, [
                CURLOPT_UPLOAD => true,
                CURLOPT_INFILE => $handle,
                CURLOPT_INFILESIZE => $file->size,
                CURLOPT_HTTPHEADER => ['X-Hash: sha256', 'Content-Type: application/octet-stream', 'Expect:'],
                CURLOPT_WRITEFUNCTION => static fn (\CurlHandle $curl, string $piece): int => strlen($piece),
            ]);
        } finally {
            fclose($handle);
        }
    }

    /**
     * GET of a part or the whole; only the body of a 200 or 206 reaches $sink.
     *
     * @param callable(string): void $sink
     */
    public function download(string $path, callable $sink, int $offset, ?int $length): WebDavAnswer
    {
        if ($length === 0) {
            return $this->request('HEAD', $path);
        }
        $window = new DownloadWindow($sink, $offset, $length);
        $options = [CURLOPT_WRITEFUNCTION => $window->take(...)];
        if ($offset > 0 || $length !== null) {
            $options[CURLOPT_RANGE] = $offset . '-' . ($length === null ? '' : $offset + $length - 1);
        }
        return $this->perform('GET', $path, $options, $window);
    }

    /**
     * PROPFIND of a folder and what lies directly in it; only the body of a 207 reaches $file.
     *
     * @param resource $file
     */
    public function propfind(string $folder, mixed $file): WebDavAnswer
    {
        // With a trailing slash: some servers redirect requests for a folder without it.
        return $this->perform('PROPFIND', "$folder/", [
            CURLOPT_CUSTOMREQUEST => 'PROPFIND',
            CURLOPT_POSTFIELDS => WebDavListing::QUESTION,
            CURLOPT_HTTPHEADER => ['Depth: 1', 'Content-Type: application/xml; charset=utf-8'],
            CURLOPT_WRITEFUNCTION => static function (\CurlHandle $curl, string $piece) use ($file): int {
                $isListing = curl_getinfo($curl, CURLINFO_RESPONSE_CODE) === self::MULTI_STATUS;
                return $isListing ? (int) fwrite($file, $piece) : strlen($piece);
            },
        ]);
    }

    /**
     * MOVE to another name of the share; a taken name is never overwritten.
     *
     * Behind a proxy that ends TLS, a server sees `https` in the address of the target and `http` in its own, and refuses
     * it with 400 or 502; most then take the path alone.
     *
     * @return WebDavAnswer the first one when the server takes neither form
     * @throws StorageUnavailable when there is no answer
     */
    public function move(string $from, string $to): WebDavAnswer
    {
        $address = $this->address($to);
        $answer = $this->moveTo($from, $address);
        if (!$this->isForeign($answer)) {
            return $answer;
        }
        $again = $this->moveTo($from, (string) parse_url($address, PHP_URL_PATH));
        return $again->status === self::BAD_REQUEST ? $answer : $again;
    }

    /** Whether a MOVE was refused because the server takes the address of the target for that of another server. */
    public function isForeign(WebDavAnswer $move): bool
    {
        return str_starts_with($this->url, 'https:') && in_array($move->status, self::FOREIGN_DESTINATION, true);
    }

    /** Decoded path of the share's own address, with which the addresses in a listing begin. */
    public function sharePath(): string
    {
        return rawurldecode(rtrim((string) parse_url($this->url, PHP_URL_PATH), '/'));
    }

    private function moveTo(string $from, string $destination): WebDavAnswer
    {
        return $this->request('MOVE', $from, ["Destination: $destination", 'Overwrite: F']);
    }

    /** @param array<int, mixed> $options */
    private function perform(string $method, string $path, array $options, ?DownloadWindow $window = null): WebDavAnswer
    {
        $sha256 = null;
        $curl = curl_init($this->address($path));
        $headers = [...($options[CURLOPT_HTTPHEADER] ?? []), 'X-Requested-With: XMLHttpRequest', 'Accept-Encoding: identity'];
        curl_setopt_array($curl, [CURLOPT_HTTPHEADER => $headers] + $options + [
            CURLOPT_USERPWD => "{$this->token}:",
            CURLOPT_HTTPAUTH => CURLAUTH_BASIC,
            // A redirect may lead to another host, which must not get the token or a file.
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_CONNECTTIMEOUT => self::CONNECT_SECONDS,
            CURLOPT_LOW_SPEED_LIMIT => self::MIN_BYTES_PER_SECOND,
            CURLOPT_LOW_SPEED_TIME => self::STALL_SECONDS,
            CURLOPT_HEADERFUNCTION => static function (\CurlHandle $curl, string $line) use (&$sha256): int {
                if (preg_match('/^x-hash-sha256:\s*([0-9a-f]{64})\s*$/i', $line, $match) === 1) {
                    $sha256 = strtolower($match[1]);
                }
                return strlen($line);
            },
        ]);
        $done = curl_exec($curl);
        if ($done === false && !($window?->isComplete() ?? false)) {
            throw new StorageUnavailable("$method $path: " . curl_error($curl));
        }
        $length = (int) curl_getinfo($curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T);
        return new WebDavAnswer((int) curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $length < 0 ? null : $length, $sha256);
    }
}
