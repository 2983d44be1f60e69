<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Http\Request;
use CrowdSky\Kernel\App;

/**
 * Checks the account of a call that carries its name and password each time, or in place of the password a key with the
 * scope `upload`.
 *
 * Only failures are counted, after the check: several telescopes may send with one account at the same time. So a burst
 * of guesses at one moment has at most as many tries more than the limit as the server has PHP processes.
 */
final class BasicLogin
{
    /** Seconds between two updates of an account's last login: clients sign in with every call. */
    private const NOTED_SECONDS = 3600;

    private function __construct(
        private readonly Database $database,
        private readonly LoginThrottle $throttle,
        private readonly DataKeys $keys,
        private readonly SecondFactor $factor,
        private readonly Clock $clock,
    ) {
    }

    public static function of(App $app): self
    {
        return new self($app->database(), LoginThrottle::of($app), new DataKeys($app->database(), $app->clock()), SecondFactor::of($app), $app->clock());
    }

    /**
     * @throws Refusal PasswordNeeded without credentials, with wrong ones, and for an account that is locked or awaits
     *                 approval, and for a password where the account has a second factor; TooOften after too many failures
     */
    public function require(Request $request): User
    {
        $sent = BasicCredentials::of($request) ?? throw Refusal::passwordNeeded('Sign in by HTTP Basic with the name and password of your account');
        $this->throttle->check($sent->name, $request->remoteAddress());
        $row = $this->database->one('SELECT * FROM users WHERE username = ? OR email = ?', [$sent->name, $sent->name]);
        $key = $sent->key();
        $isByKey = $key !== null && $this->isKeyOf($key, $row, $request->remoteAddress());
        // A password may look like a key.
        $isRight = $isByKey || $sent->match($row['password_hash'] ?? null);
        if (!$isRight || !$row['is_active']) {
            $this->throttle->count($sent->name, $request->remoteAddress());
            throw Refusal::passwordNeeded(
                $isRight && $row['awaits_approval'] ? AccountRefused::awaitsApproval()->getMessage() : AccountRefused::wrongCredentials()->getMessage()
            );
        }
        // Guesses that were checked meanwhile count for this one too.
        $this->throttle->check($sent->name, $request->remoteAddress());
        if (!$isByKey && $this->factor->isOn((int) $row['id'])) {
            throw AccountRefused::keyInstead();
        }
        $this->note($row);

        return User::fromRow($row);
    }

    /** @param array<string, mixed>|null $row of users */
    private function isKeyOf(#[\SensitiveParameter] string $plain, ?array $row, string $address): bool
    {
        $key = $this->keys->find($plain);
        if ($key === null || $row === null || $key->userId !== (int) $row['id'] || !$key->allows(DataKey::UPLOAD)) {
            return false;
        }
        $this->keys->noteUse($key, $address);

        return true;
    }

    /** @param array<string, mixed> $row of users */
    private function note(array $row): void
    {
        if ($row['last_login_at'] === null || $row['last_login_at'] < Utc::storedBefore($this->clock->now(), self::NOTED_SECONDS)) {
            $this->database->forgettable(fn (): int => $this->database->execute(
                'UPDATE users SET last_login_at = ? WHERE id = ?',
                [Utc::stored($this->clock->now()), $row['id']]
            ));
        }
    }
}
