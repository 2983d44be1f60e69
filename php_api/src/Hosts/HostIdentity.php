<?php

declare(strict_types=1);

namespace CrowdSky\Hosts;

use CrowdSky\Base\Clock;
use CrowdSky\Base\DataFolder;
use CrowdSky\Base\Logger;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;
use CrowdSky\Storage\Folders;

/**
 * Knows whether this host has the data folder and the secret that the database was used with before.
 *
 * The folder of raws holds a file with an id. On a second host with a folder of its own, or where that folder is not
 * mounted, a raw that is not there is not lost: it is in the other folder.
 */
final class HostIdentity
{
    public const OTHER_FOLDER = 'the data folder is not the one that holds the raws of this database: it is another one, or not mounted';
    public const OTHER_SECRET = 'the server secret is not the one of this database: it was renewed, or this is another host';
    private const MARKER = 'raws/folder.id';
    private const ID_BYTES = 8;
    private const RETRY_SECONDS = 60;
    private const LOOKS = 40;
    private const LOOK_MICROSECONDS = 25_000;

    public function __construct(
        private readonly Database $database,
        private readonly DataFolder $data,
        private readonly Clock $clock,
        private readonly Logger $log,
    ) {
    }

    /** @return list<string> what is not as the database knows it */
    public function findings(): array
    {
        $known = $this->known();
        return [
            ...($this->isOwnFolder() ? [] : [self::OTHER_FOLDER]),
            ...($known['secret_fingerprint'] === $this->fingerprint() ? [] : [self::OTHER_SECRET]),
        ];
    }

    public function isOwnFolder(): bool
    {
        return $this->known()['folder_id'] === $this->folderId();
    }

    /** @throws Refusal as long as raws that the database knows may be in another folder */
    public function requireOwnFolder(): void
    {
        if (!$this->isOwnFolder()) {
            throw $this->unavailable(self::OTHER_FOLDER);
        }
    }

    /** A refusal that a worker repeats or hands its job back at; the log names the cause. */
    public function unavailable(string $cause): Refusal
    {
        $this->log->error("host not usable: $cause; see 'Another host' in docs/operations.md");
        return Refusal::unavailable('This host of the site cannot answer at the moment; its operator has to look at it', self::RETRY_SECONDS);
    }

    /** Makes this host's folder and secret those of the database: what is not in this folder then counts as lost. */
    public function accept(): void
    {
        $this->known();
        $this->database->execute(
            'UPDATE server_identity SET folder_id = ?, secret_fingerprint = ?, recorded_at = ?',
            [$this->folderId() ?? $this->createMarker(), $this->fingerprint(), Utc::stored($this->clock->now())],
        );
    }

    /** @return array<string, mixed> the first host that asks becomes the one of the database */
    private function known(): array
    {
        $row = $this->row();
        if ($row !== null) {
            return $row;
        }
        try {
            $this->database->insert('server_identity', [
                'id' => 1,
                'folder_id' => $this->folderId() ?? $this->createMarker(),
                'secret_fingerprint' => $this->fingerprint(),
                'recorded_at' => Utc::stored($this->clock->now()),
            ]);
        } catch (DuplicateKey) {
            // Another process was faster.
        }
        return $this->row() ?? throw new \LogicException('The identity of the server is missing though it was just recorded');
    }

    /** @return array<string, mixed>|null */
    private function row(): ?array
    {
        return $this->database->one('SELECT * FROM server_identity WHERE id = 1');
    }

    private function folderId(): ?string
    {
        $id = trim((string) @file_get_contents($this->data->path(self::MARKER)));
        return preg_match('/^[0-9a-f]{16}$/D', $id) === 1 ? $id : null;
    }

    /** Only one of several first requests creates the file; the others wait until it is written. */
    private function createMarker(): string
    {
        $file = $this->data->path(self::MARKER);
        $id = bin2hex(random_bytes(self::ID_BYTES));
        $handle = @fopen($file, 'xb');
        if ($handle !== false) {
            // A power cut must not lose the file whose id the database is about to get.
            fwrite($handle, "$id\n");
            fflush($handle);
            fsync($handle);
            fclose($handle);
            Folders::flush(dirname($file));
            return $id;
        }
        for ($look = 0; $look < self::LOOKS && $this->folderId() === null; $look++) {
            usleep(self::LOOK_MICROSECONDS);
        }
        return $this->folderId() ?? throw new \RuntimeException("The file $file cannot be written or read; check the owner of the data folder");
    }

    private function fingerprint(): string
    {
        return substr(hash_hmac('sha256', 'fingerprint of the server secret', $this->data->secret()), 0, 32);
    }
}
