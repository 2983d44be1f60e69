<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Response;

/** A page of rows as a call wants them: with which fields, and as JSON or CSV. */
final class FieldTable
{
    /** What of() reads. */
    public const PARAMETERS = ['fields', 'format'];

    /**
     * @param non-empty-list<string> $names fields of the answer
     * @param list<string>|null $chosen those that the call chose; null for all
     */
    private function __construct(
        private readonly DataCall $call,
        private readonly array $names,
        private readonly ?array $chosen,
        private readonly bool $isCsv,
    ) {
    }

    /**
     * @param non-empty-list<string> $names all fields in their order
     * @throws Refusal for a field or a format that there is not
     */
    public static function of(DataCall $call, array $names): self
    {
        $text = $call->text('fields', 1000);
        $chosen = $text === null ? null : array_values(array_unique(explode(',', $text)));
        $unknown = array_diff($chosen ?? [], $names);
        if ($unknown !== []) {
            throw Refusal::badInput("'fields' has no '" . implode("', '", $unknown) . "'; there are " . implode(', ', $names));
        }

        return new self($call, $names, $chosen, $call->choice('format', ['json', 'csv']) === 'csv');
    }

    /**
     * @param string $key the rows' name in JSON
     * @param list<array<string, mixed>> $rows with all fields in their order
     * @param string|null $next `after` of the following page
     */
    public function answer(string $key, array $rows, ?string $next): Response
    {
        $rows = array_map($this->chosen(...), $rows);
        $answer = $this->isCsv ? $this->csv($rows) : Response::json([$key => $rows, 'next' => $next]);

        return $next === null ? $answer : $answer->with(['Link' => '<' . $this->call->following($next) . '>; rel="next"']);
    }

    /**
     * @param array<string, mixed> $row
     * @return array<string, mixed>
     */
    private function chosen(array $row): array
    {
        return $this->chosen === null
            ? $row
            : array_merge(...array_map(static fn (string $field): array => [$field => $row[$field] ?? null], $this->chosen));
    }

    /** @param list<array<string, mixed>> $rows */
    private function csv(array $rows): Response
    {
        $text = implode(',', $this->chosen ?? $this->names) . "\r\n";
        foreach ($rows as $row) {
            $text .= implode(',', array_map(self::cell(...), array_values($row))) . "\r\n";
        }

        return Response::text($text)->with(['Content-Type' => 'text/csv; charset=utf-8']);
    }

    private static function cell(mixed $value): string
    {
        return match (true) {
            $value === null => '',
            is_bool($value) => $value ? 'true' : 'false',
            is_string($value) => preg_match('/[",\r\n]/', $value) === 1 ? '"' . str_replace('"', '""', $value) . '"' : $value,
            default => json_encode($value, JSON_THROW_ON_ERROR),
        };
    }
}
