<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

/**
 * Random codes that people may have to type: letters and digits that cannot be mistaken for each other (Crockford's
 * base 32), in groups of four.
 */
final class TypedCode
{
    private const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
    private const GROUP = 4;

    /** @param int $characters each of 5 random bits */
    public static function make(int $characters): string
    {
        $code = '';
        for ($i = 0; $i < $characters; $i++) {
            $code .= self::ALPHABET[random_int(0, 31)];
        }

        return implode('-', str_split($code, self::GROUP));
    }

    /** The SHA-256 under which a code is stored, however it was typed. */
    public static function hash(#[\SensitiveParameter] string $typed): string
    {
        $plain = strtr(strtoupper($typed), ['O' => '0', 'I' => '1', 'L' => '1']);

        return hash('sha256', preg_replace('/[^0-9A-Z]/', '', $plain) ?? '');
    }
}
