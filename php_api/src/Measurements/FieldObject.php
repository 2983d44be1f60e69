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
    ) {
    }

    /** @throws Refusal naming the field that is wrong */
    public static function fromJson(JsonBody $body): self
    {
        return new self(
            $body->text('name', 80),
            $body->optionalText('messier', 16),
            $body->text('type', 80),
            $body->number('ra_deg', 0.0, 360.0),
            $body->number('dec_deg', -90.0, 90.0),
            $body->number('separation_arcmin', 0.0, 10800.0),
            $body->optionalFloat('size_arcmin', 0.0, 10800.0),
            $body->optionalFloat('magnitude', -30.0, 40.0),
        );
    }

    /** @param array<string, mixed> $row of stack_objects */
    public static function fromRow(array $row): self
    {
        return new self(
            $row['name'],
            $row['messier'],
            $row['type'],
            (float) $row['ra_deg'],
            (float) $row['dec_deg'],
            (float) $row['separation_arcmin'],
            $row['size_arcmin'] === null ? null : (float) $row['size_arcmin'],
            $row['magnitude'] === null ? null : (float) $row['magnitude'],
        );
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
}
