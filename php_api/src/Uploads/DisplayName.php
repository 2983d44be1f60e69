<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/**
 * The file name sent by a browser, reduced to what every file system and header can represent.
 *
 * The name is shown to people and given to workers; it never decides where the site stores a file.
 */
final class DisplayName
{
    private const EXTENSIONS = ['fit', 'fits'];

    private const MAX_LENGTH = 120;

    private function __construct(public readonly string $text)
    {
    }

    /** @throws UploadRefused when the extension is not that of a FITS file */
    public static function of(string $sent): self
    {
        $segments = explode('/', str_replace('\\', '/', $sent));
        $name = preg_replace('/[^A-Za-z0-9._+ -]/', '_', mb_scrub(end($segments), 'UTF-8'));
        $name = ltrim((string) $name, '. ');
        $dot = strrpos($name, '.');
        $extension = $dot === false ? '' : substr($name, $dot + 1);
        if (!in_array(strtolower($extension), self::EXTENSIONS, true)) {
            throw UploadRefused::badExtension(
                'Only files named .fit or .fits can be uploaded, the raw subs as the telescope wrote them.'
            );
        }
        $stem = rtrim(substr($name, 0, (int) $dot), '. ');

        return new self(substr($stem, 0, self::MAX_LENGTH - strlen($extension) - 1) . '.' . $extension);
    }
}
