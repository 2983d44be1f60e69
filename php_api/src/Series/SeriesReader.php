<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Fits\StoredHeader;
use CrowdSky\Fits\TableReader;
use CrowdSky\Fits\UnreadableTable;
use CrowdSky\Stars\EpochFacts;
use CrowdSky\Stars\FoundStar;
use CrowdSky\Stars\MeasuredStack;
use CrowdSky\Storage\ObjectStorage;

/** Reads the tables of a stored series, part by part; SeriesLayout has seen to their columns. */
final class SeriesReader
{
    private const LETTERS = ['r', 'g', 'b'];
    private const FACTS = [
        'mjd_utc' => 'MJD_AVG', 'bjd_tdb' => 'BJD_TDB', 'exposure_s' => 'EXPTIME', 'n_subs' => 'NSUBS', 'fwhm_px' => 'FWHM',
        'zero_point_r' => 'ZP_R', 'zero_point_g' => 'ZP_G', 'zero_point_b' => 'ZP_B',
        'zero_point_error_r' => 'ZPERR_R', 'zero_point_error_g' => 'ZPERR_G', 'zero_point_error_b' => 'ZPERR_B',
    ];
    private const STAR = ['PART', 'X', 'Y', 'RA', 'DEC', 'GAIA_ID', 'FLUX_R', 'FLUX_G', 'FLUX_B', 'ERR_R', 'ERR_G', 'ERR_B', 'FLAGS'];
    /** What is not known of a part, though it is of the whole stack. */
    private const UNKNOWN = ['airmass' => null, 'limiting_mag' => null];

    public function __construct(private readonly ObjectStorage $storage)
    {
    }

    /**
     * @return \Generator<int, MeasuredStack> by the number of the part, from 1
     * @throws UnreadableTable
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function parts(Series $series): \Generator
    {
        [$path, $size] = [(string) $series->path, (int) $series->bytes];
        [$whole, $rms] = $this->whole($path, $size);
        $facts = [];
        foreach ($this->table($path, $size, 'SERIES')->read(['PART', ...array_values(self::FACTS)]) as $row) {
            $columns = array_map(static fn (string $name): int|float|null => self::number($row[$name]), self::FACTS);
            $facts[(int) $row['PART']] = $whole->with($columns + self::UNKNOWN);
        }
        $stars = $this->stars($path, $size);
        foreach ($facts as $part => $of) {
            $found = $stars->valid() && $stars->key() === $part ? $stars->current() : [];
            yield $part => new MeasuredStack($of, $found, $rms, $found === [] ? 'no star has a position: it is not solved' : null);
            $stars->next();
        }
    }

    /** @return array{EpochFacts, ?float} what holds for all parts, and the RMS of the plate in arcsec */
    private function whole(string $path, int $size): array
    {
        [$primary, $pictures] = [new HeaderCards(), new HeaderCards()];
        foreach (StoredHeader::each($this->storage, $path, $size) as $number => $header) {
            if ($number === 0) {
                $primary = HeaderCards::of($header->cards);
            } elseif ($header->hdu->name() === 'PARTS') {
                $pictures = HeaderCards::of($header->cards);
            }
        }
        $facts = EpochFacts::of($primary, new HeaderCards(), $primary->text('BANDS') === 'L' ? 'L' : 'RGB');
        $shape = ['width' => $pictures->integer('ZNAXIS1'), 'height' => $pictures->integer('ZNAXIS2'), 'aperture_px' => $primary->number('APRAD')];
        return [$facts->with($shape), $primary->number('PLTRMS')];
    }

    /** @return \Generator<int, list<FoundStar>> those with a position, by part */
    private function stars(string $path, int $size): \Generator
    {
        [$part, $found] = [1, []];
        foreach ($this->table($path, $size, 'SERIES-STARS')->read(self::STAR) as $row) {
            for (; $part < $row['PART']; $part++, $found = []) {
                yield $part => $found;
            }
            $star = self::star($row);
            if ($star !== null) {
                $found[] = $star;
            }
        }
        yield $part => $found;
    }

    /** @param array<string, mixed> $row */
    private static function star(array $row): ?FoundStar
    {
        $position = SkyPosition::fromDegrees(self::number($row['RA']), self::number($row['DEC']));
        [$x, $y] = [self::number($row['X']), self::number($row['Y'])];
        if ($position === null || $x === null || $y === null) {
            return null;
        }
        $each = static fn (string $stem): array => array_combine(
            self::LETTERS,
            array_map(static fn (string $letter): ?float => self::number($row[$stem . strtoupper($letter)]), self::LETTERS),
        );
        return new FoundStar(
            position: $position,
            x: $x,
            y: $y,
            fluxes: $each('FLUX_'),
            errors: $each('ERR_'),
            fwhm: null,
            flags: (int) $row['FLAGS'],
            gaiaId: $row['GAIA_ID'] === 0 ? null : $row['GAIA_ID'],
            pmRa: null,
            pmDec: null,
            isInCatalogue: false,
        );
    }

    /** @throws UnreadableTable */
    private function table(string $path, int $size, string $name): TableReader
    {
        return TableReader::stored($this->storage, $path, $size, $name) ?? throw new UnreadableTable("it has no table $name");
    }

    private static function number(mixed $value): int|float|null
    {
        return is_int($value) || (is_float($value) && is_finite($value)) ? $value : null;
    }
}
