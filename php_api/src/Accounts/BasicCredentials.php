<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

use CrowdSky\Http\Request;

/** The name and password of HTTP Basic, whichever encoding the client uses. */
final class BasicCredentials
{
    /** @param non-empty-list<string> $passwords what the sent bytes may mean, UTF-8 */
    private function __construct(
        public readonly string $name,
        #[\SensitiveParameter] private readonly array $passwords,
    ) {
    }

    /** @return self|null null for a request without credentials, or with some that cannot be read */
    public static function of(Request $request): ?self
    {
        $decoded = base64_decode($request->authorization('Basic') ?? '', true);
        if ($decoded === false || !str_contains($decoded, ':')) {
            return null;
        }
        [$name, $password] = explode(':', $decoded, 2);

        return new self(self::meanings($name)[0], self::meanings($password));
    }

    /** @return string|null a key that is sent in place of the password */
    public function key(): ?string
    {
        return str_starts_with($this->passwords[0], DataKeys::PREFIX) ? $this->passwords[0] : null;
    }

    /** @param string|null $hash null when there is no such account; takes as long as a real check */
    public function match(?string $hash): bool
    {
        foreach ($this->passwords as $password) {
            if (Password::verify($password, $hash)) {
                return true;
            }
        }

        return false;
    }

    /**
     * Browsers and curl send UTF-8, python-requests Latin-1. Some bytes are good text in both.
     *
     * @return non-empty-list<string> UTF-8
     */
    private static function meanings(#[\SensitiveParameter] string $sent): array
    {
        $latin = mb_convert_encoding($sent, 'UTF-8', 'ISO-8859-1');

        return mb_check_encoding($sent, 'UTF-8') ? array_values(array_unique([$sent, $latin])) : [$latin];
    }
}
