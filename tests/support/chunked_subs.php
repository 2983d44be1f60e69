<?php

declare(strict_types=1);

// Sorts files into chunks as the site does when an upload ends. stdin has the paths as a JSON list; stdout one JSON object:
// `read` has the facts or the refusal of each file, `chunks` the places of the subs of each chunk, `copies` pairs of
// places: a sub that shows the light of an earlier one.

use CrowdSky\Chunks\Closeness;
use CrowdSky\Fits\FrameRefused;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Kernel\App;
use CrowdSky\Uploads\RawSub;
use CrowdSky\Uploads\UploadedLight;

require __DIR__ . '/../../php_api/src/autoload.php';

App::boot();
[$read, $subs] = [[], []];
foreach (json_decode((string) stream_get_contents(STDIN), true, 4, JSON_THROW_ON_ERROR) as $place => $path) {
    try {
        $frame = (new HeaderReader())->read($path);
    } catch (FrameRefused $refusal) {
        $read[] = ['code' => $refusal->errorCode, 'message' => $refusal->getMessage()];
        continue;
    }
    $read[] = [
        'begun' => [$frame->dateObs->sql(), $frame->dateObs->microsecond],
        'clock' => $frame->clock->value,
        'exposure' => $frame->exposure,
        'position' => $frame->position === null ? null : [$frame->position->ra, $frame->position->dec],
        'equinox' => $frame->equinox,
        'texts' => [$frame->object, $frame->filter, $frame->telescope, $frame->instrument],
        'shape' => [$frame->width, $frame->height, $frame->bitpix],
        'bayerPattern' => $frame->bayerPattern,
        'eqMode' => $frame->eqMode,
        'isWide' => $frame->isWide,
    ];
    $subs[] = RawSub::fromRow([
        'id' => $place,
        'filename' => basename($path),
        'job_id' => null,
        'file_size_bytes' => filesize($path),
        'sha256' => hash('sha256', (string) file_get_contents($path, length: 65536)),
        'time_block' => $frame->dateObs->block(15),
        'fits_date_obs' => $frame->dateObs->sql(),
        'fits_microsecond' => $frame->dateObs->microsecond,
        'pixel_mark' => null,
        'fits_exptime' => $frame->exposure,
        'fits_ra' => $frame->position?->ra,
        'fits_dec' => $frame->position?->dec,
        'fits_equinox' => $frame->equinox,
        'fits_object' => $frame->object,
        'telescope' => $frame->telescope,
        'instrument' => $frame->instrument,
        'filter_name' => $frame->filter,
        'naxis1' => $frame->width,
        'naxis2' => $frame->height,
        'bayer_pattern' => $frame->bayerPattern,
        'eq_mode' => $frame->eqMode,
        'header_clock' => $frame->clock->value,
        'is_wide' => $frame->isWide,
    ]);
}
$light = UploadedLight::of($subs, new Closeness(0.25));
$chunks = array_map(fn (array $chunk) => array_map(fn (RawSub $sub) => $sub->frame->id, $chunk), $light->chunks);
$copies = array_map(fn (array $copy) => [$copy[0]->frame->id, $copy[1]->first->frame->id], $light->copies);
echo json_encode(['read' => $read, 'chunks' => $chunks, 'copies' => $copies], JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE);
