<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Database\Database;

/** Checks a name and a password, and slows down guessing. */
final class Login
{
    public function __construct(private readonly Database $database, private readonly LoginThrottle $throttle)
    {
    }

    /**
     * Returns the account of `$name` (a user name or an e-mail address).
     *
     * @throws AccountRefused when the password is wrong, the account is locked or awaits approval, or there were too many recent failures
     *                        for this name or address
     */
    public function authenticate(string $name, #[\SensitiveParameter] string $password, string $address): User
    {
        $this->throttle->count($name, $address);
        $row = $this->database->one('SELECT * FROM users WHERE username = ? OR email = ?', [$name, $name]);
        $isRight = Password::verify($password, $row['password_hash'] ?? null);
        if ($isRight && $row['awaits_approval']) {
            throw AccountRefused::awaitsApproval();
        }
        if (!$isRight || !$row['is_active']) {
            throw AccountRefused::wrongCredentials();
        }
        $this->throttle->forget($name, $address);

        return User::fromRow($row);
    }
}
