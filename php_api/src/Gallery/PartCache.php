<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Base\DataFolder;
use CrowdSky\Changes\StackChanges;
use CrowdSky\Fits\PublicHeader;

/**
 * Keeps what was computed for each part of the archive, and computes it anew for the parts that have changed. It is kept in
 * files of the data folder, which can be deleted at any time.
 */
final class PartCache
{
    private const FOLDER = 'gallery';
    private const FORM = 3;
    /** Files that are kept; the number of readers and of filters has no limit. */
    private const MOST_FILES = 200;

    public function __construct(private readonly DataFolder $data, private readonly StackChanges $changes)
    {
    }

    /**
     * @param string $name of the file, in plain characters: another one for all that is computed otherwise
     * @param \Closure(int): string $compute what is kept of the part that begins with an id
     * @return array{array<int, string>, string} by the first id of each part, and a text that is another one after a change
     */
    public function parts(string $name, \Closure $compute): array
    {
        $counts = $this->changes->counts();
        [$kept, $parts] = $this->kept($name);
        if ($kept !== $counts) {
            $known = $parts;
            $parts = [];
            foreach ($counts as $first => $count) {
                $parts[$first] = ($kept[$first] ?? null) === $count ? $known[$first] : $compute($first);
            }
            $this->keep($name, $counts, $parts);
        }

        return [$parts, $this->version($name, $counts)];
    }

    /**
     * What is made of all parts together, which is kept as well.
     *
     * @param string $name as for parts()
     * @param \Closure(int): string $compute as for parts()
     * @param \Closure(array<int, string>): string $join makes it of the parts
     */
    public function joined(string $name, \Closure $compute, \Closure $join): string
    {
        $version = $this->version($name, $this->changes->counts());
        $stored = @file_get_contents($this->path("$name-joined"));
        if ($stored !== false && str_starts_with($stored, "$version\n")) {
            return substr($stored, strlen($version) + 1);
        }
        [$parts, $version] = $this->parts($name, $compute);
        $joined = $join($parts);
        $this->write("$name-joined", "$version\n$joined");

        return $joined;
    }

    /** @return array{array<int, int>, array<int, string>} number of changes, and what is kept, of each part */
    private function kept(string $name): array
    {
        [$stamp, $stored] = explode("\n", @file_get_contents($this->path($name)) ?: "\n", 2) + ['', ''];
        // A power cut can leave a file without its content, and people edit files.
        if ($stamp !== self::stamp($stored)) {
            return [[], []];
        }
        $end = (int) strpos($stored, "\n");
        $head = json_decode(substr($stored, 0, $end), true, 4, JSON_THROW_ON_ERROR);
        $at = $end + 1;
        $parts = [];
        foreach ($head['lengths'] as $first => $length) {
            $parts[$first] = substr($stored, $at, $length);
            $at += $length;
        }

        return [$head['counts'], $parts];
    }

    /**
     * @param array<int, int> $counts
     * @param array<int, string> $parts
     */
    private function keep(string $name, array $counts, array $parts): void
    {
        $head = ['counts' => (object) $counts, 'lengths' => (object) array_map('strlen', $parts)];
        $stored = json_encode($head, JSON_THROW_ON_ERROR) . "\n" . implode('', $parts);
        $this->write($name, self::stamp($stored) . "\n$stored");
    }

    private function write(string $name, string $stored): void
    {
        $path = $this->path($name);
        if (!is_file($path)) {
            $this->makeRoom();
        }
        $part = $path . '.' . bin2hex(random_bytes(8)) . '.part';
        // Without room on the disk it is computed again.
        if (@file_put_contents($part, $stored) !== strlen($stored) || !@rename($part, $path)) {
            @unlink($part);
        }
    }

    /** Deletes the files that were written longest ago. */
    private function makeRoom(): void
    {
        $files = glob($this->data->path(self::FOLDER . '/*.bin*')) ?: [];
        if (count($files) >= self::MOST_FILES) {
            $times = array_map(static fn (string $file): int => (int) @filemtime($file), $files);
            array_multisort($times, $files);
            array_map(static fn (string $file): bool => @unlink($file), array_slice($files, 0, intdiv(self::MOST_FILES, 4)));
        }
    }

    /** @param array<int, int> $counts */
    private function version(string $name, array $counts): string
    {
        return hash('sha256', self::rule() . $name . json_encode($counts, JSON_THROW_ON_ERROR));
    }

    /** Tells whether a file is whole, and of this version. */
    private static function stamp(string $stored): string
    {
        return self::rule() . '-' . hash('xxh128', $stored);
    }

    private function path(string $name): string
    {
        return $this->data->path(self::FOLDER . "/$name.bin");
    }

    /** What else decides what is kept. */
    private static function rule(): string
    {
        return self::FORM . '-' . PublicHeader::VERSION . '-' . StackChanges::PART;
    }
}
