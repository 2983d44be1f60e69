<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * The keyword cards of one FITS header, read value by value.
 *
 * Values are parsed on demand, so that a malformed card that nobody needs does no harm. A card that is needed and
 * malformed reads as missing (null); the caller decides whether that is fatal. When a keyword occurs twice the first
 * card counts, as in most FITS readers.
 */
final class HeaderCards
{
    private const NUMBER = '/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[EDed][+-]?\d+)?$/D';

    /** @var array<string, string> keyword => the 70 characters after `= ` */
    private array $fields = [];

    /** @param list<string> $cards */
    public static function of(array $cards): self
    {
        $header = new self();
        array_map($header->add(...), $cards);
        return $header;
    }

    public function add(string $card): void
    {
        if (substr($card, 8, 2) !== '= ') {
            return;  // COMMENT, HISTORY, blank: nothing to look up
        }
        $this->fields[rtrim(substr($card, 0, 8))] ??= substr($card, 10);
    }

    /** Whether the keyword occurs, with whatever value. */
    public function has(string $keyword): bool
    {
        return isset($this->fields[$keyword]);
    }

    /** A quoted string without its padding, or null when absent, not quoted or empty. */
    public function text(string $keyword): ?string
    {
        // A string may start in any column after the value indicator; '' inside it is one quote.
        if (!preg_match("/^ *'((?:[^']|'')*)'/", $this->fields[$keyword] ?? '', $match)) {
            return null;
        }
        $text = trim(str_replace("''", "'", $match[1]));

        return $text === '' ? null : $text;
    }

    /** A finite number (fixed, or with an E or D exponent), or null. */
    public function number(string $keyword): ?float
    {
        return self::parseNumber($this->bare($keyword));
    }

    public function integer(string $keyword): ?int
    {
        $text = $this->bare($keyword);

        return preg_match('/^[+-]?\d{1,18}$/D', $text) ? (int) $text : null;
    }

    public function logical(string $keyword): ?bool
    {
        return ['T' => true, 'F' => false][$this->bare($keyword)] ?? null;
    }

    /**
     * An angle in degrees, or null: a number of degrees, quoted or not, or sexagesimal text.
     *
     * @param float $degreesPerUnit 15.0 where the first sexagesimal field counts hours, else 1.0
     */
    public function angle(string $keyword, float $degreesPerUnit): ?float
    {
        $text = $this->text($keyword);
        if ($text === null) {
            return $this->number($keyword);
        }

        return self::parseNumber($text) ?? self::parseSexagesimal($text, $degreesPerUnit);
    }

    /** The comment behind a value, empty if there is none. */
    public function comment(string $keyword): string
    {
        preg_match("~^(?: *'(?:[^']|'')*'|[^/]*) */(.*)$~Ds", $this->fields[$keyword] ?? '', $match);

        return trim($match[1] ?? '');
    }

    /** A finite number, quoted or not, or null: some programs quote their numbers. */
    public function writtenNumber(string $keyword): ?float
    {
        $text = $this->text($keyword);

        return $text === null ? $this->number($keyword) : self::parseNumber($text);
    }

    /** Whether the card has a value that number() cannot read. */
    public function isNoNumber(string $keyword): bool
    {
        return $this->bare($keyword) !== '' && $this->number($keyword) === null;
    }

    /** The value field of a card that is not a string, without comment and blanks. */
    private function bare(string $keyword): string
    {
        return trim(explode('/', $this->fields[$keyword] ?? '', 2)[0]);
    }

    private static function parseNumber(string $text): ?float
    {
        if (!preg_match(self::NUMBER, $text)) {
            return null;
        }
        $value = (float) strtr($text, 'Dd', 'EE');

        return is_finite($value) ? $value : null;
    }

    private static function parseSexagesimal(string $text, float $degreesPerUnit): ?float
    {
        $pattern = '/^([+-]?)(\d+)[:hd\s]+(\d+)(?:[:m\'\s]+(\d+(?:\.\d*)?)[s"]?)?\s*([NSEW]?)$/D';
        if (!preg_match($pattern, $text, $match)) {
            return null;
        }
        $minutes = (float) $match[3];
        $seconds = (float) ($match[4] ?? 0);
        if ($minutes >= 60.0 || $seconds >= 60.0) {
            return null;
        }
        $value = ((float) $match[2] + $minutes / 60.0 + $seconds / 3600.0) * $degreesPerUnit;

        $isNegative = $match[1] === '-' || in_array($match[5] ?? '', ['S', 'W'], true);

        return $isNegative ? -$value : $value;  // the sign counts for -0 degrees too
    }
}
