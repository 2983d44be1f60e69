<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PhpParser\Node;
use PhpParser\Node\Expr;
use PhpParser\NodeFinder;

/**
 * Finds what a file holds in vain: imports, private members, variables that are never read, code that is never run.
 */
final class Unused
{
    /** @return list<string> sentences that begin with the line */
    public static function faults(SourceFile $file): array
    {
        $finder = new NodeFinder();
        $faults = self::imports($file);
        foreach ($finder->findInstanceOf($file->statements, Node\Stmt\GroupUse::class) as $group) {
            $faults[] = "{$group->getStartLine()}: classes are imported one by one";
        }
        foreach ($finder->findInstanceOf($file->statements, Node::class) as $node) {
            array_push($faults, ...is_array($node->stmts ?? null) ? self::unreachable($node->stmts) : []);
        }
        foreach ($finder->findInstanceOf($file->statements, Node\Stmt\ClassLike::class) as $class) {
            array_push($faults, ...self::members($class));
        }
        foreach ($finder->findInstanceOf($file->statements, Node\FunctionLike::class) as $function) {
            array_push($faults, ...self::variables($function));
        }
        return $faults;
    }

    /**
     * @param array<Node\Stmt> $statements of one block
     * @return list<string>
     */
    private static function unreachable(array $statements): array
    {
        $ended = false;
        foreach ($statements as $statement) {
            // A comment at the end of a block is parsed as a statement that does nothing.
            $isFree = $statement instanceof Node\Stmt\Function_ || $statement instanceof Node\Stmt\ClassLike
                || $statement instanceof Node\Stmt\InlineHTML || $statement instanceof Node\Stmt\Nop;
            if ($ended && !$isFree) {
                return ["{$statement->getStartLine()}: nothing leads here"];
            }
            $last = $statement instanceof Node\Stmt\Expression ? $statement->expr : $statement;
            $ended = $last instanceof Node\Stmt\Return_ || $last instanceof Expr\Throw_ || $last instanceof Expr\Exit_
                || $last instanceof Node\Stmt\Throw_ || $last instanceof Node\Stmt\Continue_ || $last instanceof Node\Stmt\Break_;
        }
        return [];
    }

    /** @return list<string> */
    private static function imports(SourceFile $file): array
    {
        $named = [];
        foreach (\PhpToken::tokenize($file->code) as $token) {
            if ($token->is([T_STRING, T_NAME_QUALIFIED])) {
                $name = explode('\\', $token->text)[0];
                $named[$name] = ($named[$name] ?? 0) + 1;
            } elseif ($token->is(T_DOC_COMMENT) && preg_match_all('/@[a-z]+\s[^\n]*/', $token->text, $tags) > 0) {
                $named += array_fill_keys(preg_split('/\W+/', implode(' ', $tags[0])) ?: [], 1);
            }
        }
        $unused = array_filter($file->imports, static fn (string $name): bool => !isset($named[$name]), ARRAY_FILTER_USE_KEY);
        $faults = [];
        foreach ($unused as $name => $line) {
            $faults[] = "{$line->getStartLine()}: $name is imported and not used";
        }
        return $faults;
    }

    /** @return list<string> */
    private static function members(Node\Stmt\ClassLike $class): array
    {
        $named = [];
        foreach ((new NodeFinder())->findInstanceOf($class->stmts, Expr::class) as $use) {
            $name = $use->name ?? null;
            if ($name instanceof Node\Identifier) {
                $named[] = $name->toString();
            }
        }
        $faults = [];
        foreach (self::declared($class) as $name => $line) {
            if (!in_array($name, $named, true)) {
                $faults[] = "$line: {$class->name}::$name is private and not used";
            }
        }
        return $faults;
    }

    /** @return array<string, int> line of every private member by its name */
    private static function declared(Node\Stmt\ClassLike $class): array
    {
        $declared = [];
        foreach ($class->stmts as $statement) {
            $isPrivate = method_exists($statement, 'isPrivate') && $statement->isPrivate();
            $members = match (true) {
                $statement instanceof Node\Stmt\ClassMethod => $isPrivate && !$statement->isMagic() ? [$statement] : self::promoted($statement),
                $statement instanceof Node\Stmt\Property => $isPrivate ? $statement->props : [],
                $statement instanceof Node\Stmt\ClassConst => $isPrivate ? $statement->consts : [],
                default => [],
            };
            foreach ($members as $member) {
                $declared[($member->name ?? $member->var->name) . ''] = $member->getStartLine();
            }
        }
        return $declared;
    }

    /** @return list<Node\Param> */
    private static function promoted(Node\Stmt\ClassMethod $method): array
    {
        return array_values(array_filter($method->params, static fn (Node\Param $one): bool => ($one->flags & Node\Stmt\Class_::MODIFIER_PRIVATE) !== 0));
    }

    /**
     * A template is run inside the function that names it and sees its variables.
     *
     * @return list<string>
     */
    private static function variables(Node\FunctionLike $function): array
    {
        $finder = new NodeFinder();
        $body = $function->getStmts() ?? [];
        if ($finder->findFirstInstanceOf($body, Expr\Include_::class) !== null) {
            return [];
        }
        $read = [];
        foreach ([...$function->getParams(), ...$function instanceof Expr\Closure ? $function->uses : []] as $given) {
            if ($given->byRef && $given->var instanceof Expr\Variable) {
                $read[(string) $given->var->name] = true;
            }
        }
        $written = [];
        foreach ($finder->findInstanceOf($body, Expr\Assign::class) as $assign) {
            if ($assign->var instanceof Expr\Variable && is_string($assign->var->name)) {
                $written[spl_object_id($assign->var)] = $assign->var;
            }
        }
        foreach ($finder->findInstanceOf($body, Expr\Variable::class) as $variable) {
            if (!isset($written[spl_object_id($variable)])) {
                $read[(string) $variable->name] = true;
            }
        }
        $faults = [];
        foreach ($written as $variable) {
            if (!isset($read[$variable->name])) {
                $faults[] = "{$variable->getStartLine()}: \${$variable->name} is given a value and never read";
            }
        }
        return $faults;
    }
}
