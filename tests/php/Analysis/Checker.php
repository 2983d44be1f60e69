<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PhpParser\Node;
use PhpParser\Node\Expr;
use PhpParser\NodeTraverser;
use PhpParser\NodeVisitorAbstract;

/**
 * Finds in one file what PHP would notice only when it gets there: names that do not exist, calls that do not fit.
 */
final class Checker extends NodeVisitorAbstract
{
    /** @var list<string> */
    private array $faults = [];
    /** @var non-empty-list<Scope> of the classes and functions around the present node, the innermost last */
    private array $scopes;
    /** @var list<string> functions and constants that the file declares itself */
    private array $own = [];
    /** @var array<string, true> functions of which the file asks whether they exist: not every web server brings them */
    private array $asked = [];

    private function __construct(Scope $outermost)
    {
        $this->scopes = [$outermost];
    }

    /**
     * @param array<string, ?Type> $given variables that the file does not make itself
     * @return list<string> sentences that begin with the line
     */
    public static function faults(SourceFile $file, array $given = []): array
    {
        $checker = new self(Scope::ofFile($file, $given));
        $traverser = new NodeTraverser();
        $traverser->addVisitor($checker);
        $traverser->traverse($file->statements);
        return $checker->faults;
    }

    public function beforeTraverse(array $nodes): ?array
    {
        foreach ($nodes as $node) {
            foreach ($node instanceof Node\Stmt\Namespace_ ? $node->stmts : [$node] as $statement) {
                $constants = $statement instanceof Node\Stmt\Const_ ? $statement->consts : [];
                $declared = $statement instanceof Node\Stmt\Function_ ? [$statement] : $constants;
                array_push($this->own, ...array_map(static fn (Node\Stmt\Function_|Node\Const_ $one): string => $one->name->toString(), $declared));
            }
        }
        return null;
    }

    public function enterNode(Node $node): ?Node
    {
        if ($node instanceof Node\Stmt\ClassLike) {
            $this->scopes[] = Scope::ofClass((string) $node->namespacedName);
        }
        if ($node instanceof Node\FunctionLike) {
            $this->scopes[] = Scope::ofFunction($node, end($this->scopes)->class, end($this->scopes));
        }
        foreach ($this->look($node, end($this->scopes)) as $fault) {
            $this->faults[] = "{$node->getStartLine()}: $fault";
        }
        return null;
    }

    public function leaveNode(Node $node): ?Node
    {
        if ($node instanceof Node\FunctionLike || $node instanceof Node\Stmt\ClassLike) {
            array_pop($this->scopes);
        }
        return null;
    }

    /** @return list<string> */
    private function look(Node $node, Scope $scope): array
    {
        return match (true) {
            $node instanceof Node\Name\FullyQualified => $this->name($node),
            $node instanceof Node\Stmt\ClassMethod, $node instanceof Node\Stmt\Function_ => self::declaration($node),
            $node instanceof Expr\Variable => self::variable($node, $scope),
            $node instanceof Expr\FuncCall => $this->functionCall($node, $scope),
            $node instanceof Expr\CallLike => self::call($node, $scope),
            $node instanceof Expr\PropertyFetch, $node instanceof Expr\NullsafePropertyFetch => self::property($node, $scope),
            $node instanceof Expr\StaticPropertyFetch => self::member($node, 'property', $scope),
            $node instanceof Expr\ClassConstFetch => self::member($node, 'constant', $scope),
            $node instanceof Expr\ConstFetch => $this->constant($node),
            $node instanceof Expr\Match_ => self::cases($node, $scope),
            $node instanceof Node\Stmt\Return_ => $this->returned($node, $scope),
            default => [],
        };
    }

    /** @return list<string> */
    private function name(Node\Name $name): array
    {
        $text = $name->toString();
        $isThere = class_exists($text) || interface_exists($text) || trait_exists($text) || function_exists($text) || defined($text);
        return $isThere || in_array($name->getLast(), $this->own, true) ? [] : ["there is no $text"];
    }

    /** @return list<string> what a function leaves to guess about its arguments and its result */
    private static function declaration(Node\Stmt\ClassMethod|Node\Stmt\Function_ $function): array
    {
        $faults = [];
        foreach (array_filter($function->params, static fn (Node\Param $one): bool => $one->type === null) as $parameter) {
            $faults[] = "{$function->name}() declares no type for \${$parameter->var->name}";
        }
        $isFree = in_array($function->name->toString(), ['__construct', '__destruct'], true);
        return $isFree || $function->returnType !== null ? $faults : [...$faults, "{$function->name}() declares no type of its result"];
    }

    /** @return list<string> */
    private static function variable(Expr\Variable $variable, Scope $scope): array
    {
        $isFree = !is_string($variable->name) || $variable->name === 'this' || str_starts_with($variable->name, '_');
        return $isFree || $scope->knows($variable->name) ? [] : ["nothing gives \${$variable->name} a value"];
    }

    /** @return list<string> */
    private function functionCall(Expr\FuncCall $call, Scope $scope): array
    {
        if (!$call->name instanceof Node\Name || in_array($call->name->getLast(), $this->own, true)) {
            return [];
        }
        $function = Inference::function($call);
        $name = $call->name->toString();
        $first = $call->isFirstClassCallable() ? null : $call->getArgs()[0]->value ?? null;
        if ($name === 'function_exists' && $first instanceof Node\Scalar\String_) {
            $this->asked[$first->value] = true;
        }
        if ($function === null) {
            return isset($this->asked[$name]) ? [] : ["there is no function $name()"];
        }
        return $call->isFirstClassCallable() ? [] : self::prefixed("$name() ", Arguments::faults($call, $function, '', $scope));
    }

