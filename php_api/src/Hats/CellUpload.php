<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Base\Refusal;
use CrowdSky\Storage\SpooledFile;
use CrowdSky\Storage\TarReader;

/**
 * Checks the files of a partition and puts them into the folder of the export, where they wait to be shown.
 *
 * In the tar file are export.json (the layout, what the rows were, and their numbers), and of each table TABLE.parquet and
 * its schema, TABLE.schema.
 */
final class CellUpload
{
    private const REPORT = 'export.json';
    private const MOST_REPORT_BYTES = 65536;
    private const ROWS = '.parquet';
    private const SCHEMA = '.schema';
    private const MAGIC = 'PAR1';

    public function __construct(
        private readonly HatsFolder $folder,
        private readonly HatsPlan $plan,
        private readonly CellRows $rows,
        private readonly int $mostBytes,
    ) {
    }

    /**
     * @return array{string, array<string, array{sha256: string, size: int, rows: int, schema: array{sha256: string, size: int}}>} what it
     *     was built of, and its files by catalogue
     * @throws Refusal for files that are not those of a partition, and for rows that are not those of now
     */
    public function take(SpooledFile $file, HatsCell $cell): array
    {
        [$report, $parquet] = $this->unpack($file);
        $rows = $this->requireCurrent($report, $cell);
        $files = [];
        foreach ($rows as $catalogue => $count) {
            $content = $parquet[$catalogue . self::ROWS] ?? null;
            $schema = $parquet[$catalogue . self::SCHEMA] ?? null;
            if ($content === null || $schema === null) {
                throw self::wrong("of $catalogue, " . ($content === null ? 'the rows are' : 'the schema is') . ' missing');
            }
            $files[$catalogue] = $content + ['rows' => $count, 'schema' => $schema];
        }
        if (count($parquet) > 2 * count($files)) {
            throw self::wrong('it has files of tables without rows');
        }
        return [$report['content'], $files];
    }

    /** @return array{array<string, mixed>, array<string, array{sha256: string, size: int}>} the report, and the Parquet files by name */
    private function unpack(SpooledFile $file): array
    {
        $stream = fopen($file->path, 'rb');
        if ($stream === false) {
            throw new \RuntimeException("{$file->path} cannot be read");
        }
        try {
            $tar = new TarReader($stream, $this->mostBytes);
            [$report, $parquet] = [null, []];
            foreach ($tar->sizes() as $name => $size) {
                if ($name === self::REPORT && $size <= self::MOST_REPORT_BYTES) {
                    $report = json_decode(implode('', iterator_to_array($tar->pieces(), false)), true, 8);
                } elseif (in_array($name, self::names(), true)) {
                    $parquet[$name] = $this->folder->add(self::parquet($name, $tar->pieces()));
                } else {
                    throw self::wrong(mb_substr(mb_scrub($name), 0, 60) . ' is no file of a partition');
                }
            }
        } finally {
            fclose($stream);
        }
        return [is_array($report) ? $report : throw self::wrong(self::REPORT . ' is missing or is no JSON'), $parquet];
    }

    /**
     * @param iterable<string> $pieces
     * @return \Generator<string> the same
     * @throws Refusal after the last one, if they are no Parquet file
     */
    private static function parquet(string $name, iterable $pieces): \Generator
    {
        [$begin, $end] = ['', ''];
        foreach ($pieces as $piece) {
            $begin = strlen($begin) < 4 ? substr($begin . $piece, 0, 4) : $begin;
            $end = substr($end . $piece, -4);
            yield $piece;
        }
        if ($begin !== self::MAGIC || $end !== self::MAGIC) {
            throw self::wrong("$name is no whole Parquet file");
        }
    }

    /**
     * @param array<string, mixed> $report
     * @return array<string, int> rows of the tables that have any
     */
    private function requireCurrent(array $report, HatsCell $cell): array
    {
        if (($report['layout'] ?? null) !== HatsPlan::LAYOUT) {
            throw self::wrong('its tables are of another version than this site shows; update the worker');
        }
        if (!is_string($report['content'] ?? null) || $report['content'] !== $this->plan->fingerprintOf($cell)) {
            throw Refusal::unusable('What belongs into this partition has changed; ask for its rows again', 'outdated');
        }
        $totals = $this->rows->totals($cell);
        foreach (HatsTables::NAMES as $catalogue) {
            $found = $report['rows'][$catalogue] ?? 0;
            if ($found !== $totals[$catalogue]) {
                $shown = is_int($found) ? (string) $found : 'an unknown number of';
                throw self::wrong("it has $shown rows of $catalogue, and {$totals[$catalogue]} belong into it");
            }
        }
        return array_filter($totals);
    }

    /** @return list<string> */
    private static function names(): array
    {
        $names = [];
        foreach (HatsTables::NAMES as $catalogue) {
            array_push($names, $catalogue . self::ROWS, $catalogue . self::SCHEMA);
        }
        return $names;
    }

    private static function wrong(string $why): Refusal
    {
        return Refusal::unusable("The partition is not usable: $why", 'wrong_format');
    }
}
