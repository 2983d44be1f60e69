<?php

declare(strict_types=1);

namespace CrowdSky\Raws;

/** The name that workers use for a file: of characters that every file system and header can represent. */
final class PlainName
{
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

    /** @return string without a leading dot; that of a copy without a name if nothing is left */
    public static function of(string $filename, int $id): string
    {
        $plain = preg_replace('/[^A-Za-z0-9._+ -]/u', '_', self::plain(mb_scrub($filename, 'UTF-8'))) ?? '';
        $name = ltrim(substr($plain, -self::MAX_LENGTH), '. ');

        return $name === '' ? RawFrame::publicName($id) : $name;
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
