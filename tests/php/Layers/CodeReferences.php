<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Layers;

/**
 * The classes of the site that a PHP file names in its code: `use` lines, qualified names and names in strings.
 *
 * Names without a backslash need no look: they are imported by a `use` line or live in the file's own folder.
 * Comments do not count.
 */
final class CodeReferences
{
    private const SITE = 'CrowdSky\\';

    private string $namespace = '';
    /** @var array<string, string> imported class by its short name */
    private array $imports = [];
    /** @var list<array{class: string, line: int}> */
    private array $found = [];

    /** @param list<\PhpToken> $tokens without blanks and comments */
    private function __construct(private readonly array $tokens)
    {
    }

    /** @return list<array{class: string, line: int}> in the order of the file */
    public static function of(string $code): array
    {
        $tokens = array_filter(
            \PhpToken::tokenize($code, TOKEN_PARSE),
            static fn (\PhpToken $token): bool => !$token->is([T_WHITESPACE, T_COMMENT, T_DOC_COMMENT, T_INLINE_HTML]),
        );
        $reader = new self(array_values($tokens));
        $reader->read();
        return $reader->found;
    }

    private function read(): void
    {
        $depth = 0;
        for ($at = 0; $at < count($this->tokens); $at++) {
            $token = $this->tokens[$at];
            $depth += (int) $token->is(['{', T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES]) - (int) $token->is('}');
            if ($token->is(T_NAMESPACE) && $depth === 0) {
                $this->namespace = $this->tokens[++$at]->text;
            } elseif ($token->is(T_USE) && $depth === 0 && !$this->tokens[$at + 1]->is('(')) {
                $at = $this->readImports($at + 1);
            } else {
                $this->readName($token);
            }
        }
    }

    /** @return int place of the semicolon at the end of the statement */
    private function readImports(int $at): int
    {
        $group = '';
        for (; !$this->tokens[$at]->is(';'); $at++) {
            $token = $this->tokens[$at];
            if ($this->tokens[$at + 1]->is(T_NS_SEPARATOR)) {
                $group = $token->text . '\\';
            } elseif ($token->is([T_STRING, T_NAME_QUALIFIED, T_NAME_FULLY_QUALIFIED])) {
                $class = $group . ltrim($token->text, '\\');
                $hasAlias = $this->tokens[$at + 1]->is(T_AS);
                $this->imports[$hasAlias ? $this->tokens[$at + 2]->text : self::shortName($class)] = $class;
                $this->note($class, $token->line);
                $at += $hasAlias ? 2 : 0;
            }
        }
        return $at;
    }

    private function readName(\PhpToken $token): void
    {
        if ($token->is(T_NAME_FULLY_QUALIFIED)) {
            $this->note(ltrim($token->text, '\\'), $token->line);
        } elseif ($token->is(T_NAME_RELATIVE)) {
            $this->note($this->inNamespace(substr($token->text, strlen('namespace\\'))), $token->line);
        } elseif ($token->is(T_NAME_QUALIFIED)) {
            [$first, $rest] = explode('\\', $token->text, 2);
            $imported = isset($this->imports[$first]) ? "{$this->imports[$first]}\\$rest" : $this->inNamespace($token->text);
            $this->note($imported, $token->line);
        } elseif ($token->is(T_CONSTANT_ENCAPSED_STRING)) {
            $text = ltrim(str_replace('\\\\', '\\', substr($token->text, 1, -1)), '\\');
            $this->note(preg_match('/^(\w+\\\\)+\w+$/D', $text) === 1 ? $text : '', $token->line);
        }
    }

    private function note(string $class, int $line): void
    {
        if (str_starts_with($class, self::SITE)) {
            $this->found[] = ['class' => $class, 'line' => $line];
        }
    }

    private function inNamespace(string $name): string
    {
        return $this->namespace === '' ? $name : "{$this->namespace}\\$name";
    }

    private static function shortName(string $class): string
    {
        return substr((string) strrchr("\\$class", '\\'), 1);
    }
}
