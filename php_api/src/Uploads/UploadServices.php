<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Chunks\ChunkGrouping;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Kernel\App;

/** Wires what takes uploads in, for the pages and for the calls of other clients alike. */
final class UploadServices
{
    private function __construct(
        public readonly UploadSessions $sessions,
        public readonly Quota $quota,
        public readonly SubReceiver $receiver,
        public readonly Finalizer $finalizer,
    ) {
    }

    public static function of(App $app): self
    {
        $config = $app->config();
        $database = $app->database();
        $sessions = new UploadSessions($database, $app->clock());
        $quota = new Quota($database, $app->clock(), $config->userQuotaBytes);
        $tolerance = $config->pointingToleranceDeg;

        return new self(
            $sessions,
            $quota,
            new SubReceiver(
                $database,
                $app->clock(),
                $sessions,
                $quota,
                $app->spool(),
                $app->raws(),
                new HeaderReader(),
                $config->maxFileBytes,
                $config->chunkMinutes,
            ),
            new Finalizer(
                $database,
                $sessions,
                new ChunkGrouping($tolerance),
                new ChunkPlacement(
                    $database,
                    $app->jobs()->events(),
                    $app->clock(),
                    $tolerance,
                    $config->maxAttempts,
                ),
                $app->raws(),
            ),
        );
    }
}
