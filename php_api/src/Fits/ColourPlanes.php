<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;

/** The planes of a stored stack that make a picture: its luminance, or red, green and blue. */
final class ColourPlanes
{
    public const LUMINANCE = 'LUM';
    public const COLOURS = ['RED', 'GREEN', 'BLUE'];

    /**
     * @param int $size of the stack in bytes
     * @return non-empty-array<string, StoredHeader>|null by name, in the order of a picture; null when the file has no
     *     such planes that hold the window
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function holding(ObjectStorage $storage, string $path, int $size, PixelWindow $window): ?array
    {
        $planes = [];
        foreach (StoredHeader::each($storage, $path, $size) as $header) {
            $name = $header->hdu->name();
            $isColour = $name === self::LUMINANCE || in_array($name, self::COLOURS, true);
            [$width, $height] = [...$header->hdu->axes(), 0, 0];
            if ($isColour && PixelValues::areKnown($header) && $width >= $window->x + $window->width && $height >= $window->y + $window->height) {
                $planes[$name] ??= $header;
            }
        }
        $names = isset($planes[self::LUMINANCE]) ? [self::LUMINANCE] : self::COLOURS;
        $chosen = [];
        foreach ($names as $name) {
            if (!isset($planes[$name])) {
                return null;
            }
            $chosen[$name] = $planes[$name];
        }

        return $chosen;
    }
}
