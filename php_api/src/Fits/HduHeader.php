<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * The header of one part (HDU) of a FITS file, taken in block by block: which data follow and how they are coded.
 */
final class HduHeader
{
    public const BLOCK = 2880;
    private const CARD = 80;
    private const MAX_AXES = 999;
    private const MAX_DATA = 2 ** 46;
    private const READ = '/^(?:XTENSION|BITPIX|NAXIS[0-9]*|PCOUNT|GCOUNT|EXTNAME|BZERO|BSCALE|BLANK|DATASUM|CHECKSUM|TFIELDS|TTYPE[0-9]*|TFORM[0-9]*) *=/';

    private readonly HeaderCards $cards;
    private int $blocks = 0;
    private int $sum = 0;
    private bool $hasPrivateCard = false;

    /** @param StackHeader|null $primary takes the cards too, where this is the primary header */
    public function __construct(private readonly ?StackHeader $primary)
    {
        $this->cards = new HeaderCards();
    }

    /** @return bool whether the header ends in this block of 2880 bytes */
    public function add(string $block): bool
    {
        $this->blocks++;
        $this->sum = Checksum::add($this->sum, $block);
        foreach (str_split($block, self::CARD) as $card) {
            if (rtrim($card) === 'END') {
                return true;
            }
            $this->primary?->add($card);
            $this->hasPrivateCard = $this->hasPrivateCard || PublicHeader::tells($card);
            if (preg_match(self::READ, $card) === 1) {
                $this->cards->add($card);
            }
        }
        return false;
    }

    public function blocks(): int
    {
        return $this->blocks;
    }

    /** EXTNAME in capitals; '' where there is none. */
    public function name(): string
    {
        return strtoupper($this->cards->text('EXTNAME') ?? '');
    }

    /**
     * Whether it has a card that strangers must not read, or is too long to be looked through again. The part ARCHIVE has nothing but what the site tells every
     * worker of the job, and what a worker has reported.
     */
    public function tells(): bool
    {
        return $this->blocks > StoredHeader::MAX_BLOCKS || $this->hasPrivateCard && $this->name() !== StoredParts::ARCHIVE;
    }

    /** @return FramesTable|null null when it does not describe a binary table */
    public function framesTable(): ?FramesTable
    {
        return FramesTable::of($this->cards);
    }

    public function isImage(): bool
    {
        return $this->cards->text('XTENSION') === 'IMAGE';
    }

    public function isTable(): bool
    {
        return $this->cards->text('XTENSION') === 'BINTABLE';
    }

    /** @return list<int> lengths of the axes in the order of FITS, the shortest step first */
    public function axes(): array
    {
        $count = $this->cards->integer('NAXIS') ?? 0;
        return $count > 0 ? array_map(fn (int $axis): int => $this->cards->integer("NAXIS$axis") ?? 0, range(1, $count)) : [];
    }

    public function bitpix(): int
    {
        return $this->cards->integer('BITPIX') ?? 0;
    }

    /** Whether its values are what is stored, times a scale, plus an offset, and none of them stands for "undefined". */
    public function hasPlainValues(): bool
    {
        $scale = $this->cards->has('BSCALE') ? $this->cards->number('BSCALE') : 1.0;
        $offset = $this->cards->has('BZERO') ? $this->cards->number('BZERO') : 0.0;
        return $scale !== null && $scale !== 0.0 && $offset !== null && !$this->cards->has('BLANK');
    }

    /** How stored bytes become pixels, as text that is the same for the same coding. */
    public function coding(): string
    {
        $number = fn (string $card, float $default): string => var_export($this->cards->number($card) ?? $default, true);
        return sprintf('%d [%s] %s %s', $this->bitpix(), implode(' ', $this->axes()), $number('BSCALE', 1.0), $number('BZERO', 0.0));
    }

    /** @return int|null bytes of data without padding; null when the header does not describe its data */
    public function dataSize(): ?int
    {
        $axes = $this->cards->integer('NAXIS') ?? -1;
        $bits = abs($this->bitpix());
        // A header may claim any number of axes; they are read only if FITS allows that many.
        $size = $axes < 0 || $axes > self::MAX_AXES ? NAN : $bits / 8 * $this->elements();
        // Written so that NAN fails too, which is also what infinity times zero gives.
        return in_array($bits, [8, 16, 32, 64], true) && $size >= 0 && $size <= self::MAX_DATA ? (int) $size : null;
    }

    /** Whether a card promises a sum, so that the data have to be summed. */
    public function promisesSums(): bool
    {
        return $this->cards->has('DATASUM') || $this->cards->has('CHECKSUM');
    }

    /**
     * @param int $dataSum Checksum of the data with their padding
     * @return string|null the name of the card that does not agree
     */
    public function wrongSum(int $dataSum): ?string
    {
        $promised = $this->cards->text('DATASUM') ?? (string) $this->cards->integer('DATASUM');
        if ($promised !== '' && ltrim($promised, '0') !== ltrim((string) $dataSum, '0')) {
            return 'DATASUM';
        }
        // The card CHECKSUM is chosen so that the sum of the whole part is -0.
        $isWhole = Checksum::fold($this->sum + $dataSum) === Checksum::MINUS_ZERO;
        return $this->cards->text('CHECKSUM') !== null && !$isWhole ? 'CHECKSUM' : null;
    }

    private function elements(): float
    {
        $axes = $this->axes();
        $elements = $axes === [] ? 0.0 : 1.0;
        foreach ($axes as $length) {
            $elements *= max(-1, $length);
        }
        return ($this->cards->integer('GCOUNT') ?? 1) * ($elements + ($this->cards->integer('PCOUNT') ?? 0));
    }
}
