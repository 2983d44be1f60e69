<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;

/**
 * The files in storage that a rescan has replaced and that cleanup may delete later.
 */
final class ReplacedObjects
{
    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly int $graceHours,
    ) {
    }

    /**
     * Lists files to be deleted. Call it in the transaction that points the stack to other files.
     *
     * @param list<string> $paths
     * @param string $dueAt stored form; when they may be deleted if the setting does not change
     */
    public function add(int $stackId, array $paths, string $dueAt): void
    {
        foreach ($paths as $path) {
            $this->database->insert('replaced_objects', [
                'stack_id' => $stackId,
                'path' => $path,
                'delete_due_at' => $dueAt,
                'replaced_at' => Utc::stored($this->clock->now()),
            ]);
        }
    }

    /** @return list<string> files of the stack that will be deleted */
    public function pathsOf(int $stackId): array
    {
        return array_column($this->database->all('SELECT path FROM replaced_objects WHERE stack_id = ?', [$stackId]), 'path');
    }

    /**
     * Lists what may be deleted by the grace period that is set now, whatever it was when the file was replaced.
     *
     * @return array<int, array<int, string>> stack id => id of the entry => path
     */
    public function due(): array
    {
        $due = [];
        $rows = $this->database->all(
            'SELECT id, stack_id, path FROM replaced_objects
              WHERE replaced_at <= ? OR replaced_at IS NULL AND delete_due_at <= ? ORDER BY id',
            [Utc::storedBefore($this->clock->now(), 3600 * $this->graceHours), Utc::stored($this->clock->now())],
        );
        foreach ($rows as $row) {
            $due[(int) $row['stack_id']][(int) $row['id']] = $row['path'];
        }
        return $due;
    }

    /** Removes an entry whose file is gone, or is kept for good. */
    public function forget(int $id): void
    {
        $this->database->execute('DELETE FROM replaced_objects WHERE id = ?', [$id]);
    }
}
