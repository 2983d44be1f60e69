<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Refusal;
use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\LongText;
use CrowdSky\Fits\StoredHeader;
use CrowdSky\Fits\TableReader;
use CrowdSky\Fits\UnreadableTable;

/** The file with the calibration that a worker has computed, as it is; CalibrationCheck says whether it can be believed. */
final class CalibrationFile
{
    public const ZERO_POINTS = ['EPOCH_ID', 'BAND', 'ZP', 'ZPERR', 'CTERM', 'U', 'V', 'UU', 'UV', 'VV', 'FLOOR', 'NSTARS'];
    public const STARS = ['STAR_ID', 'BAND', 'MAG', 'ERR', 'COLOUR', 'N', 'SCATTER', 'CHI2', 'EXTRA', 'FLAGS'];
    public const VARIABLES = [
        'STAR_ID', 'BAND', 'KIND', 'SCORE', 'EXCESS', 'NPOINTS', 'NNIGHTS', 'AMPLITUDE', 'PERIOD', 'PERIOD_ERR', 'FAP', 'T0', 'DEPTH',
        'DURATION', 'TREND', 'BRIGHT', 'FAINT',
    ];
    /** Older workers send neither. */
    public const LATER_OF_VARIABLES = ['AMPLITUDE_ERR', 'REMARK'];
    private const MODEL_DEPTH = 32;
    /** About as much as a header may have that is read here. */
    private const MODEL_BYTES = 140_000;
    private const CATALOGUE_CHARACTERS = 80;

    /**
     * @param array<string, TableReader> $tables by name
     * @param array<string, mixed> $model
     */
    private function __construct(
        private readonly array $tables,
        public readonly int $field,
        public readonly int $version,
        /** null when the magnitudes are tied to none */
        public readonly ?string $catalogue,
        public readonly array $model,
        /** JSON */
        public readonly string $modelText,
    ) {
    }

    /**
     * @param string $path of a file that nobody changes meanwhile
     * @throws Refusal when it is not such a file
     */
    public static function read(string $path): self
    {
        try {
            $tables = TableReader::inFile($path);
        } catch (UnreadableTable $error) {
            throw self::unusable($error->getMessage());
        }
        $header = self::primary($path);
        $cards = new HeaderCards();
        array_map($cards->add(...), $header);
        $catalogue = $cards->text('CATALOG');
        $text = LongText::of($header, 'MODEL') ?? '';
        $model = json_decode($text, true, self::MODEL_DEPTH);
        if (!is_array($model) || array_is_list($model) && $model !== [] || strlen($text) > self::MODEL_BYTES) {
            throw self::unusable('MODEL is no JSON object of at most ' . self::MODEL_BYTES . ' bytes');
        }
        if ($catalogue !== null && strlen($catalogue) > self::CATALOGUE_CHARACTERS) {
            throw self::unusable('CATALOG has more than ' . self::CATALOGUE_CHARACTERS . ' characters');
        }
        return new self($tables, $cards->integer('FIELD') ?? 0, $cards->integer('VERSION') ?? 0, $catalogue, $model, $text);
    }

    /** @return \Generator<int, array<string, mixed>> by the names of ZERO_POINTS; NaN is null */
    public function zeroPoints(): \Generator
    {
        return $this->rows('ZEROPTS', self::ZERO_POINTS);
    }

    /** @return \Generator<int, array<string, mixed>> by the names of STARS */
    public function stars(): \Generator
    {
        return $this->rows('STARMAGS', self::STARS);
    }

    /** @return \Generator<int, array<string, mixed>> by the names of VARIABLES and LATER_OF_VARIABLES, null where an older worker sent none */
    public function variables(): \Generator
    {
        $there = array_filter(self::LATER_OF_VARIABLES, fn (string $name): bool => ($this->tables['VARIABLES'] ?? null)?->has($name) ?? false);
        foreach ($this->rows('VARIABLES', [...self::VARIABLES, ...$there]) as $number => $row) {
            yield $number => array_replace($row, array_fill_keys(array_diff(self::LATER_OF_VARIABLES, $there), null));
        }
    }

    public static function unusable(string $why): Refusal
    {
        return Refusal::unusable("This is no calibration of the field: $why", 'wrong_format');
    }

    /**
     * @param list<string> $columns
     * @return \Generator<int, array<string, mixed>>
     */
    private function rows(string $name, array $columns): \Generator
    {
        $table = $this->tables[$name] ?? throw self::unusable("the table $name is missing");
        try {
            yield from $table->read($columns);
        } catch (UnreadableTable $error) {
            throw self::unusable($error->getMessage());
        }
    }

    /** @return list<string> cards */
    private static function primary(string $path): array
    {
        $bytes = static fn (int $offset, int $length): string => (string) file_get_contents($path, false, null, $offset, $length);
        foreach (StoredHeader::eachOf($bytes, (int) filesize($path)) as $header) {
            return $header->cards;
        }
        return [];
    }
}
