<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

use CrowdSky\Database\Database;

/** The files of the export, by the names under which they are shown. */
final class HatsFiles
{
    public function __construct(private readonly Database $database)
    {
    }

    /** Lets one transaction at a time describe all files; of two that describe the very first ones, the later one fails. */
    public function lock(): void
    {
        $this->database->execute('UPDATE hats_files SET size_bytes = size_bytes WHERE name = ?', [HatsDescription::MANIFEST]);
    }

    /** @return array{sha256: string, size: int}|null null when there is no such file */
    public function find(string $name): ?array
    {
        $row = strlen($name) > 100 ? null : $this->database->one('SELECT sha256, size_bytes FROM hats_files WHERE name = ?', [$name]);
        return $row === null ? null : ['sha256' => $row['sha256'], 'size' => (int) $row['size_bytes']];
    }

    /**
     * Shows the files of a partition in place of those that it has had.
     *
     * @param array<string, array{sha256: string, size: int, rows: int, schema: array{sha256: string, size: int}}> $files by catalogue
     * @return bool whether anything changed
     */
    public function show(HatsCell $cell, array $files): bool
    {
        $where = 'norder = ? AND npix = ?';
        $rows = $this->database->all("SELECT catalogue, sha256 FROM hats_files WHERE $where", [$cell->order, $cell->pixel]);
        // Arrays with the same pairs are equal in any order.
        if (array_column($rows, 'sha256', 'catalogue') == array_map(static fn (array $file): string => $file['sha256'], $files)) {
            return false;
        }
        $this->database->execute("DELETE FROM hats_files WHERE $where", [$cell->order, $cell->pixel]);
        foreach ($files as $catalogue => $file) {
            $this->database->insert('hats_files', [
                'name' => $cell->fileOf($catalogue), 'catalogue' => $catalogue, 'norder' => $cell->order, 'npix' => $cell->pixel,
                'n_rows' => $file['rows'], 'size_bytes' => $file['size'], 'sha256' => $file['sha256'],
            ]);
        }
        return true;
    }

    /** @return list<array{cell: HatsCell, rows: int, size: int}> the partitions of a catalogue */
    public function partitions(string $catalogue): array
    {
        $rows = $this->database->all(
            'SELECT norder, npix, n_rows, size_bytes FROM hats_files WHERE catalogue = ? AND norder IS NOT NULL ORDER BY norder, npix',
            [$catalogue],
        );
        return array_map(static fn (array $row): array => [
            'cell' => HatsCell::fromRow($row), 'rows' => (int) $row['n_rows'], 'size' => (int) $row['size_bytes'],
        ], $rows);
    }

    /**
     * Shows what describes the partitions, in place of what did before.
     *
     * @param array<string, array{catalogue: string, sha256: string, size: int}> $files by name
     */
    public function describe(array $files): void
    {
        $this->database->execute('DELETE FROM hats_files WHERE norder IS NULL');
        foreach ($files as $name => $file) {
            $this->database->insert('hats_files', [
                'name' => $name, 'catalogue' => $file['catalogue'], 'size_bytes' => $file['size'], 'sha256' => $file['sha256'],
            ]);
        }
    }

    /** @return list<string> hashes of the files that describe the partitions */
    public function descriptions(): array
    {
        return array_column($this->database->all('SELECT sha256 FROM hats_files WHERE norder IS NULL'), 'sha256');
    }

    /** @return list<array{name: string, catalogue: string, rows: int|null, size: int, sha256: string}> all, in the order of names */
    public function all(): array
    {
        return array_map(static fn (array $row): array => [
            'name' => $row['name'], 'catalogue' => $row['catalogue'], 'rows' => $row['n_rows'] === null ? null : (int) $row['n_rows'],
            'size' => (int) $row['size_bytes'], 'sha256' => $row['sha256'],
        ], $this->database->all('SELECT * FROM hats_files ORDER BY name'));
    }

    /** @return array<string, true> */
    public function objects(): array
    {
        return array_fill_keys(array_column($this->database->all('SELECT sha256 FROM hats_files'), 'sha256'), true);
    }
}
