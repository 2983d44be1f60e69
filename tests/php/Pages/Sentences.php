<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Pages;

/** Finds the sentences that PHP code shows to readers: what it hands to $t, to Texts, and as the title of a page. */
final class Sentences
{
    /** Which arguments of a call hold sentences, counted from 0, null for all; by what stands before the parenthesis. */
    private const CALLS = [
        '$t' => [0],
        '$t->count' => [1, 2],
        '$t->script' => null,
        '->say' => [0],
        'texts->count' => [1, 2],
        'texts()->count' => [1, 2],
        ')->page' => [1],
        'view->page' => [1],
    ];

    /** @var list<string> */
    public array $found = [];
    /** @var list<string> a line for each argument that is no literal, so that nobody can know its translation */
    public array $unknown = [];

    /** @var list<array{int, string, int}|string> */
    private array $tokens;

    public function __construct(string $code)
    {
        $skipped = [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT];
        $tokens = token_get_all($code);
        $this->tokens = array_values(array_filter($tokens, static fn (array|string $token): bool => !in_array($token[0], $skipped, true)));
        foreach (array_keys($this->tokens, '(', true) as $open) {
            $before = implode('', array_map($this->text(...), range(max(0, $open - 5), $open - 1)));
            foreach (self::CALLS as $call => $places) {
                if (str_ends_with($before, $call)) {
                    $this->take($open, $places, $call);
                    break;
                }
            }
        }
    }

    /** @param list<int>|null $places */
    private function take(int $open, ?array $places, string $call): void
    {
        $arguments = $this->arguments($open);
        foreach ($places ?? array_keys(array_filter($arguments)) as $place) {
            $argument = $arguments[$place] ?? [];
            $texts = array_filter($argument, static fn (array|string $token): bool => $token[0] === T_CONSTANT_ENCAPSED_STRING);
            $rest = array_filter($argument, static fn (array|string $token): bool => $token !== '.' && $token[0] !== T_CONSTANT_ENCAPSED_STRING);
            if ($rest === [] && $texts !== []) {
                $this->found[] = implode('', array_map(static fn (array $token): string => self::value($token[1]), $texts));
            } elseif (!str_ends_with($call, '->page')) {
                $this->unknown[] = "line {$this->line($open)}: $call(" . implode(' ', array_map(static fn ($token) => is_array($token) ? $token[1] : $token, $argument)) . ')';
            }
        }
    }

    /** @return list<list<array{int, string, int}|string>> the tokens of each argument */
    private function arguments(int $open): array
    {
        $arguments = [[]];
        $depth = 0;
        for ($i = $open + 1; $i < count($this->tokens); $i++) {
            $token = $this->tokens[$i];
            if ($depth === 0 && in_array($token, [')', ','], true)) {
                if ($token === ')') {
                    break;
                }
                $arguments[] = [];
                continue;
            }
            $depth += (int) in_array($token, ['(', '['], true) - (int) in_array($token, [')', ']'], true);
            $arguments[count($arguments) - 1][] = $token;
        }
        return $arguments;
    }

    private function text(int $index): string
    {
        $token = $this->tokens[$index];
        return is_array($token) ? $token[1] : $token;
    }

    private function line(int $index): int
    {
        while ($index > 0 && !is_array($this->tokens[$index])) {
            $index--;
        }
        return is_array($this->tokens[$index]) ? $this->tokens[$index][2] : 1;
    }

    /** The text that a quoted literal stands for. */
    private static function value(string $literal): string
    {
        $inner = substr($literal, 1, -1);
        return $literal[0] === "'" ? strtr($inner, ["\\'" => "'", '\\\\' => '\\']) : stripcslashes($inner);
    }
}
