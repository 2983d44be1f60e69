<?php

declare(strict_types=1);

namespace CrowdSky\Database;

/**
 * The number that the next row of a table gets. It only ever grows.
 */
final class IdSequence
{
    public function __construct(private readonly Database $database)
    {
    }

    /**
     * Makes all further ids of a table greater than $number.
     *
     * @param string $table with an id that counts by itself; from our code, never from outside
     */
    public function raiseAbove(string $table, int $number): void
    {
        if ($this->last($table) >= $number) {
            return;
        }
        if ($this->database->engine === Engine::MariaDb) {
            $this->database->statement("ALTER TABLE $table AUTO_INCREMENT = " . ($number + 1));
        } elseif ($this->database->execute('UPDATE sqlite_sequence SET seq = ? WHERE name = ?', [$number, $table]) === 0) {
            $this->database->execute('INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)', [$table, $number]);
        }
    }

    private function last(string $table): int
    {
        return $this->database->engine === Engine::MariaDb
            ? (int) $this->database->value('SELECT auto_increment FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?', [$table]) - 1
            : (int) $this->database->value('SELECT seq FROM sqlite_sequence WHERE name = ?', [$table]);
    }
}
