<?php

declare(strict_types=1);

namespace CrowdSky\Pages\Plot;

/** The modules of a QR code: what finds it, what says how to read it, and the masked data. */
final class QrGrid
{
    /** Centres of the alignment patterns in both directions; by version. */
    private const ALIGNMENT = [
        1 => [],
        2 => [6, 18],
        3 => [6, 22],
        4 => [6, 26],
        5 => [6, 30],
        6 => [6, 34],
        7 => [6, 22, 38],
        8 => [6, 24, 42],
        9 => [6, 26, 46],
        10 => [6, 28, 50],
    ];

    private readonly int $size;
    /** @var array<int, array<int, bool>> by y and x; a module that is missing is free for data */
    private array $grid = [];

    private function __construct(private readonly int $version)
    {
        $this->size = 17 + 4 * $version;
    }

    /**
     * @param list<int> $codewords
     * @param int $mask 0 to 7
     */
    public static function draw(int $version, array $codewords, int $mask): self
    {
        $grid = new self($version);
        $grid->drawPatterns();
        $grid->drawFormat($mask);
        $grid->drawVersion();
        $grid->drawData($codewords, $mask);

        return $grid;
    }

    /** @return list<list<bool>> */
    public function modules(): array
    {
        $rows = [];
        for ($y = 0; $y < $this->size; $y++) {
            for ($x = 0; $x < $this->size; $x++) {
                $rows[$y][$x] = $this->grid[$y][$x];
            }
        }

        return array_values(array_map(array_values(...), $rows));
    }

    /** How hard a reader finds the mask: long runs, blocks of one colour, and too much of one. */
    public function penalty(): int
    {
        $rows = array_map(static fn (array $row): string => implode('', array_map(intval(...), $row)), $this->modules());
        $columns = array_map(static fn (int $x): string => implode('', array_map(static fn (string $row): string => $row[$x], $rows)), range(0, $this->size - 1));
        $penalty = 0;
        foreach ([...$rows, ...$columns] as $line) {
            preg_match_all('/0{5,}|1{5,}/', $line, $runs);
            $penalty += array_sum(array_map(static fn (string $run): int => strlen($run) - 2, $runs[0]));
            $penalty += 40 * (substr_count($line, '00001011101') + substr_count($line, '10111010000'));
        }
        for ($y = 1; $y < $this->size; $y++) {
            for ($x = 1; $x < $this->size; $x++) {
                $four = substr($rows[$y - 1], $x - 1, 2) . substr($rows[$y], $x - 1, 2);
                $penalty += $four === '0000' || $four === '1111' ? 3 : 0;
            }
        }
        $dark = substr_count(implode('', $rows), '1') / $this->size ** 2;

        return $penalty + 10 * (int) floor(abs($dark - 0.5) * 20);
    }

    private function drawPatterns(): void
    {
        for ($i = 0; $i < $this->size; $i++) {
            $this->grid[6][$i] = $this->grid[$i][6] = $i % 2 === 0;
        }
        foreach ([[3, 3], [$this->size - 4, 3], [3, $this->size - 4]] as [$x, $y]) {
            $this->drawSquares($x, $y, 4, [1, 1, 0, 1, 0]);
        }
        $centres = self::ALIGNMENT[$this->version];
        $last = count($centres) - 1;
        foreach ($centres as $i => $x) {
            foreach ($centres as $j => $y) {
                if (!in_array([$i, $j], [[0, 0], [0, $last], [$last, 0]], true)) {
                    $this->drawSquares($x, $y, 2, [1, 0, 1]);
                }
            }
        }
    }

    /** @param list<int> $rings colour of each ring of modules around the centre, 1 is dark */
    private function drawSquares(int $centreX, int $centreY, int $radius, array $rings): void
    {
        for ($y = max(0, $centreY - $radius); $y <= min($this->size - 1, $centreY + $radius); $y++) {
            for ($x = max(0, $centreX - $radius); $x <= min($this->size - 1, $centreX + $radius); $x++) {
                $this->grid[$y][$x] = $rings[max(abs($x - $centreX), abs($y - $centreY))] === 1;
            }
        }
    }

    /** Error correction M (0) and the mask, with their own correction (BCH), twice. */
    private function drawFormat(int $mask): void
    {
        $rest = $mask;
        for ($i = 0; $i < 10; $i++) {
            $rest = $rest << 1 ^ ($rest >> 9) * 0x537;
        }
        $bits = ($mask << 10 | $rest) ^ 0x5412;
        for ($i = 0; $i < 15; $i++) {
            $isDark = ($bits >> $i & 1) === 1;
            [$x, $y] = match (true) {
                $i < 6 => [8, $i],
                $i < 8 => [8, $i + 1],
                $i === 8 => [7, 8],
                default => [14 - $i, 8],
            };
            $this->grid[$y][$x] = $isDark;
            [$x, $y] = $i < 8 ? [$this->size - 1 - $i, 8] : [8, $this->size - 15 + $i];
            $this->grid[$y][$x] = $isDark;
        }
        $this->grid[$this->size - 8][8] = true;
    }

    private function drawVersion(): void
    {
        if ($this->version < 7) {
            return;
        }
        $rest = $this->version;
        for ($i = 0; $i < 12; $i++) {
            $rest = $rest << 1 ^ ($rest >> 11) * 0x1f25;
        }
        $bits = $this->version << 12 | $rest;
        for ($i = 0; $i < 18; $i++) {
            [$far, $near] = [$this->size - 11 + $i % 3, intdiv($i, 3)];
            $this->grid[$near][$far] = $this->grid[$far][$near] = ($bits >> $i & 1) === 1;
        }
    }

    /**
     * Fills the free modules in columns of two, upwards and downwards by turns.
     *
     * @param list<int> $codewords
     */
    private function drawData(array $codewords, int $mask): void
    {
        $next = 0;
        $taken = $this->grid;
        for ($right = $this->size - 1; $right >= 1; $right -= 2) {
            $right = $right === 6 ? 5 : $right;
            $isUpwards = ($right + 1 & 2) === 0;
            for ($i = 0; $i < $this->size; $i++) {
                $y = $isUpwards ? $this->size - 1 - $i : $i;
                foreach ([$right, $right - 1] as $x) {
                    if (!isset($taken[$y][$x])) {
                        $bit = (($codewords[$next >> 3] ?? 0) >> (7 - ($next & 7)) & 1) === 1;
                        $this->grid[$y][$x] = $bit !== self::isFlipped($mask, $x, $y);
                        $next++;
                    }
                }
            }
        }
    }

    private static function isFlipped(int $mask, int $x, int $y): bool
    {
        return 0 === match ($mask) {
            0 => ($x + $y) % 2,
            1 => $y % 2,
            2 => $x % 3,
            3 => ($x + $y) % 3,
            4 => (intdiv($x, 3) + intdiv($y, 2)) % 2,
            5 => $x * $y % 2 + $x * $y % 3,
            6 => ($x * $y % 2 + $x * $y % 3) % 2,
            default => (($x + $y) % 2 + $x * $y % 3) % 2,
        };
    }
}
