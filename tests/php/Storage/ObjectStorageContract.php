<?php

declare(strict_types=1);

namespace CrowdSky\Tests\Storage;

use CrowdSky\Base\RefusalKind;
use CrowdSky\Storage\ObjectExists;
use CrowdSky\Storage\ObjectMissing;
use CrowdSky\Storage\ObjectStorage;
use CrowdSky\Storage\SpooledFile;
use CrowdSky\Storage\StoredObject;
use PHPUnit\Framework\TestCase;

/** What every storage must do; the test case of each storage is this one plus a way to make it. */
abstract class ObjectStorageContract extends TestCase
{
    private const PATH = '/crowdsky/stacks/user_7/M_94/stack_20260101.00_192.7_+41.1_3.a1-0123abcd.fits';
    private const TRASH = '/crowdsky/trash/user_7/M_94/0123456789abcdef_stack_3.fits';

    private ObjectStorage $storage;
    private string $folder;

    abstract protected function storage(string $emptyFolder): ObjectStorage;

    protected function setUp(): void
    {
        $this->folder = sys_get_temp_dir() . '/storage-' . bin2hex(random_bytes(6));
        mkdir($this->folder);
        $this->storage = $this->storage($this->folder);
        $this->removeFiles();
    }

    protected function tearDown(): void
    {
        $this->removeFiles();
        exec('rm -r ' . escapeshellarg($this->folder));
    }

    private function removeFiles(): void
    {
        $this->storage->delete(self::PATH);
        $this->storage->delete(self::TRASH);
    }

    public function testAStoredFileComesBackByteForByte(): void
    {
        $body = random_bytes(1_000_003);

        $this->storage->put($this->file($body), self::PATH);

        self::assertSame(strlen($body), $this->storage->size(self::PATH));
        self::assertSame(hash('sha256', $body), hash('sha256', $this->read(self::PATH)));
    }

    public function testAnEmptyFileIsAFile(): void
    {
        $this->storage->put($this->file(''), self::PATH);

        self::assertSame(0, $this->storage->size(self::PATH));
        self::assertSame('', $this->read(self::PATH));
    }

    public function testPartsCanBeRead(): void
    {
        $this->storage->put($this->file('0123456789'), self::PATH);

        self::assertSame('3456', $this->read(self::PATH, 3, 4));
        self::assertSame('789', $this->read(self::PATH, 7));
        self::assertSame('0', $this->read(self::PATH, 0, 1));
        self::assertSame('', $this->read(self::PATH, 5, 0));
        self::assertSame('89', $this->read(self::PATH, 8, 100));
    }

    public function testNothingIsEverOverwritten(): void
    {
        $this->storage->put($this->file('first'), self::PATH);

        try {
            $this->storage->put($this->file('second'), self::PATH);
            self::fail('a second file was accepted under the same path');
        } catch (ObjectExists $error) {
            self::assertSame(RefusalKind::Conflict, $error->kind);
        }
        self::assertSame('first', $this->read(self::PATH));
    }

    public function testNothingButTheFileIsLeftBehind(): void
    {
        $this->storage->put($this->file('x'), self::PATH);
        $this->storage->delete(self::PATH);

        self::assertNull($this->storage->size(self::PATH));
        $this->storage->put($this->file('y'), self::PATH);
        self::assertSame('y', $this->read(self::PATH));
    }

    public function testTheGivenFileIsLeftToItsOwner(): void
    {
        $file = $this->file('mine');

        $this->storage->put($file, self::PATH);
        $file->discard();

        self::assertFileDoesNotExist($file->path);
        self::assertSame('mine', $this->read(self::PATH));
    }

    public function testWhatIsNotThereIsSaidToBeMissing(): void
    {
        self::assertNull($this->storage->size('/crowdsky/none.fits'));
        $this->storage->delete('/crowdsky/none.fits');
        $this->expectException(ObjectMissing::class);
        $this->read('/crowdsky/none.fits');
    }

