<?php

declare(strict_types=1);

namespace CrowdSky\Hats;

/** The bytes of the export's files, each under its hash: a file never changes, so that readers never get half of two. */
final class HatsFolder
{
    private const PART = '.part';

    public function __construct(private readonly string $root)
    {
    }

    /** @return resource|null for reading; null when it is not there */
    public function open(string $sha256): mixed
    {
        $handle = @fopen($this->path($sha256), 'rb');
        return $handle === false ? null : $handle;
    }

    public function has(string $sha256): bool
    {
        return is_file($this->path($sha256));
    }

    /**
     * @param iterable<string> $pieces
     * @return array{sha256: string, size: int}
     */
    public function add(iterable $pieces): array
    {
        if (!is_dir($this->root) && !@mkdir($this->root, 0770, true) && !is_dir($this->root)) {
            throw new \RuntimeException("The folder {$this->root} cannot be made; check the owner of the data folder");
        }
        $part = "{$this->root}/" . bin2hex(random_bytes(8)) . self::PART;
        try {
            [$sha256, $size] = $this->write($part, $pieces);
            if (!@rename($part, $this->path($sha256))) {
                throw new \RuntimeException("$part cannot be renamed; check the owner of its folder");
            }
        } finally {
            @unlink($part);
        }
        return ['sha256' => $sha256, 'size' => $size];
    }

    /**
     * Removes what nobody needs any more.
     *
     * @param array<string, true> $needed by hash
     * @param int $before unix time: younger files may be on their way into the database
     */
    public function sweep(array $needed, int $before): void
    {
        foreach (glob("{$this->root}/*") ?: [] as $path) {
            if (!isset($needed[basename($path)]) && (int) @filemtime($path) < $before) {
                @unlink($path);
            }
        }
    }

    /**
     * @param iterable<string> $pieces
     * @return array{string, int}
     */
    private function write(string $part, iterable $pieces): array
    {
        $stream = @fopen($part, 'xb');
        if ($stream === false) {
            throw new \RuntimeException("$part cannot be made; check the owner of its folder");
        }
        [$hash, $size] = [hash_init('sha256'), 0];
        try {
            foreach ($pieces as $piece) {
                hash_update($hash, $piece);
                $size += strlen($piece);
                if (@fwrite($stream, $piece) !== strlen($piece)) {
                    throw new \RuntimeException("$part cannot be written; check the room on its disk");
                }
            }
            fflush($stream);
            fsync($stream);
        } finally {
            fclose($stream);
        }
        return [hash_final($hash), $size];
    }

    private function path(string $sha256): string
    {
        return "{$this->root}/$sha256";
    }
}
