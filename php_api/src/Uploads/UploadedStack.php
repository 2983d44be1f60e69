<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\ChunkKey;
use CrowdSky\Fits\FinishedStack;
use CrowdSky\Fits\FrameRefused;
use CrowdSky\Fits\ObservationTime;

/** What is known of an uploaded stack: from its header, else from the form that came with it, else from its name. */
final class UploadedStack
{
    private const CONTRACT_MINUTES = 15;
    private const BLOCKS_OF_DAY = 96;

    private function __construct(
        public readonly FinishedStack $header,
        public readonly ChunkKey $key,
        public readonly ?string $object,
        public readonly ?string $filter,
        public readonly int $framesInput,
        public readonly int $framesAligned,
        /** seconds of all combined frames */
        public readonly float $totalExposure,
    ) {
    }

    /** @throws FrameRefused when its time, the number of its frames or their exposure is known from none of them */
    public static function of(FinishedStack $header, StackName $name, StackWish $wish, int $chunkMinutes): self
    {
        $aligned = $header->frames ?? $wish->framesAligned ?? $wish->framesInput ?? $name->frames ?? throw FrameRefused::notAStack(
            'It is not known how many subs were stacked: the header has no STACKCNT or NIMAGES, and neither the name nor n_frames_aligned says it.'
        );
        $exposure = $header->exposure ?? $name->exposure;
        $total = $header->totalExposure ?? ($exposure === null ? null : $aligned * $exposure);

        return new self(
            $header,
            ChunkKey::of(self::timeBlock($header->dateObs, $name, $chunkMinutes), $header->position),
            $header->object ?? $name->object,
            $header->filter ?? $name->filter,
            max($aligned, $wish->framesInput ?? $aligned),
            $aligned,
            $total ?? throw FrameRefused::badHeader('The header has no TOTALEXP or EXPTIME above 0, so it is not known how long the stack was exposed.'),
        );
    }

    /** Clients look for the key in the name, so a name that is off by one block at most decides. */
    private static function timeBlock(?ObservationTime $start, StackName $name, int $chunkMinutes): string
    {
        $named = $chunkMinutes === self::CONTRACT_MINUTES ? $name->timeBlock : null;
        if ($start === null) {
            return $named ?? throw FrameRefused::noObservationTime('The header has no DATE-OBS, so it is not known when the stack was taken.');
        }
        $block = $start->block($chunkMinutes);

        return $named !== null && abs(self::number($named) - self::number($block)) <= 1 ? $named : $block;
    }

    /** Number of a block since the beginning of the calendar. */
    private static function number(string $block): int
    {
        $day = (int) (strtotime(substr($block, 0, 8) . 'T00:00:00Z') / 86400);

        return self::BLOCKS_OF_DAY * $day + (int) substr($block, 9);
    }
}
