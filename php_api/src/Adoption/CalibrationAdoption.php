<?php

declare(strict_types=1);

namespace CrowdSky\Adoption;

use CrowdSky\Accounts\Accounts;
use CrowdSky\Base\Clock;
use CrowdSky\Base\Refusal;
use CrowdSky\Base\Utc;
use CrowdSky\Calibrations\CalibrationCheck;
use CrowdSky\Calibrations\CalibrationFile;
use CrowdSky\Calibrations\CalibrationKeys;
use CrowdSky\Calibrations\CalibrationName;
use CrowdSky\Calibrations\CalibrationOrder;
use CrowdSky\Calibrations\CalibrationRegister;
use CrowdSky\Calibrations\CalibrationScope;
use CrowdSky\Calibrations\Renumbering;
use CrowdSky\Database\Database;
use CrowdSky\Database\DuplicateKey;
use CrowdSky\Fits\UnreadableTable;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\SpooledFile;
use CrowdSky\Storage\StoredObject;

/**
 * Takes calibrations that lie in storage without a row back, after the stars of the stacks were read: each under its own
 * version, with its own zero points and magnitudes.
 */
final class CalibrationAdoption
{
    /** Stands for the job, whose row is lost. */
    private const NO_JOB = 0;

    public function __construct(
        private readonly Database $database,
        private readonly ObjectStorage $storage,
        private readonly StoredCopies $copies,
        private readonly CalibrationRegister $register,
        private readonly FoundNumbers $numbers,
        private readonly Accounts $accounts,
        private readonly Clock $clock,
        private readonly string $storageBase,
    ) {
    }

    /** @throws \CrowdSky\Storage\StorageUnavailable */
    public function run(AdoptionReport $report): void
    {
        $known = array_fill_keys($this->database->column('SELECT path FROM calibrations'), true);
        $found = [];
        foreach ($this->storage->list("{$this->storageBase}/calibrations") as $object) {
            $name = CalibrationName::parse($this->storageBase, $object->path);
            if ($name !== null && isset($known[$object->path])) {
                $report->referred++;
            } elseif ($name !== null) {
                $found[] = [$object, $name];
            }
        }
        usort($found, static fn (array $one, array $other): int
            => [$one[1]->scope->fieldId, $one[1]->version, $one[0]->modifiedAt] <=> [$other[1]->scope->fieldId, $other[1]->version, $other[0]->modifiedAt]);
        foreach ($found as [$object, $name]) {
            if (!$name->scope->isPublic() && $this->accounts->find($name->scope->ownerId) === null) {
                $report->ownerless($object->path, "there is no account {$name->scope->ownerId}, whose private stacks are in it");
                continue;
            }
            $this->adopt($object, $name, $report);
        }
    }

    private function adopt(StoredObject $object, CalibrationName $name, AdoptionReport $report): void
    {
        try {
            $this->copies->with($object->path, fn (SpooledFile $file) => $this->take($object, $name, $file, $report));
        } catch (ObjectMissing) {
            $report->left($object->path, 'it was moved or deleted meanwhile');
        } catch (UnreadableTable | Refusal $error) {
            $report->damaged($object->path, $error->getMessage());
        } catch (DuplicateKey) {
            $report->left($object->path, "there is another version {$name->version} of this field");
        }
    }

    private function take(StoredObject $object, CalibrationName $name, SpooledFile $stored, AdoptionReport $report): void
    {
        if (!str_starts_with($stored->sha256, $name->hash)) {
            $report->damaged($object->path, "its SHA-256 is {$stored->sha256}, and not that of its name");
            return;
        }
        [$file, $keys] = [CalibrationFile::read($stored->path), CalibrationKeys::read($stored->path)];
        $counts = (new CalibrationCheck(self::order($name, $name->scope, []), self::bands($file, $keys), $keys->stars))->require($file);
        [$numbers, $epochs] = $this->numbers->of($keys);
        $fields = array_count_values(array_filter(array_column($epochs, 'field_id')));
        if ($fields === []) {
            $report->left($object->path, $report->without('the archive has the stars of none of its stacks'));
            return;
        }
        arsort($fields);
        $scope = new CalibrationScope((int) array_key_first($fields), $name->scope->ownerId);
        $as = "as version {$name->version} of field {$scope->fieldId}, with " . count($epochs) . ' of ' . count($keys->epochs) . ' epochs and '
            . count($numbers->stars) . ' of ' . count($keys->stars) . ' stars';
        $madeAt = $object->modifiedAt === null ? $this->clock->now() : new \DateTimeImmutable("@{$object->modifiedAt}");
        $columns = [
            'job_id' => self::NO_JOB, 'path' => $object->path, 'file_size_bytes' => $stored->size, 'sha256' => $stored->sha256,
            'sent_sha256' => $stored->sha256, 'n_epochs' => self::stacksOf($counts->epochIds, $keys), 'n_stars' => $counts->stars,
            'created_at' => Utc::stored($madeAt),
        ];
        if (!$report->dryRun) {
            $this->database->transaction(fn () => $this->register->publish(self::order($name, $scope, self::copies($keys, $numbers)), $columns, $file, $numbers));
        }
        $report->adopted($object->path, $as);
    }

    /**
     * Without a fingerprint, the field is calibrated anew with the next look, under the next number.
     *
     * @param array<int, int> $copies
     */
    private static function order(CalibrationName $name, CalibrationScope $scope, array $copies): CalibrationOrder
    {
        return new CalibrationOrder($scope, $name->version, '', [], $copies);
    }

    /** @return array<int, int> epochs whose light is in another one: that one (0 if it is not in this database), by its number here */
    private static function copies(CalibrationKeys $keys, Renumbering $numbers): array
    {
        $copies = [];
        foreach ($keys->copies() as $epoch => $in) {
            $copies += isset($numbers->epochs[$epoch]) ? [$numbers->epochs[$epoch] => $numbers->epochs[$in] ?? 0] : [];
        }
        return $copies;
    }

    /** @return array<int, string> bands of the epochs of the file, which follow from its zero points */
    private static function bands(CalibrationFile $file, CalibrationKeys $keys): array
    {
        $bands = array_fill_keys(array_keys($keys->epochs), 'RGB');
        foreach ($file->zeroPoints() as $row) {
            if ($row['BAND'] === 'L' && isset($bands[$row['EPOCH_ID']])) {
                $bands[$row['EPOCH_ID']] = 'L';
            }
        }
        return $bands;
    }

    /** @param list<int> $epochs with a zero point */
    private static function stacksOf(array $epochs, CalibrationKeys $keys): int
    {
        return count(array_filter($epochs, static fn (int $epoch): bool => $keys->epochs[$epoch]['PART'] === 0 && !isset($keys->copies()[$epoch])));
    }
}
