<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Analysis;

use PHPUnit\Framework\TestCase;

/** Every deletion in the storage of the stacks goes through one gate. */
final class StorageGateTest extends TestCase
{
    private const ROOT = __DIR__ . '/../../../php_api';
    /** The gate; besides it only what deletes files that it has just written itself. */
    private const ALLOWED = ['bin' => [], 'public' => [], 'src' => ['Custody/StorageGate.php', 'Custody/Custody.php', 'Operations/Readiness.php']];

    public function testOnlyTheGateDeletesAndMoves(): void
    {
        foreach (self::ALLOWED as $folder => $allowed) {
            $found = [];
            $tree = new \RecursiveDirectoryIterator(self::ROOT . "/$folder", \FilesystemIterator::SKIP_DOTS);
            foreach (new \RecursiveIteratorIterator($tree) as $file) {
                $path = substr($file->getPathname(), strlen(self::ROOT . "/$folder/"));
                // A storage is free to use its own methods.
                if ($file->getExtension() === 'php' && dirname($path) !== 'Storage' && StorageCalls::in(SourceFile::read($file->getPathname())) !== []) {
                    $found[] = $path;
                }
            }
            self::assertEqualsCanonicalizing($allowed, $found);
        }
    }

    /** @dataProvider calls */
    public function testACallIsFoundHoweverItIsWritten(string $body): void
    {
        $code = "<?php\nnamespace CrowdSky\\Tests;\nuse CrowdSky\\Storage\\ObjectStorage, CrowdSky\\Storage\\LocalStorage, CrowdSky\\Kernel\\App;\n$body";

        self::assertCount(1, StorageCalls::in(SourceFile::parse($code)));
    }

    /** @return iterable<array{string}> */
    public static function calls(): iterable
    {
        yield ['function f(ObjectStorage $any): void { $any->delete("/a"); }'];
        yield ['function f(?ObjectStorage $any): void { $any?->move("/a", "/b"); }'];
        yield ['function f(LocalStorage $any): void { array_map($any->delete(...), ["/a"]); }'];
        yield ['function f(App $app): void { $gone = fn () => $app->storage()->delete("/a"); }'];
    }
}
