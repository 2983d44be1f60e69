<?php

declare(strict_types=1);

// Differences between the barycentric times of stars and those of the middles of their pictures.
// stdin: a JSON list of [BJD of the middle, RA and Dec of the star, RA and Dec of the middle]; stdout: seconds.

use CrowdSky\Fits\SkyPosition;
use CrowdSky\LightCurves\StarTimes;

require __DIR__ . '/../../../php_api/src/autoload.php';

$seconds = [];
foreach (json_decode((string) stream_get_contents(STDIN), true, 4, JSON_THROW_ON_ERROR) as [$time, $ra, $dec, $middleRa, $middleDec]) {
    $times = new StarTimes(SkyPosition::fromDegrees($ra, $dec));
    $seconds[] = 86400.0 * ($times->at($time, SkyPosition::fromDegrees($middleRa, $middleDec)) - $time);
}
echo json_encode($seconds, JSON_THROW_ON_ERROR);
