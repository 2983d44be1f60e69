<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Database\Database;

/**
 * The files in storage that a rescan has replaced and that cleanup may delete later.
 */
final class ReplacedObjects
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Lists files to be deleted. Call it in the transaction that points the stack to other files.
     *
     * @param list<string> $paths
     * @param string $dueAt stored form; not deleted before
     */
    public function add(int $stackId, array $paths, string $dueAt): void
    {
        foreach ($paths as $path) {
            $this->database->insert('replaced_objects', ['stack_id' => $stackId, 'path' => $path, 'delete_due_at' => $dueAt]);
        }
    }

    /** @return list<string> files of the stack that will be deleted */
    public function pathsOf(int $stackId): array
    {
        return array_column($this->database->all('SELECT path FROM replaced_objects WHERE stack_id = ?', [$stackId]), 'path');
    }

    /**
     * @param string $now stored form
     * @return array<int, array<int, string>> stack id => id of the entry => path
     */
    public function due(string $now): array
    {
        $due = [];
        foreach ($this->database->all('SELECT id, stack_id, path FROM replaced_objects WHERE delete_due_at <= ? ORDER BY id', [$now]) as $row) {
            $due[(int) $row['stack_id']][(int) $row['id']] = $row['path'];
        }
        return $due;
    }

    /** Removes an entry whose file is gone. */
    public function forget(int $id): void
    {
        $this->database->execute('DELETE FROM replaced_objects WHERE id = ?', [$id]);
    }
}
