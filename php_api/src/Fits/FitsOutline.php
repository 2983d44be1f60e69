<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Reads the structure of a FITS file from a stream of bytes: the names of its parts and whether it is complete.
 *
 * It holds one block of 2880 bytes at a time. It is for files written by workers; uploaded raw frames are checked by
 * HeaderReader.
 */
final class FitsOutline
{
    private const BLOCK = 2880;
    private const CARD = 80;
    private const MAX_PARTS = 64;
    private const MAX_HEADER_BLOCKS = 500;
    private const MAX_AXES = 999;
    private const MAX_DATA = 2 ** 46;

    private string $block = '';
    /** @var array<string, string> values of the present header that matter */
    private array $header = [];
    private int $headerBlocks = 0;
    private int $dataBytesLeft = 0;
    private bool $primaryHasData = false;
    private ?string $problem = null;
    /** @var list<string> EXTNAME of every part so far, '' where there is none */
    private array $names = [];
    private readonly StackHeader $primary;

    public function __construct()
    {
        $this->primary = new StackHeader();
    }

    public function feed(string $bytes): void
    {
        while ($bytes !== '' && $this->problem === null) {
            if ($this->dataBytesLeft > 0) {
                $skipped = min($this->dataBytesLeft, strlen($bytes));
                $this->dataBytesLeft -= $skipped;
                $bytes = substr($bytes, $skipped);
                continue;
            }
            $taken = substr($bytes, 0, self::BLOCK - strlen($this->block));
            $bytes = substr($bytes, strlen($taken));
            $this->block .= $taken;
            if (strlen($this->block) === self::BLOCK) {
                $this->readHeaderBlock($this->block);
                $this->block = '';
            }
        }
    }

    /**
     * @param list<string> $required names of parts that must be there
     * @return string|null what is wrong with the file, null when nothing is; ask after the last byte
     */
    public function problem(array $required): ?string
    {
        if ($this->problem !== null) {
            return $this->problem;
        }
        if ($this->names === [] || $this->dataBytesLeft > 0 || $this->block !== '' || $this->headerBlocks > 0) {
            return 'it is not a whole FITS file: it ends within a header or its data';
        }
        if ($this->primaryHasData) {
            return 'its primary part holds data; the colour planes belong into extensions';
        }
        $missing = array_diff($required, $this->names);
        return $missing === [] ? null : 'it has no extension named ' . implode(', ', $missing);
    }

    /** What the primary header says; ask after the last byte. */
    public function primary(): StackHeader
    {
        return $this->primary;
    }

    private function readHeaderBlock(string $block): void
    {
        $first = $this->headerBlocks === 0;
        if ($first && !str_starts_with($block, $this->names === [] ? 'SIMPLE  =' : 'XTENSION=')) {
            $this->problem = $this->names === [] ? 'it does not start as a FITS file' : 'its parts do not follow each other as in a FITS file';
            return;
        }
        $this->headerBlocks++;
        for ($at = 0; $at < self::BLOCK; $at += self::CARD) {
            $card = substr($block, $at, self::CARD);
            if (rtrim($card) === 'END') {
                $this->endHeader();
                return;
            }
            $this->readCard($card);
        }
        if ($this->headerBlocks >= self::MAX_HEADER_BLOCKS) {
            $this->problem = 'one of its headers does not end';
        }
    }

    private function readCard(string $card): void
    {
        if ($this->names === []) {
            $this->primary->add($card);
        }
        $key = rtrim(substr($card, 0, 8));
        if (preg_match('/^(BITPIX|NAXIS[0-9]*|PCOUNT|GCOUNT|EXTNAME)$/', $key) !== 1 || substr($card, 8, 2) !== '= ') {
            return;
        }
        if (preg_match("/^\\s*(?:'([^']*)'|([+-]?[0-9]+))/", substr($card, 10), $match) === 1) {
            $this->header[$key] = $match[2] ?? rtrim($match[1]);
        }
    }

    private function endHeader(): void
    {
        $size = $this->dataSize();
        $this->primaryHasData = $this->primaryHasData || ($this->names === [] && $size > 0);
        $this->names[] = strtoupper($this->header['EXTNAME'] ?? '');
        $this->dataBytesLeft = intdiv($size + self::BLOCK - 1, self::BLOCK) * self::BLOCK;
        $this->header = [];
        $this->headerBlocks = 0;
        if (count($this->names) > self::MAX_PARTS) {
            $this->problem = 'it has more than ' . self::MAX_PARTS . ' parts';
        }
    }

    /** Bytes of data after the current header; 0 and a problem when the header makes no sense. */
    private function dataSize(): int
    {
        $axes = (int) ($this->header['NAXIS'] ?? -1);
        $bits = abs((int) ($this->header['BITPIX'] ?? 0));
        // A header may claim any number of axes; they are read only if FITS allows that many.
        $size = $axes < 0 || $axes > self::MAX_AXES ? NAN : $bits / 8 * $this->elements($axes);
        // Written so that NAN fails too, which is also what infinity times zero gives.
        if (!in_array($bits, [8, 16, 32, 64], true) || !($size >= 0 && $size <= self::MAX_DATA)) {
            $this->problem = 'one of its headers does not describe its data';
            return 0;
        }
        return (int) $size;
    }

    private function elements(int $axes): float
    {
        $elements = $axes === 0 ? 0.0 : 1.0;
        for ($axis = 1; $axis <= $axes; $axis++) {
            $elements *= max(-1, (int) ($this->header["NAXIS$axis"] ?? -1));
        }
        return (int) ($this->header['GCOUNT'] ?? 1) * ($elements + (int) ($this->header['PCOUNT'] ?? 0));
    }
}
