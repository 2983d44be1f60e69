<?php

declare(strict_types=1);

// Reads the headers of many files in one process: stdin has one path a line, stdout one JSON line for each with the
// reason of a refusal, or the class of whatever else was thrown, and the memory that one file took.

use CrowdSky\Fits\FrameRefused;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Kernel\App;

require __DIR__ . '/../../php_api/src/autoload.php';

App::boot();
$reader = new HeaderReader();
while (($line = fgets(STDIN)) !== false) {
    memory_reset_peak_usage();
    $before = memory_get_usage();
    $answer = ['verdict' => 'accepted', 'reason' => ''];
    try {
        $reader->read(rtrim($line, "\n"));
    } catch (FrameRefused $refusal) {
        $answer = ['verdict' => 'refused', 'reason' => trim($refusal->getMessage()) === '' ? '' : $refusal->errorCode];
    } catch (\Throwable $mistake) {
        $answer = ['verdict' => 'broken', 'reason' => $mistake::class . ': ' . $mistake->getMessage()];
    }
    $answer['bytes'] = memory_get_peak_usage() - $before;
    echo json_encode($answer, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE), "\n";
}
