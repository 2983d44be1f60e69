<?php

declare(strict_types=1);

namespace CrowdSky\Measurements;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;

/**
 * Where a stack points, as solved from its stars. Angles are degrees unless named otherwise.
 */
final class PlateSolution
{
    private const MAX_STARS = 100_000_000;

    /**
     * @param array<string, mixed> $wcs crpix (first pixel is 1), crval, cd, corners and size of the picture
     */
    public function __construct(
        public readonly string $solver,
        /** good, fair, weak or unverified */
        public readonly string $verdict,
        public readonly ?string $catalogue,
        public readonly float $ra,
        public readonly float $dec,
        /** arcsec per pixel */
        public readonly float $scale,
        /** position angle of the +y axis, east of north */
        public readonly float $rotation,
        /** sign of the determinant of the CD matrix: -1 as the sky is seen from below, +1 mirrored */
        public readonly int $parity,
        public readonly float $fieldWidth,
        public readonly float $fieldHeight,
        /** arcsec */
        public readonly ?float $rms,
        public readonly ?int $matched,
        public readonly ?int $inCatalogue,
        public readonly ?float $seconds,
        public readonly array $wcs,
    ) {
    }

    /** @throws Refusal naming the field that is wrong */
    public static function fromJson(JsonBody $body): self
    {
        [$width, $height] = $body->numbers('field_deg', 2);
        $parity = $body->optionalInt('parity', -1, 1);
        if ($parity !== 1 && $parity !== -1) {
            throw $body->wrong('parity', 'must be 1 or -1');
        }
        return new self(
            solver: $body->text('solver', 40),
            verdict: $body->text('verdict', 40),
            catalogue: $body->optionalText('catalogue', 80),
            ra: $body->number('ra_deg', 0.0, 360.0),
            dec: $body->number('dec_deg', -90.0, 90.0),
            scale: $body->number('scale_arcsec', 1e-6, 36000.0),
            rotation: $body->number('rotation_deg', -360.0, 360.0),
            parity: $parity,
            fieldWidth: $width,
            fieldHeight: $height,
            rms: $body->optionalFloat('rms_arcsec', 0.0, 36000.0),
            matched: $body->optionalInt('n_matched', 0, self::MAX_STARS),
            inCatalogue: $body->optionalInt('n_catalogue', 0, self::MAX_STARS),
            seconds: $body->optionalFloat('seconds', 0.0, 1e6),
            wcs: self::wcsOf($body),
        );
    }

    /** @param array<string, mixed> $row of stack_solutions, with solved = 1 */
    public static function fromRow(array $row): self
    {
        return new self(
            solver: $row['solver'],
            verdict: $row['verdict'],
            catalogue: $row['catalogue'],
            ra: (float) $row['ra_center_deg'],
            dec: (float) $row['dec_center_deg'],
            scale: (float) $row['scale_arcsec'],
            rotation: (float) $row['rotation_deg'],
            parity: (int) $row['parity'],
            fieldWidth: (float) $row['field_width_deg'],
            fieldHeight: (float) $row['field_height_deg'],
            rms: $row['rms_arcsec'] === null ? null : (float) $row['rms_arcsec'],
            matched: $row['n_matched'] === null ? null : (int) $row['n_matched'],
            inCatalogue: $row['n_catalogue'] === null ? null : (int) $row['n_catalogue'],
            seconds: $row['seconds'] === null ? null : (float) $row['seconds'],
            wcs: json_decode($row['wcs'], true, 8, JSON_THROW_ON_ERROR),
        );
    }

    /** @return array<string, mixed> columns of stack_solutions */
    public function toRow(): array
    {
        return [
            'solver' => $this->solver,
            'verdict' => $this->verdict,
            'catalogue' => $this->catalogue,
            'ra_center_deg' => $this->ra,
            'dec_center_deg' => $this->dec,
            'scale_arcsec' => $this->scale,
            'rotation_deg' => $this->rotation,
            'parity' => $this->parity,
            'field_width_deg' => $this->fieldWidth,
            'field_height_deg' => $this->fieldHeight,
            'rms_arcsec' => $this->rms,
            'n_matched' => $this->matched,
            'n_catalogue' => $this->inCatalogue,
            'seconds' => $this->seconds,
            'wcs' => json_encode($this->wcs, JSON_THROW_ON_ERROR | JSON_PRESERVE_ZERO_FRACTION),
        ];
    }

    /** @return array<string, mixed> */
    private static function wcsOf(JsonBody $body): array
    {
        return [
            'crpix' => $body->numbers('crpix', 2),
            'crval' => $body->numbers('crval', 2),
            'cd' => $body->numbers('cd', 4),
            'corners' => $body->points('corners', 4),
            'width' => $body->optionalInt('width', 1, 1_000_000),
            'height' => $body->optionalInt('height', 1, 1_000_000),
        ];
    }
}
