<?php

declare(strict_types=1);

namespace CrowdSky\Stars;

use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\SkyPosition;
use CrowdSky\Fits\StoredHeader;
use CrowdSky\Fits\TableReader;
use CrowdSky\Fits\UnreadableTable;
use CrowdSky\Storage\ObjectStorage;

/**
 * Reads the stars of a stored stack: some headers and the table STAR-TAB, not the pixels.
 *
 * The columns are those of crowdsky/photometry/star_table.py. Older tables lack some; what they would say is unknown.
 */
final class StackReader
{
    private const TABLE = 'STAR-TAB';
    private const PLANES = ['GREEN' => 'RGB', 'LUM' => 'L'];
    private const NEEDED = ['ra', 'dec', 'xwin', 'ywin'];
    private const LETTERS = ['r', 'g', 'b'];
    private const NOTHING = ['r' => null, 'g' => null, 'b' => null];
    private const OPTIONAL = [
        'flux_r', 'flux_g', 'flux_b', 'flux_err_r', 'flux_err_g', 'flux_err_b', 'fwhm', 'flag', 'saturated', 'blended', 'edge',
        'gaia_id', 'pmra', 'pmdec', 'cat_mag',
    ];
    /** Bit of sep's flags for a source that was separated from another one. */
    private const DEBLENDED = 2;

    public function __construct(private readonly ObjectStorage $storage)
    {
    }

    /**
     * @param int $size of the file in bytes
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public function read(string $path, int $size): MeasuredStack
    {
        $primary = $plane = new HeaderCards();
        [$bands, $table] = ['RGB', null];
        foreach (StoredHeader::each($this->storage, $path, $size) as $part => $header) {
            $name = $header->hdu->name();
            if ($part === 0) {
                $primary = HeaderCards::of($header->cards);
            } elseif (isset(self::PLANES[$name])) {
                [$plane, $bands] = [HeaderCards::of($header->cards), self::PLANES[$name]];
            } elseif ($name === self::TABLE) {
                $table = $header;
            }
        }
        $stack = new MeasuredStack(EpochFacts::of($primary, $plane, $bands), [], $primary->number('PLTRMS'), 'it has no table STAR-TAB');
        if ($table === null) {
            return $stack;
        }
        try {
            return self::withStars($stack, TableReader::ofStored($this->storage, $path, $table));
        } catch (UnreadableTable $error) {
            return $stack->without($error->getMessage());
        }
    }

    private static function withStars(MeasuredStack $stack, TableReader $table): MeasuredStack
    {
        if (array_filter(self::NEEDED, static fn (string $name): bool => !$table->has($name)) !== []) {
            return $stack->without('it was not measured: STAR-TAB has no positions');
        }
        $columns = [...self::NEEDED, ...array_filter(self::OPTIONAL, $table->has(...))];
        $unknown = array_fill_keys(self::OPTIONAL, null);
        $stars = [];
        foreach ($table->read($columns) as $row) {
            $star = self::star($row + $unknown, $stack->facts);
            if ($star !== null) {
                $stars[] = $star;
            }
        }
        return $stars === []
            ? $stack->without('no star has a position: it is not solved')
            : new MeasuredStack($stack->facts, $stars, $stack->plateRms, null);
    }

    /** @param array<string, mixed> $row */
    private static function star(array $row, EpochFacts $facts): ?FoundStar
    {
        $position = SkyPosition::fromDegrees(self::number($row['ra']), self::number($row['dec']));
        [$x, $y] = [self::number($row['xwin']), self::number($row['ywin'])];
        if ($position === null || $x === null || $y === null) {
            return null;
        }
        [$fluxes, $errors] = [self::NOTHING, self::NOTHING];
        // Of a monochrome sensor, the table has the same light three times.
        foreach ($facts->isMono() ? ['g'] : self::LETTERS as $letter) {
            $fluxes[$letter] = self::number($row["flux_$letter"]);
            $errors[$letter] = self::number($row["flux_err_$letter"]);
        }
        [$pmRa, $pmDec] = [self::number($row['pmra']), self::number($row['pmdec'])];
        $hasMotion = $pmRa !== null && $pmDec !== null;
        return new FoundStar(
            position: $position,
            x: $x,
            y: $y,
            fluxes: $fluxes,
            errors: $errors,
            fwhm: self::number($row['fwhm']),
            flags: self::flags($row, $fluxes),
            gaiaId: is_int($row['gaia_id']) && $row['gaia_id'] !== 0 ? $row['gaia_id'] : null,
            pmRa: $hasMotion ? $pmRa : null,
            pmDec: $hasMotion ? $pmDec : null,
            isInCatalogue: self::number($row['cat_mag']) !== null,
        );
    }

    private static function number(mixed $value): ?float
    {
        return is_float($value) && is_finite($value) ? $value : (is_int($value) ? (float) $value : null);
    }

    /**
     * @param array<string, mixed> $row
     * @param array<string, ?float> $fluxes
     */
    private static function flags(array $row, array $fluxes): int
    {
        $detection = is_int($row['flag']) ? $row['flag'] : 0;
        $isNegative = false;
        foreach ($fluxes as $flux) {
            $isNegative = $isNegative || $flux !== null && $flux <= 0.0;
        }
        return (self::isSet($row['saturated']) ? StarFlag::SATURATED : 0)
            | (self::isSet($row['blended']) || ($detection & self::DEBLENDED) !== 0 ? StarFlag::BLENDED : 0)
            | (self::isSet($row['edge']) ? StarFlag::EDGE : 0)
            | (($detection & ~self::DEBLENDED) !== 0 ? StarFlag::DETECTION : 0)
            | ($isNegative ? StarFlag::NOT_POSITIVE : 0);
    }

    /** A flag that the table does not have is set: nobody knows that the star is clean. */
    private static function isSet(mixed $flag): bool
    {
        return $flag !== false && $flag !== 0;
    }
}
