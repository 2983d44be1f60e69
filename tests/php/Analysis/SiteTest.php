<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PHPUnit\Framework\TestCase;

/** Reads all PHP of the site and of its tests without running it. */
final class SiteTest extends TestCase
{
    private const ROOT = __DIR__ . '/../../..';

    public function testNamesExistAndCallsFit(): void
    {
        self::assertSame([], $this->inAll(['php_api/src', 'php_api/host', 'php_api/public', 'php_api/bin', 'tests'], Checker::faults(...)));
    }

    public function testEveryFileHoldsTheClassOfItsName(): void
    {
        $missing = static function (SourceFile $file): array {
            $classes = $file->classes();
            return count($classes) === 1 && (class_exists($classes[0]) || interface_exists($classes[0])) ? [] : [' no class of this name'];
        };
        $paths = $this->inAll(['php_api/src'], $missing);

        self::assertSame(['php_api/src/autoload.php: no class of this name'], $paths);
    }

    public function testNothingIsDeclaredInVain(): void
    {
        self::assertSame([], $this->inAll(['php_api', 'tests'], Unused::faults(...)));
    }

    public function testTemplatesUseWhatTheyAreGiven(): void
    {
        $faults = static function (SourceFile $template): array {
            preg_match('#^<\?php\s*(/\*\*.*?\*/)#s', $template->code, $head);
            return Checker::faults($template, $template->docTypes('')->variables($head[1] ?? ''));
        };

        self::assertSame([], $this->inAll(['php_api/templates'], $faults));
    }

    /**
     * @param list<string> $folders
     * @param \Closure(SourceFile): list<string> $faults
     * @return list<string> the faults of all files with their paths
     */
    private function inAll(array $folders, \Closure $faults): array
    {
        $found = [];
        foreach ($folders as $folder) {
            $tree = new \RecursiveDirectoryIterator(self::ROOT . "/$folder", \FilesystemIterator::SKIP_DOTS);
            foreach (new \RecursiveIteratorIterator($tree) as $file) {
                $path = substr($file->getPathname(), strlen(self::ROOT) + 1);
                foreach ($file->getExtension() === 'php' ? $faults(SourceFile::read($file->getPathname())) : [] as $fault) {
                    $found[] = "$path:$fault";
                }
            }
        }
        sort($found);
        return $found;
    }
}
