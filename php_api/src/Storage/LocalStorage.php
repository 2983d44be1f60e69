<?php

declare(strict_types=1);

namespace CrowdSky\Storage;

/**
 * Results in a folder of the server's own disk.
 */
final class LocalStorage implements ObjectStorage
{
    private const PIECE = 256 << 10;

    public function __construct(private readonly string $folder)
    {
    }

    public function size(string $path): ?int
    {
        $file = $this->locate($path);
        clearstatcache(true, $file);
        return is_file($file) ? (int) filesize($file) : null;
    }

    public function read(string $path, callable $sink, int $offset = 0, ?int $length = null): void
    {
        $file = $this->locate($path);
        $handle = is_file($file) ? @fopen($file, 'rb') : false;
        if ($handle === false) {
            throw new ObjectMissing($path);
        }
        fseek($handle, $offset);
        $left = $length ?? PHP_INT_MAX;
        while ($left > 0 && !feof($handle)) {
            $piece = fread($handle, min(self::PIECE, $left));
            if ($piece === false) {
                throw new StorageUnavailable("reading $file failed");
            }
            $left -= strlen($piece);
            $sink($piece);
        }
        fclose($handle);
    }

    public function put(SpooledFile $file, string $path): void
    {
        $target = $this->locate($path);
        $folder = dirname($target);
        if (!Folders::make($folder)) {
            throw new StorageUnavailable("the folder $folder cannot be made");
        }
        $this->name($file, $path, $target);
        Folders::flush($folder);
    }

    /** Uses a hard link, which appears whole and which the kernel refuses if the name is taken. */
    private function name(SpooledFile $file, string $path, string $target): void
    {
        if (@link($file->path, $target)) {
            return;
        }
        if (file_exists($target)) {
            throw new ObjectExists($path);
        }
        // A file system without hard links: the name holds the attempt's tag, so nobody else writes it now.
        if (!@copy($file->path, "$target.part") || !@rename("$target.part", $target)) {
            @unlink("$target.part");
            throw new StorageUnavailable("{$file->path} cannot be stored as $target");
        }
        Folders::flushFile($target);
    }

    public function list(string $folder): iterable
    {
        $names = is_dir($this->locate($folder)) ? @scandir($this->locate($folder)) : [];
        if ($names === false) {
            throw new StorageUnavailable("the folder {$this->locate($folder)} cannot be read");
        }
        foreach ($names as $name) {
            $path = "$folder/$name";
            if (!StoragePath::isPlain($path) || is_link($this->locate($path))) {
                continue;
            }
            if (is_dir($this->locate($path))) {
                yield from $this->list($path);
            } elseif (($facts = @stat($this->locate($path))) !== false) {
                yield new StoredObject($path, $facts['size'], $facts['mtime']);
            }
        }
    }

    public function move(string $from, string $to): void
    {
        [$source, $target] = [$this->locate($from), $this->locate($to)];
        if (!is_file($source)) {
            throw new ObjectMissing($from);
        }
        if (!Folders::make(dirname($target))) {
            throw new StorageUnavailable('the folder ' . dirname($target) . ' cannot be made');
        }
        // An interrupted move has left both names; a hard link is refused by the kernel if the name is taken.
        if (self::isSameFile($source, $target) || @link($source, $target)) {
            if (!@unlink($source)) {
                throw new StorageUnavailable("$source cannot be removed, though it is also $target");
            }
        } else {
            $this->rename($source, $target, $to);
        }
        Folders::flush(dirname($target));
        Folders::flush(dirname($source));
    }

    private static function isSameFile(string $one, string $other): bool
    {
        [$first, $second] = [@stat($one), @stat($other)];
        return $first !== false && $second !== false && [$first['dev'], $first['ino']] === [$second['dev'], $second['ino']];
    }

    /** For file systems without hard links, where nobody else writes the name. */
    private function rename(string $source, string $target, string $to): void
    {
        if (file_exists($target)) {
            throw new ObjectExists($to);
        }
        if (!@rename($source, $target)) {
            throw new StorageUnavailable("$source cannot be moved to $target");
        }
    }

    public function delete(string $path): void
    {
        $file = $this->locate($path);
        if (is_file($file) && !@unlink($file)) {
            throw new StorageUnavailable("$file cannot be removed");
        }
    }

    private function locate(string $path): string
    {
        return $this->folder . StoragePath::check($path);
    }
}
