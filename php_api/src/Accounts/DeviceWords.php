<?php

declare(strict_types=1);

namespace CrowdSky\Accounts;

/** What people call a browser: its name and system, without the versions and numbers that it sends. */
final class DeviceWords
{
    /** By what stands in User-Agent; the first that fits, because most browsers also name the older ones. */
    private const BROWSERS = [
        'Edg' => 'Edge',
        'OPR/' => 'Opera',
        'SamsungBrowser' => 'Samsung Internet',
        'Firefox' => 'Firefox',
        'FxiOS' => 'Firefox',
        'Chrome' => 'Chrome',
        'CriOS' => 'Chrome',
        'Safari' => 'Safari',
        'curl' => 'curl',
        'python' => 'Python',
    ];
    private const SYSTEMS = [
        'iPhone' => 'iPhone',
        'iPad' => 'iPad',
        'Android' => 'Android',
        'Windows' => 'Windows',
        'Mac OS X' => 'Mac',
        'CrOS' => 'Chromebook',
        'Linux' => 'Linux',
    ];

    /** @return string such as `Firefox, Linux`; empty where nothing is known */
    public static function of(?string $userAgent): string
    {
        return implode(', ', array_filter([
            self::first(self::BROWSERS, $userAgent ?? ''),
            self::first(self::SYSTEMS, $userAgent ?? ''),
        ]));
    }

    /** @param array<string, string> $names */
    private static function first(array $names, string $text): ?string
    {
        foreach ($names as $mark => $name) {
            if (str_contains($text, $mark)) {
                return $name;
            }
        }

        return null;
    }
}
