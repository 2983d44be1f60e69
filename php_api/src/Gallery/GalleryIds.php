<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Changes\StackChanges;
use CrowdSky\Database\Condition;
use CrowdSky\Database\Database;
use CrowdSky\Sky\Places;
use CrowdSky\Sky\Viewer;

/** Which stacks match a wish: all of them, as one bit for each id. */
final class GalleryIds
{
    public const FORMAT = 'CSI1';

    public function __construct(
        private readonly Database $database,
        private readonly Places $places,
        private readonly GalleryQuery $query,
        private readonly PartCache $cache,
    ) {
    }

    /** @return list<int> */
    public function ids(GalleryWish $wish, Viewer $viewer): array
    {
        $ids = [];
        foreach ($this->bits($wish, $viewer) as $first => $bits) {
            foreach (unpack('C*', $bits) as $at => $byte) {
                for ($bit = 0; $byte >> $bit > 0; $bit++) {
                    if ($byte >> $bit & 1) {
                        $ids[] = $first + 8 * ($at - 1) + $bit;
                    }
                }
            }
        }

        return $ids;
    }

    /** For each part with matching stacks its first id, uint32 little-endian, and 64 bytes with a bit for each id, the lowest first. */
    public function bytes(GalleryWish $wish, Viewer $viewer): string
    {
        $bytes = self::FORMAT;
        foreach ($this->bits($wish, $viewer) as $first => $bits) {
            $bytes .= pack('V', $first) . $bits;
        }

        return $bytes;
    }

    /**
     * What is rare is looked up; what is common is kept part by part.
     *
     * @return array<int, string> first id of each part with matching stacks => its bits
     */
    private function bits(GalleryWish $wish, Viewer $viewer): array
    {
        $this->places->complete();
        if ($this->query->isNarrow($wish, $viewer)) {
            [$from, $where] = $this->query->of($wish, $viewer);

            return self::asBits($this->found($from, $where));
        }
        $compute = function (int $first) use ($wish, $viewer): string {
            [$from, $where] = $this->query->ofPart($wish, $viewer, $first);

            return self::asBits($this->found($from, $where))[$first] ?? '';
        };
        $name = 'ids-' . substr(hash('sha256', serialize([$wish->scope, $wish->facts, $viewer->userId])), 0, 40);

        return array_filter($this->cache->parts($name, $compute)[0], static fn (string $bits): bool => $bits !== '');
    }

    /** @return list<int> */
    private function found(string $from, Condition $where): array
    {
        return array_map('intval', array_column($this->database->all("SELECT s.id FROM $from WHERE {$where->sql}", $where->values), 'id'));
    }

    /**
     * @param list<int> $ids
     * @return array<int, string> in the order of the parts
     */
    private static function asBits(array $ids): array
    {
        $bytes = [];
        foreach ($ids as $id) {
            $first = StackChanges::partOf($id);
            $bytes[$first] ??= array_fill(0, intdiv(StackChanges::PART, 8), 0);
            $bytes[$first][$id - $first >> 3] |= 1 << ($id & 7);
        }
        ksort($bytes);

        return array_map(static fn (array $part): string => pack('C*', ...$part), $bytes);
    }
}
