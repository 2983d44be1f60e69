<?php

declare(strict_types=1);

namespace CrowdSky\Measurements;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\JsonBody;

/**
 * What a worker found out about a stack by looking at its stars.
 */
final class Measurement
{
    private const FIELDS = ['solution', 'unsolved_reason', 'photometry', 'objects', 'object_mismatch'];
    private const MAX_OBJECTS = 200;
    public const MAX_NOTES = 50;
    public const MAX_NOTE_LENGTH = 500;

    /**
     * @param list<FieldObject> $objects nearest to the centre first
     * @param list<string> $notes of the stack that are about this measurement, such as what could not be measured
     */
    public function __construct(
        public readonly ?PlateSolution $solution,
        /** why there is no solution, in words */
        public readonly ?string $unsolvedReason,
        public readonly ?Photometry $photometry,
        public readonly array $objects,
        /** a sentence if the object named by the owner is not in the field */
        public readonly ?string $mismatch,
        public readonly array $notes,
    ) {
    }

    /**
     * @return self|null null when the worker does not measure: none of the fields is there
     * @throws Refusal naming the field that is wrong
     */
    public static function fromJson(JsonBody $body): ?self
    {
        if (array_filter(self::FIELDS, $body->names(...)) === []) {
            return null;
        }
        $solution = $body->optionalObject('solution');
        $photometry = $body->optionalObject('photometry');
        return new self(
            $solution === null ? null : PlateSolution::fromJson($solution),
            $body->optionalMessage('unsolved_reason', 2000),
            $photometry === null ? null : Photometry::fromJson($photometry),
            array_map(FieldObject::fromJson(...), $body->objects('objects', self::MAX_OBJECTS)),
            $body->optionalMessage('object_mismatch', 500),
            $body->messages('measurement_notes', self::MAX_NOTES, self::MAX_NOTE_LENGTH),
        );
    }

    /** @param array<string, mixed> $stored what toStored() gave */
    public static function fromStored(array $stored): self
    {
        return new self(
            $stored['solution'] === null ? null : PlateSolution::fromRow($stored['solution']),
            $stored['unsolved_reason'],
            $stored['photometry'] === null ? null : Photometry::fromStored($stored['photometry']),
            array_map(FieldObject::fromStored(...), $stored['objects']),
            $stored['object_mismatch'],
            $stored['notes'] ?? [],  // not in what an earlier version has stored
        );
    }

    /** @return array<string, mixed> values that JSON can hold */
    public function toStored(): array
    {
        return [
            'solution' => $this->solution?->toRow(),
            'unsolved_reason' => $this->unsolvedReason,
            'photometry' => $this->photometry?->toStored(),
            'objects' => array_map(static fn (FieldObject $object): array => $object->toStored(), $this->objects),
            'object_mismatch' => $this->mismatch,
            'notes' => $this->notes,
        ];
    }

    /** Whether measuring itself failed, so that nothing is known about the picture. */
    public function isMissing(): bool
    {
        return $this->photometry === null && str_starts_with((string) $this->unsolvedReason, 'not measured');
    }

    /** Whether a note of the stack, possibly truncated, only repeats a field of this measurement. */
    public function repeats(string $note): bool
    {
        return $note === $this->mismatch || str_starts_with((string) $this->unsolvedReason, $note);
    }

    /** Whether a note of the stack is about this measurement, and so outdated once there is a newer one. */
    public function explains(string $note): bool
    {
        return $this->repeats($note) || in_array($note, $this->notes, true);
    }
}
