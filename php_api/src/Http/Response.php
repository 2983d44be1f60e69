<?php

declare(strict_types=1);

namespace CrowdSky\Http;

use CrowdSky\Base\RefusalKind;

/**
 * An answer: status, headers and a body that is a text or is written in pieces while it is sent.
 */
final class Response
{
    private const JSON = 'application/json';

    /** Sent with everything the site answers. */
    private const ALWAYS = [
        'Cache-Control' => 'no-store',
        'X-Content-Type-Options' => 'nosniff',
        'Referrer-Policy' => 'no-referrer',
        'X-Frame-Options' => 'DENY',
    ];

    /**
     * Sent with every page: only our own files run or load, and no other site can frame the page or receive anything.
     */
    private const PAGE_POLICY = "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; connect-src 'self';"
        . " form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    /**
     * @param array<string, string> $headers
     * @param string|\Closure(): void $body a text, or a function that prints the body
     */
    public function __construct(
        public readonly int $status,
        public readonly array $headers,
        public readonly string|\Closure $body,
    ) {
    }

    /** @param array<mixed> $value */
    public static function json(array $value, int $status = 200): self
    {
        $flags = JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;
        return new self($status, ['Content-Type' => self::JSON], json_encode($value, $flags));
    }

    /** @param string $json a whole document that is written already */
    public static function jsonText(string $json): self
    {
        return new self(200, ['Content-Type' => self::JSON], $json);
    }

    public static function html(string $page, int $status = 200): self
    {
        $headers = ['Content-Type' => 'text/html; charset=utf-8', 'Content-Security-Policy' => self::PAGE_POLICY];
        return new self($status, $headers, $page);
    }

    public static function text(string $text): self
    {
        return new self(200, ['Content-Type' => 'text/plain; charset=utf-8'], $text);
    }

    /** Sends a browser to another page of this site; 303 makes it a GET. */
    public static function redirect(string $location): self
    {
        return new self(303, ['Location' => $location], '');
    }

    /** Redirects with 302, as the login page has always done. */
    public static function found(string $location): self
    {
        return new self(302, ['Location' => $location], '');
    }

    public static function noContent(): self
    {
        return new self(204, [], '');
    }

    /** @param array<string, string> $headers */
    public function with(array $headers): self
    {
        return new self($this->status, $headers + $this->headers, $this->body);
    }

    /** The same content with the status and headers of a refusal. */
    public function refusing(RefusalKind $kind, ?int $retryAfterSeconds = null): self
    {
        return new self(Status::of($kind), Status::headers($kind, $retryAfterSeconds) + $this->headers, $this->body);
    }

    /** Sends the answer; with $headOnly without its body, but with the headers of the full answer. */
    public function send(bool $headOnly = false): void
    {
        http_response_code($this->status);
        header_remove('X-Powered-By');
        foreach ($this->headers + self::ALWAYS as $name => $value) {
            header("$name: $value");
        }
        if (is_string($this->body)) {
            if ($this->status !== 204) {
                header('Content-Length: ' . strlen($this->body));
            }
            if (($this->headers['Content-Type'] ?? '') === self::JSON) {
                // In a number, a digit that changes on the way is noticed by nothing else.
                header('X-SHA256: ' . hash('sha256', $this->body));
            }
            echo $headOnly ? '' : $this->body;
            return;
        }
        self::dropOutputBuffers();
        if (!$headOnly) {
            ($this->body)();
        }
    }

    /** Drops output buffers, which would collect a whole file in memory. */
    private static function dropOutputBuffers(): void
    {
        while (ob_get_level() > 0) {
            ob_end_clean();
        }
    }
}
