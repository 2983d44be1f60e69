<?php

declare(strict_types=1);

namespace CrowdSky\Http;

use CrowdSky\Base\Refusal;

/**
 * A JSON object from outside whose fields are read by type; a wrong type is refused with the name of the field.
 */
final class JsonBody
{
    public const MAX_BYTES = 256 << 10;
    private const MAX_DEPTH = 8;

    /**
     * @param array<string, mixed> $fields
     * @param string $prefix path to this object within the whole body, for messages: `solution.`
     */
    private function __construct(private readonly array $fields, private readonly string $prefix = '')
    {
    }

    /** @throws Refusal when $text is not a JSON object in valid UTF-8 */
    public static function parse(string $text): self
    {
        if (trim($text) === '') {
            throw Refusal::badInput('The request body is empty; send a JSON object');
        }
        try {
            $value = json_decode($text, false, self::MAX_DEPTH, JSON_THROW_ON_ERROR);
        } catch (\JsonException $error) {
            throw Refusal::badInput('The request body is not valid JSON: ' . $error->getMessage());
        }
        if (!$value instanceof \stdClass) {
            throw Refusal::badInput('The request body must be a JSON object');
        }
        return new self((array) $value);
    }

    /** Whether the field is present and not null. */
    public function has(string $name): bool
    {
        return isset($this->fields[$name]);
    }

    /** Whether the field is present, possibly as null. */
    public function names(string $name): bool
    {
        return array_key_exists($name, $this->fields);
    }

    /** The refusal of a field, with its full name and the rule it breaks. */
    public function wrong(string $name, string $rule): Refusal
    {
        return Refusal::badInput("'{$this->prefix}$name' $rule");
    }

    /** A required positive whole number; a numeric text is accepted too. */
    public function id(string $name): int
    {
        $value = $this->optionalInt($name, 1, PHP_INT_MAX);
        return $value ?? throw $this->wrong($name, 'is missing; it must be a positive whole number');
    }

    public function optionalInt(string $name, int $min, int $max): ?int
    {
        $value = $this->fields[$name] ?? null;
        if ($value === null) {
            return null;
        }
        if (is_string($value) && preg_match('/^-?[0-9]{1,18}$/D', $value) === 1) {
            $value = (int) $value;
        }
        if (!is_int($value) || $value < $min || $value > $max) {
            throw $this->wrong($name, "must be a whole number from $min to $max");
        }
        return $value;
    }

    public function optionalFloat(string $name, float $min, float $max): ?float
    {
        $value = $this->fields[$name] ?? null;
        if ($value === null) {
            return null;
        }
        if (!is_int($value) && !is_float($value) || !is_finite((float) $value) || $value < $min || $value > $max) {
            throw $this->wrong($name, "must be a number from $min to $max");
        }
        return (float) $value;
    }

    public function number(string $name, float $min, float $max): float
    {
        return $this->optionalFloat($name, $min, $max) ?? throw $this->wrong($name, 'is missing; it must be a number');
    }

    /** @return non-empty-list<int> positive whole numbers */
    public function ids(string $name, int $maxCount): array
    {
        $list = $this->fields[$name] ?? null;
        $isId = static fn (mixed $value): bool => is_int($value) && $value > 0;
        if (!is_array($list) || $list === [] || count($list) > $maxCount || array_filter($list, $isId) !== $list) {
            throw $this->wrong($name, "must be a list of 1 to $maxCount positive whole numbers");
        }
        return $list;
    }

    /** @return non-empty-list<float> exactly that many finite numbers */
    public function numbers(string $name, int $count): array
    {
        return $this->finite($name, $this->fields[$name] ?? null, $count);
    }

    /** @return non-empty-list<array{float, float}> exactly that many pairs of finite numbers */
    public function points(string $name, int $count): array
    {
        $points = $this->fields[$name] ?? null;
        if (!is_array($points) || count($points) !== $count) {
            throw $this->wrong($name, "must be a list of $count pairs of numbers");
        }
        return array_map(fn (mixed $point): array => $this->finite($name, $point, 2), $points);
    }

