<?php

declare(strict_types=1);

namespace CrowdSky\Rescans;

use CrowdSky\Fits\CardTable;

/** A stack without measurement, and the reason. */
final class UnmeasuredStack
{
    /** @param string $reason as the worker gave it */
    private function __construct(
        public readonly int $id,
        public readonly ?string $objectName,
        public readonly string $reason,
    ) {
    }

    /**
     * @param array<string, mixed> $row id, object_name and reason
     * @param bool $isForOwner others read no name that is not a known target's
     */
    public static function fromRow(array $row, bool $isForOwner): self
    {
        $name = $isForOwner ? $row['object_name'] : CardTable::get()->publicText('OBJECT', $row['object_name']);
        return new self((int) $row['id'], $name, $row['reason'] ?? 'not measured: its worker gave no reason');
    }

    /** @return array<string, mixed> */
    public function toJson(): array
    {
        return ['stack_id' => $this->id, 'object_name' => $this->objectName, 'reason' => $this->reason];
    }

    /** Writes one line for people, in columns for programs. */
    public function asText(): string
    {
        return implode("\t", ["stack {$this->id}", $this->objectName ?? 'unnamed object', strtr($this->reason, "\n\t", '  ')]);
    }
}
