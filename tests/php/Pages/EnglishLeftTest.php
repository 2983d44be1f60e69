<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages;

use PHPUnit\Framework\TestCase;

/** What templates print besides PHP is markup: sentences go through $t, which knows the reader's language. */
final class EnglishLeftTest extends TestCase
{
    private const TEMPLATES = __DIR__ . '/../../../php_api/templates';

    /** Names and units that are the same in all languages. */
    private const NAMES = ['CrowdSky', 'Gaia', 'ICRS', 'Dec', 'SHA', 'BJD', 'TDB', 'min', 'UTC', 'XML', 'GB'];


    public function testTemplatesPrintNoWordsOfTheirOwn(): void
    {
        $found = [];
        foreach (glob(self::TEMPLATES . '/*.php') ?: [] as $path) {
            $words = self::words((string) file_get_contents($path));
            if ($words !== []) {
                $found[basename($path)] = implode(' | ', $words);
            }
        }

        self::assertSame([], $found);
    }

    /** @return list<string> pieces of text with words in them */
    private static function words(string $code): array
    {
        $html = '';
        foreach (token_get_all($code) as $token) {
            // What PHP prints stands between two pieces of HTML.
            $html .= is_array($token) && $token[0] === T_INLINE_HTML ? $token[1] : "\0";
        }
        $html = (string) preg_replace(['/\0+/', '/<(code|pre)>[^<]*<\/\1>/'], ["\0", ''], $html);
        preg_match_all('/\b(?:aria-label|title|alt|placeholder|data-label)="([^"\0]*)"/', $html, $attributes);
        $texts = [...preg_split('/<[^>]*>|\0/', $html) ?: [], ...$attributes[1]];
        $hasWords = static fn (string $text): bool => preg_match('/[A-Za-z]{3,}/', (string) preg_replace('/\b(' . implode('|', self::NAMES) . ')\b|&[a-z]+;/', '', $text)) === 1;

        return array_values(array_filter(array_map('trim', $texts), $hasWords));
    }
}
