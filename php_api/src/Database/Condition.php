<?php

declare(strict_types=1);

namespace CrowdSky\Database;

/**
 * A condition of a query with its values, in the order of its question marks.
 */
final class Condition
{
    /** @param list<int|float|string> $values */
    public function __construct(public readonly string $sql, public readonly array $values = [])
    {
    }

    /** Joins conditions of which all must hold. */
    public static function all(self ...$conditions): self
    {
        return new self(
            implode(' AND ', array_map(static fn (self $condition): string => $condition->sql, $conditions)) ?: '1 = 1',
            array_merge(...array_map(static fn (self $condition): array => $condition->values, array_values($conditions))),
        );
    }
}
