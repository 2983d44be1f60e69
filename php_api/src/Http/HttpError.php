<?php

declare(strict_types=1);

namespace CrowdSky\Http;

/**
 * A request that cannot be answered as asked: status, a code for programs and a message for people.
 *
 * The message is shown to the client, so it must not hold secrets or paths of the server.
 */
class HttpError extends \RuntimeException
{
    /** @param array<string, string> $headers sent with the answer */
    public function __construct(
        public readonly int $status,
        public readonly string $errorCode,
        string $message,
        public readonly array $headers = [],
        ?\Throwable $cause = null,
    ) {
        parent::__construct($message, 0, $cause);
    }

    public static function badRequest(string $message, string $code = 'bad_request'): self
    {
        return new self(400, $code, $message);
    }

    /** @param string $challenge value of WWW-Authenticate; Basic makes browsers ask for a password */
    public static function unauthorized(string $message, string $challenge = 'Bearer'): self
    {
        return new self(401, 'unauthorized', $message, ['WWW-Authenticate' => $challenge]);
    }

    public static function forbidden(string $message, string $code = 'forbidden'): self
    {
        return new self(403, $code, $message);
    }

    public static function notFound(string $message): self
    {
        return new self(404, 'not_found', $message);
    }

    /** @param list<string> $allowed */
    public static function methodNotAllowed(array $allowed): self
    {
        $list = implode(', ', $allowed);
        return new self(405, 'method_not_allowed', "Use $list here", ['Allow' => $list]);
    }

    public static function conflict(string $message, string $code = 'conflict'): self
    {
        return new self(409, $code, $message);
    }

    public static function lengthRequired(): self
    {
        return new self(411, 'length_required', 'The request must carry a Content-Length');
    }

    public static function preconditionFailed(string $message): self
    {
        return new self(412, 'precondition_failed', $message);
    }

    public static function tooLarge(string $what, int $limit): self
    {
        return new self(413, 'too_large', "$what is larger than the limit of $limit bytes");
    }

    public static function unsupportedMedia(string $message): self
    {
        return new self(415, 'unsupported_media', $message);
    }

    public static function rangeNotSatisfiable(int $size): self
    {
        return new self(416, 'range_not_satisfiable', "The range lies outside the $size bytes of the file", ['Content-Range' => "bytes */$size"]);
    }

    public static function unprocessable(string $message, string $code): self
    {
        return new self(422, $code, $message);
    }

    public static function tooManyRequests(string $message, int $retryAfter): self
    {
        return new self(429, 'too_many_requests', $message, ['Retry-After' => (string) $retryAfter]);
    }

    public static function unavailable(string $message, int $retryAfter, ?\Throwable $cause = null): self
    {
        return new self(503, 'unavailable', $message, ['Retry-After' => (string) $retryAfter], $cause);
    }

    public static function insufficientStorage(string $message, ?\Throwable $cause = null): self
    {
        return new self(507, 'insufficient_storage', $message, [], $cause);
    }
}
