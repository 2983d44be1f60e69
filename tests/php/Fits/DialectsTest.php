<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\FrameRefused;
use CrowdSky\Fits\HeaderReader;
use CrowdSky\Fits\SubFrame;
use CrowdSky\Fits\TelescopeId;
use PHPUnit\Framework\TestCase;

/**
 * Headers of all telescopes and programs that we know, read as the worker reads them. The worker's half is
 * tests/unit/frames/test_dialects.py, on the same table.
 */
final class DialectsTest extends TestCase
{
    private string $path;

    protected function setUp(): void
    {
        $this->path = (string) tempnam(sys_get_temp_dir(), 'fits');
    }

    protected function tearDown(): void
    {
        unlink($this->path);
    }

    /**
     * @dataProvider dialects
     * @param array<string, string> $cards
     * @param array<string, mixed> $expect
     */
    public function testReadsWhatTheWorkerReads(array $cards, array $expect): void
    {
        self::write($this->path, $cards);
        $refused = $expect['refused'] ?? (($expect['start'] ?? $expect['local']) === null ? '' : null);
        if ($refused !== null) {
            $this->expectException(FrameRefused::class);
            $this->expectExceptionMessageMatches('/' . preg_quote($refused, '/') . '/');
        }

        $frame = (new HeaderReader())->read($this->path);

        self::assertEquals(self::wanted($expect), self::said($frame));
    }

    /** @return array<string, array{array<string, string>, array<string, mixed>}> by name */
    public static function dialects(): array
    {
        $found = [];
        $table = json_decode((string) file_get_contents(__DIR__ . '/../../support/header_dialects.json'), true, 8, JSON_THROW_ON_ERROR);
        foreach ($table['dialects'] as $row) {
            [$cards, $expect] = $found[$row['like'] ?? ''] ?? [[], []];
            $cards = array_filter(array_merge($cards, $row['cards']), static fn (?string $value): bool => $value !== null);
            $found[$row['name']] = [$cards, array_merge($expect, $row['expect'])];
        }

        return $found;
    }

    /** @return array<string, mixed> */
    private static function said(SubFrame $frame): array
    {
        $place = $frame->position;

        return [
            'exposure_s' => $frame->exposure,
            'start' => $frame->clock->isLocal() ? null : $frame->dateObs->iso(),
            'local' => $frame->clock->isLocal() ? $frame->dateObs->iso() : null,
            'pointing' => $place === null ? null : [round($place->ra, 5), round($place->dec, 5)],
            'telescope' => $frame->telescope,
            'names_unit' => $frame->telescope !== null && TelescopeId::namesUnit($frame->telescope),
            'instrument' => $frame->instrument,
            'object' => $frame->object,
            'filter' => $frame->filter,
            'pattern' => $frame->bayerPattern,
            'gain' => $frame->gain,
            'eq_mode' => $frame->eqMode,
            'wide' => $frame->isWide,
        ];
    }

    /**
     * @param array<string, mixed> $expect
     * @return array<string, mixed>
     */
    private static function wanted(array $expect): array
    {
        unset($expect['binning'], $expect['site']);

        return array_merge($expect, [
            'exposure_s' => (float) $expect['exposure_s'],
            // the site counts whole seconds
            'start' => $expect['start'] === null ? null : substr($expect['start'], 0, 19),
            'local' => $expect['local'] === null ? null : substr($expect['local'], 0, 19),
            'pointing' => $expect['pointing'] === null ? null : array_map(static fn ($angle): float => round($angle, 5), $expect['pointing']),
        ]);
    }

    /**
     * Writes a file with these cards and pixels that are all 0 and take no room.
     *
     * @param array<string, string> $cards
     */
    private static function write(string $path, array $cards): void
    {
        $header = FitsFile::header(['SIMPLE' => str_pad('T', 20, ' ', STR_PAD_LEFT)] + $cards);
        $bytes = intdiv(abs((int) $cards['BITPIX']), 8);
        for ($axis = 1; $axis <= (int) $cards['NAXIS']; $axis++) {
            $bytes *= (int) $cards["NAXIS{$axis}"];
        }
        $stream = fopen($path, 'wb');
        fwrite($stream, $header);
        ftruncate($stream, strlen($header) + intdiv($bytes + 2879, 2880) * 2880);
        fclose($stream);
    }
}
