<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PhpParser\Node;
use PhpParser\Node\Expr;
use PhpParser\Node\Scalar;

/**
 * What an expression can be. Where the code leaves it open, the answer is null, never a guess.
 */
final class Inference
{
    /** Functions that give back the elements they get. */
    private const PASS_ON = ['array_filter', 'array_values', 'array_slice', 'array_unique', 'array_reverse', 'array_diff_key', 'iterator_to_array'];
    /** Functions that give one element. */
    private const PICK = ['end', 'reset', 'current'];

    public static function type(Expr $expression, Scope $scope): ?Type
    {
        return match (true) {
            $expression instanceof Expr\Variable => self::variable($expression, $scope),
            $expression instanceof Expr\PropertyFetch => self::property($expression->var, $expression->name, $scope),
            $expression instanceof Expr\NullsafePropertyFetch => self::orNull(self::property($expression->var, $expression->name, $scope)),
            $expression instanceof Expr\NullsafeMethodCall => self::orNull(self::called($expression, $scope)),
            $expression instanceof Expr\CallLike => self::called($expression, $scope),
            $expression instanceof Expr\ClassConstFetch => self::constant($expression, $scope),
            $expression instanceof Expr\Ternary => self::ternary($expression, $scope),
            $expression instanceof Expr\BinaryOp\Coalesce => self::coalesce($expression, $scope),
            $expression instanceof Expr\Match_ => self::arms($expression, $scope),
            $expression instanceof Expr\Assign => self::type($expression->expr, $scope),
            $expression instanceof Expr\Clone_ => self::type($expression->expr, $scope),
            $expression instanceof Expr\ArrayDimFetch => self::type($expression->var, $scope)?->element,
            $expression instanceof Expr\Array_ => self::listed($expression, $scope),
            $expression instanceof Expr\Throw_ => Type::of('never'),
            $expression instanceof Expr\Closure, $expression instanceof Expr\ArrowFunction => Type::of(\Closure::class),
            default => self::native($expression),
        };
    }

    /** The function that a call by a plain name means, null when it is one of the script itself. */
    public static function function(Expr\FuncCall $call): ?\ReflectionFunction
    {
        $isKnown = $call->name instanceof Node\Name && function_exists($call->name->toString());
        return $isKnown ? new \ReflectionFunction($call->name->toString()) : null;
    }

    /**
     * The functions or methods that a call can mean, with the class of each; empty when that is not known.
     *
     * @return list<array{\ReflectionFunctionAbstract, string}>
     */
    public static function targets(Expr\CallLike $call, Scope $scope): array
    {
        if ($call instanceof Expr\FuncCall) {
            $function = self::function($call);
            return $function === null ? [] : [[$function, '']];
        }
        if ($call instanceof Expr\New_) {
            $constructor = Declarations::method(self::className($call->class, $scope), '__construct');
            return $constructor === null ? [] : [[$constructor, self::className($call->class, $scope)]];
        }
        if (!$call->name instanceof Node\Identifier) {
            return [];
        }
        $targets = [];
        foreach (self::owner($call, $scope)?->classes() ?? [] as $class) {
            $method = Declarations::method($class, $call->name->toString());
            array_push($targets, ...$method === null ? [] : [[$method, $class]]);
        }
        return $targets;
    }

    /** What a method is called on. */
    public static function owner(Expr\CallLike $call, Scope $scope): ?Type
    {
        return match (true) {
            $call instanceof Expr\StaticCall => Type::of(self::className($call->class, $scope)),
            $call instanceof Expr\MethodCall, $call instanceof Expr\NullsafeMethodCall => self::type($call->var, $scope)?->withoutNull(),
            default => null,
        };
    }

    /** The class that a name in front of :: or after new means; '' when it is not a plain name. */
    public static function className(Node $node, Scope $scope): string
    {
        if (!$node instanceof Node\Name) {
            return '';
        }
        return match ($node->toLowerString()) {
            'self', 'static' => $scope->class,
            'parent' => $scope->class === '' ? '' : (string) get_parent_class($scope->class),
            default => $node->toString(),
        };
    }

    private static function variable(Expr\Variable $variable, Scope $scope): ?Type
    {
        return match (true) {
            !is_string($variable->name) => null,
            $variable->name === 'this' => $scope->class === '' ? null : Type::of($scope->class),
            default => $scope->type($variable->name),
        };
    }

    private static function property(Expr $owner, Node $name, Scope $scope): ?Type
    {
        $classes = self::type($owner, $scope)?->withoutNull()?->classes() ?? [];
        $types = array_map(static fn (string $class): ?Type => $name instanceof Node\Identifier ? Declarations::property($class, $name->toString()) : null, $classes);
        return $types === [] ? null : Type::either(...$types);
    }

