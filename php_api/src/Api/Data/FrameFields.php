<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Sky\SkyStack;

/** A stack as the data API describes it, in the field names of the family's clients. */
final class FrameFields
{
    /**
     * The fields that known clients read.
     *
     * @return array<string, mixed>
     */
    public static function known(SkyStack $stack, DataCall $call): array
    {
        return [
            'id' => $stack->id,
            'object_name' => $stack->objectName,
            'filter_name' => $stack->filterName,
            'chunk_key' => $stack->healpixKey,
            'ra_deg' => $stack->ra,
            'dec_deg' => $stack->dec,
            'sqm' => $stack->skyMag,
            'total_exptime' => $stack->totalExposure,
            'eq_mode' => $stack->eqMode,
            'n_frames_input' => $stack->framesInput,
            'n_frames_aligned' => $stack->framesAligned,
            'n_stars_detected' => $stack->starsDetected,
            'file_size_bytes' => $stack->bytes,
            'date_obs_start' => self::time($stack->dateObsStart),
            'date_obs_end' => self::time($stack->dateObsEnd),
            'download_url' => $call->address("download_frame.php?id={$stack->id}"),
        ];
    }

    /** @param string|null $time ISO form, UTC, perhaps with a fraction: clients sort them as text, so all have one form */
    public static function time(?string $time): ?string
    {
        return $time === null ? null : substr($time, 0, 19) . 'Z';
    }
}