    /** @return list<string> */
    private static function call(Expr\CallLike $call, Scope $scope): array
    {
        $targets = Inference::targets($call, $scope);
        if ($targets === []) {
            return self::withoutTarget($call, $scope);
        }
        $faults = [];
        foreach ($targets as [$method, $class]) {
            $name = $call instanceof Expr\New_ ? "new $class" : "$class::{$method->getName()}()";
            if ($method instanceof \ReflectionMethod && !self::isVisible($method, $scope)) {
                $faults[] = "$name is not for others";
            }
            if (!$call->isFirstClassCallable()) {
                array_push($faults, ...self::prefixed("$name ", Arguments::faults($call, $method, $class, $scope)));
            }
        }
        // With several classes to choose from, a call that fits one of them may be meant for that one.
        return count($faults) >= count($targets) ? $faults : [];
    }

    /** @return list<string> */
    private static function withoutTarget(Expr\CallLike $call, Scope $scope): array
    {
        if ($call instanceof Expr\New_) {
            $class = Inference::className($call->class, $scope);
            return class_exists($class) ? self::prefixed("new $class ", Arguments::faults($call, null, $class, $scope)) : [];
        }
        $isMethod = $call instanceof Expr\MethodCall || $call instanceof Expr\NullsafeMethodCall || $call instanceof Expr\StaticCall;
        $owner = $isMethod && $call->name instanceof Node\Identifier ? Inference::owner($call, $scope) : null;
        $isKnown = $owner !== null && $owner->classes() !== [] && $owner->isObject();
        return $isKnown ? ["{$owner->inWords()} has no method {$call->name}()"] : [];
    }

    /** @return list<string> */
    private static function property(Expr\PropertyFetch|Expr\NullsafePropertyFetch $fetch, Scope $scope): array
    {
        $owner = Inference::type($fetch->var, $scope)?->withoutNull();
        if ($owner === null || !$owner->isObject() || !$fetch->name instanceof Node\Identifier || in_array(\stdClass::class, $owner->names, true)) {
            return [];
        }
        $name = $fetch->name->toString();
        $owners = array_filter($owner->classes(), static fn (string $class): bool => property_exists($class, $name));
        $seen = array_filter($owners, static fn (string $class): bool => self::isVisible(new \ReflectionProperty($class, $name), $scope));
        return $seen === [] ? ["{$owner->inWords()} has no property \$$name" . ($owners === [] ? '' : ' for others')] : [];
    }

    /** @return list<string> */
    private static function member(Expr\StaticPropertyFetch|Expr\ClassConstFetch $fetch, string $kind, Scope $scope): array
    {
        $class = Inference::className($fetch->class, $scope);
        $name = $fetch->name instanceof Node\Identifier ? $fetch->name->toString() : '';
        if ($name === '' || $name === 'class' || !class_exists($class) && !interface_exists($class)) {
            return [];
        }
        $reflection = new \ReflectionClass($class);
        $found = $kind === 'constant' ? $reflection->getReflectionConstant($name) : ($reflection->hasProperty($name) ? $reflection->getProperty($name) : false);
        return match (true) {
            $found === false => ["$class has no $kind $name"],
            self::isVisible($found, $scope) => [],
            default => ["$class::$name is not for others"],
        };
    }

    /** @return list<string> */
    private function constant(Expr\ConstFetch $fetch): array
    {
        $name = $fetch->name->toString();
        return defined($name) || in_array($fetch->name->getLast(), $this->own, true) ? [] : ["there is no constant $name"];
    }

    /** @return list<string> cases of an enum that a match without a default forgets */
    private static function cases(Expr\Match_ $match, Scope $scope): array
    {
        $enums = array_filter(Inference::type($match->cond, $scope)?->names ?? [], static fn (string $name): bool => enum_exists($name));
        $answered = [];
        foreach ($match->arms as $arm) {
            foreach ($arm->conds ?? [null] as $condition) {
                if (!$condition instanceof Expr\ClassConstFetch) {
                    return [];
                }
                $answered[] = $condition->name->toString();
            }
        }
        $missing = count($enums) === 1 ? array_diff(array_column(reset($enums)::cases(), 'name'), $answered) : [];
        return $missing === [] ? [] : ['match leaves out ' . implode(', ', $missing)];
    }

    /** @return list<string> */
    private function returned(Node\Stmt\Return_ $return, Scope $scope): array
    {
        $given = $return->expr === null ? null : Inference::type($return->expr, $scope);
        $wanted = $scope->returns;
        $isGenerator = $wanted !== null && array_intersect($wanted->names, [\Generator::class, 'iterable', 'void']) !== [];
        return $given === null || $wanted === null || $isGenerator || $given->fits($wanted)
            ? []
            : ["returns {$given->inWords()} where {$wanted->inWords()} is declared"];
    }

    private static function isVisible(\ReflectionMethod|\ReflectionProperty|\ReflectionClassConstant $member, Scope $scope): bool
    {
        $owner = $member->getDeclaringClass()->getName();
        return $member->isPublic() || $scope->class === $owner || !$member->isPrivate() && $scope->class !== '' && is_a($scope->class, $owner, true);
    }

    /**
     * @param list<string> $faults
     * @return list<string>
     */
    private static function prefixed(string $subject, array $faults): array
    {
        return array_map(static fn (string $fault): string => $subject . $fault, $faults);
    }
}
