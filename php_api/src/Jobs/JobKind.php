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

    /**
     * Parses the kinds of job that a worker lists. Without a list that is Stack, the only kind that older workers know.
     *
     * @return list<self>
     * @throws Refusal for an empty list or another word
     */
    public static function listed(?string $kinds): array
    {
        $listed = array_map(self::tryFrom(...), explode(',', $kinds ?? self::Stack->value));
        if (in_array(null, $listed, true) || in_array(self::Check, $listed, true)) {
            throw Refusal::badInput("'kinds' must be a list of stack, rescan, uploaded, hips with commas between");
        }
        return array_values(array_unique($listed, SORT_REGULAR));
    }
}
