<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages;

use CrowdSky\Http\Language;
use CrowdSky\Http\Request;
use CrowdSky\Pages\Html;
use CrowdSky\Pages\TemplateTexts;
use CrowdSky\Pages\Texts;
use PHPUnit\Framework\TestCase;

/** Every sentence of the pages has its German, which has the same values and markup in it. */
final class TextsTest extends TestCase
{
    private const SITE = __DIR__ . '/../../../php_api';

    /** Where any sentence passes through. */
    private const MECHANISM = ['src/Pages/Texts.php', 'src/Pages/TemplateTexts.php', 'src/Pages/View.php'];

    /** Names and words that are the same in German. */
    private const SAME = [
        '1 stack', 'CrowdSky', 'Filter', 'Name', 'Pause', 'Stack', 'Stacks',
        'Subs', 'Upload', 'Upload {id}', 'Worker', 'FWHM', '{n} stacks',
    ];

    public function testEverySentenceIsALiteralThatHasItsGerman(): void
    {
        $known = array_merge(...array_map(static fn (string $file): array => require $file, Texts::files(Language::German)));
        $missing = [];
        foreach ($this->sentences() as $path => $sentences) {
            foreach ($sentences->unknown as $call) {
                $missing[] = "$path, $call: write the sentence itself, or one call for each";
            }
            foreach ($sentences->found as $english) {
                if (!isset($known[$english]) && !in_array($english, self::SAME, true)) {
                    $missing[] = "$path: no German for '$english'";
                }
            }
        }

        self::assertSame([], $missing);
    }

    public function testNoGermanIsLeftOver(): void
    {
        $used = array_merge(...array_map(static fn (Sentences $sentences): array => $sentences->found, array_values($this->sentences())));
        $left = [];
        foreach (Texts::files(Language::German) as $file) {
            foreach (array_keys(require $file) as $english) {
                if (!in_array($english, $used, true)) {
                    $left[] = basename($file) . ": no page says '$english'";
                }
            }
        }

        self::assertSame([], $left);
    }

    public function testASentenceHasOneGerman(): void
    {
        $known = [];
        foreach (Texts::files(Language::German) as $file) {
            foreach (require $file as $english => $german) {
                self::assertSame($known[$english] ?? $german, $german, "'$english' has another German in " . basename($file));
                $known[$english] = $german;
            }
        }
        self::assertNotSame([], $known);
    }

    public function testGermanHasTheSameValuesAndMarkup(): void
    {
        $parts = static function (string $sentence): array {
            preg_match_all('/\{[a-z_]+\}|<[^>]*>/i', $sentence, $found);
            sort($found[0]);
            return $found[0];
        };
        foreach (Texts::files(Language::German) as $file) {
            foreach (require $file as $english => $german) {
                self::assertSame($parts($english), $parts($german), "parts of '$english'");
                foreach ([$english, $german] as $sentence) {
                    $plain = (string) preg_replace('/<[^>]*>/', '', $sentence);
                    self::assertDoesNotMatchRegularExpression('/["<>]|&(?!amp;|nbsp;)/', $plain, 'use typographic quotes, and &amp;');
                }
            }
        }
    }

    public function testValuesAreEscapedAndHtmlIsNot(): void
    {
        $t = new TemplateTexts(new Texts(Language::English), static fn (mixed $value): string => htmlspecialchars((string) $value));

        self::assertSame(
            'Seen &lt;b&gt; at <time>now</time>',
            $t('Seen {what} at {when}', ['what' => '<b>', 'when' => new Html('<time>now</time>')])
        );
        self::assertSame('1,234 subs', $t->count(1234, '{n} sub', '{n} subs'));
        self::assertSame('1 sub', $t->count(1, '{n} sub', '{n} subs'));
        self::assertSame("1\u{202F}234,5", (new Texts(Language::German))->number(1234.5, 1));
    }

    public function testScriptsGetTheirSentencesAsData(): void
    {
        $t = new TemplateTexts(new Texts(Language::English), static fn (mixed $value): string => (string) $value);

        self::assertSame(
            '<script type="application/json" id="texts">{"\u003C/script\u003E {n}":"\u003C/script\u003E {n}"}</script>',
            $t->script('</script> {n}')
        );
        self::assertStringContainsString('{}', $t->script());
    }

    /** @dataProvider wishes */
    public function testTheReaderGetsTheLanguageWanted(Language $expected, string $accepted, ?string $cookie = null): void
    {
        $request = new Request(['HTTP_ACCEPT_LANGUAGE' => $accepted], cookies: $cookie === null ? [] : ['language' => $cookie]);

        self::assertSame($expected, Language::of($request));
    }

    /** @return array<string, array{Language, string, 2?: string}> */
    public static function wishes(): array
    {
        return [
            'nothing said' => [Language::English, ''],
            'German of Austria' => [Language::German, 'de-AT,de;q=0.9,en;q=0.8'],
            'the first of two' => [Language::English, 'en-GB,en;q=0.9,de;q=0.8'],
            'German second' => [Language::German, 'fr;q=0.9, de;q=0.5, en;q=0.3'],
            'none of ours' => [Language::English, 'fr'],
            'refused' => [Language::English, 'de;q=0'],
            'not a header' => [Language::English, 'de;;;q=x, =, *'],
            'chosen on the site' => [Language::English, 'de', 'en'],
            'no such choice' => [Language::German, 'de', 'xx'],
        ];
    }

    /** @return array<string, Sentences> by path */
    private function sentences(): array
    {
        $found = [];
        foreach (['templates', 'src/Pages'] as $folder) {
            foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(self::SITE . "/$folder", \FilesystemIterator::SKIP_DOTS)) as $file) {
                $path = substr($file->getPathname(), strlen(self::SITE) + 1);
                $sentences = new Sentences((string) file_get_contents($file->getPathname()));
                if (in_array($path, self::MECHANISM, true)) {
                    $sentences->unknown = [];
                }
                $found[$path] = $sentences;
            }
        }
        ksort($found);
        return $found;
    }
}
