<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Base\Refusal;

/** One version of the calibration of a field, as it was published. It never changes. */
final class Calibration
{
    /** Begins the name of a version that is solved from all epochs that one user sees, and read by that user alone. */
    private const OWN = 'own-';

    private function __construct(
        public readonly int $id,
        public readonly int $fieldId,
        /** 0: from public epochs only; else the user whose scope it is */
        public readonly int $ownerId,
        public readonly int $version,
        /** band and name of the catalogue that its magnitudes are tied to; null: tied to none */
        public readonly ?string $catalogue,
        public readonly int $epochs,
        public readonly int $stars,
        /** stored time */
        public readonly string $createdAt,
        /** @var array<string, mixed> how it was solved, for people to read */
        public readonly array $model,
        /** @var list<int> epochs whose light is in others of it: they have zero points and counted for nothing else */
        public readonly array $copies,
        /** whether a stack of it was made private or deleted since: numbers of its stars have light that its readers may not see */
        public readonly bool $isWithdrawn,
    ) {
    }

    /** @param array<string, mixed> $row of calibrations */
    public static function fromRow(array $row): self
    {
        return new self(
            id: (int) $row['id'],
            fieldId: (int) $row['field_id'],
            ownerId: (int) $row['owner_id'],
            version: (int) $row['version'],
            catalogue: $row['catalogue'],
            epochs: (int) $row['n_epochs'],
            stars: (int) $row['n_stars'],
            createdAt: $row['created_at'],
            model: json_decode($row['model'], true, 32, JSON_THROW_ON_ERROR),
            isWithdrawn: (int) $row['withdrawn'] !== 0,
            copies: $row['copies'] === null ? [] : json_decode($row['copies'], true, 2, JSON_THROW_ON_ERROR),
        );
    }

    /** By which readers ask for it: '3' is the third public version, 'own-3' the third of the reader's own scope. */
    public function name(): string
    {
        return ($this->ownerId === 0 ? '' : self::OWN) . $this->version;
    }

    /**
     * @return array{bool, int} whether it is of the reader's own scope, and its number
     * @throws Refusal for a text that is no name of a version
     */
    public static function parseName(string $name): array
    {
        if (preg_match('/^(own-)?([1-9][0-9]{0,8})$/D', $name, $found) !== 1) {
            throw Refusal::badInput("'version' must be a number, such as 3, or for versions with your private stacks " . self::OWN . '3');
        }
        return [$found[1] === self::OWN, (int) $found[2]];
    }
}
