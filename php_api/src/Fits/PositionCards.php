<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Removes from a header what reveals where on Earth a frame was taken, and by whom.
 *
 * The cards are overwritten with blank ones, so that the file keeps its length and stays valid FITS. Besides the
 * coordinates themselves, these are the target's position in the local sky (altitude, azimuth, hour angle, airmass) and
 * local times: a night of those reveals the site as exactly as its coordinates do.
 *
 * The hashes of served copies are stored in raw_files.public_sha256; a change to the rules here needs a migration that
 * sets them to NULL.
 */
final class PositionCards
{
    private const CARD_BYTES = 80;
    private const BLOCK_BYTES = 2880;
    /** No uploaded frame has a longer header, see HeaderReader. */
    private const MAX_BYTES = 36 * self::BLOCK_BYTES;

    private const KEYWORD = '/^(?:'
        . 'SITE[A-Z0-9_-]*|'
        . '(LAT|LON|LONG|ALT|ELEV|HGT|HEIGHT)[-_]?OBS|'
        . 'OBS[-_]?(LAT|LON|LONG|ALT|ELEV|HGT|HEIGHT)|'
        . 'OBS[-_]?GEO[A-Z0-9_-]*|'
        . 'GEO[-_]?(LAT|LON|LONG|ALT|ELEV|HGT)[A-Z]*|'
        . 'GPS[A-Z0-9_-]*|'
        . 'LAT|LATITUDE|LON|LONG|LONGITUD|ELEVATIO|HEIGHT|'
        . 'OBSERVER|OBSERVAT|OBSNAME|OWNER|LOCATION|'
        . '(OBJCT|CENT|TEL|MOON|SUN)(ALT|AZ)|OBJCTHA|'
        . 'ALT|ALTITUDE|AZ|AZIMUTH|ZD|ZENDIST|PARANGLE|AIRMASS|SECZ|'
        . 'HA|HOURANG|ST|LST|LMST|LAST|SIDTIME|'
        . '(DATE|TIME)-LOC|LOCTIME|LOCALTIM|TIMEZONE|TZ|TZOFFSET|UTCOFF[A-Z]*)$/';
    /** Free text, and the long names of HIERARCH, with one of these words before a number. */
    private const TELLING_TEXT = '/(\b|[ _.-])(geo)?(lat|lon|latitude|longitude|gps|altitude|elevation|observatory|site)(\b|[_.-])[^0-9]*[0-9]/i';

    /**
     * The first bytes of a file up to the end of its header, without those cards.
     *
     * @param resource $stream positioned at the start of the file
     * @return string empty when it is no FITS file
     */
    public static function blankedStart(mixed $stream): string
    {
        $header = '';
        do {
            $block = (string) fread($stream, self::BLOCK_BYTES);
            $header .= $block;
            $isLast = strlen($block) < self::BLOCK_BYTES || preg_match('/^(?:.{80})*?END {77}/s', $block) === 1;
        } while (!$isLast && strlen($header) < self::MAX_BYTES);
        return str_starts_with($header, 'SIMPLE  =') ? self::blank($header) : '';
    }

    /** @return string the header with the same number of bytes */
    public static function blank(string $header): string
    {
        $inBlankedText = false;
        $cards = [];
        foreach (str_split($header, self::CARD_BYTES) as $card) {
            // CONTINUE continues the text of the card before it.
            $isTelling = str_starts_with($card, 'CONTINUE') ? $inBlankedText : self::tells($card);
            $cards[] = $isTelling ? str_repeat(' ', strlen($card)) : $card;
            $inBlankedText = $isTelling;
        }
        return implode('', $cards);
    }

    private static function tells(string $card): bool
    {
        if (substr($card, 8, 2) !== '= ') {
            return preg_match(self::TELLING_TEXT, $card) === 1;
        }
        return preg_match(self::KEYWORD, rtrim(substr($card, 0, 8))) === 1;
    }
}
