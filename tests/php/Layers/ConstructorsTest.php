<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Layers;

use CrowdSky\Tests\Analysis\SourceFile;
use PHPUnit\Framework\TestCase;

final class ConstructorsTest extends TestCase
{
    private const SITE = __DIR__ . '/../../../php_api/src';

    public function testTheSiteKeepsTheRule(): void
    {
        $complaints = [];
        $files = new \RecursiveDirectoryIterator(self::SITE, \FilesystemIterator::SKIP_DOTS);
        foreach (new \RecursiveIteratorIterator($files) as $file) {
            foreach (Constructors::complaints(SourceFile::read($file->getPathname())) as $complaint) {
                $complaints[] = substr($file->getPathname(), strlen(self::SITE) + 1) . ":$complaint";
            }
        }

        self::assertSame([], $complaints);
    }

    public function testEightParametersAreAllowedAndNineAreNot(): void
    {
        self::assertSame([], self::complaints(self::parameters('private readonly \CrowdSky\Base\Clock', 8)));
        self::assertSame(
            ['3: the constructor has 9 parameters; split the class by what it does'],
            self::complaints(self::parameters('private readonly \CrowdSky\Base\Clock', 9)),
        );
    }

    /** @dataProvider values */
    public function testARecordHasAsManyAsItsRow(string $type): void
    {
        self::assertSame([], self::complaints(self::parameters("public readonly $type", 9)));
    }

    /** @return iterable<array{string}> */
    public static function values(): iterable
    {
        yield ['int'];
        yield ['?array'];
        yield ['\DateTimeImmutable'];
        yield ['\CrowdSky\Jobs\JobStatus'];
        yield ['?\CrowdSky\Jobs\Job'];
        yield ['\CrowdSky\Fits\ObservationTime'];
    }

    /** @dataProvider noValues */
    public function testServicesMakeNoRecord(string $parameter): void
    {
        $parameters = self::parameters('public readonly int', 8) . ", $parameter \$last";

        self::assertCount(1, self::complaints($parameters), $parameter);
    }

    /** @return iterable<array{string}> */
    public static function noValues(): iterable
    {
        yield ['private readonly int'];
        yield ['public int'];
        yield ['int'];
        yield ['public readonly mixed'];
        yield ['public readonly \Closure'];
        yield ['public readonly \CrowdSky\Base\Clock'];
        yield ['public readonly \CrowdSky\Database\Database'];
        yield ['public readonly \CrowdSky\Trust\HeldResults'];
    }

    public function testMoreThanEightArgumentsAreNamed(): void
    {
        $named = implode(', ', array_map(static fn (int $at): string => "a$at: $at", range(1, 9)));

        self::assertSame([], self::ofCode("new Night(1, 2, 3, 4, 5, 6, 7, 8); new Night($named);"));
        self::assertSame(
            ['2: 9 arguments are passed by position; name them'],
            self::ofCode("\nnew Night(1, 2, 3, 4, 5, 6, 7, 8, 9);"),
        );
    }

    /** @return list<string> */
    private static function complaints(string $parameters): array
    {
        static $count = 0;
        $count++;
        $code = "namespace CrowdSky\\Tests\\Layers\\Sample$count;\n\nclass Sample { public function __construct($parameters) { } }";
        $path = (string) tempnam(sys_get_temp_dir(), 'sample-');
        file_put_contents($path, "<?php $code");
        require $path;
        unlink($path);
        return self::ofCode($code);
    }

    /** @return list<string> */
    private static function ofCode(string $code): array
    {
        return Constructors::complaints(SourceFile::parse("<?php $code"));
    }

    private static function parameters(string $declaration, int $count): string
    {
        return implode(', ', array_map(static fn (int $at): string => "$declaration \$a$at", range(1, $count)));
    }
}
