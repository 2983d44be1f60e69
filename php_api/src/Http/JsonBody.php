<?php

declare(strict_types=1);

namespace CrowdSky\Http;

/**
 * A JSON object from outside whose fields are read by type; a wrong type is a 400 that names the field.
 */
final class JsonBody
{
    public const MAX_BYTES = 256 << 10;
    private const MAX_DEPTH = 8;

    /** @param array<string, mixed> $fields */
    private function __construct(private readonly array $fields)
    {
    }

    /** @throws HttpError 400 when $text is not a JSON object in valid UTF-8 */
    public static function parse(string $text): self
    {
        if (trim($text) === '') {
            throw HttpError::badRequest('The request body is empty; send a JSON object');
        }
        try {
            $value = json_decode($text, false, self::MAX_DEPTH, JSON_THROW_ON_ERROR);
        } catch (\JsonException $error) {
            throw HttpError::badRequest('The request body is not valid JSON: ' . $error->getMessage());
        }
        if (!$value instanceof \stdClass) {
            throw HttpError::badRequest('The request body must be a JSON object');
        }
        return new self((array) $value);
    }

    public function has(string $name): bool
    {
        return isset($this->fields[$name]);
    }

    /** A required positive whole number; a numeric text is accepted too. */
    public function id(string $name): int
    {
        $value = $this->optionalInt($name, 1, PHP_INT_MAX);
        return $value ?? throw HttpError::badRequest("'$name' is missing; it must be a positive whole number");
    }

    public function optionalInt(string $name, int $min, int $max): ?int
    {
        $value = $this->fields[$name] ?? null;
        if ($value === null) {
            return null;
        }
        if (is_string($value) && preg_match('/^-?[0-9]{1,18}$/', $value) === 1) {
            $value = (int) $value;
        }
        if (!is_int($value) || $value < $min || $value > $max) {
            throw HttpError::badRequest("'$name' must be a whole number from $min to $max");
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
            throw HttpError::badRequest("'$name' must be a number from $min to $max");
        }
        return (float) $value;
    }

    public function optionalBool(string $name): ?bool
    {
        $value = $this->fields[$name] ?? null;
        if ($value !== null && !is_bool($value)) {
            throw HttpError::badRequest("'$name' must be true or false");
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
            throw HttpError::badRequest("'$name' must be a text of at most $maxLength characters");
        }
        return $value;
    }

    public function text(string $name, int $maxLength): string
    {
        return $this->optionalText($name, $maxLength)
            ?? throw HttpError::badRequest("'$name' is missing; it must be a text");
    }

    /**
     * A text for people: cut to $maxLength characters, control characters made blanks, null when absent.
     */
    public function optionalMessage(string $name, int $maxLength): ?string
    {
        $value = $this->fields[$name] ?? null;
        if ($value !== null && !is_string($value)) {
            throw HttpError::badRequest("'$name' must be a text");
        }
        return $value === null ? null : self::readable($value, $maxLength);
    }

    /** @return list<string> the texts of a list, each cut to $maxLength characters; empty when absent */
    public function messages(string $name, int $maxCount, int $maxLength): array
    {
        $list = $this->fields[$name] ?? [];
        if (!is_array($list) || count($list) > $maxCount || array_filter($list, is_string(...)) !== $list) {
            throw HttpError::badRequest("'$name' must be a list of at most $maxCount texts");
        }
        return array_map(static fn (string $text): string => self::readable($text, $maxLength), $list);
    }

    private static function readable(string $text, int $maxLength): string
    {
        $clean = preg_replace('/[\x00-\x08\x0b-\x1f\x7f]/u', ' ', $text) ?? '';
        return mb_substr($clean, 0, $maxLength);
    }
}
