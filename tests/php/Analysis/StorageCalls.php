<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use CrowdSky\Storage\ObjectStorage;
use PhpParser\Node;
use PhpParser\Node\Expr;
use PhpParser\NodeTraverser;
use PhpParser\NodeVisitorAbstract;

/**
 * Finds in one file where objects in the storage of the stacks are deleted or moved.
 */
final class StorageCalls extends NodeVisitorAbstract
{
    private const METHODS = ['delete', 'move'];

    /** @var list<string> */
    private array $calls = [];
    /** @var non-empty-list<Scope> as in Checker */
    private array $scopes;

    private function __construct(Scope $outermost)
    {
        $this->scopes = [$outermost];
    }

    /** @return list<string> the line and the method of each call, also of one that is only handed on */
    public static function in(SourceFile $file): array
    {
        $finder = new self(Scope::ofFile($file));
        $traverser = new NodeTraverser();
        $traverser->addVisitor($finder);
        $traverser->traverse($file->statements);
        return $finder->calls;
    }

    public function enterNode(Node $node): ?Node
    {
        if ($node instanceof Node\Stmt\ClassLike) {
            $this->scopes[] = Scope::ofClass((string) $node->namespacedName);
        }
        if ($node instanceof Node\FunctionLike) {
            $this->scopes[] = Scope::ofFunction($node, end($this->scopes)->class, end($this->scopes));
        }
        if ($node instanceof Expr\MethodCall || $node instanceof Expr\NullsafeMethodCall) {
            $this->look($node);
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

    private function look(Expr\MethodCall|Expr\NullsafeMethodCall $call): void
    {
        foreach (Inference::targets($call, end($this->scopes)) as [$method, $class]) {
            if (is_a($class, ObjectStorage::class, true) && in_array($method->getName(), self::METHODS, true)) {
                $this->calls[] = "{$call->getStartLine()}: {$method->getName()}()";
            }
        }
    }
}
