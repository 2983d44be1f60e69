<?php

declare(strict_types=1);

namespace CrowdSky\Hips;

use CrowdSky\Base\Refusal;

/** Reads the plain files of a tar archive (ustar), one after the other. */
final class TarReader
{
    private const BLOCK = 512;
    private const MAX_FILE_BYTES = 16 << 20;

    /** @param resource $stream */
    public function __construct(private readonly mixed $stream)
    {
    }

    /**
     * @return \Generator<string, string> content by name
     * @throws Refusal when it is no whole archive of plain files
     */
    public function files(): \Generator
    {
        while (true) {
            $header = $this->read(self::BLOCK);
            if (trim($header, "\0") === '') {
                return;
            }
            $size = self::octal(substr($header, 124, 12));
            if (!self::isIntact($header) || !in_array($header[156], ['0', "\0"], true) || $size > self::MAX_FILE_BYTES) {
                throw self::broken();
            }
            $name = rtrim(substr($header, 0, 100), "\0");
            $content = $this->read($size);
            $this->read((self::BLOCK - $size % self::BLOCK) % self::BLOCK);
            yield $name => $content;
        }
    }

    private function read(int $size): string
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
        return Refusal::unusable('The tiles are no whole tar archive of plain files', 'wrong_format');
    }
}
