<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Database\Database;

/** The partitions that are wanted, and those that were built. */
final class HatsCells
{
    public function __construct(private readonly Database $database)
    {
    }

    /** Hash of the file that a job has built its partition of; null if the partition is of another job. */
    public function builtBy(int $jobId): ?string
    {
        return $this->database->value('SELECT sha256 FROM hats_cells WHERE job_id = ?', [$jobId]);
    }

    /** @return list<int> partitions of the first order in which anything is wanted or built */
    public function roots(): array
    {
        return array_map('intval', array_column($this->database->all('SELECT DISTINCT root FROM hats_cells'), 'root'));
    }

    /** @return array<string, BuiltCell> all in a partition of the first order, by name */
    public function within(int $root): array
    {
        $found = [];
        foreach ($this->database->all('SELECT * FROM hats_cells WHERE root = ? ORDER BY norder, npix', [$root]) as $row) {
            $cell = BuiltCell::fromRow($row);
            $found[$cell->cell->name()] = $cell;
        }
        return $found;
    }

    /**
     * Notes which partitions are wanted in one of the first order, and of what they are to be built.
     *
     * @param array<string, array{HatsCell, string, int}> $planned with fingerprint and observations, by name
     */
    public function plan(int $root, array $planned): void
    {
        $this->database->transaction(function () use ($root, $planned): void {
            $known = $this->within($root);
            foreach ($planned as $name => [$cell, $fingerprint]) {
                if (isset($known[$name])) {
                    $this->update($cell, ['wanted' => $fingerprint]);
                } else {
                    $this->database->insert('hats_cells', ['norder' => $cell->order, 'npix' => $cell->pixel, 'root' => $root, 'wanted' => $fingerprint]);
                }
            }
            foreach (array_diff_key($known, $planned) as $cell) {
                $this->update($cell->cell, ['wanted' => null]);
            }
        });
    }

    /** @return \Generator<BuiltCell> those that are shown, the latest built first */
    public function published(): \Generator
    {
        foreach ($this->database->each('SELECT * FROM hats_cells WHERE is_published = 1 ORDER BY built_at DESC, job_id DESC') as $row) {
            yield BuiltCell::fromRow($row);
        }
    }

    /** @param array<string, mixed> $columns */
    public function update(HatsCell $cell, array $columns): void
    {
        $sets = implode(', ', array_map(static fn (string $name): string => "$name = ?", array_keys($columns)));
        $this->database->execute("UPDATE hats_cells SET $sets WHERE norder = ? AND npix = ?", [...array_values($columns), $cell->order, $cell->pixel]);
    }

    public function remove(HatsCell $cell): void
    {
        $this->database->execute('DELETE FROM hats_cells WHERE norder = ? AND npix = ?', [$cell->order, $cell->pixel]);
    }

    /** @return array<string, true> hashes of the files that were built */
    public function objects(): array
    {
        $found = [];
        foreach ($this->database->each('SELECT * FROM hats_cells WHERE files IS NOT NULL') as $row) {
            $found += array_fill_keys(BuiltCell::fromRow($row)->objects(), true);
        }
        return $found;
    }
}
