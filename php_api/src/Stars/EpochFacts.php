<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\SkyPosition;

/**
 * What the headers of a measured stack say about its stars as a whole: columns of epochs. What is not known is null.
 */
final class EpochFacts
{
    private const MJD_OF_2000 = 51544.5;
    private const JULIAN_YEAR = 365.25;
    private const LETTERS = ['r', 'g', 'b'];

    /** @param array<string, string|int|float|null> $columns */
    private function __construct(public readonly array $columns)
    {
    }

    /**
     * @param HeaderCards $primary of the stack
     * @param HeaderCards $plane of its green or only plane
     * @param string $bands 'RGB', or 'L' for a monochrome sensor
     */
    public static function of(HeaderCards $primary, HeaderCards $plane, string $bands): self
    {
        $centre = SkyPosition::fromDegrees($primary->angle('RA', 15.0), $primary->angle('DEC', 1.0));
        $isSolved = $primary->logical('PLTSOLVD') === true;
        $columns = [
            'mjd_utc' => $primary->number('MJD-AVG'),
            'bjd_tdb' => $primary->number('BJD_TDB'),
            'ra_deg' => $isSolved ? $centre?->ra : null,
            'dec_deg' => $isSolved ? $centre?->dec : null,
            'airmass' => $primary->number('AIRMASS'),
            'exposure_s' => $primary->number('TOTALEXP') ?? $primary->number('EXPTIME'),
            'n_subs' => $primary->integer('NIMAGES'),
            'telescope' => self::shortened($primary->text('TELESCOP'), 128),
            'filter_name' => self::shortened($primary->text('FILTER'), 64),
            'bands' => $bands,
            'width' => $plane->integer('NAXIS1'),
            'height' => $plane->integer('NAXIS2'),
            'catalogue' => self::shortened($primary->text('ZPCAT'), 80),
            'limiting_mag' => $primary->number('LIMMAGG'),
            'fwhm_px' => $plane->number('FWHM_PX') ?? self::ratio($primary->number('FWHMG'), $primary->number('PIXSCALE')),
            'aperture_px' => $primary->number('APRADG'),
            'scale_arcsec' => $primary->number('PIXSCALE'),
        ];
        foreach (self::LETTERS as $letter) {
            $isMeasured = $bands !== 'L' || $letter === 'g';
            $columns["zero_point_$letter"] = $isMeasured ? $primary->number('ZP' . strtoupper($letter)) : null;
            $columns["zero_point_error_$letter"] = $isMeasured ? $primary->number('ZPERR' . strtoupper($letter)) : null;
        }

        return new self($columns);
    }

    /** @param array<string, string|int|float|null> $columns that are others in a part of the stack */
    public function with(array $columns): self
    {
        return new self($columns + $this->columns);
    }

    /** Julian year of mid-exposure. */
    public function year(): ?float
    {
        $mjd = $this->number('mjd_utc');
        return $mjd === null ? null : 2000.0 + ($mjd - self::MJD_OF_2000) / self::JULIAN_YEAR;
    }

    public function centre(): ?SkyPosition
    {
        return SkyPosition::fromDegrees($this->number('ra_deg'), $this->number('dec_deg'));
    }

    public function number(string $column): ?float
    {
        $value = $this->columns[$column];
        return $value === null ? null : (float) $value;
    }

    public function isMono(): bool
    {
        return $this->columns['bands'] === 'L';
    }

    /** Full width at half maximum of its stars, arcsec. */
    public function seeing(): ?float
    {
        [$width, $scale] = [$this->number('fwhm_px'), $this->number('scale_arcsec')];
        return $width === null || $scale === null ? null : $width * $scale;
    }

    private static function shortened(?string $text, int $length): ?string
    {
        return $text === null ? null : mb_substr($text, 0, $length);
    }

    private static function ratio(?float $upper, ?float $lower): ?float
    {
        return $upper === null || $lower === null || $lower <= 0.0 ? null : $upper / $lower;
    }
}
