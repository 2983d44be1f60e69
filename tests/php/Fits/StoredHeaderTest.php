<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Fits;

use CrowdSky\Fits\StoredHeader;
use CrowdSky\Storage\LocalStorage;
use PHPUnit\Framework\TestCase;

final class StoredHeaderTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/header-' . bin2hex(random_bytes(8));
        mkdir($this->folder);
    }

    protected function tearDown(): void
    {
        array_map(unlink(...), glob("{$this->folder}/*") ?: []);
        rmdir($this->folder);
    }

    public function testEveryPartOfAWholeFileIsVisited(): void
    {
        $file = StackFile::primary() . StackFile::planes();

        self::assertSame([['', 'RED', 'GREEN', 'BLUE'], strlen($file)], $this->visit($file));
    }

    public function testAFileWithoutItsEndIsShorterThanItsHeadersSay(): void
    {
        $file = StackFile::primary() . StackFile::planes();

        [$names, $end] = $this->visit(substr($file, 0, -2880));

        self::assertSame(['', 'RED', 'GREEN', 'BLUE'], $names);
        self::assertSame(strlen($file), $end);
    }

    public function testVisitingEndsBeforeWhatIsNoHeader(): void
    {
        $file = StackFile::primary() . StackFile::image('RED', 4, 3);

        self::assertSame([['', 'RED'], strlen($file)], $this->visit($file . str_repeat('x', 2880)));
        self::assertSame([[], 0], $this->visit('anything'));
        self::assertSame([[], 0], $this->visit(''));
    }

    public function testNoMorePartsAreVisitedThanAStackOfOursCanHave(): void
    {
        $part = StackFile::image('RED', 1, 1);
        $primary = StackFile::primary();

        self::assertSame(strlen($primary) + 63 * strlen($part), $this->visit($primary . str_repeat($part, 63))[1]);
        [$names, $end] = $this->visit($primary . str_repeat($part, 70));
        self::assertCount(64, $names);
        self::assertSame(strlen($primary) + 63 * strlen($part), $end);
    }

    /** @return array{list<string>, int} names of the parts, and where they end */
    private function visit(string $file): array
    {
        file_put_contents("{$this->folder}/stack.fits", $file);
        $headers = StoredHeader::each(new LocalStorage($this->folder), '/stack.fits', strlen($file));
        $names = array_map(static fn (StoredHeader $header): string => $header->hdu->name(), iterator_to_array($headers));
        return [$names, $headers->getReturn()];
    }
}
