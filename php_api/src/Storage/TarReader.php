<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Base\Refusal;

/** Reads the plain files of a tar archive (ustar), one after the other. */
final class TarReader
{
    private const BLOCK = 512;
    private const PIECE = 256 << 10;

    /** Bytes of the open file that were not read yet, and those that fill its last block. */
    private int $left = 0;
    private int $filler = 0;

    /**
     * @param resource $stream
     * @param int $mostBytes of one file
     */
    public function __construct(private readonly mixed $stream, private readonly int $mostBytes = 16 << 20)
    {
    }

    /**
     * @return \Generator<string, string> content by name
     * @throws Refusal when it is no whole archive of plain files
     */
    public function files(): \Generator
    {
        foreach ($this->sizes() as $name => $size) {
            yield $name => $this->read($size);
        }
    }

    /**
     * The files without their content, which pieces() gives while the generator stands at one of them.
     *
     * @return \Generator<string, int> size in bytes by name
     * @throws Refusal when it is no whole archive of plain files
     */
    public function sizes(): \Generator
    {
        while (true) {
            $header = $this->take(self::BLOCK);
            if (trim($header, "\0") === '') {
                return;
            }
            $size = self::octal(substr($header, 124, 12));
            if (!self::isIntact($header) || !in_array($header[156], ['0', "\0"], true) || $size > $this->mostBytes) {
                throw self::broken();
            }
            [$this->left, $this->filler] = [$size, (self::BLOCK - $size % self::BLOCK) % self::BLOCK];
            yield rtrim(substr($header, 0, 100), "\0") => $size;
            foreach ($this->pieces() as $_) {
                // What nobody wanted is passed over.
            }
            $this->take($this->filler);
        }
    }

    /** @return \Generator<string> the rest of the file at which sizes() stands */
    public function pieces(): \Generator
    {
        while ($this->left > 0) {
            yield $this->read(min(self::PIECE, $this->left));
        }
    }

    private function read(int $size): string
    {
        $content = $this->take($size);
        $this->left -= $size;
        return $content;
    }

    private function take(int $size): string
    {
        $content = '';
        while (strlen($content) < $size) {
            $piece = fread($this->stream, $size - strlen($content));
            if ($piece === false || $piece === '') {
                throw self::broken();
            }
            $content .= $piece;
        }
        return $content;
    }

    private static function isIntact(string $header): bool
    {
        $plain = substr_replace($header, '        ', 148, 8);
        return array_sum(unpack('C*', $plain) ?: []) === self::octal(substr($header, 148, 8));
    }

    private static function octal(string $digits): int
    {
        $digits = trim($digits, " \0");
        return preg_match('/^[0-7]{1,11}$/D', $digits) === 1 ? (int) octdec($digits) : PHP_INT_MAX;
    }

    private static function broken(): Refusal
    {
        return Refusal::unusable('The file is no whole tar archive of plain files', 'wrong_format');
    }
}
