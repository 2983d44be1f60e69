<?php

declare(strict_types=1);

namespace CrowdSky\Jobs;

use CrowdSky\Base\Refusal;

/**
 * What a job asks of its worker.
 */
enum JobKind: string
{
    /** Make a stack of raw frames. */
    case Stack = 'stack';
    /** Solve and measure an archived stack again, without its raws. */
    case Rescan = 'rescan';
    /** Bring an uploaded finished stack into our layout, solve and measure it. */
    case Uploaded = 'uploaded';
    /** Merge public stacks into the tiles of one region of the sky. */
    case Hips = 'hips';
    /** Calibrate the stars of a field in all its stacks together. */
    case Calibrate = 'calibrate';
    /** Stack the frames of an archived stack again, in parts of a few minutes or less. */
    case Series = 'series';
    /** Write the light curves of one partition of the export. */
    case Hats = 'hats';
    /** Stack frames whose stack is already archived; the result is only compared with it. */
    case Check = 'check';

    /** Begins the group key of an uploaded stack; the hash of its file follows. */
    public const UPLOADED_GROUP = 'uploaded-';

    /** The kind of a job that has made a stack, by its group key. */
    public static function ofGroup(string $groupKey): self
    {
        return str_starts_with($groupKey, self::UPLOADED_GROUP) ? self::Uploaded : self::Stack;
    }

    /** The word used towards workers, who cannot tell a check from other work. */
    public function wire(): string
    {
        return $this === self::Check ? self::Stack->value : $this->value;
    }

    /** The call that takes the result of a job without a stack, and completes it; null for jobs with a stack. */
    public function resultCall(): ?string
    {
        return match ($this) {
            self::Hips => 'upload_tiles',
            self::Calibrate => 'upload_calibration',
            self::Series => 'upload_series',
            self::Hats => 'upload_export',
            default => null,
        };
    }

    /** @return list<self> jobs that make or measure no stack: they come last, and only newer workers take them */
    public static function withoutStack(): array
    {
        return array_values(array_filter(self::cases(), static fn (self $kind): bool => $kind->resultCall() !== null));
    }

    /**
     * Parses the kinds of job that a worker lists. Without a list that is Stack, the only kind that older workers know.
     *
     * @return list<self>
     * @throws Refusal for an empty list or another word
     */
    public static function listed(?string $kinds): array
    {
        $known = array_filter(self::cases(), static fn (self $kind): bool => $kind !== self::Check);
        $listed = array_map(self::tryFrom(...), explode(',', $kinds ?? self::Stack->value));
        if (in_array(null, $listed, true) || in_array(self::Check, $listed, true)) {
            // Workers that know more kinds read this list and ask for these instead.
            throw Refusal::badInput("'kinds' must be a list of " . implode(', ', array_column($known, 'value')) . ' with commas between');
        }
        return array_values(array_unique($listed, SORT_REGULAR));
    }
}
