<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Sky\Moc;

/**
 * The files of the HiPS, as any web server could show them.
 *
 * Each file appears whole or not at all.
 */
final class HipsFolder
{
    private const FIRST_ORDER = 3;
    private const LAST_ORDER = 7;
    private const NAME = '#^(properties|Moc\.fits|Norder3/Allsky\.png|Norder[3-7]/Dir(0|[1-9]0000|1[0-9]0000)/Npix(0|[1-9][0-9]{0,5})\.png)$#D';

    public function __construct(private readonly string $root)
    {
    }

    /** @return string|null path of a file that is there; null for any other name */
    public function find(string $name): ?string
    {
        $path = "{$this->root}/$name";
        return preg_match(self::NAME, $name) === 1 && is_file($path) ? $path : null;
    }

    /** Whether a name is that of a tile of an order in a cell of the first order. */
    public static function isTileOf(string $name, int $cell): bool
    {
        if (preg_match('#^Norder([3-7])/Dir([0-9]+)/Npix([0-9]+)\.png$#D', $name, $match) !== 1 || preg_match(self::NAME, $name) !== 1) {
            return false;
        }
        [$order, $folder, $tile] = [(int) $match[1], (int) $match[2], (int) $match[3]];
        return $tile >> 2 * ($order - self::FIRST_ORDER) === $cell && $folder === intdiv($tile, 10000) * 10000;
    }

    public function write(string $name, string $content): void
    {
        $path = "{$this->root}/$name";
        if (!is_dir(dirname($path)) && !@mkdir(dirname($path), 0770, true) && !is_dir(dirname($path))) {
            throw new \RuntimeException("The folder of $path cannot be made; check the owner of the data folder");
        }
        $part = "$path." . bin2hex(random_bytes(8)) . '.part';
        if (@file_put_contents($part, $content) !== strlen($content) || !@rename($part, $path)) {
            @unlink($part);
            throw new \RuntimeException("$path cannot be written; check the room on its disk");
        }
    }

    public function read(string $name): ?string
    {
        $content = is_file("{$this->root}/$name") ? file_get_contents("{$this->root}/$name") : false;
        return $content === false ? null : $content;
    }

    /**
     * Removes the tiles of a cell, but for some.
     *
     * @param array<string, true> $kept by name
     */
    public function removeTiles(int $cell, array $kept = []): void
    {
        for ($order = self::FIRST_ORDER; $order <= self::LAST_ORDER; $order++) {
            $first = $cell << 2 * ($order - self::FIRST_ORDER);
            $last = ($cell + 1 << 2 * ($order - self::FIRST_ORDER)) - 1;
            for ($tile = $first; $tile <= $last; $tile++) {
                $name = "Norder$order/Dir" . intdiv($tile, 10000) * 10000 . "/Npix$tile.png";
                if (!isset($kept[$name]) && is_file("{$this->root}/$name")) {
                    unlink("{$this->root}/$name");
                }
            }
        }
        if (!isset($kept[self::small($cell)]) && is_file("{$this->root}/" . self::small($cell))) {
            unlink("{$this->root}/" . self::small($cell));
        }
    }

    /** Name of a cell's part of Allsky. */
    public static function small(int $cell): string
    {
        return "allsky/$cell.rgba";
    }

    /**
     * Writes what describes all tiles together.
     *
     * @param string $identifier such as ivo://crowdsky.0123456789abcdef/hips
     */
    public function describe(Moc $moc, string $identifier, \DateTimeImmutable $now): void
    {
        $this->write('Moc.fits', $moc->toFits());
        $this->write('Norder3/Allsky.png', AllskyPng::of(fn (int $cell): ?string => $this->read(self::small($cell))));
        $properties = [
            'creator_did' => $identifier,
            'obs_title' => 'CrowdSky, colour',
            'obs_description' => 'Stacks of small smart telescopes, merged; red, green and blue, calibrated by stars',
            'obs_regime' => 'Optical',
            'dataproduct_type' => 'image',
            'dataproduct_subtype' => 'color',
            'hips_version' => '1.4',
            'hips_builder' => 'CrowdSky',
            'hips_release_date' => $now->setTimezone(new \DateTimeZone('UTC'))->format('Y-m-d\TH:i\Z'),
            'hips_status' => 'public master clonableOnce',
            'hips_frame' => 'equatorial',
            'hips_order' => (string) self::LAST_ORDER,
            'hips_order_min' => (string) self::FIRST_ORDER,
            'hips_tile_width' => '512',
            'hips_tile_format' => 'png',
            'hips_pixel_scale' => '8.946e-04',
            's_pixel_scale' => '8.946e-04',
            'moc_sky_fraction' => sprintf('%.6e', $moc->skyFraction()),
        ];
        $lines = array_map(static fn (string $name, string $value): string => sprintf('%-20s = %s', $name, $value), array_keys($properties), $properties);
        $this->write('properties', implode("\n", $lines) . "\n");
    }
}
