<?php

declare(strict_types=1);

namespace CrowdSky\Api\Vo;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;

/**
 * The parameters of a request to a DALI service: names in any case, and one may occur several times, which PHP's own
 * parser of queries does not know.
 */
final class VoParameters
{
    private const MAX_BODY_BYTES = 1 << 20;
    private const MAX_VALUES = 200;

    /** @param array<string, list<string>> $values by name in capitals */
    private function __construct(private readonly array $values)
    {
    }

    /** @throws Refusal when a value is no text in UTF-8, or there are too many */
    public static function of(Request $request): self
    {
        $values = [];
        $pairs = explode('&', (string) parse_url('http://host' . $request->target(), PHP_URL_QUERY));
        if ($request->method() === 'POST') {
            array_push($pairs, ...explode('&', self::body($request)));
        }
        if (count($pairs) > self::MAX_VALUES) {
            throw Refusal::badInput('No request may have more than ' . self::MAX_VALUES . ' parameters');
        }
        foreach (array_filter($pairs, static fn (string $pair): bool => $pair !== '') as $pair) {
            [$name, $value] = array_map(urldecode(...), explode('=', $pair, 2) + [1 => '']);
            if (!mb_check_encoding($name . $value, 'UTF-8') || str_contains($name . $value, "\0")) {
                throw Refusal::badInput('Parameters must be plain text in UTF-8');
            }
            if (trim($value) !== '') {
                $values[strtoupper(trim($name))][] = trim($value);
            }
        }
        return new self($values);
    }

    /** @return list<string> every value of a parameter */
    public function all(string $name): array
    {
        return $this->values[$name] ?? [];
    }

    /** @throws Refusal when it is given more than once */
    public function text(string $name): ?string
    {
        $all = $this->all($name);
        if (count($all) > 1) {
            throw Refusal::badInput("$name can be given only once");
        }
        return $all[0] ?? null;
    }

    /**
     * @return float|null null when it is not given
     * @throws Refusal when it is no number between the limits
     */
    public function number(string $name, float $lowest, float $highest): ?float
    {
        $text = $this->text($name);
        $number = $text === null ? null : self::parse($text, $name);
        if ($number !== null && ($number < $lowest || $number > $highest)) {
            throw Refusal::badInput("$name must be a number from $lowest to $highest");
        }
        return $number;
    }

    /**
     * The number of rows to send at most.
     *
     * @throws Refusal when MAXREC is no whole number from 0 on
     */
    public function maxRows(int $usual, int $most): int
    {
        $text = $this->text('MAXREC');
        if ($text !== null && preg_match('/^[0-9]{1,18}$/D', $text) !== 1) {
            throw Refusal::badInput('MAXREC must be a whole number, 0 or more');
        }
        return $text === null ? $usual : min($most, (int) $text);
    }

    /**
     * Intervals, of which one must be met: two numbers each, where the lower may be -Inf and the upper +Inf; a single
     * number is both.
     *
     * @return list<array{float, float}>
     * @throws Refusal for anything else
     */
    public function intervals(string $name): array
    {
        return array_map(static function (string $text) use ($name): array {
            $numbers = self::numbers($text, $name);
            $low = $numbers[0];
            $high = $numbers[1] ?? $low;
            if (count($numbers) > 2 || $low > $high || count($numbers) === 1 && !is_finite($low)) {
                throw Refusal::badInput("$name must be one number, or two with the lower one first");
            }
            return [$low, $high];
        }, $this->all($name));
    }

    /** @throws Refusal for a format that is not offered */
    public function requireVoTable(): void
    {
        foreach ($this->all('RESPONSEFORMAT') as $format) {
            $plain = strtolower(str_replace(' ', '', $format));
            if (preg_match('#^(votable|votable/td|(application/x-votable\+xml|text/xml)(;.*)?)$#D', $plain) !== 1 || str_contains($plain, 'binary')) {
                throw Refusal::badInput("RESPONSEFORMAT: only votable with TABLEDATA is offered, not $format");
            }
        }
    }

    /**
     * @return non-empty-list<float>
     * @throws Refusal when one is no number
     */
    public static function numbers(string $text, string $name): array
    {
        $words = preg_split('/\s+/', trim($text)) ?: [];
        return array_map(static fn (string $word): float => self::parse($word, $name), $words);
    }

    private static function parse(string $word, string $name): float
    {
        if (preg_match('/^([+-]?)inf(inity)?$/iD', $word, $match) === 1) {
            return $match[1] === '-' ? -INF : INF;
        }
        if (preg_match('/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/iD', $word) !== 1 || !is_finite((float) $word)) {
            throw Refusal::badInput("$name: " . mb_substr($word, 0, 40) . ' is no number');
        }
        return (float) $word;
    }

    private static function body(Request $request): string
    {
        if ($request->body()->length() > self::MAX_BODY_BYTES) {
            throw Refusal::tooLarge('The request body', self::MAX_BODY_BYTES);
        }
        $stream = $request->body()->stream();
        $body = stream_get_contents($stream, self::MAX_BODY_BYTES);
        fclose($stream);
        return (string) $body;
    }
}
