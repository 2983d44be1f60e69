<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages;

use CrowdSky\Http\Language;
use CrowdSky\Pages\Messages;
use CrowdSky\Pages\Texts;
use PHPUnit\Framework\TestCase;

/** What other parts say in English is repeated in German. */
final class MessagesTest extends TestCase
{
    private const SOURCE = __DIR__ . '/../../../php_api/src';
    /** Where what pages show is refused. */
    private const FOLDERS = ['Accounts', 'Bulk', 'Gallery', 'Jobs', 'Keys', 'LightCurves', 'Pages', 'Raws', 'Regrouping', 'Rescans', 'Stacks', 'Trust', 'Uploads'];
    /** What only programs are told. */
    private const OF_PROGRAMS = [
        'Accounts/BasicLogin.php', 'Accounts/DataKeyAuth.php', 'Jobs/JobKind.php', 'Jobs/LeaseLost.php', 'Keys/KeyThrottle.php',
        'LightCurves/StarListing.php', 'Raws/RawFrames.php', 'Stacks/OwnStacks.php', 'Uploads/StackReceiver.php', 'Uploads/SubBatch.php',
    ];

    /** @dataProvider messages */
    public function testMessagesAreRepeatedWithTheirValues(string $english, string $german): void
    {
        self::assertSame($german, self::german()->repeat($english));
        self::assertSame($english, (new Texts(Language::English))->repeat($english));
    }

    /** @return array<string, array{string, string}> */
    public static function messages(): array
    {
        return [
            'a refusal' => ['There is no job 5', 'Es gibt keinen Auftrag 5'],
            'with a full stop' => ['You have no stack 7.', 'Du hast keinen Stack 7.'],
            'sizes' => [
                'The site takes no subs at the moment: its disk is full but for the 1.5 GB that it keeps for the results of 3 waiting jobs.'
                . ' Send this file again later; what you have sent so far is safe and can be finalized',
                'Gerade kann nichts hochgeladen werden: Die Platte ist voll bis auf 1,5 GB, die für Ergebnisse frei bleiben.'
                . ' Schick diese Datei später noch einmal; was du bisher geschickt hast, ist sicher und kann gestackt werden',
            ],
            'of a file, as the upload page has it' => [
                'This is no light frame: IMAGETYP is "Dark". Upload the light frames only.',
                'Das ist kein Light: IMAGETYP ist „Dark“. Lade nur die Lights hoch.',
            ],
            'reasons in a list' => [
                'none of the 3 subs could be used: its stars are blurred: 8.3 px wide where 4.1 px are usual (2 of them); no star was found in it'
                . ' (1 of them); look at the subs: clouds, dew, or a telescope that was moved',
                'Keiner der 3 Subs war brauchbar: unscharfe Sterne: 8,3 px breit, üblich sind 4,1 px (2-mal); kein Stern darin gefunden'
                . ' (1-mal); sieh dir die Subs an: Wolken, Tau oder ein Teleskop, das bewegt wurde',
            ],
            'of several solvers' => [
                'not solved with the 12 stars found: triangles: no match in 40 fields around the expected place; nova: what nobody knows',
                'nicht gelöst mit den 12 gefundenen Sternen: triangles: kein Treffer in 40 Feldern um den erwarteten Ort; nova: what nobody knows',
            ],
            'markup is text' => ["There is no stack <b>, or it is not public.", 'There is no stack <b>, or it is not public.'],
            'nothing' => ['', ''],
            'unknown' => ['something else: entirely new', 'something else: entirely new'],
        ];
    }

    public function testEveryRefusalOfAPageHasItsGerman(): void
    {
        $missing = [];
        $read = 0;
        foreach (self::FOLDERS as $folder) {
            foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(self::SOURCE . "/$folder", \FilesystemIterator::SKIP_DOTS)) as $file) {
                $path = substr($file->getPathname(), strlen(self::SOURCE) + 1);
                foreach (in_array($path, self::OF_PROGRAMS, true) ? [] : self::refusals((string) file_get_contents($file->getPathname())) as $message) {
                    $read++;
                    if (self::german()->repeat($message) === $message) {
                        $missing[] = "$path: $message";
                    }
                }
            }
        }

        self::assertSame([], $missing);
        self::assertGreaterThan(90, $read);
    }

    public function testTranslationsHaveTheValuesOfTheirMessages(): void
    {
        $names = static function (string $text): array {
            preg_match_all('/\{([a-z_]+)\}/', $text, $found);
            return array_unique($found[1]);
        };
        foreach (Messages::files(Language::German) as $file) {
            foreach (require $file as $english => $german) {
                self::assertSame([], array_diff($names($german), $names($english)), $english);
                self::assertDoesNotMatchRegularExpression('/["<>]/', $german, 'plain text with typographic quotes');
            }
        }
    }

    /** @return list<string> the messages that code refuses with, the number 7 in place of each value */
    private static function refusals(string $code): array
    {
        $tokens = array_values(array_filter(token_get_all($code), static fn (array|string $token): bool => $token[0] !== T_WHITESPACE));
        $messages = [];
        foreach ($tokens as $at => $token) {
            $isCall = $token === '(' && in_array($tokens[$at - 3][1] ?? '', ['Refusal', 'UploadRefused', 'AccountRefused'], true)
                && ($tokens[$at - 1][1] ?? '') !== 'tooLarge';
            $message = $isCall ? self::message($tokens, $at + 1) : '';
            if (preg_match('/[a-z]{3}/', $message) === 1) {
                $messages[] = $message;
            }
        }

        return $messages;
    }

    /** @param list<array{int, string, int}|string> $tokens */
    private static function message(array $tokens, int $at): string
    {
        $message = '';
        for ($depth = 0; $depth >= 0; $at++) {
            $token = $tokens[$at];
            $depth += (int) in_array($token, ['(', '['], true) - (int) in_array($token, [')', ']'], true);
            if ($depth === 0 && $token === ',' || $token === '?') {
                return $token === '?' ? '' : $message;
            }
            $isText = $token[0] === T_CONSTANT_ENCAPSED_STRING || $token[0] === T_ENCAPSED_AND_WHITESPACE;
            if ($isText && $depth === 0) {
                $message .= $token[0] === T_CONSTANT_ENCAPSED_STRING ? stripcslashes(substr($token[1], 1, -1)) : stripcslashes($token[1]);
            } elseif (in_array($token[0], [T_VARIABLE, T_STRING], true) && !str_ends_with($message, '7')) {
                $message .= '7';
            }
        }

        return $message;
    }

    private static function german(): Texts
    {
        return new Texts(Language::German);
    }
}
