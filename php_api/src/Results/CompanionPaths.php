<?php

declare(strict_types=1);

namespace CrowdSky\Results;

use CrowdSky\Http\JsonBody;

/**
 * Where the files beside a stack are in storage: pictures and the list of stars. A stack is whole without any of them.
 */
final class CompanionPaths
{
    /** @param array<string, string> $paths by value of ResultKind */
    private function __construct(private readonly array $paths)
    {
    }

    public static function fromJson(JsonBody $body): self
    {
        return self::collect(static fn (string $field): ?string => $body->optionalText($field, 512));
    }

    /** @param array<string, mixed> $row with the columns of columns() */
    public static function fromRow(array $row): self
    {
        return self::collect(static fn (string $column): ?string => $row[$column]);
    }

    /** @param array<string, string> $stored what toStored() returned */
    public static function fromStored(array $stored): self
    {
        return new self($stored);
    }

    /** @return array<string, string> */
    public function toStored(): array
    {
        return $this->paths;
    }

    public function of(ResultKind $kind): ?string
    {
        return $this->paths[$kind->value] ?? null;
    }

    public function has(ResultKind $kind): bool
    {
        return isset($this->paths[$kind->value]);
    }

    /**
     * @param callable(ResultKind, string): bool $keeps
     */
    public function filtered(callable $keeps): self
    {
        return new self(array_filter(
            $this->paths,
            static fn (string $path, string $kind): bool => $keeps(ResultKind::from($kind), $path),
            ARRAY_FILTER_USE_BOTH,
        ));
    }

    /** @return array<string, ?string> paths by column of stacked_frames, null where there is no such file */
    public function toColumns(): array
    {
        $columns = [];
        foreach (ResultKind::companions() as $kind) {
            $columns[$kind->column()] = $this->of($kind);
        }
        return $columns;
    }

    /** @param callable(string): ?string $read takes a column, which is also the name of the report's field */
    private static function collect(callable $read): self
    {
        $paths = [];
        foreach (ResultKind::companions() as $kind) {
            $paths[$kind->value] = $read($kind->column());
        }
        return new self(array_filter($paths, static fn (?string $path): bool => $path !== null));
    }
}
