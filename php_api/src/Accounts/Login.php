<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/** Checks a name and a password, slowly enough for guessers. */
final class Login
{
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly LoginThrottle $throttle,
    ) {
    }

    /**
     * The account of `$name` (a user name or an e-mail address).
     *
     * @throws AccountRefused when it is not this account's password, the account is locked, or
     *                        name or address have failed too often lately
     */
    public function authenticate(string $name, #[\SensitiveParameter] string $password, string $address): User
    {
        $this->throttle->check($name, $address);
        $row = $this->database->one('SELECT * FROM users WHERE username = ? OR email = ?', [$name, $name]);
        if (!Password::verify($password, $row['password_hash'] ?? null) || !$row['is_active']) {
            $this->throttle->recordFailure($name, $address);
            throw AccountRefused::wrongCredentials();
        }
        $this->throttle->forget($name, $address);
        $this->database->execute(
            'UPDATE users SET last_login_at = ? WHERE id = ?',
            [Utc::stored($this->clock->now()), $row['id']]
        );

        return User::fromRow($row);
    }
}
