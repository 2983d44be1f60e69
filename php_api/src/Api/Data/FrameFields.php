<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Utc;
use CrowdSky\Sky\SkyStack;

/** A stack as the data API describes it, in the field names of the family's clients. */
final class FrameFields
{
    /** All fields in their order. */
    public const NAMES = [
        'id', 'object_name', 'filter_name', 'chunk_key', 'ra_deg', 'dec_deg', 'sqm', 'total_exptime', 'eq_mode',
        'n_frames_input', 'n_frames_aligned', 'n_stars_detected', 'file_size_bytes', 'date_obs_start',
        'date_obs_end', 'download_url', 'telescope', 'chunk_label', 'healpix', 'solved', 'field_width_deg',
        'field_height_deg', 'rotation_deg', 'scale_arcsec', 'limiting_mag', 'smoothed', 'damaged', 'own',
        'created_at', 'filename', 'sha256', 'page_url', 'picture_url', 'stars_url',
    ];

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

    /**
     * All fields, of which a reader can choose some.
     *
     * @return array<string, mixed>
     */
    public static function all(SkyStack $stack, DataCall $call): array
    {
        return self::known($stack, $call) + [
            'telescope' => $stack->telescope,
            'chunk_label' => $stack->chunkKey,
            'healpix' => $stack->skyPixel,
            'solved' => $stack->isSolved,
            'field_width_deg' => $stack->fieldWidth,
            'field_height_deg' => $stack->fieldHeight,
            'rotation_deg' => $stack->rotation,
            'scale_arcsec' => $stack->scale,
            'limiting_mag' => $stack->limitingMag,
            'smoothed' => $stack->isSmoothed,
            'damaged' => $stack->isDamaged,
            'own' => $stack->isOwn,
            'created_at' => Utc::wire($stack->createdAt),
            'filename' => $stack->fileName(),
            'sha256' => $stack->sha256,
            'page_url' => $call->page("stack.php?id={$stack->id}"),
            'picture_url' => $stack->hasThumbnail ? $call->page("thumbnail.php?id={$stack->id}") : null,
            'stars_url' => $stack->hasStars ? $call->address("frame_stars.php?id={$stack->id}") : null,
        ];
    }

    /** @param string|null $time ISO form, UTC, perhaps with a fraction: clients sort them as text, so all have one form */
    public static function time(?string $time): ?string
    {
        return $time === null ? null : substr($time, 0, 19) . 'Z';
    }
}
