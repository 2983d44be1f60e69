<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Stacks;

use CrowdSky\Stacks\Stack;
use PHPUnit\Framework\TestCase;

final class StackTest extends TestCase
{
    private const ROW = [
        'visibility' => 'inherit',
        'stacks_public' => '0',
        'id' => '7', 'job_id' => '3', 'user_id' => '1', 'chunk_key' => '20250327.05_193.1_+41.0',
        'chunk_key_hp' => '20250327.05_HP033810', 'object_name' => 'M 94', 'ucloud_path' => '/crowdsky/x.fits',
        'thumbnail_path' => null, 'picture_path' => null, 'full_path' => null, 'preview_path' => null, 'overlay_path' => null,
        'stars_path' => null, 'file_size_bytes' => '123', 'sha256' => 'ab', 'n_frames_input' => '12',
        'n_frames_aligned' => '11', 'total_exptime' => '110', 'date_obs_start' => null, 'date_obs_end' => null,
        'ra_deg' => null, 'dec_deg' => '40.97', 'n_stars_detected' => null, 'telescope' => null, 'filter_name' => null,
        'engine' => null, 'notes' => null, 'worker_name' => null, 'created_at' => '2025-03-27 05:00:00',
        'solved' => null, 'damaged_at' => null, 'is_smoothed' => 0, 'smoothing_known' => 1,
    ];

    public function testNumbersAreNumbersWhateverTheDriverGives(): void
    {
        $stack = Stack::fromRow(self::ROW);

        self::assertSame([7, 123, 110.0, null, 40.97], [$stack->id, $stack->bytes, $stack->totalExposure, $stack->ra, $stack->dec]);
        self::assertSame([], $stack->notes);
        self::assertNull($stack->isSolved);
        self::assertFalse(Stack::fromRow(['solved' => '0'] + self::ROW)->isSolved);
        self::assertSame(['a', 'b'], Stack::fromRow(['notes' => '["a","b"]'] + self::ROW)->notes);
    }

    public function testOthersDownloadUnderANameThatTellsNothing(): void
    {
        $names = static fn (string $object): string => Stack::fromRow(['object_name' => $object] + self::ROW)->downloadName(false);

        self::assertSame('M_94_20250327.05_193.1_+41.0.fits', $names('M 94'));
        self::assertSame('unknown_20250327.05_193.1_+41.0.fits', $names('My garden, 48.1 N'));
    }

    /** @dataProvider names */
    public function testTheDownloadNameIsPlain(?string $object, string $expected): void
    {
        self::assertSame("{$expected}_20250327.05_193.1_+41.0.fits", Stack::fromRow(['object_name' => $object] + self::ROW)->downloadName(true));
    }

    public static function names(): array
    {
        return [
            ['M 94', 'M_94'],
            [null, 'unknown'],
            ["a\"; filename=x\r\n/../b", 'a___filename_x___.._b'],
        ];
    }
}
