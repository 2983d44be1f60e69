<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

use CrowdSky\Base\Refusal;

/**
 * Receives bodies of any size into files of the spool folder and hashes them on the way, in constant memory.
 */
final class Spool
{
    private const PIECE = 256 << 10;
    /** Bytes that stay free for the database and the log. */
    public const RESERVE_BYTES = 64 << 20;
    /** The same while a result is received: what it completes frees room. */
    public const RESERVE_AT_RESULTS = 16 << 20;

    public function __construct(private readonly string $folder)
    {
    }

    /**
     * Writes everything $stream gives into a new spool file.
     *
     * @param resource $stream
     * @param int|null $announced bytes that the client announced; fewer mean a broken upload
     * @param int $reserve bytes that must stay free
     * @param bool $isFlushed whether it waits until the bytes are on the disk; else flush() does, for several files at once
     * @throws Refusal above $limit, when bytes are missing, and when the disk has no room
     */
    public function receive(mixed $stream, int $limit, ?int $announced, string $what, int $reserve = self::RESERVE_BYTES, bool $isFlushed = true): SpooledFile
    {
        if ($announced !== null && $announced > $limit) {
            throw Refusal::tooLarge($what, $limit);
        }
        $this->checkSpace(($announced ?? 0) + $reserve);
        $path = "{$this->folder}/" . bin2hex(random_bytes(16)) . '.part';
        $file = new SpooledFile($path, ...$this->copy($stream, $path, $limit, $what));
        if ($isFlushed) {
            $this->flush($file);
        }
        if ($announced !== null && $file->size !== $announced) {
            $file->discard();
            throw Refusal::badInput("$what is incomplete: {$file->size} of $announced bytes arrived", 'incomplete');
        }
        return $file;
    }

    /**
     * Waits until the bytes of files are on the disk. The first one takes the others along, so that many small files take
     * little longer than one.
     */
    public function flush(SpooledFile ...$files): void
    {
        foreach ($files as $file) {
            Folders::flushFile($file->path);
        }
    }

    /**
     * Receives a worker's result, hands it to $use if its bytes are those that the worker announced, and removes it.
     *
     * @param resource $stream
     * @param int $announced bytes that the worker announced
     * @param string $sha256 hash that it announced
     * @param \Closure(SpooledFile): void $use
     * @throws Refusal like receive(), and for other bytes
     */
    public function useReceived(mixed $stream, int $limit, int $announced, string $what, string $sha256, \Closure $use): void
    {
        $file = $this->receive($stream, $limit, $announced, $what, self::RESERVE_AT_RESULTS);
        try {
            if (!hash_equals($sha256, $file->sha256)) {
                throw Refusal::unusable("$what arrived with other bytes than X-SHA256 names; send it again", 'hash_mismatch');
            }
            $use($file);
        } finally {
            $file->discard();
        }
    }

    /**
     * Has $write fill a new spool file, and hashes it.
     *
     * @param \Closure(resource): void $write
     * @param int $expected about how many bytes it will have
     * @throws Refusal when the disk has no room for them
     */
    public function create(\Closure $write, int $expected): SpooledFile
    {
        $this->checkSpace($expected + self::RESERVE_BYTES);
        $path = "{$this->folder}/" . bin2hex(random_bytes(16)) . '.part';
        $stream = fopen($path, 'x+b');
        if ($stream === false) {
            throw new \RuntimeException("The spool file $path cannot be made; check the owner of the data folder");
        }
        try {
            $write($stream);
            fflush($stream);
            return new SpooledFile($path, (int) (fstat($stream)['size'] ?? 0), (string) hash_file('sha256', $path));
        } catch (\Throwable $error) {
            @unlink($path);
            throw $error;
        } finally {
            fclose($stream);
        }
    }

    /**
     * Lists what crashed requests left behind.
     *
     * A file's age is measured by the clock of its disk: if the site's clock is ahead, an upload in progress must not
     * look old.
     *
     * @param int $age seconds; only files last written that long ago
     * @return list<string> names of files
     */
    public function abandoned(int $age): array
    {
        $parts = glob("{$this->folder}/*.part") ?: [];
        $now = $parts === [] ? null : DiskClock::now($this->folder);
        if ($now === null) {
            return [];
        }
        $before = $now - $age;
        $old = array_filter($parts, static fn (string $path): bool => (int) @filemtime($path) < $before);
        return array_values(array_map(basename(...), $old));
    }

    /** @param list<string> $names from abandoned() */
    public function remove(array $names): void
    {
        foreach ($names as $name) {
            @unlink("{$this->folder}/$name");
        }
    }

    private function checkSpace(int $needed): void
    {
        $free = @disk_free_space($this->folder);
        if ($free !== false && $free < $needed) {
            throw Refusal::noRoom('The server has no room left for this file; please tell its operator');
        }
    }

    /**
     * @param resource $from
     * @return array{int, string} size in bytes and SHA-256 in hex
     */
    private function copy(mixed $from, string $path, int $limit, string $what): array
    {
        $to = fopen($path, 'xb');
        if ($to === false) {
            throw new \RuntimeException("The spool file $path cannot be made; check the owner of the data folder");
        }
        try {
            return $this->pump($from, $to, $limit, $what);
        } catch (\Throwable $error) {
            @unlink($path);
            throw $error;
        } finally {
            fclose($to);
        }
    }

    /**
     * @param resource $from
     * @param resource $to
     * @return array{int, string}
     */
    private function pump(mixed $from, mixed $to, int $limit, string $what): array
    {
        $hash = hash_init('sha256');
        $size = 0;
        while (!feof($from)) {
            $piece = fread($from, self::PIECE);
            if ($piece === false) {
                throw Refusal::badInput("$what broke off while it was sent", 'incomplete');
            }
            $size += strlen($piece);
            if ($size > $limit) {
                throw Refusal::tooLarge($what, $limit);
            }
            hash_update($hash, $piece);
            if (@fwrite($to, $piece) !== strlen($piece)) {
                throw Refusal::noRoom('The server ran out of room while it received this file');
            }
        }
        fflush($to);
        return [$size, hash_final($hash)];
    }
}
