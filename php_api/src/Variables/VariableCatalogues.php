<?php

declare(strict_types=1);

namespace CrowdSky\Variables;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Results\StackIndex;

/**
 * Replaces the catalogue of variable stars as a whole.
 *
 * A new one is written beside that in use, in short transactions, because SQLite lets nobody else write during one. It
 * counts from the commit that completes it; until then, and if the import fails, the old one stays in use.
 */
final class VariableCatalogues
{
    /** Rows of one INSERT: older SQLite takes 999 values. */
    private const ROWS = 70;
    private const ROWS_OF_COMMIT = 70 * 50;
    private const COLUMNS = [
        'catalogue_id', 'number', 'name', 'ra_deg', 'dec_deg', 'type', 'period', 'max_mag', 'min_mag', 'band',
        'sky_pixel', 'sky_x', 'sky_y', 'sky_z',
    ];

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    /** @return VariableCatalogue|null null when none was imported */
    public function current(): ?VariableCatalogue
    {
        $row = $this->database->one('SELECT * FROM variable_catalogues WHERE imported_at IS NOT NULL ORDER BY id DESC LIMIT 1');

        return $row === null ? null : new VariableCatalogue((int) $row['id'], $row['file_name'], (int) $row['stars'], $row['imported_at']);
    }

    /**
     * Imports a file whose rows are all right.
     *
     * @throws UnreadableCatalogue when the file has changed since, or another import removed the rows of this one
     */
    public function import(VariableFile $file): VariableCatalogue
    {
        $this->removeUnused();
        $id = $this->database->insert('variable_catalogues', ['file_name' => $file->name(), 'stars' => 0]);
        $count = 0;
        try {
            foreach ($this->batches($id, $file) as $rows) {
                $this->database->transaction(fn () => array_map($this->write(...), array_chunk($rows, self::ROWS)));
                $count += count($rows);
            }
            $this->complete($id, $count);
        } catch (\Throwable $error) {
            $this->remove($id);
            throw $error;
        }
        $this->removeUnused();

        return $this->current() ?? throw new UnreadableCatalogue('Another import has removed this catalogue');
    }

    /** Removes all but the catalogue in use: the one before it, and what an interrupted import left. */
    private function removeUnused(): void
    {
        $rows = $this->database->all('SELECT id FROM variable_catalogues WHERE id <> ?', [$this->current()?->id ?? 0]);
        array_map($this->remove(...), array_map('intval', array_column($rows, 'id')));
    }

    private function remove(int $id): void
    {
        while (($last = $this->database->value('SELECT MAX(number) FROM variable_stars WHERE catalogue_id = ?', [$id])) !== null) {
            $from = (int) $last - self::ROWS_OF_COMMIT;
            $this->database->execute('DELETE FROM variable_stars WHERE catalogue_id = ? AND number > ?', [$id, $from]);
        }
        $this->database->execute('DELETE FROM variable_catalogues WHERE id = ?', [$id]);
    }

    /** @return \Generator<int, list<list<mixed>>> rows of one commit each */
    private function batches(int $id, VariableFile $file): \Generator
    {
        $rows = [];
        foreach ($file->stars() as $line => $star) {
            $columns = $star->toRow() + StackIndex::place($star->ra, $star->dec) + ['catalogue_id' => $id, 'number' => $line];
            $rows[] = array_map(static fn (string $column): mixed => $columns[$column], self::COLUMNS);
            if (count($rows) === self::ROWS_OF_COMMIT) {
                yield $rows;
                $rows = [];
            }
        }
        if ($rows !== []) {
            yield $rows;
        }
    }

    /** @param non-empty-list<list<mixed>> $rows */
    private function write(array $rows): void
    {
        $marks = '(' . implode(', ', array_fill(0, count(self::COLUMNS), '?')) . ')';
        $this->database->execute(
            'INSERT INTO variable_stars (' . implode(', ', self::COLUMNS) . ') VALUES ' . implode(', ', array_fill(0, count($rows), $marks)),
            array_merge(...$rows),
        );
    }

    private function complete(int $id, int $count): void
    {
        $this->database->transaction(function () use ($id, $count): void {
            $written = (int) $this->database->value('SELECT COUNT(*) FROM variable_stars WHERE catalogue_id = ?', [$id]);
            $changed = $this->database->execute(
                'UPDATE variable_catalogues SET stars = ?, imported_at = ? WHERE id = ?',
                [$count, Utc::stored($this->clock->now()), $id],
            );
            if ($written !== $count || $changed !== 1) {
                throw new UnreadableCatalogue('Another import ran at the same time; import the file again');
            }
        });
    }
}
