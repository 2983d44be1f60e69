<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Base\DataFolder;
use CrowdSky\Http\Request;

/**
 * Proves that a form sent without a login came from our pages, and stores nothing on the server for that.
 *
 * The browser keeps a random number in a cookie, and the form carries the token that the server derives from it.
 * Another site can neither read the cookie nor derive a token, so it cannot log a visitor in to an account of its own.
 */
final class GuestToken
{
    private const COOKIE = 'crowdsky_guest';

    private ?string $number;
    private readonly bool $https;

    public function __construct(Request $request, private readonly DataFolder $data)
    {
        $sent = $request->cookie(self::COOKIE);
        $this->number = $sent !== null && preg_match('/^[0-9a-f]{32}$/D', $sent) === 1 ? $sent : null;
        $this->https = $request->isSecure();
    }

    /** Returns the token for a form, 64 hex digits, and gives the browser its cookie if it has none. */
    public function issue(): string
    {
        if ($this->number === null) {
            $this->number = bin2hex(random_bytes(16));
            setcookie(self::COOKIE, $this->number, [
                'path' => '/',
                'httponly' => true,
                'samesite' => 'Lax',
                'secure' => $this->https,
            ]);
        }

        return $this->token($this->number);
    }

    /** Returns the token that belongs to the browser's cookie; null if it has none. */
    public function expected(): ?string
    {
        return $this->number === null ? null : $this->token($this->number);
    }

    private function token(string $number): string
    {
        return hash_hmac('sha256', "form of a guest, $number", $this->data->secret());
    }
}
