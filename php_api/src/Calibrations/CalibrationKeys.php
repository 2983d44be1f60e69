<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Fits\TableReader;
use CrowdSky\Fits\UnreadableTable;

/**
 * What the numbers in an archived calibration belong to: of each epoch the hash of its file and its part of a series, of
 * each star its place. CalibrationArchive writes them.
 */
final class CalibrationKeys
{
    /**
     * @param array<int, array<string, mixed>> $epochs rows of EPOCH_KEYS by the number of the epoch
     * @param array<int, array<string, mixed>> $stars rows of STAR_KEYS by that of the star
     */
    private function __construct(public readonly array $epochs, public readonly array $stars)
    {
    }

    /**
     * @param string $path of a file that nobody changes meanwhile
     * @throws UnreadableTable
     */
    public static function read(string $path): self
    {
        $tables = TableReader::inFile($path);
        $rows = static function (string $name, array $columns) use ($tables): array {
            $table = $tables[$name] ?? throw new UnreadableTable("the table $name is missing");
            $byNumber = [];
            $present = [...array_keys($columns), ...array_filter([CalibrationArchive::LIGHT_IN], $table->has(...))];
            foreach ($table->read($present) as $row) {
                $byNumber[(int) reset($row)] = $row;
            }
            return $byNumber;
        };
        return new self($rows('EPOCH_KEYS', CalibrationArchive::EPOCHS), $rows('STAR_KEYS', CalibrationArchive::STARS));
    }

    /** @return array<int, int> epochs whose light is in another one: that one, by number */
    public function copies(): array
    {
        return array_filter(array_map(static fn (array $row): int => (int) ($row[CalibrationArchive::LIGHT_IN] ?? 0), $this->epochs));
    }
}
