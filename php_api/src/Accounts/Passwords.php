<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Database\Database;
use CrowdSky\Kernel\App;

/** Asks for a password once more before something important, and changes it. */
final class Passwords
{
    private function __construct(
        private readonly Database $database,
        private readonly LoginThrottle $throttle,
        private readonly Logins $logins,
        private readonly MailedCodes $codes,
    ) {
    }

    public static function of(App $app): self
    {
        return new self(
            $app->database(),
            LoginThrottle::of($app),
            new Logins($app->database(), $app->clock()),
            new MailedCodes($app->database(), $app->clock()),
        );
    }

    /**
     * For somebody who is logged in: a browser that was left open must not give the account away.
     *
     * @throws AccountRefused when it is not the password of the account, and after too many of those
     */
    public function require(User $user, #[\SensitiveParameter] string $password, string $address): void
    {
        $this->throttle->count($user->username, $address);
        $hash = $this->database->value('SELECT password_hash FROM users WHERE id = ?', [$user->id]);
        if (!Password::verify($password, is_string($hash) ? $hash : null)) {
            throw AccountRefused::wrongPassword();
        }
        $this->throttle->forget($user->username, $address);
    }

    /**
     * Sets a new password. It ends all logins but one, and what was mailed for setting one.
     *
     * @param int|null $keptLogin null to end all
     * @throws AccountRefused when the new password is not acceptable
     */
    public function set(int $userId, #[\SensitiveParameter] string $password, ?int $keptLogin): void
    {
        Password::check($password);
        $hash = Password::hash($password);
        $this->database->transaction(function () use ($userId, $hash, $keptLogin): void {
            $this->database->execute('UPDATE users SET password_hash = ? WHERE id = ?', [$hash, $userId]);
            $this->logins->endAll($userId, $keptLogin);
            $this->codes->forget($userId, MailedCodes::PASSWORD);
        });
    }

    /**
     * Sets a new password with a code that was mailed or handed over. A code that came by mail confirms its address.
     *
     * @return int number of the account
     * @throws AccountRefused when the code is not valid or the password is not acceptable; the code can then be used again
     */
    public function reset(#[\SensitiveParameter] string $code, #[\SensitiveParameter] string $password, string $now): int
    {
        Password::check($password);
        $redeemed = $this->codes->redeem($code, MailedCodes::PASSWORD) ?? throw AccountRefused::wrongCode();
        $this->set($redeemed['userId'], $password, null);
        $this->database->execute(
            'UPDATE users SET email_verified_at = ? WHERE id = ? AND email = ? AND email_verified_at IS NULL',
            [$now, $redeemed['userId'], $redeemed['email']]
        );

        return $redeemed['userId'];
    }
}
