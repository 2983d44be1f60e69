<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * The table of header cards, header_cards.json beside this file: what each card may hold, and whether strangers may
 * read it.
 *
 * In the name of a card `#` stands for one to three digits and `@` for the letter of a colour plane. The worker's copy
 * of the table is crowdsky/frames/header_cards.json; a test keeps the two the same.
 */
final class CardTable
{
    private const TYPES = [
        'logical' => '[TF]',
        'flag' => '[TF01]',
        'integer' => '[+-]?[0-9]{1,18}',
        'number' => self::NUMBER,
        'angle' => self::NUMBER . '|[+-]?[0-9]{1,3}[:hd ] {0,2}[0-9]{1,2}(?:[:m\' ] {0,2}[0-9]{1,2}(?:\.[0-9]{0,9})?[s"]?)?',
        'clock' => '[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{0,9})?',
        'time' => '[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]{0,9})?(?:Z|[+-][0-9]{2}:[0-9]{2})?)?',
    ];
    private const NUMBER = '[+-]?(?:[0-9]{1,20}(?:\.[0-9]{0,20})?|\.[0-9]{1,20})(?:[ED][+-]?[0-9]{1,3})?';
    /** Types whose values stand in quotes; logical values never do, numbers may. */
    private const QUOTED = ['word', 'form', 'time', 'clock'];
    private static ?self $instance = null;

    /** @var array<string, array<string, mixed>> rows by name */
    private array $named = [];
    /** @var array<string, array<string, mixed>> rows by the pattern of their name */
    private array $numbered = [];

    private readonly CardFacts $facts;

    private function __construct()
    {
        $table = json_decode((string) file_get_contents(__DIR__ . '/header_cards.json'), true, 8, JSON_THROW_ON_ERROR);
        foreach ($table['cards'] as $row) {
            $name = strtr($row['card'], ['#' => '[0-9]{1,3}', '@' => '[RGB]']);
            if ($name === $row['card']) {
                $this->named[$name] = $row;
            } else {
                $this->numbered["~^$name$~D"] = $row;
            }
        }
        $this->facts = new CardFacts($table);
    }

    public static function get(): self
    {
        return self::$instance ??= new self();
    }

    /** Which cards hold which fact, and what the words in them mean. */
    public static function facts(): CardFacts
    {
        return self::get()->facts;
    }

    /** Whether strangers may see that a header has this card, and its value if that is of the card's form. */
    public function isPublic(string $keyword): bool
    {
        return $this->row($keyword)['public'] ?? false;
    }

    /**
     * The value of a card as strangers get it, without comment.
     *
     * @param string $field the 70 characters after `= `
     * @return string|null null when it must be withheld
     */
    public function publicValue(string $keyword, string $field): ?string
    {
        $row = $this->row($keyword);
        if ($row === null || !$row['public']) {
            return null;
        }
        if (preg_match("~^ *'((?:[^']|'')*)' *(?:/.*)?$~Ds", $field, $match) === 1) {
            $text = trim(str_replace("''", "'", $match[1]), ' ');
            $value = $row['type'] === 'logical' ? null : self::allowed($row, $text);
            return $value === null ? null : "'" . str_pad(str_replace("'", "''", $value), 8) . "'";
        }
        $value = in_array($row['type'], self::QUOTED, true) ? null : self::allowed($row, trim(explode('/', $field, 2)[0], ' '));
        return $value === null ? null : str_pad($value, 20, ' ', STR_PAD_LEFT);
    }

    /**
     * The text that a card held, as strangers get it: an OBJECT that is no known target could be any text.
     *
     * @return string|null null when it must be withheld
     */
    public function publicText(string $keyword, ?string $text): ?string
    {
        $row = $this->row($keyword);
        return $text === null || $row === null || !$row['public'] ? null : self::allowed($row, trim($text, ' '));
    }

    /**
     * @param array<string, mixed> $row
     * @return string|null the text, without what it must not tell; null when it is not of the card's form
     */
    private static function allowed(array $row, string $text): ?string
    {
        if ($row['type'] === 'word') {
            return in_array(strtoupper($text), array_map(strtoupper(...), $row['values']), true) ? $text : null;
        }
        $form = self::TYPES[$row['type']] ?? $row['form'];
        if (preg_match("~^(?:$form)$~Di", $text) !== 1) {
            return null;
        }
        if ($row['type'] === 'time') {
            return self::inUtc($text);
        }
        return isset($row['decimals']) ? self::shortened($text, $row['decimals']) : $text;
    }

    /** Takes a time to UTC: an offset shows the time zone. Seconds keep their text. */
    private static function inUtc(string $text): ?string
    {
        if (preg_match('~^([0-9]{4})-([0-9]{2})-([0-9]{2})(.)([0-9]{2}):([0-9]{2})(:[^Zz+-]*)([+-])([0-9]{2}):([0-9]{2})$~D', $text, $match) !== 1) {
            return $text;
        }
        [, $year, $month, $day, $between, $hour, $minute, $seconds, $sign, $hours, $minutes] = $match;
        if (!checkdate((int) $month, (int) $day, max(1, (int) $year)) || $year === '0000' || $hour > 23 || $minute > 59) {
            return null;
        }
        $offset = ((int) $hours * 60 + (int) $minutes) * ($sign === '-' ? 1 : -1);
        $moment = (new \DateTimeImmutable("$year-$month-$day $hour:$minute:00", new \DateTimeZone('UTC')))->modify("$offset minutes");
        $utc = $moment->format("Y-m-d") . $between . $moment->format('H:i') . $seconds;
        return preg_match('~^(?!0000)[0-9]{4}-~', $utc) === 1 ? $utc : null;
    }

    /** Cuts decimals off. */
    private static function shortened(string $number, int $decimals): ?string
    {
        return preg_match("~^[+-]?[0-9]*(?:\\.[0-9]{0,$decimals})?~", $number, $match) === 1 && stripos($number, 'E') === false
            && stripos($number, 'D') === false ? $match[0] : null;
    }

    /** @return array<string, mixed>|null */
    private function row(string $keyword): ?array
    {
        if (isset($this->named[$keyword])) {
            return $this->named[$keyword];
        }
        foreach ($this->numbered as $pattern => $row) {
            if (preg_match($pattern, $keyword) === 1) {
                return $row;
            }
        }
        return null;
    }
}
