<?php

declare(strict_types=1);

namespace CrowdSky\Custody;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Storage\StoragePath;

/**
 * Lists the files in trash: what was moved there, from where, when and why. Only StorageGate moves and deletes files.
 */
final class Trash
{
    private const NONCE_BYTES = 8;

    public function __construct(
        private readonly Database $database,
        private readonly Clock $clock,
        private readonly string $storageBase,
    ) {
    }

    /**
     * Enters a file before it is moved, so that a move whose answer is lost loses no file. The entry of an interrupted
     * move is used again.
     */
    public function enter(string $path, string $reason): TrashedObject
    {
        $found = $this->database->one('SELECT * FROM trashed_objects WHERE path = ?', [$path]);
        if ($found === null) {
            $this->database->insert('trashed_objects', [
                'path' => $path,
                'trash_path' => $this->newPath($path),
                'reason' => mb_substr($reason, 0, 255),
                'trashed_at' => Utc::stored($this->clock->now()),
            ]);
            $found = $this->database->one('SELECT * FROM trashed_objects WHERE path = ?', [$path]);
        }
        return TrashedObject::fromRow($found ?? throw new \LogicException("$path was not entered in the list of the trash"));
    }

    /** @return list<TrashedObject> everything in trash, the oldest first */
    public function all(): array
    {
        return array_map(TrashedObject::fromRow(...), $this->database->all('SELECT * FROM trashed_objects ORDER BY trashed_at, id'));
    }

    /**
     * @param string $before stored form
     * @return list<TrashedObject> what was moved there earlier
     */
    public function olderThan(string $before): array
    {
        $rows = $this->database->all('SELECT * FROM trashed_objects WHERE trashed_at <= ? ORDER BY id', [$before]);
        return array_map(TrashedObject::fromRow(...), $rows);
    }

    /** @throws Refusal when there is no such entry */
    public function get(int $id): TrashedObject
    {
        $row = $this->database->one('SELECT * FROM trashed_objects WHERE id = ?', [$id]);
        return TrashedObject::fromRow($row ?? throw Refusal::notFound("Nothing in trash has the number $id; cleanup.php --trash lists what is there"));
    }

    /** Removes the entry of a file that is not in trash any more. */
    public function forget(TrashedObject $object): void
    {
        $this->database->execute('DELETE FROM trashed_objects WHERE id = ?', [$object->id]);
    }

    /** Returns where a file in trash was, by its name; every other path as it is. */
    public static function originalPath(string $base, string $path): string
    {
        $pattern = '#^' . preg_quote("$base/trash/", '#') . '((?:[^/]+/)*)[0-9a-f]{16}_([^/]+)$#D';
        return preg_match($pattern, $path, $match) === 1 ? "$base/$match[1]$match[2]" : $path;
    }

    /** Returns a path that keeps the folders of the original one, so that a file says where it comes from without the list. */
    private function newPath(string $path): string
    {
        $below = substr($path, strlen("{$this->storageBase}/"));
        $folder = dirname("{$this->storageBase}/trash/$below");
        return StoragePath::check("$folder/" . bin2hex(random_bytes(self::NONCE_BYTES)) . '_' . basename($path));
    }
}
