<?php

declare(strict_types=1);

namespace CrowdSky\Fits;

/**
 * Looks through the data of one part of a FITS file while they pass: their sum, their hash, and whether they can be the
 * pixels of a picture.
 *
 * PHP would need minutes to look at each pixel of a stack, so everything here is done by functions that take a string.
 */
final class DataUnit
{
    /** Bytes looked at in one go; a multiple of every pixel's size. */
    private const PIECE = 16384;
    /** By BITPIX, the bits of the exponent; they are all set in NaN and infinity, and in no other value. */
    private const EXPONENT = [-32 => "\x7f\x80\0\0", -64 => "\x7f\xf0\0\0\0\0\0\0"];

    /** Bytes still to come, padding included. */
    private int $left;
    /** Bytes of data still to come. */
    private int $dataLeft;
    private string $carried = '';
    private int $sum = 0;
    private bool $isFinite = true;
    private readonly ?\HashContext $hash;
    private readonly ?string $exponents;
    /** A piece full of the first pixel, until another pixel differs from it. */
    private ?string $uniform = null;
    private bool $isConstant = true;
    private bool $isZero = true;
    /** What has passed of a table of frames; null for all other data. */
    private ?string $rows = null;

    /** @param int $size bytes of data without padding */
    public function __construct(private readonly HduHeader $header, int $size)
    {
        $this->dataLeft = $size;
        $this->left = intdiv($size + HduHeader::BLOCK - 1, HduHeader::BLOCK) * HduHeader::BLOCK;
        if ($header->name() === FramesTable::NAME && $size <= PlaceSearch::MAX_FRAMES) {
            $this->rows = '';
        }
        $this->hash = $header->isImage() ? hash_init('sha256') : null;
        if ($this->hash !== null) {
            hash_update($this->hash, $header->coding() . "\n");
        }
        $exponent = self::EXPONENT[$header->bitpix()] ?? null;
        $this->exponents = $exponent === null ? null : str_repeat($exponent, intdiv(self::PIECE, strlen($exponent)));
    }

    /** @return int bytes that belong to it and have not passed yet */
    public function left(): int
    {
        return $this->left;
    }

    /** @param string $bytes no more than are left */
    public function feed(string $bytes): void
    {
        $this->left -= strlen($bytes);
        if ($this->rows !== null) {
            $this->rows .= $bytes;
        }
        $bytes = $this->carried . $bytes;
        // Whole pixels only. All data end in a block of 2880 bytes, so that nothing is carried past their end.
        $whole = strlen($bytes) & ~7;
        $this->carried = substr($bytes, $whole);
        for ($at = 0; $at < $whole; $at += self::PIECE) {
            $this->look(substr($bytes, $at, min(self::PIECE, $whole - $at)));
        }
    }

    /** Returns what was found; call it after the last byte. */
    public function end(): FitsPart
    {
        $wrong = $this->header->promisesSums() ? $this->header->wrongSum($this->sum) : null;
        return new FitsPart(
            $this->header,
            $this->isFinite,
            $this->isConstant,
            $this->isZero,
            $this->hash === null ? null : hash_final($this->hash),
            $wrong,
            $this->header->tells() || $this->header->name() === FramesTable::NAME && PlaceSearch::rowsTell($this->header, $this->rows),
        );
    }

    private function look(string $piece): void
    {
        if ($this->header->promisesSums()) {
            $this->sum = Checksum::add($this->sum, $piece);
        }
        if ($this->hash === null) {
            return;
        }
        $data = $this->dataLeft < strlen($piece) ? substr($piece, 0, $this->dataLeft) : $piece;
        $this->dataLeft -= strlen($data);
        hash_update($this->hash, $data);
        // No other place of the masked bytes can hold this sequence, so a hit is always a pixel.
        if ($this->exponents !== null && str_contains($data & $this->exponents, self::EXPONENT[$this->header->bitpix()])) {
            $this->isFinite = false;
        }
        $this->compare($data);
    }

    private function compare(string $data): void
    {
        if (!$this->isConstant || $data === '') {
            return;
        }
        if ($this->uniform === null) {
            $pixel = substr($data, 0, intdiv(abs($this->header->bitpix()), 8));
            $this->uniform = str_repeat($pixel, intdiv(self::PIECE, strlen($pixel)));
            $this->isZero = trim($pixel, "\0") === '';
        }
        if ($data !== substr($this->uniform, 0, strlen($data))) {
            $this->isConstant = $this->isZero = false;
        }
    }
}
