<?php

declare(strict_types=1);

namespace CrowdSky\Calibrations;

use CrowdSky\Database\Database;
use CrowdSky\Sky\Cone;
use CrowdSky\Variables\VariableCatalogues;
use CrowdSky\Variables\VariableSearch;

/** Which stars of a field are in the imported catalogue of variable stars. */
final class KnownVariables
{
    /** About as far as catalogues of variable stars and ours disagree. */
    private const MATCH_DEG = 5.0 / 3600.0;
    private const PAGE = 1000;

    /** @var array<string, list<array{float, float, float}>> unit vectors by cell of a grid, whose cells are as wide as a match */
    private array $cells = [];

    private function __construct()
    {
    }

    public static function in(Cone $field, Database $database, VariableCatalogues $catalogues): self
    {
        $known = new self();
        $catalogue = $catalogues->current();
        if ($catalogue === null) {
            return $known;
        }
        $search = new VariableSearch($database, $catalogue);
        $after = null;
        do {
            $page = $search->inCone($field, self::PAGE, $after);
            foreach ($page->found as $found) {
                $known->add(self::vector($found->star->ra, $found->star->dec));
            }
            $after = $page->next;
        } while ($after !== null);
        return $known;
    }

    public function has(float $ra, float $dec): bool
    {
        $star = self::vector($ra, $dec);
        $most = self::width() ** 2;
        foreach ([-1, 0, 1] as $x) {
            foreach ([-1, 0, 1] as $y) {
                foreach ([-1, 0, 1] as $z) {
                    foreach ($this->cells[self::cell($star, [$x, $y, $z])] ?? [] as $other) {
                        if (($star[0] - $other[0]) ** 2 + ($star[1] - $other[1]) ** 2 + ($star[2] - $other[2]) ** 2 <= $most) {
                            return true;
                        }
                    }
                }
            }
        }
        return false;
    }

    /** @param array{float, float, float} $vector */
    private function add(array $vector): void
    {
        $this->cells[self::cell($vector, [0, 0, 0])][] = $vector;
    }

    /**
     * @param array{float, float, float} $vector
     * @param array{int, int, int} $step to a neighbour
     */
    private static function cell(array $vector, array $step): string
    {
        $width = self::width();
        return implode(' ', array_map(static fn (float $part, int $step): int => (int) floor($part / $width) + $step, $vector, $step));
    }

    private static function width(): float
    {
        return deg2rad(self::MATCH_DEG);
    }

    /** @return array{float, float, float} */
    private static function vector(float $ra, float $dec): array
    {
        [$ra, $dec] = [deg2rad($ra), deg2rad($dec)];
        return [cos($dec) * cos($ra), cos($dec) * sin($ra), sin($dec)];
    }
}
