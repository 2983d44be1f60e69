<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\AttemptLimit;
use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;

/** The second factor of accounts: an app that shows codes, and codes on paper for when it is lost. */
final class SecondFactor
{
    private const RECOVERY_CODES = 10;
    /** 80 random bits each. */
    private const RECOVERY_CHARACTERS = 16;
    /** Wrong codes for one account from one address, and multiple of that from anywhere. */
    private const MAX_FAILURES = 5;
    private const USER_FACTOR = 4;
    private const WINDOW_SECONDS = 900;

    private readonly AttemptLimit $failures;

    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly SealedSecret $seal,
    ) {
        $this->failures = new AttemptLimit($database, $clock, 'code_failures', 'failed_at', self::WINDOW_SECONDS);
    }

    public static function of(App $app): self
    {
        return new self($app->database(), $app->clock(), new SealedSecret($app->data()->secret()));
    }

    public function isOn(int $userId): bool
    {
        return $this->database->value('SELECT 1 FROM second_factors WHERE user_id = ? AND confirmed_at IS NOT NULL', [$userId]) !== null;
    }

    /** Draws a secret for an account, which counts once a code of it was typed. */
    public function prepare(int $userId): void
    {
        $this->database->transaction(function () use ($userId): void {
            $this->database->execute('DELETE FROM second_factors WHERE user_id = ? AND confirmed_at IS NULL', [$userId]);
            if (!$this->isOn($userId)) {
                $this->database->insert('second_factors', [
                    'user_id' => $userId,
                    'sealed_secret' => $this->seal->seal(Totp::newSecret()),
                    'created_at' => Utc::stored($this->clock->now()),
                ]);
            }
        });
    }

    /** @return string|null the secret that waits for its first code */
    public function prepared(int $userId): ?string
    {
        $sealed = $this->database->value('SELECT sealed_secret FROM second_factors WHERE user_id = ? AND confirmed_at IS NULL', [$userId]);

        return is_string($sealed) ? $this->seal->open($sealed) : null;
    }

    /**
     * Switches the second factor on.
     *
     * @return non-empty-list<string> codes for recovery, which cannot be had again
     * @throws AccountRefused for a wrong code, and after too many of those
     */
    public function confirm(int $userId, #[\SensitiveParameter] string $typed, string $address): array
    {
        $this->count($userId, $address);
        $secret = $this->prepared($userId);
        if ($secret === null || !$this->useStep($userId, $secret, $typed)) {
            throw AccountRefused::wrongFactor();
        }
        $this->forget($userId, $address);
        $this->database->execute(
            'UPDATE second_factors SET confirmed_at = ? WHERE user_id = ?',
            [Utc::stored($this->clock->now()), $userId]
        );

        return $this->newRecoveryCodes($userId);
    }

    /**
     * Checks a code of the app or one for recovery; either is used up.
     *
     * @throws AccountRefused for a wrong code, and after too many of those
     */
    public function require(int $userId, #[\SensitiveParameter] string $typed, string $address): void
    {
        $this->count($userId, $address);
        $sealed = $this->database->value('SELECT sealed_secret FROM second_factors WHERE user_id = ? AND confirmed_at IS NOT NULL', [$userId]);
        $secret = is_string($sealed) ? $this->seal->open($sealed) : null;
        $isRight = $secret !== null && $this->useStep($userId, $secret, $typed) || $this->useRecoveryCode($userId, $typed);
        if (!$isRight) {
            throw AccountRefused::wrongFactor();
        }
        $this->forget($userId, $address);
    }

    /**
     * Draws new codes for recovery; those until now are worth nothing.
     *
     * @return non-empty-list<string>
     */
    public function newRecoveryCodes(int $userId): array
    {
        $codes = array_map(static fn (): string => TypedCode::make(self::RECOVERY_CHARACTERS), range(1, self::RECOVERY_CODES));
        $this->database->transaction(function () use ($userId, $codes): void {
            $this->database->execute('DELETE FROM recovery_codes WHERE user_id = ?', [$userId]);
            foreach ($codes as $code) {
                $this->database->insert('recovery_codes', ['user_id' => $userId, 'code_hash' => TypedCode::hash($code)]);
            }
        });

        return $codes;
    }

    public function recoveryCodesLeft(int $userId): int
    {
        return (int) $this->database->value('SELECT COUNT(*) FROM recovery_codes WHERE user_id = ?', [$userId]);
    }

    public function remove(int $userId): void
    {
        $this->database->transaction(function () use ($userId): void {
            $this->database->execute('DELETE FROM second_factors WHERE user_id = ?', [$userId]);
            $this->database->execute('DELETE FROM recovery_codes WHERE user_id = ?', [$userId]);
        });
    }

    /** Of several calls with one code, one succeeds, and no code of an earlier step is taken after it. */
    private function useStep(int $userId, #[\SensitiveParameter] string $secret, #[\SensitiveParameter] string $typed): bool
    {
        $digits = preg_replace('/\s+/', '', $typed) ?? '';
        $step = Totp::step($secret, $digits, intdiv($this->clock->milliseconds(), 1000));

        return $step !== null && $this->database->execute(
            'UPDATE second_factors SET last_step = ? WHERE user_id = ? AND last_step < ?',
            [$step, $userId, $step]
        ) === 1;
    }

    private function useRecoveryCode(int $userId, #[\SensitiveParameter] string $typed): bool
    {
        return $this->database->execute(
            'DELETE FROM recovery_codes WHERE user_id = ? AND code_hash = ?',
            [$userId, TypedCode::hash($typed)]
        ) > 0;
    }

    /** @throws AccountRefused after too many wrong codes */
    private function count(int $userId, string $address): void
    {
        $wait = $this->failures->admit(self::attempt($userId, $address), [
            [['user_id', 'remote_addr'], self::MAX_FAILURES],
            [['user_id'], self::USER_FACTOR * self::MAX_FAILURES],
        ]);
        if ($wait !== null) {
            throw AccountRefused::tooManyAttempts($wait);
        }
    }

    private function forget(int $userId, string $address): void
    {
        $this->failures->withdraw(self::attempt($userId, $address));
    }

    /** @return array{user_id: string, remote_addr: string} */
    private static function attempt(int $userId, string $address): array
    {
        return ['user_id' => (string) $userId, 'remote_addr' => $address];
    }
}
