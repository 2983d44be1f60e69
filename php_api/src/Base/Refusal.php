<?php

declare(strict_types=1);

namespace CrowdSky\Base;

/**
 * A request that cannot be served as asked: why, a code for programs and a message for people.
 *
 * The message is shown to the client, so it must not hold secrets or paths of the server.
 */
class Refusal extends \RuntimeException
{
    private ?string $field = null;

    /** @param int|null $retryAfterSeconds when it is worth asking again; null when the site cannot say */
    public function __construct(
        public readonly RefusalKind $kind,
        public readonly string $errorCode,
        string $message,
        public readonly ?int $retryAfterSeconds = null,
        ?\Throwable $cause = null,
    ) {
        parent::__construct($message, 0, $cause);
    }

    /** Says which field of a form is wrong; with brackets for one of several values. */
    public function at(string $field): static
    {
        $this->field = $field;
        return $this;
    }

    /** The field of a form that is wrong; null when it is none alone. */
    public function field(): ?string
    {
        return $this->field;
    }

    public static function badInput(string $message, string $code = 'bad_request'): self
    {
        return new self(RefusalKind::BadInput, $code, $message);
    }

    public static function keyNeeded(string $message): self
    {
        return new self(RefusalKind::KeyNeeded, 'unauthorized', $message);
    }

    public static function passwordNeeded(string $message): self
    {
        return new self(RefusalKind::PasswordNeeded, 'unauthorized', $message);
    }

    public static function loginNeeded(string $message): self
    {
        return new self(RefusalKind::LoginNeeded, 'login_required', $message);
    }

    public static function forbidden(string $message, string $code = 'forbidden'): self
    {
        return new self(RefusalKind::Forbidden, $code, $message);
    }

    public static function notFound(string $message): self
    {
        return new self(RefusalKind::NotFound, 'not_found', $message);
    }

    public static function conflict(string $message, string $code = 'conflict', ?\Throwable $cause = null): self
    {
        return new self(RefusalKind::Conflict, $code, $message, null, $cause);
    }

    public static function sizeNeeded(): self
    {
        return new self(RefusalKind::SizeNeeded, 'length_required', 'The request must carry a Content-Length');
    }

    /** @param string $what such as `The file`; begins the message */
    public static function tooLarge(string $what, int $limit): self
    {
        return new self(RefusalKind::TooLarge, 'too_large', "$what is larger than the limit of $limit bytes");
    }

    public static function unusable(string $message, string $code): self
    {
        return new self(RefusalKind::Unusable, $code, $message);
    }

    public static function tooOften(string $message, int $retryAfterSeconds): self
    {
        return new self(RefusalKind::TooOften, 'too_many_requests', $message, $retryAfterSeconds);
    }

    public static function unavailable(string $message, int $retryAfterSeconds): self
    {
        return new self(RefusalKind::Unavailable, 'unavailable', $message, $retryAfterSeconds);
    }

    public static function noRoom(string $message): self
    {
        return new self(RefusalKind::NoRoom, 'insufficient_storage', $message);
    }
}
