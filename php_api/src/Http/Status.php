<?php

declare(strict_types=1);

namespace CrowdSky\Http;

use CrowdSky\Base\RefusalKind;

/**
 * What HTTP calls a refusal: its status number and the headers that go with it.
 */
final class Status
{
    public static function of(RefusalKind $kind): int
    {
        return match ($kind) {
            RefusalKind::BadInput => 400,
            RefusalKind::KeyNeeded, RefusalKind::PasswordNeeded, RefusalKind::LoginNeeded => 401,
            RefusalKind::Forbidden => 403,
            RefusalKind::NotFound => 404,
            RefusalKind::Conflict => 409,
            RefusalKind::SizeNeeded => 411,
            RefusalKind::TooLarge => 413,
            RefusalKind::Unusable => 422,
            RefusalKind::TooOften => 429,
            RefusalKind::SiteFault => 500,
            RefusalKind::Unavailable => 503,
            RefusalKind::NoRoom => 507,
        };
    }

    /**
     * LoginNeeded gets no WWW-Authenticate: browsers would open a password dialogue of their own.
     *
     * @return array<string, string>
     */
    public static function headers(RefusalKind $kind, ?int $retryAfterSeconds): array
    {
        $scheme = match ($kind) {
            RefusalKind::KeyNeeded => ['WWW-Authenticate' => 'Bearer'],
            RefusalKind::PasswordNeeded => ['WWW-Authenticate' => 'Basic realm="CrowdSky"'],
            default => [],
        };
        return $scheme + ($retryAfterSeconds === null ? [] : ['Retry-After' => (string) $retryAfterSeconds]);
    }
}
