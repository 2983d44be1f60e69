<?php

declare(strict_types=1);

namespace CrowdSky\Statistics;

use CrowdSky\Database\Database;

/** How much the archive takes in storage, as far as the database knows sizes. */
final class ArchiveUse
{
    /** Owners and telescopes that are listed, the largest first. */
    private const MOST = 50;
    /** Files whose sizes are kept. */
    private const SIZES = [
        'stacks' => 'SELECT COUNT(*) AS n, COALESCE(SUM(file_size_bytes), 0) AS bytes FROM stacked_frames',
        'series' => 'SELECT COUNT(*) AS n, COALESCE(SUM(file_size_bytes), 0) AS bytes FROM series WHERE file_size_bytes IS NOT NULL',
        'calibrations' => 'SELECT COUNT(*) AS n, COALESCE(SUM(file_size_bytes), 0) AS bytes FROM calibrations',
        'hats' => 'SELECT COUNT(*) AS n, COALESCE(SUM(size_bytes), 0) AS bytes FROM hats_files',
    ];

    public function __construct(private readonly Database $database)
    {
    }

    /** The sum of all sizes that are kept. */
    public function bytes(): int
    {
        return array_sum(array_map(fn (string $sql): int => (int) $this->database->one($sql)['bytes'], self::SIZES));
    }

    /** @return array<string, array{n: int, bytes: ?int}> by kind of file; bytes are null where no size is kept */
    public function byKind(): array
    {
        $pictures = implode(' + ', array_map(
            static fn (string $column): string => "COUNT($column)",
            ['thumbnail_path', 'overlay_path', 'picture_path', 'full_path', 'preview_path'],
        ));
        $sums = [
            ...self::SIZES,
            'pictures' => "SELECT $pictures AS n, NULL AS bytes FROM stacked_frames",
            'stars' => 'SELECT COUNT(stars_path) AS n, NULL AS bytes FROM stacked_frames',
            'hips' => 'SELECT COALESCE(SUM(tiles), 0) AS n, NULL AS bytes FROM hips_cells',
        ];

        return array_map(function (string $sql): array {
            $row = $this->database->one($sql) ?? throw new \LogicException('a sum has no row');

            return ['n' => (int) $row['n'], 'bytes' => $row['bytes'] === null ? null : (int) $row['bytes']];
        }, $sums);
    }

    /** @return list<array{name: string, n: int, bytes: int}> stacks by owner */
    public function byOwner(): array
    {
        return self::named($this->database->all(
            'SELECT u.username AS name, t.n, t.bytes FROM
                 (SELECT user_id, COUNT(*) AS n, SUM(file_size_bytes) AS bytes FROM stacked_frames GROUP BY user_id) t
               JOIN users u ON u.id = t.user_id ORDER BY t.bytes DESC, u.id LIMIT ' . self::MOST
        ));
    }

    /** @return list<array{name: ?string, n: int, bytes: int}> stacks by telescope; null for those that name none */
    public function byTelescope(): array
    {
        return self::named($this->database->all(
            'SELECT telescope AS name, COUNT(*) AS n, SUM(file_size_bytes) AS bytes FROM stacked_frames
              GROUP BY telescope ORDER BY bytes DESC, telescope LIMIT ' . self::MOST
        ));
    }

    /**
     * @param list<array<string, mixed>> $rows
     * @return list<array{name: ?string, n: int, bytes: int}>
     */
    private static function named(array $rows): array
    {
        return array_map(static fn (array $row): array => ['name' => $row['name'], 'n' => (int) $row['n'], 'bytes' => (int) $row['bytes']], $rows);
    }
}
