<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

use CrowdSky\Base\Config;
use CrowdSky\Fits\CardTable;

/**
 * What the site takes and how it groups it, for programs that look at files before they send them: the upload page reads
 * headers and finds chunks by these rules, as HeaderReader and ChunkGrouping do.
 */
final class UploadRules
{
    /** @return array<string, mixed> */
    public static function asJson(Config $config): array
    {
        return [
            'max_file_bytes' => $config->maxFileBytes,
            'max_batch_bytes' => min(SubBatch::MOST_BYTES, $config->maxFileBytes),
            'max_batch_files' => SubBatch::MOST_FILES,
            'chunk_minutes' => $config->chunkMinutes,
            'pointing_tolerance_deg' => $config->pointingToleranceDeg,
            'cards' => CardTable::facts()->rules(),
        ];
    }
}
