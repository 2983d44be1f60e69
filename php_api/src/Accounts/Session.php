<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\Clock;

/**
 * The browser session: who is logged in, and the token that proves a form came from our pages.
 *
 * It begins with a login: a visitor without one has no file on the server, see GuestToken.
 *
 * PHP locks a session file while it is open, which would make a browser's uploads wait for each other. So the file is
 * read once and released, and opened for writing only to log in or out and for what the next page is to show.
 */
final class Session
{
    private const COOKIE = 'crowdsky';
    /** Seconds between the password and the code of the second factor. */
    private const CODE_SECONDS = 600;

    /** @var array<string, mixed>|null */
    private ?array $content = null;
    private ?User $user = null;

    /**
     * @param string $folder for the session files; created if missing
     * @param bool $https whether the cookie is sent over HTTPS only
     * @param string $address of the browser
     */
    public function __construct(
        private readonly Logins $logins,
        private readonly Clock $clock,
        private readonly string $folder,
        private readonly bool $https,
        private readonly string $address,
    ) {
    }

    /** The logged-in account, provided it is active, has not been locked since, and the login has not been ended. */
    public function user(): ?User
    {
        $content = $this->content();
        if ($this->user === null && isset($content['login_id'])) {
            $this->user = $this->logins->user($content['login_id'], $content['session_epoch'], $this->address);
        }

        return $this->user;
    }

    /** Number of this login among those of the account; null without one. */
    public function loginId(): ?int
    {
        return $this->user() === null ? null : $this->content()['login_id'];
    }

    /** Token for the forms of this login, 64 hex digits; null without a session. */
    public function csrfToken(): ?string
    {
        return $this->content()['csrf_token'] ?? null;
    }

    /** @param string $device what its owner calls the browser */
    public function logIn(User $user, string $device): void
    {
        $this->begin([
            'login_id' => $this->logins->start($user->id, $device, $this->address),
            'session_epoch' => $user->sessionEpoch,
        ]);
        $this->user = $user;
    }

    /** Remembers for a few minutes that somebody knows the password of an account, which also asks for a code. */
    public function awaitCode(User $user): void
    {
        $this->begin(['awaits_code' => ['user_id' => $user->id, 'at' => $this->now()]]);
    }

    /** @return int|null number of the account whose password was right a moment ago */
    public function awaitedUserId(): ?int
    {
        $awaited = $this->content()['awaits_code'] ?? null;

        return $awaited !== null && $awaited['at'] > $this->now() - self::CODE_SECONDS ? $awaited['user_id'] : null;
    }

    /** Keeps a value for a later page of this login; without a login, nothing is kept. */
    public function keep(string $name, mixed $value): void
    {
        $this->change(static fn (array $content): array => [$name => $value] + $content);
    }

    /** Returns what was kept under a name, null if nothing was, and forgets it. */
    public function take(string $name): mixed
    {
        if (!isset($this->content()[$name])) {
            return null;
        }
        $value = null;
        // Two pages that load at once must not both show it.
        $this->change(static function (array $content) use ($name, &$value): array {
            $value = $content[$name] ?? null;

            return array_diff_key($content, [$name => true]);
        });

        return $value;
    }

    /** Removes the session and its cookie. */
    public function logOut(): void
    {
        if (isset($this->content()['login_id']) && $this->user() !== null) {
            $this->logins->end($this->content()['login_id'], $this->user()->id);
        }
        $this->open([]);
        $cookie = ['expires' => 1] + array_diff_key(session_get_cookie_params(), ['lifetime' => 0]);
        session_destroy();
        // PHP has just sent the cookie once more, and not every client takes the last one.
        header_remove('Set-Cookie');
        setcookie(self::COOKIE, '', $cookie);
        $this->content = [];
        $this->user = null;
    }

    /**
     * Starts a fresh session under a new id, so that an id planted before is worthless.
     *
     * @param array<string, mixed> $content
     */
    private function begin(array $content): void
    {
        $this->open([]);
        session_regenerate_id(true);
        $_SESSION = $content + ['csrf_token' => bin2hex(random_bytes(32))];
        $this->content = $_SESSION;
        session_write_close();
        $this->user = null;
    }

    /** @param \Closure(array<string, mixed>): array<string, mixed> $with returns the new content of the session */
    private function change(\Closure $with): void
    {
        if ($this->isKept()) {
            $this->open([]);
            $_SESSION = $with($_SESSION);
            $this->content = $_SESSION;
            session_write_close();
        }
    }

    /** @return array<string, mixed> */
    private function content(): array
    {
        if ($this->content === null) {
            $this->content = [];
            if ($this->isKept()) {
                $this->open(['read_and_close' => true]);
                $this->content = $_SESSION;
            }
        }

        return $this->content;
    }

    /** Whether the browser's cookie names a session that exists; for any other, PHP would make an empty file. */
    private function isKept(): bool
    {
        $id = $_COOKIE[self::COOKIE] ?? null;

        return is_string($id)
            && preg_match('/^[A-Za-z0-9,-]{1,256}$/D', $id) === 1
            && is_file("{$this->folder}/sess_$id");
    }

    /** @param array<string, mixed> $options */
    private function open(array $options): void
    {
        if (!is_dir($this->folder) && !@mkdir($this->folder, 0700, true) && !is_dir($this->folder)) {
            throw new \RuntimeException("Could not make the session folder {$this->folder}; check who owns its parent.");
        }
        session_name(self::COOKIE);
        // PHP remembers the id of a session that it started by itself (session.auto_start).
        session_id($this->isKept() ? $_COOKIE[self::COOKIE] : '');
        $opened = session_start($options + [
            'save_path' => $this->folder,
            'gc_maxlifetime' => Logins::LIFETIME_SECONDS,
            'gc_probability' => 1,  // Debian leaves the clean-up of its own folder to cron
            'gc_divisor' => 100,
            'use_strict_mode' => 1,
            'use_only_cookies' => 1,
            'cookie_httponly' => 1,
            'cookie_samesite' => 'Lax',
            'cookie_secure' => $this->https ? 1 : 0,
            'cache_limiter' => '',
        ]);
        if (!$opened) {
            throw new \RuntimeException("Could not open the browser session in {$this->folder}.");
        }
    }

    private function now(): int
    {
        return intdiv($this->clock->milliseconds(), 1000);
    }
}
