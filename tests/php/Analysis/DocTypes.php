<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

/**
 * Reads from comments what PHP cannot declare: what is in a list, and what a template is given.
 */
final class DocTypes
{
    private const LISTS = '/^(?:list|non-empty-list|array|iterable|\\\\?Generator)<(.+)>$/D';

    /** @param \Closure(string): string $resolve the full name of a class as the file names it */
    public function __construct(private readonly \Closure $resolve)
    {
    }

    /** What @return or @param of a name says, null when it says nothing usable. */
    public function tagged(string|false $comment, string $tag, ?string $variable = null): ?Type
    {
        $name = $variable === null ? '' : ' \\' . '$' . preg_quote($variable, '/') . '\\b';
        $pattern = '/@' . $tag . '\\s+(' . self::pattern() . ')' . $name . '/';
        return preg_match($pattern, (string) $comment, $match) === 1 ? $this->type($match[1]) : null;
    }

    /** @return array<string, ?Type> what a template says about its variables, by name */
    public function variables(string $comment): array
    {
        preg_match_all('/@var\\s+(' . self::pattern() . ')\\s+\\$(\\w+)/', $comment, $found, PREG_SET_ORDER);
        $variables = [];
        foreach ($found as $match) {
            $variables[end($match)] = $this->type($match[1]);
        }
        return $variables;
    }

    /** A type is one word, or several inside brackets. */
    private static function pattern(): string
    {
        return '(?:[^\\s<({\\[]|(?<pair>[<({\\[](?:[^<({\\[\\]})>]|(?&pair))*[\\]})>]))+';
    }

    private function type(string $text): ?Type
    {
        $isNullable = str_starts_with($text, '?') || preg_match('/\\|null$/D', $text) === 1;
        $plain = preg_replace('/^\\?|\\|null$/D', '', $text) ?? '';
        if (preg_match(self::LISTS, $plain, $match) === 1) {
            // A generator's own parts are key, value, what is sent and what is returned.
            $parts = array_slice(self::split($match[1]), 0, 2);
            $type = Type::listOf($this->type(end($parts)));
        } elseif (preg_match('/^array\{(.+)\}$/D', $plain, $match) === 1) {
            $type = Type::tuple(...array_map($this->type(...), self::split($match[1])));
        } elseif (preg_match('/^(int|float|string|bool|array|null)$/D', $plain) === 1) {
            $type = Type::of($plain);
        } elseif (preg_match('/^(?:\\\\?[A-Z][\\w\\\\]*|self|static)$/D', $plain) === 1) {
            $type = Type::of(($this->resolve)($plain));
        } else {
            return null;
        }
        return $isNullable ? Type::either($type, Type::of('null')) : $type;
    }

    /** @return non-empty-list<string> the parts between the commas that are in no bracket */
    private static function split(string $text): array
    {
        $depth = 0;
        $parts = [''];
        foreach (str_split($text) as $character) {
            $depth += (int) str_contains('<({', $character) - (int) str_contains('>)}', $character);
            if ($character === ',' && $depth === 0) {
                $parts[] = '';
            } else {
                $parts[count($parts) - 1] .= $character;
            }
        }
        return array_map(trim(...), $parts);
    }
}
