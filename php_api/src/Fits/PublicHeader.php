<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Reduces a header to what strangers may read: the public cards of CardTable with values of their form.
 *
 * Everything else is overwritten with blanks, so that the header keeps its length: cards that are not listed, comments
 * behind values, and COMMENT, HISTORY, HIERARCH and CONTINUE. Checksums go too, since they no longer fit.
 * crowdsky/frames/public_header.py writes the same bytes.
 */
final class PublicHeader
{
    /**
     * Number of these rules and of the table; a copy that was made by other rules is made anew. A change needs a
     * migration that sets raw_files.public_sha256 and raw_files.public_bytes to NULL.
     */
    public const VERSION = 3;

    private const CARD_BYTES = 80;
    /** Cards about the file, in which a place or name is not looked for. */
    private const SILENT = ['', 'END', 'CHECKSUM', 'DATASUM', 'COMMENT', 'HISTORY'];

    /** @return string the header with the same number of bytes; cards after END are blank */
    public static function clean(string $header): string
    {
        $cards = '';
        foreach (str_split($header, self::CARD_BYTES) as $card) {
            if (rtrim($card, ' ') === 'END') {
                return str_pad($cards . str_pad('END', self::CARD_BYTES), strlen($header));
            }
            $cards .= self::cleanCard($card);
        }
        return $cards;
    }

    /** Whether a card of one of our stacks is one that strangers must not read. */
    public static function tells(string $card): bool
    {
        $keyword = rtrim(substr($card, 0, 8), ' ');
        return !in_array($keyword, self::SILENT, true)
            && (substr($card, 8, 2) !== '= ' || !CardTable::get()->isPublic($keyword));
    }

    private static function cleanCard(string $card): string
    {
        $blank = str_repeat(' ', strlen($card));
        if (substr($card, 8, 2) !== '= ' || strlen($card) < self::CARD_BYTES) {
            return $blank;
        }
        $keyword = rtrim(substr($card, 0, 8), ' ');
        $value = CardTable::get()->publicValue($keyword, substr($card, 10));
        return $value === null ? $blank : str_pad(sprintf('%-8s= %s', $keyword, $value), self::CARD_BYTES);
    }
}
