<?php

declare(strict_types=1);

namespace CrowdSky\Sky;

use CrowdSky\Fits\CardTable;
use CrowdSky\Measurements\Photometry;

/** What the services tell about one public stack. Angles are degrees; what is not known is null. */
final class SolvedStack
{
    private const MJD_OF_UNIX_0 = 40587.0;
    private const SECONDS_OF_DAY = 86400.0;

    /** Light that a filter lets through, metres, as its maker names it; of others nothing is said. */
    private const BANDS = ['IRCUT' => [4.0e-7, 7.0e-7], 'LP' => [4.8e-7, 6.7e-7]];

    private function __construct(
        public readonly int $id,
        public readonly float $ra,
        public readonly float $dec,
        public readonly ?string $target,
        public readonly ?string $telescope,
        public readonly ?string $filter,
        public readonly ?float $start,
        public readonly ?float $end,
        public readonly ?float $exposure,
        public readonly int $frames,
        public readonly int $bytes,
        public readonly ?Footprint $footprint,
        /** arcsec per pixel */
        public readonly ?float $scale,
        public readonly ?int $width,
        public readonly ?int $height,
        public readonly ?Photometry $photometry,
        /** path of its list of stars in storage */
        public readonly ?string $starsPath,
    ) {
    }

    /** @param array<string, mixed> $row of stacked_frames with a position, and of stack_solutions where there is one */
    public static function fromRow(array $row): self
    {
        $wcs = $row['wcs'] === null ? [] : json_decode($row['wcs'], true, 8, JSON_THROW_ON_ERROR);
        return new self(
            id: (int) $row['id'],
            ra: (float) $row['ra_deg'],
            dec: (float) $row['dec_deg'],
            // Texts of headers that are none of the known ones may be private.
            target: CardTable::get()->publicText('OBJECT', $row['object_name']),
            telescope: CardTable::get()->publicText('TELESCOP', $row['telescope']),
            filter: CardTable::get()->publicText('FILTER', $row['filter_name']),
            start: self::mjd($row['date_obs_start']),
            end: self::mjd($row['date_obs_end']),
            exposure: $row['total_exptime'] === null ? null : (float) $row['total_exptime'],
            frames: (int) $row['n_frames_aligned'],
            bytes: (int) $row['file_size_bytes'],
            footprint: $wcs === [] ? null : Footprint::ofCorners($wcs['corners']),
            scale: $row['scale_arcsec'] === null ? null : (float) $row['scale_arcsec'],
            width: $wcs['width'] ?? null,
            height: $wcs['height'] ?? null,
            photometry: $row['photometry'] === null ? null : Photometry::fromStored($row['photometry']),
            starsPath: $row['stars_path'],
        );
    }

    /** @return array{float, float}|null shortest and longest wavelength, metres */
    public function band(): ?array
    {
        return self::BANDS[$this->filter] ?? null;
    }

    /** Full width at half maximum of a star in green, arcsec. */
    public function seeing(): ?float
    {
        return $this->photometry?->get('fwhm_arcsec', 'g');
    }

    /** Modified Julian date (UTC) of a stored observation time. */
    private static function mjd(?string $stored): ?float
    {
        if ($stored === null) {
            return null;
        }
        $moment = new \DateTimeImmutable($stored, new \DateTimeZone('UTC'));
        return self::MJD_OF_UNIX_0 + ((int) $moment->format('U') + (int) $moment->format('u') / 1e6) / self::SECONDS_OF_DAY;
    }

    /** The stored form of a modified Julian date, for comparisons of texts; null beyond the years that it can hold. */
    public static function stored(float $mjd): ?string
    {
        $seconds = ($mjd - self::MJD_OF_UNIX_0) * self::SECONDS_OF_DAY;
        if (!is_finite($seconds) || abs($seconds) > 2e11) {
            return null;
        }
        $whole = (int) floor($seconds);
        $moment = (new \DateTimeImmutable("@$whole"))->setTimezone(new \DateTimeZone('UTC'));
        return (int) $moment->format('Y') > 9999 || (int) $moment->format('Y') < 1 ? null : $moment->format('Y-m-d\TH:i:s');
    }
}
