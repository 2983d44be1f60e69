<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/**
 * What the site itself reads in the primary header of a stack.
 */
final class StackHeader
{
    private const PLANES = ['R', 'G', 'B'];
    private const READ = '/^(SKY(LVL|RMS)[RGB]|ARCHID|NIMAGES|EXPTIME|TOTALEXP|SMOOTHED) *=/';

    /** Bytes that are read at most; no stack of ours has so long a primary header. */
    private const MAX_BYTES = 64 * 2880;
    private readonly HeaderCards $cards;

    public function __construct()
    {
        $this->cards = new HeaderCards();
    }

    /**
     * Reads no more than the start of the stack.
     *
     * @param int $size of the stack in bytes
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function ofStored(ObjectStorage $storage, string $path, int $size): self
    {
        $outline = new FitsOutline();
        $storage->read($path, $outline->feed(...), 0, min($size, self::MAX_BYTES));
        return $outline->primary();
    }

    public function add(string $card): void
    {
        if (preg_match(self::READ, $card) === 1) {
            $this->cards->add($card);
        }
    }

    /** Id of the archive whose worker made the stack; null for workers of versions that did not write it. */
    public function archiveId(): ?string
    {
        return $this->cards->text('ARCHID');
    }

    /** Number of combined subs; null where the header has no such number. */
    public function frames(): ?int
    {
        return $this->cards->integer('NIMAGES');
    }

    /** Seconds of all combined subs together; null where the header has no such number. */
    public function exposure(): ?float
    {
        return $this->cards->number('EXPTIME');
    }

    /** Whether readers take EXPTIME for the exposure of one sub, because TOTALEXP stands for that of all of them. */
    public function looksNative(): bool
    {
        return $this->cards->has('TOTALEXP');
    }

    /**
     * Whether its noise was smoothed; that of every stack was, before there was a card for it. Null for a card without a
     * value, as uploaded stacks have it.
     */
    public function isSmoothed(): ?bool
    {
        return $this->cards->logical('SMOOTHED') ?? ($this->cards->has('SMOOTHED') ? null : true);
    }

    /** @return array<string, float> level of the sky in ADU by plane; planes that are not measured are absent */
    public function sky(): array
    {
        return $this->byPlane('SKYLVL');
    }

    /** @return array<string, float> noise of a pixel of the sky in ADU by plane, likewise */
    public function noise(): array
    {
        return $this->byPlane('SKYRMS');
    }

    /** @return array<string, float> */
    private function byPlane(string $stem): array
    {
        $levels = [];
        foreach (self::PLANES as $plane) {
            $level = $this->cards->number("$stem$plane");
            if ($level !== null) {
                $levels[$plane] = $level;
            }
        }
        return $levels;
    }
}
