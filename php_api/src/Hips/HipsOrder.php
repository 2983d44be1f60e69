<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Jobs\Job;

/** What one build is asked to make: the tiles of a cell, of these stacks. */
final class HipsOrder
{
    /** Rises when stacks are merged or drawn in another way; then everything is built again. */
    private const RULE = 1;

    /** @param list<array{id: int, size: int, sha256: string, source: string}> $stacks hashes of the public copy, and of the stack */
    public function __construct(public readonly int $cell, public readonly array $stacks)
    {
    }

    public static function ofJob(Job $job): self
    {
        return new self((int) ($job->options['cell'] ?? -1), $job->options['stacks'] ?? []);
    }

    /** @param array<int, string> $hashes of the stacks, by id */
    public static function fingerprint(array $hashes): string
    {
        ksort($hashes);
        return hash('sha256', json_encode([self::RULE, $hashes], JSON_THROW_ON_ERROR));
    }

    /** @return array<int, string> hashes of the stacks, by id */
    public function sources(): array
    {
        return array_column($this->stacks, 'source', 'id');
    }

    /** @return array{id: int, size: int, sha256: string, source: string}|null */
    public function stack(int $id): ?array
    {
        return array_column($this->stacks, null, 'id')[$id] ?? null;
    }

    public function toJson(): string
    {
        return json_encode(['cell' => $this->cell, 'stacks' => $this->stacks], JSON_THROW_ON_ERROR);
    }

    /** @return array<string, mixed> as workers get it */
    public function toWire(): array
    {
        return ['region' => $this->cell, 'stacks' => array_map(static fn (array $stack): array => [
            'stack_id' => $stack['id'],
            'file_size_bytes' => $stack['size'],
            'sha256' => $stack['sha256'],
        ], $this->stacks)];
    }

    /** Name of the cell in the queue, in place of a chunk's key. */
    public static function key(int $cell): string
    {
        return "hips_$cell";
    }
}
