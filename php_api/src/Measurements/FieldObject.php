<?php

declare(strict_types=1);

namespace CrowdSky\Measurements;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;

/**
 * A deep-sky object in the field of a stack.
 */
final class FieldObject
{
    private const MAX_OTHER_NAMES = 10;
    private const MAX_NAME_LENGTH = 80;

    private function __construct(
        public readonly string $name,
        public readonly ?string $messier,
        public readonly string $type,
        /** degrees */
        public readonly float $ra,
        public readonly float $dec,
        /** arcmin from the centre of the field */
        public readonly float $separation,
        /** arcmin, the longest diameter */
        public readonly ?float $size,
        public readonly ?float $magnitude,
        /** @var list<string> further names, such as `NGC 4736` or `Whirlpool Galaxy`; empty from older workers */
        public readonly array $otherNames,
    ) {
    }

    /** @throws Refusal naming the field that is wrong */
    public static function fromJson(JsonBody $body): self
    {
        return new self(
            name: $body->text('name', self::MAX_NAME_LENGTH),
            messier: $body->optionalText('messier', 16),
            type: $body->text('type', 80),
            ra: $body->number('ra_deg', 0.0, 360.0),
            dec: $body->number('dec_deg', -90.0, 90.0),
            separation: $body->number('separation_arcmin', 0.0, 10800.0),
            size: $body->optionalFloat('size_arcmin', 0.0, 10800.0),
            magnitude: $body->optionalFloat('magnitude', -30.0, 40.0),
            otherNames: $body->messages('other_names', self::MAX_OTHER_NAMES, self::MAX_NAME_LENGTH),
        );
    }

    /**
     * @param array<string, mixed> $row of stack_objects
     * @param list<string> $otherNames
     */
    public static function fromRow(array $row, array $otherNames): self
    {
        return new self(
            name: $row['name'],
            messier: $row['messier'],
            type: $row['type'],
            ra: (float) $row['ra_deg'],
            dec: (float) $row['dec_deg'],
            separation: (float) $row['separation_arcmin'],
            size: $row['size_arcmin'] === null ? null : (float) $row['size_arcmin'],
            magnitude: $row['magnitude'] === null ? null : (float) $row['magnitude'],
            otherNames: $otherNames,
        );
    }

    /** @param array<string, mixed> $stored what toStored() gave, or toRow() in an earlier version */
    public static function fromStored(array $stored): self
    {
        return self::fromRow($stored, $stored['other_names'] ?? []);
    }

    /** @return array<string, mixed> columns of stack_objects */
    public function toRow(): array
    {
        return [
            'name' => $this->name,
            'messier' => $this->messier,
            'type' => $this->type,
            'ra_deg' => $this->ra,
            'dec_deg' => $this->dec,
            'separation_arcmin' => $this->separation,
            'size_arcmin' => $this->size,
            'magnitude' => $this->magnitude,
        ];
    }

    /** @return array<string, mixed> values that JSON can hold */
    public function toStored(): array
    {
        return ['other_names' => $this->otherNames] + $this->toRow();
    }
}
