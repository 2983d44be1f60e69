<?php

declare(strict_types=1);

namespace CrowdSky\Database;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;

/**
 * Applies the numbered files of migrations/{engine}/ that have not been applied to the database yet.
 *
 * Every file can be run twice: MariaDB commits each schema statement by itself, so a file may have been applied without
 * having been recorded.
 */
final class Migrator
{
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly string $folder,
        private readonly string $lockFolder,
    ) {
    }

    /**
     * Costs one query when there is nothing to do.
     *
     * @return list<string> names of the files applied
     */
    public function bringUpToDate(): array
    {
        $files = $this->files();
        if ($files === [] || $this->version() >= array_key_last($files)) {
            return [];
        }
        return $this->locked(function () use ($files): array {
            $version = $this->version();
            $pending = array_filter($files, static fn (int $number): bool => $number > $version, ARRAY_FILTER_USE_KEY);
            foreach ($pending as $number => $file) {
                $this->apply($number, $file);
            }
            return array_values(array_map(basename(...), $pending));
        });
    }

    /** Whether the schema matches this code: neither older nor newer. */
    public function isCurrent(): bool
    {
        return $this->version() === array_key_last($this->files());
    }

    /** Number of the last migration applied; 0 for an empty database. */
    public function version(): int
    {
        try {
            return (int) $this->database->value('SELECT MAX(version) FROM schema_migrations');
        } catch (\PDOException $error) {
            if (self::isMissingTable($error)) {
                return 0;
            }
            throw $error;
        }
    }

    /** @return array<int, string> path by number, rising */
    private function files(): array
    {
        $files = [];
        foreach (glob("{$this->folder}/{$this->database->engine->value}/[0-9]*_*.sql") ?: [] as $path) {
            $files[(int) basename($path)] = $path;
        }
        ksort($files);
        return $files;
    }

    private function apply(int $number, string $file): void
    {
        foreach (self::statements((string) file_get_contents($file)) as $sql) {
            $this->run($sql);
        }
        $this->database->insert('schema_migrations', [
            'version' => $number,
            'name' => basename($file, '.sql'),
            'applied_at' => Utc::stored($this->clock->now()),
        ]);
    }

    /** SQLite has no ADD COLUMN IF NOT EXISTS, so an existing column is not an error. */
    private function run(string $sql): void
    {
        try {
            $this->database->statement($sql);
        } catch (\PDOException $error) {
            if (!str_contains($error->getMessage(), 'duplicate column name')) {
                throw $error;
            }
        }
    }

    /** @return list<string> the statements of a file: each ends with a semicolon at the end of a line */
    private static function statements(string $text): array
    {
        $code = preg_replace('/^\s*--.*$/m', '', $text) ?? '';
        $parts = preg_split('/;\s*$/m', $code) ?: [];
        return array_values(array_filter(array_map(trim(...), $parts), static fn (string $part): bool => $part !== ''));
    }

    /**
     * Lets one process migrate while the others wait.
     *
     * @template T
     * @param \Closure(): T $work
     * @return T
     */
    private function locked(\Closure $work): mixed
    {
        $lock = fopen("{$this->lockFolder}/migrate.lock", 'c');
        if ($lock === false || !flock($lock, LOCK_EX)) {
            throw new \RuntimeException("The migration lock {$this->lockFolder}/migrate.lock cannot be taken; check the owner of the data folder");
        }
        try {
            $this->database->statement($this->versionTable());
            // A migration that a power cut undoes is simply run again.
            return $this->database->forgettable($work);
        } finally {
            flock($lock, LOCK_UN);
            fclose($lock);
        }
    }

    private function versionTable(): string
    {
        $columns = 'version INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, applied_at VARCHAR(19) NOT NULL';
        $table = "CREATE TABLE IF NOT EXISTS schema_migrations ($columns)";
        return $this->database->engine === Engine::MariaDb ? "$table ENGINE=InnoDB ROW_FORMAT=DYNAMIC" : $table;
    }

    private static function isMissingTable(\PDOException $error): bool
    {
        return ($error->errorInfo[1] ?? 0) === 1146 || str_contains($error->getMessage(), 'no such table');
    }
}
