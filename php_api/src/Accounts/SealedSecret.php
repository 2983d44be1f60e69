<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

/**
 * Short secrets that the site must be able to read again, useless to who has only the database.
 *
 * The pad is a keyed hash of a number that is drawn for each secret, so that no pad is used twice; a second hash shows
 * whether the server's secret is still the one with which it was sealed.
 */
final class SealedSecret
{
    private const NUMBER_BYTES = 16;
    private const MAX_BYTES = 32;
    private const PROOF_BYTES = 8;

    public function __construct(#[\SensitiveParameter] private readonly string $serverSecret)
    {
    }

    public function seal(#[\SensitiveParameter] string $secret): string
    {
        if (strlen($secret) > self::MAX_BYTES) {
            throw new \LengthException('A secret to be sealed has at most ' . self::MAX_BYTES . ' bytes');
        }
        $number = random_bytes(self::NUMBER_BYTES);

        return bin2hex($number . $this->proof($number, $secret) . ($secret ^ $this->pad($number)));
    }

    /** @return string|null null when it was sealed with another server's secret */
    public function open(string $sealed): ?string
    {
        $bytes = (string) hex2bin($sealed);
        $number = substr($bytes, 0, self::NUMBER_BYTES);
        $secret = substr($bytes, self::NUMBER_BYTES + self::PROOF_BYTES) ^ $this->pad($number);

        return hash_equals($this->proof($number, $secret), substr($bytes, self::NUMBER_BYTES, self::PROOF_BYTES)) ? $secret : null;
    }

    private function pad(string $number): string
    {
        return hash_hmac('sha256', "pad of a sealed secret, $number", $this->serverSecret, true);
    }

    private function proof(string $number, #[\SensitiveParameter] string $secret): string
    {
        return substr(hash_hmac('sha256', "proof of a sealed secret, $number$secret", $this->serverSecret, true), 0, self::PROOF_BYTES);
    }
}
