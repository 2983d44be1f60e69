<?php

declare(strict_types=1);

// Writes a ZIP file with an entry of zeros of a given size between two small ones. Zeros become holes in the file.
// arguments: path, size

use CrowdSky\Gallery\ZipWriter;

require __DIR__ . '/../../../php_api/src/autoload.php';

const PIECE = 1 << 20;

[, $path, $size] = $argv;
$file = fopen($path, 'wb');
$zeros = str_repeat("\0", PIECE);
$zip = new ZipWriter(static function (string $piece) use ($file, $zeros): void {
    $piece === $zeros ? fseek($file, PIECE, SEEK_CUR) : fwrite($file, $piece);
});
$time = new DateTimeImmutable('2026-01-02 03:04:06');
$large = static function (Closure $sink) use ($size, $zeros): void {
    for ($left = (int) $size; $left > 0; $left -= PIECE) {
        $sink($left >= PIECE ? $zeros : substr($zeros, 0, $left));
    }
};
$zip->add('first.txt', 5, $time, static fn (Closure $sink) => $sink('first'));
$zip->add('large.fits', (int) $size, $time, $large);
$zip->add('last.txt', 4, $time, static fn (Closure $sink) => $sink('last'));
$zip->finish();
echo json_encode([ftell($file), ZipWriter::size([['first.txt', 5], ['large.fits', (int) $size], ['last.txt', 4]]), memory_get_peak_usage()]);
