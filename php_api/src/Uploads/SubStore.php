<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Database\Database;
use CrowdSky\Database\DatabaseBusy;
use CrowdSky\Hosts\HostIdentity;
use CrowdSky\Storage\RawStore;

/** Stores the file of a sub and records it, such that no row ever lacks its file. */
final class SubStore
{
    public function __construct(
        private readonly Database $database,
        private readonly UploadSessions $sessions,
        private readonly Quota $quota,
        private readonly RawStore $raws,
        private readonly HostIdentity $host,
        private readonly Clock $clock,
    ) {
    }

    /**
     * @param int|null $reservation of the quota, which becomes the file's
     * @throws Refusal on a host whose data folder is not the one of the database
     * @return bool false if the session already has exactly these bytes; they are then stored only once
     */
    public function keepUnlessKnown(ArrivedSub $sub, ?int $reservation): bool
    {
        $this->host->requireOwnFolder();
        $known = $this->knownName($sub);
        if ($known !== null) {
            $this->raws->keepIfMissing($sub->file, $known);
            return false;
        }
        $storageName = $this->raws->newName($sub->user->id, $sub->session->id);
        $this->raws->keep($sub->file, $storageName);
        try {
            $isNew = $this->record($sub, $storageName, $reservation);
        } catch (\Throwable $error) {
            $this->removeUnlessRecorded($storageName);
            throw $error;
        }
        if (!$isNew) {
            $this->raws->delete($storageName);
        }

        return $isNew;
    }

    private function record(ArrivedSub $sub, string $storageName, ?int $reservation): bool
    {
        $row = $sub->row($storageName, Utc::stored($this->clock->now()));

        return $this->database->transaction(function () use ($sub, $row, $reservation): bool {
            $this->sessions->touch($sub->session);
            if ($this->knownName($sub) !== null) {
                return false;
            }
            $this->quota->redeem($sub->user, $reservation, $sub->file->size);
            $this->database->insert('raw_files', $row);

            return true;
        });
    }

    /**
     * Cleans up after an error. The commit may have succeeded although its answer was lost, and the row must not lose
     * its file. If that cannot be found out, the file stays: one without a row only takes up space.
     */
    private function removeUnlessRecorded(string $storageName): void
    {
        try {
            $isRecorded = $this->database->value('SELECT id FROM raw_files WHERE storage_name = ?', [$storageName]) !== null;
        } catch (\PDOException | DatabaseBusy) {
            return;
        }
        if (!$isRecorded) {
            $this->raws->delete($storageName);
        }
    }

    /** Returns the name under which the session already has exactly these bytes, null if it has not. */
    private function knownName(ArrivedSub $sub): ?string
    {
        return $this->database->value(
            'SELECT storage_name FROM raw_files WHERE upload_session_id = ? AND sha256 = ? AND deleted_at IS NULL',
            [$sub->session->id, $sub->file->sha256]
        );
    }
}
