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

    /** Letters that not every header and file system can represent, in letters that all can. */
    private const LETTERS = [
        'Ä' => 'Ae', 'Ö' => 'Oe', 'Ü' => 'Ue', 'ä' => 'ae', 'ö' => 'oe', 'ü' => 'ue', 'ß' => 'ss', 'æ' => 'ae', 'Æ' => 'Ae', 'œ' => 'oe', 'Œ' => 'Oe',
        // Some systems write a letter and its dots apart.
        "A\u{308}" => 'Ae', "O\u{308}" => 'Oe', "U\u{308}" => 'Ue', "a\u{308}" => 'ae', "o\u{308}" => 'oe', "u\u{308}" => 'ue',
    ];
    /** Letters with accents, by the plain letter. */
    private const ACCENTS = [
        'A' => 'ÀÁÂÃÅĀĄ', 'C' => 'ÇĆČ', 'D' => 'ĎĐ', 'E' => 'ÈÉÊËĒĘĚ', 'I' => 'ÌÍÎÏĪ', 'L' => 'ŁĽ', 'N' => 'ÑŃŇ', 'O' => 'ÒÓÔÕØŌŐ', 'R' => 'Ř', 'S' => 'ŚŠŞ',
        'T' => 'ŤŢ', 'U' => 'ÙÚÛŮŪŰ', 'Y' => 'ÝŸ', 'Z' => 'ŹŻŽ', 'a' => 'àáâãåāą', 'c' => 'çćč', 'd' => 'ďđ', 'e' => 'èéêëēęě', 'i' => 'ìíîïī', 'l' => 'łľ',
        'n' => 'ñńň', 'o' => 'òóôõøōő', 'r' => 'ř', 's' => 'śšş', 't' => 'ťţ', 'u' => 'ùúûůūű', 'y' => 'ýÿ', 'z' => 'źżž',
    ];

    private function __construct(public readonly string $text)
    {
    }

    /** @throws UploadRefused when the extension is not that of a FITS file */
    public static function of(string $sent): self
    {
        $segments = explode('/', str_replace('\\', '/', $sent));
        $name = preg_replace('/[^A-Za-z0-9._+ -]/u', '_', self::plain(mb_scrub(end($segments), 'UTF-8')));
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

    private static function plain(string $name): string
    {
        $name = strtr($name, self::LETTERS);
        foreach (self::ACCENTS as $letter => $accented) {
            $name = (string) preg_replace("/[$accented]/u", (string) $letter, $name);
        }

        return (string) preg_replace('/\p{Mn}/u', '', $name);
    }
}
