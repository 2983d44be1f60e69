<?php

declare(strict_types=1);

namespace CrowdSky\Measurements;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;

/**
 * How bright the stars and the sky of a stack are: numbers by name, as docs/api.md lists them.
 */
final class Photometry
{
    public const PLANES = ['r', 'g', 'b'];

    private const PER_PLANE = [
        'zero_point', 'zero_point_error', 'zero_point_scatter', 'zero_point_stars', 'colour_term', 'fwhm_arcsec',
    ];
    private const WHOLE = [
        'limiting_mag', 'sky_mag_arcsec2', 'bortle', 'camera_offset_adu', 'bjd_tdb_mid', 'catalogue_error',
    ];
    private const MAX_NUMBERS = 100;

    /** @param array<string, float> $numbers by name; what is not known is left out */
    private function __construct(public readonly array $numbers, public readonly ?string $catalogue)
    {
    }

    /**
     * Keeps every number, including those that this version of the site does not show.
     *
     * @throws Refusal naming the field that is wrong
     */
    public static function fromJson(JsonBody $body): self
    {
        $numbers = [];
        foreach ([...self::names(), ...$body->numericNames(self::MAX_NUMBERS)] as $name) {
            $number = $body->optionalFloat($name, -1e12, 1e12);
            if ($number !== null) {
                $numbers[$name] = $number;
            }
        }
        return new self($numbers, $body->optionalText('catalogue', 80));
    }

    public static function fromStored(string $json): self
    {
        $stored = json_decode($json, true, 4, JSON_THROW_ON_ERROR);
        return new self(array_map(floatval(...), $stored['numbers']), $stored['catalogue']);
    }

    public function toStored(): string
    {
        $flags = JSON_THROW_ON_ERROR | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION;
        return json_encode(['numbers' => (object) $this->numbers, 'catalogue' => $this->catalogue], $flags);
    }

    /** A number of the whole stack, or with $plane (r, g or b) of one plane; null when it is not known. */
    public function get(string $name, ?string $plane = null): ?float
    {
        return $this->numbers[$plane === null ? $name : "{$name}_$plane"] ?? null;
    }

    /** @return list<string> names whose values must be numbers */
    private static function names(): array
    {
        $names = self::WHOLE;
        foreach (self::PER_PLANE as $name) {
            array_push($names, ...array_map(static fn (string $plane): string => "{$name}_$plane", self::PLANES));
        }
        return $names;
    }
}
