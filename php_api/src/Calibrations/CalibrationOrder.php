<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Jobs\Job;

/** What one job is asked to calibrate: these epochs, as the next version of a scope. */
final class CalibrationOrder
{
    /**
     * @param array<int, string> $epochs hash of the file that each epoch was read from, by id, ascending
     * @param array<int, int> $copies epochs whose light is in another one of these: that one, by id. They get zero points, and
     *     count for nothing else
     */
    public function __construct(
        public readonly CalibrationScope $scope,
        public readonly int $version,
        public readonly string $fingerprint,
        public readonly array $epochs,
        public readonly array $copies = [],
    ) {
    }

    public static function ofJob(Job $job): self
    {
        $options = $job->options ?? [];
        return new self(
            new CalibrationScope((int) ($options['field'] ?? 0), (int) ($options['owner'] ?? 0)),
            (int) ($options['version'] ?? 0),
            (string) ($options['fingerprint'] ?? ''),
            array_combine($options['epochs'] ?? [], $options['sources'] ?? []),
            array_map(intval(...), (array) ($options['copies'] ?? [])),
        );
    }

    /**
     * @param array<int, string> $current epochs that may be used now
     * @return bool whether one of the order is not among them any more
     */
    public function isOutdated(array $current): bool
    {
        return array_diff_assoc($this->epochs, $current) !== [];
    }

    public function toJson(): string
    {
        return json_encode([
            'field' => $this->scope->fieldId,
            'owner' => $this->scope->ownerId,
            'version' => $this->version,
            'fingerprint' => $this->fingerprint,
            'epochs' => array_keys($this->epochs),
            'sources' => array_values($this->epochs),
        ] + ($this->copies === [] ? [] : ['copies' => (object) $this->copies]), JSON_THROW_ON_ERROR);
    }

    /** @return array<string, int> as workers get it: whose private stacks are in it is not theirs to know */
    public function toWire(): array
    {
        return ['field' => $this->scope->fieldId, 'scope' => $this->scope->isPublic() ? 0 : 1, 'version' => $this->version];
    }
}
