<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Accounts;

use CrowdSky\Accounts\AccountRefused;
use CrowdSky\Accounts\Password;
use PHPUnit\Framework\TestCase;

final class PasswordTest extends TestCase
{
    public function testAHashMatchesItsPasswordOnly(): void
    {
        $hash = Password::hash('correct horse');

        self::assertTrue(Password::verify('correct horse', $hash));
        self::assertFalse(Password::verify('correct horsE', $hash));
        self::assertFalse(Password::verify('correct horse', null));
    }

    public function testAnUnknownAccountTakesAsLongAsAKnownOne(): void
    {
        $time = function (?string $hash): int {
            $times = [];
            for ($try = 0; $try < 3; $try++) {
                $start = $this->microsecondsOfProcessor();
                Password::verify('some password', $hash);
                $times[] = $this->microsecondsOfProcessor() - $start;
            }

            return min($times);
        };
        $hash = Password::hash('another one');

        self::assertGreaterThan($time($hash) / 3, $time(null));
    }

    private function microsecondsOfProcessor(): int
    {
        $usage = getrusage();

        return $usage['ru_utime.tv_sec'] * 1_000_000 + $usage['ru_utime.tv_usec'];
    }

    /** @dataProvider refused */
    public function testRefuses(string $password): void
    {
        $this->expectException(AccountRefused::class);
        Password::check($password);
    }

    public static function refused(): array
    {
        return ['short' => ['1234567'], 'short in characters' => ['ääääääa'], 'cut by bcrypt' => [str_repeat('x', 73)], 'NUL' => ["12345678\0"]];
    }

    public function testAcceptsWhatBcryptKeepsWhole(): void
    {
        $this->expectNotToPerformAssertions();
        Password::check('12345678');
        Password::check(str_repeat('x', 72));
        Password::check('äöüßäöüß');
    }
}
