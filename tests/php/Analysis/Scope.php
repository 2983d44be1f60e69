<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PhpParser\Node;
use PhpParser\Node\Expr;

/**
 * The variables of one function: which there are, and what they can hold.
 *
 * The order of statements does not count: a variable can hold whatever is assigned to it anywhere in the function.
 */
final class Scope
{
    /** @var array<string, list<\Closure(): ?Type>> what gives each variable a value */
    private array $sources = [];
    /** @var array<string, list<Type>> what `instanceof` asks of variables */
    private array $asked = [];
    /** @var array<string, true> variables that are being looked at: one that is made from itself is unknown */
    private array $open = [];

    /**
     * @param string $class around the function, '' when there is none
     * @param Type|null $returns what the function declares to give
     * @param self|null $outer the scope of the function around an arrow function, which sees its variables
     */
    private function __construct(
        public readonly string $class,
        public readonly ?Type $returns = null,
        private readonly ?self $outer = null,
    ) {
    }

    /** @param array<string, ?Type> $given variables that the file does not make itself */
    public static function ofFile(SourceFile $file, array $given = []): self
    {
        $scope = new self('');
        $given += ['argv' => Type::listOf(Type::of('string')), 'argc' => Type::of('int')];
        foreach ($given as $name => $type) {
            $scope->define($name, static fn (): ?Type => $type);
        }
        $scope->collect($file->statements);
        return $scope;
    }

    /** Between the functions of a class there are no variables, but constants that name each other. */
    public static function ofClass(string $class): self
    {
        return new self($class);
    }

    public static function ofFunction(Node\FunctionLike $function, string $class, self $around): self
    {
        $scope = new self(
            $class,
            TypeNodes::type($function->getReturnType(), $class),
            $function instanceof Expr\ArrowFunction ? $around : null,
        );
        $method = $function instanceof Node\Stmt\ClassMethod ? Declarations::method($class, $function->name->toString()) : null;
        foreach ($function->getParams() as $place => $parameter) {
            $declared = $parameter->variadic ? Type::listOf(null) : TypeNodes::type($parameter->type, $class);
            $known = $method === null ? $declared : Declarations::parameter($method->getParameters()[$place], $class);
            $scope->define((string) $parameter->var->name, static fn (): ?Type => $known);
        }
        foreach ($function instanceof Expr\Closure ? $function->uses : [] as $use) {
            $name = (string) $use->var->name;
            $scope->define($name, static fn (): ?Type => $use->byRef ? null : $around->type($name));
        }
        $scope->collect($function->getStmts() ?? []);
        return $scope;
    }

    public function knows(string $name): bool
    {
        return isset($this->sources[$name]) || ($this->outer?->knows($name) ?? false);
    }

    /** What a variable can hold at most; null when that is not known. */
    public function type(string $name): ?Type
    {
        if (isset($this->open[$name])) {
            return null;
        }
        $this->open[$name] = true;
        $sources = $this->sources[$name] ?? [fn (): ?Type => $this->outer?->type($name)];
        $types = array_map(static fn (\Closure $source): ?Type => $source(), $sources);
        unset($this->open[$name]);
        return Type::either(...$types, ...$this->asked[$name] ?? []);
    }

    /** @param \Closure(): ?Type $source */
    private function define(string $name, \Closure $source): void
    {
        $this->sources[$name][] = $source;
    }

    /** @param array<mixed> $nodes */
    private function collect(array $nodes): void
    {
        foreach ($nodes as $node) {
            if (is_array($node)) {
                $this->collect($node);
            } elseif ($node instanceof Node) {
                $this->look($node);
                // What a function or class inside makes is its own.
                $isApart = $node instanceof Node\FunctionLike || $node instanceof Node\Stmt\ClassLike;
                $this->collect($isApart ? [] : array_map(static fn (string $part): mixed => $node->$part, $node->getSubNodeNames()));
            }
        }
    }

    private function look(Node $node): void
    {
        match (true) {
            $node instanceof Expr\Assign => $this->assign($node->var, fn (): ?Type => Inference::type($node->expr, $this)),
            $node instanceof Expr\AssignRef => $this->assign($node->var, static fn (): ?Type => null),
            $node instanceof Expr\AssignOp\Concat => $this->assign($node->var, static fn (): Type => Type::of('string')),
            $node instanceof Expr\AssignOp\Coalesce => $this->assign($node->var, fn (): ?Type => Inference::type($node->expr, $this)),
            $node instanceof Expr\AssignOp => $this->assign($node->var, static fn (): ?Type => null),
            $node instanceof Node\Stmt\Foreach_ => $this->loop($node),
            $node instanceof Node\Stmt\Catch_ => $this->catch($node),
            $node instanceof Node\Stmt\Static_ => $this->forget(array_map(static fn (Node\Stmt\StaticVar $one): Node => $one->var, $node->vars)),
            $node instanceof Expr\Closure => $this->forget(self::sharedWith($node)),
            $node instanceof Expr\FuncCall => $this->forget(self::givenByReference($node)),
            $node instanceof Expr\Instanceof_ => $this->ask($node),
            default => null,
        };
    }

    /** @param \Closure(): ?Type $source */
    private function assign(Node $target, \Closure $source): void
    {
        if ($target instanceof Expr\Variable && is_string($target->name)) {
            $this->define($target->name, $source);
        } elseif ($target instanceof Expr\Array_ || $target instanceof Expr\List_) {
            foreach (array_filter($target->items) as $place => $item) {
                $this->assign($item->value, static fn (): ?Type => $item->key === null ? $source()?->parts[$place] ?? null : null);
            }
        } elseif ($target instanceof Expr\ArrayDimFetch) {
            // Filling a list that was not there makes it.
            $this->assign($target->var, static fn (): ?Type => null);
        }
    }

    private function loop(Node\Stmt\Foreach_ $loop): void
    {
        $this->assign($loop->valueVar, fn (): ?Type => Inference::type($loop->expr, $this)?->element);
        if ($loop->keyVar !== null) {
            $this->assign($loop->keyVar, static fn (): ?Type => null);
        }
    }

    private function catch(Node\Stmt\Catch_ $catch): void
    {
        if ($catch->var !== null) {
            $this->assign($catch->var, static fn (): Type => Type::of(...array_map(strval(...), $catch->types)));
        }
    }

    private function ask(Expr\Instanceof_ $question): void
    {
        if ($question->expr instanceof Expr\Variable && is_string($question->expr->name) && $question->class instanceof Node\Name) {
            $this->asked[$question->expr->name][] = Type::of($question->class->toString());
        }
    }

    /** @param list<Node> $targets variables that get a value nobody can see here */
    private function forget(array $targets): void
    {
        foreach ($targets as $target) {
            $this->assign($target, static fn (): ?Type => null);
        }
    }

    /** @return list<Node> */
    private static function sharedWith(Expr\Closure $closure): array
    {
        $shared = array_filter($closure->uses, static fn (Expr\ClosureUse $use): bool => $use->byRef);
        return array_values(array_map(static fn (Expr\ClosureUse $use): Node => $use->var, $shared));
    }

    /** @return list<Node> */
    private static function givenByReference(Expr\FuncCall $call): array
    {
        $function = Inference::function($call);
        $given = [];
        foreach ($function === null || $call->isFirstClassCallable() ? [] : $call->getArgs() as $place => $argument) {
            $parameter = $function->getParameters()[$place] ?? null;
            if ($parameter?->isPassedByReference()) {
                $given[] = $argument->value;
            }
        }
        return $given;
    }
}
