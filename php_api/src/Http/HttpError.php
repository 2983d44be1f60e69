<?php

declare(strict_types=1);

namespace CrowdSky\Http;

/**
 * A request that breaks a rule of HTTP itself (wrong method, range outside the file), or belongs to another address.
 *
 * Everything else that is refused is a Base\Refusal. The message is shown to the client.
 */
final class HttpError extends \RuntimeException
{
    /** @param array<string, string> $headers sent with the answer */
    private function __construct(
        public readonly int $status,
        public readonly string $errorCode,
        string $message,
        public readonly array $headers = [],
    ) {
        parent::__construct($message);
    }

    /** Sends the client to another page of this site. */
    public static function elsewhere(string $location, string $message, string $code): self
    {
        return new self(302, $code, $message, ['Location' => $location]);
    }

    /** @param list<string> $allowed */
    public static function methodNotAllowed(array $allowed): self
    {
        $list = implode(', ', $allowed);
        return new self(405, 'method_not_allowed', "Use $list here", ['Allow' => $list]);
    }

    /** Some servers lose a body whose length is not announced before PHP sees it. */
    public static function lengthRequired(): self
    {
        return new self(
            411,
            'length_required',
            'The request arrived without its body: this web server does not pass on what is sent in chunks; send it with Content-Length',
        );
    }

    public static function preconditionFailed(string $message): self
    {
        return new self(412, 'precondition_failed', $message);
    }

    public static function unsupportedMedia(string $message): self
    {
        return new self(415, 'unsupported_media', $message);
    }

    public static function rangeNotSatisfiable(int $size): self
    {
        return new self(416, 'range_not_satisfiable', "The range lies outside the $size bytes of the file", ['Content-Range' => "bytes */$size"]);
    }
}