    /** @return list<string> the fields that hold a number and have a plain name, the first $limit of them */
    public function numericNames(int $limit): array
    {
        $isPlain = static fn (mixed $value, int|string $name): bool => (is_int($value) || is_float($value))
            && preg_match('/^[a-z][a-z0-9_]{0,63}$/D', (string) $name) === 1;
        return array_slice(array_keys(array_filter($this->fields, $isPlain, ARRAY_FILTER_USE_BOTH)), 0, $limit);
    }

    /** An object inside this one, null when absent. */
    public function optionalObject(string $name): ?self
    {
        $value = $this->fields[$name] ?? null;
        if ($value !== null && !$value instanceof \stdClass) {
            throw $this->wrong($name, 'must be an object');
        }
        return $value === null ? null : new self((array) $value, "{$this->prefix}$name.");
    }

    /** @return list<self> the objects of a list; empty when absent */
    public function objects(string $name, int $maxCount): array
    {
        $list = $this->fields[$name] ?? [];
        if (!is_array($list) || count($list) > $maxCount) {
            throw $this->wrong($name, "must be a list of at most $maxCount objects");
        }
        $objects = [];
        foreach ($list as $index => $value) {
            $objects[] = $value instanceof \stdClass
                ? new self((array) $value, "{$this->prefix}{$name}[$index].")
                : throw $this->wrong("{$name}[$index]", 'must be an object');
        }
        return $objects;
    }

    public function optionalBool(string $name): ?bool
    {
        $value = $this->fields[$name] ?? null;
        if ($value !== null && !is_bool($value)) {
            throw $this->wrong($name, 'must be true or false');
        }
        return $value;
    }

    /** A text of at most $maxLength characters, null when absent. */
    public function optionalText(string $name, int $maxLength): ?string
    {
        $value = $this->fields[$name] ?? null;
        if ($value === null) {
            return null;
        }
        if (!is_string($value) || str_contains($value, "\0") || mb_strlen($value) > $maxLength) {
            throw $this->wrong($name, "must be a text of at most $maxLength characters");
        }
        return $value;
    }

    public function text(string $name, int $maxLength): string
    {
        return $this->optionalText($name, $maxLength)
            ?? throw $this->wrong($name, 'is missing; it must be a text');
    }

    /**
     * A text for people: cut to $maxLength characters, control characters replaced by blanks, null when absent.
     */
    public function optionalMessage(string $name, int $maxLength): ?string
    {
        $value = $this->fields[$name] ?? null;
        if ($value !== null && !is_string($value)) {
            throw $this->wrong($name, 'must be a text');
        }
        return $value === null ? null : self::readable($value, $maxLength);
    }

    /** @return list<string> the texts of a list, each cut to $maxLength characters; empty when absent */
    public function messages(string $name, int $maxCount, int $maxLength): array
    {
        $list = $this->fields[$name] ?? [];
        if (!is_array($list) || count($list) > $maxCount || array_filter($list, is_string(...)) !== $list) {
            throw $this->wrong($name, "must be a list of at most $maxCount texts");
        }
        return array_map(static fn (string $text): string => self::readable($text, $maxLength), $list);
    }

    /** @return non-empty-list<float> */
    private function finite(string $name, mixed $list, int $count): array
    {
        $isNumber = static fn (mixed $value): bool => (is_int($value) || is_float($value)) && is_finite((float) $value);
        if (!is_array($list) || count($list) !== $count || count(array_filter($list, $isNumber)) !== $count) {
            throw $this->wrong($name, "must be a list of $count numbers");
        }
        return array_map(floatval(...), $list);
    }

    private static function readable(string $text, int $maxLength): string
    {
        // Line breaks and tabs are part of a message; what would hide or rewrite others is not.
        $clean = preg_replace('/(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\x{200e}\x{200f}\x{202a}-\x{202e}\x{2066}-\x{2069}]/u', ' ', $text) ?? '';
        return mb_substr($clean, 0, $maxLength);
    }
}
