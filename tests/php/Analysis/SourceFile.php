<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PhpParser\Node;
use PhpParser\NodeFinder;
use PhpParser\NodeTraverser;
use PhpParser\NodeVisitor\NameResolver;
use PhpParser\Parser;
use PhpParser\ParserFactory;

/**
 * One parsed PHP file, every name in it resolved to a full one.
 *
 * PHP-Parser comes with PHPUnit, whose code coverage needs it.
 */
final class SourceFile
{
    /** @var array<string, self> by path */
    private static array $read = [];
    private static ?Parser $parser = null;

    /**
     * @param array<Node\Stmt> $statements
     * @param array<string, Node\Stmt> $imports `use` lines by the name they make known
     * @param array<string, string> $classes full names of the imported classes by that name
     */
    private function __construct(
        public readonly array $statements,
        public readonly string $code,
        public readonly array $imports,
        private readonly array $classes,
        private readonly string $namespace,
    ) {
    }

    public static function read(string $path): self
    {
        return self::$read[$path] ??= self::parse((string) file_get_contents($path));
    }

    public static function parse(string $code): self
    {
        $statements = self::parser()->parse($code) ?? [];
        $imports = [];
        $classes = [];
        $finder = new NodeFinder();
        foreach ($finder->find($statements, static fn (Node $node): bool => $node instanceof Node\Stmt\Use_) as $line) {
            foreach ($line->uses as $use) {
                $imports[$use->getAlias()->toString()] = $line;
                $classes[$use->getAlias()->toString()] = $use->name->toString();
            }
        }
        $namespace = $finder->findFirstInstanceOf($statements, Node\Stmt\Namespace_::class);
        $traverser = new NodeTraverser();
        $traverser->addVisitor(new NameResolver());
        return new self($traverser->traverse($statements), $code, $imports, $classes, (string) $namespace?->name);
    }

    /** The full name of a class that a comment of this file names; $self is the class around the comment. */
    public function className(string $name, string $self): string
    {
        [$first, $rest] = explode('\\', $name, 2) + [1 => ''];
        return match (true) {
            in_array($name, ['self', 'static'], true) => $self,
            $first === '' => $rest,
            isset($this->classes[$first]) => rtrim("{$this->classes[$first]}\\$rest", '\\'),
            $this->namespace === '' => $name,
            default => "{$this->namespace}\\$name",
        };
    }

    /** @return list<string> full names of the classes, interfaces and enums that the file declares */
    public function classes(): array
    {
        $named = (new NodeFinder())->find($this->statements, static fn (Node $node): bool => $node instanceof Node\Stmt\ClassLike && $node->name !== null);
        return array_map(static fn (Node\Stmt\ClassLike $class): string => (string) $class->namespacedName, $named);
    }

    public function docTypes(string $self): DocTypes
    {
        return new DocTypes(fn (string $name): string => $this->className($name, $self));
    }

    /** Version 5 makes its parser in another way than version 4, whose 1 means PHP 7 and later. */
    private static function parser(): Parser
    {
        $five = [new ParserFactory(), 'createForHostVersion'];
        $four = [new ParserFactory(), 'create'];
        return self::$parser ??= is_callable($five) ? $five() : $four(1);
    }
}
