<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

/** Reads a catalogue of variable stars, CSV in UTF-8 with a header, line by line. */
final class VariableFile
{
    private const COLUMNS = ['name', 'ra', 'dec', 'type', 'period', 'max', 'min', 'band'];
    private const MAX_LINE = 10_000;
    private const MAX_PROBLEMS = 20;

    public function __construct(private readonly string $path)
    {
    }

    public function name(): string
    {
        return mb_substr(mb_scrub(basename($this->path)), 0, 255);
    }

    /**
     * Reads it all.
     *
     * @return list<string> what is wrong, each with its line; the first MAX_PROBLEMS
     * @throws UnreadableCatalogue when the file or its header cannot be read
     */
    public function problems(): array
    {
        $problems = [];
        $line = 0;
        foreach ($this->read() as $line => $star) {
            if (is_string($star)) {
                $problems[] = "line $line: $star";
            }
            if (count($problems) >= self::MAX_PROBLEMS) {
                $problems[] = 'The rest of the file was not checked';
                break;
            }
        }

        return $line === 0 ? ['the file has no stars'] : $problems;
    }

    /**
     * @return \Generator<int, VariableStar> line => star
     * @throws UnreadableCatalogue at the first thing that is wrong
     */
    public function stars(): \Generator
    {
        foreach ($this->read() as $line => $star) {
            yield $line => is_string($star) ? throw new UnreadableCatalogue("{$this->path}, line $line: $star") : $star;
        }
    }

    /** @return \Generator<int, VariableStar|string> line => a star, or what is wrong there */
    private function read(): \Generator
    {
        $stream = @fopen($this->path, 'rb');
        if ($stream === false || is_dir($this->path)) {
            throw new UnreadableCatalogue("The file {$this->path} cannot be read");
        }
        try {
            $columns = self::columns($this->path, fgets($stream, self::MAX_LINE));
            for ($line = 2; ($text = fgets($stream, self::MAX_LINE)) !== false; $line++) {
                if (trim($text) !== '') {
                    yield $line => self::star($columns, $text);
                }
            }
        } finally {
            fclose($stream);
        }
    }

    /**
     * @return array<string, int> name => index
     * @throws UnreadableCatalogue when columns are missing or doubled
     */
    private static function columns(string $path, string|false $text): array
    {
        $names = str_getcsv(preg_replace('/^\xef\xbb\xbf/', '', (string) $text) ?? '', ',', '"', '');
        $names = array_map(static fn (?string $name): string => strtolower(trim($name ?? '')), $names);
        $known = array_intersect($names, self::COLUMNS);
        $missing = array_diff(self::COLUMNS, $known);
        if ($missing !== [] || count($known) !== count(array_unique($known))) {
            $what = $missing === [] ? 'has a column twice' : "lacks '" . implode("', '", $missing) . "'";
            throw new UnreadableCatalogue("$path, line 1: the header $what; it must name " . implode(',', self::COLUMNS));
        }

        return array_flip($known) + ['' => count($names)];
    }

    /** @param array<string, int> $columns and the number of all of them, without name */
    private static function star(array $columns, string $text): VariableStar|string
    {
        if (strlen($text) >= self::MAX_LINE - 1) {
            return 'is longer than ' . self::MAX_LINE . ' bytes';
        }
        $values = str_getcsv(rtrim($text, "\r\n"), ',', '"', '');
        if (count($values) !== $columns['']) {
            return 'has ' . count($values) . " fields; the header has {$columns['']}";
        }
        unset($columns['']);
        try {
            return VariableStar::fromFields(array_map(static fn (int $index): string => $values[$index] ?? '', $columns));
        } catch (\UnexpectedValueException $error) {
            return $error->getMessage();
        }
    }
}
