<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Fits\CardTable;
use CrowdSky\Sky\Viewer;

/**
 * The stacks of one part of the archive for a map, eight bytes and a bit each. All numbers are little-endian:
 *
 * uint32 first id of the part; uint16 number of stacks n; 64 bytes with one bit for each id, the lowest first; n times
 * uint16 right ascension (360 degrees are 65536); n times int16 declination (90 degrees are 32767, unknown is -32768);
 * n times uint16 days since 1990-01-01 (unknown is 65535); n bytes of flags (1 solved, 2 seen by everybody); n bytes with
 * the number of the name (255 is none); uint16 length and JSON list of names. A part without stacks has no bytes.
 */
final class MapPart
{
    private const IS_SOLVED = 1;
    private const IS_PUBLIC = 2;
    private const NO_NAME = 255;
    private const NO_PLACE = -32768;
    private const NO_DAY = 65535;
    /** Bytes of the names of a part. */
    private const MOST_NAMES = 800;

    public function __construct(
        private readonly Database $database,
        private readonly GalleryScope $scope,
        private readonly Viewer $viewer,
    ) {
    }

    public function bytes(int $first): string
    {
        $where = Condition::all(
            new Condition('s.id >= ? AND s.id < ?', [$first, $first + StackChanges::PART]),
            $this->scope->condition($this->viewer),
        );
        $rows = $this->database->all(
            'SELECT s.id, s.user_id, s.ra_deg, s.dec_deg, s.date_obs_start, s.object_name, s.visibility, m.solved,
                    (SELECT o.stacks_public FROM users o WHERE o.id = s.user_id) AS stacks_public
               FROM stacked_frames s LEFT JOIN stack_solutions m ON m.stack_id = s.id' . " WHERE {$where->sql} ORDER BY s.id",
            $where->values,
        );
        if ($rows === []) {
            return '';
        }
        $owned = $this->scope === GalleryScope::Public ? Viewer::public() : $this->viewer;
        $names = array_map(static fn (array $row): ?string => self::name($row, $owned), $rows);
        $known = self::frequent($names);

        return pack('Vv', $first, count($rows))
            . self::bits($first, $rows)
            . pack('v*', ...array_map(self::rightAscension(...), $rows))
            . pack('v*', ...array_map(self::declination(...), $rows))
            . pack('v*', ...array_map(self::day(...), $rows))
            . pack('C*', ...array_map(self::flags(...), $rows))
            . pack('C*', ...array_map(static fn (?string $name): int => $known[$name ?? ''] ?? self::NO_NAME, $names))
            . self::listed(array_keys($known));
    }

    /** @param array<string, mixed> $row */
    private static function name(array $row, Viewer $viewer): ?string
    {
        return $viewer->owns((int) $row['user_id']) ? $row['object_name'] : CardTable::get()->publicText('OBJECT', $row['object_name']);
    }

    /**
     * The names of the most stacks, as many as there is room for.
     *
     * @param list<string|null> $names
     * @return array<array-key, int> name => its number
     */
    private static function frequent(array $names): array
    {
        $counts = array_count_values(array_filter($names, static fn (?string $name): bool => $name !== null && $name !== ''));
        arsort($counts);
        $known = [];
        $room = self::MOST_NAMES - 2;
        foreach (array_keys($counts) as $name) {
            $room -= strlen(self::json((string) $name)) + 1;
            if ($room < 0 || count($known) === self::NO_NAME) {
                break;
            }
            $known[$name] = count($known);
        }

        return $known;
    }

    /** @param list<array-key> $names */
    private static function listed(array $names): string
    {
        $json = self::json(array_map(strval(...), $names));

        return pack('v', strlen($json)) . $json;
    }

    /** @param string|list<string> $value */
    private static function json(string|array $value): string
    {
        return json_encode($value, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES);
    }

    /** @param list<array<string, mixed>> $rows */
    private static function bits(int $first, array $rows): string
    {
        $bits = array_fill(0, intdiv(StackChanges::PART, 8), 0);
        foreach ($rows as $row) {
            $at = (int) $row['id'] - $first;
            $bits[$at >> 3] |= 1 << ($at & 7);
        }

        return pack('C*', ...$bits);
    }

    /** @param array<string, mixed> $row */
    private static function rightAscension(array $row): int
    {
        return $row['ra_deg'] === null ? 0 : (int) round((float) $row['ra_deg'] / 360.0 * 65536) & 0xFFFF;
    }

    /** @param array<string, mixed> $row */
    private static function declination(array $row): int
    {
        $isPlaced = $row['ra_deg'] !== null && $row['dec_deg'] !== null;

        return ($isPlaced ? (int) round((float) $row['dec_deg'] / 90.0 * 32767) : self::NO_PLACE) & 0xFFFF;
    }

    /** @param array<string, mixed> $row */
    private static function day(array $row): int
    {
        $day = $row['date_obs_start'] === null ? null : \DateTimeImmutable::createFromFormat('!Y-m-d', substr($row['date_obs_start'], 0, 10));
        if ($day === null || $day === false) {
            return self::NO_DAY;
        }

        return max(0, min(self::NO_DAY - 1, intdiv($day->getTimestamp() - 631_152_000, 86400)));
    }

    /** @param array<string, mixed> $row */
    private static function flags(array $row): int
    {
        $isPublic = $row['visibility'] === 'public' || ($row['visibility'] === 'inherit' && (bool) $row['stacks_public']);

        return ($row['solved'] ? self::IS_SOLVED : 0) | ($isPublic ? self::IS_PUBLIC : 0);
    }
}
