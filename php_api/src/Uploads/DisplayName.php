<?php

declare(strict_types=1);

namespace CrowdSky\Uploads;

/**
 * The file name sent by a browser, as its owner knows it: without folders, and without characters that nobody sees, such as
 * those that turn the direction of a text.
 *
 * It is shown to people. Workers get a plain form of it (Raws\PlainName), which the FRAMES table of a stack then
 * has, since FITS knows ASCII alone. It never decides where the site stores a file.
 */
final class DisplayName
{
    private const EXTENSIONS = ['fit', 'fits'];

    private const MAX_LENGTH = 120;
    /** Controls, marks of direction and the like, and separators of lines. */
    private const UNSEEN = '/[\p{C}\p{Zl}\p{Zp}]/u';

    private function __construct(public readonly string $text)
    {
    }

    /** @throws UploadRefused when the extension is not that of a FITS file */
    public static function of(string $sent): self
    {
        $segments = explode('/', str_replace('\\', '/', $sent));
        $name = preg_replace(self::UNSEEN, '_', self::scrubbed(end($segments)));
        $name = ltrim((string) $name, '. ');
        $dot = strrpos($name, '.');
        $extension = $dot === false ? '' : substr($name, $dot + 1);
        if (!in_array(strtolower($extension), self::EXTENSIONS, true)) {
            throw UploadRefused::badExtension(
                'Only files named .fit or .fits can be uploaded, the raw subs as the telescope wrote them.'
            );
        }
        $stem = rtrim(substr($name, 0, (int) $dot), '. ');

        return new self(mb_substr($stem, 0, self::MAX_LENGTH - strlen($extension) - 1, 'UTF-8') . '.' . $extension);
    }

    /** What is no UTF-8 becomes an underscore. */
    private static function scrubbed(string $text): string
    {
        $former = mb_substitute_character();
        mb_substitute_character(0x5F);
        $scrubbed = mb_scrub($text, 'UTF-8');
        mb_substitute_character($former);

        return $scrubbed;
    }
}
