<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\StoredBytes;

/**
 * What a stored stack says about itself outside its pixels: the primary header, the subs in its table FRAMES, and the
 * texts in its part ARCHIVE. It skips the pixels, so that it reads little more than the headers.
 *
 * It is for files that StackVerifier accepts; of others it returns what can be read.
 */
final class StoredParts
{
    /** Name of the part from which the rows of a lost database are rebuilt. */
    public const ARCHIVE = 'ARCHIVE';
    private const MAX_TABLE_BYTES = 64 << 20;
    /** Bytes of one element of a column of a binary table. */
    private const WIDTHS = [
        'L' => 1, 'B' => 1, 'A' => 1, 'I' => 2, 'J' => 4, 'E' => 4, 'K' => 8, 'D' => 8, 'C' => 8, 'P' => 8, 'M' => 16, 'Q' => 16,
    ];

    private readonly HeaderCards $primary;
    /** @var array<string, string> */
    private array $texts = [];
    /** @var list<string> */
    private array $frameHashes = [];
    private ?int $stars = null;

    private function __construct(private readonly ObjectStorage $storage, private readonly string $path)
    {
        $this->primary = new HeaderCards();
    }

    /**
     * @param int $size of the stack in bytes
     * @throws \CrowdSky\Storage\ObjectMissing
     * @throws \CrowdSky\Storage\StorageUnavailable
     */
    public static function of(ObjectStorage $storage, string $path, int $size): self
    {
        $parts = new self($storage, $path);
        foreach (StoredHeader::each($storage, $path, $size) as $part => $header) {
            if ($part === 0) {
                array_map($parts->primary->add(...), $header->cards);
            } else {
                $parts->take($header);
            }
        }
        return $parts;
    }

    public function primary(): HeaderCards
    {
        return $this->primary;
    }

    /** A text of the part ARCHIVE; null where the stack has none, as those of older workers. */
    public function text(string $keyword): ?string
    {
        return $this->texts[$keyword] ?? null;
    }

    /** @return list<string> SHA-256 of every sub that was given to the stacker, used or not; empty if the stack does not say */
    public function frameHashes(): array
    {
        return $this->frameHashes;
    }

    /** Number of stars in STAR-TAB; null without that table. */
    public function stars(): ?int
    {
        return $this->stars;
    }

    private function take(StoredHeader $header): void
    {
        $name = $header->hdu->name();
        $values = new HeaderCards();
        array_map($values->add(...), $header->cards);
        if ($name === 'FRAMES') {
            $this->frameHashes = $this->column($header, $values, 'SHA256');
        } elseif ($name === 'STAR-TAB') {
            $this->stars = $values->integer('NAXIS2');
        } elseif ($name === self::ARCHIVE) {
            $this->texts = self::longTexts($header->cards);
        }
    }

    /** @return list<string> values of a text column of a binary table; empty when there is no such column */
    private function column(StoredHeader $table, HeaderCards $header, string $name): array
    {
        [$row, $rows] = [$header->integer('NAXIS1') ?? 0, $header->integer('NAXIS2') ?? 0];
        $at = 0;
        for ($field = 1; $field <= min(999, $header->integer('TFIELDS') ?? 0); $field++) {
            if (preg_match('/^([0-9]{0,9})([LBAIJEKDCPMQ])/', $header->text("TFORM$field") ?? '', $match) !== 1) {
                return [];
            }
            $width = ($match[1] === '' ? 1 : (int) $match[1]) * self::WIDTHS[$match[2]];
            if ($header->text("TTYPE$field") !== $name) {
                $at += $width;
                continue;
            }
            if ($row < 1 || $rows < 1 || $at + $width > $row || $row * $rows > min(self::MAX_TABLE_BYTES, $table->dataBytes)) {
                return [];
            }
            $cells = static fn (string $whole): string => rtrim(substr($whole, $at, $width), " \0");
            return array_map($cells, str_split(StoredBytes::of($this->storage, $this->path, $table->dataStart, $row * $rows), $row));
        }
        return [];
    }

    /**
     * Joins texts that go on in CONTINUE cards, by the FITS convention for long strings.
     *
     * @param list<string> $cards
     * @return array<string, string> by keyword
     */
    private static function longTexts(array $cards): array
    {
        $texts = [];
        $keyword = null;
        foreach ($cards as $card) {
            $isMore = str_starts_with($card, 'CONTINUE  ');
            if (!$isMore) {
                $keyword = substr($card, 8, 2) === '= ' ? rtrim(substr($card, 0, 8)) : null;
            }
            if ($keyword === null || preg_match("/^ *'((?:[^']|'')*)'/", substr($card, 10), $match) !== 1) {
                $keyword = null;
                continue;
            }
            $goesOn = str_ends_with($match[1], '&');
            $piece = str_replace("''", "'", $goesOn ? substr($match[1], 0, -1) : rtrim($match[1]));
            $texts[$keyword] = ($isMore ? $texts[$keyword] ?? '' : '') . $piece;
            $keyword = $goesOn ? $keyword : null;
        }
        return $texts;
    }
}
