<?php

declare(strict_types=1);

namespace CrowdSky\Stacks;

use CrowdSky\Fits\FramesTable;
use CrowdSky\Fits\TableReader;
use CrowdSky\Fits\UnreadableTable;
use CrowdSky\Storage\ObjectStorage;

/**
 * Reads from a stored stack what became of each sub, from its table FRAMES as crowdsky/stacking/product/product.py writes
 * it. Names and reasons tell where somebody lives: it is for the owner.
 */
final class SubReport
{
    private const NEEDED = ['FILENAME', 'USED'];
    private const OPTIONAL = ['DATE_OBS', 'NSTARS', 'FWHM', 'ELLIPTIC', 'SKY', 'WEIGHT', 'REASON'];
    /** Rows that are read; no chunk has so many subs. */
    private const MOST = 5000;

    /**
     * @param int $size of the stack in bytes
     * @return list<StackedSub>|null in the order of the table; null for a stack that does not say
     * @throws UnreadableTable
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStored(ObjectStorage $storage, string $path, int $size): ?array
    {
        $table = TableReader::stored($storage, $path, $size, FramesTable::NAME);
        if ($table === null) {
            return null;
        }
        if ($table->rows > self::MOST) {
            throw new UnreadableTable("the table FRAMES has {$table->rows} rows");
        }
        $subs = [];
        foreach ($table->read([...self::NEEDED, ...array_filter(self::OPTIONAL, $table->has(...))]) as $row) {
            $subs[] = self::sub($row + array_fill_keys(self::OPTIONAL, null));
        }

        return $subs;
    }

    /** @param array<string, mixed> $row */
    private static function sub(array $row): StackedSub
    {
        $number = static fn (mixed $value): ?float => (is_float($value) || is_int($value)) && is_finite((float) $value) ? (float) $value : null;
        $text = static fn (mixed $value): string => is_string($value) ? rtrim($value, " \0") : '';
        $isUsed = $row['USED'] === true;
        $fwhm = $number($row['FWHM']);

        return new StackedSub(
            filename: mb_scrub($text($row['FILENAME']), 'UTF-8'),
            dateObs: $text($row['DATE_OBS']) === '' ? null : $text($row['DATE_OBS']),
            isUsed: $isUsed,
            reason: mb_scrub($text($row['REASON']), 'UTF-8'),
            stars: is_int($row['NSTARS']) ? $row['NSTARS'] : null,
            fwhm: $fwhm === null || $fwhm <= 0.0 ? null : $fwhm,
            ellipticity: $number($row['ELLIPTIC']),
            sky: $number($row['SKY']),
            weight: $isUsed ? $number($row['WEIGHT']) : null,
        );
    }
}
