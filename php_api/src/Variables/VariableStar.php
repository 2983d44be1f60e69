<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

/**
 * A star of a catalogue of variable stars; what is not known is null.
 *
 * Period and magnitudes keep the text of the catalogue, as in the International Variable Star Index: `>` and `<` are
 * limits, a colon says uncertain, and a minimum in brackets is the amplitude.
 */
final class VariableStar
{
    public const TEXTS = ['name' => 80, 'type' => 40, 'period' => 24, 'max' => 16, 'min' => 16, 'band' => 16];
    private const MAGNITUDE = '/^[<>]?-?\d{1,2}(\.\d{0,6})?:?$|^[<>]?\(\d{1,2}(\.\d{0,6})?:?\):?$/D';
    private const PERIOD = '/^[<>]?\(?\d{1,8}(\.\d{0,12})?(\*[2-9N]|\/[2-9N])?:?\)?:?$/D';
    private const DEGREES = '/^[+-]?\d{1,3}(\.\d{0,15})?$/D';

    private function __construct(
        public readonly string $name,
        /** degrees (ICRS) */
        public readonly float $ra,
        public readonly float $dec,
        public readonly ?string $type,
        /** days */
        public readonly ?string $period,
        public readonly ?string $max,
        public readonly ?string $min,
        public readonly ?string $band,
    ) {
    }

    /**
     * @param array<string, string> $fields by column; absent ones are not known
     * @throws \UnexpectedValueException saying what is wrong
     */
    public static function fromFields(array $fields): self
    {
        $text = static fn (string $column): ?string => self::text($column, $fields[$column] ?? '');
        $form = static fn (string $column, string $form, string $example): ?string => $text($column) === null || preg_match($form, (string) $text($column)) === 1
            ? $text($column)
            : throw new \UnexpectedValueException("'$column' is '{$text($column)}'; it must be empty or such as $example");

        return new self(
            name: $text('name') ?? throw new \UnexpectedValueException("'name' is empty"),
            ra: self::degrees('ra', $fields['ra'] ?? '', 0.0, 360.0),
            dec: self::degrees('dec', $fields['dec'] ?? '', -90.0, 90.0),
            type: $text('type'),
            period: $form('period', self::PERIOD, '0.5668, 0.5668: or >100'),
            max: $form('max', self::MAGNITUDE, '7.06, 7.1: or <12.5'),
            min: $form('min', self::MAGNITUDE, '8.12, 8.1:, >16 or (0.3)'),
            band: $text('band'),
        );
    }

    /** @param array<string, mixed> $row of variable_stars */
    public static function fromRow(array $row): self
    {
        return new self(
            $row['name'],
            (float) $row['ra_deg'],
            (float) $row['dec_deg'],
            $row['type'],
            $row['period'],
            $row['max_mag'],
            $row['min_mag'],
            $row['band'],
        );
    }

    /** @return array<string, mixed> columns of variable_stars that are not computed */
    public function toRow(): array
    {
        return [
            'name' => $this->name,
            'ra_deg' => $this->ra,
            'dec_deg' => $this->dec,
            'type' => $this->type,
            'period' => $this->period,
            'max_mag' => $this->max,
            'min_mag' => $this->min,
            'band' => $this->band,
        ];
    }

    /** The number of such a text, also if it is uncertain; null for limits, amplitudes and multiples. */
    public static function number(?string $text): ?float
    {
        return preg_match('/^(-?\d+(?:\.\d*)?):?$/D', $text ?? '', $part) === 1 ? (float) $part[1] : null;
    }

    /** Magnitudes between maximum and minimum where the catalogue gives that instead of a minimum. */
    public function amplitude(): ?float
    {
        return preg_match('/^\((\d+(?:\.\d*)?):?\):?$/D', $this->min ?? '', $part) === 1 ? (float) $part[1] : null;
    }

    private static function text(string $column, string $value): ?string
    {
        $value = trim($value);
        if (preg_match('/^[^\p{Cc}]*$/Du', $value) !== 1) {
            throw new \UnexpectedValueException("'$column' is no UTF-8 or has control characters");
        }
        if (mb_strlen($value) > self::TEXTS[$column]) {
            throw new \UnexpectedValueException("'$column' is longer than " . self::TEXTS[$column] . ' characters');
        }

        return $value === '' ? null : $value;
    }

    private static function degrees(string $column, string $value, float $least, float $most): float
    {
        $value = trim($value);
        $degrees = preg_match(self::DEGREES, $value) === 1 ? (float) $value : NAN;
        if (!($degrees >= $least && $degrees <= $most)) {
            $shown = mb_substr(mb_scrub($value), 0, 40);
            throw new \UnexpectedValueException("'$column' is '$shown'; it must be degrees from $least to $most, with a decimal point");
        }

        return $degrees;
    }
}
