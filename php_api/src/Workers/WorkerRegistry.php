<?php

declare(strict_types=1);

namespace CrowdSky\Workers;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;

/**
 * Records the workers behind each key: when they were seen and what they have done.
 */
final class WorkerRegistry
{
    /**
     * Seconds between two updates of a worker's last visit; each of them is a write. A worker counts as gone after ten
     * minutes.
     */
    private const SEEN_INTERVAL = 120;

    public function __construct(private readonly Database $database, private readonly Clock $clock)
    {
    }

    public function seen(int $apiKeyId, string $workerName, ?string $version): void
    {
        $this->database->forgettable(fn () => $this->note($apiKeyId, $workerName, $version));
    }

    private function note(int $apiKeyId, string $workerName, ?string $version): void
    {
        $now = $this->clock->now();
        $row = $this->database->one(
            'SELECT id, version, last_seen_at FROM workers WHERE api_key_id = ? AND worker_name = ?',
            [$apiKeyId, $workerName],
        );
        if ($row === null) {
            $this->add($apiKeyId, $workerName, $version, Utc::stored($now));
            return;
        }
        $version ??= $row['version'];
        if ($row['last_seen_at'] <= Utc::storedBefore($now, self::SEEN_INTERVAL) || $version !== $row['version']) {
            $this->database->execute(
                'UPDATE workers SET last_seen_at = ?, version = ? WHERE id = ?',
                [Utc::stored($now), $version, $row['id']],
            );
        }
    }

    public function countCompleted(int $apiKeyId, string $workerName): void
    {
        $this->database->execute('UPDATE workers SET jobs_completed = jobs_completed + 1 WHERE api_key_id = ? AND worker_name = ?', [$apiKeyId, $workerName]);
    }

    public function countFailed(int $apiKeyId, string $workerName): void
    {
        $this->database->execute('UPDATE workers SET jobs_failed = jobs_failed + 1 WHERE api_key_id = ? AND worker_name = ?', [$apiKeyId, $workerName]);
    }

    /** @return list<array<string, mixed>> rows of workers with key_name and revoked_at, last seen first */
    public function all(): array
    {
        return $this->database->all(
            'SELECT w.*, k.name AS key_name, k.revoked_at FROM workers w JOIN api_keys k ON k.id = w.api_key_id
             ORDER BY w.last_seen_at DESC, w.id',
        );
    }

    private function add(int $apiKeyId, string $workerName, ?string $version, string $now): void
    {
        try {
            $this->database->insert('workers', [
                'api_key_id' => $apiKeyId,
                'worker_name' => $workerName,
                'version' => $version,
                'first_seen_at' => $now,
                'last_seen_at' => $now,
            ]);
        } catch (DuplicateKey) {
            // Two first visits at once; the other request has written the row.
            return;
        }
    }
}
