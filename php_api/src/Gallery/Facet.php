<?php

declare(strict_types=1);

namespace CrowdSky\Gallery;

use CrowdSky\Database\Condition;

/**
 * One condition on stacks in two forms: one that the index of its column serves, and one that no index serves, for when
 * another index is to decide in which order the stacks are read.
 */
final class Facet
{
    /** The indexes of texts go on with the begin of the observation. */
    private const WITHIN_TEXTS = 's.date_obs_start';

    /** @param list<string> $orders columns in whose order the index of byIndex has the stacks */
    private function __construct(
        private readonly array $orders,
        private readonly ?Condition $byIndex,
        private readonly Condition $byRow,
    ) {
    }

    /** @return self|null null without bounds */
    public static function range(string $column, string|float|null $least, string|float|null $most): ?self
    {
        $bounds = array_filter(['>=' => $least, '<=' => $most], static fn (string|float|null $bound): bool => $bound !== null);
        if ($bounds === []) {
            return null;
        }
        $join = static fn (\Closure $one): Condition => Condition::all(...array_map(
            static fn (string $sign, string|float $bound): Condition => new Condition($one($sign, $bound), [$bound]),
            array_keys($bounds),
            $bounds,
        ));

        return new self(
            [$column],
            $join(static fn (string $sign): string => "$column $sign ?"),
            // A difference: SQLite compares no text with numbers, and floats arrive as text.
            $join(static fn (string $sign, string|float $bound): string => is_string($bound) ? "COALESCE($column, '') $sign ?" : "($column - ?) $sign 0"),
        );
    }

    /** @param Condition $allowed what must hold besides, such as whose stacks may be found by this text */
    public static function text(string $column, string $text, Condition $allowed): self
    {
        return new self(
            [self::WITHIN_TEXTS],
            Condition::all(new Condition("$column = ?", [$text]), $allowed),
            Condition::all(new Condition("COALESCE($column, '') = ?", [$text]), $allowed),
        );
    }

    /**
     * A telescope, or a model of which every unit is wanted.
     *
     * @param Condition $allowed as of text()
     */
    public static function telescope(string $telescope, Condition $allowed): self
    {
        if (preg_match('/_[0-9a-f]{8}$/Di', $telescope) === 1) {
            return self::text('s.telescope', $telescope, $allowed);
        }
        $units = strtr($telescope, ['|' => '||', '%' => '|%', '_' => '|_']) . '|_%';

        return new self(
            [],
            Condition::all(new Condition('(s.telescope = ? OR s.telescope > ? AND s.telescope < ?)', [$telescope, "{$telescope}_", "{$telescope}`"]), $allowed),
            Condition::all(new Condition("(COALESCE(s.telescope, '') = ? OR COALESCE(s.telescope, '') LIKE ? ESCAPE '|')", [$telescope, $units]), $allowed),
        );
    }

    /**
     * Any of several, each of which an index serves; one alone is as it is.
     *
     * @param non-empty-list<self> $facets
     */
    public static function any(array $facets): self
    {
        if (count($facets) === 1) {
            return $facets[0];
        }
        $join = static fn (Condition ...$conditions): Condition => new Condition(
            '((' . implode(') OR (', array_column($conditions, 'sql')) . '))',
            array_merge(...array_column($conditions, 'values')),
        );
        $byIndex = array_filter(array_map(static fn (self $facet): ?Condition => $facet->byIndex, $facets));

        return new self(
            [],
            count($byIndex) === count($facets) ? $join(...$byIndex) : null,
            $join(...array_map(static fn (self $facet): Condition => $facet->byRow, $facets)),
        );
    }

    /** A condition that no index serves. */
    public static function plain(Condition $condition): self
    {
        return new self([], null, $condition);
    }

    /** @return Condition|null on `s` alone, served by an index; null if there is none */
    public function probe(): ?Condition
    {
        return $this->byIndex;
    }

    /** The condition while stacks are read in the order of a column, or of their ids (null). */
    public function inOrderOf(?string $column): Condition
    {
        return $this->byIndex !== null && in_array($column, $this->orders, true) ? $this->byIndex : $this->byRow;
    }
}
