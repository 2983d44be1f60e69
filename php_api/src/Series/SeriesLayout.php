<?php

declare(strict_types=1);

namespace CrowdSky\Series;

use CrowdSky\Fits\CardTable;
use CrowdSky\Fits\FitsOutline;
use CrowdSky\Fits\FitsPart;
use CrowdSky\Fits\HduHeader;
use CrowdSky\Fits\HeaderCards;
use CrowdSky\Fits\StoredHeader;

/**
 * Decides whether a file is a series: docs/light-curves.md describes its layout.
 *
 * A series is the same file for everybody, so it must have no card that strangers may not read.
 */
final class SeriesLayout
{
    public const MAX_PARTS = 900;
    private const NAMES = ['', 'SERIES', 'SERIES-STARS', 'PARTS'];
    private const OWN_CARDS = ['SERIES', 'NPARTS', 'NSTARS', 'BANDS', 'APRAD', 'CHECKSUM', 'DATASUM', ''];
    /** Cards of extensions: they describe tables and pictures, and hold no text from subs. */
    private const OF_EXTENSION = '/^(XTENSION|BITPIX|NAXIS[0-9]?|PCOUNT|GCOUNT|TFIELDS|(TTYPE|TFORM|TUNIT|TNULL)[0-9]{1,2}|EXTNAME'
        . '|Z[A-Z]+[0-9]?|BSCALE|BZERO|BLANK|BUNIT|ROUNDING|CHECKSUM|DATASUM|)$/D';
    private const SERIES = [
        'PART' => 'J', 'DATE_AVG' => '23A', 'MJD_AVG' => 'D', 'BJD_TDB' => 'D', 'EXPTIME' => 'E', 'NSUBS' => 'J', 'FWHM' => 'E',
        'ZP_R' => 'E', 'ZPERR_R' => 'E', 'ZP_G' => 'E', 'ZPERR_G' => 'E', 'ZP_B' => 'E', 'ZPERR_B' => 'E',
    ];
    private const STARS = [
        'PART' => 'J', 'STAR' => 'J', 'X' => 'E', 'Y' => 'E', 'RA' => 'D', 'DEC' => 'D', 'GAIA_ID' => 'K', 'FLUX_R' => 'E', 'ERR_R' => 'E',
        'FLUX_G' => 'E', 'ERR_G' => 'E', 'FLUX_B' => 'E', 'ERR_B' => 'E', 'FLAGS' => 'J',
    ];
    private const PIECE = 1 << 20;

    /** @param list<HeaderCards> $cards of the parts */
    private function __construct(private readonly array $cards)
    {
    }

    /**
     * Reads a file through and looks at its headers.
     *
     * @param string $path of the file on this disk
     * @param array{int, int}|null $size width and height of the subs, pixels; null if that is not known
     * @return int|string number of its parts, or what is wrong with it
     */
    public static function partsOf(string $path, SeriesOrder $order, ?array $size): int|string
    {
        $outline = new FitsOutline();
        $file = new \SplFileObject($path, 'rb');
        while (!$file->eof()) {
            $outline->feed((string) $file->fread(self::PIECE));
        }
        $problem = $outline->problem() ?? self::wrongParts($outline->parts());
        if ($problem !== null) {
            return $problem;
        }
        $cards = self::headers($file, $outline->parts());
        return is_string($cards) ? $cards : (new self($cards))->countOrProblem($order, $size);
    }

    /** @param list<FitsPart> $parts */
    private static function wrongParts(array $parts): ?string
    {
        $names = array_map(static fn (FitsPart $part): string => $part->name(), $parts);
        if ($names !== self::NAMES) {
            return 'it has the parts ' . implode(', ', array_slice($names, 1)) . ', not ' . implode(', ', array_slice(self::NAMES, 1));
        }
        foreach ($parts as $part) {
            if ($part->sumProblem !== null) {
                return "{$part->name()} is damaged: it differs from its own {$part->sumProblem}";
            }
        }
        return $parts[0]->header->dataSize() > 0 ? 'its primary part holds data' : null;
    }

    /**
     * @param list<FitsPart> $parts
     * @return list<HeaderCards>|string what is wrong
     */
    private static function headers(\SplFileObject $file, array $parts): array|string
    {
        $headers = [];
        for ($at = 0, $number = 0; $number < count($parts); $number++) {
            $length = $parts[$number]->header->blocks() * HduHeader::BLOCK;
            $file->fseek($at);
            $headers[] = $cards = new HeaderCards();
            foreach (str_split((string) $file->fread($length), StoredHeader::CARD) as $card) {
                $keyword = rtrim(substr($card, 0, 8), ' ');
                if ($keyword === 'END') {
                    break;
                }
                if (!self::mayBeRead($keyword, $card, $number === 0)) {
                    return "$keyword must not be in it: a series is for everybody who sees its stack";
                }
                $cards->add($card);
            }
            $at += $length + StoredHeader::padded((int) $parts[$number]->header->dataSize());
        }
        return $headers;
    }

    private static function mayBeRead(string $keyword, string $card, bool $isPrimary): bool
    {
        if (!$isPrimary) {
            return preg_match(self::OF_EXTENSION, $keyword) === 1;
        }
        return in_array($keyword, self::OWN_CARDS, true)
            || substr($card, 8, 2) === '= ' && CardTable::get()->publicValue($keyword, substr($card, 10)) !== null;
    }

    /** @param array{int, int}|null $size */
    private function countOrProblem(SeriesOrder $order, ?array $size): int|string
    {
        [$primary, $series, $stars, $pictures] = $this->cards;
        $parts = (int) $primary->integer('NPARTS');
        $rows = $parts * (int) $primary->integer('NSTARS');
        $shape = array_map($pictures->integer(...), ['ZNAXIS1', 'ZNAXIS2', 'ZNAXIS3']);
        return match (true) {
            $parts < 1 || $parts > self::MAX_PARTS => "its NPARTS is $parts",
            (int) $primary->number('SERIES') !== $order->seconds => "its SERIES is {$primary->number('SERIES')}, not {$order->seconds}",
            self::columns($series) !== self::SERIES => 'SERIES has other columns than a series has',
            self::columns($stars) !== self::STARS => 'SERIES-STARS has other columns than a series has',
            $series->integer('NAXIS2') !== $parts => "SERIES has {$series->integer('NAXIS2')} rows, not $parts",
            $stars->integer('NAXIS2') !== $rows => "SERIES-STARS has {$stars->integer('NAXIS2')} rows, not $rows: each star in each part",
            $pictures->logical('ZIMAGE') !== true || $shape[2] !== $parts => "PARTS is no compressed cube of $parts pictures",
            $size !== null && [$shape[0], $shape[1]] !== $size => "PARTS has $shape[0] x $shape[1] pixels, not " . implode(' x ', $size) . ' as the subs',
            default => $parts,
        };
    }

    /** @return array<string, string> form of each column by its name */
    private static function columns(HeaderCards $table): array
    {
        $columns = [];
        for ($number = 1; $number <= (int) $table->integer('TFIELDS'); $number++) {
            $columns[(string) $table->text("TTYPE$number")] = (string) $table->text("TFORM$number");
        }
        return $columns;
    }
}
