<?php

declare(strict_types=1);

namespace CrowdSky\Pages;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Language;

/**
 * What other parts of the site, and workers, have said in English, in a reader's language: refusals, reasons, notes.
 *
 * They come as whole texts with their values in them, some from the database. So the sentences of texts/LANGUAGE/messages/
 * are patterns: `{name}` stands for any text, which is put into the translation, `{part}` for one without a semicolon,
 * `{n}` and the like for a number. What none of them fits stays as it is.
 */
final class Messages
{
    /** Values that are numbers in all sentences. */
    private const NUMBERS = ['n', 'all', 'id', 'job', 'least', 'left', 'most', 'other', 'hours', 'minutes', 'seconds', 'usual', 'width'];
    private const NUMBER = '[−+-]?\d(?:[\d.,]*\d)?(?:[Ee][+-]?\d+)?%?';
    /** Values that are messages themselves are translated, too, so deep at most. */
    private const DEPTH = 20;

    /** @var array<string, self> by language */
    private static array $known = [];

    /** @param array<string, array{string, string}> $patterns English => pattern and translation */
    private function __construct(private readonly array $patterns, private readonly Texts $texts)
    {
    }

    public static function in(Texts $texts): self
    {
        return self::$known[$texts->language->value] ??= new self(self::patterns($texts->language), $texts);
    }

    /** @return list<string> paths of the files that hold a language */
    public static function files(Language $language): array
    {
        $folder = dirname(__DIR__, 2) . "/texts/{$language->value}";

        // The upload page says of a file beforehand what the site would say of it.
        return [...(glob("$folder/messages/*.php") ?: []), "$folder/upload_script.php"];
    }

    /** The message in the reader's language; as it is where there is no translation. */
    public function translated(string $message, int $depth = self::DEPTH): string
    {
        if ($depth === 0 || $message === '') {
            return $message;
        }
        foreach ($this->patterns as [$pattern, $translation]) {
            if (preg_match($pattern, $message, $match) === 1) {
                $values = array_filter($match, is_string(...), ARRAY_FILTER_USE_KEY);

                return Texts::fill($translation, array_map(fn (string $value): string => $this->value($value, $depth - 1), $values))
                    . (str_ends_with($message, '.') ? '.' : '');
            }
        }
        return $this->inParts($message, $depth - 1);
    }

    /** A message that is put together from others: reasons are listed with semicolons, and stand behind a colon. */
    private function inParts(string $message, int $depth): string
    {
        foreach (['; ', ': '] as $between) {
            $parts = explode($between, $message, 2);
            if (count($parts) === 2) {
                return implode($between, array_map(fn (string $part): string => $this->translated($part, $depth), $parts));
            }
        }
        return $message;
    }

    /** The same refusal with its message in the reader's language, for a script that shows it. */
    public function refusal(Refusal $refusal): Refusal
    {
        return new Refusal($refusal->kind, $refusal->errorCode, $this->translated($refusal->getMessage()), $refusal->retryAfterSeconds, $refusal);
    }

    private function value(string $value, int $depth): string
    {
        $isNumber = preg_match('/^[−+-]?\d+\.\d+( ?(?:[kMGT]B|bytes|s|px|mag|ADU|%|″))?$/uD', $value) === 1;

        return $isNumber ? strtr($value, ['.' => $this->texts->decimalPoint()]) : $this->translated($value, $depth);
    }

    /** @return array<string, array{string, string}> */
    private static function patterns(Language $language): array
    {
        $patterns = [];
        foreach ($language === Language::English ? [] : self::files($language) as $file) {
            $sentences = require $file;
            $messages = dirname($file) === dirname(__DIR__, 2) . "/texts/{$language->value}"
                // A word or number of the upload page would fit too much.
                ? array_filter($sentences, static fn (string $english): bool => str_ends_with($english, '.'), ARRAY_FILTER_USE_KEY)
                : $sentences;
            foreach ($messages as $english => $translation) {
                $patterns[$english] = [self::pattern($english), rtrim($translation, '.')];
            }
        }
        return $patterns;
    }

    /** Straight and typographic quotes are the same, and so is a message with and without its full stop. */
    private static function pattern(string $english): string
    {
        $seen = [];
        $quoted = preg_quote(rtrim($english, '.'), '~');
        $places = preg_replace_callback('/\\\\\{([a-z_]+)\\\\\}/i', static function (array $place) use (&$seen): string {
            $isAgain = isset($seen[$place[1]]);
            $seen[$place[1]] = true;
            $text = match (true) {
                in_array($place[1], self::NUMBERS, true) => self::NUMBER,
                str_starts_with($place[1], 'part') => '[^;]+?',
                default => '.+?',
            };
            return $isAgain ? "\\k<$place[1]>" : "(?<$place[1]>$text)";
        }, $quoted);

        return '~^' . strtr((string) $places, ['“' => '[“"]', '”' => '[”"]', '’' => "[’']"]) . '\.?$~usD';
    }
}
