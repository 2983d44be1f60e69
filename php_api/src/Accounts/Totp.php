<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

/** Codes that change with time: RFC 6238 with the values that every app knows, SHA-1, 30 seconds and 6 digits. */
final class Totp
{
    public const STEP_SECONDS = 30;
    private const SECRET_BYTES = 20;
    private const DIGITS = 6;
    /** Steps of time by which a clock may be wrong. */
    private const TOLERANCE = 1;
    private const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

    public static function newSecret(): string
    {
        return random_bytes(self::SECRET_BYTES);
    }

    /** The code of a step of time (RFC 4226). */
    public static function code(#[\SensitiveParameter] string $secret, int $step): string
    {
        $hash = hash_hmac('sha1', pack('J', $step), $secret, true);
        $offset = ord($hash[19]) & 15;
        $number = unpack('N', substr($hash, $offset, 4))[1] & 0x7fffffff;

        return str_pad((string) ($number % 10 ** self::DIGITS), self::DIGITS, '0', STR_PAD_LEFT);
    }

    /**
     * The step of time to which a typed code belongs, the present one or its neighbours.
     *
     * @param int $now unix seconds
     * @return int|null null when it is none of theirs
     */
    public static function step(#[\SensitiveParameter] string $secret, #[\SensitiveParameter] string $typed, int $now): ?int
    {
        $present = intdiv($now, self::STEP_SECONDS);
        $found = null;
        for ($step = $present - self::TOLERANCE; $step <= $present + self::TOLERANCE; $step++) {
            if (hash_equals(self::code($secret, $step), $typed)) {
                $found = $step;
            }
        }

        return $found;
    }

    /** The secret as it is typed into an app (RFC 4648, base 32). */
    public static function shown(#[\SensitiveParameter] string $secret): string
    {
        $bits = implode('', array_map(static fn (string $byte): string => sprintf('%08b', ord($byte)), str_split($secret)));

        return implode('', array_map(
            static fn (string $five): string => self::BASE32[(int) bindec(str_pad($five, 5, '0'))],
            str_split($bits, 5)
        ));
    }

    /** The address that an app reads from a picture. */
    public static function uri(#[\SensitiveParameter] string $secret, string $username): string
    {
        return 'otpauth://totp/CrowdSky:' . rawurlencode($username) . '?secret=' . self::shown($secret) . '&issuer=CrowdSky';
    }
}