    public function testAFileIsMovedWithItsBytesIntoANewFolder(): void
    {
        $this->storage->put($this->file('moved'), self::PATH);

        $this->storage->move(self::PATH, self::TRASH);

        self::assertNull($this->storage->size(self::PATH));
        self::assertSame('moved', $this->read(self::TRASH));
        $this->storage->move(self::TRASH, self::PATH);
        self::assertSame('moved', $this->read(self::PATH));
        self::assertNull($this->storage->size(self::TRASH));
    }

    public function testAMoveOverwritesNothing(): void
    {
        $this->storage->put($this->file('first'), self::PATH);
        $this->storage->put($this->file('other'), self::TRASH);

        try {
            $this->storage->move(self::PATH, self::TRASH);
            self::fail('a file was moved over another one');
        } catch (ObjectExists) {
            self::assertSame('first', $this->read(self::PATH));
            self::assertSame('other', $this->read(self::TRASH));
        }
    }

    public function testWhatIsNotThereCannotBeMoved(): void
    {
        $this->expectException(ObjectMissing::class);
        $this->storage->move(self::PATH, self::TRASH);
    }

    public function testAListingHasEverythingBelowAFolder(): void
    {
        // By the clock of the disk, which is not PHP's when the tests run on another day.
        $before = (int) fstat(tmpfile())['mtime'];
        $paths = ['/crowdsky/stacks/a.fits', '/crowdsky/stacks/user_1/M+94/b_thumb.png', '/crowdsky/stacks/user_1/x%s/c.fits.part', '/crowdsky/stacksold/d.fits'];
        $paths = array_map(static fn (string $path): string => str_replace('%s', '.a-b', $path), $paths);
        foreach ($paths as $number => $path) {
            $this->storage->put($this->file(str_repeat('x', $number)), $path);
        }

        $listed = $this->listing('/crowdsky/stacks');
        array_map($this->storage->delete(...), $paths);

        self::assertSame(array_slice($paths, 0, 3), array_keys($listed));
        self::assertSame([0, 1, 2], array_map(static fn (StoredObject $object): ?int => $object->size, array_values($listed)));
        foreach ($listed as $object) {
            self::assertEqualsWithDelta($before, $object->modifiedAt, 60);
        }
        self::assertSame([], $this->listing('/crowdsky/stacks'));
        self::assertSame([], $this->listing('/crowdsky/nowhere'));
    }

    /** @dataProvider oddPaths */
    public function testPathsThatTheSiteNeverMakesAreRefused(string $path): void
    {
        $refused = 0;
        foreach ([$this->storage->size(...), $this->storage->delete(...), $this->read(...), fn (string $to) => $this->storage->put($this->file('x'), $to), fn (string $from) => $this->storage->move($from, self::TRASH)] as $operation) {
            try {
                $operation($path);
            } catch (\InvalidArgumentException) {
                $refused++;
            }
        }
        self::assertSame(5, $refused);
    }

    /** @return iterable<array{string}> */
    public static function oddPaths(): iterable
    {
        foreach (['', '/', 'a/b', '/a/', '/../a', '/a/../b', '/a//b', '/a/.hidden', '/a b', '/a#b', '/a?b', '/a%2e', "/a\n", "/a\0b", '/ä', '/a[1]', '/a\\b'] as $path) {
            yield [$path];
        }
    }

    /** @return array<string, StoredObject> by path, in its order */
    private function listing(string $folder): array
    {
        $listed = [];
        foreach ($this->storage->list($folder) as $object) {
            $listed[$object->path] = $object;
        }
        ksort($listed);
        return $listed;
    }

    private function read(string $path, int $offset = 0, ?int $length = null): string
    {
        $body = '';
        $this->storage->read($path, function (string $piece) use (&$body): void {
            $body .= $piece;
        }, $offset, $length);
        return $body;
    }

    private function file(string $body): SpooledFile
    {
        $path = "{$this->folder}/" . bin2hex(random_bytes(8)) . '.part';
        file_put_contents($path, $body);
        return new SpooledFile($path, strlen($body), hash('sha256', $body));
    }
}
