<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Http\Language;
use CrowdSky\Http\Request;

/**
 * The sentences of the pages in the reader's language.
 *
 * The English sentence is the key, as with gettext; texts/LANGUAGE/AREA.php hold its translations. `{name}` stands for
 * a value. What has no translation is shown in English.
 */
final class Texts
{
    /** Between thousands: narrow, and no place to break a line at. */
    private const NARROW_SPACE = "\u{202F}";

    /** @var array<string, array<string, string>> language => English => translation; read with the first sentence */
    private static array $tables = [];

    public function __construct(public readonly Language $language)
    {
    }

    public static function of(Request $request): self
    {
        return new self(Language::of($request));
    }

    /**
     * Returns a sentence with its values put in, none of them escaped: for titles, notes and scripts. Templates have $t.
     *
     * @param array<string, string|int|float|null> $values by the name between the braces
     */
    public function say(string $english, array $values = []): string
    {
        return self::fill($this->translated($english), array_map(strval(...), $values));
    }

    /**
     * Returns the sentence that fits a number, which is the value `{n}`.
     *
     * @param array<string, string|int|float|null> $values as for say()
     */
    public function count(int $n, string $one, string $many, array $values = []): string
    {
        return $this->say($n === 1 ? $one : $many, ['n' => $this->number($n)] + $values);
    }

    /** A number with its thousands set apart, as the language does it; assets/js/texts.js does the same. */
    public function number(int|float $number, int $decimals = 0): string
    {
        $thousands = $this->language === Language::German ? self::NARROW_SPACE : ',';

        return number_format($number, $decimals, $this->decimalPoint(), $thousands);
    }

    /** What stands before the fraction of a number. */
    public function decimalPoint(): string
    {
        return $this->language === Language::German ? ',' : '.';
    }

    /** Returns what another part has said in English, with its values in it, such as a refusal; see Messages. */
    public function repeat(string $message): string
    {
        return Messages::in($this)->translated($message);
    }

    /** The sentence in the reader's language, with `{name}` still in it. */
    public function translated(string $english): string
    {
        return $this->table()[$english] ?? $english;
    }

    /** @param array<string, string> $values */
    public static function fill(string $sentence, array $values): string
    {
        $places = [];
        foreach ($values as $name => $value) {
            $places["{{$name}}"] = $value;
        }
        return strtr($sentence, $places);
    }

    /** @return array<string, string> English => translation */
    private function table(): array
    {
        if ($this->language === Language::English) {
            return [];
        }
        return self::$tables[$this->language->value] ??= array_merge(...array_map(
            static fn (string $file): array => require $file,
            self::files($this->language),
        ));
    }

    /** @return list<string> paths of the files that hold a language */
    public static function files(Language $language): array
    {
        return glob(dirname(__DIR__, 2) . "/texts/{$language->value}/*.php") ?: [];
    }
}
