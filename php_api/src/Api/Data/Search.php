<?php

declare(strict_types=1);

namespace CrowdSky\Api\Data;

use CrowdSky\Base\Refusal;
use CrowdSky\Http\Request;
use CrowdSky\Http\Response;
use CrowdSky\Kernel\App;
use CrowdSky\Sky\SkyStack;

/** api/search.php: stacks by place, time, object and what they are like; page by page, as JSON or CSV. */
final class Search
{
    /** @throws Refusal for a data key that is not valid, and for a parameter that is wrong; see docs/data-api.md */
    public static function answer(App $app, Request $request): Response
    {
        $viewer = DataCall::anybody($app, $request);
        $call = new DataCall($request);
        $fields = self::fields($call);
        $isCsv = $call->choice('format', ['json', 'csv']) === 'csv';
        $page = SearchWish::of($call)->page($app, $viewer);
        $rows = array_map(static fn (SkyStack $stack): array => self::chosen(FrameFields::all($stack, $call), $fields), $page->stacks);
        $answer = $isCsv ? self::csv($rows, $fields) : Response::json(['stacks' => $rows, 'next' => $page->next]);

        return $page->next === null ? $answer : $answer->with(['Link' => '<' . $call->following($page->next) . '>; rel="next"']);
    }

    /** @return list<string>|null null for all */
    private static function fields(DataCall $call): ?array
    {
        $text = $call->text('fields', 1000);

        $fields = $text === null ? null : array_values(array_unique(explode(',', $text)));
        $unknown = array_diff($fields ?? [], FrameFields::NAMES);
        if ($unknown !== []) {
            throw Refusal::badInput("'fields' has no '" . implode("', '", $unknown) . "'; there are " . implode(', ', FrameFields::NAMES));
        }

        return $fields;
    }

    /**
     * @param array<string, mixed> $row
     * @param list<string>|null $fields
     * @return array<string, mixed>
     */
    private static function chosen(array $row, ?array $fields): array
    {
        return $fields === null ? $row : array_merge(...array_map(static fn (string $field): array => [$field => $row[$field] ?? null], $fields));
    }

    /**
     * @param list<array<string, mixed>> $rows
     * @param list<string>|null $fields
     */
    private static function csv(array $rows, ?array $fields): Response
    {
        $text = implode(',', $fields ?? FrameFields::NAMES) . "\r\n";
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
