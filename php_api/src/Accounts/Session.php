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
    private const LIFETIME_SECONDS = 7 * 86400;

    /** @var array<string, mixed>|null */
    private ?array $content = null;
    private ?User $user = null;

    /**
     * @param string $folder for the session files; created if missing
     * @param bool $https whether the cookie is sent over HTTPS only
     */
    public function __construct(
        private readonly Accounts $accounts,
        private readonly Clock $clock,
        private readonly string $folder,
        private readonly bool $https,
    ) {
    }

    /** The logged-in account, provided it is active and has not been locked since the login. */
    public function user(): ?User
    {
        $content = $this->content();
        if (!isset($content['user_id'])) {
            return null;
        }
        if ($this->user === null && $content['logged_in_at'] > $this->now() - self::LIFETIME_SECONDS) {
            $user = $this->accounts->find($content['user_id']);
            $isCurrent = $user?->isActive && $user->sessionEpoch === $content['session_epoch'];
            $this->user = $isCurrent ? $user : null;
        }

        return $this->user;
    }

    /** Token for the forms of this login, 64 hex digits; null without a session. */
    public function csrfToken(): ?string
    {
        return $this->content()['csrf_token'] ?? null;
    }

    /** Starts a fresh session under a new id, so that an id planted before the login is worthless. */
    public function logIn(User $user): void
    {
        $this->open([]);
        session_regenerate_id(true);
        $_SESSION = [
            'user_id' => $user->id,
            'session_epoch' => $user->sessionEpoch,
            'logged_in_at' => $this->now(),
            'csrf_token' => bin2hex(random_bytes(32)),
        ];
        $this->content = $_SESSION;
        session_write_close();
        $this->user = $user;
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
        $this->open([]);
        $cookie = ['expires' => 1] + array_diff_key(session_get_cookie_params(), ['lifetime' => 0]);
        session_destroy();
        // PHP has just sent the cookie once more, and not every client takes the last one.
        header_remove('Set-Cookie');
        setcookie(self::COOKIE, '', $cookie);
        $this->content = [];
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
            'gc_maxlifetime' => self::LIFETIME_SECONDS,
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
