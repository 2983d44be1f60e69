<?php

declare(strict_types=1);

namespace CrowdSky\Http;

/** A language that the pages are written in; English is that of the templates. */
enum Language: string
{
    case English = 'en';
    case German = 'de';

    /** Its name as its own speakers write it. */
    public function ownName(): string
    {
        return match ($this) {
            self::English => 'English',
            self::German => 'Deutsch',
        };
    }

    /** The reader's choice on this site, otherwise the first of the browser's languages that we have, otherwise English. */
    public static function of(Request $request): self
    {
        return self::tryFrom($request->cookie('language') ?? '')
            ?? self::accepted((string) $request->header('Accept-Language'))
            ?? self::English;
    }

    /** The language wanted most by Accept-Language (RFC 9110, section 12.5.4); `de-AT` is German too. */
    private static function accepted(string $header): ?self
    {
        $found = null;
        $best = 0.0;
        foreach (explode(',', $header) as $range) {
            $isRange = preg_match('/^\s*([a-z]{1,8})(?:-[a-z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*$/Di', $range, $part) === 1;
            $language = $isRange ? self::tryFrom(strtolower($part[1])) : null;
            $weight = (float) ($part[2] ?? 1);
            if ($language !== null && $weight > $best) {
                [$found, $best] = [$language, $weight];
            }
        }
        return $found;
    }
}