    private static function called(Expr\CallLike $call, Scope $scope): ?Type
    {
        if ($call->isFirstClassCallable()) {
            return Type::of(\Closure::class);
        }
        if ($call instanceof Expr\New_) {
            return self::className($call->class, $scope) === '' ? null : Type::of(self::className($call->class, $scope));
        }
        $types = array_map(static fn (array $target): ?Type => Declarations::returned(...$target), self::targets($call, $scope));
        $type = $types === [] ? null : Type::either(...$types);
        return $call instanceof Expr\FuncCall && $call->name instanceof Node\Name ? self::ofList($call, $call->name->toString(), $type, $scope) : $type;
    }

    /** The functions for lists say nothing about elements, but what they do with them is known. */
    private static function ofList(Expr\FuncCall $call, string $name, ?Type $declared, Scope $scope): ?Type
    {
        $first = $call->getArgs()[0]->value ?? null;
        return match (true) {
            $first === null => $declared,
            $name === 'array_map' => Type::listOf(self::given($first, $scope)),
            in_array($name, self::PASS_ON, true) => Type::listOf(self::type($first, $scope)?->element),
            in_array($name, self::PICK, true) => self::type($first, $scope)?->element,
            $name === 'array_shift', $name === 'array_pop' => self::orNull(self::type($first, $scope)?->element),
            default => $declared,
        };
    }

    /** What a function gives that is handed on as a value. */
    private static function given(Expr $callable, Scope $scope): ?Type
    {
        if ($callable instanceof Expr\Closure || $callable instanceof Expr\ArrowFunction) {
            return TypeNodes::type($callable->returnType, $scope->class);
        }
        $targets = $callable instanceof Expr\CallLike && $callable->isFirstClassCallable() ? self::targets($callable, $scope) : [];
        return count($targets) === 1 ? Declarations::returned(...$targets[0]) : null;
    }

    private static function constant(Expr\ClassConstFetch $fetch, Scope $scope): ?Type
    {
        $class = self::className($fetch->class, $scope);
        $name = $fetch->name instanceof Node\Identifier ? $fetch->name->toString() : '';
        return match (true) {
            $name === 'class' => Type::of('string'),
            $class !== '' && (new \ReflectionClass($class))->hasConstant($name) => Declarations::constant($class, $name),
            default => null,
        };
    }

    private static function ternary(Expr\Ternary $choice, Scope $scope): ?Type
    {
        $else = self::type($choice->else, $scope);
        return $choice->if === null ? null : Type::either(self::type($choice->if, $scope), $else);
    }

    private static function coalesce(Expr\BinaryOp\Coalesce $choice, Scope $scope): ?Type
    {
        $left = self::type($choice->left, $scope);
        return $left === null ? null : Type::either($left->withoutNull() ?? Type::of('never'), self::type($choice->right, $scope));
    }

    private static function listed(Expr\Array_ $list, Scope $scope): Type
    {
        $elements = [];
        foreach (array_filter($list->items) as $item) {
            $type = self::type($item->value, $scope);
            $elements[] = $item->unpack ? $type?->element : $type;
        }
        return Type::listOf($elements === [] ? null : Type::either(...$elements));
    }

    private static function arms(Expr\Match_ $match, Scope $scope): ?Type
    {
        return Type::either(...array_map(static fn (Node\MatchArm $arm): ?Type => self::type($arm->body, $scope), $match->arms));
    }

    private static function native(Expr $expression): ?Type
    {
        $value = $expression instanceof Expr\ConstFetch ? $expression->name->toLowerString() : '';
        return match (true) {
            $expression instanceof Scalar\String_, $expression instanceof Expr\BinaryOp\Concat, $expression instanceof Expr\Cast\String_,
            $expression instanceof Scalar\Encapsed => Type::of('string'),
            $expression instanceof Scalar\LNumber, $expression instanceof Expr\Cast\Int_ => Type::of('int'),
            $expression instanceof Scalar\DNumber, $expression instanceof Expr\Cast\Double => Type::of('float'),
            $expression instanceof Expr\Cast\Array_ => Type::listOf(null),
            $expression instanceof Expr\BooleanNot, $expression instanceof Expr\Cast\Bool_, $expression instanceof Expr\Instanceof_,
            $expression instanceof Expr\Isset_, $expression instanceof Expr\Empty_, in_array($value, ['true', 'false'], true),
            $expression instanceof Expr\BinaryOp && self::isComparison($expression) => Type::of('bool'),
            $value === 'null' => Type::of('null'),
            default => null,
        };
    }

    private static function isComparison(Expr\BinaryOp $operation): bool
    {
        return in_array($operation->getOperatorSigil(), ['===', '!==', '==', '!=', '<', '<=', '>', '>=', '&&', '||'], true);
    }

    private static function orNull(?Type $type): ?Type
    {
        return $type === null ? null : Type::either($type, Type::of('null'));
    }
}
