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

/** Stores the files of subs and records them, such that no row ever lacks its file. */
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
        return $this->keepAll([[$sub, $reservation]])[0];
    }

    /**
     * Keeps subs of one session, and waits for the disk and the database once for all of them.
     *
     * @param list<array{ArrivedSub, int|null}> $subs with their reservations
     * @throws Refusal as keepUnlessKnown(); nothing is recorded then
     * @return list<bool> as keepUnlessKnown(), in their order
     */
    public function keepAll(array $subs): array
    {
        $this->host->requireOwnFolder();
        [$names, $files] = [[], []];
        foreach ($subs as $place => [$sub]) {
            $known = $this->knownName($sub);
            if ($known !== null) {
                $this->raws->keepIfMissing($sub->file, $known);
            } else {
                $names[$place] = $this->raws->newName($sub->user->id, $sub->session->id);
                $files[$names[$place]] = $sub->file;
            }
        }
        $recorded = $this->recordKept($subs, $names, $files);

        return array_map(static fn (int $place): bool => $recorded[$place] ?? false, array_keys($subs));
    }

    /**
     * @param list<array{ArrivedSub, int|null}> $subs
     * @param array<int, string> $names storage names by the places of the subs that are to be recorded
     * @param array<string, \CrowdSky\Storage\SpooledFile> $files by storage name
     * @return array<int, bool> whether each was recorded, by its place; false where another request was quicker
     */
    private function recordKept(array $subs, array $names, array $files): array
    {
        if ($names === []) {
            return [];
        }
        try {
            $this->raws->keepAll($files);
            $recorded = $this->record($subs, $names);
        } catch (\Throwable $error) {
            array_map($this->removeUnlessRecorded(...), $names);
            throw $error;
        }
        foreach (array_filter($recorded, static fn (bool $isNew): bool => !$isNew) as $place => $isNew) {
            $this->raws->delete($names[$place]);
        }

        return $recorded;
    }

    /**
     * @param list<array{ArrivedSub, int|null}> $subs
     * @param array<int, string> $names
     * @return array<int, bool>
     */
    private function record(array $subs, array $names): array
    {
        $now = Utc::stored($this->clock->now());

        return $this->database->transaction(function () use ($subs, $names, $now): array {
            $this->sessions->touch($subs[0][0]->session);
            $recorded = [];
            foreach ($names as $place => $name) {
                [$sub, $reservation] = $subs[$place];
                $recorded[$place] = $this->knownName($sub) === null;
                if ($recorded[$place]) {
                    $this->quota->redeem($sub->user, $reservation, $sub->file->size);
                    $this->database->insert('raw_files', $sub->row($name, $now));
                }
            }

            return $recorded;
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
